package regulation

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"haochaping/workday"
)

// Signs of cheating (9(2), R48): false praise and malicious blame. A signal says what stands out, by which
// count against which threshold, and on which ratings it rests; it decides nothing and removes nothing. It
// opens a probe, in which people look, hear and decide.

// SignalKind names what stands out.
type SignalKind string

// Kinds of signals. Share and Other of a Signal are percentages, or what the kind says.
const (
	SignalStaffPhone   SignalKind = "staff_phone"       // the rater's telephone is one of the staff's
	SignalMutual       SignalKind = "mutual_praise"     // staff of two units praise each other; Other is how often the other way
	SignalChangedPhone SignalKind = "changed_phone"     // not the telephone with which the matter was applied for; Share of the praise
	SignalSameRater    SignalKind = "same_rater"        // one telephone rates one unit again and again
	SignalSameDevice   SignalKind = "same_device"       // one browser rates one person or unit again and again
	SignalFixedForm    SignalKind = "fixed_form"        // the top grade, always the same options, no words; Share of the praise
	SignalBurst        SignalKind = "burst"             // many within seconds; Other is the seconds
	SignalEarly        SignalKind = "before_acceptance" // before the matter was accepted
	SignalSelective    SignalKind = "selective"         // few of the matters are rated, all of them well; Share and the peers' (Other) unrated
	SignalQuarterEnd   SignalKind = "quarter_end"       // praise piles up at the quarter's end; Share of a usual day
	SignalSession      SignalKind = "staff_session"     // from a browser in which somebody of the staff is signed in
	SignalWriteOffs    SignalKind = "write_off_rate"    // an approver lets far more write-offs pass than others; Share and the others' (Other)
)

// SignalKinds lists them in the order in which they are explained.
var SignalKinds = []SignalKind{SignalStaffPhone, SignalMutual, SignalChangedPhone, SignalSameRater, SignalSameDevice, SignalFixedForm,
	SignalBurst, SignalEarly, SignalSelective, SignalQuarterEnd, SignalSession, SignalWriteOffs}

// Direction is what a signal suspects.
type Direction string

const (
	FalsePraise    Direction = "praise"
	MaliciousBlame Direction = "blame"
	LaxWriteOffs   Direction = "write_offs"
)

// SuspectKind is what a probe is about.
type SuspectKind string

const (
	SuspectStaff    SuspectKind = "staff"    // a staff profile
	SuspectUnit     SuspectKind = "unit"     // an organisation
	SuspectRater    SuspectKind = "rater"    // a keyed digest of a telephone or a browser: whose, nobody learns here
	SuspectApprover SuspectKind = "approver" // an account
)

// Suspect is whom or what signals are about.
type Suspect struct {
	Kind   SuspectKind `json:"kind"`
	Object string      `json:"object"`
}

// Trace is what of one rating is looked at: codes and keyed digests, no identity and no words.
type Trace struct {
	Rating         string
	Grade          Grade
	At             time.Time // when it was given
	Channel        Channel
	Unit           string
	Staff          string // "" where nobody in particular was rated
	Options        string
	HasText        bool
	Project        string
	AcceptedOn     workday.Date // of its matter, the zero Date where that was not accepted yet
	Phone          string       // keyed digest of the rater's telephone, "" without one
	ApplicantPhone string       // the same of the one that the matter was applied for with
	PhoneUnit      string       // where whoever's telephone it is serves, "" where it is nobody's of the staff
	Client         string       // keyed digest of the browser, "" on devices that many share
	Session        string       // who of the staff was signed in in that browser
}

// Decided is one decision on a write-off by the person who had to approve it.
type Decided struct {
	Approver, Unit string // Unit is the authority at which the approver decided
	Approved       bool
	Rating         string
}

// Sight is what one day's detection looks at.
type Sight struct {
	Day       workday.Date   // the last day looked at
	Traces    []Trace        // of the period, in any order
	Handled   map[string]int // matters concluded in the period, by the staff who served
	Decisions []Decided      // of the period
	// SetAside is the day up to which ratings were weighed when the last probe into a suspect was decided.
	SetAside map[Suspect]workday.Date
}

// Signal is one thing that stands out, with all that explains it.
type Signal struct {
	Kind      SignalKind   `json:"kind"`
	Direction Direction    `json:"direction"`
	Suspect   Suspect      `json:"suspect"`
	Unit      string       `json:"unit"` // that was rated; an approver's authority
	Count     int          `json:"count"`
	Threshold int          `json:"threshold"`
	Share     int          `json:"share,omitempty"`
	Other     int          `json:"other,omitempty"`
	From      workday.Date `json:"from"`
	To        workday.Date `json:"to"`
	Ratings   []string     `json:"ratings"` // the ids, at most maxEvidence, ascending
	Edition   string       `json:"edition"`
}

const maxEvidence = 500

// detection is one run over a sight.
type detection struct {
	Rules
	Sight
	from    workday.Date
	signals []Signal
}

// CheatingFrom is the first day that a detection looks at.
func (r Rules) CheatingFrom(day workday.Date) workday.Date {
	return day.AddDays(1 - r.Params.Days(CheatPeriodDays))
}

// Signals finds what stands out. The same sight always gives the same signals, in one order.
func (r Rules) Signals(s Sight) []Signal {
	d := &detection{Rules: r, Sight: s, from: r.CheatingFrom(s.Day)}
	d.Traces = slices.DeleteFunc(slices.Clone(s.Traces), func(t Trace) bool {
		day := workday.DateOf(t.At)
		return day.Before(d.from) || day.After(s.Day)
	})
	slices.SortFunc(d.Traces, func(a, b Trace) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Rating, b.Rating)) })
	for _, look := range []func(){d.staffPhones, d.mutual, d.changedPhones, d.sameRaters, d.sameDevices, d.fixedForms, d.bursts,
		d.early, d.selective, d.quarterEnds, d.sessions, d.writeOffs} {
		look()
	}
	slices.SortStableFunc(d.signals, func(a, b Signal) int {
		return cmp.Or(cmp.Compare(a.Suspect.Kind, b.Suspect.Kind), cmp.Compare(a.Suspect.Object, b.Suspect.Object), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Unit, b.Unit))
	})
	return d.signals
}

// rated is whom a rating speaks of: the person, or the unit where it names nobody.
func (t Trace) rated() Suspect {
	if t.Staff != "" {
		return Suspect{SuspectStaff, t.Staff}
	}
	return Suspect{SuspectUnit, t.Unit}
}

func unitOf(t Trace) Suspect { return Suspect{SuspectUnit, t.Unit} }

// raterOf is the suspect behind a keyed digest: 128 bits of it are enough to tell one from another.
func raterOf(digest string) Suspect { return Suspect{SuspectRater, digest[:min(len(digest), 32)]} }

// fresh tells whether a rating was not weighed in an earlier probe into the suspect.
func (d *detection) fresh(s Suspect, t Trace) bool {
	return workday.DateOf(t.At).After(d.SetAside[s])
}

// by groups the traces that a probe into whom may still weigh; the zero Suspect is left out.
func (d *detection) by(whom func(Trace) Suspect) map[Suspect][]Trace {
	groups := map[Suspect][]Trace{}
	for _, t := range d.Traces {
		if s := whom(t); s.Object != "" && d.fresh(s, t) {
			groups[s] = append(groups[s], t)
		}
	}
	return groups
}

// when keeps the traces for which a condition holds.
func when(whom func(Trace) Suspect, holds func(Trace) bool) func(Trace) Suspect {
	return func(t Trace) Suspect {
		if !holds(t) {
			return Suspect{}
		}
		return whom(t)
	}
}

func praises(t Trace) bool { return t.Grade >= Satisfied }

// add notes a signal; its traces say which unit was rated, and the direction where none is given.
func (d *detection) add(s Signal, evidence []Trace) {
	s.From, s.To, s.Edition = d.from, d.Day, d.Params.Edition
	bad := 0
	for _, t := range evidence {
		s.Ratings = append(s.Ratings, t.Rating)
		if t.Grade.Bad() {
			bad++
		}
	}
	if s.Unit == "" && len(evidence) > 0 {
		s.Unit = evidence[0].Unit
	}
	if s.Direction == "" {
		s.Direction = FalsePraise
		if 2*bad > len(evidence) {
			s.Direction = MaliciousBlame
		}
	}
	slices.Sort(s.Ratings)
	s.Ratings = slices.Compact(s.Ratings)
	s.Ratings = s.Ratings[:min(len(s.Ratings), maxEvidence)]
	d.signals = append(d.signals, s)
}

// counted notes a signal for each group that reaches the threshold; 0 turns the rule off.
func (d *detection) counted(kind SignalKind, direction Direction, param string, groups map[Suspect][]Trace) {
	threshold := d.Params.Days(param)
	for s, traces := range groups {
		if threshold > 0 && len(traces) >= threshold {
			d.add(Signal{Kind: kind, Direction: direction, Suspect: s, Count: len(traces), Threshold: threshold}, traces)
		}
	}
}

func (d *detection) staffPhones() {
	d.counted(SignalStaffPhone, "", CheatStaffPhones, d.by(when(Trace.rated, func(t Trace) bool { return t.PhoneUnit != "" })))
}

// mutual looks for two units whose staff praise each other, both ways.
func (d *detection) mutual() {
	threshold := d.Params.Days(CheatMutual)
	groups := d.by(when(unitOf, func(t Trace) bool { return t.PhoneUnit != "" && t.PhoneUnit != t.Unit && praises(t) }))
	from := func(unit, other string) []Trace {
		return slices.DeleteFunc(slices.Clone(groups[Suspect{SuspectUnit, unit}]), func(t Trace) bool { return t.PhoneUnit != other })
	}
	for s := range groups {
		others := map[string]bool{}
		for _, t := range groups[s] {
			others[t.PhoneUnit] = true
		}
		for _, other := range slices.Sorted(maps.Keys(others)) {
			got, gave := from(s.Object, other), from(other, s.Object)
			if threshold > 0 && min(len(got), len(gave)) >= threshold {
				d.add(Signal{Kind: SignalMutual, Direction: FalsePraise, Suspect: s, Count: len(got), Threshold: threshold, Other: len(gave)}, got)
			}
		}
	}
}

// changedPhones looks for telephones that are not those of the applicants. A relative's is one now and then,
// so that it is their share that stands out.
func (d *detection) changedPhones() {
	threshold, share := d.Params.Days(CheatChangedPhones), d.Params.Days(CheatChangedShare)
	for s, traces := range d.by(when(Trace.rated, func(t Trace) bool { return t.Phone != "" && t.ApplicantPhone != "" && praises(t) })) {
		changed := slices.DeleteFunc(slices.Clone(traces), func(t Trace) bool { return t.Phone == t.ApplicantPhone })
		if percent := percentOf(len(changed), len(traces)); threshold > 0 && len(changed) >= threshold && percent >= share {
			d.add(Signal{Kind: SignalChangedPhone, Direction: FalsePraise, Suspect: s, Count: len(changed), Threshold: threshold, Share: percent, Other: share}, changed)
		}
	}
}

// sameRaters looks for one telephone that rates one unit again and again. Blame is looked at as the
// rater's doing, praise as the unit's.
func (d *detection) sameRaters() {
	d.repeated(SignalSameRater, CheatSameRater, func(t Trace) string { return t.Phone }, unitOf)
}

func (d *detection) sameDevices() {
	d.repeated(SignalSameDevice, CheatSameDevice, func(t Trace) string { return t.Client }, Trace.rated)
}

// repeated looks for a digest that rates the same again and again.
func (d *detection) repeated(kind SignalKind, param string, digest func(Trace) string, whom func(Trace) Suspect) {
	type pair struct {
		digest string
		whom   Suspect
	}
	groups := map[pair][]Trace{}
	for _, t := range d.Traces {
		if digest(t) != "" {
			p := pair{digest(t), whom(t)}
			groups[p] = append(groups[p], t)
		}
	}
	threshold := d.Params.Days(param)
	for p, traces := range groups {
		suspect := p.whom
		if bad := tally(traces, func(t Trace) bool { return t.Grade.Bad() }); 2*bad > len(traces) {
			suspect = raterOf(p.digest)
		}
		traces = slices.DeleteFunc(traces, func(t Trace) bool { return !d.fresh(suspect, t) })
		if threshold > 0 && len(traces) >= threshold {
			d.add(Signal{Kind: kind, Suspect: suspect, Count: len(traces), Threshold: threshold}, traces)
		}
	}
}

func tally(traces []Trace, holds func(Trace) bool) (n int) {
	for _, t := range traces {
		if holds(t) {
			n++
		}
	}
	return n
}

// fixedForms looks for praise that is always the same form: the top grade, one set of options, no words.
func (d *detection) fixedForms() {
	threshold, share := d.Params.Days(CheatFixedForms), d.Params.Days(CheatFixedShare)
	for s, traces := range d.by(when(Trace.rated, praises)) {
		same := map[string][]Trace{}
		for _, t := range traces {
			if t.Grade == VerySatisfied && t.Options != "" && !t.HasText {
				same[t.Options] = append(same[t.Options], t)
			}
		}
		for _, options := range slices.Sorted(maps.Keys(same)) {
			found := same[options]
			if percent := percentOf(len(found), len(traces)); threshold > 0 && len(found) >= threshold && percent >= share {
				d.add(Signal{Kind: SignalFixedForm, Direction: FalsePraise, Suspect: s, Count: len(found), Threshold: threshold, Share: percent, Other: share}, found)
			}
		}
	}
}

func percentOf(n, of int) int {
	if of == 0 {
		return 0
	}
	return 100 * n / of
}

// bursts looks for so many ratings of the same within so many seconds; the longest burst is told. Forms out
// of a box are entered in a row and say nothing by that.
func (d *detection) bursts() {
	threshold, seconds := d.Params.Days(CheatBurst), d.Params.Days(CheatBurstSeconds)
	if threshold == 0 {
		return
	}
	for s, traces := range d.by(when(Trace.rated, func(t Trace) bool { return t.Channel != ChannelPaper })) {
		if burst := longestBurst(traces, time.Duration(seconds)*time.Second); len(burst) >= threshold {
			d.add(Signal{Kind: SignalBurst, Suspect: s, Count: len(burst), Threshold: threshold, Other: seconds}, burst)
		}
	}
}

// longestBurst is the longest run of traces, ordered by time, that fits into a span.
func longestBurst(traces []Trace, span time.Duration) (longest []Trace) {
	first := 0
	for last := range traces {
		for traces[last].At.Sub(traces[first].At) > span {
			first++
		}
		if last-first+1 > len(longest) {
			longest = traces[first : last+1]
		}
	}
	return longest
}

// feedLag is how many days the news of an acceptance may take to reach us: until then nothing is said of a
// matter that does not seem accepted.
const feedLag = 7

func (d *detection) early() {
	d.counted(SignalEarly, "", CheatEarly, d.by(when(Trace.rated, func(t Trace) bool {
		day := workday.DateOf(t.At)
		if t.AcceptedOn.IsZero() {
			return t.Project != "" && day.AddDays(feedLag).Before(d.Day)
		}
		return t.Project != "" && day.Before(t.AcceptedOn)
	})))
}

// selective looks for people who have few of their matters rated, all of them well, where their peers have
// more of theirs rated: whoever is content is asked, the others are not.
func (d *detection) selective() {
	least, gap := d.Params.Days(CheatSelectiveMatters), d.Params.Days(CheatSelectiveGap)
	unrated, groups := map[string]int{}, d.by(Trace.rated)
	for staff, handled := range d.Handled {
		if handled >= least {
			unrated[staff] = 100 - percentOf(distinctProjects(groups[Suspect{SuspectStaff, staff}]), handled)
		}
	}
	peers := median(slices.Collect(maps.Values(unrated)))
	for staff, share := range unrated {
		traces := groups[Suspect{SuspectStaff, staff}]
		if least == 0 || len(traces) == 0 || len(unrated) < leastPeers || share < peers+gap || tally(traces, praises) < len(traces) {
			continue
		}
		d.add(Signal{Kind: SignalSelective, Direction: FalsePraise, Suspect: Suspect{SuspectStaff, staff}, Count: d.Handled[staff],
			Threshold: least, Share: share, Other: peers}, traces)
	}
}

// leastPeers is how many there must be for a comparison to say anything.
const leastPeers = 5

func distinctProjects(traces []Trace) int {
	projects := map[string]bool{}
	for _, t := range traces {
		if t.Project != "" {
			projects[t.Project] = true
		}
	}
	return len(projects)
}

func median(values []int) int {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// quarterEnds looks for praise that piles up in the last days of a quarter, against the usual day before.
func (d *detection) quarterEnds() {
	days, factor, least := d.Params.Days(CheatQuarterDays), d.Params.Days(CheatQuarterPercent), d.Params.Days(CheatQuarterLeast)
	end := quarterEnd(d.Day)
	start := end.AddDays(1 - days)
	if factor == 0 || d.Day.Before(end) && d.Day.Before(start.AddDays(days/2)) {
		return // too little of the end is over to say anything
	}
	at, before := d.Calendar.Left(start.AddDays(-1), d.Day), d.Calendar.Left(d.from.AddDays(-1), start.AddDays(-1))
	if at == 0 || before == 0 {
		return
	}
	for s, traces := range d.by(when(unitOf, praises)) {
		cut := slices.IndexFunc(traces, func(t Trace) bool { return !workday.DateOf(t.At).Before(start) })
		if cut < 0 || len(traces)-cut < least || cut == 0 {
			continue
		}
		// Per working day, both sides: what came in at weekends belongs to the working days around.
		if percent := 100 * (len(traces) - cut) * before / (at * cut); percent >= factor {
			d.add(Signal{Kind: SignalQuarterEnd, Direction: FalsePraise, Suspect: s, Count: len(traces) - cut, Threshold: least, Share: percent, Other: factor}, traces[cut:])
		}
	}
}

func quarterEnd(day workday.Date) workday.Date {
	year, month, _ := day.Civil()
	last := (month-1)/3*3 + 3
	return workday.NewDate(year, last+1, 1).AddDays(-1)
}

func (d *detection) sessions() {
	d.counted(SignalSession, "", CheatSessions, d.by(when(Trace.rated, func(t Trace) bool { return t.Session != "" })))
}

// writeOffs looks for approvers who let far more write-offs pass than the others do.
func (d *detection) writeOffs() {
	least, gap := d.Params.Days(CheatWriteOffs), d.Params.Days(CheatWriteOffGap)
	type record struct {
		unit            string
		decided, passed int
		ratings         []Trace
	}
	by, decided, passed := map[string]*record{}, 0, 0
	for _, one := range d.Decisions {
		r := by[one.Approver]
		if r == nil {
			r = &record{unit: one.Unit}
			by[one.Approver] = r
		}
		r.decided++
		decided++
		if one.Approved {
			r.passed++
			passed++
			r.ratings = append(r.ratings, Trace{Rating: one.Rating, Unit: one.Unit})
		}
	}
	for approver, r := range by {
		others, share := percentOf(passed-r.passed, decided-r.decided), percentOf(r.passed, r.decided)
		if least == 0 || r.decided < least || decided-r.decided < least || share < others+gap {
			continue
		}
		d.add(Signal{Kind: SignalWriteOffs, Direction: LaxWriteOffs, Suspect: Suspect{SuspectApprover, approver}, Unit: r.unit, Count: r.passed,
			Threshold: least, Share: share, Other: others}, r.ratings)
	}
}
