package engine

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const queue = "engine-test"

// tally adds what its updates bring until the sum is 3, and rests for the given time after it.
func tally(ctx workflow.Context, rest time.Duration) (int, error) {
	sum := 0
	err := workflow.SetUpdateHandler(ctx, "add", func(_ workflow.Context, n int) (int, error) {
		sum += n
		return sum, nil
	})
	if err != nil {
		return 0, err
	}
	if err := workflow.Await(ctx, func() bool { return sum >= 3 }); err != nil {
		return 0, err
	}
	return sum, workflow.Sleep(ctx, rest)
}

// open starts an engine on dir with a worker and a client, all of them ended by the test or by the
// returned function, which may be called earlier.
func open(t *testing.T, dir string) (*Engine, client.Client, func()) {
	t.Helper()
	began := time.Now()
	e, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("ready in %v", time.Since(began).Round(time.Millisecond))
	options := e.ClientOptions()
	options.Logger = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := client.Dial(options)
	if err != nil {
		e.Stop()
		t.Fatal(err)
	}
	w := worker.New(c, queue, worker.Options{WorkerStopTimeout: time.Second})
	w.RegisterWorkflow(tally)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		w.Stop()
		c.Close()
		e.Stop()
	}
	t.Cleanup(stop)
	return e, c, stop
}

// add sends an update to the tally of that id and starts it when absent.
func add(t *testing.T, c client.Client, id string, n int, rest time.Duration) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	handle, err := c.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: id, TaskQueue: queue, WorkflowIDConflictPolicy: useExisting,
		}, tally, rest),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName: "add", Args: []any{n}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	if err := handle.Get(ctx, &sum); err != nil {
		t.Fatal(err)
	}
	return sum
}

func result(t *testing.T, c client.Client, id string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	sum := 0
	if err := c.GetWorkflow(ctx, id, "").Get(ctx, &sum); err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestWorkflowGoesOnAfterRestart(t *testing.T) {
	dir := t.TempDir()
	_, c, stop := open(t, dir)
	if got := add(t, c, "case", 1, 2*time.Second); got != 1 {
		t.Fatalf("first update answered %d, want 1", got)
	}
	stop()

	_, c, stop = open(t, dir)
	if got := add(t, c, "case", 2, 2*time.Second); got != 3 {
		t.Fatalf("update after the restart answered %d, want 3: the state was lost", got)
	}
	stop() // the timer of two seconds is now pending

	_, c, _ = open(t, dir)
	if got := result(t, c, "case"); got != 3 {
		t.Fatalf("result %d, want 3", got)
	}
}

func TestFolderOfAnyName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "第 1 #号?%41")
	for want := 1; want <= 2; want++ { // the second engine finds what the first one wrote
		_, c, stop := open(t, dir)
		if got := add(t, c, "case", 1, 0); got != want {
			t.Fatalf("update %d answered %d", want, got)
		}
		stop()
	}
}

func TestStopTwice(t *testing.T) {
	e, err := Start(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	e.Stop()
	e.Stop()
}

func TestDeletedFileMeansAFreshEngine(t *testing.T) {
	dir := t.TempDir()
	_, c, stop := open(t, dir)
	add(t, c, "case", 1, 0)
	stop()
	// Its write-ahead log is left behind on purpose, as a hasty operator would.
	if err := os.Remove(filepath.Join(dir, fileName)); err != nil {
		t.Fatal(err)
	}

	_, c, _ = open(t, dir)
	if got := add(t, c, "case", 2, 0); got != 2 {
		t.Fatalf("the new engine answered %d, want 2: it still knows the deleted file", got)
	}
}

func TestNamespaceRetention(t *testing.T) {
	e, c, _ := open(t, t.TempDir())
	got, err := c.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: e.namespace})
	if err != nil {
		t.Fatal(err)
	}
	if d := got.Config.WorkflowExecutionRetentionTtl.AsDuration(); d != 30*24*time.Hour {
		t.Errorf("retention %v, want 30 days", d)
	}
}

func TestSecondEngineOnOneFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	e, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Stop()
	if _, err := Start(t.Context(), Options{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Fatalf("second start: %v, want ErrInUse", err)
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"no folder":            {},
		"every address":        {Dir: t.TempDir(), Host: "0.0.0.0"},
		"a name, no address":   {Dir: t.TempDir(), Host: "example.org"},
		"the port of somebody": {Dir: t.TempDir(), Port: busyPort(t)},
	} {
		t.Run(name, func(t *testing.T) {
			if e, err := Start(t.Context(), o); err == nil {
				e.Stop()
				t.Fatal("started")
			}
		})
	}
}

// Every socket that this process listens on must be on loopback. The kernel's own table is asked.
func TestListensOnLoopbackOnly(t *testing.T) {
	open(t, t.TempDir())
	mine := ownSockets(t)
	listening := 0
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		for _, s := range listeners(t, table) {
			if !mine[s.inode] {
				continue
			}
			listening++
			if !strings.HasPrefix(s.local, "0100007F:") {
				t.Errorf("listens on %s (hexadecimal, network order reversed)", s.local)
			}
		}
	}
	if listening != 3 {
		t.Errorf("%d listeners, want one for each of the 3 services", listening)
	}
}
