package api_test

import (
	"log/slog"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/activities"
	"haochaping/integration/notice"
	"haochaping/integration/sms"
	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
)

// texting is an office whose gateway takes text messages.
type texting struct {
	*office
	gateway *notice.Double
	notices activities.Notices
	token   int64
}

func textingOffice(t *testing.T) *texting {
	t.Helper()
	x := &texting{office: setup(t, telling), gateway: &notice.Double{Secret: []byte("sixteen bytes or more")}}
	server := httptest.NewServer(x.gateway)
	t.Cleanup(server.Close)
	guard, err := policies.New()
	must(t, err)
	x.notices = activities.Notices{Record: x.record, Guard: guard, Address: "https://hcp.example", Official: "12345", Now: x.clock.Now, Log: slog.New(slog.DiscardHandler),
		Senders: map[string]notice.Send{store.WaySMS: sms.New(server.URL+"/in", x.gateway.Secret).Send}}
	x.token, _, err = x.record.AcquireLease(t.Context(), store.LeaseNotices, "tester", 1000*time.Hour)
	must(t, err)
	x.turn()
	return x
}

// turn has the ledger take in what there is, and raters told of it.
func (x *texting) turn() {
	x.t.Helper()
	sequencer, _, err := x.record.AcquireLease(x.t.Context(), store.LeaseSequencer, "tester", 1000*time.Hour)
	must(x.t, err)
	_, _, err = x.record.IntegrateLeaves(x.t.Context(), sequencer, 10000)
	must(x.t, err)
	must(x.t, x.notices.Turn(x.t.Context(), x.token))
}

// later lets a while pass, in working hours of the next day that there are any.
func (x *texting) later() {
	x.t.Helper()
	x.turn()
	x.clock.Forward(2 * time.Minute)
	x.turn()
}

// nextDay goes on to ten o'clock of the next working day.
func (x *texting) nextDay() {
	x.t.Helper()
	for ok := false; !ok; {
		at := x.clock.Now().In(time.FixedZone("", 8*3600))
		x.clock.Forward(time.Date(at.Year(), at.Month(), at.Day()+1, 10, 0, 0, 0, at.Location()).Sub(at))
		day := x.clock.Now().In(at.Location()).Weekday()
		ok = day != time.Saturday && day != time.Sunday
	}
	x.later()
}

func (x *texting) want(count int) []map[string]any {
	x.t.Helper()
	all := x.gateway.Taken()
	if len(all) != count {
		x.t.Fatalf("%d messages, want %d: %v", len(all), count, all)
	}
	return all
}

func TestRaterIsToldByTextMessageAtEachStepAndReadsWhichWereSent(t *testing.T) {
	x := textingOffice(t)
	receipt, caseID := x.rateBadly()
	x.later()
	text := x.want(1)[0]["text"].(string)
	status := x.citizen(receipt).get("/receipt/status").want(200).object()
	word, number := status["code_word"].(string), x.caseOf(receipt).Number
	for _, part := range []string{"已收到", "https://hcp.example/receipt", word, "12345"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %q", part, text)
		}
	}
	for _, part := range []string{raterName, raterPhone, number, caseID, receipt, "公安", "差评案件", "不满意"} {
		if strings.Contains(text, part) {
			t.Errorf("%q is in %q", part, text)
		}
	}
	if phone := x.want(1)[0]["phone"]; phone != raterPhone {
		t.Errorf("to %v", phone)
	}
	x.walk(receipt, caseID, regulation.ActAnswerSurvey)
	x.nextDay()
	if text := x.want(2)[1]["text"].(string); !strings.Contains(text, "有了答复") {
		t.Errorf("%q", text)
	}
	// Everything that a rater may be told in a day is one message.
	x.later()
	x.want(2)
	page := x.browser()
	page.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	page.get("/receipt/status").want(200).shows("给您发的短信", "有答复", "已收到", "不再发短信", word, "为给您发短信").hides(raterPhone, raterName)
	// Stopped: nothing more, not even what waits already.
	page.form("/receipt/consents", url.Values{"scope": {"notices"}, "consent": {"no"}}).want(303)
	page.get("/receipt/status").want(200).shows("您已停收短信", "恢复短信提醒")
	for _, s := range mainLine[slices.IndexFunc(mainLine, func(s step) bool { return s.act == regulation.ActAnswerSurvey }):] {
		x.step(receipt, caseID, s)
	}
	x.nextDay()
	x.want(2)
	page.form("/receipt/consents", url.Values{"scope": {"notices"}, "consent": {"yes"}}).want(303)
	x.nextDay()
	x.want(2) // what happened while they were stopped is not told afterwards
}

func TestConsentTakenBackBetweenQueueingAndSendingSendsNothing(t *testing.T) {
	x := textingOffice(t)
	receipt, _ := x.rateBadly()
	other, _ := x.rateBadly()
	x.turn()
	x.gateway.Answer(503) // it is made, and the gateway takes nothing now
	x.clock.Forward(2 * time.Minute)
	x.turn()
	x.want(0)
	x.citizen(receipt).post("/receipt/consents", fields{"scope": "notices", "consent": "no"}).want(204)
	x.citizen(other).post("/receipt/contact/erase", fields{}).want(204)
	opened := x.opened()
	x.clock.Forward(time.Hour)
	x.turn()
	x.want(0)
	if now := x.opened(); now != opened {
		t.Errorf("the number was opened %d times after it was taken back", now-opened)
	}
	body := x.citizen(receipt).get("/receipt/status").want(200).object()["notices"].(map[string]any)
	if body["on"] != false || len(body["sent"].([]any)) != 0 {
		t.Errorf("%v", body)
	}
}

// opened counts how often a number was opened for a message.
func (x *texting) opened() (n int) {
	x.t.Helper()
	entries, err := x.record.AuditLog(x.t.Context(), regulation.Scope{All: true}, store.AuditQuery{})
	must(x.t, err)
	for _, e := range entries {
		if e.Action == "give_rater" && e.Purpose == string(regulation.ConsentNotices) {
			n++
		}
	}
	return n
}

func TestRaterWhoLeftNoNumberIsToldNothing(t *testing.T) {
	x := textingOffice(t)
	rating := badRating(t)
	for _, field := range []string{"contact_name", "contact_phone", "contact_consent", "contact_language", "contact_time"} {
		delete(rating, field)
	}
	receipt := x.program().post("/ratings", rating).want(201).object()["receipt"].(string)
	x.later()
	x.nextDay()
	x.want(0)
	if body := x.citizen(receipt).get("/receipt/status").want(200).object(); body["notices"] != nil {
		t.Errorf("%v", body["notices"])
	}
}

func TestTextMessagesKeepQuietHoursAndOneADay(t *testing.T) {
	x := textingOffice(t)
	x.clock.Forward(12 * time.Hour) // at night
	receipt, caseID := x.rateBadly()
	x.later()
	x.want(0)
	x.walk(receipt, caseID, regulation.ActAnswerSurvey)
	x.nextDay()
	text := x.want(1)[0]["text"].(string)
	if !strings.Contains(text, "已收到") || !strings.Contains(text, "有了答复") {
		t.Errorf("what waited is one message: %q", text)
	}
}

func TestARefusedMessageIsGivenUpAndSaidOnTheReceipt(t *testing.T) {
	x := textingOffice(t)
	receipt, _ := x.rateBadly()
	x.turn()
	x.gateway.Answer(422)
	x.clock.Forward(2 * time.Minute)
	x.turn()
	x.want(0)
	sent := x.citizen(receipt).get("/receipt/status").want(200).object()["notices"].(map[string]any)["sent"].([]any)
	if len(sent) != 1 || sent[0].(map[string]any)["failed"] != true {
		t.Errorf("%v", sent)
	}
	figures, err := x.record.NoticeFigures(t.Context())
	must(t, err)
	if figures.Waiting != 0 || figures.Parked != 0 {
		t.Errorf("%+v", figures)
	}
}
