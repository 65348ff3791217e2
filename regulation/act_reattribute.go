package regulation

import (
	"cmp"
	"time"
)

// Reattribution replaces a wrong person, window or unit: the rating counts on, for whom it is about
// (R53). Two persons do it.
type Reattribution struct {
	To         Rated     `json:"to"`
	ProposedAt time.Time `json:"proposed_at,omitzero"`
	ProposedBy string    `json:"proposed_by,omitempty"`
	DecidedAt  time.Time `json:"decided_at,omitzero"`
	DecidedBy  string    `json:"decided_by,omitempty"`
}

// proposeReattribution is the verifier's: the unit, and the window and the person where they are
// known.
var proposeReattribution = Spec{
	Kind: ActProposeReattribution, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{Verifier}, Track: TrackReattribution,
	Not: []Part{PartHandled},
	Fields: []Field{
		{Name: "rated_unit", Type: TypeUnit, Required: true},
		{Name: "rated_window", Type: TypeWindow},
		{Name: "rated_staff", Type: TypeStaff},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 2000},
		{Name: "files", Type: TypeFiles},
	},
	check: func(m *move) *Error {
		if err := m.countsStill(); err != nil {
			return err
		}
		to, wrong := m.rules.named(m.act.Values), refuse(Invalid, "", "fields")
		switch {
		case m.rules.Windows != nil && to.Window != "" && m.rules.window(to.Window).Unit != to.Unit:
			wrong.Field("rated_window", "of_another_unit")
		case m.rules.Staff != nil && to.Staff != "" && m.rules.Staff[to.Staff] != to.Unit:
			wrong.Field("rated_staff", "of_another_unit")
		case to.Unit != "" && m.same(to):
			wrong.Field("rated_unit", "rated_already")
		}
		if wrong.Fields != nil {
			return wrong
		}
		return nil
	},
	effect: func(m *move) {
		m.part(PartReattribution)
		m.c.Reattribution = Reattribution{To: m.rules.named(m.act.Values), ProposedAt: m.at, ProposedBy: m.actor.Person}
		m.enter(TrackReattribution, StageApproval)
		m.await(ActApproveReattribution)
	},
}

// named is whom an act's fields name. The matter stays what it was: it was not what was wrong.
func (r Rules) named(v Values) Rated {
	window := v.Get("rated_window")
	return Rated{Unit: v.Get("rated_unit"), Window: window, Hall: r.window(window).Hall, Staff: v.Get("rated_staff")}
}

func (m *move) same(to Rated) bool {
	now := m.c.Rated
	return to.Unit == now.Unit && to.Window == now.Window && to.Staff == now.Staff
}

// countsStill refuses to move a rating that was written off, or is about to be.
func (m *move) countsStill() *Error {
	switch {
	case m.c.WrittenOff():
		return refuse(NotNow, "", "written_off")
	case m.c.Running(TrackWriteOff):
		return refuse(NotNow, "", "write_off_open", AuthorityHead, Supervisor)
	}
	return nil
}

// approveReattribution is the second person's. Whom the rating was attributed to before is told that
// it is theirs no more; the other side has its notice, and its own time to appeal.
var approveReattribution = Spec{
	Kind: ActApproveReattribution, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{Supervisor, AuthorityHead}, Days: ReattributionDays,
	Track: TrackReattribution, Not: []Part{PartHandled, PartReattribution},
	Fields: []Field{{Name: "opinion", Type: TypeLong, Max: 1000}},
	check: func(m *move) *Error {
		if m.actor.Staff != "" && m.actor.Staff == m.c.Reattribution.To.Staff {
			return refuse(FourEyes, "", "concerns_you", Supervisor, AuthorityHead)
		}
		return m.countsStill()
	},
	effect: func(m *move) {
		m.met(ActApproveReattribution)
		m.c.Reattribution.DecidedAt, m.c.Reattribution.DecidedBy = m.at, m.actor.Person
		m.reattribute(m.c.Reattribution.To)
	},
}

// refuseReattribution leaves it where it is.
var refuseReattribution = Spec{
	Kind: ActRefuseReattribution, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{Supervisor, AuthorityHead}, Joins: ActApproveReattribution,
	Track: TrackReattribution, Not: []Part{PartHandled, PartReattribution},
	Fields: []Field{{Name: "reasons", Type: TypeLong, Required: true, Max: 2000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActApproveReattribution)
		m.c.Reattribution.DecidedAt, m.c.Reattribution.DecidedBy = m.at, m.actor.Person
		m.enter(TrackReattribution, StageRefused)
	},
}

// reattribute moves the rating from one subject to another: entry, measures, appeal, order, notice.
func (m *move) reattribute(to Rated) {
	was := m.c.Rated
	m.makeRoom()
	to.Matter, to.Hall = was.Matter, cmp.Or(to.Hall, hallOf(was, to))
	m.voidMeasures("reattributed", func(g Ground) bool {
		return g.Reason != "pressure" && (g.Staff != "" && g.Staff == was.Staff && to.Staff != was.Staff || g.Unit == was.Unit && to.Unit != was.Unit)
	})
	m.c.Former = append(m.c.Former, was)
	m.c.Rated = to
	m.enter(TrackReattribution, StageDone)
	m.book(Entry{Kind: EntryReattribution, From: was, To: to})
	m.recall(was.Unit)
	if m.c.Unit == was.Unit && m.c.order() == nil {
		m.c.Unit = to.Unit
	}
	if m.c.Notice.ServedAt.IsZero() {
		return // nobody knew of it yet; the batch brings the notice to the right side
	}
	m.event.NotifyFormer = former(was, to)
	m.c.Notice.ServedAt = time.Time{}
	m.serve("reattribution")
}

// former are those for whom a rating was and is no more: not the head of a unit that it is still about,
// who has the new notice.
func former(was, to Rated) (seats []Seat) {
	if was.Unit != to.Unit {
		seats = append(seats, Seat{UnitHead, was.Unit})
	}
	if was.Staff != "" && was.Staff != to.Staff {
		seats = append(seats, PersonSeat(was.Staff))
	}
	return seats
}

// hallOf is the hall where it was rated, which stays unless a window says otherwise or the unit is
// another.
func hallOf(was, to Rated) string {
	if to.Unit == was.Unit {
		return was.Hall
	}
	return ""
}

// makeRoom ends the former side's appeal, which has no object any more, and lets the new side have
// its own.
func (m *move) makeRoom() {
	if m.c.Stage(TrackAppeal) == "" {
		return
	}
	if m.c.Running(TrackAppeal) {
		m.dropTrack(TrackAppeal)
		m.endAppeal("moot", "")
	}
	m.c.Appeals = append(m.c.Appeals, m.c.Appeal)
	m.c.Appeal = Appeal{}
	m.enter(TrackAppeal, "")
}

// recall takes an order back from a unit that turned out not to be the one: like one that was
// wrongly addressed, whose days are not held against the next unit.
func (m *move) recall(unit string) {
	if m.c.Unit != unit || m.c.Rated.Unit == unit || !contains([]Phase{PhaseSigning, PhasePlanning, PhaseRectification, PhaseAcceptance}, m.c.Phase) {
		return
	}
	m.dropExtension()
	m.drop(ActSign)
	m.drop(ActSubmitPlan)
	handedIn := m.c.Await(ActAcceptRectification) != nil
	if handedIn { // what it handed in is nobody's to judge any more, and counts neither for nor against the next unit
		m.drop(ActAcceptRectification)
		m.c.Clock.Submitted[len(m.c.Clock.Submitted)-1].JudgedAt = m.at
		m.c.Reply.Draft = TextRef{}
	}
	if (handedIn || m.c.Await(ActSubmitRectification) != nil) && !m.c.Clock.Overdue {
		m.drop(ActSubmitRectification) // the wait; the days go on
		m.armRectification()
		m.armReminders()
	}
	m.c.Clock.Rejections, m.c.Clock.AcceptedAt, m.c.Clock.InTime, m.c.Clock.UnitInTime = 0, time.Time{}, false, false
	m.takeBack()
	m.event.Data["order_recalled"] = m.c.order().Number
	m.event.Notify = append(m.event.Notify, Seat{UnitHandler, unit}, Seat{UnitHead, unit})
}
