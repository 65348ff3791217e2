package store_test

import (
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
	"haochaping/workday"
)

func TestFirstEditionIsThereAfterMigration(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		edition, err := r.CurrentEdition(t.Context())
		if edition != regulation.Edition1 || err != nil {
			t.Fatal(edition, err)
		}
		p, err := r.Params(t.Context(), edition)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range regulation.DefaultParams() {
			if p.Days(d.Name) != d.Value {
				t.Errorf("%s is %d, want %d", d.Name, p.Days(d.Name), d.Value)
			}
		}
		list, err := r.Parameters(t.Context(), edition)
		if err != nil || len(list) != len(regulation.DefaultParams()) || list[0].Basis == "" || list[0].DecidedOn.String() != "2019-12-27" {
			t.Errorf("%+v, %v", list, err)
		}
		if _, err := r.Params(t.Context(), "none"); !notFound(err) {
			t.Error(err)
		}
	})
}

func TestNewEditionLeavesTheOldOneAlone(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		from := r.Clock.Now().Add(time.Hour)
		change := []store.Parameter{{Name: regulation.SignDays, Value: 2, Author: "bureau", DecidedOn: workday.DateOf(from), Basis: "解释1号"}}
		if err := r.AddEdition(t.Context(), store.Edition{Name: "2026/1", From: from}, change, "tester"); err != nil {
			t.Fatal(err)
		}
		if edition, err := r.CurrentEdition(t.Context()); edition != regulation.Edition1 || err != nil {
			t.Errorf("before it begins: %s, %v", edition, err)
		}
		r.Clock.Forward(time.Hour)
		if edition, err := r.CurrentEdition(t.Context()); edition != "2026/1" || err != nil {
			t.Errorf("from its beginning on: %s, %v", edition, err)
		}
		for edition, want := range map[string]int{regulation.Edition1: 1, "2026/1": 2} {
			p, err := r.Params(t.Context(), edition)
			if err != nil || p.Days(regulation.SignDays) != want || p.Days(regulation.RectificationDays) != 15 {
				t.Errorf("%s: sign in %d days, %v", edition, p.Days(regulation.SignDays), err)
			}
		}
		if list, err := r.Editions(t.Context()); err != nil || len(list) != 2 || list[0].Name != "2026/1" || !list[0].From.Equal(from) {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestEditionRefusals(t *testing.T) {
	at := storetest.Start.Add(time.Hour)
	value := func(name string, n int, basis string) []store.Parameter {
		return []store.Parameter{{Name: name, Value: n, Author: "bureau", DecidedOn: workday.DateOf(at), Basis: basis}}
	}
	cases := map[string]struct {
		edition store.Edition
		values  []store.Parameter
		code    regulation.Code
	}{
		"an unknown parameter":   {store.Edition{Name: "x", From: at}, value("colour", 1, "b"), regulation.Invalid},
		"a negative value":       {store.Edition{Name: "x", From: at}, value(regulation.SignDays, -1, "b"), regulation.Invalid},
		"no basis":               {store.Edition{Name: "x", From: at}, value(regulation.SignDays, 1, ""), regulation.Invalid},
		"a name that is taken":   {store.Edition{Name: regulation.Edition1, From: at}, nil, regulation.Conflict},
		"before the regulation":  {store.Edition{Name: "x", From: time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)}, nil, regulation.NotFound},
		"at another's beginning": {store.Edition{Name: "x", From: workday.NewDate(2019, 12, 27).Start()}, nil, regulation.Conflict},
	}
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		for name, c := range cases {
			if err := r.AddEdition(t.Context(), c.edition, c.values, "tester"); !refused(err, c.code) {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		if n := count(t, r, "editions"); n != 1 {
			t.Errorf("%d editions", n)
		}
	})
}

func TestCalendarLayers(t *testing.T) {
	const head = "date,kind,holiday\n"
	layer := func(area, version, days string) store.CalendarLayer {
		return store.CalendarLayer{Area: area, Name: "n" + area, Version: version, Days: head + days, Basis: "通知"}
	}
	day := workday.NewDate(2026, 11, 24)
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		other := r.Again(t)
		works := func(area string) bool {
			t.Helper()
			c, err := r.Calendar(t.Context(), area)
			if err != nil {
				t.Fatal(err)
			}
			return c.IsWorkday(day)
		}
		add := func(l store.CalendarLayer) {
			t.Helper()
			if err := other.AddCalendarLayer(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
		if !works("513300") || !works("513301") {
			t.Fatal("a Tuesday is off")
		}
		add(layer("513301", "1", "2026-11-24,off,县庆\n"))
		if !works("513300") || works("513301") || !works("513322") {
			t.Error("a county's layer counts elsewhere, or not at home")
		}
		add(layer("513300", "1", "2026-11-24,off,州庆\n"))
		if works("513300") || works("513322") {
			t.Error("the prefecture's layer does not count everywhere")
		}
		add(layer("513322", "1", "2026-11-24,work,补班\n"))
		if !works("513322") || works("513300") {
			t.Error("the county's layer does not win over the prefecture's")
		}
		c, _ := r.Calendar(t.Context(), "513300")
		if c.Noticed(2027) {
			t.Error("2027 is noticed without a notice")
		}
		add(layer("", "2027", "2027-01-01,off,元旦\n"))
		if c, _ := r.Calendar(t.Context(), "513301"); !c.Noticed(2027) {
			t.Error("the notice does not reach the counties")
		}
		if err := r.AddCalendarLayer(t.Context(), layer("513301", "1", "")); !refused(err, regulation.Conflict) {
			t.Errorf("twice: %v", err)
		}
	})
}
