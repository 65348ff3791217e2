package regulation

import (
	"slices"
	"testing"
	"time"

	"haochaping/workday"
)

func TestPeriods(t *testing.T) {
	for _, text := range []string{"2026-01", "2026-12", "2026-Q1", "2026-Q4"} {
		if p, ok := ParsePeriod(text); !ok || p.String() != text {
			t.Errorf("%s reads as %s, %t", text, p, ok)
		}
	}
	for _, text := range []string{"", "2026", "2026-13", "2026-0", "2026-1", "2026-Q0", "2026-Q5", "26-01", "2026-Qx", "-01"} {
		if p, ok := ParsePeriod(text); ok {
			t.Errorf("%q reads as %s", text, p)
		}
	}
	november, _ := ParsePeriod("2026-11")
	if q := november.Quarter(); q.String() != "2026-Q4" || !slices.Equal(q.Months(), []string{"2026-10", "2026-11", "2026-12"}) || q.Next().String() != "2027-Q1" {
		t.Errorf("its quarter is %s of %v, then %s", q, q.Months(), q.Next())
	}
	if next := november.Next().Next(); next.String() != "2027-01" {
		t.Errorf("two months on is %s", next)
	}
	end := workday.NewDate(2026, time.December, 1).Start()
	params, err := NewParams(Edition1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !november.End().Equal(end) || !november.SealedFrom(params).Equal(end) {
		t.Errorf("it ends %s and is sealed from %s", november.End(), november.SealedFrom(params))
	}
	fifth, err := params.With(map[string]int{SealDay: 5})
	if err != nil || !november.SealedFrom(fifth).Equal(end.AddDate(0, 0, 4)) {
		t.Errorf("sealed from %s, %v", november.SealedFrom(fifth), err)
	}
	if got := MonthOf(workday.DateOf(end.Add(-time.Second))); got != "2026-11" {
		t.Errorf("the last second of November lies in %s", got)
	}
}

// What came late, was written off, counts again or went to others makes a version; what became of a case does not.
func TestWhyAVersionIsMade(t *testing.T) {
	before := Sealed{Formula: FigureFormula, Figures: SealedFigures{Total: SealedLine{Given: Tally{Grades: [5]int64{1, 1, 0, 0, 3}}},
		Adjusted: []SealedAdjustment{{Case: "off", Off: true}, {Case: "moved", To: "a//"}}}}
	same := before.Figures
	same.Total.Cases = &CaseTally{Concluded: 1}
	if reasons := before.Changed(same); reasons != nil {
		t.Errorf("a case that went on: %v", reasons)
	}
	now := SealedFigures{Total: SealedLine{Given: Tally{Grades: [5]int64{1, 2, 0, 0, 4}, NotRated: 1}},
		Adjusted: []SealedAdjustment{{Case: "moved", To: "b//"}, {Case: "new", Off: true}}}
	want := []SealReason{{SealLateRatings, 2}, {SealLateSessions, 1}, {SealWrittenOff, 1}, {SealReinstated, 1}, {SealReattributed, 1}}
	if reasons := before.Changed(now); !slices.Equal(reasons, want) {
		t.Errorf("%v, want %v", reasons, want)
	}
	before.Formula = FigureFormula - 1
	if reasons := before.Changed(same); !slices.Equal(reasons, []SealReason{{SealFormula, 0}}) {
		t.Errorf("another formula: %v", reasons)
	}
}

// Once the last case of a period is concluded or written off there is a version that tells all; what becomes of some of them is no
// reason.
func TestCasesThatAreAllSettledMakeAVersion(t *testing.T) {
	figures := func(cases, concluded, off int64) SealedFigures {
		return SealedFigures{Total: SealedLine{Cases: &CaseTally{Cases: cases, Concluded: concluded, WrittenOff: off}}}
	}
	sealed := Sealed{Formula: FigureFormula, Figures: figures(9, 4, 1)}
	if reasons := sealed.Changed(figures(9, 7, 1)); reasons != nil {
		t.Errorf("one is open still: %v", reasons)
	}
	if reasons := sealed.Changed(figures(9, 8, 1)); len(reasons) != 1 || reasons[0] != (SealReason{SealSettled, 4}) {
		t.Errorf("all are settled: %v", reasons)
	}
	sealed.Figures = figures(9, 8, 1)
	if reasons := sealed.Changed(figures(9, 8, 1)); reasons != nil {
		t.Errorf("told already: %v", reasons)
	}
}

// The cases of a period are due after the days that one takes after another by the rules, and what is open then is told once.
func TestCasesAreDueAfterTheirOwnDays(t *testing.T) {
	params, err := NewParams(Edition1, nil)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, name := range []string{AcceptDays, VerificationDays, NoticeDays, TransferDays, SignDays, RectificationDays, AcceptanceDays, ReplyDays, ClosingDays, CloseDays} {
		sum += params.Days(name)
	}
	if params.Days(SettleDays) != sum || params.Days(PublishBulletinDays) <= sum || params.Days(AppealDays)+params.Days(AppealReviewDays) > params.Days(RectificationDays) {
		t.Errorf("the days of a case come to %d, its period is settled after %d", sum, params.Days(SettleDays))
	}
	r := Rules{Params: params, Calendar: workday.National()}
	quarter, _ := ParsePeriod("2026-Q1")
	if due := r.CasesDue(quarter); !due.Equal(workday.NewDate(2026, time.May, 16).Start()) {
		t.Errorf("due from %s", due)
	}
	open := SealedFigures{Total: SealedLine{Cases: &CaseTally{Cases: 9, Concluded: 5, WrittenOff: 1}}}
	if reasons := open.Due(false); !slices.Equal(reasons, []SealReason{{SealDue, 3}}) || open.Due(true) != nil || (SealedFigures{}).Due(false) != nil {
		t.Errorf("%v", reasons)
	}
}
