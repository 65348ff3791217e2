package ledger

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestRootIsThatOfRFC6962(t *testing.T) {
	leaves := leavesOf(130)
	for n := range leaves {
		if _, root := logOf(t, leaves[:n]); root != plainRoot(leaves[:n]) {
			t.Errorf("root of %d leaves is %s, want %s", n, root, plainRoot(leaves[:n]))
		}
	}
}

func TestAnyBatchingGivesOneLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := leavesOf(rapid.IntRange(0, 300).Draw(t, "leaves"))
		whole, root := logOf(t, leaves)
		parts, size := &table{}, int64(0)
		for rest := leaves; len(rest) > 0; {
			n := rapid.IntRange(0, min(40, len(rest))).Draw(t, "batch")
			var err error
			if size, err = Append(parts, size, rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if !slices.Equal(*whole, *parts) || size != int64(len(leaves)) {
			t.Fatalf("%d hashes in one batch, %d in several", len(*whole), len(*parts))
		}
		if got := rootOf(t, parts, size); got != root || got != plainRoot(leaves) {
			t.Fatalf("root %s, in one batch %s", got, root)
		}
		if int64(len(*whole)) != tlog.StoredHashCount(size) {
			t.Fatalf("%d hashes stored for %d leaves", len(*whole), size)
		}
	})
}

func TestRecountAgreesAndFindsWhatChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := leavesOf(rapid.IntRange(1, 200).Draw(t, "leaves"))
		_, root := logOf(t, leaves)
		if got := recount(t, leaves); got != root {
			t.Fatalf("recount gives %s, the log %s", got, root)
		}
		changed := slices.Clone(leaves)
		at := rapid.IntRange(0, len(leaves)-1).Draw(t, "at")
		changed[at] = flip(changed[at], drawBit(t))
		if recount(t, changed) == root {
			t.Fatal("a flipped bit of a leaf is not found")
		}
		if recount(t, append(leaves[:at:at], leaves[at+1:]...)) == root {
			t.Fatal("a missing leaf is not found")
		}
		if at > 0 {
			swapped := slices.Clone(leaves)
			swapped[at], swapped[at-1] = swapped[at-1], swapped[at]
			if recount(t, swapped) == root {
				t.Fatal("two leaves exchanged are not found")
			}
		}
	})
}

func recount(t failer, leaves []Hash) Hash {
	t.Helper()
	var tree Tree
	for _, leaf := range leaves {
		if _, err := tree.Add(leaf); err != nil {
			t.Fatal(err)
		}
	}
	root, err := tree.Root()
	if err != nil || tree.Size() != int64(len(leaves)) {
		t.Fatal(tree.Size(), err)
	}
	return root
}

func TestEveryStoredHashMatters(t *testing.T) {
	leaves := leavesOf(37)
	stored, _ := logOf(t, leaves)
	for index := range *stored {
		altered := slices.Clone(*stored)
		altered[index] = flip(altered[index], index%256)
		var tree Tree
		var recounted []Hash
		for _, leaf := range leaves {
			recounted = append(recounted, must[[]Hash](t)(tree.Add(leaf))...)
		}
		if slices.Equal(recounted, altered) || !slices.Equal(recounted, *stored) {
			t.Errorf("the recount does not find stored hash %d altered", index)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	stored, _ := logOf(t, leavesOf(5))
	if _, err := Append(stored, 3, leavesOf(1)); !errors.Is(err, errTaken) {
		t.Errorf("a sequencer with an old size appends: %v", err)
	}
	for _, size := range []int64{-1, 6, 1 << 62} {
		if _, err := Append(stored, size, leavesOf(1)); err == nil {
			t.Errorf("appends at size %d of a log of 5", size)
		}
	}
	if size, err := Append(stored, 5, nil); err != nil || size != 5 {
		t.Errorf("nothing appended: %d, %v", size, err)
	}
	if _, err := Append(short{}, 5, leavesOf(1)); err == nil {
		t.Error("appends although hashes are missing")
	}
}

// short is a table that lost its hashes without noticing.
type short struct{}

func (short) ReadHashes([]int64) ([]Hash, error) { return nil, nil }
func (short) AppendHashes(int64, []Hash) error   { return nil }

func TestLeavesOfEqualRowsDiffer(t *testing.T) {
	row := NewRow("rating", 1).Text("5").Canonical()
	a, b := NewNonce(), NewNonce()
	if len(a) != NonceSize || bytes.Equal(a, b) || DigestLeaf(a, row) == DigestLeaf(b, row) {
		t.Error("equal rows can be seen to be equal")
	}
	if DigestLeaf([]byte("ab"), []byte("c")) == DigestLeaf([]byte("a"), []byte("bc")) {
		t.Error("nonce and row run into one another")
	}
}
