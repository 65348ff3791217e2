package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

const ratedStaff = "st0037" // serves at policeWindow

// confirm opens a case against the police's window and brings it to a finding.
func (d *desk) confirm(attribution string) string {
	d.t.Helper()
	in := d.bad()
	in.Rating.Place.Rated.Staff = ratedStaff
	id := d.save(in).CaseID
	d.upTo(id, regulation.ActRecordFinding)
	finding := regulation.Values{}
	for field, given := range forms[regulation.ActRecordFinding] {
		finding[field] = given
	}
	finding["attribution"] = []string{attribution}
	d.do(id, regulation.ActRecordFinding, finding)
	return id
}

// judge judges the watch list on a new lease and returns how many days that were.
func (d *desk) judge() int {
	d.t.Helper()
	token, ok, err := d.AcquireLease(d.t.Context(), store.LeaseWatch, "tester", time.Minute)
	d.must(err)
	if !ok {
		d.t.Fatal("another holds the lease")
	}
	days, err := d.JudgeWatch(d.t.Context(), token)
	d.must(err)
	return days
}

func (d *desk) listings(sort string) []regulation.Listing {
	d.t.Helper()
	found, _, err := d.Listings(d.t.Context(), regulation.Scope{All: true}, store.ListQuery{Sort: sort})
	d.must(err)
	return found
}

func (d *desk) history(id string) []regulation.WatchEntry {
	d.t.Helper()
	entries, err := d.WatchHistory(d.t.Context(), regulation.Scope{All: true}, id)
	d.must(err)
	return entries
}

func (d *desk) actor(login string) regulation.Actor {
	d.t.Helper()
	actor, err := d.Actor(d.t.Context(), d.Person(d.t, login))
	d.must(err)
	actor.As = actor.Assignments[0]
	return actor
}

var inspection = regulation.Values{"inspection_findings": {"现场查看窗口秩序"}, "inspection_measures": {"约谈并增开窗口"}, "inspection_outcome": {"mended"}}

func (d *desk) inspected(on workday.Date) regulation.Values {
	v := regulation.Values{"inspected_on": {on.String()}}
	for field, given := range inspection {
		v[field] = given
	}
	return v
}

func TestConcentratedBadRatingsPutAPersonOnTheWatchList(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		today := workday.DateOf(d.Clock.Now())
		if days := d.judge(); days != 1 {
			t.Errorf("the first run judged %d days", days)
		}
		var cases []string
		for _, attribution := range []string{"person", "unit", "person", "system", "person"} {
			cases = append(cases, d.confirm(attribution))
		}
		if days := d.judge(); days != 0 || len(d.listings("")) != 0 {
			t.Errorf("%d days judged before the day ended", days)
		}
		d.Clock.Forward(3 * 24 * time.Hour)
		if days := d.judge(); days != 3 {
			t.Errorf("made up for %d days", days)
		}
		found := d.listings("")
		if len(found) != 1 || found[0].Kind != regulation.WatchStaff || found[0].Object != ratedStaff || found[0].Since != today {
			t.Fatalf("%+v", found)
		}
		l := found[0]
		counted := l.Verdict.Cases
		if len(counted) != 3 || slices.ContainsFunc(counted, func(c regulation.WatchCase) bool { return c.Case == cases[1] || c.Case == cases[3] }) {
			t.Errorf("counted %+v", counted)
		}
		if want := workday.DefaultHours.Close(workday.National().Add(today, 10).Date); !l.Due.Equal(want) {
			t.Errorf("inspection due %s, want %s", l.Due, want)
		}
		if entries := d.history(l.ID); len(entries) != 1 || entries[0].Name != regulation.WatchEntered || entries[0].Day != today {
			t.Errorf("%+v", entries)
		}
	})
}

func TestJudgingTwiceOrAtOnceSaysNothingTwice(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.judge()
		for range 3 {
			d.confirm("person")
		}
		d.Clock.Forward(24 * time.Hour)
		token, _, err := d.AcquireLease(t.Context(), store.LeaseWatch, "tester", time.Hour)
		d.must(err)
		done := make(chan error, 4)
		for range 4 {
			go func() { _, err := d.JudgeWatch(t.Context(), token); done <- err }()
		}
		for range 4 {
			d.must(<-done)
		}
		if n := d.rowsOf("watch_entries", "1 = 1"); n != 1 {
			t.Errorf("%d entries", n)
		}
		_, err = d.JudgeWatch(t.Context(), token+1)
		d.must(err) // nothing to do
		d.Clock.Forward(48 * time.Hour)
		if _, err = d.JudgeWatch(t.Context(), token+1); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("judged under a lost lease: %v", err)
		}
	})
}

func TestWatchedUnitIsInspectedAndLeaves(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.judge()
		for range 5 {
			d.confirm("guide")
		}
		d.Clock.Forward(24 * time.Hour)
		d.judge()
		l := d.listings(store.WatchSortUnits)[0]
		d.wantHeard("kd-psb-head", "watch_entered")
		d.wantHeard("kd-supervisor-1", "watch_entered")
		d.wantHeard("kd-verifier-1")
		d.Clock.Forward(20 * 24 * time.Hour)
		d.judge()
		for _, login := range []string{"kd-psb-head", "kd-supervisor-1", "gz-supervisor-1"} {
			want := []string{"watch_inspection_overdue", "watch_inspection_due", "watch_entered"}
			if login == "gz-supervisor-1" {
				want = want[:1] // it went one level up
			}
			got := d.heard(login)
			slices.Sort(got) // days that were made up for were told at once
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s was told %q", login, got)
			}
		}
		due, err := d.InspectionsDue(t.Context(), regulation.Scope{Areas: []string{"513301"}}, d.Clock.Now(), 10)
		if err != nil || len(due) != 1 || due[0].ID != l.ID {
			t.Errorf("due %+v, %v", due, err)
		}
		if overdue := d.listings(store.WatchSortOverdue); len(overdue) != 1 || !overdue[0].Overdue {
			t.Fatalf("%+v", overdue)
		}
		alarms, _, err := d.Alarms(t.Context(), regulation.Scope{All: true}, store.ListQuery{Sort: store.AlarmInspection})
		if err != nil || len(alarms) != 1 || alarms[0].Object != l.ID || alarms[0].Unit != l.Unit {
			t.Errorf("%+v, %v", alarms, err)
		}
		supervisor := d.actor("kd-supervisor-1")
		today := workday.DateOf(d.Clock.Now())
		seen := d.history(l.ID)[0].Seq
		d.must(d.ChangeListing(t.Context(), l.ID, seen, regulation.Rules.Inspect, d.inspected(today), supervisor))
		err = d.ChangeListing(t.Context(), l.ID, seen, regulation.Rules.Inspect, d.inspected(today), supervisor)
		if !isCode(err, regulation.Conflict) {
			t.Errorf("the same form twice: %v", err)
		}
		if told := d.heard("kd-psb-head"); told[0] != "watch_inspected" {
			t.Errorf("the unit was told %q", told)
		}
		if due, err := d.InspectionsDue(t.Context(), regulation.Scope{All: true}, d.Clock.Now(), 10); err != nil || len(due) != 0 {
			t.Errorf("still due: %+v, %v", due, err)
		}
		if n := d.rowsOf("alarms", "kind = 'watch_inspection' AND cleared_at = 0"); n != 0 {
			t.Error("the alarm lasts though the inspection was made up for")
		}
		if texts := d.history(l.ID)[0].Texts; texts["inspection_findings"] != inspection.Get("inspection_findings") {
			t.Errorf("texts %v", texts)
		}
		d.Clock.Forward(150 * 24 * time.Hour)
		d.judge()
		if left := d.listings(store.WatchSortEnded); len(left) != 1 || left[0].EndedHow != "left" {
			t.Errorf("%+v", left)
		}
		if told := d.heard("kd-psb-head"); !slices.Contains(told, "watch_left") {
			t.Errorf("the unit was told %q", told)
		}
	})
}

func TestWatchListByHandAndOffByTwoPersons(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		ctx, reasons := t.Context(), regulation.Values{"watch_reasons": {"大厅反映集中"}}
		supervisor, head := d.actor("kd-supervisor-1"), d.actor("kd-head")
		if _, err := d.Watch(ctx, regulation.WatchUnit, "nowhere", reasons, supervisor); !isCode(err, regulation.Invalid) {
			t.Errorf("an unknown unit: %v", err)
		}
		id, err := d.Watch(ctx, regulation.WatchStaff, ratedStaff, reasons, supervisor)
		d.must(err)
		if _, err := d.Watch(ctx, regulation.WatchStaff, ratedStaff, reasons, supervisor); !isCode(err, regulation.Conflict) {
			t.Errorf("twice: %v", err)
		}
		d.must(d.ChangeListing(ctx, id, 1, regulation.Rules.ProposeRelease, reasons, supervisor))
		decision := regulation.Values{"watch_reasons": {"同意"}, "release_decision": {"approve"}}
		if err := d.ChangeListing(ctx, id, 2, regulation.Rules.DecideRelease, decision, supervisor); !isCode(err, regulation.FourEyes) {
			t.Errorf("decided by who proposed: %v", err)
		}
		d.must(d.ChangeListing(ctx, id, 2, regulation.Rules.DecideRelease, decision, head))
		if _, err := d.Watch(ctx, regulation.WatchStaff, ratedStaff, reasons, supervisor); err != nil {
			t.Errorf("again, later: %v", err)
		}
		for scope, want := range map[string]int{"own": 1, "other": 0} {
			counts, err := d.WatchCounts(ctx, map[string]regulation.Scope{"own": {Staff: ratedStaff}, "other": {Staff: "st0001", Units: []string{"513301-psb"}}}[scope])
			if err != nil || counts[""] != want {
				t.Errorf("%s: %v, %v", scope, counts, err)
			}
		}
	})
}

// integrate takes all pending leaves into the ledger.
func (d *desk) integrate() {
	d.t.Helper()
	token, ok, err := d.AcquireLease(d.t.Context(), store.LeaseSequencer, "tester", time.Minute)
	d.must(err)
	for taken := 500; ok && taken == 500; {
		taken, _, err = d.IntegrateLeaves(d.t.Context(), token, 500)
		d.must(err)
	}
}

func TestWatchListIsInTheLedger(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id, err := d.Watch(t.Context(), regulation.WatchUnit, "513301-psb", regulation.Values{"watch_reasons": {"大厅反映集中"}}, d.actor("kd-supervisor-1"))
		d.must(err)
		d.integrate()
		if faults := d.ledgerFaults(); faults != nil {
			t.Fatal(faults)
		}
		d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("UPDATE watch_entries SET body = '{}' WHERE listing_id = ?", id).Error
		}))
		if d.ledgerFaults() == nil {
			t.Error("a changed entry passes")
		}
	})
}
