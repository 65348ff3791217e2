package regulation

import (
	"slices"
	"time"
)

// Two people open a box (6(2)). One reports what they found, and the other confirms it with a sign-in of their own, so
// that nobody records an opening alone: until then it does not count. Whoever did not see what was reported contests it.

// ReportState is how far a report of an opening has come.
type ReportState string

const (
	ReportToConfirm ReportState = "to_confirm"
	ReportConfirmed ReportState = "confirmed" // it is an opening
	ReportRefused   ReportState = "refused"   // the second contests it: it is the supervisor's to decide
	ReportUpheld    ReportState = "upheld"    // it is an opening all the same
	ReportSetAside  ReportState = "set_aside" // it is none; what was found may be reported anew
)

// Counts tells whether the report is an opening.
func (s ReportState) Counts() bool { return s == ReportConfirmed || s == ReportUpheld }

// Open tells whether nothing was decided yet.
func (s ReportState) Open() bool { return s == ReportToConfirm || s == ReportRefused }

// AnswerFields and DecisionFields are what the second answers, and the supervisor decides.
var (
	AnswerFields = []Field{
		{Name: "opening_answer", Type: TypeChoice, Required: true, Options: []string{string(ReportConfirmed), string(ReportRefused)}},
		{Name: "opening_contested", Type: TypeMany, Options: []string{"presence", "time", "old_seal", "new_seal", "count"}},
		{Name: "answer_reason", Type: TypeText, Max: 200},
	}
	DecisionFields = []Field{
		{Name: "opening_decision", Type: TypeChoice, Required: true, Options: []string{string(ReportUpheld), string(ReportSetAside)}},
		{Name: "decision_reason", Type: TypeText, Required: true, Max: 200},
	}
)

// OpeningReport is what a rule has to know of a report.
type OpeningReport struct {
	State    ReportState
	Openers  [2]string // people; the first reported it
	AnswerBy time.Time // after it the supervisor may decide, and the second may still answer until then
}

// Answer is the second person's: confirmed, or refused with what they did not see and why. Refusals: NotPermitted
// not_the_second; Conflict opening_answered; Invalid on AnswerFields.
func (r OpeningReport) Answer(v Values, person string) (ReportState, error) {
	if person != r.Openers[1] {
		return "", refuse(NotPermitted, ClauseBox, "not_the_second")
	}
	if err := CheckBox(AnswerFields, v); err != nil {
		return "", err
	}
	answer := ReportState(v.Get("opening_answer"))
	contested := len(nonEmpty(v["opening_contested"])) > 0
	wrong := refuse(Invalid, ClauseBox, "fields")
	switch {
	case r.State != ReportToConfirm:
		return "", refuse(Conflict, ClauseBox, "opening_answered")
	case answer == ReportConfirmed && contested:
		wrong.Field("opening_contested", "confirmed_and_contested")
	case answer == ReportRefused && !contested:
		wrong.Field("opening_contested", "required")
	}
	if answer == ReportRefused && v.Get("answer_reason") == "" {
		wrong.Field("answer_reason", "required")
	}
	if wrong.Fields != nil {
		return "", wrong
	}
	return answer, nil
}

// Decide is the supervisor's, of a report that was refused or not answered in time: neither of the two who opened the
// box decides. Refusals: FourEyes you_opened_it; Invalid on DecisionFields; NotNow opening_waits, with from when on;
// Conflict opening_answered.
func (r OpeningReport) Decide(v Values, person string, now time.Time) (ReportState, error) {
	if slices.Contains(r.Openers[:], person) {
		return "", refuse(FourEyes, ClauseBox, "you_opened_it")
	}
	if err := CheckBox(DecisionFields, v); err != nil {
		return "", err
	}
	switch {
	case !r.State.Open():
		return "", refuse(Conflict, ClauseBox, "opening_answered")
	case !r.Decidable(now):
		waits := refuse(NotNow, ClauseBox, "opening_waits")
		waits.From = r.AnswerBy
		return "", waits
	}
	return ReportState(v.Get("opening_decision")), nil
}

// Decidable tells whether the report is before the supervisor.
func (r OpeningReport) Decidable(now time.Time) bool {
	return r.State == ReportRefused || r.State == ReportToConfirm && !now.Before(r.AnswerBy)
}
