package web

import "time"

// SignalCard explains one signal of cheating, signal.<Kind>: Text says what was counted against which threshold.
type SignalCard struct {
	Kind, Direction, Text string
	From, To              time.Time
	Edition               string
}

// EvidenceLine is one rating of a probe's evidence; Href is "" where it has no case or the reader does not open it.
type EvidenceLine struct {
	On                time.Time
	Grade             int
	Channel, Unit     string
	HasText, Annulled bool
	Href, Number      string
}

// ProbeStep is one entry of a probe's history, probe.event.<Event>. On is the day of a hearing, Annuls how many
// ratings count no more from here on.
type ProbeStep struct {
	Event, Tone      string
	At, Due, On      time.Time
	Role, Name, To   string
	Outcome, Measure string
	Annuls           int
	Signals          []SignalCard
	Texts            []WatchText
}

// ProbeView is a probe into signs of cheating (9(2), R48). Concerned tells that the reader is whom it concerns,
// and so sees what is held against them and no rating.
type ProbeView struct {
	Page
	Kind, Name, Direction, Unit, Authority, Measure string
	Since, Ended                                    time.Time
	Open, Concerned                                 bool
	State                                           Message
	Due                                             Due
	Refusal                                         *Problem
	Card                                            []SignalCard
	Evidence                                        []EvidenceLine
	Forms                                           []WatchForm
	Steps                                           []ProbeStep
}

func (*ProbeView) template() string { return "probe" }
