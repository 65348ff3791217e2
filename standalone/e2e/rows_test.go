package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"haochaping/regulation"
)

// rowsFile names, for every row of the transition table and of the tracks' table, the path that
// takes it, or "-" and why none does. "make histories" writes the paths of rows that have none.
const rowsFile = "testdata/rows.txt"

func mainRow(from regulation.Phase, act string, to regulation.Phase) string {
	return fmt.Sprintf("%s -%s-> %s", from, act, to)
}

func trackRow(track regulation.Track, from regulation.Stage, act string, to regulation.Stage) string {
	return fmt.Sprintf("%s: %s -%s-> %s", track, cmp.Or(from, "begin"), act, to)
}

// allRows are those of both tables, in their order.
func allRows() []string {
	var rows []string
	for _, t := range regulation.Table {
		rows = append(rows, mainRow(t.From, string(t.Act), t.To))
	}
	for _, t := range regulation.TrackTable {
		rows = append(rows, trackRow(t.Track, t.From, string(t.Act), t.To))
	}
	return slices.Compact(rows)
}

// rowsTaken are the rows that a case's acts took, told from its events.
func rowsTaken(t *testing.T, r record, caseID string) map[string]bool {
	t.Helper()
	taken, stages := map[string]bool{}, map[regulation.Track]regulation.Stage{}
	for _, text := range r.texts(t, "SELECT CAST(body AS TEXT) FROM case_events WHERE case_id = ? ORDER BY seq", caseID) {
		var e regulation.Event
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatal(err)
		}
		if spec, is := regulation.SpecOf(regulation.ActKind(e.Name)); is && e.Kind == regulation.EventAct {
			taken[mainRow(e.From, e.Name, e.To)] = true
			taken[trackRow(spec.Track, stages[spec.Track], e.Name, cmp.Or(e.Stages[spec.Track], stages[spec.Track]))] = true
		}
		for track, stage := range e.Stages {
			stages[track] = stage
		}
	}
	return taken
}

// rowBook collects the rows that the paths of a run took.
type rowBook struct {
	mu    sync.Mutex
	taken map[string]map[string]bool // by row: the paths
}

func (b *rowBook) note(path string, rows map[string]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for row := range rows {
		if b.taken[row] == nil {
			b.taken[row] = map[string]bool{}
		}
		b.taken[row][path] = true
	}
}

// shown is the path or the exception of each row, as rowsFile says.
func shown(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(rowsFile)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if row, path, is := strings.Cut(strings.TrimSpace(line), "\t"); is {
			by[row] = path
		}
	}
	return by
}

// unshown compares the tables with what the file says: each row has a path of the list, or a reason
// for having none; and no other row is in the file.
func unshown(rows []string, by map[string]string, paths []path) (faults []string) {
	for _, row := range rows {
		why, excepted := strings.CutPrefix(by[row], "- ")
		known := slices.ContainsFunc(paths, func(p path) bool { return p.name == by[row] })
		if !known && (!excepted || why == "") {
			faults = append(faults, fmt.Sprintf("%s is on no recorded path (%q): tell one, or say why not in %s", row, by[row], rowsFile))
		}
	}
	for row := range by {
		if !slices.Contains(rows, row) {
			faults = append(faults, row+" is no row of the tables")
		}
	}
	return faults
}

// TestEveryRowIsOnARecordedPath holds the file against both tables; TestPaths holds it against what
// the paths do.
func TestEveryRowIsOnARecordedPath(t *testing.T) {
	for _, fault := range unshown(allRows(), shown(t), paths) {
		t.Error(fault)
	}
}

// TestRowsAndPathsAreCompared plants each fault that the comparison is there to find.
func TestRowsAndPathsAreCompared(t *testing.T) {
	known := []path{{name: "a"}}
	for _, c := range []struct {
		name   string
		by     map[string]string
		faults int
	}{
		{"a path and a reason", map[string]string{"one": "a", "two": "- the same act elsewhere"}, 0},
		{"a row that is not there", map[string]string{"one": "a"}, 1},
		{"a path that nobody tells", map[string]string{"one": "a", "two": "b"}, 1},
		{"no reason", map[string]string{"one": "a", "two": "- "}, 1},
		{"a row of no table", map[string]string{"one": "a", "two": "a", "three": "a"}, 1},
	} {
		if got := unshown([]string{"one", "two"}, c.by, known); len(got) != c.faults {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// check holds what the paths did against the file: the path it names takes the row, and no path
// takes one that it excepts.
func (b *rowBook) check(t *testing.T) {
	t.Helper()
	for row, by := range shown(t) {
		_, excepted := strings.CutPrefix(by, "- ")
		switch {
		case excepted && len(b.taken[row]) > 0:
			t.Errorf("%s is excepted, and on %v", row, b.taken[row])
		case !excepted && !b.taken[row][by]:
			t.Errorf("%s is not on %s", row, by)
		}
	}
}

// write names the first path that takes a row where the file names none yet.
func (b *rowBook) write(t *testing.T) {
	t.Helper()
	by := shown(t)
	var lines strings.Builder
	for _, row := range allRows() {
		for _, p := range paths {
			if by[row] == "" && b.taken[row][p.name] {
				by[row] = p.name
			}
		}
		fmt.Fprintf(&lines, "%s\t%s\n", row, by[row])
	}
	if err := os.WriteFile(rowsFile, []byte(lines.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// names are the paths of the run.
func (b *rowBook) names() map[string]bool {
	names := map[string]bool{}
	for _, paths := range b.taken {
		for path := range paths {
			names[path] = true
		}
	}
	return names
}
