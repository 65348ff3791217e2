package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// claimBody is a colleague's claim on a task. It binds: until it is given back or taken over,
// nobody else does the task's acts. That is how an office shares its work, no rule of the
// regulation, so acts that are on record already are never held against it.
type claimBody struct {
	Holder string    `json:"holder,omitempty"` // left out where the reader may not know the name
	Since  time.Time `json:"since" when:"exact"`
	// TakeOver is where the reader may take the task over; left out where the seat is another's.
	TakeOver string `json:"take_over,omitempty"`
}

// claimedRefusal turns an act away because a colleague has its task.
type claimedRefusal struct {
	refusal *regulation.Error
	claim   claimBody
}

func (e claimedRefusal) Error() string { return e.refusal.Error() }

func (e claimedRefusal) Unwrap() error { return e.refusal }

// unclaimed refuses an act on a task that a colleague has.
func (a *API) unclaimed(ctx context.Context, c regulation.Case, s submission, at time.Time) error {
	spec, _ := regulation.SpecOf(s.kind)
	await := c.Await(spec.Awaited())
	if await == nil || s.actor.Person == "" || !shared(spec) {
		return nil
	}
	hold, err := a.Store.HoldOn(ctx, c.ID, await.Act)
	if err != nil || hold.Person == "" || hold.Person == s.actor.Person {
		return err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return err
	}
	if claim := claimOn(people, c, *await, hold, s.actor, at); claim != nil {
		refusal := &regulation.Error{Code: regulation.Conflict, Missing: "claimed_by_another", Who: regulation.RolesOf(await.Seats)}
		return claimedRefusal{refusal, *claim}
	}
	return nil
}

// shared tells whether a task is an office's, for one of several to take. What the rated side is
// asked each of them answers in their own right: nobody takes it from the others.
func shared(spec regulation.Spec) bool { return spec.Side != regulation.SideRated }

// claimOn is a colleague's claim as it binds the reader, or nil. One whose holder has left the
// task's seats binds nobody.
func claimOn(people *store.People, c regulation.Case, await regulation.Await, hold store.Hold, reader regulation.Actor, at time.Time) *claimBody {
	holder, err := people.Actor(hold.Person, at)
	if err != nil || hold.Person == reader.Person || !holder.Sits(await.Seats) {
		return nil
	}
	claim := &claimBody{Since: hold.Since}
	if regulation.KnowsColleague(reader, holder) {
		claim.Holder = people.Name(hold.Person)
	}
	if reader.Sits(await.Seats) {
		claim.TakeOver = "/tasks/" + c.ID + "." + string(await.Act) + "/take-over"
	}
	return claim
}

// fillClaims marks the acts whose task a colleague has.
func (a *API) fillClaims(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	items, err := a.Store.CaseTasks(ctx, seen.c.ID)
	if err != nil {
		return err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return err
	}
	for i, act := range b.Acts {
		spec, _ := regulation.SpecOf(act.Kind)
		at := slices.IndexFunc(items, func(t store.TaskItem) bool { return t.Act == spec.Awaited() && t.ClaimedBy != "" })
		if await := seen.c.Await(spec.Awaited()); at >= 0 && await != nil && act.Refused == nil {
			hold := store.Hold{Person: items[at].ClaimedBy, Since: items[at].ClaimedAt}
			b.Acts[i].Claimed = claimOn(people, seen.c, *await, hold, r.actor, r.at)
		}
	}
	return nil
}

// claimWords tells a reader of a claim.
func claimWords(lang web.Lang, c claimBody) string {
	if c.Holder == "" {
		return web.T(lang, "claim.held", beijing(lang, c.Since))
	}
	return web.T(lang, "claim.held_by", c.Holder, beijing(lang, c.Since))
}

// takeOverTask takes a task from the colleague who has had it since the instant that the form
// names, so that nobody is taken by surprise who took it over a moment ago.
func (a *API) takeOverTask(r *request) (answer, error) {
	if err := a.taskSeen(r); err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "since", "idempotency_key"); err != nil {
		return answer{}, err
	}
	return a.afterTask(r, "flash.taken_over", a.takeOver(r, r.param("id"), fields.Get("since")))
}

func (a *API) takeOver(r *request, task, since string) error {
	instant, err := time.Parse(time.RFC3339Nano, since)
	if err != nil {
		return (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("since", "not_an_instant")
	}
	return a.Store.TakeOver(r.http().Context(), r.actor, task, instant)
}

// claimTask takes a task, releaseTask gives it back, or frees a colleague's. Both may be repeated
// without harm.
func (a *API) claimTask(r *request) (answer, error) {
	if err := a.taskSeen(r); err != nil {
		return answer{}, err
	}
	return a.afterTask(r, "flash.claimed", a.Store.Claim(r.http().Context(), r.actor, r.param("id")))
}

func (a *API) releaseTask(r *request) (answer, error) {
	if err := a.taskSeen(r); err != nil {
		return answer{}, err
	}
	return a.afterTask(r, "flash.released", a.Store.Release(r.http().Context(), r.actor, r.param("id")))
}

// taskSeen finds the task's case within the reader's area.
func (a *API) taskSeen(r *request) error {
	caseID, act, _ := strings.Cut(r.param("id"), ".")
	spec, _ := regulation.SpecOf(regulation.ActKind(act))
	if !shared(spec) {
		return &regulation.Error{Code: regulation.NotNow, Missing: "not_for_taking", Who: spec.Roles}
	}
	seen, err := a.caseFor(r, caseID)
	if err == nil && !seen.reader.ShowsAct(spec) {
		return notFound("task") // whether there is one it does not learn
	}
	return err
}

func (a *API) afterTask(r *request, done string, err error) (answer, error) {
	if err == nil {
		a.say(r, done)
	}
	back := "/cases"
	if came, parsing := url.Parse(r.http().Referer()); parsing == nil && came.Host == r.http().Host {
		if local := localPath(came.RequestURI()); local != "" {
			back = local
		}
	}
	return answer{status: http.StatusNoContent, next: back}, err
}
