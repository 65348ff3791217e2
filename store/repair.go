package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// ErrNoRepair: what a check found must not be put right by a program. Treated findings say what to do
// instead.
var ErrNoRepair = errors.New("there is no repair: the record would only look right")

// Kinds of ErrNoRepair.
var (
	ErrRestore  = fmt.Errorf("it was altered, and must be restored: %w", ErrNoRepair)
	ErrToReport = fmt.Errorf("it has happened: report it, and note under what with --reported: %w", ErrNoRepair)
	errNobody   = fmt.Errorf("there is nobody who may do it: appoint somebody: %w", ErrNoRepair)
	// ErrTampered: what a repair would rest on is not what the ledger took in.
	ErrTampered = fmt.Errorf("the case's events are not what the ledger holds: %w", ErrRestore)
)

// errStateFirst: columns and tasks follow the state, which is not what the events tell.
var errStateFirst = errors.New("the case's state is not what its events tell: repair state first, columns and tasks follow it")

// Repair puts right what a check finds on a case, from what the ledger protects or the state says,
// and notes each change in the audit log. It returns the codes that it mended. Errors: NotFound,
// ErrRestore or ErrToReport for what no program may put right, ErrTampered where the events themselves are in
// doubt. CheckEngine is not the record's to repair.
func (s *Store) Repair(ctx context.Context, check, caseID, author string) ([]string, error) {
	switch check {
	case CheckActs:
		return s.repairActs(ctx, caseID, author)
	case CheckDeadlines:
		return s.repairDeadlines(ctx, caseID, author)
	case CheckHolders:
		return s.repairHolders(ctx, caseID, author)
	case CheckArchives:
		return s.repairArchive(ctx, caseID, author)
	case CheckFigures:
		return s.recountAgain(ctx, author)
	}
	mend, known := mends[check]
	if !known {
		return nil, s.unmended(ctx, check, caseID)
	}
	return s.onSheet(ctx, caseID, author, check, mend)
}

// unmended is why what a check without a repair finds is not put right: ErrRestore or ErrToReport, nil
// where it finds nothing on the case. What the ledger finds may belong to no case.
func (s *Store) unmended(ctx context.Context, check, caseID string) error {
	if caseID == "" || check == CheckLeaves || check == CheckLedger || check == CheckSealed {
		return ErrRestore
	}
	found, err := s.CheckCase(ctx, caseID, check)
	if err != nil || len(found) == 0 {
		return err
	}
	_, err = mendable(found, check)
	return err
}

// mends are the repairs that one held case is enough for.
var mends = map[string]func(*Store, *gorm.DB, *sheet) error{
	CheckSequence: (*Store).mendState, CheckState: (*Store).mendState, CheckColumns: (*Store).mendColumns, CheckTasks: (*Store).mendTasks,
	CheckNotices: (*Store).mendNotices, CheckFiles: (*Store).mendFiles,
}

// onSheet holds a case, looks what a check finds, and lets mend put right what may be.
func (s *Store) onSheet(ctx context.Context, caseID, author, check string, mend func(*Store, *gorm.DB, *sheet) error) (mended []string, err error) {
	v, err := s.verifier(ctx, VerifyOptions{})
	if err != nil {
		return nil, err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		x, err := s.holdSheet(tx, caseID)
		if err != nil {
			return err
		}
		if err := v.prepareSheet(ctx, x); err != nil {
			return err
		}
		all, err := v.within(x, check, CheckSequence, CheckLeaves)
		if err != nil {
			return err
		}
		if mended, err = mendable(all, check); err != nil || len(mended) == 0 {
			return err
		}
		if err := mend(s, tx, x); err != nil {
			return err
		}
		return s.auditRepair(tx, x, check, mended, author)
	})
	return mended, err
}

// holdSheet keeps everybody from changing a case and reads it whole.
func (s *Store) holdSheet(tx *gorm.DB, caseID string) (*sheet, error) {
	if err := s.holdCase(tx, caseID); err != nil {
		return nil, err
	}
	found, err := s.sheets(tx, "", caseID)
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// within runs some checks on one sheet.
func (v *verifier) within(x *sheet, names ...string) (found []Finding, err error) {
	v.done = map[string]*Checked{CheckState: {}}
	for _, name := range names {
		v.done[name] = &Checked{Check: name}
	}
	v.options.Found = func(f Finding) error { found = append(found, f); return nil }
	v.look(x)
	return found, v.faults
}

// mendable are the codes of a check that may be repaired. Nothing may where the events themselves are
// in doubt, and a kind of ErrNoRepair says that only that was found which no program may put right.
func mendable(found []Finding, check string) (codes []string, err error) {
	fromState := check == CheckColumns || check == CheckTasks
	for _, f := range found {
		behind := f.Check == CheckSequence && f.Code == "not_the_last" // the state's fault, not the events'
		switch {
		case f.Check == CheckSequence && !behind, f.Check == CheckLeaves, f.Code == "unreadable", f.Code == "unknown_edition":
			return nil, ErrTampered
		case fromState && (behind || f.Check == CheckState):
			return nil, errStateFirst
		case f.Check != check:
		case f.Advice == AdviceRestore:
			err = ErrRestore
		case f.reportable():
			err = firstOf(err, ErrToReport)
		default:
			codes = append(codes, f.Code)
		}
	}
	if codes != nil {
		err = nil
	}
	return codes, err
}

// auditRepair notes what was put right: the check, and how many kinds of things.
func (s *Store) auditRepair(tx *gorm.DB, x *sheet, check string, mended []string, author string) error {
	return s.audit(tx, AuditEntry{Person: author, Action: "repair", ObjectKind: "case", ObjectID: x.id, Area: x.area,
		Purpose: shortened(check+":"+strings.Join(mended, ","), mostPurpose), Outcome: OutcomeDone})
}

// mostPurpose is the length of the column.
const mostPurpose = 64

func shortened(text string, most int) string {
	if len(text) > most {
		return text[:most]
	}
	return text
}

// mendState takes from the events what the case holds and how it stands; what they do not tell stays.
// Columns and tasks follow the state.
func (s *Store) mendState(tx *gorm.DB, x *sheet) error {
	told := x.told()
	x.c = x.retold(x.events)
	x.c.Seq, x.c.Phase, x.c.Tracks, x.c.ClosedAt = told.Seq, told.Phase, told.Tracks, told.closedAt
	x.c.Deadlines, x.c.Counts = told.Deadlines, told.armed
	if x.tellsWaits() {
		x.c.Awaiting = told.Waits
	}
	if err := s.mendColumns(tx, x); err != nil {
		return err
	}
	return s.mendTasks(tx, x)
}

// mendColumns writes the case's row anew from its state, the state included.
func (s *Store) mendColumns(tx *gorm.DB, x *sheet) error {
	values, err := caseRow(x.c)
	if err != nil {
		return err
	}
	var sets []string
	for _, column := range casesTable.columns {
		sets = append(sets, column+" = ?")
	}
	return s.write(tx, "UPDATE cases SET "+strings.Join(sets, ", ")+" WHERE id = ?", append(values, x.id)...)
}

// mendTasks lays the tasks anew that the state asks for. Since when a task is open and who has it
// stays, where the record still tells.
func (s *Store) mendTasks(tx *gorm.DB, x *sheet) error {
	for _, statement := range []string{
		"DELETE FROM task_seats WHERE task_id IN (SELECT id FROM tasks WHERE case_id = ?)", "DELETE FROM tasks WHERE case_id = ?",
	} {
		if err := s.write(tx, statement, x.id); err != nil {
			return err
		}
	}
	rows := pile{}
	for _, t := range x.wantedTasks() {
		rows.add(tasksTable, valuesOf(t.row))
		for _, seat := range t.seats {
			rows.add(taskSeatsTable, valuesOf(seat))
		}
	}
	return s.flush(tx, rows)
}

// valuesOf hands texts to the database, which turns them into its columns' types.
func valuesOf(texts []string) []any {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	return values
}

// repairHolders gives back the tasks that are taken by who may not have them any more, and lays steps
// before others whose seats nobody holds who may do them. ErrNoRepair: there is nobody before whom to lay them.
func (s *Store) repairHolders(ctx context.Context, caseID, author string) ([]string, error) {
	mended, err := s.onSheet(ctx, caseID, author, CheckHolders, (*Store).mendHolders)
	if err != nil || !slices.Contains(mended, "nobody_holds_it") && !slices.Contains(mended, "nobody_may") {
		return mended, err
	}
	if _, err := s.Reseat(ctx, caseID); err != nil {
		return mended, err
	}
	left, err := s.CheckCase(ctx, caseID, CheckHolders)
	if err == nil && len(left) > 0 {
		err = errNobody
	}
	return mended, err
}

func (s *Store) mendHolders(tx *gorm.DB, x *sheet) error {
	people, err := loadPeople(tx)
	if err != nil {
		return err
	}
	v := &verifier{s: s, now: s.now(), people: people}
	for _, row := range x.tasks {
		if v.claimFault(row[taskColumn("claimed_by")], seatsIn(x.seatsOf(row[0]))) == "" {
			continue
		}
		if err := s.setClaim(tx, row[0], "", 0); err != nil {
			return err
		}
	}
	return nil
}

// mendNotices makes escalations, notices, compensating entries and write-offs' steps anew from the events; those about who has a task stay.
func (s *Store) mendNotices(tx *gorm.DB, x *sheet) error {
	for _, statement := range []string{"DELETE FROM escalations WHERE case_id = ?", "DELETE FROM entries WHERE case_id = ?", "DELETE FROM write_off_steps WHERE case_id = ?",
		"DELETE FROM notices WHERE case_id = ? AND seq >= 0"} {
		if err := s.write(tx, statement, x.id); err != nil {
			return err
		}
	}
	rows := pile{}
	for _, e := range x.events {
		addEscalation(rows, x.c, e.Event)
		addNotices(rows, x.c, e.Event)
		addEntries(rows, x.c, e.Event)
		addWriteOffStep(rows, x.c, e.Event)
	}
	return s.flush(tx, rows)
}

// mendFiles binds the files that the events name, and no others. A file whose row is gone must be
// restored first.
func (s *Store) mendFiles(tx *gorm.DB, x *sheet) error {
	if err := s.write(tx, "DELETE FROM case_files WHERE case_id = ?", x.id); err != nil {
		return err
	}
	rows := pile{}
	for _, e := range x.events {
		for _, digest := range slices.Compact(slices.Sorted(slices.Values(e.Files))) {
			rows.add(caseFilesTable, []any{x.id, digest, e.seq})
		}
	}
	return s.flush(tx, rows)
}

// repairActs gives a recorded act its outcome, and has those recorded that wait or could not be.
// RecordFailed: the record still does not take one.
func (s *Store) repairActs(ctx context.Context, caseID, author string) ([]string, error) {
	mended, err := s.onSheet(ctx, caseID, author, CheckActs, (*Store).mendActs)
	if err != nil || !slices.Contains(mended, "waits") && !slices.Contains(mended, "failed") {
		return mended, err
	}
	var ids []string
	err = s.rows(ctx).Table("acts").Where("case_id = ? AND status = 'pending'", caseID).Order("received_at, id").Pluck("id", &ids).Error
	for _, id := range ids {
		if err == nil {
			_, err = s.RecordAct(ctx, caseID, id)
		}
	}
	return mended, err
}

func (s *Store) mendActs(tx *gorm.DB, x *sheet) error {
	claimed := map[int64]int{}
	for _, a := range x.acts {
		if a.Status == string(ActDone) {
			claimed[a.Seq]++
		}
	}
	for _, a := range x.acts {
		if a.Status == string(ActFailed) {
			if err := s.write(tx, retryAct, micros(s.receivedAnew(x, a)), a.ID); err != nil {
				return err
			}
		}
		if a.Status != string(ActPending) {
			continue
		}
		if e := x.recordedAs(a, claimed); e != nil {
			claimed[e.seq]++
			if err := s.finishAct(tx, a, e.seq, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

const retryAct = "UPDATE acts SET status = 'pending', missing = '', received_at = ? WHERE id = ? AND status = 'failed'"

// receivedAnew is by when an act that was not taken counts: from its receipt, as every act, unless the
// case has gone on since. Then it is as if it were asked for now, since whoever acted meanwhile did so
// without it.
func (s *Store) receivedAnew(x *sheet, a actRow) time.Time {
	received := instant(a.ReceivedAt)
	if n := len(x.events); n > 0 && x.events[n-1].At.After(received) {
		return s.now()
	}
	return received
}

// repairDeadlines has the deadlines recorded that have passed without being; the instant on record
// is the repair's, since that is when it happened.
func (s *Store) repairDeadlines(ctx context.Context, caseID, author string) ([]string, error) {
	mended, err := s.onSheet(ctx, caseID, author, CheckDeadlines, func(*Store, *gorm.DB, *sheet) error { return nil })
	if err != nil || !slices.Contains(mended, "not_recorded") && !slices.Contains(mended, "blocked") {
		return mended, err
	}
	c, err := s.readCase(ctx, caseID)
	if err != nil {
		return nil, err
	}
	for _, d := range c.Deadlines {
		if err == nil {
			_, err = s.RecordDeadline(ctx, caseID, d.ID)
		}
	}
	return mended, err
}

// ExplainLateness declares the outages of a case that explain why its deadlines were recorded late: from
// each due instant until it was recorded. Invalid: no such reason.
func (s *Store) ExplainLateness(ctx context.Context, caseID, reason, author string) (explained int, err error) {
	v, err := s.verifier(ctx, VerifyOptions{Case: caseID})
	if err != nil {
		return 0, err
	}
	var x *sheet
	err = s.still(ctx, func(db *gorm.DB) error {
		found, err := s.sheets(db, "", caseID)
		if err == nil && len(found) == 0 {
			err = &regulation.Error{Code: regulation.NotFound, Missing: "case"}
		}
		if err == nil {
			x = found[0]
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	var outages []Outage
	for _, late := range v.lateStretches(x) {
		outages = append(outages, Outage{late, caseID})
	}
	return len(outages), s.DeclareOutages(ctx, outages, reason, author)
}

// lateStretches are the times, by the machines' clock, for which deadlines of a case were late.
func (v *verifier) lateStretches(x *sheet) (all []Stretch) {
	clock, rings := v.s.options.Clock, x.rings()
	for _, e := range x.events {
		for _, change := range e.Changes {
			ring := rings[change.Deadline.ID]
			late := Stretch{clock.Real(ring), clock.Real(e.At)}
			if change.Op == regulation.DuePassed && v.late(x, ring, e.At) && !slices.Contains(all, late) {
				all = append(all, late)
			}
		}
	}
	return all
}

// OpenMissingCase opens the case of a bad rating that has none, now: its days count from here, and the
// audit log says so. NotFound: no such rating; Conflict: it has a case, or needs none; ErrTampered:
// the rating is not what the ledger took in.
func (s *Store) OpenMissingCase(ctx context.Context, ratingID, author string) (number string, err error) {
	var row checkedRating
	if err := s.rows(ctx).Raw(readRatings+" WHERE r.id = ?", ratingID).Take(&row).Error; err != nil {
		return "", found(err, "rating")
	}
	if row.CaseID != nil || !regulation.Grade(row.View.Grade).Bad() {
		return "", &regulation.Error{Code: regulation.Conflict, Missing: "rating_exists"}
	}
	v := &verifier{done: map[string]*Checked{CheckLeaves: {}}}
	v.ratingLeaf(row)
	if v.done[CheckLeaves].Found > 0 {
		return "", ErrTampered
	}
	item := &intake{in: Intake{Rating: row.View.rating()}, at: s.now(), rows: pile{}}
	if item.in.Contact, err = s.contactOf(ctx, row); err != nil {
		return "", err
	}
	if err := s.takeRules(ctx, []*intake{item}); err != nil {
		return "", err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		rows := pile{}
		if err := s.openCases([]*intake{item}, rows); err != nil {
			return err
		}
		if err := s.flush(tx, rows); err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: author, Action: "repair", ObjectKind: "rating", ObjectID: ratingID, Area: row.View.Area,
			Purpose: CheckRatings + ":no_case", Outcome: OutcomeDone})
	})
	return item.saved.CaseNumber, err
}

// contactOf tells whether the rater can be reached, without opening the vault: a telephone number has
// its blind index.
func (s *Store) contactOf(ctx context.Context, row checkedRating) (c Contact, err error) {
	var n int64
	err = s.rows(ctx).Table("vault").Where("subject = ? AND phone_index <> ''", row.View.ID).Count(&n).Error
	if n > 0 {
		c.Phone = "known"
	}
	return c, err
}

// String is a finding as the console prints it, without its repair.
func (f Finding) String() string {
	what := f.Number
	switch {
	case what == "" && f.Case != "":
		what = f.Case
	case what == "" && f.Rating != "":
		what = "rating " + f.Rating
	}
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", what, f.Check, f.Code, aboutText(f.About))), " ")
}
