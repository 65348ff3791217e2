package regulation

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
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

// BatchPrefix is the beginning of the serials of an area's n-th batch: the area's last four digits and n in the serials'
// alphabet.
func BatchPrefix(area string, n int) string {
	digits := []byte{'0', '0', '0'}
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i], n = creditAlphabet[n%len(creditAlphabet)], n/len(creditAlphabet)
	}
	return area[2:] + string(digits)
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

// BatchFields, CloseFields and OpeningFields are what is typed to issue a batch, to close it, and to record an opening.
var (
	BatchFields = []Field{
		{Name: "batch_count", Type: TypeNumber, Required: true, Max: 4},
		{Name: "batch_note", Type: TypeText, Max: 100},
	}
	CloseFields = []Field{
		{Name: "batch_state", Type: TypeChoice, Required: true, Options: []string{string(BatchUsedUp), string(BatchDestroyed)}},
		{Name: "batch_numbers", Type: TypeText, Max: 200},
	}
	OpeningFields = []Field{
		{Name: "opened_on", Type: TypeDate, Required: true},
		{Name: "opened_time", Type: TypeText, Required: true, Max: 5},
		{Name: "second_opener", Type: TypeStaff, Required: true},
		{Name: "old_seal_state", Type: TypeChoice, Required: true, Options: []string{SealIntact, SealBroken, SealMissing}},
		{Name: "old_seal", Type: TypeText, Max: 32},
		{Name: "new_seal", Type: TypeText, Required: true, Max: 32},
		{Name: "counted", Type: TypeNumber, Required: true, Max: 4},
		{Name: "letters", Type: TypeNumber, Max: 4},
		{Name: "opening_remarks", Type: TypeText, Max: 200},
	}
)

// BatchCount reads how many forms a batch is to have, 1 to MostForms. Refusals: Invalid on the fields.
func BatchCount(v Values) (int, error) {
	if err := CheckBox(BatchFields, v); err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(v.Get("batch_count"))
	if err != nil || n < 1 || n > MostForms {
		return 0, boxFault("batch_count", "batch_count")
	}
	return n, nil
}

func boxFault(field, code string) error {
	return (&Error{Code: Invalid, Clause: ClauseBox, Missing: "fields"}).Field(field, code)
}

// DestroyedNumbers reads the numbers of the blank forms that were destroyed when a batch of numbers 1 to count was
// closed, such as 151-200, 233. A batch that was used up has none. Refusals: Invalid on the fields.
func DestroyedNumbers(v Values, count int) ([]int, error) {
	if err := CheckBox(CloseFields, v); err != nil {
		return nil, err
	}
	typed := strings.TrimSpace(v.Get("batch_numbers"))
	destroyed := BatchState(v.Get("batch_state")) == BatchDestroyed
	switch {
	case destroyed && typed == "":
		return nil, boxFault("batch_numbers", "required")
	case !destroyed && typed != "":
		return nil, boxFault("batch_numbers", "batch_numbers_none")
	case typed == "":
		return nil, nil
	}
	seen := map[int]bool{}
	for _, part := range strings.FieldsFunc(typed, func(r rune) bool { return strings.ContainsRune(",，、; ", r) }) {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, wrong := strconv.Atoi(last)
		if err != nil || wrong != nil || from < 1 || to < from || to > count {
			return nil, boxFault("batch_numbers", "batch_numbers")
		}
		for n := from; n <= to; n++ {
			seen[n] = true
		}
	}
	return slices.Sorted(maps.Keys(seen)), nil
}

// Found is what two people found in a box, as they typed it.
type Found struct {
	At                             time.Time
	OldSeal, OldSealState, NewSeal string
	Counted, Letters               int
	Remarks                        string
}

// Opened is what is known of a box before an opening: when it was opened last, zero for never, which seal was put on
// it then, and which ones ever were.
type Opened struct {
	Last  time.Time
	Seal  string
	Seals []string
}

// CheckOpening reads what was found when a box was opened, and holds it against what is known of the box. Refusals:
// Invalid on OpeningFields.
func CheckOpening(v Values, before Opened, now time.Time) (Found, error) {
	bad := (Rules{}).checkFields(OpeningFields, v)
	if bad == nil {
		bad = map[string]string{}
	}
	note := func(field, code string) {
		if bad[field] == "" && code != "" {
			bad[field] = code
		}
	}
	f := Found{OldSeal: strings.TrimSpace(v.Get("old_seal")), OldSealState: v.Get("old_seal_state"), NewSeal: strings.TrimSpace(v.Get("new_seal")),
		Remarks: strings.TrimSpace(v.Get("opening_remarks"))}
	var err error
	if f.At, err = time.ParseInLocation("2006-01-02 15:04", v.Get("opened_on")+" "+v.Get("opened_time"), workday.Shanghai); err != nil {
		note("opened_time", "opened_time")
	}
	switch {
	case err != nil:
	case f.At.After(now):
		note("opened_on", "in_future")
	case !f.At.After(before.Last):
		note("opened_on", "before_last_opening")
	}
	note("old_seal", f.oldSeal(before))
	if slices.Contains(before.Seals, f.NewSeal) {
		note("new_seal", "seal_used")
	}
	if f.OldSealState != SealIntact && f.Remarks == "" {
		note("opening_remarks", "seal_remarks")
	}
	f.Counted, _ = strconv.Atoi(v.Get("counted")) // digits, by the field's type
	f.Letters, _ = strconv.Atoi(v.Get("letters"))
	if len(bad) > 0 {
		return Found{}, &Error{Code: Invalid, Clause: ClauseBox, Missing: "fields", Fields: bad}
	}
	return f, nil
}

// oldSeal is what is wrong with the old seal: one that is intact is the one that was put on last.
func (f Found) oldSeal(before Opened) string {
	switch {
	case f.OldSealState == SealMissing:
		return ""
	case f.OldSeal == "":
		return "required"
	case f.OldSealState == SealIntact && before.Seal != "" && f.OldSeal != before.Seal:
		return "seal_differs"
	}
	return ""
}

// CheckOpener tells whether somebody may be one of the two who open a box: they have a post, and the forms in the box
// rate neither them nor a unit that they work for (R10). Refusals: Invalid on second_opener: not_staff,
// opener_is_rated.
func CheckOpener(p Person, rated RatedIn) error {
	if len(p.Assignments) == 0 {
		return boxFault("second_opener", "not_staff")
	}
	if p.Staff != "" && slices.Contains(rated.Staff, p.Staff) || slices.ContainsFunc(p.Assignments, rated.employs) {
		return boxFault("second_opener", "opener_is_rated")
	}
	return nil
}

// MondayOf is the first day of an instant's ISO week.
func MondayOf(at time.Time) workday.Date {
	day := workday.DateOf(at)
	return day.AddDays(-(int(day.Weekday()) + 6) % 7)
}

// OpeningDue is until when a box has to be opened in the week of a Monday: the close of work of its last working day,
// with weekends that are worked; none in a week without one.
func OpeningDue(c workday.Calendar, h workday.Hours, monday workday.Date) (due time.Time, any bool) {
	for n := 6; n >= 0; n-- {
		if day := monday.AddDays(n); c.IsWorkday(day) {
			return h.Close(day), true
		}
	}
	return time.Time{}, false
}

// FirstWeek is the Monday of the first week in which a box has to be opened: the one after that in which it was
// registered, unless it was on the Monday.
func FirstWeek(registered time.Time) workday.Date {
	monday := MondayOf(registered)
	if workday.DateOf(registered).After(monday) {
		return monday.AddDays(7)
	}
	return monday
}
