package web

// revealsView has a request in every part, and a refused form.
func revealsView() *RevealsView {
	required := Msg("refusal.required")
	row := RevealRow{Number: "513301-2026-000317", Href: "/cases/1", Purpose: "pressure", Reason: "评价人反映有人上门要求撤回评价，需要当面核实。", By: "格桑郎加", At: at("2026-03-02 10:00"), Until: at("2026-03-02 10:40")}
	decide, running, past := row, row, row
	decide.State, decide.Decide = "asked", "/reveals/1/decision"
	running.State, running.Read, running.Decider = "approved", "/reveals/2/contact", "郑洪波"
	past.State, past.Decider, past.Reason = "over", "郑洪波", ""
	row.State = "asked"
	return &RevealsView{Page: staffPage("reveals"), Number: "513301-2026-000318", Ask: &HoldForm{Open: true, Form: Form{Action: "/reveals", Errors: map[string]Message{"reason": Msg("refusal.required")}},
		Fields: []Field{{Name: "purpose", Kind: FieldSelect, Label: "reveal.purpose", Required: true, Options: []Option{{Value: "safety", Key: "choice.purpose.safety"}}},
			{Name: "reason", Kind: FieldTextArea, Label: "reveal.reason", Required: true, Error: &required}}},
		Sections: [4]RevealSection{{"decide", []RevealRow{decide}}, {"running", []RevealRow{running}}, {"asked", []RevealRow{row}}, {"past", []RevealRow{past}}}}
}
