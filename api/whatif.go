package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// whatIfBody is the answer to what if. Cases are those that would change: what falls due newly first, then
// by when it would be due.
type whatIfBody struct {
	At            time.Time        `json:"at"`
	Until         time.Time        `json:"until"`
	Open          int              `json:"open"`
	Changed       int              `json:"changed"`
	OverdueBefore int              `json:"overdue_before"`
	OverdueAfter  int              `json:"overdue_after"`
	Newly         int              `json:"newly_overdue"`
	Seconds       float64          `json:"seconds"`
	Cases         []whatIfCaseBody `json:"cases"`
}

type whatIfCaseBody struct {
	ID            string           `json:"id"`
	Number        string           `json:"number"`
	Area          string           `json:"area"`
	Unit          string           `json:"unit"`
	Edition       string           `json:"edition"`
	Phase         regulation.Phase `json:"phase"`
	OverdueBefore bool             `json:"overdue_before"`
	OverdueAfter  bool             `json:"overdue_after"`
	Mark          string           `json:"mark"` // newly_due, due, no_longer_due, or ""
	Due           time.Time        `json:"due,omitzero"`
	Moves         []moveBody       `json:"moves"`
}

// whatIfListed is how many cases a page lists; programs and the file get all.
const whatIfListed = 100

// showWhatIf is the form; a proposed notice may be named in the address.
func (a *API) showWhatIf(r *request) (answer, error) {
	fields := regulation.Values{}
	if id := r.query("notice"); id != "" {
		fields["notice"] = []string{id}
	}
	view, err := a.whatIfPage(r, fields, nil)
	if err != nil {
		return answer{}, err
	}
	return answer{body: map[string][]string{"parameters": parametersInDays()}, view: view}, nil
}

func parametersInDays() []string {
	var names []string
	for _, p := range regulation.DefaultParams() {
		if p.OfCases() {
			names = append(names, p.Name)
		}
	}
	return names
}

func (a *API) whatIfPage(r *request, fields regulation.Values, wrong map[string]string) (*web.WhatIfView, error) {
	changes, err := a.Store.CalendarChanges(r.http().Context())
	if err != nil {
		return nil, err
	}
	notice := web.Field{Name: "notice", Kind: web.FieldSelect, Label: "what_if.notice", Any: "what_if.no_notice"}
	for _, c := range changes {
		if c.State == store.Proposed {
			notice.Options = append(notice.Options, web.Option{Value: c.ID, Text: c.Number + " · " + a.areaName(r, c.Area)})
		}
	}
	param := web.Field{Name: "param", Kind: web.FieldSelect, Label: "what_if.param", Any: "what_if.no_param"}
	for _, name := range parametersInDays() {
		param.Options = append(param.Options, web.Option{Value: name, Key: "param." + name})
	}
	view := &web.WhatIfView{Page: a.pageFor(r), RulesTabs: a.rulesTabs(r, "what_if")}
	view.Errors = web.FieldErrors(wrong)
	all := []web.Field{notice,
		{Name: "area", Kind: web.FieldSelect, Label: "what_if.area", Any: "calendar.national", Options: a.countedAreas(r)},
		{Name: "file", Kind: web.FieldFile, Label: "field.days_file", Help: "field.days_file.help", Accept: ".csv,text/csv"},
		{Name: "days", Kind: web.FieldTextArea, Label: "what_if.days", Help: "field.days.help"},
		param, {Name: "value", Kind: web.FieldNumber, Label: "what_if.value", Min: "1", Max: "60"},
		{Name: "by", Kind: web.FieldDate, Label: "what_if.by", Help: "what_if.by.help"}}
	view.Fields = typedInto(all, fields, wrong)
	return view, nil
}

func (a *API) countedAreas(r *request) []web.Option {
	p := a.places(r)
	var options []web.Option
	if p.tree == nil {
		return nil
	}
	for _, o := range p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		options = append(options, web.Option{Value: o.ID, Text: p.name(o.ID)})
	}
	return options
}

// askWhatIf answers for the open cases of the reader's area and below. It writes nothing.
func (a *API) askWhatIf(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	began := a.Wall()
	var result store.WhatIfResult
	ask, err := a.whatIfTyped(r, fields)
	if err == nil {
		result, err = a.Store.WhatIf(r.http().Context(), a.Guard.Scope(r.actor, policies.WhatIf), ask)
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		view, drawing := a.whatIfPage(r, fields, whatIfErrors(formErrors(refused), fields))
		if drawing != nil {
			return answer{}, errors.Join(err, drawing)
		}
		return answer{view: view}, err
	}
	if err != nil {
		return answer{}, err
	}
	body := whatIfOf(result, a.Wall().Sub(began))
	if fields.Get("format") == "csv" {
		return a.whatIfFile(r, body)
	}
	view, err := a.whatIfPage(r, fields, nil)
	if err != nil {
		return answer{}, err
	}
	view.Again = web.Form{Action: "/what-if", Hidden: map[string]string{}}
	for _, name := range whatIfQuestion {
		view.Again.Hidden[name] = fields.Get(name)
	}
	number, _ := strconv.Atoi(fields.Get("page")) // the first where it is none
	a.drawWhatIf(r, view, body, number)
	return answer{body: body, view: view}, nil
}

// whatIfQuestion are the page's fields that make the question.
var whatIfQuestion = []string{"notice", "area", "days", "param", "value", "by"}

// whatIfErrors puts what is wrong with a parameter beside the page's two fields for it.
func whatIfErrors(wrong map[string]string, fields regulation.Values) map[string]string {
	if code := wrong[fields.Get("param")]; code != "" {
		wrong["value"] = code
	}
	return wrong
}

// whatIfTyped reads the question: a proposed notice or days, and parameters, on the page one by
// param and value, from programs any by set.<name>.
func (a *API) whatIfTyped(r *request, fields regulation.Values) (ask store.WhatIf, err error) {
	if err := only(fields, append([]string{"set.*", "page", "format", "idempotency_key"}, whatIfQuestion...)...); err != nil {
		return ask, err
	}
	if text, given, err := r.textFile("file"); err != nil {
		return ask, err
	} else if given {
		fields["days"] = []string{text}
	}
	if ask.Notice, ask.Area, err = a.supposedNotice(r, fields); err != nil {
		return ask, err
	}
	if ask.Set, err = supposedValues(fields); err != nil {
		return ask, err
	}
	if by := fields.Get("by"); by != "" {
		if ask.By, err = workday.ParseDate(by); err != nil {
			return ask, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("by", "not_a_date")
		}
	}
	return ask, nil
}

func (a *API) supposedNotice(r *request, fields regulation.Values) (*workday.Layer, string, error) {
	change := store.CalendarChange{Area: fields.Get("area"), Days: fields.Get("days")}
	if id := fields.Get("notice"); id != "" {
		var err error
		if change, err = a.Store.CalendarChange(r.http().Context(), id); err != nil {
			return nil, "", err
		}
	}
	if change.Days == "" {
		return nil, "", nil
	}
	if _, known := a.places(r).tree.Org(change.Area); change.Area != "" && !known {
		return nil, "", (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("area", "not_an_option")
	}
	layer, err := change.Layer()
	if err != nil {
		return nil, "", (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("days", "not_a_calendar_layer")
	}
	return &layer, change.Area, nil
}

func supposedValues(fields regulation.Values) (map[string]int, error) {
	typed := map[string]string{}
	if name := fields.Get("param"); name != "" {
		typed[name] = fields.Get("value")
	}
	for _, name := range parametersInDays() {
		if value := fields.Get("set." + name); value != "" {
			typed[name] = value
		}
	}
	values := map[string]int{}
	for name, text := range typed {
		value, err := strconv.Atoi(text)
		if err != nil {
			return nil, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field(name, "not_a_number")
		}
		values[name] = value
	}
	return values, nil
}

func whatIfOf(result store.WhatIfResult, took time.Duration) whatIfBody {
	body := whatIfBody{At: result.At, Until: result.Until, Open: result.Open, Changed: len(result.Cases), OverdueBefore: result.OverdueBefore,
		OverdueAfter: result.OverdueAfter, Newly: result.Newly(), Seconds: took.Seconds(), Cases: make([]whatIfCaseBody, 0, len(result.Cases))}
	for _, c := range result.Cases {
		body.Cases = append(body.Cases, whatIfCaseBody{ID: c.ID, Number: c.Number, Area: c.Area, Unit: c.Unit, Edition: c.Edition, Phase: c.Phase,
			OverdueBefore: c.OverdueBefore, OverdueAfter: c.OverdueAfter, Mark: c.Mark(), Due: c.Due, Moves: movesOf(regulation.ReaderAuthority, c.Changes)})
	}
	return body
}

// whatIfMarks are the words of a case's mark: what_if.<word>.
var whatIfMarks = map[string]string{"newly_due": "newly", "due": "overdue", "no_longer_due": "no_more"}

func (a *API) drawWhatIf(r *request, view *web.WhatIfView, b whatIfBody, number int) {
	view.Answered, view.Open, view.Changed, view.Until = true, b.Open, b.Changed, b.Until
	view.Before, view.After, view.Newly, view.Took = b.OverdueBefore, b.OverdueAfter, b.Newly, fmt.Sprintf("%.2f", b.Seconds)
	p := a.places(r)
	view.Pages = (len(b.Cases) + whatIfListed - 1) / whatIfListed
	view.Number = max(1, min(number, view.Pages))
	from := (view.Number - 1) * whatIfListed
	for _, c := range b.Cases[from:min(len(b.Cases), from+whatIfListed)] {
		row := web.WhatIfRow{Href: "/cases/" + c.ID, Number: c.Number, Phase: string(c.Phase), Unit: p.name(c.Unit), Mark: whatIfMarks[c.Mark]}
		told := map[string]bool{}
		for _, m := range c.Moves {
			if name := moveName(m); !told[name+m.New.String()] {
				told[name+m.New.String()] = true
				row.Moves = append(row.Moves, web.WhatIfMove{Name: name, Old: m.Old, New: m.New})
			}
		}
		view.Rows = append(view.Rows, row)
	}
}

// whatIfFile is the whole answer as a table: a line for each instant that would be another.
func (a *API) whatIfFile(r *request, b whatIfBody) (answer, error) {
	say, p := func(key string) string { return web.T(r.lang, key) }, a.places(r)
	rows := [][]string{{say("col.number"), say("what_if.mark"), say("col.phase"), say("col.unit"), say("what_if.step"), say("what_if.old"), say("what_if.new")}}
	for _, c := range b.Cases {
		mark := ""
		if c.Mark != "" {
			mark = say("what_if." + whatIfMarks[c.Mark])
		}
		for _, m := range c.Moves {
			rows = append(rows, []string{c.Number, mark, say("phase." + string(c.Phase)), p.name(c.Unit), say("deadline." + moveName(m)), minute(m.Old), minute(m.New)})
		}
	}
	content, err := spreadsheet(rows)
	if err != nil {
		return answer{}, err
	}
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="what-if.csv"; filename*=UTF-8''`+url.PathEscape(say("what_if.file")+".csv"))
		return c.Blob(http.StatusOK, "text/csv; charset=utf-8", content)
	}}, nil
}

func minute(at time.Time) string { return at.In(workday.Shanghai).Format("2006-01-02 15:04") }
