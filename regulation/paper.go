package regulation

import (
	"fmt"
	"strings"
	"time"

	"haochaping/workday"
)

// Paper forms of suggestion boxes (6(2)): each has a serial, and each box is opened once a week by two people who
// count what is in it before anything is entered.

// FormState is what became of a numbered form.
type FormState string

const (
	FormUnused  FormState = "unused" // not seen again since it was issued: it lies out, a citizen has it, or it is in the box
	FormEntered FormState = "entered"
	FormVoid    FormState = "void"    // blank, unreadable or destroyed
	FormMissing FormState = "missing" // it had not come back when its batch was closed
)

// BatchState is whether sheets of a batch still lie out.
type BatchState string

const (
	BatchIssued    BatchState = "issued"
	BatchUsedUp    BatchState = "used_up"
	BatchDestroyed BatchState = "destroyed"
)

// States in which the old seal of a box may be found.
const (
	SealIntact  = "intact"
	SealBroken  = "broken"
	SealMissing = "missing"
)

// Why a form found in a box is void, and why one that never was there is.
const (
	VoidBlank      = "blank"
	VoidUnreadable = "unreadable"
	VoidDestroyed  = "destroyed"
)

// VoidReasons are those for which a form of an opening may be voided.
var VoidReasons = []string{VoidBlank, VoidUnreadable}

// MostForms is the largest batch: the number in a serial has four digits.
const MostForms = 2000

// lengths of a serial's parts: the batch's prefix, the number, the check character.
const (
	prefixLength = 7
	numberLength = 4
)

// NewSerial is the serial of a batch's form: prefix of 7, number of 4 digits and check character, such as
// 3301001-0042-K. The letters are those of GB 32100, which leaves out I, O, S, V and Z.
func NewSerial(prefix string, n int) string {
	body := fmt.Sprintf("%s%04d", prefix, n)
	return serialOf(body + string(checkOf(body)))
}

func serialOf(s string) string {
	return s[:prefixLength] + "-" + s[prefixLength:prefixLength+numberLength] + "-" + s[prefixLength+numberLength:]
}

// checkOf is chosen by weights like those of GB 32100, all different and none that of the check character itself: any
// one character misread, and any two swapped, are noticed.
func checkOf(body string) byte {
	sum, weight := 0, 3
	for i := range len(body) {
		sum += strings.IndexByte(creditAlphabet, body[i]) * weight
		weight = weight * 3 % len(creditAlphabet)
	}
	return creditAlphabet[(len(creditAlphabet)-sum%len(creditAlphabet))%len(creditAlphabet)]
}

// TidySerial is a serial as it is stored, whatever hyphens, spaces, widths and cases were typed. What is no serial
// comes back without them.
func TidySerial(typed string) string {
	s := strings.Map(func(r rune) rune {
		if r = narrow(r); strings.ContainsRune("- \t–—\u3000", r) {
			return -1
		}
		return r
	}, typed)
	s = strings.ToUpper(s)
	if len(s) != prefixLength+numberLength+1 {
		return s
	}
	return serialOf(s)
}

// CheckSerial tells whether a serial, however typed, can be one of ours. Refusals: Invalid on serial, required,
// serial_format or serial_check.
func CheckSerial(serial string) error {
	wrong := &Error{Code: Invalid, Clause: ClauseBox, Missing: "fields"}
	s := strings.ReplaceAll(TidySerial(serial), "-", "")
	switch {
	case s == "":
		return wrong.Field("serial", "required")
	case len(s) != prefixLength+numberLength+1 || strings.Trim(s, creditAlphabet) != "":
		return wrong.Field("serial", "serial_format")
	case checkOf(s[:len(s)-1]) != s[len(s)-1]:
		return wrong.Field("serial", "serial_check")
	}
	return nil
}

// WeekOf is the ISO week of an instant in Asia/Shanghai, such as 2026-W48.
func WeekOf(at time.Time) string {
	year, week := at.In(workday.Shanghai).ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}
