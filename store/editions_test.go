package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

func (d *desk) edition() store.EditionProposal {
	today := workday.DateOf(d.Clock.Now())
	return store.EditionProposal{Proposal: store.Proposal{Author: "author"}, From: today.AddDays(7), Interpretation: "甘审批解〔2026〕1号",
		DecidedOn: today, Basis: "州行政审批局解释", Changed: map[string]int{regulation.SignDays: 2}, Base: regulation.Edition1}
}

// proposed proposes an edition of these values from a number of days on, as a change of the last one.
func (d *desk) proposed(days int, set map[string]int) (id string) {
	d.t.Helper()
	last, err := d.LastEdition(d.t.Context())
	d.must(err)
	p := d.edition()
	p.From, p.Changed, p.Base = workday.DateOf(d.Clock.Now()).AddDays(days), set, last.Name
	id, err = d.ProposeEdition(d.t.Context(), p)
	d.must(err)
	return id
}

func (d *desk) approve(id string) error {
	return d.DecideEdition(d.t.Context(), id, store.Verdict{State: store.InForce, Person: "reviewer"})
}

// since holds that a refusal names the last edition.
func (d *desk) since(err error, missing, edition string) {
	d.t.Helper()
	var since *store.EditionSince
	if !errors.As(err, &since) || since.Edition.Name != edition || since.Refusal.Missing != missing && since.Refusal.Fields["from"] != missing {
		d.t.Errorf("%v, want %s with %s", err, missing, edition)
	}
}

// Editions come in force in the order of their approval: whichever of two is approved first, the
// other is proposed anew and has what the first one changed.
func TestNoEditionUndoesAnother(t *testing.T) {
	early, late := map[string]int{regulation.PlanDays: 5}, map[string]int{regulation.SignDays: 2}
	for _, order := range []string{"early first", "late first"} {
		t.Run(order, func(t *testing.T) {
			onDesks(t, func(t *testing.T, d *desk) {
				first, second := d.proposed(10, early), d.proposed(20, late)
				name := "2026-12-03/2"
				if order == "late first" {
					first, second, name = second, first, "2026-12-13/2"
				}
				d.must(d.approve(first))
				d.since(d.approve(second), "edition_approved_since", name)
				if order == "late first" {
					p := d.edition()
					p.From, p.Changed, p.Base = workday.DateOf(d.Clock.Now()).AddDays(20), early, name
					_, err := d.ProposeEdition(t.Context(), p)
					d.since(err, "edition_begins_later", name)
					d.must(d.approve(d.proposed(25, early)))
				} else {
					d.must(d.approve(d.proposed(20, late)))
				}
				d.Clock.Forward(30 * 24 * time.Hour)
				params, err := d.Params(t.Context(), d.read(d.open()).Edition)
				if d.must(err); params.Days(regulation.PlanDays) != 5 || params.Days(regulation.SignDays) != 2 {
					t.Errorf("plan in %d days, sign in %d", params.Days(regulation.PlanDays), params.Days(regulation.SignDays))
				}
			})
		})
	}
}

func TestOfTwoApprovedAtOnceOneIsRefused(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		ids := []string{d.proposed(10, map[string]int{regulation.PlanDays: 5}), d.proposed(20, map[string]int{regulation.SignDays: 2})}
		errs := make([]error, len(ids))
		var wg sync.WaitGroup
		for i, id := range ids {
			wg.Go(func() { errs[i] = d.approve(id) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || !isCode(errors.Join(errs...), regulation.Conflict) {
			t.Errorf("%v", errs)
		}
	})
}

func TestApprovedEditionIsRevokedByTwoBeforeItsDay(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		mistaken := d.proposed(10, map[string]int{regulation.SignDays: 2})
		d.must(d.approve(mistaken))
		upon := d.proposed(20, map[string]int{regulation.PlanDays: 5})
		by := store.Proposal{Author: "author"}
		if _, err := d.ProposeRevocation(t.Context(), mistaken, by, ""); !isCode(err, regulation.Invalid) {
			t.Errorf("without a basis: %v", err)
		}
		id, err := d.ProposeRevocation(t.Context(), mistaken, by, "误录")
		d.must(err)
		if _, err := d.ProposeRevocation(t.Context(), mistaken, by, "误录"); !isCode(err, regulation.Conflict) {
			t.Errorf("twice: %v", err)
		}
		if err := d.DecideEdition(t.Context(), id, store.Verdict{State: store.InForce, Person: "author"}); !isCode(err, regulation.FourEyes) {
			t.Errorf("the author reviews: %v", err)
		}
		d.must(d.approve(id))
		d.since(d.approve(upon), "edition_approved_since", regulation.Edition1)
		d.must(d.approve(d.proposed(10, map[string]int{regulation.SignDays: 3})))
		d.Clock.Forward(11 * 24 * time.Hour)
		c := d.read(d.open())
		if params, err := d.Params(t.Context(), c.Edition); err != nil || c.Edition != "2026-12-03/3" || params.Days(regulation.SignDays) != 3 {
			t.Errorf("under %s: sign in %d days, %v", c.Edition, params.Days(regulation.SignDays), err)
		}
		d.log(mistaken, store.Revoked, 1, 2)
		d.log(id, store.InForce, 2, 1)
		if _, err := d.ProposeRevocation(t.Context(), mistaken, by, "误录"); !isCode(err, regulation.NotNow) {
			t.Errorf("revoked before: %v", err)
		}
	})
}

// log holds what the change log says of the days for signing.
func (d *desk) log(id string, state store.ProposalState, before, after int) {
	d.t.Helper()
	all, err := d.EditionProposals(d.t.Context())
	d.must(err)
	for _, p := range all {
		if p.ID != id {
			continue
		}
		if p.State != state || p.Before[regulation.SignDays] != before || p.Changed[regulation.SignDays] != after || p.RevokedAt.IsZero() != (state != store.Revoked) {
			d.t.Errorf("%+v", p)
		}
		return
	}
	d.t.Errorf("no proposal %s", id)
}

func TestEditionIsNotRevokedOnceBegunOrBuiltUpon(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		first := d.proposed(10, map[string]int{regulation.SignDays: 2})
		d.must(d.approve(first))
		id, err := d.ProposeRevocation(t.Context(), first, store.Proposal{Author: "author"}, "误录")
		d.must(err)
		second := d.proposed(20, map[string]int{regulation.PlanDays: 5})
		d.must(d.approve(second))
		d.since(d.approve(id), "edition_built_upon", "2026-12-13/3")
		d.Clock.Forward(21 * 24 * time.Hour)
		if _, err := d.ProposeRevocation(t.Context(), second, store.Proposal{Author: "author"}, "误录"); !isCode(err, regulation.NotNow) {
			t.Errorf("it has begun: %v", err)
		}
	})
}

func TestChangeLogKeepsTheOldValues(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		first := d.proposed(10, map[string]int{regulation.SignDays: 2})
		d.must(d.approve(first))
		second := d.proposed(20, map[string]int{regulation.SignDays: 1})
		d.must(d.DecideEdition(t.Context(), second, store.Verdict{State: store.Rejected, Person: "reviewer", Remark: "理由不足"}))
		d.Clock.Forward(30 * 24 * time.Hour)
		d.log(first, store.InForce, 1, 2)
		d.log(second, store.Rejected, 2, 1)
	})
}

func TestEditionProposedReviewedAndInForceForCasesOpenedFromThenOn(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		old := d.open()
		id, err := d.ProposeEdition(t.Context(), d.edition())
		d.must(err)
		if err := d.DecideEdition(t.Context(), id, store.Verdict{State: store.InForce, Person: "author"}); !isCode(err, regulation.FourEyes) {
			t.Errorf("the author reviews: %v", err)
		}
		d.must(d.DecideEdition(t.Context(), id, store.Verdict{State: store.InForce, Person: "reviewer"}))
		if c := d.read(d.open()); c.Edition != regulation.Edition1 {
			t.Errorf("before its day a case is opened under %s", c.Edition)
		}
		d.Clock.Forward(7 * 24 * time.Hour)
		c := d.read(d.open())
		if c.Edition != "2026-11-30/2" || d.read(old).Edition != regulation.Edition1 {
			t.Errorf("the new case is under %s, the old one under %s", c.Edition, d.read(old).Edition)
		}
		list, err := d.Parameters(t.Context(), c.Edition)
		d.must(err)
		for _, p := range list {
			if want := p.Name == regulation.SignDays; (p.Interpretation != "") != want || want && (p.Value != 2 || p.Author != "author") {
				t.Errorf("%+v", p)
			}
		}
		all, err := d.EditionProposals(t.Context())
		if d.must(err); len(all) != 1 || all[0].State != store.InForce || all[0].Edition != c.Edition || all[0].Changed[regulation.SignDays] != 2 {
			t.Errorf("%+v", all)
		}
	})
}

func TestEditionProposalRefusals(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for name, c := range map[string]struct {
			spoil       func(*store.EditionProposal)
			field, code string
		}{
			"the fifteen days": {func(p *store.EditionProposal) { p.Changed = map[string]int{regulation.RectificationDays: 20} }, regulation.RectificationDays, "fixed_by_the_regulation"},
			"out of bounds":    {func(p *store.EditionProposal) { p.Changed[regulation.SignDays] = 90 }, regulation.SignDays, "out_of_bounds"},
			"no such thing":    {func(p *store.EditionProposal) { p.Changed["colour"] = 1 }, "colour", "unknown_parameter"},
			"from today":       {func(p *store.EditionProposal) { p.From = workday.DateOf(d.Clock.Now()) }, "from", "date_must_come"},
			"no number":        {func(p *store.EditionProposal) { p.Interpretation = "" }, "interpretation", "required"},
			"a long basis":     {func(p *store.EditionProposal) { p.Basis = strings.Repeat("长", 501) }, "basis", "too_long"},
			"nothing":          {func(p *store.EditionProposal) { p.Changed = nil }, "changed", "nothing_changes"},
		} {
			p := d.edition()
			c.spoil(&p)
			_, err := d.ProposeEdition(t.Context(), p)
			if refusal, is := err.(*regulation.Error); !is || refusal.Fields[c.field] != c.code || len(refusal.Fields) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		id, err := d.ProposeEdition(t.Context(), d.edition())
		d.must(err)
		d.Clock.Forward(8 * 24 * time.Hour)
		if err := d.DecideEdition(t.Context(), id, store.Verdict{State: store.InForce, Person: "reviewer"}); !isCode(err, regulation.NotNow) {
			t.Errorf("its day has come: %v", err)
		}
		d.must(d.DecideEdition(t.Context(), id, store.Verdict{State: store.Withdrawn, Person: "author"}))
		if list, err := d.Editions(t.Context()); err != nil || len(list) != 1 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
