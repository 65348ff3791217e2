package regulation_test

import (
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// Each instant that is shown belongs to the batch at whose end it is, also one that waited for others.
func TestClosedNamesTheBatchOfEach(t *testing.T) {
	b := regulation.Batches{Period: regulation.BatchDay, Least: 5}
	day := func(d, h int) time.Time { return workday.NewDate(2026, 3, d).Start().Add(time.Duration(h) * time.Hour) }
	given := []time.Time{day(2, 9), day(2, 10), day(3, 9), day(3, 9), day(3, 10), day(3, 11), day(4, 9)}
	ends := b.Closed(given, day(6, 0))
	if len(ends) != 6 || b.Published(given, day(6, 0)) != 6 {
		t.Fatalf("%v", ends)
	}
	for i, end := range ends {
		if !end.Equal(day(4, 0)) {
			t.Errorf("%d is told at %v", i, end)
		}
	}
}

// No month tells how many bad ratings it had where they are under five, nor by what the whole and the other months say.
func TestMonthsThatWouldTellAreWithheld(t *testing.T) {
	months := map[string]map[regulation.Grade]int{"2026-01": {5: 40, 1: 10}, "2026-02": {5: 30, 1: 3}, "2026-03": {5: 20, 1: 12}}
	whole := map[regulation.Grade]int{5: 90, 1: 25}
	shown := regulation.ShowMonths(whole, months)
	if shown["2026-02"] {
		t.Error("three bad ones are told")
	}
	if shown["2026-01"] && shown["2026-03"] {
		t.Error("the three are what the others leave of 25")
	}
	if shown := regulation.ShowMonths(map[regulation.Grade]int{5: 60, 1: 22}, map[string]map[regulation.Grade]int{"2026-01": {5: 40, 1: 10}, "2026-03": {5: 20, 1: 12}}); shown["2026-01"] != shown["2026-03"] {
		t.Errorf("one tells the other: %v", shown)
	}
	if shown := regulation.ShowMonths(map[regulation.Grade]int{5: 4, 4: 50, 1: 60}, map[string]map[regulation.Grade]int{"2026-01": {4: 30, 5: 2, 1: 20}, "2026-02": {4: 20, 5: 2, 1: 40}}); shown["2026-01"] != shown["2026-02"] {
		t.Errorf("%v", shown)
	}
}
