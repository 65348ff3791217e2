package web

import (
	"bytes"
	"context"
	"regexp"
	"testing"

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
