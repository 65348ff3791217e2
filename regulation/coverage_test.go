package regulation

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestCoverageOfEachKind holds the rule to its cases: what is a way, and what is missing all the same.
func TestCoverageOfEachKind(t *testing.T) {
	evaluator, code := []Way{WayEvaluator}, []Way{WayCode}
	for _, c := range []struct {
		name  string
		f     CoverFact
		ways  []Way
		lacks []Lack
	}{
		{"a window with all", CoverFact{Kind: CoverWindow, Evaluator: true, Code: true, Serving: 1}, []Way{WayEvaluator, WayCode}, nil},
		{"a code does not make up for the evaluator", CoverFact{Kind: CoverWindow, Code: true, Serving: 1}, code, []Lack{LackEvaluator}},
		{"an evaluator that shows nobody", CoverFact{Kind: CoverWindow, Evaluator: true, Code: true}, []Way{WayEvaluator, WayCode}, []Lack{LackRoster}},
		{"a window with nothing", CoverFact{Kind: CoverWindow, Serving: 1}, nil, []Lack{LackEvaluator, LackCode}},
		{"a hall with windows and no box", CoverFact{Kind: CoverHall, Windows: 2, Below: evaluator}, evaluator, []Lack{LackBox}},
		{"a hall with a box only", CoverFact{Kind: CoverHall, Box: true}, []Way{WayBox}, []Lack{LackWindow}},
		{"a county with nothing", CoverFact{Kind: CoverCounty}, nil, []Lack{LackHall}},
		{"a township whose hall has codes only", CoverFact{Kind: CoverTownship, Halls: 1, Below: code}, code, []Lack{LackEvaluator}},
		{"a matter of a unit without a window", CoverFact{Kind: CoverMatter, Code: true, Portal: true}, []Way{WayCode, WayPortal}, []Lack{LackWindow}},
		{"a matter that nobody can name", CoverFact{Kind: CoverMatter, Windows: 1, Below: evaluator}, evaluator, []Lack{LackCode, LackTask}},
		{"somebody on no roster", CoverFact{Kind: CoverStaff}, nil, []Lack{LackRoster}},
		{"somebody without a photo", CoverFact{Kind: CoverStaff, Serving: 1, Below: evaluator, Unpublished: true}, evaluator, []Lack{LackProfile}},
	} {
		got := CoverOf(c.f)
		if !slices.Equal(got.Ways, c.ways) || !slices.Equal(got.Lacks, c.lacks) || got.Rateable() != (len(c.ways) > 0) {
			t.Errorf("%s: ways %v, lacks %v", c.name, got.Ways, got.Lacks)
		}
	}
}

// TestCoverageIsNeverRoundedUp: only all of it is 100 per cent.
func TestCoverageIsNeverRoundedUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.IntRange(0, 1_000_000).Draw(t, "all")
		c := Covered{All: all, Rateable: rapid.IntRange(0, all).Draw(t, "rateable")}
		if (c.Percent() == 100) != (c.Rateable == c.All) || c.Percent() < 0 || c.Percent() > 100 {
			t.Fatalf("%+v: %v", c, c.Percent())
		}
	})
}
