package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

// atDesk is what the redaction desk shows an officer of a rating with words.
func (o *office) atRedactionDesk(login, original string) map[string]any {
	o.t.Helper()
	for _, one := range o.as(login).get("/redactions").want(200).object()["redactions"].([]any) {
		if one := one.(map[string]any); one["original"] == original {
			return one
		}
	}
	return nil
}

// From the citizen's words to what the rated side reads: nothing, until an officer of another unit has struck out what
// tells who wrote; and a later decision takes the place of an earlier one.
func TestRatedSideReadsACommentOnlyAfterAnOfficersRedaction(t *testing.T) {
	o := setup(t)
	const words, name, telephone = "我叫扎西多吉,昨天上午9点在窗口等了半小时,电话13812345678", "扎西多吉", "13812345678"
	given := badRating(t)
	given["text"] = words
	receipt := o.program().post("/ratings", given).want(201).object()["receipt"].(string)
	_, c, err := o.record.CaseByReceipt(t.Context(), receipt)
	must(t, err)
	o.walk(receipt, c.ID, regulation.ActSubmitPlan)
	rated := map[string]string{"kd-window-03": "/notices/" + c.ID, "kd-psb-head": "/cases/" + c.ID, "kd-psb-handler-1": "/cases/" + c.ID}
	reads := func(want string, not ...string) {
		t.Helper()
		for login, path := range rated {
			o.as(login).get(path).want(200).shows(want).hides(not...)
			o.browsing(login).get(path).want(200).hides(not...)
		}
	}
	reads(`"comment":{"state":"waiting"}`, words, name, telephone)
	o.browsing("kd-window-03").get("/notices/" + c.ID).want(200).shows("评语未经脱敏")

	desk := o.atRedactionDesk("kd-verifier-1", words)
	if desk == nil || strings.Contains(desk["suggested"].(string), name) || strings.Contains(desk["suggested"].(string), telephone) {
		t.Fatalf("at the desk: %v", desk)
	}
	address, left := "/redactions/"+desk["rating"].(string), desk["suggested"].(string)
	o.browsing("kd-verifier-1").get("/redactions").want(200).shows(words, "建议涂掉")
	officer := o.as("kd-verifier-1")
	officer.post(address, fields{"decision": "redacted", "redacted": words}).refused(422, regulation.Invalid)
	officer.post(address, fields{"decision": "redacted", "redacted": left + "，该工作人员已道歉"}).refused(422, regulation.Invalid)
	o.browsing("kd-verifier-1").form(address, url.Values{"decision": {"redacted"}, "redacted": {words}}).want(422).shows("还留有电话")
	for _, login := range []string{"kd-psb-head", "kd-window-03", "kd-clerk-1", "kd-auditor", "kd-discipline-1", "kd-secadmin"} {
		o.as(login).post(address, fields{"decision": "redacted", "redacted": left}).refused(403, regulation.NotPermitted)
	}
	o.as("ld-verifier-1").post(address, fields{"decision": "withheld"}).refused(404, regulation.NotFound)
	reads(`"comment":{"state":"waiting"}`, name, telephone)

	officer.post(address, fields{"decision": "redacted", "redacted": left}).want(204)
	reads(`"state":"redacted"`, words, name, telephone, "昨天上午")
	o.as("kd-window-03").get("/notices/" + c.ID).want(200).shows("等了半小时")
	if o.atRedactionDesk("kd-verifier-1", words) != nil {
		t.Error("what was decided still waits")
	}
	officer.get("/redactions?tab=decided").want(200).shows(words)
	o.as("kd-supervisor-1").post(address, fields{"decision": "withheld"}).want(204)
	reads(`"state":"withheld"`, "等了半小时", name)
	o.as("kd-auditor").get("/audit?action=redact_comment").want(200).shows("withheld").hides(words, name)
}

// Where the authority's own people were rated, nobody of it redacts: the level above does.
func TestNobodyOfTheRatedUnitRedacts(t *testing.T) {
	o := setup(t)
	given := badRating(t)
	given["code"], given["staff"], given["text"] = windowCode(t, "513301-w16"), "st0116", "我是格桑,等了很久"
	o.program().post("/ratings", given).want(201)
	if o.atRedactionDesk("kd-supervisor-1", "我是格桑,等了很久") != nil {
		t.Error("the rated unit has it at its desk")
	}
	other := badRating(t)
	other["text"] = "在别的单位等了很久"
	o.program().post("/ratings", other).want(201)
	for range 25 { // more of the own unit's than the desk's page holds hide nobody else's
		o.clock.Forward(time.Minute)
		o.program().post("/ratings", given).want(201)
	}
	if o.atRedactionDesk("kd-supervisor-1", "在别的单位等了很久") == nil {
		t.Error("the own unit's ratings hide another's from the desk")
	}
	desk := o.atRedactionDesk("gz-supervisor-1", "我是格桑,等了很久")
	if desk == nil {
		t.Fatal("nobody has it at the desk")
	}
	address := "/redactions/" + desk["rating"].(string)
	o.as("kd-supervisor-1").post(address, fields{"decision": "withheld"}).refused(403, regulation.NotPermitted)
	o.as("gz-supervisor-1").post(address, fields{"decision": "withheld"}).want(204)
}

// However many come after it, the comment that has waited longest is the first at the desk, which says how many wait.
func TestNoCommentIsPassedOverAtTheDesk(t *testing.T) {
	o := setup(t)
	for n := range 24 {
		given := badRating(t)
		given["text"] = fmt.Sprintf("第%d位等了很久", n)
		o.program().post("/ratings", given).want(201)
		o.clock.Forward(24 * time.Hour)
	}
	o.clock.Forward(100 * 24 * time.Hour)
	desk := o.as("kd-verifier-1").get("/redactions").want(200).object()
	first := desk["redactions"].([]any)[0].(map[string]any)
	if first["original"] != "第0位等了很久" || desk["waiting"] != 24.0 {
		t.Errorf("%v waits first, of %v", first["original"], desk["waiting"])
	}
	o.browsing("kd-verifier-1").get("/redactions").want(200).shows(`<span class="badge">24</span>`)
}
