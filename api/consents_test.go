package api_test

import (
	"net/url"
	"testing"

	"haochaping/regulation"
)

func TestRaterSeesAndTakesBackTheirConsents(t *testing.T) {
	o := setup(t)
	receipt, _ := o.rateBadly()
	rater := o.citizen(receipt)
	answers := func() map[string]string {
		all := map[string]string{}
		consents, _ := rater.get("/receipt/status").want(200).object()["consents"].([]any)
		for _, c := range consents {
			c := c.(map[string]any)
			all[c["scope"].(string)] = c["answer"].(string)
		}
		return all
	}
	if got := answers(); len(got) != 2 || got["contact"] != "given" || got["platform"] != "none" {
		t.Errorf("%v", got)
	}
	rater.post("/receipt/consents", fields{"scope": "platform", "consent": "yes"}).want(204)
	if got := answers(); got["platform"] != "given" {
		t.Errorf("%v", got)
	}
	page := o.browser()
	page.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	page.get("/receipt/status").want(200).shows("收回同意", "已同意").hides(raterPhone, raterName)
	page.form("/receipt/consents", url.Values{"scope": {"platform"}, "consent": {"no"}}).want(303)
	page.get("/receipt/status").want(200).shows("已收回", "同意提供")
	page.form("/receipt/consents", url.Values{"scope": {"matter"}, "consent": {"yes"}}).want(422)
	page.form("/receipt/consents", url.Values{"scope": {"platform"}}).want(422)
	o.program().post("/receipt/consents", fields{"scope": "platform", "consent": "yes"}).refused(401, "receipt_first")
	rater.post("/receipt/contact/erase", fields{}).want(204)
	if got := answers(); got["contact"] != regulation.ConsentWithdrawn {
		t.Errorf("%v", got)
	}
}
