// Package activities holds the side effects of a case's procedure: it reads and writes the
// record for the workflow. Arguments and answers enter the engine's histories, so they carry
// ids, codes and instants only.
package activities

import (
	"context"
	"log/slog"

	"haochaping/regulation"
)

// Record is the part of the store that a case's procedure needs; the crash tests put one in
// between that dies right after a commit.
type Record interface {
	LoadStep(ctx context.Context, caseID string) (regulation.Step, error)
	RecordAct(ctx context.Context, caseID, actID string) (regulation.Step, error)
	RecordDeadline(ctx context.Context, caseID, deadlineID string) (regulation.Step, error)
}

// Entry names what is to be recorded: an act or a deadline of a case, by id. For LoadCase the
// ID is empty.
type Entry struct {
	CaseID string `json:"case_id"`
	ID     string `json:"id,omitempty"`
}

// Activities are registered with a worker. Every recording is idempotent on its entry and
// answers the case's current step, so that a repetition brings a workflow what it lacks.
type Activities struct {
	Store Record
	Log   *slog.Logger
}

// LoadCase answers where the case stands.
func (a *Activities) LoadCase(ctx context.Context, e Entry) (regulation.Step, error) {
	step, err := a.Store.LoadStep(ctx, e.CaseID)
	return step, a.forEngine(ctx, "load case", e, err, true)
}

// RecordAct does the act whose row the API stored, once, under the case row's lock. An act that
// the rules refuse is no error: the refusal's code is in the step, its details in the record. One that the
// record will not take fails by itself, with RecordFailed, and leaves the case as it was.
func (a *Activities) RecordAct(ctx context.Context, e Entry) (regulation.Step, error) {
	step, err := a.Store.RecordAct(ctx, e.CaseID, e.ID)
	return step, a.forEngine(ctx, "record act", e, err, false)
}

// RecordDeadline records that a deadline has passed, after every act received at or before its
// due instant. One that is closed already, or not yet due, changes nothing. One that the record will not
// take is tried again at leisure until it does.
func (a *Activities) RecordDeadline(ctx context.Context, e Entry) (regulation.Step, error) {
	step, err := a.Store.RecordDeadline(ctx, e.CaseID, e.ID)
	return step, a.forEngine(ctx, "record deadline", e, err, true)
}
