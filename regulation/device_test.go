package regulation

import (
	"strings"
	"testing"
	"time"
)

func TestForkIsCounterAndClockAtOdds(t *testing.T) {
	noon := time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC)
	mark := func(counter int64, minutes int) DeviceMark {
		return DeviceMark{counter, noon.Add(time.Duration(minutes) * time.Minute)}
	}
	for name, c := range map[string]struct {
		before, after DeviceMark
		forked        bool
	}{
		"the first": {DeviceMark{}, DeviceMark{}, false}, "in order": {mark(4, -1), mark(6, 1), false}, "at one instant": {mark(4, 0), mark(6, 0), false},
		"behind an earlier counter": {mark(4, 1), DeviceMark{}, true}, "ahead of a later counter": {DeviceMark{}, mark(6, -1), true},
	} {
		if got := (DeviceMessage{Counter: 5, At: noon}).Forked(c.before, c.after); got != c.forked {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestLevelsAreReadOrRefusedWhole(t *testing.T) {
	for text, good := range map[string]bool{"": true, "1=5 2=4": true, "1=5 1=4": false, "1=6": false, "1": false, "x=1": false, "-2=5": false, "1=0": false} {
		if _, err := ParseLevels(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// The example that docs/devices.md works through.
func TestCanonicalBytesOfADeviceMessage(t *testing.T) {
	m := DeviceMessage{Device: "d1", Counter: 7, At: time.UnixMilli(1795996800123), Kind: MessageRating}
	if got := string(m.Canonical("00ff")); got != strings.Join([]string{"haochaping-device-1", "d1", "7", "1795996800123", "rating", "00ff"}, "\n") {
		t.Errorf("%q", got)
	}
}
