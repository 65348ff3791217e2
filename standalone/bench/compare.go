package bench

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// Comparison holds the rounds of a subject and of what it is held against, in the order they ran.
type Comparison struct {
	Subject, Against string
	Of, Base         []Figures
	// Shipped are rounds of the base on the engine as its maker ships it, if the plan has them.
	Shipped []Figures
}

// Like returns the load of a bare case with the updates and timers of a case that was measured.
func Like(s Shape) Load {
	return Load{Acts: int(math.Round(s.Updates)), Timers: int(math.Round(s.Timers)), Deadlines: int(math.Round(s.Fired))}
}

// Compare runs the plan's rounds in turns, so that both subjects meet the same machine, and tells
// each round to progress, which may be nil.
func Compare(ctx context.Context, subject, against Subject, p Plan, progress io.Writer) (Comparison, error) {
	c := Comparison{Subject: subject.Name(), Against: against.Name()}
	for began, n := time.Now(), 0; n < p.Rounds && (n == 0 || p.Budget == 0 || time.Since(began) < p.Budget); n++ {
		for _, t := range c.turns(subject, against, p) {
			f, err := Measure(ctx, t.subject, t.plan)
			if err != nil {
				return c, err
			}
			*t.rounds = append(*t.rounds, f)
			if progress != nil {
				fmt.Fprintf(progress, "  %-28s %7.1f cases/s\n", t.name, f.CaseRate())
			}
		}
	}
	return c, nil
}

// turn is one round of one subject.
type turn struct {
	name    string
	subject Subject
	plan    Plan
	rounds  *[]Figures
}

func (c *Comparison) turns(subject, against Subject, p Plan) []turn {
	turns := []turn{{against.Name(), against, p, &c.Base}, {subject.Name(), subject, p, &c.Of}}
	if p.Shipped {
		p.allIndexes = true
		turns = append(turns, turn{shippedName, against, p, &c.Shipped})
	}
	return turns
}

const shippedName = "engine as shipped"

// Fair tells how the two differ in what must be the same: updates answered, timers started and run
// out, a case.
func (c Comparison) Fair() error {
	of, base := median(c.Of).Shape, median(c.Base).Shape
	far := func(a, b float64) bool { return math.Abs(a-b) > 0.5 } // one case in some may lie across midnight
	if of.Updates != base.Updates || far(of.Timers, base.Timers) || far(of.Fired, base.Fired) {
		return fmt.Errorf("unequal work a case: %s %+v, %s %+v", c.Subject, of, c.Against, base)
	}
	return nil
}

// Ratio is the median, over the pairs of neighbouring rounds, of the subject's case rate against
// the other's: 1 would mean that recording costs nothing.
func (c Comparison) Ratio() float64 { return rates(c.Of, c.Base) }

// ShippedRatio is Ratio against the engine as its maker ships it; NaN without such rounds.
func (c Comparison) ShippedRatio() float64 { return rates(c.Of, c.Shipped) }

func rates(of, base []Figures) float64 {
	if len(base) != len(of) || len(of) == 0 {
		return math.NaN()
	}
	ratios := make([]float64, 0, len(of))
	for i := range of {
		ratios = append(ratios, of[i].CaseRate()/base[i].CaseRate())
	}
	return middle(ratios)
}

// ProcessorRatio is the median of what the base uses of the processors for a case against what the
// subject uses, its database server included: the ratio that is left when neither waits for the disk or for other processes.
func (c Comparison) ProcessorRatio() float64 {
	ratios := make([]float64, 0, len(c.Of))
	for i := range c.Of {
		ratios = append(ratios, c.Base[i].Processor.Seconds()/(c.Of[i].Processor+c.Of[i].Server.Processor).Seconds())
	}
	return middle(ratios)
}

// Print writes the ratio and, beside it, the median round of each subject.
func (c Comparison) Print(w io.Writer) {
	fmt.Fprintf(w, "%s against %s: %.2f (median of %d pairs of rounds; by processor time %.2f)\n", c.Subject, c.Against, c.Ratio(), len(c.Of),
		c.ProcessorRatio())
	if c.Shipped != nil {
		fmt.Fprintf(w, "  against the engine as its maker ships it, with every index of its list of runs: %.2f\n", c.ShippedRatio())
	}
	fmt.Fprintf(w, "  %-28s %8s %8s %8s %8s %8s %8s %7s %8s %9s %9s %9s\n", "", "cases/s", "acts/s", "p50 ms", "p99 ms", "cpu ms",
		"updates", "timers", "events", "engine B", "record B", "warnings")
	for _, row := range []struct {
		name   string
		rounds []Figures
	}{{c.Against, c.Base}, {c.Subject, c.Of}, {shippedName, c.Shipped}} {
		if row.rounds == nil {
			continue
		}
		f := median(row.rounds)
		fmt.Fprintf(w, "  %-28s %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f %7.1f %8.1f %9d %9d %9d\n", row.name, f.CaseRate(), f.ActRate(),
			milliseconds(f.P50), milliseconds(f.P99), milliseconds(f.Processor), f.Shape.Updates, f.Shape.Timers, f.Shape.Events,
			f.EngineBytes, f.RecordBytes, f.Warnings)
	}
	if use := median(c.Of).Server; use.Statements > 0 {
		fmt.Fprintf(w, "  the database server, not in cpu ms, a case: %v\n", use)
	}
	fmt.Fprintln(w, "  p50 and p99 of one act; processor time, updates, timers, events and bytes of one closed case; the engine's warnings in all")
}

// middle is the median; of an even number the mean of the two in the middle.
func middle(ratios []float64) float64 {
	slices.Sort(ratios)
	n := len(ratios)
	return (ratios[n/2] + ratios[(n-1)/2]) / 2
}

// median is the round with the middle case rate.
func median(rounds []Figures) Figures {
	sorted := slices.SortedFunc(slices.Values(rounds), func(a, b Figures) int { return int(a.Took - b.Took) })
	return sorted[len(sorted)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
