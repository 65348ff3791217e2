package regulation

import (
	"errors"
	"testing"
	"time"
)

func TestARaterIsReachedForADueCallWhileItIsAssignedOnly(t *testing.T) {
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	due := Case{Contactable: true, Awaiting: []Await{{Act: ActRecordCallback}}}
	erased, other := due, due
	erased.Contactable = false
	other.Awaiting = []Await{{Act: ActAccept}}
	for name, c := range map[string]struct {
		c     Case
		until time.Time
		want  string
	}{
		"assigned": {due, at.Add(time.Second), ""}, "at its end": {due, at, "dial_over"}, "never": {due, time.Time{}, "dial_not_assigned"},
		"erased": {erased, at.Add(time.Second), "no_call_due"}, "another step": {other, at.Add(time.Second), "no_call_due"},
	} {
		err := MayDial(c.c, c.until, at)
		var refusal *Error
		if got := ""; err != nil {
			if errors.As(err, &refusal) {
				got = refusal.Missing
			}
			if got != c.want {
				t.Errorf("%s: %v", name, err)
			}
		} else if c.want != "" {
			t.Errorf("%s: not refused", name)
		}
	}
}
