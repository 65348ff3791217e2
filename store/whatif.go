package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// WhatIf is what is supposed of the open cases. Nothing given supposes the calendar as it stands.
type WhatIf struct {
	// Notice counts beside the calendar in force: for the whole country where Area is "", else for
	// the prefecture or a county.
	Notice *workday.Layer
	Area   string
	// Set gives parameters other values, as if the cases had been opened under such an edition; the
	// regulation's own may be tried too. Parameters that count no working days of cases are refused.
	Set map[string]int
	// By is the day until whose end steps count as fallen due; zero: until now.
	By workday.Date
}

// WhatIfCase is a case whose due instants would be others.
type WhatIfCase struct {
	ID, Number, Area, Unit, Edition string
	Phase                           regulation.Phase
	Changes                         []regulation.DueChange
	// Whether any of its steps has fallen due by WhatIf.By, as it is and as supposed.
	OverdueBefore, OverdueAfter bool
	// Due is the first instant by which somebody must act, as supposed.
	Due time.Time
}

// Mark tells what becomes of a case: newly_due, due as it is, no_longer_due, or "" where nothing falls due.
func (c WhatIfCase) Mark() string {
	switch {
	case c.OverdueAfter && !c.OverdueBefore:
		return "newly_due"
	case c.OverdueAfter:
		return "due"
	case c.OverdueBefore:
		return "no_longer_due"
	}
	return ""
}

// Dues are the instants by which somebody must act, and the clocks: without the reminders that follow
// them.
func (c WhatIfCase) Dues() []regulation.DueChange {
	return slices.DeleteFunc(slices.Clone(c.Changes), func(change regulation.DueChange) bool {
		return change.Deadline.Kind == regulation.DeadlineReminder
	})
}

// WhatIfResult answers for all open cases of the scope.
type WhatIfResult struct {
	At                          time.Time
	Until                       time.Time // steps due at or before count as fallen due
	Open                        int       // cases looked at
	OverdueBefore, OverdueAfter int
	// Cases are those that would change: what falls due newly first, then by when it would be due.
	Cases []WhatIfCase
}

// Newly counts the cases that would have fallen due and have not as it is.
func (r WhatIfResult) Newly() int {
	n := 0
	for _, c := range r.Cases {
		if c.Mark() == "newly_due" {
			n++
		}
	}
	return n
}

// sort puts first what the question is about.
func (r WhatIfResult) sort() {
	old := func(c WhatIfCase) int { return one(c.Mark() != "newly_due") }
	slices.SortFunc(r.Cases, func(a, b WhatIfCase) int {
		return cmp.Or(cmp.Compare(old(a), old(b)), a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
	})
}

// WhatIf tells which open cases would fall due when. It reads one state of the record and writes
// nothing. With a notice alone the answer is what Rearm would do at this instant; with parameters
// it is what cases opened under such an edition would stand at.
func (s *Store) WhatIf(ctx context.Context, scope regulation.Scope, w WhatIf) (WhatIfResult, error) {
	if err := checkSupposed(w.Set); err != nil {
		return WhatIfResult{}, err
	}
	result := WhatIfResult{At: s.now(), Until: s.now(), Cases: []WhatIfCase{}}
	if !w.By.IsZero() {
		result.Until = w.By.AddDays(1).Start().Add(-time.Microsecond)
	}
	count, err := s.recounter(ctx)
	if err != nil {
		return result, err
	}
	guess := supposer{recounter: count, w: w, calendars: map[string]workday.Calendar{}, params: map[string]regulation.Params{}}
	if guess.layers, err = s.calendars.look(ctx, s, keptCalendar, loadCalendars); err != nil {
		return result, err
	}
	if w.Notice != nil {
		guess.layers = guess.layers.and(w.Area, *w.Notice)
	}
	err = s.rows(ctx).Transaction(func(tx *gorm.DB) error {
		for after := ""; ; {
			cases, last, err := s.openAfter(tx, scope, "", after)
			if err != nil || len(cases) == 0 {
				return err
			}
			for _, c := range cases {
				if err := guess.take(ctx, c, &result); err != nil {
					return err
				}
			}
			after = last
		}
	}, &sql.TxOptions{ReadOnly: true, Isolation: s.snapshot()})
	result.sort()
	return result, err
}

// snapshot is the isolation under which a transaction sees one state of the record throughout.
func (s *Store) snapshot() sql.IsolationLevel {
	if s.engine == onSQLite {
		return sql.LevelDefault // under WAL it always does
	}
	return sql.LevelRepeatableRead
}

func checkSupposed(values map[string]int) error {
	err := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseInterpretive, Missing: "fields"}
	for name, value := range values {
		p, known := regulation.ParamOf(name)
		switch {
		case !known:
			err.Field(name, "unknown_parameter")
		case !p.OfCases():
			err.Field(name, "not_in_days")
		case value < 1 || value > 60:
			err.Field(name, "out_of_bounds")
		}
	}
	if err.Fields == nil {
		return nil
	}
	return err
}

// supposer counts cases under what is supposed.
type supposer struct {
	recounter
	w         WhatIf
	layers    calendars
	calendars map[string]workday.Calendar  // by area
	params    map[string]regulation.Params // as supposed, by edition
}

// take adds one case to the result.
func (g *supposer) take(ctx context.Context, c regulation.Case, result *WhatIfResult) error {
	rules, err := g.rules(ctx, c)
	if err != nil {
		return err
	}
	rules.Calendar = g.calendar(c.Area)
	var changes []regulation.DueChange
	if len(g.w.Set) == 0 {
		changes = rules.Recount(c, result.At, result.At)
	} else {
		other, err := g.other(ctx, c.Edition)
		if err != nil {
			return err
		}
		changes = rules.Suppose(c, other, result.At)
	}
	was, then := firstDue(c, nil), firstDue(c, changes)
	before, after := fallen(was, result.Until), fallen(then, result.Until)
	result.Open++
	result.OverdueBefore += one(before)
	result.OverdueAfter += one(after)
	if len(changes) > 0 {
		result.Cases = append(result.Cases, WhatIfCase{ID: c.ID, Number: c.Number, Area: c.Area, Unit: c.Unit, Edition: c.Edition,
			Phase: c.Phase, Changes: changes, OverdueBefore: before, OverdueAfter: after, Due: then})
	}
	return nil
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// calendar is an area's with the notice among its layers, as the record would have it.
func (g *supposer) calendar(area string) workday.Calendar {
	c, known := g.calendars[area]
	if !known {
		c = g.layers.of(area)
		g.calendars[area] = c
	}
	return c
}

// other is a case's edition with the supposed values.
func (g *supposer) other(ctx context.Context, edition string) (regulation.Params, error) {
	if p, known := g.params[edition]; known {
		return p, nil
	}
	own, err := g.s.Params(ctx, edition)
	if err != nil {
		return own, err
	}
	p, err := own.With(g.w.Set)
	g.params[edition] = p
	return p, err
}

// firstDue is the first instant by which somebody must act, with some instants moved; zero where nobody must.
func firstDue(c regulation.Case, changes []regulation.DueChange) (first time.Time) {
	moved := map[string]time.Time{}
	for _, change := range changes {
		moved[change.Deadline.ID] = change.Deadline.Due
	}
	for id, due := range c.Owed() {
		if then, is := moved[id]; is {
			due = then
		}
		if first.IsZero() || due.Before(first) {
			first = due
		}
	}
	return first
}

func fallen(due, by time.Time) bool { return !due.IsZero() && !due.After(by) }
