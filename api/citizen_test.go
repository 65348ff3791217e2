package api_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"haochaping/api"
	"haochaping/regulation"
)

var hiddenField = regexp.MustCompile(`name="([a-z_]+)" value="([^"]*)"`)

// hidden reads the hidden fields of a page's form.
func hidden(page []byte) url.Values {
	values := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(string(page), -1) {
		values.Set(m[1], m[2])
	}
	return values
}

func TestRatingOnThePageWithoutScripts(t *testing.T) {
	o := setup(t)
	code := windowCode(t, "513301-w03")
	b := o.browser()
	page := b.get("/r/"+code).want(200).shows("潘思远", "四级主任科员", `name="idempotency_key"`, "108", "更多")
	form := url.Values{"code": {code}, "staff": {"st0038"}, "grade": {"1"}, "idempotency_key": hidden(page.body)["idempotency_key"],
		"contact_time": {"any"}, "mark_attitude": {""}}

	again := b.form("/ratings", form).want(422).shows("请选一项原因", form.Get("idempotency_key"))
	if hidden(again.body).Get("asked") != "yes" {
		t.Fatal("the reason is asked without an end: the form does not know that it was asked")
	}
	form.Set("asked", "yes") // whoever still gives none is taken as they are (R10)
	sent := b.form("/ratings", form).want(303)
	if to := sent.header.Get("Location"); to != "/thanks" {
		t.Fatalf("the form leads to %q", to)
	}
	receipt := regexp.MustCompile(`[0-9A-Z]{4}(-[0-9A-Z]{4}){6}-[0-9A-Z]{5}|[0-9A-Z]{4}(-[0-9A-Z]{4}){7}-[0-9A-Z]`)
	first := receipt.FindString(string(b.get("/thanks").want(200).body))
	reloaded := receipt.FindString(string(b.get("/thanks").want(200).body))
	if first == "" || first != reloaded {
		t.Fatalf("the receipt is %q, reloaded %q", first, reloaded)
	}
	b.form("/ratings", form).want(303) // back, and sent once more
	if receipt.FindString(string(b.get("/thanks").want(200).body)) != first {
		t.Error("sending the form again made another rating")
	}
}

func TestNoRatingIsRefusedForWantOfAReason(t *testing.T) {
	o := setup(t)
	o.away.Store(true) // nor because the engine is down
	body := o.program().post("/ratings", fields{"code": windowCode(t, "513301-w03"), "grade": 2}).want(201).object()
	if body["followed"] != true {
		t.Error("a bad rating opened no case")
	}
	good := o.program().post("/ratings", fields{"code": windowCode(t, "513301-w03"), "grade": 5}).want(201).object()
	if good["followed"] != false {
		t.Error("a good rating opened a case")
	}
}

func TestWrongRatings(t *testing.T) {
	o := setup(t)
	code := windowCode(t, "513301-w03")
	for name, c := range map[string]struct {
		form  fields
		field string
	}{
		"no grade":             {fields{"code": code}, "grade"},
		"six":                  {fields{"code": code, "grade": 6}, "grade"},
		"another grade's word": {fields{"code": code, "grade": 1, "option": []string{"510"}}, "option"},
		"no such code":         {fields{"code": "AAAAAAAAAAAA", "grade": 5}, "code"},
		"no courier came":      {fields{"code": code, "grade": 5, "mark_delivery": 3}, "mark_delivery"},
		"unknown field":        {fields{"code": code, "grade": 5, "phone": "1"}, "phone"},
		"no telephone number":  {fields{"code": code, "grade": 5, "contact_phone": "12", "contact_consent": true}, "contact_phone"},
		"contact unconsented":  {fields{"code": code, "grade": 5, "contact_phone": raterPhone}, "contact_consent"},
		"a bell in a name":     {fields{"code": code, "grade": 5, "contact_phone": raterPhone, "contact_name": "\a", "contact_consent": true}, "contact_name"},
		"a zero in a text":     {fields{"code": code, "grade": 5, "text": "a\x00b"}, "text"},
		"too long":             {fields{"code": code, "grade": 5, "text": strings.Repeat("长", 501)}, "text"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := o.program().post("/ratings", c.form)
			answer.t = t
			wrong, _ := answer.refused(422, regulation.Invalid).object()["fields"].(map[string]any)
			if wrong[c.field] == nil {
				t.Errorf("nothing is said of %s: %s", c.field, answer.body)
			}
		})
	}
}

func TestRatingKeys(t *testing.T) {
	o := setup(t)
	const key = "6f1f0e0a-53b5-4a53-9d0e-0a7b1c5f9f11"
	first := o.program().postKey("/ratings", badRating(t), key).want(201).object()
	again := o.program().postKey("/ratings", badRating(t), key).want(201).object()
	if again["receipt"] != first["receipt"] || again["repeated"] != true {
		t.Errorf("the same form got %v, at first %v", again, first)
	}
	other := badRating(t)
	other["text"] = "另一句话"
	o.program().postKey("/ratings", other, key).refused(409, regulation.Conflict)
	o.program().postKey("/ratings", badRating(t), "").refused(422, regulation.Invalid)
}

// A key leads to a receipt, so one that can be guessed is refused.
func TestWeakRatingKeysAreRefused(t *testing.T) {
	o := setup(t)
	for key, code := range map[string]string{
		"1":                          "key_too_short",
		"ABCDEFGHIJKLMNOPQRSTU":      "key_too_short",
		"with blanks, twenty-two ch": "key_characters",
	} {
		o.program().postKey("/ratings", badRating(t), key).refused(422, regulation.Invalid).shows(code)
	}
	o.program().postKey("/ratings", badRating(t), "ABCDEFGHIJKLMNOPQRSTUV").want(201)

	b, code := o.browser(), windowCode(t, "513301-w03")
	page := b.form("/ratings", url.Values{"code": {code}, "grade": {"5"}, "idempotency_key": {"1"}}).want(422)
	form := url.Values{"code": {code}, "grade": {"5"}, "idempotency_key": {hidden(page.body).Get("idempotency_key")}}
	b.form("/ratings", form).want(303) // the page draws a good one
}

func TestCodesAreForgivenTheirTyping(t *testing.T) {
	o := setup(t)
	code := windowCode(t, "513301-w03")
	typed := strings.ToLower(code[:4]) + " " + code[4:8] + "-" + code[8:]
	o.program().post("/r", fields{"code": typed}).want(200)
	if to := o.browser().form("/r", url.Values{"code": {typed}}).want(303).header.Get("Location"); to != "/r/"+code {
		t.Errorf("the code leads to %q", to)
	}
	o.browser().form("/r", url.Values{"code": {"nonsense"}}).want(422).shows("没有找到这个评价码", "nonsense")
	o.program().get("/r/AAAAAAAAAAAA").refused(404, regulation.NotFound)
}

func TestMissingProfilePartsAreSaid(t *testing.T) {
	o := setup(t)
	data := o.program().get("/r/" + windowCode(t, "513301-w12")).want(200).object()
	staff := data["staff"].(map[string]any)
	if missing, _ := staff["missing"].([]any); len(missing) != 4 {
		t.Errorf("missing are %v", missing)
	}
	o.browser().get("/r/" + windowCode(t, "513301-w12")).want(200).shows("未公示")
}

func TestReceiptShowsTheStageAndNothingElse(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	b := o.browser()
	b.get("/receipt/status").want(303)
	o.program().get("/receipt/status").refused(401, "receipt_first")
	b.form("/receipt", url.Values{"receipt": {"WRONG"}}).want(422).shows("没有找到这个回执", "WRONG")
	b.form("/receipt", url.Values{"receipt": {strings.ToLower(receipt)}}).want(303)
	page := b.get("/receipt/status").want(200).shows("主管部门把问题转给有关单位")
	page.hides(raterWords, raterPhone, raterName, "核实属实", "群众说", "513301-2026", receipt)
}

func TestSurveyAndConsentByReceipt(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActAskConsent)
	b := o.browser()
	b.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	b.get("/receipt/status").want(200).shows("/receipt/acts/answer_consent")
	b.form("/receipt/acts/answer_consent", url.Values{"consent": {"yes"}, "idempotency_key": {"c1"}}).want(303)
	b.get("/receipt/status").want(200).shows("/receipt/acts/withdraw_consent")
	b.form("/receipt/acts/withdraw_consent", url.Values{"consent": {"no"}, "idempotency_key": {"c2"}}).want(303)
	b.form("/receipt/acts/close", url.Values{"idempotency_key": {"c3"}}).want(404)

	for _, s := range mainLine[5:11] {
		o.step(receipt, caseID, s)
	}
	b.form("/receipt/acts/answer_survey", url.Values{"satisfaction": {""}, "text": {"还没好"}, "idempotency_key": {"s1"}}).want(422).shows("还没好")
	b.form("/receipt/acts/answer_survey", url.Values{"satisfaction": {"3"}, "resolved": {"yes"}, "text": {"好了"}, "idempotency_key": {"s2"}}).want(303)
	b.form("/receipt/acts/answer_survey", url.Values{"satisfaction": {"3"}, "resolved": {"yes"}, "text": {"好了"}, "idempotency_key": {"s2"}}).want(303)
}

func TestTooManyReceiptsFromOneAddress(t *testing.T) {
	o := setup(t, func(options *api.Options) { options.Limits.Receipts = api.Limit{PerMinute: 1, AtOnce: 3} })
	for range 3 {
		o.program().post("/receipt", fields{"receipt": "guess"}).want(422)
	}
	o.program().post("/receipt", fields{"receipt": "guess"}).refused(429, "too_many")
}

func TestHeadersOfEveryPage(t *testing.T) {
	o := setup(t)
	h := o.browser().get("/").want(200).header
	for name, want := range map[string]string{"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff",
		"Cache-Control": "no-store", "Vary": "Accept", "Referrer-Policy": "same-origin"} {
		if !strings.Contains(strings.Join(h.Values(name), ","), want) {
			t.Errorf("%s is %q", name, h.Values(name))
		}
	}
	if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
		t.Error("the policy lets inline code run")
	}
	page := string(o.browser().get("/").body)
	name := regexp.MustCompile(`/static/app\.[0-9a-f]+\.css`).FindString(page)
	style := o.browser().get(name).want(200).header
	if !strings.Contains(style.Get("Cache-Control"), "immutable") || style.Get("ETag") == "" {
		t.Errorf("static files are kept as %q with ETag %q", style.Get("Cache-Control"), style.Get("ETag"))
	}
}

func TestAnotherSitesFormIsRefused(t *testing.T) {
	o := setup(t)
	c := o.browser()
	r := c.request(http.MethodPost, "/ratings", strings.NewReader("grade=1"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	c.do(r).want(403)
}

func TestProblemsSpeakTheReadersLanguage(t *testing.T) {
	o := setup(t)
	c := o.program()
	for lang, title := range map[string]string{"zh": "没有找到", "en": "Not found"} {
		r := c.request(http.MethodGet, "/r/AAAAAAAAAAAA", io.NopCloser(strings.NewReader("")))
		r.Header.Set("Accept-Language", lang)
		if have := c.do(r).want(404).object()["title"]; have != title {
			t.Errorf("in %s the title is %v", lang, have)
		}
	}
	c.get("/problems/not-now").want(200)
	o.browser().get("/nowhere").want(404).shows("没有找到")
}
