package api

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/web"
)

// sealsBody lists versions of sealed figures within the reader's area, the latest period first (7(1), 9(2)).
type sealsBody struct {
	Seals []sealBody `json:"seals"`
}

type sealBody struct {
	Area     string                  `json:"area"`
	Name     string                  `json:"name"`
	Period   string                  `json:"period"` // 2006-01 or 2006-Q1
	Version  int64                   `json:"version"`
	At       time.Time               `json:"at"`
	Position int64                   `json:"position"`
	Reasons  []regulation.SealReason `json:"reasons"`
	Last     bool                    `json:"last"` // no later version stands
}

// sealedBody is one version with its figures.
type sealedBody struct {
	sealBody
	Formula int `json:"formula"`
	// ByOffice tells that what lies between offices was counted; without it some are Shared.
	ByOffice bool `json:"by_office"`
	// Except are offices of the reader's own: their ratings are taken off all that is shown, and where that cannot be done
	// (by channel and dimension) nothing is.
	Except []*placeBody `json:"except"`
	// Shared are units whose matters were served at the reader's own windows: in versions of before such ratings were told apart they are in no
	// sum of units.
	Shared     []*placeBody `json:"shared"`
	Versions   int64        `json:"versions"`
	Total      figureBody   `json:"total"`
	Counties   []figureBody `json:"counties"`
	Units      []figureBody `json:"units"`
	Halls      []figureBody `json:"halls"`
	Windows    []figureBody `json:"windows"`
	Staff      []figureBody `json:"staff"`
	Matters    []figureBody `json:"matters"`
	Channels   []figureBody `json:"channels"`
	Dimensions []figureBody `json:"dimensions"`
	// Changes are the lines whose ratings are not what they were in the version before; none of the first.
	Changes []sealedChange `json:"changes"`
}

// sealedChange is a line by what it is of, total for all, as it was in the version before and as it is; nil where it was not there.
type sealedChange struct {
	By     regulation.Axis `json:"by"`
	Key    string          `json:"key"`
	Name   string          `json:"name"`
	Before *ratedFigures   `json:"before"`
	After  *ratedFigures   `json:"after"`
}

// sealedLines are its lines by what they are of, in the order of the page.
type sealedLines struct {
	by    regulation.Axis
	lines []figureBody
}

func (b sealedBody) lists() []sealedLines {
	return []sealedLines{{regulation.AxisCounty, b.Counties}, {regulation.AxisUnit, b.Units}, {regulation.AxisHall, b.Halls}, {regulation.AxisWindow, b.Windows}, {regulation.AxisStaff, b.Staff},
		{regulation.AxisMatter, b.Matters}, {regulation.AxisChannel, b.Channels}, {regulation.AxisDimension, b.Dimensions}}
}

// since are the lines that are not what they were. Both are read by the same reader: what one of them leaves out the other does too.
func (b sealedBody) since(before sealedBody) []sealedChange {
	changes, was := []sealedChange{}, before.lists()
	note := func(by regulation.Axis, before, after figureBody) {
		if before.Ratings == nil || after.Ratings == nil || *before.Ratings != *after.Ratings {
			changes = append(changes, sealedChange{by, cmp.Or(after.Key, before.Key), cmp.Or(after.Name, before.Name), before.Ratings, after.Ratings})
		}
	}
	note("", before.Total, b.Total)
	for i, list := range b.lists() {
		earlier := map[[2]string]figureBody{}
		for _, line := range was[i].lines {
			earlier[line.at()] = line
		}
		for _, line := range list.lines {
			note(list.by, earlier[line.at()], line)
			delete(earlier, line.at())
		}
		if list.by == regulation.AxisChannel || list.by == regulation.AxisDimension {
			continue // left out wholly where they cannot be told: no line of them comes to nothing
		}
		for _, line := range was[i].lines { // what counted for a place before and counts for another now
			if gone, is := earlier[line.at()]; is {
				note(list.by, gone, figureBody{})
			}
		}
	}
	return changes
}

// sealedAreas are those whose sealed figures the reader may read, nil for all.
func (a *API) sealedAreas(r *request) []string {
	scope := a.Guard.Scope(r.actor, policies.ViewFigures)
	if scope.All {
		return nil
	}
	return append([]string{}, scope.Areas...)
}

// showSeals lists what was sealed.
func (a *API) showSeals(r *request) (answer, error) {
	if period := r.query("period"); r.page && period != "" { // one version as files are asked for, which have no parts in the path
		return a.showVersion(r, sealedArea(r), period)
	}
	names, err := a.figureNames(r)
	if err != nil {
		return answer{}, err
	}
	areas := a.sealedAreas(r)
	area := sealedArea(r)
	if area != "" && (areas == nil || slices.Contains(areas, area)) {
		areas = []string{area}
	}
	seals, err := a.Store.Seals(r.http().Context(), areas)
	if err != nil {
		return answer{}, err
	}
	own, err := a.ownSide(r)
	if err != nil {
		return answer{}, err
	}
	body, last := sealsBody{Seals: []sealBody{}}, ""
	for _, seal := range seals { // the last version of a period comes first
		b := sealBody{seal.Area, a.areaName(r, seal.Area), seal.Period, seal.Version, seal.At, seal.Position, reasonsFor(len(own.units) > 0, seal.Reasons), last != seal.Area+seal.Period}
		last = seal.Area + seal.Period
		body.Seals = append(body.Seals, b)
	}
	return answer{body: body, view: a.sealsTable(r, body, names)}, nil
}

// sealedArea is whose versions are listed: the prefecture's own, unless an area is asked for, or with an empty one all.
func sealedArea(r *request) string {
	if !r.echo.QueryParams().Has("area") {
		return regulation.PrefectureArea
	}
	return r.query("area")
}

func (a *API) sealsTable(r *request, b sealsBody, names figureNames) *web.TableView {
	intro := web.Msg("seals.text")
	v := &web.TableView{Page: a.pageFor(r), Code: "seals", Intro: &intro, Columns: []string{"seal_period", "seal_area", "seal_version", "seal_at", "seal_position", "seal_reasons"}}
	if a.sealedAreas(r) == nil {
		area := web.Field{Name: "area", Kind: web.FieldSelect, Label: "filter.area", Any: "filter.any", Values: []string{sealedArea(r)}}
		for _, o := range names.p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
			area.Options = append(area.Options, web.Option{Value: o.Area, Text: names.p.name(o.ID)})
		}
		v.Filter = &web.TableFilter{Action: "/sealed", Fields: []web.Field{area}}
	}
	for _, seal := range b.Seals {
		version := web.Cell{Text: strconv.FormatInt(seal.Version, 10)}
		if seal.Last {
			version = web.Cell{Message: web.Msg("seals.last", seal.Version), Badge: "ok"}
		}
		v.Rows = append(v.Rows, web.TableRow{Href: sealedAddress(seal), Cells: []web.Cell{{Text: periodWords(r.lang, seal.Period)}, {Text: seal.Name}, version,
			{At: seal.At}, {Text: strconv.FormatInt(seal.Position, 10)}, {Text: sealReasons(r.lang, seal.Reasons)}}})
	}
	return v
}

func sealedAddress(b sealBody) string {
	return "/sealed/" + b.Area + "/" + b.Period + "?version=" + strconv.FormatInt(b.Version, 10)
}

func sealReasons(lang web.Lang, reasons []regulation.SealReason) (text string) {
	for i, reason := range reasons {
		if i > 0 {
			text += either(lang, "；", "; ")
		}
		if some := "seals.some." + reason.Code; reason.Count == 0 && web.Has(some) {
			text += web.T(lang, some)
			continue
		}
		text += web.T(lang, "seals.reason."+reason.Code, reason.Count)
	}
	return text
}

// reasonsFor are why a version was made, without how many ratings and cases are concerned where the reader's own offices may be among them: by
// what two versions differ in the rest, that would tell how many are theirs. A list does not look into versions: there an own office is enough.
func reasonsFor(own bool, reasons []regulation.SealReason) []regulation.SealReason {
	if !own {
		return reasons
	}
	codes := make([]regulation.SealReason, 0, len(reasons))
	for _, reason := range reasons {
		codes = append(codes, regulation.SealReason{Code: reason.Code})
	}
	return codes
}

// concerned tells whether one of a side's offices is among those of an authority's figures.
func (n figureNames) concerned(own ownSide, area string) bool {
	return slices.ContainsFunc(own.units, func(unit string) bool {
		o, _ := n.p.org(unit)
		return area == regulation.PrefectureArea || o.Area == area
	})
}

// showSealed is one version, the last unless another is asked for. Nobody reads what their own office was given, in no sum either (2).
func (a *API) showSealed(r *request) (answer, error) {
	return a.showVersion(r, r.param("area"), r.param("period"))
}

// askedVersion is of which sealed version figures are asked for, 0 for the last. NotFound where it is no number of one: other figures than those asked
// for would be taken for them.
func askedVersion(r *request) (int64, error) {
	asked := r.query("version")
	if asked == "" {
		return 0, nil
	}
	version, err := strconv.ParseInt(asked, 10, 64)
	if err != nil || version < 1 {
		return 0, notFound("sealed")
	}
	return version, nil
}

func (a *API) showVersion(r *request, area, period string) (answer, error) {
	ctx := r.http().Context()
	if areas := a.sealedAreas(r); areas != nil && !slices.Contains(areas, area) {
		return answer{}, &regulation.Error{Code: regulation.NotFound, Missing: "sealed"}
	}
	version, err := askedVersion(r)
	if err != nil {
		return answer{}, err
	}
	f, err := a.Store.Sealed(ctx, area, period, version)
	if err != nil {
		return answer{}, err
	}
	last := f
	if version != 0 {
		if last, err = a.Store.Sealed(ctx, area, f.Period, 0); err != nil {
			return answer{}, err
		}
	}
	names, err := a.figureNames(r)
	if err != nil {
		return answer{}, err
	}
	if names.staff, err = a.Store.StaffNames(ctx, keysOf(f.Figures.Staff)...); err != nil {
		return answer{}, err
	}
	body, err := a.sealedBody(r, f, names)
	if err != nil {
		return answer{}, err
	}
	body.Versions, body.Last, body.Changes = last.Version, last.Version == f.Version, []sealedChange{}
	if f.Version > 1 {
		if body.Changes, err = a.sealedChanges(r, f, names); err != nil {
			return answer{}, err
		}
	}
	return answer{body: body, view: a.sealedPage(r, body)}, names.err()
}

// sealedChanges are the lines of a version whose ratings are not what they were in the one before, both read as the earlier can be: one that does
// not tell offices apart leaves out more.
func (a *API) sealedChanges(r *request, f regulation.Sealed, names figureNames) ([]sealedChange, error) {
	before, err := a.Store.Sealed(r.http().Context(), f.Area, f.Period, f.Version-1)
	if err != nil {
		return nil, err
	}
	f.ByOffice, before.ByOffice = f.ByOffice && before.ByOffice, f.ByOffice && before.ByOffice
	if names.staff, err = a.Store.StaffNames(r.http().Context(), slices.Concat(keysOf(f.Figures.Staff), keysOf(before.Figures.Staff))...); err != nil {
		return nil, err
	}
	later, err := a.sealedBody(r, f, names)
	if err != nil {
		return nil, err
	}
	earlier, err := a.sealedBody(r, before, names)
	return later.since(earlier), err
}

func keysOf(lines []regulation.SealedLine) (keys []string) {
	for _, line := range lines {
		keys = append(keys, line.Key)
	}
	return keys
}

func (a *API) sealedBody(r *request, f regulation.Sealed, names figureNames) (sealedBody, error) {
	own, err := a.ownSide(r)
	if err != nil {
		return sealedBody{}, err
	}
	g, shared, err := a.rest(r, names, own, f)
	if err != nil {
		return sealedBody{}, err
	}
	lines := func(by regulation.Axis, list []regulation.SealedLine) []figureBody {
		shown := []figureBody{}
		for _, line := range list {
			b := sealedLine(line)
			b.Name = names.name(r, by, line.Key)
			shown = append(shown, b)
		}
		return shown
	}
	body := sealedBody{sealBody: sealBody{Area: f.Area, Name: a.areaName(r, f.Area), Period: f.Period, Version: f.Version, At: f.At, Position: f.Position, Reasons: reasonsFor(names.concerned(own, f.Area) || own.among(f), f.Reasons)},
		Formula: f.Formula, ByOffice: f.ByOffice, Except: []*placeBody{}, Shared: []*placeBody{}, Total: sealedLine(g.Total), Counties: lines(regulation.AxisCounty, g.Counties), Units: lines(regulation.AxisUnit, g.Units),
		Halls: lines(regulation.AxisHall, g.Halls), Windows: lines(regulation.AxisWindow, g.Windows), Staff: lines(regulation.AxisStaff, g.Staff),
		Matters: lines(regulation.AxisMatter, g.Matters), Channels: lines(regulation.AxisChannel, g.Channels), Dimensions: lines(regulation.AxisDimension, g.Dimensions)}
	for _, unit := range own.units {
		body.Except = append(body.Except, names.p.body(unit))
	}
	for _, unit := range shared {
		body.Shared = append(body.Shared, names.p.body(unit))
	}
	return body, nil
}

func sealedLine(line regulation.SealedLine) figureBody {
	b := figureBody{Key: line.Key, under: line.Under, Ratings: ratedFiguresOf(line.Given, line.Net)}
	if line.Cases != nil {
		b.Cases = caseFiguresOf(*line.Cases)
	}
	return b
}

func (a *API) sealedPage(r *request, b sealedBody) *web.SealedView {
	v := &web.SealedView{Page: a.pageFor(r), Name: b.Name, Period: periodWords(r.lang, b.Period), Version: b.Version, Versions: b.Versions, At: b.At, Position: b.Position, Formula: b.Formula, ByOffice: b.ByOffice,
		Reasons: sealReasons(r.lang, b.Reasons), Address: "/sealed/" + b.Area + "/" + b.Period, Total: figureLine(b.Total)}
	v.Excel = (&url.URL{Path: "/sealed", RawQuery: url.Values{"area": {b.Area}, "period": {b.Period}, "version": {strconv.FormatInt(b.Version, 10)}}.Encode()}).String()
	for _, except := range b.Except {
		v.Except = append(v.Except, except.Name)
	}
	for _, shared := range b.Shared {
		v.Shared = append(v.Shared, shared.Name)
	}
	for _, c := range b.Changes {
		change := web.SealedChange{By: string(c.By), Name: c.Name}
		if c.By == "" {
			change.Name = b.Name
		}
		for at, ratings := range map[*web.FigureRated]*ratedFigures{&change.Before: c.Before, &change.After: c.After} {
			if line := figureLine(figureBody{Ratings: ratings}); line.Rated != nil {
				*at = *line.Rated
			}
		}
		v.Changes = append(v.Changes, change)
	}
	for _, list := range b.lists() {
		table := web.SealedTable{By: string(list.by)}
		for _, line := range list.lines {
			shown := figureLine(line)
			shown.Key, shown.Name = line.Key, line.Name
			table.Lines = append(table.Lines, shown)
		}
		if table.Lines != nil {
			v.Tables = append(v.Tables, table)
		}
	}
	return v
}
