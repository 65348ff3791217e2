package regulation

import "time"

// Appeal is the rated side's dispute of a bad rating before the authority of the same level
// (9(2), R52). Each rated side has one.
type Appeal struct {
	By        string    `json:"by,omitempty"`
	As        Seat      `json:"as,omitzero"` // for the unit, or for the person rated
	LodgedAt  time.Time `json:"lodged_at,omitzero"`
	Grounds   string    `json:"grounds,omitempty"`
	Text      TextRef   `json:"text,omitzero"`
	Result    string    `json:"result,omitempty"` // mistaken, malicious, dismissed, withdrawn, moot
	DecidedAt time.Time `json:"decided_at,omitzero"`
	DecidedBy string    `json:"decided_by,omitempty"`
	Reasons   TextRef   `json:"reasons,omitzero"`
}

// AppealGrounds are what an appeal may rest on.
var AppealGrounds = []string{"wrong_person", "wrong_matter", "not_our_service", "facts_untrue", "rater_error", "malice", "other"}

// AppealResults are what the authority may decide.
var AppealResults = []string{"mistaken", "malicious", "dismissed"}

// lodgeAppeal is open to the person rated and to the head of the rated unit, for their own case,
// from service of the notice until the window closes, once.
var lodgeAppeal = Spec{
	Kind: ActLodgeAppeal, Clause: ClauseRights, Side: SideRated, Roles: []Role{WindowStaff, UnitHead}, Track: TrackAppeal,
	Fields: []Field{
		{Name: "grounds", Type: TypeChoice, Required: true, Options: AppealGrounds},
		{Name: "account", Type: TypeLong, Required: true, Max: 4000},
		{Name: "files", Type: TypeFiles},
	},
	check: func(m *move) *Error {
		switch n := m.c.Notice; {
		case n.ServedAt.IsZero():
			return refuse(NotNow, "", "notice_not_served")
		case m.at.After(n.AppealUntil):
			err := refuse(NotNow, "", "appeal_window_closed")
			err.Until = n.AppealUntil
			return err
		}
		return nil
	},
	effect: func(m *move) {
		m.handled()
		m.c.Appeal = Appeal{By: m.actor.Person, As: Seat{m.actor.As.Role, m.actor.As.Org}, LodgedAt: m.at,
			Grounds: m.act.Values.Get("grounds"), Text: m.text("account")}
		m.enter(TrackAppeal, StageReview)
		m.await(ActDecideAppeal)
		m.pauseForAppeal()
	},
}

// withdrawAppeal ends the appeal without a decision; there is no second one. It is open as long as the
// appeal looks open to the rated side, also while a second person looks at a finding of malice: a shut
// one would tell of that (R46). The finding goes on without it: preventing malice is the authority's own
// duty (7(2)), and it writes nothing off by itself.
var withdrawAppeal = Spec{
	Kind: ActWithdrawAppeal, Clause: ClauseRights, Side: SideRated, Roles: []Role{WindowStaff, UnitHead}, Track: TrackAppeal,
	Fields: []Field{{Name: "reason", Type: TypeLong, Max: 500}},
	check: func(m *move) *Error {
		if m.actor.Person != m.c.Appeal.By {
			return refuse(NotPermitted, "", "only_who_lodged", m.c.Appeal.As.Role)
		}
		return nil
	},
	effect: func(m *move) {
		m.drop(ActDecideAppeal)
		m.c.Appeal.DecidedBy, m.c.Appeal.Reasons = "", TextRef{} // of a review that is not needed any more
		m.endAppeal("withdrawn", StageWithdrawn)
	},
}

// decideAppeal is the review by the authority of the same level, one level up where that
// authority is rated itself or has nobody left (R52). A rating is mistaken or malicious only
// after it was verified (R26).
var decideAppeal = Spec{
	Kind: ActDecideAppeal, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{Supervisor}, Days: AppealReviewDays,
	Track: TrackAppeal, Not: []Part{PartHandled, PartVerified, PartJudged},
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: AppealResults},
		{Name: "ground", Type: TypeChoice, Options: MaliceGrounds},
		{Name: "reasons", Type: TypeLong, Required: true, Max: 4000},
		{Name: "files", Type: TypeFiles},
	},
	check: func(m *move) *Error {
		result := m.act.Values.Get("result")
		switch {
		case m.c.Finding.Kind == "" && result != "dismissed":
			return refuse(NotNow, "", "no_finding_yet", Verifier)
		case result == "malicious" && m.act.Values.Get("ground") == "":
			return refuse(Invalid, "", "fields").Field("ground", "required_when_malicious")
		case result == "malicious" && m.c.writeOffApproved() && m.c.WriteOff.Kind != "malicious":
			return refuse(NotNow, "", "write_off_approved")
		case result == "mistaken", result == "dismissed":
			return m.againstMalice()
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActDecideAppeal)
		m.part(PartReviewed)
		m.c.Appeal.Reasons = m.text("reasons")
		switch result := m.act.Values.Get("result"); result {
		case "dismissed":
			m.endAppeal(result, StageDismissed)
		case "mistaken":
			m.endAppeal(result, StageUpheld)
			m.proposeWriteOff("mistaken", "appeal", m.actor.Person)
		default:
			m.c.Appeal.DecidedBy = m.actor.Person
			m.enter(TrackAppeal, StageFinding)
			m.malicious()
		}
	},
}

// againstMalice refuses a decision beside what two people find of the rating: while the second looks at it,
// and once both have found malice (R26).
func (m *move) againstMalice() *Error {
	switch m.c.Stage(TrackMalice) {
	case StageConfirmation:
		return m.maliceUndecided()
	case StageConfirmed:
		return refuse(Invalid, "", "fields").Field("result", "malice_confirmed")
	}
	return nil
}

// endAppeal records the outcome and tells the rated side; stopped days go on.
func (m *move) endAppeal(result string, stage Stage) {
	a := &m.c.Appeal
	a.Result, a.DecidedAt = result, m.at
	if a.DecidedBy == "" {
		a.DecidedBy = m.actor.Person
	}
	m.enter(TrackAppeal, stage)
	m.resume()
	m.tellRated()
}

// tellRated tells the head of the rated unit and the person rated, as the notice did.
func (m *move) tellRated() {
	m.event.Notify = append(m.event.Notify, Seat{UnitHead, m.c.Rated.Unit})
	m.event.NotifyStaff = m.c.Rated.Staff
}
