package store_test

import (
	"testing"

	"haochaping/regulation"
	"haochaping/store/storetest"
)

// A week is summed up by hall and county; a keeper sees their own hall's, and what is withheld is withheld from everybody.
func TestAWeekOfBoxesIsSummedUp(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		if err := r.FillDemoBoxes(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		week := regulation.WeekOf(r.Now().AddDate(0, 0, -7))
		areas, err := r.BoxSummary(t.Context(), everywhere, week)
		if err != nil || len(areas) != 3 {
			t.Fatalf("%+v, %v", areas, err)
		}
		for _, a := range areas {
			if a.Area != "513301" {
				continue
			}
			if s := a.Sums; !a.Whole || len(a.Halls) != 2 || s.Boxes != 3 || s.Opened != 2 || s.Counted != 7 || s.Entered != 7 || s.Remaining() != 0 {
				t.Errorf("%+v", a)
			}
			for _, sums := range append(a.Halls, a.Sums) {
				if sums.Grades != [5]int{-1, -1, -1, -1, -1} {
					t.Errorf("seven forms by grade: %v", sums.Grades)
				}
			}
		}
		own, err := r.BoxSummary(t.Context(), regulation.Scope{Units: []string{"513301-hall"}}, week)
		if err != nil || len(own) != 1 || own[0].Whole || own[0].Sums.Counted != 0 || len(own[0].Halls) != 1 || own[0].Halls[0].Counted != 7 {
			t.Errorf("%+v, %v", own, err)
		}
		if _, err := r.BoxSummary(t.Context(), everywhere, "2026-W99"); fault(err, "week") != "not_a_week" {
			t.Error(err)
		}
	})
}
