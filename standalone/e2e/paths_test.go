package e2e

import (
	"slices"
	"sync"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/standalone/engine"
	"haochaping/standalone/visit"
	"haochaping/store"
	"haochaping/workflows"
)

// path is one way through the workflow code. Its recorded history lies in workflows/testdata
// under the name of the version that ran it and its own.
type path struct {
	name string
	what string
	tell func(*testing.T, *labs) *told
}

// told is the case of a path that was told, with the engine that has its history.
type told struct {
	*lab
	caseID string
}

// paths are all there are.
var paths = slices.Concat(mainPaths, trackPaths, actorPaths, switchedPaths)

// mainPaths are those of the main line and of the engine, each with what only it has. Those that tell of people acting in time
// run on real time; those that wait for a deadline on the drill's.
var mainPaths = []path{
	{"main-line", "every act of the main line, each in time", calm(mainLine)},
	{"finding-fixed-at-once", "short way: the matter was put right at once", calm(shortWay("fixed_at_once"))},
	{"finding-no-legal-basis", "short way: nothing in the law to rectify", calm(shortWay("no_legal_basis"))},
	{"finding-not-established", "short way: what happened cannot be established", calm(toFinding, finding("not_established"), released)},
	{"finding-suspected-mistaken", "short way: rated by mistake, as it seems", calm(toFinding, finding("suspected_mistaken"), released)},
	{"finding-suspected-malicious", "short way: rated in bad faith, as it seems", calm(toFinding, finding("suspected_malicious"), released)},
	{"returned-order", "the order comes back and goes to another unit", calm(toFinding, substantiated, toOrder, returned, toMarket, accepted)},
	{"rejected-once", "rectification rejected, then accepted", calm(toAcceptance, rejected, rectified, accepted)},
	{"rejected-twice", "rectification rejected twice", calm(toAcceptance, rejected, rectified, rejected, rectified, accepted)},
	{"consent-withdrawn", "the rater takes their consent back", calm(toFinding, substantiated, toOrder, withdrawn, toRectified[0])},
	{"callback-exempt", "nobody is called during verification: asked not to be", calm(toFinding[0], exempt("asked_not_to_be_called"), toFinding[2], finding("no_legal_basis"), released)},
	{"closing-callback-exempt", "nobody is called before closing: declined", calm(toFinding, finding("no_legal_basis"), released, surveyed, exempt("declined"), toClosed[1:])},
	{"no-contact", "no way to reach the rater: exempt from the start", inTime(nil, noContact)},
	{"recheck-sent-back", "the recheck sends a rectified case back to acceptance", calm(toAcceptance, accepted, released, surveyed, toClosed[0], sentBack, accepted)},
	{"recheck-sent-back-short", "the recheck sends a case of the short way back to the reply", calm(toFinding, finding("no_legal_basis"), released, surveyed, toClosed[0], sentBack, released)},

	{"overdue-accept", "acceptance overdue", overdue(nil, "accept#1", toFinding[0])},
	{"overdue-callback", "first callback overdue", overdue(toFinding[:1], "record_callback#1", toFinding[1])},
	{"overdue-finding", "finding overdue", overdue(toFinding, "record_finding#1", substantiated)},
	{"overdue-consent", "question for consent overdue", overdue(line(toFinding, substantiated), "ask_consent#1", toOrder[0])},
	{"overdue-transfer", "transfer overdue", overdue(line(toFinding, substantiated, toOrder[0]), "transfer#1", toOrder[1])},
	{"overdue-sign", "order not signed in time", overdue(line(toFinding, substantiated, toOrder), "sign#1", toRectified[0])},
	{"overdue-plan", "plan overdue", overdue(line(toFinding, substantiated, toOrder, toRectified[0]), "submit_plan#1", toRectified[1])},
	{"overdue-interim-reply", "interim reply overdue", overdue(line(toFinding, substantiated, toOrder, toRectified[:2]), "interim_reply#1", toRectified[2])},
	{"overdue-rectification", "15 working days over, with every reminder", overdue(line(toFinding, substantiated, toOrder, toRectified[:3]), "submit_rectification#1", rectified)},
	{"overdue-acceptance", "acceptance of the rectification overdue", overdue(toAcceptance, "accept_rectification#1", accepted)},
	{"overdue-reply", "reply overdue", overdue(line(toAcceptance, accepted), "release_reply#1", released)},
	{"overdue-closing-callback", "callback before closing overdue", overdue(line(toReply, surveyed), "closing_callback#1", toClosed[0])},
	{"overdue-recheck", "recheck overdue", overdue(line(toReply, surveyed, toClosed[0]), "recheck#1", toClosed[1])},
	{"overdue-close", "closing overdue", overdue(line(toReply, surveyed, toClosed[:2]), "close#1", toClosed[2])},
	{"reminders", "rectified after the second reminder", overdue(line(toFinding, substantiated, toOrder, toRectified[:3]), "submit_rectification-2#1", rectified)},
	{"survey-silent", "the rater says nothing to the survey", overdue(toReply, "answer_survey#1", toClosed[0])},
	{"callback-exhausted", "nobody answers three calls on two days", inDrill(callbackExhausted)},
	{"closing-callback-exhausted", "nobody answers three calls before closing", inDrill(closingExhausted)},

	{"pending-act-wins", "an act received at the due instant is recorded before the deadline", pendingActWins},
	{"two-acts-in-one-instant", "two people's acts reach the workflow in one task", inTime(contact, twoActs(toRectified[0], toRectified[2]))},
	{"same-act-by-two", "two people do the same step at once: the second is refused by the record", inTime(contact, twoActs(toRectified[0], step{head, regulation.ActSign, fields{}}))},
	{"act-and-deadline-in-one-instant", "an act reaches the workflow in the task in which a deadline passes", actAndDeadline},
	{"record-away", "the record is away for an act: an ordinary activity takes over", inTime(contact, recordAway)},
	{"act-waits-its-turn", "an act arrives while another waits for the record", inTime(contact, waitsItsTurn)},
	{"deadline-while-record-away", "a deadline passes while the record is away", inDrill(deadlineWhileAway)},
	{"reload-while-record-away", "the case is told to read the record while that is away", inTime(contact, reloadedWhileAway)},
	{"act-unknown", "an act that the record does not know fails alone", inTime(contact, actUnknown)},
	{"reload", "the case is told to read the record again", inTime(contact, reloaded)},
	{"act-by-sweeper", "the process dies before the record has the act: answered 202, done by the sweeper", crashed(dieBefore, "sign", line(toFinding, substantiated, toOrder), toRectified[:1], "sign")},
	{"crash-after-act", "the process dies between the record's commit of an act and the engine's", crashed(dieAfter, "accept", nil, toFinding[:1], "upper overdue:record_finding")},
	{"crash-after-deadline", "the process dies between the record's commit of a deadline and the engine's", crashed(dieAfter, "accept#1", nil, nil, "upper overdue:accept", toFinding[0])},
	{"nothing-to-do", "a closed case is started", inTime(contact, nothingToDo)},
	{"act-on-a-closed-case", "an act for a case that has closed meanwhile", inTime(contact, actOnClosed)},
	{"fresh-history", "the engine asks for a fresh history again and again on the main line", freshHistory},
}

// What the paths share.
var (
	mainLine     = line(toFinding, substantiated, toOrder, toRectified, accepted, released, surveyed, toClosed)
	toAcceptance = line(toFinding, substantiated, toOrder, toRectified)
	toReply      = line(toFinding, finding("no_legal_basis"), released)
	withdrawn    = step{rater, regulation.ActWithdrawConsent, fields{}}
	sentBack     = step{rechecker, regulation.ActRecheck, fields{"result": "sent_back", "remarks": "答复与整改不符"}}
	unanswered   = step{clerk, regulation.ActRecordCallback, fields{"result": "no_answer"}}
)

func shortWay(kind string) []step {
	return line(toFinding, finding(kind), released, surveyed, toClosed)
}

func exempt(reason string) step {
	return step{supervisor, regulation.ActExemptCallback, fields{"reason": reason, "explanation": "本人要求"}}
}

// labs are the products on which paths are told: calm and switched on real time, drill and
// switchedDrill on a drill's, and one that wants fresh histories. The edition of the switched ones
// has switched on what the regulation leaves off; it samples every write-off, calm's none, so that
// a path does not hang on the case's id.
type labs struct {
	calm, drill, fresh      *lab
	switched, switchedDrill *lab
	few                     chan struct{} // bounds how many paths are told on real time at once
	first                   chan struct{} // bounds how many do their first acts on a drill's time at once
}

// pathClock is a day in two seconds, from a Monday morning on; the next holiday is weeks away.
const pathClock = "43200@2026-11-02T09:00:00+08:00"

func newLabs(t *testing.T) *labs {
	t.Helper()
	onDrill := map[string]string{"HAOCHAPING_CLOCK": pathClock}
	return &labs{
		calm:          newLab(t, nil, engine.Options{}).under(t, map[string]int{regulation.WriteOffSample: 0}),
		drill:         newLab(t, onDrill, engine.Options{}),
		fresh:         newLab(t, nil, engine.Options{FreshAfter: 40}),
		switched:      newLab(t, nil, engine.Options{}).under(t, switches),
		switchedDrill: newLab(t, onDrill, engine.Options{}).under(t, switches),
		few:           make(chan struct{}, 4),
		first:         make(chan struct{}, 6),
	}
}

// calm does acts on real time.
func calm(parts ...any) func(*testing.T, *labs) *told {
	return inTime(contact, func(t *testing.T, l *lab, s *story) { s.follow(t, line(parts...)...) })
}

func noContact(t *testing.T, _ *lab, s *story) {
	s.do(t, line(toFinding[0], toFinding[2], finding("no_legal_basis"), released, surveyed, toClosed[1:])...)
}

// inTime is told on real time, where nothing is due: it can wait until others are done.
func inTime(contact fields, tell func(*testing.T, *lab, *story)) func(*testing.T, *labs) *told {
	return func(t *testing.T, on *labs) *told { return on.waiting(t, on.calm, contact, tell) }
}

func (on *labs) waiting(t *testing.T, l *lab, contact fields, tell func(*testing.T, *lab, *story)) *told {
	on.few <- struct{}{}
	defer func() { <-on.few }()
	return onLab(t, l, contact, tell)
}

// inDrill is told on the drill's time.
func inDrill(tell func(*testing.T, *lab, *story)) func(*testing.T, *labs) *told {
	return func(t *testing.T, on *labs) *told { return onLab(t, on.drill, contact, tell) }
}

func onLab(t *testing.T, l *lab, contact fields, tell func(*testing.T, *lab, *story)) *told {
	s := l.open(t, contact)
	tell(t, l, s)
	return &told{l, s.id}
}

// overdue does acts, waits on the drill's time until a deadline has passed, and does those that
// are still to do.
func overdue(before []step, deadline string, after ...step) func(*testing.T, *labs) *told {
	return func(t *testing.T, on *labs) *told {
		s := on.soon(t, on.drill, before)
		on.drill.passes(t, s.id, deadline)
		s.follow(t, after...)
		return &told{on.drill, s.id}
	}
}

// soon opens a case on a drill's time and does its first acts while few others do theirs: all at
// once they would take days, and an appeal would come too late.
func (on *labs) soon(t *testing.T, l *lab, acts []step) *story {
	t.Helper()
	on.first <- struct{}{}
	defer func() { <-on.first }()
	s := l.open(t, contact)
	s.follow(t, acts...)
	return s
}

// due is when a deadline will pass that the case still has.
func (l *lab) due(t *testing.T, caseID, deadline string) (regulation.Clock, time.Time) {
	t.Helper()
	step, err := l.record.LoadStep(t.Context(), caseID)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(step.Timers, func(d regulation.Timer) bool { return d.ID == deadline })
	if i < 0 {
		t.Fatalf("%s has passed already: the machine is too slow for this path", deadline)
	}
	return step.Clock, step.Timers[i].Due
}

// passes waits until a deadline is on record as passed.
func (l *lab) passes(t *testing.T, caseID, deadline string) {
	t.Helper()
	r := l.site.record(t)
	d := keptDeadline{caseID, regulation.Deadline{ID: deadline}}
	for until := time.Now().Add(2 * patience); r.passed(t, d).IsZero(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%s has not passed", deadline)
		}
	}
}

func callbackExhausted(t *testing.T, _ *lab, s *story) {
	s.do(t, toFinding[0])
	s.callInVain(t, unanswered)
	s.do(t, toFinding[2], finding("not_established"))
}

func closingExhausted(t *testing.T, _ *lab, s *story) {
	s.follow(t, line(toReply, surveyed)...)
	s.callInVain(t, step{clerk, regulation.ActClosingCallback, fields{"result": "no_answer"}})
	s.do(t, toClosed[1])
}

// callInVain calls twice on one day and once on a later one; a drill's day takes two seconds.
func (s *story) callInVain(t *testing.T, call step) {
	t.Helper()
	s.do(t, call, call)
	first := s.lastDay(t)
	for n := 0; s.lastDay(t) == first && n < 3; n++ {
		time.Sleep(2 * time.Second)
		s.do(t, call)
	}
}

func (s *story) lastDay(t *testing.T) string {
	t.Helper()
	events := s.see(t).Events
	return events[len(events)-1].At.Format(time.DateOnly)
}

// seats are those of who acts for the rated side or for themselves.
var seats = map[string]regulation.Assignment{
	handler:    {Role: regulation.UnitHandler, Org: police, Area: county},
	head:       {Role: regulation.UnitHead, Org: police, Area: county},
	supervisor: {Role: regulation.Supervisor, Org: county + "-authority", Area: county},
	rater:      {Role: regulation.Citizen},
}

// putIn stores an act without telling the engine, as a process that dies then leaves it.
func (l *lab) putIn(t *testing.T, s *story, do step, at time.Time) store.ActRow {
	t.Helper()
	actor := regulation.Actor{As: seats[do.who]}
	if do.who != rater {
		r := l.site.record(t)
		actor.Person = r.texts(t, "SELECT person FROM accounts WHERE login = ?", do.who)[0]
		actor.Staff = r.texts(t, "SELECT COALESCE(staff_id, '') FROM accounts WHERE login = ?", do.who)[0]
	}
	values := regulation.Values{}
	for name, value := range do.fields {
		values[name] = []string{value.(string)}
	}
	row, err := l.record.SubmitAct(t.Context(), store.ActRequest{CaseID: s.id, Kind: do.kind, Values: values, Actor: actor, Key: visit.Key(), ReceivedAt: at})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func pendingActWins(t *testing.T, on *labs) *told {
	l := on.drill
	s := on.soon(t, l, line(toFinding, substantiated, toOrder))
	_, due := l.due(t, s.id, "sign#1")
	l.putIn(t, s, toRectified[0], due)
	s.until(t, "sign")
	if s.has(t, "discipline unsigned") {
		t.Error("the deadline won")
	}
	return &told{l, s.id}
}

// twoActs has a slow reading of the record keep the workflow busy until both acts wait for it.
func twoActs(first, second step) func(*testing.T, *lab, *story) {
	return func(t *testing.T, l *lab, s *story) {
		s.do(t, line(toFinding, substantiated, toOrder)...)
		var both sync.WaitGroup
		l.busy(t, s, func() {
			for _, do := range []step{first, second} {
				s.send(t, &both, do)
			}
			time.Sleep(400 * time.Millisecond)
		})
		both.Wait()
		const undone = "SELECT COUNT(*) FROM acts WHERE case_id = ? AND status = 'pending'"
		eventually(t, "done: both acts", func() bool { return l.site.record(t).count(t, undone, s.id) == 0 })
	}
}

// send does an act without waiting for its answer.
func (s *story) send(t *testing.T, under *sync.WaitGroup, do step) {
	t.Helper()
	c, path, body := s.request(t, do)
	under.Go(func() {
		if _, err := c.send("POST", path, visit.Key(), body); err != nil {
			t.Error(err)
		}
	})
}

// busy has the case's workflow read the record, slowly, while something is done. It must be over
// before the reading is given up after 2 s.
func (l *lab) busy(t *testing.T, s *story, do func()) {
	t.Helper()
	gate := l.faults.shut(s.id)
	if err := workflows.Refresh(t.Context(), l.client, s.id); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	do()
	close(gate)
}

func actAndDeadline(t *testing.T, on *labs) *told {
	l := on.drill
	s := on.soon(t, l, line(toFinding, substantiated, toOrder[0]))
	clock, due := l.due(t, s.id, "transfer#1")
	time.Sleep(clock.Wait(time.Now(), due) - 500*time.Millisecond)
	var act sync.WaitGroup
	l.busy(t, s, func() {
		s.send(t, &act, toOrder[1])
		time.Sleep(600 * time.Millisecond)
	})
	act.Wait()
	s.until(t, "transfer")
	return &told{l, s.id}
}

func recordAway(t *testing.T, l *lab, s *story) {
	s.do(t, toFinding[0])
	l.faults.leave(s.id, 5) // three local tries and two ordinary ones
	s.do(t, toFinding[1:]...)
}

func waitsItsTurn(t *testing.T, l *lab, s *story) {
	s.do(t, line(toFinding, substantiated, toOrder)...)
	l.faults.leave(s.id, 5)
	var first sync.WaitGroup
	s.send(t, &first, toRectified[0])
	time.Sleep(600 * time.Millisecond)
	s.do(t, toRectified[2])
	first.Wait()
}

func deadlineWhileAway(t *testing.T, l *lab, s *story) {
	s.do(t, toFinding[0])
	l.faults.leave(s.id, 6)
	l.passes(t, s.id, "record_callback#1")
	s.do(t, toFinding[1])
}

func reloadedWhileAway(t *testing.T, l *lab, s *story) {
	s.do(t, toFinding[0])
	l.faults.leave(s.id, 6)
	if err := workflows.Refresh(t.Context(), l.client, s.id); err != nil {
		t.Fatal(err)
	}
	s.do(t, toFinding[1])
}

func actUnknown(t *testing.T, l *lab, s *story) {
	ref := workflows.ActRef{CaseID: s.id, ActID: visit.Key(), Kind: regulation.ActAccept, Seen: 1}
	if got, err := workflows.Submit(t.Context(), l.client, ref); err == nil {
		t.Errorf("an act that nobody stored: %+v", got)
	}
	s.do(t, toFinding[0])
}

func reloaded(t *testing.T, l *lab, s *story) {
	s.do(t, toFinding[0])
	for range 2 {
		if err := workflows.Refresh(t.Context(), l.client, s.id); err != nil {
			t.Fatal(err)
		}
	}
	s.do(t, toFinding[1])
}

// crashed is told by processes of its own: one dies, the next goes on until something happens,
// and more acts are done.
func crashed(when, what string, before, last []step, until string, after ...step) func(*testing.T, *labs) *told {
	return func(t *testing.T, _ *labs) *told {
		s, c := crashAt(t, when, what, before, last)
		c.until(t, until)
		c.do(t, after...)
		c.once(t)
		return &told{&lab{inside: &inside{client: engineAt(t, c.engine)}, site: s}, c.id}
	}
}

// close takes a case to its end and waits until its workflow has ended too.
func (l *lab) close(t *testing.T, s *story, rest ...step) {
	t.Helper()
	s.do(t, rest...)
	if err := l.client.GetWorkflow(t.Context(), workflows.WorkflowID(s.id), "").Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func nothingToDo(t *testing.T, l *lab, s *story) {
	l.close(t, s, shortWay("no_legal_basis")...)
	if err := workflows.Start(t.Context(), l.client, s.id); err != nil {
		t.Fatal(err)
	}
	l.close(t, s)
}

func actOnClosed(t *testing.T, l *lab, s *story) {
	all := shortWay("no_legal_basis")
	s.do(t, all[:len(all)-1]...)
	seen := s.see(t).Seq
	row := l.putIn(t, s, toClosed[2], time.Time{})
	l.close(t, s, all[len(all)-1])
	got, err := workflows.Submit(t.Context(), l.client, workflows.ActRef{CaseID: s.id, ActID: row.ID, Kind: row.Kind, Seen: seen})
	if err != nil || got.Refused != regulation.NotNow {
		t.Errorf("closed twice: %+v, %v", got, err)
	}
	l.close(t, s)
}

// freshHistory is told where the engine wants a fresh history after few events.
func freshHistory(t *testing.T, on *labs) *told {
	return onLab(t, on.fresh, contact, func(t *testing.T, l *lab, s *story) { l.close(t, s, mainLine...) })
}
