package regulation

import (
	"slices"
	"time"

	"haochaping/workday"
)

// Pause is one stretch in which the days of clause 7(3) stood still: the clock's ledger.
type Pause struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to,omitzero"` // zero while it lasts
	Left   int       `json:"left"`        // working days left at From
	Unit   int       `json:"unit"`        // the same of the unit's own days
	Reason string    `json:"reason"`
	Clause Clause    `json:"clause"`
	Actor  string    `json:"actor"`
}

// pause stops the days of clause 7(3) where the edition says so. What is left of them is kept;
// until they go on, the deadline stands where it would if the review took all of its days, so
// that nothing waits without a due time.
func (m *move) pause(reason string, clause Clause) {
	k := &m.c.Clock
	running := contains([]Phase{PhaseSigning, PhasePlanning, PhaseRectification}, m.c.Phase) && !k.Overdue && !m.held()
	if m.rules.Params.Days(AppealPausesClock) == 0 || !running {
		return
	}
	from := m.onClock()
	left := func(due time.Time) int {
		return max(0, m.rules.Calendar.Left(workday.DateOf(from), workday.DateOf(due)))
	}
	k.Pauses = append(k.Pauses, Pause{From: from, Left: left(k.Due), Unit: left(k.UnitDue), Reason: reason, Clause: clause, Actor: m.actor.Person})
	m.recountClock(m.rules.Params.Days(AppealReviewDays))
	m.setClock()
}

// pauseForAppeal stops the days while an appeal is open, also where they begin meanwhile.
func (m *move) pauseForAppeal() {
	if m.c.Running(TrackAppeal) && m.c.Clock.paused() == nil {
		m.pause("appeal", ClauseRights)
	}
}

// resume lets the days go on from today.
func (m *move) resume() {
	if p := m.c.Clock.paused(); p != nil {
		p.To = m.onClock()
		m.recountClock(0)
		m.setClock()
	}
}

// onClock is the instant of the move as the case's days count it: an act that was received before the
// order and is recorded after it (its sender's answer was lost, the sweeper does it) finds the days
// beginning, and stops none that were not counted.
func (m *move) onClock() time.Time { return latest(m.at, m.c.Clock.From) }

// paused is the pause that lasts, or nil.
func (k *Rectifying) paused() *Pause {
	if n := len(k.Pauses); n > 0 && k.Pauses[n-1].To.IsZero() {
		return &k.Pauses[n-1]
	}
	return nil
}

// recountClock counts the days that the last pause left from a number of working days after today,
// and sets deadline and reminders anew.
func (m *move) recountClock(after int) {
	k := &m.c.Clock
	p := k.Pauses[len(k.Pauses)-1]
	from := func(left int) Span {
		return Span{From: workday.DateOf(m.onClock()), Days: after + left, Param: RectificationDays}
	}
	m.setDue(from(p.Left))
	if !k.UnitFrom.IsZero() {
		k.UnitSpan = from(p.Unit)
		k.UnitDue = m.rules.count(k.UnitSpan).at
	}
}

// extendClock gives a case more of clause 7(3)'s days, and the unit that has the order, counted from
// where they ended, however late that is decided. Nobody is late by the decision alone: the new end is
// no earlier than that to which a re-arming may bring one forward.
func (m *move) extendClock(days int) {
	k := &m.c.Clock
	if p := k.paused(); p != nil {
		p.Left, p.Unit = p.Left+days, p.Unit+days
	}
	was, span := k.Due, m.rules.clockSpan(*m.c)
	span.Days += days
	m.setDue(span)
	k.Due = latest(k.Due, was, m.rules.fairly(m.at)) // was: a re-arming may have left it later than its days
	if !k.UnitFrom.IsZero() {
		k.UnitSpan = m.rules.unitSpan(*m.c)
		k.UnitSpan.Days += days
		k.UnitDue = latest(m.rules.count(k.UnitSpan).at, k.UnitDue, m.rules.fairly(m.at))
	}
	m.setClock()
}

func latest(of ...time.Time) time.Time { return slices.MaxFunc(of, time.Time.Compare) }

// setDue moves the end of the case's days to that of a span.
func (m *move) setDue(span Span) {
	k, when := &m.c.Clock, m.rules.count(span)
	k.Span, k.Due, k.Provisional, k.Calendar = span, when.at, when.provisional, when.calendar
}

// setClock arms the clock's deadline and reminders anew after Due has moved, where they are open.
func (m *move) setClock() {
	if m.c.clockArmed() {
		m.rearmClock()
	}
}

func (m *move) rearmClock() {
	m.armAnew(func() {
		m.armRectification()
		m.armReminders()
	})
}

// clockArmed tells whether the deadline of clause 7(3) is open.
func (c Case) clockArmed() bool {
	return slices.ContainsFunc(c.Deadlines, func(d Deadline) bool {
		return d.Kind == DeadlineStep && d.Act == ActSubmitRectification
	})
}

// armStanding sets the deadline of a clock that still stands once more as if the review took all
// of its days again.
func (m *move) armStanding() {
	m.recountClock(max(1, m.rules.Params.Days(AppealReviewDays)))
	m.rearmClock()
}
