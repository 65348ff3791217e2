package regulation

// accept takes a bad rating on for verification (clause 7(2): the authority verifies each one).
var accept = Spec{
	Kind: ActAccept, Clause: ClauseVerify, Side: SideAuthority, Roles: []Role{Supervisor}, Days: AcceptDays,
	Fields: []Field{{Name: "note", Type: TypeLong, Max: 500}},
	check:  nothingMore,
	effect: func(m *move) {
		m.met(ActAccept)
		m.startVerification()
	},
}

// startVerification opens callback and finding side by side (R23).
func (m *move) startVerification() {
	m.c.Phase = PhaseVerification
	if !m.c.Callback.Done(m.rules.Params) {
		m.await(ActRecordCallback)
	}
	m.await(ActRecordFinding)
}
