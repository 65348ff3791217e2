package api_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

// From the list to the honour on the page: own offices are left out, one nominates and another approves (8(2)).
func TestAWindowStarIsNominatedAndHonoured(t *testing.T) {
	o := setup(t)
	o.praises("513301-w05", 31, 0)
	o.praises("513301-w03", 30, 2)
	period := o.sealedQuarter()
	supervisor, page := o.as("kd-supervisor-1"), o.browsing("kd-supervisor-1")
	supervisor.get("/honours/candidates").want(200).shows(`"object":"513301-w05"`, `"sealed_version":1`, period, `"except":[{"id":"513301-authority"`)
	page.get("/honours/candidates?honour=star").want(200).shows("可以评选", "100.00", "/honours/new?area=513301")
	supervisor.get("/honours/candidates?honour=model").want(200).shows(`"candidates":[]`)
	supervisor.get("/honours/candidates?honour=x").refused(422, regulation.Invalid)
	supervisor.get("/honours/candidates?area=513322").want(404)
	for period, from := range map[string]bool{"2099-Q1": true, "2020-Q1": false} { // one that is to come, and one of before the record
		if told := supervisor.get("/honours/candidates?period="+period).refused(409, regulation.NotNow).shows("period_not_sealed"); strings.Contains(string(told.body), `"from"`) != from {
			t.Errorf("%s: %s", period, told.body)
		}
	}
	o.as("kd-psb-head").get("/honours/candidates").want(403)
	o.as("gz-supervisor-1").get("/honours/candidates?area=513301").want(200).shows("513301-w03")
	page.get("/honours/new?area=513301&honour=star&period=" + period).want(200).shows("第 1 名")
	values := url.Values{"area": {"513301"}, "period": {period}, "honour": {"star"}, "object": {"513301-w05"}, "docket_reasons": {""}}
	page.form("/honours", values).want(422)
	nominee := fields{"area": "513301", "period": period, "honour": "star", "object": "513301-w05", "docket_reasons": "群众好评多"}
	o.as("gz-supervisor-1").post("/honours", nominee).refused(403, regulation.NotPermitted)
	at := "/honours/" + supervisor.post("/honours", nominee).want(201).object()["id"].(string)
	supervisor.post("/honours", nominee).want(409)
	supervisor.post(at+"/honour", fields{"seq": 1}).refused(403, regulation.FourEyes)
	o.as("kd-head").post(at+"/honour", fields{"seq": 1}).want(204)
	page.get(at).want(200).shows("窗口之星 · A05", "已授予", "候选名单摘要", "群众好评多").hides("未指明")
	page.get("/honours").want(200).shows("窗口之星", "A05", "已授予").hides("未指明")
	supervisor.get(at).want(200).shows(`"window":{"id":"513301-w05"`)
	// The list that a nomination stands on is made again by what it names.
	facts := supervisor.get(at).want(200).object()["facts"].(map[string]any)
	o.clock.Forward(time.Hour)
	again := "/honours/candidates?area=513301&period=" + period + "&honour=star&version=" + facts["seal_version"].(string) + "&as_of=" + url.QueryEscape(facts["candidates_at"].(string))
	supervisor.get(again).want(200).shows(facts["candidates"].(string))
	supervisor.get("/honours/candidates?area=513301&version=9").want(404)
	supervisor.get("/honours/candidates?area=513301&as_of=2099-01-01T00:00:00Z").refused(422, regulation.Invalid)
	o.as("ld-supervisor-1").get(at).want(404)
	nominee["object"] = "513301-w99"
	supervisor.post("/honours", nominee).refused(422, regulation.Invalid)
}
