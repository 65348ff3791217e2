package web

import "time"

// OrderLine is an order of a case file; Assist are worded, Signed and Returned zero where that did not happen.
type OrderLine struct {
	Number, Unit, Assist     string
	Issued, Signed, Returned time.Time
}

// EntryLine is what was booked against what had been counted: entry.<Kind>; From and To are units, "" where it counts for nobody else.
type EntryLine struct {
	At             time.Time
	Kind, From, To string
	Sign           int
}

// CaseFileView is a case as one reader may see it, to print: its steps from the first to the last. Entries are shown to whom their
// kinds may be, WithEntries.
type CaseFileView struct {
	*CaseView
	Back        string
	Orders      []OrderLine
	Entries     []EntryLine
	WithEntries bool
	PrintedAt   time.Time
	PrintedBy   string
}

func (*CaseFileView) template() string { return "case-file" }

// FilePart is a section of the file with how many lines it has.
type FilePart struct {
	Code  string
	Lines int
}

// Parts are the table of contents, casefile.part.<Code>.
func (v *CaseFileView) Parts() []FilePart {
	parts := []FilePart{{"facts", len(v.Facts)}, {"steps", len(v.Timeline)}, {"deadlines", len(v.Deadlines)}, {"orders", len(v.Orders)}, {"documents", len(v.Documents)},
		{"evidence", len(v.Evidence)}, {"tracks", len(v.Procedures)}, {"clocks", len(v.Clocks)}}
	if v.WithEntries {
		parts = append(parts, FilePart{"entries", len(v.Entries)})
	}
	return parts
}
