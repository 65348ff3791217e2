// Command haochaping-standalone is the whole product in one process: pages, API, record, worker
// and the Temporal engine.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"

	"haochaping/app"
	"haochaping/app/commands"
	"haochaping/standalone/engine"
)

// cli adds the run mode of this program to the common commands.
type cli struct {
	commands.CLI
	Run   runAll   `cmd:"" default:"1" help:"Run everything in this process (the default)."`
	Bench measure  `cmd:"" help:"Measure the product against bare ones."`
	Drill rehearse `cmd:"" help:"Play a quarter of the prefecture in about 90 seconds, then check everything."`

	SoakExchange soakExchange `cmd:"" help:"Take the upstream platform away while citizens rate, and count what was lost or doubled."`
}

// runAll runs everything in this process.
type runAll struct{}

// Run serves until the process is told to stop.
func (runAll) Run() error {
	s, err := app.Read(settings)
	if err != nil {
		return err
	}
	ctx, stop := commands.Told()
	defer stop()
	a, end, err := start(ctx, &s, s.Logger())
	if err != nil {
		return err
	}
	defer end()
	if err := announce(ctx, a, os.Stdout); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// start starts the engine and on it everything else; the settings then name the engine. What
// began before an error is ended.
func start(ctx context.Context, s *app.Settings, log *slog.Logger) (a *app.App, end func(), err error) {
	closeEngine, err := provideEngine(ctx, s, log)
	if err != nil {
		return nil, nil, err
	}
	if a, err = app.New(*s, app.Parts{API: true, Worker: true}, log); err != nil {
		closeEngine()
		return nil, nil, err
	}
	end = func() { a.Stop(); closeEngine() }
	if err := a.Start(ctx); err != nil {
		end()
		return nil, nil, err
	}
	return a, end, nil
}

// settings reads the environment; without a word about it this program makes an empty database
// a demo.
func settings(name string) string {
	if value, given := os.LookupEnv(name); given || name != "HAOCHAPING_DEMO" {
		return value
	}
	return "yes"
}

// provideEngine starts the engine inside, unless the settings name another one.
func provideEngine(ctx context.Context, s *app.Settings, log *slog.Logger) (stop func(), err error) {
	if s.Temporal != "" {
		return func() {}, nil
	}
	e, err := engine.Start(ctx, engine.Options{Dir: filepath.Join(s.Data, "engine"), Namespace: s.Namespace, Logger: log})
	if err != nil {
		return nil, err
	}
	withdraw, err := app.AnnounceEngine(*s, e.Addr())
	if err != nil {
		e.Stop()
		return nil, err
	}
	s.Temporal = e.Addr()
	return func() { withdraw(); e.Stop() }, nil
}

// announce prints where the product is and, in a demo, how to enter it.
func announce(ctx context.Context, a *app.App, w io.Writer) error {
	demo, err := a.Demo(ctx)
	if err != nil {
		return err
	}
	address := "http://" + a.Addr()
	var b strings.Builder
	fmt.Fprintf(&b, "\nhaochaping is ready at %s\n", address)
	for _, code := range demo.Codes {
		fmt.Fprintf(&b, "rate a window: %s/r/%s\n", address, code)
	}
	if len(demo.SignIns) > 0 {
		fmt.Fprintf(&b, "evaluator of a window, enrolled by one press: %s/evaluator\n", address)
		fmt.Fprintf(&b, "\nsign in by one click at %s/demo/sign-ins, such as:\n", address)
	}
	var rows [][]string
	for _, s := range demo.SignIns {
		rows = append(rows, []string{s.RoleName, string(s.Role), s.Login, s.Name, s.Place})
	}
	b.WriteString(aligned(rows))
	b.WriteString("\nCtrl-C stops it; started again, every open case goes on.\n")
	_, err = io.WriteString(w, b.String())
	return err
}

// aligned sets rows in columns as terminals show them.
func aligned(rows [][]string) string {
	var widest []int
	for _, row := range rows {
		for i, text := range row {
			if i == len(widest) {
				widest = append(widest, 0)
			}
			widest[i] = max(widest[i], cells(text))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, text := range row {
			line += "  " + text + strings.Repeat(" ", widest[i]-cells(text))
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// cells is how many columns of a terminal a text takes: a Chinese character takes two.
func cells(text string) int {
	n := 0
	for _, c := range text {
		n++
		if unicode.Is(unicode.Han, c) {
			n++
		}
	}
	return n
}

func main() {
	if os.Getenv("GOGC") == "" {
		// The engine allocates much and keeps little: 4 to 7 % more cases for some memory.
		debug.SetGCPercent(400)
	}
	var c cli
	line := kong.Parse(&c, kong.Name("haochaping-standalone"), kong.Description(commands.Description), kong.UsageOnError())
	line.FatalIfErrorf(line.Run(commands.Engine(provideEngine)))
}
