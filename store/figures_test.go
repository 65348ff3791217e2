package store_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// count has everything that the ledger took in counted, so many leaves at a time.
func (d *desk) count(piece int) {
	d.t.Helper()
	d.integrate()
	token, ok, err := d.AcquireLease(d.t.Context(), store.LeaseFigures, "tester", time.Minute)
	d.must(err)
	for read := piece; ok && read == piece; {
		read, err = d.FollowFigures(d.t.Context(), token, piece)
		d.must(err)
	}
}

// rated saves ratings of every grade at several windows, on paper and online, in two months.
func (d *desk) rated(n int) {
	d.t.Helper()
	draw, matters := rand.New(rand.NewPCG(1, uint64(n))), append(d.matters()[:2:2], "")
	for range n {
		window := []string{policeWindow, "513322-w01"}[draw.IntN(2)]
		target, err := d.WindowTarget(d.t.Context(), window)
		d.must(err)
		in := d.bad()
		in.Rating.Place = target.Place("")
		in.Rating.Place.Rated.Matter = matters[draw.IntN(3)]
		in.Rating.Grade = regulation.Grade(1 + draw.IntN(5))
		in.Rating.Channel = []regulation.Channel{regulation.ChannelWeb, regulation.ChannelApp}[draw.IntN(2)]
		in.Rating.Dimensions = map[string]regulation.Grade{}
		for _, dimension := range regulation.Dimensions[:draw.IntN(4)] {
			in.Rating.Dimensions[dimension] = regulation.Grade(1 + draw.IntN(5))
		}
		in.Rating.GivenAt = d.Clock.Now().Add(-time.Duration(draw.IntN(40*24)) * time.Hour)
		d.save(in)
	}
}

// recounts are each cut's counts by SQL alone, from the ratings themselves.
var recounts = map[regulation.Cut][2]string{
	regulation.CutUnit: {"area", "unit_id"}, regulation.CutHall: {"hall_id", "''"}, regulation.CutWindow: {"hall_id", "window_id"},
	regulation.CutStaff: {"unit_id", "staff_id"}, regulation.CutMatter: {"matter_id", "''"}, regulation.CutUnitMatter: {"unit_id", "matter_id"},
	regulation.CutWindowMatter: {"window_id", "matter_id"}, regulation.CutWindowStaff: {"window_id", "staff_id"},
	regulation.CutMatterAll: {"matter_id", "''"}, regulation.CutWindowMatterAll: {"window_id", "matter_id"},
}

type recounted struct {
	GivenMonth, K1, K2, Channel string
	G1, G2, G3, G4, G5          int64
}

// TestFiguresAreTheRecount: counted in pieces of any size, again after a crash between them, and by the two recounts.
func TestFiguresAreTheRecount(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.rated(60)
		d.count(7)
		d.rated(40)
		d.count(500)
		all, position, err := d.RecountFigures(t.Context())
		d.must(err)
		if position == 0 || all.Len() == 0 {
			t.Fatal("nothing was counted: this proves nothing")
		}
		stored := map[regulation.Cell]regulation.Tally{}
		for _, cut := range regulation.Cuts {
			for _, dimension := range append([]string{""}, regulation.Dimensions...) {
				c, figures, err := d.Figures(t.Context(), store.FigureQuery{From: "2025-01", To: "2030-01", Cut: cut, Dimension: dimension,
					By: []store.FigureBy{store.ByMonth, store.ByFirst, store.BySecond, store.ByChannel}})
				d.must(err)
				if c.Position != position || c.Size != position {
					t.Errorf("counted at %d of %d, the recount at %d", c.Position, c.Size, position)
				}
				for _, f := range figures {
					f.Cut, f.Dimension = cut, dimension
					stored[f.Cell] = f.Tally
				}
			}
			d.recountBySQL(cut, stored)
		}
		if len(stored) != all.Len() {
			t.Errorf("%d cells, the recount has %d", len(stored), all.Len())
		}
		for cell, tally := range all.All() {
			if stored[cell] != tally {
				t.Errorf("%+v is %+v, the recount %+v", cell, stored[cell], tally)
			}
		}
	})
}

// recountBySQL holds a cut's own grades, and the marks of one dimension, against what the database makes of the ratings.
func (d *desk) recountBySQL(cut regulation.Cut, stored map[regulation.Cell]regulation.Tally) {
	d.t.Helper()
	first, second := recounts[cut][0], recounts[cut][1]
	for dimension, grade := range map[string]string{"": "grade", "attitude": "COALESCE(JSON_EXTRACT(dimensions, '$.attitude'), 0)"} {
		channel := "channel"
		switch {
		case dimension != "" && strings.Contains(string(cut), "_"):
			continue
		case cut.Sum(), dimension != "" && cut != regulation.CutUnit:
			channel = "''"
		}
		query := fmt.Sprintf("SELECT given_month, %[1]s AS k1, %[2]s AS k2, %[3]s AS channel", first, second, channel)
		for g := 1; g <= 5; g++ {
			query += fmt.Sprintf(", SUM(CASE WHEN %s = %d THEN 1 ELSE 0 END) AS g%d", grade, g, g)
		}
		query += fmt.Sprintf(" FROM ratings WHERE %s > 0", grade)
		if cut != regulation.CutUnit {
			query += fmt.Sprintf(" AND %s <> ''", first)
		}
		if second != "''" {
			query += fmt.Sprintf(" AND %s <> ''", second)
		}
		var rows []recounted
		d.must(store.Rows(d.Store, d.t.Context()).Raw(query + " GROUP BY 1, 2, 3, 4").Scan(&rows).Error)
		for _, row := range rows {
			cell := regulation.Cell{Month: row.GivenMonth, Cut: cut, First: row.K1, Second: row.K2, Channel: regulation.Channel(row.Channel), Dimension: dimension}
			if want := [5]int64{row.G1, row.G2, row.G3, row.G4, row.G5}; stored[cell].Grades != want {
				d.t.Errorf("%+v is %v, by SQL %v", cell, stored[cell].Grades, want)
			}
		}
	}
}

// TestReceivedCountsOfBefore: a record that counted ratings before received_counts was there has of them what was counted.
func TestReceivedCountsOfBefore(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.rated(30)
		d.count(500)
		d.Clock.Forward(13 * time.Hour)
		d.rated(10)
		d.count(500)
		d.rated(5) // not counted yet
		d.exec("DELETE FROM received_counts")
		text, err := os.ReadFile("migrations/0557_received_counts_of_before.sql")
		d.must(err)
		d.exec(string(text))
		if n := d.rowsOf("received_counts", "kind = 'staff'"); n == 0 {
			t.Fatal("nobody was rated: this proves nothing")
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckFigures}}); found != nil {
			t.Errorf("found %v", found)
		}
		d.count(500)
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckFigures}}); found != nil {
			t.Errorf("after the rest was counted: %v", found)
		}
	})
}

// TestCasesCountAsTheyStand: a case that was closed with all that is due, one that is under way and one whose days are over,
// counted after each of their events and, the ledger's leaves out of order, all at once.
func TestCasesCountAsTheyStand(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		closed, waiting, late := d.open(), d.open(), d.open()
		for _, kind := range mainLine {
			d.do(closed, kind, forms[kind])
			d.count(3)
		}
		d.upTo(late, regulation.ActSign)
		d.Clock.Forward(60 * 24 * time.Hour)
		for _, deadline := range d.read(late).Deadlines {
			_, err := d.RecordDeadline(t.Context(), late, deadline.ID)
			d.must(err)
		}
		d.count(500)
		month := d.Clock.Now().Add(-60 * 24 * time.Hour).Format("2006-01")
		counted, figures, err := d.CaseFigures(t.Context(), store.CaseFigureQuery{From: month, To: month, By: []string{"concluded", "overdue"},
			Where: map[string][]string{"unit_id": {d.read(waiting).Rated.Unit}}})
		d.must(err)
		size, err := d.LedgerPosition(t.Context())
		d.must(err)
		if counted.Position != size || counted.Behind() != 0 {
			t.Errorf("counted at %+v of %d", counted, size)
		}
		got := map[string]regulation.CaseTally{}
		for _, f := range figures {
			got[f.By["concluded"]+f.By["overdue"]] = f.CaseTally
		}
		one := got["10"]
		took := d.read(closed).ConcludedAt.Sub(d.read(closed).OpenedAt)
		want := regulation.CaseTally{Cases: 1, Concluded: 1, Called: 1, Replied: 1, Ordered: 1, Accepted: 1, InTime: 1, Took: regulation.Micros(took.Microseconds())}
		if one != want {
			t.Errorf("the closed one counts as %+v, want %+v", one, want)
		}
		if open := got["00"]; open.Cases != 1 || open.Ordered != 0 || open.Concluded != 0 {
			t.Errorf("the waiting one counts as %+v", open)
		}
		if over := got["01"]; over.Cases != 1 || over.Unit != 1 || over.InTime != 0 {
			t.Errorf("the late one counts as %+v", over)
		}
		if rate := one.CallbackRate(false).Percent(2); rate != "100.00" {
			t.Errorf("callback rate %s", rate)
		}
	})
}

// TestWhatNoLongerCountsIsTakenOff: a bad rating that was written off counts for nobody, one that was attributed to another
// window for that one, and what was given stays told beside it (R53).
func TestWhatNoLongerCountsIsTakenOff(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		written, moved := d.mistakenly("mistaken"), d.open()
		d.count(7)
		d.inVain(written)
		d.upTo(moved, regulation.ActSign)
		d.count(500)
		d.do(moved, regulation.ActProposeReattribution, regulation.Values{"rated_unit": {"513301-mkt"}, "reasons": {"该窗口当日由他人值守"}})
		d.do(moved, regulation.ActApproveReattribution, nil)
		d.count(500)
		month := d.Clock.Now().Format("2006-01")
		from, to := d.read(moved).Former[0], d.read(moved).Rated
		net := func(cut regulation.Cut, by ...store.FigureBy) map[string][2]int64 {
			_, figures, err := d.Figures(t.Context(), store.FigureQuery{From: month, To: month, Cut: cut, By: by})
			d.must(err)
			of := map[string][2]int64{}
			for _, f := range figures {
				of[f.Second] = [2]int64{f.Tally.Bad(), f.Net.Bad()}
			}
			return of
		}
		if got := net(regulation.CutUnit)[""]; got != [2]int64{2, 1} {
			t.Errorf("all together %v", got)
		}
		units := net(regulation.CutUnit, store.BySecond)
		if from.Unit == to.Unit || units[from.Unit] != [2]int64{2, 0} || units[to.Unit] != [2]int64{0, 1} {
			t.Errorf("%s to %s: %v", from.Unit, to.Unit, units)
		}
		if windows := net(regulation.CutWindow, store.BySecond); windows[from.Window] != [2]int64{2, 0} {
			t.Errorf("windows %v", windows)
		}
		marks, err := d.marks(month)
		d.must(err)
		if len(marks) == 0 || marks["attitude"][1] != marks["attitude"][0]/2 {
			t.Errorf("marks by dimension %v", marks)
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckFigures}}); found != nil {
			t.Errorf("found %v", found)
		}
		// A record of the release before has none of these sums.
		d.exec("DELETE FROM figure_adjustments")
		d.exec("DELETE FROM facts WHERE name = 'figure_adjustments'")
		d.must(d.Migrate(t.Context()))
		if again := net(regulation.CutUnit, store.BySecond); !maps.Equal(again, units) {
			t.Errorf("after the migration %v, not %v", again, units)
		}
	})
}

func (d *desk) marks(month string) (map[string][2]int64, error) {
	_, figures, err := d.Figures(d.t.Context(), store.FigureQuery{From: month, To: month, Cut: regulation.CutUnit, By: []store.FigureBy{store.ByDimension}})
	of := map[string][2]int64{}
	for _, f := range figures {
		of[f.Dimension] = [2]int64{f.Tally.Rated(), f.Net.Rated()}
	}
	return of, err
}

// TestAlteredFiguresAreFoundAndCountedAnew: a figure or what a case counts for, altered, removed or invented in the database,
// is found by the check, and the repair has everything counted anew, also against one who was counting meanwhile.
func TestAlteredFiguresAreFoundAndCountedAnew(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.rated(30)
		id := d.open()
		d.upTo(id, regulation.ActSign)
		d.count(50)
		check := func() []string { return d.verify(store.VerifyOptions{Only: []string{store.CheckFigures}}) }
		if found := check(); found != nil {
			t.Fatalf("found %v", found)
		}
		for statement, want := range map[string]string{
			"UPDATE figures SET g5 = g5 + 1 WHERE cut = 'hall'":                                                            "figures figure_differs",
			"DELETE FROM figures WHERE cut = 'window'":                                                                     "figures figure_differs",
			"INSERT INTO figures VALUES ('2020-01', 'unit', '513301', 'nobody', 'web', '', 0, 0, 0, 0, 7, 0)":              "figures figure_differs",
			"UPDATE received_counts SET g5 = g5 + 1 WHERE kind = 'unit'":                                                   "figures figure_differs",
			"DELETE FROM received_counts WHERE kind = 'staff'":                                                             "figures figure_differs",
			"INSERT INTO received_counts VALUES ('staff', 'nobody', 0, 0, 0, 0, 0, 0)":                                     "figures figure_differs",
			"UPDATE case_figures SET written_off = 1":                                                                      "figures case_figure_differs",
			"UPDATE case_figures SET case_id = CONCAT('-', SUBSTR(case_id, 2))":                                            "figures case_figure_differs",
			"DELETE FROM case_figures":                                                                                     "figures case_figure_differs",
			"INSERT INTO figure_adjustments VALUES ('2026-03', 'unit', '513301', '513301-psb', 'web', '', -1, 0, 0, 0, 0)": "figures case_sum_differs",
			"INSERT INTO figure_adjustments VALUES ('2026-03', 'unit', '513301', '513301-psb', 'web', '', 0, 0, 0, 0, 0)":  "figures case_sum_differs",
			"UPDATE case_tallies SET overdue = overdue + 1 WHERE cut = 'cause'":                                            "figures case_sum_differs",
			"DELETE FROM case_tallies WHERE cut = 'matter'":                                                                "figures case_sum_differs",
		} {
			d.exec(statement)
			if found := check(); !slices.Contains(found, want) {
				t.Errorf("%s: found %v", statement, found)
			}
			mended, err := d.Repair(t.Context(), store.CheckFigures, "", "tester")
			d.must(err)
			if len(mended) == 0 {
				t.Errorf("%s: nothing mended", statement)
			}
			d.count(500)
			if found := check(); found != nil {
				t.Errorf("%s, after the repair: %v", statement, found)
			}
		}
	})
}

// Whose matters are is asked of those concerned alone, however many, and one that is not known is nobody's (7(1)).
func TestUnitsOfMattersAreThoseAskedFor(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		all, err := d.AllMatters(t.Context())
		d.must(err)
		ids := []string{"unknown"}
		for _, m := range all[1:] {
			ids = append(ids, m.ID)
		}
		for len(ids) < 1000 { // more than one statement has
			ids = append(ids, "unknown-"+strconv.Itoa(len(ids)))
		}
		slices.Reverse(ids)
		units, err := d.UnitsOfMatters(t.Context(), ids...)
		d.must(err)
		for i, m := range all {
			if unit, known := units[m.ID]; known != (i > 0) || known && unit != m.UnitID {
				t.Errorf("%s is of %q, not %s", m.ID, unit, m.UnitID)
			}
		}
		if len(units) != len(all)-1 {
			t.Errorf("%d units of %d matters", len(units), len(all)-1)
		}
	})
}
