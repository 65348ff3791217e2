package store_test

import (
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
	"haochaping/workday"
)

// heard are what a person was told, the latest first.
func (b *boxes) heard(t *testing.T, login string) (names []string) {
	t.Helper()
	actor, err := b.Actor(t.Context(), b.Person(t, login))
	if err != nil {
		t.Fatal(err)
	}
	notices, _, err := b.Notices(t.Context(), store.InPerson(actor), store.ListQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notices {
		names = append(names, n.Name)
	}
	return names
}

// says is an answer or a decision of somebody's to a report.
func (b *boxes) says(t *testing.T, login, opening string, v regulation.Values) error {
	t.Helper()
	actor, err := b.Actor(t.Context(), b.Person(t, login))
	if err != nil {
		t.Fatal(err)
	}
	if v["opening_decision"] != nil {
		return b.DecideOpening(t.Context(), opening, v, actor)
	}
	return b.AnswerOpening(t.Context(), opening, v, actor)
}

func (b *boxes) report(t *testing.T, at time.Time, counted int, seal string) string {
	t.Helper()
	id, err := b.RecordOpening(t.Context(), everywhere, b.box, b.found(t, at, counted, seal), b.actor)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b *boxes) forward(at time.Time) { b.Clock.Forward(at.Sub(b.Now())) }

// leaves tells whether every leaf of a kind agrees with its row.
func (b *boxes) leaves(t *testing.T, kind string, want int) {
	t.Helper()
	checked, wrong, err := store.CheckPending(b.Store, t.Context(), kind)
	if err != nil || checked != want || wrong != nil {
		t.Errorf("%d leaves of %s, want %d; wrong %v, %v", checked, kind, want, wrong, err)
	}
}

var (
	confirmed = regulation.Values{"opening_answer": {"confirmed"}}
	contested = regulation.Values{"opening_answer": {"refused"}, "opening_contested": {"count", "new_seal"}, "answer_reason": {"我数了九张"}}
	setAside  = regulation.Values{"opening_decision": {"set_aside"}, "decision_reason": {"两人重新清点"}}
	upheld    = regulation.Values{"opening_decision": {"upheld"}, "decision_reason": {"监控可见两人在场"}}
)

// What one person reports is no opening before the other confirms it: its forms are not entered and it is in no list. Only
// the other confirms it, once (R16).
func TestAnOpeningCountsOnceTheOtherConfirmsIt(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.Clock.Forward(time.Date(2026, 3, 3, 10, 0, 0, 0, workday.Shanghai).Sub(r.Now()))
		b := withBox(t, r)
		id := b.report(t, b.Now(), 4, "S-1")
		if again := b.report(t, b.Now(), 4, "S-1"); again != id {
			t.Error("the same form again is another report")
		}
		same(t, "the second is told", b.heard(t, "kd-clerk-1"), []string{store.OpeningToConfirm})
		openings, err := b.Openings(t.Context(), everywhere, store.OpeningQuery{})
		if err != nil || len(openings) != 0 {
			t.Errorf("%v, %v before it is confirmed", openings, err)
		}
		if got := fault(b.TakeForm(t.Context(), id, b.batch.First(), b.actor.Person), ""); got != "opening" {
			t.Errorf("a form of it is entered: %s", got)
		}
		same(t, "a seal that was missing is told of at once", b.alarmed(t, store.AlarmBoxSeal), []string{"missing"})
		if n, err := b.OpeningsToConfirm(t.Context(), b.Person(t, "kd-clerk-1")); err != nil || n != 1 {
			t.Errorf("%d wait for the second, %v", n, err)
		}
		for _, login := range []string{"kd-keeper-1", "kd-supervisor-1"} {
			if got := fault(b.says(t, login, id, confirmed), ""); got != "not_the_second" {
				t.Errorf("%s confirms it: %s", login, got)
			}
		}
		for range 2 {
			if err := b.says(t, "kd-clerk-1", id, confirmed); err != nil {
				t.Fatal(err)
			}
		}
		reports, err := b.OpeningReports(t.Context(), kangding, store.ReportQuery{Opener: b.actor.Person})
		if err != nil || len(reports) != 1 || reports[0].State != regulation.ReportConfirmed || len(reports[0].Answers) != 1 {
			t.Errorf("%+v, %v", reports, err)
		}
		if o, err := b.Opening(t.Context(), id); err != nil || o.Counted != 4 || o.Openers[1] != b.Person(t, "kd-clerk-1") {
			t.Errorf("%+v, %v", o, err)
		}
		if err := b.TakeForm(t.Context(), id, b.batch.First(), b.actor.Person); err != nil {
			t.Error(err)
		}
		if got := fault(b.says(t, "kd-clerk-1", id, contested), ""); got != "opening_answered" {
			t.Errorf("contested after all: %s", got)
		}
		same(t, "the first is told", b.heard(t, "kd-keeper-1"), []string{"opening_confirmed"})
		for kind, n := range map[string]int{"opening": 1, "opening_report": 1, "opening_answer": 1, "box_state": 1} {
			b.leaves(t, kind, n)
		}
	})
}

// What the second did not see is the supervisor's to decide, who was neither of the two. A report that is set aside is as
// if it had never been: the same seal is reported anew.
func TestTheSupervisorDecidesAContestedOpening(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.Clock.Forward(time.Date(2026, 3, 3, 10, 0, 0, 0, workday.Shanghai).Sub(r.Now()))
		b := withBox(t, r)
		first := b.report(t, b.Now(), 8, "S-1")
		if got := fault(b.says(t, "kd-supervisor-1", first, upheld), ""); got != "opening_waits" {
			t.Errorf("decided while the second may answer: %s", got)
		}
		if err := b.says(t, "kd-clerk-1", first, contested); err != nil {
			t.Fatal(err)
		}
		b.watch(t, "2026-03-03 10:01")
		same(t, "alarm", b.alarmed(t, store.AlarmBoxUnconfirmed), []string{"supervisor"})
		same(t, "the supervisor is told", b.heard(t, "kd-supervisor-1"), []string{"opening_refused"})
		if got := fault(b.says(t, "kd-keeper-1", first, upheld), ""); got != "you_opened_it" {
			t.Errorf("decided by one of the two: %s", got)
		}
		at, err := b.OpeningReport(t.Context(), first)
		if err != nil || !slices.Equal(at.Answers[0].Contested, []string{"count", "new_seal"}) || at.Answers[0].Reason != "我数了九张" {
			t.Errorf("%+v, %v", at, err)
		}
		if err := b.says(t, "kd-supervisor-1", first, setAside); err != nil {
			t.Fatal(err)
		}
		b.watch(t, "2026-03-03 10:02")
		same(t, "alarm once decided", b.alarmed(t, store.AlarmBoxUnconfirmed), nil)
		second := b.report(t, at.OpenedAt, 9, "S-1")
		if second == first {
			t.Fatal("what was set aside came back")
		}
		if err := b.says(t, "kd-clerk-1", second, contested); err != nil {
			t.Fatal(err)
		}
		if err := b.says(t, "kd-supervisor-1", second, upheld); err != nil {
			t.Fatal(err)
		}
		if o, err := b.Opening(t.Context(), second); err != nil || o.Counted != 9 {
			t.Errorf("%+v, %v", o, err)
		}
		if _, err := b.Opening(t.Context(), first); fault(err, "") != "opening" {
			t.Error("what was set aside is an opening")
		}
	})
}

// A week that ends with an unanswered report is nobody's fault: the alarm says so, and what is decided later is what is
// said of it. Whoever does not answer in time leaves it to the supervisor, who is told once.
func TestAWeekThatEndsUnconfirmed(t *testing.T) {
	for name, c := range map[string]struct {
		login  string
		answer regulation.Values
		want   string
	}{
		"confirmed late":               {"kd-clerk-1", confirmed, "kept"},
		"upheld by the supervisor":     {"kd-supervisor-1", upheld, "kept"},
		"set aside by the supervisor":  {"kd-supervisor-1", setAside, "missed"},
		"contested, and nothing since": {"kd-clerk-1", contested, "unconfirmed"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T, r *storetest.Record) {
				r.Clock.Forward(time.Date(2026, 3, 2, 8, 0, 0, 0, workday.Shanghai).Sub(r.Now())) // a Monday
				b := withBox(t, r)
				b.watch(t, "2026-03-02 08:01")
				b.forward(time.Date(2026, 3, 6, 16, 0, 0, 0, workday.Shanghai)) // Friday
				id := b.report(t, b.Now(), 3, "S-1")
				b.watch(t, "2026-03-06 16:59")
				same(t, "alarm before the week ends", b.alarmed(t, store.AlarmBoxUnconfirmed), nil)
				b.watch(t, "2026-03-06 17:00")
				same(t, "the week", b.weeks(t), []string{"2026-W10 unconfirmed"})
				same(t, "the alarm", b.alarmed(t, store.AlarmBoxUnconfirmed), []string{"waiting"})
				same(t, "of a box that was not opened", b.alarmed(t, store.AlarmBoxUnopened), nil)
				if told := b.heard(t, "kd-keeper-1"); !slices.Equal(told, []string{store.OpeningWeekOver}) {
					t.Errorf("the keeper heard %v", told)
				}
				for _, at := range []string{"2026-03-09 16:59", "2026-03-09 17:00", "2026-03-09 17:01"} { // the next working day
					b.watch(t, at)
				}
				same(t, "the alarm, unanswered", b.alarmed(t, store.AlarmBoxUnconfirmed), []string{"supervisor"})
				same(t, "the supervisor is told once", b.heard(t, "kd-supervisor-1"), []string{store.OpeningLapsed})
				if err := b.says(t, c.login, id, c.answer); err != nil {
					t.Fatal(err)
				}
				b.watch(t, "2026-03-09 17:02")
				same(t, "the week at last", b.weeks(t), []string{"2026-W10 " + c.want})
				if told := slices.Contains(b.heard(t, "kd-keeper-1"), store.BoxOverdue); told != (c.want == "missed") {
					t.Errorf("the keeper is told that it was missed: %v", told)
				}
				if open := b.alarmed(t, store.AlarmBoxUnopened); (len(open) > 0) != (c.want == "missed") {
					t.Errorf("not opened: %v", open)
				}
			})
		})
	}
}

// Where the office does without, one person records an opening for both.
func TestAnOpeningWithoutConfirmation(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		b := withBox(t, r)
		edition := store.Edition{Name: "2026/alone", From: b.Now().Add(time.Hour)}
		if err := b.AddEdition(t.Context(), edition, []store.Parameter{{Name: regulation.BoxConfirm, Author: "bureau", DecidedOn: workday.DateOf(b.Now()), Basis: "解释"}}, "tester"); err != nil {
			t.Fatal(err)
		}
		b.Clock.Forward(2 * time.Hour)
		id := b.report(t, b.Now(), 1, "S-1")
		if o, err := b.Opening(t.Context(), id); err != nil || o.Counted != 1 {
			t.Errorf("%+v, %v", o, err)
		}
	})
}

// The keeper is told once that a week ends tomorrow and today, and that it was missed; the supervisor two working days
// later. Who has recorded the opening is told nothing (R16).
func TestTheKeeperIsToldWhenAnOpeningIsDue(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.Clock.Forward(time.Date(2026, 3, 2, 8, 0, 0, 0, workday.Shanghai).Sub(r.Now())) // a Monday
		b := withBox(t, r)
		for _, at := range []string{"2026-03-02 08:01", "2026-03-04 23:59"} {
			b.watch(t, at)
		}
		same(t, "two days before", b.heard(t, "kd-keeper-1"), nil)
		for _, at := range []string{"2026-03-05 08:00", "2026-03-05 09:00"} {
			b.watch(t, at)
		}
		same(t, "the day before", b.heard(t, "kd-keeper-1"), []string{store.BoxDueTomorrow})
		for _, at := range []string{"2026-03-06 08:00", "2026-03-06 16:59"} {
			b.watch(t, at)
		}
		same(t, "on the day", b.heard(t, "kd-keeper-1"), []string{store.BoxDueToday, store.BoxDueTomorrow})
		for _, at := range []string{"2026-03-06 17:00", "2026-03-06 17:01", "2026-03-10 16:59"} {
			b.watch(t, at)
		}
		same(t, "after it", b.heard(t, "kd-keeper-1"), []string{store.BoxOverdue, store.BoxDueToday, store.BoxDueTomorrow})
		same(t, "not yet the supervisor's", b.heard(t, "kd-supervisor-1"), nil)
		for _, at := range []string{"2026-03-10 17:00", "2026-03-10 17:01"} {
			b.watch(t, at)
		}
		same(t, "two working days later", b.heard(t, "kd-supervisor-1"), []string{store.BoxRaised})
		b.report(t, b.Now(), 0, "S-1")
		b.watch(t, "2026-03-12 08:00")
		b.watch(t, "2026-03-13 08:00")
		if told := b.heard(t, "kd-keeper-1"); len(told) != 3 {
			t.Errorf("told of a week that was reported: %v", told)
		}
		notices, _, err := b.Notices(t.Context(), store.InPerson(b.actor), store.ListQuery{})
		if err != nil || store.WeekOfMessage(notices[0]) != "2026-W10" {
			t.Errorf("%+v, %v", notices, err)
		}
	})
}

// A box's state has a history, and each week is judged by what it was in that week: also in an outage, and from an
// earlier day on. What was judged stands.
func TestAWeekIsJudgedByWhatTheBoxWas(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.Clock.Forward(time.Date(2026, 3, 2, 8, 0, 0, 0, workday.Shanghai).Sub(r.Now()))
		b := withBox(t, r)
		b.watch(t, "2026-03-02 08:01")
		set := func(at time.Time, state, since string) error {
			b.forward(at)
			return b.SetBoxState(t.Context(), everywhere, b.box, regulation.Values{"box_state": {state}, "box_since": {since}, "box_reason": {"大厅装修"}}, b.actor)
		}
		day := func(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 0, workday.Shanghai) }
		if err := set(day(10), "out_of_use", "2026-03-09"); err != nil {
			t.Fatal(err)
		}
		if err := set(day(19), "active", ""); err != nil { // Thursday of W12
			t.Fatal(err)
		}
		for range 2 {
			if err := set(day(28), "removed", ""); err != nil {
				t.Fatal(err)
			}
		}
		b.watch(t, "2026-04-03 17:00")
		same(t, "the weeks", b.weeks(t), []string{"2026-W14 out_of_use", "2026-W13 missed", "2026-W12 missed", "2026-W11 out_of_use", "2026-W10 missed"})
		if got := fault(set(day(34), "active", "2026-04-01"), "box_since"); got != "week_judged" {
			t.Errorf("back in use in a week that was judged: %s", got)
		}
		box, err := b.Box(t.Context(), everywhere, b.box)
		if err != nil || box.State != regulation.BoxRemoved || len(box.Changes) != 4 || box.Changes[0].Reason != "大厅装修" || !box.Changes[2].From.Equal(time.Date(2026, 3, 9, 0, 0, 0, 0, workday.Shanghai)) {
			t.Errorf("%+v, %v", box, err)
		}
		same(t, "a box that is gone is nobody's", b.alarmed(t, store.AlarmBoxUnopened), nil)
		move := regulation.Values{"box_hall": {"513301001-service"}, "box_place": {"大门右侧"}, "box_reason": {"改设"}}
		if err := b.MoveBox(t.Context(), everywhere, b.box, move, b.actor); err != nil {
			t.Fatal(err)
		}
		move["box_hall"] = []string{"513322-hall"}
		if got := fault(b.MoveBox(t.Context(), everywhere, b.box, move, b.actor), "box_hall"); got != "no_such_unit" {
			t.Errorf("moved to another county: %s", got)
		}
		if box, err = b.Box(t.Context(), everywhere, b.box); err != nil || box.Hall != "513301001-service" || box.Changes[1].Hall != "513301-hall" || box.State != regulation.BoxRemoved {
			t.Errorf("%+v, %v", box, err)
		}
		b.leaves(t, "box_state", 5)
	})
}
