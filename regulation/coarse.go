package regulation

import (
	"time"

	"haochaping/workday"
)

// The rated side knows whom it served when. An instant told to it would tell which of them rated, so it learns the
// part of the day at the most (2, 9(2), R04).

// Parts of time that the rated side is told, by the parameter RatedTimes.
const (
	HalfDayTimes = 0
	DayTimes     = 1
)

// Zones of coarse instants: they read as the prefecture's, and say that nothing finer is meant.
var (
	inHalfDays = time.FixedZone("half-days", int((8 * time.Hour).Seconds()))
	inDays     = time.FixedZone("days", int((8 * time.Hour).Seconds()))
)

// Coarse is an instant as the rated side is told it: the beginning of its half-day or day in Asia/Shanghai. Zero stays
// zero, and what is coarse stays as it is.
func Coarse(at time.Time, part int) time.Time {
	if at.IsZero() || at.Location() == inDays {
		return at
	}
	start := workday.DateOf(at).Start()
	switch noon := start.Add(12 * time.Hour); {
	case part != HalfDayTimes:
		return start.In(inDays)
	case at.Before(noon):
		return start.In(inHalfDays)
	default:
		return noon.In(inHalfDays)
	}
}

// CoarseDay tells whether of an instant only the day is meant.
func CoarseDay(at time.Time) bool { return at.Location() == inDays }

// CoarseHalf tells whether of an instant only the half-day is meant.
func CoarseHalf(at time.Time) bool { return at.Location() == inHalfDays }

// ToldCoarsely tells whether somebody who reads as this is told times coarsely. Deadlines are the stated exception:
// they end with a working day, and tell nothing of the rating's minute.
func (r Reader) ToldCoarsely() bool { return r == ReaderUnit || r == ReaderRated }

// OfRatedSide tells whether an actor holds nothing but posts of the rated side.
func OfRatedSide(actor Actor) bool {
	for _, as := range actor.Assignments {
		if !RatedRole(as.Role) {
			return false
		}
	}
	return len(actor.Assignments) > 0
}

// RatedRole tells whether who holds a role is on the rated side: what they serve is rated.
func RatedRole(role Role) bool { return ReaderOf(role) == ReaderUnit || role == HotlineAgent }
