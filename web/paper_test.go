package web

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestAFormByKeysAlone: from an empty form to the next one without a mouse. Enter goes to what is missing and sends
// once nothing is.
func TestAFormByKeysAlone(t *testing.T) {
	site := setup(t)
	sent := make(chan string, 1)
	mux := http.NewServeMux()
	mux.Handle("GET "+StaticPrefix, http.StripPrefix(StaticPrefix, http.FileServerFS(site.Static())))
	mux.HandleFunc("GET /paper/check", func(w http.ResponseWriter, _ *http.Request) {
		view := paperFormView("check")
		view.Errors, view.Values = nil, map[string][]string{"target_kind": {"matter"}}
		view.Targets[0].Text = "W03"
		_ = site.Render(w, view)
	})
	mux.HandleFunc("POST /paper/entries/e1/check", func(w http.ResponseWriter, r *http.Request) {
		sent <- r.FormValue("target") + " " + r.FormValue("grade") + " " + r.FormValue("confirmed")
		http.Redirect(w, r, "/paper/check", http.StatusSeeOther)
	})
	server := listen(t, mux)
	var first, second, third string
	focus := func(into *string) chromedp.Action {
		return chromedp.Evaluate(`document.activeElement.name || document.activeElement.tagName`, into)
	}
	err := chromedp.Run(browser(t), chromedp.Navigate(server.URL+"/paper/check"), chromedp.Poll(`document.activeElement.name === "target"`, nil, chromedp.WithPollingTimeout(10*time.Second)),
		focus(&first), chromedp.KeyEvent("w"), chromedp.KeyEvent(kb.Enter), focus(&second),
		chromedp.KeyEvent("2"), chromedp.KeyEvent(kb.Enter), focus(&third), chromedp.KeyEvent("y"), chromedp.KeyEvent(kb.Enter))
	if err != nil || first != "target" || second != "grade" || third != "confirmed" {
		t.Fatalf("the focus went to %q, %q, %q: %v", first, second, third, err)
	}
	select {
	case got := <-sent:
		if got != "w3 2 yes" {
			t.Errorf("sent %q", got)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was sent")
	}
}
