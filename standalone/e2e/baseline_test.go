package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// withoutUpgrade is the variable that, set to "no", leaves the upgrade test out.
const withoutUpgrade = "HAOCHAPING_TEST_UPGRADE"

// baseline is the commit that baseline.txt names for what an earlier build is to be able to do.
func baseline(able string) (string, error) {
	text, err := os.ReadFile("baseline.txt")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) == 2 && words[1] == able {
			return words[0], nil
		}
	}
	return "", errors.New("baseline.txt names no commit for " + able)
}

// earlier is the standalone program of a baseline, built from this clone unless an earlier run
// of the tests did.
func earlier(t *testing.T, able string) string {
	t.Helper()
	if os.Getenv(withoutUpgrade) == "no" {
		t.Skip(withoutUpgrade + " leaves the upgrade from an earlier build out")
	}
	commit, err := baseline(able)
	if err != nil {
		t.Fatal(err)
	}
	if why := lacks(".", commit); why != "" {
		t.Fatal(why)
	}
	program, err := filepath.Abs("../../.cache/e2e/haochaping-" + commit)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err == nil {
		return program
	}
	if err := buildAt(commit, t.TempDir(), program); err != nil {
		t.Fatal(err)
	}
	return program
}

// lacks says, in a line, why the clone around a folder cannot build a commit; "" if it can.
func lacks(folder, commit string) string {
	told, err := git(folder, "cat-file", "-e", commit+"^{commit}").CombinedOutput()
	if err == nil {
		return ""
	}
	return fmt.Sprintf("the upgrade test needs commit %s, which this clone lacks: fetch it by 'git fetch --unshallow' or 'git fetch origin %s', or leave the test out by %s=no (git: %s, %v)",
		commit, commit, withoutUpgrade, strings.Join(strings.Fields(string(told)), " "), err)
}

// git works on a clone that belongs to somebody else too, as in a container.
func git(folder string, args ...string) *exec.Cmd {
	cmd := exec.Command("git", append([]string{"-c", "safe.directory=*"}, args...)...)
	cmd.Dir = folder
	return cmd
}

// buildAt unpacks a commit into a folder and builds its standalone program there. What has not
// changed since comes from the build cache.
func buildAt(commit, folder, program string) error {
	// From the repository's top, wherever a test runs.
	top, err := git(".", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return fmt.Errorf("find the repository: %w", err)
	}
	packed := filepath.Join(folder, "source.tar")
	if told, err := git(strings.TrimSpace(string(top)), "archive", "--output", packed, commit).CombinedOutput(); err != nil {
		return fmt.Errorf("unpack %s: %w\n%s", commit, err, told)
	}
	if told, err := exec.Command("tar", "-x", "-f", packed, "-C", folder).CombinedOutput(); err != nil {
		return fmt.Errorf("unpack %s: %w\n%s", commit, err, told)
	}
	built := filepath.Join(folder, "program")
	if err := compile(filepath.Join(folder, "standalone"), built); err != nil {
		return fmt.Errorf("build %s: %w", commit, err)
	}
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return err
	}
	// At once or not at all: an interrupted build is not taken for a program.
	return move(built, program)
}

// move works across file systems too.
func move(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	half := to + ".half"
	if err := os.WriteFile(half, content, 0o755); err != nil {
		return err
	}
	return os.Rename(half, to)
}

// TestAMissingBaselineIsExplained: a clone without the commit is told what to do in one line.
func TestAMissingBaselineIsExplained(t *testing.T) {
	empty := t.TempDir()
	if told, err := git(empty, "init", "--quiet").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, told)
	}
	commit, err := baseline("main-line")
	if err != nil {
		t.Fatal(err)
	}
	why := lacks(empty, commit)
	for _, word := range []string{commit, "git fetch --unshallow", withoutUpgrade + "=no"} {
		if !strings.Contains(why, word) {
			t.Errorf("%q does not say %q", why, word)
		}
	}
	if strings.Contains(why, "\n") {
		t.Errorf("more than a line: %q", why)
	}
}
