package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// callBody is the current call of the signed-in agent; nothing in it says who called.
type callBody struct {
	ID       string    `json:"id"`
	BeganAt  time.Time `json:"began_at"`
	EndedAt  time.Time `json:"ended_at,omitzero"`
	Language string    `json:"language,omitempty"`
	// NoticeRead is the version of the notice that was read to the caller, "" until it was (R59).
	NoticeRead string `json:"notice_read,omitempty"`
	// Rated is what was rated in this call already, as KIND:ID.
	Rated []string `json:"rated"`
}

type foundBody struct {
	Object string `json:"object"` // KIND:ID
	Name   string `json:"name"`
	Unit   string `json:"unit"`
}

type hotlineBody struct {
	Call          *callBody   `json:"call"` // null while no call is there
	Found         []foundBody `json:"found"`
	Grades        []gradeBody `json:"grades"`
	Dimensions    []string    `json:"dimensions"`
	NoticeVersion string      `json:"notice_version"`
}

// hotlineKinds are what a caller may rate (R19).
var hotlineKinds = []regulation.TargetKind{regulation.TargetMatter, regulation.TargetComplaint, regulation.TargetConsultation}

// showHotline is the agent's page: it opens with the call that the agent has now, or has just had.
func (a *API) showHotline(r *request) (answer, error) {
	call, err := a.Store.CurrentCall(r.http().Context(), r.actor.Person)
	if err != nil {
		return answer{}, err
	}
	return a.hotline(r, call, nil, nil)
}

func (a *API) hotline(r *request, call regulation.Call, fields regulation.Values, refused *regulation.Error) (answer, error) {
	body, err := a.hotlineBody(r, call, fields)
	if err != nil {
		return answer{}, err
	}
	view := a.hotlinePage(r, body, fields)
	if refused != nil {
		view.Errors = web.FieldErrors(formErrors(refused))
		return answer{view: view}, refused
	}
	return answer{body: body, view: view}, nil
}

func (a *API) hotlineBody(r *request, call regulation.Call, fields regulation.Values) (hotlineBody, error) {
	ctx := r.http().Context()
	f, err := a.form(ctx)
	if err != nil {
		return hotlineBody{}, err
	}
	b := hotlineBody{Found: []foundBody{}, Grades: gradesOf(r.lang, f.options), Dimensions: askedDimensions(f.dimensions, true), NoticeVersion: noticeVersion}
	if call.ID == "" {
		return b, nil
	}
	b.Call = &callBody{ID: call.ID, BeganAt: call.BeganAt, EndedAt: call.EndedAt, Language: call.Language, NoticeRead: call.Notice}
	if b.Call.Rated, err = a.Store.RatedInCall(ctx, call.ID); err != nil {
		return b, err
	}
	found, err := a.Store.FindRated(ctx, ratedKind(fields), fields.Get("find"))
	for _, x := range found {
		b.Found = append(b.Found, foundBody{x.Object, x.Name, a.places(r).name(x.Unit)})
	}
	return b, err
}

// ratedKind is what the caller rates: a matter unless something else was chosen.
func ratedKind(fields regulation.Values) regulation.TargetKind {
	if kind := regulation.TargetKind(fields.Get("target_kind")); slices.Contains(hotlineKinds, kind) {
		return kind
	}
	return regulation.TargetMatter
}

func (a *API) hotlinePage(r *request, b hotlineBody, fields regulation.Values) *web.HotlineView {
	v := &web.HotlineView{Page: a.pageFor(r), Grades: choices(b.Grades), Dimensions: b.Dimensions, NoticeVersion: b.NoticeVersion,
		Searched: fields.Get("find") != "", Demo: a.Demo && onLoopback(r)}
	v.Form = web.Form{Action: "/hotline/ratings", IdempotencyKey: keyFor(fields), Values: fields}
	if v.Values == nil {
		v.Values = regulation.Values{"target_kind": {string(regulation.TargetMatter)}}
	}
	if b.Call == nil {
		return v
	}
	v.Call = &web.HotlineCall{ID: b.Call.ID, BeganAt: b.Call.BeganAt, EndedAt: b.Call.EndedAt, NoticeRead: b.Call.NoticeRead == noticeVersion, Rated: len(b.Call.Rated)}
	if fields == nil {
		v.Values["language"] = []string{b.Call.Language}
	}
	for _, x := range b.Found {
		v.Found = append(v.Found, web.Option{Value: x.Object, Text: x.Name + " · " + x.Unit})
	}
	if call, receipt, ok := strings.Cut(cookie(r.echo, callReceiptCookie), "|"); ok && call == b.Call.ID {
		v.Receipt = receipt
	}
	return v
}

// callReceiptCookie holds the receipt of the rating that was written down last, to be read out to its caller.
const callReceiptCookie = "call_receipt"

var hotlineFields = []string{"call", "find", "target_kind", "object", "ticket", "grade", "option", "text", "language", "notice_read", "notice_version", "idempotency_key"}

// findRated shows what the typed words may mean; what was filled in stays.
func (a *API) findRated(r *request) (answer, error) {
	fields, call, err := a.callFields(r)
	if err != nil {
		return answer{}, err
	}
	return a.hotline(r, call, fields, nil)
}

// callFields reads the form with the call that it is bound to: the one it names, not whichever is there now.
func (a *API) callFields(r *request) (regulation.Values, regulation.Call, error) {
	fields, err := r.fields()
	if err != nil {
		return nil, regulation.Call{}, err
	}
	f, err := a.form(r.http().Context())
	if err != nil {
		return fields, regulation.Call{}, err
	}
	if err := only(fields, slices.Concat(hotlineFields, contactFields, markNames(f))...); err != nil {
		return fields, regulation.Call{}, err
	}
	call, err := a.Store.Call(r.http().Context(), fields.Get("call"))
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		err = nil // no such call: WritesDown says so
	}
	if err == nil {
		if refused := call.WritesDown(r.actor, r.at); refused != nil {
			return fields, regulation.Call{}, refused
		}
	}
	return fields, call, err
}

// rateByCall writes down what a caller rates (R10): a service, a complaint's outcome or a consultation, each once a
// call. Without a call of the agent's own nothing is taken.
func (a *API) rateByCall(r *request) (answer, error) {
	fields, call, err := a.callFields(r)
	if err != nil {
		return answer{}, err
	}
	saved, rating, err := a.takeByCall(r, call, fields)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		if refused.Code == regulation.Conflict && refused.Missing != "rated_in_call" {
			fields["idempotency_key"] = []string{newKey()}
		}
		return a.hotline(r, call, fields, refused)
	}
	if err != nil {
		return answer{}, err
	}
	if err := a.Store.NoteCall(r.http().Context(), call.ID, noticeVersion, fields.Get("language")); err != nil {
		return answer{}, err
	}
	a.rated(r, saved, rating.Channel, rating.Grade)
	if r.page {
		r.echo.SetCookie(&http.Cookie{Name: callReceiptCookie, Value: call.ID + "|" + saved.Receipt, Path: "/hotline", MaxAge: int(thanksLife.Seconds()),
			HttpOnly: true, Secure: a.Secure, SameSite: http.SameSiteStrictMode})
		a.say(r, "flash.call_rated")
	}
	return answer{status: http.StatusCreated, next: "/hotline", location: "/receipt/status",
		body: ratedBody{Receipt: saved.Receipt, Grade: int(rating.Grade), Followed: saved.CaseID != "", Repeated: saved.Repeated}}, nil
}

func (a *API) takeByCall(r *request, call regulation.Call, fields regulation.Values) (store.Saved, regulation.Rating, error) {
	ctx := r.http().Context()
	f, err := a.form(ctx)
	if err != nil {
		return store.Saved{}, regulation.Rating{}, err
	}
	key, err := r.receiptKey(fields)
	if err != nil {
		return store.Saved{}, regulation.Rating{}, err
	}
	t, object, err := a.calledTarget(r, fields)
	if err != nil {
		return store.Saved{}, regulation.Rating{}, err
	}
	form := ratingForm(fields, f)
	form.Options = ofGrade(form.Options, form.Grade, f)
	form.Channel, form.Target, form.CallID = regulation.ChannelHotline, ratedKind(fields), call.ID
	rating, contact, err := newRating(form, t.Place(""), f, fields, r.actor, r.at)
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseTelephone, Missing: "fields"}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Fields["target"] != "" {
		refused.Field("object", refused.Fields["target"]) // what the agent can change
	}
	switch {
	case err != nil:
	case serves(t, r.actor.Staff):
		err = wrong.Field("object", "transcriber_is_rated")
	case t.Unit.Kind == regulation.OrgHotline:
		err = wrong.Field("object", "caller_rates_the_call")
	case call.Notice != noticeVersion && fields.Get("notice_read") != "true":
		err = wrong.Field("notice_read", "notice_required")
	case !slices.Contains(regulation.CallLanguages, fields.Get("language")):
		err = wrong.Field("language", "required")
	}
	if err != nil {
		return store.Saved{}, rating, err
	}
	saved, err := a.Store.SaveRating(ctx, store.Intake{Rating: rating, Text: form.Text, Contact: contact, PrivacyVersion: noticeVersion, Key: key, Object: object})
	return saved, rating, err
}

// calledTarget is what the caller rates, with its name within the call. A complaint or a consultation that the call
// system did not report is entered by its number with the unit that answered.
func (a *API) calledTarget(r *request, fields regulation.Values) (store.Target, string, error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseTelephone, Missing: "fields"}
	object, number, kind := fields.Get("object"), fields.Get("ticket"), ratedKind(fields)
	form, unit, _ := strings.Cut(object, ":")
	switch {
	case object == "":
		return store.Target{}, "", wrong.Field("object", "required")
	case (kind == regulation.TargetMatter) != (form == "window" || form == "matter" || form == "project"):
		return store.Target{}, "", wrong.Field("object", "not_an_option")
	case form == "unit" && number == "":
		return store.Target{}, "", wrong.Field("ticket", "required")
	case len(number) > 64 || !regulation.IsText(number):
		return store.Target{}, "", wrong.Field("ticket", "too_long")
	}
	if form == "unit" {
		if err := a.Store.TakeTicket(r.http().Context(), store.Ticket{Number: number, Kind: kind, Unit: unit}, "agent", r.at); err != nil {
			return store.Target{}, "", wrong.Field("object", "not_an_option")
		}
		object = "ticket:" + number
	}
	t, err := a.Store.FoundTarget(r.http().Context(), object)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return t, "", wrong.Field("object", "not_an_option")
	}
	if err != nil {
		return t, "", err
	}
	subject := regulation.Subject{Area: t.Unit.Area, Units: []string{t.Unit.ID, t.Hall.ID}, Orgs: []string{t.Authority.ID}}
	if len(a.Guard.Assignments(r.actor, policies.TranscribeHotline, subject)) == 0 {
		return t, "", wrong.Field("object", "not_an_option")
	}
	return t, object, nil
}

// demoCall has a call come in for the demo's agent: its call system is made up, as the caller is.
func (a *API) demoCall(r *request) (answer, error) {
	if !a.Demo || !onLoopback(r) {
		return answer{}, notFound("demo")
	}
	before, err := a.Store.CurrentCall(r.http().Context(), r.actor.Person)
	if err != nil {
		return answer{}, err
	}
	event := regulation.Called{Event: regulation.EventCall, Call: "demo-" + newKey()[:12], Agent: r.actor.Staff, BeganAt: r.at, Language: "zh"}
	if before.ID != "" && before.EndedAt.IsZero() {
		ended := regulation.Called{Event: regulation.EventCall, Call: before.ID, Agent: r.actor.Staff, BeganAt: before.BeganAt, EndedAt: r.at}
		if err := a.Store.TakeCall(r.http().Context(), before.Source, ended); err != nil {
			return answer{}, err
		}
	}
	if err := a.Store.TakeCall(r.http().Context(), "demo", event); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent, next: "/hotline"}, nil
}
