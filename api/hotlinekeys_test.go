package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"haochaping/regulation"
)

// keyboard is somebody at a page who has no pointer.
type keyboard struct {
	t   *testing.T
	tab context.Context
}

func (k *keyboard) do(actions ...chromedp.Action) {
	k.t.Helper()
	must(k.t, chromedp.Run(k.tab, actions...))
}

// press presses keys one after another.
func (k *keyboard) press(keys ...string) {
	k.t.Helper()
	for _, key := range keys {
		k.do(chromedp.KeyEvent(key))
	}
}

// send presses a key that leads to another page, and returns that one's status.
func (k *keyboard) send(key string) int64 {
	k.t.Helper()
	answer, err := chromedp.RunResponse(k.tab, chromedp.KeyEvent(key))
	must(k.t, err)
	return answer.Status
}

func (k *keyboard) write(text string) {
	k.t.Helper()
	k.do(input.InsertText(text))
}

// to moves the focus by the tabulator alone.
func (k *keyboard) to(selector string) {
	k.t.Helper()
	for range 150 {
		if at := false; k.is(fmt.Sprintf(`document.activeElement.matches(%q)`, selector), &at) {
			return
		}
		k.press(kb.Tab)
	}
	k.t.Fatalf("the tabulator does not reach %s", selector)
}

func (k *keyboard) is(expression string, yes *bool) bool {
	k.t.Helper()
	k.do(chromedp.Evaluate(expression, yes))
	return *yes
}

// choose walks with the arrows to a radio button of the group that has the focus.
func (k *keyboard) choose(value string) {
	k.t.Helper()
	k.press(" ")
	for range 60 {
		if at := false; k.is(fmt.Sprintf(`document.activeElement.value === %q && document.activeElement.checked`, value), &at) {
			return
		}
		k.press(kb.ArrowDown)
	}
	k.t.Fatalf("the arrows do not reach %s", value)
}

func (k *keyboard) count(selector string) (n int) {
	k.t.Helper()
	k.do(chromedp.Evaluate(fmt.Sprintf(`document.querySelectorAll(%q).length`, selector), &n))
	return n
}

func (k *keyboard) shows(selector, text string) {
	k.t.Helper()
	var page string
	k.do(chromedp.Text(selector, &page, chromedp.ByQuery))
	if !strings.Contains(page, text) {
		k.t.Errorf("%s does not show %q: %.600s", selector, text, page)
	}
}

// stop is where the focus stands: what it is, whether it is seen to be there, and where on the page.
type stop struct {
	Is, Group string
	Seen      bool
	After     bool // it stands behind the one before, in the page and to the eye
	Out       bool // of the page's main part
	Inside    bool // another part of the field at which the focus stood, such as the year after the month
}

// whereFocusIs looks at the focus. A ring may be drawn on the label of a box that is hidden from the eye.
const whereFocusIs = `(() => {
	const e = document.activeElement, label = e.labels?.[0] ?? e, box = label.getBoundingClientRect(), last = window.lastStop;
	const rings = x => x && (getComputedStyle(x).outlineStyle !== "none" && parseFloat(getComputedStyle(x).outlineWidth) >= 2);
	const at = { e, top: box.top + scrollY, left: box.left };
	const after = !last || !!(last.e.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING) && (at.top >= last.top - 4 || at.left > last.left + 40);
	const inside = !!last && last.e === e;
	window.lastStop = at;
	return { Inside: inside, Is: e.tagName + "#" + e.id + "." + (e.name ?? ""), Group: e.type === "radio" ? e.name : "", Seen: (rings(e) || rings(label) || rings(e.nextElementSibling)) && box.width > 0 &&
		box.bottom > 0 && box.top < innerHeight, After: after, Out: !document.querySelector("main").contains(e) };
})()`

// reachable are the stops that the main part has for whoever has no pointer: a group of radio buttons is one.
const reachable = `(() => {
	const all = [...document.querySelectorAll("main :is(a[href], button, input, select, textarea, summary)")].filter(e => e.type !== "hidden" && !e.disabled && e.checkVisibility());
	return new Set(all.map(e => e.type === "radio" ? "radio " + e.name : all.indexOf(e))).size;
})()`

// walk goes through the whole page by the tabulator: each stop is seen and stands behind the one before, all are reached,
// and it ends.
func (k *keyboard) walk() {
	k.t.Helper()
	k.walkTo(reachable)
}

// walkTo is walk with an expression that counts the stops.
func (k *keyboard) walkTo(reachable string) {
	k.t.Helper()
	var want, got int
	k.do(chromedp.Evaluate(`scrollTo(0, 0); document.activeElement.blur(); document.querySelector("main").tabIndex = -1; document.querySelector("main").focus(); window.lastStop = null`, nil),
		chromedp.Evaluate(reachable, &want))
	for range 600 {
		k.press(kb.Tab)
		var at stop
		k.do(chromedp.Evaluate(whereFocusIs, &at))
		if at.Out {
			if got != want {
				k.t.Errorf("%d stops, %d to reach", got, want)
			}
			return
		}
		if at.Inside {
			continue
		}
		if got++; !at.Seen || !at.After {
			k.t.Errorf("stop %d: %+v", got, at)
		}
	}
	k.t.Error("the focus does not leave the page: a trap")
}

// TestAnAgentWorksByKeysAlone: from the call to the receipt without a pointer, on a screen with two columns and on one
// with a single one: a service first, then an outcome with what is missing asked for and what was typed kept.
func TestAnAgentWorksByKeysAlone(t *testing.T) {
	o := setup(t)
	k := &keyboard{t, tab(t, chromium(t))}
	k.do(emulation.SetDeviceMetricsOverride(1440, 900, 1, false), chromedp.Navigate(o.server.URL+"/demo/sign-ins"))
	k.to(`form:has([value="gz-agent-1"]) button`)
	k.send(kb.Enter)
	k.do(chromedp.Navigate(o.server.URL + "/hotline"))
	k.to(`form[action="/demo/calls"] button`)
	k.send(kb.Enter)

	// The call is there, and the agent may type at once what the caller speaks of.
	if at := false; !k.is(`document.activeElement.id === "find"`, &at) {
		t.Error("the page opens elsewhere than in the search")
	}
	k.write("身份证")
	k.send(kb.Enter)
	for _, width := range []int64{1440, 390} {
		k.do(emulation.SetDeviceMetricsOverride(width, 900, 1, false))
		k.walk()
	}
	k.do(emulation.SetDeviceMetricsOverride(1440, 900, 1, false), chromedp.Evaluate(`document.querySelector("#find").focus()`, nil))
	k.to(`[name="object"]`)
	k.choose("window:513301-w03")
	k.to(`[name="language"]`)
	k.choose("bo")
	k.to(`[name="notice_read"]`)
	k.press(" ")
	k.to(`[name="grade"]`)
	k.choose("2")
	k.to(`.for-2 [name="option"]`)
	k.press(" ")
	k.to(`[name="text"]`)
	k.write("让我跑了三趟")
	k.to(`details:has([name="contact_phone"]) > summary`)
	k.press(kb.Enter)
	k.to(`[name="contact_phone"]`)
	k.to(`main form button.primary`)
	if status := k.send(kb.Enter); status != 200 {
		t.Fatalf("a service: %d", status)
	}
	k.shows(".call-line", "1")
	if read := false; !k.is(`document.querySelector("[role=status] output")?.textContent.trim().length > 10`, &read) {
		t.Error("no receipt to be read out")
	}

	// A complaint's outcome in the same call; the agent's own service is for the caller's digit or text message alone.
	k.outcome()
	k.shows("main", "rated by the caller, by digit or text message")
	k.write("热线")
	k.send(kb.Enter)
	k.walk()
	if n := k.count(`[name="object"][value^="window:513300-s"]`); n > 0 {
		t.Errorf("%d seats of the agent's own hotline can be chosen", n)
	}
	all := o.badRatings()
	if len(all) != 2 || all[0].Channel != regulation.ChannelHotline || all[0].CallID == "" || all[0].CallID != all[1].CallID {
		t.Errorf("%+v", all)
	}
}

// outcome rates a complaint's outcome.
func (k *keyboard) outcome() {
	k.t.Helper()
	k.do(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(input.ModifierShift))) // back from the search to what stands before it
	k.choose("complaint")
	k.to("#find")
	k.write("康定市公安局")
	k.send(kb.Enter)
	k.to(`[name="object"]`)
	k.choose("unit:513301-psb")
	k.to(`[name="grade"]`)
	k.choose("1")
	k.to(`main form button.primary`)
	if status := k.send(kb.Enter); status != 422 {
		k.t.Errorf("without its number: %d", status)
	}
	if kept := false; !k.is(`document.querySelector('[value="unit:513301-psb"]').checked && document.querySelector('[name="grade"][value="1"]').checked && document.querySelector("#ticket").ariaInvalid === "true"`, &kept) {
		k.t.Error("what was chosen is lost, or what is missing is not told")
	}
	k.to("#ticket")
	k.write("T-2026-001")
	k.to(`main form button.primary`)
	if status := k.send(kb.Enter); status != 200 {
		k.t.Errorf("an outcome: %d", status)
	}
}
