// Package workflows is the procedure over time: it keeps every open case waiting for its next
// act or deadline, across restarts, and has each recorded once. The record decides what an act
// or a passed deadline does; a workflow only drives.
//
// Workflow code is replayed: it must not read a clock, do I/O or use randomness, and any change
// to what it does is a named version (versions.go).
package workflows

import (
	"go.temporal.io/sdk/workflow"

	"haochaping/activities"
	"haochaping/regulation"
)

// Case drives one bad rating until its record says that nothing is left to do. A run for a case
// with nothing to do ends at once.
func Case(ctx workflow.Context, in CaseInput) error {
	c, err := setup(ctx, in)
	if err != nil {
		return err
	}
	err = c.run(ctx)
	// An act that was let in gets its answer, also when the run ends for another reason.
	if waitErr := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); waitErr != nil {
		return waitErr
	}
	return err
}

// caseRun is what one run knows of its case: the last step that the record answered.
type caseRun struct {
	id    string
	step  regulation.Step
	turn  workflow.Mutex // one recording at a time
	alarm alarm
}

// setup registers the handlers before anything waits, so that an act that came with the start
// finds them.
func setup(ctx workflow.Context, in CaseInput) (*caseRun, error) {
	c := &caseRun{id: in.CaseID, turn: workflow.NewMutex(ctx)}
	workflow.Go(ctx, c.reload)
	return c, workflow.SetUpdateHandlerWithOptions(ctx, ActUpdate, c.act, workflow.UpdateHandlerOptions{
		Validator: c.admit,
	})
}

// run waits for deadlines while the handlers take acts. Whatever has happened, the record's last
// step alone says which deadline comes next and whether the case is done.
func (c *caseRun) run(ctx workflow.Context) error {
	if err := c.load(ctx); err != nil {
		return err
	}
	for {
		c.setAlarm(ctx)
		err := workflow.Await(ctx, func() bool {
			return c.alarm.rings() || c.alarm.late(c.step) || c.done(ctx) || c.full(ctx)
		})
		switch {
		case err != nil:
			return err
		case c.alarm.rings():
			if err := c.ring(ctx); err != nil {
				return err
			}
		case c.done(ctx):
			return nil
		case c.full(ctx):
			return workflow.NewContinueAsNewError(ctx, CaseType, CaseInput{CaseID: c.id})
		}
	}
}

// done tells whether nothing is left to do and every act that was let in has its answer.
func (c *caseRun) done(ctx workflow.Context) bool {
	return c.step.Finished && workflow.AllHandlersFinished(ctx)
}

// full tells whether the engine wants a fresh history; the next run loads the record again.
func (c *caseRun) full(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() && workflow.AllHandlersFinished(ctx)
}

// admit turns an act away before it enters the history, when it is malformed or certainly not
// open. A run may know less than the record (a crash between the two commits), so an act is
// turned away only if it was found open on nothing newer than what the run knows.
func (c *caseRun) admit(ctx workflow.Context, ref ActRef) error {
	known := c.step.Snapshot
	switch {
	case ref.CaseID != c.id, ref.Kind == "", ref.ActID == "", ref.ActID != workflow.GetCurrentUpdateInfo(ctx).ID:
		return activities.Refuse(regulation.Invalid)
	case known.Seq > 0 && ref.Seen <= known.Seq && !opens(known, ref.Kind):
		return activities.Refuse(regulation.NotNow)
	}
	return nil
}

func opens(s regulation.Snapshot, kind regulation.ActKind) bool {
	for _, open := range s.Open {
		if open == kind {
			return true
		}
	}
	return false
}

// act has one act recorded. A permanent error fails this act alone and leaves the case as it was.
func (c *caseRun) act(ctx workflow.Context, ref ActRef) (ActResult, error) {
	step, err := c.record(ctx, recorder.RecordAct, ref.ActID)
	if err != nil {
		return ActResult{}, err
	}
	return ActResult{Seq: step.Snapshot.Seq, Refused: step.Refused}, nil
}

// reload answers each signal by reading the record again: what an engine forgot is brought back.
func (c *caseRun) reload(ctx workflow.Context) {
	signals := workflow.GetSignalChannel(ctx, Reload)
	for signals.Receive(ctx, nil) {
		if err := c.load(ctx); err != nil {
			workflow.GetLogger(ctx).Warn("reload", "error", err)
		}
	}
}

func (c *caseRun) load(ctx workflow.Context) error {
	_, err := c.record(ctx, recorder.LoadCase, "")
	return err
}

// ring has the deadline that is due first recorded, unless an act has moved it to later. The
// record may find it not yet due (its clock runs behind the engine's): then the deadline is still
// there and is reported again after a pause.
func (c *caseRun) ring(ctx workflow.Context) error {
	c.alarm.stop()
	next, any := earliest(c.step)
	if !any || c.step.Clock.At(workflow.Now(ctx)).Before(next.Due) {
		return nil
	}
	_, err := c.record(ctx, recorder.RecordDeadline, next.ID)
	c.alarm.wait(holds(c.step, next))
	return err
}

// recorder only lends its methods' names: the worker runs the activities registered under them.
var recorder *activities.Activities

// record runs one recording and keeps the step that it answers.
func (c *caseRun) record(ctx workflow.Context, activity any, id string) (regulation.Step, error) {
	if err := c.turn.Lock(ctx); err != nil {
		return regulation.Step{}, err
	}
	defer c.turn.Unlock()
	step, err := recordSurely(ctx, activity, activities.Entry{CaseID: c.id, ID: id})
	if err == nil {
		c.step = step
	}
	return step, err
}
