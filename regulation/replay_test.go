package regulation

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// could lists what could be done after the last event, or at an instant, as "act role@place: people".
func (d *desk) could(at time.Time) map[ActKind]Possible {
	d.t.Helper()
	s, ok := StoodAt(Replay(d.c, d.log), at)
	if !ok {
		d.t.Fatal("there was no case")
	}
	could := map[ActKind]Possible{}
	for _, p := range d.rules.Could(s, at) {
		could[p.Act] = p
	}
	return could
}

// by names who could do an act.
func (p Possible) by() string {
	var people []string
	for _, seat := range p.Seats {
		for _, holder := range seat.By {
			people = append(people, holder.Person)
		}
	}
	return strings.Join(people, " ")
}

// Four eyes: who took a part that bars them could not act, whatever they are appointed to; nor could who
// stands in for them.
func TestNobodyBarredIsNamedInReplay(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	if got := d.could(d.now)[ActRecheck].by(); got != "viktor sue" { // vera made the finding, sam judged
		t.Errorf("the recheck lay before %s", got)
	}
	viktor := person("viktor", Verifier, county)
	viktor.Assignments[0] = viktor.Assignments[0].Behalf("vera")
	d.rules.Roster[1] = viktor
	if got := d.could(d.now)[ActRecheck].by(); got != "sue" {
		t.Errorf("with a substitute of who made the finding, before %s", got)
	}
}

// Of before parts were kept, acts tell them.
func TestPartsOfEarlierEvents(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	for i := range d.log {
		d.log[i].Parts = nil
	}
	if got := d.could(d.now)[ActRecheck].by(); got != "viktor sue" {
		t.Errorf("the recheck lay before %s", got)
	}
}

// The people are those of the instant, whoever they were at the event before it.
func TestReplayTakesThePeopleOfTheInstant(t *testing.T) {
	d := setup(t)
	d.rules.Roster = slices.DeleteFunc(d.rules.Roster, func(p Person) bool { return p.ID == "sam" })
	if got := d.could(d.now)[ActAccept].by(); got != "sue" {
		t.Errorf("without sam, it lay before %s", got)
	}
}

// The rated person holds a seat of their own, and its place is the unit, whoever is rated now.
func TestReplayKnowsTheRatedPerson(t *testing.T) {
	d := setup(t)
	d.toDispatch()
	served := d.now
	if got := d.could(served)[ActLodgeAppeal].by(); got != "petra wang" {
		t.Errorf("%s could appeal", got)
	}
	d.now = d.now.Add(time.Hour)
	d.do("vera", ActProposeReattribution, "rated_unit", police, "rated_staff", "st2", "reasons", "the other window")
	d.do("sam", ActApproveReattribution)
	if got := d.could(d.now)[ActLodgeAppeal].by(); got != "petra wei" {
		t.Errorf("%s could appeal once it is wei's", got)
	}
	if got := d.could(served)[ActLodgeAppeal].by(); got != "petra wang" {
		t.Errorf("%s could appeal before", got)
	}
	for _, staff := range []string{"st1", "st2"} {
		if place := d.c.PlaceOf(PersonSeat(staff)); place != police {
			t.Errorf("the seat of %s is at %s", staff, place)
		}
	}
	measure := Case{Measures: []Measure{{Unit: medical, Staff: "st9"}}}
	if place := measure.PlaceOf(PersonSeat("st9")); place != medical {
		t.Errorf("who answers for a measure sits at %s", place)
	}
	if place := d.c.PlaceOf(Seat{Verifier, county}); place != county {
		t.Errorf("a verifier sits at %s", place)
	}
}

// Who is to be rated instead does not decide on it, then as now.
func TestReplayKnowsWhomAReattributionConcerns(t *testing.T) {
	d := setup(t)
	d.rules.Roster[4].Staff = "st5" // sue
	d.toDispatch()
	d.do("vera", ActProposeReattribution, "rated_unit", county, "rated_staff", "st5", "reasons", "it was her window")
	if got := d.could(d.now)[ActApproveReattribution].by(); got != "sam hedda" {
		t.Errorf("%s could approve", got)
	}
}

// Acts that the edition has off were nobody's.
func TestReplayLeavesOutWhatTheEditionHasOff(t *testing.T) {
	switched := []ActKind{ActProposeWriteOff, ActRequestExtension}
	d := setup(t)
	d.do("sam", ActAccept)
	d.do("clara", ActRecordCallback, reachedCall...)
	d.do("vera", ActRecordFinding, finding("suspected_mistaken")...)
	mistaken := *d
	d = setup(t)
	d.toRectification()
	for i, d := range []*desk{&mistaken, d} {
		if p, open := d.could(d.now)[switched[i]]; open {
			t.Errorf("%s by %s under an edition that has it off", switched[i], p.by())
		}
		d.with(WriteOffWithoutAppeal, 1, ExtensionDays, 5)
		if _, open := d.could(d.now)[switched[i]]; !open {
			t.Errorf("no %s under an edition that has it on", switched[i])
		}
	}
}

// Malice that is found after an appeal was dismissed is a ground to propose a write-off, then as now.
func TestReplayKnowsOfADismissedAppeal(t *testing.T) {
	d := setup(t)
	d.toDispatch()
	d.do("wang", ActLodgeAppeal, appealed...)
	d.do("sue", ActDecideAppeal, dismissed...)
	if _, open := d.could(d.now)[ActProposeWriteOff]; open {
		t.Error("a write-off could be proposed without malice")
	}
	d.track("vera", ActFlagMalice, flagged...)
	d.track("hedda", ActConfirmMalice, opinion...)
	if _, open := d.could(d.now)[ActProposeWriteOff]; !open {
		t.Error("no write-off could be proposed of malice that two people found")
	}
}

// The appeal is open from service until the window closes, and a re-arming moves its end from when it
// came.
func TestReplayOpensTheAppealInItsWindow(t *testing.T) {
	d := setup(t)
	d.do("sam", ActAccept)
	open := func(at time.Time) bool { _, could := d.could(at)[ActLodgeAppeal]; return could }
	if open(d.now) {
		t.Error("open before service")
	}
	d.do("vera", ActServeNotice)
	until := d.c.Notice.AppealUntil
	if !open(d.now) || !open(until) || open(until.Add(time.Microsecond)) {
		t.Errorf("not open from service until %s alone", until)
	}
	d.now = d.now.Add(24 * time.Hour)
	rules := d.rules
	rules.Calendar = notice(t, "2026-11-26,off,a festival")
	c, event, moved := rules.Rearm(d.c, "a notice", d.now, d.now)
	if !moved || !c.Notice.AppealUntil.After(until) {
		t.Fatalf("not moved: %+v", c.Notice)
	}
	before := Replay(d.c, d.log)
	d.c, d.log = c, append(d.log, event)
	all := Replay(d.c, d.log)
	if then := d.rules.Then(all[len(before)-1]); !then.Notice.AppealUntil.Equal(until) || !then.AppealOpen(until) {
		t.Errorf("before the notice until %s", then.Notice.AppealUntil)
	}
	if now := d.rules.Then(all[len(all)-1]); !now.Notice.AppealUntil.Equal(c.Notice.AppealUntil) || !now.AppealOpen(c.Notice.AppealUntil) {
		t.Errorf("since the notice until %s", now.Notice.AppealUntil)
	}
	d.log = slices.Clone(d.log[:len(before)])
	for i := range d.log {
		d.log[i].AppealUntil = time.Time{} // of an earlier build
	}
	if then := d.rules.Then(Replay(d.c, d.log)[len(before)-1]); !then.Notice.AppealUntil.Equal(until) {
		t.Errorf("counted again until %s", then.Notice.AppealUntil)
	}
}

// What waits for a condition is told with it.
func TestReplayTellsWhatWasLacking(t *testing.T) {
	d := setup(t)
	d.do("sam", ActAccept)
	if p := d.could(d.now)[ActRecordFinding]; p.Lacks == nil || p.Lacks.Missing != "callback_not_settled" || p.by() != "vera viktor" {
		t.Errorf("the finding lay before %s and lacked %v", p.by(), p.Lacks)
	}
	d.do("clara", ActRecordCallback, reachedCall...)
	if p := d.could(d.now)[ActRecordFinding]; p.Lacks != nil {
		t.Errorf("the finding lacked %v", p.Lacks)
	}
}

// Of cases whose events do not tell what they waited for, the deadlines do.
func TestReplayOfAnEarlierBuild(t *testing.T) {
	d := setup(t)
	stood := map[int]Case{}
	note := func() { stood[len(d.log)-1] = d.c }
	step := func(who string, kind ActKind, pairs ...string) {
		d.do(who, kind, pairs...)
		note()
	}
	note()
	step("sam", ActAccept)
	step("clara", ActRecordCallback, "result", "no_answer")
	d.until("2026-11-27 09:00") // both are overdue
	step("clara", ActRecordCallback, reachedCall...)
	step("vera", ActRecordFinding, finding("substantiated")...)
	step("clara", ActAskConsent, "answer", "yes")
	step("sam", ActTransfer, "unit", police, "instructions", "put it right", "matter_status", "in_progress")
	step("paul", ActSign)
	overdue := slices.MinFunc(d.c.Deadlines, func(a, b Deadline) int { return a.Due.Compare(b.Due) })
	d.until(overdue.Due.In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04"))
	note()
	if !d.c.Await(ActInterimReply).Overdue || !d.c.Await(ActSubmitPlan).Overdue {
		t.Fatalf("nothing is overdue: %+v", d.c.Awaiting)
	}
	step("clara", ActInterimReply, "text", "they are at it")
	step("paul", ActSubmitPlan, "measures", "open a second window", "responsible", "the head of the hall", "target_date", "2026-12-07")
	step("paul", ActSubmitRectification, rectified...)
	step("sam", ActAcceptRectification)
	step("sam", ActReleaseReply, "reply", "a second window is open since Monday")
	for i := range d.log {
		d.log[i].Waits, d.log[i].Ended, d.log[i].Parts = nil, nil, nil
	}
	for i, s := range Replay(d.c, d.log) {
		c, known := stood[i]
		if !known {
			continue // of two deadlines in one instant
		}
		then := d.rules.Then(s)
		if got, want := waited(then.Awaiting), waited(c.Awaiting); got != want {
			t.Errorf("after %s it waited for %s, told %s", d.log[i].Name, want, got)
		}
		for _, p := range d.rules.Could(s, s.At) {
			if p.Await != nil && (!p.Deduced || len(p.Seats) == 0) {
				t.Errorf("after %s: %+v", d.log[i].Name, p)
			}
		}
	}
}

// waited lists waits, in an order of their own.
func waited(waits []Await) string {
	var lines []string
	for _, w := range waits {
		lines = append(lines, fmt.Sprint(w.Act, w.Due, w.Overdue, w.Seats))
	}
	slices.Sort(lines)
	return strings.Join(lines, ";")
}
