package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 hash: a leaf, an inner node or a root. It prints as base64.
type Hash = tlog.Hash

// NonceSize is 128 bits: whoever knows a leaf cannot find out its row by trying.
const NonceSize = 16

// NewNonce draws the nonce of a leaf, to be stored beside its canonical bytes.
func NewNonce() []byte {
	nonce := make([]byte, NonceSize)
	rand.Read(nonce) // never fails: it ends the process instead
	return nonce
}

// DigestLeaf is SHA-256(version, length of the nonce, nonce, canonical bytes).
func DigestLeaf(nonce, canonical []byte) Hash {
	head := append([]byte{1, byte(len(nonce))}, nonce...)
	return sha256.Sum256(append(head, canonical...))
}

// Hashes is the table of stored hashes, within the caller's transaction.
type Hashes interface {
	// ReadHashes returns the hashes at these indexes, in their order: those that
	// are not kept it makes from the leaves (LeavesUnder, Subtree).
	ReadHashes(indexes []int64) ([]Hash, error)
	// AppendHashes stores those of the hashes at first, first+1 and so on that are
	// kept. It, or whatever stores the leaves with it, must refuse a place that is
	// taken: two sequencers may never both append there.
	AppendHashes(first int64, hashes []Hash) error
}

// keptLevel is the lowest level of the tree whose hashes are kept. What lies below is made
// from eight leaves at most, which costs less than a row for each of fourteen hashes.
const keptLevel = 3

// LeavesUnder returns, for a stored hash that is not kept, the position of the first leaf under it
// and their number; 0 leaves for one that is.
func LeavesUnder(index int64) (first, leaves int64) {
	level, n := tlog.SplitStoredHashIndex(index)
	if level >= keptLevel {
		return 0, 0
	}
	return n << level, 1 << level
}

// Subtree is the hash over a full subtree's leaves, which are a power of two.
func Subtree(leaves []Hash) Hash {
	if len(leaves) == 1 {
		return tlog.RecordHash(leaves[0][:])
	}
	half := len(leaves) / 2
	return tlog.NodeHash(Subtree(leaves[:half]), Subtree(leaves[half:]))
}

// Append puts leaves at the positions size, size+1 and so on, and returns the
// new size. It reads at most 63 hashes, whatever the size, and hands over about
// two a leaf, of which one in eight is kept.
func Append(h Hashes, size int64, leaves []Hash) (newSize int64, err error) {
	t, err := Load(h, size)
	if err != nil {
		return 0, err
	}
	added := make([]Hash, 0, 2*len(leaves))
	for _, leaf := range leaves {
		more, err := t.Add(leaf)
		if err != nil {
			return 0, err
		}
		added = append(added, more...)
	}
	if err := h.AppendHashes(tlog.StoredHashCount(size), added); err != nil {
		return 0, err
	}
	return t.Size(), nil
}

// Tree is a log that grows; it holds the roots of its full subtrees only, at
// most 63 hashes. The zero Tree is empty. A recount adds every leaf of the
// record to it and compares what it returns with the stored hashes, and its root
// with the checkpoints.
type Tree struct {
	size int64
	edge map[int64]Hash // stored index of a full subtree's root -> its hash
}

// Load reads the edge of a log of that size from its stored hashes.
func Load(h tlog.HashReader, size int64) (*Tree, error) {
	if size < 0 {
		return nil, fmt.Errorf("ledger: size %d is negative", size)
	}
	if size == 0 {
		return &Tree{}, nil
	}
	indexes := edgeIndexes(size)
	hashes, err := h.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	if len(hashes) != len(indexes) {
		return nil, fmt.Errorf("ledger: %d of %d hashes are there at size %d", len(hashes), len(indexes), size)
	}
	t := &Tree{size: size, edge: map[int64]Hash{}}
	for i, index := range indexes {
		t.edge[index] = hashes[i]
	}
	return t, nil
}

// edgeIndexes names the full subtrees of a log, one for each bit of its size.
func edgeIndexes(size int64) []int64 {
	var indexes []int64
	for level := range 63 {
		if size>>level&1 == 1 {
			indexes = append(indexes, tlog.StoredHashIndex(level, size>>level-1))
		}
	}
	return indexes
}

// Size returns the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Add puts a leaf at the position Size, and returns the hashes to store for it:
// its own and those of the subtrees it completes.
func (t *Tree) Add(leaf Hash) ([]Hash, error) {
	hashes, err := tlog.StoredHashesForRecordHash(t.size, tlog.RecordHash(leaf[:]), tlog.HashReaderFunc(t.read))
	if err != nil {
		return nil, err
	}
	t.grow(hashes)
	return hashes, nil
}

func (t *Tree) grow(hashes []Hash) {
	if t.edge == nil {
		t.edge = map[int64]Hash{}
	}
	full := bits.TrailingZeros64(uint64(t.size + 1)) // levels that the leaf completes
	for level := range full {
		delete(t.edge, tlog.StoredHashIndex(level, t.size>>level-1))
	}
	t.edge[tlog.StoredHashIndex(full, t.size>>full)] = hashes[len(hashes)-1]
	t.size++
}

func (t *Tree) read(indexes []int64) ([]Hash, error) {
	hashes := make([]Hash, len(indexes))
	for i, index := range indexes {
		h, found := t.edge[index]
		if !found {
			return nil, fmt.Errorf("ledger: hash %d is not on the edge at size %d", index, t.size)
		}
		hashes[i] = h
	}
	return hashes, nil
}

// Root returns the hash that stands for all leaves in their order.
func (t *Tree) Root() (Hash, error) {
	return tlog.TreeHash(t.size, tlog.HashReaderFunc(t.read))
}
