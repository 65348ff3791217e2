package api_test

import (
	"testing"
	"time"

	"haochaping/regulation"
)

// step is one act of the main line: who does it, how, and the phase that it leads to.
type step struct {
	by     string // login; "" is the rater, by receipt
	act    regulation.ActKind
	values fields
	phase  string
}

var mainLine = []step{
	{"kd-supervisor-1", regulation.ActAccept, fields{"note": "受理"}, "verification"},
	{"kd-clerk-1", regulation.ActRecordCallback, fields{"result": "reached", "statement": "群众说等了两个小时"}, "verification"},
	{"kd-verifier-1", regulation.ActAddEvidence, fields{"kind": "statement", "description": "窗口人员说明"}, "verification"},
	{"kd-verifier-1", regulation.ActRecordFinding, fields{"finding": "substantiated", "cause": "efficiency", "link": "queueing",
		"attribution": "unit", "account": "核实属实", "problem_open": "no"}, "dispatch"},
	{"kd-clerk-1", regulation.ActAskConsent, fields{"answer": "no"}, "dispatch"},
	{"kd-supervisor-1", regulation.ActTransfer, fields{"unit": "513301-psb", "instructions": "请按期整改"}, "signing"},
	{"kd-psb-handler-1", regulation.ActSign, fields{}, "planning"},
	{"kd-psb-handler-1", regulation.ActSubmitPlan, fields{"measures": "增开窗口", "responsible": "张某", "target_date": "2026-12-01"}, "rectification"},
	{"kd-psb-head", regulation.ActSubmitRectification, fields{"measures": "已增开", "no_evidence_reason": "无书面材料", "reply": "感谢监督"}, "acceptance"},
	{"kd-supervisor-1", regulation.ActAcceptRectification, fields{"opinion": "同意"}, "reply"},
	{"kd-supervisor-1", regulation.ActReleaseReply, fields{"reply": "已增开窗口，感谢您的监督"}, "survey"},
	{"", regulation.ActAnswerSurvey, fields{"grade": "4", "resolved": "yes", "pressed": "no"}, "closing_callback"},
	{"kd-clerk-2", regulation.ActClosingCallback, fields{"result": "reached", "reply_received": "yes", "settled": "yes", "pressed": "no"}, "recheck"},
	{"kd-verifier-2", regulation.ActRecheck, fields{"result": "passed"}, "closing"},
	{"kd-supervisor-2", regulation.ActClose, fields{"matter_status": "no_matter", "summary": "办结"}, "closed"},
}

// walk does the main line up to, and without, an act; "" is to the end.
func (o *office) walk(receipt, caseID string, until regulation.ActKind) {
	o.t.Helper()
	for _, s := range mainLine {
		if s.act == until {
			return
		}
		o.step(receipt, caseID, s)
		o.clock.Forward(time.Minute)
	}
}

func (o *office) step(receipt, caseID string, s step) got {
	o.t.Helper()
	path, c := "/cases/"+caseID+"/acts/"+string(s.act), o.program()
	if s.by != "" {
		c = o.as(s.by)
	} else {
		c.post("/receipt", fields{"receipt": receipt}).want(204)
		path = "/receipt/acts/" + string(s.act)
	}
	answer := c.post(path, s.values).want(201)
	if phase := answer.object()["phase"]; phase != s.phase {
		o.t.Fatalf("after %s the case is in %v, want %s", s.act, phase, s.phase)
	}
	return answer
}

func TestMainLineFromTheCitizenToTheClosedCase(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	for _, s := range mainLine {
		o.step(receipt, caseID, s)
		o.clock.Forward(time.Minute)
		o.as("kd-supervisor-1").get("/cases/" + caseID).want(200)
	}
	closed := o.as("kd-supervisor-1").get("/cases/" + caseID).want(200).object()
	if closed["phase"] != "closed" || len(closed["acts"].([]any)) != 2 /* accountability may be begun; credit is refused with its reason (8(5)) */ || len(closed["events"].([]any)) != len(mainLine)+1 {
		t.Errorf("the closed case is in %v with %d acts and %d events", closed["phase"], len(closed["acts"].([]any)), len(closed["events"].([]any)))
	}
	citizen := o.program()
	citizen.post("/receipt", fields{"receipt": receipt}).want(204)
	status := citizen.get("/receipt/status").want(200).shows("已增开窗口，感谢您的监督").object()
	steps := status["steps"].([]any)
	if last := steps[len(steps)-1].(map[string]any); last["code"] != "closed" || last["state"] != "current" || last["at"] == nil {
		t.Errorf("the citizen's last step is %v", last)
	}
}
