package regulation

import (
	"slices"
	"strings"

	"haochaping/workday"
)

// A substitution is how an office goes on while a colleague is away (clause 2, fair and impartial:
// nobody's matter waits for one person, and nobody gains by it). While it lasts the substitute alone
// holds the absent colleague's posts; the absent one holds none until they are back. Every act under
// such a post names both, counts as done by both, and is barred by what bars either.

// MaxChain is how many substitutes may follow one another: A is away, so B acts, and while B is away
// too, C. A longer chain names somebody who knows neither the office nor the work.
const MaxChain = 3

// MaxAhead is how many days ahead an absence may be entered.
const MaxAhead = 366

// AbsenceReasons are the codes that say why somebody is away. They tell colleagues no more than they
// need: an illness is leave.
var AbsenceReasons = []string{"leave", "business_trip", "training", "other_duty"}

// Own is the post itself, whoever holds it.
func (a Assignment) Own() Assignment {
	a.For, a.Via = "", ""
	return a
}

// Absent lists in whose place one acts under the assignment: the person absent at first, then those
// between. It is empty for one's own post.
func (a Assignment) Absent() []string {
	if a.For == "" {
		return nil
	}
	return append([]string{a.For}, strings.FieldsFunc(a.Via, func(c rune) bool { return c == ',' })...)
}

// Behalf is the assignment as a substitute holds it for somebody, through those between.
func (a Assignment) Behalf(absent string, via ...string) Assignment {
	a.For, a.Via = absent, strings.Join(via, ",")
	return a
}

// personal are roles that no substitute takes over: the three administrators watch one another, and
// a vault approver is the second person of a reveal. Such an office needs a second holder.
var personal = []Role{Citizen, System, SystemAdministrator, SecurityAdministrator, Auditor, VaultApprover}

// PassesOn tells whether a substitute takes a role over.
func (r Role) PassesOn() bool { return !contains(personal, r) }

// MayStandIn tells whether who holds these posts may stand in for the holder of another: a colleague
// of the same office, who knows its work and answers to the same head, or the holder of the same role
// one level up, to whom the step would go anyway if nobody were left. Units have no such level: each
// is a body of its own.
func MayStandIn(own []Assignment, post Assignment) bool {
	return slices.ContainsFunc(own, func(a Assignment) bool {
		if a.For != "" || !a.Role.PassesOn() {
			return false
		}
		return a.Org == post.Org || a.Role == post.Role && a.Area == PrefectureArea && tiered(a.Role)
	})
}

// tiered tells whether a role exists once for each level of government: at authorities and discipline
// bodies. A unit's roles do not, also where an authority is the unit.
func tiered(role Role) bool {
	if contains(ofUnits, role) {
		return false
	}
	places := PlacesOf(role)
	return contains(places, OrgAuthority) || contains(places, OrgDiscipline)
}

// StandIn follows the substitutes from a person to the one who is there, the person itself where it
// is not away. next names the substitute of somebody away; via are those between. problem is
// substitution_cycle or substitution_chain_long, or "".
func StandIn(absent string, next func(person string) (substitute string, away bool)) (end string, via []string, problem string) {
	for person := absent; ; {
		substitute, away := next(person)
		if !away {
			return person, via, ""
		}
		if person != absent {
			via = append(via, person)
		}
		switch {
		case substitute == absent || contains(via, substitute):
			return "", via, "substitution_cycle"
		case len(via) == MaxChain:
			return "", via, "substitution_chain_long"
		}
		person = substitute
	}
}

// Absence is what is entered when somebody goes away: who stands in for them, and the first and last
// day, both whole.
type Absence struct {
	Absent, Substitute string
	From, Until        workday.Date
	Reason             string
}

// Check holds an absence against the rules that need no people: days is how many it may last at most.
func (a Absence) Check(today workday.Date, days int) *Error {
	e := &Error{Code: Invalid, Missing: "fields"}
	switch {
	case a.Substitute == "":
		e.Field("substitute", "required")
	case a.Substitute == a.Absent:
		e.Field("substitute", "substitute_is_absent")
	}
	if !contains(AbsenceReasons, a.Reason) {
		e.Field("reason", "not_an_option")
	}
	switch {
	case a.From.IsZero():
		e.Field("from", "not_a_date")
	case a.From.Before(today):
		e.Field("from", "in_the_past")
	case today.AddDays(MaxAhead).Before(a.From):
		e.Field("from", "too_far_ahead")
	}
	switch {
	case a.Until.IsZero():
		e.Field("until", "not_a_date")
	case a.Until.Before(a.From):
		e.Field("until", "ends_before_it_begins")
	case a.From.AddDays(days - 1).Before(a.Until):
		e.Field("until", "absence_too_long")
	}
	if e.Fields == nil {
		return nil
	}
	return e
}

// serves tells whether the person holds a post, for themselves or for the same absent colleague.
func (p Person) serves(as Assignment) bool {
	return slices.ContainsFunc(p.Assignments, func(a Assignment) bool {
		return a.Role == as.Role && a.Org == as.Org && a.For == as.For
	})
}

// able tells whether somebody may do an act from a seat: neither they nor, under a post held for
// others, those others are barred.
func (r Rules) able(c Case, kind ActKind, p Person, role Role, org string) bool {
	return slices.ContainsFunc(p.Assignments, func(a Assignment) bool {
		return a.Role == role && a.Org == org && barred(c, kind, p) == "" && !r.barredFor(c, kind, a)
	})
}

// barredFor tells whether any of those in whose place one would act is barred: nobody evades four
// eyes through a substitute.
func (r Rules) barredFor(c Case, kind ActKind, as Assignment) bool {
	return slices.ContainsFunc(as.Absent(), func(absent string) bool {
		return barred(c, kind, r.person(absent)) != ""
	})
}

// person is somebody as the roster knows them.
func (r Rules) person(id string) Person {
	for _, p := range r.Roster {
		if p.ID == id {
			return p
		}
	}
	return Person{ID: id}
}

// acting is who acts, with the posts of the request and of the roster.
func (r Rules) acting(actor Actor) Person {
	p := r.person(actor.Person)
	p.Staff, p.Assignments = actor.Staff, slices.Concat(p.Assignments, actor.Assignments, []Assignment{actor.As})
	return p
}

// ownFirst puts posts last that would be held in the place of somebody barred.
func (r Rules) ownFirst(c Case, kind ActKind, posts []Assignment) []Assignment {
	if !slices.ContainsFunc(posts, func(a Assignment) bool { return a.For != "" }) {
		return posts
	}
	sorted := slices.Clone(posts)
	slices.SortStableFunc(sorted, func(a, b Assignment) int {
		return order(r.barredFor(c, kind, a)) - order(r.barredFor(c, kind, b))
	})
	return sorted
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}
