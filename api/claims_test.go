package api_test

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"haochaping/regulation"
)

var findingForm = mainLine[3].values

// withClaim is a case whose finding the first verifier has taken.
func withClaim(t *testing.T) (o *office, caseID, task string) {
	o = setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActRecordFinding)
	task = "/tasks/" + caseID + ".record_finding"
	o.as("kd-verifier-1").post(task+"/claim", fields{}).want(204)
	return o, caseID, task
}

// claimed is a refusal's or an act's claim.
func claimed(t *testing.T, object map[string]any) map[string]any {
	t.Helper()
	claim, ok := object["claimed"].(map[string]any)
	if !ok {
		t.Fatalf("no claim in %v", object)
	}
	return claim
}

// While a colleague has the task nobody else does its acts; taken over, it is the other way round.
func TestAClaimBinds(t *testing.T) {
	o, caseID, task := withClaim(t)
	act := "/cases/" + caseID + "/acts/record_finding"
	two := o.as("kd-verifier-2")
	for _, kind := range []string{"record_finding", "add_evidence"} { // evidence joins the finding's task
		two.post("/cases/"+caseID+"/acts/"+kind, findingForm).refused(409, regulation.Conflict).shows("claimed_by_another", "达瓦扎巴", "take-over")
	}
	claim := claimed(t, two.post(act, findingForm).object())
	o.as("kd-psb-head").post(act, findingForm).want(404) // no word of the claim where the case is not there
	two.post(task+"/take-over", fields{"since": "yesterday"}).refused(422, regulation.Invalid)
	two.post(task+"/take-over", fields{"since": "2026-01-01T00:00:00Z"}).refused(409, regulation.Conflict).shows("claim_changed")
	o.as("kd-clerk-2").post(task+"/take-over", fields{"since": claim["since"]}).refused(403, regulation.NotPermitted)
	two.post(claim["take_over"].(string), fields{"since": claim["since"]}).want(204)

	one := o.as("kd-verifier-1")
	told := one.get("/messages").want(200).shows("claim_taken_over").object()["messages"].([]any)
	if first := told[0].(map[string]any); first["href"] != "/cases/"+caseID || first["name"] != "claim_taken_over" || first["read"] != false {
		t.Errorf("told %v", first)
	}
	one.post(act, findingForm).refused(409, regulation.Conflict)
	o.as("kd-auditor").get("/audit?action=claim_taken_over").want(200).shows(caseID + ".record_finding")
	two.post(act, findingForm).want(201)
}

// An act that is on record is not held against a later claim: repeated, it has the same answer.
func TestAClaimBindsNoActOnRecord(t *testing.T) {
	o, caseID, task := withClaim(t)
	one := o.as("kd-verifier-1")
	act := "/cases/" + caseID + "/acts/add_evidence"
	one.postKey(act, mainLine[2].values, "evidence-once").want(201)
	one.post(task+"/release", fields{}).want(204)
	o.as("kd-verifier-2").post(task+"/claim", fields{}).want(204)
	one.postKey(act, mainLine[2].values, "evidence-once").want(201)
	one.post(act, mainLine[2].values).refused(409, regulation.Conflict)
}

// A supervisor frees a colleague's task; a claim ends with its holder's account, and binds nobody.
func TestAClaimEnds(t *testing.T) {
	o, caseID, task := withClaim(t)
	two := o.as("kd-verifier-2")
	two.post(task+"/release", fields{}).refused(409, regulation.Conflict)
	o.as("kd-supervisor-1").get("/inbox?tab=unit").want(200).shows(`"releasable":true`, `"mine":false`)
	o.as("kd-supervisor-1").post(task+"/release", fields{}).want(204)
	one := o.as("kd-verifier-1")
	one.get("/messages").want(200).shows("claim_released")
	one.post(task+"/claim", fields{}).want(204)
	account, err := o.record.AccountByLogin(t.Context(), "kd-verifier-1")
	must(t, err)
	must(t, o.record.DisableAccount(t.Context(), account.Person, "test"))
	if _, ok := actOf(two.get("/cases/"+caseID).want(200).object(), "record_finding")["claimed"]; ok {
		t.Error("the claim of a closed account is shown")
	}
	two.post("/cases/"+caseID+"/acts/record_finding", findingForm).want(201)
}

func actOf(caseBody map[string]any, kind string) map[string]any {
	for _, act := range caseBody["acts"].([]any) {
		if act := act.(map[string]any); act["kind"] == kind {
			return act
		}
	}
	return nil
}

var sinceField = regexp.MustCompile(`name="(since|take_over)" value="([^"]+)"`)

// The page has the colleague's name in the form's place; what was typed before stays, and is sent
// with the task taken over.
func TestAClaimOnThePage(t *testing.T) {
	o, caseID, task := withClaim(t)
	act := "/cases/" + caseID + "/acts/record_finding"
	two := o.browsing("kd-verifier-2")
	page := two.get("/cases/"+caseID).want(200).shows("达瓦扎巴 已于", "确认接手", task+"/take-over").hides(`action="` + act + `"`)
	if sinceField.FindSubmatch(page.body) == nil {
		t.Fatal("the form does not name the claim")
	}
	form := url.Values{"idempotency_key": {"typed-once"}}
	for name, value := range findingForm {
		form.Set(name, value.(string))
	}
	form.Set("account", "已写好的一大段核实经过")
	back := two.form(act, form).want(409).shows("已写好的一大段核实经过", "接手并提交", `action="`+act+`"`)
	form.Set("take_over", string(sinceField.FindSubmatch(back.body)[2]))
	form.Set("idempotency_key", "typed-twice")
	two.form(act, form).want(303)
	o.as("kd-verifier-1").get("/messages").shows("claim_taken_over")
}

// Of two people who do the same step at once, both having seen it free, one claims it first: the
// other's act is refused or was there before, and the step is done once.
func TestTheRaceOfTwoPeople(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActRecordFinding)
	one, two := o.as("kd-verifier-1"), o.as("kd-verifier-2")
	answers := make([]got, 2)
	var wg sync.WaitGroup
	for i, c := range []*client{one, two} {
		wg.Go(func() {
			c.post("/tasks/"+caseID+".record_finding/claim", fields{})
			answers[i] = c.post("/cases/"+caseID+"/acts/record_finding", findingForm)
		})
	}
	wg.Wait()
	done := 0
	for _, answer := range answers {
		if answer.status == 201 {
			done++
		} else {
			answer.want(409)
		}
	}
	found := strings.Count(string(one.get("/cases/"+caseID).want(200).body), `"name":"record_finding"`)
	if done != 1 || found != 1 {
		t.Errorf("%d were told that it is done, %d findings are on record", done, found)
	}
}
