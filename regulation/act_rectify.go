package regulation

import "time"

// submitPlan is the unit's plan: measures and who answers for them (R31).
var submitPlan = Spec{
	Kind: ActSubmitPlan, Clause: ClauseTransfer, Side: SideUnit, Roles: []Role{UnitHandler, UnitHead}, Days: PlanDays,
	Fields: []Field{
		{Name: "measures", Type: TypeLong, Required: true, Max: 4000},
		{Name: "responsible", Type: TypeText, Required: true, Max: 40},
		{Name: "target_date", Type: TypeDate, Required: true},
	},
	check: func(m *move) *Error {
		day, err := time.Parse(time.DateOnly, m.act.Values.Get("target_date"))
		if err == nil && !m.c.Clock.Overdue && day.Format(time.DateOnly) > m.c.Clock.Due.UTC().Add(8*time.Hour).Format(time.DateOnly) {
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

// awaitRectification waits under the deadline that the first order set; the clock never
// restarts. Passed already, the wait starts overdue.
func (m *move) awaitRectification() {
	for _, d := range m.c.Deadlines {
		if d.Kind == DeadlineStep && d.Act == ActSubmitRectification {
			m.waitFor(ActSubmitRectification, d)
			return
		}
	}
	m.waitFor(ActSubmitRectification, Deadline{Due: m.c.Clock.Due})
	m.c.Await(ActSubmitRectification).Overdue = m.c.Clock.Overdue
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
	Fields: []Field{{Name: "opinion", Type: TypeLong, Max: 1000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActAcceptRectification)
		last := m.c.Clock.Submitted[len(m.c.Clock.Submitted)-1]
		m.c.Clock.AcceptedAt = m.at
		m.c.Clock.InTime = !last.At.After(m.c.Clock.Due)
		m.toReply()
	},
}

// rejectRectification returns it to the unit. The clock does not restart, and insufficient
// rectification reaches the discipline officer's list (8(4)).
var rejectRectification = Spec{
	Kind: ActRejectRectification, Clause: ClauseTransfer, Side: SideAuthority, Roles: []Role{Supervisor}, Joins: ActAcceptRectification,
	Fields: []Field{{Name: "reason", Type: TypeLong, Required: true, Max: 1000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActAcceptRectification)
		m.c.Clock.Rejections++
		m.c.Phase = PhaseRectification
		if !m.c.Clock.Overdue {
			m.arm(Deadline{Kind: DeadlineStep, Act: ActSubmitRectification}, due{m.c.Clock.Due, m.c.Clock.Provisional})
			m.armReminders()
		}
		m.awaitRectification()
		if m.c.Clock.Rejections >= m.rules.Params.Days(InsufficientAfter) {
			m.escalate("discipline", "insufficient", ClauseDiscipline, Seat{DisciplineOfficer, m.c.Area})
		}
	},
}
