package engine

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// logger passes the server's lines on to slog, from the least level upwards and until quiet is set:
// a server that stops complains at length that each part misses the others.
type logger struct {
	to    *slog.Logger
	least slog.Level
	quiet *atomic.Bool // shared with the engine
}

// fatal is what the server's Fatal becomes: its contract is not to return.
type fatal struct{ message string }

func (f fatal) Error() string { return f.message }

func (l logger) Debug(msg string, tags ...tag.Tag)  { l.log(slog.LevelDebug, msg, tags) }
func (l logger) Info(msg string, tags ...tag.Tag)   { l.log(slog.LevelInfo, msg, tags) }
func (l logger) Warn(msg string, tags ...tag.Tag)   { l.log(slog.LevelWarn, msg, tags) }
func (l logger) Error(msg string, tags ...tag.Tag)  { l.log(slog.LevelError, msg, tags) }
func (l logger) DPanic(msg string, tags ...tag.Tag) { l.log(slog.LevelError, msg, tags) }

func (l logger) Panic(msg string, tags ...tag.Tag) {
	l.log(slog.LevelError, msg, tags)
	panic(msg)
}

func (l logger) Fatal(msg string, tags ...tag.Tag) {
	for _, t := range tags {
		msg += fmt.Sprintf(" %s=%v", t.Key(), t.Value())
	}
	panic(fatal{msg})
}

// With is part of the server's optional WithLogger interface.
func (l logger) With(tags ...tag.Tag) log.Logger {
	return logger{to: slog.New(l.to.Handler().WithAttrs(attrs(tags))), least: l.least, quiet: l.quiet}
}

func (l logger) log(level slog.Level, msg string, tags []tag.Tag) {
	ctx := context.Background()
	if level < l.least || l.quiet.Load() || unwanted(msg) || !l.to.Enabled(ctx, level) {
		return
	}
	l.to.LogAttrs(ctx, level, "temporal: "+msg, attrs(tags)...)
}

// unwanted is the one line that is a warning to the server and none to us: without an HTTP port
// there are no Nexus calls, and the product makes none.
func unwanted(msg string) bool { return strings.HasPrefix(msg, "HTTP API port has not been set") }

func attrs(tags []tag.Tag) []slog.Attr {
	list := make([]slog.Attr, 0, len(tags))
	for _, t := range tags {
		list = append(list, slog.Any(t.Key(), t.Value()))
	}
	return list
}

// recoverFatal turns the server's Fatal during its construction into an error of Start.
func recoverFatal(err *error) {
	switch r := recover().(type) {
	case nil:
	case fatal:
		*err = fmt.Errorf("engine: %w", r)
	default:
		panic(r)
	}
}
