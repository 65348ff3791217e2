package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// What has happened stands in append-only events for ever, and so would its finding. Reported under a
// reference it is known: still told, and no alarm any more, so that the next one is heard.

// ErrNotReported: what was found is not for reporting, but for mending or restoring.
var ErrNotReported = errors.New("what this check found is mended or restored, not only reported")

// mostReference is the length of the column, in characters.
const mostReference = 64

type knownRow struct {
	CheckName string `gorm:"primaryKey"`
	Code      string `gorm:"primaryKey"`
	CaseID    string `gorm:"primaryKey"`
	About     string `gorm:"primaryKey"`
	Reference string
	Author    string
	At        int64
}

func (knownRow) TableName() string { return "known_findings" }

// knownKey is one thing that a finding is about.
type knownKey struct{ check, code, caseID, about string }

// knownFindings are the references of what was reported, of one case or of all.
func (s *Store) knownFindings(ctx context.Context, only string) (map[knownKey]string, error) {
	query := s.rows(ctx)
	if only != "" {
		query = query.Where("case_id = ?", only)
	}
	var rows []knownRow
	err := query.Find(&rows).Error
	known := make(map[knownKey]string, len(rows))
	for _, r := range rows {
		known[knownKey{r.CheckName, r.Code, r.CaseID, r.About}] = r.Reference
	}
	return known, err
}

// keys are the things that a finding is about, at least one.
func (f Finding) keys() (keys []knownKey) {
	about := f.About
	if len(about) == 0 {
		about = []string{""}
	}
	for _, thing := range about {
		keys = append(keys, knownKey{f.Check, f.Code, f.Case, thing})
	}
	return keys
}

// reportable tells whether all that can be done about a finding is to report it.
func (f Finding) reportable() bool {
	return f.Case != "" && (f.Advice == AdviceReport || f.Advice == AdviceExplain)
}

// reference is under what a finding was reported, all that it is about; "" where any of it was not.
func (v *verifier) reference(f Finding) (reference string) {
	if !f.reportable() {
		return ""
	}
	for _, key := range f.keys() {
		if reference = v.known[key]; reference == "" {
			return ""
		}
	}
	return reference
}

// Acknowledge notes that what a check found on a case was reported under a reference: it is known from
// then on, with a line in the audit log. It returns the codes. Invalid: no reference; ErrNotReported where
// what was found is mended or restored; ErrTampered where the events themselves are in doubt.
func (s *Store) Acknowledge(ctx context.Context, check, caseID, reference, author string) (codes []string, err error) {
	reference = strings.TrimSpace(reference)
	if reference == "" || utf8.RuneCountInString(reference) > mostReference {
		return nil, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("reported", "required")
	}
	found, err := s.openFindings(ctx, check, caseID)
	if err != nil {
		return nil, err
	}
	var rows []knownRow
	others := false
	for _, f := range found {
		switch {
		case f.Check != check:
			return nil, ErrTampered
		case !f.reportable():
			others = true
			continue
		}
		codes = append(codes, f.Code)
		for _, key := range f.keys() {
			rows = append(rows, knownRow{key.check, key.code, key.caseID, key.about, reference, author, micros(s.now())})
		}
	}
	if len(codes) == 0 {
		if others {
			err = ErrNotReported
		}
		return nil, err
	}
	return codes, s.tx(ctx, func(tx *gorm.DB) error { return s.noteKnown(tx, rows, found[0].Area, codes) })
}

// openFindings is what a check finds on a case and nobody has reported, with all that it is about; and
// what makes the case's events doubtful.
func (s *Store) openFindings(ctx context.Context, check, caseID string) (found []Finding, err error) {
	v, err := s.verifier(ctx, VerifyOptions{Case: caseID, Only: []string{check, CheckSequence, CheckLeaves}})
	if err != nil {
		return nil, err
	}
	v.mostAbout = 0
	v.options.Found = func(f Finding) error {
		if f.Known == "" && (f.Check != CheckSequence || f.Code != "not_the_last") {
			found = append(found, f)
		}
		return nil
	}
	return found, v.cases(ctx)
}

func (s *Store) noteKnown(tx *gorm.DB, rows []knownRow, area string, codes []string) error {
	for _, row := range rows {
		if _, err := insertNew(tx, &row); err != nil { // known in part
			return err
		}
	}
	first := rows[0]
	return s.audit(tx, AuditEntry{Person: first.Author, Action: "acknowledge_finding", ObjectKind: "case", ObjectID: first.CaseID, Area: area,
		Purpose: shortened(first.CheckName+":"+strings.Join(slices.Compact(codes), ","), mostPurpose), Outcome: OutcomeDone})
}
