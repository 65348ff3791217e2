package commands

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// Each line says what becomes of its case, in JSON too.
func TestWhatIfMarksEachLine(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	change := regulation.DueChange{Op: regulation.DueRearmed, Was: &regulation.Counted{Due: at}, Deadline: regulation.Deadline{ID: "sign/1", Due: at.Add(24 * time.Hour)}}
	cases := []store.WhatIfCase{{Number: "1", OverdueAfter: true, Changes: []regulation.DueChange{change}}, {Number: "2", OverdueBefore: true, OverdueAfter: true, Changes: []regulation.DueChange{change}},
		{Number: "3", OverdueBefore: true, Changes: []regulation.DueChange{change}}, {Number: "4", Changes: []regulation.DueChange{change}}}
	var b strings.Builder
	if err := printCases(&b, cases); err != nil {
		t.Fatal(err)
	}
	want := []string{"1  newly due      sign/1  2026-11-24 17:30  2026-11-25 17:30", "2  due            ", "3  no longer due  ", "4  -              "}
	for i, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("line %d is %q", i, line)
		}
	}
	text, err := json.Marshal(supposedOf(store.WhatIfResult{Cases: cases}, time.Second))
	for _, mark := range []string{`"newly_due"`, `"due"`, `"no_longer_due"`, `"mark":""`} {
		if err != nil || !strings.Contains(string(text), mark) {
			t.Errorf("%s lacks %s: %v", text, mark, err)
		}
	}
}
