package regulation

import "time"

// Inquiry is the investigation one level up of pressure on the rater or of retaliation (clause 2,
// 9(2), R58).
type Inquiry struct {
	OpenedAt time.Time `json:"opened_at,omitzero"`
	Result   string    `json:"result,omitempty"` // established, not_established, undetermined
	DoneAt   time.Time `json:"done_at,omitzero"`
	By       string    `json:"by,omitempty"`
}

// reportPressure is the rater's own report, by receipt: whoever is pressed need not wait until they are
// asked, from the opening of the case on and after its closing, and again once an inquiry has ended.
var reportPressure = Spec{
	Kind: ActReportPressure, Clause: ClauseRights, Side: SideRater, Roles: []Role{Citizen}, Track: TrackInvestigation,
	Fields: []Field{{Name: "text", Type: TypeLong, Required: true, Max: 1000}},
	check:  nothingMore,
	effect: func(m *move) { m.pressed() },
}

// notePressure takes a yes to R58's question, whoever asked it.
func (m *move) notePressure() {
	if m.act.Values.Yes("pressed") {
		m.pressed()
	}
}

// pressed sends a report of pressure one level up.
func (m *move) pressed() {
	m.c.Pressure = true
	seats, to := m.rules.upperSeats(*m.c, specByKind[ActAccept])
	m.escalate(to, "pressure", ClauseRights, "", seats...)
	m.investigate()
}

// investigate opens the inquiry; one that is open takes the further report too.
func (m *move) investigate() {
	if m.c.Running(TrackInvestigation) {
		return
	}
	m.c.Inquiry = Inquiry{OpenedAt: m.at}
	m.enter(TrackInvestigation, StageInquiry)
	m.await(ActRecordInvestigation)
}

// recordInvestigation ends it. What is established goes to accountability; no grade is changed by
// it, whatever comes out (R58).
var recordInvestigation = Spec{
	Kind: ActRecordInvestigation, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{Supervisor}, Days: InvestigationDays,
	Track: TrackInvestigation, Above: true, Not: []Part{PartHandled, PartVerified, PartJudged},
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: []string{"established", "not_established", "undetermined"}},
		{Name: "account", Type: TypeLong, Required: true, Max: 4000},
		{Name: "measures", Type: TypeLong, Max: 2000},
		{Name: "files", Type: TypeFiles},
	},
	check: nothingMore,
	effect: func(m *move) {
		m.met(ActRecordInvestigation)
		m.c.Inquiry.Result, m.c.Inquiry.DoneAt, m.c.Inquiry.By = m.act.Values.Get("result"), m.at, m.actor.Person
		m.enter(TrackInvestigation, StageDone)
		if m.c.Inquiry.Result == "established" {
			m.escalate("discipline", "pressure", ClauseRights, m.c.Rated.Unit, m.rules.disciplineSeat(*m.c))
			m.holdToAccount("pressure", m.c.Rated.Unit)
		}
	},
}
