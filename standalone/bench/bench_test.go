package bench

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds a round that must fail.
const patience = 20 * time.Second

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

func TestEveryActIsMeasuredAndRecorded(t *testing.T) {
	var (
		mu       sync.Mutex
		recorded = map[string]map[int]bool{}
	)
	note := func(_ context.Context, id string, act int) error {
		mu.Lock()
		defer mu.Unlock()
		if recorded[id] == nil {
			recorded[id] = map[int]bool{}
		}
		recorded[id][act] = true
		return nil
	}
	subject := Bare{Title: "noting", Load: Load{Acts: 3, Deadlines: 2}, Record: note}
	f, err := Measure(t.Context(), subject, Plan{Cases: 6, Warm: 2, AtOnce: 3, Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	if f.Cases != 6 || f.Acts != 18 {
		t.Errorf("measured %d cases with %d acts, want 6 with 18", f.Cases, f.Acts)
	}
	if f.P99 < f.P50 || f.P50 <= 0 || f.EngineBytes <= 0 || f.Shape.Events < 20 {
		t.Errorf("figures make no sense: %+v", f)
	}
	// The start, three acts and two deadlines.
	for id, acts := range recorded {
		if len(acts) != 6 {
			t.Errorf("%s recorded %v, want 6 different ones", id, acts)
		}
	}
	if len(recorded) != 8 {
		t.Errorf("%d cases recorded, want 8", len(recorded))
	}
}

func TestBareCaseHasTheShapeOfTheMeasuredOne(t *testing.T) {
	for _, bare := range []Load{{Acts: 4, Timers: 1}, {Acts: 5, Timers: 3}, {Acts: 3, Timers: 4, Deadlines: 2}} {
		f, err := Measure(t.Context(), Bare{Load: bare}, Plan{Cases: 3, AtOnce: 3, Rounds: 1})
		if err != nil {
			t.Fatal(err)
		}
		if like := Like(f.Shape); like != bare {
			t.Errorf("like %+v is %+v", bare, like)
		}
	}
}

func TestAFailingCaseEndsTheRound(t *testing.T) {
	refuse := func(context.Context, string, int) error { return os.ErrPermission }
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := Measure(ctx, Bare{Load: Load{Acts: 1}, Record: refuse}, Plan{Cases: 1, AtOnce: 1, Rounds: 1})
	if err == nil {
		t.Fatal("a case whose record refuses was measured")
	}
}

func TestComparisonPrintsTheMedianRatio(t *testing.T) {
	round := func(seconds float64) Figures {
		return Figures{Cases: 100, Acts: 600, Took: duration(seconds), Processor: duration(seconds), Shape: Shape{Events: 33}, EngineBytes: 23_000}
	}
	c := Comparison{
		Subject: "recording", Against: "bare",
		Of:   []Figures{round(2.0), round(2.5), round(4.0)},
		Base: []Figures{round(1.0), round(2.0), round(3.0)},
	}
	var out bytes.Buffer
	c.Print(&out)
	for _, want := range []string{"recording against bare: 0.75", "50.0", "40.0"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}

func TestMiddleFlattersNobody(t *testing.T) {
	if got := middle([]float64{0.9, 0.5, 0.7}); got != 0.7 {
		t.Errorf("of three: %v", got)
	}
	if got := middle([]float64{1, 0.5, 0.25, 0.75}); got != 0.625 {
		t.Errorf("of four: %v", got)
	}
}

func TestUnequalWorkIsNoComparison(t *testing.T) {
	same := Figures{Cases: 1, Took: time.Second, Shape: Shape{Updates: 15, Timers: 1}}
	other := same
	other.Shape.Timers = 7
	for name, c := range map[string]struct {
		of   Figures
		fair bool
	}{"the same": {same, true}, "more timers": {other, false}} {
		if err := (Comparison{Of: []Figures{c.of}, Base: []Figures{same}}).Fair(); (err == nil) != c.fair {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every figure can be measured on every database; how good it is no test asks.
func TestEverythingIsMeasured(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.Name(), func(t *testing.T) { measureAll(t, d) })
	}
}

// databases are SQLite's and, where there is a server for tests, MariaDB's.
func databases(t *testing.T) []Database {
	all := []Database{{Dir: t.TempDir()}}
	if server := os.Getenv("HAOCHAPING_TEST_MARIADB"); server != "" {
		all = append(all, Database{Dir: t.TempDir(), Server: server})
	}
	return all
}

func measureAll(t *testing.T, d Database) {
	measureDeadlines(t, d)
	measureParked(t, d)
	measureCases(t, d)
	i, err := MeasureIntake(t.Context(), d, RatingPlan{AtOnce: 4, Each: 300 * time.Millisecond, Rounds: 1, Engine: true})
	if err != nil {
		t.Fatal(err)
	}
	if i.Of[0].Answers == 0 || i.Base[0].Answers == 0 || i.Ratio() <= 0 {
		t.Errorf("intake: %+v", i)
	}
	ledger, err := MeasureLedger(t.Context(), d, RatingPlan{AtOnce: 4, Each: 300 * time.Millisecond, Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	if ledger.Of[0].Answers == 0 || ledger.Base[0].Answers == 0 || sum(ledger.Bytes) < 500 {
		t.Errorf("ledger: %+v", ledger)
	}
	inbox, err := MeasureInbox(t.Context(), d, InboxPlan{Tasks: 2 * originals, Pages: 2 * len(inboxPages), AtOnce: 2})
	if err != nil {
		t.Fatal(err)
	}
	if inbox.Tasks != 2*originals || len(inbox.Readers) != 2 || inbox.Readers[0].P95 <= 0 {
		t.Errorf("inbox: %+v", inbox)
	}
	const lines = 6_000 // more than are handed out at once
	file, err := MeasureExport(t.Context(), d, ExportPlan{Rows: lines})
	if err != nil {
		t.Fatal(err)
	}
	if file.Rows < lines || file.Bytes < lines || file.Before <= 0 || file.Most < file.Before {
		t.Errorf("export: %+v", file)
	}
}

// BenchmarkBare is for a person: go test ./bench -run '^$' -bench Bare -benchtime 1x -v
// It shows what an empty recording costs the engine.
func BenchmarkBare(b *testing.B) {
	if testing.Short() {
		b.Skip("takes a minute")
	}
	nothing := func(context.Context, string, int) error { return nil }
	plan := Plan{Cases: 300, Warm: 50, AtOnce: 24, Rounds: 3}
	for b.Loop() {
		c, err := Compare(b.Context(), Bare{Title: "empty recording", Load: Load{Acts: 6}, Record: nothing}, Bare{Load: Load{Acts: 6}}, plan, os.Stdout)
		if err != nil {
			b.Fatal(err)
		}
		PrintMachine(os.Stdout)
		c.Print(os.Stdout)
	}
}
