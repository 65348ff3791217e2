package web

import "time"

// BoxKeeping is the time for which somebody kept a box; Until is zero while it lasts.
type BoxKeeping struct {
	Name        string
	From, Until time.Time
}

// BoxMissed is a week in which a box was not opened and has not been since; Raised tells that it is the supervisor's too.
type BoxMissed struct {
	Week   string
	Due    time.Time
	Raised bool
}

// BoxRow is a suggestion box. Keeper is "" where nobody keeps it. Keep, Set and Move are nil where the reader
// may only look.
type BoxRow struct {
	ID, Hall, Place, State, Keeper string
	History                        []BoxKeeping
	Missed                         []BoxMissed
	Keep, Set, Move                *HoldForm
}

// BoxesView is the register of suggestion boxes; Gaps are the halls without one in use (R13).
type BoxesView struct {
	Page
	Rows     []BoxRow
	Gaps     []string
	Register *HoldForm
}

func (*BoxesView) template() string { return "boxes" }

// BoxView is one box with its openings, batches and weeks. Open, Issue and Upload are nil where the reader may only look.
type BoxView struct {
	Page
	Hall, Place, State, Keeper string
	Reports                    []OpeningReport // without forms
	Openings                   []BoxOpening
	Changes                    []BoxChange
	Batches                    []BoxBatch
	Weeks                      []BoxWeek
	Missed                     []BoxMissed
	Open, Issue                *HoldForm
	Photo                      string    // address of its picture, "" without one
	Upload                     *HoldForm // posted field: photo (a file)
	Refusal                    *Message
}

// BoxChange is where a box stood and whether it was in use, from when on. Reason is "" of its registration.
type BoxChange struct {
	State, Hall, Place, By, Reason string
	From, At                       time.Time
}

// BoxOpening is what two people found.
type BoxOpening struct {
	Week, Openers, SealState, Seal             string
	At, EntryDue                               time.Time
	Counted, Entered, Void, Remaining, Letters int
	Late                                       bool
}

// BoxBatch is a batch with what became of its forms.
type BoxBatch struct {
	ID, First, Last, State, Note                     string
	At                                               time.Time
	Count, Unused, Entered, Void, Destroyed, Missing int
	Close                                            *HoldForm
	Print                                            string // address of its forms to print, "" where the reader may not
}

// BoxWeek is what was judged of a week.
type BoxWeek struct {
	Week, Verdict string
	Settled       time.Time
}

func (*BoxView) template() string { return "box" }
