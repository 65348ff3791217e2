package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// messageBody is what the reader was told, once however many of their seats it went to: of an event of
// a case, or of an absence or a listing on the watch list.
type messageBody struct {
	About  string `json:"about"` // case, absence, watch, probe, reveal, box, opening
	Case   string `json:"case,omitempty"`
	Number string `json:"number,omitempty"`
	// Seq is of the event; left out for who was told as one of a unit's people: how many steps the
	// authority took in between may tell a mistake from malice (R46).
	Seq   int64             `json:"seq,omitempty"`
	At    time.Time         `json:"at"`
	Name  string            `json:"name"` // of the event
	Roles []regulation.Role `json:"roles"`
	Read  bool              `json:"read"`
	// Href leads to the case, or to the notice of R57, to the absences, to the listing; left out where the
	// reader sees none of them (any more).
	Href    string       `json:"href,omitempty"`
	Absence *absenceBody `json:"absence,omitempty"`
	Listing *listedBody  `json:"listing,omitempty"`
	Probe   *placeBody   `json:"probe,omitempty"` // whom it is into
	Box     *placeBody   `json:"box,omitempty"`   // with the week
}

type messagesBody struct {
	Messages []messageBody `json:"messages"`
	Unread   int           `json:"unread"` // 99 at the most
	Next     string        `json:"next,omitempty"`
}

// listedBody is who or what stands or stood on the watch list.
type listedBody struct {
	ID   string               `json:"id"`
	Kind regulation.WatchKind `json:"kind"`
	Name string               `json:"name"`
}

// showMessages lists what the reader was told, the newest first. Showing them marks them read;
// the answer still tells which were new.
func (a *API) showMessages(r *request) (answer, error) {
	ctx := r.http().Context()
	q := listQuery(r)
	q.ByDay = regulation.OfRatedSide(r.actor)
	found, next, err := a.Store.Notices(ctx, store.InPerson(r.actor), q)
	if err != nil {
		return answer{}, err
	}
	if r.http().Method == http.MethodGet {
		if err := a.Store.ReadNotices(ctx, r.actor.Person, found); err != nil {
			return answer{}, err
		}
	}
	body := messagesBody{Messages: []messageBody{}, Next: pageAddress(r, next), Unread: a.unread(r)}
	for _, n := range found {
		b, err := a.messageBody(r, n)
		if err != nil {
			return answer{}, err
		}
		body.Messages = append(body.Messages, b)
	}
	return answer{body: body, view: a.messagesPage(r, body)}, nil
}

func (a *API) messageBody(r *request, n store.Notice) (messageBody, error) {
	b := messageBody{About: n.About, Seq: n.Seq, At: n.At, Name: n.Name, Roles: n.Roles, Read: n.Read}
	switch n.About {
	case store.AboutAbsence:
		l, err := a.roll(r)
		if s, known := l.people.Substitution(n.CaseID); err == nil && known {
			absence := l.body(s)
			b.Absence, b.Href = &absence, "/absence"
		}
		return b, err
	case store.AboutWatch:
		return b, a.aboutListing(r, n.CaseID, &b)
	case store.AboutProbe:
		return b, a.aboutProbe(r, n.CaseID, &b)
	case store.AboutDocket:
		b.Href = a.docketHref(r, n)
		return b, nil
	case store.AboutBox:
		return b, a.aboutBox(r, n, &b)
	case store.AboutOpening:
		return b, a.aboutOpening(r, n.CaseID, &b)
	case store.AboutReveal:
		if a.Guard.May(r.actor, policies.ViewReveals) {
			b.Href = "/reveals"
		}
		return b, nil
	}
	b.About, b.Case, b.Number, b.Name = "case", n.CaseID, n.Number, regulation.Told(n.Name, n.Roles)
	n.Name = b.Name
	b.Href = a.messageLeadsTo(r, n)
	if regulation.OfUnit(n.Roles) {
		b.Seq = 0
		return b, a.forRated(r, &b)
	}
	return b, nil
}

// aboutListing says whom a message of the watch list is about, where the reader may still see that.
func (a *API) aboutListing(r *request, id string, b *messageBody) error {
	l, err := a.Store.Listing(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewWatch), id)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	drawn, err := a.listingBody(r, l)
	b.Listing, b.Href = &listedBody{l.ID, l.Kind, drawn.Name}, "/watch/"+l.ID
	return err
}

// aboutProbe says whom a message of a probe is about, where the reader may still see that.
func (a *API) aboutProbe(r *request, id string, b *messageBody) error {
	seen, err := a.probeFor(r, id)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	drawn, err := a.probeBody(r, seen.q)
	b.Probe, b.Href = &placeBody{id, drawn.Name}, "/probes/"+id
	return err
}

// messageLeadsTo is the address at which the reader may see what a message is about, or "".
func (a *API) messageLeadsTo(r *request, n store.Notice) string {
	_, unseen := a.caseFor(r, n.CaseID)
	_, unserved := a.noticeFor(r, n.CaseID)
	switch isNotice := ofNotice(n.Name) && regulation.OfUnit(n.Roles); {
	case unserved == nil && (isNotice || unseen != nil):
		return "/notices/" + n.CaseID
	case unseen == nil:
		return "/cases/" + n.CaseID
	}
	return ""
}

// ofNotice tells whether the notice's page has what a message is about.
func ofNotice(name string) bool {
	return slices.Contains(regulation.News, name) || name == string(regulation.ActServeNotice)
}

func (a *API) messagesPage(r *request, b messagesBody) web.View {
	v := &web.TableView{Page: a.pageFor(r), Code: "messages", Columns: []string{"about", "message", "role", "at", "read"}}
	v.Next = b.Next
	for _, m := range b.Messages {
		read := web.Cell{Message: web.Msg("messages.new"), Badge: "info"}
		if m.Read {
			read = web.Cell{Message: web.Msg("messages.read")}
		}
		what := messageWord(m.Name)
		if m.Name == string(regulation.ActServeNotice) && regulation.OfUnit(m.Roles) {
			what = web.Cell{Message: web.Msg("messages.notice")}
		}
		v.Rows = append(v.Rows, web.TableRow{Href: m.Href, Cells: []web.Cell{{Text: aboutText(r, m)}, what, {Text: rolesText(r, m.Roles)}, {At: m.At}, read}})
	}
	return v
}

// aboutText names what a message is about: the case's number, who is away from when to when, who or
// what is on the watch list.
func aboutText(r *request, m messageBody) string {
	switch {
	case m.Absence != nil:
		days := dayIn(r.lang, m.Absence.From)
		if m.Absence.Until != m.Absence.From {
			days += web.T(r.lang, "absence.to") + dayIn(r.lang, m.Absence.Until)
		}
		acting := m.Absence.Substitute.Name
		if m.Absence.Acting != nil {
			acting = m.Absence.Acting.Name
		}
		return web.T(r.lang, "absence.who", m.Absence.Absent.Name, acting) + either(r.lang, ",", ", ") + days
	case m.Listing != nil:
		return m.Listing.Name
	case m.Probe != nil:
		return m.Probe.Name
	case m.Box != nil:
		return m.Box.Name
	case m.About != "case":
		return web.T(r.lang, "messages.about."+m.About)
	}
	return m.Number
}

// rolesText words roles, one behind the other.
func rolesText(r *request, roles []regulation.Role) string {
	var words []string
	for _, role := range roles {
		words = append(words, web.T(r.lang, "role."+string(role)))
	}
	return strings.Join(words, either(r.lang, "、", ", "))
}

// messageWord words an event's name: an act's, a deadline's, or news of the rated side's.
func messageWord(name string) web.Cell {
	if slices.Contains(regulation.News, name) {
		return keyed("messages", name)
	}
	if web.Has("messages." + name) {
		return keyed("messages", name)
	}
	if web.Has("event." + name) {
		return keyed("event", name)
	}
	return keyed("event.deadline", name)
}

// unread is the count beside the reader's name. A page is drawn without it rather than not at all.
func (a *API) unread(r *request) int {
	n, err := a.Store.UnreadNotices(r.http().Context(), store.InPerson(r.actor))
	if err != nil {
		a.Log.ErrorContext(r.http().Context(), "unread notices not counted", "request", r.id, "error", err)
	}
	return n
}
