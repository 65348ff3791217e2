package store

import (
	"context"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// What of ratings counts no more, or for others (R53, R60): a case is adjusted where it was written off or attributed to somebody else
// than the rating was given to.

// adjusted is a bad rating that was written off or attributed to somebody else, with whom it was given to and whom it
// counts for now.
type adjusted struct {
	CaseID, GivenMonth, Channel, Dimensions string
	Grade, WrittenOff                       int
	Area, UnitID, HallID, WindowID, StaffID string
	NowArea, NowUnit, NowHall, NowWindow    string
	NowStaff, MatterID                      string
}

const everyAdjusted = `SELECT f.case_id, r.given_month, r.channel, r.dimensions, r.grade, f.written_off, r.area, r.unit_id, r.hall_id, r.window_id, r.staff_id,
	o.area AS now_area, f.unit_id AS now_unit, f.hall_id AS now_hall, f.window_id AS now_window, f.staff_id AS now_staff, r.matter_id
	FROM case_figures f JOIN cases c ON c.id = f.case_id JOIN ratings r ON r.id = c.rating_id JOIN orgs o ON o.id = f.unit_id
	WHERE f.adjusted = 1`

const readAdjusted = everyAdjusted + " AND f.given_month IN ?"

func (a adjusted) from() regulation.Place {
	return regulation.Place{Area: a.Area, Rated: regulation.Rated{Unit: a.UnitID, Hall: a.HallID, Window: a.WindowID, Staff: a.StaffID, Matter: a.MatterID}}
}

func (a adjusted) now() regulation.Place {
	return regulation.Place{Area: a.NowArea, Rated: regulation.Rated{Unit: a.NowUnit, Hall: a.NowHall, Window: a.NowWindow, Staff: a.NowStaff, Matter: a.MatterID}}
}

// givenOf are the ratings of some cases, with whom they were given to alone.
func givenOf(db *gorm.DB, cases []string) (given []adjusted, err error) {
	err = db.Table("cases c").Joins("JOIN ratings r ON r.id = c.rating_id").Where("c.id IN ?", cases).Select(`c.id AS case_id, r.given_month, r.channel, r.dimensions, r.grade,
		r.area, r.unit_id, r.hall_id, r.window_id, r.staff_id, r.matter_id`).Order("c.id").Scan(&given).Error
	return given, err
}

// as is a rating with what its case counts for; area is that of the row's unit.
func (a adjusted) as(row caseFigureRow, area string) adjusted {
	a.WrittenOff, a.NowArea, a.NowUnit, a.NowHall, a.NowWindow, a.NowStaff = row.WrittenOff, area, row.UnitID, row.HallID, row.WindowID, row.StaffID
	return a
}

// put adds what a case takes and brings, so many times, to sums in the cells of figures.
func (a adjusted) put(sums *regulation.Counts, n int64) {
	marks, err := readMarks(a.Dimensions)
	if err != nil {
		marks = nil // which no path of the program writes: the leaf tells of it, and the grade counts
	}
	add := func(at regulation.Place, n int64) {
		var one regulation.Counts
		one.Spot(at, a.GivenMonth, regulation.Channel(a.Channel)).Count(regulation.Grade(a.Grade), marks)
		for cell, t := range one.All() {
			sums.Less(cell, t.Times(-n))
		}
	}
	add(a.from(), -n)
	if a.WrittenOff == 0 {
		add(a.now(), n)
	}
}

var adjustmentColumns = append([]string{"given_month", "cut", "k1", "k2", "channel", "dimension"}, gradeColumns...)

// adjustmentsTable adds to the row that is there.
var adjustmentsTable = map[engine]table{
	onSQLite: {name: "figure_adjustments", columns: adjustmentColumns, otherwise: " ON CONFLICT (given_month, cut, k1, k2, channel, dimension) DO UPDATE SET " +
		eachOf(gradeColumns, "%[1]s = %[1]s + excluded.%[1]s")},
	onMySQL: {name: "figure_adjustments", columns: adjustmentColumns, otherwise: " ON DUPLICATE KEY UPDATE " + eachOf(gradeColumns, "%[1]s = %[1]s + VALUES(%[1]s)")},
}

// adjust adds what became of cases to the sums; before is how they counted until now.
func (s *Store) adjust(tx *gorm.DB, before map[string]caseFigureRow, after []caseFigureRow) error {
	versions := map[string][2]caseFigureRow{}
	for _, row := range after {
		if was := before[row.CaseID]; was.Adjusted == 1 || row.Adjusted == 1 {
			versions[row.CaseID] = [2]caseFigureRow{was, row}
		}
	}
	sums := &regulation.Counts{}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(versions)), batch) {
		if err := adjustSome(tx, sums, some, versions); err != nil {
			return err
		}
	}
	return s.addAdjustments(tx, sums)
}

func adjustSome(tx *gorm.DB, sums *regulation.Counts, ids []string, versions map[string][2]caseFigureRow) error {
	given, err := givenOf(tx, ids)
	if err != nil {
		return err
	}
	var units []string
	for _, id := range ids {
		units = append(units, versions[id][0].UnitID, versions[id][1].UnitID)
	}
	var orgs []struct{ ID, Area string }
	if err := tx.Table("orgs").Select("id, area").Where("id IN ?", units).Scan(&orgs).Error; err != nil {
		return err
	}
	areas := map[string]string{}
	for _, o := range orgs {
		areas[o.ID] = o.Area
	}
	for _, a := range given {
		for i, row := range versions[a.CaseID] {
			if row.Adjusted == 1 {
				a.as(row, areas[row.UnitID]).put(sums, int64(2*i-1)) // what it was goes, what it is comes
			}
		}
	}
	return nil
}

func (s *Store) addAdjustments(tx *gorm.DB, sums *regulation.Counts) error {
	var rows [][]any
	months := map[string]bool{}
	for cell, t := range sums.Left() {
		rows = append(rows, []any{cell.Month, string(cell.Cut), cell.First, cell.Second, string(cell.Channel), cell.Dimension, t.Grades[0], t.Grades[1], t.Grades[2], t.Grades[3], t.Grades[4]})
		months[cell.Month] = true
	}
	if len(rows) == 0 {
		return nil
	}
	if err := s.insert(tx, adjustmentsTable[s.engine], rows...); err != nil {
		return err
	}
	// What came and went again leaves no row: whoever checks takes one of nothing for invented.
	for month := range months {
		if err := tx.Exec("DELETE FROM figure_adjustments WHERE given_month = ? AND g1 = 0 AND g2 = 0 AND g3 = 0 AND g4 = 0 AND g5 = 0", month).Error; err != nil {
			return err
		}
	}
	return nil
}

// adjustmentsOfRows sums up every adjusted case from the rows.
func adjustmentsOfRows(db *gorm.DB) (*regulation.Counts, error) {
	var rows []adjusted
	if err := db.Raw(everyAdjusted).Scan(&rows).Error; err != nil {
		return nil, err
	}
	sums := &regulation.Counts{}
	for _, row := range rows {
		row.put(sums, 1)
	}
	return sums, nil
}

// adjustmentsDiffering are the rows that are not what the cases come to, or of nothing, which no counting leaves.
func adjustmentsDiffering(db *gorm.DB) (differ []string, err error) {
	sums, err := adjustmentsOfRows(db)
	if err != nil {
		return nil, err
	}
	var kept []figureRow
	if err := db.Table("figure_adjustments").Select(adjustmentColumns).Scan(&kept).Error; err != nil {
		return nil, err
	}
	for _, row := range kept {
		if row.tally() == (regulation.Tally{}) {
			differ = append(differ, nameOfCell(row.cell()))
		}
		sums.Less(row.cell(), row.tally())
	}
	for cell := range sums.Left() {
		differ = append(differ, nameOfCell(cell))
	}
	return differ, nil
}

// nameOfCell is a row of figures, or of what is taken from them, by its key.
func nameOfCell(c regulation.Cell) string {
	return strings.Join([]string{c.Month, string(c.Cut), c.First, c.Second, string(c.Channel), c.Dimension}, "/")
}

// sumAdjustments sums them up anew.
func (s *Store) sumAdjustments(tx *gorm.DB) error {
	sums, err := adjustmentsOfRows(tx)
	if err != nil {
		return err
	}
	if err := tx.Exec("DELETE FROM figure_adjustments").Error; err != nil {
		return err
	}
	return s.addAdjustments(tx, sums)
}

// factAdjusted notes that figure_adjustments has what was counted before it was there.
const factAdjusted = "figure_adjustments"

// ensureAdjustments sums up, once, what a record of the release before had counted.
func (s *Store) ensureAdjustments(ctx context.Context) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		var done []factRow
		if err := locked(tx).Find(&[]factRow{}, "name = ?", factFigures).Error; err != nil {
			return err
		}
		if err := tx.Find(&done, "name = ?", factAdjusted).Error; err != nil || len(done) > 0 {
			return err
		}
		if err := s.sumAdjustments(tx); err != nil {
			return err
		}
		return tx.Create(&factRow{factAdjusted, "1"}).Error
	})
}
