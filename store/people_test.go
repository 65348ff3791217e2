package store_test

import (
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

func holds(t *testing.T, r *storetest.Record, person string, role regulation.Role, org string) bool {
	t.Helper()
	actor, err := r.Actor(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(actor.Assignments, func(a regulation.Assignment) bool { return a.Role == role && a.Org == org })
}

func TestActorOfTheDemo(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		actor, err := r.Actor(t.Context(), r.Person(t, "gz-head"))
		want := regulation.Assignment{Role: regulation.AuthorityHead, Org: "513300-authority", Area: "513300"}
		if err != nil || !slices.Contains(actor.Assignments, want) || actor.Staff != "" {
			t.Errorf("%+v, %v", actor, err)
		}
		if _, err := r.Actor(t.Context(), "nobody"); !notFound(err) {
			t.Error(err)
		}
	})
}

// A right withdrawn by one process ends at once in every other.
func TestWithdrawnRightEndsAtOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		other := r.LoadDemo(t).Again(t)
		person := r.Person(t, "gz-verifier-1")
		if !holds(t, r, person, regulation.Verifier, "513300-authority") {
			t.Fatal("the seed's verifier is none")
		}
		if err := other.Dismiss(t.Context(), person, regulation.Verifier, "513300-authority", "tester"); err != nil {
			t.Fatal(err)
		}
		if holds(t, r, person, regulation.Verifier, "513300-authority") {
			t.Error("the right lasts on in the first process")
		}
	})
}

func TestAppointmentsInTime(t *testing.T) {
	const org = "513301-authority"
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		person := newAccount(t, r.LoadDemo(t), "anna")
		start := r.Clock.Now().Add(time.Hour)
		if err := r.Appoint(t.Context(), person, regulation.Verifier, org, start, "tester"); err != nil {
			t.Fatal(err)
		}
		if holds(t, r, person, regulation.Verifier, org) {
			t.Error("holds the role before it begins")
		}
		r.Clock.Forward(time.Hour)
		if !holds(t, r, person, regulation.Verifier, org) {
			t.Error("does not hold the role when it begins")
		}
		r.Clock.Forward(time.Hour)
		if err := r.Dismiss(t.Context(), person, regulation.Verifier, org, "tester"); err != nil {
			t.Fatal(err)
		}
		if holds(t, r, person, regulation.Verifier, org) {
			t.Error("still holds the role")
		}
		if err := r.Dismiss(t.Context(), person, regulation.Verifier, org, "tester"); !notFound(err) {
			t.Errorf("dismissed twice: %v", err)
		}
		if err := r.Appoint(t.Context(), person, regulation.Verifier, org, start, "tester"); !refused(err, regulation.Conflict) {
			t.Errorf("appointed twice from one instant: %v", err)
		}
		for _, role := range []regulation.Role{regulation.System, regulation.Citizen, "king"} {
			if err := r.Appoint(t.Context(), person, role, org, start, "tester"); !refused(err, regulation.Invalid) {
				t.Errorf("appointed as %s: %v", role, err)
			}
		}
	})
}

func TestRosterOfAPlace(t *testing.T) {
	const org = "513322-authority"
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		verifiers := func() (list []string) {
			t.Helper()
			roster, err := r.Roster(t.Context(), org)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range roster {
				for _, a := range p.Assignments {
					if a.Role == regulation.Verifier && a.Org == org {
						list = append(list, p.ID)
					}
				}
			}
			return list
		}
		r.LoadDemo(t)
		before := verifiers()
		if len(before) < 2 {
			t.Fatalf("verifiers of Luding: %v", before)
		}
		if err := r.DisableAccount(t.Context(), before[0], "tester"); err != nil {
			t.Fatal(err)
		}
		if after := verifiers(); slices.Contains(after, before[0]) || len(after) != len(before)-1 {
			t.Errorf("a closed account stays eligible: %v of %v", after, before)
		}
		if _, err := r.Actor(t.Context(), before[0]); !notFound(err) {
			t.Errorf("a closed account still acts: %v", err)
		}
		everybody, err := r.Roster(t.Context())
		if err != nil || len(everybody) < 100 {
			t.Errorf("%d people, %v", len(everybody), err)
		}
		if nobody, err := r.Roster(t.Context(), "513323-authority"); len(nobody) != 0 || err != nil {
			t.Errorf("Danba has %v, %v", nobody, err)
		}
	})
}

func TestAccountsWithinAScope(t *testing.T) {
	cases := map[string]struct {
		scope         regulation.Scope
		luding, anyof bool
	}{
		"everything":     {regulation.Scope{All: true}, true, true},
		"the county":     {regulation.Scope{Areas: []string{"513322"}}, true, true},
		"another county": {regulation.Scope{Areas: []string{"513301"}}, false, true},
		"one unit":       {regulation.Scope{Units: []string{"513322-authority"}}, true, true},
		"the empty":      {regulation.Scope{}, false, false},
		"a staff member": {regulation.Scope{Staff: "st0001"}, false, false},
	}
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		roster, err := r.Roster(t.Context(), "513322-authority")
		if err != nil || len(roster) == 0 {
			t.Fatal(roster, err)
		}
		for name, c := range cases {
			accounts, err := r.Accounts(t.Context(), c.scope)
			luding := false
			for _, a := range accounts {
				luding = luding || a.Person == roster[0].ID
			}
			if err != nil || luding != c.luding || (len(accounts) > 0) != c.anyof {
				t.Errorf("%s: %d accounts, Luding's %t; %v", name, len(accounts), luding, err)
			}
		}
	})
}

// A role is held at places of its kind only, once at a time; who is made with a wrong one is not
// made at all.
func TestARoleSuitsItsPlace(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		person := newAccount(t, r.LoadDemo(t), "anna")
		now := r.Clock.Now()
		for _, org := range []string{"513301-psb", "nowhere"} {
			if err := r.Appoint(t.Context(), person, regulation.Verifier, org, now, "tester"); !refused(err, regulation.Invalid) {
				t.Errorf("a verifier at %s: %v", org, err)
			}
		}
		if err := r.Appoint(t.Context(), person, regulation.Verifier, "513301-authority", now, "tester"); err != nil {
			t.Fatal(err)
		}
		if err := r.Appoint(t.Context(), person, regulation.Verifier, "513301-authority", now.Add(time.Hour), "tester"); !refused(err, regulation.Conflict) {
			t.Errorf("appointed to what they hold: %v", err)
		}
		if _, err := r.Engage(t.Context(), store.NewAccount{Login: "berta", NameZH: "乙"}, regulation.Verifier, "513301-psb", "tester"); !refused(err, regulation.Invalid) {
			t.Error(err)
		}
		if _, err := r.AccountByLogin(t.Context(), "berta"); !notFound(err) {
			t.Errorf("an account without a role is left over: %v", err)
		}
		made, err := r.Engage(t.Context(), store.NewAccount{Login: "berta", NameZH: "乙"}, regulation.Verifier, "513301-authority", "tester")
		if err != nil || !holds(t, r, made, regulation.Verifier, "513301-authority") {
			t.Error(err)
		}
	})
}

// Accounts are found by part of a name or login, by place and by role, within the scope, and walked
// page by page there and back.
func TestAccountsAreFoundAndPaged(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		kangding := regulation.Scope{Areas: []string{"513301"}}
		find := func(scope regulation.Scope, q store.AccountQuery) store.AccountPage {
			t.Helper()
			p, err := r.FindAccounts(t.Context(), scope, q)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		for name, c := range map[string]struct {
			scope regulation.Scope
			q     store.AccountQuery
			want  int64
		}{
			"login":                {kangding, store.AccountQuery{Name: "PSB-h"}, 3},
			"elsewhere":            {kangding, store.AccountQuery{Name: "ld-verifier"}, 0},
			"everywhere":           {regulation.Scope{All: true}, store.AccountQuery{Name: "ld-verifier-1"}, 1},
			"not a pattern":        {kangding, store.AccountQuery{Name: "kd%head"}, 0},
			"underscore":           {kangding, store.AccountQuery{Name: "kd_psb"}, 0},
			"role":                 {kangding, store.AccountQuery{Role: regulation.DisciplineOfficer}, 2},
			"place":                {kangding, store.AccountQuery{Place: "康定市公安局", Role: regulation.UnitHead}, 1},
			"not two posts in one": {kangding, store.AccountQuery{Place: "公安", Role: regulation.Verifier}, 0},
			"nobody's":             {regulation.Scope{}, store.AccountQuery{}, 0},
		} {
			if p := find(c.scope, c.q); p.Total != c.want || int64(len(p.Accounts)) != c.want {
				t.Errorf("%s: %d of %d, want %d", name, len(p.Accounts), p.Total, c.want)
			}
		}
		head := find(kangding, store.AccountQuery{Name: "kd-psb-head"}).Accounts[0]
		if err := r.Dismiss(t.Context(), head.Person, regulation.UnitHead, "513301-psb", "tester"); err != nil {
			t.Fatal(err)
		}
		if p := find(kangding, store.AccountQuery{Role: regulation.UnitHead, Place: "公安"}); p.Total != 0 {
			t.Errorf("a post that was left finds %d", p.Total)
		}
		if p := find(kangding, store.AccountQuery{Name: "kd-psb-head"}); p.Total != 1 {
			t.Error("who was dismissed is not found any more")
		}
		var there, back []string
		last := find(kangding, store.AccountQuery{Limit: 20})
		for p := last; ; p = find(kangding, store.AccountQuery{Limit: 20, Cursor: p.Next}) {
			last = p
			for _, a := range p.Accounts {
				there = append(there, a.Login)
			}
			if p.Next == "" {
				break
			}
		}
		for p := last; ; p = find(kangding, store.AccountQuery{Limit: 20, Cursor: p.Prev}) {
			for _, a := range slices.Backward(p.Accounts) {
				back = append(back, a.Login)
			}
			if p.Prev == "" {
				break
			}
		}
		slices.Reverse(back)
		if int64(len(there)) != last.Total || !slices.IsSorted(there) || !slices.Equal(there, back) {
			t.Errorf("there %v, back %v, of %d", there, back, last.Total)
		}
	})
}
