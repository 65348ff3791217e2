package api

import (
	"errors"
	"slices"
	"strconv"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/web"
)

// newBoardBody is what the form of a board that is drafted by hand offers: quarters of the prefecture that are sealed.
type newBoardBody struct {
	Quarters []string `json:"quarters"`
}

func (a *API) newBoardBody(r *request) (newBoardBody, error) {
	seals, err := a.Store.Seals(r.http().Context(), []string{regulation.PrefectureArea})
	b := newBoardBody{Quarters: []string{}}
	for _, seal := range seals {
		if p, ok := regulation.ParsePeriod(seal.Period); ok && p.IsQuarter() && !slices.Contains(b.Quarters, seal.Period) {
			b.Quarters = append(b.Quarters, seal.Period)
		}
	}
	return b, err
}

func (a *API) showNewBoard(r *request) (answer, error) {
	body, err := a.newBoardBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.newBoardPage(r, body, nil, nil)}, nil
}

// draftBoard drafts the next version of a quarter's board by hand (8(1)).
func (a *API) draftBoard(r *request) (answer, error) {
	fields, err := r.fields()
	if err == nil {
		err = only(fields, "period")
	}
	if err != nil {
		return answer{}, err
	}
	id, err := a.tryDraft(r, fields.Get("period"))
	if err == nil {
		return a.made(r, regulation.DocketBoard, id), nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.newBoardBody(r)
		wrong := formErrors(refused)
		if refused.Fields == nil { // the last version stands, or nothing was sealed
			wrong = map[string]string{"period": refused.Missing}
		}
		return answer{view: a.newBoardPage(r, body, fields, wrong)}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) tryDraft(r *request, period string) (string, error) {
	allowed := a.Guard.Assignments(r.actor, policies.KeepBoards, regulation.Docket{Kind: regulation.DocketBoard}.Subject())
	if len(allowed) == 0 {
		return "", a.notYours(policies.KeepBoards)
	}
	actor := r.actor
	actor.As = allowed[0]
	return a.Store.DraftBoard(r.http().Context(), period, actor)
}

func (a *API) newBoardPage(r *request, b newBoardBody, fields regulation.Values, wrong map[string]string) *web.NewWatchView {
	v := &web.NewWatchView{Page: a.pageFor(r), Code: "boards", Form: web.Form{Action: "/boards", Errors: web.FieldErrors(wrong)}}
	v.Title = web.T(r.lang, "title.new-board")
	v.Fields = []web.Field{choice("period", "col.period", periodOptions(r.lang, b.Quarters), fields, wrong)}
	return v
}

// choice is a select of a form.
func choice(name, label string, options []web.Option, fields regulation.Values, wrong map[string]string) web.Field {
	f := web.Field{Name: name, Kind: web.FieldSelect, Label: label, Required: true, Options: options, Values: fields[name]}
	if code := wrong[name]; code != "" {
		message := web.Msg("refusal." + code)
		f.Error = &message
	}
	return f
}

func periodOptions(lang web.Lang, periods []string) []web.Option {
	options := make([]web.Option, 0, len(periods))
	for _, period := range periods {
		options = append(options, web.Option{Value: period, Text: periodWords(lang, period)})
	}
	return options
}

// newInspectionBody is what the form of an inspection's score offers.
type newInspectionBody struct {
	Quarters []string    `json:"quarters"`
	Places   []placeBody `json:"places"` // counties, then departments of the prefecture
}

// quartersInspected are how many quarters back, that are over, a score may be entered for.
const quartersInspected = 8

func (a *API) newInspectionBody(r *request) (newInspectionBody, error) {
	b := newInspectionBody{Quarters: []string{}, Places: []placeBody{}}
	for _, option := range recentQuarters(r, quartersInspected+1)[1:] {
		b.Quarters = append(b.Quarters, option.Value)
	}
	counties, departments, err := a.Store.RankedOn(r.http().Context())
	for _, o := range append(counties, departments...) {
		if o.Kind != regulation.OrgAuthority {
			b.Places = append(b.Places, placeBody{o.ID, either(r.lang, o.NameZH, o.NameEN)})
		}
	}
	return b, err
}

func (a *API) showNewInspection(r *request) (answer, error) {
	body, err := a.newInspectionBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.newInspectionPage(r, body, nil, nil)}, nil
}

// enterInspection enters what an inspection under the provincial rules scored; somebody else approves it.
func (a *API) enterInspection(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	id, err := a.tryInspection(r, fields)
	if err == nil {
		return a.made(r, regulation.DocketInspection, id), nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.newInspectionBody(r)
		wrong := formErrors(refused)
		if refused.Fields == nil { // the place has a score of the quarter: it is corrected there
			wrong = map[string]string{"place": refused.Missing}
		}
		return answer{view: a.newInspectionPage(r, body, fields, wrong)}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) tryInspection(r *request, fields regulation.Values) (string, error) {
	fresh, err := a.Store.NewInspection(r.http().Context(), fields.Get("period"), fields.Get("place"))
	if err != nil {
		return "", err
	}
	return a.startDocket(r, "enter", fresh, fields, "period", "place")
}

func (a *API) newInspectionPage(r *request, b newInspectionBody, fields regulation.Values, wrong map[string]string) *web.NewWatchView {
	v := &web.NewWatchView{Page: a.pageFor(r), Code: "inspections", Form: web.Form{Action: "/inspections", Errors: web.FieldErrors(wrong)}}
	v.Title = web.T(r.lang, "title.new-inspection")
	v.Fields = []web.Field{choice("period", "col.period", periodOptions(r.lang, b.Quarters), fields, wrong), choice("place", "col.ranked_place", placeOptions(b.Places), fields, wrong)}
	act, _ := regulation.DocketActOf(regulation.DocketInspection, "enter")
	for _, field := range act.Fields {
		v.Fields = append(v.Fields, web.FieldOf(field, fields[field.Name], wrong[field.Name], nil))
	}
	return v
}

// boardOf is the board that a docket is of, as the reader may see it: all ranks, but nothing of their own offices (2).
func (a *API) boardOf(r *request, d regulation.Docket) (*boardBody, error) {
	if d.Kind != regulation.DocketBoard {
		return nil, nil
	}
	b, err := a.Store.Board(r.http().Context(), d.Period, d.BoardVersion())
	if err != nil {
		return nil, err
	}
	names, err := a.figureNames(r)
	if err != nil {
		return nil, err
	}
	body := a.boardBody(r, b, names.ownRated(r.actor), false)
	return &body, nil
}

// boardView draws a board within its docket's page.
func boardView(b *boardBody) *web.RankedBoard {
	if b == nil {
		return nil
	}
	v := &web.RankedBoard{Lists: boardLists(*b), Rule: boardRule(*b), Reasons: b.Reasons, Counts: true, Edition: b.Based.Edition, Formula: b.Based.Formula, Hash: b.Hash}
	for _, place := range b.Withheld {
		v.Withheld = append(v.Withheld, place.Name)
	}
	return v
}

// placeNamed is the name of the place that an inspection is of.
func (a *API) placeNamed(r *request, d docketBody) string { return a.places(r).name(d.Facts["place"]) }

// boardCell is a cell of the lists of boards and inspections.
func (a *API) boardCell(r *request, d docketBody, column string) web.Cell {
	switch column {
	case "ranked_place":
		return web.Cell{Text: a.placeNamed(r, d)}
	case "inspection_score":
		return web.Cell{Text: d.Facts["inspection_score"], Figure: true}
	case "board_version":
		version, _ := strconv.ParseInt(d.Facts["board_version"], 10, 64) // written by us
		return web.Cell{Message: web.Msg("board.version", version)}
	case "board_seal":
		return web.Cell{Text: d.Facts["seal_version"], Figure: true}
	}
	return web.Cell{}
}
