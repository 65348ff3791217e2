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

// fillNotes tells of the write-off, a new order, the level above and an inquiry. The rater learns of
// each that it is under way and how it ended, of nobody's part in it.
func (a *API) fillNotes(r *request, c regulation.Case, b *statusBody) error {
	b.FollowUp = slices.Contains(regulation.OpenIn(c), regulation.ActFollowUp) && c.FollowUp.At.IsZero()
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
	add := func(code string, at time.Time, answer string, args ...any) {
		b.Notes = append(b.Notes, noteBody{Code: code, Text: web.T(r.lang, "status."+code, args...), At: at, Answer: answer})
	}
	if c.Reopened > 0 {
		add("reopened", time.Time{}, "")
	}
	if code, at := writeOffNote(c); code != "" {
		add(code, at, answers[regulation.ActDecideObjection], web.T(r.lang, "choice.ground."+c.Malice.Ground))
	}
	if stage := c.Stage(regulation.TrackCredit); stage != "" {
		add("credit."+creditNotes[stage], c.Credit.ProposedAt, "")
	}
	switch c.Stage(regulation.TrackUpperReview) {
	case regulation.StageInquiry:
		add("upper_review", c.Raised.OpenedAt, "")
	case regulation.StageDone:
		add("upper_review.done", c.Raised.DoneAt, answers[regulation.ActReviewCase])
	}
	switch c.Stage(regulation.TrackInvestigation) {
	case regulation.StageInquiry:
		add("investigation", c.Inquiry.OpenedAt, "")
	case regulation.StageDone:
		add("investigation.done", c.Inquiry.DoneAt, "")
	}
	if c.Stage(regulation.TrackExtension) == regulation.StageGranted {
		add("extended", time.Time{}, "")
	}
	if !c.FollowUp.At.IsZero() {
		add("followed_up", c.FollowUp.At, "")
	}
	return nil
}

// creditNotes are what the rater is told of a referral to the credit record (R46).
var creditNotes = map[regulation.Stage]string{regulation.StageObjection: "proposed", regulation.StageApproval: "pending",
	regulation.StageSecond: "pending", regulation.StageReferred: "referred", regulation.StageRefused: "refused"}

// writeOffNote is what the rater is told of the write-off, from the moment at which they may object.
func writeOffNote(c regulation.Case) (code string, at time.Time) {
	w := c.WriteOff
	switch stage := c.Stage(regulation.TrackWriteOff); {
	case stage == regulation.StageObjection:
		return "write_off." + w.Kind, w.ApprovedAt
	case stage == regulation.StageObjected:
		return "write_off.objected", w.ObjectedAt
	case c.WrittenOff():
		return "write_off.in_force", w.EffectiveAt
	case stage == regulation.StageReversed:
		return "write_off.reversed", w.ReversedAt
	case stage == regulation.StageRefused && !w.ObjectedAt.IsZero():
		return "write_off.counts_on", time.Time{}
	}
	return "", time.Time{}
}

// answersToRater are the texts besides the replies that are written for the rater.
var answersToRater = map[regulation.ActKind]string{regulation.ActDecideObjection: "reasons", regulation.ActReviewCase: "reply"}

// raterAnswers opens the last text of each, and no other.
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
	for kind, field := range answersToRater {
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
	case !b.ObjectionUntil.IsZero():
		v.Objection = &web.ObjectionForm{Form: filled(regulation.ActObjectWriteOff), To: "objection", Until: b.ObjectionUntil}
	case !b.CreditObjectionUntil.IsZero(): // never both: a write-off is settled before
		v.Objection = &web.ObjectionForm{Form: filled(regulation.ActObjectCredit), To: "credit_objection", Until: b.CreditObjectionUntil}
	}
	if b.FollowUp {
		v.FollowUp = &web.SurveyForm{Form: filled(regulation.ActFollowUp)}
	}
}

// lateForms say, of a form that came too late to be sent, why, and which of its fields are words to
// be kept.
var lateForms = map[regulation.ActKind]struct{ flash, words string }{
	regulation.ActAnswerSurvey:   {"flash.survey_over", "text"},
	regulation.ActFollowUp:       {"flash.follow_up_over", "text"},
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
	case regulation.ActObjectWriteOff:
		return v.Objection != nil && v.Objection.To == "objection"
	case regulation.ActObjectCredit:
		return v.Objection != nil && v.Objection.To == "credit_objection"
	}
	return true
}
