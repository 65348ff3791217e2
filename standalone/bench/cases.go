package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"haochaping/activities"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/worker"
	"haochaping/workflows"
)

// Cases is the product's own case: the real worker, rules and record. A case is carried along the
// main line from its acceptance to its close. Its rating is stored before the clock starts, as
// intake has a figure of its own; the ledger takes in what the cases write while they run.
type Cases struct {
	record *Record
	window store.Target
	actors map[regulation.ActKind]regulation.Actor
	broken failure  // of the ledger's keeper
	ids    []string // of the round's cases
}

var _ Subject = (*Cases)(nil)

// NewCases makes a record of its own on the database and rehearses one case on it.
func NewCases(ctx context.Context, d Database) (*Cases, error) {
	record, err := d.Open(ctx, time.Now)
	if err != nil {
		return nil, err
	}
	c := &Cases{record: record, actors: map[regulation.ActKind]regulation.Actor{}}
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
	id, seen := c.ids[n], int64(1)
	for _, a := range mainLine(time.Now()) {
		began := time.Now()
		row, err := c.submit(ctx, id, a)
		if err != nil {
			return err
		}
		result, err := workflows.Submit(ctx, engine, workflows.ActRef{CaseID: id, ActID: row.ID, Kind: a.kind, Seen: seen})
		if err != nil || result.Refused != "" {
			return errors.Join(fmt.Errorf("%s: refused %q", a.kind, result.Refused), err)
		}
		seen = result.Seq
		done(time.Since(began))
	}
	return c.broken.is()
}

func (c *Cases) submit(ctx context.Context, caseID string, a act) (store.ActRow, error) {
	return c.record.SubmitAct(ctx, store.ActRequest{CaseID: caseID, Kind: a.kind, Values: a.values, Actor: c.actors[a.kind],
		Key: caseID + string(a.kind)})
}

// rehearse carries one case without an engine and notes who does each act.
func (c *Cases) rehearse(ctx context.Context) error {
	saved, err := c.record.SaveRating(ctx, badRating(c.window, time.Now()))
	if err != nil {
		return err
	}
	for _, a := range mainLine(time.Now()) {
		if c.actors[a.kind], err = c.record.able(ctx, saved.CaseID, a); err != nil {
			return err
		}
		row, err := c.submit(ctx, saved.CaseID, a)
		if err != nil {
			return err
		}
		step, err := c.record.RecordAct(ctx, saved.CaseID, row.ID)
		if err != nil || step.Refused != "" {
			return errors.Join(fmt.Errorf("%s: refused %q", a.kind, step.Refused), err)
		}
	}
	return nil
}

// able finds somebody whom the rules let do the act now.
func (r *Record) able(ctx context.Context, caseID string, a act) (regulation.Actor, error) {
	held, err := r.CaseByID(ctx, regulation.Scope{All: true}, caseID)
	if err != nil {
		return regulation.Actor{}, err
	}
	rules, err := r.RulesOf(ctx, held, a.values["unit"]...)
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
		if _, _, err = rules.Apply(held, regulation.Act{Kind: a.kind, Values: a.values}, actor, time.Now()); err == nil {
			return actor, nil
		}
	}
	return regulation.Actor{}, fmt.Errorf("nobody may %s: %w", a.kind, err)
}

// intakeAtOnce is how many ratings are stored at once while a measurement is prepared: they share
// commits.
const intakeAtOnce = 64
