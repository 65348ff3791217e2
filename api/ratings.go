package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// noticeVersion is the privacy and recording notice in force (R59).
const noticeVersion = "5"

// form is what every rating form needs of the record.
type form struct {
	choices    regulation.Choices
	options    []store.Option
	dimensions []store.Dimension
}

func (a *API) form(ctx context.Context) (form, error) {
	return a.forms.get(ctx, a.Wall(), "", func(ctx context.Context) (f form, err error) {
		if f.options, err = a.Store.Options(ctx); err != nil {
			return f, err
		}
		if f.dimensions, err = a.Store.Dimensions(ctx); err != nil {
			return f, err
		}
		f.choices, err = a.Store.Choices(ctx)
		return f, err
	})
}

// target resolves a code as it was scanned or typed.
func (a *API) target(r *request, code string) (store.Target, error) {
	code = plainCode(code)
	return a.targets.get(r.http().Context(), a.Wall(), code, func(ctx context.Context) (store.Target, error) {
		return a.Store.Target(ctx, code)
	})
}

// plainCode forgives case, gaps and the digits that base32 does not have.
func plainCode(typed string) string {
	return strings.NewReplacer(" ", "", "-", "", "0", "O", "1", "I", "8", "B").Replace(strings.ToUpper(strings.TrimSpace(typed)))
}

// staffBody is what clause 6(1) wants shown; what is missing is named (R12).
type staffBody struct {
	ID       string   `json:"id,omitempty"`
	Name     string   `json:"name"`
	Post     string   `json:"post"`
	Position string   `json:"position"`
	Portrait string   `json:"portrait"`
	Missing  []string `json:"missing,omitempty"`
}

type colleagueBody struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type optionBody struct {
	Code  string `json:"code"`
	Text  string `json:"text"`
	First bool   `json:"first"` // shown at once, the others after "more"
}

type gradeBody struct {
	Grade   int          `json:"grade"`
	Name    string       `json:"name"`
	Options []optionBody `json:"options"`
}

// rateBody is what a rating form asks and of whom.
type rateBody struct {
	Code   string    `json:"code"`
	Unit   string    `json:"unit"`
	Hall   string    `json:"hall,omitempty"`
	Window string    `json:"window,omitempty"`
	Matter string    `json:"matter,omitempty"`
	Staff  staffBody `json:"staff"`
	// Others serve there too; staff=ID in the address shows one of them instead.
	Others        []colleagueBody `json:"others,omitempty"`
	Grades        []gradeBody     `json:"grades"`
	Dimensions    []string        `json:"dimensions"`
	NoticeVersion string          `json:"notice_version"`
	// Status is the handled matter's: waiting, in_progress, concluded.
	Status string `json:"status,omitempty"`
	// Replaced tells that an old code was asked for; Code is the one in its place.
	Replaced bool `json:"replaced,omitempty"`
}

// showRate is the page behind a window's, a matter's or a slip's code.
func (a *API) showRate(r *request) (answer, error) {
	body, err := a.rateBody(r, r.param("code"), r.query("staff"))
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.rateForm(r, body, nil)}, nil
}

func (a *API) rateBody(r *request, code, staff string) (rateBody, error) {
	t, err := a.target(r, code)
	if err != nil {
		return rateBody{}, err
	}
	f, err := a.form(r.http().Context())
	if err != nil {
		return rateBody{}, err
	}
	b := rateBody{Code: plainCode(code), Unit: either(r.lang, t.Unit.NameZH, t.Unit.NameEN), Hall: either(r.lang, t.Hall.NameZH, t.Hall.NameEN),
		Matter: either(r.lang, t.Matter.NameZH, t.Matter.NameEN), NoticeVersion: noticeVersion}
	if t.Window.ID != "" {
		b.Window = windowName(r.lang, t.Window)
	}
	b.Status = t.Project.Status
	if b.Replaced = t.Replaced; b.Replaced {
		b.Code = cmp.Or(t.Window.Code, t.Matter.Code)
	}
	b.Staff, b.Others = shownStaff(t, staff)
	b.Grades = gradesOf(r.lang, f.options)
	b.Dimensions = askedDimensions(f.dimensions, t.Project.DeliveryUsed)
	return b, nil
}

// shownStaff is who is shown, by name, so that the citizen sees whom the rating concerns: whoever
// was asked for, else who came to the window last; and who else serves there.
func shownStaff(t store.Target, asked string) (staffBody, []colleagueBody) {
	at := max(slices.IndexFunc(t.Serving, func(p store.Profile) bool { return p.StaffID == asked }), 0)
	var shown store.Profile
	var others []colleagueBody
	for i, p := range t.Serving {
		if i == at {
			shown = p
		} else {
			others = append(others, colleagueBody{p.StaffID, p.NameZH})
		}
	}
	return staffBody{ID: shown.StaffID, Name: shown.NameZH, Post: shown.Post, Position: shown.Position,
		Portrait: portraitAddress(shown.Portrait), Missing: shown.Gaps()}, others
}

// gradesOf groups the options by grade, the best first, as clause 5 lists them.
func gradesOf(lang web.Lang, options []store.Option) []gradeBody {
	var grades []gradeBody
	for g := regulation.VerySatisfied; g >= regulation.VeryDissatisfied; g-- {
		b := gradeBody{Grade: int(g), Name: web.T(lang, "grade."+strconv.Itoa(int(g))), Options: []optionBody{}}
		for _, o := range options {
			if o.Grade == g {
				b.Options = append(b.Options, optionBody{Code: o.Code, Text: either(lang, o.TextZH, o.TextEN), First: o.ShownFirst})
			}
		}
		grades = append(grades, b)
	}
	return grades
}

// askedDimensions leaves delivery out where no courier was used (R08).
func askedDimensions(all []store.Dimension, delivered bool) []string {
	asked := []string{}
	for _, d := range all {
		if !d.NeedsDelivery || delivered {
			asked = append(asked, d.ID)
		}
	}
	return asked
}

// rateForm draws the form, with what was typed where it comes back.
func (a *API) rateForm(r *request, b rateBody, fields regulation.Values) *web.RateView {
	v := &web.RateView{Page: a.pageFor(r), Code: b.Code, Unit: b.Unit, Hall: b.Hall, Window: b.Window, Matter: b.Matter,
		Staff:      web.StaffCard{Name: b.Staff.Name, Post: b.Staff.Post, Position: b.Staff.Position, Portrait: b.Staff.Portrait},
		Dimensions: b.Dimensions, NoticeVersion: b.NoticeVersion, Grades: choices(b.Grades), Status: b.Status, Replaced: b.Replaced}
	v.Form = web.Form{Action: "/ratings", IdempotencyKey: keyFor(fields), Values: fields}
	for _, o := range b.Others {
		name := o.Name
		if name == "" {
			name = web.T(r.lang, "staff.unpublished")
		}
		v.Others = append(v.Others, web.Colleague{Name: name, Href: "/r/" + b.Code + "?staff=" + o.ID})
	}
	if b.Staff.ID != "" {
		v.Hidden = map[string]string{"staff": b.Staff.ID}
	}
	return v
}

func choices(grades []gradeBody) []web.GradeChoice {
	var all []web.GradeChoice
	for _, g := range grades {
		choice := web.GradeChoice{Grade: g.Grade}
		for _, o := range g.Options {
			option := web.RatingOption{Code: o.Code}
			if !web.Has("option." + o.Code) {
				option.Text = o.Text
			}
			if o.First {
				choice.First = append(choice.First, option)
			} else {
				choice.More = append(choice.More, option)
			}
		}
		all = append(all, choice)
	}
	return all
}

// keyFor keeps the form's key when it comes back, and draws one for a fresh form.
func keyFor(fields regulation.Values) string {
	if key := fields.Get("idempotency_key"); key != "" {
		return key
	}
	return newKey()
}

var contactFields = []string{"contact_phone", "contact_name", "contact_language", "contact_time", "contact_consent"}

// ratedBody is what a citizen gets for a rating: the receipt, once.
type ratedBody struct {
	Receipt string `json:"receipt"`
	Grade   int    `json:"grade"`
	// Followed tells that a bad rating opened a case.
	Followed bool `json:"followed"`
	Repeated bool `json:"repeated,omitempty"`
}

// rate stores a rating that a citizen gives. It asks nothing of the engine.
func (a *API) rate(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	saved, grade, err := a.takeRating(r, fields)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		return a.refusedRating(r, fields, refused)
	}
	if err != nil {
		return answer{}, err
	}
	a.rated(r, saved, regulation.ChannelWeb, grade)
	return answer{status: http.StatusCreated, location: "/receipt/status", next: "/thanks",
		body: ratedBody{Receipt: saved.Receipt, Grade: int(grade), Followed: saved.CaseID != "", Repeated: saved.Repeated}}, nil
}

// refusedRating shows the form again with what was typed and what was wrong with it.
func (a *API) refusedRating(r *request, fields regulation.Values, refused *regulation.Error) (answer, error) {
	body, err := a.rateBody(r, fields.Get("code"), fields.Get("staff"))
	if err != nil {
		return answer{}, err // without a place there is no form to show
	}
	view := a.rateForm(r, body, fields)
	view.Errors = web.FieldErrors(formErrors(refused))
	if refused.Fields["option"] == askReason {
		view.Hidden = withHidden(view.Hidden, "asked", "yes")
	}
	if refused.Code == regulation.Conflict || refused.Fields["idempotency_key"] != "" {
		view.IdempotencyKey = newKey() // the form was changed after it had been taken, or its key
	}
	return answer{view: view}, refused
}

// askReason is the page's question for a reason of a bad grade. It is asked once: whoever sends
// the form again without one has it taken as it is, since a rating is never refused for want
// of a reason (R10).
const askReason = "option_or_sentence"

func withHidden(hidden map[string]string, name, value string) map[string]string {
	if hidden == nil {
		hidden = map[string]string{}
	}
	hidden[name] = value
	return hidden
}

// formErrors are a refusal's codes by field, or its own word for the whole form.
func formErrors(e *regulation.Error) map[string]string {
	if len(e.Fields) > 0 {
		return e.Fields
	}
	for _, code := range []string{e.Missing, string(e.Code)} {
		if web.Has("refusal." + code) {
			return map[string]string{"": code}
		}
	}
	return map[string]string{"": "fields"}
}

func (a *API) takeRating(r *request, fields regulation.Values) (store.Saved, regulation.Grade, error) {
	ctx := r.http().Context()
	f, err := a.form(ctx)
	if err != nil {
		return store.Saved{}, 0, err
	}
	names := append([]string{"code", "staff", "grade", "option", "text", "notice_version", "asked", "idempotency_key"}, contactFields...)
	if err := only(fields, append(names, markNames(f)...)...); err != nil {
		return store.Saved{}, 0, err
	}
	key, err := r.receiptKey(fields)
	if err != nil {
		return store.Saved{}, 0, err
	}
	t, err := a.target(r, fields.Get("code"))
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return store.Saved{}, 0, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("code", "code_unknown")
	}
	if err != nil {
		return store.Saved{}, 0, err
	}
	form := ratingForm(fields, f)
	form.Channel, form.Target = regulation.ChannelWeb, regulation.TargetMatter
	form.Reason = r.page && fields.Get("asked") == ""
	if r.page {
		form.Options = ofGrade(form.Options, form.Grade, f)
	}
	rating, contact, err := newRating(form, t.Place(fields.Get("staff")), f, fields, regulation.Actor{}, r.at)
	if err != nil {
		return store.Saved{}, 0, err
	}
	saved, err := a.Store.SaveRating(ctx, store.Intake{Rating: rating, Text: form.Text, Contact: contact,
		PrivacyVersion: noticeVersion, Key: key, Trace: a.traceOf(r)})
	return saved, rating.Grade, err
}

func markNames(f form) []string {
	var names []string
	for _, d := range f.dimensions {
		names = append(names, "mark_"+d.ID)
	}
	return names
}

// ratingForm reads the fields that all channels share.
func ratingForm(fields regulation.Values, f form) regulation.RatingForm {
	form := regulation.RatingForm{Grade: fields.Get("grade"), Options: fields["option"], Text: firstOf(fields["text"]),
		Dimensions: map[string]string{}}
	for _, d := range f.dimensions {
		if mark := fields.Get("mark_" + d.ID); mark != "" {
			form.Dimensions[d.ID] = mark
		}
	}
	return form
}

// ofGrade keeps the options of the chosen grade: without scripts the page cannot untick those
// of a grade chosen before.
func ofGrade(options []string, grade string, f form) []string {
	chosen, _ := regulation.ParseGrade(grade)
	return slices.DeleteFunc(slices.Clone(options), func(code string) bool {
		g, known := f.choices.Options[code]
		return known && g != chosen
	})
}

// newRating holds a form against the rules; all that is wrong comes back at once.
func newRating(form regulation.RatingForm, place regulation.Place, f form, fields regulation.Values, by regulation.Actor, at time.Time) (regulation.Rating, store.Contact, error) {
	rating, err := regulation.NewRating("", form, place, f.choices, by, at)
	contact, wrong := contactOf(fields)
	var refused *regulation.Error
	if !errors.As(err, &refused) {
		refused = &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseGrades, Missing: "fields"}
	}
	named := &regulation.Error{Code: refused.Code, Clause: refused.Clause, Missing: refused.Missing}
	for name, code := range refused.Fields {
		named.Field(fieldName(name, code), code)
	}
	for name, code := range wrong {
		named.Field(name, code)
	}
	if named.Fields != nil {
		return rating, contact, named
	}
	return rating, contact, nil
}

// fieldName is the form's name of what the rules name.
func fieldName(name, code string) string {
	if mark, ok := strings.CutPrefix(name, "dimension_"); ok {
		return "mark_" + mark
	}
	switch {
	case code == "transcriber_is_rated":
		return "target" // what the clerk can change
	case name == "options":
		return "option"
	case name == "target":
		return "target_kind"
	}
	return name
}

var (
	contactLanguages = []string{"zh", "bo", "en"}
	contactTimes     = []string{"any", "morning", "afternoon", "evening"}
)

// contactOf reads how the rater may be reached. Only what is meant to be used is taken: without
// number and name there is no contact, whatever language was ticked.
func contactOf(fields regulation.Values) (store.Contact, map[string]string) {
	c := store.Contact{Name: fields.Get("contact_name"), Phone: regulation.NormalPhone(fields.Get("contact_phone")),
		Language: fields.Get("contact_language"), Hours: fields.Get("contact_time")}
	if c.Name == "" && c.Phone == "" {
		return store.Contact{}, nil
	}
	wrong := map[string]string{}
	if c.Phone != "" && !regulation.ValidPhone(c.Phone) {
		wrong["contact_phone"] = "bad_phone"
	}
	switch {
	case !regulation.IsText(c.Name):
		wrong["contact_name"] = "not_text"
	case len([]rune(c.Name)) > 40:
		wrong["contact_name"] = "too_long"
	}
	if c.Language != "" && !slices.Contains(contactLanguages, c.Language) {
		wrong["contact_language"] = "not_an_option"
	}
	if c.Hours != "" && !slices.Contains(contactTimes, c.Hours) {
		wrong["contact_time"] = "not_an_option"
	}
	if fields.Get("contact_consent") != "true" {
		wrong["contact_consent"] = "consent_required"
	}
	return c, wrong
}

// rated counts a rating, starts its case and hands the receipt to the next page.
func (a *API) rated(r *request, saved store.Saved, channel regulation.Channel, grade regulation.Grade) {
	if !saved.Repeated {
		a.counts.ratings.WithLabelValues(string(channel), strconv.Itoa(int(grade))).Inc()
	}
	if saved.CaseID != "" && !saved.Repeated {
		a.startSoon(saved.CaseID)
	}
	if r.page {
		a.handReceipt(r, saved.Receipt)
	}
}

const (
	receiptCookie = "receipt"
	// thanksLife is how long the receipt can be looked at again, going back or reloading.
	thanksLife = 10 * time.Minute
)

// handReceipt gives the receipt to the citizen's own browser for a moment: the form answers
// with a redirect, and no address may carry the secret. The record holds its hash only.
func (a *API) handReceipt(r *request, receipt string) {
	r.echo.SetCookie(&http.Cookie{Name: receiptCookie, Value: receipt, Path: "/thanks", MaxAge: int(thanksLife.Seconds()),
		HttpOnly: true, Secure: a.Secure, SameSite: http.SameSiteStrictMode})
}

const (
	startsWaiting = 256
	startWait     = 5 * time.Second
)

// startSoon has a case's workflow started in the background. Where too many wait already, the
// sweeper does it.
func (a *API) startSoon(caseID string) {
	select {
	case a.starts <- caseID:
	default:
	}
}

func (a *API) startCases() {
	for {
		select {
		case <-a.running.Done():
			return
		case caseID := <-a.starts:
			a.startCase(caseID)
		}
	}
}

func (a *API) startCase(caseID string) {
	if !a.EngineUp() {
		return
	}
	ctx, done := context.WithTimeout(a.running, startWait)
	defer done()
	if err := a.Start(ctx, caseID); err != nil {
		a.Log.Warn("case not started at once, the sweeper will", "case", caseID, "error", err)
	}
}
