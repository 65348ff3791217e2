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
}

func (accountRow) TableName() string { return "accounts" }

func (r accountRow) account() Account {
	a := Account{Person: r.Person, Login: r.Login, NameZH: r.NameZH,
		CreatedAt: instant(r.CreatedAt), DisabledAt: instant(r.DisabledAt)}
	if r.StaffID != nil {
		a.Staff = *r.StaffID
	}
	return a
}

// NewAccount is what an administrator types. Password may be "": then nobody can sign in with
// one until it is set.
type NewAccount struct {
	Login    string
	Password string
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
		row.Hash = hashPassword(n.Password)
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
		checkPassword(n.Password, e)
	}
	if e.Fields == nil {
		return nil
	}
	return e
}

func checkPassword(password string, e *regulation.Error) {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		e.Field("password", "too_short")
	case n > MaxPassword:
		e.Field("password", "too_long")
	}
}

// SetPassword replaces a person's password and lifts a lock.
func (s *Store) SetPassword(ctx context.Context, person, password, author string) error {
	e := &regulation.Error{Code: regulation.Invalid}
	if checkPassword(password, e); e.Fields != nil {
		return e
	}
	hash := hashPassword(password)
	return s.changeAccount(ctx, person, author, "set_password",
		map[string]any{"hash": hash, "failures": 0, "locked_until": 0})
}

// DisableAccount closes an account at once: open sessions end with the next request.
func (s *Store) DisableAccount(ctx context.Context, person, author string) error {
	return s.changeAccount(ctx, person, author, "disable_account", map[string]any{"disabled_at": micros(s.now())})
}

// EnableAccount opens it again.
func (s *Store) EnableAccount(ctx context.Context, person, author string) error {
	return s.changeAccount(ctx, person, author, "enable_account", map[string]any{"disabled_at": 0})
}

func (s *Store) changeAccount(ctx context.Context, person, author, action string, change map[string]any) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
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
	})
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
	within := s.rows(ctx).Table("assignments a").Select("a.person").Joins("JOIN orgs o ON o.id = a.org_id")
	query := s.rows(ctx).Model(&accountRow{})
	if !scope.All {
		query = query.Where("person IN (?)", inScope(within, scope, scopeColumns{area: "o.area", units: []string{"o.id"}}))
	}
	var rows []accountRow
	err := query.Order("login").Find(&rows).Error
	return converted(rows, accountRow.account), err
}

// Default sign-in limits: after 5 failures in a row an account is locked for 15 minutes.
const (
	defaultFailures = 5
	defaultLock     = 15 * time.Minute
)

// SignIn checks a password and returns the person. Unknown logins, wrong passwords, closed and
// locked accounts get one and the same refusal, after the same work, so that nobody learns
// which logins exist; the audit log tells them apart.
//
// An attempt is counted before the password is looked at: however many come at once, no more
// than the limit are tried in one lock period.
func (s *Store) SignIn(ctx context.Context, login, password string) (person string, err error) {
	row, outcome, err := s.countAttempt(ctx, login)
	if err != nil {
		return "", err
	}
	matches := passwordMatches(row.Hash, password)
	if outcome == OutcomeDone && !matches {
		outcome = OutcomeWrong
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		org, err := homeOf(tx, row.Person)
		if err != nil {
			return err
		}
		area, err := areaOf(tx, org)
		if err != nil {
			return err
		}
		line := AuditEntry{Person: row.Person, Action: "sign_in", Area: area, Unit: org, Outcome: outcome}
		if err := s.audit(tx, line); err != nil || outcome != OutcomeDone {
			return err
		}
		return tx.Model(&accountRow{}).Where("person = ?", row.Person).
			Updates(map[string]any{"failures": 0, "locked_until": 0}).Error
	})
	if err != nil {
		return "", err
	}
	if outcome != OutcomeDone {
		return "", &regulation.Error{Code: regulation.NotPermitted, Missing: "sign_in"}
	}
	return row.Person, nil
}

// countAttempt takes one of the attempts that an account has left, and says whether there was.
func (s *Store) countAttempt(ctx context.Context, login string) (row accountRow, outcome string, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		row = accountRow{}
		err := locked(tx).Take(&row, "login = ?", login).Error
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
