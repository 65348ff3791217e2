package regulation

import (
	"slices"
	"time"

	"haochaping/workday"
)

// Suggestion boxes (6(2)): they stand in halls and service centres where people fill in paper forms with
// nobody at their back, and each is kept by a named person.

// BoxState is whether a box takes forms.
type BoxState string

const (
	BoxActive   BoxState = "active"
	BoxOutOfUse BoxState = "out_of_use"
	BoxRemoved  BoxState = "removed" // it stands there no more; put up again it is the same box
)

// BoxFields, KeeperFields, BoxStateFields and BoxMoveFields are what is typed to register a box, to name its keeper, to
// put it out of use or back, and to put it elsewhere.
var (
	BoxFields = []Field{
		{Name: "box_hall", Type: TypeUnit, Required: true},
		{Name: "box_place", Type: TypeText, Required: true, Max: 100},
	}
	KeeperFields   = []Field{{Name: "box_keeper", Type: TypeStaff, Required: true}}
	BoxStateFields = append([]Field{{Name: "box_state", Type: TypeChoice, Required: true, Options: []string{string(BoxActive), string(BoxOutOfUse), string(BoxRemoved)}}}, boxChangeFields...)
	BoxMoveFields  = append(BoxFields[:len(BoxFields):len(BoxFields)], boxChangeFields...)
)

// boxChangeFields say from when a change holds, "" for now, and why it is made.
var boxChangeFields = []Field{
	{Name: "box_since", Type: TypeDate},
	{Name: "box_reason", Type: TypeText, Required: true, Max: 200},
}

// BoxSince reads from when a change of a box holds: now, or the beginning of an earlier day. last is when it was changed
// last; judged is the Monday after its last judged week, for what was judged stands. Refusals: Invalid on box_since:
// not_a_date, in_future, before_last_change, week_judged.
func BoxSince(v Values, last time.Time, judged workday.Date, now time.Time) (time.Time, error) {
	typed := v.Get("box_since")
	if typed == "" {
		return now, nil
	}
	day, err := workday.ParseDate(typed)
	switch today := workday.DateOf(now); {
	case err != nil:
		return now, boxFault("box_since", "not_a_date")
	case day == today:
		return now, nil
	case day.After(today):
		return now, boxFault("box_since", "in_future")
	case day.Start().Before(last):
		return now, boxFault("box_since", "before_last_change")
	case day.Before(judged):
		return now, boxFault("box_since", "week_judged")
	}
	return day.Start(), nil
}

// CheckBox holds what was typed against the fields. It returns an *Error, Invalid.
func CheckBox(fields []Field, v Values) error {
	if bad := (Rules{}).checkFields(fields, v); bad != nil {
		return &Error{Code: Invalid, Clause: ClauseBox, Missing: "fields", Fields: bad}
	}
	return nil
}

// RatedIn are those whom the forms of a hall's boxes rate: the units at its windows, and who is on the
// roster of one of them, by staff id.
type RatedIn struct {
	Units []string
	Staff []string
}

// CheckKeeper tells whether somebody may keep a box of a hall: they keep boxes there by their posts, and the
// forms in it rate neither them nor a unit that they work for (6(2), R10). Refusals: Invalid on box_keeper,
// not_a_keeper or keeper_is_rated.
func CheckKeeper(p Person, hall string, rated RatedIn) error {
	wrong := &Error{Code: Invalid, Clause: ClauseBox, Missing: "fields"}
	if !keepsAt(p, hall) {
		return wrong.Field("box_keeper", "not_a_keeper")
	}
	if p.Staff != "" && slices.Contains(rated.Staff, p.Staff) || slices.ContainsFunc(p.Assignments, rated.employs) {
		return wrong.Field("box_keeper", "keeper_is_rated")
	}
	return nil
}

func keepsAt(p Person, hall string) bool {
	return slices.ContainsFunc(p.Assignments, func(a Assignment) bool { return a.Role == BoxKeeper && a.Org == hall })
}

// employs tells whether a post is one of the rated side. A service centre is both the place of the box
// and the unit rated there, so that keeping its box is no such post.
func (r RatedIn) employs(a Assignment) bool {
	return a.Role != BoxKeeper && slices.Contains(r.Units, a.Org) && slices.Contains([]Role{WindowStaff, UnitHandler, UnitHead, HotlineAgent}, a.Role)
}
