package regulation

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"haochaping/workday"
)

// A release exposes in the media a region or department that was ranked low in consecutive periods, or a typical negative case
// (8(3), R43). It names units only. The unit is heard first; that nobody can be recognised and that nothing is secret is checked by
// two named roles; the prefecture's head signs. It is shown for so many days, and withdrawn at once where what it rests on falls.

// Grounds of a release.
const (
	GroundLow  = "low_rank"
	GroundCase = "typical_case"
)

// ReleaseGround is what the record says of what a release rests on.
type ReleaseGround struct {
	// Low are regions and departments that were low in consecutive periods, by object, with those periods; for a release that there is
	// already, in its own.
	Low map[string][]string
	// Seals are the sealed versions of those periods' figures, Lowest how many last places counted as low (ReleaseLowest).
	Seals  map[string]int64
	Lowest int
	// Unit is whom it exposes: the region's authority, the department, the unit that the case counts for.
	Unit, UnitArea string
	Case           ExposedCase
	// Names are of all who serve there or ever did, Windows of the windows there: no text may have them.
	Names, Windows []string
	// Words are those of a release that is drafted already: who serves there may be another by the time that it is signed.
	Words []string
	// Own is the prefecture's own office.
	Own string
}

// ExposedCase is what of a case decides whether it may be exposed.
type ExposedCase struct {
	ID, Number, Unit                           string
	Confirmed, Concluded, Disputed, WrittenOff bool // Disputed: an appeal, a write-off or a change of whom it counts for is under way
	Served                                     bool // the rated side has had its notice
	AppealUntil                                time.Time
	AppealDecided                              bool
	UnitBad                                    int // bad ratings of the unit in the case's quarter: the fewer, the easier the rater is recognised
}

// ExposedCaseOf is that of a case.
func ExposedCaseOf(c Case) ExposedCase {
	return ExposedCase{ID: c.ID, Number: c.Number, Unit: c.Rated.Unit, Confirmed: c.Finding.Kind == "substantiated" || c.Finding.Kind == "fixed_at_once",
		Concluded: c.Closed() || c.Phase == PhaseAfter, Disputed: c.Running(TrackAppeal) || c.Running(TrackReattribution) || c.Running(TrackMalice) || c.writeOffRuns(),
		WrittenOff: c.WrittenOff(), Served: !c.Notice.ServedAt.IsZero(), AppealUntil: c.Notice.AppealUntil, AppealDecided: c.Appeal.Result != ""}
}

// writeOffRuns tells whether a write-off is proposed and not in force yet.
func (c Case) writeOffRuns() bool { return c.Running(TrackWriteOff) && !c.WrittenOff() }

// Unfit is why a case may not be exposed now, or "".
func (e ExposedCase) Unfit(at time.Time) string {
	switch {
	case e.ID == "" || !e.Confirmed:
		return "case_not_confirmed"
	case e.WrittenOff:
		return "case_written_off"
	case !e.Concluded:
		return "case_not_concluded"
	case e.Disputed:
		return "case_disputed"
	case !e.Served, !e.AppealDecided && !at.After(e.AppealUntil):
		return "appeal_open"
	}
	return ""
}

// Outlets are where a release comes out.
var Outlets = []string{"newspaper", "broadcast", "other"}

// Sides of a release beside the authority's and the unit's.
const (
	DocketSigns          DocketSide = "signs"           // the prefecture's head
	DocketChecksIdentity DocketSide = "checks_identity" // whoever guards raters' contacts
	DocketChecksSecrecy  DocketSide = "checks_secrecy"
)

// Results of a check.
const (
	CheckPassed = "passed"
	CheckFailed = "failed"
)

var (
	releaseText = []Field{
		{Name: "release_title", Type: TypeText, Required: true, Max: 60},
		{Name: "release_text", Type: TypeLong, Required: true, Max: 3000},
		{Name: "release_title_en", Type: TypeText, Max: 120},
		{Name: "release_text_en", Type: TypeLong, Max: 4500},
	}
	checkFields = []Field{{Name: "check_result", Type: TypeChoice, Required: true, Options: []string{CheckPassed, CheckFailed}}, docketReasons}
	fromDraft   = []string{DocketDrafted}
)

var releaseActs = []DocketAct{
	{Name: "draft", Kind: DocketRelease, Side: DocketKeeps, To: DocketDrafted, Waits: true, do: draftRelease, Fields: append([]Field{
		{Name: "release_ground", Type: TypeChoice, Required: true, Options: []string{GroundLow, GroundCase}},
		{Name: "release_object", Type: TypeText, Required: true, Max: 64},
	}, releaseText...)},
	{Name: "revise", Kind: DocketRelease, Stages: fromDraft, Side: DocketKeeps, Adds: true, Fields: releaseText, do: reviseRelease},
	{Name: "state", Kind: DocketRelease, Stages: fromDraft, Side: DocketAnswers, do: stateOnRelease, Fields: []Field{{Name: "release_statement", Type: TypeLong, Required: true, Max: 2000}}},
	{Name: "check_identity", Kind: DocketRelease, Stages: fromDraft, Side: DocketChecksIdentity, Fields: checkFields, do: checkRelease("identity")},
	{Name: "check_secrecy", Kind: DocketRelease, Stages: fromDraft, Side: DocketChecksSecrecy, Fields: checkFields, do: checkRelease("secrecy")},
	{Name: "sign", Kind: DocketRelease, Stages: fromDraft, Side: DocketSigns, To: DocketSigned, Other: true, do: signRelease},
	{Name: "refuse", Kind: DocketRelease, Stages: fromDraft, Side: DocketSigns, To: DocketRefused, Fields: []Field{docketReasons}, do: func(m *docketMove) *Error { m.end(); return nil }},
	{Name: "publish", Kind: DocketRelease, Stages: []string{DocketSigned}, Side: DocketKeeps, To: DocketPublished, do: publishRelease, Fields: []Field{
		{Name: "outlet", Type: TypeChoice, Required: true, Options: Outlets},
		{Name: "outlet_name", Type: TypeText, Max: 60},
		{Name: "published_on", Type: TypeDate, Required: true},
	}},
	{Name: "withdraw", Kind: DocketRelease, Stages: []string{DocketDrafted, DocketSigned, DocketPublished, DocketExpired}, Side: DocketKeeps, Fields: []Field{docketReasons}, do: func(m *docketMove) *Error {
		m.d.withdraw(m.Rules, m.e, m.at)
		return nil
	}},
	{Name: "tell_outlet", Kind: DocketRelease, Stages: []string{DocketWithdrawn}, Side: DocketKeeps, To: DocketOutletTold, Fields: []Field{docketReasons}, do: func(m *docketMove) *Error { m.end(); return nil }},
}

func draftRelease(m *docketMove) *Error {
	object := m.v.Get("release_object")
	delete(m.e.Texts, "release_object")
	if err := m.wordsOfRelease(); err != nil {
		return err
	}
	switch g := m.Release; {
	case m.v.Get("release_ground") == GroundCase:
		if why := g.Case.Unfit(m.at); why != "" {
			return g.unfit(why)
		}
		object = g.Case.ID
		m.d.Facts["case_number"], m.e.Facts["case_number"] = g.Case.Number, g.Case.Number
		m.d.Facts["unit_bad"], m.e.Facts["unit_bad"] = strconv.Itoa(g.Case.UnitBad), strconv.Itoa(g.Case.UnitBad)
	case g.Low[object] == nil:
		return refuse(NotNow, "", "not_ranked_low")
	default:
		var seals []string
		for _, period := range g.Low[object] {
			seals = append(seals, strconv.FormatInt(g.Seals[period], 10))
		}
		for name, value := range map[string]string{"periods": strings.Join(g.Low[object], ","), "seal_versions": strings.Join(seals, ","), "board_formula": strconv.Itoa(BoardFormula),
			"lowest": strconv.Itoa(g.Lowest)} {
			m.d.Facts[name], m.e.Facts[name] = value, value
		}
	}
	if m.Release.Unit == "" || m.Release.Unit == m.Release.Own {
		return refuse(NotNow, "", "own_office")
	}
	m.d.Facts["object"], m.e.Facts["object"] = object, object
	m.d.Unit, m.e.Units = m.Release.Unit, []string{m.Release.Unit}
	m.hearUntil()
	return nil
}

// wordsOfRelease holds the words against what tells of people: patterns, the names of those who serve there, and of the windows there.
func (m *docketMove) wordsOfRelease() *Error {
	refusal := refuse(Invalid, "", "fields")
	for _, f := range releaseText {
		if why := m.Release.tells(m.v.Get(f.Name)); why != "" {
			refusal.Field(f.Name, why)
		}
	}
	if (m.v.Get("release_title_en") == "") != (m.v.Get("release_text_en") == "") {
		refusal.Field("release_text_en", "both_or_neither")
	}
	if refusal.Fields != nil {
		return refusal
	}
	return nil
}

// tells is why words may not stand in a release, "" where they may.
func (g ReleaseGround) tells(words string) string {
	return BulletinState{Names: g.Names, Windows: g.Windows}.NoteTells(words)
}

// wordsBar is the refusal of a release whose drafted words may not stand any more, "" where they may.
func (g ReleaseGround) wordsBar() string {
	for _, words := range g.Words {
		if why := barredWords[g.tells(words)]; why != "" {
			return why
		}
	}
	return ""
}

// hearUntil gives the unit its days to say something; what was said and checked of other words counts no more.
func (m *docketMove) hearUntil() {
	until := m.Calendar.Add(workday.DateOf(m.at), m.Params.Days(ReleaseStatementDays)).Date.String()
	for _, fact := range []string{"heard", "identity", "secrecy"} {
		delete(m.d.Facts, fact)
	}
	m.d.Facts["hear_until"], m.e.Facts["hear_until"], m.e.Calendar = until, until, m.Calendar.Version()
}

func reviseRelease(m *docketMove) *Error {
	if err := m.wordsOfRelease(); err != nil {
		return err
	}
	m.hearUntil()
	return nil
}

func stateOnRelease(m *docketMove) *Error {
	m.d.Facts["heard"], m.e.Facts["heard"] = "stated", "stated"
	return nil
}

// checkRelease notes a check: by nobody who wrote the words, did the other check, or stands in for one who did either.
func checkRelease(what string) func(m *docketMove) *Error {
	return func(m *docketMove) *Error {
		if m.actor.isAmong(m.d.checkedBy(otherCheck[what])) || m.actor.isAmong(m.d.Pending) {
			return refuse(FourEyes, "", "docket_by_you")
		}
		result := m.v.Get("check_result")
		delete(m.d.Facts, "check_result")
		delete(m.e.Facts, "check_result")
		m.d.Facts[what], m.e.Facts[what] = result, result
		m.d.Facts[what+"_by"] = strings.Join(m.actor.behind(), ",")
		return nil
	}
}

var otherCheck = map[string]string{"identity": "secrecy", "secrecy": "identity"}

// checkedBy are who did a check, with whom they stood in for; nobody while it is not done.
func (d Docket) checkedBy(what string) []string {
	return nonEmpty(strings.Split(d.Facts[what+"_by"], ","))
}

// isAmong tells whether somebody, or whoever they stand in for, is one of some people.
func (a Actor) isAmong(people []string) bool {
	return slices.ContainsFunc(a.behind(), func(person string) bool { return contains(people, person) })
}

// signRelease holds every condition once more: the head signs for what is true on that day, and for no check of their own.
func signRelease(m *docketMove) *Error {
	heardUntil, _ := workday.ParseDate(m.d.Facts["hear_until"]) // written by us
	switch {
	case m.actor.isAmong(m.d.checkedBy("identity")), m.actor.isAmong(m.d.checkedBy("secrecy")):
		return refuse(FourEyes, "", "docket_by_you")
	case m.d.ReleaseFalls(m.Release, m.at) != "":
		return m.Release.unfit(m.d.ReleaseFalls(m.Release, m.at))
	case m.Release.wordsBar() != "":
		return refuse(NotNow, "", m.Release.wordsBar())
	case m.d.Facts["heard"] == "" && !m.at.After(m.Hours.Close(heardUntil)):
		err := refuse(NotNow, "", "unit_not_heard", UnitHandler, UnitHead, AuthorityHead)
		err.From = m.Hours.Close(heardUntil)
		return err
	case m.d.Facts["identity"] != CheckPassed:
		return refuse(NotNow, "", "identity_unchecked", VaultApprover)
	case m.d.Facts["secrecy"] != CheckPassed:
		return refuse(NotNow, "", "secrecy_unchecked", SecurityAdministrator)
	}
	if m.d.Facts["heard"] == "" {
		m.d.Facts["heard"], m.e.Facts["heard"] = "days_ended", "days_ended"
	}
	m.d.Facts["signed_on"], m.e.Facts["signed_on"] = workday.DateOf(m.at).String(), workday.DateOf(m.at).String()
	return nil
}

// unfit refuses for what ReleaseFalls or Unfit says; while the unit may appeal, until then.
func (g ReleaseGround) unfit(why string) *Error {
	err := refuse(NotNow, "", why)
	if why == "appeal_open" {
		err.From = g.Case.AppealUntil
	}
	return err
}

// ReleaseFalls is why what a release rests on does not hold any more, or "".
func (d Docket) ReleaseFalls(g ReleaseGround, at time.Time) string {
	if d.Facts["release_ground"] == GroundCase {
		if g.Case.Unit != d.Unit {
			return "case_counts_elsewhere"
		}
		return g.Case.Unfit(at)
	}
	if g.Low[d.Facts["object"]] == nil {
		return "not_ranked_low"
	}
	return ""
}

func publishRelease(m *docketMove) *Error {
	day, err := workday.ParseDate(m.v.Get("published_on"))
	signed, unknown := workday.ParseDate(m.d.Facts["signed_on"]) // unknown of those signed before it was noted
	switch {
	case m.d.ReleaseFalls(m.Release, m.at) != "":
		return m.Release.unfit(m.d.ReleaseFalls(m.Release, m.at))
	case m.Release.wordsBar() != "":
		return refuse(NotNow, "", m.Release.wordsBar())
	case err != nil:
		return wrong("published_on", "not_a_date")
	case day.After(workday.DateOf(m.at)):
		return wrong("published_on", "in_future")
	case unknown == nil && day.Before(signed):
		return wrong("published_on", "before_signature")
	case m.v.Get("outlet") == "other" && m.v.Get("outlet_name") == "":
		return wrong("outlet_name", "required")
	case TellsOfPeople(m.v.Get("outlet_name")):
		return wrong("outlet_name", "tells_of_people")
	}
	until := workday.DateOf(m.at).AddDays(m.Params.Days(ReleaseDays)).String()
	m.d.Facts["shown_until"], m.e.Facts["shown_until"] = until, until
	m.end()
	return nil
}

// withdraw takes a release back; one that came out has its outlet asked for a correction within days.
func (d *Docket) withdraw(r Rules, e *DocketEntry, at time.Time) {
	cameOut := d.Stage == DocketPublished || d.Stage == DocketExpired
	d.Stage = DocketWithdrawn
	if !cameOut {
		d.Stage, d.Ended = DocketDropped, workday.DateOf(at)
		return
	}
	d.Ended = workday.Date{}
	d.dueIn(r, workday.DateOf(at), r.Params.Days(ReleaseTellDays))
	e.Due, e.Calendar = d.Due, r.Calendar.Version()
}

// EntryExpired ends the days for which a release is shown.
const EntryExpired = "expired"

// ReleasesFollowed are the stages in which what a release rests on may still fall: what an outlet printed stays printed when the
// product shows it no more.
var ReleasesFollowed = []string{DocketDrafted, DocketSigned, DocketPublished, DocketExpired}

// ReleasePeriods are the quarters in which the place that a release exposes was low; none of a case.
func (d Docket) ReleasePeriods() []string { return nonEmpty(strings.Split(d.Facts["periods"], ",")) }

// LowParams are the parameters by which the place of a release was low: later ones do not undo it.
func (d Docket) LowParams(p Params) (Params, error) {
	values := map[string]int{}
	if n := len(d.ReleasePeriods()); n > 0 {
		values[ReleasePeriods] = n
	}
	if lowest, err := strconv.Atoi(d.Facts["lowest"]); err == nil {
		values[ReleaseLowest] = lowest
	}
	return p.With(values)
}

// releaseFallsBy are the reasons for which a release is taken off by itself; an appeal that begins later is none yet.
var releaseFallsBy = []string{"case_written_off", "case_counts_elsewhere", "not_ranked_low"}

// ReleasePasses notes that a release may be shown no more: its days have ended, or what it rests on has fallen.
func (r Rules) ReleasePasses(d Docket, g ReleaseGround, at time.Time) (Docket, []DocketEntry) {
	if !contains(ReleasesFollowed, d.Stage) {
		return d, nil
	}
	d.Facts = cloneMap(d.Facts)
	why := ""
	// Of its own periods: that a place does better later does not undo that it was low then, that a rating was written off may.
	if why = d.ReleaseFalls(g, at); !contains(releaseFallsBy, why) {
		why = ""
	}
	if why != "" {
		e := DocketEntry{Name: EntryWithdrawn, Facts: map[string]string{"why": why}}
		d.Facts["why"] = why
		d.withdraw(r, &e, at)
		return d, []DocketEntry{d.record(e, at)}
	}
	until, err := workday.ParseDate(d.Facts["shown_until"])
	if d.Stage == DocketPublished && err == nil && workday.DateOf(at).After(until) {
		d.Stage = DocketExpired
		return d, []DocketEntry{d.record(DocketEntry{Name: EntryExpired}, at)}
	}
	return d, nil
}

// Shown tells whether the public sees a release on a day.
func (d Docket) Shown(day workday.Date) bool {
	until, err := workday.ParseDate(d.Facts["shown_until"])
	return d.Kind == DocketRelease && d.Stage == DocketPublished && err == nil && !day.After(until)
}
