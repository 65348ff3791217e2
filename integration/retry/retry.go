// Package retry reads what counterparts say of when to come again.
package retry

import (
	"net/http"
	"strconv"
	"time"
)

// After is for how long a Retry-After header asks to be left in peace, in seconds or until a date (RFC 9110, section 10.2.3);
// never longer than most, and 0 where it says nothing that can be read.
func After(text string, now time.Time, most time.Duration) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.Atoi(text); err == nil && seconds < int(most/time.Second) {
		wait = time.Duration(seconds) * time.Second
	} else if err == nil {
		wait = most
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), most)
}
