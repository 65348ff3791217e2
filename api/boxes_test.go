package api_test

import (
	"net/url"
	"testing"

	"haochaping/regulation"
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
	head.post(path+"/state", fields{"box_state": "out_of_use"}).want(204)
	if left := len(head.get("/boxes").want(200).object()["gaps"].([]any)); left != gaps {
		t.Errorf("%d gaps, want %d: the only box is out of use", left, gaps)
	}
}
