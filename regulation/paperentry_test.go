package regulation

import (
	"errors"
	"slices"
	"testing"
	"time"

	"haochaping/workday"
)

func TestTwoReadingsThatDifferNameTheFields(t *testing.T) {
	day, _ := workday.ParseDate("2026-11-20")
	first := PaperReading{Grade: 2, Options: []string{"207"}, Marks: map[string]Grade{"attitude": 2}, Target: TargetMatter, Window: "w1", Date: day}
	cases := map[string]struct {
		change func(*PaperReading)
		want   []string
	}{
		"the same":         {func(*PaperReading) {}, nil},
		"another grade":    {func(r *PaperReading) { r.Grade = 5 }, []string{"grade"}},
		"another option":   {func(r *PaperReading) { r.Options = nil }, []string{"option"}},
		"another window":   {func(r *PaperReading) { r.Window = "w2" }, []string{"target"}},
		"a matter instead": {func(r *PaperReading) { r.Window, r.Matter = "", "m" }, []string{"target", "matter_number"}},
		"another mark":     {func(r *PaperReading) { r.Marks = map[string]Grade{} }, []string{"marks"}},
		"no date":          {func(r *PaperReading) { r.Date = workday.Date{} }, []string{"form_date"}},
		"another kind":     {func(r *PaperReading) { r.Target = TargetComplaint }, []string{"target_kind"}},
		"nothing to read":  {func(r *PaperReading) { *r = PaperReading{Void: "blank"} }, []string{"void"}},
	}
	for name, c := range cases {
		second := first
		c.change(&second)
		if got := first.Differs(second); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	blank, unreadable := PaperReading{Void: "blank"}, PaperReading{Void: "unreadable"}
	if blank.Differs(blank) != nil || blank.Differs(unreadable) == nil {
		t.Error("two reasons are one, or one is two")
	}
}

func TestADateOnAFormCountsWhereTheBoxWasClosed(t *testing.T) {
	opened, previous := time.Date(2026, 11, 27, 2, 0, 0, 0, time.UTC), time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC) // 10:00 and 16:00 in Beijing
	for day, want := range map[string]time.Time{
		"":           opened,
		"2026-11-28": opened,                                        // after it was opened
		"2026-11-19": opened,                                        // before it was emptied
		"2026-11-27": opened,                                        // that morning
		"2026-11-20": previous,                                      // that evening
		"2026-11-24": time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC), // noon
	} {
		date, _ := workday.ParseDate(day)
		if got := PaperGivenAt(date, previous, opened); !got.Equal(want) {
			t.Errorf("%q: %v, want %v", day, got, want)
		}
	}
	long, _ := workday.ParseDate("2026-01-02")
	if got := PaperGivenAt(long, time.Time{}, opened); workday.DateOf(got) != long {
		t.Errorf("before the first opening any day may be: %v", got)
	}
}

func TestNobodyReadsAFormTwiceOrTheirOwn(t *testing.T) {
	code := func(err error) Code {
		var refused *Error
		if errors.As(err, &refused) {
			return refused.Code
		}
		return ""
	}
	if code(CheckPaperStep(PaperToCheck, PaperToCheck, []string{"a"}, "a")) != FourEyes || code(CheckPaperStep(PaperCounted, PaperToCheck, nil, "b")) != Conflict ||
		CheckPaperStep(PaperDiffers, PaperDiffers, []string{"a", "b"}, "c") != nil {
		t.Error("a step is open to whom it is not, or closed to whom it is")
	}
	if code(CheckPaperReader(Actor{Staff: "s"}, []string{"r", "s"})) != Invalid || CheckPaperReader(Actor{}, []string{""}) != nil || CheckPaperReader(Actor{Staff: "s"}, []string{"r"}) != nil {
		t.Error("who serves at what a form rates may not read it, everybody else may")
	}
}

// What lay in a box opened on a Friday is counted by Monday's end.
func TestPaperIsDueAWorkingDayAfterTheOpening(t *testing.T) {
	params, err := NewParams("1", nil)
	if err != nil {
		t.Fatal(err)
	}
	due := params.PaperDue(time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC), workday.National())
	if due.Date.String() != "2026-11-30" || PaperLate(due, time.Date(2026, 11, 30, 15, 59, 0, 0, time.UTC)) || !PaperLate(due, time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("due %v", due)
	}
}
