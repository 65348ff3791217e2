package drill

import (
	"context"
	"fmt"
	"slices"

	"haochaping/regulation"
	"haochaping/store"
)

// script is one path through the regulation: what the citizen and the offices do, one after
// another, and what has to come of it.
type script struct {
	name    string
	share   int    // of a hundred bad ratings, about
	silent  bool   // the rater leaves no contact
	lasting int    // working days until it is over, about: long ones begin early
	under   span   // of the drill's two editions; any unless given
	at      string // the unit at whose windows it is rated; any with enough people unless given
	window  string // the code of one of its windows; any unless given
	once    bool   // it changes something about people: one case alone
	steps   []step
	ends    outcome
}

// span is when a path begins: a case keeps the edition under which it was opened.
type span int

const (
	whenever span = iota
	before        // under the edition as issued
	eve           // the same, within a week of the change
	after         // under the edition that the drill adopts
)

// step is an act, or a wait: for an act to become overdue, for a track or the main line to reach a
// stage by itself, or for the new edition. deed is what an office does beside the case.
type step struct {
	who    string // a word for town.who; "" is the rater, by receipt
	act    regulation.ActKind
	with   fields
	refuse string // the refusal that has to come: its missing condition or its code
	days   float64

	overdue regulation.ActKind
	stages  map[regulation.Track][]regulation.Stage
	phase   regulation.Phase
	begun   bool   // the new edition
	note    string // the receipt page has to tell the rater this: its code
	deed    func(context.Context, *story) error
}

// outcome is how a case has to stand at the end.
type outcome struct {
	phase     regulation.Phase // closed unless given
	finding   string
	orders    int // exactly; 0 is none
	reopened  int
	overdue   bool
	written   bool
	stages    map[regulation.Track][]regulation.Stage
	escalated string // a reason that has to be on record
	paused    int    // lines of the clock's ledger, each ended
	actedFor  bool   // some acts were done in the place of an absent colleague
	through   bool   // one of those acts through a colleague who was absent too
	event     string // an event that has to be on record
}

type stages = map[regulation.Track][]regulation.Stage

// judge tells how a case differs from what had to come of it, or nil.
func (o outcome) judge(c regulation.Case) error {
	phase := o.phase
	if phase == "" {
		phase = regulation.PhaseClosed
	}
	switch {
	case c.Phase != phase:
		return fmt.Errorf("it stands in %s, not %s", c.Phase, phase)
	case o.finding != "" && c.Finding.Kind != o.finding:
		return fmt.Errorf("its finding is %s, not %s", c.Finding.Kind, o.finding)
	case len(c.Orders) != o.orders:
		return fmt.Errorf("it has %d orders, not %d", len(c.Orders), o.orders)
	case c.Reopened != o.reopened:
		return fmt.Errorf("it was reopened %d times, not %d", c.Reopened, o.reopened)
	case late(c) != o.overdue:
		return fmt.Errorf("its rectification is overdue: %t", late(c))
	case c.WrittenOff() != o.written:
		return fmt.Errorf("its rating is written off: %t", c.WrittenOff())
	case o.escalated != "" && !slices.ContainsFunc(c.Escalation, func(e regulation.Escalated) bool { return e.Reason == o.escalated }):
		return fmt.Errorf("%s was not escalated", o.escalated)
	}
	if err := o.clock(c); err != nil {
		return err
	}
	return reached(c, o.stages)
}

// clock holds the case's days against what was granted and stood still.
func (o outcome) clock(c regulation.Case) error {
	if len(c.Clock.Pauses) < o.paused {
		return fmt.Errorf("its days stood still %d times, not %d", len(c.Clock.Pauses), o.paused)
	}
	for _, p := range c.Clock.Pauses {
		if !p.To.After(p.From) || p.Actor == "" || p.Clause == "" || p.Reason == "" {
			return fmt.Errorf("the ledger of its clock says %+v", p)
		}
	}
	return nil
}

// history holds what happened on the way.
func (o outcome) history(events []store.CaseEvent) error {
	stoodIn := slices.ContainsFunc(events, func(e store.CaseEvent) bool { return e.As.For != "" })
	through := slices.ContainsFunc(events, func(e store.CaseEvent) bool { return e.As.Via != "" })
	happened := slices.ContainsFunc(events, func(e store.CaseEvent) bool { return e.Name == o.event })
	switch {
	case stoodIn != o.actedFor:
		return fmt.Errorf("somebody stood in: %t", stoodIn)
	case through != o.through:
		return fmt.Errorf("somebody stood in for one who stood in: %t", through)
	case o.event != "" && !happened:
		return fmt.Errorf("%s is not on record", o.event)
	}
	return nil
}

// late tells whether the 15 working days passed in any round.
func late(c regulation.Case) bool {
	return c.Clock.Overdue || slices.ContainsFunc(c.Earlier, func(k regulation.Rectifying) bool { return k.Overdue })
}

func reached(c regulation.Case, want stages) error {
	for track, any := range want {
		if !slices.Contains(any, c.Stage(track)) {
			return fmt.Errorf("%s stands at %q, not %v", track, c.Stage(track), any)
		}
	}
	return nil
}
