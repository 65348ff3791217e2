package api_test

import (
	"net/url"
	"strings"
	"testing"

	"haochaping/regulation"
	"haochaping/workday"
)

// confirmOpening confirms the one opening that waits for somebody.
func (o *office) confirmOpening(login string) {
	o.t.Helper()
	for _, waiting := range o.as(login).get("/openings").want(200).object()["openings"].([]any) {
		if report := waiting.(map[string]any); report["answerable"] == true {
			o.as(login).post("/openings/"+report["id"].(string)+"/answer", fields{"opening_answer": "confirmed"}).want(204)
			return
		}
	}
	o.t.Fatalf("no opening waits for %s", login)
}

// reported is a box with an opening that its keeper recorded with somebody.
func (o *office) reported(second string) (path, id string) {
	o.t.Helper()
	head := o.as("kd-supervisor-1")
	head.post("/boxes", fields{"box_hall": "513301-hall", "box_place": "一楼"}).want(204)
	path = "/boxes/" + head.get("/boxes").want(200).object()["boxes"].([]any)[0].(map[string]any)["id"].(string)
	other, err := o.record.AccountByLogin(o.t.Context(), second)
	must(o.t, err)
	now := o.clock.Now().In(workday.Shanghai)
	o.as("kd-keeper-1").post(path+"/openings", fields{"opened_on": now.Format("2006-01-02"), "opened_time": now.Format("15:04"), "second_opener": other.Person, "old_seal_state": "missing",
		"new_seal": "S-1", "counted": "4", "opening_remarks": "新装"}).want(204)
	return path, o.as(second).get("/openings").want(200).object()["openings"].([]any)[0].(map[string]any)["id"].(string)
}

// The second person finds the opening in their menu and messages, with the count and the seals, and confirms it with their
// own sign-in; others can neither see nor confirm it.
func TestTheSecondPersonConfirmsAnOpening(t *testing.T) {
	o := setup(t)
	path, id := o.reported("kd-clerk-1")
	second := o.browsing("kd-clerk-1")
	second.get("/openings").want(200).shows("待我确认", "S-1", "郭雪梅", "没有旧封签", "新装", "/openings/"+id+"/answer")
	second.get("/inbox").want(200).shows("href=\"/openings\"", "有 1 次开箱登记等您确认")
	second.get("/messages").want(200).shows("有人登记与您一同开箱", "href=\"/openings\"", "一楼")
	keeper := o.as("kd-keeper-1")
	if body := keeper.get(path).want(200).object(); len(body["openings"].([]any)) != 0 || len(body["reports"].([]any)) != 1 {
		t.Errorf("before it is confirmed: %v", body)
	}
	o.as("kd-entry-1").get("/paper").want(200).hides(id)
	keeper.post("/openings/"+id+"/answer", fields{"opening_answer": "confirmed"}).refused(403, regulation.NotPermitted)
	o.as("kd-verifier-1").post("/openings/"+id+"/answer", fields{"opening_answer": "confirmed"}).refused(404, regulation.NotFound)
	o.as("ld-supervisor-1").get("/openings").want(200).hides(id)
	second.form("/openings/"+id+"/answer", url.Values{"opening_answer": {"confirmed"}}).want(303)
	if body := keeper.get(path).want(200).object(); len(body["openings"].([]any)) != 1 || len(body["reports"].([]any)) != 0 {
		t.Errorf("once it is confirmed: %v", body)
	}
	second.get("/openings").want(200).shows("没有待您确认的开箱记录", "已确认")
	if page := second.get("/inbox").want(200); strings.Contains(string(page.body), "href=\"/openings\"") {
		t.Error("the menu still leads there")
	}
	o.browsing("kd-keeper-1").get("/messages").want(200).shows("开箱登记已由另一人确认")
}

// What the second person contests is before the supervisor with their words; a refusal stands beside its field with what
// was typed. Neither of the two decides: where one of them is the supervisor, somebody else does.
func TestAContestedOpeningIsTheSupervisors(t *testing.T) {
	o := setup(t)
	path, id := o.reported("kd-supervisor-1")
	second := o.browsing("kd-supervisor-1")
	second.form("/openings/"+id+"/answer", url.Values{"opening_answer": {"refused"}, "answer_reason": {"我数了三张"}}).want(422).shows("请填写这一项", "我数了三张")
	o.as("kd-head").post("/openings/"+id+"/decision", fields{"opening_decision": "upheld", "decision_reason": "看了监控"}).refused(409, regulation.NotNow)
	second.form("/openings/"+id+"/answer", url.Values{"opening_answer": {"refused"}, "opening_contested": {"count"}, "answer_reason": {"我数了三张"}}).want(303)
	o.as("kd-supervisor-1").post("/openings/"+id+"/decision", fields{"opening_decision": "upheld", "decision_reason": "是四张"}).refused(403, regulation.FourEyes)
	o.as("kd-clerk-1").post("/openings/"+id+"/decision", fields{"opening_decision": "upheld", "decision_reason": "是四张"}).refused(403, regulation.NotPermitted)
	for _, login := range []string{"kd-head", "gz-supervisor-1"} {
		o.browsing(login).get("/openings").want(200).shows("待监督人员决定", "我数了三张", "清点数", "有异议")
		o.browsing(login).get("/messages").want(200).shows("另一人对开箱登记有异议")
	}
	o.browsing("kd-supervisor-2").form("/openings/"+id+"/decision", url.Values{"opening_decision": {"set_aside"}}).want(422).shows("请填写这一项")
	o.browsing("kd-supervisor-2").form("/openings/"+id+"/decision", url.Values{"opening_decision": {"set_aside"}, "decision_reason": {"重新清点"}}).want(303)
	o.browsing("kd-keeper-1").get(path).want(200).shows("已作废", "重新清点").hides("清点 4 张")
	o.browsing("kd-keeper-1").get("/messages").want(200).shows("监督人员决定开箱登记作废")
}

// A change of a box's use or place is on its page with who, from when and why.
func TestABoxShowsWhatBecameOfIt(t *testing.T) {
	o := setup(t)
	head := o.as("kd-supervisor-1")
	head.post("/boxes", fields{"box_hall": "513301-hall", "box_place": "一楼"}).want(204)
	path := "/boxes/" + head.get("/boxes").want(200).object()["boxes"].([]any)[0].(map[string]any)["id"].(string)
	head.post(path+"/state", fields{"box_state": "removed"}).refused(422, regulation.Invalid)
	head.post(path+"/state", fields{"box_state": "removed", "box_reason": "大厅搬迁", "box_since": "2020-01-01"}).refused(422, regulation.Invalid)
	head.post(path+"/state", fields{"box_state": "removed", "box_reason": "大厅搬迁"}).want(204)
	o.as("kd-keeper-1").post(path+"/move", fields{"box_hall": "513301-hall", "box_place": "二楼", "box_reason": "移位"}).want(403)
	o.browsing("kd-supervisor-1").form(path+"/move", url.Values{"box_hall": {"513322-hall"}, "box_place": {"二楼"}, "box_reason": {"移位"}}).want(422).shows("二楼", "移位")
	head.post(path+"/move", fields{"box_hall": "513301-hall", "box_place": "二楼", "box_reason": "移位"}).want(204)
	o.browsing("kd-supervisor-1").get(path).want(200).shows("大厅搬迁", "移位", "已撤除", "二楼", "格桑郎加")
	if changes := head.get(path).want(200).object()["changes"].([]any); len(changes) != 3 || changes[0].(map[string]any)["state"] != "removed" || changes[2].(map[string]any)["place"] != "一楼" {
		t.Errorf("%v", changes)
	}
	o.as("kd-auditor").get("/audit?action=move_box").want(200).shows("move_box")
}
