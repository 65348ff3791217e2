package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/web"
)

// quarters is the sort of the list of hearings that tells for each quarter whether an authority heard.
const quarters = "quarters"

// showHearings lists the sessions at which opinions were heard, or by quarter whether there was one (7(4)).
func (a *API) showHearings(r *request) (answer, error) {
	kind := regulation.DocketHearing
	if r.query("sort") == quarters {
		kind = regulation.DocketQuarter
	}
	return a.showDockets(r, kind)
}

// newDocketBody is what the form of a new docket offers.
type newDocketBody struct {
	Authority *placeBody  `json:"authority,omitempty"`
	People    []placeBody `json:"people,omitempty"` // who may have chaired
	Units     []placeBody `json:"units,omitempty"`
	Staff     []placeBody `json:"staff,omitempty"`
	Areas     []placeBody `json:"areas,omitempty"`
	Area      string      `json:"area,omitempty"`
	Periods   []string    `json:"periods,omitempty"` // sealed
	// Causes are those that several cases share; Cases are of the one that was chosen.
	Causes []causeBody      `json:"causes,omitempty"`
	Cases  []docketCaseBody `json:"cases,omitempty"`
}

func (a *API) newHearingBody(r *request) (newDocketBody, error) {
	office := a.ownOffice(r, policies.KeepHearings)
	b := newDocketBody{Authority: a.places(r).body(office)}
	roster, err := a.Store.Roster(r.http().Context(), office)
	if err != nil {
		return b, err
	}
	people, err := a.Store.People(r.http().Context())
	for _, p := range roster {
		if err == nil && slices.ContainsFunc(p.Assignments, func(as regulation.Assignment) bool { return as.Org == office }) {
			b.People = append(b.People, placeBody{p.ID, people.Name(p.ID)})
		}
	}
	return b, err
}

func (a *API) showNewHearing(r *request) (answer, error) {
	body, err := a.newHearingBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.newHearingPage(r, body, nil, nil)}, nil
}

// recordHearing records a session of the reader's authority.
func (a *API) recordHearing(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	fresh, err := a.Store.NewDocket(r.http().Context(), regulation.DocketHearing, a.ownOffice(r, policies.KeepHearings), "")
	if err != nil {
		return answer{}, err
	}
	id, err := a.startDocket(r, "record", fresh, fields)
	if err == nil {
		return a.made(r, regulation.DocketHearing, id), nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.newHearingBody(r)
		return answer{view: a.newHearingPage(r, body, fields, formErrors(refused))}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) newHearingPage(r *request, b newDocketBody, fields regulation.Values, wrong map[string]string) *web.NewWatchView {
	v := &web.NewWatchView{Page: a.pageFor(r), Code: "hearings", Form: web.Form{Action: "/hearings", Errors: web.FieldErrors(wrong)}}
	v.Title = web.T(r.lang, "title.new-hearing")
	act, _ := regulation.DocketActOf(regulation.DocketHearing, "record")
	for _, field := range act.Fields {
		v.Fields = append(v.Fields, web.FieldOf(field, fields[field.Name], wrong[field.Name], placeOptions(b.People)))
	}
	return v
}

// raiseProblem hands a problem that an opinion brought up to the unit responsible.
func (a *API) raiseProblem(r *request) (answer, error) {
	seen, err := a.docketFor(r, regulation.DocketHearing, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	id, err := a.tryRaise(r, seen, fields)
	if err == nil {
		a.say(r, "flash.docket_done")
		return answer{status: http.StatusCreated, location: "/hearing-problems/" + id, next: "/hearings/" + seen.d.ID, body: map[string]string{"id": id}}, nil
	}
	return a.docketRefused(r, seen, actRaise, fields, err)
}

func (a *API) tryRaise(r *request, seen seenDocket, fields regulation.Values) (string, error) {
	allowed := a.Guard.Assignments(r.actor, policies.KeepHearings, seen.d.Subject())
	if len(allowed) == 0 {
		return "", a.notYours(policies.KeepHearings)
	}
	actor := r.actor
	actor.As = allowed[0]
	return a.Store.RaiseProblem(r.http().Context(), seen.scope, seen.d.ID, without(fields, "seq", "idempotency_key"), actor)
}

// opinionNumbers are the choices of which opinion brought a problem up.
func opinionNumbers(d regulation.Docket) []web.Option {
	var options []web.Option
	for n := range d.Count("opinions") {
		number := strconv.Itoa(n + 1)
		options = append(options, web.Option{Value: number, Text: number})
	}
	return options
}
