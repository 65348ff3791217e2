package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

const leafRedaction = "redaction"

// redactedField is under which field of the rating's texts an officer's redaction lies.
const redactedField = "redacted"

type redactionRow struct {
	RatingID string `gorm:"primaryKey"`
	Seq      int64  `gorm:"primaryKey;autoIncrement:false"`
	At       int64
	Decision string
	Body     []byte
	Nonce    []byte
}

func (redactionRow) TableName() string { return "redactions" }

// storedRedaction is a decision as it is kept: the salted digest stands for the text.
type storedRedaction struct {
	Decision    string                `json:"decision"`
	Actor       string                `json:"actor"`
	As          regulation.Assignment `json:"as"`
	At          time.Time             `json:"at"`
	TextDigests map[string]string     `json:"texts,omitempty"`
}

// ToRedact is a rating whose words the rated side does not read yet, or reads as an officer left them.
type ToRedact struct {
	Rating   regulation.Rating
	CaseID   string // "" for a good rating
	Number   string
	Seq      int64 // of the last decision, 0 before the first
	Decision string
}

// redactedLately is how far back the desk reaches among what was decided on.
const redactedLately = 92 * 24 * time.Hour

const lastRedaction = "(SELECT COALESCE(MAX(x.seq), 0) FROM redactions x WHERE x.rating_id = r.id)"

// ToRedact lists ratings with words within the scope: those that wait for an officer, the oldest first so that none is
// passed over, or those decided on of late, the newest first. waiting is how many wait in all. Those of units at which the reader serves are left out here already, or they would hide all others.
func (s *Store) ToRedact(ctx context.Context, scope regulation.Scope, reader regulation.Actor, decided bool, limit int) (some []ToRedact, waiting int64, err error) {
	own := []string{""} // no unit's id
	for _, as := range reader.Assignments {
		own = append(own, as.Org)
	}
	all := func() *gorm.DB {
		return inScope(s.rows(ctx).Table("ratings r"), scope, scopeColumns{area: "r.area"}).Where("r.text_digest <> '' AND r.unit_id NOT IN ?", own)
	}
	// Words that are kept no longer wait for nobody.
	open := func() *gorm.DB {
		return all().Where("NOT EXISTS (SELECT 1 FROM redactions x WHERE x.rating_id = r.id)").
			Where("EXISTS (SELECT 1 FROM texts t WHERE t.owner = r.id AND t.seq = 0 AND t.field = 'text')")
	}
	if err := open().Count(&waiting).Error; err != nil {
		return nil, 0, err
	}
	query := open().Order("r.given_at, r.id")
	if decided {
		query = all().Where("r.given_at > ? AND EXISTS (SELECT 1 FROM redactions x WHERE x.rating_id = r.id)", micros(s.now().Add(-redactedLately))).Order("r.given_at DESC, r.id")
	}
	some, err = s.toRedact(query.Limit(limit))
	return some, waiting, err
}

// RatingToRedact is one of them, however old; NotFound outside the scope, and where nothing was written.
func (s *Store) RatingToRedact(ctx context.Context, scope regulation.Scope, id string) (ToRedact, error) {
	query := inScope(s.rows(ctx).Table("ratings r"), scope, scopeColumns{area: "r.area"}).Where("r.id = ? AND r.text_digest <> ''", id)
	all, err := s.toRedact(query.Limit(1))
	if err == nil && len(all) == 0 {
		err = &regulation.Error{Code: regulation.NotFound, Missing: "rating"}
	}
	if err != nil {
		return ToRedact{}, err
	}
	return all[0], nil
}

func (s *Store) toRedact(query *gorm.DB) ([]ToRedact, error) {
	var rows []struct {
		View     ratingView `gorm:"embedded"`
		CaseID   *string
		Number   *string
		Last     int64
		Decision *string
	}
	err := query.Select("r.*, c.id AS case_id, c.number, " + lastRedaction + " AS last, " +
		"(SELECT x.decision FROM redactions x WHERE x.rating_id = r.id ORDER BY x.seq DESC LIMIT 1) AS decision").
		Joins("LEFT JOIN cases c ON c.rating_id = r.id").Scan(&rows).Error
	all := make([]ToRedact, 0, len(rows))
	for _, row := range rows {
		all = append(all, ToRedact{row.View.rating(), textIn(row.CaseID), textIn(row.Number), row.Last, textIn(row.Decision)})
	}
	return all, err
}

// Redact records an officer's decision on a rating's words, behind the one they saw: Conflict where another came
// between. The refusals are those of regulation.MayRedact and regulation.Redaction.
func (s *Store) Redact(ctx context.Context, w ToRedact, v regulation.Values, actor regulation.Actor) error {
	if err := regulation.MayRedact(actor, w.Rating.Place.Rated); err != nil {
		return err
	}
	original, err := s.RatingText(ctx, w.Rating.ID)
	if err != nil {
		return err
	}
	decision, text, err := regulation.Redaction(original, v)
	if err != nil {
		return err
	}
	texts := map[string]string{}
	if text != "" {
		texts[redactedField] = text
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		switch last, err := s.decided(tx, w.Rating.ID); {
		case err != nil:
			return err
		case last != w.Seq:
			return &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseRights, Missing: "redacted_meanwhile"}
		}
		at, seq := s.now(), w.Seq+1
		body, nonce, err := s.keepEntry(tx, leafRedaction, w.Rating.ID, seq, texts, func(digests map[string]string) any {
			return storedRedaction{decision, actor.Person, actor.As, at, digests}
		})
		if err != nil {
			return err
		}
		if err := tx.Create(&redactionRow{w.Rating.ID, seq, micros(at), decision, body, nonce}).Error; err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "redact_comment", ObjectKind: "rating",
			ObjectID: w.Rating.ID, Area: w.Rating.Place.Area, Unit: actor.As.Org, Purpose: decision, Outcome: OutcomeDone})
	})
}

// decided is the number of the last decision on a rating's words, 0 before the first.
func (s *Store) decided(tx *gorm.DB, ratingID string) (last int64, err error) {
	err = tx.Raw("SELECT COALESCE(MAX(seq), 0) FROM redactions WHERE rating_id = ?", ratingID).Scan(&last).Error
	return last, err
}

// RatedComment is what the rated side reads of a rating's words. The words themselves are not opened.
func (s *Store) RatedComment(ctx context.Context, rating regulation.Rating) (regulation.Comment, error) {
	if !rating.HasText {
		return regulation.Comment{}, nil
	}
	var rows []redactionRow
	err := s.rows(ctx).Where("rating_id = ?", rating.ID).Order("seq DESC").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return regulation.RatedComment(true, "", ""), err
	}
	texts, err := s.openTexts(ctx, rating.ID, func(ref regulation.TextRef) bool { return ref.Seq == rows[0].Seq && ref.Field == redactedField })
	return regulation.RatedComment(true, rows[0].Decision, texts[regulation.TextRef{Seq: rows[0].Seq, Field: redactedField}]), err
}

// redactionLeaf makes a decision's leaf anew.
func (s *Store) redactionLeaf(ctx context.Context, ref string) (leafContent, error) {
	id, seq, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row redactionRow
	if err := s.rows(ctx).Take(&row, "rating_id = ? AND seq = ?", id, seq).Error; err != nil {
		return leafContent{}, err
	}
	var body storedRedaction
	if err := json.Unmarshal(row.Body, &body); err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, canonicalEntry(leafRedaction, row.RatingID, row.Seq, row.Body)},
		columnsAre(map[string]bool{"at": micros(body.At) == row.At, "decision": body.Decision == row.Decision})
}
