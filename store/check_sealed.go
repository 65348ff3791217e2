package store

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sort"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// sealed holds every sealed version against a recount of what the ledger had at its position (R20, R51): the ratings in one pass,
// each counting to the first version after it and so to all later ones, then the cases in one pass too, as they stood at each position.
func (v *verifier) sealed(ctx context.Context) error {
	if !v.wants(CheckSealed) || v.options.Case != "" {
		return nil
	}
	var rows []sealRow
	if err := v.s.rows(ctx).Select("series, version, area, period, sealed_at, position").Order("position, period, series, version").Find(&rows).Error; err != nil || len(rows) == 0 {
		return err
	}
	began := v.s.wall()
	p := newPast(rows)
	if err := v.s.still(ctx, p.recount); err != nil {
		return err
	}
	v.done[CheckSealed].Took += v.s.wall().Sub(began)
	cases := v.s.newPastCases(p)
	for len(rows) > 0 && v.faults == nil {
		together := 1 // versions of one period at one position, of all authorities
		for together < len(rows) && rows[together].Period == rows[0].Period && rows[together].Position == rows[0].Position {
			together++
		}
		if err := v.sealedTogether(ctx, p, cases, rows[:together]); err != nil {
			return err
		}
		rows = rows[together:]
	}
	if v.faults != nil {
		return v.faults
	}
	return v.publicFigures(ctx)
}

func (v *verifier) sealedTogether(ctx context.Context, p *past, cases *pastCases, rows []sealRow) error {
	began := v.s.wall()
	if err := cases.goTo(ctx, rows[0].Position); err != nil {
		return err
	}
	expected, err := v.s.figuresAsOf(ctx, p, cases, rows[0].Period, rows[0].Position)
	if err != nil {
		return err
	}
	v.done[CheckSealed].Took += v.s.wall().Sub(began)
	for _, row := range rows {
		var whole sealRow
		if err := v.s.rows(ctx).Take(&whole, "series = ? AND version = ?", row.Series, row.Version).Error; err != nil {
			return err
		}
		v.timed(CheckSealed, 1, func() { v.sealedVersion(whole, expected[row.Area]) })
	}
	return nil
}

func (v *verifier) sealedVersion(row sealRow, expected *regulation.SealedFigures) {
	about := []string{eventRef(row.Series, row.Version)}
	f, err := row.sealed()
	if err != nil || expected == nil {
		v.find(Finding{Check: CheckSealed, Code: "sealed_unreadable", Area: row.Area, About: about})
		return
	}
	want := *expected
	if !f.Confirms {
		want = want.Unconfirmed()
	}
	if !f.ByHall {
		want = want.OfNoHall()
	}
	if !f.ByOffice {
		want = want.OfNoOffices()
	}
	if wrong := f.Figures.Differing(want); len(wrong) > 0 {
		v.find(Finding{Check: CheckSealed, Code: "sealed_differs", Area: row.Area, About: append(about, wrong...)})
	}
}

// figuresAsOf are a period's figures by authority as the ledger had them at a position, to which the cases were read.
func (s *Store) figuresAsOf(ctx context.Context, p *past, c *pastCases, text string, position int64) (map[string]*regulation.SealedFigures, error) {
	period, _ := regulation.ParsePeriod(text)
	b, err := s.summing(ctx)
	if err != nil {
		return nil, err
	}
	b.begin()
	for cell, t := range p.upTo(period, position) {
		b.count(cell, t)
	}
	moved := map[string]caseFigureRow{}
	for _, month := range period.Months() {
		for id, row := range c.rows[month] {
			now := regulation.Place{Area: row.Area, Rated: regulation.Rated{Unit: row.UnitID, Hall: row.HallID, Window: row.WindowID, Staff: row.StaffID, Matter: row.MatterID}}
			for _, cut := range sealedCuts {
				if cell, counts := cut.In(now, row.GivenMonth, regulation.Channel(row.Channel)); counts {
					b.countCases(cell, row.tally())
				}
			}
			b.countServed(now.Rated, row.tally(), row.confirmed(regulation.AxisUnit))
			b.confirms(row)
			if row.Adjusted == 1 {
				moved[id] = row
			}
		}
	}
	err = s.adjustAsOf(ctx, b, moved)
	return b.done(), err
}

// pastCases are the cases of all periods as they stood at a position of the ledger, which only goes forward: a case is told anew where
// one of its events came in between, so that each version costs what changed since the one before it.
type pastCases struct {
	s      *Store
	until  int64
	latest map[string]int64                    // sequence of each case's last event by then
	rows   map[string]map[string]caseFigureRow // by month and case
	wanted map[string]int64                    // the last position that is asked for, by month
}

func (s *Store) newPastCases(p *past) *pastCases {
	c := &pastCases{s: s, latest: map[string]int64{}, rows: map[string]map[string]caseFigureRow{}, wanted: map[string]int64{}}
	for month, positions := range p.positions {
		c.wanted[month], c.rows[month] = positions[len(positions)-1], map[string]caseFigureRow{}
	}
	return c
}

// leavesAtATime is how many leaves are looked at together.
const leavesAtATime = 20_000

// goTo reads on up to a position.
func (c *pastCases) goTo(ctx context.Context, position int64) error {
	changed := map[string]bool{}
	for ; c.until < position; c.until = min(c.until+leavesAtATime, position) {
		var refs []string
		err := c.s.rows(ctx).Raw("SELECT ref FROM leaves WHERE "+kindOf+" = ? AND position >= ? AND position < ?", leafEvent, c.until, min(c.until+leavesAtATime, position)).Scan(&refs).Error
		if err != nil {
			return err
		}
		for _, ref := range refs {
			id, seq, err := refParts(ref)
			if err != nil {
				continue // it names no event, as where it was counted
			}
			c.latest[id], changed[id] = max(c.latest[id], seq), true
		}
	}
	for month, last := range c.wanted {
		if last < position {
			delete(c.rows, month)
		}
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(changed)), batch) {
		made, err := c.s.caseFiguresOf(ctx, some, c.latest)
		if err != nil {
			return err
		}
		for _, row := range made {
			if of := c.rows[row.GivenMonth]; of != nil {
				of[row.CaseID] = row
			}
		}
	}
	return nil
}

func (s *Store) adjustAsOf(ctx context.Context, b *summing, moved map[string]caseFigureRow) error {
	for some := range slices.Chunk(slices.Sorted(maps.Keys(moved)), batch) {
		given, err := givenOf(s.rows(ctx), some)
		if err != nil {
			return err
		}
		for _, a := range given {
			row := moved[a.CaseID]
			if err := b.adjust(a.as(row, b.area(row.UnitID))); err != nil {
				return err
			}
		}
	}
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
	for _, spots := range p.spots {
		spots.put()
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
	return p.spots[of].count(place, 0, grade, marks)
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

// upTo are the counts of a period's months at a position.
func (p *past) upTo(period regulation.Period, position int64) iter.Seq2[regulation.Cell, regulation.Tally] {
	return func(yield func(regulation.Cell, regulation.Tally) bool) {
		for _, month := range period.Months() {
			for i, at := range p.positions[month] {
				if at > position {
					break
				}
				for cell, t := range p.counts[month][i].All() {
					if slices.Contains(countedCuts, cell.Cut) && !yield(cell, t) {
						return
					}
				}
			}
		}
	}
}
