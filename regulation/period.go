package regulation

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"haochaping/workday"
)

// Period is a month, such as 2026-11, or a quarter, such as 2026-Q4, of Asia/Shanghai.
type Period struct {
	Year, First, Last int // months of the year, both included
}

// ParsePeriod reads what String writes.
func ParsePeriod(text string) (p Period, ok bool) {
	year, rest, _ := strings.Cut(text, "-")
	p.Year, _ = strconv.Atoi(year)
	if quarter, is := strings.CutPrefix(rest, "Q"); is {
		n, _ := strconv.Atoi(quarter)
		p.First, p.Last = 3*n-2, 3*n
	} else {
		p.First, _ = strconv.Atoi(rest)
		p.Last = p.First
	}
	return p, p.First >= 1 && p.Last <= 12 && p.String() == text
}

// Quarter is the quarter of a period's first month.
func (p Period) Quarter() Period {
	first := (p.First-1)/3*3 + 1
	return Period{p.Year, first, first + 2}
}

// IsQuarter tells a quarter from a month.
func (p Period) IsQuarter() bool { return p.Last > p.First }

func (p Period) String() string {
	if p.IsQuarter() {
		return fmt.Sprintf("%04d-Q%d", p.Year, p.Last/3)
	}
	return fmt.Sprintf("%04d-%02d", p.Year, p.First)
}

// Months are its months, such as 2026-11.
func (p Period) Months() (months []string) {
	for m := p.First; m <= p.Last; m++ {
		months = append(months, fmt.Sprintf("%04d-%02d", p.Year, m))
	}
	return months
}

// Next is the period after it, of the same length.
func (p Period) Next() Period {
	n := p.Last - p.First + 1
	if p.Last == 12 {
		return Period{p.Year + 1, 1, n}
	}
	return Period{p.Year, p.First + n, p.Last + n}
}

// Before is the period before it, of the same length.
func (p Period) Before() Period {
	n := p.Last - p.First + 1
	if p.First == 1 {
		return Period{p.Year - 1, 13 - n, 12}
	}
	return Period{p.Year, p.First - n, p.Last - n}
}

// End is the first instant after it.
func (p Period) End() time.Time {
	return workday.NewDate(p.Year, time.Month(p.Last), 1).Start().In(workday.Shanghai).AddDate(0, 1, 0)
}

// Days are its first and its last day.
func (p Period) Days() (first, last workday.Date) {
	return workday.NewDate(p.Year, time.Month(p.First), 1), workday.DateOf(p.End()).AddDays(-1)
}

// MonthOf is the month of a day, as 2026-03.
func MonthOf(day workday.Date) string { return day.String()[:7] }

// MonthsBetween lists the months from one to another, both included; nil where either is none or the last is before the first.
func MonthsBetween(from, to string) (months []string) {
	p, one := ParsePeriod(from)
	last, other := ParsePeriod(to)
	for ; one && other && !p.IsQuarter() && !p.End().After(last.End()); p = p.Next() {
		months = append(months, p.String())
	}
	return months
}

// QuarterOf is the quarter of a day, as 2026-Q1.
func QuarterOf(day workday.Date) string {
	year, month, _ := day.Civil()
	return Period{year, int(month), int(month)}.Quarter().String()
}

// PeriodDays are the first and the last day of a quarter or a month by its text; ok tells whether it is one.
func PeriodDays(text string) (first, last workday.Date, ok bool) {
	p, ok := ParsePeriod(text)
	if ok {
		first, last = p.Days()
	}
	return first, last, ok
}
