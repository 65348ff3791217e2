package api_test

import (
	"bytes"
	"html"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store/seed"
)

func TestRefusalsExplainThemselves(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	act := func(kind regulation.ActKind) string { return "/cases/" + caseID + "/acts/" + string(kind) }

	not := o.as("kd-clerk-1").post(act(regulation.ActAccept), fields{}).refused(403, regulation.NotPermitted).object()
	if not["who_may"].([]any)[0] != "supervisor" || not["clause"] != "7(2)" {
		t.Errorf("who may accept: %v under %v", not["who_may"], not["clause"])
	}
	o.as("kd-verifier-1").post(act(regulation.ActRecordFinding), mainLine[3].values).refused(409, regulation.NotNow)
	o.walk(receipt, caseID, regulation.ActRecordCallback)
	early := o.as("kd-verifier-1").post(act(regulation.ActRecordFinding), mainLine[3].values).refused(409, regulation.NotNow).object()
	if early["missing"] != "callback_not_settled" {
		t.Errorf("the finding misses %v", early["missing"])
	}
	wrong := o.as("kd-clerk-1").post(act(regulation.ActRecordCallback), fields{"result": "reached"}).refused(422, regulation.Invalid).object()
	if wrong["fields"].(map[string]any)["statement"] == nil {
		t.Errorf("nothing is said of the statement: %v", wrong)
	}
	o.as("kd-clerk-1").post(act("nonsense"), fields{}).refused(404, regulation.NotFound)
	o.program().post(act(regulation.ActAccept), fields{}).refused(401, "sign_in_first")
}

func TestFourEyes(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActRecheck)
	o.as("kd-verifier-1").post("/cases/"+caseID+"/acts/recheck", fields{"result": "passed"}).refused(403, regulation.FourEyes)
}

func TestRefusedFormKeepsWhatWasTyped(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActRecordCallback)
	clerk := o.browsing("kd-clerk-1")
	clerk.get("/cases/"+caseID).want(200).shows("记录核实回访", "138****5678", "扎*").hides(raterPhone, raterName)
	form := url.Values{"result": {"reached"}, "recording": {"录音-77"}, "idempotency_key": {"f1"}}
	clerk.form("/cases/"+caseID+"/acts/record_callback", form).want(422).shows("录音-77", "接通时须填写", `value="f1"`)
	form.Set("statement", "已说明")
	clerk.form("/cases/"+caseID+"/acts/record_callback", form).want(303)
	clerk.get("/cases/"+caseID).want(200).shows("已办理", "已说明")
}

func TestOutsideOnesAreaIsNotThere(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	for _, login := range []string{"ld-supervisor-1", "ld-verifier-1", "kd-mkt-head", "kd-psb-head", "kd-window-03", "kd-discipline-1"} {
		c := o.as(login)
		if answer := c.get("/cases/" + caseID); answer.status != 404 && answer.status != 403 {
			t.Errorf("%s sees the case: %d", login, answer.status)
		}
		c.post("/cases/"+caseID+"/acts/accept", fields{}).refused(404, regulation.NotFound)
	}
	o.walk(receipt, caseID, regulation.ActSign)
	o.as("kd-psb-head").get("/cases/" + caseID).want(200)
	o.as("kd-mkt-head").get("/cases/"+caseID).refused(404, regulation.NotFound)
	o.as("gz-supervisor-1").get("/cases/" + caseID).want(200)
	o.as("kd-sysadmin").get("/cases").refused(403, regulation.NotPermitted)
	o.as("kd-supervisor-1").get("/cases/nonsense").refused(404, regulation.NotFound)
}

func TestActsAreIdempotent(t *testing.T) {
	o := setup(t)
	_, caseID := o.rateBadly()
	supervisor := o.as("kd-supervisor-1")
	path := "/cases/" + caseID + "/acts/accept"
	first := supervisor.postKey(path, fields{"note": "受理"}, "k").want(201).object()
	again := supervisor.postKey(path, fields{"note": "受理"}, "k").want(201).object()
	if first["act"] != again["act"] || first["seq"] != again["seq"] {
		t.Errorf("the same request gave %v, then %v", first, again)
	}
	supervisor.postKey(path, fields{"note": "另一句"}, "k").refused(409, regulation.Conflict)
	supervisor.postKey(path, fields{"note": "受理"}, "other").refused(409, regulation.NotNow)
	supervisor.postKey(path, fields{"note": "受理"}, "").refused(422, regulation.Invalid)
}

func TestActWhileTheEngineIsAway(t *testing.T) {
	o := setup(t)
	_, caseID := o.rateBadly()
	supervisor := o.as("kd-supervisor-1")
	path := "/cases/" + caseID + "/acts/accept"
	o.away.Store(true)
	if after := supervisor.postKey(path, fields{}, "k").refused(503, regulation.Unavailable).header.Get("Retry-After"); after == "" {
		t.Error("no Retry-After")
	}
	if waiting, err := o.record.PendingActs(t.Context(), o.clock.Now().Add(time.Hour), 10); err != nil || len(waiting) != 0 {
		t.Fatalf("something was stored: %v %v", waiting, err)
	}
	o.away.Store(false)
	o.mute.Store(true)
	stored := supervisor.postKey(path, fields{}, "k").want(202)
	address := stored.header.Get("Location")
	if status := supervisor.get(address).want(200).object()["status"]; status != "pending" {
		t.Errorf("the act is %v", status)
	}
	o.as("kd-supervisor-2").get(address).refused(404, regulation.NotFound)
	o.mute.Store(false)
	supervisor.postKey(path, fields{}, "k").want(201)
	if status := supervisor.get(address).want(200).object()["status"]; status != "done" {
		t.Errorf("the act is %v", status)
	}
}

func TestInboxClaimAndRelease(t *testing.T) {
	o := setup(t)
	_, caseID := o.rateBadly()
	one, two := o.as("kd-supervisor-1"), o.as("kd-supervisor-2")
	inbox := one.get("/inbox").want(200).object()
	tasks := inbox["tasks"].([]any)
	if inbox["tab"] != "available" || len(tasks) != 1 {
		t.Fatalf("the inbox shows %v", inbox)
	}
	task := tasks[0].(map[string]any)
	if task["case"] != caseID || task["claimable"] != true || task["due"].(map[string]any)["left"] != 1.0 {
		t.Errorf("the task is %v", task)
	}
	id := task["id"].(string)
	one.post("/tasks/"+id+"/claim", fields{}).want(204)
	two.post("/tasks/"+id+"/claim", fields{}).refused(409, regulation.Conflict)
	if mine := one.get("/inbox?tab=mine").want(200).object()["tasks"].([]any); len(mine) != 1 {
		t.Errorf("mine are %v", mine)
	}
	o.as("ld-supervisor-1").post("/tasks/"+id+"/claim", fields{}).refused(404, regulation.NotFound)
	one.post("/tasks/"+id+"/release", fields{}).want(204)
	two.post("/tasks/"+id+"/claim", fields{}).want(204)
	o.browsing("kd-supervisor-2").get("/cases?tab=mine").want(200).shows("受理差评", "放回")
	if hidden := o.as("kd-verifier-1").get("/inbox").want(200).object()["counts"].(map[string]any); hidden["available"] != 0.0 {
		t.Errorf("a verifier may accept: %v", hidden)
	}
}

func TestContactOpensForTheCallOnly(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	path := "/cases/" + caseID + "/contact"
	o.as("kd-clerk-1").post(path, fields{}).refused(409, regulation.NotNow)
	o.walk(receipt, caseID, regulation.ActRecordCallback)
	o.as("kd-verifier-1").post(path, fields{}).refused(403, regulation.NotPermitted)
	o.as("kd-clerk-1").post(path, fields{}).refused(409, regulation.NotNow)
	o.mayCall("kd-clerk-1", caseID)
	o.as("kd-clerk-1").post(path, fields{}).want(200).shows(raterPhone, raterName)
	clerk := o.browsing("kd-clerk-1")
	clerk.get("/cases/" + caseID).want(200).shows(`action="` + path + `"`).hides(raterPhone)
	clerk.form(path, url.Values{}).want(200).shows(raterPhone, raterName)
	o.as("kd-auditor").get("/audit?action=reveal_contact").want(200).shows(caseID, "callback").hides(raterPhone, raterName)
	o.as("kd-auditor").get("/cases/"+caseID).want(200).hides(raterPhone, raterName, raterWords, "138****5678")
}

func TestEvidenceFiles(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActAddEvidence)
	var picture bytes.Buffer
	must(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))))
	verifier := o.browsing("kd-verifier-1")
	form, kind := upload(t, "files", picture.Bytes(), map[string]string{"kind": "document", "description": "窗口照片", "idempotency_key": "e1"})
	r := verifier.request(http.MethodPost, "/cases/"+caseID+"/acts/add_evidence", form)
	r.Header.Set("Content-Type", kind)
	verifier.do(r).want(303)

	files := o.as("kd-verifier-1").get("/cases/" + caseID).want(200).object()["files"].([]any)
	if len(files) != 1 {
		t.Fatalf("the case has files %v", files)
	}
	file := files[0].(map[string]any)
	if file["description"] != "窗口照片" || file["kind"] != "document" || file["role"] != "verifier" || file["by"] == nil || file["place"] == nil || file["bytes"] == 0.0 {
		t.Errorf("of the file it says %v", file)
	}
	href := file["href"].(string)
	link := `<a href="` + href + `">窗口照片</a>`
	page := verifier.get("/cases/"+caseID).want(200).shows("文件资料", "校验值", file["by"].(string))
	if n := strings.Count(string(page.body), link); n != 2 {
		t.Errorf("the file is linked %d times, want once among the evidence and once in the timeline", n)
	}
	if kind := o.as("kd-supervisor-1").get(href).want(200).header.Get("Content-Type"); kind != "image/png" {
		t.Errorf("the file comes as %q", kind)
	}
	o.as("ld-verifier-1").get(href).refused(404, regulation.NotFound)
	o.as("kd-auditor").get(href).refused(404, regulation.NotFound)
	digest := files[0].(map[string]any)["digest"].(string)
	o.as("kd-auditor").get("/cases/" + caseID).want(200).shows("add_evidence").hides(digest)

	form, kind = upload(t, "files", []byte("#!/bin/sh\nexit 0\n"), map[string]string{"kind": "document", "description": "不是图片", "idempotency_key": "e2"})
	r = verifier.request(http.MethodPost, "/cases/"+caseID+"/acts/add_evidence", form)
	r.Header.Set("Content-Type", kind)
	verifier.do(r).want(422).shows("不是图片", "不支持这种文件")
}

// What a unit hands in with its rectification is named so, to the unit without the names of people;
// evidence that is words alone is the authority's to see.
func TestFilesOfARectification(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSubmitRectification)
	var staged []string
	head := o.browsing("kd-psb-head")
	for _, side := range []int{4, 5} {
		var picture bytes.Buffer
		must(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, side, side))))
		form, kind := upload(t, "file", picture.Bytes(), nil)
		r := head.request(http.MethodPost, "/files", form)
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Accept", "application/json")
		staged = append(staged, head.do(r).want(201).object()["digest"].(string))
	}
	s := mainLine[8]
	s.values = fields{"measures": "已增开", "reply": "感谢监督", "files": staged}
	o.step(receipt, caseID, s)
	unit := o.as("kd-psb-handler-1").get("/cases/" + caseID).want(200).object()["files"].([]any)
	if len(unit) != 2 || unit[0].(map[string]any)["kind"] != "submit_rectification" || unit[0].(map[string]any)["by"] != nil || unit[0].(map[string]any)["role"] != "unit_head" {
		t.Errorf("the unit's files are %v", unit)
	}
	head.get("/cases/"+caseID).want(200).shows("整改材料（1/2）", "整改材料（2/2）").hides("choice.kind.", "窗口人员说明")
	o.browsing("kd-verifier-1").get("/cases/"+caseID).want(200).shows("整改材料（1/2）", "窗口人员说明", "无附件")
}

func upload(t *testing.T, field string, content []byte, values map[string]string) (*bytes.Buffer, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range values {
		must(t, w.WriteField(name, value))
	}
	part, err := w.CreateFormFile(field, "张三的照片.png")
	must(t, err)
	_, err = part.Write(content)
	must(t, err)
	must(t, w.Close())
	return &b, w.FormDataContentType()
}

func TestSignIn(t *testing.T) {
	o := setup(t)
	account, err := o.record.AccountByLogin(t.Context(), "kd-verifier-1")
	must(t, err)
	must(t, o.record.SetPassword(t.Context(), account.Person, "correct horse", true, "test"))
	c := o.program()
	c.post("/sign-in", fields{"login": "kd-verifier-1", "password": "correct horse"}).want(200)
	if who := c.get("/sign-in").want(200).object()["person"]; who != account.Person {
		t.Errorf("signed in is %v", who)
	}
	must(t, o.record.DisableAccount(t.Context(), account.Person, "test"))
	c.get("/inbox").refused(401, "sign_in_first") // at once
	must(t, o.record.EnableAccount(t.Context(), account.Person, "test"))

	b := o.browser()
	b.get("/cases").want(303)
	for range 5 {
		b.form("/sign-in", url.Values{"login": {"kd-verifier-1"}, "password": {"wrong"}}).want(403).shows("账号或密码不正确", "kd-verifier-1").hides("wrong")
	}
	b.form("/sign-in", url.Values{"login": {"kd-verifier-1"}, "password": {"correct horse"}}).want(403) // locked
	nobody := o.program().post("/sign-in", fields{"login": "nobody", "password": "x"}).refused(403, "sign_in_failed").
		shows(`"title":"登录没有成功"`, "账号或密码不正确", "/problems/sign-in-failed")
	locked := o.program().post("/sign-in", fields{"login": "kd-verifier-1", "password": "correct horse"}).refused(403, "sign_in_failed").object()
	if told := nobody.object(); told["detail"] != locked["detail"] || told["title"] != locked["title"] {
		t.Errorf("%v tells more than %v", locked, told)
	}
	elsewhere := o.browsing("kd-clerk-1").form("/sign-in", url.Values{"login": {"x"}, "password": {"y"}, "next": {"//evil.example"}})
	elsewhere.want(403)
}

func TestDemoSignInsAreLoopbackOnly(t *testing.T) {
	o := setup(t)
	c := o.program()
	c.get("/demo/sign-ins").want(200).shows("kd-verifier-1")
	r := c.request(http.MethodGet, "/demo/sign-ins", nil)
	r.Host = "office.example.cn"
	c.do(r).want(404)
}

func TestWithdrawnRightEndsAtOnce(t *testing.T) {
	o := setup(t)
	o.rateBadly()
	c := o.as("kd-supervisor-1")
	c.get("/inbox").want(200)
	account, err := o.record.AccountByLogin(t.Context(), "kd-supervisor-1")
	must(t, err)
	o.clock.Forward(time.Second)
	must(t, o.record.Dismiss(t.Context(), account.Person, regulation.Supervisor, "513301-authority", "test"))
	c.get("/inbox").refused(403, regulation.NotPermitted)
}

func TestPeople(t *testing.T) {
	o := setup(t)
	admin := o.as("kd-secadmin")
	admin.get("/people?name=-verifier").want(200).shows("kd-verifier-1").hides("ld-verifier-1", "kd-clerk-1")
	admin.get("/people?name=" + strings.Repeat("x", 60_000)).want(200).hides("kd-verifier-1")
	person := func(login string) string {
		account, err := o.record.AccountByLogin(t.Context(), login)
		must(t, err)
		return account.Person
	}
	admin.post("/people/"+person("kd-verifier-1")+"/disable", fields{}).want(204)
	if admin.get("/people/" + person("kd-verifier-1")).want(200).object()["disabled"] != true {
		t.Error("the account is still open")
	}
	admin.post("/people/"+person("kd-verifier-1")+"/enable", fields{}).want(204)
	admin.post("/people/"+person("ld-verifier-1")+"/disable", fields{}).refused(404, regulation.NotFound)
	admin.post("/people/"+person("kd-secadmin")+"/disable", fields{}).refused(403, regulation.FourEyes)
	o.as("kd-verifier-1").get("/people").refused(403, regulation.NotPermitted)
	o.browsing("kd-secadmin").get("/people?name=kd-verifier").want(200).shows("人员与岗位", "kd-verifier-1")
	o.browsing("kd-secadmin").get("/people/" + person("kd-verifier-1")).want(200).shows("停用账号")
	o.as("kd-auditor").get("/audit").want(200).shows("disable_account", "sign_in")
	o.browsing("kd-auditor").get("/audit").want(200).shows("停用账号")
}

// ownSeat is the seat at which the hotline agent of these tests serves.
func ownSeat(t *testing.T) string {
	t.Helper()
	data, err := seed.Load()
	must(t, err)
	for _, duty := range data.Roster {
		if duty.Staff == "st0110" { // gz-agent-1
			return duty.Window
		}
	}
	t.Fatal("the agent has no seat")
	return ""
}

func TestCodesToPrint(t *testing.T) {
	o := setup(t)
	code := windowCode(t, "513301-w03")
	o.as("kd-devices").get("/codes").want(200).shows(code).hides(windowCode(t, "513300-w01"))
	o.browsing("kd-devices").get("/codes").want(200).shows("/codes/" + code + ".svg")
	o.program().get("/codes/" + code + ".svg").want(200).shows("<svg")
	if kind := o.program().get("/codes/" + code + ".png").want(200).header.Get("Content-Type"); kind != "image/png" {
		t.Errorf("the code comes as %q", kind)
	}
	o.program().get("/portraits/m-c51a715d.svg").want(200).shows("<svg")
	o.program().get("/portraits/..%2fx.svg").want(404)
}

func TestHealthAndFigures(t *testing.T) {
	o := setup(t)
	o.rateBadly()
	c := o.program()
	c.get("/healthz").want(200)
	o.away.Store(true)
	c.get("/readyz").want(200).shows(`"engine":"away"`)
	c.get("/metrics").want(200).shows("haochaping_open_cases 1", `haochaping_ratings_total{channel="web",grade="1"} 1`,
		`route="/ratings"`, "haochaping_ledger_lag_seconds", "haochaping_outbox_lag_seconds")
}

func TestLogHasRoutesAndNothingPersonal(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.as("kd-supervisor-1").get("/cases?number=513301-2026").want(200)
	o.as("kd-supervisor-1").get("/cases/" + caseID).want(200)
	o.program().post("/receipt", fields{"receipt": receipt}).want(204)
	log := o.log.String()
	if !strings.Contains(log, `"route":"/cases/:id"`) {
		t.Error("the log has no routes")
	}
	for _, secret := range []string{raterPhone, raterName, raterWords, receipt, "number=", caseID, "127.0.0.1", windowCode(t, "513301-w03")} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

// scanIsTheVerifiersOnly holds that the one case's scan is evidence for the verifier, and not
// there for the unit.
func (o *office) scanIsTheVerifiersOnly() {
	o.t.Helper()
	verifier := o.as("kd-verifier-1")
	list := verifier.get("/cases?tab=all").want(200).object()["cases"].([]any)
	caseID := list[0].(map[string]any)["case"].(string)
	files := verifier.get("/cases/" + caseID).want(200).object()["files"].([]any)
	if len(files) != 1 || files[0].(map[string]any)["kind"] != "paper_form" {
		o.t.Fatalf("the verifier's files are %v", files)
	}
	scan := files[0].(map[string]any)["href"].(string)
	o.browsing("kd-verifier-1").get("/cases/"+caseID).want(200).shows("纸质评价表扫描件 3301001-0001", "表单编号", scan)
	if kind := verifier.get(scan).want(200).header.Get("Content-Type"); kind != "image/png" {
		o.t.Errorf("the scan comes as %q", kind)
	}
	o.as("kd-auditor").get("/audit?action=read_scan").want(200).shows(caseID)
	for _, s := range mainLine[:6] { // until an order reaches the unit
		if s.act == regulation.ActRecordCallback || s.act == regulation.ActAskConsent {
			continue
		}
		o.step("", caseID, s)
	}
	unit := o.as("kd-psb-handler-1")
	unit.get("/cases/"+caseID).want(200).hides("paper_form", scan, "A-0001")
	unit.get(scan).want(404)
}

// personOf is the id of a demo account.
func (o *office) personOf(login string) string {
	o.t.Helper()
	account, err := o.record.AccountByLogin(o.t.Context(), login)
	must(o.t, err)
	return account.Person
}

func TestAppointAndDismiss(t *testing.T) {
	o := setup(t)
	admin, person := o.as("kd-secadmin"), o.personOf("kd-mkt-head")
	at := "/people/" + person
	o.as("kd-mkt-head").get("/audit").refused(403, regulation.NotPermitted)
	o.clock.Forward(time.Second)
	admin.post(at+"/appoint", fields{"role": "auditor", "org": "513301-authority"}).want(204)
	o.as("kd-mkt-head").get("/audit").want(200).shows("appoint")
	held := admin.get(at).want(200).object()["tenures"].([]any)
	if len(held) != 2 || held[1].(map[string]any)["role"] != "auditor" || held[1].(map[string]any)["from"] == nil {
		t.Errorf("the person holds %v", held)
	}
	admin.post(at+"/appoint", fields{"role": "auditor", "org": "513301-authority"}).refused(409, regulation.Conflict)
	for org, code := range map[string]string{"513322-authority": "not_an_option", "513301-psb": "role_not_here", "nowhere": "not_an_option"} {
		wrong := admin.post(at+"/appoint", fields{"role": "auditor", "org": org}).refused(422, regulation.Invalid).object()["fields"].(map[string]any)
		if said := wrong["org"].(map[string]any)["code"]; said != code {
			t.Errorf("at %s: %v", org, said)
		}
	}
	admin.post(at+"/appoint", fields{"role": "citizen", "org": "513301-authority"}).refused(422, regulation.Invalid)
	admin.post("/people/"+o.personOf("kd-secadmin")+"/appoint", fields{"role": "auditor", "org": "513301-authority"}).refused(403, regulation.FourEyes)
	admin.post("/people/"+o.personOf("ld-verifier-1")+"/appoint", fields{"role": "auditor", "org": "513301-authority"}).refused(404, regulation.NotFound)
	o.clock.Forward(time.Second)
	admin.post(at+"/dismiss", fields{"role": "auditor", "org": "513301-authority"}).want(204)
	o.as("kd-mkt-head").get("/audit").refused(403, regulation.NotPermitted)
	admin.post(at+"/dismiss", fields{"role": "auditor", "org": "513301-authority"}).refused(404, regulation.NotFound)
	browser := o.browsing("kd-secadmin")
	browser.get(at).want(200).shows("任职自", "任命")
	browser.form(at+"/appoint", url.Values{"role": {"auditor"}, "org": {"513301-psb"}}).want(422).shows("该岗位不设在这类单位", `<option value="auditor" selected>`)
}

// Somebody who holds nothing any more is still where they were, to be appointed again.
func TestWhoHoldsNothingCanBeAppointedAgain(t *testing.T) {
	o := setup(t)
	admin, at := o.as("kd-secadmin"), "/people/"+o.personOf("kd-mkt-head")
	o.clock.Forward(time.Second)
	admin.post(at+"/dismiss", fields{"role": "unit_head", "org": "513301-mkt"}).want(204)
	o.clock.Forward(time.Second)
	if held, given := admin.get(at).want(200).object()["tenures"]; given {
		t.Errorf("still holds %v", held)
	}
	admin.post(at+"/appoint", fields{"role": "unit_head", "org": "513301-mkt"}).want(204)
}

func TestNewPersonSignsInWithThePasswordShownOnce(t *testing.T) {
	o := setup(t)
	admin := o.as("kd-secadmin")
	admin.get("/people/new").want(200).shows("513301-authority").hides("513322-authority")
	someone := fields{"login": "kd-new-1", "name": "测试新人", "role": "verifier", "org": "513301-authority"}
	made := admin.post("/people", someone).want(201).object()
	password := made["password"].(string)
	admin.get("/people/"+made["person"].(string)).want(200).shows("kd-new-1", "verifier").hides(password)
	if strings.Contains(o.log.String(), password) {
		t.Error("the password is in the log")
	}
	newcomer := o.program()
	newcomer.post("/sign-in", fields{"login": "kd-new-1", "password": password}).want(200)
	newcomer.post("/password", fields{"old_password": password, "new_password": "one of my own"}).want(204)
	newcomer.get("/inbox").want(200)
	admin.post("/people", someone).refused(409, regulation.Conflict)
	someone["login"], someone["org"] = "kd-new-2", "513301-psb"
	admin.post("/people", someone).refused(422, regulation.Invalid)
	if _, err := o.record.AccountByLogin(t.Context(), "kd-new-2"); err == nil {
		t.Error("an account without a role is left over")
	}
	page := o.browsing("kd-secadmin")
	page.get("/people").want(200).shows("/people/new")
	form := url.Values{"login": {"kd-new-3"}, "name": {"测试三"}, "role": {"verifier"}, "org": {"513301-authority"}}
	page.form("/people", form).want(201).shows("只显示这一次")
	page.form("/people", form).want(409).shows("该账号已存在", `value="kd-new-3"`)
}

func TestListsAreNarrowedByReasonKindAndPerson(t *testing.T) {
	o := setup(t)
	_, caseID := o.rateBadly()
	auditor := o.as("kd-auditor")
	person := o.personOf("kd-auditor")
	for query, want := range map[string]int{"?person=" + person: 1, "?person=" + person + "&action=appoint": 0, "?until=2026-11-23": 0, "?until=2026-11-24": 1} {
		if lines := auditor.get("/audit" + query).want(200).object()["lines"].([]any); len(lines) != want {
			t.Errorf("%s: %d lines, want %d", query, len(lines), want)
		}
	}
	o.browsing("kd-auditor").get("/audit?action=sign_in").want(200).shows(`<option value="sign_in" selected>`, `name="until"`)
	o.browsing("kd-discipline-1").get("/discipline?reason=unsigned").want(200).shows(`href="/discipline?reason=unsigned" aria-current="page"`)
	counts := o.as("kd-discipline-1").get("/discipline?reason=unsigned").want(200).object()
	if len(counts["escalations"].([]any)) != 0 {
		t.Errorf("case %s is on the list: %v", caseID, counts)
	}
}

func TestMessagesAreUnreadUntilTheyAreShown(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActRecordCallback)
	clerk := o.as("kd-clerk-1")
	first := clerk.get("/messages").want(200).object()["messages"].([]any)
	if len(first) == 0 {
		t.Fatal("nobody told the clerk of the call")
	}
	told := first[0].(map[string]any)
	if told["read"] != false || told["href"] != "/cases/"+caseID {
		t.Errorf("the clerk is told %v", told)
	}
	again := clerk.get("/messages").want(200).object()
	if again["unread"] != 0.0 || again["messages"].([]any)[0].(map[string]any)["read"] != true {
		t.Errorf("after reading: %v", again)
	}
	other := o.browsing("kd-clerk-2")
	other.get("/cases").want(200).shows(`<span class="count">1<`)
	other.get("/messages").want(200).shows("未读", "/cases/"+caseID)
	other.get("/cases").want(200).hides("条未读", `<span class="count">1<span class="sr">`)
	if far := o.as("ld-clerk-1").get("/messages").want(200).object(); far["unread"] != 0.0 {
		t.Errorf("another county is told %v", far)
	}
	o.program().get("/messages").refused(401, "sign_in_first")
}

// The list of people is searched and paged without scripts, and never leaves the reader's area.
func TestPeopleAreSearchedAndPaged(t *testing.T) {
	o := setup(t)
	browser, admin := o.browsing("kd-secadmin"), o.as("kd-secadmin")
	page := browser.get("/people").want(200).shows("kd-auditor", `name="place"`, `rel="next"`).hides("清除条件", "ld-", "gz-")
	next := regexp.MustCompile(`href="([^"]*)" rel="next"`).FindStringSubmatch(string(page.body))
	second := browser.get(html.UnescapeString(next[1])).want(200).shows("kd-window-03", `rel="prev"`).hides("kd-auditor")
	back := regexp.MustCompile(`href="([^"]*)" rel="prev"`).FindStringSubmatch(string(second.body))
	browser.get(html.UnescapeString(back[1])).want(200).shows("kd-auditor").hides("kd-window-03")
	for query, want := range map[string]float64{"?place=泸定": 0, "?name=ld-verifier-1": 0, "?name=%25": 0, "?place=public+security&role=unit_head": 1,
		"?place=公安&role=unit_handler": 2, "?role=verifier&place=公安": 0, "?name=KD-HRS": 3} {
		if got := admin.get("/people" + query).want(200).object(); got["total"] != want || float64(len(got["people"].([]any))) != want {
			t.Errorf("%s finds %v", query, got)
		}
	}
	browser.get("/people?name=kd-psb-head&role=unit_head").want(200).shows(`value="kd-psb-head"`, `value="unit_head" selected`, "共1人", "清除条件")
	browser.get("/people?name=nobody").want(200).shows("共0人")
	admin.get("/people?cursor=x").refused(422, regulation.Invalid)
}

// The rated side is told of its notice, not of the step in whose course it was served (R57).
func TestMessagesToTheRatedSideNameTheNotice(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	head := o.as("kd-psb-head").get("/messages").want(200).hides("record_finding").object()["messages"].([]any)
	order, notice := head[0].(map[string]any), head[1].(map[string]any)
	if order["name"] != "transfer" || order["href"] != "/cases/"+caseID || notice["name"] != "serve_notice" || notice["href"] != "/notices/"+caseID {
		t.Errorf("the head is told %v, then %v", notice, order)
	}
	o.browsing("kd-window-03").get("/messages").want(200).shows("收到差评告知", `class="badge info"`, "/notices/"+caseID).hides("核实结论")
}
