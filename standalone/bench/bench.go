// Package bench measures how many cases a second an engine carries from their start to their end.
//
// A figure is only worth something beside another one of the same run: Compare takes turns between
// two subjects, each round on a fresh engine, and gives their ratio. The bare subject (bare.go)
// has the same updates and timers as a case and records nothing.
package bench

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"golang.org/x/sync/errgroup"

	"haochaping/standalone/engine"
)

// Subject is what is measured: a procedure on an engine with the record it writes, if any.
type Subject interface {
	// Name heads the subject's figures.
	Name() string
	// Connect returns a client for the engine, made from the options of one in the same process,
	// and a worker on it that is not started yet.
	Connect(engine client.Options) (client.Client, worker.Worker, error)
	// Prepare stores what so many cases begin from, before the clock starts. What it runs in the
	// background ends with ctx.
	Prepare(ctx context.Context, cases int) error
	// Start starts the workflow of case n and returns its id.
	Start(ctx context.Context, c client.Client, n int) (workflowID string, err error)
	// Carry takes the started case n to its end, one act after the other, and tells each act's
	// duration to done. Many cases are carried at once.
	Carry(ctx context.Context, c client.Client, n int, done func(time.Duration)) error
	// RecordBytes is what the record takes on the disk now; 0 for a subject without one.
	RecordBytes(ctx context.Context) (int64, error)
	// ServerUse is what the record's database server has done so far; nothing for a subject without one.
	ServerUse(ctx context.Context) (ServerUse, error)
}

// Plan says how much is measured.
type Plan struct {
	Cases  int // cases a round
	Warm   int // cases before the clock starts, to fill caches and pools
	AtOnce int // cases in work at the same time
	Rounds int // rounds a subject, in turns
	// Budget ends the turns after so long, whatever rounds are left: a busy machine is slow. 0: never.
	Budget time.Duration
	// Shipped adds rounds of the base on an engine with every index of its maker's schema.
	Shipped bool
	// allIndexes is such a round.
	allIndexes bool
	// Dir is where each round makes its folder and deletes it: on the disk that is meant, not in memory.
	// Empty: the system's temporary folder.
	Dir string
}

// Figures are the result of one round.
type Figures struct {
	Cases       int
	Acts        int
	Took        time.Duration
	P50, P99    time.Duration // of one act, from its submission to its outcome
	Processor   time.Duration // of all cores, client and worker included, a case
	Server      ServerUse     // of the record's database server, a case
	Shape       Shape         // of the engine's history, a case
	EngineBytes int64         // of the engine's file, a closed case
	RecordBytes int64         // of the record, a closed case
	Warnings    int64         // that the engine logged, errors included
}

// CaseRate is cases a second.
func (f Figures) CaseRate() float64 { return float64(f.Cases) / f.Took.Seconds() }

// ActRate is acts a second.
func (f Figures) ActRate() float64 { return float64(f.Acts) / f.Took.Seconds() }

// Measure runs one round of a subject on a fresh engine in a folder of its own.
func Measure(ctx context.Context, s Subject, p Plan) (f Figures, err error) {
	var warnings atomic.Int64
	err = onEngine(ctx, s, p, &warnings, func(ctx context.Context, r round) (err error) {
		f, err = measure(ctx, r)
		return err
	})
	f.Warnings = warnings.Load()
	return f, err
}

// onEngine prepares a round on a fresh engine in a folder of its own, has it done, and deletes the engine.
func onEngine(ctx context.Context, s Subject, p Plan, warnings *atomic.Int64, do func(context.Context, round) error) error {
	dir, err := os.MkdirTemp(p.Dir, "bench-engine-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	e, err := engine.Start(ctx, engine.Options{Dir: dir, AllIndexes: p.allIndexes, Logger: slog.New(complaints{warnings})})
	if err != nil {
		return err
	}
	defer e.Stop()
	options := e.ClientOptions()
	options.Logger = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, w, err := s.Connect(options)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name(), err)
	}
	defer c.Close()
	if err := w.Start(); err != nil {
		return fmt.Errorf("%s: %w", s.Name(), err)
	}
	defer w.Stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := s.Prepare(ctx, p.Warm+p.Cases); err != nil {
		return fmt.Errorf("%s: %w", s.Name(), err)
	}
	return do(ctx, round{subject: s, client: c, engine: e, plan: p})
}

// round is one subject at work on one engine.
type round struct {
	subject Subject
	client  client.Client
	engine  *engine.Engine
	plan    Plan
}

func measure(ctx context.Context, r round) (f Figures, err error) {
	if _, err := r.drive(ctx, 0, r.plan.Warm); err != nil {
		return f, err
	}
	before, err := r.sizes(ctx)
	if err != nil {
		return f, err
	}
	server, err := r.subject.ServerUse(ctx)
	if err != nil {
		return f, err
	}
	used := processorTime()
	d, err := r.drive(ctx, r.plan.Warm, r.plan.Cases)
	if err != nil {
		return f, err
	}
	f = Figures{Cases: len(d.ids), Acts: len(d.acts), Took: d.took, P50: quantile(d.acts, 0.50), P99: quantile(d.acts, 0.99)}
	f.Processor = (processorTime() - used) / time.Duration(max(1, f.Cases))
	now, err := r.subject.ServerUse(ctx)
	if err != nil {
		return f, err
	}
	f.Server = now.since(server, f.Cases)
	if f.Shape, err = r.shape(ctx, d.ids); err != nil {
		return f, err
	}
	after, err := r.sizes(ctx)
	if err != nil {
		return f, err
	}
	f.EngineBytes = (after.engine - before.engine) / int64(max(1, f.Cases))
	f.RecordBytes = (after.record - before.record) / int64(max(1, f.Cases))
	return f, nil
}

// driven is what driving some cases gave: their workflows, how long each act took, and how long all of
// it took.
type driven struct {
	ids  []string
	acts []time.Duration
	took time.Duration
}

// Cases are left alone between their start and their first act, uncounted: in an office too a case is
// known for a while before somebody acts on it. So much a case, and so much at least.
const (
	settling     = 25 * time.Millisecond
	settledLeast = 700 * time.Millisecond
)

// drive starts count cases, the first of them numbered first, and then carries them.
func (r round) drive(ctx context.Context, first, count int) (d driven, err error) {
	began := time.Now()
	d.ids = make([]string, count)
	err = together(ctx, r.plan.AtOnce, count, func(ctx context.Context, n int) (err error) {
		d.ids[n], err = r.subject.Start(ctx, r.client, first+n)
		return err
	})
	if err != nil {
		return d, fmt.Errorf("%s: start: %w", r.subject.Name(), err)
	}
	d.took = time.Since(began)
	time.Sleep(max(settledLeast, time.Duration(count)*settling))
	began = time.Now()
	var mu sync.Mutex
	note := func(took time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		d.acts = append(d.acts, took)
	}
	err = together(ctx, r.plan.AtOnce, count, func(ctx context.Context, n int) error {
		if err := r.subject.Carry(ctx, r.client, first+n, note); err != nil {
			return fmt.Errorf("%s: case %d: %w", r.subject.Name(), first+n, err)
		}
		return nil
	})
	d.took += time.Since(began)
	return d, err
}

type sizes struct{ engine, record int64 }

func (r round) sizes(ctx context.Context) (s sizes, err error) {
	if s.engine, err = r.engine.Bytes(ctx); err != nil {
		return s, err
	}
	s.record, err = r.subject.RecordBytes(ctx)
	return s, err
}

// shape counts what the histories of at most 50 cases hold, a case. All must be closed: a case that
// is still open was not carried to its end.
func (r round) shape(ctx context.Context, ids []string) (s Shape, err error) {
	sample := ids[:min(len(ids), 50)]
	for _, id := range sample {
		// The last act's answer may come just before the run's end.
		if err := r.client.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
			return s, fmt.Errorf("%s: %s: %w", r.subject.Name(), id, err)
		}
		if err := s.add(r.client.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)); err != nil {
			return s, fmt.Errorf("%s: %s: %w", r.subject.Name(), id, err)
		}
	}
	cases := float64(max(1, len(sample)))
	return Shape{Events: s.Events / cases, Updates: s.Updates / cases, Timers: s.Timers / cases, Fired: s.Fired / cases}, nil
}

// Shape is what a case costs the engine, from its history.
type Shape struct {
	Events  float64
	Updates float64 // answered
	Timers  float64 // started
	Fired   float64 // timers that ran out
}

func (s *Shape) add(history client.HistoryEventIterator) error {
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			return err
		}
		s.Events++
		switch event.EventType {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
			s.Updates++
		case enums.EVENT_TYPE_TIMER_STARTED:
			s.Timers++
		case enums.EVENT_TYPE_TIMER_FIRED:
			s.Fired++
		}
	}
	return nil
}

// quantile sorts its argument.
func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(len(d)-1, int(q*float64(len(d))))]
}

// together calls do for each number below count, several at once, and returns the first error.
func together(ctx context.Context, atOnce, count int, do func(ctx context.Context, n int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for n := range count {
		group.Go(func() error { return do(ctx, n) })
	}
	return group.Wait()
}
