package web

import "time"

// ContactView is a rater's contact for one call, on a page that nothing keeps. Posted field of the form that has
// a gateway connect the call, where Connect names it: extension.
type ContactView struct {
	Page
	Case, Number       string
	Name, Phone        string
	Language, Hours    string
	CodeWord, Official string
	Connect            string
	Until              time.Time
}

func (*ContactView) template() string { return "contact" }

// CallLine is a call to be made: who has taken it, and until when they may make it.
type CallLine struct {
	Case, Number, Act string
	Due               Due
	Holder            string
	Until             time.Time
}

// DialingView is where calls are assigned. Posted fields: case, several; clerk, for those that nobody has taken.
type DialingView struct {
	Page
	Form
	Calls  []CallLine
	Clerks []Option
}

func (*DialingView) template() string { return "dialing" }

// Dialler lets the clerk who has taken a case's call make it. Posted field: case.
type Dialler struct {
	Form
	Case, Name string
	Until      time.Time
}
