package regulation

import (
	"strings"
	"time"
)

// Told is what the events of a case tell of it by themselves, from the first to the last that it
// took. The stored state must say the same.
type Told struct {
	Seq      int64
	Phase    Phase
	ClosedAt time.Time
	// Open are the deadlines that were armed and have neither been met, cancelled nor passed, by id.
	Open map[string]Deadline
	// Armed is how often each kind of deadline was armed, as Case.Counts has it.
	Armed map[string]int
}

// Take goes on by one event; they come in the order of their sequence.
func (t *Told) Take(e Event) {
	if t.Open == nil {
		t.Open, t.Armed = map[string]Deadline{}, map[string]int{}
	}
	was := t.Phase
	t.Seq, t.Phase = e.Seq, e.To
	switch {
	case e.To != PhaseClosed:
		t.ClosedAt = time.Time{}
	case was != PhaseClosed || t.ClosedAt.IsZero():
		t.ClosedAt = e.At
	}
	for _, change := range e.Changes {
		t.change(change)
	}
}

func (t *Told) change(c DueChange) {
	id := c.Deadline.ID
	switch c.Op {
	case DueMet, DueCancelled, DuePassed:
		delete(t.Open, id)
	case DueArmed:
		label, _, _ := strings.Cut(id, "#")
		t.Armed[label]++
		t.Open[id] = c.Deadline
	default: // moved; instants that are no deadlines, such as the clock of clause 7(3), move in the same way
		if _, open := t.Open[id]; open {
			t.Open[id] = c.Deadline
		}
	}
}
