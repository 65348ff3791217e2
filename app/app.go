// Package app is the whole process as a value: settings, New, Start, Addr, Stop. It opens the
// record, serves pages and API, runs the cases' worker, and does what must be done in the
// background on whichever node holds the duty's lease.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"haochaping/activities"
	"haochaping/api"
	"haochaping/integration/portal"
	"haochaping/integration/telephony"
	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// Parts are what a process runs of the product.
type Parts struct {
	API    bool // pages and JSON
	Worker bool // workflows and activities
}

// App is one process of the product. Start it once; Stop may be called at any time and often.
type App struct {
	settings Settings
	parts    Parts
	node     string // holder of leases
	log      *slog.Logger
	metrics  *prometheus.Registry

	record  *store.Store
	clock   regulation.Clock
	engine  *engine
	handler *api.API
	servers []*http.Server
	sending []portal.Upstream // the systems that may send
	doubles []*portal.Double  // of a demo's, once they were made
	addr    string

	started       pile       // cases that the engine drives, not yet marked so in the record
	simulator     *simulator // of a demo's devices, once it has begun
	boxesFilled   bool       // of a demo, or there are none to fill
	probesFilled  bool       // the same of signs of cheating
	docketsFilled bool       // and of hearings, publications and commendations

	checkpoint signing // of the ledger

	doubted pile // cases whose workflow may lack something that the record has

	exchanges    []activities.Exchange // with the upstream platforms
	notices      activities.Notices    // to people, outside the product
	mailFolder   string                // of a demo without a server
	erasuresSeen int64                 // until when other nodes' erasures are on this node's list

	began time.Time // when this process was made
	up    upSince

	ending   context.Context
	end      context.CancelFunc
	working  sync.WaitGroup
	stopOnce sync.Once
}

// New checks the settings and makes a process that is not started yet.
func New(s Settings, parts Parts, log *slog.Logger) (*App, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if s.Temporal == "" {
		return nil, errors.New(prefix + "TEMPORAL: must name the engine's frontend")
	}
	return newApp(s, parts, log), nil
}

func newApp(s Settings, parts Parts, log *slog.Logger) *App {
	a := &App{settings: s, parts: parts, node: nodeName(s), log: log, metrics: prometheus.NewRegistry(), began: time.Now()}
	a.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	a.ending, a.end = context.WithCancel(context.Background())
	return a
}

// nodeName tells this process from others on the same record. SQLite has one process at a time,
// which takes its leases up again after any end.
func nodeName(s Settings) string {
	if s.DSN == "" {
		return "sqlite"
	}
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	return host + "-" + rand.Text()
}

// Logger writes JSON lines of the settings' level to standard error.
func (s Settings) Logger() *slog.Logger {
	level, err := s.level()
	if err != nil {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// Start opens everything and returns when requests are answered. It does not wait for the
// engine: until it is there, ratings are taken and acts turned away. ctx bounds the start alone.
func (a *App) Start(ctx context.Context) error {
	err := a.start(ctx)
	if err != nil {
		a.Stop()
	}
	return err
}

func (a *App) start(ctx context.Context) (err error) {
	if a.record, a.clock, err = OpenRecord(ctx, a.settings, a.log); err != nil {
		return err
	}
	if err = a.openNotices(ctx); err != nil {
		return err
	}
	if a.engine, err = connect(a.settings, a.log, a.metrics); err != nil {
		return err
	}
	a.engine.look(ctx)
	if a.parts.API {
		if err = a.serveAPI(ctx); err != nil {
			return err
		}
	} else if err = a.serve(a.settings.Addr, a.healthOnly()); err != nil {
		return err
	}
	if err = a.openExchanges(ctx); err != nil {
		return err
	}
	a.do(a.keepEngine)
	a.do(a.reviveEngine)
	for _, d := range a.duties() {
		a.do(func(ctx context.Context) { a.perform(ctx, d) })
	}
	for _, e := range a.exchanges {
		a.do(func(ctx context.Context) { a.exchange(ctx, e) })
	}
	if len(a.notices.Ways()) > 0 {
		a.do(a.tell)
	}
	a.log.Info("started", "addr", a.addr, "record", a.record.Engine(), "settings", a.settings)
	return nil
}

func (a *App) serveAPI(ctx context.Context) error {
	demo, err := a.record.Demo(ctx)
	if err != nil {
		return err
	}
	guard, err := policies.New()
	if err != nil {
		return err
	}
	site, err := web.New()
	if err != nil {
		return err
	}
	if a.sending, err = upstreams(a.settings, demo && a.settings.loopback()); err != nil {
		return err
	}
	a.handler, err = api.New(api.Options{
		Program: filepath.Base(os.Args[0]),
		Store:   a.record, Guard: guard, Site: site,
		Submit: a.submit, Start: a.startCase, EngineUp: a.engine.isUp,
		Now:  func() time.Time { return a.clock.At(time.Now()) },
		Demo: demo && a.settings.loopback(), Scale: a.clock.Scale, Secure: strings.HasPrefix(a.settings.URL, "https:"),
		Connect: a.gateway(), OfficialNumber: a.settings.TelephoneNumber,
		BehindProxy: a.settings.Proxy, Address: a.settings.URL,
		ActWait: a.settings.Wait, SessionLife: a.settings.Session, Limits: a.limits(),
		Metrics: a.metrics, Log: a.log, Upstreams: a.sending,
		Ways: a.notices.Ways(), MailFolder: a.mailFolder,
	})
	if err != nil {
		return err
	}
	return a.serve(a.settings.Addr, a.handler)
}

// gateway connects clerks with raters, nil where no exchange is set.
func (a *App) gateway() func(context.Context, telephony.Call) error {
	if a.settings.TelephoneGateway == "" {
		return nil
	}
	return telephony.Gateway{URL: a.settings.TelephoneGateway, Key: a.settings.TelephoneKey}.Connect
}

func (a *App) limits() api.Limits {
	off := api.Limit{Off: a.settings.Limits == "off"}
	return api.Limits{SignIns: off, Receipts: off, Ratings: off}
}

// serve answers on an address until the process is stopped. Answers are not bounded in time:
// live pages stay open.
func (a *App) serve(addr string, handler http.Handler) error {
	listener, err := new(net.ListenConfig).Listen(a.ending, "tcp", addr)
	if err != nil {
		return err
	}
	a.addr = listener.Addr().String()
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       60 * time.Second, // a scan of 10 MB on a slow line
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	a.servers = append(a.servers, server)
	a.do(func(context.Context) {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("the server ended", "error", err)
		}
	})
	return nil
}

// Addr is the host:port where requests are answered, "" before the start.
func (a *App) Addr() string { return a.addr }

// Stop lets running requests and recordings end and releases everything. What is cut off is
// taken up by the next start. Later calls wait for the first and do nothing.
func (a *App) Stop() {
	a.stopOnce.Do(a.stop)
}

// grace is how long requests may take to end.
const grace = 5 * time.Second

func (a *App) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if a.handler != nil {
		a.handler.Close()
	}
	for _, server := range a.servers {
		if err := server.Shutdown(ctx); err != nil {
			a.log.Warn("requests were cut off", "error", err)
			_ = server.Close() // what is still open is what Shutdown complained of
		}
	}
	a.end()
	a.working.Wait()
	for _, e := range a.exchanges {
		e.Client.Close()
	}
	if a.engine != nil {
		a.engine.close()
	}
	if a.record != nil {
		a.markStarted(ctx)
		if err := a.record.Close(); err != nil {
			a.log.Warn("closing the record", "error", err)
		}
	}
	a.log.Info("stopped")
}

// do runs work in the background; Stop ends its context and waits for it.
func (a *App) do(work func(context.Context)) {
	a.working.Go(func() { work(a.ending) })
}
