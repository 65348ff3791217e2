package web

import (
	"slices"
	"time"
)

// RulesTabs leads between calendar, editions and what-if: codes of rules.tab.<Code>.
type RulesTabs struct{ Tabs []NavItem }

// Decision is a proposal and what the reader may do about it. Posted to At: verdict (approve,
// reject, withdraw), remark.
type Decision struct {
	Form
	At                           string
	State                        string // proposed, in_force, to_come, rejected, withdrawn, revoked: proposal.<State>
	Author, DecidedBy            string
	ProposedAt, DecidedAt        time.Time
	Remark                       string
	From                         time.Time // the first day of what is approved, zero where it counts at once
	Approve, Withdraw, Forbidden bool      // Forbidden: the reader would review, but proposed it
}

// CalendarNotice is one notice for the working calendar.
type CalendarNotice struct {
	Href, Name, Number, Place, Basis string
	IssuedOn                         string
	Days                             int
	State                            string
	ProposedAt                       time.Time
}

// CalendarDay is one row of a notice. Kind is off or work; Before is what the day is without it.
type CalendarDay struct {
	Line          int
	Date, Holiday string
	Weekday       string // weekday.<n>, 0 is Sunday
	Kind, Before  string
	Same          bool   // the notice changes nothing about it
	Wrong         string // calendar.wrong.<code>
	Text          string // a row that cannot be read, as it stands there
}

// CalendarView lists the notices and takes new ones. Posted to /calendar, or to /calendar/check,
// which shows Rows and stores nothing: area, name, number, issued_on, basis, days or file.
type CalendarView struct {
	Page
	Form
	RulesTabs
	Notices []CalendarNotice
	Fields  []Field
	Rows    []CalendarDay
	Checked bool
	Good    bool
}

func (*CalendarView) template() string { return "calendar" }

// CalendarNoticeView is one notice with its days, its review, and how far the cases are re-armed.
type CalendarNoticeView struct {
	Page
	RulesTabs
	Notice   CalendarNotice
	Decision Decision
	Rows     []CalendarDay
	WhatIf   string // address of the question what it would change, or empty
	Moved    int64
	Finished bool
}

func (*CalendarNoticeView) template() string { return "calendar-notice" }

// EditionValue is a parameter in an edition: param.<Name>, in param_unit.<Unit>.
type EditionValue struct {
	Name, Unit, Clause            string
	Value, Before                 int
	Changed, Fixed                bool // Changed: Before is known
	Author, Basis, Interpretation string
	BasisKey                      string
	DecidedOn                     string
}

// EditionCard is one edition, or one proposed.
type EditionCard struct {
	ID, Name string
	From     time.Time
	State    string // of an edition: edition_state.<State>
	Values   []EditionValue
	Decision *Decision // of a proposal
	Number   string    // the interpretation's
	Basis    string
	Revokes  string // the edition that is to be revoked
	// RevokedAt is when the edition that the proposal became was revoked, zero otherwise.
	RevokedAt  time.Time
	Since      *Message    // another edition was approved or revoked since the proposal was made
	Revocation *Revocation // where the reader may propose one
}

// Revocation proposes that an approved edition be revoked before its day. Posted to At: basis.
type Revocation struct {
	Form
	At    string
	Field Field
	Open  bool
}

// EditionsView lists the editions of the parameters and proposes another. Posted to /editions:
// base (hidden), from, interpretation, decided_on, basis, and each parameter by its name.
type EditionsView struct {
	Page
	Form
	RulesTabs
	Proposals []EditionCard
	Editions  []EditionCard
	Base      string // the edition that the form changes
	BaseFrom  time.Time
	Fields    []Field
	Params    []Field // empty where the reader may not propose
}

func (*EditionsView) template() string { return "editions" }

// Lists tells whether an edition stands on the page: one that was revoked does not.
func (v *EditionsView) Lists(edition string) bool {
	return slices.ContainsFunc(v.Editions, func(e EditionCard) bool { return e.Name == edition })
}

// WhatIfMove is one instant that would be another; Name is deadline.<Name>.
type WhatIfMove struct {
	Name     string
	Old, New time.Time
}

// WhatIfRow is one case that would change.
type WhatIfRow struct {
	Href, Number, Phase, Unit string
	Moves                     []WhatIfMove
	Mark                      string // what_if.<Mark>: newly, overdue, no_more, or ""
}

// WhatIfView asks and answers what would be due when. Posted to /what-if: notice or area and days,
// param and value, by. Again asks the same once more, for another page of the answer (page) or the whole as a
// table (format: csv).
type WhatIfView struct {
	Page
	Form
	RulesTabs
	Fields               []Field
	Answered             bool
	Again                Form
	Open, Changed        int
	Number, Pages        int // of the answer, Number from 1 on
	Before, After, Newly int
	Until                time.Time
	Took                 string // seconds
	Rows                 []WhatIfRow
}

func (*WhatIfView) template() string { return "what-if" }

// Previous is the page before this one, 0 where there is none.
func (v *WhatIfView) Previous() int { return v.Number - 1 }

// Next is the page after this one, 0 where there is none.
func (v *WhatIfView) Next() int {
	if v.Number >= v.Pages {
		return 0
	}
	return v.Number + 1
}
