package api_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"haochaping/api"
	"haochaping/regulation"
)

// fastWall is a machine clock that a test can push on.
type fastWall struct{ ahead atomic.Int64 }

func (w *fastWall) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

func (w *fastWall) expire() { w.ahead.Add(int64(time.Hour)) }

// officeWithClock is an office whose sessions a test can let expire.
func officeWithClock(t *testing.T) (*office, *fastWall) {
	wall := &fastWall{}
	return setup(t, func(o *api.Options) { o.Wall = wall.now }), wall
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// hidden are the fields of a page that are not shown.
func (g got) hidden() url.Values {
	values := url.Values{}
	for _, m := range hiddenInput.FindAllStringSubmatch(string(g.body), -1) {
		if strings.HasPrefix(m[1], "kept") {
			values.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
		}
	}
	return values
}

const typedFinding = `监控显示<等候>两小时"属实"&`

// What a verifier typed outlives the session: it is there after signing in, and is sent once.
func TestAFormOutlivesItsSession(t *testing.T) {
	o, wall := officeWithClock(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActRecordFinding)
	verifier := o.browsing("kd-verifier-1")
	wall.expire()
	path := "/cases/" + caseID + "/acts/record_finding"
	form := url.Values{"idempotency_key": {"typed-once"}}
	for name, value := range mainLine[3].values {
		form.Set(name, value.(string))
	}
	form.Set("account", typedFinding)
	page := verifier.form(path, form).want(401).shows("登录已过期", "已为您留着")
	kept := page.hidden()
	if kept.Get("kept_action") != path || kept.Get("kept_by") == "" {
		t.Fatalf("the sign-in page carries %v", kept)
	}
	kept.Set("login", "kd-verifier-1")
	kept.Set("password", "wrong password")
	again := verifier.form("/sign-in", kept).want(403).hidden()
	if again.Get("kept") != kept.Get("kept") {
		t.Error("a wrong password loses the form")
	}
	kept.Del("password")
	back := verifier.form("/demo/sign-ins", kept).want(200)
	back.shows(html.EscapeString(`监控显示`), "还没有提交", `value="typed-once"`, "<details class=\"card act\" id=\"act-record_finding\" open>").hides("<等候>")
	verifier.form(path, form).want(303)
	verifier.form(path, form).want(303)
	events := o.as("kd-verifier-1").get("/cases/" + caseID).want(200).object()["events"].([]any)
	found := 0
	for _, e := range events {
		if e.(map[string]any)["name"] == "record_finding" {
			found++
		}
	}
	if found != 1 {
		t.Errorf("%d findings are recorded", found)
	}
}

// What one person typed is never shown to another.
func TestAFormIsNotForSomebodyElse(t *testing.T) {
	o, wall := officeWithClock(t)
	_, caseID := o.rateBadly()
	supervisor := o.browsing("kd-supervisor-1")
	wall.expire()
	kept := supervisor.form("/cases/"+caseID+"/acts/accept", url.Values{"note": {"只给我看"}, "idempotency_key": {"n"}}).want(401).hidden()
	kept.Set("login", "kd-supervisor-2")
	next := supervisor.form("/demo/sign-ins", kept).want(303).hides("只给我看").header.Get("Location")
	supervisor.get(next).want(200).shows("由他人填写").hides("只给我看")
	if phase := o.as("kd-supervisor-1").get("/cases/" + caseID).object()["phase"]; phase != "opened" {
		t.Errorf("the case is in %v", phase)
	}
}

// Neither passwords nor addresses of other kinds travel, and another site's form is refused.
func TestWhatIsNotKept(t *testing.T) {
	o, wall := officeWithClock(t)
	_, caseID := o.rateBadly()
	c := o.browsing("kd-supervisor-1")
	wall.expire()
	path := "/cases/" + caseID + "/acts/accept"
	c.form(path, url.Values{"password": {"geheim-77"}}).want(401).hides("geheim-77")
	huge := c.form(path, url.Values{"note": {strings.Repeat("x", 200<<10)}}).want(401).shows("请返回上一页")
	if huge.hidden().Has("kept") {
		t.Error("a huge form is carried on")
	}
	foreign := c.request("POST", path, strings.NewReader("note=foreign"))
	foreign.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	c.do(foreign).want(403).hides("kept_action")
	wrong := url.Values{"login": {"kd-supervisor-1"}, "kept_action": {"//evil.example/x"}, "kept": {"note=x"}, "kept_by": {"x"}}
	if to := c.form("/demo/sign-ins", wrong).want(303).header.Get("Location"); !strings.HasPrefix(to, "/cases") {
		t.Errorf("leads to %s", to)
	}
}

// A form that has no page of its own is shown as it was, to be sent from there.
func TestAKeptButtonIsSentFromItsOwnPage(t *testing.T) {
	o, wall := officeWithClock(t)
	admin, person := o.browsing("kd-secadmin"), ""
	people := o.as("kd-secadmin").get("/people").want(200).object()["people"].([]any)
	for _, p := range people {
		if p.(map[string]any)["login"] == "kd-mkt-head" {
			person = p.(map[string]any)["person"].(string)
		}
	}
	wall.expire()
	kept := admin.form("/people/"+person+"/disable", url.Values{"idempotency_key": {"d1"}}).want(401).hidden()
	kept.Set("login", "kd-secadmin")
	admin.form("/demo/sign-ins", kept).want(200).shows("还没有提交", `action="/people/`+person+`/disable"`, `value="d1"`)
	admin.form("/people/"+person+"/disable", url.Values{"idempotency_key": {"d1"}}).want(303)
}

// What a rater typed outlives the quarter of an hour of the receipt, and is theirs alone.
func TestASurveyOutlivesItsReceipt(t *testing.T) {
	o, wall := officeWithClock(t)
	receipt, caseID := o.rateBadly()
	other, _ := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActAnswerSurvey)
	survey := url.Values{"satisfaction": {"4"}, "resolved": {"yes"}, "pressed": {"no"}, "text": {"写了<很久>的话"}, "idempotency_key": {"survey-typed-once"}}

	b := o.browser()
	open := func(receipt string) { b.form("/receipt", url.Values{"receipt": {receipt}}).want(303) }
	open(receipt)
	wall.expire()
	page := b.form("/receipt/acts/answer_survey", survey).want(401).shows("已为您留着", `name="receipt"`).hides("<很久>", receipt)
	kept := page.hidden()
	kept.Set("receipt", "wrong")
	if again := b.form("/receipt", kept).want(422).hidden(); again.Get("kept") != kept.Get("kept") {
		t.Error("a wrong receipt loses the form")
	}
	kept.Set("receipt", receipt)
	b.form("/receipt", kept).want(200).shows("还没有提交", "写了&lt;很久&gt;的话", `value="survey-typed-once"`, `value="4" checked`).hides(receipt)
	b.form("/receipt/acts/answer_survey", survey).want(303)

	open(receipt)
	wall.expire()
	late := b.form("/receipt/acts/answer_survey", survey).want(401).hidden()
	late.Set("receipt", receipt)
	b.form("/receipt", late).want(200).shows("测评已经结束", "写了&lt;很久&gt;的话")
	wall.expire()
	late.Set("receipt", other)
	b.form("/receipt", late).want(303)
	b.get("/receipt/status").want(200).shows("由他人填写").hides("很久")
	o.program().post("/receipt/acts/answer_survey", fields{"satisfaction": 4}).refused(401, "receipt_first")
}
