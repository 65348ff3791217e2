package regulation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// hallWorld is a county's quarter: by month, department and hall; the last hall is none.
type hallWorld [3][][]goodBad

func drawHalls(draw *rand.Rand) (w hallWorld) {
	units, halls := 2+draw.IntN(2), 2+draw.IntN(2)
	rich := int64(1 + draw.IntN(3))
	for m := range w {
		for range units {
			var row []goodBad
			for range halls {
				c := goodBad{int64(draw.IntN(3)), int64(draw.IntN(2))}
				if draw.IntN(3) > 0 {
					c = goodBad{c.good + rich, c.bad + int64(draw.IntN(int(rich)))}
				}
				row = append(row, c)
			}
			w[m] = append(w[m], row)
		}
	}
	for range draw.IntN(3) { // a department that has no window at a hall
		unit, hall := draw.IntN(units), draw.IntN(halls)
		for m := range w {
			w[m][unit][hall] = goodBad{}
		}
	}
	return w
}

func (w *hallWorld) change(draw *rand.Rand) {
	for range draw.IntN(8) {
		row := w[draw.IntN(3)][draw.IntN(len(w[0]))]
		c := &row[draw.IntN(len(row))]
		if draw.IntN(4) == 0 && c.bad > 0 {
			c.bad--
		} else {
			c.good, c.bad = c.good+int64(draw.IntN(4)), c.bad+int64(draw.IntN(3))
		}
	}
}

// sum is a department at a hall in some months.
func (w hallWorld) sum(unit, hall int, months []int) (sum goodBad) {
	for _, m := range months {
		sum = goodBad{sum.good + w[m][unit][hall].good, sum.bad + w[m][unit][hall].bad}
	}
	return sum
}

func hallKey(w hallWorld, hall int) string {
	if hall == len(w[0][0])-1 {
		return ""
	}
	return fmt.Sprint("h", hall)
}

func (w hallWorld) sealed(period string, version int64, months ...int) Sealed {
	f := Sealed{Area: PrefectureArea, Period: period, Version: version, Position: version, Formula: 1, ByHall: len(months) > 1}
	var all Tally
	for unit := range w[0] {
		var of Tally
		for hall := range w[0][0] {
			net := w.sum(unit, hall, months).tally()
			of = of.Plus(net)
			if key := hallKey(w, hall); key != "" && f.ByHall && net.Rated() > 0 {
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
	bad   map[int64]bool // totals that fit with the county's line and with its months
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

func readHalls(r PublicRule, w hallWorld, area PublicArea, months []PublicLine, first bool) *hallReader {
	s := &hallReader{rule: r, rated: area.Rated, bad: map[int64]bool{}}
	all := []int{0, 1, 2}
	units, halls := make([]goodBad, len(w[0])), make([]goodBad, len(w[0][0]))
	for unit := range units {
		for hall := range halls {
			if c := w.sum(unit, hall, all); c.good+c.bad > 0 {
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
	s.totals(area.PublicLine, months)
	return s
}

// totals tries what the months may be.
func (s *hallReader) totals(county PublicLine, months []PublicLine) {
	least, most := s.rule.between(county)
	sums := map[int64]bool{0: true}
	rest := county.Rated
	for _, month := range months {
		lo, hi := s.rule.between(month)
		next := map[int64]bool{}
		for sum := range sums {
			for bad := lo; bad <= hi; bad++ {
				next[sum+bad] = true
			}
		}
		sums, rest = next, rest-month.Rated
	}
	for sum := range sums {
		for bad := range rest + 1 { // of months that are not shown
			if n := sum + bad; n >= least && n <= most {
				s.bad[n] = true
			}
		}
	}
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
		return rated == s.rated && s.bad[badSum]
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

// R04, R21: whoever has the tables of months and quarters, by county, department and hall, in all editions, and knows which department
// is rated at which hall, cannot tell of any count of any department at any hall, nor so of what is left out, that it is under the least.
func TestPublicHallsTellOfNobody(t *testing.T) {
	r := smallRule
	months := []string{"2026-01", "2026-02", "2026-03"}
	told, partly, all, moved := 0, 0, 0, 0
	for seed := range uint64(1500) {
		draw := rand.New(rand.NewPCG(seed, 11))
		w := drawHalls(draw)
		var standing [4]*PublicTable
		for version := int64(1); version <= 3; version++ {
			var tables []PublicTable
			var lines []PublicLine
			fresh := true
			for m, month := range months {
				if table, changed := PublishFigures(r, w.sealed(month, version, m), standing[m], nil, nil); changed {
					standing[m] = &table
				}
				tables = append(tables, *standing[m])
				if a := standing[m].area("c"); a != nil {
					lines, fresh = append(lines, a.PublicLine), fresh && a.Version == version
				}
			}
			before := standing[3]
			if table, changed := PublishFigures(r, w.sealed("2026-Q1", version, 0, 1, 2), before, tables, nil); changed {
				standing[3] = &table
			}
			area := standing[3].area("c")
			if area == nil || area.Version != version || len(area.Halls) == 0 {
				w.change(draw)
				continue
			}
			told++
			if len(area.Halls) == len(w[0][0])-1 {
				all++
			} else {
				partly++
			}
			if version > 1 {
				moved++
				differ(t, r, *before.area("c"), *area, seed)
			}
			if !fresh { // months that stand as they were are no parts of this sum
				lines = nil
			}
			if why := readHalls(r, w, *area, lines, version == 1).exposed(); why != "" {
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
