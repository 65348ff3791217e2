package store_test

import (
	"testing"
	"time"

	"haochaping/regulation"
)

// Who rates where few do is told of with the finding, not by a batch; a case of before its window's crowd was counted too.
func TestNoticesGoInBatchesWhereManyRate(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		in := d.bad()
		window := in.Rating.Place.Rated.Window
		batched := func() bool {
			t.Helper()
			in.Key = d.key()
			for _, deadline := range d.read(d.save(in).CaseID).Deadlines {
				if deadline.Kind == regulation.DeadlineNotice {
					return true
				}
			}
			return false
		}
		if batched() {
			t.Error("a batch, though nobody counted")
		}
		d.must(d.CountCrowds(t.Context()))
		if n := d.CrowdAt(window); n != 1 || batched() {
			t.Errorf("%d rated at the window, and a batch", n)
		}
		d.Crowd(window, 299)
		if batched() {
			t.Error("a batch among 299")
		}
		d.Crowd(window, 300)
		if !batched() {
			t.Error("no batch among 300")
		}
		d.Clock.Forward(regulation.CrowdDays * 24 * time.Hour)
		d.must(d.CountCrowds(t.Context()))
		if n := d.CrowdAt(window); n != 0 {
			t.Errorf("%d rated in weeks in which nobody did", n)
		}
	})
}
