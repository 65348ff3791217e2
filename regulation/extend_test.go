package regulation

import (
	"slices"
	"testing"
	"time"

	"haochaping/workday"
)

// asked is a case whose unit asked in time for five days more, on the day on which its days end.
func asked(t *testing.T) *desk {
	t.Helper()
	d := setup(t).with(ExtensionDays, 5)
	d.toRectification()
	d.now = d.c.Clock.Due.Add(-time.Hour)
	d.do("paul", ActRequestExtension, "extension_days", "5", "reasons", "the second window needs a counter")
	return d
}

// ring has the deadline of clause 7(3) pass at its instant.
func (d *desk) ring() {
	d.t.Helper()
	i := slices.IndexFunc(d.c.Deadlines, func(o Deadline) bool { return o.Kind == DeadlineStep && o.Act == ActSubmitRectification })
	if i < 0 {
		d.t.Fatalf("no deadline of the rectification: %+v", d.c.Deadlines)
	}
	d.until(d.c.Deadlines[i].Due.In(workday.Shanghai).Format("2006-01-02 15:04"))
}

// unanswerable holds that nothing of the overdue days counts against anybody.
func (d *desk) unanswerable() {
	d.t.Helper()
	if k := d.c.Clock; k.Overdue || k.UnitOverdue || d.c.Stage(TrackAccountability) != "" || d.c.reachedDiscipline() {
		d.t.Fatalf("%+v, accountability %q, escalated %+v", k, d.c.Stage(TrackAccountability), d.c.Escalation)
	}
	if a := d.c.Await(ActSubmitRectification); a != nil && (a.Overdue || !a.Due.After(d.now)) {
		d.t.Fatalf("%+v at %v", a, d.now)
	}
}

func TestDaysAskedForInTimeHoldBackWhatOverdueBrings(t *testing.T) {
	d := asked(t)
	due := d.c.Clock.Due
	d.ring()
	if d.last.Name != string(DeadlineStep) || d.last.Data["extension"] != "undecided" || !d.last.At.Equal(due) {
		t.Errorf("%+v", d.last)
	}
	d.unanswerable()
	d.ring() // it stays undecided: the head's own step is overdue meanwhile, and goes one level up
	d.unanswerable()
	if !d.c.Clock.Due.Equal(due) || d.c.Await(ActApproveExtension).Raised != "overdue" {
		t.Errorf("due %v, was %v; %+v", d.c.Clock.Due, due, d.c.Await(ActApproveExtension))
	}
	d.refused(NotNow, "extended_already", "paul", ActRequestExtension, "extension_days", "5", "reasons", "r")
}

func TestDaysGrantedLateCountFromTheOldDueDate(t *testing.T) {
	d := asked(t)
	due := workday.DateOf(d.c.Clock.Due)
	d.ring()
	d.do("hedda", ActApproveExtension)
	d.unanswerable()
	if k := d.c.Clock; d.rules.Calendar.Left(due, workday.DateOf(k.Due)) != 5 || !k.UnitDue.Equal(k.Due) || !d.c.Await(ActSubmitRectification).Due.Equal(k.Due) {
		t.Errorf("due %v and %v, was %v", k.Due, k.UnitDue, due)
	}
	reminders := 0
	for _, o := range d.c.Deadlines {
		if o.Kind == DeadlineReminder {
			reminders++
		}
	}
	if reminders == 0 {
		t.Error("nobody is reminded of the new date")
	}
	d.ring()
	if !d.c.Clock.Overdue || d.c.Stage(TrackAccountability) != StageStatement {
		t.Errorf("the days granted are over: %+v", d.c.Clock)
	}
}

func TestNobodyIsLateByAGrantThatComesAfterTheDaysThatItGives(t *testing.T) {
	d := asked(t)
	d.until("2027-01-20 10:00")
	d.unanswerable()
	d.do("uphead", ActApproveExtension)
	d.unanswerable()
	if want := d.rules.Hours.Close(workday.DateOf(d.now)); !d.c.Clock.Due.Equal(want) || !d.c.Clock.UnitDue.Equal(want) {
		t.Errorf("due %v and %v, want %v", d.c.Clock.Due, d.c.Clock.UnitDue, want)
	}
	if changes := d.rules.Recount(d.c, d.now, d.now); len(changes) != 0 {
		t.Errorf("counted again it moves: %+v", changes)
	}
}

// The simulation found it: what is rejected after a late grant has the days granted, no more.
func TestARejectionAfterALateGrantLeavesTheDaysGranted(t *testing.T) {
	d := asked(t)
	d.until("2027-01-20 10:00")
	d.do("uphead", ActApproveExtension)
	due := d.c.Clock.Due
	d.do("paul", ActSubmitRectification, rectified...)
	d.do("sam", ActRejectRectification, "reason", "not enough")
	if k := d.c.Clock; k.Overdue || !k.Due.Equal(due) || !k.UnitDue.Equal(due) || !d.c.Await(ActSubmitRectification).Due.Equal(due) {
		t.Errorf("due %v and %v, granted until %v", k.Due, k.UnitDue, due)
	}
}

func TestRefusedDaysThatWereOverAreOverdueAtOnce(t *testing.T) {
	d := asked(t)
	d.ring()
	d.do("hedda", ActRefuseExtension, withReasons...)
	k, e := d.c.Clock, d.last.Escalated
	if !k.Overdue || !k.UnitOverdue || e == nil || e.Reason != "rectification_overdue" || e.Unit != police || d.c.Stage(TrackAccountability) != StageStatement {
		t.Errorf("%+v, escalated %+v", k, e)
	}
	if a := d.c.Await(ActSubmitRectification); a == nil || !a.Overdue || d.c.clockArmed() {
		t.Errorf("%+v, open %+v", a, d.c.Deadlines)
	}
}

func TestRefusedDaysInTimeChangeNothing(t *testing.T) {
	d := asked(t)
	d.do("hedda", ActRefuseExtension, withReasons...)
	d.unanswerable()
	d.ring()
	if !d.c.Clock.Overdue {
		t.Error("the days are over")
	}
}

// At the due instant the act comes before the deadline, so a refusal then leaves it to the deadline.
func TestRefusedAtTheDueInstant(t *testing.T) {
	d := asked(t)
	d.now = d.c.Clock.Due
	d.do("hedda", ActRefuseExtension, withReasons...)
	if d.c.Clock.Overdue {
		t.Error("overdue before the deadline")
	}
	d.do("paul", ActSubmitRectification, rectified...)
	d.do("sam", ActAcceptRectification)
	if !d.c.Clock.InTime || d.c.Clock.Overdue {
		t.Errorf("%+v", d.c.Clock)
	}
}

func TestWhatIsHandedInWhileDaysAreUndecided(t *testing.T) {
	late := func(t *testing.T) *desk {
		d := asked(t)
		d.ring()
		d.now = d.now.Add(time.Hour)
		d.do("paul", ActSubmitRectification, rectified...)
		d.refused(NotNow, "extension_undecided", "sam", ActAcceptRectification)
		return d
	}
	t.Run("granted, accepted in time", func(t *testing.T) {
		d := late(t)
		d.do("hedda", ActApproveExtension)
		d.do("sam", ActAcceptRectification)
		if k := d.c.Clock; !k.InTime || !k.UnitInTime || k.Overdue {
			t.Errorf("%+v", k)
		}
	})
	t.Run("refused, accepted late", func(t *testing.T) {
		d := late(t)
		d.do("hedda", ActRefuseExtension, withReasons...)
		if k := d.c.Clock; !k.Overdue || !k.UnitOverdue || d.c.clockArmed() || d.c.Stage(TrackAccountability) != StageStatement {
			t.Errorf("%+v, open %+v", k, d.c.Deadlines)
		}
		d.do("sam", ActAcceptRectification)
		if d.c.Clock.InTime {
			t.Errorf("%+v", d.c.Clock)
		}
	})
	t.Run("rejected, and waits on for the decision", func(t *testing.T) {
		d := late(t)
		d.do("sam", ActRejectRectification, "reason", "not enough")
		if d.c.Clock.Overdue || d.c.Await(ActSubmitRectification).Overdue || !d.c.Await(ActSubmitRectification).Due.After(d.now) {
			t.Errorf("%+v", d.c.Await(ActSubmitRectification))
		}
		d.do("hedda", ActApproveExtension)
		if a := d.c.Await(ActSubmitRectification); !a.Due.Equal(d.c.Clock.Due) || !a.Due.After(d.now) {
			t.Errorf("%+v", a)
		}
	})
	t.Run("in time, accepted: the request has no object any more", func(t *testing.T) {
		d := asked(t)
		d.do("paul", ActSubmitRectification, rectified...)
		d.now = d.c.Clock.Due.Add(24 * time.Hour)
		d.do("sam", ActAcceptRectification)
		d.stage(TrackExtension, StageDropped)
		if !d.c.Clock.InTime {
			t.Errorf("%+v", d.c.Clock)
		}
	})
}

func TestAUnitWithDaysOfItsOwnIsNotLateByARefusal(t *testing.T) {
	d := setup(t).with(ExtensionDays, 5)
	d.toSigning()
	d.now = d.now.Add(5 * 24 * time.Hour)
	d.do("paul", ActReturnOrder, "reason", "not ours")
	d.do("sam", ActTransfer, "unit", medical, "instructions", "i")
	d.do("mara", ActSign)
	d.do("mara", ActRequestExtension, "extension_days", "5", "reasons", "r")
	d.ring()
	d.unanswerable()
	d.do("hedda", ActRefuseExtension, withReasons...)
	k, open := d.c.Clock, d.c.Deadlines[slices.IndexFunc(d.c.Deadlines, func(o Deadline) bool { return o.Act == ActSubmitRectification })]
	if !k.Overdue || k.UnitOverdue || !open.Due.Equal(k.UnitDue) || d.last.Escalated.Unit != "" || d.c.Stage(TrackAccountability) != "" {
		t.Errorf("%+v, open %+v, escalated %+v", k, open, d.last.Escalated)
	}
}

// With an appeal that stops the days: days that are over have none left to stand still, days that are
// granted have.
func TestDaysThatAreOverDoNotStandStillForAnAppeal(t *testing.T) {
	d := setup(t).with(ExtensionDays, 5, AppealPausesClock, 1, AppealDays, 40)
	d.toRectification()
	d.now = d.c.Clock.Due.Add(-time.Hour)
	d.do("paul", ActRequestExtension, "extension_days", "5", "reasons", "r")
	d.ring()
	due := d.c.Clock.Due
	d.do("wang", ActLodgeAppeal, appealed...)
	if d.c.Clock.paused() != nil || !d.c.Clock.Due.Equal(due) {
		t.Fatalf("%+v", d.c.Clock)
	}
	d.do("hedda", ActApproveExtension)
	if p := d.c.Clock.paused(); p == nil || p.Left != 5 {
		t.Fatalf("%+v", d.c.Clock)
	}
	d.do("sue", ActDecideAppeal, dismissed...)
	if d.left() != 5 {
		t.Errorf("%d days left", d.left())
	}
}
