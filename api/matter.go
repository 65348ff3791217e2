package api

import (
	"errors"

	"haochaping/regulation"
	"haochaping/store/seed"
	"haochaping/web"
)

// matterBody asks for the number of a handled matter and the applicant's name (6(3)).
type matterBody struct {
	// Examples are made-up ones, of a demo.
	Examples []exampleBody `json:"examples,omitempty"`
}

type exampleBody struct {
	Number string `json:"number"`
	Name   string `json:"name"`
}

func (a *API) showMatter(r *request) (answer, error) {
	view, err := a.matterForm(r, nil)
	if err != nil {
		return answer{}, err
	}
	body := matterBody{}
	for _, e := range view.Examples {
		body.Examples = append(body.Examples, exampleBody{e.Number, e.Name})
	}
	return answer{body: body, view: view}, nil
}

func (a *API) matterForm(r *request, fields regulation.Values) (*web.MatterView, error) {
	v := &web.MatterView{Page: a.pageFor(r)}
	v.Form = web.Form{Action: "/matter", Values: fields}
	if !a.Demo || !onLoopback(r) {
		return v, nil
	}
	data, err := seed.Load()
	if err != nil {
		return v, err
	}
	for _, e := range data.Applicants {
		v.Examples = append(v.Examples, web.MatterExample{Number: e.Number, Name: e.Name})
	}
	return v, nil
}

// openMatter leads from number and name to the page on which the matter is rated. Neither is ever in an address,
// and nothing tells which of the two was wrong.
func (a *API) openMatter(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "number", "name", "idempotency_key"); err != nil {
		return answer{}, err
	}
	t, err := a.Store.OpenMatter(r.http().Context(), fields.Get("number"), fields.Get("name"))
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		code := "matter_unknown"
		if refused.Code == regulation.NotNow {
			code = "matter_shut"
		}
		view, drawing := a.matterForm(r, fields)
		if drawing != nil {
			return answer{}, drawing
		}
		view.Errors = web.FieldErrors(map[string]string{"number": code})
		return answer{view: view}, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseWeb, Missing: "fields"}).Field("number", code)
	}
	if err != nil {
		return answer{}, err
	}
	body, err := a.rateBody(r, t.Project.Code, "")
	return answer{body: body, location: "/r/" + t.Project.Code, next: "/r/" + t.Project.Code}, err
}
