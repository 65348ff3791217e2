package regulation

import (
	"slices"
	"time"

	"haochaping/workday"
)

// A probe looks into signals of cheating (9(2), R48): an evidence card that grows while it is open, a
// hearing of whom it concerns, a conclusion proposed by one person and decided by another. Every one ends
// with a decision.

// Outcomes of a probe.
const (
	ProbeConfirmed      = "confirmed"
	ProbePartly         = "partly_confirmed"
	ProbeUnfounded      = "unfounded"
	ProbeNotEstablished = "not_established"
)

// Measures that follow a probe; each is carried out where it belongs.
const (
	MeasureNone           = "none"
	MeasureAnnul          = "annul"          // the praise counts no more: a compensating entry for each rating
	MeasureAccountability = "accountability" // recommended to whoever is competent (8(4))
	MeasureMalice         = "malice"         // the blame's cases go through the procedure of malice (7(2), 9(2))
	MeasureOrder          = "order"          // the office puts its way of asking for ratings in order
)

// How the hearing of a probe stands.
const (
	HearingAsked  = "asked"
	HearingStated = "stated"
	HearingHeld   = "held"   // by word of mouth, or of raters through their cases
	HearingWaived = "waived" // nothing was said in the days given
)

// Conclusion is what one person proposes and another decides.
type Conclusion struct {
	Outcome string   `json:"outcome"`
	Measure string   `json:"measure"`
	By      []string `json:"by"` // who proposed, with whom they stood in for
}

// Probe is one probe into one suspect.
type Probe struct {
	ID        string       `json:"id"`
	Suspect   Suspect      `json:"suspect"`
	Direction Direction    `json:"direction"`
	Unit      string       `json:"unit"` // that was rated; an approver's authority
	Area      string       `json:"area"`
	Authority string       `json:"authority"` // that probes
	Upper     string       `json:"upper,omitempty"`
	Seq       int64        `json:"seq"`
	Since     workday.Date `json:"since"`
	ByHand    bool         `json:"by_hand,omitempty"`
	Signals   []Signal     `json:"signals,omitempty"` // the evidence card: the last word of each kind and unit
	Takers    []string     `json:"takers,omitempty"`  // who took it in hand, with whom they stood in for
	Hearing   string       `json:"hearing,omitempty"`
	HeardBy   time.Time    `json:"heard_by,omitzero"` // until when a statement may be given
	Proposed  *Conclusion  `json:"proposed,omitempty"`
	Due       time.Time    `json:"due,omitzero"`
	Overdue   bool         `json:"overdue,omitempty"`
	Ended     workday.Date `json:"ended,omitzero"`
	Decided   *Conclusion  `json:"decided,omitempty"`
}

// Open tells whether nothing is decided yet.
func (q Probe) Open() bool { return q.Seq > 0 && q.Ended.IsZero() }

// saysConcerned are the entries that whom a probe concerns reads, and toldTexts what of them: what is held against
// them, what they said, how it ended.
var (
	saysConcerned = []ProbeEvent{ProbeAsked, ProbeStated, ProbeWaived, ProbeHeld, ProbeDecided}
	toldTexts     = []string{"probe_allegation", "probe_statement", "hearing_record"}
)

// AsConcerned is an entry as whom the probe concerns reads it, without who acted and without evidence; told is
// false for what is not theirs to read (clause 2).
func (e ProbeEntry) AsConcerned() (seen ProbeEntry, told bool) {
	seen = ProbeEntry{Seq: e.Seq, At: e.At, Name: e.Name, As: Assignment{Role: e.As.Role}, Due: e.Due, Data: e.Data, Annuls: e.Annuls, Texts: map[string]string{}}
	for _, field := range toldTexts {
		if text := e.Texts[field]; text != "" {
			seen.Texts[field] = text
		}
	}
	return seen, slices.Contains(saysConcerned, e.Name)
}

// Heard tells whether whom it concerns had their say, or let their days pass.
func (q Probe) Heard() bool {
	return contains([]string{HearingStated, HearingHeld, HearingWaived}, q.Hearing)
}

// Subject is the probe as policies relate people to it. Whom it concerns sees it once asked for a statement: before
// that it might warn whoever still cheats.
func (q Probe) Subject() Subject {
	s := Subject{Area: q.Area, Orgs: []string{q.Authority}}
	switch {
	case q.Hearing == "":
	case q.Suspect.Kind == SuspectStaff:
		s.Staff = q.Suspect.Object
	case q.Suspect.Kind == SuspectUnit:
		s.Units = []string{q.Unit}
	}
	return s
}

// Ratings are all that the evidence card rests on, each once.
func (q Probe) Ratings() []string {
	var all []string
	for _, s := range q.Signals {
		all = append(all, s.Ratings...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Annulled are the ratings that count no more by the decision: the praise on the evidence card.
func (q Probe) Annulled() []string {
	if q.Decided == nil || q.Decided.Measure != MeasureAnnul {
		return nil
	}
	var all []string
	for _, s := range q.Signals {
		if s.Direction == FalsePraise {
			all = append(all, s.Ratings...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ProbeEvent names an entry of a probe's history.
type ProbeEvent string

const (
	ProbeOpened    ProbeEvent = "opened"
	ProbeSignalled ProbeEvent = "signalled" // more was found
	ProbeByHand    ProbeEvent = "opened_by_hand"
	ProbeTaken     ProbeEvent = "taken"
	ProbeNoted     ProbeEvent = "noted"
	ProbeAsked     ProbeEvent = "statement_asked"
	ProbeStated    ProbeEvent = "stated"
	ProbeWaived    ProbeEvent = "statement_waived"
	ProbeHeld      ProbeEvent = "hearing_held"
	ProbeProposed  ProbeEvent = "conclusion_proposed"
	ProbeReturned  ProbeEvent = "conclusion_returned"
	ProbeDecided   ProbeEvent = "decided"
	ProbeOverdue   ProbeEvent = "overdue"
)

// ProbeEntry is one entry of a probe's append-only history: codes, counts and ids. Texts is what people
// typed; the store keeps it encrypted and puts salted digests into the entry.
type ProbeEntry struct {
	Schema  int               `json:"schema"`
	Probe   string            `json:"probe"`
	Suspect Suspect           `json:"suspect"`
	Seq     int64             `json:"seq"`
	At      time.Time         `json:"at"`
	Name    ProbeEvent        `json:"name"`
	Actor   string            `json:"actor,omitempty"` // "" for the rule
	As      Assignment        `json:"as,omitzero"`
	Clause  Clause            `json:"clause"`
	Signals []Signal          `json:"signals,omitempty"` // that are new or say something else
	Data    map[string]string `json:"data,omitempty"`
	Due     time.Time         `json:"due,omitzero"`
	Annuls  []string          `json:"annuls,omitempty"` // ratings that count no more from here on
	To      string            `json:"to,omitempty"`     // organisation to which an overdue probe goes
	Texts   map[string]string `json:"-"`
}

// Told are the seats that are told of an entry.
func (q Probe) Told(e ProbeEntry) []Seat {
	keepers := []Seat{{Supervisor, q.Authority}, {AuthorityHead, q.Authority}}
	heard := q.heard()
	switch e.Name {
	case ProbeOpened, ProbeByHand, ProbeSignalled, ProbeStated, ProbeWaived, ProbeProposed, ProbeReturned:
		return keepers
	case ProbeAsked:
		return heard
	case ProbeDecided:
		if q.Hearing == "" {
			return keepers
		}
		return append(keepers, heard...)
	case ProbeOverdue:
		return append(keepers, Seat{Supervisor, e.To}, Seat{AuthorityHead, e.To})
	}
	return nil
}

// heard are the seats of whom the probe concerns; raters are heard through their cases.
func (q Probe) heard() []Seat {
	switch q.Suspect.Kind {
	case SuspectStaff:
		return []Seat{PersonSeat(q.Suspect.Object)}
	case SuspectUnit:
		return []Seat{{UnitHead, q.Unit}, {AuthorityHead, q.Unit}}
	}
	return nil
}

// Fields of what people do with a probe.
var (
	probeReasons     = Field{Name: "probe_reasons", Type: TypeLong, Required: true, Max: 2000}
	ProbeOpenFields  = []Field{probeReasons}
	ProbeTakeFields  = []Field{}
	ProbeNoteFields  = []Field{{Name: "probe_note", Type: TypeLong, Required: true, Max: 4000}}
	ProbeAskFields   = []Field{{Name: "probe_allegation", Type: TypeLong, Required: true, Max: 2000}}
	ProbeStateFields = []Field{{Name: "probe_statement", Type: TypeLong, Required: true, Max: 4000}}
	ProbeHoldFields  = []Field{
		{Name: "heard_on", Type: TypeDate, Required: true},
		{Name: "hearing_record", Type: TypeLong, Required: true, Max: 4000},
	}
	ProbeProposeFields = []Field{
		{Name: "probe_outcome", Type: TypeChoice, Required: true, Options: []string{ProbeConfirmed, ProbePartly, ProbeUnfounded, ProbeNotEstablished}},
		{Name: "probe_measure", Type: TypeChoice, Required: true, Options: []string{MeasureNone, MeasureAnnul, MeasureAccountability, MeasureMalice, MeasureOrder}},
		probeReasons,
	}
	ProbeDecideFields = []Field{
		{Name: "probe_decision", Type: TypeChoice, Required: true, Options: []string{"approve", "return"}},
		probeReasons,
	}
)

var probeTexts = []string{"probe_reasons", "probe_note", "probe_allegation", "probe_statement", "hearing_record"}

// Suspected opens a probe on a day's signals of one suspect, or adds them to the one that is open; it
// returns no entry where they say nothing new. q is the open probe, or with Seq 0 what a new one would be.
func (r Rules) Suspected(q Probe, signals []Signal, day workday.Date, at time.Time) (Probe, []ProbeEntry) {
	fresh := q.merge(signals)
	if len(fresh) == 0 {
		return q, nil
	}
	name := ProbeSignalled
	if q.Seq == 0 {
		name, q.Since, q.Direction = ProbeOpened, day, fresh[0].Direction
		r.dueProbe(&q, day)
	}
	return q, []ProbeEntry{q.record(ProbeEntry{Name: name, Signals: fresh, Due: q.Due}, at)}
}

// merge takes signals onto the evidence card and returns those that rest on more than before. The card keeps
// what an earlier day rested on: a rating does not fall out of a probe since its period has passed.
func (q *Probe) merge(signals []Signal) (fresh []Signal) {
	q.Signals = slices.Clone(q.Signals)
	for _, s := range signals {
		at := slices.IndexFunc(q.Signals, func(old Signal) bool { return old.Kind == s.Kind && old.Unit == s.Unit && old.Direction == s.Direction })
		if at < 0 {
			q.Signals, fresh = append(q.Signals, s), append(fresh, s)
			continue
		}
		known := q.Signals[at].Ratings
		if !slices.ContainsFunc(s.Ratings, func(id string) bool { _, there := slices.BinarySearch(known, id); return !there }) {
			continue
		}
		s.Ratings = slices.Compact(slices.Sorted(slices.Values(slices.Concat(known, s.Ratings))))
		q.Signals[at], fresh = s, append(fresh, s)
	}
	return fresh
}

func (r Rules) dueProbe(q *Probe, day workday.Date) {
	q.Due = r.Hours.Close(r.Calendar.Add(day, r.Params.Days(ProbeDays)).Date)
}

// Passes notes what passed by itself: the days for a statement, and those for the decision. It is
// asked with the instant of recording, again and again.
func (q Probe) Passes(at time.Time) (Probe, []ProbeEntry) {
	var entries []ProbeEntry
	if q.Open() && q.Hearing == HearingAsked && at.After(q.HeardBy) {
		q.Hearing = HearingWaived
		entries = append(entries, q.record(ProbeEntry{Name: ProbeWaived, Due: q.HeardBy}, at))
	}
	if q.Open() && !q.Overdue && at.After(q.Due) {
		q.Overdue = true
		to := q.Upper
		if to == "" {
			to = q.Authority
		}
		entries = append(entries, q.record(ProbeEntry{Name: ProbeOverdue, Due: q.Due, To: to}, at))
	}
	return q, entries
}

func (q *Probe) record(e ProbeEntry, at time.Time) ProbeEntry {
	q.Seq++
	e.Schema, e.Seq, e.At, e.Clause, e.Probe, e.Suspect = EventSchema, q.Seq, at, ClauseRights, q.ID, q.Suspect
	return e
}

// BarredFromProbe is why somebody may do nothing about a probe, or "": nobody probes into themselves,
// their own unit, or in the place of who is concerned (clause 2).
func (r Rules) BarredFromProbe(q Probe, actor Actor) string {
	if q.Suspect.Kind == SuspectApprover {
		if slices.Contains(actor.behind(), q.Suspect.Object) {
			return "concerns_you"
		}
		return ""
	}
	kind := WatchUnit
	if q.Suspect.Kind == SuspectStaff {
		kind = WatchStaff
	}
	return r.BarredFromWatching(Listing{Kind: kind, Object: q.Suspect.Object, Unit: q.Unit}, actor)
}

// probing checks what all acts of those who probe have in common.
func (r Rules) probing(q Probe, fields []Field, v Values, actor Actor) error {
	if why := r.BarredFromProbe(q, actor); why != "" {
		return refuse(FourEyes, ClauseRights, why, keepers...)
	}
	if bad := r.checkFields(fields, v); bad != nil {
		return probeFields(bad)
	}
	if q.Seq > 0 && !q.Open() {
		return refuse(NotNow, ClauseRights, "probe_ended")
	}
	return nil
}

func probeFields(bad map[string]string) *Error {
	return &Error{Code: Invalid, Clause: ClauseRights, Missing: "fields", Fields: bad}
}

// done is an entry of what somebody did, with the texts typed.
func (q *Probe) done(name ProbeEvent, v Values, actor Actor, at time.Time) ProbeEntry {
	e := ProbeEntry{Name: name, Actor: actor.Person, As: actor.As, Texts: map[string]string{}, Data: map[string]string{}}
	for _, field := range probeTexts {
		if text := v.Get(field); text != "" {
			e.Texts[field] = text
		}
	}
	return q.record(e, at)
}

// OpenProbe opens a probe by hand, on a report from outside for example, for stated reasons.
func (r Rules) OpenProbe(q Probe, v Values, actor Actor, at time.Time) (Probe, ProbeEntry, error) {
	if err := r.probing(q, ProbeOpenFields, v, actor); err != nil {
		return q, ProbeEntry{}, err
	}
	if q.Open() {
		return q, ProbeEntry{}, refuse(Conflict, ClauseRights, "already_probed")
	}
	q.Since, q.ByHand, q.Direction = workday.DateOf(at), true, FalsePraise
	if q.Suspect.Kind == SuspectRater {
		q.Direction = MaliciousBlame
	}
	r.dueProbe(&q, q.Since)
	e := q.done(ProbeByHand, v, actor, at)
	e.Due = q.Due
	return q, e, nil
}

// TakeProbe is somebody taking a probe in hand; whoever comes later takes it over.
func (r Rules) TakeProbe(q Probe, v Values, actor Actor, at time.Time) (Probe, ProbeEntry, error) {
	if err := r.probing(q, ProbeTakeFields, v, actor); err != nil {
		return q, ProbeEntry{}, err
	}
	if slices.Contains(q.Takers, actor.Person) {
		return q, ProbeEntry{}, refuse(NotNow, ClauseRights, "already_yours")
	}
	q.Takers = actor.behind()
	return q, q.done(ProbeTaken, v, actor, at), nil
}

// NoteProbe adds what was found to the evidence.
func (r Rules) NoteProbe(q Probe, v Values, actor Actor, at time.Time) (Probe, ProbeEntry, error) {
	if err := r.probing(q, ProbeNoteFields, v, actor); err != nil {
		return q, ProbeEntry{}, err
	}
	return q, q.done(ProbeNoted, v, actor, at), nil
}

// AskStatement tells whom the probe concerns what is held against them, and gives them days to answer.
func (r Rules) AskStatement(q Probe, v Values, actor Actor, at time.Time) (Probe, ProbeEntry, error) {
	if err := r.probing(q, ProbeAskFields, v, actor); err != nil {
		return q, ProbeEntry{}, err
	}
	switch {
	case q.heard() == nil:
		return q, ProbeEntry{}, refuse(NotNow, ClauseRights, "heard_otherwise")
	case q.Hearing != "":
		return q, ProbeEntry{}, refuse(NotNow, ClauseRights, "already_heard")
	}
	q.Hearing, q.HeardBy = HearingAsked, r.Hours.Close(r.Calendar.Add(workday.DateOf(at), r.Params.Days(ProbeStatementDays)).Date)
	e := q.done(ProbeAsked, v, actor, at)
	e.Due = q.HeardBy
	return q, e, nil
}

// State is the statement of whom the probe concerns. It is taken as long as nothing is proposed, also late.
func (r Rules) State(q Probe, v Values, actor Actor, at time.Time) (Probe, ProbeEntry, error) {
	if bad := r.checkFields(ProbeStateFields, v); bad != nil {
		return q, ProbeEntry{}, probeFields(bad)
	}
	if !q.MayState() {
		return q, ProbeEntry{}, refuse(NotNow, ClauseRights, "no_statement_asked")
	}
	q.Hearing = HearingStated
	return q, q.done(ProbeStated, v, actor, at), nil
}

// MayState tells whether a statement is taken now.
func (q Probe) MayState() bool {
	return q.Open() && q.Proposed == nil && (q.Hearing == HearingAsked || q.Hearing == HearingWaived)
}

// HoldHearing records a hearing by word of mouth, or how raters were heard in their cases.
func (r Rules) HoldHearing(q Probe, v Values, actor Actor, at time.Time) (Probe, ProbeEntry, error) {
	if err := r.probing(q, ProbeHoldFields, v, actor); err != nil {
		return q, ProbeEntry{}, err
	}
	day, err := workday.ParseDate(v.Get("heard_on"))
	switch {
	case err != nil:
		return q, ProbeEntry{}, probeFields(map[string]string{"heard_on": "not_a_date"})
	case day.After(workday.DateOf(at)):
		return q, ProbeEntry{}, probeFields(map[string]string{"heard_on": "in_future"})
	case day.Before(q.Since):
		return q, ProbeEntry{}, probeFields(map[string]string{"heard_on": "before_probe"})
	}
	q.Hearing = HearingHeld
	e := q.done(ProbeHeld, v, actor, at)
	e.Data["heard_on"] = day.String()
	return q, e, nil
}

// ProposeConclusion proposes how a probe ends. Nothing is confirmed against anybody who was not heard.
func (r Rules) ProposeConclusion(q Probe, v Values, actor Actor, at time.Time) (Probe, ProbeEntry, error) {
	if err := r.probing(q, ProbeProposeFields, v, actor); err != nil {
		return q, ProbeEntry{}, err
	}
	outcome, measure := v.Get("probe_outcome"), v.Get("probe_measure")
	against := outcome == ProbeConfirmed || outcome == ProbePartly
	switch {
	case q.Proposed != nil:
		return q, ProbeEntry{}, refuse(NotNow, ClauseRights, "conclusion_pending")
	case against && !q.Heard():
		return q, ProbeEntry{}, refuse(NotNow, ClauseRights, "not_heard")
	case !against && measure != MeasureNone && measure != MeasureOrder:
		return q, ProbeEntry{}, probeFields(map[string]string{"probe_measure": "nothing_confirmed"})
	case measure == MeasureAnnul && q.Direction != FalsePraise, measure == MeasureMalice && q.Direction != MaliciousBlame:
		return q, ProbeEntry{}, probeFields(map[string]string{"probe_measure": "not_of_this_direction"})
	}
	q.Proposed = &Conclusion{Outcome: outcome, Measure: measure, By: actor.behind()}
	e := q.done(ProbeProposed, v, actor, at)
	e.Data["probe_outcome"], e.Data["probe_measure"] = outcome, measure
	return q, e, nil
}

// DecideProbe is the second person's word on the conclusion.
func (r Rules) DecideProbe(q Probe, v Values, actor Actor, at time.Time) (Probe, ProbeEntry, error) {
	if err := r.probing(q, ProbeDecideFields, v, actor); err != nil {
		return q, ProbeEntry{}, err
	}
	switch {
	case q.Proposed == nil:
		return q, ProbeEntry{}, refuse(NotNow, ClauseRights, "no_conclusion_pending")
	case slices.ContainsFunc(actor.behind(), func(person string) bool { return contains(q.Proposed.By, person) }):
		return q, ProbeEntry{}, refuse(FourEyes, ClauseRights, "proposed_by_you")
	}
	proposed := *q.Proposed
	q.Proposed = nil
	if v.Get("probe_decision") == "return" {
		return q, q.done(ProbeReturned, v, actor, at), nil
	}
	q.Decided, q.Ended, q.Overdue = &proposed, workday.DateOf(at), false
	e := q.done(ProbeDecided, v, actor, at)
	e.Data["probe_outcome"], e.Data["probe_measure"], e.Annuls = proposed.Outcome, proposed.Measure, q.Annulled()
	return q, e, nil
}
