package regulation

import (
	"cmp"
	"slices"
	"time"

	"haochaping/workday"
)

// Rules are what a case is judged by: the parameters of its edition, the working calendar of
// its area as known today, and the people who hold roles at the organisations concerned.
type Rules struct {
	Params   Params
	Calendar workday.Calendar
	Hours    workday.Hours
	// Roster must hold everybody at the case's authority, the one above it, its unit, every unit
	// that the act names, and the discipline officers of the area and the prefecture: who is
	// missing here counts as not there, and the step goes one level up. Who is absent and has a
	// substitute stands here without assignments, so that the rules know whose post it is.
	Roster []Person
	// Units are the organisations of the area to which an order may go; nil means that the
	// caller has checked the ids of unit fields.
	Units []string
	// Windows and Staff (unit by profile) are those of the area's units. They are filled for an act
	// whose form names them (Spec.Places), where nil means that the caller has checked the ids.
	Windows []Window
	Staff   map[string]string
	// Gathered are the cases of a joint rectification, Excluded what the record says against a commendation: filled for
	// what people do with such dockets alone.
	Gathered []Gathered
	Excluded Exclusions
	// Barred are the reasons for which a candidate may not be honoured: filled for honours alone.
	Barred []string
	// Bulletin and Release are what the record says of a bulletin or a release that somebody works on.
	Bulletin BulletinState
	Release  ReleaseGround
	// Change is what it says of a change after a joint rectification that somebody words or publishes.
	Change ChangeGround
}

// Window is a window with the unit that serves there and the hall where it is.
type Window struct{ ID, Unit, Hall string }

// window is a window of the area by its id, or none.
func (r Rules) window(id string) Window {
	for _, w := range r.Windows {
		if w.ID == id {
			return w
		}
	}
	return Window{}
}

// Side tells who answers for a step; it decides where an overdue step goes.
type Side string

const (
	SideAuthority Side = "authority"
	SideUnit      Side = "unit"
	SideRater     Side = "rater"
	// The rated person and the head of the rated unit, who know the case by its notice alone.
	SideRated      Side = "rated"
	SideDiscipline Side = "discipline"
)

// Spec is a statutory act: its clause, who answers for it, by when, what it carries, what it
// needs and what it does. Each act's file defines one.
type Spec struct {
	Kind   ActKind
	Clause Clause
	Side   Side
	Roles  []Role
	// Days names the parameter of its due time in working days; "" where none runs.
	Days   string
	Fields []Field
	// Joins names the awaited act whose task this one answers too: signing or returning.
	Joins  ActKind
	check  func(m *move) *Error
	effect func(m *move)

	// Track is the procedure beside the main line that the act belongs to; "" for the main line.
	Track Track
	// Not names earlier parts in the case that bar somebody from this act.
	Not []Part
	// own are whose decision the act is about: they may not do it even where everybody who might had some part of Not. nil: the
	// step waits for somebody else then.
	own func(c Case) []string
	// Above lays the act one level up from the start.
	Above bool
	// silence is what it means that the days pass and nobody acted; nil where that is overdue.
	silence func(m *move)
}

// specs lists the acts in the order of the main line.
var specs = []Spec{
	accept, recordCallback, exemptCallback, addEvidence, serveNotice, recordFinding,
	askConsent, answerConsent, withdrawConsent, transfer, sign, returnOrder, submitPlan, interimReply,
	submitRectification, acceptRectification, rejectRectification, releaseReply,
	answerSurvey, closingCallback, recheck, closeCase,
	followUp,
	lodgeAppeal, withdrawAppeal, decideAppeal,
	proposeWriteOffAct, approveWriteOff, refuseWriteOff, tellRater, objectWriteOff, decideObjection, reviewWriteOff,
	flagMalice, confirmMalice, rejectMalice,
	proposeCredit, objectCredit, approveCredit, confirmCredit,
	proposeReattribution, approveReattribution, refuseReattribution,
	requestExtension, approveExtension, refuseExtension,
	referAccountability, giveStatement, decideAccountability, recordBody, answerRecommendation,
	requestReview, decideReview, revokeAccountability,
	reportPressure, recordInvestigation, reviewCase,
}

var specByKind map[ActKind]Spec

// The acts' effects look specifications up, so the table is filled after they exist.
func init() {
	specByKind = make(map[ActKind]Spec, len(specs))
	for _, s := range specs {
		specByKind[s.Kind] = s
	}
}

// Specs returns every act's specification in the order of the main line.
func Specs() []Spec { return slices.Clone(specs) }

// SpecOf returns an act's specification.
func SpecOf(kind ActKind) (Spec, bool) {
	s, ok := specByKind[kind]
	return s, ok
}

// Apply does an act on a case: it returns the case after it and the event to record, or an
// *Error that says the clause, what is missing, who may, and from when. It changes nothing it
// was given. at is the instant at which the act was received. actor.As is the assignment acted
// under, chosen by policies; Apply holds it against the seats of the step once more.
func (r Rules) Apply(c Case, act Act, actor Actor, at time.Time) (Case, Event, error) {
	spec, known := SpecOf(act.Kind)
	if !known {
		return c, Event{}, refuse(NotFound, "", "no_such_act")
	}
	if err := r.permit(c, spec, actor); err != nil {
		return c, Event{}, err
	}
	if bad := r.checkFields(spec.Fields, act.Values); bad != nil {
		return c, Event{}, &Error{Code: Invalid, Clause: spec.Clause, Missing: "fields", Fields: bad}
	}
	if w := c.Await(cmp.Or(spec.Joins, act.Kind)); w != nil && w.Since.After(at) {
		return c, Event{}, refuse(NotNow, spec.Clause, "asked_later") // it answers another one, which is over
	}
	m := r.begin(c, at)
	m.act, m.actor, m.spec = act, actor, spec
	if err := spec.check(m); err != nil {
		err.Clause = spec.Clause
		return c, Event{}, err
	}
	m.describe()
	spec.effect(m)
	m.settle()
	if !inTable(c, act.Kind, *m.c) {
		return c, Event{}, refuse(NotNow, spec.Clause, "outside_the_table")
	}
	return *m.c, m.finish(), nil
}

// permit holds phase, seat and the four-eyes rule against the actor.
func (r Rules) permit(c Case, spec Spec, actor Actor) *Error {
	if !contains(OpenIn(c), spec.Kind) {
		return refuse(NotNow, spec.Clause, notOpen(c, spec), spec.Roles...)
	}
	seats := r.seats(c, spec)
	who := whoMay(seats, spec)
	sits, why := seated(seats, actor), barred(c, spec.Kind, r.acting(actor))
	switch {
	case !r.appointed(actor):
		return refuse(NotPermitted, spec.Clause, "seat", who...)
	// Who is barred holds no seat; the reason says more than that.
	case why != "" && (sits || contains(spec.Roles, actor.As.Role)):
		return refuse(FourEyes, spec.Clause, why, who...)
	case !sits:
		return refuse(NotPermitted, spec.Clause, "seat", who...)
	case r.barredFor(c, spec.Kind, actor.As):
		return refuse(FourEyes, spec.Clause, "absent_barred", who...)
	}
	return nil
}

// appointed tells whether the actor really holds the assignment acted under, by the request or
// by the roster. Only who is no person acts as a citizen.
func (r Rules) appointed(actor Actor) bool {
	if actor.Person == "" || actor.As.Role == Citizen {
		return actor.Person == "" && actor.As.Role == Citizen
	}
	if contains(actor.Assignments, actor.As) {
		return true
	}
	return slices.ContainsFunc(r.Roster, func(p Person) bool {
		return p.ID == actor.Person && p.serves(actor.As)
	})
}

// OpenAct is an act that the table opens now, and what an actor would be told.
type OpenAct struct {
	Spec    Spec
	Await   *Await     // nil where nothing waits for it
	As      Assignment // under which the actor would do it; zero where policies do not allow it
	Refusal *Error     // nil where the actor may do it now, as far as can be told before the form is filled
}

// OpenActs lists what the table opens on the case now, with the refusal an actor would get.
// may answers for policies: it returns the assignments under which the actor may do the act.
func (r Rules) OpenActs(c Case, actor Actor, at time.Time, may func(ActKind) []Assignment) []OpenAct {
	var open []OpenAct
	for _, kind := range OpenIn(c) {
		spec := specByKind[kind]
		item := OpenAct{Spec: spec, Await: c.Await(spec.Awaited())}
		as, ok := r.As(c, kind, actor, may(kind))
		if ok {
			actor.As, item.As = as, as
			item.Refusal = r.ready(c, spec, actor, at)
		} else {
			item.Refusal = r.NotYours(c, kind)
		}
		open = append(open, item)
	}
	return open
}

// As picks, of the assignments under which policies allow an act, the one that holds a seat of
// the step; where none does, the first, so that the refusal can say whose it is.
func (r Rules) As(c Case, kind ActKind, actor Actor, allowed []Assignment) (Assignment, bool) {
	if len(allowed) == 0 {
		return Assignment{}, false
	}
	allowed = r.ownFirst(c, kind, allowed)
	seats := r.seats(c, specByKind[kind])
	for _, as := range allowed {
		actor.As = as
		if seated(seats, actor) {
			return as, true
		}
	}
	return allowed[0], true
}

// NotYours is the refusal for somebody whom policies do not allow an act: it says who may.
func (r Rules) NotYours(c Case, kind ActKind) *Error {
	spec := specByKind[kind]
	return refuse(NotPermitted, spec.Clause, "seat", whoMay(r.seats(c, spec), spec)...)
}

// ready is Apply without the form: seat, four eyes, and the conditions that no field can cure.
func (r Rules) ready(c Case, spec Spec, actor Actor, at time.Time) *Error {
	if err := r.permit(c, spec, actor); err != nil {
		return err
	}
	m := r.begin(c, at)
	m.act, m.actor, m.spec = Act{Kind: spec.Kind}, actor, spec
	if err := spec.check(m); err != nil && err.Code != Invalid {
		err.Clause = spec.Clause
		return err
	}
	return nil
}

// Awaited is the act whose task this one answers: its own, or the one that it joins.
func (s Spec) Awaited() ActKind {
	if s.Joins != "" {
		return s.Joins
	}
	return s.Kind
}

// whoMay are the roles before whom an act lies; where nobody is there at all, those it is for.
func whoMay(seats []Seat, spec Spec) []Role {
	if len(seats) == 0 {
		return spec.Roles
	}
	return RolesOf(seats)
}

// RolesOf names the roles of some seats, each once.
func RolesOf(seats []Seat) []Role {
	var roles []Role
	for _, s := range seats {
		if !contains(roles, s.Role) {
			roles = append(roles, s.Role)
		}
	}
	return roles
}

// seated tells whether the actor, as what they act, holds one of the seats.
func seated(seats []Seat, actor Actor) bool {
	as := actor.As
	return slices.ContainsFunc(seats, func(s Seat) bool {
		return s == PersonSeat(actor.Staff) || s.Role == as.Role && (s.Org == as.Org || s.Role == Citizen)
	})
}

// PersonSeat is the seat of one person by their staff profile, whatever their role: the rated
// one's. It is no seat where there is no profile.
func PersonSeat(staff string) Seat {
	if staff == "" {
		return Seat{}
	}
	return Seat{Role: WindowStaff, Org: staff}
}

// notOpen is the reason why the tables do not open an act: the stage of its track, or the phase.
func notOpen(c Case, spec Spec) string {
	elsewhere := slices.ContainsFunc(TrackTable, func(t TrackMove) bool {
		return t.Act == spec.Kind && t.From == c.Stage(spec.Track) && !contains(t.In, c.Phase)
	})
	switch {
	case spec.Track == "", elsewhere:
		return "phase_" + string(c.Phase)
	case spec.Kind == ActLodgeAppeal: // once: it runs, or has ended
		return "appealed_already"
	case spec.Kind == ActRequestExtension:
		return "extended_already"
	}
	return "not_open_" + string(spec.Track)
}
