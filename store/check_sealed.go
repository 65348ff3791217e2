package store

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// sealed holds every sealed version against a recount of the ratings that the ledger had at its position (R20, R51): in one pass
// over them, each counting to the first version after it and so to all later ones.
func (v *verifier) sealed(ctx context.Context) error {
	if !v.wants(CheckSealed) || v.options.Case != "" {
		return nil
	}
	var rows []sealRow
	if err := v.s.rows(ctx).Select("series, version, area, period, sealed_at, position").Order("series, version").Find(&rows).Error; err != nil || len(rows) == 0 {
		return err
	}
	began := v.s.wall()
	p := newPast(rows)
	if err := v.s.still(ctx, p.recount); err != nil {
		return err
	}
	v.done[CheckSealed].Took += v.s.wall().Sub(began)
	for _, row := range rows {
		if err := v.sealedVersion(ctx, p, row); err != nil || v.faults != nil {
			return firstOf(err, v.faults)
		}
	}
	return v.publicFigures(ctx)
}

func (v *verifier) sealedVersion(ctx context.Context, p *past, row sealRow) error {
	var whole sealRow
	if err := v.s.rows(ctx).Take(&whole, "series = ? AND version = ?", row.Series, row.Version).Error; err != nil {
		return err
	}
	about := []string{eventRef(row.Series, row.Version)}
	v.timed(CheckSealed, 1, func() {
		f, err := whole.sealed()
		if err != nil {
			v.find(Finding{Check: CheckSealed, Code: "sealed_unreadable", Area: row.Area, About: about})
			return
		}
		if wrong := p.differing(f); len(wrong) > 0 {
			v.find(Finding{Check: CheckSealed, Code: "sealed_differs", Area: row.Area, About: append(about, wrong...)})
		}
	})
	return nil
}

// past counts ratings by month and by when the ledger took them in, as fine as the versions tell it.
type past struct {
	positions map[string][]int64 // of each month's versions, ascending
	counts    map[string][]*regulation.Counts
	spots     map[string]*places // by month and place in positions
}

func newPast(rows []sealRow) *past {
	p := &past{positions: map[string][]int64{}, counts: map[string][]*regulation.Counts{}, spots: map[string]*places{}}
	for _, row := range rows {
		period, _ := regulation.ParsePeriod(row.Period)
		for _, month := range period.Months() {
			p.positions[month] = append(p.positions[month], row.Position)
		}
	}
	for month, positions := range p.positions {
		slices.Sort(positions)
		p.positions[month] = slices.Compact(positions)
		for range p.positions[month] {
			p.counts[month] = append(p.counts[month], &regulation.Counts{})
		}
	}
	return p
}

// at is the place of the first version of a month that has a leaf, -1 where none has.
func (p *past) at(month string, leaf int64) int {
	positions := p.positions[month]
	i := sort.Search(len(positions), func(i int) bool { return positions[i] > leaf })
	if i == len(positions) {
		return -1
	}
	return i
}

func (p *past) recount(db *gorm.DB) error {
	rows, err := db.Raw(`SELECT l.position, r.given_month, CONCAT_WS(?, given_month, channel, area, unit_id, hall_id, window_id, staff_id, matter_id), r.dimensions, r.grade
		FROM leaves l JOIN ratings r ON r.id = l.ref WHERE l.kind = ?`, between, leafRating).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var position int64
		var month, place, marks string
		var grade regulation.Grade
		if err := rows.Scan(&position, &month, &place, &marks, &grade); err != nil {
			return err
		}
		if err := p.count(month, position, place, grade, marks); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return p.missed(db)
}

func (p *past) count(month string, position int64, place string, grade regulation.Grade, marks string) error {
	i := p.at(month, position)
	if i < 0 {
		return nil
	}
	of := fmt.Sprint(month, i)
	if p.spots[of] == nil {
		p.spots[of] = &places{counts: p.counts[month][i]}
	}
	return p.spots[of].count(place, grade, marks)
}

func (p *past) missed(db *gorm.DB) error {
	var rows []struct {
		Position  int64
		missedRow `gorm:"embedded"`
	}
	err := missedSessions(db).Joins("JOIN leaves l ON l.kind = ? AND l.ref = CONCAT(m.device_id, '/', m.counter)", leafDevice).
		Select("l.position, m.device_id, m.counter, m.given_at, m.window_id, m.staff_id, w.hall_id, w.unit_id, o.area").Find(&rows).Error
	for _, row := range rows {
		month := monthOf(instant(row.GivenAt))
		if i := p.at(month, row.Position); i >= 0 {
			row.count(p.counts[month][i])
		}
	}
	return err
}

// differing are the lines of a version that are not what the ratings come to.
func (p *past) differing(f regulation.Sealed) (wrong []string) {
	expected, total := p.upTo(f)
	if f.Figures.Total.Given != total {
		wrong = append(wrong, "total")
	}
	for name, list := range map[string]struct {
		cut   regulation.Cut
		lines []regulation.SealedLine
	}{"units": {regulation.CutUnit, f.Figures.Units}, "halls": {regulation.CutHall, f.Figures.Halls}, "windows": {regulation.CutWindow, f.Figures.Windows},
		"staff": {regulation.CutStaff, f.Figures.Staff}, "matters": {regulation.CutMatter, f.Figures.Matters}} {
		for _, line := range list.lines {
			cell := regulation.Cell{Cut: list.cut, First: line.Under, Second: line.Key}
			if line.Under == "" {
				cell.First, cell.Second = line.Key, ""
			}
			if expected[cell] != line.Given {
				wrong = append(wrong, strings.Join([]string{name, line.Under, line.Key}, "/"))
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

// upTo are the counts that a version had, over all channels and its months, and their sum over its units.
func (p *past) upTo(f regulation.Sealed) (of map[regulation.Cell]regulation.Tally, total regulation.Tally) {
	of = map[regulation.Cell]regulation.Tally{}
	period, _ := regulation.ParsePeriod(f.Period)
	for _, month := range period.Months() {
		for i, position := range p.positions[month] {
			if position > f.Position {
				break
			}
			for cell, t := range p.counts[month][i].All() {
				if cell.Dimension != "" {
					continue
				}
				at := regulation.Cell{Cut: cell.Cut, First: cell.First, Second: cell.Second}
				of[at] = of[at].Plus(t)
				if cell.Cut == regulation.CutUnit && (f.Area == regulation.PrefectureArea || f.Area == cell.First) {
					total = total.Plus(t)
				}
			}
		}
	}
	return of, total
}
