package regulation

import "slices"

// Axis is what figures are told by, or narrowed to (clause 7(1), R02, R21).
type Axis string

// Axes.
const (
	AxisMonth     Axis = "month"
	AxisCounty    Axis = "county"
	AxisTownship  Axis = "township"
	AxisUnit      Axis = "unit" // department, authority, body
	AxisHall      Axis = "hall"
	AxisWindow    Axis = "window"
	AxisStaff     Axis = "staff"
	AxisTask      Axis = "task"   // the national code of a matter: the same in every county
	AxisMatter    Axis = "matter" // as one unit handles it
	AxisChannel   Axis = "channel"
	AxisDimension Axis = "dimension"
	// Of cases alone: what a verification found (R24, R60).
	AxisAttribution Axis = "attribution"
	AxisCause       Axis = "cause"
	AxisLink        Axis = "link"
)

// Axes lists them in the order in which they are offered.
var Axes = []Axis{AxisCounty, AxisTownship, AxisUnit, AxisHall, AxisWindow, AxisStaff, AxisTask, AxisMatter, AxisChannel, AxisDimension, AxisMonth,
	AxisAttribution, AxisCause, AxisLink}

// OfCases tells whether only cases have it: a rating has no cause before it was verified.
func (a Axis) OfCases() bool { return a == AxisAttribution || a == AxisCause || a == AxisLink }

// Keyed is the axis by whose keys figures of another are counted: townships are sums over units, tasks over matters.
func (a Axis) Keyed() Axis {
	switch a {
	case AxisTownship:
		return AxisUnit
	case AxisTask:
		return AxisMatter
	}
	return a
}

// parts are the axes of each cut's keys.
var parts = map[Cut][2]Axis{
	CutUnit: {AxisCounty, AxisUnit}, CutHall: {AxisHall}, CutWindow: {AxisHall, AxisWindow}, CutStaff: {AxisUnit, AxisStaff}, CutMatter: {AxisMatter},
	CutUnitMatter: {AxisUnit, AxisMatter}, CutWindowMatter: {AxisWindow, AxisMatter}, CutWindowStaff: {AxisWindow, AxisStaff},
}

// Part is which key of the cut an axis is: 1, 2, or 0 for none.
func (cut Cut) Part(a Axis) int {
	for i, part := range parts[cut] {
		if part == a && a != "" {
			return i + 1
		}
	}
	return 0
}

// Through are the axes by whose keys one can be told or narrowed as well: a county's units, the windows of a unit or a hall.
var Through = map[Axis][]Axis{
	AxisCounty: {AxisCounty, AxisUnit, AxisHall, AxisWindow}, AxisTownship: {AxisUnit, AxisWindow}, AxisUnit: {AxisUnit, AxisWindow}, AxisHall: {AxisHall, AxisWindow},
	AxisWindow: {AxisWindow}, AxisStaff: {AxisStaff}, AxisTask: {AxisMatter}, AxisMatter: {AxisMatter},
}

// FigureNeed is what figures are asked by, narrowed to, and must not have in them.
type FigureNeed struct {
	By     Axis
	Of     []Axis
	Except []Axis // any one of these has to be told apart; nil where nothing is left out
	Marks  bool   // marks in dimensions in the place of grades
	Split  bool   // narrowed to channels, or by them
}

// CutFor chooses the cut to ask; ok is false where what is asked for is not counted together: three things at once, or a
// dimension of two.
func CutFor(n FigureNeed) (cut Cut, ok bool) {
	for _, cut := range Cuts {
		if n.Marks && (cut.Pair() || n.Split && !cut.ByChannel()) {
			continue
		}
		if n.fits(cut) {
			return cut, true
		}
	}
	return "", false
}

func (n FigureNeed) fits(cut Cut) bool {
	if n.By != AxisMonth && n.By != AxisChannel && n.By != AxisDimension && cut.Narrows(n.By) == "" {
		return false
	}
	for _, axis := range n.Of {
		if cut.Narrows(axis) == "" {
			return false
		}
	}
	return n.Except == nil || slices.ContainsFunc(n.Except, func(a Axis) bool { return cut.Part(a) > 0 })
}

// Narrows is the axis of the cut by whose keys one is told or narrowed, "" where it cannot be.
func (cut Cut) Narrows(axis Axis) Axis {
	for _, through := range Through[axis] {
		if cut.Part(through) > 0 {
			return through
		}
	}
	return ""
}
