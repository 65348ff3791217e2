package regulation

import (
	"cmp"
	"maps"
	"slices"
)

// PublicBulletin is what everybody may read of one (R21, R42): no single case, only units with enough ratings, and no count under
// five nor what would tell one (R04), also not beside the public figures of the quarter, the one that it corrects, and those of other
// authorities. Confirmed cases are told where the figures tell that there are as many bad ratings, and else not: they say nothing of ratings that the
// figures do not. A count that is withheld is nil.
type PublicBulletin struct {
	Confirmed, Rectified, InTime, Overdue *PublicCount
	Causes                                map[string]*PublicCount // of those confirmed, where there are any
	Units, Counties                       []PublicNamed
}

// PublicCount is a count that is shown. Stood tells that it is the one that was told before the correction: it has changed by fewer than
// FewestShown since, or not at all.
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
	Fewest  int             // ratings that a unit or county has at least to stand in it
	Figures []PublicTable   // all editions of the quarter's public figures
	Before  *PublicBulletin // the one that it corrects, nil for none
	Others  []OtherBulletin // those of other authorities of the quarter
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

// publicCells are the counts of a public bulletin while it is made: each with where it goes, and how they add up.
type publicCells struct {
	besideCells
	in   BulletinBeside
	into map[int]func(*PublicCount)
}

// may adds a count that may be shown; was is what was told of it before.
func (p *publicCells) may(n int64, was *PublicCount, into func(*PublicCount)) int {
	c := besideCell{n: int(n), shown: span{int(n), int(n)}, guarded: n < FewestShown, hidden: n < FewestShown}
	switch {
	case p.in.Before == nil:
	case was == nil: // what was withheld stays so: the difference would tell
		c.hidden = true
	case max(c.n-was.N, was.N-c.n) < FewestShown:
		c.shown, c.was, c.hidden = PublicCount{was.N, true}.told(), &was.N, false
	}
	at := p.add(c)
	p.into[at] = into
	return at
}

// never adds a count that is not shown, guarded where it is not nothing and few.
func (p *publicCells) never(n int64) int {
	return p.add(besideCell{n: int(n), hidden: true, guarded: n > 0 && n < FewestShown})
}

// known adds a count of which others tell between which bounds it is.
func (p *publicCells) known(n int64, s span) int {
	return p.add(besideCell{n: int(n), shown: s, fixed: true})
}

// Public is the bulletin as everybody may read it.
func (b Bulletin) Public(in BulletinBeside) PublicBulletin {
	var out PublicBulletin
	p := publicCells{in: in, into: map[int]func(*PublicCount){}}
	was := PublicBulletin{}
	if in.Before != nil {
		was = *in.Before
	}
	confirmed := p.may(b.Total.Confirmed, was.Confirmed, func(n *PublicCount) { out.Confirmed = n })
	rectified := p.may(b.Total.Rectified, was.Rectified, func(n *PublicCount) { out.Rectified = n })
	overdue := p.may(b.Total.Overdue, was.Overdue, func(n *PublicCount) { out.Overdue = n })
	rest := p.few(b.Total.Confirmed - b.Total.Rectified - b.Total.Overdue)
	inTime := p.may(b.Total.InTime, was.InTime, func(n *PublicCount) { out.InTime = n })
	late := p.few(b.Total.Rectified - b.Total.InTime)
	p.sum(confirmed, rectified, overdue, rest)
	p.sum(rectified, inTime, late)
	out.Causes = map[string]*PublicCount{}
	var causes []int
	for _, cause := range slices.Sorted(maps.Keys(b.Total.Causes)) {
		causes = append(causes, p.may(b.Total.Causes[cause], was.Causes[cause], func(n *PublicCount) { out.Causes[cause] = n }))
	}
	p.sum(confirmed, causes...)
	units := p.named(b.Units, was.Units, &out.Units)
	p.sum(confirmed, p.withLeft(b, b.Total.Confirmed, units)...)
	counties := p.named(b.Counties, was.Counties, &out.Counties)
	p.within(b, append(causes, confirmed, rectified, overdue, inTime), units, counties)
	p.besideFigures(b, confirmed, units, counties)
	p.besideOthers(b, confirmed, counties)
	p.withhold()
	for at, into := range p.into {
		c := p.cells[at]
		switch {
		case c.hidden:
			into(nil)
		case c.was != nil:
			into(&PublicCount{*c.was, true})
		default:
			into(&PublicCount{N: c.n})
		}
	}
	return out
}

// within withholds what would tell of more bad ratings than the public figures that stand do. all are the counts of all.
func (p *publicCells) within(b Bulletin, all []int, units, counties map[string]int) {
	var stands PublicTable
	if n := len(p.in.Figures); n > 0 {
		stands = p.in.Figures[n-1]
	}
	told := map[string]int64{} // bad ratings that a place has at least
	for _, area := range stands.Areas {
		for _, unit := range area.Units {
			told[unit.Key], _ = stands.Rule.between(unit)
		}
	}
	without := func(key string) (least int64) { // of an area but its authority's own office
		area := stands.area(key)
		if area == nil {
			return 0
		}
		for _, unit := range area.Units {
			if unit.Key != p.in.Offices[key] {
				least += told[unit.Key]
			}
		}
		beside, _ := stands.Rule.betweenWithout(*area, p.in.Offices[key])
		return max(least, beside)
	}
	least := without(b.Area)
	for key, at := range units {
		p.most(at, told[key])
		if area, office := p.officeOf(key); office && area != b.Area {
			least += told[key]
		}
	}
	for key, at := range counties {
		p.most(at, without(key))
	}
	if b.Total.Confirmed > least {
		for _, at := range all {
			p.most(at, -1)
		}
	}
}

// most withholds a count that is more; one that stands as it was told stays.
func (p *publicCells) most(at int, least int64) {
	if c := &p.cells[at]; c.was == nil && int64(c.n) > least {
		c.hidden, c.guarded = true, true // as one that is few: which of the two it is would tell
	}
}

// officeOf tells of which area a unit is the authority's office.
func (p *publicCells) officeOf(unit string) (area string, office bool) {
	for area, id := range p.in.Offices {
		if id == unit {
			return area, true
		}
	}
	return "", false
}

// few adds what is left of shown counts, which is shown nowhere: also that it is nothing would tell.
func (p *publicCells) few(n int64) int {
	return p.add(besideCell{n: int(n), hidden: true, guarded: n < FewestShown})
}

// named adds the lines with enough ratings, in the order of their keys: that of their counts would tell which of those withheld is the
// greater.
func (p *publicCells) named(lines []BulletinLine, was []PublicNamed, into *[]PublicNamed) map[string]int {
	at := map[string]int{}
	for _, line := range slices.SortedFunc(slices.Values(lines), func(x, y BulletinLine) int { return cmp.Compare(x.Key, y.Key) }) {
		if line.Rated < int64(p.in.Fewest) {
			continue
		}
		*into = append(*into, PublicNamed{Key: line.Key})
		i := len(*into) - 1
		at[line.Key] = p.may(line.Confirmed, confirmedOf(was, line.Key), func(n *PublicCount) { (*into)[i].Confirmed = n })
	}
	return at
}

// confirmedOf is what is told of a unit or county, nil for nothing.
func confirmedOf(lines []PublicNamed, key string) *PublicCount {
	if i := slices.IndexFunc(lines, func(l PublicNamed) bool { return l.Key == key }); i >= 0 {
		return lines[i].Confirmed
	}
	return nil
}

// besideFigures adds what public figures tell: the bad ratings of a place less those confirmed are such that were not confirmed.
func (p *publicCells) besideFigures(b Bulletin, confirmed int, units, counties map[string]int) {
	lines := map[string]BulletinLine{}
	for _, line := range append(slices.Clone(b.Units), b.Counties...) {
		lines[line.Key] = line
	}
	for _, t := range p.in.Figures {
		apart := map[string]int{} // those not confirmed, by unit
		for _, area := range t.Areas {
			if at, named := counties[area.Key]; named {
				p.besideLine(t.Rule, area.PublicLine, lines[area.Key].Confirmed, at)
			}
			for _, unit := range area.Units {
				if at, named := units[unit.Key]; named {
					apart[unit.Key] = p.besideLine(t.Rule, unit, lines[unit.Key].Confirmed, at)
				}
			}
		}
		if area := t.area(b.Area); area != nil && b.Area != PrefectureArea {
			p.besideArea(t.Rule, *area, b, confirmed, apart)
		}
	}
}

// besideLine adds a place's line, and returns the cell of those not confirmed.
func (p *publicCells) besideLine(r PublicRule, l PublicLine, confirmed int64, at int) (apart int) {
	least, most := r.between(l)
	bad := min(max(least, confirmed), most)
	if l.hides() { // how many they are nobody knows, so that none could be told from few
		apart = p.few(bad - confirmed)
	} else {
		apart = p.never(bad - confirmed)
	}
	p.sum(p.known(bad, span{int(least), int(most)}), at, apart)
	if l.Band == BandGood {
		p.sum(p.known(l.Rated, span{int(l.Rated), int(l.Rated)}), at, apart, p.few(l.Rated-bad))
	}
	return apart
}

// besideArea adds a county's line without its own office, which its bulletin is not about.
func (p *publicCells) besideArea(r PublicRule, area PublicArea, b Bulletin, confirmed int, apart map[string]int) {
	least, most := r.betweenWithout(area, p.in.Offices[area.Key])
	bad := min(max(least, b.Total.Confirmed), most)
	all := p.few(bad - b.Total.Confirmed)
	if least == most {
		p.cells[all].guarded = bad > b.Total.Confirmed && p.cells[all].guarded
	}
	p.sum(p.known(bad, span{int(least), int(most)}), confirmed, all)
	p.sum(all, p.withLeft(b, int64(p.cells[all].n), apart)...)
}

// withLeft are the cells of some units with what is left of a sum for the others: nothing where there are no others, which a reader
// is taken to know, and no more than rated there.
func (p *publicCells) withLeft(b Bulletin, sum int64, units map[string]int) (parts []int) {
	var rated int64
	others := false
	for _, line := range b.Units {
		if at, among := units[line.Key]; among {
			sum, parts = sum-int64(p.cells[at].n), append(parts, at)
		} else if line.Rated > 0 || line.Withheld {
			others, rated = true, rated+max(line.Rated, int64(b.Least))
		}
	}
	if others {
		left := p.few(max(0, sum))
		p.cells[left].most = int(max(rated, 2*FewestShown))
		parts = append(parts, left)
	}
	return parts
}

// besideOthers adds that a county's line in the prefecture's bulletin is of the same units as the county's own, which leaves out its office
// too: where the two are of different days, what they differ by is nothing or many.
func (p *publicCells) besideOthers(b Bulletin, confirmed int, counties map[string]int) {
	for _, other := range p.in.Others {
		if b.Area != PrefectureArea {
			if whole := confirmedOf(other.Public.Counties, b.Area); other.Area == PrefectureArea && whole != nil {
				p.besideTold(confirmed, *whole)
			}
			continue
		}
		if at, named := counties[other.Area]; named && other.Public.Confirmed != nil {
			p.besideTold(at, *other.Public.Confirmed)
		}
	}
}

// besideTold adds that a count is told elsewhere as it was on another day.
func (p *publicCells) besideTold(at int, told PublicCount) {
	known := p.known(int64(told.N), told.told())
	if apart := int64(p.cells[at].n - told.N); apart < 0 {
		p.sum(known, at, p.never(-apart))
	} else {
		p.sum(at, known, p.never(apart))
	}
}
