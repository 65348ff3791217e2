package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seed"
	"haochaping/workday"
)

// factClock is the database's fact that fixes the pace of a drill.
const factClock = "clock"

// OpenRecord opens the record that the settings name, ready for use, and returns the product's
// clock with it. SQLite is migrated here; any other database must have been by Migrate.
func OpenRecord(ctx context.Context, s Settings, log *slog.Logger) (*store.Store, regulation.Clock, error) {
	wanted, err := parseClock(s.Clock, time.Now())
	if err != nil {
		return nil, wanted, err
	}
	record, err := open(ctx, s, wanted, log)
	if err != nil {
		return nil, wanted, err
	}
	clock, err := prepare(ctx, record, s, wanted, log)
	if err == nil && clock != wanted {
		// The drill goes on from an earlier start: the record is opened again on its time.
		if err := record.Close(); err != nil {
			return nil, clock, err
		}
		if record, err = open(ctx, s, clock, log); err != nil {
			return nil, clock, err
		}
	}
	if err == nil {
		err = guardVault(ctx, record, log)
	}
	return closeOn(record, err), clock, err
}

// AdoptKeys gives the store of subject keys that the settings name to the record.
func AdoptKeys(ctx context.Context, s Settings, log *slog.Logger) error {
	record, err := ReadRecord(ctx, s, log)
	if err != nil {
		return err
	}
	return errors.Join(record.AdoptKeys(ctx), record.Close())
}

// guardVault lets nobody use a record that was put back from a copy before those are erased again who were
// erased since, and none whose subject keys lie elsewhere. That their store is away stops nothing (R59).
func guardVault(ctx context.Context, record *store.Store, log *slog.Logger) error {
	if err := record.KnowsKeys(ctx); err != nil {
		if !errors.Is(err, store.ErrKeysAway) {
			return err
		}
		log.Warn("contacts cannot be read for now", "error", err)
	}
	erased, err := record.CatchUpErasures(ctx)
	if erased > 0 {
		log.Warn("erased again whom an older copy of the record still knew", "raters", erased)
	}
	return err
}

// Migrate brings the record's schema up to date and fills an empty database with the tree of
// divisions, or as a demo.
func Migrate(ctx context.Context, s Settings, log *slog.Logger) error {
	wanted, err := parseClock(s.Clock, time.Now())
	if err != nil {
		return err
	}
	record, err := open(ctx, s, wanted, log)
	if err != nil {
		return err
	}
	err = migrate(ctx, record, s, log)
	if err == nil {
		// Now, since the demo's people are appointed on this clock.
		_, err = fixClock(ctx, record, s, wanted)
	}
	return errors.Join(err, record.Close())
}

func open(ctx context.Context, s Settings, clock regulation.Clock, log *slog.Logger) (*store.Store, error) {
	return store.Open(ctx, store.Options{
		DSN: s.DSN, Dir: s.Data, KeyDir: s.Keys, SubjectKeys: s.SubjectKeys, Erasures: s.Erasures, Log: log, Clock: clock, Alone: s.SharedCommits == "off",
		Now:  func() time.Time { return clock.At(time.Now()) },
		Wall: time.Now,
	})
}

// prepare makes an open record ready and returns the clock that is fixed in it.
func prepare(ctx context.Context, record *store.Store, s Settings, wanted regulation.Clock, log *slog.Logger) (clock regulation.Clock, err error) {
	if s.DSN == "" {
		err = migrate(ctx, record, s, log)
	} else {
		err = refusePending(ctx, record)
	}
	if err != nil {
		return clock, err
	}
	return fixClock(ctx, record, s, wanted)
}

func migrate(ctx context.Context, record *store.Store, s Settings, log *slog.Logger) error {
	if err := record.Migrate(ctx); err != nil {
		return err
	}
	data, err := seed.Load()
	if err != nil {
		return err
	}
	if !s.Demo {
		data = store.Base(data)
	}
	if s.Demo && s.Simulate && s.Clock == "" {
		if err := loadHistory(ctx, s, data, log); err != nil {
			return err
		}
	}
	return record.Load(ctx, data, s.Demo)
}

// loadHistory gives an empty demo with made-up ratings those of the last quarters: without them nothing would be sealed,
// ranked or drawn for months. They are recorded by a store of their own, whose clock goes through the days.
func loadHistory(ctx context.Context, s Settings, data seed.Data, log *slog.Logger) error {
	var now atomic.Int64
	began := time.Now()
	now.Store(began.UnixMicro())
	past, err := store.Open(ctx, store.Options{DSN: s.DSN, Dir: s.Data, KeyDir: s.Keys, SubjectKeys: s.SubjectKeys, Erasures: s.Erasures,
		Now: func() time.Time { return time.UnixMicro(now.Load()) }, Wall: time.Now})
	if err != nil {
		return err
	}
	err = past.LoadDemo(ctx, data, workday.DateOf(began), func(at time.Time) { now.Store(at.UnixMicro()) })
	if now.Load() != began.UnixMicro() { // it went through the days
		log.Info("made up the ratings of the last quarters where there was no record", "took", time.Since(began))
	}
	return errors.Join(err, past.Close())
}

func refusePending(ctx context.Context, record *store.Store) error {
	pending, err := record.Pending(ctx)
	if err == nil && pending > 0 {
		err = fmt.Errorf("the database lacks %d migrations: run 'haochaping migrate' first", pending)
	}
	return err
}

// fixClock returns the pace that a demo database was given at its first start, and gives it the
// settings' where it has none. Other databases run on real time.
func fixClock(ctx context.Context, record *store.Store, s Settings, wanted regulation.Clock) (clock regulation.Clock, err error) {
	fixed, err := record.Fact(ctx, factClock)
	if err != nil {
		return clock, err
	}
	if fixed != "" {
		return clock, json.Unmarshal([]byte(fixed), &clock)
	}
	demo, err := record.Demo(ctx)
	if err != nil || s.Clock == "" {
		return clock, err
	}
	if !demo {
		return clock, errors.New(prefix + "CLOCK: only a demo database may run on another time")
	}
	text, err := json.Marshal(wanted)
	if err != nil {
		return clock, err
	}
	return wanted, record.SetFact(ctx, factClock, string(text))
}

// closeOn closes a record that could not be made ready.
func closeOn(record *store.Store, err error) *store.Store {
	if err == nil {
		return record
	}
	// What made it fail says more than what its closing might.
	_ = record.Close()
	return nil
}

// ReadRecord opens the record that the settings name for reading: nothing is migrated or created,
// so it does beside a running product.
func ReadRecord(ctx context.Context, s Settings, log *slog.Logger) (*store.Store, error) {
	if s.DSN == "" {
		if _, err := os.Stat(filepath.Join(s.Data, store.FileName)); err != nil {
			return nil, fmt.Errorf("there is no record: %w", err)
		}
	}
	record, err := open(ctx, s, regulation.Clock{}, log)
	if err != nil {
		return nil, err
	}
	clock, err := readClock(ctx, record)
	if err != nil || clock == (regulation.Clock{}) {
		return closeOn(record, err), err
	}
	if err := record.Close(); err != nil {
		return nil, err
	}
	return open(ctx, s, clock, log)
}

// readClock is the pace that was fixed in the record.
func readClock(ctx context.Context, record *store.Store) (clock regulation.Clock, err error) {
	if err := refusePending(ctx, record); err != nil {
		return clock, err
	}
	fixed, err := record.Fact(ctx, factClock)
	if err != nil || fixed == "" {
		return clock, err
	}
	return clock, json.Unmarshal([]byte(fixed), &clock)
}
