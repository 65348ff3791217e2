package e2e

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"haochaping/integration/platform"
)

// leak is a mistake that somebody might make. Each has a rater of its own, who never rated: who is found
// where the leak was planted, and nowhere before, was found by the search.
type leak struct {
	name  string
	place string // what the place of its hit begins with
	// One of these plants it.
	answer func(*madeUp, *http.Response, []byte) []byte // into an answer, by its role and route: place less the kind
	engine func(*testing.T, *madeUp, client.Client)
	sent   func(*madeUp) []byte // into what other systems get
	files  func(*testing.T, *madeUp, *site)
}

var leaks = []leak{
	{name: "a telephone number in a page, as entities", place: "discipline_officer GET /cases/{id}", answer: func(r *madeUp, _ *http.Response, b []byte) []byte {
		return append(b, entities(r.phone)...)
	}},
	{name: "a name in JSON, escaped", place: "auditor GET /cases/{id}", answer: func(r *madeUp, _ *http.Response, b []byte) []byte {
		return append(b, strconv.QuoteToASCII(r.name)...)
	}},
	{name: "words in the rated person's notice", place: "window_staff GET /notices", answer: func(r *madeUp, _ *http.Response, b []byte) []byte {
		return append(b, html.EscapeString("<"+r.words+">")...)
	}},
	{name: "a name in a link", place: "supervisor GET /inbox", answer: func(r *madeUp, _ *http.Response, b []byte) []byte {
		return append(b, `<a href="/cases?rater=`+url.QueryEscape(r.name)+`">`...)
	}},
	{name: "an identity number in a header, in base64", place: "callback_clerk GET /dialing", answer: func(r *madeUp, answer *http.Response, b []byte) []byte {
		answer.Header.Set("X-Trace", base64.StdEncoding.EncodeToString([]byte("id="+r.identity)))
		return b
	}},
	{name: "a telephone number in a cookie", place: "nobody GET /receipt", answer: func(r *madeUp, answer *http.Response, b []byte) []byte {
		answer.Header.Add("Set-Cookie", "last="+hex.EncodeToString([]byte(r.phone)))
		return b
	}},
	{name: "words in an error", place: "unit_handler GET /people", answer: func(r *madeUp, _ *http.Response, b []byte) []byte {
		return append(b, `{"detail":"no case says `+r.words+`"}`...)
	}},
	{name: "a label of a metric", place: "nobody GET /metrics", answer: func(r *madeUp, _ *http.Response, b []byte) []byte {
		return append(b, "haochaping_calls_total{to=\""+r.phone+"\"} 1\n"...)
	}},
	{name: "a column of an export in GBK", place: "device_maintainer GET /devices/availability.csv", answer: func(r *madeUp, _ *http.Response, b []byte) []byte {
		column, _ := simplifiedchinese.GBK.NewEncoder().String(r.name)
		return append(b, "1,"+column+",2\n"...)
	}},
	{name: "a property of a word document", place: "unit_head GET /document-templates", answer: func(r *madeUp, _ *http.Response, b []byte) []byte {
		return append(b, zipOf("docProps/core.xml", "<dc:creator>"+r.name+"</dc:creator>")...)
	}},
	{name: "the EXIF comment of a picture", place: "verifier GET /static/{name}", answer: func(r *madeUp, _ *http.Response, b []byte) []byte {
		comment, _ := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(r.words)
		return append(b, "\xff\xe1Exif\x00\x00"+comment...)
	}},
	{name: "the memo of a workflow", place: "engine", engine: func(t *testing.T, r *madeUp, c client.Client) {
		started(t, c, client.StartWorkflowOptions{ID: "planted/memo", Memo: map[string]any{"caller": r.name}}, "nothing")
	}},
	{name: "the input of a workflow", place: "engine", engine: func(t *testing.T, r *madeUp, c client.Client) {
		started(t, c, client.StartWorkflowOptions{ID: "planted/input"}, map[string]string{"phone": r.phone})
	}},
	{name: "a packed signal", place: "engine", engine: func(t *testing.T, r *madeUp, c client.Client) {
		started(t, c, client.StartWorkflowOptions{ID: "planted/signal"}, "nothing")
		if err := c.SignalWorkflow(t.Context(), "planted/signal", "", "told", gzipOf(r.words)); err != nil {
			t.Fatal(err)
		}
	}},
	{name: "a telephone number with blanks, to another system", place: "sent", sent: func(r *madeUp) []byte {
		return []byte(`{"memo":"` + r.phone[:3] + " " + r.phone[3:7] + " " + r.phone[7:] + `"}`)
	}},
	{name: "a line of the log, reversed", place: "log", files: func(t *testing.T, r *madeUp, s *site) {
		digits := []rune(r.identity)
		slices.Reverse(digits)
		appended(t, filepath.Join(s.folder, "log"), `{"level":"DEBUG","msg":"dialled `+string(digits)+`"}`+"\n")
	}},
	{name: "a column of the record", place: "record.db", files: func(t *testing.T, r *madeUp, s *site) {
		executed(t, recordFile(s), "ALTER TABLE orgs ADD COLUMN planted TEXT", "UPDATE orgs SET planted = '"+strings.ToUpper(hex.EncodeToString([]byte(r.words)))+"'")
	}},
	{name: "a row that was deleted", place: "record.db", files: func(t *testing.T, r *madeUp, s *site) {
		executed(t, recordFile(s), "CREATE TABLE planted (note TEXT)", "INSERT INTO planted VALUES ('"+strings.Repeat("x", 200)+r.name+"')", "DELETE FROM planted")
	}},
	{name: "a packed file of a kind that is forgotten", place: "file", files: func(t *testing.T, r *madeUp, s *site) {
		appended(t, filepath.Join(s.data(), "upload-7.tmp"), "leftover "+string(gzipOf("from "+r.phone)))
	}},
	{name: "a spreadsheet in a backup", place: "file", files: func(t *testing.T, r *madeUp, s *site) {
		sheet, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(r.name)
		appended(t, filepath.Join(s.folder, "backup", "night.zip"), string(zipOf("callers.xlsx", string(zipOf("xl/sharedStrings.xml", sheet)))))
	}},
}

// tampers are the leaks that lie in answers, by role and route.
func tampers(spares []*madeUp) map[string]func(*http.Response, []byte) []byte {
	all := map[string]func(*http.Response, []byte) []byte{}
	for i, l := range leaks {
		if l.answer != nil {
			all[strings.Replace(l.place, " GET ", " ", 1)] = func(answer *http.Response, body []byte) []byte { return l.answer(spares[i], answer, body) }
		}
	}
	return all
}

// started starts a workflow that no worker takes.
func started(t *testing.T, c client.Client, o client.StartWorkflowOptions, input any) {
	t.Helper()
	o.TaskQueue = "planted"
	if _, err := c.ExecuteWorkflow(t.Context(), o, "Planted", input); err != nil {
		t.Fatal(err)
	}
}

func entities(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, "&#%d;", r)
	}
	return b.String()
}

func gzipOf(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, s) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

func zipOf(name, content string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create(name) // a buffer takes everything
	_, _ = io.WriteString(w, content)
	_ = z.Close()
	return b.Bytes()
}

func appended(t *testing.T, file, content string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(content)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func recordFile(s *site) string { return filepath.Join(s.data(), "record.db") }

func executed(t *testing.T, file string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
}

// upstream is an outside platform that shows what it gets to the net.
type upstream struct {
	dragnet   *dragnet
	simulator *platform.Simulator
}

func (u upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unread", http.StatusBadRequest)
		return
	}
	var whole bytes.Buffer
	_ = r.Header.Write(&whole) // a buffer takes everything
	u.dragnet.look(place{thing: "sent to the province " + r.URL.Path}, append(whole.Bytes(), body...))
	r.Body = io.NopCloser(bytes.NewReader(body))
	u.simulator.ServeHTTP(w, r)
}
