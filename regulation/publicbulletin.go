package regulation

import (
	"cmp"
	"slices"
)

// PublicBulletin is what everybody may read of one (R21, R42): no single case, only units that public figures list, and no count under
// five nor what would tell one (R04), also not beside the public figures of the quarter, the one that it corrects, those of other
// authorities, and by what is left out. Counts are told as shares of what is told already, and only where both sides of a share are of twice
// five at least: one that is withheld may be small on either side. A count that is withheld is nil.
type PublicBulletin struct {
	Confirmed, Rectified, InTime, Overdue *PublicCount
	Causes                                map[string]*PublicCount // of those confirmed, where there are any
	Units, Counties                       []PublicNamed
	// Named are those as they were called when it was issued; bulletins of before that was kept are without.
	Named []PublicPlace `json:",omitempty"`
}

// Place finds how a place was called when a bulletin was issued, nil where that is not kept.
func (b PublicBulletin) Place(key string) *PublicPlace { return placeNamed(key, b.Named) }

// PublicBulletinRule is the version of Bulletin.Public; whoever changes what it comes to raises it. What was issued under an earlier one stays
// as it was written down.
const PublicBulletinRule = 2

// PublicCount is a count that is shown. Stood tells that it is the one that was told before the correction: it has changed by fewer than
// FewestShown since, or not at all, or has to stand since others have.
type PublicCount struct {
	N     int
	Stood bool
}

// PublicNamed is a unit or a county with its confirmed cases.
type PublicNamed struct {
	Key       string
	Confirmed *PublicCount
}

// BulletinBeside is what everybody has read beside a bulletin by the time it is issued.
type BulletinBeside struct {
	Figures []PublicTable   // all editions of the quarter's public figures
	Before  *PublicBulletin // the one that it corrects, nil for none
	Others  []OtherBulletin // those of other authorities of the quarter
	// InTime: a public board of the quarter tells of the area which share of what was put right was in time; beside it this one tells
	// nothing of that (R37).
	InTime bool
	// Offices are the authorities' own offices by area: the prefecture's bulletin is about those of the counties.
	Offices map[string]string
}

// OtherBulletin is the last public bulletin of another authority.
type OtherBulletin struct {
	Area   string
	Public PublicBulletin
}

// told are the bounds between which everybody knows a count.
func (c PublicCount) told() span {
	if c.Stood {
		return span{max(0, c.N-FewestShown+1), c.N + FewestShown - 1}
	}
	return span{c.N, c.N}
}

// toldBulletin is a public bulletin while it is made.
type toldBulletin struct {
	PublicBulletin
	in     BulletinBeside
	was    PublicBulletin
	stands PublicTable // the quarter's public figures
}

// shares tells whether both sides of a share are of enough.
func shares(n, of int64) bool { return n >= OpenFrom && of-n >= OpenFrom }

// Public is the bulletin as everybody may read it.
func (b Bulletin) Public(in BulletinBeside) PublicBulletin {
	out := toldBulletin{in: in}
	if in.Before != nil {
		out.was = *in.Before
	}
	if n := len(in.Figures); n > 0 {
		out.stands = in.Figures[n-1]
	}
	out.Causes = map[string]*PublicCount{}
	for cause := range b.Total.Causes {
		out.Causes[cause] = nil
	}
	least := out.leastBad(b.Area)
	for _, line := range b.Units {
		if office := in.Offices[b.Area]; line.Key != office && out.stands.unit(b.Area, line.Key) == nil { // another authority's office
			least += out.badOf(line.Key)
		}
	}
	out.Units = named(b.Units, func(key string) bool { return out.stands.line(key) != nil })
	out.Counties = named(b.Counties, func(key string) bool { return out.stands.Area(key) != nil })
	for i, county := range out.Counties {
		n := lineOf(b.Counties, county.Key).Confirmed
		if was := confirmedOf(out.was.Counties, county.Key); in.Before == nil || was != nil {
			out.Counties[i].Confirmed = tell(n, shares(n, out.leastBad(county.Key)), was, in.toldOf(county.Key))
		}
	}
	return out.nested(b, least)
}

// nested tells of all cases and, where those are told, of parts of them. A correction of which all have changed by few says what was said
// before throughout: that parts have changed would tell by how few. What was withheld before stays so.
func (t *toldBulletin) nested(b Bulletin, least int64) PublicBulletin {
	n, was := b.Total.Confirmed, t.was.Confirmed
	if t.in.Before != nil && (was == nil || few(n-int64(was.N))) {
		stands := t.was.stands()
		t.Confirmed, t.Rectified, t.InTime, t.Overdue, t.Causes = stands.Confirmed, stands.Rectified, stands.InTime, stands.Overdue, stands.Causes
		for i, unit := range t.Units {
			t.Units[i].Confirmed = confirmedOf(stands.Units, unit.Key)
		}
		return t.PublicBulletin
	}
	t.Confirmed = tell(n, shares(n, least), nil, t.in.toldOfArea(b.Area))
	if t.Confirmed != nil && !t.Confirmed.Stood { // beside nothing the parts would tell what it is
		t.outcomes(b.Total)
		t.units(b, least)
	}
	return t.PublicBulletin
}

// stands is a bulletin as its correction says it again.
func (b PublicBulletin) stands() PublicBulletin {
	again := func(n *PublicCount) *PublicCount {
		if n == nil {
			return nil
		}
		return &PublicCount{n.N, true}
	}
	b.Confirmed, b.Rectified, b.InTime, b.Overdue = again(b.Confirmed), again(b.Rectified), again(b.InTime), again(b.Overdue)
	causes := map[string]*PublicCount{}
	for cause, n := range b.Causes {
		causes[cause] = again(n)
	}
	b.Causes, b.Units = causes, slices.Clone(b.Units)
	for i := range b.Units {
		b.Units[i].Confirmed = again(b.Units[i].Confirmed)
	}
	return b
}

// few tells whether a change is of fewer than FewestShown, or none.
func few(gap int64) bool { return max(gap, -gap) < FewestShown }

// tell is a count as it may be told: as it was where it has changed by few since it was told, here or elsewhere.
func tell(n int64, may bool, was, elsewhere *PublicCount) *PublicCount {
	for _, told := range []*PublicCount{was, elsewhere} {
		if told != nil && few(n-int64(told.N)) {
			return &PublicCount{told.N, true}
		}
	}
	if !may {
		return nil
	}
	return &PublicCount{N: int(n)}
}

// rest is what is left of those that are told: how many, and how many they were in the bulletin that this one corrects.
type rest struct{ n, was int64 }

// part tells a part of a rest where it may, and neither it nor what is left of the rest has changed by one to four.
func (t *toldBulletin) part(of rest, n int64, may bool, was *PublicCount) (told *PublicCount, left rest) {
	left = rest{of.n - n, 0}
	if t.in.Before != nil {
		if was == nil {
			return nil, of
		}
		left.was = of.was - int64(was.N)
		for _, gap := range []int64{n - int64(was.N), left.n - left.was} {
			may = may && (gap == 0 || !few(gap))
		}
	}
	if !may {
		return nil, of
	}
	return &PublicCount{N: int(n)}, left
}

// whole is the rest before any part is told.
func (t *toldBulletin) whole(n int64) rest {
	if t.was.Confirmed == nil {
		return rest{n, 0}
	}
	return rest{n, int64(t.was.Confirmed.N)}
}

// outcomes tells what became of those confirmed, each as a share of what is told already.
func (t *toldBulletin) outcomes(all BulletinLine) {
	of := t.whole(all.Confirmed)
	t.Rectified, of = t.part(of, all.Rectified, shares(all.Rectified, of.n) && !t.in.InTime, t.was.Rectified)
	if t.Rectified != nil {
		inTime := rest{all.Rectified, 0}
		if t.was.Rectified != nil {
			inTime.was = int64(t.was.Rectified.N)
		}
		t.InTime, _ = t.part(inTime, all.InTime, shares(all.InTime, all.Rectified), t.was.InTime)
	}
	t.Overdue, _ = t.part(of, all.Overdue, shares(all.Overdue, of.n), t.was.Overdue)
	told := map[string]*PublicCount{}
	for cause, n := range all.Causes {
		if told[cause], _ = t.part(rest{n, n}, n, n >= OpenFrom, t.was.Causes[cause]); told[cause] == nil {
			return
		}
	}
	t.Causes = told
}

// units tells of each unit whose bad ratings the figures show how many were confirmed, those with the most bad ones first, until too few are
// left on a side for those that follow.
func (t *toldBulletin) units(b Bulletin, bad int64) {
	of, left := t.whole(b.Total.Confirmed), 0
	for _, line := range b.Units {
		if line.Rated > 0 || line.Withheld {
			left++
		}
	}
	for _, i := range t.byBad() {
		key := t.Units[i].Key
		n, has := lineOf(b.Units, key).Confirmed, t.badOf(key)
		may := shares(n, has) && (left == 1 || shares(of.n-n, bad-has))
		if t.Units[i].Confirmed, of = t.part(of, n, may, confirmedOf(t.was.Units, key)); t.Units[i].Confirmed == nil {
			return
		}
		bad, left = bad-has, left-1
	}
}

// byBad are the places of those units whose bad ratings the figures show, the most first.
func (t *toldBulletin) byBad() (places []int) {
	for i, unit := range t.Units {
		if line := t.stands.line(unit.Key); line != nil && !line.hides() {
			places = append(places, i)
		}
	}
	slices.SortStableFunc(places, func(x, y int) int { return cmp.Compare(t.badOf(t.Units[y].Key), t.badOf(t.Units[x].Key)) })
	return places
}

// named are the lines that the quarter's public figures list, in the order of their keys. To name those with enough ratings would tell of
// the others by which the figures left all out.
func named(lines []BulletinLine, listed func(key string) bool) (named []PublicNamed) {
	for _, line := range slices.SortedFunc(slices.Values(lines), func(x, y BulletinLine) int { return cmp.Compare(x.Key, y.Key) }) {
		if listed(line.Key) {
			named = append(named, PublicNamed{Key: line.Key})
		}
	}
	return named
}

// leastBad is how many bad ratings an area has at least without its authority's own office, as the figures tell.
func (t *toldBulletin) leastBad(key string) (least int64) {
	area := t.stands.Area(key)
	if area == nil {
		return 0
	}
	office := t.in.Offices[key]
	for _, unit := range area.Units {
		if unit.Key != office {
			least += t.badOf(unit.Key)
		}
	}
	beside, _ := t.stands.Rule.betweenWithout(*area, office)
	return max(least, beside)
}

// badOf is how many bad ratings a unit has at least.
func (t *toldBulletin) badOf(unit string) (least int64) {
	if line := t.stands.line(unit); line != nil {
		least, _ = t.stands.Rule.between(*line)
	}
	return least
}

// line finds a department, nil where it is not shown.
func (t PublicTable) line(unit string) *PublicLine {
	for i := range t.Areas {
		if line := t.unit(t.Areas[i].Key, unit); line != nil {
			return line
		}
	}
	return nil
}

// unit finds one of an area.
func (t PublicTable) unit(area, unit string) *PublicLine {
	a := t.Area(area)
	if a == nil {
		return nil
	}
	i := slices.IndexFunc(a.Units, func(l PublicLine) bool { return l.Key == unit })
	if i < 0 {
		return nil
	}
	return &a.Units[i]
}

func lineOf(lines []BulletinLine, key string) BulletinLine {
	i := slices.IndexFunc(lines, func(l BulletinLine) bool { return l.Key == key })
	return lines[i]
}

// confirmedOf is what is told of a unit or county, nil for nothing.
func confirmedOf(lines []PublicNamed, key string) *PublicCount {
	if i := slices.IndexFunc(lines, func(l PublicNamed) bool { return l.Key == key }); i >= 0 {
		return lines[i].Confirmed
	}
	return nil
}

// toldOf is what a county's own bulletin tells of it: it is of the same units as the prefecture's line, on another day.
func (in BulletinBeside) toldOf(county string) *PublicCount {
	for _, other := range in.Others {
		if other.Area == county {
			return other.Public.Confirmed
		}
	}
	return nil
}

// toldOfArea is what the prefecture's bulletin tells of a county.
func (in BulletinBeside) toldOfArea(area string) *PublicCount {
	for _, other := range in.Others {
		if other.Area == PrefectureArea && area != PrefectureArea {
			return confirmedOf(other.Public.Counties, area)
		}
	}
	return nil
}
