package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// outboxStart asks for the start of a case's workflow.
const outboxStart = "start_case"

type outboxRow struct {
	Kind    string `gorm:"primaryKey"`
	Ref     string `gorm:"primaryKey"`
	AddedAt int64
}

func (outboxRow) TableName() string { return "outbox" }

// LoadStep returns what a case's workflow is to hold now. NotFound: no such case; RecordFailed: what is
// stored of it does not read.
func (s *Store) LoadStep(ctx context.Context, caseID string) (regulation.Step, error) {
	c, err := s.readCase(ctx, caseID)
	if err != nil {
		return regulation.Step{}, s.blocked(ctx, caseID, "load", err)
	}
	return c.Step(s.options.Clock), nil
}

// Unstarted lists cases whose workflow nobody has reported started, the oldest first.
func (s *Store) Unstarted(ctx context.Context, limit int) ([]string, error) {
	var ids []string
	err := s.rows(ctx).Model(&outboxRow{}).Where("kind = ?", outboxStart).Order("added_at, ref").Limit(limit).Pluck("ref", &ids).Error
	return ids, err
}

// MarkStarted notes that the workflows of these cases run.
func (s *Store) MarkStarted(ctx context.Context, caseIDs ...string) error {
	if len(caseIDs) == 0 {
		return nil
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Where("kind = ? AND ref IN ?", outboxStart, caseIDs).Delete(&outboxRow{}).Error
	})
}

// OpenCases lists the ids of open cases after an id, in the order of ids, for rehydration.
func (s *Store) OpenCases(ctx context.Context, after string, limit int) ([]string, error) {
	var ids []string
	err := s.rows(ctx).Table("cases").Where("closed_at = 0 AND id > ?", after).Order("id").Limit(limit).Pluck("id", &ids).Error
	return ids, err
}

// RecordAct records a submitted act: event, case, tasks, leaf and outcome in one transaction.
// Once recorded it changes nothing more. A refusal is no error: it is the act's outcome, and
// Step.Refused says so. Errors are NotFound for an unknown case or act, RecordFailed where the
// database will not take it (the act's row says so, the case is as it was), else passing.
//
// Timely is what was received by the due instant: deadlines that had passed when this act was
// received are recorded before it, though their timer may not have rung yet.
func (s *Store) RecordAct(ctx context.Context, caseID, actID string) (regulation.Step, error) {
	step, err := s.step(ctx, caseID, actID, func(r *recording) error {
		row := r.act
		switch row.Status {
		case "":
			return found(gorm.ErrRecordNotFound, "act")
		case string(ActPending):
		case string(ActFailed):
			return &regulation.Error{Code: regulation.RecordFailed, Missing: "act_kept"}
		default:
			r.refused = regulation.Code(row.Code)
			return nil
		}
		if err := r.passDeadlines(instant(row.ReceivedAt)); err != nil {
			return err
		}
		return r.apply(row)
	})
	return step, s.failed(ctx, caseID, actID, err)
}

// RecordDeadline records that a deadline has passed, after the pending acts received at or
// before its due instant: at equality the act wins. A deadline that is not open any more, or
// not due yet, changes nothing. RecordFailed: the database will not take it; an alarm says so until it
// does.
func (s *Store) RecordDeadline(ctx context.Context, caseID, deadlineID string) (regulation.Step, error) {
	pass := func(r *recording) error {
		now := s.now()
		if err := r.countAgain(now); err != nil {
			return err
		}
		return r.passDeadline(deadlineID, now)
	}
	step, err := s.step(ctx, caseID, "", pass)
	if causeOf(err) != "" && s.recordWaiting(ctx, caseID, deadlineID) {
		step, err = s.step(ctx, caseID, "", pass)
	}
	return step, s.blocked(ctx, caseID, deadlineID, err)
}

// errStale: what is remembered of tree, people and calendar is not what the record holds.
var errStale = errors.New("store: remembered rules are out of date")

// step runs do on a case that is held, and answers what the workflow is to hold after it. The case
// is read with the act that it is about. What the database will not take is tried a second time before
// that is believed: another's commit may have been in the way.
func (s *Store) step(ctx context.Context, caseID, actID string, do func(*recording) error) (step regulation.Step, err error) {
	for n, failed := 0, false; n < attempts; n++ {
		step, err = s.tryStep(ctx, caseID, actID, do)
		switch {
		case causeOf(err) != "" && !failed:
			failed = true
			continue
		case !errors.Is(err, errStale):
			return step, err
		}
		if _, err := s.lore(ctx); err != nil {
			return step, err
		}
	}
	return step, err
}

func (s *Store) tryStep(ctx context.Context, caseID, actID string, do func(*recording) error) (step regulation.Step, err error) {
	r := &recording{s: s, ctx: ctx}
	err = s.share(ctx, &write{asks: r.hold(caseID, actID), do: func(tx *gorm.DB) error {
		r.tx = tx
		if err := do(r); err != nil {
			return err
		}
		if err := r.settle(); err != nil {
			return err
		}
		step = r.c.Step(s.options.Clock)
		step.Refused = r.refused
		return nil
	}}, s.writes.together)
	return step, err
}

// recording is one held case within its transaction.
type recording struct {
	s       *Store
	ctx     context.Context
	tx      *gorm.DB
	lore    *lore
	c       regulation.Case
	act     actRow // the act to be recorded; without status where there is none
	refused regulation.Code
	judged  time.Time // by which instant's people the last event was judged; zero without one
	rearmed bool      // it was counted again for a notice
}

// heldCase is a case that was read to be recorded on, with an act of it.
type heldCase struct {
	state    []byte
	revision int64 // of tree, people and calendar, read after the case was held
	act      heldAct
}

const (
	actHeld = "a.id, a.actor, a.staff_id, a.as_role, a.as_org, a.as_area, a.as_for, a.kind, a.body, a.received_at, a.status, a.code"
	// readHeld reads one case by one statement; holdCases, readActs and readRevision do so for several.
	readHeld = `SELECT c.state, (SELECT COALESCE(SUM(revision), 0) FROM revisions), ` + actHeld + `
	FROM cases c LEFT JOIN acts a ON a.id = ? AND a.case_id = c.id WHERE c.id = ?`
	// Cases are held in the order of their ids, or two transactions would wait for each other.
	holdCases    = "SELECT id, state FROM cases FORCE INDEX (PRIMARY) WHERE id IN (%s) ORDER BY id FOR UPDATE"
	readActs     = "SELECT a.case_id, " + actHeld + " FROM acts a WHERE a.id IN (%s)"
	readRevision = "SELECT COALESCE(SUM(revision), 0) FROM revisions"
)

// hold asks for a case with an act of it, to be held until the transaction ends; errStale when the
// rules have to be read anew first.
func (r *recording) hold(caseID, actID string) *question {
	return &question{caseID: caseID, actID: actID, taken: func(h heldCase) (err error) {
		if r.lore = r.s.remembered.Load(); r.lore == nil || r.lore.revision != h.revision {
			return errStale
		}
		r.act, r.refused, r.judged, r.rearmed = h.act.row(), "", time.Time{}, false
		r.c, err = caseOf(h.state)
		return err
	}}
}

// heldAct is the part of an act's row that recording needs, NULL throughout where there is none.
type heldAct struct {
	id, actor, staff, role, org, area, behalf, kind, status, code sql.NullString
	received                                                      sql.NullInt64
	body                                                          []byte
}

// dest is where the columns actHeld go.
func (a *heldAct) dest() []any {
	return []any{&a.id, &a.actor, &a.staff, &a.role, &a.org, &a.area, &a.behalf, &a.kind, &a.body, &a.received, &a.status, &a.code}
}

func (a heldAct) row() actRow {
	return actRow{ID: a.id.String, Actor: a.actor.String, StaffID: a.staff.String, AsRole: a.role.String, AsOrg: a.org.String,
		AsArea: a.area.String, AsFor: a.behalf.String, Kind: a.kind.String, Body: a.body, ReceivedAt: a.received.Int64, Status: a.status.String, Code: a.code.String}
}

// rules are the case's, with the people of the further organisations that an act names.
func (r *recording) rules(at time.Time, units ...string) (regulation.Rules, error) {
	return r.s.rules(r.ctx, r.lore, r.c.Edition, r.c.Area, at, append(units, r.c.Concerned()...)...)
}

// apply records one pending act at the instant at which it was received.
func (r *recording) apply(row actRow) error {
	body, err := r.s.sealer.OpenText(row.Body, actPlace(row.ID))
	if err != nil {
		return err
	}
	act := regulation.Act{ID: row.ID, Kind: regulation.ActKind(row.Kind)}
	if err := json.Unmarshal([]byte(body), &act.Values); err != nil {
		return err
	}
	after, event, err := r.try(act, row)
	var refusal *regulation.Error
	switch {
	case errors.As(err, &refusal):
		r.refused = refusal.Code
		return r.s.finishAct(r.tx, row, 0, refusal)
	case err != nil:
		return err
	}
	if err := r.s.finishAct(r.tx, row, event.Seq, nil); err != nil {
		return err
	}
	r.refused = ""
	return r.move(after, event)
}

// try applies the act under the rules and then holds its files against the record: the actor
// must have put them in.
func (r *recording) try(act regulation.Act, row actRow) (regulation.Case, regulation.Event, error) {
	at := instant(row.ReceivedAt)
	units := namedUnits(act)
	rules, err := r.rules(at, units...)
	if err != nil {
		return r.c, regulation.Event{}, err
	}
	if err := r.s.fillPlaces(r.ctx, &rules, act.Kind); err != nil {
		return r.c, regulation.Event{}, err
	}
	actor := regulation.Actor{Person: row.Actor, Staff: row.StaffID, As: row.as()}
	after, event, err := rules.Apply(r.c, act, actor, at)
	if err != nil {
		return r.c, event, err
	}
	refusal := &regulation.Error{Code: regulation.Invalid, Clause: event.Clause, Missing: "fields"}
	if err := r.checkAllFiles(act, row.Actor, refusal); err != nil {
		return r.c, event, err
	}
	if refusal.Fields != nil {
		return r.c, event, refusal
	}
	return after, event, nil
}

func namedUnits(act regulation.Act) []string {
	spec, _ := regulation.SpecOf(act.Kind)
	var units []string
	for _, f := range spec.Fields {
		if f.Type == regulation.TypeUnit || f.Type == regulation.TypeUnits {
			units = append(units, act.Values[f.Name]...)
		}
	}
	return units
}

func (r *recording) checkAllFiles(act regulation.Act, person string, refusal *regulation.Error) error {
	spec, _ := regulation.SpecOf(act.Kind)
	for _, f := range spec.Fields {
		if f.Type != regulation.TypeFiles {
			continue
		}
		if err := r.checkFiles(f.Name, act.Values[f.Name], person, refusal); err != nil {
			return err
		}
	}
	return nil
}

// passDeadlines records the deadlines that had passed before an instant by the calendar in force then,
// the earliest first.
func (r *recording) passDeadlines(at time.Time) error {
	if err := r.countAgain(at); err != nil {
		return err
	}
	return r.passDue(at, at)
}

// passDue records, at an instant, the deadlines that were due before another.
func (r *recording) passDue(before, at time.Time) error {
	for {
		next, any := r.earliest(before)
		if !any {
			return nil
		}
		if err := r.passDeadline(next, at); err != nil {
			return err
		}
	}
}

// earliest finds the open deadline that was due first before an instant.
func (r *recording) earliest(before time.Time) (id string, any bool) {
	var first regulation.Deadline
	for _, d := range r.c.Deadlines {
		if d.Due.Before(before) && (first.ID == "" || d.Due.Before(first.Due)) {
			first = d
		}
	}
	return first.ID, first.ID != ""
}

// passDeadline records one deadline, after the acts that came in time for it.
func (r *recording) passDeadline(id string, at time.Time) error {
	d, open := r.deadline(id)
	if !open || at.Before(d.Due) {
		return nil
	}
	if err := r.applyPending(d.Due); err != nil {
		return err
	}
	rules, err := r.rules(at)
	if err != nil {
		return err
	}
	after, event, happened := rules.Expire(r.c, id, at)
	if !happened {
		return nil
	}
	return r.move(after, event)
}

func (r *recording) move(after regulation.Case, event regulation.Event) error {
	before := r.c
	r.c, r.judged = after, event.At
	return r.s.writeMove(r.tx, before, after, event)
}

// applyPending records the acts received by an instant. Their refusals are theirs, not this
// step's.
func (r *recording) applyPending(until time.Time) error {
	rows, err := r.s.pendingUntil(r.tx, r.c.ID, until)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := r.passDeadlines(instant(row.ReceivedAt)); err != nil {
			return err
		}
		if err := r.apply(row); err != nil {
			return err
		}
	}
	r.refused = ""
	return nil
}

func (r *recording) deadline(id string) (regulation.Deadline, bool) {
	i := slices.IndexFunc(r.c.Deadlines, func(d regulation.Deadline) bool { return d.ID == id })
	if i < 0 {
		return regulation.Deadline{}, false
	}
	return r.c.Deadlines[i], true
}
