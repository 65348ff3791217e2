package regulation

import (
	"slices"
	"strings"
	"time"
)

// Reseat lays open steps before others whose seats nobody holds any more: somebody left, was
// reassigned or went away, and the case's next act or deadline may be days off. It returns the case
// after it, the event, and whether anything happened: done again at once, nothing does.
func (r Rules) Reseat(c Case, at time.Time) (Case, Event, bool) {
	if c.Closed() {
		return c, Event{}, false
	}
	m := r.begin(c, at)
	m.event.Kind, m.event.Name = EventPeople, "reseated"
	m.event.As = Assignment{Role: System}
	event := m.finish()
	moved := moved(c, *m.c)
	if len(moved) == 0 {
		return c, Event{}, false
	}
	spec := specByKind[ActKind(moved[0])]
	event.Clause = spec.Clause
	event.Data["acts"] = strings.Join(moved, ",")
	return *m.c, event, true
}

// moved names the awaited acts that lie before other seats than they did, or before others there.
func moved(before, after Case) []string {
	var acts []string
	for _, a := range after.Awaiting {
		if b := before.Await(a.Act); b != nil && (a.Raised != b.Raised || !slices.Equal(a.Seats, b.Seats)) {
			acts = append(acts, string(a.Act))
		}
	}
	return acts
}
