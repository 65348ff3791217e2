package e2e

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// switches are what an edition may switch on. There notices go in batches, however few rate.
var switches = map[string]int{regulation.CreditReferral: 1, regulation.WriteOffWithoutAppeal: 1, regulation.ExtensionDays: 5,
	regulation.AppealPausesClock: 1, regulation.WriteOffSample: 100, regulation.NoticeCrowd: 0}

// under puts an edition in force from now on.
func (l *lab) under(t *testing.T, values map[string]int) *lab {
	t.Helper()
	var parameters []store.Parameter
	for _, name := range slices.Sorted(maps.Keys(values)) {
		parameters = append(parameters, store.Parameter{Name: name, Value: values[name], Author: "test", DecidedOn: workday.NewDate(2026, time.January, 5), Basis: "test"})
	}
	edition := store.Edition{Name: "test/1", From: workday.NewDate(2026, time.January, 5).Start()}
	if err := l.record.AddEdition(t.Context(), edition, parameters, "test"); err != nil {
		t.Fatal(err)
	}
	return l
}

// actorPaths are those on which it matters who acts, or in which phase.
var actorPaths = []path{
	{"appeal-by-the-person", "the window's own person appeals and takes it back; consent is withdrawn before the order",
		byPerson(toNotice, step{window, regulation.ActLodgeAppeal, fields{"grounds": "wrong_person", "account": "当日轮休"}},
			step{window, regulation.ActWithdrawAppeal, fields{}}, toOrder[0], withdrawn, toOrder[1], toRectified[:2], rectified, interim, accepted)},
	{"appeal-withdrawn-at-finding", "the appeal is taken back while malice waits for its second person", calm(toMalice, withdrawnAppeal)},
	{"change-of-post", "the person states, a change of post is recommended, the employer answers, the person asks for a review",
		byPerson(toFinding, personal, toOrder, toRectified, rejected, statedBy(window), measure("change_of_post"), recommended,
			step{window, regulation.ActRequestReview, fields{"grounds": "当日轮休"}}, reviewDecided("upheld"), revoked)},
	{"accountability-again", "referred by a supervisor, dropped, referred again, revoked while in force, and once more",
		calm(toAcceptance, referred, statedBy(head), measure("none"), withdrawn, referred, statedBy(head), measure("criticism"), revoked,
			referred, statedBy(head), measure("criticism"), reviewAsked, reviewDecided("upheld"), referred)},
	{"reattribution-refused", "another unit is named, refused, named again and approved; then back",
		calm(toFinding, substantiated, toOrder, misplaced(market), step{authority, regulation.ActRefuseReattribution, fields{"reasons": "事实不清"}},
			misplaced(market), reattributed, misplaced(police), reattributed)},
	{"reattribution-recalls", "the order comes back from the former unit and goes to the right one; the rater withdraws consent meanwhile",
		calm(toFinding, substantiated, toOrder, toRectified[:2], withdrawn, misplaced(market), reattributed, toMarket, accepted)},
	{"reattribution-before-recheck", "found to be another unit's before the recheck, which sends the case back: a new order, to the right one",
		calm(toAcceptance, accepted, released, surveyed, toClosed[0], misplaced(market), reattributed, sentBack, toMarket)},
	{"reattribution-while-judged", "found to be another unit's while the former one's rectification is judged: the order comes back",
		calm(toAcceptance, misplaced(market), reattributed, toMarket[:2])},
	{"interim-after-return", "an interim reply between a returned order and the next", calm(toFinding, substantiated, toOrder, returned, interim, toMarket[:1])},
	{"interim-while-signing", "an interim reply before the order is signed", calm(toFinding, substantiated, toOrder, interim, toRectified[:2], rectified, withdrawn, accepted)},
	{"interim-while-planning", "an interim reply before the plan", calm(toFinding, substantiated, toOrder, toRectified[0], withdrawn, interim, toRectified[1])},
	{"consent-by-receipt", "the rater answers on the receipt's page, and withdraws before the reply", calm(toFinding, substantiated,
		step{rater, regulation.ActAnswerConsent, fields{"answer": "yes"}}, toOrder[1], toRectified, accepted, withdrawn, released)},
	{"consent-withdrawn-at-survey", "consent is withdrawn during the survey", calm(toAcceptance, accepted, released, withdrawn, surveyed)},
	{"consent-withdrawn-at-callback", "consent is withdrawn before the closing callback", calm(toAcceptance, accepted, released, surveyed, withdrawn, toClosed[0])},
	{"consent-withdrawn-at-recheck", "consent is withdrawn before the recheck", calm(toAcceptance, accepted, released, surveyed, toClosed[0], withdrawn, toClosed[1])},
	{"consent-withdrawn-at-closing", "consent is withdrawn before closing", calm(toAcceptance, accepted, released, surveyed, toClosed[:2], withdrawn, toClosed[2])},
	{"not-settled-at-closing", "called before closing, the rater says that it is not settled: a new order",
		calm(toAcceptance, accepted, released, surveyed, step{clerk, regulation.ActClosingCallback, fields{"result": "reached", "reply_received": "yes", "settled": "no", "pressed": "no"}}, toOrder[1])},
	{"follow-up-reviewed-above", "a dissatisfied follow-up rating where no unit had an order: one level up",
		inTime(contact, func(t *testing.T, l *lab, s *story) {
			l.close(t, s, shortWay("no_legal_basis")...)
			s.do(t, unhappy, reviewedAbove("stands"))
		})},
	{"follow-up-after-closing", "a content follow-up rating while a measure may still be reviewed", calm(afterClosing, happy, reviewAsked, reviewDecided("upheld"))},
	{"follow-up-reopens-after-closing", "a dissatisfied one then: a new order", calm(afterClosing, unhappy, toOrder[1])},
}

// switchedPaths are those of what only an edition switches on, of write-offs that are all sampled, and of notices in batches.
var switchedPaths = []path{
	{"notice-by-batch", "the rated side is told by the daily batch", switchedDrill(toFinding[:1], func(t *testing.T, l *lab, s *story) { l.passes(t, s.id, "notice#1") })},
	{"credit-referred", "malice, written off, confirmed above: referred after the rater's objection and two approvals",
		switched(toCredit, creditObjection, credit(authority, regulation.ActApproveCredit, "approved"), credit(upperTwo, regulation.ActConfirmCredit, "approved"))},
	{"credit-refused", "the first approval is refused", switched(toCredit, creditObjection, credit(authority, regulation.ActApproveCredit, "refused"))},
	{"credit-refused-above", "the second approval is refused", switched(toCredit, creditObjection, credit(authority, regulation.ActApproveCredit, "approved"),
		credit(upperTwo, regulation.ActConfirmCredit, "refused"))},
	{"credit-silent", "the rater says nothing to the referral: the approvals follow", switchedDrill(toCredit, func(t *testing.T, l *lab, s *story) {
		l.passes(t, s.id, "object_credit#1")
		s.follow(t, credit(authority, regulation.ActApproveCredit, "refused"))
	})},
	{"write-off-without-appeal", "the verifier proposes a write-off, all are sampled: confirmed", switched(toFinding, finding("suspected_mistaken"),
		step{verifier, regulation.ActProposeWriteOff, fields{"reasons": "经核查"}}, approvedWriteOff(""), objected, objectionDecided("written_off"), sampled("confirmed"))},
	{"write-off-sampled-after-objection", "the rater objects in vain, the level above reverses", switched(toFinding, finding("suspected_mistaken"),
		step{verifier, regulation.ActProposeWriteOff, fields{"reasons": "经核查"}}, approvedWriteOff(""), objected, objectionDecided("written_off"), sampled("reversed"))},
	{"malice-flagged", "a verifier flags malice with evidence, the second person finds none", switchedWith(func(t *testing.T, _ *lab, s *story) {
		s.do(t, line(toFinding, finding("suspected_malicious"))...)
		s.do(t, step{verifier, regulation.ActFlagMalice, fields{"ground": "extortion", "reasons": "索要财物", "files": []string{s.stage(t, verifier)}}}, notMalicious)
	})},
	{"extension-granted", "the unit asks for more days and gets them", switched(toFinding, substantiated, toOrder, toRectified[:2], longer,
		step{authority, regulation.ActApproveExtension, fields{"opinion": "情况属实"}}, rectified, accepted)},
	{"extension-refused", "the unit asks for more days, in vain", switched(toFinding, substantiated, toOrder, toRectified[0], longer,
		step{authority, regulation.ActRefuseExtension, fields{"reasons": "理由不足"}}, toRectified[1], rectified)},
	{"extension-granted-late", "days asked for in time are granted after the old ones are over", late(
		step{authority, regulation.ActApproveExtension, fields{"opinion": "情况属实"}}, rectified)},
	{"extension-refused-late", "they are refused then: overdue at once", late(
		step{authority, regulation.ActRefuseExtension, fields{"reasons": "理由不足"}}, rectified)},
	{"appeal-pauses-clock", "the days stand still while the appeal is open, and go on", switched(toNotice, toOrder, toRectified[:2], appealed(head), decided("dismissed"), rectified, accepted)},
	{"appeal-pauses-clock-overdue", "the days stand still until the appeal was taken back; then they run out", switchedDrill(line(toNotice, toOrder, toRectified[:2], appealed(head)), func(t *testing.T, l *lab, s *story) {
		_, was := l.due(t, s.id, "submit_rectification#2")
		l.passes(t, s.id, "decide_appeal#1")
		s.follow(t, withdrawnAppeal)
		if _, is := l.due(t, s.id, "submit_rectification#3"); is.Before(was) {
			t.Errorf("the days end at %v, with the review's at %v", is, was)
		}
		l.passes(t, s.id, "submit_rectification#3")
		s.follow(t, rectified)
	})},
}

// What they share.
var (
	interim      = toRectified[2]
	personal     = step{verifier, regulation.ActRecordFinding, with(substantiated.fields, fields{"attribution": "person"})}
	recommended  = step{head, regulation.ActAnswerRecommendation, fields{"answer": "followed", "reasons": "已调整岗位"}}
	revoked      = step{above, regulation.ActRevokeAccountability, fields{"reasons": "原处理依据有误"}}
	referred     = step{supervisor, regulation.ActReferAccountability, fields{"reasons": "整改不力"}}
	reattributed = step{authority, regulation.ActApproveReattribution, fields{"opinion": "同意"}}
	unhappy      = step{rater, regulation.ActFollowUp, fields{"grade": "1", "resolved": "no", "pressed": "no"}}
	happy        = step{rater, regulation.ActFollowUp, fields{"grade": "5", "resolved": "yes", "pressed": "no"}}
	afterClosing = line(toStatement, stated, measure("criticism"), rectified, accepted, released, surveyed, toClosed)
	longer       = step{handler, regulation.ActRequestExtension, fields{"extension_days": "5", "reasons": "设备采购需时"}}

	// Whoever confirms malice approves no referral: here it is a supervisor.
	toCredit = line(toFinding, noticed, finding("suspected_malicious"), appealed(head), decided("malicious"),
		step{supervisor, regulation.ActConfirmMalice, fields{"opinion": "证据充分"}}, approvedWriteOff(""), objected, heardAbove, sampledByTwo("confirmed"),
		step{supervisor, regulation.ActProposeCredit, fields{"legal_basis": "《某条例》第一条", "reasons": "依法移送"}})
	creditObjection = step{rater, regulation.ActObjectCredit, fields{"objection": "评价属实"}}
)

func with(f, more fields) fields {
	all := maps.Clone(f)
	maps.Copy(all, more)
	return all
}

func statedBy(who string) step {
	return step{who, regulation.ActGiveStatement, fields{"statement": "已补充措施"}}
}

func misplaced(unit string) step {
	return step{verifier, regulation.ActProposeReattribution, fields{"rated_unit": unit, "reasons": "窗口登记有误"}}
}

func credit(who string, kind regulation.ActKind, result string) step {
	return step{who, kind, fields{"result": result, "reasons": "经审核"}}
}

// byPerson is told on real time of a rating that names the person who served.
func byPerson(parts ...any) func(*testing.T, *labs) *told {
	return inTime(with(contact, fields{"staff": "st0035"}), func(t *testing.T, _ *lab, s *story) { s.follow(t, line(parts...)...) })
}

// switched is told on real time under the edition with everything switched on.
func switched(parts ...any) func(*testing.T, *labs) *told {
	return switchedWith(func(t *testing.T, _ *lab, s *story) { s.follow(t, line(parts...)...) })
}

func switchedWith(tell func(*testing.T, *lab, *story)) func(*testing.T, *labs) *told {
	return func(t *testing.T, on *labs) *told { return on.waiting(t, on.switched, contact, tell) }
}

// switchedDrill is told on the drill's time under that edition, from the acts that come first on.
func switchedDrill(first []step, tell func(*testing.T, *lab, *story)) func(*testing.T, *labs) *told {
	return func(t *testing.T, on *labs) *told {
		s := on.soon(t, on.switchedDrill, first)
		tell(t, on.switchedDrill, s)
		return &told{on.switchedDrill, s.id}
	}
}

// late lets the days of clause 7(3) run out while more of them are asked for.
func late(after ...step) func(*testing.T, *labs) *told {
	return switchedDrill(line(toFinding, substantiated, toOrder, toRectified[:3], longer), func(t *testing.T, l *lab, s *story) {
		l.passes(t, s.id, "submit_rectification#1")
		s.follow(t, after...)
	})
}

// dot is a picture of one pixel.
var dot, _ = base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")

// stage uploads a file and returns its digest.
func (s *story) stage(t *testing.T, who string) string {
	t.Helper()
	r, err := s.people[who].Stage(t.Context(), dot)
	if err != nil || r.Status != http.StatusCreated {
		t.Fatalf("%v, %v", r, err)
	}
	var staged struct{ Digest string }
	reply{r}.read(t, &staged)
	return staged.Digest
}
