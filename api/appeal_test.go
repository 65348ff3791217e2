package api_test

import (
	"net/url"
	"testing"
	"time"

	"haochaping/regulation"
)

const (
	accountOfAppeal = "当时系统故障，窗口已说明情况"
	reasonsGiven    = "监控显示确实让群众多等了一个小时"
)

// served is an office with a case whose finding is recorded and whose notice is served.
func served(t *testing.T) (o *office, receipt, caseID string) {
	t.Helper()
	o = setup(t)
	receipt, caseID = o.rateBadly()
	o.walk(receipt, caseID, regulation.ActAskConsent)
	return o, receipt, caseID
}

func (o *office) act(login, caseID string, kind regulation.ActKind, values fields) got {
	o.t.Helper()
	o.clock.Forward(time.Minute)
	return o.as(login).post("/cases/"+caseID+"/acts/"+string(kind), values)
}

func (o *office) lodge(caseID string) got {
	o.t.Helper()
	return o.act(ratedLogin, caseID, regulation.ActLodgeAppeal, fields{"grounds": "facts_untrue", "account": accountOfAppeal})
}

func kinds(notice map[string]any) map[string]map[string]any {
	acts := map[string]map[string]any{}
	list, _ := notice["acts"].([]any)
	for _, a := range list {
		act := a.(map[string]any)
		acts[act["kind"].(string)] = act
	}
	return acts
}

func TestAnAppealIsLodgedByTheNoticeAndDismissedWithReasons(t *testing.T) {
	o, _, caseID := served(t)
	rated := o.as(ratedLogin)
	before := rated.get("/notices/" + caseID).want(200).object()
	if kinds(before)["lodge_appeal"]["fields"] == nil || before["standing"] != "counts" || before["appeal"] != nil {
		t.Errorf("the notice offers %v, standing %v, appeal %v", before["acts"], before["standing"], before["appeal"])
	}
	done := o.lodge(caseID).want(201).object()
	if done["phase"] != nil || done["seq"] != nil {
		t.Errorf("the answer tells of the case: %v", done)
	}
	under := rated.get("/notices/" + caseID).want(200).shows(accountOfAppeal).object()
	if stage := under["appeal"].(map[string]any)["stage"]; stage != "review" || kinds(under)["withdraw_appeal"] == nil {
		t.Errorf("the appeal is at %v, open are %v", stage, kinds(under))
	}
	head := o.as("kd-psb-head").get("/notices/" + caseID).want(200).hides(accountOfAppeal).object()
	if kinds(head)["withdraw_appeal"] != nil {
		t.Error("the head may withdraw what somebody else lodged")
	}
	o.act(ratedLogin, caseID, regulation.ActLodgeAppeal, fields{"grounds": "other", "account": "再申诉"}).refused(409, regulation.NotNow)
	o.act("kd-supervisor-1", caseID, regulation.ActDecideAppeal, fields{"result": "dismissed", "reasons": reasonsGiven}).want(201)
	end := rated.get("/notices/" + caseID).want(200).shows(reasonsGiven).object()
	if stage := end["appeal"].(map[string]any)["stage"]; stage != "dismissed" || end["standing"] != "counts" {
		t.Errorf("the appeal is at %v, standing %v", stage, end["standing"])
	}
	rated.get("/messages").want(200).shows("news_of_appeal", "/notices/"+caseID).hides("decide_appeal")
	rated.get("/cases/"+caseID).refused(403, regulation.NotPermitted)
}

func TestAnAppealIsWithdrawnByWhoLodgedIt(t *testing.T) {
	o, _, caseID := served(t)
	o.lodge(caseID).want(201)
	o.act("kd-psb-head", caseID, regulation.ActWithdrawAppeal, fields{}).refused(403, regulation.NotPermitted)
	o.act(ratedLogin, caseID, regulation.ActWithdrawAppeal, fields{"reason": "已沟通"}).want(201)
	notice := o.as(ratedLogin).get("/notices/" + caseID).want(200).object()
	if notice["appeal"].(map[string]any)["stage"] != "withdrawn" || kinds(notice)["lodge_appeal"] != nil {
		t.Errorf("after the withdrawal the notice is %v", notice)
	}
}

// Whoever is not served has no way to the case, and a late appeal gets the rule.
func TestAppealsOfOthersAndLateOnes(t *testing.T) {
	o, _, caseID := served(t)
	for _, login := range []string{"kd-window-02", "kd-mkt-head", "kd-psb-handler-1"} {
		answer := o.act(login, caseID, regulation.ActLodgeAppeal, fields{"grounds": "other", "account": "不是我的"})
		if answer.status != 404 && answer.status != 403 {
			t.Errorf("%s gets %d", login, answer.status)
		}
	}
	o.clock.Forward(30 * 24 * time.Hour)
	late := o.lodge(caseID).refused(409, regulation.NotNow).object()
	if late["missing"] != "appeal_window_closed" || late["clause"] != "9(2)" || late["until"] == nil {
		t.Errorf("a late appeal is told %v", late)
	}
	shut := kinds(o.as(ratedLogin).get("/notices/" + caseID).want(200).object())["lodge_appeal"]
	if shut == nil || shut["refused"].(map[string]any)["missing"] != "appeal_window_closed" {
		t.Errorf("the notice says of the appeal %v", shut)
	}
	o.browsing(ratedLogin).get("/notices/"+caseID).want(200).shows("申诉期限已过", "截止").hides("act-lodge_appeal")
}

// The page offers the form, takes it with a file, and brings it back when it is refused.
func TestTheNoticesPageTakesAnAppeal(t *testing.T) {
	o, _, caseID := served(t)
	rated := o.browsing(ratedLogin)
	rated.get("/notices/"+caseID).want(200).shows("act-lodge_appeal", "申诉事实与理由", "不要猜测是谁评价的")
	path := "/cases/" + caseID + "/acts/lodge_appeal"
	rated.form(path, url.Values{"idempotency_key": {"k1"}, "account": {accountOfAppeal}}).want(422).
		shows(accountOfAppeal, `id="act-lodge_appeal" open`).hides("办理经过")
	sent := rated.form(path, url.Values{"idempotency_key": {"k1"}, "account": {accountOfAppeal}, "grounds": {"rater_error"}}).want(303)
	if to := sent.header.Get("Location"); to != "/notices/"+caseID {
		t.Errorf("after the appeal the page leads to %s", to)
	}
	rated.get("/notices/"+caseID).want(200).shows("复核中", accountOfAppeal, "act-withdraw_appeal")
	o.browsing("kd-supervisor-1").get("/inbox?tab=available&act=decide_appeal").want(200).shows("/cases/" + caseID)
}

// What was typed outlives the session here too.
func TestAnAppealOutlivesItsSession(t *testing.T) {
	o, wall := officeWithClock(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActAskConsent)
	rated := o.browsing(ratedLogin)
	wall.expire()
	path := "/cases/" + caseID + "/acts/lodge_appeal"
	kept := rated.form(path, url.Values{"idempotency_key": {"k"}, "account": {accountOfAppeal}}).want(401).hidden()
	kept.Set("login", ratedLogin)
	rated.form("/demo/sign-ins", kept).want(200).shows(accountOfAppeal, "还没有提交", `id="act-lodge_appeal" open`)
}
