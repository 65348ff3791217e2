package store_test

import (
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

func (d *desk) edition() store.EditionProposal {
	today := workday.DateOf(d.Clock.Now())
	return store.EditionProposal{Proposal: store.Proposal{Author: "author"}, From: today.AddDays(7), Interpretation: "甘审批解〔2026〕1号",
		DecidedOn: today, Basis: "州行政审批局解释", Changed: map[string]int{regulation.SignDays: 2}}
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
