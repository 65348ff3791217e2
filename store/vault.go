package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// Contact is how a rater may be reached, as far as they said so (R49): it goes into the vault.
type Contact struct {
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Language string `json:"language,omitempty"` // zh, bo, ...
	Hours    string `json:"hours,omitempty"`    // code of the time of day
	// Identity is an identity number that another system sent with the rater's consent; no page of ours asks for one.
	Identity string `json:"identity,omitempty"`
}

// Given tells whether anything was said at all.
func (c Contact) Given() bool { return c != Contact{} }

var (
	subjectKeysTable = table{name: "subject_keys", columns: []string{"subject", "wrapped"}}
	vaultTable       = table{name: "vault", columns: []string{"subject", "suite", "key_id", "index_key_id", "phone_index", "sealed", "added_at"}}
)

func vaultPlace(subject string) seal.Place {
	return seal.Place{Table: "vault", ID: subject, Field: "contact"}
}

// sealContact returns the rows of a rater's vault entry: the wrapped key of their own, and the
// contact under it.
func (s *Store) sealContact(subject string, c Contact, at time.Time) (keyRow, vaultRow []any, err error) {
	key, wrapped, err := s.sealer.NewSubjectKey(subject)
	if err != nil {
		return nil, nil, err
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, nil, err
	}
	sealed, err := key.Seal(plain, vaultPlace(subject))
	if err != nil {
		return nil, nil, err
	}
	index, err := s.sealer.Index(seal.IndexPhone, c.Phone)
	var phone any // NULL without a number, so that those without one are not all equal
	switch {
	case err == nil:
		phone = hex.EncodeToString(index.MAC)
	case !errors.Is(err, seal.ErrNothingToIndex):
		return nil, nil, err
	}
	return []any{subject, wrapped},
		[]any{subject, seal.SuiteSM4GCM, key.ID(), index.KeyID, phone, sealed, micros(at)}, nil
}

type vaultRow struct {
	Subject string `gorm:"primaryKey"`
	Sealed  []byte
	KeyID   string
}

func (vaultRow) TableName() string { return "vault" }

type subjectKeyRow struct {
	Subject string `gorm:"primaryKey"`
	Wrapped []byte
}

func (subjectKeyRow) TableName() string { return "subject_keys" }

type erasureRow struct {
	Subject  string `gorm:"primaryKey"`
	ErasedAt int64
	Person   string
	Basis    string
}

func (erasureRow) TableName() string { return "erasures" }

// PurposeCallback is the one purpose for which a contact is shown in clear: to call the rater
// back, in verification, for consent and when closing (R23, R28, R30).
const PurposeCallback = "callback"

// PurposeReferral is the purpose for which the name alone is shown: to enter it by hand on the paper of an
// approved referral to the credit record (R46).
const PurposeReferral = "credit_referral"

// Reveal decrypts a case's contact for a named purpose, with a line in the audit log in the same
// transaction: nobody reads it unseen (R49). Whether the actor may is policies' to say before.
// NotFound: outside the scope, or nothing is known of the rater (any more).
func (s *Store) Reveal(ctx context.Context, scope regulation.Scope, caseID, purpose string, actor regulation.Actor) (Contact, error) {
	if purpose != PurposeCallback && purpose != PurposeReferral {
		return Contact{}, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field("purpose", "not_an_option")
	}
	c, err := s.CaseByID(ctx, scope, caseID)
	if err != nil {
		return Contact{}, err
	}
	var contact Contact
	err = s.record(ctx, func(tx *gorm.DB) error {
		if contact, err = s.openContact(tx, c.RatingID); err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "reveal_contact", ObjectKind: "case",
			ObjectID: c.ID, Area: c.Area, Unit: actor.As.Org, Purpose: purpose, Outcome: OutcomeDone})
	})
	if purpose == PurposeReferral {
		contact = Contact{Name: contact.Name}
	}
	return contact, err
}

// MaskedContact is what of a case's contact may be shown without a purpose: 扎*, 138****5678,
// language and time of day. It is zero where nothing is known.
func (s *Store) MaskedContact(ctx context.Context, scope regulation.Scope, caseID string) (Contact, error) {
	c, err := s.CaseByID(ctx, scope, caseID)
	if err != nil {
		return Contact{}, err
	}
	full, err := s.openContact(s.rows(ctx), c.RatingID)
	var refusal *regulation.Error
	if errors.As(err, &refusal) {
		return Contact{}, nil
	}
	if err != nil {
		return Contact{}, err
	}
	masked := Contact{Language: full.Language, Hours: full.Hours}
	if full.Name != "" {
		masked.Name = regulation.MaskName(full.Name)
	}
	if full.Phone != "" {
		masked.Phone = regulation.MaskPhone(full.Phone)
	}
	return masked, nil
}

func (s *Store) openContact(db *gorm.DB, subject string) (c Contact, err error) {
	if s.sealer == nil {
		return c, errNoKeys
	}
	var row vaultRow
	var key subjectKeyRow
	if err := db.Take(&row, "subject = ?", subject).Error; err != nil {
		return c, found(err, "contact")
	}
	if err := db.Take(&key, "subject = ?", subject).Error; err != nil {
		return c, found(err, "contact") // erased
	}
	opened, err := s.sealer.UnwrapSubjectKey(subject, key.Wrapped)
	if err != nil {
		return c, err
	}
	plain, err := opened.Open(row.Sealed, vaultPlace(subject))
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(plain, &c)
}

// RatersByPhone finds the ratings of one telephone number, under every key by which numbers were
// ever indexed: for a rater's own request to see or erase what is kept.
func (s *Store) RatersByPhone(ctx context.Context, phone string) ([]string, error) {
	if s.sealer == nil {
		return nil, errNoKeys
	}
	var keys, subjects []string
	if err := s.rows(ctx).Table("vault").Where("phone_index IS NOT NULL").Distinct().Pluck("index_key_id", &keys).Error; err != nil {
		return nil, err
	}
	for _, key := range keys {
		index, err := s.sealer.IndexUnder(key, seal.IndexPhone, phone)
		if err != nil {
			return nil, err
		}
		var under []string
		err = s.rows(ctx).Table("vault").Where("index_key_id = ? AND phone_index = ?", key, hex.EncodeToString(index.MAC)).
			Order("subject").Pluck("subject", &under).Error
		if err != nil {
			return nil, err
		}
		subjects = append(subjects, under...)
	}
	return subjects, nil
}

// Why a rater is erased, besides retention and the replay after a restore.
const (
	EraseByReceipt = "receipt" // the rater themselves, on the receipt's page; the person is ""
	EraseByRequest = "request" // somebody who took the rater's call
)

// Erase destroys a rater's key, and with it what the vault holds of them; the rating and its
// figures stand, and its case knows in the same transaction that nobody can be called. It is noted, so
// that a restored backup is cleaned again before it opens. To erase again does no harm. agreed are the
// others who decided on it.
func (s *Store) Erase(ctx context.Context, ratingID, person, basis string, agreed ...string) error {
	c, err := s.caseOfRating(ctx, ratingID)
	if err != nil {
		return err
	}
	if c.ID == "" {
		return s.record(ctx, func(tx *gorm.DB) error { return s.eraseRater(tx, ratingID, basis, append([]string{person}, agreed...)) })
	}
	_, err = s.step(ctx, c.ID, "", func(r *recording) error {
		if err := s.eraseRater(r.tx, ratingID, basis, append([]string{person}, agreed...)); err != nil || !r.c.Contactable {
			return err
		}
		return r.forget(s.now())
	})
	return err
}

func (s *Store) eraseRater(tx *gorm.DB, ratingID, basis string, by []string) error {
	if err := eraseSubject(tx, ratingID); err != nil {
		return err
	}
	isNew, err := insertNew(tx, &erasureRow{Subject: ratingID, ErasedAt: micros(s.now()), Person: by[0], Basis: basis})
	if err != nil || !isNew {
		return err
	}
	for _, person := range by {
		if err := s.audit(tx, AuditEntry{Person: person, Action: "erase_rater", ObjectKind: "rating", ObjectID: ratingID, Purpose: basis, Outcome: OutcomeDone}); err != nil {
			return err
		}
	}
	return nil
}

// forget records on a held case that its rater can be reached no more, after the acts received and the
// deadlines passed before; an open case's workflow is on the list of those to be told.
func (r *recording) forget(at time.Time) error {
	if err := r.applyPending(at); err != nil {
		return err
	}
	if err := r.passDeadlines(at); err != nil {
		return err
	}
	rules, err := r.rules(at)
	if err != nil {
		return err
	}
	after, event, happened := rules.Forget(r.c, at)
	if !happened {
		return nil
	}
	if err := r.move(after, event); err != nil || after.Closed() {
		return err
	}
	return r.s.wantRefresh(r.tx, after.ID)
}

// KeepsContact tells whether the vault still holds how a rater may be reached.
func (s *Store) KeepsContact(ctx context.Context, ratingID string) (bool, error) {
	var n int64
	err := s.rows(ctx).Table("vault").Where("subject = ?", ratingID).Count(&n).Error
	return n > 0, err
}

func eraseSubject(tx *gorm.DB, subject string) error {
	if err := tx.Delete(&subjectKeyRow{}, "subject = ?", subject).Error; err != nil {
		return err
	}
	return tx.Delete(&vaultRow{}, "subject = ?", subject).Error
}

// Erasures lists who was erased, for replay after a restore.
func (s *Store) Erasures(ctx context.Context) ([]string, error) {
	var subjects []string
	err := s.rows(ctx).Model(&erasureRow{}).Order("erased_at, subject").Pluck("subject", &subjects).Error
	return subjects, err
}

// ReplayErasures erases these raters again, before a restored record serves anybody, and returns how
// many of them the record knows: those who rated after the backup are not in it.
func (s *Store) ReplayErasures(ctx context.Context, subjects []string) (known int, err error) {
	for _, subject := range subjects {
		var n int64
		if err := s.rows(ctx).Table("ratings").Where("id = ?", subject).Count(&n).Error; err != nil {
			return known, err
		}
		if n == 0 {
			continue
		}
		if err := s.Erase(ctx, subject, string(regulation.System), "replay"); err != nil {
			return known, err
		}
		known++
	}
	return known, nil
}
