package web

// BoxSums is a line of the weekly summary: Name is of a hall, or of the county, whose line stands below its halls'.
// Grades are the best first, "" what is not shown.
type BoxSums struct {
	Name                                              string
	County                                            bool
	Boxes, Opened, Counted, Entered, Voids, Remaining int
	Grades                                            []string
}

// BoxSummaryView is a week of the suggestion boxes by hall and county (6(2)). Before and After are the addresses of
// the weeks beside it; After is "" for the one that runs.
type BoxSummaryView struct {
	Page
	Week               string
	Rows               []BoxSums
	Before, After, CSV string
}

func (*BoxSummaryView) template() string { return "box-summary" }
