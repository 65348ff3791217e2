package ledger

import (
	"fmt"
	"io"
)

// Digests are the digests of a log's leaves in their order, 32 bytes each, as they lie beside exported checkpoints. Alone they
// prove nothing; a checkpoint's root does, over as many of them as its size (RootOf). From then on each is as good as the
// checkpoint, and names the one leaf that is not what it was.
type Digests struct {
	from io.ReaderAt
	size int64
}

// NewDigests reads digests from a file of so many bytes; what is left of a last one that was cut off does not count.
func NewDigests(from io.ReaderAt, bytes int64) Digests {
	return Digests{from, bytes / int64(len(Hash{}))}
}

// Size is how many there are.
func (d Digests) Size() int64 { return d.size }

// Read returns the digests of n leaves from a position on.
func (d Digests) Read(position int64, n int) ([]Hash, error) {
	const length = int64(len(Hash{}))
	if position < 0 || position+int64(n) > d.size {
		return nil, fmt.Errorf("ledger: of the digests from %d to %d there are %d", position, position+int64(n), d.size)
	}
	content := make([]byte, int64(n)*length)
	if _, err := d.from.ReadAt(content, position*length); err != nil {
		return nil, err
	}
	hashes := make([]Hash, n)
	for i := range hashes {
		hashes[i] = Hash(content[int64(i)*length:])
	}
	return hashes, nil
}

// digestsAtOnce is how many digests a recount holds in memory: 2 MB.
const digestsAtOnce = 1 << 16

// RootOf is the root over the first size digests.
func (d Digests) RootOf(size int64) (Hash, error) {
	tree := &Tree{}
	if err := d.AddTo(tree, size); err != nil {
		return Hash{}, err
	}
	return tree.Root()
}

// AddTo adds to a tree what it lacks of the first size digests.
func (d Digests) AddTo(tree *Tree, size int64) error {
	for tree.Size() < size {
		some, err := d.Read(tree.Size(), int(min(digestsAtOnce, size-tree.Size())))
		if err != nil {
			return err
		}
		for _, digest := range some {
			if _, err := tree.Add(digest); err != nil {
				return err
			}
		}
	}
	return nil
}
