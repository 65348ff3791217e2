package app

import (
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// A demo has boxes with forms that wait, and no ratings of its own where none are made up: what a test or a visitor
// counts is what they gave.
func TestDemoHasBoxes(t *testing.T) {
	a, _ := office(t)
	if err := a.fillBoxes(t.Context()); err != nil {
		t.Fatal(err)
	}
	waiting, err := a.record.Openings(t.Context(), regulation.Scope{All: true}, store.OpeningQuery{Waiting: true})
	if err != nil || len(waiting) == 0 {
		t.Fatalf("%v, %v", waiting, err)
	}
	for _, o := range waiting {
		if o.Entered > 0 {
			t.Errorf("%d forms count", o.Entered)
		}
	}
}

// Signs of cheating rest on made-up ratings, and so are there only where ratings are made up.
func TestDemoHasProbesWhereRatingsAreMadeUp(t *testing.T) {
	for simulate, want := range map[bool]int{false: 0, true: 3} {
		a, _ := office(t)
		a.settings.Simulate = simulate
		token, held, err := a.record.AcquireLease(t.Context(), store.LeaseProbes, a.node, time.Minute)
		if err != nil || !held {
			t.Fatal(held, err)
		}
		for range 2 {
			if err := a.probe(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		probes, _, err := a.record.Probes(t.Context(), regulation.Scope{All: true}, regulation.Actor{}, store.ListQuery{})
		if err != nil || len(probes) != want {
			t.Errorf("made up %t: %d open, %v", simulate, len(probes), err)
		}
	}
}
