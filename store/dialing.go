package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
)

type dialingRow struct {
	ID         string `gorm:"primaryKey"`
	CaseID     string
	Clerk      string
	AssignedBy string
	AssignedAt int64
	UntilAt    int64
}

func (dialingRow) TableName() string { return "dialings" }

// Dialing lets a clerk call the rater of one case until an instant.
type Dialing struct {
	Case  regulation.Case
	Clerk string
	Until time.Time
}

// AssignDialings notes several at once, each with a line in the audit log. Whether the actor may, and whether
// the clerk makes such calls, is the caller's to say before. FourEyes: nobody assigns a call to themselves.
func (s *Store) AssignDialings(ctx context.Context, actor regulation.Actor, dialings []Dialing) error {
	return s.record(ctx, func(tx *gorm.DB) error {
		for _, d := range dialings {
			if d.Clerk == actor.Person {
				return &regulation.Error{Code: regulation.FourEyes, Clause: regulation.ClauseRights, Missing: "dial_own"}
			}
			row := dialingRow{newID(), d.Case.ID, d.Clerk, actor.Person, micros(s.now()), micros(d.Until)}
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
			if err := s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "assign_dialing", ObjectKind: "case",
				ObjectID: d.Case.ID, Area: d.Case.Area, Unit: actor.As.Org, Purpose: PurposeCallback, Outcome: OutcomeDone}); err != nil {
				return err
			}
		}
		return nil
	})
}

// DialingUntil is until when a person may call the rater of a case, or might; zero where nobody ever let them.
func (s *Store) DialingUntil(ctx context.Context, caseID, person string) (time.Time, error) {
	var until int64
	err := s.rows(ctx).Raw("SELECT COALESCE(MAX(until_at), 0) FROM dialings WHERE case_id = ? AND clerk = ?", caseID, person).Scan(&until).Error
	return instant(until), err
}

// DueCall is a call to be made, with whoever has taken it and until when they may make it.
type DueCall struct {
	CaseID string
	Number string
	Area   string
	Act    regulation.ActKind
	Due    time.Time
	Holder string
	Until  time.Time
}

// waitingFirst: taken and not let, not taken, let; then by due time.
const waitingFirst = "CASE WHEN t.claimed_by = '' THEN 1 WHEN until_at > ? THEN 2 ELSE 0 END, t.due_at, t.id"

// DueCalls lists the calls to be made within the scope, those that a clerk has taken and may not make yet
// first, then by when they are due.
func (s *Store) DueCalls(ctx context.Context, scope regulation.Scope, limit int) ([]DueCall, error) {
	var rows []struct {
		CaseID, Number, Area, Act, ClaimedBy string
		DueAt, UntilAt                       int64
	}
	query := s.rows(ctx).Table("tasks t").Select(`t.case_id, t.number, t.area, t.act, t.claimed_by, t.due_at,
		(SELECT COALESCE(MAX(d.until_at), 0) FROM dialings d WHERE d.case_id = t.case_id AND d.clerk = t.claimed_by) AS until_at`).
		Where("t.act IN ?", regulation.Calls())
	err := inScope(query, scope, scopeColumns{area: "t.area"}).
		Order(clause.OrderBy{Expression: clause.Expr{SQL: waitingFirst, Vars: []any{micros(s.now())}}}).Limit(limit).Scan(&rows).Error
	calls := make([]DueCall, 0, len(rows))
	for _, row := range rows {
		calls = append(calls, DueCall{row.CaseID, row.Number, row.Area, regulation.ActKind(row.Act), instant(row.DueAt), row.ClaimedBy, instant(row.UntilAt)})
	}
	return calls, err
}

// CallOf is the first call that a case waits for, false where there is none.
func (s *Store) CallOf(ctx context.Context, caseID string) (DueCall, bool, error) {
	var rows []struct{ CaseID, Number, Act, ClaimedBy string }
	err := s.rows(ctx).Table("tasks").Where("case_id = ? AND act IN ?", caseID, regulation.Calls()).Order("due_at").Limit(1).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return DueCall{}, false, err
	}
	call := DueCall{CaseID: rows[0].CaseID, Number: rows[0].Number, Act: regulation.ActKind(rows[0].Act), Holder: rows[0].ClaimedBy}
	call.Until, err = s.DialingUntil(ctx, caseID, call.Holder)
	return call, true, err
}

// CodeWord is what a clerk says on the telephone and the rater sees on the receipt's page: whoever does not
// know it does not call for the office. It is made of the rater's own key, and gone with it.
func (s *Store) CodeWord(ctx context.Context, ratingID string) (string, error) {
	if s.sealer == nil {
		return "", errNoKeys
	}
	if _, err := s.CatchUpErasures(ctx); err != nil {
		return "", err
	}
	key, err := s.subjectKey(ctx, s.rows(ctx), ratingID)
	if err != nil {
		return "", found(err, "contact")
	}
	return key.CodeWord()
}
