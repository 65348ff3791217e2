package main

import (
	"strings"
	"testing"
)

// Columns stand one below the other as a terminal shows them, whatever the script.
func TestSignInsAreAligned(t *testing.T) {
	rows := [][]string{{"审计员", "auditor", "扎西"}, {"12345 话务员", "hotline_agent", "益西拥措"}, {"citizen", "x", "y"}}
	lines := strings.Split(strings.TrimSuffix(aligned(rows), "\n"), "\n")
	if len(lines) != len(rows) {
		t.Fatalf("%d lines", len(lines))
	}
	for column := range 3 {
		first := -1
		for i, line := range lines {
			before, _, found := strings.Cut(line+" ", "  "+rows[i][column])
			if first < 0 {
				first = cells(before)
			}
			if !found || cells(before) != first {
				t.Errorf("column %d of %q begins at %d, want %d", column, line, cells(before), first)
			}
		}
	}
	if strings.HasSuffix(lines[0], " ") {
		t.Error("a line ends with blanks")
	}
}
