package api

import (
	"context"
	"net/url"
	"slices"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// taskBody is a task as inboxes list it.
type taskBody struct {
	ID     string             `json:"id"`
	Case   string             `json:"case"`
	Number string             `json:"number"`
	Act    regulation.ActKind `json:"act"`
	Href   string             `json:"href"` // of the case, or of the notice by which the reader knows it
	Phase  regulation.Phase   `json:"phase,omitempty"`
	Grade  int                `json:"grade"`
	Area   string             `json:"area"`
	Unit   *placeBody         `json:"unit,omitempty"`
	// OpenedAt is the instant of the rating, and not for the rated side (R04).
	OpenedAt time.Time `json:"opened_at,omitzero"`
	Due      *dueBody  `json:"due,omitempty"`
	Raised   string    `json:"raised,omitempty"`
	Holder   string    `json:"holder,omitempty"`
	Since    time.Time `json:"since,omitzero" when:"exact"` // the holder has had it
	// Claimable and Releasable say what the reader may do with it; Mine, that the reader holds it.
	Claimable  bool `json:"claimable"`
	Releasable bool `json:"releasable"`
	Mine       bool `json:"mine"`
	// For is in whose place the reader would do it; left out where a post of the reader's own lets them.
	For *actedForBody `json:"for,omitempty"`
}

type countsBody struct {
	Mine      int `json:"mine"`
	Unit      int `json:"unit"`
	Available int `json:"available"`
	Overdue   int `json:"overdue"`
	// Assisting is how many open cases the reader's units assist in; left out where there is no such list.
	Assisting *int `json:"assisting,omitempty"`
}

// inboxBody is a page of an inbox; Next and Previous are addresses.
type inboxBody struct {
	Tab    store.Tab  `json:"tab"`
	Counts countsBody `json:"counts"`
	Tasks  []taskBody `json:"tasks"`
	// Inspections are those of the watch list that the reader has to see to, the most urgent first.
	Inspections []inspectionBody `json:"inspections,omitempty"`
	// Openings is how many openings of boxes wait for the reader to confirm them; /openings has them.
	Openings int    `json:"openings_to_confirm,omitempty"`
	Next     string `json:"next,omitempty"`
	Previous string `json:"previous,omitempty"`
}

// inspectionBody is an inspection that is due soon, or should have taken place.
type inspectionBody struct {
	Listing listedBody `json:"listing"`
	Unit    *placeBody `json:"unit,omitempty"`
	Due     dueBody    `json:"due"`
	Href    string     `json:"href"`
}

// How far ahead inboxes show inspections, and how many; the watch list has them all.
const (
	inspectionAhead = 7 * 24 * time.Hour
	inspectionMost  = 10
)

// inspections are those that the reader may record, and soon has to: nobody their own.
func (a *API) inspections(r *request) ([]inspectionBody, error) {
	scope := a.Guard.Scope(r.actor, policies.KeepWatch)
	due, err := a.Store.InspectionsDue(r.http().Context(), scope, r.at.Add(inspectionAhead), inspectionMost)
	if err != nil {
		return nil, err
	}
	calendars := a.calendars(r)
	var bodies []inspectionBody
	for _, l := range due {
		if len(a.Guard.Assignments(r.actor, policies.KeepWatch, l.Subject())) == 0 {
			continue
		}
		drawn, err := a.listingBody(r, l)
		if err != nil {
			return nil, err
		}
		calendar, err := calendars.of(l.Area)
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, inspectionBody{listedBody{l.ID, l.Kind, drawn.Name}, drawn.Unit, dueOf(l.Due, l.Overdue, false, calendar, r.at), "/watch/" + l.ID})
	}
	return bodies, nil
}

var tabs = []store.Tab{store.TabMine, store.TabUnit, store.TabAvailable}

// showInbox lists the reader's tasks: taken, at the reader's organisations, or free to take.
func (a *API) showInbox(r *request) (answer, error) {
	ctx := r.http().Context()
	reader := a.atDesk(r.actor)
	counts, err := a.Store.TaskCounts(ctx, reader)
	if err != nil {
		return answer{}, err
	}
	q := taskQuery(r, counts)
	q.Actor = reader
	page, err := a.Store.Tasks(ctx, q)
	if err != nil {
		return answer{}, err
	}
	body := inboxBody{Tab: q.Tab, Tasks: []taskBody{}, Next: pageAddress(r, page.Next), Previous: pageAddress(r, page.Prev),
		Counts: countsBody{Mine: counts.Mine, Unit: counts.Unit, Available: counts.Available, Overdue: counts.Overdue}}
	if body.Counts.Assisting, err = a.assistedCount(r); err != nil {
		return answer{}, err
	}
	if body.Tasks, err = a.taskBodies(ctx, r, page.Tasks); err != nil {
		return answer{}, err
	}
	if body.Inspections, err = a.inspections(r); err != nil {
		return answer{}, err
	}
	body.Openings = a.openingsToConfirm(r)
	return answer{body: body, view: a.inboxPage(r, q, body)}, nil
}

// atDesk leaves the actor those posts whose office's tasks they may list; whoever has none lists what
// lies before them in person.
func (a *API) atDesk(actor regulation.Actor) regulation.Actor {
	actor.Assignments = slices.DeleteFunc(slices.Clone(actor.Assignments), func(as regulation.Assignment) bool {
		return !a.Guard.Allows(as.Role, policies.ViewInbox, regulation.OwnUnit) && !a.Guard.Allows(as.Role, policies.ViewInbox, regulation.OwnArea)
	})
	return actor
}

// taskQuery reads the address; without a tab it is the first that holds something.
func taskQuery(r *request, counts store.TaskCounts) store.TaskQuery {
	grade, _ := regulation.ParseGrade(r.query("grade")) // anything else filters nothing
	q := store.TaskQuery{Actor: r.actor, Tab: store.Tab(r.query("tab")), Act: regulation.ActKind(r.query("act")), Area: r.query("area"),
		Grade: grade, Overdue: r.query("overdue") == "true", Number: r.query("number"), Sort: r.query("sort"), Cursor: r.query("cursor")}
	if regulation.OfRatedSide(r.actor) {
		q.Sort = "" // by opening it would be the ratings' order
	}
	if !slices.Contains(tabs, q.Tab) {
		q.Tab = store.TabUnit
		if counts.Available > 0 {
			q.Tab = store.TabAvailable
		}
		if counts.Mine > 0 {
			q.Tab = store.TabMine
		}
	}
	return q
}

// pageAddress is this address with another cursor, "" for no such page.
func pageAddress(r *request, cursor string) string {
	if cursor == "" {
		return ""
	}
	return addressWith(r, "cursor", cursor)
}

func addressWith(r *request, name, value string) string {
	query := url.Values{}
	for have, values := range r.http().URL.Query() {
		if have != "cursor" && have != "nr" && have != "lang" {
			query[have] = values
		}
	}
	query.Set(name, value)
	return r.http().URL.Path + "?" + query.Encode()
}

func (a *API) taskBodies(ctx context.Context, r *request, items []store.TaskItem) ([]taskBody, error) {
	people, err := a.Store.People(ctx)
	if err != nil {
		return nil, err
	}
	inPlace, err := a.inWhosePlace(ctx, r, people, items)
	if err != nil {
		return nil, err
	}
	p, calendars := a.places(r), a.calendars(r)
	bodies := make([]taskBody, 0, len(items))
	for _, t := range items {
		b := taskBody{ID: t.ID, Case: t.CaseID, Number: t.Number, Act: t.Act, Phase: t.Phase, Grade: int(t.Grade), Area: t.Area,
			Unit: p.body(t.Unit), OpenedAt: t.OpenedAt, Raised: t.Raised, Since: t.ClaimedAt, For: inPlace[t.ID]}
		if !t.Due.IsZero() {
			calendar, err := calendars.of(t.Area)
			if err != nil {
				return nil, err
			}
			d := dueOf(t.Due, t.Overdue, t.Provisional, calendar, r.at)
			b.Due = &d
		}
		b.Mine = t.ClaimedBy != "" && t.ClaimedBy == r.actor.Person
		b.Releasable = b.Mine || people.Leads(r.actor, t.ClaimedBy, r.at)
		if holder, err := people.Actor(t.ClaimedBy, r.at); err == nil && regulation.KnowsColleague(r.actor, holder) {
			b.Holder = people.Name(t.ClaimedBy)
		}
		b.Claimable = t.ClaimedBy == "" && holdsRoleFor(r.actor, t.Act)
		a.asRated(r, &b)
		if regulation.OfRatedSide(r.actor) {
			b.OpenedAt = time.Time{}
		}
		bodies = append(bodies, b)
	}
	return bodies, nil
}

// asRated leaves of a task of the rated side what its notice says: not where the case stands, nor with
// which unit (R57). It leads to the notice.
func (a *API) asRated(r *request, b *taskBody) {
	b.Href = "/cases/" + b.Case
	spec, _ := regulation.SpecOf(b.Act)
	if shared(spec) {
		return
	}
	b.Claimable = false
	if !within(a.Guard.Scope(r.actor, policies.ViewCase), b.Area) {
		b.Href, b.Phase, b.Unit = "/notices/"+b.Case, "", nil
	}
}

// holdsRoleFor tells whether one of the actor's roles does such acts; the seat itself is asked
// when the task is claimed.
func holdsRoleFor(actor regulation.Actor, kind regulation.ActKind) bool {
	spec, _ := regulation.SpecOf(kind)
	return slices.ContainsFunc(actor.Assignments, func(as regulation.Assignment) bool {
		return as.Role == regulation.AuthorityHead || slices.Contains(spec.Roles, as.Role) ||
			(spec.Side == regulation.SideUnit && as.Role == regulation.Supervisor)
	})
}

func (a *API) inboxPage(r *request, q store.TaskQuery, b inboxBody) *web.InboxView {
	v := &web.InboxView{Page: a.pageFor(r), Filter: web.InboxFilter{Action: r.http().URL.Path, Act: string(q.Act), Area: q.Area, Grade: r.query("grade"),
		Number: q.Number, Sort: q.Sort, Tab: string(q.Tab), Overdue: q.Overdue}}
	v.Live = "/events"
	v.Tabs = inboxTabs(r, string(q.Tab), b.Counts)
	for _, spec := range regulation.Specs() {
		if spec.Side != regulation.SideRater && spec.Joins == "" && awaited(spec) {
			v.Acts = append(v.Acts, web.Option{Value: string(spec.Kind), Key: web.StepKey(string(spec.Kind))})
		}
	}
	p := a.places(r)
	v.Areas = areaOptions(p, a.Guard.Scope(r.actor, policies.ViewInbox))
	for _, t := range b.Tasks {
		v.Rows = append(v.Rows, inboxRow(r.lang, p, t))
	}
	for _, i := range b.Inspections {
		v.Inspections = append(v.Inspections, web.Inspection{Kind: string(i.Listing.Kind), Name: i.Listing.Name, Unit: nameOf(i.Unit), Href: i.Href, Due: webDue(&i.Due)})
	}
	v.Openings = b.Openings
	v.Previous, v.Next = b.Previous, b.Next
	if q.Cursor != "" {
		v.First = addressWith(r, "tab", string(q.Tab))
	}
	return v
}

// awaited tells whether tasks can wait for an act at all: those that somebody may begin, and none
// waits for, have no due time.
func awaited(spec regulation.Spec) bool { return spec.Days != "" || spec.Track == "" }

// inboxTabs are the tabs of tasks, and that of the cases in which the reader's units assist.
func inboxTabs(r *request, chosen string, counts countsBody) []web.Tab {
	var drawn []web.Tab
	for i, count := range []int{counts.Mine, counts.Unit, counts.Available} {
		tab := string(tabs[i])
		drawn = append(drawn, web.Tab{Code: tab, Href: addressWith(r, "tab", tab), Count: count, Current: tab == chosen})
	}
	if counts.Assisting != nil {
		drawn = append(drawn, web.Tab{Code: assisting, Href: "/cases?tab=" + assisting, Count: *counts.Assisting, Current: chosen == assisting})
	}
	return drawn
}

func inboxRow(lang web.Lang, p places, t taskBody) web.InboxRow {
	row := web.InboxRow{Href: t.Href, Number: t.Number, Act: string(t.Act), Phase: string(t.Phase), Unit: nameOf(t.Unit),
		Area: p.name(t.Area), Grade: t.Grade, Opened: t.OpenedAt, Due: webDue(t.Due), Escalated: t.Raised != "", For: t.For.words(lang, "inbox.for"),
		Hold: webHold(&holdBody{ID: t.ID, Holder: t.Holder, Since: t.Since, Mine: t.Mine, Claimable: t.Claimable, Releasable: t.Releasable})}
	return row
}

// areaOptions are the areas that a scope reaches, for the filter.
func areaOptions(p places, scope regulation.Scope) []web.Option {
	var options []web.Option
	if p.tree == nil {
		return nil
	}
	for _, o := range p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		if within(scope, o.Area) {
			options = append(options, web.Option{Value: o.Area, Text: either(p.lang, o.NameZH, o.NameEN)})
		}
	}
	return options
}

// fillTask finds the reader's task of the case, or the first that there is.
func (a *API) fillTask(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	if seen.reader == regulation.ReaderOversight {
		return nil
	}
	items, err := a.Store.CaseTasks(ctx, seen.c.ID)
	if err != nil || len(items) == 0 {
		return err
	}
	bodies, err := a.taskBodies(ctx, r, items)
	for _, t := range bodies {
		here, seated := seatedAt(r.actor, seen.c, t.Act)
		if seen.reader == regulation.ReaderUnit && !here {
			continue // a unit that assists has no part in the leading unit's task
		}
		t.Claimable = t.Claimable && seated
		shown := b.Task == nil || t.Mine || (t.Claimable && !b.Task.Mine && !b.Task.Claimable)
		if spec, _ := regulation.SpecOf(t.Act); shown && seen.reader.ShowsAct(spec) {
			b.Task = &holdBody{ID: t.ID, Holder: t.Holder, Since: t.Since, Mine: t.Mine, Claimable: t.Claimable, Releasable: t.Releasable}
		}
	}
	return err
}

// seatedAt tells whether a step lies at one of the actor's organisations, and whether it lies
// before the actor there.
func seatedAt(actor regulation.Actor, c regulation.Case, kind regulation.ActKind) (here, seated bool) {
	await := c.Await(kind)
	if await == nil {
		return false, false
	}
	here = slices.ContainsFunc(actor.Assignments, func(as regulation.Assignment) bool {
		return slices.ContainsFunc(await.Seats, func(seat regulation.Seat) bool { return seat.Org == as.Org })
	})
	return here, actor.Sits(await.Seats)
}
