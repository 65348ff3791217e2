package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

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
// those of some units, ExceptWindows those at some windows, whosever matters they were of; with both, the windows are those units'.
type CaseFigureQuery struct {
	From, To              string
	Where                 map[string][]string
	Except, ExceptWindows []string
	By                    []string
	served                bool // only cases of others at the windows of Except
}

// caseSums are caseCounts of the cases themselves.
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

// CaseFiguresEach reads figures of cases by each of some columns by itself, in the place of what the query is by. Where no sum is kept by
// one of them, the cases are read once for all.
func (s *Store) CaseFiguresEach(ctx context.Context, q CaseFigureQuery, columns ...string) (each map[string][]CaseFigure, err error) {
	err = s.still(ctx, func(db *gorm.DB) error {
		each, err = tallyEach(db, q, columns)
		return err
	})
	return each, err
}

func tallyEach(db *gorm.DB, q CaseFigureQuery, columns []string) (each map[string][]CaseFigure, err error) {
	each = map[string][]CaseFigure{}
	var less []CaseFigureQuery // the same of each column
	for _, column := range columns {
		q.By = []string{column}
		cut, summed := q.cut()
		if !summed || cut.column("unit_id") != "" || cut.column("window_id") != "" {
			q.By = columns
			together, err := q.sums(db, casesThemselves, q.months())
			return foldedCases(together, columns), err
		}
		var of CaseFigureQuery
		of, less = q.lessIn(cut)
		if each[column], err = of.sums(db, cut.kept(), q.months()); err != nil {
			return nil, err
		}
	}
	for _, out := range less {
		others, failed := out.eachOf(db, columns)
		for column, of := range others {
			each[column] = withoutCases(each[column], of, []string{column})
		}
		err = errors.Join(err, failed)
	}
	return each, err
}

// eachOf reads figures by each of some columns, of the cases once for all where no sum is kept by one of them.
func (q CaseFigureQuery) eachOf(db *gorm.DB, columns []string) (each map[string][]CaseFigure, err error) {
	each = map[string][]CaseFigure{}
	for _, column := range columns {
		q.By = []string{column}
		kept, summed := q.between()
		if !summed {
			q.By = columns
			together, err := q.sums(db, casesThemselves, q.months())
			return foldedCases(together, columns), err
		}
		if each[column], err = q.sums(db, kept, q.months()); err != nil {
			return nil, err
		}
	}
	return each, nil
}

// foldedCases sums figures by several columns up by each of them, in its order.
func foldedCases(figures []CaseFigure, columns []string) map[string][]CaseFigure {
	each := map[string][]CaseFigure{}
	for _, column := range columns {
		sums := map[string]regulation.CaseTally{}
		for _, f := range figures {
			sums[f.By[column]] = sums[f.By[column]].Plus(f.CaseTally)
		}
		for _, key := range slices.Sorted(maps.Keys(sums)) {
			each[column] = append(each[column], CaseFigure{map[string]string{column: key}, sums[key]})
		}
	}
	return each
}

// tallyCases reads the sums where they are kept by what is asked for, else the cases themselves. Of sums that do not tell units or
// windows apart it takes what is of those that are left out.
func tallyCases(db *gorm.DB, q CaseFigureQuery, months []string) ([]CaseFigure, error) {
	if kept, summed := q.between(); summed {
		return q.sums(db, kept, months)
	}
	cut, summed := q.cut()
	if !summed {
		return q.sums(db, casesThemselves, months)
	}
	q, less := q.lessIn(cut)
	figures, err := q.sums(db, cut.kept(), months)
	for _, out := range less {
		others, failed := tallyCases(db, out, months)
		figures, err = withoutCases(figures, others, q.By), errors.Join(err, failed)
	}
	return figures, err
}

// lessIn is what to ask of a cut's sums, and what to take from that since those do not tell it apart: no case twice.
func (q CaseFigureQuery) lessIn(cut caseCut) (of CaseFigureQuery, less []CaseFigureQuery) {
	of = q
	if len(q.Except) > 0 && cut.column("unit_id") == "" {
		of.Except = nil
		out := q.narrowed("unit_id", q.Except)
		out.Except, out.ExceptWindows = nil, nil
		if cut.column("window_id") != "" { // those windows are in none of the sums
			out.ExceptWindows = q.ExceptWindows
		}
		less = append(less, out)
	}
	if len(q.ExceptWindows) > 0 && cut.column("window_id") == "" {
		of.ExceptWindows = nil
		out := q.narrowed("window_id", q.ExceptWindows)
		out.ExceptWindows, out.served = nil, len(q.Except) > 0
		less = append(less, out)
	}
	return of, less
}

// narrowed is the question with a column narrowed that it did not narrow.
func (q CaseFigureQuery) narrowed(column string, values []string) CaseFigureQuery {
	q.Where = maps.Clone(q.Where)
	if q.Where == nil {
		q.Where = map[string][]string{}
	}
	q.Where[column] = values
	return q
}

// cut is one by whose keys all can be told that is asked for.
func (q CaseFigureQuery) cut() (caseCut, bool) {
	columns := slices.Concat(q.By, slices.Collect(maps.Keys(q.Where)))
	i := slices.IndexFunc(caseCuts, func(cut caseCut) bool {
		return !slices.ContainsFunc(columns, func(name string) bool { return cut.column(name) == "" })
	})
	if i < 0 {
		return caseCut{}, false
	}
	return caseCuts[i], true
}

// casesThemselves are what is summed up where no sum is kept by what is asked for.
var casesThemselves = caseTable{name: "case_figures", sums: caseSums, some: "COUNT(*) > 0", column: func(name string) string { return name }}

// caseTable is where cases are summed up from.
type caseTable struct {
	name, cut string // of case_tallies
	sums      []string
	some      string // that there is any
	column    func(string) string
}

// kept is where the sums of a cut are.
func (cut caseCut) kept() caseTable {
	return caseTable{name: "case_tallies", cut: cut.name, some: "SUM(cases) > 0", column: cut.column, sums: summedCounts}
}

var summedCounts = converted(caseCounts, func(name string) string { return "SUM(" + name + ")" })

// by are the columns to sum by. Of the cases themselves they are hidden from SQLite, which would read a whole month in their
// order instead of what is asked for by an index.
func (q CaseFigureQuery) by(from caseTable) []string {
	by := converted(q.By, from.column)
	if from.cut == "" {
		by = converted(by, func(column string) string { return "COALESCE(" + column + ", '')" })
	}
	return by
}

// narrowing is a column by which a question is narrowed. Of the cases themselves the county is hidden beside windows, or a county would be read
// to the end for a few of them.
func (q CaseFigureQuery) narrowing(from caseTable, column string) clause.Expr {
	if from.cut == "" && column == "area" && len(q.Where["window_id"]) > 0 {
		return clause.Expr{SQL: "COALESCE(area, '')"}
	}
	return clause.Expr{SQL: from.column(column)} // one of ours, none of a reader's
}

// statement sums up what is asked for.
func (q CaseFigureQuery) statement(db *gorm.DB, from caseTable, months []string) *gorm.DB {
	by := q.by(from)
	query := db.Table(from.name).Select(strings.Join(append(by[:len(by):len(by)], from.sums...), ", ")).Where("given_month IN ?", months).Having(from.some)
	if from.cut != "" {
		query = query.Where("cut = ?", from.cut)
	}
	for column, values := range q.Where {
		query = query.Where(clause.IN{Column: q.narrowing(from, column), Values: converted(values, func(v string) any { return v })})
	}
	if len(q.Except) > 0 {
		query = query.Where("COALESCE("+from.column("unit_id")+", '') NOT IN ?", q.Except)
	}
	if len(q.ExceptWindows) > 0 {
		query = query.Where("COALESCE("+from.column("window_id")+", '') NOT IN ?", q.ExceptWindows)
	}
	if len(by) > 0 {
		query = query.Group(strings.Join(by, ", ")).Order(strings.Join(by, ", "))
	}
	return query
}

func (q CaseFigureQuery) sums(db *gorm.DB, from caseTable, months []string) (figures []CaseFigure, err error) {
	rows, err := q.statement(db, from, months).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		f := CaseFigure{By: map[string]string{}}
		keys := make([]string, len(q.By))
		if err := rows.Scan(append(pointers(keys), countsIn(&f.CaseTally)...)...); err != nil {
			return nil, err
		}
		for i, name := range q.By {
			f.By[name] = keys[i]
		}
		figures = append(figures, f)
	}
	return figures, rows.Err()
}

// withoutCases takes tallies from those of the same keys.
func withoutCases(figures, others []CaseFigure, by []string) []CaseFigure {
	key := func(f CaseFigure) string {
		return strings.Join(converted(by, func(name string) string { return f.By[name] }), between)
	}
	less := map[string]regulation.CaseTally{}
	for _, o := range others {
		less[key(o)] = o.CaseTally
	}
	var left []CaseFigure
	for _, f := range figures {
		if f.CaseTally = f.Plus(less[key(f)].Times(-1)); f.Cases > 0 {
			left = append(left, f)
		}
	}
	return left
}

func (q CaseFigureQuery) months() []string { return regulation.MonthsBetween(q.From, q.To) }

// of are the rows of a query's cases.
func (q CaseFigureQuery) of(db *gorm.DB, months []string) *gorm.DB {
	query := db.Table("case_figures").Where("given_month IN ?", months)
	for column, values := range q.Where {
		query = query.Where(clause.IN{Column: clause.Column{Name: column}, Values: converted(values, func(v string) any { return v })})
	}
	return query.Scopes(without(q.Except, "unit_id"), without(q.ExceptWindows, "window_id"))
}
