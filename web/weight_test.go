package web

import (
	"bytes"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// firstLoad is what a page and all that it fetches weigh when nothing is kept yet, in compressed bytes.
func firstLoad(t *testing.T, view View) int {
	t.Helper()
	site := setup(t)
	var page bytes.Buffer
	if err := site.Render(&page, view); err != nil {
		t.Fatal(err)
	}
	total, seen := zipped(t, page.Bytes()), map[string]bool{}
	for _, name := range regexp.MustCompile(`/static/[\w.-]+`).FindAllString(page.String(), -1) {
		content, err := fs.ReadFile(site.Static(), name[len(StaticPrefix):])
		if err != nil {
			t.Fatal(err)
		}
		if !seen[name] {
			seen[name] = true
			total += zipped(t, content)
		}
	}
	t.Logf("%d bytes", total)
	return total
}

// TestRatingPagesAreLight: the first load of the pages on which citizens rate is under 20 kB compressed, with
// room for a portrait of 2 kB.
func TestRatingPagesAreLight(t *testing.T) {
	for _, name := range []string{"rate", "rate-replaced", "evaluator"} {
		if total := firstLoad(t, views()[name]); total > 18_000 {
			t.Errorf("%s: %d bytes compressed", name, total)
		}
	}
}

// TestTheStaffSheetConcernsNoCitizen: no rule of staff.css could apply to a page for citizens, which does not load it.
func TestTheStaffSheetConcernsNoCitizen(t *testing.T) {
	css, err := staticFiles.ReadFile("static/staff.css")
	if err != nil {
		t.Fatal(err)
	}
	site, pages := setup(t), map[string]map[string]bool{}
	for name, view := range views() {
		if _, citizen := view.(citizenView); !citizen {
			continue
		}
		var page bytes.Buffer
		if err := site.Render(&page, view); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(page.String(), site.Asset("staff.css")) {
			t.Errorf("%s loads the staff's style sheet", name)
		}
		pages[name] = namesOn(page.String())
	}
	for _, selector := range selectors(string(css)) {
		for _, name := range slices.Sorted(maps.Keys(pages)) {
			if asked := namesIn(selector); len(asked) == 0 || !slices.ContainsFunc(asked, func(n string) bool { return !pages[name][n] }) {
				t.Errorf("%s is for %s too: it belongs into app.css", selector, name)
				break
			}
		}
	}
}

// namesOn are the classes, the ids and the attributes' names of a page.
func namesOn(page string) map[string]bool {
	found := map[string]bool{".in-bo": true, ".in-en": true}
	for _, m := range regexp.MustCompile(`\sclass="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		for _, class := range strings.Fields(m[1]) {
			found["."+class] = true
		}
	}
	for _, m := range regexp.MustCompile(`\sid="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		found["#"+m[1]] = true
	}
	for _, m := range regexp.MustCompile(`\s(data-[\w-]+)`).FindAllStringSubmatch(page, -1) {
		found["["+m[1]] = true
	}
	return found
}

// selectors are those of all rules of a sheet, one by one.
func selectors(css string) []string {
	css = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(css, "")
	var found []string
	for _, m := range regexp.MustCompile(`([^{}]+)\{`).FindAllStringSubmatch(css, -1) {
		if list := strings.TrimSpace(m[1]); !strings.HasPrefix(list, "@") {
			found = append(found, split(list)...)
		}
	}
	return found
}

// split takes a list of selectors apart, but not within parentheses.
func split(list string) []string {
	depth := 0
	return strings.FieldsFunc(list, func(r rune) bool {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		return r == ',' && depth == 0
	})
}

// namesIn are those that an element or its surroundings must have for a selector; those in parentheses are
// conditions of their own.
func namesIn(selector string) []string {
	return regexp.MustCompile(`\.[a-zA-Z][\w-]*|#[a-zA-Z][\w-]*|\[data-[\w-]+`).FindAllString(regexp.MustCompile(`\([^()]*\)`).ReplaceAllString(selector, ""), -1)
}
