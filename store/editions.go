package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	Edition        string         // that it became, "" before
}

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
}

func (editionProposalRow) TableName() string { return "edition_proposals" }

func (r editionProposalRow) proposal() (EditionProposal, error) {
	p := EditionProposal{From: workday.DateOf(instant(r.FromAt)), Interpretation: r.Interpretation, Basis: r.Basis, Edition: r.Edition}
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
// check: the prefecture's bureau interprets.
func (s *Store) ProposeEdition(ctx context.Context, p EditionProposal) (id string, err error) {
	if err := p.check(s.now()); err != nil {
		return "", err
	}
	changed, err := json.Marshal(p.Changed)
	if err != nil {
		return "", err
	}
	row := editionProposalRow{ID: newID(), FromAt: micros(p.From.Start()), Interpretation: p.Interpretation, DecidedOn: p.DecidedOn.String(),
		Basis: p.Basis, Changed: string(changed), Author: p.Author, AuthorFor: p.AuthorFor, State: string(Proposed)}
	return row.ID, s.tx(ctx, func(tx *gorm.DB) error {
		row.ProposedAt = micros(s.now())
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: p.Author, Action: "propose_edition", ObjectKind: "edition_proposal", ObjectID: row.ID,
			Area: regulation.PrefectureArea, Outcome: OutcomeDone})
	})
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
	return all, nil
}

// DecideEdition puts a proposed edition in force from its day on, rejects or withdraws it. One
// whose day has come before it was reviewed cannot be put in force: it would be for cases that
// are open already.
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
		if err == nil && v.State == InForce {
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
	var have int64
	if err := tx.Model(&editionRow{}).Count(&have).Error; err != nil {
		return "", err
	}
	name = fmt.Sprintf("%s/%d", p.From, have+1)
	var values []Parameter
	for param, value := range p.Changed {
		values = append(values, Parameter{Name: param, Value: value, Author: p.Author, DecidedOn: p.DecidedOn, Basis: p.Basis, Interpretation: p.Interpretation})
	}
	return name, s.addEdition(tx, Edition{Name: name, From: p.From.Start()}, values, p.Author)
}
