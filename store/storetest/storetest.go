// Package storetest runs a suite on both engines of the store.
package storetest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"haochaping/store"
	"haochaping/store/seed"
)

// ServerVariable names the environment variable that holds the DSN of a MariaDB or MySQL server
// on which tests may create databases, such as root@tcp(127.0.0.1:3307)/. Without it only
// SQLite is tested.
const ServerVariable = "HAOCHAPING_TEST_MARIADB"

// Record is an open, migrated and empty record for one test.
type Record struct {
	*store.Store
	Clock  *Clock
	Opened store.Options // what it was opened with
}

// Run runs the test on SQLite and, where a server is given, on MariaDB, each in a database of
// its own that is gone afterwards.
func Run(t *testing.T, test func(t *testing.T, r *Record)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("mariadb", func(t *testing.T) { test(t, MariaDB(t)) })
}

// SQLite opens an empty record in a folder of the test.
func SQLite(t testing.TB) *Record {
	t.Helper()
	dir := t.TempDir()
	file, err := template()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, store.FileName), file, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return open(t, store.Options{Dir: dir})
}

// MariaDB opens an empty record on the server, and skips the test where there is none. Its
// database is emptied and used again by later tests: creating the tables takes seconds on a
// busy disk.
func MariaDB(t testing.TB) *Record {
	t.Helper()
	return open(t, store.Options{DSN: borrowed(t), Dir: t.TempDir()})
}

// LoadDemo fills the record with the made-up population of the seed.
func (r *Record) LoadDemo(t testing.TB) *Record {
	t.Helper()
	d, err := seed.Load()
	if err == nil {
		err = r.Load(context.Background(), d, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Person returns the id of a login of the demo.
func (r *Record) Person(t testing.TB, login string) string {
	t.Helper()
	account, err := r.AccountByLogin(context.Background(), login)
	if err != nil {
		t.Fatal(err)
	}
	return account.Person
}

// Again opens the same record a second time, as another process would.
func (r *Record) Again(t testing.TB) *Record {
	t.Helper()
	o := r.Opened
	again := open(t, o)
	again.Clock = r.Clock
	return again
}

func open(t testing.TB, o store.Options) *Record {
	t.Helper()
	clock := NewClock()
	if o.KeyDir == "" {
		o.KeyDir = t.TempDir()
	}
	if o.Now == nil {
		o.Now = clock.Now
	}
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	s, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Record{Store: s, Clock: clock, Opened: o}
}

// template is SQLite's file after migration, made once: copying is faster than migrating.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(context.Background(), store.Options{Dir: dir, Now: NewClock().Now})
	if err != nil {
		return nil, err
	}
	if err := s.Migrate(context.Background()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.Close(); err != nil { // the last connection folds the WAL into the file
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, store.FileName))
})

// Start is what a new test clock shows: a Monday morning in Asia/Shanghai.
var Start = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// Clock is a clock that tests set.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows Start.
func NewClock() *Clock { return &Clock{now: Start} }

// Now is the clock as the store reads it.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Forward puts the clock forward.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
