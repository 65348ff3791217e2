package store

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// AccountQuery asks for a page of the accounts, by login. Zero filters do not filter; a role and a
// place together are one post.
type AccountQuery struct {
	Name   string // part of a name or a login
	Place  string // part of an organisation's name, in Chinese or English
	Role   regulation.Role
	Cursor string // Next or Prev of a page; "" for the first
	Limit  int    // 1 to 100, default 50
}

// AccountPage is a page of accounts; Next and Prev are "" where there is none. Total counts all
// that the query finds.
type AccountPage struct {
	Accounts   []Account
	Next, Prev string
	Total      int64
}

// FindAccounts returns a page of the accounts of people who hold, or held, a role within the scope.
func (s *Store) FindAccounts(ctx context.Context, scope regulation.Scope, q AccountQuery) (AccountPage, error) {
	at, given, err := readCursor(q.Cursor)
	if err != nil {
		return AccountPage{}, err
	}
	if q.Limit < 1 || q.Limit > 100 {
		q.Limit = 50
	}
	p := AccountPage{}
	if err := s.accountsFor(ctx, scope, q).Count(&p.Total).Error; err != nil {
		return p, err
	}
	query, order := s.accountsFor(ctx, scope, q), ">"
	if at.Back {
		order = "<"
	}
	if given {
		query = query.Where("login "+order+" ?", at.ID)
	}
	var rows []accountRow
	if err := query.Order("login" + direction(at)).Limit(q.Limit + 1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return p, err
	}
	more := len(rows) > q.Limit
	rows = rows[:min(len(rows), q.Limit)]
	if at.Back {
		slices.Reverse(rows)
	}
	if more || at.Back {
		p.Next = cursor{ID: rows[len(rows)-1].Login}.String()
	}
	if given && (more || !at.Back) {
		p.Prev = cursor{ID: rows[0].Login, Back: true}.String()
	}
	p.Accounts = converted(rows, accountRow.account)
	return p, nil
}

// accountsFor are the accounts within the scope that a query finds.
func (s *Store) accountsFor(ctx context.Context, scope regulation.Scope, q AccountQuery) *gorm.DB {
	query := s.accountsWithin(ctx, scope)
	if q.Name != "" {
		query = query.Where("(LOWER(name_zh) LIKE ? ESCAPE '!' OR LOWER(login) LIKE ? ESCAPE '!')", containing(q.Name), containing(q.Name))
	}
	if q.Role == "" && q.Place == "" {
		return query
	}
	now := micros(s.now())
	post := s.rows(ctx).Table("assignments a").Select("a.person").Joins("JOIN orgs o ON o.id = a.org_id").
		Where("a.from_at <= ? AND (a.until_at = 0 OR a.until_at > ?)", now, now)
	if q.Role != "" {
		post = post.Where("a.role = ?", string(q.Role))
	}
	if q.Place != "" {
		post = post.Where("(LOWER(o.name_zh) LIKE ? ESCAPE '!' OR LOWER(o.name_en) LIKE ? ESCAPE '!')", containing(q.Place), containing(q.Place))
	}
	return query.Where("person IN (?)", post)
}

// containing is a pattern of LIKE for texts that contain what somebody typed, as it was typed.
func containing(typed string) string {
	return "%" + likeText(strings.ToLower(typed)) + "%"
}
