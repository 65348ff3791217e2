package store_test

import (
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// beats sends heartbeats every minute for a while.
func (g *gadget) beats(minutes int) {
	g.b.t.Helper()
	for range minutes {
		g.b.Clock.Forward(time.Minute)
		if _, err := g.b.receive(g.sign(regulation.MessageHeartbeat, `{}`, g.b.Clock.Now())); err != nil {
			g.b.t.Fatal(err)
		}
	}
}

func (b *bench) watch(offline int) {
	b.t.Helper()
	if n, err := b.WatchDevices(b.t.Context()); err != nil || n != offline {
		b.t.Fatalf("%d offline, want %d: %v", n, offline, err)
	}
}

// A kiosk beside a window is for those who wait: the window itself has no evaluator (6(1)).
func TestKioskIsNoEvaluatorOfItsWindow(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		b.enrolled("generic-kiosk", "K1", "513301-w03").beats(1)
		windows, err := b.WindowsWithoutEvaluator(t.Context(), regulation.Scope{Areas: []string{"513301"}})
		if err != nil || !slices.ContainsFunc(windows, func(w store.Window) bool { return w.ID == "513301-w03" }) {
			t.Errorf("a kiosk makes up for the evaluator of its window, %v", err)
		}
	})
}

// R54: offline in service hours for longer than the parameter raises an alarm and one repair; the night does not count.
func TestOfflineInServiceHoursIsAlarmedAndRepaired(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		area := regulation.Scope{Areas: []string{"513301"}}
		without := func() bool {
			windows, err := b.WindowsWithoutEvaluator(t.Context(), area)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(windows, func(w store.Window) bool { return w.ID == "513301-w03" })
		}
		if !without() {
			t.Error("a window without a device is no gap")
		}
		g := b.enrolled("haochaping-page", "A1", "513301-w03")
		g.beats(5)
		if without() {
			t.Error("a window with a working evaluator is a gap")
		}
		b.Clock.Forward(15 * time.Minute)
		b.watch(0)
		b.Clock.Forward(time.Minute)
		b.watch(1)
		b.watch(1)
		if !without() {
			t.Error("a window whose evaluator is offline is no gap")
		}
		alarms, _, err := b.Alarms(t.Context(), area, store.ListQuery{Sort: store.AlarmSortDevices})
		if err != nil || len(alarms) != 1 || alarms[0].Kind != store.AlarmDeviceOffline || alarms[0].Object != g.id {
			t.Errorf("%+v, %v", alarms, err)
		}
		repairs, err := b.RepairsOf(t.Context(), g.id)
		if err != nil || len(repairs) != 1 || repairs[0].Reason != "offline" || !repairs[0].Due.Equal(time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)) {
			t.Fatalf("%+v, %v", repairs, err)
		}
		g.beats(1)
		b.watch(0)
		if alarms, _, _ := b.Alarms(t.Context(), area, store.ListQuery{Sort: store.AlarmSortDevices}); len(alarms) != 0 {
			t.Errorf("heard of again, but %+v", alarms)
		}
		b.Clock.Forward(20 * time.Minute)
		b.watch(1)
		g.enrol()
		if alarms, _, _ := b.Alarms(t.Context(), area, store.ListQuery{Sort: store.AlarmSortDevices}); len(alarms) != 0 {
			t.Errorf("enrolled anew, but %+v", alarms)
		}
		// From 16:59 to 9:10 the next morning: 11 minutes of service.
		b.Clock.Forward(time.Date(2026, 11, 23, 8, 58, 0, 0, time.UTC).Sub(b.Clock.Now()))
		g.beats(1)
		b.Clock.Forward(16*time.Hour + 11*time.Minute)
		b.watch(0)
	})
}

func TestRepairHasItsSmallLife(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		g := b.enrolled("haochaping-page", "A1", "513301-w03")
		d, err := b.Device(t.Context(), everywhere, g.id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.OpenRepair(t.Context(), d, "screen", b.actor); err != nil {
			t.Fatal(err)
		}
		if _, err := b.OpenRepair(t.Context(), d, "power", b.actor); missing(err) != "repair_open" {
			t.Errorf("a second one: %v", err)
		}
		hall := regulation.Actor{Person: "keeper"}
		b.Clock.Forward(7 * 24 * time.Hour)
		b.watch(1) // offline too
		alarms, _, err := b.Alarms(t.Context(), everywhere, store.ListQuery{Sort: store.AlarmSortDevices})
		if err != nil || !slices.ContainsFunc(alarms, func(a store.Alarm) bool { return a.Kind == store.AlarmRepairOverdue && a.Object == g.id }) {
			t.Errorf("overdue: %+v, %v", alarms, err)
		}
		for seq, step := range []struct {
			next  regulation.RepairState
			actor regulation.Actor
			want  string
		}{
			{regulation.RepairSolved, b.actor, "repair_step"}, {regulation.RepairAssigned, b.actor, ""}, {regulation.RepairWorking, b.actor, ""}, {regulation.RepairSolved, b.actor, ""},
			{regulation.RepairConfirmed, b.actor, "repair_own_work"}, {regulation.RepairWorking, hall, ""}, {regulation.RepairReplaced, b.actor, ""}, {regulation.RepairConfirmed, hall, ""},
		} {
			repairs, err := b.OpenRepairs(t.Context(), everywhere)
			if err != nil || len(repairs) != 1 {
				t.Fatal(repairs, err)
			}
			err = b.StepRepair(t.Context(), g.id, repairs[0].Seq, step.next, step.actor)
			if (step.want == "") != (err == nil) || step.want != "" && missing(err) != step.want {
				t.Errorf("step %d: %v, want %q", seq, err, step.want)
			}
		}
		if open, err := b.OpenRepairs(t.Context(), everywhere); err != nil || len(open) != 0 {
			t.Errorf("confirmed, but %+v, %v", open, err)
		}
		if _, err := b.OpenRepair(t.Context(), d, "power", b.actor); err != nil {
			t.Errorf("the next one: %v", err)
		}
	})
}

// Availability is counted from the gaps between heartbeats, in service hours, hall by hall.
func TestAvailabilityIsCountedFromGaps(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		g := b.enrolled("haochaping-page", "A1", "513301-w03") // Monday, 10:00 in Beijing
		g.beats(60)
		b.Clock.Forward(time.Hour)
		g.beats(1) // 12:01, after a gap of 61 minutes
		b.Clock.Forward(2 * time.Minute)
		all, err := b.Availabilities(t.Context(), everywhere, workday.NewDate(2026, 11, 30))
		if err != nil || len(all) != 1 || all[0].Devices != 1 || all[0].Hall != "513301-hall" || all[0].Service != 123*time.Minute || all[0].Reachable != 62*time.Minute {
			t.Fatalf("%+v, %v", all, err)
		}
		hours := workday.Hours{From: 10*time.Hour + 30*time.Minute, To: 12 * time.Hour}
		if err := b.SetHallHours(t.Context(), "513301-hall", hours, b.actor); err != nil {
			t.Fatal(err)
		}
		all, err = b.Availabilities(t.Context(), everywhere, workday.NewDate(2026, 11, 1))
		if err != nil || all[0].Service != 90*time.Minute || all[0].Reachable != 30*time.Minute {
			t.Errorf("by the hall's own hours: %+v, %v", all, err)
		}
		b.Clock.Forward(30 * 24 * time.Hour)
		if last, err := b.Availabilities(t.Context(), everywhere, workday.NewDate(2026, 11, 1)); err != nil || last[0].Reachable != 30*time.Minute || last[0].Service != 6*90*time.Minute {
			t.Errorf("offline to the month's end: %+v, %v", last, err)
		}
	})
}
