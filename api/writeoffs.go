package api

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"haochaping/policies"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// writeOffsBody are the write-offs of a year's bad ratings, by authority (R53).
type writeOffsBody struct {
	Year        int             `json:"year"`
	Authorities []writeOffsLine `json:"authorities"`
}

// writeOffsLine is one authority's. What tells of the kind is for its own people and who oversees them:
// the rated side sees "written off", not why (R46), and every malicious one is looked at from above.
type writeOffsLine struct {
	Authority *placeBody `json:"authority"`
	Bad       int        `json:"bad_ratings"`
	Proposed  int        `json:"proposed"`
	InForce   int        `json:"in_force"`
	Rate      float64    `json:"rate"` // of the bad ratings, those written off and in force
	Objected  int        `json:"objected"`
	Reversed  int        `json:"reversed"`
	Sampled   *int       `json:"sampled,omitempty"`
	Mistaken  *int       `json:"mistaken,omitempty"`
	Malicious *int       `json:"malicious,omitempty"`
}

// showWriteOffs publishes the rates of write-offs per authority; who may know it reads the kinds too.
func (a *API) showWriteOffs(r *request) (answer, error) {
	ctx, scope := r.http().Context(), a.Guard.Scope(openly(r.actor, policies.ViewWriteOffs), policies.ViewWriteOffs)
	this := workday.DateOf(r.at).Year()
	year := this
	if asked, err := strconv.Atoi(r.query("year")); err == nil && asked > this-yearsShown && asked < this {
		year = asked
	}
	from, until := startOf(year), startOf(year+1)
	found, err := a.Store.WriteOffs(ctx, from, until)
	if err != nil {
		return answer{}, err
	}
	malicious := map[string]int{}
	if !scope.Empty() {
		if malicious, err = a.Store.MaliciousWriteOffs(ctx, scope, from, until); err != nil {
			return answer{}, err
		}
	}
	p, body := a.places(r), writeOffsBody{Year: year, Authorities: []writeOffsLine{}}
	for id, f := range found {
		line := lineOfWriteOffs(f)
		line.Authority = p.body(id)
		if org, known := p.org(id); scope.All || known && slices.Contains(scope.Areas, org.Area) {
			mistaken, malice := f.InForce-malicious[id], malicious[id]
			line.Sampled, line.Mistaken, line.Malicious = &f.Sampled, &mistaken, &malice
		}
		body.Authorities = append(body.Authorities, line)
	}
	slices.SortFunc(body.Authorities, func(x, y writeOffsLine) int { return cmp.Compare(x.Authority.ID, y.Authority.ID) })
	return answer{body: body, view: a.writeOffsTable(r, body, this, !scope.Empty())}, nil
}

// yearsShown are how many years back the figures are offered, this one among them.
const yearsShown = 5

// startOf is the first instant of a year in the prefecture.
func startOf(year int) time.Time { return workday.NewDate(year, time.January, 1).Start() }

func lineOfWriteOffs(f store.WriteOffFigures) writeOffsLine {
	line := writeOffsLine{Bad: f.Bad, Proposed: f.Proposed, InForce: f.InForce, Objected: f.Objected, Reversed: f.Reversed}
	if f.Bad > 0 {
		line.Rate = math.Round(float64(f.InForce)/float64(f.Bad)*10000) / 10000
	}
	return line
}

func (a *API) writeOffsTable(r *request, b writeOffsBody, this int, kinds bool) *web.TableView {
	v := &web.TableView{Page: a.pageFor(r), Code: "write_offs",
		Columns: []string{"authority", "bad_ratings", "proposed", "in_force", "rate", "objected", "set_aside"}}
	if kinds {
		v.Columns = append(v.Columns, "sampled", "mistaken", "malicious")
	}
	intro := web.Msg("write_offs.text")
	year := web.Field{Name: "year", Kind: web.FieldSelect, Label: "write_offs.year", Any: "write_offs.this_year"}
	if b.Year != this { // nothing else is a choice to take back
		year.Values = []string{strconv.Itoa(b.Year)}
	}
	for y := this - 1; y > this-yearsShown; y-- {
		year.Options = append(year.Options, web.Option{Value: strconv.Itoa(y), Text: strconv.Itoa(y)})
	}
	v.Intro, v.Filter = &intro, &web.TableFilter{Action: "/write-offs", Fields: []web.Field{year}}
	number := func(n *int) web.Cell {
		if n == nil {
			return web.Cell{}
		}
		return web.Cell{Text: strconv.Itoa(*n)}
	}
	for _, line := range b.Authorities {
		row := web.TableRow{Cells: []web.Cell{{Text: nameOf(line.Authority)}, number(&line.Bad), number(&line.Proposed), number(&line.InForce),
			{Text: strconv.FormatFloat(line.Rate*100, 'f', 2, 64) + "%"}, number(&line.Objected), number(&line.Reversed)}}
		if kinds {
			row.Cells = append(row.Cells, number(line.Sampled), number(line.Mistaken), number(line.Malicious))
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
