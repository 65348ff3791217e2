package regulation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRandomWalksKeepTheInvariants plays random people, acts and waiting times against a case.
// Every other move leads on, and most walks are long, so that a good part of them ends in a closed case.
func TestRandomWalksKeepTheInvariants(t *testing.T) {
	walks, closed := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		var opening *Opening
		d := setup(t, func(o *Opening) {
			o.Contactable, o.Named, opening = rapid.Bool().Draw(rt, "contactable"), rapid.Bool().Draw(rt, "named"), o
		})
		d.rules.Roster = thinned(rt)
		anyEdition(rt, d)
		d.c, _ = d.rules.Open(*opening, d.now)
		people := append([]string{""}, names(roster())...)
		for range rapid.IntRange(1, 400).Draw(rt, "moves") {
			wander(rt, d, people)
			holds(rt, d)
		}
		walks++
		if d.c.Closed() {
			closed++
		}
	})
	t.Logf("%d of %d walks closed", closed, walks)
	if closed*5 < walks {
		t.Errorf("%d of %d walks ended in a closed case: the end of the line is hardly tried", closed, walks)
	}
}

// anyEdition switches on or off what an edition may.
func anyEdition(rt *rapid.T, d *desk) {
	for _, name := range []string{AppealPausesClock, WriteOffWithoutAppeal, CreditReferral, ExtensionDays} {
		d.with(name, rapid.IntRange(0, 1).Draw(rt, name))
	}
}

// wander has a deadline pass, somebody do anything, or, most often, somebody what leads on.
func wander(rt *rapid.T, d *desk, people []string) {
	switch move := rapid.IntRange(0, 9).Draw(rt, "move"); {
	case move == 0 && len(d.c.Deadlines) > 0:
		passOne(rt, d)
	case move <= 4:
		actOnce(rt, d, people)
	default:
		leadOn(rt, d, people)
	}
}

// thinned leaves out one or two people, as small counties do.
func thinned(rt *rapid.T) []Person {
	gone := rapid.SliceOfN(rapid.SampledFrom(append(names(roster()), "", "", "")), 0, 2).Draw(rt, "gone")
	return slices.DeleteFunc(roster(), func(p Person) bool { return slices.Contains(gone, p.ID) })
}

// onward is what leads on in each field where not every option does.
var onward = map[string]string{"result": "reached", "finding": "substantiated", "reason": "declined", "grade": "4", "resolved": "yes", "settled": "yes", "kind": "criticism"}

// leadOn does the act that the case waits for, by whoever may do it. Somebody must: a case in
// which nobody may act at all is stuck.
func leadOn(rt *rapid.T, d *desk, people []string) {
	if len(d.c.Awaiting) == 0 {
		return
	}
	kind := rapid.SampledFrom(d.c.Awaiting).Draw(rt, "awaited").Act
	v := Values{}
	for _, f := range specByKind[kind].Fields {
		fill(rt, v, f)
		if to := onward[f.Name]; to != "" && (f.Type == TypeYesNo || slices.Contains(f.Options, to)) {
			v[f.Name] = []string{to}
		}
		if f.Name == "result" && kind == ActRecheck {
			v[f.Name] = []string{"passed"}
		}
	}
	var refusals []string
	for _, who := range people {
		next, event, err := d.rules.Apply(d.c, Act{Kind: kind, Values: v}, d.actor(who), d.now)
		if err == nil {
			d.c, d.now, d.log = next, d.now.Add(time.Minute), append(d.log, event)
			return
		}
		explained(rt, kind, err)
		if refusal := err.(*Error); refusal.Code == Invalid || refusal.Code == NotNow {
			return // who may do it is told what else is missing
		}
		refusals = append(refusals, err.Error())
	}
	rt.Fatalf("%s waits in %s before %v and nobody may do it: %v", kind, d.c.Phase, d.c.Await(kind).Seats, refusals)
}

// explained holds that a refusal says its clause and, where it is about people, who may.
func explained(rt *rapid.T, kind ActKind, err error) {
	refusal, ok := err.(*Error)
	if !ok || refusal.Clause == "" || refusal.Missing == "" || refusal.Missing == "outside_the_table" {
		rt.Fatalf("%s is refused with %v", kind, err)
	}
	if (refusal.Code == NotPermitted || refusal.Code == FourEyes) && len(refusal.Who) == 0 {
		rt.Fatalf("%s is refused without saying who may: %v", kind, err)
	}
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
	c, event, happened := d.rules.Expire(d.c, d.c.Deadlines[i].ID, d.now)
	if !happened {
		rt.Fatalf("an open, due deadline did not happen")
	}
	d.c, d.log = c, append(d.log, event)
}

func actOnce(rt *rapid.T, d *desk, people []string) {
	kinds := OpenIn(d.c)
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
		explained(rt, kind, err)
		return
	}
	if event.Seq != before+1 || next.Seq != event.Seq {
		rt.Fatalf("sequence %d after %d", event.Seq, before)
	}
	d.c, d.now, d.log = next, d.now.Add(time.Minute), append(d.log, event)
}

func fill(rt *rapid.T, v Values, f Field) {
	switch {
	case len(f.Options) > 0:
		v[f.Name] = []string{rapid.SampledFrom(f.Options).Draw(rt, f.Name)}
	case f.Type == TypeYesNo:
		v[f.Name] = []string{rapid.SampledFrom([]string{"yes", "no"}).Draw(rt, f.Name)}
	case f.Type == TypeDate:
		v[f.Name] = []string{"2026-12-01"}
	case f.Type == TypeNumber:
		v[f.Name] = []string{"1"}
	case f.Type == TypeStaff && rapid.Bool().Draw(rt, f.Name):
		v[f.Name] = []string{rapid.SampledFrom([]string{"st1", "st2"}).Draw(rt, f.Name)}
	case f.Type == TypeUnit:
		v[f.Name] = []string{rapid.SampledFrom([]string{police, medical}).Draw(rt, f.Name)}
	case f.Type == TypeFiles:
		v[f.Name] = []string{"f1"}
	case f.Type == TypeText || f.Type == TypeLong:
		v[f.Name] = []string{"text"}
	}
}

// holds checks what must be true of a case at any time.
func holds(rt *rapid.T, d *desk) {
	c := d.c
	ids := deadlinesHold(rt, c)
	awaited := map[ActKind]bool{}
	for _, a := range c.Awaiting {
		if len(a.Seats) == 0 || a.Due.IsZero() || awaited[a.Act] {
			rt.Fatalf("%s waits twice, for nobody or without a due time: %+v", a.Act, c.Awaiting)
		}
		if !a.Overdue && !ids[a.Deadline] {
			rt.Fatalf("%s will never be overdue: %+v, open %v", a.Act, a, c.Deadlines)
		}
		awaited[a.Act] = true
	}
	if c.Closed() && (!c.Callback.Done(d.rules.Params) || !c.Closing.Done(d.rules.Params)) {
		rt.Fatal("closed without a callback record or exemption")
	}
	if c.Clock.UnitOverdue && !c.Clock.Overdue {
		rt.Fatal("the unit is overdue before the case")
	}
	if !c.Closed() && len(c.Awaiting) == 0 && len(c.Deadlines) == 0 {
		rt.Fatalf("an open case in %s waits for nothing", c.Phase)
	}
	if c.Closed() && (len(c.Awaiting) > 0 || len(c.Deadlines) > 0) {
		rt.Fatal("a closed case waits")
	}
	if c.Closed() && (c.ClosedAt.IsZero() || c.ConcludedAt.IsZero() || len(c.OpenTracks()) > 0) {
		rt.Fatalf("closed with open tracks %v at %v", c.OpenTracks(), c.ClosedAt)
	}
	if c.Closed() && (c.Reply.ReleasedAt.IsZero() || c.Finding.Kind == "" || c.Notice.ServedAt.IsZero()) {
		rt.Fatal("closed without reply, finding or notice")
	}
	if c.Finding.Kind != "" && c.Notice.ServedAt.IsZero() {
		rt.Fatal("the notice comes at the latest with the finding")
	}
	if !c.Clock.From.IsZero() && !slices.ContainsFunc(c.Orders, func(o Order) bool { return o.IssuedAt.Equal(c.Clock.From) }) {
		rt.Fatal("the clock runs from an order")
	}
	if (c.Phase == PhaseAfter) != (len(c.OpenTracks()) > 0 && !c.ConcludedAt.IsZero() && (c.Phase == PhaseAfter || c.Phase == PhaseClosed)) {
		rt.Fatalf("%s with open tracks %v", c.Phase, c.OpenTracks())
	}
	tracksHold(rt, c)
	if len(fmt.Sprint(c.Snapshot())) > 1000 {
		rt.Fatal("snapshot too large")
	}
}

// deadlinesHold checks the open deadlines and returns their ids.
func deadlinesHold(rt *rapid.T, c Case) map[string]bool {
	ids, steps := map[string]bool{}, map[ActKind]bool{}
	for _, d := range c.Deadlines {
		if ids[d.ID] || d.Due.IsZero() || d.Calendar == "" {
			rt.Fatalf("deadline %+v", d)
		}
		ids[d.ID] = true
		if d.Kind != DeadlineStep {
			continue
		}
		if steps[d.Act] {
			rt.Fatalf("%s is due twice: %+v", d.Act, c.Deadlines)
		}
		steps[d.Act] = true
		// Only the clock of clause 7(3) runs while the case waits for something else.
		if c.Await(d.Act) == nil && d.Act != ActSubmitRectification {
			rt.Fatalf("nobody waits for %s, and it is due: %+v", d.Act, c.Deadlines)
		}
	}
	return ids
}

// tracksHold checks what runs beside the main line.
func tracksHold(rt *rapid.T, c Case) {
	for _, track := range c.OpenTracks() {
		of := func(kind ActKind) bool { return specByKind[kind].Track == track }
		waits := slices.ContainsFunc(c.Awaiting, func(a Await) bool { return of(a.Act) }) ||
			slices.ContainsFunc(c.Deadlines, func(d Deadline) bool { return of(d.Act) })
		if !waits && (track != TrackAppeal || c.Stage(TrackMalice) != StageConfirmation) {
			rt.Fatalf("%s at %s waits for nothing", track, c.Stage(track))
		}
	}
	if n := sum(c.Entries); n != 0 && n != -1 || (n == -1) != c.WrittenOff() {
		rt.Fatalf("entries sum to %d at %q: %+v", n, c.Stage(TrackWriteOff), c.Entries)
	}
	if c.WriteOff.ApprovedBy != "" && c.WriteOff.ApprovedBy == c.WriteOff.ProposedBy {
		rt.Fatal("who proposed the write-off approved it")
	}
	if c.Stage(TrackMalice) == StageConfirmed && (c.Running(TrackWriteOff) || c.WrittenOff()) && c.WriteOff.Kind != "malicious" {
		rt.Fatalf("two people found malice, and the write-off is %q", c.WriteOff.Kind)
	}
	if c.Malice.DecidedBy != "" && c.Malice.DecidedBy == c.Malice.FlaggedBy {
		rt.Fatal("one person alone found malice")
	}
	if c.Reattribution.DecidedBy != "" && c.Reattribution.DecidedBy == c.Reattribution.ProposedBy {
		rt.Fatal("one person alone reattributed the rating")
	}
	if c.Credit.ConfirmedBy != "" && (c.Credit.ConfirmedBy == c.Credit.ApprovedBy || c.Credit.ApprovedBy == c.Credit.ProposedBy) {
		rt.Fatal("credit without two approvals")
	}
	if c.Running(TrackExtension) && c.Clock.Overdue {
		rt.Fatal("overdue before the days asked for in time were decided")
	}
	if k := c.Clock.paused(); k != nil && !c.Running(TrackAppeal) {
		rt.Fatal("the days stand still without an appeal")
	}
}
