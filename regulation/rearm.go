package regulation

import (
	"slices"
	"time"

	"haochaping/workday"
)

// Span is what a due instant was counted from, kept with it so that it can be counted again when
// the calendar changes: the day after From is the first that can count, Days working days are
// counted, and the last one's close of work is the due instant, or its opening. A reminder's span
// is that of the date which it reminds of, and Left counts back from there.
//
// Deadlines stored before spans were kept have none; Rules.spanOf finds theirs from what else the
// case knows.
type Span struct {
	From    workday.Date `json:"from,omitzero"`
	Days    int          `json:"days,omitempty"`
	Param   string       `json:"param,omitempty"` // gave Days; of a reminder: gave Left
	Opening bool         `json:"opening,omitempty"`
}

// due is an instant with the calendar's word on it.
type due struct {
	at          time.Time
	provisional bool
	calendar    string // version it was counted with
	span        Span
}

// span is so many working days of a parameter, counted from an instant's day.
func (r Rules) span(from time.Time, param string) Span {
	return Span{From: workday.DateOf(from), Days: r.Params.Days(param), Param: param}
}

// clockSpan is the span of the 15 working days of clause 7(3), or what a pause or an extension left
// of them.
func (r Rules) clockSpan(c Case) Span {
	if s := c.Clock.Span; !s.From.IsZero() {
		return s
	}
	return r.span(c.Clock.From, RectificationDays)
}

// unitSpan is the span of the same days as they are held against the unit that has the order.
func (r Rules) unitSpan(c Case) Span {
	if s := c.Clock.UnitSpan; !s.From.IsZero() {
		return s
	}
	return r.span(c.Clock.UnitFrom, RectificationDays)
}

// count counts a span with today's calendar.
func (r Rules) count(s Span) due {
	d := r.Calendar.Add(s.From, s.Days)
	at := r.Hours.Close(d.Date)
	if s.Opening {
		at = r.Hours.Opening(d.Date)
	}
	return due{at, d.Provisional, r.Calendar.Version(), s}
}

// remindOn is the opening of the day on which so many working days are left on the clock.
func (r Rules) remindOn(k Rectifying, left int) due {
	day := r.Calendar.Before(workday.DateOf(k.Due), left)
	return due{at: r.Hours.Opening(day), provisional: k.Provisional, calendar: r.Calendar.Version()}
}

// spanOf is a deadline's span. One stored without is counted from the instant since which its
// step waits, the clock's from the order, with the edition's days; where not even that instant is
// on record, the span is zero and the deadline stays as it is.
func (r Rules) spanOf(c Case, d Deadline) Span {
	if !d.From.IsZero() {
		return d.Span
	}
	k := c.Clock
	switch {
	case d.Kind == DeadlineNotice:
		s := r.span(c.OpenedAt, NoticeDays)
		s.Opening = true
		return s
	case d.Kind == DeadlineReminder:
		s := r.clockSpan(c)
		s.Param, s.Opening = "", true
		return s
	case d.Act == ActSubmitRectification && k.Overdue:
		return r.unitSpan(c)
	case d.Act == ActSubmitRectification:
		return r.clockSpan(c)
	}
	param := specByKind[d.Act].Days
	if d.Kind == DeadlineSurvey {
		param = SurveyDays
	}
	if w := c.Await(d.Act); w != nil && !w.Since.IsZero() && param != "" {
		return r.span(w.Since, param)
	}
	return Span{}
}

// Rearm counts a case's open due instants again with today's calendar (clause 7(3): working
// days): deadlines, the clock of the 15 working days, the unit's own, the appeal window. reason is
// what changed the calendar, the number or id of a notice. It returns the case after it, the event
// with every instant as it was and as it is, and whether anything moved or became certain.
//
// The calendar counts from since on, when the change came in force; at is when that is recorded. What
// was due before since stays. What fell due between the two and is not on record as passed is counted
// again like what is still to come: by then nobody was late by the calendar in force. Days that a later
// notice takes away are not taken from under anybody: an instant that the recount puts earlier never
// comes before the close of the working day of the re-arming, of the next working day once that has
// closed; nor is it later than it was. A reminder that would lie in the past has no object any more:
// whoever waits is told of the new date.
func (r Rules) Rearm(c Case, reason string, since, at time.Time) (Case, Event, bool) {
	changes := r.Recount(c, since, at)
	if len(changes) == 0 {
		return c, Event{}, false
	}
	m := r.begin(c, at)
	m.event.Kind, m.event.Name, m.event.Clause = EventRearmed, "calendar", ClauseTransfer
	m.event.As = Assignment{Role: System}
	m.event.Data["reason"], m.event.Data["calendar"] = reason, r.Calendar.Version()
	for _, change := range changes {
		m.rearm(change)
	}
	m.event.Changes = changes
	return *m.c, m.finish(), true
}

// Recount tells what Rearm would change, and changes nothing: the answer to what if, where the change
// is supposed to come in force at the instant of asking.
func (r Rules) Recount(c Case, since, at time.Time) []DueChange {
	if c.Closed() {
		return nil
	}
	var changes []DueChange
	for _, d := range r.counted(c) {
		span := r.spanOf(c, d)
		if !since.Before(d.Due) || c.lapsed(d) || span.From.IsZero() {
			continue
		}
		anew := r.count(span)
		if d.Kind == DeadlineReminder {
			anew = r.remindOn(c.Clock, d.Left)
		}
		change, moved := r.compare(d, anew, at)
		if !moved {
			continue
		}
		if change.Op == DueRearmed {
			change.Deadline.Span = span
		}
		changes = append(changes, change)
		c.moveClock(change.Deadline) // reminders follow it
	}
	return changes
}

// counted are the instants of a case that are counted in working days, the clocks first.
func (r Rules) counted(c Case) []Deadline {
	k := c.Clock
	all := make([]Deadline, 0, len(c.Deadlines)+3)
	if !k.Due.IsZero() {
		all = append(all, Deadline{ID: string(CountedClock), Kind: CountedClock, Due: k.Due, Calendar: k.Calendar,
			Provisional: k.Provisional, Span: r.clockSpan(c)})
	}
	if !k.UnitDue.IsZero() {
		all = append(all, Deadline{ID: string(CountedUnitClock), Kind: CountedUnitClock, Due: k.UnitDue, Span: r.unitSpan(c)})
	}
	if !c.Notice.AppealUntil.IsZero() {
		all = append(all, Deadline{ID: string(CountedAppeal), Kind: CountedAppeal, Due: c.Notice.AppealUntil,
			Span: r.span(c.Notice.ServedAt, AppealDays)})
	}
	return append(all, c.Deadlines...)
}

// lapsed tells that it is on record that a clock has run out: its instant is no open one any more.
func (c Case) lapsed(d Deadline) bool {
	return d.Kind == CountedClock && c.Clock.Overdue || d.Kind == CountedUnitClock && c.Clock.UnitOverdue
}

// compare holds an instant against its recount: how it changes, and whether it does.
func (r Rules) compare(d Deadline, anew due, at time.Time) (DueChange, bool) {
	if d.Kind == DeadlineReminder && !anew.at.After(at) {
		return DueChange{Op: DueCancelled, Deadline: d}, d.Due.After(at) // one that is due goes out
	}
	change := DueChange{Op: DueRearmed, Was: &Counted{d.Due, d.Calendar, d.Provisional}}
	if floor := r.fairly(at); anew.at.Before(d.Due) && anew.at.Before(floor) && d.Kind != DeadlineReminder {
		anew.at = floor
		if d.Due.Before(floor) {
			anew.at = d.Due
		}
	}
	if d.Kind == CountedUnitClock || d.Kind == CountedAppeal {
		anew.provisional = d.Provisional // not on record for these
	}
	moved := !anew.at.Equal(d.Due) || anew.provisional != d.Provisional
	d.Due, d.Provisional, d.Calendar = anew.at, anew.provisional, anew.calendar
	change.Deadline = d
	return change, moved
}

// fairly is the earliest instant to which a re-arming may bring a due date forward.
func (r Rules) fairly(at time.Time) time.Time {
	today := workday.DateOf(at)
	end := r.Hours.Close(r.Calendar.Add(today, 0).Date)
	if !at.Before(end) {
		end = r.Hours.Close(r.Calendar.Add(today, 1).Date)
	}
	return end
}

// rearm puts one recounted instant into the case; whoever waits under it is told where it moved.
func (m *move) rearm(change DueChange) {
	d := change.Deadline
	m.c.moveClock(d)
	if change.Op == DueCancelled {
		m.c.Deadlines = slices.DeleteFunc(m.c.Deadlines, func(open Deadline) bool { return open.ID == d.ID })
		return
	}
	for i := range m.c.Deadlines {
		if m.c.Deadlines[i].ID == d.ID {
			m.c.Deadlines[i] = d
		}
	}
	for i := range m.c.Awaiting {
		a := &m.c.Awaiting[i]
		if a.Deadline != d.ID {
			continue
		}
		a.Due, a.Provisional = d.Due, d.Provisional
		if !d.Due.Equal(change.Was.Due) {
			m.event.Notify = append(m.event.Notify, a.Seats...)
		}
	}
}

// moveClock sets the instants that stand outside the deadlines.
func (c *Case) moveClock(d Deadline) {
	switch d.Kind {
	case CountedClock:
		c.Clock.Due, c.Clock.Provisional, c.Clock.Calendar = d.Due, d.Provisional, d.Calendar
	case CountedUnitClock:
		c.Clock.UnitDue = d.Due
	case CountedAppeal:
		c.Notice.AppealUntil = d.Due
	}
}
