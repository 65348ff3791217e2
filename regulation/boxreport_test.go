package regulation

import (
	"errors"
	"testing"
	"time"
)

// fieldOf is the code on a field of a refusal, or of the whole; "" for none.
func fieldOf(err error, field string) string {
	refused := (*Error)(nil)
	if !errors.As(err, &refused) {
		return ""
	}
	if code := refused.Fields[field]; code != "" {
		return code
	}
	return refused.Missing
}

// The second person answers for themselves, once; what they did not see they contest with a reason. The supervisor decides
// what was contested or not answered in time, unless they were one of the two.
func TestWhoAnswersAReportOfAnOpening(t *testing.T) {
	by := time.Date(2026, 3, 6, 9, 0, 0, 0, time.UTC)
	waits := OpeningReport{State: ReportToConfirm, Openers: [2]string{"first", "second"}, AnswerBy: by}
	in := func(state ReportState) OpeningReport { r := waits; r.State = state; return r }
	yes, no := Values{"opening_answer": {"confirmed"}}, Values{"opening_answer": {"refused"}, "opening_contested": {"count"}, "answer_reason": {"九张，不是八张"}}
	for name, c := range map[string]struct {
		report      OpeningReport
		typed       Values
		person      string
		field, want string
	}{
		"confirmed":                {waits, yes, "second", "", ""},
		"contested":                {waits, no, "second", "", ""},
		"by who reported it":       {waits, yes, "first", "", "not_the_second"},
		"by somebody else":         {waits, yes, "third", "", "not_the_second"},
		"nothing":                  {waits, Values{}, "second", "opening_answer", "required"},
		"a decision":               {waits, Values{"opening_answer": {"upheld"}}, "second", "opening_answer", "not_an_option"},
		"contested, not what":      {waits, Values{"opening_answer": {"refused"}, "answer_reason": {"不在场"}}, "second", "opening_contested", "required"},
		"contested, not why":       {waits, Values{"opening_answer": {"refused"}, "opening_contested": {"presence"}}, "second", "answer_reason", "required"},
		"confirmed and contested":  {waits, Values{"opening_answer": {"confirmed"}, "opening_contested": {"count"}}, "second", "opening_contested", "confirmed_and_contested"},
		"contested, then not":      {in(ReportRefused), yes, "second", "", "opening_answered"},
		"after it was set aside":   {in(ReportSetAside), yes, "second", "", "opening_answered"},
		"after it was confirmed":   {in(ReportConfirmed), no, "second", "", "opening_answered"},
		"contested, no such thing": {waits, Values{"opening_answer": {"refused"}, "opening_contested": {"weather"}, "answer_reason": {"-"}}, "second", "opening_contested", "not_an_option"},
	} {
		answer, err := c.report.Answer(c.typed, c.person)
		if got := fieldOf(err, c.field); got != c.want || err == nil && string(answer) != c.typed.Get("opening_answer") {
			t.Errorf("%s: %s %s, want %s", name, answer, got, c.want)
		}
	}
	count := Values{"opening_decision": {"upheld"}, "decision_reason": {"监控可见两人在场"}}
	for name, c := range map[string]struct {
		report      OpeningReport
		typed       Values
		person      string
		at          time.Time
		field, want string
	}{
		"contested":            {in(ReportRefused), count, "head", by.Add(-time.Hour), "", ""},
		"not answered in time": {waits, count, "head", by, "", ""},
		"while it waits":       {waits, count, "head", by.Add(-time.Second), "", "opening_waits"},
		"by who reported it":   {in(ReportRefused), count, "first", by, "", "you_opened_it"},
		"by the second":        {in(ReportRefused), count, "second", by, "", "you_opened_it"},
		"without a reason":     {in(ReportRefused), Values{"opening_decision": {"upheld"}}, "head", by, "decision_reason", "required"},
		"once confirmed":       {in(ReportConfirmed), count, "head", by, "", "opening_answered"},
		"twice":                {in(ReportUpheld), count, "head", by, "", "opening_answered"},
	} {
		if _, err := c.report.Decide(c.typed, c.person, c.at); fieldOf(err, c.field) != c.want {
			t.Errorf("%s: %s, want %s", name, fieldOf(err, c.field), c.want)
		}
	}
}
