package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tab is the one tab that all screens take turns in: each with its own size and cookies.
type tab struct {
	ctx   context.Context
	shown *screen
}

// browser starts Chromium, which these tests need: Debian's package chromium.
func browser(t *testing.T) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.NoFirstRun,
		chromedp.Flag("lang", "zh-CN"), chromedp.Flag("accept-lang", "zh-CN"), chromedp.Env("LANG=zh_CN.UTF-8", "LANGUAGE=zh_CN"))
	allocated, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx, network.Enable()); err != nil {
		t.Fatalf("chromium is needed (Debian package chromium): %v", err)
	}
	return &tab{ctx: ctx}
}

// screen is one person at a screen, with cookies of their own.
type screen struct {
	t             *testing.T
	tab           *tab
	base          string
	width, height int64
	blocked       []string // addresses that are not loaded
	cookies       []*network.CookieParam
}

// The two screens that the product is drawn for first.
const (
	phoneWidth, phoneHeight = 390, 844
	deskWidth, deskHeight   = 1440, 900
)

// withoutScripts keeps every script of the product from loading; it has no others.
func (s *screen) withoutScripts() { s.blocked = []string{"*.mjs", "*.mjs?*"} }

// turn brings the screen into the tab.
func (s *screen) turn(ctx context.Context) error {
	before := s.tab.shown
	if before == s {
		return nil
	}
	s.tab.shown = s
	return chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		if before == nil {
			return nil
		}
		had, err := network.GetCookies().WithURLs([]string{s.base, s.base + "/thanks"}).Do(ctx)
		before.cookies = nil
		for _, c := range had {
			before.cookies = append(before.cookies, &network.CookieParam{Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path,
				HTTPOnly: c.HTTPOnly, SameSite: c.SameSite})
		}
		return err
	}), network.ClearBrowserCookies(), chromedp.ActionFunc(func(ctx context.Context) error {
		if len(s.cookies) == 0 {
			return nil
		}
		return network.SetCookies(s.cookies).Do(ctx)
	}), network.SetBlockedURLs(s.blocked), emulation.SetDeviceMetricsOverride(s.width, s.height, 1, s.width == phoneWidth))
}

// run does things in the browser, within a while.
func (s *screen) run(what string, actions ...chromedp.Action) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.tab.ctx, patience/2)
	defer cancel()
	if err := errors.Join(s.turn(ctx), chromedp.Run(ctx, actions...)); err != nil {
		s.t.Fatalf("%s: %v\n%s", what, err, s.says())
	}
}

// says is the page's text, for the reader of a failed test.
func (s *screen) says() string {
	ctx, cancel := context.WithTimeout(s.tab.ctx, 5*time.Second)
	defer cancel()
	var address, text string
	_ = chromedp.Run(ctx, chromedp.Location(&address), chromedp.Evaluate("document.body.innerText.slice(0, 1500)", &text))
	return address + "\n" + text
}

func (s *screen) open(path string) {
	s.t.Helper()
	s.run("open "+path, chromedp.Navigate(s.base+path))
}

// press does something that leads to another page, and returns that one's status.
func (s *screen) press(what string, actions ...chromedp.Action) int64 {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.tab.ctx, patience/2)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, actions...)
	if err != nil || answer == nil {
		s.t.Fatalf("%s: %v\n%s", what, err, s.says())
	}
	return answer.Status
}

// ask evaluates an expression on the page.
func ask[T any](s *screen, expression string) (answer T) {
	s.t.Helper()
	s.run(expression, chromedp.Evaluate(expression, &answer))
	return answer
}

// at tells whether the key focus is on an element.
func (s *screen) at(selector string) bool {
	s.t.Helper()
	return ask[bool](s, fmt.Sprintf("document.activeElement.matches(%q)", selector))
}

// tabTo moves the focus by the tabulator alone, forwards through the page.
func (s *screen) tabTo(selector string) {
	s.t.Helper()
	for range 400 {
		if s.at(selector) {
			return
		}
		s.run("tab", chromedp.KeyEvent(kb.Tab))
	}
	s.t.Fatalf("the tabulator does not reach %s\n%s", selector, s.says())
}

func (s *screen) key(keys string) {
	s.t.Helper()
	s.run("press "+keys, chromedp.KeyEvent(keys))
}

// write types into the field that has the focus.
func (s *screen) write(text string) {
	s.t.Helper()
	s.run("type", input.InsertText(text))
}

// enterAs signs in by the demo's one click, without a pointer.
func (s *screen) enterAs(login string) {
	s.t.Helper()
	s.open("/sign-in")
	s.tabTo(`a[href="/demo/sign-ins"]`)
	s.press("the demo's sign-ins", chromedp.KeyEvent(kb.Enter))
	s.tabTo(fmt.Sprintf(`form:has(input[value=%q]) button`, login))
	s.press("sign in", chromedp.KeyEvent(kb.Enter))
}

// fill puts an act's values into its form by keys: texts are typed, choices are walked to.
func (s *screen) fill(kind string, values fields) {
	s.t.Helper()
	act := "#act-" + kind
	s.tabTo(act + " > summary")
	if !ask[bool](s, fmt.Sprintf("document.querySelector(%q).open", act)) {
		s.key(kb.Enter)
	}
	names := ask[[]string](s, fmt.Sprintf(`[...new Set([...document.querySelectorAll(%q)].map(e => e.name))]`,
		act+" :is(input:not([type=hidden]), select, textarea)"))
	for _, name := range names {
		if value, given := values[name].(string); given {
			s.fillField(fmt.Sprintf("%s [name=%q]", act, name), value)
		}
	}
}

func (s *screen) fillField(selector, value string) {
	s.t.Helper()
	s.tabTo(selector)
	switch ask[string](s, "document.activeElement.type") {
	case "radio":
		s.key(" ")
		s.walkTo(fmt.Sprintf("document.activeElement.value === %q && document.activeElement.checked", value))
	case "select-one":
		s.walkTo(fmt.Sprintf("document.activeElement.value === %q", value))
	case "date":
		s.writeDate(value)
	default:
		s.write(value)
	}
}

// walkTo presses the down arrow until the choice is made.
func (s *screen) walkTo(chosen string) {
	s.t.Helper()
	for range 60 {
		if ask[bool](s, chosen) {
			return
		}
		s.key(kb.ArrowDown)
	}
	s.t.Fatalf("the arrows do not reach the choice: %s", chosen)
}

// writeDate types a date as the browser's own field asks for it: year first in Chinese.
func (s *screen) writeDate(value string) {
	s.t.Helper()
	parts := strings.Split(value, "-")
	for _, order := range [][]int{{0, 1, 2}, {1, 2, 0}} {
		for _, i := range order {
			s.key(parts[i])
			if i == 0 && order[0] == 0 {
				s.key(kb.ArrowRight) // a year may have six digits
			}
		}
		if ask[string](s, "document.activeElement.value") == value {
			return
		}
		s.key(kb.ArrowLeft + kb.ArrowLeft + kb.ArrowLeft)
	}
	s.t.Fatalf("the date field took %q for %s", ask[string](s, "document.activeElement.value"), value)
}

// act does an act through its form, by keys, and returns the status of the page that follows.
func (s *screen) act(kind string, values fields) int64 {
	s.t.Helper()
	s.fill(kind, values)
	s.tabTo("#act-" + kind + " button.btn")
	return s.press(kind, chromedp.KeyEvent(kb.Enter))
}

// shows fails the test unless the page has the text.
func (s *screen) shows(texts ...string) {
	s.t.Helper()
	page := ask[string](s, "document.body.innerText")
	for _, text := range texts {
		if !strings.Contains(page, text) {
			s.t.Errorf("the page does not show %q:\n%.1500s", text, page)
		}
	}
}

// shoot writes a picture of what the screen shows to HAOCHAPING_SHOTS, for eyes.
func (s *screen) shoot(name string, whole bool) {
	s.t.Helper()
	folder := os.Getenv("HAOCHAPING_SHOTS")
	if folder == "" {
		return
	}
	var picture []byte
	take := chromedp.CaptureScreenshot(&picture)
	if whole {
		take = chromedp.FullScreenshot(&picture, 100)
	}
	s.run("picture", take)
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// axeFile is where scripts/axe.sh puts axe-core.
const axeFile = "../../.cache/axe/node_modules/axe-core/axe.min.js"

// accessible holds the page on the screen to WCAG AA as far as axe can tell, with every fold
// open, and lets it be no wider than the screen.
func (s *screen) accessible(name string) {
	s.t.Helper()
	axe, err := os.ReadFile(axeFile)
	if err != nil {
		s.t.Fatalf("axe-core is needed: run scripts/axe.sh (%v)", err)
	}
	var found []struct {
		ID, Impact string
		Nodes      []struct {
			HTML    string `json:"html"`
			Summary string `json:"failureSummary"`
		}
	}
	s.run("axe", chromedp.Evaluate(`document.querySelectorAll("details:not(.menu)").forEach(d => d.open = true)`, nil),
		chromedp.Evaluate(string(axe)+"; 0", nil),
		chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations)`, &found,
			func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	for _, v := range found {
		if v.Impact == "serious" || v.Impact == "critical" {
			s.t.Errorf("%s: %s (%s): %.200s\n%s", name, v.ID, v.Impact, v.Nodes[0].HTML, v.Nodes[0].Summary)
		}
	}
	if over := ask[int](s, "document.documentElement.scrollWidth - window.innerWidth"); over > 0 {
		s.t.Errorf("%s is %d px wider than the screen", name, over)
	}
}
