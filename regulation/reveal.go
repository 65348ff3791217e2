package regulation

import "time"

// Whoever has to reach a rater by another way than an assigned call asks for it: with a purpose, a second person's
// approval, for some minutes, logged, and told to the authority's head and to the rater (9(2), R49).

// RevealPurpose is why a rater's contact is to be opened.
type RevealPurpose string

const (
	RevealCorrection RevealPurpose = "correction"      // the rater asks to have what is kept of them corrected
	RevealSafety     RevealPurpose = "safety"          // somebody is in danger
	RevealPressure   RevealPurpose = "pressure"        // the rater reported pressure, which is looked into
	RevealByLaw      RevealPurpose = "by_law"          // a court or a body that the law names asks in writing
	RevealReferral   RevealPurpose = "credit_referral" // the name alone, for the paper of an approved referral (R46)
)

// RevealPurposes lists them.
var RevealPurposes = []RevealPurpose{RevealCorrection, RevealSafety, RevealPressure, RevealByLaw, RevealReferral}

// Where a request to open a contact stands.
const (
	RevealAsked    = "asked"
	RevealApproved = "approved"
	RevealRefused  = "refused"
	RevealOver     = "over"   // its minutes have passed
	RevealLapsed   = "lapsed" // nobody decided in time
)

// Reveal is a request to open the contact of a case's rater.
type Reveal struct {
	ID, Case, Number string
	Area, Authority  string
	Purpose          RevealPurpose
	By               string
	As               Assignment
	At               time.Time
	Lapses           time.Time // when it can be approved no more
	Decision         string    // approved, refused, "" before
	DecidedBy        string
	DecidedAt        time.Time
	Until            time.Time // the end of the reading
}

// RevealFields are the form's: the reason in a sentence is stored encrypted.
var RevealFields = []Field{
	{Name: "purpose", Type: TypeChoice, Required: true, Options: []string{string(RevealCorrection), string(RevealSafety), string(RevealPressure), string(RevealByLaw), string(RevealReferral)}},
	{Name: "reason", Type: TypeLong, Required: true, Max: 500},
}

// AskReveal is a request of an actor: refused where nothing is kept of the rater, from whoever serves at the rated
// unit, and for a referral that is not approved.
func AskReveal(c Case, v Values, actor Actor, p Params, at time.Time) (Reveal, error) {
	purpose := RevealPurpose(v.Get("purpose"))
	wrong := (Rules{}).checkFields(RevealFields, v)
	switch {
	case wrong != nil:
		return Reveal{}, &Error{Code: Invalid, Clause: ClauseRights, Missing: "fields", Fields: wrong}
	case actor.ServesAt(c.Rated.Unit):
		return Reveal{}, &Error{Code: NotPermitted, Clause: ClauseRights, Missing: "of_the_rated_unit_reveal"}
	case !c.Contactable && !c.Named:
		return Reveal{}, &Error{Code: NotNow, Clause: ClauseRights, Missing: "no_contact_kept"}
	case purpose == RevealReferral && (!c.Named || c.Stage(TrackCredit) != StageReferred):
		return Reveal{}, &Error{Code: NotNow, Clause: ClauseCredit, Missing: "credit_not_approved", Who: []Role{AuthorityHead, Supervisor}}
	}
	return Reveal{Case: c.ID, Number: c.Number, Area: c.Area, Authority: c.Authority, Purpose: purpose, By: actor.Person, As: actor.As, At: at,
		Lapses: at.Add(time.Duration(p.Days(RevealHours)) * time.Hour)}, nil
}

// Decide approves or refuses a request: another person than who asked, once, and before it lapses. Approved, who asked
// may read for the parameter's minutes.
func (r Reveal) Decide(decision string, actor Actor, p Params, at time.Time) (Reveal, error) {
	switch {
	case decision != RevealApproved && decision != RevealRefused:
		return r, (&Error{Code: Invalid, Clause: ClauseRights, Missing: "fields"}).Field("decision", "not_an_option")
	case actor.Person == r.By:
		return r, &Error{Code: FourEyes, Clause: ClauseRights, Missing: "reveal_own"}
	case r.State(at) != RevealAsked:
		return r, &Error{Code: Conflict, Clause: ClauseRights, Missing: "reveal_decided"}
	}
	r.Decision, r.DecidedBy, r.DecidedAt = decision, actor.Person, at
	if decision == RevealApproved {
		r.Until = at.Add(time.Duration(p.Days(RevealMinutes)) * time.Minute)
	}
	return r, nil
}

// State is where the request stands at an instant.
func (r Reveal) State(at time.Time) string {
	switch {
	case r.Decision == "" && !at.Before(r.Lapses):
		return RevealLapsed
	case r.Decision == "":
		return RevealAsked
	case r.Decision == RevealApproved && !at.Before(r.Until):
		return RevealOver
	}
	return r.Decision
}

// MayRead refuses everybody but who asked, and them but while the approval lasts.
func (r Reveal) MayRead(person string, at time.Time) error {
	switch state := r.State(at); {
	case person != r.By:
		return &Error{Code: NotPermitted, Clause: ClauseRights, Missing: "reveal_of_another"}
	case state == RevealOver:
		return &Error{Code: NotNow, Clause: ClauseRights, Missing: "reveal_over", Until: r.Until, Who: []Role{VaultApprover}}
	case state != RevealApproved:
		return &Error{Code: NotNow, Clause: ClauseRights, Missing: "reveal_not_approved", Who: []Role{VaultApprover}}
	}
	return nil
}
