package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"haochaping/regulation"
)

// Retryable is the one place that decides whether a recording is tried again. A refusal of the
// rules stays a refusal. Everything else (the database away, a lost lock, a defect of ours that
// a new release mends) is tried for as long as it takes: it may delay a case but never lose an
// act or a deadline.
func Retryable(err error) bool {
	var refusal *regulation.Error
	if errors.As(err, &refusal) {
		return refusal.Code == regulation.Unavailable || refusal.Code == regulation.Conflict
	}
	return true
}

// Code returns the refusal's code that an activity or an update failed with, or "" when the
// failure is no refusal.
func Code(err error) regulation.Code {
	var failure *temporal.ApplicationError
	if errors.As(err, &failure) && failure.NonRetryable() {
		return regulation.Code(failure.Type())
	}
	return ""
}

// Refuse makes the error that carries a refusal's code through the engine.
func Refuse(code regulation.Code) error {
	return temporal.NewNonRetryableApplicationError("refused", string(code), nil)
}

// forEngine logs an error here and hands the engine only a code: a database's own message can
// quote what was typed, and histories are kept.
func (a *Activities) forEngine(ctx context.Context, doing string, e Entry, err error) error {
	if err == nil {
		return nil
	}
	a.Log.WarnContext(ctx, doing, "case", e.CaseID, "entry", e.ID, "attempt", activity.GetInfo(ctx).Attempt,
		"retry", Retryable(err), "error", err)
	if Retryable(err) {
		return temporal.NewApplicationError("the record is away", string(regulation.Unavailable))
	}
	var refusal *regulation.Error
	errors.As(err, &refusal)
	return Refuse(refusal.Code)
}
