package api_test

import (
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
)

// The case as it stood: by event, by instant, by role; what came later is not in it.
func TestCaseAsItStood(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSubmitPlan)
	path := "/cases/" + caseID + "/standing"
	auditor := o.as("kd-auditor")
	now := auditor.get(path).want(200).object()
	opened := auditor.get(path + "?seq=1").want(200).object()
	if opened["phase"] != "opened" || opened["event"] != "opened" || opened["until"] == nil || opened["edition"] != regulation.Edition1 || opened["calendar"] == "" {
		t.Errorf("at first: %v", opened)
	}
	wait := opened["waits"].([]any)[0].(map[string]any)
	if before := wait["before"].([]any)[0].(map[string]any); wait["act"] != "accept" || before["role"] != "supervisor" || before["people"] != 2.0 {
		t.Errorf("it waited for %v", wait)
	}
	if now["seq"] != now["last"] || now["until"] != nil || now["phase"] == "opened" {
		t.Errorf("now: %v", now)
	}
	if again := auditor.get(path + "?at=" + opened["at"].(string)).want(200).object(); again["seq"] != 2.0 { // accepted in the same instant
		t.Errorf("at the instant of opening: %v", again)
	}
	if p := auditor.get(path + "?at=2020-01-01T09:00").want(409).object(); p["missing"] != "case_not_opened_yet" || p["from"] == nil {
		t.Errorf("before it was opened: %v", p)
	}
	auditor.get(path + "?seq=999").want(422)
	auditor.get(path + "?at=yesterday").want(422)
	o.as("kd-psb-handler-1").get(path).want(404)
	asked := o.as("kd-supervisor-1").get(path + "?seq=1").want(200).object()["waits"].([]any)[0].(map[string]any)["before"].([]any)[0].(map[string]any)
	if names, _ := asked["names"].([]any); len(names) != 2 || !slices.Contains(names, any("格桑郎加")) || !slices.Contains(names, any("何凤琼")) {
		t.Errorf("held by %v", asked["names"])
	}
	// Who stands in later did not then.
	o.clock.Forward(time.Hour)
	o.as("kd-supervisor-1").post("/absence", o.absence("kd-supervisor-2", "2026-11-23", "2026-11-25")).want(201)
	o.as("kd-supervisor-2").get(path+"?seq=1").want(200).shows("格桑郎加", "何凤琼").hides("代格桑郎加")
	o.browsing("kd-supervisor-2").get(path+"?seq=1").want(200).shows("案件回放", "收到差评，自动立案", "受理", "2 人可办").hides("提交整改方案")
}
