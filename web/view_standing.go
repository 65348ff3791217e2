package web

import "time"

// StandingView is the case as it stood after one of its events: event.<Event>, phase.<Phase>.
type StandingView struct {
	Page
	Number, Case      string
	Seq, Last         int
	At, Until         time.Time // Until is zero where it still stands so
	Event, Phase      string
	Edition, Calendar string
	Stages            []Stage
	Marks             []StandingMark
	Tracks            []StandingTrack
	Waits             []StandingWait
	Others            []StandingOther
	Dues              []StandingDue
}

// StandingMark is one event on the slider.
type StandingMark struct {
	Seq   int
	At    time.Time
	Event string
}

// StandingTrack is a procedure beside the main line: track.<Track>, stage.<Stage>.
type StandingTrack struct{ Track, Stage string }

// StandingWait is what the case waited for, before whom, and how many people could have acted.
type StandingWait struct {
	Act     string
	Before  []StandingSeat
	Since   time.Time
	Due     time.Time
	Overdue bool
	Raised  string
}

// StandingSeat is a role at a place with how many people held it then.
type StandingSeat struct {
	Role, Place string
	People      int
	Names       string // of them, where the reader may see names
}

// StandingOther is an act that was open without anything waiting for it.
type StandingOther struct {
	Act string
	By  []string
}

// StandingDue is a deadline that was open.
type StandingDue struct {
	Kind, Act   string
	Due         time.Time
	Calendar    string
	Provisional bool
}

// Before and After are the neighbours on the slider, 0 at its ends.
func (v *StandingView) Before() int { return v.Seq - 1 }

// After is the next event's sequence, or 0.
func (v *StandingView) After() int {
	if v.Seq == v.Last {
		return 0
	}
	return v.Seq + 1
}

func (*StandingView) template() string { return "standing" }
