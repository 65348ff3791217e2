package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"haochaping/regulation"
	"haochaping/standalone/visit"
)

// The demo's people of Kangding who take a case of its public security bureau to the end.
const (
	county     = "513301"
	police     = "513301-psb"
	market     = "513301-mkt"
	policeCode = "6LMUELAEPHST" // window A02, household registration
	gapCode    = "3WM66ZZCEQNB" // window A05: the post of who serves there is not made public

	supervisor = "kd-supervisor-1"
	verifier   = "kd-verifier-1"
	clerk      = "kd-clerk-1"
	handler    = "kd-psb-handler-1"
	head       = "kd-psb-head"
	marketHand = "kd-mkt-handler-1"
	rechecker  = "kd-verifier-2"
	discipline = "kd-discipline-1"
	upper      = "gz-supervisor-1"
	second     = "kd-supervisor-2"
	authority  = "kd-head"
	above      = "gz-discipline-1"
	window     = "kd-window-02" // serves at window A02
	upperTwo   = "gz-supervisor-2"
	rater      = "" // by receipt
)

// contact is how a made-up citizen may be reached.
var contact = fields{"contact_phone": "13800000000", "contact_name": "测试", "contact_language": "zh",
	"contact_time": "morning", "contact_consent": "true"}

// step is one act of a story: who does what.
type step struct {
	who    string
	kind   regulation.ActKind
	fields fields
}

// The stages of the main line, to be put together.
var (
	toFinding = []step{
		{supervisor, regulation.ActAccept, fields{"note": "受理"}},
		{clerk, regulation.ActRecordCallback, fields{"result": "reached", "statement": "等了两个小时"}},
		{verifier, regulation.ActAddEvidence, fields{"kind": "system_log", "description": "叫号系统当日停用"}},
	}
	substantiated = finding("substantiated")
	toOrder       = []step{
		{clerk, regulation.ActAskConsent, fields{"answer": "yes"}},
		{supervisor, regulation.ActTransfer, fields{"unit": police, "instructions": "请限期整改", "matter_status": "in_progress"}},
	}
	toRectified = []step{
		{handler, regulation.ActSign, fields{}},
		{handler, regulation.ActSubmitPlan, fields{"measures": "增开一个窗口", "responsible": "大厅负责人", "target_date": ""}},
		{clerk, regulation.ActInterimReply, fields{"text": "您反映的问题正在整改。"}},
		rectified,
	}
	rectified = step{handler, regulation.ActSubmitRectification, fields{"measures": "已增开窗口", "no_evidence_reason": "现场可见", "reply": "已增开窗口，敬请谅解。"}}
	accepted  = step{supervisor, regulation.ActAcceptRectification, fields{"opinion": "符合要求"}}
	released  = step{supervisor, regulation.ActReleaseReply, fields{"reply": "周一起增开一个窗口。"}}
	surveyed  = step{rater, regulation.ActAnswerSurvey, fields{"grade": "4", "resolved": "yes", "pressed": "no"}}
	toClosed  = []step{
		{clerk, regulation.ActClosingCallback, fields{"result": "reached", "reply_received": "yes", "settled": "yes", "pressed": "no"}},
		{rechecker, regulation.ActRecheck, fields{"result": "passed"}},
		{supervisor, regulation.ActClose, fields{"matter_status": "concluded", "summary": "已整改"}},
	}
)

func finding(kind string) step {
	return step{verifier, regulation.ActRecordFinding, fields{"finding": kind, "cause": "efficiency", "link": "queueing",
		"attribution": "unit", "account": "叫号系统当日停用，窗口不足", "problem_open": "yes"}}
}

// line puts steps and lists of steps together.
func line(parts ...any) []step {
	var all []step
	for _, part := range parts {
		switch p := part.(type) {
		case step:
			all = append(all, p)
		case []step:
			all = append(all, p...)
		}
	}
	return all
}

// town is the running product with everybody signed in.
type town struct {
	where  func() string
	people map[string]*person
}

func newTown(t *testing.T, where func() string) *town {
	t.Helper()
	w := &town{where: where, people: map[string]*person{}}
	for _, login := range []string{supervisor, verifier, clerk, handler, head, marketHand, rechecker, discipline, upper, second, authority, above, window, upperTwo} {
		w.people[login] = signIn(t, where, login)
	}
	return w
}

// open gives a bad rating with a contact and finds its case in the supervisor's inbox.
func (w *town) open(t *testing.T, more fields) *story {
	t.Helper()
	known := w.waiting(t)
	form := fields{"option": []string{"108"}, "text": "排队两个小时无人办理"}
	for name, value := range more {
		form[name] = value
	}
	s := &story{town: w, rating: rate(t, newPerson(w.where), policeCode, "1", form)}
	if !s.rating.Followed {
		t.Fatal("a bad rating is not followed up")
	}
	for caseID := range w.waiting(t) {
		if !known[caseID] {
			s.id = caseID
		}
	}
	if s.id == "" {
		t.Fatal("the case is in no inbox")
	}
	return s
}

// waiting are the cases that wait to be accepted.
func (w *town) waiting(t *testing.T) map[string]bool {
	t.Helper()
	tasks, err := w.people[supervisor].tasks("available")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]bool{}
	for _, task := range tasks {
		cases[task.Case] = true
	}
	return cases
}

// openCase is open for any number of cases at once: the case is found by the request's key.
func openCase(t *testing.T, w *town, r record, more fields) *story {
	t.Helper()
	form := fields{"option": []string{"108"}, "text": "排队两个小时无人办理"}
	maps.Copy(form, more)
	s := &story{town: w, rating: rate(t, newPerson(w.where), policeCode, "1", form)}
	const ofKey = "SELECT c.id FROM cases c JOIN ratings g ON g.id = c.rating_id WHERE g.request_key = ?"
	s.id = r.texts(t, ofKey, stored(s.rating.key))[0]
	return s
}

// story is one case on its way.
type story struct {
	*town
	id     string
	engine string // host:port of the engine's frontend, where somebody asks there
	rating rating
	mine   *person // the rater, once the receipt was typed
}

// request is where an act goes and what it carries: the rater's go by the receipt's page.
func (s *story) request(t *testing.T, do step) (c *person, path string, body fields) {
	t.Helper()
	if do.who != rater {
		return s.people[do.who], "/cases/" + s.id + "/acts/" + string(do.kind), s.filled(t, do)
	}
	if s.mine == nil {
		s.mine = withReceipt(t, s.where, s.rating.Receipt)
	}
	return s.mine, "/receipt/acts/" + string(do.kind), do.fields
}

// filled sets the plan's target date: the day on which the event that opened it happened.
func (s *story) filled(t *testing.T, do step) fields {
	if do.fields["target_date"] != "" {
		return do.fields
	}
	body := fields{}
	for name, value := range do.fields {
		body[name] = value
	}
	events := s.see(t).Events
	body["target_date"] = events[len(events)-1].At.Format("2006-01-02")
	return body
}

// try does an act once.
func (s *story) try(t *testing.T, do step) reply {
	t.Helper()
	c, path, body := s.request(t, do)
	r, err := c.send("POST", path, visit.Key(), body)
	if err != nil {
		t.Fatalf("%s by %q: %v", do.kind, do.who, err)
	}
	return r
}

// do does acts that must succeed, waiting for those that are only on record yet.
func (s *story) do(t *testing.T, steps ...step) {
	t.Helper()
	for _, do := range steps {
		if r := s.done(t, do); r.Status >= 300 {
			t.Fatalf("%s by %q in %s: %v", do.kind, do.who, s.see(t).Phase, r)
		}
	}
}

// done does an act and tells what became of it.
func (s *story) done(t *testing.T, do step) reply {
	t.Helper()
	seen := int64(0)
	if do.who == rater {
		seen = s.see(t).Seq
	}
	r := s.try(t, do)
	switch {
	case r.Status == http.StatusAccepted && do.who == rater:
		s.recorded(t, do, seen)
	case r.Status == http.StatusAccepted:
		r = s.outcome(t, do, r)
	}
	return r
}

// follow does acts like do, but for those whose place a deadline has taken, also while they were under
// way; it tells how many.
func (s *story) follow(t *testing.T, steps ...step) (left int) {
	t.Helper()
	for _, do := range steps {
		if s.overtaken(t, do) {
			left++
			continue
		}
		switch r := s.done(t, do); {
		case r.Status < 300:
		case s.overtaken(t, do):
			left++
		default:
			t.Fatalf("%s by %q in %s: %v", do.kind, do.who, s.see(t).Phase, r)
		}
	}
	return left
}

// overtaken tells whether the rater's time for the survey has passed, the daily batch has served the
// notice, or the sample of write-offs left this one out.
func (s *story) overtaken(t *testing.T, do step) bool {
	t.Helper()
	switch do.kind {
	case regulation.ActAnswerSurvey:
		return s.see(t).Phase != regulation.PhaseSurvey
	case regulation.ActServeNotice:
		return s.has(t, "!notice")
	case regulation.ActReviewWriteOff:
		return !slices.Contains(s.see(t).Tracks, reached{regulation.TrackWriteOff, regulation.StageSampled})
	}
	return false
}

// outcome asks the status address of an act until it is done or refused.
func (s *story) outcome(t *testing.T, do step, r reply) reply {
	t.Helper()
	location, c := r.Header.Get("Location"), s.people[do.who]
	eventually(t, "done: "+location, func() bool {
		var told done
		var err error
		if r, err = c.send("GET", location, "", nil); err != nil {
			t.Fatalf("GET %s: %v", location, err)
		}
		if r.Status >= 300 {
			return true // refused
		}
		r.read(t, &told)
		return told.Status != "pending"
	})
	return r
}

// recorded waits until the case has the rater's act: their own page tells the stage alone.
func (s *story) recorded(t *testing.T, do step, seen int64) {
	t.Helper()
	eventually(t, "done: "+string(do.kind), func() bool {
		return slices.ContainsFunc(s.see(t).Events, func(e event) bool { return e.Seq > seen && e.Name == string(do.kind) })
	})
}

// refused does an act that must be refused, for this reason.
func (s *story) refused(t *testing.T, do step, code regulation.Code, missing string) {
	t.Helper()
	r := s.try(t, do)
	if p := r.Problem(); p.Code != code || p.Missing != missing {
		t.Errorf("%s by %q: %v, want a refusal %s %s", do.kind, do.who, r, code, missing)
	}
}

// see reads the case as its supervisor.
func (s *story) see(t *testing.T) caseView {
	t.Helper()
	return s.people[supervisor].see(t, s.id)
}

func (s *story) phase(t *testing.T, want regulation.Phase) {
	t.Helper()
	if got := s.see(t).Phase; got != want {
		t.Fatalf("the case is in %s, want %s", got, want)
	}
}

// told holds the case's history against the names of its events.
func (s *story) told(t *testing.T, want string) caseView {
	t.Helper()
	v := s.see(t)
	if got := v.names(); got != strings.Join(strings.Fields(want), " ") {
		t.Errorf("the events are\n\t%s\nwant\n\t%s", got, want)
	}
	for i, e := range v.Events {
		if e.Seq != int64(i+1) || e.Clause == "" {
			t.Errorf("event %d is number %d, clause %q", i+1, e.Seq, e.Clause)
		}
	}
	return v
}

// has tells whether the case has had a deadline event of this name, or an escalation.
func (s *story) has(t *testing.T, what string) bool {
	t.Helper()
	v := s.see(t)
	return strings.Contains(" "+v.names()+" ", " "+what+" ") || strings.Contains(fmt.Sprint(v.escalations()), what)
}
