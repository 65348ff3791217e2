package activities

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"haochaping/regulation"
)

type failing struct{ err error }

func (f failing) LoadStep(context.Context, string) (regulation.Step, error) {
	return regulation.Step{}, f.err
}

func (f failing) RecordAct(context.Context, string, string) (regulation.Step, error) {
	return regulation.Step{Refused: regulation.NotNow}, f.err
}

func (f failing) RecordDeadline(context.Context, string, string) (regulation.Step, error) {
	return regulation.Step{}, f.err
}

func TestRetryable(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"database away", errors.New("connection refused"), true},
		{"lost race", &regulation.Error{Code: regulation.Conflict}, true},
		{"part away", &regulation.Error{Code: regulation.Unavailable}, true},
		{"no such case", fmt.Errorf("load: %w", &regulation.Error{Code: regulation.NotFound}), false},
		{"bad content", &regulation.Error{Code: regulation.Invalid}, false},
		{"four eyes", &regulation.Error{Code: regulation.FourEyes}, false},
	} {
		if got := Retryable(c.err); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// run records an act on a store that answers err, and returns what reaches the engine and the log.
func run(t *testing.T, err error) (regulation.Step, error, string) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	var logged bytes.Buffer
	env := suite.NewTestActivityEnvironment()
	a := &Activities{Store: failing{err}, Log: slog.New(slog.NewTextHandler(&logged, nil))}
	env.RegisterActivity(a)
	value, err := env.ExecuteActivity(a.RecordAct, Entry{CaseID: "c1", ID: "a1"})
	var step regulation.Step
	if err == nil {
		err = value.Get(&step)
	}
	return step, err, logged.String()
}

func TestRefusedActIsNoError(t *testing.T) {
	step, err, _ := run(t, nil)
	if err != nil || step.Refused != regulation.NotNow {
		t.Errorf("step %+v, %v", step, err)
	}
}

func TestEngineGetsCodesOnly(t *testing.T) {
	_, err, logged := run(t, errors.New("duplicate entry 'what somebody typed'"))
	var failure *temporal.ApplicationError
	if !errors.As(err, &failure) || failure.NonRetryable() || Code(err) != "" {
		t.Errorf("the engine would not try again: %v", err)
	}
	if strings.Contains(err.Error(), "typed") {
		t.Errorf("the engine gets the database's text: %v", err)
	}
	if !strings.Contains(logged, "duplicate entry") || !strings.Contains(logged, "case=c1") {
		t.Errorf("the log lacks the cause: %s", logged)
	}
}

func TestPermanentErrorKeepsItsCode(t *testing.T) {
	_, err, _ := run(t, &regulation.Error{Code: regulation.NotFound})
	if Code(err) != regulation.NotFound {
		t.Errorf("got %v", err)
	}
}
