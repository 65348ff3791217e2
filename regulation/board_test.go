package regulation

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func boardValues(t testing.TB) map[string]int {
	t.Helper()
	p, err := NewParams(Edition1, nil)
	if err != nil {
		t.Fatal(err)
	}
	return BoardValuesOf(p)
}

// praised is a place with so many good and bad ratings, nobody of whom an evaluator asked in vain.
func praised(key string, good, bad int64) RankedPlace {
	tally := Tally{Grades: [5]int64{bad, 0, 0, 0, good}}
	return RankedPlace{Key: key, Given: tally, Net: tally}
}

// recounted is the score as the words of docs/uses.md tell it, by other means than the product: over one common denominator.
func recounted(p RankedPlace, values map[string]int) *big.Rat {
	type share struct {
		weight, of, among int64
		few               bool
	}
	least := int64(values[BoardLeastCases])
	shares := []share{
		{int64(values[BoardWeightGood]), p.Net.Rated() - p.Net.Grades[0] - p.Net.Grades[1], p.Net.Rated(), false},
		{int64(values[BoardWeightHandled]), p.Cases.Called + p.Cases.Replied, p.Cases.Concluded + p.Cases.Concluded - p.Cases.CallExempt, p.Cases.Concluded < least},
		{int64(values[BoardWeightInTime]), p.Cases.InTime, p.Cases.Accepted, p.Cases.Accepted < least},
		{int64(values[BoardWeightActive]), p.Given.Rated(), p.Given.Rated() + p.Given.NotRated, false},
	}
	if p.Inspection != nil {
		shares = append(shares, share{int64(values[BoardWeightInspection]), p.Inspection.Hundredths, 10000, false})
	}
	common, weights := big.NewInt(1), int64(0)
	for _, s := range shares {
		if s.among > 0 && !s.few && s.weight > 0 {
			common.Mul(common, big.NewInt(s.among))
			weights += s.weight
		}
	}
	sum := new(big.Int)
	for _, s := range shares {
		if s.among > 0 && !s.few && s.weight > 0 {
			part := new(big.Int).Mul(big.NewInt(100*s.weight*s.of), common)
			sum.Add(sum, part.Quo(part, big.NewInt(s.among)))
		}
	}
	return new(big.Rat).SetFrac(sum, common.Mul(common, big.NewInt(weights)))
}

func drawnPlace(t *rapid.T, key string) RankedPlace {
	p := praised(key, rapid.Int64Range(0, 300).Draw(t, "good"), rapid.Int64Range(0, 30).Draw(t, "bad"))
	p.Given.NotRated = rapid.Int64Range(0, 50).Draw(t, "not rated")
	c := &p.Cases
	c.Concluded = rapid.Int64Range(0, 12).Draw(t, "concluded")
	c.CallExempt = rapid.Int64Range(0, c.Concluded).Draw(t, "exempt")
	c.Called = rapid.Int64Range(0, c.Concluded-c.CallExempt).Draw(t, "called")
	c.Replied = rapid.Int64Range(0, c.Concluded).Draw(t, "replied")
	c.Accepted = rapid.Int64Range(0, 12).Draw(t, "accepted")
	c.InTime = rapid.Int64Range(0, c.Accepted).Draw(t, "in time")
	if rapid.Bool().Draw(t, "inspected") {
		p.Inspection = &InspectionScore{Hundredths: rapid.Int64Range(0, 10000).Draw(t, "points")}
	}
	return p
}

// 8(1): every rank is what a recount by other means comes to, whatever the order in which places come in; nobody with fewer than
// thirty ratings is ranked, and the published ones are the five first ranks with all who are tied.
func TestRanksAreThoseOfARecount(t *testing.T) {
	values := boardValues(t)
	rapid.Check(t, func(t *rapid.T) {
		var places []RankedPlace
		for i := range rapid.IntRange(0, 12).Draw(t, "places") {
			places = append(places, drawnPlace(t, string(rune('a'+i))))
		}
		shuffled := rapid.Permutation(places).Draw(t, "order")
		r := RankPlaces(shuffled, values)
		if !r.same(RankPlaces(places, values)) {
			t.Fatal("the order in which places come in counts")
		}
		for _, line := range r.Lines {
			own := places[slices.IndexFunc(places, func(p RankedPlace) bool { return p.Key == line.Key })]
			score := recounted(own, values)
			before := 0
			for _, other := range places {
				if other.Net.Rated() >= FewestRatings && recounted(other, values).Cmp(score) > 0 {
					before++
				}
			}
			if line.Rank != before+1 || line.Score != score.RatString() || line.Shown != score.FloatString(2) {
				t.Fatalf("%+v: the recount comes to rank %d, %s", line, before+1, score)
			}
			if top := slices.ContainsFunc(r.Top(), func(l RankedLine) bool { return l.Key == line.Key }); top != (before < BoardPlaces) {
				t.Fatalf("%s with %d before it: published %v", line.Key, before, top)
			}
		}
		for _, u := range r.Unranked {
			own := places[slices.IndexFunc(places, func(p RankedPlace) bool { return p.Key == u.Key })]
			if u.Reason != UnrankedFew || own.Net.Rated() >= FewestRatings {
				t.Fatalf("%+v is not ranked", u)
			}
		}
		if len(r.Lines)+len(r.Unranked) != len(places) {
			t.Fatal("a place is on neither list")
		}
	})
}

// A share that cannot be told leaves its weight to the others, and says why; ties are shown and count all before them.
func TestMissingSharesLeaveTheirWeightAndTiesStand(t *testing.T) {
	values := boardValues(t)
	p := praised("a", 90, 10)
	score, parts := CompositeScore(p, values)
	if want := big.NewRat(100*(50*90+10*100), 60*100); score.Cmp(want) != 0 {
		t.Errorf("%s, want %s", score, want)
	}
	missing := map[string]string{}
	for _, part := range parts {
		missing[part.Name] = part.Missing
	}
	if missing[ScoreHandled] != ScoreNone || missing[ScoreInTime] != ScoreNone || missing[ScoreInspection] != ScoreNotEntered || missing[ScoreGood] != "" {
		t.Errorf("%v", missing)
	}
	p.Cases = CaseTally{Concluded: 4, Called: 4, Replied: 4, Accepted: 4, InTime: 0}
	few, parts := CompositeScore(p, values)
	if few.Cmp(score) != 0 || parts[1].Missing != ScoreFew || parts[1].Value != "" {
		t.Errorf("four cases count: %s, %+v", few, parts[1])
	}
	p.Inspection = &InspectionScore{Hundredths: 10000}
	if inspected, _ := CompositeScore(p, values); inspected.Cmp(score) <= 0 {
		t.Errorf("a full inspection counts for nothing: %s", inspected)
	}
	var places []RankedPlace
	for _, key := range strings.Split("b c d e f g h", " ") {
		places = append(places, praised(key, 95, 5))
	}
	r := RankPlaces(append(places, praised("a", 99, 1), praised("z", 40, 60), praised("few", 29, 0)), values)
	if top := r.Top(); len(top) != 8 || top[0].Rank != 1 || top[1].Rank != 2 || top[7].Rank != 2 || !r.Tied(top[3]) || r.Tied(top[0]) {
		t.Errorf("%+v", top)
	}
	if last := r.Lines[len(r.Lines)-1]; last.Rank != 9 || last.Key != "z" {
		t.Errorf("the rank after a tie: %+v", last)
	}
	keeper := praised("office", 100, 0)
	keeper.Keeps = true
	if r := RankPlaces([]RankedPlace{keeper}, values); len(r.Lines) != 0 || r.Unranked[0].Reason != UnrankedKeeps {
		t.Errorf("whoever keeps the board ranks itself: %+v", r)
	}
	values[BoardRanksKeeper] = 1
	if r := RankPlaces([]RankedPlace{keeper}, values); len(r.Lines) != 1 {
		t.Errorf("%+v", r)
	}
}

// What a board was computed from is hashed: the same input gives the same, and any other another.
func TestABoardNamesWhatItIsComputedFrom(t *testing.T) {
	in := BoardInput{Period: "2026-Q3", Seal: 1, Position: 900, FigureFormula: FigureFormula, Formula: BoardFormula, Edition: Edition1, Values: boardValues(t),
		Counties: []RankedPlace{praised("513301", 90, 10), praised("513322", 80, 0)}}
	at := time.Date(2026, 10, 1, 1, 0, 0, 0, time.UTC)
	b := NewBoard(in, 1, []string{BoardQuarterOver}, at)
	if b.InputHash != in.Hash() || len(b.InputHash) != 64 || !b.Same(in) || len(b.Since(in)) != 0 {
		t.Fatalf("%+v", b)
	}
	other := in
	other.Counties = []RankedPlace{praised("513301", 90, 9), praised("513322", 80, 0)}
	if other.Hash() == in.Hash() || b.Same(other) || NewBoard(other, 1, b.Reasons, at).Digest() == b.Digest() {
		t.Error("one rating less makes no difference")
	}
	other.Counties[0] = praised("513301", 90, 10)
	other.Counties[0].Inspection = &InspectionScore{Hundredths: 1, Docket: "d", Seq: 2}
	if got := b.Since(other); !slices.Equal(got, []string{BoardInspection}) {
		t.Errorf("%v", got)
	}
}

func TestInspectionPoints(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "100": 10000, "100.00": 10000, "92.5": 9250, "7.05": 705, "99": 9900} {
		if got, ok := ParseInspection(text); !ok || got != want {
			t.Errorf("%s: %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "100.01", "101", "-1", "9.999", "+5", "１", "9,5", " 9"} {
		if got, ok := ParseInspection(text); ok {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

// What everybody reads tells no share of few, and nothing by the difference of two versions.
func TestTheOpenBoardTellsNoFew(t *testing.T) {
	line := func(good, bad, inTime, late int64) RankedLine {
		p := RankedPlace{Key: "x"}
		p.Net.Grades[4], p.Net.Grades[0] = good, bad
		p.Given = p.Net
		p.Given.NotRated = 20
		p.Cases.Accepted, p.Cases.InTime = inTime+late, inTime
		p.Cases.Concluded, p.Cases.Called, p.Cases.Replied = 20, 20, 20
		return RankPlaces([]RankedPlace{p}, boardValues(t)).Lines[0]
	}
	for name, c := range map[string]struct {
		line   RankedLine
		whole  bool
		exempt int64
		score  bool
		told   string
	}{
		"many of both":                       {line(90, 10, 20, 10), false, 0, true, "good handled in_time active"},
		"nine bad ratings":                   {line(91, 9, 20, 10), false, 0, false, "handled in_time active"},
		"no bad rating":                      {line(100, 0, 20, 10), false, 0, false, "handled in_time active"},
		"nine late":                          {line(90, 10, 20, 9), false, 0, false, "good handled active"},
		"none late":                          {line(90, 10, 20, 0), false, 0, true, "good handled in_time active"},
		"none late of few":                   {line(90, 10, 9, 0), false, 0, false, "good handled active"},
		"four rectified":                     {line(90, 10, 4, 0), false, 0, false, "good handled active"},
		"none rectified":                     {line(90, 10, 0, 0), false, 0, false, "good handled active"},
		"three calls exempt":                 {line(90, 10, 20, 10), false, 3, false, "good in_time active"},
		"ten calls exempt":                   {line(90, 10, 20, 10), false, 10, true, "good handled in_time active"},
		"many of both, once more in a while": {line(90, 10, 20, 10), true, 0, false, ""},
	} {
		open := c.line.Open(c.whole, CaseTally{Concluded: 20, Called: 20, Replied: 20, CallExempt: c.exempt})
		var told []string
		for _, part := range open.Parts {
			if part.Value != "" {
				told = append(told, part.Name)
			}
			if part.Missing == ScoreFew || part.Missing == ScoreNone {
				t.Errorf("%s: %s tells of how few cases it is", name, part.Name)
			}
		}
		if got := strings.Join(told, " "); got != c.told || (open.Shown != "") != c.score || (open.Score != "") != c.score {
			t.Errorf("%s: tells %q, the score %q", name, got, open.Shown)
		}
	}
}

// The lines above and below one that withholds its bad ratings do not tell them by their scores: whatever is shown, at least one count
// of five or more fits its rank.
func TestNoNeighbourOnTheOpenBoardTellsFew(t *testing.T) {
	values := boardValues(t)
	place := func(key string, good, bad int64) RankedPlace {
		p := praised(key, good, bad)
		p.Given.NotRated = 20
		p.Cases.Accepted, p.Cases.InTime, p.Cases.Concluded, p.Cases.Called, p.Cases.Replied = 40, 20, 40, 20, 40
		return p
	}
	exposed := 0
	rapid.Check(t, func(t *rapid.T) {
		var in BoardInput
		for i := range rapid.IntRange(2, 6).Draw(t, "places") {
			rated := rapid.Int64Range(60, 400).Draw(t, "rated")
			in.Counties = append(in.Counties, place(string(rune('a'+i)), rated, rapid.Int64Range(0, 25).Draw(t, "bad")))
		}
		in.Values = values
		b := NewBoard(in, 1, nil, time.Unix(0, 0))
		var figures PublicTable
		for _, p := range in.Counties {
			l, _ := PublicRule{Few: FewestShown, Band: 2 * FewestShown, Fewest: FewestRatings}.line(SealedLine{Key: p.Key, Net: p.Net})
			figures.Areas = append(figures.Areas, PublicArea{PublicLine: l})
		}
		open := b.Open(false, []PublicTable{figures}, nil).Counties.Lines
		shown := map[string]bool{}
		for _, line := range open {
			shown[line.Key] = line.Score != ""
		}
		for _, line := range open {
			own := placeOf(in.Counties, line.Key)
			if own.Net.Bad() >= FewestShown {
				continue
			}
			// As a reader does: five bad ratings instead, all else as it is.
			score, _ := CompositeScore(place("x", own.Net.Rated()-FewestShown, FewestShown), values)
			truth, _ := CompositeScore(own, values)
			for _, other := range in.Counties {
				theirs, _ := CompositeScore(other, values)
				if shown[other.Key] && score.Cmp(theirs) != truth.Cmp(theirs) {
					t.Fatalf("%s has %d bad ratings of %d, and would stand elsewhere beside %s with five: its rank tells that it has fewer", line.Key, own.Net.Bad(), own.Net.Rated(), other.Key)
				}
			}
			for _, other := range b.Counties.Lines {
				if !shown[other.Key] && placeOf(in.Counties, other.Key).Net.Bad() >= 2*FewestShown {
					exposed++
				}
			}
		}
	})
	if exposed == 0 {
		t.Error("no neighbour ever had to withhold anything: this proves nothing")
	}
}

// Where public figures hold back what came late, the board tells no share that rests on it.
func TestTheOpenBoardTellsNoMoreThanPublicFigures(t *testing.T) {
	p := praised("513301", 480, 21)
	p.Cases.Accepted, p.Cases.InTime, p.Cases.Concluded, p.Cases.Called, p.Cases.Replied = 40, 20, 40, 20, 40
	b := NewBoard(BoardInput{Counties: []RankedPlace{p}, Departments: []RankedPlace{p}, Values: boardValues(t)}, 1, nil, time.Unix(0, 0))
	standing := PublicTable{Areas: []PublicArea{{PublicLine: PublicLine{Key: "513301", Rated: 500, Good: 480, Bad: 20}}}}
	if line := b.Open(false, []PublicTable{standing}, nil).Counties.Lines[0]; line.Score != "" || line.Parts[0].Value != "" {
		t.Errorf("95.81%% beside 480 of 500 tells that one bad rating came: %+v", line)
	}
	standing.Areas[0].Rated, standing.Areas[0].Bad = 501, 21
	open := b.Open(false, []PublicTable{standing}, nil)
	if line := open.Counties.Lines[0]; line.Parts[0].Value != "95.81" || line.Score == "" {
		t.Errorf("nothing is told that everybody knows: %+v", line)
	}
	if !open.TellsInTime("513301") || open.TellsInTime("513322") {
		t.Error("whether a share of what was put right in time is told")
	}
	outcomes := map[string]bool{"513301": true}
	if beside := b.Open(false, []PublicTable{standing}, outcomes); beside.Counties.Lines[0].Score != "" || beside.TellsInTime("513301") ||
		WithheldWhy(beside.Counties.Lines[0], false, false, []PublicTable{standing}, outcomes) != WithheldBulletin {
		t.Errorf("beside a bulletin that tells how many cases were put right: %+v", beside.Counties.Lines[0])
	}
	if len(open.Departments.Lines) != 0 {
		t.Errorf("of departments of which public figures list none: %+v", open.Departments.Lines)
	}
	standing.Areas = append(standing.Areas, PublicArea{PublicLine: PublicLine{Key: PrefectureArea, Rated: 600}, Units: []PublicLine{{Key: "other", Rated: 50}}})
	if line := b.Open(false, []PublicTable{standing}, nil).Departments.Lines[0]; line.Score != "" {
		t.Errorf("of a department that public figures leave out: %+v", line)
	}
	standing.Areas = standing.Areas[:1]
	standing.Areas = append(standing.Areas, PublicArea{PublicLine: PublicLine{Key: PrefectureArea, Rated: 501}, Units: []PublicLine{{Key: "513301", Rated: 501, Good: 480, Bad: 21}}})
	if line := b.Open(false, []PublicTable{standing}, nil).Departments.Lines[0]; line.Score == "" {
		t.Errorf("%+v", line)
	}
}

// R04: public figures tell calls and replies exactly only where ten at least were made and ten not. Where they tell one of the two so, the
// board's share of both does not tell the other.
func TestTheBoardTellsNoFewCallsBesidePublicShares(t *testing.T) {
	for name, c := range map[string]struct {
		called, replied int64
		told            bool
	}{
		"two not called":            {48, 30, false},
		"three called":              {3, 30, false},
		"two not replied to":        {30, 48, false},
		"both told exactly":         {38, 30, true},
		"all called":                {50, 30, true},
		"a few of both, who is who": {43, 44, true},
	} {
		p := praised("513301", 300, 60)
		p.Given.NotRated = 100
		p.Cases = CaseTally{Cases: 60, Concluded: 50, Called: c.called, Replied: c.replied, Accepted: 40, InTime: 20}
		table, _ := PublishFigures(PublicRuleOf(mustParams(t, nil)), Sealed{Period: "2026-Q1", Figures: SealedFigures{Counties: []SealedLine{{Key: p.Key, Net: p.Net, Cases: &p.Cases}}}}, nil, nil, nil)
		line := NewBoard(BoardInput{Counties: []RankedPlace{p}, Values: boardValues(t)}, 1, nil, time.Unix(0, 0)).Open(false, []PublicTable{table}, nil).Counties.Lines[0]
		if (line.Parts[1].Value != "") != c.told || (line.Score != "") != c.told {
			t.Errorf("%s: %+v, score %q", name, line.Parts[1], line.Score)
		}
	}
}

// The page says by which rule a score is withheld, and of two that would tell which it is says that it is one of them.
func TestTheOpenBoardSaysWhyAScoreIsWithheld(t *testing.T) {
	withheld := RankedLine{Key: "a", Parts: []ScorePart{{Name: ScoreGood, Missing: ScoreWithheld}}}
	figures := []PublicTable{{Areas: []PublicArea{{PublicLine: PublicLine{Key: "a"}}, {PublicLine: PublicLine{Key: PrefectureArea}, Units: []PublicLine{{Key: "d"}}}}}}
	for _, c := range []struct {
		line                RankedLine
		department, further bool
		want                string
	}{
		{withheld, false, false, WithheldFew}, {withheld, false, true, WithheldFurther}, {withheld, true, false, WithheldUnlisted},
		{RankedLine{Key: "d", Parts: withheld.Parts}, true, false, WithheldFew}, {RankedLine{Key: "b", Parts: withheld.Parts}, false, false, WithheldUnlisted},
		{RankedLine{Key: "b", Parts: []ScorePart{{Name: ScoreGood, Value: "98.00"}, {Name: ScoreInspection, Missing: "not_entered"}}}, false, true, ""},
	} {
		if got := WithheldWhy(c.line, c.department, c.further, figures, nil); got != c.want {
			t.Errorf("%+v: %q, not %q", c, got, c.want)
		}
	}
}

// R21, R04: where public figures list no department, since that would tell of the others, the board does not tell of them either: it reads
// alike whether one has few ratings or enough.
func TestTheOpenBoardDoesNotTellWhichDepartmentsHaveFew(t *testing.T) {
	values := boardValues(t)
	board := func(rated ...int64) Board {
		in := BoardInput{Values: values}
		for i, n := range rated {
			in.Departments = append(in.Departments, praised(string(rune('a'+i)), n, int64(i/5))) // from the sixth on one was bad
		}
		return NewBoard(in, 1, nil, time.Unix(0, 0))
	}
	told := func(rated int64, units ...PublicLine) []PublicTable {
		return []PublicTable{{Areas: []PublicArea{{PublicLine: PublicLine{Key: PrefectureArea, Rated: rated, Band: BandBad}, Units: units}}}}
	}
	for name, c := range map[string]struct {
		board   Board
		figures []PublicTable
		lines   int
		few     []string
		why     string
	}{
		"one of two has three":               {board(58, 3), told(61), 0, nil, ListUnlisted},
		"both have enough":                   {board(31, 30), told(61), 0, nil, ListUnlisted},
		"none has enough":                    {board(29, 2), told(31), 0, nil, ListUnlisted},
		"no figures are out":                 {board(58, 3), nil, 0, nil, ListUnlisted},
		"there is a sixth":                   {board(100, 100, 90, 90, 90, 90, 3), told(1000), 5, nil, ListUnranked},
		"a sixth, and no figures are out":    {board(100, 100, 90, 90, 90, 90, 3), nil, 5, nil, ListUnranked},
		"a sixth, and four for the seventh":  {board(30, 30, 30, 30, 30, 29, 3), told(184), 0, nil, ListUnlisted},
		"they are listed, and so are others": {board(58, 3), told(61, PublicLine{Key: "a", Rated: 58, Band: BandBad}), 1, []string{"b"}, ""},
	} {
		open := c.board.Open(false, c.figures, nil).Departments
		var few []string
		for _, u := range open.Unranked {
			few = append(few, u.Key)
		}
		if len(open.Lines) != c.lines || !slices.Equal(few, c.few) || open.Withheld != c.why {
			t.Errorf("%s: %d lines, few ratings %q, withheld %q", name, len(open.Lines), few, open.Withheld)
		}
	}
	one, other := board(58, 3).Open(false, told(61), nil), board(31, 30).Open(false, told(61), nil)
	if DigestOf(one.Departments) != DigestOf(other.Departments) {
		t.Errorf("the two read otherwise: %+v, %+v", one.Departments, other.Departments)
	}
	kept := board(58, 3)
	kept.Departments.Unranked = append(kept.Departments.Unranked, UnrankedLine{"k", UnrankedKeeps})
	if open := kept.Open(false, told(61), nil).Departments; len(open.Unranked) != 1 || open.Unranked[0].Key != "k" || len(kept.Departments.Unranked) != 2 {
		t.Errorf("who keeps the board: %+v, kept %+v", open.Unranked, kept.Departments.Unranked)
	}
}
