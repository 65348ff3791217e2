package api_test

import (
	"encoding/json"
	"slices"
	"time"

	"haochaping/store"
)

// sealedLessOwnMatters seals the months and holds that nobody finds in them what was given at a window of others to a matter of their own
// office: a version, less the statistics of its months, would tell it (2).
func (o *office) sealedLessOwnMatters(window string) {
	o.t.Helper()
	o.clock.Forward(40 * 24 * time.Hour)
	o.under(store.LeaseSealing, func(token int64) error { _, err := o.record.SealFigures(o.t.Context(), token); return err })
	version := func(login string) (f struct {
		Total                 figureLine
		Windows, Halls, Units []figureLine
	}) {
		must(o.t, json.Unmarshal(o.as(login).get("/sealed/513301/2026-11").want(200).body, &f))
		return f
	}
	given := func(lines []figureLine, key string) int64 {
		if i := slices.IndexFunc(lines, func(l figureLine) bool { return l.Key == key }); i >= 0 {
			return lines[i].Ratings.Rated
		}
		return 0
	}
	above, own := version("gz-supervisor-1"), version("kd-supervisor-1")
	if len(above.Halls) != 1 || given(above.Windows, window) != 3 || given(above.Halls, above.Halls[0].Key) != 3 || above.Total.Ratings.Rated != 3 {
		o.t.Errorf("above: %+v", above)
	}
	if given(own.Windows, window) != 2 || given(own.Halls, above.Halls[0].Key) != 2 || own.Total.Ratings.Rated != 2 || len(own.Units) != 2 {
		o.t.Errorf("with the reader's own office: %+v", own)
	}
	o.browsing("kd-supervisor-1").get("/sealed/513301/2026-11").want(200).shows("包括其他单位窗口办理的本单位事项")
}
