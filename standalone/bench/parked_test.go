package bench

import (
	"bytes"
	"strings"
	"testing"

	"haochaping/worker"
)

// measureParked also holds that a worker keeps no more cases in memory than its bound; the SDK keeps one
// fewer than it is told.
func measureParked(t *testing.T, d Database) {
	const cases = worker.CachedCases + 60
	f, err := MeasureParked(t.Context(), d, ParkedPlan{Cases: cases, Acts: 10})
	if err != nil {
		t.Fatal(err)
	}
	if f.Most < worker.CachedCases-1 || f.Most > worker.CachedCases {
		t.Errorf("%d of %d cases in memory; the bound is %d", f.Most, cases, worker.CachedCases)
	}
	if f.P50 <= 0 || f.P99 < f.P50 || f.First <= f.Ready || f.EngineBytes < 1000 || len(f.Moments) != 7 {
		t.Errorf("%+v", f)
	}
	if f.live(allParked)-f.live(workerStopped) < 1e6 || f.live(workerStopped) <= f.live(engineStopped) {
		t.Errorf("nothing went with worker or engine: %+v", f.Moments)
	}
	var b bytes.Buffer
	if f.Print(&b); !strings.Contains(b.String(), "560 parked cases") {
		t.Error(b.String())
	}
}
