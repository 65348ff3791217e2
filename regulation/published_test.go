package regulation

import (
	"strings"
	"testing"
	"time"

	"haochaping/workday"
)

// Another text of what is out is a correction; what was taken back and comes out again is none (9(1)).
func TestWhatComesOutAgainAfterItWasTakenBackCorrectsNothing(t *testing.T) {
	at := workday.NewDate(2026, time.April, 9).Start()
	text := func(letter string, withdrawn bool) Published {
		return Published{Kind: PublishQuarter, Period: "2026-Q1", On: workday.DateOf(at), Digest: strings.Repeat(letter, 64), Withdrawn: withdrawn}
	}
	d := Docket{Kind: DocketPublication, Stage: DocketWaiting, Seq: 1}
	for i, step := range []struct {
		p                     Published
		correction, withdrawn string
	}{{text("a", false), "", ""}, {text("b", false), "yes", ""}, {text("b", true), "yes", "yes"}, {text("b", false), "", ""}, {text("c", false), "yes", ""}, {text("c", true), "yes", "yes"}, {text("d", false), "", ""}} {
		after, entries := d.Publishes(step.p, at)
		if len(entries) != 1 || after.Facts["correction"] != step.correction || after.Facts["withdrawn"] != step.withdrawn {
			t.Errorf("step %d: %+v", i, after.Facts)
		}
		if told := after.Facts["withdrawn_at"]; told != "" != step.p.Withdrawn || step.p.Withdrawn && (told != "2026-04-08T16:00:00Z" || entries[0].Facts["withdrawn_at"] != told) {
			t.Errorf("step %d: withdrawn at %q, %+v", i, told, entries[0].Facts)
		}
		if d = after; !step.p.Withdrawn && entries[0].Facts["correction"] != step.correction {
			t.Errorf("step %d: %+v", i, entries[0].Facts)
		}
	}
}
