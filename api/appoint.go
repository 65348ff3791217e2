package api

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// tenureBody is a role that a person holds at a place, and since when.
type tenureBody struct {
	Role  regulation.Role `json:"role"`
	Place *placeBody      `json:"place"`
	From  time.Time       `json:"from"`
}

func tenuresOf(p places, people *store.People, person string, now time.Time) []tenureBody {
	bodies := []tenureBody{}
	for _, t := range people.Tenures(person) {
		if t.Until.IsZero() || t.Until.After(now) {
			bodies = append(bodies, tenureBody{t.Role, p.body(t.Org), t.From})
		}
	}
	return bodies
}

// appointableBody is what may be chosen in an appointment: the roles, each with the kinds of
// places at which it is held, and the places of the administrator's area.
type appointableBody struct {
	Roles  []roleBody         `json:"roles"`
	Places []appointPlaceBody `json:"places"`
}

type roleBody struct {
	Role  regulation.Role      `json:"role"`
	Kinds []regulation.OrgKind `json:"kinds"`
}

type appointPlaceBody struct {
	placeBody
	Kind regulation.OrgKind `json:"kind"`
}

func (a *API) appointable(r *request) appointableBody {
	body := appointableBody{Roles: []roleBody{}, Places: []appointPlaceBody{}}
	var kinds []regulation.OrgKind
	for _, role := range regulation.Roles {
		if held := regulation.PlacesOf(role); held != nil {
			body.Roles = append(body.Roles, roleBody{role, held})
			kinds = append(kinds, held...)
		}
	}
	scope, p := a.Guard.Scope(r.actor, policies.ManagePeople), a.places(r)
	if p.tree == nil {
		return body
	}
	for _, o := range p.tree.Orgs(kinds...) {
		if within(scope, o.Area) {
			body.Places = append(body.Places, appointPlaceBody{placeBody{o.ID, p.name(o.ID)}, o.Kind})
		}
	}
	return body
}

// appointFields are the form's two choices.
func (a *API) appointFields(r *request, fields regulation.Values, wrong map[string]string) []web.Field {
	body := a.appointable(r)
	role := web.Field{Name: "role", Kind: web.FieldSelect, Label: "col.role", Required: true, Values: fields["role"]}
	for _, one := range body.Roles {
		role.Options = append(role.Options, web.Option{Value: string(one.Role), Key: "role." + string(one.Role)})
	}
	org := web.Field{Name: "org", Kind: web.FieldSelect, Label: "col.place", Help: "person.place.help", Required: true, Values: fields["org"]}
	for _, place := range body.Places {
		org.Options = append(org.Options, web.Option{Value: place.ID, Text: place.Name})
	}
	all := []web.Field{role, org}
	for i := range all {
		if code := wrong[all[i].Name]; code != "" {
			message := web.Msg("refusal." + code)
			all[i].Error = &message
		}
	}
	return all
}

// placeFor holds that the place lies in the administrator's area: others are no option.
func (a *API) placeFor(r *request, org string) error {
	o, known := a.places(r).tree.Org(org)
	subject := regulation.Subject{Area: o.Area, Orgs: []string{o.ID}}
	if !known || len(a.Guard.Assignments(r.actor, policies.ManagePeople, subject)) == 0 {
		return (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("org", "not_an_option")
	}
	return nil
}

// appointPerson gives a role, in force with the next request.
func (a *API) appointPerson(r *request) (answer, error) {
	return a.changeRole(r, func(person string, role regulation.Role, org string) error {
		return a.Store.Appoint(r.http().Context(), person, role, org, r.at, r.actor.Person)
	})
}

// dismissPerson ends a role at once.
func (a *API) dismissPerson(r *request) (answer, error) {
	return a.changeRole(r, func(person string, role regulation.Role, org string) error {
		return a.Store.Dismiss(r.http().Context(), person, role, org, r.actor.Person)
	})
}

// changeRole changes what somebody else holds within the administrator's area; nobody appoints
// or dismisses themselves.
func (a *API) changeRole(r *request, change func(person string, role regulation.Role, org string) error) (answer, error) {
	account, err := a.manageable(r, r.param("person"))
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	err = only(fields, "role", "org", "idempotency_key")
	if err == nil && account.Person == r.actor.Person {
		err = &regulation.Error{Code: regulation.FourEyes, Missing: "concerns_you"}
	}
	if err == nil {
		err = a.placeFor(r, fields.Get("org"))
	}
	if err == nil {
		err = change(account.Person, regulation.Role(fields.Get("role")), fields.Get("org"))
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		view, drawing := a.personAgain(r, account, fields, refused)
		return answer{view: view}, errors.Join(err, drawing)
	}
	return answer{status: http.StatusNoContent, next: "/people/" + account.Person}, err
}

// personAgain is the person's page with the refused form.
func (a *API) personAgain(r *request, account store.Account, fields regulation.Values, refused *regulation.Error) (web.View, error) {
	body, err := a.personBody(r, account)
	if err != nil {
		return nil, err
	}
	view := a.personPage(r, body)
	wrong := formErrors(refused)
	view.Errors = web.FieldErrors(wrong)
	view.Appoint = a.appointFields(r, fields, wrong)
	return view, nil
}

// engagedBody is a new account. The password is told once, to whoever made the account.
type engagedBody struct {
	Person   string `json:"person"`
	Login    string `json:"login"`
	Name     string `json:"name"`
	Password string `json:"password"`
}

func (a *API) showNewPerson(r *request) (answer, error) {
	return answer{body: a.appointable(r), view: a.newPersonPage(r, nil, nil)}, nil
}

func (a *API) newPersonPage(r *request, fields regulation.Values, wrong map[string]string) *web.NewPersonView {
	v := &web.NewPersonView{Page: a.pageFor(r), Appoint: a.appointFields(r, fields, wrong)}
	v.Form = web.Form{Action: "/people", Values: fields, Errors: web.FieldErrors(wrong)}
	return v
}

// createPerson makes an account for a new person with a first role, and a password that is shown
// once and kept only as its hash.
func (a *API) createPerson(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "login", "name", "role", "org", "idempotency_key"); err != nil {
		return answer{}, err
	}
	made := engagedBody{Login: fields.Get("login"), Name: fields.Get("name"), Password: firstPassword()}
	if err = a.placeFor(r, fields.Get("org")); err == nil {
		account := store.NewAccount{Login: made.Login, NameZH: made.Name, Password: made.Password}
		made.Person, err = a.Store.Engage(r.http().Context(), account, regulation.Role(fields.Get("role")), fields.Get("org"), r.actor.Person)
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return answer{view: a.newPersonPage(r, fields, formErrors(refused))}, refused
	}
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, location: "/people/" + made.Person, body: made, view: a.madePage(r, made)}, nil
}

// everHeld are the places that decide who manages a person: of what they hold, or, of somebody
// who holds nothing any more, of what they held.
func everHeld(people *store.People, person string, now time.Time) []regulation.Assignment {
	var held, past []regulation.Assignment
	for _, t := range people.Tenures(person) {
		past = append(past, t.Assignment)
		if t.Until.IsZero() || t.Until.After(now) {
			held = append(held, t.Assignment)
		}
	}
	if len(held) == 0 {
		return past
	}
	return slices.Clip(held)
}
