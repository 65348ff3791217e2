package ledger

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// table is the stored hashes in memory, with a primary key as strict as the database's.
type table []Hash

func (s *table) ReadHashes(indexes []int64) ([]Hash, error) {
	hashes := make([]Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(*s)) {
			return nil, fmt.Errorf("no hash at %d", index)
		}
		hashes[i] = (*s)[index]
	}
	return hashes, nil
}

var errTaken = errors.New("index is taken")

func (s *table) AppendHashes(first int64, hashes []Hash) error {
	if first != int64(len(*s)) {
		return errTaken
	}
	*s = append(*s, hashes...)
	return nil
}

type failer interface {
	Helper()
	Fatal(args ...any)
}

// leavesOf are n unlike leaves.
func leavesOf(n int) []Hash {
	leaves := make([]Hash, n)
	for i := range leaves {
		leaves[i] = DigestLeaf([]byte("nonce"), NewRow("test", 1).Integer(int64(i)).Canonical())
	}
	return leaves
}

// logOf is a log of these leaves, appended at once.
func logOf(t failer, leaves []Hash) (*table, Hash) {
	t.Helper()
	s := &table{}
	if size, err := Append(s, 0, leaves); err != nil || size != int64(len(leaves)) {
		t.Fatal(size, err)
	}
	return s, rootOf(t, s, int64(len(leaves)))
}

func rootOf(t failer, h tlog.HashReader, size int64) Hash {
	t.Helper()
	root, err := Root(h, size)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// plainRoot is RFC 6962 section 2.1 word by word, without any stored hash.
func plainRoot(leaves []Hash) Hash {
	switch len(leaves) {
	case 0:
		return emptyRoot
	case 1:
		return tlog.RecordHash(leaves[0][:])
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	return tlog.NodeHash(plainRoot(leaves[:k]), plainRoot(leaves[k:]))
}

func flip(h Hash, bit int) Hash {
	h[bit/8] ^= 1 << (bit % 8)
	return h
}

func drawBit(t *rapid.T) int { return rapid.IntRange(0, 8*tlog.HashSize-1).Draw(t, "bit") }

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
