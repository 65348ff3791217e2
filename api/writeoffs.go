package api

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
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
// the rated side sees "written off", not why (R46), and every malicious one is looked at from above. The rated
// side and the public see no count under five (2, 9(2)): see store.PublicWriteOffs.
type writeOffsLine struct {
	Authority *placeBody `json:"authority"`
	Bad       *int       `json:"bad_ratings,omitempty"`
	Proposed  *int       `json:"proposed,omitempty"`
	InForce   *int       `json:"in_force,omitempty"`
	Rate      *float64   `json:"rate,omitempty"` // of the bad ratings, those written off and in force
	Objected  *int       `json:"objected,omitempty"`
	Reversed  *int       `json:"reversed,omitempty"`
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
	public, err := a.Store.PublicWriteOffs(ctx, year)
	if err != nil {
		return answer{}, err
	}
	p, body := a.places(r), writeOffsBody{Year: year, Authorities: []writeOffsLine{}}
	for id, f := range found {
		org, known := p.org(id)
		within := scope.All || known && slices.Contains(scope.Areas, org.Area)
		line := lineOfWriteOffs(f)
		if !within {
			told := public[id]
			if !told.Told() { // that it is listed would tell that somebody rated
				continue
			}
			line = publicLineOfWriteOffs(told)
		}
		line.Authority = p.body(id)
		if within {
			mistaken, malice := f.InForce-malicious[id], malicious[id]
			line.Sampled, line.Mistaken, line.Malicious = &f.Sampled, &mistaken, &malice
		}
		body.Authorities = append(body.Authorities, line)
	}
	slices.SortFunc(body.Authorities, func(x, y writeOffsLine) int { return cmp.Compare(x.Authority.ID, y.Authority.ID) })
	// Who is signed in may see more, and has the list as a file.
	return answer{body: body, view: a.writeOffsTable(r, body, this, !scope.Empty()), shared: !r.signedIn()}, nil
}

// yearsShown are how many years back the figures are offered, this one among them.
const yearsShown = 5

// startOf is the first instant of a year in the prefecture.
func startOf(year int) time.Time { return workday.NewDate(year, time.January, 1).Start() }

// lineOfWriteOffs shows all counts to who oversees the authority.
func lineOfWriteOffs(f store.WriteOffFigures) writeOffsLine {
	line := writeOffsLine{Bad: &f.Bad, Proposed: &f.Proposed, InForce: &f.InForce, Objected: &f.Objected, Reversed: &f.Reversed}
	if f.Bad > 0 {
		line.Rate = shareOf(regulation.Ratio{Of: int64(f.InForce), Among: int64(f.Bad)})
	}
	return line
}

func publicLineOfWriteOffs(w store.PublicWriteOffs) writeOffsLine {
	line := writeOffsLine{Bad: w.Bad, Proposed: w.Proposed, InForce: w.InForce, Objected: w.Objected, Reversed: w.Reversed}
	if w.Rate != nil {
		line.Rate = shareOf(*w.Rate)
	}
	return line
}

// shareOf is a share with four decimals.
func shareOf(of regulation.Ratio) *float64 {
	share := math.Round(float64(of.Of)/float64(of.Among)*10000) / 10000
	return &share
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
			return web.Cell{Message: web.Msg("write_offs.withheld")}
		}
		return web.Cell{Text: strconv.Itoa(*n), Figure: true}
	}
	rate := func(of *float64) web.Cell {
		if of == nil {
			return web.Cell{Message: web.Msg("write_offs.withheld")}
		}
		return web.Cell{Text: strconv.FormatFloat(*of*100, 'f', 2, 64) + "%"}
	}
	for _, line := range b.Authorities {
		row := web.TableRow{Cells: []web.Cell{{Text: nameOf(line.Authority)}, number(line.Bad), number(line.Proposed), number(line.InForce),
			rate(line.Rate), number(line.Objected), number(line.Reversed)}}
		if kinds && line.Sampled == nil { // another area's
			row.Cells = append(row.Cells, web.Cell{}, web.Cell{}, web.Cell{})
		} else if kinds {
			row.Cells = append(row.Cells, number(line.Sampled), number(line.Mistaken), number(line.Malicious))
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
