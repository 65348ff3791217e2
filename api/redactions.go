package api

import (
	"net/http"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// commentBody is what the rated side reads of a citizen's words: waiting, withheld, or redacted with the text.
type commentBody struct {
	State string `json:"state"`
	Text  string `json:"text,omitempty"`
}

// ratedComment is nil where the citizen wrote nothing.
func (a *API) ratedComment(r *request, rating regulation.Rating) (*commentBody, error) {
	c, err := a.Store.RatedComment(r.http().Context(), rating)
	if err != nil || c.State == "" {
		return nil, err
	}
	return &commentBody{c.State, c.Text}, nil
}

// words are the comment, or why there is none.
func (b commentBody) words(lang web.Lang) string {
	if b.Text != "" {
		return b.Text
	}
	return web.T(lang, "comment."+b.State)
}

// strikeBody is a place that a pattern suggests to strike out.
type strikeBody struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// redactionBody is a citizen's words at the desk: as they stand, as the patterns would leave them, and as an
// officer left them.
type redactionBody struct {
	Rating    string       `json:"rating"`
	Case      string       `json:"case,omitempty"`
	Number    string       `json:"number,omitempty"`
	Unit      *placeBody   `json:"unit"`
	Grade     int          `json:"grade"`
	Period    string       `json:"period"` // ISO week
	Original  string       `json:"original"`
	Strikes   []strikeBody `json:"strikes"`
	Suggested string       `json:"suggested"`
	Seq       int64        `json:"seq"`
	Comment   *commentBody `json:"comment"`
}

type redactionsBody struct {
	Redactions []redactionBody `json:"redactions"`
	// Waiting is how many wait for an officer in all.
	Waiting int64 `json:"waiting"`
}

// redactedAtOnce bounds the desk's page.
const redactedAtOnce = 20

// showRedactions is the redaction desk: what waits, or with tab=decided what was decided of late.
func (a *API) showRedactions(r *request) (answer, error) {
	body, err := a.redactionsBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.redactionsPage(r, body, "", nil, nil)}, nil
}

func (a *API) redactionsBody(r *request) (redactionsBody, error) {
	b := redactionsBody{Redactions: []redactionBody{}}
	some, waiting, err := a.Store.ToRedact(r.http().Context(), a.Guard.Scope(r.actor, policies.RedactComments), r.actor, r.query("tab") == "decided", redactedAtOnce)
	b.Waiting = waiting
	for _, w := range some {
		if _, may := a.mayRedact(r, w); !may {
			continue
		}
		one, err := a.redactionBody(r, w)
		if err != nil {
			return b, err
		}
		b.Redactions = append(b.Redactions, one)
	}
	return b, err
}

// mayRedact is the actor under an assignment that may redact a rating's words; nobody of the rated unit may.
func (a *API) mayRedact(r *request, w store.ToRedact) (regulation.Actor, bool) {
	place := w.Rating.Place
	allowed := a.Guard.Assignments(r.actor, policies.RedactComments, regulation.Subject{Staff: place.Rated.Staff, Area: place.Area})
	if len(allowed) == 0 || regulation.MayRedact(r.actor, place.Rated) != nil {
		return r.actor, false
	}
	actor := r.actor
	actor.As = allowed[0]
	return actor, true
}

func (a *API) redactionBody(r *request, w store.ToRedact) (redactionBody, error) {
	original, err := a.Store.RatingText(r.http().Context(), w.Rating.ID)
	if err != nil {
		return redactionBody{}, err
	}
	strikes := regulation.SuggestStrikes(original)
	b := redactionBody{Rating: w.Rating.ID, Case: w.CaseID, Number: w.Number, Unit: a.places(r).body(w.Rating.Place.Rated.Unit), Grade: int(w.Rating.Grade),
		Period: regulation.PeriodOf(w.Rating.GivenAt), Original: original, Strikes: []strikeBody{}, Suggested: regulation.StrikeOut(original, strikes), Seq: w.Seq}
	for _, s := range strikes {
		b.Strikes = append(b.Strikes, strikeBody{s.Kind, original[s.From:s.To]})
	}
	b.Comment, err = a.ratedComment(r, w.Rating)
	return b, err
}

// redact records what an officer leaves of a citizen's words, or that nothing of them can be shown.
func (a *API) redact(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "redacted", "decision", "idempotency_key"); err != nil {
		return answer{}, err
	}
	w, err := a.Store.RatingToRedact(r.http().Context(), a.Guard.Scope(r.actor, policies.RedactComments), r.param("id"))
	if err != nil {
		return answer{}, err
	}
	actor, may := a.mayRedact(r, w)
	if !may {
		return answer{}, &regulation.Error{Code: regulation.NotPermitted, Clause: regulation.ClauseRights, Missing: "of_the_rated_unit"}
	}
	if err = a.Store.Redact(r.http().Context(), w, fields, actor); err == nil {
		a.say(r, "flash.redacted")
		return answer{status: http.StatusNoContent, next: "/redactions"}, nil
	}
	refusal, refused := isRefusal(err)
	if !refused || !r.page {
		return answer{}, err
	}
	one, reading := a.redactionBody(r, w)
	if reading != nil {
		return answer{}, reading
	}
	return answer{view: a.redactionsPage(r, redactionsBody{Redactions: []redactionBody{one}}, w.Rating.ID, fields, refusal)}, err
}

func (a *API) redactionsPage(r *request, b redactionsBody, tried string, typed regulation.Values, refused *regulation.Error) web.View {
	v := &web.RedactionsView{Page: a.pageFor(r), Decided: r.query("tab") == "decided", Waiting: b.Waiting}
	for _, one := range b.Redactions {
		card := web.RedactionCard{Number: one.Number, Unit: nameOf(one.Unit), Grade: one.Grade, Period: period(one.Period), Original: one.Original,
			Form: web.Form{Action: "/redactions/" + one.Rating, Values: regulation.Values{"redacted": {one.Suggested}}}}
		if one.Case != "" {
			card.Href = "/cases/" + one.Case
		}
		for _, s := range one.Strikes {
			card.Strikes = append(card.Strikes, web.StrikeMark{Kind: s.Kind, Text: s.Text})
		}
		if one.Comment != nil && one.Seq > 0 {
			card.State, card.Shown = one.Comment.State, one.Comment.Text
			if card.Shown != "" {
				card.Values = regulation.Values{"redacted": {card.Shown}}
			}
		}
		if tried == one.Rating {
			card.Values, card.Errors = typed, web.FieldErrors(formErrors(refused))
		}
		v.Cards = append(v.Cards, card)
	}
	return v
}
