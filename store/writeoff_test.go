package store_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// mistakenly brings a case to a proposed write-off of a kind.
func (d *desk) mistakenly(result string) string {
	d.t.Helper()
	id := d.open()
	d.mistaken(id, result)
	return id
}

// mistaken brings an open case to an appeal that found it mistaken.
func (d *desk) mistaken(id, result string) {
	d.t.Helper()
	d.upTo(id, regulation.ActSign)
	d.do(id, regulation.ActLodgeAppeal, regulation.Values{"grounds": {"facts_untrue"}, "account": {"a"}})
	d.do(id, regulation.ActDecideAppeal, regulation.Values{"result": {result}, "ground": {"proven_fabrication"}, "reasons": {"r"}})
	if result == "malicious" {
		d.do(id, regulation.ActConfirmMalice, regulation.Values{"opinion": {"o"}})
	}
}

// inVain approves a write-off to which the rater then objects in vain.
func (d *desk) inVain(id string) {
	d.t.Helper()
	d.do(id, regulation.ActApproveWriteOff, nil)
	d.do(id, regulation.ActObjectWriteOff, regulation.Values{"objection": {"o"}})
	d.do(id, regulation.ActDecideObjection, regulation.Values{"result": {"written_off"}, "reasons": {"r"}})
}

// What rates per authority count follows the record; a rating that is written off stays in the lists,
// marked, and is found by it (R53).
func TestWriteOffsAreCountedByAuthority(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		from := d.Clock.Now().Add(-time.Hour)
		mistaken, refused, reversed, malicious := d.mistakenly("mistaken"), d.mistakenly("mistaken"), d.mistakenly("malicious"), d.mistakenly("malicious")
		plain := d.open()
		d.do(refused, regulation.ActRefuseWriteOff, regulation.Values{"reasons": {"r"}})
		for _, id := range []string{mistaken, reversed, malicious} {
			d.inVain(id)
		}
		d.do(reversed, regulation.ActReviewWriteOff, regulation.Values{"result": {"reversed"}, "reasons": {"r"}})
		sampled := 2 // every malicious one is looked at
		if d.read(mistaken).Stage(regulation.TrackWriteOff) == regulation.StageSampled {
			sampled++
		}
		until := d.Clock.Now().Add(time.Hour)
		all, err := d.WriteOffs(t.Context(), from, until)
		d.must(err)
		if want := (store.WriteOffFigures{Bad: 5, Proposed: 4, Objected: 3, Sampled: sampled, Reversed: 1, InForce: 2}); all["513301-authority"] != want || len(all) != 1 {
			t.Errorf("%+v, want %+v", all, want)
		}
		series, err := d.WriteOffSeries(t.Context(), from, until, regulation.Batches{Period: regulation.BatchDay, Least: 5})
		d.must(err)
		final := until.Add(time.Minute) // all of it is summed then, whatever the batches
		if got := series["513301-authority"].Shown(regulation.Batches{Period: regulation.BatchDay, Least: 5}, final.Add(48*time.Hour), final); got != all["513301-authority"] || len(series) != 1 {
			t.Errorf("the series come to %+v, not %+v", got, all["513301-authority"])
		}
		if none, err := d.WriteOffs(t.Context(), until, until.Add(time.Hour)); len(none) != 0 || err != nil {
			t.Errorf("of another time %+v, %v", none, err)
		}
		kinds, err := d.MaliciousWriteOffs(t.Context(), regulation.Scope{Areas: []string{"513301"}}, from, until)
		if d.must(err); kinds["513301-authority"] != 1 {
			t.Errorf("%+v of malice", kinds)
		}
		if kinds, err = d.MaliciousWriteOffs(t.Context(), regulation.Scope{Areas: []string{"513322"}}, from, until); len(kinds) != 0 || err != nil {
			t.Errorf("another area reads %+v, %v", kinds, err)
		}
		lines, _, err := d.Cases(t.Context(), regulation.Scope{All: true}, store.CaseQuery{})
		d.must(err)
		marked := map[string]bool{mistaken: true, malicious: true}
		for _, line := range lines {
			if line.WrittenOff != marked[line.ID] {
				t.Errorf("%s is marked %t", line.Number, line.WrittenOff)
			}
		}
		found, _, err := d.Cases(t.Context(), regulation.Scope{All: true}, store.CaseQuery{WrittenOff: true})
		if d.must(err); len(found) != 2 || len(lines) != 5 || plain == "" {
			t.Errorf("%d of %d are found by the mark", len(found), len(lines))
		}
		d.whole()
	})
}

// The migration that began to keep the steps takes those of before from the events.
func TestStepsOfBeforeAreTakenFromTheEvents(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.inVain(d.mistakenly("malicious"))
		engine := "sqlite"
		if store.Rows(d.Store, t.Context()).Name() == "mysql" {
			engine = "mysql"
		}
		statement, err := os.ReadFile("migrations/0261_write_off_steps_before." + engine + ".sql")
		d.must(err)
		_, insert, _ := strings.Cut(string(statement), "-- +goose Up")
		before := d.rowsOf("write_off_steps", "1 = 1")
		d.exec("DELETE FROM write_off_steps")
		d.exec(strings.TrimSuffix(strings.TrimSpace(insert), ";"))
		if after := d.rowsOf("write_off_steps", "1 = 1"); after != before || before == 0 {
			t.Errorf("%d steps, were %d", after, before)
		}
		d.whole()
	})
}

// The rate is public once the bad ratings of all four quarters are, and what is in force may be told; no count under five is.
func TestTheRateOfWriteOffsIsOfAWholeYear(t *testing.T) {
	bad, f := 94, store.WriteOffFigures{Bad: 99, Proposed: 8, InForce: 6, Objected: 4}
	if w := store.PublicOf(f, &bad, true); w.Rate == nil || *w.Rate != (regulation.Ratio{Of: 6, Among: 100}) || *w.Bad != 94 || *w.Proposed != 8 || w.Objected != nil || w.Reversed != nil {
		t.Errorf("%+v", w)
	}
	few := f
	few.InForce = 4
	for name, w := range map[string]store.PublicWriteOffs{"of three quarters": store.PublicOf(f, &bad, false), "of a hidden quarter": store.PublicOf(f, nil, true), "of few": store.PublicOf(few, &bad, true)} {
		if w.Rate != nil || !w.Told() {
			t.Errorf("%s: %+v", name, w)
		}
	}
	if w := store.PublicOf(store.WriteOffFigures{Bad: 99, InForce: 3}, nil, true); w.Told() {
		t.Errorf("listed: %+v", w)
	}
}
