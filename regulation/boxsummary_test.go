package regulation

import "testing"

func TestParseWeek(t *testing.T) {
	for week, want := range map[string]string{"2026-W48": "2026-11-23", "2026-W01": "2025-12-29", "2026-W53": "2026-12-28", "2025-W53": "", "2026-W00": "", "2026-W1": "", "2026": "", "": "", "x-W02": ""} {
		monday, ok := ParseWeek(week)
		if got := monday.String(); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %s, %v", week, got, ok)
		}
	}
}

// A grade under five is in no row that is shown, and cannot be got by taking shown rows from a shown sum, also where
// the totals are known.
func TestGradesOfAWeekCannotBeToldByDifference(t *testing.T) {
	none, all := [5]bool{}, [5]bool{true, true, true, true, true}
	many, few := [5]int{6, 7, 8, 9, 10}, [5]int{0, 0, 1, 0, 1}
	for name, c := range map[string]struct {
		halls  [][5]int
		hidden [][5]bool
		county [5]bool
	}{
		"enough":                      {[][5]int{many, many}, [][5]bool{none, none}, none},
		"a hall with two forms":       {[][5]int{many, few}, [][5]bool{none, all}, all},
		"one hall, two forms":         {[][5]int{few}, [][5]bool{all}, all},
		"one hall without forms":      {[][5]int{{}}, [][5]bool{all}, all},
		"a county without boxes' own": {nil, nil, all},
	} {
		hidden, county := WithholdGrades(c.halls)
		if len(hidden) != len(c.hidden) || county != c.county {
			t.Fatalf("%s: %v, %v", name, hidden, county)
		}
		for i := range hidden {
			if hidden[i] != c.hidden[i] {
				t.Errorf("%s: hall %d: %v", name, i, hidden[i])
			}
		}
	}
	// One small grade: a second goes with it in its row, for the hall's total is known, and nothing of the column is told.
	hidden, county := WithholdGrades([][5]int{{20, 20, 20, 20, 2}, many})
	shown := 0
	for _, h := range hidden[0] {
		if !h {
			shown++
		}
	}
	if !hidden[0][4] || shown == 4 || !county[4] && !hidden[1][4] {
		t.Errorf("%v, %v", hidden, county)
	}
}
