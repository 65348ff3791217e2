package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/emmansun/gmsm/sm3"
)

// awaited has an expression's promise awaited.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// TestSM3OfTheDeviceModule holds the module's own SM3 and HMAC-SM3 to the standard's two examples and to gmsm over
// every length around a block and random keys.
func TestSM3OfTheDeviceModule(t *testing.T) {
	site, server, ctx := setup(t), serve(t), browser(t)
	random := rand.New(rand.NewPCG(1, 2))
	type example struct{ Key, Text string }
	cases := []example{{Text: hex.EncodeToString([]byte("abc"))}, {Text: hex.EncodeToString(bytes.Repeat([]byte("abcd"), 16))}}
	for n := range 200 {
		key, text := make([]byte, random.IntN(100)), make([]byte, n)
		for _, b := range [][]byte{key, text} {
			for i := range b {
				b[i] = byte(random.Uint32())
			}
		}
		cases = append(cases, example{hex.EncodeToString(key), hex.EncodeToString(text)})
	}
	given, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	var got [][2]string
	err = chromedp.Run(ctx, chromedp.Navigate(server.URL+"/evaluator"), chromedp.Evaluate(fmt.Sprintf(`import(%q).then(m => %s.map(c =>
		[m.hex(m.sm3(m.unhex(c.Text))), m.hex(m.hmac(m.unhex(c.Key), m.unhex(c.Text)))]))`, site.Asset("device.mjs"), given), &got, awaited))
	if err != nil {
		t.Fatal(err)
	}
	standard := []string{"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0", "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"}
	if got[0][0] != standard[0] || got[1][0] != standard[1] {
		t.Errorf("the standard's examples: %v", got[:2])
	}
	for i, c := range cases {
		key, _ := hex.DecodeString(c.Key)
		text, _ := hex.DecodeString(c.Text)
		sum, mac := sm3.Sum(text), hmac.New(sm3.New, key)
		mac.Write(text)
		if got[i][0] != hex.EncodeToString(sum[:]) || got[i][1] != hex.EncodeToString(mac.Sum(nil)) {
			t.Errorf("%d bytes under a key of %d: another digest", len(text), len(key))
		}
	}
}

func zipped(t *testing.T, content []byte) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// counterServer is a hand-written server for evaluators: it enrols whoever comes and notes what it is sent.
type counterServer struct {
	mu     sync.Mutex
	bodies []map[string]any // of what is kept, as it came
	url    string
}

func newCounterServer(t *testing.T, seconds int) *counterServer {
	t.Helper()
	site, s := setup(t), &counterServer{}
	mux := http.NewServeMux()
	mux.Handle("GET "+StaticPrefix, http.StripPrefix(StaticPrefix, http.FileServerFS(site.Static())))
	mux.HandleFunc("GET /evaluator", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", ContentSecurityPolicy)
		_ = site.Render(w, evaluatorView())
	})
	mux.HandleFunc("POST /device/enrolments", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"device":"d1","key":"%064d","counter":0,"time":%d}`, 1, time.Now().UnixMilli())
	})
	mux.HandleFunc("POST /device/messages", func(w http.ResponseWriter, r *http.Request) {
		var m map[string]any
		_ = json.NewDecoder(r.Body).Decode(&m)
		answer := map[string]any{"repeated": false, "time": time.Now().UnixMilli()}
		switch m["kind"] {
		case "roster":
			answer["roster"] = map[string]any{"staff": map[string]any{"id": "st1", "name": "泽仁拉姆", "post": "综合受理岗", "position": "", "portrait": ""}, "hall": "康定市政务服务大厅", "window": "A03 社保窗口", "session_seconds": seconds}
		case "rating", "session":
			s.mu.Lock()
			s.bodies = append(s.bodies, m)
			s.mu.Unlock()
			answer["receipt"] = "7K3M9QXW2B5RT8VN4HJC6DYPEA"
			answer["receipt_qr"] = map[string]any{"side": 3, "path": "M0 0h3v1h-3z"}
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
	s.url = listen(t, mux).URL
	return s
}

func (s *counterServer) got() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]map[string]any(nil), s.bodies...)
}

// enrolNow types a code and waits until the screen is idle.
func enrolNow(url string) chromedp.Action {
	return chromedp.Tasks{emulation.SetDeviceMetricsOverride(1024, 768, 1, false), chromedp.Navigate(url + "/evaluator"), chromedp.WaitVisible("#enrol-form"),
		chromedp.SendKeys("#code", "7Q2KXW4M5Z"+kb.Enter), chromedp.WaitVisible("#rate"),
		chromedp.PollFunction(`() => document.getElementById("staff-name").textContent === "泽仁拉姆"`, nil, chromedp.WithPollingTimeout(10*time.Second))}
}

// TestEvaluatorTakesOneRating: who serves is shown, what is missing reads so, one grade with a reason goes out, the
// receipt comes back, by keys alone.
func TestEvaluatorTakesOneRating(t *testing.T) {
	s, ctx := newCounterServer(t, 60), browser(t)
	var position, receipt, focus, qr string
	err := chromedp.Run(ctx, enrolNow(s.url), chromedp.Text("#staff-position", &position),
		chromedp.KeyEvent("2"), chromedp.WaitVisible("#reasons"), chromedp.Evaluate(`document.activeElement.id`, &focus),
		chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(" "),
		chromedp.Focus("#submit"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#receipt"), chromedp.Text("#receipt-code", &receipt),
		chromedp.Evaluate(`document.getElementById("receipt-qr").getAttribute("viewBox") + " " + document.querySelector("#receipt-qr path").getAttribute("d")`, &qr))
	if err != nil {
		t.Fatal(err)
	}
	got := s.got()
	if len(got) != 1 || position != "未公示" || receipt != "7K3M 9QXW 2B5R T8VN 4HJC 6DYP EA" || focus != "reasons-title" || qr != "0 0 3 3 M0 0h3v1h-3z" {
		t.Fatalf("%v, position %q, receipt %q, focus %q, code %q", got, position, receipt, focus, qr)
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(got[0]["body"].(string)), &body); err != nil || body["grade"] != 2.0 || fmt.Sprint(body["options"]) != "[207]" || body["staff"] != "st1" || body["notice"] != "3" {
		t.Errorf("%v, %v", body, err)
	}
}

// TestEvaluatorTimesOut: a session that times out after a grade was pressed is told as not rated, and no grade goes out.
func TestEvaluatorTimesOut(t *testing.T) {
	s, ctx := newCounterServer(t, 2), browser(t)
	err := chromedp.Run(ctx, enrolNow(s.url), chromedp.Click(`[data-choose="5"]`), chromedp.WaitVisible("#reasons"), chromedp.WaitVisible("#rate"),
		chromedp.Poll(`document.getElementById("countdown").hidden`, nil), chromedp.Sleep(500*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	got := s.got()
	if len(got) != 1 || got[0]["kind"] != "session" || !regexp.MustCompile(`"event":"timed_out"`).MatchString(got[0]["body"].(string)) {
		t.Errorf("%v", got)
	}
}

// TestEvaluatorThanksForNothingThatIsLost: where nothing more can be written down whoever rated is told, and what they
// pressed goes out once it can; the browser is asked to throw nothing of it away.
func TestEvaluatorThanksForNothingThatIsLost(t *testing.T) {
	s, ctx := newCounterServer(t, 60), browser(t)
	var asked int
	var thanked bool
	asks := chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(`window.asked = 0; StorageManager.prototype.persist = async () => { window.asked++; return true }`).Do(ctx)
		return err
	})
	err := chromedp.Run(ctx, asks, enrolNow(s.url), chromedp.Evaluate(`window.asked`, &asked),
		chromedp.Evaluate(`window.put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError") }; 0`, nil),
		chromedp.Click(`[data-choose="2"]`), chromedp.WaitVisible("#reasons"), chromedp.Click("#submit"), chromedp.WaitVisible("#unsaved"),
		chromedp.Evaluate(`document.getElementById("thanks").checkVisibility()`, &thanked),
		chromedp.Evaluate(`IDBObjectStore.prototype.put = window.put; 0`, nil), chromedp.Click("#submit"), chromedp.WaitVisible("#receipt"))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.got(); len(got) != 1 || got[0]["kind"] != "rating" || thanked || asked != 1 {
		t.Errorf("%v, thanked %v, asked to keep %d times", got, thanked, asked)
	}
}

// TestEvaluatorWithoutALineShowsNobodyOfYesterday: after midnight the screen names nobody until there is a line again.
func TestEvaluatorWithoutALineShowsNobodyOfYesterday(t *testing.T) {
	s, ctx := newCounterServer(t, 60), browser(t)
	err := chromedp.Run(ctx, enrolNow(s.url),
		chromedp.Evaluate(`window.fetch = () => Promise.reject(new TypeError("no line")); Date.prototype.toLocaleDateString = () => "2099-01-01"; 0`, nil),
		chromedp.PollFunction(`() => document.getElementById("staff-name").textContent === "未公示"`, nil, chromedp.WithPollingTimeout(15*time.Second)))
	if err != nil {
		t.Fatal(err)
	}
}

// TestEvaluatorIsReadAndPressedAtArmsLength: no text under 28 pixels, nothing to press under
// 96, nothing beside the screen, and axe finds nothing, in each of its views.
func TestEvaluatorIsReadAndPressedAtArmsLength(t *testing.T) {
	const small = `[...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && !e.closest(".sr") && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
		.filter(e => parseFloat(getComputedStyle(e).fontSize) < 28).map(e => "text " + e.outerHTML.slice(0, 90))
		.concat([...document.querySelectorAll("button, summary, .choices label, .scale label, #code")].filter(e => e.checkVisibility())
		.filter(e => e.getBoundingClientRect().height < 96 || e.getBoundingClientRect().width < 96).map(e => "target " + e.outerHTML.slice(0, 90)))
		.concat(document.documentElement.scrollWidth > innerWidth ? ["wider than the screen"] : [])`
	axe, err := os.ReadFile(axeFile)
	if err != nil {
		t.Fatalf("axe-core is needed: run scripts/axe.sh (%v)", err)
	}
	s, ctx := newCounterServer(t, 60), browser(t)
	if err := chromedp.Run(ctx, enrolNow(s.url)); err != nil {
		t.Fatal(err)
	}
	for _, size := range [][2]int64{{1024, 768}, {800, 1280}} {
		for name, act := range map[string]chromedp.Action{"idle": chromedp.Tasks{}, "reasons": chromedp.Click(`[data-choose="1"]`),
			"unsaved": chromedp.Tasks{chromedp.Click(`[data-choose="1"]`), chromedp.Evaluate(`document.getElementById("unsaved").hidden = false`, nil)}, "marks": chromedp.Tasks{chromedp.Click(`[data-choose="1"]`), chromedp.Click(`[data-opens="marks"]`)}} {
			var found []string
			var violations []violation
			var below bool
			err := chromedp.Run(ctx, emulation.SetDeviceMetricsOverride(size[0], size[1], 1, false), chromedp.Reload(), chromedp.WaitVisible("#rate"), act, chromedp.Evaluate(small, &found),
				chromedp.Evaluate(`document.documentElement.scrollHeight > innerHeight`, &below),
				chromedp.Evaluate(string(axe)+"; 0", nil), chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations)`, &violations, awaited))
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range violations {
				report(t, v)
			}
			for _, what := range found {
				t.Errorf("%v %s: %s", size, name, what)
			}
			if below {
				t.Errorf("%v %s: has to be scrolled", size, name)
			}
		}
	}
}
