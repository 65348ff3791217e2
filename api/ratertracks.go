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
	// LegalBasis is the law that a referral to the credit record rests on (R46).
	LegalBasis string `json:"legal_basis,omitempty"`
	// Until is until when the rater may object.
	Until time.Time `json:"until,omitzero"`
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
		b.Notes = append(b.Notes, noteBody{Code: n.Code, Text: text, At: n.At, Answer: answers.of(n.Answer), LegalBasis: answers[said{n.Answer, regulation.FieldLegalBasis}],
			Until: n.Until})
	}
	return nil
}

// said is a field of an act that is written for the rater.
type said struct {
	kind  regulation.ActKind
	field string
}

type answers map[said]string

// of is what an act says to the rater first.
func (a answers) of(kind regulation.ActKind) string {
	if fields := regulation.AnswersToRater[kind]; len(fields) > 0 {
		return a[said{kind, fields[0]}]
	}
	return ""
}

// raterAnswers opens the last texts that each act has for the rater, and no other.
func (a *API) raterAnswers(r *request, c regulation.Case) (answers, error) {
	if len(c.Tracks) == 0 {
		return nil, nil
	}
	ctx, scope := r.http().Context(), regulation.Scope{Areas: []string{c.Area}}
	events, err := a.Store.Events(ctx, scope, c.ID)
	if err != nil {
		return nil, err
	}
	last := map[regulation.TextRef]said{}
	for kind, fields := range regulation.AnswersToRater {
		for _, e := range slices.Backward(events) {
			if e.Name == string(kind) {
				for _, field := range fields {
					last[regulation.TextRef{Seq: e.Seq, Field: field}] = said{kind, field}
				}
				break
			}
		}
	}
	texts, err := a.Store.Texts(ctx, scope, c.ID, func(ref regulation.TextRef) bool { return last[ref].kind != "" })
	found := answers{}
	for ref, text := range texts {
		found[last[ref]] = text
	}
	return found, err
}

// drawNotes puts the notes and their forms on the receipt's page.
func drawNotes(v *web.ReceiptStatusView, b statusBody, filled func(regulation.ActKind) web.Form) {
	for _, n := range b.Notes {
		v.Notes = append(v.Notes, web.StatusNote{Code: n.Code, Text: n.Text, At: n.At, Answer: n.Answer, LegalBasis: n.LegalBasis, Until: n.Until})
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
