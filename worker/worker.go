// Package worker lets a process run the cases' workflows and activities.
package worker

import (
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"haochaping/activities"
	"haochaping/workflows"
)

// CachedCases is how many cases a process keeps in memory between their steps; the one that was left
// alone longest makes room. A step of any other begins with reading its history from the engine and
// replaying it: milliseconds, where a case kept takes tens of kilobytes and three goroutines. The SDK's
// own bound is 10,000, which is more than a small machine should give to cases that wait for weeks.
const CachedCases = 500

// New returns a worker that is not started yet. Its Start fails while the engine is away. All workers of
// a process share CachedCases.
func New(engine client.Client, a *activities.Activities) worker.Worker {
	// The process's first worker to be made settles the bound.
	worker.SetStickyWorkflowCacheSize(CachedCases)
	w := worker.New(engine, workflows.TaskQueue, worker.Options{
		// A case's work is nearly all in workflow tasks: they hold the local recordings too.
		MaxConcurrentWorkflowTaskPollers: 8,
		MaxConcurrentActivityTaskPollers: 2,
		// A defect stops only the runs that meet it, until a release mends it: no case fails of it.
		WorkflowPanicPolicy: worker.BlockWorkflow,
		WorkerStopTimeout:   5 * time.Second,
	})
	w.RegisterWorkflowWithOptions(workflows.Case, workflow.RegisterOptions{Name: workflows.CaseType})
	w.RegisterActivity(a)
	return w
}
