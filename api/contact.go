package api

import (
	"net/http"
	"strings"
	"time"

	"haochaping/integration/telephony"
	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// dialBody is the contact in the clear, for one call.
type dialBody struct {
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Language string `json:"language,omitempty"`
	Hours    string `json:"hours,omitempty"`
	// CodeWord is what the clerk says, and the rater sees on the receipt's page.
	CodeWord string `json:"code_word,omitempty"`
	// Until is when the assignment ends under which this is shown.
	Until time.Time `json:"until,omitzero"`
}

// dialling is a clerk's right to reach the rater of a case now.
type dialling struct {
	seen  seenCase
	actor regulation.Actor
	until time.Time
}

// dialling refuses whoever may not reach the rater now: a callback clerk may for a call that is due, while a
// supervisor's assignment of this case to this clerk lasts, and at no other time (clause 9(2)).
func (a *API) dialling(r *request) (d dialling, err error) {
	if d.seen, err = a.caseFor(r, r.param("id")); err != nil {
		return d, err
	}
	allowed := a.Guard.Assignments(r.actor, policies.DialRater, d.seen.c.Subject())
	if len(allowed) == 0 {
		return d, a.notYours(policies.DialRater)
	}
	d.actor = r.actor
	d.actor.As = allowed[0]
	if d.until, err = a.Store.DialingUntil(r.http().Context(), d.seen.c.ID, r.actor.Person); err != nil {
		return d, err
	}
	return d, regulation.MayDial(d.seen.c, d.until, r.at)
}

// showContact opens the vault to the clerk who has to call now. The audit log has it before the clerk does. With
// a gateway the number stays masked: callRater has it connected.
func (a *API) showContact(r *request) (answer, error) {
	d, err := a.dialling(r)
	if err != nil {
		return answer{}, err
	}
	ctx := r.http().Context()
	contact, err := a.Store.Reveal(ctx, d.seen.scope, d.seen.c.ID, store.PurposeCallback, d.actor)
	if err != nil {
		return answer{}, err
	}
	if a.Connect != nil {
		contact.Phone = regulation.MaskPhone(contact.Phone)
	}
	word, err := a.Store.CodeWord(ctx, d.seen.c.RatingID)
	if err != nil {
		return answer{}, err
	}
	body := dialBody{contact.Name, contact.Phone, contact.Language, contact.Hours, word, d.until}
	return answer{body: body, view: a.contactPage(r, d.seen.c, body)}, nil
}

// callRater has the gateway ring the clerk's extension and then the rater, whose number it alone learns.
func (a *API) callRater(r *request) (answer, error) {
	d, err := a.dialling(r)
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "extension", "idempotency_key"); err != nil {
		return answer{}, err
	}
	if a.Connect == nil {
		return answer{}, &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseRights, Missing: "no_gateway"}
	}
	extension := fields.Get("extension")
	if !isExtension(extension) {
		return answer{}, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field("extension", "bad_extension")
	}
	ctx := r.http().Context()
	contact, err := a.Store.Reveal(ctx, d.seen.scope, d.seen.c.ID, store.PurposeConnect, d.actor)
	if err != nil {
		return answer{}, err
	}
	if err := a.Connect(ctx, telephony.Call{Extension: extension, Number: contact.Phone, Reference: newKey()}); err != nil {
		a.Log.Warn("the telephone gateway did not connect", "case", d.seen.c.ID, "error", err)
		return answer{}, &regulation.Error{Code: regulation.Unavailable, Clause: regulation.ClauseRights, Missing: "gateway_away"}
	}
	a.say(r, "flash.connecting")
	return answer{status: http.StatusNoContent, next: "/cases/" + d.seen.c.ID}, nil
}

// isExtension: an office's inner number, never one that could be anybody's.
func isExtension(typed string) bool {
	digits := strings.Trim(typed, "0123456789") == ""
	return digits && len(typed) >= 2 && len(typed) <= 6
}

// mayDial tells whether the reader has to call the rater now, and until when they may; zero while a
// supervisor has yet to assign it.
func (a *API) mayDial(r *request, c regulation.Case) (calls bool, until time.Time, err error) {
	if !regulation.CallDue(c) || len(a.Guard.Assignments(r.actor, policies.DialRater, c.Subject())) == 0 {
		return false, time.Time{}, nil
	}
	until, err = a.Store.DialingUntil(r.http().Context(), c.ID, r.actor.Person)
	if regulation.MayDial(c, until, r.at) != nil {
		until = time.Time{}
	}
	return true, until, err
}

// contactPage shows the contact on a page of its own, which nothing keeps.
func (a *API) contactPage(r *request, c regulation.Case, b dialBody) web.View {
	v := &web.ContactView{Page: a.pageFor(r), Case: "/cases/" + c.ID, Number: c.Number, Name: b.Name, Phone: b.Phone,
		Language: b.Language, Hours: b.Hours, CodeWord: b.CodeWord, Official: a.OfficialNumber, Until: b.Until}
	if a.Connect != nil {
		v.Connect = "/cases/" + c.ID + "/call"
	}
	return v
}

// keyed is a cell that words a code.
func keyed(prefix, code string) web.Cell {
	if code == "" {
		return web.Cell{}
	}
	return web.Cell{Message: web.Msg(prefix + "." + code)}
}
