package store_test

import (
	"sync"
	"testing"

	"haochaping/store"
	"haochaping/store/seed"
	"haochaping/store/storetest"
)

func seedData(t *testing.T) seed.Data {
	t.Helper()
	d, err := seed.Load()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func count(t *testing.T, r *storetest.Record, table string) (n int64) {
	t.Helper()
	if err := store.Rows(r.Store, t.Context()).Table(table).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLoadFillsEveryTableOnce(t *testing.T) {
	d := seedData(t)
	logins := map[string]bool{}
	for _, a := range d.Accounts {
		logins[a.Login] = true
	}
	want := map[string]int{
		"orgs": len(d.Orgs), "matters": len(d.Matters), "service_windows": len(d.Windows), "staff": len(d.Staff),
		"staff_profiles": len(d.Staff), "roster": len(d.Roster), "projects": len(d.Projects), "accounts": len(logins),
		"assignments": len(d.Accounts), "rating_options": 40, "dimensions": 6,
	}
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		for range 2 { // the second time nothing happens
			r.LoadDemo(t)
			for table, n := range want {
				if got := count(t, r, table); got != int64(n) {
					t.Errorf("%s: %d rows, want %d", table, got, n)
				}
			}
		}
	})
}

func TestTwoProcessesMayLoadAtOnce(t *testing.T) {
	d := seedData(t)
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		var wg sync.WaitGroup
		for _, s := range []*store.Store{r.Store, r.Again(t).Store, r.Again(t).Store} {
			wg.Go(func() {
				if err := s.Load(t.Context(), d, true); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := count(t, r, "orgs"); got != int64(len(d.Orgs)) {
			t.Errorf("%d organisations, want %d", got, len(d.Orgs))
		}
	})
}

func TestDemoIsWhatWasCreatedAsOne(t *testing.T) {
	d := seedData(t)
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		if err := r.Load(t.Context(), store.Base(d), false); err != nil {
			t.Fatal(err)
		}
		r.LoadDemo(t) // too late: the database was loaded without
		if demo, err := r.Demo(t.Context()); demo || err != nil {
			t.Errorf("demo %t, %v", demo, err)
		}
		if n := count(t, r, "accounts"); n != 0 {
			t.Errorf("the base holds %d accounts", n)
		}
		tree, err := r.Tree(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range tree.Orgs() {
			if o.CreditCode != "" {
				t.Errorf("%s carries a made-up credit code", o.ID)
			}
		}
		if n := len(tree.Orgs("township")); n != 289 {
			t.Errorf("%d townships", n)
		}
	})
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		if demo, err := r.LoadDemo(t).Demo(t.Context()); !demo || err != nil {
			t.Errorf("demo %t, %v", demo, err)
		}
	})
}

func TestFacts(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		for _, want := range []string{"", "one", "two"} {
			if want != "" {
				if err := r.SetFact(t.Context(), "stage", want); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := r.Fact(t.Context(), "stage"); got != want || err != nil {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		}
	})
}

func TestChoicesAreThoseOfTheNationalTable(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		c, err := r.Choices(t.Context())
		if err != nil || len(c.Options) != 40 || c.Options["108"] != 1 {
			t.Errorf("%d options, 108 belongs to %d, %v", len(c.Options), c.Options["108"], err)
		}
		if len(c.Dimensions) != 6 || c.Dimensions[0] != "efficiency" || c.Dimensions[5] != "delivery" {
			t.Errorf("dimensions %v", c.Dimensions)
		}
		options, err := r.Options(t.Context())
		if err != nil || !options[0].ShownFirst || !options[2].ShownFirst || options[3].ShownFirst || options[0].TextEN == "" {
			t.Errorf("order of the options: %+v, %v", options[:4], err)
		}
	})
}
