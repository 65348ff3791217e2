package regulation_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"haochaping/regulation"
	"haochaping/workday"
)

func drawnBatches(t *rapid.T) regulation.Batches {
	return regulation.Batches{Period: rapid.IntRange(0, 2).Draw(t, "period"), Least: rapid.IntRange(5, 12).Draw(t, "least")}
}

// A figure never moves by fewer than a batch, also one that falls, until it is final; then it is what it is.
func TestFigureMovesByABatchOrNotAtAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawnBatches(t)
		start := workday.NewDate(2026, 3, 2).Start()
		var changes []regulation.Change
		end, sum := start, 0
		for _, by := range rapid.SliceOfN(rapid.IntRange(-4, 9), 0, 40).Draw(t, "by") {
			end = b.End(end)
			by = max(by, -sum)
			sum += by
			changes = append(changes, regulation.Change{End: end, By: by})
		}
		final, shown := end.Add(30*24*time.Hour), 0
		for at := start; at.Before(final); at = at.Add(6 * time.Hour) {
			now := b.Steady(changes, at, final)
			if moved := now - shown; moved != 0 && max(moved, -moved) < b.Least {
				t.Fatalf("at %s the figure moved by %d", at, moved)
			}
			shown = now
		}
		if got := b.Steady(changes, final, final); got != sum {
			t.Fatalf("the final figure is %d, and not %d", got, sum)
		}
	})
}

func TestPeriodsEndInThePrefecture(t *testing.T) {
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, workday.Shanghai) }
	for _, c := range []struct {
		period int
		at     time.Time
		end    time.Time
	}{
		{regulation.BatchHalfDay, at(25, 11), at(25, 12)}, {regulation.BatchHalfDay, at(25, 12), at(26, 0)},
		{regulation.BatchDay, at(25, 0), at(26, 0)}, {regulation.BatchDay, at(25, 23), at(26, 0)},
		{regulation.BatchWeek, at(23, 0), at(30, 0)}, {regulation.BatchWeek, at(29, 23), at(30, 0)},
	} {
		if got := (regulation.Batches{Period: c.period, Least: 5}).End(c.at); !got.Equal(c.end) {
			t.Errorf("period %d of %s ends at %s", c.period, c.at, got)
		}
	}
}
