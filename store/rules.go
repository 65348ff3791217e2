package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// lore is what the rules of any case are made of besides its edition, as it stood at one set of
// revisions. Recording and intake take it before their transaction begins.
type lore struct {
	revision int64 // of all that follows
	tree     *Tree
	people   *People

	// By area: where orders may go, and the discipline bodies concerned.
	units, discipline map[string][]string
	// Notices for which open cases are being counted again, in their order.
	rearmings []rearmingInForce

	mu        sync.Mutex
	calendars map[string]workday.Calendar // by area, filled as areas come up
}

// lore returns what is remembered, anew after any change of tree, people or calendar: one small
// query, whatever a case needs of it.
func (s *Store) lore(ctx context.Context) (*lore, error) {
	revision, err := s.revisions(ctx)
	if err != nil {
		return nil, err
	}
	if kept := s.remembered.Load(); kept != nil && kept.revision == revision {
		return kept, nil
	}
	fresh := &lore{revision: revision, calendars: map[string]workday.Calendar{}}
	if fresh.tree, err = s.Tree(ctx); err != nil {
		return nil, err
	}
	if fresh.people, err = s.People(ctx); err != nil {
		return nil, err
	}
	if fresh.rearmings, err = s.loadRearmings(ctx); err != nil {
		return nil, err
	}
	fresh.sortOrgs()
	s.remembered.Store(fresh)
	return fresh, nil
}

// sortOrgs puts the organisations by area. Divisions themselves receive no orders, and neither
// do discipline bodies; the prefecture's serves every county that has none (8(4)).
func (l *lore) sortOrgs() {
	l.units, l.discipline = map[string][]string{}, map[string][]string{}
	for _, o := range l.tree.Orgs() {
		switch o.Kind {
		case regulation.OrgPrefecture, regulation.OrgCounty:
		case regulation.OrgDiscipline:
			l.discipline[o.Area] = append(l.discipline[o.Area], o.ID)
		default:
			l.units[o.Area] = append(l.units[o.Area], o.ID)
		}
	}
}

// revisions is the sum of all revision numbers: each only grows, so any change shows in it.
func (s *Store) revisions(ctx context.Context) (sum int64, err error) {
	pool, err := s.reading.DB()
	if err != nil {
		return 0, err
	}
	err = pool.QueryRowContext(ctx, "SELECT COALESCE(SUM(revision), 0) FROM revisions").Scan(&sum)
	return sum, s.translate(err)
}

// rules are what a case of an edition and area is judged by at an instant, with the people who
// hold roles at these organisations and at the discipline bodies.
func (s *Store) rules(ctx context.Context, l *lore, edition, area string, at time.Time, orgs ...string) (regulation.Rules, error) {
	params, err := s.Params(ctx, edition)
	if err != nil {
		return regulation.Rules{}, err
	}
	calendar, err := s.calendarOf(ctx, l, area)
	if err != nil {
		return regulation.Rules{}, err
	}
	orgs = slices.Concat(orgs, l.discipline[area], l.discipline[regulation.PrefectureArea])
	return regulation.Rules{Params: params, Calendar: calendar, Hours: workday.DefaultHours,
		Roster: l.people.Roster(at, orgs...), Units: l.units[area]}, nil
}

func (s *Store) calendarOf(ctx context.Context, l *lore, area string) (workday.Calendar, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, known := l.calendars[area]; known {
		return c, nil
	}
	c, err := s.Calendar(ctx, area)
	if err == nil {
		l.calendars[area] = c
	}
	return c, err
}

// RulesOf returns what a case is judged by now: for dry runs and for the list of open acts.
// units are further organisations that an act about to be tried names.
func (s *Store) RulesOf(ctx context.Context, c regulation.Case, units ...string) (regulation.Rules, error) {
	l, err := s.lore(ctx)
	if err != nil {
		return regulation.Rules{}, err
	}
	return s.rules(ctx, l, c.Edition, c.Area, s.now(), append(units, c.Concerned()...)...)
}

// RulesFor returns what an act about to be tried is judged by: with the people of the organisations
// that it names, and the windows and staff of the area where its form names some.
func (s *Store) RulesFor(ctx context.Context, c regulation.Case, act regulation.Act) (regulation.Rules, error) {
	rules, err := s.RulesOf(ctx, c, namedUnits(act)...)
	if err != nil {
		return rules, err
	}
	return rules, s.fillPlaces(ctx, &rules, act.Kind)
}

// fillPlaces fills in the windows and staff of the area's units where an act's form names some.
func (s *Store) fillPlaces(ctx context.Context, r *regulation.Rules, kind regulation.ActKind) error {
	spec, _ := regulation.SpecOf(kind)
	if !spec.Places() {
		return nil
	}
	windows, err := s.WindowsOf(ctx, r.Units...)
	if err != nil {
		return err
	}
	staff, err := s.StaffOf(ctx, r.Units...)
	if err != nil {
		return err
	}
	r.Windows, r.Staff = make([]regulation.Window, 0, len(windows)), map[string]string{}
	for _, w := range windows {
		r.Windows = append(r.Windows, regulation.Window{ID: w.ID, Unit: w.UnitID, Hall: w.HallID})
	}
	for _, p := range staff {
		r.Staff[p.StaffID] = p.UnitID
	}
	return nil
}
