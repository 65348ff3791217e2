package api_test

import (
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

func TestTheOneThingToDoLiesReadyOnTheCasePage(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	page := func(login string) string { return string(o.browsing(login).get("/cases/" + caseID).want(200).body) }
	if !strings.Contains(page("kd-supervisor-1"), `id="act-accept" open`) {
		t.Error("the only form is folded")
	}
	o.walk(receipt, caseID, regulation.ActSign)
	if strings.Contains(page("kd-psb-handler-1"), `id="act-sign" open`) {
		t.Error("one of two forms is open")
	}
}

func TestCasePageWordsDaysAndLeavesRemindersOut(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSubmitRectification)
	page := o.browsing("kd-psb-handler-1").get("/cases/" + caseID).want(200).shows("2026年12月1日")
	page.hides("2026-12-01", "<b>提醒</b>")
}

func TestPeopleListNamesEveryRole(t *testing.T) {
	o := setup(t)
	o.browsing("kd-secadmin").get("/people?name=KD-verifier").want(200).shows("回访人员、核实人员")
}

// waits are what a case waits for as a reader is told.
func (o *office) waits(login, caseID string) []map[string]any {
	o.t.Helper()
	var body struct{ Waits []map[string]any }
	o.as(login).get("/cases/" + caseID).want(200).into(&body)
	return body.Waits
}

// Whoever has nothing to do on a case learns for whom it waits: step, role and organisation, since
// when and by when. The unit learns so much of its order's own procedure only (R04).
func TestCasePageSaysForWhomItWaits(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActAcceptRectification)
	for _, login := range []string{"kd-verifier-1", "kd-auditor", "kd-psb-handler-1"} {
		waits := o.waits(login, caseID)
		if len(waits) != 1 {
			t.Fatalf("%s is told of %v", login, waits)
		}
		w := waits[0]
		before := w["before"].([]any)[0].(map[string]any)
		if w["act"] != "accept_rectification" || w["since"] == nil || w["due"].(map[string]any)["left"] != 2.0 ||
			before["role"] != "supervisor" || before["place"].(map[string]any)["id"] != "513301-authority" {
			t.Errorf("%s is told %v", login, w)
		}
		o.browsing(login).get("/cases/"+caseID).want(200).
			shows("现在没有需要您办理的事项", "本案正在等待", "验收整改结果", "康定市政务服务管理局", "自2026年11月").hides("次仁", ">null<")
	}
	o.browsing("kd-supervisor-1").get("/cases/"+caseID).want(200).hides("本案正在等待", "同时还在等待")
	o.step(receipt, caseID, mainLine[9])
	o.step(receipt, caseID, mainLine[10])
	if w := o.waits("kd-psb-head", caseID)[0]; w["act"] != "answer_survey" || w["before"].([]any)[0].(map[string]any)["role"] != "citizen" {
		t.Errorf("with the survey open the unit is told %v", w)
	}
	o.clock.Forward(time.Hour)
	o.step(receipt, caseID, mainLine[11])
	if w := o.waits("kd-psb-head", caseID); len(w) != 1 || w[0]["act"] != nil || w[0]["since"] != nil || w[0]["due"] != nil {
		t.Errorf("of the call to the rater the unit is told %v", w)
	}
	o.browsing("kd-psb-head").get("/cases/" + caseID).want(200).shows("主管部门内部办理").hides("办结回访</b>")
	for _, s := range mainLine[12:] {
		o.step(receipt, caseID, s)
	}
	o.browsing("kd-psb-head").get("/cases/"+caseID).want(200).shows("本案已于2026年11月", "办结").hides("本案正在等待")
}

// Whoever has to do an act once more reads above the form why it came back.
func TestFormSaysWhyAnActCameBack(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	page := func(login string) got { return o.browsing(login).get("/cases/" + caseID).want(200) }
	o.step(receipt, caseID, step{"kd-psb-head", regulation.ActReturnOrder, fields{"reason": "窗口另有归属"}, "dispatch"})
	page("kd-supervisor-1").shows("上一张转办单被退回：窗口另有归属")
	o.step(receipt, caseID, step{"kd-supervisor-1", regulation.ActTransfer, fields{"unit": "513301-mkt", "instructions": "请整改"}, "signing"})
	o.step(receipt, caseID, step{"kd-mkt-head", regulation.ActReturnOrder, fields{"reason": "仍属公安"}, "dispatch"})
	page("kd-supervisor-1").shows("上一张转办单被退回：仍属公安").hides("退回：窗口另有归属")
	for _, s := range mainLine[5:9] {
		o.step(receipt, caseID, s)
	}
	page("kd-supervisor-1").hides("人工复核退回")
	o.step(receipt, caseID, step{"kd-supervisor-1", regulation.ActRejectRectification, fields{"reason": "没有写明预案"}, "rectification"})
	page("kd-psb-handler-1").shows("上次提交的整改被退回：没有写明预案")
}

// A deadline that passed stands among the deadlines as long as its step waits.
func TestPassedDeadlineIsShownUntilItsStepIsDone(t *testing.T) {
	o := setup(t)
	_, caseID := o.rateBadly()
	o.browsing("kd-clerk-1").get("/cases/" + caseID).want(200).shows("<b>受理</b>")
	step, err := o.record.LoadStep(t.Context(), caseID)
	must(t, err)
	o.clock.Forward(72 * time.Hour)
	for _, timer := range step.Timers {
		_, err := o.record.RecordDeadline(t.Context(), caseID, timer.ID)
		must(t, err)
	}
	page := o.browsing("kd-clerk-1").get("/cases/"+caseID).want(200).shows("<b>受理</b>", "逾期 2 个工作日", "逾期，已上移一级")
	page.hides("没有正在计算的期限", "<dt>事项</dt><dd>受理差评")
	if w := o.waits("kd-clerk-1", caseID)[0]; w["raised"] != "overdue" || len(w["before"].([]any)) < 2 {
		t.Errorf("the wait says %v", w)
	}
}

// The authority's days are told apart from the unit's, to whoever reads the case (R34).
func TestCaseTellsWithWhomTheDaysLay(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSubmitRectification)
	from := o.caseOf(receipt).Clock.From
	o.clock.Forward(from.AddDate(0, 0, 7).Sub(o.clock.Now()))
	o.step(receipt, caseID, mainLine[8])
	o.clock.Forward(from.AddDate(0, 0, 9).Sub(o.clock.Now()))
	for _, login := range []string{"kd-supervisor-1", "kd-psb-handler-1", "kd-auditor"} {
		var body struct {
			Clocks []struct{ Spent map[string]int }
		}
		o.as(login).get("/cases/" + caseID).want(200).into(&body)
		if len(body.Clocks) != 1 || body.Clocks[0].Spent["unit"] != 5 || body.Clocks[0].Spent["authority"] != 2 {
			t.Errorf("%s is told %+v", login, body.Clocks)
		}
		o.browsing(login).get("/cases/" + caseID).want(200).shows("承办单位 5 个，主管部门 2 个，暂停计算 0 个")
	}
}
