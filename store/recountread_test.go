package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
)

// whileRecounting has something done once, after a recount knows its position and before it reads ratings; reads counts how often those are read.
func (d *desk) whileRecounting(do func()) (reads *atomic.Int64) {
	d.t.Helper()
	var begun atomic.Bool
	reads = &atomic.Int64{}
	begins := func(db *gorm.DB) {
		if strings.Contains(db.Statement.SQL.String(), "position >= ?") && begun.CompareAndSwap(false, true) {
			do()
		}
	}
	reading := func(db *gorm.DB) {
		if from := db.Statement.TableExpr; from != nil && from.SQL == "ratings r" {
			reads.Add(1)
		}
	}
	callbacks := store.Rows(d.Store, d.t.Context()).Callback()
	d.must(callbacks.Query().After("gorm:query").Register("recount:begins", begins))
	d.must(callbacks.Row().After("gorm:row").Register("recount:begins", begins))
	d.must(callbacks.Row().Before("gorm:row").Register("recount:reads", reading))
	return reads
}

// Ratings that come in, are taken into the ledger and counted while others are recounted belong to the next recount.
func TestARecountIsRightWhileRatingsComeIn(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.rated(60)
		d.count(500)
		d.rated(5) // wait for their counting
		d.integrate()
		reads := d.whileRecounting(func() {
			d.rated(40)
			d.count(500)
			d.rated(20)
		})
		for n, want := range []int64{60, 105} {
			all, _, err := d.RecountFigures(t.Context())
			d.must(err)
			recounted := int64(0)
			for cell, tally := range all.All() {
				if cell.Cut == regulation.CutUnit && cell.Dimension == "" {
					recounted += tally.Rated()
				}
			}
			if recounted != want || reads.Load() != int64(n+1) {
				t.Errorf("%d ratings, want %d, read %d times", recounted, want, reads.Load())
			}
		}
		d.count(500)
		_, err := d.Verify(t.Context(), store.VerifyOptions{Only: []string{store.CheckFigures}, Found: func(f store.Finding) error {
			t.Errorf("%+v", f)
			return nil
		}})
		d.must(err)
	})
}

// Who recounts waits for no other connection.
func TestARecountNeedsOneConnection(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.rated(40)
		d.count(500)
		pool, err := store.Rows(d.Store, t.Context()).DB()
		d.must(err)
		held := make([]*sql.Conn, pool.Stats().MaxOpenConnections-1)
		for i := range held {
			held[i], err = pool.Conn(t.Context())
			d.must(err)
		}
		defer func() {
			for _, conn := range held {
				d.must(conn.Close())
			}
		}()
		soon, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		all, _, err := d.RecountFigures(soon)
		d.must(err)
		if all.Len() == 0 {
			t.Error("nothing was recounted")
		}
		d.must(held[0].Close()) // each case is told by a connection of its own
		held = held[1:]
		_, err = d.Verify(soon, store.VerifyOptions{Only: []string{store.CheckFigures}, Found: func(f store.Finding) error {
			t.Errorf("%+v", f)
			return nil
		}})
		d.must(err)
	})
}

// A recount reads the index that has all that counts, and not the rows, which are five times as wide; so does one in which ratings wait.
func TestARecountReadsTheIndex(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.rated(20)
		for _, waiting := range []bool{true, false} {
			var statement string
			var args []any
			name := fmt.Sprint("recount:index ", waiting)
			d.must(store.Rows(d.Store, t.Context()).Callback().Row().After("gorm:row").Register(name, func(db *gorm.DB) {
				if from := db.Statement.TableExpr; from != nil && from.SQL == "ratings r" {
					statement, args = db.Statement.SQL.String(), db.Statement.Vars
				}
			}))
			if !waiting {
				d.count(500)
			}
			_, _, err := d.RecountFigures(t.Context())
			d.must(err)
			if strings.Contains(statement, "r.id") != waiting {
				t.Errorf("waiting %v: %s", waiting, statement)
			}
			explain, key := "EXPLAIN QUERY PLAN ", "USING COVERING INDEX ratings_counted"
			if d.Engine() != "sqlite" {
				explain, key = "EXPLAIN ", "ratings_counted"
			}
			var plan []map[string]any
			d.must(store.Rows(d.Store, t.Context()).Raw(explain+statement, args...).Scan(&plan).Error)
			if text := fmt.Sprintf("%s", plan); len(plan) != 1 || !strings.Contains(text, key) {
				t.Errorf("%s: %s", statement, text)
			}
		}
	})
}
