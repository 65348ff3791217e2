package store

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// sealedCuts are those whose figures are sealed: pairs follow from the ratings, and are nobody's monthly sum.
var sealedCuts = []regulation.Cut{regulation.CutUnit, regulation.CutHall, regulation.CutWindow, regulation.CutStaff, regulation.CutMatter}

// countedCuts are those that are read for it: a handled matter's unit is its own, whoever's the window is.
var countedCuts = append(slices.Clone(sealedCuts), regulation.CutWindowMatter)

// figuresOf are the figures of some months by authority, as they stand at one position of the ledger. Every county and the
// prefecture are among them, also where nobody rated.
func (s *Store) figuresOf(ctx context.Context, months []string) (position int64, figures map[string]*regulation.SealedFigures, err error) {
	b, err := s.summing(ctx)
	if err != nil {
		return 0, nil, err
	}
	err = s.still(ctx, func(db *gorm.DB) error {
		b.begin()
		if position, err = s.figuresPosition(db); err != nil {
			return err
		}
		if err := b.given(db, months); err != nil {
			return err
		}
		if err := b.adjusted(db, months); err != nil {
			return err
		}
		if err := b.cases(db, months); err != nil {
			return err
		}
		if err := b.casesServed(db, months); err != nil {
			return err
		}
		return b.confirmed(db, months)
	})
	return position, b.done(), err
}

// summing puts figures together by authority.
type summing struct {
	tree    *Tree
	windows map[string]string // to their units
	halls   map[string]string // of windows
	staff   map[string]string
	matters map[string]string
	areas   map[string]*sums
}

// sums are one authority's lines, by list, key and what the key is under.
type sums struct {
	figures regulation.SealedFigures
	lines   map[lineKey]*regulation.SealedLine
}

type lineKey struct {
	list       *[]regulation.SealedLine
	under, key string
}

func (s *Store) summing(ctx context.Context) (*summing, error) {
	b := &summing{windows: map[string]string{}, halls: map[string]string{}, staff: map[string]string{}, matters: map[string]string{}}
	var err error
	if b.tree, err = s.Tree(ctx); err != nil {
		return nil, err
	}
	for query, into := range map[string]map[string]string{"SELECT id, unit_id FROM service_windows": b.windows, "SELECT id, hall_id AS unit_id FROM service_windows": b.halls,
		"SELECT id, unit_id FROM staff": b.staff, "SELECT id, unit_id FROM matters": b.matters} {
		var rows []struct{ ID, UnitID string }
		if err := s.rows(ctx).Raw(query).Scan(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			into[row.ID] = row.UnitID
		}
	}
	return b, nil
}

func (b *summing) begin() {
	b.areas = map[string]*sums{}
	for _, o := range b.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		b.areas[o.Area] = &sums{lines: map[lineKey]*regulation.SealedLine{}}
	}
}

func (b *summing) done() map[string]*regulation.SealedFigures {
	all := map[string]*regulation.SealedFigures{}
	for area, sums := range b.areas {
		for at, line := range sums.lines {
			if at.list == &sums.figures.HallUnits && line.Net == (regulation.Tally{}) {
				continue // all that was handed in there is counted for another unit
			}
			*at.list = append(*at.list, *line)
		}
		sums.figures.Sort()
		all[area] = &sums.figures
	}
	return all
}

// area is the division of whose authority a place is; "" where nobody knows it, as of a unit that is gone.
func (b *summing) area(org string) string {
	o, _ := b.tree.Org(org)
	return o.Area
}

func (x *sums) line(list *[]regulation.SealedLine, under, key string) *regulation.SealedLine {
	at := lineKey{list, under, key}
	if x.lines[at] == nil {
		x.lines[at] = &regulation.SealedLine{Key: key, Under: under}
	}
	return x.lines[at]
}

// each calls do for the lines to which a cell counts, with whose total it adds to.
func (b *summing) each(cell regulation.Cell, do func(*regulation.SealedLine)) {
	area := cell.First
	switch cell.Cut {
	case regulation.CutHall:
		area = b.area(cell.First)
	case regulation.CutWindow:
		area = b.area(b.windows[cell.Second])
	case regulation.CutStaff:
		area = b.area(cell.First)
	case regulation.CutMatter:
		area = b.area(b.matters[cell.First])
	}
	if own := b.areas[area]; own != nil {
		own.each(cell, area, do)
	}
	if whole := b.areas[regulation.PrefectureArea]; whole != nil && area != regulation.PrefectureArea && (cell.Cut == regulation.CutUnit || cell.Cut == regulation.CutHall) {
		whole.each(cell, regulation.PrefectureArea, do)
	}
}

// each finds an authority's lines: the prefecture's has counties, units and halls of all, windows, staff and matters of its own.
func (x *sums) each(cell regulation.Cell, area string, do func(*regulation.SealedLine)) {
	f := &x.figures
	switch {
	case cell.Dimension != "" && cell.Cut == regulation.CutUnit:
		do(x.line(&f.Dimensions, "", cell.Dimension))
	case cell.Dimension != "": // of what is smaller, nobody's monthly sum
	case cell.Cut == regulation.CutUnit:
		do(&f.Total)
		do(x.line(&f.Units, cell.First, cell.Second))
		do(x.line(&f.Channels, "", string(cell.Channel)))
		if area == regulation.PrefectureArea {
			do(x.line(&f.Counties, "", cell.First))
		}
	case cell.Cut == regulation.CutHall:
		do(x.line(&f.Halls, "", cell.First))
	case cell.Cut == regulation.CutWindow:
		do(x.line(&f.Windows, cell.First, cell.Second))
	case cell.Cut == regulation.CutStaff:
		do(x.line(&f.Staff, cell.First, cell.Second))
	case cell.Cut == regulation.CutMatter:
		do(x.line(&f.Matters, "", cell.First))
	}
}

func (b *summing) given(db *gorm.DB, months []string) error {
	rows, err := db.Raw("SELECT "+strings.Join(figureColumns, ", ")+" FROM figures WHERE given_month IN ? AND cut IN ?", months,
		converted(countedCuts, func(c regulation.Cut) string { return string(c) })).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := scanFigure(rows)
		if err != nil {
			return err
		}
		b.count(row.cell(), row.tally())
	}
	return rows.Err()
}

// count adds what was given in a cell.
func (b *summing) count(cell regulation.Cell, t regulation.Tally) {
	b.each(cell, func(line *regulation.SealedLine) { line.Given, line.Net = line.Given.Plus(t), line.Net.Plus(t) })
	switch {
	case cell.Dimension != "":
	case cell.Cut == regulation.CutWindow:
		b.atHall(cell.First, b.windows[cell.Second], t)
	case cell.Cut == regulation.CutWindowMatter && b.matters[cell.Second] != b.windows[cell.First]:
		for _, line := range b.served(regulation.Rated{Unit: b.matters[cell.Second], Window: cell.First, Matter: cell.Second}) {
			line.Given, line.Net = line.Given.Plus(t), line.Net.Plus(t)
		}
		b.atHall(b.halls[cell.First], b.windows[cell.First], t.Times(-1))
		b.atHall(b.halls[cell.First], b.matters[cell.Second], t)
	}
}

// atHall counts for a unit at a hall, in the prefecture's figures; a hotline's seats are in none.
func (b *summing) atHall(hall, unit string, t regulation.Tally) {
	whole := b.areas[regulation.PrefectureArea]
	o, _ := b.tree.Org(hall)
	if whole == nil || o.Kind != regulation.OrgHall && o.Kind != regulation.OrgServiceCentre {
		return
	}
	t.NotRated = 0
	line := whole.line(&whole.figures.HallUnits, hall, unit)
	line.Net = line.Net.Plus(t)
}

func (b *summing) adjusted(db *gorm.DB, months []string) error {
	var rows []adjusted
	if err := db.Raw(readAdjusted, months).Scan(&rows).Error; err != nil {
		return err
	}
	for _, row := range rows {
		if err := b.adjust(row); err != nil {
			return err
		}
	}
	return nil
}

// adjust takes off what does not count any more, and notes it for the authority whose rating it was and whose it is.
func (b *summing) adjust(row adjusted) error {
	marks, err := readMarks(row.Dimensions)
	if err != nil {
		return err
	}
	b.move(row, row.from(), marks, -1)
	note := regulation.SealedAdjustment{Case: row.CaseID, Off: row.WrittenOff == 1}
	areas := map[string]bool{row.Area: true, regulation.PrefectureArea: true}
	if row.WrittenOff == 0 {
		b.move(row, row.now(), marks, 1)
		note.To, areas[row.NowArea] = strings.Join([]string{row.NowUnit, row.NowWindow, row.NowStaff}, "/"), true
	}
	for area := range areas {
		if x := b.areas[area]; x != nil {
			x.figures.Adjusted = append(x.figures.Adjusted, note)
		}
	}
	return nil
}

func (b *summing) move(a adjusted, at regulation.Place, marks map[string]regulation.Grade, n int64) {
	for _, line := range b.served(at.Rated) {
		line.Net = line.Net.Plus(oneOf(regulation.Grade(a.Grade), n))
	}
	for _, cut := range sealedCuts {
		cell, counts := cut.In(at, a.GivenMonth, regulation.Channel(a.Channel))
		if !counts {
			continue
		}
		b.net(cell, regulation.Grade(a.Grade), n)
		if cut == regulation.CutHall {
			b.atHall(at.Rated.Hall, at.Rated.Unit, oneOf(regulation.Grade(a.Grade), n))
		}
		for dimension, mark := range marks {
			marked := cell
			marked.Dimension = dimension
			b.net(marked, mark, n)
		}
	}
}

func (b *summing) net(cell regulation.Cell, g regulation.Grade, n int64) {
	b.each(cell, func(line *regulation.SealedLine) { line.Net = line.Net.Plus(oneOf(g, n)) })
}

// oneOf is a rating so many times.
func oneOf(g regulation.Grade, n int64) (t regulation.Tally) {
	t.Grades[g-1] = n
	return t
}

// cases adds how the cases of bad ratings stand.
func (b *summing) cases(db *gorm.DB, months []string) error {
	for cut, columns := range map[regulation.Cut][2]string{regulation.CutUnit: {"area", "unit_id"}, regulation.CutHall: {"hall_id", ""},
		regulation.CutWindow: {"hall_id", "window_id"}, regulation.CutStaff: {"unit_id", "staff_id"}, regulation.CutMatter: {"matter_id", ""}} {
		by := []string{"channel", columns[0]}
		if columns[1] != "" {
			by = append(by, columns[1])
		}
		tallies, err := tallyCases(db, CaseFigureQuery{By: by}, months)
		if err != nil {
			return err
		}
		for _, t := range tallies {
			cell := regulation.Cell{Cut: cut, First: t.By[columns[0]], Second: t.By[columns[1]], Channel: regulation.Channel(t.By["channel"])}
			if cut == regulation.CutUnit || cell.First != "" && (columns[1] == "" || cell.Second != "") {
				b.countCases(cell, t.CaseTally)
			}
		}
	}
	return nil
}

func (b *summing) countCases(cell regulation.Cell, t regulation.CaseTally) {
	b.each(cell, func(line *regulation.SealedLine) { line.CountCases(t) })
}

// confirmed adds what was confirmed against units, windows and members of staff (R39, R40, R60).
func (b *summing) confirmed(db *gorm.DB, months []string) error {
	for by, column := range map[regulation.Axis]string{regulation.AxisUnit: "unit_id", regulation.AxisWindow: "window_id", regulation.AxisStaff: "staff_id"} {
		findings, attributions := regulation.ConfirmedFindings(by)
		var rows []struct {
			UnitID, HallID, Object string
			N                      int64
		}
		err := db.Table("case_figures").Select("unit_id, hall_id, "+column+" AS object, COUNT(*) AS n").
			Where("given_month IN ? AND written_off = 0 AND finding IN ? AND attribution IN ?", months, findings, attributions).
			Group("unit_id, hall_id, " + column).Find(&rows).Error
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Object == "" {
				continue
			}
			for _, line := range b.answering(by, row.UnitID, row.HallID, row.Object) {
				line.Confirmed += row.N
			}
		}
	}
	return nil
}

// confirms counts a case for whom it was confirmed against.
func (b *summing) confirms(row caseFigureRow) {
	for by, object := range map[regulation.Axis]string{regulation.AxisUnit: row.UnitID, regulation.AxisWindow: row.WindowID, regulation.AxisStaff: row.StaffID} {
		if n := row.confirmed(by); object != "" && n > 0 {
			for _, line := range b.answering(by, row.UnitID, row.HallID, object) {
				line.Confirmed += n
			}
		}
	}
}

// confirmed is 1 where the case was confirmed against whom an axis names.
func (r caseFigureRow) confirmed(by regulation.Axis) int64 {
	findings, attributions := regulation.ConfirmedFindings(by)
	return int64(bit(r.WrittenOff == 0 && slices.Contains(findings, r.Finding) && slices.Contains(attributions, r.Attribution)))
}

// answering are the lines of a unit, a window or a member of staff: in their authority's version, a unit's in the prefecture's too.
func (b *summing) answering(by regulation.Axis, unit, hall, object string) (lines []*regulation.SealedLine) {
	area := b.area(unit)
	if own := b.areas[area]; own != nil {
		switch by {
		case regulation.AxisStaff:
			lines = append(lines, own.line(&own.figures.Staff, unit, object))
		case regulation.AxisWindow:
			lines = append(lines, own.line(&own.figures.Windows, hall, object))
		default:
			lines = append(lines, own.line(&own.figures.Units, area, object))
		}
	}
	if whole := b.areas[regulation.PrefectureArea]; by == regulation.AxisUnit && whole != nil && area != regulation.PrefectureArea {
		lines = append(lines, whole.line(&whole.figures.Units, area, object))
	}
	return lines
}
