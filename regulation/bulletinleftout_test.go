package regulation

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// toldUnit is a unit in a county's quarter: its bad ratings and those confirmed, among many good ones.
type toldUnit struct{ bad, confirmed int64 }

// toldWorld is a quarter by unit with what became of its confirmed cases; office are the bad ratings of the county's own office.
type toldWorld struct {
	units                      []toldUnit
	office                     int64
	rectified, inTime, overdue int64
}

const toldRated = 100

func (w toldWorld) bulletin() Bulletin {
	b := Bulletin{Area: "c", Period: "2026-Q1", Total: BulletinLine{Rectified: w.rectified, InTime: w.inTime, Overdue: w.overdue}}
	for i, u := range w.units {
		b.Units = append(b.Units, BulletinLine{Key: fmt.Sprint("u", i), Rated: toldRated, Bad: u.bad, Confirmed: u.confirmed})
		b.Total.Confirmed += u.confirmed
	}
	return b
}

func (w toldWorld) sealed() Sealed {
	f := Sealed{Period: "2026-Q1", Version: 1}
	bad := w.office
	line := func(key string, bad, rated int64) SealedLine {
		return SealedLine{Key: key, Under: "c", Net: Tally{Grades: [5]int64{bad, 0, 0, 0, rated - bad}}}
	}
	for i, u := range w.units {
		f.Figures.Units = append(f.Figures.Units, line(fmt.Sprint("u", i), u.bad, toldRated))
		bad += u.bad
	}
	f.Figures.Units = append(f.Figures.Units, line(officeUnit, w.office, 80))
	all := line("c", bad, int64(len(w.units))*toldRated+80)
	f.Figures.Counties = []SealedLine{{Key: "c", Net: all.Net}}
	return f
}

// counted are the counts that nobody may learn to be few: of each unit and of all those confirmed and not, and what became of them.
func (w toldWorld) counted() (counts []int64) {
	var all toldUnit
	for _, u := range w.units {
		counts = append(counts, u.confirmed, u.bad-u.confirmed)
		all = toldUnit{all.bad + u.bad, all.confirmed + u.confirmed}
	}
	return append(counts, all.confirmed, all.bad-all.confirmed, w.rectified, all.confirmed-w.rectified, w.inTime, w.rectified-w.inTime, w.overdue, all.confirmed-w.rectified-w.overdue)
}

// readTold issues the bulletins of all worlds beside their figures and puts those together of which the same is printed.
func readTold(worlds []toldWorld, figures []PublicTable, before *PublicBulletin) map[string]*toldGroup {
	groups := map[string]*toldGroup{}
	for i, w := range worlds {
		open := w.bulletin().Public(BulletinBeside{Figures: figures[i : i+1], Before: before, Offices: map[string]string{"c": officeUnit}})
		key := printedTold(figures[i], open)
		g := groups[key]
		if g == nil {
			g = &toldGroup{open: open, some: w, figures: figures[i]}
			groups[key] = g
		}
		g.take(w.counted())
	}
	return groups
}

type toldGroup struct {
	alikeWorlds
	open    PublicBulletin
	some    toldWorld
	figures PublicTable
}

func printedTold(figures PublicTable, open PublicBulletin) string {
	text, _ := json.Marshal([]any{figures.Areas, open})
	return string(text)
}

// readBulletins issues bulletins of all worlds and, where again, a correction of each by every world with the same figures.
func readBulletins(t *testing.T, worlds []toldWorld, again bool) (groups int) {
	t.Helper()
	var figures []PublicTable
	byFigures := map[string][]int{}
	worlds = slices.DeleteFunc(worlds, func(w toldWorld) bool {
		table, _ := PublishFigures(PublicRule{Few: FewestShown, Band: 2 * FewestShown, Alone: true}, w.sealed(), nil, nil, nil)
		if table.Areas[0].Units == nil {
			return true // then nothing is told of units, and these are not all worlds that fit
		}
		key := printedTold(table, PublicBulletin{})
		byFigures[key] = append(byFigures[key], len(figures))
		figures = append(figures, table)
		return false
	})
	first := readTold(worlds, figures, nil)
	for _, g := range first {
		if i := g.tellsFew(FewestShown); i >= 0 {
			t.Fatalf("count %d is told to be few, of such as %+v: %s", i, g.some, printedTold(g.figures, g.open))
		}
	}
	for _, was := range first {
		if !again {
			break
		}
		var then []toldWorld
		var beside []PublicTable
		for _, i := range byFigures[printedTold(was.figures, PublicBulletin{})] {
			then, beside = append(then, worlds[i]), append(beside, figures[i])
		}
		for _, g := range readTold(then, beside, &was.open) {
			groups++
			if i := g.tellsFew(FewestShown); i >= 0 {
				t.Fatalf("count %d is told to be few, of such as %+v after %s: %s", i, g.some, printedTold(was.figures, was.open), printedTold(g.figures, g.open))
			}
			if i := g.movesByFew(&was.alikeWorlds, FewestShown); i >= 0 {
				t.Fatalf("count %d is told to have changed by few, of such as %+v after %s: %s", i, g.some, printedTold(was.figures, was.open), printedTold(g.figures, g.open))
			}
		}
	}
	return groups + len(first)
}

// toldWorlds are units with some numbers of bad ratings each, of which any may be confirmed; the office may have each of some numbers.
func toldWorlds(offices []int64, bad ...[]int64) (worlds []toldWorld) {
	var fill func(units []toldUnit)
	fill = func(units []toldUnit) {
		if len(units) == len(bad) {
			for _, office := range offices {
				worlds = append(worlds, toldWorld{units: slices.Clone(units), office: office})
			}
			return
		}
		for _, n := range bad[len(units)] {
			for confirmed := range n + 1 {
				fill(append(units, toldUnit{n, confirmed}))
			}
		}
	}
	fill(nil)
	return worlds
}

// R04, R42: what a bulletin withholds beside the figures, and what its correction leaves as it was, tells of no few either.
func TestWhatABulletinWithholdsTellsOfNobody(t *testing.T) {
	var outcomes []toldWorld
	for confirmed := range int64(36) {
		for rectified := range confirmed + 1 {
			for inTime := range rectified + 1 {
				for overdue := range confirmed - rectified + 1 {
					if confirmed < 12 || confirmed%5 == 0 {
						outcomes = append(outcomes, toldWorld{[]toldUnit{{50, confirmed}}, 12, rectified, inTime, overdue})
					}
				}
			}
		}
	}
	few, many := []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, []int64{12}
	for name, c := range map[string]struct {
		worlds []toldWorld
		again  bool
		least  int
	}{
		"one unit":             {toldWorlds(many, []int64{12, 17, 22, 28, 36}), true, 40},
		"two units":            {toldWorlds(many, []int64{30, 34}, []int64{24}), true, 1000},
		"one of two has few":   {toldWorlds(few, []int64{38}, few), false, 100},
		"two and one of them":  {toldWorlds(many, []int64{26}, []int64{22}, []int64{21}), false, 100},
		"two and one with few": {toldWorlds(many, []int64{36}, []int64{22}, few), false, 20},
		"what became of them":  {outcomes, false, 100},
	} {
		t.Run(name, func(t *testing.T) {
			if groups := readBulletins(t, c.worlds, c.again); groups < c.least {
				t.Errorf("only %d bulletins of %d worlds: this proves nothing", groups, len(c.worlds))
			} else {
				t.Logf("%d bulletins of %d worlds", groups, len(c.worlds))
			}
		})
	}
}

// R04, R21, R42: whom a bulletin names tells of nobody beside figures that list no department: that all are left out is then not told to be
// since one of them has few.
func TestWhomABulletinNamesTellsOfNobody(t *testing.T) {
	for name, c := range map[string]struct {
		units  []string
		worlds []leftWorld
	}{
		"two departments":   {[]string{"a", "b"}, worldsOf(2, 0, 14)},
		"three departments": {[]string{"a", "b", "d"}, worldsOf(3, 0, 16)},
	} {
		t.Run(name, func(t *testing.T) {
			var cells []leftCell
			for _, unit := range c.units {
				cells = append(cells, leftCell{unit, ""})
			}
			groups := map[string]*alikeWorlds{}
			named := 0
			for _, w := range c.worlds {
				sealed := w.sealed(cells)
				table, _ := PublishFigures(smallAlone, sealed, nil, nil, nil)
				f := sealed
				f.Area = "c"
				open := MakeBulletin(f, nil, int(smallAlone.Few), BulletinRule, func(string, string) bool { return true }).Public(BulletinBeside{Figures: []PublicTable{table}})
				named = max(named, len(open.Units))
				a := table.Area("c")
				key := printed(a, w) + printedTold(PublicTable{}, open)
				g := groups[key]
				if g == nil {
					g = &alikeWorlds{table: table, some: w}
					groups[key] = g
				}
				g.take(w.counted(cells, a))
			}
			for _, g := range groups {
				if i := g.tellsFew(smallAlone.Few); i >= 0 {
					t.Fatalf("count %d is told to be few, of such as %+v: %+v", i, g.some, g.table.Areas)
				}
			}
			if named < 2 {
				t.Errorf("only %d are named: this proves nothing", named)
			}
		})
	}
}
