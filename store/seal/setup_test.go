package seal

import (
	"path/filepath"
	"testing"
)

// setup returns a sealer over a fresh key folder beside a data folder.
func setup(t testing.TB) (*Sealer, *FileKeys) {
	t.Helper()
	keys, err := OpenFileKeys(filepath.Join(t.TempDir(), "keys"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return New(keys), keys
}

func rotate(t testing.TB, keys *FileKeys) string {
	t.Helper()
	id, err := keys.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func newSubject(t testing.TB, s *Sealer, subject string) (SubjectKey, []byte) {
	t.Helper()
	key, wrapped, err := s.NewSubjectKey(subject)
	if err != nil {
		t.Fatal(err)
	}
	return key, wrapped
}

var place = Place{Table: "vault", ID: "7", Field: "phone"}

// elsewhere are places that differ from place in one thing each, the last two in
// where one part ends and the next begins.
var elsewhere = map[string]Place{
	"another table": {"cases", "7", "phone"}, "another row": {"vault", "8", "phone"}, "another field": {"vault", "7", "name"},
	"shifted left": {"vault7", "", "phone"}, "shifted right": {"vault", "", "7phone"},
}
