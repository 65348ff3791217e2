package regulation

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
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
	CutMatter       Cut = "matter" // matter
	CutUnitMatter   Cut = "unit_matter"
	CutWindowMatter Cut = "window_matter"
	CutWindowStaff  Cut = "window_staff"
	// CutMatterAll is CutMatter over all channels: a prefecture has ten thousand matters, each of which comes by several.
	CutMatterAll Cut = "matter_all"
	// CutWindowMatterAll is CutWindowMatter over all channels: a window that serves matters of all has a thousand.
	CutWindowMatterAll Cut = "window_matters"
)

// pairs are cuts by two things at once: of those, dimensions are not counted.
var pairs = []Cut{CutUnitMatter, CutWindowMatter, CutWindowStaff}

// Cuts lists them. A member of staff's matters are not among them: they would be as many cells as all others together, of
// one or two ratings each.
var Cuts = []Cut{CutUnit, CutHall, CutWindow, CutStaff, CutMatter, CutUnitMatter, CutWindowMatter, CutWindowStaff, CutMatterAll, CutWindowMatterAll}

// keys are the two parts by which a cut counts a rating, "" for none; there is nothing to count where the part
// that names it is missing.
var keys = map[Cut]func(Place) (first, second string, counts bool){
	CutUnit:            func(p Place) (string, string, bool) { return p.Area, p.Rated.Unit, true },
	CutHall:            func(p Place) (string, string, bool) { return p.Rated.Hall, "", p.Rated.Hall != "" },
	CutWindow:          func(p Place) (string, string, bool) { return p.Rated.Hall, p.Rated.Window, p.Rated.Window != "" },
	CutStaff:           func(p Place) (string, string, bool) { return p.Rated.Unit, p.Rated.Staff, p.Rated.Staff != "" },
	CutMatter:          func(p Place) (string, string, bool) { return p.Rated.Matter, "", p.Rated.Matter != "" },
	CutMatterAll:       func(p Place) (string, string, bool) { return p.Rated.Matter, "", p.Rated.Matter != "" },
	CutUnitMatter:      pair(func(r Rated) string { return r.Unit }, func(r Rated) string { return r.Matter }),
	CutWindowMatter:    pair(func(r Rated) string { return r.Window }, func(r Rated) string { return r.Matter }),
	CutWindowMatterAll: pair(func(r Rated) string { return r.Window }, func(r Rated) string { return r.Matter }),
	CutWindowStaff:     pair(func(r Rated) string { return r.Window }, func(r Rated) string { return r.Staff }),
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

// Compare orders cells by their parts.
func (a Cell) Compare(b Cell) int {
	return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Cut, b.Cut), cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second),
		cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Dimension, b.Dimension))
}

// Tally counts ratings, or their marks in one dimension, by grade.
type Tally struct {
	// Grades: Grades[0] counts grade 1.
	Grades [5]int64 `json:"grades"`
	// NotRated are sessions at an evaluator that ended without a grade: nobody rated (R09).
	NotRated int64 `json:"not_rated"`
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

// Times is a tally so many times.
func (t Tally) Times(n int64) Tally {
	for i := range t.Grades {
		t.Grades[i] *= n
	}
	t.NotRated *= n
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
func (r Ratio) Percent(decimals int) string { return Ratio{100 * r.Of, r.Among}.Fraction(decimals) }

// Fraction is the share with so many decimals, rounded half up; "" among none.
func (r Ratio) Fraction(decimals int) string {
	if r.Among == 0 {
		return ""
	}
	return new(big.Rat).SetFrac64(r.Of, r.Among).FloatString(decimals)
}

// Compare orders shares, the smallest first; one among none comes after all.
func (r Ratio) Compare(o Ratio) int {
	if r.Among == 0 || o.Among == 0 {
		return cmp.Compare(min(o.Among, 1), min(r.Among, 1))
	}
	return new(big.Rat).SetFrac64(r.Of, r.Among).Cmp(new(big.Rat).SetFrac64(o.Of, o.Among))
}

// String is such as 3/4.
func (r Ratio) String() string { return fmt.Sprintf("%d/%d", r.Of, r.Among) }

// In is the cell of a cut in which a rating at a place counts for itself; counts is false where it counts in none.
func (cut Cut) In(p Place, month string, channel Channel) (cell Cell, counts bool) {
	first, second, counts := keys[cut](p)
	if cut.Sum() {
		channel = ""
	}
	return Cell{Month: month, Cut: cut, First: first, Second: second, Channel: channel}, counts
}

// ByChannel tells whether a cut's marks in a dimension are counted by channel, as units' are; for what is smaller the two
// together would leave one rating in each cell.
func (cut Cut) ByChannel() bool { return cut == CutUnit }

// Sum tells whether a cut's cells are sums of another's, which whoever recounts has anyway: neither are its marks counted.
func (cut Cut) Sum() bool { return cut == CutMatterAll || cut == CutWindowMatterAll }

// Pair tells whether a cut is by two things at once: marks are not counted by those.
func (cut Cut) Pair() bool { return slices.Contains(pairs, cut) }

// Counts are tallies by cell. The zero Counts is empty. Cells are kept under numbers in the place of their names: a rating
// counts in a dozen of them, and a recount has millions of ratings.
type Counts struct {
	numbers map[string]uint32
	names   []string
	tallies map[numbered]*Tally
}

// numbered is a Cell.
type numbered struct{ month, cut, first, second, channel, dimension uint32 }

func (c *Counts) number(name string) uint32 {
	n, known := c.numbers[name]
	if !known {
		if c.numbers == nil {
			c.numbers, c.tallies = map[string]uint32{}, map[numbered]*Tally{}
		}
		n = uint32(len(c.names)) //nolint:gosec // places and months, not ratings
		c.numbers[name], c.names = n, append(c.names, name)
	}
	return n
}

func (c *Counts) numbered(cell Cell) numbered {
	return numbered{c.number(cell.Month), c.number(string(cell.Cut)), c.number(cell.First), c.number(cell.Second), c.number(string(cell.Channel)), c.number(cell.Dimension)}
}

func (c *Counts) at(cell numbered) *Tally {
	t := c.tallies[cell]
	if t == nil {
		t = &Tally{}
		c.tallies[cell] = t
	}
	return t
}

// Count counts a rating in every cell of its month: its grade, and each dimension's mark.
func (c *Counts) Count(r Rating, month string) {
	c.Spot(r.Place, month, r.Channel).Count(r.Grade, r.Dimensions)
}

// Missed counts a session at an evaluator that ended without a grade, at whose window and with whom on the screen.
func (c *Counts) Missed(p Place, month string) {
	for _, t := range c.Spot(p, month, ChannelEvaluator).grades {
		t.NotRated++
	}
}

// Spot is where ratings count that are alike in place, month and channel.
type Spot struct {
	counts *Counts
	cells  []numbered // of the grade
	grades []*Tally   // of cells
	marks  map[string][]*Tally
}

// Spot finds the cells of a place once, for whoever counts many ratings there.
func (c *Counts) Spot(p Place, month string, channel Channel) *Spot {
	s := &Spot{counts: c}
	for _, cut := range Cuts {
		if cell, counts := cut.In(p, month, channel); counts {
			at := c.numbered(cell)
			s.cells, s.grades = append(s.cells, at), append(s.grades, c.at(at))
		}
	}
	return s
}

// Count counts one rating. A grade that is none, which no path of the program writes, counts nowhere: the leaves tell of it.
func (s *Spot) Count(g Grade, marks map[string]Grade) {
	if !g.Valid() {
		return
	}
	for _, t := range s.grades {
		t.Add(g)
	}
	s.Mark(marks, 1)
}

// Plus counts many ratings at once.
func (s *Spot) Plus(grades Tally) {
	for _, t := range s.grades {
		*t = t.Plus(grades)
	}
}

// Mark counts the marks of n ratings that are marked alike.
func (s *Spot) Mark(marks map[string]Grade, n int64) {
	for dimension, mark := range marks {
		for _, t := range s.marked(dimension) {
			t.Grades[mark-1] += n
		}
	}
}

// marked are the tallies of a dimension.
func (s *Spot) marked(dimension string) []*Tally {
	tallies, known := s.marks[dimension]
	if known {
		return tallies
	}
	for _, cell := range s.cells {
		cut := Cut(s.counts.names[cell.cut])
		if cut.Pair() || cut.Sum() {
			continue
		}
		if !cut.ByChannel() {
			cell.channel = s.counts.number("")
		}
		cell.dimension = s.counts.number(dimension)
		tallies = append(tallies, s.counts.at(cell))
	}
	if s.marks == nil {
		s.marks = map[string][]*Tally{}
	}
	s.marks[dimension] = tallies
	return tallies
}

// Plus adds what others counted.
func (c *Counts) Plus(o *Counts) {
	for cell, t := range o.All() {
		into := c.at(c.numbered(cell))
		*into = into.Plus(t)
	}
}

// Less takes a tally from a cell: what two counts of the same leave of each other is nothing.
func (c *Counts) Less(cell Cell, t Tally) {
	into := c.at(c.numbered(cell))
	*into = into.Plus(t.Times(-1))
}

// All goes through the cells in their order.
func (c *Counts) All() iter.Seq2[Cell, Tally] {
	return c.those(func(Tally) bool { return true })
}

// Left goes through the cells that are not nothing, in their order.
func (c *Counts) Left() iter.Seq2[Cell, Tally] {
	return c.those(func(t Tally) bool { return t != Tally{} })
}

func (c *Counts) those(wanted func(Tally) bool) iter.Seq2[Cell, Tally] {
	return func(yield func(Cell, Tally) bool) {
		cells := map[Cell]Tally{}
		for n, t := range c.tallies {
			if wanted(*t) {
				cells[Cell{c.names[n.month], Cut(c.names[n.cut]), c.names[n.first], c.names[n.second], Channel(c.names[n.channel]), c.names[n.dimension]}] = *t
			}
		}
		for _, cell := range slices.SortedFunc(maps.Keys(cells), Cell.Compare) {
			if !yield(cell, cells[cell]) {
				return
			}
		}
	}
}

// Len is how many cells there are.
func (c *Counts) Len() int { return len(c.tallies) }
