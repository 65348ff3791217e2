package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// RetentionHold keeps a case's data from being deleted by the retention table.
type RetentionHold struct {
	ID       string
	CaseID   string
	Number   string // of the case
	Kind     string
	Person   string
	At       time.Time
	LiftedAt time.Time // zero while it stands
	LiftedBy string
	Reasons  string // why it is held
	Lifting  string // why it was lifted
}

type holdRow struct {
	ID       string `gorm:"primaryKey"`
	CaseID   string
	Kind     string
	Person   string
	At       int64
	LiftedAt int64
	LiftedBy string
}

func (holdRow) TableName() string { return "holds" }

const (
	holdText = 1
	liftText = 2
)

// HoldCase holds a case within the scope, named by its number, back from deletion. Refusals: Invalid
// on the fields of regulation.HoldFields, "no_such_case" where the scope has none of that number.
func (s *Store) HoldCase(ctx context.Context, scope regulation.Scope, v regulation.Values, actor regulation.Actor) (id string, err error) {
	if s.sealer == nil {
		return "", errNoKeys
	}
	if err := regulation.CheckHold(regulation.HoldFields, v); err != nil {
		return "", err
	}
	if regulation.MistypedCaseNumber(v.Get("number")) {
		return "", (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field("number", "number_mistyped")
	}
	lines, _, err := s.Cases(ctx, scope, CaseQuery{Number: v.Get("number")})
	if err != nil {
		return "", err
	}
	for _, line := range lines {
		if line.Number == v.Get("number") {
			return s.hold(ctx, line.ID, v, actor)
		}
	}
	return "", (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field("number", "no_such_case")
}

func (s *Store) hold(ctx context.Context, caseID string, v regulation.Values, actor regulation.Actor) (string, error) {
	row := holdRow{ID: newID(), CaseID: caseID, Kind: v.Get("hold_kind"), Person: actor.Person}
	text, _, err := s.sealText(row.ID, holdText, "hold_reasons", v.Get("hold_reasons"))
	if err != nil {
		return "", err
	}
	return row.ID, s.tx(ctx, func(tx *gorm.DB) error {
		row.At = micros(s.now())
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := s.insert(tx, textsTable, text); err != nil {
			return err
		}
		return s.noteHold(tx, "hold_case", row, actor)
	})
}

func (s *Store) noteHold(tx *gorm.DB, action string, row holdRow, actor regulation.Actor) error {
	return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: action, ObjectKind: "case", ObjectID: row.CaseID,
		Area: actor.As.Area, Unit: actor.As.Org, Purpose: row.Kind, Outcome: OutcomeDone})
}

// LiftHold ends a hold on a case within the scope, with reasons. NotFound: no such hold; NotNow: it was
// lifted before.
func (s *Store) LiftHold(ctx context.Context, scope regulation.Scope, id string, v regulation.Values, actor regulation.Actor) error {
	if s.sealer == nil {
		return errNoKeys
	}
	if err := regulation.CheckHold(regulation.LiftFields, v); err != nil {
		return err
	}
	var row holdRow
	if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return found(err, "hold")
	}
	if _, err := s.CaseByID(ctx, scope, row.CaseID); err != nil {
		return err
	}
	text, _, err := s.sealText(row.ID, liftText, "hold_reasons", v.Get("hold_reasons"))
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		done := tx.Model(&holdRow{}).Where("id = ? AND lifted_at = 0", id).Updates(map[string]any{"lifted_at": micros(s.now()), "lifted_by": actor.Person})
		if done.Error == nil && done.RowsAffected == 0 {
			return &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseRights, Missing: "hold_lifted"}
		}
		if done.Error != nil {
			return done.Error
		}
		if err := s.insert(tx, textsTable, text); err != nil {
			return err
		}
		return s.noteHold(tx, "lift_hold", row, actor)
	})
}

// mostHolds bounds the list: holds are rare.
const mostHolds = 200

// RetentionHolds lists the holds on cases within the scope, those that stand first, the newest first.
func (s *Store) RetentionHolds(ctx context.Context, scope regulation.Scope) ([]RetentionHold, error) {
	var rows []struct {
		Hold   holdRow `gorm:"embedded"`
		Number string
	}
	query := inScope(s.rows(ctx).Table("holds h"), scope, scopeColumns{area: "c.area", org: "c.authority"}).
		Select("h.*, c.number").Joins("JOIN cases c ON c.id = h.case_id")
	err := query.Order("CASE WHEN h.lifted_at = 0 THEN 0 ELSE 1 END, h.at DESC, h.id").Limit(mostHolds).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	holds := make([]RetentionHold, 0, len(rows))
	for _, row := range rows {
		h := row.Hold
		texts, err := s.openTexts(ctx, h.ID, func(regulation.TextRef) bool { return true })
		if err != nil {
			return nil, err
		}
		holds = append(holds, RetentionHold{ID: h.ID, CaseID: h.CaseID, Number: row.Number, Kind: h.Kind, Person: h.Person, At: instant(h.At), LiftedAt: instant(h.LiftedAt),
			LiftedBy: h.LiftedBy, Reasons: texts[regulation.TextRef{Seq: holdText, Field: "hold_reasons"}], Lifting: texts[regulation.TextRef{Seq: liftText, Field: "hold_reasons"}]})
	}
	return holds, nil
}
