package store

import (
	"context"
	"fmt"
	"slices"
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

var gradeColumns = []string{"g1", "g2", "g3", "g4", "g5"}

var countColumns = append(gradeColumns[:5:5], "not_rated")

var figureColumns = append([]string{"given_month", "cut", "k1", "k2", "channel", "dimension"}, countColumns...)

// figuresTable adds to the row that is there.
var figuresTable = map[engine]table{
	onSQLite: {name: "figures", columns: figureColumns, otherwise: " ON CONFLICT (given_month, cut, k1, k2, channel, dimension) DO UPDATE SET " +
		eachOf(countColumns, "%[1]s = %[1]s + excluded.%[1]s")},
	onMySQL: {name: "figures", columns: figureColumns, otherwise: " ON DUPLICATE KEY UPDATE " + eachOf(countColumns, "%[1]s = %[1]s + VALUES(%[1]s)")},
}

func eachOf(columns []string, format string) string {
	return strings.Join(converted(columns, func(column string) string { return fmt.Sprintf(format, column) }), ", ")
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
	p, err := s.countLeaves(ctx, from, limit)
	if err != nil || p.read == 0 {
		return 0, err
	}
	cases, err := s.caseFigures(ctx, p.latest)
	if err != nil {
		return 0, err
	}
	return p.read, s.alongside(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseFigures, token); err != nil {
			return err
		}
		if err := standsAt(tx, from); err != nil {
			return err
		}
		rows := make([][]any, 0, p.counts.Len())
		for cell, t := range p.counts.All() {
			rows = append(rows, []any{cell.Month, string(cell.Cut), cell.First, cell.Second, string(cell.Channel), cell.Dimension,
				t.Grades[0], t.Grades[1], t.Grades[2], t.Grades[3], t.Grades[4], t.NotRated})
		}
		if err := s.insert(tx, figuresTable[s.engine], rows...); err != nil {
			return err
		}
		if err := s.addReceived(tx, p.received); err != nil {
			return err
		}
		if err := s.keepCaseFigures(tx, cases); err != nil {
			return err
		}
		return tx.Save(&factRow{factFigures, strconv.FormatInt(from+int64(p.read), 10)}).Error
	})
}

// alongside shares the commit of whoever writes on SQLite, which has one writer; on MySQL nobody waits for it.
func (s *Store) alongside(ctx context.Context, do func(tx *gorm.DB) error) error {
	if s.engine == onSQLite {
		return s.record(ctx, do)
	}
	return s.tx(ctx, do)
}

func (s *Store) figuresPosition(db *gorm.DB) (int64, error) {
	var rows []factRow
	if err := db.Limit(1).Find(&rows, "name = ?", factFigures).Error; err != nil || len(rows) == 0 {
		return 0, err
	}
	return strconv.ParseInt(rows[0].Content, 10, 64)
}

// countedPiece is what stands behind a piece of the ledger; latest is the last event of each case that it tells of.
type countedPiece struct {
	counts   *regulation.Counts
	received receivedCounts
	latest   map[string]int64
	read     int
}

func (s *Store) countLeaves(ctx context.Context, from int64, limit int) (p countedPiece, err error) {
	size, err := ledgerSize(s.rows(ctx))
	if err != nil || size <= from {
		return p, err
	}
	to := min(size, from+int64(limit)) // positions are dense
	var leaves []struct{ Kind, Ref string }
	err = s.rows(ctx).Table("leaves").Select("kind, ref").Where("position >= ? AND position < ? AND "+kindOf+" IN ?", from, to, []string{leafDevice, leafEvent}).Find(&leaves).Error
	if err != nil {
		return p, err
	}
	p = countedPiece{&regulation.Counts{}, receivedCounts{}, map[string]int64{}, int(to - from)}
	var messages []string
	for _, leaf := range leaves {
		switch leaf.Kind {
		case leafDevice:
			messages = append(messages, leaf.Ref)
		case leafEvent:
			id, seq, err := refParts(leaf.Ref)
			if err != nil {
				continue // it names no event: verify tells of it, and what comes after it counts
			}
			p.latest[id] = max(p.latest[id], seq)
		}
	}
	if err := s.countMissed(ctx, p.counts, messages); err != nil {
		return p, err
	}
	return p, s.countRatings(ctx, p, from, to)
}

var readLeafRatings = `SELECT ` + cameOn + `, r.given_at, r.channel, r.area, r.unit_id, r.hall_id, r.window_id, r.staff_id, r.matter_id, r.dimensions, r.grade
	FROM leaves l JOIN ratings r ON r.id = l.ref WHERE l.position >= ? AND l.position < ? AND ` + kindOf + ` = ?`

// countRatings counts the ratings behind a piece of the ledger, past GORM's reflection: intake waits for who counts.
func (s *Store) countRatings(ctx context.Context, into countedPiece, from, to int64) error {
	rows, err := s.rows(ctx).Raw(readLeafRatings, from, to, leafRating).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var began, at int64
		var channel regulation.Channel
		var p regulation.Place
		var marks string
		var grade regulation.Grade
		err := rows.Scan(&began, &at, &channel, &p.Area, &p.Rated.Unit, &p.Rated.Hall, &p.Rated.Window, &p.Rated.Staff, &p.Rated.Matter, &marks, &grade)
		if err != nil {
			return err
		}
		read, err := readMarks(marks)
		if err != nil {
			read = nil // which no path of the program writes: the leaf tells of it, and the grade counts
		}
		into.counts.Spot(p, monthOf(instant(at)), channel).Count(grade, read)
		into.received.add(p.Rated, began, grade)
	}
	return rows.Err()
}

// monthOf is the month to which an instant belongs.
func monthOf(at time.Time) string { return regulation.MonthOf(workday.DateOf(at)) }

// countMissed counts those messages of evaluators that tell of a session without a grade.
func (s *Store) countMissed(ctx context.Context, counts *regulation.Counts, refs []string) error {
	rows, err := s.missedOf(ctx, refs)
	for _, row := range rows {
		row.count(counts)
	}
	return err
}

// missedOf are those of some messages, as leaves name them.
func (s *Store) missedOf(ctx context.Context, refs []string) (missed []missedRow, err error) {
	for some := range slices.Chunk(refs, batch) {
		wanted, devices, counters := map[string]bool{}, []string{}, []int64{}
		for _, ref := range some {
			id, counter, err := refParts(ref)
			if err != nil {
				continue // it names no message: verify tells of it
			}
			wanted[ref] = true
			devices, counters = append(devices, id), append(counters, counter)
		}
		var rows []missedRow
		if err := missedSessions(s.rows(ctx)).Where("m.device_id IN ? AND m.counter IN ?", devices, counters).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			if wanted[eventRef(row.DeviceID, row.Counter)] {
				missed = append(missed, row)
			}
		}
	}
	return missed, nil
}
