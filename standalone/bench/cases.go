package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"haochaping/activities"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/worker"
	"haochaping/workflows"
)

// Cases is the product's own case: the real worker, rules and record. Cases are carried along their lines
// from acceptance to close. Their ratings are stored before the clock starts, as intake has a figure of
// its own; the ledger takes in what the cases write while they run.
type Cases struct {
	record *Record
	window store.Target
	lines  []line
	actors [][]regulation.Actor // of each line, who does each act
	only   int                  // the line that every case takes; mixed: each its own
	broken failure              // of the ledger's keeper
	ids    []string             // of the round's cases
}

// mixed has the cases take their lines by the shares.
const mixed = -1

var _ Subject = (*Cases)(nil)

// NewCases makes a record of its own on the database and rehearses a case of each line on it.
func NewCases(ctx context.Context, d Database) (*Cases, error) {
	record, err := d.Open(ctx, time.Now)
	if err != nil {
		return nil, err
	}
	c := &Cases{record: record, lines: lines(time.Now()), only: mixed}
	if c.window, err = record.WindowTarget(ctx, measuredWindow); err == nil {
		err = c.rehearse(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, record.Close())
	}
	return c, nil
}

// Close deletes the record.
func (c *Cases) Close() error { return c.record.Close() }

// Name tells the record's engine.
func (c *Cases) Name() string {
	if c.record.Engine() == "sqlite" {
		return "cases, record on SQLite"
	}
	return "cases, record on MariaDB"
}

// RecordBytes is what all cases so far take.
func (c *Cases) RecordBytes(ctx context.Context) (int64, error) { return c.record.Bytes(ctx) }

// ServerUse is what the record's server has done so far.
func (c *Cases) ServerUse(ctx context.Context) (ServerUse, error) { return c.record.ServerUse(ctx) }

// Connect makes the product's own client and worker.
func (c *Cases) Connect(engine client.Options) (client.Client, sdkworker.Worker, error) {
	line, err := workflows.Connect(engine)
	if err != nil {
		return nil, nil, err
	}
	return line, worker.New(line, &activities.Activities{Store: c.record.Store}), nil
}

// Prepare stores the bad ratings whose cases will be carried, and keeps the ledger until ctx ends.
func (c *Cases) Prepare(ctx context.Context, cases int) error {
	c.ids = make([]string, cases)
	err := together(ctx, intakeAtOnce, cases, func(ctx context.Context, n int) error {
		saved, err := c.record.SaveRating(ctx, badRating(c.window, time.Now()))
		c.ids[n] = saved.CaseID
		return err
	})
	if err != nil {
		return err
	}
	go c.record.keepLedger(ctx, c.broken.note)
	return c.record.MarkStarted(ctx, c.ids...)
}

// Start starts the case's workflow, as the product does once a rating is stored.
func (c *Cases) Start(ctx context.Context, engine client.Client, n int) (string, error) {
	return workflows.WorkflowID(c.ids[n]), workflows.Start(ctx, engine, c.ids[n])
}

// Carry has each act's row stored and then done by the case's workflow.
func (c *Cases) Carry(ctx context.Context, engine client.Client, n int, done func(time.Duration)) error {
	id, seen, on := c.ids[n], int64(1), c.lineOf(n)
	for i, a := range c.lines[on].acts {
		began := time.Now()
		row, err := c.submit(ctx, id, on, i)
		if err != nil {
			return err
		}
		result, err := workflows.Submit(ctx, engine, workflows.ActRef{CaseID: id, ActID: row.ID, Kind: a.kind, Seen: seen})
		if err != nil || result.Refused != "" {
			return errors.Join(fmt.Errorf("%s, %s: refused %q", c.lines[on].name, a.kind, result.Refused), err)
		}
		seen = result.Seq
		done(time.Since(began))
	}
	return c.broken.is()
}

func (c *Cases) lineOf(n int) int {
	if c.only == mixed {
		return lineOf(c.lines, n)
	}
	return c.only
}

// submit stores the i-th act of a line.
func (c *Cases) submit(ctx context.Context, caseID string, on, i int) (store.ActRow, error) {
	a := c.lines[on].acts[i]
	return c.record.SubmitAct(ctx, store.ActRequest{CaseID: caseID, Kind: a.kind, Values: a.values, Actor: c.actors[on][i],
		Key: fmt.Sprintf("%s/%d", caseID, i)})
}

// rehearse carries one case of each line without an engine and notes who does each act.
func (c *Cases) rehearse(ctx context.Context) error {
	for on, l := range c.lines {
		saved, err := c.record.SaveRating(ctx, badRating(c.window, time.Now()))
		if err != nil {
			return err
		}
		c.actors = append(c.actors, make([]regulation.Actor, len(l.acts)))
		for i := range l.acts {
			if err := c.rehearseAct(ctx, saved.CaseID, on, i); err != nil {
				return fmt.Errorf("%s: %w", l.name, err)
			}
		}
	}
	return nil
}

func (c *Cases) rehearseAct(ctx context.Context, caseID string, on, i int) (err error) {
	a := c.lines[on].acts[i]
	if c.actors[on][i], err = c.record.able(ctx, caseID, a); err != nil {
		return err
	}
	row, err := c.submit(ctx, caseID, on, i)
	if err != nil {
		return err
	}
	step, err := c.record.RecordAct(ctx, caseID, row.ID)
	if err != nil || step.Refused != "" {
		return errors.Join(fmt.Errorf("%s: refused %q", a.kind, step.Refused), err)
	}
	return nil
}

// able finds somebody whom the rules let do the act now.
func (r *Record) able(ctx context.Context, caseID string, a act) (regulation.Actor, error) {
	held, err := r.CaseByID(ctx, regulation.Scope{All: true}, caseID)
	if err != nil {
		return regulation.Actor{}, err
	}
	act := regulation.Act{Kind: a.kind, Values: a.values}
	rules, err := r.RulesFor(ctx, held, act)
	if err != nil {
		return regulation.Actor{}, err
	}
	candidates := []regulation.Actor{{As: regulation.Assignment{Role: regulation.Citizen}}}
	for _, p := range rules.Roster {
		for _, as := range p.Assignments {
			candidates = append(candidates, regulation.Actor{Person: p.ID, Staff: p.Staff, Assignments: p.Assignments, As: as})
		}
	}
	for _, actor := range candidates {
		if _, _, err = rules.Apply(held, act, actor, time.Now()); err == nil {
			return actor, nil
		}
	}
	return regulation.Actor{}, fmt.Errorf("nobody may %s: %w", a.kind, err)
}

// intakeAtOnce is how many ratings are stored at once while a measurement is prepared: they share
// commits.
const intakeAtOnce = 64

// lookPlan is a short round of one line: enough to tell its updates and timers.
func lookPlan(p Plan) Plan { return Plan{Cases: min(4, p.Cases), AtOnce: p.AtOnce, Dir: p.Dir} }

// Look has each line carried by itself. It returns the bare case with the updates and timers of each,
// mixed like the cases, and the figures of a whole round of the first line, the plain one.
func (c *Cases) Look(ctx context.Context, p Plan) (bare Bare, plain Figures, err error) {
	defer func() { c.only = mixed }()
	for c.only = range c.lines {
		round := lookPlan(p)
		if c.only == 0 {
			round = p
		}
		f, err := Measure(ctx, c, round)
		if err != nil {
			return bare, plain, err
		}
		if c.only == 0 {
			plain = f
		}
		bare.Mix = append(bare.Mix, Like(f.Shape))
	}
	bare.Of = func(n int) int { return lineOf(c.lines, n) }
	return bare, plain, nil
}

// PrintLines writes the measured load: lines, shares, and what each asks of the engine.
func (c *Cases) PrintLines(w io.Writer, loads []Load) {
	fmt.Fprintf(w, "  %-52s %8s %8s %8s\n", "the measured cases", "of 100", "acts", "timers")
	for i, l := range c.lines {
		fmt.Fprintf(w, "  %-52s %8d %8d %8d\n", l.name, l.share, loads[i].Acts, loads[i].Timers)
	}
}

// published is what Camunda told of a complaint process: bytes on disk a closed instance (docs/benchmarks.md).
const published = 174_000

// PrintSizes writes what a closed case takes, of the mix and of the plain line.
func PrintSizes(w io.Writer, mix, plain Figures) {
	fmt.Fprintf(w, "  %-52s %8s %8s %8s %8s %8s\n", "a closed case", "engine B", "record B", "together", "p50 ms", "p99 ms")
	for _, row := range []struct {
		name string
		f    Figures
	}{{"the mix", mix}, {"the main line alone", plain}} {
		fmt.Fprintf(w, "  %-52s %8d %8d %8d %8.1f %8.1f\n", row.name, row.f.EngineBytes, row.f.RecordBytes, row.f.EngineBytes+row.f.RecordBytes,
			milliseconds(row.f.P50), milliseconds(row.f.P99))
	}
	fmt.Fprintf(w, "  %-52s %26d\n", "Camunda's published figure for a complaint process", published)
}
