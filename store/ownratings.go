package store

import (
	"context"
	"slices"
	"time"

	"haochaping/regulation"
)

// OwnRatings are the ratings of one's own that the rated side sees: whole batches, without which of them came when.
type OwnRatings struct {
	Grades   map[regulation.Grade]int
	Comments []string  // as officers left them, of praise; in the order of their words
	Until    time.Time // what was given later is in no batch yet
}

// OwnRatings are the ratings since an instant of a person or, where staff is "", of units, as of another instant. Words of bad
// ratings stand on their notices.
func (s *Store) OwnRatings(ctx context.Context, staff string, units []string, since, at time.Time, b regulation.Batches) (own OwnRatings, err error) {
	query := s.rows(ctx).Table("ratings r").Where("r.given_at >= ? AND r.given_at <= ?", micros(since), micros(at))
	if staff != "" {
		query = query.Where("r.staff_id = ?", staff)
	} else {
		query = query.Where("r.unit_id IN ?", units)
	}
	var rows []ratingView
	if err := query.Order("r.given_at, r.id").Scan(&rows).Error; err != nil {
		return own, err
	}
	var given []time.Time
	for _, row := range rows {
		given = append(given, instant(row.GivenAt))
	}
	shown := b.Published(given, at)
	own.Grades = map[regulation.Grade]int{}
	for _, row := range rows[:shown] {
		own.Grades[regulation.Grade(row.Grade)]++
		own.Until = b.End(instant(row.GivenAt))
		comment, err := s.praise(ctx, row.rating(), at, b)
		if err != nil {
			return own, err
		}
		if comment != "" {
			own.Comments = append(own.Comments, comment)
		}
	}
	slices.Sort(own.Comments)
	return own, nil
}

// praise is what an officer left of the words of a good rating, "" where nothing is shown: a decision of the running period
// waits for its end.
func (s *Store) praise(ctx context.Context, rating regulation.Rating, at time.Time, b regulation.Batches) (string, error) {
	if rating.Grade.Bad() || !rating.HasText {
		return "", nil
	}
	var decided int64
	err := s.rows(ctx).Raw("SELECT COALESCE(MAX(at), 0) FROM redactions WHERE rating_id = ?", rating.ID).Scan(&decided).Error
	if err != nil || decided == 0 || b.End(instant(decided)).After(at) {
		return "", err
	}
	c, err := s.RatedComment(ctx, rating)
	return c.Text, err
}
