package ledger

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrProof: a proof does not hold.
var ErrProof = errors.New("ledger proof does not hold")

// Root returns the root of a log of that size from its stored hashes.
func Root(h tlog.HashReader, size int64) (Hash, error) {
	t, err := Load(h, size)
	if err != nil {
		return Hash{}, err
	}
	return t.Root()
}

// ProveInclusion proves that the log of that size has its leaf at a position.
func ProveInclusion(h tlog.HashReader, size, position int64) ([]Hash, error) {
	return tlog.ProveRecord(size, position, h)
}

// CheckInclusion checks ProveInclusion's proof against a trusted root.
func CheckInclusion(proof []Hash, size int64, root Hash, position int64, leaf Hash) error {
	err := tlog.CheckRecord(proof, size, root, position, tlog.RecordHash(leaf[:]))
	return refused(err, "the leaf at %d is not in the log of %d", position, size)
}

// ProveConsistency proves that the log of the smaller size is the beginning of
// the log of the larger.
func ProveConsistency(h tlog.HashReader, size, earlier int64) ([]Hash, error) {
	if earlier == 0 {
		return nil, nil // everything begins with nothing
	}
	return tlog.ProveTree(size, earlier, h)
}

// CheckConsistency checks ProveConsistency's proof against two trusted roots.
func CheckConsistency(proof []Hash, size int64, root Hash, earlier int64, earlierRoot Hash) error {
	var err error
	switch {
	case earlier > 0:
		err = tlog.CheckTree(proof, size, root, earlier, earlierRoot)
	case earlier < 0 || size < 0 || len(proof) > 0 || earlierRoot != emptyRoot:
		err = errors.New("not the proof of an empty log")
	case size == 0 && root != emptyRoot:
		err = errors.New("not the root of an empty log")
	}
	return refused(err, "the log of %d does not begin with the log of %d", size, earlier)
}

// emptyRoot is the root of a log without leaves: SHA-256 of nothing.
var emptyRoot, _ = tlog.TreeHash(0, nil)

func refused(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %s: %w", ErrProof, fmt.Sprintf(format, args...), err)
}
