package store

import (
	"context"
	"crypto/hmac"
	"encoding/hex"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// ownCodeField is the sealed text of a citizen's own code: of the entry until it counts, then of the rating, with whose
// words it is deleted (R59).
const ownCodeField = "own_code"

func (s *Store) ownCodeRow(rating, typed string) ([]any, error) {
	code := regulation.TidyOwnCode(typed)
	if code == "" {
		return nil, nil
	}
	row, _, err := s.sealText(rating, 0, ownCodeField, code)
	return row, err
}

// sameOwnCode tells whether the second reads the own code that the first read. On a void sheet nobody reads one.
func (s *Store) sameOwnCode(ctx context.Context, e PaperEntry, f PaperForm) (bool, error) {
	if f.Void != "" || e.Readings[0].Void != "" {
		return true, nil
	}
	words, err := s.openTexts(ctx, e.ID, func(ref regulation.TextRef) bool { return ref.Field == ownCodeField })
	return words[regulation.TextRef{Seq: 1, Field: ownCodeField}] == regulation.TidyOwnCode(f.OwnCode), err
}

// CaseByPaper is CaseByReceipt for a paper form that counts: its serial and the rater's own code. NotFound for an
// unknown serial, one that does not count yet, one without an own code and another code alike. Each failure makes the
// next try of that serial wait longer (NotNow paper_shut), since six digits can be tried.
func (s *Store) CaseByPaper(ctx context.Context, serial, code string) (rating regulation.Rating, c regulation.Case, err error) {
	if s.sealer == nil {
		return rating, c, errNoKeys
	}
	tried, err := s.sealer.Index(seal.IndexMatter, "paper "+serial)
	if err != nil {
		return rating, c, err
	}
	key := hex.EncodeToString(tried.MAC)
	var try matterTryRow
	if err := s.rows(ctx).Limit(1).Find(&try, "number_index = ?", key).Error; err != nil {
		return rating, c, err
	}
	if s.wall().Before(instant(try.OpenAt)) {
		return rating, c, &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseBox, Missing: "paper_shut"}
	}
	var row ratingView
	if err := s.rows(ctx).Limit(1).Find(&row, "form_serial = ?", serial).Error; err != nil {
		return rating, c, err
	}
	words, err := s.openTexts(ctx, row.ID, func(ref regulation.TextRef) bool { return ref.Field == ownCodeField })
	if err != nil {
		return rating, c, err
	}
	own := words[regulation.TextRef{Field: ownCodeField}]
	if !hmac.Equal([]byte(own), []byte(code)) || own == "" {
		// Which form was meant is not noted.
		return rating, c, s.wrongTry(ctx, key, "receipt", AuditEntry{Action: "open_paper", ObjectKind: "paper_form", Outcome: OutcomeWrongCode})
	}
	if c, err = s.caseOfRating(ctx, row.ID); err != nil {
		return rating, c, err
	}
	return row.rating(), c, s.tx(ctx, func(tx *gorm.DB) error { return tx.Delete(&matterTryRow{}, "number_index = ?", key).Error })
}

// OutcomeWrongCode: a paper form's serial and the rater's own code did not belong together.
const OutcomeWrongCode = "wrong_code"
