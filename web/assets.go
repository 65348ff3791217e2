package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

const (
	// StaticPrefix is where the caller serves Site.Static.
	StaticPrefix = "/static/"
	// StaticCacheControl is safe because a changed file has another name.
	StaticCacheControl = "public, max-age=31536000, immutable"
	// ContentSecurityPolicy is what every page is written for; a test holds the pages to it.
	ContentSecurityPolicy = "default-src 'self'; object-src 'none'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

//go:embed templates
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// assets is the embedded static folder under hashed names: "app.css" opens as
// "app.1f2e3d4c.css".
type assets struct {
	hashed   map[string]string // name -> hashed name
	original map[string]string // hashed name -> name
}

func newAssets() (*assets, error) {
	a := &assets{hashed: map[string]string{}, original: map[string]string{}}
	entries, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		data, err := fs.ReadFile(staticFiles, "static/"+entry.Name())
		if err != nil {
			return nil, err
		}
		name := hashedName(entry.Name(), data)
		a.hashed[entry.Name()], a.original[name] = name, entry.Name()
	}
	return a, nil
}

func hashedName(name string, data []byte) string {
	sum := sha256.Sum256(data)
	ext := path.Ext(name)
	return fmt.Sprintf("%s.%s%s", strings.TrimSuffix(name, ext), hex.EncodeToString(sum[:4]), ext)
}

// Open implements fs.FS by hashed names only: an old name is not found rather than wrong.
func (a *assets) Open(name string) (fs.File, error) {
	original, ok := a.original[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return staticFiles.Open("static/" + original)
}

func (a *assets) address(name string) string { return StaticPrefix + a.hashed[name] }
