package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
)

// 8(2), R39: the list of an instant is the same whenever it is asked for; nominated and approved by two, and not once something has
// come to light; a revocation stays on record.
func TestHonoursAreChosenFromAListThatCanBeMadeAgain(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.praises("513301-w05", 31, 0)
		d.praises(policeWindow, 40, 1)
		period := d.sealedQuarter()
		at := d.Clock.Now()
		list := func(at time.Time) store.HonourList {
			t.Helper()
			l, err := d.HonourCandidates(t.Context(), "513301", period, regulation.HonourStar, 0, at, regulation.HonourRule)
			d.must(err)
			return l
		}
		first := list(at)
		if c := first.Candidates; len(c) != 2 || c[0].Object != "513301-w05" || c[0].Barred != nil || c[1].Object != policeWindow || first.Position == 0 {
			t.Fatalf("%+v", first)
		}
		nominate, _ := regulation.DocketActOf(regulation.DocketHonour, "nominate")
		start := func(object string) (string, error) {
			t.Helper()
			fresh, err := d.NewHonour(t.Context(), "513301", period, regulation.HonourStar, object)
			d.must(err)
			return d.StartDocket(t.Context(), nominate, fresh, regulation.Values{"docket_reasons": {"群众好评多"}}, d.as("kd-supervisor-1"))
		}
		id, err := start("513301-w05")
		d.must(err)
		honour := regulation.DocketHonour
		kept := d.docket(honour, id)
		if again := list(kept.HonourAt()); again.Digest != kept.Facts["candidates"] || kept.Facts["seal_version"] != "1" || kept.Facts["rank"] != "1" {
			t.Errorf("%+v is not %+v", kept.Facts, again)
		}
		if _, err = start("513301-w05"); err == nil {
			t.Error("nominated twice")
		}
		d.refusal(d.tryDocket(honour, id, "honour", "kd-supervisor-1", nil), regulation.FourEyes, "docket_by_you")
		d.must(d.tryDocket(honour, id, "honour", "kd-head", nil))
		units, _, err := d.Honours(t.Context(), period)
		if err != nil || units["513301-mkt"] != 1 {
			t.Errorf("%v, %v", units, err)
		}
		other, err := start(policeWindow)
		d.must(err)
		d.exec("UPDATE case_figures SET finding = 'substantiated', attribution = 'unit'") // confirmed since the quarter was sealed
		d.refusal(d.tryDocket(honour, other, "honour", "kd-head", nil), regulation.NotNow, "honour_confirmed")
		d.must(d.tryDocket(honour, other, "refuse", "kd-head", regulation.Values{"docket_reasons": {"有查实差评"}}))
		d.must(d.tryDocket(honour, id, "revoke", "kd-head", regulation.Values{"docket_reasons": {"材料不实"}}))
		if d.docket(honour, id).Stage != regulation.DocketRevoked {
			t.Error("not revoked")
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets, store.CheckLeaves}}); len(found) != 0 {
			t.Errorf("%v", found)
		}
	})
}

// A window at which a member of staff suspected of false praise was rated in the quarter is barred from the star, others are not; a
// bad rating that is not verified yet bars nobody.
func TestSuspectStaffBarTheirWindow(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.praises(policeWindow, 31, 1)
		d.praises("513301-w05", 31, 0)
		const staff = ratedStaff
		d.praisedOf(policeWindow, staff, d.Clock.Now())
		given := d.Clock.Now()
		period := d.sealedQuarter()
		barred := func() map[string][]string {
			t.Helper()
			l, err := d.HonourCandidates(t.Context(), "513301", period, regulation.HonourStar, 0, d.Clock.Now(), regulation.HonourRule)
			d.must(err)
			of := map[string][]string{}
			for _, c := range l.Candidates {
				of[c.Object] = c.Barred
			}
			return of
		}
		if b := barred(); len(b) != 2 || b[policeWindow] != nil || b["513301-w05"] != nil {
			t.Fatalf("%v", b)
		}
		d.Clock.Forward(time.Hour)
		fresh, err := d.NewProbe(t.Context(), regulation.Suspect{Kind: regulation.SuspectStaff, Object: staff}, "513301-psb")
		d.must(err)
		_, err = d.OpenProbe(t.Context(), fresh, regulation.Values{"probe_reasons": {"有人反映代评"}}, d.actor("kd-supervisor-1"))
		d.must(err)
		if b := barred(); len(b[policeWindow]) != 1 || b[policeWindow][0] != regulation.BarredFalsePraise || b["513301-w05"] != nil {
			t.Errorf("%v", b)
		}
		nominate, _ := regulation.DocketActOf(regulation.DocketHonour, "nominate")
		chosen, err := d.NewHonour(t.Context(), "513301", period, regulation.HonourStar, "513301-w05")
		d.must(err)
		_, err = d.StartDocket(t.Context(), nominate, chosen, regulation.Values{"docket_reasons": {"群众好评多"}}, d.as("kd-supervisor-1"))
		d.must(err)
		// What the ledger takes in after the seal, of the quarter though it is, changes no list of it, and a flag of now none of before.
		d.praisedOf("513301-w05", staff, given)
		d.count(100)
		if b := barred(); b["513301-w05"] != nil {
			t.Errorf("by what came late: %v", b)
		}
		d.Clock.Forward(time.Hour)
		flagged, err := d.NewProbe(t.Context(), regulation.Suspect{Kind: regulation.SuspectUnit, Object: "513301-mkt"}, "513301-mkt")
		d.must(err)
		_, err = d.OpenProbe(t.Context(), flagged, regulation.Values{"probe_reasons": {"有人反映代评"}}, d.actor("kd-supervisor-1"))
		d.must(err)
		if b := barred(); b["513301-w05"] == nil {
			t.Error("the list of now does not see the flag: this proves nothing")
		}
		honours := store.VerifyOptions{Only: []string{store.CheckDockets}}
		if found := d.verify(honours); len(found) != 0 {
			t.Errorf("%v", found)
		}
		d.exec("UPDATE dockets SET state = REPLACE(state, ?, ?)", chosen.Facts["candidates"], strings.Repeat("0", 64))
		if found := d.verify(honours); !slices.Contains(found, "dockets honour_differs") {
			t.Errorf("another list than was chosen from: %v", found)
		}
	})
}

// Where somebody was rated is looked for along the ledger's positions: all its leaves in some other order would be read and sorted for one.
func TestARatingAtAWindowIsLookedForAlongTheLedger(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.praises(policeWindow, 40, 0)
		d.integrate()
		analyze := map[string]string{"sqlite": "ANALYZE", "mysql": "ANALYZE TABLE leaves, ratings"}
		d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error { return tx.Exec(analyze[d.Engine()]).Error }))
		plan := d.plan(store.ReadRatedAt, []any{1000, 3, "rating", ratedStaff, policeWindow, []string{"2026-11"}})
		t.Log(plan)
		if strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "filesort") || strings.Contains(plan, "leaves_row") || strings.Contains(plan, "kind=?") {
			t.Error(plan)
		}
	})
}

// praisedOf saves one good rating of somebody at a window.
func (d *desk) praisedOf(window, staff string, given time.Time) {
	d.t.Helper()
	target, err := d.WindowTarget(d.t.Context(), window)
	d.must(err)
	in := d.bad()
	in.Rating.Place = target.Place("")
	in.Rating.Place.Rated.Staff = staff
	in.Rating.Channel, in.Rating.Grade, in.Rating.GivenAt = regulation.ChannelWeb, regulation.VerySatisfied, given
	d.save(in)
}

// A probe of false praise stands in the way from the instant at which it was opened: the list of before stays what it was.
func TestAListIsOfItsInstant(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.praises(policeWindow, 31, 0)
		period := d.sealedQuarter()
		before := d.Clock.Now()
		list := func(at time.Time) store.HonourList {
			t.Helper()
			l, err := d.HonourCandidates(t.Context(), "513301", period, regulation.HonourStar, 0, at, regulation.HonourRule)
			d.must(err)
			return l
		}
		first := list(before)
		d.Clock.Forward(time.Hour)
		fresh, err := d.NewProbe(t.Context(), regulation.Suspect{Kind: regulation.SuspectUnit, Object: "513301-psb"}, "513301-psb")
		d.must(err)
		_, err = d.OpenProbe(t.Context(), fresh, regulation.Values{"probe_reasons": {"有人反映代评"}}, d.actor("kd-supervisor-1"))
		d.must(err)
		if now := list(d.Clock.Now()); len(now.Candidates) != 1 || len(now.Candidates[0].Barred) != 1 || now.Candidates[0].Barred[0] != regulation.BarredFalsePraise {
			t.Errorf("%+v", now)
		}
		if again := list(before); again.Digest != first.Digest {
			t.Errorf("%+v was %+v", again, first)
		}
	})
}
