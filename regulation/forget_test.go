package regulation

import "testing"

func (d *desk) forget() bool {
	c, event, happened := d.rules.Forget(d.c, d.now)
	if happened {
		d.c, d.last, d.log = c, event, append(d.log, event)
	}
	return happened
}

// Wherever a case waits for a call when its rater has the contact erased, it goes on without one, and at the
// end it is on record why nobody called.
func TestAnErasedContactEndsEveryCall(t *testing.T) {
	for name, c := range map[string]struct {
		to    func(d *desk)
		phase Phase
		waits ActKind
	}{
		"before anybody accepted it": {func(*desk) {}, PhaseOpened, ActAccept},
		"during verification": {func(d *desk) {
			d.do("sam", ActAccept)
			d.do("clara", ActRecordCallback, "result", "no_answer")
		}, PhaseVerification, ActRecordFinding},
		"while consent is asked":   {(*desk).toDispatch, PhaseDispatch, ActTransfer},
		"while the unit rectifies": {(*desk).toRectification, PhaseRectification, ActSubmitRectification},
		"before the closing callback": {func(d *desk) {
			d.toSurvey()
			d.do("", ActAnswerSurvey, answerYes...)
		}, PhaseRecheck, ActRecheck},
	} {
		t.Run(name, func(t *testing.T) {
			d := setup(t)
			c.to(d)
			if !d.forget() || d.forget() {
				t.Fatal("it does not happen just once")
			}
			d.phase(c.phase)
			if d.c.Await(c.waits) == nil {
				t.Fatalf("nobody waits for %s: %+v", c.waits, d.c.Awaiting)
			}
			for _, call := range []ActKind{ActRecordCallback, ActAskConsent, ActClosingCallback, ActTellRater} {
				if d.c.Await(call) != nil {
					t.Errorf("%s is asked for though nobody can be called", call)
				}
			}
			if told := Standings(Edition1, d.log); told[len(told)-1].Phase != d.c.Phase || len(told[len(told)-1].Waits) != len(d.c.Awaiting) {
				t.Errorf("the events tell %+v, the case %+v", told[len(told)-1].Waits, d.c.Awaiting)
			}
			d.endsWithoutACall()
		})
	}
}

// endsWithoutACall closes the case from wherever it stands.
func (d *desk) endsWithoutACall() {
	d.t.Helper()
	steps := []struct {
		from Phase
		who  string
		kind ActKind
		with []string
	}{
		{PhaseOpened, "sam", ActAccept, nil},
		{PhaseVerification, "vera", ActRecordFinding, finding("substantiated")},
		{PhaseDispatch, "sam", ActTransfer, []string{"unit", police, "instructions", "put it right"}},
		{PhaseSigning, "paul", ActSign, nil},
		{PhasePlanning, "paul", ActSubmitPlan, []string{"measures", "m", "responsible", "r", "target_date", "2026-12-01"}},
		{PhaseRectification, "paul", ActSubmitRectification, rectified},
		{PhaseAcceptance, "sam", ActAcceptRectification, nil},
		{PhaseReply, "sam", ActReleaseReply, []string{"reply", "r"}},
		{PhaseSurvey, "", ActAnswerSurvey, answerYes},
		{PhaseRecheck, "viktor", ActRecheck, []string{"result", "passed"}},
		{PhaseClosing, "sam", ActClose, []string{"matter_status", "concluded"}},
	}
	for _, s := range steps {
		if d.c.Phase == s.from {
			d.do(s.who, s.kind, s.with...)
		}
	}
	d.phase(PhaseClosed)
	if d.c.Closing.Exempt != "no_contact" {
		d.t.Errorf("closed without a call, and the exemption is %q", d.c.Closing.Exempt)
	}
}

func TestASupervisorExemptsAnErasedContact(t *testing.T) {
	d := setup(t)
	d.toSurvey()
	d.do("", ActAnswerSurvey, answerYes...)
	d.refused(Invalid, "fields", "sam", ActExemptCallback, "reason", "no_contact", "explanation", "x")
	d.c.Contactable = false // as restored from an older event
	d.do("sam", ActExemptCallback, "reason", "no_contact", "explanation", "x")
}

// A write-off that somebody was to call about is told by the receipt's page alone, and the days to object
// run from then.
func TestAnErasedContactLeavesTheReceiptsPageToTellOfAWriteOff(t *testing.T) {
	d := setup(t)
	d.appealed("mistaken")
	d.do("hedda", ActApproveWriteOff)
	d.until("2026-11-25 10:00")
	if !d.forget() || d.c.Await(ActTellRater) != nil || d.c.Await(ActObjectWriteOff) == nil {
		t.Fatalf("%+v", d.c.Awaiting)
	}
	d.stage(TrackWriteOff, StageObjection)
	if w := d.c.WriteOff; w.Told != ToldNoContact || !w.ToldAt.Equal(d.now) || d.last.Data["rater_told"] != ToldNoContact {
		t.Errorf("told by %s on %v", w.Told, w.ToldAt)
	}
	if told := Standings(Edition1, d.log); len(told[len(told)-1].Waits) != len(d.c.Awaiting) {
		t.Errorf("the events tell %+v, the case %+v", told[len(told)-1].Waits, d.c.Awaiting)
	}
}
