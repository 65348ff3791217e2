package regulation

import (
	"maps"
	"slices"
	"time"

	"haochaping/workday"
)

// What the rated side and the public see of ratings that are no case of theirs moves in batches: whoever looks today
// and tomorrow finds by the difference no fewer than a batch, and not when within its period each was given (2, 9(2)).

// Periods at whose end batches may close, by the parameter BatchPeriod.
const (
	BatchHalfDay = 0
	BatchDay     = 1
	BatchWeek    = 2
)

// Batches are the rules by which ratings are published: at the end of a period, and at least so many together.
type Batches struct {
	Period int // BatchHalfDay, BatchDay or BatchWeek
	Least  int // never under FewestShown
}

// BatchesOf reads the parameters.
func BatchesOf(p Params) Batches {
	return Batches{Period: p.Days(BatchPeriod), Least: max(FewestShown, p.Days(BatchLeast))}
}

// End is the end of the period in which an instant lies, in Asia/Shanghai: what happened at the end itself belongs to
// the next one.
func (b Batches) End(at time.Time) time.Time {
	day := workday.DateOf(at)
	switch noon := day.Start().Add(12 * time.Hour); {
	case b.Period == BatchWeek:
		return day.AddDays(7 - (int(day.Weekday())+6)%7).Start()
	case b.Period == BatchHalfDay && at.Before(noon):
		return noon
	}
	return day.AddDays(1).Start()
}

// Published is how many of the instants, which ascend, are shown at an instant: those of the batches that have closed. A
// batch closes at the end of the first period by which Least have gathered; what is fewer waits for others.
func (b Batches) Published(given []time.Time, at time.Time) (shown int) {
	return len(b.Closed(given, at))
}

// Closed are the ends of the batches in which the instants, which ascend, are shown at an instant, one for each that is shown.
func (b Batches) Closed(given []time.Time, at time.Time) (ends []time.Time) {
	for i := range given {
		end := b.End(given[i])
		if end.After(at) {
			break
		}
		last := i+1 == len(given) || !b.End(given[i+1]).Equal(end)
		if !last || i+1-len(ends) < b.Least {
			continue
		}
		for len(ends) <= i {
			ends = append(ends, end)
		}
	}
	return ends
}

// Change is by how much a figure moved in a period, which ended at End.
type Change struct {
	End time.Time
	By  int
}

// Steady is what is shown of a figure at an instant: it moves at the end of a period only, and when it has moved by at
// least Least since it was shown last, up or down. changes ascend by their ends, one a period. At final, when nothing
// more moves it, what is left is shown with all that is left of every other figure; zero for never.
func (b Batches) Steady(changes []Change, at, final time.Time) (shown int) {
	now := 0
	for _, c := range changes {
		if c.End.After(at) {
			break
		}
		now += c.By
		if moved := now - shown; moved >= b.Least || -moved >= b.Least {
			shown = now
		}
	}
	if !final.IsZero() && !at.Before(final) {
		return now
	}
	return shown
}

// GoodAndBad adds grades up on either side of clause 5.
func GoodAndBad(grades map[Grade]int) (good, bad int) {
	for grade, n := range grades {
		if grade.Bad() {
			bad += n
			continue
		}
		good += n
	}
	return good, bad
}

// ShowMonths tells in which months the good and the bad ratings of the batches told then may be shown apart, to whoever sees each
// month's sum and of the whole those grades that Withhold leaves. It shows both of a month or neither, and none at all where
// they would tell a grade that is withheld (2, R21).
func ShowMonths(whole map[Grade]int, months map[string]map[Grade]int) map[string]bool {
	// The whole comes first: its sum, grades 1 to 5, all good ones and all bad ones.
	cells := make([]int, 8)
	for grade := VeryDissatisfied; grade <= VerySatisfied; grade++ {
		cells[grade] = whole[grade]
		cells[0] += whole[grade]
	}
	cells[6], cells[7] = GoodAndBad(whole)
	alone := Withhold(cells[:6], []Sum{{Total: 0, Parts: []int{1, 2, 3, 4, 5}}})
	goods, bads, totals := Sum{Total: 6}, Sum{Total: 7}, Sum{Total: 0}
	sums := []Sum{{Total: 0, Parts: []int{1, 2, 3, 4, 5}}, {Total: 7, Parts: []int{1, 2}}, {Total: 6, Parts: []int{3, 4, 5}}, {Total: 0, Parts: []int{6, 7}}}
	places := map[string]int{}
	for _, month := range slices.Sorted(maps.Keys(months)) {
		good, bad := GoodAndBad(months[month])
		n := len(cells)
		places[month] = n
		cells = append(cells, good+bad, good, bad)
		sums = append(sums, Sum{Total: n, Parts: []int{n + 1, n + 2}})
		totals.Parts, goods.Parts, bads.Parts = append(totals.Parts, n), append(goods.Parts, n+1), append(bads.Parts, n+2)
	}
	hidden := Withhold(cells, append(sums, totals, goods, bads))
	shown := map[string]bool{}
	for i := range alone {
		if hidden[i] && !alone[i] { // it is shown all the same
			return shown
		}
	}
	for month, n := range places {
		if hidden[n] && cells[n] >= FewestShown {
			return map[string]bool{}
		}
		shown[month] = !hidden[n+1] && !hidden[n+2]
	}
	return shown
}
