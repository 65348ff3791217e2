package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// OpenQuery asks for cases that are open now: in areas, nil for all, and where named of the unit that handles them or of the window
// rated. Except leaves out those that some units handle or are rated in, ExceptWindows those of ratings at some windows.
type OpenQuery struct {
	Areas                 []string
	Unit, Window          string
	Except, ExceptWindows []string
}

// OpenCases is how many open cases stand in a phase since a day, in Asia/Shanghai.
type OpenCases struct {
	Phase  string
	Opened workday.Date
	Cases  int64
}

// DueCases is how many open cases have their next step due on a day, in Asia/Shanghai. Late tells that the instant has passed.
type DueCases struct {
	Day   workday.Date
	Late  bool
	Cases int64
}

// Standing tells how long open cases stand and what is due next, as of an instant (7(3)). A case counts once, at the earliest of its
// steps; one for which no step runs is due on no day. Both are in no order.
func (s *Store) Standing(ctx context.Context, q OpenQuery, at time.Time) (open []OpenCases, due []DueCases, err error) {
	key := fmt.Sprintf("%#v", q) // all areas are not the same as none
	if found, there := s.standings.Load(key); there {
		if read := found.(keptStanding); !at.Before(read.at) && at.Sub(read.at) < standsFor {
			return slices.Clone(read.open), slices.Clone(read.due), nil
		}
	}
	if open, due, err = s.standingNow(ctx, q, at); err != nil {
		return nil, nil, err
	}
	var all int64
	for _, one := range open {
		all += one.Cases
	}
	if all >= s.manyOpen {
		s.standings.Store(key, keptStanding{at, slices.Clone(open), slices.Clone(due)})
	}
	return open, due, nil
}

// keptStanding is how open cases stood at an instant. Of many it is kept for a moment: to sort tens of thousands takes a tenth of a second,
// and of so many nobody misses the last ones.
type keptStanding struct {
	at   time.Time
	open []OpenCases
	due  []DueCases
}

const (
	standsFor = 15 * time.Second
	manyOpen  = 10_000
)

func (s *Store) standingNow(ctx context.Context, q OpenQuery, at time.Time) (open []OpenCases, due []DueCases, err error) {
	var left openCounts
	// The index that counts cases of areas has no windows: those of a few windows are counted by their own and taken off.
	all := q
	all.ExceptWindows = nil
	err = s.still(ctx, func(db *gorm.DB) error {
		left = openCounts{map[OpenCases]int64{}, map[DueCases]int64{}}
		if err := left.count(all.of(db), at, 1); err != nil || len(q.ExceptWindows) == 0 {
			return err
		}
		return left.count(all.of(db).Where("rated_window IN ?", q.ExceptWindows), at, -1)
	})
	for one, cases := range left.stood {
		if one.Cases = cases; cases > 0 {
			open = append(open, one)
		}
	}
	for one, cases := range left.ahead {
		if one.Cases = cases; cases > 0 {
			due = append(due, one)
		}
	}
	return open, due, err
}

// openCounts are open cases by how long they stand and by when they are due.
type openCounts struct {
	stood map[OpenCases]int64
	ahead map[DueCases]int64
}

// count counts the cases of a query so many times each.
func (c openCounts) count(query *gorm.DB, at time.Time, times int64) error {
	var rows []struct {
		Phase                    string
		Opened, Day, Late, Cases int64
	}
	err := query.Select("phase, "+dateOf("opened_at")+" AS opened, (CASE WHEN next_due = 0 THEN 0 ELSE "+dateOf("next_due")+" END) AS day, "+
		"(CASE WHEN next_due < ? THEN 1 ELSE 0 END) AS late, COUNT(*) AS cases", micros(at)).Group("phase, opened, day, late").Scan(&rows).Error
	for _, row := range rows {
		c.stood[OpenCases{Phase: row.Phase, Opened: workday.DateOf(instant(row.Opened))}] += times * row.Cases
		if row.Day != 0 {
			c.ahead[DueCases{Day: workday.DateOf(instant(row.Day)), Late: row.Late == 1}] += times * row.Cases
		}
	}
	return err
}

func (q OpenQuery) of(db *gorm.DB) *gorm.DB { return q.narrow(db.Table("cases")) }

func (q OpenQuery) narrow(query *gorm.DB) *gorm.DB {
	query = query.Where("closed_at = 0")
	if q.Areas != nil {
		query = query.Where("area IN ?", q.Areas)
	}
	if q.Unit != "" {
		query = query.Where("unit_id = ?", q.Unit)
	}
	if q.Window != "" {
		query = query.Where("rated_window = ?", q.Window)
	}
	return query.Scopes(without(q.Except, "unit_id", "rated_unit"), without(q.ExceptWindows, "rated_window"))
}

// without leaves out the rows that have one of some values in one of some columns.
func without(values []string, columns ...string) func(*gorm.DB) *gorm.DB {
	return func(query *gorm.DB) *gorm.DB {
		if len(values) == 0 {
			return query
		}
		for _, column := range columns {
			query = query.Where(column+" NOT IN ?", values)
		}
		return query
	}
}

// CaseFilter narrows a list of cases to those behind a figure; zero fields do not.
type CaseFilter struct {
	Open     *OpenQuery      // those that are open now
	Days     [2]workday.Date // opened on one of these days, from and to; zero for no bound
	Due      workday.Date    // the next step is due on this day, and has not passed as of At
	Late     bool            // the next step's instant has passed as of At
	At       time.Time
	Figure   *CaseFigureQuery // those that were counted in these figures; By is not looked at
	Counting string           // of those, what counts as this, one of Countings; "" for all
}

// What was written off counts as nothing else (R53).
const counts = "written_off = 0 AND "

// settled holds of a case that is concluded or written off.
const settled = "(concluded = 1 OR written_off = 1)"

// countings are what a case counts as in figures, each with the condition on its row.
var countings = map[string]string{"written_off": "written_off = 1", "concluded": counts + "concluded = 1", "called": counts + "concluded = 1 AND called = 1",
	"call_exempt": counts + "concluded = 1 AND call_exempt = 1", "replied": counts + "concluded = 1 AND replied = 1", "ordered": counts + "ordered = 1",
	"accepted": counts + "accepted = 1", "in_time": counts + "in_time = 1", "overdue": counts + "overdue = 1", "unit_overdue": counts + "unit_overdue = 1",
	"delayed": counts + "delays > 0", "confirmed": counts + "concluded = 1 AND finding IN ('substantiated', 'fixed_at_once')",
	"appeal_upheld": settled + " AND appeal = 'upheld'", "concluded_in_time": counts + "concluded = 1 AND in_time = 1"}

// CountingOf is what the cases behind a share of alike cases count as: of rectifications in time, those of cases that are decided.
func CountingOf(d regulation.Decision) string {
	if d == regulation.DecisionInTime {
		return "concluded_in_time"
	}
	return string(d)
}

// Counts tells whether a case can count as this in figures.
func Counts(as string) bool { return countings[as] != "" }

// narrow keeps the cases behind a figure.
func (f CaseFilter) narrow(db, query *gorm.DB) *gorm.DB {
	if f.Open != nil {
		query = f.ofOpen(query)
	}
	if f.Figure == nil {
		return query
	}
	counted := f.Figure.of(db, f.Figure.months()).Select("case_id")
	if condition := countings[f.Counting]; condition != "" {
		counted = counted.Where(condition)
	}
	return query.Where("id IN (?)", counted)
}

func (f CaseFilter) ofOpen(query *gorm.DB) *gorm.DB {
	query = f.Open.narrow(query)
	if from := f.Days[0]; !from.IsZero() {
		query = query.Where("opened_at >= ?", micros(from.Start()))
	}
	if to := f.Days[1]; !to.IsZero() {
		query = query.Where("opened_at < ?", micros(to.AddDays(1).Start()))
	}
	switch {
	case f.Late:
		query = query.Where("next_due > 0 AND next_due < ?", micros(f.At))
	case !f.Due.IsZero():
		query = query.Where("next_due >= ? AND next_due < ?", max(micros(f.Due.Start()), micros(f.At)), micros(f.Due.AddDays(1).Start()))
	}
	return query
}
