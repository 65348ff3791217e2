package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workflows"
)

// lonely are settings of a demo whose engine does not answer.
func lonely(t *testing.T) Settings {
	t.Helper()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer closed.Close()
	pairs := map[string]string{
		"HAOCHAPING_ADDR": "127.0.0.1:0", "HAOCHAPING_DATA": filepath.Join(t.TempDir(), "data"),
		"HAOCHAPING_DEMO": "yes", "HAOCHAPING_TEMPORAL": closed.Addr().String(),
	}
	s, err := Read(environment(pairs))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func begin(t *testing.T, s Settings, parts Parts) *App {
	t.Helper()
	a, err := New(s, parts, quiet())
	if err == nil {
		err = a.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Stop)
	return a
}

func status(t *testing.T, a *App, path string) int {
	t.Helper()
	answer, err := http.Get("http://" + a.Addr() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

func TestStartsWithoutTheEngineAndStopsTwice(t *testing.T) {
	s := lonely(t)
	for range 2 { // the second time on the same folder
		a := begin(t, s, Parts{API: true, Worker: true})
		if got := status(t, a, "/healthz"); got != http.StatusOK {
			t.Errorf("health: %d", got)
		}
		a.Stop()
		a.Stop()
	}
}

func TestWorkerAloneIsNotReadyWithoutTheEngine(t *testing.T) {
	a := begin(t, lonely(t), Parts{Worker: true})
	if got := status(t, a, "/healthz"); got != http.StatusOK {
		t.Errorf("health: %d", got)
	}
	if got := status(t, a, "/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("ready: %d", got)
	}
}

func TestFailedStartReleasesEverything(t *testing.T) {
	s := lonely(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = taken.Addr().String()
	a, err := New(s, Parts{API: true}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err == nil {
		t.Fatal("started on an address in use")
	}
	taken.Close()
	begin(t, s, Parts{API: true})
}

func TestTheEngineMustBeNamed(t *testing.T) {
	s := lonely(t)
	s.Temporal = ""
	if _, err := New(s, Parts{API: true}, quiet()); err == nil {
		t.Error("accepted")
	}
}

// fakeEngine answers what the product asks of the engine and remembers it.
type fakeEngine struct {
	client.Client
	mu      sync.Mutex
	started []string
	told    []string // signalled to read the record again
	err     error    // of every call
}

func (f *fakeEngine) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started = append(f.started, o.ID)
	return nil, f.err
}

func (f *fakeEngine) SignalWithStartWorkflow(_ context.Context, id, _ string, _ any, _ client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, id)
	return nil, f.err
}

func (f *fakeEngine) NewWithStartWorkflowOperation(client.StartWorkflowOptions, any, ...any) client.WithStartWorkflowOperation {
	return nil
}

func (f *fakeEngine) UpdateWithStartWorkflow(context.Context, client.UpdateWithStartWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	return nil, f.err
}

// office is a process without servers or duties: the demo's record and a fake engine.
func office(t *testing.T) (*App, *fakeEngine) {
	t.Helper()
	s := lonely(t)
	a, err := New(s, Parts{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if a.record, a.clock, err = OpenRecord(t.Context(), s, quiet()); err != nil {
		t.Fatal(err)
	}
	fake := &fakeEngine{}
	a.engine = &engine{Client: fake, log: quiet()}
	t.Cleanup(func() {
		if err := a.record.Close(); err != nil {
			t.Error(err)
		}
	})
	return a, fake
}

// rate gives a bad rating and returns its case.
func rate(t *testing.T, a *App, key string) string {
	t.Helper()
	target, err := a.record.WindowTarget(t.Context(), "513301-w03")
	if err != nil {
		t.Fatal(err)
	}
	saved, err := a.record.SaveRating(t.Context(), store.Intake{Key: key, PrivacyVersion: "1", Rating: regulation.Rating{
		Channel: regulation.ChannelWeb, Target: regulation.TargetMatter, Grade: regulation.VeryDissatisfied,
		Dimensions: map[string]regulation.Grade{"attitude": 1}, Place: target.Place(""), GivenAt: time.Now(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return saved.CaseID
}

func workflowIDs(cases ...string) []string {
	var ids []string
	for _, c := range cases {
		ids = append(ids, workflows.WorkflowID(c))
	}
	slices.Sort(ids)
	return ids
}

func wantIDs(t *testing.T, what string, got []string, cases ...string) {
	t.Helper()
	slices.Sort(got)
	if !slices.Equal(got, workflowIDs(cases...)) {
		t.Errorf("%s %v, want %v", what, got, workflowIDs(cases...))
	}
}

func TestWaitingCasesAreStartedOnce(t *testing.T) {
	a, fake := office(t)
	one, two := rate(t, a, "k1"), rate(t, a, "k2")
	for range 2 {
		if err := a.startWaiting(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wantIDs(t, "started", fake.started, one, two)
}

func TestCasesStayWaitingWhileTheEngineIsAway(t *testing.T) {
	a, fake := office(t)
	id := rate(t, a, "k1")
	fake.err = serviceerror.NewUnavailable("away")
	if err := a.startWaiting(t.Context()); err == nil {
		t.Error("no error while the engine is away")
	}
	fake.err, fake.started = nil, nil
	if err := a.startWaiting(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "started", fake.started, id)
}

func TestRehydrateStartsEveryOpenCase(t *testing.T) {
	a, fake := office(t)
	one, two := rate(t, a, "k1"), rate(t, a, "k2")
	for want := range 2 {
		cases, err := a.Rehydrate(t.Context())
		if err != nil || cases != 2 {
			t.Fatalf("round %d: %d cases, %v", want, cases, err)
		}
	}
	wantIDs(t, "started", fake.started, one, one, two, two)
	if left, err := a.record.Unstarted(t.Context(), 10); err != nil || len(left) > 0 {
		t.Errorf("waiting still: %v, %v", left, err)
	}
}

// request stores somebody's wish to accept a case.
func request(t *testing.T, a *App, caseID, login, key string) workflows.ActRef {
	t.Helper()
	account, err := a.record.AccountByLogin(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	actor, err := a.record.Actor(t.Context(), account.Person)
	if err != nil {
		t.Fatal(err)
	}
	actor.As = actor.Assignments[0]
	row, err := a.record.SubmitAct(t.Context(), store.ActRequest{CaseID: caseID, Kind: regulation.ActAccept, Actor: actor, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return workflows.ActRef{CaseID: caseID, ActID: row.ID, Kind: row.Kind, Seen: 1}
}

func outcome(t *testing.T, a *App, ref workflows.ActRef) store.ActStatus {
	t.Helper()
	row, err := a.record.ActOutcome(t.Context(), ref.ActID)
	if err != nil {
		t.Fatal(err)
	}
	return row.Status
}

func TestActTurnedAwayGetsItsOutcomeFromTheRecord(t *testing.T) {
	a, fake := office(t)
	id := rate(t, a, "k1")
	fake.err = temporal.NewNonRetryableApplicationError("refused", string(regulation.NotNow), nil)
	// The workflow was behind: the record takes the act, and the workflow is told.
	first := request(t, a, id, "kd-supervisor-1", "a1")
	result, err := a.submit(t.Context(), first)
	if err != nil || result.Refused != "" || outcome(t, a, first) != store.ActDone {
		t.Errorf("first: %+v, %v, %s", result, err, outcome(t, a, first))
	}
	fake.err = nil
	if err := a.refreshDoubted(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "told", fake.told, id)
	// The workflow was right: the record refuses too, and says so for good.
	fake.err = temporal.NewNonRetryableApplicationError("refused", string(regulation.NotNow), nil)
	second := request(t, a, id, "kd-supervisor-2", "a2")
	result, err = a.submit(t.Context(), second)
	if err != nil || result.Refused == "" || outcome(t, a, second) != store.ActRefused {
		t.Errorf("second: %+v, %v, %s", result, err, outcome(t, a, second))
	}
}

func TestActInDoubtMakesTheWorkflowReadAgain(t *testing.T) {
	a, fake := office(t)
	id := rate(t, a, "k1")
	ref := request(t, a, id, "kd-supervisor-1", "a1")
	fake.err = serviceerror.NewUnavailable("away")
	var refusal *regulation.Error
	if _, err := a.submit(t.Context(), ref); !errors.As(err, &refusal) || refusal.Code != regulation.Unavailable {
		t.Errorf("got %v", err)
	}
	if err := a.refreshDoubted(t.Context()); err == nil {
		t.Error("no error while the engine is away")
	}
	fake.err, fake.told = nil, nil
	if err := a.refreshDoubted(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "told", fake.told, id)
}

func TestCasesActedOnLastAreRefreshedWhenTheEngineIsBack(t *testing.T) {
	a, fake := office(t)
	acted, other := rate(t, a, "k1"), rate(t, a, "k2")
	ref := request(t, a, acted, "kd-supervisor-1", "a1")
	if _, err := a.record.RecordAct(t.Context(), acted, ref.ActID); err != nil {
		t.Fatal(err)
	}
	if err := a.revive(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, "told", fake.told, acted)
	wantIDs(t, "started", fake.started, acted, other)
}

func TestADutyIsOneNodesAtATime(t *testing.T) {
	a, _ := office(t)
	other, err := New(a.settings, Parts{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	other.record, other.node = a.record, "other"
	d := duty{name: "sweep", every: time.Second, shared: true}
	var mine, theirs lease
	if !a.hold(t.Context(), d, &mine) || other.hold(t.Context(), d, &theirs) {
		t.Fatal("the first node does not have the duty alone")
	}
	a.release(d, mine)
	if !other.hold(t.Context(), d, &theirs) || theirs.token <= mine.token {
		t.Errorf("after the release: token %d, before it %d", theirs.token, mine.token)
	}
}

func TestClockIsFixedAtTheFirstStart(t *testing.T) {
	s := lonely(t)
	s.Clock = "3600"
	record, first, err := OpenRecord(t.Context(), s, quiet())
	if err != nil || first.Scale != 3600 {
		t.Fatalf("%+v, %v", first, err)
	}
	if err := record.Close(); err != nil {
		t.Fatal(err)
	}
	s.Clock = "60"
	record, second, err := OpenRecord(t.Context(), s, quiet())
	if err != nil || second.Scale != 3600 || !second.Origin.Equal(first.Origin) || !second.RealOrigin.Equal(first.RealOrigin) {
		t.Errorf("%+v, %v; want %+v", second, err, first)
	}
	if err := record.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyADemoRunsOnAnotherTime(t *testing.T) {
	s := lonely(t)
	s.Demo, s.Clock = false, "3600"
	if _, _, err := OpenRecord(t.Context(), s, quiet()); err == nil {
		t.Error("accepted")
	}
	s.Clock = ""
	if err := Migrate(t.Context(), s, quiet()); err != nil {
		t.Error(err)
	}
}

func TestHealthFollowsTheEngine(t *testing.T) {
	a, _ := office(t)
	e, err := connect(a.settings, quiet(), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	if e.look(t.Context()) || e.isUp() {
		t.Error("an engine that refuses connections is up")
	}
}

func TestPeopleOfADrillAreAppointedOnItsClock(t *testing.T) {
	s := lonely(t)
	s.Clock = "60@2026-03-02T09:00:00+08:00"
	for _, start := range []string{"first", "second"} {
		record, clock, err := OpenRecord(t.Context(), s, quiet())
		if err != nil {
			t.Fatal(err)
		}
		now := clock.At(time.Now())
		if day := now.Format(time.DateOnly); day != "2026-03-02" {
			t.Errorf("at the %s start it is %s", start, day)
		}
		people, err := record.People(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		account, err := record.AccountByLogin(t.Context(), "kd-supervisor-1")
		if err != nil {
			t.Fatal(err)
		}
		if actor, err := people.Actor(account.Person, now); err != nil || !actor.Holds(regulation.Supervisor) {
			t.Errorf("at the %s start the supervisor holds %+v, %v", start, actor.Assignments, err)
		}
		if err := record.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
