package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
	"haochaping/workday"
)

// absence is who is away from Kangding's authority or police, and who stands in, by login; days count
// from the clock's day.
type absence struct {
	absent, substitute string
	from, until        int
}

func (d *desk) enter(a absence) (store.Substitution, error) {
	d.t.Helper()
	today := workday.DateOf(d.Clock.Now())
	return d.EnterAbsence(d.t.Context(), regulation.Absence{Absent: d.Person(d.t, a.absent), Substitute: d.Person(d.t, a.substitute),
		From: today.AddDays(a.from), Until: today.AddDays(a.until), Reason: "leave"}, "tester")
}

func (d *desk) entered(a absence) store.Substitution {
	d.t.Helper()
	s, err := d.enter(a)
	d.must(err)
	return s
}

func (d *desk) people() *store.People {
	d.t.Helper()
	people, err := d.People(d.t.Context())
	d.must(err)
	return people
}

// posts lists what a login holds now, with whose posts they are, in order.
func (d *desk) posts(login string) []string {
	d.t.Helper()
	actor, err := d.people().Actor(d.Person(d.t, login), d.Clock.Now())
	d.must(err)
	var held []string
	for _, a := range actor.Assignments {
		text := string(a.Role)
		for _, absent := range a.Absent() {
			text += " for " + d.people().Account(absent).Login
		}
		held = append(held, text)
	}
	slices.Sort(held)
	return held
}

func (d *desk) want(login string, posts ...string) {
	d.t.Helper()
	slices.Sort(posts)
	if got := d.posts(login); !slices.Equal(got, posts) {
		d.t.Errorf("%s holds %q, want %q", login, got, posts)
	}
}

func fieldOf(err error, field string) string {
	var refusal *regulation.Error
	if errors.As(err, &refusal) {
		return refusal.Fields[field]
	}
	return ""
}

func TestASubstituteHoldsThePostsWhileTheColleagueIsAway(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		s := d.entered(absence{"kd-psb-handler-1", "kd-psb-head", 1, 2})
		d.want("kd-psb-handler-1", "unit_handler")
		d.want("kd-psb-head", "unit_head")
		d.Clock.Forward(s.Begins.Sub(d.Clock.Now()) - time.Microsecond)
		d.want("kd-psb-head", "unit_head")
		d.Clock.Forward(time.Microsecond)
		d.want("kd-psb-handler-1")
		d.want("kd-psb-head", "unit_head", "unit_handler for kd-psb-handler-1")
		if absence, away := d.people().Absent(s.Absent, d.Clock.Now()); !away || absence.ID != s.ID {
			t.Errorf("not told absent: %+v", absence)
		}
		d.Clock.Forward(s.Ends.Sub(d.Clock.Now()) - time.Microsecond)
		d.want("kd-psb-handler-1")
		d.Clock.Forward(time.Microsecond)
		d.want("kd-psb-handler-1", "unit_handler")
		d.want("kd-psb-head", "unit_head")
		if s.Ends != workday.NewDate(2026, time.November, 26).Start() {
			t.Errorf("ends %v", s.Ends)
		}
	})
}

// Entered for today it begins at once and not earlier; taken back it ends at once, in every process.
func TestAnAbsenceBeginsAndEndsAtOnce(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		s := d.entered(absence{"kd-verifier-1", "kd-verifier-2", 0, 0})
		d.want("kd-verifier-1")
		d.want("kd-verifier-2", "callback_clerk", "verifier", "verifier for kd-verifier-1")
		if !s.Begins.Equal(d.Clock.Now()) {
			t.Errorf("begins %v, before it was entered", s.Begins)
		}
		d.Clock.Forward(time.Minute)
		d.must(d.Again(t).RevokeAbsence(t.Context(), s.ID, "tester"))
		d.want("kd-verifier-1", "verifier")
		if err := d.RevokeAbsence(t.Context(), s.ID, "tester"); !isCode(err, regulation.Conflict) {
			t.Errorf("ended twice: %v", err)
		}
		if err := d.RevokeAbsence(t.Context(), "nosuch", "tester"); !isCode(err, regulation.NotFound) {
			t.Errorf("%v", err)
		}
		kept, known := d.people().Substitution(s.ID)
		if !known || kept.RevokedBy != "tester" || !kept.RevokedAt.Equal(d.Clock.Now()) || !kept.Over(d.Clock.Now()) {
			t.Errorf("not kept: %+v", kept)
		}
		for _, action := range []string{"set_absence", "revoke_absence"} {
			log, err := d.AuditLog(t.Context(), regulation.Scope{Areas: []string{"513301"}}, store.AuditQuery{Action: action})
			d.must(err)
			if len(log) != 1 || log[0].ObjectID != s.Absent || log[0].Purpose != "leave" || log[0].Person != "tester" {
				t.Errorf("%s: %+v", action, log)
			}
		}
	})
}

func TestAChainIsFollowed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.entered(absence{"kd-supervisor-1", "kd-clerk-1", 0, 3})
		second := d.entered(absence{"kd-clerk-1", "kd-entry-1", 1, 1})
		d.want("kd-clerk-1", "callback_clerk", "supervisor for kd-supervisor-1")
		d.Clock.Forward(second.Begins.Sub(d.Clock.Now()))
		d.want("kd-clerk-1")
		d.want("kd-entry-1", "entry_clerk", "callback_clerk for kd-clerk-1", "supervisor for kd-supervisor-1 for kd-clerk-1")
		d.Clock.Forward(24 * time.Hour)
		d.want("kd-clerk-1", "callback_clerk", "supervisor for kd-supervisor-1")
	})
}

func TestWhatAnAbsenceIsRefusedFor(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.entered(absence{"kd-clerk-1", "kd-clerk-2", 0, 9})
		d.entered(absence{"kd-clerk-2", "kd-entry-1", 0, 9})
		d.entered(absence{"kd-entry-1", "kd-entry-2", 0, 9})
		d.entered(absence{"kd-supervisor-1", "gz-supervisor-1", 0, 9})
		d.must(d.DisableAccount(t.Context(), d.Person(t, "kd-publisher"), "tester"))
		for name, c := range map[string]struct {
			a           absence
			field, code string
		}{
			"each other":                        {absence{"kd-entry-2", "kd-clerk-1", 5, 5}, "substitute", "substitution_cycle"},
			"four in a row":                     {absence{"kd-entry-2", "kd-verifier-1", 9, 12}, "substitute", "substitution_chain_long"},
			"five in a row, joined in front":    {absence{"kd-supervisor-2", "kd-clerk-1", 3, 3}, "substitute", "substitution_chain_long"},
			"another office":                    {absence{"kd-verifier-1", "kd-psb-head", 0, 0}, "substitute", "cannot_stand_in"},
			"another office's role":             {absence{"kd-psb-head", "gz-supervisor-1", 0, 0}, "substitute", "cannot_stand_in"},
			"an administrator":                  {absence{"kd-verifier-1", "kd-secadmin", 0, 0}, "substitute", "cannot_stand_in"},
			"a closed account":                  {absence{"kd-verifier-1", "kd-publisher", 0, 0}, "substitute", "not_an_option"},
			"an administrator's own":            {absence{"kd-secadmin", "kd-verifier-1", 0, 0}, "absent", "nothing_passes_on"},
			"on behalf of one further up":       {absence{"gz-supervisor-1", "gz-verifier-1", 2, 2}, "substitute", "chain_unfit"},
			"too long":                          {absence{"kd-verifier-1", "kd-verifier-2", 0, 30}, "until", "absence_too_long"},
			"somebody away whom nobody follows": {absence{"kd-supervisor-2", "kd-entry-2", 0, 0}, "", ""},
		} {
			_, err := d.enter(c.a)
			if c.field != "" && (fieldOf(err, c.field) != c.code || !isCode(err, regulation.Invalid)) {
				t.Errorf("%s: %v", name, err)
			}
			if c.field == "" && err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := d.rowsOf("substitutions", "revoked_at = 0"); n != 5 {
			t.Errorf("%d absences on record", n)
		}
	})
}

func TestOverlapsAreRefusedWithWhatOverlaps(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		first := d.entered(absence{"kd-verifier-1", "kd-verifier-2", 2, 5})
		for name, a := range map[string]absence{
			"inside":    {"kd-verifier-1", "kd-clerk-1", 3, 4},
			"the edge":  {"kd-verifier-1", "kd-clerk-1", 5, 8},
			"all of it": {"kd-verifier-1", "kd-clerk-1", 0, 9},
		} {
			_, err := d.enter(a)
			var overlap *store.Overlap
			if !errors.As(err, &overlap) || overlap.With.ID != first.ID || !isCode(err, regulation.Conflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		d.entered(absence{"kd-verifier-1", "kd-clerk-1", 6, 6})
		d.must(d.RevokeAbsence(t.Context(), first.ID, "tester"))
		d.entered(absence{"kd-verifier-1", "kd-clerk-1", 2, 5})
	})
}

// Of two absences entered at once that would lead back to one another, one is refused.
func TestOfTwoAbsencesAtOnceOneSeesTheOther(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		other := &desk{Record: d.Again(t), t: t}
		outcomes := make(chan error, 2)
		go func() { _, err := d.enter(absence{"kd-verifier-1", "kd-verifier-2", 0, 1}); outcomes <- err }()
		go func() { _, err := other.enter(absence{"kd-verifier-2", "kd-verifier-1", 0, 1}); outcomes <- err }()
		one, two := <-outcomes, <-outcomes
		if (one == nil) == (two == nil) {
			t.Fatalf("%v; %v", one, two)
		}
		if code := fieldOf(errors.Join(one, two), "substitute"); code != "substitution_cycle" {
			t.Errorf("%v; %v", one, two)
		}
	})
}

// Whoever leaves takes along what they held for others; whoever stood in for them holds it no longer.
func TestSubstitutedPostsEndWithEitherEnd(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.entered(absence{"kd-psb-handler-1", "kd-psb-head", 0, 5})
		d.entered(absence{"kd-verifier-1", "kd-verifier-2", 0, 5})
		d.entered(absence{"kd-clerk-1", "kd-clerk-2", 0, 5})
		d.must(d.Dismiss(t.Context(), d.Person(t, "kd-psb-head"), regulation.UnitHead, "513301-psb", "tester"))
		d.want("kd-psb-head")
		d.must(d.Dismiss(t.Context(), d.Person(t, "kd-verifier-1"), regulation.Verifier, "513301-authority", "tester"))
		d.want("kd-verifier-2", "callback_clerk", "verifier")
		d.must(d.DisableAccount(t.Context(), d.Person(t, "kd-clerk-1"), "tester"))
		d.want("kd-clerk-2", "callback_clerk")
	})
}

func TestWhoMayEnterAnAbsence(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for name, c := range map[string]struct {
			who, absent string
			want        bool
		}{
			"oneself":                       {"kd-verifier-1", "kd-verifier-1", true},
			"a colleague":                   {"kd-verifier-1", "kd-verifier-2", false},
			"who leads the office":          {"kd-supervisor-1", "kd-verifier-1", true},
			"a supervisor, another":         {"kd-supervisor-1", "kd-supervisor-2", false},
			"a supervisor, the head":        {"kd-supervisor-1", "kd-head", false},
			"the head, a supervisor":        {"kd-head", "kd-supervisor-1", true},
			"a leader elsewhere":            {"ld-supervisor-1", "kd-verifier-1", false},
			"the head of the unit":          {"kd-psb-head", "kd-psb-handler-1", true},
			"the unit's handler, its head":  {"kd-psb-handler-1", "kd-psb-head", false},
			"the supervisor, a unit's head": {"kd-supervisor-1", "kd-psb-head", false},
		} {
			actor, err := d.people().Actor(d.Person(t, c.who), d.Clock.Now())
			d.must(err)
			if got := d.people().MayEnter(actor, d.Person(t, c.absent), d.Clock.Now()); got != c.want {
				t.Errorf("%s: %t", name, got)
			}
		}
	})
}

func TestCandidatesAreWhoMayStandIn(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		logins := func(absent string) (found []string) {
			for _, a := range d.people().Candidates(d.Person(t, absent), d.Clock.Now()) {
				found = append(found, a.Login)
			}
			return found
		}
		got := logins("kd-verifier-1")
		for login, want := range map[string]bool{"kd-verifier-1": false, "kd-verifier-2": true, "kd-head": true, "gz-verifier-1": true,
			"gz-clerk-1": false, "kd-psb-head": false, "kd-secadmin": false, "kd-auditor": false, "ld-verifier-1": false} {
			if slices.Contains(got, login) != want {
				t.Errorf("%s: %t", login, !want)
			}
		}
		if got := logins("kd-secadmin"); len(got) != 0 {
			t.Errorf("for an administrator: %v", got)
		}
	})
}

// The act's row keeps in whose place it was done, from the request to the event.
func TestAnActForAColleagueSaysSoFromRequestToEvent(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSign)
		d.entered(absence{"kd-psb-handler-1", "kd-psb-handler-2", 0, 5})
		d.entered(absence{"kd-psb-handler-2", "kd-psb-head", 0, 5})
		row := d.submitFor(id, "kd-psb-head", "kd-psb-handler-1", regulation.ActSign)
		wanted := []string{d.Person(t, "kd-psb-handler-1"), d.Person(t, "kd-psb-handler-2")}
		if !slices.Equal(row.As.Absent(), wanted) {
			t.Errorf("the row has %+v", row.As)
		}
		d.recorded(id, row)
		events, err := d.Events(t.Context(), regulation.Scope{All: true}, id)
		d.must(err)
		last := events[len(events)-1]
		if last.Actor != d.Person(t, "kd-psb-head") || !slices.Equal(last.As.Absent(), wanted) || last.As.Role != regulation.UnitHandler {
			t.Errorf("the event has %s as %+v", last.Actor, last.As)
		}
		if c := d.read(id); len(c.Handlers) != 3 {
			t.Errorf("handled by %v", c.Handlers)
		}
		outcome, err := d.ActOutcome(t.Context(), row.ID)
		d.must(err)
		if !slices.Equal(outcome.As.Absent(), wanted) {
			t.Errorf("the outcome has %+v", outcome.As)
		}
	})
}

// submitFor submits an act by a login, under the post that they hold for another, or their own.
func (d *desk) submitFor(id, login, absent string, kind regulation.ActKind) store.ActRow {
	d.t.Helper()
	actor, err := d.people().Actor(d.Person(d.t, login), d.Clock.Now())
	d.must(err)
	behalf := ""
	if absent != "" {
		behalf = d.Person(d.t, absent)
	}
	spec, _ := regulation.SpecOf(kind)
	i := slices.IndexFunc(actor.Assignments, func(a regulation.Assignment) bool {
		return a.For == behalf && slices.Contains(spec.Roles, a.Role)
	})
	if i < 0 {
		d.t.Fatalf("%s may not %s for %q: %+v", login, kind, absent, actor.Assignments)
	}
	actor.As = actor.Assignments[i]
	row, err := d.SubmitAct(d.t.Context(), store.ActRequest{CaseID: id, Kind: kind, Values: forms[kind], Actor: actor, Key: d.key()})
	d.must(err)
	return row
}

func (d *desk) recorded(id string, row store.ActRow) regulation.Step {
	d.t.Helper()
	step, err := d.RecordAct(d.t.Context(), id, row.ID)
	d.must(err)
	if step.Refused != "" {
		outcome, _ := d.ActOutcome(d.t.Context(), row.ID)
		d.t.Fatalf("%s was refused: %v", row.Kind, outcome.Refusal)
	}
	return step
}

// What somebody leaves can be a post, an account, or a substitution; each in the middle of an act.
func (d *desk) leave(how string, login string, s store.Substitution) {
	d.t.Helper()
	switch how {
	case "dismissed":
		d.must(d.Dismiss(d.t.Context(), d.Person(d.t, login), regulation.UnitHandler, "513301-psb", "tester"))
	case "disabled":
		d.must(d.DisableAccount(d.t.Context(), d.Person(d.t, login), "tester"))
	case "revoked":
		d.must(d.RevokeAbsence(d.t.Context(), s.ID, "tester"))
	}
}

// An act counts by the instant at which it was received: who left between the request and its
// recording did it, who had left before did not.
func TestAnActIsJudgedByWhoHeldThePostWhenItWasReceived(t *testing.T) {
	for _, how := range []string{"dismissed", "disabled", "revoked"} {
		t.Run(how, func(t *testing.T) {
			onDesks(t, func(t *testing.T, d *desk) {
				login, absent, s := "kd-psb-handler-1", "", store.Substitution{}
				if how == "revoked" {
					login, absent = "kd-psb-head", "kd-psb-handler-1"
					s = d.entered(absence{absent, login, 0, 5})
				}
				early, late := d.open(), d.open()
				d.upTo(early, regulation.ActSign)
				d.upTo(late, regulation.ActSign)
				before := d.submitFor(early, login, absent, regulation.ActSign)
				d.Clock.Forward(time.Second)
				actor, err := d.people().Actor(d.Person(t, login), d.Clock.Now())
				d.must(err)
				actor.As = actor.Assignments[len(actor.Assignments)-1]
				d.leave(how, login, s)
				d.Clock.Forward(time.Second)
				after, err := d.SubmitAct(t.Context(), store.ActRequest{CaseID: late, Kind: regulation.ActSign, Actor: actor, Key: d.key()})
				d.must(err)
				d.recorded(early, before)
				step, err := d.RecordAct(t.Context(), late, after.ID)
				d.must(err)
				if step.Refused != regulation.NotPermitted {
					t.Errorf("who had left signed: %q", step.Refused)
				}
			})
		})
	}
}

// leaveAll empties Kangding's police of everybody who could sign.
func (d *desk) leaveAll() {
	d.t.Helper()
	for login, role := range map[string]regulation.Role{"kd-psb-handler-1": regulation.UnitHandler, "kd-psb-handler-2": regulation.UnitHandler, "kd-psb-head": regulation.UnitHead} {
		d.must(d.Dismiss(d.t.Context(), d.Person(d.t, login), role, "513301-psb", "tester"))
	}
}

func (d *desk) eventsNamed(id, name string) (n int) {
	d.t.Helper()
	return d.rowsOf("case_events", "case_id = ? AND name = ?", id, name)
}

func (d *desk) settled() []string {
	d.t.Helper()
	cases, err := d.SettlePeople(d.t.Context())
	d.must(err)
	return cases
}

func TestAStepIsLaidBeforeOthersOnceNobodyHoldsItsSeats(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id, other := d.open(), d.open()
		d.upTo(id, regulation.ActSign)
		if got := d.settled(); len(got) != 0 {
			t.Errorf("nobody left, and %v changed", got)
		}
		d.leaveAll()
		d.Clock.Forward(time.Second)
		if n := d.rowsOf("seat_checks", "at > 0"); n == 0 {
			t.Fatal("nothing on record tells that seats are to be looked at")
		}
		if got := d.settled(); !slices.Equal(got, []string{id}) {
			t.Errorf("changed %v, want %s; %s waits elsewhere", got, id, other)
		}
		again := &desk{Record: d.Again(t), t: t}
		if got := append(d.settled(), again.settled()...); len(got) != 0 {
			t.Errorf("changed again: %v", got)
		}
		if n := d.eventsNamed(id, "reseated"); n != 1 {
			t.Errorf("%d events", n)
		}
		if n := d.rowsOf("seat_checks", "at > 0"); n != 0 {
			t.Errorf("%d left to do", n)
		}
		page, err := d.Tasks(t.Context(), store.TaskQuery{Actor: d.holder(regulation.Supervisor, office), Tab: store.TabAvailable, Act: regulation.ActSign})
		d.must(err)
		if len(page.Tasks) != 1 || page.Tasks[0].CaseID != id || page.Tasks[0].Raised != "nobody_eligible" {
			t.Errorf("the supervisor's inbox: %+v", page.Tasks)
		}
		d.do(id, regulation.ActSign, nil)
	})
}

// Whatever breaks off between the change of people and the end of its duty, it is done again.
func TestReseatingIsDoneOnceByTwoNodes(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSign)
		d.leaveAll()
		d.Clock.Forward(time.Second)
		other := d.Again(t)
		done := make(chan error, 2)
		for _, s := range []*store.Store{d.Store, other.Store} {
			go func() { _, err := s.SettlePeople(t.Context()); done <- err }()
		}
		d.must(errors.Join(<-done, <-done))
		if n := d.eventsNamed(id, "reseated"); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}

// An act that was received first counts first, whenever it is recorded.
func TestReseatingComesAfterTheActsReceivedBefore(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSign)
		row := d.submitFor(id, "kd-psb-handler-1", "", regulation.ActSign)
		d.Clock.Forward(time.Second)
		d.leaveAll()
		d.settled()
		outcome, err := d.ActOutcome(t.Context(), row.ID)
		d.must(err)
		if outcome.Status != store.ActDone {
			t.Fatalf("%+v, %v", outcome, outcome.Refusal)
		}
		c := d.read(id)
		if w := c.Await(regulation.ActSubmitPlan); w == nil || !slices.Equal(w.Seats, []regulation.Seat{{Role: regulation.Supervisor, Org: office}}) {
			t.Errorf("%+v", c.Awaiting)
		}
		if n := d.eventsNamed(id, "reseated"); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}

// A step that an act of before opens is laid before those who are there now, though the duty has gone
// by already.
func TestAnActRecordedLateOpensItsStepBeforeWhoIsThereNow(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActTransfer)
		row := d.submit(id, regulation.ActTransfer, forms[regulation.ActTransfer])
		d.Clock.Forward(time.Second)
		d.leaveAll()
		d.settled()
		d.Clock.Forward(time.Second)
		d.recorded(id, row)
		c := d.read(id)
		if w := c.Await(regulation.ActSign); !slices.Equal(w.Seats, []regulation.Seat{{Role: regulation.Supervisor, Org: office}}) {
			t.Errorf("%+v", w)
		}
		if n := d.eventsNamed(id, "reseated"); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}

// Claims end with what they rest on: an absence that begins takes the absent one's, one that ends the
// substitute's.
func TestClaimsFallWithTheAbsence(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		task, first, _ := d.claimed()
		s := d.entered(absence{d.people().Account(first.Person).Login, "kd-clerk-1", 1, 1})
		d.settled()
		if hold := d.hold(task); hold.Person != first.Person {
			t.Fatalf("before it begins: %+v", hold)
		}
		d.Clock.Forward(s.Begins.Sub(d.Clock.Now()))
		d.settled()
		if hold := d.hold(task); hold.Person != "" {
			t.Fatalf("away, and still held: %+v", hold)
		}
		clerk, err := d.people().Actor(d.Person(t, "kd-clerk-1"), d.Clock.Now())
		d.must(err)
		d.must(d.Claim(t.Context(), clerk, task))
		d.settled()
		if hold := d.hold(task); hold.Person != clerk.Person {
			t.Fatalf("the substitute's claim fell: %+v", hold)
		}
		d.Clock.Forward(s.Ends.Sub(d.Clock.Now()))
		d.settled()
		if hold := d.hold(task); hold.Person != "" {
			t.Errorf("back, and the substitute still has it: %+v", hold)
		}
		if c := d.counts(first); c.Available != 1 {
			t.Errorf("not available: %+v", c)
		}
	})
}

func TestClaimsFallAtOnceWhenAnAbsenceIsTakenBack(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSign)
		s := d.entered(absence{"kd-psb-handler-1", "kd-window-02", 0, 3})
		actor, err := d.people().Actor(d.Person(t, "kd-window-02"), d.Clock.Now())
		d.must(err)
		d.must(d.Claim(t.Context(), actor, id+".sign"))
		d.must(d.RevokeAbsence(t.Context(), s.ID, "tester"))
		hold, err := d.HoldOn(t.Context(), id, regulation.ActSign)
		d.must(err)
		if hold.Person != "" {
			t.Errorf("%+v", hold)
		}
	})
}

// TestEveryPostHasOneHolderWhateverTheAbsences enters and takes back absences at random. At any instant
// each post that passes on is held by one person at most, by its own holder unless they are away, and
// nobody away holds anything.
func TestEveryPostHasOneHolderWhateverTheAbsences(t *testing.T) {
	d := &desk{Record: storetest.SQLite(t).LoadDemo(t), t: t}
	logins := []string{"kd-verifier-1", "kd-verifier-2", "kd-clerk-1", "kd-clerk-2", "kd-supervisor-1", "kd-supervisor-2", "kd-head", "gz-verifier-1", "gz-supervisor-1"}
	entered, chains := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 12).Draw(rt, "changes") {
			from := rapid.IntRange(0, 4).Draw(rt, "from")
			s, err := d.enter(absence{rapid.SampledFrom(logins).Draw(rt, "absent"), rapid.SampledFrom(logins).Draw(rt, "substitute"),
				from, from + rapid.IntRange(0, 4).Draw(rt, "days")})
			if err == nil {
				entered++
				if rapid.IntRange(0, 3).Draw(rt, "take back") == 0 {
					d.must(d.RevokeAbsence(t.Context(), s.ID, "tester"))
				}
			}
		}
		for hour := 0; hour < 10*24; hour += 7 {
			chains += holdPosts(rt, d.people(), d.Clock.Now().Add(time.Duration(hour)*time.Hour))
		}
		d.Clock.Forward(time.Duration(rapid.IntRange(1, 6).Draw(rt, "days on")) * 24 * time.Hour)
	})
	if entered < 50 || chains == 0 {
		t.Errorf("%d absences, %d chains: hardly tried", entered, chains)
	}
}

func holdPosts(rt *rapid.T, people *store.People, at time.Time) (chains int) {
	holders := map[string]string{}
	for _, p := range people.Roster(at) {
		_, away := people.Absent(p.ID, at)
		if away && len(p.Assignments) > 0 {
			rt.Fatalf("%s is away and holds %+v", people.Account(p.ID).Login, p.Assignments)
		}
		for _, a := range p.Assignments {
			if a.Via != "" {
				chains++
			}
			owner := p.ID
			if a.For != "" {
				owner = a.For
				if _, gone := people.Absent(owner, at); !gone {
					rt.Fatalf("%s is there, and %s holds their post", owner, p.ID)
				}
			}
			key := fmt.Sprint(owner, a.Own())
			if other := holders[key]; other != "" {
				rt.Fatalf("%s is held by %s and %s", key, other, p.ID)
			}
			holders[key] = p.ID
		}
	}
	return chains
}
