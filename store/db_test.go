package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"haochaping/store"
	"haochaping/store/storetest"
)

type counterRow struct {
	Authority  string `gorm:"primaryKey"`
	NumberYear int    `gorm:"primaryKey;autoIncrement:false"`
	Kind       string `gorm:"primaryKey"`
	NextNumber int64
}

func (counterRow) TableName() string { return "counters" }

// addOne reads the counter and writes it back one higher, in one transaction.
func addOne(s *store.Store, lock bool) error {
	return store.Tx(s, context.Background(), func(tx *gorm.DB) error {
		query := tx
		if lock {
			query = store.Locked(tx)
		}
		var row counterRow
		if err := query.Take(&row, "authority = ?", "a").Error; err != nil {
			return err
		}
		return tx.Model(&row).Update("next_number", row.NextNumber+1).Error
	})
}

func addConcurrently(t *testing.T, s *store.Store, lock bool) (next int64) {
	t.Helper()
	if err := store.Tx(s, t.Context(), func(tx *gorm.DB) error {
		return tx.Create(&counterRow{"a", 2026, "case", 1}).Error
	}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				if err := addOne(s, lock); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := store.Rows(s, t.Context()).Table("counters").Select("next_number").Scan(&next).Error; err != nil {
		t.Fatal(err)
	}
	return next
}

func TestLockedReadLosesNoUpdate(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		if next := addConcurrently(t, r.Store, true); next != 201 {
			t.Errorf("after 200 increments the counter shows %d, want 201", next)
		}
	})
}

// The trap that locked guards against: were it not real here, the test above would prove nothing.
func TestUnlockedReadLosesUpdatesOnMariaDB(t *testing.T) {
	r := storetest.MariaDB(t)
	if next := addConcurrently(t, r.Store, false); next >= 201 {
		t.Errorf("the counter shows %d: no update was lost without a lock", next)
	}
}

func TestErrorsAreTranslatedAndCarryNoValue(t *testing.T) {
	const secret = "张三13800000000"
	insert := func(statement string, args ...any) func(tx *gorm.DB) error {
		return func(tx *gorm.DB) error { return tx.Exec(statement, args...).Error }
	}
	cases := map[string]struct {
		do   func(tx *gorm.DB) error
		want error
	}{
		"primary key": {insert("INSERT INTO facts (name, content) VALUES (?, 'x'), (?, 'y')", secret, secret), gorm.ErrDuplicatedKey},
		"unique key": {insert(`INSERT INTO rating_options (code, grade, text_zh, text_en, shown_first) VALUES
			('a', 1, '', '', 0), ('a', 1, '', ?, 0)`, secret), gorm.ErrDuplicatedKey},
		"no parent": {insert(`INSERT INTO orgs (id, parent, kind, area, division, name_zh, name_en) VALUES
			('a', ?, 'county', '513301', '513301', '', '')`, secret), gorm.ErrForeignKeyViolated},
		"check": {insert(`INSERT INTO rating_options (code, grade, text_zh, text_en, shown_first) VALUES
			('a', 6, ?, '', 0)`, secret), gorm.ErrCheckConstraintViolated},
		"not null": {insert("INSERT INTO facts (name, content) VALUES (?, NULL)", secret), nil},
		"no row": {func(tx *gorm.DB) error {
			return tx.Table("facts").Where("name = ?", secret).Take(&map[string]any{}).Error
		}, gorm.ErrRecordNotFound},
	}
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		var lines bytes.Buffer
		o := r.Opened
		o.Log = slog.New(slog.NewTextHandler(&lines, nil))
		s, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for name, c := range cases {
			err := store.Tx(s, t.Context(), c.do)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
			if strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
				t.Errorf("%s: the error carries the value: %v", name, err)
			}
		}
		if strings.Contains(lines.String(), secret) || !strings.Contains(lines.String(), "statement failed") {
			t.Errorf("log lines with values, or none: %s", lines.String())
		}
	})
}

func TestInsertNewTellsWhetherItDid(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		for i, want := range []bool{true, false} {
			err := store.Tx(r.Store, t.Context(), func(tx *gorm.DB) error {
				got, err := store.InsertNew(tx, &counterRow{"a", 2026, "case", 1})
				if err == nil && got != want {
					t.Errorf("insertion %d: %t, want %t", i+1, got, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestTransactionIsTriedAgainWhileBusyAndNotOtherwise(t *testing.T) {
	r := storetest.SQLite(t)
	for name, c := range map[string]struct {
		err  error
		want int
	}{"busy": {fmt.Errorf("in between: %w", store.ErrBusy), 8}, "anything else": {errors.New("no"), 1}} {
		n := 0
		err := store.Tx(r.Store, t.Context(), func(*gorm.DB) error { n++; return c.err })
		if n != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %d attempts, want %d; %v", name, n, c.want, err)
		}
	}
}

func TestRolledBackTransactionLeavesNothing(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		failed := errors.New("failed")
		err := store.Tx(r.Store, t.Context(), func(tx *gorm.DB) error {
			if err := tx.Create(&counterRow{"a", 2026, "case", 1}).Error; err != nil {
				return err
			}
			return failed
		})
		var n int64
		store.Rows(r.Store, t.Context()).Table("counters").Count(&n)
		if !errors.Is(err, failed) || n != 0 {
			t.Errorf("%v, %d rows", err, n)
		}
	})
}

func TestReaderCannotWriteOnSQLite(t *testing.T) {
	r := storetest.SQLite(t)
	if err := store.Rows(r.Store, t.Context()).Create(&counterRow{"a", 2026, "case", 1}).Error; err == nil {
		t.Error("a write outside tx went through")
	}
}

func TestOpenWithoutAClockOrAPlaceIsRefused(t *testing.T) {
	if _, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()}); err == nil {
		t.Error("opened without a clock")
	}
	if _, err := store.Open(t.Context(), store.Options{Now: storetest.NewClock().Now}); err == nil {
		t.Error("opened nowhere")
	}
	const password = "s3cret"
	_, err := store.Open(t.Context(), store.Options{DSN: "root:" + password + "@nonsense", Now: storetest.NewClock().Now})
	if err == nil || strings.Contains(err.Error(), password) {
		t.Errorf("a bad DSN: %v", err)
	}
}

func TestDataFolderMayHaveAnyName(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"data", "./数据 100%/a?b#c"} {
		s, err := store.Open(t.Context(), store.Options{Dir: dir, Now: storetest.NewClock().Now})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Migrate(t.Context()), s.Close()); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		for _, name := range []string{store.FileName, "migrate.lock"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
	}
}
