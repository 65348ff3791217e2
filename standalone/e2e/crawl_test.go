package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"haochaping/standalone/visit"
	"haochaping/store/seed"
)

// reader is somebody who reads everything that the product lets them fetch.
type reader struct {
	login string // "" without signing in
	role  string
	roles []string // what they hold by now, and what they stand in for
	area  string   // six digits
	http  *http.Client
	seen  map[string]bool // addresses asked for
}

// crawl fetches every GET route of the contract as every role, in JSON and as pages.
type crawl struct {
	dragnet *dragnet
	where   func() string
	data    seed.Data
	routes  []string
	ids     map[string][]string // addresses of a route, from the record
	each    int                 // addresses of a route for each reader, at most
	mu      sync.Mutex
	visits  int
	tampers map[string]func(*http.Response, []byte) []byte // by role and route: leaks that are planted
}

var (
	routeLine = regexp.MustCompile(`^  (/\S*):$`)
	param     = regexp.MustCompile(`\{[a-z]+\}`)
	href      = regexp.MustCompile(`(?:href|src)="(/[^"#]*)"`)
)

// contractRoutes are the GET routes of openapi.yaml.
func contractRoutes(t *testing.T) (routes []string) {
	t.Helper()
	text, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if m := routeLine.FindStringSubmatch(line); m != nil {
			last = m[1]
		}
		if line == "    get:" {
			routes = append(routes, last)
		}
	}
	if len(routes) < 60 {
		t.Fatalf("the contract has %d GET routes", len(routes))
	}
	return routes
}

// known are queries for what stands in a route's place of parameters, in their order.
var known = map[string]string{
	"/r/{code}":                               "SELECT code FROM service_windows",
	"/slips/{code}":                           "SELECT code FROM projects",
	"/cases/{id}":                             "SELECT id FROM cases",
	"/cases/{id}/print":                       "SELECT id FROM cases",
	"/cases/{id}/standing":                    "SELECT id FROM cases",
	"/cases/{id}/documents":                   "SELECT id FROM cases",
	"/cases/{id}/documents/{document}":        "SELECT case_id, id FROM documents",
	"/cases/{id}/documents/{document}/word":   "SELECT case_id, id FROM documents",
	"/cases/{id}/files/{digest}":              "SELECT case_id, digest FROM case_files",
	"/cases/{id}/archives/{version}":          "SELECT case_id, version FROM archives",
	"/receipt/documents/{document}":           "SELECT id FROM documents",
	"/receipt/documents/{document}/word":      "SELECT id FROM documents",
	"/acts/{id}":                              "SELECT id FROM acts",
	"/notices/{id}":                           "SELECT id FROM cases",
	"/notices/{id}/documents/{document}":      "SELECT case_id, id FROM documents",
	"/notices/{id}/documents/{document}/word": "SELECT case_id, id FROM documents",
	"/document-templates/{kind}":              "SELECT DISTINCT kind FROM documents",
	"/probes/{id}":                            "SELECT id FROM probes",
	"/sealed/{area}/{period}":                 "SELECT area, period FROM seals",
	"/dashboard/county/{area}":                "SELECT DISTINCT area FROM orgs",
	"/dashboard/unit/{id}":                    "SELECT id FROM orgs",
	"/dashboard/window/{id}":                  "SELECT id FROM service_windows",
	"/dashboard/staff/{id}":                   "SELECT id FROM staff",
	"/watch/{id}":                             "SELECT id FROM watch_listings",
	"/hearings/{id}":                          "SELECT id FROM dockets WHERE kind = 'hearing'",
	"/hearings/{id}/files/{digest}":           "SELECT f.docket_id, f.digest FROM docket_files f JOIN dockets d ON d.id = f.docket_id WHERE d.kind = 'hearing'",
	"/hearing-problems/{id}":                  "SELECT id FROM dockets WHERE kind = 'problem'",
	"/joint/{id}":                             "SELECT id FROM dockets WHERE kind = 'joint'",
	"/publications/{id}":                      "SELECT id FROM dockets WHERE kind = 'publication'",
	"/publications/{id}/files/{digest}":       "SELECT f.docket_id, f.digest FROM docket_files f JOIN dockets d ON d.id = f.docket_id WHERE d.kind = 'publication'",
	"/board/{period}":                         "SELECT DISTINCT period FROM dockets WHERE kind = 'board' AND stage = 'published'",
	"/board/{period}/data.json":               "SELECT DISTINCT period FROM dockets WHERE kind = 'board' AND stage = 'published'",
	"/board/{period}/data.csv":                "SELECT DISTINCT period FROM dockets WHERE kind = 'board' AND stage = 'published'",
	"/boards/{id}":                            "SELECT id FROM dockets WHERE kind = 'board'",
	"/honours/{id}":                           "SELECT id FROM dockets WHERE kind = 'honour'",
	"/inspections/{id}":                       "SELECT id FROM dockets WHERE kind = 'inspection'",
	"/inspections/{id}/files/{digest}":        "SELECT f.docket_id, f.digest FROM docket_files f JOIN dockets d ON d.id = f.docket_id WHERE d.kind = 'inspection'",
	"/commendations/{id}":                     "SELECT id FROM dockets WHERE kind = 'commendation'",
	"/bulletins/{id}":                         "SELECT id FROM dockets WHERE kind = 'bulletin'",
	"/bulletins/{id}/paper":                   "SELECT id FROM dockets WHERE kind = 'bulletin'",
	"/public/bulletins/{id}":                  "SELECT docket_id FROM public_bulletins",
	"/releases/{id}":                          "SELECT id FROM dockets WHERE kind = 'release'",
	"/boxes/{id}":                             "SELECT id FROM boxes",
	"/boxes/{id}/photo":                       "SELECT id FROM boxes WHERE photo <> ''",
	"/boxes/{id}/batches/{batch}/print":       "SELECT box_id, id FROM paper_batches",
	"/paper/openings/{id}":                    "SELECT id FROM box_openings",
	"/exports/{id}/file":                      "SELECT id FROM exports",
	"/reveals/{id}/contact":                   "SELECT id FROM reveals",
	"/devices/{id}":                           "SELECT id FROM devices",
	"/people/{person}":                        "SELECT person FROM accounts",
	"/calendar/{id}":                          "SELECT id FROM calendar_changes",
	"/exchange/{upstream}/replay":             "SELECT DISTINCT upstream FROM deliveries",
	"/checkpoints/{size}":                     "SELECT 'latest' UNION SELECT size FROM checkpoints",
	"/checkpoints/{size}/extends/{earlier}":   "SELECT 'latest', 'latest' UNION SELECT b.size, a.size FROM checkpoints a JOIN checkpoints b ON b.size > a.size",
	"/problems/{code}":                        "SELECT 'not-permitted' UNION SELECT 'invalid'",
}

// addresses fills the routes' parameters from the record, everything that there is.
func (c *crawl) addresses(t *testing.T, r record) {
	t.Helper()
	c.ids = map[string][]string{}
	for route, query := range known {
		paths, err := filled(r, route, query+" LIMIT 5000")
		if err != nil {
			t.Fatalf("%s: %v", route, err)
		}
		c.ids[route] = paths
	}
}

// filled is a route with each row of a query in the places of its parameters.
func filled(r record, route, query string) (paths []string, err error) {
	rows, err := r.Query(query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	names := param.FindAllString(route, -1)
	for rows.Next() {
		values, into := make([]string, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		path := route
		for i, name := range names {
			path = strings.Replace(path, name, url.PathEscape(values[i]), 1)
		}
		paths = append(paths, path)
	}
	return paths, rows.Err()
}

// holds are the roles of an account and of those whom it stands in for.
const holds = `SELECT a.role FROM assignments a JOIN accounts p ON p.person = a.person WHERE p.login = ?
	UNION SELECT a.role FROM substitutions s JOIN accounts p ON p.person = s.substitute JOIN assignments a ON a.person = s.absent WHERE p.login = ?`

// readers are an account of each role in the county, at the prefecture and elsewhere, two of them where
// the role is the rated side's, and somebody who has not signed in.
func (c *crawl) readers(t *testing.T, record record) (all []*reader) {
	t.Helper()
	taken := map[string]int{}
	for _, a := range c.data.Accounts {
		area := a.Place[:6]
		key := string(a.Role) + area
		own := strings.HasSuffix(a.Place, "-psb") || strings.HasSuffix(a.Place, "-mkt")
		if taken[key] > 0 && (!own || taken[key+a.Place] > 0) {
			continue
		}
		taken[key]++
		taken[key+a.Place]++
		all = append(all, c.account(t, record, a))
	}
	return append(all, c.reader(t, ""))
}

// account is a reader by their account, with what they hold by now.
func (c *crawl) account(t *testing.T, record record, a seed.Account) *reader {
	t.Helper()
	r := c.reader(t, a.Login)
	r.role, r.area = string(a.Role), a.Place[:6]
	r.roles = append(record.texts(t, holds, a.Login, a.Login), r.role)
	return r
}

// named is account by its login.
func (c *crawl) named(t *testing.T, record record, login string) *reader {
	t.Helper()
	at := slices.IndexFunc(c.data.Accounts, func(a seed.Account) bool { return a.Login == login })
	return c.account(t, record, c.data.Accounts[at])
}

// rater is who gave a rating, with the receipt.
func (c *crawl) rater(t *testing.T, receipt string) *reader {
	t.Helper()
	r := c.reader(t, "")
	r.role = "rater"
	c.send(t, r, "/receipt", fmt.Sprintf(`{"receipt":%q}`, receipt))
	return r
}

func (c *crawl) reader(t *testing.T, login string) *reader {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{login: login, role: "nobody", seen: map[string]bool{}, http: &http.Client{Jar: jar, Timeout: patience}}
	if login != "" {
		c.send(t, r, "/demo/sign-ins", fmt.Sprintf(`{"login":%q}`, login))
	}
	return r
}

// send posts JSON that has to succeed.
func (c *crawl) send(t *testing.T, r *reader, path, body string) {
	t.Helper()
	answer, err := r.http.Post("http://"+c.where()+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", r.login, path, answer.Status)
	}
}

// sending is what somebody posts: as JSON, or as a form with files; the answer is wanted as JSON, or as a page.
type sending struct {
	kind    string
	content []byte
	page    bool
}

func inJSON(body fields) sending {
	content, err := json.Marshal(body)
	if err != nil {
		panic(err) // texts and lists of them
	}
	return sending{kind: "application/json", content: content}
}

// post sends something as a reader and searches the whole answer, in which they may read the contact of one rater, or,
// nil, nobody's.
func (c *crawl) post(t *testing.T, r *reader, route, path string, s sending, contact *madeUp) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+c.where()+path, bytes.NewReader(s.content))
	if err != nil {
		t.Fatal(err)
	}
	accept := "application/json"
	if s.page {
		accept = "text/html"
		request.Header.Set("Origin", "http://"+c.where())
	}
	request.Header.Set("Content-Type", s.kind)
	request.Header.Set("Accept", accept)
	answer, err := r.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	whole, body, err := wholeOf(answer, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.dragnet.look(place{role: r.role, method: http.MethodPost, route: route, kind: accept, reader: r, contact: contact}, whole)
	return reply{visit.Reply{Status: answer.StatusCode, Header: answer.Header, Body: body}}
}

// must is post for what has to succeed.
func (c *crawl) must(t *testing.T, r *reader, route, path string, s sending) reply {
	t.Helper()
	answer := c.post(t, r, route, path, s, nil)
	if answer.Status >= http.StatusBadRequest {
		t.Fatalf("%s POST %s: %v", r.login, path, answer)
	}
	return answer
}

// wholeOf is all of an answer that reaches whoever asked: status, address, headers and body; tamper may change it.
func wholeOf(answer *http.Response, tamper func(*http.Response, []byte) []byte) (whole, body []byte, err error) {
	defer answer.Body.Close()
	if body, err = io.ReadAll(answer.Body); err != nil {
		return nil, nil, err
	}
	if tamper != nil {
		body = tamper(answer, body)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", answer.Status, answer.Request.URL)
	if err := answer.Header.Write(&b); err != nil {
		return nil, nil, err
	}
	b.Write(body)
	return b.Bytes(), body, nil
}

var languages = []string{"zh", "en", "bo"}

// endless never ends by itself.
const endless = "/events"

// everything reads it all as one reader: each address as JSON and as a page, pages without parameters in
// every language, then what the pages lead to.
func (c *crawl) everything(r *reader) error {
	for _, route := range c.routes {
		if route == endless {
			continue
		}
		paths := []string{route}
		if param.MatchString(route) {
			paths = spread(c.ids[route], c.each, r.login)
		}
		for n, path := range paths {
			in := languages
			if param.MatchString(route) {
				in = languages[n%len(languages) : n%len(languages)+1]
			}
			if err := c.both(r, route, path, in); err != nil {
				return err
			}
		}
	}
	return nil
}

// spread takes some of many, others for each reader.
func spread(all []string, n int, salt string) []string {
	if len(all) <= n {
		return all
	}
	var some []string
	for i := range n {
		some = append(some, all[(i*len(all)/n+len(salt)*7)%len(all)])
	}
	return some
}

func (c *crawl) both(r *reader, route, path string, in []string) error {
	if _, err := c.fetch(r, route, path, "application/json"); err != nil {
		return err
	}
	for _, lang := range in {
		page, err := c.fetch(r, route, path+"?lang="+lang, "text/html")
		if err != nil {
			return err
		}
		if lang != in[0] {
			continue
		}
		followed := 0
		for _, m := range href.FindAllSubmatch(page, -1) {
			next := strings.ReplaceAll(string(m[1]), "&amp;", "&")
			if followed >= c.each || strings.HasPrefix(next, endless) || strings.Contains(next, "lang=") || r.seen[next+" text/html"] {
				continue
			}
			followed++
			if _, err := c.fetch(r, c.routeOf(next), next, "text/html"); err != nil {
				return err
			}
		}
	}
	return nil
}

// routeOf is the route of an address: the one with the fewest parameters that matches.
func (c *crawl) routeOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	best := ""
	for _, route := range c.routes {
		matches, _ := regexp.MatchString("^"+param.ReplaceAllString(strings.ReplaceAll(route, ".", `\.`), `[^/]+`)+"$", path)
		if matches && (best == "" || strings.Count(route, "{") < strings.Count(best, "{")) {
			best = route
		}
	}
	return best
}

// fetch asks once and searches the whole answer: address, status, headers and body.
func (c *crawl) fetch(r *reader, route, path, accept string) ([]byte, error) {
	if r.seen[path+" "+accept] {
		return nil, nil
	}
	r.seen[path+" "+accept] = true
	request, err := http.NewRequest(http.MethodGet, "http://"+c.where()+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", accept)
	answer, err := r.http.Do(request)
	if err != nil {
		return nil, err
	}
	whole, body, err := wholeOf(answer, c.tampers[r.role+" "+route])
	if err != nil {
		return nil, err
	}
	led := c.routeOf(answer.Request.URL.Path) // an act leads to its case
	c.dragnet.look(place{role: r.role, route: led, kind: accept, reader: r}, whole)
	c.mu.Lock()
	c.visits++
	c.mu.Unlock()
	return body, nil
}

// rolesOf lists the roles that were readers.
func rolesOf(all []*reader) []string {
	roles := map[string]bool{}
	for _, r := range all {
		roles[r.role] = true
	}
	return slices.Sorted(maps.Keys(roles))
}
