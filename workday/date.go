package workday

import (
	"fmt"
	"time"
)

// Shanghai is the one zone of the product. It is fixed at +08:00 (no summer
// time since 1991), so that no server needs a zone database.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

const (
	layout        = "2006-01-02"
	secondsPerDay = 24 * 60 * 60
)

// Date is a civil day, comparable with ==. The zero Date is no date: see IsZero.
type Date struct {
	day int32 // days since 0001-01-01, proleptic Gregorian
}

// epoch is the day number of 1970-01-01.
var epoch = int32(-time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)

// NewDate returns a civil day; values outside their range are carried over as
// in time.Date, so day 0 is the last day of the month before.
func NewDate(year int, month time.Month, day int) Date {
	return Date{day: int32(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()/secondsPerDay) + epoch}
}

// ParseDate reads the form 2006-01-02 and nothing else.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(layout, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date of the form 2006-01-02", s)
	}
	return NewDate(t.Date()), nil
}

// DateOf returns the day on which the instant falls in Asia/Shanghai.
func DateOf(t time.Time) Date {
	return NewDate(t.In(Shanghai).Date())
}

// Start returns the first instant of the day in Asia/Shanghai.
func (d Date) Start() time.Time {
	return time.Unix(int64(d.day-epoch)*secondsPerDay, 0).In(Shanghai).Add(-8 * time.Hour)
}

func (d Date) utc() time.Time {
	return time.Unix(int64(d.day-epoch)*secondsPerDay, 0).UTC()
}

// String returns the form 2006-01-02.
func (d Date) String() string { return d.utc().Format(layout) }

// IsZero reports whether no date was set.
func (d Date) IsZero() bool { return d == Date{} }

// Civil returns year, month and day of the month.
func (d Date) Civil() (year int, month time.Month, day int) { return d.utc().Date() }

// Year returns the calendar year.
func (d Date) Year() int { return d.utc().Year() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	// Day 0, 0001-01-01, was a Monday.
	return time.Weekday(((d.day+1)%7 + 7) % 7)
}

// AddDays returns the day n calendar days later, earlier when n is negative.
func (d Date) AddDays(n int) Date { return Date{day: d.day + int32(n)} }

// Compare returns -1, 0 or +1 as d lies before, on or after the other day.
func (d Date) Compare(other Date) int {
	switch {
	case d.day < other.day:
		return -1
	case d.day > other.day:
		return 1
	}
	return 0
}

// Before reports whether d lies before the other day.
func (d Date) Before(other Date) bool { return d.day < other.day }

// After reports whether d lies after the other day.
func (d Date) After(other Date) bool { return d.day > other.day }

// MarshalText writes the form 2006-01-02, and nothing for the zero Date.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return []byte{}, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText is the inverse of MarshalText.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(text))
	return err
}
