package api

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// boxSummaryBody is a week of the suggestion boxes by county and hall (6(2)).
type boxSummaryBody struct {
	Week  string        `json:"week"`
	Areas []areaSummary `json:"areas"`
}

// areaSummary is a county. Sums are absent for whoever sees only some of its halls.
type areaSummary struct {
	Area  string        `json:"area"`
	Name  string        `json:"name"`
	Sums  *boxSumsBody  `json:"sums,omitempty"`
	Halls []boxSumsBody `json:"halls"`
}

// boxSumsBody are a week's forms. A grade that is absent is not shown, since it could be told whose it is (9(2)).
type boxSumsBody struct {
	Hall      *placeBody     `json:"hall,omitempty"`
	Boxes     int            `json:"boxes"`
	Opened    int            `json:"opened"`
	Counted   int            `json:"counted"`
	Entered   int            `json:"entered"`
	Void      int            `json:"void"`
	Remaining int            `json:"remaining"`
	Grades    map[string]int `json:"grades"`
}

// showBoxSummary sums up a week, the one that runs unless another is asked for.
func (a *API) showBoxSummary(r *request) (answer, error) {
	week := r.query("week")
	if week == "" {
		week = regulation.WeekOf(r.at)
	}
	areas, err := a.Store.BoxSummary(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewBox), week)
	if err != nil {
		return answer{}, err
	}
	body, p := boxSummaryBody{Week: week, Areas: []areaSummary{}}, a.places(r)
	for _, area := range areas {
		line := areaSummary{Area: area.Area, Name: p.name(area.Area), Halls: []boxSumsBody{}}
		if area.Whole {
			sums := boxSums(p, area.Sums)
			line.Sums = &sums
		}
		for _, hall := range area.Halls {
			line.Halls = append(line.Halls, boxSums(p, hall))
		}
		body.Areas = append(body.Areas, line)
	}
	return answer{body: body, view: a.boxSummaryPage(r, body)}, nil
}

func boxSums(p places, s store.BoxSums) boxSumsBody {
	b := boxSumsBody{Boxes: s.Boxes, Opened: s.Opened, Counted: s.Counted, Entered: s.Entered, Void: s.Voids, Remaining: s.Remaining(), Grades: map[string]int{}}
	if s.Hall != "" {
		b.Hall = p.body(s.Hall)
	}
	for i, n := range s.Grades {
		if n >= 0 {
			b.Grades[strconv.Itoa(5-i)] = n
		}
	}
	return b
}

func (a *API) boxSummaryPage(r *request, b boxSummaryBody) *web.BoxSummaryView {
	monday, _ := regulation.ParseWeek(b.Week) // the store read it
	link := func(days int) string { return "/boxes/summary?week=" + regulation.WeekOf(monday.AddDays(days).Start()) }
	v := &web.BoxSummaryView{Page: a.pageFor(r), Week: b.Week, Before: link(-7), CSV: "/boxes/summary.csv?week=" + b.Week}
	if monday.AddDays(7).Start().Before(r.at) {
		v.After = link(7)
	}
	for _, area := range b.Areas {
		for _, hall := range area.Halls {
			v.Rows = append(v.Rows, summaryRow(nameOf(hall.Hall), hall))
		}
		if area.Sums != nil {
			county := summaryRow(area.Name, *area.Sums)
			county.County = true
			v.Rows = append(v.Rows, county)
		}
	}
	return v
}

func summaryRow(name string, s boxSumsBody) web.BoxSums {
	row := web.BoxSums{Name: name, Boxes: s.Boxes, Opened: s.Opened, Counted: s.Counted, Entered: s.Entered, Voids: s.Void, Remaining: s.Remaining}
	for grade := 5; grade >= 1; grade-- {
		count := ""
		if n, shown := s.Grades[strconv.Itoa(grade)]; shown {
			count = strconv.Itoa(n)
		}
		row.Grades = append(row.Grades, count)
	}
	return row
}

// exportBoxSummary is the same as a file for a spreadsheet.
func (a *API) exportBoxSummary(r *request) (answer, error) {
	shown, err := a.showBoxSummary(r)
	if err != nil {
		return answer{}, err
	}
	v, say := shown.view.(*web.BoxSummaryView), func(key string) string { return web.T(r.lang, key) }
	head := []string{say("summary.week"), say("summary.hall"), say("summary.boxes"), say("summary.opened"), say("summary.counted"), say("summary.entered"), say("summary.void"), say("summary.remaining")}
	for grade := 5; grade >= 1; grade-- {
		head = append(head, say("grade."+strconv.Itoa(grade)))
	}
	rows := [][]string{head}
	for _, row := range v.Rows {
		line := []string{v.Week, row.Name}
		for _, n := range []int{row.Boxes, row.Opened, row.Counted, row.Entered, row.Voids, row.Remaining} {
			line = append(line, strconv.Itoa(n))
		}
		rows = append(rows, slices.Concat(line, row.Grades))
	}
	content, err := spreadsheet(rows)
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="boxes-`+v.Week+`.csv"`)
		return c.Blob(http.StatusOK, "text/csv; charset=utf-8", content)
	}}, err
}
