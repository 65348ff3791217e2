package bench

import (
	"slices"
	"time"

	"haochaping/regulation"
)

// line is one way of a case from its acceptance to its close.
type line struct {
	name  string
	share int // of a hundred measured cases
	acts  []act
}

// lines are the measured load: the whole regulation as a case meets it without waiting for silence. The
// shares are chosen, not counted anywhere.
func lines(now time.Time) []line {
	plain := mainLine(now)
	called, dispatched, rectifying, end := plain[:3], plain[4:6], plain[6:9], plain[10:]
	again := slices.Concat(plain[5:6], rectifying, plain[9:])
	return []line{
		{"main line", 70, plain},
		{"appeal heard and dismissed during rectification", 8, slices.Concat(plain[:7], appealDismissed, plain[7:])},
		{"malicious, written off though the rater objects", 6, slices.Concat(called, writtenOff, end)},
		{"reattributed to another unit", 4, slices.Concat(plain[:4], reattributed, dispatched[:1], orderToOther, rectifying, plain[9:])},
		{"rectification rejected, criticism upheld on review", 6, slices.Concat(plain[:9], heldToAccount, plain[8:])},
		{"dissatisfied: a new order, once", 6, slices.Concat(plain[:11], dissatisfied, again)},
	}
}

// lineOf deals lines out by their shares, evenly among neighbouring cases.
func lineOf(all []line, n int) int {
	const stride = 37 // shares no factor with a hundred: a hundred neighbours have all remainders
	left := n * stride % 100
	for i, l := range all {
		if left -= l.share; left < 0 {
			return i
		}
	}
	return 0
}

var (
	appealDismissed = []act{
		{regulation.ActLodgeAppeal, regulation.Values{"grounds": {"facts_untrue"}, "account": {"当日系统故障，非窗口责任"}}},
		{regulation.ActDecideAppeal, regulation.Values{"result": {"dismissed"}, "reasons": {"经核查，申诉理由不成立"}}},
	}
	writtenOff = []act{
		{regulation.ActRecordFinding, regulation.Values{"finding": {"suspected_malicious"}, "cause": {"efficiency"}, "link": {"queueing"},
			"attribution": {"person"}, "account": {"经核实，评价内容与事实不符"}, "problem_open": {"yes"}}},
		{regulation.ActLodgeAppeal, regulation.Values{"grounds": {"facts_untrue"}, "account": {"当日无此业务"}}},
		{regulation.ActDecideAppeal, regulation.Values{"result": {"malicious"}, "ground": {"proven_fabrication"}, "reasons": {"经核查，内容系捏造"}}},
		{regulation.ActConfirmMalice, regulation.Values{"opinion": {"证据充分"}}},
		{regulation.ActApproveWriteOff, regulation.Values{"opinion": {"同意核销"}}},
		{regulation.ActTellRater, regulation.Values{"result": {"reached"}}},
		{regulation.ActObjectWriteOff, regulation.Values{"objection": {"评价属实"}}},
		{regulation.ActDecideObjection, regulation.Values{"result": {"written_off"}, "reasons": {"经复核，维持核销"}}},
		{regulation.ActReviewWriteOff, regulation.Values{"result": {"confirmed"}, "reasons": {"抽查属实"}}},
	}
	reattributed = []act{
		{regulation.ActProposeReattribution, regulation.Values{"rated_unit": {otherUnit}, "reasons": {"该事项由市场监管部门办理"}}},
		{regulation.ActApproveReattribution, regulation.Values{"opinion": {"同意"}}},
	}
	orderToOther = []act{
		{regulation.ActTransfer, regulation.Values{"unit": {otherUnit}, "instructions": {"请按期整改"}}},
	}
	heldToAccount = []act{
		{regulation.ActRejectRectification, regulation.Values{"reason": {"整改措施不到位"}}},
		{regulation.ActGiveStatement, regulation.Values{"statement": {"已补充措施"}}},
		{regulation.ActDecideAccountability, regulation.Values{"kind": {"criticism"}, "basis": {"《制度》第八条"}, "reasons": {"整改不到位"}}},
		{regulation.ActRequestReview, regulation.Values{"grounds": {"整改已完成"}}},
		{regulation.ActDecideReview, regulation.Values{"result": {"upheld"}, "reasons": {"经复查，维持原决定"}}},
	}
	dissatisfied = []act{
		{regulation.ActAnswerSurvey, regulation.Values{"grade": {"1"}, "resolved": {"no"}, "pressed": {"no"}}},
	}
)

// otherUnit is a unit of the same county beside the rated one.
const otherUnit = "513301-mkt"
