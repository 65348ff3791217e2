package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"haochaping/regulation"
)

// alarm is the one timer of a run. It rings at or before the deadline that is due first: when an
// act moves that deadline to later the timer is left as it is and set anew when it rings, which
// keeps two events an act out of the history. The due instants were computed when they were
// recorded; here they are only waited for.
type alarm struct {
	due    time.Time
	future workflow.Future // nil: not set
	cancel workflow.CancelFunc
	pause  time.Duration // waited at least, after the record found the deadline not yet due
}

// Pauses of real time between attempts on a deadline that the record's clock has not reached.
const (
	firstPause = time.Second
	mostPause  = time.Minute
)

// setAlarm sets the timer for the earliest deadline, unless it rings by then anyway.
func (c *caseRun) setAlarm(ctx workflow.Context) {
	if !c.alarm.late(c.step) {
		return
	}
	c.alarm.stop()
	next, _ := earliest(c.step)
	ctx, cancel := workflow.WithCancel(ctx)
	wait := max(c.step.Clock.Wait(workflow.Now(ctx), next.Due), c.alarm.pause)
	c.alarm.due, c.alarm.future, c.alarm.cancel = next.Due, workflow.NewTimer(ctx, wait), cancel
}

// rings tells whether the timer has run down.
func (a *alarm) rings() bool { return a.future != nil && a.future.IsReady() }

// late tells whether the step has a deadline before the alarm rings.
func (a *alarm) late(step regulation.Step) bool {
	next, any := earliest(step)
	return any && (a.future == nil || next.Due.Before(a.due))
}

// stop gives up a timer that is still running.
func (a *alarm) stop() {
	if a.future != nil && !a.future.IsReady() {
		a.cancel()
	}
	a.future, a.cancel = nil, nil
}

// wait lengthens the pause as long as a deadline remains that has been reported to the record.
func (a *alarm) wait(remains bool) {
	if !remains {
		a.pause = 0
		return
	}
	a.pause = min(max(2*a.pause, firstPause), mostPause)
}

// earliest returns the deadline that is due first; at the same instant the lower id.
func earliest(step regulation.Step) (first regulation.Timer, any bool) {
	if step.Finished {
		return first, false
	}
	for _, t := range step.Timers {
		if !any || t.Due.Before(first.Due) || t.Due.Equal(first.Due) && t.ID < first.ID {
			first, any = t, true
		}
	}
	return first, any
}

// holds tells whether the step still has the deadline, due at the same instant.
func holds(step regulation.Step, t regulation.Timer) bool {
	for _, have := range step.Timers {
		if have.ID == t.ID && have.Due.Equal(t.Due) {
			return true
		}
	}
	return false
}
