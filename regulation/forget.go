package regulation

import "time"

// Forget notes that nothing is kept any more by which the rater could be reached: they had their contact
// erased (9(2), R59). A call that is due can be made by nobody and is due no longer, none is asked for later,
// and why is on record (R29). It returns the case after it, the event, and whether anything happened.
func (r Rules) Forget(c Case, at time.Time) (Case, Event, bool) {
	if !c.Contactable {
		return c, Event{}, false
	}
	m := r.begin(c, at)
	m.event.Kind, m.event.Name, m.event.Clause = EventPeople, "contact_erased", ClauseRights
	m.event.As = Assignment{Role: System}
	m.c.Contactable, m.c.Named = false, false
	m.endCalls()
	return *m.c, m.finish(), true
}

// exemptNoContact notes why nobody calls while the case is verified: there is no way to reach the rater.
func (m *move) exemptNoContact() {
	m.c.Callback.Exempt = ExemptNoContact
	m.event.Data["callback_exempt"] = ExemptNoContact
}

// endCalls takes the case on from each wait for a call.
func (m *move) endCalls() {
	if !m.c.Callback.Done(m.rules.Params) {
		m.exemptNoContact()
		m.drop(ActRecordCallback)
	}
	if m.c.Await(ActAskConsent) != nil {
		m.drop(ActAskConsent)
		m.toDispatch()
	}
	if m.c.Await(ActTellRater) != nil {
		m.drop(ActTellRater)
		m.toObjection(ToldNoContact) // the receipt's page tells of the write-off, from now on alone
	}
	if m.c.Phase == PhaseCallback {
		m.drop(ActClosingCallback)
		m.toCallback()
	}
}
