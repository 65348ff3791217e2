package regulation

import "time"

// Credit is a paper referral of a malicious rating to the credit record (8(5), R46). Off by default:
// the national catalogue of public credit information of 2024 takes no entry that no law or
// administrative regulation provides for, and the product sends nothing to anybody.
type Credit struct {
	ProposedAt  time.Time `json:"proposed_at,omitzero"`
	ProposedBy  string    `json:"proposed_by,omitempty"`
	LegalBasis  TextRef   `json:"legal_basis,omitzero"`
	ObjectedAt  time.Time `json:"objected_at,omitzero"` // zero after the days: nothing was said
	Objection   TextRef   `json:"objection,omitzero"`
	ApprovedBy  string    `json:"approved_by,omitempty"`
	ConfirmedBy string    `json:"confirmed_by,omitempty"`
	ReferredAt  time.Time `json:"referred_at,omitzero"`
}

// CreditResults are what each of the two approvals may say.
var CreditResults = []string{"approved", "refused"}

// proposeCredit needs two people's finding of malice from the closed list, a write-off in force that
// the level above has looked at, a rater whom the vault knows by name, and a legal basis (R46). The rater
// reads legal basis and reasons before anybody approves.
var proposeCredit = Spec{
	Kind: ActProposeCredit, Clause: ClauseCredit, Side: SideAuthority, Roles: []Role{Supervisor}, Track: TrackCredit,
	Not: []Part{PartHandled},
	Fields: []Field{
		{Name: FieldLegalBasis, Type: TypeLong, Required: true, Max: 500},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 4000},
		{Name: "files", Type: TypeFiles},
	},
	check: creditAllowed,
	effect: func(m *move) {
		m.c.Credit = Credit{ProposedAt: m.at, ProposedBy: m.actor.Person, LegalBasis: m.text(FieldLegalBasis)}
		m.part(PartCredit)
		m.enter(TrackCredit, StageObjection)
		m.event.Notify = append(m.event.Notify, Seat{Role: Citizen})
		m.offer(ActObjectCredit, true)
	},
}

func creditAllowed(m *move) *Error {
	w := m.c.WriteOff
	switch {
	case m.rules.Params.Days(CreditReferral) == 0:
		return refuse(NotNow, "", "credit_off")
	case m.c.Stage(TrackMalice) != StageConfirmed:
		return refuse(NotNow, "", "malice_not_confirmed", Verifier, AuthorityHead)
	case w.Kind != "malicious" || !m.c.WrittenOff() || m.c.Running(TrackWriteOff):
		return refuse(NotNow, "", "write_off_not_settled", Supervisor)
	}
	return raterKnown(m.c)
}

// raterKnown refuses a referral of somebody whom nothing identifies: it would be of nobody, and nobody
// could be told and object.
func raterKnown(c *Case) *Error {
	switch {
	case !c.Contactable:
		return refuse(NotNow, "", "rater_unknown")
	case !c.Named:
		return refuse(NotNow, "", "rater_unnamed")
	}
	return nil
}

// creditApprovable lets each of the two approvals refuse at any time, and approve only while the rater is
// known: they may have had their contact erased since (R59).
func creditApprovable(m *move) *Error {
	if m.act.Values.Get("result") != "approved" {
		return nil
	}
	return raterKnown(m.c)
}

// objectCredit is the rater's word against it, by receipt. It is before those who approve; silence
// is no consent, the approvals follow either way.
var objectCredit = Spec{
	Kind: ActObjectCredit, Clause: ClauseCredit, Side: SideRater, Roles: []Role{Citizen}, Days: ObjectionDays,
	Track:  TrackCredit,
	Fields: []Field{{Name: "objection", Type: TypeLong, Required: true, Max: 2000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActObjectCredit)
		m.c.Credit.ObjectedAt, m.c.Credit.Objection = m.at, m.text("objection")
		m.toCreditApproval()
	},
	silence: func(m *move) { m.toCreditApproval() },
}

func (m *move) toCreditApproval() {
	m.enter(TrackCredit, StageApproval)
	m.await(ActApproveCredit)
}

// againstCredit bars everybody who had a hand in the finding from both approvals.
var againstCredit = []Part{PartHandled, PartVerified, PartReviewed, PartFlagged, PartConfirmed, PartCredit, PartFirst}

// approveCredit is the first of two approvals: the authority's head.
var approveCredit = Spec{
	Kind: ActApproveCredit, Clause: ClauseCredit, Side: SideAuthority, Roles: []Role{AuthorityHead}, Days: CreditDays,
	Track: TrackCredit, Not: againstCredit,
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: CreditResults},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 2000},
	},
	check: creditApprovable,
	effect: func(m *move) {
		m.met(ActApproveCredit)
		m.part(PartFirst)
		if m.refusedCredit() {
			return
		}
		m.c.Credit.ApprovedBy = m.actor.Person
		m.enter(TrackCredit, StageSecond)
		m.await(ActConfirmCredit)
	},
}

// confirmCredit is the second approval, one level up. What is approved twice goes on paper; no
// interface hands it over.
var confirmCredit = Spec{
	Kind: ActConfirmCredit, Clause: ClauseCredit, Side: SideAuthority, Roles: []Role{Supervisor}, Days: CreditDays,
	Track: TrackCredit, Above: true, Not: againstCredit,
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: CreditResults},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 2000},
	},
	check: creditApprovable,
	effect: func(m *move) {
		m.met(ActConfirmCredit)
		if m.refusedCredit() {
			return
		}
		m.c.Credit.ConfirmedBy, m.c.Credit.ReferredAt = m.actor.Person, m.at
		m.enter(TrackCredit, StageReferred)
		m.event.Notify = append(m.event.Notify, Seat{Role: Citizen}, Seat{Supervisor, m.c.Authority})
	},
}

// refusedCredit ends the referral where an approval is refused; the rater is told.
func (m *move) refusedCredit() bool {
	if m.act.Values.Get("result") != "refused" {
		return false
	}
	m.enter(TrackCredit, StageRefused)
	m.event.Notify = append(m.event.Notify, Seat{Role: Citizen}, Seat{Supervisor, m.c.Authority})
	return true
}
