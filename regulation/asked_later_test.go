package regulation

import (
	"testing"
	"time"
)

// A decision answers what was before its author when it was received: one that is recorded after a
// newer appeal was lodged is not that appeal's.
func TestAnActAnswersNothingThatBeganAfterIt(t *testing.T) {
	d := setup(t)
	d.toRectification()
	d.do("wang", ActLodgeAppeal, appealed...)
	lodged := d.now
	for _, before := range []time.Duration{time.Hour, time.Microsecond} {
		d.now = lodged.Add(-before)
		d.refused(NotNow, "asked_later", "sue", ActDecideAppeal, dismissed...)
	}
	d.now = lodged // at equality it may have been asked
	d.do("sue", ActDecideAppeal, dismissed...)
}
