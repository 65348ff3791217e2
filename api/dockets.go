package api

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// docketPlace is where a kind of docket is kept, and who may see, keep and answer it.
type docketPlace struct {
	at, code           string
	view, keep, answer string
	more               map[regulation.DocketSide]string // permissions of other sides
}

// docketPlaces are the kinds that have pages.
var docketPlaces = map[regulation.DocketKind]docketPlace{
	regulation.DocketHearing:      {"/hearings", "hearings", policies.ViewHearings, policies.KeepHearings, policies.KeepHearings, nil},
	regulation.DocketQuarter:      {"/hearings", "hearings", policies.ViewHearings, policies.KeepHearings, policies.KeepHearings, nil},
	regulation.DocketProblem:      {"/hearing-problems", "hearing_problems", policies.ViewProblems, policies.KeepHearings, policies.AnswerProblems, nil},
	regulation.DocketJoint:        {"/joint", "joint", policies.ViewJoint, policies.KeepJoint, policies.AnswerJoint, nil},
	regulation.DocketPublication:  {"/publications", "publications", policies.ViewPublications, policies.KeepPublications, policies.KeepPublications, nil},
	regulation.DocketBoard:        {"/boards", "boards", policies.ViewBoards, policies.KeepBoards, policies.KeepBoards, nil},
	regulation.DocketHonour:       {"/honours", "honours", policies.ViewHonours, policies.KeepHonours, policies.KeepHonours, nil},
	regulation.DocketInspection:   {"/inspections", "inspections", policies.ViewBoards, policies.KeepBoards, policies.KeepBoards, nil},
	regulation.DocketCommendation: {"/commendations", "commendations", policies.ViewCommendations, policies.KeepCommendations, policies.KeepCommendations, nil},
	regulation.DocketBulletin:     {"/bulletins", "bulletins", policies.ViewBulletins, policies.KeepBulletins, policies.KeepBulletins, nil},
	regulation.DocketRelease: {"/releases", "releases", policies.ViewReleases, policies.KeepReleases, policies.AnswerReleases, map[regulation.DocketSide]string{
		regulation.DocketSigns: policies.SignReleases, regulation.DocketChecksIdentity: policies.CheckIdentity, regulation.DocketChecksSecrecy: policies.CheckSecrecy}},
}

// may is the permission for a side's acts.
func (p docketPlace) may(side regulation.DocketSide) string {
	if may := p.more[side]; may != "" {
		return may
	}
	if side == regulation.DocketAnswers {
		return p.answer
	}
	return p.keep
}

// docketRoute serves a route of one kind of docket.
func docketRoute(kind regulation.DocketKind, do func(*API, *request, regulation.DocketKind) (answer, error)) func(*API, *request) (answer, error) {
	return func(a *API, r *request) (answer, error) { return do(a, r, kind) }
}

// docketBody is a docket: a hearing, a problem that it brought up, a joint rectification, a publication, a commendation, a board, an
// inspection's score, an honour, a bulletin, a release.
type docketBody struct {
	ID        string                `json:"id"`
	Kind      regulation.DocketKind `json:"kind"`
	Authority *placeBody            `json:"authority"`
	Unit      *placeBody            `json:"unit,omitempty"`
	Assisting []placeBody           `json:"assisting,omitempty"`
	Person    string                `json:"person,omitempty"` // commended
	Window    *placeBody            `json:"window,omitempty"` // honoured
	Period    string                `json:"period,omitempty"`
	Stage     string                `json:"stage"`
	Since     workday.Date          `json:"since"`
	Due       time.Time             `json:"due,omitzero" when:"exact"`
	Overdue   bool                  `json:"overdue"`
	Ended     *workday.Date         `json:"ended_on,omitempty"`
	Facts     map[string]string     `json:"facts,omitempty"`
	Seq       int64                 `json:"seq"`
}

type docketsBody struct {
	Dockets []docketBody   `json:"dockets"`
	Counts  map[string]int `json:"counts"`
	Next    string         `json:"next,omitempty"`
}

// docketEntryBody is one entry of a docket's history. Names are for those who keep or oversee it.
type docketEntryBody struct {
	Seq    int64             `json:"seq"`
	At     time.Time         `json:"at"`
	Name   string            `json:"name"`
	Role   regulation.Role   `json:"role,omitempty"`
	Person string            `json:"person,omitempty"`
	Facts  map[string]string `json:"facts,omitempty"`
	Due    time.Time         `json:"due,omitzero" when:"exact"`
	Was    time.Time         `json:"was_due,omitzero" when:"exact"`
	To     *placeBody        `json:"to,omitempty"`
	Cases  int               `json:"cases,omitempty"` // taken in, less those taken out
	Texts  map[string]string `json:"texts,omitempty"`
}

// docketCaseBody is a case of a joint rectification. Its id is for those who may open it.
type docketCaseBody struct {
	Case    string `json:"case,omitempty"`
	Number  string `json:"number"`
	Replied bool   `json:"replied"`
	Closed  bool   `json:"closed"`
}

type oneDocketBody struct {
	docketBody
	Cases    []docketCaseBody  `json:"cases,omitempty"`
	Problems []docketBody      `json:"problems,omitempty"` // of a hearing
	Files    []string          `json:"files,omitempty"`    // digests
	History  []docketEntryBody `json:"history"`
	Acts     []string          `json:"acts"` // what the reader may do now
	Board    *boardBody        `json:"board,omitempty"`
}

func (a *API) docketBody(r *request, d regulation.Docket, full bool) (docketBody, error) {
	p := a.places(r)
	b := docketBody{ID: d.ID, Kind: d.Kind, Authority: p.body(d.Authority), Unit: p.body(d.Unit), Period: d.Period, Stage: d.Stage, Since: d.Since,
		Due: d.Due, Overdue: d.Overdue, Seq: d.Seq, Facts: maps.Clone(d.Facts)}
	for _, unit := range d.Assisting {
		b.Assisting = append(b.Assisting, *p.body(unit))
	}
	if d.Done() {
		b.Ended = &d.Ended
	}
	var err error
	if b.Window, err = a.starOf(r, d); err != nil {
		return b, err
	}
	for _, fact := range []string{"unit_area", "staff", "object", "identity_by", "secrecy_by", "named"} {
		delete(b.Facts, fact)
	}
	hidden, err := a.factsHidden(r, d)
	if err != nil {
		return b, err
	}
	for _, fact := range hidden {
		delete(b.Facts, fact)
	}
	if !full {
		for _, fact := range []string{"hearing", "opinion_no", "bad", "ratings", "unit_bad", "identity", "secrecy", "case_number"} {
			delete(b.Facts, fact)
		}
	}
	ctx := r.http().Context()
	if chair := b.Facts["hearing_chair"]; chair != "" {
		people, err := a.Store.People(ctx)
		if err != nil {
			return b, err
		}
		b.Facts["hearing_chair"] = people.Name(chair)
	}
	if d.Staff == "" {
		return b, nil
	}
	names, err := a.Store.StaffNames(ctx, d.Staff)
	if b.Person = names[d.Staff]; b.Person == "" {
		b.Person = web.T(r.lang, "staff.unpublished")
	}
	return b, err
}

// docketQuery is what a list's address asks for.
func (a *API) docketQuery(r *request, kind regulation.DocketKind) store.DocketQuery {
	q := store.DocketQuery{ListQuery: listQuery(r), Kind: kind, Authority: r.query("authority")}
	if _, _, ok := regulation.PeriodDays(r.query("period")); ok {
		q.Period = r.query("period")
	}
	if sort := r.query("sort"); slices.Contains(store.DocketSorts, sort) {
		q.Sort = sort
	}
	return q
}

// showDockets lists the dockets of a kind that the reader sees.
func (a *API) showDockets(r *request, kind regulation.DocketKind) (answer, error) {
	body, q, err := a.dockets(r, kind)
	if err != nil {
		return answer{}, err
	}
	view, err := a.docketsTable(r, q, body)
	return answer{body: body, view: view}, err
}

func (a *API) dockets(r *request, kind regulation.DocketKind) (docketsBody, store.DocketQuery, error) {
	ctx, q := r.http().Context(), a.docketQuery(r, kind)
	body := docketsBody{Dockets: []docketBody{}, Counts: map[string]int{}}
	scope := a.Guard.Scope(r.actor, docketPlaces[kind].view)
	found, next, err := a.Store.Dockets(ctx, scope, q)
	if err != nil {
		return body, q, err
	}
	body.Next = pageAddress(r, next)
	if body.Counts, err = a.Store.DocketCounts(ctx, scope, q); err != nil {
		return body, q, err
	}
	body.Counts["all"] = body.Counts[""]
	delete(body.Counts, "")
	for _, d := range found {
		b, err := a.docketBody(r, d, a.readsDocket(r, d))
		if err != nil {
			return body, q, err
		}
		body.Dockets = append(body.Dockets, b)
	}
	return body, q, nil
}

// readsDocket tells whether the reader keeps or oversees a docket, and so reads all of it.
func (a *API) readsDocket(r *request, d regulation.Docket) bool {
	subject := d.Subject()
	return slices.ContainsFunc(a.Guard.Assignments(r.actor, docketPlaces[d.Kind].view, subject), func(as regulation.Assignment) bool {
		relation := regulation.Relate(r.actor, as, subject)
		return relation == regulation.OwnArea || relation == regulation.Below
	})
}

// factsHidden are the facts of a docket that the reader may not see, in it and in its history.
func (a *API) factsHidden(r *request, d regulation.Docket) (facts []string, err error) {
	if d.Kind == regulation.DocketBulletin {
		return a.bulletinHidden(r, d)
	}
	facts, _, err = a.honourHidden(r, d)
	return facts, err
}

// seenDocket is a docket with what it is to this reader.
type seenDocket struct {
	d     regulation.Docket
	scope regulation.Scope
	full  bool // keeps or oversees it; a unit sees what lies before it
}

// docketFor finds a docket that the reader may know of.
func (a *API) docketFor(r *request, kind regulation.DocketKind, id string) (seenDocket, error) {
	seen := seenDocket{scope: a.Guard.Scope(r.actor, docketPlaces[kind].view)}
	var err error
	if seen.d, err = a.Store.Docket(r.http().Context(), seen.scope, kind, id); err != nil {
		return seen, err
	}
	seen.full = a.readsDocket(r, seen.d)
	return seen, nil
}

// docketAs are the posts under which the reader may do an act, as the one that they act under; barred is why under none.
func (a *API) docketAs(r *request, act regulation.DocketAct, d regulation.Docket) (as regulation.Assignment, barred string, any bool, err error) {
	allowed := a.Guard.Assignments(r.actor, docketPlaces[d.Kind].may(act.Side), d.Subject())
	if len(allowed) == 0 {
		return as, "", false, nil
	}
	if as, barred, err = a.Store.DocketActorOf(r.http().Context(), act, d, r.actor, allowed); err != nil || barred != "" {
		return as, barred, true, err
	}
	if withheld, err := a.honourBarred(r, act, d); err != nil || withheld {
		return as, "own_served", true, err
	}
	return as, "", true, nil
}

// openActs are the acts that the reader may do now.
func (a *API) openActs(r *request, d regulation.Docket) ([]string, error) {
	acts := []string{}
	for _, act := range regulation.DocketActs(d.Kind) {
		if !act.Open(d) {
			continue
		}
		_, barred, any, err := a.docketAs(r, act, d)
		if err != nil {
			return nil, err
		}
		if any && barred == "" {
			acts = append(acts, act.Name)
		}
	}
	if d.Kind == regulation.DocketHearing && d.Count("opinions") > 0 && len(a.Guard.Assignments(r.actor, policies.KeepHearings, d.Subject())) > 0 {
		acts = append(acts, actRaise)
	}
	return acts, nil
}

// actRaise is offered on a hearing and makes a problem.
const actRaise = "raise"

func (a *API) showDocket(r *request, kind regulation.DocketKind) (answer, error) {
	seen, err := a.docketFor(r, kind, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	body, err := a.oneDocket(r, seen)
	if err != nil {
		return answer{}, err
	}
	view, err := a.docketPage(r, seen, body, nil)
	return answer{body: body, view: view}, err
}

func (a *API) oneDocket(r *request, seen seenDocket) (body oneDocketBody, err error) {
	if body.docketBody, err = a.docketBody(r, seen.d, seen.full); err != nil {
		return body, err
	}
	if body.Acts, err = a.openActs(r, seen.d); err != nil {
		return body, err
	}
	if seen.full {
		body.Files = seen.d.Files
	}
	if body.Cases, err = a.docketCases(r, seen); err != nil {
		return body, err
	}
	if body.Problems, err = a.problemsOf(r, seen.d); err != nil {
		return body, err
	}
	if body.Board, err = a.boardOf(r, seen.d); err != nil {
		return body, err
	}
	if body.History, err = a.docketHistory(r, seen); err != nil {
		return body, err
	}
	if !seen.full {
		return body, a.forRated(r, &body)
	}
	return body, nil
}

func (a *API) docketHistory(r *request, seen seenDocket) ([]docketEntryBody, error) {
	ctx, history := r.http().Context(), []docketEntryBody{}
	entries, err := a.Store.DocketHistory(ctx, seen.scope, seen.d.Kind, seen.d.ID)
	if err != nil {
		return nil, err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return nil, err
	}
	hidden, err := a.factsHidden(r, seen.d)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !seen.full && !e.UnitsSee() {
			continue
		}
		b := docketEntryBody{Seq: e.Seq, At: e.At, Name: e.Name, Role: e.As.Role, Due: e.Due, Was: e.Was, Cases: len(e.Adds) - len(e.Drops), Texts: e.Texts}
		if seen.full {
			b.Person, b.To, b.Facts = people.Name(e.Actor), a.places(r).body(e.To), maps.Clone(e.Facts)
			for _, id := range append([]string{"hearing", "hearing_chair", "staff", "unit", "object", "named"}, hidden...) {
				delete(b.Facts, id)
			}
		}
		history = append(history, b)
	}
	return history, nil
}

// docketCases are the cases of a joint rectification: all for who keeps or oversees it, for a unit those that it may open.
func (a *API) docketCases(r *request, seen seenDocket) ([]docketCaseBody, error) {
	if len(seen.d.Cases) == 0 {
		return nil, nil
	}
	found, err := a.Store.GatheredCases(r.http().Context(), seen.d)
	var cases []docketCaseBody
	for _, g := range found {
		b := docketCaseBody{Number: g.Number, Replied: g.Replied, Closed: g.Closed}
		_, unseen := a.caseFor(r, g.Case)
		if unseen == nil {
			b.Case = g.Case
		}
		if seen.full || unseen == nil {
			cases = append(cases, b)
		}
	}
	return cases, err
}

// problemsOf are those that a hearing brought up.
func (a *API) problemsOf(r *request, d regulation.Docket) ([]docketBody, error) {
	if d.Kind != regulation.DocketHearing {
		return nil, nil
	}
	found, _, err := a.Store.Dockets(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewProblems), store.DocketQuery{Kind: regulation.DocketProblem, Parent: d.ID})
	var all []docketBody
	for _, problem := range found {
		b, failed := a.docketBody(r, problem, a.readsDocket(r, problem))
		all, err = append(all, b), errors.Join(err, failed)
	}
	return all, err
}

// doDocket does an act on a docket. The field seq is the history's end as the form saw it: what came since makes it a
// conflict, and so a form sent twice counts once.
func (a *API) doDocket(r *request, kind regulation.DocketKind) (answer, error) {
	act, known := regulation.DocketActOf(kind, r.param("act"))
	if !known || len(act.Stages) == 0 {
		return answer{}, notFound("no_such_act")
	}
	seen, err := a.docketFor(r, kind, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err = a.tryDocket(r, act, seen.d, fields); err == nil {
		a.say(r, "flash.docket_done")
		return answer{status: http.StatusNoContent, next: docketPlaces[kind].at + "/" + seen.d.ID}, nil
	}
	return a.docketRefused(r, seen, act.Name, fields, err)
}

// docketRefused draws the docket again with what was typed.
func (a *API) docketRefused(r *request, seen seenDocket, act string, fields regulation.Values, err error) (answer, error) {
	refused := (*regulation.Error)(nil)
	if !errors.As(err, &refused) || !r.page {
		return answer{}, err
	}
	body, drawing := a.oneDocket(r, seen)
	if drawing != nil {
		return answer{}, drawing
	}
	view, drawing := a.docketPage(r, seen, body, &triedWatch{act, fields, refused})
	return answer{view: view}, errors.Join(err, drawing)
}

func (a *API) tryDocket(r *request, act regulation.DocketAct, d regulation.Docket, fields regulation.Values) error {
	as, barred, any, err := a.docketAs(r, act, d)
	clause := regulation.DocketClause(d.Kind)
	switch {
	case err != nil:
		return err
	case !any:
		return a.notYours(docketPlaces[d.Kind].may(act.Side))
	case barred != "":
		return &regulation.Error{Code: regulation.FourEyes, Clause: clause, Missing: barred}
	}
	seq, err := strconv.ParseInt(fields.Get("seq"), 10, 64)
	if err != nil {
		return (&regulation.Error{Code: regulation.Invalid, Clause: clause, Missing: "fields"}).Field("seq", "required")
	}
	values, err := a.withFiles(r, regulation.Spec{Fields: act.Fields, Clause: clause}, fields)
	if err != nil {
		return err
	}
	actor := r.actor
	actor.As = as
	return a.Store.ChangeDocket(r.http().Context(), act, d.ID, seq, without(values, "seq"), actor)
}

// showDocketFile gives out minutes, or what was published, to whoever keeps or oversees the docket.
func (a *API) showDocketFile(r *request, kind regulation.DocketKind) (answer, error) {
	seen, err := a.docketFor(r, kind, r.param("id"))
	if err == nil && !seen.full {
		err = notFound("file")
	}
	if err != nil {
		return answer{}, err
	}
	file, content, err := a.Store.DocketFile(r.http().Context(), seen.scope, kind, seen.d.ID, r.param("digest"))
	if err != nil {
		return answer{}, err
	}
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, "inline")
		c.Response().Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
		return c.Blob(http.StatusOK, file.Mime, content)
	}}, nil
}

// startDocket makes a docket of a kind by an act; fresh is where it would belong.
func (a *API) startDocket(r *request, name string, fresh regulation.Docket, fields regulation.Values, drop ...string) (string, error) {
	act, _ := regulation.DocketActOf(fresh.Kind, name)
	as, barred, any, err := a.docketAs(r, act, fresh)
	clause := regulation.DocketClause(fresh.Kind)
	switch {
	case err != nil:
		return "", err
	case !any:
		return "", a.notYours(docketPlaces[fresh.Kind].keep)
	case barred != "":
		return "", &regulation.Error{Code: regulation.FourEyes, Clause: clause, Missing: barred}
	}
	values, err := a.withFiles(r, regulation.Spec{Fields: act.Fields, Clause: clause}, fields)
	if err != nil {
		return "", err
	}
	actor := r.actor
	actor.As = as
	return a.Store.StartDocket(r.http().Context(), act, fresh, without(values, drop...), actor)
}

// made answers what was made.
func (a *API) made(r *request, kind regulation.DocketKind, id string) answer {
	a.say(r, "flash.docket_done")
	at := docketPlaces[kind].at + "/" + id
	return answer{status: http.StatusCreated, location: at, next: at, body: map[string]string{"id": id}}
}

// ownOffice is the authority for which the reader keeps something: the first where policies let them.
func (a *API) ownOffice(r *request, may string) string {
	for _, as := range r.actor.Assignments {
		if a.Guard.Allows(as.Role, may, regulation.OwnArea) {
			return as.Org
		}
	}
	return ""
}

// docketHref is the address at which the reader may see what a message is about, or "".
func (a *API) docketHref(r *request, n store.Notice) string {
	for kind, place := range docketPlaces {
		if _, err := a.docketFor(r, kind, n.CaseID); err == nil {
			if kind == regulation.DocketQuarter {
				return "/hearings?sort=quarters"
			}
			return place.at + "/" + n.CaseID
		}
	}
	return ""
}
