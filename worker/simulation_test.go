package worker_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
	"pgregory.net/rapid"

	"haochaping/activities"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
	"haochaping/workflows"
)

// casesVariable sets how many cases the simulation plays; `make soak` plays 100,000.
const casesVariable = "HAOCHAPING_SIMULATED_CASES"

// TestMain keeps the simulated record in memory where there is such a folder: what survives a power
// cut is not asked here.
func TestMain(m *testing.M) {
	if shm, err := os.Stat("/dev/shm"); err == nil && shm.IsDir() {
		_ = os.Setenv("TMPDIR", "/dev/shm")
	}
	os.Exit(m.Run())
}

// TestSimulation plays cases from their ratings on: the real workflow in the engine's test
// environment, whose time leaps, with the real activities on one real record. Each case is held
// against the invariants when its play ends, and the whole record at the end.
func TestSimulation(t *testing.T) {
	cases := 2000
	if text := os.Getenv(casesVariable); text != "" {
		cases, _ = strconv.Atoi(text)
	} else if testing.Short() {
		cases = 100
	}
	if err := flag.Set("rapid.checks", strconv.Itoa(cases)); err != nil || cases <= 0 {
		t.Fatalf("%s: %d cases, %v", casesVariable, cases, err)
	}
	if seed := flag.Lookup("rapid.seed").Value; seed.String() == "0" {
		_ = seed.Set(strconv.FormatInt(time.Now().UnixNano(), 10)) // a number of its own, so that it can be told
	}
	w, began := newWorld(t), time.Now()
	rapid.Check(t, func(rt *rapid.T) {
		p := w.play(rt)
		p.judge()
		w.count(p)
	})
	w.whole(t)
	t.Logf("seed %s: %d cases, %d closed (%d %%), %d acts done and %d refused, %d deadlines passed, %d crashes, %s",
		flag.Lookup("rapid.seed").Value, w.cases, w.closed, 100*w.closed/max(w.cases, 1), w.done, w.refused, w.deadlines, w.crashes, time.Since(began).Round(time.Second))
	t.Logf("by kind: %v", w.kinds)
	if w.cases >= 100 && (w.closed*6 < w.cases || w.deadlines < w.cases || w.crashes == 0) {
		t.Error("the simulation hardly tries what it is there for")
	}
}

// world is one record with the demo's people, whose clock is that of the case being played.
type world struct {
	*store.Store
	clock     atomic.Pointer[func() time.Time]
	key       int
	windows   []store.Target
	log       *slog.Logger
	lose      atomic.Bool // the next recording's answer is lost after its commit
	cases     int
	closed    int
	done      int
	refused   int
	deadlines int
	crashes   int
	kinds     map[regulation.ActKind]int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{log: simulationLog(), kinds: map[regulation.ActKind]int{}}
	r := storetest.SQLite(t).LoadDemo(t)
	w.at(func() time.Time { return storetest.Start })
	o := r.Opened
	o.Log, o.Now = w.log, func() time.Time { return (*w.clock.Load())() }
	var err error
	if w.Store, err = store.Open(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	for _, id := range []string{"513301-w03", "513301-w01", "513322-w01", "513300-w03"} {
		target, err := w.WindowTarget(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		w.windows = append(w.windows, target)
	}
	return w
}

func (w *world) at(now func() time.Time) { w.clock.Store(&now) }

// The recorder between the activities and the record: it may lose the answer after the commit, as a
// crash of the worker does, so that the engine has the entry recorded once more.
func (w *world) answer(step regulation.Step, err error) (regulation.Step, error) {
	if err == nil && w.lose.Swap(false) {
		return step, errors.New("the answer was lost after the commit")
	}
	return step, err
}

type recorder struct{ *world }

func (r recorder) LoadStep(ctx context.Context, caseID string) (regulation.Step, error) {
	return r.Store.LoadStep(ctx, caseID)
}

func (r recorder) RecordAct(ctx context.Context, caseID, actID string) (regulation.Step, error) {
	return r.answer(r.Store.RecordAct(ctx, caseID, actID))
}

func (r recorder) RecordDeadline(ctx context.Context, caseID, deadlineID string) (regulation.Step, error) {
	return r.answer(r.Store.RecordDeadline(ctx, caseID, deadlineID))
}

// play is one case from its rating on.
type play struct {
	*world
	rt      *rapid.T
	id      string
	env     *testsuite.TestWorkflowEnvironment
	now     time.Time // when the next run starts
	opened  time.Time
	moves   int
	over    bool
	sent    []*sent
	crashes int
	away    store.Uptime // while an act waited for the sweep
}

// sent is one acknowledged act and what the client heard of it.
type sent struct {
	request store.ActRequest
	row     store.ActRow
	seen    int64
	waits   bool // nobody has told the engine
	answer  *workflows.ActResult
}

func (w *world) play(rt *rapid.T) *play {
	p := &play{world: w, rt: rt, moves: 30 - rapid.IntRange(0, 24).Draw(rt, "fewer moves")}
	p.now = storetest.Start.Add(time.Duration(rapid.IntRange(0, 300*24*60).Draw(rt, "minute"))*time.Minute + 2*time.Second) // never at a due instant by chance
	p.opened = p.now
	w.lose.Store(false)
	w.at(func() time.Time { return p.opened })
	target := rapid.SampledFrom(w.windows).Draw(rt, "window")
	in := store.Intake{Key: p.fresh(), Text: "排队太久", PrivacyVersion: "1", Rating: regulation.Rating{Channel: regulation.ChannelWeb,
		Target: regulation.TargetMatter, Grade: regulation.VeryDissatisfied, Dimensions: map[string]regulation.Grade{"attitude": 1},
		Place: target.Place(""), GivenAt: p.opened, HasText: true}}
	if rapid.IntRange(0, 3).Draw(rt, "contact") > 0 {
		in.Contact = store.Contact{Name: "扎西测试", Phone: "13812345678", Language: "zh", Hours: "morning"}
	}
	saved, err := w.SaveRating(context.Background(), in)
	p.must(err)
	p.id = saved.CaseID
	for runs := 0; !p.over && runs < 60; runs++ {
		p.run()
	}
	p.sweep()
	return p
}

func (p *play) must(err error) {
	if err != nil {
		p.rt.Fatal(err)
	}
}

func (w *world) fresh() string { w.key++; return fmt.Sprintf("key-%d", w.key) }

// run is one run of the workflow: until the case is done, or the process dies.
func (p *play) run() {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(p.log))
	p.env = suite.NewTestWorkflowEnvironment()
	p.env.SetStartTime(p.now)
	p.env.SetTestTimeout(time.Minute)
	p.at(p.env.Now)
	p.env.RegisterWorkflowWithOptions(workflows.Case, workflow.RegisterOptions{Name: workflows.CaseType})
	p.env.RegisterActivity(&activities.Activities{Store: recorder{p.world}, Log: p.log})
	p.env.RegisterDelayedCallback(p.tick, 0)
	p.env.ExecuteWorkflow(workflows.CaseType, workflows.CaseInput{CaseID: p.id})
	p.now = p.env.Now().Add(time.Second) // it starts after what happened at this instant
	p.at(func() time.Time { return p.now })
	if !p.env.IsWorkflowCompleted() {
		p.rt.Fatal("[run] the run did not end")
	}
	c := p.read()
	if err := p.env.GetWorkflowError(); err == nil && !c.Closed() {
		p.rt.Fatalf("[run] the run ended and the case is in %s", c.Phase)
	}
	if p.moves <= 0 || c.Closed() && rapid.IntRange(0, 2).Draw(p.rt, "goes on") > 0 {
		p.over = true
	}
}

func (p *play) read() regulation.Case {
	c, err := p.CaseByID(context.Background(), regulation.Scope{All: true}, p.id)
	p.must(err)
	return c
}

// tick makes one move and sets the next.
func (p *play) tick() {
	if p.moves--; p.moves < 0 {
		p.env.CancelWorkflow()
		return
	}
	c := p.read()
	pause := p.pause(c)
	switch move := rapid.IntRange(0, 19).Draw(p.rt, "move"); {
	case move < 11:
		p.leadOn(c, p.tell)
	case move < 14:
		p.openAct(c, p.tell)
	case move == 14:
		p.anybody(c)
	case move == 15:
		p.again()
	case move == 16:
		p.leadOn(c, p.leave)
	case move == 17:
		pause = p.onTheDot(c, pause)
	case move == 18:
		p.sweep()
	default:
		crashes := p.crashes
		if p.leadOn(c, p.crash); p.crashes > crashes {
			return // the next run goes on
		}
	}
	p.env.RegisterDelayedCallback(p.tick, pause)
}

// pause is the time until the next move: most often an hour or so, at times past the next deadline.
func (p *play) pause(c regulation.Case) time.Duration {
	minutes := time.Duration(rapid.IntRange(1, 600).Draw(p.rt, "pause")) * time.Minute
	if rapid.IntRange(0, 5).Draw(p.rt, "past") > 0 {
		return minutes
	}
	next := p.nextDue(c)
	if next.IsZero() {
		return minutes
	}
	return max(next.Sub(p.env.Now())+time.Second, time.Second)
}

func (p *play) nextDue(c regulation.Case) (next time.Time) {
	for _, d := range c.Deadlines {
		if next.IsZero() || d.Due.Before(next) {
			next = d.Due
		}
	}
	return next
}

// onward is what leads on in each field where not every option does.
var onward = map[string]string{"result": "reached", "finding": "substantiated", "reason": "declined", "grade": "4", "resolved": "yes",
	"settled": "yes", "matter_status": "concluded"}

// leadOn does an act that the case waits for by somebody who may.
func (p *play) leadOn(c regulation.Case, send func(*sent)) {
	if len(c.Awaiting) == 0 {
		return
	}
	kind := rapid.SampledFrom(c.Awaiting).Draw(p.rt, "awaited").Act
	v := p.values(c, kind)
	spec, _ := regulation.SpecOf(kind)
	for _, f := range spec.Fields {
		if to := onward[f.Name]; to != "" && (f.Type == regulation.TypeYesNo || slices.Contains(f.Options, to)) {
			v[f.Name] = []string{to}
		}
		if f.Name == "result" && kind == regulation.ActRecheck {
			v[f.Name] = []string{"passed"}
		}
	}
	p.able(c, kind, v, p.env.Now(), send)
}

// openAct does any act that the tables open, by somebody who may, if there is one.
func (p *play) openAct(c regulation.Case, send func(*sent)) {
	kinds := regulation.OpenIn(c)
	if len(kinds) == 0 {
		return
	}
	kind := rapid.SampledFrom(kinds).Draw(p.rt, "open")
	p.able(c, kind, p.values(c, kind), p.env.Now(), send)
}

// anybody does any act at all as anybody: nearly always it is refused.
func (p *play) anybody(c regulation.Case) {
	spec := rapid.SampledFrom(regulation.Specs()).Draw(p.rt, "any act")
	rules := p.rules(c, nil)
	who := rapid.SampledFrom(rules.Roster).Draw(p.rt, "anybody")
	actor := regulation.Actor{As: regulation.Assignment{Role: regulation.Citizen}}
	if len(who.Assignments) > 0 {
		actor = regulation.Actor{Person: who.ID, Staff: who.Staff, Assignments: who.Assignments,
			As: rapid.SampledFrom(who.Assignments).Draw(p.rt, "as")}
	}
	p.submit(c, spec.Kind, p.values(c, spec.Kind), actor, p.env.Now(), p.tell)
}

func (p *play) rules(c regulation.Case, v regulation.Values) regulation.Rules {
	rules, err := p.RulesOf(context.Background(), c, v["unit"]...)
	p.must(err)
	return rules
}

// able submits an act by somebody whom the rules let do it; by nobody, if there is none.
func (p *play) able(c regulation.Case, kind regulation.ActKind, v regulation.Values, at time.Time, send func(*sent)) {
	rules, act := p.rules(c, v), regulation.Act{Kind: kind, Values: v}
	citizen := regulation.Actor{As: regulation.Assignment{Role: regulation.Citizen}}
	if _, _, err := rules.Apply(c, act, citizen, at); err == nil {
		p.submit(c, kind, v, citizen, at, send)
		return
	}
	if len(rules.Roster) == 0 {
		return
	}
	first := rapid.IntRange(0, len(rules.Roster)-1).Draw(p.rt, "who")
	for i := range rules.Roster {
		who := rules.Roster[(first+i)%len(rules.Roster)]
		for _, as := range who.Assignments {
			actor := regulation.Actor{Person: who.ID, Staff: who.Staff, Assignments: who.Assignments, As: as}
			if _, _, err := rules.Apply(c, act, actor, at); err == nil {
				p.submit(c, kind, v, actor, at, send)
				return
			}
		}
	}
}

// values fills an act's form: most often each field.
func (p *play) values(c regulation.Case, kind regulation.ActKind) regulation.Values {
	spec, _ := regulation.SpecOf(kind)
	v := regulation.Values{}
	for _, f := range spec.Fields {
		switch {
		case len(f.Options) > 0:
			v[f.Name] = []string{rapid.SampledFrom(f.Options).Draw(p.rt, f.Name)}
		case f.Type == regulation.TypeYesNo:
			v[f.Name] = []string{rapid.SampledFrom([]string{"yes", "no"}).Draw(p.rt, f.Name)}
		case f.Type == regulation.TypeDate:
			v[f.Name] = []string{p.env.Now().AddDate(0, 0, 1).Format(time.DateOnly)}
		case f.Type == regulation.TypeUnit:
			v[f.Name] = []string{c.Rated.Unit}
		case f.Type == regulation.TypeText || f.Type == regulation.TypeLong:
			v[f.Name] = []string{"文字"}
		}
	}
	return v
}

// submit has the record acknowledge an act and sends it on.
func (p *play) submit(c regulation.Case, kind regulation.ActKind, v regulation.Values, actor regulation.Actor, at time.Time, send func(*sent)) {
	s := &sent{seen: c.Seq, request: store.ActRequest{CaseID: p.id, Kind: kind, Values: v, Actor: actor, Key: p.fresh(), ReceivedAt: at}}
	var err error
	s.row, err = p.SubmitAct(context.Background(), s.request)
	p.must(err)
	p.sent = append(p.sent, s)
	send(s)
}

// tell sends an act to the engine; now and then the answer of its recording is lost.
func (p *play) tell(s *sent) {
	s.waits = false
	p.lose.Store(rapid.IntRange(0, 7).Draw(p.rt, "lost") == 0)
	ref := workflows.ActRef{CaseID: p.id, ActID: s.row.ID, Kind: s.row.Kind, Seen: s.seen}
	p.env.UpdateWorkflow(workflows.ActUpdate, ref.ActID, &testsuite.TestUpdateCallback{
		OnAccept: func() {},
		OnReject: func(error) { s.waits = true }, // the sweep has it refused
		OnComplete: func(result any, err error) {
			if answer, ok := result.(workflows.ActResult); ok && err == nil {
				s.answer = &answer
			} else {
				s.waits = true // the run died: the sweep takes it up
			}
		},
	}, ref)
}

// leave has nobody tell the engine: the client died, the sweep finds the act.
func (p *play) leave(s *sent) { s.waits = true }

// crash is the worker's death between the record's commit and the engine's.
func (p *play) crash(s *sent) {
	_, err := p.Store.RecordAct(context.Background(), p.id, s.row.ID)
	p.must(err)
	p.crashes++
	p.env.CancelWorkflow()
}

// again sends an act a second time, as a client does that heard nothing.
func (p *play) again() {
	if len(p.sent) == 0 {
		return
	}
	s := rapid.SampledFrom(p.sent).Draw(p.rt, "again")
	row, err := p.SubmitAct(context.Background(), s.request)
	p.must(err)
	if row.ID != s.row.ID || !row.Repeated {
		p.rt.Fatalf("[again] the same request became another act: %s, %s", row.ID, s.row.ID)
	}
	p.record(s)
	p.env.SignalWorkflow(workflows.Reload, nil)
}

// record has an act recorded without the engine. While it waited nobody swept: the system was away.
func (p *play) record(s *sent) {
	if s.waits {
		p.away = append(p.away, store.Stretch{From: s.row.ReceivedAt, Until: (*p.clock.Load())().Add(time.Second)})
	}
	_, err := p.Store.RecordAct(context.Background(), p.id, s.row.ID)
	p.must(err)
	s.waits = false
}

// onTheDot leaves an act that is received at the very instant at which a deadline falls: it wins.
// The next move comes after it.
func (p *play) onTheDot(c regulation.Case, pause time.Duration) time.Duration {
	due := p.nextDue(c)
	if !due.After(p.env.Now()) || len(c.Awaiting) == 0 {
		return pause
	}
	kind := rapid.SampledFrom(c.Awaiting).Draw(p.rt, "on the dot").Act
	p.able(c, kind, p.values(c, kind), due, p.leave)
	return due.Sub(p.env.Now()) + time.Second
}

// sweep records what nobody told the engine, in any order.
func (p *play) sweep() {
	for _, s := range rapid.Permutation(p.sent).Draw(p.rt, "order") {
		if s.waits {
			p.record(s)
		}
	}
	if !p.over {
		p.env.SignalWorkflow(workflows.Reload, nil)
	}
}

// simulationLog is silent unless -rapid.v asks for every word.
func simulationLog() *slog.Logger {
	if flag.Lookup("rapid.v").Value.String() == "true" {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.DiscardHandler)
}
