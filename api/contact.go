package api

import (
	"slices"

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
}

// dialable are the waits for which a callback clerk may call the rater.
var dialable = []regulation.ActKind{regulation.ActRecordCallback, regulation.ActAskConsent, regulation.ActClosingCallback, regulation.ActTellRater}

// showContact opens the vault to the callback clerk who has to call now: while a call is due on
// the case and at no other time. The audit log has it before the clerk does (clause 9(2)).
func (a *API) showContact(r *request) (answer, error) {
	seen, err := a.caseFor(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	allowed := a.Guard.Assignments(r.actor, policies.DialRater, seen.c.Subject())
	if len(allowed) == 0 {
		return answer{}, a.notYours(policies.DialRater)
	}
	if !callDue(seen.c) {
		return answer{}, &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseRights, Missing: "no_call_due"}
	}
	actor := r.actor
	actor.As = allowed[0]
	contact, err := a.Store.Reveal(r.http().Context(), seen.scope, seen.c.ID, store.PurposeCallback, actor)
	if err != nil {
		return answer{}, err
	}
	body := dialBody{contact.Name, contact.Phone, contact.Language, contact.Hours}
	return answer{body: body, view: a.contactPage(r, seen.c, body)}, nil
}

// showRaterName opens the vault for the name alone, to be entered by hand on the paper of a referral to
// the credit record: once both approvals are there and at no other time. The audit log has it before (R46, R49).
func (a *API) showRaterName(r *request) (answer, error) {
	seen, err := a.caseFor(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	allowed := a.Guard.Assignments(r.actor, policies.NameRater, seen.c.Subject())
	if len(allowed) == 0 {
		return answer{}, a.notYours(policies.NameRater)
	}
	if !referred(seen.c) {
		return answer{}, &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseCredit, Missing: "credit_not_approved",
			Who: []regulation.Role{regulation.AuthorityHead, regulation.Supervisor}}
	}
	actor := r.actor
	actor.As = allowed[0]
	contact, err := a.Store.Reveal(r.http().Context(), seen.scope, seen.c.ID, store.PurposeReferral, actor)
	if err != nil {
		return answer{}, err
	}
	v := &web.TableView{Page: a.pageFor(r), Code: "contact", Columns: []string{"number", "name"}}
	intro := web.Msg("contact.for_referral")
	v.Intro = &intro
	v.Rows = []web.TableRow{{Href: "/cases/" + seen.c.ID, Cells: []web.Cell{{Text: seen.c.Number}, {Text: contact.Name}}}}
	return answer{body: dialBody{Name: contact.Name}, view: v}, nil
}

// referred tells whether the rater is referred to the credit record and still known by name.
func referred(c regulation.Case) bool {
	return c.Named && c.Stage(regulation.TrackCredit) == regulation.StageReferred
}

// mayName tells whether the reader may read the rater's name for the paper of a referral.
func (a *API) mayName(r *request, c regulation.Case) bool {
	return referred(c) && len(a.Guard.Assignments(r.actor, policies.NameRater, c.Subject())) > 0
}

// mayDial tells whether the reader has to call the rater now.
func (a *API) mayDial(r *request, c regulation.Case) bool {
	return callDue(c) && len(a.Guard.Assignments(r.actor, policies.DialRater, c.Subject())) > 0
}

func callDue(c regulation.Case) bool {
	return c.Contactable && slices.ContainsFunc(dialable, func(kind regulation.ActKind) bool { return c.Await(kind) != nil })
}

// contactPage shows the contact on a page of its own, which nothing keeps.
func (a *API) contactPage(r *request, c regulation.Case, b dialBody) web.View {
	v := &web.TableView{Page: a.pageFor(r), Code: "contact", Columns: []string{"number", "name", "phone", "language", "hours"}}
	intro := web.Msg("contact.intro")
	v.Intro = &intro
	v.Rows = []web.TableRow{{Href: "/cases/" + c.ID, Cells: []web.Cell{{Text: c.Number}, {Text: b.Name}, {Text: b.Phone},
		keyed("contact_language", b.Language), keyed("contact_time", b.Hours)}}}
	return v
}

// keyed is a cell that words a code.
func keyed(prefix, code string) web.Cell {
	if code == "" {
		return web.Cell{}
	}
	return web.Cell{Message: web.Msg(prefix + "." + code)}
}
