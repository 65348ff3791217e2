package web

import "time"

// CheckRow is one check of the last verification: check.<Code>.
type CheckRow struct {
	Code    string
	Looked  int64
	Found   int64
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
}

// ChecksView shows what the last verification found within the reader's area.
type ChecksView struct {
	Page
	At      time.Time // when it ended; zero before the first
	Origin  string    // schedule or console
	Seconds string
	Found   int64 // everywhere
	Rows    []CheckRow
	Chosen  string // the check to which the findings are narrowed
	Items   []FindingRow
	Pager
}

func (*ChecksView) template() string { return "checks" }
