package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// standingBody is a case as it stood after one of its events.
type standingBody struct {
	Case     string             `json:"case"`
	Seq      int64              `json:"seq"`
	Last     int64              `json:"last"` // sequence of the case's last event
	At       time.Time          `json:"at"`
	Until    time.Time          `json:"until,omitzero"` // when the next event changed it
	Event    string             `json:"event"`
	Phase    regulation.Phase   `json:"phase"`
	Tracks   []trackBody        `json:"tracks"`
	Edition  string             `json:"edition"`
	Calendar string             `json:"calendar"` // version that the last due instant was counted with
	Waits    []standingWaitBody `json:"waits"`
	Others   []othersBody       `json:"others"` // acts that were open without anything waiting for them
	Dues     []standingDueBody  `json:"deadlines"`
}

type trackBody struct {
	Track regulation.Track `json:"track"`
	Stage regulation.Stage `json:"stage"`
}

// standingWaitBody is a wait with before whom it lay, and how many people could have acted then.
type standingWaitBody struct {
	Act     regulation.ActKind `json:"act"`
	Before  []manned           `json:"before"`
	Since   time.Time          `json:"since"`
	Due     time.Time          `json:"due,omitzero"`
	Overdue bool               `json:"overdue,omitempty"`
	Raised  string             `json:"raised,omitempty"`
}

// manned is a seat with how many people held it at the instant; a citizen's has none to count.
type manned struct {
	seatBody
	People int `json:"people"`
	// Names are theirs, with those in whose place they held it; left out for who sees no names.
	Names []string `json:"names,omitempty"`
}

type othersBody struct {
	Act regulation.ActKind `json:"act"`
	By  []regulation.Role  `json:"by"`
}

type standingDueBody struct {
	Kind        string             `json:"kind"`
	Act         regulation.ActKind `json:"act,omitempty"`
	Due         time.Time          `json:"due"`
	Calendar    string             `json:"calendar"`
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
	all := regulation.Standings(seen.c.Edition, plain(events))
	i, err := chosen(r, all)
	if err != nil {
		return answer{}, err
	}
	b, err := a.standing(r.http().Context(), r, seen, all, i)
	return answer{body: b, view: a.standingPage(r, seen, b, all)}, err
}

// chosen is the standing that the address asks for; before the first there was no case.
func chosen(r *request, all []regulation.Standing) (int, error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	if text := r.query("seq"); text != "" {
		seq, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seq < 1 || seq > int64(len(all)) {
			return 0, wrong.Field("seq", "not_an_option")
		}
		return int(seq) - 1, nil
	}
	text := r.query("at")
	if text == "" {
		return len(all) - 1, nil
	}
	at, err := instantOf(text)
	if err != nil {
		return 0, wrong.Field("at", "not_a_date")
	}
	s, ok := regulation.StoodAt(all, at)
	if !ok {
		return 0, &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseVerify, Missing: "case_not_opened_yet", From: all[0].At}
	}
	return slices.IndexFunc(all, func(other regulation.Standing) bool { return other.Seq == s.Seq }), nil
}

func (a *API) standing(ctx context.Context, r *request, seen seenCase, all []regulation.Standing, i int) (standingBody, error) {
	people, err := a.Store.People(ctx)
	if err != nil {
		return standingBody{}, err
	}
	s, p := all[i], a.places(r)
	b := standingBody{Case: seen.c.ID, Seq: s.Seq, Last: all[len(all)-1].Seq, At: s.At, Event: eventName(s.Kind, s.Event), Phase: s.Phase, Edition: s.Edition,
		Calendar: s.Calendar, Tracks: []trackBody{}, Waits: []standingWaitBody{}, Others: []othersBody{}, Dues: []standingDueBody{}}
	if i+1 < len(all) {
		b.Until = all[i+1].At
	}
	for _, track := range regulation.Tracks {
		if stage := s.Tracks[track]; stage != "" {
			b.Tracks = append(b.Tracks, trackBody{track, stage})
		}
	}
	for _, w := range s.Waits {
		drawn := standingWaitBody{Act: w.Act, Before: []manned{}, Since: w.Since, Due: w.Due, Overdue: w.Overdue, Raised: w.Raised}
		for _, seat := range w.Seats {
			drawn.Before = append(drawn.Before, a.manned(r, seen, people, seatBody{seat.Role, p.body(placeOfSeat(seen.c, seat))}, people.Roster(s.At, seat.Org), seat))
		}
		b.Waits = append(b.Waits, drawn)
	}
	for _, kind := range s.Open() {
		if seats, roles := s.WhoMay(kind); seats == nil {
			b.Others = append(b.Others, othersBody{kind, roles})
		}
	}
	for _, d := range s.Deadlines {
		b.Dues = append(b.Dues, standingDueBody{string(d.Kind), d.Act, d.Due, d.Calendar, d.Provisional})
	}
	return b, nil
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

// placeOfSeat is where a seat is: the rated person's own is at the rated unit, and says no more.
func placeOfSeat(c regulation.Case, seat regulation.Seat) string {
	if seat == regulation.PersonSeat(c.Rated.Staff) {
		return c.Rated.Unit
	}
	return seat.Org
}

// manned tells who held a seat then, by the appointments and absences on record.
func (a *API) manned(r *request, seen seenCase, people *store.People, body seatBody, roster []regulation.Person, seat regulation.Seat) manned {
	m := manned{seatBody: body}
	for _, person := range roster {
		i := slices.IndexFunc(person.Assignments, func(as regulation.Assignment) bool { return as.Role == seat.Role && as.Org == seat.Org })
		if i < 0 {
			continue
		}
		m.People++
		if seen.reader != regulation.ReaderAuthority {
			continue
		}
		name := people.Name(person.ID)
		if place := actedFor(seen.reader, person.Assignments[i], people).words(r.lang, "event.for"); place != "" {
			name += either(r.lang, "（"+place+"）", " ("+place+")")
		}
		m.Names = append(m.Names, name)
	}
	return m
}

func (a *API) standingPage(r *request, seen seenCase, b standingBody, all []regulation.Standing) *web.StandingView {
	v := &web.StandingView{Page: a.pageFor(r), Number: seen.c.Number, Case: "/cases/" + b.Case, Seq: int(b.Seq), Last: int(b.Last), At: b.At,
		Until: b.Until, Event: b.Event, Phase: string(b.Phase), Stages: web.StagesOf(b.Phase), Edition: b.Edition, Calendar: b.Calendar}
	for _, s := range all {
		v.Marks = append(v.Marks, web.StandingMark{Seq: int(s.Seq), At: s.At, Event: eventName(s.Kind, s.Event)})
	}
	for _, t := range b.Tracks {
		v.Tracks = append(v.Tracks, web.StandingTrack{Track: string(t.Track), Stage: string(t.Stage)})
	}
	for _, w := range b.Waits {
		drawn := web.StandingWait{Act: string(w.Act), Since: w.Since, Due: w.Due, Overdue: w.Overdue, Raised: w.Raised}
		for _, seat := range w.Before {
			drawn.Before = append(drawn.Before, web.StandingSeat{Role: string(seat.Role), Place: nameOf(seat.Place), People: seat.People, Names: strings.Join(seat.Names, either(r.lang, "、", ", "))})
		}
		v.Waits = append(v.Waits, drawn)
	}
	for _, o := range b.Others {
		roles := []string{}
		for _, role := range o.By {
			roles = append(roles, string(role))
		}
		v.Others = append(v.Others, web.StandingOther{Act: string(o.Act), By: roles})
	}
	for _, d := range b.Dues {
		v.Dues = append(v.Dues, web.StandingDue{Kind: d.Kind, Act: string(d.Act), Due: d.Due, Calendar: d.Calendar, Provisional: d.Provisional})
	}
	return v
}
