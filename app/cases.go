package app

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workflows"
)

// How long one call to the engine may take in the background.
const engineWait = 10 * time.Second

// pile gathers case ids until somebody takes them all.
type pile struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (p *pile) add(ids ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ids == nil {
		p.ids = map[string]bool{}
	}
	for _, id := range ids {
		p.ids[id] = true
	}
}

func (p *pile) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for id := range p.ids {
		all = append(all, id)
	}
	p.ids = nil
	return all
}

// startCase starts a case's workflow. The record hears of it a little later, together with
// others: if this process dies before, the case is merely started twice.
func (a *App) startCase(ctx context.Context, caseID string) error {
	if err := workflows.Start(ctx, a.engine, caseID); err != nil {
		return err
	}
	a.started.add(caseID)
	return nil
}

// markStarted tells the record which cases the engine drives by now.
func (a *App) markStarted(ctx context.Context) {
	ids := a.started.take()
	if err := a.record.MarkStarted(ctx, ids...); err != nil {
		a.started.add(ids...)
		a.log.Warn("mark started cases", "error", err)
	}
}

// startWaiting starts the cases that nobody has started yet.
func (a *App) startWaiting(ctx context.Context) error {
	a.markStarted(ctx)
	ids, err := a.record.Unstarted(ctx, 500)
	if err != nil {
		return err
	}
	err = a.each(ctx, ids, a.startCase)
	a.markStarted(ctx)
	return err
}

// submit has a stored act done by its case's workflow and waits for the outcome.
func (a *App) submit(ctx context.Context, ref workflows.ActRef) (workflows.ActResult, error) {
	result, err := workflows.Submit(ctx, a.engine, ref)
	var refusal *regulation.Error
	if !errors.As(err, &refusal) {
		return result, err
	}
	switch refusal.Code {
	case regulation.NotNow:
		return a.settle(ctx, ref)
	case regulation.Unavailable:
		// The engine may have forgotten the act after the record took it.
		a.doubted.add(ref.CaseID)
	}
	return result, err
}

// settle records an act that the workflow turned away: the record has the last word, and the
// act gets its outcome. If it is done after all, the workflow was behind and is told.
func (a *App) settle(ctx context.Context, ref workflows.ActRef) (workflows.ActResult, error) {
	step, err := a.record.RecordAct(ctx, ref.CaseID, ref.ActID)
	if err != nil {
		return workflows.ActResult{}, err
	}
	if step.Refused == "" {
		a.doubted.add(ref.CaseID)
	}
	return workflows.ActResult{Seq: step.Snapshot.Seq, Refused: step.Refused}, nil
}

// sweepAfter is how old a pending act must be, in the product's time, before the sweeper takes
// it up; before that its own request is still waiting for it.
const sweepAfter = 10 * time.Second

// submitWaiting drives the acts that have no outcome yet, the oldest first, one at a time for
// each case.
func (a *App) submitWaiting(ctx context.Context) error {
	acts, err := a.record.PendingActs(ctx, a.clock.At(time.Now().Add(-sweepAfter)), 200)
	if err != nil {
		return err
	}
	var cases []string
	waiting := map[string][]store.ActRow{}
	for _, act := range acts {
		if waiting[act.CaseID] == nil {
			cases = append(cases, act.CaseID)
		}
		waiting[act.CaseID] = append(waiting[act.CaseID], act)
	}
	return a.each(ctx, cases, func(ctx context.Context, caseID string) error {
		for _, act := range waiting[caseID] {
			// The record decides whether it is still open, not what a workflow remembers.
			ref := workflows.ActRef{CaseID: caseID, ActID: act.ID, Kind: act.Kind, Seen: math.MaxInt64}
			if _, err := a.submit(ctx, ref); err != nil {
				return err
			}
		}
		return nil
	})
}

// refreshDoubted lets workflows that may be behind read the record again.
func (a *App) refreshDoubted(ctx context.Context) error {
	return a.each(ctx, a.doubted.take(), a.refresh)
}

func (a *App) refresh(ctx context.Context, caseID string) error {
	err := workflows.Refresh(ctx, a.engine, caseID)
	if err != nil {
		a.doubted.add(caseID)
	}
	return err
}

// Rehydrate starts the workflow of every open case and says how many there are. Cases that are
// driven already are left alone, so it may be done at any time; after the loss of the engine's
// data it brings all of it back.
func (a *App) Rehydrate(ctx context.Context) (cases int, err error) {
	for after := ""; ; {
		ids, err := a.record.OpenCases(ctx, after, 500)
		if err != nil || len(ids) == 0 {
			return cases, err
		}
		if err := a.each(ctx, ids, a.startCase); err != nil {
			return cases, err
		}
		cases, after = cases+len(ids), ids[len(ids)-1]
		a.markStarted(ctx)
	}
}

// lately is how many of the acts received last may have been lost by an engine that crashed
// with this process: more than can be under way at once.
const lately = 500

// reviveEngine brings the engine up to the record whenever it is there (again), and tries until
// that is done.
func (a *App) reviveEngine(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.engine.back:
		}
		for a.revive(ctx) != nil && every(ctx, 5*time.Second) {
		}
	}
}

// revive has all open cases driven, and the workflows of those acted on last read the record
// again. It follows any absence of the engine or of this process.
func (a *App) revive(ctx context.Context) error {
	recent, err := a.record.LastActed(ctx, lately)
	if err == nil {
		err = a.each(ctx, recent, a.refresh)
	}
	cases := 0
	if err == nil {
		cases, err = a.Rehydrate(ctx)
	}
	if err != nil && ctx.Err() == nil {
		a.log.Warn("rehydrate", "cases", cases, "error", err)
	} else if err == nil {
		a.log.Info("rehydrated", "cases", cases, "refreshed", len(recent))
	}
	return err
}

// each calls do for several ids at a time. One that fails is told and left to the next round;
// an engine that is away ends this one.
func (a *App) each(ctx context.Context, ids []string, do func(context.Context, string) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, id := range ids {
		group.Go(func() error {
			ctx, cancel := context.WithTimeout(ctx, engineWait)
			defer cancel()
			err := do(ctx, id)
			var refusal *regulation.Error
			if errors.As(err, &refusal) && refusal.Code == regulation.Unavailable {
				return err
			}
			if err != nil && ctx.Err() == nil {
				a.log.Warn("case left for the next round", "case", id, "error", err)
			}
			return nil
		})
	}
	return group.Wait()
}

// Rehydrate brings the open cases of the settings' record to the settings' engine, without a
// process of the product.
func Rehydrate(ctx context.Context, s Settings, log *slog.Logger) (cases int, err error) {
	a, err := New(s, Parts{}, log)
	if err != nil {
		return 0, err
	}
	defer a.Stop()
	if a.record, a.clock, err = OpenRecord(ctx, s, log); err != nil {
		return 0, err
	}
	if a.engine, err = connect(s, log, a.metrics); err != nil {
		return 0, err
	}
	if err := a.engine.ready(ctx); err != nil {
		return 0, err
	}
	return a.Rehydrate(ctx)
}
