package api_test

import (
	"strings"
	"testing"

	"haochaping/regulation"
)

// A case file says what the reader's page of the case says, from the first step to the last, and each printing is logged.
func TestACaseFileSaysWhatItsReadersPageSays(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActClose)
	number := o.as("kd-supervisor-1").get("/cases/" + caseID).want(200).object()["number"].(string)
	o.browsing("kd-supervisor-1").get("/cases/" + caseID).want(200).shows(`href="/cases/` + caseID + `/print"`)
	file := o.browsing("kd-supervisor-1").get("/cases/"+caseID+"/print").want(200).shows(number, "目录", "评价与基本情况", "转办单", "冲正分录", raterWords, "138****5678", "请按期整改", "已增开", "仅供工作使用").
		hides(raterPhone, raterName)
	opened, closing := strings.Index(string(file.body), "收到差评"), strings.Index(string(file.body), "复核")
	if opened < 0 || closing < opened {
		t.Errorf("the steps do not stand from the first to the last: %d, %d", opened, closing)
	}
	for _, login := range []string{"kd-psb-head", "kd-psb-handler-1"} {
		file := o.browsing(login).get("/cases/"+caseID+"/print").want(200).shows(number, "请按期整改").hides(raterWords, raterPhone, raterName, "138****5678", "冲正分录")
		if told := strings.Count(string(file.body), " 10:1"); told != 1 { // when it was printed
			t.Errorf("%s is told %d times to the minute", login, told)
		}
	}
	o.browsing("kd-mkt-head").get("/cases/" + caseID + "/print").want(404)
	o.as("ld-supervisor-1").get("/cases/"+caseID+"/print").refused(404, regulation.NotFound)
	lines := o.as("kd-auditor").get("/audit?action=print_case").want(200).object()["lines"].([]any)
	if len(lines) != 3 || lines[2].(map[string]any)["object"] != caseID {
		t.Errorf("%d printings are logged: %v", len(lines), lines)
	}
}
