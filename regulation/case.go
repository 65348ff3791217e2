package regulation

import (
	"slices"
	"time"
)

// Case is one bad rating on its way through clauses 7(2) and 7(3), as the rules see it. It
// holds ids, codes and instants; free text is kept apart and referred to by TextRef. The rater
// is not in it.
type Case struct {
	ID       string    `json:"id"`
	Number   string    `json:"number"`
	RatingID string    `json:"rating_id"`
	Edition  string    `json:"edition"`
	Seq      int64     `json:"seq"`
	Phase    Phase     `json:"phase"`
	OpenedAt time.Time `json:"opened_at"`
	// ConcludedAt is when the main line was closed, for the last time where the case was reopened;
	// ClosedAt when nothing beside it was open any more.
	ConcludedAt time.Time `json:"concluded_at,omitzero"`
	ClosedAt    time.Time `json:"closed_at,omitzero"`
	Grade       Grade     `json:"grade"`
	Area        string    `json:"area"`            // 6-digit division of the authority
	Authority   string    `json:"authority"`       // the authority of the same level (R52)
	Upper       string    `json:"upper,omitempty"` // the authority one level up; "" at the prefecture
	Rated       Rated     `json:"rated"`
	Unit        string    `json:"unit"` // that handles now; the rated unit until an order names another
	// Contactable tells that the vault holds a way to reach the rater.
	Contactable bool `json:"contactable,omitempty"`
	// Named tells that the vault holds the rater's name: nobody else can be referred for credit (R46). Cases
	// of before it was kept count as nameless.
	Named  bool        `json:"named,omitempty"`
	Matter MatterState `json:"matter"`

	Awaiting  []Await    `json:"awaiting,omitempty"`
	Deadlines []Deadline `json:"deadlines,omitempty"`

	Callback   Callback       `json:"callback"`
	Evidence   int            `json:"evidence,omitempty"` // items recorded
	Notice     Notice         `json:"notice"`
	Finding    Finding        `json:"finding,omitzero"`
	Consent    Consent        `json:"consent,omitzero"`
	Orders     []Order        `json:"orders,omitempty"`
	Clock      Rectifying     `json:"clock,omitzero"`
	Interim    Interim        `json:"interim,omitzero"`
	Reply      Reply          `json:"reply,omitzero"`
	Survey     Survey         `json:"survey,omitzero"`
	Closing    Callback       `json:"closing,omitzero"`
	Pressure   bool           `json:"pressure,omitempty"` // R58 answered yes
	Rechecks   int            `json:"rechecks,omitempty"`
	Handlers   []string       `json:"handlers,omitempty"`  // people who acted for a unit
	Verifiers  []string       `json:"verifiers,omitempty"` // people who gathered evidence or recorded a finding
	Judges     []string       `json:"judges,omitempty"`    // people who accepted or rejected a rectification
	Escalation []Escalated    `json:"escalations,omitempty"`
	Counts     map[string]int `json:"counts,omitempty"` // how often each deadline kind was armed

	Tracks map[Track]Stage   `json:"tracks,omitempty"` // beside the main line; absent: never begun
	Parts  map[Part][]string `json:"parts,omitempty"`  // who took which part, besides the three lists above
	Appeal Appeal            `json:"appeal,omitzero"`

	WriteOff WriteOff  `json:"write_off,omitzero"`
	Malice   Malice    `json:"malice,omitzero"`
	Measures []Measure `json:"measures,omitempty"` // of accountability, the last one may be open
	Pending  []Ground  `json:"pending,omitempty"`  // grounds of accountability that wait for the end of the open round
	Inquiry  Inquiry   `json:"inquiry,omitzero"`
	Credit   Credit    `json:"credit,omitzero"`
	Appeals  []Appeal  `json:"appeals,omitempty"` // of those whom the rating was attributed to before
	Entries  []Entry   `json:"entries,omitempty"` // whatever was counted against what had been counted
	// Reattribution and Extension are the last ones asked for.
	Reattribution Reattribution `json:"reattribution,omitzero"`
	Extension     Extension     `json:"extension,omitzero"`
	Raised        UpperReview   `json:"upper_review,omitzero"`
	FollowUp      FollowUp      `json:"follow_up,omitzero"`
	Reopened      int           `json:"reopened,omitempty"` // how often it went back for a new order
	// Again is why, each time; cases of before it was kept have fewer reasons than times.
	Again   []string     `json:"again,omitempty"`
	Former  []Rated      `json:"former,omitempty"`  // whom the rating was attributed to before
	Earlier []Rectifying `json:"earlier,omitempty"` // the clocks of the rounds before
}

// Rated is who and where was rated: ids of the tree, each "" where it is not known.
type Rated struct {
	Unit   string `json:"unit"`
	Hall   string `json:"hall,omitempty"`
	Window string `json:"window,omitempty"`
	Staff  string `json:"staff,omitempty"`
	Matter string `json:"matter,omitempty"`
}

// MatterState is the matter's status when it was rated and when the case closed (R32).
type MatterState struct {
	AtRating string `json:"at_rating,omitempty"` // waiting, in_progress, concluded, or "" where no matter is bound
	// AtTransfer decides whether an interim reply is due; as at rating where nobody said otherwise.
	AtTransfer string `json:"at_transfer,omitempty"`
	AtClosing  string `json:"at_closing,omitempty"`
	// ProblemOpen is the verifier's answer whether the problem itself still persists.
	ProblemOpen bool `json:"problem_open,omitempty"`
}

// TextRef points to free text that an event of the case carries.
type TextRef struct {
	Seq   int64  `json:"seq"`
	Field string `json:"field"`
}

// Callback is one round of calls to the rater: during verification, or when closing (R23, R28).
type Callback struct {
	Attempts []Attempt `json:"attempts,omitempty"`
	Reached  bool      `json:"reached,omitempty"`
	Exempt   string    `json:"exempt,omitempty"` // reason code of a recorded exemption
}

// Attempt is one call: the calendar day in Asia/Shanghai and the result's code.
type Attempt struct {
	Date   string `json:"date"`
	Result string `json:"result"`
	By     string `json:"by"`
}

// Notice is the redacted notice to the rated side (R57).
type Notice struct {
	ServedAt    time.Time `json:"served_at,omitzero"`
	How         string    `json:"how,omitempty"`         // act, batch, finding
	AppealUntil time.Time `json:"appeal_until,omitzero"` // the window counts from service
	Period      string    `json:"period,omitempty"`      // coarse: the ISO week of the rating
}

// Finding is the outcome of verification (R22, R24, R60).
type Finding struct {
	Kind        string    `json:"kind,omitempty"`
	Cause       string    `json:"cause,omitempty"`
	Link        string    `json:"link,omitempty"`
	Attribution string    `json:"attribution,omitempty"`
	At          time.Time `json:"at,omitzero"`
	By          string    `json:"by,omitempty"`
	Text        TextRef   `json:"text,omitzero"`
}

// Consent is the rater's answer whether a named handler may know the matter number (R30).
type Consent struct {
	State string    `json:"state,omitempty"` // asked, yes, no, unreachable, not_possible, withdrawn
	At    time.Time `json:"at,omitzero"`
	How   string    `json:"how,omitempty"` // receipt, telephone
}

// Order is one transfer order (转办单). Handler is who signed it for the unit: the named handler
// whom the rater's consent is about (R30).
type Order struct {
	Number     string    `json:"number"`
	Unit       string    `json:"unit"`
	Assist     []string  `json:"assist,omitempty"`
	IssuedAt   time.Time `json:"issued_at"`
	SignedAt   time.Time `json:"signed_at,omitzero"`
	Handler    string    `json:"handler,omitempty"`
	ReturnedAt time.Time `json:"returned_at,omitzero"` // wrongly addressed: not held against the next unit
	// Reopened marks an order that answers a dissatisfied rater, or a write-off that was set aside.
	Reopened bool    `json:"reopened,omitempty"`
	Text     TextRef `json:"text,omitzero"`
}

// Rectifying is the clock of clause 7(3): 15 working days from the first order. The Unit fields
// are the same days counted from the order of the unit that has it now: after a wrongly
// addressed order the case may be overdue while this unit is not.
type Rectifying struct {
	From        time.Time    `json:"from,omitzero"`
	Due         time.Time    `json:"due,omitzero"`
	Calendar    string       `json:"calendar,omitempty"`
	Provisional bool         `json:"provisional,omitempty"`
	Plan        TextRef      `json:"plan,omitzero"`
	Submitted   []Submission `json:"submitted,omitempty"`
	Rejections  int          `json:"rejections,omitempty"`
	AcceptedAt  time.Time    `json:"accepted_at,omitzero"`
	// InTime is decided when a submission is accepted: that submission's instant counts (R34).
	InTime      bool      `json:"in_time,omitempty"`
	Overdue     bool      `json:"overdue,omitempty"`
	UnitFrom    time.Time `json:"unit_from,omitzero"` // zero while no unit has the order
	UnitDue     time.Time `json:"unit_due,omitzero"`
	UnitInTime  bool      `json:"unit_in_time,omitempty"`
	UnitOverdue bool      `json:"unit_overdue,omitempty"` // what figures hold against the unit
	Pauses      []Pause   `json:"pauses,omitempty"`       // where an edition lets an appeal stop the days
	// What Due and UnitDue were counted from where a pause or an extension moved them.
	Span     Span `json:"span,omitzero"`
	UnitSpan Span `json:"unit_span,omitzero"`
}

// Submission is one rectification handed in by the unit. The days from At to JudgedAt are the
// authority's (R34).
type Submission struct {
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	JudgedAt time.Time `json:"judged_at,omitzero"`
}

// Interim is the interim reply of clause 7(3) (R32).
type Interim struct {
	Due    bool      `json:"due,omitempty"` // it was due at transfer
	SentAt time.Time `json:"sent_at,omitzero"`
	Text   TextRef   `json:"text,omitzero"`
}

// Reply is the reply to the citizen: drafted by the unit, released by the authority (R34).
type Reply struct {
	Draft      TextRef   `json:"draft,omitzero"`
	Text       TextRef   `json:"text,omitzero"`
	ReleasedAt time.Time `json:"released_at,omitzero"`
}

// Survey is the satisfaction survey after conclusion (R27).
type Survey struct {
	State    string    `json:"state,omitempty"` // open, answered, unanswered
	Grade    Grade     `json:"grade,omitempty"`
	Resolved string    `json:"resolved,omitempty"` // yes, no
	At       time.Time `json:"at,omitzero"`
	Text     TextRef   `json:"text,omitzero"`
}

// Escalated is one escalation and why (R30, R33; the authority's own steps go one level up).
type Escalated struct {
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	To     string    `json:"to"`     // upper, head, discipline, supervisor
	Reason string    `json:"reason"` // overdue:<act>, unsigned, rectification_overdue, insufficient, pressure
	Clause Clause    `json:"clause"`
	Unit   string    `json:"unit,omitempty"` // against which it counts; "" where no unit is to blame
}

// Await is an act the case waits for: who holds it and by when.
type Await struct {
	Act         ActKind   `json:"act"`
	Deadline    string    `json:"deadline,omitempty"` // id of its deadline
	Since       time.Time `json:"since,omitzero"`     // since when the case waits; zero in cases of before it was kept
	Due         time.Time `json:"due,omitzero"`
	Provisional bool      `json:"provisional,omitempty"` // Due counts days of a year without a notice
	Seats       []Seat    `json:"seats"`
	Raised      string    `json:"raised,omitempty"` // why it went one level up, or stays with whoever is left: nobody_eligible, nobody_left, nobody_at_all, overdue
	Overdue     bool      `json:"overdue,omitempty"`
}

// Seat is a role at an organisation: a task lies before whoever holds it.
type Seat struct {
	Role Role   `json:"role"`
	Org  string `json:"org"`
}

// DeadlineKind tells what happens when a deadline passes.
type DeadlineKind string

const (
	DeadlineStep     DeadlineKind = "step"     // an awaited act is overdue: escalation
	DeadlineReminder DeadlineKind = "reminder" // working days left: a notice to the unit
	DeadlineNotice   DeadlineKind = "notice"   // the delayed batch serves the notice of R57
	DeadlineSurvey   DeadlineKind = "survey"   // silence is "unanswered"
	DeadlineSilence  DeadlineKind = "silence"  // somebody was given days to speak and did not: the track goes on
)

// Instants that are counted like deadlines and that no timer holds; they stand in the changes of
// a re-arming.
const (
	CountedClock     DeadlineKind = "clock"      // Rectifying.Due
	CountedUnitClock DeadlineKind = "unit_clock" // Rectifying.UnitDue
	CountedAppeal    DeadlineKind = "appeal"     // Notice.AppealUntil
)

// Deadline is an open due instant. Due and calendar version were computed when it was armed.
type Deadline struct {
	ID          string       `json:"id"` // unique in its case
	Kind        DeadlineKind `json:"kind"`
	Act         ActKind      `json:"act,omitempty"`
	Due         time.Time    `json:"due"`
	Calendar    string       `json:"calendar"`
	Provisional bool         `json:"provisional,omitempty"`
	Left        int          `json:"left,omitempty"` // reminder: working days left
	Span
}

// Closed tells whether the case has ended.
func (c Case) Closed() bool { return c.Phase == PhaseClosed }

// Subject is the case as policies relate people to it. A unit stands to it from the moment
// that an order names it (R04: before, it has its notice only), discipline officers once it
// reached their list, the authority above where the case's own was rated (9(2)).
func (c Case) Subject() Subject {
	s := Subject{Rating: c.RatingID, Staff: c.Rated.Staff, Area: c.Area, Orgs: []string{c.Authority}}
	s.Units = c.ordered()
	if c.Upper != "" && c.Rated.Unit == c.Authority { // what its own people may not begin lies with those above
		s.Orgs = append(s.Orgs, c.Upper)
	}
	if !c.reachedDiscipline() {
		s.Hidden = []Role{DisciplineOfficer}
	}
	for _, await := range c.Awaiting {
		for _, seat := range await.Seats {
			if !contains(s.Orgs, seat.Org) && !contains(s.Units, seat.Org) {
				s.Orgs = append(s.Orgs, seat.Org)
			}
		}
	}
	return s
}

// NoticeSubject is the notice of R57 as policies relate the rated side to it: nobody's before
// it was served.
func (c Case) NoticeSubject() Subject {
	if c.Notice.ServedAt.IsZero() {
		return Subject{}
	}
	return Subject{Staff: c.Rated.Staff, Units: []string{c.Rated.Unit}, Area: c.Area, Orgs: []string{c.Authority}}
}

// SubjectOf is the case as policies relate people to it for one act: what the rated side may do
// it does by its notice, which it knows the case by.
func (c Case) SubjectOf(kind ActKind) Subject {
	spec := specByKind[kind]
	switch {
	case spec.Side != SideRated:
		return c.Subject()
	case spec.Track == TrackAccountability && c.measure() != nil:
		return Subject{Staff: c.measure().Staff, Units: []string{c.measure().Unit}, Area: c.Area, Orgs: []string{c.Authority}}
	}
	return c.NoticeSubject()
}

// Concerned are the organisations of whose people the rules have to know besides discipline bodies:
// the authorities, who handles, who was rated, and who answers for a measure, now or in the next round.
func (c Case) Concerned() []string {
	orgs := []string{c.Authority, c.Upper, c.Unit, c.Rated.Unit}
	if k := c.measure(); k != nil && !contains(orgs, k.Unit) {
		orgs = append(orgs, k.Unit)
	}
	for _, g := range c.Pending {
		if !contains(orgs, g.Unit) {
			orgs = append(orgs, g.Unit)
		}
	}
	return orgs
}

// ordered are the units of the last order: who leads, and who assists until it is returned. Who
// returned it still sees what became of it, until the next order names another; who was to assist
// has no more part in it (9(2)).
func (c Case) ordered() []string {
	order := c.order()
	switch {
	case order == nil:
		return nil
	case order.ReturnedAt.IsZero():
		return append([]string{order.Unit}, order.Assist...)
	}
	return []string{order.Unit}
}

// order returns the last order, or nil before the first.
func (c *Case) order() *Order {
	if len(c.Orders) == 0 {
		return nil
	}
	return &c.Orders[len(c.Orders)-1]
}

func (c Case) reachedDiscipline() bool {
	return slices.ContainsFunc(c.Escalation, func(e Escalated) bool { return e.To == "discipline" })
}

// Await returns the open wait for an act, or nil.
func (c *Case) Await(kind ActKind) *Await {
	for i := range c.Awaiting {
		if c.Awaiting[i].Act == kind {
			return &c.Awaiting[i]
		}
	}
	return nil
}

// Timers lists the open deadlines for the workflow.
func (c Case) Timers() []Timer {
	timers := make([]Timer, 0, len(c.Deadlines))
	for _, d := range c.Deadlines {
		timers = append(timers, Timer{ID: d.ID, Due: d.Due})
	}
	return timers
}

// Snapshot returns what the workflow may know of the case.
func (c Case) Snapshot() Snapshot {
	return Snapshot{Seq: c.Seq, Phase: c.Phase, Open: OpenIn(c)}
}

// Step returns what the workflow is to hold now.
func (c Case) Step(clock Clock) Step {
	return Step{Snapshot: c.Snapshot(), Timers: c.Timers(), Finished: c.Closed(), Clock: clock}
}
