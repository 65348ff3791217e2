package web

import (
	"slices"
	"time"
)

// CheckRow is one check of the last verification: check.<Code>.
type CheckRow struct {
	Code    string
	Looked  int64
	Found   int64  // and not known
	Known   int64  // reported before
	Seconds string // how long it took, with one digit after the point
	LeftOut bool
	Href    string // the findings of this check
}

// FindingRow is one finding: finding.<Code>, with its repair as a command, or advice.<Advice>.
type FindingRow struct {
	Check  string
	Code   string
	Number string
	Href   string // of the case, "" where the reader may not see it
	About  []string
	Repair string
	Advice string
	Known  string // under what it was reported, "" where nobody has
}

// ChecksView shows what the last verification found within the reader's area.
type ChecksView struct {
	Page
	Program string    // that runs, with which commands begin
	At      time.Time // when it ended; zero before the first
	Origin  string    // schedule or console
	Seconds string
	Found   int64 // everywhere
	Rows    []CheckRow
	Chosen  string // the check to which the findings are narrowed
	Items   []FindingRow
	Pager
}

// Listed tells whether there is a list of findings: those that are known stand in it too.
func (v *ChecksView) Listed() bool {
	return v.Found > 0 || slices.ContainsFunc(v.Rows, func(r CheckRow) bool { return r.Known > 0 })
}

func (*ChecksView) template() string { return "checks" }
