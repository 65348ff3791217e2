package web

import "time"

// OpeningReport is what one of the two who opened a box reported. Confirm is the address to confirm it at, posted as
// opening_answer; Contest, whose button posts the same, and Decide are nil where the reader may not.
type OpeningReport struct {
	ID, Hall, Place, Week          string
	First, Second                  string // names; the first reported it
	OldSeal, OldSealState, NewSeal string
	Remarks, State                 string
	At, Reported, AnswerBy         time.Time
	Counted, Letters               int
	Answers                        []OpeningAnswer
	Confirm                        string
	Contest, Decide                *HoldForm
}

// OpeningAnswer is what the second person answered, or the supervisor decided. Contested are codes.
type OpeningAnswer struct {
	Answer, By, Reason string
	Contested          []string
	At                 time.Time
}

// OpeningsView is what waits for the reader to confirm or to decide, and what they took part in or may only look at.
type OpeningsView struct {
	Page
	ToConfirm, ToDecide, Others []OpeningReport
	Refusal                     *Message
}

func (*OpeningsView) template() string { return "openings" }
