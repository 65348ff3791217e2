package workflows

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"haochaping/activities"
	"haochaping/regulation"
)

// These tests prove the safety net itself. Each planted change stands for an edit of the workflow
// code that somebody might make without naming a version; it is put around the code of today, so
// that none of it is in the product.

// change is a planted change: what it puts in place of the workflow's own calls. A nil function
// leaves the call as it is.
type change struct {
	interceptor.WorkerInterceptorBase
	run      func(workflow.Context, func() (any, error)) (any, error)
	update   func(workflow.Context, func() (any, error)) (any, error)
	timer    func(workflow.Context, time.Duration, func(time.Duration) workflow.Future) workflow.Future
	local    func(workflow.Context, call, func(call) workflow.Future) workflow.Future
	ordinary func(workflow.Context, call, func(call) workflow.Future) workflow.Future
	fresh    func(error) error
}

// call is one call of an activity.
type call struct {
	activity string
	args     []any
}

func (c *change) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &inbound{interceptor.WorkflowInboundInterceptorBase{Next: next}, c}
}

type inbound struct {
	interceptor.WorkflowInboundInterceptorBase
	*change
}

func (i *inbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	return i.Next.Init(&outbound{interceptor.WorkflowOutboundInterceptorBase{Next: next}, i.change})
}

func (i *inbound) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	own := func() (any, error) { return i.Next.ExecuteWorkflow(ctx, in) }
	if i.run == nil {
		return own()
	}
	return i.run(ctx, own)
}

func (i *inbound) ExecuteUpdate(ctx workflow.Context, in *interceptor.UpdateInput) (any, error) {
	own := func() (any, error) { return i.Next.ExecuteUpdate(ctx, in) }
	if i.update == nil {
		return own()
	}
	return i.update(ctx, own)
}

type outbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	*change
}

func (o *outbound) NewTimerWithOptions(ctx workflow.Context, wait time.Duration, options workflow.TimerOptions) workflow.Future {
	own := func(wait time.Duration) workflow.Future { return o.Next.NewTimerWithOptions(ctx, wait, options) }
	if o.timer == nil {
		return own(wait)
	}
	return o.timer(ctx, wait, own)
}

func (o *outbound) NewTimer(ctx workflow.Context, wait time.Duration) workflow.Future {
	own := func(wait time.Duration) workflow.Future { return o.Next.NewTimer(ctx, wait) }
	if o.timer == nil {
		return own(wait)
	}
	return o.timer(ctx, wait, own)
}

func (o *outbound) ExecuteLocalActivity(ctx workflow.Context, activity string, args ...any) workflow.Future {
	own := func(c call) workflow.Future { return o.Next.ExecuteLocalActivity(ctx, c.activity, c.args...) }
	if o.local == nil {
		return own(call{activity, args})
	}
	return o.local(ctx, call{activity, args}, own)
}

func (o *outbound) ExecuteActivity(ctx workflow.Context, activity string, args ...any) workflow.Future {
	own := func(c call) workflow.Future { return o.Next.ExecuteActivity(ctx, c.activity, c.args...) }
	if o.ordinary == nil {
		return own(call{activity, args})
	}
	return o.ordinary(ctx, call{activity, args}, own)
}

func (o *outbound) NewContinueAsNewError(ctx workflow.Context, name any, args ...any) error {
	err := o.Next.NewContinueAsNewError(ctx, name, args...)
	if o.fresh == nil {
		return err
	}
	return o.fresh(err)
}

// sideEffect is a command that the histories do not have.
func sideEffect(ctx workflow.Context) {
	workflow.SideEffect(ctx, func(workflow.Context) any { return 0 })
}

var planted = []struct {
	name   string
	change change
	on     string // a history that must show it, besides any others
}{
	{"an ordinary activity in place of the local one", change{local: func(ctx workflow.Context, c call, _ func(call) workflow.Future) workflow.Future {
		return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, patient), c.activity, c.args...)
	}}, "first-main-line.json"},
	{"a local activity in place of the ordinary one", change{ordinary: func(ctx workflow.Context, c call, _ func(call) workflow.Future) workflow.Future {
		return workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, swift), c.activity, c.args...)
	}}, "first-record-away.json"},
	{"another activity than before", change{local: func(_ workflow.Context, c call, own func(call) workflow.Future) workflow.Future {
		return own(call{"Another" + c.activity, c.args})
	}}, "first-main-line.json"},
	{"every recording twice", change{local: func(ctx workflow.Context, c call, own func(call) workflow.Future) workflow.Future {
		_ = own(c).Get(ctx, nil) // the second one's answer counts
		return own(c)
	}}, "first-main-line.json"},
	{"a side effect before each recording", change{local: func(ctx workflow.Context, c call, own func(call) workflow.Future) workflow.Future {
		sideEffect(ctx)
		return own(c)
	}}, "first-main-line.json"},
	{"a side effect at the start", change{run: func(ctx workflow.Context, own func() (any, error)) (any, error) {
		sideEffect(ctx)
		return own()
	}}, "first-nothing-to-do.json"},
	{"a pause at the start", change{run: func(ctx workflow.Context, own func() (any, error)) (any, error) {
		if err := workflow.Sleep(ctx, time.Second); err != nil {
			return nil, err
		}
		return own()
	}}, "first-nothing-to-do.json"},
	{"a second timer", change{timer: func(_ workflow.Context, wait time.Duration, own func(time.Duration) workflow.Future) workflow.Future {
		own(wait + time.Hour)
		return own(wait)
	}}, "first-overdue-accept.json"},
	{"no timer", change{timer: func(ctx workflow.Context, _ time.Duration, _ func(time.Duration) workflow.Future) workflow.Future {
		never, _ := workflow.NewFuture(ctx)
		return never
	}}, "first-overdue-accept.json"},
	{"an act answered without being recorded", change{update: func(workflow.Context, func() (any, error)) (any, error) {
		return ActResult{Seq: 1}, nil
	}}, "first-main-line.json"},
	{"an act recorded only after a pause", change{update: func(ctx workflow.Context, own func() (any, error)) (any, error) {
		if err := workflow.Sleep(ctx, time.Second); err != nil {
			return nil, err
		}
		return own()
	}}, "first-main-line.json"},
	{"acts in another order", change{update: otherOrder()}, "first-two-acts-in-one-instant.json"},
	{"an end that waits for one more act", change{run: func(ctx workflow.Context, own func() (any, error)) (any, error) {
		if _, err := own(); err != nil {
			return nil, err
		}
		return nil, workflow.Await(ctx, func() bool { return false })
	}}, "first-main-line.json"},
	{"an end in failure", change{run: func(_ workflow.Context, own func() (any, error)) (any, error) {
		if _, err := own(); err != nil {
			return nil, err
		}
		return nil, activities.Refuse(regulation.Invalid)
	}}, "first-main-line.json"},
	{"an end in place of a fresh history", change{fresh: func(error) error { return nil }}, "first-fresh-history.json"},
}

// otherOrder has the first of two acts wait until the second was recorded.
func otherOrder() func(workflow.Context, func() (any, error)) (any, error) {
	return func(ctx workflow.Context, own func() (any, error)) (any, error) {
		// A turn of the scheduler lets whoever came later go first.
		passed := false
		workflow.Go(ctx, func(workflow.Context) { passed = true })
		if err := workflow.Await(ctx, func() bool { return passed }); err != nil {
			return nil, err
		}
		return own()
	}
}

// TestAPlantedChangeFailsTheReplay: none of them gets past the recorded histories, and each for
// the reason that the code does something else than what is recorded.
func TestAPlantedChangeFailsTheReplay(t *testing.T) {
	all := recorded(t)
	for _, p := range planted {
		t.Run(p.name, func(t *testing.T) {
			caught := 0
			for file, h := range all {
				err := replay(h, &p.change)
				switch {
				case err == nil && file == p.on:
					t.Errorf("%s passes", file)
				case err != nil && !nondeterministic(err):
					t.Errorf("%s fails for another reason: %.300v", file, err)
				case err != nil:
					caught++
				}
			}
			t.Logf("caught by %d of %d histories", caught, len(all))
		})
	}
}

// nondeterministic tells whether a replay failed since the code did something else, or ended the
// run in another way, than is recorded.
func nondeterministic(err error) bool {
	return strings.Contains(err.Error(), "TMPRL1100") || strings.Contains(err.Error(), "doesn't return the same result as the last event")
}

// TestNoChangeAndANamedOnePass is the other half of the proof: what is put around the code is not
// itself what fails, and a change under a named version leaves the old histories valid.
func TestNoChangeAndANamedOnePass(t *testing.T) {
	named := change{run: func(ctx workflow.Context, own func() (any, error)) (any, error) {
		if workflow.GetVersion(ctx, "planted", workflow.DefaultVersion, 1) != workflow.DefaultVersion {
			sideEffect(ctx)
		}
		return own()
	}}
	for file, h := range recorded(t) {
		for name, c := range map[string]*change{"nothing": {}, "a named version": &named} {
			if err := replay(h, c); err != nil {
				t.Errorf("%s with %s changed: %v", file, name, err)
			}
		}
	}
}

// TestAnotherDurationIsNotSeen writes down the net's one hole: the engine's libraries compare that
// a timer is set, not for how long. That is why workflow code never computes a deadline, and why
// a changed calendar or parameter reaches a case only as a recorded step.
func TestAnotherDurationIsNotSeen(t *testing.T) {
	longer := change{timer: func(_ workflow.Context, wait time.Duration, own func(time.Duration) workflow.Future) workflow.Future {
		return own(wait + 24*time.Hour)
	}}
	if err := replay(recorded(t)["first-overdue-accept.json"], &longer); err != nil {
		t.Errorf("durations are compared by now, which the design takes for granted that they are not: %v", err)
	}
}

// TestAnotherTransitionTablePasses replays every history with tables under which hardly an act of
// theirs would be possible: what the rules said stands in the recorded steps.
func TestAnotherTransitionTablePasses(t *testing.T) {
	table, tracks := regulation.Table, regulation.TrackTable
	t.Cleanup(func() { regulation.Table, regulation.TrackTable = table, tracks })
	all := recorded(t)
	for name, other := range map[string][]regulation.Transition{"empty": nil, "cut in half": table[:len(table)/2], "without its first half": table[len(table)/2:]} {
		regulation.Table, regulation.TrackTable = other, nil
		if open(regulation.PhaseOpened, regulation.ActAccept) && open(regulation.PhaseClosing, regulation.ActClose) {
			t.Fatalf("the table %s still opens the first and the last act: this test proves nothing", name)
		}
		for file, h := range all {
			if err := replay(h); err != nil {
				t.Errorf("%s with a table %s: %v", file, name, err)
			}
		}
	}
}

func open(phase regulation.Phase, act regulation.ActKind) bool {
	return slices.Contains(regulation.OpenIn(regulation.Case{Phase: phase}), act)
}
