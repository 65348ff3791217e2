package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
)

// stateVersion is the form of a case's stored state. An older form is read for ever: a change of
// regulation.Case that old JSON cannot fill takes the next number and a converter.
const stateVersion = 1

var (
	casesTable = table{name: "cases", columns: []string{"id", "number", "rating_id", "edition", "area", "authority", "upper_authority",
		"unit_id", "rated_unit", "rated_staff", "rated_window", "matter_id", "grade", "phase", "seq", "opened_at",
		"closed_at", "next_due", "served_at", "state_version", "state"}}
	eventsTable      = table{name: "case_events", columns: []string{"case_id", "seq", "at", "kind", "name", "body", "nonce"}}
	escalationsTable = table{name: "escalations", columns: []string{"case_id", "seq", "at", "sent_to", "reason", "clause", "area",
		"authority", "upper_authority", "unit_id"}}
	noticesTable = table{name: "notices", columns: []string{"case_id", "seq", "seat_role", "org_id", "at", "name"}}
)

const (
	// seq is compared besides the lock: a case never goes back, and the event's key refuses a number
	// that is taken.
	updateCase = `UPDATE cases SET unit_id = ?, rated_unit = ?, rated_staff = ?, rated_window = ?, phase = ?, seq = ?, closed_at = ?, next_due = ?, served_at = ?,
		state_version = ?, state = ? WHERE id = ? AND seq = ?`
)

// changedCases rewrites the rows of cases that are held, many by one statement; that none goes back is left
// to the lock and the event's key.
var changedCases = table{name: casesTable.name, columns: casesTable.columns, otherwise: ` ON DUPLICATE KEY UPDATE unit_id = VALUES(unit_id),
	rated_unit = VALUES(rated_unit), rated_staff = VALUES(rated_staff), rated_window = VALUES(rated_window), phase = VALUES(phase),
	seq = VALUES(seq), closed_at = VALUES(closed_at), next_due = VALUES(next_due), served_at = VALUES(served_at),
	state_version = VALUES(state_version), state = VALUES(state)`}

func caseRow(c regulation.Case) ([]any, error) {
	state, err := json.Marshal(c)
	return []any{c.ID, c.Number, c.RatingID, c.Edition, c.Area, c.Authority, c.Upper, c.Unit, c.Rated.Unit, c.Rated.Staff,
		c.Rated.Window, c.Rated.Matter, int(c.Grade), string(c.Phase), c.Seq, micros(c.OpenedAt), micros(c.ClosedAt),
		micros(nextDue(c)), micros(c.Notice.ServedAt), stateVersion, state}, err
}

// nextDue is the earliest instant by which somebody has to act, zero where none runs.
func nextDue(c regulation.Case) time.Time {
	var next time.Time
	for _, await := range c.Awaiting {
		if !await.Due.IsZero() && (next.IsZero() || await.Due.Before(next)) {
			next = await.Due
		}
	}
	return next
}

func caseOf(state []byte) (c regulation.Case, err error) {
	if err = json.Unmarshal(state, &c); err != nil {
		return c, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return c, nil
}

// holdCase keeps everybody else from changing a case until tx ends.
func (s *Store) holdCase(tx *gorm.DB, id string) error {
	return found(s.one(tx, "SELECT id FROM cases WHERE id = ?"+s.forUpdate(), []any{id}, &id), "case")
}

func (s *Store) readCase(ctx context.Context, id string) (regulation.Case, error) {
	var row struct{ State []byte }
	if err := s.rows(ctx).Table("cases").Select("state").Where("id = ?", id).Take(&row).Error; err != nil {
		return regulation.Case{}, found(err, "case")
	}
	return caseOf(row.State)
}

// CaseNumber is the number of a case whose state need not read.
func (s *Store) CaseNumber(ctx context.Context, id string) (number string, err error) {
	var row struct{ Number string }
	err = s.rows(ctx).Table("cases").Select("number").Where("id = ?", id).Take(&row).Error
	return row.Number, found(err, "case")
}

// storedEvent is an event as it is kept: salted digests stand for what people typed.
type storedEvent struct {
	regulation.Event
	TextDigests map[string]string `json:"texts,omitempty"`
}

// eventRef names an event in the ledger.
func eventRef(caseID string, seq int64) string { return fmt.Sprintf("%s/%d", caseID, seq) }

// canonicalEvent is version 1 of an event's canonical bytes.
func canonicalEvent(caseID string, seq int64, body []byte) []byte {
	return ledger.NewRow(leafEvent, 1).Text(caseID).Integer(seq).Bytes(body).Canonical()
}

// addEvent adds the rows of an event: itself, its texts, its leaf, whom it tells, and what it
// escalates.
func (s *Store) addEvent(rows pile, c regulation.Case, e regulation.Event) error {
	stored := storedEvent{Event: e}
	for field, text := range e.Texts {
		row, digest, err := s.sealText(c.ID, e.Seq, field, text)
		if err != nil {
			return err
		}
		rows.add(textsTable, row)
		if stored.TextDigests == nil {
			stored.TextDigests = map[string]string{}
		}
		stored.TextDigests[field] = digest
	}
	body, err := json.Marshal(stored)
	if err != nil {
		return err
	}
	nonce, leaf := pendingLeaf(leafEvent, eventRef(c.ID, e.Seq), canonicalEvent(c.ID, e.Seq, body), s.wall())
	rows.add(pendingLeavesTable, leaf)
	rows.add(eventsTable, []any{c.ID, e.Seq, micros(e.At), string(e.Kind), e.Name, body, nonce})
	addEscalation(rows, c, e)
	addNotices(rows, c, e)
	addEntries(rows, c, e)
	addWriteOffStep(rows, c, e)
	s.addConsentOf(rows, c, e)
	return nil
}

// addEscalation puts an event's escalation on the lists of the level above and of discipline.
func addEscalation(rows pile, c regulation.Case, e regulation.Event) {
	if x := e.Escalated; x != nil {
		rows.add(escalationsTable, []any{c.ID, e.Seq, micros(x.At), x.To, x.Reason, string(x.Clause), c.Area,
			c.Authority, c.Upper, x.Unit})
	}
}

// addNotices tells each seat once, and the rated person by their own profile. The citizen learns
// by receipt, not by a notice.
func addNotices(rows pile, c regulation.Case, e regulation.Event) {
	told := map[regulation.Seat]bool{{Role: regulation.Citizen}: true}
	seats := e.Notify
	if e.NotifyStaff != "" {
		seats = append(slices.Clip(seats), staffSeat(e.NotifyStaff))
	}
	for _, seat := range seats {
		if !told[seat] {
			rows.add(noticesTable, []any{c.ID, e.Seq, string(seat.Role), seat.Org, micros(e.At), e.Name})
		}
		told[seat] = true
	}
	for _, seat := range e.NotifyFormer {
		if !told[seat] {
			rows.add(noticesTable, []any{c.ID, e.Seq, string(seat.Role), seat.Org, micros(e.At), regulation.NewsOfLeaving})
		}
		told[seat] = true
	}
}

// staffSeat stands for one person at their window: their profile takes the organisation's place.
func staffSeat(staff string) regulation.Seat {
	return regulation.Seat{Role: regulation.WindowStaff, Org: staff}
}

// writeMove writes one change of a held case: the case, its event and its tasks.
func (s *Store) writeMove(tx *gorm.DB, before, after regulation.Case, e regulation.Event) error {
	if err := s.changeCase(tx, after, before.Seq); err != nil {
		return err
	}
	rows := pile{}
	if err := s.addEvent(rows, after, e); err != nil {
		return err
	}
	if err := s.changeTasks(tx, rows, before, after, e.At); err != nil {
		return err
	}
	for _, digest := range e.Files {
		rows.add(caseFilesTable, []any{after.ID, digest, e.Seq})
	}
	if after.Closed() {
		rows.add(outboxTable, archiveRef(after))
	}
	return s.flush(tx, rows)
}

func (s *Store) changeCase(tx *gorm.DB, c regulation.Case, was int64) error {
	if p, waits := tx.Statement.ConnPool.(*packed); waits {
		row, err := caseRow(c)
		p.change(row)
		return err
	}
	state, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return s.write(tx, updateCase, c.Unit, c.Rated.Unit, c.Rated.Staff, c.Rated.Window, string(c.Phase), c.Seq, micros(c.ClosedAt), micros(nextDue(c)),
		micros(c.Notice.ServedAt), stateVersion, state, c.ID, was)
}
