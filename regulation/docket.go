package regulation

import (
	"cmp"
	"slices"
	"time"

	"haochaping/workday"
)

// A docket is a piece of an authority's own work beside the cases that is followed to its end: that it heard
// opinions in a quarter and what came of them (7(4)), several cases of one cause put right together (7(2), R60),
// what it has to publish (9(1)), whom it commends (8(2)). All have one shape: a stage, a history that is only
// added to, acts that a table allows.

// DocketKind is what a docket is about.
type DocketKind string

const (
	DocketQuarter      DocketKind = "quarter" // one authority's quarter: whether it heard opinions
	DocketHearing      DocketKind = "hearing"
	DocketProblem      DocketKind = "problem" // that a hearing brought up
	DocketJoint        DocketKind = "joint"   // several cases of one cause
	DocketPublication  DocketKind = "publication"
	DocketCommendation DocketKind = "commendation"
	DocketBoard        DocketKind = "board"      // one version of a quarter's board of good ratings
	DocketHonour       DocketKind = "honour"     // a window star or a service model of a quarter
	DocketInspection   DocketKind = "inspection" // a place's score of the provincial rules in a quarter
	DocketBulletin     DocketKind = "bulletin"   // of bad ratings
	DocketRelease      DocketKind = "release"    // to the media
)

// Stages of dockets.
const (
	DocketWaiting    = "waiting"   // quarter: nothing was held yet; publication: nothing was published yet
	DocketHeld       = "held"      // quarter
	DocketRecorded   = "recorded"  // hearing, and the quarter of one that nobody else has confirmed
	DocketConfirmed  = "confirmed" // hearing
	DocketOpen       = "open"      // problem, joint
	DocketReported   = "reported"  // problem, joint: done, as the unit says
	DocketClosed     = "closed"    // problem, joint
	DocketAbandoned  = "abandoned" // joint: its cases go on alone
	DocketDrafted    = "drafted"   // joint: what was said and changed waits for somebody else's word; publication
	DocketPublished  = "published" // joint, publication
	DocketProposed   = "proposed"  // commendation
	DocketCommended  = "commended"
	DocketRefused    = "refused"
	DocketRevoked    = "revoked"
	DocketApproved   = "approved"    // bulletin, board, inspection
	DocketIssued     = "issued"      // bulletin
	DocketCorrected  = "corrected"   // bulletin: another stands in its place
	DocketSigned     = "signed"      // release, by the prefecture's head
	DocketExpired    = "expired"     // release: it is shown no more
	DocketWithdrawn  = "withdrawn"   // release: it came out, and its outlet is to be told
	DocketDropped    = "dropped"     // release: before it came out; bulletin: a correction that is not owed any more
	DocketOutletTold = "outlet_told" // release
)

// Docket is one, as its entries left it.
type Docket struct {
	ID        string     `json:"id"`
	Kind      DocketKind `json:"kind"`
	Key       string     `json:"key,omitempty"` // there is one docket under it; "" for the id
	Area      string     `json:"area"`
	Authority string     `json:"authority"`
	Upper     string     `json:"upper,omitempty"` // "" at the prefecture
	Unit      string     `json:"unit,omitempty"`  // responsible, leading or commended
	Assisting []string   `json:"assisting,omitempty"`
	Staff     string     `json:"staff,omitempty"`  // profile of the person commended
	Period    string     `json:"period,omitempty"` // 2026-Q1, 2026-03
	Stage     string     `json:"stage"`
	Seq       int64      `json:"seq"`
	// Since is the day of its first entry, Ended that on which its work was done, zero while it is not.
	Since   workday.Date `json:"since"`
	Ended   workday.Date `json:"ended,omitzero"`
	Due     time.Time    `json:"due,omitzero"`
	DueFrom workday.Date `json:"due_from,omitzero"` // Due was counted from here, in so many working days
	DueDays int          `json:"due_days,omitempty"`
	Overdue bool         `json:"overdue,omitempty"`
	Told    bool         `json:"told,omitempty"`    // that the end draws near
	Pending []string     `json:"pending,omitempty"` // who did what waits for somebody else's word, with whom they stood in for
	// Facts are codes, counts, days and ids, by field.
	Facts map[string]string `json:"facts,omitempty"`
	Cases []string          `json:"cases,omitempty"` // of a joint rectification
	Files []string          `json:"files,omitempty"` // digests
}

// Done tells whether nothing is waited for any more.
func (d Docket) Done() bool { return !d.Ended.IsZero() }

// Subject is the docket as policies relate people to it. A commendation is the authority's alone until it is pronounced. Boards
// are the prefecture's alone: nobody of a county has a part in them.
func (d Docket) Subject() Subject {
	if d.Kind == DocketBoard || d.Kind == DocketInspection {
		return Subject{}
	}
	s := Subject{Area: d.Area, Orgs: []string{d.Authority}}
	if d.Kind == DocketHonour { // internal
		return s
	}
	if d.Kind != DocketCommendation || d.Stage == DocketCommended {
		s.Units = d.Units()
	}
	return s
}

// Units are the responsible or leading unit and those that assist.
func (d Docket) Units() []string {
	if d.Unit == "" {
		return d.Assisting
	}
	return append([]string{d.Unit}, d.Assisting...)
}

// DocketEntry is one entry of a docket's append-only history: codes, counts, days and ids. Texts is what people
// typed; the store keeps it encrypted and puts salted digests into the entry.
type DocketEntry struct {
	Schema   int               `json:"schema"`
	Docket   string            `json:"docket"`
	Kind     DocketKind        `json:"kind"`
	Seq      int64             `json:"seq"`
	At       time.Time         `json:"at"`
	Name     string            `json:"name"`
	Actor    string            `json:"actor,omitempty"` // "" for the rule
	As       Assignment        `json:"as,omitzero"`
	Clause   Clause            `json:"clause"`
	Stage    string            `json:"stage"` // that it leaves
	Facts    map[string]string `json:"facts,omitempty"`
	Units    []string          `json:"units,omitempty"` // responsible or leading first, where the entry says which
	Adds     []string          `json:"adds,omitempty"`  // cases
	Drops    []string          `json:"drops,omitempty"` // cases
	Files    []string          `json:"files,omitempty"` // digests
	Due      time.Time         `json:"due,omitzero"`    // from here on
	Was      time.Time         `json:"was,omitzero"`    // before it was counted again
	Calendar string            `json:"calendar,omitempty"`
	To       string            `json:"to,omitempty"` // organisation to which what is overdue goes
	Texts    map[string]string `json:"-"`
}

// Entries that the rule makes, besides those of acts.
const (
	EntryOpened    = "opened"
	EntryReminded  = "reminded"
	EntryHeld      = "held"      // quarter: a session is on record
	EntryConfirmed = "confirmed" // quarter: somebody else has confirmed its record
	EntryOverdue   = "overdue"
	EntryRecounted = "recounted"
	EntryPublished = "published"
	EntryWithdrawn = "withdrawn"
)

// DocketSide is who does an act.
type DocketSide string

const (
	DocketKeeps   DocketSide = "keeps"   // the authority
	DocketAnswers DocketSide = "answers" // the responsible, leading or assisting unit
)

// DocketAct is one row of the table of acts.
type DocketAct struct {
	Name   string
	Kind   DocketKind
	Stages []string // in which it may be done; none makes a new docket
	Side   DocketSide
	Fields []Field
	To     string // stage afterwards, "" for the same
	Waits  bool   // what it says waits for somebody else's word
	Adds   bool   // to what waits: whoever did is none of those others
	Other  bool   // never by who did what waits
	// Own tells that people of the unit that it is about may do it: everywhere else they are barred (clause 2).
	Own bool
	do  func(m *docketMove) *Error
}

// docketMove is one act as it is done.
type docketMove struct {
	Rules
	d     *Docket
	e     *DocketEntry
	v     Values
	actor Actor
	at    time.Time
}

// docketActs is the table; each kind's rows stand in its own file.
var docketActs = slices.Concat(hearingActs, problemActs, jointActs, publicationActs, commendationActs,
	boardActs, inspectionActs, honourActs, bulletinActs, releaseActs)

// DocketActs lists the acts of a kind, in the order in which pages show them.
func DocketActs(kind DocketKind) []DocketAct {
	return slices.DeleteFunc(slices.Clone(docketActs), func(a DocketAct) bool { return a.Kind != kind })
}

// DocketActOf finds an act.
func DocketActOf(kind DocketKind, name string) (DocketAct, bool) {
	i := slices.IndexFunc(docketActs, func(a DocketAct) bool { return a.Kind == kind && a.Name == name })
	if i < 0 {
		return DocketAct{}, false
	}
	return docketActs[i], true
}

// DocketClause is the clause under which a kind of docket is kept.
func DocketClause(kind DocketKind) Clause {
	switch kind {
	case DocketJoint:
		return ClauseVerify
	case DocketPublication:
		return ClausePublication
	case DocketCommendation, DocketHonour:
		return ClausePraise
	case DocketBoard, DocketInspection:
		return ClauseBoard
	case DocketBulletin, DocketRelease:
		return ClauseWatch
	}
	return ClauseHearing
}

// Open tells whether the stage lets an act be done.
func (a DocketAct) Open(d Docket) bool {
	if len(a.Stages) == 0 {
		return d.Seq == 0
	}
	return d.Seq > 0 && contains(a.Stages, d.Stage)
}

// BarredFromDocket is why somebody may not do an act, or "": nobody decides on their own word, nor on their own unit,
// nor in the place of who would (clause 2).
func (r Rules) BarredFromDocket(a DocketAct, d Docket, actor Actor) string {
	if a.Other && actor.isAmong(d.Pending) {
		return "docket_by_you"
	}
	if a.Side == DocketAnswers || a.Own || d.Unit == "" || d.Unit == d.Authority {
		return ""
	}
	l := Listing{Kind: WatchUnit, Object: d.Unit, Unit: d.Unit}
	if d.Staff != "" {
		l.Kind, l.Object = WatchStaff, d.Staff
	}
	return r.BarredFromWatching(l, actor)
}

// DoDocket does an act on a docket, or makes one. at is the instant of recording. Refusals: Invalid with fields,
// NotNow (another stage, or a condition is missing), FourEyes.
func (r Rules) DoDocket(a DocketAct, d Docket, v Values, actor Actor, at time.Time) (Docket, DocketEntry, error) {
	clause := DocketClause(a.Kind)
	if bad := r.checkFields(a.Fields, v); bad != nil {
		return d, DocketEntry{}, &Error{Code: Invalid, Clause: clause, Missing: "fields", Fields: bad}
	}
	if !a.Open(d) {
		return d, DocketEntry{}, refuse(NotNow, clause, "docket_stage")
	}
	if why := r.BarredFromDocket(a, d, actor); why != "" {
		return d, DocketEntry{}, refuse(FourEyes, clause, why)
	}
	after := d
	after.Facts, after.Cases, after.Files = cloneMap(d.Facts), slices.Clone(d.Cases), slices.Clone(d.Files)
	if d.Seq == 0 {
		after.Since = workday.DateOf(at)
	}
	e := DocketEntry{Name: a.Name, Actor: actor.Person, As: actor.As, Texts: map[string]string{}, Facts: map[string]string{}}
	m := &docketMove{Rules: r, d: &after, e: &e, v: v, actor: actor, at: at}
	m.take(a.Fields)
	if a.do != nil {
		if err := a.do(m); err != nil {
			err.Clause = cmp.Or(err.Clause, clause)
			return d, DocketEntry{}, err
		}
	}
	if why := r.BarredFromDocket(a, after, actor); why != "" { // of the unit that the act itself named
		return d, DocketEntry{}, refuse(FourEyes, clause, why)
	}
	after.Stage = cmp.Or(a.To, after.Stage)
	switch {
	case a.Waits:
		after.Pending = actor.behind()
	case a.Adds:
		after.Pending = append(slices.Clone(after.Pending), actor.behind()...)
	case a.Other:
		after.Pending = nil
	}
	return after, after.record(e, at), nil
}

func cloneMap(m map[string]string) map[string]string {
	clone := map[string]string{}
	for key, value := range m {
		clone[key] = value
	}
	return clone
}

// take puts what was given into the entry: words encrypted, files by their digests, anything else as facts, which
// the docket keeps too.
func (m *docketMove) take(fields []Field) {
	for _, f := range fields {
		given := nonEmpty(m.v[f.Name])
		if len(given) == 0 {
			continue
		}
		switch f.Type {
		case TypeLong, TypeText:
			m.e.Texts[f.Name] = given[0]
		case TypeFiles:
			m.e.Files = append(m.e.Files, given...)
			m.d.Files = append(m.d.Files, given...)
		case TypeUnit, TypeUnits, TypeCases:
		default:
			m.e.Facts[f.Name], m.d.Facts[f.Name] = given[0], given[0]
		}
	}
}

// wrong refuses with one field's code.
func wrong(field, code string) *Error { return refuse(Invalid, "", "fields").Field(field, code) }

// due counts when the docket is due: working days of a parameter from the day of the act, at the close of work.
func (m *docketMove) due(param string) {
	m.d.dueIn(m.Rules, workday.DateOf(m.at), m.Params.Days(param))
	m.e.Due, m.e.Calendar = m.d.Due, m.Calendar.Version()
}

func (d *Docket) dueIn(r Rules, from workday.Date, days int) {
	d.DueFrom, d.DueDays, d.Overdue, d.Told = from, days, false, false
	d.Due = r.Hours.Close(r.Calendar.Add(from, days).Date)
}

// end says that the work is done.
func (m *docketMove) end() {
	m.d.Ended, m.d.Overdue = workday.DateOf(m.at), false
}

// record numbers an entry.
func (d *Docket) record(e DocketEntry, at time.Time) DocketEntry {
	d.Seq++
	e.Schema, e.Seq, e.At, e.Stage, e.Docket, e.Kind, e.Clause = EventSchema, d.Seq, at, d.Stage, d.ID, d.Kind, DocketClause(d.Kind)
	return e
}

// DocketPasses notes what passed by itself: another calendar counts the due day anew, the end draws near, it is
// overdue and goes one level up. It is asked with the instant of recording, again and again.
func (r Rules) DocketPasses(d Docket, at time.Time) (Docket, []DocketEntry) {
	if d.Due.IsZero() || d.Done() || d.Overdue {
		return d, nil
	}
	var entries []DocketEntry
	if due := r.recounted(d, at); !due.Equal(d.Due) {
		was := d.Due
		d.Due = due
		entries = append(entries, d.record(DocketEntry{Name: EntryRecounted, Due: due, Was: was, Calendar: r.Calendar.Version()}, at))
	}
	switch near := r.Params.Days(DocketReminderDays); {
	case at.After(d.Due):
		d.Overdue = true
		entries = append(entries, d.record(DocketEntry{Name: EntryOverdue, Due: d.Due, To: cmp.Or(d.Upper, d.Authority)}, at))
	case !d.Told && r.Calendar.Left(workday.DateOf(at), workday.DateOf(d.Due)) <= near:
		d.Told = true
		entries = append(entries, d.record(DocketEntry{Name: EntryReminded, Due: d.Due}, at))
	}
	return d, entries
}

// recounted is when the docket is due by today's calendar, never sooner than whoever has to act could know of it.
func (r Rules) recounted(d Docket, at time.Time) time.Time {
	if d.DueFrom.IsZero() {
		return d.Due
	}
	due := r.Hours.Close(r.Calendar.Add(d.DueFrom, d.DueDays).Date)
	if floor := r.fairly(at); due.Before(d.Due) && due.Before(floor) {
		due = floor
		if d.Due.Before(floor) {
			due = d.Due
		}
	}
	return due
}

// TellOf are the seats that are told of an entry: the authority of what it has to do, units of what was laid before
// them or decided about them, the level above of what is overdue.
func (d Docket) TellOf(e DocketEntry) []Seat {
	keepers := []Seat{{Supervisor, d.Authority}, {AuthorityHead, d.Authority}}
	var units []Seat
	for _, unit := range d.Units() {
		units = append(units, Seat{UnitHead, unit}, Seat{UnitHandler, unit}, Seat{AuthorityHead, unit})
	}
	if d.Kind == DocketPublication || d.Kind == DocketBoard {
		keepers = append(keepers, Seat{Publisher, d.Authority})
	}
	above := []Seat{{Supervisor, e.To}, {AuthorityHead, e.To}}
	if d.Kind == DocketBulletin || d.Kind == DocketRelease {
		return d.tellOfPublicity(e, append(keepers, Seat{Publisher, d.Authority}), units, above)
	}
	switch e.Name {
	case EntryOverdue:
		return slices.Concat(keepers, units, above)
	case EntryReminded:
		if d.Stage == DocketOpen {
			return units
		}
		return keepers
	case "raise", "gather", "return", "close":
		return units
	case EntryLeft, EntryAbandoned, "abandon":
		return slices.Concat(keepers, units)
	case "record", "report", "draft", "send_back", "file", "propose", "give_back", "refuse", EntryDrafted, "discard", "enter", "correct", "nominate", "honour":
		return keepers
	case "approve":
		if d.Kind == DocketBoard { // it waits for somebody else to publish it
			return keepers
		}
	case "commend", "revoke":
		if d.Kind == DocketHonour {
			return keepers
		}
		if d.Staff != "" {
			return append(keepers, PersonSeat(d.Staff))
		}
		return append(keepers, units...)
	}
	return nil
}

// tellOfPublicity are the seats that are told of an entry of a bulletin or a release: the authority and its publisher of all that
// waits for them, the units named of what was issued, the unit exposed of what is to be said of it and became of it, the roles that
// check of what there is to check.
func (d Docket) tellOfPublicity(e DocketEntry, keepers, units, above []Seat) []Seat {
	if d.Kind == DocketBulletin {
		if e.Name != "issue" {
			return keepers
		}
		var named []Seat
		for _, unit := range d.named() {
			named = append(named, Seat{UnitHead, unit}, Seat{UnitHandler, unit}, Seat{AuthorityHead, unit})
		}
		return named
	}
	checkers := []Seat{{VaultApprover, d.Authority}, {SecurityAdministrator, d.Authority}}
	switch e.Name {
	case "draft", "revise":
		return slices.Concat(keepers, units, checkers)
	case "publish", EntryWithdrawn, "withdraw":
		return slices.Concat(keepers, units)
	case EntryOverdue:
		return slices.Concat(keepers, above)
	}
	return keepers
}

// unitsSee are the entries that the units before whom a docket lies read too: what the authority deliberates is its own.
var unitsSee = []string{EntryOpened, EntryReminded, EntryOverdue, EntryRecounted, "raise", "gather", "report", "return", "close", "abandon", EntryAbandoned, EntryLeft, "commend", "revoke",
	"state", "issue", EntryOutdated, EntryUpheld, EntryWritten, EntryCorrected, "publish", "withdraw", EntryWithdrawn, EntryExpired}

// UnitsSee tells whether the units before whom a docket lies read an entry.
func (e DocketEntry) UnitsSee() bool {
	if e.Kind == DocketRelease && (e.Name == "draft" || e.Name == "revise") { // they are heard on it
		return true
	}
	return contains(unitsSee, e.Name)
}
