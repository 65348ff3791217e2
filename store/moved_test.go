package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Figures leave out what a reader's own office was given by whose a window or a matter is today (the pages' ownSide). That is whose it was when it was
// rated as long as nothing writes either table but the first loading. Whoever adds a path that does has to count by the unit at the rating.
func TestNoPathMovesAWindowOrAMatter(t *testing.T) {
	tables, writes := regexp.MustCompile(`\b(matterRow|windowRow|matters|service_windows)\b`), regexp.MustCompile(`\b(Save|Create|CreateInBatches|Update|Updates|UpdateColumn|UpdateColumns|Delete|create|insertNew|UPDATE|INSERT|REPLACE|DELETE)\b`)
	// loadServices fills an empty record; Mend reads whether a window or matter is there and writes what another system calls it.
	known := []string{"loadServices", "Mend"}
	found := map[string]bool{}
	for _, folder := range []string{".", "../app", "../api", "../cmd", "../activities", "../worker"} {
		err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files := token.NewFileSet()
			parsed, err := parser.ParseFile(files, path, source, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, decl := range parsed.Decls {
				f, is := decl.(*ast.FuncDecl)
				if !is {
					continue
				}
				text := source[files.Position(f.Pos()).Offset:files.Position(f.End()).Offset]
				if tables.Match(text) && writes.Match(text) {
					found[f.Name.Name] = true
					if !slices.Contains(known, f.Name.Name) {
						t.Errorf("%s: %s names windows or matters and writes: does it move one to another unit?", path, f.Name.Name)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range known {
		if !found[name] {
			t.Errorf("%s is not found: this proves nothing of it", name)
		}
	}
}
