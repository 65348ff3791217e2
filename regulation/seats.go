package regulation

import "slices"

// seats returns who may do an act on the case now: the seats of the open step, or, where
// nothing waits for the act, those that its specification gives.
func (r Rules) seats(c Case, spec Spec) []Seat {
	if await := c.Await(spec.Awaited()); await != nil {
		return await.Seats
	}
	seats, _ := r.seatsFor(c, spec)
	return seats
}

// seatsFor places a step before whoever may act. Where nobody eligible is left it goes one
// level up at once, and says why.
func (r Rules) seatsFor(c Case, spec Spec) (seats []Seat, raised string) {
	switch spec.Side {
	case SideRater:
		return []Seat{{Role: Citizen}}, ""
	case SideUnit:
		if seats := r.eligible(c, spec, spec.Roles, c.Unit); len(seats) > 0 {
			return seats, ""
		}
		seats, _ := r.authoritySeats(c, spec, []Role{Supervisor})
		return seats, "nobody_eligible"
	}
	return r.authoritySeats(c, spec, spec.Roles)
}

func (r Rules) authoritySeats(c Case, spec Spec, roles []Role) (seats []Seat, raised string) {
	if seats := r.eligible(c, spec, roles, c.Authority); len(seats) > 0 {
		return seats, ""
	}
	for _, org := range []string{c.Upper, c.Authority} {
		if org == "" {
			continue
		}
		for _, candidates := range [][]Role{roles, {AuthorityHead}} {
			if seats := r.eligible(c, spec, candidates, org); len(seats) > 0 {
				return seats, "nobody_eligible"
			}
		}
	}
	top := c.Upper
	if top == "" {
		top = c.Authority
	}
	return []Seat{{AuthorityHead, top}}, "nobody_eligible"
}

// manned tells whether somebody on the roster may still do an awaited act from these seats.
func (r Rules) manned(c Case, spec Spec, seats []Seat) bool {
	return slices.ContainsFunc(seats, func(s Seat) bool {
		return s.Role == Citizen || len(r.eligible(c, spec, []Role{s.Role}, s.Org)) > 0
	})
}

// eligible returns a seat for each role that somebody holds at the organisation who is not
// barred from the act.
func (r Rules) eligible(c Case, spec Spec, roles []Role, org string) []Seat {
	var seats []Seat
	for _, role := range roles {
		for _, person := range r.Roster {
			if r.able(c, spec.Kind, person, role, org) {
				seats = append(seats, Seat{role, org})
				break
			}
		}
	}
	return seats
}

// barred is the four-eyes rule: it returns why a person may not do an act, or "". Nobody
// decides on what they handled or what concerns them (clause 2: fair and impartial; R28).
func barred(c Case, kind ActKind, person, staff string) string {
	if person == "" {
		return ""
	}
	if staff != "" && staff == c.Rated.Staff {
		return "concerns_you"
	}
	switch kind {
	case ActRecordFinding, ActAcceptRectification, ActRejectRectification, ActReleaseReply:
		if contains(c.Handlers, person) {
			return "you_handled_it"
		}
	case ActRecheck:
		if contains(c.Handlers, person) {
			return "you_handled_it"
		}
		if contains(c.Verifiers, person) {
			return "you_verified_it"
		}
		if contains(c.Judges, person) {
			return "you_judged_it"
		}
	}
	return ""
}

// upperSeats is where an authority's own overdue step goes besides: one level up, or, where it
// lies at the top already, to the head of that authority.
func (r Rules) upperSeats(c Case, spec Spec) (seats []Seat, to string) {
	if c.Upper == "" {
		return []Seat{{AuthorityHead, c.Authority}}, "head"
	}
	if await := c.Await(spec.Awaited()); await != nil && await.Seats[0].Org == c.Upper {
		return []Seat{{AuthorityHead, c.Upper}}, "head"
	}
	roles := spec.Roles
	if spec.Side == SideUnit { // an authority has no unit's people
		roles = []Role{Supervisor}
	}
	if seats := r.eligible(c, spec, roles, c.Upper); len(seats) > 0 {
		return seats, "upper"
	}
	return []Seat{{AuthorityHead, c.Upper}}, "upper"
}

// disciplineSeat is the discipline officer of the case's area, else the prefecture's: they sit
// at organisations of their own, which the roster tells.
func (r Rules) disciplineSeat(c Case) Seat {
	for _, area := range []string{c.Area, PrefectureArea} {
		for _, person := range r.Roster {
			for _, a := range person.Assignments {
				if a.Role == DisciplineOfficer && a.Area == area {
					return Seat{DisciplineOfficer, a.Org}
				}
			}
		}
	}
	return Seat{DisciplineOfficer, c.Area}
}
