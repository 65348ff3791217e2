package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// alikeCounts are how alike cases were decided, each as the column of alike_tallies of that place. A case counts once it is concluded
// or written off and its cause is known.
var alikeCounts = []string{"decided", "concluded", "confirmed", "written_off", "accepted", "in_time", "appealed", "upheld"}

// alikeCell is what is summed up together. Matter is a matter's id before codes are looked up.
type alikeCell struct {
	month, matter, cause string
	grade                int
	area                 string
}

func (c alikeCell) String() string {
	return strings.Join([]string{c.month, c.matter, c.cause, strconv.Itoa(c.grade), c.area}, "/")
}

func (c alikeCell) compare(d alikeCell) int {
	return cmp.Or(strings.Compare(c.month, d.month), strings.Compare(c.matter, d.matter), strings.Compare(c.cause, d.cause), cmp.Compare(c.grade, d.grade), strings.Compare(c.area, d.area))
}

type alikeByMatter map[alikeCell][8]int64

func (by alikeByMatter) plus(cell alikeCell, counts [8]int64, n int64) {
	sum := by[cell]
	for i := range sum {
		sum[i] += n * counts[i]
	}
	if sum == ([8]int64{}) {
		delete(by, cell)
		return
	}
	by[cell] = sum
}

// add counts a case so many times.
func (by alikeByMatter) add(r caseFigureRow, n int64) {
	if r.Cause == "" || r.Concluded == 0 && r.WrittenOff == 0 {
		return
	}
	counts, left := [8]int64{0: 1, 3: int64(r.WrittenOff), 6: int64(bit(r.Appeal != "")), 7: int64(bit(r.Appeal == string(regulation.StageUpheld)))}, int64(1-r.WrittenOff)
	counts[1] = left * int64(r.Concluded)
	counts[2] = counts[1] * int64(bit(r.Finding == "substantiated" || r.Finding == "fixed_at_once"))
	counts[4], counts[5] = left*int64(r.Accepted), left*int64(r.InTime)
	by.plus(alikeCell{r.GivenMonth, r.MatterID, r.Cause, r.Grade, r.Area}, counts, n)
}

// coded puts together what is of one national code.
func (by alikeByMatter) coded(codes map[string]string) alikeByMatter {
	coded := alikeByMatter{}
	for cell, counts := range by {
		cell.matter = cmp.Or(codes[cell.matter], cell.matter)
		coded.plus(cell, counts, 1)
	}
	return coded
}

// matters are those that cases are of.
func (by alikeByMatter) matters() []string {
	matters := []string{}
	for cell := range by {
		matters = append(matters, cell.matter)
	}
	slices.Sort(matters)
	return slices.Compact(matters)
}

// less is what is left once others, which are counted negatively, are put to it.
func (by alikeByMatter) less(others alikeByMatter) alikeByMatter {
	for cell, counts := range others {
		by.plus(cell, counts, 1)
	}
	return by
}

// nationalCodes are those of some matters; a matter's code never changes.
func nationalCodes(db *gorm.DB, matters ...string) (map[string]string, error) {
	codes := map[string]string{}
	for some := range slices.Chunk(matters, batch) {
		var rows []struct{ ID, TaskCode string }
		if err := db.Table("matters").Select("id, task_code").Where("id IN ?", some).Scan(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			codes[row.ID] = regulation.NationalCode(row.TaskCode)
		}
	}
	return codes, nil
}

var alikeColumns = append([]string{"given_month", "matter", "cause", "grade", "area"}, alikeCounts...)

// alikeTable adds to the row that is there.
var alikeTable = map[engine]table{
	onSQLite: {name: "alike_tallies", columns: alikeColumns, otherwise: " ON CONFLICT (given_month, matter, cause, grade, area) DO UPDATE SET " +
		eachOf(alikeCounts, "%[1]s = %[1]s + excluded.%[1]s")},
	onMySQL: {name: "alike_tallies", columns: alikeColumns, otherwise: " ON DUPLICATE KEY UPDATE " + eachOf(alikeCounts, "%[1]s = %[1]s + VALUES(%[1]s)")},
}

// alikeTotalsTable adds to the row that is there.
var alikeTotalsTable = map[engine]table{
	onSQLite: {name: "alike_totals", columns: alikeTotalColumns, otherwise: " ON CONFLICT (given_month, matter, cause, grade) DO UPDATE SET decided = decided + excluded.decided"},
	onMySQL:  {name: "alike_totals", columns: alikeTotalColumns, otherwise: " ON DUPLICATE KEY UPDATE decided = decided + VALUES(decided)"},
}

var alikeTotalColumns = []string{"given_month", "matter", "cause", "grade", "decided"}

// totals are how many of each all authorities decided together.
func (by alikeByMatter) totals() alikeByMatter {
	totals := alikeByMatter{}
	for cell, counts := range by {
		cell.area = ""
		totals.plus(cell, [8]int64{counts[0]}, 1)
	}
	return totals
}

// inOrder is the same each time, so that those who add wait for each other and not in a circle.
func (by alikeByMatter) inOrder() []alikeCell {
	return slices.SortedFunc(maps.Keys(by), alikeCell.compare)
}

// addAlike adds what became of some cases since they were summed up last.
func (s *Store) addAlike(tx *gorm.DB, by alikeByMatter) error {
	codes, err := nationalCodes(tx, by.matters()...)
	if err != nil {
		return err
	}
	by = by.coded(codes)
	totals := by.totals()
	rows := make([][]any, 0, len(by))
	for _, cell := range totals.inOrder() {
		rows = append(rows, []any{cell.month, cell.matter, cell.cause, cell.grade, totals[cell][0]})
	}
	if err := s.insert(tx, alikeTotalsTable[s.engine], rows...); err != nil {
		return err
	}
	rows = rows[:0]
	for _, cell := range by.inOrder() {
		row := []any{cell.month, cell.matter, cell.cause, cell.grade, cell.area}
		for _, n := range by[cell] {
			row = append(row, n)
		}
		rows = append(rows, row)
	}
	return s.insert(tx, alikeTable[s.engine], rows...)
}

func keptAlike(db *gorm.DB) (alikeByMatter, error) {
	return readAlike(db.Raw("SELECT " + strings.Join(alikeColumns, ", ") + " FROM alike_tallies"))
}

func keptAlikeTotals(db *gorm.DB) (alikeByMatter, error) {
	return readAlike(db.Raw("SELECT given_month, matter, cause, grade, '' AS area, decided, 0, 0, 0, 0, 0, 0, 0 FROM alike_totals"))
}

// readAlike reads rows of alikeColumns.
func readAlike(query *gorm.DB) (read alikeByMatter, err error) {
	rows, err := query.Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	read = alikeByMatter{}
	for rows.Next() {
		cell, n := alikeCell{}, [8]int64{}
		err := rows.Scan(&cell.month, &cell.matter, &cell.cause, &cell.grade, &cell.area, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7])
		if err != nil {
			return nil, err
		}
		read.plus(cell, n, 1)
	}
	return read, rows.Err()
}

// AlikeShares are how each authority decided alike cases whose ratings were given in months from to, both included, with the
// position that they were counted at: where it decided so many at least, those of some units and at some windows left out.
func (s *Store) AlikeShares(ctx context.Context, from, to string, least int64, except, exceptWindows []string) (c Counted, shares []regulation.AlikeShare, err error) {
	months := regulation.MonthsBetween(from, to)
	err = s.still(ctx, func(db *gorm.DB) error {
		if c, err = s.counted(db); err != nil {
			return err
		}
		by, err := enoughAlike(db, months, least)
		if err != nil {
			return err
		}
		others, err := alikeOf(db, months, except, exceptWindows)
		shares = by.less(others).shares(least)
		return err
	})
	return c, shares, err
}

// enoughAlike sums up the months, where authorities together decided twice so many. The sums are made here: the database would
// write ten thousand rows into a table of its own for them.
func enoughAlike(db *gorm.DB, months []string, least int64) (alikeByMatter, error) {
	frequent := db.Table("alike_totals").Select("matter, cause, grade").Where("given_month IN ?", months).Group("matter, cause, grade").Having("SUM(decided) >= ?", 2*least)
	return readAlike(db.Table("alike_tallies").Select("'' AS given_month, matter, cause, grade, area, "+strings.Join(alikeCounts, ", ")).
		Where("given_month IN ? AND (matter, cause, grade) IN (?)", months, frequent))
}

// alikeOf are the cases of some units and at some windows, counted negatively, of no month.
func alikeOf(db *gorm.DB, months, units, windows []string) (alikeByMatter, error) {
	by := alikeByMatter{}
	for column, values := range map[string][]string{"unit_id": units, "window_id": windows} {
		if len(values) == 0 {
			continue
		}
		query := db.Table("case_figures").Where("given_month IN ? AND "+column+" IN ?", months, values)
		if column == "window_id" { // no case twice
			query = query.Scopes(without(units, "unit_id"))
		}
		if err := by.addOf(query, -1); err != nil {
			return nil, err
		}
	}
	if len(by) == 0 {
		return by, nil
	}
	codes, err := nationalCodes(db, by.matters()...)
	return by.coded(codes), err
}

// addOf counts those of some cases that add takes so many times, past GORM's reflection: an authority's own are thousands.
func (by alikeByMatter) addOf(query *gorm.DB, n int64) error {
	rows, err := query.Where("cause <> '' AND (concluded <> 0 OR written_off <> 0)").
		Select("matter_id, cause, grade, area, finding, appeal, concluded, written_off, accepted, in_time").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r caseFigureRow
		if err := rows.Scan(&r.MatterID, &r.Cause, &r.Grade, &r.Area, &r.Finding, &r.Appeal, &r.Concluded, &r.WrittenOff, &r.Accepted, &r.InTime); err != nil {
			return err
		}
		by.add(r, n)
	}
	return rows.Err()
}

// AlikeMatters are the matters that cases are alike by: of each national code, or of each id of a matter without one, in order of ids.
func (s *Store) AlikeMatters(ctx context.Context, alike ...string) (map[string][]Matter, error) {
	if len(alike) == 0 {
		return nil, nil
	}
	var rows []matterRow
	err := s.rows(ctx).Where("SUBSTR(task_code, 19) IN ? OR id IN ?", alike, alike).Order("id").Find(&rows).Error
	of := map[string][]Matter{}
	for _, row := range rows {
		key := cmp.Or(regulation.NationalCode(row.TaskCode), row.ID)
		of[key] = append(of[key], Matter(row))
	}
	return of, err
}

// shares are what CompareAlike compares, of whoever decided so many at least.
func (by alikeByMatter) shares(least int64) (shares []regulation.AlikeShare) {
	maps.DeleteFunc(by, func(_ alikeCell, n [8]int64) bool { return n[0] < least })
	for _, cell := range by.inOrder() {
		n := by[cell]
		alike := regulation.Alike{Matter: cell.matter, Cause: cell.cause, Grade: regulation.Grade(cell.grade)}
		for _, decision := range []struct {
			as    regulation.Decision
			share regulation.Ratio
		}{{regulation.DecisionConfirmed, regulation.Ratio{Of: n[2], Among: n[1]}}, {regulation.DecisionWrittenOff, regulation.Ratio{Of: n[3], Among: n[0]}},
			{regulation.DecisionInTime, regulation.Ratio{Of: n[5], Among: n[4]}}, {regulation.DecisionUpheld, regulation.Ratio{Of: n[7], Among: n[6]}}} {
			shares = append(shares, regulation.AlikeShare{Area: cell.area, Alike: alike, Decision: decision.as, Ratio: decision.share})
		}
	}
	return shares
}
