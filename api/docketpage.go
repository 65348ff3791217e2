package api

import (
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

// docketColumns are the columns of the lists, by kind; the first leads to the docket.
var docketColumns = map[regulation.DocketKind][]string{
	regulation.DocketHearing:      {"held_on", "authority", "hearing_form", "heard", "opinions", "state"},
	regulation.DocketQuarter:      {"quarter", "authority", "state", "due"},
	regulation.DocketProblem:      {"cause", "link", "unit", "authority", "state", "due"},
	regulation.DocketJoint:        {"cause", "attribution", "unit", "authority", "state", "due"},
	regulation.DocketPublication:  {"publication", "period", "authority", "state", "due"},
	regulation.DocketBoard:        {"quarter", "board_version", "board_seal", "state"},
	regulation.DocketHonour:       {"candidate", "honour", "quarter", "unit", "state"},
	regulation.DocketInspection:   {"ranked_place", "quarter", "inspection_score", "state"},
	regulation.DocketCommendation: {"commended", "period", "unit", "authority", "state"},
	regulation.DocketBulletin:     {"bulletin_number", "period", "authority", "audience", "confirmed_cases", "state"},
	regulation.DocketRelease:      {"release_ground", "unit", "outlet", "shown_until", "state"},
}

func (a *API) docketsTable(r *request, q store.DocketQuery, b docketsBody) (*web.TableView, error) {
	place := docketPlaces[q.Kind]
	v := &web.TableView{Page: a.pageFor(r), Code: place.code, Columns: docketColumns[q.Kind]}
	v.Next = b.Next
	intro := web.Msg(place.code + ".text")
	v.Intro = &intro
	if err := a.docketTabs(r, v, q, b); err != nil {
		return nil, err
	}
	v.Filter = a.docketFilter(r, q)
	if a.Guard.May(r.actor, place.keep) {
		switch q.Kind {
		case regulation.DocketHearing, regulation.DocketQuarter, regulation.DocketCommendation, regulation.DocketBoard, regulation.DocketInspection, regulation.DocketBulletin, regulation.DocketRelease:
			v.Add = place.at + "/new"
		case regulation.DocketHonour:
			v.Add = "/honours/candidates"
		case regulation.DocketJoint:
			v.Add = "/joint/causes"
		}
	}
	calendars := a.calendars(r)
	for _, d := range b.Dockets {
		row, err := a.docketRow(r, d, calendars)
		if err != nil {
			return nil, err
		}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}

// docketTabs are the sorts of a list; sessions stand beside the quarters that ask for them.
func (a *API) docketTabs(r *request, v *web.TableView, q store.DocketQuery, b docketsBody) error {
	place := docketPlaces[q.Kind]
	if q.Kind == regulation.DocketHearing || q.Kind == regulation.DocketQuarter {
		for _, kind := range []regulation.DocketKind{regulation.DocketHearing, regulation.DocketQuarter} {
			other := q
			other.Kind, other.Sort = kind, ""
			counts, err := a.Store.DocketCounts(r.http().Context(), a.Guard.Scope(r.actor, place.view), other)
			if err != nil {
				return err
			}
			tab := web.Tab{Code: "sessions", Href: "/hearings", Count: counts[""], Current: kind == q.Kind}
			if kind == regulation.DocketQuarter {
				tab.Code, tab.Href = quarters, "/hearings?sort="+quarters
			}
			v.Tabs = append(v.Tabs, tab)
		}
		return nil
	}
	v.Tabs = []web.Tab{{Code: "all", Href: place.at, Count: b.Counts["all"], Current: q.Sort == ""}}
	for _, sort := range store.DocketSorts {
		v.Tabs = append(v.Tabs, web.Tab{Code: sort, Href: place.at + "?sort=" + sort, Count: b.Counts[sort], Current: q.Sort == sort})
	}
	return nil
}

// docketFilter narrows a list by authority, for who sees several, and by period.
func (a *API) docketFilter(r *request, q store.DocketQuery) *web.TableFilter {
	f := &web.TableFilter{Action: docketPlaces[q.Kind].at}
	if sort := r.query("sort"); sort != "" {
		f.Fields = append(f.Fields, web.Field{Name: "sort", Kind: web.FieldHidden, Values: []string{sort}})
		f.Clear = f.Action + "?sort=" + sort
	}
	if scope := a.Guard.Scope(r.actor, docketPlaces[q.Kind].view); scope.All && q.Kind != regulation.DocketBoard && q.Kind != regulation.DocketInspection {
		field := web.Field{Name: "authority", Kind: web.FieldSelect, Label: "col.authority", Any: "docket.any_authority", Values: values(q.Authority)}
		offices, _ := a.Store.Authorities(r.http().Context()) // none to choose from where it fails
		for _, o := range offices {
			field.Options = append(field.Options, web.Option{Value: o.ID, Text: either(r.lang, o.NameZH, o.NameEN)})
		}
		f.Fields = append(f.Fields, field)
	}
	if q.Kind != regulation.DocketJoint && q.Kind != regulation.DocketRelease {
		periods := recentQuarters(r, 8)
		if q.Kind == regulation.DocketPublication || q.Kind == regulation.DocketBulletin {
			periods = append(recentMonths(r, 12), periods...)
		}
		f.Fields = append(f.Fields, web.Field{Name: "period", Kind: web.FieldSelect, Label: "col.period", Any: "docket.any_period", Values: values(q.Period), Options: periods})
	}
	if len(f.Fields) == 0 || len(f.Fields) == 1 && f.Fields[0].Kind == web.FieldHidden {
		return nil
	}
	return f
}

func values(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// docketTones are the badges of stages that stand out.
var docketTones = map[string]string{regulation.DocketHeld: "ok", regulation.DocketConfirmed: "ok", regulation.DocketClosed: "ok", regulation.DocketPublished: "ok",
	regulation.DocketCommended: "ok", regulation.DocketReported: "info", regulation.DocketDrafted: "info", regulation.DocketProposed: "info",
	regulation.DocketApproved: "info", regulation.DocketHonoured: "ok", regulation.DocketDiscarded: "warn",
	regulation.DocketIssued: "ok", regulation.DocketCorrected: "warn", "outdated": "warn", regulation.DocketSigned: "info",
	regulation.DocketExpired: "info", regulation.DocketWithdrawn: "bad", regulation.DocketDropped: "warn", regulation.DocketAbandoned: "warn", regulation.DocketOutletTold: "warn",
	regulation.DocketRecorded: "info", regulation.DocketRevoked: "warn", regulation.DocketRefused: "warn"}

// docketState words how far a docket has come; a late one stays late.
func docketState(d docketBody) web.Cell {
	word := string(d.Kind) + "." + d.Stage
	tone := docketTones[d.Stage]
	switch {
	case d.Kind == regulation.DocketQuarter && d.Stage == regulation.DocketWaiting && d.Overdue:
		word, tone = "quarter.missed", "bad"
	case d.Kind == regulation.DocketBulletin && d.Stage == regulation.DocketIssued && d.Facts["outdated"] != "":
		word, tone = "bulletin.outdated", "warn"
	case d.Facts["withdrawn"] == "yes":
		word, tone = "publication.withdrawn", "warn"
	case d.Facts["late"] == "yes":
		word, tone = string(d.Kind)+".late", "warn"
	case d.Overdue:
		tone = "bad"
	}
	return web.Cell{Message: web.Msg("docket.stage." + word), Badge: tone}
}

func (a *API) docketRow(r *request, d docketBody, calendars *calendars) (web.TableRow, error) {
	row := web.TableRow{Href: docketPlaces[d.Kind].at + "/" + d.ID}
	office, _ := a.places(r).org(d.Authority.ID)
	calendar, err := calendars.of(office.Area)
	if err != nil {
		return row, err
	}
	if d.Kind == regulation.DocketQuarter {
		row.Href = ""
		if hearing := d.Facts["hearing"]; hearing != "" {
			row.Href = "/hearings/" + hearing
		}
	}
	for _, column := range docketColumns[d.Kind] {
		cell := a.docketCell(r, d, column)
		if column == "due" && d.Ended == nil {
			cell = web.Cell{Due: due(d.Due, d.Overdue, false, calendar, r.at)}
		}
		row.Cells = append(row.Cells, cell)
	}
	return row, nil
}

func (a *API) docketCell(r *request, d docketBody, column string) web.Cell {
	switch column {
	case "held_on":
		if day, err := workday.ParseDate(d.Facts["held_on"]); err == nil { // written by us
			return web.Cell{Message: web.Msg("watch.day", day.Start())}
		}
	case "authority":
		return web.Cell{Text: nameOf(d.Authority)}
	case "unit":
		return web.Cell{Text: nameOf(d.Unit)}
	case "quarter", "period":
		if outsideCalendar(d.Facts["publication"]) {
			return web.Cell{Text: "—"}
		}
		return web.Cell{Text: periodWords(r.lang, d.Period)}
	case "heard":
		return web.Cell{Message: web.Msg("hearings.heard", d.Facts["enterprises"], d.Facts["public"])}
	case "opinions":
		return web.Cell{Text: d.Facts["opinions"]}
	case "state":
		return docketState(d)
	case "commended":
		if d.Person != "" {
			return web.Cell{Text: d.Person}
		}
		return web.Cell{Text: nameOf(d.Unit)}
	case "due":
		if d.Ended != nil {
			return web.Cell{Message: web.Msg("watch.day", d.Ended.Start())}
		}
	case "candidate":
		return web.Cell{Text: honoured(d)}
	case "ranked_place", "inspection_score", "board_version", "board_seal":
		return a.boardCell(r, d, column)
	case "bulletin_number":
		if number := d.Facts["number"]; number != "" {
			return web.Cell{Text: number}
		}
		return web.Cell{Message: web.Msg("bulletin.no_number")}
	case "confirmed_cases":
		return web.Cell{Text: d.Facts[column]}
	case "shown_until":
		return web.Cell{Text: dayIn(r.lang, d.Facts[column])}
	case "hearing_form", "cause", "link", "attribution", "publication", "honour", "audience", "release_ground", "outlet":
		if code := d.Facts[column]; code != "" {
			return web.Cell{Message: web.Msg("choice." + column + "." + code)}
		}
	}
	return web.Cell{}
}

// docketPage draws a docket with its facts, its history and the forms that are open to the reader.
func (a *API) docketPage(r *request, seen seenDocket, b oneDocketBody, tried *triedWatch) (*web.DocketView, error) {
	calendar, err := a.Store.Calendar(r.http().Context(), seen.d.Area)
	if err != nil {
		return nil, err
	}
	place := docketPlaces[b.Kind]
	v := &web.DocketView{Page: a.pageFor(r), Code: place.code, Back: place.at, Kind: string(b.Kind), Clause: string(regulation.DocketClause(b.Kind)), State: docketState(b.docketBody)}
	v.Title = a.docketTitle(r, b.docketBody)
	if b.Ended == nil {
		v.Due = due(b.Due, b.Overdue, false, calendar, r.at)
	}
	v.Facts = a.docketFacts(r, b.docketBody)
	v.Board = boardView(b.Board)
	for _, c := range b.Cases {
		line := web.DocketCase{Number: c.Number, Replied: c.Replied, Closed: c.Closed}
		if c.Case != "" {
			line.Href = "/cases/" + c.Case
		}
		v.Cases = append(v.Cases, line)
	}
	calendars := a.calendars(r)
	for _, problem := range b.Problems {
		row, err := a.docketRow(r, problem, calendars)
		if err != nil {
			return nil, err
		}
		v.Problems = append(v.Problems, row)
	}
	for i, digest := range b.Files {
		v.Files = append(v.Files, web.DocketFile{Href: place.at + "/" + b.ID + "/files/" + digest, Number: i + 1, Digest: digest})
	}
	for _, e := range b.History {
		v.Steps = append(v.Steps, docketStep(r, b.Kind, e))
	}
	for _, act := range b.Acts {
		v.Forms = append(v.Forms, a.docketForm(r, seen, act, tried))
	}
	if tried != nil && tried.refused.Fields == nil {
		v.Refusal = webProblem(r.lang, tried.refused, r.id)
	}
	if b.Kind == regulation.DocketBoard && b.Stage == regulation.DocketPublished {
		v.Public = "/board/" + b.Period + "?version=" + b.Facts["board_version"]
	}
	if b.Kind == regulation.DocketJoint && b.Stage == regulation.DocketPublished {
		v.Public = "/changes#" + b.ID
	}
	if b.Kind == regulation.DocketBulletin {
		v.Paper = "/bulletins/" + b.ID + "/paper"
	}
	if b.Kind == regulation.DocketRelease && seen.d.Shown(workday.DateOf(r.at)) {
		v.Public = "/public/releases#" + b.ID
	}
	return v, nil
}

// docketTitle names a docket by what it is about.
func (a *API) docketTitle(r *request, d docketBody) string {
	word := func(field string) string { return web.T(r.lang, "choice."+field+"."+d.Facts[field]) }
	sep := either(r.lang, " · ", " · ")
	switch d.Kind {
	case regulation.DocketHearing:
		return nameOf(d.Authority) + sep + dayIn(r.lang, d.Facts["held_on"])
	case regulation.DocketPublication:
		if outsideCalendar(d.Facts["publication"]) {
			return word("publication")
		}
		return word("publication") + sep + periodWords(r.lang, d.Period)
	case regulation.DocketBoard:
		return web.BoardTitle(r.lang, d.Period) + sep + web.T(r.lang, "board.version", d.Facts["board_version"])
	case regulation.DocketHonour:
		return word("honour") + sep + honoured(d) + sep + periodWords(r.lang, d.Period)
	case regulation.DocketInspection:
		return a.placeNamed(r, d) + sep + periodWords(r.lang, d.Period)
	case regulation.DocketCommendation:
		if d.Person != "" {
			return d.Person + sep + periodWords(r.lang, d.Period)
		}
		return nameOf(d.Unit) + sep + periodWords(r.lang, d.Period)
	case regulation.DocketBulletin:
		return web.T(r.lang, "bulletin.title", periodWords(r.lang, d.Period)) + sep + nameOf(d.Authority)
	case regulation.DocketRelease:
		return word("release_ground") + sep + nameOf(d.Unit)
	}
	return word("cause") + sep + nameOf(d.Unit)
}

// docketShown are the facts that a docket's page shows, in this order: a code is worded by its field's choices.
var docketShown = []string{"hearing_form", "hearing_chair", "enterprises", "public", "opinions", "opinion_no", "cause", "link", "attribution", "publication",
	"published_where", "published_on", "link_address", "bad", "ratings", "audience", "number", "issued_on", "confirmed_cases", "open_cases", "seal_version", "position", "formula",
	"corrects_number", "corrected_number", "outdated", "release_ground", "case_number", "unit_bad", "periods", "seal_versions", "board_formula", "lowest", "hear_until", "heard", "identity", "secrecy", "signed_on", "outlet", "shown_until", "why",
	"inspection_score", "approved_score", "honour", "rank", "rated", "good_rate", "candidates", "candidates_at", "digest"}

var docketCodes = []string{"honour", "hearing_form", "cause", "link", "attribution", "publication", "published_where", "audience", "release_ground", "heard",
	"identity", "secrecy", "outlet", "why"}

func (a *API) docketFacts(r *request, d docketBody) []web.DocketFact {
	facts := []web.DocketFact{{Label: "col.authority", Text: nameOf(d.Authority)}}
	if d.Unit != nil {
		facts = append(facts, web.DocketFact{Label: "docket.unit." + string(d.Kind), Text: nameOf(d.Unit)})
	}
	if len(d.Assisting) > 0 && d.Kind != regulation.DocketBulletin { // those may read it, no more
		var names []string
		for _, unit := range d.Assisting {
			names = append(names, unit.Name)
		}
		facts = append(facts, web.DocketFact{Label: "field.assisting", Text: strings.Join(names, either(r.lang, "、", ", "))})
	}
	if d.Facts["place"] != "" {
		facts = append(facts, web.DocketFact{Label: "col.ranked_place", Text: a.placeNamed(r, d)})
	}
	if d.Period != "" && !outsideCalendar(d.Facts["publication"]) {
		facts = append(facts, web.DocketFact{Label: "col.period", Text: periodWords(r.lang, d.Period)})
	}
	for _, name := range docketShown {
		if fact := docketFact(r, d.Kind, name, d.Facts); fact.Text != "" {
			facts = append(facts, fact)
		}
	}
	return facts
}

// docketFact is one fact, with no text where there is none. A publication's link is an address, a problem's a code.
func docketFact(r *request, kind regulation.DocketKind, name string, facts map[string]string) web.DocketFact {
	value, label := facts[name], "field."+name
	switch {
	case name == "link_address" && kind == regulation.DocketPublication:
		return web.DocketFact{Label: "field.published_link", Text: facts["link"], Href: facts["link"]}
	case (name == "corrects_number" || name == "corrected_number") && value != "":
		other := map[string]string{"corrects_number": "corrects", "corrected_number": "corrected_by"}[name]
		return web.DocketFact{Label: label, Text: value, Href: "/bulletins/" + facts[other]}
	case name == "link" && kind == regulation.DocketPublication, value == "":
		return web.DocketFact{}
	case name == "candidates_at":
		if at, err := time.Parse(time.RFC3339Nano, value); err == nil { // written by us
			value = beijing(r.lang, at)
		}
	case slices.Contains(docketCodes, name):
		value = web.T(r.lang, "choice."+name+"."+value)
	case name == "periods", name == "seal_versions": // of a release, one a quarter
		value = eachPeriod(r.lang, value)
	default:
		value = dayIn(r.lang, value)
	}
	return web.DocketFact{Label: label, Text: value, Mono: name == "digest" || name == "candidates"}
}

// docketForm is one form of a docket's page.
func (a *API) docketForm(r *request, seen seenDocket, name string, tried *triedWatch) web.WatchForm {
	d, at := seen.d, docketPlaces[seen.d.Kind].at+"/"+seen.d.ID+"/"+name
	act, known := regulation.DocketActOf(d.Kind, name)
	if !known { // a hearing's problem
		act, _ = regulation.DocketActOf(regulation.DocketProblem, name)
		at = "/hearings/" + d.ID + "/problems"
	}
	f := entryForm(r, at, name, act.Fields, d.Seq, workday.Date{}, tried)
	for i := range f.Fields {
		field := &f.Fields[i]
		if field.Kind == web.FieldDate {
			field.Min = ""
		}
		a.docketOptions(r, d, field)
	}
	return f
}

// docketOptions fills in the choices that the record has for a field.
func (a *API) docketOptions(r *request, d regulation.Docket, field *web.Field) {
	switch field.Name {
	case "audience":
		field.Options = slices.DeleteFunc(field.Options, func(o web.Option) bool { return !slices.Contains(d.Audiences(), o.Value) })
	case "unit":
		field.Options = placeOptions(a.unitsOf(r, d.Authority))
	case "opinion_no":
		field.Kind, field.Options, field.Length = web.FieldSelect, opinionNumbers(d), 0
	case "case":
		field.Kind, field.Length = web.FieldSelect, 0
		gathered, _ := a.Store.GatheredCases(r.http().Context(), d) // none to choose from where it fails
		for _, g := range gathered {
			field.Options = append(field.Options, web.Option{Value: g.Case, Text: g.Number})
		}
	case "cases":
		field.Options = nil
		of := store.SharedCause{Authority: d.Authority, Cause: d.Facts["cause"], Link: d.Facts["link"], Attribution: d.Facts["attribution"]}
		if d.Area == regulation.PrefectureArea {
			of.Authority = ""
		}
		found, _ := a.Store.CasesOfCause(r.http().Context(), a.Guard.Scope(r.actor, policies.KeepJoint), of) // none to choose from where it fails
		field.Options = caseOptions(r, found)
	}
}

// docketSteps are the tones of entries that stand out.
var docketSteps = map[string]string{regulation.EntryOverdue: "bad", regulation.EntryReminded: "warn", "return": "warn", "give_back": "warn", "send_back": "warn",
	"revoke": "warn", "withdraw": "warn", "close": "ok", "confirm": "ok", "publish": "ok", regulation.EntryPublished: "ok", "approve": "ok", "commend": "ok", "honour": "ok", "discard": "warn", regulation.EntryHeld: "ok",
	"issue": "ok", "sign": "ok", regulation.EntryOutdated: "warn", regulation.EntryCorrected: "warn", regulation.EntryWithdrawn: "warn", regulation.EntryExpired: "info", "refuse": "warn"}

func docketStep(r *request, kind regulation.DocketKind, e docketEntryBody) web.DocketStep {
	s := web.DocketStep{Event: string(kind) + "." + e.Name, Tone: docketSteps[e.Name], At: e.At, Role: string(e.Role), Name: e.Person, Due: e.Due, Was: e.Was, To: nameOf(e.To)}
	if s.Tone == "" {
		s.Tone = "info"
	}
	if e.Role == "" {
		s.Role = string(regulation.System)
	}
	if e.Cases != 0 {
		s.Facts = append(s.Facts, web.DocketFact{Label: "docket.cases", Text: strconv.Itoa(e.Cases)})
	}
	for _, name := range append([]string{"held_on", "opinion_of"}, docketShown...) {
		facts := e.Facts
		if name == "opinion_of" && facts[name] != "" {
			s.Facts = append(s.Facts, web.DocketFact{Label: "field.opinion_of", Text: web.T(r.lang, "choice.opinion_of."+facts[name])})
			continue
		}
		if fact := docketFact(r, kind, name, facts); fact.Text != "" {
			s.Facts = append(s.Facts, fact)
		}
	}
	for _, field := range docketTexts {
		if text := e.Texts[field]; text != "" {
			s.Texts = append(s.Texts, web.WatchText{Field: field, Text: text})
		}
	}
	return s
}

// docketTexts are what people type, in the order in which an entry shows it.
var docketTexts = []string{"hearing_place", "opinion", "problem_what", "problem_measure", "joint_plan", "docket_done", "you_said", "we_changed", "you_said_en", "we_changed_en",
	"bulletin_note", "release_title", "release_text", "release_title_en", "release_text_en", "release_statement", "outlet_name", "inspection_basis", "docket_reasons"}
