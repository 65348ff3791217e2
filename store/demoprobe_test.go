package store_test

import (
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

// A fresh demo has signs of several kinds, a probe that was heard, one that was decided and some that nobody took yet,
// whatever the weekday on which it is first started; filled twice it has them once, and the record holds together.
func TestADemoHasProbes(t *testing.T) {
	for _, weekday := range []time.Weekday{time.Monday, time.Thursday, time.Sunday} {
		t.Run(weekday.String(), func(t *testing.T) {
			storetest.Run(t, func(t *testing.T, r *storetest.Record) {
				d := &desk{Record: r.LoadDemo(t), t: t}
				for r.Now().Weekday() != weekday {
					r.Clock.Forward(24 * time.Hour)
				}
				for range 2 {
					token, held, err := r.AcquireLease(t.Context(), store.LeaseProbes, "tester", time.Hour)
					if err != nil || !held {
						t.Fatal(held, err)
					}
					d.must(r.FillDemoProbes(t.Context(), token))
				}
				if n := d.probe(); n != 0 {
					t.Errorf("%d suspected anew", n)
				}
				d.seesProbes()
				d.integrate()
				_, err := r.Verify(t.Context(), store.VerifyOptions{Found: func(f store.Finding) error {
					t.Errorf("%s %s %v", f.Check, f.Code, f.About)
					return nil
				}})
				d.must(err)
			})
		})
	}
}

// seesProbes holds what whoever signs in finds.
func (d *desk) seesProbes() {
	d.t.Helper()
	open, ended := d.probes(""), d.probes("ended")
	if len(open) != 3 || len(ended) != 1 {
		d.t.Fatalf("%d open, %d ended", len(open), len(ended))
	}
	kinds, hearings := d.signalled(), map[string]int{}
	for _, kind := range []regulation.SignalKind{regulation.SignalBurst, regulation.SignalSameDevice, regulation.SignalFixedForm, regulation.SignalSameRater} {
		if !slices.Contains(kinds, kind) {
			d.t.Errorf("no %s among %v", kind, kinds)
		}
	}
	for _, q := range open {
		hearings[q.Hearing]++
		if evidence, err := d.Evidence(d.t.Context(), q); err != nil || len(evidence) < 5 {
			d.t.Errorf("%s: %d ratings, %v", q.Suspect.Kind, len(evidence), err)
		}
	}
	if hearings[regulation.HearingHeld] != 1 || hearings[""] != 2 {
		d.t.Errorf("%v", hearings)
	}
	q := ended[0]
	if q.Decided.Outcome != regulation.ProbeConfirmed || q.Decided.Measure != regulation.MeasureAnnul || len(q.Signals) < 2 || d.rowsOf("annulments", "1 = 1") != len(q.Ratings()) || len(q.Ratings()) != 7 {
		d.t.Errorf("%+v", q)
	}
}
