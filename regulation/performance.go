package regulation

import "slices"

// Good ratings count for what units and people are appraised by (8(2), R40): an authority takes the figures of a sealed month or
// quarter out by unit and by person. A unit answers for what was confirmed against it. A person answers only for what was
// confirmed and attributed to the person (R60): a bad rating with another cause, or one that nobody has looked into yet, is
// left out of their rate on both sides.

// ConfirmedFindings are the findings and attributions that count against whom an axis names: a unit, a member of staff.
func ConfirmedFindings(by Axis) (findings, attributions []string) {
	if by == AxisStaff {
		return []string{"substantiated"}, []string{AttributedToPerson}
	}
	return slices.Clone(unitFindings), slices.Clone(unitAttributions)
}

// Performance is one line for the appraisal of a unit or a person, all of it from one sealed version.
type Performance struct {
	Key, Under string
	// Rated are the ratings that count, Good the good ones among them, Bad the others.
	Rated, Good, Bad int64
	// Confirmed are the bad ratings that were confirmed against the unit or the person.
	Confirmed int64
	// Rate is the share of good ratings: of a unit among all that count, of a person among the good ones and what was confirmed
	// against them.
	Rate Ratio
	// Accepted rectifications, those in time, and cases whose days ended without a submission: of units alone, who rectify.
	Accepted, InTime, Overdue int64
	InTimeRate                Ratio
}

// PerformanceAxes are by what performance is told.
var PerformanceAxes = []Axis{AxisUnit, AxisStaff}

// PerformanceOf are the lines of an authority's own units, or of their staff, in the order of their keys.
func PerformanceOf(f SealedFigures, area string, by Axis) []Performance {
	lines := f.Units
	if by == AxisStaff {
		lines = f.Staff
	}
	var all []Performance
	for _, line := range lines {
		if by == AxisUnit && line.Under != area { // the prefecture's version has the counties' units too
			continue
		}
		p := Performance{Key: line.Key, Under: line.Under, Rated: line.Net.Rated(), Good: line.Net.Good(), Bad: line.Net.Bad(), Confirmed: line.Confirmed, Rate: line.Net.GoodRate()}
		if by == AxisStaff {
			p.Rate = Ratio{p.Good, p.Good + p.Confirmed}
		} else if line.Cases != nil {
			p.Accepted, p.InTime, p.Overdue, p.InTimeRate = line.Cases.Accepted, line.Cases.InTime, line.Cases.Unit, line.Cases.InTimeRate()
		}
		all = append(all, p)
	}
	return all
}

// Within tells whether another period lies in it.
func (p Period) Within(o Period) bool {
	return p.Year == o.Year && p.First >= o.First && p.Last <= o.Last
}
