package bench

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestOutageLosesAndDoublesNothing(t *testing.T) {
	d, err := MeasureOutage(t.Context(), Database{Dir: t.TempDir()}, OutagePlan{Rate: 20, Before: 2 * time.Second, Outage: 8 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if d.Lost != 0 || d.Doubled != 0 || d.Overtaken != 0 || d.Accepted == 0 || d.Backlog == 0 || d.Delivered != d.Accepted {
		t.Errorf("%+v", d)
	}
	var b bytes.Buffer
	if d.Print(&b); !strings.Contains(b.String(), "lost 0, doubled 0, overtaken 0") {
		t.Error(b.String())
	}
}

func TestFaultsOfAnOutage(t *testing.T) {
	well := Drained{Plan: OutagePlan{Outage: time.Minute}, Took: time.Minute}
	lost, doubled, slow := well, well, well
	lost.Lost, doubled.Doubled, slow.Took = 1, 1, 3*time.Minute
	if well.Fault() != nil || lost.Fault() == nil || doubled.Fault() == nil || slow.Fault() == nil {
		t.Error(well.Fault(), lost.Fault(), doubled.Fault(), slow.Fault())
	}
}
