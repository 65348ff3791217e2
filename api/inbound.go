package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"haochaping/integration/portal"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// Bounds of what another system sends at once.
const (
	maxInbound  = 2 << 20 // bytes of a body
	maxMessages = 500
	inboundAt   = 8 // messages of one request that are taken at a time: they share commits
)

// unsigned is the refusal of another system's request: its signature does not hold, or its time or nonce.
const unsigned regulation.Code = "unsigned"

// inboundItem is what became of one message.
type inboundItem struct {
	ID      string `json:"id"`
	Outcome string `json:"outcome"` // accepted, repeated, parked, refused
	// Code is the upstream's own code of the outcome or the refusal.
	Code   string                  `json:"code"`
	Detail string                  `json:"detail,omitempty"`
	Fields map[string]problemField `json:"fields,omitempty"` // by the upstream's own names
	ours   map[string]string       // field:code by our names
}

type inboundBody struct {
	Results  []inboundItem `json:"results"`
	Accepted int           `json:"accepted"`
	Repeated int           `json:"repeated"`
	Parked   int           `json:"parked"`
	Refused  int           `json:"refused"`
}

// inboundRatings takes ratings of another system: one or up to 500, each by itself. What is accepted is on record
// before the answer, whatever becomes of the others.
func (a *API) inboundRatings(r *request) (answer, error) {
	return a.takeInbound(r, portal.KindRatings, store.InboundRating, a.takeRecord)
}

// inboundMatters takes reports of handled matters: the newest by its own time stands.
func (a *API) inboundMatters(r *request) (answer, error) {
	return a.takeInbound(r, portal.KindRatings, store.InboundMatter, a.takeReport)
}

// taker is what becomes of one message: an outcome, or the refusal beside.
type taker func(ctx context.Context, at time.Time, u portal.Upstream, record portal.Record) (outcome string, err error)

func (a *API) takeInbound(r *request, kind, what string, take taker) (answer, error) {
	u, body, err := a.signedBy(r, kind)
	if err != nil {
		return answer{}, err
	}
	messages, err := messagesOf(body)
	if err != nil {
		return answer{}, err
	}
	items := make([]inboundItem, len(messages))
	var group errgroup.Group
	group.SetLimit(inboundAt)
	for i, raw := range messages {
		group.Go(func() (err error) {
			items[i], err = a.takeOne(r, u, raw, what, take)
			return err
		})
	}
	// One that failed for want of the database fails the request, which is then sent again: what was accepted is
	// found repeated.
	if err := group.Wait(); err != nil {
		return answer{}, err
	}
	ans := inboundBody{Results: items}
	return answer{body: ans.counted()}, a.countInbound(r, u, what, items)
}

func (b *inboundBody) counted() inboundBody {
	for _, item := range b.Results {
		switch sortOf(item.Outcome) {
		case store.InboundAccepted:
			b.Accepted++
		case store.InboundRepeated:
			b.Repeated++
		case store.InboundParked:
			b.Parked++
		default:
			b.Refused++
		}
	}
	return *b
}

// sortOf is an outcome as it is counted: what a caller answered was taken, whatever it meant.
func sortOf(outcome string) string {
	switch regulation.CallAnswer(outcome) {
	case regulation.AnswerRated, regulation.AnswerAskAgain, regulation.AnswerNone:
		return store.InboundAccepted
	}
	return outcome
}

func (a *API) countInbound(r *request, u portal.Upstream, what string, items []inboundItem) error {
	outcomes, refused := map[string]int{}, []store.Refusal{}
	for _, item := range items {
		outcomes[sortOf(item.Outcome)]++
		a.counts.inbound.WithLabelValues(u.ID, what, item.Outcome).Inc()
		if item.Outcome == store.InboundRefused {
			var reasons []string
			for _, name := range slices.Sorted(maps.Keys(item.ours)) {
				reasons = append(reasons, name+":"+item.ours[name])
			}
			refused = append(refused, store.Refusal{ID: item.ID, Reasons: reasons})
		}
	}
	return a.Store.CountInbound(r.http().Context(), u.ID, what, outcomes, refused)
}

// takeOne takes one message. An error is ours, never the message's.
func (a *API) takeOne(r *request, u portal.Upstream, raw json.RawMessage, what string, take taker) (inboundItem, error) {
	ctx := r.http().Context()
	record, ok := portal.Parse(raw)
	item := inboundItem{ID: u.MessageID(record)}
	if !ok {
		return a.refusedItem(r, u, item, &regulation.Error{Code: malformed, Missing: "fields"}), nil
	}
	waits, err := a.Store.ParkedBefore(ctx, u.ID, what, item.ID, record.Digest())
	if err == nil && !waits {
		item.Outcome, err = take(ctx, r.at, u, record)
	} else if err == nil {
		item.Outcome = store.InboundParked
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code != regulation.Unavailable {
		return a.refusedItem(r, u, item, refused), nil
	}
	item.Code = u.Code(item.Outcome)
	return item, err
}

func (a *API) refusedItem(r *request, u portal.Upstream, item inboundItem, e *regulation.Error) inboundItem {
	item.Outcome, item.Code = store.InboundRefused, u.Code(string(e.Code))
	_, item.Detail = sentences(r.lang, e)
	item.ours = map[string]string{}
	for name, code := range e.Fields {
		if item.Fields == nil {
			item.Fields = map[string]problemField{}
		}
		item.Fields[u.Field(name)] = problemField{Code: u.Code(code), Detail: web.T(r.lang, "refusal."+code)}
		item.ours[name] = code
	}
	if e.Fields == nil {
		item.ours[""] = e.Missing
	}
	return item
}

// signedBy reads the body of a signed request. Nothing is told of why a signature does not hold, but for a clock
// that is wrong; a nonce counts once.
func (a *API) signedBy(r *request, kind string) (portal.Upstream, []byte, error) {
	refused := &regulation.Error{Code: unsigned, Missing: "signature"}
	i := slices.IndexFunc(a.Upstreams, func(u portal.Upstream) bool {
		return u.ID == r.http().Header.Get(portal.HeaderUpstream) && u.Kind == kind
	})
	if i < 0 {
		return portal.Upstream{}, nil, refused
	}
	u := a.Upstreams[i]
	body, err := io.ReadAll(http.MaxBytesReader(r.echo.Response(), r.http().Body, maxInbound))
	if err != nil {
		return u, nil, unreadable(err)
	}
	switch err := u.Verify(r.http(), body, a.Wall()); {
	case errors.Is(err, portal.ErrTime):
		refused.Missing = "signature_time"
		return u, nil, refused
	case err != nil:
		return u, nil, refused
	}
	if !a.senders.allowed(u, a.Wall()) {
		return u, nil, &regulation.Error{Code: tooMany}
	}
	fresh, err := a.Store.TakeNonce(r.http().Context(), u.ID, r.http().Header.Get(portal.HeaderNonce))
	if err == nil && !fresh {
		refused.Missing, err = "signature_replayed", refused
	}
	return u, body, err
}

// messagesOf are the messages of a body: an array of objects, or one object.
func messagesOf(body []byte) ([]json.RawMessage, error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || !json.Valid(body) {
		return nil, &regulation.Error{Code: malformed}
	}
	if body[0] == '{' {
		return []json.RawMessage{body}, nil
	}
	var messages []json.RawMessage
	if err := json.Unmarshal(body, &messages); err != nil {
		return nil, &regulation.Error{Code: malformed}
	}
	if len(messages) == 0 || len(messages) > maxMessages {
		return nil, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("messages", "one_to_five_hundred")
	}
	return messages, nil
}

// takeRecord takes one rating of the national exchange.
func (a *API) takeRecord(ctx context.Context, at time.Time, u portal.Upstream, record portal.Record) (string, error) {
	e, err := u.Rating(record)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		if also := e.Check(at); also != nil {
			for name, code := range refusalOf(also).Fields {
				refused.Field(name, code)
			}
		}
		return "", refused
	}
	if err := e.Check(at); err != nil {
		return "", err
	}
	outcome, not, err := a.takeExchanged(ctx, at, u.ID, e, record.Digest(), store.Parked{})
	if err != nil || not.Reason == "" {
		return outcome, err
	}
	contact := contactFrom(e)
	e.Name, e.Phone, e.Identity = "", "", ""
	return store.InboundParked, a.Store.Park(ctx, store.Parked{Upstream: u.ID, ID: e.ID, Kind: store.InboundRating, Unmatched: not, ReceivedAt: at},
		record.Digest(), parkedRating{e, record.Digest()}, contact)
}

// parkedRating is what is kept of a rating that waits.
type parkedRating struct {
	Rating regulation.Exchanged
	Digest string
}

func contactFrom(e regulation.Exchanged) store.Contact {
	return store.Contact{Name: e.Name, Phone: e.Phone, Identity: e.Identity}
}

// takeExchanged stores a rating, or does the follow-up that a second one is. not says why it cannot be matched yet.
// waited is the parked message that it was, if any.
func (a *API) takeExchanged(ctx context.Context, at time.Time, upstream string, e regulation.Exchanged, digest string, waited store.Parked) (outcome string, not store.Unmatched, err error) {
	t, not, err := a.Store.MatchRating(ctx, upstream, e)
	if err != nil || not.Reason != "" {
		return "", not, err
	}
	if e.Second {
		return a.takeSecond(ctx, at, upstream, e)
	}
	f, err := a.form(ctx)
	if err != nil {
		return "", not, err
	}
	now := at
	if !waited.ReceivedAt.IsZero() {
		at = waited.ReceivedAt
	}
	rating, err := regulation.NewRating(waited.RatingID, e.Form(upstream), t.Place(""), f.choices, regulation.Actor{}, at)
	if err != nil {
		return "", not, err
	}
	// What waited comes into the record now: batches of then may have been told, and must not grow by one (R21).
	rating.ReceivedAt = now
	saved, err := a.Store.SaveRating(ctx, store.Intake{Rating: rating, Text: e.Text, Contact: contactFrom(e), InVault: waited.RatingID != "",
		Key: inboundKey(upstream, e.ID), Message: digest})
	if err != nil {
		return "", not, ourConflict(err)
	}
	if saved.Repeated {
		return store.InboundRepeated, not, nil
	}
	a.counts.ratings.WithLabelValues(string(rating.Channel), strconv.Itoa(int(rating.Grade))).Inc()
	if saved.CaseID != "" {
		a.startSoon(saved.CaseID)
	}
	return store.InboundAccepted, not, nil
}

// inboundKey is the idempotency key of another system's message. No form can have it: keys of forms have no NUL.
func inboundKey(upstream, id string) string { return "inbound\x00" + upstream + "\x00" + id }

// ourConflict words a taken key as an upstream understands it.
func ourConflict(err error) error {
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Missing == "same_key_other_content" {
		return &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseWeb, Missing: "same_id_other_content"}
	}
	return err
}

// takeSecond does the follow-up that the second rating of a matter is, in the name of whoever gave the first.
func (a *API) takeSecond(ctx context.Context, at time.Time, upstream string, e regulation.Exchanged) (string, store.Unmatched, error) {
	first, err := a.Store.FirstRating(ctx, e.ProjectNo)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return "", store.Unmatched{Reason: store.FirstMissing, Value: e.ProjectNo}, nil
	}
	if err != nil {
		return "", store.Unmatched{}, err
	}
	none := store.Unmatched{}
	if first.Case == "" {
		return "", none, regulation.SecondRating(false, false)
	}
	c, err := a.Store.CaseByID(ctx, regulation.Scope{All: true}, first.Case)
	if err != nil {
		return "", none, err
	}
	s := submission{kind: regulation.ActFollowUp, values: e.FollowUpOf(), key: "inbound/" + upstream + "/" + e.ID, actor: holder(c)}
	_, repeated, err := a.Store.RepeatedAct(ctx, store.ActRequest{CaseID: c.ID, Kind: s.kind, Values: s.values, Actor: s.actor, Key: s.key, ReceivedAt: at})
	if err != nil {
		return "", none, ourConflict(err)
	}
	if refused := regulation.SecondRating(true, first.Closed); refused != nil && !repeated {
		return "", none, refused
	}
	if _, err := a.submitAt(ctx, at, c, s); err != nil {
		return "", none, err
	}
	if repeated {
		return store.InboundRepeated, none, nil
	}
	return store.InboundAccepted, none, nil
}

// takeReport takes one report of a handled matter.
func (a *API) takeReport(ctx context.Context, at time.Time, u portal.Upstream, record portal.Record) (string, error) {
	h := u.Matter(record)
	if err := h.Check(at); err != nil {
		return "", err
	}
	outcome, not, err := a.takeHandled(ctx, u.ID, h)
	if err != nil || not.Reason == "" {
		return outcome, err
	}
	contact := store.Contact{Name: h.Name}
	h.Name = ""
	return store.InboundParked, a.Store.Park(ctx, store.Parked{Upstream: u.ID, ID: h.ID, Kind: store.InboundMatter, Unmatched: not, ReceivedAt: at},
		record.Digest(), h, contact)
}

func (a *API) takeHandled(ctx context.Context, upstream string, h regulation.Handled) (string, store.Unmatched, error) {
	report, not, err := a.Store.MatchMatter(ctx, upstream, h)
	if err != nil || not.Reason != "" {
		return "", not, err
	}
	changed, err := a.Store.TakeReport(ctx, report)
	if changed {
		return store.InboundAccepted, not, err
	}
	return store.InboundRepeated, not, err // this one or a newer one is known
}

// retryAtOnce is how many parked messages one turn tries again.
const retryAtOnce = 100

// RetryParked tries again what could not be matched: somebody may have said what it means, or its matter or first
// rating may have come since.
func (a *API) RetryParked(ctx context.Context) error {
	waiting, err := a.Store.ParkedInTurn(ctx, retryAtOnce)
	if err != nil {
		return err
	}
	var failed []error // one that fails for a reason of ours holds up no other
	for _, p := range waiting {
		failed = append(failed, a.retry(ctx, p))
	}
	return errors.Join(failed...)
}

func (a *API) retry(ctx context.Context, p store.Parked) error {
	outcome, not, err := a.tryParked(ctx, p)
	refused := (*regulation.Error)(nil)
	switch {
	case errors.As(err, &refused) && refused.Code == regulation.Unavailable:
		return nil // the next turn
	case errors.As(err, &refused):
		outcome = store.InboundRefused
		ours := []string{":" + refused.Missing}
		for _, name := range slices.Sorted(maps.Keys(refused.Fields)) {
			ours = append(ours, name+":"+refused.Fields[name])
		}
		err = a.Store.CountInbound(ctx, p.Upstream, p.Kind, map[string]int{outcome: 1}, []store.Refusal{{ID: p.ID, Reasons: ours}})
	case err == nil && outcome == store.InboundAccepted:
		err = a.Store.CountInbound(ctx, p.Upstream, p.Kind, map[string]int{outcome: 1}, nil)
	}
	if err != nil {
		return err
	}
	if outcome == "" {
		p.Unmatched = not
	}
	return a.Store.SettleParked(ctx, p, outcome)
}

func (a *API) tryParked(ctx context.Context, p store.Parked) (string, store.Unmatched, error) {
	if p.Kind == store.InboundMatter {
		var h regulation.Handled
		contact, err := a.Store.OpenParked(ctx, p, &h)
		if err != nil {
			return "", p.Unmatched, err
		}
		h.Name = contact.Name
		return a.takeHandled(ctx, p.Upstream, h)
	}
	var kept parkedRating
	contact, err := a.Store.OpenParked(ctx, p, &kept)
	if err != nil {
		return "", p.Unmatched, err
	}
	e := kept.Rating
	e.Name, e.Phone, e.Identity = contact.Name, contact.Phone, contact.Identity
	return a.takeExchanged(ctx, a.Now(), p.Upstream, e, kept.Digest, p)
}

// senders hold each upstream to its requests a minute.
type senders struct{ limits map[string]*limiter }

func newSenders(upstreams []portal.Upstream) senders {
	s := senders{map[string]*limiter{}}
	for _, u := range upstreams {
		s.limits[u.ID] = &limiter{allowance: Limit{PerMinute: u.PerMinute, AtOnce: u.PerMinute}, buckets: map[string]*bucket{}}
	}
	return s
}

func (s senders) allowed(u portal.Upstream, now time.Time) bool {
	return s.limits[u.ID].allow(u.ID, now)
}
