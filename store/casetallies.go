package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// caseCut is by what cases are summed up in advance, besides their month and channel: one or two columns of case_figures. What
// is asked for by anything else is summed up when it is asked for; the first that tells enough apart is asked.
type caseCut struct {
	name string
	keys []string
	sum  bool // over all channels
}

var caseCuts = []caseCut{
	{name: "unit", keys: []string{"area", "unit_id"}}, {name: "hall", keys: []string{"hall_id"}}, {name: "window", keys: []string{"hall_id", "window_id"}},
	{name: "staff", keys: []string{"unit_id", "staff_id"}},
	{name: "matter_all", keys: []string{"matter_id"}, sum: true}, {name: "matter", keys: []string{"matter_id"}}, {name: "county_matter", keys: []string{"area", "matter_id"}}, {name: "cause", keys: []string{"area", "cause"}}, {name: "link", keys: []string{"area", "link"}},
	{name: "attribution", keys: []string{"area", "attribution"}}, {name: "cause_link", keys: []string{"cause", "link"}},
}

// column is where the tallies of the cut have a column of case_figures, "" where they do not tell it apart.
func (cut caseCut) column(name string) string {
	if name == "given_month" || name == "channel" && !cut.sum {
		return name
	}
	if i := slices.Index(cut.keys, name); i >= 0 {
		return fmt.Sprintf("k%d", i+1)
	}
	return ""
}

// caseCounts are what regulation.CaseTally counts, by the columns of case_tallies. What was written off counts as nothing
// else (R53); took is microseconds.
var caseCounts = []string{"cases", "written_off", "concluded", "called", "call_exempt", "replied", "ordered", "accepted", "in_time", "overdue", "unit_overdue",
	"delays", "delayed_cases", "took"}

// countsIn are where to read caseCounts into.
func countsIn(t *regulation.CaseTally) []any {
	return []any{&t.Cases, &t.WrittenOff, &t.Concluded, &t.Called, &t.CallExempt, &t.Replied, &t.Ordered, &t.Accepted, &t.InTime, &t.Overdue, &t.Unit,
		&t.Delays, &t.Delayed, &t.Took}
}

// tally is what one case counts for.
func (r caseFigureRow) tally() regulation.CaseTally {
	t := regulation.CaseTally{Cases: 1, WrittenOff: int64(r.WrittenOff)}
	if r.WrittenOff == 1 {
		return t
	}
	t.Concluded, t.Ordered, t.Accepted, t.InTime = int64(r.Concluded), int64(r.Ordered), int64(r.Accepted), int64(r.InTime)
	t.Called, t.CallExempt, t.Replied = t.Concluded*int64(r.Called), t.Concluded*int64(r.CallExempt), t.Concluded*int64(r.Replied)
	t.Overdue, t.Unit, t.Delays, t.Delayed = int64(r.Overdue), int64(r.UnitOverdue), int64(r.Delays), int64(bit(r.Delays > 0))
	t.Took = regulation.Micros(r.Took)
	return t
}

// caseCell is what is summed up together.
type caseCell struct{ month, cut, first, second, channel string }

func (c caseCell) String() string {
	return strings.Join([]string{c.month, c.cut, c.first, c.second, c.channel}, "/")
}

type caseTallies map[caseCell]regulation.CaseTally

// add counts a case so many times in every cut.
func (t caseTallies) add(r caseFigureRow, n int64) {
	tally := r.tally()
	for _, cut := range caseCuts {
		cell := caseCell{r.GivenMonth, cut.name, r.key(cut.keys[0]), "", r.Channel}
		if len(cut.keys) > 1 {
			cell.second = r.key(cut.keys[1])
		}
		if cut.sum {
			cell.channel = ""
		}
		t.plus(cell, tally, n)
	}
	t.addServed(r, n)
}

// key is the value of a column that a cut has for its key.
func (r caseFigureRow) key(column string) string {
	switch column {
	case "area":
		return r.Area
	case "unit_id":
		return r.UnitID
	case "hall_id":
		return r.HallID
	case "window_id":
		return r.WindowID
	case "staff_id":
		return r.StaffID
	case "matter_id":
		return r.MatterID
	case "cause":
		return r.Cause
	case "link":
		return r.Link
	case "attribution":
		return r.Attribution
	}
	panic("no key of cases: " + column)
}

func (t caseTallies) plus(cell caseCell, by regulation.CaseTally, n int64) {
	sum := t[cell].Plus(by.Times(n))
	if sum == (regulation.CaseTally{}) {
		delete(t, cell)
		return
	}
	t[cell] = sum
}

var caseTallyColumns = append([]string{"given_month", "cut", "k1", "k2", "channel"}, caseCounts...)

// caseTalliesTable adds to the row that is there.
var caseTalliesTable = map[engine]table{
	onSQLite: {name: "case_tallies", columns: caseTallyColumns, otherwise: " ON CONFLICT (given_month, cut, k1, k2, channel) DO UPDATE SET " +
		eachOf(caseCounts, "%[1]s = %[1]s + excluded.%[1]s")},
	onMySQL: {name: "case_tallies", columns: caseTallyColumns, otherwise: " ON DUPLICATE KEY UPDATE " + eachOf(caseCounts, "%[1]s = %[1]s + VALUES(%[1]s)")},
}

// addCaseTallies adds what became of some cases since they were summed up last.
func (s *Store) addCaseTallies(tx *gorm.DB, by caseTallies) error {
	rows := make([][]any, 0, len(by))
	for _, cell := range slices.SortedFunc(maps.Keys(by), func(a, b caseCell) int { return strings.Compare(a.String(), b.String()) }) {
		t := by[cell]
		rows = append(rows, []any{cell.month, cell.cut, cell.first, cell.second, cell.channel, t.Cases, t.WrittenOff, t.Concluded, t.Called, t.CallExempt, t.Replied,
			t.Ordered, t.Accepted, t.InTime, t.Overdue, t.Unit, t.Delays, t.Delayed, int64(t.Took)})
	}
	return s.insert(tx, caseTalliesTable[s.engine], rows...)
}

// sumsOfCases are all that cases are summed up in.
type sumsOfCases struct {
	tallies caseTallies
	alike   alikeByMatter
}

func newCaseSums() sumsOfCases { return sumsOfCases{caseTallies{}, alikeByMatter{}} }

// add counts a case so many times.
func (sums sumsOfCases) add(r caseFigureRow, n int64) {
	sums.tallies.add(r, n)
	sums.alike.add(r, n)
}

func (s *Store) addCaseSums(tx *gorm.DB, by sumsOfCases) error {
	units, err := unitsOfWindows(tx, by.tallies.servedWindows()...)
	if err != nil {
		return err
	}
	by.tallies.atOthers(units)
	if err := s.addCaseTallies(tx, by.tallies); err != nil {
		return err
	}
	return s.addAlike(tx, by.alike)
}

// caseSumsAgainstRows are what is left of the sums once every case is taken from them, by the table and its row: nothing where they
// are equal.
func caseSumsAgainstRows(db *gorm.DB) (left map[string][]string, err error) {
	sums := newCaseSums()
	if err := eachCaseFigure(db, func(r caseFigureRow) { sums.add(r, -1) }); err != nil {
		return nil, err
	}
	units, err := unitsOfWindows(db, sums.tallies.servedWindows()...)
	if err != nil {
		return nil, err
	}
	sums.tallies.atOthers(units)
	if err := sums.tallies.addKept(db); err != nil {
		return nil, err
	}
	left = map[string][]string{}
	for cell := range sums.tallies {
		left["case_tallies"] = append(left["case_tallies"], cell.String())
	}
	kept, err := keptAlike(db)
	if err != nil {
		return nil, err
	}
	codes, err := nationalCodes(db, sums.alike.matters()...)
	if err != nil {
		return nil, err
	}
	cases := sums.alike.coded(codes)
	for cell := range kept.less(cases) {
		left["alike_tallies"] = append(left["alike_tallies"], cell.String())
	}
	if left["figure_adjustments"], err = adjustmentsDiffering(db); err != nil {
		return nil, err
	}
	totals, err := keptAlikeTotals(db)
	for cell := range totals.less(cases.totals()) {
		left["alike_totals"] = append(left["alike_totals"], strings.TrimSuffix(cell.String(), "/"))
	}
	return left, err
}

// addKept adds what is kept.
func (t caseTallies) addKept(db *gorm.DB) error {
	rows, err := db.Raw("SELECT " + strings.Join(caseTallyColumns, ", ") + " FROM case_tallies").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		cell, kept := caseCell{}, regulation.CaseTally{}
		if err := rows.Scan(append([]any{&cell.month, &cell.cut, &cell.first, &cell.second, &cell.channel}, countsIn(&kept)...)...); err != nil {
			return err
		}
		t.plus(cell, kept, 1)
	}
	return rows.Err()
}

// eachCaseFigure goes through all of them, in whatever order the database keeps them.
func eachCaseFigure(db *gorm.DB, do func(caseFigureRow)) error {
	rows, err := db.Raw(`SELECT given_month, area, channel, grade, finding, appeal, unit_id, hall_id, window_id, staff_id, matter_id, cause, link, attribution, concluded, written_off,
		called, call_exempt, replied, ordered, accepted, in_time, overdue, unit_overdue, delays, took FROM case_figures`).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	var r caseFigureRow
	into := []any{&r.GivenMonth, &r.Area, &r.Channel, wholeNumber[int]{&r.Grade}, &r.Finding, &r.Appeal, &r.UnitID, &r.HallID, &r.WindowID, &r.StaffID, &r.MatterID,
		&r.Cause, &r.Link, &r.Attribution}
	for _, n := range []*int{&r.Concluded, &r.WrittenOff, &r.Called, &r.CallExempt, &r.Replied, &r.Ordered, &r.Accepted, &r.InTime, &r.Overdue, &r.UnitOverdue, &r.Delays} {
		into = append(into, wholeNumber[int]{n})
	}
	into = append(into, wholeNumber[int64]{&r.Took})
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		do(r)
	}
	return rows.Err()
}

// SumCases sums up anew what each case counts for.
func (s *Store) SumCases(ctx context.Context) error { return s.tx(ctx, s.sumCases) }

// sumCases keeps who counts from going on meanwhile.
func (s *Store) sumCases(tx *gorm.DB) error {
	if err := locked(tx).Find(&[]factRow{}, "name = ?", factFigures).Error; err != nil {
		return err
	}
	sums := newCaseSums()
	if err := eachCaseFigure(tx, func(r caseFigureRow) { sums.add(r, 1) }); err != nil {
		return err
	}
	for _, table := range []string{"case_tallies", "alike_tallies", "alike_totals"} {
		if err := tx.Exec("DELETE FROM " + table).Error; err != nil {
			return err
		}
	}
	if err := s.addCaseSums(tx, sums); err != nil {
		return err
	}
	return s.sumAdjustments(tx)
}
