package api_test

import (
	"bytes"
	"image"
	"image/png"
	"net/url"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// follow follows the dockets on a new lease.
func (o *office) follow() {
	o.t.Helper()
	token, _, err := o.record.AcquireLease(o.t.Context(), store.LeaseDockets, "tester", time.Minute)
	must(o.t, err)
	_, err = o.record.FollowDockets(o.t.Context(), token)
	must(o.t, err)
}

// minutes is a file that somebody put in.
func (o *office) minutes(login string) string {
	o.t.Helper()
	var picture bytes.Buffer
	must(o.t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))))
	file, err := o.record.StageFile(o.t.Context(), o.personOf(login), &picture)
	must(o.t, err)
	return file.Digest
}

const saidAtAHearing = "牧区群众来一趟不容易"

// heard records a session of Kangding's with two opinions and returns its address.
func (o *office) heardOpinions() string {
	o.t.Helper()
	c := o.as("kd-supervisor-1")
	at := "/hearings/" + c.post("/hearings", fields{"held_on": o.today(), "hearing_form": "meeting", "hearing_place": "政务大厅二楼", "hearing_chair": o.personOf("kd-head"),
		"enterprises": 6, "public": 9, "minutes": []string{o.minutes("kd-supervisor-1")}}).want(201).object()["id"].(string)
	c.post(at+"/add_opinion", fields{"seq": 1, "opinion_of": "public", "opinion": saidAtAHearing}).want(204)
	c.post(at+"/add_opinion", fields{"seq": 2, "opinion_of": "enterprise", "opinion": "网上看不到进度"}).want(204)
	return at
}

func TestAHearingIsRecordedConfirmedAndItsProblemClosedByTwo(t *testing.T) {
	o := setup(t)
	o.follow()
	supervisor, head, unit := o.as("kd-supervisor-1"), o.as("kd-head"), o.as("kd-psb-handler-1")
	supervisor.get("/hearings?sort=quarters").want(200).shows(`"kind":"quarter"`, `"stage":"waiting"`)
	supervisor.get("/hearings/new").want(200).shows(o.personOf("kd-head")).hides(o.personOf("gz-head"))
	at := o.heardOpinions()
	for login, status := range map[string]int{"kd-head": 200, "kd-auditor": 200, "gz-supervisor-1": 200, "ld-supervisor-1": 404, "kd-psb-head": 403, "kd-window-03": 403} {
		o.as(login).get(at).want(status)
	}
	head.get(at).want(200).shows(saidAtAHearing, `"enterprises":"6"`, `"acts":["add_opinion","add_minutes","confirm","raise"]`)
	o.browsing("kd-head").get(at).want(200).shows("康定市政务服务管理局 · " + o.todayInWords()).hides(">" + o.today())
	supervisor.post(at+"/confirm", fields{"seq": 3}).refused(403, regulation.FourEyes)
	head.post(at+"/confirm", fields{"seq": 2}).refused(409, regulation.Conflict)
	head.post(at+"/confirm", fields{"seq": 3}).want(204)
	problem := fields{"opinion_no": 1, "problem_what": "常办事项没有下沉乡镇", "cause": "efficiency", "link": "acceptance", "unit": "513301-psb", "problem_measure": "每周下乡办理"}
	o.as("ld-supervisor-1").post(at+"/problems", problem).want(404)
	id := "/hearing-problems/" + supervisor.post(at+"/problems", problem).want(201).object()["id"].(string)
	problem["unit"] = "513322-psb"
	supervisor.post(at+"/problems", problem).refused(422, regulation.Invalid)
	unit.get("/hearing-problems").want(200).shows(strings.TrimPrefix(id, "/hearing-problems/"))
	unit.get(id).want(200).shows("常办事项没有下沉乡镇", `"acts":["report"]`).hides(saidAtAHearing, `"hearing"`, "格桑郎加")
	o.as("kd-window-03").get(id).want(403)
	o.as("ld-psb-head").get(id).want(404)
	supervisor.post(id+"/report", fields{"seq": 1, "docket_done": "x"}).refused(403, regulation.NotPermitted)
	unit.post(id+"/report", fields{"seq": 1, "docket_done": "已安排每周三下乡"}).want(204)
	unit.post(id+"/close", fields{"seq": 2, "docket_reasons": "好"}).refused(403, regulation.NotPermitted)
	supervisor.post(id+"/return", fields{"seq": 2, "docket_reasons": "请附安排表"}).want(204)
	unit.post(id+"/report", fields{"seq": 3, "docket_done": "已附"}).want(204)
	head.post(id+"/close", fields{"seq": 4, "docket_reasons": "属实"}).want(204)
	supervisor.get(at).want(200).shows(`"stage":"closed"`)
	// While the quarter runs the public learns that it was heard; then which problems there are and how far they have come, never how few said so.
	public := o.program()
	quarter := regulation.QuarterOf(workday.DateOf(o.clock.Now()))
	public.get("/opinions?period="+quarter).want(200).shows(`"state":"held"`, `"problems_from":"2027-01-01"`).hides(`"opinions"`, `"problems":`, saidAtAHearing)
	o.browser().get("/opinions?period=" + quarter).want(200).shows("季度结束后（2027年1月1日起）公布")
	public.get("/opinions").want(200).hides(`"state":"held"`, quarter)
	for regulation.QuarterOf(workday.DateOf(o.clock.Now())) == quarter {
		o.nextMonth()
	}
	public.get("/opinions").want(200).shows(`"problems":[{"cause":"efficiency","link":"acceptance","state":"closed","closed_on":"`).hides(`"opinions":`, saidAtAHearing, "513301-psb", "常办事项")
	o.browser().get("/opinions?period="+quarter).want(200).shows("办事效率（受理）：已整改", "1/1", "不足 10 条不公布条数")
	public.get(at).want(401)
}

// Whoever reads the opinions of a quarter tells "nothing was brought up" from "not public yet" (7(4)).
func TestNoProblemIsToldOnceItIsPublic(t *testing.T) {
	o := setup(t)
	o.follow()
	at := o.heardOpinions()
	quarter := regulation.QuarterOf(workday.DateOf(o.clock.Now()))
	for regulation.QuarterOf(workday.DateOf(o.clock.Now())) == quarter {
		o.nextMonth()
	}
	line := func() (found map[string]any) {
		t.Helper()
		for _, heard := range o.program().get("/opinions?period=" + quarter).want(200).object()["authorities"].([]any) {
			if of := heard.(map[string]any); of["state"] != "waiting" && of["state"] != "missed" {
				found = of
			}
		}
		return found
	}
	if waits := line(); waits["state"] != "recorded" || waits["problems"] != nil || waits["problems_from"] != nil {
		t.Errorf("of a record that nobody confirmed: %v", waits)
	}
	o.browser().get("/opinions?period=" + quarter).want(200).shows("待听取记录确认后公布").hides("没有征集到问题")
	o.as("kd-head").post(at+"/confirm", fields{"seq": 3}).want(204)
	if none, told := line()["problems"].([]any); !told || len(none) != 0 {
		t.Errorf("of a session without problems: %v", line())
	}
	o.browser().get("/opinions?period=" + quarter).want(200).shows("没有征集到问题").hides("待听取记录确认后公布")
}

func TestAHearingOnThePageWithoutScripts(t *testing.T) {
	o := setup(t)
	o.follow()
	at := o.heardOpinions()
	b := o.browsing("kd-head")
	b.get("/hearings").want(200).shows("6 家企业、9 名群众", at)
	b.get("/hearings?sort=quarters").want(200).shows("已召开，记录待确认", "2026-Q4")
	b.get(at).want(200).shows(saidAtAHearing, "确认记录完整", "交办问题", "会议记录")
	b.form(at+"/problems", url.Values{"seq": {"3"}, "opinion_no": {"1"}, "problem_what": {"下沉不够"}, "unit": {"513301-psb"}}).want(422).shows("请填写这一项", "下沉不够")
	b.form(at+"/problems", url.Values{"seq": {"3"}, "opinion_no": {"1"}, "problem_what": {"下沉不够"}, "cause": {"efficiency"}, "link": {"acceptance"}, "unit": {"513301-psb"}, "problem_measure": {"下乡办理"}}).want(303)
	unit := o.browsing("kd-psb-head")
	unit.get("/hearing-problems").want(200).shows("整改中")
	unit.get("/messages").want(200).shows("交来一个征集到的问题")
	o.browser().get("/opinions?period="+regulation.QuarterOf(workday.DateOf(o.clock.Now()))).want(200).shows("康定", "已召开，记录待确认", "不足十条的不公布条数")
	o.browsing("kd-supervisor-1").form("/hearings", url.Values{"held_on": {"2030-01-01"}, "hearing_form": {"meeting"}, "hearing_place": {"大厅"}, "hearing_chair": {o.personOf("kd-head")}, "enterprises": {"1"}, "public": {"1"}}).want(422).shows("大厅")
}

// found brings two cases to one finding.
func (o *office) foundAlike(n int) (cases []string) {
	o.t.Helper()
	for range n {
		_, id := o.rateBadly()
		at := "/cases/" + id + "/acts/"
		o.as("kd-supervisor-1").post(at+"accept", fields{}).want(201)
		o.as("kd-clerk-1").post(at+"record_callback", fields{"result": "reached", "statement": raterWords}).want(201)
		verifier := o.as("kd-verifier-1")
		verifier.post(at+"add_evidence", fields{"kind": "statement", "description": "窗口人员说明"}).want(201)
		verifier.post(at+"record_finding", fields{"finding": "substantiated", "cause": "efficiency", "link": "queueing", "attribution": "unit",
			"account": "核实情况属实", "problem_open": "yes"}).want(201)
		cases = append(cases, id)
	}
	return cases
}

func TestCasesOfOneCauseAreGatheredOnThePage(t *testing.T) {
	o := setup(t)
	cases := o.foundAlike(3)
	o.counted()
	supervisor := o.as("kd-supervisor-1")
	supervisor.get("/joint/causes").want(200).shows(`"open":3`)
	b := o.browsing("kd-supervisor-1")
	b.get("/joint/causes").want(200).shows("办事效率", "/joint/new?attribution=unit")
	b.get("/joint/new?attribution=unit&authority=513301-authority&cause=efficiency&link=queueing").want(200).shows(cases[0], cases[2])
	gather := fields{"authority": "513301-authority", "cause": "efficiency", "link": "queueing", "attribution": "unit", "unit": "513301-psb", "joint_plan": "增开窗口", "cases": cases[:2]}
	o.as("ld-supervisor-1").post("/joint", gather).refused(403, regulation.NotPermitted)
	// Of which authority it is needs not be said of the own one.
	b.get("/joint/new?attribution=unit&cause=efficiency&link=queueing").want(200).shows(cases[0], `value="513301-authority"`, `value="513301-psb"`)
	delete(gather, "authority")
	at := "/joint/" + supervisor.post("/joint", gather).want(201).object()["id"].(string)
	supervisor.post("/joint", gather).refused(422, regulation.Invalid)
	supervisor.post(at+"/add_cases", fields{"seq": 1, "cases": cases[2:]}).want(204)
	supervisor.get(at).want(200).shows(cases[0], cases[2], `"replied":false`)
	supervisor.get("/cases/" + cases[2]).want(200).shows(`"joint":{"id":"` + strings.TrimPrefix(at, "/joint/"))
	b.get("/cases/"+cases[0]).want(200).shows("与其他同因差评合并整改", at)
	unit := o.as("kd-psb-head")
	unit.get(at).want(200).shows("增开窗口", `"acts":["report"]`).hides(cases[0], raterWords)
	unit.post(at+"/report", fields{"seq": 2, "docket_done": "已增开"}).want(204)
	supervisor.post(at+"/close", fields{"seq": 3, "docket_reasons": "好"}).refused(409, regulation.NotNow)
	b.get(at).want(200).shows("每件差评都答复并办结后", "合并销号")
	o.browser().get("/changes").want(200).shows("还没有公布改进情况")
	o.program().get("/changes").want(200).shows(`"changes":[]`)
}

func TestPublicationsAndCommendationsOnThePage(t *testing.T) {
	o := setup(t)
	must(t, o.record.SetFact(t.Context(), "dockets_since", "2026-01-01"))
	o.follow()
	publisher, b := o.as("kd-publisher"), o.browsing("kd-publisher")
	b.get("/publications").want(200).shows("季度统计", "待公布")
	list := publisher.get("/publications?sort=overdue").want(200).object()["dockets"].([]any)
	at := "/publications/" + list[0].(map[string]any)["id"].(string)
	b.get(at).want(200).shows("登记公布")
	seq := list[0].(map[string]any)["seq"]
	file := fields{"seq": seq, "published_where": "site", "published_on": o.today(), "published_link": "javascript:1", "published_files": []string{o.minutes("kd-publisher")}}
	publisher.post(at+"/file", file).refused(422, regulation.Invalid)
	file["published_link"] = "https://kangding.example.gov.cn/1"
	publisher.post(at+"/file", file).want(204)
	o.as("ld-supervisor-1").get(at).want(404)
	o.browsing("kd-head").get(at).want(200).shows("批准", "摘要 SHA-256")
	o.browser().get("/published").want(200).shows("核销情况", "/write-offs?year=2026", "本系统")
	o.program().get("/published").want(200).shows(`"kind":"hearing"`).hides("kangding.example")

	supervisor := o.as("kd-supervisor-1")
	b = o.browsing("kd-supervisor-1")
	b.get("/commendations/new").want(200).shows("只选一个")
	period := regulation.QuarterOf(regulation.MondayOf(o.clock.Now()))
	praise := fields{"commend_period": period, "unit": "513301-civ", "docket_reasons": "上门服务"}
	id := "/commendations/" + supervisor.post("/commendations", praise).want(201).object()["id"].(string)
	o.as("kd-civ-head").get(id).want(404)
	supervisor.post(id+"/commend", fields{"seq": 1}).refused(403, regulation.FourEyes)
	o.as("kd-head").post(id+"/commend", fields{"seq": 1}).want(204)
	o.as("kd-civ-head").get(id).want(200).shows(`"stage":"commended"`)
	o.browser().get("/commended").want(200).shows("康定市民政局", "年第")
	o.rateBadly()
	b.form("/commendations", url.Values{"commend_period": {period}, "unit": {"513301-psb"}, "staff": {""}, "docket_reasons": {"上门服务"}}).want(409).shows("期内有计入的差评", "上门服务")
	person := fields{"commend_period": period, "staff": "st0043", "docket_reasons": "耐心"}
	pid := "/commendations/" + supervisor.post("/commendations", person).want(201).object()["id"].(string)
	o.as("kd-head").post(pid+"/commend", fields{"seq": 1}).want(204)
	o.program().get("/commended").want(200).hides("st0043")
}
