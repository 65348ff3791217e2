package engine

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// A file that an earlier build made, with all indexes of the server's schema, loses those that nobody uses at the
// next start, and its runs are listed as before.
func TestSpareIndexesGo(t *testing.T) {
	dir := t.TempDir()
	_, c, stop := open(t, dir)
	add(t, c, "listed", 1, 0)
	stop()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE INDEX by_task_queue ON executions_visibility (namespace_id, task_queue)"); err != nil {
		t.Fatal(err)
	}
	_, c, stop = open(t, dir)
	defer stop()
	if got := indexes(t, db); !slices.Equal(got, []string{"by_status", "by_workflow_id", "default_idx"}) {
		t.Errorf("indexes of the list: %v", got)
	}
	for _, query := range []string{"", "WorkflowType = 'tally' AND ExecutionStatus = 'Running'", "WorkflowId = 'listed'", "TaskQueue = 'engine-test'"} {
		if n := listed(t, c, query); n != 1 {
			t.Errorf("%q lists %d runs", query, n)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// listed waits for the list, which is written a moment after the run.
func listed(t *testing.T, c client.Client, query string) int {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		told, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(told.GetExecutions()); n > 0 || time.Now().After(deadline) {
			return n
		}
	}
}

func indexes(t *testing.T, db *sql.DB) (names []string) {
	t.Helper()
	rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'executions_visibility' ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}
