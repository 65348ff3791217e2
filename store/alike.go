package store

import (
	"context"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// AlikeShares are how each authority decided alike cases whose ratings were given in months from to, both included, with the
// position that they were counted at; those of some units are left out. A case counts once it is concluded or written off.
func (s *Store) AlikeShares(ctx context.Context, from, to string, except []string) (c Counted, shares []regulation.AlikeShare, err error) {
	err = s.still(ctx, func(db *gorm.DB) error {
		if c, err = s.counted(db); err != nil {
			return err
		}
		var rows []struct {
			Area, Cause                                                                   string
			Grade                                                                         int
			Concluded, Confirmed, Decided, WrittenOff, Accepted, InTime, Upheld, Appealed int64
		}
		q := CaseFigureQuery{From: from, To: to, Except: except}
		err := q.of(db, q.months()).Where("cause <> '' AND " + settled).Select(`area, cause, grade,
			SUM((1 - written_off) * concluded) AS concluded,
			SUM((1 - written_off) * concluded * (CASE WHEN finding IN ('substantiated', 'fixed_at_once') THEN 1 ELSE 0 END)) AS confirmed,
			COUNT(*) AS decided, SUM(written_off) AS written_off,
			SUM((1 - written_off) * accepted) AS accepted, SUM((1 - written_off) * in_time) AS in_time,
			SUM(CASE WHEN ` + appealed(regulation.StageUpheld) + ` THEN 1 ELSE 0 END) AS upheld,
			SUM(CASE WHEN ` + appealed(regulation.StageUpheld) + " OR " + appealed(regulation.StageDismissed) + ` THEN 1 ELSE 0 END) AS appealed`).
			Group("area, cause, grade").Order("area, cause, grade").Scan(&rows).Error
		for _, row := range rows {
			alike := regulation.Alike{Cause: row.Cause, Grade: regulation.Grade(row.Grade)}
			for _, decision := range []struct {
				as    regulation.Decision
				share regulation.Ratio
			}{{regulation.DecisionConfirmed, regulation.Ratio{Of: row.Confirmed, Among: row.Concluded}}, {regulation.DecisionWrittenOff, regulation.Ratio{Of: row.WrittenOff, Among: row.Decided}},
				{regulation.DecisionInTime, regulation.Ratio{Of: row.InTime, Among: row.Accepted}}, {regulation.DecisionUpheld, regulation.Ratio{Of: row.Upheld, Among: row.Appealed}}} {
				shares = append(shares, regulation.AlikeShare{Area: row.Area, Alike: alike, Decision: decision.as, Ratio: decision.share})
			}
		}
		return err
	})
	return c, shares, err
}
