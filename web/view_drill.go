package web

import "time"

// DrillView shows a drill while it runs.
type DrillView struct {
	Page
	Now                          time.Time
	Scale                        int
	Ratings, Bad, Waiting        int64
	Phases                       []DrillCount
	Acts, Deadlines, Escalations []DrillCount
}

// DrillCount is how often something happened, or how many cases stand somewhere.
type DrillCount struct {
	Label string
	N     int64
}

func (*DrillView) template() string { return "drill" }
