package api

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// proposalBody is who proposed something and what was decided.
type proposalBody struct {
	ID         string              `json:"id"`
	State      store.ProposalState `json:"state"`
	Author     string              `json:"author"`
	ProposedAt time.Time           `json:"proposed_at"`
	DecidedBy  string              `json:"decided_by,omitempty"`
	DecidedAt  time.Time           `json:"decided_at,omitzero"`
	Remark     string              `json:"remark,omitempty"`
}

// calendarNoticeBody is a notice for the working calendar.
type calendarNoticeBody struct {
	proposalBody
	Area     string            `json:"area"` // "" for the whole country
	Name     string            `json:"name"`
	Number   string            `json:"number"`
	IssuedOn workday.Date      `json:"issued_on"`
	Basis    string            `json:"basis"`
	Days     []calendarDayBody `json:"days"`
	Moved    int64             `json:"moved"`    // open cases that were re-armed
	Finished bool              `json:"finished"` // all open cases have been looked at
}

// calendarDayBody is one row of a notice, with what it changes or what is wrong with it.
type calendarDayBody struct {
	Line    int          `json:"line"`
	Date    workday.Date `json:"date,omitzero"`
	Kind    string       `json:"kind,omitempty"`
	Holiday string       `json:"holiday,omitempty"`
	Before  string       `json:"before,omitempty"` // off or work, without the notice
	Wrong   string       `json:"wrong,omitempty"`
	text    string
}

type checkedBody struct {
	Good bool              `json:"good"`
	Days []calendarDayBody `json:"days"`
}

type calendarBody struct {
	Notices []calendarNoticeBody `json:"notices"`
}

func proposalOf(people *store.People, p store.Proposal) proposalBody {
	return proposalBody{ID: p.ID, State: p.State, Author: personName(people, p.Author), ProposedAt: p.ProposedAt,
		DecidedBy: personName(people, p.DecidedBy), DecidedAt: p.DecidedAt, Remark: p.Remark}
}

// personName is an account's name, or the id where none is known.
func personName(people *store.People, person string) string {
	if name := people.Name(person); name != "" {
		return name
	}
	return person
}

// daysOf reads a notice's rows against a calendar.
func daysOf(days string, calendar workday.Calendar) ([]calendarDayBody, bool) {
	rows, good := workday.ReadRows(days)
	bodies := make([]calendarDayBody, 0, len(rows))
	for _, row := range rows {
		b := calendarDayBody{Line: row.Line, Date: row.Date, Holiday: row.Holiday, Wrong: row.Wrong}
		if row.Wrong == "" {
			b.Kind, b.Before = row.Kind.String(), workday.Off.String()
			if calendar.IsWorkday(row.Date) {
				b.Before = workday.Work.String()
			}
		} else {
			b.text = strings.Join(row.Text, ",")
		}
		bodies = append(bodies, b)
	}
	return bodies, good
}

// showCalendar lists the notices; who may propose one finds the form.
func (a *API) showCalendar(r *request) (answer, error) {
	view, body, err := a.calendarPage(r)
	if err != nil {
		return answer{}, err
	}
	view.Fields = a.noticeFields(r, nil, nil)
	return answer{body: body, view: view}, nil
}

func (a *API) calendarPage(r *request) (*web.CalendarView, calendarBody, error) {
	ctx := r.http().Context()
	body := calendarBody{Notices: []calendarNoticeBody{}}
	changes, err := a.Store.CalendarChanges(ctx)
	if err != nil {
		return nil, body, err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return nil, body, err
	}
	view := &web.CalendarView{Page: a.pageFor(r), RulesTabs: a.rulesTabs(r, "calendar")}
	for _, c := range changes {
		b := a.calendarNotice(people, c, workday.National())
		body.Notices = append(body.Notices, b)
		view.Notices = append(view.Notices, a.drawnNotice(r, b))
	}
	return view, body, nil
}

func (a *API) calendarNotice(people *store.People, c store.CalendarChange, calendar workday.Calendar) calendarNoticeBody {
	days, _ := daysOf(c.Days, calendar)
	return calendarNoticeBody{proposalBody: proposalOf(people, c.Proposal), Area: c.Area, Name: c.Name, Number: c.Number,
		IssuedOn: c.IssuedOn, Basis: c.Basis, Days: days, Moved: c.Rearming.Moved, Finished: c.Rearming.Finished}
}

func (a *API) drawnNotice(r *request, b calendarNoticeBody) web.CalendarNotice {
	return web.CalendarNotice{Href: "/calendar/" + b.ID, Name: b.Name, Number: b.Number, Place: a.areaName(r, b.Area), Basis: b.Basis,
		IssuedOn: dayIn(r.lang, b.IssuedOn.String()), Days: len(b.Days), State: string(b.State), ProposedAt: b.ProposedAt}
}

func (a *API) areaName(r *request, area string) string {
	if area == "" {
		return web.T(r.lang, "calendar.national")
	}
	return a.places(r).name(area)
}

func drawnDays(days []calendarDayBody) []web.CalendarDay {
	var rows []web.CalendarDay
	for _, d := range days {
		row := web.CalendarDay{Line: d.Line, Holiday: d.Holiday, Kind: d.Kind, Before: d.Before, Same: d.Kind == d.Before, Wrong: d.Wrong, Text: d.text}
		if !d.Date.IsZero() {
			row.Date, row.Weekday = d.Date.String(), weekdays[d.Date.Weekday()]
		}
		rows = append(rows, row)
	}
	return rows
}

var weekdays = []string{"weekday.0", "weekday.1", "weekday.2", "weekday.3", "weekday.4", "weekday.5", "weekday.6"}

// rulesTabs lead between the pages of the rules that the reader may see.
func (a *API) rulesTabs(r *request, current string) web.RulesTabs {
	var tabs []web.NavItem
	for _, tab := range []struct{ code, href, may string }{
		{"calendar", "/calendar", policies.ViewRules}, {"editions", "/editions", policies.ViewRules}, {"what_if", "/what-if", policies.WhatIf},
	} {
		if a.Guard.May(r.actor, tab.may) {
			tabs = append(tabs, web.NavItem{Code: tab.code, Href: tab.href, Current: tab.code == current})
		}
	}
	return web.RulesTabs{Tabs: tabs}
}

// noticeAreas are the areas whose days the reader may propose.
func (a *API) noticeAreas(r *request) []web.Option {
	var options []web.Option
	if a.may(r, policies.ProposeCalendar, "") {
		options = append(options, web.Option{Value: "national", Key: "calendar.national"})
	}
	p := a.places(r)
	if p.tree == nil {
		return options
	}
	for _, o := range p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		if a.may(r, policies.ProposeCalendar, o.ID) {
			options = append(options, web.Option{Value: o.ID, Text: p.name(o.ID)})
		}
	}
	return options
}

func (a *API) may(r *request, permission, area string) bool {
	_, err := a.Guard.Reviewer(r.actor, permission, area)
	return err == nil
}

// noticeFields are the form of a new notice; none for who may propose nothing.
func (a *API) noticeFields(r *request, fields regulation.Values, wrong map[string]string) []web.Field {
	areas := a.noticeAreas(r)
	if len(areas) == 0 {
		return nil
	}
	area := web.Field{Name: "area", Kind: web.FieldSelect, Label: "field.calendar_area", Required: true, Options: areas}
	if len(areas) == 1 {
		area.Values = []string{areas[0].Value}
	}
	all := []web.Field{area,
		{Name: "name", Kind: web.FieldText, Label: "field.issuer", Required: true, Length: 100},
		{Name: "number", Kind: web.FieldText, Label: "field.document_number", Required: true, Length: 100},
		{Name: "issued_on", Kind: web.FieldDate, Label: "field.issued_on", Required: true},
		{Name: "basis", Kind: web.FieldTextArea, Label: "field.basis", Help: "field.basis.public", Required: true, Length: 500},
		{Name: "file", Kind: web.FieldFile, Label: "field.days_file", Help: "field.days_file.help", Accept: ".csv,text/csv"},
		{Name: "days", Kind: web.FieldTextArea, Label: "field.days", Help: "field.days.help"}}
	return typedInto(all, fields, wrong)
}

// typedInto puts back what was typed and what was wrong with it.
func typedInto(all []web.Field, fields regulation.Values, wrong map[string]string) []web.Field {
	for i := range all {
		if typed, given := fields[all[i].Name]; given {
			all[i].Values = typed
		}
		if code := wrong[all[i].Name]; code != "" {
			message := web.Msg("refusal." + code)
			all[i].Error = &message
		}
	}
	return all
}

// noticeTyped is a notice as the form or the JSON gives it; a file goes before typed days.
func (a *API) noticeTyped(r *request) (store.CalendarChange, regulation.Values, error) {
	fields, err := r.fields()
	if err != nil {
		return store.CalendarChange{}, nil, err
	}
	if err := only(fields, "area", "name", "number", "issued_on", "basis", "days", "idempotency_key"); err != nil {
		return store.CalendarChange{}, nil, err
	}
	if text, given, err := r.textFile("file"); err != nil {
		return store.CalendarChange{}, nil, err
	} else if given {
		fields["days"] = []string{text}
	}
	c := store.CalendarChange{Proposal: store.Proposal{Author: r.actor.Person}, Area: fields.Get("area"), Name: fields.Get("name"),
		Number: fields.Get("number"), Days: fields.Get("days"), Basis: fields.Get("basis")}
	if c.Area == "national" {
		c.Area = ""
	}
	c.IssuedOn, _ = workday.ParseDate(fields.Get("issued_on")) // none is refused as such
	return c, fields, nil
}

// maxDays bounds a notice's file, in bytes.
const maxDays = 64 << 10

// textFile reads a small uploaded text.
func (r *request) textFile(name string) (text string, given bool, err error) {
	headers := r.body.files[name]
	if len(headers) == 0 || headers[0].Size == 0 {
		return "", false, nil
	}
	if headers[0].Size > maxDays {
		return "", false, &regulation.Error{Code: tooLarge, Missing: name}
	}
	file, err := headers[0].Open()
	if err != nil {
		return "", false, err
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	return string(content), true, err
}

// checkCalendar shows what a notice would make of each day, and each row that cannot stand; it
// stores nothing.
func (a *API) checkCalendar(r *request) (answer, error) {
	c, fields, err := a.noticeTyped(r)
	if err != nil {
		return answer{}, err
	}
	calendar, err := a.calendarFor(r, c.Area)
	if err != nil {
		return answer{}, err
	}
	days, good := daysOf(c.Days, calendar)
	if !r.page {
		return answer{body: checkedBody{good, days}}, nil
	}
	view, _, err := a.calendarPage(r)
	if err != nil {
		return answer{}, err
	}
	view.Fields, view.Rows, view.Checked, view.Good = a.noticeFields(r, fields, nil), drawnDays(days), true, good
	return answer{view: view}, nil
}

// calendarFor is an area's calendar as it stands; one that is not there counts as the country.
func (a *API) calendarFor(r *request, area string) (workday.Calendar, error) {
	if p := a.places(r); p.tree == nil || area == "" {
		area = regulation.PrefectureArea
	}
	return a.Store.Calendar(r.http().Context(), area)
}

// proposeCalendar stores a notice for review, whole or not at all.
func (a *API) proposeCalendar(r *request) (answer, error) {
	c, fields, err := a.noticeTyped(r)
	if err != nil {
		return answer{}, err
	}
	var id string
	_, known := a.places(r).tree.Org(c.Area)
	switch {
	case fields.Get("area") == "", c.Area != "" && !known:
		err = (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("area", "not_an_option")
	default:
		var as regulation.Assignment
		if as, err = a.Guard.Reviewer(r.actor, policies.ProposeCalendar, c.Area); err == nil {
			c.AuthorFor = as.For
			id, err = a.Store.ProposeCalendar(r.http().Context(), c)
		}
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return a.calendarAgain(r, c, fields, refused)
	}
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.proposed")
	return answer{status: http.StatusCreated, location: "/calendar/" + id, next: "/calendar/" + id, body: map[string]string{"id": id}}, nil
}

// calendarAgain is the page with the refused form, and its rows where they are what is wrong.
func (a *API) calendarAgain(r *request, c store.CalendarChange, fields regulation.Values, refused *regulation.Error) (answer, error) {
	view, _, err := a.calendarPage(r)
	if err != nil {
		return answer{}, errors.Join(refused, err)
	}
	wrong := formErrors(refused)
	view.Errors, view.Fields = web.FieldErrors(wrong), a.noticeFields(r, fields, wrong)
	calendar, err := a.calendarFor(r, c.Area)
	if days, good := daysOf(c.Days, calendar); err == nil && !good {
		view.Rows, view.Checked = drawnDays(days), true
	}
	return answer{view: view}, refused
}

// showCalendarNotice shows one notice; who may review it finds the form.
func (a *API) showCalendarNotice(r *request) (answer, error) {
	view, body, err := a.noticePage(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: view}, nil
}

func (a *API) noticePage(r *request, id string) (*web.CalendarNoticeView, calendarNoticeBody, error) {
	ctx := r.http().Context()
	change, err := a.Store.CalendarChange(ctx, id)
	if err != nil {
		return nil, calendarNoticeBody{}, err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return nil, calendarNoticeBody{}, err
	}
	calendar := workday.National()
	if change.State == store.Proposed {
		if calendar, err = a.calendarFor(r, change.Area); err != nil {
			return nil, calendarNoticeBody{}, err
		}
	}
	body := a.calendarNotice(people, change, calendar)
	view := &web.CalendarNoticeView{Page: a.pageFor(r), RulesTabs: a.rulesTabs(r, "calendar"), Notice: a.drawnNotice(r, body),
		Rows: drawnDays(body.Days), Moved: body.Moved, Finished: body.Finished}
	view.Title = change.Number
	view.Decision = a.decisionOn(r, body.proposalBody, change.Proposal, "/calendar/"+id+"/decision", a.may(r, policies.ReviewCalendar, change.Area))
	if change.State == store.Proposed && a.Guard.May(r.actor, policies.WhatIf) {
		view.WhatIf = "/what-if?notice=" + id
	}
	return view, body, nil
}

// decisionOn is what the reader may do about a proposal.
func (a *API) decisionOn(r *request, b proposalBody, p store.Proposal, at string, reviews bool) web.Decision {
	d := web.Decision{At: at, State: string(p.State), Author: b.Author, DecidedBy: b.DecidedBy, ProposedAt: p.ProposedAt, DecidedAt: p.DecidedAt, Remark: p.Remark}
	if p.State == store.Proposed {
		own := p.Author == r.actor.Person
		d.Approve, d.Forbidden, d.Withdraw = reviews && !own, reviews && own, own
	}
	return d
}

// verdictTyped is a decision as the form or the JSON gives it. permission is what a review needs
// in the area.
func (a *API) verdictTyped(r *request, permission, area string) (store.Verdict, error) {
	fields, err := r.fields()
	if err != nil {
		return store.Verdict{}, err
	}
	if err := only(fields, "verdict", "remark", "idempotency_key"); err != nil {
		return store.Verdict{}, err
	}
	states := map[string]store.ProposalState{"approve": store.InForce, "reject": store.Rejected, "withdraw": store.Withdrawn}
	v := store.Verdict{State: states[fields.Get("verdict")], Person: r.actor.Person, Remark: fields.Get("remark")}
	switch v.State {
	case "":
		return v, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("verdict", "not_an_option")
	case store.Withdrawn:
		return v, nil
	}
	as, err := a.Guard.Reviewer(r.actor, permission, area)
	v.For = as.For
	return v, err
}

// decideCalendar puts a notice in force, rejects or withdraws it.
func (a *API) decideCalendar(r *request) (answer, error) {
	id := r.param("id")
	change, err := a.Store.CalendarChange(r.http().Context(), id)
	if err != nil {
		return answer{}, err
	}
	verdict, err := a.verdictTyped(r, policies.ReviewCalendar, change.Area)
	if err == nil {
		err = a.Store.DecideCalendar(r.http().Context(), id, verdict)
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		view, _, drawing := a.noticePage(r, id)
		if drawing != nil {
			return answer{}, errors.Join(err, drawing)
		}
		view.Decision.Errors = web.FieldErrors(formErrors(refused))
		return answer{view: view}, err
	}
	a.say(r, "flash.decided")
	return answer{status: http.StatusNoContent, next: "/calendar/" + id}, err
}
