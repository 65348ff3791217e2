package api_test

import (
	"bytes"
	"encoding/csv"
	"maps"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

const threeDaysOff = "date,kind,holiday\n2026-12-02,off,县庆\n2026-12-03,off,县庆\n2026-12-04,off,县庆\n"

func countyNotice() fields {
	return fields{"area": "513301", "name": "康定市人民政府", "number": "康府发〔2026〕7号", "issued_on": "2026-11-20", "basis": "县庆放假三天", "days": threeDaysOff}
}

// rearm does what the background duty does, until nothing is left to do now.
func (o *office) rearm() {
	o.t.Helper()
	for left := true; left; {
		var err error
		_, left, err = o.record.Rearm(o.t.Context())
		must(o.t, err)
	}
}

// toSigning brings a case to the order that its unit is to sign.
func (o *office) toSigning() (id string) {
	o.t.Helper()
	_, id = o.rateBadly()
	at := "/cases/" + id + "/acts/"
	o.as("kd-supervisor-1").post(at+"accept", fields{}).want(201)
	o.as("kd-clerk-1").post(at+"record_callback", fields{"result": "reached", "statement": raterWords}).want(201)
	verifier := o.as("kd-verifier-1")
	verifier.post(at+"add_evidence", fields{"kind": "statement", "description": "窗口人员说明"}).want(201)
	verifier.post(at+"record_finding", fields{"finding": "substantiated", "cause": "attitude", "link": "acceptance", "attribution": "unit",
		"account": "核实情况属实", "problem_open": "yes"}).want(201)
	o.as("kd-clerk-1").post(at+"ask_consent", fields{"answer": "yes"}).want(201)
	o.as("kd-supervisor-1").post(at+"transfer", fields{"unit": "513301-psb", "instructions": "请按期整改"}).want(201)
	return id
}

func TestNoticeIsProposedReviewedAndMovesTheCase(t *testing.T) {
	o := setup(t)
	id := o.toSigning()
	author, reviewer := o.as("kd-supervisor-1"), o.as("kd-supervisor-2")
	checked := author.post("/calendar/check", fields{"area": "513301", "days": threeDaysOff + "2026-12-31,closed,x\n"}).want(200).object()
	if days := checked["days"].([]any); checked["good"] != false || len(days) != 4 || days[3].(map[string]any)["wrong"] != "not_a_kind" {
		t.Errorf("%v", checked)
	}
	notice := author.post("/calendar", countyNotice()).want(201).object()["id"].(string)
	author.post("/calendar/"+notice+"/decision", fields{"verdict": "approve"}).refused(403, regulation.FourEyes)
	o.as("kd-verifier-1").post("/calendar/"+notice+"/decision", fields{"verdict": "approve"}).refused(403, regulation.NotPermitted)
	supposed := author.post("/what-if", fields{"notice": notice}).want(200).object()
	if supposed["open"] != 1.0 || supposed["changed"] != 1.0 {
		t.Errorf("%v", supposed)
	}
	reviewer.post("/calendar/"+notice+"/decision", fields{"verdict": "approve"}).want(204)
	o.rearm()
	for _, login := range []string{"kd-supervisor-1", "kd-psb-head", "kd-auditor"} {
		events := o.as(login).get("/cases/" + id).want(200).object()["events"].([]any)
		last := events[len(events)-1].(map[string]any)
		if last["kind"] != "rearmed" || last["data"].(map[string]any)["reason"] != "康府发〔2026〕7号" {
			t.Fatalf("%s sees %v", login, last)
		}
		move := last["moves"].([]any)[0].(map[string]any)
		if move["old"] != "2026-12-14T17:30:00+08:00" || move["new"] != "2026-12-17T17:30:00+08:00" || move["old_calendar"] == move["new_calendar"] {
			t.Errorf("%s sees %v", login, move)
		}
	}
	o.browsing("kd-supervisor-1").get("/cases/"+id).want(200).shows("工作日历调整", "康府发〔2026〕7号", "由2026年12月14日 17:30改为2026年12月17日 17:30")
	if state := author.get("/calendar/" + notice).want(200).object(); state["state"] != "in_force" || state["moved"] != 1.0 {
		t.Errorf("%v", state)
	}
}

func TestWhoProposesNoticesForWhichArea(t *testing.T) {
	o := setup(t)
	for login, want := range map[string]map[string]int{
		"kd-supervisor-1": {"513301": 201, "513322": 403, "513300": 403, "national": 403, "513399": 422, "": 422},
		"gz-supervisor-1": {"national": 201, "513300": 201, "513301": 403},
		"kd-verifier-1":   {"513301": 403}, "kd-psb-head": {"513301": 403}, "kd-auditor": {"513301": 403},
	} {
		for area, status := range want {
			notice := countyNotice()
			notice["area"], notice["number"] = area, area
			o.as(login).post("/calendar", notice).want(status)
		}
	}
	o.as("kd-psb-head").get("/calendar").want(403)
	if list := o.as("kd-verifier-1").get("/calendar").want(200).object()["notices"].([]any); len(list) != 3 {
		t.Errorf("%d notices", len(list))
	}
}

func TestNoticePagesKeepWhatWasTyped(t *testing.T) {
	o := setup(t)
	page := o.browsing("kd-supervisor-1")
	page.get("/calendar").want(200).shows("提出放假安排")
	typed := url.Values{}
	for name, value := range countyNotice() {
		typed.Set(name, value.(string))
	}
	page.form("/calendar/check", typed).want(200).shows("3 天全部可用", "康府发〔2026〕7号")
	typed.Set("days", strings.Replace(threeDaysOff, "2026-12-03", "2026-12-32", 1))
	page.form("/calendar", typed).want(422).shows("第 3 行", "不是有效日期", "康府发〔2026〕7号")
	typed.Set("days", threeDaysOff)
	page.form("/calendar", typed).want(303)
	if n := len(o.as("kd-supervisor-1").get("/calendar").want(200).object()["notices"].([]any)); n != 1 {
		t.Errorf("%d notices", n)
	}
	o.browsing("kd-verifier-1").get("/calendar").want(200).hides("提出放假安排")
}

func editionFrom(from string) fields {
	return fields{"from": from, "interpretation": "甘审批解〔2026〕1号", "decided_on": "2026-11-20", "basis": "州行政审批局解释", "sign_days": "2"}
}

func TestEditionIsThePrefecturesAndLeavesOpenCasesAlone(t *testing.T) {
	o := setup(t)
	author, reviewer := o.as("gz-supervisor-1"), o.as("gz-head")
	o.as("kd-supervisor-1").post("/editions", editionFrom("2026-12-01")).want(403)
	fixed := editionFrom("2026-12-01")
	fixed["rectification_days"] = "20"
	author.post("/editions", fixed).refused(422, regulation.Invalid).shows("fixed_by_the_regulation")
	id := author.post("/editions", editionFrom("2026-12-01")).want(201).object()["id"].(string)
	author.post("/editions/"+id+"/decision", fields{"verdict": "approve"}).refused(403, regulation.FourEyes)
	reviewer.post("/editions/"+id+"/decision", fields{"verdict": "reject"}).refused(422, regulation.Invalid)
	reviewer.post("/editions/"+id+"/decision", fields{"verdict": "approve"}).want(204)
	_, before := o.rateBadly()
	o.clock.Forward(9 * 24 * time.Hour)
	_, after := o.rateBadly()
	for id, want := range map[string]string{before: regulation.Edition1, after: "2026-12-01/2"} {
		if c := o.as("kd-supervisor-1").get("/cases/" + id).want(200).object(); c["edition"] != want {
			t.Errorf("under %v, want %s", c["edition"], want)
		}
		o.browsing("kd-supervisor-1").get("/cases/" + id).want(200).shows(want)
	}
	o.browsing("kd-verifier-1").get("/editions").want(200).shows("甘审批解〔2026〕1号", "2026-12-01/2", "签收期限")
	o.browsing("gz-supervisor-1").get("/editions").want(200).shows("提出新版本").hides("name=\"rectification_days\"")
}

// edition is a proposal of values from a day on, approved by a second person.
func (o *office) edition(from string, values fields) (id string) {
	o.t.Helper()
	id = o.proposedEdition(from, values)
	o.as("gz-head").post("/editions/"+id+"/decision", fields{"verdict": "approve"}).want(204)
	return id
}

func (o *office) proposedEdition(from string, values fields) (id string) {
	o.t.Helper()
	body := editionFrom(from)
	delete(body, "sign_days")
	maps.Copy(body, values)
	return o.as("gz-supervisor-1").post("/editions", body).want(201).object()["id"].(string)
}

func TestEditionsApprovedOutOfOrderAreProposedAnew(t *testing.T) {
	o := setup(t)
	early, late := o.proposedEdition("2026-12-01", fields{"plan_days": 5}), o.proposedEdition("2027-01-04", fields{"sign_days": 2})
	head, author := o.as("gz-head"), o.as("gz-supervisor-1")
	head.post("/editions/"+late+"/decision", fields{"verdict": "approve"}).want(204)
	last := map[string]any{"name": "2027-01-04/2", "from": "2027-01-04"}
	if p := head.post("/editions/"+early+"/decision", fields{"verdict": "approve"}).refused(409, regulation.Conflict).object(); !reflect.DeepEqual(p["edition"], last) {
		t.Errorf("%v", p)
	}
	before := editionFrom("2026-12-01")
	before["sign_days"] = 1
	if p := author.post("/editions", before).want(422).object(); !reflect.DeepEqual(p["edition"], last) {
		t.Errorf("%v", p)
	}
	page := o.browsing("gz-head")
	page.get("/editions").want(200).shows("最后的版本是 2027-01-04/2（自2027年1月4日起适用）")
	page.form("/editions/"+early+"/decision", url.Values{"verdict": {"approve"}}).want(409).shows("最后的版本是 2027-01-04/2，自2027年1月4日起立案的案件适用")
	// What is proposed is compared with the edition before it, not with today's.
	o.proposedEdition("2027-01-05", fields{"sign_days": 1})
	again := editionFrom("2027-01-05")
	if wrong := author.post("/editions", again).want(422).object()["fields"].(map[string]any)["changed"].(map[string]any)["code"]; wrong != "nothing_changes" {
		t.Errorf("%v", wrong)
	}
}

func TestFormFilledInBeforeAnotherApprovalUndoesNothing(t *testing.T) {
	o := setup(t)
	page := o.browsing("gz-supervisor-1")
	page.get("/editions").want(200).shows(`name="base" value="2019-12-27/1"`)
	typed := url.Values{"base": {"2019-12-27/1"}, "sign_days": {"2"}, "plan_days": {"3"}}
	for _, name := range []string{"interpretation", "decided_on", "basis"} {
		typed.Set(name, editionFrom("")[name].(string))
	}
	typed.Set("from", "2027-01-04")
	o.edition("2026-12-01", fields{"plan_days": 5})
	page.form("/editions", typed).want(409).shows("请核对后重新提交", `name="base" value="2026-12-01/2"`, `name="sign_days" type="number" value="2"`, `name="plan_days" type="number" value="5"`)
}

func TestApprovedEditionIsRevokedOnItsCard(t *testing.T) {
	o := setup(t)
	id := o.edition("2026-12-01", fields{"sign_days": 2})
	author, page := o.as("gz-supervisor-1"), o.browsing("gz-supervisor-1")
	o.as("kd-supervisor-1").post("/editions/"+id+"/revocation", fields{"basis": "误录"}).want(403)
	author.post("/editions/none/revocation", fields{"basis": "误录"}).want(404)
	page.get("/editions").want(200).shows("/editions/" + id + "/revocation")
	page.form("/editions/"+id+"/revocation", url.Values{"basis": {""}}).want(422).shows("<details class=\"fold\" open>")
	revocation := author.post("/editions/"+id+"/revocation", fields{"basis": "误录"}).want(201).object()["id"].(string)
	page.get("/editions").want(200).shows("提案：撤销版本 2026-12-01/2").hides("/editions/" + id + "/revocation")
	author.post("/editions/"+revocation+"/decision", fields{"verdict": "approve"}).refused(403, regulation.FourEyes)
	o.browsing("gz-head").form("/editions/"+revocation+"/decision", url.Values{"verdict": {"approve"}}).want(303)
	body := author.get("/editions").want(200).object()
	if n := len(body["editions"].([]any)); n != 1 {
		t.Errorf("%d editions", n)
	}
	page.get("/editions").want(200).shows("批准后撤销")
	o.edition("2026-12-01", fields{"sign_days": 3})
}

func TestChangeLogShowsTheOldValuesAfterTheDay(t *testing.T) {
	o := setup(t)
	o.edition("2026-12-01", fields{"sign_days": 2})
	o.clock.Forward(10 * 24 * time.Hour)
	o.browsing("gz-supervisor-1").get("/editions").want(200).shows("1 → 2").hides("2 → 2")
	p := o.as("gz-supervisor-1").get("/editions").want(200).object()["proposals"].([]any)[0].(map[string]any)
	if before := p["before"].(map[string]any)["sign_days"]; before != 1.0 {
		t.Errorf("before: %v", before)
	}
}

func TestWhatIfIsForSupervisorsOfTheirOwnAreaAndBelow(t *testing.T) {
	o := setup(t)
	o.toSigning()
	ask := fields{"set.sign_days": 3, "by": "2026-11-25"}
	for login, want := range map[string]float64{"kd-supervisor-1": 1, "gz-supervisor-1": 1, "ld-supervisor-1": 0} {
		if got := o.as(login).post("/what-if", ask).want(200).object(); got["open"] != want || got["overdue_before"] != want || got["overdue_after"] != 0.0 {
			t.Errorf("%s: %v", login, got)
		}
	}
	o.as("kd-verifier-1").post("/what-if", ask).want(403)
	o.as("kd-supervisor-1").post("/what-if", fields{"set.sign_days": "x"}).refused(422, regulation.Invalid)
	o.as("kd-supervisor-1").post("/what-if", fields{"days": "x"}).refused(422, regulation.Invalid)
	page := o.browsing("kd-supervisor-1")
	page.get("/what-if").want(200).shows("推演")
	page.form("/what-if", url.Values{"param": {"sign_days"}, "value": {"3"}, "by": {"2026-11-25"}}).want(200).shows("其中 1 件期限会改变", "未写入任何数据", "不再到期")
	page.form("/what-if", url.Values{"param": {"sign_days"}, "value": {"99"}}).want(422).shows("数值超出允许范围")
}

// What falls due newly is marked, comes first, and can be carried off whole.
func TestWhatIfIsListedByPagesAndDownloadedWhole(t *testing.T) {
	o := setup(t)
	o.toSigning()
	for range 101 {
		o.rateBadly()
	}
	ask := fields{"set.accept_days": 3, "set.sign_days": 2, "by": "2026-11-24"}
	body := o.as("kd-supervisor-1").post("/what-if", ask).want(200).object()
	cases := body["cases"].([]any)
	if len(cases) != 102 || cases[0].(map[string]any)["mark"] != "no_longer_due" || cases[0].(map[string]any)["due"] == nil {
		t.Fatalf("%d cases, the first %v", len(cases), cases[0])
	}
	page := o.browsing("kd-supervisor-1")
	form := url.Values{"param": {"accept_days"}, "value": {"3"}, "by": {"2026-11-24"}}
	page.form("/what-if", form).want(200).shows(`name="page" value="2"`, `name="value" value="3"`, "下载全部").hides("watch_inspection_days", `name="page" value="0"`)
	form.Set("page", "99")
	page.form("/what-if", form).want(200).shows("第 2 页").hides(`name="page" value="2"`)
	form.Set("format", "csv")
	file := page.form("/what-if", form).want(200)
	if !strings.HasPrefix(file.header.Get("Content-Type"), "text/csv") || !strings.Contains(file.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file comes as %v", file.header)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file.body, []byte("\uFEFF")))).ReadAll()
	if err != nil || len(rows) != 102 || len(rows[0]) != 7 || rows[1][1] != "不再到期" || rows[1][6] <= rows[1][5] {
		t.Errorf("%d rows, %v: %v", len(rows), rows[:2], err)
	}
}
