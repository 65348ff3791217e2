package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"haochaping/regulation"
)

// TestDocuments issues every kind of official document, each with one click on the page of a real
// case, and has an office program open all seven Word files. A unit is reminded on the day by which
// it has to sign: an hour takes a second.
func TestDocuments(t *testing.T) {
	_, p, w := setup(t, map[string]string{"HAOCHAPING_CLOCK": upgradeClock})
	d := &desk{t: t, chromium: browser(t), base: "http://" + p.addr, town: w, screens: map[string]*screen{}}
	folder := t.TempDir()
	if kept := os.Getenv("HAOCHAPING_SHOTS"); kept != "" {
		folder = kept
	}
	ordered, mistaken := d.open(t, contact), d.open(t, contact)
	ordered.do(t, line(toFinding, substantiated, toOrder)...)
	d.paper(ordered, supervisor, regulation.DocumentTransferOrder, folder)
	d.paper(ordered, supervisor, regulation.DocumentRectification, folder)
	mistaken.do(t, line(toWriteOff, approvedWriteOff(""), objected, objectionDecided("written_off"))...)
	d.paper(mistaken, supervisor, regulation.DocumentAppeal, folder)
	d.paper(mistaken, authority, regulation.DocumentWriteOff, folder)
	d.paper(ordered, supervisor, regulation.DocumentReminder, folder)
	ordered.do(t, line(toRectified, rejected)...)
	d.paper(ordered, discipline, regulation.DocumentStatement, folder)
	ordered.do(t, rectified, accepted, released)
	d.paper(ordered, supervisor, regulation.DocumentReply, folder)
	openedByOffice(t, folder)
}

// paper clicks once on the case's page and keeps what comes of it: the page as it prints, and the Word file.
func (d *desk) paper(c *story, who string, kind regulation.DocumentKind, folder string) {
	d.t.Helper()
	s, name := d.at(who), string(kind)
	button := `#documents button[value="` + name + `"]`
	eventually(d.t, "may be issued: "+name, func() bool {
		s.open("/cases/" + c.id)
		return ask[bool](s, "document.querySelector('"+button+"') !== null")
	})
	if status := s.press(name, chromedp.Click(button)); status != 200 {
		d.t.Fatalf("%s: %d\n%s", kind, status, s.says())
	}
	s.shows("公文已编号签发")
	s.accessible(name)
	s.shoot("paper-"+name, true)
	s.run("print", chromedp.ActionFunc(func(ctx context.Context) error {
		pdf, _, err := page.PrintToPDF().WithPreferCSSPageSize(true).Do(ctx)
		lay(d.t, filepath.Join(folder, "print-"+name+".pdf"), pdf)
		return err
	}))
	word := ask[string](s, `document.querySelector('a[href$="/word"]').getAttribute("href")`)
	lay(d.t, filepath.Join(folder, name+".docx"), d.people[who].must(d.t, "GET", word, "", nil).Body)
}

// lay puts a file into the folder.
func lay(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// papersSay is what each kind of document says of the cases of this test, and no other does. The referral to
// the credit record is off in the edition as issued; its paper is held by the tests of the API.
var papersSay = map[regulation.DocumentKind]string{
	regulation.DocumentTransferOrder: "请限期整改",
	regulation.DocumentRectification: "责令整改通知书",
	regulation.DocumentReminder:      "签收转办单",
	regulation.DocumentStatement:     "陈述申辩书",
	regulation.DocumentReply:         "周一起增开一个窗口",
	regulation.DocumentAppeal:        "申诉成立",
	regulation.DocumentWriteOff:      "予以核销",
}

// openedByOffice has LibreOffice turn all Word files of a folder into PDF, in one process, and reads them.
func openedByOffice(t *testing.T, folder string) {
	t.Helper()
	for _, program := range []string{"soffice", "pdftotext"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the Word files were made, but no office program has opened them: %s is not here (Debian: libreoffice-writer-nogui, poppler-utils)", program)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.docx"))
	if err != nil || len(files) != len(papersSay) {
		t.Fatalf("%d kinds of document, want %d: %v", len(files), len(papersSay), err)
	}
	run(t, 2*time.Minute, "soffice", append([]string{"-env:UserInstallation=file://" + t.TempDir(), "--headless", "--convert-to", "pdf", "--outdir", folder}, files...)...)
	for kind, says := range papersSay {
		read := strings.Join(strings.Fields(run(t, time.Minute, "pdftotext", "-layout", filepath.Join(folder, string(kind)+".pdf"), "-")), "")
		for _, want := range []string{says, "好差评〔", "（盖章）", "—1—"} {
			if !strings.Contains(read, want) {
				t.Errorf("%s: the office program does not show %q: %s", kind, want, read)
			}
		}
		if i := slices.IndexFunc([]string{"排队两个小时", "等了两个小时", "1380000", "测试", "{", "}"}, func(secret string) bool { return strings.Contains(read, secret) }); i >= 0 {
			t.Errorf("%s tells too much: %s", kind, read)
		}
	}
}

// run runs a program to its end and returns what it printed.
func run(t *testing.T, within time.Duration, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	printed, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, printed)
	}
	return string(printed)
}
