package api_test

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store/seed"
)

// asked has somebody ask for the contact of a case's rater, and returns the request's address.
func (o *office) asked(login, caseID, purpose string) string {
	o.t.Helper()
	o.as(login).post("/reveals", fields{"case": caseID, "purpose": purpose, "reason": "评价人来电要求核对"}).want(204)
	for _, one := range o.as(login).get("/reveals").want(200).object()["reveals"].([]any) {
		if one := one.(map[string]any); one["state"] == regulation.RevealAsked {
			return "/reveals/" + one["id"].(string)
		}
	}
	o.t.Fatal("nothing was asked")
	return ""
}

// revealed has it approved too.
func (o *office) revealed(login, caseID, purpose string) string {
	o.t.Helper()
	address := o.asked(login, caseID, purpose)
	o.as("kd-vault-1").post(address+"/decision", fields{"decision": "approved"}).want(204)
	return address
}

// A second person approves, who asked alone reads, for the minutes of the parameter; every reading is logged; the
// authority's head is told; the rater sees when and why, and not who.
func TestContactIsOpenedForWhoAskedAndASecondPersonApproved(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	const asker = "kd-supervisor-1"
	o.as(asker).post("/reveals", fields{"case": caseID, "purpose": "curiosity", "reason": "x"}).refused(422, regulation.Invalid)
	o.as(asker).post("/reveals", fields{"case": caseID, "purpose": "pressure"}).refused(422, regulation.Invalid)
	o.browsing(asker).form("/reveals", url.Values{"case": {caseID}, "purpose": {"pressure"}}).want(422).shows("申请查看").hides(raterPhone)
	o.browsing(asker).get("/reveals?case=" + caseID).want(200).shows(`name="purpose"`)
	for _, login := range []string{"kd-clerk-1", "kd-verifier-1", "kd-auditor", "kd-discipline-1", "kd-vault-1", "kd-psb-head", "kd-sysadmin", "kd-secadmin"} {
		o.as(login).post("/reveals", fields{"case": caseID, "purpose": "pressure", "reason": "x"}).refused(403, regulation.NotPermitted)
	}
	o.as("ld-supervisor-1").post("/reveals", fields{"case": caseID, "purpose": "pressure", "reason": "x"}).refused(404, regulation.NotFound)

	one := o.asked(asker, caseID, "pressure")
	o.as(asker).post("/reveals", fields{"case": caseID, "purpose": "safety", "reason": "x"}).refused(409, regulation.Conflict)
	o.as(asker).post(one+"/contact", fields{}).refused(409, regulation.NotNow)
	o.as(asker).post(one+"/decision", fields{"decision": "approved"}).refused(403, regulation.NotPermitted)
	o.as("ld-vault-1").post(one+"/decision", fields{"decision": "approved"}).refused(404, regulation.NotFound)
	o.as("kd-vault-1").get("/messages").want(200).shows("reveal_asked")
	o.browsing("kd-vault-1").get("/reveals").want(200).shows("评价人来电要求核对", one+"/decision").hides(raterPhone, raterName)
	o.as("kd-vault-1").post(one+"/decision", fields{"decision": "perhaps"}).refused(422, regulation.Invalid)
	o.as("kd-vault-1").post(one+"/decision", fields{"decision": "approved"}).want(204)
	o.as("kd-vault-2").post(one+"/decision", fields{"decision": "refused"}).refused(409, regulation.Conflict)
	for login, message := range map[string]string{"kd-head": "reveal_approved", asker: "reveal_approved"} {
		o.as(login).get("/messages").want(200).shows(message)
	}

	o.browsing(asker).form(one+"/contact", nil).want(200).shows(raterPhone, raterName)
	for login, status := range map[string]int{"kd-supervisor-2": 403, "kd-head": 403, "kd-vault-1": 403, "kd-auditor": 403} {
		o.as(login).post(one+"/contact", fields{}).want(status).hides(raterPhone, raterName)
	}
	o.as("kd-auditor").get("/reveals").want(200).shows("pressure").hides("评价人来电要求核对", raterPhone)
	o.clock.Forward(15*time.Minute - time.Second)
	o.as(asker).post(one+"/contact", fields{}).want(200).shows(raterPhone)
	o.clock.Forward(time.Second)
	o.as(asker).post(one+"/contact", fields{}).refused(409, regulation.NotNow).hides(raterPhone)
	if n := strings.Count(string(o.as("kd-auditor").get("/audit?action=reveal_contact").want(200).hides(raterPhone).body), `"purpose":"pressure"`); n != 2 {
		t.Errorf("%d readings stand in the audit log, were 2", n)
	}
	rater := o.browser()
	rater.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	rater.get("/receipt/status").want(200).shows("为核查您受到的压力").hides(o.nameOf(asker), o.nameOf("kd-vault-1"), raterPhone)
	if strings.Contains(o.log.String(), raterPhone) {
		t.Error("the number is in the log")
	}
}

// What nobody decides in time lapses, what is refused shows nothing, and what was erased is gone for the approved too.
func TestRequestLapsesAndEndsWithTheContact(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	late := o.asked("kd-supervisor-1", caseID, "safety")
	o.clock.Forward(72 * time.Hour)
	o.as("kd-vault-1").post(late+"/decision", fields{"decision": "approved"}).refused(409, regulation.Conflict)
	refused := o.asked("kd-supervisor-1", caseID, "safety")
	o.as("kd-vault-1").post(refused+"/decision", fields{"decision": "refused"}).want(204)
	o.as("kd-supervisor-1").post(refused+"/contact", fields{}).refused(409, regulation.NotNow)
	one := o.revealed("kd-supervisor-1", caseID, "by_law")
	o.citizen(receipt).post("/receipt/contact/erase", fields{}).want(204)
	o.as("kd-supervisor-1").post(one+"/contact", fields{}).refused(404, regulation.NotFound)
	o.as("kd-supervisor-2").post("/reveals", fields{"case": caseID, "purpose": "by_law", "reason": "x"}).refused(409, regulation.NotNow)
}

var described = regexp.MustCompile(`(?m)^  (/\S*):\n    get:`)

// Whoever asks whatever address, under each role, as a program or in a browser, reads no contact: it is shown where it is
// asked for by a form of its own, and nowhere else.
func TestNoRoleReadsAContactOnAnyPage(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSubmitPlan)
	o.revealed("kd-supervisor-1", caseID, "pressure")
	content, err := os.ReadFile("openapi.yaml")
	must(t, err)
	data, err := seed.Load()
	must(t, err)
	as := map[regulation.Role]string{}
	for _, account := range data.Accounts {
		if as[account.Role] == "" && (strings.HasPrefix(account.Login, "kd-") || account.Role == regulation.HotlineAgent) {
			as[account.Role] = account.Login
		}
	}
	asked := 0
	for role, login := range as {
		program, browser := o.as(login), o.browsing(login)
		for _, match := range described.FindAllStringSubmatch(string(content), -1) {
			path := strings.NewReplacer("{id}", caseID, "{document}", "x", "{version}", "1", "{digest}", "x").Replace(match[1])
			if strings.Contains(path, "/events") {
				continue // it does not end
			}
			for _, answer := range []got{program.get(path), browser.get(path)} {
				if asked++; strings.Contains(string(answer.body), raterPhone) || strings.Contains(string(answer.body), raterName) {
					t.Errorf("%s (%s) reads the contact on %s", login, role, path)
				}
			}
		}
	}
	if len(as) < 15 || asked < 1000 {
		t.Errorf("%d roles asked %d times", len(as), asked)
	}
}
