package api

import (
	"errors"
	"net/http"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// oneBoxBody is a box with its openings, batches and weeks, each the latest first (6(2)).
type oneBoxBody struct {
	boxBody
	Reports  []reportBody  `json:"reports"` // of openings of which nothing is decided, or which were set aside
	Openings []openingBody `json:"openings"`
	Batches  []batchBody   `json:"batches"`
	Weeks    []weekBody    `json:"weeks"`
}

type openingBody struct {
	ID           string    `json:"id"`
	Week         string    `json:"week"`
	At           time.Time `json:"opened_at"`
	Openers      []string  `json:"openers"` // names
	OldSeal      string    `json:"old_seal"`
	OldSealState string    `json:"old_seal_state"`
	NewSeal      string    `json:"new_seal"`
	Counted      int       `json:"counted"`
	Entered      int       `json:"entered"`
	Void         int       `json:"void"`
	Remaining    int       `json:"remaining"`
	Letters      int       `json:"letters"`
	Remarks      string    `json:"remarks,omitempty"`
	EntryDue     time.Time `json:"entry_due"`
}

type batchBody struct {
	ID        string                `json:"id"`
	First     string                `json:"first"`
	Last      string                `json:"last"`
	State     regulation.BatchState `json:"state"`
	Note      string                `json:"note,omitempty"`
	IssuedAt  time.Time             `json:"issued_at"`
	Count     int                   `json:"count"`
	Unused    int                   `json:"unused"`
	Entered   int                   `json:"entered"`
	Void      int                   `json:"void"`
	Destroyed int                   `json:"destroyed"`
	Missing   int                   `json:"missing"`
}

type weekBody struct {
	Week    string    `json:"week"`
	Verdict string    `json:"verdict"`
	Settled time.Time `json:"settled_at,omitzero"`
}

// weeksShown is a quarter of a year.
const weeksShown = 13

// showBox shows a box with its openings, batches and weeks.
func (a *API) showBox(r *request) (answer, error) {
	body, err := a.oneBox(r)
	if err != nil {
		return answer{}, err
	}
	view, err := a.boxPage(r, body, triedBox{})
	return answer{body: body, view: view}, err
}

func (a *API) oneBox(r *request) (body oneBoxBody, err error) {
	ctx, scope := r.http().Context(), a.Guard.Scope(r.actor, policies.ViewBox)
	b, err := a.Store.Box(ctx, scope, r.param("id"))
	if err != nil {
		return body, err
	}
	l, err := a.roll(r)
	if err != nil {
		return body, err
	}
	body = oneBoxBody{l.box(b, a.places(r)), []reportBody{}, []openingBody{}, []batchBody{}, []weekBody{}}
	missed, err := a.missedWeeks(r, scope)
	if err != nil {
		return body, err
	}
	body.Missed = missed[b.ID]
	reports, err := a.Store.OpeningReports(ctx, scope, store.ReportQuery{Box: b.ID})
	if err != nil {
		return body, err
	}
	for _, o := range reports {
		if o.State.Counts() {
			continue
		}
		drawn, err := a.reportBody(r, o)
		if err != nil {
			return body, err
		}
		body.Reports = append(body.Reports, drawn)
	}
	openings, err := a.Store.Openings(ctx, scope, store.OpeningQuery{Box: b.ID})
	if err != nil {
		return body, err
	}
	for _, o := range openings {
		due, err := a.Store.EntryDue(ctx, o)
		if err != nil {
			return body, err
		}
		body.Openings = append(body.Openings, openingBody{o.ID, o.Week, o.OpenedAt, []string{l.ref(o.Openers[0]).Name, l.ref(o.Openers[1]).Name}, o.OldSeal, o.OldSealState, o.NewSeal,
			o.Counted, o.Entered, o.Void, o.Remaining(), o.Letters, o.Remarks, due})
	}
	batches, err := a.Store.Batches(ctx, scope, b.ID)
	if err != nil {
		return body, err
	}
	for _, c := range batches {
		body.Batches = append(body.Batches, batchBody{c.ID, c.First(), c.Last(), c.State, c.Note, c.IssuedAt, c.Count, c.Unused, c.Entered, c.Void, c.Destroyed, c.Missing})
	}
	weeks, err := a.Store.BoxWeeks(ctx, b.ID, weeksShown)
	for _, w := range weeks {
		body.Weeks = append(body.Weeks, weekBody{w.Week, w.Verdict, w.Settled})
	}
	return body, err
}

func (a *API) boxPage(r *request, b oneBoxBody, tried triedBox) (*web.BoxView, error) {
	v := &web.BoxView{Page: a.pageFor(r), Hall: b.Hall.Name, Place: b.Place, State: string(b.State), Missed: drawMissed(b.Missed), Photo: b.Photo}
	v.Title = b.Hall.Name + " · " + b.Place
	if b.Keeper != nil {
		v.Keeper = b.Keeper.Name
	}
	if tried.refused != nil && tried.refused.Fields == nil {
		refusal := web.Msg("refusal." + tried.refused.Missing)
		v.Refusal = &refusal
	}
	for _, o := range b.Reports {
		v.Reports = append(v.Reports, drawReport(o))
	}
	for _, c := range b.Changes {
		v.Changes = append(v.Changes, web.BoxChange{State: string(c.State), Hall: nameOf(c.Hall), Place: c.Place, By: c.By, Reason: c.Reason, From: c.From, At: c.At})
	}
	for _, o := range b.Openings {
		v.Openings = append(v.Openings, web.BoxOpening{Week: o.Week, Openers: o.Openers[0] + "、" + o.Openers[1], SealState: o.OldSealState, Seal: o.NewSeal, At: o.At, EntryDue: o.EntryDue,
			Counted: o.Counted, Entered: o.Entered, Void: o.Void, Remaining: o.Remaining, Letters: o.Letters, Late: !r.at.Before(o.EntryDue)})
	}
	for _, w := range b.Weeks {
		v.Weeks = append(v.Weeks, web.BoxWeek(w))
	}
	runs, err := a.Store.Boxes(r.http().Context(), a.Guard.Scope(r.actor, policies.RunBox))
	if err != nil {
		return v, err
	}
	mine := false
	for _, box := range runs {
		mine = mine || box.ID == b.ID
	}
	path := "/boxes/" + b.ID
	for _, c := range b.Batches {
		row := web.BoxBatch{ID: c.ID, First: c.First, Last: c.Last, State: string(c.State), Note: c.Note, At: c.IssuedAt, Count: c.Count, Unused: c.Unused, Entered: c.Entered,
			Void: c.Void, Destroyed: c.Destroyed, Missing: c.Missing}
		if mine && c.State == regulation.BatchIssued {
			row.Close = tried.draw(path+"/batches/"+c.ID+"/close", "close", c.ID, regulation.CloseFields, nil)
			row.Print = path + "/batches/" + c.ID + "/print"
		}
		v.Batches = append(v.Batches, row)
	}
	if !mine {
		return v, nil
	}
	area, _ := a.places(r).org(b.Hall.ID)
	openers, err := a.Store.BoxOpeners(r.http().Context(), b.Hall.ID, area.Area, r.actor.Person)
	var options []web.Option
	for _, o := range openers {
		options = append(options, web.Option{Value: o.Person, Text: o.NameZH})
	}
	v.Upload = tried.draw(path+"/photo", "photo", b.ID, nil, nil)
	v.Open = tried.draw(path+"/openings", "open", b.ID, regulation.OpeningFields, options)
	v.Issue = tried.draw(path+"/batches", "issue", b.ID, regulation.BatchFields, nil)
	return v, err
}

// issueBatch issues a batch of forms for a box.
func (a *API) issueBatch(r *request) (answer, error) {
	return a.runBox(r, "issue", r.param("id"), func(scope regulation.Scope, actor regulation.Actor, v regulation.Values) error {
		_, err := a.Store.IssueBatch(r.http().Context(), scope, r.param("id"), v, actor)
		return err
	})
}

// closeBatch tells what became of the forms of a batch that have not come back.
func (a *API) closeBatch(r *request) (answer, error) {
	return a.runBox(r, "close", r.param("batch"), func(scope regulation.Scope, actor regulation.Actor, v regulation.Values) error {
		return a.Store.CloseBatch(r.http().Context(), scope, r.param("id"), r.param("batch"), v, actor)
	})
}

// recordOpening records what two people found.
func (a *API) recordOpening(r *request) (answer, error) {
	waits := false
	done, err := a.runBox(r, "open", r.param("id"), func(scope regulation.Scope, actor regulation.Actor, v regulation.Values) error {
		id, err := a.Store.RecordOpening(r.http().Context(), scope, r.param("id"), v, actor)
		if err == nil {
			report, unreported := a.Store.OpeningReport(r.http().Context(), id)
			waits = unreported == nil && report.State.Open()
		}
		return err
	})
	if waits {
		a.say(r, "flash.opening_reported")
	}
	return done, err
}

// runBox does something at a box under the reader's first post that may, and draws the page anew where it is refused.
func (a *API) runBox(r *request, form, about string, do func(regulation.Scope, regulation.Actor, regulation.Values) error) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	fields = without(fields, "idempotency_key")
	actor := r.actor
	for _, as := range actor.Assignments {
		if a.Guard.Allows(as.Role, policies.RunBox, regulation.OwnUnit) || a.Guard.Allows(as.Role, policies.RunBox, regulation.OwnArea) {
			actor.As = as
			break
		}
	}
	if err = do(a.Guard.Scope(r.actor, policies.RunBox), actor, fields); err == nil {
		a.say(r, "flash.watch_done")
		return answer{status: http.StatusNoContent, next: "/boxes/" + r.param("id")}, nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, reading := a.oneBox(r)
		if reading != nil {
			return answer{}, err
		}
		view, drawing := a.boxPage(r, body, triedBox{form, about, fields, refused})
		return answer{view: view}, errors.Join(err, drawing)
	}
	return answer{}, err
}

// boxName is how the box of an alarm is called; an alarm about forms that wait names their opening, one about an opening its report.
func (a *API) boxName(r *request, alarm store.Alarm) string {
	id := alarm.Object
	switch alarm.Kind {
	case store.AlarmBoxEntries:
		if o, err := a.Store.Opening(r.http().Context(), id); err == nil {
			id = o.Box
		}
	case store.AlarmBoxUnconfirmed:
		if o, err := a.Store.OpeningReport(r.http().Context(), id); err == nil {
			id = o.Box
		}
	}
	b, err := a.Store.Box(r.http().Context(), regulation.Scope{All: true}, id)
	if err != nil {
		return id
	}
	return a.places(r).name(b.Hall) + " · " + b.Place
}
