package api_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"haochaping/regulation"
)

// cut stands between the browser and the product: without a line each connection breaks off.
type cut struct {
	line atomic.Bool
	http.Handler
}

func (c *cut) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !c.line.Load() {
		panic(http.ErrAbortHandler)
	}
	c.Handler.ServeHTTP(w, r)
}

// TestTenThousandRatingsOutliveTheLine: an evaluator without a line is reloaded, takes 10,000 ratings, loses its tab, and
// once the line is back sends them, losing its tab once more in the midst: each is stored once.
func TestTenThousandRatingsOutliveTheLine(t *testing.T) {
	const half = 5_000
	o := setup(t)
	line := &cut{Handler: o.server.Config.Handler}
	o.server.Config.Handler = line
	line.line.Store(true)
	o.clock.Forward(time.Since(o.clock.Now())) // to where the browser's is
	keeper := o.as("kd-devices")
	id := keeper.post("/devices", fields{"model": "haochaping-page", "serial_no": "HCP-001", "window": "513301-w03"}).want(201).object()["id"].(string)
	code := keeper.post("/devices/"+id+"/code", fields{"seq": 1}).want(201).object()["code"].(string)

	whole := chromium(t)
	first := tab(t, whole)
	must(t, chromedp.Run(first, chromedp.Navigate(o.server.URL+"/evaluator"), chromedp.WaitVisible("#enrol-form"), chromedp.SendKeys("#code", code), chromedp.Click("#enrol-form .main"),
		chromedp.WaitVisible("#rate"), chromedp.Evaluate(`navigator.serviceWorker.ready.then(() => 0)`, nil, awaited)))
	line.line.Store(false)
	must(t, chromedp.Run(first, chromedp.Reload(), chromedp.WaitVisible("#rate"), keepRatings(half), chromedp.Reload(), chromedp.WaitVisible("#rate"), keepRatings(half)))
	wait(t, first, fmt.Sprintf(`device.counts().then(c => c.waiting === %d)`, 2*half))
	must(t, chromedp.Cancel(first))

	second := tab(t, whole)
	must(t, chromedp.Run(second, chromedp.Navigate(o.server.URL+"/evaluator"), chromedp.WaitVisible("#rate")))
	line.line.Store(true)
	must(t, chromedp.Run(second, chromedp.Evaluate(`dispatchEvent(new Event("online"))`, nil)))
	until(t, func() bool { return o.stored(id) > half/5 })
	must(t, chromedp.Cancel(second))
	between := o.stored(id)

	third := tab(t, whole)
	must(t, chromedp.Run(third, chromedp.Navigate(o.server.URL+"/evaluator"), chromedp.WaitVisible("#rate")))
	wait(t, third, `device.counts().then(c => c.waiting === 0 && c.parked === 0)`)
	d, err := o.record.Device(t.Context(), regulation.Scope{All: true}, id)
	if n := o.stored(id); err != nil || n != 2*half || between >= 2*half || d.State != regulation.DeviceActive {
		t.Errorf("%d of %d stored, %d when the tab was killed, device %s, %v", n, 2*half, between, d.State, err)
	}
	t.Logf("%d ratings kept without a line, over two reloads and two killed tabs (%d were stored at the second): %d stored, each once", 2*half, between, o.stored(id))
}

// keepRatings fills the queue by the module's own function.
func keepRatings(n int) chromedp.Action {
	return chromedp.Evaluate(fmt.Sprintf(`(async () => { %s; for (let n = 0; n < %d; n += 100)
		await Promise.all(Array.from({ length: 100 }, (_, i) => device.keep("rating", { session: "s" + (n + i), grade: 3 + (i %% 3) }))); })()`, openDevice, n), nil, awaited)
}

const openDevice = `const device = await (await import(document.body.dataset.device)).Device.open()`

func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// wait asks the page until a promise of it is true.
func wait(t *testing.T, page context.Context, promise string) {
	t.Helper()
	until(t, func() (yes bool) {
		must(t, chromedp.Run(page, chromedp.Evaluate(fmt.Sprintf(`(async () => { %s; return %s; })()`, openDevice, promise), &yes, awaited)))
		return yes
	})
}

// until waits for what takes as long as the machine needs.
func until(t *testing.T, done func() bool) {
	t.Helper()
	for range 2000 {
		if done() {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatal("it does not come about")
}

func (o *office) stored(device string) int64 {
	o.t.Helper()
	n, err := o.record.RatingsFrom(o.t.Context(), device)
	must(o.t, err)
	return n
}

// chromium starts a browser, whose tabs may be closed while others go on.
func chromium(t *testing.T) context.Context {
	t.Helper()
	limit, end := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(end)
	allocated, cancel := chromedp.NewExecAllocator(limit, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.DisableGPU)...)
	t.Cleanup(cancel)
	whole, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	if err := chromedp.Run(whole); err != nil {
		t.Fatalf("chromium is needed (Debian package chromium): %v", err)
	}
	return whole
}

// tab opens one more tab.
func tab(t *testing.T, of context.Context) context.Context {
	t.Helper()
	page, cancel := chromedp.NewContext(of)
	t.Cleanup(cancel)
	return page
}
