package workday

import (
	"errors"
	"strings"
	"testing"
)

func TestAnswer(t *testing.T) {
	in := "2026-02-10 15\n\n  2026-12-11\t15\r\nyesterday 3\n2026-02-10\n2026-02-10 -1\n2026-02-10 10001\n2026-11-23 15"
	var out strings.Builder
	err := Answer(strings.NewReader(in), &out, National())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 7 {
		t.Fatalf("%d answers: %q", len(lines), lines)
	}
	for i, want := range map[int]string{0: "2026-03-09", 1: "2027-01-04 provisional", 6: "2026-12-14"} {
		if lines[i] != want {
			t.Errorf("answer %d is %q, want %q", i+1, lines[i], want)
		}
	}
	for i, want := range map[int]string{2: `line 4: error: "yesterday 3"`, 3: "line 5: error", 4: "line 6: error", 5: "line 7: error"} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("answer %d is %q, want %q", i+1, lines[i], want)
		}
	}
	if err == nil || !strings.Contains(err.Error(), "4 of 8 lines") {
		t.Errorf("error %v", err)
	}
}

func TestAnswerWithoutABadLine(t *testing.T) {
	var out strings.Builder
	if err := Answer(strings.NewReader("2026-02-10 1\n"), &out, National()); err != nil || out.String() != "2026-02-11\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestAnswerStopsWhenItCannotWrite(t *testing.T) {
	if err := Answer(strings.NewReader("2026-02-10 1\n"), full{}, National()); err == nil || err.Error() != "no space" {
		t.Errorf("error %v", err)
	}
}
