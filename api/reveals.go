package api

import (
	"net/http"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// revealBody is a request to open a rater's contact: nothing of the rater. Reason is left out for auditors.
type revealBody struct {
	ID      string                   `json:"id"`
	Case    string                   `json:"case,omitempty"` // for who reads cases
	Number  string                   `json:"number"`
	Purpose regulation.RevealPurpose `json:"purpose"`
	Reason  string                   `json:"reason,omitempty"`
	State   string                   `json:"state"`
	By      string                   `json:"asked_by"`
	At      time.Time                `json:"asked_at"`
	Lapses  time.Time                `json:"lapses_at"`
	Decider string                   `json:"decided_by,omitempty"`
	Decided time.Time                `json:"decided_at,omitzero"`
	Until   time.Time                `json:"until,omitzero"`
	// Readable and Decidable say what the reader may do with it now.
	Readable  bool `json:"readable,omitempty"`
	Decidable bool `json:"decidable,omitempty"`
}

type revealsBody struct {
	Reveals []revealBody `json:"reveals"`
}

// revealsShown bounds the page.
const revealsShown = 100

// showReveals lists the requests of the reader's area, and offers the form for a case that it names.
func (a *API) showReveals(r *request) (answer, error) {
	body, err := a.revealsBody(r)
	if err != nil {
		return answer{}, err
	}
	view, err := a.revealsPage(r, body, r.query("case"), nil, nil)
	return answer{body: body, view: view}, err
}

func (a *API) revealsBody(r *request) (revealsBody, error) {
	b := revealsBody{Reveals: []revealBody{}}
	all, err := a.Store.Reveals(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewReveals), revealsShown)
	if err != nil {
		return b, err
	}
	people, err := a.Store.People(r.http().Context())
	if err != nil {
		return b, err
	}
	for _, one := range all {
		drawn := revealBody{ID: one.ID, Number: one.Number, Purpose: one.Purpose, State: one.State(r.at), By: people.Name(one.By), At: one.At, Lapses: one.Lapses,
			Decider: people.Name(one.DecidedBy), Decided: one.DecidedAt, Until: one.Until, Readable: one.MayRead(r.actor.Person, r.at) == nil}
		approves := len(a.revealing(r, policies.ApproveReveal, one)) > 0
		drawn.Decidable = approves && drawn.State == regulation.RevealAsked && one.By != r.actor.Person
		if approves || len(a.revealing(r, policies.AskReveal, one)) > 0 {
			if drawn.Reason, err = a.Store.RevealReason(r.http().Context(), one.ID); err != nil {
				return b, err
			}
		}
		if a.Guard.May(r.actor, policies.ViewCase) {
			drawn.Case = one.Case
		}
		b.Reveals = append(b.Reveals, drawn)
	}
	return b, nil
}

// revealing are the reader's assignments under which they may do a thing with a request.
func (a *API) revealing(r *request, may string, one regulation.Reveal) []regulation.Assignment {
	return a.Guard.Assignments(r.actor, may, regulation.Subject{Area: one.Area})
}

// askReveal records a request.
func (a *API) askReveal(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "case", "purpose", "reason", "idempotency_key"); err != nil {
		return answer{}, err
	}
	seen, err := a.caseFor(r, fields.Get("case"))
	if err != nil {
		return answer{}, err
	}
	allowed := a.Guard.Assignments(r.actor, policies.AskReveal, seen.c.Subject())
	if len(allowed) == 0 {
		return answer{}, a.notYours(policies.AskReveal)
	}
	actor := r.actor
	actor.As = allowed[0]
	if _, err = a.Store.AskReveal(r.http().Context(), seen.c, without(without(fields, "case"), "idempotency_key"), actor); err == nil {
		a.say(r, "flash.reveal_asked")
		return answer{status: http.StatusNoContent, next: "/reveals"}, nil
	}
	refusal, refused := isRefusal(err)
	if !refused || !r.page {
		return answer{}, err
	}
	body, reading := a.revealsBody(r)
	if reading != nil {
		return answer{}, reading
	}
	view, drawing := a.revealsPage(r, body, seen.c.ID, fields, refusal)
	if drawing != nil {
		return answer{}, drawing
	}
	return answer{view: view}, err
}

// revealFor finds a request of the reader's area, and the assignment under which they may do a thing with it.
func (a *API) revealFor(r *request, may string) (regulation.Reveal, regulation.Actor, error) {
	one, err := a.Store.RevealOf(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewReveals), r.param("id"))
	if err != nil {
		return one, r.actor, err
	}
	allowed := a.revealing(r, may, one)
	if len(allowed) == 0 {
		return one, r.actor, a.notYours(may)
	}
	actor := r.actor
	actor.As = allowed[0]
	return one, actor, nil
}

// decideReveal approves or refuses a request of somebody else's.
func (a *API) decideReveal(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "decision", "idempotency_key"); err != nil {
		return answer{}, err
	}
	one, actor, err := a.revealFor(r, policies.ApproveReveal)
	if err == nil {
		err = a.Store.DecideReveal(r.http().Context(), one.ID, fields.Get("decision"), actor)
	}
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.reveal_decided")
	return answer{status: http.StatusNoContent, next: "/reveals"}, nil
}

// readReveal shows the contact to who asked, on a page that nothing keeps, while the approval lasts.
func (a *API) readReveal(r *request) (answer, error) {
	one, actor, err := a.revealFor(r, policies.AskReveal)
	if err != nil {
		return answer{}, err
	}
	contact, err := a.Store.OpenReveal(r.http().Context(), one, actor)
	if err != nil {
		return answer{}, err
	}
	body := dialBody{Name: contact.Name, Phone: contact.Phone, Language: contact.Language, Hours: contact.Hours, Until: one.Until}
	return answer{body: body, view: a.revealedPage(r, one, contact)}, nil
}

func (a *API) revealedPage(r *request, one regulation.Reveal, contact store.Contact) web.View {
	v := &web.TableView{Page: a.pageFor(r), Code: "revealed", Columns: []string{"number", "name", "phone", "language", "hours"}}
	intro := web.Msg("revealed.text", beijing(r.lang, one.Until))
	v.Intro = &intro
	v.Rows = []web.TableRow{{Href: "/cases/" + one.Case, Cells: []web.Cell{{Text: one.Number}, {Text: contact.Name}, {Text: contact.Phone},
		keyed("contact_language", contact.Language), keyed("contact_time", contact.Hours)}}}
	return v
}

// revealsPage draws the requests, with the form for a case where one is named and the reader may ask.
func (a *API) revealsPage(r *request, b revealsBody, caseID string, typed regulation.Values, refused *regulation.Error) (*web.RevealsView, error) {
	v := &web.RevealsView{Page: a.pageFor(r), Approves: a.Guard.May(r.actor, policies.ApproveReveal)}
	for _, one := range b.Reveals {
		row := web.RevealRow{Number: one.Number, Purpose: string(one.Purpose), Reason: one.Reason, State: one.State, By: one.By, At: one.At, Decider: one.Decider, Until: one.Until}
		if one.Case != "" {
			row.Href = "/cases/" + one.Case
		}
		if one.State == regulation.RevealAsked {
			row.Until = one.Lapses
		}
		if one.Readable {
			row.Read = "/reveals/" + one.ID + "/contact"
		}
		if one.Decidable {
			row.Decide = "/reveals/" + one.ID + "/decision"
		}
		section := revealSection(one)
		v.Sections[section].Rows = append(v.Sections[section].Rows, row)
	}
	for i, code := range web.RevealSections {
		v.Sections[i].Code = code
	}
	if caseID == "" {
		return v, nil
	}
	seen, err := a.caseFor(r, caseID)
	if err != nil || len(a.Guard.Assignments(r.actor, policies.AskReveal, seen.c.Subject())) == 0 {
		return v, err
	}
	v.Number = seen.c.Number
	v.Ask = &web.HoldForm{Form: web.Form{Action: "/reveals", Hidden: map[string]string{"case": caseID}, IdempotencyKey: newKey()}, Open: true}
	wrong := map[string]string{}
	if refused != nil {
		wrong = refused.Fields
		v.Ask.Errors = web.FieldErrors(formErrors(refused))
	}
	for _, field := range regulation.RevealFields {
		drawn := web.FieldOf(field, typed[field.Name], wrong[field.Name], nil)
		drawn.Label = "reveal." + field.Name
		v.Ask.Fields = append(v.Ask.Fields, drawn)
	}
	return v, nil
}

// revealSection is where on the page a request stands: to be decided by the reader, to be read by them, waiting, past.
func revealSection(one revealBody) int {
	switch {
	case one.Decidable:
		return 0
	case one.Readable, one.State == regulation.RevealApproved:
		return 1
	case one.State == regulation.RevealAsked:
		return 2
	}
	return 3
}
