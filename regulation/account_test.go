package regulation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Two grounds of accountability that meet in one case: each is heard and decided on, in whatever order
// they come (R45).

var (
	stated    = []string{"statement", "we had one window"}
	criticism = []string{"kind", "criticism", "basis", "b", "reasons", "r"}
	toBody    = []string{"kind", "competent_body", "basis", "b", "reasons", "r"}
	noMeasure = []string{"kind", "none", "reasons", "r"}
)

// round holds what the last round is about, where it stands, and what waits for its end.
func (d *desk) round(n int, stage Stage, reasons []string, waiting ...string) {
	d.t.Helper()
	var pending []string
	for _, g := range d.c.Pending {
		pending = append(pending, g.Reason)
	}
	if len(d.c.Measures) != n || d.c.Stage(TrackAccountability) != stage || !slices.Equal(d.c.measure().Reasons(), reasons) || !slices.Equal(pending, waiting) {
		d.t.Fatalf("round %d at %q for %v, then %v; want round %d at %q for %v, then %v",
			len(d.c.Measures), d.c.Stage(TrackAccountability), d.c.measure().Reasons(), pending, n, stage, reasons, waiting)
	}
}

// overdueInForce comes to a criticism for overdue rectification that is in force.
func (d *desk) overdueInForce() {
	d.t.Helper()
	d.toRectification()
	d.until("2026-12-16 00:00")
	d.do("petra", ActGiveStatement, stated...)
	d.do("dora", ActDecideAccountability, criticism...)
	d.round(1, StageInForce, []string{"overdue"})
}

// pressed establishes pressure while the survey runs.
func (d *desk) pressed() {
	d.t.Helper()
	d.do("", ActAnswerSurvey, "grade", "4", "resolved", "yes", "pressed", "yes")
	d.do("upsam", ActRecordInvestigation, "result", "established", "account", "a")
}

func TestInsufficientAfterACriticismInForceReachesTheCompetentBody(t *testing.T) {
	for name, end := range map[string]struct {
		by    func(d *desk)
		ended string
	}{
		"final by silence": {func(d *desk) { d.until("2027-01-10 00:00") }, "final"},
		"upheld on review": {func(d *desk) {
			d.do("petra", ActRequestReview, "grounds", "g")
			d.round(1, StageReview, []string{"overdue"}, "insufficient")
			d.do("updora", ActDecideReview, result("upheld")...)
		}, "final"},
		"revoked on review": {func(d *desk) {
			d.do("petra", ActRequestReview, "grounds", "g")
			d.do("updora", ActDecideReview, result("revoked")...)
		}, "revoked"},
		"revoked in force": {func(d *desk) { d.do("updora", ActRevokeAccountability, withReasons...) }, "revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			d := setup(t)
			d.overdueInForce()
			d.do("paul", ActSubmitRectification, rectified...)
			d.do("sam", ActRejectRectification, "reason", "nothing was done")
			d.round(1, StageInForce, []string{"overdue"}, "insufficient")
			end.by(d)
			told := slices.IndexFunc(d.log, func(e Event) bool { return e.Data["round_ended"] != "" })
			if told < 0 || d.log[told].Data["round_ended"] != end.ended || d.log[told].Stages[TrackAccountability] != StageStatement ||
				!slices.Contains(d.log[told].Notify, Seat{UnitHead, police}) {
				t.Fatalf("the event of the end tells %+v", d.log[max(told, 0)])
			}
			if got := string(d.c.RoundStage(0)); got != end.ended {
				t.Errorf("the first round ended %q", got)
			}
			if d.c.InRound(1, d.log[told]) || !d.c.InRound(0, d.log[told]) {
				t.Error("what ended the first round is told of the second")
			}
			if d.c.Stage(TrackAccountability) == StageStatement {
				d.do("petra", ActGiveStatement, stated...)
			}
			d.round(2, StageDecision, []string{"insufficient"})
			d.do("dora", ActDecideAccountability, toBody...)
			d.round(2, StageReferred, []string{"insufficient"})
		})
	}
}

func TestAGroundJoinsTheRoundInWhichTheOtherSideIsHeard(t *testing.T) {
	d := setup(t)
	d.toRectification()
	d.do("sam", ActReferAccountability, withReasons...)
	d.now = at("2026-11-27 10:00")
	first := d.c.Await(ActGiveStatement).Due
	d.do("paul", ActSubmitRectification, rectified...)
	d.do("sam", ActRejectRectification, "reason", "nothing was done")
	d.round(1, StageStatement, []string{"referred", "insufficient"})
	if due := d.c.Await(ActGiveStatement).Due; !due.After(first) {
		t.Errorf("the days to speak to the new ground end %v, those of the first ended %v", due, first)
	}
	draft := d.drafted("sue", DocumentStatement)
	if draft.Values["measure_reason"] != "measure_reason=referred、measure_reason=insufficient" || !strings.HasPrefix(draft.About, "statement/1/2@") {
		t.Errorf("the form asks about %q as %s", draft.Values["measure_reason"], draft.About)
	}
	d.do("petra", ActGiveStatement, stated...)
	d.do("dora", ActDecideAccountability, toBody...)
}

func TestAGroundThatComesBeforeTheDecisionIsHeardFirst(t *testing.T) {
	d := setup(t)
	d.toRectification()
	d.do("sam", ActReferAccountability, withReasons...)
	d.do("petra", ActGiveStatement, stated...)
	d.round(1, StageDecision, []string{"referred"})
	said := d.c.measure().Statement
	d.until("2026-12-08 00:00") // the decision is awaited until then
	d.until("2026-12-15 00:00")
	d.round(1, StageStatement, []string{"referred", "overdue"})
	if d.c.Await(ActDecideAccountability) != nil || d.c.measure().Statement != said {
		t.Errorf("%+v, stated %v", d.c.Awaiting, d.c.measure().Statement)
	}
	d.refused(NotNow, "not_open_accountability", "dora", ActDecideAccountability, toBody...)
	d.until("2026-12-25 00:00")
	d.round(1, StageDecision, []string{"referred", "overdue"})

	d.do("paul", ActSubmitRectification, rectified...)
	d.do("sam", ActRejectRectification, "reason", "nothing was done")
	d.round(1, StageStatement, []string{"referred", "overdue", "insufficient"})
	d.do("petra", ActGiveStatement, stated...)
	d.do("paul", ActSubmitRectification, rectified...)
	d.do("sam", ActRejectRectification, "reason", "again")
	d.round(1, StageDecision, []string{"referred", "overdue", "insufficient"}) // they spoke to that already
	if n := len(d.c.measure().Grounds); n != 4 {
		t.Errorf("%d grounds, four escalations", n)
	}
}

// Pressure on a rater is a round of its own: what becomes of the rating does not end it.
func TestPressureAndTheRatingsOwnGroundsAreRoundsApart(t *testing.T) {
	late := func(d *desk) {
		d.with(WriteOffSample, 0).toRectification()
		d.until("2026-12-16 00:00")
		d.do("paul", ActSubmitRectification, rectified...)
		d.do("sam", ActAcceptRectification)
		d.do("sam", ActReleaseReply, "reply", "r")
	}
	writeOff := func(d *desk) {
		d.c.Notice.AppealUntil = d.now
		d.do("wang", ActLodgeAppeal, appealed...)
		d.do("sue", ActDecideAppeal, mistaken...)
		d.heardAndWrittenOff()
	}
	t.Run("pressure waits for the end of the other", func(t *testing.T) {
		d := setup(t)
		late(d)
		d.pressed()
		d.round(1, StageStatement, []string{"overdue"}, "pressure")
		d.do("petra", ActGiveStatement, stated...)
		d.do("dora", ActDecideAccountability, noMeasure...)
		d.round(2, StageStatement, []string{"pressure"})
	})
	t.Run("a write-off ends the other and opens the one for pressure", func(t *testing.T) {
		d := setup(t)
		late(d)
		d.pressed()
		writeOff(d)
		d.round(2, StageStatement, []string{"pressure"})
		if d.last.Data["round_ended"] != "dropped" || d.c.RoundStage(0) != StageDropped {
			t.Errorf("%v, the first round ended %q", d.last.Data, d.c.RoundStage(0))
		}
		d.do("petra", ActGiveStatement, stated...)
		d.do("dora", ActDecideAccountability, criticism...)
	})
	t.Run("a write-off leaves the one for pressure and takes what waits", func(t *testing.T) {
		d := setup(t)
		d.with(WriteOffSample, 0).toSurvey()
		d.pressed()
		d.round(1, StageStatement, []string{"pressure"})
		d.c.Pending = []Ground{{Seq: 1, Reason: "insufficient", Unit: police}}
		writeOff(d)
		d.round(1, StageStatement, []string{"pressure"})
	})
}

func TestAnotherUnitsGroundWaitsForItsRound(t *testing.T) {
	d := setup(t)
	d.toSigning()
	d.do("sam", ActReferAccountability, withReasons...)
	d.do("paul", ActReturnOrder, "reason", "not ours")
	d.do("sam", ActTransfer, "unit", medical, "instructions", "put it right")
	d.do("mara", ActSign)
	d.do("mara", ActSubmitPlan, "measures", "m", "responsible", "r", "target_date", "2026-12-01")
	d.do("mara", ActSubmitRectification, rectified...)
	d.do("sam", ActRejectRectification, "reason", "nothing was done")
	d.round(1, StageStatement, []string{"referred"}, "insufficient")
	returned := d.c
	returned.Unit = police
	if !slices.Contains(returned.Concerned(), medical) {
		t.Errorf("the rules know the people of %v", returned.Concerned())
	}
	d.do("petra", ActGiveStatement, stated...)
	d.do("dora", ActDecideAccountability, noMeasure...)
	d.round(2, StageStatement, []string{"insufficient"})
	if k := d.c.measure(); k.Unit != medical || !slices.Equal(d.c.Await(ActGiveStatement).Seats, []Seat{{UnitHandler, medical}}) {
		t.Errorf("%+v before %+v", k, d.c.Await(ActGiveStatement))
	}
}

// What waits keeps the case from being over.
func TestARoundThatWaitsKeepsTheCaseOpen(t *testing.T) {
	d := setup(t)
	d.toRectification()
	d.until("2026-12-16 00:00")
	d.do("paul", ActSubmitRectification, rectified...)
	d.do("sam", ActAcceptRectification)
	d.do("sam", ActReleaseReply, "reply", "r")
	d.pressed()
	d.do("clara", ActClosingCallback, closingCall...)
	d.do("viktor", ActRecheck, "result", "passed")
	d.do("sam", ActClose, "matter_status", "concluded")
	d.do("petra", ActGiveStatement, stated...)
	d.do("dora", ActDecideAccountability, noMeasure...)
	d.phase(PhaseAfter)
	if !d.c.ClosedAt.IsZero() || d.last.To != PhaseAfter {
		t.Errorf("closed at %v, the event leads to %s", d.c.ClosedAt, d.last.To)
	}
	d.do("petra", ActGiveStatement, stated...)
	d.do("dora", ActDecideAccountability, noMeasure...)
	d.phase(PhaseClosed)
}

// A case of before grounds were kept goes on.
func TestARoundOfAnEarlierBuildTakesAGround(t *testing.T) {
	d := setup(t)
	d.toRectification()
	d.do("sam", ActReferAccountability, withReasons...)
	d.c.Measures[0].Grounds, d.c.Measures[0].Seq = nil, 0
	state, err := json.Marshal(d.c)
	if err != nil {
		t.Fatal(err)
	}
	d.c = Case{}
	if err := json.Unmarshal(state, &d.c); err != nil {
		t.Fatal(err)
	}
	d.do("paul", ActSubmitRectification, rectified...)
	d.do("sam", ActRejectRectification, "reason", "nothing was done")
	d.round(1, StageStatement, []string{"referred", "insufficient"})
	d.do("petra", ActGiveStatement, stated...)
	d.do("dora", ActDecideAccountability, toBody...)
	d.do("dora", ActRecordBody, "body", "b", "document_number", "12", "document_date", "2026-12-20", "outcome", "o")
	d.do("updora", ActRevokeAccountability, withReasons...)
}

// What a revocation takes back is the measure's own escalations, and a write-off those of the rating.
func TestWhatAnEscalationLedToIsTakenBackOneByOne(t *testing.T) {
	back := func(d *desk) (reasons []string) {
		for _, e := range d.c.Escalation {
			if e.To == "discipline" {
				reasons = append(reasons, fmt.Sprint(e.Reason, " ", d.c.TookBack(e)))
			}
		}
		return reasons
	}
	holds := func(d *desk, want ...string) {
		d.t.Helper()
		if got := back(d); !slices.Equal(got, want) {
			d.t.Errorf("%v, want %v", got, want)
		}
	}
	t.Run("of two rounds the second is revoked", func(t *testing.T) {
		d := setup(t)
		d.overdueInForce()
		d.do("paul", ActSubmitRectification, rectified...)
		d.do("sam", ActRejectRectification, "reason", "nothing was done")
		d.until("2027-01-20 00:00")
		d.round(2, StageDecision, []string{"insufficient"})
		d.do("dora", ActDecideAccountability, criticism...)
		holds(d, "rectification_overdue false", "insufficient false")
		d.do("updora", ActRevokeAccountability, withReasons...)
		holds(d, "rectification_overdue false", "insufficient true")
		of := slices.IndexFunc(d.c.Escalation, func(e Escalated) bool { return e.Reason == "insufficient" })
		if e := d.last.Entries[0]; !slices.Equal(e.Escalations, []int64{d.c.Escalation[of].Seq}) {
			t.Errorf("%+v", e)
		}
	})
	t.Run("written off before anything was decided", func(t *testing.T) {
		d := setup(t)
		d.with(WriteOffSample, 100).toSurvey()
		d.do("sam", ActReferAccountability, withReasons...)
		d.do("", ActAnswerSurvey, "grade", "4", "resolved", "yes", "pressed", "yes")
		d.do("upsam", ActRecordInvestigation, "result", "established", "account", "a")
		d.do("wang", ActLodgeAppeal, appealed...)
		d.do("sue", ActDecideAppeal, mistaken...)
		d.heardAndWrittenOff()
		holds(d, "referred true", "pressure false")
		report := slices.IndexFunc(d.c.Escalation, func(e Escalated) bool { return e.To == "upper" })
		if d.c.TookBack(d.c.Escalation[report]) {
			t.Error("the report of pressure is taken back")
		}
		d.rules.Roster = append(roster(), person("upsue", Supervisor, upper))
		d.do("upsue", ActReviewWriteOff, result("reversed")...)
		holds(d, "referred false", "pressure false")
	})
	t.Run("attributed to another unit before anything was decided", func(t *testing.T) {
		d := setup(t)
		d.toRectification()
		d.do("sam", ActReferAccountability, withReasons...)
		d.do("vera", ActProposeReattribution, "rated_unit", medical, "reasons", "r")
		d.do("sue", ActApproveReattribution)
		holds(d, "referred true")
	})
	t.Run("an entry of before escalations were kept", func(t *testing.T) {
		c := Case{Entries: []Entry{{Seq: 7, Kind: EntryRevocation, From: Rated{Unit: police}}}}
		for seq, want := range map[int64]bool{5: true, 8: false} {
			if c.TookBack(Escalated{Seq: seq, Reason: "overdue", Unit: police}) != want {
				t.Errorf("escalation %d: %t", seq, !want)
			}
		}
	})
}
