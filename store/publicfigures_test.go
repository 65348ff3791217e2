package store_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// rateMany saves so many ratings of a grade at the police's window.
func (d *desk) rateMany(n int, g regulation.Grade) {
	d.t.Helper()
	for range n {
		in := d.bad()
		in.Rating.Grade = g
		d.save(in)
	}
}

// R21, R47: a sealed quarter comes out by itself, without what tells of few, and no month does; a change of few ratings moves nothing, one of
// many is a correction of which the first edition stays readable.
func TestSealedQuartersComeOut(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		quarter, month := regulation.QuarterOf(workday.DateOf(d.Clock.Now())), regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		d.follow()
		d.rateMany(40, regulation.VerySatisfied)
		d.rateMany(11, regulation.Dissatisfied)
		given := d.Clock.Now()
		d.nextMonth()
		d.seal()
		d.follow()
		for _, period := range []string{month, quarter} {
			if _, _, err := d.PublicFigures(t.Context(), period, 0); err == nil {
				t.Errorf("%s is public", period)
			}
		}
		d.nextMonth()
		d.seal()
		d.follow()
		table, first, err := d.PublicFigures(t.Context(), quarter, 0)
		d.must(err)
		if len(table.Areas) != 1 || table.Areas[0].Key != "513301" || table.Areas[0].Rated != 51 || table.Areas[0].Bad != 11 || table.Areas[0].Good != 40 || table.Areas[0].Version != 1 || len(table.Areas[0].Units) != 1 {
			t.Errorf("%+v", table)
		}
		if halls := table.Areas[0].Halls; len(halls) != 1 || halls[0].Key != "513301-hall" || halls[0].Rated != 51 || halls[0].Bad != 11 || !table.Areas[0].ByHall {
			t.Errorf("halls %+v", halls)
		}
		of := func(authority string) (p regulation.Docket) {
			for _, p := range d.docketsOf(regulation.DocketPublication, authority) {
				if p.PublicationKindOf() == regulation.PublishQuarter && p.Period == quarter {
					return p
				}
			}
			return p
		}
		if kd, ld := of(kangdingOffice), of("513322-authority"); kd.Stage != regulation.DocketPublished || kd.Facts["link"] != "/public/figures?period="+quarter || ld.Stage != regulation.DocketPublished || kd.Facts["digest"] == ld.Facts["digest"] {
			t.Errorf("%+v, %+v", kd, ld)
		}
		d.follow()
		late := func(n int) {
			t.Helper()
			for range n {
				in := d.bad()
				in.Rating.Grade, in.Rating.GivenAt = regulation.VerySatisfied, given
				d.save(in)
			}
			d.Clock.Forward(24 * time.Hour)
			d.seal()
			d.follow()
		}
		late(4) // of four more everybody would learn that they are good
		if _, now, err := d.PublicFigures(t.Context(), quarter, 0); err != nil || now.Edition != 1 {
			t.Errorf("moved by four: %+v, %v", now, err)
		}
		// One that is issued while figures are made ready was not looked at: they come out with the next run.
		d.exec(fmt.Sprintf("INSERT INTO public_bulletins (docket_id, period, issued_at, body) SELECT MIN(id), '2000-Q1', %d, '{}' FROM dockets", d.Clock.Now().Add(48*time.Hour).UnixMicro()))
		for range 3 {
			in := d.bad()
			in.Rating.Grade, in.Rating.GivenAt = regulation.VerySatisfied, given
			d.save(in)
		}
		d.Clock.Forward(24 * time.Hour)
		d.seal()
		if err := d.tryFollow(); err == nil || !strings.Contains(err.Error(), "issued while figures were made ready") {
			t.Errorf("%v", err)
		}
		if _, now, err := d.PublicFigures(t.Context(), quarter, 0); err != nil || now.Edition != 1 {
			t.Errorf("beside a bulletin that was not looked at: %+v, %v", now, err)
		}
		d.exec("DELETE FROM public_bulletins WHERE period = '2000-Q1'")
		d.follow()
		table, now, err := d.PublicFigures(t.Context(), quarter, 0)
		if err != nil || now.Edition != 2 || table.Areas[0].Rated != 58 || table.Areas[0].Version != 3 || of(kangdingOffice).Facts["correction"] != "yes" {
			t.Errorf("%+v, %+v, %v", table, now, err)
		}
		if again, e, err := d.PublicFigures(t.Context(), quarter, 1); err != nil || again.Areas[0].Rated != 51 || e.Digest != first.Digest {
			t.Errorf("the first edition reads otherwise: %+v, %v", again, err)
		}
		d.integrate()
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckSealed, store.CheckDockets}}); len(found) != 0 {
			t.Errorf("%q", found)
		}
		d.exec("UPDATE public_figures SET body = REPLACE(body, '\"bad\":11', '\"bad\":10') WHERE edition = 1")
		// The first edition and the second that rests on it.
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckSealed}}); !slices.Contains(found, "sealed public_differs") || len(found) > 2 {
			t.Errorf("%q", found)
		}
	})
}

// R21, R47: what a record published while months were public stays readable and is held by its digest; a county of which a month was
// published stays out of the quarter, and a month that still waits to be published is not asked for any more.
func TestMonthsOfBeforeStayReadable(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		quarter, month := regulation.QuarterOf(workday.DateOf(d.Clock.Now())), regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		d.follow()
		d.rateMany(40, regulation.VerySatisfied)
		d.exec("DELETE FROM facts WHERE name = 'edition_leaves'") // a record of before editions were leaves
		before := regulation.PublicTable{Period: month, Edition: 1, Formula: 1, Rule: regulation.PublicRule{Few: 5, Band: 10, Fewest: 30, Late: true},
			Areas: []regulation.PublicArea{{PublicLine: regulation.PublicLine{Key: "513301", Rated: 40, Band: regulation.BandBad}, Version: 1}}}
		d.exec(fmt.Sprintf("INSERT INTO public_figures (period, edition, seal, published_at, digest, body) VALUES ('%s', 1, 1, %d, '%s', X'%x')",
			month, d.Clock.Now().UnixMicro(), regulation.DigestOf(before), must(json.Marshal(before))))
		d.integrate()
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckLeaves}}); len(found) != 0 {
			t.Errorf("before it has its leaf: %q", found)
		}
		d.must(d.RecordPublication(t.Context(), "513322-authority", regulation.Published{Kind: regulation.PublishMonth, Period: month, On: workday.DateOf(d.Clock.Now()), Digest: strings.Repeat("a", 64)}))
		d.exec("UPDATE dockets SET stage = 'waiting', ended_at = 0, state = REPLACE(state, '\"stage\":\"published\"', '\"stage\":\"waiting\"') WHERE doc_key = '" + regulation.PublicationKey(regulation.PublishMonth, "513322-authority", month) + "'")
		for range 2 {
			d.nextMonth()
		}
		d.seal()
		d.follow()
		if table, _, err := d.PublicFigures(t.Context(), month, 0); err != nil || table.Areas[0].Rated != 40 {
			t.Errorf("%+v, %v", table, err)
		}
		if table, _, err := d.PublicFigures(t.Context(), quarter, 0); err != nil || len(table.Areas) != 0 {
			t.Errorf("beside its month: %+v, %v", table, err)
		}
		for _, p := range d.docketsOf(regulation.DocketPublication, "513322-authority") {
			if p.PublicationKindOf() == regulation.PublishMonth && (p.Stage != regulation.DocketDropped || p.Facts["why"] != regulation.DroppedMonths || p.Overdue) {
				t.Errorf("%+v", p)
			}
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckSealed}}); len(found) != 0 {
			t.Errorf("%q", found)
		}
		d.integrate()
		leaves := store.VerifyOptions{Only: []string{store.CheckLeaves, store.CheckLedger}}
		if found := d.verify(leaves); len(found) != 0 {
			t.Errorf("once it has its leaf: %q", found)
		}
		d.exec("UPDATE public_figures SET published_at = published_at + 1 WHERE period = '" + month + "'")
		if found := d.verify(leaves); !slices.Equal(found, []string{"leaves altered"}) {
			t.Errorf("%q", found)
		}
		d.exec("UPDATE public_figures SET nonce = NULL, published_at = published_at - 1 WHERE period = '" + month + "'")
		if found := d.verify(leaves); !slices.Equal(found, []string{"leaves altered"}) {
			t.Errorf("without its nonce: %q", found)
		}
		d.exec("UPDATE public_figures SET body = REPLACE(body, '\"rated\":40', '\"rated\":41') WHERE period = '" + month + "'")
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckSealed}}); !slices.Contains(found, "sealed public_differs") {
			t.Errorf("%q", found)
		}
	})
}

// An edition that somebody put in by hand gets no leaf, in no record that began since editions are leaves, and is found, also while no edition came out.
func TestAnEditionPutInByHandGetsNoLeaf(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.follow()
		month := regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		forged := regulation.PublicTable{Period: month, Edition: 1, Formula: 1, Areas: []regulation.PublicArea{{PublicLine: regulation.PublicLine{Key: "513301", Rated: 40}, Version: 1}}}
		d.exec(fmt.Sprintf("INSERT INTO public_figures (period, edition, seal, published_at, digest, body) VALUES ('%s', 1, 1, %d, '%s', X'%x')",
			month, d.Clock.Now().UnixMicro(), regulation.DigestOf(forged), must(json.Marshal(forged))))
		for range 2 {
			d.nextMonth()
		}
		d.seal()
		d.follow()
		d.integrate()
		if n := d.rowsOf("leaves", "kind = 'public_figures' AND ref LIKE '"+month+"%'"); n != 0 {
			t.Errorf("%d leaves of it", n)
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckLeaves, store.CheckLedger}}); len(found) == 0 {
			t.Error("nobody finds it")
		}
	})
}

// R21: the prefecture's sealed quarter counts departments by the hall where they were rated, also a department whose matter another
// one's window took in, without what was written off or counts for somebody else; a version of before that was counted stays as it is.
func TestSealedQuartersCountDepartmentsByHall(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		quarter := regulation.QuarterOf(workday.DateOf(d.Clock.Now()))
		d.rateMany(3, regulation.Satisfied)
		target, err := d.WindowTarget(t.Context(), policeWindow)
		d.must(err)
		matters, err := d.Matters(t.Context(), "513301-mkt")
		d.must(err)
		other := d.bad() // the market regulator's matter, handed in at the police's window
		other.Rating.Grade, other.Rating.Place.Rated.Unit, other.Rating.Place.Rated.Matter = regulation.Satisfied, "513301-mkt", matters[0].ID
		d.save(other)
		online := d.bad()
		online.Rating.Grade, online.Rating.Place.Rated.Hall, online.Rating.Place.Rated.Window = regulation.Satisfied, "", ""
		d.save(online)
		written, moved := d.mistakenly("mistaken"), d.open()
		d.inVain(written)
		d.upTo(moved, regulation.ActSign)
		d.do(moved, regulation.ActProposeReattribution, regulation.Values{"rated_unit": {"513301-mkt"}, "reasons": {"该窗口当日由他人值守"}})
		d.do(moved, regulation.ActApproveReattribution, nil)
		for range 4 {
			d.nextMonth()
		}
		d.seal()
		f, err := d.Sealed(t.Context(), regulation.PrefectureArea, quarter, 0)
		d.must(err)
		counted := map[string]int64{}
		for _, cell := range f.Figures.HallUnits {
			counted[cell.Under+" "+cell.Key] = cell.Net.Rated()
			if cell.Given != (regulation.Tally{}) || cell.Net.NotRated != 0 {
				t.Errorf("more than net ratings: %+v", cell)
			}
		}
		hall := target.Hall.ID
		if want := map[string]int64{hall + " 513301-psb": 3, hall + " 513301-mkt": 1}; !f.ByHall || !maps.Equal(counted, want) {
			t.Errorf("%v, not %v", counted, want)
		}
		county, err := d.Sealed(t.Context(), "513301", quarter, 0)
		d.must(err)
		if county.ByHall || county.Figures.HallUnits != nil {
			t.Errorf("a county's version has them too: %+v", county.Figures.HallUnits)
		}
		d.integrate()
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckSealed}}); len(found) != 0 {
			t.Errorf("%q", found)
		}
		d.exec("UPDATE seals SET body = REPLACE(body, '\"hall_units\":[{\"key\":\"513301-mkt\"', '\"hall_units\":[{\"key\":\"513301-psd\"') WHERE area = '" + regulation.PrefectureArea + "' AND period = '" + quarter + "'")
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckSealed}}); !slices.Contains(found, "sealed sealed_differs") {
			t.Errorf("a hall's department that was altered is not found: %q", found)
		}
		d.exec("UPDATE seals SET body = REPLACE(body, '\"by_hall\":true,', '') WHERE area = '" + regulation.PrefectureArea + "' AND period = '" + quarter + "'")
		if f, err = d.Sealed(t.Context(), regulation.PrefectureArea, quarter, 0); err != nil || f.ByHall {
			t.Errorf("%v, %v", f.ByHall, err)
		}
	})
}
