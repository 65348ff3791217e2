package regulation

import (
	"slices"
	"time"
)

// Verdicts on a box's week.
const (
	WeekKept        = "kept"        // it was opened
	WeekUnconfirmed = "unconfirmed" // one person says so, and the other has not confirmed it: neither is at fault yet
	WeekMissed      = "missed"      // it was not
	WeekNoWorkday   = "no_workday"  // nobody works in that week, so there is no duty
	WeekOutOfUse    = "out_of_use"  // the box was in use on no working day of it from morning to evening
)

// BoxTerm is the state of a box from an instant on.
type BoxTerm struct {
	State BoxState
	From  time.Time
}

// WeekFacts are what a box's week is judged by (6(2), R16).
type WeekFacts struct {
	Week     string      // such as 2026-W48
	Service  Service     // of the hall in which the box stood last in that week
	Terms    []BoxTerm   // the earliest first
	Opened   []time.Time // openings that count
	Reported []time.Time // openings that wait for the second person, or for the supervisor
}

// Judge tells what is to be said of a week, by the state that the box had in it and not by today's, and until when the
// box had to be opened, zero in a week without a working day. A box that is put out of use within the week has to be
// opened all the same: forms lie in it.
func (f WeekFacts) Judge() (verdict string, due time.Time) {
	monday, _ := ParseWeek(f.Week)
	due, works := OpeningDue(f.Service.Calendar, f.Service.Hours, monday)
	switch within := func(at time.Time) bool { return WeekOf(at) == f.Week }; {
	case slices.ContainsFunc(f.Opened, within):
		return WeekKept, due
	case !works:
		return WeekNoWorkday, time.Time{}
	case !f.inUse():
		return WeekOutOfUse, due
	case slices.ContainsFunc(f.Reported, within):
		return WeekUnconfirmed, due
	}
	return WeekMissed, due
}

// inUse tells whether the box was in use on a working day of the week from the opening of its hall to the close.
func (f WeekFacts) inUse() bool {
	monday, _ := ParseWeek(f.Week)
	for n := range 7 {
		day := monday.AddDays(n)
		if f.Service.Calendar.IsWorkday(day) && inUse(f.Terms, f.Service.Hours.Opening(day), f.Service.Hours.Close(day)) {
			return true
		}
	}
	return false
}

// inUse tells whether a box was in use from one instant to another without a break.
func inUse(terms []BoxTerm, from, until time.Time) (used bool) {
	for _, term := range terms {
		switch {
		case !term.From.After(from):
			used = term.State == BoxActive
		case term.From.Before(until):
			used = used && term.State == BoxActive
		}
	}
	return used
}
