package regulation

import (
	"slices"
	"strings"
	"time"

	"haochaping/workday"
)

// The watch list (8(3)): units and staff on whom bad ratings concentrate become key objects of
// supervision and inspection. It is no sanction: it decides who is looked at more closely.

// WatchKind is what a listing is about.
type WatchKind string

const (
	WatchUnit  WatchKind = "unit"
	WatchStaff WatchKind = "staff"
)

// WatchCase is one case as it counts against a unit or a person: from the day on which its
// finding confirmed it. Until is the first day on which it counts no longer (written off, or
// attributed to somebody else), the zero Date while it does.
type WatchCase struct {
	Case        string       `json:"case"`
	Number      string       `json:"number"`
	Attribution string       `json:"attribution"`
	From        workday.Date `json:"from"`
	Since       workday.Date `json:"since,omitzero"` // counts from this day on only, the zero Date where always
	Until       workday.Date `json:"until,omitzero"`
}

// unitAttributions are the causes that lie with the rated unit: its people, itself, and the guide
// that it issues. The platform, couriers and policy are not its doing, and which other unit it was
// the finding does not say.
var unitAttributions = []string{AttributedToPerson, "unit", "guide"}

// unitFindings confirm that there was a problem: 8(3) asks where bad ratings concentrate, also
// where each was put right on the spot.
var unitFindings = []string{"substantiated", "fixed_at_once"}

// WatchCount is how one case counts for one unit or person.
type WatchCount struct {
	Kind   WatchKind
	Object string
	WatchCase
}

// WatchCounts tells for whom a case counts, and when, by its finding and its entries: a written-off
// one until it was written off, one that was reattributed for each side in its own time, a reversed
// write-off again from then on (8(3), R53). What has no basis or was not established counts for
// nobody, and only a substantiated one that was attributed to the person for a person (R60).
func WatchCounts(c Case) []WatchCount {
	unit := contains(unitFindings, c.Finding.Kind) && contains(unitAttributions, c.Finding.Attribution)
	staff := c.Finding.Kind == "substantiated" && c.Finding.Attribution == AttributedToPerson
	var counts []WatchCount
	for _, p := range periods(c) {
		w := WatchCase{Case: c.ID, Number: c.Number, Attribution: c.Finding.Attribution, From: workday.DateOf(c.Finding.At), Since: p.since, Until: p.until}
		if unit && p.rated.Unit != "" {
			counts = append(counts, WatchCount{WatchUnit, p.rated.Unit, w})
		}
		if staff && p.rated.Staff != "" {
			counts = append(counts, WatchCount{WatchStaff, p.rated.Staff, w})
		}
	}
	return counts
}

// period is a stretch of days for which a rating counts for a subject.
type period struct {
	rated        Rated
	since, until workday.Date
}

// periods cuts a case's time at its entries. Reattributed within the same unit, it goes on counting
// for the unit from the day on which it ceased.
func periods(c Case) []period {
	now := period{rated: c.Rated}
	if len(c.Former) > 0 {
		now.rated = c.Former[0]
	}
	counts, all := true, []period(nil)
	for _, e := range c.Entries {
		day := workday.DateOf(e.At)
		if counts && e.Kind != EntryRevocation {
			now.until = day
			all = append(all, now)
		}
		switch e.Kind {
		case EntryWriteOff:
			counts = false
		case EntryReversal:
			counts, now = true, period{rated: e.To, since: day}
		case EntryReattribution:
			now = period{rated: e.To, since: day}
		}
	}
	if counts {
		now.until = workday.Date{}
		all = append(all, now)
	}
	return all
}

// in tells whether the case counts on a day, looking back a number of days.
func (w WatchCase) in(day workday.Date, period int) bool {
	return w.From.After(day.AddDays(-period)) && !w.From.After(day) && !day.Before(w.Since) && (w.Until.IsZero() || day.Before(w.Until))
}

// WatchVerdict is what the rule says of an object at the end of a day, with all that it rests on.
type WatchVerdict struct {
	Listed    bool         `json:"listed"`
	Reason    string       `json:"reason"` // concentrated; not_quiet, not_inspected, not_mended; mended; below
	Count     int          `json:"count"`
	Threshold int          `json:"threshold"`
	From      workday.Date `json:"from"` // first day looked at
	To        workday.Date `json:"to"`
	Cases     []WatchCase  `json:"cases,omitempty"`
	Edition   string       `json:"edition"`
}

// Listing is one stay of a unit or a person on the watch list.
type Listing struct {
	ID        string       `json:"id"`
	Kind      WatchKind    `json:"kind"`
	Object    string       `json:"object"` // the unit's id, or the staff profile's
	Unit      string       `json:"unit"`   // the unit itself, or where the person serves
	Area      string       `json:"area"`
	Authority string       `json:"authority"`
	Upper     string       `json:"upper,omitempty"` // "" at the prefecture
	Seq       int64        `json:"seq"`
	Since     workday.Date `json:"since"`
	ByHand    bool         `json:"by_hand,omitempty"`
	By        string       `json:"by,omitempty"`      // who put it on by hand
	Due       time.Time    `json:"due,omitzero"`      // of the next inspection
	DueFrom   workday.Date `json:"due_from,omitzero"` // Due was counted from here, in so many working days
	DueDays   int          `json:"due_days,omitempty"`
	Overdue   bool         `json:"overdue,omitempty"`
	Inspected workday.Date `json:"inspected,omitzero"`
	Outcome   string       `json:"outcome,omitempty"`   // of the last inspection
	Proposed  []string     `json:"proposed,omitempty"`  // who proposed to take it off early, with whom they stood in for
	Ended     workday.Date `json:"ended,omitzero"`      // zero while it stands
	EndedHow  string       `json:"ended_how,omitempty"` // left, released
	SetAside  workday.Date `json:"set_aside,omitzero"`  // cases up to this day were weighed when two persons took it off
	Verdict   WatchVerdict `json:"verdict,omitzero"`    // the rule's last word
}

// Stands tells whether the object is on the list.
func (l Listing) Stands() bool { return l.Seq > 0 && l.Ended.IsZero() }

// Subject is the listing as policies relate people to it: a unit's head to the unit's own, a person
// to their own (R60: nobody else at the unit learns of that).
func (l Listing) Subject() Subject {
	s := Subject{Area: l.Area, Orgs: []string{l.Authority}}
	if l.Kind == WatchStaff {
		s.Staff = l.Object
		return s
	}
	s.Units = []string{l.Unit}
	return s
}

// Told are the seats that are told of an entry: whom it concerns, of what was decided about them; who
// has to inspect, of what they have to do; and of a missed inspection the organisation that it went
// to. Of a person's listing only that person is told on the rated side (R60).
func (l Listing) Told(e WatchEntry) []Seat {
	listed := []Seat{{UnitHead, l.Unit}, {AuthorityHead, l.Unit}}
	if l.Kind == WatchStaff {
		listed = []Seat{PersonSeat(l.Object)}
	}
	keepers := []Seat{{Supervisor, l.Authority}, {AuthorityHead, l.Authority}}
	switch e.Name {
	case WatchEntered, WatchByHand, WatchLeft, WatchReleased, WatchDue:
		return append(listed, keepers...)
	case WatchInspected:
		return listed
	case WatchOverdue:
		return append(append(listed, keepers...), Seat{Supervisor, e.To}, Seat{AuthorityHead, e.To})
	case WatchProposed, WatchRecounted:
		return keepers
	}
	return nil
}

// WatchEvent names an entry of a listing's history.
type WatchEvent string

const (
	WatchEntered   WatchEvent = "entered"
	WatchByHand    WatchEvent = "entered_by_hand"
	WatchStayed    WatchEvent = "stayed"
	WatchLeft      WatchEvent = "left"
	WatchInspected WatchEvent = "inspected"
	WatchOverdue   WatchEvent = "inspection_overdue"
	WatchRecounted WatchEvent = "inspection_recounted"
	WatchProposed  WatchEvent = "release_proposed"
	WatchKept      WatchEvent = "release_refused"
	WatchReleased  WatchEvent = "released"
	// WatchDue is told on the day on which an inspection is due, and is no entry.
	WatchDue WatchEvent = "inspection_due"
)

// WatchEntry is one entry of a listing's append-only history: codes and counts. Texts is what
// people typed; the store keeps it encrypted and puts salted digests into the entry.
type WatchEntry struct {
	Schema   int               `json:"schema"`
	Listing  string            `json:"listing"`
	Kind     WatchKind         `json:"kind"`
	Object   string            `json:"object"`
	Seq      int64             `json:"seq"`
	At       time.Time         `json:"at"`
	Day      workday.Date      `json:"day"` // that was judged, or on which it was done
	Name     WatchEvent        `json:"name"`
	Actor    string            `json:"actor,omitempty"` // "" for the rule
	As       Assignment        `json:"as,omitzero"`
	Clause   Clause            `json:"clause"`
	Verdict  *WatchVerdict     `json:"verdict,omitempty"`
	Data     map[string]string `json:"data,omitempty"`
	Due      time.Time         `json:"due,omitzero"` // of the inspection that follows
	Was      time.Time         `json:"was,omitzero"` // the same before it was counted again
	Calendar string            `json:"calendar,omitempty"`
	To       string            `json:"to,omitempty"` // organisation to which an overdue inspection goes
	Texts    map[string]string `json:"-"`
}

// Outcomes of an inspection.
const (
	InspectionMended    = "mended"
	InspectionPartly    = "partly_mended"
	InspectionNotMended = "not_mended"
)

var reasonsField = Field{Name: "watch_reasons", Type: TypeLong, Required: true, Max: 2000}

// Fields of what people do with the watch list.
var (
	WatchAddFields     = []Field{reasonsField}
	WatchInspectFields = []Field{
		{Name: "inspected_on", Type: TypeDate, Required: true},
		{Name: "inspection_findings", Type: TypeLong, Required: true, Max: 4000},
		{Name: "inspection_measures", Type: TypeLong, Required: true, Max: 2000},
		{Name: "inspection_outcome", Type: TypeChoice, Required: true, Options: []string{InspectionMended, InspectionPartly, InspectionNotMended}},
	}
	WatchProposeFields = []Field{reasonsField}
	WatchDecideFields  = []Field{
		{Name: "release_decision", Type: TypeChoice, Required: true, Options: []string{"approve", "refuse"}},
		reasonsField,
	}
)

// verdict counts an object's cases at the end of a day. A threshold of 0 turns the rule off.
func (r Rules) verdict(kind WatchKind, cases []WatchCase, setAside, day workday.Date) WatchVerdict {
	period, threshold := r.Params.Days(WatchPeriodDays), r.Params.Days(WatchUnitCases)
	if kind == WatchStaff {
		threshold = r.Params.Days(WatchStaffCases)
	}
	v := WatchVerdict{Threshold: threshold, From: day.AddDays(1 - period), To: day, Edition: r.Params.Edition, Reason: "below"}
	for _, c := range cases {
		if c.in(day, period) && c.From.After(setAside) {
			v.Cases = append(v.Cases, c)
		}
	}
	slices.SortFunc(v.Cases, func(a, b WatchCase) int {
		if order := a.From.Compare(b.From); order != 0 {
			return order
		}
		return strings.Compare(a.Number, b.Number)
	})
	v.Count = len(v.Cases)
	if threshold > 0 && v.Count >= threshold {
		v.Listed, v.Reason = true, "concentrated"
	}
	return v
}

// Concentrated tells whether an object's cases reach the threshold at the end of a day.
func (r Rules) Concentrated(kind WatchKind, cases []WatchCase, day workday.Date) bool {
	return r.verdict(kind, cases, workday.Date{}, day).Listed
}

// judge is the verdict on an object that stands on the list: it stays while bad ratings concentrate,
// until they have not for a number of days, and until an inspection since then found it mended.
func (r Rules) judge(l Listing, cases []WatchCase, day workday.Date) WatchVerdict {
	v := r.verdict(l.Kind, cases, l.SetAside, day)
	switch {
	case v.Listed:
	case !r.quiet(l, cases, day):
		v.Listed, v.Reason = true, "not_quiet"
	case l.Inspected.IsZero():
		v.Listed, v.Reason = true, "not_inspected"
	case l.Outcome == InspectionNotMended:
		v.Listed, v.Reason = true, "not_mended"
	default:
		v.Reason = "mended"
	}
	return v
}

// quiet tells whether the object has stood on the list for the days that the edition asks for, and
// bad ratings concentrated on none of the last of them.
func (r Rules) quiet(l Listing, cases []WatchCase, day workday.Date) bool {
	days := r.Params.Days(WatchQuietDays)
	if day.Before(l.Since.AddDays(days)) {
		return false
	}
	for n := range days {
		if r.verdict(l.Kind, cases, l.SetAside, day.AddDays(-n)).Listed {
			return false
		}
	}
	return true
}

// WatchDay judges an object at the end of a day and returns its listing with the entries to record,
// none where nothing new is to be said. l is the object's standing listing; or, with Seq 0, what a
// new one would be, with SetAside of the last. cases are all of the object's that counted on any day
// of the period and the quiet days before it. at is the instant of recording.
func (r Rules) WatchDay(l Listing, cases []WatchCase, day workday.Date, at time.Time) (Listing, []WatchEntry) {
	if !l.Stands() {
		v := r.verdict(l.Kind, cases, l.SetAside, day)
		if !v.Listed {
			return l, nil
		}
		l.Since = day
		return r.enter(l, WatchEntry{Name: WatchEntered, Verdict: &v}, day, at)
	}
	var entries []WatchEntry
	if e, moved := r.recountInspection(&l, day, at); moved {
		entries = append(entries, e)
	}
	if e, late := r.inspectionOverdue(&l, day, at); late {
		entries = append(entries, e)
	}
	v := r.judge(l, cases, day)
	switch {
	case !v.Listed:
		l.Ended, l.EndedHow, l.Due, l.Overdue, l.Proposed = day, "left", time.Time{}, false, nil
		entries = append(entries, l.record(WatchEntry{Name: WatchLeft, Verdict: &v}, day, at))
	case v.Reason != l.Verdict.Reason || !slices.Equal(v.Cases, l.Verdict.Cases) || v.Edition != l.Verdict.Edition:
		entries = append(entries, l.record(WatchEntry{Name: WatchStayed, Verdict: &v}, day, at))
	}
	l.Verdict = v
	return l, entries
}

func (r Rules) enter(l Listing, e WatchEntry, day workday.Date, at time.Time) (Listing, []WatchEntry) {
	e.Due, e.Calendar = r.nextInspection(&l, day)
	if e.Verdict != nil {
		l.Verdict = *e.Verdict
	}
	e = l.record(e, day, at)
	return l, []WatchEntry{e}
}

// nextInspection sets when the next inspection is due: working days from a day, at the close of work.
func (r Rules) nextInspection(l *Listing, from workday.Date) (time.Time, string) {
	l.DueFrom, l.DueDays = from, r.Params.Days(WatchInspectionDays)
	l.Due = r.Hours.Close(r.Calendar.Add(from, l.DueDays).Date)
	l.Overdue = false
	return l.Due, r.Calendar.Version()
}

// recountInspection counts the next inspection again with today's calendar, before a day is judged: a
// notice in force makes nobody late on a day that it took off, and brings no inspection forward to before
// whoever has to inspect could know of it.
func (r Rules) recountInspection(l *Listing, day workday.Date, at time.Time) (WatchEntry, bool) {
	if l.Overdue || l.Due.IsZero() || l.DueFrom.IsZero() { // listed by a build that did not keep them
		return WatchEntry{}, false
	}
	was, due := l.Due, r.Hours.Close(r.Calendar.Add(l.DueFrom, l.DueDays).Date)
	if floor := r.fairly(at); due.Before(was) && due.Before(floor) {
		due = floor
		if was.Before(floor) {
			due = was
		}
	}
	if due.Equal(was) {
		return WatchEntry{}, false
	}
	l.Due = due
	return l.record(WatchEntry{Name: WatchRecounted, Due: due, Was: was, Calendar: r.Calendar.Version()}, day, at), true
}

// inspectionOverdue notes once that an inspection did not take place in time; it goes to the level
// above, at the prefecture to the authority's own head.
func (r Rules) inspectionOverdue(l *Listing, day workday.Date, at time.Time) (WatchEntry, bool) {
	if l.Overdue || l.Due.IsZero() || workday.DateOf(l.Due).After(day) {
		return WatchEntry{}, false
	}
	l.Overdue = true
	to := l.Upper
	if to == "" {
		to = l.Authority
	}
	return l.record(WatchEntry{Name: WatchOverdue, Due: l.Due, To: to}, day, at), true
}

// record numbers an entry.
func (l *Listing) record(e WatchEntry, day workday.Date, at time.Time) WatchEntry {
	l.Seq++
	e.Schema, e.Seq, e.At, e.Day, e.Clause = EventSchema, l.Seq, at, day, ClauseWatch
	e.Listing, e.Kind, e.Object = l.ID, l.Kind, l.Object
	return e
}

// keepers may put objects on the list, inspect them and take them off.
var keepers = []Role{Supervisor, AuthorityHead, DisciplineOfficer}

// BarredFromWatching is why somebody may do nothing about a listing, or "": nobody watches over
// themselves or their own unit, nor in the place of who would (clause 2).
func (r Rules) BarredFromWatching(l Listing, actor Actor) string {
	watched := func(p Person) bool { return p.servesAt(l.Unit) }
	own := l.Kind == WatchStaff && actor.Staff != "" && actor.Staff == l.Object
	switch {
	case own:
		return "concerns_you"
	case watched(r.acting(actor)):
		return "your_unit"
	case slices.ContainsFunc(actor.As.Absent(), func(id string) bool {
		return watched(r.person(id)) || l.Kind == WatchStaff && r.person(id).Staff == l.Object
	}):
		return "absent_barred"
	}
	return ""
}

// mayWatch refuses who is barred.
func (r Rules) mayWatch(l Listing, actor Actor) error {
	if why := r.BarredFromWatching(l, actor); why != "" {
		return refuse(FourEyes, ClauseWatch, why, keepers...)
	}
	return nil
}

// WatchByHand puts an object on the list for stated reasons, whatever its counts.
func (r Rules) WatchByHand(l Listing, v Values, actor Actor, at time.Time) (Listing, []WatchEntry, error) {
	if err := r.mayWatch(l, actor); err != nil {
		return l, nil, err
	}
	if bad := r.checkFields(WatchAddFields, v); bad != nil {
		return l, nil, watchFields(bad)
	}
	if l.Stands() {
		return l, nil, refuse(Conflict, ClauseWatch, "already_watched")
	}
	day := workday.DateOf(at)
	l.Since, l.ByHand, l.By, l.SetAside = day, true, actor.Person, workday.Date{}
	l, entries := r.enter(l, byHand(WatchByHand, v, actor), day, at)
	return l, entries, nil
}

// Inspect records an inspection of a listed object; the next is due from its day.
func (r Rules) Inspect(l Listing, v Values, actor Actor, at time.Time) (Listing, []WatchEntry, error) {
	if err := r.mayWatch(l, actor); err != nil {
		return l, nil, err
	}
	bad := r.checkFields(WatchInspectFields, v)
	day, err := workday.ParseDate(v.Get("inspected_on"))
	switch {
	case bad != nil:
	case err != nil:
		bad = map[string]string{"inspected_on": "not_a_date"}
	case day.After(workday.DateOf(at)):
		bad = map[string]string{"inspected_on": "in_future"}
	case day.Before(l.Since) || day.Before(l.Inspected):
		bad = map[string]string{"inspected_on": "before_listing"}
	}
	if bad != nil {
		return l, nil, watchFields(bad)
	}
	if !l.Stands() {
		return l, nil, refuse(NotNow, ClauseWatch, "not_watched")
	}
	l.Inspected, l.Outcome = day, v.Get("inspection_outcome")
	e := byHand(WatchInspected, v, actor)
	e.Data = map[string]string{"inspected_on": day.String(), "inspection_outcome": l.Outcome}
	e.Due, e.Calendar = r.nextInspection(&l, day)
	return l, []WatchEntry{l.record(e, workday.DateOf(at), at)}, nil
}

// ProposeRelease asks to take an object off before the rule does; somebody else decides.
func (r Rules) ProposeRelease(l Listing, v Values, actor Actor, at time.Time) (Listing, []WatchEntry, error) {
	if err := r.mayWatch(l, actor); err != nil {
		return l, nil, err
	}
	if bad := r.checkFields(WatchProposeFields, v); bad != nil {
		return l, nil, watchFields(bad)
	}
	switch {
	case !l.Stands():
		return l, nil, refuse(NotNow, ClauseWatch, "not_watched")
	case l.Proposed != nil:
		return l, nil, refuse(NotNow, ClauseWatch, "release_pending")
	}
	l.Proposed = actor.behind()
	return l, []WatchEntry{l.record(byHand(WatchProposed, v, actor), workday.DateOf(at), at)}, nil
}

// DecideRelease is the second person's word on an early release. What was counted until then is set
// aside, so that the rule does not put the object back for the same cases the next day.
func (r Rules) DecideRelease(l Listing, v Values, actor Actor, at time.Time) (Listing, []WatchEntry, error) {
	if err := r.mayWatch(l, actor); err != nil {
		return l, nil, err
	}
	if bad := r.checkFields(WatchDecideFields, v); bad != nil {
		return l, nil, watchFields(bad)
	}
	switch {
	case !l.Stands():
		return l, nil, refuse(NotNow, ClauseWatch, "not_watched")
	case l.Proposed == nil:
		return l, nil, refuse(NotNow, ClauseWatch, "no_release_pending")
	case slices.ContainsFunc(actor.behind(), func(person string) bool { return contains(l.Proposed, person) }):
		return l, nil, refuse(FourEyes, ClauseWatch, "proposed_by_you")
	}
	day := workday.DateOf(at)
	l.Proposed = nil
	e := byHand(WatchKept, v, actor)
	if v.Get("release_decision") == "approve" {
		e.Name = WatchReleased
		l.Ended, l.EndedHow, l.SetAside, l.Due, l.Overdue = day, "released", day, time.Time{}, false
	}
	e = l.record(e, day, at)
	return l, []WatchEntry{e}, nil
}

// behind is who acts: the person, and those for whom they stand in.
func (a Actor) behind() []string { return append([]string{a.Person}, a.As.Absent()...) }

func watchFields(bad map[string]string) *Error {
	return &Error{Code: Invalid, Clause: ClauseWatch, Missing: "fields", Fields: bad}
}

// byHand is an entry of what somebody did, with the texts typed.
func byHand(name WatchEvent, v Values, actor Actor) WatchEntry {
	e := WatchEntry{Name: name, Actor: actor.Person, As: actor.As, Texts: map[string]string{}}
	for _, field := range []string{"watch_reasons", "inspection_findings", "inspection_measures"} {
		if text := v.Get(field); text != "" {
			e.Texts[field] = text
		}
	}
	return e
}
