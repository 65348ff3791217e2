package regulation

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"haochaping/workday"
)

// spent are the days of the round that counts now.
func (d *desk) spent() Spent {
	d.t.Helper()
	rounds := d.c.DaysSpent(d.rules.Calendar, d.now)
	if len(rounds) == 0 {
		d.t.Fatal("no round has begun")
	}
	return rounds[len(rounds)-1]
}

func TestNoDaysAreSpentBeforeAnOrder(t *testing.T) {
	d := setup(t)
	d.toDispatch()
	if spent := d.c.DaysSpent(d.rules.Calendar, at("2026-12-07 10:00")); len(spent) != 0 {
		t.Errorf("%+v", spent)
	}
}

func TestADayIsWhosWhoHadTheCaseAsItBegan(t *testing.T) {
	d := setup(t)
	d.toRectification() // order on Monday, 23 November: its day does not count
	d.now = at("2026-11-24 10:00")
	d.do("paul", ActSubmitRectification, rectified...)
	d.now = at("2026-11-24 16:00") // to and fro on one day: the unit had it in the morning
	d.do("sam", ActRejectRectification, "reason", "x")
	if spent := d.spent(); spent != (Spent{Unit: 1}) {
		t.Errorf("%+v", spent)
	}
	d.now = at("2026-11-28 10:00") // a Saturday adds nothing to Friday
	if spent := d.spent(); spent != (Spent{Unit: 4}) {
		t.Errorf("%+v", spent)
	}
}

func TestDaysThatStoodStillAreNobodys(t *testing.T) {
	d := setup(t).with(AppealPausesClock, 1)
	d.toRectification()
	d.now = at("2026-11-25 10:00")
	d.do("wang", ActLodgeAppeal, appealed...)
	d.now = at("2026-11-27 10:00")
	d.do("paul", ActSubmitRectification, rectified...) // while they stand still: then it is the authority's
	d.now = at("2026-12-01 10:00")
	d.do("sam", ActRejectRectification, "reason", "x")
	d.now = at("2026-12-02 10:00")
	d.do("sue", ActDecideAppeal, dismissed...)
	d.now = at("2026-12-03 10:00")
	if spent := d.spent(); spent != (Spent{Unit: 3, Authority: 2, Paused: 3}) {
		t.Errorf("%+v", spent)
	}
}

func TestEachRoundHasDaysOfItsOwn(t *testing.T) {
	d := setup(t)
	d.toRectification()
	d.now = at("2026-11-25 10:00")
	d.do("paul", ActSubmitRectification, rectified...)
	d.now = at("2026-11-26 10:00")
	d.do("sam", ActAcceptRectification)
	d.do("sam", ActReleaseReply, "reply", "x")
	d.do("", ActAnswerSurvey, answerNo...)
	d.phase(PhaseDispatch)
	d.now = at("2026-11-30 10:00")
	d.do("sam", ActTransfer, "unit", police, "instructions", "once more")
	d.now = at("2026-12-01 10:00")
	d.do("paul", ActReturnOrder, "reason", "not ours")
	d.now = at("2026-12-03 10:00")
	want := []Spent{{Unit: 2, Authority: 1}, {Unit: 1, Authority: 2}}
	if spent := d.c.DaysSpent(d.rules.Calendar, d.now); !slices.Equal(spent, want) {
		t.Errorf("%+v", spent)
	}
}

func TestDaysEndWithAWriteOff(t *testing.T) {
	d := setup(t).unasked()
	d.toRectification()
	d.now = at("2026-11-25 10:00")
	d.do("wang", ActLodgeAppeal, appealed...)
	d.do("sue", ActDecideAppeal, mistaken...)
	d.do("hedda", ActApproveWriteOff, append(exempted, opinion...)...)
	if !d.c.WrittenOff() {
		t.Fatal("not in force")
	}
	d.now = at("2026-12-25 10:00")
	if spent := d.spent(); spent != (Spent{Unit: 2}) {
		t.Errorf("%+v", spent)
	}
}

// Whatever happens, each working day of a round is counted once.
func TestDaysSpentAddUpToTheDaysOfTheRound(t *testing.T) {
	counted := 0
	rapid.Check(t, func(rt *rapid.T) {
		d := setup(t).with(AppealPausesClock, 1)
		people := append([]string{""}, names(roster())...)
		for range rapid.IntRange(1, 40).Draw(rt, "moves") {
			leadOn(rt, d, people)
			d.now = d.now.Add(time.Duration(rapid.IntRange(0, 60).Draw(rt, "hours")) * time.Hour)
		}
		for i, spent := range d.c.DaysSpent(d.rules.Calendar, d.now) {
			k, end := d.c.Rounds()[i], d.now
			if i+1 < len(d.c.Rounds()) {
				end = d.c.Rounds()[i+1].From
			}
			days := d.rules.Calendar.Left(workday.DateOf(k.From), workday.DateOf(d.c.roundEnd(k, end)))
			if spent.Unit+spent.Authority+spent.Paused != days || min(spent.Unit, spent.Authority, spent.Paused) < 0 {
				rt.Fatalf("%+v of %d days", spent, days)
			}
			counted += days
		}
	})
	if counted < 100 {
		t.Errorf("only %d days: the test tells little", counted)
	}
}
