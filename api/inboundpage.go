package api

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// upstreamBody is what one upstream sent.
type upstreamBody struct {
	Upstream string           `json:"upstream"`
	Name     string           `json:"name"`
	Kind     string           `json:"kind"`
	LastAt   time.Time        `json:"last_at,omitzero"`
	Silent   bool             `json:"silent"` // for longer than the parameter says, in service hours
	Today    map[string]int64 `json:"today"`
	Month    map[string]int64 `json:"month"` // the last thirty days
}

type parkedBody struct {
	Upstream   string    `json:"upstream"`
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	Reason     string    `json:"reason"`
	Value      string    `json:"value"`
	ReceivedAt time.Time `json:"received_at"`
	Tries      int       `json:"tries"`
}

type inboundRefusalBody struct {
	Upstream string    `json:"upstream"`
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Reasons  []string  `json:"reasons"` // field:code
	At       time.Time `json:"at"`
	Times    int64     `json:"times"`
}

type inboundPageBody struct {
	Upstreams []upstreamBody       `json:"upstreams"`
	Parked    []parkedBody         `json:"parked"`
	Refused   []inboundRefusalBody `json:"refused"`
}

// shownInbound is how many parked and refused messages the page has.
const shownInbound = 50

func (a *API) showInbound(r *request) (answer, error) {
	body, err := a.inboundPageBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.inboundPage(r, body, nil)}, nil
}

func (a *API) inboundPageBody(r *request) (inboundPageBody, error) {
	ctx := r.http().Context()
	b := inboundPageBody{Upstreams: []upstreamBody{}, Parked: []parkedBody{}, Refused: []inboundRefusalBody{}}
	heard, err := a.Store.InboundTraffic(ctx)
	if err != nil {
		return b, err
	}
	silent, err := a.Store.SilentUpstreams(ctx)
	if err != nil {
		return b, err
	}
	for _, u := range a.Upstreams {
		row := upstreamBody{Upstream: u.ID, Name: u.Name, Kind: u.Kind, Silent: silent[u.ID], Today: map[string]int64{}, Month: map[string]int64{}}
		for _, t := range heard {
			if t.Upstream == u.ID {
				row.LastAt, row.Today, row.Month = t.LastAt, t.Today, t.Month
			}
		}
		b.Upstreams = append(b.Upstreams, row)
	}
	parked, err := a.Store.ParkedMessages(ctx, shownInbound)
	if err != nil {
		return b, err
	}
	for _, p := range parked {
		b.Parked = append(b.Parked, parkedBody{p.Upstream, p.ID, p.Kind, p.Reason, p.Value, p.ReceivedAt, p.Tries})
	}
	refused, err := a.Store.InboundRefusals(ctx, shownInbound)
	for _, x := range refused {
		b.Refused = append(b.Refused, inboundRefusalBody{x.Upstream, x.ID, x.Kind, x.Reasons, x.At, x.Times})
	}
	return b, err
}

func (a *API) inboundPage(r *request, b inboundPageBody, fields regulation.Values) *web.InboundView {
	v := &web.InboundView{Page: a.pageFor(r), Form: web.Form{Action: "/inbound/mend", Values: fields}}
	for _, u := range b.Upstreams {
		v.Upstreams = append(v.Upstreams, web.UpstreamRow{Name: u.Name, ID: u.Upstream, LastAt: u.LastAt, Silent: u.Silent, Today: u.Today, Month: u.Month})
	}
	for _, p := range b.Parked {
		v.Parked = append(v.Parked, web.ParkedRow{Upstream: p.Upstream, Name: a.upstreamName(p.Upstream), ID: p.ID, Kind: p.Kind, Reason: p.Reason, Value: p.Value, At: p.ReceivedAt,
			Mendable: store.Mendable(p.Reason)})
	}
	for _, x := range b.Refused {
		v.Refused = append(v.Refused, web.RefusedRow{Name: a.upstreamName(x.Upstream), ID: x.ID, Kind: x.Kind, Reasons: wordsOf(r.lang, x.Reasons), At: x.At, Times: x.Times})
	}
	return v
}

// wordsOf words refusals that were kept as field:code.
func wordsOf(lang web.Lang, reasons []string) []web.RefusedField {
	var words []web.RefusedField
	for _, reason := range reasons {
		field, code, _ := strings.Cut(reason, ":")
		word := code
		if web.Has("refusal." + code) {
			word = web.T(lang, "refusal."+code)
		}
		if web.Has("inbound.field." + field) {
			field = web.T(lang, "inbound.field."+field)
		}
		words = append(words, web.RefusedField{Field: field, Word: word})
	}
	return words
}

// mendInbound says what an upstream's code means here; what is parked for it is then taken.
func (a *API) mendInbound(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "upstream", "reason", "value", "object", "idempotency_key"); err != nil {
		return answer{}, err
	}
	actor := r.actor
	for _, as := range actor.Assignments {
		if a.Guard.Allows(as.Role, policies.MendInbound, regulation.OwnArea) {
			actor.As = as
		}
	}
	err = a.Store.Mend(r.http().Context(), fields.Get("upstream"), fields.Get("reason"), fields.Get("value"), fields.Get("object"), actor)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		body, drawing := a.inboundPageBody(r)
		if drawing != nil {
			return answer{}, drawing
		}
		view := a.inboundPage(r, body, fields)
		view.Errors = web.FieldErrors(formErrors(refused))
		return answer{view: view}, refused
	}
	if err != nil {
		return answer{}, err
	}
	if err := a.RetryParked(r.http().Context()); err != nil {
		return answer{}, err
	}
	a.say(r, "flash.inbound_mended")
	return answer{status: http.StatusNoContent, next: "/inbound"}, nil
}

// upstreamName is an upstream's name, or its id where it is configured no more.
func (a *API) upstreamName(id string) string {
	for _, u := range a.Upstreams {
		if u.ID == id {
			return u.Name
		}
	}
	return id
}
