package api

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// honourCandidates lists who may be honoured of a sealed quarter (8(2), R39): windows or staff with many good ratings, the reasons that
// stand in somebody's way, and what the list rests on, so that it can be made again.
type honourCandidates struct {
	Areas    []placeBody `json:"areas"`
	Quarters []string    `json:"quarters"` // that are sealed
	Area     string      `json:"area"`
	Honour   string      `json:"honour"` // star, model
	Period   string      `json:"period,omitempty"`
	Seal     int64       `json:"sealed_version,omitempty"`
	Position int64       `json:"ledger_position,omitempty"`
	At       time.Time   `json:"as_of,omitzero"`
	Edition  string      `json:"edition,omitempty"`
	Digest   string      `json:"digest,omitempty"` // SHA-256 of the whole list
	// Except are the reader's own offices: who is chosen there is for the level above.
	Except     []*placeBody      `json:"except"`
	Candidates []honourCandidate `json:"candidates"`
}

type honourCandidate struct {
	Rank     int      `json:"rank"`
	Object   string   `json:"object"`
	Name     string   `json:"name"`
	Unit     string   `json:"unit"`
	Rated    int64    `json:"rated"`
	Good     int64    `json:"good"`
	GoodRate string   `json:"good_rate"`
	Barred   []string `json:"barred,omitempty"`
}

// showCandidates lists the candidates of the reader's area and the latest sealed quarter, unless it is asked for others.
func (a *API) showCandidates(r *request) (answer, error) {
	body, err := a.candidates(r, r.query)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.candidatesTable(r, body)}, nil
}

func (a *API) candidates(r *request, asked func(string) string) (b honourCandidates, err error) {
	b = honourCandidates{Areas: []placeBody{}, Quarters: []string{}, Except: []*placeBody{}, Candidates: []honourCandidate{}, Honour: cmp.Or(asked("honour"), regulation.HonourStar), Area: asked("area")}
	names, err := a.figureNames(r)
	if err != nil {
		return b, err
	}
	scope := a.Guard.Scope(r.actor, policies.ViewHonours)
	for _, o := range names.p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		if scope.All || slices.Contains(scope.Areas, o.Area) {
			b.Areas = append(b.Areas, placeBody{o.Area, names.p.name(o.ID)})
		}
	}
	if b.Area == "" && len(b.Areas) > 0 {
		b.Area = b.Areas[0].ID
	}
	if !slices.ContainsFunc(b.Areas, func(p placeBody) bool { return p.ID == b.Area }) {
		return b, notFound("area")
	}
	seals, err := a.Store.Seals(r.http().Context(), []string{b.Area})
	for _, seal := range seals {
		if p, ok := regulation.ParsePeriod(seal.Period); ok && p.IsQuarter() && !slices.Contains(b.Quarters, seal.Period) {
			b.Quarters = append(b.Quarters, seal.Period)
		}
	}
	if b.Period = asked("period"); b.Period == "" && len(b.Quarters) > 0 {
		b.Period = b.Quarters[0]
	}
	if err != nil || b.Period == "" {
		return b, err
	}
	version, at, err := askedList(r, asked)
	if err != nil {
		return b, err
	}
	list, err := a.Store.HonourCandidates(r.http().Context(), b.Area, b.Period, b.Honour, version, at)
	if err != nil {
		return b, err
	}
	return b, a.fillHonours(r, names, list, &b)
}

// lastList leaves out what asks for an earlier list: who is nominated stands on that of now.
func lastList(asked func(string) string) func(string) string {
	return func(name string) string {
		if name == "version" || name == "as_of" {
			return ""
		}
		return asked(name)
	}
}

// askedList is of which sealed version and of whose record a list is asked for: that of a nomination is made again by what it names.
func askedList(r *request, asked func(string) string) (version int64, at time.Time, err error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClausePraise, Missing: "fields"}
	if text := asked("version"); text != "" {
		if version, err = strconv.ParseInt(text, 10, 64); err != nil || version < 1 {
			return 0, at, wrong.Field("version", "not_an_option")
		}
	}
	if at = r.at; asked("as_of") != "" {
		if at, err = time.Parse(time.RFC3339Nano, asked("as_of")); err != nil {
			return 0, at, wrong.Field("as_of", "not_a_date")
		}
		if at.After(r.at) {
			return 0, at, wrong.Field("as_of", "in_future")
		}
	}
	return version, at, nil
}

// fillHonours names the candidates, without those of the reader's own offices (2).
func (a *API) fillHonours(r *request, names figureNames, list store.HonourList, b *honourCandidates) (err error) {
	b.Seal, b.Position, b.At, b.Edition, b.Digest = list.Seal, list.Position, list.At, list.Edition, list.Digest
	by := regulation.AxisWindow
	if b.Honour == regulation.HonourModel {
		by = regulation.AxisStaff
		var people []string
		for _, c := range list.Candidates {
			people = append(people, c.Object)
		}
		if names.staff, err = a.Store.StaffNames(r.http().Context(), people...); err != nil {
			return err
		}
	}
	own := names.ownRated(r.actor)
	for _, unit := range own {
		b.Except = append(b.Except, names.p.body(unit))
	}
	for _, c := range list.Candidates {
		if !slices.Contains(own, c.Unit) {
			b.Candidates = append(b.Candidates, honourCandidate{c.Rank, c.Object, names.name(r, by, c.Object), names.p.name(c.Unit), c.Rated, c.Good, c.Rate().Percent(2), c.Barred})
		}
	}
	return nil
}

func (a *API) candidatesTable(r *request, b honourCandidates) *web.TableView {
	v := &web.TableView{Page: a.pageFor(r), Code: "candidates", Columns: []string{"candidate", "rank", "unit", "rated", "good_rate", "barred"}}
	intro := web.Msg("candidates.text")
	if b.Period != "" {
		intro = web.Msg("candidates.of", periodWords(r.lang, b.Period), b.Seal, b.Position, b.Digest[:16])
		if len(b.Candidates) > 0 && a.Guard.May(r.actor, policies.KeepHonours) {
			v.More = &web.Option{Value: "/honours/new?area=" + b.Area + "&period=" + b.Period + "&honour=" + b.Honour, Text: web.T(r.lang, "honours.add")}
		}
	}
	v.Intro = &intro
	v.Filter = &web.TableFilter{Action: "/honours/candidates", Fields: []web.Field{
		{Name: "area", Kind: web.FieldSelect, Label: "filter.area", Options: placeOptions(b.Areas), Values: []string{b.Area}},
		{Name: "period", Kind: web.FieldSelect, Label: "col.period", Options: periodOptions(r.lang, b.Quarters), Values: []string{b.Period}},
		{Name: "honour", Kind: web.FieldSelect, Label: "field.honour", Options: honourOptions(r), Values: []string{b.Honour}}}}
	for _, c := range b.Candidates {
		barred := web.Cell{Message: web.Msg("candidates.may"), Badge: "ok"}
		if len(c.Barred) > 0 {
			barred = web.Cell{Text: barredWords(r, c.Barred)}
		}
		v.Rows = append(v.Rows, web.TableRow{Cells: []web.Cell{{Text: c.Name}, {Text: strconv.Itoa(c.Rank), Figure: true}, {Text: c.Unit}, {Text: strconv.FormatInt(c.Rated, 10), Figure: true},
			{Text: c.GoodRate, Figure: true}, barred}})
	}
	return v
}

func barredWords(r *request, reasons []string) (text string) {
	for i, reason := range reasons {
		if i > 0 {
			text += either(r.lang, "；", "; ")
		}
		text += web.T(r.lang, "candidates.barred."+reason)
	}
	return text
}

func honourOptions(r *request) (options []web.Option) {
	for _, honour := range regulation.HonourNames {
		options = append(options, web.Option{Value: honour, Text: web.T(r.lang, "choice.honour."+honour)})
	}
	return options
}

func (a *API) showNewHonour(r *request) (answer, error) {
	body, err := a.candidates(r, lastList(r.query))
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.newHonourPage(r, body, nil, nil)}, nil
}

// nominate nominates a candidate for an honour, with the grounds (8(2)).
func (a *API) nominate(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	id, err := a.tryNominate(r, fields)
	if err == nil {
		return a.made(r, regulation.DocketHonour, id), nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.candidates(r, lastList(fields.Get))
		wrong := formErrors(refused)
		if refused.Fields == nil { // the record speaks against it, or they were nominated before
			wrong = map[string]string{"object": refused.Missing}
		}
		return answer{view: a.newHonourPage(r, body, fields, wrong)}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) tryNominate(r *request, fields regulation.Values) (string, error) {
	body, err := a.candidates(r, lastList(fields.Get))
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(body.Candidates, func(c honourCandidate) bool { return c.Object == fields.Get("object") }) {
		return "", (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClausePraise, Missing: "fields"}).Field("object", "not_an_option")
	}
	fresh, err := a.Store.NewHonour(r.http().Context(), body.Area, body.Period, body.Honour, fields.Get("object"))
	if err != nil {
		return "", err
	}
	return a.startDocket(r, "nominate", fresh, fields, "area", "period", "honour", "object")
}

func (a *API) newHonourPage(r *request, b honourCandidates, fields regulation.Values, wrong map[string]string) *web.NewWatchView {
	v := &web.NewWatchView{Page: a.pageFor(r), Code: "honours", Form: web.Form{Action: "/honours", Errors: web.FieldErrors(wrong),
		Hidden: map[string]string{"area": b.Area, "period": b.Period, "honour": b.Honour}}}
	v.Title = web.T(r.lang, "title.new-honour", periodWords(r.lang, b.Period), web.T(r.lang, "choice.honour."+b.Honour))
	var options []web.Option
	for _, c := range b.Candidates {
		if len(c.Barred) == 0 {
			options = append(options, web.Option{Value: c.Object, Text: web.T(r.lang, "candidates.option", c.Rank, c.Name, c.Unit, c.GoodRate, c.Rated)})
		}
	}
	v.Fields = []web.Field{choice("object", "col.candidate", options, fields, wrong)}
	act, _ := regulation.DocketActOf(regulation.DocketHonour, "nominate")
	for _, field := range act.Fields {
		v.Fields = append(v.Fields, web.FieldOf(field, fields[field.Name], wrong[field.Name], nil))
	}
	return v
}

// honoured is the name of the window or person that a docket honours.
func (a *API) honoured(r *request, d docketBody) string {
	if d.Person != "" {
		return d.Person
	}
	names, err := a.figureNames(r)
	if err != nil {
		return d.Facts["object"]
	}
	return names.name(r, regulation.AxisWindow, d.Facts["object"])
}
