package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"haochaping/regulation"
	"haochaping/store"
)

// A nonce counts once, also for twenty who use it at once.
func TestANonceCountsOnce(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		var all sync.WaitGroup
		var fresh [20]bool
		for i := range fresh {
			all.Go(func() {
				var err error
				if fresh[i], err = d.TakeNonce(t.Context(), "app", "N1"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		taken := 0
		for _, f := range fresh {
			if f {
				taken++
			}
		}
		if other, err := d.TakeNonce(t.Context(), "portal", "N1"); taken != 1 || !other || err != nil {
			t.Errorf("taken %d times; by another upstream %t %v", taken, other, err)
		}
	})
}

// What waits is sealed, without the rater, whose contact is in the vault; settled, nothing of it is left.
func TestWhatIsParkedIsSealed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		p := store.Parked{Upstream: "app", ID: "m1", Kind: store.InboundRating, Unmatched: store.Unmatched{Reason: store.UnknownTask, Value: "X"}, ReceivedAt: d.Clock.Now()}
		contact := store.Contact{Name: raterOne, Phone: phone}
		for range 2 { // a repetition that comes at the same time
			d.must(d.Park(t.Context(), p, "digest", map[string]string{"text": ownWords}, contact))
		}
		waits, err := d.ParkedBefore(t.Context(), "app", store.InboundRating, "m1", "digest")
		var refused *regulation.Error
		if _, other := d.ParkedBefore(t.Context(), "app", store.InboundRating, "m1", "other"); !waits || err != nil || !errors.As(other, &refused) || refused.Code != regulation.Conflict {
			t.Errorf("waits %t %v, another content: %v", waits, err, other)
		}
		all, err := d.ParkedMessages(t.Context(), 10)
		d.must(err)
		var content map[string]string
		opened, err := d.OpenParked(t.Context(), all[0], &content)
		d.must(err)
		if len(all) != 1 || content["text"] != ownWords || opened != contact {
			t.Errorf("%d parked, %v, %+v", len(all), content, opened)
		}
		var row struct{ Sealed []byte }
		d.must(store.Rows(d.Store, t.Context()).Table("inbound_parked").Take(&row).Error)
		if text := string(row.Sealed); strings.Contains(text, ownWords) || strings.Contains(text, phone) {
			t.Error("it lies open")
		}
		d.must(d.SettleParked(t.Context(), all[0], store.InboundRefused))
		if n := d.rowsOf("vault", "1 = 1") + d.rowsOf("subject_keys", "1 = 1") + d.rowsOf("inbound_parked", "settled_at = 0"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

func TestTrafficIsCounted(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for range 3 {
			d.must(d.CountInbound(t.Context(), "app", store.InboundRating, map[string]int{"accepted": 2, "refused": 1},
				[]store.Refusal{{ID: "m1", Reasons: []string{"grade:one_of_five_grades"}}, {ID: ""}}))
		}
		traffic, err := d.InboundTraffic(t.Context())
		d.must(err)
		refused, err := d.InboundRefusals(t.Context(), 10)
		d.must(err)
		if len(traffic) != 1 || traffic[0].Today["accepted"] != 6 || traffic[0].Month["refused"] != 3 || !traffic[0].LastAt.Equal(d.Clock.Now()) {
			t.Errorf("%+v", traffic)
		}
		if len(refused) != 1 || refused[0].Times != 3 || len(refused[0].Reasons) != 1 {
			t.Errorf("%+v", refused)
		}
	})
}
