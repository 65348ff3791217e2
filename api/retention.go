package api

import (
	"errors"
	"net/http"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/web"
	"haochaping/workday"
)

// keptBody is one row of the retention table (R59).
type keptBody struct {
	What      string                   `json:"what"`
	How       regulation.RetentionHow  `json:"how"`
	Months    int                      `json:"months,omitempty"`
	From      regulation.RetentionFrom `json:"from,omitempty"`
	Parameter string                   `json:"parameter,omitempty"`
	Basis     string                   `json:"basis,omitempty"`
	Deleted   int64                    `json:"deleted"`
	Last      time.Time                `json:"last_at,omitzero"`
}

// deletionBody is one line of what was deleted: counts and a digest, never contents.
type deletionBody struct {
	At      time.Time    `json:"at"`
	What    string       `json:"what"`
	Number  int64        `json:"number"`
	Before  workday.Date `json:"before"`
	Edition string       `json:"edition"`
	Digest  string       `json:"digest"`
}

// retentionHoldBody is a case that is held back from deletion.
type retentionHoldBody struct {
	ID       string    `json:"id"`
	Case     string    `json:"case"`
	Number   string    `json:"number"`
	Kind     string    `json:"kind"`
	Person   string    `json:"person"`
	At       time.Time `json:"at"`
	Reasons  string    `json:"reasons"`
	LiftedAt time.Time `json:"lifted_at,omitzero"`
	LiftedBy string    `json:"lifted_by,omitempty"`
	Lifting  string    `json:"lifting,omitempty"`
}

type retentionTableBody struct {
	Edition   string              `json:"edition"`
	Table     []keptBody          `json:"table"`
	Deletions []deletionBody      `json:"deletions"`
	Holds     []retentionHoldBody `json:"holds"`
	Next      string              `json:"next,omitempty"`
}

// currentParams are the parameters in force.
func (a *API) currentParams(r *request) (regulation.Params, error) {
	edition, err := a.Store.CurrentEdition(r.http().Context())
	if err != nil {
		return regulation.Params{}, err
	}
	return a.Store.Params(r.http().Context(), edition)
}

func (a *API) showRetention(r *request) (answer, error) {
	body, err := a.retentionBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.retentionPage(r, body, nil, nil)}, nil
}

func (a *API) retentionBody(r *request) (retentionTableBody, error) {
	ctx := r.http().Context()
	body := retentionTableBody{Table: []keptBody{}, Deletions: []deletionBody{}, Holds: []retentionHoldBody{}}
	params, err := a.currentParams(r)
	if err != nil {
		return body, err
	}
	body.Edition = params.Edition
	parameters, err := a.Store.Parameters(ctx, params.Edition)
	if err != nil {
		return body, err
	}
	bases := map[string]string{}
	for _, p := range parameters {
		bases[p.Name] = p.Basis
	}
	deleted, err := a.Store.DeletedByKind(ctx)
	if err != nil {
		return body, err
	}
	for _, kept := range regulation.Retention {
		of := deleted[kept.What]
		body.Table = append(body.Table, keptBody{kept.What, kept.How, params.Days(kept.Param), kept.From, kept.Param, bases[kept.Param], of.Number, of.Last})
	}
	lines, next, err := a.Store.Deletions(ctx, listQuery(r))
	if err != nil {
		return body, err
	}
	body.Next = pageAddress(r, next)
	for _, d := range lines {
		body.Deletions = append(body.Deletions, deletionBody{d.At, d.What, d.Number, d.Before, d.Edition, d.Digest})
	}
	body.Holds, err = a.holdBodies(r)
	return body, err
}

func (a *API) holdBodies(r *request) ([]retentionHoldBody, error) {
	bodies := []retentionHoldBody{}
	holds, err := a.Store.RetentionHolds(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewRetention))
	if err != nil {
		return bodies, err
	}
	people, err := a.Store.People(r.http().Context())
	if err != nil {
		return bodies, err
	}
	for _, h := range holds {
		bodies = append(bodies, retentionHoldBody{h.ID, h.CaseID, h.Number, h.Kind, people.Name(h.Person), h.At, h.Reasons, h.LiftedAt, people.Name(h.LiftedBy), h.Lifting})
	}
	return bodies, nil
}

// holdCase holds a case back from deletion, with a reason.
func (a *API) holdCase(r *request) (answer, error) {
	return a.changeHold(r, "", func(actor regulation.Actor, scope regulation.Scope, v regulation.Values) error {
		_, err := a.Store.HoldCase(r.http().Context(), scope, v, actor)
		return err
	})
}

// liftHold ends a hold.
func (a *API) liftHold(r *request) (answer, error) {
	return a.changeHold(r, r.param("id"), func(actor regulation.Actor, scope regulation.Scope, v regulation.Values) error {
		return a.Store.LiftHold(r.http().Context(), scope, r.param("id"), v, actor)
	})
}

func (a *API) changeHold(r *request, hold string, change func(regulation.Actor, regulation.Scope, regulation.Values) error) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	actor := r.actor
	for _, as := range actor.Assignments {
		if a.Guard.Allows(as.Role, policies.HoldRetention, regulation.OwnArea) {
			actor.As = as
			break
		}
	}
	if err = change(actor, a.Guard.Scope(r.actor, policies.HoldRetention), without(fields, "idempotency_key")); err == nil {
		a.say(r, "flash.watch_done")
		return answer{status: http.StatusNoContent, next: "/retention"}, nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.retentionBody(r)
		return answer{view: a.retentionPage(r, body, fields, &triedHold{hold, refused})}, errors.Join(err, drawing)
	}
	return answer{}, err
}

// triedHold is a refused form: of a hold to be lifted, or a new one where it is "".
type triedHold struct {
	hold    string
	refused *regulation.Error
}

func (a *API) retentionPage(r *request, b retentionTableBody, fields regulation.Values, tried *triedHold) *web.RetentionView {
	v := &web.RetentionView{Page: a.pageFor(r), Edition: b.Edition}
	v.Next = b.Next
	for _, row := range b.Table {
		v.Kept = append(v.Kept, web.KeptRow{What: row.What, How: string(row.How), From: string(row.From), Months: row.Months, Basis: row.Basis, Deleted: row.Deleted, Last: row.Last})
	}
	for _, d := range b.Deletions {
		v.Deletions = append(v.Deletions, web.DeletionRow{At: d.At, What: d.What, Number: d.Number, Before: d.Before.Start(), Digest: d.Digest})
	}
	mayHold := a.Guard.May(r.actor, policies.HoldRetention)
	for _, h := range b.Holds {
		row := web.HoldRow{Number: h.Number, Kind: h.Kind, Person: h.Person, At: h.At, Reasons: h.Reasons, LiftedAt: h.LiftedAt, LiftedBy: h.LiftedBy, Lifting: h.Lifting}
		if h.LiftedAt.IsZero() && mayHold {
			row.Lift = a.holdForm("/retention/holds/"+h.ID+"/lift", h.ID, regulation.LiftFields, fields, tried)
		}
		v.Holds = append(v.Holds, row)
	}
	if mayHold {
		v.Hold = a.holdForm("/retention/holds", "", regulation.HoldFields, fields, tried)
	}
	return v
}

func (a *API) holdForm(action, hold string, fields []regulation.Field, typed regulation.Values, tried *triedHold) *web.HoldForm {
	f := &web.HoldForm{Form: web.Form{Action: action}}
	var wrong map[string]string
	mine := tried != nil && tried.hold == hold
	if mine {
		wrong, f.Open = tried.refused.Fields, true
		f.Errors = web.FieldErrors(formErrors(tried.refused))
	}
	for _, field := range fields {
		var values []string
		if mine {
			values = typed[field.Name]
		}
		drawn := web.FieldOf(field, values, wrong[field.Name], nil)
		if field.Name == "number" {
			drawn.Label = "col.number"
		}
		f.Fields = append(f.Fields, drawn)
	}
	return f
}
