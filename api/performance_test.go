package api_test

import (
	"strings"
	"testing"

	"haochaping/regulation"
)

type performance struct {
	Area, Period string
	Version      int64
	Formula      int
	Except       []struct{ ID string }
	Lines        []struct {
		Key                                       string
		Rated, Good                               int64
		Bad, Confirmed, Accepted, Overdue, InTime *int64
		GoodRate                                  string `json:"good_rate"`
		Honours                                   int
	}
}

// 8(2), R40, R60: what is taken out is the sealed version to the digit; against a person counts only what was attributed to the
// person, and each look is in the audit log.
func TestPerformanceIsTheSealedVersion(t *testing.T) {
	o := setup(t)
	o.foundAlike(2) // of the unit, though a person was rated
	_, id := o.rateBadly()
	at := "/cases/" + id + "/acts/"
	o.as("kd-supervisor-1").post(at+"accept", fields{}).want(201)
	o.as("kd-clerk-1").post(at+"record_callback", fields{"result": "reached", "statement": raterWords}).want(201)
	o.as("kd-verifier-1").post(at+"add_evidence", fields{"kind": "statement", "description": "窗口人员说明"}).want(201)
	o.as("kd-verifier-1").post(at+"record_finding", fields{"finding": "substantiated", "cause": "attitude", "link": "queueing", "attribution": "person",
		"account": "核实情况属实", "problem_open": "yes"}).want(201)
	_, _ = o.rateBadly() // nobody has looked into it
	o.praises("513301-w05", 9, 0)
	praise := fields{"commend_period": regulation.QuarterOf(regulation.MondayOf(o.clock.Now())), "unit": "513301-mkt", "docket_reasons": "上门服务"}
	commended := "/commendations/" + o.as("kd-supervisor-1").post("/commendations", praise).want(201).object()["id"].(string)
	o.as("kd-head").post(commended+"/commend", fields{"seq": 1}).want(204)
	period := o.sealedQuarter()
	sealed, err := o.record.Sealed(t.Context(), "513301", period, 0)
	must(t, err)
	supervisor := o.as("kd-supervisor-1")
	read := func(by string) (p performance) {
		t.Helper()
		supervisor.get("/performance?period=" + period + "&by=" + by).want(200).into(&p)
		if p.Area != "513301" || p.Version != sealed.Version || p.Formula != sealed.Formula || len(p.Except) != 1 || p.Except[0].ID != "513301-authority" {
			t.Errorf("%+v", p)
		}
		return p
	}
	found := 0
	for _, line := range read("unit").Lines {
		for _, of := range sealed.Figures.Units {
			if of.Key != line.Key {
				continue
			}
			found++
			if line.Rated != of.Net.Rated() || line.Good != of.Net.Good() || *line.Bad != of.Net.Bad() || *line.Confirmed != of.Confirmed || line.GoodRate != of.Net.GoodRate().Percent(2) {
				t.Errorf("%+v is not %+v", line, of)
			}
			if of.Key == "513301-psb" && (*line.Bad != 4 || *line.Confirmed != 3 || *line.Overdue != of.Cases.Unit) {
				t.Errorf("the police: %+v", line)
			}
			if of.Key == "513301-mkt" != (line.Honours == 1) {
				t.Errorf("commended: %+v", line)
			}
		}
	}
	if found == 0 || found != len(sealed.Figures.Units) {
		t.Errorf("%d of %d units", found, len(sealed.Figures.Units))
	}
	staff := read("staff")
	if len(staff.Lines) != len(sealed.Figures.Staff) || len(staff.Lines) == 0 {
		t.Fatalf("%+v of %d", staff.Lines, len(sealed.Figures.Staff))
	}
	for _, line := range staff.Lines {
		if line.Key == "st0037" && (*line.Confirmed != 1 || line.Rated != 4 || line.Bad != nil || line.Overdue != nil || line.GoodRate != "0.00") {
			t.Errorf("one of four counts against the person: %+v", line)
		}
	}
	table := string(supervisor.get("/performance.csv?period=" + period + "&by=unit").want(200).body)
	for _, text := range []string{"康定市公安局", "公式版本,1", "账本位置,", "第 1 版"} {
		if !strings.Contains(table, text) {
			t.Errorf("the table lacks %s: %s", text, table)
		}
	}
	o.browsing("kd-supervisor-1").get("/performance?by=staff&period="+period).want(200).shows("个人好评率", "归因于个人并核实属实")
	o.as("ld-supervisor-1").get("/performance?area=513301").want(404)
	o.as("kd-psb-head").get("/performance").want(403)
	o.as("gz-supervisor-1").get("/performance?area=513301&period=" + period).want(200).shows("513301-psb")
	supervisor.get("/performance?by=window").refused(422, regulation.Invalid)
	supervisor.get("/performance?period=2020-Q1").want(404)
	lines := o.as("kd-auditor").get("/audit?action=read_performance").want(200).shows("513301-" + period + "/1").object()["lines"].([]any)
	if len(lines) != 4 {
		t.Errorf("%d looks are logged", len(lines))
	}
	o.as("kd-auditor").get("/audit?action=export_performance").want(200).shows("513301-" + period + "/1")
}
