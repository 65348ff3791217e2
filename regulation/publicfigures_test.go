package regulation

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// smallRule scales the rule down, so that everything that an attacker may suppose can be tried.
var smallRule = PublicRule{Few: 2, Band: 4, Fewest: 6}

// counts are the good and the bad ratings of a place.
type goodBad struct{ good, bad int64 }

func (c goodBad) tally() Tally { return Tally{Grades: [5]int64{c.bad, 0, 0, 0, c.good}} }

// rateWorld is a county's quarter by department. Nobody knows it but the office.
type rateWorld []goodBad

func drawWorld(draw *rand.Rand) (w rateWorld) {
	for range 3 {
		w = append(w, goodBad{int64(draw.IntN(10)), int64(draw.IntN(7)) * int64(draw.IntN(2))})
	}
	if draw.IntN(2) == 0 { // a department with much
		w[0] = goodBad{int64(6 + draw.IntN(7)), int64(draw.IntN(10))}
	}
	return w
}

// change is what late ratings and write-offs do.
func (w rateWorld) change(draw *rand.Rand) {
	for range 1 + draw.IntN(6) {
		c := &w[draw.IntN(3)]
		if draw.IntN(3) == 0 && c.bad > 0 {
			c.bad--
		} else {
			c.good += int64(draw.IntN(3))
			c.bad += int64(draw.IntN(2))
		}
	}
}

// sealed are the prefecture's sealed figures of a world, with one county.
func (w rateWorld) sealed(version int64) Sealed {
	f := Sealed{Area: PrefectureArea, Period: "2026-Q1", Version: version, Position: version, Formula: 1}
	var all Tally
	for unit, c := range w {
		all = all.Plus(c.tally())
		f.Figures.Units = append(f.Figures.Units, SealedLine{Key: fmt.Sprint("u", unit), Under: "c", Net: c.tally()})
	}
	f.Figures.Counties = []SealedLine{{Key: "c", Net: all, Cases: w.cases(version)}}
	for list, lines := range map[string]*[]SealedLine{"窗口": &f.Figures.Windows, "人员": &f.Figures.Staff, "事项": &f.Figures.Matters, "渠道": &f.Figures.Channels} {
		*lines = []SealedLine{{Key: planted + list, Under: planted, Given: all, Net: all}}
	}
	f.Figures.Adjusted = []SealedAdjustment{{Case: planted, To: planted}}
	return f
}

// planted stands for the names of people, windows and cases.
const planted = "次仁样例"

// cases are what became of the bad ratings: some are verified and concluded, or all, of those some called and replied to, of the others
// some overdue.
func (w rateWorld) cases(version int64) *CaseTally {
	var t CaseTally
	draw := rand.New(rand.NewPCG(uint64(version), uint64(w[0].good+7*w[1].good)))
	all := draw.IntN(2) == 0
	for _, c := range w {
		t.Cases += c.bad
		for range c.bad {
			if all || draw.IntN(4) > 0 {
				t.Concluded++
				t.Called += int64(draw.IntN(5) / 2 % 2)
				t.Replied += int64(min(1, draw.IntN(6)))
			} else {
				t.Overdue += int64(draw.IntN(2))
			}
		}
	}
	return &t
}

// exposedShare names a count of cases under Few that shares tell of, "" for none. How many go on is what the bad ratings have more.
func exposedShare(r PublicRule, a PublicArea) string {
	for name, share := range map[string]*PublicShare{"callback": a.Callback, "reply": a.Reply} {
		if share == nil {
			continue
		}
		open := a.Bad - share.Among
		most := share.Among - share.Of // of those that nobody called or replied to
		if share.Hidden {
			most = r.Band - 1
		}
		if a.hides() || open != 0 || most < r.Few || !share.Hidden && share.Of < r.Few {
			return fmt.Sprintf("%s: %+v beside %d bad", name, share, a.Bad)
		}
	}
	return ""
}

// place is one place as an attacker knows it, with what it really is.
type supposed struct {
	line  *PublicLine // nil where it is left out
	truth goodBad
}

// mays lists what a place may be: where it is left out, anything that is under the least number of ratings but nothing; it may have
// grown since the first edition left it out.
func (s supposed) mays(r PublicRule, grown int64) (all []goodBad) {
	if s.line == nil {
		for rated := int64(1); rated < max(r.Fewest, grown); rated++ {
			for bad := range rated + 1 {
				all = append(all, goodBad{rated - bad, bad})
			}
		}
		return all
	}
	least, most := r.between(*s.line)
	for bad := least; bad <= most; bad++ {
		all = append(all, goodBad{s.line.Rated - bad, bad})
	}
	return all
}

// supposeAll tries all that the parts of a whole may be and returns for each the most good and bad ratings that it may have; whole is as it is
// known.
func supposeAll(r PublicRule, whole PublicLine, parts []supposed, first bool) (most []goodBad) {
	grown := whole.Rated + 1
	if first {
		grown = 0
	}
	most = make([]goodBad, len(parts))
	least, largest := r.between(whole)
	may := make([][]goodBad, len(parts))
	for i, p := range parts {
		may[i] = p.mays(r, grown)
	}
	chosen := make([]goodBad, len(parts))
	var try func(i int, rated, bad int64)
	try = func(i int, rated, bad int64) {
		if rated > whole.Rated || bad > largest {
			return
		}
		if i < len(parts) {
			for _, c := range may[i] {
				chosen[i] = c
				try(i+1, rated+c.good+c.bad, bad+c.bad)
			}
			return
		}
		if rated == whole.Rated && bad >= least {
			for j, c := range chosen {
				most[j] = goodBad{max(most[j].good, c.good), max(most[j].bad, c.bad)}
			}
		}
	}
	try(0, 0, 0)
	return most
}

// exposedIn names a count under Few that the parts of a whole tell of, "" for none.
func exposedIn(r PublicRule, whole PublicLine, parts []supposed, first bool) string {
	for i, most := range supposeAll(r, whole, parts, first) {
		p := parts[i]
		hidden := p.line == nil || p.line.hides()
		switch {
		case hidden && p.truth.bad < r.Few && most.bad < r.Few && (p.line == nil || p.line.Band == BandBad):
			return fmt.Sprintf("part %d has %d bad ratings, and can have %d at most", i, p.truth.bad, most.bad)
		case hidden && p.truth.good < r.Few && most.good < r.Few && (p.line == nil || p.line.Band == BandGood):
			return fmt.Sprintf("part %d has %d good ratings, and can have %d at most", i, p.truth.good, most.good)
		}
	}
	return ""
}

// supposedOf are the parts as an attacker knows them; those where nobody rated are none.
func supposedOf(truths map[string]goodBad, line func(key string) *PublicLine) (parts []supposed) {
	for key, truth := range truths {
		if truth.good+truth.bad > 0 {
			parts = append(parts, supposed{line(key), truth})
		}
	}
	return parts
}

// R04, R21: whoever has all public tables, and knows which departments there are, cannot tell of a count under the least that it is, in any
// edition; and two editions do not differ by less. Everything that such a reader may suppose is tried.
func TestPublicFiguresTellOfNobody(t *testing.T) {
	r := smallRule
	told, withUnits, moved, shared := 0, 0, 0, 0
	for seed := range uint64(800) {
		draw := rand.New(rand.NewPCG(seed, 7))
		w := drawWorld(draw)
		var standing *PublicTable
		for version := int64(1); version <= 4; version++ {
			before := standing
			quarter, changed := PublishFigures(r, w.sealed(version), before, nil, nil)
			if changed {
				standing = &quarter
			}
			area := standing.Area("c")
			if area == nil {
				w.change(draw)
				continue
			}
			told++
			if version > 1 && changed && before != nil && before.Area("c") != nil && area.Version == version {
				moved++
				differ(t, r, *before.Area("c"), *area, seed)
			}
			if why := exposedShare(r, *area); why != "" {
				t.Fatalf("seed %d, edition %d: %s", seed, version, why)
			}
			if area.Callback != nil || area.Reply != nil {
				shared++
			}
			if text, err := json.Marshal(standing); err != nil || strings.Contains(string(text), planted) {
				t.Fatalf("seed %d, edition %d names somebody: %s, %v", seed, version, text, err)
			}
			if area.Version == version && len(area.Units) > 0 { // of this world; else it stands as it was found safe before
				withUnits++
				truths := map[string]goodBad{}
				for u, c := range w {
					truths[fmt.Sprint("u", u)] = c
				}
				parts := supposedOf(truths, func(key string) *PublicLine {
					for i := range area.Units {
						if area.Units[i].Key == key {
							return &area.Units[i]
						}
					}
					return nil
				})
				if why := exposedIn(r, area.PublicLine, parts, version == 1); why != "" {
					t.Fatalf("seed %d, edition %d, departments: %s\n%+v", seed, version, why, area)
				}
			}
			w.change(draw)
		}
	}
	if told < 1000 || withUnits < 200 || moved < 20 || shared < 20 {
		t.Errorf("too little is published to prove anything: %d quarters, %d with departments, %d moved, %d with shares of cases", told, withUnits, moved, shared)
	}
}

// differ holds that numbers of two editions are alike or apart by the least that is shown.
func differ(t *testing.T, r PublicRule, was, is PublicArea, seed uint64) {
	t.Helper()
	before := r.told(was)
	for key, n := range r.told(is) {
		if gap := n - before[key]; gap != 0 && gap < r.Few && gap > -r.Few {
			t.Fatalf("seed %d: %s went from %d to %d", seed, key, before[key], n)
		}
	}
}

// The rates of a place that hides its counts are the least that they may be, and of one that shows them they are exact.
func TestTheLeastRateIsNoMoreThanTheRate(t *testing.T) {
	r := PublicRuleOf(mustParams(t, nil))
	for rated := int64(30); rated < 400; rated++ {
		for bad := int64(0); bad <= min(rated, 25); bad++ {
			line, shown := r.line(SealedLine{Net: Tally{Grades: [5]int64{bad, 0, 0, 0, rated - bad}}})
			exact := Ratio{rated - bad, rated}
			rate := r.LeastRate(line)
			var whole, part int64
			if rate == "" {
				if rated-bad >= r.Band {
					t.Fatalf("no rate of %d bad among %d", bad, rated)
				}
				continue
			}
			if _, err := fmt.Sscanf(rate, "%d.%d", &whole, &part); err != nil || !shown {
				t.Fatalf("%q of %d bad among %d, %v", rate, bad, rated, err)
			}
			if least := (Ratio{whole*100 + part, 10_000}); line.hides() && least.Compare(exact) > 0 || !line.hides() && rate != exact.Percent(2) {
				t.Fatalf("%s of %d bad among %d", rate, bad, rated)
			}
		}
	}
}

// R04: shares of concluded cases come out once all are concluded, also then where they did not at first: to leave them out while one to four
// go on would tell so.
func TestPublicSharesTellOfNoFewOpenCases(t *testing.T) {
	r := PublicRule{Few: FewestShown, Band: 2 * FewestShown, Fewest: FewestRatings}
	var before *PublicTable
	for _, concluded := range []int64{20, 25, 26, 29, 30} {
		told := concluded == 30
		f := Sealed{Period: "2026-Q1", Version: 1}
		county := SealedLine{Key: "513301", Net: Tally{Grades: [5]int64{30, 0, 0, 0, 100}}, Cases: &CaseTally{Cases: 30, Concluded: concluded, Called: concluded, Replied: concluded}}
		f.Figures.Counties = []SealedLine{county}
		table, _ := PublishFigures(r, f, before, nil, nil)
		before = &table
		if a := table.Areas[0]; (a.Callback != nil) != told || (a.Reply != nil) != told || a.Bad != 30 {
			t.Errorf("%d of 30 concluded: %+v", concluded, a)
		}
	}
}

// R04: what is left of a county beside its departments moves by five at least too, its good ratings like its bad ones.
func TestWhatIsLeftMovesByFive(t *testing.T) {
	r := PublicRule{Few: FewestShown, Band: 2 * FewestShown, Fewest: FewestRatings}
	sealed := func(version, good, bad, leftGood, leftBad int64) Sealed {
		tally := func(good, bad int64) Tally { return Tally{Grades: [5]int64{bad, 0, 0, 0, good}} }
		f := Sealed{Period: "2026-Q1", Version: version}
		f.Figures.Units = []SealedLine{{Key: "a", Under: "c", Net: tally(good, bad)}, {Key: "b", Under: "c", Net: tally(leftGood, leftBad)}}
		f.Figures.Counties = []SealedLine{{Key: "c", Net: tally(good+leftGood, bad+leftBad)}}
		return f
	}
	first, _ := PublishFigures(r, sealed(1, 100, 20, 9, 10), nil, nil, nil)
	if len(first.Areas) != 1 || len(first.Areas[0].Units) != 1 {
		t.Fatalf("%+v", first)
	}
	for _, good := range []int64{0, 1, 4, 5} {
		_, moved := PublishFigures(r, sealed(2, 105, 20, 9+good, 15), &first, nil, nil)
		if moved != (good == 0 || good == 5) {
			t.Errorf("%d good ratings more where nothing is shown: moved %t", good, moved)
		}
	}
}
