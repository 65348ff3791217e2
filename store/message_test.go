package store_test

import (
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// heard lists what a login was told that is about no case, the newest first.
func (d *desk) heard(login string) []string {
	d.t.Helper()
	actor, err := d.people().Actor(d.Person(d.t, login), d.Clock.Now())
	d.must(err)
	told, _, err := d.Notices(d.t.Context(), store.InPerson(actor), store.ListQuery{})
	d.must(err)
	var names []string
	for _, n := range told {
		if n.About != "" {
			names = append(names, n.Name)
		}
	}
	return names
}

func (d *desk) wantHeard(login string, names ...string) {
	d.t.Helper()
	if got := d.heard(login); !slices.Equal(got, names) {
		d.t.Errorf("%s was told %q, want %q", login, got, names)
	}
}

func TestBothAreToldWhenAnAbsenceIsEnteredBeginsAndEnds(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		s := d.entered(absence{"kd-psb-handler-1", "kd-psb-head", 1, 2})
		moments := []string{store.AbsenceEntered}
		for _, moment := range []struct {
			at   time.Time
			name string
		}{{s.Begins, store.AbsenceBegun}, {s.Ends, store.AbsenceOver}} {
			d.Clock.Forward(moment.at.Sub(d.Clock.Now()) - time.Microsecond)
			d.settled()
			d.wantHeard("kd-psb-head", moments...)
			d.Clock.Forward(time.Microsecond)
			d.settled()
			d.settled() // told once
			moments = append([]string{moment.name}, moments...)
			d.wantHeard("kd-psb-head", moments...)
			d.wantHeard("kd-psb-handler-1", moments...)
		}
		d.wantHeard("kd-verifier-1")
	})
}

func TestAnAbsenceEndedEarlyIsToldOnce(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		running := d.entered(absence{"kd-verifier-1", "kd-verifier-2", 0, 3})
		coming := d.entered(absence{"kd-psb-handler-1", "kd-psb-head", 1, 2})
		d.Clock.Forward(time.Minute)
		d.settled()
		d.must(d.RevokeAbsence(t.Context(), running.ID, "tester"))
		d.must(d.RevokeAbsence(t.Context(), coming.ID, "tester"))
		d.Clock.Forward(running.Ends.Sub(d.Clock.Now()) + time.Hour)
		d.settled()
		for _, login := range []string{"kd-verifier-1", "kd-verifier-2"} {
			d.wantHeard(login, store.AbsenceEnded, store.AbsenceBegun, store.AbsenceEntered)
		}
		for _, login := range []string{"kd-psb-handler-1", "kd-psb-head"} {
			d.wantHeard(login, store.AbsenceTakenBack, store.AbsenceEntered)
		}
	})
}

// A's substitute B goes away too: A learns that C acts, and C for whom; and both again when B is back.
func TestAChangedChainIsTold(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		first := d.entered(absence{"kd-supervisor-1", "kd-clerk-1", 0, 3})
		second := d.entered(absence{"kd-clerk-1", "kd-entry-1", 0, 1})
		d.wantHeard("kd-supervisor-1", store.AbsencePassedOn, store.AbsenceEntered)
		if heard := d.heard("kd-entry-1"); !slices.Contains(heard, store.AbsencePassedOn) || !slices.Contains(heard, store.AbsenceEntered) {
			t.Errorf("who acts in the end was told %q", heard)
		}
		want := []string{first.Absent, first.Substitute, second.Substitute}
		if chain := d.people().Chain(first.Absent, d.Clock.Now()); !slices.Equal(chain, want) {
			t.Errorf("chain %q, want %q", chain, want)
		}
		d.Clock.Forward(time.Minute)
		d.must(d.RevokeAbsence(t.Context(), second.ID, "tester"))
		if n := len(d.heard("kd-supervisor-1")); n != 3 {
			t.Errorf("told %q", d.heard("kd-supervisor-1"))
		}
		if chain := d.people().Chain(first.Absent, d.Clock.Now()); !slices.Equal(chain, want[:2]) {
			t.Errorf("chain %q", chain)
		}
	})
}

func TestMessagesAreReadPagedAndCounted(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.entered(absence{"kd-psb-handler-1", "kd-psb-head", 0, 0})
		d.Clock.Forward(time.Minute)
		d.settled()
		actor, err := d.people().Actor(d.Person(t, "kd-psb-head"), d.Clock.Now())
		d.must(err)
		actor = store.InPerson(actor)
		if n, err := d.UnreadNotices(t.Context(), actor); err != nil || n != 2 {
			t.Errorf("%d unread, %v", n, err)
		}
		var names []string
		q := store.ListQuery{Limit: 1}
		for {
			told, next, err := d.Notices(t.Context(), actor, q)
			d.must(err)
			for _, n := range told {
				names = append(names, n.Name)
			}
			d.must(d.ReadNotices(t.Context(), actor.Person, told))
			if next == "" {
				break
			}
			q.After = next
		}
		if !slices.Equal(names, []string{store.AbsenceBegun, store.AbsenceEntered}) {
			t.Errorf("pages %q", names)
		}
		if n, err := d.UnreadNotices(t.Context(), actor); err != nil || n != 0 {
			t.Errorf("%d unread, %v", n, err)
		}
		told, _, err := d.Notices(t.Context(), actor, store.ListQuery{})
		d.must(err)
		if len(told) != 2 || !told[0].Read || told[0].Roles[0] != regulation.Role("person") {
			t.Errorf("%+v", told)
		}
	})
}
