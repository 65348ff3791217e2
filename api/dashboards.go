package api

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// dashboardBody shows one place, or one member of staff, at a glance (7(1), R02, R21). The rated side has Told alone.
type dashboardBody struct {
	Kind   regulation.DashboardKind `json:"kind"`
	ID     string                   `json:"id,omitempty"`
	Name   string                   `json:"name"`
	From   string                   `json:"from,omitempty"` // 2006-01
	To     string                   `json:"to,omitempty"`
	Ledger *countedBody             `json:"ledger,omitempty"`
	// Except are offices of the reader's own that are rated: their ratings are for the level above.
	Except []*placeBody `json:"except,omitempty"`
	// OwnMatters: what was done at a window of others for those offices, or at theirs for others, is left out; marks and people, which are not
	// counted by matter, are not shown where that concerns them.
	OwnMatters bool        `json:"own_matters,omitempty"`
	Total      *figureBody `json:"total,omitempty"`
	// NotAgainst are cases of a member of staff that are attributed otherwise, or not verified yet: they do not count against the
	// person (R60), and are in no other figure of cases here.
	NotAgainst int64           `json:"not_against,omitempty"`
	Months     []figureBody    `json:"months,omitempty"` // the thirteen up to To
	PartsBy    regulation.Axis `json:"parts_by,omitempty"`
	Parts      []figureBody    `json:"parts,omitempty"`
	Dimensions []dimensionBody `json:"dimensions,omitempty"`
	Causes     []caseCountBody `json:"causes,omitempty"`
	Links      []caseCountBody `json:"links,omitempty"`
	Owed       []caseCountBody `json:"attributions,omitempty"`
	Open       *openCasesBody  `json:"open,omitempty"`
	Told       *toldBody       `json:"told,omitempty"`
}

// dimensionBody are the marks of one dimension (4). BadRate is percent, Mean of 1 to 5.
type dimensionBody struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	Marks   int64  `json:"marks"`
	Bad     int64  `json:"bad"`
	BadRate string `json:"bad_rate"`
	Mean    string `json:"mean"`
	rate    regulation.Ratio
}

// caseCountBody is how many cases have something in common; key is "" before they are verified.
type caseCountBody struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Cases int64  `json:"cases"`
}

// dashboardPlace is what a dashboard is of, and where it lies. told: its reader is of the rated side.
type dashboardPlace struct {
	kind                            regulation.DashboardKind
	id, name                        string
	area, unit, hall, window, staff string
	told                            bool
}

// dashboard is one being put together.
type dashboard struct {
	dashboardPlace
	p        places
	scope    regulation.Scope
	own      ownSide // left out
	from, to string
	months   []string // of the trend
	windows  []string // of a unit
	noMarks  bool     // some are of the reader's own windows, and not counted apart
	// What is asked for beside the rest, and may be read once it is found.
	others struct {
		figures []store.Figure
		units   map[string]string
		found   func() error
	}
	cases struct {
		figures []store.CaseFigure
		found   func() error
	}
	body dashboardBody
}

func (a *API) showDashboard(r *request) (answer, error) {
	for _, kind := range []regulation.DashboardKind{regulation.DashboardCounty, regulation.DashboardUnit, regulation.DashboardWindow, regulation.DashboardStaff} {
		if id := r.query(string(kind)); id != "" {
			return a.dashboardOf(r, kind, id)
		}
	}
	switch scope := a.Guard.Scope(r.actor, policies.ViewDashboard); {
	case scope.All:
		return a.dashboardOf(r, regulation.DashboardPrefecture, "")
	case len(scope.Areas) > 0:
		return a.dashboardOf(r, regulation.DashboardCounty, scope.Areas[0])
	case len(scope.Units) > 0 && scope.Staff == "":
		return a.dashboardOf(r, regulation.DashboardUnit, scope.Units[0])
	default:
		return a.dashboardOf(r, regulation.DashboardStaff, scope.Staff)
	}
}

func (a *API) showCountyDashboard(r *request) (answer, error) {
	return a.dashboardOf(r, regulation.DashboardCounty, r.echo.Param("area"))
}

func (a *API) showUnitDashboard(r *request) (answer, error) {
	return a.dashboardOf(r, regulation.DashboardUnit, r.echo.Param("id"))
}

func (a *API) showWindowDashboard(r *request) (answer, error) {
	return a.dashboardOf(r, regulation.DashboardWindow, r.echo.Param("id"))
}

func (a *API) showStaffDashboard(r *request) (answer, error) {
	return a.dashboardOf(r, regulation.DashboardStaff, r.echo.Param("id"))
}

// dashboardOf answers with a dashboard; whatever the reader may not see is as if it were not there.
func (a *API) dashboardOf(r *request, kind regulation.DashboardKind, id string) (answer, error) {
	d := &dashboard{p: a.places(r), scope: a.Guard.Scope(r.actor, policies.ViewDashboard)}
	place, err := a.dashboardPlace(r, d.p, kind, id)
	if refused := (*regulation.Error)(nil); kind == regulation.DashboardStaff && id == d.scope.Staff && errors.As(err, &refused) {
		// Whoever serves has figures of their own before a profile is published: that is for citizens.
		place, err = dashboardPlace{kind: kind, id: id, staff: id, name: r.name}, nil
	}
	if err != nil {
		return answer{}, err
	}
	d.dashboardPlace = place
	if d.own, err = a.ownSide(r); err != nil {
		return answer{}, err
	}
	if !d.mayRead() {
		return answer{}, notFound("dashboard")
	}
	if d.told && kind == regulation.DashboardUnit && len(d.scope.Units) > 1 {
		var names []string
		for _, unit := range d.scope.Units {
			names = append(names, d.p.name(unit))
		}
		d.name = strings.Join(names, either(r.lang, "、", ", "))
	}
	d.body = dashboardBody{Kind: kind, ID: id, Name: d.name}
	if d.told {
		if d.body.Told, err = a.toldRatings(r, d.dashboardPlace, d.scope.Units); err != nil {
			return answer{}, err
		}
		return answer{body: d.body, view: a.dashboardPage(r, d)}, nil
	}
	if err := d.ask(r); err != nil {
		return answer{}, err
	}
	d.others.found, d.cases.found = fillBeside(r, d, a.findOfOthers), fillBeside(r, d, a.findCases)
	open, findings := fillBeside(r, d, a.fillOpenCases), fillBeside(r, d, a.fillFindings)
	for _, fill := range []func(*request, *dashboard) error{a.fillDashboardRatings, a.fillDashboardCases, a.nameParts} {
		err = errors.Join(err, fill(r, d))
	}
	if err := errors.Join(err, d.others.found(), d.cases.found(), open(), findings()); err != nil {
		return answer{}, err
	}
	d.sum()
	return answer{body: d.body, view: a.dashboardPage(r, d)}, nil
}

// fillBeside fills a part of a dashboard while others are filled, none of which touches it before it waited for the part.
func fillBeside(r *request, d *dashboard, fill func(*request, *dashboard) error) (wait func() error) {
	filled := make(chan error, 1)
	go func() {
		defer func() {
			if fault := recover(); fault != nil { // else it would end the process, not the request
				filled <- fmt.Errorf("part of a dashboard: %v", fault)
			}
		}()
		filled <- fill(r, d)
	}()
	return sync.OnceValue(func() error { return <-filled })
}

// dashboardPlace finds what a dashboard is asked of.
func (a *API) dashboardPlace(r *request, p places, kind regulation.DashboardKind, id string) (d dashboardPlace, err error) {
	ctx := r.http().Context()
	d = dashboardPlace{kind: kind, id: id}
	switch kind {
	case regulation.DashboardPrefecture:
		d.name = p.name(p.tree.Orgs(regulation.OrgPrefecture)[0].ID)
		return d, nil
	case regulation.DashboardCounty:
		d.area, d.name = id, divisionName(r, id, a.areaName(r, id))
		if !slices.ContainsFunc(p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty), func(o store.Org) bool { return o.Area == id }) {
			return d, notFound("dashboard")
		}
		return d, nil
	case regulation.DashboardUnit:
		d.unit = id
	case regulation.DashboardWindow:
		t, err := a.Store.WindowTarget(ctx, id)
		if err != nil {
			return d, notFound("dashboard")
		}
		d.window, d.hall, d.unit, d.name = id, t.Window.HallID, t.Window.UnitID, windowName(r.lang, t.Window)
	case regulation.DashboardStaff:
		profile, err := a.Store.Profile(ctx, id)
		if err != nil {
			return d, notFound("dashboard")
		}
		d.staff, d.unit, d.name = id, profile.UnitID, cmp.Or(profile.NameZH, id)
	}
	o, known := p.org(d.unit)
	if !known || !slices.Contains(regulation.UnitKinds, o.Kind) {
		return d, notFound("dashboard")
	}
	d.area, d.name = o.Area, cmp.Or(d.name, p.name(d.unit))
	return d, nil
}

// mayRead tells whether the reader may see the dashboard, and notes where it is as the rated side: people their own, heads their
// unit's. A unit's windows and people are not theirs to see by themselves, since those would be told by what they differ from the unit:
// so whoever is rated and heads a unit sees their own alone, as in the list of own ratings.
func (d *dashboard) mayRead() bool {
	if (d.scope.All || slices.Contains(d.scope.Areas, d.area)) && !slices.Contains(d.own.units, d.unit) && (d.kind != regulation.DashboardStaff || !slices.Contains(d.own.staff, d.staff)) {
		return true
	}
	switch d.kind {
	case regulation.DashboardUnit:
		d.told = slices.Contains(d.scope.Units, d.unit) && d.scope.Staff == ""
	case regulation.DashboardStaff:
		d.told = d.staff == d.scope.Staff
	}
	return d.told
}

// dashboardMonths is over how many months figures are summed unless asked otherwise, and trendMonths how many a trend has at least.
const (
	dashboardMonths = 3
	trendMonths     = 13
)

// ask reads which months the dashboard is of.
func (d *dashboard) ask(r *request) error {
	now, _ := regulation.ParsePeriod(regulation.MonthOf(workday.DateOf(r.at)))
	d.to = cmp.Or(r.query("to"), now.String())
	to, ok := regulation.ParsePeriod(d.to)
	wrong := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	if !ok || to.IsQuarter() {
		return wrong.Field("to", "not_a_month")
	}
	d.from = cmp.Or(r.query("from"), monthsBefore(to, dashboardMonths-1))
	if refuseMonths(d.from, d.to, wrong); len(wrong.Fields) > 0 {
		return wrong
	}
	d.months = regulation.MonthsBetween(min(d.from, monthsBefore(to, trendMonths-1)), d.to)
	if len(d.months) == 0 { // a trend would begin before any calendar
		return wrong.Field("from", "not_a_month")
	}
	d.body.From, d.body.To, d.body.Except = d.from, d.to, []*placeBody{}
	for _, unit := range d.own.units {
		if d.kind == regulation.DashboardPrefecture || d.kind == regulation.DashboardCounty {
			d.body.Except = append(d.body.Except, d.p.body(unit))
		}
	}
	for _, month := range d.months {
		d.body.Months = append(d.body.Months, figureBody{Key: month, Name: month})
	}
	d.body.Total = &figureBody{}
	return nil
}

// monthsBefore is so many months before a month.
func monthsBefore(p regulation.Period, n int) string {
	first, _ := p.Days()
	year, month, _ := first.Civil()
	return regulation.MonthOf(workday.NewDate(year, month-time.Month(n), 1))
}

// inside tells whether a month is one over which figures are summed.
func (d *dashboard) inside(month string) bool { return month >= d.from && month <= d.to }

func (d *dashboard) month(month string) *figureBody {
	return &d.body.Months[slices.Index(d.months, month)]
}

// partOf is the line of a part.
func (d *dashboard) partOf(key string) *figureBody {
	i := slices.IndexFunc(d.body.Parts, func(b figureBody) bool { return b.Key == key })
	if i < 0 {
		d.body.Parts = append(d.body.Parts, figureBody{Key: key})
		i = len(d.body.Parts) - 1
	}
	return &d.body.Parts[i]
}

// cut is the query for the place's ratings.
func (d *dashboard) cut() store.FigureQuery {
	q := store.FigureQuery{From: d.months[0], To: d.to, Cut: regulation.CutUnit, By: []store.FigureBy{store.ByMonth}}
	switch d.kind {
	case regulation.DashboardPrefecture:
		q.LessSecond = d.own.units
	case regulation.DashboardCounty:
		q.First, q.LessSecond = []string{d.area}, d.own.units
	case regulation.DashboardUnit:
		q.First, q.Second = []string{d.area}, []string{d.unit}
	case regulation.DashboardWindow:
		q.Cut, q.First, q.Second = regulation.CutWindow, []string{d.hall}, []string{d.window}
	case regulation.DashboardStaff:
		q.Cut, q.First, q.Second = regulation.CutStaff, []string{d.unit}, []string{d.staff}
	}
	return q
}

func (a *API) fillDashboardRatings(r *request, d *dashboard) error {
	ctx := r.http().Context()
	d.body.PartsBy = d.kind.PartsBy()
	q, part := d.cut(), store.FigureBy("")
	switch d.kind {
	case regulation.DashboardPrefecture:
		part = store.ByFirst
	case regulation.DashboardCounty:
		part = store.BySecond
	}
	if part != "" {
		q.By = append(q.By, part)
	}
	counted, figures, err := a.Store.Figures(ctx, q)
	if err != nil {
		return err
	}
	d.body.Ledger = &countedBody{counted.Position, counted.Size, counted.Behind(), int64(counted.Waits.Seconds())}
	for _, figure := range figures {
		d.month(figure.Month).rate(figure)
		if part != "" && d.inside(figure.Month) {
			d.partOf(cellPart(figure.Cell, part)).rate(figure)
		}
	}
	if err := errors.Join(a.fillRatedParts(r, d), a.leaveOwnSide(r, d)); err != nil {
		return err
	}
	if d.kind == regulation.DashboardWindow && d.body.OwnMatters {
		d.body.Parts = nil
		return nil
	}
	if d.noMarks {
		return nil
	}
	marks := d.cut()
	marks.From, marks.By = d.from, []store.FigureBy{store.ByDimension}
	_, figures, err = a.Store.Figures(ctx, marks)
	for _, dimension := range regulation.Dimensions {
		for _, figure := range figures {
			if figure.Dimension == dimension {
				d.body.Dimensions = append(d.body.Dimensions, dimensionOf(r, figure))
			}
		}
	}
	return err
}

// fillRatedParts tells a unit's windows, and who served at a window.
func (a *API) fillRatedParts(r *request, d *dashboard) error {
	q := store.FigureQuery{From: d.from, To: d.to, By: []store.FigureBy{store.BySecond}}
	switch d.kind {
	case regulation.DashboardUnit:
		windows, err := a.Store.WindowsOf(r.http().Context(), d.unit)
		if err != nil || len(windows) == 0 {
			return err
		}
		q.Cut, q.First, q.Second = regulation.CutWindow, []string{}, []string{}
		for _, w := range windows {
			d.windows = append(d.windows, w.ID)
			d.partOf(w.ID).Name = strings.TrimSpace(w.Number + " " + either(r.lang, w.NameZH, w.NameEN))
			q.Second = append(q.Second, w.ID)
			if !slices.Contains(q.First, w.HallID) {
				q.First = append(q.First, w.HallID)
			}
		}
	case regulation.DashboardWindow:
		q.Cut, q.First = regulation.CutWindowStaff, []string{d.window}
	default:
		return nil
	}
	_, figures, err := a.Store.Figures(r.http().Context(), q)
	for _, figure := range figures {
		d.partOf(figure.Second).rate(figure)
	}
	return err
}

// leaveOwnSide takes what else the reader's own offices were given off the place's figures: at a window, which serves matters of several units, what
// was given to theirs; at a unit and above, what was given to others' matters at their windows. Marks and people are not counted by matter, so where
// there are such ratings those are not shown at all.
func (a *API) leaveOwnSide(r *request, d *dashboard) error {
	if len(d.own.units) == 0 {
		return nil
	}
	err := errors.Join(a.leaveAtOthers(r, d), a.leaveOfOthers(d))
	if d.body.OwnMatters && len(d.body.Except) == 0 {
		for _, unit := range d.own.units {
			d.body.Except = append(d.body.Except, d.p.body(unit))
		}
	}
	return err
}

// leaveAtOthers does so at a window, and at those of a unit.
func (a *API) leaveAtOthers(r *request, d *dashboard) error {
	windows := d.windows
	if d.kind == regulation.DashboardWindow {
		windows = []string{d.window}
	}
	if len(windows) == 0 {
		return nil
	}
	figures, err := a.atOthers(r, d.own, store.FigureQuery{From: d.months[0], To: d.to, First: windows, By: []store.FigureBy{store.ByMonth, store.ByFirst}})
	for _, figure := range figures {
		switch {
		case d.kind == regulation.DashboardWindow:
			d.month(figure.Month).rate(less(figure))
		case d.inside(figure.Month):
			d.partOf(figure.First).rate(less(figure))
		}
		d.body.OwnMatters = true // in any month of the trend: that of the first rating of a month would tell when it came in
	}
	return err
}

// findOfOthers finds what was given to others' matters at the reader's own windows, at a unit, a county and the prefecture.
func (a *API) findOfOthers(r *request, d *dashboard) (err error) {
	if d.kind == regulation.DashboardWindow || d.kind == regulation.DashboardStaff || len(d.own.windows) == 0 {
		return nil
	}
	q := store.FigureQuery{From: d.months[0], To: d.to, By: []store.FigureBy{store.ByMonth, store.BySecond}}
	if d.kind == regulation.DashboardUnit { // the windows may serve matters of hundreds of units
		matters, err := a.Store.Matters(r.http().Context(), d.unit)
		if err != nil || len(matters) == 0 {
			return err
		}
		for _, m := range matters {
			q.Second = append(q.Second, m.ID)
		}
	}
	if d.others.figures, err = a.ofOthers(r, d.own, q); err != nil || len(d.others.figures) == 0 {
		return err
	}
	d.others.units, err = a.unitsOfMatters(r, d.others.figures)
	return err
}

// leaveOfOthers takes that off the place and its parts.
func (a *API) leaveOfOthers(d *dashboard) error {
	err := d.others.found()
	names := figureNames{p: d.p}
	for _, figure := range d.others.figures {
		unit := d.others.units[figure.Second]
		if at, _ := d.p.org(unit); d.kind == regulation.DashboardCounty && at.Area != d.area || d.kind == regulation.DashboardUnit && unit != d.unit {
			continue
		}
		d.month(figure.Month).rate(less(figure))
		d.body.OwnMatters, d.noMarks = true, true
		if !d.inside(figure.Month) {
			continue
		}
		if part := names.group(d.body.PartsBy, regulation.AxisUnit, unit); d.kind != regulation.DashboardUnit {
			d.partOf(part).rate(less(figure))
		}
	}
	return err
}

// rate adds ratings to a line.
func (b *figureBody) rate(figure store.Figure) {
	b.tally[0], b.tally[1] = b.tally[0].Plus(figure.Tally), b.tally[1].Plus(figure.Net)
}

func dimensionOf(r *request, figure store.Figure) dimensionBody {
	sum := int64(0)
	for i, n := range figure.Net.Grades {
		sum += int64(i+1) * n
	}
	rate := figure.Net.BadRate()
	return dimensionBody{Key: figure.Dimension, Name: figureNames{}.name(r, regulation.AxisDimension, figure.Dimension), Marks: figure.Net.Rated(), Bad: figure.Net.Bad(),
		BadRate: rate.Percent(1), Mean: regulation.Ratio{Of: sum, Among: figure.Net.Rated()}.Fraction(2), rate: rate}
}

// where is what the place's cases have in common, by columns of their figures.
func (d *dashboard) where() map[string][]string {
	where := map[string][]string{"area": d.areas()}
	switch d.kind {
	case regulation.DashboardCounty:
		where["area"] = []string{d.area}
	case regulation.DashboardUnit:
		where["unit_id"] = []string{d.unit}
	case regulation.DashboardWindow:
		return d.atWindows(d.window)
	case regulation.DashboardStaff:
		where["unit_id"], where["staff_id"] = []string{d.unit}, []string{d.staff}
	}
	return where
}

// atWindows are cases of whatever was done at some windows: they serve matters of several units, whose ratings are the windows' too.
// Where the reader sees every area none is named, since the windows alone lead the database.
func (d *dashboard) atWindows(windows ...string) map[string][]string {
	where := map[string][]string{"window_id": windows}
	if !d.scope.All {
		where["area"] = d.areas()
	}
	return where
}

// areas are those that the reader sees: named one by one, they lead the database through its index.
func (d *dashboard) areas() (areas []string) {
	for _, o := range d.p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		if d.scope.All || slices.Contains(d.scope.Areas, o.Area) {
			areas = append(areas, o.Area)
		}
	}
	return areas
}

// partColumns are where cases have what a place is told apart by; windows and people are asked for by themselves.
var partColumns = map[regulation.DashboardKind]string{regulation.DashboardPrefecture: "area", regulation.DashboardCounty: "unit_id", regulation.DashboardUnit: "window_id", regulation.DashboardWindow: "staff_id"}

// casesBy are the columns by which a place's cases are asked for.
func (d *dashboard) casesBy() []string {
	switch d.kind {
	case regulation.DashboardPrefecture, regulation.DashboardCounty:
		return []string{"given_month", partColumns[d.kind]}
	case regulation.DashboardStaff:
		return []string{"given_month", "attribution"}
	}
	return []string{"given_month"}
}

func (a *API) findCases(r *request, d *dashboard) (err error) {
	_, d.cases.figures, err = a.Store.CaseFigures(r.http().Context(), d.own.except(store.CaseFigureQuery{From: d.months[0], To: d.to, Where: d.where(), By: d.casesBy()}))
	return err
}

func (a *API) fillDashboardCases(r *request, d *dashboard) error {
	if err := d.cases.found(); err != nil {
		return err
	}
	by := d.casesBy()
	for _, figure := range d.cases.figures {
		month := figure.By["given_month"]
		if d.kind == regulation.DashboardStaff && figure.By["attribution"] != regulation.AttributedToPerson {
			if d.inside(month) {
				d.body.NotAgainst += figure.Cases
			}
			continue
		}
		line := d.month(month)
		line.cases = line.cases.Plus(figure.CaseTally)
		if column := partColumns[d.kind]; len(by) > 1 && column != "" && d.inside(month) {
			part := d.partOf(figure.By[column])
			part.cases = part.cases.Plus(figure.CaseTally)
		}
	}
	if len(d.windows) > 0 || d.kind == regulation.DashboardWindow && !d.body.OwnMatters {
		return a.fillCaseParts(r, d)
	}
	return nil
}

func (a *API) fillCaseParts(r *request, d *dashboard) error {
	where := d.where()
	if d.kind == regulation.DashboardWindow {
		where["attribution"] = []string{regulation.AttributedToPerson}
	} else {
		where = d.atWindows(d.windows...)
	}
	_, figures, err := a.Store.CaseFigures(r.http().Context(), d.own.except(store.CaseFigureQuery{From: d.from, To: d.to, Where: where, By: []string{partColumns[d.kind]}}))
	for _, figure := range figures {
		key := figure.By[partColumns[d.kind]]
		if key == "" {
			continue // given to nobody in particular
		}
		part := d.partOf(key)
		part.cases = part.cases.Plus(figure.CaseTally)
	}
	return err
}

// fillFindings tells what went wrong, where, and what it is attributed to.
func (a *API) fillFindings(r *request, d *dashboard) error {
	where := d.where()
	if d.kind == regulation.DashboardStaff {
		where["attribution"] = []string{regulation.AttributedToPerson}
	}
	q := d.own.except(store.CaseFigureQuery{From: d.from, To: d.to, Where: where})
	each, err := a.Store.CaseFiguresEach(r.http().Context(), q, string(regulation.AxisCause), string(regulation.AxisLink), string(regulation.AxisAttribution))
	for _, list := range []struct {
		by   regulation.Axis
		keys []string
		into *[]caseCountBody
	}{{regulation.AxisCause, regulation.Causes, &d.body.Causes}, {regulation.AxisLink, regulation.Links, &d.body.Links}, {regulation.AxisAttribution, regulation.Attributions, &d.body.Owed}} {
		counts := map[string]int64{}
		for _, figure := range each[string(list.by)] {
			counts[figure.By[string(list.by)]] += figure.Cases
		}
		for _, key := range append(slices.Clone(list.keys), "") {
			if counts[key] > 0 {
				*list.into = append(*list.into, caseCountBody{key, figureNames{}.name(r, list.by, key), counts[key]})
			}
		}
		slices.SortStableFunc(*list.into, func(a, b caseCountBody) int { return cmp.Compare(b.Cases, a.Cases) })
	}
	return err
}

// nameParts names the parts, the one with most ratings first; counties stay as they are listed.
func (a *API) nameParts(r *request, d *dashboard) error {
	names, err := a.figureNames(r)
	if err != nil {
		return err
	}
	if d.kind == regulation.DashboardCounty && len(d.own.units) > 0 {
		d.body.Parts = slices.DeleteFunc(d.body.Parts, func(part figureBody) bool { return part.empty() })
	}
	if d.kind == regulation.DashboardPrefecture {
		for _, o := range d.p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
			d.partOf(o.Area)
		}
	}
	if d.kind == regulation.DashboardWindow {
		var ids []string
		for _, part := range d.body.Parts {
			ids = append(ids, part.Key)
		}
		if names.staff, err = a.Store.StaffNames(r.http().Context(), ids...); err != nil {
			return err
		}
	}
	for i := range d.body.Parts {
		part := &d.body.Parts[i]
		if part.Name == "" {
			part.Name = names.name(r, d.body.PartsBy, part.Key)
		}
	}
	slices.SortStableFunc(d.body.Parts, func(a, b figureBody) int {
		if d.kind == regulation.DashboardPrefecture {
			return cmp.Compare(a.Key, b.Key)
		}
		return cmp.Or(cmp.Compare(b.tally[1].Rated(), a.tally[1].Rated()), cmp.Compare(a.Key, b.Key))
	})
	return names.err()
}

// sum adds the months up and shows every line.
func (d *dashboard) sum() {
	for i := range d.body.Months {
		m := &d.body.Months[i]
		if d.inside(m.Key) {
			t := d.body.Total
			t.tally[0], t.tally[1], t.cases = t.tally[0].Plus(m.tally[0]), t.tally[1].Plus(m.tally[1]), t.cases.Plus(m.cases)
		}
		m.show()
	}
	for i := range d.body.Parts {
		d.body.Parts[i].show()
	}
	d.body.Total.show()
}

func (b *figureBody) show() {
	b.Ratings, b.Cases = ratedFiguresOf(b.tally[0], b.tally[1]), caseFiguresOf(b.cases)
}

// toldBody are the ratings that the rated side was told of this year: whole batches, each of one grade and in the month in which it
// was told; so each of these counts moves by no fewer than a batch (2, R21).
type toldBody struct {
	Year   int             `json:"year"`
	Until  *workday.Date   `json:"until,omitempty"` // the last day that the last batch may hold ratings of
	Total  int             `json:"total"`
	Grades map[string]int  `json:"grades"`
	Months []toldMonthBody `json:"months"`
}

// toldMonthBody is what was told in one month.
type toldMonthBody struct {
	Month string `json:"month"`
	Total int    `json:"total"`
	Good  int    `json:"good"`
	Bad   int    `json:"bad"`
}

// toldRatings are the batches of the list of own ratings: the two pages say the same. Whoever heads several units is told of the batches
// of each added up.
func (a *API) toldRatings(r *request, d dashboardPlace, units []string) (*toldBody, error) {
	var batches []regulation.ToldBatch
	for _, own := range ownRatingsOf(r.at, d.staff, units) {
		told, err := a.Store.ToldRatings(r.http().Context(), own)
		if err != nil {
			return nil, err
		}
		batches = append(batches, told...)
	}
	slices.SortStableFunc(batches, func(a, b regulation.ToldBatch) int { return a.End.Compare(b.End) })
	told := &toldBody{Year: workday.DateOf(r.at).Year(), Until: lastDay(batches), Grades: map[string]int{}, Months: []toldMonthBody{}}
	for _, batch := range batches {
		month := regulation.MonthOf(workday.DateOf(batch.End))
		if n := len(told.Months); n == 0 || told.Months[n-1].Month != month {
			told.Months = append(told.Months, toldMonthBody{Month: month})
		}
		m := &told.Months[len(told.Months)-1]
		m.Total += batch.Ratings
		if batch.Grade.Bad() {
			m.Bad += batch.Ratings
		} else {
			m.Good += batch.Ratings
		}
		told.Grades[strconv.Itoa(int(batch.Grade))] += batch.Ratings
		told.Total += batch.Ratings
	}
	return told, nil
}
