package workflows

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"haochaping/activities"
	"haochaping/regulation"
)

const caseID = "c1"

// fakeRecord stands in for the store: it records each entry once, answers the current step and
// can be away. Its exported methods are the activities.
type fakeRecord struct {
	now func() time.Time

	mu      sync.Mutex
	step    regulation.Step
	effects map[string]func(*regulation.Step) // what an act or a deadline does, by id
	done    []string                          // recorded entries in order
	at      map[string]time.Time              // when
	calls   map[string]int                    // calls by id; "" counts loads
	away    func() error                      // nil error: not away
}

func (r *fakeRecord) LoadCase(_ context.Context, e activities.Entry) (regulation.Step, error) {
	return r.enter(e, func() {})
}

func (r *fakeRecord) RecordAct(_ context.Context, e activities.Entry) (regulation.Step, error) {
	var refused regulation.Code
	step, err := r.enter(e, func() {
		if effect := r.effects[e.ID]; effect == nil {
			refused = regulation.NotNow
		} else if !slices.Contains(r.done, e.ID) {
			r.do(e.ID, effect)
		}
	})
	step.Refused = refused
	return step, err
}

func (r *fakeRecord) RecordDeadline(_ context.Context, e activities.Entry) (regulation.Step, error) {
	return r.enter(e, func() {
		i := slices.IndexFunc(r.step.Timers, func(t regulation.Timer) bool { return t.ID == e.ID })
		if i < 0 || r.step.Clock.At(r.now()).Before(r.step.Timers[i].Due) {
			return
		}
		r.step.Timers = slices.Delete(slices.Clone(r.step.Timers), i, i+1)
		r.do(e.ID, r.effects[e.ID])
	})
}

// enter runs one recording with the checks that all share.
func (r *fakeRecord) enter(e activities.Entry, recording func()) (regulation.Step, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[e.ID]++
	if e.CaseID != caseID {
		return regulation.Step{}, activities.Refuse(regulation.NotFound)
	}
	if err := r.away(); err != nil {
		return regulation.Step{}, err
	}
	recording()
	return r.step, nil
}

// do is one commit: the next sequence, and the entry is done for good.
func (r *fakeRecord) do(id string, effect func(*regulation.Step)) {
	r.step.Snapshot.Seq++
	if effect != nil {
		effect(&r.step)
	}
	r.done, r.at[id] = append(r.done, id), r.now()
}

var (
	start   = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	day     = 24 * time.Hour
	errAway = temporal.NewApplicationError("the record is away", string(regulation.Unavailable))
)

func timer(id string, due time.Duration) regulation.Timer {
	return regulation.Timer{ID: id, Due: start.Add(due)}
}

func timers(t ...regulation.Timer) func(*regulation.Step) {
	return func(s *regulation.Step) { s.Timers = t }
}

func finish(s *regulation.Step) { s.Timers, s.Finished = nil, true }

// prepare returns the engine's test environment, whose time leaps to the next timer, and a record
// of a case on which "accept" is open.
func prepare(t *testing.T, first ...regulation.Timer) (*testsuite.TestWorkflowEnvironment, *fakeRecord) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(start)
	env.SetTestTimeout(20 * time.Second)
	env.RegisterWorkflowWithOptions(Case, workflow.RegisterOptions{Name: CaseType})
	r := &fakeRecord{
		now:     env.Now,
		effects: map[string]func(*regulation.Step){},
		at:      map[string]time.Time{}, calls: map[string]int{},
		away: func() error { return nil },
		step: regulation.Step{
			Snapshot: regulation.Snapshot{Seq: 1, Phase: regulation.PhaseOpened, Open: []regulation.ActKind{regulation.ActAccept}},
			Timers:   first,
		},
	}
	env.RegisterActivity(r)
	return env, r
}

// answer is what a client gets for an act.
type answer struct {
	result   ActResult
	err      error
	rejected bool
}

// submit sends an act at a time after the start and returns where its answer will be.
func submit(env *testsuite.TestWorkflowEnvironment, after time.Duration, ref ActRef) *answer {
	got := &answer{err: fmt.Errorf("no answer")}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(ActUpdate, ref.ActID, &testsuite.TestUpdateCallback{
			OnAccept: func() {},
			OnReject: func(err error) { got.err, got.rejected = err, true },
			OnComplete: func(result any, err error) {
				got.err = err
				if err == nil {
					got.result = result.(ActResult)
				}
			},
		}, ref)
	}, after)
	return got
}

func accept(id string, seen int64) ActRef {
	return ActRef{CaseID: caseID, ActID: id, Kind: regulation.ActAccept, Seen: seen}
}
