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

// formulaExampleBody is one place of the latest month that shows its counts.
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
	figures, _, err := a.publicFiguresFor(r)
	if err != nil {
		return answer{}, err
	}
	for _, area := range figures.Areas {
		if area.Good != nil {
			b.Example = &formulaExampleBody{*area.Place, figures.Period, *area.Good, *area.Bad, area.Rated, area.GoodRate}
			v.Example = &web.FormulaExample{Name: area.Place.Name, Period: periodWords(r.lang, figures.Period), Good: *area.Good, Bad: *area.Bad, Rated: area.Rated, GoodRate: area.GoodRate}
			break
		}
	}
	return answer{body: b, view: v, shared: true}, nil
}
