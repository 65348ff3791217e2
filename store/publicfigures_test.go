package store_test

import (
	"slices"
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

// R21, R47: a sealed month comes out by itself, without what tells of few; a change of few ratings moves nothing, one of many is a
// correction of which the first edition stays readable.
func TestSealedMonthsComeOut(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		month := regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		d.follow()
		d.rateMany(40, regulation.VerySatisfied)
		d.rateMany(11, regulation.Dissatisfied)
		given := d.Clock.Now()
		if _, _, err := d.PublicFigures(t.Context(), month, 0); err == nil {
			t.Error("public before it is sealed")
		}
		d.nextMonth()
		d.seal()
		d.follow()
		table, first, err := d.PublicFigures(t.Context(), month, 0)
		d.must(err)
		if len(table.Areas) != 1 || table.Areas[0].Key != "513301" || table.Areas[0].Rated != 51 || table.Areas[0].Bad != 11 || table.Areas[0].Good != 40 || table.Areas[0].Version != 1 || table.Areas[0].Units != nil {
			t.Errorf("%+v", table)
		}
		of := func(authority string) (p regulation.Docket) {
			for _, p := range d.docketsOf(regulation.DocketPublication, authority) {
				if p.PublicationKindOf() == regulation.PublishMonth && p.Period == month {
					return p
				}
			}
			return p
		}
		if kd, ld := of(kangdingOffice), of("513322-authority"); kd.Stage != regulation.DocketPublished || kd.Facts["link"] != "/public/figures?period="+month || ld.Stage != regulation.DocketPublished || kd.Facts["digest"] == ld.Facts["digest"] {
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
		if _, now, err := d.PublicFigures(t.Context(), month, 0); err != nil || now.Edition != 1 {
			t.Errorf("moved by four: %+v, %v", now, err)
		}
		late(3)
		table, now, err := d.PublicFigures(t.Context(), month, 0)
		if err != nil || now.Edition != 2 || table.Areas[0].Rated != 58 || table.Areas[0].Version != 3 || of(kangdingOffice).Facts["correction"] != "yes" {
			t.Errorf("%+v, %+v, %v", table, now, err)
		}
		if again, e, err := d.PublicFigures(t.Context(), month, 1); err != nil || again.Areas[0].Rated != 51 || e.Digest != first.Digest {
			t.Errorf("the first edition reads otherwise: %+v, %v", again, err)
		}
		for range 2 {
			d.nextMonth()
		}
		d.seal()
		d.follow()
		quarter, _, err := d.PublicFigures(t.Context(), regulation.QuarterOf(workday.DateOf(given)), 0)
		if err != nil || len(quarter.Areas) != 1 || len(quarter.Areas[0].Units) != 1 || quarter.Areas[0].Units[0].Bad != 11 {
			t.Errorf("%+v, %v", quarter, err)
		}
		d.integrate()
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckSealed, store.CheckDockets}}); len(found) != 0 {
			t.Errorf("%q", found)
		}
		d.exec("UPDATE public_figures SET body = REPLACE(body, '\"bad\":11', '\"bad\":10') WHERE edition = 1")
		// Both first editions and the second that rests on one: each is told of once, however many versions were sealed.
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckSealed}}); !slices.Contains(found, "sealed public_differs") || len(found) > 3 {
			t.Errorf("%q", found)
		}
	})
}
