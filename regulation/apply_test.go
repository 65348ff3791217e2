package regulation

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"haochaping/workday"
)

func TestMainLineFromAcceptanceToClosing(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	d.do("viktor", ActRecheck, "result", "passed")
	d.do("sue", ActClose, "matter_status", "concluded")
	d.phase(PhaseClosed)
	if len(d.c.Deadlines) != 0 || len(d.c.Awaiting) != 0 || !d.c.Step(Clock{}).Finished {
		t.Errorf("a closed case still holds %v %v", d.c.Deadlines, d.c.Awaiting)
	}
	if !d.c.Clock.InTime {
		t.Error("the accepted submission was in time")
	}
	for i, e := range d.log {
		if e.Seq != int64(i+1) || e.Clause == "" {
			t.Errorf("event %d has sequence %d and clause %q", i+1, e.Seq, e.Clause)
		}
	}
}

func TestEveryFindingButOneTakesTheShortWayAndStillNeedsAReply(t *testing.T) {
	for _, kind := range Findings[1:] {
		t.Run(kind, func(t *testing.T) {
			d := setup(t)
			d.do("sam", ActAccept)
			d.do("clara", ActRecordCallback, reachedCall...)
			d.do("vera", ActRecordFinding, finding(kind)...)
			d.phase(PhaseReply)
			d.do("sam", ActReleaseReply, "reply", "the fee is set by law; we explain it")
			d.until("2026-12-01 09:00") // the survey's five days pass in silence
			d.phase(PhaseCallback)
			if d.c.Survey.State != "unanswered" {
				t.Errorf("survey is %q", d.c.Survey.State)
			}
			d.do("clara", ActClosingCallback, closingCall...)
			d.do("viktor", ActRecheck, "result", "passed")
			d.do("sam", ActClose, "matter_status", "concluded")
			d.phase(PhaseClosed)
		})
	}
}

func TestFindingNeedsTheCallbackSettled(t *testing.T) {
	d := setup(t)
	d.do("sam", ActAccept)
	err := d.try("vera", ActRecordFinding, finding("substantiated")...)
	if err == nil || err.Missing != "callback_not_settled" || err.Clause != ClauseVerify || !slices.Contains(err.Who, CallbackClerk) {
		t.Fatalf("refusal is %+v", err)
	}
	for range 3 {
		d.do("clara", ActRecordCallback, "result", "no_answer")
	}
	err = d.try("vera", ActRecordFinding, finding("substantiated")...)
	if err == nil || err.Missing != "callback_on_another_day" || !err.From.Equal(at("2026-11-24 09:00")) {
		t.Fatalf("three attempts on one day are not enough, and the refusal says from when: %+v", err)
	}
	d.until("2026-11-24 09:30")
	d.do("clara", ActRecordCallback, "result", "no_answer")
	d.do("vera", ActRecordFinding, finding("substantiated")...)
}

func TestFindingNeedsCauseLinkAttributionAndEvidenceOrReason(t *testing.T) {
	d := setup(t)
	d.do("sam", ActAccept)
	d.do("clara", ActRecordCallback, reachedCall...)
	err := d.try("vera", ActRecordFinding, "finding", "substantiated", "account", "x", "problem_open", "no")
	for _, field := range []string{"cause", "link", "attribution"} {
		if err == nil || err.Fields[field] != "required" {
			t.Errorf("%s is not asked for: %+v", field, err)
		}
	}
	complete := finding("substantiated")
	err = d.try("vera", ActRecordFinding, complete[:len(complete)-2]...)
	if err == nil || err.Fields["no_evidence_reason"] != "evidence_or_reason" {
		t.Fatalf("neither evidence nor a reason: %+v", err)
	}
	d.do("vera", ActAddEvidence, "kind", "video", "description", "camera 3, from 10:02")
	d.do("vera", ActRecordFinding, complete[:len(complete)-2]...)
}

func TestNoticeIsServedOnceAtTheLatestWithTheFinding(t *testing.T) {
	for name, c := range map[string]struct {
		play func(*desk)
		how  string
	}{
		"by an act":    {func(d *desk) { d.do("vera", ActServeNotice) }, "act"},
		"by the batch": {func(d *desk) { d.until("2026-11-25 09:00") }, "batch"},
		"with the finding": {func(d *desk) {
			d.do("clara", ActRecordCallback, reachedCall...)
			d.do("vera", ActRecordFinding, finding("substantiated")...)
		}, "finding"},
	} {
		t.Run(name, func(t *testing.T) {
			d := setup(t)
			d.do("sam", ActAccept)
			c.play(d)
			if d.c.Notice.How != c.how || d.c.Notice.Period != "2026-W48" {
				t.Fatalf("notice is %+v", d.c.Notice)
			}
			served := d.c.Notice.ServedAt
			window := workday.National().Add(workday.DateOf(served), 5)
			if !d.c.Notice.AppealUntil.Equal(workday.DefaultHours.Close(window.Date)) {
				t.Errorf("the appeal window ends %v, and counts from service %v", d.c.Notice.AppealUntil, served)
			}
			for _, open := range d.c.Deadlines {
				if open.Kind == DeadlineNotice {
					t.Error("the batch is still set")
				}
			}
		})
	}
}

func TestTransferWaitsForTheConsentQuestion(t *testing.T) {
	d := setup(t)
	d.toDispatch()
	err := d.try("sam", ActTransfer, "unit", police, "instructions", "x")
	if err == nil || err.Missing != "consent_not_asked" || !slices.Contains(err.Who, CallbackClerk) {
		t.Fatalf("refusal is %+v", err)
	}
	d.do("", ActAnswerConsent, "answer", "yes")
	d.do("sam", ActTransfer, "unit", police, "instructions", "x")
	d.do("paul", ActSign)
	if !d.c.MayKnowMatter("paul") || d.c.MayKnowMatter("petra") {
		t.Error("only the named handler may know the matter number")
	}
	d.do("", ActWithdrawConsent)
	if d.c.MayKnowMatter("paul") {
		t.Error("consent was withdrawn")
	}
}

func TestARaterWithoutContactIsExemptAndTheAuthorityRelays(t *testing.T) {
	d := setup(t, func(o *Opening) { o.Contactable = false })
	d.do("sam", ActAccept)
	if d.c.Await(ActRecordCallback) != nil || d.c.Callback.Exempt != "no_contact" {
		t.Fatalf("callback is %+v", d.c.Callback)
	}
	d.do("vera", ActRecordFinding, finding("substantiated")...)
	if d.c.Consent.State != "not_possible" {
		t.Errorf("consent is %q", d.c.Consent.State)
	}
	d.do("sam", ActTransfer, "unit", police, "instructions", "x")
	d.do("paul", ActSign)
	if d.c.MayKnowMatter("paul") {
		t.Error("nobody consented")
	}
}

func TestAReturnedOrderKeepsTheClock(t *testing.T) {
	d := setup(t)
	d.toSigning()
	due := d.c.Clock.Due
	if !due.Equal(at("2026-12-14 17:30")) {
		t.Fatalf("15 working days from 2026-11-23 end %v", due)
	}
	d.until("2026-11-24 11:00")
	d.do("paul", ActReturnOrder, "reason", "this is the medical insurance office's")
	if err := d.try("sam", ActTransfer, "unit", police, "instructions", "x"); err == nil {
		t.Error("the order went back to the unit that returned it")
	}
	d.do("sam", ActTransfer, "unit", medical, "instructions", "x")
	if !d.c.Clock.Due.Equal(due) || d.c.Unit != medical || len(d.c.Orders) != 2 || d.c.Orders[1].Number != "513301-2026-000001-Z2" {
		t.Errorf("clock %v, unit %s, orders %+v", d.c.Clock.Due, d.c.Unit, d.c.Orders)
	}
	if err := d.try("paul", ActSign); err == nil || err.Code != NotPermitted {
		t.Errorf("the first unit may not sign for the second: %+v", err)
	}
	d.do("mara", ActSign)
}

func TestRemindersGoOutAtFiveTwoAndNoDaysLeft(t *testing.T) {
	d := setup(t)
	d.toRectification()
	d.until("2026-12-14 17:29")
	var left []string
	for _, e := range d.log {
		if e.Name == string(DeadlineReminder) {
			left = append(left, e.At.In(workday.Shanghai).Format("01-02 15:04")+" "+e.Data["left"])
		}
	}
	want := []string{"12-07 09:00 5", "12-10 09:00 2", "12-14 09:00 0"}
	if !slices.Equal(left, want) {
		t.Errorf("reminders %v, want %v", left, want)
	}
}

func TestUnsignedOverdueAndInsufficientReachTheDisciplineOfficer(t *testing.T) {
	reasons := func(d *desk) (to, why []string) {
		for _, e := range d.c.Escalation {
			to, why = append(to, e.To), append(why, e.Reason)
		}
		return to, why
	}
	t.Run("unsigned", func(t *testing.T) {
		d := setup(t)
		d.toSigning()
		d.until("2026-11-24 17:30")
		if to, why := reasons(d); !slices.Equal(why, []string{"unsigned"}) || to[0] != "discipline" {
			t.Errorf("%v %v", to, why)
		}
		d.do("petra", ActSign)
	})
	t.Run("overdue", func(t *testing.T) {
		d := setup(t)
		d.toRectification()
		d.do("clara", ActInterimReply, "text", "we are on it")
		d.until("2026-12-14 17:31")
		if to, why := reasons(d); !slices.Equal(why, []string{"rectification_overdue"}) || to[0] != "discipline" {
			t.Errorf("%v %v", to, why)
		}
		d.do("paul", ActSubmitRectification, rectified...)
		d.do("sam", ActAcceptRectification)
		if d.c.Clock.InTime {
			t.Error("handed in after the due instant")
		}
	})
	t.Run("insufficient", func(t *testing.T) {
		d := setup(t)
		d.toAcceptance()
		due := d.c.Clock.Due
		d.do("sam", ActRejectRectification, "reason", "the window is closed again")
		if to, why := reasons(d); !slices.Equal(why, []string{"insufficient"}) || to[0] != "discipline" {
			t.Errorf("%v %v", to, why)
		}
		d.phase(PhaseRectification)
		if w := d.c.Await(ActSubmitRectification); w == nil || !w.Due.Equal(due) {
			t.Errorf("the clock restarted: %+v", w)
		}
	})
	t.Run("a late plan is the supervisor's to urge", func(t *testing.T) {
		d := setup(t)
		d.toSigning()
		d.do("paul", ActSign)
		d.do("clara", ActInterimReply, "text", "we are on it")
		d.until("2026-11-26 17:30")
		if to, why := reasons(d); !slices.Equal(to, []string{"supervisor"}) {
			t.Errorf("%v %v", to, why)
		}
	})
}

func TestHandedInOnTimeStaysInTimeHoweverLongTheAuthorityTakes(t *testing.T) {
	d := setup(t)
	d.toRectification()
	d.now = d.c.Clock.Due // at equality the act wins
	d.do("paul", ActSubmitRectification, rectified...)
	d.until("2026-12-21 10:00")
	d.do("sue", ActAcceptRectification)
	if !d.c.Clock.InTime {
		t.Error("the submission counts, not the acceptance")
	}
}

func TestRejectedAfterTheDueInstantIsOverdueAtOnce(t *testing.T) {
	d := setup(t)
	d.toRectification()
	d.do("clara", ActInterimReply, "text", "we are on it")
	d.now = at("2026-12-14 17:00")
	d.do("paul", ActSubmitRectification, rectified...)
	d.until("2026-12-15 10:00")
	d.do("sam", ActRejectRectification, "reason", "nothing changed")
	d.until("2026-12-15 10:00")
	if !d.c.Clock.Overdue || !d.c.Await(ActSubmitRectification).Overdue {
		t.Errorf("clock %+v", d.c.Clock)
	}
	d.do("paul", ActSubmitRectification, rectified...)
	d.do("sam", ActRejectRectification, "reason", "still nothing")
	if w := d.c.Await(ActSubmitRectification); !w.Overdue {
		t.Error("it stays overdue after a second rejection")
	}
}

func TestTheAuthoritysOwnOverdueStepGoesOneLevelUp(t *testing.T) {
	d := setup(t)
	d.until("2026-11-24 17:30")
	e := d.last.Escalated
	if e == nil || e.To != "upper" || e.Reason != "overdue:accept" || e.Clause != ClauseVerify {
		t.Fatalf("escalation %+v", e)
	}
	if w := d.c.Await(ActAccept); !w.Overdue || w.Raised != "overdue" {
		t.Errorf("await %+v", w)
	}
	d.do("upsam", ActAccept)
	d.phase(PhaseVerification)
}

func TestWhereNobodyIsLeftTheTaskGoesUpAtOnce(t *testing.T) {
	d := setup(t)
	d.toSurvey()
	d.rules.Roster = slices.DeleteFunc(roster(), func(p Person) bool {
		return p.ID == "viktor" || p.ID == "sam" || p.ID == "sue" // vera verified: nobody may recheck
	})
	d.do("", ActAnswerSurvey, "grade", "4", "resolved", "yes")
	d.do("clara", ActClosingCallback, closingCall...)
	w := d.c.Await(ActRecheck)
	if w.Raised != "nobody_eligible" || w.Seats[0].Org != upper || d.last.Data["raised_recheck"] != "nobody_eligible" {
		t.Fatalf("await %+v, event %+v", w, d.last)
	}
	if !slices.Contains(d.c.Subject().Orgs, upper) {
		t.Error("the level above does not hold the step")
	}
	d.do("upvera", ActRecheck, "result", "passed")
}

func TestWhereTheUnitHasNobodyItsAuthorityEntersThePapers(t *testing.T) {
	d := setup(t)
	d.rules.Roster = slices.DeleteFunc(roster(), func(p Person) bool { return p.ID == "paul" || p.ID == "petra" })
	d.toSigning()
	if w := d.c.Await(ActSign); w.Raised != "nobody_eligible" || w.Seats[0] != (Seat{Supervisor, county}) {
		t.Fatalf("await %+v", w)
	}
	d.do("sam", ActSign)
	d.do("sam", ActSubmitPlan, "measures", "m", "responsible", "r", "target_date", "2026-12-01")
	d.do("sam", ActSubmitRectification, rectified...)
	if err := d.try("sam", ActAcceptRectification); err == nil || err.Code != FourEyes {
		t.Fatalf("who entered the papers may not accept them: %+v", err)
	}
	d.do("sue", ActAcceptRectification)
}

func TestFourEyes(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	if err := d.try("vera", ActRecheck, "result", "passed"); err == nil || err.Missing != "you_verified_it" {
		t.Errorf("the verifier rechecks: %+v", err)
	}
	own := Actor{Person: "vic", Staff: "st1", As: Assignment{Role: Verifier, Org: county, Area: "513301"}}
	if _, _, err := d.rules.Apply(d.c, Act{Kind: ActRecheck, Values: values("result", "passed")}, own, d.now); err == nil {
		t.Error("somebody rechecks a rating of themselves")
	}
}

// On the short way the reply is all that a re-check looks at, so its author is not the one to do it.
func TestWhoReleasedTheReplyNeitherRechecksNorReviewsIt(t *testing.T) {
	d := setup(t)
	d.toShortReply()
	d.do("", ActAnswerSurvey, answerNo...)
	d.do("clara", ActClosingCallback, closingCall...)
	d.refused(FourEyes, "you_released_it", "sam", ActRecheck, "result", "passed")
	d.do("sue", ActRecheck, "result", "passed")

	up := setup(t)
	up.rules.Roster = slices.DeleteFunc(roster(), func(p Person) bool {
		return slices.Contains([]string{"sam", "sue", "hedda", "viktor"}, p.ID)
	})
	up.c, _ = up.rules.Open(Opening{ID: "c1", Number: "n", RatingID: "r1", Edition: Edition1, Grade: VeryDissatisfied, Area: "513301",
		Authority: county, Upper: upper, Rated: Rated{Unit: police, Staff: "st1"}, Contactable: true, RatedAt: up.now}, up.now)
	up.do("upsam", ActAccept)
	up.do("clara", ActRecordCallback, reachedCall...)
	up.do("vera", ActRecordFinding, finding("no_legal_basis")...)
	up.do("upsam", ActReleaseReply, "reply", "the rule is explained")
	up.do("", ActAnswerSurvey, answerNo...)
	up.do("clara", ActClosingCallback, closingCall...)
	up.refused(FourEyes, "you_released_it", "upsam", ActReviewCase, "result", "stands", "reply", "r")
	up.refused(FourEyes, "you_released_it", "upsam", ActRecheck, "result", "passed")
	up.do("upvera", ActRecheck, "result", "passed") // one level up: nobody else is left in the county
	up.do("uphead", ActReviewCase, "result", "stands", "reply", "r")
}

func TestARecheckSentBackComesRoundAgain(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	if err := d.try("viktor", ActRecheck, "result", "sent_back"); err == nil || err.Fields["remarks"] == "" {
		t.Errorf("sent back without remarks: %+v", err)
	}
	d.do("viktor", ActRecheck, "result", "sent_back", "remarks", "the reply does not answer the complaint")
	d.phase(PhaseAcceptance)
	d.do("sam", ActRejectRectification, "reason", "see the recheck")
	d.phase(PhaseRectification)
}

func TestNoClosingWithoutCallbackAndReply(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	d.do("viktor", ActRecheck, "result", "passed")
	broken := d.c.clone()
	broken.Reply.ReleasedAt = time.Time{}
	if _, _, err := d.rules.Apply(broken, Act{Kind: ActClose, Values: values("matter_status", "concluded")}, d.actor("sam"), d.now); err == nil {
		t.Error("closed without a reply")
	}
	broken = d.c.clone()
	broken.Closing = Callback{}
	if _, _, err := d.rules.Apply(broken, Act{Kind: ActClose, Values: values("matter_status", "concluded")}, d.actor("sam"), d.now); err == nil {
		t.Error("closed without a closing callback")
	}
}

func TestPressureOnTheRaterGoesOneLevelUp(t *testing.T) {
	d := setup(t)
	d.toSurvey()
	d.do("", ActAnswerSurvey, "grade", "1", "resolved", "no", "pressed", "yes")
	if e := d.last.Escalated; e == nil || e.Reason != "pressure" || e.To != "upper" || !d.c.Pressure {
		t.Errorf("escalation %+v", e)
	}
}

func TestARefusalSaysWhoMay(t *testing.T) {
	d := setup(t)
	err := d.try("paul", ActAccept)
	if err == nil || err.Code != NotPermitted || !slices.Equal(err.Who, []Role{Supervisor}) || err.Clause != ClauseVerify {
		t.Errorf("%+v", err)
	}
	err = d.try("sam", ActClose, "matter_status", "concluded")
	if err == nil || err.Code != NotNow || err.Missing != "phase_opened" {
		t.Errorf("%+v", err)
	}
	err = d.try("sam", ActAccept, "colour", "blue")
	if err == nil || err.Fields["colour"] != "unknown_field" {
		t.Errorf("%+v", err)
	}
}

func TestADeadlineThatIsEarlyOrGoneChangesNothing(t *testing.T) {
	d := setup(t)
	id := d.c.Await(ActAccept).Deadline
	if _, _, happened := d.rules.Expire(d.c, id, d.c.Await(ActAccept).Due.Add(-time.Microsecond)); happened {
		t.Error("early")
	}
	d.do("sam", ActAccept)
	if c, _, happened := d.rules.Expire(d.c, id, d.now.AddDate(0, 1, 0)); happened || c.Seq != d.c.Seq {
		t.Error("gone")
	}
}

func TestApplyLeavesItsArgumentAlone(t *testing.T) {
	d := setup(t)
	d.toAcceptance()
	before, _ := json.Marshal(d.c)
	kept := d.c
	d.do("sam", ActRejectRectification, "reason", "x")
	after, _ := json.Marshal(kept)
	if string(before) != string(after) {
		t.Errorf("Apply changed what it was given\n%s\n%s", before, after)
	}
}

func TestTheCaseSurvivesItsStoredForm(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	stored, err := json.Marshal(d.c)
	if err != nil {
		t.Fatal(err)
	}
	var back Case
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(back)
	if string(again) != string(stored) || !reflect.DeepEqual(back.Orders[0].Number, d.c.Orders[0].Number) {
		t.Errorf("\n%s\n%s", stored, again)
	}
}

func TestASnapshotIsSmall(t *testing.T) {
	d := setup(t)
	d.toSigning()
	stored, _ := json.Marshal(d.c.Snapshot())
	if len(stored) > 1000 {
		t.Errorf("%d bytes", len(stored))
	}
}

// Among few a batch's day would tell whose rating it is: the notice comes with the finding.
func TestTheNoticeOfAFewComesWithTheFinding(t *testing.T) {
	for crowd, batched := range map[int]bool{0: false, 299: false, 300: true} {
		d := setup(t, func(o *Opening) { o.Crowd = crowd })
		if got := slices.ContainsFunc(d.c.Deadlines, func(one Deadline) bool { return one.Kind == DeadlineNotice }); got != batched {
			t.Errorf("%d rated at the window: a batch is %t", crowd, got)
		}
		if d.toDispatch(); d.c.Notice.ServedAt.IsZero() || !batched && d.c.Notice.How != "finding" {
			t.Errorf("%d rated at the window: served %+v", crowd, d.c.Notice)
		}
	}
}
