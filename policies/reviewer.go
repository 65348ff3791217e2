package policies

import "haochaping/regulation"

// Reviewer is the assignment under which an actor may propose or review rules of an area: a notice
// for the calendar or an edition. Area "" is the whole country, which is the prefecture's to enter.
// An assignment of one's own goes before one held for an absent colleague.
func (g *Guard) Reviewer(actor regulation.Actor, permission, area string) (regulation.Assignment, error) {
	if area == "" {
		area = regulation.PrefectureArea
	}
	allowed := g.Assignments(actor, permission, regulation.Subject{Area: area})
	if len(allowed) == 0 {
		return regulation.Assignment{}, &regulation.Error{Code: regulation.NotPermitted, Clause: regulation.ClauseInterpretive,
			Missing: "seat", Who: []regulation.Role{regulation.Supervisor}}
	}
	for _, as := range allowed {
		if as.For == "" {
			return as, nil
		}
	}
	return allowed[0], nil
}
