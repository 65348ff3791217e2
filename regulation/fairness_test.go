package regulation

import (
	"slices"
	"testing"

	"haochaping/workday"
)

func reasons(c Case) (to, why, unit []string) {
	for _, e := range c.Escalation {
		to, why, unit = append(to, e.To), append(why, e.Reason), append(unit, e.Unit)
	}
	return to, why, unit
}

// returned plays a case whose first order comes back late: five working days are lost.
func returned(t *testing.T) *desk {
	d := setup(t)
	d.toSigning()
	d.do("paul", ActReturnOrder, "reason", "this is the medical insurance office's")
	d.until("2026-11-30 10:00")
	d.do("sam", ActTransfer, "unit", medical, "instructions", "x")
	d.do("mara", ActSign)
	d.do("mara", ActSubmitPlan, "measures", "m", "responsible", "r", "target_date", "2026-12-20")
	d.do("clara", ActInterimReply, "text", "we are on it")
	return d
}

func TestDaysLostInAReturnAreNotHeldAgainstTheNextUnit(t *testing.T) {
	d := returned(t)
	before := len(d.c.Escalation)
	d.until("2026-12-14 17:30")
	to, why, unit := reasons(d.c)
	if to, why, unit = to[before:], why[before:], unit[before:]; !slices.Equal(to, []string{"discipline"}) || why[0] != "rectification_overdue" || unit[0] != "" {
		t.Fatalf("the case is overdue, the unit is not: %v %v %q", to, why, unit)
	}
	if w := d.c.Await(ActSubmitRectification); w.Overdue || !w.Due.Equal(at("2026-12-21 17:30")) || !d.c.Clock.Overdue || d.c.Clock.UnitOverdue {
		t.Fatalf("the unit's own days run on: %+v %+v", w, d.c.Clock)
	}
	d.now = at("2026-12-18 10:00")
	d.do("mara", ActSubmitRectification, rectified...)
	d.do("sam", ActAcceptRectification)
	if d.c.Clock.InTime || !d.c.Clock.UnitInTime {
		t.Errorf("late for the case, in time for the unit: %+v", d.c.Clock)
	}
}

func TestTheNextUnitsOwnDaysEndToo(t *testing.T) {
	d := returned(t)
	d.until("2026-12-21 17:30")
	_, why, unit := reasons(d.c)
	if n := len(why); why[n-1] != "rectification_overdue" || unit[n-1] != medical || !d.c.Clock.UnitOverdue || !d.c.Await(ActSubmitRectification).Overdue {
		t.Errorf("%v %v %+v", why, unit, d.c.Clock)
	}
}

func TestAnOrderReturnedTwiceLeavesNoDeadlineBehind(t *testing.T) {
	d := setup(t)
	d.toSigning()
	d.until("2026-12-15 10:00") // the fifteen days are over, unsigned
	d.do("paul", ActReturnOrder, "reason", "x")
	d.do("sam", ActTransfer, "unit", medical, "instructions", "x")
	d.do("mara", ActReturnOrder, "reason", "x")
	for _, open := range d.c.Deadlines {
		if open.Act == ActSubmitRectification {
			t.Errorf("nobody holds the order, and %+v is open", open)
		}
	}
	d.do("sam", ActTransfer, "unit", police, "instructions", "x")
	d.do("paul", ActSign)
	if due := d.c.Clock.UnitDue; !due.Equal(workday.DefaultHours.Close(workday.National().Add(workday.DateOf(d.now), 15).Date)) {
		t.Errorf("the unit's days end %v", due)
	}
}

func TestOverdueWhileNobodyHoldsTheOrderIsHeldAgainstNobody(t *testing.T) {
	d := setup(t)
	d.toSigning()
	d.do("paul", ActReturnOrder, "reason", "x")
	d.until("2026-12-14 17:30")
	for _, e := range d.c.Escalation {
		if e.Reason == "rectification_overdue" && e.Unit != "" {
			t.Errorf("%+v", e)
		}
	}
	if !d.c.Clock.Overdue || d.c.Clock.UnitOverdue {
		t.Errorf("%+v", d.c.Clock)
	}
}

func TestRemindersDoNotGoToAUnitThatReturnedTheOrder(t *testing.T) {
	d := setup(t)
	d.toSigning()
	d.do("paul", ActReturnOrder, "reason", "x")
	d.until("2026-12-07 09:00")
	for _, e := range d.log {
		if e.Name == string(DeadlineReminder) && (slices.Contains(e.Notify, Seat{UnitHead, police}) || !slices.Contains(e.Notify, Seat{Supervisor, county})) {
			t.Errorf("reminder goes to %v", e.Notify)
		}
	}
}

func TestTheAuthoritysDaysAreShownApart(t *testing.T) {
	d := setup(t)
	d.toRectification() // order on Monday, 23 November
	d.until("2026-11-30 10:00")
	d.do("paul", ActSubmitRectification, rectified...)
	d.until("2026-12-02 10:00")
	d.do("sam", ActRejectRectification, "reason", "x")
	d.until("2026-12-04 10:00")
	d.do("paul", ActSubmitRectification, rectified...)
	d.until("2026-12-07 10:00")
	d.do("sam", ActAcceptRectification)
	if spent := d.spent(); spent != (Spent{Unit: 7, Authority: 3}) {
		t.Errorf("%+v", spent)
	}
}

func TestRejectionTakesTheAcceptanceBack(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	d.do("viktor", ActRecheck, "result", "sent_back", "remarks", "x")
	d.do("sam", ActRejectRectification, "reason", "see the recheck")
	if k := d.c.Clock; !k.AcceptedAt.IsZero() || k.InTime {
		t.Errorf("what was rejected still counts as accepted in time: %+v", k)
	}
	if w := d.c.Await(ActSubmitRectification); w == nil || !w.Due.Equal(at("2026-12-14 17:30")) {
		t.Errorf("the clock restarted: %+v", w)
	}
}

func TestTransferIsDueOnceTheRaterWasAsked(t *testing.T) {
	d := setup(t)
	d.toDispatch()
	if w := d.c.Await(ActTransfer); w != nil {
		t.Fatalf("the supervisor cannot transfer yet, and yet it is due: %+v", w)
	}
	d.until("2026-11-24 17:00")
	d.do("clara", ActAskConsent, "answer", "unreachable")
	if w := d.c.Await(ActTransfer); w == nil || !w.Due.Equal(at("2026-11-25 17:30")) {
		t.Errorf("%+v", w)
	}
	d.do("", ActAnswerConsent, "answer", "yes")
	if n := len(d.c.Awaiting); n != 1 {
		t.Errorf("%d steps wait", n)
	}
}

func TestAnOverdueStepThatLiesOneLevelUpGoesToItsHead(t *testing.T) {
	d := setup(t)
	d.rules.Roster = slices.DeleteFunc(roster(), func(p Person) bool { return p.ID == "viktor" || p.ID == "vera" })
	d.do("sam", ActAccept)
	if w := d.c.Await(ActRecordFinding); w.Raised != "nobody_eligible" || w.Seats[0] != (Seat{Verifier, upper}) {
		t.Fatalf("%+v", w)
	}
	d.do("clara", ActRecordCallback, reachedCall...)
	d.until("2026-11-26 17:30")
	if e := d.last.Escalated; e == nil || e.To != "head" || !slices.Contains(d.c.Await(ActRecordFinding).Seats, Seat{AuthorityHead, upper}) {
		t.Errorf("escalation %+v, await %+v", e, d.c.Await(ActRecordFinding))
	}
}

func TestAnOrderThatTheAuthorityItselfShouldSignGoesUpNotToDiscipline(t *testing.T) {
	d := setup(t)
	d.rules.Roster = slices.DeleteFunc(roster(), func(p Person) bool { return p.ID == "paul" || p.ID == "petra" })
	d.toSigning()
	d.until("2026-11-24 17:30")
	if e := d.last.Escalated; e == nil || e.To != "upper" || !slices.Contains(d.c.Await(ActSign).Seats, Seat{Supervisor, upper}) {
		t.Errorf("escalation %+v, await %+v", e, d.c.Await(ActSign))
	}
}

func TestTheDisciplineOfficerIsFoundByArea(t *testing.T) {
	d := setup(t)
	d.rules.Roster = append(roster(), Person{ID: "dora", Assignments: []Assignment{{Role: DisciplineOfficer, Org: "513301-discipline", Area: "513301"}}})
	d.toSigning()
	d.until("2026-11-24 17:30")
	if !slices.Contains(d.last.Notify, Seat{DisciplineOfficer, "513301-discipline"}) {
		t.Errorf("told are %v", d.last.Notify)
	}
}

func TestNoticeGoesToTheRatedPersonNotToTheCounter(t *testing.T) {
	d := setup(t)
	d.until("2026-11-24 10:00")
	d.do("sam", ActAccept)
	d.do("vera", ActServeNotice)
	if d.last.NotifyStaff != "st1" {
		t.Errorf("told is %q", d.last.NotifyStaff)
	}
	for _, s := range d.last.Notify {
		if s.Role == WindowStaff {
			t.Errorf("every colleague is told: %v", d.last.Notify)
		}
	}
}

func TestInterimReplyGoesByTheMattersStateAtTransfer(t *testing.T) {
	for name, c := range map[string]struct {
		status string
		due    bool
	}{"concluded meanwhile": {"concluded", false}, "still open": {"in_progress", true}, "as it was rated": {"", true}} {
		t.Run(name, func(t *testing.T) {
			d := setup(t)
			d.do("sam", ActAccept)
			d.do("clara", ActRecordCallback, reachedCall...)
			f := finding("substantiated")
			f[slices.Index(f, "problem_open")+1] = "no"
			d.do("vera", ActRecordFinding, f...)
			d.do("clara", ActAskConsent, "answer", "no")
			d.do("sam", ActTransfer, "unit", police, "instructions", "x", "matter_status", c.status)
			if d.c.Interim.Due != c.due || d.c.Matter.AtTransfer == "" {
				t.Errorf("%+v %+v", d.c.Interim, d.c.Matter)
			}
		})
	}
}

func TestABoundMatterHasAStateAtClosing(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	d.do("viktor", ActRecheck, "result", "passed")
	if err := d.try("sam", ActClose, "matter_status", "no_matter"); err == nil || err.Fields["matter_status"] != "matter_is_bound" {
		t.Errorf("%+v", err)
	}
}

func TestDueInAYearWithoutANoticeIsProvisionalWhereItIsShown(t *testing.T) {
	d := setup(t)
	d.now = at("2026-12-28 10:00")
	d.toSigning()
	d.do("paul", ActSign)
	d.do("clara", ActInterimReply, "text", "x")
	d.do("paul", ActSubmitPlan, "measures", "m", "responsible", "r", "target_date", "2026-12-31")
	if w := d.c.Await(ActSubmitRectification); !w.Provisional || !d.c.Tasks()[len(d.c.Tasks())-1].Provisional {
		t.Errorf("%+v", w)
	}
}

func TestDaysOfARecheckAreTheAuthoritysToo(t *testing.T) {
	d := setup(t)
	d.toAcceptance() // all on Monday, 23 November
	d.do("sam", ActAcceptRectification)
	d.do("sam", ActReleaseReply, "reply", "x")
	d.until("2026-11-25 10:00")
	d.do("", ActAnswerSurvey, "grade", "3", "resolved", "yes")
	d.do("clara", ActClosingCallback, closingCall...)
	d.do("viktor", ActRecheck, "result", "sent_back", "remarks", "x")
	d.do("sam", ActRejectRectification, "reason", "see the recheck")
	d.until("2026-11-26 10:00")
	if spent := d.spent(); spent != (Spent{Unit: 1, Authority: 2}) {
		t.Errorf("%+v", spent)
	}
}

func TestWhomAStepConcernsIsToldOnce(t *testing.T) {
	d := setup(t)
	d.toDispatch()
	d.do("clara", ActAskConsent, "answer", "yes")
	d.do("sam", ActTransfer, "unit", police, "assist", medical, "instructions", "x")
	if !slices.Contains(d.last.Notify, Seat{UnitHead, medical}) {
		t.Errorf("the assisting unit is not told: %v", d.last.Notify)
	}
	d.do("clara", ActInterimReply, "text", "we are on it")
	if !slices.Contains(d.last.Notify, Seat{Role: Citizen}) {
		t.Errorf("the rater is not told of the interim reply: %v", d.last.Notify)
	}
	d.until("2026-12-15 10:00")
	for _, e := range d.log {
		for i, s := range e.Notify {
			if slices.Contains(e.Notify[:i], s) {
				t.Errorf("%s tells %v twice", e.Name, s)
			}
		}
	}
}

func TestAWaitBeginsOnceThoughItsDeadlineIsSetAnew(t *testing.T) {
	d := setup(t)
	d.toSigning()
	d.do("paul", ActReturnOrder, "reason", "x")
	d.until("2026-12-08 10:00")
	d.do("sam", ActTransfer, "unit", medical, "instructions", "x")
	d.do("mara", ActSign)
	d.do("mara", ActSubmitPlan, "measures", "x", "responsible", "x", "target_date", "2026-12-20")
	planned := d.now
	d.until("2026-12-15 10:00") // the case's days are over, the unit's own go on
	await := d.c.Await(ActSubmitRectification)
	if !d.c.Clock.Overdue || !await.Due.After(d.now) || !await.Since.Equal(planned) {
		t.Errorf("the wait since %v is %+v", planned, await)
	}
}

// Where an authority is the unit, its own people answer as a unit's do; everybody else of it stands to the
// case as to any other, and it orders itself there alone (9(2)).
func TestAnAuthorityIsAUnitAtItsOwnWindowAlone(t *testing.T) {
	subject := Subject{Units: []string{county}, Area: "513301", Orgs: []string{county}}
	for role, want := range map[Role]Relation{UnitHead: OwnUnit, UnitHandler: OwnUnit, WindowStaff: OwnUnit, Supervisor: OwnArea, Auditor: OwnArea, EntryClerk: OwnArea} {
		as := Assignment{Role: role, Org: county, Area: "513301"}
		if got := Relate(Actor{Person: "p", As: as}, as, subject); got != want {
			t.Errorf("%s stands %s to it, want %s", role, got, want)
		}
	}
	if tiered(UnitHead) || !tiered(Supervisor) {
		t.Error("the head of a unit stands in for one of another level")
	}
	d := setup(t)
	d.toDispatch()
	d.do("clara", ActAskConsent, "answer", "no")
	if err := d.try("sue", ActTransfer, "unit", county, "instructions", "i"); err == nil || err.Fields["unit"] != "authority_not_rated" {
		t.Errorf("%v", err)
	}
}
