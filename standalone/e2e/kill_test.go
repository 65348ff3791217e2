package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/standalone/visit"
)

// How hard TestSurvivesKills tries.
const (
	killRounds = 22
	raters     = 3
	actors     = 6
	badEvery   = 12 // of so many ratings one is bad, and makes work for the actors
)

// TestSurvivesKills kills the whole process (record, engine and pages alike) in the middle of
// cases, again and again, while citizens rate and staff act. Each client retries with its own
// key until it is answered, as pages do. In the end every rating and every act that was
// acknowledged is there once, and no case is stuck.
func TestSurvivesKills(t *testing.T) {
	s := newSite(t, nil)
	p := s.start(t)
	y := newYard(t, p.addr)
	var load sync.WaitGroup
	for range raters {
		load.Go(y.rate)
	}
	for range actors {
		load.Go(y.work)
	}
	load.Go(y.handOut)
	for round := range killRounds {
		time.Sleep(time.Duration(500+rand.IntN(4000)) * time.Millisecond)
		p.kill()
		p = s.launch(t)
		y.addr.Store(&p.addr)
		if round%4 != 0 { // every fourth time the next kill may come before the engine is there
			p.waitReady(t)
		}
	}
	p.waitReady(t)
	y.stopping.Store(true)
	load.Wait()
	y.report(t)
	y.checkRatings(t, s.record(t))
	y.checkActs(t, s.record(t))
	y.checkNothingStuck(t, s.record(t), p.engine)
}

// yard is the load, and what was acknowledged under it.
type yard struct {
	*town
	addr     atomic.Pointer[string]
	stopping atomic.Bool
	queue    chan *journey

	mu       sync.Mutex
	ratings  map[string]string // grade by key
	journeys map[string]*journey
	failures []string
	retries  int
}

// journey is one case with how far along the main line it was taken, and what was acknowledged.
type journey struct {
	caseID string
	next   int
	acts   map[string]regulation.ActKind // by the id of the request
}

// killLine needs no receipt: the rater's silence in the survey keeps its cases open.
var killLine = line(toFinding, substantiated, toOrder, toRectified, accepted, released)

func newYard(t *testing.T, addr string) *yard {
	y := &yard{queue: make(chan *journey, 10_000), ratings: map[string]string{}, journeys: map[string]*journey{}}
	y.addr.Store(&addr)
	y.town = newTown(t, func() string { return *y.addr.Load() })
	return y
}

func (y *yard) fail(format string, args ...any) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.failures = append(y.failures, fmt.Sprintf(format, args...))
}

// surely sends a request until somebody answers it: a broken connection and 503 say nothing, so
// the same request goes out again under the same key.
func (y *yard) surely(c *person, method, path, key string, body fields) (reply, bool) {
	for until := time.Now().Add(2 * patience); time.Now().Before(until); time.Sleep(40 * time.Millisecond) {
		r, err := c.send(method, path, key, body)
		if err == nil && r.Status != http.StatusServiceUnavailable {
			return r, true
		}
		y.mu.Lock()
		y.retries++
		y.mu.Unlock()
	}
	y.fail("%s %s: no answer", method, path)
	return reply{}, false
}

// rate gives ratings one after the other.
func (y *yard) rate() {
	c := newPerson(y.where)
	for n := 0; !y.stopping.Load(); n++ {
		grade, key := "5", visit.Key()
		if n%badEvery == 0 {
			grade = "1"
		}
		body := fields{"code": policeCode, "grade": grade, "text": "第" + fmt.Sprint(n) + "次"}
		for name, value := range contact {
			body[name] = value
		}
		r, answered := y.surely(c, "POST", "/ratings", key, body)
		switch {
		case !answered:
		case r.Status != http.StatusCreated:
			y.fail("rating: %v", r)
		default:
			y.mu.Lock()
			y.ratings[key] = grade
			y.mu.Unlock()
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// handOut looks for new cases in the supervisor's inbox and gives each to an actor.
func (y *yard) handOut() {
	defer close(y.queue)
	for !y.stopping.Load() {
		time.Sleep(200 * time.Millisecond)
		tasks, err := y.people[supervisor].tasks("available")
		if err != nil {
			continue // between two lives
		}
		for _, task := range tasks {
			y.mu.Lock()
			known := y.journeys[task.Case] != nil
			if !known {
				y.journeys[task.Case] = &journey{caseID: task.Case, acts: map[string]regulation.ActKind{}}
			}
			j := y.journeys[task.Case]
			y.mu.Unlock()
			if !known {
				y.queue <- j
			}
		}
	}
}

// work takes cases along the main line, act by act.
func (y *yard) work() {
	for j := range y.queue {
		for !y.stopping.Load() && j.next < len(killLine) && y.act(j) {
		}
	}
}

// act does the case's next act and tells whether it was acknowledged.
func (y *yard) act(j *journey) bool {
	do := killLine[j.next]
	body := do.fields
	if do.kind == regulation.ActSubmitPlan {
		body = fields{"target_date": time.Now().Format("2006-01-02")}
		for name, value := range do.fields {
			if name != "target_date" {
				body[name] = value
			}
		}
	}
	c := y.people[do.who]
	r, answered := y.surely(c, "POST", "/cases/"+j.caseID+"/acts/"+string(do.kind), visit.Key(), body)
	for answered && r.Status < 300 {
		told, readable := readDone(r)
		if !readable {
			break
		}
		if told.Status == "done" {
			j.acts[told.Act] = do.kind
			j.next++
			return true
		}
		// On record and not done yet: ask again under its address.
		time.Sleep(50 * time.Millisecond)
		r, answered = y.surely(c, "GET", "/acts/"+told.Act, "", nil)
	}
	if answered {
		y.fail("%s of case %s: %v", do.kind, j.caseID, r)
	}
	return false
}

func (y *yard) report(t *testing.T) {
	acts := 0
	for _, j := range y.journeys {
		acts += len(j.acts)
	}
	t.Logf("%d kills: %d ratings and %d acts on %d cases acknowledged, %d requests sent again",
		killRounds, len(y.ratings), acts, len(y.journeys), y.retries)
	for _, failure := range y.failures {
		t.Error(failure)
	}
	if acts < 5*killRounds || len(y.ratings) < 5*killRounds {
		t.Error("there was hardly any load: this test proves nothing")
	}
}

// checkRatings: each acknowledged rating once, each bad one with one case, and no others.
func (y *yard) checkRatings(t *testing.T, r record) {
	t.Helper()
	if n := r.count(t, "SELECT COUNT(*) FROM ratings"); n != len(y.ratings) {
		t.Errorf("%d ratings on record, %d acknowledged", n, len(y.ratings))
	}
	bad := 0
	for key, grade := range y.ratings {
		ratings := r.texts(t, "SELECT id FROM ratings WHERE request_key = ?", stored(key))
		if len(ratings) != 1 {
			t.Errorf("%d ratings for one form", len(ratings))
			continue
		}
		want := 0
		if grade == "1" {
			want, bad = 1, bad+1
		}
		if n := r.count(t, "SELECT COUNT(*) FROM cases WHERE rating_id = ?", ratings[0]); n != want {
			t.Errorf("%d cases of a rating with grade %s", n, grade)
		}
	}
	if n := r.count(t, "SELECT COUNT(*) FROM cases"); n != bad {
		t.Errorf("%d cases on record, %d bad ratings", n, bad)
	}
}

// checkActs: each acknowledged act is one event, and there are no others.
func (y *yard) checkActs(t *testing.T, r record) {
	t.Helper()
	for caseID, j := range y.journeys {
		if n := r.count(t, "SELECT COUNT(*) FROM case_events WHERE case_id = ? AND kind = 'act'", caseID); n != len(j.acts) {
			t.Errorf("case %s: %d acts on record, %d acknowledged", caseID, n, len(j.acts))
		}
		for act, kind := range j.acts {
			if n := r.count(t, `SELECT COUNT(*) FROM acts JOIN case_events ON case_events.case_id = acts.case_id AND case_events.seq = acts.seq
				WHERE acts.id = ? AND acts.case_id = ? AND acts.status = 'done' AND case_events.name = ?`, act, caseID, string(kind)); n != 1 {
				t.Errorf("case %s: %s is on record %d times", caseID, kind, n)
			}
		}
		if n := r.count(t, "SELECT COUNT(*) FROM case_events WHERE case_id = ?", caseID); n != r.count(t, "SELECT seq FROM cases WHERE id = ?", caseID) {
			t.Errorf("case %s: %d events do not agree with its sequence", caseID, n)
		}
	}
}

// checkNothingStuck: every open case's workflow runs, and the act that the case waits for is done.
func (y *yard) checkNothingStuck(t *testing.T, r record, engine string) {
	t.Helper()
	open := r.openCases(t)
	allDriven(t, engineAt(t, engine), open)
	for _, caseID := range open {
		j := y.journeys[caseID]
		if j == nil {
			j = &journey{caseID: caseID, acts: map[string]regulation.ActKind{}}
		}
		if j.next < len(killLine) && !y.act(j) {
			t.Errorf("case %s is stuck before %s", caseID, killLine[j.next].kind)
		}
	}
	if n := r.count(t, "SELECT COUNT(*) FROM acts WHERE status = 'pending'"); n > 0 {
		t.Errorf("%d acts are pending", n)
	}
	for _, failure := range y.failures {
		t.Error(failure)
	}
}
