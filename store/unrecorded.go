package store

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// errUnreadable: what is stored of a case does not read.
var errUnreadable = errors.New("a case's state does not read")

// Causes for which the record does not take an act or a deadline, however often it is asked. Whatever
// else goes wrong (away, busy, full, a table that a migration will add) passes, and is waited for.
const (
	CauseConstraint = "constraint" // a constraint or trigger refuses a row
	CauseValue      = "value"      // a value does not fit its column
	CauseUnreadable = "unreadable" // what is stored of the case does not read
)

// Result codes, https://www.sqlite.org/rescode.html; the low byte of an extended one is its base.
const (
	sqliteTooBig     = 18
	sqliteConstraint = 19
	sqliteMismatch   = 20
)

// mysqlCauses are the errors that belong to one row, by number.
var mysqlCauses = map[int]string{
	1048: CauseConstraint, 1364: CauseConstraint, 1644: CauseConstraint, // NULL, no default, a trigger's SIGNAL
	1264: CauseValue, 1265: CauseValue, 1292: CauseValue, 1366: CauseValue, 1406: CauseValue,
}

// causeOf is why an error will come again, "" where it may pass.
func causeOf(err error) string {
	if errors.Is(err, errUnreadable) {
		return CauseUnreadable
	}
	var f *failure
	switch {
	case !errors.As(err, &f) || errors.Is(f.Kind, errBusy):
		return ""
	case f.Kind != nil:
		return CauseConstraint
	case f.Engine == onMySQL:
		return mysqlCauses[f.Number]
	}
	switch f.Number & 0xff {
	case sqliteConstraint:
		return CauseConstraint
	case sqliteTooBig, sqliteMismatch:
		return CauseValue
	}
	return ""
}

const (
	failAct    = "UPDATE acts SET status = 'failed', missing = ? WHERE id = ? AND status = 'pending'"
	readPlaces = "SELECT area FROM cases WHERE id = ?"
)

// failed ends an act that the record will not take, with what was typed kept, and raises an alarm. Other
// errors are handed on.
func (s *Store) failed(ctx context.Context, caseID, actID string, err error) error {
	cause := causeOf(err)
	if cause == "" {
		return err
	}
	s.log.ErrorContext(ctx, "an act cannot be recorded", "case", caseID, "act", actID, "cause", cause, "error", err)
	noting := s.tx(ctx, func(tx *gorm.DB) error {
		if _, err := s.exec(tx, failAct, cause, actID); err != nil {
			return err
		}
		return s.raiseOn(tx, AlarmFailed, caseID, cause)
	})
	if noting != nil {
		s.log.ErrorContext(ctx, "nor can that be noted", "case", caseID, "act", actID, "error", noting)
		if causeOf(noting) == "" {
			return noting // away now: it is tried again
		}
	}
	return &regulation.Error{Code: regulation.RecordFailed, Missing: "act_kept"}
}

// blocked raises an alarm on a case that cannot go on, since a deadline is not taken or its state does
// not read. Other errors are handed on.
func (s *Store) blocked(ctx context.Context, caseID, entry string, err error) error {
	cause := causeOf(err)
	if cause == "" {
		return err
	}
	s.log.ErrorContext(ctx, "a case cannot go on", "case", caseID, "entry", entry, "cause", cause, "error", err)
	noting := s.tx(ctx, func(tx *gorm.DB) error { return s.raiseOn(tx, AlarmBlocked, caseID, entry+","+cause) })
	if noting != nil {
		s.log.ErrorContext(ctx, "nor can that be noted", "case", caseID, "error", noting)
	}
	return &regulation.Error{Code: regulation.RecordFailed, Missing: cause}
}

func (s *Store) raiseOn(tx *gorm.DB, kind, caseID, detail string) error {
	var area string
	if err := s.one(tx, readPlaces, []any{caseID}, &area); err != nil {
		return err
	}
	return s.raise(tx, kind, caseID, detail, area, "")
}

// recordWaiting records each act that came in time for a deadline by itself, so that one which cannot
// be recorded fails alone and does not keep the deadline from passing. It tells whether there were any.
func (s *Store) recordWaiting(ctx context.Context, caseID, deadlineID string) bool {
	c, err := s.readCase(ctx, caseID)
	if err != nil {
		return false
	}
	d, _ := (&recording{c: c}).deadline(deadlineID)
	rows, err := s.pendingUntil(s.rows(ctx), caseID, d.Due)
	for _, row := range rows {
		if _, err := s.RecordAct(ctx, caseID, row.ID); err != nil {
			s.log.WarnContext(ctx, "record waiting act", "case", caseID, "act", row.ID, "error", err)
		}
	}
	return err == nil && len(rows) > 0
}

// WatchUnrecorded clears the alarms of acts and cases that have come right.
func (s *Store) WatchUnrecorded(ctx context.Context) error {
	blocked, err := s.blockedCases(ctx)
	if err != nil {
		return err
	}
	for id, entry := range blocked {
		if s.stands(ctx, id, entry) {
			continue
		}
		if err := s.clear(ctx, AlarmBlocked, "object_id = ?", id); err != nil {
			return err
		}
	}
	return s.clear(ctx, AlarmFailed, "object_id NOT IN (SELECT case_id FROM acts WHERE status = 'failed')")
}

// blockedCases are the cases that cannot go on, with what is in the way: a deadline or "load", a comma,
// the cause.
func (s *Store) blockedCases(ctx context.Context) (map[string]string, error) {
	var rows []alarmRow
	err := s.rows(ctx).Where("kind = ? AND cleared_at = 0", AlarmBlocked).Find(&rows).Error
	blocked := map[string]string{}
	for _, row := range rows {
		blocked[row.ObjectID] = row.Detail
	}
	return blocked, err
}

// stands tells whether what is in a case's way is still there.
func (s *Store) stands(ctx context.Context, caseID, detail string) bool {
	entry, _, _ := strings.Cut(detail, ",")
	c, err := s.readCase(ctx, caseID)
	if err != nil {
		return causeOf(err) != ""
	}
	_, open := (&recording{c: c}).deadline(entry)
	return open
}

func (s *Store) clear(ctx context.Context, kind, where string, args ...any) error {
	open := s.rows(ctx).Model(&alarmRow{}).Where("kind = ? AND cleared_at = 0", kind).Where(where, args...)
	var n int64
	if err := open.Count(&n).Error; err != nil || n == 0 {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&alarmRow{}).Where("kind = ? AND cleared_at = 0", kind).Where(where, args...).Update("cleared_at", micros(s.now())).Error
	})
}
