package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

var writeOffStepsTable = table{name: "write_off_steps", columns: []string{"case_id", "seq", "at", "stage"}}

// addWriteOffStep adds where an event left the write-off, if it moved it.
func addWriteOffStep(rows pile, c regulation.Case, e regulation.Event) {
	if stage := e.Stages[regulation.TrackWriteOff]; stage != "" {
		rows.add(writeOffStepsTable, []any{c.ID, e.Seq, micros(e.At), string(stage)})
	}
}

// WriteOffFigures are what became of an authority's bad ratings of a time by write-off (R53): each case
// counts once, also one whose write-off was proposed twice.
type WriteOffFigures struct {
	Bad      int // bad ratings, each a case
	Proposed int
	Objected int // the rater did
	Sampled  int // looked at by the level above
	Reversed int // set aside after it took effect
	InForce  int
}

// WriteOffs counts them by authority, of the cases opened from an instant on and before another.
func (s *Store) WriteOffs(ctx context.Context, from, until time.Time) (map[string]WriteOffFigures, error) {
	all := map[string]WriteOffFigures{}
	var rows []struct {
		Authority string
		Stage     string
		N         int
	}
	add := func(query *gorm.DB) error {
		rows = nil
		if err := query.Scan(&rows).Error; err != nil {
			return s.translate(err)
		}
		for _, row := range rows {
			f := all[row.Authority]
			f.count(row.Stage, row.N)
			all[row.Authority] = f
		}
		return nil
	}
	opened := func(query *gorm.DB) *gorm.DB {
		return query.Where("c.opened_at >= ? AND c.opened_at < ?", micros(from), micros(until))
	}
	err := add(opened(s.rows(ctx).Table("cases c")).Select("c.authority, 'bad' AS stage, COUNT(*) AS n").Group("c.authority"))
	if err != nil {
		return nil, err
	}
	err = add(opened(s.rows(ctx).Table("write_off_steps w").Joins("JOIN cases c ON c.id = w.case_id")).
		Select("c.authority, w.stage, COUNT(DISTINCT w.case_id) AS n").Group("c.authority, w.stage"))
	if err != nil {
		return nil, err
	}
	return all, add(opened(s.rows(ctx).Table("cases c").Joins(joinWrittenOff)).Select("c.authority, 'in_force' AS stage, COUNT(*) AS n").
		Group("c.authority"))
}

// writtenOff are the cases whose rating counts no more: booked out, and not back in.
const (
	writtenOff     = "SELECT case_id FROM entries WHERE kind IN ('write_off', 'reversal') GROUP BY case_id HAVING SUM(sign) < 0"
	joinWrittenOff = "JOIN (" + writtenOff + ") n ON n.case_id = c.id"
)

// count adds cases that came to a stage, or that are what its name says.
func (f *WriteOffFigures) count(stage string, n int) {
	switch stage {
	case "bad":
		f.Bad = n
	case string(regulation.StageApproval):
		f.Proposed = n
	case string(regulation.StageObjected):
		f.Objected = n
	case string(regulation.StageSampled):
		f.Sampled = n
	case string(regulation.StageReversed):
		f.Reversed = n
	case "in_force":
		f.InForce = n
	}
}

// MaliciousWriteOffs counts, by authority and within a scope, those in force that are of malice: for the
// authority's own people and who oversees them, never for the rated side (R46).
func (s *Store) MaliciousWriteOffs(ctx context.Context, scope regulation.Scope, from, until time.Time) (map[string]int, error) {
	var rows []struct {
		Authority string
		State     []byte
	}
	query := inScope(s.rows(ctx).Table("cases c"), scope, scopeColumns{area: "c.area"}).Joins(joinWrittenOff).
		Where("c.opened_at >= ? AND c.opened_at < ?", micros(from), micros(until)).Select("c.authority, c.state")
	if err := query.Scan(&rows).Error; err != nil {
		return nil, s.translate(err)
	}
	malicious := map[string]int{}
	for _, row := range rows {
		c, err := caseOf(row.State)
		if err != nil {
			return nil, err
		}
		if c.WriteOff.Kind == "malicious" {
			malicious[row.Authority]++
		}
	}
	return malicious, nil
}
