package regulation

import (
	"cmp"
	"maps"
	"slices"
)

// Public figures (7(1), 9(1), R21, R47): by county, department and hall for each sealed quarter, net, only places with enough ratings.
// Whoever has every table that was ever published, and knows this code, cannot tell that a count which is not shown is under FewestShown
// (R04). That can be held since the tables are so few: apart from a place's own counts the only sums in them are that a county's
// quarter is the sum of its departments, and of its halls. There is no sum over counties, and there are no months. What is left out tells
// too: whether something is decides itself by what is shown, or leaves worlds in which the count is FewestShown or more.
// docs/publicity.md and docs/adr/0016 have the reasons.

// PublicRule is what is shown: Few is the least count, Band the least that is shown exactly (less is shown as less than Band, and so may
// be Few or more), Fewest how many ratings a place has at least.
type PublicRule struct {
	Few    int64 `json:"few"`
	Band   int64 `json:"band"`
	Fewest int64 `json:"fewest"`
	// Late stands in editions of when months were published beside quarters.
	Late bool `json:"late,omitempty"`
	// Alone: quarters stand alone. Editions without it were made by a rule that is gone, and are held by their digest only.
	Alone bool `json:"alone,omitempty"`
}

// PublicRuleOf is the rule of an edition.
func PublicRuleOf(p Params) PublicRule {
	return PublicRule{Few: FewestShown, Band: OpenFrom, Fewest: int64(p.Days(PublicRatings)), Alone: true}
}

// Which of a place's two counts is under Band, where they are not shown.
const (
	BandBad  = "bad"
	BandGood = "good"
)

// PublicLine is a place as everybody may read it: how many net ratings, how many of them good and bad. Band is "" where both are shown,
// else which of the two is under the band; both are 0 then.
type PublicLine struct {
	Key   string `json:"key"`
	Rated int64  `json:"rated"`
	Good  int64  `json:"good"`
	Bad   int64  `json:"bad"`
	Band  string `json:"band,omitempty"`
}

// PublicShare is a share of concluded cases. Hidden tells that fewer than Band are not among it: it is (Among-Band, Among].
type PublicShare struct {
	Of     int64 `json:"of"`
	Among  int64 `json:"among"`
	Hidden bool  `json:"hidden,omitempty"`
}

// PublicArea is a county, or the prefecture's own departments, with its departments. It changes as a whole. Version and Position are of
// the sealed version that it is of.
type PublicArea struct {
	PublicLine
	Version  int64 `json:"sealed_version"`
	Position int64 `json:"position"`
	// Callback and Reply are shares of the concluded cases of a quarter (R29), nil where there are too few or some go on.
	Callback *PublicShare `json:"callback,omitempty"`
	Reply    *PublicShare `json:"reply,omitempty"`
	// Units are its departments; none where they would tell of counts that are not shown.
	Units []PublicLine `json:"units,omitempty"`
	// Halls are its halls; ByHall tells that its sealed version has them, so that where none is here they would tell.
	Halls  []PublicLine `json:"halls,omitempty"`
	ByHall bool         `json:"by_hall,omitempty"`
}

// PublicTable is what is published of a period.
type PublicTable struct {
	Period  string       `json:"period"`
	Edition int64        `json:"edition"` // from 1
	Formula int          `json:"formula"`
	Rule    PublicRule   `json:"rule"`
	Areas   []PublicArea `json:"areas"`
	// Beside tells that it was held against the public bulletins of its quarter; tables of before that was done are without.
	Beside bool `json:"beside_bulletins,omitempty"`
	// Counties are all there were when it came out, listed or not, and Places the departments and halls that it lists, as they were called
	// then; tables of before that was kept are without.
	Counties []PublicPlace `json:"counties,omitempty"`
	Places   []PublicPlace `json:"places,omitempty"`
	// Offices are the authorities' own offices of then, by area: what bulletins tell beside it is without those.
	Offices map[string]string `json:"offices,omitempty"`
}

// PublicPlace is a place of an edition: a county by its division, any other by its id.
type PublicPlace struct {
	Key     string `json:"key"`
	Chinese string `json:"chinese"`
	English string `json:"english,omitempty"`
}

// Names keeps with an edition how its places are called on its day. One that today's offices do not have any more is called as in the
// edition before, nil for none, and a county that is gone but is listed still stands among the counties.
func (t *PublicTable) Names(counties, places map[string]PublicPlace, before *PublicTable) {
	named := func(key string, today map[string]PublicPlace) (PublicPlace, bool) {
		if place, known := today[key]; known || before == nil {
			return place, known
		}
		if place := before.Place(key); place != nil {
			return *place, true
		}
		return PublicPlace{}, false
	}
	t.Counties, t.Places = slices.Collect(maps.Values(counties)), nil
	for _, area := range t.Areas {
		if place, known := named(area.Key, counties); known && t.Place(area.Key) == nil {
			t.Counties = append(t.Counties, place)
		}
		for _, line := range slices.Concat(area.Units, area.Halls) {
			if place, known := named(line.Key, places); known && t.Place(line.Key) == nil {
				t.Places = append(t.Places, place)
			}
		}
	}
	slices.SortFunc(t.Counties, func(a, b PublicPlace) int { return cmp.Compare(a.Key, b.Key) })
}

// Place finds how a place is called in an edition, nil where that is not kept.
func (t PublicTable) Place(key string) *PublicPlace { return placeNamed(key, t.Counties, t.Places) }

// placeNamed finds a place in lists of names, nil where it is in none.
func placeNamed(key string, lists ...[]PublicPlace) *PublicPlace {
	for _, list := range lists {
		if i := slices.IndexFunc(list, func(p PublicPlace) bool { return p.Key == key }); i >= 0 {
			return &list[i]
		}
	}
	return nil
}

// Area finds a county's part, nil where it is not shown.
func (t PublicTable) Area(key string) *PublicArea {
	i := slices.IndexFunc(t.Areas, func(a PublicArea) bool { return a.Key == key })
	if i < 0 {
		return nil
	}
	return &t.Areas[i]
}

// hides tells whether a line's two counts are not shown.
func (l PublicLine) hides() bool { return l.Band != "" }

// line is a place by the rule; shown is false where too few rated.
func (r PublicRule) line(l SealedLine) (p PublicLine, shown bool) {
	p = PublicLine{Key: l.Key, Rated: l.Net.Rated(), Good: l.Net.Good(), Bad: l.Net.Bad()}
	switch {
	case p.Bad < r.Band:
		p.Band, p.Good, p.Bad = BandBad, 0, 0
	case p.Good < r.Band:
		p.Band, p.Good, p.Bad = BandGood, 0, 0
	}
	return p, p.Rated >= r.Fewest
}

// between are the bad ratings that a place may have, as everybody knows.
func (r PublicRule) between(l PublicLine) (least, most int64) {
	switch l.Band {
	case BandBad:
		return 0, r.Band - 1
	case BandGood:
		return l.Rated - r.Band + 1, l.Rated
	}
	return l.Bad, l.Bad
}

// safe tells whether parts of a whole can be shown: of no count that is not shown, neither of a part nor of the parts that are left
// out, can it be told that it is under Few. left is how many are left out though somebody rated there.
func (r PublicRule) safe(whole PublicLine, parts []PublicLine, left int) bool {
	least, most := r.between(whole) // of the bad ratings of all that is not shown exactly
	rated := whole.Rated            // of all that is left out
	hidden := []PublicLine{}
	var sumLeast, sumMost int64
	for _, part := range parts {
		rated -= part.Rated
		if !part.hides() {
			least, most = least-part.Bad, most-part.Bad
			continue
		}
		hidden = append(hidden, part)
		lo, hi := r.between(part)
		sumLeast, sumMost = sumLeast+lo, sumMost+hi
	}
	for _, part := range hidden {
		lo, hi := r.between(part)
		badMost := min(hi, most-(sumLeast-lo))
		goodMost := part.Rated - max(lo, least-(sumMost-hi)-rated)
		if part.Band == BandBad && badMost < r.Few || part.Band == BandGood && goodMost < r.Few {
			return false
		}
	}
	if left == 0 || rated == 0 { // where nobody rated, nobody is told of
		return true
	}
	room := min(rated-int64(left-1), r.Fewest-1) // of one that is left out, where it is known that somebody rated at each
	return min(room, most-sumLeast) >= r.Few && min(room, rated-max(0, least-sumMost)) >= r.Few
}

// PublishFigures makes the table of a quarter from the prefecture's sealed figures. before is the one that stands, nil for none; months
// are those of its months that were published when months were; told is what the quarter's public bulletins tell, nil for none. changed is
// false where nothing may be shown otherwise than it is. An area changes only as a whole, and only where each number that is shown, and
// each that the shown ones tell, stays or moves by Few at least: the difference of two editions would tell of a few ratings again. What was
// hidden before stays so. One of which nothing changed stands too, so that standing tells that nothing changed or little did. A county of
// which a month was published stays as it is, or out: beside its months the quarter would tell by being left out.
func PublishFigures(r PublicRule, f Sealed, before *PublicTable, months []PublicTable, told *BulletinsTold) (table PublicTable, changed bool) {
	table = PublicTable{Period: f.Period, Edition: 1, Formula: f.Formula, Rule: r, Areas: []PublicArea{}, Beside: told != nil}
	if before != nil {
		table.Edition, r = before.Edition+1, before.Rule
		r.Alone = true
		table.Rule = r
		table.Areas = slices.Clone(before.Areas)
	}
	for _, county := range f.Figures.Counties {
		if slices.ContainsFunc(months, func(t PublicTable) bool { return t.Area(county.Key) != nil }) {
			continue
		}
		fresh := r.publicArea(f, county)
		if fresh == nil || told.exposes(r, *fresh, f.Figures.Units) {
			continue
		}
		standing := table.Area(county.Key)
		if standing == nil {
			table.Areas, changed = append(table.Areas, *fresh), true
			continue
		}
		if standing.Halls == nil {
			fresh.Halls, fresh.ByHall = nil, standing.ByHall
		}
		if r.moves(*standing, *fresh) {
			*standing, changed = *fresh, true
		}
	}
	slices.SortFunc(table.Areas, func(a, b PublicArea) int { return cmp.Compare(a.Key, b.Key) })
	return table, changed || before == nil
}

// publicArea is a county by the rule, nil where it is not shown.
func (r PublicRule) publicArea(f Sealed, county SealedLine) *PublicArea {
	line, shown := r.line(county)
	if !shown {
		return nil
	}
	a := &PublicArea{PublicLine: line, Version: f.Version, Position: f.Position}
	if !line.hides() && county.Cases != nil && county.Cases.Concluded == line.Bad {
		// While some go on, whether one to four do would be told by leaving the shares out then.
		a.Callback, a.Reply = r.share(county.Cases.CallbackRate(false)), r.share(county.Cases.ReplyRate())
	}
	a.Units = r.publicUnits(f, line)
	if a.ByHall = f.ByHall; a.ByHall {
		a.Halls = r.publicHalls(f, line, a.Units)
	}
	return a
}

func (r PublicRule) publicUnits(f Sealed, county PublicLine) (units []PublicLine) {
	left := 0
	for _, unit := range f.Figures.Units {
		if unit.Under != county.Key || unit.Net.Rated() == 0 {
			continue
		}
		if line, shown := r.line(unit); shown {
			units = append(units, line)
		} else {
			left++
		}
	}
	if !r.safe(county, units, left) {
		return nil
	}
	return units
}

// share is a share by the rule, nil of fewer than Band, and where so many would leave fewer than Few for the rest.
func (r PublicRule) share(of Ratio) *PublicShare {
	rest := of.Among - of.Of
	switch {
	case of.Among < r.Band+r.Few || of.Of < r.Band:
		return nil
	case rest < r.Band:
		return &PublicShare{Among: of.Among, Hidden: true}
	}
	return &PublicShare{Of: of.Of, Among: of.Among}
}

// moves tells whether an area may take the place of what stands of it. Shares may come in once all cases are concluded: nothing was told of
// those before.
func (r PublicRule) moves(was, is PublicArea) bool {
	moved := false
	for _, share := range [][2]**PublicShare{{&was.Callback, &is.Callback}, {&was.Reply, &is.Reply}} {
		if *share[0] == nil && *share[1] != nil {
			*share[1], moved = nil, true
		}
	}
	before, after := r.told(was), r.told(is)
	if len(before) != len(after) {
		return false
	}
	for key, n := range before {
		now, there := after[key]
		if gap := now - n; !there || gap != 0 && gap < r.Few && gap > -r.Few {
			return false
		}
		moved = moved || now != n
	}
	return moved
}

// told are all numbers that an area tells, by name: those shown, and what is left of the county beside its departments, and beside its
// halls. What is hidden is told as such, so that it stays.
func (r PublicRule) told(a PublicArea) map[string]int64 {
	all := map[string]int64{}
	add := func(l PublicLine) {
		all[l.Key+"/rated"] = l.Rated
		all[l.Key+"/"+l.Band] = 0
		if !l.hides() {
			all[l.Key+"/good"], all[l.Key+"/bad"] = l.Good, l.Bad
		}
	}
	add(a.PublicLine)
	for left, lines := range map[string][]PublicLine{"left": a.Units, "left at no hall": a.Halls} {
		rated, good, bad := a.Rated, a.Good, a.Bad
		for _, line := range lines {
			add(line)
			rated, good, bad = rated-line.Rated, good-line.Good, bad-line.Bad
		}
		if len(lines) > 0 {
			all[left+"/rated"], all[left+"/good"], all[left+"/bad"] = rated, good, bad
		}
	}
	for name, share := range map[string]*PublicShare{"callback": a.Callback, "reply": a.Reply} {
		if share != nil {
			all[name+"/among"], all[name+"/of"] = share.Among, share.Of
		}
	}
	return all
}

// LeastRate is the least good rate that a place may have, in percent with two decimals rounded down where its counts are not shown: fewer
// than Band were bad. "" where fewer than Band were good.
func (r PublicRule) LeastRate(l PublicLine) string {
	switch l.Band {
	case "":
		return Ratio{l.Good, l.Rated}.Percent(2)
	case BandBad:
		hundredths := (l.Rated - r.Band + 1) * 10_000 / l.Rated
		return Ratio{hundredths, 100}.Fraction(2)
	}
	return ""
}
