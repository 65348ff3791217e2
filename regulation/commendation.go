package regulation

import (
	"slices"
	"strconv"

	"haochaping/workday"
)

// Notable results are commended (8(2), R41): a unit or a member of staff, proposed with reasons, checked against the
// record, approved by somebody else, and taken back with reasons where it should not have been. The public learns of
// units alone, never of a person.

// Exclusions are what the record says against a commendation, each under its parameter.
type Exclusions struct {
	Bad            int  // bad ratings counted against them in the period, open ones too
	Accountability bool // running
	Watched        bool // on the watch list
	Probed         bool // an open probe of false praise
}

var commendationActs = []DocketAct{
	{Name: "propose", Kind: DocketCommendation, Side: DocketKeeps, To: DocketProposed, Waits: true, do: proposeCommendation, Fields: []Field{
		{Name: "commend_period", Type: TypeText, Required: true, Max: 7},
		{Name: "unit", Type: TypeUnit},
		{Name: "staff", Type: TypeStaff},
		docketReasons,
	}},
	{Name: "commend", Kind: DocketCommendation, Stages: []string{DocketProposed}, Side: DocketKeeps, To: DocketCommended, Other: true, do: commend},
	{Name: "refuse", Kind: DocketCommendation, Stages: []string{DocketProposed}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketRefused, Other: true,
		do: func(m *docketMove) *Error { m.end(); return nil }},
	{Name: "revoke", Kind: DocketCommendation, Stages: []string{DocketCommended}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketRevoked},
}

func proposeCommendation(m *docketMove) *Error {
	period := m.v.Get("commend_period")
	delete(m.e.Texts, "commend_period")
	first, _, ok := PeriodDays(period)
	switch {
	case !ok:
		return wrong("commend_period", "not_a_period")
	case first.After(workday.DateOf(m.at)):
		return wrong("commend_period", "in_future")
	}
	m.d.Period, m.e.Facts["period"] = period, period
	m.e.Units = m.d.Units()
	return m.excluded()
}

// excluded notes what the record says against it and refuses where a parameter lets that count.
func (m *docketMove) excluded() *Error {
	x := m.Excluded
	m.e.Facts["bad"], m.d.Facts["bad"] = strconv.Itoa(x.Bad), strconv.Itoa(x.Bad)
	refusal := refuse(NotNow, "", "excluded")
	switch {
	case x.Bad > m.Params.Days(CommendBadMost):
		refusal.Missing = "excluded_bad"
	case x.Accountability && m.Params.Days(CommendAccountability) == 1:
		refusal.Missing = "excluded_accountability"
	case x.Watched && m.Params.Days(CommendWatched) == 1:
		refusal.Missing = "excluded_watched"
	case x.Probed && m.Params.Days(CommendProbed) == 1:
		refusal.Missing = "excluded_probed"
	default:
		return nil
	}
	return refusal
}

// commend holds the record against it once more: something may have come to light since it was proposed.
func commend(m *docketMove) *Error {
	if err := m.excluded(); err != nil {
		return err
	}
	m.end()
	return nil
}

// CommendedOpenly tells whether the public may know of a commendation: of units, never of a person.
func (d Docket) CommendedOpenly() bool {
	return d.Kind == DocketCommendation && d.Stage == DocketCommended && d.Staff == "" && !slices.Contains([]string{"", d.Authority}, d.Unit)
}
