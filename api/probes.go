package api

import (
	"context"
	"errors"
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

// probeBody is a probe into signs of cheating (9(2), R48).
type probeBody struct {
	ID        string               `json:"id"`
	Kind      string               `json:"kind"` // staff, unit, rater, approver
	Name      string               `json:"name"`
	Direction regulation.Direction `json:"direction"`
	Unit      *placeBody           `json:"unit"`
	Authority *placeBody           `json:"authority"`
	Since     workday.Date         `json:"since"`
	ByHand    bool                 `json:"by_hand"`
	Signals   int                  `json:"signals"`
	Hearing   string               `json:"hearing,omitempty"`
	HeardBy   time.Time            `json:"heard_by,omitzero" when:"exact"`
	Due       time.Time            `json:"due,omitzero" when:"exact"`
	Overdue   bool                 `json:"overdue"`
	Ended     *workday.Date        `json:"ended_on,omitempty"`
	Outcome   string               `json:"outcome,omitempty"`
	Measure   string               `json:"measure,omitempty"`
	Seq       int64                `json:"seq"`
}

type probesBody struct {
	Probes []probeBody    `json:"probes"`
	Counts map[string]int `json:"counts"`
	Next   string         `json:"next,omitempty"`
}

// signalBody explains one signal: what was counted against which threshold, from when to when.
type signalBody struct {
	Kind      regulation.SignalKind `json:"kind"`
	Direction regulation.Direction  `json:"direction"`
	Text      string                `json:"text"`
	Count     int                   `json:"count"`
	Threshold int                   `json:"threshold"`
	Share     int                   `json:"share,omitempty"`
	Other     int                   `json:"other,omitempty"`
	From      workday.Date          `json:"from"`
	To        workday.Date          `json:"to"`
	Edition   string                `json:"edition"`
}

// evidenceBody is one rating of the evidence: day and codes, nothing of its rater.
type evidenceBody struct {
	Day      workday.Date       `json:"day"`
	Grade    int                `json:"grade"`
	Channel  regulation.Channel `json:"channel"`
	HasText  bool               `json:"has_text"`
	Unit     *placeBody         `json:"unit,omitempty"`
	Case     string             `json:"case,omitempty"`
	Number   string             `json:"number,omitempty"`
	Annulled bool               `json:"annulled,omitempty"`
}

type probeEntryBody struct {
	Seq     int64                 `json:"seq"`
	At      time.Time             `json:"at"`
	Name    regulation.ProbeEvent `json:"name"`
	Role    regulation.Role       `json:"role,omitempty"`
	Person  string                `json:"person,omitempty"`
	Signals []signalBody          `json:"signals,omitempty"`
	Due     time.Time             `json:"due,omitzero" when:"exact"`
	To      *placeBody            `json:"to,omitempty"`
	Data    map[string]string     `json:"data,omitempty"`
	Annuls  int                   `json:"annuls,omitempty"`
	Texts   map[string]string     `json:"texts,omitempty"`
}

type oneProbeBody struct {
	probeBody
	Card     []signalBody     `json:"card"`
	Evidence []evidenceBody   `json:"evidence,omitempty"`
	History  []probeEntryBody `json:"history"`
	// Acts are what the reader may do now.
	Acts []string `json:"acts"`
}

// showProbes lists probes within the reader's scope.
func (a *API) showProbes(r *request) (answer, error) {
	ctx := r.http().Context()
	scope, q := a.Guard.Scope(r.actor, policies.ViewProbes), listQuery(r)
	if sort := r.query("sort"); slices.Contains(store.ProbeSorts, sort) {
		q.Sort = sort
	}
	found, next, err := a.Store.Probes(ctx, scope, r.actor, q)
	if err != nil {
		return answer{}, err
	}
	counts, err := a.Store.ProbeCounts(ctx, scope, r.actor)
	if err != nil {
		return answer{}, err
	}
	body := probesBody{Probes: []probeBody{}, Counts: map[string]int{"all": counts[""]}, Next: pageAddress(r, next)}
	for _, sort := range store.ProbeSorts {
		body.Counts[sort] = counts[sort]
	}
	for _, q := range found {
		b, err := a.probeBody(r, q)
		if err != nil {
			return answer{}, err
		}
		body.Probes = append(body.Probes, b)
	}
	view, err := a.probesTable(r, q.Sort, body, found)
	return answer{body: body, view: view}, err
}

func (a *API) probesTable(r *request, sort string, b probesBody, found []regulation.Probe) (*web.TableView, error) {
	v := &web.TableView{Page: a.pageFor(r), Code: "probes", Columns: []string{"object", "unit", "signals", "since", "state", "due"}}
	intro := web.Msg("probes.text")
	v.Intro, v.Next = &intro, b.Next
	v.Tabs = []web.Tab{{Code: "all", Href: "/probes", Count: b.Counts["all"], Current: sort == ""}}
	for _, s := range store.ProbeSorts {
		v.Tabs = append(v.Tabs, web.Tab{Code: s, Href: "/probes?sort=" + s, Count: b.Counts[s], Current: sort == s})
	}
	if a.Guard.May(r.actor, policies.KeepProbes) {
		v.Add = "/probes/new"
	}
	calendars := a.calendars(r)
	for i, q := range b.Probes {
		calendar, err := calendars.of(found[i].Area)
		if err != nil {
			return nil, err
		}
		last := web.Cell{Due: due(q.Due, q.Overdue, false, calendar, r.at)}
		if q.Ended != nil {
			last = web.Cell{Message: web.Msg("watch.day", q.Ended.Start())}
		}
		v.Rows = append(v.Rows, web.TableRow{Href: "/probes/" + q.ID, Cells: []web.Cell{{Text: q.Name}, {Text: nameOf(q.Unit)},
			{Text: signalsText(r.lang, found[i])}, {Message: web.Msg("watch.day", q.Since.Start())}, {Message: probeState(q)}, last}})
	}
	return v, nil
}

// signalsText names what stands out, each kind once.
func signalsText(lang web.Lang, q regulation.Probe) string {
	var names []string
	for _, s := range q.Signals {
		names = once(names, web.T(lang, "signal."+string(s.Kind)))
	}
	if q.ByHand {
		names = once(names, web.T(lang, "probe.event.opened_by_hand"))
	}
	return strings.Join(names, either(lang, "、", ", "))
}

// probeState words how far a probe has come.
func probeState(q probeBody) web.Message {
	switch {
	case q.Ended != nil:
		return web.Msg("choice.probe_outcome." + q.Outcome)
	case q.Hearing != "":
		return web.Msg("probe.hearing." + q.Hearing)
	}
	return web.Msg("probe.hearing.none")
}

func (a *API) probeBody(r *request, q regulation.Probe) (probeBody, error) {
	p := a.places(r)
	b := probeBody{ID: q.ID, Kind: string(q.Suspect.Kind), Name: p.name(q.Suspect.Object), Direction: q.Direction, Unit: p.body(q.Unit), Authority: p.body(q.Authority),
		Since: q.Since, ByHand: q.ByHand, Signals: len(q.Signals), Hearing: q.Hearing, HeardBy: q.HeardBy, Due: q.Due, Overdue: q.Overdue, Seq: q.Seq}
	if q.Decided != nil {
		b.Ended, b.Outcome, b.Measure = &q.Ended, q.Decided.Outcome, q.Decided.Measure
	}
	ctx := r.http().Context()
	switch q.Suspect.Kind {
	case regulation.SuspectRater:
		// Who that is, nobody learns here; the same digest is the same telephone or browser.
		b.Name = web.T(r.lang, "probe.rater", q.Suspect.Object[:min(6, len(q.Suspect.Object))])
	case regulation.SuspectApprover:
		people, err := a.Store.People(ctx)
		if err != nil {
			return b, err
		}
		b.Name = people.Name(q.Suspect.Object)
	case regulation.SuspectStaff:
		names, err := a.Store.StaffNames(ctx, q.Suspect.Object)
		if b.Name = names[q.Suspect.Object]; b.Name == "" {
			b.Name = web.T(r.lang, "staff.unpublished")
		}
		return b, err
	}
	return b, nil
}

// seenProbe is a probe with what it is to this reader.
type seenProbe struct {
	q     regulation.Probe
	full  bool // keeps or oversees; whom it concerns sees what is held against them, and no rating
	scope regulation.Scope
	// keeps are the reader's posts that keep the probe, as the one of them that they act under, and
	// barred why they may not act under any.
	keeps  []regulation.Assignment
	as     regulation.Assignment
	barred string
	heard  regulation.Assignment // under which the reader speaks for whom it concerns
}

// probeFor finds a probe that the reader may know of.
func (a *API) probeFor(r *request, id string) (seenProbe, error) {
	seen := seenProbe{scope: a.Guard.Scope(r.actor, policies.ViewProbes)}
	var err error
	if seen.q, err = a.Store.Probe(r.http().Context(), seen.scope, id); err != nil {
		return seen, err
	}
	subject := seen.q.Subject()
	for _, as := range a.Guard.Assignments(r.actor, policies.ViewProbes, subject) {
		switch relation := regulation.Relate(r.actor, as, subject); relation {
		case regulation.OwnArea, regulation.Below:
			seen.full = true
		default:
			seen.heard = as
		}
	}
	seen.keeps = a.Guard.Assignments(r.actor, policies.KeepProbes, subject)
	seen.as, seen.barred, err = a.Store.ProberOf(r.http().Context(), seen.q, r.actor, seen.keeps)
	if seen.barred != "" {
		seen.full = false // nobody reads what is gathered against themselves or their own unit
	}
	if err == nil && !seen.full && seen.heard.Role == "" {
		err = notFound("probe")
	}
	return seen, err
}

func (a *API) showProbe(r *request) (answer, error) {
	seen, err := a.probeFor(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	body, err := a.oneProbe(r, seen)
	if err != nil {
		return answer{}, err
	}
	view, err := a.probePage(r, seen, body, nil)
	return answer{body: body, view: view}, err
}

func (a *API) oneProbe(r *request, seen seenProbe) (oneProbeBody, error) {
	line, err := a.probeBody(r, seen.q)
	body := oneProbeBody{probeBody: line, Card: signalsOf(r.lang, seen.q.Signals), History: []probeEntryBody{}, Acts: probeActs(r, seen)}
	if err != nil {
		return body, err
	}
	ctx := r.http().Context()
	if seen.full {
		if body.Evidence, err = a.evidence(r, seen.q); err != nil {
			return body, err
		}
	}
	entries, err := a.Store.ProbeHistory(ctx, seen.scope, seen.q.ID)
	if err != nil {
		return body, err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return body, err
	}
	for _, e := range entries {
		told := true
		if !seen.full {
			e, told = e.AsConcerned()
		}
		if told {
			body.History = append(body.History, probeEntryBody{e.Seq, e.At, e.Name, e.As.Role, people.Name(e.Actor), signalsOf(r.lang, e.Signals), e.Due,
				a.places(r).body(e.To), e.Data, len(e.Annuls), e.Texts})
		}
	}
	if !seen.full {
		return body, a.forRated(r, &body)
	}
	return body, nil
}

func signalsOf(lang web.Lang, signals []regulation.Signal) []signalBody {
	bodies := []signalBody{}
	for _, s := range signals {
		bodies = append(bodies, signalBody{s.Kind, s.Direction, web.T(lang, "signal."+string(s.Kind)+".text", s.Count, s.Threshold, s.Share, s.Other),
			s.Count, s.Threshold, s.Share, s.Other, s.From, s.To, s.Edition})
	}
	return bodies
}

func (a *API) evidence(r *request, q regulation.Probe) ([]evidenceBody, error) {
	lines, err := a.Store.Evidence(r.http().Context(), q)
	var bodies []evidenceBody
	for _, line := range lines {
		b := evidenceBody{Day: workday.DateOf(line.GivenAt), Grade: int(line.Grade), Channel: line.Channel, HasText: line.HasText, Unit: a.places(r).body(line.Unit), Annulled: line.Annulled}
		if _, unseen := a.caseFor(r, line.Case); line.Case != "" && unseen == nil {
			b.Case, b.Number = line.Case, line.Number
		}
		bodies = append(bodies, b)
	}
	return bodies, err
}

// Acts on a probe.
const (
	probeTake     = "take"
	probeNote     = "note"
	probeAsk      = "ask"
	probeStateAct = "state"
	probeHold     = "hold"
	probePropose  = "propose"
	probeDecide   = "decide"
)

// probeDoings are the acts: what they carry, what they do.
var probeDoings = map[string]struct {
	fields []regulation.Field
	do     store.ProbeAct
}{
	probeTake:     {regulation.ProbeTakeFields, regulation.Rules.TakeProbe},
	probeNote:     {regulation.ProbeNoteFields, regulation.Rules.NoteProbe},
	probeAsk:      {regulation.ProbeAskFields, regulation.Rules.AskStatement},
	probeStateAct: {regulation.ProbeStateFields, regulation.Rules.State},
	probeHold:     {regulation.ProbeHoldFields, regulation.Rules.HoldHearing},
	probePropose:  {regulation.ProbeProposeFields, regulation.Rules.ProposeConclusion},
	probeDecide:   {regulation.ProbeDecideFields, regulation.Rules.DecideProbe},
}

// probeActs are what the reader may do now.
func probeActs(r *request, seen seenProbe) []string {
	acts, q := []string{}, seen.q
	if seen.heard.Role != "" && q.MayState() {
		acts = append(acts, probeStateAct)
	}
	if len(seen.keeps) == 0 || seen.barred != "" || !q.Open() {
		return acts
	}
	if !slices.Contains(q.Takers, r.actor.Person) {
		acts = append(acts, probeTake)
	}
	acts = append(acts, probeNote)
	if q.Hearing == "" && (q.Suspect.Kind == regulation.SuspectStaff || q.Suspect.Kind == regulation.SuspectUnit) {
		acts = append(acts, probeAsk)
	}
	switch {
	case q.Proposed == nil:
		return append(acts, probeHold, probePropose)
	case slices.Contains(q.Proposed.By, r.actor.Person):
		return acts
	}
	return append(acts, probeDecide)
}

// doProbe does an act on a probe. The field seq is the history's end as the form saw it: what came since makes it
// a conflict, and so a form sent twice counts once.
func (a *API) doProbe(r *request) (answer, error) {
	act := r.param("act")
	if _, known := probeDoings[act]; !known {
		return answer{}, notFound("no_such_act")
	}
	seen, err := a.probeFor(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err = a.tryProbe(r, seen, act, fields); err == nil {
		a.say(r, "flash.probe_done")
		return answer{status: http.StatusNoContent, next: "/probes/" + seen.q.ID}, nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.oneProbe(r, seen)
		if drawing != nil {
			return answer{}, drawing
		}
		view, drawing := a.probePage(r, seen, body, &triedWatch{act, fields, refused})
		return answer{view: view}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) tryProbe(r *request, seen seenProbe, act string, fields regulation.Values) error {
	actor := r.actor
	switch {
	case act == probeStateAct && seen.heard.Role == "":
		return a.notYours(policies.ViewProbes)
	case act == probeStateAct:
		actor.As = seen.heard
	case len(seen.keeps) == 0:
		return a.notYours(policies.KeepProbes)
	default:
		actor.As = seen.as
	}
	at, err := strconv.ParseInt(fields.Get("seq"), 10, 64)
	if err != nil {
		return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field("seq", "required")
	}
	return a.Store.ChangeProbe(r.http().Context(), seen.q.ID, at, probeDoings[act].do, without(fields, "seq", "idempotency_key"), actor)
}

func (a *API) showNewProbe(r *request) (answer, error) {
	body, err := a.watchable(r, policies.KeepProbes)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.newProbePage(r, body, nil, nil)}, nil
}

// openProbe opens a probe on a report from outside, with reasons.
func (a *API) openProbe(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	id, err := a.tryOpenProbe(r, fields)
	if err == nil {
		a.say(r, "flash.probe_done")
		return answer{status: http.StatusCreated, location: "/probes/" + id, next: "/probes/" + id, body: map[string]string{"id": id}}, nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.watchable(r, policies.KeepProbes)
		return answer{view: a.newProbePage(r, body, fields, formErrors(refused))}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) tryOpenProbe(r *request, fields regulation.Values) (string, error) {
	ctx := r.http().Context()
	kind, object, err := unitOrStaff(fields, regulation.ClauseRights)
	if err != nil {
		return "", err
	}
	listed, err := a.Store.NewListing(ctx, kind, object)
	if err != nil {
		return "", err
	}
	suspect, unit := regulation.Suspect{Kind: regulation.SuspectKind(kind), Object: object}, listed.Unit
	fresh, err := a.Store.NewProbe(ctx, suspect, unit)
	if err != nil {
		return "", err
	}
	allowed := a.Guard.Assignments(r.actor, policies.KeepProbes, fresh.Subject())
	if len(allowed) == 0 {
		return "", (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field(string(kind), "not_an_option")
	}
	actor := r.actor
	if actor.As, _, err = a.Store.ProberOf(ctx, fresh, actor, allowed); err != nil {
		return "", err
	}
	return a.Store.OpenProbe(ctx, fresh, without(fields, "unit", "staff", "area", "idempotency_key"), actor)
}

// setStaffPhone notes the telephone of an account, to tell whether ratings leave it as their rater's. It is
// never shown again.
func (a *API) setStaffPhone(r *request) (answer, error) {
	account, err := a.manageable(r, r.param("person"))
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "staff_phone", "idempotency_key"); err != nil {
		return answer{}, err
	}
	err = a.Store.SetStaffPhone(r.http().Context(), account.Person, fields.Get("staff_phone"), r.actor)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.personBody(r, account)
		view := a.personPage(r, body)
		if wrong, known := web.FieldErrors(refused.Fields)["staff_phone"]; known {
			view.Phone.Error = &wrong
		}
		return answer{view: view}, errors.Join(err, drawing)
	}
	if err == nil {
		a.say(r, "flash.staff_phone_saved")
	}
	return answer{status: http.StatusNoContent, next: "/people/" + account.Person}, err
}

// traceOf is from where a rating of the web came: what tells one browser from another, and who of the staff is
// signed in in it.
func (a *API) traceOf(r *request) store.RatingTrace {
	h := r.http().Header
	t := store.RatingTrace{Client: strings.Join([]string{r.echo.RealIP(), h.Get("User-Agent"), h.Get("Accept-Language")}, "\n")}
	token := cookie(r.echo, a.sessions.Cookie.Name)
	if token == "" {
		return t
	}
	// A session that does not load says nothing; the rating is taken all the same.
	if ctx, err := a.sessions.Load(r.http().Context(), token); err == nil {
		t.Session = a.sessions.GetString(ctx, sessionPerson)
	}
	return t
}

// fillProbes adds the probes of a case's rating, for readers of the authority's side.
func (a *API) fillProbes(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	if seen.reader == regulation.ReaderUnit || !a.Guard.May(r.actor, policies.ViewProbes) {
		return nil
	}
	probes, err := a.Store.ProbesOf(ctx, a.Guard.Scope(r.actor, policies.ViewProbes), r.actor, seen.c.RatingID)
	for _, q := range probes {
		drawn, failed := a.probeBody(r, q)
		b.Probes, err = append(b.Probes, placeBody{q.ID, drawn.Name}), errors.Join(err, failed)
	}
	return err
}
