package api_test

import (
	"encoding/json"
	"html"
	"slices"
	"strconv"
	"testing"

	"haochaping/regulation"
)

// Every count of cases of the statistics leads to as many, whatever they are told by and narrowed to, for each of its readers; where the
// list cannot be narrowed so, it leads nowhere.
func TestFiguresLeadToTheirCases(t *testing.T) {
	o := setup(t)
	c := o.manyCases()
	o.rateMatterBadly()
	o.counted()
	led := []regulation.Axis{regulation.AxisCounty, regulation.AxisUnit, regulation.AxisHall, regulation.AxisWindow, regulation.AxisStaff, regulation.AxisTask, regulation.AxisChannel, regulation.AxisMonth,
		regulation.AxisAttribution, regulation.AxisCause, regulation.AxisLink}
	for _, login := range []string{"gz-supervisor-1", "kd-supervisor-1", "gz-auditor"} {
		browser, program := o.browsing(login), o.as(login)
		for _, by := range regulation.Axes {
			if by == regulation.AxisDimension {
				continue // marks have no cases
			}
			for _, narrowed := range []string{"", "&county=513301", "&channel=web", "&unit=" + c.Rated.Unit, "&cause=attitude", "&hall=" + c.Rated.Hall} {
				links := toCases.FindAllStringSubmatch(string(browser.get("/figures?by="+string(by)+narrowed).want(200).body), -1)
				if narrowed == "" && slices.Contains(led, by) != (len(links) > 5) { // the sum of all alone has four
					t.Errorf("%s: by %s %d counts lead to cases", login, by, len(links))
				}
				for _, link := range links {
					want, _ := strconv.ParseInt(link[2], 10, 64)
					if n := program.listed(html.UnescapeString(link[1])); n != want {
						t.Errorf("%s: by %s%s the figure %d leads to %d cases: %s", login, by, narrowed, want, n, link[1])
					}
				}
			}
		}
	}
	o.browsing("gz-supervisor-1").get("/cases?tab=all&from=2026-01&to=2026-01&of_hall="+c.Rated.Hall+"&by_channel=web").want(200).shows("康定市政务服务大厅", "网上")
}

// Beside what counts stands the rate of what counts: the two rates of a line make a whole, also where something was written off (R53).
func TestTheRatesOfGoodAndBadRatingsMakeAWhole(t *testing.T) {
	o, receipt, caseID := served(t)
	o.lodge(caseID).want(201)
	o.act("kd-supervisor-1", caseID, regulation.ActDecideAppeal, fields{"result": "mistaken", "reasons": "评错了窗口"}).want(201)
	o.act("kd-head", caseID, regulation.ActApproveWriteOff, fields{}).want(201)
	o.act("kd-clerk-1", caseID, regulation.ActTellRater, fields{"result": "reached"}).want(201)
	o.pass(receipt, regulation.ActObjectWriteOff)
	o.rateBadly()
	for range 3 {
		good := badRating(t)
		good["grade"] = 5
		delete(good, "option")
		o.program().post("/ratings", good).want(201)
	}
	o.counted()
	for _, path := range []string{"/figures", "/dashboard"} {
		var f struct {
			Total struct {
				Ratings struct {
					Bad     string `json:"bad_rate"`
					NetGood string `json:"net_good_rate"`
					NetBad  string `json:"net_bad_rate"`
				} `json:"ratings"`
			} `json:"total"`
		}
		must(t, json.Unmarshal(o.as("gz-supervisor-1").get(path).want(200).body, &f))
		if r := f.Total.Ratings; r.Bad != "40.00" || r.NetGood != "75.00" || r.NetBad != "25.00" {
			t.Errorf("%s: %+v", path, r)
		}
		o.browsing("gz-supervisor-1").get(path).want(200).shows("差评率 25.00\u00a0%；原始 2 条，差评率 40.00\u00a0%")
	}
	o.browsing("gz-supervisor-1").get("/dashboard").want(200).shows("<td>75.00\u00a0%</td><td>25.00\u00a0%</td>")
}
