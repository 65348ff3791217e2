package api

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// thanksBody is the receipt, shown to whoever just rated.
type thanksBody struct {
	Receipt  string       `json:"receipt"`
	Grade    int          `json:"grade"`
	Followed bool         `json:"followed"`
	GivenOn  workday.Date `json:"given_on"`
}

// showThanks shows the receipt to the browser that just sent the form; going back and reloading
// show it again for some minutes and store nothing twice.
func (a *API) showThanks(r *request) (answer, error) {
	receipt := cookie(r.echo, receiptCookie)
	if receipt == "" {
		return answer{next: "/receipt"}, &regulation.Error{Code: receiptFirst}
	}
	rating, c, err := a.Store.CaseByReceipt(r.http().Context(), receipt)
	if err != nil {
		return answer{}, err
	}
	view := &web.ThanksView{Page: a.pageFor(r), Receipt: receipt, Grade: int(rating.Grade), Bad: c.ID != "", GivenAt: rating.GivenAt}
	return answer{view: view, body: thanksBody{Receipt: receipt, Grade: int(rating.Grade), Followed: c.ID != "",
		GivenOn: workday.DateOf(rating.GivenAt)}}, nil
}

func (a *API) showReceipt(r *request) (answer, error) {
	return answer{body: map[string]any{"receipt": nil}, view: a.receiptForm(r, nil)}, nil
}

func (a *API) receiptForm(r *request, fields regulation.Values) *web.ReceiptView {
	view := &web.ReceiptView{Page: a.pageFor(r)}
	view.Form = web.Form{Action: "/receipt", Values: map[string][]string{"receipt": fields["receipt"]}, Hidden: hiddenKept(fields)}
	return view
}

// typeReceipt opens the page of a rating to whoever has its receipt. The secret stays out of
// addresses, sessions and logs: the session keeps the rating's id for a quarter of an hour.
func (a *API) typeReceipt(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, append([]string{"receipt", "idempotency_key"}, keptFields...)...); err != nil {
		return answer{}, err
	}
	rating, err := a.ratingTyped(r, fields.Get("receipt"))
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		code := "receipt_unknown"
		if refused.Code == regulation.NotNow {
			code = refused.Missing
		}
		view := a.receiptForm(r, fields)
		view.Errors = web.FieldErrors(map[string]string{"receipt": code})
		return answer{view: view}, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("receipt", code)
	}
	if err != nil {
		return answer{}, err
	}
	ctx := r.http().Context()
	if err := a.sessions.RenewToken(ctx); err != nil {
		return answer{}, err
	}
	before := a.sessions.GetString(ctx, sessionRating) // whose receipt was open when the time ran out
	a.sessions.Put(ctx, sessionRating, rating.ID)
	a.sessions.Put(ctx, sessionTyped, a.Wall().Unix())
	ans := answer{status: http.StatusNoContent, next: "/receipt/status"}
	if !r.page || fields.Get(keptAction) == "" {
		return ans, nil
	}
	if before != rating.ID {
		a.say(r, "flash.kept_dropped")
		return ans, nil
	}
	return a.receiptFormAgain(r, ans, fields)
}

// ratingTyped is the rating of a receipt, or of a paper form's serial with the rater's own code.
func (a *API) ratingTyped(r *request, typed string) (regulation.Rating, error) {
	if serial, code, paper := regulation.PaperReceipt(typed); paper {
		rating, _, err := a.Store.CaseByPaper(r.http().Context(), serial, code)
		return rating, err
	}
	rating, _, err := a.Store.CaseByReceipt(r.http().Context(), typed)
	return rating, err
}

// receiptFormAgain shows the form that was posted after the receipt's time had run out, to whoever
// typed the same receipt again. Of a form that is no longer open the words are shown.
func (a *API) receiptFormAgain(r *request, ans answer, kept regulation.Values) (answer, error) {
	kind := regulation.ActKind(path.Base(kept.Get(keptAction)))
	values, err := url.ParseQuery(kept.Get(keptValues))
	if _, known := receiptActs[kind]; err != nil || !known {
		return ans, nil
	}
	body, _, err := a.statusBody(r)
	if err != nil {
		return answer{}, err
	}
	view := a.statusPage(r, body, kind, regulation.Values(values), nil)
	view.Flash = &web.Flash{Tone: "warn", Message: web.Msg("flash.receipt_not_sent_yet")}
	if late := lateForms[kind]; !stillAsked(view, kind) {
		view.Flash.Message, view.Kept = web.Msg(late.flash), values.Get(late.words)
	}
	return answer{view: view}, nil
}

// stepBody is one step of the case in plain words: status.<code> of the catalogue.
type stepBody struct {
	Code  string    `json:"code"`
	Name  string    `json:"name"`
	State string    `json:"state"` // done, current, todo
	At    time.Time `json:"at,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// statusBody is what the holder of a receipt sees: where the case stands and the answer, and
// nothing else of it.
type statusBody struct {
	Grade   int          `json:"grade"`
	GivenOn workday.Date `json:"given_on"`
	Subject string       `json:"subject"`
	Steps   []stepBody   `json:"steps"`
	// ContactKept tells that a way to reach the rater is kept, which they may have erased (R59).
	ContactKept bool `json:"contact_kept,omitempty"`
	// Ledger is how the rating stands in the ledger (9(2)).
	Ledger *ledgerBody `json:"ledger"`
	// Consents are what the rater agreed to, may agree to, and withdrew (R50).
	Consents []consentBody `json:"consents,omitempty"`
	// Opened are the days on which the rater's contact was opened, and why; by whom is not told (R49).
	Opened []openedBody `json:"contact_opened,omitempty"`
	// Notices are the text messages to the rater, left out where they did not agree to be reached.
	Notices *raterNoticesBody `json:"notices,omitempty"`
	// OfficialNumber is where calls come from, and CodeWord what the clerk says; left out where nobody will call.
	OfficialNumber string `json:"official_number,omitempty"`
	CodeWord       string `json:"code_word,omitempty"`
	Interim        string `json:"interim_reply,omitempty"`
	// InterimAt is when the interim reply was sent.
	InterimAt time.Time `json:"interim_at,omitzero"`
	Reply     string    `json:"reply,omitempty"`
	ReplyAt   time.Time `json:"reply_at,omitzero"`
	// Earlier are the replies before the order that stands now, the latest first.
	Earlier []earlierBody `json:"earlier_replies,omitempty"`
	// Letters are the official letters to the citizen.
	Letters []documentBody `json:"letters,omitempty"`
	// Consent is asked, yes, or "" where nothing is to be answered (R30).
	Consent     string `json:"consent,omitempty"`
	ConsentUnit string `json:"consent_unit,omitempty"`
	// SurveyUntil is set while the survey waits for an answer (R27).
	SurveyUntil time.Time `json:"survey_until,omitzero"`
	// Notes are what runs beside the main line, or did.
	Notes []noteBody `json:"notes,omitempty"`
	// MayObject tells that the rater may object to a write-off (R53), ObjectionUntil until when, once
	// the days run.
	MayObject      bool      `json:"may_object,omitempty"`
	ObjectionUntil time.Time `json:"objection_until,omitzero"`
	// CreditObjectionUntil is set while the rater may object to a referral to the credit record (R46).
	CreditObjectionUntil time.Time `json:"credit_objection_until,omitzero"`
	// FollowUp tells that the rater may add their one rating after closing.
	FollowUp bool `json:"follow_up,omitempty"`
	// FollowUpUntil is the end of the last day for it.
	FollowUpUntil time.Time `json:"follow_up_until,omitzero"`
	// ReportPressure tells that the rater may report pressure: no inquiry into it runs (R58).
	ReportPressure bool `json:"report_pressure,omitempty"`
}

// openedBody is a day on which the contact was opened.
type openedBody struct {
	Purpose string       `json:"purpose"`
	On      workday.Date `json:"on"`
}

// earlierBody is a reply of before the case was opened again.
type earlierBody struct {
	Reply   string    `json:"reply"`
	At      time.Time `json:"at"`
	Interim bool      `json:"interim,omitempty"`
}

func (a *API) showStatus(r *request) (answer, error) {
	body, _, err := a.statusBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.statusPage(r, body, "", nil, nil)}, nil
}

func (a *API) statusBody(r *request) (statusBody, regulation.Case, error) {
	ctx := r.http().Context()
	rating, c, err := a.Store.RatingByID(ctx, a.ratingOf(r))
	if err != nil {
		return statusBody{}, c, err
	}
	b := statusBody{Grade: int(rating.Grade), GivenOn: workday.DateOf(rating.GivenAt), Subject: a.subject(r, rating)}
	if b.ContactKept, err = a.Store.KeepsContact(ctx, rating.ID); err != nil {
		return b, c, err
	}
	if b.Ledger, err = a.ledgerOf(r, rating.ID); err != nil {
		return b, c, err
	}
	if err := a.fillConsents(r, rating.ID, &b); err != nil {
		return b, c, err
	}
	if c.ID == "" {
		b.Steps = stepsOf(r.lang, []web.StatusStep{{Code: "received", State: "done", At: rating.GivenAt}, {Code: "counted", State: "current"}})
		return b, c, nil
	}
	b.Steps = stepsOf(r.lang, web.StepsOf(c))
	opened, err := a.Store.OpenedContacts(ctx, rating.ID, c.ID)
	if err != nil {
		return b, c, err
	}
	for _, o := range opened {
		b.Opened = append(b.Opened, openedBody{o.Purpose, workday.DateOf(o.At)})
	}
	if err := a.fillRaterNotices(r, c, &b); err != nil {
		return b, c, err
	}
	if err := a.fillCodeWord(r, c, &b); err != nil {
		return b, c, err
	}
	if b.Interim, b.Reply, err = a.replies(r, c); err != nil {
		return b, c, err
	}
	if b.Earlier, err = a.earlierReplies(r, c); err != nil {
		return b, c, err
	}
	b.InterimAt, b.ReplyAt = c.Interim.SentAt, c.Reply.ReleasedAt
	letters, err := a.documentsBody(r, seenCase{c: c, scope: regulation.Scope{Areas: []string{c.Area}}, reader: regulation.ReaderRater})
	if err != nil {
		return b, c, err
	}
	b.Letters = letters.Documents
	b.Consent, b.ConsentUnit = consentFor(c), a.places(r).name(c.Unit)
	if await := c.Await(regulation.ActAnswerSurvey); await != nil {
		b.SurveyUntil = await.Due
	}
	return b, c, a.fillNotes(r, c, &b)
}

// subject names what was rated, without the matter's number.
func (a *API) subject(r *request, rating regulation.Rating) string {
	p := a.places(r)
	parts := []string{p.name(rating.Place.Rated.Hall), p.name(rating.Place.Rated.Unit)}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// replies are the two answers that the citizen gets; nothing else of a case's texts is opened.
func (a *API) replies(r *request, c regulation.Case) (interim, reply string, err error) {
	wanted := map[regulation.TextRef]bool{}
	if !c.Interim.SentAt.IsZero() {
		wanted[c.Interim.Text] = true
	}
	if !c.Reply.ReleasedAt.IsZero() {
		wanted[c.Reply.Text] = true
	}
	if len(wanted) == 0 {
		return "", "", nil
	}
	texts, err := a.Store.Texts(r.http().Context(), regulation.Scope{Areas: []string{c.Area}}, c.ID,
		func(ref regulation.TextRef) bool { return wanted[ref] })
	return texts[c.Interim.Text], texts[c.Reply.Text], err
}

// earlierReplies are the answers of the rounds before; what retention has deleted since is left out.
func (a *API) earlierReplies(r *request, c regulation.Case) ([]earlierBody, error) {
	if c.Reopened == 0 {
		return nil, nil
	}
	ctx, scope := r.http().Context(), regulation.Scope{Areas: []string{c.Area}}
	events, err := a.Store.Events(ctx, scope, c.ID)
	if err != nil {
		return nil, err
	}
	answers := regulation.EarlierAnswers(c, plain(events))
	texts, err := a.Store.Texts(ctx, scope, c.ID, func(ref regulation.TextRef) bool {
		return slices.ContainsFunc(answers, func(answer regulation.Answer) bool { return answer.Text == ref })
	})
	var earlier []earlierBody
	for _, answer := range answers {
		if text := texts[answer.Text]; text != "" {
			earlier = append(earlier, earlierBody{text, answer.At, answer.Interim})
		}
	}
	return earlier, err
}

// consentFor tells what of R30 the rater may answer now.
func consentFor(c regulation.Case) string {
	open := regulation.OpenIn(c)
	switch {
	case c.Consent.State == "yes" && slices.Contains(open, regulation.ActWithdrawConsent):
		return "yes"
	case c.Await(regulation.ActAskConsent) != nil, c.Consent.State == "unreachable" && slices.Contains(open, regulation.ActAnswerConsent):
		return "asked"
	}
	return ""
}

// stepsOf puts the page's steps into the resource.
func stepsOf(lang web.Lang, steps []web.StatusStep) []stepBody {
	bodies := make([]stepBody, 0, len(steps))
	for _, step := range steps {
		bodies = append(bodies, stepBody{step.Code, web.T(lang, "status."+step.Code), step.State, step.At, step.Until})
	}
	return bodies
}

// statusPage draws the status, with what was typed into a form that was refused, or not sent yet
// (refused is nil).
func (a *API) statusPage(r *request, b statusBody, triedAct regulation.ActKind, fields regulation.Values, refused *regulation.Error) *web.ReceiptStatusView {
	v := &web.ReceiptStatusView{Page: a.pageFor(r), Grade: b.Grade, Subject: b.Subject, GivenAt: b.GivenOn.Start(), Interim: b.Interim, InterimAt: b.InterimAt, Reply: b.Reply, ReplyAt: b.ReplyAt}
	for _, d := range b.Letters {
		v.Letters = append(v.Letters, web.DocumentLine{Kind: string(d.Kind), Number: d.Number, Replaces: d.Replaces, At: d.IssuedAt, Href: d.Href, Word: d.Word})
	}
	for _, e := range b.Earlier {
		v.Earlier = append(v.Earlier, web.EarlierReply{Text: e.Reply, At: e.At, Interim: e.Interim})
	}
	for _, s := range b.Steps {
		v.Steps = append(v.Steps, web.StatusStep{Code: s.Code, State: s.State, At: s.At, Until: s.Until})
	}
	filled := func(kind regulation.ActKind) web.Form {
		form := web.Form{Action: "/receipt/acts/" + string(kind), IdempotencyKey: newKey()}
		if kind == triedAct {
			form.Values, form.IdempotencyKey = fields, keyFor(fields)
		}
		if kind == triedAct && refused != nil {
			form.Errors = web.FieldErrors(receiptErrors(refused))
		}
		return form
	}
	switch b.Consent {
	case "asked":
		v.Consent = &web.ConsentForm{Form: filled(regulation.ActAnswerConsent), Unit: b.ConsentUnit}
	case "yes":
		v.Consent = &web.ConsentForm{Form: filled(regulation.ActWithdrawConsent), Unit: b.ConsentUnit, Given: true}
	}
	if !b.SurveyUntil.IsZero() {
		v.Survey = &web.SurveyForm{Form: filled(regulation.ActAnswerSurvey), Until: b.SurveyUntil}
	}
	drawNotes(v, b, filled)
	v.Consents = consentLines(b.Consents)
	for _, o := range b.Opened {
		v.Opened = append(v.Opened, web.OpenedLine{Purpose: o.Purpose, On: o.On.Start()})
	}
	v.Notices, v.Ledger = raterNotices(b.Notices), ledgerStanding(b.Ledger)
	v.ContactKept, v.Official, v.CodeWord = b.ContactKept, b.OfficialNumber, b.CodeWord
	return v
}

// eraseContact destroys what the vault holds of whoever typed the receipt. Nothing of it is shown here,
// and to ask again does no harm.
func (a *API) eraseContact(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "idempotency_key"); err != nil {
		return answer{}, err
	}
	if err := a.Store.Erase(r.http().Context(), a.ratingOf(r), "", store.EraseByReceipt); err != nil {
		return answer{}, err
	}
	a.say(r, "flash.contact_erased")
	return answer{status: http.StatusNoContent, next: "/receipt/status"}, nil
}

// receiptErrors names fields as the receipt's page does.
func receiptErrors(e *regulation.Error) map[string]string {
	errors := map[string]string{}
	for name, code := range formErrors(e) {
		if name == "grade" {
			name = "satisfaction"
		}
		errors[name] = code
	}
	return errors
}

// receiptActs are what the holder of a receipt may do, with the page's names of their fields.
var receiptActs = map[regulation.ActKind]map[string]string{
	regulation.ActAnswerSurvey:    {"satisfaction": "grade"},
	regulation.ActAnswerConsent:   {"consent": "answer"},
	regulation.ActWithdrawConsent: {"consent": ""},
	regulation.ActObjectWriteOff:  {},
	regulation.ActObjectCredit:    {},
	regulation.ActFollowUp:        {"satisfaction": "grade"},
	regulation.ActReportPressure:  {},
}

var receiptFlash = map[regulation.ActKind]string{
	regulation.ActAnswerSurvey: "flash.survey_saved", regulation.ActAnswerConsent: "flash.consent_saved", regulation.ActWithdrawConsent: "flash.consent_saved",
	regulation.ActObjectWriteOff: "flash.objection_saved", regulation.ActObjectCredit: "flash.objection_saved", regulation.ActFollowUp: "flash.follow_up_saved",
	regulation.ActReportPressure: "flash.pressure_saved",
}

// receiptAct does an act of the rater's.
func (a *API) receiptAct(r *request) (answer, error) {
	kind := regulation.ActKind(r.param("act"))
	names, known := receiptActs[kind]
	body, c, err := a.statusBody(r)
	if err != nil {
		return answer{}, err
	}
	if !known || c.ID == "" {
		return answer{}, notFound("no_such_act")
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	key, err := r.idempotencyKey(fields)
	if err != nil {
		return answer{}, err
	}
	outcome, err := a.submit(r, c, submission{kind: kind, values: renamed(fields, names), key: key, actor: holder(c)})
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return answer{view: a.statusPage(r, body, kind, fields, refused)}, refused
	}
	if err != nil {
		return answer{}, err
	}
	outcome.next, outcome.location = "/receipt/status", "/receipt/status"
	a.say(r, receiptFlash[kind])
	return outcome, nil
}

// holder is whoever typed the receipt, as policies see one.
func holder(c regulation.Case) regulation.Actor {
	return regulation.Actor{Receipt: c.RatingID, Assignments: []regulation.Assignment{{Role: regulation.Citizen}}}
}

// renamed gives fields the act's own names; a name given as "" is dropped.
func renamed(fields regulation.Values, names map[string]string) regulation.Values {
	values := regulation.Values{}
	for name, given := range fields {
		if name == "idempotency_key" {
			continue
		}
		to, listed := names[name]
		switch {
		case !listed:
			values[name] = given
		case to != "":
			values[to] = given
		}
	}
	return values
}

// noticeSince is the day from which the notice holds.
var noticeSince = workday.NewDate(2026, time.November, 29)

type retentionBody struct {
	What   string `json:"what"`
	Months int    `json:"months"` // 0 is for good
}

type privacyBody struct {
	Version string `json:"version"`
	// OfficialNumber is where the office's calls come from.
	OfficialNumber string          `json:"official_number"`
	Since          workday.Date    `json:"since"`
	Retention      []retentionBody `json:"retention"`
}

// showPrivacy is the notice of R59, with those rows of the retention table that concern raters.
func (a *API) showPrivacy(r *request) (answer, error) {
	params, err := a.currentParams(r)
	if err != nil {
		return answer{}, err
	}
	body := privacyBody{Version: noticeVersion, Since: noticeSince, OfficialNumber: a.OfficialNumber}
	v := &web.PrivacyView{Page: a.pageFor(r), Version: noticeVersion, Since: noticeSince.Start(), Official: a.OfficialNumber}
	for _, kept := range regulation.Retention {
		if kept.Raters {
			body.Retention = append(body.Retention, retentionBody{kept.What, params.Days(kept.Param)})
			v.Retention = append(v.Retention, web.Retention{Code: kept.What, Months: params.Days(kept.Param)})
		}
	}
	return answer{body: body, view: v}, nil
}
