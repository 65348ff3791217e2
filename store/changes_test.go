package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

const threeDaysOff = "date,kind,holiday\n2026-12-02,off,县庆\n2026-12-03,off,县庆\n2026-12-04,off,县庆\n"

func (d *desk) change(area, days string) store.CalendarChange {
	return store.CalendarChange{Proposal: store.Proposal{Author: "author"}, Area: area, Name: "康定市人民政府", Number: "康府发〔2026〕" + d.key(),
		IssuedOn: workday.DateOf(d.Clock.Now()), Days: days, Basis: "县庆放假"}
}

// inForce proposes a notice and has a second person put it in force.
func (d *desk) inForce(area, days string) string {
	d.t.Helper()
	id, err := d.ProposeCalendar(d.t.Context(), d.change(area, days))
	d.must(err)
	d.must(d.DecideCalendar(d.t.Context(), id, store.Verdict{State: store.InForce, Person: "reviewer"}))
	return id
}

// rearm goes on until nothing is left to do now, and returns how many cases moved.
func (d *desk) rearm() (moved int) {
	d.t.Helper()
	for {
		n, left, err := d.Rearm(d.t.Context())
		d.must(err)
		moved += n
		if !left {
			return moved
		}
	}
}

// dueOf is when a case's rectification is due.
func (d *desk) dueOf(id string) time.Time {
	d.t.Helper()
	c := d.read(id)
	return c.Await(regulation.ActSubmitRectification).Due
}

func (d *desk) events(id string, kind regulation.EventKind) (found []regulation.Event) {
	d.t.Helper()
	all, err := d.Events(d.t.Context(), regulation.Scope{All: true}, id)
	d.must(err)
	for _, e := range all {
		if e.Kind == kind {
			found = append(found, e.Event)
		}
	}
	return found
}

func TestNoticeInForceMovesOpenCasesOnceWithTheirTasks(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSubmitRectification)
		closed := d.rowsOf("cases", "closed_at > 0")
		before := d.dueOf(id)
		d.must(d.MarkStarted(t.Context(), id))
		notice := d.inForce("513301", threeDaysOff)
		if moved := d.rearm(); moved != 1 {
			t.Fatalf("%d cases moved", moved)
		}
		after := d.dueOf(id)
		want := workday.DefaultHours.Close(workday.NewDate(2026, time.December, 17))
		if !after.Equal(want) || !before.Equal(want.AddDate(0, 0, -3)) {
			t.Errorf("due %v, was %v", after, before)
		}
		if n := d.rowsOf("tasks", "case_id = ? AND due_at = ?", id, after.UnixMicro()); n != 1 {
			t.Errorf("%d tasks at the new instant", n)
		}
		if n := d.rowsOf("task_seats", "due_at = ?", after.UnixMicro()); n == 0 {
			t.Error("inboxes sort by the old instant")
		}
		events := d.events(id, regulation.EventRearmed)
		change, err := d.CalendarChange(t.Context(), notice)
		d.must(err)
		if len(events) != 1 || events[0].Data["reason"] != change.Number {
			t.Fatalf("%+v", events)
		}
		d.Clock.Forward(2 * time.Minute) // the second pass
		if moved := d.rearm(); moved != 0 || len(d.events(id, regulation.EventRearmed)) != 1 {
			t.Errorf("moved again: %d", moved)
		}
		if change, err = d.CalendarChange(t.Context(), notice); err != nil || change.Rearming != (store.Rearming{Moved: 1, Finished: true}) {
			t.Errorf("%+v, %v", change.Rearming, err)
		}
		if d.rowsOf("cases", "closed_at > 0") != closed {
			t.Error("a case closed")
		}
	})
}

func TestARearmedCaseWaitsForItsWorkflowToBeTold(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSubmitRectification)
		d.inForce("", threeDaysOff)
		d.rearm()
		waiting, err := d.Again(t).Unrefreshed(t.Context(), 10) // as after a restart
		if err != nil || len(waiting) != 1 || waiting[0].CaseID != id {
			t.Fatalf("%+v, %v", waiting, err)
		}
		d.Clock.Forward(time.Second)
		d.inForce("", "date,kind,holiday\n2026-12-07,off,x\n")
		d.Clock.Forward(2 * time.Minute)
		d.rearm()
		d.must(d.MarkRefreshed(t.Context(), waiting[0]))
		again, err := d.Unrefreshed(t.Context(), 10)
		if err != nil || len(again) != 1 || !again[0].Since.After(waiting[0].Since) {
			t.Fatalf("a case that moved since is off the list: %+v, %v", again, err)
		}
		d.must(d.MarkRefreshed(t.Context(), again[0]))
		if left, err := d.Unrefreshed(t.Context(), 10); err != nil || len(left) != 0 {
			t.Errorf("%+v, %v", left, err)
		}
	})
}

func TestCountysNoticeLeavesOtherCountiesAlone(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSubmitRectification)
		d.inForce("513322", threeDaysOff)
		if moved := d.rearm(); moved != 0 {
			t.Errorf("%d cases of another county moved", moved)
		}
		d.inForce(regulation.PrefectureArea, threeDaysOff)
		if moved := d.rearm(); moved != 1 {
			t.Errorf("the prefecture's days move %d", moved)
		}
	})
}

func TestNoticesTogetherMoveACaseOnce(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSubmitRectification)
		d.inForce("513301", threeDaysOff)
		d.Clock.Forward(time.Second)
		d.inForce("", "date,kind,holiday\n2026-12-07,off,x\n")
		d.rearm()
		events := d.events(id, regulation.EventRearmed)
		if len(events) != 1 || strings.Count(events[0].Data["reason"], "康府发") != 2 {
			t.Errorf("%+v", events)
		}
	})
}

func TestACaseThatFailsKeepsNoOtherWaitingAndIsTriedAgain(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		var ids []string
		for range 3 {
			id := d.open()
			d.upTo(id, regulation.ActSubmitRectification)
			ids = append(ids, id)
		}
		slices.Sort(ids)
		edition := func(from, to string) {
			d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error {
				return tx.Exec("UPDATE cases SET state = REPLACE(state, ?, ?) WHERE id = ?", from, to, ids[0]).Error
			}))
		}
		edition(regulation.Edition1, "9999-12-27/1")
		notice := d.inForce("", threeDaysOff)
		for range 3 {
			d.rearm()
			d.Clock.Forward(2 * time.Minute)
		}
		if change, err := d.CalendarChange(t.Context(), notice); err != nil || change.Rearming != (store.Rearming{Moved: 2}) {
			t.Fatalf("%+v, %v", change.Rearming, err)
		}
		edition("9999-12-27/1", regulation.Edition1)
		d.rearm()
		if change, err := d.CalendarChange(t.Context(), notice); err != nil || change.Rearming != (store.Rearming{Moved: 3, Finished: true}) {
			t.Errorf("%+v, %v", change.Rearming, err)
		}
	})
}

func TestTwoNodesRearmingMoveEachCaseOnce(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		var ids []string
		for range 6 {
			id := d.open()
			d.upTo(id, regulation.ActSubmitRectification)
			ids = append(ids, id)
		}
		d.inForce("", threeDaysOff)
		done := make(chan error, 2)
		for _, node := range []*store.Store{d.Store, d.Again(t).Store} {
			go func() { _, _, err := node.Rearm(t.Context()); done <- err }()
		}
		for range 2 {
			d.must(<-done)
		}
		for _, id := range ids {
			if n := len(d.events(id, regulation.EventRearmed)); n != 1 {
				t.Errorf("case %s has %d events", id, n)
			}
		}
	})
}

func TestAProvisionalRowOfTheRecordIsWholeOrNotThere(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		good := d.change("513301", threeDaysOff)
		for name, c := range map[string]struct {
			spoil func(*store.CalendarChange)
			field string
		}{
			"one bad row":    {func(c *store.CalendarChange) { c.Days += "2026-12-05,closed,x\n" }, "days"},
			"no days":        {func(c *store.CalendarChange) { c.Days = "date,kind,holiday\n" }, "days"},
			"far away":       {func(c *store.CalendarChange) { c.Days = "date,kind,holiday\n2036-12-05,off,x\n" }, "days"},
			"no number":      {func(c *store.CalendarChange) { c.Number = "" }, "number"},
			"no basis":       {func(c *store.CalendarChange) { c.Basis = "" }, "basis"},
			"issued to come": {func(c *store.CalendarChange) { c.IssuedOn = c.IssuedOn.AddDays(1) }, "issued_on"},
			"a long name":    {func(c *store.CalendarChange) { c.Name = strings.Repeat("长", 101) }, "name"},
		} {
			one := good
			c.spoil(&one)
			_, err := d.ProposeCalendar(t.Context(), one)
			if refusal, is := err.(*regulation.Error); !is || refusal.Fields[c.field] == "" || len(refusal.Fields) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := d.rowsOf("calendar_changes", "1 = 1"); n != 0 {
			t.Errorf("%d rows were stored", n)
		}
		_, err := d.ProposeCalendar(t.Context(), good)
		d.must(err)
		if _, err := d.ProposeCalendar(t.Context(), good); !isCode(err, regulation.Conflict) {
			t.Errorf("the same document twice: %v", err)
		}
	})
}

func TestWhoWasStoodInForDoesNotReviewEither(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		c := d.change("513301", threeDaysOff)
		c.AuthorFor = "absent"
		id, err := d.ProposeCalendar(t.Context(), c)
		d.must(err)
		for _, v := range []store.Verdict{{State: store.InForce, Person: "absent"}, {State: store.InForce, Person: "other", For: "absent"}} {
			if err := d.DecideCalendar(t.Context(), id, v); !isCode(err, regulation.FourEyes) {
				t.Errorf("%+v: %v", v, err)
			}
		}
		d.must(d.DecideCalendar(t.Context(), id, store.Verdict{State: store.InForce, Person: "other"}))
	})
}

func TestFourEyesOnNotices(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id, err := d.ProposeCalendar(t.Context(), d.change("513301", threeDaysOff))
		d.must(err)
		for name, c := range map[string]struct {
			verdict store.Verdict
			code    regulation.Code
		}{
			"the author reviews":             {store.Verdict{State: store.InForce, Person: "author"}, regulation.FourEyes},
			"somebody in the author's place": {store.Verdict{State: store.InForce, Person: "other", For: "author"}, regulation.FourEyes},
			"another withdraws":              {store.Verdict{State: store.Withdrawn, Person: "other"}, regulation.NotPermitted},
			"rejected without a reason":      {store.Verdict{State: store.Rejected, Person: "other"}, regulation.Invalid},
		} {
			if err := d.DecideCalendar(t.Context(), id, c.verdict); !isCode(err, c.code) {
				t.Errorf("%s: %v", name, err)
			}
		}
		d.must(d.DecideCalendar(t.Context(), id, store.Verdict{State: store.Withdrawn, Person: "author"}))
		if err := d.DecideCalendar(t.Context(), id, store.Verdict{State: store.InForce, Person: "other"}); !isCode(err, regulation.NotNow) {
			t.Errorf("withdrawn, and put in force: %v", err)
		}
		if n := d.rowsOf("calendar_layers", "1 = 1") + d.rowsOf("calendar_rearmings", "1 = 1"); n != 0 {
			t.Errorf("%d rows of a notice that is not in force", n)
		}
		if list, err := d.CalendarChanges(t.Context()); err != nil || len(list) != 1 || list[0].State != store.Withdrawn {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// contents are the record's whole contents, table by table.
func (d *desk) contents() map[string]string {
	d.t.Helper()
	tables, err := store.Rows(d.Store, d.t.Context()).Migrator().GetTables()
	d.must(err)
	all := map[string]string{}
	for _, name := range tables {
		if name == "goose_db_version" {
			continue
		}
		var rows []map[string]any
		d.must(store.Rows(d.Store, d.t.Context()).Table(name).Find(&rows).Error)
		lines := make([]string, 0, len(rows))
		for _, row := range rows {
			lines = append(lines, fmt.Sprint(row))
		}
		slices.Sort(lines)
		all[name] = strings.Join(lines, "\n")
	}
	return all
}

func (d *desk) layer(days string) *workday.Layer {
	l, err := workday.ReadLayer("康定市人民政府", "x", strings.NewReader(days))
	d.must(err)
	return &l
}

// inPhases opens cases and leads each a step further than the one before.
func (d *desk) inPhases() (ids []string) {
	for _, stop := range []regulation.ActKind{regulation.ActAccept, regulation.ActRecordFinding, regulation.ActTransfer, regulation.ActSign,
		regulation.ActSubmitRectification, regulation.ActAcceptRectification, regulation.ActAnswerSurvey} {
		id := d.open()
		d.upTo(id, stop)
		ids = append(ids, id)
	}
	return ids
}

func TestWhatIfTellsWhatThenHappensAndWritesNothing(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.inPhases()
		const days = "date,kind,holiday\n2026-11-24,off,x\n2026-11-28,work,x\n2026-12-03,off,x\n2026-12-07,off,x\n"
		before := d.contents()
		supposed, err := d.WhatIf(t.Context(), regulation.Scope{All: true}, store.WhatIf{Notice: d.layer(days), Area: "513301"})
		d.must(err)
		if after := d.contents(); !maps.Equal(before, after) {
			t.Fatal("what if wrote into the record")
		}
		if supposed.Open != 7 || len(supposed.Cases) < 5 {
			t.Fatalf("%d open, %d change", supposed.Open, len(supposed.Cases))
		}
		d.inForce("513301", days)
		if moved := d.rearm(); moved != len(supposed.Cases) {
			t.Errorf("%d moved, %d were supposed to", moved, len(supposed.Cases))
		}
		for _, c := range supposed.Cases {
			events := d.events(c.ID, regulation.EventRearmed)
			if len(events) != 1 {
				t.Fatalf("%s has %d events", c.Number, len(events))
			}
			sameChanges(t, c.Changes, events[0].Changes)
		}
	})
}

// sameChanges compares what was supposed with what happened; the calendar's version differs, since
// the notice has another number.
func sameChanges(t *testing.T, supposed, happened []regulation.DueChange) {
	t.Helper()
	if len(supposed) != len(happened) {
		t.Fatalf("supposed %+v, happened %+v", supposed, happened)
	}
	for i, s := range supposed {
		h := happened[i]
		if s.Op != h.Op || s.Deadline.ID != h.Deadline.ID || !s.Deadline.Due.Equal(h.Deadline.Due) || s.Deadline.Provisional != h.Deadline.Provisional ||
			s.Was != nil && !s.Was.Due.Equal(h.Was.Due) {
			t.Errorf("supposed %+v, happened %+v", s, h)
		}
	}
}

func TestWhatIfWithOtherDaysIsACaseOpenedUnderSuchAnEdition(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		set := map[string]int{regulation.AcceptDays: 4, regulation.VerificationDays: 6, regulation.NoticeDays: 5, regulation.SignDays: 3,
			regulation.TransferDays: 2, regulation.AcceptanceDays: 7, regulation.SurveyDays: 9, regulation.InterimDays: 8, regulation.AppealDays: 3}
		ids := d.inPhases()
		before := d.contents()
		supposed, err := d.WhatIf(t.Context(), regulation.Scope{All: true}, store.WhatIf{Set: set})
		d.must(err)
		if !maps.Equal(before, d.contents()) {
			t.Fatal("what if wrote into the record")
		}
		stand := map[string]map[string]time.Time{}
		for _, id := range ids {
			stand[id] = dues(d.read(id))
		}
		for _, c := range supposed.Cases {
			for _, change := range c.Changes {
				stand[c.ID][change.Deadline.ID] = change.Deadline.Due
			}
		}
		d.under(set)
		for i, id := range d.inPhases() { // opened at the same instant under the other edition
			for name, due := range dues(d.read(id)) {
				if got := stand[ids[i]][name]; !got.Equal(due) {
					t.Errorf("case %d, %s: supposed %v, under the edition %v", i, name, got, due)
				}
			}
		}
	})
}

// under puts an edition in force from now on.
func (d *desk) under(set map[string]int) { d.t.Helper(); d.editionOf("test/2", set) }

func dues(c regulation.Case) map[string]time.Time {
	all := map[string]time.Time{"clock": c.Clock.Due, "unit_clock": c.Clock.UnitDue, "appeal": c.Notice.AppealUntil}
	for _, deadline := range c.Deadlines {
		all[deadline.ID] = deadline.Due
	}
	return all
}

func TestWhatIfCountsWhatFallsDueByADay(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSign) // due on 24 November
		ask := store.WhatIf{Set: map[string]int{regulation.SignDays: 3}, By: workday.NewDate(2026, time.November, 25)}
		r, err := d.WhatIf(t.Context(), regulation.Scope{All: true}, ask)
		if d.must(err); r.OverdueBefore != 1 || r.OverdueAfter != 0 {
			t.Errorf("%+v", r)
		}
		step, err := d.RecordDeadline(t.Context(), id, "none")
		d.must(err)
		d.Clock.Forward(33 * time.Hour) // 24 November, 19:00: the order is unsigned
		for _, timer := range step.Timers {
			_, err := d.RecordDeadline(t.Context(), id, timer.ID)
			d.must(err)
		}
		ask.By = workday.Date{}
		if r, err = d.WhatIf(t.Context(), regulation.Scope{All: true}, ask); err != nil || r.OverdueBefore != 1 || r.OverdueAfter != 0 {
			t.Errorf("a step that has passed would not have: %+v, %v", r, err)
		}
		if r, err = d.WhatIf(t.Context(), regulation.Scope{Areas: []string{"513322"}}, ask); err != nil || r.Open != 0 {
			t.Errorf("another county's: %+v, %v", r, err)
		}
	})
}

// The 15 working days run while an order is planned, though nothing waits for their end yet.
func TestWhatIfCountsTheClockBeforeAnythingWaitsForIt(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSubmitPlan) // the plan is due on 26 November, the rectification on 14 December
		ask := store.WhatIf{Set: map[string]int{regulation.RectificationDays: 2}, By: workday.NewDate(2026, time.November, 25)}
		r, err := d.WhatIf(t.Context(), regulation.Scope{All: true}, ask)
		if d.must(err); r.OverdueBefore != 0 || r.OverdueAfter != 1 || r.Newly() != 1 || r.Cases[0].Mark() != "newly_due" || workday.DateOf(r.Cases[0].Due) != ask.By {
			t.Errorf("%+v", r)
		}
		d.Clock.Forward(30 * 24 * time.Hour) // all of it passed, and the plan was not made
		step, err := d.LoadStep(t.Context(), id)
		d.must(err)
		for len(step.Timers) > 0 && step.Timers[0].Due.Before(d.Clock.Now()) {
			step, err = d.RecordDeadline(t.Context(), id, step.Timers[0].ID)
			d.must(err)
		}
		ask = store.WhatIf{Set: map[string]int{regulation.RectificationDays: 40, regulation.PlanDays: 40, regulation.InterimDays: 40}}
		if r, err = d.WhatIf(t.Context(), regulation.Scope{All: true}, ask); err != nil || r.OverdueBefore != 1 || r.OverdueAfter != 0 {
			t.Errorf("with more days nothing would have passed: %+v, %v", r, err)
		}
		ask.Set = map[string]int{regulation.PlanDays: 40, regulation.InterimDays: 40}
		if r, err = d.WhatIf(t.Context(), regulation.Scope{All: true}, ask); err != nil || r.OverdueAfter != 1 {
			t.Errorf("the clock has passed whatever the plan's days: %+v, %v", r, err)
		}
	})
}

func TestWhatIfTellsFirstWhatFallsDueNewly(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		var signing, planning []string
		for range 4 {
			id := d.open()
			d.upTo(id, regulation.ActSign)
			signing = append(signing, id)
			id = d.open()
			d.upTo(id, regulation.ActSubmitPlan)
			planning = append(planning, id)
		}
		// What is to be signed becomes due on 24 November instead of later; plans move within what is not due.
		ask := store.WhatIf{Set: map[string]int{regulation.SignDays: 9, regulation.PlanDays: 1}, By: workday.NewDate(2026, time.November, 24)}
		r, err := d.WhatIf(t.Context(), regulation.Scope{All: true}, ask)
		if d.must(err); len(r.Cases) != 8 {
			t.Fatalf("%d cases", len(r.Cases))
		}
		for i, c := range r.Cases {
			first, want := i < 4, "no_longer_due"
			if first {
				want = "newly_due"
			}
			if slices.Contains(planning, c.ID) != first || slices.Contains(signing, c.ID) == first || c.Mark() != want {
				t.Errorf("place %d: %s, %s", i, c.Number, c.Mark())
			}
			if i%4 > 0 && c.Due.Before(r.Cases[i-1].Due) {
				t.Errorf("place %d is due before the one above it", i)
			}
		}
	})
}

func TestWhatIfRefusesWhatItCannotCount(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for name, set := range map[string]map[string]int{"not_in_days": {regulation.CallbackAttempts: 2, regulation.WatchInspectionDays: 5}, "unknown_parameter": {"colour": 1},
			"out_of_bounds": {regulation.SignDays: 0}} {
			_, err := d.WhatIf(t.Context(), regulation.Scope{All: true}, store.WhatIf{Set: set})
			if refusal, is := err.(*regulation.Error); !is || !slices.Contains(slices.Collect(maps.Values(refusal.Fields)), name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestANoticeInForceCountsBeforeItsCasesHaveTheirTurn: the day on which the days for rectification end
// is made a day off in the morning; whatever comes first after the old instant, nobody is late.
func TestANoticeInForceCountsBeforeItsCasesHaveTheirTurn(t *testing.T) {
	const off = "date,kind,holiday\n2026-12-14,off,x\n"
	for name, next := range map[string]func(d *desk, id, deadline string){
		"the timer":      func(d *desk, id, deadline string) { d.rings(id, deadline) },
		"the re-arming":  func(d *desk, id, _ string) { d.rearm() },
		"an act":         func(d *desk, id, _ string) { d.submitLate(id) },
		"timer, then it": func(d *desk, id, deadline string) { d.rings(id, deadline); d.rearm() },
	} {
		t.Run(name, func(t *testing.T) {
			onDesks(t, func(t *testing.T, d *desk) {
				id := d.open()
				d.upTo(id, regulation.ActSubmitRectification)
				due, later := d.dueOf(id), workday.DefaultHours.Close(workday.NewDate(2026, time.December, 15))
				d.Clock.Forward(due.Sub(d.Clock.Now()) - time.Hour)
				d.must(d.passAll())
				supposed, err := d.WhatIf(t.Context(), regulation.Scope{All: true}, store.WhatIf{Notice: d.layer(off), Area: "513301"})
				d.must(err)
				d.inForce("513301", off)
				d.Clock.Forward(time.Hour + time.Minute)
				c := d.read(id)
				next(d, id, c.Await(regulation.ActSubmitRectification).Deadline)
				c = d.read(id)
				late := func(e regulation.Escalated) bool { return e.Reason == "rectification_overdue" }
				if c.Clock.Overdue || !c.Clock.Due.Equal(later) || slices.ContainsFunc(c.Escalation, late) {
					t.Errorf("due %v, overdue %t, escalated %v", c.Clock.Due, c.Clock.Overdue, c.Escalation)
				}
				events := d.events(id, regulation.EventRearmed)
				if len(events) != 1 || len(supposed.Cases) != 1 {
					t.Fatalf("%d events, %d cases were supposed to move", len(events), len(supposed.Cases))
				}
				sameChanges(t, supposed.Cases[0].Changes, events[0].Changes)
				if d.rearm(); len(d.events(id, regulation.EventRearmed)) != 1 {
					t.Error("counted twice")
				}
			})
		})
	}
}

func (d *desk) rings(id, deadline string) {
	d.t.Helper()
	_, err := d.RecordDeadline(d.t.Context(), id, deadline)
	d.must(err)
}

// submitLate hands a rectification in.
func (d *desk) submitLate(id string) {
	d.t.Helper()
	d.do(id, regulation.ActSubmitRectification, forms[regulation.ActSubmitRectification])
}

func TestWhatWasDueBeforeANoticeCameInForceHasPassed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSubmitRectification)
		d.Clock.Forward(d.dueOf(id).Sub(d.Clock.Now()) + time.Minute)
		d.inForce("513301", "date,kind,holiday\n2026-12-14,off,x\n")
		d.rearm()
		d.must(d.passAll())
		if c := d.read(id); !c.Clock.Overdue || len(d.events(id, regulation.EventRearmed)) != 0 {
			t.Errorf("overdue %t", c.Clock.Overdue)
		}
	})
}

func TestRecordingsCountAgainOnlyWhileCasesAreBeingReArmed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSubmitRectification)
		d.inForce("513301", threeDaysOff)
		for range 2 { // passes
			d.rearm()
			d.Clock.Forward(2 * time.Minute)
		}
		if n := d.rowsOf("calendar_rearmings", "finished_at = 0"); n != 0 {
			t.Fatalf("%d are under way", n)
		}
		if jobs := d.UnderWay(t.Context()); jobs != 0 {
			t.Errorf("recordings still count for %d notices", jobs)
		}
	})
}
