package regulation

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// One wrong digit, or two neighbours that changed places, are told.
func TestAMistypedCaseNumberIsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		head := rapid.StringMatching(`\d{6}-20\d\d-\d{6}`).Draw(t, "number")
		number := head + string(CheckDigit(head))
		if MistypedCaseNumber(number) {
			t.Fatalf("%s is right", number)
		}
		at := rapid.IntRange(0, len(number)-2).Draw(t, "at")
		if number[at] == '-' || number[at+1] == '-' {
			return
		}
		digit := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		wrong := number[:at] + string(digit) + number[at+1:]
		swapped := number[:at] + string(number[at+1]) + string(number[at]) + number[at+2:]
		for _, typed := range []string{wrong, swapped} {
			if typed != number && !MistypedCaseNumber(typed) {
				t.Fatalf("%s for %s", typed, number)
			}
		}
	})
}

func TestAnEarlierNumberIsNoneMistyped(t *testing.T) {
	for _, number := range []string{"513301-2026-000001", "513301-2026-123456", "", "whatever", strings.Repeat("9", 18)} {
		if MistypedCaseNumber(number) {
			t.Errorf("%q", number)
		}
	}
	if CheckDigit("572") != '4' { // the example of the publication
		t.Errorf("%c", CheckDigit("572"))
	}
}

// The examples that people read are no mistyped ones.
func TestTheExampleOfANumberIsRight(t *testing.T) {
	for _, p := range placeholders {
		if p.Code == "case_number" && MistypedCaseNumber(p.Sample) {
			t.Errorf("%s", p.Sample)
		}
	}
}
