package web

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestTheChosenGradeShowsItsOptionsWithoutScripts: five groups are in the page, CSS shows one.
func TestTheChosenGradeShowsItsOptionsWithoutScripts(t *testing.T) {
	server, ctx := serve(t), browser(t)
	var before, after []string
	const visible = `[...document.querySelectorAll(".group")].filter(g => g.offsetHeight > 0).map(g => g.className)`
	var counters int
	err := chromedp.Run(ctx, chromedp.Navigate(server.URL+"/rate?scripts=no"),
		chromedp.Evaluate(`document.querySelectorAll(".counter").length`, &counters),
		chromedp.Evaluate(visible, &before), chromedp.Click(`label[for="grade-2"]`), chromedp.Evaluate(visible, &after))
	if err != nil {
		t.Fatal(err)
	}
	if counters != 0 {
		t.Fatal("scripts ran: this test proves nothing")
	}
	if len(before) != 0 || len(after) != 1 || after[0] != "group for-2" {
		t.Errorf("shown before %q, after %q", before, after)
	}
}

// TestRatingByKeyboard walks the rating page by keys alone, and every stop is visible.
func TestRatingByKeyboard(t *testing.T) {
	server, ctx := serve(t), browser(t)
	var skip, outline, grade string
	err := chromedp.Run(ctx, emulation.SetDeviceMetricsOverride(390, 844, 1, false), chromedp.Navigate(server.URL+"/rate"),
		chromedp.KeyEvent(kb.Tab), chromedp.Evaluate(`document.activeElement.className`, &skip),
		chromedp.KeyEvent(kb.Enter),
		chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Tab), // the other two colleagues at the window
		chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.ArrowDown),
		chromedp.Evaluate(`getComputedStyle(document.querySelector("#grade-4 + label")).outlineStyle`, &outline),
		chromedp.Evaluate(`new FormData(document.querySelector("main form")).get("grade")`, &grade))
	if err != nil {
		t.Fatal(err)
	}
	if skip != "skip" || outline != "solid" || grade != "4" {
		t.Errorf("first stop %q, outline %q, grade %q", skip, outline, grade)
	}
}

// TestTouchTargets: on citizens' pages nothing to press is smaller than 44 by 44 pixels, links
// within a line of text aside.
func TestTouchTargets(t *testing.T) {
	const small = `[...document.querySelectorAll("button, summary, .btn, .choice, .grade, .scale label, .mini-grades label > span, input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea")]
		.filter(e => e.checkVisibility() && e.offsetWidth > 1 && !e.closest(".menu .sheet")).filter(e => e.offsetHeight < 44 || e.offsetWidth < 44).map(e => e.outerHTML.slice(0, 80))`
	server, ctx := serve(t), browser(t)
	for name, view := range views() {
		if _, citizen := view.(citizenView); !citizen {
			continue
		}
		var found []string
		err := chromedp.Run(ctx, emulation.SetDeviceMetricsOverride(390, 844, 1, false), chromedp.Navigate(server.URL+"/"+name),
			chromedp.Evaluate(`document.querySelectorAll("details:not(.menu)").forEach(d => d.open = true)`, nil),
			chromedp.Evaluate(small, &found))
		if err != nil {
			t.Fatal(err)
		}
		for _, element := range found {
			t.Errorf("%s: too small: %s", name, element)
		}
	}
}

func TestKeysOfTheInbox(t *testing.T) {
	server, ctx := serve(t), browser(t)
	var second, first, field string
	var open bool
	err := chromedp.Run(ctx, chromedp.Navigate(server.URL+"/inbox"), chromedp.KeyEvent("jj"),
		chromedp.Evaluate(`document.activeElement.textContent`, &second),
		chromedp.KeyEvent("k"), chromedp.Evaluate(`document.activeElement.textContent`, &first),
		chromedp.KeyEvent("?"), chromedp.Evaluate(`document.getElementById("keys").open`, &open),
		chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent("/"), chromedp.Evaluate(`document.activeElement.name`, &field))
	if err != nil {
		t.Fatal(err)
	}
	rows := inboxView().Rows
	if second != rows[1].Number || first != rows[0].Number || !open || field != "number" {
		t.Errorf("second %q, first %q, help open %v, filter %q", second, first, open, field)
	}
}

// TestLivePartsFollowTheServer: an event makes the list fetch itself anew.
func TestLivePartsFollowTheServer(t *testing.T) {
	site := setup(t)
	var calls atomic.Int64
	mux := http.NewServeMux()
	mux.Handle("GET "+StaticPrefix, http.StripPrefix(StaticPrefix, http.FileServerFS(site.Static())))
	mux.HandleFunc("GET /cases", func(w http.ResponseWriter, _ *http.Request) {
		view := inboxView()
		view.Rows = view.Rows[:1]
		view.Rows[0].Number = fmt.Sprintf("visit-%d", calls.Add(1))
		_ = site.Render(w, view)
	})
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, "retry: 60000\nid: 7\ndata: changed\n\n")
	})
	server := listen(t, mux)
	var number string
	err := chromedp.Run(browser(t), chromedp.Navigate(server.URL+"/cases"),
		chromedp.PollFunction(`() => document.querySelector("[data-row]").textContent === "visit-2"`, nil, chromedp.WithPollingTimeout(10*time.Second)),
		chromedp.Text("[data-row]", &number))
	if err != nil || number != "visit-2" {
		t.Errorf("row %q, %v", number, err)
	}
}

func TestCounterCountsCharacters(t *testing.T) {
	server, ctx := serve(t), browser(t)
	var count string
	err := chromedp.Run(ctx, chromedp.Navigate(server.URL+"/rate"), chromedp.SendKeys("#text", "好差评"), chromedp.Text(".counter", &count))
	if err != nil || count != "3 / 500" {
		t.Errorf("counter %q, %v", count, err)
	}
}

// TestBackButtonSendsNothingTwice: after an act the back button brings the typed words back in a
// page that was drawn anew, and with them the key under which they were sent.
func TestBackButtonSendsNothingTwice(t *testing.T) {
	site := setup(t)
	var drawn atomic.Int64
	keys := make(chan string, 2)
	mux := http.NewServeMux()
	mux.Handle("GET "+StaticPrefix, http.StripPrefix(StaticPrefix, http.FileServerFS(site.Static())))
	mux.HandleFunc("GET /cases/1", func(w http.ResponseWriter, _ *http.Request) {
		view := caseView()
		view.Live = ""
		view.Acts = view.Acts[:1]
		view.Acts[0].IdempotencyKey = fmt.Sprintf("key-%d", drawn.Add(1))
		w.Header().Set("Cache-Control", "no-store")
		_ = site.Render(w, view)
	})
	mux.HandleFunc("POST /cases/1/acts/submit_rectification", func(w http.ResponseWriter, r *http.Request) {
		keys <- r.FormValue("idempotency_key") + " " + r.FormValue("measures")
		http.Redirect(w, r, "/cases/1?done", http.StatusSeeOther)
	})
	server := listen(t, mux)
	const text, send = "#submit_rectification-measures", "#act-submit_rectification button.btn"
	ctx, cancel := context.WithTimeout(browser(t), 20*time.Second)
	defer cancel()
	sent := func() string {
		t.Helper()
		select {
		case key := <-keys:
			return key
		case <-ctx.Done():
			t.Fatal("nothing was sent")
			return ""
		}
	}
	err := chromedp.Run(ctx, chromedp.Navigate(server.URL+"/cases/1"),
		chromedp.Evaluate(`addEventListener("unload", () => {})`, nil), // the page as it stands is not kept in memory
		chromedp.SendKeys(text, "增开窗口"), chromedp.Click(send))
	first := sent()
	again := chromedp.Run(ctx, chromedp.Sleep(time.Second), chromedp.Evaluate("history.back()", nil),
		chromedp.Sleep(time.Second), chromedp.Click(send))
	if err != nil || again != nil {
		t.Fatal(err, again)
	}
	second := sent()
	if first != "key-1 增开窗口" || second != first || drawn.Load() < 3 {
		t.Errorf("sent %q, then %q, over %d pages", first, second, drawn.Load())
	}
}

// TestACodeFillsInTheReceipt: what stands behind the # goes into the field and out of the address; anything else stays where
// it is and fills in nothing, as in a form that was typed in before.
func TestACodeFillsInTheReceipt(t *testing.T) {
	server, ctx := serve(t), browser(t)
	for fragment, want := range map[string]string{"#7K3M9QXW2B5RT8VN4HJC6DYPEA": "7K3M9QXW2B5RT8VN4HJC6DYPEA", "#main": "7K3M", "#%3Cb%3E7K3M9QXW2B5RT8VN4HJC6DYPEA": "7K3M"} {
		var value, hash string
		err := chromedp.Run(ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(server.URL+"/receipt"+fragment), chromedp.WaitReady("input#receipt"),
			chromedp.Value("input#receipt", &value), chromedp.Evaluate(`location.hash`, &hash))
		if err != nil {
			t.Fatal(err)
		}
		if value != want || (hash == "") != (len(want) > 4) {
			t.Errorf("%s: %q in the field, %q in the address", fragment, value, hash)
		}
	}
}
