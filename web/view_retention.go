package web

import "time"

// KeptRow is one row of the retention table: retention.what.<What>, retention.how.<How>,
// retention.from.<From>. Months counts for what is deleted by rule; other rows say
// retention.long.<What>.
type KeptRow struct {
	What, How, From string
	Months          int
	Basis           string
	Deleted         int64
	Last            time.Time
}

// DeletionRow is one line of what was deleted.
type DeletionRow struct {
	At     time.Time
	What   string
	Number int64
	Before time.Time
	Digest string
}

// HoldForm is a form that holds a case, or lifts a hold.
type HoldForm struct {
	Form
	Fields []Field
	Open   bool
}

// HoldRow is a case that is held back from deletion. Lift is nil where the reader may not, or it was
// lifted.
type HoldRow struct {
	Number, Kind, Person, Reasons string
	At, LiftedAt                  time.Time
	LiftedBy, Lifting             string
	Lift                          *HoldForm
}

// RetentionView is what is kept and how long, what was deleted, and what is held back (R59).
type RetentionView struct {
	Page
	Edition   string
	Kept      []KeptRow
	Deletions []DeletionRow
	Holds     []HoldRow
	Hold      *HoldForm
	Pager
}

func (*RetentionView) template() string { return "retention" }
