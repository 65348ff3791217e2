package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"gorm.io/gorm"

	"haochaping/store"
	"haochaping/store/storetest"
)

// A query whose rows are still open must not share its prepared statement with itself.
func TestSameQueryInsideItsOwnRows(t *testing.T) {
	const query = "SELECT id FROM orgs WHERE kind = 'county' ORDER BY id"
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		pool, err := store.Rows(r.LoadDemo(t).Store, t.Context()).DB()
		if err != nil {
			t.Fatal(err)
		}
		if r.Engine() == "mysql" {
			t.Skip("one connection of MariaDB has one open result at a time")
		}
		tx, err := pool.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		rows := func(each func() error) (n int, err error) {
			found, err := tx.QueryContext(t.Context(), query)
			if err != nil {
				return 0, err
			}
			defer found.Close()
			for ; found.Next(); n++ {
				if err := each(); err != nil {
					return n, err
				}
			}
			return n, found.Err()
		}
		for range 2 { // the second round finds the statements prepared
			pairs := 0
			_, err := rows(func() error {
				inner, err := rows(func() error { return nil })
				pairs += inner
				return err
			})
			if err != nil || pairs != 18*18 {
				t.Errorf("%d pairs of counties, want %d, %v", pairs, 18*18, err)
			}
		}
	})
}

func TestMoreStatementsThanAreKept(t *testing.T) {
	r := storetest.SQLite(t)
	err := store.Tx(r.Store, t.Context(), func(tx *gorm.DB) error {
		for range 2 {
			for i := range 700 {
				var got int
				if err := tx.Raw(fmt.Sprintf("SELECT %d", i)).Scan(&got).Error; err != nil || got != i {
					return fmt.Errorf("%d: %d, %w", i, got, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestFailedStatementWorksAgain(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		insert := func(name string) error {
			return store.Tx(r.Store, t.Context(), func(tx *gorm.DB) error {
				return tx.Exec("INSERT INTO facts (name, content) VALUES (?, '')", name).Error
			})
		}
		for _, step := range []struct {
			name string
			want error
		}{{"a", nil}, {"a", gorm.ErrDuplicatedKey}, {"b", nil}, {"b", gorm.ErrDuplicatedKey}, {"c", nil}} {
			if err := insert(step.name); !errors.Is(err, step.want) {
				t.Errorf("%s: %v, want %v", step.name, err, step.want)
			}
		}
	})
}

func TestCancelledCallerLeavesTheConnectionUsable(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		before := count(t, r, "facts")
		for range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			err := store.Tx(r.Store, ctx, func(tx *gorm.DB) error {
				if err := tx.Exec("INSERT INTO facts (name, content) VALUES ('x', '')").Error; err != nil {
					return err
				}
				cancel()
				return tx.Exec("UPDATE facts SET content = 'y' WHERE name = 'x'").Error
			})
			if cancel(); err == nil {
				t.Fatal("a cancelled transaction was committed")
			}
		}
		if n := count(t, r, "facts") - before; n != 0 {
			t.Errorf("%d rows of cancelled transactions", n)
		}
		if err := r.SetFact(t.Context(), "x", "z"); err != nil {
			t.Error(err)
		}
	})
}
