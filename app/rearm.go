package app

import (
	"context"

	"haochaping/store"
	"haochaping/workflows"
)

// rearmCases counts the open cases again that a notice in force touches. It needs no engine: the
// record moves first, and the workflows are told when they can be.
func (a *App) rearmCases(ctx context.Context) error {
	for total := 0; ; {
		moved, left, err := a.record.Rearm(ctx)
		total += moved
		if err != nil || !left || ctx.Err() != nil {
			if total > 0 {
				a.log.Info("re-armed cases", "moved", total)
			}
			return err
		}
	}
}

// toldAtOnce is how many workflows are told of a change in one round.
const toldAtOnce = 500

// tellMoved lets the workflows of cases whose due dates moved read the record again. Who could not
// be told stays on the list, whatever becomes of this process or of the engine.
func (a *App) tellMoved(ctx context.Context) error {
	for {
		waiting, err := a.record.Unrefreshed(ctx, toldAtOnce)
		if err != nil || len(waiting) == 0 {
			return err
		}
		byCase := make(map[string]store.Unrefreshed, len(waiting))
		ids := make([]string, 0, len(waiting))
		for _, w := range waiting {
			byCase[w.CaseID] = w
			ids = append(ids, w.CaseID)
		}
		err = a.each(ctx, ids, func(ctx context.Context, caseID string) error {
			if err := workflows.Refresh(ctx, a.engine, caseID); err != nil {
				return err
			}
			return a.record.MarkRefreshed(ctx, byCase[caseID])
		})
		if err != nil || len(waiting) < toldAtOnce {
			return err
		}
	}
}
