package api

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// performanceBody are the figures by which an authority's units, or their staff, are appraised (8(2), R40): those of one sealed
// version to the digit, and the commendations that stand.
type performanceBody struct {
	Areas   []placeBody     `json:"areas"`   // from which the reader may choose
	Periods []string        `json:"periods"` // that are sealed, the latest first
	Area    string          `json:"area,omitempty"`
	Name    string          `json:"name,omitempty"`
	By      regulation.Axis `json:"by"` // unit or staff
	Period  string          `json:"period,omitempty"`
	Version int64           `json:"version,omitempty"` // 0 where nothing is sealed
	// Versions is how many there are, At when this one was sealed, Position the leaves of the ledger that it counted.
	Versions int64     `json:"versions,omitempty"`
	At       time.Time `json:"sealed_at,omitzero"`
	Position int64     `json:"ledger_position,omitempty"`
	Formula  int       `json:"formula,omitempty"`
	// Confirms tells that the version has what was confirmed; one of an earlier release has not.
	Confirms bool              `json:"confirms"`
	Except   []*placeBody      `json:"except"` // the reader's own offices, which are left out
	Shared   []*placeBody      `json:"shared"` // units left out too, in versions that do not tell apart what the reader's own windows served of theirs
	Lines    []performanceLine `json:"lines"`
}

// performanceLine is one unit or person. Rates are percent with two decimals, "" among none. What a unit alone does is left out of
// a person's.
type performanceLine struct {
	Key        string `json:"key"`
	Name       string `json:"name"`
	Unit       string `json:"unit,omitempty"` // of a person
	Rated      int64  `json:"rated"`
	Good       int64  `json:"good"`
	Bad        *int64 `json:"bad,omitempty"` // of a unit
	Confirmed  *int64 `json:"confirmed,omitempty"`
	GoodRate   string `json:"good_rate"`
	Accepted   *int64 `json:"accepted,omitempty"`
	InTime     *int64 `json:"in_time,omitempty"`
	InTimeRate string `json:"in_time_rate,omitempty"`
	Overdue    *int64 `json:"overdue,omitempty"`
	Honours    int    `json:"honours"`
}

// showPerformance shows what is taken out for appraisals; who looked is in the audit log.
func (a *API) showPerformance(r *request) (answer, error) {
	body, err := a.performance(r)
	if err != nil {
		return answer{}, err
	}
	if r.list == nil { // a file is logged as such
		err = a.tookPerformance(r, body, "read_performance")
	}
	return answer{body: body, view: a.performancePage(r, body)}, err
}

// exportPerformance is the same as a table for spreadsheets.
func (a *API) exportPerformance(r *request) (answer, error) {
	body, err := a.performance(r)
	if err == nil && body.Version == 0 {
		err = notFound("sealed")
	}
	if err != nil {
		return answer{}, err
	}
	content, err := spreadsheet(a.performancePage(r, body).Texts())
	if err == nil {
		err = a.tookPerformance(r, body, "export_performance")
	}
	if err != nil {
		return answer{}, err
	}
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="performance-`+body.Area+"-"+body.Period+"-v"+strconv.FormatInt(body.Version, 10)+"-"+string(body.By)+`.csv"`)
		return c.Blob(http.StatusOK, "text/csv; charset=utf-8", content)
	}}, nil
}

// tookPerformance notes who read or took what.
func (a *API) tookPerformance(r *request, b performanceBody, action string) error {
	if b.Version == 0 {
		return nil
	}
	e := store.AuditEntry{Person: r.actor.Person, Action: action, ObjectKind: "seal", ObjectID: b.Area + "-" + b.Period + "/" + strconv.FormatInt(b.Version, 10), Area: b.Area,
		Purpose: string(b.By), Outcome: store.OutcomeDone}
	if allowed := a.Guard.Assignments(r.actor, policies.ViewPerformance, regulation.Subject{Area: b.Area}); len(allowed) > 0 {
		e.Role = string(allowed[0].Role)
	}
	return a.Store.Audit(r.http().Context(), e)
}

// performance reads what was asked for: the latest sealed quarter of the reader's area by unit, unless it says else.
func (a *API) performance(r *request) (b performanceBody, err error) {
	b = performanceBody{Areas: []placeBody{}, Periods: []string{}, Except: []*placeBody{}, Shared: []*placeBody{}, Lines: []performanceLine{}, By: regulation.Axis(cmp.Or(r.query("by"), string(regulation.AxisUnit)))}
	if !slices.Contains(regulation.PerformanceAxes, b.By) {
		return b, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClausePraise, Missing: "fields"}).Field("by", "not_an_option")
	}
	names, err := a.figureNames(r)
	if err != nil {
		return b, err
	}
	if err := a.performanceChoices(r, names, &b); err != nil || b.Period == "" {
		return b, err
	}
	version, err := askedVersion(r)
	if err != nil {
		return b, err
	}
	f, err := a.Store.Sealed(r.http().Context(), b.Area, b.Period, version)
	if err != nil {
		return b, err
	}
	last := f
	if version != 0 {
		if last, err = a.Store.Sealed(r.http().Context(), b.Area, b.Period, 0); err != nil {
			return b, err
		}
	}
	b.Version, b.Versions, b.At, b.Position, b.Formula, b.Confirms = f.Version, last.Version, f.At, f.Position, f.Formula, f.Confirms
	return b, a.performanceLines(r, names, f, &b)
}

// performanceChoices are the areas and periods that there are, and which of them was asked for.
func (a *API) performanceChoices(r *request, names figureNames, b *performanceBody) error {
	scope := a.Guard.Scope(r.actor, policies.ViewPerformance)
	for _, o := range names.p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		if scope.All || slices.Contains(scope.Areas, o.Area) {
			b.Areas = append(b.Areas, placeBody{o.Area, names.p.name(o.ID)})
		}
	}
	asked := r.query("area")
	i := slices.IndexFunc(b.Areas, func(p placeBody) bool { return p.ID == asked })
	if asked == "" && len(b.Areas) > 0 {
		i = 0
	}
	if i < 0 {
		return notFound("area")
	}
	b.Area, b.Name = b.Areas[i].ID, b.Areas[i].Name
	seals, err := a.Store.Seals(r.http().Context(), []string{b.Area})
	if err != nil {
		return err
	}
	for _, seal := range seals {
		if !slices.Contains(b.Periods, seal.Period) {
			b.Periods = append(b.Periods, seal.Period)
		}
	}
	b.Period = r.query("period")
	if b.Period == "" && len(b.Periods) > 0 {
		b.Period = b.Periods[0]
	}
	return nil
}

// performanceLines are the lines of a version, without the reader's own offices (2).
func (a *API) performanceLines(r *request, names figureNames, f regulation.Sealed, b *performanceBody) error {
	ctx := r.http().Context()
	units, staff, err := a.Store.Honours(ctx, b.Period)
	if err != nil {
		return err
	}
	if b.By == regulation.AxisStaff {
		if names.staff, err = a.Store.StaffNames(ctx, keysOf(f.Figures.Staff)...); err != nil {
			return err
		}
	}
	own, err := a.ownSide(r)
	if err != nil {
		return err
	}
	figures, shared, err := a.rest(r, names, own, f)
	if err != nil {
		return err
	}
	for _, unit := range own.units {
		b.Except = append(b.Except, names.p.body(unit))
	}
	for _, unit := range shared {
		if o, _ := names.p.org(unit); b.By == regulation.AxisUnit && o.Area == f.Area {
			b.Shared = append(b.Shared, names.p.body(unit))
		}
	}
	for _, p := range regulation.PerformanceOf(figures, f.Area, b.By) {
		line := performanceLine{Key: p.Key, Name: names.name(r, b.By, p.Key), Rated: p.Rated, Good: p.Good, GoodRate: p.Rate.Percent(2)}
		if f.Confirms {
			line.Confirmed = &p.Confirmed
		}
		switch b.By {
		case regulation.AxisStaff:
			line.Unit, line.Honours = names.p.name(p.Under), staff[p.Key]
			if !f.Confirms { // nothing says which bad ratings are the person's
				line.GoodRate = ""
			}
		default:
			line.Bad, line.Accepted, line.InTime, line.Overdue, line.InTimeRate, line.Honours = &p.Bad, &p.Accepted, &p.InTime, &p.Overdue, p.InTimeRate.Percent(2), units[p.Key]
		}
		b.Lines = append(b.Lines, line)
	}
	return nil
}

func (a *API) performancePage(r *request, b performanceBody) *web.PerformanceView {
	v := &web.PerformanceView{Page: a.pageFor(r), Name: b.Name, Area: b.Area, Period: b.Period, PeriodName: periodWords(r.lang, b.Period), By: string(b.By), Version: b.Version, Versions: b.Versions, At: b.At, Position: b.Position,
		Formula: b.Formula, Confirms: b.Confirms}
	if r.list != nil {
		v.Lang = r.lang
	}
	v.Filter = web.TableFilter{Action: "/performance", Fields: []web.Field{
		{Name: "area", Kind: web.FieldSelect, Label: "col.seal_area", Options: placeOptions(b.Areas), Values: []string{b.Area}},
		{Name: "period", Kind: web.FieldSelect, Label: "col.seal_period", Options: periodOptions(r.lang, b.Periods), Values: []string{b.Period}},
		{Name: "by", Kind: web.FieldSelect, Label: "performance.by", Values: []string{string(b.By)}}}}
	for _, by := range regulation.PerformanceAxes {
		v.Filter.Fields[2].Options = append(v.Filter.Fields[2].Options, web.Option{Value: string(by), Text: web.T(r.lang, "figures.by."+string(by))})
	}
	for _, except := range b.Except {
		v.Except = append(v.Except, except.Name)
	}
	for _, shared := range b.Shared {
		v.Shared = append(v.Shared, shared.Name)
	}
	for _, line := range b.Lines {
		v.Lines = append(v.Lines, web.PerformanceLine{Key: line.Key, Name: line.Name, Unit: line.Unit, Rated: line.Rated, Good: line.Good, Bad: line.Bad, Confirmed: line.Confirmed,
			Accepted: line.Accepted, InTime: line.InTime, Overdue: line.Overdue, GoodRate: line.GoodRate, InTimeRate: line.InTimeRate, Honours: line.Honours})
	}
	return v
}
