package regulation

import (
	"strings"
	"time"
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
)

// FieldType tells a page how to draw a field and the check how to read it.
type FieldType string

const (
	TypeText   FieldType = "text"   // one line
	TypeLong   FieldType = "long"   // free text: stored encrypted, digest in the event
	TypeChoice FieldType = "choice" // one of Options
	TypeMany   FieldType = "many"   // any of Options
	TypeYesNo  FieldType = "yes_no"
	TypeDate   FieldType = "date"  // 2006-01-02
	TypeUnit   FieldType = "unit"  // id of an organisation within the authority's area
	TypeUnits  FieldType = "units" // several of them
	TypeFiles  FieldType = "files" // digests of staged files
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

// Get returns the field's single value, trimmed, or "".
func (v Values) Get(name string) string {
	if len(v[name]) == 0 {
		return ""
	}
	return strings.TrimSpace(v[name][0])
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

// check holds the values against the fields and returns codes per field, or nil.
func checkFields(fields []Field, v Values) map[string]string {
	bad := map[string]string{}
	known := map[string]bool{}
	for _, f := range fields {
		known[f.Name] = true
		if code := f.check(v); code != "" {
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

func (f Field) check(v Values) string {
	given := nonEmpty(v[f.Name])
	if len(given) == 0 {
		if f.Required {
			return "required"
		}
		return ""
	}
	if len(given) > 1 && f.Type != TypeMany && f.Type != TypeUnits && f.Type != TypeFiles {
		return "one_value_only"
	}
	for _, value := range given {
		if code := f.checkValue(value); code != "" {
			return code
		}
	}
	return ""
}

func (f Field) checkValue(value string) string {
	if !utf8.ValidString(value) {
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
	}
	return ""
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
