package regulation

import (
	"strconv"
	"strings"
	"time"

	"haochaping/workday"
)

// ParseWeek is the Monday of an ISO week such as 2026-W48; ok is false for what is none.
func ParseWeek(week string) (monday workday.Date, ok bool) {
	year, n, found := strings.Cut(week, "-W")
	y, bad := strconv.Atoi(year)
	w, wrong := strconv.Atoi(n)
	if !found || bad != nil || wrong != nil || y < 1 || y > 9999 || w < 1 || w > 53 {
		return monday, false
	}
	monday = MondayOf(workday.NewDate(y, time.January, 4).Start()).AddDays(7 * (w - 1))
	return monday, WeekOf(monday.Start()) == week
}

// WithholdGrades tells which counts by grade of a county's halls and of the county may not be shown (9(2)). Each hall has
// five, and how many they are together is known of each hall and of the county: forms are counted and reconciled
// in the open. Of a hall with fewer forms than may be shown none of the five are, and none of its county's, from which
// the other halls' could be taken.
func WithholdGrades(halls [][5]int) (hidden [][5]bool, county [5]bool) {
	var all [5]int
	small := len(halls) == 0
	for _, grades := range halls {
		small = small || total(grades) < FewestShown
		for g, n := range grades {
			all[g] += n
		}
	}
	if small {
		for _, grades := range halls {
			alone, _ := withheldRows([][5]int{grades})
			hidden = append(hidden, alone[0])
		}
		return hidden, [5]bool{true, true, true, true, true}
	}
	hidden, wholly := withheldRows(append(halls[:len(halls):len(halls)], all))
	county = hidden[len(halls)]
	if wholly {
		county = [5]bool{true, true, true, true, true}
	}
	return hidden[:len(halls)], county
}

func total(grades [5]int) (n int) {
	for _, count := range grades {
		n += count
	}
	return n
}

// withheldRows asks Withhold about rows of five whose totals are known; where there are several the last is the sum of
// those before. A row whose total would have to be withheld is withheld wholly, which wholly tells.
func withheldRows(rows [][5]int) (hidden [][5]bool, wholly bool) {
	const width = 6 // five grades and their total
	cells := make([]int, 0, width*len(rows))
	var sums []Sum
	for r, grades := range rows {
		cells = append(append(cells, grades[:]...), total(grades))
		sums = append(sums, Sum{width*r + 5, []int{width * r, width*r + 1, width*r + 2, width*r + 3, width*r + 4}})
	}
	last := len(rows) - 1
	for g := 0; g < 5 && last > 0; g++ {
		column := Sum{Total: width*last + g}
		for r := range last {
			column.Parts = append(column.Parts, width*r+g)
		}
		sums = append(sums, column)
	}
	flags := Withhold(cells, sums)
	for r := range rows {
		var five [5]bool
		for g := range five {
			five[g] = flags[width*r+g] || flags[width*r+5]
		}
		hidden, wholly = append(hidden, five), wholly || flags[width*r+5]
	}
	return hidden, wholly
}
