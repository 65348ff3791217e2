package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

// person is the id of a login.
func (o *office) person(login string) string {
	o.t.Helper()
	account, err := o.record.AccountByLogin(o.t.Context(), login)
	must(o.t, err)
	return account.Person
}

// absence is the form of an absence on the clock's first days: 23 November 2026 and after.
func (o *office) absence(substitute, from, until string) fields {
	return fields{"substitute": o.person(substitute), "from": from, "until": until, "reason": "leave"}
}

func TestMyAbsence(t *testing.T) {
	o := setup(t)
	one, two := o.as("kd-psb-handler-1"), o.as("kd-psb-head")
	empty := one.get("/absence").want(200).object()
	if len(empty["absences"].([]any)) != 0 || empty["longest_days"] != 30.0 || len(empty["candidates"].([]any)) < 4 {
		t.Fatalf("%v", empty)
	}
	entered := one.post("/absence", o.absence("kd-psb-head", "2026-11-23", "2026-11-25")).want(201).object()
	if entered["state"] != "running" || entered["revocable"] != true || entered["set_by"] != "根秋曲珍" {
		t.Errorf("%v", entered)
	}
	if held := one.get("/sign-in").want(200).object()["assignments"]; held != nil {
		t.Errorf("away, and holds %v", held)
	}
	one.get("/inbox").refused(403, regulation.NotPermitted)
	posts := two.get("/sign-in").want(200).object()["assignments"].([]any)
	if last := posts[len(posts)-1].(map[string]any); last["role"] != "unit_handler" || last["for"] != o.person("kd-psb-handler-1") {
		t.Errorf("the substitute holds %v", posts)
	}
	if stands := two.get("/absence").want(200).object()["stands_in"].([]any); len(stands) != 1 {
		t.Errorf("stands in for %v", stands)
	}
	o.as("kd-psb-handler-2").post("/substitutions/"+entered["id"].(string)+"/revoke", fields{}).refused(404, regulation.NotFound)
	one.post("/substitutions/"+entered["id"].(string)+"/revoke", fields{}).want(204)
	one.get("/inbox").want(200)
	one.post("/substitutions/"+entered["id"].(string)+"/revoke", fields{}).refused(409, regulation.Conflict)
}

func TestAnOverlapIsShown(t *testing.T) {
	o := setup(t)
	one := o.as("kd-verifier-1")
	first := one.post("/absence", o.absence("kd-verifier-2", "2026-11-30", "2026-12-04")).want(201).object()
	problem := one.post("/absence", o.absence("kd-clerk-1", "2026-12-04", "2026-12-08")).refused(409, regulation.Conflict).object()
	if with := problem["overlaps"].(map[string]any); with["id"] != first["id"] || problem["missing"] != "absence_overlaps" {
		t.Errorf("%v", problem)
	}
	form := url.Values{"substitute": {o.person("kd-clerk-1")}, "from": {"2026-12-01"}, "until": {"2026-12-02"}, "reason": {"training"}}
	o.browsing("kd-verifier-1").form("/absence", form).want(409).shows("2026年11月30日", "2026年12月4日", "代理人黄立军", `value="2026-12-01"`)
}

func TestARefusedAbsenceSaysWhyBesideTheField(t *testing.T) {
	o := setup(t)
	form := url.Values{"substitute": {o.person("kd-psb-head")}, "from": {"2026-11-23"}, "until": {"2026-11-24"}, "reason": {"leave"}}
	page := o.browsing("kd-verifier-1").form("/absence", form).want(422)
	page.shows("此人不能代理", `id="absence-substitute-error"`, `value="2026-11-24"`)
	program := o.as("kd-verifier-1")
	for name, c := range map[string]struct {
		field, code string
		form        fields
	}{
		"too long":   {"until", "absence_too_long", o.absence("kd-verifier-2", "2026-11-23", "2026-12-23")},
		"yesterday":  {"from", "in_the_past", o.absence("kd-verifier-2", "2026-11-22", "2026-11-23")},
		"no date":    {"until", "not_a_date", o.absence("kd-verifier-2", "2026-11-23", "never")},
		"no reason":  {"reason", "not_an_option", fields{"substitute": o.person("kd-verifier-2"), "from": "2026-11-23", "until": "2026-11-23"}},
		"a stranger": {"substitute", "not_an_option", fields{"substitute": "nobody", "from": "2026-11-23", "until": "2026-11-23", "reason": "leave"}},
	} {
		found := program.post("/absence", c.form).refused(422, regulation.Invalid).object()["fields"].(map[string]any)
		if field, _ := found[c.field].(map[string]any); field["code"] != c.code {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestALeaderEntersTheOfficesAbsences(t *testing.T) {
	o := setup(t)
	leader := o.as("kd-supervisor-1")
	form := o.absence("kd-verifier-2", "2026-11-23", "2026-11-24")
	form["absent"] = o.person("kd-verifier-1")
	leader.post("/substitutions", form).want(201)
	list := leader.get("/substitutions").want(200).object()
	if found := list["absences"].([]any); len(found) != 1 || found[0].(map[string]any)["revocable"] != true {
		t.Errorf("%v", found)
	}
	for _, absent := range []string{"kd-head", "kd-supervisor-2", "kd-psb-head", "ld-verifier-1"} {
		form["absent"] = o.person(absent)
		leader.post("/substitutions", form).refused(422, regulation.Invalid)
	}
	o.as("kd-clerk-1").get("/substitutions").refused(403, regulation.NotPermitted)
	form["absent"] = o.person("kd-supervisor-1")
	o.as("kd-head").post("/substitutions", form).want(201)
}

func TestTheAdministratorEntersAbsences(t *testing.T) {
	o := setup(t)
	admin := o.as("kd-secadmin")
	path := "/people/" + o.person("kd-verifier-1")
	id := admin.post(path+"/absence", o.absence("kd-verifier-2", "2026-11-23", "2026-11-24")).want(201).object()["id"].(string)
	seen := admin.get(path).want(200).object()
	if found := seen["absences"].(map[string]any)["absences"].([]any); len(found) != 1 || len(seen["assignments"].([]any)) != 1 {
		t.Errorf("%v", seen)
	}
	o.browsing("kd-secadmin").get(path).want(200).shows("由黄立军代理", "结束缺勤")
	o.as("ld-secadmin").post("/substitutions/"+id+"/revoke", fields{}).refused(404, regulation.NotFound)
	admin.post("/substitutions/"+id+"/revoke", fields{}).want(204)
	admin.post("/people/"+o.person("kd-secadmin")+"/absence", o.absence("kd-verifier-2", "2026-11-23", "2026-11-24")).refused(403, regulation.FourEyes)
	admin.post("/people/"+o.person("ld-verifier-1")+"/absence", o.absence("kd-verifier-2", "2026-11-23", "2026-11-24")).refused(404, regulation.NotFound)
	o.browsing("kd-secadmin").form(path+"/absence", url.Values{"substitute": {o.person("kd-psb-head")}, "from": {"2026-11-23"}, "until": {"2026-11-24"}, "reason": {"leave"}}).
		want(422).shows("此人不能代理")
	log := admin.get(path)
	log.hides("password")
}

// Whoever acts for a colleague is told so before, marked in the inbox, and named with both in the
// timeline; a unit reads that somebody was absent, not who.
func TestActingForAColleagueIsToldEverywhere(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	o.as("kd-psb-handler-1").post("/absence", o.absence("kd-psb-handler-2", "2026-11-23", "2026-11-25")).want(201)
	o.as("kd-psb-handler-2").post("/absence", o.absence("kd-window-02", "2026-11-23", "2026-11-25")).want(201)
	substitute := o.as("kd-window-02")
	tasks := substitute.get("/inbox?tab=available").want(200).object()["tasks"].([]any)
	if len(tasks) != 1 {
		t.Fatalf("%v", tasks)
	}
	if names := tasks[0].(map[string]any)["for"].(map[string]any)["names"].([]any); len(names) == 0 {
		t.Errorf("not marked: %v", tasks[0])
	}
	o.browsing("kd-window-02").get("/cases?tab=available").want(200).shows("代")
	o.browsing("kd-window-02").get("/cases/"+caseID).want(200).shows("您将代缺勤的", "记录中会写明")
	under := substitute.post("/cases/"+caseID+"/acts/sign", fields{}).want(201).object()["under"].(map[string]any)
	if under["for"] == nil || under["role"] != "unit_handler" {
		t.Errorf("under %v", under)
	}
	o.browsing("kd-window-02").get("/cases/" + caseID).want(200).shows("代缺勤同事办理")
	o.browsing("kd-supervisor-1").get("/cases/"+caseID).want(200).shows("代缺勤的", "四郎拥忠")
}

// Nobody gets around four eyes through a colleague who is away.
func TestASubstituteIsBarredByWhatBarsTheColleague(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActRecheck)
	o.as("kd-verifier-1").post("/absence", o.absence("kd-clerk-1", "2026-11-23", "2026-12-20")).want(201)
	problem := o.as("kd-clerk-1").post("/cases/"+caseID+"/acts/recheck", fields{"result": "passed"}).refused(403, regulation.FourEyes).object()
	if problem["missing"] != "absent_barred" || !strings.Contains(problem["detail"].(string), "代理") {
		t.Errorf("%v", problem)
	}
}

// Whoever loses a post, an account or a substitution can do nothing from the next request on, in
// sessions opened before too.
func TestAnEndedSubstitutionEndsWithTheNextRequest(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	one := o.as("kd-psb-handler-1")
	entered := one.post("/absence", o.absence("kd-window-02", "2026-11-23", "2026-12-10")).want(201).object()
	substitute := o.as("kd-window-02")
	substitute.post("/tasks/"+caseID+".sign/claim", fields{}).want(204)
	one.post("/substitutions/"+entered["id"].(string)+"/revoke", fields{}).want(204)
	substitute.post("/cases/"+caseID+"/acts/sign", fields{}).refused(404, regulation.NotFound)
	o.as("kd-psb-handler-2").post("/cases/"+caseID+"/acts/sign", fields{}).want(201)
}

func TestWhoIsAwayIsToldOnEveryPage(t *testing.T) {
	o := setup(t)
	one := o.browsing("kd-verifier-1")
	form := url.Values{"substitute": {o.person("kd-verifier-2")}, "from": {"2026-11-23"}, "until": {"2026-11-24"}, "reason": {"leave"}}
	if next := one.form("/absence", form).want(303).header.Get("Location"); next != "/absence" {
		t.Errorf("leads to %q", next)
	}
	one.get("/absence").want(200).shows("缺勤已登记", "您已登记缺勤至", "黄立军", "结束缺勤")
	one.get("/messages").want(200).shows("提前回来")
	o.clock.Forward(48 * time.Hour)
	one.get("/messages").want(200).hides("提前回来")
}

// A's substitute B is away too: both pages show the chain and whom it reaches, and everybody was told.
func TestAChainShowsWhomItReachesAndIsTold(t *testing.T) {
	o := setup(t)
	o.as("kd-supervisor-1").post("/absence", o.absence("kd-clerk-1", "2026-11-23", "2026-11-25")).want(201)
	o.as("kd-clerk-1").post("/absence", o.absence("kd-entry-1", "2026-11-23", "2026-11-24")).want(201)
	own := o.as("kd-supervisor-1").get("/absence").want(200).object()["absences"].([]any)[0].(map[string]any)
	var chain []string
	for _, link := range own["chain"].([]any) {
		chain = append(chain, link.(map[string]any)["person"].(string))
	}
	if want := []string{o.person("kd-supervisor-1"), o.person("kd-clerk-1"), o.person("kd-entry-1")}; !slices.Equal(chain, want) {
		t.Errorf("chain %v, want %v", chain, want)
	}
	name := own["acting"].(map[string]any)["name"].(string)
	o.browsing("kd-supervisor-1").get("/absence").want(200).shows(`class="chain"`, name)
	for login, told := range map[string][]string{"kd-supervisor-1": {"absence_passed_on", "absence_entered"},
		"kd-entry-1": {"absence_entered", "absence_passed_on"}, "kd-verifier-1": nil} {
		var names []string
		for _, m := range o.as(login).get("/messages").want(200).object()["messages"].([]any) {
			message := m.(map[string]any)
			if message["about"] != "absence" || message["absence"] == nil {
				t.Errorf("%v", message)
			}
			names = append(names, message["name"].(string))
		}
		slices.Sort(names)
		slices.Sort(told)
		if !slices.Equal(names, told) {
			t.Errorf("%s was told %v, want %v", login, names, told)
		}
	}
	o.browsing("kd-entry-1").get("/messages").want(200).shows("已登记缺勤", name, "2026年11月23日")
}
