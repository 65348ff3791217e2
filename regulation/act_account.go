package regulation

import (
	"slices"
	"time"
)

// Ground is why somebody is held to account: what an escalation told, against a unit, and against the
// person where the problem is the person's (R60).
type Ground struct {
	Seq    int64  `json:"seq"`    // of the escalation
	Reason string `json:"reason"` // overdue, insufficient, referred, pressure
	Unit   string `json:"unit"`
	Staff  string `json:"staff,omitempty"`
}

// Measure is one round of accountability (8(4), R45). The product imposes no sanction: it records
// what the competent bodies decided, hears the other side before and after, and corrects what was
// derived when a measure is revoked.
type Measure struct {
	Seq        int64     `json:"seq,omitempty"`     // of the event that opened it; 0 in cases of before it was kept
	Reason     string    `json:"reason"`            // of the first ground
	Grounds    []Ground  `json:"grounds,omitempty"` // all of them; none in cases of before they were kept
	Unit       string    `json:"unit"`              // which answers
	Staff      string    `json:"staff,omitempty"`   // the person, where the problem is the person's (R60)
	OpenedAt   time.Time `json:"opened_at"`
	StatedAt   time.Time `json:"stated_at,omitzero"` // zero after the days: nothing was said
	Statement  TextRef   `json:"statement,omitzero"`
	Kind       string    `json:"kind,omitempty"` // criticism, competent_body, change_of_post, none
	Basis      TextRef   `json:"basis,omitzero"`
	DecidedAt  time.Time `json:"decided_at,omitzero"`
	DecidedBy  string    `json:"decided_by,omitempty"`
	Behind     []string  `json:"behind,omitempty"`   // whose decision it is: DecidedBy, and in whose place; none in cases of before it was kept
	Document   string    `json:"document,omitempty"` // number of the competent body's document
	Answer     string    `json:"answer,omitempty"`   // the employer's: followed, not_followed
	InForceAt  time.Time `json:"in_force_at,omitzero"`
	ReviewedAt time.Time `json:"reviewed_at,omitzero"`
	RevokedAt  time.Time `json:"revoked_at,omitzero"`
	Revoked    string    `json:"revoked,omitempty"` // why: review, officer, written_off
}

// MeasureKinds are R45's three kinds, and none.
var MeasureKinds = []string{"criticism", "competent_body", "change_of_post", "none"}

// measure is the last round of accountability, or nil.
func (c *Case) measure() *Measure {
	if len(c.Measures) == 0 {
		return nil
	}
	return &c.Measures[len(c.Measures)-1]
}

// referAccountability is a supervisor's reference with reasons. Rectification that is overdue or
// insufficient arrives by itself.
var referAccountability = Spec{
	Kind: ActReferAccountability, Clause: ClauseDiscipline, Side: SideAuthority, Roles: []Role{Supervisor}, Track: TrackAccountability,
	Not: []Part{PartHandled},
	Fields: []Field{
		{Name: "reasons", Type: TypeLong, Required: true, Max: 2000},
		{Name: "files", Type: TypeFiles},
	},
	check: func(m *move) *Error {
		switch {
		case m.c.Finding.Kind != "substantiated" && m.c.Finding.Kind != "fixed_at_once":
			return refuse(NotNow, "", "not_substantiated", Verifier)
		case m.c.WrittenOff():
			return refuse(NotNow, "", "written_off")
		}
		return nil
	},
	effect: func(m *move) {
		m.part(PartReferred)
		unit := m.c.atFault()
		m.escalate("discipline", "referred", ClauseDiscipline, unit, m.rules.disciplineSeat(*m.c))
		m.holdToAccount("referred", unit)
	},
}

// atFault is the unit with which the problem lies: the one that was rated, unless the finding says
// another and an order went there.
func (c Case) atFault() string {
	if c.Finding.Attribution == "other_unit" {
		return c.Unit
	}
	return c.Rated.Unit
}

// holdToAccount opens a round: the other side is heard first. While one runs, a further ground joins it
// as long as nothing is decided and the same side answers for it, and else waits for its end. Pressure is
// no matter of the rating: who pressed a rater answers for it whatever became of that.
func (m *move) holdToAccount(reason, unit string) {
	if m.c.WrittenOff() && reason != "pressure" {
		return
	}
	g := Ground{Seq: m.event.Seq, Reason: reason, Unit: unit}
	if m.c.Finding.Attribution == AttributedToPerson && unit == m.c.Rated.Unit {
		g.Staff = m.c.Rated.Staff
	}
	switch undecided := contains([]Stage{StageStatement, StageDecision}, m.c.Stage(TrackAccountability)); {
	case !m.c.Running(TrackAccountability):
		m.openRound(g)
	case undecided && m.c.measure().takes(g):
		m.join(g)
	default:
		m.c.Pending = append(m.c.Pending, g)
	}
}

func (m *move) openRound(g Ground) {
	m.c.Measures = append(m.c.Measures, Measure{Seq: m.event.Seq, Reason: g.Reason, Grounds: []Ground{g}, Unit: g.Unit, Staff: g.Staff, OpenedAt: m.at})
	m.hear()
}

// hear gives whoever answers the days to state their case.
func (m *move) hear() {
	m.enter(TrackAccountability, StageStatement)
	m.offer(ActGiveStatement, true)
	m.tellAnswering()
}

// join adds a ground to the round that runs. On a new one the other side is heard anew, also where the
// decision was waited for already: nobody is held to account for what they could say nothing to.
func (m *move) join(g Ground) {
	k := m.c.measure()
	known := contains(k.Reasons(), g.Reason)
	k.Grounds = append(slices.Clone(k.grounds()), g)
	if known {
		return
	}
	m.dropTrack(TrackAccountability)
	m.hear()
}

// nextRound opens the round that waited for the end of the one before. What else waits and belongs to
// it is heard with it.
func (m *move) nextRound() {
	if len(m.c.Pending) == 0 || m.c.Running(TrackAccountability) {
		return
	}
	m.event.Data["round_ended"] = string(m.c.Stage(TrackAccountability)) // Stages tell the last one only
	waiting := m.c.Pending
	m.c.Pending = nil
	m.openRound(waiting[0])
	k := m.c.measure()
	for _, g := range waiting[1:] {
		if k.takes(g) {
			k.Grounds = append(k.Grounds, g)
			continue
		}
		m.c.Pending = append(m.c.Pending, g)
	}
}

// takes tells whether a ground belongs to a round: the same side answers for it, and what becomes of
// the rating ends both or neither, as pressure on its rater outlives a write-off.
func (k Measure) takes(g Ground) bool {
	return k.Unit == g.Unit && k.Staff == g.Staff && (k.Reason == "pressure") == (g.Reason == "pressure")
}

// grounds are all that a round is about; a case of before they were kept knows the first.
func (k Measure) grounds() []Ground {
	if len(k.Grounds) > 0 {
		return k.Grounds
	}
	return []Ground{k.first()}
}

// first is a round's first ground: whose it is and whether the rating's fate ends it, it shares with all.
func (k Measure) first() Ground { return Ground{Reason: k.Reason, Unit: k.Unit, Staff: k.Staff} }

// Reasons lists why a round was opened or went on, each reason once.
func (k Measure) Reasons() []string {
	var reasons []string
	for _, g := range k.grounds() {
		if !contains(reasons, g.Reason) {
			reasons = append(reasons, g.Reason)
		}
	}
	return reasons
}

func (m *move) tellAnswering() {
	m.event.Notify = append(m.event.Notify, Seat{UnitHead, m.c.measure().Unit})
	m.event.NotifyStaff = m.c.measure().Staff
}

// giveStatement is what the unit or the person says before anything is decided; saying nothing
// does not stop the procedure.
var giveStatement = Spec{
	Kind: ActGiveStatement, Clause: ClauseDiscipline, Side: SideRated, Roles: []Role{UnitHead, WindowStaff}, Days: StatementDays,
	Track: TrackAccountability,
	Fields: []Field{
		{Name: "statement", Type: TypeLong, Required: true, Max: 4000},
		{Name: "files", Type: TypeFiles},
	},
	check: nothingMore,
	effect: func(m *move) {
		m.met(ActGiveStatement)
		m.handled()
		m.c.measure().StatedAt, m.c.measure().Statement = m.at, m.text("statement")
		m.toDecision()
	},
	silence: func(m *move) { m.toDecision() },
}

func (m *move) toDecision() {
	m.enter(TrackAccountability, StageDecision)
	m.await(ActDecideAccountability)
}

// decideAccountability is the discipline officer's: (a) confirms the criticism, (b) refers to the
// competent body under discipline rules, (c) recommends a change of post for a person (R45).
var decideAccountability = Spec{
	Kind: ActDecideAccountability, Clause: ClauseDiscipline, Side: SideDiscipline, Roles: []Role{DisciplineOfficer}, Days: DecisionDays,
	Track: TrackAccountability, Not: []Part{PartHandled, PartVerified, PartJudged, PartReferred},
	Fields: []Field{
		{Name: "kind", Type: TypeChoice, Required: true, Options: MeasureKinds},
		{Name: "basis", Type: TypeText, Max: 200},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 4000},
	},
	check: func(m *move) *Error {
		kind := m.act.Values.Get("kind")
		switch {
		case kind != "none" && kind != "" && m.act.Values.Get("basis") == "":
			return refuse(Invalid, "", "fields").Field("basis", "basis_required")
		case kind == "change_of_post" && m.c.measure().Staff == "":
			return refuse(Invalid, "", "fields").Field("kind", "no_person_to_blame")
		case kind == "competent_body" && slices.Equal(m.c.measure().Reasons(), []string{"referred"}):
			return refuse(Invalid, "", "fields").Field("kind", "only_insufficient")
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActDecideAccountability)
		m.part(PartDecided)
		k := m.c.measure()
		k.Kind, k.Basis, k.DecidedAt, k.DecidedBy = m.act.Values.Get("kind"), m.text("basis"), m.at, m.actor.Person
		k.Behind = with(nil, m.actor)
		m.tellAnswering()
		switch k.Kind {
		case "criticism":
			m.inForce()
		case "competent_body":
			m.enter(TrackAccountability, StageReferred)
			m.await(ActRecordBody)
		case "change_of_post":
			m.enter(TrackAccountability, StageRecommended)
			m.await(ActAnswerRecommendation)
		default:
			m.enter(TrackAccountability, StageDropped)
		}
	},
}

// inForce opens the days in which a review may be asked for.
func (m *move) inForce() {
	m.c.measure().InForceAt = m.at
	m.enter(TrackAccountability, StageInForce)
	m.offer(ActRequestReview, false)
}

// recordBody records the document of the body that decides under discipline rules: the product
// decides nothing there.
var recordBody = Spec{
	Kind: ActRecordBody, Clause: ClauseDiscipline, Side: SideDiscipline, Roles: []Role{DisciplineOfficer}, Days: BodyDays,
	Track: TrackAccountability,
	Fields: []Field{
		{Name: "body", Type: TypeText, Required: true, Max: 100},
		{Name: "document_number", Type: TypeText, Required: true, Max: 64},
		{Name: "document_date", Type: TypeDate, Required: true},
		{Name: "outcome", Type: TypeLong, Required: true, Max: 2000},
		{Name: "files", Type: TypeFiles},
	},
	check: nothingMore,
	effect: func(m *move) {
		m.met(ActRecordBody)
		m.c.measure().Document = m.act.Values.Get("document_number")
		m.tellAnswering()
		m.inForce()
	},
}

// answerRecommendation is the employer's answer to a recommended change of post.
var answerRecommendation = Spec{
	Kind: ActAnswerRecommendation, Clause: ClauseDiscipline, Side: SideRated, Roles: []Role{UnitHead}, Days: EmployerDays,
	Track: TrackAccountability,
	Fields: []Field{
		{Name: "answer", Type: TypeChoice, Required: true, Options: []string{"followed", "not_followed"}},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 2000},
	},
	check: nothingMore,
	effect: func(m *move) {
		m.met(ActAnswerRecommendation)
		m.handled()
		m.c.measure().Answer = m.act.Values.Get("answer")
		m.inForce()
	},
}

// requestReview asks for a review of a measure in force; unused, the measure is final.
var requestReview = Spec{
	Kind: ActRequestReview, Clause: ClauseDiscipline, Side: SideRated, Roles: []Role{UnitHead, WindowStaff}, Days: ReviewDays,
	Track:  TrackAccountability,
	Fields: []Field{{Name: "grounds", Type: TypeLong, Required: true, Max: 4000}, {Name: "files", Type: TypeFiles}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActRequestReview)
		m.handled()
		m.enter(TrackAccountability, StageReview)
		m.await(ActDecideReview)
	},
	silence: func(m *move) { m.enter(TrackAccountability, StageFinal) },
}

// againstMeasure are the parts that bar from judging a measure once more.
var againstMeasure = []Part{PartHandled, PartVerified, PartJudged, PartReferred, PartDecided}

// decideReview lies with discipline officers one level up, and never with who decided.
var decideReview = Spec{
	Kind: ActDecideReview, Clause: ClauseDiscipline, Side: SideDiscipline, Roles: []Role{DisciplineOfficer}, Days: ReviewDecisionDays,
	Track: TrackAccountability, Above: true, Not: againstMeasure, own: func(c Case) []string { return append(slices.Clone(c.measure().Behind), c.measure().DecidedBy) },
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: []string{"upheld", "revoked"}},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 4000},
	},
	check: nothingMore,
	effect: func(m *move) {
		m.met(ActDecideReview)
		m.c.measure().ReviewedAt = m.at
		m.tellAnswering()
		if m.act.Values.Get("result") == "upheld" {
			m.enter(TrackAccountability, StageFinal)
			return
		}
		m.revoke("review")
	},
}

// revokeAccountability takes a measure back at any time; what was derived from it is corrected.
var revokeAccountability = Spec{
	Kind: ActRevokeAccountability, Clause: ClauseDiscipline, Side: SideDiscipline, Roles: []Role{DisciplineOfficer}, Track: TrackAccountability,
	Above: true, Not: againstMeasure,
	Fields: []Field{{Name: "reasons", Type: TypeLong, Required: true, Max: 2000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.drop(ActRequestReview)
		m.tellAnswering()
		m.revoke("officer")
	},
}

// revoke takes the last measure back; bulletins, exports and the watch list follow the entry.
func (m *move) revoke(why string) {
	m.revokeMeasure(m.c.measure(), why)
	m.enter(TrackAccountability, StageRevoked)
}

func (m *move) revokeMeasure(k *Measure, why string) {
	k.RevokedAt, k.Revoked = m.at, why
	m.event.Data["revoked"] = k.Kind
	e := Entry{Kind: EntryRevocation, From: Rated{Unit: k.Unit, Staff: k.Staff}, Measure: k.Kind}
	for _, g := range k.Grounds {
		e.Escalations = append(e.Escalations, g.Seq)
	}
	m.book(e)
}

// taken tells whether a measure was taken and stands, or may still be reviewed.
func (k Measure) taken() bool { return !k.InForceAt.IsZero() && k.RevokedAt.IsZero() }

// voidMeasures ends what a rating led to that counts no more, or not for them: measures in force are
// revoked, those of earlier rounds too, an open round is dropped, and what waited for its end with it.
func (m *move) voidMeasures(why string, of func(Ground) bool) {
	m.c.Pending = slices.DeleteFunc(m.c.Pending, of)
	for i := range m.c.Measures {
		if k := &m.c.Measures[i]; k.taken() && of(k.first()) {
			m.revokeMeasure(k, why)
		}
	}
	last := m.c.measure()
	if last == nil || !of(last.first()) {
		return
	}
	was := m.c.Stage(TrackAccountability)
	if !m.c.Running(TrackAccountability) && (was != StageFinal || last.RevokedAt.IsZero()) {
		return // it had ended without a measure, or was revoked before
	}
	m.dropTrack(TrackAccountability)
	m.tellAnswering()
	if last.RevokedAt.IsZero() {
		m.enter(TrackAccountability, StageDropped)
		return
	}
	m.enter(TrackAccountability, StageRevoked)
}
