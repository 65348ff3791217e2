package api

import (
	"context"
	"errors"
	"slices"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// dialableBody is a call to be made, as whoever assigns calls sees it: no contact.
type dialableBody struct {
	Case   string             `json:"case"`
	Number string             `json:"number"`
	Act    regulation.ActKind `json:"act"`
	Due    *dueBody           `json:"due,omitempty"`
	// Holder has taken it, and may make it until Until; left out where nobody has, or may.
	Holder *diallerBody `json:"holder,omitempty"`
}

// diallerBody is a clerk who makes calls.
type diallerBody struct {
	Person string    `json:"person"`
	Name   string    `json:"name"`
	Until  time.Time `json:"until,omitzero"`
}

type dialingBody struct {
	Calls  []dialableBody `json:"calls"`
	Clerks []diallerBody  `json:"clerks"` // who may be let make those that nobody has taken
}

// callsListed bounds the page: whoever assigns as many comes back for the rest.
const callsListed = 100

// showDialing lists the calls to be made, first those that a clerk has taken, who by that asks for them.
func (a *API) showDialing(r *request) (answer, error) {
	body, err := a.dialingBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.dialingPage(r, body, nil, nil)}, nil
}

func (a *API) dialingBody(r *request) (dialingBody, error) {
	ctx, scope := r.http().Context(), a.Guard.Scope(r.actor, policies.AssignDialing)
	b := dialingBody{Calls: []dialableBody{}, Clerks: []diallerBody{}}
	calls, err := a.Store.DueCalls(ctx, scope, callsListed)
	if err != nil {
		return b, err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return b, err
	}
	calendars := a.calendars(r)
	for _, call := range calls {
		drawn := dialableBody{Case: call.CaseID, Number: call.Number, Act: call.Act}
		if !call.Due.IsZero() {
			calendar, err := calendars.of(call.Area)
			if err != nil {
				return b, err
			}
			due := dueOf(call.Due, r.at.After(call.Due), false, calendar, r.at)
			drawn.Due = &due
		}
		drawn.Holder = holderOf(people, call, r.at)
		b.Calls = append(b.Calls, drawn)
	}
	for _, p := range people.Roster(r.at) {
		if p.ID != r.actor.Person && slices.ContainsFunc(p.Assignments, func(as regulation.Assignment) bool {
			return a.Guard.Allows(as.Role, policies.DialRater, regulation.OwnArea) && within(scope, as.Area)
		}) {
			b.Clerks = append(b.Clerks, diallerBody{Person: p.ID, Name: people.Name(p.ID)})
		}
	}
	return b, nil
}

func holderOf(people *store.People, call store.DueCall, at time.Time) *diallerBody {
	if call.Holder == "" {
		return nil
	}
	holder := &diallerBody{Person: call.Holder, Name: people.Name(call.Holder)}
	if at.Before(call.Until) {
		holder.Until = call.Until
	}
	return holder
}

// assignDialing lets clerks make calls for some minutes, several at once: whoever has taken each, and the clerk
// who is named those that nobody has. Afterwards it takes another assignment (9(2)).
func (a *API) assignDialing(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "case", "clerk", "idempotency_key"); err != nil {
		return answer{}, err
	}
	actor, dialings, err := a.dialings(r, slices.Compact(slices.Sorted(slices.Values(fields["case"]))), fields.Get("clerk"))
	if err == nil {
		err = a.Store.AssignDialings(r.http().Context(), actor, dialings)
	}
	if err != nil {
		return a.dialingAgain(r, fields, err)
	}
	return a.afterTask(r, "flash.dialing_assigned", nil)
}

// dialings are the assignments asked for; a refusal names what is wrong with the first that may not be.
func (a *API) dialings(r *request, cases []string, clerk string) (actor regulation.Actor, dialings []store.Dialing, err error) {
	refusal := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}
	if len(cases) == 0 || len(cases) > callsListed {
		return actor, nil, refusal.Field("case", "required")
	}
	ctx := r.http().Context()
	people, err := a.Store.People(ctx)
	if err != nil {
		return actor, nil, err
	}
	for _, id := range cases {
		c, err := a.Store.CaseByID(ctx, a.Guard.Scope(r.actor, policies.AssignDialing), id)
		if err != nil {
			return actor, nil, err
		}
		allowed := a.Guard.Assignments(r.actor, policies.AssignDialing, c.Subject())
		if len(allowed) == 0 {
			return actor, nil, a.notYours(policies.AssignDialing)
		}
		actor = r.actor
		actor.As = allowed[0]
		call, there, err := a.Store.CallOf(ctx, id)
		switch {
		case err != nil:
			return actor, nil, err
		case !there || !regulation.CallDue(c):
			return actor, nil, &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseRights, Missing: "no_call_due"}
		case call.Holder == "" && clerk == "":
			return actor, nil, refusal.Field("clerk", "required")
		case call.Holder == "":
			call.Holder = clerk
		}
		caller, err := people.Actor(call.Holder, r.at)
		if err != nil || len(a.Guard.Assignments(caller, policies.DialRater, c.Subject())) == 0 {
			return actor, nil, refusal.Field("clerk", "not_an_option")
		}
		params, err := a.Store.Params(ctx, c.Edition)
		if err != nil {
			return actor, nil, err
		}
		until := r.at.Add(time.Duration(params.Days(regulation.DialMinutes)) * time.Minute)
		dialings = append(dialings, store.Dialing{Case: c, Clerk: call.Holder, Until: until})
	}
	return actor, dialings, nil
}

// dialingAgain shows the form as it was filled in, with what is wrong.
func (a *API) dialingAgain(r *request, fields regulation.Values, refused error) (answer, error) {
	refusal, ok := isRefusal(refused)
	if !r.page || !ok || refusal.Code != regulation.Invalid {
		return answer{}, refused
	}
	body, err := a.dialingBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{view: a.dialingPage(r, body, fields, refusal)}, refused
}

func (a *API) dialingPage(r *request, b dialingBody, fields regulation.Values, refused *regulation.Error) *web.DialingView {
	v := &web.DialingView{Page: a.pageFor(r), Form: web.Form{Action: "/dialing", Values: fields, IdempotencyKey: newKey()}}
	if refused != nil {
		v.Errors = web.FieldErrors(refused.Fields)
	}
	for _, call := range b.Calls {
		line := web.CallLine{Case: call.Case, Number: call.Number, Act: string(call.Act), Due: webDue(call.Due)}
		if call.Holder != nil {
			line.Holder, line.Until = call.Holder.Name, call.Holder.Until
		}
		v.Calls = append(v.Calls, line)
	}
	for _, clerk := range b.Clerks {
		v.Clerks = append(v.Clerks, web.Option{Value: clerk.Person, Text: clerk.Name})
	}
	return v
}

// fillDialling tells a clerk whether they may call, and whoever assigns calls whom they may let.
func (a *API) fillDialling(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	calls, until, err := a.mayDial(r, seen.c)
	if err != nil {
		return err
	}
	b.Dialable, b.DialUntil, b.DialWaits = calls && !until.IsZero(), until, calls && until.IsZero()
	if !regulation.CallDue(seen.c) || len(a.Guard.Assignments(r.actor, policies.AssignDialing, seen.c.Subject())) == 0 {
		return nil
	}
	call, there, err := a.Store.CallOf(ctx, seen.c.ID)
	if err != nil || !there || call.Holder == r.actor.Person {
		return err
	}
	people, err := a.Store.People(ctx)
	if err == nil {
		b.Dialler = holderOf(people, call, r.at)
	}
	return err
}

// fillCodeWord tells a rater by what they know that a caller, or a text message, is the office's: where a case may still
// call them, or has sent them one.
// While the key store is away the page goes without.
func (a *API) fillCodeWord(r *request, c regulation.Case, b *statusBody) error {
	if !c.Contactable || c.Closed() && (b.Notices == nil || len(b.Notices.Sent) == 0) {
		return nil
	}
	word, err := a.Store.CodeWord(r.http().Context(), c.RatingID)
	if _, refused := isRefusal(err); refused {
		return nil
	}
	b.OfficialNumber, b.CodeWord = a.OfficialNumber, word
	return err
}

// isRefusal finds the rules' refusal in an error.
func isRefusal(err error) (refusal *regulation.Error, ok bool) {
	ok = errors.As(err, &refusal)
	return refusal, ok
}

// drawDialling puts on the case's page what fillDialling found.
func drawDialling(v *web.CaseView, b caseBody) {
	v.DialWaits, v.DialUntil = b.DialWaits, b.DialUntil
	if b.Dialable {
		v.Dial = "/cases/" + b.ID + "/contact"
	}
	if b.Dialler != nil {
		v.Dialler = &web.Dialler{Form: web.Form{Action: "/dialing", IdempotencyKey: newKey()}, Case: b.ID, Name: b.Dialler.Name, Until: b.Dialler.Until}
	}
}
