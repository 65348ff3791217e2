package api_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/api"
	"haochaping/regulation"
	"haochaping/web"
	"haochaping/workday"
)

// R21, R47: a sealed quarter is public by county, department and hall, with its files, its feed and the formulae; it names no window and no
// person, and may be kept. A month is not, and its address leads to the quarter.
func TestPublicFiguresOnThePage(t *testing.T) {
	o := setup(t)
	// A county of which nothing came out has a feed with a day that readers can use; what is no authority has none.
	o.program().get("/public/feed?authority=513338-authority").want(200).shows("<updated>20").hides("<updated>0001", "<entry>")
	for _, none := range []string{"x", "513301-psb", "513301"} {
		o.program().get("/public/feed?authority="+none).refused(404, regulation.NotFound)
	}
	month, quarter := regulation.MonthOf(workday.DateOf(o.clock.Now())), regulation.QuarterOf(workday.DateOf(o.clock.Now()))
	o.follow()
	o.program().get("/public/figures").want(200).shows(`"areas":[]`, `"least_ratings":30`, `"shown_from":10`)
	o.browser().get("/public/figures").want(200).shows("还没有封存的统计", "评价达到 30 条的地方", "少于 10 条的")
	for i := range 42 {
		rating := badRating(t)
		if i >= 3 {
			rating["grade"] = 5
			delete(rating, "option")
			delete(rating, "mark_attitude")
		}
		o.program().post("/ratings", rating).want(201)
	}
	o.nextMonth()
	o.sealed()
	o.follow()
	o.program().get("/public/figures").want(200).shows(`"areas":[]`)
	o.nextMonth()
	o.sealed()
	o.follow()
	public := o.program().get("/public/figures").want(200)
	public.shows(`"period":"`+quarter+`"`, `"rated":42`, `"good_rate":"78.57"`, `"good_rate_is_least":true`, `"id":"513322"`, "513301-psb").hides(`"bad":`, "513301-w", "st00")
	if public.header.Get("ETag") == "" || !strings.HasPrefix(public.header.Get("Cache-Control"), "public") {
		t.Errorf("not to be kept: %v", public.header)
	}
	o.browser().get("/public/figures").want(200).shows("康定市", "不低于 78.57 %", "泸定县", "封存统计第 1 版")
	file := o.program().get("/public/figures.csv?period=" + quarter).want(200)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file.body), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 22 || rows[1][2] != "513301" || rows[1][5] != "42" || rows[1][7] != "" {
		t.Errorf("%q, %v", rows, err)
	}
	o.program().get("/public/figures?period="+month).want(404).shows("月度统计供各单位内部使用", `"where":"/public/figures?period=`+quarter+`"`)
	o.browser().get("/public/figures?period="+month).want(404).shows("月度统计供各单位内部使用", `href="/public/figures?period=`+quarter+`"`)
	o.program().get("/public/figures?period=2020-Q1").want(404)
	for _, edition := range []string{"abc", "0", "-1", "9"} {
		o.program().get("/public/figures?period=" + quarter + "&edition=" + edition).want(404)
	}
	o.program().get("/public/figures.csv?period=2020-Q1").want(404)
	if lines := strings.Count(string(file.body), "\r\n"); lines != 22 {
		t.Errorf("%d lines end as RFC 4180 has them", lines)
	}
	o.browser().get("/open-data").want(200).shows("/public/figures.csv?period="+quarter, "好评率是下限", `href="/public/feed?authority=513301-authority"`)
	o.program().get("/open-data").want(200).shows(`"edition":1`, `"last":true`)
	o.browser().get("/public/formulae").want(200).shows("好评率 = 好评条数 ÷ 评价条数", "公开统计的最少评价数")
	feed := o.program().get("/public/feed?authority=513301-authority").want(200)
	var read struct {
		Entries []struct {
			Title string `xml:"title"`
			Link  struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	told := ""
	err = xml.Unmarshal(feed.body, &read)
	for _, entry := range read.Entries { // beside what the product publishes of a quarter that is over
		if strings.Contains(entry.Title, "季度统计") {
			told = entry.Link.Href
		}
	}
	if err != nil || len(read.Entries) != 3 || told != "/public/figures?period="+quarter {
		t.Errorf("%+v, %v", read, err)
	}
	for _, page := range []string{"/write-offs", "/opinions", "/changes", "/published", "/commended", "/public/formulae", "/open-data", "/public/feed", "/public/figures.csv"} {
		first := o.program().get(page).want(200)
		if tag := first.header.Get("ETag"); tag == "" || !strings.HasPrefix(first.header.Get("Cache-Control"), "public, max-age=") {
			t.Errorf("%s is not to be kept: %v", page, first.header)
		}
	}
}

// A feed is read by programs: of no authority there is none, one without entries says a day that can be, addresses are whole where the product knows
// its own, and whoever has an entry that is taken back is told anew (9(1), 8(3)).
func TestFeedsAreAsProgramsReadThem(t *testing.T) {
	o := setup(t, func(options *api.Options) { options.Address = "https://hcp.example.cn/" })
	o.program().get("/public/feed?authority=nobody").refused(404, regulation.NotFound)
	o.program().get("/public/feed?authority=513322-authority").want(200).shows("<updated>2019-12-27T00:00:00+08:00</updated>", `href="https://hcp.example.cn/public/feed?authority=513322-authority"`)
	release := regulation.Published{Kind: regulation.PublishRelease, Period: "release", On: workday.DateOf(o.clock.Now()), Link: "/public/releases#release", Digest: strings.Repeat("a", 64)}
	must(t, o.record.RecordPublication(t.Context(), "513300-authority", release))
	told := o.program().get("/public/feed").want(200).shows(`href="https://hcp.example.cn/public/releases#release"`).header.Get("ETag")
	o.clock.Forward(3 * time.Hour)
	release.Withdrawn = true
	must(t, o.record.RecordPublication(t.Context(), "513300-authority", release))
	again := o.program().get("/public/feed").want(200).shows("<updated>" + o.clock.Now().In(workday.Shanghai).Format(time.RFC3339) + "</updated>")
	if again.header.Get("ETag") == told {
		t.Error("it reads as before")
	}
}

// R47: whoever takes the table for a spreadsheet has all that a program has, in columns that the page explains.
func TestTheFileOfPublicFiguresTellsAllThatProgramsRead(t *testing.T) {
	program, rows, err := api.PublicTable()
	if err != nil {
		t.Fatal(err)
	}
	var whole map[string]any
	if err := json.Unmarshal(program, &whole); err != nil {
		t.Fatal(err)
	}
	looked := 0
	var holds func(row map[string]string, name string, value any)
	holds = func(row map[string]string, name string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for part, of := range v {
				holds(row, strings.TrimPrefix(name+"_"+part, "_"), of)
			}
		case []any: // places of their own, with rows of their own
		default:
			looked++
			column := map[string]string{"place_id": row["kind"], "place_name": "name", "id": row["kind"]}[name]
			if column = cmp.Or(column, name); row[column] != fmt.Sprint(value) || !slices.Contains(append(web.PublicColumns, "kind"), column) {
				t.Errorf("%s of %s is %v, and %q in the file", name, row["name"], value, row[column])
			}
		}
	}
	area := whole["areas"].([]any)[0].(map[string]any)
	for i, place := range []struct {
		kind string
		of   any
	}{{"area", area}, {"unit", area["units"].([]any)[0]}, {"hall", area["halls"].([]any)[0]}, {"area", whole["left_out"].([]any)[0]}} {
		row := maps.Clone(rows[i])
		row["kind"] = place.kind
		holds(row, "", place.of)
		holds(row, "", whole)
	}
	if len(rows) != 4 || looked < 40 {
		t.Errorf("%d values in %d rows", looked, len(rows))
	}
}

// R21: the worked example is of the latest period in which a place shows its counts, also where later ones hide them.
func TestTheExampleOfTheFormulaeIsTheLastThatThereIs(t *testing.T) {
	o := setup(t)
	rate := func(bad int) string {
		t.Helper()
		for i := range 44 {
			rating := badRating(t)
			if i >= bad {
				rating["grade"] = 5
				delete(rating, "option")
				delete(rating, "mark_attitude")
			}
			o.program().post("/ratings", rating).want(201)
		}
		quarter := regulation.QuarterOf(workday.DateOf(o.clock.Now()))
		o.follow()
		for regulation.QuarterOf(workday.DateOf(o.clock.Now())) == quarter {
			o.nextMonth()
		}
		o.sealed()
		o.follow()
		return quarter
	}
	first := rate(13)
	rate(3)
	o.program().get("/public/figures").want(200).hides(`"bad":`)
	o.program().get("/public/formulae").want(200).shows(`"period":"`+first+`"`, `"bad":13`, `"rated":44`)
}
