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
	"haochaping/workday"
)

// exchangeLine is how the exchange with one upstream stands (9(3), R55).
type exchangeLine struct {
	Name        string    `json:"name"`
	Title       string    `json:"title"`
	Simulated   bool      `json:"simulated"`
	Waiting     int       `json:"waiting"`
	Held        int       `json:"held"` // of the waiting, behind a parked earlier version
	Sent        int       `json:"sent"`
	Parked      int       `json:"parked"`
	Lag         float64   `json:"lag_seconds"` // of the oldest that waits
	P95         float64   `json:"p95_seconds"` // of what was sent within the hour
	SentInHour  int       `json:"sent_in_hour"`
	Failures    int       `json:"failures"` // in a row
	Code        string    `json:"code,omitempty"`
	Next        time.Time `json:"next_try,omitzero"`
	LastTaken   time.Time `json:"last_taken,omitzero"`
	AlarmedOver []string  `json:"alarms"`
}

// parkedLine is a message that an upstream did not take: ids and codes alone.
type parkedLine struct {
	Upstream string    `json:"upstream"`
	ID       string    `json:"id"`
	Kind     string    `json:"kind"` // rating, outcome
	Area     string    `json:"area"`
	Code     string    `json:"code"`
	Since    time.Time `json:"since"`
	Attempts int       `json:"attempts"`
}

type exchangeBody struct {
	Upstreams []exchangeLine `json:"upstreams"`
	Parked    []parkedLine   `json:"parked"`
	Next      string         `json:"next,omitempty"`
}

// showExchange is how the exchange with each upstream stands, and what it did not take.
func (a *API) showExchange(r *request) (answer, error) {
	ctx := r.http().Context()
	params, err := a.currentParams(r)
	if err != nil {
		return answer{}, err
	}
	all, err := a.Store.Exchanges(ctx)
	if err != nil {
		return answer{}, err
	}
	parked, next, err := a.Store.Parked(ctx, listQuery(r))
	if err != nil {
		return answer{}, err
	}
	body := exchangeBody{Upstreams: []exchangeLine{}, Parked: []parkedLine{}, Next: pageAddress(r, next)}
	view := &web.ExchangeView{Page: a.pageFor(r), May: a.Guard.May(r.actor, policies.ManageExchange), LagMinutes: params.Days(regulation.ExchangeLagMinutes),
		ParkedMost: params.Days(regulation.ExchangeParkedMost)}
	view.Next = body.Next
	for _, e := range all {
		line := exchangeLine{e.Name, e.Title, e.Simulated, e.Waiting, e.Held, e.Sent, e.Parked, e.Lag.Seconds(), e.P95.Seconds(), e.LastHr, e.Failures, e.Code,
			e.Next, e.Succeeded, append([]string{}, e.Alarms(params)...)}
		body.Upstreams = append(body.Upstreams, line)
		view.Upstreams = append(view.Upstreams, exchangeCard(line, e, r.at))
	}
	p := a.places(r)
	for _, d := range parked {
		line := parkedLine{d.Name, d.ID, toldOf(d.Delivery), d.Area, d.Code, d.Since, d.Attempts}
		body.Parked = append(body.Parked, line)
		why, code, _ := strings.Cut(d.Code, " ")
		view.Parked = append(view.Parked, web.UnsentRow{Again: "/exchange/" + d.Name + "/again", ID: d.ID, Kind: line.Kind, Upstream: d.Title, Area: p.name(d.Area),
			Why: why, Code: code, Since: d.Since})
	}
	return answer{body: body, view: view}, nil
}

// upstreamTitle names an upstream, or gives back what is none any more.
func (a *API) upstreamTitle(r *request, name string) string {
	if up, err := a.Store.UpstreamByName(r.http().Context(), name); err == nil {
		return up.Title
	}
	return name
}

// toldOf is what a message tells of.
func toldOf(d store.Delivery) string {
	if d.Seq > 0 {
		return "outcome"
	}
	return "rating"
}

func exchangeCard(line exchangeLine, e store.Exchange, now time.Time) web.UpstreamCard {
	c := web.UpstreamCard{Name: line.Name, Title: line.Title, Simulated: line.Simulated, Waiting: line.Waiting, Held: line.Held, Sent: line.Sent, Parked: line.Parked,
		Lag: lasting(e.Lag), Hour: line.SentInHour, Failures: line.Failures, Last: line.LastTaken, Alarms: line.AlarmedOver, Replay: "/exchange/" + line.Name + "/replay"}
	if line.SentInHour > 0 {
		p95 := lasting(e.P95)
		c.P95 = &p95
	}
	if c.Why = line.Code; line.Next.After(now) {
		c.Next = line.Next
	}
	return c
}

// lasting words how long something takes.
func lasting(d time.Duration) web.Message {
	switch {
	case d < 10*time.Second:
		return web.Msg("duration.s", seconds(d.Seconds()))
	case d < 2*time.Minute:
		return web.Msg("duration.s", int(d.Seconds()))
	case d < 2*time.Hour:
		return web.Msg("duration.min", int(d.Minutes()))
	}
	return web.Msg("duration.h", int(d.Hours()))
}

// exchanger is the reader with the post under which they manage the exchange.
func (a *API) exchanger(r *request) regulation.Actor {
	actor := r.actor
	for _, as := range actor.Assignments {
		if a.Guard.Allows(as.Role, policies.ManageExchange, regulation.Below) {
			actor.As = as
			break
		}
	}
	return actor
}

// resend has what is parked sent once more: one message, or all of an upstream's where none is named.
func (a *API) resend(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "message", "idempotency_key"); err != nil {
		return answer{}, err
	}
	up, err := a.Store.UpstreamByName(r.http().Context(), r.param("upstream"))
	if err != nil {
		return answer{}, err
	}
	n, err := a.Store.ResendParked(r.http().Context(), up.Name, fields.Get("message"), a.exchanger(r))
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.exchange_again")
	return answer{body: map[string]int64{"messages": n}, next: "/exchange"}, nil
}

// replayBody is what a replay from a day would send once more; nothing is sent yet.
type replayBody struct {
	Upstream string        `json:"upstream"`
	From     *workday.Date `json:"from,omitempty"`
	Messages int64         `json:"messages"`
}

// showReplay counts what a replay from a day would send, and changes nothing.
func (a *API) showReplay(r *request) (answer, error) {
	up, err := a.Store.UpstreamByName(r.http().Context(), r.param("upstream"))
	if err != nil {
		return answer{}, err
	}
	body, view := replayBody{Upstream: up.Name}, a.replayPage(r, up, r.query("from"))
	if r.query("from") == "" {
		return answer{body: body, view: view}, nil
	}
	from, err := replayDay(r.query("from"), r.at)
	if err != nil {
		view.Wrong(err)
		return answer{view: view}, err
	}
	if body.Messages, err = a.Store.CountReplay(r.http().Context(), up.Name, from); err != nil {
		return answer{}, err
	}
	body.From, view.Counted, view.Messages, view.From = &from, true, body.Messages, from.Start()
	return answer{body: body, view: view}, nil
}

func (a *API) replayPage(r *request, up store.Upstream, typed string) *web.ReplayView {
	return &web.ReplayView{Page: a.pageFor(r), Upstream: up.Title, Action: "/exchange/" + up.Name + "/replay",
		Day: web.Field{Name: "from", Kind: web.FieldDate, Label: "field.replay_from", Required: true, Max: workday.DateOf(r.at).String(), Values: []string{typed}}}
}

// replayDay reads the day from which is sent once more.
func replayDay(typed string, now time.Time) (workday.Date, error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEquipment, Missing: "fields"}
	from, err := workday.ParseDate(typed)
	switch {
	case err != nil:
		return from, wrong.Field("from", "not_a_date")
	case from.Start().After(now):
		return from, wrong.Field("from", "date_to_come")
	}
	return from, nil
}

// replay sends once more what an upstream got since a day. The ids stay: nothing counts twice.
func (a *API) replay(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	up, err := a.Store.UpstreamByName(r.http().Context(), r.param("upstream"))
	if err != nil {
		return answer{}, err
	}
	from, err := replayDay(fields.Get("from"), r.at)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		view := a.replayPage(r, up, fields.Get("from"))
		view.Wrong(err)
		return answer{view: view}, err
	}
	if err != nil {
		return answer{}, err
	}
	n, err := a.Store.Replay(r.http().Context(), up.Name, from, a.exchanger(r))
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.exchange_replay")
	return answer{status: http.StatusAccepted, body: replayBody{up.Name, &from, n}, next: "/exchange"}, nil
}
