package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing/fstest" // has a file system in memory
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
// "app.1f2e3d4c.css". An old name is not found rather than wrong.
type assets struct {
	fstest.MapFS
	hashed map[string]string // name -> hashed name
}

// comments of style sheets are for those who write them: a fifteenth of what a page weighs.
var comments = regexp.MustCompile(`(?s)/\*.*?\*/\n?`)

func newAssets() (*assets, error) {
	a := &assets{fstest.MapFS{}, map[string]string{}}
	entries, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		data, err := fs.ReadFile(staticFiles, "static/"+entry.Name())
		if err != nil {
			return nil, err
		}
		if path.Ext(entry.Name()) == ".css" {
			data = comments.ReplaceAll(data, nil)
		}
		name := hashedName(entry.Name(), data)
		a.hashed[entry.Name()], a.MapFS[name] = name, &fstest.MapFile{Data: data, Mode: 0o444}
	}
	return a, nil
}

func hashedName(name string, data []byte) string {
	sum := sha256.Sum256(data)
	ext := path.Ext(name)
	return fmt.Sprintf("%s.%s%s", strings.TrimSuffix(name, ext), hex.EncodeToString(sum[:4]), ext)
}

func (a *assets) address(name string) string { return StaticPrefix + a.hashed[name] }
