package regulation

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Each quarter an authority chooses window stars (窗口之星) and service models (服务标兵) among windows and staff with many good
// ratings (8(2), R39). Who may be chosen follows from the sealed quarter and from the record of an instant by a rule that anybody can
// go through again; who is chosen, people decide, and two of them.

// Honours.
const (
	HonourStar  = "star"  // a window
	HonourModel = "model" // a member of staff
)

// HonourNames lists them.
var HonourNames = []string{HonourStar, HonourModel}

// Parameters of honours.
const (
	HonourLeastRatings = "honour_least_ratings"
	HonourConfirmed    = "honour_confirmed"
	HonourFalsePraise  = "honour_false_praise"
	HonourOverdue      = "honour_overdue"
)

// Why somebody may not be chosen.
const (
	BarredConfirmed   = "confirmed"    // a bad rating of the quarter was confirmed against them
	BarredFalsePraise = "false_praise" // a probe of invented good ratings is open, or found some
	BarredOverdue     = "overdue"      // a rectification of the quarter was overdue
	BarredOwnOffice   = "own_office"   // nobody stands above the authority that would choose them
)

// BarredWithoutRatings are those of some reasons that no rating stands behind: whoever may not read what a candidate was given may know them (2).
func BarredWithoutRatings(barred []string) []string {
	return slices.DeleteFunc(slices.Clone(barred), func(reason string) bool { return reason == BarredConfirmed || reason == BarredOverdue })
}

// Candidate is a window or a member of staff with as many ratings in a sealed quarter as the rule asks for.
type Candidate struct {
	Rank   int    `json:"rank"`
	Object string `json:"object"`
	Unit   string `json:"unit"`
	Rated  int64  `json:"rated"`
	Good   int64  `json:"good"`
	// Against are the bad ratings that were confirmed and attributed to a person, who has no others held against them (R60); nil where all bad
	// ratings count, as of a window and in lists of HonourRuleAll.
	Against *int64 `json:"against,omitempty"`
	// Barred are the reasons for which they may not be chosen, nil where they may.
	Barred []string `json:"barred,omitempty"`
}

// Rate is the share of good ratings: of a window among all, of a person among these and what was confirmed against them, as in their appraisal.
func (c Candidate) Rate() Ratio {
	if c.Against != nil {
		return Ratio{c.Good, c.Good + *c.Against}
	}
	return Ratio{c.Good, c.Rated}
}

// Rules by which lists are made: a nomination's list is made again by its own.
const (
	HonourRuleAll = 1 // everybody's rate is among all ratings
	HonourRule    = 2 // a person's among the good ones and what was confirmed against them (R60), where the sealed version has that
)

// HonourRecord is what the rest of the record says, as it stood at an instant: whom probes of false praise concern, and which
// authority has nobody above it. A window is suspect where a suspect member of staff was rated in the quarter: its good rate, for
// which it would be chosen (8(2)), may be made of that praise. A bad rating that nobody has confirmed yet stands in nobody's way:
// it may be a mistake or malicious (7(2)), and what is held against people is what was verified (8(4)).
type HonourRecord struct {
	SuspectUnits, SuspectWindows, SuspectStaff map[string]bool
	Topmost                                    string
}

// Candidates are those of an authority's sealed quarter: by good rate, then by among how many, then by id; who is equal in both has
// the same rank. units are those of windows.
func (p Params) Candidates(f SealedFigures, honour string, units map[string]string, record HonourRecord, rule int) []Candidate {
	lines := f.Windows
	if honour == HonourModel {
		lines = f.Staff
	}
	var all []Candidate
	for _, line := range lines {
		if line.Net.Rated() < int64(p.Days(HonourLeastRatings)) {
			continue
		}
		c := Candidate{Object: line.Key, Unit: line.Under, Rated: line.Net.Rated(), Good: line.Net.Good()}
		if honour == HonourStar {
			c.Unit = units[line.Key]
		} else if rule > HonourRuleAll {
			c.Against = &line.Confirmed
		}
		c.Barred = p.barred(line, c, honour, record)
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Candidate) int {
		return cmp.Or(b.Rate().Compare(a.Rate()), cmp.Compare(b.Rate().Among, a.Rate().Among), cmp.Compare(a.Object, b.Object))
	})
	for i := range all {
		all[i].Rank = i + 1
		if i > 0 && all[i-1].Rate().Compare(all[i].Rate()) == 0 && all[i-1].Rate().Among == all[i].Rate().Among {
			all[i].Rank = all[i-1].Rank
		}
	}
	return all
}

func (p Params) barred(line SealedLine, c Candidate, honour string, record HonourRecord) (reasons []string) {
	if p.Days(HonourConfirmed) == 1 && line.Confirmed > 0 {
		reasons = append(reasons, BarredConfirmed)
	}
	suspected := record.SuspectUnits[c.Unit] || honour == HonourModel && record.SuspectStaff[c.Object] || honour == HonourStar && record.SuspectWindows[c.Object]
	if p.Days(HonourFalsePraise) == 1 && suspected {
		reasons = append(reasons, BarredFalsePraise)
	}
	// What a unit was late with counts against its window, not against a person (R60).
	if p.Days(HonourOverdue) == 1 && honour == HonourStar && line.Cases != nil && line.Cases.Unit > 0 {
		reasons = append(reasons, BarredOverdue)
	}
	if c.Unit == record.Topmost {
		reasons = append(reasons, BarredOwnOffice)
	}
	return reasons
}

// Honoured is a candidate with the list that they stand on: what a nomination keeps.
type Honoured struct {
	Candidate
	Period string
	Honour string
	Area   string // of the sealed version
	Seal   int64
	// At is the instant of whose record the list is, Digest the SHA-256 of its JSON.
	At     time.Time
	Digest string
	Rule   int
}

// HonourListDigest is the SHA-256 of a list's JSON.
func HonourListDigest(list []Candidate) string { return DigestOf(list) }

// Stages of honours.
const DocketHonoured = "honoured"

var honourActs = []DocketAct{
	{Name: "nominate", Kind: DocketHonour, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketProposed, Waits: true, do: func(m *docketMove) *Error {
		m.e.Facts = cloneMap(m.d.Facts)
		return m.stillCandidate()
	}},
	{Name: "honour", Kind: DocketHonour, Stages: []string{DocketProposed}, Side: DocketKeeps, To: DocketHonoured, Other: true, do: func(m *docketMove) *Error {
		if err := m.stillCandidate(); err != nil {
			return err
		}
		m.end()
		return nil
	}},
	{Name: "refuse", Kind: DocketHonour, Stages: []string{DocketProposed}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketRefused, Other: true,
		do: func(m *docketMove) *Error { m.end(); return nil }},
	{Name: "revoke", Kind: DocketHonour, Stages: []string{DocketHonoured}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketRevoked},
}

// stillCandidate refuses whom the record speaks against: something may have come to light since the list was made.
func (m *docketMove) stillCandidate() *Error {
	if len(m.Barred) == 0 {
		return nil
	}
	return refuse(NotNow, ClausePraise, "honour_"+m.Barred[0])
}

// HonourKey is the key of the docket of somebody's honour in a quarter.
func HonourKey(period, honour, object string) string {
	return "honour/" + period + "/" + honour + "/" + object
}

// OfHonour is a new docket with what it keeps of its candidate.
func (d Docket) OfHonour(h Honoured) Docket {
	d.Kind, d.Period, d.Key, d.Unit = DocketHonour, h.Period, HonourKey(h.Period, h.Honour, h.Object), h.Unit
	if h.Honour == HonourModel {
		d.Staff = h.Object
	}
	d.Facts = map[string]string{"honour": h.Honour, "object": h.Object, "seal_area": h.Area, "seal_version": strconv.FormatInt(h.Seal, 10), "candidates": h.Digest,
		"candidates_at": h.At.UTC().Format(time.RFC3339Nano), "rank": strconv.Itoa(h.Rank), "rated": strconv.FormatInt(h.Rated, 10), "good_rate": h.Rate().Percent(2)}
	if h.Rule != HonourRuleAll {
		d.Facts["honour_rule"] = strconv.Itoa(h.Rule)
	}
	return d
}

// HonourRule is by which rule a nomination's list is made.
func (d Docket) HonourRule() int {
	rule, _ := strconv.Atoi(d.Facts["honour_rule"]) // written by us
	return max(rule, HonourRuleAll)
}

// HonourAt is the instant of whose record a nomination's list is.
func (d Docket) HonourAt() time.Time {
	at, _ := time.Parse(time.RFC3339Nano, d.Facts["candidates_at"]) // written by us
	return at
}
