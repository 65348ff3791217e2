package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store/seed"
)

// A handled matter of the seed with its applicant.
const (
	handledNumber = "513301-20261119-00048"
	handledFor    = "扎西·达娃"
)

func handledMatter(t *testing.T, number string) (p seed.Project, unit string) {
	t.Helper()
	data, err := seed.Load()
	must(t, err)
	for _, p := range data.Projects {
		if p.Number == number {
			for _, m := range data.Matters {
				if m.ID == p.Matter {
					return p, m.Unit
				}
			}
		}
	}
	t.Fatal("no such matter")
	return p, ""
}

// Number and name lead to the form of that matter, and to one answer where either is wrong; neither is in an address.
func TestAMatterIsRatedByNumberAndName(t *testing.T) {
	o := setup(t)
	p, _ := handledMatter(t, handledNumber)
	c := o.browser()
	c.get("/matter").want(200).shows("办件编号", "申请人姓名", `name="name"`)
	led := c.form("/matter", url.Values{"number": {handledNumber}, "name": {"扎西 达娃"}}).want(303)
	if at := led.header.Get("Location"); at != "/r/"+p.Code {
		t.Errorf("leads to %s", at)
	}
	unknown := c.form("/matter", url.Values{"number": {"513301-20261119-99999"}, "name": {handledFor}}).want(422)
	wrong := c.form("/matter", url.Values{"number": {handledNumber}, "name": {"刘国华"}}).want(422).shows("没有找到")
	plain := func(g got) string {
		return strings.NewReplacer("513301-20261119-99999", "N", handledNumber, "N", "刘国华", "W", handledFor, "W").Replace(string(g.body))
	}
	if plain(unknown) != plain(wrong) {
		t.Error("the answers tell which of the two was wrong")
	}
	if strings.Contains(o.log.String(), "刘国华") || strings.Contains(o.log.String(), handledNumber) {
		t.Error("the log has what was typed")
	}
	program := o.program()
	if form := program.post("/matter", fields{"number": handledNumber, "name": handledFor}).want(200).object(); form["code"] != p.Code || form["status"] != "concluded" {
		t.Errorf("%v", form)
	}
}

// One rating a matter: whoever comes again is told where to see how the first one stands, and nothing of it, whether it
// was good or bad: whoever served has the slip's code too (R04).
func TestASecondRatingOfAMatterIsToldNothingOfTheFirst(t *testing.T) {
	o := setup(t)
	refusals := map[string]bool{}
	for number, grade := range map[string]int{handledNumber: 1, "513301-20260908-00005": 5} {
		p, _ := handledMatter(t, number)
		c := o.program()
		before := string(c.get("/r/" + p.Code).want(200).body)
		c.post("/ratings", fields{"code": p.Code, "grade": grade, "text": raterWords}).want(201)
		again := c.post("/ratings", fields{"code": p.Code, "grade": 5}).refused(409, regulation.Conflict).shows("凭评价时的回执查看").hides(raterWords).object()
		delete(again, "reference")
		refusals[fmt.Sprint(again)] = true
		if after := string(c.get("/r/" + p.Code).want(200).body); after != before {
			t.Error("the form tells that the matter was rated")
		}
		o.browser().form("/ratings", url.Values{"code": {p.Code}, "grade": {"5"}, "idempotency_key": {"key-of-a-second-form-" + number}}).want(409).shows("已经评价过")
	}
	if len(refusals) != 1 {
		t.Errorf("the refusals tell the grades apart: %v", refusals)
	}
}

// Slips are printed where the matter was taken in, and never tell whether it was rated.
func TestSlips(t *testing.T) {
	o := setup(t)
	p, unit := handledMatter(t, handledNumber)
	data, err := seed.Load()
	must(t, err)
	login, other := "", ""
	for _, account := range data.Accounts {
		switch {
		case account.Role == regulation.UnitHandler && account.Place == unit:
			login = account.Login
		case account.Role == regulation.UnitHandler:
			other = account.Login
		}
	}
	if login == "" {
		p, unit = handledMatter(t, "513337-20261113-00008")
		for _, account := range data.Accounts {
			if account.Role == regulation.UnitHandler && account.Place == unit {
				login = account.Login
			}
		}
	}
	clerk := o.as(login)
	before := clerk.get("/slips").want(200).shows(p.Number, p.Code)
	o.program().post("/ratings", fields{"code": p.Code, "grade": 5}).want(201)
	if after := clerk.get("/slips").want(200); string(after.body) != string(before.body) {
		t.Error("the list tells that the matter was rated")
	}
	o.browsing(login).get("/slips/"+p.Code).want(200).shows(p.Number, "/codes/"+p.Code+".svg", "请给这次办事打分")
	o.as(other).get("/slips/"+p.Code).refused(404, regulation.NotFound)
	o.as("kd-auditor").get("/slips").refused(403, regulation.NotPermitted)
}

// A replaced code says so and leads on; only whoever looks after the area's devices replaces it.
func TestAnOldPosterLeadsOn(t *testing.T) {
	o := setup(t)
	old := windowCode(t, "513301-w03")
	o.program().get("/r/" + old).want(200)
	fresh := o.as("kd-devices").post("/codes/window/513301-w03/replace", fields{}).want(201).object()["code"].(string)
	o.as("kd-devices").post("/codes/window/513300-w01/replace", fields{}).refused(404, regulation.NotFound)
	o.as("kd-auditor").post("/codes/window/513301-w03/replace", fields{}).refused(403, regulation.NotPermitted)
	o.machines.Store(int64(time.Minute)) // what a page needs is remembered for a moment
	if form := o.program().get("/r/" + old).want(200).object(); form["replaced"] != true || form["code"] != fresh {
		t.Errorf("%v", form)
	}
	o.browser().get("/r/" + old).want(200).shows("已经更换")
	o.program().post("/ratings", fields{"code": old, "grade": 5}).want(201)
}
