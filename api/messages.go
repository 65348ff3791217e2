package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// messageBody is what one event told the reader, once however many of their seats it went to.
type messageBody struct {
	Case   string            `json:"case"`
	Number string            `json:"number"`
	Seq    int64             `json:"seq"`
	At     time.Time         `json:"at"`
	Name   string            `json:"name"` // of the event
	Roles  []regulation.Role `json:"roles"`
	Read   bool              `json:"read"`
	// Href leads to the case, or to the notice of R57; left out where the reader sees neither (any more).
	Href string `json:"href,omitempty"`
}

type messagesBody struct {
	Messages []messageBody `json:"messages"`
	Unread   int           `json:"unread"` // 99 at the most
	Next     string        `json:"next,omitempty"`
}

// showMessages lists what the reader was told, the newest first. Showing them marks them read;
// the answer still tells which were new.
func (a *API) showMessages(r *request) (answer, error) {
	ctx := r.http().Context()
	found, next, err := a.Store.Notices(ctx, store.InPerson(r.actor), listQuery(r))
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
		n.Name = toldOf(n)
		body.Messages = append(body.Messages, messageBody{n.CaseID, n.Number, n.Seq, n.At, n.Name, n.Roles, n.Read, a.messageLeadsTo(r, n)})
	}
	return answer{body: body, view: a.messagesPage(r, body)}, nil
}

// toldOf is what an event told somebody: the rated side learns of a bad rating by its notice, and
// not in the course of which step of the authority it was served (R57).
func toldOf(n store.Notice) string {
	_, act := regulation.SpecOf(regulation.ActKind(n.Name))
	if !act && n.Name != string(regulation.DeadlineNotice) || !ratedSide(n.Roles) || regulation.ReaderUnit.Shows(regulation.Event{Name: n.Name}) {
		return n.Name
	}
	return string(regulation.ActServeNotice)
}

// ratedSide tells whether somebody was told as one of a unit's people only.
func ratedSide(roles []regulation.Role) bool {
	return !slices.ContainsFunc(roles, func(role regulation.Role) bool { return regulation.ReaderOf(role) != regulation.ReaderUnit })
}

// messageLeadsTo is the address at which the reader may see what a message is about, or "".
func (a *API) messageLeadsTo(r *request, n store.Notice) string {
	_, unseen := a.caseFor(r, n.CaseID)
	_, unserved := a.Store.RatedNotice(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewNotices), n.CaseID)
	switch isNotice := n.Name == string(regulation.ActServeNotice) && ratedSide(n.Roles); {
	case unserved == nil && (isNotice || unseen != nil):
		return "/notices/" + n.CaseID
	case unseen == nil:
		return "/cases/" + n.CaseID
	}
	return ""
}

func (a *API) messagesPage(r *request, b messagesBody) web.View {
	v := &web.TableView{Page: a.pageFor(r), Code: "messages", Columns: []string{"number", "message", "role", "at", "read"}}
	v.Next = b.Next
	for _, m := range b.Messages {
		read := web.Cell{Message: web.Msg("messages.new"), Badge: "info"}
		if m.Read {
			read = web.Cell{Message: web.Msg("messages.read")}
		}
		what := messageWord(m.Name)
		if m.Name == string(regulation.ActServeNotice) && ratedSide(m.Roles) {
			what = web.Cell{Message: web.Msg("messages.notice")}
		}
		v.Rows = append(v.Rows, web.TableRow{Href: m.Href, Cells: []web.Cell{{Text: m.Number}, what, {Text: rolesText(r, m.Roles)}, {At: m.At}, read}})
	}
	return v
}

// rolesText words roles, one behind the other.
func rolesText(r *request, roles []regulation.Role) string {
	var words []string
	for _, role := range roles {
		words = append(words, web.T(r.lang, "role."+string(role)))
	}
	return strings.Join(words, either(r.lang, "、", ", "))
}

// messageWord words an event's name: an act's, or a deadline's.
func messageWord(name string) web.Cell {
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
