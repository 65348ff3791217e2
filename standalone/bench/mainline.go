package bench

import (
	"crypto/rand"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// measuredWindow is a window of Kangding's public security bureau.
const measuredWindow = "513301-w03"

// act is one step of the main line with what it carries.
type act struct {
	kind   regulation.ActKind
	values regulation.Values
}

// mainLine leads a case from its acceptance to its close, the way most bad ratings go.
func mainLine(now time.Time) []act {
	soon := workday.DateOf(now.In(workday.Shanghai)).AddDays(7).String()
	return []act{
		{regulation.ActAccept, regulation.Values{"note": {"已登记并转核实"}}},
		{regulation.ActRecordCallback, regulation.Values{"result": {"reached"}, "statement": {"群众陈述等候过长"}}},
		{regulation.ActAddEvidence, regulation.Values{"kind": {"statement"}, "description": {"窗口人员说明"}}},
		{regulation.ActRecordFinding, regulation.Values{"finding": {"substantiated"}, "cause": {"efficiency"}, "link": {"queueing"},
			"attribution": {"unit"}, "account": {"核实情况属实"}, "problem_open": {"yes"}}},
		{regulation.ActAskConsent, regulation.Values{"answer": {"yes"}}},
		{regulation.ActTransfer, regulation.Values{"unit": {"513301-psb"}, "instructions": {"请按期整改"}}},
		{regulation.ActSign, regulation.Values{}},
		{regulation.ActSubmitPlan, regulation.Values{"measures": {"增开窗口"}, "responsible": {"某某"}, "target_date": {soon}}},
		{regulation.ActSubmitRectification, regulation.Values{"measures": {"已增开窗口"}, "no_evidence_reason": {"无书面材料"}, "reply": {"感谢您的监督"}}},
		{regulation.ActAcceptRectification, regulation.Values{"opinion": {"同意"}}},
		{regulation.ActReleaseReply, regulation.Values{"reply": {"感谢您的监督，已增开窗口"}}},
		{regulation.ActAnswerSurvey, regulation.Values{"grade": {"4"}, "resolved": {"yes"}, "text": {"谢谢"}}},
		{regulation.ActClosingCallback, regulation.Values{"result": {"reached"}, "reply_received": {"yes"}, "settled": {"yes"}, "pressed": {"no"}}},
		{regulation.ActRecheck, regulation.Values{"result": {"passed"}}},
		{regulation.ActClose, regulation.Values{"matter_status": {"concluded"}, "summary": {"全案已经办结归档"}}},
	}
}

// badRating is a form that opens a case, with the rater's words and contact, sent once.
func badRating(at store.Target, given time.Time) store.Intake {
	return store.Intake{
		Key: rand.Text(), Text: "排队两个小时没有人理睬", PrivacyVersion: "1",
		Contact: store.Contact{Name: "扎西测试", Phone: "13812345678", Language: "zh", Hours: "morning"},
		Rating: regulation.Rating{
			Channel: regulation.ChannelWeb, Target: regulation.TargetMatter, Grade: regulation.VeryDissatisfied,
			Dimensions: map[string]regulation.Grade{"attitude": 1}, Place: at.Place(""), GivenAt: given, HasText: true,
		},
	}
}
