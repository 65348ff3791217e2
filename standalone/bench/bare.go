package bench

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"haochaping/regulation"
	"haochaping/workflows"
)

const (
	bareQueue  = "bench-bare"
	bareType   = "bare"
	bareUpdate = "act"
	// longWait is further away than any measurement lasts: the timers of acts that came in time.
	longWait = 24 * time.Hour
)

// Load is what a case asks of the engine.
type Load struct {
	// Acts is how many updates a case takes.
	Acts int
	// Timers is how many timers it starts: one at the start, one after each deadline, and for the rest
	// the first updates each give up the timer that runs for a new one. 0 means one an update besides
	// the first.
	Timers int
	// Deadlines is how many timers run out, one after the other, each at once.
	Deadlines int
}

// Bare is a case without content: it takes as many updates as it is told, each with the argument and
// the answer of a case's, keeps one timer running, and ends with the last update and deadline.
type Bare struct {
	// Title names it; empty means "bare engine".
	Title string
	Load
	// Mix are the loads of several kinds of cases, when given, and Of tells the kind of case n.
	Mix []Load
	Of  func(n int) int
	// Record, when given, is run as a local activity, the way a case is recorded: once at the start
	// with act 0, once an update with its number from 1, once a deadline with its number from -1
	// downwards. It may be called again for the same one.
	Record func(ctx context.Context, workflowID string, act int) error
}

var _ Subject = Bare{}

// Name is the title.
func (b Bare) Name() string {
	if b.Title == "" {
		return "bare engine"
	}
	return b.Title
}

// RecordBytes is 0: a bare case keeps no record of its own.
func (Bare) RecordBytes(context.Context) (int64, error) { return 0, nil }

// ServerUse is nothing: a bare case has no database server.
func (Bare) ServerUse(context.Context) (ServerUse, error) { return ServerUse{}, nil }

// Prepare has nothing to do: a bare case begins from nothing.
func (Bare) Prepare(context.Context, int) error { return nil }

// Connect registers the bare workflow on a queue of its own.
func (b Bare) Connect(engine client.Options) (client.Client, worker.Worker, error) {
	c, err := client.Dial(engine)
	if err != nil {
		return nil, nil, err
	}
	// The same pollers as the product's worker.
	w := worker.New(c, bareQueue, worker.Options{MaxConcurrentWorkflowTaskPollers: 8, MaxConcurrentActivityTaskPollers: 2})
	w.RegisterWorkflowWithOptions(b.workflow, workflow.RegisterOptions{Name: bareType})
	return c, w, nil
}

// Start starts the workflow.
func (b Bare) Start(ctx context.Context, c client.Client, n int) (string, error) {
	options := bareStart(n)
	_, err := c.ExecuteWorkflow(ctx, options, bareType, b.load(n))
	return options.ID, err
}

// load is what case n asks.
func (b Bare) load(n int) Load {
	if b.Of == nil {
		return b.Load
	}
	return b.Mix[b.Of(n)]
}

func bareStart(n int) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: fmt.Sprintf("bare/%032d", n), TaskQueue: bareQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}
}

// Carry submits the acts, each as update-with-start on the existing run, as workflows.Submit does.
func (b Bare) Carry(ctx context.Context, c client.Client, n int, done func(time.Duration)) error {
	load := b.load(n)
	for act := 1; act <= load.Acts; act++ {
		began := time.Now()
		if err := b.submit(ctx, c, n, act); err != nil {
			return err
		}
		done(time.Since(began))
	}
	return nil
}

func (b Bare) submit(ctx context.Context, c client.Client, n, act int) error {
	options := bareStart(n)
	ref := workflows.ActRef{CaseID: options.ID, ActID: fmt.Sprintf("%s/%d", options.ID, act), Kind: regulation.ActAccept, Seen: int64(act)}
	handle, err := c.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.NewWithStartWorkflowOperation(options, bareType, b.load(n)),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID:     ref.ActID,
			WorkflowID:   options.ID,
			UpdateName:   bareUpdate,
			Args:         []any{ref},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return err
	}
	var result workflows.ActResult
	return handle.Get(ctx, &result)
}

// bareRun is the state of one bare case.
type bareRun struct {
	Load
	recording func(ctx context.Context, workflowID string, act int) error
	turn      workflow.Mutex
	taken     int  // updates answered
	deadlines int  // timers that ran out
	set       int  // timers started
	moved     bool // an update was answered since the timer was set
	timer     workflow.Future
	cancel    workflow.CancelFunc
}

func (b Bare) workflow(ctx workflow.Context, load Load) error {
	r := &bareRun{Load: load, recording: b.Record, turn: workflow.NewMutex(ctx)}
	if err := workflow.SetUpdateHandler(ctx, bareUpdate, r.act); err != nil {
		return err
	}
	if err := r.record(ctx, 0); err != nil {
		return err
	}
	for {
		r.arm(ctx)
		err := workflow.Await(ctx, func() bool { return r.moved || r.timer.IsReady() || r.done(ctx) })
		if err != nil || r.done(ctx) {
			return err
		}
		if r.timer.IsReady() {
			r.deadlines++
			err = r.record(ctx, -r.deadlines)
		}
		if err != nil {
			return err
		}
	}
}

func (r *bareRun) done(ctx workflow.Context) bool {
	return r.taken >= r.Acts && r.deadlines >= r.Deadlines && workflow.AllHandlersFinished(ctx)
}

func (r *bareRun) act(ctx workflow.Context, ref workflows.ActRef) (workflows.ActResult, error) {
	if err := r.record(ctx, int(ref.Seen)); err != nil {
		return workflows.ActResult{}, err
	}
	r.taken++
	r.moved = r.moves()
	return workflows.ActResult{Seq: ref.Seen + 1}, nil
}

// moves tells whether the update just answered sets the timer anew.
func (r *bareRun) moves() bool {
	return r.Timers == 0 || r.set+r.Deadlines-r.deadlines < r.Timers
}

// arm gives up the timer that runs and sets the next, as a case does when its earliest deadline
// changes.
func (r *bareRun) arm(ctx workflow.Context) {
	r.moved = false
	if r.cancel != nil && !r.timer.IsReady() {
		r.cancel()
	}
	wait := longWait
	if r.deadlines < r.Deadlines {
		wait = time.Millisecond
	}
	ctx, r.cancel = workflow.WithCancel(ctx)
	r.timer = workflow.NewTimer(ctx, wait)
	r.set++
}

func (r *bareRun) record(ctx workflow.Context, act int) error {
	if r.recording == nil {
		return nil
	}
	if err := r.turn.Lock(ctx); err != nil {
		return err
	}
	defer r.turn.Unlock()
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{ScheduleToCloseTimeout: 5 * time.Second})
	return workflow.ExecuteLocalActivity(local, r.recording, workflow.GetInfo(ctx).WorkflowExecution.ID, act).Get(ctx, nil)
}
