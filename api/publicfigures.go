package api

import (
	"bytes"
	"encoding/csv"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// publicLineBody is a place in public figures (R21). Good and Bad are left out where they would tell of few people; GoodRate is then the
// least that it may be, and Least says so. It is left out too where few ratings were good.
type publicLineBody struct {
	Place    *placeBody `json:"place"`
	Rated    int64      `json:"rated"`
	Good     *int64     `json:"good,omitempty"`
	Bad      *int64     `json:"bad,omitempty"`
	GoodRate string     `json:"good_rate,omitempty"` // percent
	Least    bool       `json:"good_rate_is_least"`
}

// publicShareBody is a share of concluded cases in percent; Least tells that it is that or more.
type publicShareBody struct {
	Among int64  `json:"among"`
	Rate  string `json:"rate"`
	Least bool   `json:"is_least"`
}

type publicAreaBody struct {
	publicLineBody
	Version  int64            `json:"sealed_version"`
	Position int64            `json:"position"`
	Callback *publicShareBody `json:"callback,omitempty"`
	Reply    *publicShareBody `json:"reply,omitempty"`
	Units    []publicLineBody `json:"units,omitempty"`
	// Halls are those of a quarter. ByHall tells that its sealed version has them: where none is here they are few, or would tell of few.
	Halls  []publicLineBody `json:"halls,omitempty"`
	ByHall bool             `json:"by_hall"`
}

// publicFiguresBody are the public figures of a quarter, or of a month of when months were public.
type publicFiguresBody struct {
	Period   string           `json:"period"`
	Edition  int64            `json:"edition"`
	Editions int64            `json:"editions"`
	On       workday.Date     `json:"published_on,omitzero"`
	Digest   string           `json:"digest"`
	Formula  int              `json:"formula"`
	Fewest   int64            `json:"least_ratings"`
	Band     int64            `json:"shown_from"` // counts under this are not shown exactly
	Areas    []publicAreaBody `json:"areas"`
	LeftOut  []placeBody      `json:"left_out"` // counties and prefecture's departments of which nothing is shown
}

// publicEditionBody is a file of open data.
type publicEditionBody struct {
	Period  string       `json:"period"`
	Edition int64        `json:"edition"`
	Last    bool         `json:"last"`
	On      workday.Date `json:"published_on"`
	Digest  string       `json:"digest"`
	JSON    string       `json:"json"`
	CSV     string       `json:"csv"`
}

type openDataBody struct {
	Files []publicEditionBody `json:"files"`
}

// publicFiguresFor reads the public figures that an address asks for: the latest quarter unless it says else.
func (a *API) publicFiguresFor(r *request) (body publicFiguresBody, editions []store.PublicEdition, err error) {
	ctx := r.http().Context()
	if editions, err = a.Store.PublicEditions(ctx); err != nil {
		return body, nil, err
	}
	period := r.query("period")
	if period == "" {
		for _, e := range editions {
			if p, ok := regulation.ParsePeriod(e.Period); ok && p.IsQuarter() {
				period = e.Period
				break
			}
		}
	}
	if period == "" { // nothing is published yet
		params, err := a.paramsNow(r)
		rule := regulation.PublicRuleOf(params)
		return publicFiguresBody{Fewest: rule.Fewest, Band: rule.Band, Areas: []publicAreaBody{}, LeftOut: []placeBody{}}, editions, err
	}
	edition, err := strconv.ParseInt(r.query("edition"), 10, 64)
	if r.query("edition") != "" && (err != nil || edition < 1) {
		return body, nil, notFound("public_figures")
	}
	table, e, err := a.Store.PublicFigures(ctx, period, edition)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotFound {
		if p, ok := regulation.ParsePeriod(period); ok && !p.IsQuarter() {
			return body, nil, monthNotPublic("months_not_public", "/public/figures?period="+p.Quarter().String())
		}
	}
	if err != nil {
		return body, nil, err
	}
	body = a.publicFiguresBody(r, table, e)
	for _, other := range editions {
		if other.Period == period {
			body.Editions = max(body.Editions, other.Edition)
		}
	}
	return body, editions, nil
}

// monthNotPublic says of a month's address that months are the authorities' own, and leads to the quarter's.
func monthNotPublic(missing, where string) error {
	return &regulation.Error{Code: regulation.NotFound, Clause: regulation.ClauseStatistics, Missing: missing, Where: where}
}

func (a *API) publicFiguresBody(r *request, t regulation.PublicTable, e store.PublicEdition) publicFiguresBody {
	b := publicFiguresBody{Period: t.Period, Edition: t.Edition, On: workday.DateOf(e.At), Digest: e.Digest, Formula: t.Formula, Fewest: t.Rule.Fewest, Band: t.Rule.Band, Areas: []publicAreaBody{}, LeftOut: []placeBody{}}
	names := a.namesOf(r, t.Place)
	line := func(l regulation.PublicLine, place *placeBody) publicLineBody {
		out := publicLineBody{Place: place, Rated: l.Rated, GoodRate: t.Rule.LeastRate(l), Least: l.Band != ""}
		if l.Band == "" {
			out.Good, out.Bad = &l.Good, &l.Bad
		}
		return out
	}
	for _, key := range a.countiesOf(r, t) {
		place := &placeBody{key, names(key)}
		if key == regulation.PrefectureArea {
			place.Name = web.T(r.lang, "public_figures.prefecture")
		}
		i := slices.IndexFunc(t.Areas, func(area regulation.PublicArea) bool { return area.Key == key })
		if i < 0 {
			b.LeftOut = append(b.LeftOut, *place)
			continue
		}
		area := t.Areas[i]
		out := publicAreaBody{publicLineBody: line(area.PublicLine, place), Version: area.Version, Position: area.Position, Callback: publicShare(t.Rule, area.Callback), Reply: publicShare(t.Rule, area.Reply), ByHall: area.ByHall}
		for _, unit := range area.Units {
			out.Units = append(out.Units, line(unit, &placeBody{unit.Key, names(unit.Key)}))
		}
		for _, hall := range area.Halls {
			out.Halls = append(out.Halls, line(hall, &placeBody{hall.Key, names(hall.Key)}))
		}
		b.Areas = append(b.Areas, out)
	}
	return b
}

// namesOf names places as a publication keeps them, and as they are called now where it is of before it kept them.
func (a *API) namesOf(r *request, kept func(key string) *regulation.PublicPlace) func(key string) string {
	now := a.places(r)
	return func(key string) string {
		if place := kept(key); place != nil {
			return either(r.lang, place.Chinese, place.English)
		}
		return now.name(key)
	}
}

// countiesOf are the divisions that an edition is about: those of its day, and today's of one that did not keep them.
func (a *API) countiesOf(r *request, t regulation.PublicTable) (keys []string) {
	for _, place := range t.Counties {
		keys = append(keys, place.Key)
	}
	if keys != nil {
		return keys
	}
	for _, o := range a.places(r).tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		keys = append(keys, o.Area)
	}
	return keys
}

func publicShare(rule regulation.PublicRule, s *regulation.PublicShare) *publicShareBody {
	if s == nil {
		return nil
	}
	line := regulation.PublicLine{Rated: s.Among, Good: s.Of}
	if s.Hidden {
		line.Band = regulation.BandBad
	}
	return &publicShareBody{s.Among, rule.LeastRate(line), s.Hidden}
}

// showPublicFigures is what everybody may know of how places were rated (7(1), 9(1)).
func (a *API) showPublicFigures(r *request) (answer, error) {
	body, editions, err := a.publicFiguresFor(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.publicFiguresPage(r, body, editions), shared: true}, nil
}

func (a *API) publicFiguresPage(r *request, b publicFiguresBody, editions []store.PublicEdition) *web.PublicFiguresView {
	v := &web.PublicFiguresView{Page: a.pageFor(r), Period: periodWords(r.lang, b.Period), Edition: b.Edition, Editions: b.Editions, Digest: b.Digest, Formula: b.Formula, Fewest: b.Fewest, Band: b.Band}
	v.Address = "/public/figures?period=" + b.Period
	if b.Period != "" {
		v.On = b.On.Start()
		v.CSV = "/public/figures.csv?period=" + b.Period + "&edition=" + strconv.FormatInt(b.Edition, 10)
	}
	period := web.Field{Name: "period", Kind: web.FieldSelect, Label: "col.period", Values: []string{b.Period}}
	for i, e := range editions {
		if i == 0 || editions[i-1].Period != e.Period {
			period.Options = append(period.Options, web.Option{Value: e.Period, Text: periodWords(r.lang, e.Period)})
		}
	}
	v.Periods = period
	for _, area := range b.Areas {
		drawn := web.PublicFigureArea{PublicFigureLine: drawnPublicLine(r, area.publicLineBody), Version: area.Version, Position: area.Position, Callback: drawnPublicShare(r, area.Callback), Reply: drawnPublicShare(r, area.Reply)}
		for _, unit := range area.Units {
			drawn.Units = append(drawn.Units, drawnPublicLine(r, unit))
		}
		for _, hall := range area.Halls {
			drawn.Halls = append(drawn.Halls, drawnPublicLine(r, hall))
		}
		switch p, _ := regulation.ParsePeriod(b.Period); {
		case !p.IsQuarter() || drawn.Halls != nil:
		case area.ByHall:
			v.FewHalls = append(v.FewHalls, area.Place.Name)
		default:
			v.NoHalls = append(v.NoHalls, area.Place.Name)
		}
		v.Areas = append(v.Areas, drawn)
	}
	for _, place := range b.LeftOut {
		v.LeftOut = append(v.LeftOut, place.Name)
	}
	return v
}

func drawnPublicLine(r *request, b publicLineBody) web.PublicFigureLine {
	l := web.PublicFigureLine{Key: b.Place.ID, Name: nameOf(b.Place), Rated: strconv.FormatInt(b.Rated, 10), Good: "—", Bad: "—", GoodRate: drawnRate(r, b.GoodRate, b.Least)}
	if b.Good != nil {
		l.Good, l.Bad = strconv.FormatInt(*b.Good, 10), strconv.FormatInt(*b.Bad, 10)
	}
	return l
}

func drawnPublicShare(r *request, s *publicShareBody) string {
	if s == nil {
		return "—"
	}
	return drawnRate(r, s.Rate, s.Least)
}

func drawnRate(r *request, rate string, least bool) string {
	switch {
	case rate == "":
		return "—"
	case least:
		return web.T(r.lang, "public_figures.least", rate)
	}
	return rate + "\u00a0%"
}

// exportPublicFigures are public figures as a CSV file, one row a place, also those of which nothing is shown. Columns are codes, in
// an order that stays; what JSON tells of all of it stands in each row.
func (a *API) exportPublicFigures(r *request) (answer, error) {
	b, _, err := a.publicFiguresFor(r)
	if err == nil && b.Period == "" {
		err = notFound("public_figures")
	}
	if err != nil {
		return answer{}, err
	}
	var file bytes.Buffer
	file.WriteString("\ufeff") // office programs then read it as UTF-8
	w := csv.NewWriter(&file)
	w.UseCRLF = true // RFC 4180
	_ = w.Write(web.PublicColumns)
	for _, row := range publicRows(b) {
		texts := make([]string, len(web.PublicColumns))
		for i, column := range web.PublicColumns {
			texts[i] = row[column]
		}
		_ = w.Write(texts)
	}
	w.Flush() // into memory: nothing fails
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Add(echo.HeaderVary, "Accept-Language, Cookie") // it names places in the reader's language
		if keptBefore(r, file.Bytes()) {
			return c.NoContent(http.StatusNotModified)
		}
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="haochaping-`+b.Period+`-`+strconv.FormatInt(b.Edition, 10)+`.csv"`)
		return c.Blob(http.StatusOK, "text/csv; charset=utf-8", file.Bytes())
	}}, nil
}

// publicRows are public figures by column, one row a place; a column that a row has no text for is empty.
func publicRows(b publicFiguresBody) (rows []map[string]string) {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	row := func(area string, place *placeBody) map[string]string {
		texts := map[string]string{"period": b.Period, "edition": count(b.Edition), "editions": count(b.Editions), "published_on": b.On.String(), "digest": b.Digest,
			"formula": strconv.Itoa(b.Formula), "least_ratings": count(b.Fewest), "shown_from": count(b.Band), "area": area, "name": place.Name}
		rows = append(rows, texts)
		return texts
	}
	line := func(area publicAreaBody, l publicLineBody) map[string]string {
		texts := row(area.Place.ID, l.Place)
		texts["rated"], texts["good_rate"], texts["good_rate_is_least"] = count(l.Rated), l.GoodRate, strconv.FormatBool(l.Least)
		if l.Good != nil {
			texts["good"], texts["bad"] = count(*l.Good), count(*l.Bad)
		}
		texts["sealed_version"], texts["position"], texts["by_hall"] = count(area.Version), count(area.Position), strconv.FormatBool(area.ByHall)
		return texts
	}
	for _, area := range b.Areas {
		whole := line(area, area.publicLineBody)
		for name, share := range map[string]*publicShareBody{"callback": area.Callback, "reply": area.Reply} {
			if share != nil {
				whole[name+"_among"], whole[name+"_rate"], whole[name+"_is_least"] = count(share.Among), share.Rate, strconv.FormatBool(share.Least)
			}
		}
		for _, unit := range area.Units {
			line(area, unit)["unit"] = unit.Place.ID
		}
		for _, hall := range area.Halls {
			line(area, hall)["hall"] = hall.Place.ID
		}
	}
	for i := range b.LeftOut {
		row(b.LeftOut[i].ID, &b.LeftOut[i])
	}
	return rows
}

// showOpenData lists the files of open data and says what is in them.
func (a *API) showOpenData(r *request) (answer, error) {
	editions, err := a.Store.PublicEditions(r.http().Context())
	if err != nil {
		return answer{}, err
	}
	params, err := a.paramsNow(r)
	if err != nil {
		return answer{}, err
	}
	rule := regulation.PublicRuleOf(params)
	body := openDataBody{Files: []publicEditionBody{}}
	v := &web.OpenDataView{Page: a.pageFor(r), Fewest: rule.Fewest, Band: rule.Band, Few: rule.Few}
	for i, e := range editions {
		query := "?period=" + e.Period + "&edition=" + strconv.FormatInt(e.Edition, 10)
		b := publicEditionBody{e.Period, e.Edition, i == 0 || editions[i-1].Period != e.Period, workday.DateOf(e.At), e.Digest, "/public/figures" + query, "/public/figures.csv" + query}
		body.Files = append(body.Files, b)
		v.Files = append(v.Files, web.OpenDataFile{Period: periodWords(r.lang, b.Period), Edition: b.Edition, Last: b.Last, On: b.On.Start(), Digest: b.Digest, Page: b.JSON, CSV: b.CSV})
	}
	p := a.places(r)
	for _, o := range p.tree.Orgs(regulation.OrgAuthority) {
		v.Feeds = append(v.Feeds, web.Option{Value: "/public/feed?authority=" + url.QueryEscape(o.ID), Text: p.name(o.ID)})
	}
	return answer{body: body, view: v, shared: true}, nil
}
