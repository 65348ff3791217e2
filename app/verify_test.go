package app

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workflows"
)

// run is what the engine's double holds of a case.
type run struct {
	ended bool
	began time.Time
	step  *regulation.Step // nil: it has not loaded yet
	rings time.Time
}

// history is what the engine tells of the run, the latest first.
func (r run) history(t *testing.T) (events []*history.HistoryEvent) {
	t.Helper()
	add := func(kind enums.EventType, e *history.HistoryEvent) {
		e.EventId, e.EventType = int64(9-len(events)), kind
		events = append(events, e)
	}
	if r.ended {
		add(enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, &history.HistoryEvent{})
	}
	if now := time.Now(); !r.rings.IsZero() {
		add(enums.EVENT_TYPE_TIMER_STARTED, &history.HistoryEvent{EventTime: timestamppb.New(now), Attributes: &history.HistoryEvent_TimerStartedEventAttributes{
			TimerStartedEventAttributes: &history.TimerStartedEventAttributes{StartToFireTimeout: durationpb.New(r.rings.Sub(now))}}})
	}
	if r.step != nil {
		answer, err := converter.GetDefaultDataConverter().ToPayloads(*r.step)
		if err != nil {
			t.Fatal(err)
		}
		add(enums.EVENT_TYPE_MARKER_RECORDED, &history.HistoryEvent{Attributes: &history.HistoryEvent_MarkerRecordedEventAttributes{
			MarkerRecordedEventAttributes: &history.MarkerRecordedEventAttributes{Details: map[string]*common.Payloads{"result": answer}}}})
	}
	add(enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, &history.HistoryEvent{EventTime: timestamppb.New(r.began)})
	return events
}

// shop is an engine with a worker: it holds runs, and a run that is told to reads the record again.
type shop struct {
	client.Client
	t    *testing.T
	a    *App
	runs map[string]*run // by case
	idle bool            // its worker is stopped
}

// service answers for the engine's histories.
type service struct {
	workflowservice.WorkflowServiceClient
	s *shop
}

func (s *shop) WorkflowService() workflowservice.WorkflowServiceClient { return service{s: s} }

func (s *shop) ListWorkflow(context.Context, *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	all := &workflowservice.ListWorkflowExecutionsResponse{}
	for id, r := range s.runs {
		if !r.ended {
			all.Executions = append(all.Executions, &workflow.WorkflowExecutionInfo{Execution: &common.WorkflowExecution{WorkflowId: workflows.WorkflowID(id)}})
		}
	}
	return all, nil
}

func (w service) GetWorkflowExecutionHistoryReverse(_ context.Context, in *workflowservice.GetWorkflowExecutionHistoryReverseRequest, _ ...grpc.CallOption) (*workflowservice.GetWorkflowExecutionHistoryReverseResponse, error) {
	r := w.s.runs[strings.TrimPrefix(in.GetExecution().GetWorkflowId(), workflows.WorkflowID(""))]
	if r == nil {
		return nil, serviceerror.NewNotFound("no run")
	}
	return &workflowservice.GetWorkflowExecutionHistoryReverseResponse{History: &history.History{Events: r.history(w.s.t)}}, nil
}

func (s *shop) DescribeTaskQueue(context.Context, string, enums.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	if s.idle {
		return &workflowservice.DescribeTaskQueueResponse{}, nil
	}
	return &workflowservice.DescribeTaskQueueResponse{Pollers: []*taskqueue.PollerInfo{{}}}, nil
}

func (s *shop) TerminateWorkflow(_ context.Context, id, _, _ string, _ ...any) error {
	s.runs[strings.TrimPrefix(id, workflows.WorkflowID(""))].ended = true
	return nil
}

func (s *shop) SignalWithStartWorkflow(ctx context.Context, id, _ string, _ any, _ client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	s.load(ctx, strings.TrimPrefix(id, workflows.WorkflowID("")))
	return nil, nil
}

// load has the case's run read the record, as its workflow does.
func (s *shop) load(ctx context.Context, caseID string) *run {
	s.t.Helper()
	step, err := s.a.record.LoadStep(ctx, caseID)
	if err != nil {
		s.t.Fatal(err)
	}
	r := &run{began: time.Now(), step: &step, ended: step.Finished}
	for _, timer := range step.Timers {
		if r.rings.IsZero() || timer.Due.Before(r.rings) {
			r.rings = timer.Due
		}
	}
	s.runs[caseID] = r
	return r
}

// close closes a case in the record's state, which is all that the engine's check reads.
func (s *shop) close(caseID string) {
	s.t.Helper()
	s.exec(`UPDATE cases SET state = json_set(state, '$.phase', 'closed', '$.deadlines', json('[]'), '$.awaiting', json('[]')) WHERE id = ?`, caseID)
}

// acted puts an act of a case on record as done.
func (s *shop) acted(caseID string) {
	s.t.Helper()
	s.exec(`INSERT INTO acts (id, case_id, actor, staff_id, as_role, as_org, as_area, request_key, digest, key_id, kind, received_at, status, code, clause,
		missing, fields, who, from_at, seq, recorded_at) VALUES (?, ?, '', '', '', '', '', '', '', '', 'close', 1, 'done', '', '', '', '', '', 0, 1, 1)`, caseID, caseID)
}

// exec changes the record behind the product's back.
func (s *shop) exec(statement string, args ...any) {
	s.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(s.a.settings.Data, store.FileName))
	if err == nil {
		_, err = db.ExecContext(s.t.Context(), statement, args...)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		s.t.Fatal(err)
	}
}

// TestARunCutOffFromItsClosingIsNoFindingOfAStoppedProduct: the closing is on record, its run had no time to
// hear so. The product tells it when it starts; while it serves, or of a run that knows the closing or whose last
// act is of long ago, it is a finding.
func TestARunCutOffFromItsClosingIsNoFindingOfAStoppedProduct(t *testing.T) {
	a, _ := office(t)
	s := &shop{t: t, a: a, runs: map[string]*run{}, idle: true}
	a.engine = &engine{Client: s, log: quiet()}
	a.engine.up.Store(true)
	id := rate(t, a, "cut off")
	if err := a.record.MarkStarted(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	r := s.load(t.Context(), id)
	r.step.Snapshot.Seq--
	s.close(id)
	finds := func(when string, want bool) {
		t.Helper()
		if found := s.verify(); (found["runs_though_closed"].Case == id) != want || len(found) > 1 {
			t.Errorf("%s: found %v", when, found)
		}
	}
	finds("no act of late", true)
	s.acted(id)
	finds("the product is stopped", false)
	s.idle = false
	finds("the product serves", true)
	s.idle = true
	r.step.Snapshot.Seq++
	finds("the run knows the closing", true)
}

// TestEachDifferenceOfRecordAndEngineIsFoundByNameAndMended brings about every finding of the engine's
// check at once, each on a case of its own, runs the command that each names, and looks again.
func TestEachDifferenceOfRecordAndEngineIsFoundByNameAndMended(t *testing.T) {
	a, _ := office(t)
	s := &shop{t: t, a: a, runs: map[string]*run{}}
	a.engine = &engine{Client: s, log: quiet()}
	a.engine.up.Store(true)
	spoil := map[string]func(id string, r *run){
		"not_running": func(_ string, r *run) { r.ended = true },
		"not_loaded": func(_ string, r *run) {
			r.step, r.rings, r.began = nil, time.Time{}, time.Now().Add(-backlog-time.Minute)
		},
		"run_of_no_case":     func(id string, r *run) { delete(s.runs, id); s.load(t.Context(), id); s.runs["stray"] = r },
		"other_sequence":     func(_ string, r *run) { r.step.Snapshot.Seq += 3 },
		"other_timers":       func(_ string, r *run) { r.step.Timers[0].Due = r.step.Timers[0].Due.Add(time.Hour) },
		"runs_though_closed": func(id string, _ *run) { s.close(id) },
		"rings_late":         func(_ string, r *run) { r.rings = r.rings.Add(2 * time.Minute) },
	}
	want := map[string]string{} // case by code
	for code, spoil := range spoil {
		id := rate(t, a, code)
		spoil(id, s.load(t.Context(), id))
		want[code] = id
	}
	want["run_of_no_case"] = "stray"
	if err := a.record.MarkStarted(t.Context(), slices.Collect(maps.Values(want))...); err != nil {
		t.Fatal(err)
	}
	for _, code := range store.FindingCodes(store.CheckEngine) {
		if _, brought := want[code]; !brought {
			t.Errorf("nothing brings about %s", code)
		}
	}
	found := s.verify()
	for code, id := range want {
		if f := found[code]; f.Case != id || f.Repair != "admin repair engine --case "+id {
			t.Errorf("%s: found %+v, want it on %s with its repair", code, f, id)
		}
	}
	for _, f := range found {
		words := strings.Fields(f.Repair)
		if _, err := a.repair(t.Context(), Fix{Check: words[2], Case: words[4], Author: "tester"}); err != nil {
			t.Errorf("%s: %v", f.Repair, err)
		}
	}
	if left := s.verify(); len(left) != 0 {
		t.Errorf("after the repairs: %v", left)
	}
	lines, err := a.record.AuditLog(t.Context(), regulation.Scope{All: true}, store.AuditQuery{Action: "repair"})
	if err != nil || len(lines) != len(want) || !slices.ContainsFunc(lines, func(l store.AuditEntry) bool { return l.ObjectKind == "run" && l.ObjectID == "stray" }) {
		t.Errorf("%d lines in the audit log, want %d, one of the run of no case: %v, %v", len(lines), len(want), lines, err)
	}
}

// verify runs the engine's check and returns what it finds by code.
func (s *shop) verify() map[string]store.Finding {
	s.t.Helper()
	found := map[string]store.Finding{}
	_, err := s.a.verify(s.t.Context(), Verification{Only: []string{store.CheckEngine}, Found: func(f store.Finding) error {
		if _, twice := found[f.Code]; twice {
			s.t.Errorf("%s twice: %+v", f.Code, f)
		}
		found[f.Code] = f
		return nil
	}}, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}
