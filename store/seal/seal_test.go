package seal

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRoundTrips(t *testing.T) {
	s, _ := setup(t)
	key, wrapped := newSubject(t, s, "s1")
	rapid.Check(t, func(t *rapid.T) {
		plain := []byte(rapid.String().Draw(t, "plain"))
		at := Place{rapid.String().Draw(t, "table"), rapid.String().Draw(t, "id"), rapid.String().Draw(t, "field")}
		sealed, err := key.Seal(plain, at)
		if err != nil {
			t.Fatal(err)
		}
		if len(plain) > 3 && bytes.Contains(sealed, plain) {
			t.Fatal("the value stands in clear")
		}
		again, err := s.UnwrapSubjectKey("s1", wrapped)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Open(sealed, at); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q, %v", got, err)
		}
		text, err := s.SealText(string(plain), at)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.OpenText(text, at); err != nil || got != string(plain) {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

func TestEqualValuesAreSealedUnlike(t *testing.T) {
	s, _ := setup(t)
	key, _ := newSubject(t, s, "s1")
	a, _ := key.Seal([]byte("13800138000"), place)
	b, _ := key.Seal([]byte("13800138000"), place)
	if bytes.Equal(a, b) {
		t.Error("equal values can be seen to be equal")
	}
}

// sealedKinds is every kind of sealed value and the way to open it.
func sealedKinds(t *testing.T, s *Sealer) map[string]struct {
	sealed []byte
	open   func(sealed []byte, at Place) error
} {
	key, wrapped := newSubject(t, s, place.ID)
	value, err := key.Seal([]byte("13800138000"), place)
	text, err2 := s.SealText("态度不好", place)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	return map[string]struct {
		sealed []byte
		open   func(sealed []byte, at Place) error
	}{
		"value":       {value, func(b []byte, at Place) error { _, err := key.Open(b, at); return err }},
		"text":        {text, func(b []byte, at Place) error { _, err := s.OpenText(b, at); return err }},
		"subject key": {wrapped, func(b []byte, at Place) error { _, err := s.UnwrapSubjectKey(at.ID, b); return err }},
	}
}

func TestAnyFlippedBitIsFound(t *testing.T) {
	s, _ := setup(t)
	for name, c := range sealedKinds(t, s) {
		if err := c.open(c.sealed, place); err != nil {
			t.Fatalf("%s does not open: %v", name, err)
		}
		for bit := range len(c.sealed) * 8 {
			altered := bytes.Clone(c.sealed)
			altered[bit/8] ^= 1 << (bit % 8)
			// A flipped bit of a master key id names a key that is not there.
			if err := c.open(altered, place); !errors.Is(err, ErrAltered) && !errors.Is(err, ErrNoKey) {
				t.Errorf("%s with bit %d flipped: %v", name, bit, err)
			}
		}
		for end := range len(c.sealed) {
			if err := c.open(c.sealed[:end], place); err == nil {
				t.Errorf("%s opens when cut after %d bytes", name, end)
			}
		}
		if err := c.open(append(bytes.Clone(c.sealed), 0), place); !errors.Is(err, ErrAltered) {
			t.Errorf("%s opens with a byte too many", name)
		}
	}
}

func TestValuesOpenOnlyInTheirPlace(t *testing.T) {
	s, _ := setup(t)
	for name, c := range sealedKinds(t, s) {
		for where, at := range elsewhere {
			if at.ID == place.ID && name == "subject key" {
				continue // bound to its subject alone
			}
			if err := c.open(c.sealed, at); !errors.Is(err, ErrAltered) {
				t.Errorf("%s opens at %s: %v", name, where, err)
			}
		}
	}
}

func TestSwappedRowsDoNotOpen(t *testing.T) {
	s, _ := setup(t)
	one, wrappedOne := newSubject(t, s, "s1")
	two, _ := newSubject(t, s, "s2")
	sealed, _ := one.Seal([]byte("测试甲"), place)
	if _, err := two.Open(sealed, place); !errors.Is(err, ErrAltered) {
		t.Errorf("another subject's key opens it: %v", err)
	}
	if _, err := s.UnwrapSubjectKey("s2", wrappedOne); !errors.Is(err, ErrAltered) {
		t.Errorf("a subject's key unwraps for another subject: %v", err)
	}
	text, _ := s.SealText("测试", subjectPlace("s1"))
	if _, err := s.UnwrapSubjectKey("s1", text); !errors.Is(err, ErrAltered) {
		t.Errorf("sealed text passes for a subject key: %v", err)
	}
}

func TestRotation(t *testing.T) {
	s, keys := setup(t)
	first := keys.Current()
	key, wrapped := newSubject(t, s, "s1")
	value, _ := key.Seal([]byte("13800138000"), place)
	text, _ := s.SealText("态度不好", place)
	second := rotate(t, keys)
	if second == first || keys.Current() != second {
		t.Fatalf("current is %s, was %s", keys.Current(), first)
	}
	if got, err := s.OpenText(text, place); err != nil || got != "态度不好" {
		t.Fatalf("old text: %q, %v", got, err)
	}
	rewrapped, err := s.Rewrap("s1", wrapped)
	if err != nil {
		t.Fatal(err)
	}
	resealed, err := s.ResealText(text, place)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{rewrapped, resealed} {
		if h, _, err := ReadHeader(b); err != nil || h.KeyID != second {
			t.Errorf("%+v, %v: want key %s", h, err, second)
		}
	}
	for _, w := range [][]byte{wrapped, rewrapped} {
		again, err := s.UnwrapSubjectKey("s1", w)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Open(value, place); err != nil || string(got) != "13800138000" {
			t.Errorf("after rotation %q, %v", got, err)
		}
	}
	if same, err := s.Rewrap("s1", rewrapped); err != nil || !bytes.Equal(same, rewrapped) {
		t.Errorf("a key that is current is wrapped anew: %v", err)
	}
}

func TestErasureMakesTheSubjectUnreadable(t *testing.T) {
	s, _ := setup(t)
	key, _ := newSubject(t, s, "s1")
	value, _ := key.Seal([]byte("测试甲"), place)
	// The wrapped key is gone; whoever makes a new one for the subject reads nothing.
	newer, _ := newSubject(t, s, "s1")
	if _, err := newer.Open(value, place); !errors.Is(err, ErrAltered) {
		t.Errorf("an erased subject's value opens: %v", err)
	}
	if _, err := s.OpenText(value, place); !errors.Is(err, ErrNoKey) {
		t.Errorf("a master key opens a subject's value: %v", err)
	}
}

func TestLostMasterKeyIsNotTakenForTampering(t *testing.T) {
	s, _ := setup(t)
	_, wrapped := newSubject(t, s, "s1")
	other, _ := setup(t)
	if _, err := other.UnwrapSubjectKey("s1", wrapped); !errors.Is(err, ErrNoKey) {
		t.Errorf("error %v", err)
	}
}

func TestNothingPrintsTheKey(t *testing.T) {
	s, _ := setup(t)
	key, _ := newSubject(t, s, "s1")
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, key); got != "subject key "+key.ID() {
			t.Errorf("%s prints %s", format, got)
		}
	}
}

func TestIndex(t *testing.T) {
	s, keys := setup(t)
	index := func(kind IndexKind, value string) Index {
		t.Helper()
		i, err := s.Index(kind, value)
		if err != nil || len(i.MAC) != 32 || i.KeyID != keys.Current() {
			t.Fatalf("%+v, %v", i, err)
		}
		return i
	}
	phone := index(IndexPhone, "13800138000")
	if !bytes.Equal(phone.MAC, index(IndexPhone, "+86 138-0013-8000").MAC) {
		t.Error("a phone typed another way is not found")
	}
	if !bytes.Equal(index(IndexIdentity, "11010519491231002x").MAC, index(IndexIdentity, "11010519491231002X").MAC) {
		t.Error("an identity number with a small x is not found")
	}
	if bytes.Equal(phone.MAC, index(IndexPhone, "13800138001").MAC) || bytes.Equal(phone.MAC, index(IndexIdentity, "13800138000").MAC) {
		t.Error("unlike values have one index")
	}
	for _, empty := range []string{"", " ", "+86", "-"} {
		if _, err := s.Index(IndexPhone, empty); !errors.Is(err, ErrNothingToIndex) {
			t.Errorf("%q: %v", empty, err)
		}
	}
	if _, err := s.Index("colour", "blue"); err == nil {
		t.Error("an unknown kind is indexed")
	}
}

func TestIndexAfterRotation(t *testing.T) {
	s, keys := setup(t)
	old, _ := s.Index(IndexPhone, "13800138000")
	rotate(t, keys)
	newer, _ := s.Index(IndexPhone, "13800138000")
	if bytes.Equal(old.MAC, newer.MAC) || old.KeyID == newer.KeyID {
		t.Error("the index did not change with its key")
	}
	again, err := s.IndexUnder(old.KeyID, IndexPhone, "138 0013 8000")
	if err != nil || !bytes.Equal(again.MAC, old.MAC) {
		t.Errorf("an old row is not found: %v", err)
	}
	if _, err := s.IndexUnder("m000009-00000000", IndexPhone, "13800138000"); !errors.Is(err, ErrNoKey) {
		t.Errorf("error %v", err)
	}
}

func TestTextDigest(t *testing.T) {
	salt, digest := NewTextDigest("态度不好")
	other, unlike := NewTextDigest("态度不好")
	if len(salt) != SaltSize || bytes.Equal(salt, other) || digest == unlike {
		t.Error("equal texts have equal digests")
	}
	if !digest.Matches(salt, "态度不好") || digest.Matches(salt, "态度很好") || digest.Matches(other, "态度不好") {
		t.Error("the digest does not tell texts apart")
	}
	if DigestText([]byte("ab"), "c") == DigestText([]byte("a"), "bc") {
		t.Error("salt and text run into one another")
	}
}

func FuzzReadHeader(f *testing.F) {
	s, _ := setup(f)
	key, wrapped := newSubject(f, s, "s1")
	sealed, _ := key.Seal([]byte("x"), place)
	for _, seed := range [][]byte{nil, {1}, {1, 0}, {1, 255, 3}, sealed, wrapped} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, body, err := ReadHeader(b)
		if err == nil && !bytes.Equal(append(h.append(nil), body...), b) {
			t.Errorf("header and body are not the whole of %x", b)
		}
		if bytes.Equal(b, sealed) || bytes.Equal(b, wrapped) {
			return
		}
		if _, err := key.Open(b, place); err == nil {
			t.Errorf("%x opens", b)
		}
		if _, err := s.UnwrapSubjectKey("s1", b); err == nil {
			t.Errorf("%x unwraps", b)
		}
	})
}

func TestErrorsCarryNoValue(t *testing.T) {
	s, _ := setup(t)
	key, _ := newSubject(t, s, "s1")
	sealed, _ := key.Seal([]byte("13800138000"), place)
	_, opened := key.Open(sealed, Place{})
	_, indexed := s.Index("colour", "13800138000")
	_, typed := ParseReceipt("13800138000")
	for _, err := range []error{opened, indexed, typed} {
		if err == nil || strings.Contains(err.Error(), "13800138000") {
			t.Errorf("error %v", err)
		}
	}
}
