package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// RecountFigures counts all ratings anew, up to the position at which the figures stand, from the rows themselves and with
// nothing in common with the counting that follows the ledger but the rule of what counts where.
func (s *Store) RecountFigures(ctx context.Context) (counts *regulation.Counts, position int64, err error) {
	err = s.still(ctx, func(db *gorm.DB) error {
		if position, err = s.figuresPosition(db); err != nil {
			return err
		}
		counts, _, _, err = recount(db, position)
		return err
	})
	return counts, position, err
}

// recount reads each rating once, in whatever order the database keeps them.
func recount(db *gorm.DB, position int64) (counts *regulation.Counts, received receivedCounts, looked int64, err error) {
	counts, received = &regulation.Counts{}, receivedCounts{}
	later, err := leavesFrom(db, leafRating, position)
	if err != nil {
		return nil, nil, 0, err
	}
	id := "r.id"
	if len(later) == 0 {
		id = "''" // of ten million rows a column less is worth a second or two
	}
	const query = "SELECT %s, %s, CONCAT_WS(?, given_month, channel, area, unit_id, hall_id, window_id, staff_id, matter_id), dimensions, grade FROM ratings r"
	rows, err := db.Raw(fmt.Sprintf(query, id, cameOn), between).Rows()
	if err != nil {
		return nil, nil, 0, err
	}
	seen := places{counts: counts}
	for some, err := range readBeside(rows) {
		if err != nil {
			return nil, nil, 0, err
		}
		for _, row := range some {
			if later[row.id] {
				continue
			}
			rated, err := seen.count(row.place, row.grade, row.marks)
			if err != nil {
				return nil, nil, 0, fmt.Errorf("rating %s: %w", row.id, err)
			}
			received.add(rated, row.began, row.grade)
			looked++
		}
	}
	missed, err := recountMissed(db, counts, position)
	return counts, received, looked + missed, err
}

// recountedRow is what of a rating counts.
type recountedRow struct {
	id, place, marks string
	began            int64
	grade            regulation.Grade
}

// readBeside reads rows some at a time while the caller counts those before, since of ten million each takes as long as the other. It
// closes them.
func readBeside(rows *sql.Rows) iter.Seq2[[]recountedRow, error] {
	return func(yield func([]recountedRow, error) bool) {
		read, ended, failed := make(chan []recountedRow, 8), make(chan struct{}), error(nil)
		go func() {
			defer close(read)
			failed = errors.Join(sendRows(rows, read, ended), rows.Close())
		}()
		defer func() {
			close(ended)
			for range read { // until nobody reads the rows any more
			}
		}()
		for some := range read {
			if !yield(some, nil) {
				return
			}
		}
		if failed != nil {
			yield(nil, failed)
		}
	}
}

func sendRows(rows *sql.Rows, read chan<- []recountedRow, ended <-chan struct{}) error {
	const chunk = 1000
	some := make([]recountedRow, 0, chunk)
	send := func() bool {
		select {
		case read <- some:
			some = make([]recountedRow, 0, chunk)
			return true
		case <-ended:
			return false
		}
	}
	for rows.Next() {
		var row recountedRow
		if err := rows.Scan(&row.id, &row.began, &row.place, &row.marks, &row.grade); err != nil {
			return err
		}
		if some = append(some, row); len(some) == chunk && !send() {
			return nil
		}
	}
	send()
	return rows.Err()
}

// between stands between the parts of a place that the database hands over as one text.
const between = "\x1f"

// mostPlaces bounds how many places are remembered at a time.
const mostPlaces = 100_000

// places remembers where ratings count, since millions of them come from some thousand places.
type places struct {
	counts *regulation.Counts
	spots  map[string]*seenPlace
	marks  map[string]map[string]regulation.Grade
}

type seenPlace struct {
	*regulation.Spot
	rated regulation.Rated
}

// count counts a rating and tells who was rated.
func (p *places) count(place string, grade regulation.Grade, marks string) (rated regulation.Rated, err error) {
	spot := p.spots[place]
	if spot == nil {
		if len(p.spots) == 0 || len(p.spots) > mostPlaces {
			p.spots, p.marks = map[string]*seenPlace{}, map[string]map[string]regulation.Grade{}
		}
		if spot, err = p.find(place); err != nil {
			return rated, err
		}
		p.spots[place] = spot
	}
	read, known := p.marks[marks]
	if !known {
		if read, err = readMarks(marks); err != nil {
			return rated, err
		}
		p.marks[marks] = read
	}
	spot.Count(grade, read)
	return spot.rated, nil
}

func (p *places) find(place string) (*seenPlace, error) {
	parts := strings.Split(place, between)
	if len(parts) != 8 {
		return nil, fmt.Errorf("a place of %d parts", len(parts))
	}
	at := regulation.Place{Area: parts[2], Rated: regulation.Rated{Unit: parts[3], Hall: parts[4], Window: parts[5], Staff: parts[6], Matter: parts[7]}}
	return &seenPlace{p.counts.Spot(at, parts[0], regulation.Channel(parts[1])), at.Rated}, nil
}

// readMarks reads what dimensionText wrote.
func readMarks(text string) (marks map[string]regulation.Grade, err error) {
	if err := json.Unmarshal([]byte(text), &marks); err != nil {
		return nil, fmt.Errorf("marks of dimensions do not read: %w", err)
	}
	for dimension, mark := range marks {
		if !mark.Valid() {
			return nil, fmt.Errorf("%s is marked %d", dimension, mark)
		}
	}
	return marks, nil
}

// leavesFrom are the references of a kind that were not counted yet at a position.
func leavesFrom(db *gorm.DB, kind string, position int64) (map[string]bool, error) {
	var refs []string
	err := db.Raw("SELECT ref FROM leaves WHERE position >= ? AND "+kindOf+" = ? UNION ALL SELECT ref FROM pending_leaves WHERE kind = ?", position, kind, kind).
		Scan(&refs).Error
	later := make(map[string]bool, len(refs))
	for _, ref := range refs {
		later[ref] = true
	}
	return later, err
}

// missedSessions are messages of evaluators that tell of a session without a grade. Where a window is never changes.
func missedSessions(db *gorm.DB) *gorm.DB {
	return db.Table("device_messages m").Joins("JOIN service_windows w ON w.id = m.window_id").Joins("JOIN orgs o ON o.id = w.unit_id").
		Select("m.device_id, m.counter, m.given_at, m.window_id, m.staff_id, w.hall_id, w.unit_id, o.area").
		Where("m.outcome = ?", OutcomeNotRated)
}

type missedRow struct {
	DeviceID                                string
	Counter, GivenAt                        int64
	Area, UnitID, HallID, WindowID, StaffID string
}

func (m missedRow) count(counts *regulation.Counts) {
	counts.Missed(regulation.Place{Area: m.Area, Rated: regulation.Rated{Unit: m.UnitID, Hall: m.HallID, Window: m.WindowID, Staff: m.StaffID}},
		monthOf(instant(m.GivenAt)))
}

func recountMissed(db *gorm.DB, counts *regulation.Counts, position int64) (looked int64, err error) {
	later, err := leavesFrom(db, leafDevice, position)
	if err != nil {
		return 0, err
	}
	rows, err := missedSessions(db).Rows()
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var m missedRow
		if err := rows.Scan(&m.DeviceID, &m.Counter, &m.GivenAt, &m.WindowID, &m.StaffID, &m.HallID, &m.UnitID, &m.Area); err != nil {
			return 0, err
		}
		if !later[eventRef(m.DeviceID, m.Counter)] {
			m.count(counts)
			looked++
		}
	}
	return looked, rows.Err()
}
