package regulation

// ConsentAnswers are what the clerk may record when asking the rater (R30).
var ConsentAnswers = []string{"yes", "no", "unreachable"}

// askConsent asks the rater by telephone whether a named handler may know the matter number
// (R30). Without consent the authority relays.
var askConsent = Spec{
	Kind: ActAskConsent, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{CallbackClerk}, Days: ConsentDays,
	Fields: []Field{
		{Name: "answer", Type: TypeChoice, Required: true, Options: ConsentAnswers},
		{Name: "recording", Type: TypeText, Max: 64},
	},
	check:  consentOpen,
	effect: func(m *move) { m.consented("telephone") },
}

// answerConsent is the rater's own answer on the receipt page.
var answerConsent = Spec{
	Kind: ActAnswerConsent, Clause: ClauseRights, Side: SideRater, Roles: []Role{Citizen},
	Fields: []Field{{Name: "answer", Type: TypeChoice, Required: true, Options: []string{"yes", "no"}}},
	check:  consentOpen,
	effect: func(m *move) { m.consented("receipt") },
}

// consented records the answer; the order is due from the first one on.
func (m *move) consented(how string) {
	m.met(ActAskConsent)
	m.c.Consent = Consent{State: m.act.Values.Get("answer"), At: m.at, How: how}
	if m.c.Await(ActTransfer) == nil {
		m.await(ActTransfer)
	}
}

func consentOpen(m *move) *Error {
	if s := m.c.Consent.State; s == "yes" || s == "no" || s == "withdrawn" {
		return refuse(NotNow, "", "consent_answered")
	}
	return nil
}

// withdrawConsent ends the consent from now on, as long as the case is open (R30, R50).
var withdrawConsent = Spec{
	Kind: ActWithdrawConsent, Clause: ClauseRights, Side: SideRater, Roles: []Role{Citizen},
	check: func(m *move) *Error {
		if m.c.Consent.State != "yes" {
			return refuse(NotNow, "", "no_consent_to_withdraw")
		}
		return nil
	},
	effect: func(m *move) { m.c.Consent = Consent{State: "withdrawn", At: m.at, How: "receipt"} },
}

// MayKnowMatter tells whether a person is the named handler of the order that stands and may
// see the matter number: with the rater's consent, and until the case is closed (R30).
func (c Case) MayKnowMatter(person string) bool {
	order := c.order()
	return order != nil && person != "" && order.Handler == person && c.Consent.State == "yes" && !c.Closed()
}
