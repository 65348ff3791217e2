package store_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
)

// produced are the findings that some test has brought about.
var produced sync.Map

// TestMain holds, once all tests have run, that each finding which the record's checks know was brought
// about by one of them.
func TestMain(m *testing.M) {
	status := m.Run()
	if status == 0 && flag.Lookup("test.list").Value.String() == "" && flag.Lookup("test.run").Value.String() == "" && !testing.Short() {
		for _, check := range store.Checks {
			for _, code := range store.FindingCodes(check) {
				if _, found := produced.Load(check + " " + code); !found && check != store.CheckEngine {
					fmt.Printf("FAIL: no test brings about the finding %s %s\n", check, code)
					status = 1
				}
			}
		}
	}
	os.Exit(status)
}

// verify runs the checks and returns what they found as "check code".
func (d *desk) verify(o store.VerifyOptions) []string {
	d.t.Helper()
	var found []string
	o.Found = func(f store.Finding) error {
		if !strings.HasPrefix(f.Repair, "admin repair "+f.Check) {
			d.t.Errorf("%s names no command: %+v", f, f)
		}
		if !slices.Contains(store.FindingCodes(f.Check), f.Code) {
			d.t.Errorf("%s is on no list", f)
		}
		if f.Known == "" {
			found = append(found, f.Check+" "+f.Code)
		}
		produced.Store(f.Check+" "+f.Code, true)
		return nil
	}
	_, err := d.Verify(d.t.Context(), o)
	d.must(err)
	return found
}

// ledgerFaults is what the checks find of leaves and ledger, nil where each row is in it as it was written.
func (d *desk) ledgerFaults() []string {
	d.t.Helper()
	return d.verify(store.VerifyOptions{Only: []string{store.CheckLeaves, store.CheckLedger}})
}

// unarchived is what the checks find of closed cases without a package.
func (d *desk) unarchived() []string {
	d.t.Helper()
	return d.verify(store.VerifyOptions{Only: []string{store.CheckArchives}})
}

func (d *desk) whole() {
	d.t.Helper()
	if found := d.verify(store.VerifyOptions{Uptime: d.always()}); found != nil {
		d.t.Errorf("found %v", found)
	}
}

// always is a system that was up the whole year.
func (d *desk) always() store.Uptime {
	return store.Uptime{{From: d.Clock.Now().AddDate(-1, 0, 0), Until: d.Clock.Now().AddDate(1, 0, 0)}}
}

func (d *desk) exec(statement string, args ...any) {
	d.t.Helper()
	d.must(store.Tx(d.Store, d.t.Context(), func(tx *gorm.DB) error {
		done := tx.Exec(statement, args...)
		if done.Error == nil && done.RowsAffected == 0 {
			return errors.New("changed nothing: " + statement)
		}
		return done.Error
	}))
}

// office is a record with a case in each state that the checks look at: closed with a file, ordered,
// overdue, and one that was opened after the ledger was last filled.
func (d *desk) office() (closed, ordered, overdue, fresh string) {
	d.t.Helper()
	late := d.open()
	due := d.deadline(late, regulation.DeadlineStep)
	d.Clock.Forward(due.Due.Sub(d.Clock.Now()))
	_, err := d.RecordDeadline(d.t.Context(), late, due.ID)
	d.must(err)
	closed, ordered = d.open(), d.open()
	d.upTo(closed, regulation.ActAddEvidence)
	d.addFile(closed)
	for _, kind := range mainLine[2:] {
		d.do(closed, kind, forms[kind])
	}
	d.upTo(ordered, regulation.ActSign)
	d.do(ordered, regulation.ActProposeReattribution, regulation.Values{"rated_unit": {"513301-psb"}, "reasons": {"该窗口当日由他人值守"}})
	d.do(ordered, regulation.ActApproveReattribution, nil)
	d.do(ordered, regulation.ActLodgeAppeal, regulation.Values{"grounds": {"facts_untrue"}, "account": {"a"}})
	d.do(ordered, regulation.ActDecideAppeal, regulation.Values{"result": {"mistaken"}, "reasons": {"r"}})
	d.do(ordered, regulation.ActRefuseWriteOff, regulation.Values{"reasons": {"r"}})
	good := d.bad()
	good.Rating.Grade = regulation.VerySatisfied
	d.save(good)
	d.integrate()
	return closed, ordered, late, d.open()
}

func (d *desk) addFile(id string) {
	d.t.Helper()
	actor := d.able(d.read(id), regulation.ActAddEvidence, forms[regulation.ActAddEvidence])
	file, err := d.StageFile(d.t.Context(), actor.Person, strings.NewReader("%PDF-1.4\nevidence"))
	d.must(err)
	values := regulation.Values{"kind": {"statement"}, "description": {"附材料"}, "files": {file.Digest}}
	row, err := d.SubmitAct(d.t.Context(), store.ActRequest{CaseID: id, Kind: regulation.ActAddEvidence, Values: values, Actor: actor, Key: d.key()})
	d.must(err)
	if step, err := d.RecordAct(d.t.Context(), id, row.ID); err != nil || step.Refused != "" {
		d.t.Fatalf("%s, %v", step.Refused, err)
	}
}

func TestWholeRecordIsFoundWhole(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.office()
		late := d.bad()
		late.Rating.Grade, late.Rating.GivenAt = regulation.VerySatisfied, d.Clock.Now().AddDate(0, -2, 0)
		d.save(late)
		d.seal() // the month in which that was given
		d.follow()
		d.whole()
		checked, err := d.Verify(t.Context(), store.VerifyOptions{})
		d.must(err)
		for _, c := range checked {
			if c.Looked == 0 || c.Found != 0 {
				t.Errorf("%+v", c)
			}
		}
		if len(checked) != len(store.Checks)-1 {
			t.Errorf("%d checks, want all but the engine's", len(checked))
		}
	})
}

// corruption is one thing that is spoilt on a case, by name of the finding that it must bring. A
// finding that has a repair is mended by it; of the others Repair must keep its hands off.
type corruption struct {
	finding string
	on      string // closed, ordered, overdue, fresh
	spoil   []string
	edit    func(*regulation.Case) // spoils the stored state
	besides []string               // what shows besides, and goes with it
	kept    bool                   // no repair
}

// inEvent is a statement that alters what an event of a case says.
func inEvent(name, from, to string) string {
	return fmt.Sprintf("UPDATE case_events SET body = REPLACE(body, '%s', '%s') WHERE case_id = ? AND name = '%s'", from, to, name)
}

// extraTask lays a task on a case that does not wait for it.
const extraTask = `INSERT INTO tasks (id, case_id, act, number, area, grade, opened_at, due_at, provisional, raised, overdue, claimed_by, claimed_at)
		SELECT CONCAT(id, '.close'), id, 'close', number, area, grade, opened_at, opened_at, 0, '', 0, '', 0 FROM cases WHERE id = ?`

var corruptions = []corruption{
	{finding: "sequence gap", on: "closed", kept: true, besides: []string{"acts no_event", "acts no_act", "leaves altered", "leaves no_leaf", "ledger row_gone", "closing no_reply", "sequence event_columns", "sequence not_the_last",
		"state phase", "state closed_at", "state deadline_missing", "state wait", "state sequence_differs", "state callback_differs"},
		spoil: []string{"UPDATE case_events SET seq = 99 WHERE case_id = ? AND seq = 14"}},
	{finding: "sequence event_columns", on: "ordered", kept: true, spoil: []string{"UPDATE case_events SET at = at + 1 WHERE case_id = ? AND seq = 2"}},
	{finding: "sequence not_the_last", on: "ordered", besides: []string{"state sequence_differs", "columns column"}, edit: func(c *regulation.Case) { c.Seq-- }},
	{finding: "state sequence_differs", on: "ordered", besides: []string{"sequence not_the_last", "columns column"}, edit: func(c *regulation.Case) { c.Seq-- }},
	{finding: "state callback_differs", on: "closed", edit: func(c *regulation.Case) {
		c.Callback.Reached, c.Closing = false, regulation.Callback{Exempt: "declined"}
	}},
	{finding: "state finding_differs", on: "closed", edit: func(c *regulation.Case) { c.Finding.Kind, c.Evidence = "no_legal_basis", 0 }},
	{finding: "state reply_differs", on: "closed", edit: func(c *regulation.Case) { c.Reply.ReleasedAt = c.Reply.ReleasedAt.Add(-time.Hour) }},
	{finding: "state consent_differs", on: "ordered", edit: func(c *regulation.Case) { c.Consent.State = "withdrawn" }},
	{finding: "state order_differs", on: "ordered", edit: func(c *regulation.Case) { c.Orders[0].Handler = "nobody" }},
	{finding: "state clock_differs", on: "ordered", edit: func(c *regulation.Case) { c.Clock.Due = c.Clock.Due.Add(24 * time.Hour) }},
	{finding: "state part_differs", on: "ordered", edit: func(c *regulation.Case) { c.Verifiers = nil }},
	{finding: "state content_differs", on: "ordered", edit: func(c *regulation.Case) { c.Former = nil }},
	{finding: "acts no_event", on: "ordered", kept: true, besides: []string{"acts no_act"}, spoil: []string{"UPDATE acts SET seq = 50 WHERE case_id = ? AND kind = 'accept'"}},
	{finding: "acts done_twice", on: "ordered", kept: true, besides: []string{"acts no_act", "acts other_event"}, spoil: []string{"UPDATE acts SET seq = 2 WHERE case_id = ? AND seq = 3"}},
	{finding: "acts other_event", on: "ordered", kept: true, spoil: []string{"UPDATE acts SET kind = 'close' WHERE case_id = ? AND kind = 'accept'"}},
	{finding: "acts no_act", on: "ordered", kept: true, spoil: []string{"DELETE FROM acts WHERE case_id = ? AND kind = 'accept'"}},
	{finding: "acts recorded_yet_pending", on: "ordered", spoil: []string{"UPDATE acts SET status = 'pending', seq = 0, recorded_at = 0 WHERE case_id = ? AND kind = 'accept'"}},
	{finding: "state phase", on: "ordered", besides: []string{"columns column"}, edit: func(c *regulation.Case) { c.Phase = regulation.PhasePlanning }},
	{finding: "state closed_at", on: "closed", besides: []string{"columns column"}, edit: func(c *regulation.Case) { c.ClosedAt = c.ClosedAt.Add(time.Hour) }},
	{finding: "state deadline_differs", on: "ordered", edit: func(c *regulation.Case) { c.Deadlines[0].Due = c.Deadlines[0].Due.Add(time.Hour) }},
	{finding: "state deadline_missing", on: "ordered", besides: []string{"state deadline_too_many"}, edit: func(c *regulation.Case) { c.Deadlines[0].ID += "7" }},
	{finding: "state counts", on: "ordered", edit: func(c *regulation.Case) { c.Counts["sign"] = 0 }},
	{finding: "state unreadable", on: "ordered", kept: true, spoil: []string{"UPDATE cases SET state = '[]' WHERE id = ?"}},
	{finding: "state procedure", on: "ordered", edit: func(c *regulation.Case) {
		c.Tracks = map[regulation.Track]regulation.Stage{regulation.TrackCredit: regulation.StageRefused}
	}},
	{finding: "state wait", on: "ordered", besides: []string{"tasks task_differs", "tasks seats_differ"}, edit: func(c *regulation.Case) { c.Await(regulation.ActSign).Overdue = true }},
	{finding: "state unknown_edition", on: "ordered", kept: true, edit: func(c *regulation.Case) { c.Edition = "1999/1" }},
	{finding: "columns column", on: "ordered", spoil: []string{"UPDATE cases SET next_due = next_due + 1, unit_id = '513301-tax' WHERE id = ?"}},
	{finding: "tasks task_missing", on: "ordered", spoil: []string{"DELETE FROM task_seats WHERE task_id = CONCAT(?, '.sign')", "DELETE FROM tasks WHERE case_id = ? AND act = 'sign'"}},
	{finding: "tasks task_too_many", on: "ordered", besides: []string{"holders nobody_holds_it"}, spoil: []string{extraTask}},
	{finding: "tasks task_differs", on: "ordered", spoil: []string{"UPDATE tasks SET due_at = due_at + 1 WHERE case_id = ? AND act = 'sign'"}},
	{finding: "tasks seats_differ", on: "ordered", spoil: []string{"UPDATE task_seats SET overdue = 1 WHERE task_id = CONCAT(?, '.sign')"}},
	{finding: "tasks on_a_closed_case", on: "closed", besides: []string{"holders nobody_holds_it"}, spoil: []string{extraTask}},
	{finding: "tasks no_due", on: "ordered", kept: true,
		besides: []string{"tasks task_differs", "tasks seats_differ", "columns column", "state wait"},
		edit:    func(c *regulation.Case) { c.Await(regulation.ActSign).Due = time.Time{} }},
	{finding: "holders claimed_without_seat", on: "ordered", besides: []string{"tasks seats_differ"}, spoil: []string{"UPDATE tasks SET claimed_at = 1, claimed_by = (SELECT person FROM accounts WHERE login = 'kd-verifier-1') WHERE case_id = ? AND act = 'sign'"}},
	{finding: "holders claimed_by_disabled", on: "ordered", besides: []string{"tasks seats_differ"}, spoil: []string{"UPDATE tasks SET claimed_at = 1, claimed_by = 'nobody' WHERE case_id = ? AND act = 'sign'"}},
	{finding: "closing no_callback", on: "closed", kept: true, besides: []string{"leaves altered", "state callback_differs"},
		spoil: []string{inEvent("closing_callback", `"result":"reached"`, `"result":"no_answer"`)}},
	{finding: "closing no_finding", on: "closed", kept: true, besides: []string{"leaves altered", "state finding_differs"},
		spoil: []string{inEvent("record_finding", `"finding":`, `"finding-":`)}},
	{finding: "closing no_reply", on: "closed", kept: true, besides: []string{"leaves altered", "state reply_differs"},
		spoil: []string{inEvent("release_reply", `"reply":`, `"reply-":`)}},
	{finding: "closing still_waits", on: "closed", kept: true, besides: []string{"tasks task_missing", "columns column", "state wait"},
		edit: func(c *regulation.Case) {
			c.Awaiting = []regulation.Await{{Act: regulation.ActClose, Due: c.ClosedAt, Seats: []regulation.Seat{{Role: regulation.Supervisor, Org: c.Authority}}}}
		}},
	{finding: "notices escalation_missing", on: "overdue", spoil: []string{"DELETE FROM escalations WHERE case_id = ?"}},
	{finding: "notices escalation_too_many", on: "overdue", besides: []string{"notices escalation_missing"}, spoil: []string{"UPDATE escalations SET sent_to = 'head' WHERE case_id = ?"}},
	{finding: "notices notice_missing", on: "ordered", spoil: []string{"DELETE FROM notices WHERE case_id = ? AND seq = 7"}},
	{finding: "notices notice_too_many", on: "ordered", spoil: []string{"INSERT INTO notices (case_id, seq, seat_role, org_id, at, name) SELECT id, 2, 'verifier', 'x', 1, 'x' FROM cases WHERE id = ?"}},
	{finding: "notices write_off_step_missing", on: "ordered", spoil: []string{"DELETE FROM write_off_steps WHERE case_id = ? AND stage = 'approval'"}},
	{finding: "notices write_off_step_too_many", on: "ordered", spoil: []string{"INSERT INTO write_off_steps (case_id, seq, at, stage) SELECT id, 2, 1, 'approval' FROM cases WHERE id = ?"}},
	{finding: "notices entry_missing", on: "ordered", spoil: []string{"DELETE FROM entries WHERE case_id = ?"}},
	{finding: "notices entry_too_many", on: "ordered", spoil: []string{"INSERT INTO entries (case_id, seq, place, rating_id, kind, sign, from_unit, from_window, from_staff, to_unit, to_window, to_staff, at) SELECT id, 2, 0, rating_id, 'write_off', -1, rated_unit, '', '', '', '', '', 1 FROM cases WHERE id = ?"}},
	{finding: "notices entries_sum", on: "ordered", kept: true, besides: []string{"state procedure"},
		edit: func(c *regulation.Case) {
			c.Tracks = map[regulation.Track]regulation.Stage{regulation.TrackWriteOff: regulation.StageEffective}
			c.WriteOff.EffectiveAt = c.OpenedAt
		}},
	{finding: "archives not_archived", on: "closed", spoil: []string{"DELETE FROM outbox WHERE kind = 'archive_case' AND ref LIKE CONCAT(?, '/%')"}},
	{finding: "files file_missing", on: "closed", spoil: []string{"DELETE FROM case_files WHERE case_id = ?"}},
	{finding: "files file_too_many", on: "closed", spoil: []string{"INSERT INTO case_files (case_id, digest, seq) SELECT case_id, digest, 2 FROM case_files WHERE case_id = ?"}},
	{finding: "leaves altered", on: "ordered", kept: true, spoil: []string{"UPDATE case_events SET body = CONCAT(body, ' ') WHERE case_id = ? AND seq = 2"}},
	{finding: "leaves no_leaf", on: "fresh", kept: true, spoil: []string{"DELETE FROM pending_leaves WHERE ref = CONCAT(?, '/1')"}},
	{finding: "leaves two_leaves", on: "ordered", kept: true, spoil: []string{"INSERT INTO pending_leaves (kind, ref, digest, added_at) SELECT kind, ref, digest, 1 FROM leaves WHERE ref = CONCAT(?, '/2')"}},
	{finding: "ledger hash_differs", kept: true, spoil: []string{"UPDATE ledger_hashes SET hash = CONCAT(CASE SUBSTR(hash, 1, 1) WHEN '0' THEN '1' ELSE '0' END, SUBSTR(hash, 2)) WHERE hash_index = 14"}},
	{finding: "ledger digest_malformed", kept: true, besides: []string{"ledger hash_differs", "leaves altered"}, spoil: []string{"UPDATE leaves SET digest = CONCAT('zz', SUBSTR(digest, 3)) WHERE position = 3"}},
	{finding: "ledger row_gone", kept: true, spoil: []string{"UPDATE leaves SET ref = 'gone' WHERE position = 0"}, besides: []string{"leaves no_leaf"}},
	{finding: "ledger position_missing", kept: true, spoil: []string{"UPDATE leaves SET position = 999 WHERE position = 3"}},
	{finding: "ratings case_of_a_good_rating", on: "ordered", kept: true, besides: []string{"leaves altered"}, spoil: []string{"UPDATE ratings SET grade = 5 WHERE id = (SELECT rating_id FROM cases WHERE id = ?)"}},
}

func TestEachCorruptionIsFoundByNameAndMendedWhereItMayBe(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		closed, ordered, overdue, fresh := d.office()
		ids := map[string]string{"closed": closed, "ordered": ordered, "overdue": overdue, "fresh": fresh}
		for _, c := range corruptions {
			d.spoilt(c, ids[c.on])
		}
		d.whole()
	})
}

// What a case says of its calls and its reply does not make up for what is missing in its events, also
// while a procedure beside the main line is open again after closing.
func TestClosingIsJudgedByTheEventsAlone(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		closed, _, _, _ := d.office()
		d.do(closed, regulation.ActFollowUp, regulation.Values{"grade": {"4"}, "resolved": {"yes"}, "pressed": {"yes"}})
		if c := d.read(closed); c.Phase != regulation.PhaseAfter {
			t.Fatalf("in %s", c.Phase)
		}
		d.exec(inEvent("closing_callback", `"result":"reached"`, `"result":"no_answer"`), closed)
		only := store.VerifyOptions{Only: []string{store.CheckClosing}}
		if found := d.verify(only); !slices.Equal(found, []string{"closing no_callback"}) {
			t.Errorf("the state says that the rater was reached, the events that nobody answered: %v", found)
		}
	})
}

// What has happened and was reported is known: it is told, and raises no alarm; the next one does.
func TestReportedFindingIsKnownAndTheNextIsNot(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		late, later := d.open(), d.open()
		due := d.deadline(late, regulation.DeadlineStep)
		d.Clock.Forward(due.Due.Sub(d.Clock.Now()) + 10*time.Minute)
		for _, id := range []string{late, later} {
			_, err := d.RecordDeadline(t.Context(), id, due.ID)
			d.must(err)
		}
		turn := d.Clock.Now()
		alarms := func(when string, known int64, want ...string) {
			t.Helper()
			turn = turn.Add(time.Hour)
			var found []store.Finding
			checks, err := d.Verify(t.Context(), store.VerifyOptions{Uptime: d.always(), Only: []string{store.CheckDeadlines}, Found: func(f store.Finding) error {
				found = append(found, f)
				return nil
			}})
			d.must(err)
			_, err = d.BeginVerification(t.Context(), turn, store.OriginConsole)
			d.must(err)
			d.must(d.EndVerification(t.Context(), turn, checks, found))
			counts, err := d.AlarmCounts(t.Context(), regulation.Scope{All: true})
			d.must(err)
			if checks[0].Known != known || checks[0].Found != int64(len(want)) || (counts[store.AlarmVerification] > 0) != (len(want) > 0) {
				t.Errorf("%s: %+v, alarms %v", when, checks, counts)
			}
			if kept, _, err := d.Findings(t.Context(), regulation.Scope{All: true}, store.ListQuery{}); err != nil || len(kept) != len(want)+int(known) {
				t.Errorf("%s: kept %+v, %v", when, kept, err)
			}
			for _, f := range found {
				if (f.Known == "") != slices.Contains(want, f.Case) {
					t.Errorf("%s: %+v", when, f)
				}
			}
		}
		alarms("two are late", 0, late, later)
		for _, reference := range []string{"", " ", strings.Repeat("长", 65)} {
			if _, err := d.Acknowledge(t.Context(), store.CheckDeadlines, late, reference, "tester"); !isCode(err, regulation.Invalid) {
				t.Errorf("under %q: %v", reference, err)
			}
		}
		_, err := d.Beat(t.Context(), "node", time.Time{})
		d.must(err)
		d.exec("UPDATE uptime SET from_at = from_at - 86400000000")
		for _, id := range []string{late, later} {
			if codes, err := d.Acknowledge(t.Context(), store.CheckDeadlines, id, "康政服〔2026〕12号", "tester"); err != nil || !slices.Equal(codes, []string{"late"}) {
				t.Fatalf("%v, %v", codes, err)
			}
			if id == late {
				alarms("one was reported", 1, later)
			}
		}
		alarms("both were", 2)
		if d.rowsOf("audit", "action = 'acknowledge_finding'") != 2 {
			t.Error("no line in the audit log")
		}
		if codes, err := d.Acknowledge(t.Context(), store.CheckDeadlines, late, "once more", "tester"); err != nil || len(codes) > 0 {
			t.Errorf("what is known was reported again: %v, %v", codes, err)
		}
		for _, id := range []string{late, later} {
			d.upTo(id, regulation.ActRecordFinding)
		}
		next := d.deadline(late, regulation.DeadlineStep)
		d.Clock.Forward(next.Due.Sub(d.Clock.Now()) + 10*time.Minute)
		for _, id := range []string{late, later} {
			for _, open := range d.read(id).Deadlines {
				_, err = d.RecordDeadline(t.Context(), id, open.ID)
				d.must(err)
			}
		}
		alarms("others are late on the same cases", 0, late, later)
	})
}

// What is mended or restored is not reported away.
func TestOnlyWhatHasHappenedIsReported(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		closed, ordered, _, _ := d.office()
		d.exec("DELETE FROM case_files WHERE case_id = ?", closed)
		if _, err := d.Acknowledge(t.Context(), store.CheckFiles, closed, "1号", "tester"); !errors.Is(err, store.ErrNotReported) {
			t.Errorf("a file that is bound by its repair: %v", err)
		}
		d.exec(inEvent("transfer", `"unit":`, `"unit-":`), ordered)
		for _, check := range []string{store.CheckLeaves, store.CheckDeadlines} {
			if _, err := d.Acknowledge(t.Context(), check, ordered, "1号", "tester"); !errors.Is(err, store.ErrNotReported) && !errors.Is(err, store.ErrTampered) {
				t.Errorf("%s, altered: %v", check, err)
			}
		}
		for _, id := range []string{"", ordered} {
			if _, err := d.Repair(t.Context(), store.CheckLeaves, id, "tester"); !errors.Is(err, store.ErrRestore) {
				t.Errorf("leaves of %q: %v", id, err)
			}
		}
	})
}

// Columns and tasks follow the state: while that is wrong they are not written from it.
func TestNothingIsWrittenFromAStateThatIsWrong(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		_, id, _, _ := d.office()
		spoilt := d.read(id)
		spoilt.Seq--
		state, err := json.Marshal(spoilt)
		d.must(err)
		d.exec("UPDATE cases SET state = ? WHERE id = ?", state, id)
		d.exec("DELETE FROM task_seats WHERE task_id = CONCAT(?, '.sign')", id)
		for _, check := range []string{store.CheckColumns, store.CheckTasks} {
			if mended, err := d.Repair(t.Context(), check, id, "tester"); err == nil || len(mended) > 0 {
				t.Errorf("%s were written from it: %v, %v", check, mended, err)
			}
		}
		if mended, err := d.Repair(t.Context(), store.CheckState, id, "tester"); err != nil || !slices.Contains(mended, "sequence_differs") {
			t.Errorf("%v, %v", mended, err)
		}
		d.whole()
	})
}

// spoilt spoils one thing, looks, mends where that may be, and puts the rest back as it was.
func (d *desk) spoilt(c corruption, id string) {
	d.t.Helper()
	back := d.keep()
	for _, statement := range c.spoil {
		var args []any
		if strings.Contains(statement, "?") {
			args = []any{id}
		}
		d.exec(statement, args...)
	}
	if c.edit != nil {
		spoilt := d.read(id)
		c.edit(&spoilt)
		state, err := json.Marshal(spoilt)
		d.must(err)
		d.exec("UPDATE cases SET state = ? WHERE id = ?", state, id)
	}
	found := d.verify(store.VerifyOptions{Uptime: d.always()})
	if !slices.Contains(found, c.finding) {
		d.t.Errorf("%s was not found, but %v", c.finding, found)
	}
	for _, f := range found {
		if f != c.finding && !slices.Contains(c.besides, f) {
			d.t.Errorf("%s: found besides: %s", c.finding, f)
		}
	}
	check, code, _ := strings.Cut(c.finding, " ")
	lines := d.rowsOf("audit", "action = 'repair'")
	mended, err := d.Repair(d.t.Context(), check, id, "tester")
	if c.kept {
		if err == nil && slices.Contains(mended, code) {
			d.t.Errorf("%s was mended: %v", c.finding, mended)
		}
		back()
		return
	}
	if err != nil || len(mended) == 0 || d.rowsOf("audit", "action = 'repair'") != lines+1 {
		d.t.Errorf("%s was not mended: %v, %v", c.finding, mended, err)
	}
	if left := d.verify(store.VerifyOptions{Uptime: d.always()}); left != nil {
		d.t.Errorf("%s mended leaves %v", c.finding, left)
		back()
	}
}

// kept are the tables that corruptions spoil, each after those that refer to it.
var keptTables = []string{"task_seats", "tasks", "escalations", "notices", "entries", "write_off_steps", "case_files", "acts", "case_events", "cases", "ratings",
	"pending_leaves", "leaves", "ledger_hashes"}

// keep copies what corruptions spoil, and returns what puts it back.
func (d *desk) keep() func() {
	d.t.Helper()
	copies := map[string][]map[string]any{}
	for _, table := range keptTables {
		var rows []map[string]any
		d.must(store.Rows(d.Store, d.t.Context()).Table(table).Find(&rows).Error)
		copies[table] = rows
	}
	return func() {
		d.t.Helper()
		d.must(store.Tx(d.Store, d.t.Context(), func(tx *gorm.DB) error {
			for _, table := range keptTables {
				if table == "cases" || table == "ratings" || table == "case_events" {
					continue
				}
				if err := tx.Exec("DELETE FROM " + table).Error; err != nil {
					return err
				}
			}
			for _, table := range slices.Backward(keptTables) {
				if err := putBack(tx, table, copies[table]); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func putBack(tx *gorm.DB, table string, rows []map[string]any) error {
	for _, row := range rows {
		var err error
		switch table {
		case "cases", "ratings":
			err = tx.Table(table).Where("id = ?", row["id"]).Updates(row).Error
		case "case_events":
			// The nonce tells events apart, also where the sequence was altered.
			err = tx.Table(table).Where("case_id = ? AND nonce = ?", row["case_id"], row["nonce"]).Updates(row).Error
		default:
			err = tx.Table(table).Create(row).Error
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func TestDeadlinesAreNeitherEarlyNorLateWhileTheSystemIsUp(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		due := d.deadline(id, regulation.DeadlineStep).Due
		up := func(from, until time.Duration) store.VerifyOptions {
			return store.VerifyOptions{Only: []string{store.CheckDeadlines}, Uptime: store.Uptime{{From: due.Add(from), Until: due.Add(until)}}}
		}
		d.Clock.Forward(due.Sub(d.Clock.Now()) + 10*time.Minute)
		for name, c := range map[string]struct {
			o    store.VerifyOptions
			want []string
		}{
			"up ever since":             {up(-time.Hour, time.Hour), []string{"deadlines not_recorded"}},
			"up for a minute of it":     {up(-time.Hour, time.Minute), nil},
			"up for a little more":      {up(0, time.Minute+time.Second), []string{"deadlines not_recorded"}},
			"away since before the day": {up(-time.Hour, -time.Second), nil},
		} {
			if found := d.verify(c.o); !slices.Equal(found, c.want) {
				t.Errorf("open, %s: %v, want %v", name, found, c.want)
			}
		}
		since, err := d.Beat(t.Context(), "node", time.Time{})
		d.must(err)
		d.exec("UPDATE uptime SET from_at = from_at - 3600000000")
		if !since.Equal(d.Clock.Now()) {
			t.Errorf("up since %v", since)
		}
		if mended, err := d.Repair(t.Context(), store.CheckDeadlines, id, "tester"); err != nil || !slices.Contains(mended, "not_recorded") {
			t.Errorf("%v, %v", mended, err)
		}
		if found := d.verify(store.VerifyOptions{}); !slices.Equal(found, []string{"deadlines late"}) {
			t.Errorf("recorded ten minutes late: %v", found)
		}
		if _, err := d.Repair(t.Context(), store.CheckDeadlines, id, "tester"); !errors.Is(err, store.ErrNoRepair) {
			t.Errorf("lateness was repaired: %v", err)
		}
		if _, err := d.ExplainLateness(t.Context(), id, "laziness", "tester"); !isCode(err, regulation.Invalid) {
			t.Errorf("a reason of one's own: %v", err)
		}
		if n, err := d.ExplainLateness(t.Context(), id, "overload", "tester"); err != nil || n == 0 {
			t.Errorf("%d, %v", n, err)
		}
		if found := d.verify(store.VerifyOptions{}); found != nil || d.rowsOf("audit", "action = 'declare_outage'") == 0 {
			t.Errorf("explained: %v", found)
		}
	})
}

func TestDeadlineThatWasEarlyOrPassedOverIsFound(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		early, over := d.open(), d.open()
		for _, id := range []string{early, over} {
			d.upTo(id, regulation.ActRecordFinding)
		}
		only := store.VerifyOptions{Only: []string{store.CheckDeadlines}, Uptime: d.always()}
		alter := func(id string, seq int, change func(*regulation.Event)) {
			events, err := d.Events(t.Context(), regulation.Scope{All: true}, id)
			d.must(err)
			e := events[seq-1].Event
			change(&e)
			body, err := json.Marshal(e)
			d.must(err)
			d.exec("UPDATE case_events SET body = ? WHERE case_id = ? AND seq = ?", body, id, seq)
		}
		alter(early, 2, func(e *regulation.Event) { e.Changes[0].Op = regulation.DuePassed })
		if found := d.verify(only); !slices.Equal(found, []string{"deadlines early"}) {
			t.Errorf("%v", found)
		}
		d.exec("DELETE FROM case_events WHERE case_id = ? AND seq > 2", early)
		alter(over, 4, func(e *regulation.Event) { e.At = e.At.AddDate(0, 1, 0) })
		if found := d.verify(only); !slices.Contains(found, "deadlines passed_over") {
			t.Errorf("%v", found)
		}
	})
}

func TestActThatWaitsIsFoundAndRecorded(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.submit(id, regulation.ActAccept, forms[regulation.ActAccept])
		only := store.VerifyOptions{Only: []string{store.CheckActs}, Uptime: d.always()}
		if found := d.verify(only); found != nil {
			t.Errorf("at once: %v", found)
		}
		d.Clock.Forward(2 * time.Minute)
		if found := d.verify(only); !slices.Equal(found, []string{"acts waits"}) {
			t.Errorf("after two minutes: %v", found)
		}
		only.Uptime = store.Uptime{}
		if found := d.verify(only); found != nil {
			t.Errorf("after two minutes of an outage: %v", found)
		}
		_, err := d.Beat(t.Context(), "node", time.Time{})
		d.must(err)
		d.exec("UPDATE uptime SET from_at = from_at - 3600000000")
		if mended, err := d.Repair(t.Context(), store.CheckActs, id, "tester"); err != nil || !slices.Equal(mended, []string{"waits"}) {
			t.Errorf("%v, %v", mended, err)
		}
		if c := d.read(id); c.Phase != regulation.PhaseVerification {
			t.Errorf("in %s", c.Phase)
		}
		d.whole()
	})
}

func TestBadRatingWithoutItsCaseGetsOne(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.open()
		id := d.open()
		rating := d.read(id).RatingID
		for _, table := range []string{"outbox WHERE ref", "notices WHERE case_id", "acts WHERE case_id", "case_events WHERE case_id", "cases WHERE id"} {
			if table == "case_events WHERE case_id" {
				d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error {
					return tx.Exec("DELETE FROM task_seats WHERE task_id LIKE CONCAT(?, '.%')", id).Exec("DELETE FROM tasks WHERE case_id = ?", id).Error
				}))
			}
			d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error { return tx.Exec("DELETE FROM "+table+" = ?", id).Error }))
		}
		d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("DELETE FROM pending_leaves WHERE ref LIKE CONCAT(?, '/%')", id).Error
		}))
		if found := d.verify(store.VerifyOptions{}); !slices.Equal(found, []string{"ratings no_case"}) {
			t.Fatalf("%v", found)
		}
		number, err := d.OpenMissingCase(t.Context(), rating, "tester")
		if err != nil || number == "" {
			t.Errorf("%s, %v", number, err)
		}
		if _, err := d.OpenMissingCase(t.Context(), rating, "tester"); !isCode(err, regulation.Conflict) {
			t.Errorf("a second one: %v", err)
		}
		d.whole()
		if d.rowsOf("cases", "rating_id = ?", rating) != 1 || d.rowsOf("audit", "action = 'repair'") != 1 {
			t.Error("no case, or no line in the audit log")
		}
	})
}

func TestTaskThatNobodyCanDoIsFound(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		for _, login := range []string{"kd-supervisor-1", "kd-supervisor-2"} {
			d.must(d.DisableAccount(t.Context(), d.Person(t, login), "tester"))
		}
		if found := d.verify(store.VerifyOptions{}); !slices.Equal(found, []string{"holders nobody_holds_it"}) {
			t.Fatalf("%v", found)
		}
		mended, err := d.Repair(t.Context(), store.CheckHolders, id, "tester")
		if err != nil || !slices.Equal(mended, []string{"nobody_holds_it"}) {
			t.Errorf("%v, %v", mended, err)
		}
		if c := d.read(id); c.Awaiting[0].Raised != "nobody_eligible" {
			t.Errorf("%+v", c.Awaiting)
		}
		d.whole()
	})
}

// A step whose seats are held by people alone whom four eyes bar is nobody's to do.
func TestTaskThatNobodyMayDoIsFound(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActRecheck)
		only := store.VerifyOptions{Only: []string{store.CheckHolders}}
		barred := func(area string) {
			t.Helper()
			c := d.read(id)
			everybody, err := d.People(t.Context())
			d.must(err)
			for _, p := range everybody.Roster(d.Clock.Now()) {
				if slices.ContainsFunc(p.Assignments, func(a regulation.Assignment) bool { return area == "" || a.Area == area }) {
					c.Judges = append(c.Judges, p.ID)
				}
			}
			state, err := json.Marshal(c)
			d.must(err)
			d.exec("UPDATE cases SET state = ? WHERE id = ?", state, id)
		}
		if found := d.verify(only); found != nil {
			t.Fatalf("somebody may: %v", found)
		}
		barred("513301")
		if found := d.verify(only); !slices.Equal(found, []string{"holders nobody_may"}) {
			t.Fatalf("%v", found)
		}
		mended, err := d.Repair(t.Context(), store.CheckHolders, id, "tester")
		if err != nil || !slices.Equal(mended, []string{"nobody_may"}) {
			t.Errorf("%v, %v", mended, err)
		}
		if c := d.read(id); c.Awaiting[0].Seats[0].Org != c.Upper {
			t.Errorf("%+v", c.Awaiting)
		}
		barred("")
		if _, err := d.Repair(t.Context(), store.CheckHolders, id, "tester"); !errors.Is(err, store.ErrNoRepair) {
			t.Errorf("nobody is left: %v", err)
		}
	})
}

func TestFileWhoseContentIsGoneIsFound(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.office()
		files, err := filepath.Glob(filepath.Join(d.Opened.Dir, "files", "*", "*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		d.must(os.Remove(files[0]))
		if found := d.verify(store.VerifyOptions{}); !slices.Equal(found, []string{"files content_gone"}) {
			t.Errorf("%v", found)
		}
	})
}

func TestUptimeIsWhatNodesTellLessOutages(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		began := d.Clock.Now()
		beat := func(node string, since time.Time, after time.Duration) time.Time {
			d.Clock.Forward(after)
			since, err := d.Beat(t.Context(), node, since)
			d.must(err)
			return since
		}
		a := beat("a", time.Time{}, 0)
		beat("a", a, 10*time.Second)                                 // a: 0 to 10
		b := beat("b", time.Time{}, 0)                               //
		beat("b", b, 10*time.Second)                                 // b: 10 to 20
		beat("a", beat("a", time.Time{}, time.Hour), 60*time.Second) // an hour of nothing, then a minute
		up, err := d.Uptime(t.Context())
		d.must(err)
		if len(up) != 2 || up.Within(began, d.Clock.Now()) != 80*time.Second || up.Within(began.Add(5*time.Second), began.Add(30*time.Second)) != 15*time.Second {
			t.Errorf("%v", up)
		}
		declared := []store.Outage{{Stretch: store.Stretch{From: began.Add(5 * time.Second), Until: began.Add(15 * time.Second)}}}
		d.must(d.DeclareOutages(t.Context(), declared, "maintenance", "tester"))
		if err := d.DeclareOutages(t.Context(), []store.Outage{{Stretch: store.Stretch{From: began, Until: began}}}, "maintenance", "tester"); !isCode(err, regulation.Invalid) {
			t.Errorf("an outage of no time: %v", err)
		}
		if up, err = d.Uptime(t.Context()); err != nil || up.Within(began, d.Clock.Now()) != 70*time.Second {
			t.Errorf("%v, %v", up, err)
		}
	})
}

// beats tells that the node is up from now until an instant, as a worker does, and returns since when.
func (d *desk) beats(until time.Time) {
	d.t.Helper()
	var since time.Time
	for ; ; d.Clock.Forward(min(10*time.Second, until.Sub(d.Clock.Now()))) {
		began, err := d.Beat(d.t.Context(), "node", since)
		d.must(err)
		if since = began; !d.Clock.Now().Before(until) {
			return
		}
	}
}

// A process that is killed for an hour gives no finding for what became due meanwhile and was recorded
// within a minute of its return; what it then dawdled over, and what it had missed before, is found.
func TestHourOfKilledProcessNeitherAccusesNorHides(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		before := d.open()
		missed := d.deadline(before, regulation.DeadlineStep)
		d.Clock.Forward(24 * time.Hour)
		prompt, slow := d.open(), d.open()
		due := d.deadline(prompt, regulation.DeadlineStep)
		if !missed.Due.Before(due.Due) {
			t.Fatalf("both due %v", due.Due)
		}
		at := func(when time.Time) { d.Clock.Forward(when.Sub(d.Clock.Now())) }
		pass := func(id string) {
			t.Helper()
			for _, open := range d.read(id).Deadlines {
				_, err := d.RecordDeadline(t.Context(), id, open.ID)
				d.must(err)
			}
		}
		at(missed.Due.Add(-time.Minute))
		d.beats(missed.Due.Add(2 * time.Minute)) // up, and does not record it; killed
		at(due.Due.Add(-10 * time.Minute))
		d.beats(due.Due.Add(-5 * time.Minute)) // killed again, for an hour
		at(due.Due.Add(55 * time.Minute))
		d.beats(d.Clock.Now().Add(30 * time.Second))
		pass(prompt)
		d.beats(d.Clock.Now().Add(40 * time.Second))
		pass(slow)
		pass(before)
		wants := map[string][]string{prompt: nil, slow: {"deadlines late"}, before: {"deadlines late"}}
		for id, want := range wants {
			if found := d.verify(store.VerifyOptions{Case: id, Only: []string{store.CheckDeadlines}}); !slices.Equal(found, want) {
				t.Errorf("%s: %v, want %v", map[string]string{prompt: "prompt", slow: "slow", before: "missed before"}[id], found, want)
			}
		}
		if n, err := d.ExplainLateness(t.Context(), before, "overload", "tester"); err != nil || n == 0 {
			t.Errorf("%d, %v", n, err)
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDeadlines}}); !slices.Equal(found, []string{"deadlines late"}) {
			t.Errorf("one case's outage, which lasted as long as the other's, excuses both, or none: %v", found)
		}
	})
}

// Whatever people and deadlines do to cases, the checks find nothing.
func TestRandomWalksAreFoundWhole(t *testing.T) {
	d := &desk{Record: storetestSQLite(t), t: t}
	random := rand.New(rand.NewPCG(3, 11))
	acts := map[regulation.ActKind]bool{}
	for range 25 {
		id := d.open()
		for range 45 {
			c := d.read(id)
			if n := len(c.Deadlines); n > 0 && random.IntN(8) == 0 {
				due := c.Deadlines[random.IntN(n)]
				d.Clock.Forward(max(0, due.Due.Sub(d.Clock.Now())))
				_, err := d.RecordDeadline(t.Context(), id, due.ID)
				d.must(err)
				continue
			}
			d.Clock.Forward(time.Minute)
			if kind := d.tryAct(random, c); kind != "" {
				acts[kind] = true
			}
		}
	}
	d.integrate()
	d.must(d.passAll())
	if found := d.verify(store.VerifyOptions{}); found != nil {
		t.Errorf("found %v", found)
	}
	if len(acts) < 25 {
		t.Errorf("only %d kinds of acts were done: %v", len(acts), acts)
	}
}

// passNext waits for the deadline of a case that comes next, and has it recorded.
func (d *desk) passNext(id string) error {
	next := slices.MinFunc(d.read(id).Deadlines, func(a, b regulation.Deadline) int { return a.Due.Compare(b.Due) })
	d.Clock.Forward(max(0, next.Due.Sub(d.Clock.Now())))
	_, err := d.RecordDeadline(d.t.Context(), id, next.ID)
	return err
}

// passAll has every deadline recorded that has passed while other cases went on.
func (d *desk) passAll() error {
	ids, err := d.OpenCases(d.t.Context(), "", 1000)
	for _, id := range ids {
		for _, due := range d.read(id).Deadlines {
			if _, err := d.RecordDeadline(d.t.Context(), id, due.ID); err != nil {
				return err
			}
		}
	}
	return err
}

// tryAct does an act that is open, or that the case waits for, by somebody whom the rules let do it; ""
// where nobody may as the form was filled.
func (d *desk) tryAct(random *rand.Rand, c regulation.Case) regulation.ActKind {
	d.t.Helper()
	kinds := regulation.OpenIn(c)
	if len(kinds) == 0 {
		return ""
	}
	kind := kinds[random.IntN(len(kinds))]
	if n := len(c.Awaiting); n > 0 && random.IntN(2) == 0 {
		kind = c.Awaiting[random.IntN(n)].Act
	}
	spec, _ := regulation.SpecOf(kind)
	values := regulation.Values{}
	for _, f := range spec.Fields {
		if value := anything(random, f); value != "" && f.Type != regulation.TypeFiles {
			values[f.Name] = []string{value}
		}
	}
	rules, err := d.RulesOf(d.t.Context(), c, values["unit"]...)
	d.must(err)
	everybody, err := d.People(d.t.Context())
	d.must(err)
	actors := []regulation.Actor{{As: regulation.Assignment{Role: regulation.Citizen}}}
	for _, p := range everybody.Roster(d.Clock.Now()) {
		for _, as := range p.Assignments {
			actors = append(actors, regulation.Actor{Person: p.ID, Staff: p.Staff, Assignments: p.Assignments, As: as})
		}
	}
	for _, actor := range actors {
		if _, _, err := rules.Apply(c, regulation.Act{Kind: kind, Values: values}, actor, d.Clock.Now()); err != nil {
			continue
		}
		row, err := d.SubmitAct(d.t.Context(), store.ActRequest{CaseID: c.ID, Kind: kind, Values: values, Actor: actor, Key: d.key()})
		d.must(err)
		step, err := d.RecordAct(d.t.Context(), c.ID, row.ID)
		d.must(err)
		if step.Refused == "" {
			return kind
		}
	}
	return ""
}

// anything fills a field; what leads on is likelier than not.
func anything(random *rand.Rand, f regulation.Field) string {
	onward := map[string]string{"result": "reached", "finding": "substantiated", "settled": "yes", "resolved": "yes", "unit": "513301-psb"}
	if to := onward[f.Name]; to != "" && random.IntN(3) > 0 && (len(f.Options) == 0 || slices.Contains(f.Options, to)) {
		return to
	}
	switch {
	case len(f.Options) > 0:
		return f.Options[random.IntN(len(f.Options))]
	case f.Type == regulation.TypeYesNo:
		return []string{"yes", "no"}[random.IntN(2)]
	case f.Type == regulation.TypeDate:
		return "2026-12-01"
	case f.Type == regulation.TypeUnit:
		return []string{"513301-psb", "513301-mkt"}[random.IntN(2)]
	case f.Type == regulation.TypeText, f.Type == regulation.TypeLong:
		return "经核实的说明"
	}
	return ""
}

// A deadline that was over when it was set, as after a rejection, is recorded at once and is not late.
func TestADeadlineThatWasOverWhenItWasSetIsNotLate(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActAcceptRectification)
		for len(d.read(id).Deadlines) > 0 { // the authority's own
			d.must(d.passNext(id))
		}
		d.Clock.Forward(d.read(id).Clock.Due.Sub(d.Clock.Now()) + time.Hour)
		d.do(id, regulation.ActRejectRectification, regulation.Values{"reason": {"措施未到位"}})
		d.must(d.passAll())
		if !d.read(id).Clock.Overdue {
			t.Fatal("the days are over")
		}
		d.integrate()
		d.whole()
	})
}
