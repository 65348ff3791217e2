package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"haochaping/store"
)

// duty is something to be done again and again.
type duty struct {
	name   string
	every  time.Duration
	shared bool // one node at a time does it, under a lease of the record
	engine bool // only while the engine is up
	do     func(ctx context.Context, token int64) error
}

// duties are all there are. None needs another node to be well.
func (a *App) duties() []duty {
	all := []duty{
		{"mark started cases", time.Second, false, false, plain(func(ctx context.Context) error { a.markStarted(ctx); return nil })},
		{"refresh cases in doubt", 2 * time.Second, false, true, plain(a.refreshDoubted)},
		{"start waiting cases", 2 * time.Second, true, true, plain(a.startWaiting)},
		{"submit waiting acts", 5 * time.Second, true, true, plain(a.submitWaiting)},
		{"settle people", 2 * time.Second, true, false, plain(a.settlePeople)},
		{store.LeaseRearming, 2 * time.Second, true, false, plain(a.rearmCases)},
		{"tell moved cases", 2 * time.Second, true, true, plain(a.tellMoved)},
		{store.LeaseSequencer, time.Second, true, false, a.integrate},
		{store.LeaseFigures, 2 * time.Second, true, false, a.countFigures},
		{store.LeaseSealing, time.Minute, true, false, a.sealFigures},
		{store.LeaseCheckpoints, checkpointLook, true, false, a.signCheckpoints},
		{"watch leaves", 15 * time.Second, false, false, plain(a.watchLeaves)},
		{"watch what was not recorded", 15 * time.Second, false, false, plain(func(ctx context.Context) error { return a.record.WatchUnrecorded(ctx) })},
		{store.LeaseArchive, 5 * time.Second, true, false, a.archiveCases},
		{store.LeaseRetention, 5 * time.Minute, true, false, a.retain},
		{"move subject keys", 5 * time.Second, true, false, plain(a.moveKeys)},
		{"sweep subject keys", time.Hour, true, false, plain(a.sweepKeys)},
		{"settle erasures", 10 * time.Second, false, false, plain(func(ctx context.Context) error { return a.record.SettleErasures(ctx) })},
		{"share erasures", time.Minute, false, false, plain(a.shareErasures)},
		{"refresh keys", 10 * time.Second, false, false, plain(func(context.Context) error { return a.record.RefreshKeys() })},
		{store.LeaseRenewal, time.Second, true, false, a.renewKeys},
		{store.LeaseWatch, 20 * time.Second, true, false, a.judgeWatch},
		{store.LeaseProbes, 5 * time.Second, true, false, a.probe},
		{store.LeaseDockets, 20 * time.Second, true, false, a.followDockets},
		{store.LeaseDevices, time.Minute, true, false, plain(a.watchDevices)},
		{store.LeaseBoxes, time.Minute, true, false, a.watchBoxes},
		{"simulate devices", 20 * time.Second, true, false, plain(a.simulateDevices)},
		{"fill the boxes of a demo", 3 * time.Second, true, false, plain(a.fillBoxes)},
		{"count who rates where", 10 * time.Minute, false, false, plain(func(ctx context.Context) error { return a.record.CountCrowds(ctx) })},
		{"sweep files", time.Hour, true, false, plain(a.sweepFiles)},
		{"verify", 30 * time.Second, false, false, plain(a.verifyInTurn)},
		{"watch the exchange", 15 * time.Second, true, false, plain(func(ctx context.Context) error { return a.record.WatchExchange(ctx) })},
		{"sweep sessions", 10 * time.Minute, true, false, plain(a.sweepSessions)},
	}
	if a.parts.API {
		all = append(all, duty{"retry parked messages", 20 * time.Second, true, false, plain(a.handler.RetryParked)},
			duty{"watch upstreams", time.Minute, true, false, plain(a.watchUpstreams)},
			duty{"make exports", 2 * time.Second, false, false, plain(a.makeExports)},
			duty{"sweep nonces", 10 * time.Minute, true, false, plain(a.sweepInbound)})
	}
	if a.parts.API && a.settings.Simulate && len(a.sending) > 0 && a.settings.Upstreams == "" {
		all = append(all, duty{"play the upstreams", 20 * time.Second, false, true, plain(a.playUpstreams)})
	}
	if a.parts.Worker {
		all = append(all, duty{"beat", beatEvery, false, true, plain(a.beat)})
	}
	return all
}

// plain is a duty that may be done twice at once without harm, and so needs no fence.
func plain(do func(context.Context) error) func(context.Context, int64) error {
	return func(ctx context.Context, _ int64) error { return do(ctx) }
}

// leaseTime is how long a duty stays with a node that died, and thrice the time between
// renewals. The fence holds off a node that merely slept.
const leaseTime = 15 * time.Second

// lease is a node's hold on a shared duty.
type lease struct {
	token int64
	until time.Time // renewed before
}

// perform does a duty until the process is stopped, and lets another node have it then.
func (a *App) perform(ctx context.Context, d duty) {
	var held lease
	for every(ctx, d.every) {
		if d.engine && !a.engine.isUp() {
			continue
		}
		if d.shared && !a.hold(ctx, d, &held) {
			continue
		}
		err := d.do(ctx, held.token)
		if errors.Is(err, store.ErrLeaseLost) {
			held = lease{}
			continue
		}
		if err != nil && ctx.Err() == nil {
			a.log.Warn("duty failed", "duty", d.name, "error", err)
		}
	}
	a.release(d, held)
}

// hold takes or renews the duty's lease and tells whether this node has it.
func (a *App) hold(ctx context.Context, d duty, held *lease) bool {
	now := time.Now()
	if now.Before(held.until) {
		return true
	}
	token, ok, err := a.record.AcquireLease(ctx, d.name, a.node, max(leaseTime, 3*d.every))
	if err != nil && ctx.Err() == nil {
		a.log.Warn("lease", "duty", d.name, "error", err)
	}
	*held = lease{}
	if ok {
		*held = lease{token, now.Add(leaseTime / 3)}
	}
	return ok
}

// longLease is how long a piece of work that takes minutes stays with a node that died.
const longLease = time.Minute

// holdLong takes a lease for work that may take long, and renews it until release. The context ends with
// the lease; it is nil where another node has it.
func (a *App) holdLong(ctx context.Context, name string) (held context.Context, release func(), err error) {
	token, ok, err := a.record.AcquireLease(ctx, name, a.node, longLease)
	if err != nil || !ok {
		return nil, nil, err
	}
	held, end := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		for every(held, longLease/4) {
			if again, ok, err := a.record.AcquireLease(held, name, a.node, longLease); err == nil && (!ok || again != token) {
				end() // it slept, and another has taken over
			}
		}
	})
	return held, func() {
		end()
		renewing.Wait()
		a.release(duty{name: name}, lease{token: token})
	}, nil
}

func (a *App) release(d duty, held lease) {
	if held.token == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := a.record.ReleaseLease(ctx, d.name, held.token); err != nil {
		a.log.Warn("release lease", "duty", d.name, "error", err)
	}
}

// integrate takes what is pending into the ledger.
func (a *App) integrate(ctx context.Context, token int64) error {
	const most = 4000 // leaves a transaction: of a burst all, since each one costs intake a commit
	for {
		taken, _, err := a.record.IntegrateLeaves(ctx, token, most)
		if err != nil || taken < most {
			return err
		}
	}
}

// countFigures counts what the ledger took in (7(1)).
func (a *App) countFigures(ctx context.Context, token int64) error {
	const most = 8000 // leaves a transaction, likewise
	for {
		read, err := a.record.FollowFigures(ctx, token, most)
		if err != nil || read < most {
			return err
		}
	}
}

// sealFigures seals months and quarters that are over, and those in which something changed since (7(1), 9(2)).
func (a *App) sealFigures(ctx context.Context, token int64) error {
	versions, err := a.record.SealFigures(ctx, token)
	if versions > 0 {
		a.log.Info("sealed figures", "versions", versions)
	}
	return err
}

// settlePeople lays before others what waits for people who left, and has the workflows of those cases
// read the record again: acts that were received before may have been recorded on the way.
func (a *App) settlePeople(ctx context.Context) error {
	cases, err := a.record.SettlePeople(ctx)
	a.doubted.add(cases...)
	if len(cases) > 0 {
		a.log.Info("laid before others, since people left", "cases", len(cases))
	}
	return err
}

func (a *App) watchLeaves(ctx context.Context) error {
	late, err := a.record.WatchLeaves(ctx)
	if late > 0 {
		a.log.Error("the ledger does not keep up", "late leaves", late)
	}
	return err
}

// judgeWatch judges the watch list for every day that has ended by the product's clock (8(3)).
func (a *App) judgeWatch(ctx context.Context, token int64) error {
	days, err := a.record.JudgeWatch(ctx, token)
	if days > 0 {
		a.log.Info("judged the watch list", "days", days)
	}
	return err
}

// probe looks for signs of cheating, once for every day that has ended by the product's clock (9(2)).
func (a *App) probe(ctx context.Context, token int64) error {
	if err := a.fillProbes(ctx, token); err != nil {
		return err
	}
	suspected, err := a.record.Probing(ctx, token)
	if suspected > 0 {
		a.log.Info("signs of cheating", "probes", suspected)
	}
	return err
}

// followDockets follows what authorities have to hear, to put right and to publish (7(4), 9(1)).
func (a *App) followDockets(ctx context.Context, token int64) error {
	overdue, err := a.record.FollowDockets(ctx, token)
	if overdue > 0 {
		a.log.Warn("hearings, problems or publications are overdue", "dockets", overdue)
	}
	if err != nil {
		return err
	}
	return a.fillDockets(ctx, token)
}

// makeExports makes the files of long lists, on one node at a time, for as long as there are any.
func (a *App) makeExports(ctx context.Context) error {
	waiting, err := a.handler.ExportsWait(ctx)
	if err != nil || !waiting {
		return err
	}
	held, release, err := a.holdLong(ctx, store.LeaseExports)
	if err != nil || held == nil {
		return err
	}
	defer release()
	if err := a.handler.MakeExports(held); err != nil && held.Err() == nil {
		return err
	}
	return nil
}

// watchDevices tells of devices that are offline in service hours, and of repairs that are overdue (9(3)).
func (a *App) watchDevices(ctx context.Context) error {
	offline, err := a.record.WatchDevices(ctx)
	if offline > 0 {
		a.log.Warn("devices are offline in service hours", "devices", offline)
	}
	return err
}

// watchBoxes judges the weeks of suggestion boxes that have ended by the product's clock (6(2)).
func (a *App) watchBoxes(ctx context.Context, token int64) error {
	missed, err := a.record.WatchBoxes(ctx, token)
	if missed > 0 {
		a.log.Warn("boxes were not opened in a week", "weeks", missed)
	}
	return err
}

// retain deletes what the retention table says, once a day of the product's clock (R59).
func (a *App) retain(ctx context.Context, token int64) error {
	deleted, err := a.record.Retain(ctx, token)
	if deleted > 0 {
		a.log.Info("deleted by the retention table", "things", deleted)
	}
	return err
}

// moveKeys moves raters' keys that wait in the record to their own store.
func (a *App) moveKeys(ctx context.Context) error {
	moved, err := a.record.MoveSubjectKeys(ctx)
	if moved > 0 {
		a.log.Info("moved subject keys out of the record", "keys", moved)
	}
	return err
}

// sweepKeys destroys keys of erased raters that a crash left, and those of nobody.
func (a *App) sweepKeys(ctx context.Context) error {
	swept, err := a.record.SweepSubjectKeys(ctx)
	if swept > 0 {
		a.log.Info("swept subject keys", "destroyed", swept)
	}
	return err
}

// shareErasures keeps this node's list of erasures up with what other nodes erased.
func (a *App) shareErasures(ctx context.Context) (err error) {
	a.erasuresSeen, err = a.record.ShareErasures(ctx, a.erasuresSeen)
	return err
}

// renewKeys goes on with what a new master key asks for.
func (a *App) renewKeys(ctx context.Context, token int64) error {
	steps, err := a.record.RenewKeys(ctx, token)
	if steps > 0 {
		a.log.Info("renewed under the current master key", "steps", steps)
	}
	return err
}

// sweepFiles removes files that were staged for an act which was never done.
func (a *App) sweepFiles(ctx context.Context) error {
	removed, err := a.record.SweepFiles(ctx, a.clock.At(time.Now().Add(-staged)))
	if removed > 0 {
		a.log.Info("swept files", "removed", removed)
	}
	return err
}

// staged is how long a file waits for its act.
const staged = 24 * time.Hour

func (a *App) sweepSessions(ctx context.Context) error {
	_, err := a.record.SweepSessions(ctx)
	return err
}
