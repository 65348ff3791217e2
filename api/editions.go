package api

import (
	"cmp"
	"errors"
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
	Name       string          `json:"name"`
	From       time.Time       `json:"from"`
	InForce    bool            `json:"in_force"` // for cases that are opened now
	Parameters []parameterBody `json:"parameters"`
}

type editionProposalBody struct {
	proposalBody
	From           workday.Date   `json:"from"`
	Interpretation string         `json:"interpretation"`
	DecidedOn      workday.Date   `json:"decided_on"`
	Basis          string         `json:"basis"`
	Changed        map[string]int `json:"changed"`
	Edition        string         `json:"edition,omitempty"`
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
		body.Editions = append(body.Editions, editionBody{e.Name, e.From, e.Name == current, parametersOf(people, values)})
	}
	proposals, err := a.Store.EditionProposals(ctx)
	for _, p := range proposals {
		body.Proposals = append(body.Proposals, editionProposalBody{proposalOf(people, p.Proposal), p.From, p.Interpretation, p.DecidedOn,
			p.Basis, p.Changed, p.Edition})
	}
	return body, err
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

func (a *API) editionsPage(r *request, fields regulation.Values, wrong map[string]string) (*web.EditionsView, editionsBody, error) {
	body, err := a.editionsBody(r)
	if err != nil {
		return nil, body, err
	}
	view := &web.EditionsView{Page: a.pageFor(r), RulesTabs: a.rulesTabs(r, "editions")}
	view.Errors = web.FieldErrors(wrong)
	var now []parameterBody
	for _, e := range body.Editions {
		view.Editions = append(view.Editions, drawnEdition(r, e))
		if e.InForce {
			now = e.Parameters
		}
	}
	proposals, err := a.Store.EditionProposals(r.http().Context())
	for i, p := range proposals {
		view.Proposals = append(view.Proposals, a.drawnProposal(r, body.Proposals[i], p, now))
	}
	if a.may(r, policies.ProposeEdition, regulation.PrefectureArea) {
		view.Fields, view.Params = editionFields(fields, wrong), parameterFields(now, fields, wrong)
	}
	return view, body, err
}

func drawnEdition(r *request, e editionBody) web.EditionCard {
	card := web.EditionCard{Name: e.Name, From: e.From, InForce: e.InForce}
	for _, p := range e.Parameters {
		v := web.EditionValue{Name: p.Name, Unit: "param_unit." + unitCode(p.Unit), Clause: string(p.Clause), Value: p.Value, Fixed: p.Fixed, Author: p.Author,
			Basis: p.Basis, Interpretation: p.Interpretation, DecidedOn: dayIn(r.lang, p.DecidedOn.String())}
		v.BasisKey = basisKeys[p.Basis]
		if p.Author == "regulation" {
			v.Author = web.T(r.lang, "editions.regulation")
		}
		card.Values = append(card.Values, v)
	}
	return card
}

// basisKeys are the two bases of the first edition, which the catalogues word.
var basisKeys = func() map[string]string {
	keys := map[string]string{}
	for _, p := range regulation.DefaultParams() {
		if p.Fixed() {
			keys[p.Basis] = "basis.fixed"
		} else if keys[p.Basis] == "" {
			keys[p.Basis] = "basis.open"
		}
	}
	return keys
}()

// unitCode is the catalogue's name of a parameter's unit.
func unitCode(unit string) string {
	for code, text := range map[string]string{"days": "working days", "days_left": "working days left", "days_civil": "days", "dates": "dates", "rejections": "rejections"} {
		if unit == text {
			return code
		}
	}
	switch {
	case strings.HasPrefix(unit, "switch"):
		return "switch"
	case strings.HasPrefix(unit, "percent"):
		return "percent"
	case strings.HasPrefix(unit, "cases"):
		return "cases"
	}
	return "count"
}

func (a *API) drawnProposal(r *request, b editionProposalBody, p store.EditionProposal, now []parameterBody) web.EditionCard {
	decision := a.decisionOn(r, b.proposalBody, p.Proposal, "/editions/"+p.ID+"/decision", a.may(r, policies.ReviewEdition, regulation.PrefectureArea))
	card := web.EditionCard{ID: p.ID, Name: p.Edition, From: p.From.Start(), Decision: &decision, Number: p.Interpretation, Basis: p.Basis}
	for _, param := range now {
		if value, changes := p.Changed[param.Name]; changes {
			card.Values = append(card.Values, web.EditionValue{Name: param.Name, Value: value, Before: param.Value})
		}
	}
	return card
}

func editionFields(fields regulation.Values, wrong map[string]string) []web.Field {
	return typedInto([]web.Field{
		{Name: "from", Kind: web.FieldDate, Label: "field.edition_from", Help: "field.edition_from.help", Required: true},
		{Name: "interpretation", Kind: web.FieldText, Label: "field.interpretation", Required: true, Length: 100},
		{Name: "decided_on", Kind: web.FieldDate, Label: "field.decided_on", Required: true},
		{Name: "basis", Kind: web.FieldTextArea, Label: "field.basis", Required: true, Length: 500},
	}, fields, wrong)
}

// parameterFields are the parameters that an edition may set, with the values in force.
func parameterFields(now []parameterBody, fields regulation.Values, wrong map[string]string) []web.Field {
	var all []web.Field
	for _, p := range now {
		if p.Fixed {
			continue
		}
		param, _ := regulation.ParamOf(p.Name)
		least, most := param.Bounds()
		f := web.Field{Name: p.Name, Kind: web.FieldNumber, Label: "param." + p.Name, Min: strconv.Itoa(least), Max: strconv.Itoa(most),
			Values: []string{strconv.Itoa(p.Value)}}
		if help := "param_help." + p.Name; web.Has(help) {
			f.Help = help
		}
		all = append(all, f)
	}
	return typedInto(all, fields, wrong)
}

// proposeEdition stores an edition for review: what differs from the edition in force at its
// beginning.
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
		view, _, drawing := a.editionsPage(r, fields, formErrors(refused))
		if drawing != nil {
			return answer{}, errors.Join(err, drawing)
		}
		return answer{view: view}, err
	}
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.proposed")
	return answer{status: http.StatusCreated, location: "/editions", next: "/editions", body: map[string]string{"id": id}}, nil
}

func (a *API) editionTyped(r *request, fields regulation.Values) (store.EditionProposal, error) {
	p := store.EditionProposal{Proposal: store.Proposal{Author: r.actor.Person}, Interpretation: fields.Get("interpretation"), Basis: fields.Get("basis")}
	p.From, _ = workday.ParseDate(fields.Get("from"))            // none is refused as such
	p.DecidedOn, _ = workday.ParseDate(fields.Get("decided_on")) // none is refused as such
	known := []string{"from", "interpretation", "decided_on", "basis", "idempotency_key"}
	for _, d := range regulation.DefaultParams() {
		known = append(known, d.Name)
	}
	if err := only(fields, known...); err != nil {
		return p, err
	}
	current, err := a.Store.CurrentEdition(r.http().Context())
	if err != nil {
		return p, err
	}
	now, err := a.Store.Params(r.http().Context(), current)
	if err != nil {
		return p, err
	}
	p.Changed, err = changedOf(fields, now)
	return p, err
}

// changedOf reads the parameters among the fields and keeps those that differ from now.
func changedOf(fields regulation.Values, now regulation.Params) (map[string]int, error) {
	changed := map[string]int{}
	refused := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseInterpretive, Missing: "fields"}
	for _, d := range regulation.DefaultParams() {
		typed := fields.Get(d.Name)
		value, err := strconv.Atoi(cmp.Or(typed, strconv.Itoa(now.Days(d.Name))))
		if err != nil {
			refused.Field(d.Name, "not_a_number")
		} else if value != now.Days(d.Name) {
			changed[d.Name] = value
		}
	}
	if refused.Fields != nil {
		return nil, refused
	}
	return changed, nil
}

// decideEdition puts a proposed edition in force from its day on, rejects or withdraws it.
func (a *API) decideEdition(r *request) (answer, error) {
	verdict, err := a.verdictTyped(r, policies.ReviewEdition, regulation.PrefectureArea)
	if err == nil {
		err = a.Store.DecideEdition(r.http().Context(), r.param("id"), verdict)
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code != regulation.NotFound {
		view, _, drawing := a.editionsPage(r, nil, nil)
		if drawing != nil {
			return answer{}, errors.Join(err, drawing)
		}
		for _, card := range view.Proposals {
			if card.ID == r.param("id") {
				card.Decision.Errors = web.FieldErrors(formErrors(refused))
			}
		}
		return answer{view: view}, err
	}
	a.say(r, "flash.decided")
	return answer{status: http.StatusNoContent, next: "/editions"}, err
}
