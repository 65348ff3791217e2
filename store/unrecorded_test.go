package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
)

// refuse has the database refuse each event of a case, as a constraint gone wrong would, until mend.
func (d *desk) refuse(caseID string) (mend func()) {
	d.t.Helper()
	return d.refuseWhere("NEW.case_id = '" + caseID + "'")
}

func (d *desk) refuseWhere(condition string) (mend func()) {
	d.t.Helper()
	body := fmt.Sprintf("WHEN %s BEGIN SELECT RAISE(ABORT, 'refused'); END", condition)
	if d.Engine() == "mysql" {
		body = fmt.Sprintf("FOR EACH ROW IF %s THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused'; END IF", condition)
	}
	run := func(statement string) {
		d.t.Helper()
		d.must(store.Tx(d.Store, d.t.Context(), func(tx *gorm.DB) error { return tx.Exec(statement).Error }))
	}
	run("CREATE TRIGGER refuses_events BEFORE INSERT ON case_events " + body)
	return func() { run("DROP TRIGGER refuses_events") }
}

func (d *desk) alarms() (kinds []string) {
	d.t.Helper()
	d.must(d.WatchUnrecorded(d.t.Context()))
	alarms, _, err := d.Alarms(d.t.Context(), regulation.Scope{All: true}, store.ListQuery{Sort: store.AlarmSortRecord})
	d.must(err)
	for _, a := range alarms {
		kinds = append(kinds, a.Kind+" "+a.Object+" "+a.Detail)
	}
	return kinds
}

// An act that the database will not take fails by itself: the case stays as it was, what was typed is
// kept, and the repair has it done once the cause is mended, as of its receipt.
func TestActThatTheRecordDoesNotTakeFailsAlone(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id, other := d.open(), d.open()
		before, tasks := d.read(id), d.rowsOf("tasks", "case_id = ?", id)
		mend := d.refuse(id)
		received := d.Clock.Now()
		act := d.submit(id, regulation.ActAccept, forms[regulation.ActAccept]).ID
		for range 2 {
			if _, err := d.RecordAct(t.Context(), id, act); !isCode(err, regulation.RecordFailed) {
				t.Errorf("%v", err)
			}
		}
		row, err := d.ActOutcome(t.Context(), act)
		d.must(err)
		if row.Status != store.ActFailed || row.Refusal == nil || row.Refusal.Code != regulation.RecordFailed {
			t.Errorf("%+v", row)
		}
		if d.rowsOf("acts", "id = ? AND body IS NOT NULL AND missing = 'constraint'", act) != 1 {
			t.Error("what was typed, or the cause, was not kept")
		}
		if after := d.read(id); after.Seq != before.Seq || after.Phase != before.Phase || d.rowsOf("tasks", "case_id = ?", id) != tasks {
			t.Errorf("the case has moved: %s at %d", after.Phase, after.Seq)
		}
		if pending, err := d.PendingActs(t.Context(), d.Clock.Now().Add(time.Hour), 10); err != nil || len(pending) != 0 {
			t.Errorf("the sweeper would drive it on: %v, %v", pending, err)
		}
		d.do(other, regulation.ActAccept, forms[regulation.ActAccept]) // nobody else is touched
		if got, want := d.alarms(), []string{"act_failed " + id + " constraint"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if found := d.verify(store.VerifyOptions{}); !slices.Equal(found, []string{"acts failed"}) {
			t.Errorf("%v", found)
		}
		if _, err := d.Repair(t.Context(), store.CheckActs, id, "tester"); !isCode(err, regulation.RecordFailed) {
			t.Errorf("repaired while the cause lasts: %v", err)
		}
		mend()
		d.Clock.Forward(time.Hour)
		if mended, err := d.Repair(t.Context(), store.CheckActs, id, "tester"); err != nil || !slices.Equal(mended, []string{"failed"}) {
			t.Errorf("%v, %v", mended, err)
		}
		acts := d.events(id, regulation.EventAct)
		if len(acts) != 1 || !acts[0].At.Equal(received) {
			t.Errorf("done %v, want once as of %v", acts, received)
		}
		if left := d.alarms(); left != nil {
			t.Errorf("alarms left: %v", left)
		}
		d.whole()
	})
}

// Where the case has gone on meanwhile, what was not taken counts from its repair.
func TestFailedActCountsFromItsRepairWhereTheCaseWentOn(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActRecordFinding)
		mend := d.refuse(id)
		act := d.submit(id, regulation.ActAddEvidence, forms[regulation.ActAddEvidence]).ID
		if _, err := d.RecordAct(t.Context(), id, act); !isCode(err, regulation.RecordFailed) {
			t.Fatalf("%v", err)
		}
		mend()
		d.Clock.Forward(time.Hour)
		d.do(id, regulation.ActAddEvidence, forms[regulation.ActAddEvidence])
		d.Clock.Forward(time.Hour)
		_, err := d.Repair(t.Context(), store.CheckActs, id, "tester")
		d.must(err)
		acts := d.events(id, regulation.EventAct)
		if last := acts[len(acts)-1]; last.Name != string(regulation.ActAddEvidence) || !last.At.Equal(d.Clock.Now()) {
			t.Errorf("%s at %v, want now, %v", last.Name, last.At, d.Clock.Now())
		}
		d.whole()
	})
}

// A deadline that the database will not take leaves the case where it is, and an alarm and a finding tell
// of it by name; it passes once the cause is mended. An act that came in time for it and is the cause
// fails by itself, and does not keep the deadline.
func TestDeadlineThatTheRecordDoesNotTakeIsToldUntilItDoes(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		due := d.deadline(id, regulation.DeadlineStep)
		mend := d.refuse(id)
		d.Clock.Forward(due.Due.Sub(d.Clock.Now()))
		for range 2 {
			if _, err := d.RecordDeadline(t.Context(), id, due.ID); !isCode(err, regulation.RecordFailed) {
				t.Errorf("%v", err)
			}
		}
		if got, want := d.alarms(), []string{"case_blocked " + id + " " + due.ID + ",constraint"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if found := d.verify(store.VerifyOptions{}); !slices.Equal(found, []string{"deadlines blocked"}) {
			t.Errorf("%v", found)
		}
		if b, err := d.Backlog(t.Context()); err != nil || b.BlockedCases != 1 {
			t.Errorf("%+v, %v", b, err)
		}
		d.submit(id, regulation.ActAccept, forms[regulation.ActAccept])
		if pending, err := d.PendingActs(t.Context(), d.Clock.Now().Add(time.Hour), 10); err != nil || len(pending) != 0 {
			t.Errorf("the sweeper stumbles over %v, %v", pending, err)
		}
		mend()
		if mended, err := d.Repair(t.Context(), store.CheckDeadlines, id, "tester"); err != nil || !slices.Equal(mended, []string{"blocked"}) {
			t.Errorf("%v, %v", mended, err)
		}
		if left := d.alarms(); left != nil {
			t.Errorf("alarms left: %v", left)
		}
		d.whole()
	})
}

func TestActThatIsNotTakenKeepsNoDeadline(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		act := d.submit(id, regulation.ActAccept, forms[regulation.ActAccept]).ID
		due := d.deadline(id, regulation.DeadlineStep)
		mend := d.refuseWhere("NEW.kind = 'act'")
		defer mend()
		d.Clock.Forward(due.Due.Sub(d.Clock.Now()))
		if _, err := d.RecordDeadline(t.Context(), id, due.ID); err != nil {
			t.Fatal(err)
		}
		if row, err := d.ActOutcome(t.Context(), act); err != nil || row.Status != store.ActFailed {
			t.Errorf("%+v, %v", row, err)
		}
		if n := len(d.events(id, regulation.EventDeadline)); n != 1 {
			t.Errorf("%d deadlines passed", n)
		}
	})
}

// A case whose state does not read is told as blocked until it is restored.
func TestCaseThatDoesNotReadIsToldUntilItIsRestored(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		back := d.keep()
		d.exec("UPDATE cases SET state = '[]' WHERE id = ?", id)
		if _, err := d.LoadStep(t.Context(), id); !isCode(err, regulation.RecordFailed) {
			t.Errorf("%v", err)
		}
		if got, want := d.alarms(), []string{"case_blocked " + id + " load,unreadable"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		back()
		if left := d.alarms(); left != nil {
			t.Errorf("alarms left: %v", left)
		}
	})
}
