package api

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"haochaping/regulation"
	"haochaping/web"
)

// figuresShown is how many lines a page lists; the file has all of them.
const figuresShown = 200

func (a *API) figuresPage(r *request, f figuresFound, most int) *web.FiguresView {
	b := f.body
	v := &web.FiguresView{Page: a.pageFor(r), From: b.From, To: b.To, By: string(b.By), Sort: r.query("sort"), CSV: "/figures.csv?" + r.http().URL.RawQuery,
		County: b.Of[regulation.AxisCounty], Channel: b.Of[regulation.AxisChannel], Dimension: b.Of[regulation.AxisDimension],
		Position: b.Ledger.Position, Size: b.Ledger.Size, Behind: b.Ledger.Behind, Waits: b.Ledger.Waits, Total: figureLine(b.Total), Found: len(b.Lines)}
	for _, o := range f.names.p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		if f.scope.All {
			v.Counties = append(v.Counties, web.Option{Value: o.Area, Text: f.names.p.name(o.ID)})
		}
	}
	for _, channel := range regulation.Channels {
		v.Channels = append(v.Channels, web.Option{Value: string(channel), Text: f.names.name(r, regulation.AxisChannel, string(channel))})
	}
	for _, dimension := range regulation.Dimensions {
		v.Marks = append(v.Marks, web.Option{Value: dimension, Text: f.names.name(r, regulation.AxisDimension, dimension)})
	}
	for _, axis := range regulation.Axes {
		value := b.Of[axis]
		if value == "" || axis == regulation.AxisChannel || axis == regulation.AxisDimension || axis == regulation.AxisCounty && f.scope.All {
			continue
		}
		v.Chips = append(v.Chips, web.FigureChip{Axis: string(axis), Value: value, Name: f.names.name(r, axis, value), Without: figuresAt(r, string(axis), "")})
	}
	for _, except := range b.Except {
		v.Except = append(v.Except, except.Name)
	}
	for _, line := range b.Lines[:min(len(b.Lines), most)] {
		shown := figureLine(line)
		shown.Key, shown.Name, shown.Href, shown.Behind = line.Key, line.Name, f.further(r, line.Key), a.figureCases(r, f, line.Key)
		v.Lines = append(v.Lines, shown)
	}
	v.Total.Behind = a.figureCases(r, f, wholeFigure)
	return v
}

// figuresAt is the page's own address with some of what it is asked changed, names and values in turn.
func figuresAt(r *request, changes ...string) string {
	asked := url.Values{}
	for name, values := range r.echo.QueryParams() {
		if len(values) > 0 && values[0] != "" {
			asked.Set(name, values[0])
		}
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if asked.Set(changes[i], changes[i+1]); changes[i+1] == "" {
			asked.Del(changes[i])
		}
	}
	return "/figures?" + asked.Encode()
}

// next is by what a line is told apart further.
var next = map[regulation.Axis]regulation.Axis{
	regulation.AxisCounty: regulation.AxisUnit, regulation.AxisTownship: regulation.AxisUnit, regulation.AxisUnit: regulation.AxisWindow,
	regulation.AxisHall: regulation.AxisWindow, regulation.AxisWindow: regulation.AxisStaff, regulation.AxisStaff: regulation.AxisMonth,
	regulation.AxisTask: regulation.AxisUnit, regulation.AxisMatter: regulation.AxisWindow, regulation.AxisChannel: regulation.AxisUnit,
	regulation.AxisDimension: regulation.AxisUnit, regulation.AxisAttribution: regulation.AxisUnit, regulation.AxisCause: regulation.AxisUnit, regulation.AxisLink: regulation.AxisUnit,
}

// further is where a line is told apart, "" where there is nothing to narrow to.
func (f figuresFound) further(r *request, key string) string {
	by := f.asked.by
	switch {
	case key == "":
		return ""
	case by == regulation.AxisMonth:
		return figuresAt(r, "from", key, "to", key, "by", string(regulation.AxisUnit))
	case f.asked.of[next[by]] != "":
		return figuresAt(r, string(by), key, "by", string(regulation.AxisMonth))
	}
	return figuresAt(r, string(by), key, "by", string(next[by]))
}

func figureLine(b figureBody) (line web.FigureLine) {
	if t := b.Ratings; t != nil {
		line.Rated = &web.FigureRated{Rated: t.Rated, Bad: t.Bad, NetRated: t.NetRated, NetBad: t.NetBad, NotRated: t.NotRated, Grades: t.Grades,
			GoodRate: t.GoodRate, NetGoodRate: t.NetGood, BadRate: t.BadRate, NetBadRate: t.NetBadRate, ActiveRate: t.ActiveRate}
	}
	if t := b.Cases; t != nil {
		line.Cases = &web.FigureCases{Cases: t.Cases, Concluded: t.Concluded, WrittenOff: t.WrittenOff, Exempt: t.Exempt, Ordered: t.Ordered,
			Accepted: t.Accepted, InTime: t.InTime, Overdue: t.Overdue, UnitOverdue: t.UnitOverdue, Delays: t.Delays, Delayed: t.Delayed, Callback: t.Callback, CallbackOfDue: t.CallbackOfDue,
			ReplyRate: t.ReplyRate, InTimeRate: t.InTimeRate, AverageDays: t.AverageDays}
	}
	return line
}

// exportFigures is every line as a file for spreadsheets, in the reader's language.
func (a *API) exportFigures(r *request) (answer, error) {
	f, err := a.askFigures(r)
	if err != nil {
		return answer{}, err
	}
	content, err := spreadsheet(a.figuresPage(r, f, len(f.body.Lines)).Texts())
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="figures-`+f.body.From+`-`+f.body.To+`.csv"`)
		return c.Blob(http.StatusOK, "text/csv; charset=utf-8", content)
	}}, err
}
