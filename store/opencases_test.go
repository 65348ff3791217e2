package store_test

import (
	"testing"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// TestStandingCountsOpenCases: what dashboards tell of open cases is what the list narrowed to it holds, late and ahead, by stage and day.
func TestStandingCountsOpenCases(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		closed, ordered, overdue, fresh := d.office()
		now := d.Clock.Now()
		open, due, err := d.Standing(t.Context(), store.OpenQuery{}, now)
		d.must(err)
		listed := func(f store.CaseFilter, phase regulation.Phase) (ids []string) {
			f.At = now
			if f.Open == nil {
				f.Open = &store.OpenQuery{}
			}
			cases, next, err := d.Store.Cases(t.Context(), regulation.Scope{All: true}, store.CaseQuery{ListQuery: store.ListQuery{Limit: store.MostListed}, Phase: phase, Behind: f})
			d.must(err)
			if next != "" {
				t.Fatal("more than a page")
			}
			for _, c := range cases {
				ids = append(ids, c.ID)
			}
			return ids
		}
		all := int64(0)
		for _, one := range open {
			all += one.Cases
			if n := len(listed(store.CaseFilter{Days: [2]workday.Date{one.Opened, one.Opened}}, regulation.Phase(one.Phase))); int64(n) != one.Cases {
				t.Errorf("%+v, and the list has %d", one, n)
			}
		}
		if ids := listed(store.CaseFilter{}, ""); int64(len(ids)) != all || all < 3 || has(ids, closed) || !has(ids, ordered) || !has(ids, overdue) || !has(ids, fresh) {
			t.Errorf("%d open, listed %v", all, ids)
		}
		late := int64(0)
		for _, one := range due {
			f := store.CaseFilter{Due: one.Day}
			if one.Late {
				late += one.Cases
				continue
			}
			if n := len(listed(f, "")); int64(n) != one.Cases {
				t.Errorf("%+v, and the list has %d", one, n)
			}
		}
		if n := len(listed(store.CaseFilter{Late: true}, "")); int64(n) != late {
			t.Errorf("%d late, and the list has %d", late, n)
		}
		c := d.read(fresh)
		unit := store.OpenQuery{Areas: []string{c.Area}, Unit: c.Unit}
		of, _, err := d.Standing(t.Context(), unit, now)
		d.must(err)
		n := int64(0)
		for _, one := range of {
			n += one.Cases
		}
		if ids := listed(store.CaseFilter{Open: &unit}, ""); int64(len(ids)) != n || n == 0 {
			t.Errorf("%d of the unit, the list has %v", n, ids)
		}
		if none, _, err := d.Standing(t.Context(), store.OpenQuery{Except: []string{c.Unit, c.Rated.Unit}, Areas: []string{c.Area}, Window: c.Rated.Window}, now); err != nil || len(none) != 0 {
			t.Errorf("of a unit that is left out: %v %v", none, err)
		}
	})
}

func has(ids []string, id string) bool {
	for _, one := range ids {
		if one == id {
			return true
		}
	}
	return false
}

// TestAlikeSharesAreTheCases: each share is of the cases that the list narrowed to it holds.
func TestAlikeSharesAreTheCases(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.office()
		d.upTo(d.open(), regulation.ActReleaseReply) // rectified in time, and not decided yet
		d.inVain(d.mistakenly("mistaken"))           // an appeal is upheld, and the rating written off
		d.count(500)
		month := regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		_, shares, err := d.AlikeShares(t.Context(), "2020-01", month, nil)
		d.must(err)
		of := map[regulation.Decision]int64{}
		for _, s := range shares {
			of[s.Decision] += s.Of
			where := map[string][]string{"area": {s.Area}, "cause": {s.Alike.Cause}, "grade": {string('0' + rune(s.Alike.Grade))}}
			held := map[string]int64{store.CountingOf(s.Decision): s.Of}
			if s.Decision == regulation.DecisionConfirmed {
				held["concluded"] = s.Among
			}
			for as, want := range held {
				f := store.CaseFilter{Figure: &store.CaseFigureQuery{From: "2020-01", To: month, Where: where}, Counting: as}
				cases, _, err := d.Store.Cases(t.Context(), regulation.Scope{All: true}, store.CaseQuery{ListQuery: store.ListQuery{Limit: store.MostListed}, Behind: f})
				d.must(err)
				if int64(len(cases)) != want {
					t.Errorf("%+v: %d are %s", s, len(cases), as)
				}
			}
		}
		for _, decision := range regulation.Decisions {
			if of[decision] == 0 {
				t.Errorf("none is %s: this proves nothing", decision)
			}
		}
	})
}
