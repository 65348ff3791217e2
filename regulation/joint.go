package regulation

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"haochaping/workday"
)

// Several cases of one cause are put right together (R60): one plan, one leading unit and others that assist. Each
// case keeps its own procedure, reply and closing; the joint rectification refers to them and ends only when each
// has both. Then what was said and what was changed is published.

// FewestCases is what makes a rectification a joint one.
const FewestCases = 2

var (
	casesField  = Field{Name: "cases", Type: TypeCases, Required: true}
	jointCase   = Field{Name: "case", Type: TypeText, Required: true, Max: 32}
	jointFields = []Field{
		{Name: "cause", Type: TypeChoice, Required: true, Options: Causes},
		{Name: "link", Type: TypeChoice, Options: Links},
		{Name: "attribution", Type: TypeChoice, Required: true, Options: Attributions},
		{Name: "unit", Type: TypeUnit, Required: true},
		{Name: "assisting", Type: TypeUnits},
		{Name: "joint_plan", Type: TypeLong, Required: true, Max: 4000},
		casesField,
	}
	changeFields = []Field{
		{Name: "you_said", Type: TypeLong, Required: true, Max: 1000},
		{Name: "we_changed", Type: TypeLong, Required: true, Max: 1000},
		{Name: "you_said_en", Type: TypeLong, Max: 1500},
		{Name: "we_changed_en", Type: TypeLong, Max: 1500},
	}
)

var jointActs = []DocketAct{
	{Name: "gather", Kind: DocketJoint, Side: DocketKeeps, Fields: jointFields, To: DocketOpen, Waits: true, do: gatherCases},
	{Name: "add_cases", Kind: DocketJoint, Stages: []string{DocketOpen}, Side: DocketKeeps, Fields: []Field{casesField}, do: addCases},
	{Name: "drop_case", Kind: DocketJoint, Stages: []string{DocketOpen}, Side: DocketKeeps, Fields: []Field{jointCase, docketReasons}, do: dropCase},
	{Name: "report", Kind: DocketJoint, Stages: []string{DocketOpen}, Side: DocketAnswers, Fields: docketDone, To: DocketReported, Waits: true},
	{Name: "return", Kind: DocketJoint, Stages: []string{DocketReported}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketOpen, Other: true,
		do: func(m *docketMove) *Error { m.due(JointDays); return nil }},
	{Name: "close", Kind: DocketJoint, Stages: []string{DocketReported}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketClosed, Other: true, do: closeJoint},
	{Name: "abandon", Kind: DocketJoint, Stages: []string{DocketOpen, DocketReported}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketAbandoned, Other: true,
		do: func(m *docketMove) *Error { m.d.abandon(m.e, m.at); return nil }},
	{Name: "release_case", Kind: DocketJoint, Stages: []string{DocketClosed, DocketPublished}, Side: DocketKeeps, Fields: []Field{jointCase, docketReasons}, do: releaseCase},
	{Name: "draft", Kind: DocketJoint, Stages: []string{DocketClosed}, Side: DocketKeeps, Fields: changeFields, To: DocketDrafted, Waits: true, do: draftChange},
	{Name: "publish", Kind: DocketJoint, Stages: []string{DocketDrafted}, Side: DocketKeeps, To: DocketPublished, Other: true, do: publishChange},
	{Name: "send_back", Kind: DocketJoint, Stages: []string{DocketDrafted}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketClosed, Other: true},
	{Name: "withdraw", Kind: DocketJoint, Stages: []string{DocketPublished}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketClosed},
}

func gatherCases(m *docketMove) *Error {
	m.d.Unit = m.v.Get("unit")
	for _, unit := range nonEmpty(m.v["assisting"]) {
		if unit != m.d.Unit && !contains(m.d.Assisting, unit) {
			m.d.Assisting = append(m.d.Assisting, unit)
		}
	}
	m.e.Units = m.d.Units()
	m.due(JointDays)
	if err := addCases(m); err != nil {
		return err
	}
	if len(m.d.Cases) < FewestCases {
		return wrong("cases", "too_few_cases")
	}
	return nil
}

func addCases(m *docketMove) *Error {
	for _, id := range nonEmpty(m.v["cases"]) {
		if contains(m.d.Cases, id) {
			continue
		}
		if code := m.misfit(id); code != "" {
			return wrong("cases", code)
		}
		m.d.Cases, m.e.Adds = append(m.d.Cases, id), append(m.e.Adds, id)
	}
	if len(m.e.Adds) == 0 {
		return wrong("cases", "nothing_new")
	}
	return nil
}

// misfit is why a case is not put right with the others, or "": all are of one authority, unless the prefecture
// gathers, and of one cause.
func (m *docketMove) misfit(id string) string {
	g, known := m.gathered(id)
	switch {
	case !known || g.Authority != m.d.Authority && m.d.Area != PrefectureArea:
		return "not_an_option"
	case g.Finding.Cause != m.d.Facts["cause"], g.Finding.Attribution != m.d.Facts["attribution"], m.d.Facts["link"] != "" && g.Finding.Link != m.d.Facts["link"]:
		return "other_cause"
	}
	return ""
}

func (m *docketMove) gathered(id string) (Gathered, bool) {
	i := slices.IndexFunc(m.Gathered, func(g Gathered) bool { return g.Case == id })
	if i < 0 {
		return Gathered{}, false
	}
	return m.Gathered[i], true
}

func dropCase(m *docketMove) *Error {
	id := m.v.Get("case")
	delete(m.e.Texts, "case") // an id, which the entry keeps as it is
	switch {
	case !contains(m.d.Cases, id):
		return wrong("case", "not_an_option")
	case len(m.d.Cases) <= FewestCases:
		return wrong("case", "too_few_cases")
	}
	m.d.Cases = slices.DeleteFunc(m.d.Cases, func(have string) bool { return have == id })
	m.e.Drops = []string{id}
	return nil
}

// releaseCase lets go a case of a joint rectification that is done, such as one that was opened again: another may take it up. What was
// published with it stands.
func releaseCase(m *docketMove) *Error {
	id := m.v.Get("case")
	delete(m.e.Texts, "case")
	if !contains(m.d.Cases, id) {
		return wrong("case", "not_an_option")
	}
	m.d.Cases = slices.DeleteFunc(m.d.Cases, func(have string) bool { return have == id })
	m.e.Drops = []string{id}
	return nil
}

// abandon ends a joint rectification and lets all its cases go: each goes on by its own procedure, and another may take it up.
func (d *Docket) abandon(e *DocketEntry, at time.Time) {
	e.Drops, d.Cases, d.Pending = d.Cases, nil, nil
	d.Stage, d.Ended, d.Overdue = DocketAbandoned, workday.DateOf(at), false
}

// Entries that the rule makes of joint rectifications.
const (
	EntryLeft      = "left"      // a case was written off: there is nothing to put right
	EntryAbandoned = "abandoned" // no case is left
)

// Leave takes cases that were written off out of a joint rectification that goes on; with the last of them it ends.
func (d Docket) Leave(cases []string, at time.Time) (Docket, []DocketEntry) {
	if d.Kind != DocketJoint || d.Stage != DocketOpen && d.Stage != DocketReported {
		return d, nil
	}
	var drops, stay []string
	for _, id := range d.Cases {
		if contains(cases, id) {
			drops = append(drops, id)
		} else {
			stay = append(stay, id)
		}
	}
	if drops == nil {
		return d, nil
	}
	d.Cases = stay
	entries := []DocketEntry{d.record(DocketEntry{Name: EntryLeft, Drops: drops, Facts: map[string]string{"why": "case_written_off"}}, at)}
	if stay == nil {
		e := DocketEntry{Name: EntryAbandoned}
		d.abandon(&e, at)
		entries = append(entries, d.record(e, at))
	}
	return d, entries
}

// Gathered is what the joint rectification has to know of one of its cases: what was found, and what its own procedure
// has come to.
type Gathered struct {
	Case, Number, Authority string
	Finding                 Finding
	Replied, Closed         bool
}

// GatheredOf is that of a case. One that was written off needs no rectification and leaves the joint one (Leave).
func GatheredOf(c Case) Gathered {
	return Gathered{c.ID, c.Number, c.Authority, c.Finding, !c.Reply.ReleasedAt.IsZero(), c.Closed()}
}

// closeJoint holds that no case was left behind: each was replied to and closed by its own procedure.
func closeJoint(m *docketMove) *Error {
	for _, id := range m.d.Cases {
		if g, known := m.gathered(id); !known || !g.Replied || !g.Closed {
			return refuse(NotNow, "", "cases_not_closed")
		}
	}
	m.d.Facts["ratings"] = strconv.Itoa(len(m.d.Cases))
	m.e.Facts["ratings"] = m.d.Facts["ratings"]
	m.end()
	return nil
}

// ChangeGround is what the record says of a change that everybody is to read.
type ChangeGround struct {
	// Names are of all who serve in the areas of the authority and of the units, or ever did, Windows of the windows there: no text may have them.
	Names, Windows []string
	Words          []string // that were drafted
}

// tells is why words may not stand in a change, "" where they may.
func (g ChangeGround) tells(words string) string {
	return BulletinState{Names: g.Names, Windows: g.Windows}.NoteTells(words)
}

// draftChange holds what is to be published against what tells of people: it is written anew, never a citizen's words.
func draftChange(m *docketMove) *Error {
	refusal := refuse(Invalid, "", "fields")
	for _, f := range changeFields {
		if why := m.Change.tells(m.v.Get(f.Name)); why != "" {
			refusal.Field(f.Name, why)
		}
	}
	if (m.v.Get("you_said_en") == "") != (m.v.Get("we_changed_en") == "") {
		refusal.Field("we_changed_en", "both_or_neither")
	}
	if refusal.Fields != nil {
		return refusal
	}
	return nil
}

// TellsOfPeople tells whether a text that is to be published has a number, a name or a place in it that may tell of
// somebody. Days and clock times are what a notice of a change needs; they may stand, as may years, the whole of a hundred and hotlines.
func TellsOfPeople(text string) bool {
	return slices.ContainsFunc(SuggestStrikes(text), func(s Strike) bool {
		number := strings.Trim(strings.Map(plainDigit, text[s.From:s.To]), "-. \n")
		return s.Kind != StrikeTime && !nobodysNumber.MatchString(number)
	})
}

// nobodysNumber is a year since 2010, in which nobody was born who rates, a quarter or a day of one, 100 or a government's hotline such as 12345.
var nobodysNumber = regexp.MustCompile(`^(?:20[1-9]\d(?:-Q[1-4]|[-.]\d{1,2}[-.]\d{1,2})?|100|123\d\d)$`)

// publishChange holds the words once more: who serves there, and the rule, may be another since they were drafted.
func publishChange(m *docketMove) *Error {
	for _, words := range m.Change.Words {
		if why := barredWords[m.Change.tells(words)]; why != "" {
			return refuse(NotNow, "", why)
		}
	}
	m.d.Facts["published_on"] = workday.DateOf(m.at).String()
	m.e.Facts["published_on"] = m.d.Facts["published_on"]
	return nil
}
