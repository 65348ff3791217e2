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
	check: consentOpen,
	effect: func(m *move) {
		m.met(ActAskConsent)
		m.c.Consent = Consent{State: m.act.Values.Get("answer"), At: m.at, How: "telephone"}
	},
}

// answerConsent is the rater's own answer on the receipt page.
var answerConsent = Spec{
	Kind: ActAnswerConsent, Clause: ClauseRights, Side: SideRater, Roles: []Role{Citizen},
	Fields: []Field{{Name: "answer", Type: TypeChoice, Required: true, Options: []string{"yes", "no"}}},
	check:  consentOpen,
	effect: func(m *move) {
		m.met(ActAskConsent)
		m.c.Consent = Consent{State: m.act.Values.Get("answer"), At: m.at, How: "receipt"}
	},
}

func consentOpen(m *move) *Error {
	if s := m.c.Consent.State; s == "yes" || s == "no" || s == "withdrawn" {
		return refuse(NotNow, "", "consent_answered")
	}
	return nil
}

// withdrawConsent ends the consent from now on (R30, R50).
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

// MayKnowMatter tells whether the named handler of the order may see the matter number.
func (c Case) MayKnowMatter(person string) bool {
	return c.Consent.State == "yes" && contains(c.Handlers, person)
}
