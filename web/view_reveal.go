package web

import "time"

// RevealSections are the parts of the page, reveals.<code>.
var RevealSections = [4]string{"decide", "running", "asked", "past"}

// RevealRow is a request to open a rater's contact: choice.purpose.<Purpose>, reveals.state.<State>. Read and Decide are
// where the reader reads or decides now, "" for not. Until is when it lapses or ends.
type RevealRow struct {
	Number, Href, Purpose, Reason, State, By, Decider string
	At, Until                                         time.Time
	Read, Decide                                      string
}

// RevealSection is one part of the page.
type RevealSection struct {
	Code string
	Rows []RevealRow
}

// RevealsView lists requests to open a rater's contact (9(2), R49). Ask is the form for the case Number, nil where none
// is asked for. Posted field of a decision: decision.
type RevealsView struct {
	Page
	Number   string
	Ask      *HoldForm
	Approves bool // the reader may approve others'
	Sections [4]RevealSection
}

func (*RevealsView) template() string { return "reveals" }
