// Package haochaping_test holds what no single package can: the arrows between them.
package haochaping_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "haochaping"

// layers are the folders of the architecture, lowest first. A package may import packages of lower
// layers and of its own folder, never one above or beside it. A folder that is not named here fails
// the test: give it a place first.
var layers = [][]string{
	{"workday"},
	{"regulation"},
	{"policies", "store", "integration", "web"},
	{"activities"},
	{"workflows"},
	{"api", "worker"},
	{"app"},
	{"cmd", "standalone"},
}

// banned are arrows that the layers would allow; an empty name means every package of ours.
var banned = []struct{ from, to, reason string }{
	{"workflows", "store", "a workflow asks an activity for what the record says"},
	{"standalone/engine", "", "the engine is Temporal alone and knows nothing of the product"},
}

// baseline is where the product is measured against what somebody would write on the bare
// libraries: it imports them for that.
const baseline = "standalone/bench"

// owners say which folder alone may import a framework, so that it can be replaced there.
var owners = []struct{ framework, folder string }{
	{"github.com/casbin/", "policies"},
	{"gorm.io/", "store"},
	{"github.com/pressly/goose/", "store"},
	{"github.com/labstack/echo/", "api"},
	{"go.temporal.io/server/", "standalone/engine"},
}

// pure folders import the standard library and what the arrows allow only: they are what an
// official may hold against the text of the regulation.
var pure = []string{"workday", "regulation"}

// file is a Go file that is no test, with what it imports. Test files may look further, as far as the
// compiler lets them.
type file struct {
	path, folder string
	imports      []string
}

func TestImportsFollowTheArchitecture(t *testing.T) {
	for _, f := range sources(t, ".") {
		for _, fault := range faults(f) {
			t.Errorf("%s %s", f.path, fault)
		}
	}
}

func TestFaultsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		folder, imports string
		faults          int
	}{
		"downwards":                  {"api", "haochaping/store", 0},
		"in one folder":              {"store", "haochaping/store/ledger", 0},
		"upwards":                    {"store", "haochaping/api", 1},
		"beside":                     {"api", "haochaping/worker", 1},
		"workflow reads the record":  {"workflows", "haochaping/store", 1},
		"engine knows the product":   {"standalone/engine", "haochaping/app", 1},
		"GORM at home":               {"store/storetest", "gorm.io/gorm", 0},
		"GORM abroad":                {"api", "gorm.io/gorm", 1},
		"a library in the rules":     {"regulation", "github.com/google/uuid", 1},
		"the calendar in the rules":  {"regulation", "haochaping/workday", 0},
		"the rules in the calendar":  {"workday", "haochaping/regulation", 1},
		"a folder nobody has placed": {"util", "strings", 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := faults(file{folder: c.folder, imports: []string{c.imports}}); len(got) != c.faults {
				t.Errorf("found %q, want %d", got, c.faults)
			}
		})
	}
}

// faults says what is wrong with a file's imports.
func faults(f file) []string {
	if layer(f.folder) < 0 {
		return []string{"lies in a folder that has no place in the architecture"}
	}
	var found []string
	for _, imported := range f.imports {
		fault := frameworkFault(f.folder, imported)
		if to, ours := strings.CutPrefix(imported, module+"/"); ours {
			fault = arrowFault(f.folder, to)
		}
		if fault != "" {
			found = append(found, "imports "+imported+": "+fault)
		}
	}
	return found
}

// arrowFault judges an import of one of our packages by another.
func arrowFault(from, to string) string {
	for _, b := range banned {
		if within(from, b.from) && within(to, b.to) {
			return b.reason
		}
	}
	if top(from) != top(to) && layer(to) >= layer(from) {
		return "it is above or beside"
	}
	return ""
}

// frameworkFault judges an import from outside.
func frameworkFault(folder, imported string) string {
	if slices.Contains(pure, top(folder)) && strings.Contains(top(imported), ".") {
		return "only the standard library is for " + top(folder)
	}
	for _, o := range owners {
		if strings.HasPrefix(imported, o.framework) && !within(folder, o.folder) && folder != baseline {
			return "only " + o.folder + " knows it"
		}
	}
	return ""
}

// layer is the index of a folder's layer, -1 for a folder that has none.
func layer(folder string) int {
	return slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, top(folder)) })
}

// top is the first element of a slash-separated path.
func top(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

func within(path, folder string) bool {
	return folder == "" || path == folder || strings.HasPrefix(path, folder+"/")
}

// sources reads every Go file of both modules, whatever its build tags, but for tests.
func sources(t *testing.T, root string) []file {
	t.Helper()
	var found []file
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && skipped(entry.Name()) {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := read(path)
		found = append(found, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("no Go files found")
	}
	return found
}

// skipped folders hold no source of ours: hidden ones, what make builds, data and fixtures.
func skipped(name string) bool {
	hidden := strings.HasPrefix(name, ".") && name != "."
	return hidden || slices.Contains([]string{"bin", "data", "node_modules", "testdata", "tmp"}, name)
}

func read(path string) (file, error) {
	f := file{path: path, folder: filepath.ToSlash(filepath.Dir(path))}
	syntax, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return f, err
	}
	for _, spec := range syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return f, err
		}
		f.imports = append(f.imports, imported)
	}
	return f, nil
}
