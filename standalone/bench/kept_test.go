package bench

import (
	"context"
	"testing"
	"time"

	sdklog "go.temporal.io/sdk/log"

	"haochaping/standalone/engine"
	"haochaping/worker"
)

func TestAWorkerKeepsNoMoreCasesInMemoryThanItsBound(t *testing.T) {
	cases, err := NewCases(t.Context(), Database{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cases.Close() }()
	e, err := engine.Start(t.Context(), engine.Options{Dir: t.TempDir(), Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Stop()
	in, options := newKept(), e.ClientOptions()
	options.MetricsHandler, options.Logger = in, sdklog.NewStructuredLogger(quiet())
	c, w, err := cases.Connect(options)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	const more = worker.CachedCases + 60
	if err := cases.Prepare(t.Context(), more); err != nil {
		t.Fatal(err)
	}
	start := func(ctx context.Context, n int) error { _, err := cases.Start(ctx, c, n); return err }
	if err := together(t.Context(), 16, more, start); err != nil {
		t.Fatal(err)
	}
	// The SDK keeps one fewer than it is told.
	for deadline := time.Now().Add(patience); in.now.Load() < worker.CachedCases-1 && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	if now, most := in.now.Load(), in.most.Load(); now < worker.CachedCases-1 || most > worker.CachedCases {
		t.Errorf("%d of %d cases in memory, at most %d; the bound is %d", now, more, most, worker.CachedCases)
	}
}
