package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"haochaping/integration/portal"
	"haochaping/integration/telephony"
	"haochaping/policies"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workflows"
)

// Options are what the HTTP side works with.
type Options struct {
	Store *store.Store
	Guard *policies.Guard
	Site  *web.Site
	// Submit has a stored act done by its case's workflow and waits for the outcome, as
	// workflows.Submit does. A refusal by the rules is a result, not an error.
	Submit func(ctx context.Context, ref workflows.ActRef) (workflows.ActResult, error)
	// Start starts the workflow of a case, best effort: the sweeper starts what is left.
	Start func(ctx context.Context, caseID string) error
	// EngineUp tells whether the engine can be reached now. Acts are turned away before anything
	// is stored while it is not; ratings never are.
	EngineUp func() bool
	// Now is the product's clock.
	Now func() time.Time
	// Wall is the clock of machines, by which sessions, allowances and measurements go; default
	// the system's.
	Wall func() time.Time
	// Demo opens the one-click sign-ins. They answer loopback addresses only, and only where the
	// database was created as a demo.
	Demo bool
	// Scale is how many seconds of the product's clock pass in one of the machines': a drill's; 0 is
	// real time. A drill can be watched at /drill.
	Scale float64
	// Program is the name of the running program, with which commands on pages begin; default haochaping.
	Program string
	// Secure marks cookies for TLS only. Set it wherever browsers come by https.
	Secure bool
	// BehindProxy takes the reader's address from X-Forwarded-For as the nearest private proxy
	// wrote it. Without it the header is ignored, since anybody can send one.
	BehindProxy bool
	// Address is where browsers reach the product, such as https://hcp.example.cn: it stands in
	// QR codes. Empty: the address of the request.
	Address string
	// Connect has a telephone gateway connect a clerk with a rater whose number the clerk never sees; nil where
	// there is none, and clerks read the number.
	Connect func(ctx context.Context, call telephony.Call) error
	// OfficialNumber is the number that raters see when the office calls: it stands on the receipt's page and in
	// the privacy notice. Default 12345.
	OfficialNumber string
	// ActWait is how long an act's outcome is waited for before the answer is 202. Default 5 s.
	ActWait time.Duration
	// SessionLife is how long a sign-in lasts without being used; default 30 minutes. It ends
	// after 12 hours anyway.
	SessionLife time.Duration
	Limits      Limits
	// Ways are those by which people can be told outside the product (store.Ways), and MailFolder is where a demo
	// without a mail server writes its mails, "" where it does not.
	Ways       []string
	MailFolder string
	// Upstreams are the systems that may send ratings, handled matters and calls, each with its keys.
	Upstreams []portal.Upstream
	Metrics   *prometheus.Registry // nil: one of its own
	Log       *slog.Logger         // nil: silent
}

func (o *Options) fill() error {
	if o.Store == nil || o.Guard == nil || o.Site == nil || o.Submit == nil || o.Start == nil || o.EngineUp == nil || o.Now == nil {
		return errors.New("api: Store, Guard, Site, Submit, Start, EngineUp and Now are needed")
	}
	if o.OfficialNumber == "" {
		o.OfficialNumber = "12345"
	}
	if o.Wall == nil {
		o.Wall = time.Now //nolint:forbidigo // the one place where the machines' clock comes in
	}
	if o.ActWait <= 0 {
		o.ActWait = 5 * time.Second
	}
	if o.SessionLife <= 0 {
		o.SessionLife = 30 * time.Minute
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.Program == "" {
		o.Program = "haochaping"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Limits.fill()
	return nil
}

// API answers every request of the product. It is an http.Handler and safe for concurrent use.
type API struct {
	Options
	http     http.Handler
	sessions *scs.SessionManager
	limiters map[limit]*limiter
	senders  senders
	counts   *counts
	starts   chan string // cases whose workflow is to be started, best effort
	live     *live
	posts    []string         // paths that take forms of people who are signed in
	lists    map[string]route // by their paths, of those that can be had as a file
	forms    memo[form]
	targets  memo[store.Target]
	running  context.Context // ends with Close
	end      context.CancelFunc
}

// New builds the handler from the route table. Close stops what it runs in the background.
func New(o Options) (*API, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	a := &API{Options: o, starts: make(chan string, startsWaiting)}
	a.running, a.end = context.WithCancel(context.Background())
	a.sessions = a.newSessions()
	a.limiters = a.newLimiters()
	a.senders = newSenders(o.Upstreams)
	a.counts = newCounts(o.Metrics, o.Store, o.Now)
	a.live = newLive()
	a.lists = map[string]route{}
	e := echo.New()
	e.HTTPErrorHandler = a.unanswered
	e.IPExtractor = echo.ExtractIPDirect()
	if o.BehindProxy {
		e.IPExtractor = echo.ExtractIPFromXFFHeader()
	}
	for _, r := range routes {
		e.Add(r.Method, r.Path, a.serve(r))
		if r.Method == get && slices.ContainsFunc(exportLists, func(l exportList) bool { return l.path == r.Path }) {
			a.lists[r.Path] = r
		}
		if takesForms(r) {
			a.posts = append(a.posts, r.Path)
		}
		if r.Method == http.MethodGet && r.Path != "/events" {
			e.HEAD(r.Path, a.serve(r)) // the server leaves the body out
		}
	}
	a.http = a.around(e)
	go a.startCases()
	go a.followRecord()
	return a, nil
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.http.ServeHTTP(w, r) }

// Close ends live streams and the starts in the background. Closing twice does no harm.
func (a *API) Close() { a.end() }
