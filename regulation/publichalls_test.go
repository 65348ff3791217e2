package regulation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// hallWorld is a county's quarter: by department and hall; the last hall is none.
type hallWorld [][]goodBad

func drawHalls(draw *rand.Rand) (w hallWorld) {
	units, halls := 2+draw.IntN(2), 2+draw.IntN(2)
	rich := int64(1 + draw.IntN(3))
	for range units {
		var row []goodBad
		for range halls {
			var c goodBad
			for range 3 {
				c = goodBad{c.good + int64(draw.IntN(3)), c.bad + int64(draw.IntN(2))}
				if draw.IntN(3) > 0 {
					c = goodBad{c.good + rich, c.bad + int64(draw.IntN(int(rich)))}
				}
			}
			row = append(row, c)
		}
		w = append(w, row)
	}
	for range draw.IntN(3) { // a department that has no window at a hall
		w[draw.IntN(units)][draw.IntN(halls)] = goodBad{}
	}
	return w
}

func (w hallWorld) change(draw *rand.Rand) {
	for range draw.IntN(8) {
		row := w[draw.IntN(len(w))]
		c := &row[draw.IntN(len(row))]
		if draw.IntN(4) == 0 && c.bad > 0 {
			c.bad--
		} else {
			c.good, c.bad = c.good+int64(draw.IntN(4)), c.bad+int64(draw.IntN(3))
		}
	}
}

func hallKey(w hallWorld, hall int) string {
	if hall == len(w[0])-1 {
		return ""
	}
	return fmt.Sprint("h", hall)
}

func (w hallWorld) sealed(version int64) Sealed {
	f := Sealed{Area: PrefectureArea, Period: "2026-Q1", Version: version, Position: version, Formula: 1, ByHall: true}
	var all Tally
	for unit := range w {
		var of Tally
		for hall := range w[0] {
			net := w[unit][hall].tally()
			of = of.Plus(net)
			if key := hallKey(w, hall); key != "" && net.Rated() > 0 {
				f.Figures.HallUnits = append(f.Figures.HallUnits, SealedLine{Key: fmt.Sprint("u", unit), Under: key, Net: net})
			}
		}
		all = all.Plus(of)
		f.Figures.Units = append(f.Figures.Units, SealedLine{Key: fmt.Sprint("u", unit), Under: "c", Net: of})
	}
	f.Figures.Counties = []SealedLine{{Key: "c", Net: all}}
	return f
}

// hallReader is who has read all that is public of a county's quarter and supposes what may be behind it. Rows and columns are told
// by their lines, or nil; least and most are the bounds of what is not.
type hallReader struct {
	rule  PublicRule
	cells []hallGuess
	units []hallLine
	halls []hallLine
	rated int64
	// least and most are the bad ratings that fit with the county's line.
	least, most int64
}

type hallGuess struct {
	unit, hall int
	truth      goodBad
}

// hallLine is a row or a column: what is known of it, and what of it is supposed so far.
type hallLine struct {
	leastBad, mostBad, leastRated, mostRated int64
	rated, bad, toCome                       int64
}

func readHalls(r PublicRule, w hallWorld, area PublicArea, first bool) *hallReader {
	s := &hallReader{rule: r, rated: area.Rated}
	s.least, s.most = r.between(area.PublicLine)
	units, halls := make([]goodBad, len(w)), make([]goodBad, len(w[0]))
	for unit := range units {
		for hall := range halls {
			if c := w[unit][hall]; c.good+c.bad > 0 {
				s.cells = append(s.cells, hallGuess{unit, hall, c})
				units[unit] = goodBad{units[unit].good + c.good, units[unit].bad + c.bad}
				halls[hall] = goodBad{halls[hall].good + c.good, halls[hall].bad + c.bad}
			}
		}
	}
	find := func(lines []PublicLine, key string, truth goodBad, capped bool) hallLine {
		h := hallLine{mostBad: area.Rated, leastRated: 1, mostRated: area.Rated}
		i := slices.IndexFunc(lines, func(l PublicLine) bool { return l.Key == key })
		switch {
		case i >= 0:
			h.leastBad, h.mostBad = r.between(lines[i])
			h.leastRated, h.mostRated = lines[i].Rated, lines[i].Rated
		case capped && first && truth.good+truth.bad < r.Fewest:
			h.mostRated = r.Fewest - 1
		}
		return h
	}
	for unit := range units {
		s.units = append(s.units, find(area.Units, fmt.Sprint("u", unit), units[unit], area.Units != nil))
	}
	for hall := range halls {
		key := hallKey(w, hall)
		s.halls = append(s.halls, find(area.Halls, key, halls[hall], key != ""))
	}
	for _, c := range s.cells {
		s.units[c.unit].toCome++
		s.halls[c.hall].toCome++
	}
	return s
}

// may tells whether a cell may have Few or more good or bad ratings in some table that fits with all that is shown: it tries all.
func (s *hallReader) may(target int, bad bool) bool {
	order := []int{target}
	for i := range s.cells {
		if i != target {
			order = append(order, i)
		}
	}
	return s.try(order, target, bad, 0, 0)
}

func (s *hallReader) try(order []int, target int, wantBad bool, rated, badSum int64) bool {
	if len(order) == 0 {
		return rated == s.rated && badSum >= s.least && badSum <= s.most
	}
	c := s.cells[order[0]]
	unit, hall := &s.units[c.unit], &s.halls[c.hall]
	unit.toCome--
	hall.toCome--
	defer func() { unit.toCome++; hall.toCome++ }()
	for _, n := range guesses(c.truth, min(unit.mostRated-unit.rated, hall.mostRated-hall.rated, s.rated-rated)) {
		if order[0] == target && (wantBad && n.bad < s.rule.Few || !wantBad && n.good < s.rule.Few) {
			continue
		}
		unit.add(n, 1)
		hall.add(n, 1)
		fits := unit.fits() && hall.fits() && s.try(order[1:], target, wantBad, rated+n.good+n.bad, badSum+n.bad)
		unit.add(n, -1)
		hall.add(n, -1)
		if fits {
			return true
		}
	}
	return false
}

// guesses are all that a cell may be, what is nearest to the truth first.
func guesses(truth goodBad, most int64) (all []goodBad) {
	for rated := int64(1); rated <= most; rated++ {
		for bad := range rated + 1 {
			all = append(all, goodBad{rated - bad, bad})
		}
	}
	far := func(c goodBad) int64 {
		return max(c.good-truth.good, truth.good-c.good) + max(c.bad-truth.bad, truth.bad-c.bad)
	}
	slices.SortStableFunc(all, func(a, b goodBad) int { return int(far(a) - far(b)) })
	return all
}

func (l *hallLine) add(c goodBad, sign int64) {
	l.rated, l.bad = l.rated+sign*(c.good+c.bad), l.bad+sign*c.bad
}

func (l *hallLine) fits() bool {
	if l.rated > l.mostRated || l.bad > l.mostBad || l.rated-l.bad > l.mostRated-l.leastBad {
		return false
	}
	return l.toCome > 0 || l.rated >= l.leastRated && l.bad >= l.leastBad
}

// exposed names a count under Few that is told, "" for none.
func (s *hallReader) exposed() string {
	for i, c := range s.cells {
		if c.truth.bad < s.rule.Few && !s.may(i, true) {
			return fmt.Sprintf("department %d has %d bad ratings at hall %d and cannot have more than few", c.unit, c.truth.bad, c.hall)
		}
		if c.truth.good < s.rule.Few && !s.may(i, false) {
			return fmt.Sprintf("department %d has %d good ratings at hall %d and cannot have more than few", c.unit, c.truth.good, c.hall)
		}
	}
	return ""
}

// R04, R21: whoever has the tables of a quarter by county, department and hall, in all editions, and knows which department
// is rated at which hall, cannot tell of any count of any department at any hall, nor so of what is left out, that it is under the least.
func TestPublicHallsTellOfNobody(t *testing.T) {
	r := smallRule
	told, partly, all, moved := 0, 0, 0, 0
	for seed := range uint64(1500) {
		draw := rand.New(rand.NewPCG(seed, 11))
		w := drawHalls(draw)
		var standing *PublicTable
		for version := int64(1); version <= 3; version++ {
			before := standing
			if table, changed := PublishFigures(r, w.sealed(version), before, nil, nil); changed {
				standing = &table
			}
			area := standing.Area("c")
			if area == nil || area.Version != version || len(area.Halls) == 0 {
				w.change(draw)
				continue
			}
			told++
			if len(area.Halls) == len(w[0])-1 {
				all++
			} else {
				partly++
			}
			if version > 1 {
				moved++
				differ(t, r, *before.Area("c"), *area, seed)
			}
			if why := readHalls(r, w, *area, version == 1).exposed(); why != "" {
				t.Fatalf("seed %d, edition %d: %s\n%+v\n%+v", seed, version, why, area, w)
			}
			w.change(draw)
		}
	}
	t.Logf("%d quarters with halls: %d with all, %d with some, %d moved", told, all, partly, moved)
	if told < 100 || all < 20 || partly < 20 || moved < 5 {
		t.Errorf("too little is published to prove anything: %d quarters with halls, %d with all, %d moved", told, all, moved)
	}
}
