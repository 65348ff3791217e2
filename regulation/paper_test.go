package regulation

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func serialFault(serial string) string {
	err := (*Error)(nil)
	errors.As(CheckSerial(serial), &err)
	if err == nil {
		return ""
	}
	return err.Fields["serial"]
}

// Any one character misread and any two swapped are noticed (R14).
func TestSerialsNoticeWhatIsMisread(t *testing.T) {
	for n := 1; n <= MostForms; n += 7 {
		serial := NewSerial("3301001", n)
		if code := serialFault(serial); code != "" {
			t.Fatalf("%s: %s", serial, code)
		}
		body := strings.ReplaceAll(serial, "-", "")
		for i := range len(body) {
			for _, other := range creditAlphabet {
				if wrong := body[:i] + string(other) + body[i+1:]; wrong != body && serialFault(wrong) != "serial_check" {
					t.Fatalf("%s for %s: %q", wrong, body, serialFault(wrong))
				}
			}
			for j := range i {
				swapped := []byte(body)
				swapped[i], swapped[j] = swapped[j], swapped[i]
				if body[i] != body[j] && serialFault(string(swapped)) != "serial_check" {
					t.Fatalf("%s for %s: %q", swapped, body, serialFault(string(swapped)))
				}
			}
		}
	}
}

func TestSerialsAsTyped(t *testing.T) {
	serial := NewSerial("3301001", 42)
	for typed, want := range map[string]string{
		serial: "", strings.ToLower(serial): "", strings.ReplaceAll(serial, "-", ""): "", " " + strings.ReplaceAll(serial, "-", " － "): "",
		"": "required", "3301001": "serial_format", serial + "1": "serial_format", "3301001-O042-K": "serial_format", "康定": "serial_format",
	} {
		if got := serialFault(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
		if want == "" && TidySerial(typed) != serial {
			t.Errorf("%q is kept as %q", typed, TidySerial(typed))
		}
	}
}

// The week is the one in Asia/Shanghai, and its year is the week's (ISO 8601).
func TestWeekOf(t *testing.T) {
	for at, want := range map[string]string{"2026-11-29T15:59:00Z": "2026-W48", "2026-11-29T16:00:00Z": "2026-W49", "2027-01-03T00:00:00Z": "2026-W53", "2024-12-30T00:00:00Z": "2025-W01"} {
		instant, err := time.Parse(time.RFC3339, at)
		if got := WeekOf(instant); err != nil || got != want {
			t.Errorf("%s lies in %s, want %s", at, got, want)
		}
	}
}
