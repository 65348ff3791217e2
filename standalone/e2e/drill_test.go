package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"haochaping/store"
)

// TestDrill runs a small drill, every path at least once: each case has to end as it has to, the checks have to
// find nothing, and /drill has to show it meanwhile. A machine that was too slow says nothing about the product:
// then, and only then, the days take longer.
func TestDrill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	for _, days := range []string{"95s", "4m"} {
		s := newSite(t, nil)
		report, complaint, err := s.drill(t, days)
		if err == nil {
			drilled(t, report)
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

// drilled holds what a drill reported: each check looked and found nothing.
func drilled(t *testing.T, report string) {
	t.Helper()
	lines := []string{"everything ended as it had to$", "[1-9][0-9]* deadlines were recorded after they were due by, in seconds"}
	for _, check := range store.Checks {
		lines = append(lines, "check "+check+": [0-9]+ looked at, 0 found in ")
	}
	for _, line := range lines {
		if !regexp.MustCompile("(?m)^" + line).MatchString(report) {
			t.Errorf("the report does not say %q:\n%s", line, report)
		}
	}
}
