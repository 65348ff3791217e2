package api

import (
	"strconv"

	"haochaping/regulation"
	"haochaping/web"
	"haochaping/workday"
)

// triedWatch is a refused form of the watch list.
type triedWatch struct {
	act     string
	fields  regulation.Values
	refused *regulation.Error
}

// listingPage draws a listing with its history and the forms that are open to the reader.
func (a *API) listingPage(r *request, seen seenListing, b watchEntriesBody, tried *triedWatch) (*web.ListingView, error) {
	calendar, err := a.Store.Calendar(r.http().Context(), seen.l.Area)
	v := &web.ListingView{Page: a.pageFor(r), Kind: string(b.Kind), Name: b.Name, Unit: nameOf(b.Unit), Authority: nameOf(b.Authority), Since: b.Since.Start(),
		Standing: seen.l.Stands(), Why: watchReason(b.listingBody), Listed: !seen.full, Due: due(b.Due, b.Overdue, false, calendar, r.at)}
	v.Title = b.Name
	if b.Ended != nil {
		v.Ended = b.Ended.Start()
	}
	if b.Inspected != nil {
		v.Inspected = b.Inspected.Start()
	}
	if b.Verdict != nil {
		v.Verdict = webVerdict(b.Verdict)
	}
	for _, e := range b.History {
		v.Steps = append(v.Steps, watchStep(e))
	}
	for _, act := range b.Acts {
		v.Forms = append(v.Forms, watchForm(r, seen.l, act, tried))
	}
	if tried != nil && tried.refused.Fields == nil {
		v.Refusal = webProblem(r.lang, tried.refused, r.id)
	}
	return v, err
}

func webVerdict(b *verdictBody) *web.WatchVerdict {
	v := &web.WatchVerdict{Reason: web.Msg("watch.reason." + b.Reason), Count: b.Count, Threshold: b.Threshold, From: b.From.Start(), To: b.To.Start(), Edition: b.Edition}
	for _, c := range b.Cases {
		line := web.WatchCase{Number: c.Number, Attribution: c.Attribution, On: c.From.Start()}
		if c.Case != "" {
			line.Href = "/cases/" + c.Case
		}
		v.Cases = append(v.Cases, line)
	}
	return v
}

var watchTones = map[regulation.WatchEvent]string{regulation.WatchLeft: "ok", regulation.WatchReleased: "ok", regulation.WatchInspected: "ok",
	regulation.WatchOverdue: "bad", regulation.WatchEntered: "warn", regulation.WatchByHand: "warn"}

func watchStep(e watchEntryBody) web.WatchStep {
	s := web.WatchStep{Event: string(e.Name), Tone: watchTones[e.Name], At: e.At, Role: string(e.Role), Name: e.Person, Due: e.Due, Was: e.Was, To: nameOf(e.To)}
	if s.Tone == "" {
		s.Tone = "info"
	}
	if e.Role == "" {
		s.Role = string(regulation.System)
	}
	if e.Verdict != nil {
		s.Verdict = webVerdict(e.Verdict)
	}
	if outcome := e.Data["inspection_outcome"]; outcome != "" {
		s.Outcome = outcome
		if day, err := workday.ParseDate(e.Data["inspected_on"]); err == nil { // written by us
			s.On = day.Start()
		}
	}
	for _, field := range []string{"watch_reasons", "inspection_findings", "inspection_measures"} {
		if text := e.Texts[field]; text != "" {
			s.Texts = append(s.Texts, web.WatchText{Field: field, Text: text})
		}
	}
	return s
}

// watchForm is one form of the watch list.
func watchForm(r *request, l regulation.Listing, act string, tried *triedWatch) web.WatchForm {
	doing := watchDoings[act]
	return entryForm(r, "/watch/"+l.ID+doing.address, act, doing.fields, l.Seq, l.Since, tried)
}

// entryForm is a form whose act adds an entry to a history that stands since a day and ends at seq, with what was
// typed where it was refused.
func entryForm(r *request, action, act string, fields []regulation.Field, seq int64, since workday.Date, tried *triedWatch) web.WatchForm {
	f := web.WatchForm{Act: act, Form: web.Form{Action: action, Hidden: map[string]string{"seq": strconv.FormatInt(seq, 10)}}}
	var wrong map[string]string
	var typed regulation.Values
	if tried != nil && tried.act == act {
		typed, wrong, f.Open = tried.fields, tried.refused.Fields, true
	}
	for _, field := range fields {
		drawn := web.FieldOf(field, typed[field.Name], wrong[field.Name], nil)
		if field.Type == regulation.TypeDate {
			drawn.Min, drawn.Max = since.String(), workday.DateOf(r.at).String()
		}
		f.Fields = append(f.Fields, drawn)
	}
	return f
}

// newWatchPage is the form that puts a unit or a person on the list by hand.
func (a *API) newWatchPage(r *request, b watchableBody, fields regulation.Values, wrong map[string]string) *web.NewWatchView {
	v := &web.NewWatchView{Page: a.pageFor(r), Code: "watch", Form: web.Form{Action: "/watch", Errors: web.FieldErrors(wrong)}}
	if len(b.Areas) > 1 {
		v.Areas = &web.Field{Name: "area", Kind: web.FieldSelect, Label: "col.area", Options: placeOptions(b.Areas), Values: []string{b.Area}}
	}
	choose := func(name, label string, places []placeBody) web.Field {
		f := web.Field{Name: name, Kind: web.FieldSelect, Label: label, Options: placeOptions(places), Values: fields[name]}
		if code := wrong[name]; code != "" {
			message := web.Msg("refusal." + code)
			f.Error = &message
		}
		return f
	}
	v.Fields = []web.Field{choose("unit", "col.unit", b.Units), choose("staff", "watch.staff", b.Staff)}
	for _, field := range regulation.WatchAddFields {
		v.Fields = append(v.Fields, web.FieldOf(field, fields[field.Name], wrong[field.Name], nil))
	}
	return v
}

func placeOptions(places []placeBody) []web.Option {
	options := make([]web.Option, 0, len(places))
	for _, p := range places {
		options = append(options, web.Option{Value: p.ID, Text: p.Name})
	}
	return options
}
