package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// PrintMachine writes what every figure depends on.
func PrintMachine(w io.Writer) {
	fmt.Fprintf(w, "machine: %s, %d cores, %s, GOGC=%s, %s\n", processor(), runtime.NumCPU(), runtime.Version(), gogc(), busy())
	fmt.Fprintln(w, "engine: Temporal on SQLite, WAL, synchronous=FULL, 1 shard, in this process, gRPC uncompressed")
}

func gogc() string {
	if set := os.Getenv("GOGC"); set != "" {
		return set
	}
	return "100"
}

// busy is how many processes wanted a core in the last minute: more than there are cores before a
// measurement means that its rates are too low.
func busy() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "load unknown"
	}
	minute, _, _ := strings.Cut(string(text), " ")
	return "load " + minute
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, " \t:\n")
		}
	}
	return runtime.GOARCH
}

// processorTime is what this process has used of all cores, itself and the kernel for it.
func processorTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// complaints counts the engine's warnings and errors instead of printing them between the figures.
type complaints struct{ count *atomic.Int64 }

func (complaints) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

func (c complaints) Handle(context.Context, slog.Record) error {
	c.count.Add(1)
	return nil
}

func (c complaints) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c complaints) WithGroup(string) slog.Handler      { return c }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
