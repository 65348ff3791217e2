package regulation

import (
	"hash/fnv"
	"slices"
	"time"
)

// WriteOff takes a rating out of the figures by a compensating entry (核销, 9(2), R53). The rating,
// its case and its place in the callback and reply rates stay.
type WriteOff struct {
	Kind       string    `json:"kind,omitempty"`  // mistaken, malicious: the authority's alone, the rated side sees "written off"
	Basis      string    `json:"basis,omitempty"` // appeal, parameter
	ProposedAt time.Time `json:"proposed_at,omitzero"`
	ProposedBy string    `json:"proposed_by,omitempty"`
	ApprovedAt time.Time `json:"approved_at,omitzero"`
	ApprovedBy string    `json:"approved_by,omitempty"`
	// Behind are whose decision it is: who proposed it or approved it, and in whose place. Of before that was kept, the two above.
	Behind  []string `json:"behind,omitempty"`
	Exempt  string   `json:"exempt,omitempty"` // why it took effect before the rater could object
	Telling Callback `json:"telling,omitzero"` // the calls that tell the rater
	// Told is how the rater was told: by telephone, or why the receipt's page alone tells. "" of before
	// that was kept.
	Told        string    `json:"told,omitempty"`
	ToldAt      time.Time `json:"told_at,omitzero"`
	ObjectedAt  time.Time `json:"objected_at,omitzero"`
	Objection   TextRef   `json:"objection,omitzero"`
	EffectiveAt time.Time `json:"effective_at,omitzero"`
	Voided      bool      `json:"voided,omitempty"` // it ended an order, or the need of one
	ReversedAt  time.Time `json:"reversed_at,omitzero"`
	SetAside    string    `json:"set_aside,omitempty"` // by an "objection" after it took effect; "" by the level above
}

// WriteOffExemptions are why a write-off takes effect before the rater could object. The case has to
// bear them out, and the rater who reads of it later on the receipt's page may still object.
var WriteOffExemptions = []string{"unreachable", ExemptAskedNot}

// How a rater was told of a write-off besides the receipt's page, which always tells.
const (
	ToldByTelephone = "telephone"
	ToldNotReached  = "not_reached" // called as often as the edition asks, in vain
	ToldNoContact   = ExemptNoContact
	ToldAskedNot    = ExemptAskedNot
	ToldByPage      = "receipt_page" // they objected before anybody called, or it took effect at once
)

// WrittenOff tells whether the rating counts no more: also while an objection is heard that came
// after the write-off took effect.
func (c Case) WrittenOff() bool {
	return !c.WriteOff.EffectiveAt.IsZero() && c.WriteOff.ReversedAt.IsZero()
}

// behindWriteOff are whose decision a write-off is: who proposed it or approved it, and of a malicious one also who found the malice and who
// confirmed it, since that is what the rater objects to (8(5), 9(2)).
func (c Case) behindWriteOff() []string {
	w := c.WriteOff
	all := append(slices.Clone(w.Behind), w.ProposedBy, w.ApprovedBy)
	if w.Kind == "malicious" {
		all = slices.Concat(all, c.Parts[PartFlagged], c.Parts[PartConfirmed])
	}
	return all
}

// writeOffApproved tells whether a write-off of one kind was approved and has not failed.
func (c Case) writeOffApproved() bool {
	return c.WrittenOff() || contains([]Stage{StageTelling, StageObjection, StageObjected}, c.Tracks[TrackWriteOff])
}

// exemptFor holds an exemption against the case; it returns the code of what speaks against it, or "".
func (c Case) exemptFor(reason string, p Params) string {
	switch {
	case reason == ExemptAskedNot && c.lastingExemption() != reason:
		return "not_asked_on_record"
	case reason != "unreachable":
		return ""
	case c.Callback.Reached || c.Closing.Reached:
		return "rater_was_reached"
	case !c.Contactable || c.Callback.Exhausted(p) || c.Closing.Exhausted(p) || c.numberWrong():
		return ""
	}
	return "calls_not_exhausted"
}

// numberWrong tells whether a callback is exempt because the contact is none.
func (c Case) numberWrong() bool {
	of := func(k Callback) bool { return k.Exempt == ExemptNoContact || k.Exempt == "number_wrong" }
	return of(c.Callback) || of(c.Closing)
}

// notCalled is why nobody calls the rater about a write-off, or "" where somebody has to.
func (c Case) notCalled() string {
	switch {
	case c.lastingExemption() == ExemptAskedNot:
		return ToldAskedNot
	case !c.Contactable || c.numberWrong():
		return ToldNoContact
	}
	return ""
}

// proposeWriteOffAct is the verifier's proposal without an appeal, which an edition may allow with
// its basis, or of malice that was found after the appeal was dismissed.
var proposeWriteOffAct = Spec{
	Kind: ActProposeWriteOff, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{Verifier}, Track: TrackWriteOff,
	Fields: []Field{{Name: "reasons", Type: TypeLong, Required: true, Max: 4000}},
	check: func(m *move) *Error {
		finding, malicious := m.c.Finding.Kind, m.c.Stage(TrackMalice) == StageConfirmed
		switch {
		case m.writeOffBasis() == "":
			return refuse(NotNow, "", "appeal_needed", WindowStaff, UnitHead)
		case m.c.Running(TrackMalice):
			return m.maliceUndecided()
		case malicious:
			return nil
		case finding == "suspected_malicious":
			return refuse(NotNow, "", "malice_not_confirmed", Verifier, AuthorityHead)
		case finding != "suspected_mistaken":
			return refuse(NotNow, "", "no_such_finding", Verifier)
		}
		return nil
	},
	effect: func(m *move) {
		kind := "mistaken"
		if m.c.Stage(TrackMalice) == StageConfirmed {
			kind = "malicious"
		}
		m.part(PartWriteOff)
		m.proposeWriteOff(kind, m.writeOffBasis(), m.actor.Person)
	},
}

// writeOffBasis is on what a verifier's proposal rests, "" where an appeal is needed: the edition's
// parameter, or the appeal, where malice was found by two people only after it had been dismissed.
func (m *move) writeOffBasis() string {
	switch {
	case m.rules.Params.Days(WriteOffWithoutAppeal) != 0:
		return "parameter"
	case m.c.Stage(TrackAppeal) == StageDismissed && m.c.Stage(TrackMalice) == StageConfirmed:
		return "appeal"
	}
	return ""
}

// proposeWriteOff lays a write-off before another person for approval; who decided the appeal or
// proposed it does not approve it.
func (m *move) proposeWriteOff(kind, basis, by string) {
	if m.c.Running(TrackWriteOff) || m.c.WrittenOff() {
		return
	}
	m.c.WriteOff = WriteOff{Kind: kind, Basis: basis, ProposedAt: m.at, ProposedBy: by, Behind: with(nil, m.actor)}
	if by != m.actor.Person { // who confirmed malice approves nothing by that: it is proposed by who found it
		m.c.WriteOff.Behind = slices.Clone(m.c.Parts[PartFlagged])
	}
	m.enter(TrackWriteOff, StageApproval)
	m.await(ActApproveWriteOff)
}

// approveWriteOff is the head's or another person's approval. The rater is told and has days to
// object before it takes effect, unless the record shows why they cannot be told.
var approveWriteOff = Spec{
	Kind: ActApproveWriteOff, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{AuthorityHead, Supervisor}, Days: WriteOffDays,
	Track: TrackWriteOff, Not: []Part{PartHandled, PartVerified, PartReviewed, PartFlagged, PartWriteOff},
	Fields: []Field{
		{Name: "opinion", Type: TypeLong, Max: 1000},
		{Name: "exemption", Type: TypeChoice, Options: WriteOffExemptions},
		{Name: "explanation", Type: TypeLong, Max: 500},
	},
	check: func(m *move) *Error {
		if m.c.WriteOff.Kind == "mistaken" && m.c.Running(TrackMalice) {
			return m.maliceUndecided() // of which kind it is, is what is approved
		}
		if m.act.Values.Get("exemption") != "" && m.act.Values.Get("explanation") == "" {
			return refuse(Invalid, "", "fields").Field("explanation", "required_with_exemption")
		}
		if against := m.c.exemptFor(m.act.Values.Get("exemption"), m.rules.Params); against != "" {
			return refuse(Invalid, "", "fields").Field("exemption", against)
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActApproveWriteOff)
		m.part(PartApproved)
		w := &m.c.WriteOff
		w.ApprovedAt, w.ApprovedBy, w.Exempt = m.at, m.actor.Person, m.act.Values.Get("exemption")
		w.Behind = with(slices.Clone(w.Behind), m.actor)
		switch why := m.c.notCalled(); {
		case w.Exempt != "":
			w.Told, w.ToldAt = ToldByPage, m.at
			m.writeOff()
			m.enter(TrackWriteOff, StageInForce)
			m.offer(ActObjectWriteOff, true)
		case why != "":
			m.toObjection(why)
		default:
			m.enter(TrackWriteOff, StageTelling)
			m.await(ActTellRater)
		}
	},
}

// tellRater is one call to tell the rater of the write-off and of their right to object (R53): nobody
// looks at the receipt's page every day. The days to object run from the call that reached them, or
// from the last of those in vain.
var tellRater = Spec{
	Kind: ActTellRater, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{CallbackClerk}, Days: TellingDays,
	Track: TrackWriteOff,
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: CallbackResults},
		{Name: "statement", Type: TypeLong, Max: 2000},
		{Name: "recording", Type: TypeText, Max: 64},
	},
	check: nothingMore,
	effect: func(m *move) {
		calls := &m.c.WriteOff.Telling
		calls.Attempts = append(calls.Attempts, m.attempt())
		calls.Reached = m.act.Values.Get("result") == "reached"
		switch {
		case calls.Reached:
			m.toObjection(ToldByTelephone)
		case calls.Exhausted(m.rules.Params):
			m.toObjection(ToldNotReached)
		}
	},
}

// toObjection has the days to object begin.
func (m *move) toObjection(told string) {
	m.met(ActTellRater)
	m.c.WriteOff.Told, m.c.WriteOff.ToldAt = told, m.at
	m.event.Data["rater_told"] = told
	m.enter(TrackWriteOff, StageObjection)
	m.offer(ActObjectWriteOff, true)
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

// objectWriteOff is the rater's objection, by receipt, as soon as the receipt's page tells of the
// write-off. Silence is no objection.
var objectWriteOff = Spec{
	Kind: ActObjectWriteOff, Clause: ClauseRights, Side: SideRater, Roles: []Role{Citizen}, Days: ObjectionDays,
	Track:  TrackWriteOff,
	Fields: []Field{{Name: "objection", Type: TypeLong, Required: true, Max: 2000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActObjectWriteOff)
		m.drop(ActTellRater)
		w := &m.c.WriteOff
		if m.c.Tracks[TrackWriteOff] == StageTelling {
			w.Told, w.ToldAt = ToldByPage, m.at
		}
		w.ObjectedAt, w.Objection = m.at, m.text("objection")
		m.enter(TrackWriteOff, StageObjected)
		m.await(ActDecideObjection)
	},
	silence: func(m *move) { m.uphold() },
}

// decideObjection hears the rater's objection, by somebody who neither proposed nor approved it, nor found or confirmed the malice.
var decideObjection = Spec{
	Kind: ActDecideObjection, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{AuthorityHead, Supervisor}, Days: ObjectionDecisionDays,
	Track: TrackWriteOff, Not: []Part{PartHandled, PartVerified, PartReviewed, PartFlagged, PartConfirmed, PartWriteOff, PartApproved},
	own: Case.behindWriteOff,
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: []string{"written_off", "counts_on"}},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 2000},
	},
	check: nothingMore,
	effect: func(m *move) {
		m.met(ActDecideObjection)
		m.part(PartApproved)
		if m.act.Values.Get("result") == "counts_on" {
			m.countOn()
			return
		}
		m.uphold()
	},
}

// countOn ends the write-off by the rater's objection, with a reversal where it was in force already.
func (m *move) countOn() {
	if m.c.WrittenOff() {
		m.c.WriteOff.SetAside = "objection"
		m.reverse()
		return
	}
	m.enter(TrackWriteOff, StageRefused)
	m.tellRated()
}

// uphold puts the write-off in force, unless it is, once nobody objects any more. The level above looks
// at every malicious one and at a sample of the mistaken ones (R53): after the rater was heard, so that it
// sees the objection too.
func (m *move) uphold() {
	if !m.c.WrittenOff() {
		m.writeOff()
	}
	if !m.sampled() {
		m.enter(TrackWriteOff, StageEffective)
		return
	}
	m.enter(TrackWriteOff, StageSampled)
	m.await(ActReviewWriteOff)
}

// reverse counts the rating again.
func (m *move) reverse() {
	m.c.WriteOff.ReversedAt = m.at
	m.book(Entry{Kind: EntryReversal, Sign: 1, To: m.c.Rated})
	m.enter(TrackWriteOff, StageReversed)
	if m.c.WriteOff.Voided {
		m.orderAgain(AgainReversed)
	}
	m.tellRated()
	m.event.Notify = append(m.event.Notify, Seat{Supervisor, m.c.Authority})
}

// writeOff takes the rating out of the figures: a compensating entry, the end of what the order asked of
// the unit, and no measure against anybody for this rating.
func (m *move) writeOff() {
	m.c.WriteOff.EffectiveAt = m.at
	m.book(Entry{Kind: EntryWriteOff, Sign: -1, From: m.c.Rated})
	m.tellRated()
	m.voidOrder()
	m.voidMeasures("written_off", func(g Ground) bool { return g.Reason != "pressure" })
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
		m.reverse()
	},
}
