package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
)

// A second leaf of a row that the ledger has, or that waits twice, holds up nothing: what comes after it is taken in, the row is named by
// an alarm and by every verification, and the ledger is whole.
func TestASecondLeafOfARowIsPassedOverAndNamed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.open()
		d.integrate()
		before, err := d.LedgerPosition(t.Context())
		d.must(err)
		first := d.leafAt(0)
		waits := d.open() // a rating, its case's event and a consent
		exec := func(statement string, args ...any) {
			d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error { return tx.Exec(statement, args...).Error }))
		}
		exec("INSERT INTO pending_leaves (kind, ref, digest, added_at) SELECT kind, ref, ?, 1 FROM leaves WHERE position = 0", strings.Repeat("0", 64))
		named := []string{first}
		if !strings.HasSuffix(t.Name(), "mariadb") { // whose key of pending ones holds each row once
			exec("INSERT INTO pending_leaves (kind, ref, digest, added_at) SELECT kind, ref, digest, added_at + 1 FROM pending_leaves WHERE kind = 'event' AND ref = ?", waits+"/1")
			named = append(named, waits+"/1")
		}
		token, _, err := d.AcquireLease(t.Context(), store.LeaseSequencer, "tester", time.Minute)
		d.must(err)
		for range 2 {
			_, _, err = d.IntegrateLeaves(t.Context(), token, 500)
			d.must(err)
		}
		if size, err := d.LedgerPosition(t.Context()); err != nil || size != before+3 || d.rowsOf("pending_leaves", "1 = 1") != 0 {
			t.Errorf("%d leaves after %d, %d wait, %v", size, before, d.rowsOf("pending_leaves", "1 = 1"), err)
		}
		alarms, _, err := d.Alarms(t.Context(), regulation.Scope{All: true}, store.ListQuery{Sort: store.AlarmSecondLeaf})
		d.must(err)
		var told []string
		for _, alarm := range alarms {
			told = append(told, alarm.Object)
		}
		slices.Sort(told)
		slices.Sort(named)
		if !slices.Equal(told, named) {
			t.Errorf("alarms about %v, want %v", told, named)
		}
		var found []string
		_, err = d.Verify(t.Context(), store.VerifyOptions{Only: []string{store.CheckLeaves, store.CheckLedger}, Found: func(f store.Finding) error {
			found = append(found, f.Code+" "+f.About[1])
			return nil
		}})
		d.must(err)
		want := []string{"two_leaves " + named[0]}
		if len(named) > 1 {
			want = append(want, "two_leaves "+named[1])
		}
		slices.Sort(found)
		if !slices.Equal(found, want) {
			t.Errorf("found %v, want %v", found, want)
		}
	})
}

// What waits and is no digest, which only tampering makes, holds up nothing either.
func TestWhatIsNoDigestIsPassedOverAndNamed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		before, err := d.LedgerPosition(t.Context())
		d.must(err)
		waits := d.open() // a rating, its case's event and a consent
		d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("UPDATE pending_leaves SET digest = 'no digest' WHERE kind = 'event' AND ref = ?", waits+"/1").Error
		}))
		token, _, err := d.AcquireLease(t.Context(), store.LeaseSequencer, "tester", time.Minute)
		d.must(err)
		for range 2 {
			_, _, err = d.IntegrateLeaves(t.Context(), token, 500)
			d.must(err)
		}
		if size, err := d.LedgerPosition(t.Context()); err != nil || size != before+2 || d.rowsOf("pending_leaves", "1 = 1") != 0 || d.rowsOf("second_leaves", "digest = 'no digest'") != 1 {
			t.Errorf("%d leaves after %d, %d wait, %v", size, before, d.rowsOf("pending_leaves", "1 = 1"), err)
		}
		alarms, _, err := d.Alarms(t.Context(), regulation.Scope{All: true}, store.ListQuery{Sort: store.AlarmMalformedLeaf})
		d.must(err)
		if len(alarms) != 1 || alarms[0].Object != waits+"/1" || alarms[0].Detail != "event" {
			t.Errorf("alarms %+v", alarms)
		}
		if found := d.leafFindings(); !slices.Equal(found, []string{"leaf_malformed " + waits + "/1", "no_leaf event 1"}) {
			t.Errorf("found %v", found)
		}
	})
}

// A leaf whose reference names no row, as somebody who writes to the tables makes one, does not stop the count of what comes after it.
func TestALeafThatNamesNoRowStopsNoCount(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for _, kind := range []string{"event", "device"} {
			d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error {
				return tx.Exec("INSERT INTO pending_leaves (kind, ref, digest, added_at) VALUES (?, 'nothing', ?, 1)", kind, strings.Repeat("0", 64)).Error
			}))
		}
		d.open()
		d.count(500)
		counted, err := d.Counted(t.Context())
		d.must(err)
		if counted.Size == 0 || counted.Behind() != 0 {
			t.Errorf("%+v", counted)
		}
		if found := d.leafFindings(); !slices.Equal(found, []string{"row_gone nothing", "row_gone nothing"}) {
			t.Errorf("found %v", found)
		}
	})
}

func (d *desk) leafFindings() (found []string) {
	d.t.Helper()
	_, err := d.Verify(d.t.Context(), store.VerifyOptions{Only: []string{store.CheckLeaves, store.CheckLedger}, Found: func(f store.Finding) error {
		if !slices.Contains(store.FindingCodes(f.Check), f.Code) {
			d.t.Errorf("%s is on no list", f)
		}
		found = append(found, f.Code+" "+f.About[len(f.About)-1])
		produced.Store(f.Check+" "+f.Code, true)
		return nil
	}})
	d.must(err)
	slices.Sort(found)
	return found
}
