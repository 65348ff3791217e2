package api

import (
	"slices"
	"time"

	"haochaping/regulation"
	"haochaping/web"
)

// noteBody tells the holder of a receipt of a procedure beside the main line, in plain words:
// status.<code> of the catalogue.
type noteBody struct {
	Code string    `json:"code"`
	Text string    `json:"text"`
	At   time.Time `json:"at,omitzero"`
	// Answer is what the authority, or the level above, wrote to the rater.
	Answer string `json:"answer,omitempty"`
}

// fillNotes words what the rater is told, and what they may answer to.
func (a *API) fillNotes(r *request, c regulation.Case, b *statusBody) error {
	if slices.Contains(regulation.OpenIn(c), regulation.ActFollowUp) && c.FollowUp.At.IsZero() {
		params, err := a.Store.Params(r.http().Context(), c.Edition)
		if err != nil {
			return err
		}
		until := c.FollowUpUntil(params)
		if b.FollowUp = !a.Now().After(until); b.FollowUp {
			b.FollowUpUntil = until
		}
	}
	b.ReportPressure = slices.Contains(regulation.OpenIn(c), regulation.ActReportPressure)
	b.MayObject = slices.Contains(regulation.OpenIn(c), regulation.ActObjectWriteOff)
	if await := c.Await(regulation.ActObjectWriteOff); await != nil {
		b.ObjectionUntil = await.Due
	}
	if await := c.Await(regulation.ActObjectCredit); await != nil {
		b.CreditObjectionUntil = await.Due
	}
	answers, err := a.raterAnswers(r, c)
	if err != nil {
		return err
	}
	for _, n := range c.RaterNotes() {
		text := web.T(r.lang, "status."+n.Code, web.T(r.lang, "choice.ground."+c.Malice.Ground))
		b.Notes = append(b.Notes, noteBody{Code: n.Code, Text: text, At: n.At, Answer: answers[n.Answer]})
	}
	return nil
}

// raterAnswers opens the last text that each act has for the rater, and no other.
func (a *API) raterAnswers(r *request, c regulation.Case) (map[regulation.ActKind]string, error) {
	if len(c.Tracks) == 0 {
		return nil, nil
	}
	ctx, scope := r.http().Context(), regulation.Scope{Areas: []string{c.Area}}
	events, err := a.Store.Events(ctx, scope, c.ID)
	if err != nil {
		return nil, err
	}
	last := map[regulation.TextRef]regulation.ActKind{}
	for kind, field := range regulation.AnswersToRater {
		for _, e := range slices.Backward(events) {
			if e.Name == string(kind) {
				last[regulation.TextRef{Seq: e.Seq, Field: field}] = kind
				break
			}
		}
	}
	texts, err := a.Store.Texts(ctx, scope, c.ID, func(ref regulation.TextRef) bool { return last[ref] != "" })
	answers := map[regulation.ActKind]string{}
	for ref, text := range texts {
		answers[last[ref]] = text
	}
	return answers, err
}

// drawNotes puts the notes and their forms on the receipt's page.
func drawNotes(v *web.ReceiptStatusView, b statusBody, filled func(regulation.ActKind) web.Form) {
	for _, n := range b.Notes {
		v.Notes = append(v.Notes, web.StatusNote{Code: n.Code, Text: n.Text, At: n.At, Answer: n.Answer})
	}
	switch {
	case b.MayObject:
		v.Objection = &web.ObjectionForm{Form: filled(regulation.ActObjectWriteOff), To: "objection", Until: b.ObjectionUntil}
	case !b.CreditObjectionUntil.IsZero(): // never both: a write-off is settled before
		v.Objection = &web.ObjectionForm{Form: filled(regulation.ActObjectCredit), To: "credit_objection", Until: b.CreditObjectionUntil}
	}
	if b.FollowUp {
		v.FollowUp = &web.SurveyForm{Form: filled(regulation.ActFollowUp), Until: b.FollowUpUntil}
	}
	if b.ReportPressure {
		form := filled(regulation.ActReportPressure)
		v.Pressure = &form
	}
}

// lateForms say, of a form that came too late to be sent, why, and which of its fields are words to
// be kept.
var lateForms = map[regulation.ActKind]struct{ flash, words string }{
	regulation.ActAnswerSurvey:   {"flash.survey_over", "text"},
	regulation.ActFollowUp:       {"flash.follow_up_over", "text"},
	regulation.ActReportPressure: {"flash.pressure_over", "text"},
	regulation.ActObjectWriteOff: {"flash.objection_over", "objection"},
	regulation.ActObjectCredit:   {"flash.objection_over", "objection"},
}

// stillAsked tells whether the receipt's page has the form of an act.
func stillAsked(v *web.ReceiptStatusView, kind regulation.ActKind) bool {
	switch kind {
	case regulation.ActAnswerSurvey:
		return v.Survey != nil
	case regulation.ActFollowUp:
		return v.FollowUp != nil
	case regulation.ActReportPressure:
		return v.Pressure != nil
	case regulation.ActObjectWriteOff:
		return v.Objection != nil && v.Objection.To == "objection"
	case regulation.ActObjectCredit:
		return v.Objection != nil && v.Objection.To == "credit_objection"
	}
	return true
}
