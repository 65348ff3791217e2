package api_test

import (
	"testing"
	"time"

	"haochaping/workday"
)

// What the rated side reads of praise moves at the end of a day, by five at least, whatever is polled between; the count
// of a grade under five is never told, also not by the total; words come as an officer left them, a day later at the least.
func TestOwnRatingsMoveByBatches(t *testing.T) {
	o := setup(t)
	praise := func(grade int, text string) {
		t.Helper()
		given := fields{"code": windowCode(t, "513301-w03"), "staff": "st0037", "grade": grade}
		if text != "" {
			given["text"] = text
		}
		o.program().post("/ratings", given).want(201)
	}
	reads := func() map[string]any { return o.as("kd-window-03").get("/own-ratings").want(200).object() }
	tomorrow := func() { o.clock.Forward(workday.DateOf(o.clock.Now()).AddDays(1).Start().Sub(o.clock.Now())) }
	total := func() float64 {
		n, _ := reads()["total"].(float64)
		return n
	}
	for range 4 {
		praise(5, "")
	}
	tomorrow()
	if n := total(); n != 0 || reads()["until"] != nil {
		t.Fatalf("%v of four are shown", n)
	}
	const words = "王师傅谢谢,办得很快"
	praise(5, words)
	praise(5, "")
	o.clock.Forward(3 * time.Hour)
	if n := total(); n != 0 {
		t.Fatalf("%v are shown before the day is over", n)
	}
	tomorrow()
	// Beside the total, the six of one grade would tell that there are none of the others.
	if body := reads(); body["total"] != 6.0 || len(body["grades"].(map[string]any)) != 0 || len(body["comments"].([]any)) != 0 {
		t.Fatalf("%v", body)
	}
	desk := o.atRedactionDesk("kd-verifier-1", words)
	o.as("kd-verifier-1").post("/redactions/"+desk["rating"].(string), fields{"decision": "redacted", "redacted": desk["suggested"]}).want(204)
	o.as("kd-window-03").get("/own-ratings").want(200).hides("办得很快")
	tomorrow()
	o.as("kd-window-03").get("/own-ratings").want(200).shows("办得很快").hides("王师傅")
	o.browsing("kd-psb-head").get("/own-ratings").want(200).shows("办得很快").hides("王师傅")
	for range 3 {
		praise(4, "")
	}
	for range 2 {
		praise(3, "")
	}
	tomorrow()
	body := reads()
	for grade, n := range body["grades"].(map[string]any) {
		if n.(float64) < 5 {
			t.Errorf("%v of grade %s are told", n, grade)
		}
	}
	if body["total"] != 11.0 { // 5 in the second batch, of which neither grade is told
		t.Errorf("%v", body)
	}
	o.as("kd-verifier-1").get("/own-ratings").want(403)
	o.browsing("kd-window-03").get("/own-ratings").want(200).shows("截至")
}
