package regulation

import (
	"slices"
	"strings"
)

// Whoever serves in a rated office reads sealed figures without what it was given, in no sum either (2, R21).

// Office is what belongs to the offices in which a reader serves. Staff are those who are theirs or were rated at their windows.
type Office struct {
	Units, Windows, Matters, Staff []string
}

// Rest are a version's figures without an office's: its own lines, and on those of others what was given at its windows, of its matters,
// and what counts for it since. The figures of versions without ByOffice do not tell that apart. Sums by channel and by dimension do not
// either: both are left out where some of the total is the office's. What the rest has nothing of is no line, as where the office had nothing either.
func (f SealedFigures) Rest(own Office) SealedFigures {
	return f.withoutServed(own).Without(own.Has).withoutEmpty()
}

// Has tells whether a line is of the office.
func (o Office) Has(by Axis, line SealedLine) bool {
	switch by {
	case AxisUnit:
		return slices.Contains(o.Units, line.Key)
	case AxisWindow:
		return slices.Contains(o.Windows, line.Key)
	case AxisStaff:
		return slices.Contains(o.Units, line.Under) || slices.Contains(o.Staff, line.Key)
	case AxisMatter:
		return slices.Contains(o.Matters, line.Key)
	}
	return false
}

// withoutServed takes from lines of others what is the office's of them: a unit is given ratings at its windows, a window those of its
// matters, a matter both.
func (f SealedFigures) withoutServed(own Office) SealedFigures {
	areas := map[string]string{}
	for _, unit := range f.Units {
		areas[unit.Key] = unit.Under
	}
	for _, list := range []*[]SealedLine{&f.Counties, &f.Units, &f.Halls, &f.Windows, &f.Matters} {
		*list = slices.Clone(*list)
	}
	for _, line := range f.Served {
		hall, window, unit, matter := line.served()
		at, of := slices.Contains(own.Windows, window), slices.Contains(own.Units, unit)
		if at && !of {
			if area, known := areas[unit]; known {
				f.Total, f.Channels, f.Dimensions = f.Total.less(line), nil, nil
				takeOff(f.Units, unit, line)
				unconfirm(f.Units, unit, line)
				takeOff(f.Counties, area, line)
			}
		}
		if of && !at {
			takeOff(f.Windows, window, line)
			unconfirm(f.Windows, window, line)
			takeOff(f.Halls, hall, line)
		}
		if at || of {
			takeOff(f.Matters, matter, line)
		}
	}
	return f
}

// Between tells whether something was served between an office and others.
func (f SealedFigures) Between(own Office) bool {
	return slices.ContainsFunc(f.Served, func(line SealedLine) bool {
		_, window, unit, _ := line.served()
		return slices.Contains(own.Windows, window) || slices.Contains(own.Units, unit)
	})
}

// served are the parts of a line of Served.
func (l SealedLine) served() (hall, window, unit, matter string) {
	hall, window, _ = strings.Cut(l.Under, "/")
	unit, matter, _ = strings.Cut(l.Key, "/")
	return hall, window, unit, matter
}

func takeOff(lines []SealedLine, key string, part SealedLine) {
	for i := range lines {
		if lines[i].Key == key {
			lines[i] = lines[i].less(part)
		}
	}
}

// unconfirm takes off what was confirmed: of units and windows against the same findings (ConfirmedFindings).
func unconfirm(lines []SealedLine, key string, part SealedLine) {
	for i := range lines {
		if lines[i].Key == key {
			lines[i].Confirmed -= part.Confirmed
		}
	}
}

// Without takes lines out: of units, halls, windows, staff and matters those that out names, and what its units and windows were given
// off the sums that hold them. What cannot be told without them, by channel and by dimension, is left out wholly, as are units by hall and
// what was served between offices.
func (f SealedFigures) Without(out func(by Axis, line SealedLine) bool) SealedFigures {
	units := slices.Clone(f.Units)
	f.Counties, f.Halls = slices.Clone(f.Counties), slices.Clone(f.Halls)
	f.Units, f.HallUnits, f.Served = nil, nil, nil
	for _, unit := range units {
		if !out(AxisUnit, unit) {
			f.Units = append(f.Units, unit)
			continue
		}
		f.Total, f.Channels, f.Dimensions = f.Total.less(unit), nil, nil
		takeOff(f.Counties, unit.Under, unit)
	}
	windows := f.Windows
	f.Windows = nil
	for _, window := range windows {
		if !out(AxisWindow, window) {
			f.Windows = append(f.Windows, window)
			continue
		}
		takeOff(f.Halls, window.Under, window)
	}
	f.Halls = without(f.Halls, AxisHall, out)
	f.Staff = without(f.Staff, AxisStaff, out)
	f.Matters = without(f.Matters, AxisMatter, out)
	return f
}

func without(lines []SealedLine, by Axis, out func(Axis, SealedLine) bool) []SealedLine {
	return slices.DeleteFunc(slices.Clone(lines), func(line SealedLine) bool { return out(by, line) })
}

// less is a line without another of it, but for what was confirmed: sums have nothing of that.
func (l SealedLine) less(o SealedLine) SealedLine {
	l.Given, l.Net = l.Given.Plus(o.Given.Times(-1)), l.Net.Plus(o.Net.Times(-1))
	if l.Cases != nil && o.Cases != nil {
		rest := l.Cases.Plus(o.Cases.Times(-1))
		l.Cases = &rest
	}
	return l
}

// withoutEmpty leaves out lines of nothing.
func (f SealedFigures) withoutEmpty() SealedFigures {
	f.Total = f.Total.ofSome()
	for _, list := range f.lists() {
		var some []SealedLine
		for _, line := range *list {
			if line = line.ofSome(); line != (SealedLine{Key: line.Key, Under: line.Under}) {
				some = append(some, line)
			}
		}
		*list = some
	}
	return f
}

// ofSome is a line without a tally of no cases.
func (l SealedLine) ofSome() SealedLine {
	if l.Cases != nil && *l.Cases == (CaseTally{}) {
		l.Cases = nil
	}
	return l
}
