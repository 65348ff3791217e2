package store_test

import (
	"sync"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

const office = "513301-authority"

// claimed lays a finding before the verifiers, taken by the first of two.
func (d *desk) claimed() (task string, first, second regulation.Actor) {
	d.t.Helper()
	id := d.open()
	d.upTo(id, regulation.ActRecordFinding)
	verifiers := d.holders(regulation.Verifier, office)
	if len(verifiers) < 2 {
		d.t.Fatal("the demo has one verifier")
	}
	task = id + "." + string(regulation.ActRecordFinding)
	d.must(d.Claim(d.t.Context(), verifiers[0], task))
	return task, verifiers[0], verifiers[1]
}

func (d *desk) hold(task string) store.Hold {
	d.t.Helper()
	caseID := task[:len(task)-len(".record_finding")]
	hold, err := d.HoldOn(d.t.Context(), caseID, regulation.ActRecordFinding)
	d.must(err)
	return hold
}

func (d *desk) toldInPerson(actor regulation.Actor) (names []string) {
	d.t.Helper()
	told, _, err := d.Notices(d.t.Context(), store.InPerson(regulation.Actor{Person: actor.Person}), store.ListQuery{})
	d.must(err)
	for _, n := range told {
		names = append(names, n.Name)
	}
	return names
}

// A task changes hands by name of the claim that is seen; whoever had it is told each time.
func TestTakeOverIsFromTheClaimThatIsSeen(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		task, first, second := d.claimed()
		seen := d.hold(task)
		if seen.Person != first.Person || !seen.Since.Equal(d.Clock.Now()) {
			t.Fatalf("held %+v", seen)
		}
		d.Clock.Forward(time.Minute)
		if err := d.TakeOver(t.Context(), second, task, seen.Since.Add(-time.Second)); !isCode(err, regulation.Conflict) {
			t.Errorf("of another claim: %v", err)
		}
		if err := d.TakeOver(t.Context(), d.holder(regulation.UnitHead, "513301-psb"), task, seen.Since); !isCode(err, regulation.NotPermitted) {
			t.Errorf("without a seat: %v", err)
		}
		d.must(d.TakeOver(t.Context(), second, task, seen.Since))
		d.must(d.TakeOver(t.Context(), second, task, seen.Since)) // again: no harm
		if now := d.hold(task); now.Person != second.Person || !now.Since.Equal(d.Clock.Now()) {
			t.Errorf("held %+v", now)
		}
		d.must(d.TakeOver(t.Context(), first, task, d.hold(task).Since))
		d.must(d.TakeOver(t.Context(), second, task, d.hold(task).Since))
		if told := d.toldInPerson(first); len(told) != 2 || told[0] != "claim_taken_over" {
			t.Errorf("the first was told %v", told)
		}
		if told := d.toldInPerson(second); len(told) != 1 {
			t.Errorf("the second was told %v", told)
		}
		log, err := d.AuditLog(t.Context(), regulation.Scope{Areas: []string{"513301"}}, store.AuditQuery{Action: "claim_taken_over"})
		d.must(err)
		if len(log) != 3 || log[0].Person != second.Person || log[0].ObjectID != task || log[0].Purpose != "record_finding" {
			t.Errorf("the audit log has %+v", log)
		}
	})
}

func TestOfTwoWhoTakeOverOneGetsTheTask(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		task, _, second := d.claimed()
		third := second
		third.Person = "third"
		since := d.hold(task).Since
		d.Clock.Forward(time.Minute)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, actor := range []regulation.Actor{second, third} {
			wg.Go(func() { errs[i] = d.TakeOver(t.Context(), actor, task, since) })
		}
		wg.Wait()
		winner := second
		if errs[0] != nil {
			winner, errs[0], errs[1] = third, errs[1], errs[0]
		}
		if errs[0] != nil || !isCode(errs[1], regulation.Conflict) {
			t.Fatalf("%v", errs)
		}
		if hold := d.hold(task); hold.Person != winner.Person {
			t.Errorf("held by %s, want %s", hold.Person, winner.Person)
		}
	})
}

// Whoever leads the office frees a colleague's task; a leader elsewhere does not.
func TestLeaderFreesAColleaguesTask(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		task, first, _ := d.claimed()
		for _, elsewhere := range []string{"513322-authority", "513300-authority"} {
			if err := d.Release(t.Context(), d.holder(regulation.Supervisor, elsewhere), task); !isCode(err, regulation.Conflict) {
				t.Errorf("a supervisor of %s: %v", elsewhere, err)
			}
		}
		d.must(d.Release(t.Context(), d.holder(regulation.Supervisor, office), task))
		if hold := d.hold(task); hold.Person != "" {
			t.Errorf("still held by %s", hold.Person)
		}
		if told := d.toldInPerson(first); len(told) != 1 || told[0] != "claim_released" {
			t.Errorf("told %v", told)
		}
		if c := d.counts(d.holders(regulation.Verifier, office)[1]); c.Available != 1 {
			t.Errorf("not available: %+v", c)
		}
	})
}

// Who may not act any more holds nothing, from the same moment.
func TestClaimsFallWithThePost(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		task, first, _ := d.claimed()
		d.must(d.Appoint(t.Context(), first.Person, regulation.Publisher, office, d.Clock.Now(), "tester"))
		d.must(d.Dismiss(t.Context(), first.Person, regulation.Publisher, office, "tester"))
		if hold := d.hold(task); hold.Person != first.Person {
			t.Errorf("another post's end drops it: %+v", hold)
		}
		d.must(d.Dismiss(t.Context(), first.Person, regulation.Verifier, office, "tester"))
		if hold := d.hold(task); hold.Person != "" || !hold.Since.IsZero() {
			t.Errorf("dismissed, and still held: %+v", hold)
		}
	})
}

func TestClaimsFallWithTheAccount(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		task, first, _ := d.claimed()
		d.must(d.DisableAccount(t.Context(), first.Person, "tester"))
		if hold := d.hold(task); hold.Person != "" {
			t.Errorf("disabled, and still held: %+v", hold)
		}
		d.must(d.EnableAccount(t.Context(), first.Person, "tester"))
		if hold := d.hold(task); hold.Person != "" {
			t.Errorf("enabled, and back: %+v", hold)
		}
	})
}
