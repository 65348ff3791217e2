package api_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// ownMatter is made a matter of the county's office, which has a window of its own.
const (
	ownMatter = "513301-mkt-m04"
	ownWindow = "513301-w16"
)

// given has ratings saved of a matter at a window, "" for none: of a matter it is the matter's unit that was rated.
func (o *office) given(window, matter string, grade regulation.Grade, times int) {
	o.t.Helper()
	o.givenAt(o.clock.Now(), window, matter, grade, times)
}

// givenAt has them saved as given before.
func (o *office) givenAt(at time.Time, window, matter string, grade regulation.Grade, times int) {
	o.t.Helper()
	target, err := o.record.WindowTarget(o.t.Context(), window)
	must(o.t, err)
	place := target.Place("")
	if len(target.Serving) > 0 {
		place = target.Place(target.Serving[0].StaffID)
	}
	if matter != "" {
		all, err := o.record.AllMatters(o.t.Context())
		must(o.t, err)
		i := slices.IndexFunc(all, func(m store.Matter) bool { return m.ID == matter })
		place.Rated.Matter, place.Rated.Unit = matter, all[i].UnitID
		tree, err := o.record.Tree(o.t.Context())
		must(o.t, err)
		authority, _ := tree.Authority(place.Rated.Unit) // whose unit it is, as where a handled matter is rated
		upper, _ := tree.Upper(authority.ID)
		place.Area, place.Authority, place.Upper = authority.Area, authority.ID, upper.ID
	}
	for range times {
		r := regulation.Rating{Place: place, Channel: regulation.ChannelWeb, Target: regulation.TargetMatter, Grade: grade, GivenAt: at,
			Dimensions: map[string]regulation.Grade{"attitude": grade}}
		_, err := o.record.SaveRating(o.t.Context(), store.Intake{Key: fmt.Sprintf("given-%d", o.keys.Add(1)), PrivacyVersion: "1", Rating: r})
		must(o.t, err)
	}
}

// mixed is an office whose matters are served at windows of others and whose window serves matters of others: ratings of everybody else are the
// same each time, those of the office are not.
func mixed(t *testing.T, good, bad int) *office {
	o := setup(t)
	db, err := sql.Open("sqlite", filepath.Join(o.dir, store.FileName))
	must(t, err)
	defer db.Close()
	_, err = db.Exec("UPDATE matters SET unit_id = ? WHERE id = ?", ratedAuthority, ownMatter)
	must(t, err)
	for _, of := range []struct {
		window, matter string
		own            bool
	}{{"513301-w03", "", false}, {"513301-w03", "513301-psb-m01", false}, {"513301-w05", "513301-mkt-m01", false}, {"513301-w03", "513301-mkt-m02", false}, {"513301-w05", "", false},
		{"513301-w03", ownMatter, true}, {ownWindow, "", true}, {ownWindow, "513301-psb-m02", true}, {ownWindow, ownMatter, true}} {
		n := [2]int{17, 2}
		if of.own {
			n = [2]int{good, bad}
		}
		o.given(of.window, of.matter, regulation.VerySatisfied, n[0])
		o.given(of.window, of.matter, regulation.VeryDissatisfied, n[1])
	}
	o.counted()
	return o
}

// read is what a reader is answered at some addresses, without where the ledger stands, which counts everybody's rows.
func (o *office) read(login string, addresses []string) map[string]any {
	o.t.Helper()
	c, all := o.as(login), map[string]any{}
	for _, address := range addresses {
		got := c.get(address)
		var body any
		must(o.t, json.Unmarshal(got.body, &body))
		all[address] = withoutPosition(body)
	}
	return all
}

func withoutPosition(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range []string{"ledger", "position", "ledger_position", "reference"} {
			delete(v, key)
		}
		for key, value := range v {
			v[key] = withoutPosition(value)
		}
	case []any:
		for i := range v {
			v[i] = withoutPosition(v[i])
		}
	}
	return v
}

// Of two records that differ in what an office was given alone, its own people read the same everywhere: at windows of others, at its own, of its
// matters and of others', in figures, dashboards, sealed versions, appraisals and lists of candidates (2, R21). Whoever is above reads the difference.
func TestWhatAnOfficeWasGivenShowsInNothingThatItsPeopleRead(t *testing.T) {
	const months = "from=2026-11&to=2026-11"
	var live []string
	for _, by := range regulation.Axes {
		for _, of := range []string{"", "&unit=513301-psb", "&unit=513301-mkt", "&unit=" + ratedAuthority, "&window=513301-w03", "&window=" + ownWindow, "&hall=513301-hall", "&channel=web",
			"&matter=513301-psb-m02", "&matter=" + ownMatter, "&dimension=attitude", "&staff=st0116", "&county=513301"} {
			live = append(live, "/figures?"+months+"&by="+string(by)+of)
		}
	}
	live = append(live, "/dashboard", "/dashboard/county/513301", "/dashboard/unit/513301-psb", "/dashboard/unit/513301-mkt", "/dashboard/window/513301-w03", "/dashboard/window/513301-w05")
	one, other := mixed(t, 33, 2), mixed(t, 31, 9)
	differ := func(login string, addresses []string) (differing []string) {
		a, b := one.read(login, addresses), other.read(login, addresses)
		for _, address := range slices.Sorted(maps.Keys(a)) {
			if !reflect.DeepEqual(a[address], b[address]) {
				differing = append(differing, address)
			}
		}
		return differing
	}
	same := func(addresses []string) {
		t.Helper()
		for _, address := range differ("kd-supervisor-1", addresses) {
			t.Errorf("%s tells what the reader's own office was given", address)
		}
		if n := len(differ("gz-supervisor-1", addresses)); n < len(addresses)/3 {
			t.Errorf("above, only %d of %d differ: this proves little", n, len(addresses))
		}
	}
	same(live)
	if f := one.as("kd-supervisor-1").figures(months + "&by=unit"); f.line("513301-psb").Ratings.Rated != 2*19 || f.line("513301-mkt").Ratings.Rated != 3*19 || f.line("513301-psb").Cases.Cases != 2*2 || f.Total.Ratings.Rated != 5*19 {
		t.Errorf("what others were given is not whole: %+v", f)
	}
	nothing := mixed(t, 0, 0).read("kd-supervisor-1", live)
	for address, of := range one.read("kd-supervisor-1", live) { // not even that there was any, but for what is refused then
		if told := nothing[address].(map[string]any); strings.HasPrefix(address, "/figures") && of.(map[string]any)["status"] == nil && !reflect.DeepEqual(of, any(told)) {
			t.Errorf("%s tells that the reader's own office was rated", address)
		}
	}
	browser, program, links := one.browsing("kd-supervisor-1"), one.as("kd-supervisor-1"), 0
	for _, page := range []string{"/dashboard", "/dashboard/unit/513301-psb", "/dashboard/window/513301-w03"} {
		for _, link := range toCases.FindAllStringSubmatch(string(browser.get(page).want(200).body), -1) {
			want, _ := strconv.ParseInt(link[2], 10, 64)
			if n := program.listed(html.UnescapeString(link[1])); n != want {
				t.Errorf("of %s the figure %d leads to %d cases: %s", page, want, n, link[1])
			}
			links++
		}
	}
	if links == 0 {
		t.Error("no figure leads to its cases")
	}
	period := one.sealedQuarter()
	other.sealedQuarter()
	empty := mixed(t, 0, 0)
	empty.sealedQuarter()
	of := "?area=513301&period=" + period
	sealed := []string{"/sealed/513301/" + period, "/sealed/513301/2026-11", "/performance" + of + "&by=unit"}
	rest := empty.read("kd-supervisor-1", sealed)
	for address, told := range one.read("kd-supervisor-1", sealed) { // what is left of a version is that of a record in which the office was given nothing
		if !reflect.DeepEqual(told, rest[address]) {
			t.Errorf("%s tells that the reader's own office was rated:\n%v\n%v", address, told, rest[address])
		}
	}
	one.sealedAsCounted()
	same([]string{"/sealed?area=513301", "/sealed/513301/" + period, "/sealed/513301/2026-11", "/performance" + of + "&by=unit", "/performance" + of + "&by=staff",
		"/honours/candidates" + of + "&honour=star", "/honours/candidates" + of + "&honour=model"})
}

// A window that served matters of the county's office is listed for its people without its figures and in no place; the level above chooses it,
// and what a nomination keeps of the figures is not theirs to read either (8(2), 2).
func TestAWindowThatServedTheOfficesOwnMattersIsChosenAbove(t *testing.T) {
	o := mixed(t, 33, 0)
	period := o.sealedQuarter()
	of := "area=513301&period=" + period + "&honour=star"
	own, above := o.as("kd-supervisor-1"), o.as("gz-supervisor-1")
	candidate := func(c *client, object string) map[string]any {
		t.Helper()
		all, _ := c.get("/honours/candidates?" + of).want(200).object()["candidates"].([]any)
		for _, one := range all {
			if one.(map[string]any)["object"] == object {
				return one.(map[string]any)
			}
		}
		return nil
	}
	if c := candidate(own, "513301-w03"); c["withheld"] != true || c["rated"] != nil || c["rank"] != nil || c["good_rate"] != nil {
		t.Errorf("to its own people: %v", c)
	}
	if c := candidate(own, "513301-w05"); c["withheld"] != nil || c["rank"] != 1.0 || c["rated"] != 38.0 {
		t.Errorf("another: %v", c)
	}
	if candidate(own, ownWindow) != nil {
		t.Error("their own window is listed")
	}
	if c := candidate(above, "513301-w03"); c["withheld"] != nil || c["rated"] != 90.0 {
		t.Errorf("above: %v", c)
	}
	own.get("/honours/candidates?" + of).want(200).hides(`"digest"`)
	above.get("/honours/candidates?" + of).want(200).shows(`"digest"`)
	page := o.browsing("kd-supervisor-1")
	page.get("/honours/candidates?"+of).want(200).shows("数字由上一级掌握", "不显示整个名单的摘要")
	page.get("/honours/new?" + of).want(200).hides("513301-w03")
	nominee := fields{"area": "513301", "period": period, "honour": "star", "object": "513301-w03", "docket_reasons": "群众好评多"}
	own.post("/honours", nominee).refused(403, regulation.NotPermitted)
	at := "/honours/" + above.post("/honours", nominee).want(201).object()["id"].(string)
	own.get(at).want(404)
	above.get(at).want(200).shows(`"rated":"90"`)
	o.as("gz-head").post(at+"/honour", fields{"seq": 1}).want(204)
	nominee["object"] = "513301-w05"
	at = "/honours/" + own.post("/honours", nominee).want(201).object()["id"].(string)
	own.get(at).want(200).shows(`"rated":"38"`).hides(`"candidates"`, `"rank"`)
	above.get(at).want(200).shows(`"candidates"`, `"rank"`)
	o.as("kd-head").post(at+"/honour", fields{"seq": 1}).want(204)
}

// Whoever serves in a department besides is one of its people: they choose no window that served its matters, and others of the authority do.
func TestNobodyChoosesAWindowThatServedTheirOtherOffice(t *testing.T) {
	o := mixed(t, 0, 0)
	o.given("513301-w05", "513301-psb-m01", regulation.VerySatisfied, 20)
	period := o.sealedQuarter()
	db, err := sql.Open("sqlite", filepath.Join(o.dir, store.FileName))
	must(t, err)
	defer db.Close()
	nominee := fields{"area": "513301", "period": period, "honour": "star", "object": "513301-w05", "docket_reasons": "群众好评多"}
	at := "/honours/" + o.as("kd-supervisor-1").post("/honours", nominee).want(201).object()["id"].(string)
	var person string
	must(t, db.QueryRow("SELECT person FROM accounts WHERE login = 'kd-head'").Scan(&person))
	must(t, o.record.Appoint(t.Context(), person, regulation.UnitHandler, "513301-psb", o.clock.Now(), "tester"))
	head := o.as("kd-head")
	head.get(at).want(200).hides(`"rated"`, `"good_rate"`)
	head.post(at+"/honour", fields{"seq": 1}).refused(403, regulation.FourEyes).shows("own_served")
	if !strings.Contains(string(o.as("kd-supervisor-1").get(at).want(200).body), `"rated"`) {
		t.Error("who nominated does not see it")
	}
	head.post(at+"/refuse", fields{"seq": 1, "docket_reasons": "另行评选"}).want(204)
}

// A window that served matters of the county's office is listed for its people, and refused to them, alike whether those ratings bring it to as many as
// the rule asks for or not: they know how many others gave (8(2), 2).
func TestWhetherAWindowIsACandidateDoesNotTellWhatTheOfficeWasGiven(t *testing.T) {
	listed := func(own int) (list any, above bool) {
		o := setup(t)
		db, err := sql.Open("sqlite", filepath.Join(o.dir, store.FileName))
		must(t, err)
		defer db.Close()
		_, err = db.Exec("UPDATE matters SET unit_id = ? WHERE id = ?", ratedAuthority, ownMatter)
		must(t, err)
		o.given("513301-w03", "513301-psb-m01", regulation.VerySatisfied, 20)
		o.given("513301-w03", ownMatter, regulation.VerySatisfied, own)
		period := o.sealedQuarter()
		at := "/honours/candidates?area=513301&honour=star&period=" + period
		c := o.as("kd-supervisor-1")
		c.post("/honours", fields{"area": "513301", "period": period, "honour": "star", "object": "513301-w03", "docket_reasons": "群众好评多"}).refused(403, regulation.NotPermitted).shows("own_served")
		all := o.as("gz-supervisor-1").get(at).want(200).object()["candidates"].([]any)
		return c.get(at).want(200).object()["candidates"], len(all) > 0
	}
	few, isFew := listed(9)
	many, isMany := listed(10)
	if isFew || !isMany {
		t.Fatalf("the rule's sample is not between: %v, %v", isFew, isMany)
	}
	if !reflect.DeepEqual(few, many) || len(many.([]any)) != 1 || many.([]any)[0].(map[string]any)["barred"] != nil {
		t.Errorf("%v tells from %v", few, many)
	}
}

// A file says which offices it is without, as the page does, since whoever is handed the file has no page beside it; and a version of sealed figures
// has the ids of its lines (8(2), 9(2)).
func TestFilesSayWhichOfficesTheyAreWithout(t *testing.T) {
	o := mixed(t, 33, 2)
	period := o.sealedQuarter()
	const office = "康定市政务服务管理局"
	for path, texts := range map[string][]string{"/figures?from=2026-11&to=2026-11": {"不含本单位（" + office + "）"}, "/dashboard?from=2026-11&to=2026-11": {"不含本单位（" + office + "）", "本单位窗口为其他单位办理的事项也不计入"},
		"/performance?period=" + period: {"不含本单位（" + office + "）", "|513301-psb|38|"}, "/performance?by=staff&period=" + period: {"在本单位窗口受评的其他单位人员也不列出"},
		"/sealed?area=513301&version=1&period=" + period: {"已扣除本单位（" + office + "）", "包括其他单位窗口办理的本单位事项", "|513301-mkt|57|"}} {
		rows, _ := o.as("kd-supervisor-1").post("/exports", fields{"list": path}).want(200).sheet()
		table := ""
		for _, row := range rows {
			table += "|" + strings.Join(row, "|") + "|\n"
		}
		for _, text := range texts {
			if !strings.Contains(table, text) {
				t.Errorf("%s lacks %s:\n%s", path, text, table)
			}
		}
	}
	for _, path := range []string{"/figures.csv?from=2026-11&to=2026-11", "/performance.csv?period=" + period} {
		o.as("kd-supervisor-1").get(path).want(200).shows("不含本单位（" + office + "）")
	}
	o.as("gz-supervisor-1").get("/performance.csv?area=513301&period=" + period).want(200).hides(office + "）")
}

// sealedAsCounted holds the sealed versions against a recount.
func (o *office) sealedAsCounted() {
	o.t.Helper()
	o.counted() // the versions are in the ledger
	checks, err := o.record.Verify(o.t.Context(), store.VerifyOptions{Only: []string{store.CheckSealed}, Found: func(f store.Finding) error {
		o.t.Errorf("found %v", f)
		return nil
	}})
	must(o.t, err)
	if i := slices.IndexFunc(checks, func(c store.Checked) bool { return c.Check == store.CheckSealed }); i < 0 || checks[i].Looked == 0 {
		o.t.Errorf("checked was nothing: %+v", checks)
	}
}

// A version of before what lies between offices was counted does not tell it apart: what of others holds ratings of the reader's office is in nothing of
// it, and its page and files name the units.
func TestAVersionThatDoesNotTellOfficesApartLeavesThemOut(t *testing.T) {
	o := mixed(t, 33, 2)
	period := o.sealedQuarter()
	db, err := sql.Open("sqlite", filepath.Join(o.dir, store.FileName))
	must(t, err)
	defer db.Close()
	_, err = db.Exec(`UPDATE seals SET body = CAST(json_remove(body, '$.by_office', '$.figures.served') AS BLOB)`)
	must(t, err)
	f := o.sealedVersion("kd-supervisor-1")
	if len(f.Shared) != 1 || f.Shared[0].ID != "513301-psb" || len(f.Units) != 1 || f.Units[0].Key != "513301-mkt" || f.Total.Ratings.Rated != 3*19 || slices.ContainsFunc(f.Windows, func(l figureLine) bool { return l.Key == "513301-w03" || l.Key == ownWindow }) {
		t.Errorf("shown is %+v", f)
	}
	for path, text := range map[string]string{"/performance?period=" + period: "康定市公安局有事项在本单位窗口办理", "/sealed/513301/" + period: "其他单位办理过本单位事项的窗口也不显示"} {
		o.browsing("kd-supervisor-1").get(path).want(200).shows(text)
	}
}

// What was rated at the office's window for a matter of others and is attributed to the office since, with a window or without one, counts for others
// no more, and once: nothing of it is left on their lines, nor taken off twice (R53).
func TestWhatWasAttributedToTheOfficeIsTakenOffOthersOnce(t *testing.T) {
	for name, to := range map[string]fields{"a window": {"rated_window": receptionWindow}, "none": {}} {
		t.Run(name, func(t *testing.T) {
			o := setup(t)
			o.given("513301-w03", "513301-psb-m02", regulation.VerySatisfied, 7)
			o.given(ownWindow, "513301-psb-m02", regulation.VeryDissatisfied, 3)
			o.counted()
			counts := func() string {
				r := o.as("kd-supervisor-1").figures("by=unit&from=2026-11&to=2026-11").line("513301-psb").Ratings
				return fmt.Sprint(r.Rated, r.Bad, r.NetBad)
			}
			if got := counts(); got != "7 0 0" {
				t.Errorf("before, of others %s", got)
			}
			values := fields{"rated_unit": ratedAuthority, "reasons": "在本局窗口评价"}
			maps.Copy(values, to)
			caseID := o.firstCase(ownWindow)
			o.act(mainLine[0].by, caseID, mainLine[0].act, mainLine[0].values).want(201)
			o.reattribute(caseID, "kd-verifier-1", "kd-supervisor-1", values)
			if got := counts(); got != "7 0 0" {
				t.Errorf("afterwards, of others %s", got)
			}
			o.sealedQuarter()
			f := o.sealedVersion("kd-supervisor-1")
			for list, line := range map[string]figureLine{"units": lineOf(f.Units, "513301-psb"), "matters": lineOf(f.Matters, "513301-psb-m02"), "windows": lineOf(f.Windows, "513301-w03"), "total": f.Total} {
				if line.Ratings.Rated != 7 || line.Ratings.Bad != 0 || line.Ratings.NetBad != 0 || line.Cases.Cases != 0 {
					t.Errorf("sealed, of %s: %+v", list, line)
				}
			}
			o.sealedAsCounted()
		})
	}
}

// What was rated for a matter of others at their own window and is attributed to the office since counts for it: off the unit's line, and off the
// matter's as off each sum by matter (R53).
func TestWhatWasAttributedToTheOfficeIsOffTheMattersLine(t *testing.T) {
	o := setup(t)
	o.given("513301-w03", "513301-psb-m02", regulation.VerySatisfied, 7)
	o.given("513301-w03", "513301-psb-m02", regulation.VeryDissatisfied, 3)
	caseID := o.firstCase("513301-w03")
	o.act(mainLine[0].by, caseID, mainLine[0].act, mainLine[0].values).want(201)
	o.reattribute(caseID, "kd-verifier-1", "kd-supervisor-1", fields{"rated_unit": ratedAuthority, "reasons": "受理单位为本局"})
	for _, by := range []string{"unit", "matter", "task", "month", "channel"} {
		of := "&matter=513301-psb-m02"
		if by == "unit" {
			of = "&unit=513301-psb"
		}
		total := o.as("kd-supervisor-1").figures("by=" + by + of + "&from=2026-11&to=2026-11").Total
		if r := total.Ratings; r.Rated != 10 || r.Bad != 3 || r.NetBad != 2 || total.Cases.Cases != 2 {
			t.Errorf("by %s: %+v, %d cases", by, r, total.Cases.Cases)
		}
	}
	o.sealedQuarter()
	f := o.sealedVersion("kd-supervisor-1")
	for list, line := range map[string]figureLine{"units": lineOf(f.Units, "513301-psb"), "matters": lineOf(f.Matters, "513301-psb-m02"), "total": f.Total} {
		if line.Ratings.Rated != 10 || line.Ratings.NetBad != 2 || line.Cases.Cases != 2 {
			t.Errorf("sealed, of %s: %+v", list, line)
		}
	}
	o.sealedAsCounted()
}

// What was rated of the office's matter at a window of another unit and is attributed to that unit since counts on the window's line as on the unit's,
// for ratings as for cases (R53).
func TestWhatWasAttributedToOthersCountsAtTheirWindow(t *testing.T) {
	o := setup(t)
	db, err := sql.Open("sqlite", filepath.Join(o.dir, store.FileName))
	must(t, err)
	defer db.Close()
	_, err = db.Exec("UPDATE matters SET unit_id = ? WHERE id = ?", ratedAuthority, ownMatter)
	must(t, err)
	o.given("513301-w03", "513301-psb-m02", regulation.VerySatisfied, 7)
	o.given("513301-w03", ownMatter, regulation.VeryDissatisfied, 2)
	caseID := o.firstCase("513301-w03")
	o.act(mainLine[0].by, caseID, mainLine[0].act, mainLine[0].values).want(201)
	o.reattribute(caseID, "gz-verifier-1", "gz-supervisor-1", fields{"rated_unit": "513301-psb", "rated_window": "513301-w03", "reasons": "该窗口自己的过失"})
	for by, key := range map[string]string{"unit": "513301-psb", "window": "513301-w03", "month": "2026-11"} {
		line := o.as("kd-supervisor-1").figures("from=2026-11&to=2026-11&by=" + by).line(key)
		if line.Ratings.Rated != 7 || line.Ratings.NetBad != 1 || line.Cases.Cases != 1 {
			t.Errorf("by %s: %+v, %d cases", by, line.Ratings, line.Cases.Cases)
		}
	}
	o.sealedQuarter()
	f := o.sealedVersion("kd-supervisor-1")
	for list, line := range map[string]figureLine{"units": lineOf(f.Units, "513301-psb"), "windows": lineOf(f.Windows, "513301-w03"), "total": f.Total} {
		if line.Ratings.Rated != 7 || line.Ratings.NetBad != 1 || line.Cases.Cases != 1 {
			t.Errorf("sealed, of %s: %+v", list, line)
		}
	}
	o.sealedAsCounted()
}

// sealedVersion is what a reader is shown of the county's month.
func (o *office) sealedVersion(login string) (f struct {
	Total                          figureLine
	Windows, Units, Halls, Matters []figureLine
	Shared                         []struct{ ID string }
}) {
	o.t.Helper()
	must(o.t, json.Unmarshal(o.as(login).get("/sealed/513301/2026-11").want(200).body, &f))
	return f
}

func lineOf(lines []figureLine, key string) (line figureLine) {
	if i := slices.IndexFunc(lines, func(l figureLine) bool { return l.Key == key }); i >= 0 {
		line = lines[i]
	}
	return line
}

// What the office's windows were given after a version was sealed takes nothing off it: its hall stands there as it did, and is not among what changed.
func TestWhatTheOfficeWasGivenLateShowsInNoVersionOfBefore(t *testing.T) {
	o := setup(t)
	began := o.clock.Now()
	o.given("513301-w03", "", regulation.VerySatisfied, 6)
	for _, late := range []int{0, 3} {
		o.givenAt(began, ownWindow, "", regulation.VerySatisfied, late)
		o.counted()
		o.sealedQuarter()
	}
	var v struct {
		Version int64
		Halls   []figureLine
		Changes []struct{ By, Key string }
	}
	for _, version := range []string{"1", "2"} {
		must(t, json.Unmarshal(o.as("kd-supervisor-1").get("/sealed/513301/2026-11?version="+version).want(200).body, &v))
		if len(v.Halls) != 1 || v.Halls[0].Ratings.Rated != 6 || len(v.Changes) != 0 {
			t.Errorf("version %s: %+v", version, v)
		}
	}
	if v.Version != 2 {
		t.Errorf("version %d: this proves nothing", v.Version)
	}
	o.browsing("kd-supervisor-1").get("/sealed/513301/2026-11").want(200).shows("所显示的评价数没有变化").hides("变化的是案件办理情况")
}

// Why a version of another authority was made is told without how many, where some of it was given at the reader's own windows.
func TestWhyAVersionWasMadeDoesNotTellWhatTheOfficeWasGivenElsewhere(t *testing.T) {
	o := setup(t)
	db, err := sql.Open("sqlite", filepath.Join(o.dir, store.FileName))
	must(t, err)
	defer db.Close()
	_, err = db.Exec("UPDATE service_windows SET unit_id = '513300-authority' WHERE id = '513300-w01'")
	must(t, err)
	began := o.clock.Now()
	o.given("513301-w03", "", regulation.VerySatisfied, 6)
	for _, late := range []struct {
		window, matter string
		told           any
	}{{"", "", nil}, {"513301-w03", "", 3.0}, {"513300-w01", "513301-psb-m02", nil}} {
		if late.window != "" {
			o.givenAt(began, late.window, late.matter, regulation.VerySatisfied, 3)
		}
		o.counted()
		o.sealedQuarter()
		if late.window == "" {
			continue
		}
		reasons := o.as("gz-supervisor-1").get("/sealed/513301/2026-11").want(200).object()["reasons"].([]any)
		if len(reasons) != 1 || reasons[0].(map[string]any)["code"] != "late_ratings" || reasons[0].(map[string]any)["count"] != late.told {
			t.Errorf("late at %s: %v", late.window, reasons)
		}
		for _, seal := range o.as("gz-supervisor-1").get("/sealed?area=513301").want(200).object()["seals"].([]any) {
			for _, reason := range seal.(map[string]any)["reasons"].([]any) {
				if n := reason.(map[string]any)["count"]; n != nil {
					t.Errorf("the list counts: %v", reason)
				}
			}
		}
	}
}

// reattribute brings a case to another attribution: proposed by one, approved by another.
func (o *office) reattribute(caseID, proposes, approves string, to fields) {
	o.t.Helper()
	o.act(proposes, caseID, regulation.ActProposeReattribution, to).want(201)
	o.act(approves, caseID, regulation.ActApproveReattribution, fields{}).want(201)
	o.counted()
}

// firstCase is the first case of those rated at a window.
func (o *office) firstCase(window string) (id string) {
	o.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(o.dir, store.FileName))
	must(o.t, err)
	defer db.Close()
	must(o.t, db.QueryRow("SELECT MIN(id) FROM cases WHERE rated_window = ?", window).Scan(&id))
	return id
}
