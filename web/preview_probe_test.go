package web

import "haochaping/regulation"

func probeView() *ProbeView {
	card := []SignalCard{
		{Kind: "staff_phone", Direction: "praise", Text: T(Chinese, "signal.staff_phone.text", 4, 2, 0, 0), From: at("2025-12-01 00:00"), To: at("2026-03-02 00:00"), Edition: "2019-12-27/1"},
		{Kind: "fixed_form", Direction: "praise", Text: T(Chinese, "signal.fixed_form.text", 31, 20, 78, 60), From: at("2025-12-01 00:00"), To: at("2026-03-02 00:00"), Edition: "2019-12-27/1"},
	}
	v := &ProbeView{Page: staffPage("watch"), Kind: "staff", Name: "周学文", Direction: "praise", Unit: "康定市公安局", Authority: "康定市行政审批局", Since: at("2026-03-02 00:00"),
		Open: true, State: Msg("probe.hearing.stated"), Due: Due{At: at("2026-03-30 17:30"), Left: 12}, Card: card}
	v.Title = v.Name
	v.Refusal = &Problem{Status: 409, Clause: "9(2)", Missing: []Message{Msg("refusal.not_heard")}}
	v.Evidence = []EvidenceLine{{On: at("2026-02-27 00:00"), Grade: 5, Channel: "web", Unit: "康定市公安局"}, {On: at("2026-02-26 00:00"), Grade: 5, Channel: "web", Unit: "康定市公安局", HasText: true, Annulled: true},
		{On: at("2026-02-26 00:00"), Grade: 1, Channel: "hotline", Unit: "康定市公安局", Href: "/cases/1", Number: "513301-2026-000311"}}
	for act, fields := range map[string][]regulation.Field{"propose": regulation.ProbeProposeFields, "hold": regulation.ProbeHoldFields} {
		f := WatchForm{Act: act, Open: act == "propose", Form: Form{Action: "/probes/1/" + act, Hidden: map[string]string{"seq": "4"}}}
		for _, field := range fields {
			f.Fields = append(f.Fields, FieldOf(field, nil, "", nil))
		}
		v.Forms = append(v.Forms, f)
	}
	v.Steps = []ProbeStep{
		{Event: "decided", Tone: "ok", At: at("2026-03-12 10:00"), Role: "discipline_officer", Name: "陈志远", Outcome: "confirmed", Measure: "annul", Annuls: 4, Texts: []WatchText{{"probe_reasons", "电话经核对为同事所有。"}}},
		{Event: "hearing_held", Tone: "info", At: at("2026-03-10 16:00"), Role: "supervisor", Name: "扎西", On: at("2026-03-10 00:00"), Texts: []WatchText{{"hearing_record", "当面听取，对方承认请同事帮忙。"}}},
		{Event: "statement_asked", Tone: "info", At: at("2026-03-04 09:00"), Role: "supervisor", Name: "扎西", Due: at("2026-03-11 17:30"), Texts: []WatchText{{"probe_allegation", "四条好评留下的是同事电话。"}}},
		{Event: "opened", Tone: "warn", At: at("2026-03-03 00:00"), Role: "system", Signals: card[:1], Due: at("2026-03-30 17:30")},
	}
	return v
}

// ownProbeView is the same probe as whom it concerns sees it.
func ownProbeView() *ProbeView {
	v := probeView()
	v.Concerned, v.Refusal, v.Evidence, v.Steps = true, nil, nil, v.Steps[2:3]
	v.Steps[0].Name = ""
	v.Forms = []WatchForm{{Act: "state", Form: Form{Action: "/probes/1/state"}}}
	for _, field := range regulation.ProbeStateFields {
		v.Forms[0].Fields = append(v.Forms[0].Fields, FieldOf(field, nil, "", nil))
	}
	return v
}

func newProbeView() *NewWatchView {
	v := newWatchView()
	v.Code, v.Action, v.Title = "probes", "/probes", T(Chinese, "title.new-probe")
	return v
}
