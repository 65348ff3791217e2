package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"haochaping/regulation"
)

// seesOf words what somebody finds of a case: on its own page, among all cases, in the tab of those
// in which one's unit assists.
func (o *office) seesOf(login, caseID string) string {
	o.t.Helper()
	c := o.as(login)
	page := fmt.Sprint(c.get("/cases/" + caseID).status)
	in := func(path string) string {
		if strings.Contains(string(c.get(path).want(200).body), caseID) {
			return "listed"
		}
		return "-"
	}
	return page + " " + in("/cases?tab=all") + " " + in("/cases?tab=assisting")
}

// TestWhoSeesACaseThatUnitsAssistIn is the golden table of who finds a case, act after act: the
// police lead at first and return the order, the market office assists, then leads.
func TestWhoSeesACaseThatUnitsAssistIn(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActTransfer)
	leads, both := "200 listed -", "200 listed listed"
	none := "404 - -"
	for _, now := range []struct {
		act             step
		psb, mkt, mktHd string
	}{
		{step{}, none, none, none},
		{step{"kd-supervisor-1", regulation.ActTransfer, fields{"unit": "513301-psb", "assist": []string{"513301-mkt"}, "instructions": "请整改"}, "signing"}, leads, both, both},
		{step{"kd-psb-head", regulation.ActReturnOrder, fields{"reason": "不属于本单位"}, "dispatch"}, leads, none, none},
		{step{"kd-supervisor-1", regulation.ActTransfer, fields{"unit": "513301-mkt", "instructions": "请整改"}, "signing"}, none, leads, leads},
		{step{"kd-mkt-head", regulation.ActReturnOrder, fields{"reason": "也不属于"}, "dispatch"}, none, leads, leads},
		{step{"kd-supervisor-1", regulation.ActTransfer, fields{"unit": "513301-psb", "instructions": "请整改"}, "signing"}, leads, none, none},
	} {
		if now.act.act != "" {
			o.step(receipt, caseID, now.act)
		}
		for login, want := range map[string]string{"kd-psb-handler-2": now.psb, "kd-mkt-handler-1": now.mkt, "kd-mkt-head": now.mktHd,
			"ld-supervisor-1": "404 - "} {
			if got := o.seesOf(login, caseID); !strings.HasPrefix(got, want) {
				t.Errorf("after %s %s finds %q, want %q", now.act.act, login, got, want)
			}
		}
	}
}

// An assisting unit has the view of a unit, no task, and no act; the refusal says whose it is.
func TestAssistingUnitSeesAsAUnitAndActsNot(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActTransfer)
	order := step{"kd-supervisor-1", regulation.ActTransfer, fields{"unit": "513301-psb", "assist": []string{"513301-mkt"}, "instructions": "请整改"}, "signing"}
	o.step(receipt, caseID, order)
	o.step(receipt, caseID, mainLine[6])
	head := o.as("kd-mkt-head")
	c := head.get("/cases/"+caseID).want(200).hides(raterWords, "群众说", raterPhone, "138****5678").object()
	if c["read_as"] != "unit" || c["task"] != nil || c["opened_at"] != nil {
		t.Errorf("the assisting unit reads as %v, with task %v, opened %v", c["read_as"], c["task"], c["opened_at"])
	}
	if counts := head.get("/inbox").want(200).object()["counts"].(map[string]any); counts["assisting"] != 1.0 || counts["unit"] != 0.0 {
		t.Errorf("the assisting unit counts %v", counts)
	}
	if counts := o.as("kd-supervisor-1").get("/inbox").want(200).object()["counts"].(map[string]any); counts["assisting"] != nil {
		t.Errorf("an authority assists nobody: %v", counts)
	}
	refused := head.post("/cases/"+caseID+"/acts/submit_plan", mainLine[7].values).refused(403, regulation.NotPermitted).object()
	if refused["missing"] != "seat" {
		t.Errorf("the refusal says %v", refused)
	}
	page := o.browsing("kd-mkt-head")
	page.get("/cases").want(200).shows(`href="/cases?tab=assisting"`, "协助办理")
	page.get("/cases?tab=assisting").want(200).shows("/cases/"+caseID, "康定市公安局", "牵头单位", `aria-current="page"`)
	page.get("/cases/"+caseID).want(200).shows("协助单位：", "现在没有需要您办理的事项", "提交整改方案", "康定市公安局").hides(`action="/cases/` + caseID + `/acts/`)
	page.form("/cases/"+caseID+"/acts/sign", url.Values{"idempotency_key": {"a"}}).want(409)
	line := head.get("/cases?tab=assisting").want(200).object()["cases"].([]any)[0].(map[string]any)
	if line["due"].(map[string]any)["left"] != 15.0 || line["unit"].(map[string]any)["id"] != "513301-psb" {
		t.Errorf("the line says %v", line)
	}
}
