package e2e

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"log/slog"
	"net/url"
	"path/filepath"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"haochaping/store"
	"haochaping/workflows"
)

// record is the record's database as the tests read it, beside the program.
type record struct{ *sql.DB }

func (s *site) record(t *testing.T) record {
	t.Helper()
	file := url.URL{Scheme: "file", Opaque: url.PathEscape(filepath.Join(s.data(), store.FileName)), RawQuery: "mode=ro&_pragma=busy_timeout(10000)"}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return record{db}
}

func (r record) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	if err := r.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (r record) texts(t *testing.T, query string, args ...any) (all []string) {
	t.Helper()
	rows, err := r.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func (r record) openCases(t *testing.T) []string {
	t.Helper()
	return r.texts(t, "SELECT id FROM cases WHERE closed_at = 0 ORDER BY id")
}

// stored is what the record keeps of an idempotency key.
func stored(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// engineAt is a client of the engine, for asking what it drives.
func engineAt(t *testing.T, addr string) client.Client {
	t.Helper()
	c, err := workflows.Connect(client.Options{HostPort: addr, Namespace: "haochaping",
		Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// drives tells whether a case's workflow runs.
func drives(engine client.Client, caseID string) bool {
	told, err := engine.DescribeWorkflowExecution(context.Background(), workflows.WorkflowID(caseID), "")
	return err == nil && told.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING
}

// allDriven waits until the workflow of every case runs.
func allDriven(t *testing.T, engine client.Client, cases []string) {
	t.Helper()
	for _, caseID := range cases {
		eventually(t, "driven: case "+caseID, func() bool { return drives(engine, caseID) })
	}
}
