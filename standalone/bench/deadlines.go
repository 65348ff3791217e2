package bench

import (
	"context"
	"fmt"
	"io"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// DeadlinesPlan says how deadlines of one instant are measured.
type DeadlinesPlan struct {
	Cases []int // how many fall due in the same instant; one measurement each
	// Ahead is how long before the instant the workflows begin to be started, a case. After the first
	// measurement its own pace is taken.
	Ahead time.Duration
}

// headway is added to that.
const headway = 10 * time.Second

// DeadlineFigures are how late the deadlines of one instant were recorded.
type DeadlineFigures struct {
	Name     string
	Cases    int
	Started  time.Duration // until the last case was waiting
	Last     time.Duration // from the instant until the last deadline's commit
	P50, P99 time.Duration
	InMemory int64 // cases in the worker's memory at the instant
}

// Print writes one line.
func (f DeadlineFigures) Print(w io.Writer) {
	fmt.Fprintf(w, "deadlines due in one instant, %s: the last of %d recorded after %.1f s (%.0f a second); p50 %.1f s, p99 %.1f s late\n",
		f.Name, f.Cases, f.Last.Seconds(), float64(f.Cases)/f.Last.Seconds(), f.P50.Seconds(), f.P99.Seconds())
	fmt.Fprintf(w, "  none early, none missing among the events; %d cases in the worker's memory, the others replayed; all waiting after %.0f s (%.0f a second)\n",
		f.InMemory, f.Started.Seconds(), float64(f.Cases)/f.Started.Seconds())
}

// MeasureDeadlines parks cases whose days for acceptance end in the same instant, a little ahead of it,
// and waits until every one is recorded. The target is 20 s for 1,000.
func MeasureDeadlines(ctx context.Context, d Database, cases int, ahead time.Duration) (f DeadlineFigures, err error) {
	f = DeadlineFigures{Name: "record on " + d.Name(), Cases: cases}
	opening := workday.National().Add(workday.DateOf(time.Now()), 1).Date.Start().Add(openingHour)
	r, err := d.OpenAt(ctx, clockFrom(opening))
	if err != nil {
		return f, err
	}
	defer closing(r.Close, &err)
	ids, err := r.takeIn(ctx, cases)
	if err != nil {
		return f, err
	}
	due, err := r.commonDue(ctx, ids)
	if err != nil {
		return f, err
	}
	clock := clockFrom(due.Add(-ahead))
	if err := r.turn(ctx, clock); err != nil {
		return f, err
	}
	told, err := f.ring(ctx, r, ids, clock.Real(due))
	if err != nil {
		return f, err
	}
	f.P50, f.P99, f.Last = quantile(told, 0.50), quantile(told, 0.99), told[len(told)-1]
	return f, r.eachRecorded(ctx, ids, due)
}

const openingHour = 10 * time.Hour

// clockFrom shows an instant now and runs on at the machine's pace.
func clockFrom(at time.Time) regulation.Clock {
	return regulation.Clock{Scale: 1, RealOrigin: time.Now(), Origin: at}
}

// takeIn stores bad ratings of one window, each of which opens a case, and notes them as started: who
// measures starts them.
func (r *Record) takeIn(ctx context.Context, cases int) ([]string, error) {
	target, err := r.WindowTarget(ctx, measuredWindow)
	if err != nil {
		return nil, err
	}
	ids := make([]string, cases)
	err = together(ctx, intakeAtOnce, cases, func(ctx context.Context, n int) error {
		saved, err := r.SaveRating(ctx, badRating(target, time.Now()))
		ids[n] = saved.CaseID
		return err
	})
	if err != nil {
		return nil, err
	}
	for first := 0; first < cases; first += startedTogether {
		if err := r.MarkStarted(ctx, ids[first:min(cases, first+startedTogether)]...); err != nil {
			return nil, err
		}
	}
	return ids, r.integrate(ctx)
}

// startedTogether is how many cases one statement names.
const startedTogether = 1000

// commonDue is the instant at which the first deadline of each of the cases falls due.
func (r *Record) commonDue(ctx context.Context, ids []string) (due time.Time, err error) {
	for _, id := range ids {
		step, err := r.LoadStep(ctx, id)
		if err != nil {
			return due, err
		}
		first := firstDue(step)
		if due.IsZero() {
			due = first
		}
		if first.IsZero() || !first.Equal(due) {
			return due, fmt.Errorf("case %s is due at %s, others at %s", id, first, due)
		}
	}
	return due, nil
}

func firstDue(step regulation.Step) (due time.Time) {
	for _, timer := range step.Timers {
		if due.IsZero() || timer.Due.Before(due) {
			due = timer.Due
		}
	}
	return due
}

// ring starts the cases ahead of the instant and returns how late each deadline was recorded, in order.
func (f *DeadlineFigures) ring(ctx context.Context, r *Record, ids []string, instant time.Time) (late []time.Duration, err error) {
	o, err := r.work(ctx)
	if err != nil {
		return nil, err
	}
	defer closing(o.stop, &err)
	ledger, done := context.WithCancel(ctx)
	defer done()
	var broken failure
	go r.keepLedger(ledger, broken.note)
	began := time.Now()
	if err := o.start(ctx, ids); err != nil {
		return nil, err
	}
	if f.Started = time.Since(began); time.Now().After(instant) {
		return nil, fmt.Errorf("%d cases took %.0f s to start: the instant had come before", len(ids), f.Started.Seconds())
	}
	f.InMemory = o.inside.now.Load()
	waiting, cancel := context.WithDeadline(ctx, instant.Add(time.Minute+time.Duration(len(ids))*slowest))
	defer cancel()
	if err := until(waiting, func() bool { return o.recorded() == len(ids) || broken.is() != nil }); err != nil {
		return nil, fmt.Errorf("%d of %d deadlines recorded: %w", o.recorded(), len(ids), err)
	}
	late = make([]time.Duration, 0, len(ids))
	for _, id := range ids {
		late = append(late, o.told[id].Sub(instant))
	}
	return late, broken.is()
}

// slowest is the pace, a deadline, below which a measurement is given up.
const slowest = 100 * time.Millisecond

// eachRecorded holds the cases' events to the deadline: exactly one in each, not before it was due.
func (r *Record) eachRecorded(ctx context.Context, ids []string, due time.Time) error {
	return together(ctx, startAtOnce, len(ids), func(ctx context.Context, n int) error {
		events, err := r.Events(ctx, regulation.Scope{All: true}, ids[n])
		if err != nil {
			return err
		}
		return recordedOnce(ids[n], events, due)
	})
}

func recordedOnce(id string, events []store.CaseEvent, due time.Time) error {
	found := 0
	for _, e := range events {
		if e.Kind != regulation.EventDeadline {
			continue
		}
		if found++; e.At.Before(due) {
			return fmt.Errorf("case %s: %s recorded at %s, before it was due at %s", id, e.Name, e.At, due)
		}
	}
	if found != 1 {
		return fmt.Errorf("case %s: %d deadlines among its events, not one", id, found)
	}
	return nil
}
