package app

import (
	"testing"

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
