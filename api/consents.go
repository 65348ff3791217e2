package api

import (
	"net/http"
	"slices"
	"time"

	"haochaping/regulation"
	"haochaping/web"
)

// consentBody is where one of the rater's consents stands: none, given, refused or withdrawn, since when, and
// under which version of the words.
type consentBody struct {
	Scope   regulation.ConsentScope `json:"scope"`
	Answer  string                  `json:"answer"`
	At      time.Time               `json:"at,omitzero"`
	Wording string                  `json:"wording,omitempty"`
	// Answerable tells that POST /receipt/consents gives and withdraws it; the others go by a case's question and
	// with the contact.
	Answerable bool `json:"answerable"`
}

// fillConsents tells raters what they agreed to (R50).
func (a *API) fillConsents(r *request, ratingID string, b *statusBody) error {
	records, err := a.Store.Consents(r.http().Context(), ratingID)
	if err != nil {
		return err
	}
	for _, scope := range regulation.ConsentScopes {
		stands := consentBody{Scope: scope, Answer: "none", Answerable: scope == regulation.ConsentPlatform && b.ContactKept}
		for _, record := range records {
			if record.Scope == scope {
				stands.Answer, stands.At, stands.Wording = record.Answer, record.At, record.Wording
			}
		}
		if stands.Answer != "none" || stands.Answerable {
			b.Consents = append(b.Consents, stands)
		}
	}
	return nil
}

// answerPlatformConsent records whether the provincial platform may be told who rated. To answer alike again
// changes nothing.
func (a *API) answerPlatformConsent(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "scope", "consent", "idempotency_key"); err != nil {
		return answer{}, err
	}
	said := fields.Get("consent")
	if !slices.Contains([]string{"yes", "no"}, said) {
		return answer{}, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field("consent", "required")
	}
	if err := a.Store.AnswerConsent(r.http().Context(), a.ratingOf(r), regulation.ConsentScope(fields.Get("scope")), said == "yes"); err != nil {
		return answer{}, err
	}
	a.say(r, "flash.consent_answered")
	return answer{status: http.StatusNoContent, next: "/receipt/status"}, nil
}

func consentLines(consents []consentBody) []web.ConsentLine {
	var lines []web.ConsentLine
	for _, c := range consents {
		lines = append(lines, web.ConsentLine{Scope: string(c.Scope), Answer: c.Answer, At: c.At, Wording: c.Wording, Answerable: c.Answerable})
	}
	return lines
}
