package regulation

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"haochaping/workday"
)

// Each authority sums up every month what was rated online and on paper (7(1), R20): its figures are sealed at a position of
// the ledger. A sealed version never changes; a rating that came late, a write-off or another attribution makes the next one,
// with its reason, and the earlier ones stay readable (9(2), R51).

// FigureFormula is the version of what Counts, CaseFact and the rates of Tally and CaseTally come to; whoever changes that
// raises it.
const FigureFormula = 1

// SealDay is on which day of the following month a month is sealed (R20).
const SealDay = "seal_day"

// SealedFrom is from when on it is sealed.
func (p Period) SealedFrom(params Params) time.Time {
	return p.End().In(workday.Shanghai).AddDate(0, 0, params.Days(SealDay)-1)
}

// CasesDue is from when on a period's cases are due to be settled: the day after so many working days from its end.
func (r Rules) CasesDue(p Period) time.Time {
	_, last := p.Days()
	return r.Calendar.Add(last, r.Params.Days(SettleDays)).Date.AddDays(1).Start()
}

// Sealed is one version of an authority's figures of a period.
type Sealed struct {
	Area     string    `json:"area"` // of the authority; PrefectureArea for the whole prefecture
	Period   string    `json:"period"`
	Version  int64     `json:"version"` // from 1
	At       time.Time `json:"at"`
	Position int64     `json:"position"` // leaves of the ledger that were counted
	Formula  int       `json:"formula"`
	// Reasons are why it was sealed: SealPeriodOver for the first, what changed since for any other.
	Reasons []SealReason `json:"reasons"`
	// Confirms tells that what was confirmed against units and staff was counted; versions of before that was are without.
	Confirms bool `json:"confirms,omitempty"`
	// Ranked are the places that the board of a quarter ranks, in the prefecture's versions alone: those of when the first was sealed, which
	// later ones keep, whatever became of a department since. Versions of before that was noted are without.
	Ranked *RankedOrgs `json:"ranked,omitempty"`
	// ByHall tells that departments were counted by hall: in the prefecture's quarters, but not in versions of before that was done.
	ByHall bool `json:"by_hall,omitempty"`
	// ByOffice tells that what was served between offices was counted (SealedFigures.Served); versions of before that was are without.
	ByOffice bool          `json:"by_office,omitempty"`
	Figures  SealedFigures `json:"figures"`
}

// RankedOrgs are the places that a quarter's board ranks, by their keys.
type RankedOrgs struct {
	Counties    []RankedOrg `json:"counties"`
	Departments []RankedOrg `json:"departments"`
}

// RankedOrg is one: Key is the division of a county or the id of a department, Org the organisation that it is; Keeps tells the
// authority that keeps the board.
type RankedOrg struct {
	Key   string `json:"key"`
	Org   string `json:"org"`
	Keeps bool   `json:"keeps,omitempty"`
}

// Sort puts them in the order of their keys.
func (r *RankedOrgs) Sort() {
	for _, list := range [][]RankedOrg{r.Counties, r.Departments} {
		slices.SortFunc(list, func(a, b RankedOrg) int { return cmp.Compare(a.Key, b.Key) })
	}
}

// SealReason is why a version was made, with how many ratings are concerned.
type SealReason struct {
	Code  string `json:"code"`
	Count int64  `json:"count,omitempty"`
}

// Adjusts tells whether a reason is that ratings count otherwise than before, not that more came.
func (r SealReason) Adjusts() bool {
	return contains([]string{SealWrittenOff, SealReinstated, SealReattributed, SealFormula}, r.Code)
}

// Reasons for a version.
const (
	SealPeriodOver   = "period_over"
	SealLateRatings  = "late_ratings"  // given in the period, in the ledger after the version before
	SealLateSessions = "late_sessions" // of evaluators, that ended without a grade
	SealWrittenOff   = "written_off"
	SealReinstated   = "reinstated" // written off before, and counts again
	SealReattributed = "reattributed"
	SealFormula      = "formula"       // counted by another version of the formulae
	SealSettled      = "cases_settled" // the last of the period's cases was concluded or written off
	SealDue          = "cases_due"     // the period's cases are due to be settled, and so many are still open
)

// SealedFigures are the lines of an authority's figures: of the prefecture, counties and their units stand in it too.
type SealedFigures struct {
	Total      SealedLine   `json:"total"`
	Counties   []SealedLine `json:"counties,omitempty"` // of the prefecture alone
	Units      []SealedLine `json:"units"`
	Halls      []SealedLine `json:"halls"`
	Windows    []SealedLine `json:"windows"`
	Staff      []SealedLine `json:"staff"`
	Matters    []SealedLine `json:"matters"`
	Channels   []SealedLine `json:"channels"`
	Dimensions []SealedLine `json:"dimensions"` // marks
	// HallUnits are units by the hall that they are under, grades of net ratings alone: public figures rest on them.
	HallUnits []SealedLine `json:"hall_units,omitempty"`
	// Served are ratings that lie between offices, by window and by unit and matter: those of which the window, the unit for which they count
	// and the matter are not all of one office. Whoever serves in one of them reads the lines above without these (2). Under is hall/window,
	// Key unit/matter; a matter of another authority is left out.
	Served []SealedLine `json:"served,omitempty"`
	// Adjusted are the cases whose ratings count for whom they were given to no longer, by their ids.
	Adjusted []SealedAdjustment `json:"adjusted"`
}

// SealedLine is one line. Under is the area of a unit, the hall of a window, the unit of a member of staff.
type SealedLine struct {
	Key   string     `json:"key"`
	Under string     `json:"under,omitempty"`
	Given Tally      `json:"given"`
	Net   Tally      `json:"net"`
	Cases *CaseTally `json:"cases,omitempty"` // as they stood then
	// Confirmed are the bad ratings that were confirmed against the unit or member of staff by then (R40, R60).
	Confirmed int64 `json:"confirmed,omitempty"`
}

// CountCases adds how cases of the line stand.
func (l *SealedLine) CountCases(t CaseTally) {
	if l.Cases == nil {
		l.Cases = &CaseTally{}
	}
	*l.Cases = l.Cases.Plus(t)
}

// SealedAdjustment is a bad rating that was written off, or counts for another unit, window or member of staff.
type SealedAdjustment struct {
	Case string `json:"case"`
	Off  bool   `json:"off,omitempty"`
	To   string `json:"to,omitempty"` // unit/window/staff
}

// Changed tells why figures as they are now need a version after one; nil where they do not. What became of cases meanwhile is
// no reason by itself: a version tells it as it stood. Once none of them is open any more there is one that tells all (8(2), 8(3));
// Due tells when there is one before that.
func (s Sealed) Changed(now SealedFigures) (reasons []SealReason) {
	add := func(code string, count int64) {
		if count != 0 {
			reasons = append(reasons, SealReason{code, count})
		}
	}
	add(SealLateRatings, now.Total.Given.Rated()-s.Figures.Total.Given.Rated())
	add(SealLateSessions, now.Total.Given.NotRated-s.Figures.Total.Given.NotRated)
	before, after := adjustments(s.Figures.Adjusted), adjustments(now.Adjusted)
	var off, back, moved int64
	for id, a := range after {
		switch was := before[id]; {
		case a.Off && !was.Off:
			off++
		case was.Off && !a.Off:
			back++
		case a.To != was.To:
			moved++
		}
	}
	for id, was := range before {
		if _, still := after[id]; !still && was.Off {
			back++
		} else if !still {
			moved++
		}
	}
	add(SealWrittenOff, off)
	add(SealReinstated, back)
	add(SealReattributed, moved)
	if was := s.Figures.OpenCases(); was > 0 && now.OpenCases() == 0 {
		add(SealSettled, was)
	}
	if s.Formula != FigureFormula {
		reasons = append(reasons, SealReason{Code: SealFormula})
	}
	return reasons
}

// Due is the reason for a version once the period's cases are due to be settled, so that one that drags on holds up nobody's: nil where
// none is open any more, or told is that a version was made for it already.
func (f SealedFigures) Due(told bool) []SealReason {
	if open := f.OpenCases(); open > 0 && !told {
		return []SealReason{{SealDue, open}}
	}
	return nil
}

// OpenCases are those of the period that are neither concluded nor written off.
func (f SealedFigures) OpenCases() int64 {
	if f.Total.Cases == nil {
		return 0
	}
	return f.Total.Cases.Cases - f.Total.Cases.Concluded - f.Total.Cases.WrittenOff
}

func adjustments(list []SealedAdjustment) map[string]SealedAdjustment {
	all := make(map[string]SealedAdjustment, len(list))
	for _, a := range list {
		all[a.Case] = a
	}
	return all
}

// Sort puts lines in the order of their keys.
func (f *SealedFigures) Sort() {
	for _, lines := range f.lists() {
		slices.SortFunc(*lines, func(a, b SealedLine) int { return cmp.Or(cmp.Compare(a.Under, b.Under), cmp.Compare(a.Key, b.Key)) })
	}
	slices.SortFunc(f.Adjusted, func(a, b SealedAdjustment) int { return cmp.Compare(a.Case, b.Case) })
}

// sealedLists are the names of lists, in their order.
var sealedLists = []string{"counties", "units", "halls", "windows", "staff", "matters", "channels", "dimensions", "hall_units", "served"}

// Differing names the lines in which figures are not what others are, as list/under/key.
func (f SealedFigures) Differing(o SealedFigures) (lines []string) {
	if !f.Total.same(o.Total) {
		lines = append(lines, "total")
	}
	theirs := o.lists()
	for i, list := range f.lists() {
		left := map[[2]string]SealedLine{}
		for _, line := range *theirs[i] {
			left[[2]string{line.Under, line.Key}] = line
		}
		for _, line := range *list {
			at := [2]string{line.Under, line.Key}
			if other, known := left[at]; !known || !line.same(other) {
				lines = append(lines, sealedLists[i]+"/"+line.Under+"/"+line.Key)
			}
			delete(left, at)
		}
		for at := range left {
			lines = append(lines, sealedLists[i]+"/"+at[0]+"/"+at[1])
		}
	}
	if !maps.Equal(adjustments(f.Adjusted), adjustments(o.Adjusted)) || len(f.Adjusted) != len(o.Adjusted) {
		lines = append(lines, "adjusted")
	}
	slices.Sort(lines)
	return lines
}

// OfNoHall are figures without units by hall.
func (f SealedFigures) OfNoHall() SealedFigures {
	f.HallUnits = nil
	return f
}

// OfNoOffices are figures without what was served between offices.
func (f SealedFigures) OfNoOffices() SealedFigures {
	f.Served = nil
	return f
}

// Unconfirmed are figures without what was confirmed, as versions of before that was counted are.
func (f SealedFigures) Unconfirmed() SealedFigures {
	for _, list := range f.lists() {
		*list = slices.Clone(*list)
		for i := range *list {
			(*list)[i].Confirmed = 0
		}
	}
	return f
}

func (l SealedLine) same(o SealedLine) bool {
	cases := func(l SealedLine) CaseTally {
		if l.Cases == nil {
			return CaseTally{}
		}
		return *l.Cases
	}
	return l.Given == o.Given && l.Net == o.Net && l.Confirmed == o.Confirmed && cases(l) == cases(o) && (l.Cases == nil) == (o.Cases == nil)
}

func (f *SealedFigures) lists() []*[]SealedLine {
	return []*[]SealedLine{&f.Counties, &f.Units, &f.Halls, &f.Windows, &f.Staff, &f.Matters, &f.Channels, &f.Dimensions, &f.HallUnits, &f.Served}
}
