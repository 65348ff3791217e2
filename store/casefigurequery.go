package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
)

// CaseFigure is a tally of cases that are alike in what was asked for, by the columns' names.
type CaseFigure struct {
	By map[string]string
	regulation.CaseTally
}

// CaseFigureQuery asks for cases whose ratings were given in months From to To, both included, summed by what By names:
// columns of case_figures. Where narrows each of its columns to some values, to none where there are none; Except leaves out
// those of some units.
type CaseFigureQuery struct {
	From, To string
	Where    map[string][]string
	Except   []string
	By       []string
}

// caseSums are what regulation.CaseTally counts: what was written off counts as nothing else (R53).
var caseSums = append([]string{"COUNT(*)", "SUM(written_off)"}, converted([]string{"concluded", "concluded * called", "concluded * call_exempt",
	"concluded * replied", "ordered", "accepted", "in_time", "overdue", "unit_overdue", "delays", "(CASE WHEN delays > 0 THEN 1 ELSE 0 END)", "took"},
	func(what string) string { return "SUM((1 - written_off) * " + what + ")" })...)

// CaseFigures reads figures of cases with the position that they were counted at.
func (s *Store) CaseFigures(ctx context.Context, q CaseFigureQuery) (c Counted, figures []CaseFigure, err error) {
	err = s.still(ctx, func(db *gorm.DB) error {
		if c, err = s.counted(db); err != nil {
			return err
		}
		figures, err = tallyCases(db, q, regulation.MonthsBetween(q.From, q.To))
		return err
	})
	return c, figures, err
}

func tallyCases(db *gorm.DB, q CaseFigureQuery, months []string) (figures []CaseFigure, err error) {
	query := q.of(db, months).Select(strings.Join(append(q.By[:len(q.By):len(q.By)], caseSums...), ", ")).Having("COUNT(*) > 0")
	if len(q.By) > 0 {
		query = query.Group(strings.Join(q.By, ", ")).Order(strings.Join(q.By, ", "))
	}
	rows, err := query.Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		f := CaseFigure{By: map[string]string{}}
		by, took := make([]string, len(q.By)), int64(0)
		err := rows.Scan(append(pointers(by), &f.Cases, &f.WrittenOff, &f.Concluded, &f.Called, &f.CallExempt, &f.Replied, &f.Ordered,
			&f.Accepted, &f.InTime, &f.Overdue, &f.Unit, &f.Delays, &f.Delayed, &took)...)
		if err != nil {
			return nil, err
		}
		for i, name := range q.By {
			f.By[name] = by[i]
		}
		f.Took = time.Duration(took) * time.Microsecond
		figures = append(figures, f)
	}
	return figures, rows.Err()
}

func (q CaseFigureQuery) months() []string { return regulation.MonthsBetween(q.From, q.To) }

// of are the rows of a query's cases.
func (q CaseFigureQuery) of(db *gorm.DB, months []string) *gorm.DB {
	query := db.Table("case_figures").Where("given_month IN ?", months)
	for column, values := range q.Where {
		query = query.Where(clause.IN{Column: clause.Column{Name: column}, Values: converted(values, func(v string) any { return v })})
	}
	return query.Scopes(without(q.Except, "unit_id"))
}
