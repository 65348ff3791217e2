package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// problemType is the media type of RFC 9457.
const problemType = "application/problem+json"

// Codes of HTTP's own refusals, beside those of regulation.
const (
	signInFirst   regulation.Code = "sign_in_first"  // nobody is signed in, or no longer
	signInFailed  regulation.Code = "sign_in_failed" // whatever it was: the answer does not tell
	passwordFirst regulation.Code = "password_first" // a first password is to be changed
	receiptFirst  regulation.Code = "receipt_first"  // no receipt was typed, or it was a while ago
	malformed     regulation.Code = "malformed"      // the body cannot be read
	tooLarge      regulation.Code = "too_large"      // the body or a file is over the bound
	unsupported   regulation.Code = "unsupported"    // a body or file of another type
	tooMany       regulation.Code = "too_many"       // the address asked too often
	crossOrigin   regulation.Code = "cross_origin"   // another site's page sent the form
	wrongMethod   regulation.Code = "wrong_method"   // the address exists, the method does not
	internalError regulation.Code = "internal"       // a mistake of ours: logged, not told
)

// status is the one place where a refusal's code becomes an HTTP status.
func status(code regulation.Code) int {
	switch code {
	case regulation.Invalid:
		return http.StatusUnprocessableEntity
	case regulation.NotPermitted, regulation.FourEyes, crossOrigin, signInFailed, passwordFirst:
		return http.StatusForbidden
	case regulation.NotNow, regulation.Conflict:
		return http.StatusConflict
	case regulation.NotFound:
		return http.StatusNotFound
	case regulation.Unavailable:
		return http.StatusServiceUnavailable
	case signInFirst, receiptFirst, unsigned:
		return http.StatusUnauthorized
	case malformed:
		return http.StatusBadRequest
	case tooLarge:
		return http.StatusRequestEntityTooLarge
	case unsupported:
		return http.StatusUnsupportedMediaType
	case tooMany:
		return http.StatusTooManyRequests
	case wrongMethod:
		return http.StatusMethodNotAllowed
	}
	return http.StatusInternalServerError
}

// problemBody is a refusal as RFC 9457 has it, with what the regulation's refusals carry.
type problemBody struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// Code and Missing are what programs decide by; Title and Detail are for people.
	Code    regulation.Code         `json:"code"`
	Clause  regulation.Clause       `json:"clause,omitempty"`
	Missing string                  `json:"missing,omitempty"`
	Fields  map[string]problemField `json:"fields,omitempty"`
	WhoMay  []regulation.Role       `json:"who_may,omitempty"`
	From    time.Time               `json:"from,omitzero" when:"exact"`
	Until   time.Time               `json:"until,omitzero" when:"exact"`
	// Where is the address that opens what is refused.
	Where string `json:"where,omitempty"`
	// Claimed is who has the task that the act belongs to.
	Claimed *claimBody `json:"claimed,omitempty"`
	// Overlaps is the absence on record with which the one to be entered overlaps.
	Overlaps *absenceBody `json:"overlaps,omitempty"`
	// Edition is the last edition, where another was expected to be.
	Edition *editionNamed `json:"edition,omitempty"`
	// Reference is the request's id, for a question to the help desk.
	Reference string `json:"reference,omitempty"`
}

// problemField is what is wrong with one field.
type problemField struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// refusalOf reads any error as a refusal; what is not one of ours is internal.
func refusalOf(err error) *regulation.Error {
	var ours *regulation.Error
	if errors.As(err, &ours) {
		return ours
	}
	var http *echo.HTTPError
	if errors.As(err, &http) {
		switch http.Code {
		case 404:
			return &regulation.Error{Code: regulation.NotFound}
		case 405:
			return &regulation.Error{Code: wrongMethod}
		}
	}
	return &regulation.Error{Code: internalError}
}

// refuse answers an error: the form again where the handler drew one, else a problem.
func (a *API) refuse(r *request, ans answer, err error) error {
	if errors.Is(err, context.Canceled) && r.http().Context().Err() != nil {
		return nil // nobody waits for an answer any more
	}
	e := refusalOf(err)
	if e.Code == internalError {
		a.Log.ErrorContext(r.http().Context(), "internal error", "request", r.id, "route", r.echo.Path(), "error", err)
	}
	code := status(e.Code)
	headers := r.echo.Response().Header()
	headers.Add(echo.HeaderVary, "Accept, Accept-Language, Cookie")
	if code == http.StatusServiceUnavailable || code == http.StatusTooManyRequests {
		headers.Set(echo.HeaderRetryAfter, "10")
	}
	switch {
	case !r.page:
		return r.echo.Blob(code, problemType, a.problemJSON(r, err, e))
	case e.Code == passwordFirst && r.http().Method == http.MethodGet:
		return r.echo.Redirect(http.StatusSeeOther, passwordAddress(r.http().URL.RequestURI()))
	case e.Code == passwordFirst:
		return r.echo.Redirect(http.StatusSeeOther, passwordPath)
	case code == http.StatusUnauthorized && r.http().Method == http.MethodGet:
		return r.echo.Redirect(http.StatusSeeOther, signInAddress(r, e))
	case ans.view != nil:
		return a.draw(r, code, ans.view)
	case e.Code == signInFirst:
		return a.draw(r, code, a.keptForm(r))
	case e.Code == receiptFirst:
		return a.draw(r, code, a.keptReceipt(r))
	}
	return a.draw(r, code, &web.ProblemView{Page: a.pageFor(r), Problem: *webProblem(r.lang, e, r.id)})
}

func (a *API) problemJSON(r *request, err error, e *regulation.Error) []byte {
	title, detail := sentences(r.lang, e)
	b := problemBody{Type: problemAddress(e.Code), Title: title, Status: status(e.Code), Detail: detail, Code: e.Code,
		Clause: e.Clause, Missing: e.Missing, WhoMay: e.Who, From: e.From, Until: e.Until, Reference: r.id}
	if b.Where = e.Where; e.Code == passwordFirst {
		b.Where = passwordPath
	}
	if claimed := (claimedRefusal{}); errors.As(err, &claimed) {
		b.Claimed, b.Detail = &claimed.claim, claimWords(r.lang, claimed.claim)
	}
	if overlap := (*store.Overlap)(nil); errors.As(err, &overlap) {
		if l, err := a.roll(r); err == nil {
			with := l.body(overlap.With)
			b.Overlaps = &with
		}
	}
	if since := (*store.EditionSince)(nil); errors.As(err, &since) {
		b.Edition = &editionNamed{since.Edition.Name, workday.DateOf(since.Edition.From)}
	}
	for name, code := range e.Fields {
		if b.Fields == nil {
			b.Fields = map[string]problemField{}
		}
		b.Fields[name] = problemField{Code: code, Detail: web.T(r.lang, "refusal."+code)}
	}
	return encode(b)
}

func problemAddress(code regulation.Code) string {
	return "/problems/" + strings.ReplaceAll(string(code), "_", "-")
}

// sentences are a refusal's title and detail in the reader's language.
func sentences(lang web.Lang, e *regulation.Error) (title, detail string) {
	key := "problem." + strconv.Itoa(status(e.Code))
	title, detail = web.T(lang, key), web.T(lang, key+".text")
	if own := "refusal." + string(e.Code); e.Code != regulation.Conflict && web.Has(own) {
		title = web.T(lang, own)
	}
	if missing := "refusal." + e.Missing; e.Missing != "" && web.Has(missing) {
		detail = web.T(lang, missing, standing(lang, e)...)
	}
	return title, detail
}

// standing is what a refusal says of the document that stands in the way: its number and its day.
func standing(lang web.Lang, e *regulation.Error) []any {
	if e.Issued == nil {
		return nil
	}
	return []any{e.Issued.Number, dayIn(lang, workday.DateOf(e.Issued.At).String())}
}

// webProblem is a refusal as pages explain it.
func webProblem(lang web.Lang, e *regulation.Error, reference string) *web.Problem {
	title, detail := sentences(lang, e)
	p := &web.Problem{Status: status(e.Code), Title: title, Detail: detail, Clause: string(e.Clause), WhoMay: roleCodes(e.Who),
		From: e.From, Until: e.Until, Where: e.Where, Reference: reference}
	if p.Missing = missingOf(e); len(p.Missing) == 1 && web.T(lang, p.Missing[0].Key, standing(lang, e)...) == detail {
		p.Missing = nil // said already
	}
	return p
}

// missingOf lists what a refusal misses, as messages.
func missingOf(e *regulation.Error) []web.Message {
	if key := "refusal." + e.Missing; e.Missing != "" && e.Missing != "fields" && web.Has(key) {
		if e.Issued != nil {
			return []web.Message{web.Msg(key, e.Issued.Number, e.Issued.At)}
		}
		return []web.Message{web.Msg(key)}
	}
	return nil
}

func roleCodes(roles []regulation.Role) []string {
	codes := make([]string, 0, len(roles))
	for _, role := range roles {
		codes = append(codes, string(role))
	}
	return codes
}

// unanswered is what Echo calls for addresses outside the table and for errors after the
// answer began.
func (a *API) unanswered(err error, c echo.Context) {
	if c.Response().Committed {
		a.Log.Error("answer broken off", "route", c.Path(), "error", err)
		return
	}
	r := a.receive(c)
	if err := a.refuse(r, answer{}, err); err != nil && !c.Response().Committed {
		a.Log.Error("problem not answered", "error", err)
		http.Error(c.Response(), "internal", http.StatusInternalServerError)
	}
}

// notFound is the refusal for whatever lies outside the reader's area, exists or not.
func notFound(what string) *regulation.Error {
	return &regulation.Error{Code: regulation.NotFound, Missing: what}
}

// showProblem explains a problem's type: its address stands in every problem.
func (a *API) showProblem(r *request) (answer, error) {
	code := regulation.Code(strings.ReplaceAll(r.param("code"), "-", "_"))
	if status(code) == http.StatusInternalServerError && code != internalError && code != regulation.RecordFailed {
		return answer{}, notFound("problem")
	}
	e := &regulation.Error{Code: code}
	title, detail := sentences(r.lang, e)
	body := problemBody{Type: problemAddress(code), Title: title, Status: status(code), Detail: detail, Code: code}
	return answer{body: body, view: &web.ProblemView{Page: a.pageFor(r), Problem: *webProblem(r.lang, e, "")}}, nil
}
