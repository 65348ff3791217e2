package store

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// excluded is what the record says against commending a unit or a person for a period (8(2), R41): bad ratings given in
// it that are open or were confirmed against them, running accountability, the watch list, an open probe of false praise.
func excluded(db *gorm.DB, d regulation.Docket, period string) (x regulation.Exclusions, err error) {
	first, last, ok := regulation.PeriodDays(period)
	if !ok {
		return x, nil // refused by the rule
	}
	kind, object, column := string(regulation.WatchUnit), d.Unit, "rated_unit"
	if d.Staff != "" {
		kind, object, column = string(regulation.WatchStaff), d.Staff, "rated_staff"
	}
	var rows []struct{ State []byte }
	err = db.Table("cases").Select("state").Where(column+" = ? AND opened_at >= ? AND opened_at < ?", object, micros(first.Start()), micros(last.AddDays(1).Start())).Find(&rows).Error
	for _, row := range rows {
		c, failed := caseOf(row.State)
		err = errors.Join(err, failed)
		if failed == nil && countsAgainst(c, kind, object) {
			x.Bad++
		}
	}
	if err != nil {
		return x, err
	}
	if x.Accountability, err = answering(db, d); err != nil {
		return x, err
	}
	var n int64
	if err := db.Model(&listingRow{}).Where("standing = ?", kind+"/"+object).Count(&n).Error; err != nil {
		return x, err
	}
	x.Watched = n > 0
	err = db.Model(&probeRow{}).Where("standing = ? AND direction = ?", kind+"/"+object, string(regulation.FalsePraise)).Count(&n).Error
	x.Probed = n > 0
	return x, err
}

// countsAgainst tells whether a case speaks against a unit or a person: it was confirmed against them, or nothing is
// found yet.
func countsAgainst(c regulation.Case, kind, object string) bool {
	if c.WrittenOff() {
		return false
	}
	if c.Finding.Kind == "" {
		return true
	}
	for _, counted := range regulation.WatchCounts(c) {
		if string(counted.Kind) == kind && counted.Object == object && counted.Until.IsZero() {
			return true
		}
	}
	return false
}

// answering tells whether somebody answers in accountability now.
func answering(db *gorm.DB, d regulation.Docket) (bool, error) {
	var rows []struct{ State []byte }
	err := db.Table("cases").Select("state").Where("closed_at = 0 AND area = ?", commendedArea(d)).Find(&rows).Error
	for _, row := range rows {
		c, failed := caseOf(row.State)
		err = errors.Join(err, failed)
		if failed != nil || !c.Running(regulation.TrackAccountability) || len(c.Measures) == 0 {
			continue
		}
		m := c.Measures[len(c.Measures)-1]
		if d.Staff != "" && m.Staff == d.Staff || d.Staff == "" && m.Unit == d.Unit {
			return true, err
		}
	}
	return false, err
}

// commendedArea is where the cases against a commendation's unit are.
func commendedArea(d regulation.Docket) string {
	if area := d.Facts["unit_area"]; area != "" {
		return area
	}
	return d.Area
}

// NewCommendation is what a commendation of a unit or a person would be: where it belongs.
func (s *Store) NewCommendation(ctx context.Context, kind regulation.WatchKind, object string) (regulation.Docket, error) {
	l, err := s.NewListing(ctx, kind, object)
	if err != nil {
		return regulation.Docket{}, err
	}
	d := regulation.Docket{ID: newID(), Kind: regulation.DocketCommendation, Area: l.Area, Authority: l.Authority, Upper: l.Upper, Unit: l.Unit, Facts: map[string]string{}}
	if kind == regulation.WatchStaff {
		d.Staff = object
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return d, err
	}
	if unit, known := tree.Org(l.Unit); known && unit.Area != d.Area {
		d.Facts["unit_area"] = unit.Area
	}
	return d, nil
}

// CommendedUnits lists the commendations of units that stand, the latest first.
func (s *Store) CommendedUnits(ctx context.Context, q ListQuery) ([]regulation.Docket, string, error) {
	dockets, next, err := q.ended(s.rows(ctx).Where("kind = ? AND stage = ?", string(regulation.DocketCommendation), regulation.DocketCommended))
	return slices.DeleteFunc(dockets, func(d regulation.Docket) bool { return !d.CommendedOpenly() }), next, err
}
