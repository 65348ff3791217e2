package regulation

import "slices"

// Role is what a person may be appointed to. A role counts only together with a place in the
// organisation tree: see Assignment.
type Role string

const (
	Citizen               Role = "citizen" // by receipt
	WindowStaff           Role = "window_staff"
	UnitHandler           Role = "unit_handler"
	UnitHead              Role = "unit_head"
	Verifier              Role = "verifier"
	CallbackClerk         Role = "callback_clerk"
	Supervisor            Role = "supervisor" // of a county authority or of the prefecture's, by place
	AuthorityHead         Role = "authority_head"
	DisciplineOfficer     Role = "discipline_officer"
	HotlineAgent          Role = "hotline_agent"
	BoxKeeper             Role = "box_keeper"
	EntryClerk            Role = "entry_clerk"
	Publisher             Role = "publisher"
	DeviceMaintainer      Role = "device_maintainer"
	VaultApprover         Role = "vault_approver"
	SystemAdministrator   Role = "system_administrator"
	SecurityAdministrator Role = "security_administrator"
	Auditor               Role = "auditor"
	System                Role = "system" // deadlines and batches; never a person's
)

// Roles lists every role a person can hold, in the order in which pages show them.
var Roles = []Role{
	Citizen, WindowStaff, UnitHandler, UnitHead, Verifier, CallbackClerk, Supervisor, AuthorityHead,
	DisciplineOfficer, HotlineAgent, BoxKeeper, EntryClerk, Publisher, DeviceMaintainer, VaultApprover,
	SystemAdministrator, SecurityAdministrator, Auditor,
}

// Relation is how an assignment's place stands to the thing acted upon, the closest first.
type Relation string

const (
	Own       Relation = "own"       // it concerns the person: the rated staff member, the receipt's holder
	OwnUnit   Relation = "own_unit"  // the assignment's organisation is the unit that is rated or handles
	OwnArea   Relation = "own_area"  // the assignment's authority (or its area) is the one in charge
	Below     Relation = "below"     // the assignment is the prefecture's, the thing a county's
	Elsewhere Relation = "elsewhere" // none of these
)

// Relations lists all relations, the closest first.
var Relations = []Relation{Own, OwnUnit, OwnArea, Below, Elsewhere}

// Assignment binds a role to a place: an organisation and the 6-digit division it belongs to. A
// post that somebody holds for an absent colleague names that colleague: see substitute.go.
type Assignment struct {
	Role Role   `json:"role"`
	Org  string `json:"org"`
	Area string `json:"area"`
	// For is the person whose post it is, while somebody else holds it for them; "" for one's own.
	For string `json:"for,omitempty"`
	// Via are the substitutes between the two who are absent themselves, separated by commas.
	Via string `json:"via,omitempty"`
}

// Actor is a person with the assignments held at the instant of the request. Staff is the
// staff profile of the person, if any. As is the assignment acted under; the guard chooses it.
// A citizen is no person here: Receipt is the id of the rating whose receipt was typed in, and
// the one assignment is the role Citizen without a place.
type Actor struct {
	Person      string       `json:"person"`
	Staff       string       `json:"staff,omitempty"`
	Assignments []Assignment `json:"assignments,omitempty"`
	Receipt     string       `json:"receipt,omitempty"`
	As          Assignment   `json:"as"`
}

// Sits tells whether one of the seats is the actor's.
func (a Actor) Sits(seats []Seat) bool {
	return slices.ContainsFunc(a.Assignments, func(as Assignment) bool {
		a.As = as
		return seated(seats, a)
	})
}

// SeatedAs is the assignment under which one of the seats is the actor's: their own before one that
// they hold for somebody absent.
func (a Actor) SeatedAs(seats []Seat) (Assignment, bool) {
	for _, own := range []bool{true, false} {
		for _, as := range a.Assignments {
			if own == (as.For == "") && contains(seats, Seat{as.Role, as.Org}) {
				return as, true
			}
		}
	}
	return Assignment{}, false
}

// Leads tells whether who holds the role leads the office where it is held, and so may free what
// its members have taken.
func (r Role) Leads() bool { return r == UnitHead || r == Supervisor || r == AuthorityHead }

// Above tells whether who holds the role stands above the holder of another at the same office, and
// so may enter that colleague's absence: the head above all, a supervisor above those who lead nobody.
// No supervisor sends the head away and takes their place.
func (r Role) Above(other Role) bool {
	if other == r || !r.Leads() {
		return false
	}
	return r == AuthorityHead || !other.Leads()
}

// ServesAt tells whether the actor holds any post at an organisation.
func (a Actor) ServesAt(org string) bool {
	return slices.ContainsFunc(a.Assignments, func(as Assignment) bool { return as.Org == org })
}

// Holds tells whether the actor holds the role anywhere.
func (a Actor) Holds(role Role) bool {
	for _, held := range a.Assignments {
		if held.Role == role {
			return true
		}
	}
	return false
}

// Subject is what an assignment is related to: a case, a rating, a list's row.
type Subject struct {
	Rating string   // id of the rating: its receipt's holder stands closest
	Staff  string   // the rated staff member
	Units  []string // units that are rated or handle
	Area   string   // 6-digit division of the authority in charge
	Orgs   []string // authorities whose people hold an open step, also after it went one level up
	Hidden []Role   // roles to which it does not exist (yet), wherever they are
}

// PrefectureArea is the division code of 甘孜藏族自治州 (GB/T 2260).
const PrefectureArea = "513300"

// Relate returns the closest relation of the actor, under one assignment, to the subject. Whom
// it concerns stands in no other relation to it, whatever they are appointed to (clause 2).
func Relate(actor Actor, as Assignment, s Subject) Relation {
	switch {
	case as.Role == Citizen:
		if actor.Receipt != "" && actor.Receipt == s.Rating {
			return Own
		}
		return Elsewhere
	case actor.Staff != "" && actor.Staff == s.Staff:
		return Own
	case contains(s.Hidden, as.Role):
		return Elsewhere
	case contains(s.Units, as.Org) && contains(ofUnits, as.Role): // an authority's own people stay that where it is the unit
		return OwnUnit
	case contains(s.Orgs, as.Org), as.Area == s.Area:
		return OwnArea
	case as.Area == PrefectureArea:
		return Below
	}
	return Elsewhere
}

func contains[T comparable](list []T, want T) bool {
	for _, have := range list {
		if have == want {
			return true
		}
	}
	return false
}
