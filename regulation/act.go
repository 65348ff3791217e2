package regulation

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ActKind names a statutory act; addresses, policies, events and messages use it.
type ActKind string

const (
	ActAccept              ActKind = "accept"
	ActRecordCallback      ActKind = "record_callback"
	ActExemptCallback      ActKind = "exempt_callback"
	ActAddEvidence         ActKind = "add_evidence"
	ActServeNotice         ActKind = "serve_notice"
	ActRecordFinding       ActKind = "record_finding"
	ActAskConsent          ActKind = "ask_consent"
	ActAnswerConsent       ActKind = "answer_consent"
	ActWithdrawConsent     ActKind = "withdraw_consent"
	ActTransfer            ActKind = "transfer"
	ActSign                ActKind = "sign"
	ActReturnOrder         ActKind = "return_order"
	ActSubmitPlan          ActKind = "submit_plan"
	ActInterimReply        ActKind = "interim_reply"
	ActSubmitRectification ActKind = "submit_rectification"
	ActAcceptRectification ActKind = "accept_rectification"
	ActRejectRectification ActKind = "reject_rectification"
	ActReleaseReply        ActKind = "release_reply"
	ActAnswerSurvey        ActKind = "answer_survey"
	ActClosingCallback     ActKind = "closing_callback"
	ActRecheck             ActKind = "recheck"
	ActClose               ActKind = "close"

	ActLodgeAppeal    ActKind = "lodge_appeal"
	ActWithdrawAppeal ActKind = "withdraw_appeal"
	ActDecideAppeal   ActKind = "decide_appeal"

	ActProposeWriteOff ActKind = "propose_write_off"
	ActApproveWriteOff ActKind = "approve_write_off"
	ActRefuseWriteOff  ActKind = "refuse_write_off"
	ActTellRater       ActKind = "tell_rater"
	ActObjectWriteOff  ActKind = "object_write_off"
	ActDecideObjection ActKind = "decide_objection"
	ActReviewWriteOff  ActKind = "review_write_off"

	ActFlagMalice    ActKind = "flag_malice"
	ActConfirmMalice ActKind = "confirm_malice"
	ActRejectMalice  ActKind = "reject_malice"

	ActProposeCredit ActKind = "propose_credit"
	ActObjectCredit  ActKind = "object_credit"
	ActApproveCredit ActKind = "approve_credit"
	ActConfirmCredit ActKind = "confirm_credit"

	ActProposeReattribution ActKind = "propose_reattribution"
	ActApproveReattribution ActKind = "approve_reattribution"
	ActRefuseReattribution  ActKind = "refuse_reattribution"

	ActRequestExtension ActKind = "request_extension"
	ActApproveExtension ActKind = "approve_extension"
	ActRefuseExtension  ActKind = "refuse_extension"

	ActReferAccountability  ActKind = "refer_accountability"
	ActGiveStatement        ActKind = "give_statement"
	ActDecideAccountability ActKind = "decide_accountability"
	ActRecordBody           ActKind = "record_body_document"
	ActAnswerRecommendation ActKind = "answer_recommendation"
	ActRequestReview        ActKind = "request_review"
	ActDecideReview         ActKind = "decide_review"
	ActRevokeAccountability ActKind = "revoke_accountability"

	ActReportPressure      ActKind = "report_pressure"
	ActRecordInvestigation ActKind = "record_investigation"
	ActFollowUp            ActKind = "follow_up"
	ActReviewCase          ActKind = "review_case"
)

// FieldType tells a page how to draw a field and the check how to read it.
type FieldType string

const (
	TypeText   FieldType = "text"   // one line
	TypeLong   FieldType = "long"   // free text: stored encrypted, digest in the event
	TypeChoice FieldType = "choice" // one of Options
	TypeMany   FieldType = "many"   // any of Options
	TypeYesNo  FieldType = "yes_no"
	TypeDate   FieldType = "date"   // 2006-01-02
	TypeUnit   FieldType = "unit"   // id of an organisation within the authority's area
	TypeUnits  FieldType = "units"  // several of them
	TypeWindow FieldType = "window" // id of a window that a unit of the area serves
	TypeStaff  FieldType = "staff"  // id of a staff profile of a unit of the area
	TypeNumber FieldType = "number" // digits
	TypeFiles  FieldType = "files"  // digests of staged files
	TypeCases  FieldType = "cases"  // ids of cases
)

// Field is one field of an act's form. Pages, the API's check, openapi.yaml and the state
// machine's documentation are all made from it. Max counts characters, not bytes.
type Field struct {
	Name     string
	Type     FieldType
	Required bool
	Options  []string
	Max      int
}

// Values are what an act carries: each field's values by name. Single fields have one value.
type Values map[string][]string

// Get returns the field's single value, trimmed, or "". Empty values before it, as forms send
// them, are passed over, as the check does.
func (v Values) Get(name string) string {
	if given := nonEmpty(v[name]); len(given) > 0 {
		return given[0]
	}
	return ""
}

// Yes tells whether a yes_no field was answered yes.
func (v Values) Yes(name string) bool { return v.Get(name) == "yes" }

// Act is somebody's request to do a statutory act. ID makes it idempotent. The instant at
// which it was received is Apply's argument.
type Act struct {
	ID     string
	Kind   ActKind
	Values Values
}

// Bounds of what a field may hold besides text.
const (
	maxItems = 20  // values of one field
	maxID    = 128 // characters of an organisation's id or a file's digest
)

// checkFields holds the values against the fields and returns codes per field, or nil.
func (r Rules) checkFields(fields []Field, v Values) map[string]string {
	bad := map[string]string{}
	known := map[string]bool{}
	for _, f := range fields {
		known[f.Name] = true
		if code := f.check(v); code != "" {
			bad[f.Name] = code
		} else if code := r.strange(f, v); code != "" {
			bad[f.Name] = code
		}
	}
	for name := range v {
		if !known[name] {
			bad[name] = "unknown_field"
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return bad
}

// strange is the code for a field that names an organisation, a window or a person outside the
// area, or "".
func (r Rules) strange(f Field, v Values) string {
	for _, id := range nonEmpty(v[f.Name]) {
		_, staffed := r.Staff[id]
		switch {
		case (f.Type == TypeUnit || f.Type == TypeUnits) && r.Units != nil && !contains(r.Units, id):
			return "no_such_unit"
		case f.Type == TypeWindow && r.Windows != nil && r.window(id).ID == "":
			return "no_such_window"
		case f.Type == TypeStaff && r.Staff != nil && !staffed:
			return "no_such_staff"
		}
	}
	return ""
}

// Places tells whether a form of the fields names windows or people, so that Rules.Windows and
// Rules.Staff have to be filled to check it.
func (s Spec) Places() bool {
	return slices.ContainsFunc(s.Fields, func(f Field) bool { return f.Type == TypeWindow || f.Type == TypeStaff })
}

func (f Field) check(v Values) string {
	given := nonEmpty(v[f.Name])
	if len(given) == 0 {
		if f.Required {
			return "required"
		}
		return ""
	}
	if len(given) > 1 && f.Type != TypeMany && f.Type != TypeUnits && f.Type != TypeFiles && f.Type != TypeCases {
		return "one_value_only"
	}
	if len(given) > maxItems {
		return "too_many"
	}
	for _, value := range given {
		if code := f.checkValue(value); code != "" {
			return code
		}
	}
	return ""
}

func (f Field) checkValue(value string) string {
	if !IsText(value) {
		return "not_text"
	}
	if f.Max > 0 && utf8.RuneCountInString(value) > f.Max {
		return "too_long"
	}
	switch f.Type {
	case TypeChoice, TypeMany:
		if !contains(f.Options, value) {
			return "not_an_option"
		}
	case TypeYesNo:
		if value != "yes" && value != "no" {
			return "not_an_option"
		}
	case TypeDate:
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return "not_a_date"
		}
	case TypeNumber:
		if strings.ContainsFunc(value, func(c rune) bool { return c < '0' || c > '9' }) {
			return "not_a_number"
		}
	case TypeUnit, TypeUnits, TypeWindow, TypeStaff, TypeFiles, TypeCases:
		if utf8.RuneCountInString(value) > maxID {
			return "too_long"
		}
	}
	return ""
}

// IsText tells whether a value is valid UTF-8 without control characters but line ends and tabs:
// what people type, and what every database, log and page can show.
func IsText(value string) bool {
	return utf8.ValidString(value) && !strings.ContainsFunc(value, func(c rune) bool {
		return unicode.IsControl(c) && c != '\n' && c != '\r' && c != '\t'
	})
}

func nonEmpty(values []string) []string {
	var out []string
	for _, value := range values {
		if trimmed := strings.TrimSpace(value); trimmed != "" {
			out = append(out, trimmed)
		}
	}
	return out
}
