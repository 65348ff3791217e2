package worker_test

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/cryptotest"

	"pgregory.net/rapid"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
	"haochaping/workflows"
)

// noticedCases is how many cases are played under notices: each has a record of its own, since a notice
// counts for every case of a record and those of the great simulation each have a clock of their own.
const noticedCases = 40

// TestSimulationUnderNotices plays cases in whose midst notices of the State Council, of the prefecture
// and of counties come in force, before and after the case's turn to be counted again has come.
func TestSimulationUnderNotices(t *testing.T) {
	cases := noticedCases
	if testing.Short() {
		cases = 5
	}
	if err := flag.Set("rapid.checks", strconv.Itoa(cases)); err != nil {
		t.Fatal(err)
	}
	simulationSeed(t)
	var played, notices, moved int
	rapid.Check(t, func(rt *rapid.T) {
		cryptotest.SetGlobalRandom(t, rapid.Uint64().Draw(rt, "ids"))
		w := newWorld(t)
		w.noticed = true
		defer w.letIn()
		w.play(rt).judge()
		played, notices, moved = played+1, notices+w.notices, moved+w.recounted
	})
	if notices < cases || moved < cases {
		t.Error("hardly a notice comes in force, or moves anything")
	}
	t.Logf("%d cases, %d notices, which moved due times of the case being played %d times", played, notices, moved)
}

// notice has a notice come in force, and the case counted again for it: sometimes only after one more
// act, which finds it in force all the same. Then nothing is left to count, and nobody lost a day that had begun.
func (p *play) notice(c regulation.Case) {
	ctx := context.Background()
	today := workday.DateOf(p.env.Now())
	var days strings.Builder
	days.WriteString("date,kind,holiday\n")
	first := today.AddDays(rapid.IntRange(-1, 25).Draw(p.rt, "days from"))
	for i := range rapid.IntRange(1, 5).Draw(p.rt, "days") {
		kind := rapid.SampledFrom([]string{"off", "work"}).Draw(p.rt, "kind of day")
		fmt.Fprintf(&days, "%s,%s,通知\n", first.AddDays(i), kind)
	}
	area := rapid.SampledFrom([]string{"", regulation.PrefectureArea, c.Area}).Draw(p.rt, "area")
	id, err := p.ProposeCalendar(ctx, store.CalendarChange{Proposal: store.Proposal{Author: "author"}, Area: area, Name: "通知",
		Number: p.fresh(), IssuedOn: today, Days: days.String(), Basis: "模拟"})
	p.must(err)
	p.must(p.DecideCalendar(ctx, id, store.Verdict{State: store.InForce, Person: "reviewer"}))
	p.notices++
	if rapid.Bool().Draw(p.rt, "an act before its turn") {
		p.leadOn(p.read(), func(s *sent) {
			_, err := p.Store.RecordAct(ctx, p.id, s.row.ID)
			p.must(err)
		})
	}
	for left := true; left; {
		_, left, err = p.Rearm(ctx)
		p.must(err)
	}
	p.counted()
	p.env.SignalWorkflow(workflows.Reload, nil)
}

// counted holds that the case's due instants are those of today's calendar.
func (p *play) counted() {
	c := p.read()
	rules, now := p.rules(c, nil), p.env.Now()
	if c.Closed() {
		return
	}
	if changes := rules.Recount(c, now, now); len(changes) > 0 {
		p.rt.Fatalf("[counted] after a notice %+v", changes)
	}
}

// kept holds that no notice brings a due time to before the instant at which it came in force: nobody is
// late by a notice alone.
func (p *play) kept(events []regulation.Event) {
	for _, e := range events {
		for _, change := range e.Changes {
			if change.Op != regulation.DueRearmed {
				continue
			}
			p.recounted++
			if was, is := change.Was.Due, change.Deadline.Due; is.Before(was) && !is.After(e.At) {
				p.rt.Fatalf("[kept] %s was due %v, and by the notice of %v on %v", change.Deadline.ID, was, e.At, is)
			}
		}
	}
}
