package regulation

import (
	"fmt"
	"slices"
	"testing"
)

// The reader of these tests knows the code, which is published: from what is left out, and from what stands as it was, he concludes
// what else would have been printed. So all worlds of a small scale are published, and those of which the same is printed are what he
// has to tell apart. smallAlone is the scale; as with five, ten and thirty no place that is listed has few good and few bad ratings.
var smallAlone = PublicRule{Few: 2, Band: 4, Fewest: 7, Alone: true}

// leftCell is a department at a hall, "" for none.
type leftCell struct{ unit, hall string }

// leftWorld is a county's quarter: how each cell was rated, and what became of its bad ratings.
type leftWorld struct {
	rated                      []goodBad
	concluded, called, replied int64
}

func (w leftWorld) sealed(cells []leftCell) Sealed {
	f := Sealed{Period: "2026-Q1", Version: 1, Formula: 1}
	units := map[string]int{}
	var all Tally
	for i, c := range cells {
		net := w.rated[i].tally()
		at, there := units[c.unit]
		if !there {
			at = len(f.Figures.Units)
			units[c.unit] = at
			f.Figures.Units = append(f.Figures.Units, SealedLine{Key: c.unit, Under: "c"})
		}
		f.Figures.Units[at].Net = f.Figures.Units[at].Net.Plus(net)
		all = all.Plus(net)
		if c.hall != "" {
			f.ByHall = true
			f.Figures.HallUnits = append(f.Figures.HallUnits, SealedLine{Key: c.unit, Under: c.hall, Net: net})
		}
	}
	f.Figures.Counties = []SealedLine{{Key: "c", Net: all, Cases: &CaseTally{Cases: all.Bad(), Concluded: w.concluded, Called: w.called, Replied: w.replied}}}
	return f
}

// counted are all counts of a world that nobody may learn to be few, in an order of their own: of the county, of each department, of each
// hall, of each cell, of what is left of the county beside what is shown, and of cases.
func (w leftWorld) counted(cells []leftCell, a *PublicArea) (counts []int64) {
	add := func(c goodBad) { counts = append(counts, c.good, c.bad, c.good+c.bad) }
	sum := func(in func(leftCell) bool) (sum goodBad) {
		for i, c := range cells {
			if in(c) {
				sum = goodBad{sum.good + w.rated[i].good, sum.bad + w.rated[i].bad}
			}
		}
		return sum
	}
	whole := sum(func(leftCell) bool { return true })
	add(whole)
	var units, halls []string
	for i, c := range cells {
		if !slices.Contains(units, c.unit) {
			units = append(units, c.unit)
			add(sum(func(o leftCell) bool { return o.unit == c.unit }))
		}
		if !slices.Contains(halls, c.hall) {
			halls = append(halls, c.hall)
			add(sum(func(o leftCell) bool { return o.hall == c.hall }))
		}
		add(w.rated[i])
	}
	shown := func(lines []PublicLine, key string) bool {
		return slices.ContainsFunc(lines, func(l PublicLine) bool { return l.Key == key })
	}
	if a == nil {
		a = &PublicArea{}
	}
	add(sum(func(c leftCell) bool { return !shown(a.Units, c.unit) }))
	add(sum(func(c leftCell) bool { return !shown(a.Halls, c.hall) }))
	return append(counts, whole.bad-w.concluded, w.concluded, w.called, w.concluded-w.called, w.replied, w.concluded-w.replied)
}

// printed is what an area says, and where somebody rated, which is known.
func printed(a *PublicArea, w leftWorld) string {
	text := []byte{}
	line := func(l PublicLine) {
		text = append(append(text, l.Key...), byte(l.Rated), byte(l.Good), byte(l.Bad))
		text = append(append(text, l.Band...), ';')
	}
	if a != nil {
		line(a.PublicLine)
		for _, lines := range [][]PublicLine{a.Units, a.Halls} {
			for _, l := range lines {
				line(l)
			}
			text = append(text, '/')
		}
		for _, share := range []*PublicShare{a.Callback, a.Reply} {
			if share != nil {
				text = fmt.Append(text, *share)
			}
			text = append(text, '/')
		}
	}
	return string(text)
}

// alikeWorlds are worlds of which the same is printed: the values of each count, one bit each.
type alikeWorlds struct {
	table  PublicTable
	some   leftWorld
	values []uint64
}

func (g *alikeWorlds) take(counts []int64) {
	if g.values == nil {
		g.values = make([]uint64, len(counts))
	}
	for i, n := range counts {
		g.values[i] |= 1 << n
	}
}

// tellsFew is the place of a count that is told to be few, -1 for none: there is something, and nowhere Few or more.
func (g *alikeWorlds) tellsFew(few int64) int {
	return slices.IndexFunc(g.values, func(v uint64) bool { return v > 1 && v>>few == 0 })
}

// movesByFew is the place of a count that is told to have changed by few, -1 for none.
func (g *alikeWorlds) movesByFew(was *alikeWorlds, few int64) int {
	for i, v := range g.values {
		w := was.values[i]
		may := v&w != 0
		for gap := few; gap < 40; gap++ {
			may = may || v<<gap&w != 0 || v&(w<<gap) != 0
		}
		if !may {
			return i
		}
	}
	return -1
}

// readAll publishes all worlds after an edition, nil for none, and puts those together of which the same is printed.
func readAll(cells []leftCell, worlds []leftWorld, sealed []Sealed, before *PublicTable) map[string]*alikeWorlds {
	groups := map[string]*alikeWorlds{}
	for i, w := range worlds {
		table, changed := PublishFigures(smallAlone, sealed[i], before, nil, nil)
		if !changed {
			table = *before
		}
		a := table.Area("c")
		key := printed(a, w)
		g := groups[key]
		if g == nil {
			g = &alikeWorlds{table: table, some: w}
			groups[key] = g
		}
		g.take(w.counted(cells, a))
	}
	return groups
}

// readLeftOut publishes all worlds, and again after each edition that came of it, until none is new; it fails where anything is told.
func readLeftOut(t *testing.T, cells []leftCell, worlds []leftWorld, again bool) (states int) {
	t.Helper()
	sealed := make([]Sealed, len(worlds))
	for i, w := range worlds {
		sealed[i] = w.sealed(cells)
	}
	first := readAll(cells, worlds, sealed, nil)
	for _, g := range first {
		if i := g.tellsFew(smallAlone.Few); i >= 0 {
			t.Fatalf("count %d is told to be few, of such as %+v: %+v", i, g.some, g.table.Areas)
		}
	}
	known := map[string]bool{}
	next := []*alikeWorlds{}
	for key, g := range first {
		known[key] = true
		next = append(next, g)
	}
	for ; again && len(next) > 0; next = next[1:] {
		was := next[0]
		for key, g := range readAll(cells, worlds, sealed, &was.table) {
			if i := g.tellsFew(smallAlone.Few); i >= 0 {
				t.Fatalf("count %d is told to be few, of such as %+v after %+v: %+v", i, g.some, was.table.Areas, g.table.Areas)
			}
			if i := g.movesByFew(was, smallAlone.Few); i >= 0 {
				t.Fatalf("count %d is told to have changed by few, of such as %+v after %+v: %+v", i, g.some, was.table.Areas, g.table.Areas)
			}
			if !known[key] {
				known[key] = true
				next = append(next, g)
			}
		}
	}
	return len(known)
}

// worldsOf are all worlds of so many cells in which from least to most rated: however they are rated, none that fits is missing.
func worldsOf(cells int, least, most int64) (worlds []leftWorld) {
	var fill func(rated []goodBad, left int64)
	fill = func(rated []goodBad, left int64) {
		if len(rated) == cells {
			if most-left >= least {
				worlds = append(worlds, leftWorld{rated: slices.Clone(rated)})
			}
			return
		}
		for n := range left + 1 {
			for bad := range n + 1 {
				fill(append(rated, goodBad{n - bad, bad}), left-n)
			}
		}
	}
	fill(nil, most)
	return worlds
}

// R04, R21: of no count is told that it is few, or has changed by few, by what is left out or stands as it was either.
func TestWhatIsLeftOutTellsOfNobody(t *testing.T) {
	two, three := []leftCell{{"a", ""}, {"b", ""}}, []leftCell{{"a", ""}, {"b", ""}, {"d", ""}}
	for name, c := range map[string]struct {
		cells  []leftCell
		worlds []leftWorld
		again  bool
		states int
	}{
		"two departments, again and again": {two, worldsOf(2, 0, 13), true, 100},
		"three departments":                {three, worldsOf(3, 0, 16), false, 100},
		"what became of cases":             {two[:1], caseWorlds(8), true, 20},
		"two departments at a hall":        {[]leftCell{{"a", "h"}, {"a", ""}, {"b", "h"}, {"b", ""}}, worldsOf(4, 12, 12), false, 100},
		"two departments at two halls":     {[]leftCell{{"a", "h"}, {"a", "i"}, {"b", "h"}, {"b", "i"}}, worldsOf(4, 14, 14), false, 100},
	} {
		t.Run(name, func(t *testing.T) {
			if states := readLeftOut(t, c.cells, c.worlds, c.again); states < c.states {
				t.Errorf("only %d tables of %d worlds: this proves nothing", states, len(c.worlds))
			} else {
				t.Logf("%d tables of %d worlds", states, len(c.worlds))
			}
		})
	}
}

// caseWorlds are all that may become of up to so many bad ratings of a department that some rated.
func caseWorlds(most int64) (worlds []leftWorld) {
	for rated := int64(12); rated < 14; rated++ {
		for bad := range most + 1 {
			for concluded := range bad + 1 {
				for called := range concluded + 1 {
					for replied := range concluded + 1 {
						worlds = append(worlds, leftWorld{[]goodBad{{rated - bad, bad}}, concluded, called, replied})
					}
				}
			}
		}
	}
	return worlds
}
