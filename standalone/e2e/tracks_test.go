package e2e

import (
	"fmt"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/standalone/engine"
	"haochaping/store"
	"haochaping/workday"
	"haochaping/workflows"
)

// trackPaths are the procedures beside the main line, after closing, and under a changed calendar.
var trackPaths = []path{
	{"appeal-dismissed", "the rated unit appeals: dismissed", calm(toNotice, appealed(head), decided("dismissed"), toOrder)},
	{"appeal-withdrawn", "the rated unit appeals and takes it back", calm(toNotice, appealed(head), withdrawnAppeal, toOrder)},
	{"appeal-overdue", "nobody decides on the appeal in time", overdue(line(toNotice, appealed(head)), "decide_appeal#1", decided("dismissed"))},
	{"write-off", "rated by mistake: approved, nobody to be told, counted no more", calm(unasked, approvedWriteOff("asked_not_to_be_called"))},
	{"write-off-refused", "the write-off is not approved", calm(toWriteOff, step{authority, regulation.ActRefuseWriteOff, fields{"reasons": "事实清楚"}})},
	{"write-off-objected", "the rater objects, the rating counts on", calm(toWriteOff, approvedWriteOff(""), objected, objectionDecided("counts_on"))},
	{"write-off-after-objection", "the rater objects in vain", calm(toWriteOff, approvedWriteOff(""), objected, objectionDecided("written_off"))},
	{"write-off-silent", "the rater says nothing to the write-off", overdue(line(toWriteOff, approvedWriteOff(""), rung("reached")), "object_write_off#1")},
	{"write-off-told", "called in vain, then reached: the rater objects", calm(toWriteOff, approvedWriteOff(""), rung("no_answer"), rung("reached"), objected, objectionDecided("counts_on"))},
	{"write-off-told-overdue", "nobody calls the rater in time", overdue(line(toWriteOff, approvedWriteOff("")), "tell_rater#1", rung("reached"))},
	{"write-off-read", "nobody is to be called: the receipt's page tells, the rater objects", calm(unasked, approvedWriteOff(""), objected, objectionDecided("written_off"))},
	{"write-off-objected-late", "in force for an exempt rater, who objects afterwards: counts again", calm(unasked, approvedWriteOff("asked_not_to_be_called"), objected, objectionDecided("counts_on"))},
	{"malice-confirmed", "two people find malice: written off, and confirmed from above", calm(toMalice, confirmed, secondApproves, objected, heardAbove, sampledByTwo("confirmed"))},
	{"malice-reversed", "the write-off of a malicious rating is reversed from above", calm(toMalice, confirmed, secondApproves, objected, heardAbove, sampledByTwo("reversed"))},
	{"malice-rejected", "the second person finds no malice, the appeal goes back to its review", calm(toMalice, notMalicious, decided("dismissed"))},
	{"accountability-reviewed", "insufficient rectification: statement, criticism, review upheld", calm(toStatement, stated, measure("criticism"), reviewAsked, reviewDecided("upheld"))},
	{"accountability-revoked", "the review revokes the criticism", calm(toStatement, stated, measure("criticism"), reviewAsked, reviewDecided("revoked"))},
	{"accountability-competent-body", "referred to the competent body, whose document is recorded", calm(toStatement, stated, measure("competent_body"), documented)},
	{"accountability-none", "no measure", calm(toStatement, stated, measure("none"))},
	{"accountability-silent", "nobody states anything, nobody asks for a review: final", accountabilitySilent},
	{"after-closing", "closed while a review may still be asked for: it ends after closing", calm(toStatement, stated, measure("criticism"), rectified, accepted, released, surveyed, toClosed, reviewAsked, reviewDecided("upheld"))},
	{"investigation", "the rater was pressed: investigated one level up", calm(toReply, pressed, toClosed[0], investigated("not_established"))},
	{"investigation-established", "pressure is established and goes to accountability", calm(toReply, pressed, toClosed[0], investigated("established"), stated)},
	{"pressure-reported", "the rater reports pressure by receipt while the unit rectifies, and once more after closing", inTime(contact, func(t *testing.T, l *lab, s *story) {
		s.do(t, line(toFinding, substantiated, toOrder, toRectified[0], harassed, investigated("not_established"))...)
		l.close(t, s, line(toRectified[1:], accepted, released, surveyed, toClosed)...)
		s.do(t, harassed, investigated("not_established"))
	})},
	{"reopened", "a dissatisfied rater: a marked new order", calm(toAcceptance, accepted, released, dissatisfied, toOrder[1], toRectified[0])},
	{"reopened-twice", "dissatisfied again: one level up", calm(toAcceptance, accepted, released, dissatisfied, toOrder[1], again, dissatisfied, reviewedAbove("stands"))},
	{"upper-review-orders-again", "the level above has the unit begin again", calm(toAcceptance, accepted, released, dissatisfied, toOrder[1], again, dissatisfied, reviewedAbove("order_again"))},
	{"follow-up-content", "a follow-up rating that is content: the closed case stays closed", followedUp("4", "yes")},
	{"follow-up-reopens", "a dissatisfied follow-up rating opens the closed case again", followedUp("1", "no", toOrder[1])},
	{"deadline-moved", "a new notice moves the open deadlines, the case is told to read the record", deadlineMoved},
}

// What they share.
var (
	noticed         = step{verifier, regulation.ActServeNotice, fields{}}
	toNotice        = line(toFinding, noticed, substantiated)
	withdrawnAppeal = step{head, regulation.ActWithdrawAppeal, fields{"reason": "已与群众沟通"}}
	toWriteOff      = line(toFinding, noticed, finding("suspected_mistaken"), appealed(head), decided("mistaken"))
	objected        = step{rater, regulation.ActObjectWriteOff, fields{"objection": "评价属实"}}
	toMalice        = line(toFinding, noticed, finding("suspected_malicious"), appealed(head), decided("malicious"))
	confirmed       = step{authority, regulation.ActConfirmMalice, fields{"opinion": "证据充分"}}
	notMalicious    = step{authority, regulation.ActRejectMalice, fields{"reasons": "证据不足"}}
	secondApproves  = step{supervisor, regulation.ActApproveWriteOff, fields{}}
	heardAbove      = step{upper, regulation.ActDecideObjection, fields{"result": "written_off", "reasons": "经复核"}} // of the county everybody had a part in it
	unasked         = line(toFinding[0], exempt("asked_not_to_be_called"), toFinding[2], noticed, finding("suspected_mistaken"), appealed(head), decided("mistaken"))
	toStatement     = line(toAcceptance, rejected)
	stated          = step{head, regulation.ActGiveStatement, fields{"statement": "已补充措施"}}
	reviewAsked     = step{head, regulation.ActRequestReview, fields{"grounds": "整改已完成"}}
	documented      = step{discipline, regulation.ActRecordBody, fields{"body": "康定市纪委监委", "document_number": "康纪〔2026〕1号", "document_date": "2026-11-02", "outcome": "批评教育"}}
	pressed         = step{rater, regulation.ActAnswerSurvey, fields{"grade": "4", "resolved": "yes", "pressed": "yes"}}
	harassed        = step{rater, regulation.ActReportPressure, fields{"text": "有人打电话要求改评价"}}
	dissatisfied    = step{rater, regulation.ActAnswerSurvey, fields{"grade": "1", "resolved": "no", "pressed": "no"}}
	again           = line(toRectified[:2], rectified, accepted, released)
)

func appealed(who string) step {
	return step{who, regulation.ActLodgeAppeal, fields{"grounds": "facts_untrue", "account": "当日系统故障，非窗口责任"}}
}

func decided(result string) step {
	f := fields{"result": result, "reasons": "经核查"}
	if result == "malicious" {
		f["ground"] = "proven_fabrication"
	}
	return step{second, regulation.ActDecideAppeal, f}
}

// approvedWriteOff has the rater told unless they are exempt.
func approvedWriteOff(exemption string) step {
	f := fields{"opinion": "同意核销"}
	if exemption != "" {
		f["exemption"], f["explanation"] = exemption, "见回访记录"
	}
	return step{authority, regulation.ActApproveWriteOff, f}
}

// rung is one call to tell the rater of the write-off.
func rung(result string) step {
	return step{clerk, regulation.ActTellRater, fields{"result": result}}
}

// sampledByTwo is the look of the level above by another than who heard the objection there.
func sampledByTwo(result string) step {
	s := sampled(result)
	s.who = upperTwo
	return s
}

func objectionDecided(result string) step {
	return step{supervisor, regulation.ActDecideObjection, fields{"result": result, "reasons": "经复核"}}
}

func sampled(result string) step {
	return step{upper, regulation.ActReviewWriteOff, fields{"result": result, "reasons": "抽查"}}
}

func measure(kind string) step {
	return step{discipline, regulation.ActDecideAccountability, fields{"kind": kind, "basis": "《制度》第八条", "reasons": "整改不到位"}}
}

func reviewDecided(result string) step {
	return step{above, regulation.ActDecideReview, fields{"result": result, "reasons": "经复查"}}
}

func investigated(result string) step {
	return step{upper, regulation.ActRecordInvestigation, fields{"result": result, "account": "走访当事人"}}
}

func reviewedAbove(result string) step {
	return step{upper, regulation.ActReviewCase, fields{"result": result, "reply": "经上级复核"}}
}

// accountabilitySilent lets the days of the statement and those of a review pass.
func accountabilitySilent(t *testing.T, on *labs) *told {
	s := on.soon(t, on.drill, toStatement)
	on.drill.passes(t, s.id, "give_statement#1")
	s.do(t, measure("criticism"))
	on.drill.passes(t, s.id, "request_review#1")
	return &told{on.drill, s.id}
}

// followedUp closes a case and has the rater add their one follow-up rating.
func followedUp(grade, resolved string, after ...step) func(*testing.T, *labs) *told {
	return inTime(contact, func(t *testing.T, l *lab, s *story) {
		l.close(t, s, mainLine...)
		s.follow(t, step{rater, regulation.ActFollowUp, fields{"grade": grade, "resolved": resolved, "pressed": "no"}})
		s.follow(t, after...)
	})
}

// deadlineMoved has a product of its own, since the notice moves every case of the county.
func deadlineMoved(t *testing.T, _ *labs) *told {
	return onLab(t, newLab(t, nil, engine.Options{}), contact, func(t *testing.T, l *lab, s *story) {
		s.do(t, toFinding[0])
		_, was := l.due(t, s.id, "record_finding#1")
		l.putInForce(t, weekOff())
		eventually(t, "moved: record_finding#1", func() bool {
			_, is := l.due(t, s.id, "record_finding#1")
			return is.After(was)
		})
		eventually(t, "told", func() bool {
			left, err := l.record.Unrefreshed(t.Context(), 1)
			return err == nil && len(left) == 0 && l.signals(t, s.id) > 0
		})
		s.do(t, toFinding[1])
	})
}

// weekOff is a notice under which the coming week is free.
func weekOff() string {
	days := "date,kind,holiday\n"
	for n := range 7 {
		days += fmt.Sprintf("%s,off,x\n", workday.DateOf(time.Now()).AddDays(n+1))
	}
	return days
}

// putInForce has one person propose a county's notice and another one agree.
func (l *lab) putInForce(t *testing.T, days string) {
	t.Helper()
	id, err := l.record.ProposeCalendar(t.Context(), store.CalendarChange{Proposal: store.Proposal{Author: "one"}, Area: county,
		Name: "康定市人民政府", Number: "康府发〔2026〕1号", IssuedOn: workday.DateOf(time.Now()), Days: days, Basis: "通知"})
	if err == nil {
		err = l.record.DecideCalendar(t.Context(), id, store.Verdict{State: store.InForce, Person: "another"})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// signals counts how often a case was told to read the record.
func (l *lab) signals(t *testing.T, caseID string) (n int) {
	t.Helper()
	for _, event := range historyOf(t, l.client, workflows.WorkflowID(caseID), "").Events {
		if event.GetWorkflowExecutionSignaledEventAttributes() != nil {
			n++
		}
	}
	return n
}
