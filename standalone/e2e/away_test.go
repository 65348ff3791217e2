package e2e

import (
	"net/http"
	"sync"
	"testing"

	"haochaping/regulation"
	"haochaping/standalone/visit"
)

// TestTemporalAway takes the engine away while citizens rate and staff act. Nothing is refused
// that was rated; acts are turned away before anything is stored; when the engine is back,
// every case is driven.
func TestTemporalAway(t *testing.T) {
	addr := freeAddress(t)
	frontend := externalEngine(t, t.TempDir(), addr)
	engine := frontend.launch(t)
	s := newSite(t, map[string]string{"HAOCHAPING_TEMPORAL": addr})
	p := s.start(t)
	w := newTown(t, func() string { return p.addr })
	before := w.open(t, contact)
	before.do(t, toFinding[0])

	engine.kill()
	eventually(t, "known to be away", func() bool {
		return before.try(t, toFinding[1]).Status == http.StatusServiceUnavailable
	})
	w.rateMeanwhile(t)
	before.turnedAway(t, s.record(t))
	p.kill() // a restart does not wait for the engine either
	p = s.launch(t)
	w.rateMeanwhile(t)
	if n := s.record(t).count(t, "SELECT COUNT(*) FROM cases"); n != 1+2*meanwhile {
		t.Fatalf("%d cases on record", n)
	}

	frontend.launch(t)
	p.waitReady(t)
	open := s.record(t).openCases(t)
	allDriven(t, engineAt(t, addr), open)
	eventually(t, "all reported started", func() bool {
		return s.record(t).count(t, "SELECT COUNT(*) FROM outbox WHERE kind = 'start_case'") == 0
	})
	for _, caseID := range open {
		late := &story{town: w, id: caseID}
		if caseID == before.id {
			late.settleCall(t)
			continue
		}
		late.do(t, toFinding[0])
	}
}

// meanwhile is how many bad ratings come in at once while the engine is away.
const meanwhile = 12

func (w *town) rateMeanwhile(t *testing.T) {
	t.Helper()
	var all sync.WaitGroup
	for range meanwhile {
		all.Go(func() {
			r, err := newPerson(w.where).send("POST", "/ratings", visit.Key(), fields{"code": policeCode, "grade": "2", "option": "209"})
			if err != nil || r.Status != http.StatusCreated {
				t.Errorf("rated while the engine is away: %v, %v", r, err)
			}
		})
	}
	all.Wait()
}

// turnedAway does an act that must be answered 503 with Retry-After, and leaves nothing.
func (s *story) turnedAway(t *testing.T, r record) {
	t.Helper()
	const acts = "SELECT COUNT(*) FROM acts WHERE case_id = ?"
	was := r.count(t, acts, s.id)
	answer := s.try(t, toFinding[1])
	if answer.Status != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("acted while the engine is away: %v, Retry-After %q", answer, answer.Header.Get("Retry-After"))
	}
	if is := r.count(t, acts, s.id); is != was {
		t.Errorf("%d acts were stored", is-was)
	}
}

// settleCall brings the callback to its end. A first try may have been put on record in the
// moment before anybody knew that the engine was gone: then it is done by now.
func (s *story) settleCall(t *testing.T) {
	t.Helper()
	if !s.has(t, string(regulation.ActRecordCallback)) {
		s.do(t, toFinding[1])
	}
	s.do(t, toFinding[2], substantiated)
	s.told(t, "opened accept record_callback add_evidence record_finding")
}
