package api

import (
	"errors"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/web"
	"haochaping/workday"
)

func (a *API) newCommendationBody(r *request) (newDocketBody, error) {
	b, err := a.watchable(r, policies.KeepCommendations)
	return newDocketBody{Areas: b.Areas, Area: b.Area, Units: b.Units, Staff: b.Staff}, err
}

func (a *API) showNewCommendation(r *request) (answer, error) {
	body, err := a.newCommendationBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.newCommendationPage(r, body, nil, nil)}, nil
}

// proposeCommendation proposes a unit or a member of staff for commendation (8(2)).
func (a *API) proposeCommendation(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	id, err := a.tryCommendation(r, fields)
	if err == nil {
		return a.made(r, regulation.DocketCommendation, id), nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.newCommendationBody(r)
		v := a.newCommendationPage(r, body, fields, formErrors(refused))
		if refused.Fields == nil { // the record speaks against it
			v.Errors = map[string]web.Message{"": web.Msg("refusal." + refused.Missing)}
		}
		return answer{view: v}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) tryCommendation(r *request, fields regulation.Values) (string, error) {
	kind, object, err := unitOrStaff(fields, regulation.ClausePraise)
	if err != nil {
		return "", err
	}
	fresh, err := a.Store.NewCommendation(r.http().Context(), kind, object)
	if err != nil {
		return "", err
	}
	return a.startDocket(r, "propose", fresh, fields, "area")
}

// quartersOffered are how many quarters back a commendation may be for.
const quartersOffered = 4

func (a *API) newCommendationPage(r *request, b newDocketBody, fields regulation.Values, wrong map[string]string) *web.NewWatchView {
	v := a.newWatchPage(r, watchableBody{Areas: b.Areas, Area: b.Area, Units: b.Units, Staff: b.Staff}, fields, wrong)
	v.Code, v.Action, v.Title = "commendations", "/commendations", web.T(r.lang, "title.new-commendation")
	choices := v.Fields[:2]
	act, _ := regulation.DocketActOf(regulation.DocketCommendation, "propose")
	period := web.FieldOf(act.Fields[0], fields["commend_period"], wrong["commend_period"], nil)
	period.Kind, period.Length = web.FieldSelect, 0
	period.Options = recentQuarters(r, quartersOffered)
	reasons := act.Fields[len(act.Fields)-1]
	v.Fields = append([]web.Field{period}, append(choices, web.FieldOf(reasons, fields[reasons.Name], wrong[reasons.Name], nil))...)
	return v
}

// recentQuarters are this quarter and those before it, n in all.
func recentQuarters(r *request, n int) []web.Option { return recentPeriods(r, n, regulation.QuarterOf) }

// recentMonths are this month and those before it, n in all.
func recentMonths(r *request, n int) []web.Option { return recentPeriods(r, n, regulation.MonthOf) }

func recentPeriods(r *request, n int, of func(workday.Date) string) []web.Option {
	var options []web.Option
	for day := workday.DateOf(r.at); len(options) < n; {
		period := of(day)
		options = append(options, web.Option{Value: period, Text: periodWords(r.lang, period)})
		first, _, _ := regulation.PeriodDays(period)
		day = first.AddDays(-1)
	}
	return options
}
