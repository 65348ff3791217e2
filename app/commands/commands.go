// Package commands is the command line that both programs share: separate nodes
// (cmd/haochaping) and everything in one process (standalone).
package commands

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"haochaping/app"
	"haochaping/workflows"
)

// CLI lists the run modes and the operator's commands. Settings come from the environment.
type CLI struct {
	API     API     `cmd:"" name:"api" help:"Serve pages and API."`
	Worker  Worker  `cmd:"" help:"Run the cases' workflows and activities."`
	Migrate Migrate `cmd:"" help:"Bring the database's schema up to date and fill an empty one."`
	Admin   Admin   `cmd:"" help:"Do an administrator's work at the console."`
	Verify  Verify  `cmd:"" help:"Check record, ledger and engine; exit code 1 where something is not as it must be."`
	Version Version `cmd:"" help:"Print the version."`
}

// Description is the text of --help; the settings are listed in docs/operations.md.
const Description = "Case management for rated government services (政务服务“好差评”). Settings: HAOCHAPING_* in the environment."

// API serves pages and JSON without running workflows.
type API struct{}

// Run serves until the process is told to stop.
func (API) Run() error { return serve(app.Parts{API: true}) }

// Worker runs workflows and activities without pages.
type Worker struct{}

// Run works until the process is told to stop.
func (Worker) Run() error { return serve(app.Parts{Worker: true}) }

func serve(parts app.Parts) error {
	s, err := app.Read(os.Getenv)
	if err != nil {
		return err
	}
	ctx, stop := Told()
	defer stop()
	a, err := app.New(s, parts, s.Logger())
	if err != nil {
		return err
	}
	defer a.Stop()
	if err := a.Start(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// Told returns a context that ends when the process is told to stop, by Ctrl-C or SIGTERM. A
// second signal ends the process at once.
func Told() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// Migrate brings the schema up to date.
type Migrate struct{}

// Run migrates and ends.
func (Migrate) Run() error {
	s, err := app.Read(os.Getenv)
	if err != nil {
		return err
	}
	ctx, stop := Told()
	defer stop()
	return app.Migrate(ctx, s, s.Logger())
}

// Version prints what was built.
type Version struct{}

// Run prints the version control's revision, where the build knows it, and which version of the
// workflow new cases follow.
func (Version) Run() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("built without module information")
	}
	revision := "unknown revision"
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			revision = setting.Value
		}
	}
	versions := workflows.Versions()
	newest := versions[len(versions)-1]
	_, err := fmt.Fprintf(os.Stdout, "haochaping %s %s %s, workflow %q of %s\n", info.Main.Version, revision, info.GoVersion, newest.ID, newest.Since)
	return err
}
