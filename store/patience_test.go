package store_test

import (
	"sync"
	"sync/atomic"
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

// Where items come thick, every batch waits for company, also one whose first item was handed the lead.
func TestBatchesGatherCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const items = 400
		put, written, batches := store.Queue(30*time.Millisecond), 0, 0
		var all sync.WaitGroup
		for range items {
			time.Sleep(2 * time.Millisecond)
			all.Go(func() {
				put(1, func(batch []int) {
					written, batches = written+len(batch), batches+1
					time.Sleep(5 * time.Millisecond)
				})
			})
		}
		all.Wait()
		if written != items || written < 8*batches {
			t.Errorf("%d of %d items in %d batches", written, items, batches)
		}
	})
}

// Where nothing is shared, items that come thick are written one by one all the same.
func TestNothingIsSharedWhereNothingMayBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		put, written := store.LoneQueue(), 0
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				put(1, func(batch []int) {
					if len(batch) != 1 {
						t.Errorf("%d items in a batch", len(batch))
					}
					written++
					time.Sleep(5 * time.Millisecond)
				})
			})
		}
		all.Wait()
		if written != 50 {
			t.Errorf("%d of 50 written", written)
		}
	})
}

// TestASecondBatchBeginsWithEnough: while one is written, a few wait for its end, enough do not.
func TestASecondBatchBeginsWithEnough(t *testing.T) {
	for waiting, want := range map[int]int{2: 1, 3: 2} {
		synctest.Test(t, func(t *testing.T) {
			put, release, batches := store.TwofoldQueue(3), make(chan struct{}), atomic.Int64{}
			var all sync.WaitGroup
			for n := range 1 + waiting {
				all.Go(func() {
					put(n, func([]int) { batches.Add(1); <-release })
				})
				synctest.Wait()
			}
			if n := batches.Load(); int(n) != want {
				t.Errorf("with %d more items %d batches are written at the same time, want %d", waiting, n, want)
			}
			close(release)
			all.Wait()
			if n := batches.Load(); n != 2 {
				t.Errorf("%d items took %d batches", 1+waiting, n)
			}
		})
	}
}

// TestAFewWaitForTheLeaderBeside: who ends a batch hands the lead on to enough only, while another is being written.
func TestAFewWaitForTheLeaderBeside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		put, begun := store.TwofoldQueue(3), atomic.Int64{}
		ends := []chan struct{}{1: make(chan struct{}), 2: make(chan struct{}), 3: make(chan struct{})}
		var all sync.WaitGroup
		for n := range 5 {
			all.Go(func() {
				put(n, func([]int) { <-ends[begun.Add(1)] })
			})
			synctest.Wait()
		}
		for i, want := range []int64{2, 2, 3} { // the first alone, three beside it, and the fifth after both
			if n := begun.Load(); n != want {
				t.Errorf("after %d ends %d batches were begun, want %d", i, n, want)
			}
			close(ends[i+1])
			synctest.Wait()
		}
		all.Wait()
	})
}
