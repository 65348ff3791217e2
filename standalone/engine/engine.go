// Package engine runs a whole Temporal server inside this process, on one SQLite file.
//
// It is meant for one machine: a demonstration, a county office, tests. Every listener is on
// loopback. Several nodes need a Temporal cluster of their own on PostgreSQL or MySQL instead,
// which the product reaches through HAOCHAPING_TEMPORAL.
//
// The engine's file is a working copy, not the record: it may be deleted while the engine is
// stopped, and every open case is then brought back from the record (admin rehydrate).
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/server/temporal"
)

// Namespace is where every case of the product lives.
const Namespace = "haochaping"

// Retention is how long the engine keeps the history of a closed case. Our own record outlives it.
const Retention = 30 * 24 * time.Hour

// readyPatience bounds the wait for a started server to answer. A warm start takes well under a
// second; a slow disk during the first start may take several.
const readyPatience = 60 * time.Second

// startTries bounds the starts of one server: each loses its ports to another process by chance only.
const startTries = 3

var freePorts = choosePorts // a test lets another process be quicker

// Options say where the engine keeps its file and where it listens. The zero value of every field
// except Dir has a sensible meaning.
type Options struct {
	// Dir is the folder of the engine's file, created when absent. Required. One engine at a time
	// may use a folder: a second one is refused with ErrInUse.
	Dir string
	// Host is the loopback address of every listener. Default 127.0.0.1. Anything else than a
	// loopback address is refused, since the engine's interface asks nobody who they are.
	Host string
	// Port of the frontend; 0 takes a free one.
	Port int
	// Namespace to create when absent. Default: Namespace.
	Namespace string
	// FreshAfter is how many events make the engine ask for a fresh history. Default: the
	// server's own 4,096.
	FreshAfter int
	// AllIndexes keeps every index that the server's own schema has (indexes.go says which the product does
	// without). For comparisons: what the file has lost already does not come back.
	AllIndexes bool
	// Logger receives the server's lines. Default: slog.Default().
	Logger *slog.Logger
	// LogLevel is the least level that is passed on. Default: Warn, since the server tells each
	// start-up step at Info.
	LogLevel *slog.Level
}

// ErrInUse says that another live process holds the engine's folder.
var ErrInUse = errors.New("the engine's folder is in use by another process")

// Engine is a running server. Stop it once it is no longer needed; its methods may be called from
// any goroutine.
type Engine struct {
	dir       string
	namespace string
	addr      string
	server    temporal.Server
	quiet     *atomic.Bool
	lock      *os.File
	stopOnce  sync.Once
}

// Start runs the server and returns when it answers requests for the namespace. It takes over
// where the last one on this folder left off, also after a kill.
func Start(ctx context.Context, o Options) (*Engine, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	lock, err := lockFolder(o.Dir)
	if err != nil {
		return nil, err
	}
	e, err := startOnFreePorts(o)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	e.lock = lock
	if err := e.waitReady(ctx); err != nil {
		e.Stop()
		return nil, err
	}
	return e, nil
}

func (o Options) complete() (Options, error) {
	if o.Dir == "" {
		return o, errors.New("engine: Dir is required")
	}
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if ip := net.ParseIP(o.Host); ip == nil || !ip.IsLoopback() {
		return o, fmt.Errorf("engine: host %q is not a loopback address", o.Host)
	}
	if o.Namespace == "" {
		o.Namespace = Namespace
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.LogLevel == nil {
		warn := slog.LevelWarn
		o.LogLevel = &warn
	}
	return o, os.MkdirAll(o.Dir, 0o700)
}

// startOnFreePorts starts anew with other ports when another process took one between the look and the
// server's own listen.
func startOnFreePorts(o Options) (e *Engine, err error) {
	for range startTries {
		if e, err = start(o); err == nil || !strings.Contains(err.Error(), syscall.EADDRINUSE.Error()) {
			break
		}
	}
	return e, err
}

func start(o Options) (_ *Engine, err error) {
	ports, err := freePorts(o.Host, o.Port)
	if err != nil {
		return nil, err
	}
	file, err := prepareFile(o)
	if err != nil {
		return nil, err
	}
	quiet := new(atomic.Bool)
	// The server treats a listener it cannot open as fatal and ends through its logger.
	defer recoverFatal(&err)
	server, err := temporal.NewServer(serverOptions(o, ports, file, quiet)...)
	if err != nil {
		return nil, fmt.Errorf("engine: build the server: %w", err)
	}
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("engine: start the server: %w", errors.Join(err, server.Stop()))
	}
	addr := net.JoinHostPort(o.Host, strconv.Itoa(ports.frontend))
	return &Engine{dir: o.Dir, namespace: o.Namespace, addr: addr, server: server, quiet: quiet}, nil
}

// waitReady asks until the frontend answers and the shard that holds the namespace's cases is taken.
func (e *Engine) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	options := e.ClientOptions()
	options.Logger = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	probe, err := client.NewLazyClient(options)
	if err != nil {
		return fmt.Errorf("engine: build the readiness probe: %w", err)
	}
	defer probe.Close()
	for {
		err := ask(ctx, probe, e.namespace)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("engine: not ready: %w", errors.Join(ctx.Err(), err))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func ask(ctx context.Context, probe client.Client, namespace string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := probe.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return err
	}
	_, err := probe.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	return err
}

// Addr is the frontend's host:port.
func (e *Engine) Addr() string { return e.addr }

// ClientOptions are what a client in this process should dial with. Request bodies go
// uncompressed: the SDK gzips them by default, which within one machine only costs processor time
// (3 to 6 % of the throughput of cases).
func (e *Engine) ClientOptions() client.Options {
	return client.Options{
		HostPort:  e.addr,
		Namespace: e.namespace,
		ConnectionOptions: client.ConnectionOptions{
			GrpcCompression: &client.GrpcCompressionNone{},
		},
	}
}

// Stop ends the server and frees the folder. Later calls return at once. Workers and clients should
// be stopped before, or they keep trying to reach it.
func (e *Engine) Stop() {
	e.stopOnce.Do(func() {
		e.quiet.Store(true)
		// The only errors here are about parts that were already down.
		_ = e.server.Stop()
		if e.lock != nil {
			_ = e.lock.Close()
		}
	})
}
