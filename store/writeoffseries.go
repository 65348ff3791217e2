package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// WriteOffSeries are an authority's figures of write-offs as they moved, period by period.
type WriteOffSeries struct {
	Bad, Proposed, Objected, Sampled, Reversed, InForce []regulation.Change
}

// Shown are the figures as the rated side and the public see them at an instant (regulation.Steady).
func (w WriteOffSeries) Shown(b regulation.Batches, at, final time.Time) WriteOffFigures {
	steady := func(changes []regulation.Change) int { return b.Steady(changes, at, final) }
	return WriteOffFigures{Bad: steady(w.Bad), Proposed: steady(w.Proposed), Objected: steady(w.Objected), Sampled: steady(w.Sampled),
		Reversed: steady(w.Reversed), InForce: steady(w.InForce)}
}

// series is where the changes of a stage, or of what its name says, are kept.
func (w *WriteOffSeries) series(stage string) *[]regulation.Change {
	switch stage {
	case "bad":
		return &w.Bad
	case string(regulation.StageApproval):
		return &w.Proposed
	case string(regulation.StageObjected):
		return &w.Objected
	case string(regulation.StageSampled):
		return &w.Sampled
	case string(regulation.StageReversed):
		return &w.Reversed
	case "in_force":
		return &w.InForce
	}
	return new([]regulation.Change)
}

// periodOf is the beginning, in microseconds, of the period of regulation.Batches in which a column's instant lies,
// and how long that is.
func periodOf(column string, period int) (expression string, long int64) {
	switch period {
	case regulation.BatchHalfDay:
		return partOf(column, sinceDay, 12*hourMicros), 12 * hourMicros
	case regulation.BatchWeek:
		return weekOf(column), weekMicros
	}
	return dateOf(column), 24 * hourMicros
}

// WriteOffSeries counts what WriteOffs counts, of the cases opened from an instant on and before another, by the
// periods in which it happened.
func (s *Store) WriteOffSeries(ctx context.Context, from, until time.Time, b regulation.Batches) (map[string]*WriteOffSeries, error) {
	all := map[string]*WriteOffSeries{}
	var rows []struct {
		Authority string
		Stage     string
		Began     int64
		N         int
	}
	add := func(column string, query *gorm.DB, stage, count, group string) error {
		began, long := periodOf(column, b.Period)
		rows = nil
		err := query.Where("c.opened_at >= ? AND c.opened_at < ?", micros(from), micros(until)).
			Select("c.authority, " + stage + " AS stage, " + began + " AS began, " + count + " AS n").Group("c.authority, began" + group).
			Order("began").Scan(&rows).Error
		for _, row := range rows {
			if all[row.Authority] == nil {
				all[row.Authority] = &WriteOffSeries{}
			}
			into := all[row.Authority].series(row.Stage)
			*into = append(*into, regulation.Change{End: instant(row.Began + long), By: row.N})
		}
		return s.translate(err)
	}
	if err := add("c.opened_at", s.rows(ctx).Table("cases c"), "'bad'", "COUNT(*)", ""); err != nil {
		return nil, err
	}
	// A case counts once in a stage, when it first came there.
	first := "(SELECT case_id, stage, MIN(at) AS at FROM write_off_steps GROUP BY case_id, stage)"
	if err := add("w.at", s.rows(ctx).Table(first+" w").Joins("JOIN cases c ON c.id = w.case_id"), "w.stage", "COUNT(*)", ", w.stage"); err != nil {
		return nil, err
	}
	booked := s.rows(ctx).Table("entries e").Joins("JOIN cases c ON c.id = e.case_id").Where("e.kind IN ('write_off', 'reversal')")
	return all, add("e.at", booked, "'in_force'", "-SUM(e.sign)", "")
}
