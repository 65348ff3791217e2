package workflows

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"haochaping/activities"
	"haochaping/regulation"
)

// Connect returns a client that dials when it is first used, so that a process starts while the
// engine is away. It adds what every client and worker of the product must share: the engine
// gets no error text in the clear.
func Connect(options client.Options) (client.Client, error) {
	options.FailureConverter = temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		EncodeCommonAttributes: true,
	})
	return client.NewLazyClient(options)
}

// Start has the engine drive a case. One that is driven already is left alone. While the engine
// is away the error's code is regulation.Unavailable.
func Start(ctx context.Context, engine client.Client, caseID string) error {
	_, err := engine.ExecuteWorkflow(ctx, startOptions(caseID), CaseType, CaseInput{CaseID: caseID})
	return refusal("start case", err)
}

// Refresh has a case's workflow read the record again, and starts it where there is none. An
// engine that crashed may have forgotten an act that the record holds: the workflow then waits
// for deadlines that are no longer the case's.
func Refresh(ctx context.Context, engine client.Client, caseID string) error {
	_, err := engine.SignalWithStartWorkflow(ctx, WorkflowID(caseID), Reload, nil, startOptions(caseID),
		CaseType, CaseInput{CaseID: caseID})
	return refusal("refresh case", err)
}

// Submit has a stored act done and waits for its outcome, as long as ctx allows. It may be
// repeated: an act is done once. A refusal by the rules is a result, not an error. Errors:
// NotFound or Invalid for an act that cannot be recorded, NotNow when the workflow turned it
// away unrecorded, Unavailable when the outcome is not known (yet).
func Submit(ctx context.Context, engine client.Client, ref ActRef) (ActResult, error) {
	var result ActResult
	start := engine.NewWithStartWorkflowOperation(startOptions(ref.CaseID), CaseType, CaseInput{CaseID: ref.CaseID})
	handle, err := engine.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID:     ref.ActID,
			WorkflowID:   WorkflowID(ref.CaseID),
			UpdateName:   ActUpdate,
			Args:         []any{ref},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err == nil {
		err = handle.Get(ctx, &result)
	}
	return result, refusal("submit act", err)
}

func startOptions(caseID string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       WorkflowID(caseID),
		TaskQueue:                TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}
}

// refusal turns what the engine answered into the product's own error.
func refusal(doing string, err error) error {
	if err == nil {
		return nil
	}
	if code := activities.Code(err); code != "" {
		return &regulation.Error{Code: code}
	}
	if away(err) {
		return &regulation.Error{Code: regulation.Unavailable, Missing: "engine"}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// away tells whether the engine could not be reached, was too busy, closed the run while the
// act was on its way, or was not waited for: in each case the same call may be made again.
func away(err error) bool {
	var (
		unavailable *serviceerror.Unavailable
		late        *serviceerror.DeadlineExceeded
		busy        *serviceerror.ResourceExhausted
		canceled    *serviceerror.Canceled
		aborted     *serviceerror.Aborted
		closed      *serviceerror.NotFound
		unanswered  *client.WorkflowUpdateServiceTimeoutOrCanceledError
	)
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.As(err, &unavailable) || errors.As(err, &late) || errors.As(err, &busy) || errors.As(err, &canceled) ||
		errors.As(err, &aborted) || errors.As(err, &closed) || errors.As(err, &unanswered)
}
