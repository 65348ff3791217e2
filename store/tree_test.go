package store_test

import (
	"errors"
	"slices"
	"testing"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

func demoTree(t *testing.T, r *storetest.Record) *store.Tree {
	t.Helper()
	tree, err := r.LoadDemo(t).Tree(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func ids(orgs []store.Org) (list []string) {
	for _, o := range orgs {
		list = append(list, o.ID)
	}
	return list
}

func TestAuthorityOfTheSameLevel(t *testing.T) {
	cases := map[string]struct{ org, authority, upper string }{
		"a unit of the prefecture":  {"513300-mkt", "513300-authority", ""},
		"the prefecture's hall":     {"513300-hall", "513300-authority", ""},
		"the hotline":               {"513300-12345", "513300-authority", ""},
		"a unit of a county":        {"513301-psb", "513301-authority", "513300-authority"},
		"the county's authority":    {"513322-authority", "513322-authority", "513300-authority"},
		"a township":                {"513301101", "513301-authority", "513300-authority"},
		"the prefecture itself":     {"513300", "513300-authority", ""},
		"a place that is not there": {"nowhere", "", ""},
	}
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		tree := demoTree(t, r)
		for name, c := range cases {
			authority, known := tree.Authority(c.org)
			upper, above := tree.Upper(c.org)
			if authority.ID != c.authority || known != (c.authority != "") || upper.ID != c.upper || above != (c.upper != "") {
				t.Errorf("%s: %q under %q, want %q under %q", name, authority.ID, upper.ID, c.authority, c.upper)
			}
		}
	})
}

func TestTreeUpAndDown(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		tree := demoTree(t, r)
		if got := ids(tree.Ancestors("513301101")); !slices.Equal(got, []string{"513301", "513300"}) {
			t.Errorf("above a township: %v", got)
		}
		if got := tree.Ancestors("513300"); got != nil {
			t.Errorf("above the prefecture: %v", got)
		}
		if got := len(tree.Below("513300")); got != len(tree.Orgs()) {
			t.Errorf("%d of %d places are below the prefecture", got, len(tree.Orgs()))
		}
		if got := ids(tree.Children("")); !slices.Equal(got, []string{"513300"}) {
			t.Errorf("the tree has the roots %v", got)
		}
		county := ids(tree.Below("513301"))
		if !slices.Contains(county, "513301101") || slices.Contains(county, "513322") {
			t.Errorf("below Kangding: %v", county)
		}
		if tree.Below("nowhere") != nil {
			t.Error("something is below a place that is not there")
		}
		if n := len(tree.Orgs(regulation.OrgTownship)); n != 289 {
			t.Errorf("%d townships", n)
		}
	})
}

func TestAPlaceAddedElsewhereIsSeenAtOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		demoTree(t, r)
		o := store.Org{ID: "513301-new", Parent: "513301", Kind: regulation.OrgDepartment, Area: "513301", Division: "513301",
			NameZH: "新部门", NameEN: "New department"}
		if err := r.Again(t).AddOrg(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		tree, err := r.Tree(t.Context())
		if got, known := tree.Org(o.ID); got != o || !known || err != nil {
			t.Errorf("%+v, %t, %v", got, known, err)
		}
		var refusal *regulation.Error
		if err := r.AddOrg(t.Context(), o); !errors.As(err, &refusal) || refusal.Code != regulation.Conflict {
			t.Errorf("added twice: %v", err)
		}
	})
}
