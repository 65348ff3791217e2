package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"haochaping/api"
	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seed"
	"haochaping/store/storetest"
	"haochaping/web"
	"haochaping/workflows"
)

// office is the whole HTTP side over a real record, with the demo's people, and a hand-written
// engine that records acts at once.
type office struct {
	t       *testing.T
	server  *httptest.Server
	handler *api.API
	record  *store.Store
	dir     string // where the record lies
	clock   *storetest.Clock
	log     *bytes.Buffer
	away    atomic.Bool // the engine cannot be reached
	mute    atomic.Bool // the engine takes acts and says nothing
	keys    atomic.Int64
	// machines is how far the machines' clock is put forward, in nanoseconds.
	machines atomic.Int64
}

func setup(t *testing.T, change ...func(*api.Options)) *office {
	t.Helper()
	o := &office{t: t, clock: storetest.NewClock(), log: &bytes.Buffer{}}
	o.dir = t.TempDir()
	o.record = openRecord(t, o.clock, o.dir)
	guard, err := policies.New()
	must(t, err)
	site, err := web.New()
	must(t, err)
	options := api.Options{Store: o.record, Guard: guard, Site: site, Now: o.clock.Now, Wall: o.wall, Demo: true, Submit: o.submit,
		Start: func(context.Context, string) error { return nil }, EngineUp: func() bool { return !o.away.Load() },
		ActWait: 300 * time.Millisecond, Log: slog.New(slog.NewJSONHandler(o.log, nil)),
		Limits: api.Limits{SignIns: api.Limit{Off: true}, Receipts: api.Limit{Off: true}, Ratings: api.Limit{Off: true}}}
	for _, c := range change {
		c(&options)
	}
	handler, err := api.New(options)
	must(t, err)
	o.handler, o.server = handler, httptest.NewServer(handler)
	t.Cleanup(func() { handler.Close(); o.server.Close() })
	return o
}

// otherNode is another node on the same record.
func (o *office) otherNode() *api.API {
	o.t.Helper()
	guard, err := policies.New()
	must(o.t, err)
	site, err := web.New()
	must(o.t, err)
	other, err := api.New(api.Options{Store: o.record, Guard: guard, Site: site, Now: o.clock.Now, Wall: o.wall, Submit: o.submit,
		Start: func(context.Context, string) error { return nil }, EngineUp: func() bool { return true }})
	must(o.t, err)
	o.t.Cleanup(other.Close)
	return other
}

func (o *office) wall() time.Time { return time.Now().Add(time.Duration(o.machines.Load())) }

func openRecord(t *testing.T, clock *storetest.Clock, dir string) *store.Store {
	t.Helper()
	record, err := store.Open(t.Context(), store.Options{Dir: dir, KeyDir: t.TempDir(), Now: clock.Now, Wall: time.Now})
	must(t, err)
	t.Cleanup(func() { must(t, record.Close()) })
	must(t, record.Migrate(t.Context()))
	data, err := seed.Load()
	must(t, err)
	must(t, record.Load(t.Context(), data, true))
	return record
}

// submit is the engine of these tests: it records what it is handed, or keeps silent.
func (o *office) submit(ctx context.Context, ref workflows.ActRef) (workflows.ActResult, error) {
	if o.mute.Load() {
		<-ctx.Done()
		return workflows.ActResult{}, &regulation.Error{Code: regulation.Unavailable, Missing: "engine"}
	}
	step, err := o.record.RecordAct(ctx, ref.CaseID, ref.ActID)
	return workflows.ActResult{Seq: step.Snapshot.Seq, Refused: step.Refused}, err
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// client is a program or a browser with its own cookies. Programs' requests and answers are
// held against openapi.yaml.
type client struct {
	o    *office
	http *http.Client
	page bool
}

func (o *office) program() *client { return o.client(contract(o.t), false) }
func (o *office) browser() *client { return o.client(http.DefaultTransport, true) }

func (o *office) client(transport http.RoundTripper, page bool) *client {
	jar, err := cookiejar.New(nil)
	must(o.t, err)
	return &client{o: o, page: page, http: &http.Client{Transport: transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as signs a demo account in.
func (o *office) as(login string) *client {
	o.t.Helper()
	c := o.program()
	c.post("/demo/sign-ins", fields{"login": login}).want(200)
	return c
}

// browsing signs a demo account in with a browser.
func (o *office) browsing(login string) *client {
	o.t.Helper()
	c := o.browser()
	c.form("/demo/sign-ins", url.Values{"login": {login}}).want(303)
	return c
}

type fields map[string]any

// got is an answer, read whole.
type got struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

func (c *client) do(r *http.Request) got {
	c.o.t.Helper()
	accept := "application/json"
	if c.page {
		accept = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
	}
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", accept)
	}
	answer, err := c.http.Do(r)
	must(c.o.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(c.o.t, err)
	return got{c.o.t, r.Method + " " + r.URL.Path, answer.StatusCode, answer.Header, body}
}

func (c *client) request(method, path string, body io.Reader) *http.Request {
	c.o.t.Helper()
	r, err := http.NewRequestWithContext(c.o.t.Context(), method, c.o.server.URL+path, body)
	must(c.o.t, err)
	return r
}

func (c *client) get(path string) got { c.o.t.Helper(); return c.do(c.request("GET", path, nil)) }

// post sends JSON, with a fresh Idempotency-Key.
func (c *client) post(path string, f fields) got {
	c.o.t.Helper()
	return c.postKey(path, f, fmt.Sprintf("key-%022d", c.o.keys.Add(1)))
}

func (c *client) postKey(path string, f fields, key string) got {
	c.o.t.Helper()
	body, err := json.Marshal(f)
	must(c.o.t, err)
	r := c.request("POST", path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	return c.do(r)
}

// form sends a form as a browser does.
func (c *client) form(path string, values url.Values) got {
	c.o.t.Helper()
	r := c.request("POST", path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.do(r)
}

func (g got) want(status int) got {
	g.t.Helper()
	if g.status != status {
		g.t.Fatalf("%s: status %d, want %d\n%s", g.what, g.status, status, g.body)
	}
	return g
}

func (g got) into(v any) {
	g.t.Helper()
	if err := json.Unmarshal(g.body, v); err != nil {
		g.t.Fatalf("%s: %v\n%s", g.what, err, g.body)
	}
}

func (g got) object() map[string]any {
	g.t.Helper()
	var v map[string]any
	g.into(&v)
	return v
}

// shows holds that the answer has each of the texts.
func (g got) shows(texts ...string) got {
	g.t.Helper()
	for _, text := range texts {
		if !strings.Contains(string(g.body), text) {
			g.t.Errorf("%s does not show %q", g.what, text)
		}
	}
	return g
}

// hides holds that the answer has none of the texts.
func (g got) hides(texts ...string) got {
	g.t.Helper()
	for _, text := range texts {
		if strings.Contains(string(g.body), text) {
			g.t.Errorf("%s shows %q", g.what, text)
		}
	}
	return g
}

// refused holds a problem's status and code.
func (g got) refused(status int, code regulation.Code) got {
	g.t.Helper()
	g.want(status)
	if kind := g.header.Get("Content-Type"); kind != "application/problem+json" {
		g.t.Errorf("%s: a problem of type %q", g.what, kind)
	}
	if have := g.object()["code"]; have != string(code) {
		g.t.Errorf("%s: code %v, want %s", g.what, have, code)
	}
	return g
}

// What the rater of these tests says, none of which the rated side may ever see.
const (
	raterName  = "扎西测试"
	raterPhone = "13812345678"
	raterWords = "排队两个小时没有人理睬"
)

// windowCode is the rating code of a window of the seed.
func windowCode(t testing.TB, id string) string {
	t.Helper()
	data, err := seed.Load()
	must(t, err)
	for _, w := range data.Windows {
		if w.ID == id {
			return w.Code
		}
	}
	t.Fatalf("no window %s", id)
	return ""
}

func badRating(t testing.TB) fields {
	return fields{"code": windowCode(t, "513301-w03"), "staff": "st0037", "grade": 1, "option": []string{"110"}, "mark_attitude": 1,
		"text": raterWords, "contact_phone": raterPhone, "contact_name": raterName, "contact_language": "zh", "contact_time": "morning",
		"contact_consent": true}
}

// rateBadly gives a bad rating as a citizen and returns the receipt and the case's id.
func (o *office) rateBadly() (receipt, caseID string) {
	o.t.Helper()
	receipt = o.program().post("/ratings", badRating(o.t)).want(201).object()["receipt"].(string)
	_, c, err := o.record.CaseByReceipt(o.t.Context(), receipt)
	must(o.t, err)
	return receipt, c.ID
}
