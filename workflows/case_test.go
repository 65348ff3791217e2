package workflows

import (
	"errors"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"haochaping/activities"
	"haochaping/regulation"
)

func run(t *testing.T, env *testsuite.TestWorkflowEnvironment) {
	t.Helper()
	env.ExecuteWorkflow(CaseType, CaseInput{CaseID: caseID})
	if !env.IsWorkflowCompleted() {
		t.Fatal("the run did not end")
	}
}

func wantDone(t *testing.T, env *testsuite.TestWorkflowEnvironment, r *fakeRecord, want ...string) {
	t.Helper()
	if err := env.GetWorkflowError(); err != nil {
		t.Errorf("the run failed: %v", err)
	}
	if !slices.Equal(r.done, want) {
		t.Errorf("recorded %v, want %v", r.done, want)
	}
}

// wantAt asserts when an entry was recorded, with up to 50 ms for what the test engine adds.
func wantAt(t *testing.T, r *fakeRecord, id string, after time.Duration) {
	t.Helper()
	got := r.at[id].Sub(start)
	if got < after || got > after+50*time.Millisecond {
		t.Errorf("%s was recorded after %v, want %v", id, got, after)
	}
}

func TestNothingToDoEndsAtOnce(t *testing.T) {
	env, r := prepare(t)
	r.step.Finished = true
	run(t, env)
	wantDone(t, env, r)
	if env.Now().Sub(start) > time.Second {
		t.Errorf("the run took %v", env.Now().Sub(start))
	}
}

func TestDeadlinesPassInOrder(t *testing.T) {
	env, r := prepare(t, timer("late", 3*day), timer("soon", day), timer("b", 2*day), timer("a", 2*day))
	r.effects["late"] = finish
	run(t, env)
	wantDone(t, env, r, "soon", "a", "b", "late")
	wantAt(t, r, "soon", day)
	wantAt(t, r, "a", 2*day)
	wantAt(t, r, "late", 3*day)
}

func TestDeadlinePassedBeforeTheStart(t *testing.T) {
	env, r := prepare(t, timer("old", -day), timer("older", -2*day))
	r.effects["old"] = finish
	run(t, env)
	wantDone(t, env, r, "older", "old")
	wantAt(t, r, "old", 0)
}

func TestActReplacesDeadlines(t *testing.T) {
	env, r := prepare(t, timer("accept", day))
	r.effects["act1"] = timers(timer("verify", 5*day))
	r.effects["verify"] = finish
	got := submit(env, time.Hour, accept("act1", 1))
	run(t, env)
	wantDone(t, env, r, "act1", "verify")
	wantAt(t, r, "act1", time.Hour)
	wantAt(t, r, "verify", 5*day)
	if got.err != nil || got.result != (ActResult{Seq: 2}) {
		t.Errorf("answer %+v, %v", got.result, got.err)
	}
}

func TestActBringsTheDeadlineForward(t *testing.T) {
	env, r := prepare(t, timer("far", 9*day))
	r.effects["act1"] = timers(timer("far", 9*day), timer("near", 2*day))
	r.effects["far"] = finish
	submit(env, time.Hour, accept("act1", 1))
	run(t, env)
	wantDone(t, env, r, "act1", "near", "far")
	wantAt(t, r, "near", 2*day)
}

func TestActsThatDeferDeadlinesLeaveTheTimer(t *testing.T) {
	env, r := prepare(t, timer("d0", day))
	set := 0
	env.SetOnTimerScheduledListener(func(string, time.Duration) { set++ })
	for i, id := range []string{"act1", "act2", "act3", "act4"} {
		due := time.Duration(i+2) * day
		r.effects[id] = timers(timer("d"+id, due))
		submit(env, time.Duration(i+1)*time.Hour, accept(id, 1))
	}
	r.effects["dact4"] = finish
	run(t, env)
	wantDone(t, env, r, "act1", "act2", "act3", "act4", "dact4")
	wantAt(t, r, "dact4", 5*day)
	if set != 2 {
		t.Errorf("the timer was set %d times, want at the start and when it rang", set)
	}
}

func TestActsAreRecordedOneAtATime(t *testing.T) {
	env, r := prepare(t, timer("end", day))
	r.effects["end"] = finish
	var got []*answer
	for _, id := range []string{"act1", "act2", "act3"} {
		r.effects[id] = func(*regulation.Step) {}
		got = append(got, submit(env, time.Hour, accept(id, 1)))
	}
	// While the record is away the first act keeps its turn: the others must wait for it.
	r.away = awayUntil(r, time.Hour+10*time.Minute)
	run(t, env)
	slices.Sort(r.done)
	wantDone(t, env, r, "act1", "act2", "act3", "end")
	if r.calls["act1"] < 10 || r.calls["act2"] != 1 || r.calls["act3"] != 1 {
		t.Errorf("calls %v: want many for act1 and one for each of those that waited", r.calls)
	}
	for i, a := range got {
		if a.err != nil || a.result.Seq < 2 || a.result.Seq > 4 {
			t.Errorf("act %d: %+v, %v", i+1, a.result, a.err)
		}
	}
}

func TestSameActTwiceIsDoneOnce(t *testing.T) {
	env, r := prepare(t, timer("end", day))
	r.effects["act1"], r.effects["end"] = func(*regulation.Step) {}, finish
	r.done, r.step.Snapshot.Seq = []string{"act1"}, 2 // recorded in an earlier run of the workflow
	got := submit(env, time.Hour, accept("act1", 1))
	run(t, env)
	wantDone(t, env, r, "act1", "end")
	if got.err != nil || got.result != (ActResult{Seq: 2}) {
		t.Errorf("answer %+v, %v", got.result, got.err)
	}
}

func TestAdmission(t *testing.T) {
	sign := ActRef{CaseID: caseID, ActID: "act1", Kind: regulation.ActSign, Seen: 1}
	newer := sign
	newer.Seen = 2
	foreign := accept("act1", 1)
	foreign.CaseID = "c2"
	kindless := accept("act1", 1)
	kindless.Kind = ""
	for _, c := range []struct {
		name     string
		ref      ActRef
		turnedBy regulation.Code // "" when admitted
	}{
		{"open", accept("act1", 1), ""},
		{"not open", sign, regulation.NotNow},
		{"not open here, found open on a newer record", newer, ""},
		{"another case's", foreign, regulation.Invalid},
		{"without a kind", kindless, regulation.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			env, r := prepare(t, timer("end", day))
			r.effects["act1"], r.effects["end"] = func(*regulation.Step) {}, finish
			got := submit(env, time.Hour, c.ref)
			run(t, env)
			if got.rejected != (c.turnedBy != "") || activities.Code(got.err) != c.turnedBy {
				t.Errorf("turned away: %v with %v, want %q", got.rejected, got.err, c.turnedBy)
			}
			if c.turnedBy != "" {
				wantDone(t, env, r, "end")
			}
		})
	}
}

func TestActThatComesWithTheStart(t *testing.T) {
	env, r := prepare(t)
	r.step.Finished = true
	r.effects["act1"] = func(*regulation.Step) {}
	got := submit(env, 0, ActRef{CaseID: caseID, ActID: "act1", Kind: regulation.ActWithdrawConsent, Seen: 1})
	run(t, env)
	wantDone(t, env, r, "act1")
	if got.err != nil || got.result.Seq != 2 {
		t.Errorf("answer %+v, %v", got.result, got.err)
	}
}

func TestRefusalLeavesTheCaseAsItWas(t *testing.T) {
	env, r := prepare(t, timer("end", day))
	r.effects["end"] = finish
	got := submit(env, time.Hour, accept("refused", 1))
	run(t, env)
	wantDone(t, env, r, "end")
	wantAt(t, r, "end", day)
	if got.err != nil || got.result != (ActResult{Seq: 1, Refused: regulation.NotNow}) {
		t.Errorf("answer %+v, %v", got.result, got.err)
	}
}

func TestPermanentErrorFailsThatActAlone(t *testing.T) {
	env, r := prepare(t, timer("end", day))
	r.effects["act2"], r.effects["end"] = func(*regulation.Step) {}, finish
	r.away = func() error {
		if r.now().Sub(start) == time.Hour {
			return activities.Refuse(regulation.NotFound)
		}
		return nil
	}
	failed := submit(env, time.Hour, accept("act1", 1))
	good := submit(env, 2*time.Hour, accept("act2", 1))
	run(t, env)
	wantDone(t, env, r, "act2", "end")
	if activities.Code(failed.err) != regulation.NotFound || failed.rejected || r.calls["act1"] != 1 {
		t.Errorf("act1: %v after %d calls", failed.err, r.calls["act1"])
	}
	if good.err != nil {
		t.Errorf("act2: %v", good.err)
	}
}

func TestUnknownCaseFailsTheRun(t *testing.T) {
	env, r := prepare(t)
	env.ExecuteWorkflow(CaseType, CaseInput{CaseID: "none"})
	if activities.Code(env.GetWorkflowError()) != regulation.NotFound || r.calls[""] != 1 {
		t.Errorf("got %v after %d loads", env.GetWorkflowError(), r.calls[""])
	}
}

// awayUntil has the record away from an hour after the start.
func awayUntil(r *fakeRecord, end time.Duration) func() error {
	return func() error {
		if since := r.now().Sub(start); since >= time.Hour && since < end {
			return errAway
		}
		return nil
	}
}

func TestRecordAwayDelaysAndLosesNothing(t *testing.T) {
	env, r := prepare(t, timer("soon", 2*time.Hour), timer("end", day))
	r.effects["act1"], r.effects["act2"], r.effects["end"] = func(*regulation.Step) {}, func(*regulation.Step) {}, finish
	r.away = awayUntil(r, 5*time.Hour)
	first := submit(env, 90*time.Minute, accept("act1", 1))
	second := submit(env, 3*time.Hour, accept("act2", 1))
	run(t, env)
	wantDone(t, env, r, "act1", "soon", "act2", "end")
	if first.err != nil || second.err != nil {
		t.Errorf("answers %v, %v", first.err, second.err)
	}
	if late := r.at["act2"].Sub(start) - 5*time.Hour; late < 0 || late > time.Minute {
		t.Errorf("act2 was recorded %v after the record was back", late)
	}
}

func TestRecordAwayAtTheStart(t *testing.T) {
	env, r := prepare(t, timer("end", day))
	r.effects["end"] = finish
	tries := 0
	r.away = func() error {
		if tries++; tries <= 20 {
			return errAway
		}
		return nil
	}
	run(t, env)
	wantDone(t, env, r, "end")
	wantAt(t, r, "end", day)
}

// A crash between the record's commit and the engine's, with the client gone: the record went on
// to another step and this run knows nothing of it.
func forgotten(r *fakeRecord, env *testsuite.TestWorkflowEnvironment, effect func(*regulation.Step)) {
	env.RegisterDelayedCallback(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.do("forgotten", func(s *regulation.Step) {
			s.Snapshot.Open = []regulation.ActKind{regulation.ActSign}
			effect(s)
		})
	}, time.Minute)
}

func TestForgottenActHealsAtTheNextDeadline(t *testing.T) {
	env, r := prepare(t, timer("stale", day))
	forgotten(r, env, timers(timer("new", 2*day)))
	r.effects["new"] = finish
	run(t, env)
	wantDone(t, env, r, "forgotten", "new")
	wantAt(t, r, "new", 2*day)
}

func TestForgottenActHealsAtTheNextAct(t *testing.T) {
	env, r := prepare(t, timer("stale", 9*day))
	forgotten(r, env, timers(timer("new", 2*day)))
	r.effects["act1"], r.effects["new"] = func(*regulation.Step) {}, finish
	got := submit(env, time.Hour, ActRef{CaseID: caseID, ActID: "act1", Kind: regulation.ActSign, Seen: 2})
	run(t, env)
	wantDone(t, env, r, "forgotten", "act1", "new")
	wantAt(t, r, "new", 2*day)
	if got.err != nil || got.result.Seq != 3 {
		t.Errorf("answer %+v, %v", got.result, got.err)
	}
}

func TestForgottenActHealsByReload(t *testing.T) {
	env, r := prepare(t, timer("stale", 9*day))
	forgotten(r, env, timers(timer("new", 2*day)))
	r.effects["new"] = finish
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(Reload, nil) }, time.Hour)
	run(t, env)
	wantDone(t, env, r, "forgotten", "new")
	wantAt(t, r, "new", 2*day)
}

// moved re-arms the one deadline in the record after a minute, as a calendar notice does, and tells
// the run an hour later, or not at all.
func moved(r *fakeRecord, env *testsuite.TestWorkflowEnvironment, due time.Duration, told bool) {
	env.RegisterDelayedCallback(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.do("rearmed", timers(timer("end", due)))
	}, time.Minute)
	if told {
		env.RegisterDelayedCallback(func() { env.SignalWorkflow(Reload, nil) }, time.Hour)
	}
}

func TestADeadlineThatMovesRingsAtItsNewInstant(t *testing.T) {
	for name, c := range map[string]struct {
		due  time.Duration
		told bool
	}{"earlier": {2 * day, true}, "later": {8 * day, true}, "later, and the run was not told": {8 * day, false}} {
		t.Run(name, func(t *testing.T) {
			env, r := prepare(t, timer("end", 5*day))
			moved(r, env, c.due, c.told)
			r.effects["end"] = finish
			run(t, env)
			wantDone(t, env, r, "rearmed", "end")
			wantAt(t, r, "end", c.due)
		})
	}
}

func TestForgottenLastActEndsTheRun(t *testing.T) {
	env, r := prepare(t, timer("stale", day))
	forgotten(r, env, finish)
	run(t, env)
	wantDone(t, env, r, "forgotten")
}

func TestRecordsClockBehindTheEngines(t *testing.T) {
	env, r := prepare(t, timer("end", day))
	r.effects["end"] = finish
	r.now = func() time.Time { return env.Now().Add(-90 * time.Second) }
	run(t, env)
	wantDone(t, env, r, "end")
	if r.calls["end"] > 10 {
		t.Errorf("the deadline was tried %d times", r.calls["end"])
	}
	if late := env.Now().Sub(start.Add(day)); late < 90*time.Second || late > 3*time.Minute {
		t.Errorf("recorded %v after the engine's instant", late)
	}
}

func TestScaledClock(t *testing.T) {
	env, r := prepare(t, timer("end", 24*day))
	r.effects["end"] = finish
	r.step.Clock = regulation.Clock{Scale: 24, RealOrigin: start, Origin: start}
	run(t, env)
	wantDone(t, env, r, "end")
	wantAt(t, r, "end", day)
}

func TestFullHistoryGoesOnInAFreshOne(t *testing.T) {
	env, r := prepare(t, timer("end", 9*day))
	r.effects["act1"] = func(*regulation.Step) {}
	// The engine asks for a fresh history while an act is still being recorded.
	r.away = awayUntil(r, 2*time.Hour)
	got := submit(env, time.Hour, accept("act1", 1))
	env.RegisterDelayedCallback(func() { env.SetContinueAsNewSuggested(true) }, 90*time.Minute)
	run(t, env)
	var next *workflow.ContinueAsNewError
	if !errors.As(env.GetWorkflowError(), &next) {
		t.Fatalf("the run ended with %v", env.GetWorkflowError())
	}
	var in CaseInput
	if err := converter.GetDefaultDataConverter().FromPayloads(next.Input, &in); err != nil {
		t.Fatal(err)
	}
	if next.WorkflowType.Name != CaseType || in != (CaseInput{CaseID: caseID}) {
		t.Errorf("goes on as %s with %+v", next.WorkflowType.Name, in)
	}
	if got.err != nil || !slices.Equal(r.done, []string{"act1"}) {
		t.Errorf("act: %v, recorded %v", got.err, r.done)
	}
}

func TestCancelledRunEnds(t *testing.T) {
	env, r := prepare(t, timer("end", 9*day))
	env.RegisterDelayedCallback(env.CancelWorkflow, time.Hour)
	run(t, env)
	if env.GetWorkflowError() == nil || len(r.done) > 0 {
		t.Errorf("ended with %v, recorded %v", env.GetWorkflowError(), r.done)
	}
}
