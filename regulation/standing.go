package regulation

import (
	"maps"
	"slices"
	"time"
)

// Standing is a case as it stood right after an event: told from its events alone, so that it says
// what was known then, under the calendar and the rules of that day.
type Standing struct {
	Seq       int64
	At        time.Time
	Kind      EventKind
	Event     string // its name
	Phase     Phase
	Tracks    map[Track]Stage
	Waits     []Await    // what the case waited for, before whom, until when
	Deadlines []Deadline // the open ones
	Calendar  string     // the version that the last due instant was counted with
	Edition   string

	told       Case      // what acts depend on besides, followed from event to event: see Case
	measures   []Measure // all that the case ever had
	deduced    []Await   // where the events do not tell what the case waited for: see deduce
	tellsWaits bool
}

// Standings is Replay where only the standing itself is asked for.
func Standings(edition string, events []Event) []Standing {
	return Replay(Case{Edition: edition}, events)
}

// StoodAt is the standing at an instant: after the last event up to it. ok is false before the case
// was opened.
func StoodAt(all []Standing, at time.Time) (s Standing, ok bool) {
	for _, next := range all {
		if next.At.After(at) {
			break
		}
		s, ok = next, true
	}
	return s, ok
}

// after is the standing after one more event; the one before stays as it is.
func (s Standing) after(e Event) Standing {
	s.Seq, s.At, s.Kind, s.Event, s.Phase = e.Seq, e.At, e.Kind, e.Name, e.To
	s.Tracks = maps.Clone(s.Tracks)
	maps.Copy(s.Tracks, e.Stages)
	maps.DeleteFunc(s.Tracks, func(_ Track, stage Stage) bool { return stage == "" }) // may begin anew
	s.Deadlines, s.Waits = slices.Clone(s.Deadlines), slices.Clone(s.Waits)
	for _, change := range e.Changes {
		s.change(change)
	}
	for _, kind := range e.Ended {
		s.Waits = slices.DeleteFunc(s.Waits, func(a Await) bool { return a.Act == kind })
	}
	for _, w := range e.Waits {
		s.wait(w, e.At)
	}
	s.tellsWaits = s.tellsWaits || e.Kind == EventOpened && len(e.Waits) > 0
	s.deduce(e)
	s.told.follow(e, s.Tracks)
	return s
}

// change follows one deadline.
func (s *Standing) change(change DueChange) {
	d := change.Deadline
	i := slices.IndexFunc(s.Deadlines, func(open Deadline) bool { return open.ID == d.ID })
	switch change.Op {
	case DueArmed:
		s.Deadlines, s.Calendar = append(s.Deadlines, d), d.Calendar
	case DueRearmed:
		if i >= 0 {
			s.Deadlines[i] = d
		}
		s.Calendar = d.Calendar
		for n := range s.Waits {
			if s.Waits[n].Deadline == d.ID {
				s.Waits[n].Due, s.Waits[n].Provisional = d.Due, d.Provisional
			}
		}
	default:
		if i >= 0 {
			s.Deadlines = slices.Delete(s.Deadlines, i, i+1)
		}
	}
}

// wait opens a wait, or changes one that stands: its due instant is that of the deadline that was
// armed for it last.
func (s *Standing) wait(w Waiting, at time.Time) {
	a := Await{Act: w.Act, Since: at, Due: w.Due, Seats: w.Seats, Raised: w.Raised, Overdue: w.Overdue}
	for _, d := range s.Deadlines {
		if d.Act == w.Act && d.Kind != DeadlineReminder {
			a.Deadline, a.Due, a.Provisional = d.ID, d.Due, d.Provisional
		}
	}
	for i, stood := range s.Waits {
		if stood.Act == w.Act {
			a.Since = stood.Since
			if a.Due.IsZero() {
				a.Deadline, a.Due, a.Provisional = stood.Deadline, stood.Due, stood.Provisional
			}
			s.Waits[i] = a
			return
		}
	}
	s.Waits = append(s.Waits, a)
}
