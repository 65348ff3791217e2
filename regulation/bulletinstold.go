package regulation

import "slices"

// BulletinsTold is what the last public bulletins of a quarter tell, by the authority's area; Offices are the authorities' own, by area.
// Public figures that would tell of few beside them do not come out.
type BulletinsTold struct {
	Bulletins map[string]PublicBulletin
	Offices   map[string]string
}

// betweenWithout bounds the bad ratings of an area without one of its departments.
func (r PublicRule) betweenWithout(area PublicArea, unit string) (least, most int64) {
	least, most = r.between(area.PublicLine)
	if i := slices.IndexFunc(area.Units, func(l PublicLine) bool { return l.Key == unit }); i >= 0 {
		lo, hi := r.between(area.Units[i])
		return max(0, least-hi), most - lo
	}
	rest := area.Rated
	for _, other := range area.Units {
		rest -= other.Rated
	}
	return max(0, least-rest), most
}

// toldCells are an area's figures and what bulletins tell beside them.
type toldCells struct {
	besideCells
	rule    PublicRule
	guarded []int // that may be few
}

func (c *toldCells) count(n *PublicCount) int {
	if n == nil {
		return c.unknown()
	}
	return c.add(n.told())
}

func (c *toldCells) bounded(least, most int64) int {
	return c.add(span{int(least), int(most)})
}

// unknown adds a count that nothing tells.
func (c *toldCells) unknown() int {
	at := c.add(span{0, unbounded})
	c.guarded = append(c.guarded, at)
	return at
}

// line adds a place's line and returns the cell of those bad ratings that were not confirmed.
func (c *toldCells) line(l PublicLine, confirmed int) (apart int) {
	apart = c.unknown()
	least, most := c.rule.between(l)
	c.sum(c.bounded(least, most), confirmed, apart)
	if l.Band == BandGood {
		c.sum(c.bounded(l.Rated, l.Rated), confirmed, apart, c.unknown())
	}
	return apart
}

// exposes tells whether public figures of an area would tell beside the bulletins of a count under Few: how many bad ratings were
// confirmed, were not, or how many were good. units are all its departments.
func (t *BulletinsTold) exposes(r PublicRule, a PublicArea, units []SealedLine) bool {
	if t == nil {
		return false
	}
	c := toldCells{rule: r}
	for area, b := range t.Bulletins {
		if n := confirmedOf(b.Counties, a.Key); n != nil {
			c.line(a.PublicLine, c.count(n))
		}
		if area == a.Key && area != PrefectureArea {
			c.own(a, b, units, t.Offices[area])
			continue
		}
		for _, line := range a.Units {
			if n := confirmedOf(b.Units, line.Key); n != nil {
				c.line(line, c.count(n))
			}
		}
	}
	known := c.spans()
	return slices.ContainsFunc(c.guarded, func(at int) bool { return known[at].most < int(r.Few) && known[at] != span{} })
}

// own adds the area's own bulletin, which is about all its departments but the office.
func (c *toldCells) own(a PublicArea, b PublicBulletin, units []SealedLine, office string) {
	confirmed, all := c.count(b.Confirmed), c.unknown()
	least, most := c.rule.betweenWithout(a, office)
	c.sum(c.bounded(least, most), confirmed, all)
	var each, apart []int
	unnamed, untold := false, false
	for _, unit := range units {
		if unit.Under != a.Key || unit.Key == office || unit.Net.Rated() == 0 {
			continue
		}
		if !slices.ContainsFunc(b.Units, func(n PublicNamed) bool { return n.Key == unit.Key }) {
			unnamed, untold = true, true
			continue
		}
		n := c.count(confirmedOf(b.Units, unit.Key))
		each = append(each, n)
		if i := slices.IndexFunc(a.Units, func(l PublicLine) bool { return l.Key == unit.Key }); i >= 0 {
			apart = append(apart, c.line(a.Units[i], n))
		} else {
			untold = true
		}
	}
	if unnamed {
		each = append(each, c.unknown())
	}
	if untold {
		apart = append(apart, c.unknown())
	}
	c.sum(confirmed, each...)
	c.sum(all, apart...)
}
