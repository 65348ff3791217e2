package web

import "time"

// StandingView is the case as it stood at an instant: event.<Event>, phase.<Phase>.
type StandingView struct {
	Page
	*Slider
	Number, Case string
	At, Until    time.Time // Until is zero where it still stands so
	AsOf         time.Time // whose people and calendar these are
	Event, Phase string
	Edition      string
	Rules        bool // the reader may see calendar and editions
	Notices      []StandingNotice
	Stages       []Stage
	Tracks       []StandingTrack
	Waits        []StandingWait
	Others       []StandingOther
	Dues         []StandingDue
}

// Slider chooses an event of a case; Action shows the case as it stood after it.
type Slider struct {
	Action    string
	Seq, Last int
	Marks     []StandingMark
}

// StandingMark is one event on the slider.
type StandingMark struct {
	Seq   int
	At    time.Time
	Event string
}

// Chosen is the mark of the event that is shown.
func (s *Slider) Chosen() StandingMark {
	for _, m := range s.Marks {
		if m.Seq == s.Seq {
			return m
		}
	}
	return StandingMark{Seq: s.Seq}
}

// Before and After are the neighbours on the slider, 0 at its ends.
func (s *Slider) Before() int { return s.Seq - 1 }

// After is the next event's sequence, or 0.
func (s *Slider) After() int {
	if s.Seq == s.Last {
		return 0
	}
	return s.Seq + 1
}

// StandingNotice is a notice of the working calendar that was in force.
type StandingNotice struct {
	ID, Name, Number, Place string
	Since                   time.Time
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
	Lacks   string // refusal.<code>: the condition that kept everybody from it
	Deduced bool   // told by its deadline, not by an event
}

// StandingSeat is a role at a place with how many people could act from it then.
type StandingSeat struct {
	Role, Place string
	People      int
	Names       string // of them, where the reader may see names
}

// StandingOther is an act that somebody could do without anything waiting for it.
type StandingOther struct {
	Act    string
	Before []StandingSeat
}

// StandingDue is a deadline that was open.
type StandingDue struct {
	Kind, Act   string
	Due         time.Time
	Provisional bool
}

func (*StandingView) template() string { return "standing" }
