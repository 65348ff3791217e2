package regulation_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"haochaping/regulation"
	"haochaping/workday"
)

// Two instants of one part of a day are told alike, in all that can be printed of them: so nobody tells them apart.
func TestRatedSideCannotTellInstantsOfOnePartOfADayApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := workday.NewDate(2026, 1, 1).AddDays(rapid.IntRange(0, 900).Draw(t, "day")).Start()
		half := time.Duration(rapid.IntRange(0, 1).Draw(t, "half")) * 12 * time.Hour
		within := func(name string) time.Time {
			return start.Add(half + time.Duration(rapid.Int64Range(0, int64(12*time.Hour)-1).Draw(t, name)))
		}
		one, other := within("one"), within("other").UTC()
		for _, part := range []int{regulation.HalfDayTimes, regulation.DayTimes} {
			x, y := regulation.Coarse(one, part), regulation.Coarse(other, part)
			if x.Format(time.RFC3339Nano) != y.Format(time.RFC3339Nano) || x.UnixNano() != y.UnixNano() {
				t.Fatalf("%s and %s are told apart as %s and %s", one, other, x, y)
			}
			if workday.DateOf(x) != workday.DateOf(one) || x.After(one) || x.Second() != 0 || x.Minute() != 0 || x.Hour()%12 != 0 {
				t.Fatalf("%s is told as %s", one, x)
			}
			if again := regulation.Coarse(x, part); again != x {
				t.Fatalf("%s told again is %s", x, again)
			}
		}
	})
}

func TestCoarseSaysHowCoarseAndLeavesZeroAlone(t *testing.T) {
	at := time.Date(2026, 11, 29, 15, 4, 5, 0, workday.Shanghai)
	half, day := regulation.Coarse(at, regulation.HalfDayTimes), regulation.Coarse(at, regulation.DayTimes)
	if !regulation.CoarseHalf(half) || half.Hour() != 12 || !regulation.CoarseDay(day) || day.Hour() != 0 || regulation.CoarseDay(at) || regulation.CoarseHalf(at) {
		t.Errorf("%s, %s", half, day)
	}
	if !regulation.Coarse(time.Time{}, regulation.DayTimes).IsZero() {
		t.Error("no instant became one")
	}
}
