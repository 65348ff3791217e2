package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"haochaping/regulation"
)

// TestRehydration deletes the engine's file: the next start brings every open case back, with
// its timers.
func TestRehydration(t *testing.T) {
	s := newSite(t, map[string]string{"HAOCHAPING_CLOCK": drill})
	p := s.start(t)
	w := newTown(t, func() string { return p.addr })
	ordered, surveying, opened := w.open(t, contact), w.open(t, contact), w.open(t, contact)
	ordered.do(t, line(toFinding, substantiated, toOrder)...)
	surveying.do(t, line(toFinding, finding("no_legal_basis"), released)...)
	p.stop(t)
	if err := os.RemoveAll(filepath.Join(s.data(), "engine")); err != nil {
		t.Fatal(err)
	}
	p = s.start(t)
	allDriven(t, engineAt(t, p.engine), s.record(t).openCases(t))
	opened.do(t, toFinding[0])
	ordered.do(t, toRectified[0])
	ordered.until(t, "supervisor overdue:submit_plan")
	surveying.until(t, "!survey")
	surveying.phase(t, regulation.PhaseCallback)
}
