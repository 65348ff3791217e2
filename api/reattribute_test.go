package api_test

import (
	"testing"
	"time"

	"haochaping/regulation"
)

// TestReattributionIsChosenByName: the clerk picks unit, window and person from lists by name, and
// the timeline names them.
func TestReattributionIsChosenByName(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	for _, s := range mainLine[:1] {
		o.step(receipt, caseID, s)
	}
	o.clock.Forward(time.Minute)
	verifier := o.browsing("kd-verifier-1")
	page := verifier.get("/cases/" + caseID).want(200)
	page.shows("提出更正评价对象", `name="rated_window"`, `name="rated_staff"`, "康定市公安局 · ")
	o.step(receipt, caseID, step{"kd-verifier-1", regulation.ActProposeReattribution, fields{"rated_unit": "513301-psb", "reasons": "该窗口当日由他人值守"}, "verification"})
	o.step(receipt, caseID, step{"kd-supervisor-1", regulation.ActApproveReattribution, fields{}, "verification"})
	verifier.get("/cases/"+caseID).want(200).shows("评价对象已更正", "更正后的单位", "康定市公安局")
}
