package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seed"
	"haochaping/workday"
)

// A hall without a box in use is in the gap list, a box without a fit keeper says so, and who kept it before
// stays on record (R13, R15).
func TestBoxesAreRegisteredWithTheirKeepers(t *testing.T) {
	o := setup(t)
	gap := "康定市政务服务大厅"
	head := o.as("kd-supervisor-1")
	gaps := len(head.get("/boxes").want(200).shows(gap).object()["gaps"].([]any))
	o.as("kd-keeper-1").post("/boxes", fields{"box_hall": "513301-hall", "box_place": "一楼"}).want(403)
	head.post("/boxes", fields{"box_hall": "513322-hall", "box_place": "一楼"}).refused(422, regulation.Invalid)
	head.post("/boxes", fields{"box_hall": "513301-hall", "box_place": "一楼"}).want(204)
	head.post("/boxes", fields{"box_hall": "513301-hall", "box_place": "一楼"}).refused(409, regulation.Conflict)
	read := func() map[string]any {
		return head.get("/boxes").want(200).object()["boxes"].([]any)[0].(map[string]any)
	}
	box := read()
	path := "/boxes/" + box["id"].(string)
	if left := len(head.get("/boxes").want(200).object()["gaps"].([]any)); left != gaps-1 || box["keeper"] != nil {
		t.Errorf("%d gaps of %d left, keeper %v", left, gaps, box["keeper"])
	}
	keeper, err := o.record.AccountByLogin(t.Context(), "kd-keeper-1")
	must(t, err)
	other, err := o.record.AccountByLogin(t.Context(), "kd-clerk-1")
	must(t, err)
	head.post(path+"/keeper", fields{"box_keeper": other.Person}).refused(422, regulation.Invalid)
	head.post(path+"/keeper", fields{"box_keeper": keeper.Person}).want(204)
	head.post(path+"/keeper", fields{"box_keeper": keeper.Person}).refused(409, regulation.Conflict)
	o.as("ld-supervisor-1").post(path+"/keeper", fields{"box_keeper": keeper.Person}).want(404)
	if read()["keeper"] == nil {
		t.Error("nobody keeps the box")
	}
	must(t, o.record.Appoint(t.Context(), other.Person, regulation.BoxKeeper, "513301-hall", o.clock.Now(), "tester"))
	head.post(path+"/keeper", fields{"box_keeper": other.Person}).want(204)
	if kept := read()["history"].([]any); len(kept) != 2 || kept[0].(map[string]any)["person"] != other.Person {
		t.Errorf("kept by %v", kept)
	}
	must(t, o.record.Dismiss(t.Context(), other.Person, regulation.BoxKeeper, "513301-hall", "tester"))
	o.browsing("kd-supervisor-1").get("/boxes").want(200).shows("没有管理人", "郭雪梅")
	o.browsing("kd-supervisor-1").form("/boxes", url.Values{"box_hall": {"513301-hall"}, "box_place": {""}}).want(422).shows("请填写这一项")
	head.post(path+"/state", fields{"box_state": "out_of_use", "box_reason": "装修"}).want(204)
	if left := len(head.get("/boxes").want(200).object()["gaps"].([]any)); left != gaps {
		t.Errorf("%d gaps, want %d: the only box is out of use", left, gaps)
	}
}

// The keeper issues forms and records with a second person what they found; a refusal stands beside its field, and
// other areas see nothing of it (R14, R16).
func TestTheKeeperRunsTheBox(t *testing.T) {
	o := setup(t)
	head, keeper := o.as("kd-supervisor-1"), o.as("kd-keeper-1")
	head.post("/boxes", fields{"box_hall": "513301-hall", "box_place": "一楼"}).want(204)
	path := "/boxes/" + head.get("/boxes").want(200).object()["boxes"].([]any)[0].(map[string]any)["id"].(string)
	keeper.post(path+"/batches", fields{"batch_count": "0"}).refused(422, regulation.Invalid)
	keeper.post(path+"/batches", fields{"batch_count": "20"}).want(204)
	o.as("ld-supervisor-1").get(path).want(404)
	o.as("ld-supervisor-1").post(path+"/batches", fields{"batch_count": "20"}).want(404)
	o.as("kd-clerk-1").get(path).want(403)
	second, err := o.record.AccountByLogin(t.Context(), "kd-clerk-1")
	must(t, err)
	now := o.clock.Now().In(workday.Shanghai)
	found := fields{"opened_on": now.Format("2006-01-02"), "opened_time": now.Format("15:04"), "second_opener": second.Person, "old_seal_state": "missing", "new_seal": "S-1",
		"counted": "0", "opening_remarks": "新装"}
	form := url.Values{}
	for name, value := range found {
		form.Set(name, value.(string))
	}
	form.Set("opening_remarks", "")
	o.browsing("kd-keeper-1").form(path+"/openings", form).want(422).shows("封签不完好时请说明情况", "S-1")
	keeper.post(path+"/openings", found).want(204)
	keeper.post(path+"/openings", found).want(204)
	o.confirmOpening("kd-clerk-1")
	body := head.get(path).want(200).object()
	if openings := body["openings"].([]any); len(openings) != 1 || openings[0].(map[string]any)["counted"] != float64(0) {
		t.Errorf("opened: %v", openings)
	}
	batch := body["batches"].([]any)[0].(map[string]any)
	keeper.post(path+"/batches/"+batch["id"].(string)+"/close", fields{"batch_state": "destroyed", "batch_numbers": "11-20"}).want(204)
	batch = head.get(path).want(200).object()["batches"].([]any)[0].(map[string]any)
	if batch["destroyed"] != float64(10) || batch["missing"] != float64(10) || batch["state"] != "destroyed" {
		t.Errorf("closed: %v", batch)
	}
	o.browsing("kd-keeper-1").get(path).want(200).shows("登记开箱", "清点 0 张")
	o.browsing("kd-supervisor-1").get("/alarms").want(200).shows("意见箱封签异常", "一楼")
}

// The keeper prints the forms of a batch, each with its serial twice; that they did is on record, and a closed batch is
// printed no more.
func TestTheFormsOfABatchArePrinted(t *testing.T) {
	o := setup(t)
	head := o.as("kd-supervisor-1")
	head.post("/boxes", fields{"box_hall": "513301-hall", "box_place": "一楼"}).want(204)
	path := "/boxes/" + head.get("/boxes").want(200).object()["boxes"].([]any)[0].(map[string]any)["id"].(string)
	head.post(path+"/batches", fields{"batch_count": "130"}).want(204)
	batch := head.get(path).want(200).object()["batches"].([]any)[0].(map[string]any)
	sheets := path + "/batches/" + batch["id"].(string) + "/print"
	if body := head.get(sheets).want(200).object(); len(body["forms"].([]any)) != 100 || body["forms"].([]any)[0] != batch["first"] {
		t.Errorf("%v", body["from"])
	}
	if body := head.get(sheets + "?from=101").want(200).object(); len(body["forms"].([]any)) != 30 || body["forms"].([]any)[29] != batch["last"] {
		t.Errorf("%v", body["from"])
	}
	page := o.browsing("kd-supervisor-1").get(sheets+"?from=101").want(200).shows("意见箱评价表", "存根", "非常满意", "自设查询码", "隐私与记录告知第 5 版", "?from=1", "lang=\"bo\"")
	if n := strings.Count(string(page.body), ">"+batch["last"].(string)+"<"); n != 2 {
		t.Errorf("the last serial stands %d times", n)
	}
	o.as("kd-auditor").get("/audit?action=print_forms").want(200).shows("print_forms")
	o.as("kd-auditor").get(sheets).refused(403, regulation.NotPermitted)
	o.as("ld-supervisor-1").get(sheets).refused(404, regulation.NotFound)
	head.get(path+"/batches/none/print").refused(404, regulation.NotFound)
	head.post(path+"/batches/"+batch["id"].(string)+"/close", fields{"batch_state": "used_up"}).want(204)
	head.get(sheets).refused(409, regulation.Conflict)
}

// The week's summary is a page and a file; the rated side sees none.
func TestTheWeekOfTheBoxesIsAPageAndAFile(t *testing.T) {
	o := setup(t)
	if err := o.record.FillDemoBoxes(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	head := o.as("kd-supervisor-1")
	areas := head.get("/boxes/summary").want(200).object()["areas"].([]any)
	if len(areas) != 1 || areas[0].(map[string]any)["sums"].(map[string]any)["counted"] != 6.0 {
		t.Errorf("%v", areas)
	}
	o.browsing("kd-supervisor-1").get("/boxes/summary").want(200).shows("意见箱每周汇总", "康定市政务服务大厅", "合计", "不显示", "/boxes/summary.csv?week=")
	if file := head.get("/boxes/summary.csv").want(200); !strings.Contains(string(file.body), "康定市政务服务大厅") || !strings.HasPrefix(file.header.Get("Content-Type"), "text/csv") {
		t.Errorf("%s", file.body)
	}
	if keeper := o.as("kd-keeper-1").get("/boxes/summary").want(200).object()["areas"].([]any); len(keeper) != 1 {
		t.Errorf("%v", keeper)
	}
	head.get("/boxes/summary?week=soon").refused(422, regulation.Invalid)
	o.as("kd-psb-head").get("/boxes/summary").refused(403, regulation.NotPermitted)
}

// What was not opened in time stands before the keeper, who opens it; the rated side sees nothing of it.
func TestTheKeeperSeesWhatIsOverdue(t *testing.T) {
	o := setup(t)
	if err := o.record.FillDemoBoxes(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	token, held, err := o.record.AcquireLease(t.Context(), store.LeaseBoxes, "test", time.Hour)
	if err != nil || !held {
		t.Fatal(held, err)
	}
	if _, err := o.record.WatchBoxes(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	keeper, late := o.as("kd-keeper-1"), ""
	for _, b := range keeper.get("/boxes").want(200).object()["boxes"].([]any) {
		if box := b.(map[string]any); box["missed"] != nil {
			if late != "" {
				t.Error("a second box is overdue")
			}
			late = box["id"].(string)
		}
	}
	page := o.browsing("kd-keeper-1")
	page.get("/boxes").want(200).shows("未开箱")
	page.get("/boxes/"+late).want(200).shows("未开箱", "应在")
	at := o.clock.Now().In(workday.Shanghai)
	second, err := o.record.AccountByLogin(t.Context(), "kd-supervisor-1")
	must(t, err)
	page.form("/boxes/"+late+"/openings", url.Values{"opened_on": {at.Format("2006-01-02")}, "opened_time": {at.Format("15:04")}, "second_opener": {second.Person},
		"old_seal_state": {"missing"}, "new_seal": {"F-99"}, "counted": {"0"}, "opening_remarks": {"补开"}}).want(303)
	page.get("/boxes/"+late).want(200).shows("应在", "尚未生效的开箱登记", "等另一开箱人用自己的账号确认后生效")
	o.confirmOpening("kd-supervisor-1")
	page.get("/boxes/" + late).want(200).hides("应在")
	page.get("/boxes").want(200).hides("未开箱")
}

// The keeper puts in the box's picture, drawn anew; it stays while the box has it, and other areas do not see it.
func TestABoxHasItsPicture(t *testing.T) {
	o := setup(t)
	if err := o.record.FillDemoBoxes(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	keeper := o.browsing("kd-keeper-1")
	path := "/boxes/" + o.as("kd-keeper-1").get("/boxes").want(200).object()["boxes"].([]any)[0].(map[string]any)["id"].(string)
	put := func(content []byte) got {
		form, kind := upload(t, "photo", content, nil)
		r := keeper.request(http.MethodPost, path+"/photo", form)
		r.Header.Set("Content-Type", kind)
		return keeper.do(r)
	}
	keeper.get(path + "/photo").want(404)
	put([]byte("no picture")).want(422).shows("意见箱照片")
	sheet, err := seed.Sheet("1", "2", 3)
	must(t, err)
	put(sheet).want(303)
	if kind := keeper.get(path + "/photo").want(200).header.Get("Content-Type"); kind != "image/png" {
		t.Errorf("it comes as %q", kind)
	}
	keeper.get(path).want(200).shows(path + "/photo")
	if n, err := o.record.SweepFiles(t.Context(), o.clock.Now().Add(time.Hour)); err != nil || n != 0 {
		t.Errorf("%d files swept, %v", n, err)
	}
	o.as("ld-keeper-1").get(path+"/photo").refused(404, regulation.NotFound)
}
