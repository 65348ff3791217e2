package web

import "time"

// BoxKeeping is the time for which somebody kept a box; Until is zero while it lasts.
type BoxKeeping struct {
	Name        string
	From, Until time.Time
}

// BoxRow is a suggestion box. Keeper is "" where nobody keeps it. Keep and Set are nil where the reader may
// only look.
type BoxRow struct {
	ID, Hall, Place, State, Keeper string
	History                        []BoxKeeping
	Keep, Set                      *HoldForm
}

// BoxesView is the register of suggestion boxes; Gaps are the halls without one in use (R13).
type BoxesView struct {
	Page
	Rows     []BoxRow
	Gaps     []string
	Register *HoldForm
}

func (*BoxesView) template() string { return "boxes" }
