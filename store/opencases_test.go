package store_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// What is open at a window is left out of an area's, whosever matters it is of, as a list of those cases leaves it out.
func TestStandingLeavesOutWindows(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.open()
		d.ofAnotherUnit()
		elsewhere := d.bad()
		elsewhere.Rating.Place.Rated.Window = "513301-w04"
		d.save(elsewhere)
		for _, of := range []struct {
			q    store.OpenQuery
			want int64
		}{{store.OpenQuery{}, 3}, {store.OpenQuery{ExceptWindows: []string{policeWindow}}, 1}, {store.OpenQuery{Except: []string{"513301-mkt"}, ExceptWindows: []string{policeWindow}}, 1},
			{store.OpenQuery{Except: []string{"513301-mkt"}}, 2}, {store.OpenQuery{Areas: []string{"513301"}, ExceptWindows: []string{policeWindow, "513301-w04"}}, 0}} {
			open, due, err := d.Standing(t.Context(), of.q, d.Clock.Now())
			d.must(err)
			var stand, ahead int64
			for _, one := range open {
				stand += one.Cases
			}
			for _, one := range due {
				ahead += one.Cases
			}
			listed, _, err := d.Store.Cases(t.Context(), regulation.Scope{All: true}, store.CaseQuery{ListQuery: store.ListQuery{Limit: store.MostListed}, Behind: store.CaseFilter{Open: &of.q, At: d.Clock.Now()}})
			d.must(err)
			if stand != of.want || ahead != of.want || int64(len(listed)) != of.want {
				t.Errorf("%+v: %d stand, %d are due, %d are listed", of.q, stand, ahead, len(listed))
			}
		}
	})
}

// TestStandingOfManyIsKeptForAMoment: of few cases it is always of now; of many it is of a quarter of a minute ago at most, each question's own.
func TestStandingOfManyIsKeptForAMoment(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.open()
		standing := func(q store.OpenQuery) (n int64) {
			open, _, err := d.Standing(t.Context(), q, d.Clock.Now())
			d.must(err)
			for _, one := range open {
				n += one.Cases
			}
			return n
		}
		all := store.OpenQuery{}
		if n := standing(all); n != 1 {
			t.Fatalf("%d open", n)
		}
		d.open()
		if n := standing(all); n != 2 {
			t.Errorf("%d of two few", n)
		}
		d.KeepStandings(2)
		standing(all)
		d.open()
		if n := standing(all); n != 2 {
			t.Errorf("%d: it was not kept", n)
		}
		if n := standing(store.OpenQuery{Areas: []string{"513301"}}); n != 3 {
			t.Errorf("%d of the county: another's was told", n)
		}
		if n := standing(store.OpenQuery{Areas: []string{}}); n != 0 {
			t.Errorf("%d to who has no area: that of all was told", n)
		}
		d.Clock.Forward(16 * time.Second)
		if n := standing(all); n != 3 {
			t.Errorf("%d after its time", n)
		}
	})
}

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

// alikeHeld has altered sums of alike cases found and summed anew, and made by the migrations as they are made by following.
func (d *desk) alikeHeld() {
	d.t.Helper()
	check := func() []string { return d.verify(store.VerifyOptions{Only: []string{store.CheckFigures}}) }
	if found := check(); found != nil {
		d.t.Fatalf("found %v", found)
	}
	for _, statement := range []string{"UPDATE alike_tallies SET upheld = upheld + 1", "DELETE FROM alike_tallies WHERE matter <> ''", "UPDATE alike_tallies SET area = '513399'", "DELETE FROM alike_totals"} {
		d.exec(statement)
		if found := check(); !slices.Contains(found, "figures case_sum_differs") {
			d.t.Errorf("%s: found %v", statement, found)
		}
		if mended, err := d.Repair(d.t.Context(), store.CheckFigures, "", "tester"); err != nil || len(mended) == 0 || check() != nil {
			d.t.Errorf("%s: mended %v, %v", statement, mended, err)
		}
	}
	d.exec("UPDATE case_figures SET appeal = 'none'")
	d.exec("DELETE FROM alike_tallies")
	d.exec("DELETE FROM alike_totals")
	for _, file := range []string{"0531_case_figures_appeal_of_before.sql", "0533_alike_tallies_of_before.sql", "0535_alike_totals_of_before.sql"} {
		text, err := os.ReadFile("migrations/" + file)
		d.must(err)
		var statement []string
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(line, "--") {
				statement = append(statement, line)
			}
		}
		d.exec(strings.TrimSuffix(strings.TrimSpace(strings.Join(statement, "")), ";"))
	}
	if found := check(); found != nil {
		d.t.Errorf("summed up by the migrations: %v", found)
	}
}

// TestAlikeSharesAreTheCases: each share is of the cases that the list narrowed to it holds.
func TestAlikeSharesAreTheCases(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.office()
		d.upTo(d.open(), regulation.ActReleaseReply) // rectified in time, and not decided yet
		d.inVain(d.mistakenly("mistaken"))           // an appeal is upheld, and the rating written off
		var rated string
		for range 2 {
			matter := d.bad()
			matter.Rating.Place.Rated.Matter = "513301-psb-m02"
			rated = d.save(matter).CaseID
			for _, kind := range mainLine {
				d.do(rated, kind, forms[kind])
			}
		}
		d.count(500)
		month := regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		_, shares, err := d.AlikeShares(t.Context(), "2020-01", month, 1, nil, nil)
		d.must(err)
		of, codes := map[regulation.Decision]int64{}, map[string]bool{}
		for _, s := range shares {
			of[s.Decision] += s.Of
			codes[s.Alike.Matter] = true
			matters, err := d.AlikeMatters(t.Context(), s.Alike.Matter)
			d.must(err)
			ids := []string{""}
			for i, m := range matters[s.Alike.Matter] {
				ids = append(ids[:i], m.ID)
			}
			where := map[string][]string{"matter_id": ids, "area": {s.Area}, "cause": {s.Alike.Cause}, "grade": {string('0' + rune(s.Alike.Grade))}}
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
		if len(codes) != 2 || !codes["1514401907500"] {
			t.Errorf("alike by %v", codes)
		}
		if matters, err := d.AlikeMatters(t.Context(), "1514401907500"); err != nil || len(matters["1514401907500"]) < 2 {
			t.Errorf("%v has that code, %v", matters, err)
		}
		unit := d.read(rated).Rated.Unit
		if _, none, err := d.AlikeShares(t.Context(), "2020-01", month, 1, []string{unit, "513301-psb"}, nil); err != nil || len(none) != 0 {
			t.Errorf("without the unit: %v %v", none, err)
		}
		for _, units := range [][]string{nil, {unit}} { // no case is taken off twice
			if _, none, err := d.AlikeShares(t.Context(), "2020-01", month, 1, units, []string{policeWindow}); err != nil || len(none) != 0 {
				t.Errorf("without the window: %v %v", none, err)
			}
		}
		if _, none, err := d.AlikeShares(t.Context(), "2020-01", month, 30, nil, nil); err != nil || len(none) != 0 {
			t.Errorf("of so few: %v %v", none, err)
		}
		d.alikeHeld()
	})
}
