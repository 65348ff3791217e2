package activities

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"haochaping/regulation"
	"haochaping/store/storetest"
)

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

// fails runs an activity that answers err, and returns what reaches the engine and the log.
func fails(t *testing.T, err error) (error, string) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	var logged bytes.Buffer
	a := &Activities{Log: slog.New(slog.NewTextHandler(&logged, nil))}
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(func(ctx context.Context, e Entry) error {
		return a.forEngine(ctx, "record act", e, err)
	}, activity.RegisterOptions{Name: "failing"})
	_, err = env.ExecuteActivity("failing", Entry{CaseID: "c1", ID: "a1"})
	return err, logged.String()
}

func TestEngineGetsCodesOnly(t *testing.T) {
	err, logged := fails(t, errors.New("duplicate entry 'what somebody typed'"))
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
	err, _ := fails(t, &regulation.Error{Code: regulation.NotFound})
	if Code(err) != regulation.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestUnknownCaseIsPermanent(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	a := &Activities{Store: storetest.SQLite(t).Store, Log: slog.New(slog.DiscardHandler)}
	env.RegisterActivity(a)
	for _, recording := range []any{a.LoadCase, a.RecordAct, a.RecordDeadline} {
		if _, err := env.ExecuteActivity(recording, Entry{CaseID: "none", ID: "none"}); Code(err) != regulation.NotFound {
			t.Errorf("got %v", err)
		}
	}
}
