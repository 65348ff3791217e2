package api

import (
	"errors"
	"net"
	"strings"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seed"
	"haochaping/web"
)

// homeBody tells a program where to begin.
type homeBody struct {
	Product string `json:"product"`
	Openapi string `json:"openapi"`
}

func (a *API) showHome(r *request) (answer, error) {
	return answer{body: homeBody{Product: "haochaping", Openapi: "/openapi.yaml"}, view: a.homeForm(r, nil)}, nil
}

func (a *API) homeForm(r *request, fields regulation.Values) *web.HomeView {
	v := &web.HomeView{Page: a.pageFor(r), Demo: a.Demo && onLoopback(r)}
	v.Form = web.Form{Action: "/r", Values: fields}
	return v
}

// findCode leads from a typed code to its page.
func (a *API) findCode(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	code := plainCode(fields.Get("code"))
	_, err = a.target(r, code)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		view := a.homeForm(r, fields)
		view.Errors = web.FieldErrors(map[string]string{"code": "code_unknown"})
		return answer{view: view}, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("code", "code_unknown")
	}
	if err != nil {
		return answer{}, err
	}
	body, err := a.rateBody(r, code, "")
	return answer{body: body, location: "/r/" + code, next: "/r/" + code}, err
}

// onLoopback tells whether the request came from this machine and asked for it by a loopback
// name: a page elsewhere cannot make a browser reach the demo by a name of its own.
func onLoopback(r *request) bool {
	host, _, err := net.SplitHostPort(r.http().RemoteAddr)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return false
	}
	name := r.http().Host
	if bare, _, err := net.SplitHostPort(name); err == nil {
		name = bare
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || (ip != nil && ip.IsLoopback())
}

// demoBody is one demo account, entered by one click.
type demoBody struct {
	Login string          `json:"login"`
	Name  string          `json:"name"`
	Role  regulation.Role `json:"role"`
	// RoleName is the role in the reader's language.
	RoleName string `json:"role_name"`
	Place    string `json:"place"`
}

type demosBody struct {
	SignIns []demoBody `json:"sign_ins"`
	// Codes are windows that can be rated at /r/CODE.
	Codes []string `json:"codes"`
}

// demoOpen refuses wherever the record is no demo, and on any address but loopback: as if the
// route were not there.
func (a *API) demoOpen(r *request) error {
	if !a.Demo || !onLoopback(r) {
		return notFound("page")
	}
	demo, err := a.Store.Demo(r.http().Context())
	if err != nil {
		return err
	}
	if !demo {
		return notFound("page")
	}
	return nil
}

func (a *API) showDemo(r *request) (answer, error) {
	if err := a.demoOpen(r); err != nil {
		return answer{}, err
	}
	data, err := seed.Load()
	if err != nil {
		return answer{}, err
	}
	body := demosBody{SignIns: []demoBody{}}
	view := &web.DemoSignInsView{Page: a.pageFor(r)}
	view.Action = "/demo/sign-ins"
	portraits := map[string]string{}
	for _, s := range data.Staff {
		portraits[s.ID] = portraitAddress(s.Portrait)
	}
	p := a.places(r)
	for _, account := range data.Accounts {
		body.SignIns = append(body.SignIns, demoBody{account.Login, account.NameZH, account.Role, web.T(r.lang, "role."+string(account.Role)), p.name(account.Place)})
		a.addPerson(view, p, account, portraits[account.Staff])
	}
	for _, w := range data.Windows {
		body.Codes = append(body.Codes, w.Code)
	}
	return answer{body: body, view: view}, nil
}

// addPerson puts an account into the group of its place's area.
func (a *API) addPerson(view *web.DemoSignInsView, p places, account seed.Account, portrait string) {
	place, _ := p.tree.Org(account.Place)
	area, level := p.name(place.Area), "county"
	if place.Area == regulation.PrefectureArea {
		level = "prefecture"
	}
	person := web.DemoPerson{Login: account.Login, Name: account.NameZH, Role: string(account.Role), Unit: p.name(account.Place), Portrait: portrait}
	for i := range view.Groups {
		if view.Groups[i].Place == area {
			view.Groups[i].People = append(view.Groups[i].People, person)
			return
		}
	}
	view.Groups = append(view.Groups, web.DemoGroup{Level: level, Place: area, People: []web.DemoPerson{person}})
}

// enterDemo signs in by one click.
func (a *API) enterDemo(r *request) (answer, error) {
	if err := a.demoOpen(r); err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	account, err := a.Store.AccountByLogin(r.http().Context(), fields.Get("login"))
	if err != nil {
		return answer{}, err
	}
	if account.Disabled() {
		return answer{}, &regulation.Error{Code: signInFailed, Missing: "sign_in"}
	}
	line := store.AuditEntry{Person: account.Person, Action: "sign_in", Purpose: "demo", Outcome: store.OutcomeDone}
	held, err := a.Store.Assignments(r.http().Context(), account.Person)
	if err != nil {
		return answer{}, err
	}
	if len(held) > 0 { // the auditor of the place finds it
		line.Area, line.Unit = held[0].Area, held[0].Org
	}
	if err := a.Store.Audit(r.http().Context(), line); err != nil {
		return answer{}, err
	}
	delete(fields, "next") // a demo begins at the start
	a.sessions.Put(r.http().Context(), sessionOneClick, true)
	return a.enter(r, account, fields)
}
