package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"haochaping/store"
)

// A table that is missing from the order would lose its rows in a packed transaction.
func TestEveryInsertedTableHasItsPlaceInTheOrder(t *testing.T) {
	declared := regexp.MustCompile(`= table\{name: "([a-z_]+)"`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range declared.FindAllStringSubmatch(string(text), -1) {
			found++
			if !slices.Contains(store.InsertOrder(), match[1]) {
				t.Errorf("%s: %s is not in insertOrder", name, match[1])
			}
		}
	}
	if found < 10 {
		t.Fatalf("found %d tables only", found)
	}
}
