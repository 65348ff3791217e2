package regulation

import "time"

// Malice is what two people found of a rating (7(2), 8(5), R26, R46).
type Malice struct {
	Ground     string    `json:"ground,omitempty"`
	FlaggedBy  string    `json:"flagged_by,omitempty"`
	FlaggedAt  time.Time `json:"flagged_at,omitzero"`
	Reasons    TextRef   `json:"reasons,omitzero"`
	DecidedBy  string    `json:"decided_by,omitempty"`
	DecidedAt  time.Time `json:"decided_at,omitzero"`
	FromAppeal bool      `json:"from_appeal,omitempty"`
}

// MaliceGrounds is the closed list of what makes a rating malicious (R46). A low grade, harsh
// words, frequent ratings or a refused callback never do, and stand nowhere in it.
var MaliceGrounds = []string{"extortion", "proven_fabrication", "organised_fakery"}

// flagMalice is the first of two people; only after the rating was verified (R26).
var flagMalice = Spec{
	Kind: ActFlagMalice, Clause: ClauseVerify, Side: SideAuthority, Roles: []Role{Verifier}, Track: TrackMalice,
	Not: []Part{PartHandled},
	Fields: []Field{
		{Name: "ground", Type: TypeChoice, Required: true, Options: MaliceGrounds},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 4000},
		{Name: "files", Type: TypeFiles, Required: true},
	},
	check: func(m *move) *Error {
		switch {
		case m.c.Finding.Kind == "":
			return refuse(NotNow, "", "no_finding_yet", Verifier)
		case m.c.writeOffApproved(): // as a mistake: the rater is told so, and has to be able to rely on it
			return refuse(NotNow, "", "write_off_approved")
		}
		return nil
	},
	effect: func(m *move) { m.flag() },
}

// maliceUndecided refuses what a running finding of malice may contradict: the second person comes first.
func (m *move) maliceUndecided() *Error {
	return refuse(NotNow, "", "malice_undecided", RolesOf(m.rules.seats(*m.c, specByKind[ActConfirmMalice]))...)
}

// flag lays the finding of malice before a second person.
func (m *move) flag() {
	m.c.Malice = Malice{Ground: m.act.Values.Get("ground"), FlaggedBy: m.actor.Person, FlaggedAt: m.at,
		Reasons: m.text("reasons"), FromAppeal: m.c.Running(TrackAppeal)}
	m.part(PartFlagged)
	m.enter(TrackMalice, StageConfirmation)
	m.await(ActConfirmMalice)
}

// malicious has an appeal wait for the second person, or takes the finding that two people have
// made already.
func (m *move) malicious() {
	switch m.c.Stage(TrackMalice) {
	case StageConfirmation:
	case StageConfirmed:
		m.upholdMalice()
	default:
		m.flag()
	}
}

// upholdMalice ends the appeal that waits for the finding of malice.
func (m *move) upholdMalice() {
	m.endAppeal("malicious", StageUpheld)
	m.proposeWriteOff("malicious", "appeal", m.c.Malice.FlaggedBy)
}

// secondPerson bars everybody who had a hand in the finding or in the work that was rated.
var secondPerson = []Part{PartHandled, PartVerified, PartReviewed, PartFlagged}

// confirmMalice is the second person.
var confirmMalice = Spec{
	Kind: ActConfirmMalice, Clause: ClauseCredit, Side: SideAuthority, Roles: []Role{AuthorityHead, Supervisor}, Days: MaliceDays,
	Track: TrackMalice, Not: secondPerson,
	Fields: []Field{{Name: "opinion", Type: TypeLong, Required: true, Max: 2000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActConfirmMalice)
		m.part(PartConfirmed)
		m.c.Malice.DecidedBy, m.c.Malice.DecidedAt = m.actor.Person, m.at
		m.enter(TrackMalice, StageConfirmed)
		if m.c.Stage(TrackAppeal) == StageFinding {
			m.upholdMalice()
		}
		if m.c.Stage(TrackWriteOff) == StageApproval { // proposed as a mistake before
			m.c.WriteOff.Kind = "malicious"
		}
	},
}

// rejectMalice leaves the rating an honest one; an appeal goes back to its review.
var rejectMalice = Spec{
	Kind: ActRejectMalice, Clause: ClauseCredit, Side: SideAuthority, Roles: []Role{AuthorityHead, Supervisor}, Joins: ActConfirmMalice,
	Track: TrackMalice, Not: secondPerson,
	Fields: []Field{{Name: "reasons", Type: TypeLong, Required: true, Max: 2000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActConfirmMalice)
		m.c.Malice.DecidedBy, m.c.Malice.DecidedAt = m.actor.Person, m.at
		m.enter(TrackMalice, StageRejected)
		if m.c.Stage(TrackAppeal) == StageFinding {
			m.c.Appeal.DecidedBy = ""
			m.enter(TrackAppeal, StageReview)
			m.await(ActDecideAppeal)
		}
	},
}
