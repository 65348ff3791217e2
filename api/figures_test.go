package api_test

import (
	"encoding/json"
	"html"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// counted has the ledger take everything in, and figures follow it.
func (o *office) counted() {
	o.t.Helper()
	o.under(store.LeaseSequencer, func(token int64) error {
		_, _, err := o.record.IntegrateLeaves(o.t.Context(), token, 5000)
		return err
	})
	o.under(store.LeaseFigures, func(token int64) error {
		_, err := o.record.FollowFigures(o.t.Context(), token, 5000)
		return err
	})
}

func (o *office) under(lease string, do func(token int64) error) {
	o.t.Helper()
	token, ok, err := o.record.AcquireLease(o.t.Context(), lease, "tester", time.Minute)
	must(o.t, err)
	if !ok {
		o.t.Fatal("the lease is held")
	}
	must(o.t, do(token))
	must(o.t, o.record.ReleaseLease(o.t.Context(), lease, token))
}

// figureLine is a line of figures as a program reads it.
type figureLine struct {
	Key, Name string
	Ratings   struct {
		Rated, Bad int64
		NetBad     int64  `json:"net_bad"`
		GoodRate   string `json:"good_rate"`
	}
	Cases struct {
		Cases, Concluded, Delays int64
		Callback                 string `json:"callback_rate"`
		Reply                    string `json:"reply_rate"`
		InTime                   string `json:"in_time_rate"`
	}
}

type figures struct {
	Total  figureLine
	Lines  []figureLine
	Ledger struct{ Position, Size, Behind int64 }
	Except []struct{ ID string }
}

func (c *client) figures(query string) (f figures) {
	c.o.t.Helper()
	must(c.o.t, json.Unmarshal(c.get("/figures?"+query).want(200).body, &f))
	return f
}

func (f figures) line(key string) figureLine {
	for _, line := range f.Lines {
		if line.Key == key {
			return line
		}
	}
	return figureLine{}
}

// From the citizen's rating to the figure, told by each thing that it is about; what is behind is said, and a case that went
// through everything shows in the rates (7(1), 7(2), 7(3)).
func TestRatingsAndCasesAreTold(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	good := badRating(t)
	good["grade"] = 5
	delete(good, "option")
	o.program().post("/ratings", good).want(201)
	prefecture := o.as("gz-supervisor-1")
	if f := prefecture.figures(""); f.Ledger.Behind == 0 || len(f.Lines) != 0 {
		t.Errorf("before anything was counted: %+v", f)
	}
	o.walk(receipt, caseID, "")
	o.counted()
	f := prefecture.figures("")
	county := f.line("513301")
	if county.Ratings.Rated != 2 || county.Ratings.Bad != 1 || county.Ratings.GoodRate != "50.00" || f.Total.Ratings.Rated != 2 || f.Ledger.Behind != 0 {
		t.Errorf("by county: %+v", f)
	}
	if county.Cases.Concluded != 1 || county.Cases.Callback != "100.00" || county.Cases.Reply != "100.00" || county.Cases.InTime != "100.00" {
		t.Errorf("cases by county: %+v", county.Cases)
	}
	for _, query := range []string{"unit=nobody", "county=999999", "hall=nowhere", "township=x", "cause=x", "link=x", "attribution=x", "dimension=x", "channel=x"} {
		o.as("gz-supervisor-1").get("/figures?"+query).refused(422, regulation.Invalid).shows(`"` + query[:strings.Index(query, "=")] + `"`)
	}
	c := o.caseOf(receipt)
	finding := string(o.as("gz-supervisor-1").get("/figures?by=attribution").want(200).body)
	for query, key := range map[string]string{
		"by=unit": c.Rated.Unit, "by=hall": c.Rated.Hall, "by=window": c.Rated.Window, "by=staff": c.Rated.Staff, "by=channel": "web",
		"by=month": c.OpenedAt.Format("2006-01"), "by=staff&window=" + c.Rated.Window: c.Rated.Staff, "by=window&county=513301": c.Rated.Window,
		"by=month&unit=" + c.Rated.Unit + "&channel=web": c.OpenedAt.Format("2006-01"), "by=channel&staff=" + c.Rated.Staff: "web", "by=township": "",
	} {
		if line := prefecture.figures(query).line(key); line.Ratings.Rated != 2 || line.Ratings.Bad != 1 || line.Cases.Cases != 1 || line.Name == "" {
			t.Errorf("%s: %+v", query, prefecture.figures(query))
		}
	}
	if f := prefecture.figures("by=attribution"); len(f.Lines) != 1 || f.Lines[0].Cases.Cases != 1 || strings.Contains(finding, `"ratings"`) {
		t.Errorf("by attribution: %s", finding)
	}
	for range 8 { // two axes of one column narrow together, whatever comes first
		if f := prefecture.figures("by=month&township=513322104&unit=" + c.Rated.Unit); len(f.Lines) != 0 {
			t.Errorf("of a unit in a township that it is not of: %+v", f)
		}
	}
	const few = "合计可能少于按部门统计的"
	o.browsing("gz-supervisor-1").get("/figures?by=matter").want(200).shows(few)
	o.browsing("gz-supervisor-1").get("/figures?by=unit").want(200).hides(few)
	if f := prefecture.figures("by=unit&county=513322"); len(f.Lines) != 0 {
		t.Errorf("of another county: %+v", f)
	}
	o.browsing("gz-supervisor-1").get("/figures?by=unit").want(200).shows("康定市公安局", "50.00\u00a0%", "100.00\u00a0%")
	if file := string(prefecture.get("/figures.csv?by=unit").want(200).body); !strings.Contains(file, "康定市公安局,513301-psb,2,") {
		t.Errorf("the file: %s", file)
	}
}

// A county's people see their county, and nobody the ratings of their own office while those are given: not in any sum either.
func TestFiguresKeepToTheReadersAreaAndLeaveOutTheirOwnOffice(t *testing.T) {
	o := setup(t)
	receipt, _ := o.rateBadly()
	o.rateAuthority()
	o.counted()
	own, above, elsewhere := o.as("kd-supervisor-1"), o.as("gz-supervisor-1"), o.as("ld-supervisor-1")
	hall := o.caseOf(receipt).Rated.Hall
	for _, query := range []string{"by=county", "by=unit", "by=hall", "by=window", "by=staff", "by=channel", "by=month", "by=matter", "by=task", "by=dimension", "by=attribution",
		"by=unit&hall=" + hall, "by=staff&unit=" + ratedAuthority, "by=window&unit=" + ratedAuthority, "by=month&window=" + receptionWindow} {
		all, mine, none := above.figures(query), own.figures(query), elsewhere.figures(query)
		sum := func(f figures) (n int64) {
			for _, line := range f.Lines {
				n += line.Ratings.Rated + line.Cases.Cases
			}
			return n
		}
		if strings.Contains(query, "by=matter") || strings.Contains(query, "by=task") || strings.Contains(query, "by=dimension") {
			if sum(mine) > sum(all) || sum(none) != 0 {
				t.Errorf("%s: %d of %d, elsewhere %d", query, sum(mine), sum(all), sum(none))
			}
			continue
		}
		of := strings.Contains(query, ratedAuthority) || strings.Contains(query, receptionWindow)
		if of && sum(mine) != 0 || !of && (sum(mine) == 0 || sum(mine) >= sum(all)) || sum(none) != 0 || sum(all) == 0 {
			t.Errorf("%s: their own county's people count %d, those above %d, another county's %d", query, sum(mine), sum(all), sum(none))
		}
		if len(mine.Except) != 1 || mine.Except[0].ID != ratedAuthority {
			t.Errorf("%s does not say what is left out: %+v", query, mine.Except)
		}
	}
	for _, login := range []string{"kd-psb-head", "kd-psb-handler-1", "kd-window-16"} {
		o.as(login).get("/figures").want(403)
	}
}

// What cannot be answered is refused with the field, and nothing is taken for something else.
func TestQuestionsForFiguresAreChecked(t *testing.T) {
	o := setup(t)
	c := o.as("gz-supervisor-1")
	for query, field := range map[string]string{
		"from=2026": "from", "to=x": "to", "from=2026-05&to=2026-04": "to", "from=2020-01&to=2026-01": "to", "by=person": "by", "channel=x": "channel",
		"by=matter&staff=st0116": "by", "by=staff&window=w&matter=m": "by", "by=channel&window=w&dimension=attitude": "by",
	} {
		refused := c.get("/figures?"+query).refused(422, regulation.Invalid).object()["fields"].(map[string]any)
		if refused[field] == nil {
			t.Errorf("%s: %v", query, refused)
		}
	}
}

// A month that is over stands sealed for those who read its figures, each version at its address, and for nobody else; a late
// write-off makes a version that says why.
func TestSealedFiguresAreRead(t *testing.T) {
	o := setup(t)
	receipt, _ := o.rateBadly()
	month := o.caseOf(receipt).OpenedAt.In(workday.Shanghai).Format("2006-01")
	o.counted()
	o.clock.Forward(40 * 24 * time.Hour)
	o.under(store.LeaseSealing, func(token int64) error { _, err := o.record.SealFigures(t.Context(), token); return err })
	own, above, elsewhere := o.as("kd-supervisor-1"), o.as("gz-supervisor-1"), o.as("ld-supervisor-1")
	if list := string(own.get("/sealed").want(200).body); !strings.Contains(list, `"period":"`+month+`","version":1`) || strings.Contains(list, "513322") {
		t.Errorf("the county reads %s", list)
	}
	if list := string(above.get("/sealed?area=513322").want(200).body); !strings.Contains(list, "513322") || strings.Contains(list, "513301") {
		t.Errorf("the prefecture reads %s", list)
	}
	path := "/sealed/513301/" + month
	var f struct {
		Total figureLine
		Units []figureLine
		Last  bool
	}
	must(t, json.Unmarshal(own.get(path).want(200).body, &f))
	if f.Total.Ratings.Rated != 1 || f.Total.Ratings.Bad != 1 || len(f.Units) != 1 || f.Units[0].Name != "康定市公安局" || !f.Last {
		t.Errorf("the version: %+v", f)
	}
	o.browsing("gz-supervisor-1").get("/sealed/513300/"+month).want(200).shows("康定市", "期满封存")
	o.browsing("kd-supervisor-1").get("/sealed").want(200).shows(month, "期满封存")
	file := "/sealed?area=513301&period=" + month + "&version=1"
	o.browsing("kd-supervisor-1").get(path).want(200).shows(html.EscapeString(file))
	rows, about := own.post("/exports", fields{"list": file}).want(200).sheet()
	told := map[string][]string{}
	for _, row := range rows {
		told[row[0]] = row
	}
	if unit := told["部门、单位"]; len(unit) < 10 || unit[1] != "康定市公安局" || unit[3] != "1" || told["版本"][1] != "第 1 版，共 1 版" || told["账本位置"] == nil || about["账本位置"] == "" {
		t.Errorf("the file of the version: %v %v", rows, about)
	}
	o.browsing("kd-supervisor-1").get(file).want(200).shows("期满封存", "康定市公安局") // the list of exports leads there
	elsewhere.post("/exports", fields{"list": file}).want(404)
	elsewhere.get(path).want(404)
	own.get(path + "?version=2").want(404)
	own.get("/sealed/513301/2020-01").want(404)
	o.as("kd-psb-head").get("/sealed").want(403)
}

// By national code, the same matter of two counties is one line, as where decisions on alike cases are compared.
func TestFiguresByNationalCodeAreOfAllUnits(t *testing.T) {
	o := setup(t)
	for _, code := range []string{"Q52HOTOJ4X4D", "KQEE6FZC5WCF"} { // of sole proprietors in Kangding and in Luding
		o.program().post("/ratings", fields{"code": code, "grade": 5}).want(201)
	}
	o.counted()
	const task = "1515869468700"
	if f := o.as("gz-supervisor-1").figures("by=task"); len(f.Lines) != 1 || f.line(task).Ratings.Rated != 2 {
		t.Errorf("%+v", f.Lines)
	}
	if f := o.as("gz-supervisor-1").figures("by=county&task=" + task); len(f.Lines) != 2 {
		t.Errorf("by county: %+v", f.Lines)
	}
	if f := o.as("kd-supervisor-1").figures("by=task"); f.line(task).Ratings.Rated != 1 {
		t.Errorf("of one county: %+v", f.Lines)
	}
	o.browsing("gz-supervisor-1").get("/figures?by=task").want(200).shows("个体工商户设立登记")
}
