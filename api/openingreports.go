package api

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// reportBody is what one of the two who opened a box reported, and what became of it (6(2)).
type reportBody struct {
	ID           string                 `json:"id"`
	Box          string                 `json:"box"`
	Hall         *placeBody             `json:"hall"`
	Place        string                 `json:"place"`
	Week         string                 `json:"week"`
	At           time.Time              `json:"opened_at"`
	Openers      []string               `json:"openers"` // names; the first reported it
	ReportedAt   time.Time              `json:"reported_at"`
	OldSeal      string                 `json:"old_seal"`
	OldSealState string                 `json:"old_seal_state"`
	NewSeal      string                 `json:"new_seal"`
	Counted      int                    `json:"counted"`
	Letters      int                    `json:"letters"`
	Remarks      string                 `json:"remarks,omitempty"`
	State        regulation.ReportState `json:"state"`
	AnswerBy     time.Time              `json:"answer_by"`
	Answers      []answeredBody         `json:"answers"`
	// Answerable and Decidable say what the reader may do with it now.
	Answerable bool `json:"answerable,omitempty"`
	Decidable  bool `json:"decidable,omitempty"`
}

type answeredBody struct {
	Answer    regulation.ReportState `json:"answer"`
	By        string                 `json:"by"` // name
	At        time.Time              `json:"at"`
	Contested []string               `json:"contested,omitempty"`
	Reason    string                 `json:"reason,omitempty"`
}

type reportsBody struct {
	Openings []reportBody `json:"openings"`
}

// reportsShown bounds the reader's own on the page.
const reportsShown = 20

// showReports lists the openings that wait for the reader, as the second person or to be decided, and their latest own.
func (a *API) showReports(r *request) (answer, error) {
	body, err := a.reportsBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.reportsPage(r, body, triedBox{})}, nil
}

func (a *API) reportsBody(r *request) (reportsBody, error) {
	ctx, body := r.http().Context(), reportsBody{Openings: []reportBody{}}
	own, err := a.Store.OpeningReports(ctx, regulation.Scope{All: true}, store.ReportQuery{Opener: r.actor.Person, Most: reportsShown})
	if err != nil {
		return body, err
	}
	waiting, err := a.Store.OpeningReports(ctx, regulation.Scope{All: true}, store.ReportQuery{Second: r.actor.Person, Open: true})
	if err != nil {
		return body, err
	}
	area, err := a.Store.OpeningReports(ctx, a.Guard.Scope(r.actor, policies.DecideOpenings), store.ReportQuery{Open: true})
	if err != nil {
		return body, err
	}
	seen := map[string]bool{}
	for _, report := range slices.Concat(waiting, area, own) {
		if seen[report.ID] {
			continue
		}
		seen[report.ID] = true
		drawn, err := a.reportBody(r, report)
		if err != nil {
			return body, err
		}
		body.Openings = append(body.Openings, drawn)
	}
	return body, nil
}

func (a *API) reportBody(r *request, o store.OpeningReport) (reportBody, error) {
	b, err := a.Store.Box(r.http().Context(), regulation.Scope{All: true}, o.Box)
	if err != nil {
		return reportBody{}, err
	}
	l, err := a.roll(r)
	if err != nil {
		return reportBody{}, err
	}
	body := reportBody{ID: o.ID, Box: o.Box, Hall: a.places(r).body(o.Hall), Place: b.Place, Week: o.Week, At: o.OpenedAt, Openers: []string{l.ref(o.Openers[0]).Name, l.ref(o.Openers[1]).Name},
		ReportedAt: o.RecordedAt, OldSeal: o.OldSeal, OldSealState: o.OldSealState, NewSeal: o.NewSeal, Counted: o.Counted, Letters: o.Letters, Remarks: o.Remarks,
		State: o.State, AnswerBy: o.AnswerBy, Answers: []answeredBody{}}
	for _, given := range o.Answers {
		body.Answers = append(body.Answers, answeredBody{given.Answer, l.ref(given.Person).Name, given.At, given.Contested, given.Reason})
	}
	body.Answerable = o.State == regulation.ReportToConfirm && o.Openers[1] == r.actor.Person
	body.Decidable = o.Rule().Decidable(r.at) && len(a.deciding(r, o)) > 0
	return body, nil
}

// deciding are the reader's assignments under which they may decide about a report: none where they, or whoever they stand
// in for, were one of the two.
func (a *API) deciding(r *request, o store.OpeningReport) []regulation.Assignment {
	if slices.Contains(o.Openers[:], r.actor.Person) {
		return nil
	}
	return slices.DeleteFunc(a.Guard.Assignments(r.actor, policies.DecideOpenings, regulation.Subject{Area: o.Area}), func(as regulation.Assignment) bool {
		return slices.ContainsFunc(as.Absent(), func(person string) bool { return slices.Contains(o.Openers[:], person) })
	})
}

// answerOpening takes the second person's answer.
func (a *API) answerOpening(r *request) (answer, error) {
	return a.settleOpening(r, "answer", func(o store.OpeningReport, v regulation.Values) error {
		actor := r.actor
		if len(actor.Assignments) > 0 {
			actor.As = actor.Assignments[0]
		}
		return a.Store.AnswerOpening(r.http().Context(), o.ID, v, actor)
	})
}

// decideOpening takes the supervisor's decision.
func (a *API) decideOpening(r *request) (answer, error) {
	return a.settleOpening(r, "decide", func(o store.OpeningReport, v regulation.Values) error {
		actor := r.actor
		if allowed := a.deciding(r, o); len(allowed) > 0 {
			actor.As = allowed[0]
		} else if !slices.Contains(o.Openers[:], r.actor.Person) {
			return a.notYours(policies.DecideOpenings)
		}
		return a.Store.DecideOpening(r.http().Context(), o.ID, v, actor)
	})
}

// settleOpening does something with a report that the reader sees, and draws the page anew where it is refused.
func (a *API) settleOpening(r *request, form string, do func(store.OpeningReport, regulation.Values) error) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	fields = without(fields, "idempotency_key")
	o, err := a.reportFor(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	if err = do(o, fields); err == nil {
		a.say(r, "flash.watch_done")
		return answer{status: http.StatusNoContent, next: "/openings"}, nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, reading := a.reportsBody(r)
		if reading != nil {
			return answer{}, err
		}
		return answer{view: a.reportsPage(r, body, triedBox{form, o.ID, fields, refused})}, err
	}
	return answer{}, err
}

// reportFor is a report that the reader sees: one of the two who opened the box, or who may decide.
func (a *API) reportFor(r *request, id string) (store.OpeningReport, error) {
	o, err := a.Store.OpeningReport(r.http().Context(), id)
	if err != nil {
		return o, err
	}
	if !slices.Contains(o.Openers[:], r.actor.Person) && len(a.Guard.Assignments(r.actor, policies.DecideOpenings, regulation.Subject{Area: o.Area})) == 0 {
		return o, &regulation.Error{Code: regulation.NotFound, Missing: "opening"}
	}
	return o, nil
}

func (a *API) reportsPage(r *request, b reportsBody, tried triedBox) *web.OpeningsView {
	v := &web.OpeningsView{Page: a.pageFor(r)}
	if tried.refused != nil && tried.refused.Fields == nil {
		refusal := web.Msg("refusal." + tried.refused.Missing)
		v.Refusal = &refusal
	}
	contested := slices.Clone(regulation.AnswerFields[1:]) // the button is the first
	for i := range contested {
		contested[i].Required = true
	}
	for _, o := range b.Openings {
		row := drawReport(o)
		switch {
		case o.Answerable:
			row.Confirm = "/openings/" + o.ID + "/answer"
			row.Contest = tried.draw(row.Confirm, "answer", o.ID, contested, nil)
			v.ToConfirm = append(v.ToConfirm, row)
		case o.Decidable:
			row.Decide = tried.draw("/openings/"+o.ID+"/decision", "decide", o.ID, regulation.DecisionFields, nil)
			v.ToDecide = append(v.ToDecide, row)
		default:
			v.Others = append(v.Others, row)
		}
	}
	return v
}

func drawReport(o reportBody) web.OpeningReport {
	row := web.OpeningReport{ID: o.ID, Hall: nameOf(o.Hall), Place: o.Place, Week: o.Week, First: o.Openers[0], Second: o.Openers[1], OldSeal: o.OldSeal, OldSealState: o.OldSealState,
		NewSeal: o.NewSeal, Remarks: o.Remarks, State: string(o.State), At: o.At, Reported: o.ReportedAt, AnswerBy: o.AnswerBy, Counted: o.Counted, Letters: o.Letters}
	for _, given := range o.Answers {
		row.Answers = append(row.Answers, web.OpeningAnswer{Answer: string(given.Answer), By: given.By, Reason: given.Reason, Contested: given.Contested, At: given.At})
	}
	return row
}

// openingsToConfirm counts what waits for the reader as the second person. A page is drawn without it rather than not at
// all.
func (a *API) openingsToConfirm(r *request) int {
	n, err := a.Store.OpeningsToConfirm(r.http().Context(), r.actor.Person)
	if err != nil {
		a.Log.ErrorContext(r.http().Context(), "openings to confirm not counted", "request", r.id, "error", err)
	}
	return n
}

// aboutBox says which week of which box a message is about, where the reader may still see the box.
func (a *API) aboutBox(r *request, n store.Notice, b *messageBody) error {
	box, err := a.Store.Box(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewBox), n.CaseID)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	b.Box, b.Href = &placeBody{box.ID, a.boxWeekName(r, box.Hall, box.Place, store.WeekOfMessage(n))}, "/boxes/"+box.ID
	return nil
}

// aboutOpening says which report of an opening a message is about, where the reader may still see it.
func (a *API) aboutOpening(r *request, id string, b *messageBody) error {
	o, err := a.reportFor(r, id)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	drawn, err := a.reportBody(r, o)
	b.Box, b.Href = &placeBody{o.Box, a.boxWeekName(r, o.Hall, drawn.Place, o.Week)}, "/openings"
	return err
}

func (a *API) boxWeekName(r *request, hall, place, week string) string {
	return a.places(r).name(hall) + " · " + place + " · " + week
}
