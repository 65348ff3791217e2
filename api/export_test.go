package api

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"regexp"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// Spreadsheet is the table that offices download.
var Spreadsheet = spreadsheet

// EachPeriod words quarters that a fact keeps.
var EachPeriod = eachPeriod

var part = regexp.MustCompile(`:(\w+)`)

// RouteNames lists the route table in the words of openapi.yaml.
func RouteNames() []string {
	var names []string
	for _, r := range routes {
		names = append(names, r.Method+" "+part.ReplaceAllString(r.Path, "{$1}"))
	}
	return names
}

// StretchRows is how many rows of a long list are gathered at a time.
var StretchRows = &stretchRows

// GoOn does the next stretch of an export.
func (a *API) GoOn(ctx context.Context, e store.Export) error { return a.goOn(ctx, e) }

// WriteSheets writes a list through the mechanism of exports and returns the bytes; a sheet has so many rows at most.
func WriteSheets(folder string, out io.Writer, most int, pages iter.Seq[[][]web.SheetCell], heads ...string) (int64, error) {
	next, stop := iter.Pull(pages)
	defer stop()
	first, _ := next()
	b, err := newWorkbook(folder, "list", heads, first)
	if err != nil {
		return 0, err
	}
	b.most = most
	for page, more := first, true; more; page, more = next() {
		if err := b.add(page); err != nil {
			return 0, err
		}
	}
	counted := &counting{Writer: out}
	err = b.finish(counted, "about", [][2]string{{"rows", "=1"}})
	return counted.n, err
}

type counting struct {
	io.Writer
	n int64
}

func (c *counting) Write(content []byte) (int, error) {
	n, err := c.Writer.Write(content)
	c.n += int64(n)
	return n, err
}

// ExportPaths are the paths of the lists that can be had as a file.
func ExportPaths() []string {
	var paths []string
	for _, l := range exportLists {
		paths = append(paths, l.path)
	}
	return paths
}

// PublicTable is a table of public figures of which everything is told that can be, as JSON and as rows by column.
func PublicTable() (program []byte, rows []map[string]string, err error) {
	good, bad := int64(58), int64(22)
	line := func(id string) publicLineBody {
		return publicLineBody{Place: &placeBody{id, "name of " + id}, Rated: 80, Good: &good, Bad: &bad, GoodRate: "72.50", Least: true}
	}
	area := publicAreaBody{publicLineBody: line("513301"), Version: 3, Position: 4711, Callback: &publicShareBody{21, "95.24", false}, Reply: &publicShareBody{20, "55.00", true},
		Units: []publicLineBody{line("unit")}, Halls: []publicLineBody{line("hall")}, ByHall: true}
	b := publicFiguresBody{Period: "2026-Q1", Edition: 2, Editions: 7, On: workday.NewDate(2026, 4, 9), Digest: "d1", Formula: regulation.FigureFormula, Fewest: 31, Band: 11,
		Areas: []publicAreaBody{area}, LeftOut: []placeBody{{"513322", "name of 513322"}}}
	program, err = json.Marshal(b)
	return program, publicRows(b), err
}
