package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// People are all accounts with their assignments at one moment. It is immutable; take it before
// a transaction begins and use it inside.
type People struct {
	byID map[string]member
	byAt map[string][]string // person ids by the organisation at which they were ever appointed
	// substitutions are all that were ever entered, those that end last first.
	substitutions []Substitution
	// changes are the instants at which somebody came to hold fewer posts, in order.
	changes []int64
}

type member struct {
	account     Account
	assignments []held
}

// held is an assignment with its time: from at, until before; until 0 while it lasts.
type held struct {
	regulation.Assignment
	from, until int64
}

type assignmentRow struct {
	Person  string `gorm:"primaryKey"`
	Role    string `gorm:"primaryKey"`
	OrgID   string `gorm:"primaryKey"`
	FromAt  int64  `gorm:"primaryKey;autoIncrement:false"`
	UntilAt int64
	Author  string
}

func (assignmentRow) TableName() string { return "assignments" }

// People returns everybody as they are now. It is remembered until an account or an assignment
// changes anywhere, so it costs one small query.
func (s *Store) People(ctx context.Context) (*People, error) {
	return s.people.look(ctx, s, keptPeople, loadPeople)
}

func loadPeople(db *gorm.DB) (*People, error) {
	p := &People{byID: map[string]member{}, byAt: map[string][]string{}}
	var accounts []accountRow
	if err := db.Find(&accounts).Error; err != nil {
		return nil, err
	}
	for _, row := range accounts {
		p.byID[row.Person] = member{account: row.account()}
	}
	var rows []struct {
		Person, Role, OrgID, Area string
		FromAt, UntilAt           int64
	}
	err := db.Table("assignments a").Select("a.person, a.role, a.org_id, o.area, a.from_at, a.until_at").Joins("JOIN orgs o ON o.id = a.org_id").
		Order("a.person, a.from_at, a.org_id, a.role").Find(&rows).Error
	for _, row := range rows {
		m := p.byID[row.Person]
		m.assignments = append(m.assignments, held{regulation.Assignment{
			Role: regulation.Role(row.Role), Org: row.OrgID, Area: row.Area}, row.FromAt, row.UntilAt})
		p.byID[row.Person] = m
		if !slices.Contains(p.byAt[row.OrgID], row.Person) {
			p.byAt[row.OrgID] = append(p.byAt[row.OrgID], row.Person)
		}
	}
	if err == nil {
		p.substitutions, err = loadSubstitutions(db)
	}
	p.noteChanges()
	return p, err
}

// noteChanges gathers when somebody came to hold fewer posts.
func (p *People) noteChanges() {
	for _, m := range p.byID {
		p.changes = append(p.changes, micros(m.account.DisabledAt))
		for _, h := range m.assignments {
			p.changes = append(p.changes, h.until)
		}
	}
	for _, sub := range p.substitutions {
		p.changes = append(p.changes, micros(sub.Begins), micros(sub.over()))
	}
	slices.Sort(p.changes)
	p.changes = slices.Compact(p.changes)
}

// changed tells whether somebody came to hold fewer posts after an instant, up to another.
func (p *People) changed(after, until time.Time) bool {
	i, _ := slices.BinarySearch(p.changes, micros(after)+1)
	return i < len(p.changes) && p.changes[i] <= micros(until)
}

// at returns the assignments in force at an instant.
func (m member) at(now time.Time) []regulation.Assignment {
	var inForce []regulation.Assignment
	t := micros(now)
	for _, h := range m.assignments {
		if h.from <= t && (h.until == 0 || t < h.until) && !slices.Contains(inForce, h.Assignment) {
			inForce = append(inForce, h.Assignment)
		}
	}
	return inForce
}

// open tells whether the account could be used at an instant.
func (m member) open(at time.Time) bool {
	return m.account.DisabledAt.IsZero() || at.Before(m.account.DisabledAt)
}

// Actor is a person with the rights of an instant, those held for absent colleagues among them, or
// NotFound for who has no usable account. Who is absent has none.
func (p *People) Actor(person string, at time.Time) (regulation.Actor, error) {
	m, known := p.byID[person]
	if !known || m.account.Disabled() {
		return regulation.Actor{}, &regulation.Error{Code: regulation.NotFound, Missing: "person"}
	}
	return regulation.Actor{Person: person, Staff: m.account.Staff, Assignments: p.posts(person, at, p.away(at))}, nil
}

// Roster lists who holds any role at the given organisations at an instant, each with all of
// their assignments: the people whom the rules may ask to act. Without organisations it is
// everybody. Who is absent from there stands in it without assignments, and with the posts that wait for them.
func (p *People) Roster(at time.Time, orgs ...string) []regulation.Person {
	away := p.away(at)
	var roster []regulation.Person
	for _, id := range p.near(at, away, orgs) {
		m := p.byID[id]
		posts := p.posts(id, at, away)
		serves := slices.ContainsFunc(posts, func(a regulation.Assignment) bool {
			return len(orgs) == 0 || slices.Contains(orgs, a.Org)
		})
		if (serves || away[id] != "") && m.open(at) {
			who := regulation.Person{ID: id, Staff: m.account.Staff, Assignments: posts}
			if away[id] != "" {
				who.Away = m.at(at)
			}
			roster = append(roster, who)
		}
	}
	return roster
}

// near lists, in the order of their ids, whoever was ever appointed at the organisations, and those
// who stand in for them. Without organisations it is everybody.
func (p *People) near(at time.Time, away map[string]string, orgs []string) []string {
	var ids []string
	for _, org := range orgs {
		ids = append(ids, p.byAt[org]...)
	}
	if len(orgs) == 0 {
		for id := range p.byID {
			ids = append(ids, id)
		}
	}
	for absent := range away {
		if slices.Contains(ids, absent) {
			if end, via, problem := p.standIn(absent, away); problem == "" {
				ids = append(append(ids, end), via...)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Now is the product's time.
func (s *Store) Now() time.Time { return s.now() }

// Account is a person's account, zero where it is unknown.
func (p *People) Account(person string) Account { return p.byID[person].account }

// Name is a person's name as colleagues see it, "" where it is unknown.
func (p *People) Name(person string) string { return p.byID[person].account.NameZH }

// Actor returns a person with the rights of this moment: it is asked for at each request, so a
// withdrawn right or account ends at once.
func (s *Store) Actor(ctx context.Context, person string) (regulation.Actor, error) {
	p, err := s.People(ctx)
	if err != nil {
		return regulation.Actor{}, err
	}
	return p.Actor(person, s.now())
}

// Roster is People.Roster at this moment.
func (s *Store) Roster(ctx context.Context, orgs ...string) ([]regulation.Person, error) {
	p, err := s.People(ctx)
	if err != nil {
		return nil, err
	}
	return p.Roster(s.now(), orgs...), nil
}

// Posts lists the posts that are a person's own at an instant, whether or not the account may be
// used and whoever stands in for them.
func (p *People) Posts(person string, at time.Time) []regulation.Assignment {
	return p.byID[person].at(at)
}

// Tenure is a role that a person holds or held at a place. Until is zero while it lasts.
type Tenure struct {
	regulation.Assignment
	From, Until time.Time
}

// Tenures lists what a person holds and ever held, the oldest first.
func (p *People) Tenures(person string) []Tenure {
	var all []Tenure
	for _, h := range p.byID[person].assignments {
		all = append(all, Tenure{h.Assignment, instant(h.from), instant(h.until)})
	}
	return all
}

// Appoint gives a person a role at a place from an instant on, without end. Refusals: Invalid on
// "role" or "org" (no such role or place, or the role is not held at such a place), Conflict
// assignment_exists.
func (s *Store) Appoint(ctx context.Context, person string, role regulation.Role, org string, from time.Time, author string) error {
	return s.tx(ctx, func(tx *gorm.DB) error { return s.appoint(tx, person, role, org, from, author) })
}

// Engage makes an account for a new person and appoints them, both or neither. Its refusals are
// those of CreateAccount and Appoint.
func (s *Store) Engage(ctx context.Context, n NewAccount, role regulation.Role, org, author string) (person string, err error) {
	if err := n.check(); err != nil {
		return "", err
	}
	row := n.row()
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if err := s.createAccount(tx, row, author); err != nil {
			return err
		}
		return s.appoint(tx, row.Person, role, org, s.now(), author)
	})
	return row.Person, err
}

func (s *Store) appoint(tx *gorm.DB, person string, role regulation.Role, org string, from time.Time, author string) error {
	if err := suits(tx, role, org); err != nil {
		return err
	}
	var lasting int64
	err := tx.Model(&assignmentRow{}).Where("person = ? AND role = ? AND org_id = ? AND until_at = 0", person, string(role), org).Count(&lasting).Error
	if err != nil {
		return err
	}
	isNew := lasting == 0
	if isNew {
		isNew, err = insertNew(tx, &assignmentRow{Person: person, Role: string(role), OrgID: org, FromAt: micros(from), Author: author})
	}
	if err == nil && !isNew {
		err = &regulation.Error{Code: regulation.Conflict, Missing: "assignment_exists"}
	}
	if err == nil { // what lies before who is left may be for who comes
		err = checkSeats(tx, from, person)
	}
	return s.changedPeople(tx, err, author, "appoint", person, org, string(role))
}

// suits refuses a role that is not held at such a place.
func suits(tx *gorm.DB, role regulation.Role, org string) error {
	refusal := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	kinds := regulation.PlacesOf(role)
	if kinds == nil || !slices.Contains(regulation.Roles, role) {
		return refusal.Field("role", "not_an_option")
	}
	var places []string
	if err := tx.Model(&orgRow{}).Where("id = ?", org).Pluck("kind", &places).Error; err != nil {
		return err
	}
	switch {
	case len(places) == 0:
		return refusal.Field("org", "not_an_option")
	case !slices.Contains(kinds, regulation.OrgKind(places[0])):
		return refusal.Field("org", "role_not_here")
	}
	return nil
}

// Dismiss ends a person's role at a place now, and the claims that rested on it, a substitute's
// among them. The row stays: old acts name it.
func (s *Store) Dismiss(ctx context.Context, person string, role regulation.Role, org, author string) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		now := micros(s.now())
		done := tx.Model(&assignmentRow{}).
			Where("person = ? AND role = ? AND org_id = ? AND (until_at = 0 OR until_at > ?)", person, string(role), org, now).
			// One that has not begun yet ends as it begins.
			Update("until_at", gorm.Expr("CASE WHEN from_at > ? THEN from_at ELSE ? END", now, now))
		err := done.Error
		if err == nil && done.RowsAffected == 0 {
			err = &regulation.Error{Code: regulation.NotFound, Missing: "assignment"}
		}
		if err == nil {
			err = s.losesPosts(tx, person)
		}
		return s.changedPeople(tx, err, author, "dismiss", person, org, string(role))
	})
}

// changedPeople ends a change of accounts or assignments: every process loads them anew, and
// the audit log has it.
func (s *Store) changedPeople(tx *gorm.DB, err error, author, action, person, org, role string) error {
	if err != nil {
		return err
	}
	if err := touch(tx, keptPeople); err != nil {
		return err
	}
	area, err := areaOf(tx, org)
	if err != nil {
		return err
	}
	return s.audit(tx, AuditEntry{Person: author, Action: action, ObjectKind: "person", ObjectID: person,
		Area: area, Unit: org, Purpose: role, Outcome: OutcomeDone})
}

// homeOf is the place of a person's first assignment, "" without any: to whose scope lines about
// the person belong.
func homeOf(tx *gorm.DB, person string) (string, error) {
	var orgs []string
	err := tx.Model(&assignmentRow{}).Where("person = ?", person).Order("from_at, org_id").Limit(1).Pluck("org_id", &orgs).Error
	if err != nil || len(orgs) == 0 {
		return "", err
	}
	return orgs[0], nil
}

// areaOf is the area of a place, "" for "".
func areaOf(tx *gorm.DB, org string) (string, error) {
	var areas []string
	err := tx.Model(&orgRow{}).Where("id = ?", org).Pluck("area", &areas).Error
	if err != nil || len(areas) == 0 {
		return "", err
	}
	return areas[0], nil
}
