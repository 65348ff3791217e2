package regulation

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRandomWalksKeepTheInvariants plays random people, acts and waiting times against a case.
func TestRandomWalksKeepTheInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := setup(t, func(o *Opening) { o.Contactable = rapid.Bool().Draw(rt, "contactable") })
		people := append([]string{""}, names(d.rules.Roster)...)
		for range rapid.IntRange(1, 120).Draw(rt, "moves") {
			if rapid.IntRange(0, 4).Draw(rt, "wait") == 0 && len(d.c.Deadlines) > 0 {
				passOne(rt, d)
			} else {
				actOnce(rt, d, people)
			}
			holds(rt, d.c)
		}
	})
}

func names(roster []Person) []string {
	var ids []string
	for _, p := range roster {
		ids = append(ids, p.ID)
	}
	return ids
}

func passOne(rt *rapid.T, d *desk) {
	i := rapid.IntRange(0, len(d.c.Deadlines)-1).Draw(rt, "deadline")
	due := d.c.Deadlines[i].Due
	if due.After(d.now) {
		d.now = due
	}
	c, _, happened := d.rules.Expire(d.c, d.c.Deadlines[i].ID, d.now)
	if !happened {
		rt.Fatalf("an open, due deadline did not happen")
	}
	d.c = c
}

func actOnce(rt *rapid.T, d *desk, people []string) {
	kinds := OpenIn(d.c.Phase)
	if len(kinds) == 0 {
		return
	}
	kind := rapid.SampledFrom(kinds).Draw(rt, "act")
	v := Values{}
	for _, f := range specByKind[kind].Fields {
		fill(rt, v, f)
	}
	who := rapid.SampledFrom(people).Draw(rt, "who")
	before := d.c.Seq
	next, event, err := d.rules.Apply(d.c, Act{Kind: kind, Values: v}, d.actor(who), d.now)
	if err != nil {
		if next.Seq != before {
			rt.Fatalf("a refused %s moved the case", kind)
		}
		return
	}
	if event.Seq != before+1 || next.Seq != event.Seq {
		rt.Fatalf("sequence %d after %d", event.Seq, before)
	}
	d.c, d.now = next, d.now.Add(time.Minute)
}

func fill(rt *rapid.T, v Values, f Field) {
	switch {
	case len(f.Options) > 0:
		v[f.Name] = []string{rapid.SampledFrom(f.Options).Draw(rt, f.Name)}
	case f.Type == TypeYesNo:
		v[f.Name] = []string{rapid.SampledFrom([]string{"yes", "no"}).Draw(rt, f.Name)}
	case f.Type == TypeDate:
		v[f.Name] = []string{"2026-12-01"}
	case f.Type == TypeUnit:
		v[f.Name] = []string{rapid.SampledFrom([]string{police, medical}).Draw(rt, f.Name)}
	case f.Type == TypeText || f.Type == TypeLong:
		v[f.Name] = []string{"text"}
	}
}

// holds checks what must be true of a case at any time.
func holds(rt *rapid.T, c Case) {
	ids := map[string]bool{}
	for _, d := range c.Deadlines {
		if ids[d.ID] || d.Due.IsZero() || d.Calendar == "" {
			rt.Fatalf("deadline %+v", d)
		}
		ids[d.ID] = true
	}
	for _, a := range c.Awaiting {
		if len(a.Seats) == 0 || a.Due.IsZero() {
			rt.Fatalf("%s waits for nobody or without a due time: %+v", a.Act, a)
		}
	}
	if !c.Closed() && len(c.Awaiting) == 0 {
		rt.Fatalf("an open case in %s waits for nothing", c.Phase)
	}
	if c.Closed() && (len(c.Awaiting) > 0 || len(c.Deadlines) > 0) {
		rt.Fatal("a closed case waits")
	}
	if c.Closed() && (c.Reply.ReleasedAt.IsZero() || c.Finding.Kind == "" || c.Notice.ServedAt.IsZero()) {
		rt.Fatal("closed without reply, finding or notice")
	}
	if c.Finding.Kind != "" && c.Notice.ServedAt.IsZero() {
		rt.Fatal("the notice comes at the latest with the finding")
	}
	if !c.Clock.From.IsZero() && c.Clock.From != c.Orders[0].IssuedAt {
		rt.Fatal("the clock runs from the first order")
	}
	if len(fmt.Sprint(c.Snapshot())) > 900 {
		rt.Fatal("snapshot too large")
	}
}
