package regulation

import "haochaping/workday"

// CallbackResults are the outcomes of one call.
var CallbackResults = []string{"reached", "no_answer", "call_later", "declined", "wrong_number"}

// ExemptReasons are the grounds on which a callback is exempt; they are on record and the
// callback rate is told with and without them (R29).
var ExemptReasons = []string{ExemptNoContact, "declined", "number_wrong", ExemptAskedNot}

// Why nobody calls a rater at all, in this round or a later one.
const (
	ExemptNoContact = "no_contact"
	ExemptAskedNot  = "asked_not_to_be_called"
)

// Exhausted tells whether enough attempts were made on enough days (R23: at least 3 on 2 days).
func (c Callback) Exhausted(p Params) bool {
	var dates []string
	for _, a := range c.Attempts {
		if !contains(dates, a.Date) {
			dates = append(dates, a.Date)
		}
	}
	return len(c.Attempts) >= p.Days(CallbackAttempts) && len(dates) >= p.Days(CallbackDates)
}

// Done tells whether a round of calls is settled: reached, exhausted or exempt.
func (c Callback) Done(p Params) bool { return c.Reached || c.Exempt != "" || c.Exhausted(p) }

// recordCallback records one attempt to call the rater back during verification (R23).
var recordCallback = Spec{
	Kind: ActRecordCallback, Clause: ClauseVerify, Side: SideAuthority, Roles: []Role{CallbackClerk}, Days: VerificationDays,
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: CallbackResults},
		{Name: "pressed", Type: TypeYesNo},
		{Name: "statement", Type: TypeLong, Max: 2000},
		{Name: "recording", Type: TypeText, Max: 64},
	},
	check: func(m *move) *Error {
		if m.c.Callback.Done(m.rules.Params) {
			return refuse(NotNow, "", "callback_done")
		}
		if m.act.Values.Get("result") == "reached" && m.act.Values.Get("statement") == "" {
			return refuse(Invalid, "", "fields").Field("statement", "required_when_reached")
		}
		return nil
	},
	effect: func(m *move) {
		m.c.Callback.Attempts = append(m.c.Callback.Attempts, m.attempt())
		m.c.Callback.Reached = m.act.Values.Get("result") == "reached"
		m.notePressure()
		if m.c.Callback.Done(m.rules.Params) {
			m.met(ActRecordCallback)
		}
	},
}

func (m *move) attempt() Attempt {
	return Attempt{Date: workday.DateOf(m.at).String(), Result: m.act.Values.Get("result"), By: m.actor.Person}
}

// exemptCallback records why a rater is not called, in verification or before closing (R29).
var exemptCallback = Spec{
	Kind: ActExemptCallback, Clause: ClauseVerify, Side: SideAuthority, Roles: []Role{Supervisor},
	Fields: []Field{
		{Name: "reason", Type: TypeChoice, Required: true, Options: ExemptReasons},
		{Name: "explanation", Type: TypeLong, Required: true, Max: 500},
	},
	check: func(m *move) *Error {
		if m.round().Done(m.rules.Params) {
			return refuse(NotNow, "", "callback_done")
		}
		if m.c.Contactable && m.act.Values.Get("reason") == ExemptNoContact {
			return refuse(Invalid, "", "fields").Field("reason", "contact_is_known")
		}
		return nil
	},
	effect: func(m *move) {
		m.round().Exempt = m.act.Values.Get("reason")
		if m.c.Phase == PhaseVerification {
			m.met(ActRecordCallback)
			return
		}
		m.met(ActClosingCallback)
		m.toRecheck()
	},
}

// round is the round of calls that the phase is in.
func (m *move) round() *Callback {
	if m.c.Phase == PhaseVerification {
		return &m.c.Callback
	}
	return &m.c.Closing
}

// closingCallback is the call after the reply (R28). It asks whether the reply arrived, whether
// the matter is settled, and whether anybody pressed or punished the rater (R58).
var closingCallback = Spec{
	Kind: ActClosingCallback, Clause: ClauseVerify, Side: SideAuthority, Roles: []Role{CallbackClerk}, Days: ClosingDays,
	Fields: []Field{
		{Name: "result", Type: TypeChoice, Required: true, Options: CallbackResults},
		{Name: "reply_received", Type: TypeYesNo},
		{Name: "settled", Type: TypeYesNo},
		{Name: "pressed", Type: TypeYesNo},
		{Name: "statement", Type: TypeLong, Max: 2000},
		{Name: "recording", Type: TypeText, Max: 64},
	},
	check: func(m *move) *Error {
		if m.act.Values.Get("result") != "reached" {
			return nil
		}
		err := refuse(Invalid, "", "fields")
		for _, name := range []string{"reply_received", "settled", "pressed"} {
			if m.act.Values.Get(name) == "" {
				err.Field(name, "required_when_reached")
			}
		}
		if err.Fields == nil {
			return nil
		}
		return err
	},
	effect: func(m *move) {
		m.c.Closing.Attempts = append(m.c.Closing.Attempts, m.attempt())
		m.c.Closing.Reached = m.act.Values.Get("result") == "reached"
		m.notePressure()
		if !m.c.Closing.Done(m.rules.Params) {
			return
		}
		m.met(ActClosingCallback)
		if !m.dissatisfied(m.act.Values.Get("settled") == "no") {
			m.toRecheck()
		}
	},
}

// toCallback begins a round of calls about the reply just released; an earlier round was about
// an earlier reply.
func (m *move) toCallback() {
	exempt := m.c.lastingExemption()
	m.c.Closing = Callback{Exempt: exempt}
	if exempt != "" {
		m.event.Data["callback_exempt"] = exempt
		m.toRecheck()
		return
	}
	m.c.Phase = PhaseCallback
	m.await(ActClosingCallback)
}

// lastingExemption is a ground that holds for every later call too, or "".
func (c Case) lastingExemption() string {
	for _, reason := range []string{c.Closing.Exempt, c.Callback.Exempt} {
		if reason == ExemptNoContact || reason == ExemptAskedNot {
			return reason
		}
	}
	if !c.Contactable {
		return ExemptNoContact
	}
	return ""
}

func (m *move) toRecheck() {
	m.c.Phase = PhaseRecheck
	m.await(ActRecheck)
}
