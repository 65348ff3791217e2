package regulation

import (
	"time"

	"haochaping/workday"
)

// What is kept, and how long (9(2), R59). A deletion takes words, recordings and identities; codes,
// figures and proofs stay: the ledger's leaves, salted digests that prove nothing about anyone once
// the text is gone.

// RetentionHow is how a kind of data ends.
type RetentionHow string

const (
	RetainForGood RetentionHow = "for_good" // figures and proofs: nothing of the rater is in them
	RetainByRule  RetentionHow = "by_rule"  // deleted by the table, logged and ledgered
	RetainSwept   RetentionHow = "swept"    // ends by itself within hours: nothing was ever recorded of it
	RetainEngine  RetentionHow = "engine"   // the engine's own retention
)

// RetentionFrom is from when a period counts.
type RetentionFrom string

const (
	RetainFromClosing RetentionFrom = "closing" // the case's last closing; without a case, the rating
	RetainFromEntry   RetentionFrom = "entry"   // the entry itself
)

// Kept is one row of the retention table.
type Kept struct {
	What  string
	How   RetentionHow
	Param string        // parameter that counts the months, for RetainByRule
	From  RetentionFrom // for RetainByRule
	// Raters tells that the row stands on the privacy notice: it is about what raters give.
	Raters bool
}

// Kinds of what is deleted by the table.
const (
	KeptContact   = "contact"
	KeptScan      = "scan"
	KeptRecording = "recording"
	KeptText      = "text" // the rater's own words
	KeptPaper     = "paper"
	KeptEvidence  = "evidence"
	KeptArchive   = "archive"
	KeptAudit     = "audit"
	KeptTrace     = "trace" // keyed digests of the browser from which a rating came
	// Of the work around cases.
	KeptCall        = "call"         // the hotline's calls: agent, times, the recording's id
	KeptRaterNotice = "rater_notice" // that a rater was sent a text message
	KeptNotice      = "notice"       // what staff were told outside the product
	KeptRepair      = "repair"       // confirmed repairs of devices
	KeptInbound     = "inbound"      // counts by day, refused messages, settled ones that could not be matched
	KeptImport      = "paper_import" // that a sheet of paper forms was imported, and by whom
	KeptExport      = "export"       // that somebody had a list as a file; the file itself goes within days
)

// Retention is the table, in the order in which it is shown.
var Retention = []Kept{
	{What: "rating", How: RetainForGood, Raters: true},
	{What: "event", How: RetainForGood, Raters: true},
	{What: KeptContact, How: RetainByRule, Param: KeepContactMonths, From: RetainFromClosing, Raters: true},
	{What: KeptScan, How: RetainByRule, Param: KeepContactMonths, From: RetainFromClosing, Raters: true},
	{What: KeptRecording, How: RetainByRule, Param: KeepRecordingMonths, From: RetainFromClosing, Raters: true},
	{What: KeptText, How: RetainByRule, Param: KeepTextMonths, From: RetainFromClosing, Raters: true},
	{What: KeptPaper, How: RetainByRule, Param: KeepCaseMonths, From: RetainFromClosing, Raters: true},
	{What: KeptEvidence, How: RetainByRule, Param: KeepCaseMonths, From: RetainFromClosing, Raters: true},
	{What: KeptArchive, How: RetainByRule, Param: KeepCaseMonths, From: RetainFromClosing, Raters: true},
	{What: KeptAudit, How: RetainByRule, Param: KeepAuditMonths, From: RetainFromEntry, Raters: true},
	{What: KeptTrace, How: RetainByRule, Param: KeepTraceMonths, From: RetainFromEntry, Raters: true},
	{What: KeptCall, How: RetainByRule, Param: KeepRecordingMonths, From: RetainFromClosing, Raters: true},
	{What: KeptRaterNotice, How: RetainByRule, Param: KeepContactMonths, From: RetainFromClosing, Raters: true},
	{What: KeptNotice, How: RetainByRule, Param: KeepLogMonths, From: RetainFromEntry},
	{What: KeptRepair, How: RetainByRule, Param: KeepLogMonths, From: RetainFromEntry},
	{What: KeptInbound, How: RetainByRule, Param: KeepLogMonths, From: RetainFromEntry},
	{What: KeptImport, How: RetainByRule, Param: KeepCaseMonths, From: RetainFromEntry},
	{What: KeptExport, How: RetainByRule, Param: KeepLogMonths, From: RetainFromEntry},
	// Leaves of the ledger, and the proof that the province was told (9(3)): codes and ids alone.
	{What: "device_message", How: RetainForGood},
	{What: "delivery", How: RetainForGood},
	{What: "notice_address", How: RetainSwept},
	{What: "session", How: RetainSwept},
	{What: "staged", How: RetainSwept},
	{What: "history", How: RetainEngine},
	{What: "deletion", How: RetainForGood},
	{What: "ledger", How: RetainForGood},
}

// HoldKinds say why a case's data is held back from deletion by hand. An open appeal, accountability
// or investigation needs none: it keeps the case from being closed.
var HoldKinds = []string{"lawsuit", "appeal", "accountability", "investigation", "archive_inspection"}

// HoldFields and LiftFields are what is typed to hold a case and to lift the hold.
var (
	HoldFields = []Field{
		{Name: "number", Type: TypeText, Required: true, Max: 40},
		{Name: "hold_kind", Type: TypeChoice, Required: true, Options: HoldKinds},
		{Name: "hold_reasons", Type: TypeLong, Required: true, Max: 2000},
	}
	LiftFields = []Field{{Name: "hold_reasons", Type: TypeLong, Required: true, Max: 2000}}
)

// CheckHold holds what was typed against the fields.
func CheckHold(fields []Field, v Values) error {
	if bad := (Rules{}).checkFields(fields, v); bad != nil {
		return &Error{Code: Invalid, Clause: ClauseRights, Missing: "fields", Fields: bad}
	}
	return nil
}

// leastAuditMonths is fixed by the Cybersecurity Law, article 21: logs at least six months.
const leastAuditMonths = 6

// KeptUntil is the instant before which something must have begun to count to be deleted on a day.
func (p Params) KeptUntil(k Kept, today workday.Date) time.Time {
	months := p.Days(k.Param)
	if k.What == KeptAudit || k.Param == KeepLogMonths {
		months = max(months, leastAuditMonths)
	}
	year, month, day := today.Civil()
	return workday.NewDate(year, month-time.Month(months), day).Start()
}

// Parameters of retention (R59).
const (
	KeepContactMonths   = "keep_contact_months"
	KeepRecordingMonths = "keep_recording_months"
	KeepTextMonths      = "keep_text_months"
	KeepCaseMonths      = "keep_case_months"
	KeepAuditMonths     = "keep_audit_months"
	KeepTraceMonths     = "keep_trace_months"
	KeepLogMonths       = "keep_log_months"
)

const (
	shortest = "Personal Information Protection Law, articles 19 and 47: the shortest time that the purpose needs; " + chosen
	archives = "ten years, the shorter term of document archives (National Archives Administration, order 8 of 2006: 10 or 30 years); " + chosen
	logs     = "Cybersecurity Law, article 21: logs at least six months; " + chosen
)
