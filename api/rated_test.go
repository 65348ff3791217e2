package api_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// A handled matter of Kangding's public security bureau, with the code of its slip.
const (
	matterNumber = "513301-20260908-00005"
	matterCode   = "K5CECXRJA3BRKE25OWTO"
	ratedLogin   = "kd-window-03" // who served
)

// ratedSide are everybody at the rated unit, and what they can ask.
var ratedSide = []string{ratedLogin, "kd-psb-handler-1", "kd-psb-handler-2", "kd-psb-head"}

// TestRatedSideNeverSeesTheRater walks a case to its end and reads, after each act, everything
// that the rated side can read, as program and as browser.
func TestRatedSideNeverSeesTheRater(t *testing.T) {
	o := setup(t)
	o.clock.Forward(17*time.Minute + 23*time.Second) // the hour of the rating: 10:17:23 in Beijing
	receipt, rating, c := o.rateMatterBadly()
	secrets := []string{raterPhone, "138****5678", raterName, "扎*", raterWords, "群众说等了两个小时", matterNumber, receipt,
		rating.ID, "02:17", "10:17"}
	o.clock.Forward(time.Hour)
	o.scanRatedSide(c.ID, secrets)
	for _, s := range mainLine {
		if s.act == regulation.ActClose {
			s.values = fields{"matter_status": "concluded", "summary": "评价人来电：" + raterWords}
		}
		o.step(receipt, c.ID, s)
		o.clock.Forward(time.Minute)
		o.scanRatedSide(c.ID, secrets)
	}
}

// rateMatterBadly rates by the code of a slip, so that the matter's number is on record.
func (o *office) rateMatterBadly() (string, regulation.Rating, regulation.Case) {
	o.t.Helper()
	form := badRating(o.t)
	form["code"] = matterCode
	delete(form, "staff")
	receipt := o.program().post("/ratings", form).want(201).object()["receipt"].(string)
	rating, c, err := o.record.CaseByReceipt(o.t.Context(), receipt)
	must(o.t, err)
	return receipt, rating, c
}

func (o *office) scanRatedSide(caseID string, secrets []string) {
	o.t.Helper()
	paths := []string{"/", "/notices", "/notices/" + caseID, "/inbox?tab=unit", "/inbox?tab=mine", "/cases?tab=all", "/cases/" + caseID,
		"/alarms", "/escalations", "/discipline", "/audit", "/people", "/cases?number=" + "513301-2026"}
	for _, login := range ratedSide {
		program, browser := o.as(login), o.browsing(login)
		for _, path := range paths {
			program.get(path).hides(secrets...)
			browser.get(path).hides(secrets...)
		}
		program.post("/cases/"+caseID+"/contact", fields{}).hides(secrets...)
	}
}

// The rated person learns of the rating by the notice, and of nothing else.
func TestRatedStaffHasTheNoticeOnly(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	rated := o.as(ratedLogin)
	if list := rated.get("/notices").want(200).object()["notices"].([]any); len(list) != 0 {
		t.Errorf("before service there are notices: %v", list)
	}
	rated.get("/notices/"+caseID).refused(404, regulation.NotFound)
	o.walk(receipt, caseID, regulation.ActAskConsent)
	notice := rated.get("/notices/" + caseID).want(200).object()
	if notice["period"] != "2026-W48" || notice["grade"] != 1.0 || notice["dimensions"].(map[string]any)["attitude"] != 1.0 {
		t.Errorf("the notice is %v", notice)
	}
	o.browsing(ratedLogin).get("/notices/"+caseID).want(200).shows("2026 年第 48 周", "无理由超过法定办理时间")
	rated.get("/cases/"+caseID).refused(403, regulation.NotPermitted)
	if tasks := rated.get("/inbox?tab=unit").want(200).object()["tasks"].([]any); len(tasks) != 0 {
		t.Errorf("the rated person's inbox has %v", tasks)
	}
	o.as("kd-window-02").get("/notices/"+caseID).refused(404, regulation.NotFound) // a colleague
	o.as("kd-psb-head").get("/notices/" + caseID).want(200)
	o.as("kd-mkt-head").get("/notices/"+caseID).refused(404, regulation.NotFound)
}

// With the rater's consent the handler who signed sees the number of the matter, and nobody else
// of the unit; taken back, it is gone (R30).
func TestMatterNumberByConsent(t *testing.T) {
	o := setup(t)
	receipt, _, c := o.rateMatterBadly()
	o.walk(receipt, c.ID, regulation.ActAskConsent)
	o.step(receipt, c.ID, step{"kd-clerk-1", regulation.ActAskConsent, fields{"answer": "yes"}, "dispatch"})
	o.step(receipt, c.ID, mainLine[5])
	o.as("kd-psb-handler-1").get("/cases/" + c.ID).want(200).hides(matterNumber)
	o.step(receipt, c.ID, mainLine[6])
	o.as("kd-psb-handler-1").get("/cases/" + c.ID).want(200).shows(matterNumber)
	o.as("kd-psb-handler-2").get("/cases/" + c.ID).want(200).hides(matterNumber)
	citizen := o.program()
	citizen.post("/receipt", fields{"receipt": receipt}).want(204)
	citizen.post("/receipt/acts/withdraw_consent", fields{}).want(201)
	o.as("kd-psb-handler-1").get("/cases/" + c.ID).want(200).hides(matterNumber)
}

// Only unsigned, overdue or insufficient rectification reaches the discipline officer; the
// authority's own delays go one level up.
func TestEscalationsReachWhomTheyConcern(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	officer := o.as("kd-discipline-1")
	officer.get("/cases/"+caseID).refused(404, regulation.NotFound)
	o.clock.Forward(72 * time.Hour)
	_, c, err := o.record.CaseByReceipt(t.Context(), receipt)
	must(t, err)
	for _, d := range c.Deadlines {
		_, err := o.record.RecordDeadline(t.Context(), caseID, d.ID)
		must(t, err)
	}
	list := officer.get("/discipline").want(200).object()["escalations"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["reason"] != "unsigned" {
		t.Errorf("the discipline officer's list is %v", list)
	}
	officer.get("/cases/"+caseID).want(200).hides(raterWords, raterPhone, "138****5678", "群众说")
	o.browsing("kd-discipline-1").get("/discipline").want(200).shows("转办未签收")
	if up := o.as("gz-supervisor-1").get("/escalations").want(200).object()["escalations"].([]any); len(up) != 0 {
		t.Errorf("one level up went %v", up)
	}
	second, late := o.rateBadly()
	_ = second
	o.clock.Forward(72 * time.Hour)
	accept, err := o.record.LoadStep(t.Context(), late)
	must(t, err)
	for _, timer := range accept.Timers {
		_, err := o.record.RecordDeadline(t.Context(), late, timer.ID)
		must(t, err)
	}
	o.as("gz-supervisor-1").get("/escalations").want(200).shows("overdue:accept", late)
	o.browsing("gz-supervisor-1").get("/escalations").want(200).shows("升级督办")
}

// A live page hears of its own cases, whoever else acts, and of no other.
func TestLiveEventsPassTheScope(t *testing.T) {
	o := setup(t)
	here, there := o.listen("kd-supervisor-1"), o.listen("ld-supervisor-1")
	time.Sleep(1500 * time.Millisecond) // the node has looked at the ledger once
	_, caseID := o.rateBadly()
	token, ok, err := o.record.AcquireLease(t.Context(), store.LeaseSequencer, "test", time.Minute)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	_, _, err = o.record.IntegrateLeaves(t.Context(), token, 100)
	must(t, err)
	select {
	case line := <-here:
		if !strings.Contains(line, caseID) {
			t.Errorf("the page hears %q", line)
		}
	case <-time.After(5 * time.Second):
		t.Error("the page hears nothing")
	}
	select {
	case line := <-there:
		t.Errorf("another county hears %q", line)
	case <-time.After(1500 * time.Millisecond):
	}
}

// listen opens the stream and hands on its data lines.
func (o *office) listen(login string) <-chan string {
	o.t.Helper()
	c := o.as(login)
	c.http.Transport = http.DefaultTransport // a stream has no end to be held against the contract
	answer, err := c.http.Do(c.request(http.MethodGet, "/events", nil))
	must(o.t, err)
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != 200 || kind != "text/event-stream" {
		o.t.Fatalf("the stream is %d of type %q", answer.StatusCode, kind)
	}
	o.t.Cleanup(func() { answer.Body.Close() })
	lines := make(chan string, 16)
	go func() {
		for scan := bufio.NewScanner(answer.Body); scan.Scan(); {
			if data, ok := strings.CutPrefix(scan.Text(), "data: "); ok {
				lines <- data
			}
		}
	}()
	return lines
}
