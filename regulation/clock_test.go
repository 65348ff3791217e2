package regulation

import (
	"testing"
	"time"
)

func TestClockTellsInstantsAsTheRecordKeepsThem(t *testing.T) {
	zone := time.FixedZone("elsewhere", -5*3600)
	real := time.Date(2026, 11, 23, 9, 30, 0, 123456789, zone)
	want := time.Date(2026, 11, 23, 14, 30, 0, 123456000, time.UTC)
	for name, c := range map[string]Clock{"real": {}, "drill": {Scale: 2, Origin: real, RealOrigin: real}} {
		if got := c.At(real); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
