package regulation

import (
	"hash/fnv"
	"time"
)

// WriteOff takes a rating out of the figures by a compensating entry (核销, 9(2), R53). The rating,
// its case and its place in the callback and reply rates stay.
type WriteOff struct {
	Kind        string    `json:"kind,omitempty"`  // mistaken, malicious: the authority's alone, the rated side sees "written off"
	Basis       string    `json:"basis,omitempty"` // appeal, parameter
	ProposedAt  time.Time `json:"proposed_at,omitzero"`
	ProposedBy  string    `json:"proposed_by,omitempty"`
	ApprovedAt  time.Time `json:"approved_at,omitzero"`
	ApprovedBy  string    `json:"approved_by,omitempty"`
	Exempt      string    `json:"exempt,omitempty"` // why the rater could not be told
	ObjectedAt  time.Time `json:"objected_at,omitzero"`
	Objection   TextRef   `json:"objection,omitzero"`
	EffectiveAt time.Time `json:"effective_at,omitzero"`
	Voided      bool      `json:"voided,omitempty"` // it ended an order, or the need of one
	ReversedAt  time.Time `json:"reversed_at,omitzero"`
}

// WriteOffExemptions are why a rater cannot be told before a write-off takes effect. Who rated
// without a contact learns of it on the receipt page alone, and may object there.
var WriteOffExemptions = []string{"unreachable", "asked_not_to_be_called"}

// WrittenOff tells whether the rating counts no more.
func (c Case) WrittenOff() bool {
	return contains([]Stage{StageEffective, StageSampled, StageConfirmed}, c.Tracks[TrackWriteOff])
}

// proposeWriteOffAct is the verifier's proposal without an appeal, which an edition may allow with
// its basis.
var proposeWriteOffAct = Spec{
	Kind: ActProposeWriteOff, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{Verifier}, Track: TrackWriteOff,
	Fields: []Field{{Name: "reasons", Type: TypeLong, Required: true, Max: 4000}},
	check: func(m *move) *Error {
		finding := m.c.Finding.Kind
		switch {
		case m.rules.Params.Days(WriteOffWithoutAppeal) == 0:
			return refuse(NotNow, "", "appeal_needed", WindowStaff, UnitHead)
		case finding != "suspected_mistaken" && finding != "suspected_malicious":
			return refuse(NotNow, "", "no_such_finding", Verifier)
		case finding == "suspected_malicious" && m.c.Stage(TrackMalice) != StageConfirmed:
			return refuse(NotNow, "", "malice_not_confirmed", Verifier, AuthorityHead)
		}
		return nil
	},
	effect: func(m *move) {
		kind := "mistaken"
		if m.c.Finding.Kind == "suspected_malicious" {
			kind = "malicious"
		}
		m.part(PartWriteOff)
		m.proposeWriteOff(kind, "parameter", m.actor.Person)
	},
}

// proposeWriteOff lays a write-off before another person for approval; who decided the appeal or
// proposed it does not approve it.
func (m *move) proposeWriteOff(kind, basis, by string) {
	if m.c.Running(TrackWriteOff) || m.c.WrittenOff() {
		return
	}
	m.c.WriteOff = WriteOff{Kind: kind, Basis: basis, ProposedAt: m.at, ProposedBy: by}
	m.enter(TrackWriteOff, StageApproval)
	m.await(ActApproveWriteOff)
}

// approveWriteOff is the head's or another person's approval. The rater is told and has days to
// object before it takes effect, unless it is on record why they cannot be told.
var approveWriteOff = Spec{
	Kind: ActApproveWriteOff, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{AuthorityHead, Supervisor}, Days: WriteOffDays,
	Track: TrackWriteOff, Not: []Part{PartHandled, PartVerified, PartReviewed, PartFlagged, PartWriteOff},
	Fields: []Field{
		{Name: "opinion", Type: TypeLong, Max: 1000},
		{Name: "exemption", Type: TypeChoice, Options: WriteOffExemptions},
		{Name: "explanation", Type: TypeLong, Max: 500},
	},
	check: func(m *move) *Error {
		if m.act.Values.Get("exemption") != "" && m.act.Values.Get("explanation") == "" {
			return refuse(Invalid, "", "fields").Field("explanation", "required_with_exemption")
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActApproveWriteOff)
		m.part(PartApproved)
		w := &m.c.WriteOff
		w.ApprovedAt, w.ApprovedBy, w.Exempt = m.at, m.actor.Person, m.act.Values.Get("exemption")
		if w.Exempt != "" {
			m.writeOff()
			return
		}
		m.enter(TrackWriteOff, StageObjection)
		m.event.Notify = append(m.event.Notify, Seat{Role: Citizen})
		m.offer(ActObjectWriteOff, true)
	},
}

// refuseWriteOff leaves the rating as it counts.
var refuseWriteOff = Spec{
	Kind: ActRefuseWriteOff, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{AuthorityHead, Supervisor}, Joins: ActApproveWriteOff,
	Track: TrackWriteOff, Not: []Part{PartHandled, PartVerified, PartReviewed, PartFlagged, PartWriteOff},
	Fields: []Field{{Name: "reasons", Type: TypeLong, Required: true, Max: 2000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActApproveWriteOff)
		m.enter(TrackWriteOff, StageRefused)
		m.tellRated()
	},
}

// objectWriteOff is the rater's objection, by receipt. Silence is no objection.
var objectWriteOff = Spec{
	Kind: ActObjectWriteOff, Clause: ClauseRights, Side: SideRater, Roles: []Role{Citizen}, Days: ObjectionDays,
	Track:  TrackWriteOff,
	Fields: []Field{{Name: "objection", Type: TypeLong, Required: true, Max: 2000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActObjectWriteOff)
		m.c.WriteOff.ObjectedAt, m.c.WriteOff.Objection = m.at, m.text("objection")
		m.enter(TrackWriteOff, StageObjected)
		m.await(ActDecideObjection)
	},
	silence: func(m *move) { m.writeOff() },
}

// decideObjection hears the rater's objection, by somebody who neither proposed nor approved.
var decideObjection = Spec{
	Kind: ActDecideObjection, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{AuthorityHead, Supervisor}, Days: ObjectionDecisionDays,
	Track: TrackWriteOff, Not: []Part{PartHandled, PartVerified, PartReviewed, PartFlagged, PartConfirmed, PartWriteOff, PartApproved},
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: []string{"written_off", "counts_on"}},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 2000},
	},
	check: nothingMore,
	effect: func(m *move) {
		m.met(ActDecideObjection)
		m.part(PartApproved)
		m.event.Notify = append(m.event.Notify, Seat{Role: Citizen})
		if m.act.Values.Get("result") == "counts_on" {
			m.enter(TrackWriteOff, StageRefused)
			m.tellRated()
			return
		}
		m.writeOff()
	},
}

// writeOff puts the write-off in force: a compensating entry, the end of what the order asked of
// the unit, and no measure against anybody for this rating. The level above looks at every
// malicious one and at a sample of the mistaken ones (R53).
func (m *move) writeOff() {
	m.c.WriteOff.EffectiveAt = m.at
	m.book(Entry{Kind: EntryWriteOff, Sign: -1, From: m.c.Rated})
	m.tellRated()
	m.voidOrder()
	m.voidMeasures("written_off", func(g Ground) bool { return g.Reason != "pressure" })
	if !m.sampled() {
		m.enter(TrackWriteOff, StageEffective)
		return
	}
	m.enter(TrackWriteOff, StageSampled)
	m.await(ActReviewWriteOff)
}

// voidOrder ends what the case still asks of a unit: the citizen gets the reply.
func (m *move) voidOrder() {
	if !contains(beforeReply, m.c.Phase) {
		return
	}
	for _, kind := range []ActKind{ActAskConsent, ActTransfer, ActSign, ActSubmitPlan, ActSubmitRectification, ActAcceptRectification} {
		m.drop(kind)
	}
	m.c.WriteOff.Voided = true
	m.toReply()
}

// sampled draws the share of an edition by the case's id, which nobody chooses: drawing again gives
// the same.
func (m *move) sampled() bool {
	spec := specByKind[ActReviewWriteOff]
	if seats, _ := m.rules.seatsFor(*m.c, spec); !m.rules.manned(*m.c, spec, seats) {
		m.event.Data["sample"] = "nobody_above" // whoever is there has decided on it already
		return false
	}
	if m.c.WriteOff.Kind == "malicious" {
		return true
	}
	h := fnv.New32a()
	h.Write([]byte(m.c.ID)) // never fails
	return int(h.Sum32()%100) < m.rules.Params.Days(WriteOffSample)
}

// reviewWriteOff is the look of the level above; a reversal counts the rating again.
var reviewWriteOff = Spec{
	Kind: ActReviewWriteOff, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{Supervisor}, Days: SampleDays, Above: true,
	Track: TrackWriteOff, Not: []Part{PartHandled, PartVerified, PartReviewed, PartFlagged, PartConfirmed, PartWriteOff, PartApproved},
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: []string{"confirmed", "reversed"}},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 2000},
	},
	check: nothingMore,
	effect: func(m *move) {
		m.met(ActReviewWriteOff)
		if m.act.Values.Get("result") == "confirmed" {
			m.enter(TrackWriteOff, StageConfirmed)
			return
		}
		m.c.WriteOff.ReversedAt = m.at
		m.book(Entry{Kind: EntryReversal, Sign: 1, To: m.c.Rated})
		m.enter(TrackWriteOff, StageReversed)
		if m.c.WriteOff.Voided {
			m.orderAgain(AgainReversed)
		}
		m.tellRated()
		m.event.Notify = append(m.event.Notify, Seat{Supervisor, m.c.Authority}, Seat{Role: Citizen})
	},
}
