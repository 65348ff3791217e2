package store

import (
	"errors"
	"strings"

	"gorm.io/gorm"
)

// Kinds of alarms.
const (
	AlarmProfile = "profile_gap"  // part of a profile is not public (R12)
	AlarmLeaf    = "leaf_pending" // the ledger has not taken a row in for a minute (R51)
)

const (
	repeatAlarm = `UPDATE alarms SET last_at = ?, times = times + 1, detail = ?, cleared_at = 0 WHERE kind = ? AND object_id = ?`
	insertAlarm = `INSERT INTO alarms (kind, object_id, detail, area, unit_id, first_at, last_at, times, cleared_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, 1, 0)`
)

// raise notes that something is wrong, or that it still is.
func (s *Store) raise(tx *gorm.DB, kind, object, detail, area, unit string) error {
	at := micros(s.now())
	n, err := s.exec(tx, repeatAlarm, at, detail, kind, object)
	if err != nil || n > 0 {
		return err
	}
	_, err = s.exec(tx, insertAlarm, kind, object, detail, area, unit, at, at)
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return errBusy // raised meanwhile by another node: once more
	}
	return err
}

// raiseGaps raises R12's alarm for each staff member, or window where nobody was signed in,
// whose profile a rating of the batch found wanting.
func (s *Store) raiseGaps(tx *gorm.DB, batch []*intake) error {
	for _, item := range batch {
		p := item.in.Rating.Place
		object := p.Rated.Staff
		if object == "" {
			object = p.Rated.Window
		}
		if len(p.Gaps) == 0 || object == "" {
			continue
		}
		if err := s.raise(tx, AlarmProfile, object, strings.Join(p.Gaps, ","), p.Area, p.Rated.Unit); err != nil {
			return err
		}
	}
	return nil
}
