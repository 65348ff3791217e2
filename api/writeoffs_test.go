package api_test

import (
	"testing"

	"haochaping/regulation"
)

// writeOffsOf is an authority's line of the figures as somebody reads them.
func writeOffsOf(t *testing.T, list any, authority string) map[string]any {
	t.Helper()
	for _, line := range list.([]any) {
		if one := line.(map[string]any); one["authority"].(map[string]any)["id"] == authority {
			return one
		}
	}
	t.Fatalf("nothing of %s in %v", authority, list)
	return nil
}

// The rates of write-offs per authority are public; of which kind they are is for the authority and who
// oversees it. The case keeps its place, with a mark (R53).
func TestWriteOffsArePublishedWithoutTheirKind(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	o.act("kd-psb-head", caseID, regulation.ActLodgeAppeal, fields{"grounds": "facts_untrue", "account": "当日窗口并未排队"}).want(201)
	o.act("kd-supervisor-2", caseID, regulation.ActDecideAppeal, fields{"result": "malicious", "ground": "proven_fabrication", "reasons": "经核查"}).want(201)
	_, other := o.rateBadly()
	o.act("kd-head", caseID, regulation.ActConfirmMalice, fields{"opinion": "属实"}).want(201)
	o.act("kd-supervisor-1", caseID, regulation.ActApproveWriteOff, fields{}).want(201)
	o.act("kd-clerk-1", caseID, regulation.ActTellRater, fields{"result": "reached"}).want(201)
	if line := writeOffsOf(t, o.as("kd-supervisor-2").get("/write-offs").want(200).object()["authorities"], "513301-authority"); line["proposed"] != 1.0 || line["in_force"] != 0.0 {
		t.Errorf("before it is in force %v", line)
	}
	o.pass(receipt, regulation.ActObjectWriteOff)
	for _, reader := range []*client{o.program(), o.as("kd-psb-head"), o.as("ld-supervisor-1")} {
		if all := reader.get("/write-offs").want(200).hides("malicious", "sampled").object()["authorities"].([]any); len(all) != 0 {
			t.Errorf("counts under five are published: %v", all)
		}
	}
	line := writeOffsOf(t, o.as("kd-supervisor-2").get("/write-offs").want(200).object()["authorities"], "513301-authority")
	if line["bad_ratings"] != 2.0 || line["in_force"] != 1.0 || line["rate"] != 0.5 {
		t.Errorf("%v", line)
	}
	for _, login := range []string{"kd-psb-head", "kd-window-03", "ld-supervisor-1"} {
		o.as(login).get("/write-offs").want(200).hides("malicious", "sampled")
	}
	for _, login := range []string{"kd-supervisor-2", "kd-discipline-1", "gz-supervisor-1"} {
		line = writeOffsOf(t, o.as(login).get("/write-offs").want(200).object()["authorities"], "513301-authority")
		if line["malicious"] != 1.0 || line["mistaken"] != 0.0 || line["sampled"] != 1.0 {
			t.Errorf("%s reads %v", login, line)
		}
	}
	if none := o.program().get("/write-offs?year=2024").want(200).object()["authorities"].([]any); len(none) != 0 {
		t.Errorf("of another year %v", none)
	}
	o.browsing("kd-head").get("/write-offs").want(200).shows("康定", "50.00%", "生效：恶意").hides("col.", "write_offs.")
	o.browsing("kd-psb-head").get("/write-offs").want(200).hides("50.00%", "生效：恶意")
	o.browsing("kd-head").get("/cases/" + caseID).want(200).shows("已核销")
	o.as("kd-supervisor-2").get("/cases?tab=all&written_off=yes").want(200).shows(caseID, `"written_off":true`).hides(other)
	o.browsing("kd-supervisor-2").get("/cases?tab=all").want(200).shows("已核销")
}

// Of a year's bad ratings the public is told what the public figures of its quarters tell, and nothing once one of them hides its own: the year less the
// others would be that quarter's, day by day too (2, 7(1), 9(2)).
func TestWriteOffsTellNoBadRatingsThatFiguresHide(t *testing.T) {
	o := setup(t)
	o.sealedQuarter()
	told := func() (bad any) {
		t.Helper()
		for _, line := range o.program().get("/write-offs").want(200).object()["authorities"].([]any) {
			one := line.(map[string]any)
			if bad = one["bad_ratings"]; one["authority"].(map[string]any)["id"] != "513301-authority" || one["rate"] != nil {
				t.Errorf("%v", one)
			}
		}
		return bad
	}
	quarter := func(good, bad int) {
		t.Helper()
		o.given("513301-w03", "", regulation.VerySatisfied, good)
		o.given("513301-w03", "", regulation.VeryDissatisfied, bad)
	}
	quarter(40, 12)
	o.nextWeek()
	if bad := told(); bad != nil {
		t.Errorf("before its figures are public: %v", bad)
	}
	o.sealedQuarter()
	o.follow()
	if bad := told(); bad != 12.0 {
		t.Errorf("its figures tell 12, here %v", bad)
	}
	quarter(40, 3)
	o.nextWeek()
	if bad := told(); bad != 12.0 {
		t.Errorf("the next quarter's figures are not public, here %v", bad)
	}
	o.browser().get("/write-offs").want(200).shows("康定", "不公布", "已公布季度").hides("15")
	o.sealedQuarter()
	o.follow()
	o.program().get("/public/figures").want(200).shows(`"rated":43`).hides(`"bad":`)
	if bad := told(); bad != nil {
		t.Errorf("a quarter hides its bad ratings, here %v", bad)
	}
	if line := writeOffsOf(t, o.as("kd-supervisor-2").get("/write-offs").want(200).object()["authorities"], "513301-authority"); line["bad_ratings"] != 15.0 {
		t.Errorf("its own authority reads %v", line)
	}
}
