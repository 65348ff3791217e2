package api

import (
	"errors"
	"net/http"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// boxesBody are the suggestion boxes within the reader's area, and the halls and service centres without
// one in use (R13).
type boxesBody struct {
	Boxes []boxBody    `json:"boxes"`
	Gaps  []*placeBody `json:"gaps"`
}

// boxBody is a box. Keeper is absent where nobody keeps it, which is wrong while it is in use (R15).
type boxBody struct {
	ID      string              `json:"id"`
	Hall    *placeBody          `json:"hall"`
	Place   string              `json:"place"`
	State   regulation.BoxState `json:"state"`
	Keeper  *personRef          `json:"keeper,omitempty"`
	History []keepingBody       `json:"history"`
	// Changes are where it stood and whether it was in use, from when on, the latest first.
	Changes []changeBody `json:"changes"`
	// Missed are the weeks in which it was not opened and has not been since, the earliest first.
	Missed []missedBody `json:"missed,omitempty"`
	// Photo is the address of its picture.
	Photo string `json:"photo,omitempty"`
}

// missedBody is a week that is overdue: before the keeper, and once it is raised before the supervisor too.
type missedBody struct {
	Week   string    `json:"week"`
	Due    time.Time `json:"due_at"`
	Raised bool      `json:"raised"`
}

// changeBody is a state of a box. By and Reason are left out of its registration.
type changeBody struct {
	State  regulation.BoxState `json:"state"`
	Hall   *placeBody          `json:"hall"`
	Place  string              `json:"place"`
	From   time.Time           `json:"from"`
	At     time.Time           `json:"recorded_at"`
	By     string              `json:"by,omitempty"` // name
	Reason string              `json:"reason,omitempty"`
}

type keepingBody struct {
	personRef
	From  time.Time `json:"from"`
	Until time.Time `json:"until,omitzero"`
}

// showBoxes lists the boxes with their keepers, and what is missing.
func (a *API) showBoxes(r *request) (answer, error) {
	body, err := a.boxesBody(r)
	if err != nil {
		return answer{}, err
	}
	view, err := a.boxesPage(r, body, triedBox{})
	return answer{body: body, view: view}, err
}

func (a *API) boxesBody(r *request) (boxesBody, error) {
	ctx, scope := r.http().Context(), a.Guard.Scope(r.actor, policies.ViewBox)
	body, p := boxesBody{Boxes: []boxBody{}, Gaps: []*placeBody{}}, a.places(r)
	boxes, err := a.Store.Boxes(ctx, scope)
	if err != nil {
		return body, err
	}
	halls, err := a.Store.BoxHalls(ctx, scope)
	if err != nil {
		return body, err
	}
	l, err := a.roll(r)
	if err != nil {
		return body, err
	}
	missed, err := a.missedWeeks(r, scope)
	if err != nil {
		return body, err
	}
	served := map[string]bool{}
	for _, b := range boxes {
		served[b.Hall] = served[b.Hall] || b.State == regulation.BoxActive
		line := l.box(b, p)
		line.Missed = missed[b.ID]
		body.Boxes = append(body.Boxes, line)
	}
	for _, hall := range halls {
		if !served[hall.ID] {
			body.Gaps = append(body.Gaps, p.body(hall.ID))
		}
	}
	return body, nil
}

// missedWeeks are what is overdue within the scope, by box.
func (a *API) missedWeeks(r *request, scope regulation.Scope) (map[string][]missedBody, error) {
	weeks, err := a.Store.MissedWeeks(r.http().Context(), scope)
	missed := map[string][]missedBody{}
	for _, w := range weeks {
		missed[w.Box] = append(missed[w.Box], missedBody{w.Week, w.Due, w.Raised})
	}
	return missed, err
}

func drawMissed(missed []missedBody) (drawn []web.BoxMissed) {
	for _, m := range missed {
		drawn = append(drawn, web.BoxMissed(m))
	}
	return drawn
}

func (l roll) box(b store.Box, p places) boxBody {
	body := boxBody{ID: b.ID, Hall: p.body(b.Hall), Place: b.Place, State: b.State, History: []keepingBody{}, Changes: []changeBody{}}
	if b.Photo != "" {
		body.Photo = "/boxes/" + b.ID + "/photo"
	}
	if b.Keeper() != "" {
		keeper := l.ref(b.Keeper())
		body.Keeper = &keeper
	}
	for _, k := range b.Keepers {
		body.History = append(body.History, keepingBody{l.ref(k.Person), k.From, k.Until})
	}
	for _, c := range b.Changes {
		body.Changes = append(body.Changes, changeBody{c.State, p.body(c.Hall), c.Place, c.From, c.At, l.people.Name(c.By), c.Reason})
	}
	return body
}

// registerBox enters a box.
func (a *API) registerBox(r *request) (answer, error) {
	return a.changeBox(r, "box", func(scope regulation.Scope, actor regulation.Actor, v regulation.Values) error {
		_, err := a.Store.RegisterBox(r.http().Context(), scope, v, actor)
		return err
	})
}

// keepBox names a box's keeper.
func (a *API) keepBox(r *request) (answer, error) {
	return a.changeBox(r, "keeper", func(scope regulation.Scope, actor regulation.Actor, v regulation.Values) error {
		return a.Store.KeepBox(r.http().Context(), scope, r.param("id"), v, actor)
	})
}

// moveBox puts a box elsewhere.
func (a *API) moveBox(r *request) (answer, error) {
	return a.changeBox(r, "move", func(scope regulation.Scope, actor regulation.Actor, v regulation.Values) error {
		return a.Store.MoveBox(r.http().Context(), scope, r.param("id"), v, actor)
	})
}

// setBoxState puts a box out of use, away, or back in use.
func (a *API) setBoxState(r *request) (answer, error) {
	return a.changeBox(r, "state", func(scope regulation.Scope, actor regulation.Actor, v regulation.Values) error {
		return a.Store.SetBoxState(r.http().Context(), scope, r.param("id"), v, actor)
	})
}

// triedBox is a refused form of the page: which, of which box, what was typed.
type triedBox struct {
	form, box string
	typed     regulation.Values
	refused   *regulation.Error
}

func (a *API) changeBox(r *request, form string, change func(regulation.Scope, regulation.Actor, regulation.Values) error) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	fields = without(fields, "idempotency_key")
	actor := r.actor
	for _, as := range actor.Assignments {
		if a.Guard.Allows(as.Role, policies.ManageBoxes, regulation.OwnArea) {
			actor.As = as
			break
		}
	}
	if err = change(a.Guard.Scope(r.actor, policies.ManageBoxes), actor, fields); err == nil {
		a.say(r, "flash.watch_done")
		return answer{status: http.StatusNoContent, next: "/boxes"}, nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, reading := a.boxesBody(r)
		view, drawing := a.boxesPage(r, body, triedBox{form, r.param("id"), fields, refused})
		return answer{view: view}, errors.Join(err, reading, drawing)
	}
	return answer{}, err
}

func (a *API) boxesPage(r *request, b boxesBody, tried triedBox) (*web.BoxesView, error) {
	v := &web.BoxesView{Page: a.pageFor(r)}
	for _, gap := range b.Gaps {
		v.Gaps = append(v.Gaps, gap.Name)
	}
	manages := a.Guard.Scope(r.actor, policies.ManageBoxes)
	halls, err := a.Store.BoxHalls(r.http().Context(), manages)
	if err != nil {
		return nil, err
	}
	// hallsOf are those of the area of a hall, "" for all.
	hallsOf := func(beside string) (options []web.Option) {
		here, _ := a.places(r).org(beside)
		for _, hall := range halls {
			if beside == "" || hall.Area == here.Area {
				options = append(options, web.Option{Value: hall.ID, Text: either(r.lang, hall.NameZH, hall.NameEN)})
			}
		}
		return options
	}
	for _, box := range b.Boxes {
		row := web.BoxRow{ID: box.ID, Hall: box.Hall.Name, Place: box.Place, State: string(box.State), Missed: drawMissed(box.Missed)}
		if box.Keeper != nil {
			row.Keeper = box.Keeper.Name
		}
		for _, k := range box.History {
			row.History = append(row.History, web.BoxKeeping{Name: k.Name, From: k.From, Until: k.Until})
		}
		if !manages.Empty() {
			keepers, err := a.Store.BoxKeepers(r.http().Context(), box.Hall.ID)
			if err != nil {
				return nil, err
			}
			var options []web.Option
			for _, k := range keepers {
				options = append(options, web.Option{Value: k.Person, Text: k.NameZH})
			}
			row.Keep = tried.draw("/boxes/"+box.ID+"/keeper", "keeper", box.ID, regulation.KeeperFields, options)
			row.Set = tried.draw("/boxes/"+box.ID+"/state", "state", box.ID, regulation.BoxStateFields, nil)
			row.Move = tried.draw("/boxes/"+box.ID+"/move", "move", box.ID, regulation.BoxMoveFields, hallsOf(box.Hall.ID))
		}
		v.Rows = append(v.Rows, row)
	}
	if manages.Empty() {
		return v, nil
	}
	v.Register = tried.draw("/boxes", "box", "", regulation.BoxFields, hallsOf(""))
	return v, nil
}

// draw is a form of the page, open with what was typed where it is the refused one.
func (t triedBox) draw(action, form, box string, fields []regulation.Field, options []web.Option) *web.HoldForm {
	f := &web.HoldForm{Form: web.Form{Action: action}}
	var wrong map[string]string
	var typed regulation.Values
	if t.refused != nil && t.form == form && t.box == box {
		wrong, typed, f.Open = t.refused.Fields, t.typed, true
		f.Errors = web.FieldErrors(formErrors(t.refused))
	}
	for _, field := range fields {
		f.Fields = append(f.Fields, web.FieldOf(field, typed[field.Name], wrong[field.Name], options))
	}
	return f
}
