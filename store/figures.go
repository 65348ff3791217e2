package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// LeaseFigures is the lease under which one node counts what the ledger takes in.
const LeaseFigures = "figures"

// factFigures is the position of the ledger up to which ratings were counted.
const factFigures = "figures"

var countColumns = []string{"g1", "g2", "g3", "g4", "g5", "not_rated"}

var figureColumns = append([]string{"given_month", "cut", "k1", "k2", "channel", "dimension"}, countColumns...)

// figuresTable adds to the row that is there.
var figuresTable = map[engine]table{
	onSQLite: {name: "figures", columns: figureColumns, otherwise: " ON CONFLICT (given_month, cut, k1, k2, channel, dimension) DO UPDATE SET " +
		eachCount("%[1]s = %[1]s + excluded.%[1]s")},
	onMySQL: {name: "figures", columns: figureColumns, otherwise: " ON DUPLICATE KEY UPDATE " + eachCount("%[1]s = %[1]s + VALUES(%[1]s)")},
}

func eachCount(format string) string {
	return strings.Join(converted(countColumns, func(column string) string { return fmt.Sprintf(format, column) }), ", ")
}

type figureRow struct {
	GivenMonth                      string
	Cut, K1, K2, Channel, Dimension string
	G1, G2, G3, G4, G5, NotRated    int64
}

func (figureRow) TableName() string { return "figures" }

func (r figureRow) cell() regulation.Cell {
	return regulation.Cell{Month: r.GivenMonth, Cut: regulation.Cut(r.Cut), First: r.K1, Second: r.K2, Channel: regulation.Channel(r.Channel), Dimension: r.Dimension}
}

func (r figureRow) tally() regulation.Tally {
	return regulation.Tally{Grades: [5]int64{r.G1, r.G2, r.G3, r.G4, r.G5}, NotRated: r.NotRated}
}

// FollowFigures counts what the ledger took in since the last time, up to limit leaves, and tells how many it read. A
// leaf is counted once: counts and position are of one transaction. ErrLeaseLost when another node has taken over.
func (s *Store) FollowFigures(ctx context.Context, token int64, limit int) (read int, err error) {
	from, err := s.figuresPosition(s.rows(ctx))
	if err != nil {
		return 0, err
	}
	counts, latest, read, err := s.countLeaves(ctx, from, limit)
	if err != nil || read == 0 {
		return 0, err
	}
	cases, err := s.caseFigures(ctx, latest)
	if err != nil {
		return 0, err
	}
	return read, s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseFigures, token); err != nil {
			return err
		}
		rows := make([][]any, 0, counts.Len())
		for cell, t := range counts.All() {
			rows = append(rows, []any{cell.Month, string(cell.Cut), cell.First, cell.Second, string(cell.Channel), cell.Dimension,
				t.Grades[0], t.Grades[1], t.Grades[2], t.Grades[3], t.Grades[4], t.NotRated})
		}
		if err := s.insert(tx, figuresTable[s.engine], rows...); err != nil {
			return err
		}
		if err := keepCaseFigures(tx, cases); err != nil {
			return err
		}
		return tx.Save(&factRow{factFigures, strconv.FormatInt(from+int64(read), 10)}).Error
	})
}

func (s *Store) figuresPosition(db *gorm.DB) (int64, error) {
	var rows []factRow
	if err := db.Limit(1).Find(&rows, "name = ?", factFigures).Error; err != nil || len(rows) == 0 {
		return 0, err
	}
	return strconv.ParseInt(rows[0].Content, 10, 64)
}

// countLeaves counts what stands behind a piece of the ledger; latest is the last event of each case that it tells of.
func (s *Store) countLeaves(ctx context.Context, from int64, limit int) (counts *regulation.Counts, latest map[string]int64, read int, err error) {
	var leaves []struct{ Kind, Ref string }
	err = s.rows(ctx).Table("leaves").Select("kind, ref").Where("position >= ?", from).Order("position").Limit(limit).Find(&leaves).Error
	if err != nil {
		return nil, nil, 0, err
	}
	counts, latest = &regulation.Counts{}, map[string]int64{}
	var ratings, messages []string
	for _, leaf := range leaves {
		switch leaf.Kind {
		case leafRating:
			ratings = append(ratings, leaf.Ref)
		case leafDevice:
			messages = append(messages, leaf.Ref)
		case leafEvent:
			id, seq, err := refParts(leaf.Ref)
			if err != nil {
				return nil, nil, 0, err
			}
			latest[id] = max(latest[id], seq)
		}
	}
	if err := s.countMissed(ctx, counts, messages); err != nil {
		return nil, nil, 0, err
	}
	given, err := s.ratingsByID(ctx, ratings)
	for _, r := range given {
		counts.Count(r, monthOf(r.GivenAt))
	}
	return counts, latest, len(leaves), err
}

// monthOf is the month in Asia/Shanghai to which an instant belongs.
func monthOf(at time.Time) string { return at.In(workday.Shanghai).Format("2006-01") }

// countMissed counts those messages of evaluators that tell of a session without a grade. Where a window is never changes.
func (s *Store) countMissed(ctx context.Context, counts *regulation.Counts, refs []string) error {
	wanted, devices, counters := map[string]bool{}, []string{}, []int64{}
	for _, ref := range refs {
		id, counter, err := refParts(ref)
		if err != nil {
			return err
		}
		wanted[ref] = true
		devices, counters = append(devices, id), append(counters, counter)
	}
	if len(refs) == 0 {
		return nil
	}
	var rows []struct {
		DeviceID                                string
		Counter, GivenAt                        int64
		Area, UnitID, HallID, WindowID, StaffID string
	}
	err := s.rows(ctx).Table("device_messages m").Joins("JOIN service_windows w ON w.id = m.window_id").Joins("JOIN orgs o ON o.id = w.unit_id").
		Select("m.device_id, m.counter, m.given_at, m.window_id, m.staff_id, w.hall_id, w.unit_id, o.area").
		Where("m.device_id IN ? AND m.counter IN ? AND m.outcome = ?", devices, counters, OutcomeNotRated).Find(&rows).Error
	for _, row := range rows {
		if wanted[eventRef(row.DeviceID, row.Counter)] {
			counts.Missed(regulation.Place{Area: row.Area, Rated: regulation.Rated{Unit: row.UnitID, Hall: row.HallID, Window: row.WindowID, Staff: row.StaffID}},
				monthOf(instant(row.GivenAt)))
		}
	}
	return err
}

// Counted is what was counted, and of how much of the ledger: Position leaves of Size.
type Counted struct {
	Position, Size int64
	Figures        []Figure
}

// Figure is a tally of the cells of a cut that are alike in what was asked for; the rest of its cell is "".
type Figure struct {
	regulation.Cell
	regulation.Tally
}

// FigureQuery asks for the cells of one cut in months From to To, both included, summed by what By names: columns of
// figures.
type FigureQuery struct {
	From, To  string
	Cut       regulation.Cut
	First     []string // nil for all, as are the next two
	Second    []string
	Channels  []regulation.Channel
	Dimension string
	By        []string
}

// Figures reads figures with the position that they were counted at.
func (s *Store) Figures(ctx context.Context, q FigureQuery) (c Counted, err error) {
	err = s.still(ctx, func(db *gorm.DB) error {
		c = Counted{}
		if c.Position, err = s.figuresPosition(db); err != nil {
			return err
		}
		if c.Size, err = ledgerSize(db); err != nil {
			return err
		}
		var rows []figureRow
		if err := q.of(db).Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			c.Figures = append(c.Figures, Figure{row.cell(), row.tally()})
		}
		return nil
	})
	return c, err
}

func (q FigureQuery) of(db *gorm.DB) *gorm.DB {
	sums := converted(countColumns, func(column string) string { return "SUM(" + column + ") AS " + column })
	by := strings.Join(q.By, ", ")
	db = db.Model(&figureRow{}).Select(strings.Join(append(q.By[:len(q.By):len(q.By)], sums...), ", ")).
		Where("given_month >= ? AND given_month <= ? AND cut = ? AND dimension = ?", q.From, q.To, string(q.Cut), q.Dimension)
	for column, values := range map[string][]string{"k1": q.First, "k2": q.Second, "channel": converted(q.Channels, func(c regulation.Channel) string { return string(c) })} {
		if len(values) > 0 {
			db = db.Where(column+" IN ?", values)
		}
	}
	if by != "" {
		db = db.Group(by).Order(by)
	}
	return db.Having("COUNT(*) > 0")
}

// RecountFigures counts all ratings anew up to the position at which the figures stand, from the rows themselves.
func (s *Store) RecountFigures(ctx context.Context) (counts *regulation.Counts, position int64, err error) {
	if position, err = s.figuresPosition(s.rows(ctx)); err != nil {
		return nil, 0, err
	}
	counts = &regulation.Counts{}
	const piece = 2000
	for from := int64(0); from < position; from += piece {
		some, _, _, err := s.countLeaves(ctx, from, int(min(piece, position-from)))
		if err != nil {
			return nil, 0, err
		}
		counts.Plus(some)
	}
	return counts, position, nil
}
