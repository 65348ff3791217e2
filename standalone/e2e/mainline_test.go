package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

// within is how long the product may take from the start of its process until it is ready.
const within = 3 * time.Second

// start is a fresh demo with everybody signed in.
func setup(t *testing.T, env map[string]string) (*site, *process, *town) {
	t.Helper()
	s := newSite(t, env)
	p := s.start(t)
	return s, p, newTown(t, func() string { return p.addr })
}

// TestReadyInTime measures a first start, on an empty folder, and a second one. The machine has
// other work to do, so the best of three counts.
func TestReadyInTime(t *testing.T) {
	var first, second []time.Duration
	for range 3 {
		s := newSite(t, nil)
		p := s.start(t)
		first = append(first, p.took)
		p.stop(t)
		again := s.start(t)
		second = append(second, again.took)
		again.stop(t)
	}
	t.Logf("from start to ready: on an empty folder %v, again %v", first, second)
	for name, took := range map[string]time.Duration{"first": slices.Min(first), "second": slices.Min(second)} {
		if took > within {
			t.Errorf("the %s start took %v, want at most %v", name, took, within)
		}
	}
}

// TestMainLine takes bad ratings to the closed case over JSON, each way there is.
func TestMainLine(t *testing.T) {
	_, _, w := setup(t, nil)
	t.Run("whole", w.wholeLine)
	t.Run("short", w.shortWay)
	t.Run("returned order", w.returnedOrder)
	t.Run("rejected rectification", w.rejectedRectification)
	t.Run("without a contact", w.withoutContact)
	t.Run("good ratings open no case", w.goodRating)
}

func (w *town) wholeLine(t *testing.T) {
	s := w.open(t, contact)
	s.refused(t, substantiated, regulation.NotNow, "phase_opened")
	s.do(t, toFinding...)
	s.phase(t, regulation.PhaseVerification)
	s.do(t, substantiated)
	s.phase(t, regulation.PhaseDispatch)
	if _, err := w.unitSees(t, s.id); err == nil {
		t.Error("the unit sees the case before an order names it")
	}
	s.do(t, toOrder...)
	s.phase(t, regulation.PhaseSigning)
	s.unitSeesNoRater(t)
	s.do(t, toRectified...)
	s.phase(t, regulation.PhaseAcceptance)
	s.do(t, accepted, released)
	s.readsTheReply(t)
	s.do(t, surveyed, toClosed[0])
	s.refused(t, step{verifier, regulation.ActRecheck, fields{"result": "passed"}}, regulation.FourEyes, "you_verified_it")
	s.do(t, toClosed[1:]...)
	s.phase(t, regulation.PhaseClosed)
	s.told(t, `opened accept record_callback add_evidence record_finding ask_consent transfer sign submit_plan interim_reply
		submit_rectification accept_rectification release_reply answer_survey closing_callback recheck close`)
	s.refused(t, accepted, regulation.NotNow, "phase_closed")
}

// unitSees reads the case as the unit's handler.
func (w *town) unitSees(t *testing.T, caseID string) (caseView, error) {
	t.Helper()
	var v caseView
	r, err := w.people[handler].send("GET", "/cases/"+caseID, "", nil)
	if err == nil && r.Status != 200 {
		return v, &regulation.Error{Code: r.Problem().Code}
	}
	if err == nil {
		r.read(t, &v)
	}
	return v, err
}

// unitSeesNoRater holds R04: the unit has its order and neither words nor contact of the rater.
func (s *story) unitSeesNoRater(t *testing.T) {
	t.Helper()
	r := s.people[handler].must(t, "GET", "/cases/"+s.id, "", nil)
	for _, secret := range []string{"排队两个小时", "等了两个小时", "138", "测试", "given_at", "opened_at"} {
		if strings.Contains(string(r.Body), secret) {
			t.Errorf("the unit reads %q", secret)
		}
	}
	if v := s.see(t); v.Rating.Text == "" || v.Rating.Contact == nil || strings.Contains(v.Rating.Contact.Phone, "0000000") {
		t.Errorf("the authority reads %+v, want the words and a masked contact", v.Rating)
	}
}

// readsTheReply opens the case by receipt: steps in plain words and the reply, nothing else.
func (s *story) readsTheReply(t *testing.T) {
	t.Helper()
	var told status
	r := withReceipt(t, s.where, s.rating.Receipt).must(t, "GET", "/receipt/status", "", nil)
	r.read(t, &told)
	if told.Reply != "周一起增开一个窗口。" || len(told.Steps) == 0 || told.Grade != 1 {
		t.Errorf("by receipt: %+v", told)
	}
	for _, secret := range []string{s.id, "叫号系统", "增开一个窗口\"", "四郎拥忠", supervisor} {
		if strings.Contains(string(r.Body), secret) {
			t.Errorf("the receipt's page tells %q", secret)
		}
	}
}

func (w *town) shortWay(t *testing.T) {
	for _, kind := range []string{"no_legal_basis", "fixed_at_once"} {
		s := w.open(t, contact)
		s.do(t, line(toFinding, finding(kind), released, surveyed, toClosed)...)
		v := s.told(t, `opened accept record_callback add_evidence record_finding release_reply answer_survey
			closing_callback recheck close`)
		if v.Phase != regulation.PhaseClosed || v.Finding != kind {
			t.Errorf("%s ended in %s with the finding %s", kind, v.Phase, v.Finding)
		}
	}
}

func (w *town) returnedOrder(t *testing.T) {
	s := w.open(t, contact)
	s.do(t, line(toFinding, substantiated, toOrder)...)
	s.do(t, step{handler, regulation.ActReturnOrder, fields{"reason": "该窗口属市场监管", "suggested_unit": market}})
	s.phase(t, regulation.PhaseDispatch)
	order := toOrder[1]
	again := s.try(t, order)
	if again.Problem().Fields["unit"].Code != "returned_by_this_unit" {
		t.Errorf("the order goes to the unit that returned it: %v", again)
	}
	s.do(t, step{supervisor, regulation.ActTransfer, fields{"unit": market, "instructions": "请限期整改"}},
		step{marketHand, regulation.ActSign, fields{}})
	v := s.told(t, `opened accept record_callback add_evidence record_finding ask_consent transfer return_order transfer sign`)
	if v.Unit.ID != market {
		t.Errorf("the case lies with %s", v.Unit.ID)
	}
	s.refused(t, toRectified[1], regulation.NotFound, "case")
}

func (w *town) rejectedRectification(t *testing.T) {
	s := w.open(t, contact)
	s.do(t, line(toFinding, substantiated, toOrder, toRectified,
		step{supervisor, regulation.ActRejectRectification, fields{"reason": "没有证据"}})...)
	s.phase(t, regulation.PhaseRectification)
	if got := s.see(t).escalations(); !slices.Equal(got, []string{"discipline insufficient"}) {
		t.Errorf("escalations %q", got)
	}
	if !w.listed(t, s.id, "insufficient") {
		t.Error("insufficient rectification is not on the discipline officer's list")
	}
	s.do(t, line(rectified, accepted, released, surveyed, toClosed)...)
	s.told(t, `opened accept record_callback add_evidence record_finding ask_consent transfer sign submit_plan interim_reply
		submit_rectification reject_rectification submit_rectification accept_rectification release_reply answer_survey
		closing_callback recheck close`)
}

// listed tells whether the case is on the discipline officer's list for this reason.
func (w *town) listed(t *testing.T, caseID, reason string) bool {
	t.Helper()
	var list struct {
		Escalations []struct{ Case, Reason string }
	}
	w.people[discipline].must(t, "GET", "/discipline", "", nil).read(t, &list)
	for _, e := range list.Escalations {
		if e.Case == caseID && e.Reason == reason {
			return true
		}
	}
	return false
}

// withoutContact has nobody to call: the exemption is on record from the start.
func (w *town) withoutContact(t *testing.T) {
	s := w.open(t, nil)
	s.do(t, line(toFinding[0], toFinding[2], substantiated, toOrder[1], toRectified, accepted, released, surveyed, toClosed[1:])...)
	v := s.told(t, `opened accept add_evidence record_finding transfer sign submit_plan interim_reply
		submit_rectification accept_rectification release_reply answer_survey recheck close`)
	if v.Events[0].Data["callback_exempt"] != "no_contact" {
		t.Errorf("the exemption is not on record: %v", v.Events[0].Data)
	}
}

func (w *town) goodRating(t *testing.T) {
	before := w.waiting(t)
	for _, grade := range []string{"3", "4", "5"} {
		if made := rate(t, newPerson(w.where), policeCode, grade, nil); made.Followed || made.Receipt == "" {
			t.Errorf("grade %s: %+v", grade, made)
		}
	}
	if after := w.waiting(t); len(after) != len(before) {
		t.Errorf("%d cases before, %d after", len(before), len(after))
	}
}
