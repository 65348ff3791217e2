package regulation

import (
	"slices"
	"testing"
)

// atObjection is a desk whose rater objected to a write-off as mistaken in which everybody of the authority had a part: sue proposed it,
// hedda approved it, sam had verified the rating.
func atObjection(t *testing.T) *desk {
	t.Helper()
	d := setup(t)
	d.toDispatch()
	d.c.take(PartVerified, Actor{Person: "sam"})
	d.track("wang", ActLodgeAppeal, appealed...)
	d.track("sue", ActDecideAppeal, "result", "mistaken", "reasons", "r")
	d.track("hedda", ActApproveWriteOff)
	d.track("", ActObjectWriteOff, "objection", "no")
	return d
}

// atMalice is one whose rater objected to a write-off as malicious: sue found the malice, sam confirmed it, hedda approved.
func atMalice(t *testing.T) *desk {
	t.Helper()
	d := setup(t)
	d.toDispatch()
	d.track("wang", ActLodgeAppeal, appealed...)
	d.track("sue", ActDecideAppeal, maliciousA...)
	d.track("sam", ActConfirmMalice, opinion...)
	d.track("hedda", ActApproveWriteOff)
	d.track("", ActObjectWriteOff, "objection", "no")
	return d
}

// leave has people leave, and lays open steps before who is there.
func (d *desk) leave(ids ...string) (moved bool) {
	d.rules.Roster = slices.DeleteFunc(roster(), func(p Person) bool { return slices.Contains(ids, p.ID) })
	d.c, d.last, moved = d.rules.Reseat(d.c, d.now)
	return moved
}

// Where everybody who might hear the rater's objection had a part in the case, it lies before those who neither proposed nor approved the
// write-off, on record with its reason, and goes on from there (9(2), R53).
func TestAnObjectionIsHeardByWhoIsLeft(t *testing.T) {
	d := atObjection(t)
	if a := d.c.Await(ActDecideObjection); a.Raised != "nobody_eligible" || a.Seats[0].Org != upper {
		t.Fatalf("%+v", a)
	}
	if !d.leave("upsam", "uphead") {
		t.Fatal("it stays before people who are gone")
	}
	a := d.c.Await(ActDecideObjection)
	if a.Raised != RaisedNobodyLeft || !slices.Equal(a.Seats, []Seat{{Supervisor, county}}) || d.last.Data["raised_decide_objection"] != RaisedNobodyLeft {
		t.Fatalf("%+v, told as %v", a, d.last.Data)
	}
	if d.leave("upsam", "uphead") {
		t.Error("it moves again")
	}
	d.until("2026-12-20 09:00") // overdue, it lies before the same and above
	if a := d.c.Await(ActDecideObjection); !a.Overdue || a.Raised != RaisedNobodyLeft {
		t.Fatalf("%+v", a)
	}
	d.refused(FourEyes, "you_proposed_it", "sue", ActDecideObjection, result("written_off")...)
	d.refused(FourEyes, "you_approved_it", "hedda", ActDecideObjection, result("written_off")...)
	d.refused(NotPermitted, "seat", "vera", ActDecideObjection, result("written_off")...)
	d.track("sam", ActDecideObjection, result("counts_on")...)
	d.stage(TrackWriteOff, StageRefused)
}

// It is no way round four eyes: as soon as somebody without a part is there, they hear it.
func TestWhoIsLeftHearsNothingOnceOthersAreThere(t *testing.T) {
	d := atObjection(t)
	d.leave("upsam", "uphead")
	if !d.leave("uphead") {
		t.Fatal("it stays before who had a part")
	}
	if a := d.c.Await(ActDecideObjection); a.Raised != "nobody_eligible" || !slices.Equal(a.Seats, []Seat{{Supervisor, upper}}) {
		t.Errorf("%+v", a)
	}
	d.refused(FourEyes, "you_verified_it", "sam", ActDecideObjection, result("written_off")...)
	d.track("upsam", ActDecideObjection, result("written_off")...)
}

// What a rater whose malice was confirmed objects to is also what was found and confirmed: who did that hears it never, whoever else is
// gone (8(5), 9(2)). It waits before the head until somebody is appointed, and is told of as overdue meanwhile.
func TestNobodyHearsAnObjectionToTheMaliceTheyConfirmed(t *testing.T) {
	d := atMalice(t)
	d.leave("upsam", "uphead")
	if a := d.c.Await(ActDecideObjection); a.Raised != RaisedNobodyAtAll || !slices.Contains(d.last.Notify, Seat{AuthorityHead, upper}) {
		t.Fatalf("%+v, told %v", a, d.last.Notify)
	}
	for who, missing := range map[string]string{"sue": "you_reviewed_it", "sam": "you_confirmed_it", "hedda": "you_approved_it"} {
		d.refused(FourEyes, missing, who, ActDecideObjection, result("written_off")...)
	}
	d.until("2026-12-20 09:00")
	if a := d.c.Await(ActDecideObjection); !a.Overdue || len(a.Seats) == 0 {
		t.Errorf("%+v", a)
	}
	d.refused(FourEyes, "you_confirmed_it", "sam", ActDecideObjection, result("written_off")...)
	d.rules.Roster = append(d.rules.Roster, person("nora", Supervisor, county))
	var moved bool
	if d.c, d.last, moved = d.rules.Reseat(d.c, d.now); !moved || d.c.Await(ActDecideObjection).Raised != "" {
		t.Fatalf("%+v", d.c.Await(ActDecideObjection))
	}
	d.track("nora", ActDecideObjection, result("counts_on")...)
}

// One that lay before who confirmed the malice, by the rule of before, is done by them no more.
func TestWhoConfirmedTheMaliceLosesTheStep(t *testing.T) {
	d := atMalice(t)
	d.leave("upsam", "uphead")
	d.c = d.c.raised(specByKind[ActDecideObjection], RaisedNobodyLeft)
	a := d.c.Await(ActDecideObjection)
	a.Seats = []Seat{{Supervisor, county}}
	if d.rules.Manned(d.c, ActDecideObjection, a.Seats) {
		t.Error("somebody may")
	}
	d.refused(FourEyes, "you_confirmed_it", "sam", ActDecideObjection, result("written_off")...)
}

// Who proposed it or approved it hears it never, whoever else is gone: it waits for somebody to be appointed.
func TestNobodyHearsAnObjectionToTheirOwnDecision(t *testing.T) {
	d := atObjection(t)
	d.leave("upsam", "uphead", "sam")
	if a := d.c.Await(ActDecideObjection); a.Raised == RaisedNobodyLeft {
		t.Errorf("%+v", a)
	}
	for who, missing := range map[string]string{"sue": "you_reviewed_it", "hedda": "you_approved_it"} {
		d.refused(FourEyes, missing, who, ActDecideObjection, result("written_off")...)
	}
}

// What a standing tells of such a step is what the case says of it.
func TestAStepBeforeWhoIsLeftIsToldByItsEvents(t *testing.T) {
	d := atObjection(t)
	d.leave("upsam", "uphead")
	d.log = append(d.log, d.last)
	told := Retell(d.rules.Params, d.c, d.log)
	if a, b := told.Await(ActDecideObjection), d.c.Await(ActDecideObjection); a == nil || b == nil || a.Raised != b.Raised || !slices.Equal(a.Seats, b.Seats) {
		t.Errorf("%+v, and the case says %+v", a, b)
	}
}

// Who comes to the very seat before which it lies has it alone: those who had a part hear it no more.
func TestWhoComesToTheSameSeatHearsIt(t *testing.T) {
	d := atObjection(t)
	d.leave("upsam", "uphead")
	d.rules.Roster = append(d.rules.Roster, person("nora", Supervisor, county))
	var moved bool
	if d.c, d.last, moved = d.rules.Reseat(d.c, d.now); !moved {
		t.Fatal("it stays before who had a part")
	}
	if a := d.c.Await(ActDecideObjection); a.Raised != "" || !slices.Equal(a.Seats, []Seat{{Supervisor, county}}) {
		t.Errorf("%+v", a)
	}
	if _, _, again := d.rules.Reseat(d.c, d.now); again {
		t.Error("it moves again")
	}
	d.refused(FourEyes, "you_verified_it", "sam", ActDecideObjection, result("written_off")...)
	d.track("nora", ActDecideObjection, result("written_off")...)
}

// Overdue, it lies before those of the level above besides who are left there, and stays so.
func TestWhatWhoIsLeftIsLateWithGoesUp(t *testing.T) {
	d := setup(t)
	d.toDispatch()
	d.track("wang", ActLodgeAppeal, appealed...)
	d.track("sue", ActDecideAppeal, "result", "mistaken", "reasons", "r")
	d.c.take(PartVerified, Actor{Person: "sam"})
	d.track("hedda", ActApproveWriteOff)
	for _, above := range []string{"upsam", "uphead"} { // had some part too
		d.c.take(PartConfirmed, Actor{Person: above})
	}
	d.track("", ActObjectWriteOff, "objection", "no")
	if a := d.c.Await(ActDecideObjection); a.Raised != RaisedNobodyLeft || !slices.Equal(a.Seats, []Seat{{Supervisor, county}}) {
		t.Fatalf("%+v", a)
	}
	d.until("2026-12-20 09:00")
	if a := d.c.Await(ActDecideObjection); !a.Overdue || a.Raised != RaisedNobodyLeft || !slices.Contains(a.Seats, Seat{Supervisor, upper}) {
		t.Fatalf("%+v", a)
	}
	if _, _, moved := d.rules.Reseat(d.c, d.now); moved {
		t.Error("it moves though nobody came or left")
	}
	d.track("upsam", ActDecideObjection, result("counts_on")...)
}

// Where the authority was rated itself, who is left one level up comes before its own people (9(2)).
func TestWhoIsLeftAboveARatedAuthorityComesFirst(t *testing.T) {
	d := setup(t, func(o *Opening) { o.Rated = Rated{Unit: county} })
	for _, person := range []string{"sam", "sue", "hedda", "upsam", "uphead"} {
		d.c.take(PartVerified, Actor{Person: person})
	}
	seats, raised := d.rules.seatsFor(d.c, specByKind[ActDecideObjection])
	if want := []Seat{{AuthorityHead, upper}, {Supervisor, upper}}; raised != RaisedNobodyLeft || !slices.Equal(seats, want) {
		t.Errorf("%v, %s", seats, raised)
	}
}

// A decision is also that of whoever was away when it was made in their place: they review it no more than who made it.
func TestNobodyReviewsWhatWasDecidedInTheirPlace(t *testing.T) {
	d := setup(t)
	d.toRectification()
	d.until("2026-12-16 00:00")
	d.do("petra", ActGiveStatement, stated...)
	d.in(away{"dora": "updora"})
	if err := d.as("updora", "dora", ActDecideAccountability, criticism...); err != nil {
		t.Fatal(err)
	}
	d.leave("uphead", "hedda")
	d.do("petra", ActRequestReview, "grounds", "g")
	if a := d.c.Await(ActDecideReview); a.Raised == RaisedNobodyLeft {
		t.Errorf("%+v", a)
	}
	d.refused(FourEyes, "you_decided_it", "dora", ActDecideReview, result("upheld")...)
}
