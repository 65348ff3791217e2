package regulation

import (
	"cmp"
	"slices"
	"time"

	"haochaping/workday"
)

// FollowUp is the one rating that a rater may add once the case is closed.
type FollowUp struct {
	Grade    Grade     `json:"grade,omitempty"`
	Resolved string    `json:"resolved,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Text     TextRef   `json:"text,omitzero"`
}

// UpperReview is the look of the level above at a case with whose outcome the rater is
// dissatisfied once more, or where no unit had an order.
type UpperReview struct {
	OpenedAt time.Time `json:"opened_at,omitzero"`
	Result   string    `json:"result,omitempty"` // stands, order_again
	DoneAt   time.Time `json:"done_at,omitzero"`
}

// followUp is the citizen's follow-up rating after closing, by receipt, once.
var followUp = Spec{
	Kind: ActFollowUp, Clause: ClauseVerify, Side: SideRater, Roles: []Role{Citizen},
	Fields: []Field{
		{Name: "grade", Type: TypeChoice, Required: true, Options: []string{"1", "2", "3", "4", "5"}},
		{Name: "resolved", Type: TypeYesNo, Required: true},
		{Name: "pressed", Type: TypeYesNo},
		{Name: "text", Type: TypeLong, Max: 500},
	},
	check: func(m *move) *Error {
		until := m.c.FollowUpUntil(m.rules.Params)
		switch {
		case !m.c.FollowUp.At.IsZero():
			return refuse(NotNow, "", "followed_up")
		case m.at.After(until):
			err := refuse(NotNow, "", "follow_up_over")
			err.Until = until
			return err
		}
		return nil
	},
	effect: func(m *move) {
		grade, _ := ParseGrade(m.act.Values.Get("grade"))
		m.c.FollowUp = FollowUp{Grade: grade, Resolved: m.act.Values.Get("resolved"), At: m.at, Text: m.text("text")}
		m.notePressure()
		m.dissatisfied(grade.Bad() || m.act.Values.Get("resolved") == "no")
	},
}

// FollowUpUntil is the end of the last day on which the rater may follow up, by the edition's days from
// the closing of the main line: later the contact or the words that another order needs may be gone (R59).
func (c Case) FollowUpUntil(p Params) time.Time {
	return workday.DateOf(cmp.Or(c.ConcludedAt, c.ClosedAt)).AddDays(p.Days(FollowUpDays) + 1).Start().Add(-time.Microsecond)
}

// dissatisfied answers a rater whom the outcome does not satisfy: once by a marked new order to
// the unit, a second time, or where no unit had an order, one level up. It tells whether the main
// line has gone back. Who objects to a write-off has their own way.
func (m *move) dissatisfied(is bool) (back bool) {
	switch {
	case !is, m.c.WrittenOff(), m.c.Running(TrackUpperReview), m.c.reviewedAbove():
	case !m.c.answered() && m.c.order() != nil:
		m.orderAgain(AgainDissatisfied)
		return true
	default:
		m.c.Raised = UpperReview{OpenedAt: m.at}
		m.enter(TrackUpperReview, StageInquiry)
		m.await(ActReviewCase)
	}
	return false
}

// Why a case goes out again.
const (
	AgainDissatisfied = "dissatisfied"
	AgainUpperReview  = "upper_review"
	AgainReversed     = "write_off_reversed"
	AgainReattributed = "reattributed"
)

// answered tells whether an order has answered a dissatisfied rater: the once is theirs, and an order of
// which they are no cause, after a write-off that the level above set aside or to the unit that it should
// have gone to, does not use it up.
func (c Case) answered() bool {
	others := 0
	for _, reason := range c.Again {
		if reason == AgainReversed || reason == AgainReattributed {
			others++
		}
	}
	return c.Reopened > others
}

// reviewedAbove tells whether the level above has looked at the reply that stands.
func (c Case) reviewedAbove() bool {
	return !c.Raised.OpenedAt.IsZero() && !c.Raised.OpenedAt.Before(c.Reply.ReleasedAt)
}

// Answer is something that the authority wrote to the citizen.
type Answer struct {
	Text    TextRef
	At      time.Time
	Interim bool
}

// EarlierAnswers are the replies before the order that stands now, which took their place in the case
// (8, R34), the latest first: what the citizen was told once stays to be read.
func EarlierAnswers(c Case, events []Event) []Answer {
	var earlier []Answer
	for _, e := range slices.Backward(events) {
		a := Answer{At: e.At}
		switch ActKind(e.Name) {
		case ActReleaseReply:
			a.Text = TextRef{Seq: e.Seq, Field: "reply"}
		case ActInterimReply:
			a.Text, a.Interim = TextRef{Seq: e.Seq, Field: "text"}, true
		}
		if a.Text.Seq > 0 && e.Kind == EventAct && a.Text != c.Reply.Text && a.Text != c.Interim.Text {
			earlier = append(earlier, a)
		}
	}
	return earlier
}

// orderAgain takes the main line back to a new order, which is marked. Its 15 working days are its
// own; the rounds before stay on record.
func (m *move) orderAgain(reason string) {
	if m.c.Phase != PhaseAcceptance && contains(beforeReply, m.c.Phase) {
		return // an order is out, or on its way
	}
	m.dropTrack("")
	if !m.c.Clock.From.IsZero() {
		m.c.Earlier = append(m.c.Earlier, m.c.Clock)
	}
	m.c.Reopened++
	m.c.Again = append(m.c.Again, reason)
	m.c.Closing = Callback{Exempt: m.c.lastingExemption()} // who asked not to be called asked it for good
	m.c.Clock, m.c.Interim, m.c.Reply, m.c.Survey = Rectifying{}, Interim{}, Reply{}, Survey{}
	m.c.ConcludedAt = time.Time{}
	m.event.Data["reopened"] = reason
	if m.c.Consent.State == "" { // on the short way nobody has asked the rater yet (R30)
		m.toDispatch()
		return
	}
	m.c.Phase = PhaseDispatch
	m.await(ActTransfer)
}

// reviewCase is the level above's answer: the outcome stands, with reasons for the citizen, or the
// unit gets another order.
var reviewCase = Spec{
	Kind: ActReviewCase, Clause: ClauseVerify, Side: SideAuthority, Roles: []Role{Supervisor}, Days: UpperReviewDays,
	Track: TrackUpperReview, Above: true, Not: []Part{PartHandled, PartVerified, PartJudged, PartReply},
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: []string{"stands", "order_again"}},
		{Name: "reply", Type: TypeLong, Required: true, Max: 2000},
	},
	check: func(m *move) *Error {
		if m.act.Values.Get("result") == "order_again" && m.c.WrittenOff() {
			return refuse(NotNow, "", "written_off")
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActReviewCase)
		m.c.Raised.Result, m.c.Raised.DoneAt = m.act.Values.Get("result"), m.at
		m.enter(TrackUpperReview, StageDone)
		m.event.Notify = append(m.event.Notify, Seat{Role: Citizen})
		if m.c.Raised.Result == "order_again" {
			m.orderAgain(AgainUpperReview)
		}
	},
}
