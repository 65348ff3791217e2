package store_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// besides are cases with procedures beside the main line: each with where the main line stops, and
// the acts after it. Under these switches days stand still, and more of them may be asked for.
var (
	besideSwitches = map[string]int{regulation.AppealPausesClock: 1, regulation.ExtensionDays: 5, regulation.WriteOffSample: 100}
	besides        = [][]step{
		{{regulation.ActLodgeAppeal, appeal}},
		{{regulation.ActLodgeAppeal, appeal}, {regulation.ActDecideAppeal, regulation.Values{"result": {"dismissed"}, "reasons": {"经核查"}}}},
		{{regulation.ActLodgeAppeal, appeal}, {regulation.ActDecideAppeal, mistaken}},
		{{regulation.ActLodgeAppeal, appeal}, {regulation.ActDecideAppeal, mistaken}, {regulation.ActApproveWriteOff, regulation.Values{}}},
		{{regulation.ActLodgeAppeal, appeal}, {regulation.ActDecideAppeal, mistaken}, {regulation.ActApproveWriteOff, regulation.Values{}},
			{regulation.ActTellRater, regulation.Values{"result": {"reached"}}}},
		{{regulation.ActLodgeAppeal, appeal}, {regulation.ActDecideAppeal, mistaken}, {regulation.ActApproveWriteOff, regulation.Values{}},
			{regulation.ActObjectWriteOff, regulation.Values{"objection": {"评价属实"}}}},
		{{regulation.ActRequestExtension, regulation.Values{"extension_days": {"4"}, "reasons": {"设备采购"}}}},
		{{regulation.ActRequestExtension, regulation.Values{"extension_days": {"4"}, "reasons": {"设备采购"}}}, {regulation.ActApproveExtension, regulation.Values{}},
			{regulation.ActLodgeAppeal, appeal}},
		{{regulation.ActReferAccountability, reasons}},
		{{regulation.ActReferAccountability, reasons}, {regulation.ActGiveStatement, regulation.Values{"statement": {"已补充措施"}}}},
		{{regulation.ActProposeReattribution, regulation.Values{"rated_unit": {"513301-mkt"}, "reasons": {"窗口有误"}}}},
	}
	appeal   = regulation.Values{"grounds": {"facts_untrue"}, "account": {"当日系统故障"}}
	mistaken = regulation.Values{"result": {"mistaken"}, "reasons": {"经核查"}}
	reasons  = regulation.Values{"reasons": {"经核查"}}
)

type step struct {
	kind   regulation.ActKind
	values regulation.Values
}

// withBesides opens cases at every stage, with procedures beside the main line or none.
func (d *desk) withBesides() (ids []string) {
	d.t.Helper()
	ids = d.inPhases()
	for _, steps := range besides {
		id := d.open()
		for _, kind := range mainLine[:8] { // the plan is in: a rectification is open
			if kind == regulation.ActRecordFinding {
				d.do(id, regulation.ActServeNotice, regulation.Values{})
			}
			d.do(id, kind, forms[kind])
		}
		for _, next := range steps {
			d.do(id, next.kind, next.values)
		}
		ids = append(ids, id)
	}
	return ids
}

// stand are all due instants of cases.
func (d *desk) stand(ids []string) map[string]map[string]time.Time {
	d.t.Helper()
	all := map[string]map[string]time.Time{}
	for _, id := range ids {
		all[id] = dues(d.read(id))
	}
	return all
}

// suppose changes instants as an answer to what if has them.
func suppose(stand map[string]map[string]time.Time, cases []store.WhatIfCase) {
	for _, c := range cases {
		for _, change := range c.Changes {
			if change.Op == regulation.DueCancelled {
				delete(stand[c.ID], change.Deadline.ID)
				continue
			}
			stand[c.ID][change.Deadline.ID] = change.Deadline.Due
		}
	}
}

// TestWhatIfIsWhatThenHappensToEveryInstant asks before each of several notices, one after the
// other on the same cases, and compares every instant of every case, moved or not.
func TestWhatIfIsWhatThenHappensToEveryInstant(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.under(besideSwitches)
		ids := d.withBesides()
		paused := 0
		for _, id := range ids {
			if p := d.read(id).Clock.Pauses; len(p) > 0 && p[len(p)-1].To.IsZero() {
				paused++
			}
		}
		if paused != 2 {
			t.Fatalf("the days of %d cases stand still", paused)
		}
		moved := 0
		for n, days := range []string{"2026-11-24,off,x\n2026-11-28,work,x\n2026-12-03,off,x\n", "2026-11-29,work,x\n2026-12-05,work,x\n2026-12-06,work,x\n",
			"2026-11-24,work,x\n2026-11-25,off,x\n2026-11-26,off,x\n2026-12-14,off,x\n"} {
			days = "date,kind,holiday\n" + days
			supposed, err := d.WhatIf(t.Context(), regulation.Scope{All: true}, store.WhatIf{Notice: d.layer(days), Area: "513301"})
			d.must(err)
			want := d.stand(ids)
			suppose(want, supposed.Cases)
			d.inForce("513301", days)
			moved += d.rearm()
			d.same(fmt.Sprintf("notice %d", n+1), want, d.stand(ids))
			d.Clock.Forward(2 * time.Hour)
		}
		if moved < 2*len(ids) {
			t.Errorf("%d cases moved: this test proves nothing", moved)
		}
	})
}

// same compares all instants.
func (d *desk) same(when string, want, got map[string]map[string]time.Time) {
	d.t.Helper()
	for id := range want {
		if !maps.EqualFunc(want[id], got[id], time.Time.Equal) {
			d.t.Errorf("%s, case in %s with %v: supposed %v, happened %v", when, d.read(id).Phase, d.read(id).Tracks, want[id], got[id])
		}
	}
}

// TestWhatIfWithOtherDaysCountsTracksAndPausedDays: every instant is that of a case led the same
// way under an edition with those days.
func TestWhatIfWithOtherDaysCountsTracksAndPausedDays(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.under(besideSwitches)
		set := map[string]int{regulation.AppealReviewDays: 8, regulation.WriteOffDays: 4, regulation.TellingDays: 6, regulation.ObjectionDays: 9,
			regulation.ObjectionDecisionDays: 6, regulation.ExtensionApprovalDays: 5, regulation.StatementDays: 7, regulation.DecisionDays: 11,
			regulation.ReattributionDays: 6, regulation.AppealDays: 12, regulation.PlanDays: 4}
		ids := d.withBesides()
		supposed, err := d.WhatIf(t.Context(), regulation.Scope{All: true}, store.WhatIf{Set: set})
		d.must(err)
		want := d.stand(ids)
		suppose(want, supposed.Cases)
		d.Clock.Forward(time.Second) // no two editions begin at once
		all := maps.Clone(besideSwitches)
		maps.Copy(all, set)
		d.editionOf("test/3", all)
		got := map[string]map[string]time.Time{}
		for i, id := range d.withBesides() {
			got[ids[i]] = dues(d.read(id))
		}
		d.same("under the edition", want, got)
	})
}

// editionOf puts a further edition in force from now on.
func (d *desk) editionOf(name string, set map[string]int) {
	d.t.Helper()
	var values []store.Parameter
	for param, value := range set {
		values = append(values, store.Parameter{Name: param, Value: value, Author: "a", DecidedOn: workday.DateOf(d.Clock.Now()), Basis: "b"})
	}
	d.must(d.AddEdition(d.t.Context(), store.Edition{Name: name, From: d.Clock.Now()}, values, "a"))
}
