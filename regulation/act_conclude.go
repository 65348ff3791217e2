package regulation

import "slices"

// releaseReply releases the reply to the citizen; the authority may edit the unit's draft
// (R29, R34). The survey opens with it (R27).
var releaseReply = Spec{
	Kind: ActReleaseReply, Clause: ClauseVerify, Side: SideAuthority, Roles: []Role{Supervisor}, Days: ReplyDays,
	Not:    []Part{PartHandled},
	Fields: []Field{{Name: "reply", Type: TypeLong, Required: true, Max: 2000}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActReleaseReply)
		m.part(PartReply)
		m.c.Reply.Text, m.c.Reply.ReleasedAt = m.text("reply"), m.at
		m.c.Phase = PhaseSurvey
		m.c.Survey = Survey{State: "open"}
		m.openSurvey()
	},
}

// toReply waits for the reply's release; an interim reply that is still owed has no object any
// more.
func (m *move) toReply() {
	m.drop(ActInterimReply)
	m.dropExtension()
	m.c.Phase = PhaseReply
	m.await(ActReleaseReply)
}

// openSurvey waits for the citizen; when the days have passed, silence is "unanswered".
func (m *move) openSurvey() {
	d := m.arm(Deadline{Kind: DeadlineSurvey, Act: ActAnswerSurvey}, m.dueIn(SurveyDays))
	m.waitFor(ActAnswerSurvey, d)
}

// answerSurvey is the citizen's answer after conclusion, by receipt (R27), with R58's question.
var answerSurvey = Spec{
	Kind: ActAnswerSurvey, Clause: ClauseVerify, Side: SideRater, Roles: []Role{Citizen},
	Fields: []Field{
		{Name: "grade", Type: TypeChoice, Required: true, Options: []string{"1", "2", "3", "4", "5"}},
		{Name: "resolved", Type: TypeYesNo, Required: true},
		{Name: "pressed", Type: TypeYesNo},
		{Name: "text", Type: TypeLong, Max: 500},
	},
	check: nothingMore,
	effect: func(m *move) {
		m.met(ActAnswerSurvey)
		grade, _ := ParseGrade(m.act.Values.Get("grade"))
		m.c.Survey = Survey{State: "answered", Grade: grade, Resolved: m.act.Values.Get("resolved"), At: m.at, Text: m.text("text")}
		m.notePressure()
		if !m.dissatisfied(grade.Bad() || m.c.Survey.Resolved == "no") {
			m.toCallback()
		}
	},
}

// recheck is the manual re-check by somebody who neither handled nor verified the case, nor judged its
// rectification, nor released the reply: on the short way the reply is all there is to check (R28).
var recheck = Spec{
	Kind: ActRecheck, Clause: ClauseVerify, Side: SideAuthority, Roles: []Role{Verifier, Supervisor}, Days: RecheckDays,
	Not: []Part{PartHandled, PartVerified, PartJudged, PartReply},
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: []string{"passed", "sent_back"}},
		{Name: "remarks", Type: TypeLong, Max: 1000},
	},
	check: func(m *move) *Error {
		if m.act.Values.Get("result") == "sent_back" && m.act.Values.Get("remarks") == "" {
			return refuse(Invalid, "", "fields").Field("remarks", "required_when_sent_back")
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActRecheck)
		m.c.Rechecks++
		switch {
		case m.act.Values.Get("result") == "passed":
			m.c.Phase = PhaseClosing
			m.await(ActClose)
		case m.strayed():
			m.orderAgain(AgainReattributed)
		case !m.c.Clock.AcceptedAt.IsZero() && !m.c.WrittenOff(): // nothing is asked of the unit any more
			m.toAcceptance()
		default:
			m.toReply()
		}
	},
}

// strayed tells whether the unit that rectified is one to which the rating was wrongly attributed: what is
// wrong with its work is no longer its own to put right.
func (m *move) strayed() bool {
	formerly := func(r Rated) bool { return r.Unit == m.c.Unit }
	return !m.c.Clock.AcceptedAt.IsZero() && !m.c.WrittenOff() && m.c.Unit != m.c.Rated.Unit && slices.ContainsFunc(m.c.Former, formerly)
}

// MatterStatuses are how the matter itself (办件) may stand (R32).
var MatterStatuses = []string{"waiting", "in_progress", "concluded", "no_matter"}

// closeCase closes the case. No case closes without a callback record or a recorded exemption,
// and none without a reply (R29).
var closeCase = Spec{
	Kind: ActClose, Clause: ClauseVerify, Side: SideAuthority, Roles: []Role{Supervisor}, Days: CloseDays,
	Fields: []Field{
		{Name: "matter_status", Type: TypeChoice, Required: true, Options: MatterStatuses},
		{Name: "summary", Type: TypeLong, Max: 1000},
	},
	check: func(m *move) *Error {
		switch {
		case !m.c.Callback.Done(m.rules.Params), !m.c.Closing.Done(m.rules.Params):
			return refuse(NotNow, "", "callback_not_settled", CallbackClerk)
		case m.c.Reply.ReleasedAt.IsZero():
			return refuse(NotNow, "", "no_reply", Supervisor)
		case m.c.unfinished() != "":
			return m.trackOpen()
		case m.c.Matter.AtRating != "" && m.act.Values.Get("matter_status") == "no_matter":
			return refuse(Invalid, "", "fields").Field("matter_status", "matter_is_bound")
		}
		return nil
	},
	effect: func(m *move) {
		m.met(ActClose)
		m.c.Matter.AtClosing = m.act.Values.Get("matter_status")
		m.c.Phase, m.c.ConcludedAt = PhaseClosed, m.at
	},
}

// trackOpen says which procedure beside the main line keeps the case from closing, and before
// whom it lies.
func (m *move) trackOpen() *Error {
	track := m.c.unfinished()
	err := refuse(NotNow, "", "track_open_"+string(track))
	for _, a := range m.c.Awaiting {
		if specByKind[a.Act].Track == track {
			err.Who = append(err.Who, RolesOf(a.Seats)...)
		}
	}
	return err
}
