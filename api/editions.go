package api

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// parameterBody is one value of an edition, with who set it and on what it rests (R56).
type parameterBody struct {
	Name           string            `json:"name"`
	Value          int               `json:"value"`
	Unit           string            `json:"unit"`
	Clause         regulation.Clause `json:"clause"`
	Fixed          bool              `json:"fixed"` // by the regulation
	Author         string            `json:"author"`
	DecidedOn      workday.Date      `json:"decided_on"`
	Basis          string            `json:"basis"`
	Interpretation string            `json:"interpretation,omitempty"`
}

type editionBody struct {
	Name       string             `json:"name"`
	From       time.Time          `json:"from"`
	InForce    bool               `json:"in_force"` // for cases that are opened now
	State      store.EditionState `json:"state"`
	Parameters []parameterBody    `json:"parameters"`
}

type editionProposalBody struct {
	proposalBody
	From           workday.Date   `json:"from"`
	Interpretation string         `json:"interpretation"`
	DecidedOn      workday.Date   `json:"decided_on"`
	Basis          string         `json:"basis"`
	Changed        map[string]int `json:"changed"`
	Before         map[string]int `json:"before"` // the changed parameters' values in Base
	Base           string         `json:"base"`
	Edition        string         `json:"edition,omitempty"`
	Revokes        string         `json:"revokes,omitempty"`
	RevokedAt      time.Time      `json:"revoked_at,omitzero"`
}

// editionNamed is an edition that a refusal names.
type editionNamed struct {
	Name string       `json:"name"`
	From workday.Date `json:"from"`
}

type editionsBody struct {
	Editions  []editionBody         `json:"editions"`
	Proposals []editionProposalBody `json:"proposals"`
}

// showEditions lists the editions of the parameters; who may propose one finds the form.
func (a *API) showEditions(r *request) (answer, error) {
	view, body, err := a.editionsPage(r, nil, nil)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: view}, nil
}

func (a *API) editionsBody(r *request) (body editionsBody, err error) {
	ctx := r.http().Context()
	body = editionsBody{Editions: []editionBody{}, Proposals: []editionProposalBody{}}
	people, err := a.Store.People(ctx)
	if err != nil {
		return body, err
	}
	current, err := a.Store.CurrentEdition(ctx)
	if err != nil {
		return body, err
	}
	editions, err := a.Store.Editions(ctx)
	if err != nil {
		return body, err
	}
	for _, e := range editions {
		values, err := a.Store.Parameters(ctx, e.Name)
		if err != nil {
			return body, err
		}
		body.Editions = append(body.Editions, editionBody{e.Name, e.From, e.Name == current, stateOf(e, current, r.at), parametersOf(people, values)})
	}
	proposals, err := a.Store.EditionProposals(ctx)
	for _, p := range proposals {
		b := proposalOf(people, p.Proposal)
		b.State = approvedState(p, r.at)
		body.Proposals = append(body.Proposals, editionProposalBody{b, p.From, p.Interpretation, p.DecidedOn,
			p.Basis, p.Changed, p.Before, p.Base, p.Edition, p.Revokes, p.RevokedAt})
	}
	return body, err
}

// stateOf says for which cases an edition is.
func stateOf(e store.Edition, current string, at time.Time) store.EditionState {
	switch {
	case e.Name == current:
		return store.EditionInForce
	case e.From.After(at):
		return store.EditionToCome
	}
	return store.EditionPast
}

// approvedState is a proposal's state; an edition that was approved is in force from its day on, not before.
func approvedState(p store.EditionProposal, at time.Time) store.ProposalState {
	if p.State == store.InForce && p.Revokes == "" && p.From.Start().After(at) {
		return store.ToCome
	}
	return p.State
}

// parametersOf are an edition's values in the order of the regulation's list.
func parametersOf(people *store.People, values []store.Parameter) []parameterBody {
	var bodies []parameterBody
	for _, d := range regulation.DefaultParams() {
		b := parameterBody{Name: d.Name, Value: d.Value, Unit: d.Unit, Clause: d.Clause, Fixed: d.Fixed(), Basis: d.Basis}
		if i := slices.IndexFunc(values, func(v store.Parameter) bool { return v.Name == d.Name }); i >= 0 {
			v := values[i]
			b.Value, b.Author, b.DecidedOn, b.Basis, b.Interpretation = v.Value, personName(people, v.Author), v.DecidedOn, v.Basis, v.Interpretation
		}
		bodies = append(bodies, b)
	}
	return bodies
}

// editionsPage is the page with what was typed. The form changes the edition that begins last, which
// editionsBody lists first.
func (a *API) editionsPage(r *request, fields regulation.Values, wrong map[string]web.Message) (*web.EditionsView, editionsBody, error) {
	body, err := a.editionsBody(r)
	if err != nil {
		return nil, body, err
	}
	view := &web.EditionsView{Page: a.pageFor(r), RulesTabs: a.rulesTabs(r, "editions")}
	for _, e := range body.Editions {
		view.Editions = append(view.Editions, drawnEdition(r, e))
	}
	proposals, err := a.Store.EditionProposals(r.http().Context())
	if err != nil {
		return nil, body, err
	}
	for _, p := range proposals {
		view.Proposals = append(view.Proposals, a.drawnProposal(r, p, body))
	}
	if last := body.Editions[0]; a.may(r, policies.ProposeEdition, regulation.PrefectureArea) {
		view.Base, view.BaseFrom, view.Hidden = last.Name, last.From, map[string]string{"base": last.Name}
		view.Fields, view.Params = editionFields(fields, wrong), parameterFields(last.Parameters, fields, wrong)
		view.Errors = overall(wrong, slices.Concat(view.Fields, view.Params))
	}
	return view, body, nil
}

func drawnEdition(r *request, e editionBody) web.EditionCard {
	card := web.EditionCard{Name: e.Name, From: e.From, State: string(e.State)}
	for _, p := range e.Parameters {
		v := web.EditionValue{Name: p.Name, Unit: "param_unit." + unitCode(p.Unit), Clause: string(p.Clause), Value: p.Value, Fixed: p.Fixed, Author: p.Author,
			Basis: p.Basis, Interpretation: p.Interpretation, DecidedOn: dayIn(r.lang, p.DecidedOn.String())}
		v.BasisKey = basisKey(p.Name, p.Basis)
		if p.Author == store.ByRegulation {
			v.Author = web.T(r.lang, "editions.by_default")
			if p.Fixed {
				v.Author = web.T(r.lang, "editions.regulation")
			}
		}
		card.Values = append(card.Values, v)
	}
	return card
}

// basisKey is the catalogue's text of a basis of the first edition, "" for what somebody wrote.
func basisKey(name, basis string) string {
	p, known := regulation.ParamOf(name)
	switch own := "basis." + name; {
	case !known || basis != p.Basis:
		return ""
	case p.Fixed():
		return "basis.fixed"
	case web.Has(own):
		return own
	}
	return "basis.open"
}

// unitCode is the catalogue's name of a parameter's unit.
func unitCode(unit string) string {
	for _, known := range paramUnits {
		if strings.HasPrefix(unit, known.text) {
			return known.code
		}
	}
	return "count"
}

// paramUnits are how parameters' units begin, the longer before the shorter.
var paramUnits = []struct{ text, code string }{
	{"working days left", "days_left"}, {"working days", "days"}, {"days", "days_civil"}, {"dates", "dates"}, {"day of the month", "day"}, {"rejections", "rejections"},
	{"months", "months"}, {"quarters", "quarters"}, {"hours", "hours"}, {"minutes", "minutes"}, {"seconds", "seconds"}, {"switch", "switch"}, {"percent", "percent"},
	{"cases", "cases"}, {"rows", "rows"}, {"parked messages", "messages"}, {"ratings", "ratings"}, {"bad ratings", "ratings"}, {"weight", "weight"}, {"places", "places"},
}

func (a *API) drawnProposal(r *request, p store.EditionProposal, body editionsBody) web.EditionCard {
	i := slices.IndexFunc(body.Proposals, func(b editionProposalBody) bool { return b.ID == p.ID })
	decision := a.decisionOn(r, body.Proposals[i].proposalBody, p.Proposal, "/editions/"+p.ID+"/decision", a.may(r, policies.ReviewEdition, regulation.PrefectureArea))
	if decision.State = string(body.Proposals[i].State); p.Revokes == "" {
		decision.From = p.From.Start()
	}
	card := web.EditionCard{ID: p.ID, Name: p.Edition, From: p.From.Start(), Decision: &decision, Number: p.Interpretation, Basis: p.Basis,
		Revokes: p.Revokes, RevokedAt: p.RevokedAt, Values: changedValues(p)}
	last := body.Editions[0]
	if p.State == store.Proposed && p.Base != last.Name {
		since := web.Msg("editions.since", last.Name, last.From)
		card.Since = &since
	}
	waits := slices.ContainsFunc(body.Proposals, func(b editionProposalBody) bool { return b.Revokes == p.Edition && b.State == store.Proposed })
	if p.State == store.InForce && p.Edition == last.Name && last.From.After(r.at) && !waits && a.may(r, policies.ProposeEdition, regulation.PrefectureArea) {
		card.Revocation = &web.Revocation{At: "/editions/" + p.ID + "/revocation", Field: revocationField(nil, nil)}
	}
	return card
}

// changedValues are what a proposal changes, in the order of the regulation's list.
func changedValues(p store.EditionProposal) []web.EditionValue {
	var values []web.EditionValue
	for _, param := range regulation.DefaultParams() {
		if value, changes := p.Changed[param.Name]; changes {
			before, known := p.Before[param.Name]
			values = append(values, web.EditionValue{Name: param.Name, Unit: "param_unit." + unitCode(param.Unit), Value: value, Before: before, Changed: known})
		}
	}
	return values
}

func revocationField(fields regulation.Values, wrong map[string]web.Message) web.Field {
	basis := web.Field{Name: "basis", Kind: web.FieldTextArea, Label: "field.basis", Help: "field.basis.public", Required: true, Length: 500}
	return filled([]web.Field{basis}, fields, wrong)[0]
}

func editionFields(fields regulation.Values, wrong map[string]web.Message) []web.Field {
	return filled([]web.Field{
		{Name: "from", Kind: web.FieldDate, Label: "field.edition_from", Help: "field.edition_from.help", Required: true},
		{Name: "interpretation", Kind: web.FieldText, Label: "field.interpretation", Required: true, Length: 100},
		{Name: "decided_on", Kind: web.FieldDate, Label: "field.decided_on", Required: true},
		{Name: "basis", Kind: web.FieldTextArea, Label: "field.basis", Help: "field.basis.public", Required: true, Length: 500},
	}, fields, wrong)
}

// parameterFields are the parameters that an edition may set, with their values in the one before it.
func parameterFields(base []parameterBody, fields regulation.Values, wrong map[string]web.Message) []web.Field {
	var all []web.Field
	for _, p := range base {
		if p.Fixed {
			continue
		}
		param, _ := regulation.ParamOf(p.Name)
		least, most := param.Bounds()
		f := web.Field{Name: p.Name, Kind: web.FieldNumber, Label: "param." + p.Name, Min: strconv.Itoa(least), Max: strconv.Itoa(most),
			Values: []string{cmp.Or(fields.Get(p.Name), strconv.Itoa(p.Value))}}
		if message, bad := wrong[p.Name]; bad {
			f.Error = &message
		}
		if help := "param_help." + p.Name; web.Has(help) {
			f.Help = help
		}
		all = append(all, f)
	}
	return all
}

// proposeEdition stores an edition for review: what differs from the edition in force at its
// beginning, which is the last one approved.
func (a *API) proposeEdition(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	as, err := a.Guard.Reviewer(r.actor, policies.ProposeEdition, regulation.PrefectureArea)
	if err != nil {
		return answer{}, err
	}
	proposal, err := a.editionTyped(r, fields)
	proposal.AuthorFor = as.For
	var id string
	if err == nil {
		id, err = a.Store.ProposeEdition(r.http().Context(), proposal)
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		typed, reading := a.typedAnew(r, fields, proposal)
		view, _, drawing := a.editionsPage(r, typed, editionErrors(err, refused))
		if failed := errors.Join(reading, drawing); failed != nil {
			return answer{}, errors.Join(err, failed)
		}
		return answer{view: view}, err
	}
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.proposed")
	return answer{status: http.StatusCreated, location: "/editions", next: "/editions", body: map[string]string{"id": id}}, nil
}

// editionTyped is an edition as the form or the JSON gives it. A form says by base which edition's
// values it showed; without it, whatever is given is compared with the last edition.
func (a *API) editionTyped(r *request, fields regulation.Values) (store.EditionProposal, error) {
	p := store.EditionProposal{Proposal: store.Proposal{Author: r.actor.Person}, Interpretation: fields.Get("interpretation"), Basis: fields.Get("basis")}
	p.From, _ = workday.ParseDate(fields.Get("from"))            // none is refused as such
	p.DecidedOn, _ = workday.ParseDate(fields.Get("decided_on")) // none is refused as such
	known := []string{"from", "interpretation", "decided_on", "basis", "base", "idempotency_key"}
	for _, d := range regulation.DefaultParams() {
		known = append(known, d.Name)
	}
	if err := only(fields, known...); err != nil {
		return p, err
	}
	last, err := a.Store.LastEdition(r.http().Context())
	if err != nil {
		return p, err
	}
	if p.Base = cmp.Or(fields.Get("base"), last.Name); p.Base != last.Name {
		return p, &store.EditionSince{Refusal: &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseInterpretive, Missing: "edition_since"}, Edition: last}
	}
	params, err := a.Store.Params(r.http().Context(), last.Name)
	if err != nil {
		return p, err
	}
	p.Changed, err = changedOf(fields, params)
	return p, err
}

// typedAnew is what was typed, for the form of the last edition. Where the form showed another one,
// values that were left as they stood there are left as they stand here.
func (a *API) typedAnew(r *request, fields regulation.Values, p store.EditionProposal) (regulation.Values, error) {
	typed := maps.Clone(fields)
	last, err := a.Store.LastEdition(r.http().Context())
	if err != nil || p.Base == "" || p.Base == last.Name {
		return typed, err
	}
	shown, err := a.Store.Params(r.http().Context(), p.Base)
	known := err == nil // else it was revoked, or never was
	for _, d := range regulation.DefaultParams() {
		if !known || typed.Get(d.Name) == strconv.Itoa(shown.Days(d.Name)) {
			delete(typed, d.Name)
		}
	}
	return typed, nil
}

// changedOf reads the parameters among the fields and keeps those that differ from base.
func changedOf(fields regulation.Values, base regulation.Params) (map[string]int, error) {
	changed := map[string]int{}
	refused := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseInterpretive, Missing: "fields"}
	for _, d := range regulation.DefaultParams() {
		typed := fields.Get(d.Name)
		value, err := strconv.Atoi(cmp.Or(typed, strconv.Itoa(base.Days(d.Name))))
		if err != nil {
			refused.Field(d.Name, "not_a_number")
		} else if value != base.Days(d.Name) {
			changed[d.Name] = value
		}
	}
	if refused.Fields != nil {
		return nil, refused
	}
	return changed, nil
}

// editionErrors are what is wrong, by field; where another edition is in the way, it is named.
func editionErrors(err error, refused *regulation.Error) map[string]web.Message {
	wrong := web.FieldErrors(formErrors(refused))
	if since := (*store.EditionSince)(nil); errors.As(err, &since) {
		for field, message := range wrong {
			wrong[field] = web.Msg("refusal.edition_named", message, since.Edition.Name, since.Edition.From)
		}
	}
	return wrong
}

// decideEdition puts a proposed edition in force from its day on, rejects or withdraws it; or
// revokes one as proposed.
func (a *API) decideEdition(r *request) (answer, error) {
	verdict, err := a.verdictTyped(r, policies.ReviewEdition, regulation.PrefectureArea)
	if err == nil {
		err = a.Store.DecideEdition(r.http().Context(), r.param("id"), verdict)
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code != regulation.NotFound {
		return a.editionCardAgain(r, err, func(card web.EditionCard) { card.Decision.Errors = editionErrors(err, refused) })
	}
	a.say(r, "flash.decided")
	return answer{status: http.StatusNoContent, next: "/editions"}, err
}

// editionCardAgain is the page with what was refused on one proposal's card.
func (a *API) editionCardAgain(r *request, refused error, mark func(web.EditionCard)) (answer, error) {
	view, _, err := a.editionsPage(r, nil, nil)
	if err != nil {
		return answer{}, errors.Join(refused, err)
	}
	for _, card := range view.Proposals {
		if card.ID == r.param("id") {
			mark(card)
		}
	}
	return answer{view: view}, refused
}

// proposeRevocation proposes that an approved edition be revoked before its day.
func (a *API) proposeRevocation(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "basis", "idempotency_key"); err != nil {
		return answer{}, err
	}
	as, err := a.Guard.Reviewer(r.actor, policies.ProposeEdition, regulation.PrefectureArea)
	if err != nil {
		return answer{}, err
	}
	id, err := a.Store.ProposeRevocation(r.http().Context(), r.param("id"), store.Proposal{Author: r.actor.Person, AuthorFor: as.For}, fields.Get("basis"))
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code != regulation.NotFound {
		wrong := editionErrors(err, refused)
		return a.editionCardAgain(r, err, func(card web.EditionCard) {
			if card.Revocation == nil {
				card.Decision.Errors = wrong
				return
			}
			card.Revocation.Field, card.Revocation.Open = revocationField(fields, wrong), true
			card.Revocation.Errors = overall(wrong, []web.Field{card.Revocation.Field})
		})
	}
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.proposed")
	return answer{status: http.StatusCreated, location: "/editions", next: "/editions", body: map[string]string{"id": id}}, nil
}
