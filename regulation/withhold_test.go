package regulation

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestWithhold(t *testing.T) {
	row := []Sum{{0, []int{1, 2, 3}}}
	for name, c := range map[string]struct {
		cells []int
		sums  []Sum
		want  string
	}{
		"nothing small":              {[]int{30, 10, 10, 10}, row, "0000"},
		"alone, without sums":        {[]int{4, 5, 0}, nil, "101"},
		"one small: the next too":    {[]int{30, 3, 8, 19}, row, "0110"},
		"two small that add up to 1": {[]int{21, 1, 0, 20}, row, "0111"},
		"a total and its only part":  {[]int{4, 4}, []Sum{{0, []int{1}}}, "11"},
		"all small":                  {[]int{6, 2, 2, 2}, row, "0111"},
	} {
		got := ""
		for _, h := range Withhold(c.cells, c.sums) {
			got += map[bool]string{true: "1", false: "0"}[h]
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// An attacker who knows the sums tries every table that fits what is shown: of no count under five do fewer
// than five values remain.
func TestNoSmallCountIsToldByDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(2, 3).Draw(t, "columns")
		cells, sums := tableOf(t, 2, columns)
		hidden := Withhold(cells, sums)
		for i, n := range cells {
			if n < FewestShown && !hidden[i] {
				t.Fatalf("%d is shown at %d of %v", n, i, cells)
			}
		}
		values := attack(cells, sums, hidden, 2*columns)
		for i, n := range cells {
			if hidden[i] && n < FewestShown && len(values[i]) < FewestShown {
				t.Fatalf("cell %d of %v, withheld %v, is one of %v", i, cells, hidden, values[i])
			}
		}
	})
}

// tableOf draws a table with the totals of its rows, its columns and all.
func tableOf(t *rapid.T, rows, columns int) (cells []int, sums []Sum) {
	for i := range rows * columns {
		cells = append(cells, rapid.IntRange(0, 7).Draw(t, fmt.Sprint(i)))
	}
	add := func(parts ...int) int {
		total := 0
		for _, p := range parts {
			total += cells[p]
		}
		cells = append(cells, total)
		sums = append(sums, Sum{len(cells) - 1, parts})
		return len(cells) - 1
	}
	var across, down []int
	for r := range rows {
		var parts []int
		for c := range columns {
			parts = append(parts, r*columns+c)
		}
		across = append(across, add(parts...))
	}
	for c := range columns {
		var parts []int
		for r := range rows {
			parts = append(parts, r*columns+c)
		}
		down = append(down, add(parts...))
	}
	all := add(across...)
	sums = append(sums, Sum{all, down})
	return cells, sums
}

// attack lists for each withheld cell what it may be: every filling of the inner cells whose sums are what is
// shown. A cell in no sum that is shown may be anything; 0 to 12 stand for that.
func attack(cells []int, sums []Sum, hidden []bool, inner int) []map[int]bool {
	values := make([]map[int]bool, len(cells))
	for i := range values {
		values[i] = map[int]bool{}
	}
	try := slices.Clone(cells)
	var fill func(at int)
	fill = func(at int) {
		if at == inner {
			whole := completed(slices.Clone(try), sums)
			for i := range whole {
				if !hidden[i] && whole[i] != cells[i] {
					return
				}
			}
			for i, n := range whole {
				values[i][n] = true
			}
			return
		}
		from, to := cells[at], cells[at]
		if hidden[at] {
			from, to = 0, most(at, cells, sums, hidden)
		}
		for n := from; n <= to; n++ {
			try[at] = n
			if fits(try, at, cells, sums, hidden, inner) {
				fill(at + 1)
			}
		}
	}
	fill(0)
	return values
}

func most(at int, cells []int, sums []Sum, hidden []bool) int {
	bound := -1
	for _, sum := range sums {
		if slices.Contains(sum.Parts, at) && !hidden[sum.Total] && (bound < 0 || cells[sum.Total] < bound) {
			bound = cells[sum.Total]
		}
	}
	if bound < 0 {
		return 12
	}
	return bound
}

// fits tells whether the cells up to one may be the beginning of what is shown.
func fits(try []int, at int, cells []int, sums []Sum, hidden []bool, inner int) bool {
	for _, sum := range sums {
		if hidden[sum.Total] || sum.Parts[0] >= inner {
			continue
		}
		total, whole := 0, true
		for _, p := range sum.Parts {
			if p > at {
				whole = false
				break
			}
			total += try[p]
		}
		if total > cells[sum.Total] || whole && total != cells[sum.Total] {
			return false
		}
	}
	return true
}

// completed adds the totals up.
func completed(try []int, sums []Sum) []int {
	for _, sum := range sums {
		total := 0
		for _, p := range sum.Parts {
			total += try[p]
		}
		try[sum.Total] = total
	}
	return try
}
