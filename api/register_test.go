package api_test

import (
	"slices"
	"strings"
	"testing"

	"haochaping/regulation"
)

// The register has exactly the columns that offices expect, filled from the case as the reader's page shows it.
func TestTheRegisterHasTheNineteenColumns(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActClose)
	verifier := o.as("kd-verifier-1")
	rows, about := verifier.post("/exports", fields{"list": "/cases/register"}).want(200).sheet()
	want := strings.Split("序号 姓名 办件编号 事项名称 评价渠道 满意度 辖区 联系方式 窗口名称 窗口编号 是否回复 是否回访 拟办意见 整改结果 回复结果 评价指标 评价理由 领导批示 回访信息", " ")
	if len(rows) != 2 || !slices.Equal(rows[0], want) {
		t.Fatalf("%v", rows)
	}
	cells := verifier.get("/cases/register").want(200).object()["rows"].([]any)[0].(map[string]any)["cells"].(map[string]any)
	for i, column := range regulation.RegisterColumns {
		shown, _ := cells[column.Name].(string)
		if had := append(rows[1], make([]string, 19)...)[i]; had != shown {
			t.Errorf("%s: the file has %q, the page %q", want[i], had, shown)
		}
	}
	t.Log(rows[1], about)
	page := verifier.get("/cases/" + caseID).want(200).object()
	contact := page["rating"].(map[string]any)["contact"].(map[string]any)
	for column, have := range map[string]string{"contact": contact["phone"].(string), "rater": contact["name"].(string), "replied": "是", "called": "是"} {
		if cells[column] != have {
			t.Errorf("%s is %v, want %q", column, cells[column], have)
		}
	}
	for _, column := range []string{"proposed", "rectified", "reply", "indicators", "reasons", "callback", "window", "window_number", "channel", "area", "grade"} {
		if cells[column] == nil {
			t.Errorf("%s is empty", column)
		}
	}
	if strings.Contains(strings.Join(rows[1], " "), badRating(t)["contact_phone"].(string)) {
		t.Error("a full telephone number leaves by a list")
	}
	if strings.Contains(strings.Join(rows[1], " "), badRating(t)["text"].(string)) {
		t.Error("what the rater wrote leaves by a list")
	}
}

// The unit's register says no more of a rating than its page of the case.
func TestTheUnitsRegisterSaysNoMoreThanItsPage(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	text := badRating(t)["text"].(string)
	for login, path := range map[string]string{"kd-mkt-head": "/cases/register", "kd-psb-head": "/cases/register"} {
		got := o.as(login).get(path).want(200)
		got.hides(text, `"contact"`, `"rater"`, `"channel"`, `"called"`, `"callback"`, `"instructions"`)
		o.as(login).post("/exports", fields{"list": path}).want(200)
	}
	o.as("gz-discipline-1").get("/cases/register").want(200).hides(text, caseID)
	o.as("ld-supervisor-1").get("/cases/register").want(200).hides(caseID)
}
