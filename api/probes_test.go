package api_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

const colleaguesPhone = "13987654321"

// probe looks for signs of cheating on a new lease.
func (o *office) probe() (suspected int) {
	o.t.Helper()
	token, _, err := o.record.AcquireLease(o.t.Context(), store.LeaseProbes, "tester", time.Minute)
	must(o.t, err)
	suspected, err = o.record.Probing(o.t.Context(), token)
	must(o.t, err)
	return suspected
}

// praised gives good ratings to the person at window 3 under a colleague's telephone, and opens the probe that
// they lead to.
func (o *office) praised() (probe string) {
	o.t.Helper()
	o.as("kd-secadmin").post("/people/"+o.personOf("kd-window-01")+"/phone", fields{"staff_phone": colleaguesPhone}).want(204)
	for range 2 {
		good := fields{"code": windowCode(o.t, "513301-w03"), "staff": "st0037", "grade": 5, "contact_phone": colleaguesPhone, "contact_name": raterName, "contact_consent": true}
		o.program().post("/ratings", good).want(201)
	}
	o.clock.Forward(24 * time.Hour)
	if n := o.probe(); n != 1 {
		o.t.Fatalf("%d suspected", n)
	}
	found, _, err := o.record.Probes(o.t.Context(), regulation.Scope{All: true}, regulation.Actor{}, store.ListQuery{})
	must(o.t, err)
	if len(found) != 1 {
		o.t.Fatalf("%d probes", len(found))
	}
	return found[0].ID
}

func TestFalsePraiseIsExplainedHeardAndDecidedByTwo(t *testing.T) {
	o := setup(t)
	id := o.praised()
	if n := o.probe(); n != 0 {
		t.Errorf("the same day again: %d", n)
	}
	at := "/probes/" + id
	secrets := []string{raterName, colleaguesPhone, raterPhone}
	supervisor, officer, rated := o.as("kd-supervisor-1"), o.as("kd-discipline-1"), o.as("kd-window-03")
	supervisor.get("/probes").want(200).shows(id, `"praise":1`).hides(secrets...)
	supervisor.get(at).want(200).shows(`"kind":"staff_phone"`, `"count":2`, `"threshold":2`, `"grade":5`).hides(secrets...)
	for login, status := range map[string]int{"kd-window-03": 404, "kd-window-01": 404, "kd-psb-head": 404, "ld-supervisor-1": 404, "kd-auditor": 200, "gz-supervisor-1": 200, "kd-verifier-1": 403} {
		o.as(login).get(at).want(status)
	}
	supervisor.post(at+"/take", fields{"seq": 1}).want(204)
	supervisor.post(at+"/take", fields{"seq": 1}).refused(409, regulation.Conflict)
	propose := fields{"seq": 2, "probe_outcome": "confirmed", "probe_measure": "annul", "probe_reasons": "电话是同事的"}
	supervisor.post(at+"/propose", propose).refused(409, regulation.NotNow)
	supervisor.post(at+"/ask", fields{"seq": 2, "probe_allegation": "两条好评留的是同事电话"}).want(204)
	rated.get(at).want(200).shows("两条好评留的是同事电话", `"acts":["state"]`).hides(append(secrets, `"grade"`, "kd-supervisor")...)
	rated.post(at+"/note", fields{"seq": 3, "probe_note": "x"}).refused(403, regulation.NotPermitted)
	rated.post(at+"/state", fields{"seq": 3, "probe_statement": "不是我让他评的"}).want(204)
	propose["seq"] = 4
	supervisor.post(at+"/propose", propose).want(204)
	decide := fields{"seq": 5, "probe_decision": "approve", "probe_reasons": "同意"}
	supervisor.post(at+"/decide", decide).refused(403, regulation.FourEyes)
	officer.post(at+"/decide", decide).want(204)
	end := supervisor.get(at).want(200).shows(`"outcome":"confirmed"`, `"annuls":2`, `"annulled":true`).object()
	if len(end["acts"].([]any)) != 0 {
		t.Errorf("acts after the end: %v", end["acts"])
	}
	if n := o.probe(); n != 0 {
		t.Errorf("weighed already: %d", n)
	}
}

func TestRatingFromAStaffBrowserIsTakenAndNoticed(t *testing.T) {
	o := setup(t)
	clerk := o.as("kd-window-03")
	for range 2 {
		clerk.post("/ratings", fields{"code": windowCode(t, "513301-w03"), "staff": "st0037", "grade": 5}).want(201)
	}
	o.clock.Forward(24 * time.Hour)
	if n := o.probe(); n != 1 {
		t.Fatalf("%d suspected", n)
	}
	o.as("kd-supervisor-1").get("/probes").want(200).shows("周学文")
}

func TestProbeOnThePageWithoutScripts(t *testing.T) {
	o := setup(t)
	id := o.praised()
	b := o.browsing("kd-supervisor-1")
	b.get("/probes").want(200).shows("周学文", "留的是工作人员电话", "/probes/"+id, "疑似刷好评")
	b.get("/probes/"+id).want(200).shows("证据卡", "2 条评价留下的电话是工作人员的（达 2 条提示）", `name="seq" value="1"`, "非常满意").hides(colleaguesPhone, raterName)
	form := url.Values{"seq": {"1"}, "probe_allegation": {""}}
	b.form("/probes/"+id+"/ask", form).want(422).shows("请填写这一项")
	form.Set("probe_allegation", "留了同事电话")
	if to := b.form("/probes/"+id+"/ask", form).want(303).header.Get("Location"); to != "/probes/"+id {
		t.Errorf("led to %s", to)
	}
	o.browsing("kd-window-03").get("/probes/"+id).want(200).shows("您可以陈述和申辩", "留了同事电话").hides("所依据的评价")
	b.get("/probes/new").want(200).shows("发起核查")
	if to := b.form("/probes", url.Values{"unit": {"513301-psb"}, "staff": {""}, "probe_reasons": {"群众来信反映"}}).want(303).header.Get("Location"); !strings.HasPrefix(to, "/probes/") {
		t.Errorf("led to %s", to)
	}
	b.form("/probes", url.Values{"unit": {""}, "staff": {""}, "probe_reasons": {"群众来信"}}).want(422).shows("请在单位和人员中选一个", "群众来信")
}

func TestCaseTellsOfTheProbeThatItsRatingBelongsTo(t *testing.T) {
	o := setup(t)
	var last string
	for range 5 {
		_, last = o.rateBadly()
	}
	o.clock.Forward(24 * time.Hour)
	if n := o.probe(); n != 1 {
		t.Fatalf("%d suspected", n)
	}
	o.as("kd-supervisor-1").get("/cases/"+last).want(200).shows(`"probes":[{`).hides(raterPhone, raterName)
	o.as("kd-supervisor-1").get("/probes?sort=blame").want(200).shows(`"kind":"rater"`, `"direction":"blame"`).hides(raterPhone, raterName)
}
