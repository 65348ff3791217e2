package regulation

import (
	"cmp"
	"math"
	"slices"
)

// Where two authorities decide alike cases differently (8(1), 9(2)): a share is compared between every two that decided enough of
// them, and told only where chance alone would hardly make so great a difference.

// Alike is what makes cases alike: the matter, what went wrong, and the grade. Matter is the national code, by which one matter is
// the same with every authority; the matter's own id where it has none, and "" where what was rated was no matter.
type Alike struct {
	Matter string `json:"matter"`
	Cause  string `json:"cause"`
	Grade  Grade  `json:"grade"`
}

// The code of a matter with one unit is the unit's credit code and the national code, in characters.
const taskCodeLength, creditCodeLength = 31, 18

// NationalCode is what the code of a matter with one unit has in common with those of other units for the same matter, "" where the
// code is none.
func NationalCode(taskCode string) string {
	if len(taskCode) != taskCodeLength {
		return ""
	}
	return taskCode[creditCodeLength:]
}

// Decision is what is compared.
type Decision string

// Decisions.
const (
	DecisionConfirmed  Decision = "confirmed"     // found substantiated, or put right at once
	DecisionWrittenOff Decision = "written_off"   // the rating counts no more
	DecisionInTime     Decision = "in_time"       // of the rectifications accepted
	DecisionUpheld     Decision = "appeal_upheld" // of the appeals decided
)

// Decisions lists them.
var Decisions = []Decision{DecisionConfirmed, DecisionWrittenOff, DecisionInTime, DecisionUpheld}

// AlikeShare is how many of an authority's alike cases were decided so, by the division of the authority.
type AlikeShare struct {
	Area     string
	Alike    Alike
	Decision Decision
	Ratio
}

// Difference is a pair of authorities with shares that differ, the lower first. Z is the difference in standard errors.
type Difference struct {
	Alike     Alike
	Decision  Decision
	Low, High AlikeShare
	Z         float64
}

// Comparison is what CompareAlike found: how many pairs were compared, and how many standard errors a pair had to differ by.
type Comparison struct {
	Pairs       int
	Critical    float64
	Differences []Difference
}

// DifferenceChance is how often, in a hundred, a whole comparison in which nothing differs would tell a difference all the same.
const DifferenceChance = 5

// fewestExpected is how many cases of each outcome a test of shares needs to be expected for either side.
const fewestExpected = 5

// CompareAlike compares every two authorities that decided at least so many alike cases, by the test of two proportions with the
// pooled share: each pair stands for a part of DifferenceChance, so that many pairs do not make a difference by their number
// (Bonferroni). The greatest differences come first.
func CompareAlike(shares []AlikeShare, least int64) (c Comparison) {
	type decided struct {
		Alike
		Decision
	}
	groups := map[decided][]AlikeShare{}
	for _, d := range shares {
		if d.Among >= least {
			key := decided{d.Alike, d.Decision}
			groups[key] = append(groups[key], d)
		}
	}
	var compared []Difference
	for key, group := range groups {
		slices.SortFunc(group, func(a, b AlikeShare) int { return cmp.Or(a.Ratio.Compare(b.Ratio), cmp.Compare(a.Area, b.Area)) })
		for i, low := range group {
			for _, high := range group[i+1:] {
				if z, enough := apart(low.Ratio, high.Ratio); enough {
					compared = append(compared, Difference{key.Alike, key.Decision, low, high, z})
				}
			}
		}
	}
	if c.Pairs = len(compared); c.Pairs == 0 {
		return c
	}
	c.Critical = math.Sqrt2 * math.Erfinv(1-float64(DifferenceChance)/100/float64(c.Pairs))
	c.Differences = slices.DeleteFunc(compared, func(d Difference) bool { return d.Z < c.Critical })
	slices.SortFunc(c.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(b.Z, a.Z), cmp.Compare(a.Alike.Matter, b.Alike.Matter), cmp.Compare(a.Alike.Cause, b.Alike.Cause), cmp.Compare(a.Alike.Grade, b.Alike.Grade),
			cmp.Compare(a.Decision, b.Decision), cmp.Compare(a.Low.Area, b.Low.Area), cmp.Compare(a.High.Area, b.High.Area))
	})
	return c
}

// apart is by how many standard errors two shares differ. enough is false where too few of either outcome are expected for the test
// to hold.
func apart(low, high Ratio) (z float64, enough bool) {
	n, m := float64(low.Among), float64(high.Among)
	pooled := float64(low.Of+high.Of) / (n + m)
	if min(n, m)*min(pooled, 1-pooled) < fewestExpected {
		return 0, false
	}
	return (float64(high.Of)/m - float64(low.Of)/n) / math.Sqrt(pooled*(1-pooled)*(1/n+1/m)), true
}
