package regulation

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"haochaping/workday"
)

// walked are the rows of TrackTable that stories have taken.
var walked = map[string]bool{}

func rowName(track Track, from Stage, act ActKind, to Stage) string {
	return fmt.Sprintf("%s: %s -%s-> %s", track, cmp.Or(from, "begin"), act, cmp.Or(to, "begin"))
}

// track does an act of a track and notes the row that it took.
func (d *desk) track(who string, kind ActKind, pairs ...string) {
	d.t.Helper()
	track, from := specByKind[kind].Track, d.c.Tracks[specByKind[kind].Track]
	d.do(who, kind, pairs...)
	walked[rowName(track, from, kind, d.c.Tracks[track])] = true
}

func (d *desk) stage(track Track, want Stage) {
	d.t.Helper()
	if got := d.c.Stage(track); got != want {
		d.t.Fatalf("%s is at %q, want %q", track, got, want)
	}
}

// refused holds that an act is refused with a code and a reason.
func (d *desk) refused(code Code, missing, who string, kind ActKind, pairs ...string) {
	d.t.Helper()
	err := d.try(who, kind, pairs...)
	if err == nil || err.Code != code || err.Missing != missing || err.Clause == "" {
		d.t.Fatalf("%s by %s: %v, want %s %s", kind, who, err, code, missing)
	}
}

// with sets parameters of the edition.
func (d *desk) with(pairs ...any) *desk {
	d.t.Helper()
	values := map[string]int{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i].(string)] = pairs[i+1].(int)
	}
	params, err := d.rules.Params.With(values)
	if err != nil {
		d.t.Fatal(err)
	}
	d.rules.Params = params
	return d
}

var (
	appealed    = []string{"grounds", "facts_untrue", "account", "the applicant came on another day"}
	exempted    = []string{"exemption", "asked_not_to_be_called", "explanation", "as the callback's record says"}
	told        = []string{"result", "reached"}
	flagged     = []string{"ground", "extortion", "reasons", "asked for money", "files", "f1"}
	withReasons = []string{"reasons", "as on file"}
	opinion     = []string{"opinion", "agreed"}
	answerNo    = []string{"grade", "1", "resolved", "no", "pressed", "no"}
	answerYes   = []string{"grade", "5", "resolved", "yes", "pressed", "no"}
	mistaken    = []string{"result", "mistaken", "reasons", "the file shows it"}
	dismissed   = []string{"result", "dismissed", "reasons", "the file shows it"}
	maliciousA  = []string{"result", "malicious", "ground", "extortion", "reasons", "the recording shows it"}
)

func result(value string, more ...string) []string {
	return append([]string{"result", value, "reasons", "as on file"}, more...)
}

// toClosed ends the main line from the survey.
func (d *desk) toClosed() {
	d.toRecheck()
	d.do("viktor", ActRecheck, "result", "passed")
	d.do("sam", ActClose, "matter_status", "concluded")
}

// rectifiedAnew comes from the dispatch of a new order to the survey about its reply.
func (d *desk) rectifiedAnew() {
	d.do("sam", ActTransfer, "unit", police, "instructions", "again")
	d.do("paul", ActSign)
	d.do("paul", ActSubmitPlan, "measures", "m", "responsible", "r", "target_date", "2026-12-01")
	d.do("paul", ActSubmitRectification, rectified...)
	d.do("sam", ActAcceptRectification)
	d.do("sam", ActReleaseReply, "reply", "r")
	d.phase(PhaseSurvey)
}

// toShortReply comes to the survey without any order.
func (d *desk) toShortReply() {
	d.do("sam", ActAccept)
	d.do("clara", ActRecordCallback, reachedCall...)
	d.do("vera", ActRecordFinding, finding("no_legal_basis")...)
	d.do("sam", ActReleaseReply, "reply", "the rule is explained")
	d.phase(PhaseSurvey)
}

func TestStoriesOfTheTracks(t *testing.T) {
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) { story.tell(setup(t)) })
	}
	if testing.Short() || t.Failed() {
		return
	}
	for _, row := range TrackTable {
		if name := rowName(row.Track, row.From, row.Act, row.To); !walked[name] {
			t.Errorf("no story takes %s", name)
		}
	}
}

var stories = []struct {
	name string
	tell func(d *desk)
}{
	{"an appeal is dismissed, and there is no second", func(d *desk) {
		d.toDispatch()
		d.track("petra", ActLodgeAppeal, appealed...)
		d.refused(NotNow, "appealed_already", "wang", ActLodgeAppeal, appealed...)
		d.refused(NotPermitted, "only_who_lodged", "wang", ActWithdrawAppeal)
		d.refused(NotPermitted, "seat", "vera", ActDecideAppeal, dismissed...)
		d.track("sue", ActDecideAppeal, dismissed...)
		d.stage(TrackAppeal, StageDismissed)
		d.refused(NotNow, "appealed_already", "petra", ActLodgeAppeal, appealed...)
		if d.last.NotifyStaff != "st1" || !slices.Contains(d.last.Notify, Seat{UnitHead, police}) {
			d.t.Errorf("told %v and %s", d.last.Notify, d.last.NotifyStaff)
		}
	}},
	{"an appeal is withdrawn by who lodged it", func(d *desk) {
		d.toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.refused(NotPermitted, "seat", "wei", ActWithdrawAppeal)
		d.track("wang", ActWithdrawAppeal)
		d.stage(TrackAppeal, StageWithdrawn)
		d.refused(NotNow, "appealed_already", "wang", ActLodgeAppeal, appealed...)
	}},
	{"an appeal is withdrawn while malice waits for its second person, who decides all the same", func(d *desk) {
		d.toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, maliciousA...)
		d.track("wang", ActWithdrawAppeal)
		d.stage(TrackAppeal, StageWithdrawn)
		if a := d.c.Appeal; a.DecidedBy != "wang" || a.Reasons != (TextRef{}) || d.c.Standing() != "counts" {
			d.t.Errorf("%+v, it %s", a, d.c.Standing())
		}
		d.track("sam", ActConfirmMalice, opinion...)
		d.stage(TrackAppeal, StageWithdrawn)
		d.stage(TrackWriteOff, "")
	}},
	{"mistaken: written off after silence", func(d *desk) {
		d.with(WriteOffSample, 0).toRectification()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.refused(FourEyes, "you_reviewed_it", "sue", ActApproveWriteOff)
		d.track("hedda", ActApproveWriteOff)
		d.stage(TrackWriteOff, StageTelling)
		d.refused(NotPermitted, "seat", "sam", ActTellRater, told...)
		d.until("2026-11-25 10:00")
		d.track("clara", ActTellRater, told...)
		d.stage(TrackWriteOff, StageObjection)
		if due := d.c.Await(ActObjectWriteOff).Due; !due.Equal(d.rules.Hours.Close(workday.DateOf(at("2026-12-02 00:00")))) || d.c.WriteOff.Told != ToldByTelephone {
			d.t.Errorf("told by %s, may object until %v: the days run from the call", d.c.WriteOff.Told, due)
		}
		d.until("2026-12-03 00:00")
		d.stage(TrackWriteOff, StageEffective)
		d.phase(PhaseReply)
		if len(d.c.Entries) != 1 || d.c.Entries[0].Sign != -1 || !d.c.WrittenOff() || d.c.Clock.Overdue {
			d.t.Errorf("entries %+v", d.c.Entries)
		}
	}},
	{"written off at once for an exempt rater, who is silent", func(d *desk) {
		d.with(WriteOffSample, 0).unasked().toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.refused(Invalid, "fields", "hedda", ActApproveWriteOff, "exemption", "asked_not_to_be_called")
		d.refused(Invalid, "fields", "hedda", ActApproveWriteOff, "exemption", "unreachable", "explanation", "nobody ever tried")
		d.track("hedda", ActApproveWriteOff, exempted...)
		d.stage(TrackWriteOff, StageInForce)
		d.phase(PhaseReply)
		if sum(d.c.Entries) != -1 || !d.c.WrittenOff() {
			d.t.Errorf("entries %+v", d.c.Entries)
		}
		d.until("2026-12-01 00:00")
		d.stage(TrackWriteOff, StageEffective)
	}},
	{"an exempt rater objects afterwards and is heard", func(d *desk) {
		d.with(WriteOffSample, 100).unasked().toRectification()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("hedda", ActApproveWriteOff, exempted...)
		d.now = at("2026-11-27 10:00")
		d.track("", ActObjectWriteOff, "objection", "it was that day")
		if !d.c.WrittenOff() || d.c.Standing() != "written_off" {
			d.t.Errorf("while it is heard the rating %s", d.c.Standing())
		}
		d.refused(FourEyes, "you_approved_it", "hedda", ActDecideObjection, result("counts_on")...)
		d.track("sam", ActDecideObjection, result("counts_on")...)
		d.stage(TrackWriteOff, StageReversed)
		d.phase(PhaseDispatch)
		if sum(d.c.Entries) != 0 || len(d.c.Entries) != 2 || d.c.WrittenOff() || d.c.WriteOff.SetAside != "objection" || d.last.NotifyStaff != "st1" {
			d.t.Errorf("entries %+v, told %s", d.c.Entries, d.last.NotifyStaff)
		}
	}},
	{"an exempt rater objects afterwards in vain: in force once, and looked at from above", func(d *desk) {
		d.with(WriteOffSample, 100).unasked().toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("hedda", ActApproveWriteOff, exempted...)
		d.track("", ActObjectWriteOff, "objection", "it was that day")
		d.track("sam", ActDecideObjection, result("written_off")...)
		d.stage(TrackWriteOff, StageSampled)
		if len(d.c.Entries) != 1 {
			d.t.Errorf("entries %+v", d.c.Entries)
		}
	}},
	{"called in vain, the days to object run from the last call", func(d *desk) {
		d.toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("hedda", ActApproveWriteOff)
		for range 4 { // of one day, however many
			d.track("clara", ActTellRater, "result", "no_answer")
		}
		d.until("2026-11-27 10:00")
		if w := d.c.Await(ActTellRater); !w.Overdue || !slices.ContainsFunc(d.c.Escalation, func(e Escalated) bool { return e.Reason == "overdue:tell_rater" && e.To == "upper" }) {
			d.t.Errorf("nobody was told that the rater is not: %+v", d.c.Escalation)
		}
		d.track("clara", ActTellRater, "result", "no_answer")
		d.stage(TrackWriteOff, StageObjection)
		if d.c.WriteOff.Told != ToldNotReached || !d.c.Await(ActObjectWriteOff).Due.After(at("2026-12-03 23:00")) {
			d.t.Errorf("%+v until %v", d.c.WriteOff, d.c.Await(ActObjectWriteOff).Due)
		}
		d.track("", ActObjectWriteOff, "objection", "it was that day")
	}},
	{"nobody is called who asked not to be: the receipt page tells, the days run from the approval", func(d *desk) {
		d.unasked().toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("hedda", ActApproveWriteOff)
		d.stage(TrackWriteOff, StageObjection)
		if d.c.WriteOff.Told != ToldAskedNot || d.c.Await(ActTellRater) != nil {
			d.t.Errorf("%+v", d.c.WriteOff)
		}
	}},
	{"a write-off is refused", func(d *desk) {
		d.toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("sam", ActRefuseWriteOff, withReasons...)
		d.stage(TrackWriteOff, StageRefused)
		d.phase(PhaseDispatch)
	}},
	{"the rater objects and is heard", func(d *desk) {
		d.toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("hedda", ActApproveWriteOff)
		d.track("", ActObjectWriteOff, "objection", "it was that day")
		d.refused(FourEyes, "you_approved_it", "hedda", ActDecideObjection, result("counts_on")...)
		d.track("sam", ActDecideObjection, result("counts_on")...)
		d.stage(TrackWriteOff, StageRefused)
	}},
	{"the rater objects in vain", func(d *desk) {
		d.with(WriteOffSample, 0).toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("hedda", ActApproveWriteOff)
		d.track("", ActObjectWriteOff, "objection", "it was that day")
		d.track("sam", ActDecideObjection, result("written_off")...)
		d.stage(TrackWriteOff, StageEffective)
	}},
	{"malicious by appeal: sampled, confirmed above, referred to credit on paper", func(d *desk) {
		d.with(CreditReferral, 1).toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.refused(Invalid, "fields", "sue", ActDecideAppeal, result("malicious")...)
		d.track("sue", ActDecideAppeal, maliciousA...)
		d.stage(TrackMalice, StageConfirmation)
		d.refused(FourEyes, "you_reviewed_it", "sue", ActConfirmMalice, opinion...)
		d.track("sam", ActConfirmMalice, opinion...)
		d.stage(TrackAppeal, StageUpheld)
		d.track("hedda", ActApproveWriteOff)
		d.track("", ActObjectWriteOff, "objection", "no")
		d.track("upsam", ActDecideObjection, result("written_off")...)
		d.stage(TrackWriteOff, StageSampled)
		d.refused(NotNow, "write_off_not_settled", "sue", ActProposeCredit, "legal_basis", "a law", "reasons", "r")
		d.track("uphead", ActReviewWriteOff, result("confirmed")...)
		d.stage(TrackWriteOff, StageConfirmed)
		d.track("sue", ActProposeCredit, "legal_basis", "a law", "reasons", "r")
		d.track("", ActObjectCredit, "objection", "no")
		d.track("hedda", ActApproveCredit, result("approved")...)
		d.refused(NotPermitted, "seat", "hedda", ActConfirmCredit, result("approved")...)
		d.track("upsam", ActConfirmCredit, result("approved")...)
		d.stage(TrackCredit, StageReferred)
	}},
	{"credit is off, and says why", func(d *desk) {
		d.toDispatch()
		d.refused(NotNow, "credit_off", "sue", ActProposeCredit, "legal_basis", "a law", "reasons", "r")
	}},
	{"credit is refused at the first approval", func(d *desk) {
		d.with(CreditReferral, 1, WriteOffWithoutAppeal, 1)
		d.toMaliceWrittenOff()
		d.track("sue", ActProposeCredit, "legal_basis", "a law", "reasons", "r")
		d.until("2026-12-20 00:00")
		d.stage(TrackCredit, StageApproval)
		d.refused(NotPermitted, "seat", "sam", ActApproveCredit, result("approved")...)
		d.track("hedda", ActApproveCredit, result("refused")...)
		d.stage(TrackCredit, StageRefused)
		d.refused(NotNow, "not_open_credit", "sue", ActProposeCredit, "legal_basis", "a law", "reasons", "r")
	}},
	{"credit is refused one level up", func(d *desk) {
		d.with(CreditReferral, 1, WriteOffWithoutAppeal, 1)
		d.toMaliceWrittenOff()
		d.track("sam", ActProposeCredit, "legal_basis", "a law", "reasons", "r")
		d.until("2026-12-20 00:00")
		d.track("hedda", ActApproveCredit, result("approved")...)
		d.track("upsam", ActConfirmCredit, result("refused")...)
		d.stage(TrackCredit, StageRefused)
	}},
	{"malice is flagged by a verifier only after the finding, and rejected", func(d *desk) {
		d.do("sam", ActAccept)
		d.refused(NotNow, "phase_verification", "vera", ActFlagMalice, flagged...)
		d.do("clara", ActRecordCallback, reachedCall...)
		d.do("vera", ActRecordFinding, finding("substantiated")...)
		d.refused(Invalid, "fields", "vera", ActFlagMalice, "ground", "harsh_words", "reasons", "r", "files", "f")
		d.track("vera", ActFlagMalice, flagged...)
		d.refused(NotPermitted, "seat", "vera", ActConfirmMalice, opinion...)
		d.track("hedda", ActRejectMalice, withReasons...)
		d.stage(TrackMalice, StageRejected)
	}},
	{"a finding of malice that is rejected sends the appeal back to review", func(d *desk) {
		d.toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, maliciousA...)
		d.track("sam", ActRejectMalice, withReasons...)
		d.stage(TrackAppeal, StageReview)
		d.track("sue", ActDecideAppeal, dismissed...)
	}},
	{"while malice is looked into, nothing else is decided; once it is confirmed, nothing else fits", func(d *desk) {
		d.toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("vera", ActFlagMalice, flagged...)
		d.refused(NotNow, "malice_undecided", "sue", ActDecideAppeal, mistaken...)
		d.refused(NotNow, "malice_undecided", "sue", ActDecideAppeal, dismissed...)
		d.track("hedda", ActConfirmMalice, opinion...)
		d.refused(Invalid, "fields", "sue", ActDecideAppeal, mistaken...)
		d.refused(Invalid, "fields", "sue", ActDecideAppeal, dismissed...)
		d.track("sue", ActDecideAppeal, maliciousA...)
		d.stage(TrackAppeal, StageUpheld)
		if d.c.WriteOff.Kind != "malicious" {
			d.t.Errorf("%+v", d.c.WriteOff)
		}
	}},
	{"malice flagged before the approval: the write-off waits, and is of malice once that is confirmed", func(d *desk) {
		d.with(WriteOffSample, 0).toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("vera", ActFlagMalice, flagged...)
		d.refused(NotNow, "malice_undecided", "hedda", ActApproveWriteOff)
		d.track("sam", ActConfirmMalice, opinion...)
		d.track("hedda", ActApproveWriteOff)
		d.track("clara", ActTellRater, told...)
		d.until("2026-12-01 00:00")
		d.stage(TrackWriteOff, StageSampled)
	}},
	{"malice is not flagged any more once a write-off is approved", func(d *desk) {
		d.toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("hedda", ActApproveWriteOff)
		d.refused(NotNow, "write_off_approved", "vera", ActFlagMalice, flagged...)
		d.track("", ActObjectWriteOff, "objection", "no")
		d.track("sam", ActDecideObjection, result("counts_on")...)
		d.track("vera", ActFlagMalice, flagged...)
	}},
	{"malice that two people found after an appeal was dismissed is ground for a write-off", func(d *desk) {
		d.toDispatch()
		d.refused(NotNow, "appeal_needed", "vera", ActProposeWriteOff, withReasons...)
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, dismissed...)
		d.refused(NotNow, "appeal_needed", "vera", ActProposeWriteOff, withReasons...)
		d.track("vera", ActFlagMalice, flagged...)
		d.track("sam", ActConfirmMalice, opinion...)
		d.track("vera", ActProposeWriteOff, withReasons...)
		if w := d.c.WriteOff; w.Kind != "malicious" || w.Basis != "appeal" {
			d.t.Errorf("%+v", w)
		}
	}},
	{"where an edition needs no appeal, the kind is what two people found, whatever verification suspected", func(d *desk) {
		d.with(WriteOffWithoutAppeal, 1)
		d.do("sam", ActAccept)
		d.do("clara", ActRecordCallback, reachedCall...)
		d.do("vera", ActRecordFinding, finding("suspected_mistaken")...)
		d.track("vera", ActFlagMalice, flagged...)
		d.refused(NotNow, "malice_undecided", "viktor", ActProposeWriteOff, withReasons...)
		d.track("sam", ActConfirmMalice, opinion...)
		d.track("viktor", ActProposeWriteOff, withReasons...)
		if w := d.c.WriteOff; w.Kind != "malicious" || w.Basis != "parameter" {
			d.t.Errorf("%+v", w)
		}
	}},
	{"a sampled write-off is reversed: the rating counts again and the order is due again", func(d *desk) {
		d.with(WriteOffSample, 100).unasked().toRectification()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("hedda", ActApproveWriteOff, exempted...)
		d.until("2026-12-01 00:00")
		d.stage(TrackWriteOff, StageSampled)
		d.phase(PhaseReply)
		d.track("upsam", ActReviewWriteOff, result("reversed")...)
		d.phase(PhaseDispatch)
		if sum(d.c.Entries) != 0 || d.c.WrittenOff() || d.c.Reopened != 1 {
			d.t.Errorf("entries %+v", d.c.Entries)
		}
	}},
	{"a reversed write-off leaves the rater their one new order, and then the level above", func(d *desk) {
		d.with(WriteOffSample, 100).toRectification()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.heardAndWrittenOff()
		d.track("upsam", ActReviewWriteOff, result("reversed")...)
		if notes := d.c.RaterNotes(); notes[0].Code != "reopened.write_off_reversed" {
			d.t.Errorf("the rater is told %+v", notes)
		}
		d.rectifiedAnew()
		d.do("", ActAnswerSurvey, answerNo...)
		d.phase(PhaseDispatch)
		if notes := d.c.RaterNotes(); notes[0].Code != "reopened" {
			d.t.Errorf("the rater is told %+v", notes)
		}
		d.rectifiedAnew()
		d.do("", ActAnswerSurvey, answerNo...)
		d.stage(TrackUpperReview, StageInquiry)
	}},
	{"who asked not to be called is not called about a new order either", func(d *desk) {
		d.toSurvey()
		d.until("2026-12-01 10:00")
		d.phase(PhaseCallback)
		d.do("sue", ActExemptCallback, "reason", "asked_not_to_be_called", "explanation", "said so in the survey")
		d.do("viktor", ActRecheck, "result", "passed")
		d.do("sam", ActClose, "matter_status", "concluded")
		d.do("", ActFollowUp, answerNo...)
		d.rectifiedAnew()
		d.do("", ActAnswerSurvey, answerYes...)
		d.phase(PhaseRecheck)
		if d.c.Closing.Exempt != "asked_not_to_be_called" || d.last.Data["callback_exempt"] == "" {
			d.t.Errorf("%+v, %v", d.c.Closing, d.last.Data)
		}
	}},
	{"who asked not to be called on the short way is not called about consent", func(d *desk) {
		d.with(WriteOffWithoutAppeal, 1, WriteOffSample, 100).toShortReply()
		d.until("2026-12-01 10:00")
		d.do("sue", ActExemptCallback, "reason", "asked_not_to_be_called", "explanation", "said so in the survey")
		d.do("viktor", ActRecheck, "result", "passed")
		d.do("sam", ActClose, "matter_status", "concluded")
		d.do("", ActFollowUp, answerNo...)
		d.track("upsam", ActReviewCase, "result", "order_again", "reply", "another order is due")
		d.phase(PhaseDispatch)
		if d.c.Consent.State != "not_possible" || d.c.Await(ActAskConsent) != nil || d.c.Await(ActTransfer) == nil {
			d.t.Errorf("%+v %+v", d.c.Consent, d.c.Awaiting)
		}
	}},
	{"a write-off after objection is sampled", func(d *desk) {
		d.with(WriteOffSample, 100).toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("hedda", ActApproveWriteOff)
		d.track("", ActObjectWriteOff, "objection", "no")
		d.track("sam", ActDecideObjection, result("written_off")...)
		d.stage(TrackWriteOff, StageSampled)
	}},
	{"reattributed to a colleague, with a new notice and a new appeal", func(d *desk) {
		d.toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("viktor", ActProposeReattribution, "rated_unit", police, "rated_staff", "st2", "reasons", "the roster shows it")
		d.refused(NotPermitted, "seat", "viktor", ActApproveReattribution)
		d.now = d.now.Add(24 * time.Hour)
		d.track("sue", ActApproveReattribution)
		d.stage(TrackAppeal, "")
		if d.c.Rated.Staff != "st2" || d.c.Rated.Window != "" || len(d.c.Former) != 1 || d.last.NotifyStaff != "st2" ||
			!slices.Equal(d.last.NotifyFormer, []Seat{PersonSeat("st1")}) || slices.Contains(d.last.Notify, PersonSeat("st1")) || !d.c.Notice.ServedAt.Equal(d.now) || d.c.Appeals[0].Result != "moot" || sum(d.c.Entries) != 0 {
			d.t.Errorf("%+v, told %v %s, notice %+v", d.c.Rated, d.last.Notify, d.last.NotifyStaff, d.c.Notice)
		}
		d.refused(NotPermitted, "seat", "wang", ActLodgeAppeal, appealed...)
		d.track("wei", ActLodgeAppeal, appealed...)
		d.track("vera", ActProposeReattribution, "rated_unit", police, "rated_staff", "st1", "reasons", "r")
		d.track("sam", ActRefuseReattribution, withReasons...)
		d.track("vera", ActProposeReattribution, "rated_unit", medical, "reasons", "r")
		d.track("sam", ActApproveReattribution)
		if d.c.Rated.Unit != medical || d.c.Unit != medical {
			d.t.Errorf("%+v at %s", d.c.Rated, d.c.Unit)
		}
	}},
	{"reattributed to another unit, the order comes back", func(d *desk) {
		d.toRectification()
		d.track("vera", ActProposeReattribution, "rated_unit", medical, "reasons", "r")
		d.track("sam", ActApproveReattribution)
		d.phase(PhaseDispatch)
		d.refused(Invalid, "fields", "sam", ActTransfer, "unit", police, "instructions", "i")
		d.do("sam", ActTransfer, "unit", medical, "instructions", "i")
		d.phase(PhaseSigning)
	}},
	{"reattributed while its rectification is judged: nothing is the former unit's any more", func(d *desk) {
		d.toAcceptance()
		d.track("vera", ActProposeReattribution, "rated_unit", medical, "reasons", "r")
		d.track("sam", ActApproveReattribution)
		d.phase(PhaseDispatch)
		if !slices.Contains(d.last.NotifyFormer, Seat{UnitHead, police}) || d.c.Clock.Submitted[0].JudgedAt.IsZero() || d.c.Await(ActAcceptRectification) != nil {
			d.t.Errorf("told %v, waits %v", d.last.NotifyFormer, d.c.Awaiting)
		}
		d.refused(Invalid, "fields", "sam", ActTransfer, "unit", police, "instructions", "i")
		d.do("sam", ActTransfer, "unit", medical, "instructions", "i")
		d.phase(PhaseSigning)
	}},
	{"reattributed after acceptance: a recheck that is sent back brings an order to the right unit", func(d *desk) {
		d.toSurvey()
		d.track("vera", ActProposeReattribution, "rated_unit", medical, "reasons", "r")
		d.track("sam", ActApproveReattribution)
		d.do("", ActAnswerSurvey, "grade", "4", "resolved", "yes")
		d.do("clara", ActClosingCallback, "result", "reached", "reply_received", "yes", "settled", "yes", "pressed", "no")
		d.do("sue", ActRecheck, "result", "sent_back", "remarks", "the other unit was not asked")
		d.phase(PhaseDispatch)
		if len(d.c.Escalation) > 0 || d.c.Stage(TrackAccountability) != "" || d.last.Data["reopened"] != "reattributed" {
			d.t.Errorf("%v, %v", d.c.Escalation, d.last.Data)
		}
	}},
	{"who appealed for the unit decides on nothing of it, whatever post they hold by then", func(d *desk) {
		d.toDispatch()
		d.track("petra", ActLodgeAppeal, appealed...)
		d.rules.Roster = slices.Clone(d.rules.Roster)
		i := slices.IndexFunc(d.rules.Roster, func(p Person) bool { return p.ID == "petra" })
		d.rules.Roster[i] = person("petra", Supervisor, county)
		d.refused(FourEyes, "you_handled_it", "petra", ActDecideAppeal, mistaken...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.refused(FourEyes, "you_handled_it", "petra", ActApproveWriteOff)
	}},
	{"a rating that was written off is not reattributed", func(d *desk) {
		d.with(WriteOffSample, 0).unasked().toDispatch()
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.refused(NotNow, "write_off_open", "vera", ActProposeReattribution, "rated_unit", medical, "reasons", "r")
		d.track("hedda", ActApproveWriteOff, exempted...)
		d.refused(NotNow, "written_off", "vera", ActProposeReattribution, "rated_unit", medical, "reasons", "r")
	}},
	{"the extension is off, and says so", func(d *desk) {
		d.toRectification()
		d.refused(NotNow, "extension_off", "paul", ActRequestExtension, "extension_days", "5", "reasons", "r")
	}},
	{"an extension is granted once", func(d *desk) {
		d.with(ExtensionDays, 5).toRectification()
		due := d.c.Clock.Due
		d.refused(Invalid, "fields", "paul", ActRequestExtension, "extension_days", "6", "reasons", "r")
		d.track("paul", ActRequestExtension, "extension_days", "5", "reasons", "r")
		d.refused(NotPermitted, "seat", "sam", ActApproveExtension)
		d.track("hedda", ActApproveExtension)
		if d.rules.Calendar.Left(workday.DateOf(due), workday.DateOf(d.c.Clock.Due)) != 5 || !d.c.Await(ActSubmitRectification).Due.Equal(d.c.Clock.Due) || !d.c.Clock.UnitDue.Equal(d.c.Clock.Due) {
			d.t.Errorf("due %s, was %s", d.c.Clock.Due, due)
		}
		d.refused(NotNow, "extended_already", "paul", ActRequestExtension, "extension_days", "5", "reasons", "r")
	}},
	{"an extension is refused", func(d *desk) {
		d.with(ExtensionDays, 5).toRectification()
		due := d.c.Clock.Due
		d.track("petra", ActRequestExtension, "extension_days", "5", "reasons", "r")
		d.track("hedda", ActRefuseExtension, withReasons...)
		if !d.c.Clock.Due.Equal(due) {
			d.t.Error("the days moved")
		}
	}},
	{"accountability: criticism, review one level up, revoked, and a second round that stands", func(d *desk) {
		d.toRectification()
		d.track("sam", ActReferAccountability, withReasons...)
		d.track("petra", ActGiveStatement, "statement", "we had one window")
		d.refused(Invalid, "fields", "dora", ActDecideAccountability, "kind", "competent_body", "basis", "b", "reasons", "r")
		d.refused(Invalid, "fields", "dora", ActDecideAccountability, "kind", "change_of_post", "basis", "b", "reasons", "r")
		d.refused(Invalid, "fields", "dora", ActDecideAccountability, "kind", "criticism", "reasons", "r")
		d.track("dora", ActDecideAccountability, "kind", "criticism", "basis", "b", "reasons", "r")
		d.track("petra", ActRequestReview, "grounds", "g")
		d.refused(NotPermitted, "seat", "hedda", ActDecideReview, result("revoked")...)
		d.track("updora", ActDecideReview, result("revoked")...)
		d.stage(TrackAccountability, StageRevoked)
		if n := len(d.c.Entries); n != 1 || d.c.Entries[0].Kind != EntryRevocation || sum(d.c.Entries) != 0 {
			d.t.Errorf("entries %+v", d.c.Entries)
		}
		d.track("sue", ActReferAccountability, withReasons...)
		d.until("2026-12-05 00:00")
		d.stage(TrackAccountability, StageDecision)
		d.track("dora", ActDecideAccountability, "kind", "none", "reasons", "r")
		d.track("sue", ActReferAccountability, withReasons...)
		d.track("petra", ActGiveStatement, "statement", "s")
		d.track("dora", ActDecideAccountability, "kind", "criticism", "basis", "b", "reasons", "r")
		d.track("petra", ActRequestReview, "grounds", "g")
		d.track("updora", ActDecideReview, result("upheld")...)
		d.track("sue", ActReferAccountability, withReasons...)
		d.stage(TrackAccountability, StageStatement)
	}},
	{"accountability: overdue goes to the competent body, then is revoked in force", func(d *desk) {
		d.toRectification()
		d.until("2026-12-16 00:00")
		d.stage(TrackAccountability, StageStatement)
		d.track("petra", ActGiveStatement, "statement", "s")
		d.track("dora", ActDecideAccountability, "kind", "competent_body", "basis", "b", "reasons", "r")
		d.track("dora", ActRecordBody, "body", "b", "document_number", "12", "document_date", "2026-12-20", "outcome", "o")
		d.stage(TrackAccountability, StageInForce)
		d.track("updora", ActRevokeAccountability, withReasons...)
	}},
	{"accountability: a change of post for a person, answered, final by silence, revoked", func(d *desk) {
		d.do("sam", ActAccept)
		d.do("clara", ActRecordCallback, reachedCall...)
		found := finding("substantiated")
		found[slices.Index(found, "attribution")+1] = "person"
		d.do("vera", ActRecordFinding, found...)
		d.track("sam", ActReferAccountability, withReasons...)
		d.track("wang", ActGiveStatement, "statement", "s")
		d.track("dora", ActDecideAccountability, "kind", "change_of_post", "basis", "b", "reasons", "r")
		d.track("petra", ActAnswerRecommendation, "answer", "followed", "reasons", "r")
		d.stage(TrackAccountability, StageInForce)
		d.until("2026-12-20 00:00")
		d.stage(TrackAccountability, StageFinal)
		d.track("updora", ActRevokeAccountability, withReasons...)
		d.stage(TrackAccountability, StageRevoked)
	}},
	{"a write-off revokes what was decided, but not what was decided about pressure", func(d *desk) {
		d.with(WriteOffSample, 0).unasked().toRectification()
		d.track("sam", ActReferAccountability, withReasons...)
		d.track("petra", ActGiveStatement, "statement", "s")
		d.track("dora", ActDecideAccountability, "kind", "criticism", "basis", "b", "reasons", "r")
		d.track("wang", ActLodgeAppeal, appealed...)
		d.track("sue", ActDecideAppeal, mistaken...)
		d.track("hedda", ActApproveWriteOff, exempted...)
		d.stage(TrackAccountability, StageRevoked)
		if d.c.Measures[0].Revoked != "written_off" || len(d.c.Entries) != 2 || sum(d.c.Entries) != -1 {
			d.t.Errorf("%+v, %+v", d.c.Measures, d.c.Entries)
		}
		d.do("sam", ActReleaseReply, "reply", "the rating was written off")
		d.do("", ActAnswerSurvey, "grade", "1", "resolved", "no", "pressed", "yes")
		d.stage(TrackInvestigation, StageInquiry)
		d.track("upsam", ActRecordInvestigation, "result", "established", "account", "a")
		d.stage(TrackAccountability, StageStatement)
	}},
	{"a dissatisfied rater: once a new order, then one level up, then a follow-up", func(d *desk) {
		d.toSurvey()
		d.do("", ActAnswerSurvey, answerNo...)
		d.phase(PhaseDispatch)
		d.do("sam", ActTransfer, "unit", police, "instructions", "again")
		if !d.c.order().Reopened || !d.c.Clock.From.Equal(d.now) || len(d.c.Earlier) != 1 {
			d.t.Errorf("%+v, %+v", d.c.order(), d.c.Clock)
		}
		d.do("paul", ActSign)
		d.do("paul", ActSubmitPlan, "measures", "m", "responsible", "r", "target_date", "2026-12-01")
		d.do("paul", ActSubmitRectification, rectified...)
		d.do("sam", ActAcceptRectification)
		d.do("sam", ActReleaseReply, "reply", "r")
		d.do("", ActAnswerSurvey, answerNo...)
		d.stage(TrackUpperReview, StageInquiry)
		d.do("clara", ActClosingCallback, closingCall...)
		d.do("viktor", ActRecheck, "result", "passed")
		d.refused(NotNow, "track_open_upper_review", "sam", ActClose, "matter_status", "concluded")
		d.track("upsam", ActReviewCase, "result", "stands", "reply", "r")
		d.do("sam", ActClose, "matter_status", "concluded")
		d.phase(PhaseClosed)
		d.do("", ActFollowUp, answerYes...)
		d.phase(PhaseClosed)
		d.refused(NotNow, "followed_up", "", ActFollowUp, answerYes...)
	}},
	{"a rater reports pressure while the unit rectifies, after closing, and again once that was looked into", func(d *desk) {
		d.toRectification()
		d.track("", ActReportPressure, "text", "the head of the hall rang me twice")
		d.phase(PhaseRectification)
		if e := d.last.Escalated; e == nil || e.Reason != "pressure" || e.To != "upper" || !d.c.Pressure {
			d.t.Errorf("escalated %+v", d.last.Escalated)
		}
		d.refused(NotNow, "not_open_investigation", "", ActReportPressure, "text", "and once more")
		d.refused(NotPermitted, "seat", "sam", ActRecordInvestigation, "result", "established", "account", "a")
		d.track("upsam", ActRecordInvestigation, "result", "not_established", "account", "a")
		d.track("", ActReportPressure, "text", "he came to my shop")
		d.track("upsam", ActRecordInvestigation, "result", "not_established", "account", "a")
		d.do("paul", ActSubmitRectification, rectified...)
		d.do("sam", ActAcceptRectification)
		d.do("sam", ActReleaseReply, "reply", "r")
		d.do("", ActAnswerSurvey, answerYes...)
		d.do("clara", ActClosingCallback, closingCall...)
		d.do("viktor", ActRecheck, "result", "passed")
		d.do("sam", ActClose, "matter_status", "concluded")
		d.track("", ActReportPressure, "text", "now they refuse to serve me")
		d.phase(PhaseAfter)
		d.track("upsam", ActRecordInvestigation, "result", "established", "account", "a")
		d.stage(TrackAccountability, StageStatement)
	}},
	{"the first call hears of pressure already, before it reaches anybody's finding", func(d *desk) {
		d.track("", ActReportPressure, "text", "the window rang me at once")
		d.phase(PhaseOpened)
		d.track("upsam", ActRecordInvestigation, "result", "not_established", "account", "a")
		d.do("sam", ActAccept)
		d.do("clara", ActRecordCallback, append([]string{"pressed", "yes"}, reachedCall...)...)
		d.stage(TrackInvestigation, StageInquiry)
		d.phase(PhaseVerification)
	}},
	{"a follow-up rating has its days, to the end of the last", func(d *desk) {
		d.toClosed()
		until := d.c.FollowUpUntil(d.rules.Params)
		if want := at("2027-02-22 00:00"); !until.Before(want) || want.Sub(until) > time.Second {
			d.t.Fatalf("until %v", until)
		}
		d.now = until.Add(time.Microsecond)
		d.refused(NotNow, "follow_up_over", "", ActFollowUp, answerNo...)
		if err := d.try("", ActFollowUp, answerNo...); !err.Until.Equal(until) {
			d.t.Errorf("the refusal says until %v", err.Until)
		}
		d.now = until
		d.do("", ActFollowUp, answerNo...)
		d.phase(PhaseDispatch)
	}},
	{"an appeal on a closed case opens it beside its main line, until it ends", func(d *desk) {
		d.toClosed()
		d.phase(PhaseClosed)
		d.track("wang", ActLodgeAppeal, appealed...)
		d.phase(PhaseAfter)
		d.track("sue", ActDecideAppeal, dismissed...)
		d.phase(PhaseClosed)
		if len(d.c.Awaiting)+len(d.c.Deadlines) > 0 || !d.c.ClosedAt.Equal(d.now) {
			d.t.Errorf("%+v %+v", d.c.Awaiting, d.c.Deadlines)
		}
	}},
	{"the verifier proposes a write-off only where the edition allows it", func(d *desk) {
		d.do("sam", ActAccept)
		d.do("clara", ActRecordCallback, reachedCall...)
		d.do("vera", ActRecordFinding, finding("suspected_mistaken")...)
		d.refused(NotNow, "appeal_needed", "vera", ActProposeWriteOff, withReasons...)
		d.with(WriteOffWithoutAppeal, 1)
		d.track("vera", ActProposeWriteOff, withReasons...)
		d.refused(NotPermitted, "seat", "vera", ActApproveWriteOff)
		d.track("sue", ActApproveWriteOff)
	}},
}

// toMaliceWrittenOff comes to a malicious rating written off and looked at above, without an appeal.
func (d *desk) toMaliceWrittenOff() {
	d.do("sam", ActAccept)
	d.do("clara", ActRecordCallback, reachedCall...)
	d.do("vera", ActRecordFinding, finding("suspected_malicious")...)
	d.refused(NotNow, "malice_not_confirmed", "vera", ActProposeWriteOff, withReasons...)
	d.track("vera", ActFlagMalice, flagged...)
	d.track("sue", ActConfirmMalice, opinion...)
	d.track("vera", ActProposeWriteOff, withReasons...)
	d.track("sam", ActApproveWriteOff)
	d.track("clara", ActTellRater, told...)
	d.until("2026-12-01 00:00")
	d.stage(TrackWriteOff, StageSampled)
	d.track("upsam", ActReviewWriteOff, result("confirmed")...)
}

func sum(entries []Entry) (n int) {
	for _, e := range entries {
		n += e.Sign
	}
	return n
}

// The window of the appeal, the days that stand still, and what may meet them.

func TestAppealIsTimelyToTheMicrosecond(t *testing.T) {
	d := setup(t)
	d.refused(NotNow, "notice_not_served", "wang", ActLodgeAppeal, appealed...)
	d.toDispatch()
	d.now = d.c.Notice.AppealUntil.Add(time.Microsecond)
	d.refused(NotNow, "appeal_window_closed", "wang", ActLodgeAppeal, appealed...)
	d.now = d.c.Notice.AppealUntil
	d.do("wang", ActLodgeAppeal, appealed...)
}

func TestAppealGoesOneLevelUpWhereTheAuthorityIsRatedOrNobodyIsLeft(t *testing.T) {
	rated := setup(t, func(o *Opening) { o.Rated = Rated{Unit: county} })
	rated.rules.Roster = append(rated.rules.Roster, person("ulla", UnitHead, county))
	rated.toDispatch()
	rated.do("ulla", ActLodgeAppeal, appealed...)
	if a := rated.c.Await(ActDecideAppeal); a.Raised != "authority_rated" || a.Seats[0] != (Seat{Supervisor, upper}) {
		t.Errorf("%+v", a)
	}
	thin := setup(t)
	thin.toDispatch()
	thin.rules.Roster = slices.DeleteFunc(thin.rules.Roster, func(p Person) bool { return p.ID == "sam" || p.ID == "sue" || p.ID == "hedda" })
	thin.do("wang", ActLodgeAppeal, appealed...)
	if a := thin.c.Await(ActDecideAppeal); a.Raised != "nobody_eligible" || a.Seats[0] != (Seat{Supervisor, upper}) {
		t.Errorf("%+v", a)
	}
}

// left is how many working days are left on the clock today.
func (d *desk) left() int {
	return d.rules.Calendar.Left(workday.DateOf(d.now), workday.DateOf(d.c.Clock.Due))
}

func TestAppealStopsTheDaysWhereTheEditionSaysSo(t *testing.T) {
	d := setup(t).with(AppealPausesClock, 1)
	d.toRectification()
	before := d.left()
	d.do("wang", ActLodgeAppeal, appealed...)
	if p := d.c.Clock.paused(); p == nil || p.Left != before || p.Reason != "appeal" || p.Clause != ClauseRights || p.Actor != "wang" || d.left() != before+5 {
		t.Fatalf("%+v, %d days left of %d", p, d.left(), before)
	}
	d.until("2027-01-20 00:00") // the review takes longer than its days, and than all of the unit's
	if d.c.Clock.Overdue || d.c.Clock.UnitOverdue {
		t.Fatal("overdue while the days stand still")
	}
	d.do("upsam", ActDecideAppeal, dismissed...)
	if d.c.Clock.paused() != nil || d.left() != before || !d.c.Await(ActSubmitRectification).Due.Equal(d.c.Clock.Due) || !d.c.Clock.UnitDue.Equal(d.c.Clock.Due) {
		t.Errorf("%+v, %d days left of %d", d.c.Clock, d.left(), before)
	}
	d.until("2027-03-20 00:00")
	if !d.c.Clock.Overdue {
		t.Error("the days never went on")
	}
}

func TestWhatHappensWhileTheDaysStandStill(t *testing.T) {
	stopped := func(t *testing.T) *desk {
		d := setup(t).with(AppealPausesClock, 1)
		d.toRectification()
		d.do("wang", ActLodgeAppeal, appealed...)
		d.do("paul", ActSubmitRectification, rectified...)
		return d
	}
	t.Run("accepted", func(t *testing.T) {
		d := stopped(t)
		d.do("sam", ActAcceptRectification)
		if d.c.Clock.paused() != nil || !d.c.Clock.InTime || !d.c.Clock.UnitInTime {
			t.Errorf("%+v", d.c.Clock)
		}
		d.do("sue", ActDecideAppeal, dismissed...)
	})
	t.Run("rejected", func(t *testing.T) {
		d := stopped(t)
		d.do("sam", ActRejectRectification, "reason", "not enough")
		if d.c.Clock.paused() == nil || d.c.Await(ActSubmitRectification) == nil {
			t.Errorf("%+v", d.c.Clock)
		}
	})
	t.Run("appealed while a submission is judged, then rejected", func(t *testing.T) {
		d := setup(t).with(AppealPausesClock, 1)
		d.toAcceptance()
		d.do("wang", ActLodgeAppeal, appealed...)
		if d.c.Clock.paused() != nil {
			t.Error("the authority's days stand still")
		}
		d.do("sam", ActRejectRectification, "reason", "not enough")
		if d.c.Clock.paused() == nil {
			t.Error("the unit's days go on")
		}
	})
	t.Run("received before the order, recorded after it", func(t *testing.T) {
		d := setup(t).with(AppealPausesClock, 1)
		d.toDispatch()
		d.do("clara", ActAskConsent, "answer", "yes")
		received := d.now
		d.now = d.now.Add(3 * 24 * time.Hour)
		d.do("sam", ActTransfer, "unit", police, "instructions", "put it right")
		ordered := d.now
		d.now = received
		d.do("wang", ActLodgeAppeal, appealed...)
		if p := d.c.Clock.paused(); p == nil || !p.From.Equal(d.c.Clock.From) || p.Left != 15 {
			t.Errorf("%+v", d.c.Clock)
		}
		d.now = ordered
		d.do("wang", ActWithdrawAppeal)
		if d.left() != 15 {
			t.Errorf("%d days left on the day of the order", d.left())
		}
	})
	t.Run("returned and ordered anew", func(t *testing.T) {
		d := setup(t).with(AppealPausesClock, 1)
		d.toSigning()
		d.do("wang", ActLodgeAppeal, appealed...)
		d.now = d.now.Add(24 * time.Hour)
		d.do("paul", ActReturnOrder, "reason", "not ours")
		d.do("sam", ActTransfer, "unit", medical, "instructions", "i")
		d.now = d.now.Add(24 * time.Hour)
		d.do("sue", ActDecideAppeal, dismissed...)
		if unit := d.rules.Calendar.Left(workday.DateOf(d.now), workday.DateOf(d.c.Clock.UnitDue)); unit != 15 || d.left() != 15 {
			t.Errorf("%d days left to the case, %d to the unit", d.left(), unit)
		}
	})
}

func TestWhoReadsWhatOfTheTracks(t *testing.T) {
	for _, kind := range []ActKind{ActFlagMalice, ActConfirmMalice, ActRejectMalice, ActApproveWriteOff, ActObjectWriteOff, ActDecideObjection,
		ActReviewWriteOff, ActDecideAppeal, ActProposeReattribution, ActApproveReattribution, ActProposeCredit, ActApproveCredit, ActGiveStatement} {
		if ReaderUnit.Shows(Event{Kind: EventAct, Name: string(kind)}) {
			t.Errorf("a unit with an order sees %s", kind)
		}
	}
	for _, rater := range []Event{{Name: string(ActObjectWriteOff)}, {Name: string(ActObjectCredit)}, {Name: string(ActFollowUp)}, {Name: string(ActAnswerSurvey)}, {Name: string(ActReportPressure)}} {
		if ReaderOversight.ShowsText(rater, "objection") || ReaderOversight.ShowsText(rater, "text") {
			t.Errorf("oversight reads the rater's words in %s", rater.Name)
		}
	}
	if !ReaderOversight.ShowsText(Event{Name: string(ActGiveStatement)}, "statement") || ReaderOversight.ShowsText(Event{Name: string(ActRecordCallback)}, "statement") {
		t.Error("oversight reads what the other side states, not what the rater said")
	}
}
