package regulation

import (
	"math/big"
	"slices"
)

// What everybody reads of a board stands beside the public figures and the bulletins of the same quarter, and each line beside those
// above and below it: none of these may tell a count under FewestShown (R04).

// Open is a board as everybody reads it: the published ranks of each list, shares and scores only where they tell of no few. further
// is a version after the first of its quarter that came out; figures are all editions of the quarter's public figures. outcomes are the
// counties whose public bulletins of the quarter tell how many cases were put right: beside those the share of what was put right in time would
// tell how many were of the county's own office. A bulletin that comes later tells nothing of it (TellsInTime).
func (b Board) Open(further bool, figures []PublicTable, outcomes map[string]bool) Board {
	b.Counties.Lines = b.Counties.open(func(key string) bool {
		return further || outcomes[key] || !toldAlike(placeOf(b.Input.Counties, key), PrefectureArea, false, figures)
	}, b.Input.Counties)
	b.Departments = b.openDepartments(further, figures)
	return b
}

// Why a list of an open board is without lines, or does not say who has no rank for few ratings.
const (
	ListUnlisted = "unlisted" // public figures list no department, and the lines would tell of those that are none
	ListUnranked = "unranked" // only who has no rank is left out
)

// openDepartments are the prefecture's departments as everybody reads them. Public figures list all that have enough ratings, or none
// where those would tell of the others, and so the board says of none that it has few either: not in words, and not by being the only
// one that has no line.
func (b Board) openDepartments(further bool, figures []PublicTable) Ranking {
	r := b.Departments
	if !listDepartments(figures) {
		r.Withheld = ListUnranked
		r.Unranked = slices.DeleteFunc(slices.Clone(r.Unranked), func(u UnrankedLine) bool { return u.Reason == UnrankedFew })
		if r.tellsOfOthers(leastRanked(b.Input.Values), figures) {
			r.Withheld, r.Lines = ListUnlisted, []RankedLine{}
		}
	}
	r.Lines = r.open(func(key string) bool {
		return further || !toldAlike(placeOf(b.Input.Departments, key), PrefectureArea, true, figures)
	}, b.Input.Departments)
	return r
}

// listDepartments tells whether some edition lists departments of the prefecture.
func listDepartments(figures []PublicTable) bool {
	return slices.ContainsFunc(figures, func(t PublicTable) bool {
		area := t.Area(PrefectureArea)
		return area != nil && len(area.Units) > 0
	})
}

// tellsOfOthers tells whether the published lines tell that a place without one has few ratings: all that are ranked stand there, or those
// that do, with one more that has a rank, leave under FewestShown of the sum that public figures tell. least is how many ratings a
// ranked place has at least.
func (r Ranking) tellsOfOthers(least int64, figures []PublicTable) bool {
	top := len(r.Top())
	return top == len(r.Lines) || slices.ContainsFunc(figures, func(t PublicTable) bool {
		area := t.Area(PrefectureArea)
		return area != nil && area.Rated-least*int64(top+1) < FewestShown
	})
}

// TellsInTime tells whether an open board tells of a county how much was put right in time.
func (b Board) TellsInTime(county string) bool {
	return slices.ContainsFunc(b.Counties.Lines, func(l RankedLine) bool {
		return l.Key == county && slices.ContainsFunc(l.Parts, func(part ScorePart) bool { return part.Name == ScoreInTime && part.Value != "" })
	})
}

// Why nothing of a score is told: a public bulletin tells what became of the county's cases; one of a correction would tell of few beside the version before; public figures do not list the place;
// or in some share one of the two sides is under twice FewestShown, or the line would tell that of another one. Which of the last two it
// is would tell itself.
const (
	WithheldFurther  = "further"
	WithheldUnlisted = "unlisted"
	WithheldBulletin = "bulletin"
	WithheldFew      = "few"
)

// OpenFrom is how many there are at least on both sides of each share of a score that is told.
const OpenFrom = 2 * FewestShown

// WithheldWhy is why the score of an open line is withheld, "" where it is told.
func WithheldWhy(l RankedLine, department, further bool, figures []PublicTable, outcomes map[string]bool) string {
	if !slices.ContainsFunc(l.Parts, func(part ScorePart) bool { return part.Missing == ScoreWithheld }) {
		return ""
	}
	listed := slices.ContainsFunc(figures, func(t PublicTable) bool {
		if !department {
			return t.Area(l.Key) != nil
		}
		area := t.Area(PrefectureArea)
		return area != nil && slices.ContainsFunc(area.Units, func(u PublicLine) bool { return u.Key == l.Key })
	})
	switch {
	case further:
		return WithheldFurther
	case !listed:
		return WithheldUnlisted
	case !department && outcomes[l.Key]:
		return WithheldBulletin
	}
	return WithheldFew
}

func placeOf(places []RankedPlace, key string) RankedPlace {
	if i := slices.IndexFunc(places, func(p RankedPlace) bool { return p.Key == key }); i >= 0 {
		return places[i]
	}
	return RankedPlace{}
}

// toldAlike tells whether public figures tell of a place the very counts that a board rests on. Where they hold back what came late,
// or the place, the board's shares beside them would tell what they hold back.
func toldAlike(p RankedPlace, under string, department bool, figures []PublicTable) bool {
	return slices.ContainsFunc(figures, func(t PublicTable) bool {
		var lines []PublicLine
		if !department {
			for _, area := range t.Areas {
				lines = append(lines, area.PublicLine)
			}
		} else if area := t.Area(under); area != nil {
			lines = area.Units
		}
		return slices.ContainsFunc(lines, func(l PublicLine) bool {
			return l.Key == p.Key && l.Rated == p.Net.Rated() && (l.hides() || l.Bad == p.Net.Bad())
		})
	})
}

// open are the published lines. A line of which something is withheld stands between others: where their scores would tell that what is
// withheld is under FewestShown, theirs are withheld too.
func (r Ranking) open(whole func(key string) bool, places []RankedPlace) []RankedLine {
	kept := r.Top()
	open := make([]RankedLine, len(kept))
	for i, line := range kept {
		open[i] = line.Open(whole(line.Key), placeOf(places, line.Key).Cases)
	}
	for again := true; again; {
		again = false
		for i := range kept {
			if j := exposing(i, kept, open); j >= 0 {
				open[j], again = kept[j].Open(true, CaseTally{}), true
			}
		}
	}
	return open
}

// exposing is the line that tells what another withholds, -1 for none: the other's would have another rank if what is withheld were
// FewestShown.
func exposing(i int, kept, open []RankedLine) int {
	weights := int64(0)
	for _, part := range kept[i].Parts {
		if part.Missing == "" {
			weights += int64(part.Weight)
		}
	}
	score, _ := new(big.Rat).SetString(kept[i].Score)
	for n, part := range kept[i].Parts {
		rest := part.Among - part.Of
		if part.Missing != "" || open[i].Parts[n].Missing != ScoreWithheld || min(part.Of, rest) >= FewestShown {
			continue
		}
		step := big.NewRat(100*int64(part.Weight)*(FewestShown-min(part.Of, rest)), weights*part.Among)
		if rest <= part.Of {
			step.Neg(step)
		}
		other := new(big.Rat).Add(score, step)
		for j := range kept {
			theirs, _ := new(big.Rat).SetString(kept[j].Score)
			if j != i && tells(open[j]) && between(theirs, score, other) {
				return j
			}
		}
	}
	return -1
}

// between tells whether a score lies among two others, or is one of them.
func between(s, a, b *big.Rat) bool { return s.Cmp(a)*s.Cmp(b) <= 0 }

// tells tells whether something of how a place was rated can be read from its line.
func tells(l RankedLine) bool {
	return slices.ContainsFunc(l.Parts, func(part ScorePart) bool { return part.Value != "" && part.Name != ScoreInspection })
}
