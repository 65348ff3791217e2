package regulation

import (
	"strconv"
	"time"

	"haochaping/workday"
)

// Each authority hears opinions and suggestions of enterprises and the public once a quarter, and puts right what
// they bring up (7(4), R35, R36).

// HearingForms are how opinions are heard.
var HearingForms = []string{"meeting", "visit", "online", "letters"}

// OpinionSides are who gives an opinion. Nobody is named.
var OpinionSides = []string{"enterprise", "public", "organisation"}

// mostHeard bounds the people counted at one session.
const mostHeard = 4 // digits

var (
	hearingFields = []Field{
		{Name: "held_on", Type: TypeDate, Required: true},
		{Name: "hearing_form", Type: TypeChoice, Required: true, Options: HearingForms},
		{Name: "hearing_place", Type: TypeText, Required: true, Max: 100},
		{Name: "hearing_chair", Type: TypeStaff, Required: true},
		{Name: "enterprises", Type: TypeNumber, Required: true, Max: mostHeard},
		{Name: "public", Type: TypeNumber, Required: true, Max: mostHeard},
		{Name: "minutes", Type: TypeFiles},
	}
	opinionFields = []Field{
		{Name: "opinion_of", Type: TypeChoice, Required: true, Options: OpinionSides},
		{Name: "opinion", Type: TypeLong, Required: true, Max: 2000},
	}
	problemFields = []Field{
		{Name: "opinion_no", Type: TypeNumber, Required: true, Max: 3},
		{Name: "problem_what", Type: TypeLong, Required: true, Max: 2000},
		{Name: "cause", Type: TypeChoice, Required: true, Options: Causes},
		{Name: "link", Type: TypeChoice, Required: true, Options: Links},
		{Name: "unit", Type: TypeUnit, Required: true},
		{Name: "problem_measure", Type: TypeLong, Required: true, Max: 2000},
	}
	docketReasons = Field{Name: "docket_reasons", Type: TypeLong, Required: true, Max: 2000}
	docketDone    = []Field{{Name: "docket_done", Type: TypeLong, Required: true, Max: 4000}}
)

// hearingActs: a session is recorded, its opinions and minutes are added, and somebody else confirms that the record
// is whole. From then on nothing is added.
var hearingActs = []DocketAct{
	{Name: "record", Kind: DocketHearing, Side: DocketKeeps, Fields: hearingFields, To: DocketRecorded, Waits: true, do: recordHearing},
	{Name: "add_opinion", Kind: DocketHearing, Stages: []string{DocketRecorded}, Side: DocketKeeps, Fields: opinionFields, Adds: true, do: addOpinion},
	{Name: "add_minutes", Kind: DocketHearing, Stages: []string{DocketRecorded}, Side: DocketKeeps, Fields: []Field{{Name: "minutes", Type: TypeFiles, Required: true}}, Adds: true},
	{Name: "confirm", Kind: DocketHearing, Stages: []string{DocketRecorded}, Side: DocketKeeps, To: DocketConfirmed, Other: true, do: confirmHearing},
}

// problemActs: a problem is handed to a unit, the unit says what it did, and somebody else at the authority closes it
// or sends it back (R36).
var problemActs = []DocketAct{
	{Name: "raise", Kind: DocketProblem, Side: DocketKeeps, Fields: problemFields, To: DocketOpen, do: raiseProblem},
	{Name: "report", Kind: DocketProblem, Stages: []string{DocketOpen}, Side: DocketAnswers, Fields: docketDone, To: DocketReported, Waits: true},
	{Name: "close", Kind: DocketProblem, Stages: []string{DocketReported}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketClosed, Other: true,
		do: func(m *docketMove) *Error { m.end(); return nil }},
	{Name: "return", Kind: DocketProblem, Stages: []string{DocketReported}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketOpen, Other: true,
		do: func(m *docketMove) *Error { m.due(ProblemAgainDays); return nil }},
}

// longestHeard is how many days after a session its record may still be put in: the quarter before last is over by then.
const longestHeard = 366

func recordHearing(m *docketMove) *Error {
	day, err := workday.ParseDate(m.v.Get("held_on"))
	switch {
	case err != nil:
		return wrong("held_on", "not_a_date")
	case day.After(workday.DateOf(m.at)):
		return wrong("held_on", "in_future")
	case day.Before(workday.DateOf(m.at).AddDays(-longestHeard)):
		return wrong("held_on", "too_long_ago")
	case !m.atOffice(m.v.Get("hearing_chair")):
		return wrong("hearing_chair", "not_an_option")
	case count(m.v, "enterprises")+count(m.v, "public") == 0:
		return wrong("public", "nobody_heard")
	}
	m.d.Period = QuarterOf(day)
	m.d.Facts["opinions"] = "0"
	return nil
}

// atOffice tells whether a person holds a post at the docket's authority.
func (m *docketMove) atOffice(id string) bool {
	for _, p := range m.Roster {
		for _, as := range p.Assignments {
			if p.ID == id && as.Org == m.d.Authority {
				return true
			}
		}
	}
	return false
}

// count is a field's number; the field's check has held that it is one.
func count(v Values, field string) int {
	n, _ := strconv.Atoi(v.Get(field))
	return n
}

func addOpinion(m *docketMove) *Error {
	n := m.d.Count("opinions") + 1
	delete(m.d.Facts, "opinion_of") // each opinion's own, in its entry
	m.d.Facts["opinions"] = strconv.Itoa(n)
	m.e.Facts["opinion_no"] = strconv.Itoa(n)
	return nil
}

// Count is a fact that counts, 0 where there is none.
func (d Docket) Count(fact string) int {
	n, _ := strconv.Atoi(d.Facts[fact])
	return n
}

func confirmHearing(m *docketMove) *Error {
	if len(m.d.Files) == 0 {
		return refuse(NotNow, "", "no_minutes")
	}
	m.end()
	return nil
}

func raiseProblem(m *docketMove) *Error {
	if m.d.Facts["hearing"] == "" {
		return refuse(NotNow, "", "no_hearing")
	}
	if n := count(m.v, "opinion_no"); n < 1 || n > m.d.Count("opinions") {
		return wrong("opinion_no", "no_such_opinion")
	}
	delete(m.d.Facts, "opinions")
	m.d.Unit = m.v.Get("unit")
	m.e.Units, m.e.Facts["hearing"] = m.d.Units(), m.d.Facts["hearing"]
	m.due(ProblemDays)
	return nil
}

// NewQuarter opens what an authority's quarter asks for: one session before its last working day is over. d has its
// place.
func (r Rules) NewQuarter(d Docket, period string, at time.Time) (Docket, []DocketEntry) {
	first, last, _ := PeriodDays(period)
	d.Kind, d.Period, d.Stage, d.Key = DocketQuarter, period, DocketWaiting, QuarterKey(d.Authority, period)
	d.Since, d.Facts = first, map[string]string{}
	for !r.Calendar.IsWorkday(last) && last.After(first) {
		last = last.AddDays(-1)
	}
	d.Due = r.Hours.Close(last)
	return d, []DocketEntry{d.record(DocketEntry{Name: EntryOpened, Due: d.Due, Calendar: r.Calendar.Version()}, at)}
}

// QuarterKey is the key of an authority's quarter.
func QuarterKey(authority, period string) string { return "quarter/" + authority + "/" + period }

// Hears notes on a quarter that a session is on record; it counts as heard once somebody else has confirmed that, and becomes overdue
// where nobody does in time. A session that was recorded late stays late.
func (d Docket) Hears(hearing Docket, at time.Time) (Docket, []DocketEntry) {
	if d.Stage != DocketWaiting {
		return d, nil
	}
	d.Facts = cloneMap(d.Facts)
	d.Facts["hearing"] = hearing.ID
	if d.Overdue {
		d.Facts["late"] = "yes"
	}
	d.Stage, d.Overdue = DocketRecorded, false
	return d, []DocketEntry{d.record(DocketEntry{Name: EntryHeld, Facts: map[string]string{"hearing": hearing.ID, "held_on": hearing.Facts["held_on"]}}, at)}
}

// Confirms notes on a quarter that the record of a session in it was confirmed: it was heard (R35).
func (d Docket) Confirms(hearing Docket, at time.Time) (Docket, []DocketEntry) {
	if d.Stage != DocketRecorded {
		return d, nil
	}
	d.Facts = cloneMap(d.Facts)
	d.Facts["hearing"], d.Facts["confirmed"] = hearing.ID, "yes" // quarters of before this was asked for have no such fact
	d.Stage, d.Ended, d.Overdue = DocketHeld, workday.DateOf(at), false
	return d, []DocketEntry{d.record(DocketEntry{Name: EntryConfirmed, Facts: map[string]string{"hearing": hearing.ID}}, at)}
}

// HeardProblem is what everybody may know of a problem that a session brought up: of which kind it is and how far it has come (7(4), R36).
// It is no rating and nobody's words: the office itself wrote down what it has to put right, and each is followed to its end.
type HeardProblem struct {
	Cause  string       `json:"cause"`
	Link   string       `json:"link"`
	State  string       `json:"state"` // open, overdue, reported, closed
	Closed workday.Date `json:"closed_on,omitzero"`
}

// ProblemOverdue is the state of a problem that was not put right in time.
const ProblemOverdue = "overdue"

// Heard is what everybody may know of a problem; neither its unit nor which opinion brought it up, nor any words.
func (d Docket) Heard() HeardProblem {
	p := HeardProblem{Cause: d.Facts["cause"], Link: d.Facts["link"], State: d.Stage, Closed: d.Ended}
	if d.Stage == DocketOpen && d.Overdue {
		p.State = ProblemOverdue
	}
	return p
}

// OpinionsCounted are the opinions of a confirmed session that count in what everybody reads. Those of one whose record was confirmed only once its
// quarter was over, when the number stands there to be read already, count where they are FewestShown at least: by two numbers nobody tells fewer (R04).
func (d Docket) OpinionsCounted() int {
	_, last, _ := PeriodDays(d.Period)
	if n := d.Count("opinions"); n >= FewestShown || !d.Ended.After(last) {
		return n
	}
	return 0
}

// OpinionsTold is the number of opinions as everybody may read it: somebody stands behind each, and so it is told from OpenFrom on, and
// that it is not told does not say that there were under FewestShown (R04). false where it is not told.
func OpinionsTold(opinions int) (int, bool) { return opinions, opinions >= OpenFrom }
