package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"haochaping/regulation"
	"haochaping/store/storetest"
)

// nodes is the product as separate processes on MariaDB and a Temporal frontend of its own.
type nodes struct {
	frontend    *site
	api, worker *site
}

func newNodes(t *testing.T) nodes {
	t.Helper()
	program, err := node()
	if err != nil {
		t.Fatal(err)
	}
	folder, addr := t.TempDir(), freeAddress(t)
	base := &site{program: program, folder: folder, env: map[string]string{
		"HAOCHAPING_ADDR": "127.0.0.1:0", "HAOCHAPING_DATA": filepath.Join(folder, "data"), "HAOCHAPING_KEYS": filepath.Join(folder, "keys"),
		"HAOCHAPING_LIMITS": "off", "HAOCHAPING_DSN": storetest.Database(t), "HAOCHAPING_TEMPORAL": addr, "HAOCHAPING_DEMO": "yes",
	}}
	as := func(mode string) *site { return base.with(func(s *site) { s.args = []string{mode} }) }
	n := nodes{externalEngine(t, t.TempDir(), addr), as("api"), as("worker")}
	n.api.command(t, "migrate")
	return n
}

// TestSeparateNodes takes cases along the main line through api and worker as processes of their
// own, and brings them back to an engine that lost everything by "admin rehydrate".
func TestSeparateNodes(t *testing.T) {
	n := newNodes(t)
	engine := n.frontend.launch(t)
	worker, api := n.worker.start(t), n.api.start(t)
	w := newTown(t, func() string { return api.addr })
	w.wholeLine(t)

	cut, lost := w.open(t, contact), w.open(t, contact)
	cut.do(t, toFinding[0])
	worker.kill()
	worker = n.worker.start(t)
	cut.do(t, line(toFinding[1:], substantiated, toOrder)...)
	lost.do(t, toFinding[0])

	api.stop(t)
	worker.stop(t)
	engine.stop(t)
	if err := os.RemoveAll(n.frontend.folder); err != nil {
		t.Fatal(err)
	}
	engine = n.frontend.launch(t)
	if told := n.api.command(t, "admin", "rehydrate"); !strings.HasPrefix(told, "2 open cases") {
		t.Errorf("rehydrate says %q, want 2 open cases", told)
	}
	allDriven(t, engineAt(t, engine.addr), []string{cut.id, lost.id})
	n.worker.start(t)
	api = n.api.start(t)
	cut.do(t, line(toRectified, accepted, released, surveyed, toClosed)...)
	cut.phase(t, regulation.PhaseClosed)
	lost.do(t, line(toFinding[1:], finding("fixed_at_once"), released)...)
	lost.phase(t, regulation.PhaseSurvey)
}
