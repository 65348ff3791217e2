package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// undrilledFile lists the rows that no path of the drill takes, each with its reason. Those that the case's
// id draws, as the sample of write-offs does, may be taken or not.
const undrilledFile = "testdata/undrilled.txt"

const drawnByID = "drawn: "

// TestDrill runs a small drill, every path at least once: each case has to end as it has to, the checks have to
// find nothing, /drill has to show it meanwhile, and the cases have to take every row of both tables but those
// that are listed. A machine that was too slow says nothing about the product:
// then, and only then, the days take longer.
func TestDrill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	for _, days := range []string{"95s", "4m"} {
		s := newSite(t, nil)
		report, complaint, err := s.drill(t, days)
		if err == nil {
			drilled(t, s, report)
			return
		}
		if !strings.Contains(complaint, "the machine was too slow") {
			t.Fatalf("%v: %s\n%s", err, complaint, report)
		}
		t.Logf("a drill in %s: %s\n%s", days, complaint, report)
	}
	t.Fatal("the machine was too slow for every drill")
}

// drill runs one to its end and returns what it printed, and what it complained of.
func (s *site) drill(t *testing.T, days string) (report, complaint string, err error) {
	t.Helper()
	cmd := exec.Command(s.program, "drill", "--addr", "127.0.0.1:0", "--ratings", "200", "--bad", "1", "--in", days, "--keep", s.folder)
	var complained bytes.Buffer
	cmd.Stderr = &complained
	printed, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // where the test ends before it
	lines := bufio.NewReader(printed)
	first, _ := lines.ReadString('\n')
	_, at, is := strings.Cut(strings.TrimSpace(first), " watch it at ")
	if !is {
		t.Errorf("the drill began with %q", first)
	} else {
		watchDrill(t, at)
	}
	rest, _ := io.ReadAll(lines)
	err = cmd.Wait()
	return first + string(rest), complained.String(), err
}

// watchDrill holds that the page shows the drill while it runs, as JSON and as HTML, and that it goes on.
func watchDrill(t *testing.T, at string) {
	t.Helper()
	var began time.Time
	eventually(t, "ratings on "+at, func() bool {
		var now struct {
			Now time.Time
			store.Tally
		}
		body := shownAs(t, at, "application/json")
		if err := json.Unmarshal(body, &now); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		if began.IsZero() {
			began = now.Now
		}
		return len(now.Ratings) > 0 && now.Now.After(began)
	})
	if page := shownAs(t, at, "text/html"); !bytes.Contains(page, []byte(`class="drill-day"`)) {
		t.Errorf("%s shows %s", at, page)
	}
}

func shownAs(t *testing.T, at, kind string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", kind)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), kind) {
		t.Fatalf("%s as %s: %d %v", at, kind, answer.StatusCode, err)
	}
	return body
}

// drilled holds what a drill reported, each check looked and found nothing, and the rows that its cases took.
func drilled(t *testing.T, s *site, report string) {
	t.Helper()
	lines := []string{"everything ended as it had to$", "[1-9][0-9]* deadlines were recorded after they were due by, in seconds"}
	for _, name := range []regulation.WatchEvent{regulation.WatchEntered, regulation.WatchInspected, regulation.WatchOverdue} {
		lines = append(lines, fmt.Sprintf("  %s +[1-9]", name))
	}
	for _, check := range store.Checks {
		lines = append(lines, "check "+check+": [0-9]+ looked at, 0 found in ")
	}
	for _, line := range lines {
		if !regexp.MustCompile("(?m)^" + line).MatchString(report) {
			t.Errorf("the report does not say %q:\n%s", line, report)
		}
	}
	r, taken := s.record(t), map[string]bool{}
	for _, id := range r.texts(t, "SELECT id FROM cases ORDER BY id") {
		maps.Copy(taken, rowsTaken(t, r, id))
	}
	for _, fault := range undrilled(allRows(), taken, reasonsOf(t)) {
		t.Error(fault)
	}
}

// reasonsOf reads the rows that no path takes.
func reasonsOf(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(undrilledFile)
	if err != nil {
		t.Fatal(err)
	}
	why := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if row, reason, is := strings.Cut(strings.TrimSpace(line), "\t"); is {
			why[row] = reason
		}
	}
	return why
}

// undrilled compares the rows that a drill's cases took with the list: each row is taken or listed with a
// reason, and what is listed is a row and is not taken.
func undrilled(rows []string, taken map[string]bool, why map[string]string) (faults []string) {
	for _, row := range rows {
		reason, listed := why[row]
		switch {
		case !taken[row] && reason == "":
			faults = append(faults, row+" is taken on no path of the drill: play one, or say why not in "+undrilledFile)
		case taken[row] && listed && !strings.HasPrefix(reason, drawnByID):
			faults = append(faults, row+" is listed in "+undrilledFile+", and is taken")
		}
	}
	for row := range why {
		if !slices.Contains(rows, row) {
			faults = append(faults, row+" is no row of the tables")
		}
	}
	return faults
}

// TestUndrilledRowsAreFound plants each fault that the comparison is there to find.
func TestUndrilledRowsAreFound(t *testing.T) {
	for _, c := range []struct {
		name   string
		taken  []string
		why    map[string]string
		faults int
	}{
		{"taken, listed and drawn", []string{"one"}, map[string]string{"two": "needs a year", "three": drawnByID + "by the id"}, 0},
		{"drawn this time", []string{"one", "two", "three"}, map[string]string{"three": drawnByID + "by the id"}, 0},
		{"neither taken nor listed", []string{"one", "two"}, nil, 1},
		{"no reason", []string{"one", "two"}, map[string]string{"three": ""}, 1},
		{"listed and taken", []string{"one", "two", "three"}, map[string]string{"three": "needs a year"}, 1},
		{"a row of no table", []string{"one", "two", "three"}, map[string]string{"four": "needs a year"}, 1},
	} {
		taken := map[string]bool{}
		for _, row := range c.taken {
			taken[row] = true
		}
		if got := undrilled([]string{"one", "two", "three"}, taken, c.why); len(got) != c.faults {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
