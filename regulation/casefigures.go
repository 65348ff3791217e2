package regulation

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// CaseFact is what one bad rating's case counts for, as it stood after an event: everything is told by its events,
// so whoever reads those comes to the same (R29, R34, R51, R60).
type CaseFact struct {
	Seq   int64  // of the last event that it rests on
	Month string // in which the rating was given, whenever its case went on
	// From is whom the rating was given to, Rated whom it counts for now.
	From, Rated Rated
	Area        string
	Channel     Channel
	Grade       Grade
	// Finding, Cause, Link and Attribution are the verification's, "" before it.
	Finding, Cause, Link, Attribution string

	Concluded  bool
	WrittenOff bool
	// Appeal is how the rated side's appeal was decided last, StageUpheld or StageDismissed; "" where none was (R52).
	Appeal Stage
	// The rater was reached, or the call exempted with its reason: in the closing round of calls, or in the verification's
	// where no other has begun.
	Called, CallExempt bool
	Exemption          string
	Replied            bool
	// Ordered: rectification was ordered; Accepted, and InTime where the submission was (R34).
	Ordered, Accepted, InTime bool
	// Overdue: the 15 working days ended without a submission; UnitOverdue: the unit's own did too, which is what counts
	// against it.
	Overdue, UnitOverdue bool
	// Delays are the authority's own steps that were overdue.
	Delays int
	// Took is from opening to the end of the main line, zero before.
	Took time.Duration
}

// FactOf counts a case by its events up to the last one given. Of c it takes what the case was opened with; the rest is
// told by the events, which must be whole and in order from the first.
func FactOf(p Params, c Case, channel Channel, month string, events []Event) CaseFact {
	told := Retell(p, c, events)
	f := CaseFact{Month: month, Rated: told.Rated, From: told.Rated, Area: c.Area, Channel: channel, Grade: c.Grade,
		Finding: told.Finding.Kind, Cause: told.Finding.Cause, Link: told.Finding.Link, Attribution: told.Finding.Attribution,
		Replied: !told.Reply.ReleasedAt.IsZero(), Ordered: len(told.Orders) > 0, Accepted: !told.Clock.AcceptedAt.IsZero()}
	if len(told.Former) > 0 {
		f.From = told.Former[0]
	}
	for _, e := range events {
		f.Seq = e.Seq
		f.concluded(c, e)
		f.appealed(e)
		if e.Escalated != nil {
			f.escalated(told, *e.Escalated)
		}
		for _, entry := range e.Entries {
			f.WrittenOff = entry.Kind == EntryWriteOff || f.WrittenOff && entry.Kind != EntryReversal
		}
	}
	f.InTime = f.Accepted && told.Clock.InTime
	f.called(told)
	return f
}

// Adjusted tells whether the rating counts for whom it was given to no longer (R53).
func (f CaseFact) Adjusted() bool {
	return f.WrittenOff || f.From.Unit != f.Rated.Unit || f.From.Hall != f.Rated.Hall || f.From.Window != f.Rated.Window || f.From.Staff != f.Rated.Staff
}

// concluded follows the end of the main line, which a new order takes back.
func (f *CaseFact) concluded(c Case, e Event) {
	switch {
	case e.Data["reopened"] != "":
		f.Concluded, f.Took = false, 0
	case e.Kind == EventAct && ActKind(e.Name) == ActClose:
		f.Concluded, f.Took = true, e.At.Sub(c.OpenedAt)
	}
}

// appealed follows what decides an appeal: the decision, or the second person's on malice (R52).
func (f *CaseFact) appealed(e Event) {
	if e.Name != string(ActDecideAppeal) && e.Name != string(ActConfirmMalice) {
		return
	}
	if stage := e.Stages[TrackAppeal]; stage == StageUpheld || stage == StageDismissed {
		f.Appeal = stage
	}
}

// escalated tells a delay of the authority's own step from the unit's, which what was taken back later is not (R45).
func (f *CaseFact) escalated(told Case, e Escalated) {
	switch {
	case e.Reason == "rectification_overdue":
		f.Overdue, f.UnitOverdue = true, f.UnitOverdue || e.Unit != "" && !told.TookBack(e)
	case strings.HasPrefix(e.Reason, "overdue:") && e.Unit == "":
		f.Delays++
	}
}

// called takes the closing round, or the verification's where no other has begun.
func (f *CaseFact) called(c Case) {
	round := c.Closing
	if len(round.Attempts) == 0 && round.Exempt == "" {
		round = c.Callback
	}
	f.Called, f.Exemption = round.Reached, round.Exempt
	f.CallExempt = !round.Reached && round.Exempt != ""
}

// CaseTally adds facts up. What was written off counts as that and nothing else (R53).
type CaseTally struct {
	Cases      int64 `json:"cases"`
	Concluded  int64 `json:"concluded"`
	WrittenOff int64 `json:"written_off"`
	// Of those concluded.
	Called     int64 `json:"called"`
	CallExempt int64 `json:"call_exempt"`
	Replied    int64 `json:"replied"`

	Ordered  int64 `json:"ordered"`
	Accepted int64 `json:"accepted"`
	InTime   int64 `json:"in_time"`
	Overdue  int64 `json:"overdue"`
	Unit     int64 `json:"unit_overdue"` // by the unit's own days
	// Delays are steps of the authority that were overdue, Delayed cases with any.
	Delays  int64  `json:"delays"`
	Delayed int64  `json:"delayed"`
	Took    Micros `json:"took_ns"`
}

// Micros is a sum of times in microseconds. A time.Duration holds 292 years: a hundred thousand cases of a day each, no more.
type Micros int64

// MarshalJSON writes nanoseconds, as sealed versions have them.
func (m Micros) MarshalJSON() ([]byte, error) {
	if m == 0 {
		return []byte("0"), nil
	}
	return []byte(strconv.FormatInt(int64(m), 10) + "000"), nil
}

// UnmarshalJSON reads nanoseconds, of which no record has any but whole microseconds.
func (m *Micros) UnmarshalJSON(text []byte) error {
	nanos, ok := new(big.Int).SetString(string(text), 10)
	if !ok {
		return fmt.Errorf("%q is no number of nanoseconds", text)
	}
	micros := nanos.Div(nanos, big.NewInt(1000))
	if !micros.IsInt64() {
		return fmt.Errorf("%s nanoseconds are too many", text)
	}
	*m = Micros(micros.Int64())
	return nil
}

// Plus is the sum of two.
func (t CaseTally) Plus(o CaseTally) CaseTally {
	return CaseTally{t.Cases + o.Cases, t.Concluded + o.Concluded, t.WrittenOff + o.WrittenOff, t.Called + o.Called, t.CallExempt + o.CallExempt,
		t.Replied + o.Replied, t.Ordered + o.Ordered, t.Accepted + o.Accepted, t.InTime + o.InTime, t.Overdue + o.Overdue, t.Unit + o.Unit,
		t.Delays + o.Delays, t.Delayed + o.Delayed, t.Took + o.Took}
}

// Times is a tally so many times.
func (t CaseTally) Times(n int64) CaseTally {
	return CaseTally{n * t.Cases, n * t.Concluded, n * t.WrittenOff, n * t.Called, n * t.CallExempt, n * t.Replied, n * t.Ordered, n * t.Accepted, n * t.InTime,
		n * t.Overdue, n * t.Unit, n * t.Delays, n * t.Delayed, Micros(n) * t.Took}
}

// CallbackRate is the share of concluded cases whose rater was reached; without leaves out those exempt (R29).
func (t CaseTally) CallbackRate(without bool) Ratio {
	if without {
		return Ratio{t.Called, t.Concluded - t.CallExempt}
	}
	return Ratio{t.Called, t.Concluded}
}

// ReplyRate is the share of concluded cases that were replied to (R29).
func (t CaseTally) ReplyRate() Ratio { return Ratio{t.Replied, t.Concluded} }

// InTimeRate is the share of accepted rectifications that were handed in within the days of 7(3) (R34).
func (t CaseTally) InTimeRate() Ratio { return Ratio{t.InTime, t.Accepted} }

// AverageDays is how long a concluded case took, in days of 24 hours; nothing among none.
func (t CaseTally) AverageDays() Ratio {
	return Ratio{int64(t.Took / 1e6), t.Concluded * 24 * 3600}
}
