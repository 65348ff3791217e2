package api

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"haochaping/web"
)

// answer is what a handler found: one masked view of a resource, which both renderings use.
// Beside an error, view is the form again with what was typed and what was wrong with it.
type answer struct {
	status int // 0 is 200; of a form's success a browser sees 303 instead
	// body is the resource as JSON.
	body any
	// view draws the same resource as a page; nil where only programs ask.
	view web.View
	// location is the address of what was made. A browser is sent to next, or there.
	location string
	next     string
	// shared: the answer is the same for everybody who asks in this language, and may be kept.
	shared bool
	// file answers anything that is neither: pictures, files, streams.
	file func(c echo.Context) error
}

// wantsPage tells whether a browser asks for HTML. Whoever takes anything gets JSON.
func wantsPage(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get(echo.HeaderAccept), ",") {
		kind, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case echo.MIMETextHTML, "application/xhtml+xml":
			return true
		case echo.MIMEApplicationJSON, problemType:
			return false
		}
	}
	return false
}

// reply writes an answer in the rendering that was asked for.
func (a *API) reply(r *request, ans answer) error {
	if ans.file != nil {
		return ans.file(r.echo)
	}
	r.echo.Response().Header().Add(echo.HeaderVary, "Accept, Accept-Language, Cookie")
	if r.page && ans.next != "" {
		return r.echo.Redirect(http.StatusSeeOther, ans.next)
	}
	if r.page && ans.view != nil && ans.shared {
		return a.drawShared(r, ans.view)
	}
	if r.page && ans.view != nil {
		return a.draw(r, max(ans.status, http.StatusOK), ans.view)
	}
	if ans.location != "" {
		r.echo.Response().Header().Set(echo.HeaderLocation, ans.location)
	}
	if ans.status == http.StatusNoContent {
		return r.echo.NoContent(ans.status)
	}
	if ans.shared && keptBefore(r, encode(ans.body)) {
		return r.echo.NoContent(http.StatusNotModified)
	}
	return r.echo.JSON(max(ans.status, http.StatusOK), ans.body)
}

// draw writes a page whole or not at all.
func (a *API) draw(r *request, status int, view web.View) error {
	a.offerFile(r, view)
	var b bytes.Buffer
	if err := a.Site.Render(&b, view); err != nil {
		return err
	}
	return r.echo.HTMLBlob(status, b.Bytes())
}

// drawShared writes a page that may be kept.
func (a *API) drawShared(r *request, view web.View) error {
	var b bytes.Buffer
	if err := a.Site.Render(&b, view); err != nil {
		return err
	}
	if keptBefore(r, b.Bytes()) {
		return r.echo.NoContent(http.StatusNotModified)
	}
	return r.echo.HTMLBlob(http.StatusOK, b.Bytes())
}
