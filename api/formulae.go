package api

import (
	"haochaping/regulation"
	"haochaping/web"
)

// formulaeBody are the values by which figures are worked out, with an example from what is published (R21).
type formulaeBody struct {
	Formula    int                 `json:"formula"`
	Edition    string              `json:"edition"`
	Parameters map[string]int      `json:"parameters"`
	Example    *formulaExampleBody `json:"example,omitempty"`
}

// formulaExampleBody is one place of the latest period in which any shows its counts.
type formulaExampleBody struct {
	Place    placeBody `json:"place"`
	Period   string    `json:"period"`
	Good     int64     `json:"good"`
	Bad      int64     `json:"bad"`
	Rated    int64     `json:"rated"`
	GoodRate string    `json:"good_rate"`
}

// formulaParams are the parameters that the page of formulae names.
var formulaParams = []string{regulation.SealDay, regulation.PublicRatings, regulation.BatchLeast, regulation.ReleaseLowest, regulation.ReleasePeriods, regulation.BoardLeastRatings}

// showFormulae explains in words how figures are worked out.
func (a *API) showFormulae(r *request) (answer, error) {
	params, err := a.paramsNow(r)
	if err != nil {
		return answer{}, err
	}
	b := formulaeBody{Formula: regulation.FigureFormula, Edition: params.Edition, Parameters: map[string]int{}}
	v := &web.FormulaeView{Page: a.pageFor(r), Formula: b.Formula, Edition: b.Edition, Fewest: params.Days(regulation.PublicRatings), SealDay: params.Days(regulation.SealDay)}
	for _, name := range formulaParams {
		b.Parameters[name] = params.Days(name)
		v.Values = append(v.Values, web.FormulaValue{Name: name, Setting: publishedSetting(name, params.Days(name))})
	}
	if b.Example, err = a.formulaExample(r); err != nil {
		return answer{}, err
	}
	if e := b.Example; e != nil {
		v.Example = &web.FormulaExample{Name: e.Place.Name, Period: periodWords(r.lang, e.Period), Good: e.Good, Bad: e.Bad, Rated: e.Rated, GoodRate: e.GoodRate}
	}
	return answer{body: b, view: v, shared: true}, nil
}

// formulaExample is the first place that shows its counts in the last edition of the latest period in which any does; nil where none does.
func (a *API) formulaExample(r *request) (*formulaExampleBody, error) {
	editions, err := a.Store.PublicEditions(r.http().Context())
	if err != nil {
		return nil, err
	}
	for i, e := range editions {
		if i > 0 && editions[i-1].Period == e.Period {
			continue
		}
		table, e, err := a.Store.PublicFigures(r.http().Context(), e.Period, e.Edition)
		if err != nil {
			return nil, err
		}
		for _, area := range a.publicFiguresBody(r, table, e).Areas {
			if area.Good != nil {
				return &formulaExampleBody{*area.Place, table.Period, *area.Good, *area.Bad, area.Rated, area.GoodRate}, nil
			}
		}
	}
	return nil, nil
}
