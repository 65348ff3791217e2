package workflows

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"haochaping/regulation"
)

// Held is what a case's run holds, told from its history alone: no worker needs to be there, and the
// run does not notice.
type Held struct {
	Running bool
	Began   time.Time       // by the machines' clock; known where it has not loaded yet
	Loaded  bool            // it has a step of the record's
	Step    regulation.Step // the last one
	Rings   time.Time       // when its timer runs down, by the machines' clock; zero without one
}

// Running calls each with the case ids of the runs that the engine's list holds, a page at a time. The
// list may be a moment behind.
func Running(ctx context.Context, engine client.Client, each func(caseIDs []string)) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1000,
		Query: "WorkflowType = '" + CaseType + "' AND ExecutionStatus = 'Running'"}
	for {
		page, err := engine.ListWorkflow(ctx, request)
		if err != nil {
			return refusal("list runs", err)
		}
		ids := make([]string, 0, len(page.GetExecutions()))
		for _, run := range page.GetExecutions() {
			ids = append(ids, strings.TrimPrefix(run.GetExecution().GetWorkflowId(), WorkflowID("")))
		}
		each(ids)
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return nil
		}
	}
}

// HeldBy tells what the latest run of a case holds, nothing where there is none. It reads the history
// from its end, as far as it must.
func HeldBy(ctx context.Context, engine client.Client, namespace, caseID string) (Held, error) {
	request := &workflowservice.GetWorkflowExecutionHistoryReverseRequest{Namespace: namespace, MaximumPageSize: 40,
		Execution: &common.WorkflowExecution{WorkflowId: WorkflowID(caseID)}}
	r := reading{over: map[int64]bool{}}
	for {
		page, err := engine.WorkflowService().GetWorkflowExecutionHistoryReverse(ctx, request)
		var missing *serviceerror.NotFound
		if errors.As(err, &missing) {
			return Held{}, nil
		}
		if err != nil {
			return Held{}, refusal("read history", err)
		}
		// The run is settled by the first page: later ones must be of the same.
		for _, event := range page.GetHistory().GetEvents() {
			if err := r.take(event); err != nil {
				return Held{}, err
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); r.enough() || len(request.NextPageToken) == 0 {
			return r.held, nil
		}
	}
}

// reading goes through a history from its end.
type reading struct {
	held   Held
	begun  bool
	over   map[int64]bool // timers that have fired or were given up, by the event that started them
	atRest bool           // the run has ended
}

func (r *reading) enough() bool {
	return r.atRest || r.held.Loaded && (len(r.held.Step.Timers) == 0 || !r.held.Rings.IsZero())
}

func (r *reading) take(e *history.HistoryEvent) error {
	if !r.begun {
		r.begun = true
		r.atRest = ended[e.GetEventType()]
		r.held.Running = !r.atRest
	}
	switch e.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		r.held.Began = e.GetEventTime().AsTime()
	case enums.EVENT_TYPE_TIMER_FIRED:
		r.over[e.GetTimerFiredEventAttributes().GetStartedEventId()] = true
	case enums.EVENT_TYPE_TIMER_CANCELED:
		r.over[e.GetTimerCanceledEventAttributes().GetStartedEventId()] = true
	case enums.EVENT_TYPE_TIMER_STARTED:
		if r.held.Rings.IsZero() && !r.over[e.GetEventId()] {
			r.held.Rings = e.GetEventTime().AsTime().Add(e.GetTimerStartedEventAttributes().GetStartToFireTimeout().AsDuration())
		}
	case enums.EVENT_TYPE_MARKER_RECORDED:
		if a := e.GetMarkerRecordedEventAttributes(); a.GetFailure() == nil {
			return r.step(a.GetDetails()["result"])
		}
	case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		return r.step(e.GetActivityTaskCompletedEventAttributes().GetResult())
	}
	return nil
}

// step takes the answer of a recording, local or not; of several the last stands.
func (r *reading) step(answer *common.Payloads) error {
	if r.held.Loaded || answer == nil {
		return nil
	}
	r.held.Loaded = true
	return converter.GetDefaultDataConverter().FromPayloads(answer, &r.held.Step)
}

// ended are the events with which a run is over.
var ended = map[enums.EventType]bool{
	enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: true, enums.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: true,
	enums.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: true, enums.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: true,
	enums.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: true,
}

// GiveUp ends the run of a case that the record does not have.
func GiveUp(ctx context.Context, engine client.Client, caseID string) error {
	return refusal("give up run", engine.TerminateWorkflow(ctx, WorkflowID(caseID), "", "no such case"))
}

// Served tells whether a worker has listened to the engine in the last minutes.
func Served(ctx context.Context, engine client.Client) (bool, error) {
	told, err := engine.DescribeTaskQueue(ctx, TaskQueue, enums.TASK_QUEUE_TYPE_WORKFLOW)
	return len(told.GetPollers()) > 0, refusal("describe task queue", err)
}
