package drill

import (
	"maps"
	"slices"

	"haochaping/regulation"
)

// The texts of a drill are made up and say that they are.
const made = "演练内容"

func by(who string, act regulation.ActKind, with fields) step {
	return step{who: who, act: act, with: with, days: 0.15}
}

// after lets days pass before an act.
func (s step) after(days float64) step {
	s.days = days
	return s
}

// refused marks an act that the rules have to refuse: for a missing condition, or with a code.
func (s step) refused(missing string) step {
	s.refuse = missing
	return s
}

// from is an act by somebody else than its step says.
func (s step) from(who string) step {
	s.who = who
	return s
}

// with is an act with one more field.
func (s step) withField(name string, value any) step {
	filled := maps.Clone(s.with)
	filled[name] = value
	s.with = filled
	return s
}

func told(note string) step                    { return step{note: note} }
func untilOverdue(act regulation.ActKind) step { return step{overdue: act} }
func untilPhase(phase regulation.Phase) step   { return step{phase: phase} }
func untilStage(t regulation.Track, any ...regulation.Stage) step {
	return step{stages: stages{t: any}}
}

// line puts steps and lists of steps together.
func line(parts ...any) []step {
	var all []step
	for _, part := range parts {
		switch p := part.(type) {
		case step:
			all = append(all, p)
		case []step:
			all = append(all, p...)
		}
	}
	return all
}

var (
	accept   = by("supervisor", regulation.ActAccept, fields{"note": made})
	called   = by("callback_clerk", regulation.ActRecordCallback, fields{"result": "reached", "statement": made})
	missed   = by("callback_clerk", regulation.ActRecordCallback, fields{"result": "no_answer"})
	gathered = by("verifier", regulation.ActAddEvidence, fields{"kind": "system_log", "description": made})
	asked    = by("callback_clerk", regulation.ActAskConsent, fields{"answer": "yes"})
	ordered  = by("supervisor", regulation.ActTransfer, fields{"unit": "", "instructions": made, "matter_status": "in_progress"})
	signed   = by("unit", regulation.ActSign, nil)
	planned  = by("unit", regulation.ActSubmitPlan, fields{"measures": made, "responsible": "演练人员", "target_date": ""})
	interim  = by("callback_clerk", regulation.ActInterimReply, fields{"text": made})
	handedIn = by("unit", regulation.ActSubmitRectification, fields{"measures": made, "no_evidence_reason": made, "reply": made})
	accepted = by("supervisor", regulation.ActAcceptRectification, fields{"opinion": made})
	rejected = by("supervisor", regulation.ActRejectRectification, fields{"reason": made})
	released = by("supervisor", regulation.ActReleaseReply, fields{"reply": made})
	content  = by("", regulation.ActAnswerSurvey, fields{"grade": "4", "resolved": "yes", "pressed": "no"})
	angry    = by("", regulation.ActAnswerSurvey, fields{"grade": "1", "resolved": "no", "pressed": "no"})
	pressed  = by("", regulation.ActAnswerSurvey, fields{"grade": "4", "resolved": "yes", "pressed": "yes"})
	checked  = by("callback_clerk", regulation.ActClosingCallback, fields{"result": "reached", "reply_received": "yes", "settled": "yes", "pressed": "no"})
	unheld   = checked.withField("settled", "no")
	uncalled = by("callback_clerk", regulation.ActClosingCallback, fields{"result": "no_answer"})
	exempted = by("supervisor", regulation.ActExemptCallback, fields{"reason": "declined", "explanation": made})
	passed   = by("verifier 2", regulation.ActRecheck, fields{"result": "passed"})
	sentBack = by("verifier 2", regulation.ActRecheck, fields{"result": "sent_back", "remarks": made})
	closed   = by("supervisor", regulation.ActClose, fields{"matter_status": "concluded", "summary": made})

	toCall      = line(accept, called, gathered)
	servedEarly = line(accept.after(0), called.after(0), by("verifier", regulation.ActServeNotice, nil).after(0), gathered) // before the next opening's batch
	dispatched  = line(toCall, found("substantiated", "unit"), asked, ordered)
	dispatchedP = line(toCall, found("substantiated", "person"), asked, ordered)
	rectified   = line(signed, planned, interim, handedIn.after(2), accepted)
	replied     = line(released, content.after(0.5))
	concluded   = line(checked, passed, closed)
	theEnd      = line(replied, concluded)
)

func found(finding, attribution string) step {
	return by("verifier", regulation.ActRecordFinding, fields{"finding": finding, "cause": "efficiency", "link": "queueing",
		"attribution": attribution, "account": made, "problem_open": "yes"})
}

// Appeal and write-off.
var (
	appealed  = by("rated", regulation.ActLodgeAppeal, fields{"grounds": "facts_untrue", "account": made})
	withdrawn = by("rated", regulation.ActWithdrawAppeal, fields{"reason": made})
	mistaken  = decided("mistaken", "")
	malicious = decided("malicious", "proven_fabrication")
	dismissed = decided("dismissed", "")
	confirmed = by("authority_head", regulation.ActConfirmMalice, fields{"opinion": made})
	honest    = by("authority_head", regulation.ActRejectMalice, fields{"reasons": made})
	approved  = by("authority_head", regulation.ActApproveWriteOff, fields{"opinion": made})
	exempt    = by("authority_head", regulation.ActApproveWriteOff, fields{"opinion": made, "exemption": "asked_not_to_be_called", "explanation": made})
	asksNot   = by("supervisor", regulation.ActExemptCallback, fields{"reason": "asked_not_to_be_called", "explanation": made})
	rung      = by("callback_clerk", regulation.ActTellRater, fields{"result": "reached"})
	refusedIt = by("authority_head", regulation.ActRefuseWriteOff, fields{"reasons": made})
	objected  = by("", regulation.ActObjectWriteOff, fields{"objection": made})
	heard     = by("supervisor", regulation.ActDecideObjection, fields{"result": "counts_on", "reasons": made})
	overruled = by("supervisor", regulation.ActDecideObjection, fields{"result": "written_off", "reasons": made})
	inForce   = untilStage(regulation.TrackWriteOff, regulation.StageEffective, regulation.StageSampled)
	looked    = by("upper supervisor", regulation.ActReviewWriteOff, fields{"result": "confirmed", "reasons": made})
	reversed  = by("upper supervisor", regulation.ActReviewWriteOff, fields{"result": "reversed", "reasons": made})
)

func decided(result, ground string) step {
	with := fields{"result": result, "reasons": made}
	if ground != "" {
		with["ground"] = ground
	}
	return by("supervisor 2", regulation.ActDecideAppeal, with)
}

// Accountability and what comes after closing.
var (
	referred   = by("supervisor", regulation.ActReferAccountability, fields{"reasons": made})
	stated     = by("unit head", regulation.ActGiveStatement, fields{"statement": made})
	criticism  = measure("criticism")
	toBody     = measure("competent_body")
	nothing    = by("discipline", regulation.ActDecideAccountability, fields{"kind": "none", "reasons": made})
	document   = by("discipline", regulation.ActRecordBody, fields{"body": "演练机关", "document_number": "演练〔2026〕1号", "document_date": "", "outcome": made})
	reviewing  = by("unit head", regulation.ActRequestReview, fields{"grounds": made})
	upheld     = by("upper discipline", regulation.ActDecideReview, fields{"result": "upheld", "reasons": made})
	revoked    = by("upper discipline", regulation.ActDecideReview, fields{"result": "revoked", "reasons": made})
	takenBack  = by("upper discipline", regulation.ActRevokeAccountability, fields{"reasons": made})
	inquired   = by("upper supervisor", regulation.ActRecordInvestigation, fields{"result": "not_established", "account": made})
	proven     = by("upper supervisor", regulation.ActRecordInvestigation, fields{"result": "established", "account": made})
	harassed   = by("", regulation.ActReportPressure, fields{"text": made})
	answeredIt = by("rated head", regulation.ActAnswerRecommendation, fields{"answer": "followed", "reasons": made})
	followed   = by("", regulation.ActFollowUp, fields{"grade": "5", "resolved": "yes", "pressed": "no"})
	hushed     = by("", regulation.ActFollowUp, fields{"grade": "5", "resolved": "yes", "pressed": "yes"})
	unhappy    = by("", regulation.ActFollowUp, fields{"grade": "2", "resolved": "no", "pressed": "no"})
	stands     = by("upper supervisor", regulation.ActReviewCase, fields{"result": "stands", "reply": made})
	withdrew   = by("", regulation.ActWithdrawConsent, nil)
	again      = by("upper supervisor", regulation.ActReviewCase, fields{"result": "order_again", "reply": made})
)

// Corrections, and what the edition as issued has switched off.
var (
	misplaced = by("verifier", regulation.ActProposeReattribution, fields{"rated_unit": "other", "reasons": made})
	corrected = by("authority_head", regulation.ActApproveReattribution, fields{"opinion": made})
	misread   = by("authority_head", regulation.ActRefuseReattribution, fields{"reasons": made})
	longer    = by("unit", regulation.ActRequestExtension, fields{"extension_days": "5", "reasons": made})
	granted   = by("authority_head", regulation.ActApproveExtension, fields{"opinion": made})
	denied    = by("authority_head", regulation.ActRefuseExtension, fields{"reasons": made})
	proposed  = by("verifier", regulation.ActProposeWriteOff, fields{"reasons": made})
	flagged   = by("verifier", regulation.ActFlagMalice, fields{"ground": "extortion", "reasons": made, "files": aFile})
	agreed    = by("supervisor", regulation.ActConfirmMalice, fields{"opinion": made})
	toCredit  = by("supervisor", regulation.ActProposeCredit, fields{"legal_basis": made, "reasons": made})
	protested = by("", regulation.ActObjectCredit, fields{"objection": made})
	firstYes  = by("authority_head", regulation.ActApproveCredit, fields{"result": "approved", "reasons": made})
	firstNo   = by("authority_head", regulation.ActApproveCredit, fields{"result": "refused", "reasons": made})
	secondYes = by("upper supervisor", regulation.ActConfirmCredit, fields{"result": "approved", "reasons": made})
	secondNo  = by("upper supervisor", regulation.ActConfirmCredit, fields{"result": "refused", "reasons": made})
	unheard   = untilStage(regulation.TrackCredit, regulation.StageApproval)

	askedLate = line(dispatched, signed, planned, interim, longer.after(12)) // in the last days

	inCredit = line(toCall, found("suspected_malicious", "person"), flagged, agreed, proposed, approved, rung, inForce, looked, toCredit)
	written  = stages{ratingWrittenOff: {regulation.StageConfirmed}}
)

// credit is how a referral to the credit record has to end, after a malicious rating's write-off.
func credit(stage regulation.Stage) outcome {
	ends := stages{regulation.TrackCredit: {stage}, regulation.TrackMalice: {regulation.StageConfirmed}}
	maps.Copy(ends, written)
	return outcome{written: true, stages: ends}
}

func extension(stage regulation.Stage) stages { return stages{regulation.TrackExtension: {stage}} }

func measure(kind string) step {
	return by("discipline", regulation.ActDecideAccountability, fields{"kind": kind, "basis": "演练依据", "reasons": made})
}

const (
	ratingWrittenOff = regulation.TrackWriteOff
	accountability   = regulation.TrackAccountability
)

// outsider is somebody of a county who serves at a window, by account; mover a callback clerk there, whom
// no word of a script names.
const (
	outsider = "kd-window-03"
	hisUnit  = "513301-psb"
	hisCode  = "MMR6OL5S3UVN"
	himself  = "st0037"
	theOther = "st0038" // serves there too
	mover    = "ld-clerk-2"
)

var final = stages{accountability: {regulation.StageFinal}}

// scripts are the drill's paths. The shares need not add up to a hundred: they are weights.
var scripts = []script{
	{name: "main line", share: 24, lasting: 12, steps: line(dispatched, rectified, theEnd), ends: outcome{finding: "substantiated", orders: 1}},
	{name: "follow-up rating, content", share: 3, lasting: 14, steps: line(dispatched, rectified, replied, checked, passed, withdrew, closed, followed), ends: outcome{orders: 1}},
	{name: "fixed at once", share: 6, lasting: 8, steps: line(toCall, found("fixed_at_once", "guide"), theEnd), ends: outcome{finding: "fixed_at_once"}},
	{name: "no legal basis", share: 4, lasting: 8, steps: line(toCall, found("no_legal_basis", "policy"), theEnd), ends: outcome{finding: "no_legal_basis"}},
	{name: "cannot be established", share: 4, lasting: 8, steps: line(toCall, found("not_established", "unit"), theEnd), ends: outcome{finding: "not_established"}},
	{name: "no contact left", share: 4, silent: true, lasting: 9, steps: line(accept, gathered, found("substantiated", "unit"), ordered, rectified, released, content.after(0.5), passed, closed), ends: outcome{orders: 1}},
	{name: "survey unanswered", share: 5, lasting: 18, steps: line(dispatched, rectified, released, untilPhase(regulation.PhaseCallback), concluded), ends: outcome{orders: 1}},
	{name: "called three times in vain", share: 3, lasting: 10, steps: line(accept, missed, missed, missed.after(1.2), gathered, found("not_established", "unit"), theEnd), ends: outcome{}},
	{name: "callback exempt", share: 2, lasting: 9, steps: line(accept, exempted, gathered, found("fixed_at_once", "unit"), theEnd), ends: outcome{}},
	{name: "finding before the callback is refused", share: 2, lasting: 8, steps: line(accept, gathered, found("fixed_at_once", "unit").refused("callback_not_settled"), called, found("fixed_at_once", "unit"), theEnd), ends: outcome{}},
	{name: "order returned", share: 4, lasting: 14, steps: line(dispatched, by("unit", regulation.ActReturnOrder, fields{"reason": made}), interim, elsewhere, signed, planned, handedIn.after(2), accepted, theEnd), ends: outcome{orders: 2}},
	{name: "rectification rejected once", share: 5, lasting: 40, steps: line(dispatched, signed, planned, interim, handedIn.after(2), rejected, handedIn.after(1), accepted, replied, checked, passed, closed, untilPhase(regulation.PhaseAfter), followed, stated, criticism, untilStage(accountability, regulation.StageFinal)), ends: outcome{orders: 1, escalated: "insufficient", stages: final}},
	{name: "accepted late by the authority", share: 3, lasting: 12, steps: line(untilOverdue(regulation.ActAccept), dispatched, rectified, theEnd), ends: outcome{orders: 1, escalated: "overdue:accept"}},
	{name: "order unsigned", share: 3, lasting: 14, steps: line(dispatched, withdrew, untilOverdue(regulation.ActSign), interim, signed, planned, handedIn.after(2), accepted, theEnd), ends: outcome{orders: 1, escalated: "unsigned"}},
	{name: "plan late", share: 2, lasting: 16, steps: line(dispatched, signed, withdrew, untilOverdue(regulation.ActSubmitPlan), interim, planned, handedIn, accepted, theEnd), ends: outcome{orders: 1, escalated: "overdue:submit_plan"}},
	{name: "rectification overdue, referred to the competent body", share: 3, lasting: 60, steps: line(dispatched, signed, planned, interim, untilOverdue(regulation.ActSubmitRectification), handedIn, accepted, stated, toBody, document, replied, concluded, untilStage(accountability, regulation.StageFinal)), ends: outcome{orders: 1, overdue: true, escalated: "rectification_overdue", stages: final}},
	{name: "rectification overdue, nothing stated, review upheld; referred once more", share: 2, lasting: 60, steps: line(dispatched, signed, planned, interim, untilOverdue(regulation.ActSubmitRectification), handedIn, accepted, replied, concluded, untilStage(accountability, regulation.StageDecision), criticism, reviewing, upheld, referred, stated, nothing), ends: outcome{orders: 1, overdue: true, stages: stages{accountability: {regulation.StageDropped}}}},
	{name: "recheck sent back", share: 3, lasting: 14, steps: line(dispatched, rectified, replied, checked, withdrew, sentBack, accepted, replied, concluded), ends: outcome{orders: 1}},
	{name: "dissatisfied: a new order, once", share: 4, lasting: 22, steps: line(dispatched, rectified, released, angry, ordered, rectified, theEnd), ends: outcome{orders: 2, reopened: 1}},
	{name: "dissatisfied again: one level up, stands", share: 3, lasting: 26, steps: line(dispatched, rectified, released, angry, ordered, rectified, released, angry, checked, passed, closed.refused("track_open_upper_review"), stands, closed), ends: outcome{orders: 2, reopened: 1, stages: stages{regulation.TrackUpperReview: {regulation.StageDone}}}},
	{name: "dissatisfied on the short way: ordered from above", share: 2, lasting: 24, steps: line(toCall, found("no_legal_basis", "policy"), released, angry, again, asked, ordered, rectified, theEnd), ends: outcome{orders: 1, reopened: 1}},
	{name: "dissatisfied after closing", share: 2, lasting: 26, steps: line(dispatched, rectified, theEnd, unhappy, ordered, rectified, theEnd), ends: outcome{orders: 2, reopened: 1}},
	{name: "pressed: investigated, not established", share: 2, lasting: 18, steps: line(dispatched, rectified, released, withdrew, pressed, inquired, concluded), ends: outcome{orders: 1, escalated: "pressure", stages: stages{regulation.TrackInvestigation: {regulation.StageDone}}}},
	{name: "pressed: established, held to account", share: 1, lasting: 45, steps: line(dispatched, rectified, released, pressed, proven, concluded, stated, criticism, untilStage(accountability, regulation.StageFinal)), ends: outcome{orders: 1, stages: final}},
	{name: "pressed: reported by receipt while the unit rectifies, and again after closing", share: 1, lasting: 24, steps: line(dispatched, signed, planned, interim, harassed, harassed.refused("not_open_investigation"), inquired, handedIn.after(2), accepted, theEnd, harassed, inquired), ends: outcome{orders: 1, escalated: "pressure", stages: stages{regulation.TrackInvestigation: {regulation.StageDone}}}},
	{name: "referred twice, no measure", share: 2, lasting: 16, steps: line(dispatched, rectified, referred, stated, nothing, referred, stated, nothing, theEnd), ends: outcome{orders: 1, stages: stages{accountability: {regulation.StageDropped}}}},
	{name: "referred, revoked on review", share: 2, lasting: 20, steps: line(dispatched, rectified, referred, stated, criticism, reviewing, revoked, theEnd), ends: outcome{orders: 1, stages: stages{accountability: {regulation.StageRevoked}}}},
	{name: "measure taken back, and none when referred again", share: 1, lasting: 20, steps: line(dispatched, rectified, referred, stated, criticism, takenBack, referred, stated, nothing, theEnd), ends: outcome{orders: 1, stages: stages{accountability: {regulation.StageDropped}}}},
	{name: "appeal dismissed, no second one", share: 4, lasting: 14, steps: line(dispatched, appealed, dismissed, appealed.refused("appealed_already"), rectified, theEnd), ends: outcome{orders: 1, stages: stages{regulation.TrackAppeal: {regulation.StageDismissed}}}},
	{name: "appeal withdrawn", share: 2, lasting: 14, steps: line(dispatched, appealed, withdrawn, rectified, theEnd), ends: outcome{orders: 1, stages: stages{regulation.TrackAppeal: {regulation.StageWithdrawn}}}},
	{name: "appeal too late", share: 2, lasting: 24, steps: line(dispatched, signed, planned, interim, appealed.after(16).refused("appeal_window_closed"), handedIn, accepted, theEnd), ends: outcome{orders: 1}},
	{name: "wrong window: reattributed by two people", share: 2, lasting: 14, steps: line(toCall, found("substantiated", "unit"), misplaced, corrected, asked, ordered, rectified, theEnd), ends: outcome{orders: 1, stages: stages{regulation.TrackReattribution: {regulation.StageDone}}}},
	{name: "found to be another unit's before the recheck, which sends it back to the right one", share: 1, lasting: 24, steps: line(dispatched, rectified, replied, checked, misplaced, corrected, sentBack, ordered, rectified, theEnd), ends: outcome{orders: 2, reopened: 1, stages: stages{regulation.TrackReattribution: {regulation.StageDone}}}},
	{name: "wrong window: the second person disagrees", share: 1, lasting: 14, steps: line(toCall, found("substantiated", "unit"), misplaced, misread, misplaced, misread, asked, withdrew, ordered, rectified, theEnd), ends: outcome{orders: 1, stages: stages{regulation.TrackReattribution: {regulation.StageRefused}}}},
	{name: "extension asked for: there is none, nor once the edition has changed", share: 2, lasting: 14, under: eve, steps: line(dispatched, signed, planned, interim, longer.refused("extension_off"), step{begun: true}, longer.refused("extension_off"), handedIn, accepted, theEnd), ends: outcome{orders: 1, stages: extension("")}},
	{name: "extension granted, the citizen told, in time by it", share: 3, lasting: 32, under: after, steps: line(dispatched, signed, planned, interim, longer, granted, told("extended"), pastItsDays, handedIn, accepted, theEnd), ends: outcome{orders: 1, stages: extension(regulation.StageGranted)}},
	{name: "extension refused", share: 2, lasting: 14, under: after, steps: line(dispatched, signed, planned, interim, longer, denied, longer.refused("extended_already"), handedIn, accepted, theEnd), ends: outcome{orders: 1, stages: extension(regulation.StageRefused)}},
	{name: "extension asked for in time, granted after the days were over: nobody was late", share: 2, lasting: 34, under: after, steps: line(askedLate, pastItsDays, granted, told("extended"), handedIn, accepted, theEnd), ends: outcome{orders: 1, escalated: "overdue:approve_extension", stages: stages{regulation.TrackExtension: {regulation.StageGranted}, accountability: {""}}}},
	{name: "extension asked for in time, refused after the days were over: overdue at once", share: 1, lasting: 60, under: after, steps: line(askedLate, pastItsDays, denied, handedIn, accepted, stated, criticism, replied, concluded, untilStage(accountability, regulation.StageFinal)), ends: outcome{orders: 1, overdue: true, escalated: "rectification_overdue", stages: stages{regulation.TrackExtension: {regulation.StageRefused}, accountability: {regulation.StageFinal}}}},
	{name: "appeal that lets the days stand still", share: 3, lasting: 16, under: after, steps: line(dispatched, signed, planned, interim, appealed, dismissed.after(3), ledgerShown, handedIn, accepted, theEnd), ends: outcome{orders: 1, paused: 1, stages: stages{regulation.TrackAppeal: {regulation.StageDismissed}}}},
	{name: "write-off without an appeal: not under the edition as issued", share: 1, lasting: 10, under: before, steps: line(toCall, found("suspected_mistaken", "person"), proposed.refused("appeal_needed"), theEnd), ends: outcome{stages: stages{ratingWrittenOff: {""}}}},
	{name: "write-off proposed by the verifier, without an appeal", share: 3, lasting: 24, under: after, steps: line(toCall, found("suspected_mistaken", "person"), proposed, approved.from("verifier").refused("not_permitted"), approved, rung, inForce, sampled, theEnd), ends: outcome{written: true, stages: stages{regulation.TrackAppeal: {""}}}},
	{name: "credit: the rater objects, approved twice, referred", share: 2, lasting: 28, under: after, steps: line(inCredit, told("credit.proposed"), protested, firstYes, secondYes, theEnd), ends: credit(regulation.StageReferred)},
	{name: "credit: the rater is silent, refused at once", share: 1, lasting: 30, under: after, steps: line(inCredit, unheard, firstNo, told("credit.refused"), theEnd), ends: credit(regulation.StageRefused)},
	{name: "credit: refused one level up", share: 1, lasting: 28, under: after, steps: line(inCredit, protested, firstYes, firstYes.refused("not_now"), secondNo, theEnd), ends: credit(regulation.StageRefused)},
	{name: "consent given and withdrawn on the receipt page", share: 2, lasting: 14, steps: line(toCall, found("substantiated", "unit"), by("", regulation.ActAnswerConsent, fields{"answer": "yes"}), ordered, rectified, withdrew, theEnd), ends: outcome{orders: 1}},
	{name: "referred: a change of post recommended, the employer follows", share: 2, lasting: 34, steps: line(dispatchedP, rectified, referred, stated.from("rated"), measure("change_of_post"), answeredIt, theEnd, untilStage(accountability, regulation.StageFinal)), ends: outcome{orders: 1, stages: final}},
	{name: "handed in with evidence", share: 3, lasting: 14, steps: line(accept, called, gathered.withField("files", aFile), found("substantiated", "unit"), asked, ordered, signed, planned, handedIn.withField("files", aFile), withdrew, interim, accepted, theEnd), ends: outcome{orders: 1}},
	{name: "absent: colleagues stand in, one for another who is away too, and four eyes hold for them too", share: 1, lasting: 20, once: true, at: "513300-psb", steps: line(clerkAway, accept, called.from("callback_clerk 2").refused("not_found"), called.from("entry_clerk"), gathered, found("fixed_at_once", "unit"), replied, entryAway, checked.from("publisher"), verifierAway, passed.from("entry_clerk 2").refused("four_eyes"), passed, closed), ends: outcome{finding: "fixed_at_once", actedFor: true, through: true}},
	{name: "disabled, the last of a unit: open steps are laid before others", share: 1, lasting: 20, once: true, at: "513301-psb", steps: line(toCall, found("substantiated", "other_unit"), asked, ordered.withField("unit", "513301-med"), signed, theyLeave, untilReseated, planned.from("supervisor 2"), interim, handedIn.from("supervisor 2").after(1), accepted, theEnd), ends: outcome{orders: 1, event: "reseated"}},
	{name: "closing is refused while an appeal is open", share: 2, lasting: 14, steps: line(dispatched, appealed, rectified, replied, checked, passed, closed.refused("track_open_appeal"), dismissed, closed), ends: outcome{orders: 1, stages: stages{regulation.TrackAppeal: {regulation.StageDismissed}}}},
	{name: "appeal not decided in time: one level up", share: 2, lasting: 24, steps: line(dispatched, signed, planned, withdrew, interim, appealed, untilOverdue(regulation.ActDecideAppeal), dismissed.from("upper supervisor"), handedIn, accepted, theEnd), ends: outcome{orders: 1, escalated: "overdue:decide_appeal", stages: stages{regulation.TrackAppeal: {regulation.StageDismissed}}}},
	{name: "appeal withdrawn while malice waits for its second person", share: 2, lasting: 18, steps: line(toCall, found("suspected_malicious", "person"), appealed, malicious, withdrawn, honest, theEnd), ends: outcome{stages: stages{regulation.TrackAppeal: {regulation.StageWithdrawn}, regulation.TrackMalice: {regulation.StageRejected}}}},
	{name: "write-off not approved in time: one level up", share: 2, lasting: 30, steps: line(toCall, found("suspected_mistaken", "person"), appealed, mistaken, untilOverdue(regulation.ActApproveWriteOff), approved.from("upper supervisor"), rung, inForce, sampled.from("upper supervisor 2"), theEnd), ends: outcome{written: true, escalated: "overdue:approve_write_off"}},
	{name: "discipline officer late: the prefecture's decides, and takes it back when it is final", share: 1, lasting: 40, steps: line(dispatched, rectified, referred, stated, theEnd, untilOverdue(regulation.ActDecideAccountability), criticism.from("upper discipline"), untilStage(accountability, regulation.StageFinal), takenBack.from("upper discipline").refused("you_decided_it"), takenBack.from("upper discipline 2")), ends: outcome{orders: 1, escalated: "overdue:decide_accountability", stages: stages{accountability: {regulation.StageRevoked}}}},
	{name: "pressed, told at the closing callback", share: 2, lasting: 16, steps: line(dispatched, rectified, replied, withdrew, checked.withField("pressed", "yes"), inquired, passed, closed), ends: outcome{orders: 1, escalated: "pressure", stages: stages{regulation.TrackInvestigation: {regulation.StageDone}}}},
	{name: "pressed, told in the follow-up rating, of which there is one", share: 2, lasting: 18, steps: line(dispatched, rectified, theEnd, hushed, followed.refused("followed_up"), inquired), ends: outcome{orders: 1, escalated: "pressure", stages: stages{regulation.TrackInvestigation: {regulation.StageDone}}}},
	{name: "not settled at the closing callback: a new order", share: 2, lasting: 20, steps: line(dispatched, rectified, replied, unheld, ordered, rectified, theEnd), ends: outcome{orders: 2, reopened: 1}},
	{name: "an authority without supervisors: its steps lie one level up", share: 1, lasting: 12, at: "513324-psb", steps: line(raised(regulation.ActAccept, "nobody_eligible"), accept.from("upper supervisor"), called, gathered, found("fixed_at_once", "guide"), released.from("upper supervisor"), content.after(0.5), checked, raised(regulation.ActRecheck, "nobody_eligible"), passed.from("upper supervisor 2"), closed.from("upper supervisor")), ends: outcome{finding: "fixed_at_once"}},
	{name: "nobody left for an appeal: the only supervisor judged the rectification", share: 1, lasting: 16, at: "513334-psb", steps: line(dispatched, signed, planned, handedIn, accepted, appealed, raised(regulation.ActDecideAppeal, "nobody_eligible"), dismissed.from("supervisor").refused("you_judged_it"), dismissed.from("upper supervisor"), theEnd), ends: outcome{orders: 1, stages: stages{regulation.TrackAppeal: {regulation.StageDismissed}}}},
	{name: "the authority itself is rated: its own people propose no write-off", share: 1, lasting: 26, under: after, at: "513322-psb", steps: line(toCall, found("suspected_mistaken", "unit"), misplaced.withField("rated_unit", "513322-authority"), corrected, proposed.refused("seat"), theEnd), ends: outcome{stages: stages{regulation.TrackReattribution: {regulation.StageDone}, ratingWrittenOff: {""}}}},
	{name: "conflict of interest: appointed above their own case, also once it is a colleague's", share: 1, lasting: 14, once: true, at: hisUnit, window: hisCode, steps: line(accept, called, appoint("kd-secadmin", outsider, regulation.Verifier, "513301-authority"), gathered.from(outsider).refused("not_found"), misplaced.withField("rated_unit", hisUnit).withField("rated_staff", theOther), corrected, gathered.from(outsider).refused("concerns_you"), dismiss("kd-secadmin", outsider, regulation.Verifier, "513301-authority"), misplaced.withField("rated_unit", hisUnit).withField("rated_staff", himself), corrected, gathered, found("fixed_at_once", "unit"), theEnd), ends: outcome{finding: "fixed_at_once", stages: stages{regulation.TrackReattribution: {regulation.StageDone}}}},
	{name: "reassigned: who called before acts no more, at once", share: 1, lasting: 12, once: true, at: "513322-mkt", steps: line(accept, missed.from(mover), appoint("ld-secadmin", mover, regulation.EntryClerk, "513322-authority"), dismiss("ld-secadmin", mover, regulation.CallbackClerk, "513322-authority"), called.from(mover).refused("not_found"), called, gathered, found("fixed_at_once", "unit"), theEnd), ends: outcome{finding: "fixed_at_once"}},
	{name: "dissatisfied after closing, while a measure may still be reviewed", share: 1, lasting: 45, steps: line(dispatched, signed, planned, interim, handedIn.after(2), rejected, handedIn.after(1), accepted, replied, checked, passed, closed, untilPhase(regulation.PhaseAfter), stated, criticism, unhappy, ordered, rectified, theEnd, untilStage(accountability, regulation.StageFinal)), ends: outcome{orders: 2, reopened: 1, stages: final}},
	{name: "exempt from the closing callback", share: 1, lasting: 12, steps: line(dispatched, rectified, replied, exempted, passed, closed), ends: outcome{orders: 1}},
	{name: "called three times in vain before closing", share: 1, lasting: 14, steps: line(dispatched, rectified, replied, uncalled, uncalled, uncalled.after(1.2), passed, closed), ends: outcome{orders: 1}},
	{name: "recheck sent back on the short way", share: 1, lasting: 12, steps: line(toCall, found("fixed_at_once", "guide"), replied, checked, sentBack, replied, concluded), ends: outcome{finding: "fixed_at_once"}},
	{name: "mistaken, rater silent, written off", share: 4, lasting: 24, steps: line(servedEarly, found("suspected_mistaken", "person"), appealed, mistaken, approved, rung, inForce, sampled, theEnd), ends: outcome{written: true}},
	{name: "mistaken during rectification: the order is void", share: 3, lasting: 26, steps: line(accept, asksNot, gathered, found("substantiated", "person"), ordered, signed, appealed, mistaken, exempt, released, content.after(0.5), passed, closed, inForce, sampled), ends: outcome{orders: 1, written: true}},
	{name: "nobody may call the rater: the receipt alone tells of the write-off", share: 2, lasting: 26, steps: line(accept, asksNot, gathered, found("suspected_mistaken", "person"), appealed, mistaken, approved, released, content.after(0.5), passed, inForce, closed, sampled), ends: outcome{written: true}},
	{name: "exempt from telling: the rater objects once it is in force, and is heard", share: 2, lasting: 24, steps: line(accept, asksNot, gathered, found("suspected_mistaken", "person"), appealed, mistaken, exempt, objected, heard, released, content.after(0.5), passed, closed), ends: outcome{stages: stages{ratingWrittenOff: {regulation.StageReversed}}}},
	{name: "rater objects and is heard", share: 2, lasting: 20, steps: line(toCall, found("suspected_mistaken", "person"), appealed, mistaken, approved, rung.withField("result", "no_answer"), rung, objected, heard, theEnd), ends: outcome{stages: stages{ratingWrittenOff: {regulation.StageRefused}}}},
	{name: "rater objects in vain", share: 2, lasting: 20, steps: line(toCall, found("suspected_mistaken", "person"), appealed, mistaken, approved, objected, overruled, sampled, theEnd), ends: outcome{written: true}},
	{name: "write-off refused", share: 2, lasting: 14, steps: line(toCall, found("suspected_mistaken", "person"), appealed, mistaken, refusedIt, theEnd), ends: outcome{stages: stages{ratingWrittenOff: {regulation.StageRefused}}}},
	{name: "malicious: two people, reviewed above, no referral under the edition as issued", share: 2, lasting: 26, under: before, steps: line(toCall, found("suspected_malicious", "person"), appealed, malicious, confirmed, approved, objected, overruled, looked, toCredit.refused("credit_off"), theEnd), ends: outcome{written: true, stages: stages{ratingWrittenOff: {regulation.StageConfirmed}}}},
	{name: "malicious: the second person disagrees", share: 2, lasting: 18, steps: line(toCall, found("suspected_malicious", "person"), appealed, malicious, honest, dismissed, theEnd), ends: outcome{stages: stages{regulation.TrackMalice: {regulation.StageRejected}}}},
	{name: "write-off reversed from above", share: 2, lasting: 40, steps: line(toCall, found("suspected_malicious", "person"), appealed, malicious, confirmed, approved, rung, inForce, reversed, theEnd), ends: outcome{stages: stages{ratingWrittenOff: {regulation.StageReversed}}}},
}

// elsewhere is an order to another unit than the last.
var elsewhere = func() step { s := ordered; s.with = fields{"unit": "other", "instructions": made}; return s }()

// sampled is the look of the level above where the case's id draws it.
var sampled = func() step { s := looked; s.stages = stages{ratingWrittenOff: {regulation.StageSampled}}; return s }()

// longest sorts the scripts so that those which take longest begin first.
func longest() []script {
	all := slices.Clone(scripts)
	slices.SortStableFunc(all, func(a, b script) int { return b.lasting - a.lasting })
	return all
}
