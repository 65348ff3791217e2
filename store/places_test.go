package store_test

import (
	"errors"
	"slices"
	"testing"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seed"
	"haochaping/store/storetest"
	"haochaping/workday"
)

func notFound(err error) bool {
	var refusal *regulation.Error
	return errors.As(err, &refusal) && refusal.Code == regulation.NotFound
}

// serving counts the people whom the seed puts at a window.
func serving(d seed.Data, window string) (n int) {
	for _, duty := range d.Roster {
		if duty.Window == window {
			n++
		}
	}
	return n
}

func windowWith(t *testing.T, d seed.Data, people int) seed.Window {
	t.Helper()
	for _, w := range d.Windows {
		if serving(d, w.ID) == people {
			return w
		}
	}
	t.Fatalf("no window is served by %d", people)
	return seed.Window{}
}

func target(t *testing.T, r *storetest.Record, code string) store.Target {
	t.Helper()
	found, err := r.Target(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWindowCode(t *testing.T) {
	d := seedData(t)
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		t.Run("one serves", func(t *testing.T) {
			w := windowWith(t, d, 1)
			found := target(t, r, w.Code)
			place := found.Place("")
			if found.Window.ID != w.ID || place.Rated.Unit != w.Unit || place.Rated.Hall != w.Hall || place.Rated.Staff == "" {
				t.Errorf("%+v", place)
			}
		})
		t.Run("two serve", func(t *testing.T) {
			found := target(t, r, windowWith(t, d, 2).Code)
			second := found.Serving[1].StaffID
			if found.Place("").Rated.Staff != "" || found.Place(second).Rated.Staff != second || found.Place("st9999").Rated.Staff != "" {
				t.Errorf("nobody, %q or a stranger chosen: %+v", second, found.Serving)
			}
		})
		t.Run("nobody serves", func(t *testing.T) {
			place := target(t, r, windowWith(t, d, 0).Code).Place("")
			if place.Rated.Staff != "" || !slices.Equal(place.Gaps, []string{"photo", "name", "post", "position"}) {
				t.Errorf("%+v", place)
			}
		})
	})
}

func TestMatterAndProjectCodes(t *testing.T) {
	d := seedData(t)
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		m := d.Matters[0]
		place := target(t, r, m.Code).Place("")
		if place.Rated.Matter != m.ID || place.Rated.Unit != m.Unit || place.Rated.Window != "" || place.Gaps != nil {
			t.Errorf("matter: %+v", place)
		}
		if place.Area != "513301" || place.Authority != "513301-authority" || place.Upper != "513300-authority" {
			t.Errorf("matter: %+v", place)
		}
		p := d.Projects[0]
		found := target(t, r, p.Code)
		place = found.Place("")
		want := regulation.Rated{Unit: found.Matter.UnitID, Hall: found.Window.HallID, Window: p.Window, Staff: p.Staff, Matter: p.Matter}
		if place.Rated != want || place.ProjectNo != p.Number || place.MatterStatus != string(p.Status) || place.DeliveryUsed != p.DeliveryUsed {
			t.Errorf("project: %+v", place)
		}
		if place.Area != regulation.PrefectureArea || place.Upper != "" {
			t.Errorf("project of the prefecture: %+v", place)
		}
		byNumber, err := r.ProjectTarget(t.Context(), p.Number)
		if err != nil || byNumber.Project != found.Project {
			t.Errorf("by number: %+v, %v", byNumber.Project, err)
		}
		if byID, err := r.WindowTarget(t.Context(), p.Window); err != nil || byID.Window != found.Window {
			t.Errorf("by window: %+v, %v", byID.Window, err)
		}
	})
}

func TestUnknownCodes(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		w := seedData(t).Windows[0]
		for _, code := range []string{"", "AAAAAAAAAAAA", w.Code[:11], w.Code + " ", w.ID} {
			if _, err := r.Target(t.Context(), code); !notFound(err) {
				t.Errorf("code %q: %v", code, err)
			}
		}
		if _, err := r.ProjectTarget(t.Context(), "1"); !notFound(err) {
			t.Error(err)
		}
		if _, err := r.WindowTarget(t.Context(), "1"); !notFound(err) {
			t.Error(err)
		}
		if _, err := r.Profile(t.Context(), "nobody"); !notFound(err) {
			t.Error(err)
		}
	})
}

func TestListsOfAPlace(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		windows, err := r.Windows(t.Context(), "513300-hall")
		if err != nil || len(windows) < 2 || windows[0].Number != "A01" {
			t.Errorf("%+v, %v", windows, err)
		}
		matters, err := r.Matters(t.Context(), "513301-psb")
		if err != nil || len(matters) == 0 || matters[0].ID != "513301-psb-m01" {
			t.Errorf("%+v, %v", matters, err)
		}
	})
}

func TestGapsOfAProfile(t *testing.T) {
	full := store.Profile{NameZH: "甲", Post: "受理岗", Position: "科员", Portrait: "f-1"}
	cases := map[string]struct {
		change func(*store.Profile)
		want   []string
	}{
		"nothing missing":  {func(*store.Profile) {}, nil},
		"no photo":         {func(p *store.Profile) { p.Portrait = "" }, []string{"photo"}},
		"no name, no post": {func(p *store.Profile) { p.NameZH, p.Post = "", "" }, []string{"name", "post"}},
		"no position":      {func(p *store.Profile) { p.Position = "" }, []string{"position"}},
	}
	for name, c := range cases {
		p := full
		if c.change(&p); !slices.Equal(p.Gaps(), c.want) {
			t.Errorf("%s: %v", name, p.Gaps())
		}
	}
}

func TestProfileVersionsStay(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		before, err := r.Profile(t.Context(), "st0001")
		if err != nil || before.Version != 1 {
			t.Fatal(before, err)
		}
		after := before
		after.Position, after.Version = "窗口首席代表", 2
		if version, err := r.PublishProfile(t.Context(), after, "tester"); version != 2 || err != nil {
			t.Fatal(version, err)
		}
		if got, err := r.Profile(t.Context(), "st0001"); got != after || err != nil {
			t.Errorf("newest: %+v, %v", got, err)
		}
		if got, err := r.ProfileVersion(t.Context(), "st0001", 1); got != before || err != nil {
			t.Errorf("version 1: %+v, %v", got, err)
		}
		names, err := r.StaffNames(t.Context(), "st0001", "nobody")
		if err != nil || len(names) != 1 || names["st0001"] != before.NameZH {
			t.Errorf("names %v, %v", names, err)
		}
		if _, err := r.PublishProfile(t.Context(), store.Profile{StaffID: "nobody"}, "tester"); !notFound(err) {
			t.Error(err)
		}
	})
}

func TestRosterByDay(t *testing.T) {
	d := seedData(t)
	w := windowWith(t, d, 0)
	first, last := workday.NewDate(2026, 12, 1), workday.NewDate(2026, 12, 4)
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		if err := r.LoadDemo(t).PutOnRoster(t.Context(), w.ID, "st0001", first, last); err != nil {
			t.Fatal(err)
		}
		if err := r.PutOnRoster(t.Context(), w.ID, "st0002", last, workday.Date{}); err != nil {
			t.Fatal(err)
		}
		for day, want := range map[workday.Date][]string{
			first.AddDays(-1): nil, first: {"st0001"}, last: {"st0002", "st0001"}, last.AddDays(1): {"st0002"},
		} {
			found, err := r.Serving(t.Context(), w.ID, day)
			var got []string
			for _, p := range found {
				got = append(got, p.StaffID)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v; %v", day, got, want, err)
			}
		}
	})
}
