package workday

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed national.csv
var nationalCSV string

// Calendar tells working days from days off. It is immutable: With and
// WithNotice return another one. Start from National.
type Calendar struct {
	notices []Layer // State Council notices, the later one wins
	local   []Layer // prefecture, then county: they win over every notice
	days    map[Date]Kind
	noticed map[int]bool
	version string
}

var national = sync.OnceValue(func() Calendar {
	l, err := ReadLayer("national", "2020-2026", strings.NewReader(nationalCSV))
	if err != nil {
		panic(err) // the table is part of the binary and under test
	}
	return build([]Layer{l}, nil)
})

// National returns the calendar of the notices for 2020 to 2026, without any
// local layer.
func National() Calendar { return national() }

// With adds local layers above those already there; on a day that several
// layers name, the last one wins. A local layer is no notice: it makes no year
// certain.
func (c Calendar) With(layers ...Layer) Calendar {
	return build(c.notices, append(slices.Clip(c.local), copies(layers)...))
}

// WithNotice adds a further State Council notice below all local layers. Every
// year in which it names a day counts as noticed from then on.
func (c Calendar) WithNotice(notice Layer) Calendar {
	return build(append(slices.Clip(c.notices), copies([]Layer{notice})...), c.local)
}

// copies detaches layers from their maps, which the caller may go on changing.
func copies(layers []Layer) []Layer {
	out := slices.Clone(layers)
	for i := range out {
		out[i].Days = maps.Clone(out[i].Days)
	}
	return out
}

func build(notices, local []Layer) Calendar {
	c := Calendar{notices: notices, local: local, days: map[Date]Kind{}, noticed: map[int]bool{}}
	digest := sha256.New()
	for _, l := range notices {
		for d := range l.Days {
			c.noticed[d.Year()] = true
		}
	}
	for i, l := range slices.Concat(notices, local) {
		maps.Copy(c.days, l.Days)
		fmt.Fprintf(digest, "layer %d of %d notices: %q %q\n", i, len(notices), l.Name, l.Version)
		for _, d := range slices.SortedFunc(maps.Keys(l.Days), Date.Compare) {
			fmt.Fprintln(digest, d, l.Days[d])
		}
	}
	c.version = hex.EncodeToString(digest.Sum(nil)[:6])
	return c
}

// Version is a digest of 12 hexadecimal digits that changes with any layer: its
// name, version, days or place. It is recorded beside every due date.
func (c Calendar) Version() string { return c.version }

// Noticed reports whether the State Council's notice for a year is known.
func (c Calendar) Noticed(year int) bool { return c.noticed[year] }

// IsWorkday reports whether a day is worked. In a year without a notice the
// days off are the weekends and the holidays of a fixed date.
func (c Calendar) IsWorkday(d Date) bool {
	if kind, named := c.days[d]; named {
		return kind == Work
	}
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	return c.Noticed(d.Year()) || !fixedHoliday(d)
}

// fixedHoliday names the days off that need no notice, since the Regulation on
// Public Holidays (State Council order 795 of 2024, article 2) fixes them in
// the solar calendar. The other holidays move and wait for the notice.
func fixedHoliday(d Date) bool {
	_, month, day := d.Civil()
	switch month {
	case time.January:
		return day == 1
	case time.May:
		return day <= 2
	case time.October:
		return day <= 3
	}
	return false
}

// Due is the last day of a period counted in working days.
type Due struct {
	Date Date
	// Provisional: a day counted or passed over lies in a year whose notice is
	// not out, so the date will be computed again when it is.
	Provisional bool
}

// String returns 2026-03-09, or 2027-01-04 provisional.
func (d Due) String() string {
	if d.Provisional {
		return d.Date.String() + " provisional"
	}
	return d.Date.String()
}

// Add counts n working days; the day after start is the first that can count
// (Civil Code, article 201). With n = 0 the period ends on start itself or, when
// that is a day off, on the next working day (article 203). A negative n counts
// back: the -n-th working day before start.
func (c Calendar) Add(start Date, n int) Due {
	step, left := 1, n
	if n < 0 {
		step, left = -1, -n
	}
	due := Due{Date: start}
	if n == 0 {
		due.Provisional = !c.Noticed(start.Year())
		if !c.IsWorkday(start) {
			left = 1
		}
	}
	for left > 0 {
		due.Date = due.Date.AddDays(step)
		due.Provisional = due.Provisional || !c.Noticed(due.Date.Year())
		if c.IsWorkday(due.Date) {
			left--
		}
	}
	return due
}

// Left returns the working days left on a day until something is due: those
// after today up to the due day, so 0 on the due day itself. Once overdue it is
// negative: -1 until the close of the first working day after the due day, and
// so on.
func (c Calendar) Left(today, due Date) int {
	if today.After(due) {
		return -1 - c.between(due, today)
	}
	n := c.between(today, due)
	if today != due && c.IsWorkday(due) {
		n++
	}
	return n
}

// between counts the working days after one day and before another.
func (c Calendar) between(after, before Date) int {
	n := 0
	for d := after.AddDays(1); d.Before(before); d = d.AddDays(1) {
		if c.IsWorkday(d) {
			n++
		}
	}
	return n
}

// Before returns the n-th working day before the due day, for reminders: on it
// Left gives n. With n = 0 it is the due day itself.
func (c Calendar) Before(due Date, n int) Date {
	if n <= 0 {
		return due
	}
	return c.Add(due, -n).Date
}

// NationalRows are the days of the notices that National is built of, by date.
func NationalRows() []Row {
	rows, good := ReadRows(nationalCSV)
	if !good {
		panic("workday: national.csv") // the table is part of the binary and under test
	}
	return rows
}
