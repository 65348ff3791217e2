package retry

import (
	"testing"
	"time"
)

func TestAfter(t *testing.T) {
	now := time.Date(2026, 3, 12, 1, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "soon": 0, "7": 7 * time.Second, "-5": 0, "0": 0, "86400": time.Hour, "99999999999999999999": 0,
		"Thu, 12 Mar 2026 01:00:30 GMT": 30 * time.Second, "Thu, 12 Mar 2026 00:00:00 GMT": 0, "Fri, 13 Mar 2026 01:00:00 GMT": time.Hour,
	} {
		if got := After(text, now, time.Hour); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
