package regulation

import (
	"slices"
	"strconv"
	"time"
)

// Extension is more time for a rectification. The regulation knows none: it gives 15 working days
// (7(3)), and an edition that gives more says on what basis.
type Extension struct {
	Days        int       `json:"days,omitempty"` // working days asked for
	RequestedAt time.Time `json:"requested_at,omitzero"`
	RequestedBy string    `json:"requested_by,omitempty"`
	DecidedAt   time.Time `json:"decided_at,omitzero"`
	DecidedBy   string    `json:"decided_by,omitempty"`
}

// extensible are the phases in which the unit has the order and time runs for it.
var extensible = []Phase{PhasePlanning, PhaseRectification}

// requestExtension is the unit's, before its days are over, once a case.
var requestExtension = Spec{
	Kind: ActRequestExtension, Clause: ClauseTransfer, Side: SideUnit, Roles: []Role{UnitHandler, UnitHead}, Track: TrackExtension,
	Fields: []Field{
		{Name: "extension_days", Type: TypeNumber, Required: true, Max: 3},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 2000},
	},
	check: func(m *move) *Error {
		most := m.rules.Params.Days(ExtensionDays)
		asked, err := strconv.Atoi(m.act.Values.Get("extension_days"))
		switch {
		case most == 0:
			return refuse(NotNow, "", "extension_off")
		case m.c.Clock.Overdue:
			return refuse(NotNow, "", "overdue_already")
		case err != nil || asked < 1 || asked > most:
			return refuse(Invalid, "", "fields").Field("extension_days", "too_many_days")
		}
		return nil
	},
	effect: func(m *move) {
		asked, _ := strconv.Atoi(m.act.Values.Get("extension_days")) // checked
		m.handled()
		m.c.Extension = Extension{Days: asked, RequestedAt: m.at, RequestedBy: m.actor.Person}
		m.enter(TrackExtension, StageApproval)
		m.await(ActApproveExtension)
	},
}

// approveExtension is the head's. What was asked for in time may be granted until it is decided, also
// after the days are over, which then wait for the decision. Deadline, reminders and the unit's own
// days move; the citizen is told.
var approveExtension = Spec{
	Kind: ActApproveExtension, Clause: ClauseTransfer, Side: SideAuthority, Roles: []Role{AuthorityHead}, Days: ExtensionApprovalDays,
	Track: TrackExtension, Not: []Part{PartHandled},
	Fields: []Field{{Name: "opinion", Type: TypeLong, Max: 1000}},
	check: func(m *move) *Error {
		if m.c.Clock.Overdue { // of an earlier build, which did not wait
			return refuse(NotNow, "", "overdue_already")
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActApproveExtension)
		m.endExtension(StageGranted)
		m.event.Data["extension_days"] = strconv.Itoa(m.c.Extension.Days)
		m.extendClock(m.c.Extension.Days)
		m.pauseForAppeal()
		m.event.Notify = append(m.event.Notify, Seat{Role: Citizen})
	},
}

// refuseExtension leaves the days as they are; were they over, the case is overdue at once.
var refuseExtension = Spec{
	Kind: ActRefuseExtension, Clause: ClauseTransfer, Side: SideAuthority, Roles: []Role{AuthorityHead}, Joins: ActApproveExtension,
	Track: TrackExtension, Not: []Part{PartHandled},
	Fields: []Field{{Name: "reasons", Type: TypeLong, Required: true, Max: 1000}},
	check:  nothingMore,
	effect: func(m *move) {
		held := m.held()
		m.met(ActApproveExtension)
		m.endExtension(StageRefused)
		if held {
			m.letGo()
		}
	},
}

func (m *move) endExtension(stage Stage) {
	m.c.Extension.DecidedAt, m.c.Extension.DecidedBy = m.at, m.actor.Person
	m.enter(TrackExtension, stage)
	m.event.Notify = append(m.event.Notify, Seat{UnitHandler, m.c.Unit}, Seat{UnitHead, m.c.Unit})
}

// held tells whether the days are over, or were when the unit handed in what is being judged, and
// that counts against nobody yet because days that were asked for in time are undecided.
func (m *move) held() bool {
	k := m.c.Clock
	if !m.c.Running(TrackExtension) || k.Overdue || k.paused() != nil {
		return false
	}
	rung := slices.ContainsFunc(m.c.Deadlines, func(d Deadline) bool {
		return d.Act == ActSubmitRectification && d.Param == ExtensionApprovalDays
	})
	return rung || m.stopped().After(k.Due)
}

// stopped is until when days were used: now, or when the unit handed in what is being judged.
func (m *move) stopped() time.Time {
	if m.c.Phase == PhaseAcceptance {
		return m.c.Clock.Submitted[len(m.c.Clock.Submitted)-1].At
	}
	return m.at
}

// armHeld sets a deadline within which the request should be decided, so that nothing waits without a
// due time; Clock.Due stays, days that are granted are counted from there.
func (m *move) armHeld() {
	s := m.rules.span(m.at, ExtensionApprovalDays)
	s.Days = max(1, s.Days)
	m.arm(Deadline{Kind: DeadlineStep, Act: ActSubmitRectification}, m.rules.count(s))
}

// letGo has what the request held back follow at once.
func (m *move) letGo() {
	m.end(DueCancelled, func(d Deadline) bool { return d.Act == ActSubmitRectification })
	if await := m.c.Await(ActSubmitRectification); await != nil {
		await.Overdue = true
	}
	if m.c.Phase == PhaseAcceptance { // at the due instant the submission was in time
		m.lapse(m.stopped().After(m.c.Clock.UnitDue))
		return
	}
	m.lapse(!m.at.Before(m.c.Clock.UnitDue))
}

// dropExtension ends a request that has no object any more: the rectification is accepted, or the
// order void.
func (m *move) dropExtension() {
	if m.c.Running(TrackExtension) {
		m.dropTrack(TrackExtension)
		m.enter(TrackExtension, StageDropped)
	}
}
