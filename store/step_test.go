package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

func TestRecordingAnActAgainChangesNothing(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		row := d.submit(id, regulation.ActAccept, forms[regulation.ActAccept])
		first, err := d.RecordAct(t.Context(), id, row.ID)
		d.must(err)
		again, err := d.Again(t).RecordAct(t.Context(), id, row.ID) // as after a crash before the engine heard
		d.must(err)
		if again.Snapshot.Seq != first.Snapshot.Seq || again.Refused != "" {
			t.Errorf("%+v, first %+v", again, first)
		}
		if n := d.rowsOf("case_events", "case_id = ?", id); n != 2 {
			t.Errorf("%d events", n)
		}
	})
}

func TestRefusalIsTheActsOutcomeAndLeavesTheCase(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		actor := d.able(d.read(id), regulation.ActAccept, nil)
		row, err := d.SubmitAct(t.Context(), store.ActRequest{CaseID: id, Kind: regulation.ActTransfer, Actor: actor, Key: d.key(),
			Values: forms[regulation.ActTransfer]})
		d.must(err)
		for range 2 {
			step, err := d.RecordAct(t.Context(), id, row.ID)
			if err != nil || step.Refused != regulation.NotNow || step.Snapshot.Seq != 1 {
				t.Errorf("%+v, %v", step, err)
			}
		}
		outcome, err := d.ActOutcome(t.Context(), row.ID)
		d.must(err)
		if outcome.Status != store.ActRefused || outcome.Refusal.Clause != regulation.ClauseTransfer || len(outcome.Refusal.Who) == 0 {
			t.Errorf("%+v, %+v", outcome, outcome.Refusal)
		}
		if n := d.rowsOf("case_events", "case_id = ?", id); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}

func TestRefusalNamesTheFieldsButNotWhatWasTyped(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActTransfer)
		actor := d.able(d.read(id), regulation.ActTransfer, forms[regulation.ActTransfer])
		for name, c := range map[string]struct {
			values regulation.Values
			field  string
		}{
			"a unit elsewhere":     {regulation.Values{"unit": {"513322-psb"}, "instructions": {"x"}}, "unit"},
			"a division":           {regulation.Values{"unit": {"513301"}, "instructions": {"x"}}, "unit"},
			"an assistant of none": {regulation.Values{"unit": {"513301-psb"}, "assist": {"nosuch"}, "instructions": {"x"}}, "assist"},
			"nothing typed":        {regulation.Values{"unit": {"513301-psb"}}, "instructions"},
			"a field of one's own": {regulation.Values{"unit": {"513301-psb"}, "instructions": {"x"}, phone: {"x"}}, "other"},
		} {
			row, err := d.SubmitAct(t.Context(), store.ActRequest{CaseID: id, Kind: regulation.ActTransfer, Actor: actor, Key: d.key(), Values: c.values})
			d.must(err)
			step, err := d.RecordAct(t.Context(), id, row.ID)
			d.must(err)
			outcome, err := d.ActOutcome(t.Context(), row.ID)
			d.must(err)
			if step.Refused != regulation.Invalid || outcome.Refusal.Fields[c.field] == "" || len(outcome.Refusal.Fields) != 1 {
				t.Errorf("%s: %q, %+v", name, step.Refused, outcome.Refusal)
			}
		}
	})
}

func TestSameActAgainIsTheSameRequest(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		r := store.ActRequest{CaseID: id, Kind: regulation.ActAccept, Values: regulation.Values{"note": {"一"}}, Key: d.key(),
			Actor: d.able(d.read(id), regulation.ActAccept, nil)}
		first, err := d.SubmitAct(t.Context(), r)
		d.must(err)
		d.Clock.Forward(time.Minute)
		again, err := d.SubmitAct(t.Context(), r)
		d.must(err)
		if again.ID != first.ID || !again.Repeated || !again.ReceivedAt.Equal(first.ReceivedAt) {
			t.Errorf("%+v, first %+v", again, first)
		}
		r.Values = regulation.Values{"note": {"二"}}
		if _, err := d.SubmitAct(t.Context(), r); !isCode(err, regulation.Conflict) {
			t.Errorf("another content under the same key: %v", err)
		}
		r.Actor.Person = "another"
		if other, err := d.SubmitAct(t.Context(), r); err != nil || other.ID == first.ID {
			t.Errorf("another person's same key: %v", err)
		}
		r.CaseID = "nosuch"
		if _, err := d.SubmitAct(t.Context(), r); !isCode(err, regulation.NotFound) {
			t.Errorf("no such case: %v", err)
		}
	})
}

func TestOfTwoWhoActAtOnceOneIsRefused(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		var rows []store.ActRow
		for range 4 {
			rows = append(rows, d.submit(id, regulation.ActAccept, nil))
		}
		stores := []*store.Store{d.Store, d.Again(t).Store}
		var wg sync.WaitGroup
		for i, row := range rows {
			wg.Go(func() {
				if _, err := stores[i%2].RecordAct(t.Context(), id, row.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done, refused := d.rowsOf("acts", "status = 'done'"), d.rowsOf("acts", "status = 'refused'"); done != 1 || refused != 3 {
			t.Errorf("%d done, %d refused", done, refused)
		}
		if n := d.rowsOf("case_events", "case_id = ?", id); n != 2 {
			t.Errorf("%d events", n)
		}
	})
}

func (d *desk) deadline(id string, kind regulation.DeadlineKind) regulation.Deadline {
	d.t.Helper()
	for _, deadline := range d.read(id).Deadlines {
		if deadline.Kind == kind {
			return deadline
		}
	}
	d.t.Fatalf("no deadline of kind %s", kind)
	return regulation.Deadline{}
}

func TestDeadlineIsRecordedOnceItIsDueAndOnlyOnce(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.Crowd(d.bad().Rating.Place.Rated.Window, 1000) // the batch is what is left to come
		id := d.open()
		due := d.deadline(id, regulation.DeadlineStep)
		early, err := d.RecordDeadline(t.Context(), id, due.ID)
		if err != nil || early.Snapshot.Seq != 1 {
			t.Errorf("before it is due: %+v, %v", early, err)
		}
		d.Clock.Forward(due.Due.Sub(d.Clock.Now()))
		for range 2 {
			step, err := d.RecordDeadline(t.Context(), id, due.ID)
			if err != nil || step.Snapshot.Seq != 2 || len(step.Timers) != 1 {
				t.Errorf("%+v, %v", step, err)
			}
		}
		if n := d.rowsOf("escalations", "case_id = ? AND sent_to = 'upper'", id); n != 1 {
			t.Errorf("%d escalations one level up", n)
		}
		if n := d.rowsOf("tasks", "case_id = ? AND overdue = 1 AND raised = 'overdue'", id); n != 1 {
			t.Errorf("%d overdue tasks", n)
		}
		if n := d.rowsOf("task_seats", "overdue = 1 AND org_id = '513300-authority'"); n == 0 {
			t.Error("the task does not lie before the level above")
		}
		if _, err := d.RecordDeadline(t.Context(), "nosuch", due.ID); !isCode(err, regulation.NotFound) {
			t.Errorf("no such case: %v", err)
		}
	})
}

func TestActReceivedAtTheDueInstantWinsWhicheverIsRecordedFirst(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for name, c := range map[string]struct {
			late     time.Duration // after the due instant
			actFirst bool
			overdue  bool
		}{
			"at the instant, deadline first": {0, false, false},
			"at the instant, act first":      {0, true, false},
			"just late, deadline first":      {time.Microsecond, false, true},
			"just late, act first":           {time.Microsecond, true, true},
		} {
			id := d.open()
			due := d.deadline(id, regulation.DeadlineStep)
			actor := d.able(d.read(id), regulation.ActAccept, nil)
			row, err := d.SubmitAct(t.Context(), store.ActRequest{CaseID: id, Kind: regulation.ActAccept, Actor: actor, Key: d.key(),
				ReceivedAt: due.Due.Add(c.late)})
			d.must(err)
			back := d.Clock.Now()
			d.Clock.Forward(due.Due.Sub(back) + time.Second)
			if c.actFirst {
				_, err = d.RecordAct(t.Context(), id, row.ID)
				d.must(err)
			}
			_, err = d.RecordDeadline(t.Context(), id, due.ID)
			d.must(err)
			step, err := d.RecordAct(t.Context(), id, row.ID)
			d.must(err)
			if step.Snapshot.Phase != regulation.PhaseVerification {
				t.Errorf("%s: phase %s", name, step.Snapshot.Phase)
			}
			if got := d.rowsOf("escalations", "case_id = ?", id) > 0; got != c.overdue {
				t.Errorf("%s: escalated %t, want %t", name, got, c.overdue)
			}
			d.Clock.Forward(back.Sub(d.Clock.Now()))
		}
	})
}

// Whichever table cannot be written, nothing of the rating, the act or the deadline is there.
func TestCutOffRecordingLeavesNothing(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id, late := d.open(), d.open()
		due := d.deadline(late, regulation.DeadlineStep)
		row := d.submit(id, regulation.ActAccept, forms[regulation.ActAccept])
		operations := map[string]struct {
			do      func() error
			touches string
		}{
			"act": {func() error { _, err := d.RecordAct(t.Context(), id, row.ID); return err },
				"cases case_events texts tasks task_seats notices pending_leaves acts"},
			"rating": {func() error { _, err := d.SaveRating(t.Context(), d.bad()); return err },
				"ratings cases case_events texts vault tasks task_seats notices pending_leaves outbox"},
			"deadline": {func() error {
				d.Clock.Forward(due.Due.Sub(storetest.Start))
				defer d.Clock.Forward(storetest.Start.Sub(due.Due))
				_, err := d.RecordDeadline(t.Context(), late, due.ID)
				return err
			}, "cases case_events escalations tasks task_seats notices pending_leaves acts"},
		}
		before := d.everything()
		for name, o := range operations {
			for _, table := range strings.Fields(o.touches) {
				d.rename(table, "away")
				err := o.do()
				d.rename("away", table)
				if after := d.everything(); err == nil || after != before {
					t.Errorf("%s without %s: %v; rows %s, before %s", name, table, err, after, before)
				}
			}
		}
		for name, o := range operations {
			if err := o.do(); err != nil {
				t.Errorf("%s with all tables: %v", name, err)
			}
		}
	})
}

// everything counts the rows of all that recording writes, and sums up what it changes in place.
func (d *desk) everything() string {
	d.t.Helper()
	var n []int64
	for _, table := range strings.Fields("ratings cases case_events texts subject_keys vault tasks task_seats notices pending_leaves acts outbox escalations") {
		n = append(n, int64(d.rowsOf(table, "1 = 1")))
	}
	for _, sum := range []string{"SELECT SUM(seq) FROM cases", "SELECT COUNT(*) FROM acts WHERE status = 'pending'", "SELECT SUM(overdue) FROM tasks"} {
		var total int64
		d.must(store.Rows(d.Store, d.t.Context()).Raw(sum).Scan(&total).Error)
		n = append(n, total)
	}
	return fmt.Sprint(n)
}

func (d *desk) rename(from, to string) {
	d.t.Helper()
	d.must(store.Tx(d.Store, d.t.Context(), func(tx *gorm.DB) error { return tx.Exec("ALTER TABLE " + from + " RENAME TO " + to).Error }))
}

func TestNoFreeTextAndNoContactLiesOpenInTheFile(t *testing.T) {
	d := &desk{Record: storetestSQLite(t), t: t}
	id := d.open()
	d.upTo(id, regulation.ActClose)
	d.submit(id, regulation.ActClose, forms[regulation.ActClose])
	secrets := []string{ownWords, phone, raterOne}
	for _, values := range forms {
		for field, value := range values {
			if strings.Contains("note statement account instructions measures reply summary opinion", field) {
				secrets = append(secrets, value[0])
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(d.Opened.Dir, "*"))
	d.must(err)
	read := 0
	for _, name := range files {
		content, err := os.ReadFile(name)
		d.must(err)
		read += len(content)
		for _, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s holds %q", filepath.Base(name), secret)
			}
		}
	}
	if read < 100_000 {
		t.Errorf("only %d bytes were searched", read)
	}
}

func TestOneCaseARatingWhateverHappens(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		err := store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error {
			return tx.Exec(`INSERT INTO cases (id, number, rating_id, edition, area, authority, upper_authority, unit_id, rated_unit,
				rated_staff, rated_window, matter_id, grade, phase, seq, opened_at, closed_at, next_due, served_at, state_version, state)
				SELECT 'second', 'n', rating_id, edition, area, authority, upper_authority, unit_id, rated_unit,
				rated_staff, rated_window, matter_id, grade, phase, seq, opened_at, closed_at, next_due, served_at, state_version, state
				FROM cases WHERE id = ?`, id).Error
		})
		if !errors.Is(err, gorm.ErrDuplicatedKey) {
			t.Errorf("a second case of the rating: %v", err)
		}
	})
}

func TestManyAtOnceGetEachTheirOwnNumberAndReceipt(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		var forms []store.Intake
		for i := range 60 {
			in := d.bad()
			if i%3 == 0 {
				in.Rating.Grade = regulation.Satisfied
			}
			if i%10 == 1 {
				in.Text += "。"
				in.Key = forms[i-1].Key // another form under a key that is taken: refused, and alone in that
			}
			forms = append(forms, in)
		}
		stores := []*store.Store{d.Store, d.Again(t).Store}
		var mu sync.Mutex
		receipts, numbers, conflicts := map[string]bool{}, map[string]bool{}, 0
		var wg sync.WaitGroup
		for i, in := range forms {
			wg.Go(func() {
				saved, err := stores[i%2].SaveRating(t.Context(), in)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case isCode(err, regulation.Conflict):
					conflicts++
				case err != nil:
					t.Error(err)
				default:
					receipts[saved.Receipt] = true
					numbers[saved.CaseNumber] = true
				}
			})
		}
		wg.Wait()
		if len(receipts) != 54 || conflicts != 6 {
			t.Errorf("%d receipts, %d conflicts", len(receipts), conflicts)
		}
		cases := d.rowsOf("cases", "1 = 1")
		if d.rowsOf("ratings", "1 = 1") != 54 || cases != len(numbers)-1 || d.lastNumber() < cases {
			t.Errorf("%d ratings, %d cases, %d numbers", d.rowsOf("ratings", "1 = 1"), cases, len(numbers)-1)
		}
	})
}

// Two nodes on one record take numbers ahead, each its own; what one had left when it ended is never given out.
func TestNodesNeverGiveOneNumberTwice(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		other := &desk{Record: d.Again(t), t: t, n: 1000}
		seen := map[string]bool{}
		for n := range 40 {
			for _, node := range []*desk{d, other} {
				seen[node.save(node.bad()).CaseNumber] = true
			}
			if n == 20 {
				other = &desk{Record: d.Again(t), t: t, n: 2000}
			}
		}
		if len(seen) != 80 {
			t.Errorf("%d numbers for 80 cases", len(seen))
		}
	})
}
