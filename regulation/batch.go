package regulation

import (
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
	for i := range given {
		end := b.End(given[i])
		if end.After(at) {
			break
		}
		last := i+1 == len(given) || !b.End(given[i+1]).Equal(end)
		if last && i+1-shown >= b.Least {
			shown = i + 1
		}
	}
	return shown
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
