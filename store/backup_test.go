package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"haochaping/store"
	"haochaping/store/storetest"
)

// What lies in a database server is copied by its own tool: nothing is begun.
func TestBackUpLeavesAServersDatabaseToItsTool(t *testing.T) {
	r := storetest.MariaDB(t).LoadDemo(t)
	into := filepath.Join(t.TempDir(), "copy")
	if _, err := r.BackUp(t.Context(), into); !errors.Is(err, store.ErrOtherTool) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(into); !os.IsNotExist(err) {
		t.Errorf("a folder was made: %v", err)
	}
}
