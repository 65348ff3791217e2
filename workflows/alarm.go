package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"haochaping/regulation"
)

// alarm is the one timer of a run, set to the deadline that is due first. The due instant was
// computed when it was recorded; here it is only waited for.
type alarm struct {
	timer  regulation.Timer // zero: nothing to wait for
	future workflow.Future
	cancel workflow.CancelFunc
	pause  time.Duration // waited at least, after the record found the deadline not yet due
}

// Pauses of real time between attempts on a deadline that the record's clock has not reached.
const (
	firstPause = time.Second
	mostPause  = time.Minute
)

// setAlarm sets the timer for the earliest deadline, unless it is set already.
func (c *caseRun) setAlarm(ctx workflow.Context) {
	if !c.alarm.stale(c.step) {
		return
	}
	c.alarm.stop()
	next, any := earliest(c.step)
	if !any {
		return
	}
	ctx, cancel := workflow.WithCancel(ctx)
	wait := max(c.step.Clock.Wait(workflow.Now(ctx), next.Due), c.alarm.pause)
	c.alarm.timer, c.alarm.future, c.alarm.cancel = next, workflow.NewTimer(ctx, wait), cancel
}

// rings tells whether the time of the deadline has come.
func (a *alarm) rings() bool { return a.future != nil && a.future.IsReady() }

// stale tells whether the alarm is set to another deadline than the step's earliest.
func (a *alarm) stale(step regulation.Step) bool {
	next, _ := earliest(step)
	return next.ID != a.timer.ID || !next.Due.Equal(a.timer.Due)
}

// stop gives up a timer that is still running.
func (a *alarm) stop() {
	if a.cancel != nil && !a.future.IsReady() {
		a.cancel()
	}
	a.timer, a.future, a.cancel = regulation.Timer{}, nil, nil
}

// reset follows a ring. It lengthens the pause as long as the deadline remains.
func (a *alarm) reset(remains bool) {
	a.stop()
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
