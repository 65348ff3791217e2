package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// EditionProposal is a set of parameters proposed for cases opened from a day on (R56).
type EditionProposal struct {
	Proposal
	From           workday.Date // its first instant
	Interpretation string       // number of the bureau's interpretation
	DecidedOn      workday.Date // the interpretation's day
	Basis          string
	Changed        map[string]int // parameters and their new values
	Base           string         // the edition that it changes
	Before         map[string]int // the changed parameters' values there
	Edition        string         // that it became, "" before
	Revokes        string         // the edition that is to be revoked before its day, else ""
	RevokedAt      time.Time      // when the edition that it became was revoked, else zero
}

// EditionSince refuses what was worked out against another edition than the last one approved.
type EditionSince struct {
	Refusal *regulation.Error
	Edition Edition // the last one
}

func (e *EditionSince) Error() string { return e.Refusal.Error() + ": " + e.Edition.Name }

// Unwrap makes it a refusal.
func (e *EditionSince) Unwrap() error { return e.Refusal }

type editionProposalRow struct {
	ID             string `gorm:"primaryKey"`
	FromAt         int64
	Interpretation string
	DecidedOn      string
	Basis          string
	Changed        string
	Author         string
	ProposedAt     int64
	State          string
	DecidedBy      string
	DecidedAt      int64
	Remark         string
	Edition        string
	AuthorFor      string
	Base           string
	Revokes        string
}

func (editionProposalRow) TableName() string { return "edition_proposals" }

func (r editionProposalRow) proposal() (EditionProposal, error) {
	p := EditionProposal{From: workday.DateOf(instant(r.FromAt)), Interpretation: r.Interpretation, Basis: r.Basis, Edition: r.Edition,
		Base: r.Base, Revokes: r.Revokes}
	p.Proposal = Proposal{ID: r.ID, Author: r.Author, AuthorFor: r.AuthorFor, ProposedAt: instant(r.ProposedAt), State: ProposalState(r.State),
		DecidedBy: r.DecidedBy, DecidedAt: instant(r.DecidedAt), Remark: r.Remark}
	p.DecidedOn, _ = workday.ParseDate(r.DecidedOn) // written by us
	if err := json.Unmarshal([]byte(r.Changed), &p.Changed); err != nil {
		return p, fmt.Errorf("edition proposal %s: %w", r.ID, err)
	}
	return p, nil
}

// check tells every field in which the proposal cannot stand. An edition begins on a day to come:
// no case that is open already falls under it.
func (p EditionProposal) check(now time.Time) error {
	refused := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseInterpretive, Missing: "fields"}
	for field, text := range map[string]struct {
		value string
		most  int
	}{"interpretation": {p.Interpretation, longestName}, "basis": {p.Basis, longestBasis}} {
		switch n := len([]rune(text.value)); {
		case n == 0:
			refused.Field(field, "required")
		case n > text.most:
			refused.Field(field, "too_long")
		}
	}
	if !p.From.After(workday.DateOf(now)) {
		refused.Field("from", "date_must_come")
	}
	if p.DecidedOn.IsZero() || p.DecidedOn.After(workday.DateOf(now)) {
		refused.Field("decided_on", "date_to_come")
	}
	if len(p.Changed) == 0 {
		refused.Field("changed", "nothing_changes")
	}
	var wrong *regulation.Error
	if errors.As(regulation.CheckValues(p.Changed), &wrong) {
		for name, code := range wrong.Fields {
			refused.Field(name, code)
		}
	}
	if refused.Fields == nil {
		return nil
	}
	return refused
}

// ProposeEdition stores an edition to be reviewed by a second person. Who may is the caller's to
// check: the prefecture's bureau interprets. Editions begin in the order in which they are approved,
// so that each has what those before it changed: p.Base is the last one approved, which its author
// saw. Refusals: Invalid by field, and *EditionSince.
func (s *Store) ProposeEdition(ctx context.Context, p EditionProposal) (id string, err error) {
	if err := p.check(s.now()); err != nil {
		return "", err
	}
	return s.propose(ctx, p, func(tx *gorm.DB) error { return refuseOtherLast(tx, p, "edition_since") })
}

// propose stores a proposal that may stand in the same transaction.
func (s *Store) propose(ctx context.Context, p EditionProposal, may func(tx *gorm.DB) error) (id string, err error) {
	changed, err := json.Marshal(p.Changed)
	if err != nil {
		return "", err
	}
	row := editionProposalRow{ID: newID(), FromAt: micros(p.From.Start()), Interpretation: p.Interpretation, DecidedOn: p.DecidedOn.String(),
		Basis: p.Basis, Changed: string(changed), Author: p.Author, AuthorFor: p.AuthorFor, State: string(Proposed), Base: p.Base, Revokes: p.Revokes}
	return row.ID, s.tx(ctx, func(tx *gorm.DB) error {
		row.ProposedAt = micros(s.now())
		if err := may(tx); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: p.Author, Action: "propose_edition", ObjectKind: "edition_proposal", ObjectID: row.ID,
			Area: regulation.PrefectureArea, Outcome: OutcomeDone})
	})
}

// ProposeRevocation proposes that an approved edition be revoked before its day, and is reviewed by
// a second person like an edition. id is the proposal that became the edition.
func (s *Store) ProposeRevocation(ctx context.Context, id string, by Proposal, basis string) (revocation string, err error) {
	if n := len([]rune(basis)); n == 0 {
		return "", invalid("basis", "required")
	} else if n > longestBasis {
		return "", invalid("basis", "too_long")
	}
	all, err := s.EditionProposals(ctx)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(p EditionProposal) bool { return p.ID == id })
	if i < 0 {
		return "", &regulation.Error{Code: regulation.NotFound, Missing: "edition_proposal"}
	}
	of := all[i]
	p := EditionProposal{Proposal: by, From: of.From, Interpretation: of.Interpretation, DecidedOn: workday.DateOf(s.now()), Basis: basis,
		Changed: of.Before, Base: of.Edition, Revokes: of.Edition}
	switch {
	case of.State != InForce || of.Revokes != "":
		return "", &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseInterpretive, Missing: "no_edition_to_revoke"}
	case slices.ContainsFunc(all, func(p EditionProposal) bool { return p.State == Proposed && p.Revokes == of.Edition }):
		return "", &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseInterpretive, Missing: "revocation_waits"}
	}
	return s.propose(ctx, p, func(tx *gorm.DB) error { return s.refuseRevocation(tx, p) })
}

// EditionProposals lists all, the newest first.
func (s *Store) EditionProposals(ctx context.Context) ([]EditionProposal, error) {
	var rows []editionProposalRow
	if err := s.rows(ctx).Order("proposed_at DESC, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	all := make([]EditionProposal, 0, len(rows))
	for _, row := range rows {
		p, err := row.proposal()
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	markRevoked(all)
	for i := range all {
		if err := s.fillBefore(ctx, &all[i], all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// markRevoked gives those whose edition was revoked their state.
func markRevoked(all []EditionProposal) {
	for _, by := range all {
		for i := range all {
			if by.State == InForce && by.Revokes != "" && by.Revokes == all[i].Edition {
				all[i].State, all[i].RevokedAt = Revoked, by.DecidedAt
			}
		}
	}
}

// fillBefore reads what a proposal changes from the edition that it changes.
func (s *Store) fillBefore(ctx context.Context, p *EditionProposal, all []EditionProposal) error {
	p.Before = make(map[string]int, len(p.Changed))
	if p.Base == "" { // a node of an earlier release took it: it is to be proposed anew
		return nil
	}
	for name := range p.Changed {
		value, err := s.valueIn(ctx, p.Base, name, all)
		if err != nil {
			return err
		}
		p.Before[name] = value
	}
	return nil
}

// valueIn is a parameter's value in an edition. One that was revoked is told from its proposal.
func (s *Store) valueIn(ctx context.Context, edition, name string, all []EditionProposal) (int, error) {
	for _, p := range all {
		if p.State != Revoked || p.Edition != edition {
			continue
		}
		if value, changed := p.Changed[name]; changed {
			return value, nil
		}
		return s.valueIn(ctx, p.Base, name, all)
	}
	params, err := s.Params(ctx, edition)
	return params.Days(name), err
}

// DecideEdition puts a proposed edition in force from its day on, rejects or withdraws it; or
// revokes an edition as proposed. One whose day has come before it was reviewed cannot be put in
// force, it would be for cases that are open already; nor one after whose proposal another was
// approved or revoked: its author saw other values.
func (s *Store) DecideEdition(ctx context.Context, id string, v Verdict) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		var row editionProposalRow
		if err := locked(tx).Take(&row, "id = ?", id).Error; err != nil {
			return found(err, "edition_proposal")
		}
		p, err := row.proposal()
		if err == nil {
			err = v.check(p.Proposal)
		}
		switch {
		case err != nil || v.State != InForce:
		case p.Revokes != "":
			err = s.revokeEdition(tx, p)
		default:
			row.Edition, err = s.beginEdition(tx, p)
		}
		if err != nil {
			return err
		}
		row.State, row.DecidedBy, row.DecidedAt, row.Remark = string(v.State), v.Person, micros(s.now()), v.Remark
		if err := tx.Save(&row).Error; err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: v.Person, Action: "decide_edition", ObjectKind: "edition_proposal", ObjectID: id,
			Area: regulation.PrefectureArea, Purpose: string(v.State), Outcome: OutcomeDone})
	})
}

// beginEdition writes the edition of a proposal, named by its first day and its number.
func (s *Store) beginEdition(tx *gorm.DB, p EditionProposal) (name string, err error) {
	if !p.From.Start().After(s.now()) {
		return "", &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseInterpretive, Missing: "edition_day_has_come"}
	}
	if err := refuseOtherLast(tx, p, "edition_approved_since"); err != nil {
		return "", err
	}
	var have, revoked int64 // a name is given once: what was read under it is remembered
	err = tx.Model(&editionRow{}).Count(&have).Error
	if err == nil {
		err = tx.Model(&editionProposalRow{}).Where("revokes <> '' AND state = ?", string(InForce)).Count(&revoked).Error
	}
	if err != nil {
		return "", err
	}
	name = fmt.Sprintf("%s/%d", p.From, have+revoked+1)
	var values []Parameter
	for param, value := range p.Changed {
		values = append(values, Parameter{Name: param, Value: value, Author: p.Author, DecidedOn: p.DecidedOn, Basis: p.Basis, Interpretation: p.Interpretation})
	}
	return name, s.addEdition(tx, Edition{Name: name, From: p.From.Start()}, values, p.Author)
}

// revokeEdition takes an edition away that no case is under yet. What it was stays with its proposal.
func (s *Store) revokeEdition(tx *gorm.DB, p EditionProposal) error {
	if err := s.refuseRevocation(tx, p); err != nil {
		return err
	}
	if err := tx.Delete(&parameterRow{}, "edition = ?", p.Revokes).Error; err != nil {
		return err
	}
	return tx.Delete(&editionRow{}, "edition = ?", p.Revokes).Error
}

// refuseOtherLast refuses a proposal unless the last edition is the one that it changes, and begins
// before it.
func refuseOtherLast(tx *gorm.DB, p EditionProposal, missing string) error {
	last, err := lastEdition(tx)
	switch {
	case err != nil:
		return err
	case p.Base != last.Name:
		return &EditionSince{&regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseInterpretive, Missing: missing}, last}
	case !p.From.Start().After(last.From):
		return &EditionSince{invalid("from", "edition_begins_later"), last}
	}
	return nil
}

// soon is how long before its day an edition is left alone: a case that is being opened may be
// under it before anybody sees that it is revoked.
const soon = time.Minute

// refuseRevocation refuses unless the edition is the last one and has not begun.
func (s *Store) refuseRevocation(tx *gorm.DB, p EditionProposal) error {
	last, err := lastEdition(tx)
	switch {
	case err != nil:
		return err
	case !p.From.Start().After(s.now().Add(soon)):
		return &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseInterpretive, Missing: "edition_has_begun"}
	case p.Revokes != last.Name:
		return &EditionSince{&regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseInterpretive, Missing: "edition_built_upon"}, last}
	}
	return nil
}

// lastEdition is the one that begins last. Whoever asks holds the first edition until the end of the
// transaction, so that no two are approved or revoked at once.
func lastEdition(tx *gorm.DB) (Edition, error) {
	var first, last editionRow
	if err := locked(tx).Take(&first, "edition = ?", regulation.Edition1).Error; err != nil {
		return Edition{}, found(err, "edition")
	}
	err := locked(tx).Order("from_at DESC").Take(&last).Error
	return last.edition(), found(err, "edition")
}

// LastEdition is the one that begins last: the next one changes it.
func (s *Store) LastEdition(ctx context.Context) (Edition, error) {
	var row editionRow
	err := s.rows(ctx).Order("from_at DESC").Take(&row).Error
	return row.edition(), found(err, "edition")
}
