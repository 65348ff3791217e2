package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// EditionState says for which cases an edition is.
type EditionState string

const (
	EditionToCome  EditionState = "to_come"  // approved, for cases opened from a day to come
	EditionInForce EditionState = "in_force" // for cases opened now
	EditionPast    EditionState = "past"     // another is in force; the cases opened under it keep it
	EditionRevoked EditionState = "revoked"  // before its day: no case was opened under it
)

// PublishedValue is a parameter in an edition, with the edition from which on it has this value.
type PublishedValue struct {
	Parameter
	Since Edition
}

// ValueChange is a parameter that an edition changed from Before.
type ValueChange struct {
	Parameter
	Before int
}

// PublishedEdition is an edition as everybody may know it (R56): what it says, since when and on what
// basis, and what it changed. It names nobody; the prefecture's bureau decides on every edition but
// the regulation's own.
type PublishedEdition struct {
	Edition
	State   EditionState
	Values  []PublishedValue // in the order of the regulation's list; none of a revoked one
	Changes []ValueChange    // against the edition before it; none of the first

	RevokedAt    time.Time
	RevokedBasis string
}

// PublishedEditions lists all editions with what each changed, the one that begins last first.
func (s *Store) PublishedEditions(ctx context.Context) ([]PublishedEdition, error) {
	var editions []editionRow
	if err := s.rows(ctx).Order("from_at").Find(&editions).Error; err != nil {
		return nil, err
	}
	var rows []parameterRow
	if err := s.rows(ctx).Find(&rows).Error; err != nil {
		return nil, err
	}
	values := map[string]map[string]Parameter{}
	for _, row := range rows {
		if values[row.Edition] == nil {
			values[row.Edition] = map[string]Parameter{}
		}
		values[row.Edition][row.Name] = row.parameter()
	}
	var all []PublishedEdition
	for _, row := range editions {
		if have := values[row.Edition]; have != nil { // else it was revoked between the two reads
			all = append(all, publishedAfter(all, row.edition(), have))
		}
	}
	markStates(all, s.now())
	revoked, err := s.revokedEditions(ctx)
	all = append(all, revoked...)
	slices.SortStableFunc(all, func(a, b PublishedEdition) int {
		return cmp.Or(b.From.Compare(a.From), cmp.Compare(b.Name, a.Name))
	})
	return all, err
}

// publishedAfter is an edition with what it changed against the last of those before it. What a
// later release added, no edition but the first has: there the default holds.
func publishedAfter(before []PublishedEdition, e Edition, values map[string]Parameter) PublishedEdition {
	p := PublishedEdition{Edition: e}
	for i, d := range regulation.DefaultParams() {
		value, known := values[d.Name]
		if !known {
			value = Parameter{Name: d.Name, Value: d.Value, Author: ByRegulation, DecidedOn: issued, Basis: d.Basis}
		}
		v := PublishedValue{Parameter: value, Since: e}
		if len(before) > 0 {
			if was := before[len(before)-1].Values[i]; was.Value == v.Value {
				v.Since = was.Since
			} else {
				p.Changes = append(p.Changes, ValueChange{Parameter: value, Before: was.Value})
			}
		}
		p.Values = append(p.Values, v)
	}
	return p
}

// markStates gives editions in the order of their beginning their state.
func markStates(all []PublishedEdition, now time.Time) {
	for i := range all {
		switch {
		case all[i].From.After(now):
			all[i].State = EditionToCome
		case i+1 < len(all) && !all[i+1].From.After(now):
			all[i].State = EditionPast
		default:
			all[i].State = EditionInForce
		}
	}
}

// revokedEditions are those that were approved and revoked before their day, as their proposals say.
func (s *Store) revokedEditions(ctx context.Context) ([]PublishedEdition, error) {
	proposals, err := s.EditionProposals(ctx)
	if err != nil {
		return nil, err
	}
	var revoked []PublishedEdition
	for _, p := range proposals {
		if p.State != Revoked {
			continue
		}
		e := PublishedEdition{Edition: Edition{p.Edition, p.From.Start()}, State: EditionRevoked, RevokedAt: p.RevokedAt, RevokedBasis: revocationBasis(proposals, p.Edition)}
		for _, d := range regulation.DefaultParams() {
			if value, changed := p.Changed[d.Name]; changed {
				e.Changes = append(e.Changes, ValueChange{Before: p.Before[d.Name], Parameter: Parameter{Name: d.Name, Value: value, Author: p.Author,
					DecidedOn: p.DecidedOn, Basis: p.Basis, Interpretation: p.Interpretation}})
			}
		}
		revoked = append(revoked, e)
	}
	return revoked, nil
}

func revocationBasis(proposals []EditionProposal, edition string) string {
	for _, p := range proposals {
		if p.State == InForce && p.Revokes == edition {
			return p.Basis
		}
	}
	return ""
}

// PublishedNotice is a notice of the working calendar that is in force (R56).
type PublishedNotice struct {
	Area     string // "" for the whole country
	Name     string // who issued it
	Number   string // of the document
	IssuedOn workday.Date
	Since    time.Time // from when on it counts
	Basis    string
	Days     []workday.Row
}

// PublishedNotices lists the notices in force besides those that the product brings, the newest
// first. On a day that several name, the newest counts, and a county's before the prefecture's and that
// before the country's.
func (s *Store) PublishedNotices(ctx context.Context) ([]PublishedNotice, error) {
	changes, err := s.CalendarChanges(ctx)
	if err != nil {
		return nil, err
	}
	var notices []PublishedNotice
	for _, c := range changes {
		if c.State != InForce {
			continue
		}
		rows, _ := workday.ReadRows(c.Days) // held to be good when it was proposed
		notices = append(notices, PublishedNotice{Area: c.Area, Name: c.Name, Number: c.Number, IssuedOn: c.IssuedOn, Since: c.DecidedAt, Basis: c.Basis, Days: rows})
	}
	slices.SortStableFunc(notices, func(a, b PublishedNotice) int { return b.Since.Compare(a.Since) })
	return notices, nil
}
