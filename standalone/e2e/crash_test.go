package e2e

import (
	"context"
	"os"
	"syscall"
	"testing"

	"haochaping/activities"
	"haochaping/app"
	"haochaping/regulation"
	"haochaping/standalone/engine"
	"haochaping/standalone/visit"
	"haochaping/store"
)

// dieAfter names the act or deadline after whose commit the doomed process dies, dieBefore the act
// whose commit it does not live to see.
const (
	dieAfter  = "HAOCHAPING_E2E_DIE_AFTER"
	dieBefore = "HAOCHAPING_E2E_DIE_BEFORE"
)

// serveDoomed is the whole product in one process whose worker kills it between the record's
// commit and the completion of the engine's task, or right before the commit.
func serveDoomed() error {
	s, err := app.Read(os.Getenv)
	if err != nil {
		return err
	}
	_, err = serveInside(context.Background(), s, engine.Options{}, func(record *store.Store) activities.Record { return doomed{record} })
	if err != nil {
		return err
	}
	select {}
}

// doomed is the record, whose caller dies at a certain act or deadline.
type doomed struct{ *store.Store }

func (d doomed) RecordAct(ctx context.Context, caseID, actID string) (regulation.Step, error) {
	row, asking := d.ActOutcome(ctx, actID)
	if asking == nil && string(row.Kind) == os.Getenv(dieBefore) {
		die()
	}
	step, err := d.Store.RecordAct(ctx, caseID, actID)
	if err == nil && asking == nil && string(row.Kind) == os.Getenv(dieAfter) {
		die()
	}
	return step, err
}

func (d doomed) RecordDeadline(ctx context.Context, caseID, deadlineID string) (regulation.Step, error) {
	step, err := d.Store.RecordDeadline(ctx, caseID, deadlineID)
	if err == nil && deadlineID == os.Getenv(dieAfter) {
		die()
	}
	return step, err
}

// die ends the process as a power cut would, here and now.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// TestCrashBetweenCommitAndCompletion: the record has an act or a deadline, the engine never
// heard of it, the client is gone. After the restart another act is done and a deadline passes:
// nothing is lost, swallowed, done twice or stuck.
func TestCrashBetweenCommitAndCompletion(t *testing.T) {
	for _, c := range []struct {
		after string // what the process dies of
		done  []step // acts before it
		last  []step // the act that is cut off
		then  func(*testing.T, *story)
	}{
		{"accept", nil, toFinding[:1], func(t *testing.T, s *story) {
			s.do(t, toFinding[1])
			s.until(t, "upper overdue:record_finding")
			s.do(t, toFinding[2], substantiated)
		}},
		{"transfer", line(toFinding, substantiated, toOrder[0]), toOrder[1:], func(t *testing.T, s *story) {
			s.until(t, "discipline unsigned") // a deadline of which the engine knew nothing
			s.do(t, toRectified[0])
			s.until(t, "!reminder")
		}},
		{"close", line(toFinding, finding("no_legal_basis"), released, surveyed, toClosed[:2]), toClosed[2:], func(t *testing.T, s *story) {
			s.phase(t, regulation.PhaseClosed)
			s.refused(t, toFinding[0], regulation.NotNow, "phase_closed")
		}},
		{"accept#1", nil, nil, func(t *testing.T, s *story) {
			s.until(t, "upper overdue:accept")
			s.do(t, toFinding[0])
			s.until(t, "upper overdue:record_finding")
		}},
	} {
		t.Run(c.after, func(t *testing.T) {
			t.Parallel()
			s, w := crash(t, c.after, c.done, c.last)
			c.then(t, w)
			w.once(t)
			noPending(t, s)
		})
	}
}

// crash takes a case to the act or deadline after which the doomed process dies, and starts the
// real program on what is left.
func crash(t *testing.T, after string, before, last []step) (*site, *story) {
	t.Helper()
	return crashAt(t, dieAfter, after, before, last)
}

// crashAt is crash with the choice whether the record still got what was cut off.
func crashAt(t *testing.T, when, what string, before, last []step) (*site, *story) {
	t.Helper()
	s := newSite(t, map[string]string{"HAOCHAPING_CLOCK": drill, "HAOCHAPING_DEMO": "yes"})
	p := s.with(func(d *site) {
		d.program, d.args = os.Args[0], []string{"-test.run=^$"}
		d.env[child], d.env[when] = "doomed", what
	}).start(t)
	w := newTown(t, func() string { return p.addr })
	c := w.open(t, contact)
	c.do(t, before...)
	for _, do := range last {
		who, path, body := c.request(t, do)
		if r, err := who.send("POST", path, visit.Key(), body); err == nil {
			t.Fatalf("%s was answered: %v", do.kind, r)
		}
	}
	<-p.gone
	want := 0
	if when == dieAfter {
		want = 1
	}
	const committed = "SELECT COUNT(*) FROM case_events WHERE case_id = ? AND (name = ? OR kind = 'deadline' AND CAST(body AS TEXT) LIKE ?)"
	if n := s.record(t).count(t, committed, c.id, what, `%"`+what+`"%`); n != want {
		t.Fatalf("when the process died %s was on record %d times", what, n)
	}
	p = s.start(t)
	c.engine = p.engine
	return s, c
}

// once holds that no act of the case is on record twice.
func (s *story) once(t *testing.T) {
	t.Helper()
	seen := map[string]bool{}
	for _, e := range s.see(t).Events {
		what := e.Name + e.Data["deadline"]
		if seen[what] {
			t.Errorf("%s happened twice: %s", what, s.see(t).names())
		}
		seen[what] = true
	}
}

func noPending(t *testing.T, s *site) {
	t.Helper()
	if n := s.record(t).count(t, "SELECT COUNT(*) FROM acts WHERE status = 'pending'"); n > 0 {
		t.Errorf("%d acts are pending", n)
	}
}
