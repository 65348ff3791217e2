package store_test

import (
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// Of what happened to their cases, news is noted for raters who agreed to be told, and for nobody else; each once.
func TestNewsIsNotedForThoseWhoAgreed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		token, _, err := d.AcquireLease(t.Context(), store.LeaseNotices, "tester", time.Hour)
		d.must(err)
		follow := func() {
			d.integrate()
			_, err := d.FollowNews(t.Context(), token, 100)
			d.must(err)
		}
		follow() // begins at the ledger's end
		silent := d.bad()
		silent.Contact = store.Contact{}
		agreed, stopped, without := d.save(d.bad()), d.save(d.bad()), d.save(silent)
		d.must(d.AnswerConsent(t.Context(), stopped.RatingID, regulation.ConsentNotices, false))
		follow()
		follow()
		for saved, want := range map[store.Saved]int{agreed: 1, stopped: 0, without: 0} {
			if n := d.rowsOf("notice_items", "case_id = ?", saved.CaseID); n != want {
				t.Errorf("%d items are noted of case %s, want %d", n, saved.CaseNumber, want)
			}
		}
	})
}
