package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	"haochaping/workflows"
)

// write is set by "make histories".
var write = flag.Bool("write-histories", false, "write the histories that workflows/testdata lacks")

// testdata is where the workflow's replay tests read them.
const testdata = "../../workflows/testdata"

// TestPaths tells every path on the product of today and replays what the engine recorded. With
// -write-histories it keeps those that testdata lacks, for the version that new runs follow.
func TestPaths(t *testing.T) {
	on, rows := newLabs(t), rowBook{taken: map[string]map[string]bool{}}
	var all sync.WaitGroup
	for _, p := range paths {
		// All at once, since most of them wait for a deadline.
		all.Go(func() {
			t.Run(p.name, func(t *testing.T) {
				done := p.tell(t, on)
				rows.note(p.name, rowsTaken(t, done.site.record(t), done.caseID))
				runs := histories(t, done.client, workflows.WorkflowID(done.caseID))
				for i, h := range runs {
					plain(h.ProtoReflect())
					replay(t, h)
					if *write && !t.Failed() {
						keep(t, fileOf(p.name, i), h)
					}
				}
			})
		})
	}
	all.Wait()
	switch {
	case t.Failed() || len(rows.names()) < len(paths): // only some were asked for
	case *write:
		rows.write(t)
	default:
		rows.check(t)
	}
}

// newest is the version that new runs follow: what is recorded now is its.
func newest() string {
	versions := workflows.Versions()
	return versions[len(versions)-1].ID
}

// fileOf names the history of a path's run; only a few have more than one.
func fileOf(path string, run int) string {
	if run > 0 {
		path += fmt.Sprintf(".%d", run+1)
	}
	return filepath.Join(testdata, newest()+"-"+path+".json")
}

// TestEveryPathHasAHistory holds the list of paths against the files, both ways.
func TestEveryPathHasAHistory(t *testing.T) {
	files, err := os.ReadDir(testdata)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, file.Name())
	}
	for _, fault := range unmatched(paths, workflows.Versions(), names) {
		t.Error(fault)
	}
	if len(paths) < 25 {
		t.Errorf("%d paths", len(paths))
	}
	for _, p := range paths {
		if p.what == "" {
			t.Errorf("nobody says what %s is", p.name)
		}
	}
}

// TestPathsAndFilesAreCompared plants each fault that the comparison is there to find.
func TestPathsAndFilesAreCompared(t *testing.T) {
	known, versions := []path{{name: "a"}, {name: "a-b"}}, []workflows.Version{{ID: "first"}, {ID: "second"}}
	for _, c := range []struct {
		name   string
		files  []string
		faults int
	}{
		{"all there", []string{"first-a.json", "first-a-b.json", "first-a-b.2.json"}, 0},
		{"of a later version", []string{"first-a.json", "second-a.json", "second-a-b.json"}, 0},
		{"a path without a file", []string{"first-a.json"}, 1},
		{"a second run only", []string{"first-a.json", "first-a-b.2.json"}, 1},
		{"a file without a path", []string{"first-a.json", "first-a-b.json", "first-c.json"}, 1},
		{"a file without a version", []string{"first-a.json", "first-a-b.json", "third-a.json"}, 1},
		{"twice the same path", []string{"first-a.json", "first-a-b.json"}, 0},
	} {
		if got := unmatched(known, versions, c.files); len(got) != c.faults {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if got := unmatched(append(known, known[0]), versions, []string{"first-a.json", "first-a-b.json"}); len(got) != 1 {
		t.Errorf("a path listed twice: %q", got)
	}
}

var historyFile = regexp.MustCompile(`^([a-z0-9]+)-([a-z0-9-]+)(\.[2-9])?\.json$`)

// unmatched are the paths that have no history, the files that belong to no path of a version,
// and paths of one name.
func unmatched(paths []path, versions []workflows.Version, files []string) (faults []string) {
	recorded := map[string]bool{}
	for _, file := range files {
		parts := historyFile.FindStringSubmatch(file)
		if parts == nil || !slices.ContainsFunc(versions, func(v workflows.Version) bool { return v.ID == parts[1] }) ||
			!slices.ContainsFunc(paths, func(p path) bool { return p.name == parts[2] }) {
			faults = append(faults, file+" belongs to no path of a version")
			continue
		}
		if parts[3] == "" {
			recorded[parts[2]] = true
		}
	}
	seen := map[string]bool{}
	for _, p := range paths {
		if !recorded[p.name] {
			faults = append(faults, p.name+" has no history: make histories")
		}
		if seen[p.name] {
			faults = append(faults, p.name+" stands in the list twice")
		}
		seen[p.name] = true
	}
	return faults
}

// keep writes a history where none is yet: one that a release was tested with stays as it is.
func keep(t *testing.T, file string, h *history.History) {
	t.Helper()
	if _, err := os.Stat(file); err == nil {
		return
	}
	var b bytes.Buffer
	b.WriteString("{\"events\":[\n")
	for i, event := range h.Events {
		text, err := protojson.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			b.WriteString(",\n")
		}
		// The encoder puts blanks in at will.
		if err := json.Compact(&b, text); err != nil {
			t.Fatal(err)
		}
	}
	b.WriteString("\n]}\n")
	if err := os.MkdirAll(testdata, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// needless is what a replay does not look at, and what would name the machine.
var needless = []protoreflect.Name{"identity", "request_id", "task_id", "worker_version", "metering_metadata", "history_size_bytes",
	"binary_checksum", "original_execution_run_id", "first_workflow_task_backoff"}

// plain takes out of a message, and of all that it holds, what is needless.
func plain(m protoreflect.Message) {
	if queue, is := m.Interface().(*taskqueue.TaskQueue); is && queue.GetKind() == enums.TASK_QUEUE_KIND_STICKY {
		queue.Name = queue.NormalName // a worker's own queue has the machine's name
	}
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case slices.Contains(needless, field.Name()):
			m.Clear(field)
		case field.IsMap() || field.Message() == nil: // maps hold payloads, which are needed
		case field.IsList():
			for i := range value.List().Len() {
				plain(value.List().Get(i).Message())
			}
		default:
			plain(value.Message())
		}
		return true
	})
}

// histories are the runs of a workflow as the engine has them, from the first to the last, as far
// as one went on in the other. The last one is read when nothing of it is under way.
func histories(t *testing.T, engine client.Client, workflowID string) []*history.History {
	t.Helper()
	eventually(t, "at rest: "+workflowID, func() bool {
		told, err := engine.DescribeWorkflowExecution(t.Context(), workflowID, "")
		return err == nil && told.PendingWorkflowTask == nil && len(told.PendingActivities) == 0
	})
	var runs []*history.History
	for run, more := "", true; more; {
		h := historyOf(t, engine, workflowID, run)
		runs = append(runs, h)
		run = h.Events[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
		more = run != ""
	}
	slices.Reverse(runs)
	return runs
}

func historyOf(t *testing.T, engine client.Client, workflowID, run string) *history.History {
	t.Helper()
	var h history.History
	events := engine.GetWorkflowHistory(t.Context(), workflowID, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		h.Events = append(h.Events, event)
	}
	return &h
}

// replay runs a history through the workflow code of today.
func replay(t *testing.T, h *history.History) {
	t.Helper()
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(workflows.Case, workflow.RegisterOptions{Name: workflows.CaseType})
	if err := replayer.ReplayWorkflowHistory(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)), h); err != nil {
		t.Error(err)
	}
}

// renew fills a case's history until the engine wants a fresh one, by telling the case again and
// again to read the record.
func renew(t *testing.T, engine client.Client, caseID string) {
	t.Helper()
	id := workflows.WorkflowID(caseID)
	first := runOf(t, engine, id)
	for runOf(t, engine, id) == first {
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				for range 8 {
					if err := workflows.Refresh(context.Background(), engine, caseID); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if t.Failed() {
			t.FailNow()
		}
	}
}

func runOf(t *testing.T, engine client.Client, workflowID string) string {
	t.Helper()
	told, err := engine.DescribeWorkflowExecution(t.Context(), workflowID, "")
	if err != nil {
		t.Fatal(err)
	}
	return told.GetWorkflowExecutionInfo().GetExecution().GetRunId()
}
