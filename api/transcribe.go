package api

import (
	"errors"
	"net/http"
	"slices"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// transcribed maps the page's channel to the regulation's, with the permission that it needs. What callers rate by
// telephone is bound to their call: see hotline.go.
var transcribed = map[string]struct {
	channel regulation.Channel
	may     string
}{
	"paper": {regulation.ChannelPaper, policies.TranscribePaper},
}

// transcribeBody is what a transcription's form asks.
type transcribeBody struct {
	Channel       string      `json:"channel"`
	Targets       []placeBody `json:"targets"`
	Grades        []gradeBody `json:"grades"`
	Dimensions    []string    `json:"dimensions"`
	NoticeVersion string      `json:"notice_version"`
}

// channelFor finds the channel asked for, or the one that the reader may use.
func (a *API) channelFor(r *request, asked string) (string, error) {
	if (asked == "" || asked == "paper") && a.Guard.May(r.actor, policies.TranscribePaper) {
		return "paper", nil
	}
	return "", a.notYours(policies.TranscribePaper)
}

func (a *API) showTranscription(r *request) (answer, error) {
	name, err := a.channelFor(r, r.query("channel"))
	if err != nil {
		return answer{}, err
	}
	body, err := a.transcribeBody(r, name)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.transcribeForm(r, body, nil)}, nil
}

func (a *API) transcribeBody(r *request, name string) (transcribeBody, error) {
	f, err := a.form(r.http().Context())
	if err != nil {
		return transcribeBody{}, err
	}
	b := transcribeBody{Channel: name, Targets: []placeBody{}, Grades: gradesOf(r.lang, f.options), NoticeVersion: noticeVersion}
	b.Dimensions = askedDimensions(f.dimensions, true)
	windows, err := a.windowsFor(r, transcribed[name].may)
	for _, w := range windows {
		b.Targets = append(b.Targets, placeBody{w.ID, a.places(r).name(w.HallID) + " " + windowName(r.lang, w)})
	}
	return b, err
}

// windowsFor lists the windows and hotline seats at which the reader may write ratings down: an
// agent of the prefecture's hotline everywhere, a clerk in the own area.
func (a *API) windowsFor(r *request, may string) ([]store.Window, error) {
	scope, p := a.Guard.Scope(r.actor, may), a.places(r)
	var all []store.Window
	for _, o := range p.tree.Orgs(regulation.OrgHall, regulation.OrgServiceCentre, regulation.OrgHotline) {
		if !within(scope, o.Area) && !slices.Contains(scope.Units, o.ID) {
			continue
		}
		windows, err := a.Store.Windows(r.http().Context(), o.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, windows...)
	}
	return all, nil
}

func (a *API) transcribeForm(r *request, b transcribeBody, fields regulation.Values) *web.TranscribeView {
	v := &web.TranscribeView{Page: a.pageFor(r), Channel: b.Channel, Grades: choices(b.Grades), Dimensions: b.Dimensions, NoticeVersion: b.NoticeVersion}
	v.Form = web.Form{Action: "/transcriptions", IdempotencyKey: keyFor(fields), Values: fields}
	if scan := fields.Get("scan"); scan != "" {
		v.Hidden = map[string]string{"scan": scan}
	}
	for _, t := range b.Targets {
		v.Targets = append(v.Targets, web.Option{Value: t.ID, Text: t.Name})
	}
	return v
}

var transcriptionFields = []string{"channel", "target_kind", "target", "matter_number", "form_serial", "scan", "grade", "option",
	"text", "notice_read", "notice_version", "idempotency_key"}

// transcribe stores what a paper form shows. Staff only write it down (R10).
func (a *API) transcribe(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	name, err := a.channelFor(r, fields.Get("channel"))
	if err != nil {
		return answer{}, err
	}
	saved, rating, err := a.takeTranscription(r, name, fields)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		body, drawing := a.transcribeBody(r, name)
		if drawing != nil {
			return answer{}, drawing
		}
		view := a.transcribeForm(r, body, fields)
		view.Errors = web.FieldErrors(formErrors(refused))
		return answer{view: view}, refused
	}
	if err != nil {
		return answer{}, err
	}
	a.rated(r, saved, rating.Channel, rating.Grade)
	return answer{status: http.StatusCreated, next: "/thanks", location: "/receipt/status",
		body: ratedBody{Receipt: saved.Receipt, Grade: int(rating.Grade), Followed: saved.CaseID != "", Repeated: saved.Repeated}}, nil
}

func (a *API) takeTranscription(r *request, name string, fields regulation.Values) (store.Saved, regulation.Rating, error) {
	ctx := r.http().Context()
	f, err := a.form(ctx)
	if err != nil {
		return store.Saved{}, regulation.Rating{}, err
	}
	if err := only(fields, slices.Concat(transcriptionFields, contactFields, markNames(f))...); err != nil {
		return store.Saved{}, regulation.Rating{}, err
	}
	key, err := r.receiptKey(fields)
	if err != nil {
		return store.Saved{}, regulation.Rating{}, err
	}
	t, err := a.transcriptionTarget(r, transcribed[name].may, fields)
	if err != nil {
		return store.Saved{}, regulation.Rating{}, err
	}
	form := ratingForm(fields, f)
	form.Options = ofGrade(form.Options, form.Grade, f)
	form.Channel, form.Target = transcribed[name].channel, regulation.TargetKind(fields.Get("target_kind"))
	form.FormSerial = fields.Get("form_serial")
	if form.ScanDigest, err = a.scan(r, fields); err != nil {
		return store.Saved{}, regulation.Rating{}, err
	}
	rating, contact, err := newRating(form, t.Place(""), f, fields, r.actor, r.at)
	if err == nil && serves(t, r.actor.Staff) {
		err = (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("target", "transcriber_is_rated")
	}
	if err == nil && fields.Get("notice_read") != "true" {
		err = (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("notice_read", "notice_required")
	}
	if err != nil {
		return store.Saved{}, rating, err
	}
	saved, err := a.Store.SaveRating(ctx, store.Intake{Rating: rating, Text: form.Text, Contact: contact, PrivacyVersion: noticeVersion, Key: key})
	return saved, rating, err
}

// serves tells whether somebody serves at the target: they may be whom the rating is about, even
// where the caller does not say whom (R10).
func serves(t store.Target, staff string) bool {
	return staff != "" && slices.ContainsFunc(t.Serving, func(p store.Profile) bool { return p.StaffID == staff })
}

// transcriptionTarget is the window or the handled matter that the citizen named, within the
// clerk's area.
func (a *API) transcriptionTarget(r *request, may string, fields regulation.Values) (store.Target, error) {
	ctx, field := r.http().Context(), "target"
	resolve, id := a.Store.WindowTarget, fields.Get("target")
	if number := fields.Get("matter_number"); number != "" {
		resolve, id, field = a.Store.ProjectTarget, number, "matter_number"
	}
	wrong := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	if id == "" {
		return store.Target{}, wrong.Field(field, "required")
	}
	t, err := resolve(ctx, id)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return t, wrong.Field(field, "not_an_option")
	}
	if err != nil {
		return t, err
	}
	subject := regulation.Subject{Area: t.Unit.Area, Units: []string{t.Unit.ID, t.Hall.ID}, Orgs: []string{t.Authority.ID}}
	if len(a.Guard.Assignments(r.actor, may, subject)) == 0 {
		return t, wrong.Field(field, "not_an_option")
	}
	return t, nil
}

// scan is the digest of the paper form's picture: sent with the form, or staged before.
func (a *API) scan(r *request, fields regulation.Values) (string, error) {
	headers := r.body.files["scan"]
	if len(headers) == 0 || headers[0].Size == 0 {
		return fields.Get("scan"), nil
	}
	staged, err := a.stage(r, headers[0])
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return "", (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("scan", fileCode(refused))
	}
	if err == nil {
		fields["scan"] = []string{staged.Digest}
	}
	return staged.Digest, err
}
