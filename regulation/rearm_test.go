package regulation

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"haochaping/workday"
)

// notice is the built-in calendar with some days made off or worked.
func notice(t testing.TB, rows ...string) workday.Calendar {
	t.Helper()
	text := "date,kind,holiday\n" + strings.Join(rows, "\n") + "\n"
	l, err := workday.ReadLayer("513301", "test", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return workday.National().With(l)
}

// threeDaysOff lie within the fifteen working days of an order of 23 November 2026.
var threeDaysOff = []string{"2026-12-02,off,x", "2026-12-03,off,x", "2026-12-04,off,x"}

func (d *desk) rearm(calendar workday.Calendar) bool {
	d.t.Helper()
	d.rules.Calendar = calendar
	c, e, moved := d.rules.Rearm(d.c, "notice-1", d.now, d.now)
	if moved {
		d.c, d.last, d.log = c, e, append(d.log, e)
	}
	return moved
}

func dues(c Case) map[string]time.Time {
	all := map[string]time.Time{"clock": c.Clock.Due, "unit": c.Clock.UnitDue, "appeal": c.Notice.AppealUntil}
	for _, d := range c.Deadlines {
		all[d.ID] = d.Due
	}
	for _, w := range c.Awaiting {
		all["await "+string(w.Act)] = w.Due
	}
	return all
}

func TestACaseRearmedStandsAsOneThatHadTheCalendarFromTheStart(t *testing.T) {
	for name, stage := range map[string]func(*desk){
		"opened": func(*desk) {}, "signing": (*desk).toSigning, "rectification": (*desk).toRectification,
		"acceptance": (*desk).toAcceptance, "survey": (*desk).toSurvey,
	} {
		t.Run(name, func(t *testing.T) {
			calendar := notice(t, append(threeDaysOff, "2026-11-24,off,x", "2026-11-28,work,x")...)
			rearmed, fresh := setup(t), setup(t)
			fresh.rules.Calendar = calendar
			fresh.c, _ = fresh.rules.Open(Opening{ID: "c1", Number: "513301-2026-000001", RatingID: "r1", Edition: Edition1, Grade: VeryDissatisfied,
				Area: "513301", Authority: county, Upper: upper, Rated: Rated{Unit: police, Window: "w1", Staff: "st1"},
				MatterStatus: "in_progress", Contactable: true, RatedAt: fresh.now, Crowd: 1000}, fresh.now)
			stage(rearmed)
			stage(fresh)
			if !rearmed.rearm(calendar) {
				t.Fatal("nothing moved")
			}
			got, want := dues(rearmed.c), dues(fresh.c)
			for id, due := range want {
				if !got[id].Equal(due) {
					t.Errorf("%s is due %v, want %v", id, got[id], due)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d instants, want %d", len(got), len(want))
			}
		})
	}
}

func TestRearmingTellsOldAndNewInstantCalendarAndReason(t *testing.T) {
	d := setup(t)
	d.toRectification()
	before := workday.National().Version()
	d.now = at("2026-11-25 10:00")
	calendar := notice(t, threeDaysOff...)
	d.rearm(calendar)
	e := d.last
	i := slices.IndexFunc(e.Changes, func(c DueChange) bool { return c.Deadline.ID == "submit_rectification#1" })
	if i < 0 {
		t.Fatalf("%+v", e.Changes)
	}
	change := e.Changes[i]
	if change.Op != DueRearmed || !change.Was.Due.Equal(at("2026-12-14 17:30")) || !change.Deadline.Due.Equal(at("2026-12-17 17:30")) ||
		change.Was.Calendar != before || change.Deadline.Calendar != calendar.Version() {
		t.Errorf("%+v was %+v", change, change.Was)
	}
	if e.Kind != EventRearmed || e.Data["reason"] != "notice-1" || e.Clause != ClauseTransfer || e.Seq != d.c.Seq {
		t.Errorf("%+v", e)
	}
	if !slices.Contains(e.Notify, Seat{UnitHandler, police}) {
		t.Errorf("the unit is not told: %v", e.Notify)
	}
	if w := d.c.Await(ActSubmitRectification); !w.Due.Equal(at("2026-12-17 17:30")) {
		t.Errorf("the task is due %v", w.Due)
	}
	if d.rearm(calendar) {
		t.Errorf("the same calendar moved it again: %+v", d.last.Changes)
	}
}

func TestACalendarThatTouchesNoOpenDayLeavesTheCaseAlone(t *testing.T) {
	d := setup(t)
	d.toRectification()
	if d.rearm(notice(t, "2027-03-02,off,x")) {
		t.Errorf("%+v", d.last.Changes)
	}
}

func TestWhatHasPassedStays(t *testing.T) {
	d := setup(t)
	d.toSigning()
	d.until("2026-12-15 10:00") // unsigned, and the fifteen days are over
	overdue, due := d.c.Await(ActSign).Due, d.c.Clock.Due
	d.rearm(notice(t, append(threeDaysOff, "2026-11-24,off,x")...))
	if !d.c.Await(ActSign).Due.Equal(overdue) || !d.c.Clock.Due.Equal(due) || !d.c.Clock.Overdue {
		t.Errorf("sign %v, clock %+v", d.c.Await(ActSign).Due, d.c.Clock)
	}
}

func TestDaysTakenAwayAreTakenFromUnderNobody(t *testing.T) {
	d := setup(t)
	d.rules.Calendar = notice(t, threeDaysOff...)
	d.toRectification() // due on 17 December
	for name, c := range map[string]struct {
		at, due string
		rows    []string
	}{
		"in good time":           {"2026-12-10 10:00", "2026-12-14 17:30", nil},
		"on the new last day":    {"2026-12-14 10:00", "2026-12-14 17:30", nil},
		"after the new last day": {"2026-12-15 10:00", "2026-12-15 17:30", nil},
		"after work":             {"2026-12-15 20:00", "2026-12-16 17:30", nil},
		"on a Saturday":          {"2026-12-12 10:00", "2026-12-14 17:30", []string{"2026-12-12,off,x", "2026-12-05,work,x", "2026-12-06,work,x"}},
		"never later than it was": {"2026-12-17 10:00", "2026-12-17 17:30",
			[]string{"2026-12-05,work,x"}},
	} {
		t.Run(name, func(t *testing.T) {
			one := *d
			one.t = t
			one.until(c.at)
			one.rules.Calendar = workday.National()
			if c.rows != nil {
				one.rules.Calendar = notice(t, c.rows...)
			}
			next, _, _ := one.rules.Rearm(one.c, "x", one.now, one.now)
			if got := next.Clock.Due; !got.Equal(at(c.due)) {
				t.Errorf("due %v, want %v", got, c.due)
			}
			if w := next.Await(ActSubmitRectification); !w.Due.Equal(next.Clock.Due) {
				t.Errorf("the step is due %v, the clock %v", w.Due, next.Clock.Due)
			}
			for _, open := range next.Deadlines {
				if open.Kind == DeadlineReminder && open.Due.Before(one.now) {
					t.Errorf("a reminder in the past: %+v", open)
				}
			}
		})
	}
}

func TestASubmissionInTimeStaysInTime(t *testing.T) {
	d := setup(t)
	d.rules.Calendar = notice(t, threeDaysOff...)
	d.toRectification()
	d.until("2026-12-16 10:00")
	d.do("paul", ActSubmitRectification, rectified...)
	d.until("2026-12-16 15:00")
	d.rearm(workday.National()) // by which the last day was the 14th
	d.until("2026-12-17 10:00")
	d.do("sam", ActAcceptRectification)
	if !d.c.Clock.InTime || !d.c.Clock.UnitInTime {
		t.Errorf("%+v", d.c.Clock)
	}
}

func TestANoticeMakesAProvisionalDateCertain(t *testing.T) {
	d := setup(t)
	d.now = at("2026-12-21 10:00")
	d.c, _ = d.rules.Open(Opening{ID: "c1", Edition: Edition1, Grade: VeryDissatisfied, Area: "513301", Authority: county, Upper: upper,
		Rated: Rated{Unit: police}, Contactable: true, RatedAt: d.now}, d.now)
	d.toSigning()
	if !d.c.Clock.Provisional {
		t.Fatal("2027 is not noticed")
	}
	due := d.c.Clock.Due
	l, err := workday.ReadLayer("国务院办公厅", "2027", strings.NewReader("date,kind,holiday\n2027-01-01,off,元旦\n2027-02-05,off,春节\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !d.rearm(workday.National().WithNotice(l)) || d.c.Clock.Provisional || !d.c.Clock.Due.Equal(due) {
		t.Errorf("%+v", d.c.Clock)
	}
	if len(d.last.Notify) != 0 {
		t.Errorf("nothing moved, and %v are told", d.last.Notify)
	}
}

func TestRemindersFollowTheDateTheyRemindOf(t *testing.T) {
	d := setup(t)
	d.toRectification()
	d.rearm(notice(t, threeDaysOff...))
	want := map[int]string{5: "2026-12-10 09:00", 2: "2026-12-15 09:00", 0: "2026-12-17 09:00"}
	for _, open := range d.c.Deadlines {
		if open.Kind == DeadlineReminder && !open.Due.Equal(at(want[open.Left])) {
			t.Errorf("%d days left on %v, want %s", open.Left, open.Due, want[open.Left])
		}
	}
}

func TestTheUnitsOwnDaysAreRecountedFromItsOwnOrder(t *testing.T) {
	d := returned(t)
	d.until("2026-12-14 17:30") // the case is overdue, the unit is not
	d.now = at("2026-12-15 10:00")
	d.rearm(notice(t, "2026-12-17,off,x", "2026-12-18,off,x"))
	if w := d.c.Await(ActSubmitRectification); !w.Due.Equal(at("2026-12-23 17:30")) || !d.c.Clock.UnitDue.Equal(w.Due) || !d.c.Clock.Due.Equal(at("2026-12-14 17:30")) {
		t.Errorf("%+v %+v", w, d.c.Clock)
	}
}

// stripped is a case as it was stored before deadlines kept their spans.
func stripped(c Case) Case {
	c = c.clone()
	for i := range c.Deadlines {
		if c.Deadlines[i].Kind != DeadlineSilence { // never stored without
			c.Deadlines[i].Span = Span{}
		}
	}
	return c
}

func TestRandomCasesAreRecountedFairly(t *testing.T) {
	moved := 0
	rapid.Check(t, func(rt *rapid.T) {
		d := setup(t)
		people := append([]string{""}, names(roster())...)
		for range rapid.IntRange(1, 25).Draw(rt, "moves") {
			if rapid.IntRange(0, 5).Draw(rt, "move") == 0 && len(d.c.Deadlines) > 0 {
				passOne(rt, d)
			} else {
				leadOn(rt, d, people)
			}
		}
		if _, e, changed := d.rules.Rearm(d.c, "x", d.now, d.now); changed {
			rt.Fatalf("the calendar is the same: %+v", e.Changes)
		}
		d.rules.Calendar = anyCalendar(rt, d.now)
		after, e, changed := d.rules.Rearm(d.c, "x", d.now, d.now)
		if changed {
			moved++
			fairAndExact(rt, d, after, e)
		}
		if old := d.rules.Recount(stripped(d.c), d.now, d.now); !sameDues(old, d.rules.Recount(d.c, d.now, d.now)) {
			rt.Fatalf("without spans %+v, with %+v", old, d.rules.Recount(d.c, d.now, d.now))
		}
	})
	if moved < 10 {
		t.Errorf("only %d cases moved: the test tells little", moved)
	}
}

// anyCalendar changes a few days around an instant.
func anyCalendar(rt *rapid.T, now time.Time) workday.Calendar {
	l := workday.Layer{Name: "513301", Version: "any", Days: map[workday.Date]workday.Kind{}}
	for range rapid.IntRange(4, 12).Draw(rt, "days") {
		day := workday.DateOf(now).AddDays(rapid.IntRange(-5, 20).Draw(rt, "day"))
		l.Days[day] = rapid.SampledFrom([]workday.Kind{workday.Off, workday.Work}).Draw(rt, "kind")
	}
	return workday.National().With(l)
}

func fairAndExact(rt *rapid.T, d *desk, after Case, e Event) {
	floor := d.rules.fairly(d.now)
	for _, change := range e.Changes {
		due := change.Deadline.Due
		switch {
		case change.Op != DueRearmed:
		case change.Was.Due.Before(d.now) || change.Was.Due.Equal(d.now):
			rt.Fatalf("%s had passed", change.Deadline.ID)
		case due.Before(change.Was.Due) && due.Before(floor) && change.Deadline.Kind != DeadlineReminder:
			rt.Fatalf("%s is brought forward to %v, before %v", change.Deadline.ID, due, floor)
		case due.After(floor) && change.Deadline.Kind != DeadlineReminder && !due.Equal(d.rules.count(change.Deadline.Span).at):
			rt.Fatalf("%s is due %v, counted %v", change.Deadline.ID, due, d.rules.count(change.Deadline.Span).at)
		}
	}
	for _, w := range after.Awaiting {
		for _, open := range after.Deadlines {
			if open.ID == w.Deadline && (!open.Due.Equal(w.Due) || open.Provisional != w.Provisional) {
				rt.Fatalf("wait %+v, deadline %+v", w, open)
			}
		}
	}
	if again := d.rules.Recount(after, d.now, d.now); len(again) != 0 {
		rt.Fatalf("counted twice, it moves twice: %+v", again)
	}
}

func sameDues(a, b []DueChange) bool {
	return slices.EqualFunc(a, b, func(x, y DueChange) bool {
		return x.Op == y.Op && x.Deadline.ID == y.Deadline.ID && x.Deadline.Due.Equal(y.Deadline.Due)
	})
}

func TestASpanIsStoredWithItsDeadlineAndAnOlderFormReads(t *testing.T) {
	d := setup(t)
	text, err := json.Marshal(d.c.Deadlines[0])
	if err != nil || !strings.Contains(string(text), `"from":"2026-11-23","days":1,"param":"accept_days"`) {
		t.Errorf("%s, %v", text, err)
	}
	var old Deadline
	if err := json.Unmarshal([]byte(`{"id":"accept#1","kind":"step","act":"accept","due":"2026-11-24T09:30:00Z","calendar":"x"}`), &old); err != nil || !old.From.IsZero() {
		t.Errorf("%+v, %v", old, err)
	}
}

func TestAUnitLearnsOfItsOwnDatesThatMove(t *testing.T) {
	d := setup(t)
	d.rearm(notice(t, "2026-11-24,off,x"))
	if ReaderUnit.Shows(d.last) || !ReaderAuthority.Shows(d.last) || !ReaderOversight.Shows(d.last) {
		t.Errorf("the unit has no part in the acceptance: %+v", d.last.Changes)
	}
	d = setup(t)
	d.toSigning()
	d.rearm(notice(t, threeDaysOff...))
	if !ReaderUnit.Shows(d.last) || ReaderRater.Shows(d.last) {
		t.Errorf("%+v", d.last.Changes)
	}
}
