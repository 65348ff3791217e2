package api

import (
	"cmp"
	"slices"
	"strconv"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// heardBody is what everybody may know of an authority's quarter (7(4), R35, R36). What was heard comes out once the quarter is over:
// opinions are counted from ten on (R04), problems are told one by one with their state.
type heardBody struct {
	Authority *placeBody `json:"authority"`
	State     string     `json:"state"` // waiting, recorded, held, late, missed
	Opinions  *int       `json:"opinions,omitempty"`
	// Problems are left out while they are not public; empty where none was brought up.
	Problems *[]regulation.HeardProblem `json:"problems,omitempty"`
	// ProblemsFrom is the day from which they can be, of a quarter that runs still.
	ProblemsFrom *workday.Date `json:"problems_from,omitempty"`
}

// heard tells whether its quarter is over, and the record of a session in it is confirmed.
func (b heardBody) heard() bool { return b.Problems != nil }

type opinionsBody struct {
	Period      string      `json:"period"`
	Authorities []heardBody `json:"authorities"`
}

// showOpinions publishes by quarter and authority whether opinions were heard and what became of them: the last quarter that is over
// unless asked otherwise, since nothing of a running one is counted.
func (a *API) showOpinions(r *request) (answer, error) {
	quarters := recentQuarters(r, 2)
	period := quarters[1].Value
	if _, _, ok := regulation.PeriodDays(r.query("period")); ok && r.query("period") <= quarters[0].Value {
		period = r.query("period")
	}
	found, err := a.Store.HeardQuarters(r.http().Context(), period)
	if err != nil {
		return answer{}, err
	}
	body := opinionsBody{Period: period, Authorities: []heardBody{}}
	for _, q := range found {
		opinions, problems := q.Shown()
		line := heardBody{Authority: a.places(r).body(q.Quarter.Authority), State: heardState(q.Quarter), Opinions: opinions}
		switch _, last, _ := regulation.PeriodDays(period); {
		case !q.Over:
			from := last.AddDays(1)
			line.ProblemsFrom = &from
		case line.State == regulation.DocketHeld || line.State == "late":
			problems = append([]regulation.HeardProblem{}, problems...)
			line.Problems = &problems
		}
		body.Authorities = append(body.Authorities, line)
	}
	slices.SortFunc(body.Authorities, func(x, y heardBody) int { return cmp.Compare(x.Authority.ID, y.Authority.ID) })
	return answer{body: body, view: a.opinionsTable(r, body), shared: true}, nil
}

// heardState tells how it stands with a quarter.
func heardState(d regulation.Docket) string {
	switch {
	case d.Stage == regulation.DocketWaiting && d.Overdue:
		return "missed"
	case d.Stage == regulation.DocketHeld && d.Facts["late"] == "yes":
		return "late"
	}
	return d.Stage
}

var heardTones = map[string]string{"held": "ok", "late": "warn", "missed": "bad"}

func (a *API) opinionsTable(r *request, b opinionsBody) *web.TableView {
	v := &web.TableView{Page: a.pageFor(r), Code: "opinions", Columns: []string{"authority", "state", "opinions", "problems", "problems_closed"}}
	intro := web.Msg("opinions.text", periodWords(r.lang, b.Period))
	v.Intro = &intro
	period := web.Field{Name: "period", Kind: web.FieldSelect, Label: "col.period", Options: recentQuarters(r, 8), Values: []string{b.Period}}
	period.Options[0].Text = web.T(r.lang, "opinions.this_quarter", period.Options[0].Text)
	v.Filter = &web.TableFilter{Action: "/opinions", Fields: []web.Field{period}}
	for _, line := range b.Authorities {
		v.Rows = append(v.Rows, web.TableRow{Cells: []web.Cell{{Text: nameOf(line.Authority)}, {Message: web.Msg("docket.stage.quarter." + line.State), Badge: heardTones[line.State]},
			heardOpinions(line), heardProblems(r, line), heardClosed(line)}})
	}
	return v
}

// heardOpinions is nothing where nothing is public yet.
func heardOpinions(line heardBody) web.Cell {
	switch {
	case !line.heard():
		return web.Cell{}
	case line.Opinions == nil:
		return web.Cell{Message: web.Msg("opinions.few", regulation.OpenFrom)}
	}
	return web.Cell{Text: strconv.Itoa(*line.Opinions)}
}

// heardProblems tells each problem with its state, or why none is told yet.
func heardProblems(r *request, line heardBody) (c web.Cell) {
	switch {
	case line.ProblemsFrom != nil:
		return web.Cell{Message: web.Msg("opinions.not_over", line.ProblemsFrom.Start())}
	case !line.heard() && line.State == regulation.DocketRecorded:
		return web.Cell{Message: web.Msg("opinions.not_confirmed")}
	case !line.heard():
		return web.Cell{}
	case len(*line.Problems) == 0:
		return web.Cell{Message: web.Msg("opinions.no_problem")}
	}
	for _, p := range *line.Problems {
		say := func(key string) string { return web.T(r.lang, key) }
		c.Lines = append(c.Lines, web.T(r.lang, "opinions.problem", say("choice.cause."+p.Cause), say("choice.link."+p.Link), say("opinions.problem."+p.State)))
	}
	return c
}

func heardClosed(line heardBody) web.Cell {
	if !line.heard() || len(*line.Problems) == 0 {
		return web.Cell{}
	}
	closed := 0
	for _, p := range *line.Problems {
		if p.State == regulation.DocketClosed {
			closed++
		}
	}
	return web.Cell{Message: web.Msg("opinions.closed", closed, len(*line.Problems))}
}

// madeChangeBody is a published change: what was said, in the office's words, and what was changed (R60).
type madeChangeBody struct {
	ID        string       `json:"id"`
	Authority *placeBody   `json:"authority"`
	Cause     string       `json:"cause"`
	On        workday.Date `json:"published_on"`
	Ratings   *int         `json:"ratings,omitempty"` // left out under five
	Said      string       `json:"you_said"`
	Changed   string       `json:"we_changed"`
	Language  string       `json:"language"`
}

type madeChangesBody struct {
	Changes []madeChangeBody `json:"changes"`
	Next    string           `json:"next,omitempty"`
}

// showChanges publishes what was changed since several ratings said the same.
func (a *API) showChanges(r *request) (answer, error) {
	found, next, err := a.Store.Changes(r.http().Context(), listQuery(r))
	if err != nil {
		return answer{}, err
	}
	body := madeChangesBody{Changes: []madeChangeBody{}, Next: pageAddress(r, next)}
	v := &web.ChangesView{Page: a.pageFor(r)}
	v.Next = body.Next
	for _, c := range found {
		b := a.madeChangeBody(r, c)
		body.Changes = append(body.Changes, b)
		line := web.Change{ID: b.ID, Authority: nameOf(b.Authority), Cause: b.Cause, On: b.On.Start(), Said: b.Said, Changed: b.Changed, Lang: b.Language}
		if b.Ratings != nil {
			line.Ratings = *b.Ratings
		}
		v.Changes = append(v.Changes, line)
	}
	return answer{body: body, view: v, shared: true}, nil
}

func (a *API) madeChangeBody(r *request, c store.Change) madeChangeBody {
	b := madeChangeBody{ID: c.ID, Authority: a.places(r).body(c.Authority), Cause: c.Cause, On: c.On, Said: c.Said, Changed: c.Changed, Language: string(web.Chinese)}
	if r.lang == web.English && c.SaidEnglish != "" {
		b.Said, b.Changed, b.Language = c.SaidEnglish, c.ChangedEnglish, string(web.English)
	}
	if c.Ratings >= regulation.FewestShown {
		b.Ratings = &c.Ratings
	}
	return b
}

// publishedLineBody is a line of the publication log (9(1), R47).
type publishedLineBody struct {
	Kind       regulation.PublicationKind `json:"kind"`
	Authority  *placeBody                 `json:"authority"`
	Period     string                     `json:"period,omitempty"`
	On         string                     `json:"published_on"`
	Where      string                     `json:"where"`
	Link       string                     `json:"link,omitempty"`
	Digest     string                     `json:"digest"` // SHA-256 of what was published
	Late       bool                       `json:"late"`
	Correction bool                       `json:"correction"`
	Withdrawn  bool                       `json:"withdrawn"`
}

type publishedLogsBody struct {
	Publications []publishedLineBody `json:"publications"`
	Next         string              `json:"next,omitempty"`
}

// showPublished is the publication log.
func (a *API) showPublished(r *request) (answer, error) {
	found, next, err := a.Store.PublicationLog(r.http().Context(), r.query("authority"), listQuery(r))
	if err != nil {
		return answer{}, err
	}
	body := publishedLogsBody{Publications: []publishedLineBody{}, Next: pageAddress(r, next)}
	v := &web.TableView{Page: a.pageFor(r), Code: "published", Columns: []string{"publication", "period", "authority", "published", "where", "digest"}}
	intro := web.Msg("published.text")
	v.Intro, v.Next = &intro, body.Next
	for _, d := range found {
		b := a.publishedLine(r, d)
		body.Publications = append(body.Publications, b)
		row := web.TableRow{Href: b.Link, Cells: []web.Cell{{Message: web.Msg("choice.publication." + string(b.Kind))}, {Text: periodWords(r.lang, b.Period)}, {Text: nameOf(b.Authority)},
			publishedDay(r.lang, b), {Message: web.Msg("choice.published_where." + b.Where)}, {Text: b.Digest[:min(16, len(b.Digest))] + "…"}}}
		v.Rows = append(v.Rows, row)
	}
	return answer{body: body, view: v, shared: true}, nil
}

func (a *API) publishedLine(r *request, d regulation.Docket) publishedLineBody {
	b := publishedLineBody{Kind: d.PublicationKindOf(), Authority: a.places(r).body(d.Authority), Period: d.Period, On: d.Facts["published_on"], Where: d.Facts["published_where"],
		Link: d.Facts["link"], Digest: d.Facts["digest"], Late: d.Facts["late"] == "yes", Correction: d.Facts["correction"] == "yes", Withdrawn: d.Facts["withdrawn"] == "yes"}
	if outsideCalendar(string(b.Kind)) {
		b.Period = ""
	}
	return b
}

// outsideCalendar tells whether a kind of publication is of no period: what stands in its place names it, and tells readers nothing.
func outsideCalendar(kind string) bool {
	return kind == string(regulation.PublishChange) || kind == string(regulation.PublishRelease)
}

// publishedDay is the day of a publication, marked where it was late, corrected or taken back.
func publishedDay(lang web.Lang, b publishedLineBody) web.Cell {
	day := dayIn(lang, b.On)
	switch {
	case b.Withdrawn:
		return web.Cell{Message: web.Msg("published.withdrawn", day), Badge: "warn"}
	case b.Correction:
		return web.Cell{Message: web.Msg("published.correction", day), Badge: "info"}
	case b.Late:
		return web.Cell{Message: web.Msg("published.late", day), Badge: "warn"}
	}
	return web.Cell{Text: day}
}

// commendedBody is a commended unit. Of commended people the public learns nothing.
type commendedBody struct {
	Unit      *placeBody   `json:"unit"`
	Authority *placeBody   `json:"authority"`
	Period    string       `json:"period"`
	On        workday.Date `json:"commended_on"`
}

type commendedsBody struct {
	Units []commendedBody `json:"units"`
	Next  string          `json:"next,omitempty"`
}

// showCommended publishes the units that are commended (8(2), R41).
func (a *API) showCommended(r *request) (answer, error) {
	found, next, err := a.Store.CommendedUnits(r.http().Context(), listQuery(r))
	if err != nil {
		return answer{}, err
	}
	body := commendedsBody{Units: []commendedBody{}, Next: pageAddress(r, next)}
	v := &web.TableView{Page: a.pageFor(r), Code: "commended", Columns: []string{"unit", "period", "authority", "commended_on"}}
	intro := web.Msg("commended.text")
	v.Intro, v.Next = &intro, body.Next
	p := a.places(r)
	for _, d := range found {
		b := commendedBody{p.body(d.Unit), p.body(d.Authority), d.Period, d.Ended}
		body.Units = append(body.Units, b)
		v.Rows = append(v.Rows, web.TableRow{Cells: []web.Cell{{Text: nameOf(b.Unit)}, {Text: periodWords(r.lang, b.Period)}, {Text: nameOf(b.Authority)}, {Message: web.Msg("watch.day", b.On.Start())}}})
	}
	return answer{body: body, view: v, shared: true}, nil
}
