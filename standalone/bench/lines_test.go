package bench

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestLinesAreDealtOutByTheirShares(t *testing.T) {
	all := lines(time.Now())
	for _, first := range []int{0, 32} {
		dealt := make([]int, len(all))
		for n := first; n < first+100; n++ {
			dealt[lineOf(all, n)]++
		}
		for i, l := range all {
			if dealt[i] != l.share {
				t.Errorf("%s: %d of a hundred from %d on, want %d", l.name, dealt[i], first, l.share)
			}
		}
	}
}

// measureCases holds the mix against the bare one, whose updates and timers must be the same.
func measureCases(t *testing.T, d Database) {
	cases, err := NewCases(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cases.Close() }()
	plan := Plan{Cases: 12, AtOnce: 12, Rounds: 1, Shipped: true}
	bare, plain, err := cases.Look(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Compare(t.Context(), cases, bare, plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Fair(); err != nil {
		t.Error(err)
	}
	// So few cases fit into pages that the further indexes have anyway: bytes tell nothing yet.
	if f := c.Shipped[0]; f.Cases != plan.Cases || f.Shape.Updates != c.Base[0].Shape.Updates || !(c.ShippedRatio() > 0) {
		t.Errorf("the engine as shipped: %+v, ours %+v", f, c.Base[0])
	}
	if f := c.Of[0]; f.Cases != plan.Cases || f.Acts != wanted(cases, plan.Cases) || f.RecordBytes < 1000 || plain.Acts != plan.Cases*len(mainLine(time.Now())) {
		t.Errorf("cases: %+v, plain %+v", f, plain)
	}
	var b bytes.Buffer
	cases.PrintLines(&b, bare.Mix)
	PrintSizes(&b, c.Of[0], plain)
	for _, want := range []string{"reattributed to another unit", "the main line alone", "174000"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, b.String())
		}
	}
}

// wanted is how many acts the first cases of the mix take.
func wanted(c *Cases, cases int) (acts int) {
	for n := range cases {
		acts += len(c.lines[c.lineOf(n)].acts)
	}
	return acts
}
