package store

import (
	"context"
	"time"
)

// Opened is one time that a rater's contact was opened: why, not by whom, and no more exactly than the day.
type Opened struct {
	Purpose string
	At      time.Time
}

// OpenedContacts lists when a rater's contact was opened, the latest first, for as long as the audit log is
// kept: for the rater. Times of one day and purpose are one.
func (s *Store) OpenedContacts(ctx context.Context, ratingID, caseID string) ([]Opened, error) {
	var rows []auditRow
	err := s.rows(ctx).Where("outcome = ? AND (action = 'reveal_contact' AND object_kind = 'case' AND object_id = ? OR action = 'give_rater' AND object_kind = 'rating' AND object_id = ?)",
		OutcomeDone, caseID, ratingID).Order("id DESC").Limit(200).Find(&rows).Error
	var all []Opened
	for _, row := range rows {
		one := Opened{row.Purpose, instant(row.At)}
		if n := len(all); n > 0 && all[n-1].Purpose == one.Purpose && dayOf(all[n-1].At) == dayOf(one.At) {
			continue
		}
		all = append(all, one)
	}
	return all, err
}
