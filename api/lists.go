package api

import (
	"slices"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// escalationBody is one line of the upper level's or the discipline officer's list.
type escalationBody struct {
	Case   string            `json:"case"`
	Number string            `json:"number"`
	Phase  regulation.Phase  `json:"phase"`
	Grade  int               `json:"grade"`
	At     time.Time         `json:"at"`
	To     string            `json:"to"`
	Reason string            `json:"reason"`
	Clause regulation.Clause `json:"clause"`
	Unit   *placeBody        `json:"unit,omitempty"`
	// Authority is whose case it is.
	Authority *placeBody `json:"authority"`
	// Revoked tells that a measure that followed was taken back since.
	Revoked bool `json:"revoked,omitempty"`
	// Procedure is the accountability, or the inquiry, that it led to.
	Procedure *procedureBody `json:"procedure,omitempty"`
}

type escalationsBody struct {
	Escalations []escalationBody `json:"escalations"`
	// Counts is how many there are by reason, whatever the list is narrowed to.
	Counts map[string]int `json:"counts,omitempty"`
	Next   string         `json:"next,omitempty"`
}

func (a *API) escalationBodies(r *request, found []store.Escalation, next string) (escalationsBody, error) {
	p, calendars := a.places(r), a.calendars(r)
	body := escalationsBody{Escalations: []escalationBody{}, Next: pageAddress(r, next)}
	for _, e := range found {
		procedure, err := a.procedureFor(r, calendars, e)
		if err != nil {
			return body, err
		}
		body.Escalations = append(body.Escalations, escalationBody{Case: e.CaseID, Number: e.Number, Phase: e.Phase, Grade: int(e.Grade), At: e.At, To: e.To,
			Reason: e.Reason, Clause: e.Clause, Unit: p.body(e.Unit), Authority: p.body(e.Authority), Procedure: procedure, Revoked: e.Revoked})
	}
	return body, nil
}

// showEscalations lists what authorities let pass and what raters report of pressure, to the
// level above.
func (a *API) showEscalations(r *request) (answer, error) {
	found, next, err := a.Store.UpperList(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewEscalations), listQuery(r))
	if err != nil {
		return answer{}, err
	}
	body, err := a.escalationBodies(r, found, next)
	if err != nil {
		return answer{}, err
	}
	v := &web.TableView{Page: a.pageFor(r), Code: "escalations", Columns: []string{"number", "reason", "to", "unit", "clause", "at", "procedure"}}
	v.Next = body.Next
	for _, e := range body.Escalations {
		v.Rows = append(v.Rows, web.TableRow{Href: "/cases/" + e.Case, Cells: []web.Cell{{Text: e.Number}, {Message: web.ReasonOf(e.Reason)},
			keyed("escalated_to", e.To), {Text: nameOf(e.Authority)}, {Clause: string(e.Clause)}, {At: e.At}, procedureCell(e.Procedure)}})
	}
	return answer{body: body, view: v}, nil
}

// procedureCell words where a procedure stands.
func procedureCell(p *procedureBody) web.Cell {
	if p == nil {
		return web.Cell{}
	}
	return keyed("stage", string(p.Stage))
}

// tabsOf are a list's tabs: all, and each sort with its count.
func tabsOf(address, chosen string, counts map[string]int, sorts ...string) []web.Tab {
	all := 0
	for _, n := range counts {
		all += n
	}
	tabs := []web.Tab{{Code: "all", Href: address, Count: all, Current: chosen == ""}}
	for _, sort := range sorts {
		tabs = append(tabs, web.Tab{Code: sort, Href: address + sort, Count: counts[sort], Current: chosen == sort})
	}
	return tabs
}

// listQuery asks for a page of a list, or for more of it at a time where it is read as a file.
func listQuery(r *request) store.ListQuery {
	q := store.ListQuery{After: r.query("cursor")}
	if r.list != nil {
		q.Limit, q.Total = r.list.limit, r.list.counted()
	}
	return q
}

// disciplineReasons are the only ones that reach the list (8(4)), with the page's words.
var disciplineReasons = map[string]string{"unsigned": "unsigned", "rectification_overdue": "overdue", "insufficient": "insufficient",
	"referred": "referred", "pressure": "pressure"}

// showDiscipline is the discipline officer's list: unsigned, overdue, insufficient, referred with
// reasons, or established pressure on a rater.
func (a *API) showDiscipline(r *request) (answer, error) {
	scope, q := a.Guard.Scope(r.actor, policies.ViewDiscipline), listQuery(r)
	q.Sort = r.query("reason")
	found, next, err := a.Store.DisciplineList(r.http().Context(), scope, q)
	if err != nil {
		return answer{}, err
	}
	counts, err := a.Store.DisciplineCounts(r.http().Context(), scope)
	if err != nil {
		return answer{}, err
	}
	body, err := a.escalationBodies(r, found, next)
	if err != nil {
		return answer{}, err
	}
	body.Counts = counts
	v := &web.DisciplineView{Page: a.pageFor(r), Tabs: tabsOf("/discipline?reason=", q.Sort, counts, "unsigned", "rectification_overdue", "insufficient", "referred", "pressure")}
	for i, tab := range v.Tabs {
		if word := disciplineReasons[tab.Code]; word != "" {
			v.Tabs[i].Code = word
		}
	}
	v.Next = body.Next
	for _, e := range body.Escalations {
		unit := nameOf(e.Unit)
		if unit == "" {
			unit = web.T(r.lang, "discipline.no_unit", nameOf(e.Authority))
		}
		stage, due := "", web.Due{}
		if e.Procedure != nil {
			stage, due = string(e.Procedure.Stage), webDue(e.Procedure.Due)
		}
		v.Rows = append(v.Rows, web.DisciplineRow{Stage: stage, Due: due, Href: "/cases/" + e.Case, Number: e.Number, Reason: disciplineReasons[e.Reason],
			Clause: string(e.Clause), Unit: unit, Grade: e.Grade, Since: e.At, Phase: string(e.Phase), Revoked: e.Revoked})
	}
	return answer{body: body, view: v}, nil
}

type noticesBody struct {
	Notices []noticeBody `json:"notices"`
	Next    string       `json:"next,omitempty"`
}

// showNotices lists what was served on the reader's unit, or on the reader in person.
func (a *API) showNotices(r *request) (answer, error) {
	found, next, err := a.Store.RatedNotices(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewNotices), listQuery(r))
	if err != nil {
		return answer{}, err
	}
	part, err := a.ratedTimes(r)
	if err != nil {
		return answer{}, err
	}
	body := noticesBody{Notices: []noticeBody{}, Next: pageAddress(r, next)}
	v := &web.NoticesView{Page: a.pageFor(r)}
	v.Next = body.Next
	for _, n := range found {
		b, err := a.noticeBody(r, n)
		if err != nil {
			return answer{}, err
		}
		appeal, err := a.appealDue(r, n.Unit, n.AppealUntil)
		if err != nil {
			return answer{}, err
		}
		b.ServedAt = regulation.Coarse(b.ServedAt, part)
		body.Notices = append(body.Notices, b)
		v.Rows = append(v.Rows, web.NoticeRow{Href: "/notices/" + n.CaseID, Number: n.Number, Grade: b.Grade, Period: period(n.Period),
			ServedAt: b.ServedAt, AppealUntil: appeal, Read: true})
	}
	return answer{body: body, view: v}, nil
}

// alarmBody is something that is wrong and that somebody has to look after.
type alarmBody struct {
	Kind    string     `json:"kind"`
	Subject string     `json:"subject"`
	Unit    *placeBody `json:"unit,omitempty"`
	Missing []string   `json:"missing,omitempty"`
	Since   time.Time  `json:"since"`
	Last    time.Time  `json:"last"`
	Times   int64      `json:"times,omitempty"` // not for the rated side: ratings without a profile raise it
}

type alarmsBody struct {
	Alarms []alarmBody `json:"alarms"`
	// Counts is how many there are by sort, whatever the list is narrowed to.
	Counts map[string]int `json:"counts,omitempty"`
	Next   string         `json:"next,omitempty"`
}

// showAlarms lists gaps and alarms of the reader's area or unit (R12).
func (a *API) showAlarms(r *request) (answer, error) {
	ctx := r.http().Context()
	scope, q := a.Guard.Scope(r.actor, policies.ViewAlarms), listQuery(r)
	q.Sort = r.query("kind")
	found, next, err := a.Store.Alarms(ctx, scope, q)
	if err != nil {
		return answer{}, err
	}
	counts, err := a.Store.AlarmCounts(ctx, scope)
	if err != nil {
		return answer{}, err
	}
	var ids []string
	for _, alarm := range found {
		ids = append(ids, alarm.Object)
	}
	names, err := a.Store.StaffNames(ctx, ids...)
	if err != nil {
		return answer{}, err
	}
	p := a.places(r)
	body, v := alarmsBody{Alarms: []alarmBody{}, Counts: counts, Next: pageAddress(r, next)}, &web.AlarmsView{Page: a.pageFor(r)}
	v.Tabs = tabsOf("/alarms?kind=", q.Sort, counts, store.AlarmSorts...)
	v.Next = body.Next
	for _, alarm := range found {
		subject := names[alarm.Object]
		switch {
		case alarm.Kind == store.AlarmVerification:
			subject = web.T(r.lang, "alarm.subject."+alarm.Object)
		case alarm.Kind == store.AlarmCheckpoint:
			subject = web.T(r.lang, "alarm.unsigned."+alarm.Detail)
		case alarm.Kind == store.AlarmSecondLeaf, alarm.Kind == store.AlarmMalformedLeaf:
			subject = web.T(r.lang, "alarm.second_leaf.of", alarm.Detail, alarm.Object)
		case alarm.Kind == store.AlarmSilent:
			subject = a.upstreamName(alarm.Object)
		case alarm.Kind == store.AlarmExchange:
			subject = a.upstreamTitle(r, alarm.Object)
		case alarm.Kind == store.AlarmNotices:
			subject = web.T(r.lang, "notices.subject")
		case alarm.OfCase():
			subject = a.caseNumber(r, alarm.Object)
		case alarm.OfDevice():
			subject = a.deviceName(r, alarm.Object)
		case alarm.OfBox():
			subject = a.boxName(r, alarm)
		case subject == "":
			subject = a.windowOr(r, alarm.Object)
		}
		b := alarmBody{Kind: alarm.Kind, Subject: subject, Unit: p.body(alarm.Unit), Missing: gapsOf(alarm), Since: alarm.FirstAt, Last: alarm.LastAt, Times: alarm.Times}
		if regulation.OfRatedSide(r.actor) {
			b.Times = 0
			if err := a.forRated(r, &b); err != nil {
				return answer{}, err
			}
		}
		body.Alarms = append(body.Alarms, b)
		v.Rows = append(v.Rows, web.AlarmRow{Kind: alarmWord(alarm), Clause: string(alarmClause(alarm)), Subject: subject, Unit: p.name(alarm.Unit),
			Missing: cardWords(gapsOf(alarm)), Since: b.Since, Href: a.alarmLeadsTo(r, alarm)})
	}
	return answer{body: body, view: v}, nil
}

// alarmLeadsTo is where the reader can look into an alarm, or "".
func (a *API) alarmLeadsTo(r *request, alarm store.Alarm) string {
	if alarm.Kind == store.AlarmNotices && a.Guard.May(r.actor, policies.ViewExchange) {
		return "/notifications/deliveries"
	}
	if alarm.Kind == store.AlarmBoxUnconfirmed && a.Guard.May(r.actor, policies.DecideOpenings) {
		return "/openings"
	}
	return ""
}

// caseNumber is a case's number, or its id where it does not read.
func (a *API) caseNumber(r *request, id string) string {
	if number, err := a.Store.CaseNumber(r.http().Context(), id); err == nil {
		return number
	}
	return id
}

// windowOr names a window by its id, or gives back what is no window.
func (a *API) windowOr(r *request, id string) string {
	t, err := a.Store.WindowTarget(r.http().Context(), id)
	if err != nil {
		return id
	}
	return strings.TrimSpace(either(r.lang, t.Hall.NameZH, t.Hall.NameEN) + " " + windowName(r.lang, t.Window))
}

// gapsOf are the parts of a profile that an alarm misses.
func gapsOf(alarm store.Alarm) []string {
	if alarm.Kind != store.AlarmProfile {
		return nil
	}
	return strings.Split(alarm.Detail, ",")
}

// alarmWord is the alarm's key in the catalogue.
func alarmWord(alarm store.Alarm) string {
	switch {
	case alarm.Kind == store.AlarmLeaf:
		return "ledger"
	case alarm.OfItsOwn(), alarm.OfCase(), alarm.OfDevice():
		return alarm.Kind
	case len(gapsOf(alarm)) == 4:
		return "nobody_signed_in"
	}
	return "staff_profile"
}

func alarmClause(alarm store.Alarm) regulation.Clause {
	switch alarm.Kind {
	case store.AlarmLeaf, store.AlarmSecondLeaf, store.AlarmMalformedLeaf, store.AlarmCheckpoint, store.AlarmVerification, store.AlarmProbe, store.AlarmFailed, store.AlarmBlocked:
		return regulation.ClauseRights
	case store.AlarmInspection, store.AlarmRelease:
		return regulation.ClauseWatch
	case store.AlarmHearing, store.AlarmProblem:
		return regulation.ClauseHearing
	case store.AlarmJoint:
		return regulation.ClauseVerify
	case store.AlarmPublication:
		return regulation.ClausePublication
	case store.AlarmSilent, store.AlarmExchange, store.AlarmDeviceLocked, store.AlarmDeviceOffline, store.AlarmRepairOverdue:
		return regulation.ClauseEquipment
	case store.AlarmBoxUnopened, store.AlarmBoxKeeper, store.AlarmBoxEntries, store.AlarmBoxSeal, store.AlarmBoxUnconfirmed:
		return regulation.ClauseBox
	}
	return regulation.ClauseEvaluator
}

// cardWords are the codes of the staff card's parts.
func cardWords(gaps []string) []string {
	words := slices.Clone(gaps)
	for i, gap := range words {
		if gap == "photo" {
			words[i] = "portrait"
		}
	}
	return words
}

// caseLineBody is a case as lists show it: codes, a day, no instant.
type caseLineBody struct {
	Case   string           `json:"case"`
	Number string           `json:"number"`
	Area   string           `json:"area"`
	Unit   *placeBody       `json:"unit"`
	Grade  int              `json:"grade"`
	Phase  regulation.Phase `json:"phase"`
	// OpenedOn is the day of the rating, and not for the rated side (R04).
	OpenedOn *workday.Date `json:"opened_on,omitempty"`
	ClosedAt time.Time     `json:"closed_at,omitzero"`
	// WrittenOff tells that the rating counts no more (R53).
	WrittenOff bool `json:"written_off,omitempty"`
	// Due is when the rectification is due, in the list of cases in which one's unit assists.
	Due *dueBody `json:"due,omitempty"`
}

type casesBody struct {
	Cases []caseLineBody `json:"cases"`
	Next  string         `json:"next,omitempty"`
}

// caseScope is the scope of lists of cases.
func (a *API) caseScope(r *request) regulation.Scope {
	return a.Guard.Scope(openly(r.actor, policies.ViewCase), policies.ViewCase)
}

// showCases is the inbox of whoever has one. Others, and whoever asks for tab=all, get the list
// of the cases in their area, people of units with tab=assisting those in which their unit assists.
func (a *API) showCases(r *request) (answer, error) {
	scope := a.caseScope(r)
	if r.query("tab") == assisting && len(scope.Units) > 0 {
		return a.showAssisted(r)
	}
	if a.Guard.May(r.actor, policies.ViewInbox) && r.query("tab") != "all" {
		return a.showInbox(r)
	}
	q, err := a.caseQuery(r)
	if err != nil {
		return answer{}, err
	}
	found, next, err := a.Store.Cases(r.http().Context(), scope, q)
	if err != nil {
		return answer{}, err
	}
	p := a.places(r)
	body := casesBody{Cases: []caseLineBody{}, Next: pageAddress(r, next)}
	v := &web.TableView{Page: a.pageFor(r), Code: "cases", Columns: []string{"number", "grade", "phase", "counts", "area", "unit"}, Intro: a.behindWords(r), Filter: a.caseFilter(r, q, "/cases"), More: &web.Option{Value: a.registerHref(r), Key: "title.register"}}
	v.Next = body.Next
	for _, c := range found {
		line := lineOf(p, c)
		if regulation.OfRatedSide(r.actor) {
			line.OpenedOn, line.ClosedAt = nil, regulation.Coarse(line.ClosedAt, regulation.DayTimes)
		}
		body.Cases = append(body.Cases, line)
		v.Rows = append(v.Rows, web.TableRow{Href: "/cases/" + c.ID, Cells: []web.Cell{{Text: c.Number}, {Grade: int(c.Grade)},
			keyed("phase", string(c.Phase)), countsCell(c.WrittenOff), {Text: p.name(c.Area)}, {Text: p.name(c.Unit)}}})
	}
	return answer{body: body, view: v}, nil
}

// caseQuery reads what the list of cases is narrowed to.
func (a *API) caseQuery(r *request) (q store.CaseQuery, err error) {
	q = store.CaseQuery{ListQuery: listQuery(r), Phase: regulation.Phase(r.query("phase")), Number: r.query("number"), WrittenOff: r.query("written_off") == "yes"}
	q.Behind, err = a.behindFigure(r)
	return q, err
}

// countsCell marks a rating that counts no more.
func countsCell(writtenOff bool) web.Cell {
	if !writtenOff {
		return web.Cell{}
	}
	return web.Cell{Message: web.Msg("case.written_off"), Badge: "info"}
}

// caseFilter is the form that narrows the list of cases: by the beginning of a number, where they
// stand, and whether their rating counts no more.
func (a *API) caseFilter(r *request, q store.CaseQuery, address string) *web.TableFilter {
	phase := web.Field{Name: "phase", Kind: web.FieldSelect, Label: "col.phase", Any: "all", Values: []string{string(q.Phase)}}
	for _, p := range regulation.Phases {
		phase.Options = append(phase.Options, web.Option{Value: string(p), Key: "phase." + string(p)})
	}
	counts := web.Field{Name: "written_off", Kind: web.FieldSelect, Label: "col.counts", Any: "all", Options: []web.Option{{Value: "yes", Key: "case.written_off"}}}
	if q.WrittenOff {
		counts.Values = []string{"yes"}
	}
	return &web.TableFilter{Action: address, Clear: address + "?tab=all", Fields: append(a.behindHidden(r),
		web.Field{Name: "tab", Kind: web.FieldHidden, Values: []string{"all"}},
		web.Field{Name: "number", Kind: web.FieldText, Label: "filter.number", Length: longestQuery, Values: []string{q.Number}}, phase, counts)}
}

func lineOf(p places, c store.CaseLine) caseLineBody {
	return caseLineBody{Case: c.ID, Number: c.Number, Area: c.Area, Unit: p.body(c.Unit), Grade: int(c.Grade), Phase: c.Phase,
		OpenedOn: &c.OpenedAt, ClosedAt: c.ClosedAt, WrittenOff: c.WrittenOff}
}

// assisting is the tab of the open cases in which a unit assists another: it has no task there, and
// sees of them what any unit sees of its order.
const assisting = "assisting"

// assistedCount counts them, nil for who belongs to no unit.
func (a *API) assistedCount(r *request) (*int, error) {
	scope := a.caseScope(r)
	if len(scope.Units) == 0 {
		return nil, nil
	}
	n, err := a.Store.AssistedCount(r.http().Context(), scope)
	return &n, err
}

func (a *API) showAssisted(r *request) (answer, error) {
	ctx := r.http().Context()
	found, next, err := a.Store.AssistedCases(ctx, a.caseScope(r), listQuery(r))
	if err != nil {
		return answer{}, err
	}
	counts, err := a.Store.TaskCounts(ctx, r.actor)
	if err != nil {
		return answer{}, err
	}
	tabCounts := countsBody{Mine: counts.Mine, Unit: counts.Unit, Available: counts.Available}
	if tabCounts.Assisting, err = a.assistedCount(r); err != nil {
		return answer{}, err
	}
	body, err := a.assistedBody(r, found, next)
	return answer{body: body, view: a.assistedPage(r, body, tabCounts)}, err
}

func (a *API) assistedBody(r *request, found []store.AssistedCase, next string) (casesBody, error) {
	p, calendars := a.places(r), a.calendars(r)
	body := casesBody{Cases: []caseLineBody{}, Next: pageAddress(r, next)}
	for _, c := range found {
		line := lineOf(p, c.CaseLine)
		line.OpenedOn = nil
		calendar, err := calendars.of(c.Area)
		if err != nil {
			return body, err
		}
		d := dueOf(c.RectifyBy, c.Overdue, c.Provisional, calendar, r.at)
		line.Due = &d
		body.Cases = append(body.Cases, line)
	}
	return body, nil
}

func (a *API) assistedPage(r *request, b casesBody, counts countsBody) web.View {
	v := &web.TableView{Page: a.pageFor(r), Code: "inbox", Columns: []string{"number", "grade", "phase", "counts", "lead", "rectify_by"},
		Tabs: inboxTabs(r, assisting, counts)}
	v.Next = b.Next
	for _, line := range b.Cases {
		v.Rows = append(v.Rows, web.TableRow{Href: "/cases/" + line.Case, Cells: []web.Cell{{Text: line.Number}, {Grade: line.Grade},
			keyed("phase", string(line.Phase)), countsCell(line.WrittenOff), {Text: nameOf(line.Unit)}, {Due: webDue(line.Due)}}})
	}
	return v
}

// openly leaves out, for lists of cases, the appointments to which cases are hidden until an
// escalation brings them up: those have their own list.
func openly(actor regulation.Actor, may string) regulation.Actor {
	if may != policies.ViewCase {
		return actor
	}
	actor.Assignments = slices.DeleteFunc(slices.Clone(actor.Assignments), func(as regulation.Assignment) bool {
		return as.Role == regulation.DisciplineOfficer
	})
	return actor
}
