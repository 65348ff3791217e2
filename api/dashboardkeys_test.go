package api_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// charted are the stops of a page of charts: also links drawn in them, and tables that are wider than the screen, which arrows move. The
// browser gives a stop of its own to any other box that scrolls.
const charted = `[...document.querySelectorAll("main :is(a, button, input, select, textarea, summary, [tabindex='0'])")].filter(e => e.type !== "hidden" && !e.disabled && e.checkVisibility() &&
	(e.tagName.toLowerCase() !== "a" || e.hasAttribute("href"))).length`

// opened opens every table behind a chart by the key that opens it.
func (k *keyboard) opened() {
	k.t.Helper()
	tables := k.count("main details.behind")
	if tables == 0 {
		k.t.Error("no table stands behind a chart: this proves nothing")
	}
	k.do(chromedp.Evaluate(`scrollTo(0, 0); document.activeElement.blur(); document.querySelector("main").tabIndex = -1; document.querySelector("main").focus()`, nil))
	for range tables {
		k.to("main details.behind:not([open]) > summary")
		k.press(kb.Enter)
	}
	if open := k.count("main details.behind[open]"); open != tables {
		k.t.Errorf("%d of %d tables are opened by keys", open, tables)
	}
}

// Every dashboard is read by keys alone, on a wide screen and on a phone: each link, in a chart, on the map or in the table behind, has its
// stop, seen, in the order in which it is read, and nothing holds the focus.
func TestDashboardsAreWalkedByKeys(t *testing.T) {
	o := setup(t)
	c := o.manyCases()
	chrome := chromium(t)
	for login, pages := range map[string][]string{
		"gz-supervisor-1": {"/dashboard", "/dashboard/county/513301", "/dashboard/unit/" + c.Rated.Unit, "/dashboard/window/" + c.Rated.Window, "/dashboard/staff/" + c.Rated.Staff},
		"kd-psb-head":     {"/dashboard"},
	} {
		k := &keyboard{t, tab(t, chrome)}
		k.do(emulation.SetDeviceMetricsOverride(1440, 900, 1, false), chromedp.Navigate(o.server.URL+"/demo/sign-ins"))
		k.to(`form:has([value="` + login + `"]) button`)
		k.send(kb.Enter)
		for _, page := range pages {
			for _, width := range []int64{1440, 390} {
				k.do(emulation.SetDeviceMetricsOverride(width, 900, 1, false), chromedp.Navigate(o.server.URL+page))
				if login == "gz-supervisor-1" {
					k.opened()
				}
				k.walkTo(charted)
				if t.Failed() {
					t.Fatalf("on %s as %s, %d wide", page, login, width)
				}
			}
		}
	}
}
