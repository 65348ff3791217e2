package store

import (
	"context"
	"errors"
	"slices"

	"haochaping/regulation"
)

// factDemoBoards tells that a demo's boards are published, a window of it honoured, a bulletin issued and a release published.
const factDemoBoards = "demo_boards"

// FillDemoBoards publishes the boards of the quarters of which a demo has made-up ratings, honours a window of the last one, issues a
// bulletin of the one before and has a typical case come out in the newspaper, once those are sealed and drafted. It tells whether all is there.
func (s *Store) FillDemoBoards(ctx context.Context) (all bool, err error) {
	history, err := s.Fact(ctx, FactDemoHistory)
	if err != nil || history == "" {
		return err == nil, err
	}
	if done, err := s.Fact(ctx, factDemoBoards); err != nil || done != "" {
		return err == nil, err
	}
	d := demoFiller{Store: s, ctx: ctx, people: map[string]regulation.Actor{}}
	if err := d.know("gz-head", "gz-publisher", "gz-supervisor-1", "gz-vault-1", "gz-secadmin", "kd-supervisor-1", "kd-head", "kd-publisher", "kd-psb-head"); err != nil {
		return false, err
	}
	drafted, _, err := s.Dockets(ctx, regulation.Scope{All: true}, DocketQuery{Kind: regulation.DocketBoard})
	if err != nil || len(drafted) < historyQuarters {
		return false, err
	}
	last := ""
	for _, board := range drafted {
		last = max(last, board.Period)
		if board.Stage != regulation.DocketDrafted {
			continue
		}
		if err := d.do(regulation.DocketBoard, board.ID, "approve", "gz-head", nil); err != nil {
			return false, err
		}
		if err := d.do(regulation.DocketBoard, board.ID, "publish", "gz-publisher", nil); err != nil {
			return false, err
		}
	}
	if err := d.honours(last); err != nil {
		return false, err
	}
	if err := d.bulletins(last); err != nil {
		return false, err
	}
	if err := d.release(); err != nil {
		return false, err
	}
	return true, s.SetFact(ctx, factDemoBoards, "yes")
}

// release exposes a typical case of Kangding's police, by all its steps: one of a quarter in which the unit had the most bad ratings,
// so that nobody knows whose it was.
func (d demoFiller) release() error {
	var ids []string
	err := d.rows(d.ctx).Table("cases").Where("rated_unit = ? AND closed_at > 0", demoPolice).Order("opened_at DESC, id").Limit(batch).Pluck("id", &ids).Error
	if err != nil {
		return err
	}
	subject := regulation.ExposedCase{}
	for _, id := range ids {
		g := regulation.ReleaseGround{}
		if err := d.exposedCase(d.ctx, &g, id); err != nil {
			return err
		}
		if g.Case.Unfit(d.now()) == "" && g.Case.UnitBad > subject.UnitBad {
			subject = g.Case
		}
	}
	if subject.ID == "" {
		return nil
	}
	fresh, err := d.NewDocket(d.ctx, regulation.DocketRelease, regulation.PrefectureArea+"-authority", "")
	if err != nil {
		return err
	}
	id, err := d.start("draft", "gz-supervisor-1", fresh, regulation.Values{"release_ground": {regulation.GroundCase}, "release_object": {subject.ID}, "release_title": {demoReleaseTitle},
		"release_text": {demoReleaseText}, "release_title_en": {demoReleaseTitleEnglish}, "release_text_en": {demoReleaseTextEnglish}})
	passed := func(why string) regulation.Values {
		return regulation.Values{"check_result": {regulation.CheckPassed}, "docket_reasons": {why}}
	}
	for _, step := range []struct {
		act, login string
		v          regulation.Values
	}{
		{"state", "kd-psb-head", regulation.Values{"release_statement": {"情况属实，已增开窗口并公布办理时限，接受监督。"}}},
		{"check_identity", "gz-vault-1", passed("同期差评较多，文字不含时间、地点和事项，认不出评价人。")},
		{"check_secrecy", "gz-secadmin", passed("不涉及国家秘密、商业秘密和个人隐私。")},
		{"sign", "gz-head", nil},
		{"publish", "gz-publisher", regulation.Values{"outlet": {"newspaper"}, "published_on": {d.today().String()}}},
	} {
		if err == nil {
			err = d.do(regulation.DocketRelease, id, step.act, step.login, step.v)
		}
	}
	return err
}

// The words of that release are made up, and say nothing that one case alone has.
const (
	demoReleaseTitle        = "办事问题没有一次解决，群众给出差评后才整改"
	demoReleaseText         = "群众反映，在该单位窗口办事，问题没有一次解决，等候时间长，也没有人说明何时办结。经核实，情况属实。州政务服务主管部门责令该单位限期整改，单位已增开窗口、公布办理时限，并向群众作了答复。\n\n各单位要引以为戒，落实一次性告知和限时办结，把群众的差评当作改进工作的依据。"
	demoReleaseTitleEnglish = "Put right only after a bad rating"
	demoReleaseTextEnglish  = "People said that at this unit's windows a matter was not settled at once, that they waited long and were not told when it would be. Verification found this to be so. The prefecture's authority ordered the unit to put it right within the days set; it has opened more windows, published how long a matter takes, and answered those who rated.\n\nOther units are to take note: say everything that is needed at once, finish in time, and take a bad rating as a reason to improve."
)

// honours honours the first of Kangding's windows that may be, and nominates the next.
func (d demoFiller) honours(period string) error {
	list, err := d.HonourCandidates(d.ctx, demoOffice[:6], period, regulation.HonourStar, 0, d.now(), regulation.HonourRule)
	if err != nil {
		return err
	}
	free := slices.DeleteFunc(slices.Clone(list.Candidates), func(c regulation.Candidate) bool { return len(c.Barred) > 0 })
	for i, candidate := range free[:min(2, len(free))] {
		fresh, err := d.NewHonour(d.ctx, list.Area, period, regulation.HonourStar, candidate.Object)
		if err != nil {
			return err
		}
		id, err := d.start("nominate", "kd-supervisor-1", fresh, regulation.Values{"docket_reasons": {"本季度好评率居前，主动服务，群众认可。"}})
		if err != nil {
			return err
		}
		if i == 0 {
			if err := d.do(regulation.DocketHonour, id, "honour", "kd-head", nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// bulletins issues Kangding's bulletin of the quarter before the last to everybody, and leaves one to be approved: that of the last
// quarter, or of the last month of it, whose cases are due.
func (d demoFiller) bulletins(last string) error {
	period, _ := regulation.ParsePeriod(last)
	rules, err := d.watchRules(d.ctx, demoOffice[:6], d.now())
	if err != nil {
		return err
	}
	waits := period
	if months := period.Months(); rules.CasesDue(period).After(d.now()) {
		for _, text := range months {
			if month, _ := regulation.ParsePeriod(text); text == months[0] || !rules.CasesDue(month).After(d.now()) {
				waits = month
			}
		}
	}
	for _, of := range []regulation.Period{period.Before(), waits} {
		fresh, err := d.NewDocket(d.ctx, regulation.DocketBulletin, demoOffice, "")
		if err != nil {
			return err
		}
		id, err := d.start("draft", "kd-supervisor-1", fresh, regulation.Values{"bulletin_period": {of.String()}, "bulletin_note": {"请有关单位对照整改，举一反三。"}})
		if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotNow {
			continue // its cases are not due
		}
		if err != nil {
			return err
		}
		if of == waits {
			continue
		}
		if err := d.do(regulation.DocketBulletin, id, "approve", "kd-head", regulation.Values{"audience": {"public"}}); err != nil {
			return err
		}
		if err := d.do(regulation.DocketBulletin, id, "issue", "kd-publisher", nil); err != nil {
			return err
		}
	}
	return nil
}
