package regulation

import (
	"cmp"
	"slices"
)

// Ranked is a region or a department with its place in a period: 1 is the best. Places with equal scores share a rank.
type Ranked struct {
	Key   string
	Rank  int
	Score Ratio // net good rate
	Rated int64 // net
}

// RanksOf ranks the regions (AxisCounty) or the prefecture's departments (AxisUnit) of its sealed figures by their net good rate,
// those with enough ratings; own is the prefecture's own office, which nobody below judges (2). It is the one place that
// says by what score a place is low.
func RanksOf(p Params, f Sealed, by Axis, own string) []Ranked {
	lines := f.Figures.Units
	if by == AxisCounty {
		lines = f.Figures.Counties
	}
	var all []Ranked
	for _, line := range lines {
		region := by == AxisCounty && line.Key != f.Area
		department := by == AxisUnit && line.Under == f.Area && line.Key != own
		if (region || department) && line.Net.Rated() >= int64(p.Days(ReleaseRatings)) {
			all = append(all, Ranked{Key: line.Key, Score: line.Net.GoodRate(), Rated: line.Net.Rated()})
		}
	}
	slices.SortFunc(all, func(x, y Ranked) int { return cmp.Or(y.Score.Compare(x.Score), cmp.Compare(x.Key, y.Key)) })
	for i := range all {
		all[i].Rank = i + 1
		if i > 0 && all[i].Score.Compare(all[i-1].Score) == 0 {
			all[i].Rank = all[i-1].Rank
		}
	}
	return all
}

// Low are those in the last places of a ranking, so many as the parameter says. Places with equal scores share the better rank: where
// they reach beyond the last places, none of them is low. Of fewer than twice as many nobody is.
func Low(p Params, ranks []Ranked) (keys []string) {
	lowest := p.Days(ReleaseLowest)
	if len(ranks) < 2*lowest {
		return nil
	}
	for _, r := range ranks {
		if r.Rank > len(ranks)-lowest {
			keys = append(keys, r.Key)
		}
	}
	return keys
}

// LowAlways are those that were low in each of so many rankings as the parameter says, the latest of them last; nobody where
// there are fewer.
func LowAlways(p Params, periods [][]Ranked) []string {
	n := p.Days(ReleasePeriods)
	if len(periods) < n {
		return nil
	}
	var low []string
	for i, ranks := range periods[len(periods)-n:] {
		now := Low(p, ranks)
		if i == 0 {
			low = now
			continue
		}
		low = slices.DeleteFunc(low, func(key string) bool { return !contains(now, key) })
	}
	return low
}
