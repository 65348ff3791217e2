package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"haochaping/regulation"
	"haochaping/standalone/engine"
	"haochaping/store"
	"haochaping/workflows"
)

// ParkedPlan says how many cases wait, and how many acts are then done on some of them, one after the
// other.
type ParkedPlan struct {
	Cases, Acts int
}

// ParkedFigures are what it costs that many cases wait for their first act.
type ParkedFigures struct {
	Name        string
	Cases       int
	Stored      time.Duration // until the record held them
	Parked      time.Duration // until every one had its workflow, which had loaded it
	Processor   time.Duration // of that, a case
	EngineBytes int64         // of the engine's file, a case
	Most        int64         // cases in the worker's memory at once, at most
	Ready       time.Duration // of engine and worker started again on the same folder
	First       time.Duration // from that start to the first act's outcome
	P50, P99    time.Duration // of an act on a case that neither worker nor engine had in memory
	Moments     []moment
}

// moment is what the process held at a named point of the measurement.
type moment struct {
	what string
	memory
}

func (f *ParkedFigures) look(what string) { f.Moments = append(f.Moments, moment{what, inUse()}) }

// The moments of a measurement, in their order.
const (
	recordAlone   = "record alone"
	nothingParked = "engine and worker, nothing parked"
	allParked     = "everything parked"
	workerStopped = "worker stopped"
	engineStopped = "engine stopped"
	startedAgain  = "engine and worker started again"
	afterActs     = "after the acts"
)

func (f ParkedFigures) live(what string) int64 {
	for _, m := range f.Moments {
		if m.what == what {
			return m.live
		}
	}
	return 0
}

// Print writes what was measured and the process's memory at each moment.
func (f ParkedFigures) Print(w io.Writer) {
	fmt.Fprintf(w, "%d parked cases, %s (stored in %.0f s): started and loaded in %.0f s (%.0f a second, %.1f ms of the processors each)\n",
		f.Cases, f.Name, f.Stored.Seconds(), f.Parked.Seconds(), float64(f.Cases)/f.Parked.Seconds(), milliseconds(f.Processor))
	fmt.Fprintf(w, "  in memory: worker %.1f MB (at most %d cases), engine %.1f MB; on the engine's disk %d bytes a case\n",
		megabytes(f.live(allParked)-f.live(workerStopped)), f.Most, megabytes(f.live(workerStopped)-f.live(engineStopped)), f.EngineBytes)
	fmt.Fprintf(w, "  started again: ready after %.1f s, first act done after %.1f s; an act on a parked case p50 %.1f ms, p99 %.1f ms\n",
		f.Ready.Seconds(), f.First.Seconds(), milliseconds(f.P50), milliseconds(f.P99))
	fmt.Fprintf(w, "  %-36s %12s %12s\n", "", "live MB", "resident MB")
	for _, m := range f.Moments {
		fmt.Fprintf(w, "  %-36s %12.1f %12.1f\n", m.what, megabytes(m.live), megabytes(m.resident))
	}
}

// MeasureParked has many cases wait at their first step, each with a timer for its first deadline, and
// tells what of the process's memory goes with the worker and what with the engine; then engine and
// worker are started again on the same folder, and cases at random take an act.
func MeasureParked(ctx context.Context, d Database, p ParkedPlan) (f ParkedFigures, err error) {
	f = ParkedFigures{Name: "record on " + d.Name(), Cases: p.Cases}
	r, err := d.Open(ctx, time.Now)
	if err != nil {
		return f, err
	}
	defer closing(r.Close, &err)
	began := time.Now()
	ids, err := r.takeIn(ctx, p.Cases)
	if err != nil {
		return f, err
	}
	f.Stored = time.Since(began)
	f.look(recordAlone)
	if err := f.park(ctx, r, ids); err != nil {
		return f, err
	}
	return f, f.wake(ctx, r, ids, p.Acts)
}

// park starts the cases and takes engine and worker away again, one after the other.
func (f *ParkedFigures) park(ctx context.Context, r *Record, ids []string) (err error) {
	o, err := r.work(ctx)
	if err != nil {
		return err
	}
	defer closing(o.stop, &err)
	f.look(nothingParked)
	empty, err := o.engine.Bytes(ctx)
	if err != nil {
		return err
	}
	began, used := time.Now(), processorTime()
	if err := o.start(ctx, ids); err != nil {
		return err
	}
	f.Parked, f.Processor = time.Since(began), (processorTime()-used)/time.Duration(len(ids))
	time.Sleep(time.Second) // the last cases' timers, and what the engine does afterwards
	full, err := o.engine.Bytes(ctx)
	if err != nil {
		return err
	}
	f.EngineBytes, f.Most = (full-empty)/int64(len(ids)), o.inside.most.Load()
	f.look(allParked)
	o.dismiss()
	f.look(workerStopped)
	o.engine.Stop()
	f.look(engineStopped)
	return nil
}

// wake starts engine and worker on the folder that holds the parked cases.
func (f *ParkedFigures) wake(ctx context.Context, r *Record, ids []string, acts int) (err error) {
	began := time.Now()
	o, err := r.work(ctx)
	if err != nil {
		return err
	}
	defer closing(o.stop, &err)
	f.Ready = time.Since(began)
	took, err := o.acceptSome(ctx, ids[:1])
	if err != nil {
		return err
	}
	f.First = f.Ready + took[0]
	f.look(startedAgain)
	if err := o.holds(ctx, len(ids)); err != nil {
		return err
	}
	rand.Shuffle(len(ids)-1, func(i, j int) { ids[i+1], ids[j+1] = ids[j+1], ids[i+1] })
	if took, err = o.acceptSome(ctx, ids[1:min(len(ids), acts+1)]); err != nil {
		return err
	}
	f.P50, f.P99 = quantile(took, 0.50), quantile(took, 0.99)
	f.look(afterActs)
	return nil
}

// holds asks the engine whether it drives so many cases.
func (o *office) holds(ctx context.Context, cases int) error {
	told, err := o.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: engine.Namespace,
		Query: "WorkflowType = '" + workflows.CaseType + "' AND ExecutionStatus = 'Running'"})
	if err == nil && told.GetCount() != int64(cases) {
		err = fmt.Errorf("the engine drives %d cases, not %d", told.GetCount(), cases)
	}
	return err
}

// acceptSome has each of the cases accepted, one after the other, and returns how long each act took.
func (o *office) acceptSome(ctx context.Context, ids []string) (took []time.Duration, err error) {
	a := mainLine(time.Now())[0]
	actor, err := o.able(ctx, ids[0], a)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		began := time.Now()
		row, err := o.SubmitAct(ctx, store.ActRequest{CaseID: id, Kind: a.kind, Values: a.values, Actor: actor, Key: id})
		if err != nil {
			return nil, err
		}
		result, err := workflows.Submit(ctx, o.client, workflows.ActRef{CaseID: id, ActID: row.ID, Kind: regulation.ActAccept, Seen: 1})
		if err != nil || result.Refused != "" {
			return nil, errors.Join(fmt.Errorf("%s: refused %q", a.kind, result.Refused), err)
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}
