package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Cases of one unit at the windows of another are summed up by themselves, in case_tallies: whoever serves in an office reads sums without what
// was given at its windows, which no sum by unit or by window tells (2, R21). A window that serves matters of all has a third of a county's.

// servedCut sums up such cases by window, county and unit, over all channels, and one finding besides.
type servedCut struct{ name, finding string }

var servedCuts = []servedCut{{"served", ""}, {"served_cause", "cause"}, {"served_link", "link"}, {"served_owed", "attribution"}}

// The second key of such a cut is the county's six digits, what was found, as wide as this, and the unit.
const findingWidth = 16

func (cut servedCut) key(r caseFigureRow) string {
	found := ""
	if cut.finding != "" {
		found = r.key(cut.finding)
	}
	return fmt.Sprintf("%s/%-*s/%s", r.Area, findingWidth, found, r.UnitID)
}

// column is the expression for a column of case_figures, "" where the cut does not tell it apart.
func (cut servedCut) column(name string) string {
	switch name {
	case "given_month":
		return name
	case "window_id":
		return "k1"
	case "area":
		return "SUBSTR(k2, 1, 6)"
	case "unit_id":
		return fmt.Sprintf("SUBSTR(k2, %d)", 6+1+findingWidth+1+1)
	case cut.finding:
		return fmt.Sprintf("RTRIM(SUBSTR(k2, 8, %d))", findingWidth)
	}
	return ""
}

// addServed counts a case so many times as if its window were another unit's.
func (t caseTallies) addServed(r caseFigureRow, n int64) {
	if r.WindowID == "" {
		return
	}
	for _, cut := range servedCuts {
		t.plus(caseCell{r.GivenMonth, cut.name, r.WindowID, cut.key(r), ""}, r.tally(), n)
	}
}

// atOthers leaves what was served at windows of other units.
func (t caseTallies) atOthers(units map[string]string) {
	maps.DeleteFunc(t, func(cell caseCell, _ regulation.CaseTally) bool {
		if !cell.served() {
			return false
		}
		unit := units[cell.first]
		return unit == "" || strings.HasSuffix(cell.second, "/"+unit)
	})
}

func (c caseCell) served() bool { return strings.HasPrefix(c.cut, "served") }

// servedWindows are the windows at which cases were served.
func (t caseTallies) servedWindows() (windows []string) {
	for cell := range t {
		if cell.cut == servedCuts[0].name {
			windows = append(windows, cell.first)
		}
	}
	slices.Sort(windows)
	return slices.Compact(windows)
}

// unitsOfWindows are the units that have some windows; no path moves one.
func unitsOfWindows(db *gorm.DB, windows ...string) (map[string]string, error) {
	units := map[string]string{}
	for some := range slices.Chunk(windows, batch) {
		var rows []struct{ ID, UnitID string }
		if err := db.Table("service_windows").Select("id, unit_id").Where("id IN ?", some).Scan(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			units[row.ID] = row.UnitID
		}
	}
	return units, nil
}

// between is where the sums are of what the question asks for, if it is only about cases of others at some units' windows.
func (q CaseFigureQuery) between() (caseTable, bool) {
	if !q.served {
		return caseTable{}, false
	}
	columns := slices.Concat(q.By, slices.Collect(maps.Keys(q.Where)))
	i := slices.IndexFunc(servedCuts, func(cut servedCut) bool {
		return !slices.ContainsFunc(columns, func(name string) bool { return cut.column(name) == "" })
	})
	if i < 0 {
		return caseTable{}, false
	}
	return caseTable{name: "case_tallies", cut: servedCuts[i].name, some: "SUM(cases) > 0", sums: summedCounts, column: servedCuts[i].column}, true
}
