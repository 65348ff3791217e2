package api

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// paperOpeningBody is an opening of a box of which forms are left to count (6(2)).
type paperOpeningBody struct {
	ID       string     `json:"id"`
	Hall     *placeBody `json:"hall"`
	Week     string     `json:"week"`
	OpenedAt time.Time  `json:"opened_at"`
	Due      string     `json:"due"` // civil date
	Late     bool       `json:"late"`
	Counted  int        `json:"counted"`
	ToEnter  int        `json:"to_enter"`
	Scans    int        `json:"scans"` // pictures that nobody entered yet
	ToCheck  int        `json:"to_check"`
	Differ   int        `json:"differ"`
	Missing  int        `json:"scans_missing"`
	Entered  int        `json:"entered"`
	Void     int        `json:"void"`
}

type paperQueueBody struct {
	Openings []paperOpeningBody `json:"openings"`
}

// paperReadingBody is what one person read off a form.
type paperReadingBody struct {
	By      string         `json:"by"`
	At      time.Time      `json:"at"`
	Void    string         `json:"void,omitempty"`
	Grade   int            `json:"grade,omitempty"`
	Options []string       `json:"options,omitempty"`
	Marks   map[string]int `json:"marks,omitempty"`
	Kind    string         `json:"target_kind,omitempty"`
	Window  string         `json:"target,omitempty"`
	Matter  string         `json:"matter_number,omitempty"`
	Date    string         `json:"form_date,omitempty"`
	Same    string         `json:"confirmed,omitempty"`
}

// paperFormBody is what the next step of a form needs. Entry is "" where there is none to check or decide; readings
// are shown to whoever decides and to nobody who checks.
type paperFormBody struct {
	Step          string             `json:"step"`
	Opening       *paperOpeningBody  `json:"opening,omitempty"`
	Entry         string             `json:"entry,omitempty"`
	Serial        string             `json:"serial,omitempty"`
	Scan          string             `json:"scan,omitempty"` // digest, "" where no picture waits
	Text          string             `json:"text,omitempty"`
	Phone         string             `json:"contact_phone,omitempty"` // masked
	Name          string             `json:"contact_name,omitempty"`  // masked
	Disputed      []string           `json:"disputed,omitempty"`
	Readings      []paperReadingBody `json:"readings,omitempty"`
	Targets       []placeBody        `json:"targets"`
	Grades        []gradeBody        `json:"grades"`
	Dimensions    []string           `json:"dimensions"`
	NoticeVersion string             `json:"notice_version"`
}

// paperStepBody is what a step came to.
type paperStepBody struct {
	Entry string                `json:"entry"`
	State regulation.PaperState `json:"state"`
	// Followed tells that a bad rating opened a case.
	Followed bool `json:"followed"`
}

// Steps of a form.
const (
	paperEnter  = "enter"
	paperCheck  = "check"
	paperDecide = "decide"
)

// paperMay is the permission that a step needs.
var paperMay = map[string]string{paperEnter: policies.TranscribePaper, paperCheck: policies.TranscribePaper, paperDecide: policies.DecidePaper}

// showPaper is the queue: what is late first.
func (a *API) showPaper(r *request) (answer, error) {
	queue, err := a.Store.PaperQueue(r.http().Context(), a.Guard.Scope(r.actor, policies.DecidePaper))
	if err != nil {
		return answer{}, err
	}
	body, view := paperQueueBody{Openings: []paperOpeningBody{}}, &web.PaperView{Page: a.pageFor(r), MayEnter: a.Guard.May(r.actor, policies.TranscribePaper)}
	cals := a.calendars(r)
	for _, o := range queue {
		b := a.paperOpening(r, o)
		calendar, err := cals.of(o.Area)
		if err != nil {
			return answer{}, err
		}
		body.Openings = append(body.Openings, b)
		view.ToCheck, view.Differ = view.ToCheck+b.ToCheck, view.Differ+b.Differ
		view.Rows = append(view.Rows, web.PaperRow{ID: b.ID, Hall: nameOf(b.Hall), Week: b.Week, Opened: b.OpenedAt, Due: due(o.Due.Date.Start(), o.Late, o.Due.Provisional, calendar, r.at),
			Counted: b.Counted, ToEnter: b.ToEnter, Scans: b.Scans, ToCheck: b.ToCheck, Differ: b.Differ, Missing: b.Missing, Done: b.Entered + b.Void})
	}
	return answer{body: body, view: view}, nil
}

func (a *API) paperOpening(r *request, o store.PaperOpening) paperOpeningBody {
	return paperOpeningBody{ID: o.ID, Hall: a.places(r).body(o.Hall), Week: o.Week, OpenedAt: o.OpenedAt, Due: o.Due.Date.String(), Late: o.Late, Counted: o.Counted,
		ToEnter: o.ToEnter(), Scans: o.Scans, ToCheck: o.Open[regulation.PaperToCheck], Differ: o.Open[regulation.PaperDiffers], Missing: o.Missing, Entered: o.Entered, Void: o.Void}
}

// showPaperForm is the next form of an opening to enter.
func (a *API) showPaperForm(r *request) (answer, error) {
	body, err := a.paperForm(r, paperEnter)
	if err != nil {
		return answer{}, err
	}
	return a.paperPage(r, body, nil, nil)
}

// showPaperCheck and showPaperDecide are the next form to check and to decide on; /paper/entries/:id is that one.
func (a *API) showPaperCheck(r *request) (answer, error)  { return a.showNextPaper(r, paperCheck) }
func (a *API) showPaperDecide(r *request) (answer, error) { return a.showNextPaper(r, paperDecide) }

func (a *API) showNextPaper(r *request, step string) (answer, error) {
	body, err := a.paperForm(r, step)
	if err != nil {
		return answer{}, err
	}
	return a.paperPage(r, body, nil, nil)
}

// paperForm is the form that a step is about: the one in the address, or the next.
func (a *API) paperForm(r *request, step string) (b paperFormBody, err error) {
	ctx, scope := r.http().Context(), a.Guard.Scope(r.actor, paperMay[step])
	f, err := a.form(ctx)
	if err != nil {
		return b, err
	}
	b = paperFormBody{Step: step, Targets: []placeBody{}, Grades: gradesOf(r.lang, f.options), Dimensions: askedDimensions(f.dimensions, true), NoticeVersion: noticeVersion}
	opening := r.param("id")
	if step != paperEnter {
		e, err := a.paperEntry(r, step, scope)
		if err != nil || e.ID == "" {
			return b, err
		}
		if err := a.fillEntry(r, &b, e); err != nil {
			return b, err
		}
		opening = e.Opening
	}
	o, err := a.Store.PaperOf(ctx, scope, opening)
	if err != nil {
		return b, err
	}
	opened := a.paperOpening(r, o)
	b.Opening = &opened
	if step == paperEnter {
		scan, err := a.Store.NextScan(ctx, o.ID)
		if err != nil {
			return b, err
		}
		b.Scan, b.Serial = scan.Digest, scan.Serial
	}
	windows, err := a.windowsFor(r, paperMay[step])
	slices.SortStableFunc(windows, func(x, y store.Window) int { return order(y.HallID == o.Hall) - order(x.HallID == o.Hall) })
	for _, w := range windows {
		b.Targets = append(b.Targets, placeBody{w.ID, a.places(r).name(w.HallID) + " " + windowName(r.lang, w)})
	}
	return b, err
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

func (a *API) paperEntry(r *request, step string, scope regulation.Scope) (store.PaperEntry, error) {
	if id := r.param("id"); id != "" {
		return a.Store.PaperEntry(r.http().Context(), scope, id)
	}
	state := regulation.PaperToCheck
	if step == paperDecide {
		state = regulation.PaperDiffers
	}
	return a.Store.NextPaper(r.http().Context(), scope, state, r.actor)
}

// fillEntry adds what of an entry the step may see: whoever checks does not see what the first read.
func (a *API) fillEntry(r *request, b *paperFormBody, e store.PaperEntry) error {
	text, contact, err := a.Store.PaperWords(r.http().Context(), e)
	if err != nil {
		return err
	}
	b.Entry, b.Serial, b.Scan, b.Text, b.Phone, b.Name = e.ID, e.LegibleSerial(), e.Scan, text, contact.Phone, contact.Name
	if b.Step != paperDecide {
		return nil
	}
	people, err := a.Store.People(r.http().Context())
	if err != nil {
		return err
	}
	b.Disputed = e.Disputed
	for _, read := range e.Readings {
		line := paperReadingBody{By: people.Name(read.Person), At: read.At, Void: read.Void, Grade: int(read.Grade), Options: read.Options, Kind: string(read.Target),
			Window: read.Window, Matter: read.Matter, Same: read.Confirmed, Marks: map[string]int{}}
		if !read.Date.IsZero() {
			line.Date = read.Date.String()
		}
		for name, mark := range read.Marks {
			line.Marks[name] = int(mark)
		}
		b.Readings = append(b.Readings, line)
	}
	return nil
}

// paperPage draws a form, with what was typed where it comes back.
func (a *API) paperPage(r *request, b paperFormBody, fields regulation.Values, refused *regulation.Error) (answer, error) {
	v := &web.PaperFormView{Page: a.pageFor(r), Step: b.Step, Entry: b.Entry, Serial: b.Serial, Text: b.Text, Phone: b.Phone, Name: b.Name, Disputed: b.Disputed, Grades: choices(b.Grades),
		Dimensions: b.Dimensions, Voids: regulation.PaperVoids}
	if b.Opening != nil {
		v.Hall, v.Week, v.Late, v.Left = nameOf(b.Opening.Hall), b.Opening.Week, b.Opening.Late, map[string]int{paperEnter: b.Opening.ToEnter, paperCheck: b.Opening.ToCheck, paperDecide: b.Opening.Differ}[b.Step]
		v.Import = "/paper/openings/" + b.Opening.ID + "/import"
		v.Upload, v.Action = "/paper/openings/"+b.Opening.ID+"/scans", "/paper/openings/"+b.Opening.ID+"/entries"
	}
	if b.Entry != "" {
		v.Action = "/paper/entries/" + b.Entry + "/" + b.Step
	}
	if b.Scan != "" {
		v.Scan = "/paper/scans/" + b.Scan
	}
	names := map[string]string{}
	for _, t := range b.Targets {
		v.Targets, names[t.ID] = append(v.Targets, web.Option{Value: t.ID, Text: t.Name}), t.Name
	}
	for _, read := range b.Readings {
		v.Readings = append(v.Readings, web.PaperReading{By: read.By, At: read.At, Void: read.Void, Grade: read.Grade, Options: a.optionTexts(r, read.Options), Marks: read.Marks, Kind: read.Kind,
			Target: names[read.Window], Matter: read.Matter, Date: read.Date, Confirmed: read.Same})
	}
	if v.Values = fields; fields == nil {
		v.Values = b.first()
	}
	if refused == nil {
		return answer{body: b, view: v}, nil
	}
	v.Errors = web.FieldErrors(formErrors(refused))
	return answer{view: v}, refused
}

// first is what stands in a fresh form: whoever decides finds filled in what nobody disputes.
func (b paperFormBody) first() regulation.Values {
	values := regulation.Values{"target_kind": {string(regulation.TargetMatter)}, "serial": {b.Serial}, "scan": {b.Scan}, "keep_contact": {"yes"}}
	if b.Step != paperDecide || len(b.Readings) == 0 {
		return values
	}
	read := b.Readings[0]
	values["text"] = []string{b.Text}
	set := func(name, value string) {
		if value != "" && !slices.Contains(b.Disputed, name) {
			values[name] = []string{value}
		}
	}
	set("target_kind", read.Kind)
	set("target", read.Window)
	set("matter_number", read.Matter)
	set("form_date", read.Date)
	set("void", read.Void)
	if read.Grade > 0 {
		set("grade", strconv.Itoa(read.Grade))
	}
	if !slices.Contains(b.Disputed, "option") && !slices.Contains(b.Disputed, "grade") {
		values["option"] = read.Options
	}
	for name, mark := range read.Marks {
		if !slices.Contains(b.Disputed, "marks") {
			values["mark_"+name] = []string{strconv.Itoa(mark)}
		}
	}
	return values
}

func (a *API) optionTexts(r *request, codes []string) []string {
	f, err := a.form(r.http().Context())
	if err != nil {
		return codes
	}
	var texts []string
	for _, o := range f.options {
		if slices.Contains(codes, o.Code) {
			texts = append(texts, either(r.lang, o.TextZH, o.TextEN))
		}
	}
	return texts
}

var paperFields = []string{"serial", "scan", "void", "target_kind", "target", "matter_number", "form_date", "grade", "option", "text", "confirmed", "keep_contact", "own_code", "idempotency_key"}

// readPaper makes the store's form of what was typed.
func (a *API) readPaper(r *request, fields regulation.Values, step string) (store.PaperForm, form, error) {
	f, err := a.form(r.http().Context())
	if err != nil {
		return store.PaperForm{}, f, err
	}
	if err := only(fields, slices.Concat(paperFields, contactFields, markNames(f))...); err != nil {
		return store.PaperForm{}, f, err
	}
	in := paperOf(fields, f)
	in.Rating.Options = ofGrade(in.Rating.Options, in.Rating.Grade, f)
	if step == paperCheck || step == paperDecide && in.KeepContact {
		return in, f, nil
	}
	contact, wrong := contactOf(fields)
	if len(wrong) > 0 {
		return in, f, &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields", Fields: wrong}
	}
	in.Contact = contact
	return in, f, nil
}

// paperOf is the store's form of what was typed, without the contact.
func paperOf(fields regulation.Values, f form) store.PaperForm {
	rating := ratingForm(fields, f)
	rating.Target = regulation.TargetKind(fields.Get("target_kind"))
	return store.PaperForm{Serial: fields.Get("serial"), Scan: fields.Get("scan"), Void: fields.Get("void"), Window: fields.Get("target"), Matter: fields.Get("matter_number"),
		Date: fields.Get("form_date"), Rating: rating, Confirmed: fields.Get("confirmed"), KeepContact: fields.Get("keep_contact") == "yes", OwnCode: fields.Get("own_code")}
}

// enterPaper takes the first reading of a form.
func (a *API) enterPaper(r *request) (answer, error) {
	return a.takePaper(r, paperEnter, "/paper/openings/"+r.param("id"), func(in store.PaperForm, f form, scope regulation.Scope, actor regulation.Actor) (paperStepBody, store.Saved, error) {
		id, err := a.Store.EnterPaper(r.http().Context(), scope, r.param("id"), in, f.choices, actor)
		return paperStepBody{Entry: id, State: regulation.PaperToCheck}, store.Saved{Repeated: true}, err
	})
}

// checkPaper takes the second reading, of somebody who did not see the first.
func (a *API) checkPaper(r *request) (answer, error) {
	return a.takePaper(r, paperCheck, "/paper/check", func(in store.PaperForm, f form, scope regulation.Scope, actor regulation.Actor) (paperStepBody, store.Saved, error) {
		saved, state, err := a.Store.SecondPaper(r.http().Context(), scope, r.param("id"), in, f.choices, actor)
		return paperStepBody{r.param("id"), state, saved.CaseID != ""}, saved, err
	})
}

// decidePaper takes the third reading, of somebody who saw both others.
func (a *API) decidePaper(r *request) (answer, error) {
	return a.takePaper(r, paperDecide, "/paper/decide", func(in store.PaperForm, f form, scope regulation.Scope, actor regulation.Actor) (paperStepBody, store.Saved, error) {
		saved, state, err := a.Store.DecidePaper(r.http().Context(), scope, r.param("id"), in, f.choices, actor)
		return paperStepBody{r.param("id"), state, saved.CaseID != ""}, saved, err
	})
}

type paperTaking func(in store.PaperForm, f form, scope regulation.Scope, actor regulation.Actor) (paperStepBody, store.Saved, error)

// takePaper does a step with what was typed; a refused form stands there again, the next one comes by itself.
func (a *API) takePaper(r *request, step, next string, take paperTaking) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	in, f, err := a.readPaper(r, fields, step)
	var body paperStepBody
	var saved store.Saved
	if err == nil {
		body, saved, err = take(in, f, a.Guard.Scope(r.actor, paperMay[step]), a.actorFor(r, paperMay[step]))
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		refused = ofPaper(refused)
		if !r.page || refused.Code == regulation.NotFound {
			return answer{}, refused
		}
		form, drawing := a.paperForm(r, step)
		if drawing != nil {
			return answer{}, drawing
		}
		return a.paperPage(r, form, fields, refused)
	}
	if err != nil {
		return answer{}, err
	}
	if body.State == regulation.PaperCounted && !saved.Repeated {
		grade, _ := regulation.ParseGrade(in.Rating.Grade)
		a.counts.ratings.WithLabelValues(string(regulation.ChannelPaper), strconv.Itoa(int(grade))).Inc()
		if saved.CaseID != "" {
			a.startSoon(saved.CaseID)
		}
	}
	a.say(r, "flash.paper_"+string(body.State))
	return answer{status: http.StatusCreated, next: next, body: body}, nil
}

// ofPaper is a refusal with the form's names of fields.
func ofPaper(refused *regulation.Error) *regulation.Error {
	out := *refused
	out.Fields = nil
	for name, code := range refused.Fields {
		if mark, ok := strings.CutPrefix(name, "dimension_"); ok {
			name = "mark_" + mark
		}
		if name == "options" {
			name = "option"
		}
		out.Field(name, code)
	}
	return &out
}

// actorFor is the reader under the first assignment that has a permission.
func (a *API) actorFor(r *request, may string) regulation.Actor {
	actor := r.actor
	for _, as := range actor.Assignments {
		if len(a.Guard.Assignments(regulation.Actor{Person: actor.Person, Assignments: []regulation.Assignment{as}}, may, regulation.Subject{Area: as.Area})) > 0 {
			actor.As = as
			break
		}
	}
	return actor
}

// addPaperScans takes pictures of sheets in, several at once, also in a zip. Those that were taken stay where a later one is refused.
func (a *API) addPaperScans(r *request) (answer, error) {
	if _, err := r.fields(); err != nil {
		return answer{}, err
	}
	scope, actor := a.Guard.Scope(r.actor, policies.TranscribePaper), a.actorFor(r, policies.TranscribePaper)
	next := "/paper/openings/" + r.param("id")
	taken := []string{}
	found, closeAll, err := pictures(r.body.files["scans"])
	defer closeAll()
	if err == nil && len(found) == 0 {
		err = sheetFault("scans", "required")
	}
	for _, picture := range found {
		var content io.ReadCloser
		if content, err = picture.Open(); err != nil {
			err = sheetFault("scans", "damaged")
			break
		}
		var scan store.PaperScan
		scan, err = a.Store.AddPaperScan(r.http().Context(), scope, r.param("id"), picture.Name, content, actor)
		content.Close()
		if err != nil {
			break
		}
		taken = append(taken, scan.Digest)
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page && refused.Fields != nil {
		form, drawing := a.paperForm(r, paperEnter)
		if drawing != nil {
			return answer{}, drawing
		}
		shown := *refused
		shown.Fields = map[string]string{"scans": fileCode(refused)}
		return a.paperPage(r, form, nil, &shown)
	}
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, next: next, body: map[string][]string{"scans": taken}}, nil
}

// showPaperScan gives out the picture of a sheet.
func (a *API) showPaperScan(r *request) (answer, error) {
	file, content, err := a.Store.OpenPaperScan(r.http().Context(), a.Guard.Scope(r.actor, policies.DecidePaper), r.param("digest"), a.actorFor(r, policies.DecidePaper))
	if err != nil {
		return answer{}, err
	}
	return answer{file: func(c echo.Context) error { return c.Blob(http.StatusOK, file.Mime, content) }}, nil
}
