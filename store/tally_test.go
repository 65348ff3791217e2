package store_test

import (
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

func TestTallyMeasuresByHowMuchDeadlinesWereLate(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for range 2 {
			id := d.open()
			due := d.deadline(id, regulation.DeadlineStep)
			d.Clock.Forward(due.Due.Sub(d.Clock.Now()) + 7*time.Second)
			_, err := d.RecordDeadline(t.Context(), id, due.ID)
			d.must(err)
		}
		tally, err := d.Tally(t.Context())
		if want := (store.Lateness{Passed: 2, Median: 7, Most99: 7, Most: 7}); err != nil || tally.Lateness != want {
			t.Errorf("%+v, %v", tally.Lateness, err)
		}
	})
}

// One that was over when it was set was to be recorded after the act that set it.
func TestTallyCountsLatenessFromTheActThatSetTheDeadline(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActAcceptRectification)
		for len(d.read(id).Deadlines) > 0 { // the authority's own
			d.must(d.passNext(id))
		}
		d.Clock.Forward(d.read(id).Clock.Due.Sub(d.Clock.Now()) + time.Hour)
		d.do(id, regulation.ActRejectRectification, regulation.Values{"reason": {"措施未到位"}})
		d.must(d.passAll())
		tally, err := d.Tally(t.Context())
		if err != nil || tally.Lateness.Passed == 0 || tally.Lateness.Most > 60 {
			t.Errorf("%+v, %v", tally.Lateness, err)
		}
	})
}
