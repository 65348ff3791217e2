package api_test

import (
	"net/url"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

func (o *office) retain() {
	o.t.Helper()
	token, _, err := o.record.AcquireLease(o.t.Context(), store.LeaseRetention, "tester", time.Minute)
	must(o.t, err)
	_, err = o.record.Retain(o.t.Context(), token)
	must(o.t, err)
}

func TestRetentionTableIsOnThePrivacyNoticeAndItsOwnPage(t *testing.T) {
	o := setup(t)
	rows := o.program().get("/privacy").want(200).object()["retention"].([]any)
	months := map[string]float64{}
	for _, row := range rows {
		months[row.(map[string]any)["what"].(string)] = row.(map[string]any)["months"].(float64)
	}
	for what, want := range map[string]float64{"contact": 12, "text": 36, "archive": 120, "audit": 6, "rating": 0} {
		if months[what] != want {
			t.Errorf("%s is kept %v months, want %v", what, months[what], want)
		}
	}
	if _, inner := months["history"]; inner {
		t.Error("the notice tells raters of the engine")
	}
	o.browser().get("/privacy").want(200).shows("第 5 版", "纸质评价表的扫描件", "36 个月")
	for login, status := range map[string]int{"kd-supervisor-1": 200, "kd-auditor": 200, "kd-discipline-1": 200, "kd-verifier-1": 403, "kd-psb-head": 403} {
		o.as(login).get("/retention").want(status)
	}
	o.browsing("kd-auditor").get("/retention").want(200).shows("《网络安全法》第二十一条", "24 小时").hides("/retention/holds")
}

func TestHoldOnThePageAndWhatIsDeletedIsTold(t *testing.T) {
	o := setup(t)
	receipt, id := o.rateBadly()
	o.walk(receipt, id, "")
	number := o.as("kd-supervisor-1").get("/cases/" + id).want(200).object()["number"].(string)
	b := o.browsing("kd-supervisor-1")
	form := url.Values{"number": {number}, "hold_kind": {"lawsuit"}, "hold_reasons": {""}}
	b.form("/retention/holds", form).want(422).shows("请填写这一项", number)
	form.Set("hold_reasons", "法院已受理")
	b.form("/retention/holds", form).want(303)
	o.as("ld-supervisor-1").post("/retention/holds", fields{"number": number, "hold_kind": "lawsuit", "hold_reasons": "x"}).refused(422, regulation.Invalid)
	o.as("ld-supervisor-1").get("/retention").want(200).hides(number)
	holds := o.as("kd-auditor").get("/retention").want(200).object()["holds"].([]any)
	if len(holds) != 1 {
		t.Fatalf("%d holds", len(holds))
	}
	hold := holds[0].(map[string]any)["id"].(string)
	o.clock.Forward(13 * 31 * 24 * time.Hour)
	o.retain()
	if deletions := o.as("kd-auditor").get("/retention").want(200).object()["deletions"].([]any); countOf(deletions, "contact") != 0 {
		t.Errorf("a held case: %v", deletions)
	}
	o.as("kd-auditor").post("/retention/holds/"+hold+"/lift", fields{"hold_reasons": "x"}).refused(403, regulation.NotPermitted)
	o.as("ld-supervisor-1").post("/retention/holds/"+hold+"/lift", fields{"hold_reasons": "x"}).refused(404, regulation.NotFound)
	o.as("kd-supervisor-2").post("/retention/holds/"+hold+"/lift", fields{"hold_reasons": "判决生效"}).want(204)
	o.clock.Forward(24 * time.Hour)
	o.retain()
	page := o.as("kd-auditor").get("/retention").want(200).hides(raterPhone, raterName, raterWords)
	if deletions := page.object()["deletions"].([]any); countOf(deletions, "contact") != 1 {
		t.Errorf("after lifting: %v", deletions)
	}
}

func countOf(deletions []any, what string) (n float64) {
	for _, d := range deletions {
		if line := d.(map[string]any); line["what"] == what {
			n += line["number"].(float64)
		}
	}
	return n
}
