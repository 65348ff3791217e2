package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/store"
	"haochaping/store/storetest"
)

// TestRecordingsShareACommit holds one recording open until six more wait: those share a transaction,
// also with one among them that fails, which undoes its own rows only.
func TestRecordingsShareACommit(t *testing.T) {
	failed := errors.New("failed")
	for name, fails := range map[string]int{"all succeed": 0, "one fails": 3} {
		storetest.Run(t, func(t *testing.T, r *storetest.Record) {
			shared := shareSix(t, r, fails, failed)
			if fails == 0 && shared != 1 {
				t.Errorf("%s: six recordings that waited took %d transactions", name, shared)
			}
			var years []int
			store.Rows(r.Store, t.Context()).Table("counters").Order("number_year").Pluck("number_year", &years)
			want := []int{0, 1, 2, 3, 4, 5, 6}
			if fails > 0 {
				want = slices.Delete(want, fails, fails+1)
			}
			if !slices.Equal(years, want) {
				t.Errorf("%s: kept %v, want %v", name, years, want)
			}
		})
	}
}

// shareSix returns how many transactions committed the six.
func shareSix(t *testing.T, r *storetest.Record, fails int, failed error) int {
	var pools sync.Map
	add := func(tx *gorm.DB, year int) error { return tx.Create(&counterRow{"a", year, "case", 1}).Error }
	release, leading := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		err := store.RecordTx(r.Store, t.Context(), func(tx *gorm.DB) error {
			close(leading)
			<-release
			return add(tx, 0)
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-leading
	for n := 1; n <= 6; n++ {
		all.Go(func() {
			err := store.RecordTx(r.Store, t.Context(), func(tx *gorm.DB) error {
				pools.Store(tx.Statement.ConnPool, true)
				if err := add(tx, n); err != nil || n != fails {
					return err
				}
				return failed
			})
			if n == fails != errors.Is(err, failed) {
				t.Errorf("recording %d: %v", n, err)
			}
		})
	}
	for r.Waiting() < 6 {
		time.Sleep(time.Millisecond)
	}
	close(release)
	all.Wait()
	transactions := 0
	pools.Range(func(any, any) bool { transactions++; return true })
	return transactions
}
