package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/web"
	"haochaping/workday"
)

// coverageBody is what can be rated and what cannot (2, R03): the shares by kind and county, and the things asked for.
type coverageBody struct {
	AsOf  time.Time      `json:"as_of"`
	Kinds []coveredBody  `json:"kinds"`
	Areas []areaCoverage `json:"areas"`
	Gaps  []coverBody    `json:"gaps"`
}

// coveredBody counts things of a kind: those open to ratings by any way, and those that lack nothing. Percent is of the
// former, in hundredths, rounded down.
type coveredBody struct {
	Kind     regulation.CoverKind `json:"kind"`
	All      int                  `json:"all"`
	Rateable int                  `json:"rateable"`
	Whole    int                  `json:"whole"`
	Percent  float64              `json:"percent"`
}

type areaCoverage struct {
	Area  string        `json:"area"`
	Name  string        `json:"name"`
	Kinds []coveredBody `json:"kinds"`
}

// coverBody is one thing that lacks something. Rateable is false where no way is open at all.
type coverBody struct {
	Kind     regulation.CoverKind `json:"kind"`
	ID       string               `json:"id"`
	Name     string               `json:"name"`
	In       *placeBody           `json:"in"`
	Area     string               `json:"area"`
	Rateable bool                 `json:"rateable"`
	Ways     []regulation.Way     `json:"ways"`
	Lacks    []regulation.Lack    `json:"lacks"`
}

// coverageShown is how many gaps a page and an answer list; the file has all of them.
const coverageShown = 50

// coverageAsked narrows the gaps: a kind, an area, "none" for what nobody can rate at all, or one lack. "" is any.
type coverageAsked struct {
	kind regulation.CoverKind
	area string
	gap  string
}

func askedCoverage(r *request) coverageAsked {
	return coverageAsked{regulation.CoverKind(r.query("kind")), r.query("area"), r.query("gap")}
}

func (q coverageAsked) wants(c regulation.Cover) bool {
	return !c.Whole() && (q.kind == "" || c.Kind == q.kind) && (q.area == "" || c.Area == q.area) &&
		(q.gap == "" || q.gap == "none" && !c.Rateable() || slices.Contains(c.Lacks, regulation.Lack(q.gap)))
}

func (a *API) covers(r *request) ([]regulation.Cover, error) {
	return a.Store.Coverage(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewCoverage))
}

func (a *API) coverageBody(r *request, covers []regulation.Cover) coverageBody {
	body, q, p := coverageBody{AsOf: r.at, Areas: []areaCoverage{}, Gaps: []coverBody{}}, askedCoverage(r), a.places(r)
	byArea := map[string]map[regulation.CoverKind]*regulation.Covered{"": {}}
	for _, c := range covers {
		for _, area := range []string{"", c.Area} {
			if byArea[area] == nil {
				byArea[area] = map[regulation.CoverKind]*regulation.Covered{}
			}
			if byArea[area][c.Kind] == nil {
				byArea[area][c.Kind] = &regulation.Covered{}
			}
			byArea[area][c.Kind].Add(c)
		}
		if q.wants(c) {
			body.Gaps = append(body.Gaps, cover(r, p, c))
		}
	}
	body.Kinds = coveredKinds(byArea[""])
	delete(byArea, "")
	for _, o := range p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		if counted := byArea[o.Area]; counted != nil {
			body.Areas = append(body.Areas, areaCoverage{o.Area, p.name(o.ID), coveredKinds(counted)})
		}
	}
	return body
}

// coveredKinds lists the counts in the order of the kinds, also of those of which there is nothing.
func coveredKinds(counted map[regulation.CoverKind]*regulation.Covered) []coveredBody {
	kinds := make([]coveredBody, 0, len(regulation.CoverKinds))
	for _, kind := range regulation.CoverKinds {
		n := regulation.Covered{}
		if counted[kind] != nil {
			n = *counted[kind]
		}
		kinds = append(kinds, coveredBody{kind, n.All, n.Rateable, n.Whole, n.Percent()})
	}
	return kinds
}

func cover(r *request, p places, c regulation.Cover) coverBody {
	b := coverBody{Kind: c.Kind, ID: c.ID, Name: either(r.lang, c.Name, c.NameEN), In: p.body(c.In), Area: c.Area, Rateable: c.Rateable(), Ways: c.Ways, Lacks: c.Lacks}
	if b.Ways == nil {
		b.Ways = []regulation.Way{}
	}
	switch {
	case c.Name == "" && c.ID == c.In:
		b.Name = p.name(c.ID)
	case c.Name == "": // a person without a published name
		b.Name = web.T(r.lang, "coverage.nameless")
	}
	return b
}

// showCoverage tells what cannot be rated, and what lacks a way that the regulation asks for.
func (a *API) showCoverage(r *request) (answer, error) {
	covers, err := a.covers(r)
	if err != nil {
		return answer{}, err
	}
	body := a.coverageBody(r, covers)
	view := a.coveragePage(r, body)
	body.Gaps = body.Gaps[:min(len(body.Gaps), coverageShown)]
	return answer{body: body, view: view}, nil
}

func (a *API) coveragePage(r *request, body coverageBody) *web.CoverageView {
	q := askedCoverage(r)
	v := &web.CoverageView{Page: a.pageFor(r), Kind: string(q.kind), Area: q.area, Gap: q.gap, CSV: "/coverage.csv?" + r.http().URL.RawQuery, AsOf: body.AsOf, Found: len(body.Gaps)}
	v.Total = coverageLine(web.CoverageLine{}, body.Kinds)
	for _, area := range body.Areas {
		v.Areas = append(v.Areas, coverageLine(web.CoverageLine{Area: area.Area, Name: area.Name}, area.Kinds))
	}
	shown := coverageShown
	if r.list != nil {
		shown = len(body.Gaps) // the file has all of them
	}
	for _, c := range body.Gaps[:min(len(body.Gaps), shown)] {
		row := web.CoverageGap{Kind: string(c.Kind), Name: c.Name, Rateable: c.Rateable, Ways: c.Ways, Lacks: c.Lacks}
		if c.In != nil && c.In.ID != c.ID {
			row.In = c.In.Name
		}
		v.Gaps = append(v.Gaps, row)
	}
	return v
}

func coverageLine(line web.CoverageLine, kinds []coveredBody) web.CoverageLine {
	for _, k := range kinds {
		line.Kinds = append(line.Kinds, web.CoverageShare{Kind: string(k.Kind), All: k.All, Rateable: k.Rateable, Whole: k.Whole, Percent: fmt.Sprintf("%.2f", k.Percent)})
	}
	return line
}

// exportCoverage is every gap that was asked for as a file for spreadsheets, in the reader's language.
func (a *API) exportCoverage(r *request) (answer, error) {
	covers, err := a.covers(r)
	if err != nil {
		return answer{}, err
	}
	say := func(key string) string { return web.T(r.lang, key) }
	rows := [][]string{{say("coverage.kind"), say("coverage.what"), "id", say("coverage.in"), say("filter.area"), say("coverage.ways"), say("coverage.lacks")}}
	for _, c := range a.coverageBody(r, covers).Gaps {
		var ways, lacks []string
		for _, way := range c.Ways {
			ways = append(ways, say("coverage.way."+string(way)))
		}
		for _, lack := range c.Lacks {
			lacks = append(lacks, say("coverage.lack."+string(lack)))
		}
		rows = append(rows, []string{say("coverage.kind." + string(c.Kind)), c.Name, c.ID, nameOf(c.In), c.Area, strings.Join(ways, "; "), strings.Join(lacks, "; ")})
	}
	content, err := spreadsheet(rows)
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="coverage-`+workday.DateOf(r.at).String()+`.csv"`)
		return c.Blob(http.StatusOK, "text/csv; charset=utf-8", content)
	}}, err
}
