package api_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

const (
	creditLaw     = "《某某条例》第十二条"
	creditReasons = "两次以差评相要挟索要财物，经核实"
)

// withCredit is an office under an edition that allows referrals to the credit record, with a rating that
// two people found malicious and that is written off and looked at above. change changes the rating.
func withCredit(t *testing.T, change func(fields)) (o *office, receipt, caseID string) {
	t.Helper()
	o = setup(t)
	o.edition("2026-11-24", fields{"credit_referral": 1})
	o.clock.Forward(24 * time.Hour)
	rating := badRating(t)
	if change != nil {
		change(rating)
	}
	receipt = o.program().post("/ratings", rating).want(201).object()["receipt"].(string)
	caseID = o.caseOf(receipt).ID
	o.walk(receipt, caseID, regulation.ActAskConsent)
	o.foundMalicious(receipt, caseID)
	return o, receipt, caseID
}

func (o *office) foundMalicious(receipt, caseID string) {
	o.t.Helper()
	o.lodge(caseID).want(201)
	o.act("kd-supervisor-1", caseID, regulation.ActDecideAppeal, fields{"result": "malicious", "ground": "extortion", "reasons": "两次索要财物"}).want(201)
	o.act("kd-supervisor-2", caseID, regulation.ActConfirmMalice, fields{"opinion": "属实"}).want(201)
	o.act("kd-head", caseID, regulation.ActApproveWriteOff, fields{}).want(201)
	o.act("kd-clerk-1", caseID, regulation.ActTellRater, fields{"result": "reached"}).want(201)
	o.pass(receipt, regulation.ActObjectWriteOff)
	o.act("gz-supervisor-1", caseID, regulation.ActReviewWriteOff, fields{"result": "confirmed", "reasons": "核销适当"}).want(201)
}

func (o *office) proposeCredit(caseID string) got {
	o.t.Helper()
	return o.act("kd-supervisor-1", caseID, regulation.ActProposeCredit, fields{"legal_basis": creditLaw, "reasons": creditReasons})
}

// Off as issued: the case's page says why, and so does the refusal.
func TestCreditIsOffAndSaysWhy(t *testing.T) {
	o, receipt, caseID := served(t)
	o.foundMalicious(receipt, caseID)
	if p := o.proposeCredit(caseID).refused(409, regulation.NotNow).object(); p["missing"] != "credit_off" {
		t.Errorf("%v", p)
	}
	o.browsing("kd-supervisor-1").get("/cases/"+caseID).want(200).shows("制度八（五）规定的征信移送目前关闭", "全国公共信用信息基础目录")
	if missing := o.refusals("kd-supervisor-1", caseID)["credit_referral"]; missing != "credit_not_approved" {
		t.Errorf("the paper waits for %v", missing)
	}
}

// Proposed, told with legal basis, reasons and days, objected to, approved twice, referred on paper.
func TestCreditIsReferredAfterNoticeObjectionAndTwoApprovals(t *testing.T) {
	o, receipt, caseID := withCredit(t, nil)
	o.act("kd-supervisor-1", caseID, regulation.ActProposeCredit, fields{"reasons": creditReasons}).refused(422, regulation.Invalid)
	o.proposeCredit(caseID).want(201)
	note := noteCodes(o.citizen(receipt).get("/receipt/status").want(200).object())["credit.proposed"]
	if note == nil || note["legal_basis"] != creditLaw || note["answer"] != creditReasons || note["until"] == nil || !strings.Contains(note["text"].(string), "敲诈勒索") {
		t.Fatalf("the rater is told %v", note)
	}
	page := o.browser()
	page.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	page.get("/receipt/status").want(200).shows(creditLaw, creditReasons, "敲诈勒索", "可提出异议至", `id="objection"`)
	o.as(ratedLogin).get("/notices/"+caseID).want(200).hides("credit", creditLaw, creditReasons)
	o.act("kd-head", caseID, regulation.ActApproveCredit, fields{"result": "approved", "reasons": "同意"}).refused(409, regulation.NotNow)
	page.form("/receipt/acts/object_credit", url.Values{"idempotency_key": {"c1"}, "objection": {"我没有索要财物"}}).want(303)
	page.get("/receipt/status").want(200).shows("征信移送审批中", creditLaw).hides("可提出异议至")

	o.act("kd-supervisor-1", caseID, regulation.ActApproveCredit, fields{"result": "approved", "reasons": "同意"}).refused(403, regulation.NotPermitted)
	o.act("kd-head", caseID, regulation.ActApproveCredit, fields{"result": "approved", "reasons": "同意"}).want(201)
	o.as("kd-supervisor-1").post("/cases/"+caseID+"/documents", fields{"kind": "credit_referral"}).refused(409, regulation.NotNow).shows("credit_not_approved")
	o.as("kd-supervisor-1").post("/reveals", fields{"case": caseID, "purpose": "credit_referral", "reason": "填写移送函"}).refused(409, regulation.NotNow).shows("credit_not_approved").hides(raterName)
	o.act("kd-head", caseID, regulation.ActConfirmCredit, fields{"result": "approved", "reasons": "同意"}).want(403)
	o.act("gz-supervisor-2", caseID, regulation.ActConfirmCredit, fields{"result": "approved", "reasons": "同意"}).want(201)
	if stage := o.stageOf("kd-supervisor-1", caseID, "credit"); stage != "referred" {
		t.Errorf("credit is at %q", stage)
	}
	page.get("/receipt/status").want(200).shows("已移送征信管理", creditLaw)
	o.holdsCreditPaper(caseID)
}

// holdsCreditPaper: by the case's authority alone, with what the referral needs and nothing of the rater.
func (o *office) holdsCreditPaper(caseID string) {
	o.t.Helper()
	address := "/cases/" + caseID + "/documents"
	for _, login := range []string{"gz-supervisor-2", "kd-verifier-1", "kd-clerk-1"} {
		o.as(login).post(address, fields{"kind": "credit_referral"}).refused(403, regulation.NotPermitted)
	}
	paper := o.issue("kd-supervisor-2", caseID, "credit_referral")
	if paper["for"] != "file" || paper["number"] == nil {
		o.t.Errorf("%v", paper)
	}
	o.as("kd-head").get(paper["href"].(string)).want(200).shows(creditLaw, creditReasons, "敲诈勒索", "提出异议，批准时已一并审查", "康定市政务服务管理局", "甘孜藏族自治州行政审批局").
		hides(raterWords, raterName, raterPhone, "我没有索要财物", "周学文")
	o.browsing("kd-head").get(paper["href"].(string)).want(200).shows("评价人姓名").hides(raterName)
	o.as("kd-head").get(paper["href"].(string) + "/word").want(200)
	o.browsing("kd-supervisor-2").get("/cases/" + caseID).want(200).shows("/reveals?case=" + caseID)
	one := o.revealed("kd-supervisor-2", caseID, "credit_referral")
	if name := o.as("kd-supervisor-2").post(one+"/contact", fields{}).want(200).hides(raterPhone).object()["name"]; name != raterName {
		o.t.Errorf("the name for the paper is %v", name)
	}
	o.as("kd-auditor").get("/audit").want(200).shows("reveal_contact")
	o.as("kd-psb-head").get(paper["href"].(string)).want(404)
	o.as("kd-supervisor-2").post(address, fields{"kind": "credit_referral"}).refused(409, regulation.NotNow)
}

// Each of the two approvals may refuse, and silence of the rater is no consent.
func TestCreditIsRefusedAtEitherApproval(t *testing.T) {
	for name, above := range map[string]bool{"the head": false, "the level above": true} {
		t.Run(name, func(t *testing.T) {
			o, receipt, caseID := withCredit(t, nil)
			o.proposeCredit(caseID).want(201)
			o.pass(receipt, regulation.ActObjectCredit)
			no := fields{"result": "refused", "reasons": "依据不足"}
			if above {
				o.act("kd-head", caseID, regulation.ActApproveCredit, fields{"result": "approved", "reasons": "同意"}).want(201)
				o.act("gz-supervisor-2", caseID, regulation.ActConfirmCredit, no).want(201)
			} else {
				o.act("kd-head", caseID, regulation.ActApproveCredit, no).want(201)
			}
			if noteCodes(o.citizen(receipt).get("/receipt/status").want(200).object())["credit.refused"] == nil {
				t.Error("the rater is not told")
			}
			o.as("kd-supervisor-2").post("/cases/"+caseID+"/documents", fields{"kind": "credit_referral"}).refused(409, regulation.NotNow)
			o.proposeCredit(caseID).refused(409, regulation.NotNow)
		})
	}
}

// Somebody whom no name identifies is not referred: not proposed, and not approved once the name is gone.
func TestNobodyWithoutANameIsReferred(t *testing.T) {
	o, _, caseID := withCredit(t, func(rating fields) { delete(rating, "contact_name") })
	if p := o.proposeCredit(caseID).refused(409, regulation.NotNow).object(); p["missing"] != "rater_unnamed" {
		t.Errorf("%v", p)
	}
	o.browsing("kd-supervisor-1").get("/cases/" + caseID).want(200).shows("评价人未留姓名，身份不明，不得移送征信。")

	o, receipt, caseID := withCredit(t, nil)
	o.proposeCredit(caseID).want(201)
	o.citizen(receipt).post("/receipt/contact/erase", fields{}).want(204)
	o.pass(receipt, regulation.ActObjectCredit)
	if p := o.act("kd-head", caseID, regulation.ActApproveCredit, fields{"result": "approved", "reasons": "同意"}).refused(409, regulation.NotNow).object(); p["missing"] != "rater_unknown" {
		t.Errorf("%v", p)
	}
	o.act("kd-head", caseID, regulation.ActApproveCredit, fields{"result": "refused", "reasons": "身份不明"}).want(201)
}
