package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
)

// View is what one page shows. Only the structs of this package are views: each embeds Page
// and names its template.
type View interface {
	template() string
	page() *Page
}

// Site holds the parsed pages in every language, and the static files under names that carry
// their content's hash.
type Site struct {
	pages  map[Lang]map[string]*template.Template
	assets *assets
}

// New parses every page in every language, so that a mistake in a page stops the start and not
// a citizen.
func New() (*Site, error) {
	static, err := newAssets()
	if err != nil {
		return nil, err
	}
	site := &Site{pages: map[Lang]map[string]*template.Template{}, assets: static}
	for _, lang := range Langs {
		if site.pages[lang], err = parsePages(lang, static); err != nil {
			return nil, fmt.Errorf("pages in %s: %w", lang, err)
		}
	}
	return site, nil
}

// Render writes the page of a view. The page is complete before its first byte is written: an
// error leaves w untouched.
func (s *Site) Render(w io.Writer, v View) error {
	page := v.page()
	page.settle(v)
	parsed := s.pages[page.Lang][v.template()]
	var b bytes.Buffer
	if err := parsed.ExecuteTemplate(&b, "layout", v); err != nil {
		return fmt.Errorf("page %s: %w", v.template(), err)
	}
	_, err := b.WriteTo(w)
	return err
}

// Static is the static files under their hashed names, to be served below StaticPrefix with
// StaticCacheControl.
func (s *Site) Static() fs.FS { return s.assets }

// Asset is the address of a static file: "app.css" gives "/static/app.1f2e3d4c.css".
func (s *Site) Asset(name string) string { return s.assets.address(name) }

func parsePages(lang Lang, static *assets) (map[string]*template.Template, error) {
	base, err := template.New("layout.html").Funcs(functions(lang, static)).
		ParseFS(templateFiles, "templates/layout.html", "templates/part_*.html")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(templateFiles, "templates/page_*.html")
	if err != nil {
		return nil, err
	}
	pages := make(map[string]*template.Template, len(names))
	for _, name := range names {
		clone, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if pages[pageName(name)], err = clone.ParseFS(templateFiles, name); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

func pageName(file string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path.Base(file), "page_"), ".html")
}
