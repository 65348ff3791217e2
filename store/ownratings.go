package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// OwnRatings are the ratings of one's own that the rated side sees: whole batches, without which of them came when.
type OwnRatings struct {
	Grades   map[regulation.Grade]int
	Months   map[string]map[regulation.Grade]int // the same by the month in which their batch was shown: whole batches
	Comments []string                            // as officers left them, of praise; in the order of their words
	Until    time.Time                           // what was given later is in no batch yet
}

// OwnRatings are the ratings since an instant of a person or, where staff is "", of units, as of another instant. Words of bad
// ratings stand on their notices.
func (s *Store) OwnRatings(ctx context.Context, staff string, units []string, since, at time.Time, b regulation.Batches) (own OwnRatings, err error) {
	of := func(query *gorm.DB) *gorm.DB {
		query = query.Where("r.given_at >= ? AND r.given_at <= ?", micros(since), micros(at))
		if staff != "" {
			return query.Where("r.staff_id = ?", staff)
		}
		return query.Where("r.unit_id IN ?", units)
	}
	var rows []ratingView
	if err := of(s.rows(ctx).Table("ratings r")).Order("r.given_at, r.id").Scan(&rows).Error; err != nil {
		return own, err
	}
	var decided []struct {
		RatingID string
		At       int64
	}
	err = of(s.rows(ctx).Table("redactions x").Joins("JOIN ratings r ON r.id = x.rating_id")).
		Select("x.rating_id, MAX(x.at) AS at").Group("x.rating_id").Scan(&decided).Error
	if err != nil {
		return own, err
	}
	redacted := map[string]time.Time{}
	for _, d := range decided {
		redacted[d.RatingID] = instant(d.At)
	}
	var given []time.Time
	for _, row := range rows {
		given = append(given, instant(row.GivenAt))
	}
	own.Grades, own.Months = map[regulation.Grade]int{}, map[string]map[regulation.Grade]int{}
	shown := b.Closed(given, at)
	for i, row := range rows[:len(shown)] {
		own.Grades[regulation.Grade(row.Grade)]++
		month := regulation.MonthOf(workday.DateOf(shown[i]))
		if own.Months[month] == nil {
			own.Months[month] = map[regulation.Grade]int{}
		}
		own.Months[month][regulation.Grade(row.Grade)]++
		own.Until = b.End(instant(row.GivenAt))
		// A decision of the running period waits for its end.
		on, decided := redacted[row.ID]
		if regulation.Grade(row.Grade).Bad() || !decided || b.End(on).After(at) {
			continue
		}
		comment, err := s.RatedComment(ctx, row.rating())
		if err != nil {
			return own, err
		}
		if comment.Text != "" {
			own.Comments = append(own.Comments, comment.Text)
		}
	}
	slices.Sort(own.Comments)
	return own, nil
}
