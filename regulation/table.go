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
	{PhaseSurvey, ActAnswerSurvey, PhaseDispatch, "dissatisfied, once"},
	{PhaseCallback, ActClosingCallback, PhaseCallback, "not reached, attempts left"},
	{PhaseCallback, ActClosingCallback, PhaseRecheck, "reached or exhausted"},
	{PhaseCallback, ActClosingCallback, PhaseDispatch, "not settled, once"},
	{PhaseCallback, ActExemptCallback, PhaseRecheck, ""},
	{PhaseRecheck, ActRecheck, PhaseClosing, "passed"},
	{PhaseRecheck, ActRecheck, PhaseAcceptance, "sent back, rectified case"},
	{PhaseRecheck, ActRecheck, PhaseReply, "sent back, short way"},
	{PhaseRecheck, ActRecheck, PhaseDispatch, "sent back, reattributed since to another unit"},
	{PhaseClosing, ActClose, PhaseClosed, ""},
	{PhaseClosing, ActClose, PhaseAfter, "a procedure beside the main line is still open"},
	{PhaseClosed, ActFollowUp, PhaseClosed, "satisfied, or nothing more inside the procedure"},
	{PhaseClosed, ActFollowUp, PhaseDispatch, "dissatisfied, once"},
	{PhaseClosed, ActFollowUp, PhaseAfter, "dissatisfied again, or pressed"},
	{PhaseAfter, ActFollowUp, PhaseAfter, ""},
	{PhaseAfter, ActFollowUp, PhaseDispatch, "dissatisfied, once"},
}

// beforeReply are the phases in which the reply to the citizen is still to come.
var beforeReply = []Phase{PhaseOpened, PhaseVerification, PhaseDispatch, PhaseSigning, PhasePlanning, PhaseRectification, PhaseAcceptance}

// verified are the phases after the finding.
var verified = []Phase{PhaseDispatch, PhaseSigning, PhasePlanning, PhaseRectification, PhaseAcceptance, PhaseReply,
	PhaseSurvey, PhaseCallback, PhaseRecheck, PhaseClosing, PhaseAfter, PhaseClosed}

// accepted are the phases in which somebody looks at the case, or has.
var accepted = append([]Phase{PhaseVerification}, verified...)

// TrackTable is when the acts beside the main line are open.
var TrackTable = []TrackMove{
	{Track: TrackAppeal, From: "", Act: ActLodgeAppeal, To: StageReview, When: "notice served, within the window"},
	{Track: TrackAppeal, From: StageReview, Act: ActWithdrawAppeal, To: StageWithdrawn},
	{Track: TrackAppeal, From: StageFinding, Act: ActWithdrawAppeal, To: StageWithdrawn},
	{Track: TrackAppeal, From: StageReview, Act: ActDecideAppeal, To: StageDismissed, When: "dismissed"},
	{Track: TrackAppeal, From: StageReview, Act: ActDecideAppeal, To: StageUpheld, When: "mistaken: a write-off is proposed"},
	{Track: TrackAppeal, From: StageReview, Act: ActDecideAppeal, To: StageFinding, When: "malicious: a second person confirms"},

	{Track: TrackWriteOff, From: "", Act: ActProposeWriteOff, To: StageApproval, When: "without an appeal, where the edition allows it", In: verified},
	{Track: TrackWriteOff, From: StageApproval, Act: ActApproveWriteOff, To: StageTelling, When: "the rater is to be called"},
	{Track: TrackWriteOff, From: StageApproval, Act: ActApproveWriteOff, To: StageObjection, When: "nobody to be called: the receipt page tells"},
	{Track: TrackWriteOff, From: StageApproval, Act: ActApproveWriteOff, To: StageInForce, When: "the rater is exempt", Main: "to reply"},
	{Track: TrackWriteOff, From: StageApproval, Act: ActRefuseWriteOff, To: StageRefused},
	{Track: TrackWriteOff, From: StageTelling, Act: ActTellRater, To: StageTelling, When: "not reached, attempts left"},
	{Track: TrackWriteOff, From: StageTelling, Act: ActTellRater, To: StageObjection, When: "reached or exhausted"},
	{Track: TrackWriteOff, From: StageTelling, Act: ActObjectWriteOff, To: StageObjected, When: "read it on the receipt page"},
	{Track: TrackWriteOff, From: StageObjection, Act: ActObjectWriteOff, To: StageObjected},
	{Track: TrackWriteOff, From: StageInForce, Act: ActObjectWriteOff, To: StageObjected, When: "afterwards, the rater was exempt"},
	{Track: TrackWriteOff, From: StageObjected, Act: ActDecideObjection, To: StageEffective, Main: "to reply"},
	{Track: TrackWriteOff, From: StageObjected, Act: ActDecideObjection, To: StageSampled, When: "sampled", Main: "to reply"},
	{Track: TrackWriteOff, From: StageObjected, Act: ActDecideObjection, To: StageRefused, When: "counts on"},
	{Track: TrackWriteOff, From: StageObjected, Act: ActDecideObjection, To: StageReversed, When: "counts on, it was in force", Main: "to dispatch, where it ended an order"},
	{Track: TrackWriteOff, From: StageSampled, Act: ActReviewWriteOff, To: StageConfirmed},
	{Track: TrackWriteOff, From: StageSampled, Act: ActReviewWriteOff, To: StageReversed, Main: "to dispatch, where it ended an order"},

	{Track: TrackMalice, From: "", Act: ActFlagMalice, To: StageConfirmation, In: verified},
	{Track: TrackMalice, From: StageConfirmation, Act: ActConfirmMalice, To: StageConfirmed},
	{Track: TrackMalice, From: StageConfirmation, Act: ActRejectMalice, To: StageRejected},

	{Track: TrackCredit, From: "", Act: ActProposeCredit, To: StageObjection, When: "where the edition allows it", In: verified},
	{Track: TrackCredit, From: StageObjection, Act: ActObjectCredit, To: StageApproval},
	{Track: TrackCredit, From: StageApproval, Act: ActApproveCredit, To: StageSecond, When: "approved"},
	{Track: TrackCredit, From: StageApproval, Act: ActApproveCredit, To: StageRefused, When: "refused"},
	{Track: TrackCredit, From: StageSecond, Act: ActConfirmCredit, To: StageReferred, When: "approved, one level up"},
	{Track: TrackCredit, From: StageSecond, Act: ActConfirmCredit, To: StageRefused, When: "refused"},

	{Track: TrackReattribution, From: "", Act: ActProposeReattribution, To: StageApproval, In: accepted},
	{Track: TrackReattribution, From: StageDone, Act: ActProposeReattribution, To: StageApproval, In: accepted},
	{Track: TrackReattribution, From: StageRefused, Act: ActProposeReattribution, To: StageApproval, In: accepted},
	{Track: TrackReattribution, From: StageApproval, Act: ActApproveReattribution, To: StageDone, Main: "to dispatch, where the former unit has the order"},
	{Track: TrackReattribution, From: StageApproval, Act: ActRefuseReattribution, To: StageRefused},

	{Track: TrackExtension, From: "", Act: ActRequestExtension, To: StageApproval, When: "where the edition allows it", In: extensible},
	{Track: TrackExtension, From: StageApproval, Act: ActApproveExtension, To: StageGranted},
	{Track: TrackExtension, From: StageApproval, Act: ActRefuseExtension, To: StageRefused},

	{Track: TrackAccountability, From: "", Act: ActReferAccountability, To: StageStatement, In: verified},
	{Track: TrackAccountability, From: StageFinal, Act: ActReferAccountability, To: StageStatement},
	{Track: TrackAccountability, From: StageDropped, Act: ActReferAccountability, To: StageStatement},
	{Track: TrackAccountability, From: StageRevoked, Act: ActReferAccountability, To: StageStatement},
	{Track: TrackAccountability, From: StageStatement, Act: ActGiveStatement, To: StageDecision},
	{Track: TrackAccountability, From: StageDecision, Act: ActDecideAccountability, To: StageInForce, When: "criticism"},
	{Track: TrackAccountability, From: StageDecision, Act: ActDecideAccountability, To: StageReferred, When: "competent body"},
	{Track: TrackAccountability, From: StageDecision, Act: ActDecideAccountability, To: StageRecommended, When: "change of post"},
	{Track: TrackAccountability, From: StageDecision, Act: ActDecideAccountability, To: StageDropped, When: "no measure"},
	{Track: TrackAccountability, From: StageReferred, Act: ActRecordBody, To: StageInForce},
	{Track: TrackAccountability, From: StageRecommended, Act: ActAnswerRecommendation, To: StageInForce},
	{Track: TrackAccountability, From: StageInForce, Act: ActRequestReview, To: StageReview},
	{Track: TrackAccountability, From: StageReview, Act: ActDecideReview, To: StageFinal, When: "upheld"},
	{Track: TrackAccountability, From: StageReview, Act: ActDecideReview, To: StageRevoked, When: "revoked"},
	{Track: TrackAccountability, From: StageInForce, Act: ActRevokeAccountability, To: StageRevoked},
	{Track: TrackAccountability, From: StageFinal, Act: ActRevokeAccountability, To: StageRevoked},

	{Track: TrackInvestigation, From: "", Act: ActReportPressure, To: StageInquiry},
	{Track: TrackInvestigation, From: StageDone, Act: ActReportPressure, To: StageInquiry},
	{Track: TrackInvestigation, From: StageInquiry, Act: ActRecordInvestigation, To: StageDone},

	{Track: TrackUpperReview, From: StageInquiry, Act: ActReviewCase, To: StageDone, Main: "to dispatch, where another order is due"},
}

// OpenIn lists the acts that the tables open on a case now, the main line's first.
func OpenIn(c Case) []ActKind {
	var kinds []ActKind
	for _, t := range Table {
		if t.From == c.Phase && !contains(kinds, t.Act) {
			kinds = append(kinds, t.Act)
		}
	}
	for _, t := range TrackTable {
		if t.opens(c) && !contains(kinds, t.Act) {
			kinds = append(kinds, t.Act)
		}
	}
	return kinds
}

// inTable tells whether a row of a table leads from the case before an act to the case after it.
func inTable(before Case, act ActKind, after Case) bool {
	for _, t := range Table {
		if t.From == before.Phase && t.Act == act && t.To == after.Phase {
			return true
		}
	}
	for _, t := range TrackTable {
		if t.Act == act && t.opens(before) && t.To == after.Tracks[t.Track] {
			return before.Phase == after.Phase || t.Main != "" || after.Phase == PhaseAfter || after.Phase == PhaseClosed
		}
	}
	return false
}
