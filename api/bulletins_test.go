package api_test

import (
	"database/sql"
	"encoding/json"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"haochaping/api"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// sealed has everything counted and what is due sealed.
func (o *office) sealed() {
	o.t.Helper()
	ctx := o.t.Context()
	token, _, err := o.record.AcquireLease(ctx, store.LeaseSequencer, "tester", time.Minute)
	must(o.t, err)
	for {
		taken, _, err := o.record.IntegrateLeaves(ctx, token, 500)
		must(o.t, err)
		if taken < 500 {
			break
		}
	}
	token, _, err = o.record.AcquireLease(ctx, store.LeaseFigures, "tester", time.Minute)
	must(o.t, err)
	_, err = o.record.FollowFigures(ctx, token, 5000)
	must(o.t, err)
	token, _, err = o.record.AcquireLease(ctx, store.LeaseSealing, "tester", time.Minute)
	must(o.t, err)
	_, err = o.record.SealFigures(ctx, token)
	must(o.t, err)
}

// nextMonth goes to the third of the next month.
func (o *office) nextMonth() {
	now := o.clock.Now().In(workday.Shanghai)
	o.clock.Forward(workday.NewDate(now.Year(), now.Month(), 3).Start().AddDate(0, 1, 0).Sub(o.clock.Now()))
}

func TestABulletinIsIssuedOnThePage(t *testing.T) {
	o := setup(t)
	month, quarter := regulation.MonthOf(workday.DateOf(o.clock.Now())), regulation.QuarterOf(workday.DateOf(o.clock.Now()))
	o.foundAlike(6)
	o.follow()
	o.nextMonth()
	o.sealed()
	o.as("kd-supervisor-1").post("/bulletins", fields{"bulletin_period": month}).refused(409, regulation.NotNow)
	o.browsing("kd-supervisor-1").form("/bulletins", url.Values{"bulletin_period": {month}}).want(409).shows("办理期限未到", "2027年1月", "日起可办")
	o.clock.Forward(50 * 24 * time.Hour)
	o.sealed()
	supervisor, b := o.as("kd-supervisor-1"), o.browsing("kd-supervisor-1")
	b.get("/bulletins/new").want(200).shows("2026 年 11 月", "起草通报")
	supervisor.get("/bulletins/new").want(200).shows(month)
	b.form("/bulletins", url.Values{"bulletin_period": {"2027-Q1"}}).want(409).shows("还没有封存")
	monthly := "/bulletins/" + supervisor.post("/bulletins", fields{"bulletin_period": month}).want(201).object()["id"].(string)
	o.browsing("kd-head").get(monthly).want(200).shows("按月的通报只发本级各单位", `value="internal"`).hides(`value="public"`)
	o.as("kd-head").post(monthly+"/approve", fields{"seq": 1, "audience": "public"}).refused(422, regulation.Invalid)
	b.form("/bulletins", url.Values{"bulletin_period": {month}, "bulletin_note": {"见综合咨询窗口"}}).want(422).shows("写有窗口的名称")
	o.clock.Forward(40 * 24 * time.Hour)
	o.sealed()
	at := "/bulletins/" + supervisor.post("/bulletins", fields{"bulletin_period": quarter, "bulletin_note": "请对照整改"}).want(201).object()["id"].(string)
	b.get("/bulletins").want(200).shows("未编号", "待批准")
	b.get(at).want(200).shows("2026 年第四季度“差评”情况通报", "查看和打印通报").hides("批准通报")
	paper := supervisor.get(at + "/paper").want(200)
	paper.shows(`"confirmed":6`, `"efficiency":6`, `"rated":6`, `"open":6`, `"outcome":"under_way"`, "513301-2026-").hides(raterName, raterPhone, raterWords, "513301-w", "st00")
	b.get(at+"/paper").want(200).shows("康定市公安局", "经核实的差评", "数据来源", "尚有 6 件差评未办结", "（未印发）", "请对照整改").hides(raterName, raterWords)
	unit := o.as("kd-psb-head")
	unit.get(at).want(404)
	supervisor.post(at+"/approve", fields{"seq": 1, "audience": "public"}).refused(403, regulation.FourEyes)
	unit.post(at+"/approve", fields{"seq": 1, "audience": "public"}).refused(403, regulation.NotPermitted)
	o.as("kd-head").post(at+"/approve", fields{"seq": 1, "audience": "public"}).refused(409, regulation.NotNow) // its figures are not out
	o.follow()
	o.as("kd-head").post(at+"/approve", fields{"seq": 1, "audience": "public"}).want(204)
	o.program().get("/public" + at).want(404)
	o.as("kd-publisher").post(at+"/issue", fields{"seq": 2}).want(204)
	unit.get(at).want(200).shows(`"stage":"issued"`, "康政服差评通报〔2027〕1号").hides("格桑郎加", `"bulletin_note"`)
	unit.get(at + "/paper").want(200).shows(`"confirmed":6`)
	o.browsing("kd-psb-head").get("/messages").want(200).shows("本单位被列入“差评”通报")
	o.as("ld-psb-head").get(at).want(404)
	o.as("ld-supervisor-1").get(at).want(404)
	// Six ratings are not enough to name a unit publicly, nor to be told at all, and no case is.
	public := o.program().get("/public" + at).want(200)
	public.shows(`"units":[]`).hides(`"confirmed":`, "513301-2026-", "513301-psb")
	if public.header.Get("ETag") == "" || !strings.HasPrefix(public.header.Get("Cache-Control"), "public") {
		t.Errorf("not to be kept: %v", public.header)
	}
	o.browser().get("/public"+at).want(200).shows("康政服差评通报〔2027〕1号", "公开统计没有列出单位", "整改情况不公布，原因见下", "不少于十件").hides("513301-2026-", "<table")
	o.browser().get("/public/bulletins").want(200).shows("康政服差评通报〔2027〕1号", "已印发")
	o.program().get("/published?authority=513301-authority").want(200).shows(`"kind":"bulletin"`, "/public"+at)
	// One in which units stand of none of which anything is told has no table of rows that all say so; for programs it has them.
	db, err := sql.Open("sqlite", filepath.Join(o.dir, store.FileName))
	must(t, err)
	defer db.Close()
	for told, shown := range map[string][2]string{"": {"单位有 2 个", "<table"}, `,"Confirmed":{"N":12}`: {"<table", "单位有 2 个"}} {
		_, err = db.Exec(`UPDATE public_bulletins SET body = '{"told":{"Units":[{"Key":"513301-hrs"},{"Key":"513301-psb"` + told + `}]}}'`)
		must(t, err)
		o.browser().get("/public"+at).want(200).shows(shown[0], "不少于十件").hides(shown[1])
		o.program().get("/public"+at).want(200).shows("513301-hrs", "513301-psb")
	}
}

func TestAReleaseOnThePage(t *testing.T) {
	o := setup(t)
	receipt, id := o.rateBadly()
	o.walk(receipt, id, "")
	o.clock.Forward(30 * 24 * time.Hour)
	o.as("kd-supervisor-1").get("/releases/new").want(403)
	supervisor, b := o.as("gz-supervisor-1"), o.browsing("gz-supervisor-1")
	supervisor.get("/releases/new").want(200).shows(`"low":[]`)
	b.get("/releases/new?ground=typical_case").want(200).shows("差评编号", "起草曝光")
	number := o.as("gz-supervisor-1").get("/cases/" + id).want(200).object()["number"].(string)
	words := fields{"release_ground": "typical_case", "release_object": number, "release_title": "一次性告知不到位", "release_text": "请找张师傅"}
	supervisor.post("/releases", words).refused(422, regulation.Invalid)
	b.form("/releases", url.Values{"release_ground": {"typical_case"}, "release_object": {"513301-2026-9999999"}, "release_title": {"一次性告知不到位"}, "release_text": {"多次往返"}}).want(409).shows("没有经核实属实的这件差评", "多次往返")
	words["release_text"] = "群众多次往返，经核实情况属实，已责令整改。"
	at := "/releases/" + supervisor.post("/releases", words).want(201).object()["id"].(string)
	unit := o.as("kd-psb-head")
	unit.get(at).want(200).shows("群众多次往返", `"acts":["state"]`).hides("罗布次称", id, number)
	o.as("ld-psb-head").get(at).want(404)
	o.as("kd-vault-1").get(at).want(404)
	unit.post(at+"/state", fields{"seq": 1, "release_statement": "已整改"}).want(204)
	supervisor.post(at+"/check_identity", fields{"seq": 2, "check_result": "passed", "docket_reasons": "x"}).refused(403, regulation.NotPermitted)
	b.get(at).want(200).shows("单位陈述意见", number, "已陈述")
	o.browsing("gz-vault-1").get(at).want(200).shows("身份识别核对").hides("保密审查</b>")
	o.as("gz-vault-1").post(at+"/check_identity", fields{"seq": 2, "check_result": "passed", "docket_reasons": "无法识别"}).want(204)
	o.as("gz-head").post(at+"/sign", fields{"seq": 3}).refused(409, regulation.NotNow)
	o.as("gz-secadmin").post(at+"/check_secrecy", fields{"seq": 3, "check_result": "passed", "docket_reasons": "不涉密"}).want(204)
	supervisor.post(at+"/sign", fields{"seq": 4}).refused(403, regulation.NotPermitted)
	o.as("gz-head").post(at+"/sign", fields{"seq": 4}).want(204)
	o.program().get("/public/releases").want(200).shows(`"releases":[]`)
	o.as("gz-publisher").post(at+"/publish", fields{"seq": 5, "outlet": "other", "outlet_name": "康巴卫视", "published_on": o.today()}).want(204)
	o.program().get("/public/releases").want(200).shows("一次性告知不到位", "康巴卫视", "513301-psb").hides(number, id, "罗布次称")
	o.browser().get("/public/releases").want(200).shows("一次性告知不到位", "康定市公安局", "公布至")
	b.get(at).want(200).shows("公布至", o.todayInWords()).hides(">" + o.today())
	o.browser().get("/published").want(200).shows("媒体曝光", o.todayInWords()).hides(">" + o.today())
	supervisor.post(at+"/withdraw", fields{"seq": 6, "docket_reasons": "表述不准"}).want(204)
	o.program().get("/public/releases").want(200).shows(`"releases":[]`)
	named := strings.TrimPrefix(at, "/releases/")[:8] // what names it in the log is no period
	o.program().get("/published").want(200).shows(`"kind":"media_release"`, `"withdrawn":true`).hides(`"period":"` + named)
	o.program().get("/public/feed").want(200).hides(" · " + named)
	o.browsing("gz-supervisor-1").get("/publications").want(200).shows("媒体曝光").hides(">" + named + "<")
	o.browsing("gz-publisher").get("/releases").want(200).shows("已撤回，待媒体更正")
}

// A draft tells its own authority's people nothing of units whose matters were served at the office's windows, nor in total: beside the statistics, which
// are without that, the whole counts would tell what the office was given. Who serves in no such office reads all, and everybody once it is issued (2, R21).
func TestADraftDoesNotTellWhatTheOfficeWasGiven(t *testing.T) {
	o := mixed(t, 33, 2)
	month := regulation.MonthOf(workday.DateOf(o.clock.Now()))
	o.nextMonth()
	o.sealed()
	o.clock.Forward(50 * 24 * time.Hour)
	o.sealed()
	supervisor := o.as("kd-supervisor-1")
	at := "/bulletins/" + supervisor.post("/bulletins", fields{"bulletin_period": month}).want(201).object()["id"].(string)
	line := func(login, key string) (line struct {
		Rated, Confirmed *int64
		Once             bool `json:"once_issued"`
	}) {
		t.Helper()
		var b struct{ Units []json.RawMessage }
		must(t, json.Unmarshal(o.as(login).get(at+"/paper").want(200).body, &b))
		for _, unit := range b.Units {
			if strings.Contains(string(unit), key) {
				must(t, json.Unmarshal(unit, &line))
			}
		}
		return line
	}
	if got := line("kd-supervisor-1", "513301-psb"); got.Rated != nil || got.Confirmed != nil || !got.Once {
		t.Errorf("a draft tells %+v", got)
	}
	if got := line("kd-supervisor-1", "513301-mkt"); got.Rated == nil || *got.Rated != 57 || got.Once {
		t.Errorf("of a unit that was served elsewhere alone %+v", got)
	}
	supervisor.get(at+"/paper").want(200).shows(`"once_issued":[{"id":"513301-psb"`, `"total":{"once_issued":true}`).hides(`"open":`)
	o.browsing("kd-supervisor-1").get(at+"/paper").want(200).shows("印发后显示", "合计数字在印发后显示", "康定市公安局：有事项在本单位窗口办理")
	const counted = `"confirmed_cases"`
	supervisor.get(at).want(200).hides(counted, `"open_cases"`)
	supervisor.get("/bulletins").want(200).shows(`"seal_version"`).hides(counted, `"open_cases"`)
	o.browsing("kd-supervisor-1").get(at).want(200).hides("经核实的差评（件）")
	o.as("gz-supervisor-1").get(at).want(200).shows(counted, `"open_cases"`)
	if got := line("gz-supervisor-1", "513301-psb"); got.Rated == nil || *got.Rated != 73 {
		t.Errorf("the level above reads %+v", got)
	}
	o.as("kd-head").post(at+"/approve", fields{"seq": 1, "audience": "internal"}).want(204)
	if got := line("kd-supervisor-1", "513301-psb"); !got.Once {
		t.Errorf("approved, it tells %+v", got)
	}
	o.as("kd-publisher").post(at+"/issue", fields{"seq": 2}).want(204)
	supervisor.get(at).want(200).shows(counted, `"open_cases"`)
	if got := line("kd-supervisor-1", "513301-psb"); got.Once || *got.Rated != 73 {
		t.Errorf("issued, it tells %+v", got)
	}
}

// A release keeps the quarters of a low rank with their sealed versions.
func TestQuartersOfAFactAreWorded(t *testing.T) {
	for fact, words := range map[string]string{"2026-Q2,2026-Q3": "2026 年第二季度、2026 年第三季度", "3,12": "3、12", "2026-Q2": "2026 年第二季度"} {
		if got := api.EachPeriod(web.Chinese, fact); got != words {
			t.Errorf("%q is worded %q, want %q", fact, got, words)
		}
	}
	if got := api.EachPeriod(web.English, "2026-Q2,2026-Q3"); got != "Q2 2026, Q3 2026" {
		t.Errorf("worded %q", got)
	}
}
