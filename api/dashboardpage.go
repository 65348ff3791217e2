package api

import (
	"cmp"
	"net/url"
	"strconv"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// dashboardPage draws a dashboard; figures lead to the cases behind them.
func (a *API) dashboardPage(r *request, d *dashboard) *web.DashboardView {
	b := d.body
	v := &web.DashboardView{Page: a.pageFor(r), Kind: string(d.kind), Name: d.name, At: dashboardAddress(d.kind, d.id), From: b.From, To: b.To, Above: a.aboveOf(r, d)}
	v.Title = web.T(r.lang, "dashboard.of", d.name)
	v.Excel = dashboardFile(d)
	if b.Told != nil {
		v.Told = webTold(b.Told, regulation.MonthOf(workday.DateOf(r.at)))
		return v
	}
	for _, except := range b.Except {
		v.Except = append(v.Except, except.Name)
	}
	v.OwnMatters = b.OwnMatters
	v.Position, v.Size, v.Behind, v.Waits = b.Ledger.Position, b.Ledger.Size, b.Ledger.Behind, b.Ledger.Waits
	v.Total, v.NotAgainst, v.Hrefs = figureLine(*b.Total), b.NotAgainst, map[string]string{"cases": d.behind(a, r, b.From, b.To)}
	for _, as := range []string{"concluded", "written_off", "accepted", "in_time", "overdue", "unit_overdue", "delayed"} {
		v.Hrefs[as] = d.behind(a, r, b.From, b.To, "counting", as)
	}
	for _, m := range b.Months {
		v.Months = append(v.Months, web.DashboardMonth{Month: m.Key, Line: figureLine(m), Href: d.behind(a, r, m.Key, m.Key)})
	}
	a.drawParts(r, d, v)
	a.drawFindings(r, d, v)
	if b.Open != nil {
		a.drawOpen(r, d, v)
	}
	v.Figures = d.figuresAddress()
	if d.kind == regulation.DashboardPrefecture {
		v.Decisions = "/dashboard/decisions?" + url.Values{"from": {b.From}, "to": {b.To}}.Encode()
	}
	return v
}

// dashboardAddress is where a dashboard is.
func dashboardAddress(kind regulation.DashboardKind, id string) string {
	if kind == regulation.DashboardPrefecture {
		return "/dashboard"
	}
	return "/dashboard/" + string(kind) + "/" + url.PathEscape(id)
}

// dashboardFile is the address under which a dashboard is had as a file: of those, none has a parameter.
func dashboardFile(d *dashboard) string {
	asked := url.Values{}
	if d.kind != regulation.DashboardPrefecture {
		asked.Set(string(d.kind), d.id)
	}
	if d.body.From != "" {
		asked.Set("from", d.body.From)
		asked.Set("to", d.body.To)
	}
	return (&url.URL{Path: "/dashboard", RawQuery: asked.Encode()}).String()
}

// figuresAddress is the statistics of the same place.
func (d *dashboard) figuresAddress() string {
	asked := url.Values{"from": {d.body.From}, "to": {d.body.To}, "by": {string(cmp.Or(d.body.PartsBy, regulation.AxisMonth))}}
	if d.kind != regulation.DashboardPrefecture {
		asked.Set(string(d.kind), d.id)
	}
	return "/figures?" + asked.Encode()
}

// aboveOf are the places that a place is part of, as far as the reader sees their dashboards.
func (a *API) aboveOf(r *request, d *dashboard) (above []web.Option) {
	add := func(kind regulation.DashboardKind, id, name string) {
		above = append(above, web.Option{Value: dashboardAddress(kind, id), Text: name})
	}
	if d.told {
		return nil
	}
	if d.kind != regulation.DashboardPrefecture && d.scope.All {
		add(regulation.DashboardPrefecture, "", d.p.name(d.p.tree.Orgs(regulation.OrgPrefecture)[0].ID))
	}
	if d.kind == regulation.DashboardUnit || d.kind == regulation.DashboardWindow || d.kind == regulation.DashboardStaff {
		add(regulation.DashboardCounty, d.area, divisionName(r, d.area, a.areaName(r, d.area)))
	}
	if d.kind == regulation.DashboardWindow || d.kind == regulation.DashboardStaff {
		add(regulation.DashboardUnit, d.unit, d.p.name(d.unit))
	}
	return above
}

// behind is the address of the cases behind a figure of the dashboard's place.
func (d *dashboard) behind(a *API, r *request, from, to string, pairs ...string) string {
	pairs = append(pairs, "from", from, "to", to)
	switch d.kind {
	case regulation.DashboardCounty:
		pairs = append(pairs, "area", d.area)
	case regulation.DashboardUnit:
		pairs = append(pairs, "of_unit", d.unit)
	case regulation.DashboardWindow:
		pairs = append(pairs, "window", d.window)
	case regulation.DashboardStaff:
		pairs = append(pairs, "of_unit", d.unit, "staff", d.staff, "attribution", regulation.AttributedToPerson)
	}
	return a.casesBehind(r, d.area, pairs...)
}

// standing is the address of open cases of the dashboard's place.
func (d *dashboard) standing(a *API, r *request, pairs ...string) string {
	pairs = append(pairs, "open", "yes")
	switch d.kind {
	case regulation.DashboardCounty:
		pairs = append(pairs, "area", d.area)
	case regulation.DashboardUnit:
		pairs = append(pairs, "of_unit", d.unit)
	case regulation.DashboardWindow:
		pairs = append(pairs, "window", d.window)
	}
	return a.casesBehind(r, d.area, pairs...)
}

// partFields are the fields of the list of cases by which parts are told apart.
var partFields = map[regulation.DashboardKind]string{regulation.DashboardPrefecture: "area", regulation.DashboardCounty: "of_unit", regulation.DashboardUnit: "window", regulation.DashboardWindow: "staff"}

// partKinds are the kinds of the parts' own dashboards.
var partKinds = map[regulation.DashboardKind]regulation.DashboardKind{regulation.DashboardPrefecture: regulation.DashboardCounty, regulation.DashboardCounty: regulation.DashboardUnit, regulation.DashboardUnit: regulation.DashboardWindow, regulation.DashboardWindow: regulation.DashboardStaff}

func (a *API) drawParts(r *request, d *dashboard, v *web.DashboardView) {
	v.PartsBy = string(d.body.PartsBy)
	if d.kind == regulation.DashboardPrefecture {
		v.Map = "good_rate"
		for _, measure := range v.MapMeasures() {
			if r.query("map") == measure {
				v.Map = measure
			}
		}
	}
	for _, part := range d.body.Parts {
		if d.kind != regulation.DashboardPrefecture && part.tally[0].Rated()+part.tally[1].Rated()+part.tally[0].NotRated+part.cases.Cases == 0 {
			continue
		}
		shown := web.DashboardPart{Key: part.Key, Name: part.Name, Line: figureLine(part)}
		if part.Key != "" {
			shown.Href = dashboardAddress(partKinds[d.kind], part.Key) + "?" + url.Values{"from": {d.body.From}, "to": {d.body.To}}.Encode()
		}
		pairs := []string{partFields[d.kind], part.Key}
		if d.kind == regulation.DashboardWindow {
			pairs = append(pairs, "attribution", regulation.AttributedToPerson)
		}
		if d.kind == regulation.DashboardUnit { // at the window, whatever unit the matter is of
			shown.CasesHref = a.casesBehind(r, d.area, append(pairs, "from", d.body.From, "to", d.body.To)...)
		} else {
			shown.CasesHref = d.behind(a, r, d.body.From, d.body.To, pairs...)
		}
		v.Parts = append(v.Parts, shown)
	}
}

func (a *API) drawFindings(r *request, d *dashboard, v *web.DashboardView) {
	most := regulation.Ratio{Of: 0, Among: 1}
	for _, dimension := range d.body.Dimensions {
		if dimension.rate.Among > 0 && dimension.rate.Compare(most) > 0 {
			most = dimension.rate
		}
	}
	for _, dimension := range d.body.Dimensions {
		bar := web.DashboardBar{Name: dimension.Name, Value: dimension.BadRate + "%", More: web.T(r.lang, "dashboard.mean", dimension.Marks, dimension.Mean)}
		if dimension.rate.Among == 0 {
			bar.Value = "—"
		} else if most.Of > 0 {
			bar.Share = float64(dimension.rate.Of) / float64(dimension.rate.Among) * float64(most.Among) / float64(most.Of)
		}
		v.Dimensions = append(v.Dimensions, bar)
	}
	for _, list := range []struct {
		field  string
		counts []caseCountBody
		into   *[]web.DashboardBar
	}{{"cause", d.body.Causes, &v.Causes}, {"link", d.body.Links, &v.Links}, {"attribution", d.body.Owed, &v.Owed}} {
		all := int64(0)
		for _, count := range list.counts {
			all += count.Cases
		}
		for _, count := range list.counts {
			*list.into = append(*list.into, web.DashboardBar{Name: count.Name, Value: strconv.FormatInt(count.Cases, 10), Share: float64(count.Cases) / float64(list.counts[0].Cases),
				More: regulation.Ratio{Of: count.Cases, Among: all}.Percent(0) + "%", Href: d.behind(a, r, d.body.From, d.body.To, list.field, cmp.Or(count.Key, notVerified))})
		}
	}
}

func (a *API) drawOpen(r *request, d *dashboard, v *web.DashboardView) {
	open := d.body.Open
	v.ShowOpen = true
	days := func(age ageBody) []string {
		return []string{"opened_from", dayText(age.From), "opened_to", dayText(age.To)}
	}
	for _, age := range open.Ages {
		v.Ages = append(v.Ages, age.Age)
		v.AgeTotals = append(v.AgeTotals, web.DashboardDay{Cases: age.Cases, Href: d.standing(a, r, days(age)...)})
	}
	for _, stage := range open.Stages {
		row := web.DashboardStage{Phase: string(stage.Phase), Total: linked(stage.Cases, d.standing(a, r, "phase", string(stage.Phase)))}
		for i, n := range stage.Ages {
			row.Cells = append(row.Cells, linked(n, d.standing(a, r, append(days(open.Ages[i]), "phase", string(stage.Phase))...)))
		}
		v.Stages = append(v.Stages, row)
	}
	v.Due = append(v.Due, web.DashboardDay{Cases: open.Late, Href: d.standing(a, r, "due", "late")})
	for _, on := range open.Ahead {
		v.Due = append(v.Due, web.DashboardDay{Day: on.Day.Start(), Cases: on.Cases, Href: d.standing(a, r, "due", on.Day.String())})
	}
}

func linked(n int64, href string) web.ChartCell {
	if n == 0 {
		href = ""
	}
	return web.ChartCell{Text: strconv.FormatInt(n, 10), Href: href}
}

func dayText(day *workday.Date) string {
	if day == nil {
		return ""
	}
	return day.String()
}

// webTold has every month of the year up to one, also those in which nothing was told.
func webTold(b *toldBody, until string) *web.DashboardTold {
	told := &web.DashboardTold{Year: b.Year, Total: b.Total}
	if b.Until != nil {
		told.Until = b.Until.Start()
	}
	for grade := 5; grade >= 1; grade-- {
		count := web.GradeCount{Grade: grade}
		if n, shown := b.Grades[strconv.Itoa(grade)]; shown {
			count.Count = strconv.Itoa(n)
		}
		told.Grades = append(told.Grades, count)
	}
	for _, month := range regulation.MonthsBetween(strconv.Itoa(b.Year)+"-01", until) {
		shown := web.ToldMonth{Month: month}
		for _, m := range b.Months {
			if m.Month == month {
				shown = web.ToldMonth{Month: month, Total: m.Total, Good: m.Good, Bad: m.Bad}
			}
		}
		told.Months = append(told.Months, shown)
	}
	return told
}

// decisionsBody tells where two authorities decide alike cases differently (7(1)).
type decisionsBody struct {
	From   string      `json:"from"`
	To     string      `json:"to"`
	Ledger countedBody `json:"ledger"`
	Least  int         `json:"least"` // alike cases that each of a pair needs
	Pairs  int         `json:"pairs"` // compared
	// Critical is by how many standard errors a pair differs that is listed; left out where none was compared.
	Critical    string           `json:"critical,omitempty"`
	Differences []differenceBody `json:"differences"`
}

type differenceBody struct {
	// Matter is the national code of the matter, or its id where it has none; "" where no matter was rated.
	Matter   string              `json:"matter"`
	Name     string              `json:"matter_name"`
	Cause    string              `json:"cause"`
	Grade    regulation.Grade    `json:"grade"`
	Decision regulation.Decision `json:"decision"`
	Low      shareBody           `json:"low"`
	High     shareBody           `json:"high"`
	Z        string              `json:"standard_errors"`
}

// shareBody is how many of an authority's alike cases were decided so; Rate is percent.
type shareBody struct {
	Area  string `json:"area"`
	Name  string `json:"name"`
	Of    int64  `json:"of"`
	Among int64  `json:"among"`
	Rate  string `json:"rate"`
}

// showDecisions compares the authorities of the prefecture, for whoever reads all of their figures.
func (a *API) showDecisions(r *request) (answer, error) {
	d := &dashboard{p: a.places(r), scope: a.Guard.Scope(r.actor, policies.ViewFigures)}
	if !d.scope.All {
		return answer{}, notFound("dashboard")
	}
	if err := d.ask(r); err != nil {
		return answer{}, err
	}
	ctx := r.http().Context()
	edition, err := a.Store.CurrentEdition(ctx)
	if err != nil {
		return answer{}, err
	}
	params, err := a.Store.Params(ctx, edition)
	if err != nil {
		return answer{}, err
	}
	least := params.Days(regulation.AlikeLeast)
	own, err := a.ownSide(r)
	if err != nil {
		return answer{}, err
	}
	counted, shares, err := a.Store.AlikeShares(ctx, d.from, d.to, int64(least), own.units, own.windows)
	if err != nil {
		return answer{}, err
	}
	found := regulation.CompareAlike(shares, int64(least))
	body := decisionsBody{From: d.from, To: d.to, Ledger: countedBody{counted.Position, counted.Size, counted.Behind(), int64(counted.Waits.Seconds())}, Least: least, Pairs: found.Pairs, Differences: []differenceBody{}}
	if found.Pairs > 0 {
		body.Critical = strconv.FormatFloat(found.Critical, 'f', 2, 64)
	}
	share := func(s regulation.AlikeShare) shareBody {
		return shareBody{s.Area, a.areaName(r, s.Area), s.Of, s.Among, s.Percent(1)}
	}
	var alike []string
	for _, x := range found.Differences {
		alike = append(alike, x.Alike.Matter)
	}
	matters, err := a.Store.AlikeMatters(ctx, alike...)
	if err != nil {
		return answer{}, err
	}
	for _, x := range found.Differences {
		body.Differences = append(body.Differences, differenceBody{x.Alike.Matter, alikeMatterName(r, matters, x.Alike.Matter), x.Alike.Cause, x.Alike.Grade, x.Decision, share(x.Low), share(x.High), strconv.FormatFloat(x.Z, 'f', 1, 64)})
	}
	return answer{body: body, view: a.decisionsPage(r, body)}, nil
}

func (a *API) decisionsPage(r *request, b decisionsBody) *web.DecisionsView {
	v := &web.DecisionsView{Page: a.pageFor(r), From: b.From, To: b.To, Least: b.Least, Pairs: b.Pairs, Critical: b.Critical, Position: b.Ledger.Position, Size: b.Ledger.Size}
	if to, _ := regulation.ParsePeriod(b.To); monthsBefore(to, 11) < b.From {
		v.YearHref = "/dashboard/decisions?" + url.Values{"from": {monthsBefore(to, 11)}, "to": {b.To}}.Encode()
	}
	for _, x := range b.Differences {
		href := func(s shareBody) string {
			return a.casesBehind(r, s.Area, "from", b.From, "to", b.To, "area", s.Area, "of_matter", cmp.Or(x.Matter, notVerified), "cause", x.Cause, "of_grade", strconv.Itoa(int(x.Grade)), "counting", store.CountingOf(x.Decision))
		}
		v.Rows = append(v.Rows, web.DecisionRow{Matter: x.Name, Cause: figureNames{}.name(r, regulation.AxisCause, x.Cause), Grade: int(x.Grade), Decision: string(x.Decision), Z: x.Z,
			Low: x.Low.Name, LowShare: x.Low.Rate, LowCount: fractionText(x.Low), LowHref: href(x.Low),
			High: x.High.Name, HighShare: x.High.Rate, HighCount: fractionText(x.High), HighHref: href(x.High)})
	}
	return v
}

// alikeMatterName is what a matter is called where cases are alike by it, its code where it is unknown.
func alikeMatterName(r *request, of map[string][]store.Matter, alike string) string {
	if alike == "" {
		return web.T(r.lang, "decisions.no_matter")
	}
	for _, m := range of[alike] {
		return either(r.lang, m.NameZH, m.NameEN)
	}
	return alike
}

func fractionText(s shareBody) string {
	return strconv.FormatInt(s.Of, 10) + "/" + strconv.FormatInt(s.Among, 10)
}
