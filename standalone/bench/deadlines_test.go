package bench

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

func TestAMissingOrEarlyDeadlineIsNoFigure(t *testing.T) {
	due := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)
	event := func(kind regulation.EventKind, at time.Time) store.CaseEvent {
		return store.CaseEvent{Event: regulation.Event{Kind: kind, At: at}}
	}
	opened := event(regulation.EventAct, due.Add(-time.Hour))
	for name, c := range map[string]struct {
		events []store.CaseEvent
		fine   bool
	}{
		"at the instant": {[]store.CaseEvent{opened, event(regulation.EventDeadline, due)}, true},
		"early":          {[]store.CaseEvent{opened, event(regulation.EventDeadline, due.Add(-time.Microsecond))}, false},
		"missing":        {[]store.CaseEvent{opened}, false},
		"twice":          {[]store.CaseEvent{event(regulation.EventDeadline, due), event(regulation.EventDeadline, due)}, false},
	} {
		if err := recordedOnce("c", c.events, due); (err == nil) != c.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func measureDeadlines(t *testing.T, d Database) {
	const cases = 40
	f, err := MeasureDeadlines(t.Context(), d, cases, 8*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if f.P50 <= 0 || f.P99 < f.P50 || f.Last < f.P99 || f.InMemory != cases {
		t.Errorf("%+v", f)
	}
	var b bytes.Buffer
	if f.Print(&b); !strings.Contains(b.String(), "the last of 40 recorded after") {
		t.Error(b.String())
	}
}
