package regulation

import (
	"cmp"
	"math/big"
	"slices"
)

// The composite score (综合评价得分) by which 8(1) ranks counties and departments: the regulation names it and leaves open how it
// comes about. It is a weighted mean of shares between 0 and 1, times 100, in exact fractions: nothing is rounded until it is
// shown. A share that cannot be told leaves its weight to the others.

// BoardFormula is the version of CompositeScore and RankPlaces; whoever changes what they come to raises it.
const BoardFormula = 1

// BoardPlaces is how many of each list are published, with all that are tied with the last of them (8(1)).
const BoardPlaces = 5

// Components of the composite score.
const (
	ScoreGood       = "good"       // good ratings among those that count
	ScoreHandled    = "handled"    // calls and replies made among those due to closed cases (R29)
	ScoreInTime     = "in_time"    // rectifications handed in within the days of 7(3) among those accepted (R34)
	ScoreActive     = "active"     // who rated among all whom an evaluator asked
	ScoreInspection = "inspection" // of the provincial rules, 0 to 100
)

// Why a component does not count.
const (
	ScoreNone       = "none"        // nothing that it could be told of
	ScoreFew        = "few"         // fewer cases than the parameter: one of them would tell of somebody
	ScoreNotEntered = "not_entered" // no inspection was scored and approved
	ScoreNoWeight   = "no_weight"
	// ScoreWithheld is told to the public alone: the share counts, and would tell of few.
	ScoreWithheld = "withheld"
)

// Why a place is not ranked.
const (
	UnrankedFew   = "few_ratings"
	UnrankedKeeps = "keeps_board"
)

// Parameters of the board of good ratings (8(1), R37).
const (
	BoardWeightGood       = "board_weight_good"
	BoardWeightHandled    = "board_weight_handled"
	BoardWeightInTime     = "board_weight_in_time"
	BoardWeightActive     = "board_weight_active"
	BoardWeightInspection = "board_weight_inspection"
	BoardLeastRatings     = "board_least_ratings"
	BoardLeastCases       = "board_least_cases"
	BoardRanksKeeper      = "board_ranks_keeper"
)

// BoardParams are those that a board is made with and prints.
var BoardParams = []string{BoardWeightGood, BoardWeightHandled, BoardWeightInTime, BoardWeightActive, BoardWeightInspection,
	BoardLeastRatings, BoardLeastCases, BoardRanksKeeper}

// FewestRatings is how many ratings a department or a hall has at least before the public learns figures of it (R21).
const FewestRatings = 30

// scoreComponents are those of the score with their weights, in the order in which pages show them.
var scoreComponents = []struct {
	name, weight string
	share        func(p RankedPlace) Ratio
	cases        bool // rests on single cases
}{
	{ScoreGood, BoardWeightGood, func(p RankedPlace) Ratio { return p.Net.GoodRate() }, false},
	{ScoreHandled, BoardWeightHandled, func(p RankedPlace) Ratio {
		c := p.Cases
		return Ratio{c.Called + c.Replied, 2*c.Concluded - c.CallExempt}
	}, true},
	{ScoreInTime, BoardWeightInTime, func(p RankedPlace) Ratio { return p.Cases.InTimeRate() }, true},
	{ScoreActive, BoardWeightActive, func(p RankedPlace) Ratio { return p.Given.ActiveRate() }, false},
	{ScoreInspection, BoardWeightInspection, func(p RankedPlace) Ratio {
		if p.Inspection == nil {
			return Ratio{}
		}
		return Ratio{p.Inspection.Hundredths, 100 * 100}
	}, false},
}

// ScoreComponents are the components with the parameter of each one's weight.
func ScoreComponents() (names, weights []string) {
	for _, c := range scoreComponents {
		names, weights = append(names, c.name), append(weights, c.weight)
	}
	return names, weights
}

// RankedPlace is what a county's or a department's score rests on, all of it from one sealed version.
type RankedPlace struct {
	Key        string           `json:"key"` // division of a county, id of a department
	Given      Tally            `json:"given"`
	Net        Tally            `json:"net"`
	Cases      CaseTally        `json:"cases"`
	Inspection *InspectionScore `json:"inspection,omitempty"`
	// Keeps tells that the place is the authority that keeps the board itself.
	Keeps bool `json:"keeps,omitempty"`
}

// InspectionScore is an approved one: the entry of its docket that approved it.
type InspectionScore struct {
	Hundredths int64  `json:"hundredths"` // 0 to 10000, a hundredth of a point each
	Docket     string `json:"docket"`
	Seq        int64  `json:"seq"`
}

// ScorePart is one component as it counts.
type ScorePart struct {
	Name   string `json:"name"`
	Weight int    `json:"weight"`
	// Of and Among make the share, Value is it in percent with two decimals; Missing is why it counts for nothing.
	Of      int64  `json:"of"`
	Among   int64  `json:"among"`
	Value   string `json:"value,omitempty"`
	Missing string `json:"missing,omitempty"`
}

// RankedLine is a place with its score. Score is exact, such as 4871/50, Shown the same with two decimals.
type RankedLine struct {
	Rank  int         `json:"rank"`
	Key   string      `json:"key"`
	Score string      `json:"score"`
	Shown string      `json:"shown"`
	Parts []ScorePart `json:"parts"`
}

// UnrankedLine is a place without a rank, with the reason.
type UnrankedLine struct {
	Key    string `json:"key"`
	Reason string `json:"reason"`
}

// Ranking is one list of a board, the first rank first.
type Ranking struct {
	Lines    []RankedLine   `json:"lines"`
	Unranked []UnrankedLine `json:"unranked"`
	// Withheld is why an open list does not say all of it, ListUnlisted or ListUnranked; "" of what is kept.
	Withheld string `json:"withheld,omitempty"`
}

// CompositeScore is the score of a place, 0 to 100, with its parts; nil where nothing counts. values are those of BoardParams.
func CompositeScore(p RankedPlace, values map[string]int) (score *big.Rat, parts []ScorePart) {
	sum, weights := new(big.Rat), int64(0)
	for _, c := range scoreComponents {
		share := c.share(p)
		part := ScorePart{Name: c.name, Weight: values[c.weight], Of: share.Of, Among: share.Among}
		switch {
		case part.Weight == 0:
			part.Missing = ScoreNoWeight
		case share.Among == 0 && c.name == ScoreInspection:
			part.Missing = ScoreNotEntered
		case share.Among == 0:
			part.Missing = ScoreNone
		case c.cases && casesUnder(c.name, p.Cases) < int64(values[BoardLeastCases]):
			part.Missing = ScoreFew
		default:
			part.Value = share.Percent(2)
			sum.Add(sum, new(big.Rat).SetFrac64(int64(part.Weight)*share.Of, share.Among))
			weights += int64(part.Weight)
		}
		parts = append(parts, part)
	}
	if weights == 0 {
		return nil, parts
	}
	return sum.Mul(sum, big.NewRat(100, weights)), parts
}

// casesUnder is how many cases a component's share rests on.
func casesUnder(name string, t CaseTally) int64 {
	if name == ScoreInTime {
		return t.Accepted
	}
	return t.Concluded
}

// RankPlaces puts places in the order of their scores. Equal scores have equal ranks, and the rank after them counts all before it
// (1, 2, 2, 4); within a rank places stand by their keys. Who has fewer ratings that count than the parameter, or keeps the
// board, has no rank.
func RankPlaces(places []RankedPlace, values map[string]int) Ranking {
	type scored struct {
		line  RankedLine
		score *big.Rat
	}
	r := Ranking{Lines: []RankedLine{}, Unranked: []UnrankedLine{}}
	var all []scored
	for _, p := range places {
		score, parts := CompositeScore(p, values)
		switch {
		case p.Keeps && values[BoardRanksKeeper] == 0:
			r.Unranked = append(r.Unranked, UnrankedLine{p.Key, UnrankedKeeps})
		case p.Net.Rated() < leastRanked(values) || score == nil:
			r.Unranked = append(r.Unranked, UnrankedLine{p.Key, UnrankedFew})
		default:
			all = append(all, scored{RankedLine{Key: p.Key, Score: score.RatString(), Shown: score.FloatString(2), Parts: parts}, score})
		}
	}
	slices.SortFunc(all, func(a, b scored) int { return cmp.Or(b.score.Cmp(a.score), cmp.Compare(a.line.Key, b.line.Key)) })
	slices.SortFunc(r.Unranked, func(a, b UnrankedLine) int { return cmp.Compare(a.Key, b.Key) })
	for i, s := range all {
		s.line.Rank = i + 1
		if i > 0 && all[i-1].score.Cmp(s.score) == 0 {
			s.line.Rank = r.Lines[i-1].Rank
		}
		r.Lines = append(r.Lines, s.line)
	}
	return r
}

// leastRanked is how many ratings that count a ranked place has at least.
func leastRanked(values map[string]int) int64 {
	return int64(max(values[BoardLeastRatings], FewestRatings))
}

// Top are the lines that are published: the first BoardPlaces ranks, whoever is tied with the last of them too.
func (r Ranking) Top() []RankedLine {
	return slices.DeleteFunc(slices.Clone(r.Lines), func(line RankedLine) bool { return line.Rank > BoardPlaces })
}

// Open is a line as everybody reads it. A share is told where no side of it is of fewer than twice FewestShown, as in public figures,
// beside which it would tell their counts; that nobody was left out is told too, but of bad ratings. That a share rests on few cases,
// or on none, tells a count itself. cases are those that the share of those handled rests on: beside the public shares it would tell the
// exempt calls, and calls or replies where public figures tell one of the two exactly and not the other. The score is told where every
// share is that counts. whole withholds all of them.
func (l RankedLine) Open(whole bool, cases CaseTally) RankedLine {
	l.Parts = slices.Clone(l.Parts)
	for i, part := range l.Parts {
		rest := part.Among - part.Of
		few := min(part.Of, rest) < 2*FewestShown && (rest > 0 || part.Name == ScoreGood || part.Of < 2*FewestShown)
		few = few || part.Name == ScoreHandled && cases.handledTellsFew()
		counts := part.Missing == "" && part.Name != ScoreInspection
		if counts && (whole || few) || part.Missing == ScoreFew || part.Missing == ScoreNone {
			l.Parts[i].Value, l.Parts[i].Missing, l.Score, l.Shown = "", ScoreWithheld, "", ""
		}
	}
	return l
}

// handledTellsFew tells whether the share of those handled would tell beside the public shares of few calls or replies.
func (t CaseTally) handledTellsFew() bool {
	exact := func(n int64) bool { return min(n, t.Concluded-n) >= OpenFrom }
	few := func(n int64) bool { return !exact(n) && n != t.Concluded }
	return t.CallExempt > 0 && t.CallExempt < OpenFrom || exact(t.Called) && few(t.Replied) || exact(t.Replied) && few(t.Called)
}

// Tied tells whether another has the same rank.
func (r Ranking) Tied(line RankedLine) bool {
	return slices.ContainsFunc(r.Lines, func(other RankedLine) bool { return other.Rank == line.Rank && other.Key != line.Key })
}
