package api_test

import (
	"slices"
	"testing"

	"haochaping/regulation"
)

// TestCoverageListsWhatCannotBeRated takes ways away one by one and looks for the gap, as JSON, page and file.
func TestCoverageListsWhatCannotBeRated(t *testing.T) {
	o := setup(t)
	o.as("kd-keeper-1").get("/coverage").want(403)
	head := o.as("kd-supervisor-1")
	gap := func(kind regulation.CoverKind, id string) (lacks []string, rateable bool) {
		for _, g := range head.get("/coverage?kind=" + string(kind)).want(200).object()["gaps"].([]any) {
			if g := g.(map[string]any); g["id"] == id {
				for _, lack := range g["lacks"].([]any) {
					lacks = append(lacks, lack.(string))
				}
				return lacks, g["rateable"].(bool)
			}
		}
		return nil, true
	}
	windows, err := o.record.Windows(t.Context(), "513301-hall")
	must(t, err)
	window := windows[0]
	if lacks, _ := gap(regulation.CoverWindow, window.ID); slices.Contains(lacks, "no_code") || !slices.Contains(lacks, "no_evaluator") {
		t.Errorf("a window with a code and no evaluator lacks %v", lacks)
	}
	if lacks, _ := gap(regulation.CoverHall, "513301-hall"); !slices.Contains(lacks, "no_box") {
		t.Errorf("a hall without a box lacks %v", lacks)
	}
	head.post("/boxes", fields{"box_hall": "513301-hall", "box_place": "一楼"}).want(204)
	if lacks, _ := gap(regulation.CoverHall, "513301-hall"); !slices.Contains(lacks, "no_box") {
		t.Errorf("a box that nobody keeps counts: %v", lacks)
	}
	keeper, err := o.record.AccountByLogin(t.Context(), "kd-keeper-1")
	must(t, err)
	box := head.get("/boxes").want(200).object()["boxes"].([]any)[0].(map[string]any)["id"].(string)
	head.post("/boxes/"+box+"/keeper", fields{"box_keeper": keeper.Person}).want(204)
	if lacks, _ := gap(regulation.CoverHall, "513301-hall"); slices.Contains(lacks, "no_box") {
		t.Errorf("a hall with a kept box lacks %v", lacks)
	}
	body := head.get("/coverage").want(200).object()
	for _, area := range body["areas"].([]any) {
		if code := area.(map[string]any)["area"]; code != "513301" {
			t.Errorf("a supervisor of 513301 reads %v", code)
		}
	}
	for _, k := range body["kinds"].([]any) {
		if k := k.(map[string]any); k["kind"] != "county" && k["kind"] != "township" && k["all"].(float64) == 0 {
			t.Errorf("no %v is counted", k["kind"])
		}
	}
	o.browsing("kd-supervisor-1").get("/coverage?gap=no_evaluator&kind=window").want(200).shows(window.NameZH)
	head.get("/coverage.csv?kind=window").want(200).shows(window.ID).hides("513322")
}
