package regulation

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Authorities issue regular bulletins of bad ratings (8(3), R42): drafted from a sealed version of the figures, approved by
// somebody else, numbered when issued. What a bulletin says is made of that version and of the events that the ledger had
// at its position, so that whoever reads the same comes to the same. A write-off of a case that stands in one asks for a
// correction, which is drafted by the rule and goes the same way.

// Bulletin is what one says: codes, counts and ids. Never a rater, a member of staff or a window.
type Bulletin struct {
	Area     string `json:"area"`
	Period   string `json:"period"`   // 2026-Q1 or 2026-03
	Version  int64  `json:"version"`  // sealed
	Position int64  `json:"position"` // leaves of the ledger that were counted
	Formula  int    `json:"formula"`
	// Least is how many ratings a unit has at least for its counts of ratings to stand in it (2).
	Least int `json:"least"`
	// Rule is the version of MakeBulletin: BulletinRule, 0 in those of before it was counted.
	Rule int `json:"rule,omitempty"`
	// Open are the cases of its units that were neither concluded nor written off at its position.
	Open     int64          `json:"open,omitempty"`
	Total    BulletinLine   `json:"total"`
	Counties []BulletinLine `json:"counties,omitempty"` // of the prefecture's alone
	Units    []BulletinLine `json:"units"`
	Cases    []BulletinCase `json:"cases"`
	// Nonce is by chance, so that the digest, which everybody reads, tells nobody who tries counts until one fits; those of before are without.
	Nonce string `json:"nonce,omitempty"`
}

// BulletinLine is one unit or county, or all that the bulletin is about. Rated and Bad are net ratings, both 0 where
// Withheld; the others count confirmed cases that no write-off took back.
type BulletinLine struct {
	Key       string           `json:"key"`
	Rated     int64            `json:"rated"`
	Bad       int64            `json:"bad"`
	Withheld  bool             `json:"withheld,omitempty"`
	Confirmed int64            `json:"confirmed"`
	Causes    map[string]int64 `json:"causes,omitempty"` // of those confirmed
	Rectified int64            `json:"rectified"`
	InTime    int64            `json:"in_time"` // of those rectified, within the 15 working days of 7(3)
	Overdue   int64            `json:"overdue"` // of those not rectified
}

// BulletinRule is the version of what MakeBulletin comes to; whoever changes that raises it. Since 1 open cases are counted, and a
// county's line in the prefecture's is of the same units throughout: those of its own bulletin, without its office.
const BulletinRule = 1

// BulletinCase is one confirmed case, by its number.
type BulletinCase struct {
	Case    string `json:"case"`
	Number  string `json:"number"`
	Unit    string `json:"unit"`
	Cause   string `json:"cause"`
	Outcome string `json:"outcome"`
}

// Outcomes of cases in a bulletin.
const (
	BulletinAtOnce   = "fixed_at_once"
	BulletinInTime   = "rectified_in_time"
	BulletinLate     = "rectified_late"
	BulletinOverdue  = "overdue"
	BulletinUnderWay = "under_way"
)

// BulletinOutcomes lists them.
var BulletinOutcomes = []string{BulletinAtOnce, BulletinInTime, BulletinLate, BulletinOverdue, BulletinUnderWay}

// NamedFact is what a case counts for at a position of the ledger, under its number.
type NamedFact struct {
	Case, Number string
	CaseFact
}

// confirmed tells whether a fact is one that a bulletin names: verification confirmed it and it still counts.
func (f CaseFact) confirmed() bool {
	return !f.WrittenOff && (f.Finding == "substantiated" || f.Finding == "fixed_at_once")
}

func (f CaseFact) bulletinOutcome() string {
	switch {
	case f.Accepted && f.InTime:
		return BulletinInTime
	case f.Accepted:
		return BulletinLate
	case f.Finding == "fixed_at_once":
		return BulletinAtOnce
	case f.Overdue:
		return BulletinOverdue
	}
	return BulletinUnderWay
}

// BulletinUnits tells which units an authority's bulletin is about: its own area's but never its own office, which is the level
// above's to judge (2); the prefecture's has the counties' offices. offices are the authorities, by id, with their areas.
func BulletinUnits(area string, offices map[string]string) func(unit, unitArea string) bool {
	return func(unit, unitArea string) bool {
		of, isOffice := offices[unit]
		if isOffice {
			return area == PrefectureArea && of != area
		}
		return unitArea == area
	}
}

// MakeBulletin makes one of a sealed version and of the cases as they stood at its position; about tells which units it is
// about, rule by which version of this. Of those with no confirmed case only the counts of ratings stand in it.
func MakeBulletin(f Sealed, cases []NamedFact, least, rule int, about func(unit, area string) bool) Bulletin {
	b := Bulletin{Area: f.Area, Period: f.Period, Version: f.Version, Position: f.Position, Formula: f.Formula, Least: least, Rule: rule, Cases: []BulletinCase{}}
	units, counties, unders := map[string]*BulletinLine{}, map[string]*BulletinLine{}, map[string]string{}
	for _, line := range f.Figures.Counties {
		if line.Key != f.Area {
			counties[line.Key] = &BulletinLine{Key: line.Key}
			if rule == 0 {
				counties[line.Key].rate(line)
			}
		}
	}
	for _, line := range f.Figures.Units {
		unders[line.Key] = line.Under
		county := counties[line.Under]
		switch {
		case about(line.Key, line.Under):
			if units[line.Key] == nil {
				units[line.Key] = &BulletinLine{Key: line.Key}
			}
			units[line.Key].rate(line)
			b.Total.rate(line)
		case county != nil && rule > 0:
			county.rate(line)
		}
	}
	for _, c := range cases {
		unit := units[c.Rated.Unit]
		if unit != nil && rule > 0 && !c.Concluded && !c.WrittenOff {
			b.Open++
		}
		if !c.confirmed() {
			continue
		}
		if county := counties[unders[c.Rated.Unit]]; county != nil && unit == nil { // a county's office stands for itself
			county.add(c.CaseFact)
		}
		if unit == nil {
			continue
		}
		unit.add(c.CaseFact)
		b.Total.add(c.CaseFact)
		b.Cases = append(b.Cases, BulletinCase{c.Case, c.Number, c.Rated.Unit, c.Cause, c.bulletinOutcome()})
	}
	b.Total.withhold(least)
	b.Units, b.Counties = bulletinLines(units, least), bulletinLines(counties, least)
	slices.SortFunc(b.Cases, func(x, y BulletinCase) int {
		return cmp.Or(cmp.Compare(x.Unit, y.Unit), cmp.Compare(x.Number, y.Number))
	})
	return b
}

// rate adds the net ratings of a sealed line: of a unit that went to another area there are two.
func (b *BulletinLine) rate(line SealedLine) {
	b.Rated, b.Bad = b.Rated+line.Net.Rated(), b.Bad+line.Net.Bad()
}

func (b *BulletinLine) withhold(least int) {
	if b.Rated < int64(least) {
		b.Rated, b.Bad, b.Withheld = 0, 0, true
	}
}

func (b *BulletinLine) add(f CaseFact) {
	if b.Causes == nil {
		b.Causes = map[string]int64{}
	}
	b.Confirmed++
	b.Causes[f.Cause]++
	switch f.bulletinOutcome() {
	case BulletinInTime:
		b.Rectified, b.InTime = b.Rectified+1, b.InTime+1
	case BulletinLate, BulletinAtOnce:
		b.Rectified++
	case BulletinOverdue:
		b.Overdue++
	}
}

// bulletinLines are the lines in their order, the most confirmed first.
func bulletinLines(lines map[string]*BulletinLine, least int) []BulletinLine {
	all := []BulletinLine{}
	for _, key := range slices.Sorted(maps.Keys(lines)) {
		lines[key].withhold(least)
		all = append(all, *lines[key])
	}
	slices.SortStableFunc(all, func(x, y BulletinLine) int { return cmp.Compare(y.Confirmed, x.Confirmed) })
	return all
}

// BadRate is the share of bad ratings among those that count, nothing where it is withheld.
func (b BulletinLine) BadRate() Ratio { return Ratio{b.Bad, b.Rated} }

// Named are the units with a confirmed case, which are told that they are named.
func (b Bulletin) Named() (units []string) {
	for _, line := range b.Units {
		if line.Confirmed > 0 {
			units = append(units, line.Key)
		}
	}
	return units
}

// CaseNow is what a case counts for now; From is the unit to which its rating was given.
type CaseNow struct {
	Case, Unit, From, Finding string
	WrittenOff                bool
}

// OutOfDate are the cases of which a bulletin does not say what the record says now, by their ids: those in it that were written
// off, count for another unit or are confirmed no more, and those missing from it that count again, or have come to one of its units
// since. A case that was merely confirmed later is none: a bulletin tells of its day. then are the adjustments of its sealed version.
func (b Bulletin) OutOfDate(then []SealedAdjustment, now []CaseNow, about func(unit string) bool) (cases []string) {
	listed := make(map[string]string, len(b.Cases))
	for _, c := range b.Cases {
		listed[c.Case] = c.Unit
	}
	adjusted := adjustments(then)
	for _, c := range now {
		counts := CaseFact{Finding: c.Finding, WrittenOff: c.WrittenOff}.confirmed()
		unit, stands := listed[c.Case]
		switch {
		case stands && (!counts || c.Unit != unit), !stands && counts && about(c.Unit) && adjusted[c.Case].unit(c.From) != c.Unit:
			cases = append(cases, c.Case)
		}
	}
	slices.Sort(cases)
	return cases
}

// unit is for whom a rating counted that was given to a unit, "" for nobody; the zero adjustment is of one that was not adjusted.
func (a SealedAdjustment) unit(from string) string {
	if a.Off {
		return ""
	}
	to, _, _ := strings.Cut(a.To, "/")
	return cmp.Or(to, from)
}

// BulletinNumber is the number of an authority's n-th bulletin of a year, such as 康政服差评通报〔2026〕1号.
func BulletinNumber(mark string, year int, n int64) string {
	return fmt.Sprintf("%s差评通报〔%d〕%d号", mark, year, n)
}
