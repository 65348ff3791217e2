package workday

import (
	"fmt"
	"strings"
	"time"
)

// Hours are the working hours of an office, as time since midnight in
// Asia/Shanghai. A period counted in working days ends when the last day's
// hours end (Civil Code, articles 201 to 203: where there are business hours,
// the last day ends when business stops).
type Hours struct {
	From time.Duration
	To   time.Duration
}

// DefaultHours are 09:00 to 17:30.
var DefaultHours = Hours{From: 9 * time.Hour, To: 17*time.Hour + 30*time.Minute}

// ParseHours reads the form 09:00-17:30.
func ParseHours(s string) (Hours, error) {
	from, to, found := strings.Cut(s, "-")
	begin, err := time.Parse("15:04", from)
	end, err2 := time.Parse("15:04", to)
	if !found || err != nil || err2 != nil || !begin.Before(end) {
		return Hours{}, fmt.Errorf("%q are not working hours of the form 09:00-17:30", s)
	}
	return Hours{From: sinceMidnight(begin), To: sinceMidnight(end)}, nil
}

func sinceMidnight(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

// String returns the form 09:00-17:30.
func (h Hours) String() string {
	midnight := time.Time{}
	return midnight.Add(h.From).Format("15:04") + "-" + midnight.Add(h.To).Format("15:04")
}

// Opening returns the instant at which the office opens on a day.
func (h Hours) Opening(d Date) time.Time { return d.Start().Add(h.From) }

// Close returns the instant at which a day's work ends: the due instant of
// whatever is due on that day.
func (h Hours) Close(d Date) time.Time { return d.Start().Add(h.To) }
