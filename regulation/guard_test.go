package regulation

import (
	"slices"
	"strings"
	"testing"
)

func TestWhoLeftNoContactMayStillAnswerTheSurvey(t *testing.T) {
	d := setup(t, func(o *Opening) { o.Contactable = false })
	d.do("sam", ActAccept)
	d.do("vera", ActRecordFinding, finding("fixed_at_once")...)
	d.do("sam", ActReleaseReply, "reply", "it works again")
	d.do("", ActAnswerSurvey, "grade", "5", "resolved", "yes", "pressed", "no")
	d.phase(PhaseRecheck)
	if d.c.Closing.Exempt != "no_contact" || d.last.Data["callback_exempt"] != "no_contact" {
		t.Errorf("closing callback %+v", d.c.Closing)
	}
}

func TestWhoAskedNotToBeCalledIsNotCalledAgain(t *testing.T) {
	d := setup(t)
	d.toSurvey()
	d.do("", ActAnswerSurvey, "grade", "3", "resolved", "yes")
	d.do("sam", ActExemptCallback, "reason", "asked_not_to_be_called", "explanation", "said so")
	d.do("viktor", ActRecheck, "result", "sent_back", "remarks", "x")
	d.do("sam", ActAcceptRectification)
	d.do("sam", ActReleaseReply, "reply", "again")
	d.do("", ActAnswerSurvey, "grade", "3", "resolved", "yes")
	d.phase(PhaseRecheck)

	d = setup(t)
	d.do("sam", ActAccept)
	d.do("sam", ActExemptCallback, "reason", "asked_not_to_be_called", "explanation", "said so")
	d.do("vera", ActRecordFinding, finding("substantiated")...)
	if d.c.Await(ActAskConsent) != nil || d.c.Consent.State != "not_possible" {
		t.Errorf("called about the consent: %+v", d.c.Consent)
	}
	d.do("", ActAnswerConsent, "answer", "yes") // on the receipt page, unasked
}

func TestAKnownContactIsNoGroundForExemption(t *testing.T) {
	d := setup(t)
	d.do("sam", ActAccept)
	if err := d.try("sam", ActExemptCallback, "reason", "no_contact", "explanation", "x"); err == nil || err.Fields["reason"] != "contact_is_known" {
		t.Errorf("%+v", err)
	}
}

func TestASentBackRecheckAsksAndCallsAgain(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	d.do("viktor", ActRecheck, "result", "sent_back", "remarks", "x")
	d.do("sam", ActAcceptRectification)
	d.do("sam", ActReleaseReply, "reply", "better now")
	if s := d.c.Survey; s.State != "open" || s.Grade != 0 {
		t.Errorf("survey %+v", s)
	}
	d.do("", ActAnswerSurvey, "grade", "5", "resolved", "yes")
	if d.c.Closing.Done(d.rules.Params) {
		t.Fatal("the call about the first reply counts for the second")
	}
	d.do("clara", ActClosingCallback, closingCall...)
	d.do("viktor", ActRecheck, "result", "passed")
	d.do("sam", ActClose, "matter_status", "concluded")
}

func TestNobodyActsUnderARoleThatIsNotTheirs(t *testing.T) {
	d := setup(t)
	for name, actor := range map[string]Actor{
		"another's role":        {Person: "paul", Assignments: d.actor("paul").Assignments, As: Assignment{Role: Supervisor, Org: county, Area: "513301"}},
		"nobody as supervisor":  {As: Assignment{Role: Supervisor, Org: county, Area: "513301"}},
		"a stranger, no papers": {Person: "eve", As: Assignment{Role: Supervisor, Org: county, Area: "513301"}},
	} {
		_, _, err := d.rules.Apply(d.c, Act{Kind: ActAccept}, actor, d.now)
		if refusal, ok := err.(*Error); !ok || refusal.Code != NotPermitted || refusal.Who == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.toSurvey()
	staff := Actor{Person: "paul", Assignments: d.actor("paul").Assignments, As: Assignment{Role: Citizen}}
	if _, _, err := d.rules.Apply(d.c, Act{Kind: ActAnswerSurvey, Values: values("grade", "5", "resolved", "yes")}, staff, d.now); err == nil {
		t.Error("a handler answers in the rater's place")
	}
}

func TestRecheckIsForWhoHadNoHandInTheCase(t *testing.T) {
	d := setup(t)
	d.do("sam", ActAccept)
	d.do("viktor", ActAddEvidence, "kind", "video", "description", "x")
	d.do("clara", ActRecordCallback, reachedCall...)
	d.do("vera", ActRecordFinding, finding("substantiated")...)
	d.do("clara", ActAskConsent, "answer", "yes")
	d.do("sam", ActTransfer, "unit", police, "instructions", "x")
	d.do("paul", ActSign)
	d.do("paul", ActSubmitPlan, "measures", "m", "responsible", "r", "target_date", "2026-12-01")
	d.do("paul", ActSubmitRectification, rectified...)
	d.do("sam", ActAcceptRectification)
	d.do("sam", ActReleaseReply, "reply", "x")
	d.do("", ActAnswerSurvey, "grade", "4", "resolved", "yes")
	d.do("clara", ActClosingCallback, closingCall...)
	for who, why := range map[string]string{"sam": "you_judged_it", "viktor": "you_verified_it", "vera": "you_verified_it"} {
		if err := d.try(who, ActRecheck, "result", "passed"); err == nil || err.Code != FourEyes || err.Missing != why {
			t.Errorf("%s: %+v", who, err)
		}
	}
	d.do("sue", ActRecheck, "result", "passed")
}

func TestWhoWroteTheUnitsDraftDoesNotReleaseIt(t *testing.T) {
	d := setup(t)
	d.rules.Roster = slices.DeleteFunc(roster(), func(p Person) bool { return p.ID == "paul" || p.ID == "petra" })
	d.toSigning()
	d.do("sam", ActSign)
	d.do("sam", ActSubmitPlan, "measures", "m", "responsible", "r", "target_date", "2026-12-01")
	d.do("sam", ActSubmitRectification, rectified...)
	d.do("sue", ActAcceptRectification)
	if err := d.try("sam", ActReleaseReply, "reply", "x"); err == nil || err.Code != FourEyes {
		t.Errorf("%+v", err)
	}
	d.do("sue", ActReleaseReply, "reply", "x")
}

func TestWhoReturnedAnOrderForTheirUnitDoesNotJudgeTheNext(t *testing.T) {
	d := setup(t)
	both := Person{ID: "both", Assignments: []Assignment{{Role: UnitHandler, Org: police, Area: "513301"}, {Role: Supervisor, Org: county, Area: "513301"}}}
	d.rules.Roster = append(roster(), both)
	d.toSigning()
	d.do("both", ActReturnOrder, "reason", "x")
	d.do("sam", ActTransfer, "unit", medical, "instructions", "x")
	d.do("mara", ActSign)
	d.do("mara", ActSubmitPlan, "measures", "m", "responsible", "r", "target_date", "2026-12-01")
	d.do("mara", ActSubmitRectification, rectified...)
	actor := Actor{Person: "both", Assignments: both.Assignments, As: both.Assignments[1]}
	if _, _, err := d.rules.Apply(d.c, Act{Kind: ActAcceptRectification}, actor, d.now); err == nil {
		t.Error("they said whose fault it is not, and now judge whose it is")
	}
	if d.c.MayKnowMatter("both") || !d.c.MayKnowMatter("mara") {
		t.Error("the matter number is for the handler of the order that stands")
	}
}

func TestConsentEndsWithTheCaseAndCanBeWithdrawnUntilThen(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	if !d.c.MayKnowMatter("paul") {
		t.Fatal("the named handler has the rater's consent")
	}
	kept := d.c
	d.do("", ActWithdrawConsent)
	if d.c.MayKnowMatter("paul") {
		t.Error("withdrawn")
	}
	d.c = kept
	d.do("viktor", ActRecheck, "result", "passed")
	d.do("sam", ActClose, "matter_status", "concluded")
	if d.c.MayKnowMatter("paul") {
		t.Error("the purpose has ended")
	}
}

func TestUnitsOfAnActMustExistInTheArea(t *testing.T) {
	d := setup(t)
	d.rules.Units = []string{police, medical}
	d.toDispatch()
	d.do("clara", ActAskConsent, "answer", "yes")
	err := d.try("sam", ActTransfer, "unit", "513322-psb", "assist", "nowhere", "instructions", "x")
	if err == nil || err.Fields["unit"] != "no_such_unit" || err.Fields["assist"] != "no_such_unit" {
		t.Fatalf("%+v", err)
	}
	if err := d.try("sam", ActTransfer, "unit", police, "assist", police, "instructions", "x"); err == nil || err.Fields["assist"] != "leads_already" {
		t.Errorf("%+v", err)
	}
	d.do("sam", ActTransfer, "unit", police, "assist", medical, "instructions", "x")
}

func TestAnEmptyValueBeforeARealOneIsPassedOver(t *testing.T) {
	v := Values{"finding": {" ", "substantiated"}}
	if got := v.Get("finding"); got != "substantiated" {
		t.Errorf("got %q: the check and the effect read different values", got)
	}
}

func TestListsAreBounded(t *testing.T) {
	d := setup(t)
	d.do("sam", ActAccept)
	many := []string{"kind", "video", "description", "x"}
	for range maxItems + 1 {
		many = append(many, "files", "f")
	}
	if err := d.try("vera", ActAddEvidence, many...); err == nil || err.Fields["files"] != "too_many" {
		t.Errorf("%+v", err)
	}
	if err := d.try("vera", ActAddEvidence, "kind", "video", "description", "x", "files", strings.Repeat("f", maxID+1)); err == nil || err.Fields["files"] != "too_long" {
		t.Errorf("%+v", err)
	}
}

func TestAUnitSeesTheCaseOnceAnOrderNamesIt(t *testing.T) {
	d := setup(t)
	handler := d.actor("paul")
	sees := func() Relation { return Relate(handler, handler.As, d.c.Subject()) }
	d.toDispatch()
	if sees() == OwnUnit {
		t.Error("the rated unit looks on while it is verified")
	}
	if s := d.c.NoticeSubject(); Relate(handler, handler.As, s) != OwnUnit {
		t.Error("its notice was served with the finding")
	}
	d.do("clara", ActAskConsent, "answer", "yes")
	d.do("sam", ActTransfer, "unit", police, "assist", medical, "instructions", "x")
	if sees() != OwnUnit {
		t.Error("the order is theirs")
	}
	assisting := d.actor("mara")
	if Relate(assisting, assisting.As, d.c.Subject()) != OwnUnit {
		t.Error("an assisting unit takes part")
	}
	d.do("paul", ActReturnOrder, "reason", "x")
	if sees() != OwnUnit {
		t.Error("who returned an order sees that it is back")
	}
	if Relate(assisting, assisting.As, d.c.Subject()) == OwnUnit {
		t.Error("there is no order left to assist in")
	}
	d.do("sam", ActTransfer, "unit", medical, "instructions", "x")
	if sees() == OwnUnit {
		t.Error("the order went elsewhere")
	}
}

func TestNoNoticeBeforeService(t *testing.T) {
	d := setup(t)
	head := d.actor("petra")
	if Relate(head, head.As, d.c.NoticeSubject()) == OwnUnit {
		t.Error("the rated side learns of it before the batch")
	}
}

func TestTheRatedPersonStandsInNoOtherRelation(t *testing.T) {
	d := setup(t)
	own := Actor{Person: "vic", Staff: "st1"}
	for _, as := range []Assignment{{Role: Verifier, Org: county, Area: "513301"}, {Role: Supervisor, Org: upper, Area: PrefectureArea}, {Role: UnitHead, Org: police, Area: "513301"}, {Role: WindowStaff, Org: police, Area: "513301"}} {
		if got := Relate(own, as, d.c.Subject()); got != Own {
			t.Errorf("%s stands as %s to a rating of themselves", as.Role, got)
		}
	}
}

func TestAReceiptOpensItsOwnCaseOnly(t *testing.T) {
	d := setup(t)
	citizen := Assignment{Role: Citizen}
	if got := Relate(Actor{Receipt: "r1"}, citizen, d.c.Subject()); got != Own {
		t.Errorf("the holder stands as %s", got)
	}
	for _, other := range []Actor{{Receipt: "r2"}, {}, {Staff: "st1"}} {
		if got := Relate(other, citizen, d.c.Subject()); got != Elsewhere {
			t.Errorf("%+v stands as %s", other, got)
		}
	}
}

func TestTheDisciplineOfficerSeesWhatReachedTheList(t *testing.T) {
	d := setup(t)
	officer := Assignment{Role: DisciplineOfficer, Org: "513301-discipline", Area: "513301"}
	d.toSigning()
	if got := Relate(Actor{Person: "dora"}, officer, d.c.Subject()); got != Elsewhere {
		t.Errorf("before any escalation: %s", got)
	}
	d.until("2026-11-24 17:30")
	if got := Relate(Actor{Person: "dora"}, officer, d.c.Subject()); got != OwnArea {
		t.Errorf("unsigned: %s", got)
	}
}

func TestAnAuthorityThatIsItselfAUnitKeepsItsSeats(t *testing.T) {
	s := Subject{Units: []string{county}, Orgs: []string{county}, Area: "513301"}
	if got := Relate(Actor{Person: "sam"}, Assignment{Role: Supervisor, Org: county, Area: "513301"}, s); got != OwnArea {
		t.Errorf("supervisor: %s", got)
	}
	if got := Relate(Actor{Person: "pia"}, Assignment{Role: UnitHandler, Org: county, Area: "513301"}, s); got != OwnUnit {
		t.Errorf("handler: %s", got)
	}
}

func TestTheUnitDoesNotReadTheAuthoritysSummary(t *testing.T) {
	e := Event{Kind: EventAct, Name: string(ActClose)}
	if ReaderUnit.ShowsText(e, "summary") || !ReaderAuthority.ShowsText(e, "summary") {
		t.Error("the summary may hold the rater's words")
	}
}

func TestEvidenceIsForTheAuthorityAlone(t *testing.T) {
	gathered, handedIn := Event{Kind: EventAct, Name: string(ActAddEvidence)}, Event{Kind: EventAct, Name: string(ActSubmitRectification)}
	for reader, want := range map[Reader][2]bool{ReaderAuthority: {true, true}, ReaderUnit: {false, true},
		ReaderOversight: {false, true}, ReaderRater: {false, false}} {
		if got := [2]bool{reader.ShowsFiles(gathered), reader.ShowsFiles(handedIn)}; got != want {
			t.Errorf("%s sees files of evidence and of rectification: %v", reader, got)
		}
	}
}

func TestGradesAreOneDigit(t *testing.T) {
	for _, typed := range []string{"+5", "05", "5.0", " 5", "6", "0", ""} {
		if _, ok := ParseGrade(typed); ok {
			t.Errorf("%q is a grade", typed)
		}
	}
}

func TestARefusedRatingRepeatsNothingThatWasTyped(t *testing.T) {
	f := RatingForm{Channel: ChannelPaper, Target: TargetMatter, Grade: "1", FormSerial: "s", ScanDigest: "d",
		Dimensions: map[string]string{"Tashi 13800138000": "1"}}
	_, err := NewRating("r", f, Place{}, Choices{Dimensions: Dimensions}, Actor{}, at("2026-11-23 10:00"))
	if err == nil || strings.Contains(err.Error(), "Tashi") {
		t.Errorf("%v", err)
	}
	if refusal := err.(*Error); refusal.Fields["dimensions"] != "unknown_dimension" || refusal.Fields["channel"] != "transcriber_required" {
		t.Errorf("%+v", refusal)
	}
}

func TestAStepWhosePeopleHaveLeftGoesUpWithTheNextEvent(t *testing.T) {
	d := setup(t)
	d.toSigning()
	d.rules.Roster = slices.DeleteFunc(roster(), func(p Person) bool { return p.ID == "paul" || p.ID == "petra" })
	d.until("2026-11-24 17:30")
	w := d.c.Await(ActSign)
	if w.Raised != "nobody_eligible" || !slices.Contains(w.Seats, Seat{Supervisor, county}) || d.last.Data["raised_sign"] == "" {
		t.Fatalf("nobody can ever sign: %+v", w)
	}
	d.do("sam", ActSign)
}

// A unit learns which step of its order's own procedure a case waits for; of the calls to the rater
// and of the authority's checks it does not (R04).
func TestAUnitLearnsOfWaitsOfItsOwnProcedure(t *testing.T) {
	for kind, shown := range map[ActKind]bool{ActSign: true, ActSubmitPlan: true, ActAcceptRectification: true, ActTransfer: true, ActReleaseReply: true,
		ActAnswerSurvey: true, ActClose: true, ActAskConsent: false, ActClosingCallback: false, ActRecheck: false, ActRecordFinding: false} {
		if ReaderUnit.ShowsWait(kind) != shown || !ReaderAuthority.ShowsWait(kind) || !ReaderOversight.ShowsWait(kind) || ReaderRater.ShowsWait(kind) {
			t.Errorf("%s: shown to the unit is %t", kind, !shown)
		}
	}
}

// Whoever holds a post at the unit that was rated, that has the order or that answers for a measure does
// no act of the authority or of a discipline body on the case, in nobody's place either.
func TestNobodyDecidesOnTheirOwnUnit(t *testing.T) {
	post := func(role Role, org string) Assignment { return Assignment{Role: role, Org: org, Area: org[:6]} }
	both := func(id, unit string, roles ...Assignment) Person {
		return Person{ID: id, Assignments: append(roles, post(UnitHandler, unit))}
	}
	people := append(roster(), both("ben", police, post(Supervisor, county)), both("bea", medical, post(Supervisor, county)),
		both("ada", police, post(Verifier, county)), both("dan", police, post(DisciplineOfficer, "513301-discipline")))
	d := setup(t)
	d.rules.Roster = people
	d.refused(FourEyes, "your_unit", "ben", ActAccept)
	d.toDispatch()
	d.do("clara", ActAskConsent, "answer", "yes")
	d.refused(FourEyes, "your_unit", "ben", ActTransfer, "unit", medical, "instructions", "x")
	d.do("bea", ActTransfer, "unit", medical, "instructions", "x") // the order is not there yet
	d.do("mara", ActSign)
	d.do("mara", ActSubmitPlan, "measures", "m", "responsible", "r", "target_date", "2026-12-01")
	d.do("mara", ActSubmitRectification, rectified...)
	d.refused(FourEyes, "your_unit", "bea", ActAcceptRectification)
	d.refused(FourEyes, "your_unit", "ben", ActAcceptRectification)
	d.do("wang", ActLodgeAppeal, appealed...)
	d.refused(FourEyes, "your_unit", "ben", ActDecideAppeal, dismissed...)
	d.do("sam", ActReferAccountability, withReasons...)
	d.do("petra", ActGiveStatement, stated...)
	d.refused(FourEyes, "your_unit", "dan", ActDecideAccountability, criticism...)
	if seats := d.c.Await(ActDecideAccountability).Seats; !slices.Equal(seats, []Seat{{DisciplineOfficer, "513301-discipline"}}) {
		t.Errorf("before %v", seats)
	}
	d.rules.Roster = away{"ben": "sue"}.apply(people)
	if err := d.as("sue", "ben", ActDecideAppeal, dismissed...); err == nil || err.Missing != "absent_barred" {
		t.Errorf("in the place of somebody of the unit: %v", err)
	}
	d.do("sue", ActDecideAppeal, dismissed...)
	d.rules.Roster = people
	if err := mayIssue(mustSpec(t, DocumentRectification), d.actor("ben"), drafting{rules: Rules{Roster: people}, c: d.c}); err == nil || err.Missing != "your_unit" {
		t.Errorf("they order their own unit to put it right: %v", err)
	}
}

func mustSpec(t *testing.T, kind DocumentKind) DocumentSpec {
	t.Helper()
	spec, known := DocumentSpecOf(kind)
	if !known {
		t.Fatal(kind)
	}
	return spec
}

// What the rated side does for itself is a part in the case: who did it judges it nowhere, whatever post
// they have come to since.
func TestWhoSpokeForTheRatedSideDoesNotJudge(t *testing.T) {
	judge := func(d *desk, role Role, org string) Actor {
		as := Assignment{Role: role, Org: org, Area: org[:6]}
		d.rules.Roster = slices.DeleteFunc(roster(), func(p Person) bool { return p.ID == "petra" })
		d.rules.Roster = append(d.rules.Roster, Person{ID: "petra", Assignments: []Assignment{as}})
		return Actor{Person: "petra", Assignments: []Assignment{as}, As: as}
	}
	holds := func(t *testing.T, d *desk, role Role, org string, kind ActKind, pairs ...string) {
		t.Helper()
		_, _, err := d.rules.Apply(d.c, Act{Kind: kind, Values: values(pairs...)}, judge(d, role, org), d.now)
		if refusal, ok := err.(*Error); !ok || refusal.Code != FourEyes || refusal.Missing != "you_handled_it" {
			t.Errorf("%s: %v", kind, err)
		}
	}
	t.Run("lodge_appeal", func(t *testing.T) {
		d := setup(t)
		d.toRectification()
		d.do("petra", ActLodgeAppeal, appealed...)
		holds(t, d, Supervisor, county, ActDecideAppeal, dismissed...)
	})
	t.Run("give_statement", func(t *testing.T) {
		d := setup(t)
		d.toRectification()
		d.do("sam", ActReferAccountability, withReasons...)
		d.do("petra", ActGiveStatement, stated...)
		holds(t, d, DisciplineOfficer, "513301-discipline", ActDecideAccountability, criticism...)
	})
	t.Run("request_review", func(t *testing.T) {
		d := setup(t)
		d.toRectification()
		d.do("sam", ActReferAccountability, withReasons...)
		d.until("2026-12-08 00:00")
		d.do("dora", ActDecideAccountability, criticism...)
		d.do("petra", ActRequestReview, "grounds", "g")
		holds(t, d, DisciplineOfficer, "513300-discipline", ActDecideReview, result("revoked")...)
	})
	t.Run("answer_recommendation", func(t *testing.T) {
		d := setup(t)
		d.toRectification()
		d.do("sam", ActReferAccountability, withReasons...)
		d.c.Measures[0].Staff = "st1"
		d.until("2026-12-08 00:00")
		d.do("dora", ActDecideAccountability, "kind", "change_of_post", "basis", "b", "reasons", "r")
		d.do("petra", ActAnswerRecommendation, "answer", "followed", "reasons", "r")
		holds(t, d, DisciplineOfficer, "513300-discipline", ActRevokeAccountability, withReasons...)
	})
}

// Who verified, judged, referred or decided does not judge the measure once more.
func TestAMeasureIsJudgedOnceMoreByOthers(t *testing.T) {
	d := setup(t)
	d.toSurvey()
	d.do("sam", ActReferAccountability, withReasons...)
	d.do("petra", ActGiveStatement, stated...)
	d.do("dora", ActDecideAccountability, criticism...)
	as := Assignment{Role: DisciplineOfficer, Org: "513300-discipline", Area: PrefectureArea}
	tried := func(kind ActKind, pairs ...string) {
		t.Helper()
		for id, want := range map[string]string{"vera": "you_verified_it", "sam": "you_judged_it", "dora": "you_decided_it"} {
			_, _, err := d.rules.Apply(d.c, Act{Kind: kind, Values: values(pairs...)}, Actor{Person: id, Assignments: []Assignment{as}, As: as}, d.now)
			if refusal, ok := err.(*Error); !ok || refusal.Missing != want {
				t.Errorf("%s by %s: %v", kind, id, err)
			}
		}
	}
	tried(ActRevokeAccountability, withReasons...)
	d.do("petra", ActRequestReview, "grounds", "g")
	tried(ActDecideReview, result("revoked")...)
}
