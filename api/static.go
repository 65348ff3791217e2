package api

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"haochaping/web"
)

// asset is a static file, compressed once.
type asset struct {
	kind   string
	plain  []byte
	zipped []byte
}

// assets remembers files by their hashed names; the folder is embedded, so they never change.
var assets sync.Map

func (a *API) static(r *request) (answer, error) {
	name := r.param("name")
	file, err := a.asset(name)
	if err != nil {
		return answer{}, notFound("asset")
	}
	return answer{file: func(c echo.Context) error { return file.serve(c, name) }}, nil
}

func (a *API) asset(name string) (*asset, error) {
	if known, ok := assets.Load(name); ok {
		return known.(*asset), nil
	}
	content, err := fs.ReadFile(a.Site.Static(), name)
	if err != nil {
		return nil, err
	}
	file := &asset{kind: kindOf(name), plain: content, zipped: zip(content)}
	assets.Store(name, file)
	return file, nil
}

func kindOf(name string) string {
	if path.Ext(name) == ".mjs" {
		return "text/javascript; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func zip(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = w.Write(content) // a bytes.Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

func (f *asset) serve(c echo.Context, name string) error {
	h := c.Response().Header()
	tag := fmt.Sprintf("%q", name)
	h.Set("Cache-Control", web.StaticCacheControl)
	h.Set("ETag", tag)
	h.Set(echo.HeaderVary, "Accept-Encoding")
	if c.Request().Header.Get("If-None-Match") == tag {
		return c.NoContent(http.StatusNotModified)
	}
	if len(f.zipped) < len(f.plain) && strings.Contains(c.Request().Header.Get(echo.HeaderAcceptEncoding), "gzip") {
		h.Set(echo.HeaderContentEncoding, "gzip")
		return c.Blob(http.StatusOK, f.kind, f.zipped)
	}
	return c.Blob(http.StatusOK, f.kind, f.plain)
}

// picture answers an image that never changes under its address.
func picture(kind string, content []byte) answer {
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "public, max-age=86400")
		return c.Blob(http.StatusOK, kind, content)
	}}
}
