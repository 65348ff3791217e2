package regulation

import (
	"cmp"
	"fmt"
	"iter"
	"math/big"
	"slices"
)

// Statistics of clause 7(1): ratings are counted by whom and what they are about, by how they came, by grade and by the
// dimensions of clause 4, in the Asia/Shanghai month in which they were given (R20, R21). A count is a sum over single
// ratings: two counts of the same ratings are equal, whoever made them and in whatever order.

// Cut is by what ratings are counted together.
type Cut string

// Cuts. Counties, townships, halls' places and the prefecture are sums over their units or windows.
const (
	CutUnit         Cut = "unit"   // county's division, unit
	CutHall         Cut = "hall"   // hall
	CutWindow       Cut = "window" // hall, window
	CutStaff        Cut = "staff"  // unit, member of staff
	CutMatter       Cut = "matter" // matter, county's division
	CutUnitMatter   Cut = "unit_matter"
	CutWindowMatter Cut = "window_matter"
	CutWindowStaff  Cut = "window_staff"
	CutStaffMatter  Cut = "staff_matter"
)

// pairs are cuts by two things at once: of those, dimensions are not counted.
var pairs = []Cut{CutUnitMatter, CutWindowMatter, CutWindowStaff, CutStaffMatter}

// Cuts lists them.
var Cuts = []Cut{CutUnit, CutHall, CutWindow, CutStaff, CutMatter, CutUnitMatter, CutWindowMatter, CutWindowStaff, CutStaffMatter}

// keys are the two parts by which a cut counts a rating, "" for none; there is nothing to count where the part
// that names it is missing.
var keys = map[Cut]func(Place) (first, second string, counts bool){
	CutUnit:         func(p Place) (string, string, bool) { return p.Area, p.Rated.Unit, true },
	CutHall:         func(p Place) (string, string, bool) { return p.Rated.Hall, "", p.Rated.Hall != "" },
	CutWindow:       func(p Place) (string, string, bool) { return p.Rated.Hall, p.Rated.Window, p.Rated.Window != "" },
	CutStaff:        func(p Place) (string, string, bool) { return p.Rated.Unit, p.Rated.Staff, p.Rated.Staff != "" },
	CutMatter:       func(p Place) (string, string, bool) { return p.Rated.Matter, p.Area, p.Rated.Matter != "" },
	CutUnitMatter:   pair(func(r Rated) string { return r.Unit }, func(r Rated) string { return r.Matter }),
	CutWindowMatter: pair(func(r Rated) string { return r.Window }, func(r Rated) string { return r.Matter }),
	CutWindowStaff:  pair(func(r Rated) string { return r.Window }, func(r Rated) string { return r.Staff }),
	CutStaffMatter:  pair(func(r Rated) string { return r.Staff }, func(r Rated) string { return r.Matter }),
}

func pair(first, second func(Rated) string) func(Place) (string, string, bool) {
	return func(p Place) (string, string, bool) {
		a, b := first(p.Rated), second(p.Rated)
		return a, b, a != "" && b != ""
	}
}

// Cell is what is counted together. Dimension is "" for the grade itself.
type Cell struct {
	Month         string // 2006-01
	Cut           Cut
	First, Second string
	Channel       Channel // "" for all of them together
	Dimension     string
}

// CompareCells orders cells, for whoever writes several.
func CompareCells(a, b Cell) int {
	return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Cut, b.Cut), cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second),
		cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Dimension, b.Dimension))
}

// Tally counts ratings, or their marks in one dimension, by grade.
type Tally struct {
	// Grades: Grades[0] counts grade 1.
	Grades [5]int64
	// NotRated are sessions at an evaluator that ended without a grade: nobody rated (R09).
	NotRated int64
}

// Add counts one more of a grade.
func (t *Tally) Add(g Grade) { t.Grades[g-1]++ }

// Plus is the sum of two.
func (t Tally) Plus(o Tally) Tally {
	for i, n := range o.Grades {
		t.Grades[i] += n
	}
	t.NotRated += o.NotRated
	return t
}

// Rated is how many rated.
func (t Tally) Rated() (n int64) {
	for _, of := range t.Grades {
		n += of
	}
	return n
}

// Bad is how many gave one of the lower two grades (clause 5).
func (t Tally) Bad() int64 { return t.Grades[VeryDissatisfied-1] + t.Grades[Dissatisfied-1] }

// Good is how many gave one of the upper three.
func (t Tally) Good() int64 { return t.Rated() - t.Bad() }

// GoodRate is the share of good ratings among all (好评率).
func (t Tally) GoodRate() Ratio { return Ratio{t.Good(), t.Rated()} }

// BadRate is the share of bad ratings among all (差评率).
func (t Tally) BadRate() Ratio { return Ratio{t.Bad(), t.Rated()} }

// ActiveRate is the share of those who rated among all whom an evaluator asked (主动评价率).
func (t Tally) ActiveRate() Ratio { return Ratio{t.Rated(), t.Rated() + t.NotRated} }

// Ratio is a share as the two counts that make it: nothing is lost by rounding until it is shown.
type Ratio struct{ Of, Among int64 }

// Percent is the share in percent with so many decimals, rounded half up; "" among none.
func (r Ratio) Percent(decimals int) string {
	if r.Among == 0 {
		return ""
	}
	return new(big.Rat).SetFrac64(100*r.Of, r.Among).FloatString(decimals)
}

// String is such as 3/4.
func (r Ratio) String() string { return fmt.Sprintf("%d/%d", r.Of, r.Among) }

// CellsOf are the cells in which a rating counts, each with its grade there: its own, and each dimension's mark.
func CellsOf(r Rating, month string) iter.Seq2[Cell, Grade] {
	return func(yield func(Cell, Grade) bool) {
		for _, cut := range Cuts {
			first, second, counts := keys[cut](r.Place)
			if !counts {
				continue
			}
			cell := Cell{Month: month, Cut: cut, First: first, Second: second, Channel: r.Channel}
			if !yield(cell, r.Grade) {
				return
			}
			if !cell.marked(r.Dimensions, yield) {
				return
			}
		}
	}
}

// marked are the cells of a rating's marks beside the one of its grade: by channel for units, without for what is smaller,
// where the two together would leave one rating in each.
func (c Cell) marked(marks map[string]Grade, yield func(Cell, Grade) bool) bool {
	if slices.Contains(pairs, c.Cut) {
		return true
	}
	if c.Cut != CutUnit {
		c.Channel = ""
	}
	for dimension, mark := range marks {
		c.Dimension = dimension
		if !yield(c, mark) {
			return false
		}
	}
	return true
}

// Counts are tallies by cell.
type Counts map[Cell]Tally

// Count counts a rating in every cell of its month.
func (c Counts) Count(r Rating, month string) {
	for cell, grade := range CellsOf(r, month) {
		t := c[cell]
		t.Add(grade)
		c[cell] = t
	}
}

// Missed counts a session at an evaluator that ended without a grade, at whose window and with whom on the screen.
func (c Counts) Missed(p Place, month string) {
	for _, cut := range Cuts {
		first, second, counts := keys[cut](p)
		if !counts {
			continue
		}
		cell := Cell{Month: month, Cut: cut, First: first, Second: second, Channel: ChannelEvaluator}
		t := c[cell]
		t.NotRated++
		c[cell] = t
	}
}

// Sorted are the cells in their order.
func (c Counts) Sorted() []Cell {
	cells := make([]Cell, 0, len(c))
	for cell := range c {
		cells = append(cells, cell)
	}
	slices.SortFunc(cells, CompareCells)
	return cells
}
