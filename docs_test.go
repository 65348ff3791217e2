package haochaping_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// served are the obligations whose rows docs/regulation.md must have.
var served = strings.Fields("R01 R03 R04 R05 R06 R07 R08 R09 R10 R11 R12 R17 R18 R19 R22 R23 R24 R25 R27 R28 R29 R30 R31 R32 R33 R34 R48 R49 R50 R54 R55 R56 R57 R58 R59 R60")

var quoted = regexp.MustCompile("`([^`]+)`")

// TestObligationsNameCodeAndTestsThatExist reads docs/regulation.md row by row.
func TestObligationsNameCodeAndTestsThatExist(t *testing.T) {
	rows := obligations(t)
	for _, r := range served {
		if rows[r] == nil {
			t.Errorf("%s has no row", r)
		}
	}
	for r, cells := range rows {
		for _, file := range quoted.FindAllStringSubmatch(cells[4], -1) {
			if _, err := os.Stat(file[1]); err != nil {
				t.Errorf("%s: %v", r, err)
			}
		}
		checkTestCell(t, r, cells[5])
	}
}

func obligations(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("docs/regulation.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 7 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "R") || strings.TrimSpace(cells[1]) == "R" {
			continue
		}
		rows[strings.TrimSpace(cells[1])] = cells
	}
	return rows
}

// checkTestCell holds "`file` TestName TestOther `another` TestThird" against the files.
func checkTestCell(t *testing.T, row, cell string) {
	t.Helper()
	file, source, names := "", "", 0
	for _, word := range strings.Fields(cell) {
		switch {
		case strings.HasPrefix(word, "`"):
			text, err := os.ReadFile(strings.Trim(word, "`"))
			if err != nil {
				t.Errorf("%s: %v", row, err)
			}
			file, source = word, string(text)
		case strings.HasPrefix(word, "Test"):
			if names++; !strings.Contains(source, "func "+strings.Trim(word, ",;")+"(") {
				t.Errorf("%s: %s has no %s", row, file, word)
			}
		}
	}
	if names == 0 {
		t.Errorf("%s names no test", row)
	}
}
