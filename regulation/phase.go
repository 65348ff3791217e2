package regulation

// Phase is where a case stands on the main line of clauses 7(2) and 7(3).
type Phase string

const (
	PhaseOpened        Phase = "opened"           // waits to be accepted by the authority
	PhaseVerification  Phase = "verification"     // callback and evidence side by side, until a finding
	PhaseDispatch      Phase = "dispatch"         // consent asked, order to be issued
	PhaseSigning       Phase = "signing"          // the unit signs the order or returns it
	PhasePlanning      Phase = "planning"         // the unit plans its measures
	PhaseRectification Phase = "rectification"    // the unit puts it right, 15 working days from the first order
	PhaseAcceptance    Phase = "acceptance"       // the authority accepts the rectification or returns it
	PhaseReply         Phase = "reply"            // the authority releases the reply to the citizen
	PhaseSurvey        Phase = "survey"           // the citizen is asked whether it is settled
	PhaseCallback      Phase = "closing_callback" // the closing call, with the question of R58
	PhaseRecheck       Phase = "recheck"          // somebody else checks the whole case again
	PhaseClosing       Phase = "closing"          // ready to be closed
	PhaseAfter         Phase = "after_closing"    // closed on the main line; a track beside it is still open
	PhaseClosed        Phase = "closed"
)

// Phases lists the phases in the order of the main line.
var Phases = []Phase{PhaseOpened, PhaseVerification, PhaseDispatch, PhaseSigning, PhasePlanning,
	PhaseRectification, PhaseAcceptance, PhaseReply, PhaseSurvey, PhaseCallback, PhaseRecheck,
	PhaseClosing, PhaseAfter, PhaseClosed}
