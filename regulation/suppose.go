package regulation

import "time"

// Suppose tells what a case would be due by, had it been opened under other parameters: every
// instant that is counted in working days, the passed ones of steps that still wait included, as
// the other edition counts it with this calendar. r.Params are the case's own. It changes
// nothing; a parameter is never changed under a running case (R56).
func (r Rules) Suppose(c Case, other Params, at time.Time) []DueChange {
	if c.Closed() {
		return nil
	}
	var changes []DueChange
	for _, d := range append(r.counted(c), r.passed(c)...) {
		span := r.spanOf(c, d)
		if span.From.IsZero() || d.Kind == DeadlineReminder && d.Due.Before(at) {
			continue
		}
		change, moved := compareAs(d, r.supposed(c, d, span, other))
		if moved {
			changes = append(changes, change)
			c.moveClock(change.Deadline)
		}
	}
	return changes
}

// supposed counts a span with another edition's days. What was granted beyond the parameter
// stays granted.
func (r Rules) supposed(c Case, d Deadline, span Span, other Params) due {
	if d.Kind == DeadlineReminder {
		return r.remindOn(c.Clock, d.Left+other.Days(span.Param)-r.Params.Days(span.Param))
	}
	span.Days += other.Days(span.Param) - r.Params.Days(span.Param)
	if span.Param == RectificationDays && c.Clock.paused() != nil { // they end as if the review took all of its days
		span.Days += other.Days(AppealReviewDays) - r.Params.Days(AppealReviewDays)
	}
	span.Days = max(0, span.Days)
	return r.count(span)
}

func compareAs(d Deadline, anew due) (DueChange, bool) {
	change := DueChange{Op: DueRearmed, Was: &Counted{d.Due, d.Calendar, d.Provisional}}
	moved := !anew.at.Equal(d.Due)
	d.Due, d.Provisional, d.Calendar, d.Span = anew.at, anew.provisional, anew.calendar, anew.span
	change.Deadline = d
	return change, moved
}

// passed are the deadlines of steps that still wait, though they have passed.
func (r Rules) passed(c Case) []Deadline {
	var all []Deadline
	for _, a := range c.Awaiting {
		if _, open := c.deadline(a.Deadline); open || a.Deadline == "" {
			continue
		}
		all = append(all, Deadline{ID: a.Deadline, Kind: DeadlineStep, Act: a.Act, Due: a.Due, Provisional: a.Provisional})
	}
	return all
}

// Owed are the instants by which somebody must act, by the id under which they are counted: those of the
// steps that wait, and the end of the 15 working days, which runs while an order is on its way, signed
// and planned, though nothing waits for it yet.
func (c Case) Owed() map[string]time.Time {
	owed := map[string]time.Time{}
	for _, d := range c.Deadlines {
		if d.Kind == DeadlineStep {
			owed[d.ID] = d.Due
		}
	}
	for _, w := range c.Awaiting {
		switch {
		case w.Due.IsZero():
		case w.Deadline != "":
			owed[w.Deadline] = w.Due
		case w.Act == ActSubmitRectification: // it had passed before the unit got there
			owed[string(CountedUnitClock)] = w.Due
		default:
			owed[string(w.Act)] = w.Due
		}
	}
	if c.Clock.Overdue && contains([]Phase{PhaseDispatch, PhaseSigning, PhasePlanning}, c.Phase) {
		owed[string(CountedClock)] = c.Clock.Due
	}
	return owed
}
