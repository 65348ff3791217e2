package store

import (
	"context"
	"slices"

	"haochaping/regulation"
)

// BatchToPrint is a batch of a box within the scope, whose forms somebody prints: that they did is written down.
// Refusals: NotFound; Conflict batch_closed, since what is printed then would not be reconciled.
func (s *Store) BatchToPrint(ctx context.Context, scope regulation.Scope, box, id string, actor regulation.Actor) (b Box, batch Batch, err error) {
	if b, err = s.Box(ctx, scope, box); err != nil {
		return b, batch, err
	}
	batches, err := s.Batches(ctx, scope, box)
	if err != nil {
		return b, batch, err
	}
	i := slices.IndexFunc(batches, func(b Batch) bool { return b.ID == id })
	if i < 0 {
		return b, batch, &regulation.Error{Code: regulation.NotFound, Missing: "batch"}
	}
	if batches[i].State != regulation.BatchIssued {
		return b, batch, &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseBox, Missing: "batch_closed"}
	}
	return b, batches[i], s.Audit(ctx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "print_forms", ObjectKind: "box", ObjectID: b.ID,
		Area: b.Area, Unit: b.Hall, Outcome: OutcomeDone})
}
