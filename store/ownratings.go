package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// OwnRatings are whose ratings are asked for by the rated side: of a person or, where Staff is "", of units, as told in the year that began
// at an instant, as of another.
type OwnRatings struct {
	Staff    string
	Units    []string
	Year, At time.Time
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

// came narrows ratings to those that came in after an instant.
func (q OwnRatings) came(query *gorm.DB, since time.Time) *gorm.DB {
	query = query.Where(receivedAt+" >= ? AND "+receivedAt+" <= ?", micros(since), micros(q.At))
	if q.Staff != "" {
		return query.Where("r.staff_id = ?", q.Staff)
	}
	return query.Where("r.unit_id IN ?", q.Units)
}

// counted narrows what came in by half-day, from the first on: what a year left waiting is told in the next.
func (q OwnRatings) counted(query *gorm.DB) *gorm.DB {
	query = query.Where("began <= ?", micros(q.At))
	if q.Staff != "" {
		return query.Where("kind = ? AND id = ?", ofStaff, q.Staff)
	}
	return query.Where("kind = ? AND id IN ?", ofUnit, q.Units)
}

// cameOn is the half-day, the shortest period there is, in which a rating came in.
var cameOn = partOf(receivedAt, sinceDay, 12*hourMicros)

// settlesIn is how long after its end a period is told: what came in at its last instant has been recorded by then.
const settlesIn = time.Minute

// wholeUntil is the instant until which all that came in is counted: who looks while something waits must not find one more the next
// moment. What waits comes in the ledger's order, nearly that in which it came in: the first thousands hold the oldest.
func (s *Store) wholeUntil(db *gorm.DB, at time.Time) (time.Time, error) {
	const first = 5000
	position, err := s.figuresPosition(db)
	if err != nil {
		return at, err
	}
	var oldest int64
	err = db.Raw("SELECT COALESCE(MIN("+receivedAt+`), 0) FROM (SELECT ref FROM (SELECT ref FROM leaves WHERE position >= ? AND position < ? AND `+kindOf+` = ?) taken
		UNION ALL SELECT ref FROM (SELECT ref FROM pending_leaves WHERE kind = ? ORDER BY added_at LIMIT ?) waiting) w JOIN ratings r ON r.id = w.ref`,
		position, position+first, leafRating, leafRating, first).Scan(&oldest).Error
	if at = at.Add(-settlesIn); oldest > 0 && instant(oldest).Before(at) {
		at = instant(oldest)
	}
	return at, err
}

// ToldRatings are the batches that the rated side was told of: whole ones, without which of their ratings came when.
func (s *Store) ToldRatings(ctx context.Context, q OwnRatings) ([]regulation.ToldBatch, error) {
	rules, err := s.BatchRules(ctx)
	if err != nil {
		return nil, err
	}
	var rows []struct{ Began, G1, G2, G3, G4, G5 int64 }
	err = s.still(ctx, func(db *gorm.DB) error {
		if q.At, err = s.wholeUntil(db, q.At); err != nil {
			return err
		}
		return q.counted(db.Table("received_counts")).Select("began, " + eachOf(gradeColumns, "SUM(%[1]s) AS %[1]s")).Group("began").Scan(&rows).Error
	})
	var came []regulation.ToldBatch
	for _, row := range rows {
		end := rules.End(instant(row.Began))
		for i, n := range []int64{row.G1, row.G2, row.G3, row.G4, row.G5} {
			if n > 0 {
				came = append(came, regulation.ToldBatch{End: end, Grade: regulation.Grade(i + 1), Ratings: int(n)})
			}
		}
	}
	return regulation.ToldSince(regulation.TellBatches(came, rules, q.At), q.Year), err
}

// ToldPraise is what was written with the good ratings among batches that were told, as officers left it, in the order of its words.
// Words of bad ratings stand on their notices.
func (s *Store) ToldPraise(ctx context.Context, q OwnRatings, told []regulation.ToldBatch) (praise []string, err error) {
	rules, err := s.BatchRules(ctx)
	if err != nil || len(told) == 0 {
		return nil, err
	}
	// A batch holds periods that ended after the one before it; the first may hold ratings of whenever.
	since := slices.MinFunc(told, func(a, b regulation.ToldBatch) int { return a.Since.Compare(b.Since) }).Since
	if since.IsZero() {
		since = instant(0)
	} else { // periods may overlap where an edition makes them shorter; none is longer than a week
		since = since.Add(-7 * 24 * time.Hour)
	}
	var rows []struct {
		RatingView       ratingView `gorm:"embedded"`
		Began, DecidedAt int64
	}
	// Words are decided on after they came in.
	err = q.came(s.rows(ctx).Table("ratings r").Joins("JOIN (SELECT rating_id, MAX(at) AS decided_at FROM redactions WHERE at >= ? GROUP BY rating_id) x ON x.rating_id = r.id",
		micros(since)), since).
		Where("r.grade > ?", int(regulation.Dissatisfied)).Select("r.*, " + cameOn + " AS began, x.decided_at").Scan(&rows).Error
	for _, row := range rows {
		came := rules.End(instant(row.Began))
		// A decision of the running period waits for its end.
		holds := func(b regulation.ToldBatch) bool { return b.Holds(regulation.Grade(row.RatingView.Grade), came) }
		if !slices.ContainsFunc(told, holds) || rules.End(instant(row.DecidedAt)).After(q.At) {
			continue
		}
		comment, err := s.RatedComment(ctx, row.RatingView.rating())
		if err != nil {
			return nil, err
		}
		if comment.Text != "" {
			praise = append(praise, comment.Text)
		}
	}
	slices.Sort(praise)
	return praise, err
}
