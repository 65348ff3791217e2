package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

// The case as it stood: by event, by instant, by role; what came later is not in it.
func TestCaseAsItStood(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSubmitPlan)
	path := "/cases/" + caseID + "/standing"
	auditor := o.as("kd-auditor")
	now := auditor.get(path).want(200).object()
	opened := auditor.get(path + "?seq=1").want(200).object()
	if opened["phase"] != "opened" || opened["event"] != "opened" || opened["until"] == nil || opened["edition"] != regulation.Edition1 || len(opened["notices"].([]any)) != 0 {
		t.Errorf("at first: %v", opened)
	}
	wait := opened["waits"].([]any)[0].(map[string]any)
	if before := wait["before"].([]any)[0].(map[string]any); wait["act"] != "accept" || before["role"] != "supervisor" || before["people"] != 2.0 {
		t.Errorf("it waited for %v", wait)
	}
	if now["seq"] != now["last"] || now["until"] != nil || now["phase"] == "opened" {
		t.Errorf("now: %v", now)
	}
	if again := auditor.get(path + "?at=" + opened["at"].(string)).want(200).object(); again["seq"] != 2.0 { // accepted in the same instant
		t.Errorf("at the instant of opening: %v", again)
	}
	if p := auditor.get(path + "?at=2020-01-01T09:00").want(409).object(); p["missing"] != "case_not_opened_yet" || p["from"] == nil {
		t.Errorf("before it was opened: %v", p)
	}
	auditor.get(path + "?seq=999").want(422)
	auditor.get(path + "?at=yesterday").want(422)
	auditor.get(path + "?at=2199-01-01T09:00").want(422)
	o.as("kd-psb-handler-1").get(path).want(404)
	asked := o.as("kd-supervisor-1").get(path + "?seq=1").want(200).object()["waits"].([]any)[0].(map[string]any)["before"].([]any)[0].(map[string]any)
	if names, _ := asked["names"].([]any); len(names) != 2 || !slices.Contains(names, any("格桑郎加")) || !slices.Contains(names, any("何凤琼")) {
		t.Errorf("held by %v", asked["names"])
	}
	// Who stands in later did not then.
	o.clock.Forward(time.Hour)
	o.as("kd-supervisor-1").post("/absence", o.absence("kd-supervisor-2", "2026-11-23", "2026-11-25")).want(201)
	o.as("kd-supervisor-2").get(path+"?seq=1").want(200).shows("格桑郎加", "何凤琼").hides("代格桑郎加")
	o.browsing("kd-supervisor-2").get(path+"?seq=1").want(200).shows("案件回放", "收到差评，自动立案", "受理", "2 人可办").hides("提交整改方案")
}

// then is a case as it stood: acts by name, each with how many people could do it and who.
func (o *office) then(login, path string) (whole map[string]any, acts map[string]string) {
	o.t.Helper()
	whole, acts = o.as(login).get(path).want(200).object(), map[string]string{}
	for _, list := range []string{"waits", "others"} {
		for _, one := range whole[list].([]any) {
			act := one.(map[string]any)
			var lines []string
			for _, seat := range act["before"].([]any) {
				held := seat.(map[string]any)
				place, _ := held["place"].(map[string]any)
				names, _ := held["names"].([]any)
				lines = append(lines, fmt.Sprint(held["role"], " ", place["id"], " ", held["people"], " ", names))
			}
			acts[act["act"].(string)] = strings.Join(lines, "; ")
		}
	}
	return whole, acts
}

// Whoever is barred by an earlier part is neither counted nor named.
func TestReplayHoldsFourEyes(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActRecheck)
	_, acts := o.then("kd-supervisor-2", "/cases/"+caseID+"/standing")
	if got := acts["recheck"]; strings.Contains(got, o.name("kd-verifier-1")) || strings.Contains(got, o.name("kd-supervisor-1")) || !strings.Contains(got, o.name("kd-verifier-2")) {
		t.Errorf("the recheck lay before %s", got)
	}
}

func (o *office) name(login string) string {
	o.t.Helper()
	people, err := o.record.People(o.t.Context())
	must(o.t, err)
	for _, account := range people.Open() {
		if account.Login == login {
			return account.NameZH
		}
	}
	o.t.Fatalf("no account %s", login)
	return ""
}

// The people are those of the instant asked for: who is away by then is named at the event
// and not now.
func TestReplayTakesThePeopleOfTheInstantAskedFor(t *testing.T) {
	o := setup(t)
	_, caseID := o.rateBadly()
	path := "/cases/" + caseID + "/standing"
	first, second := o.name("kd-supervisor-1"), o.name("kd-supervisor-2")
	o.clock.Forward(time.Hour)
	before := o.clock.Now().UTC().Format(time.RFC3339)
	o.clock.Forward(time.Hour)
	o.as("kd-supervisor-1").post("/absence", o.absence("kd-supervisor-2", "2026-11-23", "2026-11-25")).want(201)
	o.clock.Forward(time.Hour)
	for query, people := range map[string]int{"?seq=1": 2, "?at=" + before: 2, "": 1} {
		_, acts := o.then("kd-supervisor-2", path+query)
		got := acts["accept"]
		if !strings.Contains(got, fmt.Sprintf(" %d [", people)) || strings.Contains(got, first) != (people == 2) || !strings.Contains(got, second) {
			t.Errorf("%q: before %s, of %s and %s", query, got, first, second)
		}
	}
	o.browsing("kd-supervisor-2").get(path).want(200).shows("1 人可办", second, "人员和日历以").hides(first + "、")
}

// The rated person counts for their own seat, at their unit; the appeal is possible from service until
// its window closes, which is among the due times.
func TestReplayShowsTheAppealAndItsWindow(t *testing.T) {
	o, receipt, caseID := served(t)
	path := "/cases/" + caseID + "/standing"
	_, unserved := o.then("kd-supervisor-1", path+"?seq=1")
	if got, open := unserved["lodge_appeal"]; open {
		t.Errorf("an appeal before service, by %s", got)
	}
	now, acts := o.then("kd-supervisor-1", path)
	rated := o.caseOf(receipt).Rated
	if got := acts["lodge_appeal"]; !strings.Contains(got, "window_staff "+rated.Unit+" 1 [") || strings.Contains(got, rated.Staff) {
		t.Errorf("the appeal lay before %s", got)
	}
	until := o.caseOf(receipt).Notice.AppealUntil
	window := func(whole map[string]any) string {
		for _, one := range whole["deadlines"].([]any) {
			if d := one.(map[string]any); d["kind"] == "appeal" {
				return d["due"].(string)
			}
		}
		return ""
	}
	if got := window(now); got != until.Format(time.RFC3339) {
		t.Errorf("the window ends at %q, told %q", until.Format(time.RFC3339), got)
	}
	o.browsing("kd-supervisor-1").get(path).want(200).shows("提起申诉的截止时间").hides(rated.Staff)
	for _, kind := range []string{"propose_credit", "propose_write_off", "request_extension"} {
		if got, open := acts[kind]; open {
			t.Errorf("%s by %s under an edition that has it off", kind, got)
		}
	}
	o.clock.Forward(until.Sub(o.clock.Now()) + time.Second)
	later, acts := o.then("kd-supervisor-1", path)
	if got, open := acts["lodge_appeal"]; open || window(later) != "" {
		t.Errorf("an appeal after the window, by %s until %q", got, window(later))
	}
}

// The notices in force at the instant are named and lead to their page; the edition to its own.
func TestReplayNamesNoticesAndEdition(t *testing.T) {
	o := setup(t)
	_, caseID := o.rateBadly()
	path := "/cases/" + caseID + "/standing"
	o.clock.Forward(time.Hour)
	notice := o.as("kd-supervisor-1").post("/calendar", countyNotice()).want(201).object()["id"].(string)
	o.as("kd-supervisor-2").post("/calendar/"+notice+"/decision", fields{"verdict": "approve"}).want(204)
	before, _ := o.then("kd-supervisor-1", path+"?seq=1")
	now, _ := o.then("kd-supervisor-1", path)
	if len(before["notices"].([]any)) != 0 || len(now["notices"].([]any)) != 1 || now["notices"].([]any)[0].(map[string]any)["id"] != notice {
		t.Errorf("in force before %v, now %v", before["notices"], now["notices"])
	}
	page := o.browsing("kd-supervisor-1")
	page.get(path).want(200).shows(`<a href="/calendar/`+notice+`">康府发〔2026〕7号</a>`, `<a href="/editions#e-`)
	page.get(path + "?seq=1").want(200).hides("康府发〔2026〕7号")
}

// The slider is on the case page, and its form leads to the replay without scripts; units have none.
func TestCasePageHasTheSlider(t *testing.T) {
	o := setup(t)
	caseID := o.toSigning()
	o.browsing("kd-supervisor-1").get("/cases/"+caseID).want(200).shows(`<form method="get" action="/cases/`+caseID+`/standing" data-slider`, `name="seq" min="1" max="7"`, "data-standing", `/static/standing.`)
	o.browsing("kd-psb-handler-1").get("/cases/"+caseID).want(200).hides("data-slider", `/static/standing.`)
}
