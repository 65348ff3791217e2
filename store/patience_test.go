package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"haochaping/store"
)

// A caller who comes alone, each item after the one before, hardly ever waits for company.
func TestNobodyWaitsLongForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const items, patience = 400, 15 * time.Millisecond
		put, began := store.Queue(patience), time.Now()
		for range items {
			put(1, func([]int) { time.Sleep(time.Millisecond) })
		}
		waits := (time.Since(began) - items*time.Millisecond) / patience
		if waits == 0 || waits > items/20 {
			t.Errorf("%d of %d items waited for company", waits, items)
		}
	})
}
