package activities

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"haochaping/regulation"
	"haochaping/store/storetest"
)

func TestClassesOfErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want class
	}{
		{"database away", errors.New("connection refused"), passing},
		{"lost race", &regulation.Error{Code: regulation.Conflict}, passing},
		{"part away", &regulation.Error{Code: regulation.Unavailable}, passing},
		{"no such case", fmt.Errorf("load: %w", &regulation.Error{Code: regulation.NotFound}), refusal},
		{"bad content", &regulation.Error{Code: regulation.Invalid}, refusal},
		{"four eyes", &regulation.Error{Code: regulation.FourEyes}, refusal},
		{"a constraint", &regulation.Error{Code: regulation.RecordFailed, Missing: "constraint"}, permanent},
	} {
		if got := classOf(c.err); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestLeisureGrowsToTwoMinutes(t *testing.T) {
	for attempt, want := range map[int32]time.Duration{0: 10 * time.Second, 1: 10 * time.Second, 2: 20 * time.Second, 5: 2 * time.Minute, 1000: 2 * time.Minute} {
		if got := leisure(attempt); got != want {
			t.Errorf("after %d: %v, want %v", attempt, got, want)
		}
	}
}

// What the record will not take ends an act; a deadline is tried again, later each time.
func TestPermanentErrorEndsAnActAndDelaysADeadline(t *testing.T) {
	err := &regulation.Error{Code: regulation.RecordFailed, Missing: "constraint"}
	if act, _ := fails(t, err, false); Code(act) != regulation.RecordFailed {
		t.Errorf("an act: %v", act)
	}
	deadline, _ := fails(t, err, true)
	var failure *temporal.ApplicationError
	if !errors.As(deadline, &failure) || failure.NonRetryable() || failure.NextRetryDelay() != firstPause {
		t.Errorf("a deadline: %v", deadline)
	}
}

// fails runs an activity that answers err, and returns what reaches the engine and the log.
func fails(t *testing.T, err error, lasting bool) (error, string) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	var logged bytes.Buffer
	a := &Activities{Log: slog.New(slog.NewTextHandler(&logged, nil))}
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(func(ctx context.Context, e Entry) error {
		return a.forEngine(ctx, "record act", e, err, lasting)
	}, activity.RegisterOptions{Name: "failing"})
	_, err = env.ExecuteActivity("failing", Entry{CaseID: "c1", ID: "a1"})
	return err, logged.String()
}

func TestEngineGetsCodesOnly(t *testing.T) {
	err, logged := fails(t, errors.New("duplicate entry 'what somebody typed'"), true)
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
	err, _ := fails(t, &regulation.Error{Code: regulation.NotFound}, true)
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
