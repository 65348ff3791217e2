package bench

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"

	"haochaping/activities"
	"haochaping/regulation"
	"haochaping/standalone/engine"
	"haochaping/worker"
	"haochaping/workflows"
)

// startAtOnce is how many workflows are started at once: more only wait for the engine's one writer.
const startAtOnce = 16

// office is the product's own worker with the embedded engine at work on a record.
type office struct {
	*watched
	engine *engine.Engine
	client client.Client
	worker sdkworker.Worker
	inside kept
}

// work starts engine and worker on the record's folder, where an earlier engine may have left off.
func (r *Record) work(ctx context.Context) (*office, error) {
	e, err := engine.Start(ctx, engine.Options{Dir: filepath.Join(r.place.dir, "engine"), Logger: quiet()})
	if err != nil {
		return nil, err
	}
	o := &office{watched: &watched{Record: r, told: map[string]time.Time{}}, engine: e, inside: newKept()}
	if err := o.employ(); err != nil {
		return nil, errors.Join(err, o.stop())
	}
	return o, nil
}

func (o *office) employ() (err error) {
	options := o.engine.ClientOptions()
	options.Logger, options.MetricsHandler = sdklog.NewStructuredLogger(quiet()), o.inside
	if o.client, err = workflows.Connect(options); err != nil {
		return err
	}
	o.worker = worker.New(o.client, &activities.Activities{Store: o.watched})
	return o.worker.Start()
}

// dismiss stops the worker, and with it the cases in its memory.
func (o *office) dismiss() {
	if o.worker != nil {
		o.worker.Stop()
		o.client.Close()
	}
	o.worker, o.client = nil, nil
}

func (o *office) stop() error {
	o.dismiss()
	o.engine.Stop()
	return nil
}

// start starts the cases' workflows and returns when each has loaded its case from the record.
func (o *office) start(ctx context.Context, ids []string) error {
	before := o.loaded.Load()
	err := together(ctx, startAtOnce, len(ids), func(ctx context.Context, n int) error {
		return workflows.Start(ctx, o.client, ids[n])
	})
	if err != nil {
		return err
	}
	return until(ctx, func() bool { return o.loaded.Load()-before >= int64(len(ids)) })
}

// until asks again and again, until it is so or ctx ends.
func until(ctx context.Context, so func() bool) error {
	for !so() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// watched is the record as a worker has it; it notes what was loaded and when deadlines were recorded.
type watched struct {
	*Record
	loaded atomic.Int64
	mu     sync.Mutex
	told   map[string]time.Time // case -> when its first deadline had been recorded, by the machine's clock
}

// LoadStep counts.
func (w *watched) LoadStep(ctx context.Context, caseID string) (regulation.Step, error) {
	step, err := w.Record.LoadStep(ctx, caseID)
	if err == nil {
		w.loaded.Add(1)
	}
	return step, err
}

// RecordDeadline notes when the record's commit was done.
func (w *watched) RecordDeadline(ctx context.Context, caseID, deadlineID string) (regulation.Step, error) {
	step, err := w.Record.RecordDeadline(ctx, caseID, deadlineID)
	now := time.Now()
	for _, timer := range step.Timers {
		if timer.ID == deadlineID {
			return step, err // not due yet
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known := w.told[caseID]; err == nil && !known {
		w.told[caseID] = now
	}
	return step, err
}

func (w *watched) recorded() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.told)
}
