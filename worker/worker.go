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

// New returns a worker that is not started yet. Its Start fails while the engine is away.
func New(engine client.Client, a *activities.Activities) worker.Worker {
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
