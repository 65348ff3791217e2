package regulation

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// toldUnit is a unit in a county's quarter: its bad ratings and those confirmed, among many good ones.
type toldUnit struct{ bad, confirmed int64 }

// toldWorld is a quarter by unit with what became of its confirmed cases; the county's office has one bad rating.
type toldWorld struct {
	units                      []toldUnit
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
	bad := int64(1)
	line := func(key string, bad, rated int64) SealedLine {
		return SealedLine{Key: key, Under: "c", Net: Tally{Grades: [5]int64{bad, 0, 0, 0, rated - bad}}}
	}
	for i, u := range w.units {
		f.Figures.Units = append(f.Figures.Units, line(fmt.Sprint("u", i), u.bad, toldRated))
		bad += u.bad
	}
	f.Figures.Units = append(f.Figures.Units, line(officeUnit, 1, 40))
	all := line("c", bad, int64(len(w.units))*toldRated+40)
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
		open := w.bulletin().Public(BulletinBeside{Fewest: FewestRatings, Figures: figures[i : i+1], Before: before, Offices: map[string]string{"c": officeUnit}})
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
	figures := make([]PublicTable, len(worlds))
	byFigures := map[string][]int{}
	for i, w := range worlds {
		figures[i], _ = PublishFigures(PublicRule{Few: FewestShown, Band: 2 * FewestShown, Fewest: FewestRatings, Alone: true}, w.sealed(), nil, nil, nil)
		key := printedTold(figures[i], PublicBulletin{})
		byFigures[key] = append(byFigures[key], i)
	}
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

// toldWorlds are units with some numbers of bad ratings each, of which any may be confirmed.
func toldWorlds(bad ...[]int64) (worlds []toldWorld) {
	var fill func(units []toldUnit)
	fill = func(units []toldUnit) {
		if len(units) == len(bad) {
			worlds = append(worlds, toldWorld{units: slices.Clone(units)})
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
	for confirmed := range int64(17) {
		for rectified := range confirmed + 1 {
			for inTime := range rectified + 1 {
				for overdue := range confirmed - rectified + 1 {
					outcomes = append(outcomes, toldWorld{[]toldUnit{{16, confirmed}}, rectified, inTime, overdue})
				}
			}
		}
	}
	few := []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	for name, c := range map[string]struct {
		worlds []toldWorld
		again  bool
	}{
		"one unit":            {toldWorlds(append(few, 10, 11, 13, 17, 22)), true},
		"two units":           {toldWorlds([]int64{10, 15}, []int64{12}), true},
		"one of two has few":  {toldWorlds([]int64{18}, few), false},
		"what became of them": {outcomes, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Logf("%d groups of %d worlds", readBulletins(t, c.worlds, c.again), len(c.worlds))
		})
	}
}
