package e2e

import (
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"haochaping/app"
	"haochaping/integration/platform"
	"haochaping/regulation"
	rehearsal "haochaping/standalone/drill"
	"haochaping/store"
	"haochaping/store/seed"
	"haochaping/workday"
)

// How many raters a scan plants; make scan asks for more.
var scanned = flag.Int("raters", 200, "raters that the scan of the vault plants")

const (
	scanDays = 92
	scanTook = 90 * time.Second
	scanFrom = "2026-09-14T08:00:00+08:00"
	// scanPace is that of the product's clock after the drill: a quarter of an hour, for which a contact may be
	// read, is 45 seconds.
	scanPace = 20
)

// TestScan is the proof of the vault (9(2)): it plants raters whose names, numbers and words nothing else holds,
// runs the whole product as it is shipped, and searches everything that comes out of it or stays behind. Nothing may
// be found but what exceptions lists, and each planted leak has to be.
func TestScan(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	data, err := seed.Load()
	if err != nil {
		t.Fatal(err)
	}
	areas := map[string]string{}
	for _, w := range data.Windows {
		areas[w.Code] = w.Unit[:6]
	}
	c := newCrowd(*scanned, len(leaks), areas)
	n := newDragnet(c)
	s := scanSite(t, n)
	beside := newOutside(t, n, s)
	p := s.start(t)
	where := func() string { return p.addr }
	subscribe(t, where)
	playQuarter(t, s, p, c)
	n.histories(t, p)
	slowed := s.slow(t, p)
	clock := func() time.Time { return slowed.At(time.Now()) }
	p = s.start(t)
	beside.confirm(t, where)
	beside.fail()
	reading := &crawl{dragnet: n, where: where, data: data, routes: contractRoutes(t), each: 3 + *scanned/400}
	onPaper := &papers{crawl: reading, record: s.record(t), people: map[string]*reader{}, now: clock, counts: map[string]int{}}
	reached := reading.contacts(t, s, c.several(callers+askedAbout, county), clock)
	reading.devices(t, s.record(t), c.several(deviceRaters, county), clock)
	onPaper.all(t, c.several(c.left()/4, paperCounty))
	others := newIntake(t, c, where, clock)
	t.Logf("by other channels: %v; paper forms: %v", others.all(t), onPaper.counts)

	var tampered sync.Map
	reading.tampers = tampers(c.spares(), func(leak int) { tampered.Store(leak, true) })
	engine := engineAt(t, p.engine)
	for i, l := range leaks {
		switch {
		case l.engine != nil:
			l.engine(t, c.spares()[i], engine)
		case l.sent != nil:
			n.send(t, l.sent(c.spares()[i]))
		case l.told != nil:
			l.told(t, c.spares()[i], beside)
		}
	}
	reading.addresses(t, s.record(t))
	readers := reading.readers(t, s.record(t))
	for _, g := range others.given[:min(12, len(others.given))] {
		readers = append(readers, reading.rater(t, g.receipt))
	}
	var together errgroup.Group
	together.SetLimit(4)
	for _, r := range readers {
		together.Go(func() error { return reading.everything(r) })
	}
	if err := together.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, l := range leaks {
		if _, done := tampered.Load(i); l.answer != nil && !done {
			t.Errorf("%s was not planted: no such answer", l.name)
		}
	}
	n.histories(t, p)
	n.verified(t, s, slowed.Origin)
	s.backUp(t)
	beside.reached(t, s, beside.numbers(t, s), reached)
	erased := reading.eraseOne(t, s, others.given)
	p.kill() // what is in the write-ahead logs stays there
	n.folder(t, s)
	beside.numbers(t, s) // opens the record, which empties them
	n.erasureReaches(t, reading, s, erased)
	for i, l := range leaks {
		if l.files != nil {
			s.holds(t, l, l.files(t, c.spares()[i], s))
		}
	}
	n.folder(t, s)

	t.Logf("%d raters, %d answers to %d readers in %d roles, by the product's clock until %s", *scanned, reading.visits, len(readers), len(rolesOf(readers)), clock().Format(time.DateOnly))
	n.report(t.Logf)
	n.judge(t)
}

// scanSite is the product with everything written down that it can write, and with other systems beside it.
func scanSite(t *testing.T, n *dragnet) *site {
	t.Helper()
	s := newSite(t, nil)
	province := httptest.NewServer(upstream{n, platform.NewSimulator([]byte("sixteen bytes of secret"), false, time.Now)})
	t.Cleanup(province.Close)
	secret, exchange := filepath.Join(s.folder, "province.secret"), filepath.Join(s.folder, "exchange.json")
	n.province = province.URL
	told, err := json.Marshal(map[string]any{"upstreams": []map[string]any{{"name": "simulator", "title": "省级平台模拟器", "preset": "A",
		"address": province.URL + "/records", "ask_address": province.URL + "/held", "app": "demo", "secret_file": secret}}})
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{secret: "sixteen bytes of secret", exchange: string(told)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	temporary := filepath.Join(s.folder, "tmp")
	for _, folder := range []string{temporary, filepath.Join(s.folder, "backup")} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	pace := math.Floor(scanDays * 24 * float64(time.Hour) / float64(scanTook))
	for name, value := range map[string]string{"DEMO": "yes", "CLOCK": fmt.Sprintf("%.0f@%s", pace, scanFrom), "LOG": "debug", "VERIFY": "off",
		"EXCHANGE": exchange, "UPSTREAMS": upstreamFolder(t, filepath.Join(s.folder, "upstreams"))} {
		s.env["HAOCHAPING_"+name] = value
	}
	s.env["TMPDIR"] = temporary
	log, err := os.Create(filepath.Join(s.folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	s.log = log
	return s
}

// playQuarter has some raters rate as a quarter of the prefecture goes by, whose bad ratings go through every path of the
// regulation.
func playQuarter(t *testing.T, s *site, p *process, c *crowd) {
	t.Helper()
	record, clock := s.open(t)
	defer record.Close()
	bad := max(1, *scanned/7) // each path at least once
	plan := rehearsal.Plan{Days: scanDays, Ratings: bad + *scanned/5, Bad: bad, Seed: 1, Who: c.drilled}
	result, err := rehearsal.Run(t.Context(), rehearsal.Site{Address: p.addr, Record: record, Clock: clock}, plan)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the drill: %d bad ratings on every path, %d others; not as meant, which is the drill's to judge: %d", len(result.Stories), result.Rated, len(result.Wrong()))
}

// open is the site's record, with its clock.
func (s *site) open(t *testing.T) (*store.Store, regulation.Clock) {
	t.Helper()
	settings, err := app.Read(func(name string) string { return s.env[name] })
	if err != nil {
		t.Fatal(err)
	}
	record, clock, err := app.OpenRecord(t.Context(), settings, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return record, clock
}

// slow stops the product and has its clock go on at scanPace, from nine on the next working day: later it would soon be
// quiet for raters. A workflow knows the pace at which it began, so the engine begins anew, as where its file is lost; the
// old one stays beside, to be searched.
func (s *site) slow(t *testing.T, p *process) regulation.Clock {
	t.Helper()
	p.stop(t)
	record, clock := s.open(t)
	calendar, err := record.Calendar(t.Context(), county)
	if err != nil {
		t.Fatal(err)
	}
	nine := calendar.Add(workday.DateOf(clock.At(time.Now())), 1).Date.Start().Add(9 * time.Hour)
	clock = regulation.Clock{Scale: scanPace, RealOrigin: time.Now(), Origin: nine}
	text, err := json.Marshal(clock)
	if err == nil {
		err = errors.Join(record.SetFact(t.Context(), "clock", string(text)), record.Close())
	}
	if err == nil {
		err = os.Rename(filepath.Join(s.data(), "engine"), filepath.Join(s.folder, "engine-before"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return clock
}

// verified has the product check itself: it may find nothing but deadlines recorded late, of those that ended before the clock was
// slowed. How late one was is counted in real time with the system up, by the clock as it is; but before that instant
// the clock ran thousands of times as fast, and stood still over the engine's new beginning, so that seconds of lateness count as hours
// and lie in minutes in which the system was up. How late they were by the clock that was theirs the drill tells.
func (n *dragnet) verified(t *testing.T, s *site, slowed time.Time) {
	t.Helper()
	told, _ := s.tried(t, "verify", "--json")
	n.look(place{thing: "command verify"}, []byte(told))
	var v verified
	if err := json.Unmarshal([]byte(told), &v); err != nil {
		t.Fatalf("%v in %q", err, told)
	}
	for _, c := range v.Checks {
		if c.LeftOut != "" {
			t.Errorf("the check %s was left out: %s", c.Check, c.LeftOut)
		}
	}
	record, _ := s.open(t)
	defer record.Close()
	for _, f := range v.Findings {
		if f.Check != store.CheckDeadlines || f.Code != "late" || !rang(t, record, f).Before(slowed) {
			t.Errorf("the product finds wrong with itself: %s %s, case %s %v", f.Check, f.Code, f.Number, f.About)
		}
	}
	t.Logf("verify: %d checks; found, of before the clock was slowed: %d deadlines late", len(v.Checks), len(v.Findings))
}

// rang is when the deadline of a finding was to be recorded: at its due instant, or when it was set.
func rang(t *testing.T, record *store.Store, f store.Finding) (at time.Time) {
	t.Helper()
	events, err := record.Events(t.Context(), regulation.Scope{All: true}, f.Case)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		for _, change := range e.Changes {
			armed := change.Op == regulation.DueArmed || change.Op == regulation.DueRearmed
			if armed && len(f.About) > 0 && change.Deadline.ID == f.About[0] {
				at = slices.MaxFunc([]time.Time{e.At, change.Deadline.Due}, time.Time.Compare)
			}
		}
	}
	if at.IsZero() {
		t.Errorf("case %s never had the deadline that was found: %v", f.Number, f.About)
		return time.Now().AddDate(1000, 0, 0)
	}
	return at
}

// histories searches what the engine answers about every workflow: what it lists, and each event.
func (n *dragnet) histories(t *testing.T, p *process) {
	t.Helper()
	c := engineAt(t, p.engine)
	var next []byte
	workflows := 0
	for {
		page, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{PageSize: 500, NextPageToken: next})
		if err != nil {
			t.Fatal(err)
		}
		for _, execution := range page.Executions {
			workflows++
			listed, err := proto.Marshal(execution)
			if err != nil {
				t.Fatal(err)
			}
			told, err := proto.Marshal(historyOf(t, c, execution.Execution.WorkflowId, execution.Execution.RunId))
			if err != nil {
				t.Fatal(err)
			}
			n.look(place{thing: "engine history"}, append(listed, told...))
		}
		if next = page.NextPageToken; len(next) == 0 {
			t.Logf("%d workflows", workflows)
			return
		}
	}
}

var database = regexp.MustCompile(`\.db$`)

// folder searches every file of the installation as it lies there, keys, backups, temporary files and the log
// among them, and every row of its databases.
func (n *dragnet) folder(t *testing.T, s *site) {
	t.Helper()
	err := filepath.WalkDir(s.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(s.folder, path)
		if err != nil {
			return err
		}
		thing := "file " + name
		switch {
		case name == "log":
			thing = "log"
		case strings.Contains(filepath.Base(name), "record.db"):
			thing = "record.db " + name
		}
		n.look(place{thing: thing}, content)
		if database.MatchString(path) {
			n.rows(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rows searches every value of a database: in the file a long one is spread over pages.
func (n *dragnet) rows(t *testing.T, file string) {
	t.Helper()
	at := url.URL{Scheme: "file", Opaque: url.PathEscape(file), RawQuery: "mode=ro"}
	db, err := sql.Open("sqlite", at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables := record{db}.texts(t, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	for _, table := range tables {
		all, err := values(db, table)
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		n.look(place{thing: filepath.Base(file) + " table " + table}, all)
	}
}

// values are all of a table's, with something between them.
func values(db *sql.DB, table string) (all []byte, err error) {
	rows, err := db.Query(`SELECT * FROM "` + table + `"`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	row, into := make([]sql.RawBytes, len(names)), make([]any, len(names))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for _, value := range row {
			all = append(append(all, value...), "\x00\x00\x00\x00"...)
		}
	}
	return all, rows.Err()
}

// judge fails the test for each leak of the product, and for each planted one that was not found where it was
// planted; and for each line of the table of which nothing was read: then the run did not come there.
func (n *dragnet) judge(t *testing.T) {
	t.Helper()
	if len(n.leaks) > 0 {
		t.Errorf("%d kinds of leaks", len(n.leaks))
	}
	for i := range exceptions {
		if n.allowed[&exceptions[i]] == 0 {
			t.Errorf("nobody read what the table allows: %s", exceptions[i])
		}
	}
	found := 0
	for i, l := range leaks {
		if slices.ContainsFunc(n.planted[i], func(at string) bool { return strings.HasPrefix(at, l.place) }) {
			found++
			continue
		}
		t.Errorf("planted and not found: %s, in %s; found in %v", l.name, l.place, n.planted[i])
	}
	t.Logf("planted leaks found: %d of %d", found, len(leaks))
}
