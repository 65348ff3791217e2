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

// seal counts everything and has what is due sealed; a node that holds the lease does it.
func (d *desk) seal() int {
	d.t.Helper()
	d.count(500)
	token, ok, err := d.AcquireLease(d.t.Context(), store.LeaseSealing, "tester", time.Minute)
	d.must(err)
	if !ok {
		d.t.Fatal("the lease is held")
	}
	versions, err := d.SealFigures(d.t.Context(), token)
	d.must(err)
	return versions
}

// nextMonth goes to the third of the next month.
func (d *desk) nextMonth() {
	d.t.Helper()
	now := d.Clock.Now().In(workday.Shanghai)
	third := workday.NewDate(now.Year(), now.Month(), 3).Start().AddDate(0, 1, 0)
	d.Clock.Forward(third.Sub(d.Clock.Now()))
}

// A month that is over is sealed for every authority, once; a late rating and a write-off make versions of their own with the
// reason, the earlier ones stay as they were, and the quarter follows (7(1), 9(2), R20, R51).
func TestMonthsAreSealedAndNeverChange(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		month, _ := regulation.ParsePeriod(regulation.MonthOf(workday.DateOf(d.Clock.Now())))
		read := func(version int64) regulation.Sealed {
			t.Helper()
			f, err := d.Sealed(t.Context(), "513301", month.String(), version)
			d.must(err)
			return f
		}
		good := d.bad()
		good.Rating.Grade = regulation.VerySatisfied
		early := d.save(good).RatingID
		in := func(rating string) int64 {
			t.Helper()
			standing, err := d.StandingOf(t.Context(), rating)
			d.must(err)
			return standing.Sealed.Version
		}
		id := d.mistakenly("mistaken")
		if n := d.seal(); n != 0 {
			t.Errorf("%d versions of a month that is not over", n)
		}
		given := d.Clock.Now()
		d.nextMonth()
		if n := d.seal(); n != 19 {
			t.Fatalf("%d versions, one for each county and the prefecture", n)
		}
		first := read(1)
		if got := first.Figures.Total; got.Given.Rated() != 2 || got.Net.Bad() != 1 || got.Cases.Cases != 1 || first.Reasons[0].Code != regulation.SealPeriodOver || first.Position == 0 {
			t.Errorf("the first version: %+v", first)
		}
		for name, lines := range map[string][]regulation.SealedLine{"units": first.Figures.Units, "windows": first.Figures.Windows, "channels": first.Figures.Channels} {
			if len(lines) != 1 || lines[0].Given.Rated() != 2 {
				t.Errorf("%s: %+v", name, lines)
			}
		}
		whole, err := d.Sealed(t.Context(), regulation.PrefectureArea, month.String(), 0)
		d.must(err)
		if len(whole.Figures.Counties) != 1 || whole.Figures.Total.Given != first.Figures.Total.Given || len(whole.Figures.Windows) != 0 {
			t.Errorf("of the prefecture: %+v", whole.Figures)
		}
		if n := d.seal(); n != 0 {
			t.Errorf("%d versions on the same day", n)
		}
		late := d.bad()
		late.Rating.GivenAt = given
		came := d.save(late).RatingID
		if d.integrate(); in(early) != 1 || in(came) != 0 {
			t.Errorf("the first is in version %d, the late one in %d", in(early), in(came))
		}
		d.inVain(id)
		d.Clock.Forward(24 * time.Hour)
		if n := d.seal(); n != 2 { // the county's and the prefecture's
			t.Errorf("%d versions after a late rating and a write-off", n)
		}
		if in(early) != 1 || in(came) != 2 {
			t.Errorf("the first is in version %d, the late one in %d", in(early), in(came))
		}
		second := read(2)
		want := []regulation.SealReason{{Code: regulation.SealLateRatings, Count: 1}, {Code: regulation.SealWrittenOff, Count: 1}}
		if !slices.Equal(second.Reasons, want) || second.Figures.Total.Given.Bad() != 2 || second.Figures.Total.Net.Bad() != 1 || second.Position <= first.Position {
			t.Errorf("the second version: %+v", second)
		}
		if again := read(1); again.Figures.Total.Given != first.Figures.Total.Given || again.Position != first.Position {
			t.Errorf("the first version reads otherwise now: %+v", again)
		}
		d.Clock.Forward(24 * time.Hour)
		if n := d.seal(); n != 0 {
			t.Errorf("%d versions though nothing changed", n)
		}
		for range 4 { // nothing ran for months: all of them are made up for, and the quarters
			d.nextMonth()
		}
		d.seal()
		seals, err := d.Seals(t.Context(), []string{"513301"})
		d.must(err)
		quarter, err := d.Sealed(t.Context(), "513301", month.Quarter().String(), 0)
		d.must(err)
		if len(seals) < 5 || quarter.Figures.Total.Given != second.Figures.Total.Given {
			t.Errorf("%d versions; the quarter %+v", len(seals), quarter.Figures.Total)
		}
		d.integrate()
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckLeaves, store.CheckLedger, store.CheckFigures, store.CheckSealed}}); found != nil {
			t.Errorf("found %v", found)
		}
	})
}

// A sealed version that was altered in the database, one that is gone, and one that never was what the ledger's ratings come to,
// are found.
func TestAlteredSealsAreFound(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.rated(20)
		d.open()
		d.nextMonth()
		if d.seal() == 0 {
			t.Fatal("nothing was sealed: this proves nothing")
		}
		d.integrate()
		check := func() []string {
			return d.verify(store.VerifyOptions{Only: []string{store.CheckLeaves, store.CheckLedger, store.CheckSealed}})
		}
		if found := check(); found != nil {
			t.Fatalf("found %v", found)
		}
		d.exec("UPDATE seals SET body = REPLACE(body, '\"not_rated\":0', '\"not_rated\":1') WHERE area = '513301'") // its total
		if found := strings.Join(check(), ", "); !strings.Contains(found, "leaves altered") || !strings.Contains(found, "sealed sealed_differs") {
			t.Errorf("found %v", found)
		}
		d.falsified()
		d.exec("UPDATE seals SET position = position + 1 WHERE area = '513322'")
		if found := check(); !slices.Contains(found, "sealed sealed_unreadable") {
			t.Errorf("found %v", found)
		}
		d.exec("DELETE FROM seals WHERE area = '513301'")
		if found := check(); !slices.Contains(found, "ledger row_gone") {
			t.Errorf("found %v", found)
		}
	})
}

// falsified alters one thing after another in a sealed version, each of which the check names.
func (d *desk) falsified() {
	d.t.Helper()
	var body []byte
	d.must(store.Rows(d.Store, d.t.Context()).Raw("SELECT body FROM seals WHERE area = '513300' ORDER BY period LIMIT 1").Row().Scan(&body))
	for want, alter := range map[string]func(f *regulation.SealedFigures){
		"units/":      func(f *regulation.SealedFigures) { f.Units[0].Net.Grades[4]++ },
		"channels/":   func(f *regulation.SealedFigures) { f.Channels = f.Channels[1:] },
		"dimensions/": func(f *regulation.SealedFigures) { f.Dimensions[0].Given.Grades[0]++ },
		"counties/": func(f *regulation.SealedFigures) {
			f.Counties = append(f.Counties, regulation.SealedLine{Key: "513399"})
		},
		"halls/": func(f *regulation.SealedFigures) { f.Halls[0].Cases = &regulation.CaseTally{Cases: 9} },
		"adjusted": func(f *regulation.SealedFigures) {
			f.Adjusted = append(f.Adjusted, regulation.SealedAdjustment{Case: "c"})
		},
	} {
		var f regulation.Sealed
		d.must(json.Unmarshal(body, &f))
		alter(&f.Figures)
		put := func(body []byte) {
			d.exec(fmt.Sprintf("UPDATE seals SET body = X'%x' WHERE area = '%s' AND period = '%s'", body, f.Area, f.Period))
		}
		altered, err := json.Marshal(f)
		d.must(err)
		put(altered)
		var about []string
		_, err = d.Verify(d.t.Context(), store.VerifyOptions{Only: []string{store.CheckSealed}, Found: func(found store.Finding) error {
			if found.Area == f.Area {
				about = append(about, found.About...)
			}
			return nil
		}})
		d.must(err)
		if !slices.ContainsFunc(about, func(line string) bool { return strings.HasPrefix(line, want) }) {
			d.t.Errorf("%s altered: the check names %v", want, about)
		}
		put(body)
	}
}

// What lies between offices is sealed by window, unit and matter: of the window's authority, of the matter's, which alone is told the matter, and of the
// prefecture; as given, as it counts, with its cases and what was confirmed. A recount comes to the same, and a version of before has none (2, R21).
func TestWhatLiesBetweenOfficesIsSealed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		matters, err := d.AllMatters(t.Context())
		d.must(err)
		between := func(unit string, grade regulation.Grade) string {
			in := d.bad()
			in.Rating.Grade = grade
			in.Rating.Place.Rated.Unit = unit
			in.Rating.Place.Rated.Matter = ofUnit(matters, unit)
			in.Rating.Place.Area = unit[:6]
			return d.save(in).CaseID
		}
		between("513301-tax", regulation.VerySatisfied)
		between("513322-psb", regulation.Satisfied)
		confirmed := between("513301-tax", regulation.VeryDissatisfied)
		d.upTo(confirmed, regulation.ActRecordFinding)
		finding := maps.Clone(forms[regulation.ActRecordFinding])
		finding["attribution"] = []string{"unit"}
		d.do(confirmed, regulation.ActRecordFinding, finding)
		d.open()
		month := regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		d.nextMonth()
		d.seal()
		hall := "513301-hall/" + policeWindow
		for area, want := range map[string][]string{
			"513301":                  {hall + " 513301-tax/" + ofUnit(matters, "513301-tax") + " 2 2 1 1", hall + " 513322-psb/ 1 1 0 0"},
			"513322":                  {hall + " 513322-psb/" + ofUnit(matters, "513322-psb") + " 1 1 0 0"},
			regulation.PrefectureArea: {hall + " 513301-tax/ 2 2 1 1", hall + " 513322-psb/ 1 1 0 0"},
			"513323":                  nil,
		} {
			f, err := d.Sealed(t.Context(), area, month, 0)
			d.must(err)
			var got []string
			for _, line := range f.Figures.Served {
				cases := int64(0)
				if line.Cases != nil {
					cases = line.Cases.Cases
				}
				got = append(got, fmt.Sprint(line.Under, " ", line.Key, " ", line.Given.Rated(), " ", line.Net.Rated(), " ", cases, " ", line.Confirmed))
			}
			if !f.ByOffice || !slices.Equal(got, want) {
				t.Errorf("of %s: %q, want %q", area, got, want)
			}
		}
		d.integrate()
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckSealed}}); found != nil {
			t.Errorf("found %v", found)
		}
	})
}

func ofUnit(matters []store.Matter, unit string) string {
	return matters[slices.IndexFunc(matters, func(m store.Matter) bool { return m.UnitID == unit })].ID
}
