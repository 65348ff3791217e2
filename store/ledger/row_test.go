package ledger

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestUnlikeRowsNeverGiveTheSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawFields(t, "a"), drawFields(t, "b")
		if got, want := bytes.Equal(canonical(a), canonical(b)), slices.Equal(a, b); got != want {
			t.Fatalf("%q and %q: same bytes %t", a, b, got)
		}
	})
}

// drawFields draws few and short fields, so that equal bytes would turn up.
func drawFields(t *rapid.T, label string) []string {
	return rapid.SliceOfN(rapid.StringMatching(`[tbn][ab\x00\x01]{0,2}`), 0, 4).Draw(t, label)
}

func canonical(fields []string) []byte {
	r := NewRow("test", 1)
	for _, f := range fields {
		switch f[0] {
		case 't':
			r.Text(f[1:])
		case 'b':
			r.Bytes([]byte(f[1:]))
		default:
			r.Null().Text(f[1:])
		}
	}
	return r.Canonical()
}

func TestKindAndVersionAreInTheRow(t *testing.T) {
	one := NewRow("rating", 1).Canonical()
	if bytes.Equal(one, NewRow("rating", 2).Canonical()) || bytes.Equal(one, NewRow("event", 1).Canonical()) {
		t.Error("kind or version is lost")
	}
}

func TestInstantIsTheSameInEveryZone(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	if !bytes.Equal(NewRow("x", 1).Instant(at).Canonical(), NewRow("x", 1).Instant(at.In(time.FixedZone("", 8*3600))).Canonical()) {
		t.Error("the zone is in the bytes")
	}
}

// The bytes of a row are for ever: this test fails when the encoding changes.
func TestCanonicalBytesStayWhatTheyAre(t *testing.T) {
	row := NewRow("rating", 1).Text("办").Integer(-2).Bool(true).Bool(false).Bytes([]byte{0xab}).
		Instant(time.Date(2026, 11, 23, 12, 0, 0, 1000, time.UTC)).Instant(time.Time{}).Text("").Null()
	want := "01" + "0100000006726174696e67" + "02000000080000000000000001" + "0100000003e58a9e" + "0200000008fffffffffffffffe" +
		"02000000080000000000000001" + "02000000080000000000000000" + "0300000001ab" + "0400000008000660f055503001" + "0000000000" + "0100000000" + "0000000000"
	if got := hex.EncodeToString(row.Canonical()); got != want {
		t.Errorf("canonical bytes\n%s, want\n%s", got, want)
	}
	if got := DigestLeaf(make([]byte, NonceSize), row.Canonical()).String(); got != "i13Cw0avCNTyah9LChlpmdhN0MPvxq8hMme3ruzNYzA=" {
		t.Errorf("digest %s", got)
	}
}
