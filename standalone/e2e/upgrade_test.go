package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/standalone/visit"
	"haochaping/workflows"
)

// fleetSize is how many cases are under way when the program is replaced.
const fleetSize = 200

// way is the line of acts of some of the cases.
type way struct {
	contact fields
	from    int // the earliest step at which a case stops on its way
	line    []step
	beside  bool    // its cases all stop there
	at      reached // with this under way beside the main line
}

// reached is a procedure beside the main line, and how far it is.
type reached struct {
	Track regulation.Track
	Stage regulation.Stage
}

// upgradeClock starts on a Monday afternoon, an hour a second: what is due on the next day
// passes while the cases are under way, a survey's time does not.
const upgradeClock = "3600@2026-09-07T17:00:00+08:00"

// TestUpgrade opens 200 cases under each earlier build that baseline.txt names, takes them to every
// step of the main line or into every procedure beside it, ends that build by SIGTERM and by SIGKILL,
// and closes all of them under this one on the same folder. Nothing is lost, moved or done twice.
func TestUpgrade(t *testing.T) {
	t.Run("main-line", func(t *testing.T) { upgraded(t, "main-line", mainWays) })
	t.Run("tracks", func(t *testing.T) { upgraded(t, "tracks", trackWays) })
}

// upgraded starts from the earlier build that is able to go these ways.
func upgraded(t *testing.T, able string, ways []way) {
	program := earlier(t, able)
	s := newSite(t, map[string]string{"HAOCHAPING_CLOCK": upgradeClock, "HAOCHAPING_DEMO": "yes"})
	f := underWay(t, s.with(func(o *site) { o.program = program }), ways)
	was := s.record(t).keep(t)

	s.command(t, "migrate")
	f.run(t, s)
	f.goesOn(t, s.record(t), was)
	f.finish(t, s.record(t))
	f.check(t, s.record(t), was)
	f.replays(t)
	f.process.stop(t)
	s.command(t, "verify")
}

// fleet is the cases under way and the process that serves them by now.
type fleet struct {
	*town
	process *process
	addr    atomic.Pointer[string]
	cases   []*voyage
}

// voyage is one case on its way.
type voyage struct {
	*story
	contact fields
	way     []step
	at      reached
	stop    int  // steps taken under the earlier build
	next    int  // steps acknowledged or left out
	left    int  // steps left out, since a deadline took their place
	waits   bool // the last act was answered 202 when its process was killed
}

// mainWays are those of the main line; their cases stop at every step.
var mainWays = []way{
	{contact: contact, line: line(toFinding, substantiated, toOrder, toRectified, accepted, released, surveyed, toClosed)},
	{contact: contact, line: line(toFinding, finding("no_legal_basis"), released, surveyed, toClosed)},
	{line: line(toFinding[0], toFinding[2], substantiated, toOrder[1], toRectified, accepted, released, surveyed, toClosed[1:])},
	{contact: contact, from: 7, line: line(toFinding, substantiated, toOrder, returned, toMarket, accepted, released, surveyed, toClosed)},
	{contact: contact, from: 11, line: line(toFinding, substantiated, toOrder, toRectified, rejected, rectified, accepted, released, surveyed, toClosed)},
}

// trackWays stop where a procedure beside the main line is under way, or an order of a reopened case.
var trackWays = []way{
	stopped(line(toNotice, appealed(head)), reached{regulation.TrackAppeal, regulation.StageReview}, decided("dismissed"), toOrder, toRectified, replied),
	stopped(toWriteOff, reached{regulation.TrackWriteOff, regulation.StageApproval}, approvedWriteOff(""), objected, objectionDecided("written_off"), sampled("confirmed"), released, surveyed, toClosed),
	stopped(line(toWriteOff, approvedWriteOff(""), objected), reached{regulation.TrackWriteOff, regulation.StageObjected}, objectionDecided("counts_on"), released, surveyed, toClosed),
	stopped(toMalice, reached{regulation.TrackMalice, regulation.StageConfirmation}, confirmed, secondApproves, objected, heardAbove, sampledByTwo("confirmed"), released, surveyed, toClosed),
	stopped(line(toStatement, stated), reached{regulation.TrackAccountability, regulation.StageDecision}, measure("none"), rectified, replied),
	stopped(line(toStatement, stated, measure("criticism"), reviewAsked), reached{regulation.TrackAccountability, regulation.StageReview}, reviewDecided("upheld"), rectified, replied),
	stopped(line(toFinding, substantiated, toOrder, misplaced(market)), reached{regulation.TrackReattribution, regulation.StageApproval}, reattributed, toMarket, replied),
	stopped(line(toAcceptance, accepted, released, dissatisfied, toOrder[1]), reached{}, again, surveyed, toClosed),
	stopped(line(shortWay("no_legal_basis"), unhappy), reached{regulation.TrackUpperReview, regulation.StageInquiry}, reviewedAbove("stands")),
	stopped(line(toReply, pressed), reached{regulation.TrackInvestigation, regulation.StageInquiry}, investigated("not_established"), toClosed),
}

// replied takes a rectification to the closed case.
var replied = line(accepted, released, surveyed, toClosed)

// stopped is a way whose cases stop after the acts that come first.
func stopped(first []step, at reached, after ...any) way {
	return way{contact: contact, from: len(first), line: line(first, line(after...)), beside: true, at: at}
}

var (
	returned = step{handler, regulation.ActReturnOrder, fields{"reason": "该窗口属市场监管", "suggested_unit": market}}
	rejected = step{supervisor, regulation.ActRejectRectification, fields{"reason": "没有证据"}}
	toMarket = line(step{supervisor, regulation.ActTransfer, fields{"unit": market, "instructions": "请限期整改"}},
		by(marketHand, handler, toRectified))
)

// by is the same steps with somebody in another's place.
func by(who, instead string, steps []step) []step {
	changed := slices.Clone(steps)
	for i := range changed {
		if changed[i].who == instead {
			changed[i].who = who
		}
	}
	return changed
}

// underWay drives the cases under the earlier build. It is told to stop once, killed once, and
// killed again with acts on record that nobody has done yet.
func underWay(t *testing.T, old *site, ways []way) *fleet {
	t.Helper()
	began := time.Now()
	f := &fleet{}
	f.run(t, old)
	f.town = newTown(t, func() string { return *f.addr.Load() })
	f.open(t, old.record(t), ways)
	f.each(f.cases[:fleetSize/2], func(v *voyage) { v.sail(t, v.stop) })
	renew(t, engineAt(t, f.process.engine), f.cases[0].id)
	f.process.stop(t)
	f.run(t, old)
	f.each(f.cases[fleetSize/2:], func(v *voyage) { v.sail(t, v.stop) })
	f.each(f.cases, func(v *voyage) { v.arrived(t) })
	f.process.kill()
	f.leaveActs(t, old.with(func(s *site) { s.env["HAOCHAPING_WAIT"] = "1ms" }))
	t.Logf("%d cases under way under the earlier build after %v", len(f.cases), time.Since(began).Round(time.Second))
	return f
}

// run starts a program on the fleet's folder.
func (f *fleet) run(t *testing.T, s *site) {
	t.Helper()
	f.process = s.start(t)
	f.addr.Store(&f.process.addr)
}

// each does something with every case, eight at a time. A case that fails the test ends its
// goroutine, and its list with it.
func (f *fleet) each(cases []*voyage, do func(*voyage)) {
	const hands = 8
	var all sync.WaitGroup
	for hand := range hands {
		all.Go(func() {
			for i := hand; i < len(cases); i += hands {
				do(cases[i])
			}
		})
	}
	all.Wait()
}

// open gives the bad ratings, and spreads the cases over the ways and, but for those that stop beside
// the main line, over every step of them.
func (f *fleet) open(t *testing.T, r record, ways []way) {
	t.Helper()
	for i := range fleetSize {
		way := ways[i%len(ways)]
		stop := way.from
		if !way.beside {
			stop += i / len(ways) % (len(way.line) - way.from)
		}
		f.cases = append(f.cases, &voyage{contact: way.contact, way: way.line, at: way.at, stop: stop})
	}
	f.each(f.cases, func(v *voyage) {
		v.story = openCase(t, f.town, r, v.contact)
	})
}

// sail takes a case on to a step of its way.
func (v *voyage) sail(t *testing.T, to int) {
	t.Helper()
	for ; v.next < to; v.next++ {
		v.left += v.follow(t, v.way[v.next])
	}
}

// arrived holds that the procedure of the case's way is where it is to be when the program is replaced.
func (v *voyage) arrived(t *testing.T) {
	t.Helper()
	if c := v.see(t); v.at.Track != "" && !slices.Contains(c.Tracks, v.at) {
		t.Errorf("case %s stands at %v beside its main line, not at %v", v.id, c.Tracks, v.at)
	}
}

// leaveActs has acts answered with 202 and kills the process before their outcome.
func (f *fleet) leaveActs(t *testing.T, old *site) {
	t.Helper()
	const rounds, together = 5, 24
	for range rounds {
		f.run(t, old)
		f.accepted202(t, f.ofStaff(together))
		f.process.kill()
		if n := old.record(t).count(t, "SELECT COUNT(*) FROM acts WHERE status = 'pending'"); n > 0 {
			t.Logf("%d acts are on record and not done", n)
			return
		}
	}
	t.Fatalf("no act was left on record in %d rounds", rounds)
}

// ofStaff are cases whose next act is not the rater's, from both halves of the fleet.
func (f *fleet) ofStaff(n int) []*voyage {
	var found []*voyage
	for i := 0; i < len(f.cases) && len(found) < n; i += 3 {
		v := f.cases[i]
		if v.next < len(v.way)-1 && v.way[v.next].who != rater {
			found = append(found, v)
		}
	}
	return found
}

// accepted202 does the next act of some cases, all at once, and waits for the first answers only.
func (f *fleet) accepted202(t *testing.T, cases []*voyage) {
	t.Helper()
	var all sync.WaitGroup
	for _, v := range cases {
		c, path, body := v.request(t, v.way[v.next])
		all.Go(func() {
			r, err := c.send("POST", path, visit.Key(), body)
			if err != nil || r.Status >= 300 {
				t.Errorf("%s: %v, %v", path, r, err)
				return
			}
			v.next, v.waits = v.next+1, r.Status == http.StatusAccepted
		})
	}
	all.Wait()
}

// keptRecord is what must still be there under the later build.
type keptRecord struct {
	events    []string
	deadlines []keptDeadline
}

type keptDeadline struct {
	caseID string
	regulation.Deadline
}

func (r record) keep(t *testing.T) keptRecord {
	t.Helper()
	k := keptRecord{events: r.events(t)}
	for _, state := range r.texts(t, "SELECT state FROM cases ORDER BY id") {
		var c regulation.Case
		if err := json.Unmarshal([]byte(state), &c); err != nil {
			t.Fatal(err)
		}
		for _, d := range c.Deadlines {
			k.deadlines = append(k.deadlines, keptDeadline{c.ID, d})
		}
	}
	if len(k.events) < 4*fleetSize || len(k.deadlines) < fleetSize/2 {
		t.Fatalf("%d events and %d deadlines under way: this test proves nothing", len(k.events), len(k.deadlines))
	}
	return k
}

// events are the histories of all cases, whole.
func (r record) events(t *testing.T) []string {
	t.Helper()
	return r.texts(t, `SELECT case_id || ' ' || seq || ' ' || at || ' ' || kind || ' ' || name || ' ' || CAST(body AS TEXT) || hex(nonce)
		FROM case_events ORDER BY case_id, seq`)
}

// passed tells when a deadline was recorded as passed; the zero time when it was not.
func (r record) passed(t *testing.T, d keptDeadline) time.Time {
	t.Helper()
	n := r.count(t, "SELECT COALESCE(MAX(at), 0) FROM case_events WHERE case_id = ? AND kind = 'deadline' AND CAST(body AS TEXT) LIKE ?",
		d.caseID, `%"`+d.ID+`"%`)
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(n))
}

// goesOn holds that the later build drives every case and holds every deadline to its instant,
// and waits until the first of them passes.
func (f *fleet) goesOn(t *testing.T, r record, was keptRecord) {
	t.Helper()
	allDriven(t, engineAt(t, f.process.engine), r.openCases(t))
	is := r.keep(t).deadlines
	var next keptDeadline
	for _, d := range was.deadlines {
		held := slices.ContainsFunc(is, func(have keptDeadline) bool {
			return have.caseID == d.caseID && have.ID == d.ID && have.Due.Equal(d.Due)
		})
		if !held && r.passed(t, d).IsZero() && !f.of(d.caseID).waits {
			t.Errorf("case %s: the deadline %s of %v is gone", d.caseID, d.ID, d.Due)
		}
		if held && !f.of(d.caseID).waits && (next.ID == "" || d.Due.Before(next.Due)) {
			next = d
		}
	}
	eventually(t, fmt.Sprintf("passed: %s of case %s", next.ID, next.caseID), func() bool { return !r.passed(t, next).IsZero() })
	if at := r.passed(t, next); at.Before(next.Due) {
		t.Errorf("the deadline of %v was recorded at %v", next.Due, at)
	}
}

func (f *fleet) of(caseID string) *voyage {
	return f.cases[slices.IndexFunc(f.cases, func(v *voyage) bool { return v.id == caseID })]
}

// finish closes every case; those whose last act nobody had done yet as soon as it is.
func (f *fleet) finish(t *testing.T, r record) {
	t.Helper()
	began := time.Now()
	var waiting, others []*voyage
	for _, v := range f.cases {
		if v.waits {
			waiting = append(waiting, v)
		} else {
			others = append(others, v)
		}
	}
	end := func(v *voyage) { v.sail(t, len(v.way)) }
	f.each(others, end)
	eventually(t, "done: every act on record", func() bool {
		return r.count(t, "SELECT COUNT(*) FROM acts WHERE status = 'pending'") == 0
	})
	f.each(waiting, end)
	t.Logf("%d cases closed under this build in %v", len(f.cases), time.Since(began).Round(time.Second))
}

// check holds what was acknowledged against the record, case by case.
func (f *fleet) check(t *testing.T, r record, was keptRecord) {
	t.Helper()
	now := map[string]bool{}
	for _, event := range r.events(t) {
		now[event] = true
	}
	for _, event := range was.events {
		if !now[event] {
			t.Errorf("an event of the earlier build is gone or altered: %.120s", event)
		}
	}
	if n := r.count(t, "SELECT COUNT(*) FROM cases"); n != fleetSize {
		t.Errorf("%d cases on record", n)
	}
	for _, v := range f.cases {
		v.check(t, r)
	}
	if n := r.count(t, "SELECT COUNT(*) FROM acts a WHERE status <> 'done'"+butOvertaken); n > 0 {
		t.Errorf("%d acts are not done", n)
	}
}

// butOvertaken leaves out a notice's service that the daily batch came before: it is refused.
const butOvertaken = " AND NOT (a.status = 'refused' AND a.kind = 'serve_notice')"

// check: closed once, numbered without a gap, each acknowledged act once and no others, no
// deadline twice.
func (v *voyage) check(t *testing.T, r record) {
	t.Helper()
	for what, query := range map[string]string{
		"is not closed":                     "SELECT COUNT(*) FROM cases WHERE id = ? AND closed_at = 0",
		"was not closed once":               "SELECT COUNT(*) <> 1 FROM case_events WHERE case_id = ? AND name = 'close'",
		"is not numbered without a gap":     "SELECT COUNT(*) <> MAX(e.seq) OR MAX(e.seq) <> MAX(c.seq) FROM case_events e JOIN cases c ON c.id = e.case_id WHERE case_id = ?",
		"has acts that no event belongs to": "SELECT COUNT(*) FROM acts a LEFT JOIN case_events e ON e.case_id = a.case_id AND e.seq = a.seq AND e.name = a.kind WHERE a.case_id = ? AND e.seq IS NULL" + butOvertaken,
		"still has tasks":                   "SELECT COUNT(*) FROM tasks WHERE case_id = ?",
	} {
		if r.count(t, query, v.id) != 0 {
			t.Errorf("case %s %s: %s", v.id, what, v.see(t).names())
		}
	}
	want := len(v.way) - v.left
	if n := r.count(t, "SELECT COUNT(*) FROM case_events WHERE case_id = ? AND kind = 'act'", v.id); n != want {
		t.Errorf("case %s: %d acts on record, %d acknowledged", v.id, n, want)
	}
	deadlines := map[string]bool{}
	for _, e := range v.see(t).Events {
		if e.Kind == regulation.EventDeadline && deadlines[e.Data["deadline"]] {
			t.Errorf("case %s: %s passed twice", v.id, e.Data["deadline"])
		}
		deadlines[e.Data["deadline"]] = true
	}
}

// replays runs the engine's history of every case, begun under the earlier build and ended under
// this one, through the workflow code of this one.
func (f *fleet) replays(t *testing.T) {
	t.Helper()
	engine, renewed := engineAt(t, f.process.engine), 0
	for _, v := range f.cases {
		runs := histories(t, engine, workflows.WorkflowID(v.id))
		for _, h := range runs {
			replay(t, h)
		}
		if len(runs) > 1 {
			renewed++
		}
	}
	if renewed == 0 {
		t.Error("no case went on in a fresh history")
	}
}
