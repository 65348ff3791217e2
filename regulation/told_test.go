package regulation

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestStandingForTheRatedSide(t *testing.T) {
	for _, c := range []struct {
		name, result string
		stage        Stage
		want         string
	}{
		{"no appeal", "", "", "counts"},
		{"proposed without an appeal", "", StageApproval, "counts"},
		{"dismissed", "dismissed", "", "counts"},
		{"withdrawn", "withdrawn", "", "counts"},
		{"mistaken, proposed", "mistaken", StageApproval, "pending"},
		{"malicious, proposed", "malicious", StageApproval, "pending"},
		{"the rater may object", "malicious", StageObjection, "pending"},
		{"the rater objects", "mistaken", StageObjected, "pending"},
		{"refused", "malicious", StageRefused, "refused"},
		{"in force", "mistaken", StageEffective, "written_off"},
		{"in force, looked at above", "malicious", StageSampled, "written_off"},
		{"confirmed above", "malicious", StageConfirmed, "written_off"},
		{"reversed above", "mistaken", StageReversed, "reversed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			made := Case{Appeal: Appeal{Result: c.result}, Tracks: map[Track]Stage{TrackWriteOff: c.stage}}
			if contains([]Stage{StageInForce, StageEffective, StageSampled, StageConfirmed}, c.stage) {
				made.WriteOff.EffectiveAt = at("2026-03-02 10:00")
			}
			if got := made.Standing(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestAppealStageForTheRatedSide(t *testing.T) {
	for stage, want := range map[Stage]Stage{"": "", StageReview: StageReview, StageFinding: StageReview, StageUpheld: StageUpheld,
		StageDismissed: StageDismissed, StageWithdrawn: StageWithdrawn} {
		if got := (Case{Tracks: map[Track]Stage{TrackAppeal: stage}}).AppealStage(); got != want {
			t.Errorf("at %q it shows %q, want %q", stage, got, want)
		}
	}
}

func TestWhatTheRatedSideReads(t *testing.T) {
	for _, c := range []struct {
		kind           ActKind
		result, field  string
		own, everybody bool
	}{
		{ActLodgeAppeal, "", "account", true, false},
		{ActGiveStatement, "", "statement", true, false},
		{ActRequestReview, "", "grounds", true, false},
		{ActDecideAppeal, "dismissed", "reasons", true, true},
		{ActDecideAppeal, "mistaken", "reasons", false, false},
		{ActDecideAppeal, "malicious", "reasons", false, false},
		{ActDecideAccountability, "", "reasons", true, true},
		{ActDecideReview, "", "reasons", true, true},
		{ActRevokeAccountability, "", "reasons", true, true},
		{ActRecordBody, "", "outcome", true, true},
		{ActFlagMalice, "", "reasons", false, false},
		{ActConfirmMalice, "", "opinion", false, false},
		{ActRejectMalice, "", "reasons", false, false},
		{ActRefuseWriteOff, "", "reasons", false, false},
		{ActDecideObjection, "", "reasons", false, false},
		{ActRecordCallback, "", "statement", false, false},
		{ActRecordFinding, "", "account", false, false},
		{ActRecordInvestigation, "", "account", false, false},
	} {
		e := Event{Name: string(c.kind), Actor: "wang", Data: map[string]string{"result": c.result}}
		if RatedMayRead(e, c.field, "wang") != c.own || RatedMayRead(e, c.field, "petra") != c.everybody {
			t.Errorf("%s %s: %s", c.kind, c.result, c.field)
		}
	}
}

func TestWhatMessagesTell(t *testing.T) {
	person, head, handler := []Role{WindowStaff}, []Role{UnitHead}, []Role{UnitHandler}
	for _, c := range []struct {
		name  string
		roles []Role
		want  string
	}{
		{string(ActDecideAppeal), person, NewsOfAppeal},
		{string(ActConfirmMalice), head, NewsOfAppeal},
		{string(ActConfirmMalice), []Role{UnitHead, Supervisor}, string(ActConfirmMalice)},
		{string(ActApproveWriteOff), person, NewsOfStanding},
		{string(DeadlineSilence), head, NewsOfStanding},
		{string(ActReviewWriteOff), head, NewsOfStanding},
		{string(ActDecideAccountability), head, NewsOfAccountability},
		{string(ActRejectRectification), person, NewsOfAccountability},
		{string(ActRejectRectification), handler, string(ActRejectRectification)},
		{string(DeadlineStep), person, NewsOfAccountability},
		{string(ActRecordFinding), person, string(ActServeNotice)},
		{string(DeadlineNotice), head, string(ActServeNotice)},
		{string(ActApproveReattribution), head, string(ActServeNotice)},
		{NewsOfLeaving, head, NewsOfLeaving},
		{NewsOfLeaving, person, NewsOfLeaving},
		{string(ActTransfer), handler, string(ActTransfer)},
		{string(ActFlagMalice), []Role{Supervisor}, string(ActFlagMalice)},
	} {
		if got := Told(c.name, c.roles); got != c.want {
			t.Errorf("%s tells %v %q, want %q", c.name, c.roles, got, c.want)
		}
	}
	for _, e := range []ActKind{ActDecideAppeal, ActConfirmMalice} {
		if Told(string(e), person) != NewsOfAppeal {
			t.Errorf("%s is told otherwise than the other way in which an appeal is upheld", e)
		}
	}
}

func TestRoundsOfAccountability(t *testing.T) {
	first, second, third := at("2026-11-01 10:00"), at("2026-11-10 10:00"), at("2026-11-20 10:00")
	c := Case{Tracks: map[Track]Stage{TrackAccountability: StageDecision}, Measures: []Measure{
		{OpenedAt: first, InForceAt: first, RevokedAt: second}, {OpenedAt: second, InForceAt: second}, {OpenedAt: second}, {OpenedAt: third}}}
	for i, want := range []Stage{StageRevoked, StageFinal, StageDropped, StageDecision} {
		if got := c.RoundStage(i); got != want {
			t.Errorf("round %d ended %q, want %q", i, got, want)
		}
	}
	for _, r := range []struct {
		round int
		at    time.Time
		in    bool
	}{
		{0, first.Add(-time.Second), false}, {0, first, true}, {0, second, false},
		{1, second, false}, {2, second, true}, {2, third, false}, {3, third, true}, {3, third.Add(time.Hour), true},
	} {
		if c.InRound(r.round, Event{At: r.at}) != r.in {
			t.Errorf("%v in round %d: %v", r.at, r.round, !r.in)
		}
	}
}

func TestUntilWhenActsAreOffered(t *testing.T) {
	d := setup(t)
	if !d.c.OfferedUntil(ActLodgeAppeal).IsZero() {
		t.Error("nothing was served")
	}
	d.toRectification()
	d.do("sam", ActReferAccountability, withReasons...)
	d.do("petra", ActGiveStatement, "statement", "s")
	if !d.c.OfferedUntil(ActRequestReview).IsZero() || !d.c.OfferedUntil(ActLodgeAppeal).Equal(d.c.Notice.AppealUntil) {
		t.Error("a review is offered once it is decided")
	}
	d.do("dora", ActDecideAccountability, "kind", "criticism", "basis", "b", "reasons", "r")
	if until := d.c.OfferedUntil(ActRequestReview); !until.After(d.now) {
		t.Errorf("a review is offered until %v", until)
	}
}

func TestWhatTheRaterIsToldOf(t *testing.T) {
	day := at("2026-12-01 10:00")
	for _, c := range []struct {
		name string
		c    Case
		want []Note
	}{
		{"nothing", Case{Tracks: map[Track]Stage{TrackAppeal: StageReview, TrackMalice: StageConfirmation, TrackAccountability: StageDecision,
			TrackReattribution: StageDone, TrackExtension: StageApproval, TrackWriteOff: StageApproval}}, nil},
		{"to object", written(StageObjection, WriteOff{Kind: "mistaken", ApprovedAt: day}), []Note{{"write_off.mistaken", day, ActDecideObjection, time.Time{}}}},
		{"to be told", written(StageTelling, WriteOff{Kind: "malicious", ApprovedAt: day}), []Note{{"write_off.malicious", day, ActDecideObjection, time.Time{}}}},
		{"in force, to object", written(StageInForce, WriteOff{EffectiveAt: day}), []Note{{"write_off.in_force_open", day, ActDecideObjection, time.Time{}}}},
		{"objected", written(StageObjected, WriteOff{ObjectedAt: day}), []Note{{"write_off.objected", day, ActDecideObjection, time.Time{}}}},
		{"in force", written(StageSampled, WriteOff{EffectiveAt: day}), []Note{{"write_off.in_force", day, ActDecideObjection, time.Time{}}}},
		{"reversed", written(StageReversed, WriteOff{ReversedAt: day}), []Note{{"write_off.reversed", day, ActDecideObjection, time.Time{}}}},
		{"counts on", written(StageRefused, WriteOff{ObjectedAt: day}), []Note{{"write_off.counts_on", time.Time{}, ActDecideObjection, time.Time{}}}},
		{"never told of a write-off that nobody approved", written(StageRefused, WriteOff{}), nil},
		{"credit, between the two approvals", Case{Credit: Credit{ProposedAt: day}, Tracks: map[Track]Stage{TrackCredit: StageSecond}}, []Note{{"credit.pending", day, ActProposeCredit, time.Time{}}}},
		{"ordered again", Case{Reopened: 1, Again: []string{AgainDissatisfied}}, []Note{{Code: "reopened"}}},
		{"ordered again, before the reason was kept", Case{Reopened: 1}, []Note{{Code: "reopened"}}},
		{"ordered again after a reversed write-off", Case{Reopened: 2, Again: []string{AgainDissatisfied, AgainReversed}}, []Note{{Code: "reopened.write_off_reversed"}}},
		{"ordered again by the level above", Case{Reopened: 1, Again: []string{AgainUpperReview}}, []Note{{Code: "reopened.upper_review"}}},
		{"one level up, done", Case{Raised: UpperReview{DoneAt: day}, Tracks: map[Track]Stage{TrackUpperReview: StageDone}}, []Note{{"upper_review.done", day, ActReviewCase, time.Time{}}}},
		{"an inquiry and days granted", Case{Inquiry: Inquiry{OpenedAt: day}, Tracks: map[Track]Stage{TrackInvestigation: StageInquiry, TrackExtension: StageGranted}},
			[]Note{{"investigation", day, "", time.Time{}}, {Code: "extended"}}},
		{"followed up", Case{FollowUp: FollowUp{At: day}}, []Note{{"followed_up", day, "", time.Time{}}}},
	} {
		if got := c.c.RaterNotes(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func written(stage Stage, w WriteOff) Case {
	return Case{WriteOff: w, Tracks: map[Track]Stage{TrackWriteOff: stage}}
}

func TestWhatAUnitWithTheOrderLearns(t *testing.T) {
	for kind, want := range map[ActKind]bool{ActSign: true, ActSubmitRectification: true, ActRequestExtension: true, ActAcceptRectification: false,
		ActConfirmMalice: false, ActApproveWriteOff: false, ActDecideAccountability: false, ActLodgeAppeal: false} {
		if spec, _ := SpecOf(kind); ReaderUnit.ShowsAct(spec) != want || !ReaderAuthority.ShowsAct(spec) {
			t.Errorf("the step %s", kind)
		}
	}
	for kind, want := range map[ActKind]bool{ActSubmitPlan: true, ActSubmitRectification: true, ActConfirmMalice: false, ActObjectWriteOff: false, ActAcceptRectification: false} {
		if ReaderUnit.ShowsDeadline(Deadline{Act: kind}) != want || !ReaderOversight.ShowsDeadline(Deadline{Act: kind}) {
			t.Errorf("the deadline of %s", kind)
		}
	}
	for name, want := range map[string]bool{"order": true, "extension": true, "extension_days": true, "result": false, "ground": false, "raised_confirm_malice": false} {
		if ReaderUnit.ShowsData(Event{Kind: EventAct}, name) != want || !ReaderAuthority.ShowsData(Event{Kind: EventAct}, name) {
			t.Errorf("the code %s", name)
		}
	}
	for finding, want := range map[string]string{"substantiated": "substantiated", "suspected_mistaken": "", "suspected_malicious": ""} {
		c := Case{Finding: Finding{Kind: finding}}
		if ReaderUnit.ShowsFinding(c) != want || ReaderOversight.ShowsFinding(c) != finding {
			t.Errorf("the finding %s", finding)
		}
	}
	hidden := Event{Kind: EventAct, Name: string(ActConfirmMalice), From: PhaseRectification, To: PhaseRectification}
	moved := Event{Kind: EventAct, Name: string(ActApproveWriteOff), From: PhaseRectification, To: PhaseReply}
	if ReaderUnit.Hears(hidden) || !ReaderUnit.Hears(moved) || !ReaderUnit.Hears(Event{Kind: EventAct, Name: string(ActTransfer)}) || !ReaderAuthority.Hears(hidden) {
		t.Error("what a unit hears of")
	}
}

// The whole of what the rated side and a unit are told by the rules, for a rating that is written off as
// a mistake and for one that is written off as malicious: nothing of it differs, step by step, but that
// the second takes one step more, which neither of them learns of.
func TestAMistakeAndMaliceLookAlike(t *testing.T) {
	tell := func(decide []string, more ...func(*desk)) []string {
		d := setup(t).with(WriteOffSample, 100)
		d.toRectification()
		d.do("wang", ActLodgeAppeal, appealed...)
		from := len(d.log)
		d.do("sue", ActDecideAppeal, decide...)
		for _, step := range more {
			step(d)
		}
		d.do("sam", ActApproveWriteOff)
		d.do("clara", ActTellRater, told...)
		d.until("2026-12-01 00:00")
		d.do("upsam", ActReviewWriteOff, result("confirmed")...)
		told := []string{fmt.Sprint(d.c.Standing(), d.c.AppealStage(), d.c.Phase, ReaderUnit.ShowsTrack(d.c, TrackWriteOff))}
		for _, e := range d.log[from:] {
			for _, role := range []Role{WindowStaff, UnitHead, UnitHandler} {
				named := role == WindowStaff && e.NotifyStaff == "st1"
				if named || slices.ContainsFunc(e.Notify, func(s Seat) bool { return s.Role == role && s.Org == police }) {
					told = append(told, fmt.Sprint(role, " ", Told(e.Name, []Role{role})))
				}
			}
			if ReaderUnit.Hears(e) {
				told = append(told, fmt.Sprint("hears ", e.To))
			}
		}
		return told
	}
	mistake := tell(mistaken)
	malice := tell(maliciousA, func(d *desk) { d.do("hedda", ActConfirmMalice, opinion...) })
	if !slices.Equal(mistake, malice) || len(mistake) < 4 {
		t.Errorf("a mistake:\n%q\nmalice:\n%q", mistake, malice)
	}
}
