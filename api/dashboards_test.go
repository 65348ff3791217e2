package api_test

import (
	"database/sql"
	"encoding/json"
	"html"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// dashboardRead is a dashboard as a program reads it.
type dashboardRead struct {
	Kind   string
	Total  figureLine
	Months []figureLine
	Parts  []figureLine
	Except []struct{ ID string }
	Causes []struct{ Key string }
	Not    int64 `json:"not_against"`
	Open   struct{ Cases, Late int64 }
	Told   *struct {
		Year   int
		Total  int
		Grades map[string]int
		Months []struct {
			Month            string
			Total, Good, Bad int
		}
	}
}

func (c *client) dashboard(path string) (d dashboardRead) {
	c.o.t.Helper()
	must(c.o.t, json.Unmarshal(c.get(path).want(200).body, &d))
	return d
}

func (d dashboardRead) part(key string) figureLine { return figures{Lines: d.Parts}.line(key) }

// listed is how many cases the list at an address has, on all of its pages.
func (c *client) listed(address string) (n int64) {
	c.o.t.Helper()
	for address != "" {
		var page struct {
			Cases []struct{ Case string }
			Next  string
		}
		must(c.o.t, json.Unmarshal(c.get(address).want(200).body, &page))
		n, address = n+int64(len(page.Cases)), page.Next
	}
	return n
}

var toCases = regexp.MustCompile(`<a href="(/cases\?[^"]+)">(\d+)</a>`)

// manyCases are cases in several stages: one went all the way, one was found and ordered, one is new, one is of the authority itself.
func (o *office) manyCases() regulation.Case {
	o.t.Helper()
	receipt, whole := o.rateBadly()
	o.walk(receipt, whole, "")
	found, id := o.rateBadly()
	o.walk(found, id, regulation.ActSign)
	o.rateBadly()
	o.rateAuthority()
	good := badRating(o.t)
	good["grade"] = 5
	delete(good, "option")
	good["mark_attitude"] = 2
	o.program().post("/ratings", good).want(201)
	o.counted()
	return o.caseOf(receipt)
}

// Every figure of a dashboard that leads to cases leads to as many as it says, for each of its readers.
func TestFiguresOfDashboardsLeadToTheirCases(t *testing.T) {
	o := setup(t)
	c := o.manyCases()
	month := regulation.MonthOf(workday.DateOf(o.clock.Now()))
	for login, pages := range map[string][]string{
		"gz-supervisor-1": {"/dashboard", "/dashboard/county/513301", "/dashboard/unit/" + c.Rated.Unit, "/dashboard/window/" + c.Rated.Window, "/dashboard/staff/" + c.Rated.Staff, "/dashboard/unit/" + ratedAuthority},
		"kd-supervisor-1": {"/dashboard", "/dashboard/unit/" + c.Rated.Unit, "/dashboard/window/" + c.Rated.Window},
		"gz-auditor":      {"/dashboard", "/dashboard/county/513301"},
	} {
		browser, program := o.browsing(login), o.as(login)
		for _, page := range pages {
			links := toCases.FindAllStringSubmatch(string(browser.get(page).want(200).body), -1)
			if len(links) < 3 && !strings.Contains(page, "/staff/") { // nothing was attributed to the person
				t.Errorf("%s: %s leads to cases %d times", login, page, len(links))
			}
			for _, link := range links {
				want, _ := strconv.ParseInt(link[2], 10, 64)
				if n := program.listed(html.UnescapeString(link[1])); n != want {
					t.Errorf("%s: of %s the figure %d leads to %d cases: %s", login, page, want, n, link[1])
				}
			}
		}
	}
	supervisor := o.as("gz-supervisor-1")
	if n := supervisor.listed("/cases?tab=all&from=" + month + "&to=" + month + "&counting=concluded"); n != 1 {
		t.Errorf("%d are concluded", n)
	}
	o.browsing("gz-supervisor-1").get("/cases?tab=all&open=yes&due=late").want(200).shows("已逾期")
	supervisor.get("/cases?tab=all&from=" + month + "&to=" + month + "&counting=nothing").want(422)
	supervisor.get("/cases?tab=all&open=yes&due=soon").want(422)
	supervisor.get("/cases?tab=all&from=0001-01&to=9999-12").want(422)
	supervisor.get("/cases?tab=all&from=2026-Q1&to=2026-Q1").want(422)
	supervisor.get("/dashboard?from=2026-13").want(422)
	supervisor.get("/dashboard?from=0000-01&to=0000-01").want(422)
}

// A dashboard says what the statistics say, for the same months, and a part of it what its own dashboard says.
func TestDashboardsSayWhatTheFiguresSay(t *testing.T) {
	o := setup(t)
	c := o.manyCases()
	above, own := o.as("gz-supervisor-1"), o.as("kd-supervisor-1")
	month := regulation.MonthOf(workday.DateOf(o.clock.Now()))
	for _, reader := range []*client{above, own} {
		for path, query := range map[string]string{"/dashboard/county/513301": "county=513301", "/dashboard/unit/" + c.Rated.Unit: "unit=" + c.Rated.Unit, "/dashboard/window/" + c.Rated.Window: "window=" + c.Rated.Window} {
			d, f := reader.dashboard(path+"?from="+month+"&to="+month), reader.figures("by=month&"+query)
			if d.Total.Ratings != f.Total.Ratings || d.Total.Cases != f.Total.Cases || d.Total.Ratings.Rated < 4 || d.Total.Cases.Cases < 3 {
				t.Errorf("%s: %+v, and the figures say %+v", path, d.Total, f.Total)
			}
			if len(d.Months) != 13 || d.Months[12].Ratings != d.Total.Ratings {
				t.Errorf("%s: months %+v", path, d.Months)
			}
		}
	}
	whole, county, unit := above.dashboard("/dashboard"), above.dashboard("/dashboard/county/513301"), above.dashboard("/dashboard/unit/"+c.Rated.Unit)
	if len(whole.Parts) != 19 || whole.part("513301").Ratings != county.Total.Ratings || whole.part("513301").Cases != county.Total.Cases {
		t.Errorf("of the prefecture %+v, of the county %+v", whole.part("513301"), county.Total)
	}
	if county.part(c.Rated.Unit).Ratings != unit.Total.Ratings || unit.part(c.Rated.Window).Ratings.Rated != unit.Total.Ratings.Rated {
		t.Errorf("of the unit %+v in the county's %+v, its windows %+v", unit.Total, county.part(c.Rated.Unit), unit.Parts)
	}
	if whole.Open.Cases != 3 || unit.Open.Cases != 2 {
		t.Errorf("open: %d of all, %d of the unit", whole.Open.Cases, unit.Open.Cases)
	}
	// What is not attributed to the person, or not verified yet, does not count against the person (R60).
	if person := above.dashboard("/dashboard/staff/" + c.Rated.Staff); person.Not+person.Total.Cases.Cases != 3 || person.Not == 0 {
		t.Errorf("of the person: %d, and not against them %d", person.Total.Cases.Cases, person.Not)
	}
}

// A county's people see their county, nobody their own office, whoever is rated themselves alone; all else is as if it were not there.
func TestDashboardsAreForWhoMaySeeThem(t *testing.T) {
	o := setup(t)
	c := o.manyCases()
	unit, window, staff := "/dashboard/unit/"+c.Rated.Unit, "/dashboard/window/"+c.Rated.Window, "/dashboard/staff/"+c.Rated.Staff
	for login, status := range map[string]map[string]int{
		"kd-supervisor-1": {"/dashboard": 200, "/dashboard/county/513301": 200, unit: 200, window: 200, staff: 200, "/dashboard/county/513322": 404, "/dashboard/unit/" + ratedAuthority: 404, "/dashboard/window/" + receptionWindow: 404, "/dashboard/decisions": 404, "/dashboard/unit/none": 404, "/dashboard?county=513322": 404},
		"ld-supervisor-1": {"/dashboard": 200, "/dashboard/county/513301": 404, unit: 404, window: 404, staff: 404},
		"kd-psb-head":     {"/dashboard": 200, "/dashboard/county/513301": 404, "/dashboard/unit/513301-psb": 200, "/dashboard/unit/513301-tax": 404, staff: 404, window: 404, "/dashboard/decisions": 403},
		"kd-window-03":    {"/dashboard": 200, "/dashboard/unit/513301-psb": 404, "/dashboard/staff/st0037": 200, window: 404, "/dashboard/staff/st0038": 404},
		"kd-verifier-1":   {"/dashboard": 403, unit: 403},
		"gz-supervisor-1": {"/dashboard/unit/" + ratedAuthority: 200, "/dashboard/decisions": 200, "/dashboard/county/513399": 404, "/dashboard/staff/none": 404, "/dashboard/window/none": 404},
	} {
		reader := o.as(login)
		for path, want := range status {
			if got := reader.get(path); got.status != want {
				t.Errorf("%s: %s answers %d in the place of %d", login, path, got.status, want)
			}
		}
	}
	if d := o.as("kd-supervisor-1").dashboard("/dashboard"); len(d.Except) != 1 || d.Except[0].ID != ratedAuthority || d.part(ratedAuthority).Key != "" || d.Open.Cases != 2 {
		t.Errorf("with the reader's own office: %+v", d)
	}
	o.browsing("kd-psb-head").get("/dashboard").want(200).hides("counting=", `"/figures`)
}

// Whoever is rated and heads the unit as well, or heads two, sees nothing on dashboards that the list of own ratings leaves together:
// by the difference single ratings of others would be told.
func TestNobodyIsToldTheDifferenceOfTwoDashboards(t *testing.T) {
	o := setup(t)
	appoint := func(login, unit string) {
		t.Helper()
		must(t, o.record.Appoint(t.Context(), o.person(login), regulation.UnitHead, unit, o.clock.Now(), "tester"))
	}
	appoint("kd-window-03", "513301-psb")
	both := o.as("kd-window-03")
	both.get("/dashboard/unit/513301-psb").want(404)
	if d := both.dashboard("/dashboard"); d.Kind != "staff" {
		t.Errorf("whoever is rated and heads the unit sees the %s", d.Kind)
	}
	appoint("kd-psb-head", "513301-tax")
	give := func(window, staff string, n int) {
		t.Helper()
		for range n {
			o.program().post("/ratings", fields{"code": windowCode(t, window), "staff": staff, "grade": 5}).want(201)
		}
	}
	give("513301-w03", "st0037", 6)
	o.nextWeek()
	head := o.as("kd-psb-head")
	one, other := head.dashboard("/dashboard/unit/513301-psb"), head.dashboard("/dashboard/unit/513301-tax")
	if one.Told.Total != 6 || other.Told.Total != 6 {
		t.Errorf("apart: %+v and %+v", one.Told, other.Told)
	}
}

// The rated side sees whole batches of its own, as its list says, and of no grade fewer than five.
func TestTheRatedSideSeesBatchesOnItsDashboard(t *testing.T) {
	o := setup(t)
	praise := func(n, grade int) {
		t.Helper()
		for range n {
			given := fields{"code": windowCode(t, "513301-w03"), "staff": "st0037", "grade": grade}
			if grade < 3 {
				given["text"] = "等了很久"
			}
			o.program().post("/ratings", given).want(201)
		}
	}
	staff, head := o.as("kd-window-03"), o.as("kd-psb-head")
	praise(4, 5)
	o.nextWeek()
	if told := staff.dashboard("/dashboard").Told; told == nil || len(told.Months) != 0 || told.Total != 0 {
		t.Fatalf("four are told: %+v", told)
	}
	praise(16, 5)
	praise(1, 1)
	if told := head.dashboard("/dashboard").Told; len(told.Months) != 0 {
		t.Errorf("before the week is over: %+v", told)
	}
	o.nextWeek()
	for _, reader := range []*client{staff, head} {
		d := reader.dashboard("/dashboard")
		if len(d.Told.Months) != 1 || d.Told.Months[0].Good != 20 || d.Told.Months[0].Bad != 0 || d.Told.Total != 20 {
			t.Errorf("one bad of %+v is told", d.Told)
		}
		if own := reader.get("/own-ratings").want(200).object(); own["total"] != float64(d.Told.Total) || len(own["grades"].(map[string]any)) != len(d.Told.Grades) {
			t.Errorf("the list says %v, the dashboard %+v", own, d.Told)
		}
		if d.Months != nil || d.Parts != nil || d.Causes != nil {
			t.Errorf("more than batches: %+v", d)
		}
	}
	praise(6, 4)
	praise(5, 3)
	praise(6, 2)
	praise(6, 1)
	o.nextWeek()
	good, bad := 0, 0
	for _, m := range staff.dashboard("/dashboard").Told.Months {
		good, bad = good+m.Good, bad+m.Bad
	}
	if good != 31 || bad != 13 {
		t.Errorf("%d good and %d bad ones are told", good, bad)
	}
	o.browsing("kd-psb-head").get("/dashboard").want(200).shows("44").hides("st0037")
	if file := string(o.browsing("kd-psb-head").form("/exports", url.Values{"list": {"/dashboard"}}).want(200).body); !strings.HasPrefix(file, "PK") {
		t.Error("no file of the dashboard")
	}
}

// Whoever has the dashboard in their menu sees it, also who has no published profile or serves no public; they see what they were told
// of themselves and nothing of others.
func TestWhoHasTheDashboardInTheirMenuSeesIt(t *testing.T) {
	o := setup(t)
	db, err := sql.Open("sqlite", filepath.Join(o.dir, store.FileName))
	must(t, err)
	defer db.Close()
	_, err = db.Exec("DELETE FROM staff_profiles WHERE staff_id = (SELECT staff_id FROM accounts WHERE login = 'kd-window-01')")
	must(t, err)
	for login, kind := range map[string]string{"kd-window-01": "staff", "gz-agent-1": "staff", "kd-window-03": "staff", "kd-psb-head": "unit", "kd-supervisor-1": "county",
		"gz-supervisor-1": "prefecture", "gz-auditor": "prefecture"} {
		reader := o.browsing(login)
		reader.get("/dashboard").want(200).shows(`href="/dashboard"`)
		d := o.as(login).dashboard("/dashboard")
		if d.Kind != kind || (d.Told != nil) != (kind == "staff" || kind == "unit") {
			t.Errorf("%s sees %+v", login, d)
		}
		if d.Told != nil && (d.Told.Total != 0 || d.Total.Ratings.Rated != 0 || d.Parts != nil) {
			t.Errorf("%s is told %+v", login, d)
		}
	}
	o.browsing("kd-window-01").get("/dashboard/unit/513301-psb").want(404)
	o.browsing("kd-window-01").get("/dashboard/staff/st0037").want(404)
	if page := string(o.browsing("kd-psb-handler-1").get("/").want(200).body); strings.Contains(page, `href="/dashboard"`) {
		t.Error("whoever serves no public has a dashboard in the menu")
	}
	o.as("kd-psb-handler-1").get("/dashboard").want(403)
}

// A window serves matters of several units: its dashboard sets the cases of all of them beside their ratings, as its line on the unit's
// does, but for what was done there for the reader's own office, which is in neither.
func TestAWindowsDashboardHasTheCasesOfAllItsRatings(t *testing.T) {
	o := setup(t)
	db, err := sql.Open("sqlite", filepath.Join(o.dir, store.FileName))
	must(t, err)
	defer db.Close()
	const window, here = "513301-w03", "/dashboard/window/513301-w03"
	rate := func(code, unit string) {
		t.Helper()
		_, err := db.Exec("UPDATE projects SET matter_id = (SELECT MIN(id) FROM matters WHERE unit_id = ?) WHERE code = ?", unit, code)
		must(t, err)
		given := badRating(t)
		given["code"] = code
		delete(given, "staff")
		o.program().post("/ratings", given).want(201)
	}
	o.rateBadly()
	rate("K5CECXRJA3BRKE25OWTO", "513301-mkt")
	o.counted()
	above, own := o.as("gz-supervisor-1"), o.as("kd-supervisor-1")
	for _, reader := range []*client{above, own} {
		d, unit := reader.dashboard(here), reader.dashboard("/dashboard/unit/513301-psb")
		if d.Total.Ratings.Rated != 2 || d.Total.Cases.Cases != 2 || d.Open.Cases != 2 || len(d.Except) != 0 {
			t.Errorf("%+v, open %+v", d.Total, d.Open)
		}
		if line := unit.part(window); line.Ratings.Rated != 2 || line.Cases.Cases != 2 || unit.Total.Ratings.Rated != 1 || unit.Total.Cases.Cases != 1 {
			t.Errorf("on its unit's %+v of %+v", line, unit.Total)
		}
	}
	for _, asked := range []string{"by=unit&window=" + window, "by=county&window=" + window, "by=window&unit=513301-psb", "by=unit&window=" + window + "&unit=513301-psb"} {
		for _, reader := range []*client{above, own} { // both ratings and both cases on one line, whosever matters they were of
			if f := reader.figures(asked); len(f.Lines) != 1 || f.Lines[0].Ratings.Rated != 2 || f.Lines[0].Cases.Cases != 2 {
				t.Errorf("%s: %+v", asked, f.Lines)
			}
		}
	}
	if f := above.figures("by=unit"); f.line("513301-psb").Cases.Cases != 1 || f.line("513301-mkt").Cases.Cases != 1 {
		t.Errorf("by unit alone: %+v", f.Lines)
	}
	_, err = db.Exec("UPDATE matters SET unit_id = ? WHERE id = '513301-mkt-m04'", ratedAuthority)
	must(t, err)
	rate("LZJUP6THLDH723T5N2M2", ratedAuthority)
	o.counted()
	if d := above.dashboard(here); d.Total.Ratings.Rated != 3 || d.Total.Cases.Cases != 3 || len(d.Parts) == 0 {
		t.Errorf("above: %+v", d.Total)
	}
	d, unit := own.dashboard(here), own.dashboard("/dashboard/unit/513301-psb")
	if d.Total.Ratings.Rated != 2 || d.Total.Cases.Cases != 2 || d.Open.Cases != 2 || len(d.Except) != 1 || d.Except[0].ID != ratedAuthority || len(d.Parts) != 0 {
		t.Errorf("with the reader's own office: %+v, parts %+v, without %+v", d.Total, d.Parts, d.Except)
	}
	if line := unit.part(window); line.Ratings.Rated != 2 || line.Cases.Cases != 2 {
		t.Errorf("on its unit's %+v", line)
	}
	o.browsing("kd-supervisor-1").get(here).want(200).shows("各维度和人员不按事项统计")
	for _, by := range []string{"window", "hall", "month", "channel"} { // as statistics tell it too, whatever they are by
		if f := own.figures("by=" + by + "&window=" + window); f.Total.Ratings.Rated != 2 || f.Total.Cases.Cases != 2 {
			t.Errorf("by %s: %+v", by, f.Lines)
		}
		if f := above.figures("by=" + by + "&window=" + window); f.Total.Ratings.Rated != 3 {
			t.Errorf("above, by %s: %+v", by, f.Lines)
		}
	}
	if f := own.figures("by=matter&window=" + window); f.line("513301-mkt-m01").Ratings.Rated != 1 || f.line("513301-mkt-m04").Ratings.Rated != 0 {
		t.Errorf("by matter: %+v", f.Lines)
	}
	if f := above.figures("by=matter&window=" + window); f.line("513301-mkt-m04").Ratings.Rated != 1 {
		t.Errorf("above, by matter: %+v", f.Lines)
	}
	if f := own.figures("by=county&window=" + window); len(f.Lines) != 1 || f.line("513301").Ratings.Rated != 2 {
		t.Errorf("by county: %+v", f.Lines)
	}
	for _, by := range []string{"staff", "dimension"} {
		own.get("/figures?from=2026-11&to=2026-11&by="+by+"&window="+window).refused(422, regulation.Invalid)
		above.get("/figures?from=2026-11&to=2026-11&by=" + by + "&window=" + window).want(200)
	}
	browser, program := o.browsing("gz-supervisor-1"), o.as("gz-supervisor-1")
	for _, page := range []string{here, "/dashboard/unit/513301-psb"} {
		for _, link := range toCases.FindAllStringSubmatch(string(browser.get(page).want(200).body), -1) {
			want, _ := strconv.ParseInt(link[2], 10, 64)
			if n := program.listed(html.UnescapeString(link[1])); n != want {
				t.Errorf("of %s the figure %d leads to %d cases: %s", page, want, n, link[1])
			}
		}
	}
	o.sealedLessOwnMatters(window)
}

// What is rated of the prefecture's own offices is called otherwise than the whole: on its dashboard, on the way up to it, and on its line among the
// counties.
func TestThePrefecturesOwnOfficesAreNotCalledAsTheWhole(t *testing.T) {
	o := setup(t)
	page := o.browsing("gz-supervisor-1")
	const whole, own = "甘孜藏族自治州评价看板", "甘孜藏族自治州（州本级）"
	page.get("/dashboard").want(200).shows(whole, own)
	page.get("/dashboard/county/513300").want(200).shows(own).hides(whole)
	page.get("/dashboard/unit/513300-psb").want(200).shows(own)
}
