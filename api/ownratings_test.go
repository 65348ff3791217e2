package api_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// nextWeek goes to the end of the week, when batches close.
func (o *office) nextWeek() {
	now := o.clock.Now()
	o.counted()
	o.clock.Forward(regulation.Batches{Period: regulation.BatchWeek}.End(now).Sub(now) + 2*time.Minute) // which is when the period is told
}

// What the rated side reads of praise moves at the end of a week, by five of a grade at least, whatever is polled between; words come
// as an officer left them, a week later at the least.
func TestOwnRatingsMoveByBatches(t *testing.T) {
	o := setup(t)
	praise := func(grade int, text string) {
		t.Helper()
		given := fields{"code": windowCode(t, "513301-w03"), "staff": "st0037", "grade": grade}
		if text != "" {
			given["text"] = text
		}
		o.program().post("/ratings", given).want(201)
		o.counted()
	}
	reads := func() map[string]any { return o.as("kd-window-03").get("/own-ratings").want(200).object() }
	total := func() float64 { return reads()["total"].(float64) }
	for range 4 {
		praise(5, "")
	}
	o.nextWeek()
	if n := total(); n != 0 || reads()["until"] != nil {
		t.Fatalf("%v of four are shown", n)
	}
	const words = "王师傅谢谢,办得很快"
	praise(5, words)
	praise(5, "")
	o.clock.Forward(6*24*time.Hour + 23*time.Hour)
	if n := total(); n != 0 {
		t.Fatalf("%v are shown before the week is over", n)
	}
	o.nextWeek()
	if body := reads(); body["total"] != 6.0 || body["grades"].(map[string]any)["5"] != 6.0 || len(body["comments"].([]any)) != 0 {
		t.Fatalf("%v", body)
	}
	desk := o.atRedactionDesk("kd-verifier-1", words)
	o.as("kd-verifier-1").post("/redactions/"+desk["rating"].(string), fields{"decision": "redacted", "redacted": desk["suggested"]}).want(204)
	o.as("kd-window-03").get("/own-ratings").want(200).hides("办得很快")
	const waiting = "张师傅态度好"
	praise(4, waiting)
	for range 2 {
		praise(4, "")
		praise(3, "")
	}
	desk = o.atRedactionDesk("kd-verifier-1", waiting)
	o.as("kd-verifier-1").post("/redactions/"+desk["rating"].(string), fields{"decision": "redacted", "redacted": desk["suggested"]}).want(204)
	o.nextWeek()
	o.as("kd-window-03").get("/own-ratings").want(200).shows("办得很快").hides("王师傅", "态度好")
	o.browsing("kd-psb-head").get("/own-ratings").want(200).shows("办得很快").hides("王师傅")
	if body := reads(); body["total"] != 6.0 || len(body["grades"].(map[string]any)) != 1 { // five, but of no grade five
		t.Errorf("%v", body)
	}
	for range 2 {
		praise(4, "")
	}
	o.nextWeek()
	if body := reads(); body["total"] != 11.0 || body["grades"].(map[string]any)["4"] != 5.0 {
		t.Errorf("%v", body)
	}
	o.as("kd-window-03").get("/own-ratings").want(200).shows("态度好")
	o.as("kd-verifier-1").get("/own-ratings").want(403)
	o.browsing("kd-window-03").get("/own-ratings").want(200).shows("截至")
}

// ownCounts is every count that the rated side's two pages tell.
func ownCounts(t *testing.T, c *client) map[string]int {
	t.Helper()
	own, told := c.get("/own-ratings").want(200).object(), c.dashboard("/dashboard").Told
	year := " of " + strconv.Itoa(told.Year)
	counts := map[string]int{"all" + year: told.Total, "the list" + year: int(own["total"].(float64))}
	for grade, n := range told.Grades {
		counts["grade "+grade+year] = n
	}
	for grade, n := range own["grades"].(map[string]any) {
		counts["grade "+grade+" of the list"+year] = int(n.(float64))
	}
	for _, m := range told.Months {
		counts[m.Month], counts[m.Month+" good"], counts[m.Month+" bad"] = m.Total, m.Good, m.Bad
	}
	return counts
}

// Neither a member of staff nor their head, looking each day for weeks in which a few come in, finds a count that differs between any
// two of the days by one to four; also where the rules change between.
func TestNoCountOfTheRatedSideMovesByFewerThanFive(t *testing.T) {
	o := setup(t)
	draw := rand.New(rand.NewPCG(7, 21))
	looks := map[string][]map[string]int{}
	for day := range 40 {
		for range draw.IntN(4) {
			given := fields{"code": windowCode(t, "513301-w03"), "staff": "st0037", "grade": 1 + draw.IntN(5)}
			if given["grade"].(int) < 3 {
				given["text"] = "等了很久"
			}
			o.program().post("/ratings", given).want(201)
		}
		o.counted()
		if day == 16 {
			values := []store.Parameter{}
			for name, value := range map[string]int{regulation.BatchPeriod: regulation.BatchDay, regulation.BatchLeast: 7} {
				values = append(values, store.Parameter{Name: name, Value: value, Author: "tester", DecidedOn: workday.DateOf(o.clock.Now()), Basis: "试行"})
			}
			must(t, o.record.AddEdition(t.Context(), store.Edition{Name: "batches", From: o.clock.Now()}, values, "tester"))
		}
		o.clock.Forward(workday.DateOf(o.clock.Now()).AddDays(1).Start().Sub(o.clock.Now()) + time.Duration(draw.IntN(20))*time.Hour)
		for _, login := range []string{"kd-window-03", "kd-psb-head"} {
			now := ownCounts(t, o.as(login))
			for _, before := range looks[login] {
				for of, n := range now {
					if moved := n - before[of]; moved != 0 && moved < regulation.FewestShown {
						t.Fatalf("day %d, %s: %s moved from %d to %d", day, login, of, before[of], n)
					}
				}
			}
			looks[login] = append(looks[login], now)
		}
	}
	for login, seen := range looks {
		for _, now := range seen {
			if now["all of 2026"] != now["the list of 2026"] {
				t.Errorf("%s was told of %v", login, now)
			}
		}
		if most := slices.MaxFunc(seen, func(a, b map[string]int) int { return a["all of 2026"] - b["all of 2026"] }); most["all of 2026"] < 20 {
			t.Errorf("%s was hardly told of anything: %v", login, most)
		}
	}
}

// A message that waited to be matched comes in when it is taken: the batch that was told of the week in which it was sent does not grow by one.
func TestWhatWaitedToBeMatchedChangesNothingThatWasTold(t *testing.T) {
	o := setup(t, withUpstreams(t))
	d, s := o.upstream("portal", upstreamKey), subject(t)
	for range 5 {
		o.sent(d, "/inbound/ratings", d.Rating(s, 5, o.clock.Now()))
	}
	s.Task = "11513300MB0000000Z1"
	o.sent(d, "/inbound/ratings", d.Rating(s, 5, o.clock.Now()))
	o.counted()
	told := func() float64 { return o.as("kd-psb-head").get("/own-ratings").want(200).object()["total"].(float64) }
	o.nextWeek()
	if n := told(); n != 5 {
		t.Fatalf("%v of five are told", n)
	}
	o.as("gz-sysadmin").post("/inbound/mend", fields{"upstream": "portal", "reason": "task_unknown", "value": s.Task, "object": "513301-psb-m01"}).want(204)
	o.counted()
	for week := range 2 {
		if n := told(); n != 5 {
			t.Errorf("%v are told after one that waited was taken, week %d", n, week)
		}
		o.nextWeek()
	}
}

// Whoever heads a second unit for a while finds by the sum no fewer of either than a batch: each is told by itself.
func TestASecondUnitIsToldInBatchesOfItsOwn(t *testing.T) {
	o := setup(t)
	give := func(n int, window, staff string) {
		t.Helper()
		for range n {
			o.program().post("/ratings", fields{"code": windowCode(t, window), "staff": staff, "grade": 4}).want(201)
		}
		o.counted()
	}
	give(5, "513301-w03", "st0037")
	mkt := fields{"role": "unit_head", "org": "513301-mkt"}
	give(1, "513301-w05", "")
	o.nextWeek()
	at := "/people/" + o.person("kd-psb-head")
	told := func(want float64) {
		t.Helper()
		list, board := o.as("kd-psb-head").get("/own-ratings").want(200).object(), o.as("kd-psb-head").dashboard("/dashboard").Told
		if list["total"] != want || list["grades"].(map[string]any)["4"] != want || board.Total != int(want) {
			t.Errorf("%v and %+v are told, want %v", list, board, want)
		}
	}
	told(5)
	o.as("kd-secadmin").post(at+"/appoint", mkt).want(204)
	told(5)
	give(4, "513301-w05", "")
	o.nextWeek()
	told(10)
	o.as("kd-secadmin").post(at+"/dismiss", mkt).want(204)
	told(5)
}
