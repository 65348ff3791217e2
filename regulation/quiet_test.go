package regulation

import (
	"testing"
	"time"

	"haochaping/workday"
)

func TestQuietHours(t *testing.T) {
	instant := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04 -0700", text+" +0800")
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	always := Quiet{From: 21 * time.Hour, Until: 8 * time.Hour}
	for name, c := range map[string]struct {
		quiet    Quiet
		at, want string
	}{
		"in the day":                       {UsualQuiet, "2026-03-12 10:00", "2026-03-12 10:00"},
		"the last minute":                  {UsualQuiet, "2026-03-12 20:59", "2026-03-12 20:59"},
		"the first quiet minute":           {UsualQuiet, "2026-03-12 21:00", "2026-03-13 08:00"},
		"early":                            {UsualQuiet, "2026-03-12 07:59", "2026-03-12 08:00"},
		"when they end":                    {UsualQuiet, "2026-03-12 08:00", "2026-03-12 08:00"},
		"Friday night":                     {UsualQuiet, "2026-03-13 22:00", "2026-03-16 08:00"},
		"Saturday at noon":                 {UsualQuiet, "2026-03-14 12:00", "2026-03-16 08:00"},
		"Saturday at noon, days count":     {always, "2026-03-14 12:00", "2026-03-14 12:00"},
		"the last evening before 1 May":    {UsualQuiet, "2026-04-30 21:30", "2026-05-06 08:00"},
		"a Saturday that is worked":        {UsualQuiet, "2026-05-09 10:00", "2026-05-09 10:00"},
		"quiet at noon":                    {Quiet{From: 12 * time.Hour, Until: 14 * time.Hour}, "2026-03-12 12:30", "2026-03-12 14:00"},
		"never":                            {Quiet{}, "2026-03-14 03:00", "2026-03-14 03:00"},
		"free days alone, on New Year":     {Quiet{FreeDays: true}, "2026-01-01 00:00", "2026-01-04 00:00"},
		"the night before a worked Sunday": {UsualQuiet, "2026-01-03 23:00", "2026-01-04 08:00"},
	} {
		if got := c.quiet.Next(instant(c.at), workday.National()); !got.Equal(instant(c.want)) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
