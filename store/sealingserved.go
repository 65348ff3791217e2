package store

import (
	"slices"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// served are the lines of what lies between offices: of the authorities of the window, of the unit for which it counts and of the matter, and
// of the prefecture. A matter is told to its own authority alone, which has a line of it.
func (b *summing) served(at regulation.Rated) (lines []*regulation.SealedLine) {
	offices := slices.DeleteFunc([]string{at.Unit, b.windows[at.Window], b.matters[at.Matter]}, func(unit string) bool { return unit == "" })
	slices.Sort(offices)
	if offices = slices.Compact(offices); len(offices) < 2 {
		return nil
	}
	areas := map[string]bool{regulation.PrefectureArea: true}
	for _, office := range offices {
		areas[b.area(office)] = true
	}
	for area := range areas {
		x, matter := b.areas[area], at.Matter
		if x == nil {
			continue
		}
		if b.area(b.matters[matter]) != area {
			matter = ""
		}
		lines = append(lines, x.line(&x.figures.Served, b.halls[at.Window]+"/"+at.Window, at.Unit+"/"+matter))
	}
	return lines
}

// casesServed adds how the cases between offices stand, and what was confirmed of them against the unit.
func (b *summing) casesServed(db *gorm.DB, months []string) error {
	findings, attributions := regulation.ConfirmedFindings(regulation.AxisUnit)
	rows, err := db.Table("case_figures f").Select("f.unit_id, f.window_id, f.matter_id, SUM(CASE WHEN written_off = 0 AND finding IN ? AND attribution IN ? THEN 1 ELSE 0 END), "+eachOf(caseSums, "%s"), findings, attributions).
		Where("given_month IN ?", months).
		Where("unit_id <> (SELECT w.unit_id FROM service_windows w WHERE w.id = f.window_id) OR unit_id <> (SELECT m.unit_id FROM matters m WHERE m.id = f.matter_id)").
		Group("f.unit_id, f.window_id, f.matter_id").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at regulation.Rated
		var confirmed int64
		var t regulation.CaseTally
		if err := rows.Scan(append([]any{&at.Unit, &at.Window, &at.Matter, &confirmed}, countsIn(&t)...)...); err != nil {
			return err
		}
		b.countServed(at, t, confirmed)
	}
	return rows.Err()
}

func (b *summing) countServed(at regulation.Rated, t regulation.CaseTally, confirmed int64) {
	for _, line := range b.served(at) {
		line.CountCases(t)
		line.Confirmed += confirmed
	}
}
