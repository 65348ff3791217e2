package store_test

import (
	"context"
	"database/sql"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
)

// whileRecounting has something done once, after a recount knows its position and before it reads ratings, and holds the first connection
// that reads them until another reads beside it, where there is to be one.
func (d *desk) whileRecounting(together int, do func()) (readers *atomic.Int64) {
	d.t.Helper()
	var begun, done atomic.Bool
	readers = &atomic.Int64{}
	begins := func(db *gorm.DB) {
		text := db.Statement.SQL.String()
		if strings.Contains(text, "position IN") || strings.Contains(text, "position >= ?") {
			if begun.CompareAndSwap(false, true) {
				do()
				done.Store(true)
			}
		}
	}
	reads := func(db *gorm.DB) {
		if from := db.Statement.TableExpr; from == nil || from.SQL != "ratings r" || !done.Load() {
			return
		}
		readers.Add(1)
		for until := time.Now().Add(20 * time.Second); readers.Load() < int64(together) && time.Now().Before(until); {
			time.Sleep(time.Millisecond)
		}
		if readers.Load() < int64(together) {
			d.t.Errorf("no second connection reads")
		}
	}
	callbacks := store.Rows(d.Store, d.t.Context()).Callback()
	d.must(callbacks.Query().After("gorm:query").Register("recount:begins", begins))
	d.must(callbacks.Row().After("gorm:row").Register("recount:begins", begins))
	d.must(callbacks.Row().Before("gorm:row").Register("recount:reads", reads))
	return readers
}

// Ratings that come in, are taken into the ledger and counted while others are recounted belong to the next recount: whichever connection
// sees them.
func TestARecountIsRightWhileRatingsComeIn(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		together := 1
		if d.Engine() != "sqlite" {
			together = 2
		}
		d.rated(60)
		d.count(500)
		d.rated(5) // wait for their counting
		d.integrate()
		readers := d.whileRecounting(together, func() {
			d.rated(40)
			d.count(500)
			d.rated(20)
		})
		for _, want := range []int64{60, 105} {
			all, _, err := d.RecountFigures(t.Context())
			d.must(err)
			recounted := int64(0)
			for cell, tally := range all.All() {
				if cell.Cut == regulation.CutUnit && cell.Dimension == "" {
					recounted += tally.Rated()
				}
			}
			if recounted != want || readers.Load() == 0 {
				t.Errorf("%d ratings in %d pieces, want %d", recounted, readers.Load(), want)
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

// Who recounts takes a connection that is free beside their own, and waits for none.
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
