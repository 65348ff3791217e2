package regulation

import (
	"cmp"
	"slices"
)

// seats returns who may do an act on the case now: the seats of the open step, or, where
// nothing waits for the act, those that its specification gives.
func (r Rules) seats(c Case, spec Spec) []Seat {
	if await := c.Await(spec.Awaited()); await != nil {
		return await.Seats
	}
	seats, _ := r.seatsFor(c, spec)
	return seats
}

// Before returns the seats before whom an act lies now.
func (r Rules) Before(c Case, kind ActKind) []Seat { return r.seats(c, specByKind[kind]) }

// seatsFor places a step before whoever may act. Where nobody eligible is left it goes one
// level up at once, and says why.
func (r Rules) seatsFor(c Case, spec Spec) (seats []Seat, raised string) {
	c = c.strictly(spec)
	switch spec.Side {
	case SideRater:
		return []Seat{{Role: Citizen}}, ""
	case SideRated:
		return r.ratedSeats(c, spec)
	case SideDiscipline:
		return r.disciplineSeats(c, spec)
	case SideUnit:
		if seats := r.eligible(c, spec, spec.Roles, c.Unit); len(seats) > 0 {
			return seats, ""
		}
		seats, _ := r.authoritySeats(c, spec, []Role{Supervisor})
		return seats, "nobody_eligible"
	}
	return r.authoritySeats(c, spec, spec.Roles)
}

// ratedSeats are the head of the rated unit, or its handlers where it has no head, and the person
// rated; in accountability, who answers. The employer's answer is recorded by the authority where
// the unit has nobody.
func (r Rules) ratedSeats(c Case, spec Spec) (seats []Seat, raised string) {
	unit, staff := c.Rated.Unit, c.Rated.Staff
	if k := c.measure(); spec.Track == TrackAccountability && k != nil {
		unit, staff = k.Unit, k.Staff
	}
	for _, role := range []Role{UnitHead, UnitHandler} {
		if seats = r.eligible(c, spec, []Role{role}, unit); len(seats) > 0 {
			break
		}
	}
	if spec.Kind == ActAnswerRecommendation {
		if len(seats) == 0 {
			seats, _ = r.authoritySeats(c, spec, []Role{Supervisor})
			return seats, "nobody_eligible"
		}
		return seats, ""
	}
	if own := PersonSeat(staff); r.profiled(own) {
		seats = append(seats, own)
	}
	return seats, ""
}

// profiled tells whether a seat is one person's, who has an account.
func (r Rules) profiled(seat Seat) bool {
	return slices.ContainsFunc(r.Roster, func(p Person) bool { return p.Staff != "" && PersonSeat(p.Staff) == seat })
}

// disciplineSeats are the discipline officers of the area, for an act placed above those of the
// prefecture; where nobody eligible is left there, the others.
func (r Rules) disciplineSeats(c Case, spec Spec) (seats []Seat, raised string) {
	areas := []string{c.Area, PrefectureArea}
	if spec.Above {
		slices.Reverse(areas)
	}
	for i, area := range areas {
		if seats := r.officers(c, spec, area); len(seats) > 0 {
			if i > 0 && areas[0] != area {
				raised = "nobody_eligible"
			}
			return seats, raised
		}
	}
	for _, org := range []string{c.Upper, c.Authority} {
		if seats := r.eligible(c, spec, []Role{AuthorityHead}, org); len(seats) > 0 {
			return seats, "nobody_eligible"
		}
	}
	if seats := r.leftSeats(c, spec, r.officersLeft(spec, areas[0]), r.officersLeft(spec, areas[1]), r.leftAt(spec, c.Upper, AuthorityHead), r.leftAt(spec, c.Authority, AuthorityHead)); seats != nil {
		return seats, RaisedNobodyLeft
	}
	return []Seat{{AuthorityHead, cmp.Or(c.Upper, c.Authority)}}, RaisedNobodyAtAll
}

// officers are the seats of an area's discipline officers who are not barred.
func (r Rules) officers(c Case, spec Spec, area string) []Seat {
	var seats []Seat
	for _, person := range r.Roster {
		for _, a := range person.Assignments {
			seat := Seat{DisciplineOfficer, a.Org}
			if a.Role == DisciplineOfficer && a.Area == area && !contains(seats, seat) && r.able(c, spec.Kind, person, DisciplineOfficer, a.Org) {
				seats = append(seats, seat)
			}
		}
	}
	return seats
}

// authoritySeats are at the case's authority; one level up for an act placed there, and where the
// authority itself is rated (9(2)).
func (r Rules) authoritySeats(c Case, spec Spec, roles []Role) (seats []Seat, raised string) {
	if c.Upper != "" && (spec.Above || c.Rated.Unit == c.Authority && spec.Track != "") {
		return r.upperAuthority(c, spec, roles)
	}
	if spec.Above { // nobody is above the prefecture's: its head, else somebody else of it
		if seats := r.eligible(c, spec, []Role{AuthorityHead}, c.Authority); len(seats) > 0 {
			return seats, ""
		}
	}
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
	if seats := r.leftSeats(c, spec, r.leftAt(spec, c.Authority, roles...), r.leftAt(spec, c.Upper, roles...)); seats != nil {
		return seats, RaisedNobodyLeft
	}
	return []Seat{{AuthorityHead, cmp.Or(c.Upper, c.Authority)}}, RaisedNobodyAtAll
}

// upperAuthority are the seats one level up from the start: its head where nobody else may, and
// somebody of the authority itself where all of those above had a part in it.
func (r Rules) upperAuthority(c Case, spec Spec, roles []Role) (seats []Seat, raised string) {
	for _, org := range []string{c.Upper, c.Authority} {
		for _, candidates := range [][]Role{roles, {AuthorityHead}} {
			seats := r.eligible(c, spec, candidates, org)
			switch {
			case len(seats) == 0:
			case org != c.Upper:
				return seats, "nobody_eligible"
			case spec.Above:
				return seats, ""
			default:
				return seats, "authority_rated"
			}
		}
	}
	if seats := r.leftSeats(c, spec, r.leftAt(spec, c.Upper, roles...), r.leftAt(spec, c.Authority, roles...)); seats != nil {
		return seats, RaisedNobodyLeft
	}
	return []Seat{{AuthorityHead, c.Upper}}, RaisedNobodyAtAll
}

// concerns tells whether the case is about a person's own work.
func (c Case) concerns(staff string) bool {
	return staff == c.Rated.Staff || slices.ContainsFunc(c.Former, func(r Rated) bool { return r.Staff == staff })
}

// Manned tells whether somebody may do an act from these seats whom four eyes do not bar. The roster must
// hold everybody at the seats' organisations.
func (r Rules) Manned(c Case, kind ActKind, seats []Seat) bool {
	return r.manned(c, specByKind[kind], seats)
}

// manned tells whether somebody on the roster may still do an awaited act from these seats.
func (r Rules) manned(c Case, spec Spec, seats []Seat) bool {
	return slices.ContainsFunc(seats, func(s Seat) bool {
		return s.Role == Citizen || r.profiled(s) || len(r.eligible(c, spec, []Role{s.Role}, s.Org)) > 0
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
// decides on what they handled, what concerns them, or what their own unit answers for (clause 2: fair
// and impartial; R28).
func barred(c Case, kind ActKind, who Person) string {
	if who.ID == "" {
		return ""
	}
	spec := specByKind[kind]
	if spec.Side != SideRated && who.Staff != "" && c.concerns(who.Staff) {
		return "concerns_you"
	}
	if part := spec.barredBy(c, who.ID); part != "" {
		return refusals[part]
	}
	if !contains([]Side{SideUnit, SideRated, SideRater}, spec.Side) && who.servesAt(c.answering(spec)...) {
		return "your_unit"
	}
	return ""
}

// answering are the units whose work an act of the authority or of a discipline body is about: the one
// that was rated, also before a reattribution, the one that has the order, and in accountability the one
// that answers.
func (c Case) answering(spec Spec) []string {
	units := []string{c.Rated.Unit, c.Unit}
	for _, was := range c.Former {
		units = append(units, was.Unit)
	}
	if k := c.measure(); spec.Track == TrackAccountability && k != nil {
		units = append(units, k.Unit)
	}
	return units
}

// ofUnits are the roles of a unit's own people. An authority's people, where it was rated itself, are
// another matter: their steps go one level up.
var ofUnits = []Role{UnitHead, UnitHandler, WindowStaff, HotlineAgent, BoxKeeper}

// servesAt tells whether somebody holds a post as one of a unit's own people at any of these units, for
// themselves or for somebody absent, also while they are away.
func (p Person) servesAt(units ...string) bool {
	return slices.ContainsFunc(slices.Concat(p.Assignments, p.Away), func(a Assignment) bool {
		return contains(ofUnits, a.Role) && contains(units, a.Org)
	})
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
	if spec.Side == SideUnit || spec.Side == SideRated { // an authority has no unit's people
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
