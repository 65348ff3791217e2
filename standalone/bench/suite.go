package bench

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Suite is everything that make bench measures.
type Suite struct {
	Cases     Plan
	Ratings   RatingPlan
	Inbox     InboxPlan
	WhatIf    WhatIfPlan
	Deadlines DeadlinesPlan
	Parked    ParkedPlan
	Bytes     Plan
	Tallies   FiguresPlan
	Export    ExportPlan
	// Databases to measure on, in this order.
	Databases []Database
	// Figures to measure, of FigureNames.
	Figures []string
}

// FigureNames are the figures there are.
var FigureNames = []string{"cases", "ratings", "inbox", "whatif", "deadlines", "parked", "bytes", "ledger", "figures", "export"}

// Full is what the published figures rest on: about half an hour on two quiet cores.
func Full() Suite {
	return Suite{
		// So many at once that neither core waits for the disk or for company, which both sides need alike.
		Cases:     Plan{Cases: 192, Warm: 64, AtOnce: 64, Rounds: 12, Budget: 300 * time.Second, Shipped: true},
		Ratings:   RatingPlan{AtOnce: 32, Each: 3 * time.Second, Rounds: 5},
		Inbox:     InboxPlan{Tasks: 100_000, Pages: 800, AtOnce: 1},
		WhatIf:    WhatIfPlan{Cases: 10_000, Rounds: 5},
		Deadlines: DeadlinesPlan{Cases: []int{1000, 10_000}, Ahead: 40 * time.Millisecond},
		Parked:    ParkedPlan{Cases: 100_000, Acts: 200},
		Bytes:     Plan{Cases: 256, Warm: 32, AtOnce: 32},
		Tallies:   FiguresPlan{Ratings: 2_000_000, Rounds: 20},
		Export:    ExportPlan{Rows: 1_000_000},
		Figures:   FigureNames,
	}
}

// Quick only shows that everything can be measured: its figures mean little.
func Quick() Suite {
	return Suite{
		Cases:     Plan{Cases: 12, Warm: 2, AtOnce: 6, Rounds: 1, Shipped: true},
		Ratings:   RatingPlan{AtOnce: 8, Each: time.Second, Rounds: 1},
		Inbox:     InboxPlan{Tasks: 2_000, Pages: 40, AtOnce: 1},
		WhatIf:    WhatIfPlan{Cases: 1_000, Rounds: 1},
		Deadlines: DeadlinesPlan{Cases: []int{100}, Ahead: 40 * time.Millisecond},
		Parked:    ParkedPlan{Cases: 700, Acts: 20},
		Bytes:     Plan{Cases: 12, Warm: 2, AtOnce: 6},
		Tallies:   FiguresPlan{Ratings: 2 * blockOf, Rounds: 3},
		Export:    ExportPlan{Rows: 20_000},
		Figures:   FigureNames,
	}
}

// Run measures and prints.
func (s Suite) Run(ctx context.Context, w io.Writer) error {
	PrintMachine(w)
	figures := map[string]func(context.Context, Database, io.Writer) error{"cases": s.cases, "ratings": s.ratings, "inbox": s.inbox,
		"whatif": s.whatIf, "deadlines": s.deadlines, "parked": s.parked, "bytes": s.bytes, "ledger": s.ledger, "figures": s.figures, "export": s.export}
	for _, d := range s.Databases {
		if err := d.describe(ctx, w); err != nil {
			return err
		}
	}
	for _, name := range s.Figures {
		for _, d := range s.measured(name) {
			began := time.Now()
			fmt.Fprintf(w, "\n[%s, record on %s; %s, %s]\n", name, d.Name(), time.Now().UTC().Format("2006-01-02 15:04 UTC"), busy())
			if err := figures[name](ctx, d, w); err != nil {
				return fmt.Errorf("%s on %s: %w", name, d.Name(), err)
			}
			fmt.Fprintf(w, "  (this part took %.0f s)\n", time.Since(began).Seconds())
		}
	}
	return nil
}

// measured are the databases for a figure: parked cases weigh on worker and engine, hardly on the record,
// and take long, so that one is enough.
func (s Suite) measured(figure string) []Database {
	if figure == "parked" && len(s.Databases) > 1 {
		return s.Databases[:1]
	}
	return s.Databases
}

func (s Suite) cases(ctx context.Context, d Database, w io.Writer) (err error) {
	real, err := NewCases(ctx, d)
	if err != nil {
		return err
	}
	defer closing(real.Close, &err)
	bare, plain, err := real.Look(ctx, s.Cases)
	if err != nil {
		return err
	}
	real.PrintLines(w, bare.Mix)
	c, err := Compare(ctx, real, bare, s.Cases, w)
	if err != nil {
		return err
	}
	c.Print(w)
	PrintSizes(w, median(c.Of), plain)
	return c.Fair()
}

func (s Suite) ratings(ctx context.Context, d Database, w io.Writer) error {
	for _, plan := range []RatingPlan{{}, {Alone: true}, {Engine: true}} {
		plan.AtOnce, plan.Each, plan.Rounds = s.Ratings.AtOnce, s.Ratings.Each, s.Ratings.Rounds
		i, err := MeasureIntake(ctx, d, plan)
		if err != nil {
			return err
		}
		i.Print(w)
	}
	return nil
}

func (s Suite) inbox(ctx context.Context, d Database, w io.Writer) error {
	i, err := MeasureInbox(ctx, d, s.Inbox)
	if err == nil {
		i.Print(w)
	}
	return err
}

func (s Suite) whatIf(ctx context.Context, d Database, w io.Writer) error {
	r, err := MeasureWhatIf(ctx, d, s.WhatIf)
	if err == nil {
		r.Print(w)
	}
	return err
}

func (s Suite) bytes(ctx context.Context, d Database, w io.Writer) error {
	b, err := MeasureBytes(ctx, d, s.Bytes)
	if err == nil {
		b.Print(w)
	}
	return err
}

func (s Suite) ledger(ctx context.Context, d Database, w io.Writer) error {
	plan := s.Ratings
	plan.Each *= 2 // a good many of the sequencer's seconds
	c, err := MeasureLedger(ctx, d, plan)
	if err == nil {
		c.Print(w)
	}
	return err
}

func (s Suite) figures(ctx context.Context, d Database, w io.Writer) error {
	f, err := MeasureFigures(ctx, d, s.Tallies)
	if err == nil {
		f.Print(w)
	}
	return err
}

func (s Suite) export(ctx context.Context, d Database, w io.Writer) error {
	f, err := MeasureExport(ctx, d, s.Export)
	if err == nil {
		f.Print(w)
	}
	return err
}

func (s Suite) deadlines(ctx context.Context, d Database, w io.Writer) error {
	ahead := s.Deadlines.Ahead
	for _, cases := range s.Deadlines.Cases {
		f, err := MeasureDeadlines(ctx, d, cases, headway+time.Duration(cases)*ahead)
		if err != nil {
			return err
		}
		f.Print(w)
		ahead = f.Started * 3 / 2 / time.Duration(cases)
	}
	return nil
}

func (s Suite) parked(ctx context.Context, d Database, w io.Writer) error {
	f, err := MeasureParked(ctx, d, s.Parked)
	if err == nil {
		f.Print(w)
	}
	return err
}
