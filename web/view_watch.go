package web

import "time"

// WatchCase is a case that counts on the watch list; Href is "" where the reader does not open it.
type WatchCase struct {
	Href, Number, Attribution string
	On                        time.Time // the day of its finding
}

// WatchVerdict is what the rule said at the end of a day, and on what it rests.
type WatchVerdict struct {
	Reason           Message
	Count, Threshold int
	From, To         time.Time
	Edition          string
	Cases            []WatchCase
}

// WatchText is what a person wrote, under the label of its field.
type WatchText struct{ Field, Text string }

// WatchStep is one entry of a listing's history, watch.event.<Event>. Outcome is the code of an
// inspection's, On its day; To is where an overdue one went.
type WatchStep struct {
	Event, Tone string
	At          time.Time
	Role, Name  string
	Verdict     *WatchVerdict
	Outcome     string
	On          time.Time
	Due, Was    time.Time // of the next inspection; as it was before it was counted again
	To          string
	Texts       []WatchText
}

// WatchForm is an act on a listing: watch.act.<Act>, explained by watch.act.<Act>.help. Posted
// besides its fields: seq.
type WatchForm struct {
	Form
	Act    string
	Fields []Field
	Open   bool
}

// ListingView is a unit or a person on the watch list (8(3)). Listed tells that the reader is whom
// it concerns, and so sees counts and codes.
type ListingView struct {
	Page
	Kind, Name, Unit, Authority string
	Since, Inspected, Ended     time.Time
	Standing, Listed            bool
	Why                         Message
	Due                         Due
	Verdict                     *WatchVerdict
	Refusal                     *Problem
	Forms                       []WatchForm
	Steps                       []WatchStep
}

func (*ListingView) template() string { return "listing" }

// NewWatchView puts a unit or a person on the watch list by hand, or opens a probe into one; Code is watch or
// probes. Posted fields: unit or staff, and the reasons. Areas narrows the choices where the reader has several.
type NewWatchView struct {
	Page
	Form
	Code   string
	Areas  *Field
	Fields []Field
}

func (*NewWatchView) template() string { return "new-watch" }
