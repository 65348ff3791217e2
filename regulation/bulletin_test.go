package regulation

import (
	"slices"
	"strings"
	"testing"
)

func sealedOf(area string, units ...SealedLine) Sealed {
	f := Sealed{Area: area, Period: "2026-Q1", Version: 2, Position: 100, Formula: 1}
	f.Figures.Units = units
	return f
}

func unitLine(key, under string, good, bad int64) SealedLine {
	return SealedLine{Key: key, Under: under, Net: Tally{Grades: [5]int64{bad, 0, 0, 0, good}}}
}

func confirmedFact(id, unit, cause string, accepted, inTime, overdue bool) NamedFact {
	return NamedFact{Case: id, Number: "n" + id, CaseFact: CaseFact{Rated: Rated{Unit: unit}, Finding: "substantiated", Cause: cause, Accepted: accepted, InTime: inTime, Overdue: overdue}}
}

// R42: confirmed cases that count, by unit; what was written off, and an authority's own office, is in none of it.
func TestABulletinSaysWhatCounts(t *testing.T) {
	offices := map[string]string{"513301-authority": "513301", "513300-authority": PrefectureArea}
	f := sealedOf("513301", unitLine("psb", "513301", 40, 4), unitLine("mkt", "513301", 3, 1), unitLine("513301-authority", "513301", 50, 5))
	cases := []NamedFact{confirmedFact("1", "psb", "efficiency", true, true, true), confirmedFact("2", "psb", "attitude", true, false, true), confirmedFact("3", "psb", "efficiency", false, false, true),
		confirmedFact("4", "mkt", "guide", false, false, false), confirmedFact("5", "513301-authority", "guide", false, false, false), confirmedFact("6", "psb", "guide", false, false, false)}
	cases[5].WrittenOff = true
	open := confirmedFact("7", "psb", "guide", false, false, false)
	open.Finding = ""
	b := MakeBulletin(f, append(cases, open), 5, BulletinRule, BulletinUnits("513301", offices))
	psb, mkt := b.Units[0], b.Units[1]
	if len(b.Units) != 2 || psb.Key != "psb" || psb.Confirmed != 3 || psb.Rectified != 2 || psb.InTime != 1 || psb.Overdue != 1 || psb.Causes["efficiency"] != 2 || psb.Bad != 4 || psb.BadRate().Percent(2) != "9.09" {
		t.Errorf("%+v", b.Units)
	}
	if !mkt.Withheld || mkt.Rated != 0 || mkt.Confirmed != 1 || b.Total.Rated != 48 || b.Total.Confirmed != 4 || len(b.Cases) != 4 || !slices.Equal(b.Named(), []string{"psb", "mkt"}) {
		t.Errorf("%+v", b)
	}
	outcomes := map[string]string{}
	for _, c := range b.Cases {
		outcomes[c.Case] = c.Outcome
	}
	if outcomes["1"] != BulletinInTime || outcomes["2"] != BulletinLate || outcomes["3"] != BulletinOverdue || outcomes["4"] != BulletinUnderWay {
		t.Errorf("%v", outcomes)
	}
	whole := sealedOf(PrefectureArea, f.Figures.Units...)
	whole.Figures.Counties = []SealedLine{{Key: "513301"}, {Key: PrefectureArea}}
	above := MakeBulletin(whole, cases, 5, BulletinRule, BulletinUnits(PrefectureArea, offices))
	if len(above.Units) != 1 || above.Units[0].Key != "513301-authority" || len(above.Counties) != 1 || above.Counties[0].Confirmed != 4 || len(above.Cases) != 1 {
		t.Errorf("the prefecture's: %+v", above)
	}
}

// R04: no count under five is public, nor what would tell one; units that public figures do not list are not named.
func TestAPublicBulletinTellsOfNobody(t *testing.T) {
	b := Bulletin{Total: BulletinLine{Confirmed: 21, Rectified: 19, InTime: 12, Overdue: 2, Causes: map[string]int64{"efficiency": 15, "attitude": 6}},
		Units: []BulletinLine{{Key: "a", Rated: 100, Confirmed: 12}, {Key: "b", Rated: 100, Confirmed: 7}, {Key: "c", Rated: 30, Confirmed: 2}, {Key: "d", Rated: 29, Confirmed: 0}}}
	if open := b.Public(BulletinBeside{}); len(open.Units) != 0 || open.Confirmed != nil {
		t.Errorf("of bad ratings of which nothing is public: %+v", open)
	}
	line := func(key string, bad int64) PublicLine {
		return PublicLine{Key: key, Rated: 300, Good: 300 - bad, Bad: bad}
	}
	b.Area = "513301"
	figures := []PublicTable{{Rule: PublicRuleOf(mustParams(t, nil)), Areas: []PublicArea{{PublicLine: line("513301", 60), Units: []PublicLine{line("a", 30), line("b", 20), line("c", 10)}}}}}
	open := b.Public(BulletinBeside{Figures: figures})
	if open.Confirmed == nil || open.Confirmed.N != 21 || len(open.Units) != 3 {
		t.Errorf("nothing is left: %+v", open)
	}
	if open.Rectified != nil || open.Overdue != nil || open.InTime != nil {
		t.Error("confirmed less rectified tells the two that are overdue")
	}
	if open.Units[0].Confirmed != nil || open.Causes["efficiency"] != nil {
		t.Error("the total tells the nine of the others, and so near the two of the third")
	}
	b.Total = BulletinLine{Confirmed: 40, Rectified: 25, InTime: 13, Overdue: 11, Causes: map[string]int64{"efficiency": 22, "attitude": 18}}
	b.Units = []BulletinLine{{Key: "a", Rated: 100, Confirmed: 20}, {Key: "b", Rated: 100, Confirmed: 20}}
	figures[0].Areas[0].Units = []PublicLine{line("a", 30), line("b", 30)}
	open = b.Public(BulletinBeside{Figures: figures, InTime: true})
	if open.Confirmed == nil || open.Rectified != nil || open.InTime != nil || open.Units[0].Confirmed == nil || open.Causes["attitude"] == nil {
		t.Errorf("beside a board that tells what was in time: %+v", open)
	}
	if open = b.Public(BulletinBeside{Figures: figures}); open.Rectified == nil || open.InTime != nil && open.InTime.N != 13 {
		t.Errorf("%+v", open)
	}
}

// R04: in a bulletin the most confirmed stand first; in public that order would tell counts that are withheld.
func TestThePublicOrderOfABulletinTellsNoCount(t *testing.T) {
	b := Bulletin{Total: BulletinLine{Confirmed: 13}}
	for _, line := range []BulletinLine{{Key: "d", Confirmed: 4}, {Key: "c", Confirmed: 3}, {Key: "b", Confirmed: 2}, {Key: "a", Confirmed: 1}} {
		line.Rated = 100
		b.Units, b.Counties = append(b.Units, line), append(b.Counties, line)
	}
	b.Units = append([]BulletinLine{{Key: "e", Rated: 100, Confirmed: 3}}, b.Units...)
	listed := PublicTable{Rule: PublicRuleOf(mustParams(t, nil))}
	for _, line := range b.Units {
		listed.Areas = append(listed.Areas, PublicArea{PublicLine: PublicLine{Key: line.Key}, Units: []PublicLine{{Key: line.Key, Rated: 100, Band: BandBad}}})
	}
	open := b.Public(BulletinBeside{Figures: []PublicTable{listed}})
	for _, list := range [][]PublicNamed{open.Units, open.Counties} {
		if !slices.IsSortedFunc(list, func(x, y PublicNamed) int { return strings.Compare(x.Key, y.Key) }) || len(list) < 4 {
			t.Errorf("%+v", list)
		}
	}
	if b.Units[0].Key != "e" {
		t.Error("the bulletin itself has another order than before")
	}
}

// Places with equal scores share the better rank; who is low in one quarter alone is not exposed.
func TestLowInConsecutiveQuarters(t *testing.T) {
	p := mustParams(t, map[string]int{ReleaseLowest: 2, ReleasePeriods: 2})
	quarter := func(bad map[string]int64) []Ranked {
		places := []RankedPlace{{Key: "small", Net: Tally{Grades: [5]int64{29}}}}
		for key, n := range bad {
			places = append(places, RankedPlace{Key: key, Net: Tally{Grades: [5]int64{n, 0, 0, 0, 100 - n}}})
		}
		return RanksOf(RankPlaces(places, boardValues(t)))
	}
	first, second := quarter(map[string]int64{"a": 1, "b": 2, "c": 9, "d": 8, "e": 3}), quarter(map[string]int64{"a": 1, "b": 7, "c": 9, "d": 2, "e": 3})
	if low := Low(p, first); !slices.Equal(low, []string{"d", "c"}) {
		t.Errorf("low %q of %+v", low, first)
	}
	if always := LowAlways(p, [][]Ranked{first, second}); !slices.Equal(always, []string{"c"}) {
		t.Errorf("low in both: %q", always)
	}
	if LowAlways(p, [][]Ranked{second}) != nil {
		t.Error("low after one quarter")
	}
	if tied := Low(p, quarter(map[string]int64{"a": 1, "b": 9, "c": 9, "d": 9, "e": 3})); len(tied) != 0 {
		t.Errorf("three share the third rank, and %q are among the last two", tied)
	}
	if few := Low(p, first[:3]); few != nil {
		t.Errorf("of three %q are low", few)
	}
}

func mustParams(t *testing.T, values map[string]int) Params {
	t.Helper()
	p, err := NewParams(Edition1, values)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The lines of a bulletin add up to its sums: units to the total, and a county's line in the prefecture's to the units of its own
// bulletin, ratings and cases alike; a unit that went to another area stands once.
func TestTheLinesOfABulletinAddUp(t *testing.T) {
	offices := map[string]string{"513301-authority": "513301", "513300-authority": PrefectureArea}
	whole := sealedOf(PrefectureArea, unitLine("psb", "513301", 40, 4), unitLine("mkt", "513301", 30, 3), unitLine("513301-authority", "513301", 50, 5), unitLine("513300-fin", PrefectureArea, 60, 6),
		unitLine("513300-fin", "513399", 5, 1), unitLine("513300-authority", PrefectureArea, 70, 7))
	whole.Figures.Counties = []SealedLine{{Key: "513301"}, {Key: PrefectureArea}}
	cases := []NamedFact{confirmedFact("1", "psb", "efficiency", true, true, false), confirmedFact("2", "psb", "attitude", true, false, false), confirmedFact("3", "mkt", "efficiency", false, false, true),
		confirmedFact("4", "513301-authority", "guide", false, false, true), confirmedFact("5", "513300-fin", "guide", true, true, false), confirmedFact("6", "513300-authority", "guide", false, false, false)}
	cases[0].Concluded = true
	add := func(lines []BulletinLine) (sum BulletinLine) {
		for _, line := range lines {
			sum.Rated, sum.Bad, sum.Confirmed = sum.Rated+line.Rated, sum.Bad+line.Bad, sum.Confirmed+line.Confirmed
			sum.Rectified, sum.InTime, sum.Overdue = sum.Rectified+line.Rectified, sum.InTime+line.InTime, sum.Overdue+line.Overdue
		}
		return sum
	}
	same := func(a, b BulletinLine) bool {
		return a.Rated == b.Rated && a.Bad == b.Bad && a.Confirmed == b.Confirmed && a.Rectified == b.Rectified && a.InTime == b.InTime && a.Overdue == b.Overdue
	}
	county := whole
	county.Area, county.Figures = "513301", SealedFigures{Units: whole.Figures.Units[:3]}
	below := MakeBulletin(county, cases, 0, BulletinRule, BulletinUnits("513301", offices))
	above := MakeBulletin(whole, cases, 0, BulletinRule, BulletinUnits(PrefectureArea, offices))
	for _, b := range []Bulletin{below, above} {
		if sum := add(b.Units); !same(sum, b.Total) || sum.Rated == 0 || int64(len(b.Cases)) != b.Total.Confirmed {
			t.Errorf("units %+v, total %+v", sum, b.Total)
		}
	}
	if len(above.Counties) != 1 || !same(above.Counties[0], below.Total) || above.Counties[0].Rated != 77 {
		t.Errorf("the county's line %+v, its own bulletin %+v", above.Counties, below.Total)
	}
	if below.Open != 2 || above.Open != 2 {
		t.Errorf("open %d and %d", below.Open, above.Open)
	}
	if old := MakeBulletin(whole, cases, 0, 0, BulletinUnits(PrefectureArea, offices)); old.Open != 0 || old.Rule != 0 {
		t.Errorf("one of before reads otherwise: %+v", old)
	}
}

// What was written off, came from or went to other units since makes a bulletin wrong; what was merely confirmed later does not.
func TestWhatMakesABulletinWrong(t *testing.T) {
	b := Bulletin{Cases: []BulletinCase{{Case: "in", Unit: "psb"}}}
	then := []SealedAdjustment{{Case: "off", Off: true}, {Case: "away", To: "elsewhere/w/s"}, {Case: "came", To: "psb/w/s"}}
	about := func(unit string) bool { return unit == "psb" || unit == "mkt" }
	for name, c := range map[string]struct {
		now   CaseNow
		wrong bool
	}{
		"as it says":               {CaseNow{Case: "in", Unit: "psb", From: "psb", Finding: "substantiated"}, false},
		"written off":              {CaseNow{Case: "in", Unit: "psb", From: "psb", Finding: "substantiated", WrittenOff: true}, true},
		"another unit's":           {CaseNow{Case: "in", Unit: "mkt", From: "psb", Finding: "substantiated"}, true},
		"confirmed no more":        {CaseNow{Case: "in", Unit: "psb", From: "psb", Finding: "unsubstantiated"}, true},
		"counts again":             {CaseNow{Case: "off", Unit: "psb", From: "psb", Finding: "substantiated"}, true},
		"still off":                {CaseNow{Case: "off", Unit: "psb", From: "psb", Finding: "substantiated", WrittenOff: true}, false},
		"again, not confirmed":     {CaseNow{Case: "off", Unit: "psb", From: "psb"}, false},
		"again, of others":         {CaseNow{Case: "off", Unit: "elsewhere", From: "psb", Finding: "substantiated"}, false},
		"came back":                {CaseNow{Case: "away", Unit: "psb", From: "psb", Finding: "fixed_at_once"}, true},
		"had come, confirmed late": {CaseNow{Case: "came", Unit: "psb", From: "elsewhere", Finding: "substantiated"}, false},
		"comes now":                {CaseNow{Case: "new", Unit: "psb", From: "elsewhere", Finding: "substantiated"}, true},
		"confirmed late":           {CaseNow{Case: "new", Unit: "psb", From: "psb", Finding: "substantiated"}, false},
	} {
		if got := b.OutOfDate(then, []CaseNow{c.now}, about); (len(got) > 0) != c.wrong {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A note has no name of who serves there and of no window, however it is spaced; it may have words that are none.
func TestANoteNamesNobodyAndNoWindow(t *testing.T) {
	s := BulletinState{Names: []string{"曲批·样例", "李", "Tenzin Test"}, Windows: []string{"户籍测试窗口", "Vehicle test window"}}
	for note, want := range map[string]string{"请有关单位对照整改": "", "曲批样例已整改": "names_staff", "曲批 样例已整改": "names_staff", "tenzin test did it": "names_staff", "桃李满天下": "",
		"户籍 测试窗口排队": "names_window", "At the VEHICLE test window": "names_window", "电话 13812345678": "tells_of_people", "": ""} {
		if got := s.NoteTells(note); got != want {
			t.Errorf("%q: %q, not %q", note, got, want)
		}
	}
}
