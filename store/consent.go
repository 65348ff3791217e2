package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
)

const leafConsent = "consent"

var consentsTable = table{name: "consents", columns: []string{"id", "rating_id", "scope", "seq", "answer", "at", "how", "wording", "nonce"}}

type consentRow struct {
	ID       string `gorm:"primaryKey"`
	RatingID string
	Scope    string
	Seq      int64
	Answer   string
	At       int64
	How      string
	Wording  string
	Nonce    []byte
}

func (consentRow) TableName() string { return "consents" }

// canonical is version 1 of a consent's canonical bytes.
func (r consentRow) canonical() []byte {
	return ledger.NewRow(leafConsent, 1).Text(r.ID).Text(r.RatingID).Text(r.Scope).Integer(r.Seq).Text(r.Answer).
		Instant(instant(r.At)).Text(r.How).Text(r.Wording).Canonical()
}

func (r consentRow) record() regulation.ConsentRecord {
	return regulation.ConsentRecord{Scope: regulation.ConsentScope(r.Scope), Answer: r.Answer, At: instant(r.At), How: r.How, Wording: r.Wording}
}

// addConsent adds a record with its leaf to what is written together. seq orders those of a scope.
func (s *Store) addConsent(rows pile, ratingID string, seq int64, c regulation.ConsentRecord) {
	row := consentRow{newID(), ratingID, string(c.Scope), seq, c.Answer, micros(c.At), c.How, c.Wording, nil}
	nonce, leaf := pendingLeaf(leafConsent, row.ID, row.canonical(), s.wall())
	rows.add(pendingLeavesTable, leaf)
	rows.add(consentsTable, []any{row.ID, row.RatingID, row.Scope, row.Seq, row.Answer, row.At, row.How, row.Wording, nonce})
}

// addConsentOf adds the record that an event of a case makes, ordered as the case's events are.
func (s *Store) addConsentOf(rows pile, c regulation.Case, e regulation.Event) {
	if record, answered := regulation.ConsentOf(c, e); answered {
		s.addConsent(rows, c.RatingID, e.Seq, record)
	}
}

// Consents lists a rater's answers, the first first within each scope.
func (s *Store) Consents(ctx context.Context, ratingID string) ([]regulation.ConsentRecord, error) {
	return consentsOf(s.rows(ctx), ratingID)
}

func consentsOf(db *gorm.DB, ratingID string) ([]regulation.ConsentRecord, error) {
	var rows []consentRow
	err := db.Where("rating_id = ?", ratingID).Order("scope, seq").Find(&rows).Error
	return converted(rows, consentRow.record), err
}

// AnswerConsent records a rater's own answer on the receipt's page; the same answer again is no further record.
// The scopes that a case's acts or the contact's erasure answer are not for here.
func (s *Store) AnswerConsent(ctx context.Context, ratingID string, scope regulation.ConsentScope, yes bool) error {
	if scope != regulation.ConsentPlatform && scope != regulation.ConsentNotices {
		return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field("scope", "not_an_option")
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		records, err := consentsOf(tx, ratingID)
		if err != nil {
			return err
		}
		answer := regulation.ConsentGiven
		if stands := regulation.MayTell(records, scope) == nil; stands == yes {
			return nil
		}
		if !yes {
			answer = regulation.ConsentWithdrawn
		}
		return s.appendConsent(tx, ratingID, regulation.ConsentRecord{Scope: scope, Answer: answer, At: s.now(), How: "receipt", Wording: regulation.ConsentWording})
	})
}

// appendConsent writes a record behind the last of its scope; of two at once the key refuses one, which is
// tried again.
func (s *Store) appendConsent(tx *gorm.DB, ratingID string, c regulation.ConsentRecord) error {
	var last int64
	err := tx.Raw("SELECT COALESCE(MAX(seq), 0) FROM consents WHERE rating_id = ? AND scope = ?", ratingID, string(c.Scope)).Scan(&last).Error
	if err != nil {
		return err
	}
	rows := pile{}
	s.addConsent(rows, ratingID, last+1, c)
	return s.flush(tx, rows)
}

// withdrawAll notes with an erasure that whatever was agreed to about the contact ends.
func (s *Store) withdrawAll(tx *gorm.DB, ratingID string, at time.Time) error {
	records, err := consentsOf(tx, ratingID)
	if err != nil {
		return err
	}
	for _, scope := range []regulation.ConsentScope{regulation.ConsentContact, regulation.ConsentPlatform} {
		if regulation.MayTell(records, scope) != nil {
			continue
		}
		withdrawn := regulation.ConsentRecord{Scope: scope, Answer: regulation.ConsentWithdrawn, At: at, How: "erasure", Wording: regulation.ConsentWording}
		if err := s.appendConsent(tx, ratingID, withdrawn); err != nil {
			return err
		}
	}
	return nil
}

// RaterFor is the one way by which anything of a rater leaves for somebody else, such as the provincial
// platform: refused without consent (R50), and with a line in the audit log. NotFound where nothing is known of
// the rater (any more).
func (s *Store) RaterFor(ctx context.Context, ratingID string, scope regulation.ConsentScope) (Contact, error) {
	rating, _, err := s.RatingByID(ctx, ratingID)
	if err != nil {
		return Contact{}, err
	}
	records, err := s.Consents(ctx, ratingID)
	if err == nil {
		err = regulation.MayTell(records, scope)
	}
	if err != nil {
		return Contact{}, err
	}
	contact, err := s.openContact(ctx, ratingID)
	if err != nil {
		return Contact{}, err
	}
	err = s.record(ctx, func(tx *gorm.DB) error {
		return s.audit(tx, AuditEntry{Person: string(regulation.System), Role: string(regulation.System), Action: "give_rater", ObjectKind: "rating",
			ObjectID: ratingID, Area: rating.Place.Area, Purpose: string(scope), Outcome: OutcomeDone})
	})
	if err != nil {
		return Contact{}, err
	}
	return contact, nil
}

// consentLeaf makes a consent's leaf anew.
func (s *Store) consentLeaf(ctx context.Context, id string) (leafContent, error) {
	var row consentRow
	if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, row.canonical()}, nil
}
