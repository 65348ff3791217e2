package api_test

import (
	"strings"
	"testing"

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
	o.browsing("kd-secadmin").get("/people").want(200).shows("回访人员、核实人员")
}
