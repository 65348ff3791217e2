package e2e

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"haochaping/activities"
	"haochaping/app"
	"haochaping/regulation"
	"haochaping/standalone/engine"
	"haochaping/store"
	"haochaping/worker"
	"haochaping/workflows"
)

// inside is the whole product within this process, put together as the standalone program does
// it, but for its worker, whose record is another one.
type inside struct {
	app    *app.App
	record *store.Store
	client client.Client
	addr   string // host:port of the engine's frontend
	stops  []func()
}

// stop ends what was started, the last first.
func (i *inside) stop() {
	for n := len(i.stops) - 1; n >= 0; n-- {
		i.stops[n]()
	}
}

// serveInside starts it. On an error nothing goes on that matters: the caller ends.
func serveInside(ctx context.Context, s app.Settings, o engine.Options, wrap func(*store.Store) activities.Record) (*inside, error) {
	log := s.Logger()
	o.Dir, o.Namespace, o.Logger = filepath.Join(s.Data, "engine"), s.Namespace, log
	e, err := engine.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	s.Temporal = e.Addr()
	i := &inside{addr: e.Addr(), stops: []func(){e.Stop}}
	if i.app, err = app.New(s, app.Parts{API: true}, log); err != nil {
		return nil, err
	}
	i.stops = append(i.stops, i.app.Stop)
	if err := i.app.Start(ctx); err != nil {
		return nil, err
	}
	if i.record, _, err = app.OpenRecord(ctx, s, log); err != nil {
		return nil, err
	}
	i.stops = append(i.stops, func() { _ = i.record.Close() })
	i.client, err = workflows.Connect(client.Options{HostPort: e.Addr(), Namespace: s.Namespace,
		Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		return nil, err
	}
	w := worker.New(i.client, &activities.Activities{Store: wrap(i.record), Log: log})
	i.stops = append(i.stops, i.client.Close, w.Stop)
	return i, w.Start()
}

// lab is the product inside the tests, with a record that can be away or slow for one case.
type lab struct {
	*inside
	*town
	site   *site
	faults *faults
}

// newLab is a demo on an empty folder.
func newLab(t *testing.T, env map[string]string, o engine.Options) *lab {
	t.Helper()
	s := newSite(t, env)
	s.env["HAOCHAPING_DEMO"], s.env["HAOCHAPING_LOG"] = "yes", "error"
	settings, err := app.Read(func(name string) string { return s.env[name] })
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{site: s}
	l.inside, err = serveInside(t.Context(), settings, o, func(record *store.Store) activities.Record {
		l.faults = &faults{Store: record, away: map[string]int{}, gates: map[string]chan struct{}{}}
		return l.faults
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.stop)
	eventually(t, "ready", func() bool { return l.ready() })
	l.town = newTown(t, l.app.Addr)
	return l
}

// ready asks the engine for anything at all.
func (l *lab) ready() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err := l.client.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err == nil
}

// open gives a bad rating; its case is found by the request's key, so that many may be opened
// at once.
func (l *lab) open(t *testing.T, contact fields) *story {
	t.Helper()
	return openCase(t, l.town, l.site.record(t), contact)
}

// faults is the record as a worker has it: away for the next few calls about a case, or slow
// until a gate is opened.
type faults struct {
	*store.Store
	mu    sync.Mutex
	away  map[string]int
	gates map[string]chan struct{}
}

var errAway = errors.New("the record is away")

// leave makes the next calls about a case fail.
func (f *faults) leave(caseID string, calls int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away[caseID] = calls
}

// shut makes recordings of a case wait until the gate it returns is closed.
func (f *faults) shut(caseID string) (gate chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	gate = make(chan struct{})
	f.gates[caseID] = gate
	return gate
}

func (f *faults) enter(caseID string) error {
	f.mu.Lock()
	gate := f.gates[caseID]
	away := f.away[caseID] > 0
	if away {
		f.away[caseID]--
	}
	f.mu.Unlock()
	if gate != nil {
		<-gate
	}
	if away {
		return errAway
	}
	return nil
}

func (f *faults) LoadStep(ctx context.Context, caseID string) (regulation.Step, error) {
	if err := f.enter(caseID); err != nil {
		return regulation.Step{}, err
	}
	return f.Store.LoadStep(ctx, caseID)
}

func (f *faults) RecordAct(ctx context.Context, caseID, actID string) (regulation.Step, error) {
	if err := f.enter(caseID); err != nil {
		return regulation.Step{}, err
	}
	return f.Store.RecordAct(ctx, caseID, actID)
}

func (f *faults) RecordDeadline(ctx context.Context, caseID, deadlineID string) (regulation.Step, error) {
	if err := f.enter(caseID); err != nil {
		return regulation.Step{}, err
	}
	return f.Store.RecordDeadline(ctx, caseID, deadlineID)
}
