package regulation

// Transition is one row of the table: in From, Act leads to To. A row with a When names the
// condition, as docs/state-machine.md prints it; the act's effect decides by it.
type Transition struct {
	From Phase
	Act  ActKind
	To   Phase
	When string
}

// Table is when an act is open. Who may do it stands in policies; what it needs stands in the
// act's own file.
var Table = []Transition{
	{PhaseOpened, ActAccept, PhaseVerification, ""},

	{PhaseVerification, ActRecordCallback, PhaseVerification, ""},
	{PhaseVerification, ActExemptCallback, PhaseVerification, ""},
	{PhaseVerification, ActAddEvidence, PhaseVerification, ""},
	{PhaseVerification, ActServeNotice, PhaseVerification, ""},
	{PhaseVerification, ActRecordFinding, PhaseDispatch, "substantiated"},
	{PhaseVerification, ActRecordFinding, PhaseReply, "any other finding"},

	{PhaseDispatch, ActAskConsent, PhaseDispatch, ""},
	{PhaseDispatch, ActAnswerConsent, PhaseDispatch, ""},
	{PhaseDispatch, ActTransfer, PhaseSigning, ""},

	{PhaseSigning, ActSign, PhasePlanning, ""},
	{PhaseSigning, ActReturnOrder, PhaseDispatch, ""},

	{PhasePlanning, ActSubmitPlan, PhaseRectification, ""},
	{PhaseRectification, ActSubmitRectification, PhaseAcceptance, ""},
	{PhaseAcceptance, ActAcceptRectification, PhaseReply, ""},
	{PhaseAcceptance, ActRejectRectification, PhaseRectification, ""},

	{PhaseSigning, ActInterimReply, PhaseSigning, ""},
	{PhasePlanning, ActInterimReply, PhasePlanning, ""},
	{PhaseRectification, ActInterimReply, PhaseRectification, ""},
	{PhaseAcceptance, ActInterimReply, PhaseAcceptance, ""},
	{PhaseDispatch, ActInterimReply, PhaseDispatch, "after a return"},

	{PhaseDispatch, ActWithdrawConsent, PhaseDispatch, ""},
	{PhaseSigning, ActWithdrawConsent, PhaseSigning, ""},
	{PhasePlanning, ActWithdrawConsent, PhasePlanning, ""},
	{PhaseRectification, ActWithdrawConsent, PhaseRectification, ""},
	{PhaseAcceptance, ActWithdrawConsent, PhaseAcceptance, ""},
	{PhaseReply, ActWithdrawConsent, PhaseReply, ""},
	{PhaseSurvey, ActWithdrawConsent, PhaseSurvey, ""},
	{PhaseCallback, ActWithdrawConsent, PhaseCallback, ""},
	{PhaseRecheck, ActWithdrawConsent, PhaseRecheck, ""},
	{PhaseClosing, ActWithdrawConsent, PhaseClosing, ""},

	{PhaseReply, ActReleaseReply, PhaseSurvey, ""},
	{PhaseSurvey, ActAnswerSurvey, PhaseCallback, ""},
	{PhaseSurvey, ActAnswerSurvey, PhaseRecheck, "nobody to be called"},
	{PhaseCallback, ActClosingCallback, PhaseCallback, "not reached, attempts left"},
	{PhaseCallback, ActClosingCallback, PhaseRecheck, "reached or exhausted"},
	{PhaseCallback, ActExemptCallback, PhaseRecheck, ""},
	{PhaseRecheck, ActRecheck, PhaseClosing, "passed"},
	{PhaseRecheck, ActRecheck, PhaseAcceptance, "sent back, rectified case"},
	{PhaseRecheck, ActRecheck, PhaseReply, "sent back, short way"},
	{PhaseClosing, ActClose, PhaseClosed, ""},
}

// OpenIn lists the acts that the table opens in a phase, in the table's order.
func OpenIn(phase Phase) []ActKind {
	var kinds []ActKind
	for _, t := range Table {
		if t.From == phase && !contains(kinds, t.Act) {
			kinds = append(kinds, t.Act)
		}
	}
	return kinds
}

func inTable(from Phase, act ActKind, to Phase) bool {
	for _, t := range Table {
		if t.From == from && t.Act == act && t.To == to {
			return true
		}
	}
	return false
}
