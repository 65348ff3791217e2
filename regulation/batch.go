package regulation

import (
	"cmp"
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

// BatchRules are the batches' rules in force at an instant. Editions set them, each from its beginning on: what was told
// before stands as it was told.
type BatchRules func(at time.Time) Batches

// End is the end of the period in which an instant lies.
func (rules BatchRules) End(at time.Time) time.Time { return rules(at).End(at) }

// ToldBatch are ratings of one grade that are told together, at the end of a period. Since is the end of the batch of that grade before it,
// zero for none: it holds what came in the periods after that.
type ToldBatch struct {
	End     time.Time
	Grade   Grade
	Ratings int
	Since   time.Time
}

// Holds tells whether the batch has the ratings of its grade that came in the period that ended at an instant.
func (b ToldBatch) Holds(g Grade, end time.Time) bool {
	return b.Grade == g && end.After(b.Since) && !end.After(b.End)
}

// TellBatches is what is told, at an instant, of ratings of one office or person: those of a grade go together at the end of the first
// period by which Least of that grade have gathered, and fewer wait for others. received are how many came in the periods, which
// end at End, in any order, from the first on: what a year leaves waiting is told with the first batch of the next. They count as they were
// received, so that what comes late changes nothing that was told. Whatever
// adds up of the answer, one grade, several or all, of one month or all, moves by no fewer than Least, whichever two instants
// are compared (2, R21). The answer ascends.
func TellBatches(received []ToldBatch, rules BatchRules, at time.Time) (told []ToldBatch) {
	received = slices.Clone(received)
	slices.SortFunc(received, compareTold)
	waiting, last := map[Grade]int{}, map[Grade]time.Time{}
	for i, r := range received {
		if r.End.After(at) {
			break
		}
		waiting[r.Grade] += r.Ratings
		if i+1 < len(received) && compareTold(received[i+1], r) == 0 { // more of the same grade and period
			continue
		}
		if n := waiting[r.Grade]; n >= rules(r.End).Least {
			told = append(told, ToldBatch{r.End, r.Grade, n, last[r.Grade]})
			waiting[r.Grade], last[r.Grade] = 0, r.End
		}
	}
	return told
}

// ToldSince are the batches that were told in a year, which began at an instant: also what the year before left waiting.
func ToldSince(told []ToldBatch, year time.Time) []ToldBatch {
	return slices.DeleteFunc(told, func(b ToldBatch) bool { return b.End.Before(year) })
}

func compareTold(a, b ToldBatch) int {
	return cmp.Or(a.End.Compare(b.End), cmp.Compare(a.Grade, b.Grade))
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
