package regulation

// Findings are the outcomes of verification (R22). Only a substantiated one goes to the unit
// for rectification; the others take the short way and still need a reply.
var Findings = []string{"substantiated", "fixed_at_once", "no_legal_basis", "not_established", "suspected_mistaken", "suspected_malicious"}

// Causes are what went wrong (R24).
var Causes = []string{"efficiency", "attitude", "guide", "discipline", "environment", "delivery", "materials", "fees", "system", "policy", "other"}

// Links are where in the handling it went wrong (环节, R24).
var Links = []string{"consultation", "appointment", "queueing", "acceptance", "correction", "review", "decision", "payment", "delivery", "after_service"}

// AttributedToPerson is the one attribution that counts against a person (R60).
const AttributedToPerson = "person"

// Attributions are what caused it (R60).
var Attributions = []string{AttributedToPerson, "unit", "guide", "system", "other_unit", "courier", "policy"}

// EvidenceKinds are what reconstructs the handling (R25).
var EvidenceKinds = []string{"matter_timeline", "video", "statement", "document", "system_log"}

// addEvidence adds one item to the evidence that reconstructs what happened (R25).
var addEvidence = Spec{
	Kind: ActAddEvidence, Clause: ClauseVerify, Side: SideAuthority, Roles: []Role{Verifier}, Joins: ActRecordFinding,
	Fields: []Field{
		{Name: "kind", Type: TypeChoice, Required: true, Options: EvidenceKinds},
		{Name: "description", Type: TypeLong, Required: true, Max: 2000},
		{Name: "files", Type: TypeFiles},
	},
	check: nothingMore,
	effect: func(m *move) {
		m.c.Evidence++
		m.part(PartVerified)
	},
}

// recordFinding ends verification. It needs the callback settled, cause, link and attribution,
// and evidence or a reason why there is none (R22 to R25, R60). The rated side has its notice
// by now at the latest (R57).
var recordFinding = Spec{
	Kind: ActRecordFinding, Clause: ClauseVerify, Side: SideAuthority, Roles: []Role{Verifier}, Days: VerificationDays,
	Not: []Part{PartHandled},
	Fields: []Field{
		{Name: "finding", Type: TypeChoice, Required: true, Options: Findings},
		{Name: "cause", Type: TypeChoice, Required: true, Options: Causes},
		{Name: "link", Type: TypeChoice, Required: true, Options: Links},
		{Name: "attribution", Type: TypeChoice, Required: true, Options: Attributions},
		{Name: "account", Type: TypeLong, Required: true, Max: 4000},
		{Name: "problem_open", Type: TypeYesNo, Required: true},
		{Name: "no_evidence_reason", Type: TypeLong, Max: 500},
	},
	check: func(m *move) *Error {
		if !m.c.Callback.Done(m.rules.Params) {
			return m.callbackMissing()
		}
		if m.c.Evidence == 0 && m.act.Values.Get("no_evidence_reason") == "" {
			return refuse(Invalid, "", "fields").Field("no_evidence_reason", "evidence_or_reason")
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActRecordFinding)
		m.c.Finding = Finding{Kind: m.act.Values.Get("finding"), Cause: m.act.Values.Get("cause"), Link: m.act.Values.Get("link"),
			Attribution: m.act.Values.Get("attribution"), At: m.at, By: m.actor.Person, Text: m.text("account")}
		m.c.Matter.ProblemOpen = m.act.Values.Yes("problem_open")
		m.part(PartVerified)
		m.serve("finding")
		if m.c.Finding.Kind == "substantiated" {
			m.toDispatch()
			return
		}
		m.toReply()
	},
}

// callbackMissing says what the callback still needs; with enough attempts on one day only,
// the next may be made from the next working day.
func (m *move) callbackMissing() *Error {
	err := refuse(NotNow, "", "callback_not_settled", RolesOf(m.rules.seats(*m.c, recordCallback))...)
	if len(m.c.Callback.Attempts) >= m.rules.Params.Days(CallbackAttempts) {
		err.Missing, err.From = "callback_on_another_day", m.nextOpening()
	}
	return err
}
