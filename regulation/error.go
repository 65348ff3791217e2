package regulation

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// Code classifies a refusal; one file in api turns codes into HTTP problems and one function
// in activities decides which errors are retried.
type Code string

const (
	Invalid      Code = "invalid"       // the content is wrong: see Fields
	NotPermitted Code = "not_permitted" // somebody else may do this: see Who
	NotNow       Code = "not_now"       // the case is elsewhere, or a condition is missing: see Missing, From
	FourEyes     Code = "four_eyes"     // the actor handled this already, or it concerns the actor
	NotFound     Code = "not_found"     // no such object within the actor's area
	Conflict     Code = "conflict"      // same key with another body, or a lost race
	Unavailable  Code = "unavailable"   // a part is away for now; nothing was stored
	RecordFailed Code = "record_failed" // the record cannot take it, however often it is asked: Missing is the cause
)

// Error is a refusal that explains itself: the clause, the missing condition, who may and
// from when. Missing and the values of Fields are codes which the pages render in the
// reader's language ("refusal.<code>"); it never carries what a person typed.
type Error struct {
	Code    Code
	Clause  Clause
	Missing string
	Fields  map[string]string
	Who     []Role
	From    time.Time
	Until   time.Time // until when it was open, where it is over
	Issued  *Issued   // the official document that stands in the way
	Where   string    // address of what there is in its place, from the root of the product's
}

func (e *Error) Error() string {
	parts := []string{string(e.Code)}
	if e.Missing != "" {
		parts = append(parts, e.Missing)
	}
	if e.Clause != "" {
		parts = append(parts, "clause "+string(e.Clause))
	}
	names := make([]string, 0, len(e.Fields))
	for name, code := range e.Fields {
		names = append(names, name+" "+code)
	}
	sort.Strings(names)
	parts = append(parts, names...)
	if len(e.Who) > 0 {
		parts = append(parts, fmt.Sprintf("open to %v", e.Who))
	}
	if !e.From.IsZero() {
		parts = append(parts, "from "+e.From.UTC().Format(time.RFC3339))
	}
	if !e.Until.IsZero() {
		parts = append(parts, "was open until "+e.Until.UTC().Format(time.RFC3339))
	}
	return strings.Join(parts, ": ")
}

// Field adds one field's code to the refusal and returns it, so that checks can collect all
// that is wrong before they answer.
func (e *Error) Field(name, code string) *Error {
	if e.Fields == nil {
		e.Fields = map[string]string{}
	}
	e.Fields[name] = code
	return e
}

func refuse(code Code, clause Clause, missing string, who ...Role) *Error {
	return &Error{Code: code, Clause: clause, Missing: missing, Who: who}
}
