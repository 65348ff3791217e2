package seal

import (
	"bytes"
	"testing"
)

func TestRequestReceiptIsTheSameAgainAndOnlyForItsRequestAndKey(t *testing.T) {
	s, keys := setup(t)
	first := s.CurrentKey()
	secret, hash, err := s.RequestReceipt(first, "a")
	if err != nil {
		t.Fatal(err)
	}
	if parsed, err := ParseReceipt(secret); err != nil || !bytes.Equal(parsed, hash) {
		t.Errorf("typed in it gives another hash: %v", err)
	}
	if _, other, _ := s.RequestReceipt(first, "b"); bytes.Equal(other, hash) {
		t.Error("two requests have one receipt")
	}
	second := rotate(t, keys)
	if _, other, _ := s.RequestReceipt(second, "a"); bytes.Equal(other, hash) {
		t.Error("two keys give one receipt")
	}
	if again, _, err := s.RequestReceipt(first, "a"); err != nil || again != secret {
		t.Errorf("after a rotation the receipt is not given again: %v", err)
	}
}

func TestRequestDigestDependsOnContentAndKey(t *testing.T) {
	s, keys := setup(t)
	first := s.CurrentKey()
	digest, err := s.RequestDigest(first, []byte("a"))
	if err != nil || len(digest) != 64 {
		t.Fatalf("%q, %v", digest, err)
	}
	second := rotate(t, keys)
	for name, other := range map[string]struct{ key, content string }{"content": {first, "b"}, "key": {second, "a"}} {
		if d, err := s.RequestDigest(other.key, []byte(other.content)); err != nil || d == digest {
			t.Errorf("another %s gives the same digest: %v", name, err)
		}
	}
}
