package regulation

import "testing"

// Whatever one thing is told by and another narrowed to is counted together, but for what would be single ratings.
func TestWhichCutAnswersWhat(t *testing.T) {
	for _, c := range []struct {
		name string
		need FigureNeed
		want Cut
	}{
		{"counties", FigureNeed{By: AxisCounty}, CutUnit},
		{"townships", FigureNeed{By: AxisTownship}, CutUnit},
		{"months of a county", FigureNeed{By: AxisMonth, Of: []Axis{AxisCounty}}, CutUnit},
		{"halls", FigureNeed{By: AxisHall}, CutHall},
		{"halls without one's own windows", FigureNeed{By: AxisHall, Except: []Axis{AxisUnit, AxisWindow, AxisMatter}}, CutWindow},
		{"units in a hall", FigureNeed{By: AxisUnit, Of: []Axis{AxisHall}}, CutWindow},
		{"windows of a county", FigureNeed{By: AxisWindow, Of: []Axis{AxisCounty}}, CutWindow},
		{"staff of a county", FigureNeed{By: AxisStaff, Of: []Axis{AxisCounty}}, CutStaff},
		{"staff at a window", FigureNeed{By: AxisStaff, Of: []Axis{AxisWindow}}, CutWindowStaff},
		{"matters of a county", FigureNeed{By: AxisMatter, Of: []Axis{AxisCounty}}, CutUnitMatter},
		{"national codes at a window", FigureNeed{By: AxisTask, Of: []Axis{AxisWindow}}, CutWindowMatter},
		{"channels of a member of staff", FigureNeed{By: AxisChannel, Of: []Axis{AxisStaff}}, CutStaff},
		{"dimensions of a window", FigureNeed{By: AxisDimension, Of: []Axis{AxisWindow}, Marks: true}, CutWindow},
		{"matters by marks", FigureNeed{By: AxisMatter, Marks: true, Except: []Axis{AxisUnit, AxisWindow, AxisMatter}}, CutMatter},
		{"a unit's marks by channel", FigureNeed{By: AxisChannel, Of: []Axis{AxisUnit}, Marks: true, Split: true}, CutUnit},
		{"a window's marks by channel", FigureNeed{By: AxisChannel, Of: []Axis{AxisWindow}, Marks: true, Split: true}, ""},
		{"matters of a member of staff", FigureNeed{By: AxisMatter, Of: []Axis{AxisStaff}}, ""},
		{"staff at a window in a matter", FigureNeed{By: AxisStaff, Of: []Axis{AxisWindow, AxisMatter}}, ""},
	} {
		if got, ok := CutFor(c.need); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
