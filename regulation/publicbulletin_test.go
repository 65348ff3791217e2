package regulation

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// namedWorld is a unit in a county's quarter: confirmed and other bad ratings, good ones.
type namedWorld struct{ confirmed, other, good int64 }

func (w namedWorld) bad() int64 { return w.confirmed + w.other }

// bulletinWorld is a county's quarter by unit; the last unit is the authority's own office, which its bulletin is not about.
type bulletinWorld []namedWorld

const officeUnit = "office"

func drawBulletin(draw *rand.Rand) (w bulletinWorld) {
	for range 2 + draw.IntN(2) {
		u := namedWorld{int64(7 + draw.IntN(18)), int64(7 + draw.IntN(12)), 28 + int64(draw.IntN(40))}
		if draw.IntN(4) == 0 {
			u.good = int64(draw.IntN(9)) // few are good, or few rated
		}
		w = append(w, u)
	}
	return append(w, namedWorld{0, int64(draw.IntN(3) * (5 + draw.IntN(4))), 30 + int64(draw.IntN(50))})
}

// change writes cases off, finds others substantiated and moves some to other units, as happens between a bulletin and its correction.
// confirmed tells whether that leaves the bulletin as it is.
func (w bulletinWorld) change(draw *rand.Rand) (confirmed bool) {
	if u := &w[draw.IntN(len(w)-1)]; draw.IntN(3) == 0 && u.other >= FewestShown { // enough for the figures to move
		u.other -= FewestShown
		return true
	}
	for range 1 + draw.IntN(9) {
		u := &w[draw.IntN(len(w)-1)]
		switch to := &w[draw.IntN(len(w)-1)]; {
		case u.confirmed == 0:
			u.confirmed++
		case draw.IntN(3) == 0:
			u.confirmed, to.confirmed = u.confirmed-1, to.confirmed+1
		default:
			u.confirmed--
		}
	}
	return false
}

func (w bulletinWorld) key(unit int) string {
	if unit == len(w)-1 {
		return officeUnit
	}
	return fmt.Sprint("u", unit)
}

func (w bulletinWorld) sealed(version int64) Sealed {
	f := Sealed{Area: PrefectureArea, Period: "2026-Q1", Version: version, Position: version, Formula: 1}
	var all Tally
	for i, u := range w {
		net := Tally{Grades: [5]int64{u.bad(), 0, 0, 0, u.good}}
		all = all.Plus(net)
		f.Figures.Units = append(f.Figures.Units, SealedLine{Key: w.key(i), Under: "c", Net: net})
	}
	f.Figures.Counties = []SealedLine{{Key: "c", Net: all}}
	return f
}

func (w bulletinWorld) bulletin() Bulletin {
	b := Bulletin{Area: "c", Period: "2026-Q1", Total: BulletinLine{Causes: map[string]int64{}}}
	for i, u := range w[:len(w)-1] {
		b.Units = append(b.Units, BulletinLine{Key: w.key(i), Rated: u.bad() + u.good, Bad: u.bad(), Confirmed: u.confirmed})
		b.Total.Confirmed += u.confirmed
	}
	b.Total.Rectified = b.Total.Confirmed * 2 / 3
	b.Total.InTime, b.Total.Overdue = b.Total.Rectified*3/4, (b.Total.Confirmed-b.Total.Rectified)/2
	for cause, n := range map[string]int64{"efficiency": b.Total.Confirmed / 2, "attitude": b.Total.Confirmed - b.Total.Confirmed/2} {
		if n > 0 {
			b.Total.Causes[cause] = n
		}
	}
	return b
}

// bulletinReader supposes what may be behind a public bulletin and the public figures beside it: all confirmed and other bad ratings of
// all units that fit.
type bulletinReader struct {
	world bulletinWorld
	told  PublicBulletin
	table PublicTable
	may   [][]namedWorld // what each unit may be, as its own lines tell it
	most  []namedWorld   // that each unit has in anything that fits
	all   namedWorld     // and all that the bulletin is about
}

func toldBetween(n *PublicCount) (least, most int64) {
	switch {
	case n == nil:
		return 0, 1 << 30
	case n.Stood:
		return 0, 1 << 30 // parts may have changed by more
	}
	return int64(n.N), int64(n.N)
}

func readBulletin(w bulletinWorld, told PublicBulletin, table PublicTable) *bulletinReader {
	s := &bulletinReader{world: w, told: told, table: table, most: make([]namedWorld, len(w))}
	area := table.Area("c")
	for i, u := range w {
		least, most := max(0, u.bad()-8), u.bad()+8 // less is supposed than can be: so more would be told
		if u.bad()+u.good < FewestRatings {
			most = min(most, FewestRatings-1)
		}
		if area != nil {
			for _, line := range area.Units {
				if line.Key == w.key(i) {
					least, most = table.Rule.between(line)
				}
			}
		}
		from, to := toldBetween(confirmedOf(told.Units, w.key(i)))
		var may []namedWorld
		for bad := least; bad <= most; bad++ {
			for confirmed := from; confirmed <= min(bad, to); confirmed++ {
				if i == len(w)-1 && confirmed > 0 {
					break // of the office nothing is told: how many of its ratings were confirmed is no matter
				}
				may = append(may, namedWorld{confirmed: confirmed, other: bad - confirmed})
			}
		}
		s.may = append(s.may, may)
	}
	s.suppose(area)
	return s
}

// suppose goes through all units by what their sums may be: for each unit what the others may have in all.
func (s *bulletinReader) suppose(area *PublicArea) {
	type sums struct{ confirmed, bad int64 }
	least, most := int64(0), int64(1<<30)
	if area != nil {
		least, most = s.table.Rule.between(area.PublicLine)
	}
	for i := range s.may {
		others := map[sums]bool{{}: true}
		for j, may := range s.may {
			if j == i {
				continue
			}
			next := map[sums]bool{}
			for sum := range others {
				for _, u := range may {
					next[sums{sum.confirmed + u.confirmed, sum.bad + u.bad()}] = true
				}
			}
			others = next
		}
		for _, u := range s.may[i] {
			for sum := range others {
				if bad := sum.bad + u.bad(); bad < least || bad > most || !s.fits(sum.confirmed+u.confirmed) {
					continue
				}
				s.most[i] = namedWorld{confirmed: max(s.most[i].confirmed, u.confirmed), other: max(s.most[i].other, u.other)}
				if i == len(s.may)-1 { // the office: all others are what the bulletin is about
					s.all = namedWorld{confirmed: max(s.all.confirmed, sum.confirmed), other: max(s.all.other, sum.bad-sum.confirmed)}
				}
			}
		}
	}
}

// fits tells whether so many confirmed cases fit with the total, with the causes and with what became of them.
func (s *bulletinReader) fits(confirmed int64) bool {
	least, most := toldBetween(s.told.Confirmed)
	rectified, _ := toldBetween(s.told.Rectified)
	inTime, _ := toldBetween(s.told.InTime)
	overdue, _ := toldBetween(s.told.Overdue)
	var causesLeast, causesMost int64
	for _, n := range s.told.Causes {
		lo, hi := toldBetween(n)
		causesLeast, causesMost = causesLeast+lo, causesMost+hi
	}
	return confirmed >= max(least, causesLeast, max(rectified, inTime)+overdue) && confirmed <= min(most, causesMost)
}

// exposed names a count that is told to be under five, "" for none.
func (s *bulletinReader) exposed() string {
	var all namedWorld
	for i, u := range s.world[:len(s.world)-1] {
		all = namedWorld{confirmed: all.confirmed + u.confirmed, other: all.other + u.other}
		if u.bad()+u.good == 0 {
			continue
		}
		if u.confirmed < FewestShown && s.most[i].confirmed < FewestShown && u.bad()+u.good >= FewestShown {
			return fmt.Sprintf("unit %d has %d confirmed cases, and can have %d at most", i, u.confirmed, s.most[i].confirmed)
		}
		if u.other > 0 && u.other < FewestShown && s.most[i].other < FewestShown && u.bad()+u.good >= FewestShown {
			return fmt.Sprintf("of unit %d %d bad ratings were not confirmed, and %d at most can be", i, u.other, s.most[i].other)
		}
	}
	if all.confirmed < FewestShown && s.all.confirmed < FewestShown || all.other > 0 && all.other < FewestShown && s.all.other < FewestShown {
		return fmt.Sprintf("of all %+v are told, who can be %+v at most", all, s.all)
	}
	rectified, _ := toldBetween(s.told.Rectified)
	inTime, _ := toldBetween(s.told.InTime)
	if b := s.world.bulletin(); b.Total.Overdue < FewestShown && s.all.confirmed-max(rectified, inTime) < FewestShown {
		return fmt.Sprintf("%d are overdue, and it can be %d at most", b.Total.Overdue, s.all.confirmed-max(rectified, inTime))
	}
	return ""
}

// moved names a count that a correction tells to have changed by few, "" for none.
func movedByFew(was, is PublicBulletin) string {
	pairs := map[string][2]*PublicCount{"confirmed": {was.Confirmed, is.Confirmed}, "rectified": {was.Rectified, is.Rectified}, "in time": {was.InTime, is.InTime}, "overdue": {was.Overdue, is.Overdue}}
	for cause, n := range is.Causes {
		pairs[cause] = [2]*PublicCount{was.Causes[cause], n}
	}
	for _, line := range is.Units {
		pairs[line.Key] = [2]*PublicCount{confirmedOf(was.Units, line.Key), line.Confirmed}
	}
	for name, pair := range pairs {
		switch {
		case pair[1] == nil:
		case pair[0] == nil:
			return name + " is told though it was withheld before"
		case pair[1].Stood && pair[1].N != pair[0].N || !pair[1].Stood && pair[1].N != pair[0].N && max(pair[1].N-pair[0].N, pair[0].N-pair[1].N) < FewestShown:
			return fmt.Sprintf("%s went from %d to %d", name, pair[0].N, pair[1].N)
		}
	}
	return ""
}

// R04, R21, R42: whoever has a quarter's public figures, its bulletin and two corrections of it, and knows how many rated where, cannot tell
// that fewer than five of a unit's bad ratings were confirmed, nor that one to four were not, nor that a correction is of so few.
func TestPublicBulletinsTellOfNobodyBesideTheFigures(t *testing.T) {
	r := PublicRuleOf(mustParams(t, nil))
	whole, part, stood, moved := 0, 0, 0, 0
	for seed := range uint64(50) {
		draw := rand.New(rand.NewPCG(seed, 13))
		w := drawBulletin(draw)
		var before *PublicBulletin
		var standing *PublicTable
		var figures []PublicTable
		stands := false // the last bulletin, beside figures that may move
		for version := int64(1); version <= 3; version++ {
			told := BulletinsTold{Bulletins: map[string]PublicBulletin{}, Offices: map[string]string{"c": officeUnit}}
			if before != nil {
				told.Bulletins["c"] = *before
			}
			if table, changed := PublishFigures(r, w.sealed(version), standing, nil, &told); changed {
				standing = &table
				figures = append(figures, table)
			}
			if stands && standing.Area("c") != nil && standing.Area("c").Version == version {
				if why := readBulletin(w, *before, *standing).exposed(); why != "" {
					t.Fatalf("seed %d, version %d, beside the bulletin of before: %s\n%+v\n%+v", seed, version, why, w, standing)
				}
			}
			open := w.bulletin().Public(BulletinBeside{Figures: figures, Before: before, Offices: map[string]string{"c": officeUnit}})
			if before != nil {
				if why := movedByFew(*before, open); why != "" {
					t.Fatalf("seed %d, version %d: %s", seed, version, why)
				}
			}
			if area := standing.Area("c"); area == nil || area.Version == version { // else the figures are of another world, and tell nothing of this
				if why := readBulletin(w, open, *standing).exposed(); why != "" {
					t.Fatalf("seed %d, version %d: %s\n%+v\n%+v\n%+v", seed, version, why, w, open, standing)
				}
			}
			for _, line := range open.Units {
				switch n := line.Confirmed; {
				case n == nil:
					part++
				case n.Stood:
					stood++
				default:
					whole++
					if version > 1 {
						moved++
					}
				}
			}
			before = &open
			stands = w.change(draw)
		}
	}
	t.Logf("%d units told, %d withheld, %d stood, %d moved", whole, part, stood, moved)
	if whole < 15 || stood < 10 { // TestWhatABulletinWithholdsTellsOfNobody has those that move

		t.Errorf("too little is told to prove anything: %d units, %d that stood, %d that moved", whole, stood, moved)
	}
}

// R04, R42: a county's cases stand in its own bulletin and, without its office either, in the prefecture's, which is of another day: whichever
// comes out second, beside the other it tells of no change by fewer than five, and nothing of the office hinders it.
func TestBulletinsOfTwoAuthoritiesTellOfNoFewBetweenThem(t *testing.T) {
	line := func(key string, confirmed int64) BulletinLine {
		return BulletinLine{Key: key, Rated: 200, Bad: confirmed + 20, Confirmed: confirmed}
	}
	of := func(area string, counties []BulletinLine, units ...BulletinLine) Bulletin {
		b := Bulletin{Area: area, Period: "2026-Q1", Counties: counties, Units: units}
		for _, u := range units {
			b.Total.Confirmed += u.Confirmed
		}
		return b
	}
	offices := map[string]string{"c": officeUnit}
	place := func(key string, bad int64) PublicLine {
		return PublicLine{Key: key, Rated: 600, Good: 600 - bad, Bad: bad}
	}
	figures := []PublicTable{{Rule: PublicRuleOf(mustParams(t, nil)), Areas: []PublicArea{
		{PublicLine: place("c", 96), Units: []PublicLine{place("a", 31), place("b", 29), place(officeUnit, 36)}},
		{PublicLine: place(PrefectureArea, 50), Units: []PublicLine{place("d", 50)}}}}}
	for was := int64(10); was <= 30; was++ {
		want := PublicCount{20, false}
		if max(was-20, 20-was) < FewestShown {
			want = PublicCount{int(was), true}
		}
		whole := PublicBulletin{Counties: []PublicNamed{{"c", &PublicCount{N: int(was)}}}, Units: []PublicNamed{{officeUnit, &PublicCount{N: 16}}}}
		own := of("c", nil, line("a", 11), line("b", 9)).Public(BulletinBeside{Figures: figures, Offices: offices, Others: []OtherBulletin{{PrefectureArea, whole}}})
		if own.Confirmed == nil || *own.Confirmed != want {
			t.Errorf("the prefecture told %d, and the county tells %+v", was, own.Confirmed)
		}
		county := PublicBulletin{Confirmed: &PublicCount{N: int(was)}}
		all := of(PrefectureArea, []BulletinLine{line("c", 20)}, line("d", 30), line(officeUnit, 16)).Public(BulletinBeside{Figures: figures, Offices: offices, Others: []OtherBulletin{{"c", county}}})
		if n := all.Counties[0].Confirmed; n == nil || *n != want {
			t.Errorf("the county told %d, and the prefecture tells %+v", was, all.Counties[0].Confirmed)
		}
		if confirmedOf(all.Units, officeUnit) == nil {
			t.Errorf("the county told %d, and of its office nothing is told", was)
		}
	}
}
