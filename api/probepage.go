package api

import (
	"haochaping/regulation"
	"haochaping/web"
	"haochaping/workday"
)

// probePage draws a probe with its evidence card, its history and the forms that are open to the reader.
func (a *API) probePage(r *request, seen seenProbe, b oneProbeBody, tried *triedWatch) (*web.ProbeView, error) {
	calendar, err := a.Store.Calendar(r.http().Context(), seen.q.Area)
	v := &web.ProbeView{Page: a.pageFor(r), Kind: b.Kind, Name: b.Name, Direction: string(b.Direction), Unit: nameOf(b.Unit), Authority: nameOf(b.Authority), Since: b.Since.Start(),
		Open: seen.q.Open(), Concerned: !seen.full, State: probeState(b.probeBody), Measure: b.Measure, Due: due(b.Due, b.Overdue, false, calendar, r.at)}
	v.Title = b.Name
	if b.Ended != nil {
		v.Ended, v.Due = b.Ended.Start(), web.Due{}
	}
	v.Card = drawnSignals(b.Card)
	for _, e := range b.Evidence {
		line := web.EvidenceLine{On: e.Day.Start(), Grade: e.Grade, Channel: string(e.Channel), HasText: e.HasText, Unit: nameOf(e.Unit), Number: e.Number, Annulled: e.Annulled}
		if e.Case != "" {
			line.Href = "/cases/" + e.Case
		}
		v.Evidence = append(v.Evidence, line)
	}
	for _, e := range b.History {
		v.Steps = append(v.Steps, probeStep(e))
	}
	for _, act := range b.Acts {
		v.Forms = append(v.Forms, entryForm(r, "/probes/"+seen.q.ID+"/"+act, act, probeDoings[act].fields, seen.q.Seq, seen.q.Since, tried))
	}
	if tried != nil && tried.refused.Fields == nil {
		v.Refusal = webProblem(r.lang, tried.refused, r.id)
	}
	return v, err
}

func drawnSignals(signals []signalBody) []web.SignalCard {
	var cards []web.SignalCard
	for _, s := range signals {
		cards = append(cards, web.SignalCard{Kind: string(s.Kind), Direction: string(s.Direction), Text: s.Text, From: s.From.Start(), To: s.To.Start(), Edition: s.Edition})
	}
	return cards
}

var probeTones = map[regulation.ProbeEvent]string{regulation.ProbeOpened: "warn", regulation.ProbeByHand: "warn", regulation.ProbeSignalled: "warn",
	regulation.ProbeOverdue: "bad", regulation.ProbeDecided: "ok"}

func probeStep(e probeEntryBody) web.ProbeStep {
	s := web.ProbeStep{Event: string(e.Name), Tone: probeTones[e.Name], At: e.At, Role: string(e.Role), Name: e.Person, Due: e.Due, To: nameOf(e.To), Annuls: e.Annuls,
		Outcome: e.Data["probe_outcome"], Measure: e.Data["probe_measure"], Signals: drawnSignals(e.Signals)}
	if s.Tone == "" {
		s.Tone = "info"
	}
	if e.Role == "" {
		s.Role = string(regulation.System)
	}
	if day, err := workday.ParseDate(e.Data["heard_on"]); err == nil { // written by us
		s.On = day.Start()
	}
	for _, field := range []string{"probe_allegation", "probe_statement", "hearing_record", "probe_note", "probe_reasons"} {
		if text := e.Texts[field]; text != "" {
			s.Texts = append(s.Texts, web.WatchText{Field: field, Text: text})
		}
	}
	return s
}

// newProbePage is the form that opens a probe by hand.
func (a *API) newProbePage(r *request, b watchableBody, fields regulation.Values, wrong map[string]string) *web.NewWatchView {
	v := a.newWatchPage(r, b, fields, wrong)
	v.Code, v.Action, v.Title = "probes", "/probes", web.T(r.lang, "title.new-probe")
	v.Fields = v.Fields[:2]
	for _, field := range regulation.ProbeOpenFields {
		v.Fields = append(v.Fields, web.FieldOf(field, fields[field.Name], wrong[field.Name], nil))
	}
	return v
}
