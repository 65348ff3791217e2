package e2e

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"haochaping/standalone/engine"
)

// child names what a second copy of this binary is to be instead of a test run.
const child = "HAOCHAPING_E2E_CHILD"

// children are those roles.
var children = map[string]func() error{
	"engine": serveEngine,
	"doomed": serveDoomed,
}

func TestMain(m *testing.M) {
	role, is := children[os.Getenv(child)]
	if !is {
		os.Exit(m.Run())
	}
	if err := role(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// What serveEngine reads.
const (
	engineDir  = "HAOCHAPING_E2E_ENGINE_DIR"
	enginePort = "HAOCHAPING_E2E_ENGINE_PORT"
)

// serveEngine is a Temporal frontend of its own, on a fixed port, until it is told to stop.
func serveEngine() error {
	port, err := strconv.Atoi(os.Getenv(enginePort))
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e, err := engine.Start(ctx, engine.Options{Dir: filepath.Clean(os.Getenv(engineDir)), Port: port})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, `{"msg":"started","addr":%q}`+"\n", e.Addr())
	<-ctx.Done()
	e.Stop()
	return nil
}
