package api_test

import (
	"maps"
	"net/url"
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
)

// citizen opens the page of a receipt as a program.
func (o *office) citizen(receipt string) *client {
	o.t.Helper()
	c := o.program()
	c.post("/receipt", fields{"receipt": receipt}).want(204)
	return c
}

func (o *office) caseOf(receipt string) regulation.Case {
	o.t.Helper()
	_, c, err := o.record.CaseByReceipt(o.t.Context(), receipt)
	must(o.t, err)
	return c
}

// pass lets the deadline of an act pass.
func (o *office) pass(receipt string, kind regulation.ActKind) {
	o.t.Helper()
	c := o.caseOf(receipt)
	for _, d := range c.Deadlines {
		if d.Act == kind {
			o.clock.Forward(d.Due.Sub(o.clock.Now()) + time.Second)
			_, err := o.record.RecordDeadline(o.t.Context(), c.ID, d.ID)
			must(o.t, err)
			return
		}
	}
	o.t.Fatalf("no deadline of %s among %v", kind, c.Deadlines)
}

func noteCodes(status map[string]any) map[string]map[string]any {
	notes := map[string]map[string]any{}
	list, _ := status["notes"].([]any)
	for _, n := range list {
		note := n.(map[string]any)
		notes[note["code"].(string)] = note
	}
	return notes
}

// stageOf is where a procedure of the case stands for a reader, "" where the reader learns nothing.
func (o *office) stageOf(login, caseID, track string) string {
	o.t.Helper()
	list, _ := o.as(login).get("/cases/" + caseID).want(200).object()["tracks"].([]any)
	for _, t := range list {
		if one := t.(map[string]any); one["track"] == track {
			return one["stage"].(string)
		}
	}
	return ""
}

// An appeal that is upheld leads to a write-off, the rater is told and silent, and the rated side
// learns that the rating counts no more.
func TestAMistakenRatingIsWrittenOff(t *testing.T) {
	o, receipt, caseID := served(t)
	o.lodge(caseID).want(201)
	o.act("kd-supervisor-1", caseID, regulation.ActDecideAppeal, fields{"result": "mistaken", "reasons": "评错了窗口：" + raterWords}).want(201)
	if got := o.stageOf("kd-head", caseID, "write_off"); got != "approval" {
		t.Errorf("the write-off is at %q", got)
	}
	rated := o.as(ratedLogin).get("/notices/" + caseID).want(200).hides(raterWords).object()
	if rated["standing"] != "pending" {
		t.Errorf("standing %v", rated["standing"])
	}
	o.act("kd-supervisor-1", caseID, regulation.ActApproveWriteOff, fields{}).refused(403, regulation.FourEyes)
	o.act("kd-head", caseID, regulation.ActApproveWriteOff, fields{"exemption": "unreachable", "explanation": "没有人打过电话"}).refused(422, regulation.Invalid).shows("rater_was_reached")
	o.act("kd-head", caseID, regulation.ActApproveWriteOff, fields{"opinion": "同意"}).want(201)
	status := o.citizen(receipt).get("/receipt/status").want(200).object()
	if noteCodes(status)["write_off.mistaken"] == nil || status["objection_until"] != nil || status["may_object"] != true {
		t.Errorf("before anybody called, the receipt tells %v", status)
	}
	o.act("kd-clerk-1", caseID, regulation.ActTellRater, fields{"result": "no_answer"}).want(201)
	o.act("kd-clerk-1", caseID, regulation.ActTellRater, fields{"result": "reached", "statement": raterWords}).want(201)
	if status = o.citizen(receipt).get("/receipt/status").want(200).object(); status["objection_until"] == nil || status["may_object"] != true {
		t.Errorf("told by telephone, the rater reads %v", status)
	}
	o.browsing("kd-head").get("/cases/"+caseID).want(200).shows("异议期内", "已电话告知")
	o.pass(receipt, regulation.ActObjectWriteOff)
	if !o.caseOf(receipt).WrittenOff() {
		t.Fatal("silence did not put the write-off in force")
	}
	if noteCodes(o.citizen(receipt).get("/receipt/status").object())["write_off.in_force"] == nil {
		t.Error("the rater is not told that the write-off is in force")
	}
	end := o.as(ratedLogin).get("/notices/" + caseID).want(200).hides("mistaken").object()
	if end["standing"] != "written_off" || end["appeal"].(map[string]any)["stage"] != "upheld" {
		t.Errorf("the notice tells %v and %v", end["standing"], end["appeal"])
	}
	o.as(ratedLogin).get("/messages").want(200).shows("news_of_standing").hides("approve_write_off", "silence")
	o.browsing(ratedLogin).get("/notices/"+caseID).want(200).shows("已核销").hides("评错", "恶意")
	o.browsing("kd-head").get("/cases/"+caseID).want(200).shows("主线之外的程序", "误评")
}

// The rater objects on the receipt's page, without scripts, and reads what came of it.
func TestTheRaterObjectsToAWriteOff(t *testing.T) {
	o, receipt, caseID := served(t)
	o.lodge(caseID).want(201)
	o.act("kd-supervisor-1", caseID, regulation.ActDecideAppeal, fields{"result": "mistaken", "reasons": "评错了窗口"}).want(201)
	o.act("kd-head", caseID, regulation.ActApproveWriteOff, fields{}).want(201)
	page := o.browser()
	page.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	page.get("/receipt/status").want(200).shows("这条评价拟核销", `id="objection"`)
	path := "/receipt/acts/object_write_off"
	page.form(path, url.Values{"idempotency_key": {"o1"}, "objection": {""}}).want(422).shows(`id="objection-error"`)
	page.form(path, url.Values{"idempotency_key": {"o1"}, "objection": {"我没有评错"}}).want(303)
	page.get("/receipt/status").want(200).shows("您的异议正在办理")
	if o.as("kd-discipline-1").get("/cases/"+caseID).status != 404 {
		t.Error("discipline officers see a case that no escalation brought before them")
	}
	o.as("gz-auditor").get("/cases/" + caseID).want(200).hides("我没有评错")
	o.act("kd-supervisor-2", caseID, regulation.ActDecideObjection, fields{"result": "counts_on", "reasons": "经核对，确为本窗口"}).want(201)
	page.get("/receipt/status").want(200).shows("这条评价不核销", "经核对，确为本窗口")
	if notice := o.as(ratedLogin).get("/notices/" + caseID).want(200).hides("经核对").object(); notice["standing"] != "refused" {
		t.Errorf("the rated side learns %v", notice["standing"])
	}
}

// Two people find malice; the rated side cannot tell it from a mistake at any step.
func TestTheRatedSideNeverLearnsOfMalice(t *testing.T) {
	o, receipt, caseID := served(t)
	o.lodge(caseID).want(201)
	words := []string{"malicious", "malice", "extortion", "finding"}
	o.act("kd-supervisor-1", caseID, regulation.ActDecideAppeal, fields{"result": "malicious", "ground": "extortion", "reasons": "两次索要财物"}).want(201)
	under := o.as(ratedLogin).get("/notices/" + caseID).want(200).hides(words...).object()
	if stage := under["appeal"].(map[string]any)["stage"]; stage != "review" {
		t.Errorf("the appeal is at %v", stage)
	}
	o.act("kd-supervisor-1", caseID, regulation.ActConfirmMalice, fields{"opinion": "属实"}).refused(403, regulation.FourEyes)
	o.act("kd-head", caseID, regulation.ActConfirmMalice, fields{"opinion": "属实"}).want(201)
	o.act("kd-supervisor-2", caseID, regulation.ActApproveWriteOff, fields{}).want(201)
	o.act("kd-clerk-1", caseID, regulation.ActTellRater, fields{"result": "reached"}).want(201)
	if noteCodes(o.citizen(receipt).get("/receipt/status").object())["write_off.malicious"] == nil {
		t.Error("the rater is not told why")
	}
	o.pass(receipt, regulation.ActObjectWriteOff)
	for _, login := range []string{ratedLogin, "kd-psb-head"} {
		o.as(login).get("/notices/"+caseID).want(200).shows("written_off", "upheld").hides(words...)
		o.as(login).get("/messages").want(200).hides("confirm_malice", "decide_appeal")
	}
}

// A measure: the unit's head is heard by the notice, the officer decides, the head asks for a review
// and the level above revokes.
func TestAccountabilityIsHeardBeforeAndReviewedAfter(t *testing.T) {
	o, _, caseID := served(t)
	o.act("kd-supervisor-1", caseID, regulation.ActReferAccountability, fields{"reasons": "屡次发生"}).want(201)
	head := o.as("kd-psb-head")
	tasks := head.get("/inbox?tab=available").want(200).object()["tasks"].([]any)
	found := false
	for _, task := range tasks {
		one := task.(map[string]any)
		found = found || one["act"] == "give_statement" && one["href"] == "/notices/"+caseID && one["claimable"] == false
	}
	if !found {
		t.Errorf("the head's inbox has %v", tasks)
	}
	for _, task := range o.as("kd-psb-handler-1").get("/inbox?tab=unit").want(200).object()["tasks"].([]any) {
		if task.(map[string]any)["act"] == "give_statement" {
			t.Error("a colleague learns of the head's accountability")
		}
	}
	o.act("kd-psb-head", caseID, regulation.ActGiveStatement, fields{"statement": "已增派人手"}).want(201)
	officer := o.as("kd-discipline-1")
	officer.get("/cases/"+caseID).want(200).shows("已增派人手").hides(raterWords, "群众说")
	list := officer.get("/discipline").want(200).object()["escalations"].([]any)
	if p, _ := list[0].(map[string]any)["procedure"].(map[string]any); p == nil || p["stage"] != "decision" || p["due"] == nil {
		t.Errorf("the discipline officer's list has %v", list)
	}
	o.browsing("kd-discipline-1").get("/discipline").want(200).shows("主管部门移送", "待处理")
	o.act("kd-discipline-1", caseID, regulation.ActDecideAccountability, fields{"kind": "criticism", "basis": "制度第八条第四项", "reasons": "管理失责"}).want(201)
	notice := head.get("/notices/"+caseID).want(200).shows("制度第八条第四项", "管理失责", "review_until").object()
	if kinds(notice)["request_review"] == nil {
		t.Errorf("the head may do %v", notice["acts"])
	}
	o.as(ratedLogin).get("/notices/"+caseID).want(200).hides("管理失责", "criticism")
	o.act("kd-psb-head", caseID, regulation.ActRequestReview, fields{"grounds": "处理过重"}).want(201)
	o.act("gz-discipline-1", caseID, regulation.ActDecideReview, fields{"result": "revoked", "reasons": "依据不足"}).want(201)
	head.get("/notices/"+caseID).want(200).shows("revoked", "依据不足")
	if stage := o.stageOf("kd-supervisor-1", caseID, "accountability"); stage != "revoked" {
		t.Errorf("accountability is at %q", stage)
	}
}

// Two grounds that meet are told on the notice and the case, and a write-off clears their lines on the
// discipline officer's list before anything was decided.
func TestTwoGroundsAreToldAndAWriteOffClearsTheirLines(t *testing.T) {
	o, receipt, caseID := served(t)
	for _, s := range mainLine[4:9] {
		o.step(receipt, caseID, s)
		o.clock.Forward(time.Minute)
	}
	o.act("kd-supervisor-1", caseID, regulation.ActReferAccountability, fields{"reasons": "屡次发生"}).want(201)
	o.act("kd-supervisor-2", caseID, regulation.ActRejectRectification, fields{"reason": "未整改"}).want(201)
	notice := o.as("kd-psb-head").get("/notices/" + caseID).want(200).object()["accountability"].([]any)[0].(map[string]any)
	if grounds := notice["grounds"].([]any); !slices.Equal(grounds, []any{"referred", "insufficient"}) || notice["reason"] != "referred" {
		t.Errorf("the notice tells %v", notice)
	}
	o.browsing("kd-psb-head").get("/notices/"+caseID).want(200).shows("主管部门移送", "整改不到位")
	o.browsing("kd-discipline-1").get("/cases/"+caseID).want(200).shows("主管部门移送", "整改不到位")
	lines := func(revoked bool) {
		t.Helper()
		list := o.as("kd-discipline-1").get("/discipline").want(200).object()["escalations"].([]any)
		if len(list) != 2 {
			t.Fatalf("%v", list)
		}
		for _, line := range list {
			if (line.(map[string]any)["revoked"] == true) != revoked {
				t.Errorf("want revoked %t: %v", revoked, line)
			}
		}
	}
	lines(false)
	o.lodge(caseID).want(201)
	o.act("kd-supervisor-1", caseID, regulation.ActDecideAppeal, fields{"result": "mistaken", "reasons": "评错了窗口"}).want(201)
	o.act("kd-head", caseID, regulation.ActApproveWriteOff, fields{}).want(201)
	o.act("kd-clerk-1", caseID, regulation.ActTellRater, fields{"result": "reached"}).want(201)
	o.pass(receipt, regulation.ActObjectWriteOff)
	lines(true)
	o.browsing("kd-discipline-1").get("/discipline").want(200).shows("或者评价已不计入")
}

// That a rater reported pressure is told to nobody who answers for it, in neither rendering: it would
// name the rater (R58).
func TestWhoAnswersForPressureIsNotToldOfIt(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActRecordFinding)
	finding := mainLine[3]
	finding.values = maps.Clone(finding.values)
	finding.values["attribution"] = "person"
	o.step(receipt, caseID, finding)
	for _, s := range mainLine[4:11] {
		o.step(receipt, caseID, s)
		o.clock.Forward(time.Minute)
	}
	pressed := mainLine[11]
	pressed.values = fields{"grade": "4", "resolved": "yes", "pressed": "yes"}
	o.step(receipt, caseID, pressed)
	o.act("gz-supervisor-2", caseID, regulation.ActRecordInvestigation, fields{"result": "established", "account": "查实"}).want(201)
	o.as("kd-discipline-1").get("/cases/" + caseID).want(200).shows("accountability.reason.pressure")
	for _, login := range []string{ratedLogin, "kd-psb-head"} {
		measures := o.as(login).get("/notices/" + caseID).want(200).hides("pressure").object()["accountability"].([]any)
		if one := measures[0].(map[string]any); one["reason"] != regulation.ReasonRules {
			t.Errorf("%s is told %v", login, one)
		}
		page := o.browsing(login).get("/notices/" + caseID).want(200)
		page.shows("违反政务服务评价工作纪律").hides("施压", "经查实")
	}
}

// Dissatisfied once: a marked new order; a second time: the level above, whose answer the rater reads.
func TestADissatisfiedRaterIsHeardTwice(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActAnswerSurvey)
	again := mainLine[11]
	again.values, again.phase = fields{"grade": "1", "resolved": "no", "pressed": "yes"}, "dispatch"
	o.step(receipt, caseID, again)
	notes := noteCodes(o.citizen(receipt).get("/receipt/status").want(200).object())
	if notes["reopened"] == nil || notes["investigation"] == nil {
		t.Errorf("the rater is told %v", notes)
	}
	earlier := func() []any {
		found, _ := o.citizen(receipt).get("/receipt/status").want(200).object()["earlier_replies"].([]any)
		return found
	}
	first := earlier()
	if len(first) == 0 {
		t.Fatal("the reply went with the new order")
	}
	page := o.browser()
	page.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	page.get("/receipt/status").want(200).shows("重新交办之前", first[0].(map[string]any)["reply"].(string), "转有关单位办理")
	for _, s := range mainLine[5:11] {
		o.step(receipt, caseID, s)
		o.clock.Forward(time.Minute)
	}
	status := o.citizen(receipt).get("/receipt/status").want(200).object()
	if status["reply"] == nil || len(earlier()) != len(first) || status["reply_at"] == first[0].(map[string]any)["at"] {
		t.Errorf("after the second reply the receipt has %v", status)
	}
	seen := o.as("kd-supervisor-1").get("/cases/" + caseID).want(200).object()
	orders := seen["orders"].([]any)
	if len(orders) != 2 || orders[1].(map[string]any)["reopened"] != true || len(seen["clocks"].([]any)) != 2 || seen["reopened"] != 1.0 {
		t.Errorf("orders %v, clocks %v", orders, seen["clocks"])
	}
	o.browsing("kd-supervisor-1").get("/cases/"+caseID).want(200).shows("重新交办", "整改期限台账", "施压调查")
	o.as("kd-psb-handler-1").get("/cases/" + caseID).want(200).hides("investigation")
	again.phase = "closing_callback"
	o.step(receipt, caseID, again)
	o.act("gz-supervisor-1", caseID, regulation.ActReviewCase, fields{"result": "stands", "reply": "上级已复查，处理适当"}).want(201)
	o.act("gz-supervisor-2", caseID, regulation.ActRecordInvestigation, fields{"result": "not_established", "account": "未发现"}).want(201)
	notes = noteCodes(o.citizen(receipt).get("/receipt/status").want(200).shows("上级已复查，处理适当").hides("未发现").object())
	if notes["upper_review.done"] == nil || notes["investigation.done"] == nil {
		t.Errorf("the rater is told %v", notes)
	}
}

// After closing the rater rates once more, on the page; what was typed outlives the session.
func TestTheFollowUpRating(t *testing.T) {
	o, wall := officeWithClock(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, "")
	page := o.browser()
	page.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	page.get("/receipt/status").want(200).shows(`id="follow_up"`, "办结后追加一次评价")
	wall.expire()
	path := "/receipt/acts/follow_up"
	form := url.Values{"idempotency_key": {"f1"}, "satisfaction": {"2"}, "resolved": {"no"}, "text": {"问题又出现了"}}
	kept := page.form(path, form).want(401).hidden()
	kept.Set("receipt", receipt)
	page.form("/receipt", kept).want(200).shows("问题又出现了", `id="follow_up"`)
	page.form(path, form).want(303)
	page.get("/receipt/status").want(200).shows("已追加评价", "已重新交办").hides(`id="follow_up"`)
	o.citizen(receipt).post(path, fields{"grade": "5", "resolved": "yes"}).refused(409, regulation.NotNow)
	if c := o.caseOf(receipt); c.Phase != regulation.PhaseDispatch || c.Reopened != 1 {
		t.Errorf("the case is in %s, reopened %d times", c.Phase, c.Reopened)
	}
	_ = caseID
}

// A rater who is pressed reports it by receipt at any time; the rated side learns nothing of it.
func TestPressureIsReportedByReceiptInEveryPhase(t *testing.T) {
	o, wall := officeWithClock(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSubmitRectification)
	page := o.browser()
	page.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	page.get("/receipt/status").want(200).shows(`id="pressure"`, "反映给上一级")
	path, words := "/receipt/acts/report_pressure", "大厅主任两次打电话让我改评价"
	page.form(path, url.Values{"idempotency_key": {"p0"}, "text": {" "}}).want(422).shows(`id="pressure" open`, "text-error")
	page.form(path, url.Values{"idempotency_key": {"p1"}, "text": {words}}).want(303)
	page.get("/receipt/status").want(200).shows("施压或为难正在调查").hides(`id="pressure"`, words)
	o.citizen(receipt).post(path, fields{"text": "又来了"}).refused(409, regulation.NotNow)
	o.as("gz-supervisor-1").get("/cases/" + caseID).want(200).shows(words)
	o.as("kd-psb-handler-1").get("/cases/"+caseID).want(200).hides(words, "report_pressure", "investigation")
	wall.expire()
	late := page.form(path, url.Values{"idempotency_key": {"p2"}, "text": {"第二次反映"}}).want(401).hidden()
	late.Set("receipt", receipt)
	page.form("/receipt", late).want(200).shows("第二次反映", "已在调查中")

	o.act("gz-supervisor-1", caseID, regulation.ActRecordInvestigation, fields{"result": "not_established", "account": "未发现"}).want(201)
	if status := o.citizen(receipt).get("/receipt/status").want(200).object(); status["report_pressure"] != true {
		t.Errorf("after the inquiry the receipt has %v", status)
	}
	good := o.program().post("/ratings", fields{"code": windowCode(t, "513301-w03"), "grade": 5}).want(201).object()["receipt"].(string)
	if status := o.citizen(good).get("/receipt/status").want(200).object(); status["report_pressure"] != nil {
		t.Errorf("a rating without a case has %v", status)
	}
}

// By the receipt a rater has their contact erased, with a case or without; it is never shown.
func TestARaterHasTheirContactErasedByReceipt(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActRecordCallback)
	page := o.browser()
	page.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	page.get("/receipt/status").want(200).shows(`action="/receipt/contact/erase"`).hides(raterPhone, raterName)
	o.mayCall("kd-clerk-1", caseID)
	o.as("kd-clerk-1").post("/cases/"+caseID+"/contact", fields{}).want(200)
	page.form("/receipt/contact/erase", url.Values{}).want(303)
	page.get("/receipt/status").want(200).shows("您的联系方式已删除").hides(`action="/receipt/contact/erase"`)
	o.citizen(receipt).post("/receipt/contact/erase", fields{}).want(204)
	o.as("kd-clerk-1").post("/cases/"+caseID+"/contact", fields{}).refused(409, regulation.NotNow)
	o.browsing("kd-verifier-1").get("/cases/" + caseID).want(200).shows("评价人的联系方式已按其要求删除").hides(raterPhone)
	if c := o.caseOf(receipt); c.Contactable || c.Callback.Exempt != "no_contact" || c.Await(regulation.ActRecordCallback) != nil {
		t.Errorf("%+v", c.Callback)
	}
	o.browser().form("/receipt/contact/erase", url.Values{}).want(401)

	good := badRating(t)
	good["grade"] = 5
	delete(good, "option")
	second := o.program().post("/ratings", good).want(201).object()["receipt"].(string)
	if status := o.citizen(second).get("/receipt/status").want(200).object(); status["contact_kept"] != true {
		t.Errorf("of a good rating with a contact the receipt says %v", status)
	}
	o.citizen(second).post("/receipt/contact/erase", fields{}).want(204)
	if status := o.citizen(second).get("/receipt/status").want(200).object(); status["contact_kept"] != nil {
		t.Errorf("after the erasure %v", status)
	}
}

// After the days of the edition there is no follow-up rating, and the refusal says until when there was.
func TestTheFollowUpRatingHasItsDays(t *testing.T) {
	o, _ := officeWithClock(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, "")
	if status := o.citizen(receipt).get("/receipt/status").want(200).object(); status["follow_up_until"] == nil {
		t.Errorf("the receipt says %v", status)
	}
	o.clock.Forward(100 * 24 * time.Hour)
	page := o.browser()
	page.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	page.get("/receipt/status").want(200).hides(`id="follow_up"`)
	refused := o.citizen(receipt).post("/receipt/acts/follow_up", fields{"grade": "1", "resolved": "no"}).refused(409, regulation.NotNow).object()
	if refused["missing"] != "follow_up_over" || refused["until"] == nil {
		t.Errorf("the refusal is %v", refused)
	}
}
