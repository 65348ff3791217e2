package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// LeaseDockets is the lease under which one node follows dockets.
const LeaseDockets = "dockets"

// FollowDockets opens what each authority's quarter and the publication calendar ask for, drafts the boards of sealed quarters and
// corrections of bulletins, takes releases off that may not be shown any more, publishes what the product publishes by itself, and notes
// what is near its day or past it. It returns how many were noted overdue. token is that of
// LeaseDockets; whatever is there already is left as it is, so that a second run changes nothing.
func (s *Store) FollowDockets(ctx context.Context, token int64) (overdue int, err error) {
	if s.sealer == nil {
		return 0, errNoKeys
	}
	offices, err := s.Authorities(ctx)
	if err != nil {
		return 0, err
	}
	since, err := s.docketsSince(ctx)
	if err != nil {
		return 0, err
	}
	for _, office := range offices {
		if err := s.openQuarters(ctx, token, office, since); err != nil {
			return 0, err
		}
		if err := s.openPublications(ctx, token, office, since); err != nil {
			return 0, err
		}
	}
	before := errors.Join(s.fillPublic(ctx, token), s.recordQuarters(ctx))
	if overdue, err = s.passDockets(ctx); err != nil {
		return overdue, errors.Join(before, err)
	}
	// One that fails holds up no other: a release that fell is withdrawn at once.
	releases, bulletins := s.followReleases(ctx, token), s.followBulletins(ctx, token)
	_, boards := s.draftBoards(ctx, token)
	return overdue, errors.Join(before, releases, bulletins, boards, s.followJoints(ctx, token), s.publishFigures(ctx, token), s.publishOwn(ctx))
}

// factDockets is the day from which on quarters and publications are asked for: that on which the product was put in. What
// was before is nobody's omission.
const factDockets = "dockets_since"

func (s *Store) docketsSince(ctx context.Context) (workday.Date, error) {
	since, err := s.Fact(ctx, factDockets)
	if err != nil {
		return workday.Date{}, err
	}
	if since == "" {
		since = s.today().String()
		if err := s.SetFact(ctx, factDockets, since); err != nil {
			return workday.Date{}, err
		}
	}
	return workday.ParseDate(since)
}

// openQuarters opens an authority's quarters up to this one, also those that a standstill left out: that nothing was
// heard then is told all the same.
func (s *Store) openQuarters(ctx context.Context, token int64, office Org, since workday.Date) error {
	for day := since; !day.After(s.today()); {
		period := regulation.QuarterOf(day)
		err := s.openDocket(ctx, token, regulation.DocketQuarter, office, regulation.QuarterKey(office.ID, period),
			func(rules regulation.Rules, d regulation.Docket, at time.Time) (regulation.Docket, []regulation.DocketEntry) {
				return rules.NewQuarter(d, period, at)
			})
		if err != nil {
			return err
		}
		_, last, _ := regulation.PeriodDays(period)
		day = last.AddDays(1)
	}
	return nil
}

// openDocket makes the docket under a key unless it is there.
func (s *Store) openDocket(ctx context.Context, token int64, kind regulation.DocketKind, office Org, key string,
	open func(regulation.Rules, regulation.Docket, time.Time) (regulation.Docket, []regulation.DocketEntry)) error {
	var there int64
	if err := s.rows(ctx).Model(&docketRow{}).Where("doc_key = ?", key).Count(&there).Error; err != nil || there > 0 {
		return err
	}
	fresh, err := s.NewDocket(ctx, kind, office.ID, "")
	if err != nil {
		return err
	}
	rules, err := s.watchRules(ctx, fresh.Area, s.now())
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseDockets, token); err != nil {
			return err
		}
		d, _, err := docketUnder(tx, key, fresh)
		if err != nil || d.Seq > 0 {
			return err
		}
		at := s.now()
		after, entries := open(rules, d, at)
		return docketing{s, tx, at}.save(d, after, at, entries)
	})
}

// held notes on the quarter in which a session was held that it was, in the transaction that records it.
func (k docketing) held(rules regulation.Rules, hearing regulation.Docket) error {
	fresh := hearing
	fresh.ID, fresh.Seq, fresh.Facts, fresh.Files, fresh.Pending = newID(), 0, nil, nil, nil
	quarter, started, err := docketUnder(k.tx, regulation.QuarterKey(hearing.Authority, hearing.Period), fresh)
	if err != nil {
		return err
	}
	before := quarter
	var entries []regulation.DocketEntry
	if quarter.Seq == 0 { // of a time before the product was put in
		quarter, entries = rules.NewQuarter(fresh, hearing.Period, k.at)
		started = k.at
	}
	after, more := quarter.Hears(hearing, k.at)
	return k.save(before, after, started, append(entries, more...))
}

// confirmed notes on the quarter of a session that its record was confirmed, in the transaction that does it.
func (k docketing) confirmed(hearing regulation.Docket) error {
	quarter, started, err := docketUnder(k.tx, regulation.QuarterKey(hearing.Authority, hearing.Period), regulation.Docket{})
	if err != nil || quarter.Seq == 0 {
		return err
	}
	after, entries := quarter.Confirms(hearing, k.at)
	return k.save(quarter, after, started, entries)
}

// HeardQuarter is what everybody may know of an authority's quarter (7(4)). Opinions and Problems are those of confirmed sessions, once
// the quarter is Over: while it runs nothing but whether there was one is told, so that nobody reads a count before and after an act.
type HeardQuarter struct {
	Quarter  regulation.Docket
	Over     bool
	Opinions int
	Problems []regulation.HeardProblem
}

// HeardQuarters are the quarters of all authorities in a period.
func (s *Store) HeardQuarters(ctx context.Context, period string) ([]HeardQuarter, error) {
	var rows []docketRow
	if err := s.rows(ctx).Where("kind IN ? AND period = ?", []string{string(regulation.DocketQuarter), string(regulation.DocketHearing)}, period).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	dockets, err := docketsOf(rows)
	if err != nil {
		return nil, err
	}
	problems, err := s.problemsHeard(ctx, dockets)
	if err != nil {
		return nil, err
	}
	var all []HeardQuarter
	at := map[string]int{}
	for _, d := range dockets {
		if d.Kind == regulation.DocketQuarter {
			at[d.Authority] = len(all)
			all = append(all, HeardQuarter{Quarter: d, Over: d.PeriodOver(s.now())})
		}
	}
	for _, d := range dockets {
		i, known := at[d.Authority]
		if d.Kind != regulation.DocketHearing || d.Stage != regulation.DocketConfirmed || !known || !all[i].Over {
			continue
		}
		all[i].Opinions += d.OpinionsCounted()
		all[i].Problems = append(all[i].Problems, problems[d.ID]...)
	}
	for _, q := range all { // in an order that tells nothing of which opinion brought one up
		slices.SortFunc(q.Problems, func(a, b regulation.HeardProblem) int {
			return cmp.Or(cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Link, b.Link), cmp.Compare(a.State, b.State), a.Closed.Compare(b.Closed))
		})
	}
	return all, nil
}

// problemsHeard are the problems that sessions among some dockets brought up, by session: asked for together, however many there were.
func (s *Store) problemsHeard(ctx context.Context, among []regulation.Docket) (map[string][]regulation.HeardProblem, error) {
	var sessions []string
	for _, d := range among {
		if d.Kind == regulation.DocketHearing && d.Stage == regulation.DocketConfirmed {
			sessions = append(sessions, d.ID)
		}
	}
	problems := map[string][]regulation.HeardProblem{}
	for some := range slices.Chunk(sessions, batch) {
		var rows []docketRow
		if err := s.rows(ctx).Where("kind = ? AND parent IN ?", string(regulation.DocketProblem), some).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			d, err := row.docket()
			if err != nil {
				return nil, err
			}
			problems[row.Parent] = append(problems[row.Parent], d.Heard())
		}
	}
	return problems, nil
}

// RaiseProblem hands a problem that an opinion brought up to the unit responsible. The refusals are those of
// Rules.DoDocket; NotFound: no such hearing within the scope.
func (s *Store) RaiseProblem(ctx context.Context, scope regulation.Scope, hearing string, v regulation.Values, actor regulation.Actor) (string, error) {
	h, err := s.Docket(ctx, scope, regulation.DocketHearing, hearing)
	if err != nil {
		return "", err
	}
	fresh, err := s.NewDocket(ctx, regulation.DocketProblem, h.Authority, v.Get("unit"))
	if err != nil {
		return "", err
	}
	fresh.Period, fresh.Facts = h.Period, map[string]string{"hearing": h.ID, "opinions": h.Facts["opinions"]}
	act, _ := regulation.DocketActOf(regulation.DocketProblem, "raise")
	return s.StartDocket(ctx, act, fresh, v, actor)
}
