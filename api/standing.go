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

// standingBody is a case as it stood at an instant: after one of its events, before the next.
type standingBody struct {
	Case    string             `json:"case"`
	Seq     int64              `json:"seq"`
	Last    int64              `json:"last"` // sequence of the case's last event
	At      time.Time          `json:"at"`
	Until   time.Time          `json:"until,omitzero"` // when the next event changed it
	AsOf    time.Time          `json:"as_of"`          // whose people and calendar these are: the instant asked for, or the event's, or now
	Event   string             `json:"event"`
	Phase   regulation.Phase   `json:"phase"`
	Tracks  []trackBody        `json:"tracks"`
	Edition string             `json:"edition"`
	Notices []noticeInForce    `json:"notices"` // of the calendar, besides those that the product brings
	Waits   []standingWaitBody `json:"waits"`
	Others  []othersBody       `json:"others"` // acts that somebody could do without anything waiting for them
	Dues    []standingDueBody  `json:"deadlines"`
}

type trackBody struct {
	Track regulation.Track `json:"track"`
	Stage regulation.Stage `json:"stage"`
}

// noticeInForce is a notice of the working calendar that counted then.
type noticeInForce struct {
	ID     string    `json:"id"`
	Area   string    `json:"area"` // "" for the whole country
	Name   string    `json:"name"`
	Number string    `json:"number"`
	Since  time.Time `json:"since"`
}

// standingWaitBody is a wait with before whom it lay, and how many people could have acted then.
type standingWaitBody struct {
	Act     regulation.ActKind `json:"act"`
	Before  []manned           `json:"before"`
	Since   time.Time          `json:"since"`
	Due     time.Time          `json:"due,omitzero"`
	Overdue bool               `json:"overdue,omitempty"`
	Raised  string             `json:"raised,omitempty"`
	Lacks   string             `json:"lacks,omitempty"`   // the condition that kept everybody from it
	Deduced bool               `json:"deduced,omitempty"` // from the deadline: of before waits were kept
}

// manned is a seat with how many people could act from it at the instant; a citizen's has none to count.
type manned struct {
	seatBody
	People int `json:"people"`
	// Names are theirs, with those in whose place they held it; left out for who sees no names.
	Names []string `json:"names,omitempty"`
}

type othersBody struct {
	Act    regulation.ActKind `json:"act"`
	Before []manned           `json:"before"`
}

type standingDueBody struct {
	Kind        string             `json:"kind"`
	Act         regulation.ActKind `json:"act,omitempty"`
	Due         time.Time          `json:"due"`
	Calendar    string             `json:"calendar,omitempty"` // version that it was counted with
	Provisional bool               `json:"provisional,omitempty"`
}

// showStanding shows the case as it stood: after the event ?seq=, or at the instant ?at= (RFC 3339,
// or a civil date and time in Asia/Shanghai); without either as it stands now. Units read their
// order's own procedure on the case page; this is the authority's and the overseers'.
func (a *API) showStanding(r *request) (answer, error) {
	seen, err := a.caseFor(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	if seen.reader == regulation.ReaderUnit {
		return answer{}, notFound("page")
	}
	events, err := a.Store.Events(r.http().Context(), seen.scope, seen.c.ID)
	if err != nil {
		return answer{}, err
	}
	all := regulation.Replay(seen.c, plain(events))
	i, asOf, err := chosen(r, all)
	if err != nil {
		return answer{}, err
	}
	b, err := a.standing(r, seen, all, i, asOf)
	return answer{body: b, view: a.standingPage(r, seen, b, all)}, err
}

// chosen is the standing that the address asks for, and the instant whose people it means; before the
// first there was no case.
func chosen(r *request, all []regulation.Standing) (i int, asOf time.Time, err error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	if text := r.query("seq"); text != "" {
		seq, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seq < 1 || seq > int64(len(all)) {
			return 0, asOf, wrong.Field("seq", "not_an_option")
		}
		return int(seq) - 1, all[seq-1].At, nil
	}
	text := r.query("at")
	if text == "" {
		return len(all) - 1, r.at, nil
	}
	asOf, err = instantOf(text)
	switch {
	case err != nil:
		return 0, asOf, wrong.Field("at", "not_a_date")
	case asOf.After(r.at):
		return 0, asOf, wrong.Field("at", "date_to_come")
	}
	s, ok := regulation.StoodAt(all, asOf)
	if !ok {
		return 0, asOf, &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseVerify, Missing: "case_not_opened_yet", From: all[0].At}
	}
	return slices.IndexFunc(all, func(other regulation.Standing) bool { return other.Seq == s.Seq }), asOf, nil
}

func (a *API) standing(r *request, seen seenCase, all []regulation.Standing, i int, asOf time.Time) (standingBody, error) {
	ctx, s := r.http().Context(), all[i]
	people, err := a.Store.People(ctx)
	if err != nil {
		return standingBody{}, err
	}
	rules, notices, err := a.Store.RulesAt(ctx, s.Case(), asOf)
	if err != nil {
		return standingBody{}, err
	}
	b := standingBody{Case: seen.c.ID, Seq: s.Seq, Last: all[len(all)-1].Seq, At: s.At, AsOf: asOf, Event: eventName(s.Kind, s.Event), Phase: s.Phase, Edition: s.Edition,
		Notices: []noticeInForce{}, Tracks: []trackBody{}, Waits: []standingWaitBody{}, Others: []othersBody{}, Dues: duesThen(s, rules, asOf)}
	if i+1 < len(all) {
		b.Until = all[i+1].At
	}
	for _, n := range notices {
		b.Notices = append(b.Notices, noticeInForce(n))
	}
	for _, track := range regulation.Tracks {
		if stage := s.Tracks[track]; stage != "" {
			b.Tracks = append(b.Tracks, trackBody{track, stage})
		}
	}
	for _, could := range rules.Could(s, asOf) {
		before := a.before(r, seen, people, could.Seats)
		if could.Await == nil {
			b.Others = append(b.Others, othersBody{could.Act, before})
			continue
		}
		w := could.Await
		drawn := standingWaitBody{Act: w.Act, Before: before, Since: w.Since, Due: w.Due, Overdue: w.Overdue, Raised: w.Raised, Deduced: could.Deduced}
		if could.Lacks != nil {
			drawn.Lacks = could.Lacks.Missing
		}
		b.Waits = append(b.Waits, drawn)
	}
	return b, nil
}

// duesThen are the due instants that stood, the end of the appeal window among them.
func duesThen(s regulation.Standing, rules regulation.Rules, at time.Time) []standingDueBody {
	dues := []standingDueBody{}
	for _, d := range s.Deadlines {
		dues = append(dues, standingDueBody{string(d.Kind), d.Act, d.Due, d.Calendar, d.Provisional})
	}
	if then := rules.Then(s); then.AppealOpen(at) {
		dues = append(dues, standingDueBody{Kind: string(regulation.CountedAppeal), Act: regulation.ActLodgeAppeal, Due: then.Notice.AppealUntil})
	}
	return dues
}

// eventName is the word under which pages name an event.
func eventName(kind regulation.EventKind, name string) string {
	switch kind {
	case regulation.EventDeadline:
		return "deadline." + name
	case regulation.EventRearmed:
		return string(kind)
	}
	return name
}

// plain are the events without what the record adds to them.
func plain(stored []store.CaseEvent) []regulation.Event {
	events := make([]regulation.Event, 0, len(stored))
	for _, e := range stored {
		events = append(events, e.Event)
	}
	return events
}

// instantOf reads an instant as programs write it, or as a field of a page does: in Asia/Shanghai.
func instantOf(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	return time.ParseInLocation("2006-01-02T15:04", text, workday.Shanghai)
}

// before tells who could act from some seats, by the appointments and absences on record.
func (a *API) before(r *request, seen seenCase, people *store.People, seats []regulation.Held) []manned {
	all, p := []manned{}, a.places(r)
	for _, seat := range seats {
		m := manned{seatBody: seatBody{seat.Role, p.body(seen.c.PlaceOf(seat.Seat))}, People: len(seat.By)}
		if seen.reader == regulation.ReaderAuthority {
			for _, holder := range seat.By {
				m.Names = append(m.Names, nameFor(r, seen.reader, people, holder))
			}
		}
		all = append(all, m)
	}
	return all
}

// nameFor is a person's name, with that of the colleague in whose place they held a post.
func nameFor(r *request, reader regulation.Reader, people *store.People, holder regulation.Holder) string {
	name := people.Name(holder.Person)
	if place := actedFor(reader, holder.As, people).words(r.lang, "event.for"); place != "" {
		name += either(r.lang, "（"+place+"）", " ("+place+")")
	}
	return name
}

// eventMarks are the marks of the slider for events as a reader sees them.
func eventMarks(events []eventBody) []web.StandingMark {
	var marks []web.StandingMark
	for _, e := range events {
		marks = append(marks, web.StandingMark{Seq: int(e.Seq), At: e.At, Event: eventName(e.Kind, e.Name)})
	}
	return marks
}

func (a *API) standingPage(r *request, seen seenCase, b standingBody, all []regulation.Standing) *web.StandingView {
	v := &web.StandingView{Page: a.pageFor(r), Number: seen.c.Number, Case: "/cases/" + b.Case, At: b.At,
		Until: b.Until, AsOf: b.AsOf, Event: b.Event, Phase: string(b.Phase), Stages: web.StagesOf(b.Phase), Edition: b.Edition}
	v.Slider = &web.Slider{Action: v.Case + "/standing", Seq: int(b.Seq), Last: int(b.Last)}
	for _, s := range all {
		v.Slider.Marks = append(v.Slider.Marks, web.StandingMark{Seq: int(s.Seq), At: s.At, Event: eventName(s.Kind, s.Event)})
	}
	v.Rules = a.Guard.May(r.actor, policies.ViewRules)
	for _, n := range b.Notices {
		v.Notices = append(v.Notices, web.StandingNotice{ID: n.ID, Name: n.Name, Number: n.Number, Place: a.areaName(r, n.Area), Since: n.Since})
	}
	for _, t := range b.Tracks {
		v.Tracks = append(v.Tracks, web.StandingTrack{Track: string(t.Track), Stage: string(t.Stage)})
	}
	for _, w := range b.Waits {
		v.Waits = append(v.Waits, web.StandingWait{Act: string(w.Act), Before: drawnSeats(r, w.Before), Since: w.Since, Due: w.Due, Overdue: w.Overdue,
			Raised: w.Raised, Lacks: w.Lacks, Deduced: w.Deduced})
	}
	for _, o := range b.Others {
		v.Others = append(v.Others, web.StandingOther{Act: string(o.Act), Before: drawnSeats(r, o.Before)})
	}
	for _, d := range b.Dues {
		v.Dues = append(v.Dues, web.StandingDue{Kind: d.Kind, Act: string(d.Act), Due: d.Due, Provisional: d.Provisional})
	}
	return v
}

func drawnSeats(r *request, before []manned) []web.StandingSeat {
	var seats []web.StandingSeat
	for _, seat := range before {
		seats = append(seats, web.StandingSeat{Role: string(seat.Role), Place: nameOf(seat.Place), People: seat.People, Names: strings.Join(seat.Names, either(r.lang, "、", ", "))})
	}
	return seats
}
