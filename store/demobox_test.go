package store_test

import (
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

// A demo shows each state of a box and of a form, whatever the weekday on which it is first started; filled twice it
// has them once, and a demo in which somebody registered a box is left alone.
func TestADemoHasItsBoxes(t *testing.T) {
	for _, weekday := range []time.Weekday{time.Monday, time.Thursday, time.Sunday} {
		t.Run(weekday.String(), func(t *testing.T) {
			r := storetest.SQLite(t).LoadDemo(t)
			for r.Now().Weekday() != weekday {
				r.Clock.Forward(24 * time.Hour)
			}
			for range 2 {
				if err := r.FillDemoBoxes(t.Context(), true); err != nil {
					t.Fatal(err)
				}
			}
			boxes, err := r.Boxes(t.Context(), everywhere)
			if err != nil || len(boxes) != 5 {
				t.Fatalf("%d boxes, %v", len(boxes), err)
			}
			halls, keepers := map[string]bool{}, 0
			for _, b := range boxes {
				halls[b.Hall] = true
				if b.Keeper() != "" {
					keepers++
				}
			}
			if len(halls) != 4 || keepers != 4 {
				t.Errorf("%d halls, %d keepers", len(halls), keepers)
			}
			queue, err := r.PaperQueue(t.Context(), kangding)
			if err != nil || len(queue) != 1 || queue[0].Week != regulation.WeekOf(r.Now()) || queue[0].Scans != 3 || queue[0].Open[regulation.PaperToCheck] != 2 || queue[0].Open[regulation.PaperDiffers] != 1 {
				t.Errorf("%+v, %v", queue, err)
			}
			if late, err := r.PaperQueue(t.Context(), regulation.Scope{Areas: []string{"513322"}}); err != nil || len(late) != 1 || late[0].Remaining() != 2 {
				t.Errorf("%+v, %v", late, err)
			}
			openings, err := r.Openings(t.Context(), kangding, store.OpeningQuery{Week: regulation.WeekOf(r.Now().AddDate(0, 0, -7))})
			entered := 0
			for _, o := range openings {
				entered += o.Entered
			}
			if err != nil || entered != 7 {
				t.Errorf("%d forms of last week count, %v", entered, err)
			}
			token, held, err := r.AcquireLease(t.Context(), store.LeaseBoxes, "test", time.Hour)
			if err != nil || !held {
				t.Fatal(held, err)
			}
			if _, err := r.WatchBoxes(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			missed, err := r.MissedWeeks(t.Context(), everywhere)
			if err != nil || len(missed) == 0 || missed[0].Place != "二楼等候区" {
				t.Errorf("%+v, %v", missed, err)
			}
			// Each reading of a form and each opening stands behind its leaf.
			(&desk{Record: r, t: t}).integrate()
			_, err = r.Verify(t.Context(), store.VerifyOptions{Only: []string{store.CheckLeaves, store.CheckLedger}, Found: func(f store.Finding) error {
				t.Errorf("%s %v", f.Code, f.About)
				return nil
			}})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	r := storetest.SQLite(t).LoadDemo(t)
	withBox(t, r)
	if err := r.FillDemoBoxes(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if boxes, err := r.Boxes(t.Context(), everywhere); err != nil || len(boxes) != 1 {
		t.Errorf("%d boxes, %v", len(boxes), err)
	}
}
