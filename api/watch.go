package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// listingBody is a unit or a person on the watch list (8(3)), with the rule's last word.
type listingBody struct {
	ID        string               `json:"id"`
	Kind      regulation.WatchKind `json:"kind"`
	Name      string               `json:"name"`
	Unit      *placeBody           `json:"unit"`
	Authority *placeBody           `json:"authority"`
	Since     workday.Date         `json:"since"`
	ByHand    bool                 `json:"by_hand"`
	Reason    string               `json:"reason,omitempty"`
	Count     int                  `json:"count"`
	Threshold int                  `json:"threshold"`
	Due       time.Time            `json:"inspection_due,omitzero" when:"exact"`
	Overdue   bool                 `json:"overdue"`
	Inspected *workday.Date        `json:"inspected_on,omitempty"`
	Ended     *workday.Date        `json:"ended_on,omitempty"`
	EndedHow  string               `json:"ended_how,omitempty"`
	Seq       int64                `json:"seq"`
}

type listingsBody struct {
	Listings []listingBody  `json:"listings"`
	Counts   map[string]int `json:"counts"`
	Next     string         `json:"next,omitempty"`
}

// watchCaseBody is a case that counts. Its id is for those who may open it.
type watchCaseBody struct {
	Case        string       `json:"case,omitempty"`
	Number      string       `json:"number"`
	Attribution string       `json:"attribution"`
	From        workday.Date `json:"confirmed_on"`
}

// verdictBody is what the rule said at the end of a day, and on what it rests.
type verdictBody struct {
	Reason    string          `json:"reason"`
	Count     int             `json:"count"`
	Threshold int             `json:"threshold"`
	From      workday.Date    `json:"from"`
	To        workday.Date    `json:"to"`
	Edition   string          `json:"edition"`
	Cases     []watchCaseBody `json:"cases"`
}

// watchEntryBody is one entry of a listing's history. Names and texts are for those who keep or
// oversee the list.
type watchEntryBody struct {
	Seq     int64                 `json:"seq"`
	At      time.Time             `json:"at"`
	Day     workday.Date          `json:"day"`
	Name    regulation.WatchEvent `json:"name"`
	Role    regulation.Role       `json:"role,omitempty"`
	Person  string                `json:"person,omitempty"`
	Verdict *verdictBody          `json:"verdict,omitempty"`
	Due     time.Time             `json:"inspection_due,omitzero" when:"exact"`
	Was     time.Time             `json:"inspection_was_due,omitzero" when:"exact"`
	To      *placeBody            `json:"to,omitempty"`
	Data    map[string]string     `json:"data,omitempty"`
	Texts   map[string]string     `json:"texts,omitempty"`
}

type watchEntriesBody struct {
	listingBody
	Verdict *verdictBody     `json:"verdict,omitempty"`
	History []watchEntryBody `json:"history"`
	// Acts are what the reader may do now.
	Acts []string `json:"acts"`
}

// showWatch lists what stands on the watch list, as far as the reader sees it.
func (a *API) showWatch(r *request) (answer, error) {
	ctx := r.http().Context()
	scope, q := a.Guard.Scope(r.actor, policies.ViewWatch), listQuery(r)
	if sort := r.query("sort"); slices.Contains(store.WatchSorts, sort) {
		q.Sort = sort
	}
	found, next, err := a.Store.Listings(ctx, scope, q)
	if err != nil {
		return answer{}, err
	}
	counts, err := a.Store.WatchCounts(ctx, scope)
	if err != nil {
		return answer{}, err
	}
	body := listingsBody{Listings: []listingBody{}, Counts: map[string]int{"all": counts[""]}, Next: pageAddress(r, next)}
	for _, sort := range store.WatchSorts {
		body.Counts[sort] = counts[sort]
	}
	for _, l := range found {
		b, err := a.listingBody(r, l)
		if err != nil {
			return answer{}, err
		}
		body.Listings = append(body.Listings, b)
	}
	view, err := a.watchTable(r, q.Sort, body, found)
	return answer{body: body, view: view}, err
}

func (a *API) watchTable(r *request, sort string, b listingsBody, found []regulation.Listing) (*web.TableView, error) {
	v := &web.TableView{Page: a.pageFor(r), Code: "watch", Columns: []string{"object", "unit", "reason", "cases", "since", "inspection"}}
	intro := web.Msg("watch.text")
	v.Intro, v.Next = &intro, b.Next
	v.Tabs = []web.Tab{{Code: "all", Href: "/watch", Count: b.Counts["all"], Current: sort == ""}}
	for _, s := range store.WatchSorts {
		v.Tabs = append(v.Tabs, web.Tab{Code: s, Href: "/watch?sort=" + s, Count: b.Counts[s], Current: sort == s})
	}
	if a.Guard.May(r.actor, policies.KeepWatch) {
		v.Add = "/watch/new"
	}
	calendars := a.calendars(r)
	for i, l := range b.Listings {
		calendar, err := calendars.of(found[i].Area)
		if err != nil {
			return nil, err
		}
		v.Rows = append(v.Rows, web.TableRow{Href: "/watch/" + l.ID, Cells: []web.Cell{{Text: l.Name}, {Text: nameOf(l.Unit)}, {Message: watchReason(l)},
			{Message: web.Msg("watch.counted", l.Count, l.Threshold)}, {Message: web.Msg("watch.day", l.Since.Start())}, {Due: due(l.Due, l.Overdue, false, calendar, r.at)}}})
	}
	return v, nil
}

// watchReason words why a listing stands, or how it ended.
func watchReason(l listingBody) web.Message {
	switch {
	case l.EndedHow != "":
		return web.Msg("watch.event." + l.EndedHow)
	case l.Reason == "":
		return web.Msg("watch.event.entered_by_hand")
	}
	return web.Msg("watch.reason." + l.Reason)
}

func (a *API) listingBody(r *request, l regulation.Listing) (listingBody, error) {
	p := a.places(r)
	b := listingBody{ID: l.ID, Kind: l.Kind, Name: p.name(l.Object), Unit: p.body(l.Unit), Authority: p.body(l.Authority), Since: l.Since, ByHand: l.ByHand,
		Reason: l.Verdict.Reason, Count: l.Verdict.Count, Threshold: l.Verdict.Threshold, Due: l.Due, Overdue: l.Overdue, EndedHow: l.EndedHow, Seq: l.Seq}
	if !l.Inspected.IsZero() {
		b.Inspected = &l.Inspected
	}
	if !l.Ended.IsZero() {
		b.Ended = &l.Ended
	}
	if l.Kind != regulation.WatchStaff {
		return b, nil
	}
	names, err := a.Store.StaffNames(r.http().Context(), l.Object)
	if b.Name = names[l.Object]; b.Name == "" {
		b.Name = web.T(r.lang, "staff.unpublished")
	}
	return b, err
}

// seenListing is a listing with what it is to this reader.
type seenListing struct {
	l regulation.Listing
	// full readers keep or oversee the list; the listed see counts and codes.
	full  bool
	scope regulation.Scope
	// keeps are the reader's posts that keep the list, as the one of them that they act under, and
	// barred why they may not act under any.
	keeps  []regulation.Assignment
	as     regulation.Assignment
	barred string
}

// listingFor finds a listing within the reader's scope. Whom it concerns sees it as the listed,
// whatever they are appointed to.
func (a *API) listingFor(r *request) (seenListing, error) {
	seen := seenListing{scope: a.Guard.Scope(r.actor, policies.ViewWatch)}
	var err error
	if seen.l, err = a.Store.Listing(r.http().Context(), seen.scope, r.param("id")); err != nil {
		return seen, err
	}
	subject := seen.l.Subject()
	for _, as := range a.Guard.Assignments(r.actor, policies.ViewWatch, subject) {
		relation := regulation.Relate(r.actor, as, subject)
		seen.full = seen.full || relation == regulation.OwnArea || relation == regulation.Below
	}
	seen.keeps = a.Guard.Assignments(r.actor, policies.KeepWatch, subject)
	seen.as, seen.barred, err = a.Store.KeeperOf(r.http().Context(), seen.l, r.actor, seen.keeps)
	return seen, err
}

func (a *API) showListing(r *request) (answer, error) {
	seen, err := a.listingFor(r)
	if err != nil {
		return answer{}, err
	}
	body, err := a.watchEntries(r, seen)
	if err != nil {
		return answer{}, err
	}
	view, err := a.listingPage(r, seen, body, nil)
	return answer{body: body, view: view}, err
}

func (a *API) watchEntries(r *request, seen seenListing) (watchEntriesBody, error) {
	line, err := a.listingBody(r, seen.l)
	body := watchEntriesBody{listingBody: line, History: []watchEntryBody{}, Acts: watchActs(r, seen)}
	if err != nil {
		return body, err
	}
	if seen.l.Verdict.Edition != "" {
		body.Verdict = verdictOf(seen, &seen.l.Verdict)
	}
	entries, err := a.Store.WatchHistory(r.http().Context(), seen.scope, seen.l.ID)
	if err != nil {
		return body, err
	}
	people, err := a.Store.People(r.http().Context())
	if err != nil {
		return body, err
	}
	for _, e := range entries {
		b := watchEntryBody{Seq: e.Seq, At: e.At, Day: e.Day, Name: e.Name, Role: e.As.Role, Verdict: verdictOf(seen, e.Verdict), Due: e.Due, Was: e.Was, Data: e.Data}
		if seen.full {
			b.Person, b.Texts, b.To = people.Name(e.Actor), e.Texts, a.places(r).body(e.To)
		}
		body.History = append(body.History, b)
	}
	if !seen.full {
		return body, a.forRated(r, &body)
	}
	return body, nil
}

func verdictOf(seen seenListing, v *regulation.WatchVerdict) *verdictBody {
	if v == nil {
		return nil
	}
	b := &verdictBody{Reason: v.Reason, Count: v.Count, Threshold: v.Threshold, From: v.From, To: v.To, Edition: v.Edition, Cases: []watchCaseBody{}}
	for _, c := range v.Cases {
		line := watchCaseBody{Number: c.Number, Attribution: c.Attribution, From: c.From}
		if seen.full {
			line.Case = c.Case
		}
		b.Cases = append(b.Cases, line)
	}
	return b
}

// Acts on a listing.
const (
	watchInspect = "inspect"
	watchRelease = "release"
	watchDecide  = "decide"
)

// watchActs are what the reader may do now. Who proposed an early release is not offered to decide
// on it, and who serves at the listed unit nothing.
func watchActs(r *request, seen seenListing) []string {
	acts := []string{}
	switch {
	case len(seen.keeps) == 0 || seen.barred != "" || !seen.l.Stands():
	case seen.l.Proposed == nil:
		acts = append(acts, watchInspect, watchRelease)
	case slices.Contains(seen.l.Proposed, r.actor.Person):
		acts = append(acts, watchInspect)
	default:
		acts = append(acts, watchInspect, watchDecide)
	}
	return acts
}

// watchDoings are the acts: the end of their address, what they carry, what they do.
var watchDoings = map[string]struct {
	address string
	fields  []regulation.Field
	do      store.WatchAct
}{
	watchInspect: {"/inspections", regulation.WatchInspectFields, regulation.Rules.Inspect},
	watchRelease: {"/release", regulation.WatchProposeFields, regulation.Rules.ProposeRelease},
	watchDecide:  {"/release/decision", regulation.WatchDecideFields, regulation.Rules.DecideRelease},
}

func (a *API) inspect(r *request) (answer, error)        { return a.doWatch(r, watchInspect) }
func (a *API) proposeRelease(r *request) (answer, error) { return a.doWatch(r, watchRelease) }
func (a *API) decideRelease(r *request) (answer, error)  { return a.doWatch(r, watchDecide) }

// doWatch does an act on a listing. The field seq is the history's end as the form saw it: what came
// since makes it a conflict, and so a form sent twice counts once.
func (a *API) doWatch(r *request, act string) (answer, error) {
	seen, err := a.listingFor(r)
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err = a.tryWatch(r, seen, act, fields); err == nil {
		a.say(r, "flash.watch_done")
		return answer{status: http.StatusNoContent, next: "/watch/" + seen.l.ID}, nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.watchEntries(r, seen)
		if drawing != nil {
			return answer{}, drawing
		}
		view, drawing := a.listingPage(r, seen, body, &triedWatch{act, fields, refused})
		return answer{view: view}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) tryWatch(r *request, seen seenListing, act string, fields regulation.Values) error {
	if len(seen.keeps) == 0 {
		return a.notYours(policies.KeepWatch)
	}
	at, err := strconv.ParseInt(fields.Get("seq"), 10, 64)
	if err != nil {
		return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseWatch, Missing: "fields"}).Field("seq", "required")
	}
	actor := r.actor
	actor.As = seen.as
	return a.Store.ChangeListing(r.http().Context(), seen.l.ID, at, watchDoings[act].do, without(fields, "seq", "idempotency_key"), actor)
}

// without is what a form carries besides some fields.
func without(fields regulation.Values, names ...string) regulation.Values {
	values := regulation.Values{}
	for name, given := range fields {
		if !slices.Contains(names, name) {
			values[name] = given
		}
	}
	return values
}

// watchableBody is what may be put on the list by hand.
type watchableBody struct {
	Areas []placeBody `json:"areas"`
	Area  string      `json:"area"`
	Units []placeBody `json:"units"`
	Staff []placeBody `json:"staff"`
}

// watchable lists them for whoever has a permission.
func (a *API) watchable(r *request, may string) (watchableBody, error) {
	scope, p := a.Guard.Scope(r.actor, may), a.places(r)
	b := watchableBody{Areas: []placeBody{}, Units: []placeBody{}, Staff: []placeBody{}, Area: r.query("area")}
	if p.tree == nil {
		return b, errors.New("organisation tree not read")
	}
	for _, o := range p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		if within(scope, o.Area) {
			b.Areas = append(b.Areas, placeBody{o.Area, p.name(o.ID)})
		}
	}
	if !slices.ContainsFunc(b.Areas, func(area placeBody) bool { return area.ID == b.Area }) && len(b.Areas) > 0 {
		b.Area = b.Areas[0].ID
	}
	var ids []string
	for _, o := range p.tree.Orgs(regulation.UnitKinds...) {
		if o.Area == b.Area && !r.actor.ServesAt(o.ID) { // nobody watches their own office
			b.Units, ids = append(b.Units, placeBody{o.ID, p.name(o.ID)}), append(ids, o.ID)
		}
	}
	staff, err := a.Store.StaffOf(r.http().Context(), ids...)
	for _, s := range staff {
		if s.StaffID != r.actor.Staff {
			b.Staff = append(b.Staff, placeBody{s.StaffID, s.NameZH + " · " + p.name(s.UnitID)})
		}
	}
	return b, err
}

func (a *API) showNewWatch(r *request) (answer, error) {
	body, err := a.watchable(r, policies.KeepWatch)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.newWatchPage(r, body, nil, nil)}, nil
}

// putOnWatch puts a unit or a person of the reader's area on the list, with reasons.
func (a *API) putOnWatch(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	id, err := a.tryPutOnWatch(r, fields)
	if err == nil {
		a.say(r, "flash.watch_done")
		return answer{status: http.StatusCreated, location: "/watch/" + id, next: "/watch/" + id, body: map[string]string{"id": id}}, nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.watchable(r, policies.KeepWatch)
		return answer{view: a.newWatchPage(r, body, fields, formErrors(refused))}, errors.Join(err, drawing)
	}
	return answer{}, err
}

// unitOrStaff is the one of the two that was chosen.
func unitOrStaff(fields regulation.Values, clause regulation.Clause) (kind regulation.WatchKind, object string, err error) {
	unit, staff := fields.Get("unit"), fields.Get("staff")
	switch {
	case (unit == "") == (staff == ""):
		return "", "", (&regulation.Error{Code: regulation.Invalid, Clause: clause, Missing: "fields"}).Field("unit", "unit_or_staff")
	case staff != "":
		return regulation.WatchStaff, staff, nil
	}
	return regulation.WatchUnit, unit, nil
}

func (a *API) tryPutOnWatch(r *request, fields regulation.Values) (string, error) {
	kind, object, err := unitOrStaff(fields, regulation.ClauseWatch)
	if err != nil {
		return "", err
	}
	fresh, err := a.Store.NewListing(r.http().Context(), kind, object)
	if err != nil {
		return "", err
	}
	allowed := a.Guard.Assignments(r.actor, policies.KeepWatch, fresh.Subject())
	if len(allowed) == 0 || r.actor.ServesAt(object) {
		return "", (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseWatch, Missing: "fields"}).Field(string(kind), "not_an_option")
	}
	actor := r.actor
	if actor.As, _, err = a.Store.KeeperOf(r.http().Context(), fresh, actor, allowed); err != nil {
		return "", err
	}
	return a.Store.Watch(r.http().Context(), kind, object, without(fields, "unit", "staff", "area", "idempotency_key"), actor)
}
