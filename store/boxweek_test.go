package store_test

import (
	"fmt"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
	"haochaping/workday"
)

// watch does the duty at an instant.
func (b *boxes) watch(t *testing.T, at string) {
	t.Helper()
	instant, err := time.ParseInLocation("2006-01-02 15:04", at, workday.Shanghai)
	if err != nil {
		t.Fatal(err)
	}
	b.Clock.Forward(instant.Sub(b.Now()))
	token, ok, err := b.AcquireLease(t.Context(), store.LeaseBoxes, "test", time.Hour)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, err := b.WatchBoxes(t.Context(), token); err != nil {
		t.Fatal(err)
	}
}

// weeks are what was judged of the box, the latest first.
func (b *boxes) weeks(t *testing.T) (verdicts []string) {
	t.Helper()
	weeks, err := b.BoxWeeks(t.Context(), b.box, 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range weeks {
		verdicts = append(verdicts, w.Week+" "+w.Verdict)
	}
	return verdicts
}

// alarmed are the details of a kind's alarms.
func (b *boxes) alarmed(t *testing.T, kind string) (details []string) {
	t.Helper()
	alarms, _, err := b.Alarms(t.Context(), everywhere, store.ListQuery{Sort: kind})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range alarms {
		details = append(details, a.Detail)
	}
	return details
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// A box that was not opened in a week is the keeper's from the close of its last working day, and the supervisor's two
// working days later; weeks without work and boxes out of use have no duty; weeks missed in an outage are judged each
// once; opening the box makes up for them (R16).
func TestWeeksWithoutAnOpening(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.Clock.Forward(time.Date(2026, 1, 27, 10, 0, 0, 0, workday.Shanghai).Sub(r.Now())) // a Tuesday: no duty in this week
		b := withBox(t, r)
		b.watch(t, "2026-02-06 16:59")
		same(t, "before the close of work", b.weeks(t), nil)
		b.watch(t, "2026-02-06 17:00")
		same(t, "at the close of work", b.weeks(t), []string{"2026-W06 missed"})
		same(t, "of whom", b.alarmed(t, store.AlarmBoxUnopened), []string{"keeper"})
		b.watch(t, "2026-02-10 17:00")
		same(t, "two working days later", b.alarmed(t, store.AlarmBoxUnopened), []string{"supervisor"})
		b.open(t, b.Now(), 0, "S-1")
		b.watch(t, "2026-02-10 17:01")
		same(t, "once opened", b.alarmed(t, store.AlarmBoxUnopened), nil)
		// An outage: 14 February (Saturday) and 28 February are worked, 15 to 23 February are off, so that W08 has no working day.
		b.watch(t, "2026-03-07 12:00")
		same(t, "after an outage", b.weeks(t), []string{"2026-W10 missed", "2026-W09 missed", "2026-W08 no_workday", "2026-W07 kept", "2026-W06 missed"})
		b.watch(t, "2026-03-07 12:01")
		same(t, "once more", b.weeks(t)[:2], []string{"2026-W10 missed", "2026-W09 missed"})
		missed, err := b.MissedWeeks(t.Context(), everywhere)
		if err != nil || len(missed) != 2 || missed[0].Week != "2026-W09" || !missed[0].Raised || missed[1].Raised {
			t.Errorf("%+v, %v", missed, err)
		}
		if day := workday.DateOf(missed[0].Due).String(); day != "2026-02-28" {
			t.Errorf("W09 was due on %s, not on the Saturday that is worked", day)
		}
		if err := b.SetBoxState(t.Context(), everywhere, b.box, regulation.Values{"box_state": {"out_of_use"}, "box_reason": {"大厅装修"}}, b.actor); err != nil {
			t.Fatal(err)
		}
		b.watch(t, "2026-03-14 12:00")
		same(t, "out of use", b.weeks(t)[:1], []string{"2026-W11 out_of_use"})
		same(t, "and nobody's", b.alarmed(t, store.AlarmBoxUnopened), nil)
	})
}

// A box that nobody fit keeps is an alarm that ends by itself (R15), and so are forms that wait for their entry (R16).
func TestAlarmsOfBoxesEndByThemselves(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.Clock.Forward(time.Date(2026, 3, 3, 10, 0, 0, 0, workday.Shanghai).Sub(r.Now()))
		b := withBox(t, r)
		b.watch(t, "2026-03-03 10:01")
		same(t, "kept", b.alarmed(t, store.AlarmBoxKeeper), nil)
		if err := b.Dismiss(t.Context(), b.actor.Person, regulation.BoxKeeper, "513301-hall", "tester"); err != nil {
			t.Fatal(err)
		}
		b.watch(t, "2026-03-03 10:02")
		same(t, "dismissed", b.alarmed(t, store.AlarmBoxKeeper), []string{"nobody"})
		if err := b.Appoint(t.Context(), b.actor.Person, regulation.BoxKeeper, "513301-hall", b.Now(), "tester"); err != nil {
			t.Fatal(err)
		}
		b.watch(t, "2026-03-03 10:03")
		same(t, "appointed again", b.alarmed(t, store.AlarmBoxKeeper), nil)
		opening := b.open(t, b.Now(), 1, "S-1")
		b.watch(t, "2026-03-04 16:59")
		same(t, "within a working day", b.alarmed(t, store.AlarmBoxEntries), nil)
		b.watch(t, "2026-03-04 17:00")
		same(t, "after it", b.alarmed(t, store.AlarmBoxEntries), []string{"waiting"})
		if err := b.TakeForm(t.Context(), opening, b.batch.First(), b.actor.Person); err != nil {
			t.Fatal(err)
		}
		b.watch(t, "2026-03-04 17:01")
		same(t, "once entered", b.alarmed(t, store.AlarmBoxEntries), nil)
	})
}
