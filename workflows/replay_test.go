package workflows

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// recorded reads every history in testdata, by file name. They are recorded by "make histories".
func recorded(t *testing.T) map[string]*history.History {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d histories, %v", len(files), err)
	}
	all := map[string]*history.History{}
	for _, file := range files {
		text, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(file)], err = client.HistoryFromJSON(text, client.HistoryJSONOptions{})
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		_ = text.Close() // only read
	}
	return all
}

// replay runs a history through the code of today, with something put around it or nothing.
func replay(h *history.History, around ...interceptor.WorkerInterceptor) error {
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{Interceptors: around})
	if err != nil {
		return err
	}
	replayer.RegisterWorkflowWithOptions(Case, workflow.RegisterOptions{Name: CaseType})
	return replayer.ReplayWorkflowHistory(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), h)
}

// TestReplay runs every recorded history through the code of today. It fails where the code would
// do something else than what is recorded: cases that run would stand still at the next release.
func TestReplay(t *testing.T) {
	all := recorded(t)
	if len(all) < 25 {
		t.Errorf("%d histories", len(all))
	}
	for file, h := range all {
		t.Run(file, func(t *testing.T) {
			if err := replay(h); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEveryVersionHasAHistory(t *testing.T) {
	for _, fault := range unproven(versions, recorded(t)) {
		t.Error(fault)
	}
}

// unproven are the versions that no recorded history went through, and those without a date or a
// reason. The first one has no marker: what ran before there were others is its.
func unproven(versions []Version, all map[string]*history.History) (faults []string) {
	for i, v := range versions {
		if _, err := time.Parse(time.DateOnly, v.Since); err != nil || v.Reason == "" {
			faults = append(faults, fmt.Sprintf("version %q is of %q because of %q: a date and a reason are wanted", v.ID, v.Since, v.Reason))
		}
		proven := false
		for file, h := range all {
			proven = proven || strings.HasPrefix(file, v.ID+"-") && (i == 0 || slices.Contains(markers(h), v.ID))
		}
		if !proven {
			faults = append(faults, fmt.Sprintf("version %q of %s has no history in testdata that went through it: %s", v.ID, v.Since, v.Reason))
		}
	}
	return faults
}

// markers are the versions that a history's run asked for.
func markers(h *history.History) (ids []string) {
	for _, event := range h.Events {
		mark := event.GetMarkerRecordedEventAttributes()
		if mark.GetMarkerName() != "Version" {
			continue
		}
		for _, payload := range mark.GetDetails()["change-id"].GetPayloads() {
			var id string
			if json.Unmarshal(payload.Data, &id) == nil {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// TestAVersionWithoutAHistoryIsFound plants versions that nobody recorded a history for, or that
// have only one which never went through them.
func TestAVersionWithoutAHistoryIsFound(t *testing.T) {
	any := recorded(t)["first-main-line.json"]
	first := Version{"first", "2026-11-23", "the first release"}
	next := Version{"next", "2027-01-01", "planted"}
	for _, c := range []struct {
		name     string
		versions []Version
		files    []string
		faults   int
	}{
		{"recorded", []Version{first}, []string{"first-a.json"}, 0},
		{"no history", []Version{first, next}, []string{"first-a.json"}, 1},
		{"a history that never went through it", []Version{first, next}, []string{"first-a.json", "next-a.json"}, 1},
		{"no reason", []Version{{"first", "2026-11-23", ""}}, []string{"first-a.json"}, 1},
		{"no date", []Version{{"first", "some day", "planted"}}, []string{"first-a.json"}, 1},
	} {
		all := map[string]*history.History{}
		for _, file := range c.files {
			all[file] = any
		}
		if got := unproven(c.versions, all); len(got) != c.faults {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// TestVersionsAreThoseOfTheCode holds the list against the calls of GetVersion: a call of another
// name would be a version that nobody described, an entry without a call a description of nothing.
func TestVersionsAreThoseOfTheCode(t *testing.T) {
	var listed []string
	for _, v := range versions[1:] {
		listed = append(listed, v.ID)
	}
	asked, err := askedVersions(".")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(listed)
	if !slices.Equal(listed, asked) {
		t.Errorf("the list has %q after the first release, the code asks for %q", listed, asked)
	}
}

// TestACallOfGetVersionIsSeen plants one.
func TestACallOfGetVersionIsSeen(t *testing.T) {
	folder := t.TempDir()
	code := "package p\nfunc f(ctx workflow.Context) { _ = workflow.GetVersion(ctx, \"planted\", workflow.DefaultVersion, 1) }\n"
	if err := os.WriteFile(filepath.Join(folder, "p.go"), []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	if asked, err := askedVersions(folder); err != nil || !slices.Equal(asked, []string{"planted"}) {
		t.Errorf("%q, %v", asked, err)
	}
}

// askedVersions are the names with which the code of a folder calls GetVersion, each once.
func askedVersions(folder string) (ids []string, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		code, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return nil, err
		}
		ast.Inspect(code, func(n ast.Node) bool {
			if id, is := askedVersion(n); is {
				ids = append(ids, id)
			}
			return true
		})
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// askedVersion reads the change id of a call of GetVersion; one that is not written out there is
// told as it stands.
func askedVersion(n ast.Node) (id string, is bool) {
	call, is := n.(*ast.CallExpr)
	if !is || len(call.Args) < 2 {
		return "", false
	}
	if f, is := call.Fun.(*ast.SelectorExpr); !is || f.Sel.Name != "GetVersion" {
		return "", false
	}
	text, is := call.Args[1].(*ast.BasicLit)
	if !is {
		return "not a literal", true
	}
	id, err := strconv.Unquote(text.Value)
	return id, err == nil
}
