package regulation

import (
	"time"

	"haochaping/workday"
)

// submitPlan is the unit's plan: measures and who answers for them (R31).
var submitPlan = Spec{
	Kind: ActSubmitPlan, Clause: ClauseTransfer, Side: SideUnit, Roles: []Role{UnitHandler, UnitHead}, Days: PlanDays,
	Fields: []Field{
		{Name: "measures", Type: TypeLong, Required: true, Max: 4000},
		{Name: "responsible", Type: TypeText, Required: true, Max: 40},
		{Name: "target_date", Type: TypeDate, Required: true},
	},
	check: func(m *move) *Error {
		day, err := workday.ParseDate(m.act.Values.Get("target_date"))
		if err == nil && !m.c.Clock.UnitOverdue && day.After(workday.DateOf(m.c.Clock.UnitDue)) {
			return refuse(Invalid, "", "fields").Field("target_date", "after_the_due_date")
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActSubmitPlan)
		m.handled()
		m.c.Clock.Plan = m.text("measures")
		m.c.Phase = PhaseRectification
		m.awaitRectification()
	},
}

// awaitRectification waits under the deadline that the orders set; the clock never restarts.
// Passed already, the wait starts overdue.
func (m *move) awaitRectification() {
	for _, d := range m.c.Deadlines {
		if d.Kind == DeadlineStep && d.Act == ActSubmitRectification {
			m.waitFor(ActSubmitRectification, d)
			return
		}
	}
	m.waitFor(ActSubmitRectification, Deadline{Due: m.c.Clock.UnitDue})
	m.c.Await(ActSubmitRectification).Overdue = m.c.Clock.Overdue
}

// rectificationOverdue marks the case overdue, and the unit where its own days are over too.
// Days lost before its order are not held against it: then its own deadline is set.
func (m *move) rectificationOverdue() {
	k := &m.c.Clock
	if k.paused() != nil { // the review takes longer than its days: the clock still stands
		m.event.Data["paused"] = "yes"
		m.armStanding()
		return
	}
	if m.c.Running(TrackExtension) { // asked for in time: nobody is late before it is decided
		m.event.Data["extension"] = "undecided"
		m.armAnew(m.armHeld)
		return
	}
	m.lapse(!m.at.Before(k.UnitDue))
}

// lapse marks the case overdue, and the unit that has the order where its own days are over too, and
// has that followed up.
func (m *move) lapse(unitLate bool) {
	k := &m.c.Clock
	k.Overdue = true
	k.UnitOverdue = unitLate && !k.UnitDue.IsZero()
	unit := m.c.Unit
	if !k.UnitOverdue {
		unit = ""
		if m.c.Phase != PhaseAcceptance {
			m.armAnew(m.armRectification)
		}
	}
	m.escalate("discipline", "rectification_overdue", ClauseTransfer, unit, m.rules.disciplineSeat(*m.c))
	if unit != "" {
		m.holdToAccount("overdue", unit)
	}
}

// armAnew puts another deadline in the place of the one that has passed; who waits, waits on.
func (m *move) armAnew(arm func()) {
	waited := m.c.Await(ActSubmitRectification)
	if waited == nil {
		m.drop(ActSubmitRectification)
		arm()
		return
	}
	since := waited.Since
	m.drop(ActSubmitRectification)
	arm()
	m.awaitRectification()
	m.c.Await(ActSubmitRectification).Since = since // another deadline, the same wait
}

// interimReply answers the citizen while the matter or the problem is still open (R32).
var interimReply = Spec{
	Kind: ActInterimReply, Clause: ClauseTransfer, Side: SideAuthority, Roles: []Role{CallbackClerk, Supervisor}, Days: InterimDays,
	Fields: []Field{{Name: "text", Type: TypeLong, Required: true, Max: 2000}},
	check: func(m *move) *Error {
		if !m.c.Interim.SentAt.IsZero() {
			return refuse(NotNow, "", "interim_sent")
		}
		if m.c.Clock.From.IsZero() {
			return refuse(NotNow, "", "no_order_yet")
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActInterimReply)
		m.c.Interim.SentAt, m.c.Interim.Text = m.at, m.text("text")
		m.event.Notify = append(m.event.Notify, Seat{Role: Citizen})
	},
}

// submitRectification hands in measures, evidence and a drafted reply (R33, R34).
var submitRectification = Spec{
	Kind: ActSubmitRectification, Clause: ClauseTransfer, Side: SideUnit, Roles: []Role{UnitHandler, UnitHead}, Days: RectificationDays,
	Fields: []Field{
		{Name: "measures", Type: TypeLong, Required: true, Max: 4000},
		{Name: "files", Type: TypeFiles},
		{Name: "no_evidence_reason", Type: TypeLong, Max: 500},
		{Name: "reply", Type: TypeLong, Required: true, Max: 2000},
	},
	check: func(m *move) *Error {
		if len(nonEmpty(m.act.Values["files"])) == 0 && m.act.Values.Get("no_evidence_reason") == "" {
			return refuse(Invalid, "", "fields").Field("no_evidence_reason", "evidence_or_reason")
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActSubmitRectification)
		m.handled()
		m.c.Clock.Submitted = append(m.c.Clock.Submitted, Submission{At: m.at, By: m.actor.Person})
		m.c.Reply.Draft = m.text("reply")
		m.toAcceptance()
	},
}

func (m *move) toAcceptance() {
	m.c.Phase = PhaseAcceptance
	m.await(ActAcceptRectification)
}

// acceptRectification accepts what the unit handed in. In time is the submission that is
// accepted, not the day of acceptance: the authority's days are its own (R34).
var acceptRectification = Spec{
	Kind: ActAcceptRectification, Clause: ClauseTransfer, Side: SideAuthority, Roles: []Role{Supervisor}, Days: AcceptanceDays,
	Not:    []Part{PartHandled},
	Fields: []Field{{Name: "opinion", Type: TypeLong, Max: 1000}},
	check: func(m *move) *Error {
		if m.held() { // whether it came in time hangs on the days asked for
			return refuse(NotNow, "", "extension_undecided", RolesOf(m.rules.seats(*m.c, approveExtension))...)
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActAcceptRectification)
		m.resume() // no days are left to stand still
		last := m.judged()
		m.c.Clock.AcceptedAt = m.at
		m.c.Clock.InTime = !last.At.After(m.c.Clock.Due)
		m.c.Clock.UnitInTime = !last.At.After(m.c.Clock.UnitDue)
		m.toReply()
	},
}

// judged ends the authority's days on the last submission and returns it; after a recheck they
// last until it is judged again.
func (m *move) judged() Submission {
	m.part(PartJudged)
	last := &m.c.Clock.Submitted[len(m.c.Clock.Submitted)-1]
	last.JudgedAt = m.at
	return *last
}

// rejectRectification returns it to the unit. The clock does not restart, and insufficient
// rectification reaches the discipline officer's list (8(4)).
var rejectRectification = Spec{
	Kind: ActRejectRectification, Clause: ClauseTransfer, Side: SideAuthority, Roles: []Role{Supervisor}, Joins: ActAcceptRectification,
	Not:    []Part{PartHandled},
	Fields: []Field{{Name: "reason", Type: TypeLong, Required: true, Max: 1000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActAcceptRectification)
		m.judged()
		k := &m.c.Clock
		k.Rejections++
		k.AcceptedAt, k.InTime, k.UnitInTime = time.Time{}, false, false
		m.c.Phase = PhaseRectification
		m.armRectification()
		m.armReminders()
		m.pauseForAppeal()
		m.awaitRectification()
		if k.Rejections >= m.rules.Params.Days(InsufficientAfter) {
			m.escalate("discipline", "insufficient", ClauseDiscipline, m.c.Unit, m.rules.disciplineSeat(*m.c))
			m.holdToAccount("insufficient", m.c.Unit)
		}
	},
}
