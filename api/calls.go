package api

import (
	"context"
	"errors"
	"strconv"
	"time"

	"haochaping/integration/portal"
	"haochaping/regulation"
	"haochaping/store"
)

// inboundCalls takes events of the hotline's call system (6(4)): calls, what callers press or answer about the call,
// and complaints and consultations with the unit that answered.
func (a *API) inboundCalls(r *request) (answer, error) {
	return a.takeInbound(r, portal.KindCalls, store.InboundCall, a.takeCalled)
}

func (a *API) takeCalled(ctx context.Context, at time.Time, u portal.Upstream, record portal.Record) (string, error) {
	c := u.Call(record)
	if err := c.Check(at); err != nil {
		return "", err
	}
	switch c.Event {
	case regulation.EventCall:
		return store.InboundAccepted, a.Store.TakeCall(ctx, u.ID, c)
	case regulation.EventTicket:
		return store.InboundAccepted, a.Store.TakeTicket(ctx, store.Ticket{Number: c.Ticket, Kind: regulation.TargetKind(c.Kind), Unit: c.Unit}, u.ID, c.At)
	}
	return a.takeCallersAnswer(ctx, at, u.ID, c, record.Digest())
}

// takeCallersAnswer stores what the caller says of the agent's own call, in which no agent has a hand (R07, R10). The
// outcome is rated (or repeated), ask_again or not_rated: an answer that means nothing is never taken for a good one.
func (a *API) takeCallersAnswer(ctx context.Context, at time.Time, upstream string, c regulation.Called, digest string) (string, error) {
	call, err := a.Store.Call(ctx, c.Call)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return "", (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseTelephone, Missing: "fields"}).Field("call", "no_call")
	}
	if err != nil {
		return "", err
	}
	switch meant := c.AnswerMeans(call.Asked); meant {
	case regulation.AnswerAskAgain:
		return string(meant), a.Store.AskAgain(ctx, call.ID)
	case regulation.AnswerNone:
		return string(meant), nil
	}
	t, err := a.Store.CallTarget(ctx, call)
	if err != nil {
		return "", err
	}
	f, err := a.form(ctx)
	if err != nil {
		return "", err
	}
	channel := map[regulation.CallEvent]regulation.Channel{regulation.EventDigit: regulation.ChannelIVR, regulation.EventText: regulation.ChannelSMS}[c.Event]
	form := regulation.RatingForm{Channel: channel, Target: regulation.TargetConsultation, Grade: c.Grade, CallID: call.ID,
		Source: regulation.Source{ID: upstream, Ref: c.ID}, GivenAt: c.At}
	place := t.Place(call.Staff)
	place.Rated.Staff = call.Staff
	rating, err := regulation.NewRating("", form, place, f.choices, regulation.Actor{}, at)
	if err != nil {
		return "", err
	}
	saved, err := a.Store.SaveRating(ctx, store.Intake{Rating: rating, Key: inboundKey(upstream, c.ID), Message: digest, Object: store.OwnCall})
	if err != nil {
		return "", ourConflict(err)
	}
	if saved.Repeated {
		return store.InboundRepeated, nil
	}
	a.counts.ratings.WithLabelValues(string(channel), strconv.Itoa(int(rating.Grade))).Inc()
	if saved.CaseID != "" {
		a.startSoon(saved.CaseID)
	}
	return string(regulation.AnswerRated), nil
}
