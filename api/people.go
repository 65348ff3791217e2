package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// personBody is an account as a security administrator sees it.
type personBody struct {
	Person      string                  `json:"person"`
	Login       string                  `json:"login"`
	Name        string                  `json:"name"`
	Disabled    bool                    `json:"disabled"`
	Assignments []regulation.Assignment `json:"assignments"`
	// Tenures is what the person holds and since when; in lists it is left out.
	Tenures []tenureBody `json:"tenures,omitempty"`
	// Absences are the person's, those that end last first; in lists they are left out.
	Absences *absencesBody `json:"absences,omitempty"`
	// PhoneNoted tells that the person's own telephone is noted; in lists it is left out.
	PhoneNoted bool `json:"phone_noted,omitempty"`
}

type peopleBody struct {
	People   []personBody `json:"people"`
	Total    int64        `json:"total"` // whom the query finds, on all pages
	Next     string       `json:"next,omitempty"`
	Previous string       `json:"previous,omitempty"`
}

// showPeople lists the accounts of the administrator's area, narrowed by name or account, place and
// role.
func (a *API) showPeople(r *request) (answer, error) {
	ctx := r.http().Context()
	q := store.AccountQuery{Name: strings.TrimSpace(r.query("name")), Place: strings.TrimSpace(r.query("place")),
		Role: regulation.Role(r.query("role")), Cursor: r.query("cursor")}
	found, err := a.Store.FindAccounts(ctx, a.Guard.Scope(r.actor, policies.ManagePeople), q)
	if err != nil {
		return answer{}, err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return answer{}, err
	}
	body := peopleBody{People: []personBody{}, Total: found.Total, Next: pageAddress(r, found.Next), Previous: pageAddress(r, found.Prev)}
	for _, account := range found.Accounts {
		body.People = append(body.People, personOf(people, account, r.at))
	}
	view := a.peoplePage(r, body)
	view.Filter = peopleFilter(q)
	if q.Cursor != "" {
		view.First = addressWith(r, "name", q.Name) // without the cursor
	}
	return answer{body: body, view: view}, nil
}

// peopleFilter is the form that narrows the list.
func peopleFilter(q store.AccountQuery) *web.TableFilter {
	role := web.Field{Name: "role", Kind: web.FieldSelect, Label: "col.role", Any: "all", Values: []string{string(q.Role)}}
	for _, held := range regulation.Roles {
		if regulation.PlacesOf(held) != nil {
			role.Options = append(role.Options, web.Option{Value: string(held), Key: "role." + string(held)})
		}
	}
	return &web.TableFilter{Action: "/people", Fields: []web.Field{
		{Name: "name", Kind: web.FieldText, Label: "people.by_name", Length: longestQuery, Values: []string{q.Name}},
		{Name: "place", Kind: web.FieldText, Label: "people.by_place", Length: longestQuery, Values: []string{q.Place}}, role}}
}

const longestQuery = 40 // characters of a search

func personOf(people *store.People, account store.Account, at time.Time) personBody {
	b := personBody{Person: account.Person, Login: account.Login, Name: account.NameZH, Disabled: account.Disabled(),
		Assignments: []regulation.Assignment{}}
	if !account.Disabled() {
		b.Assignments = append(b.Assignments, people.Posts(account.Person, at)...)
	}
	return b
}

func (a *API) peoplePage(r *request, b peopleBody) *web.TableView {
	v := &web.TableView{Page: a.pageFor(r), Code: "people", Columns: []string{"name", "login", "role", "unit", "active"}, Add: "/people/new"}
	p, total := a.places(r), web.Msg("people.total", b.Total)
	v.Intro, v.Previous, v.Next = &total, b.Previous, b.Next
	for _, person := range b.People {
		roles, units := heldBy(r, p, person.Assignments)
		active := keyed("active", "yes")
		if person.Disabled {
			active = keyed("active", "no")
		}
		v.Rows = append(v.Rows, web.TableRow{Href: "/people/" + person.Person,
			Cells: []web.Cell{{Text: person.Name}, {Text: person.Login}, {Text: roles}, {Text: units}, active}})
	}
	return v
}

// heldBy words every role that somebody holds, and the places, each once.
func heldBy(r *request, p places, held []regulation.Assignment) (roles, units string) {
	var role, unit []string
	for _, a := range held {
		role = once(role, web.T(r.lang, "role."+string(a.Role)))
		unit = once(unit, p.name(a.Org))
	}
	between := either(r.lang, "、", ", ")
	return strings.Join(role, between), strings.Join(unit, between)
}

func once(list []string, word string) []string {
	if slices.Contains(list, word) {
		return list
	}
	return append(list, word)
}

// manageable finds an account within the administrator's area: every place at which the person
// holds a role must lie in it, so that nobody disables a superior.
func (a *API) manageable(r *request, person string) (store.Account, error) {
	ctx := r.http().Context()
	account, err := a.Store.Account(ctx, person)
	if err != nil {
		return account, err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return account, err
	}
	held := everHeld(people, person, r.at)
	for _, as := range held {
		subject := regulation.Subject{Area: as.Area, Orgs: []string{as.Org}}
		if len(a.Guard.Assignments(r.actor, policies.ManagePeople, subject)) == 0 {
			return account, notFound("person")
		}
	}
	if len(held) == 0 {
		return account, notFound("person")
	}
	return account, nil
}

func (a *API) showPerson(r *request) (answer, error) {
	account, err := a.manageable(r, r.param("person"))
	if err != nil {
		return answer{}, err
	}
	body, err := a.personBody(r, account)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.personPage(r, body)}, nil
}

func (a *API) personBody(r *request, account store.Account) (personBody, error) {
	people, err := a.Store.People(r.http().Context())
	if err != nil {
		return personBody{}, err
	}
	body := personOf(people, account, r.at)
	body.Tenures = tenuresOf(a.places(r), people, account.Person, r.at)
	if body.PhoneNoted, err = a.Store.HasStaffPhone(r.http().Context(), account.Person); err != nil {
		return body, err
	}
	absences, err := a.personAbsences(r, account.Person)
	body.Absences = &absences
	return body, err
}

// personWith is the person's page with a refused absence.
func (a *API) personWith(r *request, account store.Account, typed regulation.Values, wrong map[string]web.Message) (web.View, error) {
	body, err := a.personBody(r, account)
	if err != nil {
		return nil, err
	}
	view := a.personPage(r, body)
	view.Absence.Fields = absenceFields(r, body.Absences.Candidates, typed, wrong)
	view.Absence.Errors = overall(wrong, view.Absence.Fields)
	return view, nil
}

func (a *API) personPage(r *request, b personBody) *web.PersonView {
	v := &web.PersonView{Page: a.pageFor(r), Name: b.Name, Login: b.Login, Disabled: b.Disabled, Own: b.Person == r.actor.Person}
	v.Title = b.Name
	v.At = "/people/" + b.Person
	v.Action = "/people/" + b.Person + "/disable"
	if b.Disabled {
		v.Action = "/people/" + b.Person + "/enable"
	}
	v.Phone, v.PhoneSet = web.Field{Name: "staff_phone", Kind: web.FieldText, Label: "field.staff_phone", Length: 20}, b.PhoneNoted
	v.Appoint = a.appointFields(r, nil, nil)
	v.Absence = web.AbsencePart{Form: web.Form{Action: v.At + "/absence"}, Longest: b.Absences.Longest, Absences: drawnAbsences(b.Absences.Absences, v.At)}
	if !b.Disabled && len(b.Absences.Candidates) > 0 {
		v.Absence.Fields = absenceFields(r, b.Absences.Candidates, nil, nil)
	}
	for _, t := range b.Tenures {
		v.Held = append(v.Held, web.Held{Role: string(t.Role), Unit: t.Place.Name, Org: t.Place.ID, From: t.From})
	}
	return v
}

func (a *API) disablePerson(r *request) (answer, error) {
	account, err := a.manageable(r, r.param("person"))
	if err != nil {
		return answer{}, err
	}
	if account.Person == r.actor.Person {
		return answer{}, &regulation.Error{Code: regulation.FourEyes, Missing: "concerns_you"}
	}
	err = a.Store.DisableAccount(r.http().Context(), account.Person, r.actor.Person)
	return answer{status: http.StatusNoContent, next: "/people/" + account.Person}, err
}

func (a *API) enablePerson(r *request) (answer, error) {
	account, err := a.manageable(r, r.param("person"))
	if err != nil {
		return answer{}, err
	}
	err = a.Store.EnableAccount(r.http().Context(), account.Person, r.actor.Person)
	return answer{status: http.StatusNoContent, next: "/people/" + account.Person}, err
}

// auditBody is a line of the audit log: ids and codes.
type auditBody struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Person  string    `json:"person,omitempty"`
	Name    string    `json:"name,omitempty"`
	Role    string    `json:"role,omitempty"`
	Action  string    `json:"action"`
	Kind    string    `json:"object_kind,omitempty"`
	Object  string    `json:"object,omitempty"`
	Area    string    `json:"area,omitempty"`
	Purpose string    `json:"purpose,omitempty"`
	Outcome string    `json:"outcome"`
	// Detail says of an export which list it was, how many rows, and what was chosen to narrow it; what was typed is left out.
	Detail string `json:"detail,omitempty"`
}

type auditListBody struct {
	Lines []auditBody `json:"lines"`
	Next  string      `json:"next,omitempty"`
}

const auditPage = 100

// showAudit lists the audit log of the auditor's area, the newest first.
func (a *API) showAudit(r *request) (answer, error) {
	before, _ := strconv.ParseInt(r.query("before"), 10, 64) // anything else is the first page
	ctx := r.http().Context()
	scope := a.Guard.Scope(r.actor, policies.ViewAudit)
	q := store.AuditQuery{Person: r.query("person"), Action: r.query("action"), Before: before, Limit: auditPage}
	if r.list != nil {
		q.Limit, q.Total = r.list.limit, r.list.counted()
	}
	if day, err := workday.ParseDate(r.query("until")); err == nil { // anything else is no filter
		q.Until = day.Start()
	}
	lines, err := a.Store.AuditLog(ctx, scope, q)
	if err != nil {
		return answer{}, err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return answer{}, err
	}
	body := auditListBody{Lines: []auditBody{}}
	details, err := a.exportDetails(r, lines)
	if err != nil {
		return answer{}, err
	}
	for _, e := range lines {
		body.Lines = append(body.Lines, auditBody{e.ID, e.At, e.Person, people.Name(e.Person), e.Role, e.Action, e.ObjectKind, e.ObjectID, e.Area, e.Purpose, e.Outcome, details[e.ObjectID]})
	}
	if len(lines) == q.Limit {
		kept := r.http().URL.Query()
		kept.Set("before", strconv.FormatInt(lines[len(lines)-1].ID, 10))
		body.Next = "/audit?" + kept.Encode()
	}
	view := a.auditTable(r, body)
	view.Filter, err = a.auditFilter(r, scope)
	return answer{body: body, view: view}, err
}

// auditFilter is the form that narrows the log: by a person of the area, an action, a day.
func (a *API) auditFilter(r *request, scope regulation.Scope) (*web.TableFilter, error) {
	accounts, err := a.Store.Accounts(r.http().Context(), scope)
	person := web.Field{Name: "person", Kind: web.FieldSelect, Label: "col.person", Any: "all", Values: []string{r.query("person")}}
	for _, account := range accounts {
		person.Options = append(person.Options, web.Option{Value: account.Person, Text: account.NameZH + " " + account.Login})
	}
	action := web.Field{Name: "action", Kind: web.FieldSelect, Label: "col.what", Any: "all", Values: []string{r.query("action")}}
	for _, code := range store.AuditActions {
		action.Options = append(action.Options, web.Option{Value: code, Text: worded(r.lang, "audit.", code)})
	}
	until := web.Field{Name: "until", Kind: web.FieldDate, Label: "filter.before", Values: []string{r.query("until")}}
	return &web.TableFilter{Action: "/audit", Fields: []web.Field{person, action, until}}, err
}

func (a *API) auditTable(r *request, b auditListBody) *web.TableView {
	v := &web.TableView{Page: a.pageFor(r), Code: "audit", Columns: []string{"at", "person", "role", "what", "object", "purpose"}}
	for _, line := range b.Lines {
		role, purpose := web.Cell{}, web.Cell{Text: line.Purpose}
		if line.Role != "" {
			role = keyed("role", line.Role)
		}
		if key := "act." + line.Purpose; line.Purpose != "" && web.Has(key) {
			purpose = keyed("act", line.Purpose)
		}
		if line.Detail != "" {
			purpose = web.Cell{Text: line.Detail}
		}
		v.Rows = append(v.Rows, web.TableRow{Cells: []web.Cell{{At: line.At}, {Text: line.Name}, role,
			{Text: worded(r.lang, "audit.", line.Action) + " · " + worded(r.lang, "audit.outcome.", line.Outcome)}, {Text: line.Kind}, purpose}})
	}
	v.Next = b.Next
	return v
}

// worded is a code's text, or the code where the catalogue has none.
func worded(lang web.Lang, prefix, code string) string {
	if web.Has(prefix + code) {
		return web.T(lang, prefix+code)
	}
	return code
}
