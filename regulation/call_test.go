package regulation

import (
	"testing"
	"time"
)

func TestOnlyTheCallsAgentWritesDown(t *testing.T) {
	began := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	running := Call{ID: "C", Agent: "a", BeganAt: began}
	ended := running
	ended.EndedAt = began.Add(5 * time.Minute)
	for name, c := range map[string]struct {
		call    Call
		by      string
		at      time.Time
		missing string
	}{
		"during the call":         {running, "a", began.Add(time.Hour), ""},
		"at the last instant":     {ended, "a", ended.EndedAt.Add(WriteUp), ""},
		"an instant later":        {ended, "a", ended.EndedAt.Add(WriteUp + time.Microsecond), "call_over"},
		"before the call":         {running, "a", began.Add(-time.Second), "no_call"},
		"another agent":           {running, "b", began, "another_agents_call"},
		"nobody":                  {running, "", began, "another_agents_call"},
		"no call":                 {Call{}, "a", began, "no_call"},
		"nobody in a nobody's":    {Call{ID: "C", BeganAt: began}, "", began, "another_agents_call"},
		"another agent, long ago": {ended, "b", began.Add(time.Hour), "another_agents_call"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.call.WritesDown(Actor{Person: c.by}, c.at)
			if (err == nil) != (c.missing == "") || (err != nil && err.Missing != c.missing) {
				t.Errorf("%v, want %q", err, c.missing)
			}
		})
	}
}

func TestAnAnswerThatMeansNothingIsNeverAGoodOne(t *testing.T) {
	for _, c := range []struct {
		event CallEvent
		grade string
		asked int
		want  CallAnswer
	}{
		{EventDigit, "5", 0, AnswerRated}, {EventDigit, "", 0, AnswerNone}, {EventText, "1", 1, AnswerRated},
		{EventText, "", 0, AnswerAskAgain}, {EventText, "", 1, AnswerNone}, {EventText, "", 2, AnswerNone},
	} {
		if got := (Called{Event: c.event, Grade: c.grade}).AnswerMeans(c.asked); got != c.want {
			t.Errorf("%+v comes to %s", c, got)
		}
	}
	if _, err := NewRating("", RatingForm{Channel: ChannelIVR, Target: TargetConsultation, Grade: "5", CallID: "C"}, Place{}, Choices{}, Actor{Person: "a"}, time.Now()); err == nil {
		t.Error("an agent answers for the caller")
	}
}
