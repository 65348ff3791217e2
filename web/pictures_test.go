package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// serve answers every view under its name, /<name>?lang=..&theme=.., with the product's policy.
func serve(t *testing.T) *httptest.Server {
	t.Helper()
	site, err := New()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+StaticPrefix, http.StripPrefix(StaticPrefix, http.FileServerFS(site.Static())))
	mux.HandleFunc("GET "+portrait, drawing(portraitDrawing))
	mux.HandleFunc("GET "+qr, drawing(qrDrawing))
	mux.HandleFunc("GET /test/bare", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<p>bare")) })
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		view, ok := views()[r.PathValue("name")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		view.page().Lang, _ = ParseLang(r.FormValue("lang"))
		view.page().Theme = ParseTheme(r.FormValue("theme"))
		var b bytes.Buffer
		if err := site.Render(&b, view); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		policy := ContentSecurityPolicy
		if r.FormValue("scripts") == "no" {
			policy += "; script-src 'none'"
		}
		w.Header().Set("Content-Security-Policy", policy)
		_, _ = b.WriteTo(w)
	})
	return listen(t, mux)
}

func listen(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func drawing(svg string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write([]byte(svg))
	}
}

const (
	portraitDrawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 120"><rect width="96" height="120" fill="#cfe0f5"/><circle cx="48" cy="48" r="22" fill="#e8b98f"/><path d="M26 44c0-32 44-32 44 0-8-10-32-12-44 0z" fill="#2a2320"/><path d="M8 120c4-34 22-42 40-42s36 8 40 42z" fill="#27446e"/></svg>`
	qrDrawing       = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 21 21"><path d="M0 0h7v7H0zM14 0h7v7h-7zM0 14h7v7H0zM9 9h3v3H9zM14 14h2v2h-2zM18 18h3v3h-3zM9 2h2v3H9z"/></svg>`
)

// browser starts Chromium, which these tests need: Debian's package chromium.
func browser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.NoFirstRun)
	allocated, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("chromium is needed (Debian package chromium): %v", err)
	}
	return ctx
}

type screen struct {
	name          string
	width, height int64
}

var screens = []screen{{"desktop", 1440, 900}, {"tablet", 1024, 768}, {"phone", 390, 844}}

// TestPreview writes a picture of every page to HAOCHAPING_PICTURES, for eyes; without that
// folder it looks only that no page is wider than its screen.
func TestPreview(t *testing.T) {
	server, ctx := serve(t), browser(t)
	folder, only := os.Getenv("HAOCHAPING_PICTURES"), os.Getenv("HAOCHAPING_PAGE")
	for name, view := range views() {
		if only != "" && !strings.Contains(","+only+",", ","+name+",") {
			continue
		}
		for _, look := range looks(view) {
			for _, s := range screens {
				t.Run(fmt.Sprintf("%s %s %s", name, look, s.name), func(t *testing.T) {
					picture := shoot(t, ctx, fmt.Sprintf("%s/%s?%s", server.URL, name, look), s, folder != "")
					if folder != "" {
						write(t, filepath.Join(folder, fmt.Sprintf("%s-%s-%s.png", name, strings.NewReplacer("=", "", "&", "-", "lang", "", "theme", "").Replace(look), s.name)), picture)
					}
				})
			}
		}
	}
}

func looks(v View) []string {
	if _, citizen := v.(citizenView); citizen {
		return []string{"lang=zh", "lang=en", "lang=bo", "lang=zh&theme=dark"}
	}
	return []string{"lang=zh", "lang=en", "lang=zh&theme=dark"}
}

// shoot looks whether a page fits its screen, and takes its picture where somebody wants it: that is what takes long.
func shoot(t *testing.T, ctx context.Context, address string, s screen, wanted bool) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var overflow int64
	var picture []byte
	err := chromedp.Run(ctx, emulation.SetDeviceMetricsOverride(s.width, s.height, 1, false), chromedp.Navigate(address),
		chromedp.Evaluate(`document.documentElement.scrollWidth - window.innerWidth`, &overflow))
	if err == nil && wanted {
		err = chromedp.Run(ctx, chromedp.FullScreenshot(&picture, 100))
	}
	if err != nil {
		t.Fatal(err)
	}
	if overflow > 0 {
		t.Errorf("the page is %d px wider than the screen", overflow)
	}
	return picture
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
