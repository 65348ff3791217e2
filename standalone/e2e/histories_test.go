package e2e

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"haochaping/workflows"
)

// histories are the runs of a workflow as the engine has them, from the first to the last, as far
// as one went on in the other.
func histories(t *testing.T, engine client.Client, workflowID string) []*history.History {
	t.Helper()
	var runs []*history.History
	for run, more := "", true; more; {
		h := historyOf(t, engine, workflowID, run)
		runs = append(runs, h)
		run = h.Events[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
		more = run != ""
	}
	slices.Reverse(runs)
	return runs
}

func historyOf(t *testing.T, engine client.Client, workflowID, run string) *history.History {
	t.Helper()
	var h history.History
	events := engine.GetWorkflowHistory(t.Context(), workflowID, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		h.Events = append(h.Events, event)
	}
	return &h
}

// replay runs a history through the workflow code of today.
func replay(t *testing.T, h *history.History) {
	t.Helper()
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(workflows.Case, workflow.RegisterOptions{Name: workflows.CaseType})
	if err := replayer.ReplayWorkflowHistory(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)), h); err != nil {
		t.Error(err)
	}
}

// renew fills a case's history until the engine wants a fresh one, by telling the case again and
// again to read the record.
func renew(t *testing.T, engine client.Client, caseID string) {
	t.Helper()
	id := workflows.WorkflowID(caseID)
	first := runOf(t, engine, id)
	for runOf(t, engine, id) == first {
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				for range 8 {
					if err := workflows.Refresh(context.Background(), engine, caseID); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if t.Failed() {
			t.FailNow()
		}
	}
}

func runOf(t *testing.T, engine client.Client, workflowID string) string {
	t.Helper()
	told, err := engine.DescribeWorkflowExecution(t.Context(), workflowID, "")
	if err != nil {
		t.Fatal(err)
	}
	return told.GetWorkflowExecutionInfo().GetExecution().GetRunId()
}
