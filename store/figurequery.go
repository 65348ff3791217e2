package store

import (
	"cmp"
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
		q := q.summed()
		err = q.each(db, "figures", countColumns, func(cell regulation.Cell, t regulation.Tally) {
			figures = append(figures, Figure{cell, t, t})
		})
		if err == nil {
			figures, err = q.adjust(db, figures)
		}
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

// each reads sums one by one, past GORM's reflection: a prefecture has ten thousand matters.
func (q FigureQuery) each(db *gorm.DB, table string, counts []string, found func(regulation.Cell, regulation.Tally)) error {
	rows, err := q.of(db, table, counts).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	var cell regulation.Cell
	var t regulation.Tally
	parts := map[FigureBy]any{ByMonth: &cell.Month, ByFirst: &cell.First, BySecond: &cell.Second, ByChannel: &cell.Channel, ByDimension: &cell.Dimension}
	var into []any
	for _, by := range q.By {
		into = append(into, parts[by])
	}
	for i := range t.Grades {
		into = append(into, &t.Grades[i])
	}
	into = append(into, &t.NotRated)
	for rows.Next() {
		if err := rows.Scan(into[:len(q.By)+len(counts)]...); err != nil {
			return err
		}
		found(cell, t)
	}
	return rows.Err()
}

// overChannels are the cuts whose sums over all channels are kept.
var overChannels = map[regulation.Cut]regulation.Cut{regulation.CutMatter: regulation.CutMatterAll, regulation.CutWindowMatter: regulation.CutWindowMatterAll}

// summed is the query for sums over all channels where they are kept and it asks for nothing else.
func (q FigureQuery) summed() FigureQuery {
	if q.Channels == nil && q.Dimension == "" && !slices.Contains(q.By, ByChannel) && !slices.Contains(q.By, ByDimension) {
		q.Cut = cmp.Or(overChannels[q.Cut], q.Cut)
	}
	return q
}

// of asks figures, or what is taken from them, for sums of some of their columns.
func (q FigureQuery) of(db *gorm.DB, table string, counts []string) *gorm.DB {
	sums := converted(counts, func(column string) string { return "SUM(" + column + ") AS " + column })
	by := strings.Join(q.columns(), ", ")
	db = db.Table(table).Select(strings.Join(append(q.columns(), sums...), ", ")).
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
			// Hidden from MariaDB, which would plan a range between each two of them in each month: that takes longer than to read them.
			db = db.Where("COALESCE("+column+", '') NOT IN ?", values)
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

// adjust takes from each figure what was written off or went to others, and adds what came from others.
func (q FigureQuery) adjust(db *gorm.DB, figures []Figure) ([]Figure, error) {
	net := map[regulation.Cell]regulation.Tally{}
	err := q.each(db, "figure_adjustments", gradeColumns, func(cell regulation.Cell, t regulation.Tally) { net[cell] = t })
	if err != nil {
		return nil, err
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
