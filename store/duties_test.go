package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

func acquire(t *testing.T, r *storetest.Record, holder string) (int64, bool) {
	t.Helper()
	token, ok, err := r.AcquireLease(t.Context(), "sweeper", holder, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return token, ok
}

func fence(t *testing.T, r *storetest.Record, token int64) error {
	t.Helper()
	return store.Tx(r.Store, t.Context(), func(tx *gorm.DB) error { return store.HoldsLease(tx, "sweeper", token) })
}

func TestLease(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		if err := fence(t, r, 1); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("a lease that nobody took: %v", err)
		}
		first, ok := acquire(t, r, "a")
		if _, other := acquire(t, r, "b"); !ok || other {
			t.Fatalf("a holds it: %t, b too: %t", ok, other)
		}
		r.Clock.Forward(9 * time.Second)
		if token, ok := acquire(t, r, "a"); !ok || token != first {
			t.Errorf("renewed: %t with token %d, want %d", ok, token, first)
		}
		r.Clock.Forward(9 * time.Second)
		if _, other := acquire(t, r, "b"); other {
			t.Error("the renewal did not count")
		}
		r.Clock.Forward(time.Second)
		second, ok := acquire(t, r, "b")
		if !ok || second <= first {
			t.Errorf("taken over: %t with token %d after %d", ok, second, first)
		}
		if err := fence(t, r, first); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("the old holder passes the fence: %v", err)
		}
		if err := fence(t, r, second); err != nil {
			t.Errorf("the new holder does not: %v", err)
		}
		if err := r.ReleaseLease(t.Context(), "sweeper", first); err != nil {
			t.Error(err)
		}
		if _, ok := acquire(t, r, "a"); ok {
			t.Error("the old holder released the new one's lease")
		}
		if err := r.ReleaseLease(t.Context(), "sweeper", second); err != nil {
			t.Error(err)
		}
		if third, ok := acquire(t, r, "a"); !ok || third <= second {
			t.Errorf("after a release: %t with token %d", ok, third)
		}
	})
}

func TestHolderWhoSleptGetsANewToken(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		first, _ := acquire(t, r, "a")
		r.Clock.Forward(time.Minute)
		if second, ok := acquire(t, r, "a"); !ok || second != first+1 {
			t.Errorf("token %d after %d, %t", second, first, ok)
		}
	})
}

func TestOneOfManyGetsALease(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		var holders []string
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			wg.Go(func() {
				_, ok, err := r.AcquireLease(t.Context(), "sweeper", name, time.Minute)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				} else if ok {
					holders = append(holders, name)
				}
			})
		}
		wg.Wait()
		if len(holders) != 1 {
			t.Errorf("holders: %v", holders)
		}
	})
}

func TestNumbersAreDenseUnderLoadAndRollback(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		undo := errors.New("undo")
		var wg sync.WaitGroup
		var mu sync.Mutex
		var taken []int64
		for range 6 {
			wg.Go(func() {
				for i := range 10 {
					var n int64
					err := store.Tx(r.Store, t.Context(), func(tx *gorm.DB) (err error) {
						if n, err = store.NextNumber(tx, "513301-authority", 2026, "case"); err == nil && i%3 == 1 {
							err = undo
						}
						return err
					})
					mu.Lock()
					if err == nil {
						taken = append(taken, n)
					} else if !errors.Is(err, undo) {
						t.Error(err)
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		slices.Sort(taken)
		for i, n := range taken {
			if n != int64(i+1) {
				t.Fatalf("numbers %v", taken)
			}
		}
		if len(taken) != 42 {
			t.Errorf("%d numbers, want 42", len(taken))
		}
	})
}

func TestSessions(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		x, now := r.Sessions(), r.Clock.Now()
		commit := func(token, data string, expiry time.Time) {
			t.Helper()
			if err := x.CommitCtx(t.Context(), token, []byte(data), expiry); err != nil {
				t.Fatal(err)
			}
		}
		look := func(token string) string {
			t.Helper()
			data, found, err := x.FindCtx(t.Context(), token)
			if err != nil || found != (data != nil) {
				t.Fatal(found, err)
			}
			return string(data)
		}
		commit("long", "first", now.Add(time.Hour))
		commit("long", "second", now.Add(time.Hour))
		commit("short", "x", now.Add(time.Minute))
		commit("gone", "y", now.Add(time.Hour))
		if err := x.Delete("gone"); err != nil {
			t.Fatal(err)
		}
		if err := x.Delete("never there"); err != nil {
			t.Error(err)
		}
		if look("long") != "second" || look("short") != "x" || look("gone") != "" || look("") != "" {
			t.Errorf("%q %q %q", look("long"), look("short"), look("gone"))
		}
		var hashes []string
		store.Rows(r.Store, t.Context()).Table("sessions").Pluck("token_hash", &hashes)
		if len(hashes) != 2 || slices.Contains(hashes, "long") || len(hashes[0]) != 64 {
			t.Errorf("stored: %v", hashes)
		}
		r.Clock.Forward(time.Minute)
		if look("short") != "" {
			t.Error("an expired session is found")
		}
		if n, err := r.SweepSessions(t.Context()); n != 1 || err != nil {
			t.Errorf("swept %d, %v", n, err)
		}
		if look("long") != "second" {
			t.Error("the sweep took a live session")
		}
	})
}

func TestAuditLogWithinAScope(t *testing.T) {
	lines := []store.AuditEntry{
		{Person: "a", Action: "export", Area: "513301", Unit: "513301-psb", Outcome: "done"},
		{Person: "b", Action: "reveal", Area: "513322", Unit: "513322-psb", Outcome: "done", Purpose: "callback"},
		{Person: "a", Action: "reveal", Area: "513300", Outcome: "done"},
	}
	cases := map[string]struct {
		scope regulation.Scope
		query store.AuditQuery
		want  []int
	}{
		"all":               {regulation.Scope{All: true}, store.AuditQuery{}, []int{2, 1, 0}},
		"nothing":           {regulation.Scope{}, store.AuditQuery{}, nil},
		"one area":          {regulation.Scope{Areas: []string{"513322"}}, store.AuditQuery{}, []int{1}},
		"area or unit":      {regulation.Scope{Areas: []string{"513300"}, Units: []string{"513301-psb"}}, store.AuditQuery{}, []int{2, 0}},
		"a person":          {regulation.Scope{All: true}, store.AuditQuery{Person: "a"}, []int{2, 0}},
		"a person in scope": {regulation.Scope{Areas: []string{"513322"}}, store.AuditQuery{Person: "a"}, nil},
		"an action":         {regulation.Scope{All: true}, store.AuditQuery{Action: "reveal"}, []int{2, 1}},
		"the newest":        {regulation.Scope{All: true}, store.AuditQuery{Limit: 1}, []int{2}},
	}
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		for _, line := range lines {
			if err := r.Audit(t.Context(), line); err != nil {
				t.Fatal(err)
			}
			r.Clock.Forward(time.Second)
		}
		for name, c := range cases {
			entries, err := r.AuditLog(t.Context(), c.scope, c.query)
			if err != nil || len(entries) != len(c.want) {
				t.Errorf("%s: %+v, %v", name, entries, err)
				continue
			}
			for i, e := range entries {
				want := lines[c.want[i]]
				want.ID, want.At = e.ID, storetest.Start.Add(time.Duration(c.want[i])*time.Second)
				if e != want {
					t.Errorf("%s: %+v, want %+v", name, e, want)
				}
			}
		}
		page, err := r.AuditLog(t.Context(), regulation.Scope{All: true}, store.AuditQuery{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		rest, err := r.AuditLog(t.Context(), regulation.Scope{All: true}, store.AuditQuery{Before: page[1].ID})
		if err != nil || len(rest) != 1 || rest[0].Action != "export" {
			t.Errorf("the second page: %+v, %v", rest, err)
		}
	})
}

func TestChangesOfPeopleAreAudited(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		person := newAccount(t, r.LoadDemo(t), "anna")
		steps := []error{
			r.Appoint(t.Context(), person, regulation.Verifier, "513301-authority", r.Clock.Now(), "tester"),
			r.Dismiss(t.Context(), person, regulation.Verifier, "513301-authority", "tester"),
			r.SetPassword(t.Context(), person, password, false, "tester"),
			r.DisableAccount(t.Context(), person, "tester"),
			r.EnableAccount(t.Context(), person, "tester"),
		}
		if err := errors.Join(steps...); err != nil {
			t.Fatal(err)
		}
		entries, err := r.AuditLog(t.Context(), regulation.Scope{All: true}, store.AuditQuery{Person: "tester"})
		var actions []string
		for _, e := range entries {
			if e.ObjectID != person {
				t.Errorf("%+v", e)
			}
			actions = append(actions, e.Action)
		}
		want := []string{"enable_account", "disable_account", "set_password", "dismiss", "appoint", "create_account"}
		if err != nil || !slices.Equal(actions, want) {
			t.Errorf("%v, %v", actions, err)
		}
		county, err := r.AuditLog(t.Context(), regulation.Scope{Areas: []string{"513301"}}, store.AuditQuery{})
		if err != nil || len(county) != 5 { // all but the creation: nobody had appointed her anywhere then
			t.Errorf("the county's lines: %+v, %v", county, err)
		}
	})
}

// A turn whose process ended is taken up again, three times at most; one that was ended is not.
func TestTurnOfADeadProcessIsTakenUpAgain(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		turn := r.Clock.Now()
		begin := func(want bool) {
			t.Helper()
			if ok, err := r.BeginVerification(t.Context(), turn, store.OriginSchedule); err != nil || ok != want {
				t.Errorf("begun %t, want %t, %v", ok, want, err)
			}
		}
		open := func(want bool) {
			t.Helper()
			if ok, err := r.TurnOpen(t.Context(), turn); err != nil || ok != want {
				t.Errorf("open %t, want %t, %v", ok, want, err)
			}
		}
		for range 3 {
			open(true)
			begin(true)
		}
		open(false)
		begin(false)
		turn = turn.Add(24 * time.Hour)
		open(true)
		begin(true)
		if err := r.EndVerification(t.Context(), turn, nil, nil); err != nil {
			t.Fatal(err)
		}
		open(false)
		begin(false)
	})
}
