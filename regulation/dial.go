package regulation

import (
	"slices"
	"time"
)

// Calls are the acts that a callback clerk does by calling the rater: in verification, for consent, when
// closing, and to tell of a write-off (7(2), 9(2)).
func Calls() []ActKind {
	return []ActKind{ActRecordCallback, ActAskConsent, ActClosingCallback, ActTellRater}
}

// CallDue tells whether a case waits for a call that can be made.
func CallDue(c Case) bool {
	return c.Contactable && slices.ContainsFunc(Calls(), func(kind ActKind) bool { return c.Await(kind) != nil })
}

// MayDial refuses to reach the rater of a case but for a call that is due, and while a supervisor's assignment
// of that case to that clerk lasts (9(2)). until is the end of the clerk's last assignment, zero for none.
func MayDial(c Case, until, at time.Time) error {
	switch {
	case !CallDue(c):
		return &Error{Code: NotNow, Clause: ClauseRights, Missing: "no_call_due"}
	case until.IsZero():
		return &Error{Code: NotNow, Clause: ClauseRights, Missing: "dial_not_assigned", Who: []Role{Supervisor, AuthorityHead}}
	case !at.Before(until):
		return &Error{Code: NotNow, Clause: ClauseRights, Missing: "dial_over", Who: []Role{Supervisor, AuthorityHead}}
	}
	return nil
}
