package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// concentrate brings three cases to a finding against the person at window 3 and judges the day.
func (o *office) concentrate() (listing string) {
	o.t.Helper()
	o.judgeWatch()
	for range 3 {
		_, id := o.rateBadly()
		at := "/cases/" + id + "/acts/"
		o.as("kd-supervisor-1").post(at+"accept", fields{}).want(201)
		o.as("kd-clerk-1").post(at+"record_callback", fields{"result": "reached", "statement": raterWords}).want(201)
		verifier := o.as("kd-verifier-1")
		verifier.post(at+"add_evidence", fields{"kind": "statement", "description": "窗口人员说明"}).want(201)
		verifier.post(at+"record_finding", fields{"finding": "substantiated", "cause": "attitude", "link": "acceptance", "attribution": "person",
			"account": "核实情况属实", "problem_open": "yes"}).want(201)
	}
	o.clock.Forward(24 * time.Hour)
	o.judgeWatch()
	found, _, err := o.record.Listings(o.t.Context(), regulation.Scope{All: true}, store.ListQuery{})
	must(o.t, err)
	if len(found) != 1 {
		o.t.Fatalf("%d listings", len(found))
	}
	return found[0].ID
}

func (o *office) judgeWatch() {
	o.t.Helper()
	token, _, err := o.record.AcquireLease(o.t.Context(), store.LeaseWatch, "tester", time.Minute)
	must(o.t, err)
	_, err = o.record.JudgeWatch(o.t.Context(), token)
	must(o.t, err)
}

func (o *office) today() string { return o.clock.Now().Add(8 * time.Hour).Format(time.DateOnly) }

// todayInWords is today as Chinese pages have it.
func (o *office) todayInWords() string {
	return o.clock.Now().Add(8 * time.Hour).Format("2006年1月2日")
}

func TestWatchListIsSeenByThoseWhoKeepItAndByWhomItConcerns(t *testing.T) {
	o := setup(t)
	id := o.concentrate()
	for login, want := range map[string]int{"kd-supervisor-1": 1, "kd-discipline-1": 1, "kd-auditor": 1, "gz-supervisor-1": 1, "kd-window-03": 1,
		"kd-psb-head": 0, "kd-window-01": 0, "ld-supervisor-1": 0} {
		list := o.as(login).get("/watch").want(200).object()["listings"].([]any)
		if len(list) != want {
			t.Errorf("%s sees %d listings, want %d", login, len(list), want)
		}
		status := 200
		if want == 0 {
			status = 404
		}
		o.as(login).get("/watch/"+id).want(status).hides(raterName, raterPhone, raterWords)
	}
	o.as("kd-verifier-1").get("/watch").want(403)
	o.as("kd-psb-handler-1").get("/watch/" + id).want(403)
	own := o.as("kd-window-03").get("/watch/"+id).want(200).hides(`"case"`, `"person":"`, `"texts"`)
	own.shows(`"count":3`, `"attribution":"person"`)
	if acts := own.object()["acts"].([]any); len(acts) != 0 {
		t.Errorf("the listed person may %v", acts)
	}
	o.as("kd-window-03").post("/watch/"+id+"/release", fields{"seq": 1, "watch_reasons": "x"}).refused(403, regulation.NotPermitted)
}

func TestListedUnitsHeadSeesTheUnitsOwnEntry(t *testing.T) {
	o := setup(t)
	made := o.as("kd-discipline-1").post("/watch", fields{"unit": "513301-psb", "watch_reasons": "大厅反映集中"}).want(201).object()["id"].(string)
	o.as("kd-psb-head").get("/watch/"+made).want(200).hides("大厅反映集中", "何兰英").shows(`"entered_by_hand"`)
	o.as("kd-supervisor-1").get("/watch/"+made).want(200).shows("大厅反映集中", "何兰英")
	o.as("kd-mkt-head").get("/watch/" + made).want(404)
	o.as("kd-discipline-1").post("/watch", fields{"unit": "513322-psb", "watch_reasons": "x"}).refused(422, regulation.Invalid)
	o.as("kd-discipline-1").post("/watch", fields{"unit": "513301-psb", "staff": "st0037", "watch_reasons": "x"}).refused(422, regulation.Invalid)
	o.as("kd-discipline-1").post("/watch", fields{"unit": "513301-psb", "watch_reasons": "x"}).refused(409, regulation.Conflict)
	o.as("gz-discipline-1").post("/watch", fields{"unit": "513322-psb", "watch_reasons": "x"}).want(201)
}

func TestInspectionAndEarlyReleaseByTwo(t *testing.T) {
	o := setup(t)
	at := "/watch/" + o.concentrate()
	supervisor, officer := o.as("kd-supervisor-1"), o.as("kd-discipline-1")
	inspection := fields{"seq": 1, "inspected_on": o.today(), "inspection_findings": "现场查看", "inspection_measures": "约谈", "inspection_outcome": "mended"}
	officer.post(at+"/inspections", inspection).want(204)
	officer.post(at+"/inspections", inspection).refused(409, regulation.Conflict)
	inspection["seq"], inspection["inspected_on"] = 2, "2030-01-01"
	officer.post(at+"/inspections", inspection).refused(422, regulation.Invalid)
	supervisor.post(at+"/release", fields{"seq": 2, "watch_reasons": "已经改正"}).want(204)
	decision := fields{"seq": 3, "watch_reasons": "同意", "release_decision": "approve"}
	supervisor.post(at+"/release/decision", decision).refused(403, regulation.FourEyes)
	officer.post(at+"/release/decision", decision).want(204)
	if how := supervisor.get(at).want(200).object()["ended_how"]; how != "released" {
		t.Errorf("ended %v", how)
	}
	if list := supervisor.get("/watch?sort=ended").want(200).object()["listings"].([]any); len(list) != 1 {
		t.Errorf("%d ended", len(list))
	}
}

func TestWatchListOnThePageWithoutScripts(t *testing.T) {
	o := setup(t)
	id := o.concentrate()
	b := o.browsing("kd-supervisor-1")
	b.get("/watch").want(200).shows("周学文", "/watch/"+id, "3 件（达 3 件列入）")
	b.get("/watch/"+id).want(200).shows("计入的差评", "登记检查", `name="seq" value="1"`)
	form := url.Values{"seq": {"1"}, "inspected_on": {o.today()}, "inspection_findings": {"现场查看"}, "inspection_measures": {""}, "inspection_outcome": {"mended"}}
	b.form("/watch/"+id+"/inspections", form).want(422).shows("请填写这一项", "现场查看")
	form.Set("inspection_measures", "约谈")
	if to := b.form("/watch/"+id+"/inspections", form).want(303).header.Get("Location"); to != "/watch/"+id {
		t.Errorf("led to %s", to)
	}
	b.form("/watch/"+id+"/inspections", form).want(409).shows("请看清后再办")
	b.get("/watch/new").want(200).shows("列入重点监督名单", "周学文")
	if to := b.form("/watch", url.Values{"unit": {"513301-psb"}, "staff": {""}, "watch_reasons": {"大厅反映集中"}}).want(303).header.Get("Location"); !strings.HasPrefix(to, "/watch/") {
		t.Errorf("led to %s", to)
	}
	b.form("/watch", url.Values{"unit": {""}, "staff": {""}, "watch_reasons": {"大厅"}}).want(422).shows("请在单位和人员中选一个", "大厅")
}

// The listed person is told, and nobody else at the unit; who keeps the list is told and finds the
// inspection in the inbox until it is recorded.
func TestTheListedAreToldAndInspectionsStandInTheInbox(t *testing.T) {
	o := setup(t)
	id := o.concentrate()
	told := func(login string) (names []string) {
		for _, m := range o.as(login).get("/messages").want(200).object()["messages"].([]any) {
			if message := m.(map[string]any); message["about"] == "watch" {
				if message["href"] != "/watch/"+id || message["listing"].(map[string]any)["id"] != id {
					t.Errorf("%s: %v", login, message)
				}
				names = append(names, message["name"].(string))
			}
		}
		return names
	}
	for login, want := range map[string][]string{"kd-window-03": {"watch_entered"}, "kd-supervisor-1": {"watch_entered"}, "kd-psb-head": nil, "kd-window-01": nil} {
		if got := told(login); !slices.Equal(got, want) {
			t.Errorf("%s was told %v, want %v", login, got, want)
		}
	}
	inspections := func(login string) int {
		found, _ := o.as(login).get("/inbox").want(200).object()["inspections"].([]any)
		return len(found)
	}
	o.clock.Forward(8 * 24 * time.Hour)
	for login, want := range map[string]int{"kd-supervisor-1": 1, "kd-head": 1, "ld-supervisor-1": 0, "kd-psb-head": 0} {
		if n := inspections(login); n != want {
			t.Errorf("%s sees %d inspections, want %d", login, n, want)
		}
	}
	o.browsing("kd-supervisor-1").get("/inbox").want(200).shows("待开展的监督检查", "/watch/"+id)
	seq := o.as("kd-supervisor-1").get("/watch/" + id).want(200).object()["seq"]
	o.as("kd-supervisor-1").post("/watch/"+id+"/inspections", fields{"seq": seq, "inspected_on": o.today(), "inspection_findings": "现场查看",
		"inspection_measures": "约谈", "inspection_outcome": "partly_mended"}).want(204)
	if got := told("kd-window-03"); !slices.Contains(got, "watch_inspected") {
		t.Errorf("told %v", got)
	}
	if n := inspections("kd-supervisor-1"); n != 0 {
		t.Errorf("%d inspections in the inbox though the next is two weeks away", n)
	}
}

// Nobody inspects their own unit, takes it off the list, or decides on its case, whatever else they are.
func TestWhoServesAtAUnitDoesNotWatchOverIt(t *testing.T) {
	o := setup(t)
	at := "/watch/" + o.as("kd-discipline-1").post("/watch", fields{"unit": "513301-psb", "watch_reasons": "大厅反映集中"}).want(201).object()["id"].(string)
	must(t, o.record.Appoint(t.Context(), o.person("kd-supervisor-2"), regulation.UnitHead, "513301-psb", o.clock.Now(), "tester"))
	both := o.as("kd-supervisor-2")
	if acts := both.get(at).want(200).object()["acts"].([]any); len(acts) != 0 {
		t.Errorf("offered %v", acts)
	}
	inspection := fields{"seq": 1, "inspected_on": o.today(), "inspection_findings": "现场查看", "inspection_measures": "约谈", "inspection_outcome": "mended"}
	both.post(at+"/inspections", inspection).refused(403, regulation.FourEyes).shows("your_unit")
	_, caseID := o.rateBadly()
	o.act("kd-supervisor-2", caseID, regulation.ActAccept, fields{}).refused(403, regulation.FourEyes).shows("your_unit")
	o.browsing("kd-supervisor-2").get("/cases/" + caseID).want(200).shows("您在被评价、承办或者被问责的单位任职")
	o.as("kd-supervisor-1").post(at+"/inspections", inspection).want(204)
}
