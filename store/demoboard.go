package store

import (
	"context"
	"errors"
	"slices"

	"haochaping/regulation"
)

// factDemoBoards tells that a demo's boards are published, a window of it honoured and a bulletin issued.
const factDemoBoards = "demo_boards"

// FillDemoBoards publishes the boards of the quarters of which a demo has made-up ratings, honours a window of the last one and issues
// a bulletin of the one before, once those are sealed and drafted. It tells whether all is there.
func (s *Store) FillDemoBoards(ctx context.Context) (all bool, err error) {
	history, err := s.Fact(ctx, FactDemoHistory)
	if err != nil || history == "" {
		return err == nil, err
	}
	if done, err := s.Fact(ctx, factDemoBoards); err != nil || done != "" {
		return err == nil, err
	}
	d := demoFiller{Store: s, ctx: ctx, people: map[string]regulation.Actor{}}
	if err := d.know("gz-head", "gz-publisher", "kd-supervisor-1", "kd-head", "kd-publisher"); err != nil {
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
	return true, s.SetFact(ctx, factDemoBoards, "yes")
}

// honours honours the first of Kangding's windows that may be, and nominates the next.
func (d demoFiller) honours(period string) error {
	list, err := d.HonourCandidates(d.ctx, demoOffice[:6], period, regulation.HonourStar, 0, d.now())
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
