package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"haochaping/regulation"
)

// class is what becomes of an error.
type class int

const (
	passing   class = iota // the database away, a lost lock, a defect that a release mends: tried for as long as it takes
	refusal                // the rules', or a case that there is not: stays what it is
	permanent              // the record will not take this, however often it is asked
)

// classOf is the one place that decides whether a recording is tried again. A refusal of the rules
// stays a refusal. What the record will not take fails an act, whose row and text are kept; a deadline,
// and the reading of a case, is tried on at leisure, since time cannot be told that it was refused. Everything
// else may delay a case but never lose an act or a deadline.
func classOf(err error) class {
	var ours *regulation.Error
	switch {
	case !errors.As(err, &ours), ours.Code == regulation.Unavailable, ours.Code == regulation.Conflict:
		return passing
	case ours.Code == regulation.RecordFailed:
		return permanent
	}
	return refusal
}

// Pauses between attempts on what the record will not take: no burden, and soon enough after the cause
// is mended.
const (
	firstPause = 10 * time.Second
	mostPause  = 2 * time.Minute
)

// leisure is the pause after an attempt, counted from 1.
func leisure(attempt int32) time.Duration {
	return min(firstPause<<min(max(attempt-1, 0), 8), mostPause)
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
// quote what was typed, and histories are kept. lasting is what must be recorded in the end: a deadline.
func (a *Activities) forEngine(ctx context.Context, doing string, e Entry, err error, lasting bool) error {
	if err == nil {
		return nil
	}
	class, attempt := classOf(err), activity.GetInfo(ctx).Attempt
	a.Log.WarnContext(ctx, doing, "case", e.CaseID, "entry", e.ID, "attempt", attempt, "retry", class == passing || lasting && class == permanent,
		"error", err)
	switch {
	case class == passing:
		return temporal.NewApplicationError("the record is away", string(regulation.Unavailable))
	case class == permanent && lasting:
		return temporal.NewApplicationErrorWithOptions("the record does not take it", string(regulation.RecordFailed),
			temporal.ApplicationErrorOptions{NextRetryDelay: leisure(attempt)})
	}
	var ours *regulation.Error
	errors.As(err, &ours)
	return Refuse(ours.Code)
}
