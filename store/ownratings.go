package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// OwnRatings are the ratings of one's own that the rated side was told of in a year: whole batches, without which of them came
// when.
type OwnRatings struct {
	Told     []regulation.ToldBatch // ascending
	Comments []string               // as officers left them, of praise; in the order of their words
}

// Grades are how many of each grade were told.
func (o OwnRatings) Grades() map[regulation.Grade]int {
	grades := map[regulation.Grade]int{}
	for _, told := range o.Told {
		grades[told.Grade] += told.Ratings
	}
	return grades
}

// Until is the end of the last batch, zero before the first: what came in later is in none yet.
func (o OwnRatings) Until() (end time.Time) {
	if n := len(o.Told); n > 0 {
		end = o.Told[n-1].End
	}
	return end
}

// BatchRules are the rules of batches as each edition sets them.
func (s *Store) BatchRules(ctx context.Context) (regulation.BatchRules, error) {
	editions, err := s.Editions(ctx) // the newest first
	if err != nil {
		return nil, err
	}
	var batches []regulation.Batches
	for _, e := range editions {
		params, err := s.Params(ctx, e.Name)
		if err != nil {
			return nil, err
		}
		batches = append(batches, regulation.BatchesOf(params))
	}
	return func(at time.Time) regulation.Batches {
		for i, e := range editions {
			if !e.From.After(at) {
				return batches[i]
			}
		}
		return batches[len(batches)-1]
	}, nil
}

// receivedAt is when a rating came in; what came before that was noted, when it was given.
const receivedAt = "(CASE WHEN r.received_at > 0 THEN r.received_at ELSE r.given_at END)"

// OwnRatings tells what a person or, where staff is "", units are told of in the year that began at an instant, as of another.
// Words of bad ratings stand on their notices.
func (s *Store) OwnRatings(ctx context.Context, staff string, units []string, year, at time.Time) (own OwnRatings, err error) {
	rules, err := s.BatchRules(ctx)
	if err != nil {
		return own, err
	}
	// What came in before the year's first period began was told, if at all, in the year before.
	since := year.Add(-time.Duration(weekMicros) * time.Microsecond)
	of := func(query *gorm.DB) *gorm.DB {
		query = query.Where(receivedAt+" >= ? AND "+receivedAt+" <= ?", micros(since), micros(at))
		if staff != "" {
			return query.Where("r.staff_id = ?", staff)
		}
		return query.Where("r.unit_id IN ?", units)
	}
	end := func(began int64) time.Time { return rules(instant(began)).End(instant(began)) }
	halfDay := partOf(receivedAt, sinceDay, 12*hourMicros)
	var counts []struct {
		Began int64
		Grade int
		N     int
	}
	err = of(s.rows(ctx).Table("ratings r")).Select(halfDay + " AS began, r.grade, COUNT(*) AS n").Group("began, r.grade").Scan(&counts).Error
	if err != nil {
		return own, err
	}
	var came []regulation.ToldBatch
	for _, c := range counts {
		if e := end(c.Began); !e.Before(year) {
			came = append(came, regulation.ToldBatch{End: e, Grade: regulation.Grade(c.Grade), Ratings: c.N})
		}
	}
	own.Told = regulation.TellBatches(came, rules, at)
	last := map[regulation.Grade]time.Time{} // what came in the periods until then is told
	for _, told := range own.Told {
		last[told.Grade] = told.End
	}
	var words []struct {
		RatingView ratingView `gorm:"embedded"`
		Began      int64
		DecidedAt  int64
	}
	err = of(s.rows(ctx).Table("ratings r").Joins("JOIN (SELECT rating_id, MAX(at) AS decided_at FROM redactions GROUP BY rating_id) x ON x.rating_id = r.id")).
		Where("r.grade > ?", int(regulation.Dissatisfied)).Select("r.*, " + halfDay + " AS began, x.decided_at").Scan(&words).Error
	for _, w := range words {
		came, decided := end(w.Began), instant(w.DecidedAt)
		// A decision of the running period waits for its end.
		if came.Before(year) || came.After(last[regulation.Grade(w.RatingView.Grade)]) || rules(decided).End(decided).After(at) {
			continue
		}
		comment, err := s.RatedComment(ctx, w.RatingView.rating())
		if err != nil {
			return own, err
		}
		if comment.Text != "" {
			own.Comments = append(own.Comments, comment.Text)
		}
	}
	slices.Sort(own.Comments)
	return own, err
}
