package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workflows"
)

// submission is an act on its way: what is asked, by whom, under which key.
type submission struct {
	kind   regulation.ActKind
	values regulation.Values
	key    string
	actor  regulation.Actor
}

// actBody is how far a request to act is.
type actBody struct {
	Act    string                `json:"act"` // id of the request
	Kind   regulation.ActKind    `json:"kind"`
	Status store.ActStatus       `json:"status"`
	Case   string                `json:"case,omitempty"`
	Seq    int64                 `json:"seq,omitempty"` // of the event
	Phase  regulation.Phase      `json:"phase,omitempty"`
	Under  regulation.Assignment `json:"under,omitzero"`
}

// doAct does a statutory act on a case: policies, dry run, the act's row, the workflow, the
// outcome from the record.
func (a *API) doAct(r *request) (answer, error) {
	kind := regulation.ActKind(r.param("act"))
	spec, known := regulation.SpecOf(kind)
	if !known {
		return answer{}, notFound("no_such_act")
	}
	seen, err := a.actedOn(r, r.param("id"), spec)
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	ans, err := a.tryAct(r, seen, spec, fields)
	var refused *regulation.Error
	if errors.As(err, &refused) && r.page {
		if keyIsUsed(err) {
			delete(fields, "idempotency_key")
		}
		view, drawing := a.actPage(r, seen, &tried{kind: kind, fields: fields, refused: refused})
		return answer{view: view}, errors.Join(err, drawing)
	}
	return ans, err
}

// actedOn finds the case that an act is about: the rated side knows it by what was served on it, and
// has no other (R04, R57).
func (a *API) actedOn(r *request, id string, spec regulation.Spec) (seenCase, error) {
	if spec.Side == regulation.SideRated {
		if c, err := a.noticeFor(r, id); err == nil {
			return ratedCase(c), nil
		}
	}
	return a.caseFor(r, id)
}

// actPage is the page on which an act's form stands.
func (a *API) actPage(r *request, seen seenCase, t *tried) (web.View, error) {
	if seen.reader != regulation.ReaderRated {
		return a.casePage(r, seen, t)
	}
	b, err := a.noticeOf(r, seen.c)
	if err != nil {
		return nil, err
	}
	return a.ratedPage(r, seen.c, b, t)
}

// address is where the reader finds the case.
func (s seenCase) address() string {
	if s.reader == regulation.ReaderRated {
		return "/notices/" + s.c.ID
	}
	return "/cases/" + s.c.ID
}

// recordedRefusal is the outcome of an act that was stored: its key is used up.
type recordedRefusal struct{ refusal *regulation.Error }

func (e recordedRefusal) Error() string { return e.refusal.Error() }

func (e recordedRefusal) Unwrap() error { return e.refusal }

// keyIsUsed tells whether a form that comes back needs another key.
func keyIsUsed(err error) bool {
	var recorded recordedRefusal
	var refused *regulation.Error
	return errors.As(err, &recorded) || (errors.As(err, &refused) && refused.Code == regulation.Conflict)
}

func (a *API) tryAct(r *request, seen seenCase, spec regulation.Spec, fields regulation.Values) (answer, error) {
	if seen.reader == regulation.ReaderUnit && !seen.reader.ShowsAct(spec) && spec.Side != regulation.SideRated {
		// By the rule alone: who could do it just now would tell where the authority's own steps stand.
		return answer{}, &regulation.Error{Code: regulation.NotPermitted, Clause: spec.Clause, Missing: "seat", Who: spec.Roles}
	}
	key, err := r.idempotencyKey(fields)
	if err != nil {
		return answer{}, err
	}
	if since := fields.Get("take_over"); r.page && since != "" {
		if err := a.takeOver(r, seen.c.ID+"."+string(spec.Awaited()), since); err != nil {
			return answer{}, err
		}
		delete(fields, "take_over")
	}
	values, err := a.withFiles(r, spec, fields)
	if err != nil {
		return answer{}, err
	}
	ans, err := a.submit(r, seen.c, submission{kind: spec.Kind, values: values, key: key, actor: r.actor})
	if err == nil {
		ans.next = seen.address()
		a.say(r, flashOf(ans))
	}
	return ans, err
}

// flashOf is the line for the next page: done, or taken in and under way.
func flashOf(ans answer) string {
	if ans.status == http.StatusAccepted {
		return "flash.act_pending"
	}
	return "flash.act_done"
}

// submit is the way of every act, staff's and raters'.
func (a *API) submit(r *request, c regulation.Case, s submission) (answer, error) {
	return a.submitAt(r.http().Context(), r.at, c, s)
}

// submitAt is submit for an act that was received at an instant, by whatever way.
func (a *API) submitAt(ctx context.Context, at time.Time, c regulation.Case, s submission) (answer, error) {
	request := store.ActRequest{CaseID: c.ID, Kind: s.kind, Values: s.values, Actor: s.actor, Key: s.key, ReceivedAt: at}
	// The same request again gets the same answer, whatever the case looks like by now.
	row, repeated, err := a.Store.RepeatedAct(ctx, request)
	if err != nil {
		return answer{}, err
	}
	if !repeated {
		if request.Actor, err = a.dryRun(ctx, c, s, at); err != nil {
			a.counts.acts.WithLabelValues(string(s.kind), "refused").Inc()
			return answer{}, err
		}
		if !a.EngineUp() {
			return answer{}, &regulation.Error{Code: regulation.Unavailable, Missing: "engine"}
		}
		if row, err = a.Store.SubmitAct(ctx, request); err != nil {
			return answer{}, err
		}
	}
	if row.Status == store.ActPending {
		if row, err = a.drive(ctx, c, row); err != nil {
			return answer{}, err
		}
	}
	return a.outcome(ctx, row)
}

// dryRun asks policies who may and the rules whether it is possible now, on the record's case.
// It returns the actor with the assignment acted under.
func (a *API) dryRun(ctx context.Context, c regulation.Case, s submission, at time.Time) (regulation.Actor, error) {
	act := regulation.Act{Kind: s.kind, Values: s.values}
	rules, err := a.Store.RulesFor(ctx, c, act)
	if err != nil {
		return s.actor, err
	}
	allowed := a.Guard.Assignments(s.actor, string(s.kind), c.SubjectOf(s.kind))
	as, ok := rules.As(c, s.kind, s.actor, allowed)
	if !ok {
		return s.actor, rules.NotYours(c, s.kind)
	}
	s.actor.As = as
	if err := a.unclaimed(ctx, c, s, at); err != nil {
		return s.actor, err
	}
	_, _, err = rules.Apply(c, act, s.actor, at)
	return s.actor, err
}

// drive hands a stored act to its case's workflow and waits for a while. Whatever becomes of the
// wait, the act is on record: a sweeper drives what is left, and the row tells the outcome.
func (a *API) drive(ctx context.Context, c regulation.Case, row store.ActRow) (store.ActRow, error) {
	wait, done := context.WithTimeout(ctx, a.ActWait)
	defer done()
	_, err := a.Submit(wait, workflows.ActRef{CaseID: row.CaseID, ActID: row.ID, Kind: row.Kind, Seen: c.Seq})
	if refused := (*regulation.Error)(nil); err != nil && !errors.As(err, &refused) {
		a.Log.WarnContext(ctx, "act's outcome not known yet", "act", row.ID, "error", err)
	}
	return a.Store.ActOutcome(context.WithoutCancel(ctx), row.ID)
}

// outcome is the answer that an act's row gives: 201 when it is done, its refusal, or 202 with
// the address that tells later.
func (a *API) outcome(ctx context.Context, row store.ActRow) (answer, error) {
	a.counts.acts.WithLabelValues(string(row.Kind), string(row.Status)).Inc()
	body := actBody{Act: row.ID, Kind: row.Kind, Status: row.Status, Case: row.CaseID, Seq: row.Seq, Under: row.As}
	switch row.Status {
	case store.ActRefused, store.ActFailed:
		return answer{}, recordedRefusal{row.Refusal}
	case store.ActPending:
		return answer{status: http.StatusAccepted, body: body, location: "/acts/" + row.ID}, nil
	}
	step, err := a.Store.LoadStep(ctx, row.CaseID)
	if err != nil {
		return answer{}, err
	}
	body.Phase = step.Snapshot.Phase
	if spec, _ := regulation.SpecOf(row.Kind); spec.Side == regulation.SideRated {
		body.Phase, body.Seq = "", 0 // who has the notice alone does not learn how far the case is
	}
	if row.Person == "" {
		body.Case, body.Under = "", regulation.Assignment{}
	}
	return answer{status: http.StatusCreated, body: body, location: "/acts/" + row.ID}, nil
}

// showAct tells how far a request to act is, to whoever made it.
func (a *API) showAct(r *request) (answer, error) {
	row, err := a.Store.ActOutcome(r.http().Context(), r.param("id"))
	if err != nil {
		return answer{}, err
	}
	if row.Person == "" || row.Person != r.actor.Person {
		return answer{}, notFound("act")
	}
	body := actBody{Act: row.ID, Kind: row.Kind, Status: row.Status, Case: row.CaseID, Seq: row.Seq, Under: row.As}
	if row.Refusal != nil {
		return answer{}, row.Refusal
	}
	next := "/cases/" + row.CaseID
	if spec, _ := regulation.SpecOf(row.Kind); spec.Side == regulation.SideRated {
		body.Seq = 0
		next = "/notices/" + row.CaseID
	}
	return answer{body: body, next: next}, nil
}
