package activities

import (
	"testing"
	"time"

	"haochaping/integration/platform"
	"haochaping/store"
)

// Whoever fails alone is tried after the upstream was left in peace and another could pass, whatever the
// jitter: else it would come first for ever, and nobody behind it.
func TestWhoFailsAloneComesAfterOthers(t *testing.T) {
	simulator := platform.NewSimulator([]byte("a secret of the test"), false, time.Now)
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	e := Exchange{Client: platform.New(simulator.Mapping("http://127.0.0.1:1"), time.Now), Now: func() time.Time { return now }}
	defer e.Client.Close()
	for range 200 {
		b := batch{e: e, taken: store.Taken{Failures: 3, Size: 1}}
		if err := b.failed(&platform.Failure{Code: platform.Broken}, []store.Delivery{{ID: "r-0"}}); err != nil {
			t.Fatal(err)
		}
		if message := b.tries.Messages[0]; !message.Next.After(b.tries.Next) || !b.tries.Next.After(now) {
			t.Fatalf("the message comes at %s, the upstream is left in peace until %s", message.Next, b.tries.Next)
		}
	}
}

func TestBackoffGrowsToItsBoundWithJitter(t *testing.T) {
	simulator := platform.NewSimulator([]byte("a secret of the test"), false, time.Now)
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	b := batch{e: Exchange{Client: platform.New(simulator.Mapping("http://127.0.0.1:1"), time.Now), Now: func() time.Time { return now }}}
	defer b.e.Client.Close()
	for failures, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 4: 8 * time.Second, 6: 30 * time.Second, 60: 30 * time.Second, 1 << 40: 30 * time.Second} {
		seen := map[time.Duration]bool{}
		for range 50 {
			wait := b.backoff(failures).Sub(now)
			if seen[wait] = true; wait < want*3/4 || wait > want*5/4 {
				t.Errorf("after %d failures %s, want about %s", failures, wait, want)
			}
		}
		if len(seen) < 2 {
			t.Errorf("after %d failures always the same", failures)
		}
	}
}
