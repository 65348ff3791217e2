package web

import "time"

// GradeCount is how many ratings of a grade there are, "" where no batch of it is complete.
type GradeCount struct {
	Grade int
	Count string
}

// OwnRatingsView is what citizens said of the reader or their unit, in batches. Until is the last day of the last batch, zero
// before the first.
type OwnRatingsView struct {
	Page
	Year     int
	Grades   []GradeCount
	Total    int
	Until    time.Time
	Comments []string
}

func (*OwnRatingsView) template() string { return "own-ratings" }
