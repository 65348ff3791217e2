package workflows

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// TestReplay runs every recorded history through the code of today. It fails where the code
// would do something else than what is recorded, and where a version has no history. New
// histories are recorded by: cd standalone && go test -run TestRecordHistories -record ./...
func TestReplay(t *testing.T) {
	for _, c := range changes {
		files, err := filepath.Glob(filepath.Join("testdata", c.id+"-*.json"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Errorf("version %q of %s has no history in testdata: %s", c.id, c.since, c.reason)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) { replay(t, file) })
		}
	}
}

func replay(t *testing.T, file string) {
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(Case, workflow.RegisterOptions{Name: CaseType})
	quiet := log.NewStructuredLogger(slog.New(slog.DiscardHandler))
	if err := replayer.ReplayWorkflowHistoryFromJSONFile(quiet, file); err != nil {
		t.Error(err)
	}
}

// TestHistoriesBelongToAVersion finds files that no version names: they would never be replayed.
func TestHistoriesBelongToAVersion(t *testing.T) {
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		known := false
		for _, c := range changes {
			known = known || strings.HasPrefix(file.Name(), c.id+"-")
		}
		if !known {
			t.Errorf("testdata/%s belongs to no version", file.Name())
		}
	}
}
