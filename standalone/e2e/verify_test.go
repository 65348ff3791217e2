package e2e

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"haochaping/app"
	"haochaping/regulation"
	"haochaping/standalone/visit"
	"haochaping/store"
	"haochaping/workflows"
)

// verified is what verify --json prints.
type verified struct {
	Checks   []store.Checked
	Findings []store.Finding
	status   int
}

func (s *site) verify(t *testing.T) (v verified) {
	t.Helper()
	told, status := s.tried(t, "verify", "--json")
	if err := json.Unmarshal([]byte(told), &v); err != nil {
		t.Fatalf("%v in %q", err, told)
	}
	v.status = status
	return v
}

func (v verified) codes() (codes []string) {
	for _, f := range v.Findings {
		codes = append(codes, f.Check+" "+f.Code)
	}
	slices.Sort(codes)
	return codes
}

// finds holds what a verification finds, and that it looked at the engine.
func (s *site) finds(t *testing.T, when string, want ...string) verified {
	t.Helper()
	v := s.verify(t)
	if !slices.Equal(v.codes(), want) || (v.status == 0) != (len(want) == 0) {
		t.Errorf("%s: found %v with status %d, want %v", when, v.codes(), v.status, want)
	}
	engine := v.Checks[len(v.Checks)-1]
	if engine.Check != store.CheckEngine || engine.LeftOut != "" {
		t.Errorf("%s: the engine was left out: %+v", when, engine)
	}
	return v
}

// repairs runs the command that each finding prints, as it is printed.
func (s *site) repairs(t *testing.T, v verified) {
	t.Helper()
	for _, f := range v.Findings {
		words := strings.Fields(f.Repair)
		printed := s.with(func(o *site) { o.program = words[0] })
		if told, status := printed.tried(t, words[1:]...); status != 0 {
			t.Errorf("%s: %s", f.Repair, told)
		}
	}
}

// TestVerifyFindsWhatRecordAndEngineDoNotShare: with the product running, with it stopped, and after
// each repair.
func TestVerifyFindsWhatRecordAndEngineDoNotShare(t *testing.T) {
	s := newSite(t, nil)
	p := s.start(t)
	w := newTown(t, func() string { return p.addr })
	closed, lost, ahead := w.open(t, contact), w.open(t, contact), w.open(t, contact)
	closed.do(t, line(toFinding, finding("no_legal_basis"), released, surveyed, toClosed)...)
	s.finds(t, "all is well")

	engine := engineAt(t, p.engine)
	if err := engine.TerminateWorkflow(t.Context(), workflows.WorkflowID(lost.id), "", "test"); err != nil {
		t.Fatal(err)
	}
	s.repairs(t, s.finds(t, "a run was ended", "engine not_running"))
	s.finds(t, "a run was ended, and mended")
	p.stop(t)

	s.finds(t, "all is well, and stopped")
	s.accept(t, ahead.id)
	s.finds(t, "an act was recorded that the engine does not know", "engine other_sequence")
	s.stray(t, "engine run_of_no_case")
	p = s.start(t)
	eventually(t, "told", func() bool { return len(s.verify(t).Findings) == 0 })
	lost.do(t, toFinding[0])
	s.finds(t, "all is well again")
}

// accept records an act past the engine, as the record's commit before a crash does.
func (s *site) accept(t *testing.T, caseID string) {
	t.Helper()
	settings, err := app.Read(func(name string) string { return s.env[name] })
	if err != nil {
		t.Fatal(err)
	}
	record, _, err := app.OpenRecord(t.Context(), settings, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	account, err := record.AccountByLogin(t.Context(), supervisor)
	if err != nil {
		t.Fatal(err)
	}
	actor, err := record.Actor(t.Context(), account.Person)
	if err != nil {
		t.Fatal(err)
	}
	actor.As = actor.Assignments[0]
	act, err := record.SubmitAct(t.Context(), store.ActRequest{CaseID: caseID, Kind: regulation.ActAccept, Actor: actor, Key: visit.Key()})
	if err != nil {
		t.Fatal(err)
	}
	if step, err := record.RecordAct(t.Context(), caseID, act.ID); err != nil || step.Refused != "" {
		t.Fatalf("%+v, %v", step, err)
	}
}

// stray starts a run of a case that the record does not have, on an engine of the site's folder without
// a worker, and mends it.
func (s *site) stray(t *testing.T, want ...string) {
	t.Helper()
	e := externalEngine(t, filepath.Join(s.data(), "engine"), freeAddress(t)).launch(t)
	outside := s.with(func(o *site) { o.env["HAOCHAPING_TEMPORAL"] = e.addr })
	_, err := engineAt(t, e.addr).ExecuteWorkflow(context.Background(), client.StartWorkflowOptions{ID: workflows.WorkflowID("stray"),
		TaskQueue: workflows.TaskQueue, WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL}, workflows.CaseType, workflows.CaseInput{CaseID: "stray"})
	if err != nil {
		t.Fatal(err)
	}
	var v verified
	eventually(t, "found: the stray run", func() bool {
		v = outside.verify(t)
		return slices.Contains(v.codes(), want[0])
	})
	for _, f := range v.Findings {
		if f.Code == "run_of_no_case" {
			outside.repairs(t, verified{Findings: []store.Finding{f}})
		}
	}
	if v := outside.verify(t); slices.Contains(v.codes(), want[0]) {
		t.Errorf("mended, %v", v.codes())
	}
	e.stop(t)
}

// TestVerifyOnADrillsClock: a day takes two seconds, and no deadline is late by real time.
func TestVerifyOnADrillsClock(t *testing.T) {
	s, _, w := setup(t, map[string]string{"HAOCHAPING_CLOCK": drill})
	silent, ignored := w.open(t, contact), w.open(t, contact)
	silent.do(t, line(toFinding, finding("fixed_at_once"), released)...)
	ignored.until(t, "upper overdue:accept")
	silent.until(t, "!survey")
	time.Sleep(time.Second)
	s.finds(t, "after deadlines have passed")
}
