package regulation

import (
	"slices"
	"testing"
)

// 8(2), R39: by good rate, then number, then id; equal ones share a rank; each reason has its switch, and a person does not answer for
// what a unit was late with.
func TestCandidatesFollowFromTheFigures(t *testing.T) {
	line := func(key string, good, bad int64) SealedLine {
		return SealedLine{Key: key, Under: "u-" + key, Net: Tally{Grades: [5]int64{bad, 0, 0, 0, good}}}
	}
	late, confirmed := line("late", 40, 0), line("confirmed", 50, 1)
	late.Cases, confirmed.Confirmed = &CaseTally{Unit: 1}, 1
	lines := []SealedLine{line("b", 45, 5), line("a", 90, 10), line("few", 29, 0), line("c", 45, 5), late, confirmed, line("suspect", 60, 0), line("office", 60, 0)}
	units := map[string]string{}
	for _, l := range lines {
		units[l.Key] = l.Under
	}
	record := HonourRecord{SuspectUnits: map[string]bool{"u-suspect": true}, SuspectStaff: map[string]bool{"a": true}, SuspectWindows: map[string]bool{"b": true}, Topmost: "u-office"}
	p, err := NewParams(Edition1, nil)
	if err != nil {
		t.Fatal(err)
	}
	told := func(list []Candidate) (texts []string) {
		for _, c := range list {
			text := string(rune('0'+c.Rank)) + c.Object
			for _, reason := range c.Barred {
				text += "-" + reason
			}
			texts = append(texts, text)
		}
		return texts
	}
	stars := p.Candidates(SealedFigures{Windows: lines}, HonourStar, units, record, HonourRule)
	if got, want := told(stars), []string{"1office-own_office", "1suspect-false_praise", "3late-overdue", "4confirmed-confirmed", "5a", "6b-false_praise", "6c"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	models := p.Candidates(SealedFigures{Staff: lines}, HonourModel, nil, record, HonourRule)
	// What was not confirmed against a person does not count against them (R60).
	if got, want := told(models), []string{"1a-false_praise", "2office-own_office", "2suspect-false_praise", "4b", "4c", "6late", "7confirmed-confirmed"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if c := models[6]; c.Rate() != (Ratio{50, 51}) || c.Rated != 51 {
		t.Errorf("%+v", c)
	}
	models = p.Candidates(SealedFigures{Staff: lines}, HonourModel, nil, record, HonourRuleAll)
	if got, want := told(models), []string{"1office-own_office", "1suspect-false_praise", "3late", "4confirmed-confirmed", "5a-false_praise", "6b", "6c"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	slices.Reverse(lines)
	if HonourListDigest(p.Candidates(SealedFigures{Windows: lines}, HonourStar, units, record, HonourRule)) != HonourListDigest(stars) {
		t.Error("the order in which lines come in counts")
	}
	lax, err := p.With(map[string]int{HonourConfirmed: 0, HonourFalsePraise: 0, HonourOverdue: 0, HonourLeastRatings: 60})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := told(lax.Candidates(SealedFigures{Windows: lines}, HonourStar, units, record, HonourRule)), []string{"1office-own_office", "1suspect", "3a"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
