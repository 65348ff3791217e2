package web

import (
	"bytes"
	"regexp"
	"testing"
)

// A slip prints on one sheet of A6, and each code on a poster of its own, A4, with nothing of the site around.
func TestSlipsAndPostersPrintOnTheirPaper(t *testing.T) {
	server, ctx := serve(t), browser(t)
	for name, c := range map[string]struct {
		pages int
		box   string
	}{"slip": {1, "/MediaBox [0 0 298.07999 420]"}, "codes": {3, "/MediaBox [0 0 594.95996 841.91998]"}} {
		pdf := printed(t, ctx, server.URL+"/"+name+"?lang=zh")
		if n := len(pdfPage.FindAll(pdf, -1)); n != c.pages {
			t.Errorf("%s takes %d pages, want %d", name, n, c.pages)
		}
		if !bytes.Contains(pdf, []byte(c.box)) {
			t.Errorf("%s is on other paper: %s", name, regexp.MustCompile(`/MediaBox \[[^\]]*\]`).Find(pdf))
		}
	}
}
