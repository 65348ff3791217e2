package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Counted tells of how much of the ledger figures are.
type Counted struct {
	// Position leaves of Size were counted; Pending more wait to be taken in, the oldest for Waits.
	Position, Size, Pending int64
	Waits                   time.Duration
}

// Behind is how many rows stand in the record that are not counted yet.
func (c Counted) Behind() int64 { return c.Size - c.Position + c.Pending }

// Figure is a tally of the cells of a cut that are alike in what was asked for; the rest of its cell is "".
type Figure struct {
	regulation.Cell
	// Tally is what was given, Net what of it counts: without ratings that were written off, and those that were
	// attributed to somebody else with whom they count for (R53).
	regulation.Tally
	Net regulation.Tally
}

// FigureQuery asks for the cells of one cut in months From to To, both included, summed by what By names.
type FigureQuery struct {
	From, To  string
	Cut       regulation.Cut
	First     []string // nil for all, as are the next two; none for an empty one
	Second    []string
	Channels  []regulation.Channel
	Dimension string
	By        []FigureBy
	// Keys that are left out.
	LessFirst, LessSecond []string
}

// FigureBy is a part of a cell.
type FigureBy string

// Parts of a cell, by the columns' names.
const (
	ByMonth   FigureBy = "given_month"
	ByFirst   FigureBy = "k1"
	BySecond  FigureBy = "k2"
	ByChannel FigureBy = "channel"
	// ByDimension counts the marks of each dimension in the place of grades.
	ByDimension FigureBy = "dimension"
)

// Figures reads figures as they stood at one position of the ledger, in the order of what they are by.
func (s *Store) Figures(ctx context.Context, q FigureQuery) (c Counted, figures []Figure, err error) {
	err = s.still(ctx, func(db *gorm.DB) error {
		if c, err = s.counted(db); err != nil {
			return err
		}
		var rows []figureRow
		if err := q.of(db).Find(&rows).Error; err != nil {
			return err
		}
		figures = make([]Figure, len(rows))
		for i, row := range rows {
			figures[i] = Figure{row.cell(), row.tally(), row.tally()}
		}
		figures, err = q.adjust(db, figures)
		return err
	})
	return c, figures, err
}

// Counted tells how far the ledger has been counted.
func (s *Store) Counted(ctx context.Context) (c Counted, err error) {
	err = s.still(ctx, func(db *gorm.DB) error { c, err = s.counted(db); return err })
	return c, err
}

func (s *Store) counted(db *gorm.DB) (c Counted, err error) {
	if c.Position, err = s.figuresPosition(db); err != nil {
		return c, err
	}
	if c.Size, err = ledgerSize(db); err != nil {
		return c, err
	}
	var pending struct{ N, Oldest int64 }
	err = db.Raw("SELECT COUNT(*) AS n, COALESCE(MIN(added_at), 0) AS oldest FROM pending_leaves").Scan(&pending).Error
	if c.Pending = pending.N; pending.N > 0 {
		c.Waits = s.wall().Sub(instant(pending.Oldest))
	}
	return c, err
}

// months are one by one: of a range, a database would read all cuts between its ends.
func (q FigureQuery) months() []string { return regulation.MonthsBetween(q.From, q.To) }

func (q FigureQuery) columns() []string {
	return converted(q.By, func(by FigureBy) string { return string(by) })
}

func (q FigureQuery) of(db *gorm.DB) *gorm.DB {
	sums := converted(countColumns, func(column string) string { return "SUM(" + column + ") AS " + column })
	by := strings.Join(q.columns(), ", ")
	db = db.Model(&figureRow{}).Select(strings.Join(append(q.columns(), sums...), ", ")).
		Where("given_month IN ? AND cut = ?", q.months(), string(q.Cut)).Having("COUNT(*) > 0")
	if slices.Contains(q.By, ByDimension) {
		db = db.Where("dimension <> ''")
	} else {
		db = db.Where("dimension = ?", q.Dimension)
	}
	for column, values := range map[string][]string{"k1": q.First, "k2": q.Second, "channel": channelsOf(q.Channels)} {
		if values != nil {
			db = db.Where(column+" IN ?", values)
		}
	}
	for column, values := range map[string][]string{"k1": q.LessFirst, "k2": q.LessSecond} {
		if len(values) > 0 {
			db = db.Where(column+" NOT IN ?", values)
		}
	}
	if by != "" {
		db = db.Group(by).Order(by)
	}
	return db
}

func channelsOf(channels []regulation.Channel) []string {
	if channels == nil {
		return nil
	}
	return converted(channels, func(c regulation.Channel) string { return string(c) })
}

// adjusted is a bad rating that was written off or attributed to somebody else, with whom it was given to and whom it
// counts for now.
type adjusted struct {
	CaseID, GivenMonth, Channel, Dimensions string
	Grade, WrittenOff                       int
	Area, UnitID, HallID, WindowID, StaffID string
	NowArea, NowUnit, NowHall, NowWindow    string
	NowStaff, MatterID                      string
}

const readAdjusted = `SELECT f.case_id, r.given_month, r.channel, r.dimensions, r.grade, f.written_off, r.area, r.unit_id, r.hall_id, r.window_id, r.staff_id,
	o.area AS now_area, f.unit_id AS now_unit, f.hall_id AS now_hall, f.window_id AS now_window, f.staff_id AS now_staff, r.matter_id
	FROM case_figures f JOIN cases c ON c.id = f.case_id JOIN ratings r ON r.id = c.rating_id JOIN orgs o ON o.id = f.unit_id
	WHERE f.adjusted = 1 AND f.given_month IN ?`

func (a adjusted) from() regulation.Place {
	return regulation.Place{Area: a.Area, Rated: regulation.Rated{Unit: a.UnitID, Hall: a.HallID, Window: a.WindowID, Staff: a.StaffID, Matter: a.MatterID}}
}

func (a adjusted) now() regulation.Place {
	return regulation.Place{Area: a.NowArea, Rated: regulation.Rated{Unit: a.NowUnit, Hall: a.NowHall, Window: a.NowWindow, Staff: a.NowStaff, Matter: a.MatterID}}
}

// adjust takes from each figure what was written off or went to others, and adds what came from others.
func (q FigureQuery) adjust(db *gorm.DB, figures []Figure) ([]Figure, error) {
	var rows []adjusted
	if err := db.Raw(readAdjusted, q.months()).Scan(&rows).Error; err != nil {
		return nil, err
	}
	net := map[regulation.Cell]regulation.Tally{}
	for _, row := range rows {
		marks, err := readMarks(row.Dimensions)
		if err != nil {
			return nil, err
		}
		q.move(net, row, row.from(), marks, -1)
		if row.WrittenOff == 0 {
			q.move(net, row, row.now(), marks, 1)
		}
	}
	for i, f := range figures {
		figures[i].Net = f.Net.Plus(net[f.Cell])
		delete(net, f.Cell)
	}
	for cell, t := range net {
		if t != (regulation.Tally{}) { // who was given none and has got some from others
			figures = append(figures, Figure{Cell: cell, Net: t})
		}
	}
	slices.SortFunc(figures, func(a, b Figure) int { return a.Compare(b.Cell) })
	return figures, nil
}

// move counts a rating n times at a place, as the query counts it.
func (q FigureQuery) move(net map[regulation.Cell]regulation.Tally, a adjusted, at regulation.Place, marks map[string]regulation.Grade, n int64) {
	cell, counts := q.Cut.In(at, a.GivenMonth, regulation.Channel(a.Channel))
	if !counts || !q.asksFor(cell) {
		return
	}
	grades := map[string]regulation.Grade{"": regulation.Grade(a.Grade)}
	switch {
	case slices.Contains(q.By, ByDimension):
		grades = marks
	case q.Dimension != "":
		grades = map[string]regulation.Grade{q.Dimension: marks[q.Dimension]}
	}
	for dimension, grade := range grades {
		if grade == 0 || dimension != "" && q.Cut.Pair() {
			continue
		}
		var one regulation.Tally
		one.Grades[grade-1] = n
		cell.Dimension = dimension
		under := q.only(cell)
		net[under] = net[under].Plus(one)
	}
}

// asksFor tells whether a cell is among those that the query sums.
func (q FigureQuery) asksFor(cell regulation.Cell) bool {
	in := func(values []string, value string) bool { return values == nil || slices.Contains(values, value) }
	return in(q.First, cell.First) && in(q.Second, cell.Second) && in(channelsOf(q.Channels), string(cell.Channel)) &&
		!slices.Contains(q.LessFirst, cell.First) && !slices.Contains(q.LessSecond, cell.Second)
}

// only keeps of a cell what the query is by.
func (q FigureQuery) only(cell regulation.Cell) (kept regulation.Cell) {
	for _, by := range q.By {
		switch by {
		case ByMonth:
			kept.Month = cell.Month
		case ByFirst:
			kept.First = cell.First
		case BySecond:
			kept.Second = cell.Second
		case ByChannel:
			kept.Channel = cell.Channel
		case ByDimension:
			kept.Dimension = cell.Dimension
		}
	}
	return kept
}
