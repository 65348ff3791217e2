package web

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// printed prints a page as a browser does and returns the PDF.
func printed(t *testing.T, ctx context.Context, address string) []byte {
	t.Helper()
	var pdf []byte
	err := chromedp.Run(ctx, chromedp.Navigate(address), chromedp.ActionFunc(func(ctx context.Context) (err error) {
		pdf, _, err = page.PrintToPDF().WithPreferCSSPageSize(true).Do(ctx)
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

var pdfPage = regexp.MustCompile(`/Type /Page\b[^s]`)

// A document prints on A4: a letter on one sheet, and nothing of the site around it.
func TestDocumentPrintsOnA4(t *testing.T) {
	server, ctx := serve(t), browser(t)
	for name, pages := range map[string]int{"document-letter": 1, "document": 2, "document-long": 4} {
		pdf := printed(t, ctx, server.URL+"/"+name+"?lang=zh")
		if n := len(pdfPage.FindAll(pdf, -1)); n != pages {
			t.Errorf("%s takes %d pages, want %d", name, n, pages)
		}
		if !bytes.Contains(pdf, []byte("/MediaBox [0 0 594.95996 841.91998]")) {
			t.Errorf("%s is not on A4: %s", name, regexp.MustCompile(`/MediaBox \[[^\]]*\]`).Find(pdf))
		}
	}
}

// A case file prints on A4 with a cover of its own, as many pages as its steps take, and the fonts of both scripts.
func TestCaseFilePrintsOnA4(t *testing.T) {
	server, ctx := serve(t), browser(t)
	pages := map[string]int{}
	for _, name := range []string{"case-file-short", "case-file"} {
		pdf := printed(t, ctx, server.URL+"/"+name+"?lang=zh&theme=dark")
		if folder := os.Getenv("HAOCHAPING_PICTURES"); folder != "" {
			write(t, filepath.Join(folder, name+".pdf"), pdf)
		}
		pages[name] = len(pdfPage.FindAll(pdf, -1))
		boxes := regexp.MustCompile(`/MediaBox \[[^\]]*\]`).FindAll(pdf, -1)
		for _, box := range boxes {
			if !bytes.Equal(box, []byte("/MediaBox [0 0 594.95996 841.91998]")) {
				t.Errorf("%s is not on A4: %s", name, box)
			}
		}
		if !bytes.Contains(pdf, []byte("CJK")) || !bytes.Contains(pdf, []byte("Tibetan")) {
			t.Errorf("%s has not the fonts of both scripts: %s", name, regexp.MustCompile(`/FontName /[^\s]+`).FindAll(pdf, -1))
		}
	}
	if pages["case-file-short"] < 2 || pages["case-file"] < pages["case-file-short"]+2 {
		t.Errorf("pages %v", pages)
	}
	t.Log(pages)
}

// On the width of paper tables of figures stay tables: as cards, which a screen of that width has, a quarter took 22 pages for 5.
func TestFiguresPrintAsTables(t *testing.T) {
	server, ctx := serve(t), browser(t)
	const widthOfPaper = 688 // of A4 between its margins, in CSS pixels
	const cells = `[...new Set([...document.querySelectorAll("main .table.numbers :is(td, th)")].map(c => getComputedStyle(c).display))]`
	for _, name := range []string{"figures", "performance"} {
		var onPaper, onScreen []string
		err := chromedp.Run(ctx, chromedp.EmulateViewport(widthOfPaper, 900), chromedp.Navigate(server.URL+"/"+name+"?lang=zh"), chromedp.Evaluate(cells, &onScreen),
			emulation.SetEmulatedMedia().WithMedia("print"), chromedp.Evaluate(cells, &onPaper), emulation.SetEmulatedMedia().WithMedia(""))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(onPaper, []string{"table-cell"}) || slices.Equal(onScreen, onPaper) {
			t.Errorf("%s: cells are %v on paper, %v on a screen as narrow", name, onPaper, onScreen)
		}
	}
}

// Dashboards and boards print on numbered pages of A4, and no heading of theirs stands alone at a page's foot: Chromium keeps one with what
// follows between blocks, not between the rows of a grid.
func TestReportsPrintOnNumberedPagesOfA4(t *testing.T) {
	server, ctx := serve(t), browser(t)
	const alone = `[...document.querySelectorAll("main :is(.dashboard, .board) section > h2")].filter(h => getComputedStyle(h).breakAfter !== "avoid" || getComputedStyle(h.parentElement).display !== "block" ||
		[h.nextElementSibling, h.nextElementSibling?.nextElementSibling].some(e => e?.matches(".charts") && getComputedStyle(e).display !== "block")).map(h => h.textContent)`
	for _, name := range []string{"dashboard", "dashboard-staff", "board", "figures", "performance", "sealed"} {
		pdf := printed(t, ctx, server.URL+"/"+name+"?lang=zh")
		for _, box := range regexp.MustCompile(`/MediaBox \[[^\]]*\]`).FindAll(pdf, -1) {
			if !bytes.Equal(box, []byte("/MediaBox [0 0 594.95996 841.91998]")) {
				t.Errorf("%s is not on A4: %s", name, box)
			}
		}
		var headings int
		var lone []string
		var named string
		err := chromedp.Run(ctx, emulation.SetEmulatedMedia().WithMedia("print"), chromedp.Evaluate(alone, &lone),
			chromedp.Evaluate(`document.querySelectorAll("main :is(.dashboard, .board) section > h2").length`, &headings),
			chromedp.Evaluate(`getComputedStyle(document.body).page`, &named), emulation.SetEmulatedMedia().WithMedia(""))
		if err != nil {
			t.Fatal(err)
		}
		if headings == 0 || len(lone) != 0 || named != "report" {
			t.Errorf("%s: of %d headings %q may stand alone; its pages are %q", name, headings, lone, named)
		}
	}
}
