package api_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"haochaping/integration/portal"
	"haochaping/regulation"
	"haochaping/store"
)

// event is one of the call system's.
func (o *office) event(d *portal.Double, kind string, more portal.Record) portal.Record {
	o.keys.Add(1)
	r := portal.Record{"eventId": fmt.Sprintf("e-%d", o.keys.Load()), "event": kind, "eventTime": d.Time(o.clock.Now())}
	for name, value := range more {
		r[name] = value
	}
	return r
}

// calls has a call come in for an agent, from a number that nobody may keep.
func (o *office) calls(d *portal.Double, id, agent string) {
	o.t.Helper()
	began := o.event(d, "call", portal.Record{"callId": id, "agentId": agent, "beginTime": d.Time(o.clock.Now()), "callerNumber": raterPhone})
	if got := o.sent(d, "/hotline/calls", began).Results[0]; got.Outcome != "accepted" {
		o.t.Fatalf("%+v", got)
	}
}

func (o *office) ends(d *portal.Double, id, agent string, began time.Time) {
	o.t.Helper()
	o.sent(d, "/hotline/calls", o.event(d, "call", portal.Record{"callId": id, "agentId": agent, "beginTime": d.Time(began), "endTime": d.Time(o.clock.Now()), "recordId": "R1"}))
}

// badRatings are those that opened a case.
func (o *office) badRatings() (all []regulation.Rating) {
	o.t.Helper()
	lines, _, err := o.record.Cases(o.t.Context(), regulation.Scope{All: true}, store.CaseQuery{})
	must(o.t, err)
	for _, line := range lines {
		c, err := o.record.CaseByID(o.t.Context(), regulation.Scope{All: true}, line.ID)
		must(o.t, err)
		r, err := o.record.RatingOf(o.t.Context(), c)
		must(o.t, err)
		all = append(all, r)
	}
	return all
}

// What a caller rates is bound to a call of the agent's own, and each thing is rated once in it.
func TestARatingByTelephoneNeedsTheAgentsOwnCall(t *testing.T) {
	o := setup(t, withUpstreams(t))
	d, began := o.upstream("hotline", upstreamKey), o.clock.Now()
	agent, other := o.as("gz-agent-1"), o.as("gz-agent-2")
	form := fields{"call": "C-1", "target_kind": "matter", "object": "window:513301-w03", "grade": 2, "text": raterWords, "language": "bo", "notice_read": true}
	agent.post("/hotline/ratings", form).refused(409, regulation.NotNow)
	if page := agent.get("/hotline").want(200).object(); page["call"] != nil {
		t.Errorf("a call before any: %v", page["call"])
	}
	o.calls(d, "C-1", "st0110")
	agent.get("/hotline").want(200).shows("C-1").hides(raterPhone)
	pasted := url.Values{"call": {"C-1"}, "find": {strings.Repeat("办", 20_000)}, "target_kind": {"matter"}} // a page of text, by mistake
	o.browsing("gz-agent-1").form("/hotline/find", pasted).want(200)
	other.post("/hotline/ratings", form).refused(403, regulation.NotPermitted)
	o.as("kd-verifier-1").post("/hotline/ratings", form).refused(403, regulation.NotPermitted)
	agent.post("/hotline/ratings", form).want(201)
	agent.post("/hotline/ratings", form).refused(409, regulation.Conflict).shows("rated_in_call")
	form["object"] = "matter:513301-psb-m01"
	delete(form, "notice_read") // read once in this call
	agent.post("/hotline/ratings", form).want(201)
	rated := agent.get("/hotline").want(200).object()["call"].(map[string]any)["rated"].([]any)
	if len(rated) != 2 {
		t.Errorf("rated in the call: %v", rated)
	}
	o.clock.Forward(10 * time.Minute)
	o.ends(d, "C-1", "st0110", began)
	o.clock.Forward(regulation.WriteUp)
	form["object"] = "window:513301-w04"
	agent.post("/hotline/ratings", form).want(201)
	o.clock.Forward(time.Second)
	form["object"] = "window:513301-w05"
	agent.post("/hotline/ratings", form).refused(409, regulation.NotNow).shows("call_over")
}

// A complaint's outcome and a consultation are rated with the unit that answered, whose case a bad one opens.
func TestAComplaintsOutcomeGoesToTheUnitThatAnswered(t *testing.T) {
	o := setup(t, withUpstreams(t))
	d, agent := o.upstream("hotline", upstreamKey), o.as("gz-agent-1")
	o.calls(d, "C-1", "gz-agent-1")
	o.sent(d, "/hotline/calls", o.event(d, "ticket", portal.Record{"ticket": "TS-2026-001", "kind": "complaint", "unit": "513301-psb"}))
	found := agent.post("/hotline/find", fields{"call": "C-1", "find": "TS-2026-001", "target_kind": "complaint"}).want(200).shows("ticket:TS-2026-001").object()
	if len(found["found"].([]any)) != 1 {
		t.Errorf("%v", found["found"])
	}
	form := fields{"call": "C-1", "target_kind": "complaint", "object": "ticket:TS-2026-001", "grade": 1, "language": "zh", "notice_read": true}
	receipt := agent.post("/hotline/ratings", form).want(201).object()["receipt"].(string)
	rating, c, err := o.record.CaseByReceipt(t.Context(), receipt)
	must(t, err)
	if rating.Target != regulation.TargetComplaint || rating.CallID != "C-1" || c.Rated.Unit != "513301-psb" || c.Authority != "513301-authority" {
		t.Errorf("%+v %+v", rating, c.Rated)
	}
	typed := fields{"call": "C-1", "target_kind": "consultation", "object": "unit:513301-psb", "grade": 4, "language": "zh"}
	if wrong := agent.post("/hotline/ratings", typed).refused(422, regulation.Invalid).object()["fields"].(map[string]any); wrong["ticket"] == nil {
		t.Errorf("a consultation without its number: %v", wrong)
	}
	typed["ticket"] = "ZX-77"
	agent.post("/hotline/ratings", typed).want(201)
	agent.post("/hotline/ratings", typed).refused(409, regulation.Conflict)
	typed["target_kind"], typed["ticket"] = "matter", ""
	if wrong := agent.post("/hotline/ratings", typed).refused(422, regulation.Invalid).object()["fields"].(map[string]any); wrong["object"] == nil {
		t.Errorf("a unit as a matter: %v", wrong)
	}
}

// The agent's own call is rated by whoever called, never by the agent; no answer and an answer that means nothing are
// no rating, and never a good one.
func TestTheAgentsOwnCallIsRatedByTheCallerAlone(t *testing.T) {
	o := setup(t, withUpstreams(t))
	d, agent := o.upstream("hotline", upstreamKey), o.as("gz-agent-1")
	for _, id := range []string{"C-1", "C-2", "C-3", "C-4", "C-5"} {
		o.calls(d, id, "st0110")
	}
	form := fields{"call": "C-1", "target_kind": "matter", "object": "window:" + ownSeat(t), "grade": 5, "language": "zh", "notice_read": true}
	if wrong := agent.post("/hotline/ratings", form).refused(422, regulation.Invalid).object()["fields"].(map[string]any); wrong["object"] == nil {
		t.Errorf("an agent writes down ratings of the own seat: %v", wrong)
	}
	agent.post("/hotline/find", fields{"call": "C-1", "find": "12345"}).want(200).hides("window:" + ownSeat(t))
	if n := len(o.badRatings()); n != 0 {
		t.Fatalf("%d ratings without an answer", n)
	}
	answer := func(kind, id string, more portal.Record) string {
		more["callId"] = id
		return o.sent(d, "/hotline/calls", o.event(d, kind, more)).Results[0].Outcome
	}
	for _, c := range []struct{ kind, call, given, want string }{
		{"digit", "C-1", "5", "rated"}, {"digit", "C-2", "9", "not_rated"}, {"digit", "C-2", "", "not_rated"},
		{"text", "C-3", "谢谢", "ask_again"}, {"text", "C-3", "好的", "not_rated"}, {"text", "C-3", "满意。", "rated"},
		{"text", "C-4", "非常不满意", "rated"}, {"digit", "C-4", "1", "refused"}, {"digit", "C-9", "1", "refused"},
	} {
		if got := answer(c.kind, c.call, portal.Record{"digit": c.given, "content": c.given}); got != c.want {
			t.Errorf("%s %q in %s comes to %s, want %s", c.kind, c.given, c.call, got, c.want)
		}
	}
	bad := o.badRatings()
	if len(bad) != 2 { // of C-1, where 5 is the worst, and C-4
		t.Fatalf("%d bad ratings", len(bad))
	}
	for _, r := range bad {
		if r.Grade != 1 || r.By != "" || r.Target != regulation.TargetConsultation || r.Place.Rated.Staff != "st0110" || r.CallID == "" {
			t.Errorf("%+v", r)
		}
	}
}

// The page works without scripts: find, choose, grade; what was typed stays, and the receipt is there to be read out.
func TestTheAgentsPage(t *testing.T) {
	o := setup(t, withUpstreams(t))
	page := o.browsing("gz-agent-1")
	page.get("/hotline").want(200).shows("现在没有通话", "演示：来一个电话").hides(`name="grade"`)
	page.form("/demo/calls", url.Values{}).want(303)
	call := regexp.MustCompile(`name="call" value="([^"]+)"`).FindStringSubmatch(string(page.get("/hotline").want(200).shows("正在通话").body))[1]
	form := url.Values{"call": {call}, "target_kind": {"matter"}, "find": {"身份"}, "grade": {"4"}, "text": {"窗口态度好"}, "language": {"zh"}, "idempotency_key": {"key-of-the-agents-page-0001"}}
	page.form("/hotline/find", form).want(200).shows("window:513301-w03", "窗口态度好")
	page.form("/hotline/ratings", form).want(422).shows("窗口态度好", "object-error")
	form.Set("object", "window:513301-w03")
	form.Set("notice_read", "true")
	page.form("/hotline/ratings", form).want(303)
	page.get("/hotline").want(200).shows("请把回执念给来电人", "本次通话已记 1 条评价", "本次通话已告知")
}
