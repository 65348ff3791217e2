package ledger

import (
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func TestHashesThatAreNotKeptAreMadeFromTheirLeaves(t *testing.T) {
	leaves := leavesOf(64)
	stored, _ := logOf(t, leaves)
	kept := 0
	for index, hash := range *stored {
		first, n := LeavesUnder(int64(index))
		if n == 0 {
			kept++
			continue
		}
		if made := Subtree(leaves[first : first+n]); made != hash {
			t.Errorf("hash %d over %d leaves from %d is %v", index, n, first, made)
		}
	}
	if all := tlog.StoredHashCount(64); kept != 8+4+2+1 || int64(len(*stored)) != all {
		t.Errorf("%d of %d are kept", kept, all)
	}
}
