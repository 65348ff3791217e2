package api

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"haochaping/regulation"
	"haochaping/web"
)

// around wraps the route table in what concerns every request: its id, the log, the metrics,
// the headers that browsers heed, compression, and the refusal of other sites' forms.
func (a *API) around(e *echo.Echo) http.Handler {
	e.Use(a.observe, headers(a.Secure), middleware.GzipWithConfig(middleware.GzipConfig{
		Level: 4, MinLength: 1024, Skipper: compressedOrStreamed,
	}), recovered)
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := e.NewContext(r, w)
		request := a.receive(c)
		if err := a.refuse(request, answer{}, &regulation.Error{Code: crossOrigin}); err != nil {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	return guard.Handler(e)
}

// compressedOrStreamed names what is compressed already or must leave at once.
func compressedOrStreamed(c echo.Context) bool {
	path := c.Path()
	return path == "/static/:name" || path == "/events" || strings.HasSuffix(path, "/files/:digest")
}

// headers tells browsers to load nothing from elsewhere, run nothing inline, keep nothing, and
// say nothing of our addresses to others. Static files overwrite what they may.
func headers(secure bool) echo.MiddlewareFunc {
	fixed := map[string]string{
		"Content-Security-Policy":      web.ContentSecurityPolicy,
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
		"Cache-Control":                "no-store",
	}
	if secure {
		fixed["Strict-Transport-Security"] = "max-age=31536000"
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			for name, value := range fixed {
				c.Response().Header().Set(name, value)
			}
			return next(c)
		}
	}
}

// observe numbers, counts and logs a request. Route templates only: an address may hold the id
// of a case, a query what somebody looked for.
func (a *API) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := a.Wall()
		id := requestID()
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		if err := next(c); err != nil {
			c.Error(err)
		}
		took, code := a.Wall().Sub(began), c.Response().Status
		route := c.Path()
		if route == "" {
			route = "unknown"
		}
		a.counts.requests.WithLabelValues(c.Request().Method, route, strconv.Itoa(code)).Observe(took.Seconds())
		a.Log.InfoContext(c.Request().Context(), "request", "request", id, "method", c.Request().Method, "route", route,
			"status", code, "took", took, "bytes", c.Response().Size)
		return nil
	}
}

func requestID() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // crypto/rand never fails
	return hex.EncodeToString(b)
}

// recovered turns a panic into an internal error of this one request.
func recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true, DisableErrorHandler: true})(next)
}
