package ledger

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestInclusion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := leavesOf(rapid.IntRange(1, 200).Draw(t, "leaves"))
		stored, root := logOf(t, leaves)
		size, at := int64(len(leaves)), rapid.IntRange(0, len(leaves)-1).Draw(t, "at")
		proof, err := ProveInclusion(stored, size, int64(at))
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckInclusion(proof, size, root, int64(at), leaves[at]); err != nil {
			t.Fatal(err)
		}
		bit := drawBit(t)
		wrong := map[string]error{
			"leaf": CheckInclusion(proof, size, root, int64(at), flip(leaves[at], bit)),
			"root": CheckInclusion(proof, size, flip(root, bit), int64(at), leaves[at]),
			"long": CheckInclusion(append(slices.Clone(proof), root), size, root, int64(at), leaves[at]),
		}
		if size > 1 {
			other := (int64(at) + 1) % size
			wrong["position"] = CheckInclusion(proof, size, root, other, leaves[at])
			wrong["proof"] = CheckInclusion(altered(t, proof, bit), size, root, int64(at), leaves[at])
			wrong["short"] = CheckInclusion(proof[1:], size, root, int64(at), leaves[at])
		}
		refusedAll(t, wrong)
	})
}

func TestConsistency(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := leavesOf(rapid.IntRange(1, 200).Draw(t, "leaves"))
		stored, root := logOf(t, leaves)
		size, earlier := int64(len(leaves)), rapid.Int64Range(0, int64(len(leaves))).Draw(t, "earlier")
		before := plainRoot(leaves[:earlier])
		proof, err := ProveConsistency(stored, size, earlier)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckConsistency(proof, size, root, earlier, before); err != nil {
			t.Fatal(err)
		}
		bit := drawBit(t)
		wrong := map[string]error{
			"earlier root": CheckConsistency(proof, size, root, earlier, flip(before, bit)),
			"long":         CheckConsistency(append(slices.Clone(proof), root), size, root, earlier, before),
		}
		if earlier > 0 {
			wrong["root"] = CheckConsistency(proof, size, flip(root, bit), earlier, before)
		}
		if len(proof) > 0 {
			wrong["proof"] = CheckConsistency(altered(t, proof, bit), size, root, earlier, before)
		}
		refusedAll(t, wrong)
	})
}

// A log rewritten after a checkpoint has no proof that fits the checkpoint.
func TestARewrittenLogIsNotConsistent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := leavesOf(rapid.IntRange(2, 100).Draw(t, "leaves"))
		earlier := rapid.Int64Range(1, int64(len(leaves))).Draw(t, "earlier")
		before := plainRoot(leaves[:earlier])
		at := rapid.Int64Range(0, earlier-1).Draw(t, "at")
		leaves[at] = flip(leaves[at], drawBit(t))
		stored, root := logOf(t, leaves)
		proof, err := ProveConsistency(stored, int64(len(leaves)), earlier)
		if err != nil {
			t.Fatal(err)
		}
		refusedAll(t, map[string]error{"rewritten": CheckConsistency(proof, int64(len(leaves)), root, earlier, before)})
	})
}

func TestConsistencyWithTheEmptyLog(t *testing.T) {
	root := plainRoot(leavesOf(3))
	for name, c := range map[string]struct {
		size, earlier  int64
		root, earlierR Hash
		fits           bool
	}{
		"to itself":        {0, 0, emptyRoot, emptyRoot, true},
		"to a log":         {3, 0, root, emptyRoot, true},
		"of another root":  {3, 0, root, root, false},
		"to another root":  {0, 0, root, emptyRoot, false},
		"of negative size": {3, -1, root, emptyRoot, false},
		"backwards":        {0, 3, emptyRoot, root, false},
	} {
		err := CheckConsistency(nil, c.size, c.root, c.earlier, c.earlierR)
		if (err == nil) != c.fits || err != nil && !errors.Is(err, ErrProof) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProofsOfWhatIsNotThere(t *testing.T) {
	stored, _ := logOf(t, leavesOf(5))
	for _, position := range []int64{-1, 5} {
		if _, err := ProveInclusion(stored, 5, position); err == nil {
			t.Errorf("position %d of 5 is proved", position)
		}
	}
	for _, earlier := range []int64{-1, 6} {
		if _, err := ProveConsistency(stored, 5, earlier); err == nil {
			t.Errorf("size %d of 5 is proved", earlier)
		}
	}
	if _, err := Root(stored, 9); err == nil {
		t.Error("a root is given for leaves that are not there")
	}
}

func altered(t *rapid.T, proof []Hash, bit int) []Hash {
	changed := slices.Clone(proof)
	at := rapid.IntRange(0, len(proof)-1).Draw(t, "proof hash")
	changed[at] = flip(changed[at], bit)
	return changed
}

func refusedAll(t *rapid.T, checks map[string]error) {
	for name, err := range checks {
		if !errors.Is(err, ErrProof) {
			t.Fatalf("wrong %s: %v", name, err)
		}
	}
}
