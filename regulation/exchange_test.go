package regulation

import (
	"testing"
	"time"

	"haochaping/workday"
)

func TestTimesOfOtherSystemsAreKeptOrRefused(t *testing.T) {
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		given time.Time
		kept  time.Time // zero where it is refused
	}{
		"now":                       {at, at},
		"a clock a little ahead":    {at.Add(time.Minute), at},
		"further ahead":             {at.Add(time.Minute + time.Second), time.Time{}},
		"a month late":              {at.Add(-30 * 24 * time.Hour), at.Add(-30 * 24 * time.Hour)},
		"a year and two days late":  {at.Add(-367 * 24 * time.Hour), time.Time{}},
		"none":                      {time.Time{}, time.Time{}},
		"at the beginning of times": {time.Unix(0, 0), time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			e := Exchanged{ID: "m", ProjectNo: "p", GivenAt: c.given}
			err := e.Check(at)
			if (err != nil) != c.kept.IsZero() || (err == nil && !e.GivenAt.Equal(c.kept)) {
				t.Errorf("%s: kept %s, %v", c.given, e.GivenAt, err)
			}
		})
	}
}

func TestSilenceCountsInServiceHoursOnly(t *testing.T) {
	r := Rules{Calendar: workday.National(), Hours: workday.DefaultHours}
	at := func(text string) time.Time {
		found, err := time.ParseInLocation("2006-01-02 15:04", text, workday.Shanghai)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for name, c := range map[string]struct {
		last, now string
		want      time.Duration
	}{
		"within the day":      {"2026-11-23 10:00", "2026-11-23 14:30", 4*time.Hour + 30*time.Minute},
		"since the evening":   {"2026-11-20 16:00", "2026-11-23 11:00", 2 * time.Hour},
		"before the opening":  {"2026-11-20 16:00", "2026-11-23 08:59", 0},
		"after the closing":   {"2026-11-23 09:00", "2026-11-23 17:30", 0},
		"on a Sunday":         {"2026-11-20 16:00", "2026-11-22 11:00", 0},
		"heard a moment ago":  {"2026-11-23 11:00", "2026-11-23 11:00", 0},
		"a clock that is off": {"2026-11-23 12:00", "2026-11-23 11:00", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := r.SilentSince(at(c.last), at(c.now)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
