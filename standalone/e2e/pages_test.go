package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"haochaping/regulation"
)

// TestPages is the product in front of people: citizens on a phone, staff at a desk by keys
// alone, a case from its rating to its end.
func TestPages(t *testing.T) {
	_, p, w := setup(t, nil)
	chromium := browser(t)
	base := "http://" + p.addr
	phone := func(t *testing.T) *screen {
		return &screen{t: t, tab: chromium, base: base, width: phoneWidth, height: phoneHeight}
	}
	t.Run("citizen", func(t *testing.T) { rateOnPhone(t, phone(t), "with") })
	t.Run("citizen without scripts", func(t *testing.T) {
		s := phone(t)
		s.withoutScripts()
		rateOnPhone(t, s, "without")
		if ask[int](s, `document.querySelectorAll(".counter").length`) > 0 {
			t.Error("scripts ran: this test proves nothing")
		}
	})
	t.Run("staff", func(t *testing.T) {
		d := &desk{t: t, chromium: chromium, base: base, town: w, screens: map[string]*screen{}}
		d.wholeCase(phone(t))
	})
	t.Run("appeal", func(t *testing.T) {
		d := &desk{t: t, chromium: chromium, base: base, town: w, screens: map[string]*screen{}}
		d.appealed(phone(t), phone(t))
	})
	t.Run("lists", func(t *testing.T) {
		lists(t, &screen{t: t, tab: chromium, base: base, width: deskWidth, height: deskHeight})
	})
}

// rateOnPhone rates a window whose staff's post is not made public, reads the receipt, and looks
// the case up by it.
func rateOnPhone(t *testing.T, s *screen, scripts string) {
	s.open("/r/" + policeCode)
	s.shoot("rate-phone", false)
	s.open("/r/" + gapCode)
	s.shows("未公示", "唐兴国")
	s.accessible("rating page")
	s.shoot("rate-"+scripts, true)
	s.open("/r/" + gapCode)
	if status := s.press("send the empty form", chromedp.Click("form button.primary")); status != 422 {
		t.Errorf("an empty form is answered %d", status)
	}
	s.run("choose a bad grade", chromedp.Click(`label[for="grade-1"]`))
	s.shoot("rate-bad-"+scripts, false)
	// A bad grade alone: the page asks once for a reason, and keeps what was chosen.
	if status := s.press("send without a reason", chromedp.Click("form button.primary")); status != 422 {
		t.Errorf("a bad grade without a reason is answered %d at first", status)
	}
	if !ask[bool](s, `document.querySelector("#grade-1").checked`) {
		t.Error("the grade was not kept")
	}
	s.shoot("rate-asked-"+scripts, true)
	s.run("choose an option and write", chromedp.Click(`.for-1 label.choice`), chromedp.SendKeys("#text", "窗口让我跑了三趟"))
	if status := s.press("send", chromedp.Click("form button.primary")); status != 200 {
		t.Fatalf("rated: %d\n%s", status, s.says())
	}
	receipt := ask[string](s, `document.querySelector("#receipt").textContent`)
	s.accessible("thanks page")
	s.shoot("thanks-"+scripts, true)
	if address := ask[string](s, "location.href"); !strings.HasSuffix(address, "/thanks") {
		t.Errorf("the receipt is shown at %s", address)
	}
	s.open("/receipt")
	s.accessible("receipt page")
	s.run("type the receipt", chromedp.SendKeys("#receipt", receipt))
	if status := s.press("look it up", chromedp.Click("main form button.primary")); status != 200 {
		t.Fatalf("looked up: %d\n%s", status, s.says())
	}
	s.shows("非常不满意")
	s.accessible("status page")
	s.shoot("status-"+scripts, true)
}

// desk is the staff of Kangding, each at a screen of their own.
type desk struct {
	*town
	t        *testing.T
	chromium *tab
	base     string
	screens  map[string]*screen
}

func (d *desk) at(login string) *screen {
	d.t.Helper()
	s := d.screens[login]
	if s == nil {
		s = &screen{t: d.t, tab: d.chromium, base: d.base, width: deskWidth, height: deskHeight}
		s.enterAs(login)
		d.screens[login] = s
	}
	return s
}

// wholeCase takes a case through every form of the main line by keys alone.
func (d *desk) wholeCase(phone *screen) {
	t := d.t
	d.furnish()
	c := d.open(t, contact)
	d.claim(c)
	path := "/cases/" + c.id
	for _, do := range line(toFinding, substantiated, toOrder, toRectified, accepted, released) {
		s := d.at(do.who)
		s.open(path)
		if do.kind == regulation.ActRecordFinding {
			d.refusedBesideItsField(s, path)
		}
		if do.kind == regulation.ActAcceptRectification {
			s.fill(string(do.kind), do.fields)
			s.run("to the top", chromedp.Evaluate("document.activeElement.blur(); scrollTo(0, 0)", nil))
			s.shoot("case", false)
			s.open(path)
		}
		values := c.filled(t, do)
		if status := s.act(string(do.kind), values); status != 200 {
			t.Fatalf("%s by %s: %d\n%s", do.kind, do.who, status, s.says())
		}
		s.shoot("case-after-"+string(do.kind), true)
	}
	d.survey(phone, c)
	for _, do := range toClosed {
		s := d.at(do.who)
		s.open(path)
		s.shoot("case-before-"+string(do.kind), false)
		if status := s.act(string(do.kind), do.fields); status != 200 {
			t.Fatalf("%s by %s: %d\n%s", do.kind, do.who, status, s.says())
		}
	}
	c.told(t, `opened accept record_callback add_evidence record_finding ask_consent transfer sign submit_plan interim_reply
		submit_rectification accept_rectification release_reply answer_survey closing_callback recheck close`)
	s := d.at(supervisor)
	s.open(path)
	s.accessible("closed case")
	s.shoot("case-closed", true)
}

// furnish brings in more cases, some of them on their way, so that lists are lists.
func (d *desk) furnish() {
	for _, code := range []string{"UDEIZQAA7XMJ", "MMR6OL5S3UVN", "3CG3N3YJOR5S", "VWE2VHXVBUHA", "DQ7WZZNH63E5", "3NOB5YTBHDTH"} {
		rate(d.t, newPerson(d.where), code, "2", fields{"option": "209"})
	}
	for n := range 4 {
		d.open(d.t, contact).do(d.t, line(toFinding, substantiated)[:n]...)
	}
}

// claim takes the case out of the inbox and gives it back and takes it again, by keys.
func (d *desk) claim(c *story) {
	s := d.at(supervisor)
	s.open("/cases?tab=available")
	s.accessible("inbox")
	s.open("/cases?tab=available")
	form := func(what string) string {
		return `form[action^="/tasks/` + c.id + `"][action$="` + what + `"] button`
	}
	for _, press := range []struct{ what, tab string }{{"/claim", "mine"}, {"/release", "available"}, {"/claim", "mine"}} {
		s.tabTo(form(press.what))
		s.press(press.what, chromedp.KeyEvent(kb.Enter))
		s.open("/cases?tab=" + press.tab)
	}
	s.shoot("inbox-mine", false)
	s.open("/cases?tab=unit")
	s.shoot("inbox", false)
	s.open("/cases?tab=mine")
	number := c.see(d.t).Number
	s.shows(number)
	s.tabTo(`a[href="/cases/` + c.id + `"]`)
	s.press("open the case", chromedp.KeyEvent(kb.Enter))
	s.shows(number)
	s.accessible("case page")
}

// refusedBesideItsField sends a finding without evidence or a reason for none: the refusal
// stands beside the field and what was typed is kept.
func (d *desk) refusedBesideItsField(s *screen, path string) {
	values := fields{}
	for name, value := range substantiated.fields {
		values[name] = value
	}
	values["cause"] = ""
	if status := s.act("record_finding", values); status != 422 {
		d.t.Fatalf("a finding without a cause is answered %d\n%s", status, s.says())
	}
	s.shoot("case-refused", true)
	const act = "#act-record_finding "
	if kept := ask[string](s, `document.querySelector("`+act+`textarea[name=account]").value`); kept != values["account"] {
		d.t.Errorf("the account typed is %q now", kept)
	}
	if wrong := ask[string](s, `document.querySelector("`+act+`.wrong .err")?.innerText ?? ""`); wrong == "" {
		d.t.Error("no field says what is wrong")
	}
	if !ask[bool](s, `document.querySelector("`+act+`.wrong [name=cause]") !== null`) {
		d.t.Error("the refusal does not stand at its field")
	}
	s.accessible("refused form")
	s.open(path)
}

// survey is answered by the citizen on the phone, by receipt.
func (d *desk) survey(s *screen, c *story) {
	s.open("/receipt")
	s.run("type the receipt", chromedp.SendKeys("#receipt", c.rating.Receipt))
	s.press("look it up", chromedp.Click("main form button.primary"))
	s.shows("周一起增开一个窗口。")
	s.accessible("status with survey")
	s.shoot("survey", true)
	if status := s.press("send it empty", chromedp.Click("#survey button.big")); status != 422 {
		d.t.Errorf("an empty survey is answered %d", status)
	}
	s.run("answer", chromedp.Click(`#survey .g4`), chromedp.Click(`#survey [name=resolved][value=yes] + span`),
		chromedp.Click(`#survey [name=pressed][value=no] + span`))
	if status := s.press("send", chromedp.Click("#survey button.big")); status != 200 {
		d.t.Fatalf("survey: %d\n%s", status, s.says())
	}
}

// lists opens what the other roles look at.
func lists(t *testing.T, s *screen) {
	for login, pages := range map[string][]string{
		supervisor: {"/cases", "/cases?tab=all", "/escalations", "/alarms", "/codes"},
		discipline: {"/discipline"}, head: {"/notices", "/cases"}, "kd-entry-1": {"/paper", "/paper/check", "/paper/decide"},
		"gz-agent-1": {"/hotline"}, "kd-auditor": {"/audit", "/exports", "/cases/register", "/cases?tab=all", "/discipline"}, "kd-secadmin": {"/people"},
	} {
		s.run("leave", chromedp.Navigate(s.base+"/demo/sign-ins"))
		s.press("sign in", chromedp.Evaluate(`document.querySelector('form:has(input[value="`+login+`"])').submit()`, nil))
		for _, path := range pages {
			s.open(path)
			if title := ask[string](s, `document.querySelector("h1")?.innerText ?? ""`); title == "" {
				t.Errorf("%s: no title on %s", login, path)
			}
			listed := []string{path}
			if slices.Contains([]string{"/paper/check", "/paper/decide", "/cases/register", "/exports"}, path) { // reached from a list, or from the reader's own menu
				listed = nil
			}
			if here := ask[[]string](s, `[...document.querySelectorAll(".nav [aria-current=page]")].map(a => a.getAttribute("href"))`); !slices.Equal(here, listed) {
				t.Errorf("%s: on %s the menu says that this is %q", login, path, here)
			}
			s.accessible(path)
			s.shoot("list-"+login+strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path), false)
		}
	}
	for _, path := range []string{"/", "/sign-in", "/demo/sign-ins", "/privacy", "/problems/not-found", "/nowhere"} {
		s.open(path)
		s.accessible(path)
	}
}

// ratedWindow is who serves at the window of these stories, and their profile.
const (
	ratedWindow = "kd-window-02"
	ratedStaff  = "st0035"
)

// appealed takes an appeal from a window staff's phone to the head's desk, and the write-off to the
// rater's phone, who objects.
func (d *desk) appealed(window, citizen *screen) {
	t := d.t
	more := maps.Clone(contact)
	more["staff"] = ratedStaff
	c := d.open(t, more)
	c.do(t, toNotice...)
	window.enterAs(ratedWindow)
	window.open("/notices/" + c.id)
	window.accessible("notice with the appeal's form")
	window.shoot("notice-appeal-form", true)
	if status := window.act("lodge_appeal", fields{"account": "当日系统故障"}); status != 422 {
		t.Errorf("an appeal without grounds is answered %d", status)
	}
	window.shows("请填写这一项")
	if kept := ask[string](window, `document.querySelector("#act-lodge_appeal textarea").value`); kept != "当日系统故障" {
		t.Errorf("of what was typed the form keeps %q", kept)
	}
	if status := window.act("lodge_appeal", fields{"grounds": "facts_untrue"}); status != 200 {
		t.Fatalf("the appeal is answered %d\n%s", status, window.says())
	}
	window.shows("复核中", "撤回申诉")
	window.accessible("notice under appeal")
	window.shoot("notice-under-appeal", true)
	c.do(t, decided("mistaken"))
	at := d.at(authority)
	at.open("/cases/" + c.id)
	at.shows("主线之外的程序", "核销", "待审批")
	at.accessible("case with procedures")
	at.shoot("case-procedures", true)
	at.open("/cases/" + c.id) // axe opened every fold
	if status := at.act("approve_write_off", fields{"opinion": "同意核销"}); status != 200 {
		t.Fatalf("the approval is answered %d\n%s", status, at.says())
	}
	at.shows("待告知评价人")
	d.objects(citizen, c)
	window.open("/notices/" + c.id)
	window.shows("申诉成立，正在办理核销")
	window.shoot("notice-upheld", true)
}

// objects is the rater's objection to the write-off, on the phone.
func (d *desk) objects(s *screen, c *story) {
	s.open("/receipt")
	s.run("type the receipt", chromedp.SendKeys("#receipt", c.rating.Receipt))
	s.press("look it up", chromedp.Click("main form button.primary"))
	s.shows("这条评价拟核销")
	s.accessible("status with objection")
	s.shoot("objection", true)
	s.run("write", chromedp.SendKeys("#objection-text", "我没有评错窗口"))
	if status := s.press("object", chromedp.Click("#objection button.big")); status != 200 {
		d.t.Fatalf("the objection is answered %d\n%s", status, s.says())
	}
	s.shows("您的异议正在办理")
}
