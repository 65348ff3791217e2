package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/store"
	"haochaping/store/storetest"
)

// TestRecordingsShareACommitAndFailAlone holds one recording open until six more wait: those share
// a transaction, and the failing ones among them undo their own rows only.
func TestRecordingsShareACommitAndFailAlone(t *testing.T) {
	r := storetest.SQLite(t)
	failed := errors.New("failed")
	var pools sync.Map // the transactions of the six
	add := func(year int, outcome error) error {
		return store.RecordTx(r.Store, t.Context(), func(tx *gorm.DB) error {
			pools.Store(tx.Statement.ConnPool, true)
			if err := tx.Create(&counterRow{"a", year, "case", 1}).Error; err != nil {
				return err
			}
			return outcome
		})
	}
	release, leading := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		err := store.RecordTx(r.Store, t.Context(), func(tx *gorm.DB) error {
			close(leading)
			<-release
			return tx.Create(&counterRow{"a", 2020, "case", 1}).Error
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-leading
	for n := range 6 {
		all.Go(func() {
			var want error
			if n%2 == 1 {
				want = failed
			}
			if err := add(2021+n, want); !errors.Is(err, want) {
				t.Errorf("recording %d: %v, want %v", n, err, want)
			}
		})
	}
	for r.Waiting() < 6 {
		time.Sleep(time.Millisecond)
	}
	close(release)
	all.Wait()

	var years []int
	store.Rows(r.Store, t.Context()).Table("counters").Order("number_year").Pluck("number_year", &years)
	if want := []int{2020, 2021, 2023, 2025}; len(years) != len(want) || years[1] != want[1] || years[2] != want[2] || years[3] != want[3] {
		t.Errorf("kept %v, want %v", years, want)
	}
	shared := 0
	pools.Range(func(any, any) bool { shared++; return true })
	if shared != 1 {
		t.Errorf("six recordings that waited took %d transactions", shared)
	}
}
