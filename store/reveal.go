package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

const leafReveal = "reveal"

// AboutReveal: a message is about a request to open a rater's contact.
const AboutReveal = "reveal"

type revealRow struct {
	ID        string `gorm:"primaryKey"`
	CaseID    string
	Area      string
	Authority string
	Purpose   string
	Asker     string
	AsRole    string
	AsOrg     string
	AskedAt   int64
	LapsesAt  int64
	Decision  string
	DecidedBy string
	DecidedAt int64
	UntilAt   int64
}

func (revealRow) TableName() string { return "reveals" }

type revealEntryRow struct {
	RevealID string `gorm:"primaryKey"`
	Seq      int64  `gorm:"primaryKey;autoIncrement:false"`
	At       int64
	Body     []byte
	Nonce    []byte
}

func (revealEntryRow) TableName() string { return "reveal_entries" }

// storedReveal is an entry as it is kept: the salted digest stands for the reason.
type storedReveal struct {
	Case        string                   `json:"case"`
	Purpose     regulation.RevealPurpose `json:"purpose"`
	Name        string                   `json:"name"` // asked, approved, refused
	Actor       string                   `json:"actor"`
	As          regulation.Assignment    `json:"as"`
	At          time.Time                `json:"at"`
	Until       time.Time                `json:"until,omitzero"`
	TextDigests map[string]string        `json:"texts,omitempty"`
}

func newRevealRow(r regulation.Reveal) revealRow {
	return revealRow{r.ID, r.Case, r.Area, r.Authority, string(r.Purpose), r.By, string(r.As.Role), r.As.Org, micros(r.At), micros(r.Lapses),
		r.Decision, r.DecidedBy, micros(r.DecidedAt), micros(r.Until)}
}

func (row revealRow) reveal() regulation.Reveal {
	return regulation.Reveal{ID: row.ID, Case: row.CaseID, Area: row.Area, Authority: row.Authority, Purpose: regulation.RevealPurpose(row.Purpose), By: row.Asker,
		As: regulation.Assignment{Role: regulation.Role(row.AsRole), Org: row.AsOrg, Area: row.Area}, At: instant(row.AskedAt), Lapses: instant(row.LapsesAt),
		Decision: row.Decision, DecidedBy: row.DecidedBy, DecidedAt: instant(row.DecidedAt), Until: instant(row.UntilAt)}
}

// AskReveal records a request with its reason and tells the vault's approvers. The refusals are those of
// regulation.AskReveal; Conflict while the same person's last request for the case waits or runs.
func (s *Store) AskReveal(ctx context.Context, c regulation.Case, v regulation.Values, actor regulation.Actor) (id string, err error) {
	params, err := s.paramsOf(ctx)
	if err != nil {
		return "", err
	}
	r, err := regulation.AskReveal(c, v, actor, params, s.now())
	if err != nil {
		return "", err
	}
	r.ID = newID()
	return r.ID, s.tx(ctx, func(tx *gorm.DB) error {
		var open int64
		err := tx.Model(&revealRow{}).Where("case_id = ? AND asker = ? AND (decision = '' AND lapses_at > ? OR until_at > ?)", r.Case, r.By, micros(r.At), micros(r.At)).Count(&open).Error
		if err == nil && open > 0 {
			err = &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseRights, Missing: "reveal_asked"}
		}
		if err != nil {
			return err
		}
		row := newRevealRow(r)
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		texts := map[string]string{"reason": v.Get("reason")}
		return s.addRevealEntry(tx, r, 1, regulation.RevealAsked, actor, texts, regulation.Seat{Role: regulation.VaultApprover, Org: r.Authority})
	})
}

// addRevealEntry writes an entry with its leaf, its line in the audit log, and what it tells whom.
func (s *Store) addRevealEntry(tx *gorm.DB, r regulation.Reveal, seq int64, name string, actor regulation.Actor, texts map[string]string, told ...regulation.Seat) error {
	at := s.now()
	body, nonce, err := s.keepEntry(tx, leafReveal, r.ID, seq, texts, func(digests map[string]string) any {
		return storedReveal{r.Case, r.Purpose, name, actor.Person, actor.As, at, r.Until, digests}
	})
	if err != nil {
		return err
	}
	if err := tx.Create(&revealEntryRow{r.ID, seq, micros(at), body, nonce}).Error; err != nil {
		return err
	}
	m := messageRow{Ref: r.ID, Seq: seq, About: AboutReveal, At: micros(at), Name: AboutReveal + "_" + name}
	if err := m.tell(tx, told...); err != nil {
		return err
	}
	return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "reveal_" + name, ObjectKind: "reveal", ObjectID: r.ID,
		Area: r.Area, Unit: actor.As.Org, Purpose: string(r.Purpose), Outcome: OutcomeDone})
}

// DecideReveal approves or refuses a request, and tells who asked; of an approval the authority's head too. The refusals
// are those of regulation.Reveal.Decide.
func (s *Store) DecideReveal(ctx context.Context, id, decision string, actor regulation.Actor) error {
	params, err := s.paramsOf(ctx)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		var row revealRow
		if err := locked(tx).Take(&row, "id = ?", id).Error; err != nil {
			return found(err, "reveal")
		}
		r, err := row.reveal().Decide(decision, actor, params, s.now())
		if err != nil {
			return err
		}
		after := newRevealRow(r)
		if err := tx.Save(&after).Error; err != nil {
			return err
		}
		told := inTheirOwnRight([]string{r.By})
		if decision == regulation.RevealApproved {
			told = append(told, regulation.Seat{Role: regulation.AuthorityHead, Org: r.Authority})
		}
		return s.addRevealEntry(tx, r, 2, decision, actor, nil, told...)
	})
}

// paramsOf are the parameters in force now.
func (s *Store) paramsOf(ctx context.Context) (regulation.Params, error) {
	edition, err := s.CurrentEdition(ctx)
	if err != nil {
		return regulation.Params{}, err
	}
	return s.Params(ctx, edition)
}

// RevealOf is a request within the scope; NotFound outside.
func (s *Store) RevealOf(ctx context.Context, scope regulation.Scope, id string) (regulation.Reveal, error) {
	var row revealRow
	if err := inScope(s.rows(ctx), scope, scopeColumns{area: "area"}).Take(&row, "id = ?", id).Error; err != nil {
		return regulation.Reveal{}, found(err, "reveal")
	}
	return s.numbered(ctx, row.reveal())
}

func (s *Store) numbered(ctx context.Context, r regulation.Reveal) (regulation.Reveal, error) {
	var err error
	r.Number, err = s.CaseNumber(ctx, r.Case)
	return r, err
}

// Reveals lists the requests within the scope, the newest first.
func (s *Store) Reveals(ctx context.Context, scope regulation.Scope, limit int) ([]regulation.Reveal, error) {
	var rows []revealRow
	if err := inScope(s.rows(ctx), scope, scopeColumns{area: "area"}).Order("asked_at DESC, id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	all := make([]regulation.Reveal, 0, len(rows))
	for _, row := range rows {
		r, err := s.numbered(ctx, row.reveal())
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// RevealReason is the sentence of a request.
func (s *Store) RevealReason(ctx context.Context, id string) (string, error) {
	texts, err := s.openTexts(ctx, id, func(regulation.TextRef) bool { return true })
	return texts[regulation.TextRef{Seq: 1, Field: "reason"}], err
}

// OpenReveal opens the vault to who asked, while the approval lasts. The audit log has it before they do, and the rater
// reads of it on the receipt's page.
func (s *Store) OpenReveal(ctx context.Context, r regulation.Reveal, actor regulation.Actor) (Contact, error) {
	if err := r.MayRead(actor.Person, s.now()); err != nil {
		return Contact{}, err
	}
	actor.As = r.As
	return s.Reveal(ctx, regulation.Scope{All: true}, r.Case, string(r.Purpose), actor)
}

// revealLeaf makes an entry's leaf anew.
func (s *Store) revealLeaf(ctx context.Context, ref string) (leafContent, error) {
	id, seq, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row revealEntryRow
	if err := s.rows(ctx).Take(&row, "reveal_id = ? AND seq = ?", id, seq).Error; err != nil {
		return leafContent{}, err
	}
	var body storedReveal
	if err := json.Unmarshal(row.Body, &body); err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, canonicalEntry(leafReveal, row.RevealID, row.Seq, row.Body)}, columnsAre(map[string]bool{"at": micros(body.At) == row.At})
}
