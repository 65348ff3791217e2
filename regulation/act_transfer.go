package regulation

import (
	"cmp"
	"fmt"
	"time"
)

// transfer issues the order to rectify (转办, R30). The first order starts the 15 working days
// (R33); whether an interim reply is due is decided here (R32).
var transfer = Spec{
	Kind: ActTransfer, Clause: ClauseTransfer, Side: SideAuthority, Roles: []Role{Supervisor}, Days: TransferDays,
	Fields: []Field{
		{Name: "unit", Type: TypeUnit, Required: true},
		{Name: "assist", Type: TypeUnits},
		{Name: "instructions", Type: TypeLong, Required: true, Max: 2000},
		{Name: "matter_status", Type: TypeChoice, Options: MatterStatuses},
	},
	check: func(m *move) *Error {
		if m.c.Consent.State == "" {
			return refuse(NotNow, "", "consent_not_asked", RolesOf(m.rules.seats(*m.c, askConsent))...)
		}
		if o := m.c.order(); o != nil && !o.ReturnedAt.IsZero() && o.Unit == m.act.Values.Get("unit") {
			return refuse(Invalid, "", "fields").Field("unit", "returned_by_this_unit")
		}
		if m.act.Values.Get("unit") == m.c.Authority && m.c.Rated.Unit != m.c.Authority { // who orders is not who is ordered
			return refuse(Invalid, "", "fields").Field("unit", "authority_not_rated")
		}
		if contains(nonEmpty(m.act.Values["assist"]), m.act.Values.Get("unit")) {
			return refuse(Invalid, "", "fields").Field("assist", "leads_already")
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActTransfer)
		m.c.Unit = m.act.Values.Get("unit")
		order := Order{Number: fmt.Sprintf("%s-Z%d", m.c.Number, len(m.c.Orders)+1), Unit: m.c.Unit,
			Assist: nonEmpty(m.act.Values["assist"]), IssuedAt: m.at, Reopened: m.c.Reopened > 0, Text: m.text("instructions")}
		m.c.Orders = append(m.c.Orders, order)
		m.event.Data["order"] = order.Number
		m.c.Matter.AtTransfer = cmp.Or(m.act.Values.Get("matter_status"), m.c.Matter.AtRating)
		for _, unit := range order.Assist {
			m.event.Notify = append(m.event.Notify, Seat{UnitHead, unit})
		}
		m.c.Phase = PhaseSigning
		m.await(ActSign)
		m.startClock()
		m.pauseForAppeal()
		m.oweInterim()
	},
}

// toDispatch has the rater asked first (R30); the order is due once that is answered. Nobody is
// called who has no contact or is exempt from calls; they may still answer on the receipt page.
func (m *move) toDispatch() {
	m.c.Phase = PhaseDispatch
	if m.c.Contactable && m.c.Callback.Exempt == "" && m.c.lastingExemption() == "" {
		m.await(ActAskConsent)
		return
	}
	m.c.Consent = Consent{State: "not_possible", At: m.at}
	m.await(ActTransfer)
}

// startClock starts the 15 working days with the first order. A later order leaves them as they
// are, but what is held against the unit that it names counts from its own order.
func (m *move) startClock() {
	k, when := &m.c.Clock, m.dueIn(RectificationDays)
	k.UnitFrom, k.UnitDue, k.UnitOverdue, k.UnitSpan = m.at, when.at, false, Span{}
	switch {
	case k.paused() != nil: // a later order while the days stand still: this unit has lost none of its own
		k.Pauses[len(k.Pauses)-1].Unit = when.span.Days
	case k.From.IsZero():
		k.From, k.Due, k.Provisional, k.Calendar = m.at, when.at, when.provisional, when.calendar
		m.armRectification()
		m.armReminders()
	case k.Overdue:
		m.armRectification()
	}
}

// armRectification sets the deadline that stands next: the case's, or, once that has passed,
// the present unit's own where it ends later.
func (m *move) armRectification() {
	if m.held() {
		m.armHeld()
		return
	}
	k := m.c.Clock
	when := due{k.Due, k.Provisional, k.Calendar, m.rules.clockSpan(*m.c)}
	if k.Overdue {
		if k.UnitOverdue || !k.UnitDue.After(k.Due) {
			return
		}
		when = m.rules.count(m.rules.unitSpan(*m.c))
		when.at = k.UnitDue // what the order said, also where a re-arming left it later
	}
	m.arm(Deadline{Kind: DeadlineStep, Act: ActSubmitRectification}, when)
}

// armReminders sets what is still ahead of the reminders (clause 7(3): urge), each at the
// opening of the day with so many working days left.
func (m *move) armReminders() {
	for _, name := range []string{ReminderFirst, ReminderSecond, ReminderLast} {
		d := Deadline{Kind: DeadlineReminder, Act: ActSubmitRectification, Left: m.rules.Params.Days(name)}
		when := m.rules.remindOn(m.c.Clock, d.Left)
		when.span = m.rules.clockSpan(*m.c)
		when.span.Param, when.span.Opening = name, true
		if when.at.After(m.at) {
			m.arm(d, when)
		}
	}
}

// oweInterim makes an interim reply due once, when the matter or the problem is still open at
// transfer; which of the two counts is a parameter (R32).
func (m *move) oweInterim() {
	if m.c.Interim.Due {
		return
	}
	when := m.rules.Params.Days(InterimWhen)
	matterOpen := m.c.Matter.AtTransfer == "waiting" || m.c.Matter.AtTransfer == "in_progress"
	byMatter := when&InterimMatterOpen != 0 && matterOpen
	byProblem := when&InterimProblemOpen != 0 && m.c.Matter.ProblemOpen
	if byMatter || byProblem {
		m.c.Interim.Due = true
		m.await(ActInterimReply)
	}
}

// sign is the unit's receipt of the order (R30); unsigned, it goes to the discipline officer.
var sign = Spec{
	Kind: ActSign, Clause: ClauseTransfer, Side: SideUnit, Roles: []Role{UnitHandler, UnitHead}, Days: SignDays,
	check: nothingMore,
	effect: func(m *move) {
		m.met(ActSign)
		m.handled()
		order := m.c.order()
		order.SignedAt, order.Handler = m.at, m.actor.Person
		m.c.Phase = PhasePlanning
		m.await(ActSubmitPlan)
	},
}

// returnOrder returns an order that was addressed to the wrong unit. The 15 working days go on
// from the first order, and the days lost are not held against the next unit.
var returnOrder = Spec{
	Kind: ActReturnOrder, Clause: ClauseTransfer, Side: SideUnit, Roles: []Role{UnitHandler, UnitHead}, Joins: ActSign,
	Fields: []Field{
		{Name: "reason", Type: TypeLong, Required: true, Max: 1000},
		{Name: "suggested_unit", Type: TypeUnit},
	},
	check: nothingMore,
	effect: func(m *move) {
		m.met(ActSign)
		m.handled()
		m.takeBack()
	},
}

// takeBack ends an order with a unit whose matter it is not: another order is due.
func (m *move) takeBack() {
	m.c.order().ReturnedAt = m.at
	if m.c.Clock.Overdue { // only the unit's own days can still be running
		m.drop(ActSubmitRectification)
	}
	m.c.Clock.UnitFrom, m.c.Clock.UnitDue, m.c.Clock.UnitSpan = time.Time{}, time.Time{}, Span{}
	m.c.Phase = PhaseDispatch
	m.await(ActTransfer)
}
