package store

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Account is a person who signs in.
type Account struct {
	Person     string
	Login      string
	NameZH     string
	Staff      string // the person's staff profile, or ""
	CreatedAt  time.Time
	DisabledAt time.Time // zero while it may be used
	// HasPassword is false where nobody can sign in with one, as in a demo.
	HasPassword bool
	// FirstPassword tells that somebody else set the password: it opens nothing but its change.
	FirstPassword bool
	// Passwords counts how often the password was set. A session of an earlier count has ended.
	Passwords int
}

// Disabled tells whether the account was closed.
func (a Account) Disabled() bool { return !a.DisabledAt.IsZero() }

type accountRow struct {
	Person      string `gorm:"primaryKey"`
	Login       string
	NameZH      string
	Hash        string
	StaffID     *string
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
	DisabledAt  int64
	Failures    int
	LockedUntil int64

	FirstPassword bool
	Passwords     int
}

func (accountRow) TableName() string { return "accounts" }

func (r accountRow) account() Account {
	a := Account{Person: r.Person, Login: r.Login, NameZH: r.NameZH, CreatedAt: instant(r.CreatedAt), DisabledAt: instant(r.DisabledAt),
		HasPassword: r.Hash != unusable, FirstPassword: r.FirstPassword, Passwords: r.Passwords}
	if r.StaffID != nil {
		a.Staff = *r.StaffID
	}
	return a
}

// NewAccount is what an administrator types. Password may be "": then nobody can sign in with
// one until it is set. The person changes it at the first sign-in, unless it is Lasting.
type NewAccount struct {
	Login    string
	Password string
	Lasting  bool
	NameZH   string
	Staff    string
}

// MinPassword and MaxPassword bound a password's length in characters (NIST SP 800-63B: at
// least 8 and room for 64 or more).
const (
	MinPassword = 8
	MaxPassword = 128
)

// CreateAccount adds a person without any right and returns the person's id.
func (s *Store) CreateAccount(ctx context.Context, n NewAccount, author string) (person string, err error) {
	if err := n.check(); err != nil {
		return "", err
	}
	row := n.row()
	err = s.tx(ctx, func(tx *gorm.DB) error { return s.createAccount(tx, row, author) })
	return row.Person, err
}

func (n NewAccount) row() accountRow {
	row := accountRow{Person: newID(), Login: n.Login, NameZH: n.NameZH, Hash: unusable}
	if n.Password != "" {
		row.Hash, row.FirstPassword = hashPassword(n.Password), !n.Lasting
	}
	if n.Staff != "" {
		row.StaffID = &n.Staff
	}
	return row
}

func (s *Store) createAccount(tx *gorm.DB, row accountRow, author string) error {
	row.CreatedAt = micros(s.now())
	isNew, err := insertNew(tx, &row)
	if err == nil && !isNew {
		err = &regulation.Error{Code: regulation.Conflict, Missing: "account_exists"}
	}
	return s.changedPeople(tx, err, author, "create_account", row.Person, "", "")
}

func (n NewAccount) check() error {
	e := &regulation.Error{Code: regulation.Invalid}
	if n.Login == "" || strings.TrimSpace(n.Login) != n.Login || len(n.Login) > 64 {
		e.Field("login", "required")
	}
	if n.NameZH == "" || utf8.RuneCountInString(n.NameZH) > 100 {
		e.Field("name", "required")
	}
	if n.Password != "" {
		checkPassword("password", n.Password, e)
	}
	if e.Fields == nil {
		return nil
	}
	return e
}

func checkPassword(field, password string, e *regulation.Error) {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		e.Field(field, "too_short")
	case n > MaxPassword:
		e.Field(field, "too_long")
	}
}

// SetPassword replaces a person's password and lifts a lock; sessions opened before end. The
// person changes it at the next sign-in, unless it is lasting.
func (s *Store) SetPassword(ctx context.Context, person, password string, lasting bool, author string) error {
	e := &regulation.Error{Code: regulation.Invalid}
	if checkPassword("password", password, e); e.Fields != nil {
		return e
	}
	hash := hashPassword(password)
	return s.tx(ctx, func(tx *gorm.DB) error {
		return s.changeAccount(tx, person, author, "set_password", newPassword(hash, !lasting))
	})
}

func newPassword(hash string, first bool) map[string]any {
	return map[string]any{"hash": hash, "failures": 0, "locked_until": 0, "first_password": first, "passwords": gorm.Expr("passwords + 1")}
}

// ChangePassword is the person's own change: the old password is held against the record as a
// sign-in is, and counts as a failure where it is wrong. Sessions opened before end. Refusals:
// Invalid on old_password (wrong_password, password_locked) or new_password (too_short, too_long,
// same_password).
func (s *Store) ChangePassword(ctx context.Context, person, old, wanted string) error {
	refusal := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	if checkPassword("new_password", wanted, refusal); refusal.Fields == nil && wanted == old {
		refusal.Field("new_password", "same_password")
	}
	if refusal.Fields != nil {
		return refusal
	}
	row, outcome, err := s.tryPassword(ctx, "person = ?", person, old)
	if err != nil {
		return err
	}
	if outcome == OutcomeDone {
		hash := hashPassword(wanted)
		return s.tx(ctx, func(tx *gorm.DB) error { return s.exchangePassword(tx, row, hash) })
	}
	err = s.tx(ctx, func(tx *gorm.DB) error { return s.auditAttempt(tx, person, "change_password", outcome) })
	if err != nil {
		return err
	}
	code := "wrong_password"
	if outcome == OutcomeLocked {
		code = "password_locked"
	}
	return refusal.Field("old_password", code)
}

// exchangePassword sets a password in the place of the one that was tried. Of two changes at once
// the second finds its old password gone.
func (s *Store) exchangePassword(tx *gorm.DB, tried accountRow, hash string) error {
	done := tx.Model(&accountRow{}).Where("person = ? AND hash = ? AND disabled_at = 0", tried.Person, tried.Hash).Updates(newPassword(hash, false))
	err := done.Error
	if err == nil && done.RowsAffected == 0 {
		err = (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("old_password", "wrong_password")
	}
	if err != nil {
		return err
	}
	org, err := homeOf(tx, tried.Person)
	return s.changedPeople(tx, err, tried.Person, "change_password", tried.Person, org, "")
}

// DisableAccount closes an account at once: open sessions end with the next request, what the
// person has taken is free again, and where they were told outside the product is forgotten.
func (s *Store) DisableAccount(ctx context.Context, person, author string) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		err := s.changeAccount(tx, person, author, "disable_account", map[string]any{"disabled_at": micros(s.now())})
		if err != nil {
			return err
		}
		if err := s.forgetAddresses(tx, person); err != nil {
			return err
		}
		return s.losesPosts(tx, person)
	})
}

// EnableAccount opens it again.
func (s *Store) EnableAccount(ctx context.Context, person, author string) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		return s.changeAccount(tx, person, author, "enable_account", map[string]any{"disabled_at": 0})
	})
}

func (s *Store) changeAccount(tx *gorm.DB, person, author, action string, change map[string]any) error {
	done := tx.Model(&accountRow{}).Where("person = ?", person).Updates(change)
	err := done.Error
	if err == nil && done.RowsAffected == 0 {
		err = &regulation.Error{Code: regulation.NotFound, Missing: "person"}
	}
	if err != nil {
		return err
	}
	org, err := homeOf(tx, person)
	return s.changedPeople(tx, err, author, action, person, org, "")
}

// Account returns a person's account.
func (s *Store) Account(ctx context.Context, person string) (Account, error) {
	var row accountRow
	err := s.rows(ctx).Take(&row, "person = ?", person).Error
	return row.account(), found(err, "person")
}

// AccountByLogin returns the account of a login, for administrators and for one-click sign-ins
// of a demo.
func (s *Store) AccountByLogin(ctx context.Context, login string) (Account, error) {
	var row accountRow
	err := s.rows(ctx).Take(&row, "login = ?", login).Error
	return row.account(), found(err, "person")
}

// Accounts lists the accounts of people who hold, or held, a role within the scope, by login.
func (s *Store) Accounts(ctx context.Context, scope regulation.Scope) ([]Account, error) {
	var rows []accountRow
	err := s.accountsWithin(ctx, scope).Order("login").Find(&rows).Error
	return converted(rows, accountRow.account), err
}

func (s *Store) accountsWithin(ctx context.Context, scope regulation.Scope) *gorm.DB {
	query := s.rows(ctx).Model(&accountRow{})
	if scope.All {
		return query
	}
	within := s.rows(ctx).Table("assignments a").Select("a.person").Joins("JOIN orgs o ON o.id = a.org_id")
	return query.Where("person IN (?)", inScope(within, scope, scopeColumns{area: "o.area", units: []string{"o.id"}}))
}

// Default sign-in limits: after 5 failures in a row an account is locked for 15 minutes.
const (
	defaultFailures = 5
	defaultLock     = 15 * time.Minute
)

// SignIn checks a password and returns the person's account. Unknown logins, wrong passwords, closed
// and locked accounts get one and the same refusal, after the same work, so that nobody learns
// which logins exist; the audit log tells them apart.
//
// An attempt is counted before the password is looked at: however many come at once, no more
// than the limit are tried in one lock period.
func (s *Store) SignIn(ctx context.Context, login, password string) (Account, error) {
	row, outcome, err := s.tryPassword(ctx, "login = ?", login, password)
	if err != nil {
		return Account{}, err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if err := s.auditAttempt(tx, row.Person, "sign_in", outcome); err != nil || outcome != OutcomeDone {
			return err
		}
		return tx.Model(&accountRow{}).Where("person = ?", row.Person).
			Updates(map[string]any{"failures": 0, "locked_until": 0}).Error
	})
	if err != nil {
		return Account{}, err
	}
	if outcome != OutcomeDone {
		return Account{}, &regulation.Error{Code: regulation.NotPermitted, Missing: "sign_in"}
	}
	return row.account(), nil
}

// tryPassword takes an attempt of the account that where finds and holds the password against it.
// It does the same work whatever it finds.
func (s *Store) tryPassword(ctx context.Context, where, value, password string) (row accountRow, outcome string, err error) {
	row, outcome, err = s.countAttempt(ctx, where, value)
	if err != nil {
		return row, "", err
	}
	if matches := passwordMatches(row.Hash, password); outcome == OutcomeDone && !matches {
		outcome = OutcomeWrong
	}
	return row, outcome, nil
}

// auditAttempt writes what came of a password that somebody typed, to the person's own place.
func (s *Store) auditAttempt(tx *gorm.DB, person, action, outcome string) error {
	org, err := homeOf(tx, person)
	if err != nil {
		return err
	}
	area, err := areaOf(tx, org)
	if err != nil {
		return err
	}
	return s.audit(tx, AuditEntry{Person: person, Action: action, Area: area, Unit: org, Outcome: outcome})
}

// countAttempt takes one of the attempts that an account has left, and says whether there was.
func (s *Store) countAttempt(ctx context.Context, where, value string) (row accountRow, outcome string, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		row = accountRow{}
		err := locked(tx).Take(&row, where, value).Error
		now := s.wall()
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			outcome = OutcomeUnknown
			return nil
		case err != nil:
			return err
		case row.DisabledAt != 0:
			outcome = OutcomeDisabled
			return nil
		case row.LockedUntil > micros(now):
			outcome = OutcomeLocked
			return nil
		}
		outcome = OutcomeDone
		row.Failures++
		change := map[string]any{"failures": row.Failures}
		if row.Failures >= s.options.SignInFailures {
			change = map[string]any{"failures": 0, "locked_until": micros(now.Add(s.options.SignInLock))}
		}
		return tx.Model(&accountRow{}).Where("person = ?", row.Person).Updates(change).Error
	})
	return row, outcome, err
}

// newID returns an id of 130 random bits. It tells nothing about when it was made: an id that
// is seen by the rated side must not give the hour of a rating away (clause 2).
func newID() string { return strings.ToLower(rand.Text()) }
