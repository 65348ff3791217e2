package engine

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const (
	childFolder = "HAOCHAPING_TEST_ENGINE"
	killRounds  = 4
	counters    = 4
)

// TestMain makes a second copy of this binary an engine that can be killed.
func TestMain(m *testing.M) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		os.Exit(m.Run())
	}
	e, err := Start(context.Background(), Options{Dir: dir})
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	fmt.Println("listening", e.Addr())
	select {}
}

// count never ends by itself; each update adds one and answers the sum.
func count(ctx workflow.Context) error {
	sum := 0
	err := workflow.SetUpdateHandler(ctx, "add", func(_ workflow.Context, n int) (int, error) {
		sum += n
		return sum, nil
	})
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return false })
}

// Every update that was answered before a SIGKILL under load is still there after it.
func TestKilledUnderLoadLosesNothingAnswered(t *testing.T) {
	dir := t.TempDir()
	var answered [counters]int
	for round := range killRounds {
		process, addr := startChild(t, dir)
		c, stop := work(t, addr)
		for i := range counters {
			if sum := addTo(t.Context(), c, i, 0); sum < answered[i] {
				t.Fatalf("round %d: counter %d says %d, but %d was answered before the kill", round, i, sum, answered[i])
			}
		}
		load(t, c, &answered, func() {
			if err := process.Kill(); err != nil {
				t.Error(err)
			}
			_ = process.Wait()
		})
		stop()
	}
	t.Logf("sums answered: %v", answered)
	for i, sum := range answered {
		if sum < killRounds {
			t.Errorf("counter %d only came to %d: no load was on the engine", i, sum)
		}
	}
}

type child struct{ *exec.Cmd }

func (c child) Kill() error { return c.Process.Kill() }

func startChild(t *testing.T, dir string) (child, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if !ok || err != nil {
		t.Fatalf("the child said %q (%v)", line, err)
	}
	return child{cmd}, addr
}

// work dials addr and runs a worker there until stop.
func work(t *testing.T, addr string) (client.Client, func()) {
	t.Helper()
	silent := sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := client.Dial(client.Options{HostPort: addr, Namespace: Namespace, Logger: silent})
	if err != nil {
		t.Fatal(err)
	}
	w := worker.New(c, queue, worker.Options{WorkerStopTimeout: time.Second})
	w.RegisterWorkflow(count)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	return c, func() {
		w.Stop()
		c.Close()
	}
}

// load adds to every counter at once, has the engine killed in the middle, and notes what was
// answered.
func load(t *testing.T, c client.Client, answered *[counters]int, kill func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range counters {
		wg.Go(func() {
			for ctx.Err() == nil {
				if sum := addTo(ctx, c, i, 1); sum > 0 {
					answered[i] = sum
				}
			}
		})
	}
	time.Sleep(700 * time.Millisecond)
	kill()
	cancel()
	wg.Wait()
}

// addTo answers the counter's sum, or -1 when the engine did not answer in time.
func addTo(ctx context.Context, c client.Client, counter, n int) int {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	handle, err := c.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: fmt.Sprintf("counter/%d", counter), TaskQueue: queue, WorkflowIDConflictPolicy: useExisting,
		}, count),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName: "add", Args: []any{n}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return -1
	}
	sum := -1
	if err := handle.Get(ctx, &sum); err != nil {
		return -1
	}
	return sum
}
