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
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"google.golang.org/protobuf/proto"

	"haochaping/integration/notice"
	"haochaping/integration/platform"
	"haochaping/regulation"
	"haochaping/store"
)

// leak is a mistake that somebody might make. Each has a rater of its own, who never rated: who is found
// where the leak was planted, and nowhere before, was found by the search. That it was planted is seen without the search:
// an answer was changed, the engine tells it again, a file has it.
type leak struct {
	name  string
	place string // what the place of its hit begins with
	// One of these plants it.
	answer func(*madeUp, *http.Response, []byte) []byte // into an answer, by its role and route: place less the kind
	engine func(*testing.T, *madeUp, client.Client)
	sent   func(*madeUp) []byte                    // into what other systems get
	told   func(*testing.T, *madeUp, *outside)     // into what people are told
	files  func(*testing.T, *madeUp, *site) []byte // answers bytes that some file then holds
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
		started(t, c, client.StartWorkflowOptions{ID: "planted/memo", Memo: map[string]any{"caller": r.name}}, "nothing", r.name)
	}},
	{name: "a search attribute of a workflow", place: "engine", engine: func(t *testing.T, r *madeUp, c client.Client) {
		key := temporal.NewSearchAttributeKeyKeyword("Caller")
		_, err := c.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{Namespace: "haochaping",
			SearchAttributes: map[string]enums.IndexedValueType{key.GetName(): enums.INDEXED_VALUE_TYPE_KEYWORD}})
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "known as a search attribute", func() bool {
			_, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1, Query: key.GetName() + " = 'nobody'"})
			return err == nil
		})
		started(t, c, client.StartWorkflowOptions{ID: "planted/attribute", TypedSearchAttributes: temporal.NewSearchAttributes(key.ValueSet(r.phone))}, "nothing", r.phone)
		eventually(t, "listed by its search attribute", func() bool {
			page, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1, Query: key.GetName() + " = '" + r.phone + "'"})
			return err == nil && len(page.Executions) == 1
		})
	}},
	{name: "the input of a workflow", place: "engine", engine: func(t *testing.T, r *madeUp, c client.Client) {
		started(t, c, client.StartWorkflowOptions{ID: "planted/input"}, map[string]string{"phone": r.phone}, r.phone)
	}},
	{name: "a packed signal", place: "engine", engine: func(t *testing.T, r *madeUp, c client.Client) {
		started(t, c, client.StartWorkflowOptions{ID: "planted/signal"}, "nothing", "nothing")
		if err := c.SignalWorkflow(t.Context(), "planted/signal", "", "told", gzipOf(r.words)); err != nil {
			t.Fatal(err)
		}
		tells(t, c, "planted/signal", string(gzipOf(r.words)))
	}},
	{name: "a telephone number with blanks, to another system", place: "sent", sent: func(r *madeUp) []byte {
		return []byte(`{"memo":"` + r.phone[:3] + " " + r.phone[3:7] + " " + r.phone[7:] + `"}`)
	}},
	{name: "a number in the words of a text message", place: "sent by sms", told: func(t *testing.T, r *madeUp, o *outside) {
		o.tell(t, store.WaySMS, notice.Notice{To: addressOf(store.WaySMS, 0), Text: "请致电" + r.phone[:3] + "-" + r.phone[3:7] + "-" + r.phone[7:]})
	}},
	{name: "a name in the link of a webhook", place: "sent by webhook", told: func(t *testing.T, r *madeUp, o *outside) {
		o.tell(t, store.WayWebhook, notice.Notice{To: "p1", Items: []notice.Item{{Kind: regulation.ToldStep, Link: "/cases?rater=" + url.QueryEscape(r.name)}}})
	}},
	{name: "a name in a mail, quoted-printable", place: "sent by mail", told: func(t *testing.T, r *madeUp, o *outside) {
		o.tell(t, store.WayMail, notice.Notice{To: addressOf(store.WayMail, 0), Subject: "待办", Text: "评价内容：" + r.name + "，请尽快核实办理，谢谢"})
	}},
	{name: "a session of a device, as its maker named it", place: "record.db table device_messages", files: func(t *testing.T, r *madeUp, s *site) []byte {
		executed(t, recordFile(s), "UPDATE device_messages SET session = 'tel:"+r.phone+"' WHERE kind = 'rating'")
		return []byte("tel:" + r.phone)
	}},
	{name: "a line of the log, reversed", place: "log", files: func(t *testing.T, r *madeUp, s *site) []byte {
		digits := []rune(r.identity)
		slices.Reverse(digits)
		return appended(t, filepath.Join(s.folder, "log"), `{"level":"DEBUG","msg":"dialled `+string(digits)+`"}`+"\n")
	}},
	{name: "a column of the record", place: "record.db", files: func(t *testing.T, r *madeUp, s *site) []byte {
		digits := strings.ToUpper(hex.EncodeToString([]byte(r.words)))
		executed(t, recordFile(s), "ALTER TABLE orgs ADD COLUMN planted TEXT", "UPDATE orgs SET planted = '"+digits+"'")
		return []byte(digits)
	}},
	{name: "a row that was deleted", place: "record.db", files: func(t *testing.T, r *madeUp, s *site) []byte {
		executed(t, recordFile(s), "CREATE TABLE planted (note TEXT)", "INSERT INTO planted VALUES ('"+strings.Repeat("x", 200)+r.name+"')", "DELETE FROM planted")
		return []byte("xxx" + r.name)
	}},
	{name: "a packed file of a kind that is forgotten", place: "file", files: func(t *testing.T, r *madeUp, s *site) []byte {
		return appended(t, filepath.Join(s.data(), "upload-7.tmp"), "leftover "+string(gzipOf("from "+r.phone)))
	}},
	{name: "a spreadsheet in a backup", place: "file", files: func(t *testing.T, r *madeUp, s *site) []byte {
		sheet, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(r.name)
		return appended(t, filepath.Join(s.folder, "backup", "night.zip"), string(zipOf("callers.xlsx", string(zipOf("xl/sharedStrings.xml", sheet)))))
	}},
}

// tampers are the leaks that lie in answers, by role and route; done notes which of them were planted.
func tampers(spares []*madeUp, done func(leak int)) map[string]func(*http.Response, []byte) []byte {
	all := map[string]func(*http.Response, []byte) []byte{}
	for i, l := range leaks {
		if l.answer != nil {
			all[strings.Replace(l.place, " GET ", " ", 1)] = func(answer *http.Response, body []byte) []byte {
				done(i)
				return l.answer(spares[i], answer, body)
			}
		}
	}
	return all
}

// started starts a workflow that no worker takes, and sees that the engine tells what was planted in it.
func started(t *testing.T, c client.Client, o client.StartWorkflowOptions, input any, planted string) {
	t.Helper()
	o.TaskQueue = "planted"
	if _, err := c.ExecuteWorkflow(t.Context(), o, "Planted", input); err != nil {
		t.Fatal(err)
	}
	tells(t, c, o.ID, planted)
}

// tells fails the test unless the engine has a text in a workflow's payloads.
func tells(t *testing.T, c client.Client, workflow, planted string) {
	t.Helper()
	for events := c.GetWorkflowHistory(t.Context(), workflow, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		text, err := proto.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		// A converter writes bytes as they are and all else as JSON.
		if bytes.Contains(text, []byte(planted)) {
			return
		}
	}
	t.Errorf("%s: nothing was planted", workflow)
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

func appended(t *testing.T, file, content string) []byte {
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
	return []byte(content)
}

// holds fails the test unless some file of the installation has what a leak planted.
func (s *site) holds(t *testing.T, l leak, planted []byte) {
	t.Helper()
	found := false
	err := filepath.WalkDir(s.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || found {
			return err
		}
		content, err := os.ReadFile(path)
		found = bytes.Contains(content, planted)
		return err
	})
	if err != nil || !found {
		t.Errorf("%s was not planted: %v", l.name, err)
	}
}

// send is what another system gets from the product.
func (n *dragnet) send(t *testing.T, content []byte) {
	t.Helper()
	answer, err := http.Post(n.province+"/records", "application/json", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
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
