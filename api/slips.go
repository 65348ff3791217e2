package api

import (
	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// slipBody is a handled matter with the code that its citizen gets on a slip (6(3)). Nothing in it tells whether
// it was rated: who serves at the window prints it.
type slipBody struct {
	Number string `json:"number"`
	Matter string `json:"matter"`
	Window string `json:"window,omitempty"`
	Status string `json:"status"`
	Code   string `json:"code"`
	Image  string `json:"image"`
}

type slipsBody struct {
	Slips []slipBody `json:"slips"`
}

// slipsShown is how many handled matters the list has, the latest accepted first.
const slipsShown = 60

// showSlips lists what the reader's units handled lately, to print a slip for.
func (a *API) showSlips(r *request) (answer, error) {
	handled, err := a.handledBy(r)
	if err != nil {
		return answer{}, err
	}
	body := slipsBody{Slips: []slipBody{}}
	view := &web.TableView{Page: a.pageFor(r), Code: "slips", Columns: []string{"project", "task", "window", "status", "accepted"}}
	intro := web.Msg("slips.intro")
	view.Intro = &intro
	for _, p := range handled {
		t, err := a.target(r, p.Code)
		if err != nil {
			return answer{}, err
		}
		slip := slipOf(r.lang, t)
		body.Slips = append(body.Slips, slip)
		view.Rows = append(view.Rows, web.TableRow{Href: "/slips/" + p.Code, Cells: []web.Cell{{Text: slip.Number}, {Text: slip.Matter}, {Text: slip.Window},
			{Message: web.Msg("matter_status." + slip.Status)}, {Text: p.AcceptedDate}}})
	}
	return answer{body: body, view: view}, nil
}

func (a *API) handledBy(r *request) ([]store.Project, error) {
	return a.Store.Handled(r.http().Context(), a.Guard.Scope(r.actor, policies.PrintSlip).Units, slipsShown)
}

func slipOf(lang web.Lang, t store.Target) slipBody {
	b := slipBody{Number: t.Project.Number, Matter: either(lang, t.Matter.NameZH, t.Matter.NameEN), Status: t.Project.Status,
		Code: t.Project.Code, Image: "/codes/" + t.Project.Code + ".svg"}
	if t.Window.ID != "" {
		b.Window = windowName(lang, t.Window)
	}
	return b
}

// showSlip is the A6 page that the clerk prints, or shows on the screen, once a matter is taken in.
func (a *API) showSlip(r *request) (answer, error) {
	t, err := a.target(r, r.param("code"))
	if err != nil {
		return answer{}, err
	}
	subject := regulation.Subject{Area: t.Unit.Area, Units: []string{t.Unit.ID}, Orgs: []string{t.Authority.ID}}
	if t.Project.Number == "" || len(a.Guard.Assignments(r.actor, policies.PrintSlip, subject)) == 0 {
		return answer{}, notFound("code")
	}
	b := slipOf(web.Chinese, t)
	view := &web.SlipView{Page: a.pageFor(r), Number: b.Number, Matter: b.Matter, Unit: t.Unit.NameZH, Hall: t.Hall.NameZH, Window: b.Window,
		Code: b.Code, Image: b.Image, Address: a.address(r)}
	return answer{body: b, view: view}, nil
}
