package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

// drill is a clock on which a day takes two seconds, from a Monday morning on. The demo's roster
// stands on that day.
const drill = "43200@2026-09-07T09:00:00+08:00"

// until waits for what a case's deadlines bring, a working week of the drill at a time.
func (s *story) until(t *testing.T, what string) {
	t.Helper()
	eventually(t, "in the case's events: "+what, func() bool {
		time.Sleep(200 * time.Millisecond)
		return s.has(t, what)
	})
}

// TestDeadlines lets every kind of deadline pass on a drill's clock, all at the same time.
func TestDeadlines(t *testing.T) {
	_, _, w := setup(t, map[string]string{"HAOCHAPING_CLOCK": drill})
	unsigned, silent, ignored := w.open(t, contact), w.open(t, contact), w.open(t, contact)
	unsigned.do(t, line(toFinding, substantiated, toOrder)...)
	silent.do(t, line(toFinding, finding("fixed_at_once"), released)...)
	t.Run("an authority's own step goes one level up", ignored.goesUp)
	t.Run("silence is unanswered", silent.isUnanswered)
	t.Run("unsigned and overdue reach the discipline officer", unsigned.reachesDiscipline)
}

func (s *story) goesUp(t *testing.T) {
	s.until(t, "upper overdue:accept")
	var list struct {
		Escalations []struct{ Case, Reason string }
	}
	s.people[upper].must(t, "GET", "/escalations", "", nil).read(t, &list)
	if !slices.ContainsFunc(list.Escalations, func(e struct{ Case, Reason string }) bool {
		return e.Case == s.id && e.Reason == "overdue:accept"
	}) {
		t.Errorf("the level above is not told: %+v", list)
	}
	s.do(t, step{upper, regulation.ActAccept, fields{}})
	s.phase(t, regulation.PhaseVerification)
	s.do(t, step{verifier, regulation.ActServeNotice, fields{}})
	s.servedNotice(t)
}

// servedNotice holds R57: the rated side has its notice, without the rater's words.
func (s *story) servedNotice(t *testing.T) {
	t.Helper()
	r := s.people[head].must(t, "GET", "/notices", "", nil)
	if number := s.see(t).Number; !strings.Contains(string(r.Body), number) {
		t.Errorf("the notice of %s is not in the unit's list: %v", number, r)
	}
	if strings.Contains(string(r.Body), "排队两个小时") {
		t.Error("the notice tells the rater's words")
	}
}

func (s *story) isUnanswered(t *testing.T) {
	s.until(t, "!survey")
	s.do(t, toClosed...)
	v := s.see(t)
	if v.Phase != regulation.PhaseClosed || strings.Contains(v.names(), "answer_survey") {
		t.Errorf("in %s after %s", v.Phase, v.names())
	}
}

func (s *story) reachesDiscipline(t *testing.T) {
	s.until(t, "discipline unsigned")
	s.until(t, "discipline rectification_overdue")
	for _, reason := range []string{"unsigned", "rectification_overdue"} {
		if !s.listed(t, s.id, reason) {
			t.Errorf("%s is not on the discipline officer's list", reason)
		}
	}
	var left []string
	for _, e := range s.see(t).Events {
		if e.Name == string(regulation.DeadlineReminder) {
			left = append(left, e.Data["left"])
		}
	}
	if !slices.Equal(left, []string{"5", "2", "0"}) {
		t.Errorf("reminders came with %q working days left, want 5, 2, 0", left)
	}
	s.do(t, toRectified[0])
	s.phase(t, regulation.PhasePlanning)
}
