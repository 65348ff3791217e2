package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"haochaping/regulation"
	"haochaping/workday"
)

// optionsOf are the reasons that a grade may be given for, in their order.
func optionsOf(c regulation.Choices, grade regulation.Grade) (codes []string) {
	for code, of := range c.Options {
		if of == grade {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

// plan is what is done on a bad rating's case, and when: rectified in time mostly, now and then late, some of it written off.
func (h *history) plan(r regulation.Rating, day workday.Date) []historyAct {
	var all []historyAct
	do := func(after int, kind regulation.ActKind, v regulation.Values) {
		all = append(all, historyAct{day.AddDays(after), kind, v})
	}
	cause, right, gone := historyCauses[h.draw.IntN(len(historyCauses))], h.draw.IntN(5) < 2, h.draw.IntN(12) == 0
	area := r.Place.Rated.Unit[:6]
	switch {
	case r.Place.Rated.Matter != "": // alike, with every authority
		cause, right = historyCauses[0], slices.Contains(steady, area) || h.draw.IntN(4) == 0
	case area == demoOffice[:6]:
		right = h.draw.IntN(2) == 0
	}
	prompt := area == demoOffice[:6] || slices.Contains(steady, area)
	if slices.Contains(steady, area) {
		right, gone = true, false
	}
	if h.fabricated(day, area) {
		right, gone = true, true
	}
	do(1, regulation.ActAccept, regulation.Values{"note": {"已登记并转核实"}})
	do(1, regulation.ActRecordCallback, regulation.Values{"result": {"reached"}, "statement": {"已向评价人了解情况"}})
	do(2, regulation.ActAddEvidence, regulation.Values{"kind": {"statement"}, "description": {"窗口人员说明"}})
	if !right { // so that what is told of confirmed ones has two sides
		return append(all, h.shortWay(day, cause)...)
	}
	do(3, regulation.ActRecordFinding, regulation.Values{"finding": {"substantiated"}, "cause": {cause.cause}, "link": {cause.link}, "attribution": {cause.attribution},
		"account": {"核实情况属实"}, "problem_open": {"yes"}})
	do(3, regulation.ActAskConsent, regulation.Values{"answer": {"yes"}})
	do(4, regulation.ActTransfer, regulation.Values{"unit": {r.Place.Rated.Unit}, "instructions": {"请按期整改"}})
	do(5, regulation.ActSign, nil)
	if gone {
		do(8, regulation.ActLodgeAppeal, regulation.Values{"grounds": {"facts_untrue"}, "account": {"所评事项并非本窗口办理"}})
		do(12, regulation.ActDecideAppeal, regulation.Values{"result": {"mistaken"}, "ground": {"proven_fabrication"}, "reasons": {"经核实，所评事项不存在"}})
		do(13, regulation.ActApproveWriteOff, nil)
		do(15, regulation.ActObjectWriteOff, regulation.Values{"objection": {"我认为评价属实"}})
		do(19, regulation.ActDecideObjection, regulation.Values{"result": {"written_off"}, "reasons": {"复核后维持原结论"}})
		return all
	}
	handed := 10 + h.draw.IntN(8)
	if h.draw.IntN(10) == 0 && !prompt {
		handed = 32 // more than 15 working days
	}
	do(5, regulation.ActSubmitPlan, regulation.Values{"measures": {"增开窗口、完善指引"}, "responsible": {"窗口负责人"}, "target_date": {day.AddDays(12).String()}})
	if h.draw.IntN(8) > 0 { // else the authority is late itself
		do(7, regulation.ActInterimReply, regulation.Values{"text": {"您的评价正在办理,整改完成后将及时回复"}})
	}
	do(handed, regulation.ActSubmitRectification, regulation.Values{"measures": {"已完成整改"}, "no_evidence_reason": {"无书面材料"}, "reply": {"感谢您的监督，问题已整改"}})
	do(handed+1, regulation.ActAcceptRectification, regulation.Values{"opinion": {"同意"}})
	do(handed+1, regulation.ActReleaseReply, regulation.Values{"reply": {"感谢您的监督，问题已整改"}})
	do(handed+3, regulation.ActAnswerSurvey, regulation.Values{"grade": {"4"}, "resolved": {"yes"}})
	do(handed+4, regulation.ActClosingCallback, regulation.Values{"result": {"reached"}, "reply_received": {"yes"}, "settled": {"yes"}, "pressed": {"no"}})
	do(handed+5, regulation.ActRecheck, regulation.Values{"result": {"passed"}})
	do(handed+5, regulation.ActClose, regulation.Values{"matter_status": {"concluded"}, "summary": {"问题已经整改，全案办结归档"}})
	return all
}

// fabricated tells of the first of Kangding's after the twentieth of a month: it is written off when that month is sealed, so that there is a
// version of its figures that says so.
func (h *history) fabricated(day workday.Date, area string) bool {
	month := regulation.MonthOf(day)
	_, _, of := day.Civil()
	if area != demoOffice[:6] || of <= 20 || h.madeUp == month {
		return false
	}
	h.madeUp = month
	return true
}

// shortWay is the rest of a case in which nothing is to be put right: what happened could not be established, or nothing in the law was wrong.
func (h *history) shortWay(day workday.Date, cause historyCause) []historyAct {
	finding := []string{"not_established", "no_legal_basis"}[h.draw.IntN(2)]
	const reply = "您反映的情况已经核实，结果已当面向您说明"
	return []historyAct{
		{day.AddDays(3), regulation.ActRecordFinding, regulation.Values{"finding": {finding}, "cause": {cause.cause}, "link": {cause.link}, "attribution": {cause.attribution},
			"account": {"调取记录并询问双方"}, "problem_open": {"no"}}},
		{day.AddDays(5), regulation.ActReleaseReply, regulation.Values{"reply": {reply}}},
		{day.AddDays(7), regulation.ActAnswerSurvey, regulation.Values{"grade": {"3"}, "resolved": {"yes"}}},
		{day.AddDays(8), regulation.ActClosingCallback, regulation.Values{"result": {"reached"}, "reply_received": {"yes"}, "settled": {"yes"}, "pressed": {"no"}}},
		{day.AddDays(9), regulation.ActRecheck, regulation.Values{"result": {"passed"}}},
		{day.AddDays(9), regulation.ActClose, regulation.Values{"matter_status": {"concluded"}, "summary": {"情况已经说明，全案办结归档"}}},
	}
}

// historyCause is what a made-up case comes to have been.
type historyCause struct{ cause, link, attribution string }

var historyCauses = []historyCause{
	{"efficiency", "queueing", "unit"}, {"efficiency", "acceptance", "person"}, {"attitude", "acceptance", "person"}, {"attitude", "consultation", "person"},
	{"guide", "consultation", "guide"}, {"materials", "correction", "guide"}, {"system", "acceptance", "system"}, {"system", "payment", "system"},
	{"environment", "queueing", "unit"}, {"policy", "decision", "policy"},
}

// handle does on a day what is due on the cases, side by side, and records which deadlines have passed.
func (h *history) handle(day workday.Date) error {
	group, ctx := errgroup.WithContext(h.ctx)
	group.SetLimit(32)
	for _, c := range h.cases {
		group.Go(func() error { return h.handleCase(ctx, c, day) })
	}
	err := group.Wait()
	h.cases = slices.DeleteFunc(h.cases, func(c *historyCase) bool { return len(c.next) == 0 })
	return err
}

func (h *history) handleCase(ctx context.Context, c *historyCase, day workday.Date) error {
	have, err := h.CaseByID(ctx, regulation.Scope{All: true}, c.id)
	if err != nil {
		return err
	}
	for _, deadline := range have.Deadlines {
		if deadline.Due.After(h.now()) {
			continue
		}
		if _, err := h.RecordDeadline(ctx, c.id, deadline.ID); err != nil {
			return err
		}
	}
	for len(c.next) > 0 && !c.next[0].day.After(day) {
		if err := h.act(ctx, c.id, c.next[0]); err != nil {
			return fmt.Errorf("a made-up case, %s: %w", c.next[0].kind, err)
		}
		c.next = c.next[1:]
	}
	return nil
}

// act has the first who may do it do an act.
func (h *history) act(ctx context.Context, id string, a historyAct) error {
	c, err := h.CaseByID(ctx, regulation.Scope{All: true}, id)
	if err != nil {
		return err
	}
	actor, err := h.able(ctx, c, regulation.Act{Kind: a.kind, Values: a.v})
	if err != nil {
		return err
	}
	row, err := h.SubmitAct(ctx, ActRequest{CaseID: id, Kind: a.kind, Values: a.v, Actor: actor, Key: newID()})
	if err != nil {
		return err
	}
	step, err := h.RecordAct(ctx, id, row.ID)
	if err == nil && step.Refused != "" {
		err = errors.New("refused")
	}
	return err
}

func (h *history) able(ctx context.Context, c regulation.Case, act regulation.Act) (regulation.Actor, error) {
	rules, err := h.RulesOf(ctx, c, act.Values["unit"]...)
	if err != nil {
		return regulation.Actor{}, err
	}
	actors := []regulation.Actor{{As: regulation.Assignment{Role: regulation.Citizen}}}
	for _, p := range rules.Roster {
		for _, as := range p.Assignments {
			actors = append(actors, regulation.Actor{Person: p.ID, Staff: p.Staff, Assignments: p.Assignments, As: as})
		}
	}
	var refused error
	for _, actor := range actors {
		_, _, err := rules.Apply(c, act, actor, h.now())
		if err == nil {
			return actor, nil
		}
		if refusal := new(regulation.Error); refused == nil || errors.As(err, &refusal) && refusal.Code != regulation.NotPermitted {
			refused = err // what is to be mended says more than who may
		}
	}
	return regulation.Actor{}, refused
}
