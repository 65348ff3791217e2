package web

import (
	"time"

	"haochaping/regulation"
)

// CoverageShare is how much of a kind can be rated: coverage.kind.<Kind>; Percent with two places.
type CoverageShare struct {
	Kind                 string
	All, Rateable, Whole int
	Percent              string
}

// CoverageLine is a county's shares, or all of them.
type CoverageLine struct {
	Area, Name string
	Kinds      []CoverageShare
}

// CoverageGap is something that lacks coverage.lack.<each of Lacks>; it can be rated by coverage.way.<each of Ways>.
type CoverageGap struct {
	Kind, Name, In string
	Rateable       bool
	Ways           []regulation.Way
	Lacks          []regulation.Lack
}

// CoverageView tells what can be rated and what cannot (R03). Found is how many gaps there are, of which the first are
// listed. Asked: kind, area, gap.
type CoverageView struct {
	Page
	Kind, Area, Gap, CSV string
	AsOf                 time.Time
	Total                CoverageLine
	Areas                []CoverageLine
	Gaps                 []CoverageGap
	Found                int
}

func (*CoverageView) template() string { return "coverage" }

// LackCodes are what the gaps can be narrowed to.
func (*CoverageView) LackCodes() []regulation.Lack { return regulation.Lacks }
