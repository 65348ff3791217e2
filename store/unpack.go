package store

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"haochaping/workday"
)

// maxPart bounds a file of a package that is read back, in bytes.
const maxPart = 64 << 20

// unzipped reads a package back, in its order.
func unzipped(content []byte) ([]part, error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		read, err := io.ReadAll(io.LimitReader(r, maxPart))
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{f.Name, read})
	}
	return parts, nil
}

// cmpFiles puts what was added at download behind the package's own files, in one order.
func cmpFiles(a, b string) int {
	added := func(name string) bool { return name == "rater.json" || strings.HasPrefix(name, "files/") }
	switch {
	case added(a) && added(b):
		return strings.Compare(a, b)
	case added(a):
		return 1
	case added(b):
		return -1
	}
	return 0
}

// CheckPackage holds a downloaded package against its own manifest: every file listed is there with
// its digests. It needs no database.
func CheckPackage(content []byte) error {
	parts, err := unzipped(content)
	if err != nil {
		return err
	}
	have := map[string][]byte{}
	for _, p := range parts {
		have[p.name] = p.content
	}
	var m manifest
	if err := json.Unmarshal(have["manifest.json"], &m); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	if len(m.Files) == 0 {
		return fmt.Errorf("the manifest lists nothing")
	}
	for _, f := range m.Files {
		content, there := have[f.Name]
		sha, sm := digests(content)
		if !there || sha != f.SHA256 || sm != f.SM3 {
			return fmt.Errorf("%s is not what the manifest says", f.Name)
		}
	}
	return nil
}

func dayOf(at time.Time) string { return workday.DateOf(at).String() }
