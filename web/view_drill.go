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
	Watch                        []DrillCount
	Lateness                     DrillLateness
}

// DrillLateness is by how much later than due deadlines were recorded, in seconds of real time.
type DrillLateness struct {
	Passed               int64
	Median, Most99, Most string
}

// DrillCount is how often something happened, or how many cases stand somewhere.
type DrillCount struct {
	Label string
	N     int64
}

func (*DrillView) template() string { return "drill" }
