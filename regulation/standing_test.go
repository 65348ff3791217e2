package regulation

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// stands holds the standing told from the events against the case itself.
func stands(c Case, s Standing) error {
	switch {
	case s.Seq != c.Seq || s.Phase != c.Phase:
		return fmt.Errorf("event %d in %s, the case at %d in %s", s.Seq, s.Phase, c.Seq, c.Phase)
	case !maps.Equal(s.Tracks, c.Tracks) && len(s.Tracks)+len(c.Tracks) > 0:
		return fmt.Errorf("tracks %v, the case has %v", s.Tracks, c.Tracks)
	case !slices.EqualFunc(sortedDues(s.Deadlines), sortedDues(c.Deadlines), func(a, b Deadline) bool { return a.ID == b.ID && a.Due.Equal(b.Due) }):
		return fmt.Errorf("deadlines %+v, the case has %+v", s.Deadlines, c.Deadlines)
	case len(s.Waits) != len(c.Awaiting):
		return fmt.Errorf("waits %+v, the case has %+v", s.Waits, c.Awaiting)
	}
	for _, w := range s.Waits {
		a := c.Await(w.Act)
		if a == nil || !slices.Equal(a.Seats, w.Seats) || a.Overdue != w.Overdue || a.Raised != w.Raised || !a.Due.Equal(w.Due) {
			return fmt.Errorf("wait %+v, the case has %+v", w, a)
		}
	}
	return nil
}

func sortedDues(all []Deadline) []Deadline {
	return slices.SortedFunc(slices.Values(all), func(a, b Deadline) int { return slices.Compare([]byte(a.ID), []byte(b.ID)) })
}

// Whatever people and deadlines do to a case, its events alone tell how it stood after each.
func TestEventsTellHowTheCaseStood(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := setup(t, func(o *Opening) { o.Contactable = rapid.Bool().Draw(rt, "contactable") })
		if rapid.Bool().Draw(rt, "switches") {
			d.with(CreditReferral, 1, ExtensionDays, 5, WriteOffWithoutAppeal, 1)
		}
		people := append([]string{""}, names(roster())...)
		cases := []Case{d.c}
		for range rapid.IntRange(1, 60).Draw(rt, "moves") {
			before := d.c
			wander(rt, d, people)
			if d.c.Seq != before.Seq {
				cases = append(cases, d.c)
			}
		}
		all := Replay(d.c, d.log)
		if len(all) != len(cases) {
			rt.Fatalf("%d standings of %d", len(all), len(cases))
		}
		for i, c := range cases {
			if err := stands(c, all[i]); err != nil {
				rt.Fatalf("after %s: %v", d.log[i].Name, err)
			}
			if err := couldBeDone(d, c, d.rules.Then(all[i]), d.log[i].At, people); err != nil {
				rt.Fatalf("after %s: %v", d.log[i].Name, err)
			}
		}
	})
}

// couldBeDone holds what everybody is told of every act against the case itself.
func couldBeDone(d *desk, c, then Case, at time.Time, people []string) error {
	if !slices.Equal(OpenIn(then), OpenIn(c)) {
		return fmt.Errorf("open then %v, in the case %v", OpenIn(then), OpenIn(c))
	}
	for _, kind := range OpenIn(c) {
		for _, who := range people {
			actor := d.actor(who)
			told, is := d.rules.ready(then, specByKind[kind], actor, at), d.rules.ready(c, specByKind[kind], actor, at)
			if fmt.Sprint(told) != fmt.Sprint(is) {
				return fmt.Errorf("%s by %q is told %v, and is %v", kind, who, told, is)
			}
		}
	}
	return nil
}

func TestStandingAtAnInstant(t *testing.T) {
	d := setup(t)
	d.now = d.now.Add(time.Hour)
	d.do("sam", ActAccept)
	all := Standings(d.c.Edition, d.log)
	if _, ok := StoodAt(all, all[0].At.Add(-time.Microsecond)); ok {
		t.Error("it stood before it was opened")
	}
	if s, ok := StoodAt(all, all[1].At.Add(-time.Microsecond)); !ok || s.Phase != PhaseOpened {
		t.Errorf("just before: %+v", s)
	}
	s, ok := StoodAt(all, all[1].At)
	if !ok || s.Phase != PhaseVerification || s.Calendar == "" || s.Edition != Edition1 {
		t.Errorf("at the instant: %+v", s)
	}
}
