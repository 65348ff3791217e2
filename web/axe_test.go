package web

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axeFile is where scripts/axe.sh puts axe-core; make test runs it first.
const axeFile = "../.cache/axe/node_modules/axe-core/axe.min.js"

// violation is what axe reports: the rule, its weight and where.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// TestAccessible holds every page to WCAG AA as far as axe can tell, in light, dark and every
// language, on a desk and on a phone, with every fold open.
func TestAccessible(t *testing.T) {
	axe, err := os.ReadFile(axeFile)
	if err != nil {
		t.Fatalf("axe-core is needed: run scripts/axe.sh (%v)", err)
	}
	server, ctx := serve(t), browser(t)
	if found := audit(t, ctx, string(axe), server.URL+"/test/bare", screens[0]); len(found) == 0 {
		t.Fatal("axe finds nothing on a page without title and language: it does not work here")
	}
	for name, view := range views() {
		for _, look := range looks(view) {
			for _, s := range []screen{screens[0], screens[2]} {
				t.Run(fmt.Sprintf("%s %s %s", name, look, s.name), func(t *testing.T) {
					for _, v := range audit(t, ctx, string(axe), fmt.Sprintf("%s/%s?%s", server.URL, name, look), s) {
						report(t, v)
					}
				})
			}
		}
	}
}

func audit(t *testing.T, ctx context.Context, axe, address string, s screen) []violation {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var found []violation
	err := chromedp.Run(ctx, emulation.SetDeviceMetricsOverride(s.width, s.height, 1, false), chromedp.Navigate(address),
		chromedp.Evaluate(`document.querySelectorAll("details:not(.menu)").forEach(d => d.open = true)`, nil),
		chromedp.Evaluate(axe+"; 0", nil),
		chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations)`, &found,
			func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func report(t *testing.T, v violation) {
	t.Helper()
	if v.Impact != "serious" && v.Impact != "critical" {
		return
	}
	var where []string
	for _, node := range v.Nodes {
		where = append(where, fmt.Sprintf("%.160s\n\t\t%s", node.HTML, strings.ReplaceAll(node.Summary, "\n", " ")))
	}
	t.Errorf("%s (%s):\n\t%s", v.ID, v.Impact, strings.Join(where, "\n\t"))
}

// Every page has a view here, so that none is without pictures and an audit.
func TestEveryPageIsAudited(t *testing.T) {
	shown := map[string]bool{}
	for _, view := range views() {
		shown["page_"+view.template()+".html"] = true
	}
	files, err := filepath.Glob("templates/page_*.html")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d pages: %v", len(files), err)
	}
	for _, file := range files {
		if !shown[filepath.Base(file)] {
			t.Errorf("%s: no view of it in views(), so axe never sees it", file)
		}
	}
}
