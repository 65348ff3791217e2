package api_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
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

// A version after the first says what its ratings were in the one before.
func TestALaterVersionSaysWhatChanged(t *testing.T) {
	o := setup(t)
	began := o.clock.Now()
	o.given("513301-w03", "", regulation.VerySatisfied, 6)
	for _, late := range []int{0, 3} {
		o.givenAt(began, "513301-w04", "", regulation.VerySatisfied, late)
		o.counted()
		o.clock.Forward(40 * 24 * time.Hour)
		o.under(store.LeaseSealing, func(token int64) error { _, err := o.record.SealFigures(t.Context(), token); return err })
	}
	type changes struct {
		Version int64
		Changes []struct {
			By, Key       string
			Before, After *struct{ Rated int64 }
		}
	}
	version := func(query string) (c changes) {
		must(t, json.Unmarshal(o.as("gz-supervisor-1").get("/sealed/513301/2026-11"+query).want(200).body, &c))
		return c
	}
	for _, none := range []string{"abc", "0", "-1", "1.5", "9"} { // the last one would be taken for it
		o.as("gz-supervisor-1").get("/sealed/513301/2026-11?version="+none).refused(404, regulation.NotFound)
		o.as("gz-supervisor-1").get("/performance?area=513301&period=2026-11&version="+none).refused(404, regulation.NotFound)
	}
	if first := version("?version=1"); len(first.Changes) != 0 {
		t.Errorf("the first: %+v", first)
	}
	found := map[string][2]int64{}
	for _, c := range version("?version=2").Changes {
		was := int64(-1)
		if c.Before != nil {
			was = c.Before.Rated
		}
		found[c.By+" "+c.Key] = [2]int64{was, c.After.Rated}
	}
	for line, want := range map[string][2]int64{" ": {6, 9}, "unit 513301-mkt": {-1, 3}, "window 513301-w04": {-1, 3}, "channel web": {6, 9}} {
		if found[line] != want {
			t.Errorf("%s: %v of %v", line, found[line], found)
		}
	}
	if _, same := found["unit 513301-psb"]; same {
		t.Errorf("a unit with the same ratings changed: %v", found)
	}
	o.browsing("gz-supervisor-1").get("/sealed/513301/2026-11").want(200).shows("与第 1 版相比", "6 → 9")
}

// A person who was rated of matters of two units has a line under each: none of them changed where neither did.
func TestALineUnderAnotherUnitIsNoChange(t *testing.T) {
	o := setup(t)
	began := o.clock.Now()
	o.given(ownWindow, ownMatter, regulation.VerySatisfied, 4)
	o.given(ownWindow, "513301-psb-m02", regulation.VerySatisfied, 2)
	for _, late := range []int{0, 3} {
		o.givenAt(began, "513301-w04", "", regulation.VerySatisfied, late)
		o.counted()
		o.clock.Forward(40 * 24 * time.Hour)
		o.under(store.LeaseSealing, func(token int64) error { _, err := o.record.SealFigures(t.Context(), token); return err })
	}
	var version struct {
		Staff   []figureLine
		Changes []struct{ By, Key string }
	}
	must(t, json.Unmarshal(o.as("gz-supervisor-1").get("/sealed/513301/2026-11").want(200).body, &version))
	keys := map[string]int{}
	for _, line := range version.Staff {
		keys[line.Key]++
	}
	twice := ""
	for key, n := range keys {
		if n == 2 {
			twice = key
		}
	}
	if twice == "" || len(version.Changes) == 0 {
		t.Fatalf("nobody has two lines: %+v", version)
	}
	for _, c := range version.Changes {
		if c.By == "staff" && c.Key == twice {
			t.Errorf("changed: %+v", c)
		}
	}
}

// A line that came to nothing, since what counted for it counts for others, is told as it was.
func TestALineThatIsGoneIsAChange(t *testing.T) {
	o := setup(t)
	o.given("513301-w03", "513301-psb-m02", regulation.VeryDissatisfied, 1)
	caseID := o.firstCase("513301-w03")
	o.act(mainLine[0].by, caseID, mainLine[0].act, mainLine[0].values).want(201)
	for _, unit := range []string{"513301-mkt", ratedAuthority} {
		o.reattribute(caseID, "kd-verifier-1", "kd-supervisor-1", fields{"rated_unit": unit, "reasons": "受理单位为本局"})
		o.clock.Forward(40 * 24 * time.Hour)
		o.under(store.LeaseSealing, func(token int64) error { _, err := o.record.SealFigures(t.Context(), token); return err })
	}
	var version struct {
		Version int64
		Changes []struct {
			By, Key       string
			Before, After *struct {
				NetBad int64 `json:"net_bad"`
			}
		}
	}
	must(t, json.Unmarshal(o.as("gz-supervisor-1").get("/sealed/513301/2026-11").want(200).body, &version))
	for _, c := range version.Changes {
		if c.By == "unit" && c.Key == "513301-mkt" && c.Before.NetBad == 1 && c.After == nil {
			o.browsing("gz-supervisor-1").get("/sealed/513301/2026-11").want(200).shows("1 → 0")
			return
		}
	}
	t.Errorf("version %d: %+v", version.Version, version.Changes)
}
