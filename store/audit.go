package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// AuditEntry is one line of the audit log: ids and codes, never what was read or typed.
type AuditEntry struct {
	ID         int64 // grows with time; the key for paging
	At         time.Time
	Person     string // "" where nobody was known
	Role       string // acted under
	Action     string
	ObjectKind string
	ObjectID   string
	Area       string // what it concerns, for the reader's scope
	Unit       string
	Purpose    string // a code
	Outcome    string
}

// AuditActions are what the log can be narrowed to.
var AuditActions = []string{"sign_in", "reveal_contact", "assign_dialing", "redact_comment", "reveal_asked", "reveal_approved", "reveal_refused", "give_rater", "read_scan", "import_paper", "open_archive", "hold_case", "lift_hold", "erase_rater", "appoint", "dismiss", "create_account",
	"issue_document", "read_document", "export_document", "edit_template", "set_mark",
	"disable_account", "enable_account", "set_password", "change_password", "set_absence", "revoke_absence",
	"claim_taken_over", "claim_released", "add_calendar_layer", "add_edition",
	"propose_calendar", "decide_calendar", "propose_edition", "decide_edition", "repair", "declare_outage", "acknowledge_finding",
	"set_staff_phone", "set_notice_address", "confirm_notice_address", "forget_notice_address", "resend_notice", "replace_code", "open_matter", "mend_inbound",
	"device_registered", "device_moved", "device_code", "device_enrolled", "device_locked", "device_retired", "set_hall_hours",
	"print_case", "read_performance", "export_performance", "export_list", "export_downloaded", "export_cancelled", "export_ended", "export_failed", "export_deleted",
	"register_box", "assign_box_keeper", "set_box_state", "move_box", "open_box", "answer_opening"}

// Outcomes that the store itself writes.
const (
	OutcomeDone     = "done"
	OutcomeWrong    = "wrong_password"
	OutcomeLocked   = "locked"
	OutcomeDisabled = "disabled"
	OutcomeUnknown  = "unknown_login"
)

type auditRow struct {
	ID         int64 `gorm:"primaryKey"`
	At         int64
	Person     string
	Role       string
	Action     string
	ObjectKind string
	ObjectID   string
	Area       string
	UnitID     string
	Purpose    string
	Outcome    string
}

func (auditRow) TableName() string { return "audit" }

func (r auditRow) entry() AuditEntry {
	return AuditEntry{ID: r.ID, At: instant(r.At), Person: r.Person, Role: r.Role, Action: r.Action, ObjectKind: r.ObjectKind,
		ObjectID: r.ObjectID, Area: r.Area, Unit: r.UnitID, Purpose: r.Purpose, Outcome: r.Outcome}
}

// audit appends within a transaction, so that what was done and its line stand or fall together.
// The instant is the product's clock; ID and At of the entry are ignored.
func (s *Store) audit(tx *gorm.DB, e AuditEntry) error {
	return tx.Create(&auditRow{At: micros(s.now()), Person: e.Person, Role: e.Role, Action: e.Action, ObjectKind: e.ObjectKind,
		ObjectID: e.ObjectID, Area: e.Area, UnitID: e.Unit, Purpose: e.Purpose, Outcome: e.Outcome}).Error
}

// Audit appends a line of its own, for reads of personal data, exports and the like. What it
// reports must not happen if this fails.
func (s *Store) Audit(ctx context.Context, e AuditEntry) error {
	return s.tx(ctx, func(tx *gorm.DB) error { return s.audit(tx, e) })
}

// AuditQuery narrows a list; zero fields do not. Before is the ID of the last line of the page
// before.
type AuditQuery struct {
	Person string
	Action string
	Before int64
	Until  time.Time // only lines before this instant
	Limit  int
	Total  *int64 // set to how many lines there are on all pages together, where it is asked for
}

// AuditLog lists lines within the scope, the newest first.
func (s *Store) AuditLog(ctx context.Context, scope regulation.Scope, q AuditQuery) ([]AuditEntry, error) {
	query := inScope(s.rows(ctx), scope, scopeColumns{area: "area", units: []string{"unit_id"}})
	if q.Person != "" {
		query = query.Where("person = ?", q.Person)
	}
	if q.Action != "" {
		query = query.Where("action = ?", q.Action)
	}
	if !q.Until.IsZero() {
		query = query.Where("at < ?", micros(q.Until))
	}
	if q.Total != nil {
		if err := query.Session(&gorm.Session{}).Model(&auditRow{}).Count(q.Total).Error; err != nil {
			return nil, err
		}
	}
	if q.Before > 0 {
		query = query.Where("id < ?", q.Before)
	}
	if q.Limit <= 0 || q.Limit > 500 {
		q.Limit = 100
	}
	var rows []auditRow
	err := query.Order("id DESC").Limit(q.Limit).Find(&rows).Error
	return converted(rows, auditRow.entry), err
}
