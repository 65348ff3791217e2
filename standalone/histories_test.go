package main

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"

	"haochaping/activities"
	"haochaping/regulation"
	"haochaping/standalone/engine"
	"haochaping/workflows"
)

var record = flag.Bool("record", false, "write new histories into workflows/testdata")

// version is the newest entry of workflows/versions.go: the histories recorded now are its.
const version = "first"

// TestRecordHistories runs a few cases on the real engine and, with -record, writes down what
// happened, for workflows' replay test.
func TestRecordHistories(t *testing.T) {
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			r := newScript(story.steps)
			c := connect(t, r)
			story.tell(t, c, r)
			told := events(t, c)
			if *record {
				write(t, story.name, told)
			}
		})
	}
}

const storyCase = "0197b3c0-0000-7000-8000-000000000001"

// stories are what a case can meet: steps is what the record answers, one after the other.
var stories = []struct {
	name  string
	steps []regulation.Step
	tell  func(*testing.T, client.Client, *script)
}{
	{"nothing-to-do", []regulation.Step{{Finished: true}}, func(t *testing.T, c client.Client, _ *script) {
		begin(t, c)
	}},
	{"acts-and-deadlines", []regulation.Step{open(1, time.Hour), open(2, 300*time.Millisecond), open(3, time.Hour), done(4)},
		func(t *testing.T, c client.Client, r *script) {
			begin(t, c)
			r.reached(t, 1)
			submit(t, c, "act-1", 2)
			r.reached(t, 3) // the deadline
			submit(t, c, "act-2", 4)
		}},
	{"record-away", []regulation.Step{open(1, time.Hour), open(2, time.Hour), done(3)},
		func(t *testing.T, c client.Client, r *script) {
			begin(t, c)
			r.reached(t, 1)
			r.leave(4) // three local tries and an ordinary one
			submit(t, c, "act-1", 2)
			submit(t, c, "act-2", 3)
		}},
	{"reload", []regulation.Step{open(1, time.Hour), open(2, time.Hour), done(3)},
		func(t *testing.T, c client.Client, r *script) {
			begin(t, c)
			r.reached(t, 1)
			if err := workflows.Refresh(t.Context(), c, storyCase); err != nil {
				t.Fatal(err)
			}
			r.reached(t, 2)
			submit(t, c, "act-1", 3)
		}},
	{"act-on-a-closed-case", []regulation.Step{done(7), done(8)}, func(t *testing.T, c client.Client, _ *script) {
		submit(t, c, "act-1", 0)
	}},
}

func open(seq int64, due time.Duration) regulation.Step {
	return regulation.Step{
		Snapshot: regulation.Snapshot{Seq: seq, Phase: regulation.PhaseOpened, Open: []regulation.ActKind{regulation.ActAccept}},
		Timers:   []regulation.Timer{{ID: "d" + string(rune('0'+seq)), Due: time.Now().Add(due)}},
	}
}

func done(seq int64) regulation.Step {
	return regulation.Step{Snapshot: regulation.Snapshot{Seq: seq, Phase: regulation.PhaseClosed}, Finished: true}
}

// script stands in for the record: each recording answers the next step.
type script struct {
	mu    sync.Mutex
	steps []regulation.Step
	told  int
	fails int
	moved chan struct{}
}

func newScript(steps []regulation.Step) *script {
	return &script{steps: steps, moved: make(chan struct{}, 100)}
}

func (s *script) LoadCase(context.Context, activities.Entry) (regulation.Step, error) {
	return s.next()
}

func (s *script) RecordAct(context.Context, activities.Entry) (regulation.Step, error) {
	return s.next()
}

func (s *script) RecordDeadline(context.Context, activities.Entry) (regulation.Step, error) {
	return s.next()
}

func (s *script) next() (regulation.Step, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails > 0 {
		s.fails--
		return regulation.Step{}, context.DeadlineExceeded
	}
	step := s.steps[s.told]
	s.told++
	s.moved <- struct{}{}
	return step, nil
}

// leave makes the next calls fail as if the database were away.
func (s *script) leave(calls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = calls
}

// reached waits until the script has answered so many steps.
func (s *script) reached(t *testing.T, steps int) {
	t.Helper()
	for {
		s.mu.Lock()
		told := s.told
		s.mu.Unlock()
		if told >= steps {
			return
		}
		select {
		case <-s.moved:
		case <-time.After(20 * time.Second):
			t.Fatalf("step %d was not reached", steps)
		}
	}
}

func connect(t *testing.T, s *script) client.Client {
	e, err := engine.Start(t.Context(), engine.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	options := e.ClientOptions()
	options.Logger = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := workflows.Connect(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	w := worker.New(c, workflows.TaskQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(workflows.Case, workflow.RegisterOptions{Name: workflows.CaseType})
	w.RegisterActivity(s)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return c
}

func begin(t *testing.T, c client.Client) {
	t.Helper()
	if err := workflows.Start(t.Context(), c, storyCase); err != nil {
		t.Fatal(err)
	}
}

// submit sends an act; want is the sequence answered, 0 for any.
func submit(t *testing.T, c client.Client, actID string, want int64) {
	t.Helper()
	ref := workflows.ActRef{CaseID: storyCase, ActID: actID, Kind: regulation.ActAccept, Seen: 99}
	got, err := workflows.Submit(t.Context(), c, ref)
	if err != nil || want != 0 && got.Seq != want {
		t.Fatalf("%s: %+v, %v; want sequence %d", actID, got, err, want)
	}
}

// events waits for the run's end and returns all that happened.
func events(t *testing.T, c client.Client) *history.History {
	if err := c.GetWorkflow(t.Context(), workflows.WorkflowID(storyCase), "").Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	var all history.History
	events := c.GetWorkflowHistory(t.Context(), workflows.WorkflowID(storyCase), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		all.Events = append(all.Events, event)
	}
	return &all
}

func write(t *testing.T, name string, events *history.History) {
	text, err := protojson.MarshalOptions{Indent: " "}.Marshal(events)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "workflows", "testdata", version+"-"+name+".json")
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
