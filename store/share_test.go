package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

// gathered runs all at once while one recording is held open until the others wait for it, so that
// they share the next commit.
func (d *desk) gathered(all ...func()) {
	d.t.Helper()
	release, leading := make(chan struct{}), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		err := store.RecordTx(d.Store, d.t.Context(), func(*gorm.DB) error {
			close(leading)
			<-release
			return nil
		})
		if err != nil {
			d.t.Error(err)
		}
	})
	<-leading
	for _, do := range all {
		running.Go(do)
	}
	for d.Waiting() < len(all) {
		time.Sleep(time.Millisecond)
	}
	close(release)
	running.Wait()
}

// TestCasesRecordedTogether carries six cases along the main line, each act of all six in one commit,
// and holds what is recorded against a case that was carried alone.
func TestCasesRecordedTogether(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		d := &desk{Record: r.LoadDemo(t), t: t}
		alone := d.open()
		ids := []string{d.open(), d.open(), d.open(), d.open(), d.open(), d.open()}
		for _, kind := range mainLine {
			d.do(alone, kind, forms[kind])
			var rows []store.ActRow
			for _, id := range ids {
				rows = append(rows, d.submit(id, kind, forms[kind]))
			}
			record := make([]func(), len(ids))
			for i, id := range ids {
				record[i] = func() {
					step, err := d.RecordAct(t.Context(), id, rows[i].ID)
					if err != nil || step.Refused != "" {
						t.Errorf("%s: %v %s", kind, err, step.Refused)
					}
				}
			}
			d.gathered(record...)
			for _, id := range ids {
				d.sameRows(kind, alone, id)
			}
		}
		if faults := d.ledgerFaults(); faults != nil {
			t.Error(faults)
		}
	})
}

// sameRows compares how many rows of each kind two cases have.
func (d *desk) sameRows(kind regulation.ActKind, want, got string) {
	d.t.Helper()
	counts := map[string]string{"case_events": "case_id = ?", "acts": "case_id = ? AND status = 'done'", "tasks": "case_id = ?",
		"task_seats": "task_id LIKE CONCAT(?, '.%')", "notices": "case_id = ?", "texts": "owner = ?",
		"pending_leaves": "ref LIKE CONCAT(?, '/%')"}
	for table, where := range counts {
		var of [2]int64
		for i, id := range []string{want, got} {
			d.must(store.Rows(d.Store, d.t.Context()).Table(table).Where(where, id).Count(&of[i]).Error)
		}
		if of[0] != of[1] {
			d.t.Errorf("after %s: %d rows in %s, want %d", kind, of[1], table, of[0])
		}
	}
}

// TestActsOnOneCaseTogether has two acts on one case share a commit: the second is recorded on what
// the first has left. A part that fails harms nobody.
func TestActsOnOneCaseTogether(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		d := &desk{Record: r.LoadDemo(t), t: t}
		id, other := d.open(), d.open()
		d.upTo(id, regulation.ActAddEvidence)
		d.upTo(other, regulation.ActAddEvidence)
		kind := regulation.ActAddEvidence
		one, two, three := d.submit(id, kind, forms[kind]), d.submit(id, kind, forms[kind]), d.submit(other, kind, forms[kind])
		before := d.read(id).Seq
		var seqs [2]int64
		record := func(caseID, actID string, seq *int64) func() {
			return func() {
				step, err := d.RecordAct(t.Context(), caseID, actID)
				if err != nil || step.Refused != "" {
					t.Errorf("%v %s", err, step.Refused)
				}
				*seq = step.Snapshot.Seq
			}
		}
		var third int64
		d.gathered(record(id, one.ID, &seqs[0]), record(id, two.ID, &seqs[1]), record(other, three.ID, &third))
		slices.Sort(seqs[:])
		if seqs != [2]int64{before + 1, before + 2} || d.read(id).Evidence != 2 {
			t.Errorf("seqs %v after %d, %d items of evidence", seqs, before, d.read(id).Evidence)
		}
		four := d.submit(other, kind, forms[kind])
		d.gathered(record(other, four.ID, &third), func() {
			_, err := d.RecordAct(t.Context(), "no-such-case", one.ID)
			var refusal *regulation.Error
			if !errors.As(err, &refusal) || refusal.Code != regulation.NotFound {
				t.Errorf("an unknown case: %v", err)
			}
		})
		if d.read(other).Evidence != 2 {
			t.Errorf("%d items of evidence beside a part that failed", d.read(other).Evidence)
		}
	})
}
