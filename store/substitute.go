package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// Substitution is an absence on record, and who stands in. It was in force from Begins, at instants
// before Ends and before RevokedAt.
type Substitution struct {
	ID string
	regulation.Absence
	Begins, Ends time.Time
	SetBy        string
	SetAt        time.Time
	RevokedBy    string
	RevokedAt    time.Time // zero unless it was ended early
}

// over is when it ends, or ended.
func (s Substitution) over() time.Time {
	if !s.RevokedAt.IsZero() && s.RevokedAt.Before(s.Ends) {
		return s.RevokedAt
	}
	return s.Ends
}

// InForce tells whether the substitute stands in at an instant.
func (s Substitution) InForce(at time.Time) bool { return !at.Before(s.Begins) && at.Before(s.over()) }

// Over tells whether it has ended, early or not.
func (s Substitution) Over(at time.Time) bool { return !at.Before(s.over()) }

// overlaps tells whether two absences have an instant in common.
func (s Substitution) overlaps(o Substitution) bool {
	return s.Begins.Before(o.over()) && o.Begins.Before(s.over())
}

type substitutionRow struct {
	ID         string `gorm:"primaryKey"`
	Absent     string
	Substitute string
	FromDate   string
	UntilDate  string
	BeginsAt   int64
	EndsAt     int64
	Reason     string
	SetBy      string
	SetAt      int64
	RevokedAt  int64
	RevokedBy  string
}

func (substitutionRow) TableName() string { return "substitutions" }

func (r substitutionRow) substitution() Substitution {
	from, _ := workday.ParseDate(r.FromDate) // written by us; a spoilt one shows as no date
	until, _ := workday.ParseDate(r.UntilDate)
	return Substitution{ID: r.ID, Absence: regulation.Absence{Absent: r.Absent, Substitute: r.Substitute, From: from, Until: until, Reason: r.Reason},
		Begins: instant(r.BeginsAt), Ends: instant(r.EndsAt), SetBy: r.SetBy, SetAt: instant(r.SetAt), RevokedBy: r.RevokedBy, RevokedAt: instant(r.RevokedAt)}
}

func rowOf(s Substitution) substitutionRow {
	return substitutionRow{ID: s.ID, Absent: s.Absent, Substitute: s.Substitute, FromDate: s.From.String(), UntilDate: s.Until.String(),
		BeginsAt: micros(s.Begins), EndsAt: micros(s.Ends), Reason: s.Reason, SetBy: s.SetBy, SetAt: micros(s.SetAt)}
}

func loadSubstitutions(db *gorm.DB) ([]Substitution, error) {
	var rows []substitutionRow
	err := db.Find(&rows).Error
	all := converted(rows, substitutionRow.substitution)
	slices.SortFunc(all, func(a, b Substitution) int {
		return cmp.Or(b.over().Compare(a.over()), a.Begins.Compare(b.Begins), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

// away names the substitute of everybody who is absent at an instant; nil where nobody is.
func (p *People) away(at time.Time) map[string]string {
	var away map[string]string
	for _, s := range p.substitutions {
		if s.Over(at) {
			break // the others ended earlier
		}
		if s.InForce(at) {
			if away == nil {
				away = map[string]string{}
			}
			away[s.Absent] = s.Substitute
		}
	}
	return away
}

// standIn follows the chain from an absent person to whoever is there.
func (p *People) standIn(absent string, away map[string]string) (end string, via []string, problem string) {
	return regulation.StandIn(absent, func(person string) (string, bool) {
		substitute, gone := away[person]
		return substitute, gone
	})
}

// posts are what a person holds at an instant: their own, and those of absent colleagues for whom
// they stand in. Who is absent holds none.
func (p *People) posts(person string, at time.Time, away map[string]string) []regulation.Assignment {
	m := p.byID[person]
	own := m.at(at)
	if len(away) == 0 {
		return own
	}
	if away[person] != "" {
		return nil
	}
	held := own
	for _, absent := range inOrder(away) {
		end, via, problem := p.standIn(absent, away)
		if problem != "" || end != person || !p.byID[absent].open(at) {
			continue
		}
		for _, post := range p.byID[absent].at(at) {
			if post.Role.PassesOn() && regulation.MayStandIn(own, post) {
				held = append(held, post.Behalf(absent, via...))
			}
		}
	}
	return held
}

func inOrder(away map[string]string) []string {
	all := make([]string, 0, len(away))
	for absent := range away {
		all = append(all, absent)
	}
	slices.Sort(all)
	return all
}

// passing are the posts of a person that a substitute takes over.
func (p *People) passing(person string, at time.Time) []regulation.Assignment {
	return slices.DeleteFunc(p.Posts(person, at), func(a regulation.Assignment) bool { return !a.Role.PassesOn() })
}

// Absences lists the absences of which keep is true, those that end last first.
func (p *People) Absences(keep func(Substitution) bool) []Substitution {
	var kept []Substitution
	for _, s := range p.substitutions {
		if keep(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// Substitution finds one by its id.
func (p *People) Substitution(id string) (Substitution, bool) {
	i := slices.IndexFunc(p.substitutions, func(s Substitution) bool { return s.ID == id })
	if i < 0 {
		return Substitution{}, false
	}
	return p.substitutions[i], true
}

// Absent tells of the absence that a person is in, if any.
func (p *People) Absent(person string, at time.Time) (Substitution, bool) {
	i := slices.IndexFunc(p.substitutions, func(s Substitution) bool { return s.Absent == person && s.InForce(at) })
	if i < 0 {
		return Substitution{}, false
	}
	return p.substitutions[i], true
}

// ActsFor is who acts at an instant for somebody absent: the end of the chain. known is false where the
// person is there, or the chain leads nowhere.
func (p *People) ActsFor(absent string, at time.Time) (end string, known bool) {
	end, _, problem := p.standIn(absent, p.away(at))
	return end, problem == "" && end != absent
}

// Chain lists who follows upon whom at an instant, from somebody absent to whoever acts; nil where the
// person is there, or the chain leads nowhere.
func (p *People) Chain(absent string, at time.Time) []string {
	end, via, problem := p.standIn(absent, p.away(at))
	if problem != "" || end == absent {
		return nil
	}
	return append(append([]string{absent}, via...), end)
}

// Open lists the accounts that may be used, by login.
func (p *People) Open() []Account {
	var open []Account
	for _, m := range p.byID {
		if !m.account.Disabled() {
			open = append(open, m.account)
		}
	}
	slices.SortFunc(open, func(a, b Account) int { return cmp.Compare(a.Login, b.Login) })
	return open
}

// Candidates lists who may stand in for somebody: open accounts whose own posts allow it for every
// post that passes on, by login. It does not look at who is absent when: EnterAbsence does.
func (p *People) Candidates(absent string, at time.Time) []Account {
	var fit []Account
	for id, m := range p.byID {
		if id != absent && !m.account.Disabled() && p.mayStandIn(id, absent, at) {
			fit = append(fit, m.account)
		}
	}
	slices.SortFunc(fit, func(a, b Account) int { return cmp.Compare(a.Login, b.Login) })
	return fit
}

// mayStandIn tells whether a person's own posts let them take over all that passes on.
func (p *People) mayStandIn(person, absent string, at time.Time) bool {
	passing, own := p.passing(absent, at), p.Posts(person, at)
	return len(passing) > 0 && !slices.ContainsFunc(passing, func(post regulation.Assignment) bool { return !regulation.MayStandIn(own, post) })
}

// Overlap refuses an absence because of one that is on record already.
type Overlap struct {
	Refusal *regulation.Error
	With    Substitution
}

func (o *Overlap) Error() string { return o.Refusal.Error() }

// Unwrap makes it a refusal.
func (o *Overlap) Unwrap() error { return o.Refusal }

// EnterAbsence puts an absence on record: from its first day on, or from now where that is today, the
// substitute alone holds the absent person's posts. Whether the author may is the caller's question.
// Refusals: Invalid by field (regulation.Absence.Check; substitute: not_an_option, cannot_stand_in,
// substitution_cycle, substitution_chain_long, chain_unfit; absent: nothing_passes_on), NotFound, and
// *Overlap.
func (s *Store) EnterAbsence(ctx context.Context, a regulation.Absence, author string) (Substitution, error) {
	now := s.now()
	days, err := s.LongestAbsence(ctx)
	if err != nil {
		return Substitution{}, err
	}
	if refusal := a.Check(workday.DateOf(now), days); refusal != nil {
		return Substitution{}, refusal
	}
	entered := Substitution{ID: newID(), Absence: a, Begins: a.From.Start(), Ends: a.Until.AddDays(1).Start(), SetBy: author, SetAt: now}
	if entered.Begins.Before(now) {
		entered.Begins = now
	}
	err = s.tx(ctx, func(tx *gorm.DB) error { return s.enterAbsence(tx, entered) })
	return entered, err
}

// LongestAbsence is how many days an absence may last at most, by the edition in force.
func (s *Store) LongestAbsence(ctx context.Context) (days int, err error) {
	edition, err := s.CurrentEdition(ctx)
	if err != nil {
		return 0, err
	}
	params, err := s.Params(ctx, edition)
	return params.Days(regulation.AbsenceDays), err
}

func (s *Store) enterAbsence(tx *gorm.DB, entered Substitution) error {
	// The revision comes first: of two absences entered at once one waits here, and sees the other.
	if err := touch(tx, keptPeople); err != nil {
		return err
	}
	people, err := loadPeople(tx)
	if err != nil {
		return err
	}
	if err := people.admits(entered); err != nil {
		return err
	}
	row := rowOf(entered)
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	for _, at := range []time.Time{entered.Begins, entered.Ends} {
		if err := checkSeats(tx, at, entered.Absent); err != nil {
			return err
		}
	}
	after, err := loadPeople(tx)
	if err == nil {
		err = after.tellAbsence(tx, entered, seqEntered, AbsenceEntered, entered.SetAt)
	}
	if err == nil {
		err = tellChains(tx, people, after, entered, entered.SetAt)
	}
	if err != nil {
		return err
	}
	return s.auditAbsence(tx, entered, entered.SetBy, "set_absence")
}

func (s *Store) auditAbsence(tx *gorm.DB, sub Substitution, author, action string) error {
	org, err := homeOf(tx, sub.Absent)
	return s.changedPeople(tx, err, author, action, sub.Absent, org, sub.Reason)
}

// admits holds a new absence against the people and the absences on record.
func (p *People) admits(entered Substitution) error {
	refusal := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	absent, known := p.byID[entered.Absent]
	substitute, fit := p.byID[entered.Substitute]
	switch {
	case !known || absent.account.Disabled():
		return &regulation.Error{Code: regulation.NotFound, Missing: "person"}
	case len(p.passing(entered.Absent, entered.Begins)) == 0:
		return refusal.Field("absent", "nothing_passes_on")
	case !fit || substitute.account.Disabled():
		return refusal.Field("substitute", "not_an_option")
	case !p.mayStandIn(entered.Substitute, entered.Absent, entered.Begins):
		return refusal.Field("substitute", "cannot_stand_in")
	}
	for _, other := range p.substitutions {
		if other.Absent == entered.Absent && other.overlaps(entered) && !other.Over(entered.SetAt) {
			return &Overlap{&regulation.Error{Code: regulation.Conflict, Missing: "absence_overlaps"}, other}
		}
	}
	if problem := p.chains(entered); problem != "" {
		return refusal.Field("substitute", problem)
	}
	return nil
}

// chains follows, with a new absence, every chain that leads through it, at each instant at which one
// changes, and says what is wrong with the first that does not hold, or "".
func (p *People) chains(entered Substitution) string {
	with := &People{byID: p.byID, substitutions: slices.Clone(p.substitutions)}
	with.substitutions = append(with.substitutions, entered)
	slices.SortStableFunc(with.substitutions, func(a, b Substitution) int { return b.over().Compare(a.over()) })
	for _, s := range with.substitutions {
		at := s.Begins
		if !entered.InForce(at) {
			continue
		}
		away := with.away(at)
		for absent := range away {
			if problem := with.chain(absent, entered.Absent, at, away); problem != "" {
				return problem
			}
		}
	}
	return ""
}

// chain says what is wrong with the chain from somebody absent, where it leads through a person.
func (p *People) chain(absent, through string, at time.Time, away map[string]string) string {
	end, via, problem := p.standIn(absent, away)
	switch {
	case absent != through && !slices.Contains(via, through):
		return ""
	case problem != "":
		return problem
	case p.byID[end].account.Disabled() || !p.mayStandIn(end, absent, at):
		return "chain_unfit"
	}
	return ""
}

// RevokeAbsence ends an absence now, or takes one back that has not begun. Refusals: NotFound, Conflict
// absence_over.
func (s *Store) RevokeAbsence(ctx context.Context, id, author string) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		var row substitutionRow
		if err := locked(tx).Take(&row, "id = ?", id).Error; err != nil {
			return found(err, "absence")
		}
		now := s.now()
		before, err := loadPeople(tx)
		if err != nil {
			return err
		}
		if sub := row.substitution(); sub.Over(now) || !sub.RevokedAt.IsZero() {
			return &regulation.Error{Code: regulation.Conflict, Missing: "absence_over"}
		}
		err = tx.Model(&substitutionRow{}).Where("id = ?", id).Updates(map[string]any{"revoked_at": micros(now), "revoked_by": author}).Error
		if err == nil {
			err = s.losesPosts(tx, row.Absent)
		}
		if err == nil {
			err = tellEnded(tx, before, row.substitution(), now)
		}
		if err != nil {
			return err
		}
		return s.auditAbsence(tx, row.substitution(), author, "revoke_absence")
	})
}

// MayEnter tells whether somebody may enter or end a colleague's absence: whoever leads an office at
// which that colleague serves, and stands above them there. Everybody may for themselves.
func (p *People) MayEnter(actor regulation.Actor, person string, at time.Time) bool {
	if actor.Person == person && person != "" {
		return true
	}
	return slices.ContainsFunc(actor.Assignments, func(lead regulation.Assignment) bool {
		posts := slices.DeleteFunc(p.Posts(person, at), func(a regulation.Assignment) bool { return a.Org != lead.Org })
		return lead.For != person && len(posts) > 0 && !slices.ContainsFunc(posts, func(a regulation.Assignment) bool { return !lead.Role.Above(a.Role) })
	})
}
