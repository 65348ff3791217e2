package regulation

import "slices"

// Ranked is a region or a department with its place in a period: 1 is the best. Places with equal scores share a rank.
type Ranked struct {
	Key  string
	Rank int
}

// RanksOf are the ranks of one list of a quarter's board, by its composite score (8(1)): who is not ranked there is not low either.
func RanksOf(r Ranking) []Ranked {
	var all []Ranked
	for _, line := range r.Lines {
		all = append(all, Ranked{line.Key, line.Rank})
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
