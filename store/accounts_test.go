package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

const password = "correct horse battery"

func newAccount(t *testing.T, r *storetest.Record, login string) (person string) {
	t.Helper()
	person, err := r.CreateAccount(t.Context(), store.NewAccount{Login: login, Password: password, NameZH: "甲"}, "tester")
	if err != nil {
		t.Fatal(err)
	}
	return person
}

func refused(err error, code regulation.Code) bool {
	var refusal *regulation.Error
	return errors.As(err, &refusal) && refusal.Code == code
}

// outcomes lists what the audit log says of sign-ins, the newest first.
func outcomes(t *testing.T, r *storetest.Record) []string { return outcomesOf(t, r, "sign_in") }

func outcomesOf(t *testing.T, r *storetest.Record, action string) (list []string) {
	t.Helper()
	entries, err := r.AuditLog(t.Context(), regulation.Scope{All: true}, store.AuditQuery{Action: action})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Outcome)
	}
	return list
}

func TestSignIn(t *testing.T) {
	cases := map[string]struct {
		before          func(t *testing.T, r *storetest.Record, person string)
		login, password string
		outcome         string
	}{
		"the right password": {nil, "anna", password, store.OutcomeDone},
		"a wrong password":   {nil, "anna", password + "!", store.OutcomeWrong},
		"no password":        {nil, "anna", "", store.OutcomeWrong},
		"an unknown login":   {nil, "berta", password, store.OutcomeUnknown},
		"a closed account": {func(t *testing.T, r *storetest.Record, person string) {
			if err := r.DisableAccount(t.Context(), person, "tester"); err != nil {
				t.Fatal(err)
			}
		}, "anna", password, store.OutcomeDisabled},
	}
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		person := newAccount(t, r, "anna")
		for name, c := range cases {
			if c.before != nil {
				c.before(t, r, person)
			}
			account, err := r.SignIn(t.Context(), c.login, c.password)
			got := account.Person
			if c.outcome == store.OutcomeDone && (got != person || err != nil) {
				t.Errorf("%s: %q, %v", name, got, err)
			}
			if c.outcome != store.OutcomeDone && (got != "" || !refused(err, regulation.NotPermitted) || strings.Contains(err.Error(), c.outcome)) {
				t.Errorf("%s: %q, %v: want a refusal that tells no reason", name, got, err)
			}
			if last := outcomes(t, r)[0]; last != c.outcome {
				t.Errorf("%s: the audit log says %s, want %s", name, last, c.outcome)
			}
			if c.before != nil {
				if err := r.EnableAccount(t.Context(), person, "tester"); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func TestAccountLocksAfterFailuresInARow(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		o := r.Opened
		o.SignInFailures, o.SignInLock = 3, 10*time.Minute
		s, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		person := newAccount(t, r, "anna")
		try := func(word string) bool {
			t.Helper()
			got, err := s.SignIn(t.Context(), "anna", word)
			return got.Person == person && err == nil
		}
		if try("wrong") || try("wrong") || !try(password) {
			t.Fatal("two failures lock already")
		}
		if try("wrong") || try("wrong") || try("wrong") || try(password) {
			t.Error("three failures in a row do not lock")
		}
		r.Clock.Forward(10*time.Minute - time.Second)
		if try(password) {
			t.Error("the lock ended too early")
		}
		r.Clock.Forward(time.Second)
		if !try(password) {
			t.Error("the lock does not end")
		}
		for range 3 {
			try("wrong")
		}
		if err := s.SetPassword(t.Context(), person, "another long one", true, "tester"); err != nil {
			t.Fatal(err)
		}
		if got, err := s.SignIn(t.Context(), "anna", "another long one"); got.Person != person || err != nil {
			t.Errorf("a new password does not lift the lock: %v", err)
		}
	})
}

// However many guesses come at once, no more than the limit are compared.
func TestGuessesAtOnceAreBounded(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		newAccount(t, r, "anna")
		var wg sync.WaitGroup
		var through atomic.Int32
		for range 20 {
			wg.Go(func() {
				if _, err := r.SignIn(t.Context(), "anna", "wrong"); !refused(err, regulation.NotPermitted) {
					through.Add(1)
				}
			})
		}
		wg.Wait()
		wrong := 0
		for _, outcome := range outcomes(t, r) {
			if outcome == store.OutcomeWrong {
				wrong++
			}
		}
		if wrong != 5 || through.Load() != 0 {
			t.Errorf("%d guesses were compared, want 5; %d got another answer", wrong, through.Load())
		}
		if _, err := r.SignIn(t.Context(), "anna", password); err == nil {
			t.Error("the account is not locked")
		}
	})
}

func TestUnknownLoginTakesAsLong(t *testing.T) {
	r := storetest.SQLite(t)
	newAccount(t, r, "anna")
	other := newAccount(t, r, "carla")
	if err := r.DisableAccount(t.Context(), other, "tester"); err != nil {
		t.Fatal(err)
	}
	work := func(login string) []string {
		hashed := store.HashedBy(func() { _, _ = r.SignIn(t.Context(), login, "wrong") })
		if len(hashed) != 1 {
			t.Errorf("%s: %d passwords were hashed: %v", login, len(hashed), hashed)
		}
		return hashed
	}
	known := work("anna")
	for _, login := range []string{"berta", "carla", ""} {
		if as := work(login); !slices.Equal(as, known) {
			t.Errorf("%q is refused after hashing %v, a known login after %v", login, as, known)
		}
	}
}

func TestCountyAuditorSeesSignInsOfTheCounty(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		person := newAccount(t, r.LoadDemo(t), "anna")
		if err := r.Appoint(t.Context(), person, regulation.Verifier, "513322-authority", r.Clock.Now(), "tester"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.SignIn(t.Context(), "anna", password); err != nil {
			t.Fatal(err)
		}
		for area, want := range map[string]int{"513322": 1, "513301": 0} {
			lines, err := r.AuditLog(t.Context(), regulation.Scope{Areas: []string{area}}, store.AuditQuery{Action: "sign_in"})
			if err != nil || len(lines) != want {
				t.Errorf("%s: %+v, %v", area, lines, err)
			}
		}
	})
}

func TestCreateAccountRefusals(t *testing.T) {
	cases := map[string]struct {
		account store.NewAccount
		code    regulation.Code
		field   string
	}{
		"no login":            {store.NewAccount{NameZH: "甲"}, regulation.Invalid, "login"},
		"a padded login":      {store.NewAccount{Login: "anna ", NameZH: "甲"}, regulation.Invalid, "login"},
		"no name":             {store.NewAccount{Login: "a"}, regulation.Invalid, "name"},
		"a short password":    {store.NewAccount{Login: "a", NameZH: "甲", Password: "1234567"}, regulation.Invalid, "password"},
		"an endless password": {store.NewAccount{Login: "a", NameZH: "甲", Password: strings.Repeat("长", 129)}, regulation.Invalid, "password"},
		"a login taken":       {store.NewAccount{Login: "taken", NameZH: "甲"}, regulation.Conflict, ""},
	}
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		newAccount(t, r, "taken")
		for name, c := range cases {
			_, err := r.CreateAccount(t.Context(), c.account, "tester")
			var refusal *regulation.Error
			if !errors.As(err, &refusal) || refusal.Code != c.code || c.field != "" && refusal.Fields[c.field] == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := count(t, r, "accounts"); n != 1 {
			t.Errorf("%d accounts", n)
		}
		for name, err := range map[string]error{
			"disable":      r.DisableAccount(t.Context(), "nobody", "tester"),
			"set password": r.SetPassword(t.Context(), "nobody", password, false, "tester"),
		} {
			if !notFound(err) {
				t.Errorf("%s nobody: %v", name, err)
			}
		}
	})
}

func TestPasswordHash(t *testing.T) {
	hash := store.HashPassword(password)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, password) {
		t.Errorf("hash %s", hash)
	}
	if store.HashPassword(password) == hash {
		t.Error("two hashes of one password are equal: no salt")
	}
	parts := strings.Split(hash, "$")
	for name, c := range map[string]struct {
		hash, password string
		want           bool
	}{
		"the password":       {hash, password, true},
		"another":            {hash, password + " ", false},
		"none":               {hash, "", false},
		"an unusable hash":   {store.Unusable, "none", false},
		"another algorithm":  {strings.Replace(hash, "argon2id", "argon2i", 1), password, false},
		"a shortened hash":   {strings.Join(parts[:5], "$"), password, false},
		"too much memory":    {strings.Replace(hash, "m=19456", "m=99999999", 1), password, false},
		"no key in the hash": {strings.Join(append(parts[:5:5], ""), "$"), "", false},
	} {
		if got := store.PasswordMatches(c.hash, c.password); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestDemoAccountsHaveNoPassword(t *testing.T) {
	r := storetest.SQLite(t).LoadDemo(t)
	for _, guess := range []string{"", "none", "demo", "gz-head"} {
		if _, err := r.SignIn(t.Context(), "gz-head", guess); err == nil {
			t.Errorf("%q opens a demo account", guess)
		}
	}
}

func TestIDsTellNothing(t *testing.T) {
	a, b := store.NewID(), store.NewID()
	if len(a) != 26 || a == b || a[:4] == b[:4] {
		t.Errorf("%s, %s", a, b)
	}
}

// A password that somebody else set is to be changed, unless it was meant to last; each setting
// counts, and people loaded before learn of it.
func TestWhoSetThePasswordIsKept(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		person := newAccount(t, r, "anna")
		lasting, err := r.CreateAccount(t.Context(), store.NewAccount{Login: "berta", Password: password, Lasting: true, NameZH: "乙"}, "tester")
		if err != nil {
			t.Fatal(err)
		}
		look := func(person string) store.Account {
			t.Helper()
			people, err := r.People(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return people.Account(person)
		}
		if a, b := look(person), look(lasting); !a.FirstPassword || b.FirstPassword || !a.HasPassword {
			t.Errorf("new accounts: %+v, %+v", a, b)
		}
		if err := r.ChangePassword(t.Context(), person, password, "one of her own"); err != nil {
			t.Fatal(err)
		}
		if a := look(person); a.FirstPassword || a.Passwords != 1 {
			t.Errorf("after her own change: %+v", a)
		}
		if _, err := r.SignIn(t.Context(), "anna", password); err == nil {
			t.Error("the old password still opens")
		}
		if _, err := r.SignIn(t.Context(), "anna", "one of her own"); err != nil {
			t.Error(err)
		}
		for _, lasts := range []bool{false, true} {
			if err := r.SetPassword(t.Context(), person, password, lasts, "tester"); err != nil {
				t.Fatal(err)
			}
			if a := look(person); a.FirstPassword == lasts {
				t.Errorf("set as lasting %v: %+v", lasts, a)
			}
		}
	})
}

func TestOwnPasswordIsRefused(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		person := newAccount(t, r, "anna")
		cases := map[string]struct{ old, wanted, field, code string }{
			"too short":  {password, "short", "new_password", "too_short"},
			"the same":   {password, password, "new_password", "same_password"},
			"wrong":      {"wrong", "one of her own", "old_password", "wrong_password"},
			"wrong, bad": {"wrong", "short", "new_password", "too_short"},
		}
		for name, c := range cases {
			err := r.ChangePassword(t.Context(), person, c.old, c.wanted)
			var e *regulation.Error
			if !errors.As(err, &e) || e.Code != regulation.Invalid || e.Fields[c.field] != c.code {
				t.Errorf("%s: %v, want %s %s", name, err, c.field, c.code)
			}
		}
		for range 5 {
			r.ChangePassword(t.Context(), person, "wrong", "one of her own")
		}
		err := r.ChangePassword(t.Context(), person, password, "one of her own")
		var e *regulation.Error
		if !errors.As(err, &e) || e.Fields["old_password"] != "password_locked" {
			t.Errorf("after many wrong ones: %v", err)
		}
		if last := outcomesOf(t, r, "change_password")[0]; last != store.OutcomeLocked {
			t.Errorf("the audit log says %s", last)
		}
	})
}

// Of two changes from one old password one is made.
func TestOnePasswordIsExchangedOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		person := newAccount(t, r, "anna")
		var made atomic.Int64
		var wg sync.WaitGroup
		for i := range 2 {
			wg.Go(func() {
				if r.ChangePassword(t.Context(), person, password, fmt.Sprintf("her own number %d", i)) == nil {
					made.Add(1)
				}
			})
		}
		wg.Wait()
		if made.Load() != 1 {
			t.Errorf("%d changes were made", made.Load())
		}
	})
}
