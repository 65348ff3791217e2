package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/types/known/durationpb"

	"haochaping/activities"
	"haochaping/worker"
	"haochaping/workflows"
)

// engine is the line to the Temporal frontend, which may be away at any time.
type engine struct {
	client.Client
	addr      string
	namespace string
	log       *slog.Logger
	up        atomic.Bool
	late      int           // health checks in a row that got no answer in time
	back      chan struct{} // holds a token when the engine is there (again)
	worker    sdkworker.Worker
	closeOnce sync.Once
}

// Retention is how long the engine keeps closed histories, where the product creates the
// namespace. The record has its own retention.
const retention = 30 * 24 * time.Hour

func connect(s Settings, log *slog.Logger, metrics *prometheus.Registry) (*engine, error) {
	options := client.Options{
		HostPort:  s.Temporal,
		Namespace: s.Namespace,
		Logger:    sdklog.NewStructuredLogger(slog.New(quieter{log.Handler()})),
	}
	if onThisMachine(s.Temporal) {
		// Compressing what does not leave the machine costs 3 to 6 % of the throughput of cases.
		options.ConnectionOptions.GrpcCompression = &client.GrpcCompressionNone{}
	}
	c, err := workflows.Connect(options)
	if err != nil {
		return nil, err
	}
	e := &engine{Client: c, addr: s.Temporal, namespace: s.Namespace, log: log, back: make(chan struct{}, 1)}
	metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "haochaping_engine_up",
		Help: "1 while the workflow engine answers, else 0.",
	}, func() float64 {
		if e.isUp() {
			return 1
		}
		return 0
	}))
	return e, nil
}

// isUp tells whether the engine answered when it was last asked, at most about a second ago.
func (e *engine) isUp() bool { return e.up.Load() }

// Health checks: how often, how long each may take, and how many slow ones in a row count as
// away. A refused connection counts at once; a busy machine is not away.
const (
	lookEvery  = time.Second
	lookWithin = 2 * time.Second
	mostLate   = 3
)

// look asks the engine how it is and tells whether it has just come back.
func (e *engine) look(ctx context.Context) (back bool) {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	err := e.ask(ctx)
	if err != nil && ctx.Err() != nil {
		e.late++
	} else {
		e.late = 0
	}
	up := err == nil || e.late > 0 && e.late < mostLate && e.isUp()
	was := e.up.Swap(up)
	if was != up {
		e.log.Info("engine", "up", up, "error", err)
	}
	return up && !was
}

// ask knocks before it asks: the client's own first connection is tried for as long as it may be.
func (e *engine) ask(ctx context.Context) error {
	knock, err := new(net.Dialer).DialContext(ctx, "tcp", e.addr)
	if err != nil {
		return err
	}
	if err := knock.Close(); err != nil {
		return err
	}
	_, err = e.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err
}

// ready makes sure that the namespace is there.
func (e *engine) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := e.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: e.namespace})
	var missing *serviceerror.NamespaceNotFound
	if !errors.As(err, &missing) {
		return err
	}
	_, err = e.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace:                        e.namespace,
		WorkflowExecutionRetentionPeriod: durationpb.New(retention),
	})
	var taken *serviceerror.NamespaceAlreadyExists
	if errors.As(err, &taken) {
		return nil
	}
	return err
}

func (e *engine) tellBack() {
	select {
	case e.back <- struct{}{}:
	default: // it is told already
	}
}

// work starts the worker, which goes on by itself through later outages.
func (e *engine) work(a *activities.Activities) error {
	w := worker.New(e.Client, a)
	if err := w.Start(); err != nil {
		return err
	}
	e.worker = w
	return nil
}

func (e *engine) close() {
	e.closeOnce.Do(func() {
		if e.worker != nil {
			e.worker.Stop()
		}
		e.Client.Close()
	})
}

// keepEngine follows the engine's health. Whenever it is there (again), every open case is
// brought to it: it may be a fresh one.
func (a *App) keepEngine(ctx context.Context) {
	ready, told := false, false
	for pause := time.Duration(0); every(ctx, pause); pause = lookEvery {
		if a.engine.look(ctx) {
			told = false
		}
		if !a.engine.isUp() {
			continue
		}
		ready = ready || a.makeReady(ctx)
		if ready && !told {
			told = true
			a.engine.tellBack()
		}
	}
}

// makeReady prepares namespace and worker, and tells whether both are there.
func (a *App) makeReady(ctx context.Context) bool {
	err := a.engine.ready(ctx)
	if err == nil && a.parts.Worker {
		err = a.engine.work(&activities.Activities{Store: a.record, Log: a.log})
	}
	if err != nil {
		a.log.Warn("the engine is not ready", "error", err)
	}
	return err == nil
}

// every waits for the next turn of a loop and tells whether there is one.
func every(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// quieter passes on the SDK's warnings and errors alone: it tells each poll and timer.
type quieter struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quieter) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (q quieter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quieter{q.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (q quieter) WithGroup(name string) slog.Handler { return quieter{q.Handler.WithGroup(name)} }

// onThisMachine tells whether an address is loopback.
func onThisMachine(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
