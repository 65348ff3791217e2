package regulation

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever people and deadlines do to a case, under whatever edition, its events alone tell what it
// holds, after each of them.
func TestEventsTellWhatTheCaseHolds(t *testing.T) {
	told := map[string]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		var opening *Opening
		d := setup(t, func(o *Opening) { o.Contactable, opening = rapid.Bool().Draw(rt, "contactable"), o })
		anyEdition(rt, d)
		var opened Event
		d.c, opened = d.rules.Open(*opening, d.now)
		d.log = []Event{opened}
		people := append([]string{""}, names(roster())...)
		for range rapid.IntRange(1, 120).Draw(rt, "moves") {
			wander(rt, d, people)
			differ, err := Differences(stored(rt, d.c), stored(rt, Retell(d.rules.Params, d.c, d.log)))
			if err != nil || len(differ) > 0 {
				rt.Fatalf("after %s: told otherwise in %v, %v", d.log[len(d.log)-1].Name, differ, err)
			}
		}
		for _, e := range d.log {
			told[e.Name] = true
		}
	})
	if len(told) < 40 {
		t.Errorf("only %d kinds of events were told", len(told))
	}
}

// Both found by a random seed of the simulation: whom nobody may call is not asked for consent to a new order
// either, and what a round of rectification came to is that round's, not the next one's.
func TestEventsTellOfANewOrderToWhomNobodyMayCall(t *testing.T) {
	d := setup(t).with(AppealPausesClock, 1)
	d.do("sam", ActAccept)
	d.do("clara", ActRecordCallback, reachedCall...)
	d.do("vera", ActRecordFinding, finding("fixed_at_once")...)
	d.do("sam", ActReleaseReply, "reply", "the machine runs again")
	d.do("", ActAnswerSurvey, "grade", "4", "resolved", "yes", "pressed", "no")
	d.do("sam", ActExemptCallback, "reason", "asked_not_to_be_called", "explanation", "said so")
	d.do("viktor", ActRecheck, "result", "passed")
	d.do("sam", ActClose, "matter_status", "concluded")
	d.do("", ActFollowUp, "grade", "1", "resolved", "no")
	d.do("upsam", ActReviewCase, "result", "order_again", "reply", "another order is due")
	d.tells(PhaseDispatch)
}

func TestEventsTellTheRoundBeforeANewOrder(t *testing.T) {
	d := setup(t).with(AppealPausesClock, 1)
	d.toAcceptance()
	d.do("wang", ActLodgeAppeal, appealed...)
	d.do("sam", ActAcceptRectification)
	d.do("sam", ActReleaseReply, "reply", "a second window is open")
	d.tells(PhaseSurvey)
	if !d.c.Clock.InTime {
		t.Fatalf("%+v", d.c.Clock)
	}
	d.do("sue", ActDecideAppeal, dismissed...)
	if !d.rearm(notice(t, threeDaysOff...)) {
		t.Fatal("nothing moved")
	}
	d.do("", ActAnswerSurvey, "grade", "1", "resolved", "no", "pressed", "no")
	d.tells(PhaseDispatch)
}

// tells holds a case in a phase to its events.
func (d *desk) tells(p Phase) {
	d.t.Helper()
	d.phase(p)
	if differ, err := Differences(d.c, Retell(d.rules.Params, d.c, d.log)); err != nil || len(differ) > 0 {
		d.t.Errorf("told otherwise in %v, %v", differ, err)
	}
}

// stored is a case as the record gives it back.
func stored(rt *rapid.T, c Case) (kept Case) {
	text, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		rt.Fatal(err)
	}
	return kept
}

// What was altered in a case is told from its events, and put right by them.
func TestWhatWasAlteredIsToldFromTheEvents(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	later := func(at time.Time) time.Time { return at.Add(time.Hour) }
	for name, c := range map[string]struct {
		aspect string
		alter  func(*Case)
	}{
		"a call":             {AspectCallback, func(c *Case) { c.Callback = Callback{} }},
		"the closing call":   {AspectCallback, func(c *Case) { c.Closing.Attempts, c.Closing.Exempt = nil, "declined" }},
		"the finding":        {AspectFinding, func(c *Case) { c.Finding.Kind = "no_legal_basis" }},
		"the evidence":       {AspectFinding, func(c *Case) { c.Evidence++ }},
		"the reply":          {AspectReply, func(c *Case) { c.Reply.ReleasedAt = time.Time{} }},
		"the survey":         {AspectReply, func(c *Case) { c.Survey.Grade = 1 }},
		"the consent":        {AspectConsent, func(c *Case) { c.Consent.State = "no" }},
		"an order":           {AspectOrder, func(c *Case) { c.Orders[0].Unit = medical }},
		"who handles":        {AspectOrder, func(c *Case) { c.Unit = medical }},
		"the due day":        {AspectClock, func(c *Case) { c.Clock.Due = later(c.Clock.Due) }},
		"that it is overdue": {AspectClock, func(c *Case) { c.Clock.Overdue = true }},
		"a submission":       {AspectClock, func(c *Case) { c.Clock.Submitted[0].At = later(c.Clock.Submitted[0].At) }},
		"that it was late":   {AspectClock, func(c *Case) { c.Clock.InTime = false }},
		"who verified":       {AspectPart, func(c *Case) { c.Verifiers = nil }},
		"another part":       {AspectPart, func(c *Case) { c.Parts = map[Part][]string{PartDecided: {"dora"}} }},
		"the matter":         {AspectContent, func(c *Case) { c.Matter.ProblemOpen = false }},
		"who was rated":      {AspectContent, func(c *Case) { c.Former = []Rated{{Unit: medical}} }},
	} {
		altered := d.c.clone()
		c.alter(&altered)
		mended := Retell(d.rules.Params, altered, d.log)
		differ, err := Differences(altered, mended)
		if err != nil || len(differ) != 1 || len(differ[c.aspect]) == 0 {
			t.Errorf("%s: told in %v, %v, want %s", name, differ, err, c.aspect)
		}
		if left, err := Differences(mended, d.c); err != nil || len(left) > 0 {
			t.Errorf("%s: put right, and %v still differ, %v", name, left, err)
		}
		if !slices.Contains(Aspects, c.aspect) {
			t.Errorf("%s is on no list", c.aspect)
		}
	}
}
