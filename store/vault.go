package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
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

// sealContact adds the row of a rater's contact under their key, and that of the key where it waits in the record.
func (s *Store) sealContact(rows pile, key readyKey, c Contact, at time.Time) error {
	plain, err := json.Marshal(c)
	if err != nil {
		return err
	}
	sealed, err := key.Seal(plain, vaultPlace(key.row.Subject))
	if err != nil {
		return err
	}
	index, err := s.sealer.Index(seal.IndexPhone, c.Phone)
	var phone any // NULL without a number, so that those without one are not all equal
	switch {
	case err == nil:
		phone = hex.EncodeToString(index.MAC)
	case !errors.Is(err, seal.ErrNothingToIndex):
		return err
	}
	if !key.kept {
		rows.add(subjectKeysTable, []any{key.row.Subject, key.row.Wrapped})
	}
	rows.add(vaultTable, []any{key.row.Subject, seal.SuiteSM4GCM, key.ID(), index.KeyID, phone, sealed, micros(at)})
	return nil
}

type vaultRow struct {
	Subject string `gorm:"primaryKey"`
	Sealed  []byte
	KeyID   string
}

func (vaultRow) TableName() string { return "vault" }

// subjectKeyRow is a wrapped key that waits in the record for the key store.
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

// PurposeCallback is the purpose for which a clerk reads a contact while a supervisor's assignment lasts: to call the rater
// back, in verification, for consent and when closing (R23, R28, R30). Every other is a regulation.RevealPurpose.
const PurposeCallback = "callback"

// PurposeConnect is the callback by a gateway: the number goes there and nobody reads it.
const PurposeConnect = "connect"

// Reveal decrypts a case's contact for a named purpose, with a line in the audit log in the same
// transaction: nobody reads it unseen (R49). For a referral it is the name alone (R46). Whether the actor may is policies' to say before.
// NotFound: outside the scope, or nothing is known of the rater (any more).
func (s *Store) Reveal(ctx context.Context, scope regulation.Scope, caseID, purpose string, actor regulation.Actor) (Contact, error) {
	asked := slices.Contains(regulation.RevealPurposes, regulation.RevealPurpose(purpose))
	if !asked && purpose != PurposeCallback && purpose != PurposeConnect {
		return Contact{}, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field("purpose", "not_an_option")
	}
	c, err := s.CaseByID(ctx, scope, caseID)
	if err != nil {
		return Contact{}, err
	}
	// Who rated before consents were recorded is taken as not having agreed (R50).
	records, err := s.Consents(ctx, c.RatingID)
	if err == nil {
		err = regulation.MayOpen(records)
	}
	if err != nil {
		return Contact{}, err
	}
	contact, err := s.openContact(ctx, c.RatingID)
	if err != nil {
		return Contact{}, err
	}
	err = s.record(ctx, func(tx *gorm.DB) error {
		return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "reveal_contact", ObjectKind: "case",
			ObjectID: c.ID, Area: c.Area, Unit: actor.As.Org, Purpose: purpose, Outcome: OutcomeDone})
	})
	if err != nil {
		return Contact{}, err
	}
	if purpose == string(regulation.RevealReferral) {
		contact = Contact{Name: contact.Name}
	}
	return contact, nil
}

// MaskedContact is what of a case's contact may be shown without a purpose: 扎*, 138****5678,
// language and time of day. It is zero where nothing is known.
func (s *Store) MaskedContact(ctx context.Context, scope regulation.Scope, caseID string) (Contact, error) {
	c, err := s.CaseByID(ctx, scope, caseID)
	if err != nil {
		return Contact{}, err
	}
	full, err := s.openContact(ctx, c.RatingID)
	var refusal *regulation.Error
	if errors.As(err, &refusal) {
		return Contact{}, nil
	}
	if err != nil {
		return Contact{}, err
	}
	return maskedContact(full), nil
}

// openContact: NotFound where nothing is known (any more), Unavailable while the key store is away.
func (s *Store) openContact(ctx context.Context, subject string) (c Contact, err error) {
	if s.sealer == nil {
		return c, errNoKeys
	}
	if _, err := s.CatchUpErasures(ctx); err != nil {
		return c, err
	}
	var row vaultRow
	if err := s.rows(ctx).Take(&row, "subject = ?", subject).Error; err != nil {
		return c, found(err, "contact")
	}
	opened, err := s.subjectKey(ctx, s.rows(ctx), subject)
	if err != nil {
		return c, found(err, "contact") // erased
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
	eraseAgain     = "replay"
)

// Erase destroys a rater's key, and with it what the vault holds of them; the rating and its
// figures stand, and its case knows in the same transaction that nobody can be called. It is noted, first
// on the list outside the record, so that a restored back-up is cleaned again before it opens. To erase again does no harm. agreed are the
// others who decided on it.
func (s *Store) Erase(ctx context.Context, ratingID, person, basis string, agreed ...string) error {
	if basis != eraseAgain && s.erased != nil {
		if err := s.erased.add(s.erasedNow(), ratingID); err != nil {
			return err
		}
	}
	if err := s.eraseInRecord(ctx, ratingID, person, basis, agreed); err != nil {
		return err
	}
	if s.subjectKeys != nil {
		s.destroyed(ctx, ratingID)
	}
	return nil
}

func (s *Store) eraseInRecord(ctx context.Context, ratingID, person, basis string, agreed []string) error {
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
	if err := s.withdrawAll(tx, ratingID, s.now()); err != nil {
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
	var here []string
	for some := range slices.Chunk(subjects, keysAtOnce) {
		var ids []string
		if err := s.rows(ctx).Table("ratings").Where("id IN ?", some).Pluck("id", &ids).Error; err != nil {
			return 0, err
		}
		here = append(here, ids...)
	}
	for _, subject := range here {
		if err := s.Erase(ctx, subject, string(regulation.System), eraseAgain); err != nil {
			return known, err
		}
		known++
	}
	return known, nil
}
