package regulation

import (
	"time"

	"haochaping/workday"
)

// RepairState is where the repair of a device stands (9(3)).
type RepairState string

const (
	RepairOpened    RepairState = "opened"
	RepairAssigned  RepairState = "assigned"
	RepairWorking   RepairState = "in_repair"
	RepairSolved    RepairState = "solved"
	RepairReplaced  RepairState = "replaced"
	RepairConfirmed RepairState = "confirmed" // by the hall: it is over
)

// RepairStates lists them in the order of a repair's life.
var RepairStates = []RepairState{RepairOpened, RepairAssigned, RepairWorking, RepairSolved, RepairReplaced, RepairConfirmed}

// RepairReasons are why a device is repaired; the product opens one for "offline" by itself.
var RepairReasons = []string{"offline", "screen", "keys", "power", "network", "other"}

// repairNext is what may follow. What the hall does not confirm goes back into repair.
var repairNext = map[RepairState][]RepairState{
	RepairOpened:   {RepairAssigned, RepairWorking},
	RepairAssigned: {RepairWorking},
	RepairWorking:  {RepairSolved, RepairReplaced},
	RepairSolved:   {RepairConfirmed, RepairWorking},
	RepairReplaced: {RepairConfirmed, RepairWorking},
}

// RepairNext lists what may follow a state.
func RepairNext(now RepairState) []RepairState { return repairNext[now] }

// Mended tells whether the hall is to say whether the device works again.
func (s RepairState) Mended() bool { return s == RepairSolved || s == RepairReplaced }

// CheckRepair holds a step of a repair against the rules. mender is who said that it was mended: the hall confirms
// that, never the same person.
func CheckRepair(now, next RepairState, mender, person string) error {
	switch {
	case !contains(repairNext[now], next):
		return refuse(NotNow, ClauseEquipment, "repair_step")
	case now.Mended() && mender == person:
		return refuse(FourEyes, ClauseEquipment, "repair_own_work")
	}
	return nil
}

// Service is the time in which a hall serves: its hours on the calendar's working days.
type Service struct {
	Calendar workday.Calendar
	Hours    workday.Hours
}

// DefaultService are the hours of a hall that has set none.
var DefaultService = workday.Hours{From: 9 * time.Hour, To: 17 * time.Hour}

// Within is how much service time lies between two instants.
func (s Service) Within(from, until time.Time) (total time.Duration) {
	if !from.Before(until) {
		return 0
	}
	for day := workday.DateOf(from); !day.Start().After(until); day = day.AddDays(1) {
		if !s.Calendar.IsWorkday(day) {
			continue
		}
		begin, end := s.Hours.Opening(day), s.Hours.Close(day)
		if begin.Before(from) {
			begin = from
		}
		if end.After(until) {
			end = until
		}
		if begin.Before(end) {
			total += end.Sub(begin)
		}
	}
	return total
}
