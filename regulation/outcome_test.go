package regulation

import (
	"slices"
	"testing"
)

// outcomes are how the case stood to outsiders, the last as it stands now.
func (d *desk) outcomes() []Outcome { return Outcomes(d.c.Rated, d.log) }

func TestOutcomesOfTheMainLine(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	d.do("viktor", ActRecheck, "result", "passed")
	d.do("sam", ActClose, "matter_status", "concluded")
	d.phase(PhaseClosed)
	all := d.outcomes()
	names := []string{}
	for _, o := range all {
		names = append(names, d.log[o.Seq-1].Name)
	}
	if want := []string{"record_finding", "accept_rectification", "release_reply", "answer_survey", "close"}; !slices.Equal(names, want) {
		t.Fatalf("told at %v, want %v", names, want)
	}
	last := all[len(all)-1]
	if last.Finding != "substantiated" || last.RectifiedAt.IsZero() || last.RepliedAt.IsZero() || last.Second != Satisfied || !last.Concluded || last.WrittenOff || last.Reopened != 0 {
		t.Errorf("%+v", last)
	}
	if all[0].Concluded || all[0].Second != 0 || !all[0].RectifiedAt.IsZero() {
		t.Errorf("the first tells what came later: %+v", all[0])
	}
}

func TestOutcomeOfAWriteOffAndItsReversal(t *testing.T) {
	d := setup(t)
	d.with(WriteOffSample, 100).toSurvey()
	d.do("", ActAnswerSurvey, "grade", "4", "resolved", "yes", "pressed", "no")
	d.do("wang", ActLodgeAppeal, appealed...)
	d.do("sue", ActDecideAppeal, mistaken...)
	before := d.outcomes()
	if before[len(before)-1].WrittenOff {
		t.Fatal("written off while the rater may still object")
	}
	d.heardAndWrittenOff()
	all := d.outcomes()
	if last := all[len(all)-1]; !last.WrittenOff || last.Seq != d.c.Seq {
		t.Fatalf("%+v", last)
	}
	d.rules.Roster = append(roster(), person("upsue", Supervisor, upper))
	d.do("upsue", ActReviewWriteOff, result("reversed")...)
	if all = d.outcomes(); all[len(all)-1].WrittenOff {
		t.Errorf("after the reversal: %+v", all[len(all)-1])
	}
}

func TestOutcomeOfAReattribution(t *testing.T) {
	d := setup(t)
	was := d.c.Rated
	d.do("sam", ActAccept)
	d.do("vera", ActProposeReattribution, "rated_unit", medical, "reasons", "r")
	d.do("sam", ActApproveReattribution)
	all := Outcomes(was, d.log)
	if last := all[len(all)-1]; len(all) != 1 || last.Rated.Unit != medical || last.Seq != d.c.Seq {
		t.Errorf("%+v", all)
	}
}

func TestOutcomeOfAReopenedCase(t *testing.T) {
	d := setup(t)
	d.toSurvey()
	d.do("", ActAnswerSurvey, "grade", "2", "resolved", "no", "pressed", "no")
	all := d.outcomes()
	if last := all[len(all)-1]; last.Reopened != 1 || !last.RectifiedAt.IsZero() || !last.RepliedAt.IsZero() || last.Second != Dissatisfied {
		t.Errorf("%+v", last)
	}
}

func TestOutcomesReadTheSameLater(t *testing.T) {
	d := setup(t)
	d.toSurvey()
	early := d.outcomes()
	d.do("", ActAnswerSurvey, "grade", "4", "resolved", "yes", "pressed", "no")
	if later := d.outcomes(); !slices.Equal(later[:len(early)], early) {
		t.Errorf("%+v, before %+v", later, early)
	}
}
