package store_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"haochaping/regulation"
	"haochaping/store"
)

// TestSumsOfCasesAreTheCases: whatever cases are told by and narrowed to, kept sums and sums over the cases themselves are the
// same, also after a case was attributed to others, written off or closed.
func TestSumsOfCasesAreTheCases(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		closed, moved, written := d.open(), d.open(), d.openOf(d.matters()[0])
		d.mistaken(written, "mistaken")
		d.ofAnotherUnit()
		d.count(3)
		for _, kind := range mainLine {
			d.do(closed, kind, forms[kind])
			d.count(3)
		}
		d.upTo(moved, regulation.ActSign)
		d.count(500)
		d.do(moved, regulation.ActProposeReattribution, regulation.Values{"rated_unit": {"513301-mkt"}, "reasons": {"该窗口当日由他人值守"}})
		d.do(moved, regulation.ActApproveReattribution, nil)
		d.inVain(written)
		d.count(500)
		unit := d.read(closed).Rated.Unit
		for _, columns := range [][]string{nil, {"area"}, {"unit_id"}, {"hall_id"}, {"hall_id", "window_id"}, {"window_id"}, {"staff_id"}, {"matter_id"}, {"cause"}, {"link"}, {"attribution"},
			{"given_month"}, {"channel", "area", "unit_id"}, {"cause", "link"}, {"unit_id", "matter_id"}, {"area", "cause"}} {
			d.summed(columns, "1 = 1", store.CaseFigureQuery{})
			d.summed(columns, fmt.Sprintf("unit_id <> '%s'", unit), store.CaseFigureQuery{Except: []string{unit}})
			d.summed(columns, fmt.Sprintf("window_id <> '%s'", policeWindow), store.CaseFigureQuery{ExceptWindows: []string{policeWindow}})
			for _, narrowed := range []string{"", "given_month", "area", "channel", "cause"} { // windows are left out with the unit that has them
				q, also := store.CaseFigureQuery{Except: []string{unit}, ExceptWindows: []string{policeWindow}}, ""
				if narrowed != "" {
					value := map[string]string{"given_month": d.Clock.Now().Format("2006-01"), "area": "513301", "channel": "web"}[narrowed]
					q.Where, also = map[string][]string{narrowed: {value}}, fmt.Sprintf(" AND %s = '%s'", narrowed, value)
				}
				d.summed(columns, fmt.Sprintf("window_id <> '%s' AND unit_id <> '%s'", policeWindow, unit)+also, q)
			}
			d.summed(columns, fmt.Sprintf("unit_id = '%s'", unit), store.CaseFigureQuery{Where: map[string][]string{"unit_id": {unit}}})
			d.summed(columns, "channel = 'web' AND cause = ''", store.CaseFigureQuery{Where: map[string][]string{"channel": {"web"}, "cause": {""}}})
		}
		for _, where := range []map[string][]string{nil, {"area": {"513301"}}, {"unit_id": {unit}}, {"window_id": {d.read(closed).Rated.Window}}} {
			d.eachIsByItself(store.CaseFigureQuery{Where: where})
			d.eachIsByItself(store.CaseFigureQuery{Where: where, Except: []string{unit}})
			d.eachIsByItself(store.CaseFigureQuery{Where: where, Except: []string{"513301-mkt"}})
			d.eachIsByItself(store.CaseFigureQuery{Where: where, ExceptWindows: []string{policeWindow}})
			d.eachIsByItself(store.CaseFigureQuery{Where: where, Except: []string{unit}, ExceptWindows: []string{policeWindow}})
		}
		if served := d.rowsOf("case_tallies", "cut = 'served' AND k1 = '"+policeWindow+"' AND k2 = '513301/                /513301-mkt'"); served != 1 || d.rowsOf("case_tallies", "cut = 'served'") != 1 {
			t.Errorf("%d sums of what the unit's window served for the other, want 1 and no more", served)
		}
		d.summedByMigration()
		d.overAllChannels(regulation.CutMatter, regulation.CutMatterAll, "0580_figures_of_matters.sql", "0581_adjustments_of_matters.sql")
		d.overAllChannels(regulation.CutWindowMatter, regulation.CutWindowMatterAll, "0593_figures_of_windows_matters.sql", "0594_adjustments_of_windows_matters.sql")
	})
}

// matters are ids of those of a unit.
func (d *desk) matters() (ids []string) {
	d.t.Helper()
	matters, err := d.Matters(d.t.Context(), "513301-psb")
	d.must(err)
	for _, m := range matters {
		ids = append(ids, m.ID)
	}
	return ids
}

// openOf opens a case of a matter.
func (d *desk) openOf(matter string) string {
	d.t.Helper()
	in := d.bad()
	in.Rating.Place.Rated.Matter = matter
	return d.save(in).CaseID
}

// overAllChannels holds a cut's kept sums over all channels against those by channel, as counted and as the migrations make them.
func (d *desk) overAllChannels(cut, sums regulation.Cut, migrations ...string) {
	d.t.Helper()
	ask := func(by ...store.FigureBy) map[string][2]regulation.Tally {
		_, figures, err := d.Figures(d.t.Context(), store.FigureQuery{From: "2025-01", To: "2030-01", Cut: cut, By: append(by, store.ByFirst, store.BySecond)})
		d.must(err)
		sums := map[string][2]regulation.Tally{}
		for _, f := range figures {
			key := f.First + "/" + f.Second
			sums[key] = [2]regulation.Tally{sums[key][0].Plus(f.Tally), sums[key][1].Plus(f.Net)}
		}
		return sums
	}
	counted := ask()
	if by := ask(store.ByChannel); len(by) == 0 || !reflect.DeepEqual(counted, by) {
		d.t.Errorf("by %s %v, over the channels %v", cut, counted, by)
	}
	of := fmt.Sprintf("cut = '%s'", sums)
	adjusted := d.rowsOf("figure_adjustments", of)
	d.exec("DELETE FROM figures WHERE " + of)
	d.exec("DELETE FROM figure_adjustments WHERE " + of)
	if len(ask()) != 0 || adjusted == 0 {
		d.t.Fatal("nothing was deleted: this proves nothing")
	}
	for _, file := range migrations {
		d.migrateBy(file)
	}
	if made := ask(); !reflect.DeepEqual(counted, made) {
		d.t.Errorf("made by the migrations: %v, counted %v", made, counted)
	}
	if found := d.verify(store.VerifyOptions{Only: []string{store.CheckFigures}}); found != nil {
		d.t.Errorf("made by the migrations: %v", found)
	}
}

// eachIsByItself holds what is told by each of some columns at once against what is told by one alone.
func (d *desk) eachIsByItself(q store.CaseFigureQuery) {
	d.t.Helper()
	q.From, q.To = d.Clock.Now().AddDate(0, -2, 0).Format("2006-01"), d.Clock.Now().Format("2006-01")
	each, err := d.CaseFiguresEach(d.t.Context(), q, "cause", "link", "attribution")
	d.must(err)
	for _, column := range []string{"cause", "link", "attribution"} {
		q.By = []string{column}
		_, alone, err := d.CaseFigures(d.t.Context(), q)
		d.must(err)
		if !reflect.DeepEqual(each[column], alone) {
			d.t.Errorf("%s of %v without %v: %v, by itself %v", column, q.Where, q.Except, each[column], alone)
		}
	}
}

// ofAnotherUnit opens a case of another unit's matter at the window.
func (d *desk) ofAnotherUnit() string {
	d.t.Helper()
	in := d.bad()
	in.Rating.Place.Rated.Unit, in.Rating.Place.Rated.Matter, in.Rating.Place.Rated.Staff = "513301-mkt", "513301-mkt-m01", ""
	return d.save(in).CaseID
}

// A unit's cases are found by the unit, whatever they are summed by: a busy month has some thousand times as many.
func TestCasesOfAUnitAreReadByTheUnit(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for by, where := range map[string]string{"window_id": "unit_id", "matter_id": "unit_id", "unit_id": "window_id", "cause": "matter_id"} {
			q := store.CaseFigureQuery{From: "2026-03", To: "2026-03", By: []string{by}, Where: map[string][]string{where: {"some"}}}
			index := map[string]string{"unit_id": "case_figures_by_staff", "window_id": "case_figures_by_window", "matter_id": "case_figures_by_matter"}[where]
			if plan := d.plan(store.CasesOf(d.Store, t.Context(), q)); !strings.Contains(plan, index) {
				t.Errorf("by %s: %s", by, plan)
			}
		}
		q := store.CaseFigureQuery{From: "2026-02", To: "2026-03", By: []string{"cause"}, Where: map[string][]string{"window_id": {"some"}, "area": {"513301"}}, Except: []string{"own"}}
		if plan := d.plan(store.CasesOf(d.Store, t.Context(), q)); !strings.Contains(plan, "case_figures_by_window") {
			t.Errorf("of a window in an area: %s", plan)
		}
	})
}

// summed holds what the store tells by some columns against what the database makes of the cases.
func (d *desk) summed(columns []string, where string, q store.CaseFigureQuery) {
	d.t.Helper()
	q.From, q.To, q.By = d.Clock.Now().AddDate(0, -2, 0).Format("2006-01"), d.Clock.Now().Format("2006-01"), columns
	_, figures, err := d.CaseFigures(d.t.Context(), q)
	d.must(err)
	var told []string
	for _, f := range figures {
		var keys []string
		for _, column := range columns {
			keys = append(keys, f.By[column])
		}
		told = append(told, fmt.Sprint(strings.Join(keys, "/"), " ", f.Cases, f.WrittenOff, f.Concluded, f.Called, f.Replied, f.Ordered, f.Accepted, f.InTime, f.Delayed,
			f.Took))
	}
	by := strings.Join(append([]string{"'-'"}, columns...), ", ")
	rows, err := store.Rows(d.Store, d.t.Context()).Raw("SELECT CONCAT_WS('/', " + by + `), COUNT(*), SUM(written_off), SUM(CASE WHEN written_off = 0 THEN concluded ELSE 0 END),
		SUM(CASE WHEN written_off = 0 AND concluded = 1 THEN called ELSE 0 END), SUM(CASE WHEN written_off = 0 AND concluded = 1 THEN replied ELSE 0 END),
		SUM(CASE WHEN written_off = 0 THEN ordered ELSE 0 END), SUM(CASE WHEN written_off = 0 THEN accepted ELSE 0 END), SUM(CASE WHEN written_off = 0 THEN in_time ELSE 0 END),
		COUNT(CASE WHEN written_off = 0 AND delays > 0 THEN 1 END), SUM(CASE WHEN written_off = 0 THEN took ELSE 0 END)
		FROM case_figures WHERE ` + where + " GROUP BY 1").Rows()
	d.must(err)
	defer rows.Close()
	var want []string
	for rows.Next() {
		var key string
		var n [10]int64
		d.must(rows.Scan(&key, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7], &n[8], &n[9]))
		want = append(want, fmt.Sprint(strings.TrimPrefix(strings.TrimPrefix(key, "-"), "/"), " ", n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9]))
	}
	d.must(rows.Err())
	slices.Sort(told)
	slices.Sort(want)
	if !slices.Equal(told, want) {
		d.t.Errorf("by %v where %s: told %v, the cases are %v", columns, where, told, want)
	}
}

// summedByMigration has the migrations sum up what was counted before there were sums.
func (d *desk) summedByMigration() {
	d.t.Helper()
	d.exec("DELETE FROM case_tallies")
	for _, file := range []string{"0488_case_tallies_of_before.sql", "0582_case_tallies_of_matters.sql", "0592_case_tallies_served_of_before.sql"} {
		d.migrateBy(file)
	}
	if found := d.verify(store.VerifyOptions{Only: []string{store.CheckFigures}}); found != nil {
		d.t.Errorf("summed up by the migration: %v", found)
	}
}

// migrateBy runs one migration of content again.
func (d *desk) migrateBy(file string) {
	d.t.Helper()
	text, err := os.ReadFile("migrations/" + file)
	d.must(err)
	d.exec(strings.TrimSuffix(strings.TrimSpace(string(text)), ";"))
}
