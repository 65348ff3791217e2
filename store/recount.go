package store

import (
	"context"
	"encoding/json"
	"fmt"
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
		counts, _, _, err = s.recount(ctx, db, position)
		return err
	})
	return counts, position, err
}

// recount reads each rating once, in whatever order the database keeps them.
func (s *Store) recount(ctx context.Context, db *gorm.DB, position int64) (counts *regulation.Counts, received receivedCounts, looked int64, err error) {
	counts, received = &regulation.Counts{}, receivedCounts{}
	seen := places{counts: counts, received: received}
	for some, err := range ratingsUpTo(ctx, db, position) {
		if err != nil {
			return nil, nil, 0, err
		}
		for _, row := range some {
			if err := seen.count(row.place, row.began, row.grade, row.marks); err != nil {
				return nil, nil, 0, fmt.Errorf("rating %s: %w", row.id, err)
			}
		}
		looked += int64(len(some))
	}
	seen.put()
	missed, err := recountMissed(db, counts, position)
	return counts, received, looked + missed, err
}

// between stands between the parts of a place that the database hands over as one text.
const between = "\x1f"

// mostPlaces bounds how many places are remembered at a time.
const mostPlaces = 300_000

// places counts ratings place by place, and puts what it counted to the cells of figures in the end: a rating counts in a dozen of them, and
// millions of ratings come from some thousand places.
type places struct {
	counts   *regulation.Counts
	received receivedCounts // nil where it is not asked who received them
	spots    map[string]*seenPlace
	marks    map[string]*seenMarks
	rated    map[regulation.Rated]*regulation.Rated
	came     map[cameTo]*[5]int64
}

type seenPlace struct {
	spot   *regulation.Spot
	rated  *regulation.Rated // unit and staff alone
	grades regulation.Tally
	marks  []countedMarks
}

// seenMarks are the marks that a text names.
type seenMarks struct{ of map[string]regulation.Grade }

type countedMarks struct {
	marks *seenMarks
	n     int64
}

// cameTo is whose ratings came in since an instant.
type cameTo struct {
	rated *regulation.Rated
	began int64
}

// count counts a rating. A grade that is none counts nowhere, as in figures.
func (p *places) count(place string, began int64, grade regulation.Grade, marks string) error {
	at := p.spots[place]
	if at == nil {
		if len(p.spots) >= mostPlaces {
			p.put()
		}
		var err error
		if at, err = p.find(place); err != nil {
			return err
		}
	}
	read, err := p.read(marks)
	if err != nil || !grade.Valid() {
		return err
	}
	at.grades.Add(grade)
	at.mark(read)
	if p.received == nil {
		return nil
	}
	came := p.came[cameTo{at.rated, began}]
	if came == nil {
		came = &[5]int64{}
		p.came[cameTo{at.rated, began}] = came
	}
	came[grade-1]++
	return nil
}

func (at *seenPlace) mark(read *seenMarks) {
	if len(read.of) == 0 {
		return
	}
	for i := range at.marks {
		if at.marks[i].marks == read {
			at.marks[i].n++
			return
		}
	}
	at.marks = append(at.marks, countedMarks{read, 1})
}

func (p *places) read(marks string) (*seenMarks, error) {
	if read := p.marks[marks]; read != nil {
		return read, nil
	}
	of, err := readMarks(marks)
	if err != nil {
		return nil, err
	}
	p.marks[marks] = &seenMarks{of}
	return p.marks[marks], nil
}

func (p *places) find(place string) (*seenPlace, error) {
	parts := strings.Split(place, between)
	if len(parts) != 8 {
		return nil, fmt.Errorf("a place of %d parts", len(parts))
	}
	if p.spots == nil {
		p.spots, p.marks = map[string]*seenPlace{}, map[string]*seenMarks{}
		p.rated, p.came = map[regulation.Rated]*regulation.Rated{}, map[cameTo]*[5]int64{}
	}
	at := regulation.Place{Area: parts[2], Rated: regulation.Rated{Unit: parts[3], Hall: parts[4], Window: parts[5], Staff: parts[6], Matter: parts[7]}}
	who := regulation.Rated{Unit: at.Rated.Unit, Staff: at.Rated.Staff}
	if p.rated[who] == nil {
		p.rated[who] = &who
	}
	seen := &seenPlace{spot: p.counts.Spot(at, parts[0], regulation.Channel(parts[1])), rated: p.rated[who]}
	p.spots[place] = seen
	return seen, nil
}

// put puts what was counted to the cells, and forgets it.
func (p *places) put() {
	for _, at := range p.spots {
		at.spot.Plus(at.grades)
		for _, counted := range at.marks {
			at.spot.Mark(counted.marks.of, counted.n)
		}
	}
	for who, n := range p.came {
		p.received.plus(*who.rated, who.began, *n)
	}
	clear(p.spots)
	clear(p.came)
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
