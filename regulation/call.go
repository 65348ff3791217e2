package regulation

import (
	"slices"
	"strings"
	"time"
)

// Call is a call of the hotline as its call system tells of it (6(4)). Nothing in it says who called.
type Call struct {
	ID        string
	Source    string // the call system
	Agent     string // person of the agent's account
	Staff     string // the agent's profile
	Window    string // the agent's seat
	Language  string // zh, bo
	BeganAt   time.Time
	EndedAt   time.Time // zero while it lasts
	Recording string
	Notice    string // version of the notice that was read to the caller, "" until it was (R59)
	Asked     int    // how often the caller was asked once more
}

// WriteUp is how long after a call its agent may still write down what the caller rated.
const WriteUp = 30 * time.Minute

// WritesDown says whether somebody may write down a rating of a call's caller now: its agent alone, during the call
// or shortly after it (R10).
func (c Call) WritesDown(by Actor, at time.Time) *Error {
	switch {
	case c.ID == "":
		return refuse(NotNow, ClauseTelephone, "no_call", HotlineAgent)
	case by.Person == "" || c.Agent != by.Person:
		return refuse(NotPermitted, ClauseTelephone, "another_agents_call", HotlineAgent)
	case at.Before(c.BeganAt):
		return refuse(NotNow, ClauseTelephone, "no_call", HotlineAgent)
	case !c.EndedAt.IsZero() && at.After(c.EndedAt.Add(WriteUp)):
		err := refuse(NotNow, ClauseTelephone, "call_over", HotlineAgent)
		err.Until = c.EndedAt.Add(WriteUp)
		return err
	}
	return nil
}

// CallLanguages are the languages of callers that the hotline notes.
var CallLanguages = []string{"zh", "bo"}

// Called is one event of the call system, in our words.
type Called struct {
	ID       string // of the event
	Event    CallEvent
	Call     string
	Agent    string // login or profile of the agent
	Language string
	BeganAt  time.Time
	EndedAt  time.Time
	Record   string // id of the recording
	At       time.Time
	Answer   string // the digit or the text as it came
	Grade    string // what it means, "" for nothing
	Ticket   string // number of a complaint or a consultation
	Kind     string // its kind
	Unit     string // credit code or id of the unit that answered
}

// CallEvent is what a call system tells of.
type CallEvent string

// Events of a call system. EventDigit is pressed at the end of the call, EventText answers a text message after it.
const (
	EventCall   CallEvent = "call"
	EventDigit  CallEvent = "digit"
	EventText   CallEvent = "text"
	EventTicket CallEvent = "ticket"
)

// Check holds an event by field.
func (c Called) Check(at time.Time) error {
	err := &Error{Code: Invalid, Clause: ClauseTelephone, Missing: "fields"}
	checkMessageID(c.ID, err)
	if !slices.Contains([]CallEvent{EventCall, EventDigit, EventText, EventTicket}, c.Event) {
		err.Field("event", "not_an_option")
	}
	if c.Event != EventTicket && (c.Call == "" || len(c.Call) > maxCode || strings.TrimSpace(c.Call) != c.Call) {
		err.Field("call", "required")
	}
	switch c.Event {
	case EventCall:
		c.checkCall(at, err)
	case EventDigit, EventText:
		checkMoment(c.At, at, err)
	case EventTicket:
		checkMoment(c.At, at, err)
		c.checkTicket(err)
	}
	return orNil(err)
}

func checkMoment(given, at time.Time, err *Error) {
	if given.IsZero() {
		err.Field("given_at", "not_a_time")
	} else if given.After(at.Add(clockAhead)) {
		err.Field("given_at", "in_the_future")
	}
}

func (c Called) checkCall(at time.Time, err *Error) {
	switch {
	case c.BeganAt.IsZero():
		err.Field("began", "not_a_time")
	case c.BeganAt.After(at.Add(clockAhead)):
		err.Field("began", "in_the_future")
	case !c.EndedAt.IsZero() && c.EndedAt.Before(c.BeganAt):
		err.Field("ended", "before_began")
	}
	if c.Agent == "" {
		err.Field("agent", "required")
	}
	if c.Language != "" && !slices.Contains(CallLanguages, c.Language) {
		err.Field("language", "not_an_option")
	}
}

func (c Called) checkTicket(err *Error) {
	if c.Ticket == "" || len(c.Ticket) > maxCode || !IsText(c.Ticket) {
		err.Field("ticket", "required")
	}
	if kind := TargetKind(c.Kind); kind != TargetComplaint && kind != TargetConsultation {
		err.Field("kind", "not_an_option")
	}
	if c.Unit == "" {
		err.Field("unit", "required")
	}
}

// AnswerMeans is what becomes of a caller's answer about the call: a grade is a rating; a text that means nothing is
// asked once more, and then nothing; a digit that means nothing is no rating. No answer is never a good one (R10).
func (c Called) AnswerMeans(asked int) CallAnswer {
	switch {
	case c.Grade != "":
		return AnswerRated
	case c.Event == EventText && asked == 0:
		return AnswerAskAgain
	}
	return AnswerNone
}

// CallAnswer is what became of a caller's answer.
type CallAnswer string

// What a caller's answer may come to.
const (
	AnswerRated    CallAnswer = "rated"
	AnswerAskAgain CallAnswer = "ask_again"
	AnswerNone     CallAnswer = "not_rated"
)
