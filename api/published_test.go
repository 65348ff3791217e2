package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// listOf is the object of a list whose member name has a value.
func listOf(t *testing.T, list any, name string, value any) map[string]any {
	t.Helper()
	for _, item := range list.([]any) {
		if o := item.(map[string]any); o[name] == value {
			return o
		}
	}
	t.Fatalf("%s %v is not listed", name, value)
	return nil
}

func TestRulesArePublishedWithoutNames(t *testing.T) {
	o := setup(t)
	o.edition("2026-12-01", fields{"sign_days": 2})
	o.edition("2027-01-04", fields{"sign_days": 3, "plan_days": 5})
	notice := o.as("kd-supervisor-1").post("/calendar", countyNotice()).want(201).object()["id"].(string)
	waiting := countyNotice()
	waiting["number"] = "康府发〔2026〕8号"
	o.as("kd-supervisor-1").post("/calendar", waiting).want(201)
	o.as("kd-supervisor-2").post("/calendar/"+notice+"/decision", fields{"verdict": "approve"}).want(204)
	o.clock.Forward(9 * 24 * time.Hour) // 2 December

	rules := o.program().get("/rules").want(200).object()
	for name, state := range map[string]string{"2019-12-27/1": "past", "2026-12-01/2": "in_force", "2027-01-04/3": "to_come"} {
		e := listOf(t, rules["editions"], "name", name)
		if n := len(e["parameters"].([]any)); e["state"] != state || n < 50 {
			t.Errorf("%s is %v with %d parameters", name, e["state"], n)
		}
	}
	now := listOf(t, rules["editions"], "name", "2026-12-01/2")["parameters"]
	if p := listOf(t, now, "name", "sign_days"); p["value"] != 2.0 || p["since"] != "2026-12-01" || p["since_edition"] != "2026-12-01/2" ||
		p["interpretation"] != "甘审批解〔2026〕1号" || p["decided_by"] != "甘孜藏族自治州行政审批局" || p["meaning"] == "" {
		t.Errorf("%v", p)
	}
	if p := listOf(t, now, "name", "rectification_days"); p["fixed"] != true || p["decided_by"] != "regulation" || p["since_edition"] != "2019-12-27/1" {
		t.Errorf("%v", p)
	}
	later := listOf(t, rules["log"], "edition", "2027-01-04/3")
	if c := listOf(t, later["changes"], "name", "sign_days"); c["before"] != 2.0 || c["value"] != 3.0 || later["state"] != "to_come" {
		t.Errorf("%v", later)
	}
	published := listOf(t, rules["notices"], "number", "康府发〔2026〕7号")
	if days := published["days"].([]any); published["area"] != "513301" || len(days) != 3 {
		t.Errorf("%v", published)
	}
	listOf(t, rules["notices"], "year", 2026.0)

	raw := string(o.program().get("/rules").want(200).body)
	page := o.browser().get("/rules").want(200).shows("签收期限", "甘审批解〔2026〕1号", "甘孜藏族自治州行政审批局", "康府发〔2026〕7号", "已批准，尚未生效", "2026年全国放假调休")
	for _, login := range []string{"gz-supervisor-1", "gz-head", "kd-supervisor-1", "kd-supervisor-2"} {
		account, err := o.record.AccountByLogin(t.Context(), login)
		must(t, err)
		for _, staff := range []string{account.Person, account.NameZH, login} {
			if strings.Contains(raw, staff) || strings.Contains(string(page.body), staff) {
				t.Errorf("%s stands on the public page", staff)
			}
		}
	}
	page.hides("康府发〔2026〕8号") // waits for its review
}

// An edition whose day is to come is nowhere told to be in force, and the log keeps a revoked one.
func TestEditionToComeIsNotInForce(t *testing.T) {
	o := setup(t)
	id := o.edition("2026-12-01", fields{"sign_days": 2})
	staff := o.as("gz-head").get("/editions").want(200).object()
	if p := listOf(t, staff["proposals"], "id", id); p["state"] != "to_come" {
		t.Errorf("%v", p["state"])
	}
	if e := listOf(t, staff["editions"], "name", "2026-12-01/2"); e["state"] != "to_come" || e["in_force"] != false {
		t.Errorf("%v", e)
	}
	o.browsing("gz-head").get("/editions").want(200).shows("已批准，尚未生效").hides("已生效")
	revocation := o.as("gz-supervisor-1").post("/editions/"+id+"/revocation", fields{"basis": "数值误录"}).want(201).object()["id"].(string)
	o.as("gz-head").post("/editions/"+revocation+"/decision", fields{"verdict": "approve"}).want(204)
	o.edition("2026-12-01", fields{"plan_days": 5})
	rules := o.program().get("/rules").want(200).object()
	if gone := listOf(t, rules["log"], "edition", "2026-12-01/2"); gone["state"] != "revoked" || gone["revoked_basis"] != "数值误录" || gone["revoked_on"] == nil ||
		listOf(t, gone["changes"], "name", "sign_days")["before"] != 1.0 {
		t.Errorf("%v", gone)
	}
	o.clock.Forward(9 * 24 * time.Hour)
	o.browsing("gz-head").get("/editions").want(200).shows("已生效", "已被新版本取代")
	o.browser().get("/rules").want(200).shows("生效前撤销", "数值误录", "已被新版本取代").hides("尚未生效")
}

// The page is the same for everybody in a language and need not be sent twice.
func TestPublishedRulesAreCached(t *testing.T) {
	o := setup(t)
	for _, c := range []*client{o.browser(), o.program()} {
		first := c.get("/rules").want(200)
		tag := first.header.Get("ETag")
		if tag == "" || first.header.Get("Cache-Control") != "public, max-age=60" || !strings.Contains(strings.Join(first.header.Values("Vary"), ","), "Accept-Language") {
			t.Fatalf("%v", first.header)
		}
		again := c.request("GET", "/rules", nil)
		for _, had := range []string{tag, `W/"another", ` + tag, strings.TrimPrefix(tag, "W/"), "*"} { // as caches name what they have
			again.Header.Set("If-None-Match", had)
			if got := c.do(again); got.status != http.StatusNotModified || len(got.body) > 0 {
				t.Errorf("%s: %d with %d bytes", had, got.status, len(got.body))
			}
		}
		again.Header.Set("If-None-Match", `W/"another"`)
		if got := c.do(again); got.status != http.StatusOK {
			t.Errorf("%d for whoever has another", got.status)
		}
	}
	o.edition("2026-12-01", fields{"sign_days": 2})
	old := o.browser().get("/rules?lang=en").want(200)
	if zh := o.browser().get("/rules").want(200); zh.header.Get("ETag") == old.header.Get("ETag") {
		t.Error("both languages have one mark")
	}
	// A signed-in reader gets what everybody gets.
	if mine, theirs := o.browsing("gz-head").get("/rules"), o.browser().get("/rules"); string(mine.body) != string(theirs.body) {
		t.Error("what is shared depends on who reads it")
	}
	o.browser().get("/privacy").want(200).shows(`href="/rules"`)
}

// A public page that greets who is signed in by name is for no cache that others read.
func TestAGreetedReadersPageIsNotShared(t *testing.T) {
	o := setup(t)
	const at = "/public/formulae"
	if got := o.browsing("gz-head").get(at).want(200).header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("a page with somebody's name is kept as %q", got)
	}
	if got := o.browser().get(at).want(200).header.Get("Cache-Control"); got != "public, max-age=60" {
		t.Errorf("what is the same for everybody is kept as %q", got)
	}
}
