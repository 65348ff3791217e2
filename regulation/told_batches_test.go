package regulation_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"haochaping/regulation"
	"haochaping/workday"
)

// receipt is a rating as it came in.
type receipt struct {
	at    time.Time
	grade regulation.Grade
}

// shownCounts is every count that a page makes of what is told: by grade, of either side, of all, of each month.
func shownCounts(told []regulation.ToldBatch) map[string]int {
	counts := map[string]int{}
	for _, one := range told {
		side := "good"
		if one.Grade.Bad() {
			side = "bad"
		}
		month := regulation.MonthOf(workday.DateOf(one.End))
		for _, of := range []string{"all", side, "grade " + strconv.Itoa(int(one.Grade)), month, month + " " + side} {
			counts[of] += one.Ratings
		}
	}
	return counts
}

// tellAt is what is told at an instant by what had come in until then, as the record has it.
func tellAt(all []receipt, rules regulation.BatchRules, at time.Time) []regulation.ToldBatch {
	var received []regulation.ToldBatch
	for _, r := range all {
		if !r.at.After(at) {
			received = append(received, regulation.ToldBatch{End: rules(r.at).End(r.at), Grade: r.grade, Ratings: 1})
		}
	}
	return regulation.TellBatches(received, rules, at)
}

// Whoever looks at any two instants finds of any count the same or at least five more, whatever came in and whatever edition
// began between.
func TestNoTwoViewsTellFewerThanABatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := workday.NewDate(2026, 3, 2).Start()
		before, after, turn := drawnBatches(t), drawnBatches(t), start.Add(time.Duration(rapid.IntRange(0, 24*50).Draw(t, "turn"))*time.Hour)
		rules := func(at time.Time) regulation.Batches {
			if at.Before(turn) {
				return before
			}
			return after
		}
		var all []receipt
		for range rapid.IntRange(0, 80).Draw(t, "ratings") {
			all = append(all, receipt{start.Add(time.Duration(rapid.IntRange(0, 24*45).Draw(t, "hours")) * time.Hour), regulation.Grade(rapid.IntRange(1, 5).Draw(t, "grade"))})
		}
		var seen []map[string]int
		for at := start; at.Before(start.Add(60 * 24 * time.Hour)); at = at.Add(6 * time.Hour) {
			now := shownCounts(tellAt(all, rules, at))
			for _, earlier := range seen {
				for of, n := range now {
					if moved := n - earlier[of]; moved != 0 && moved < regulation.FewestShown {
						t.Fatalf("at %s %q moved by %d, from %d to %d", at, of, moved, earlier[of], n)
					}
				}
				for of := range earlier {
					if _, still := now[of]; !still {
						t.Fatalf("at %s %q is told no longer", at, of)
					}
				}
			}
			seen = append(seen, now)
		}
	})
}

// Of each grade everything that gathered is told, at the end of its period and not before.
func TestWhatHasGatheredIsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawnBatches(t)
		rules := func(time.Time) regulation.Batches { return b }
		start := workday.NewDate(2026, 3, 2).Start()
		n := rapid.IntRange(0, 20).Draw(t, "ratings")
		var all []receipt
		for range n {
			all = append(all, receipt{start.Add(3 * time.Hour), regulation.Satisfied})
		}
		end := b.End(start.Add(3 * time.Hour))
		if told := tellAt(all, rules, end.Add(-time.Nanosecond)); len(told) != 0 {
			t.Fatalf("before the end: %v", told)
		}
		want := n
		if n < b.Least {
			want = 0
		}
		if got := shownCounts(tellAt(all, rules, end))["all"]; got != want {
			t.Fatalf("%d of %d are told", got, n)
		}
	})
}

// What a year leaves waiting is told with the first batch of the next: in the end all is told but fewer than a batch of each grade, in one
// year each, in one batch; and within a year no two looks differ by fewer than a batch.
func TestWhatAYearLeavesIsToldInTheNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawnBatches(t)
		rules := func(time.Time) regulation.Batches { return b }
		start, turn := workday.NewDate(2026, 12, 1).Start(), workday.NewDate(2027, 1, 1).Start()
		var all []receipt
		for range rapid.IntRange(0, 60).Draw(t, "ratings") {
			all = append(all, receipt{start.Add(time.Duration(rapid.IntRange(0, 24*60).Draw(t, "hours")) * time.Hour), regulation.Grade(rapid.IntRange(1, 5).Draw(t, "grade"))})
		}
		end := start.Add(80 * 24 * time.Hour)
		of := func(at time.Time) []regulation.ToldBatch {
			year := workday.NewDate(2026, 1, 1).Start()
			if !at.Before(turn) {
				year = turn
			}
			return regulation.ToldSince(tellAt(all, rules, at), year)
		}
		inAll := append(of(turn.Add(-time.Nanosecond)), of(end)...)
		for grade := regulation.VeryDissatisfied; grade <= regulation.VerySatisfied; grade++ {
			waits, told := 0, 0
			for _, r := range all {
				in := 0
				for _, batch := range inAll {
					if batch.Holds(r.grade, b.End(r.at)) {
						in++
					}
				}
				if r.grade == grade && in == 0 {
					waits++
				}
				if in > 1 {
					t.Fatalf("a rating of grade %d is in %d batches", r.grade, in)
				}
			}
			for _, batch := range inAll {
				if batch.Grade == grade {
					told += batch.Ratings
				}
			}
			came := 0
			for _, r := range all {
				if r.grade == grade {
					came++
				}
			}
			if waits >= b.Least || told+waits != came {
				t.Fatalf("of %d of grade %d, %d are told and %d wait for ever", came, grade, told, waits)
			}
		}
		for _, from := range []time.Time{start, turn} {
			before := map[string]int{}
			for at := from; at.Before(end) && (from == turn || at.Before(turn)); at = at.Add(12 * time.Hour) {
				now := shownCounts(of(at))
				for of, n := range now {
					if moved := n - before[of]; moved != 0 && moved < regulation.FewestShown {
						t.Fatalf("at %s %q moved by %d", at, of, moved)
					}
				}
				before = now
			}
		}
	})
}

// The sixth good rating is no batch of one because five bad ones came with it.
func TestAGradeWaitsForItsOwn(t *testing.T) {
	week := func(time.Time) regulation.Batches { return regulation.Batches{Period: regulation.BatchWeek, Least: 5} }
	monday := func(n int) time.Time { return workday.NewDate(2026, 3, 2).AddDays(7 * n).Start() }
	var never time.Time
	received := []regulation.ToldBatch{{monday(1), 5, 6, never}, {monday(2), 5, 1, never}, {monday(2), 1, 5, never}, {monday(3), 5, 4, never}, {monday(3), 1, 4, never}}
	told := regulation.TellBatches(received, week, monday(4))
	want := []regulation.ToldBatch{{monday(1), 5, 6, never}, {monday(2), 1, 5, never}, {monday(3), 5, 5, monday(1)}}
	if len(told) != len(want) {
		t.Fatalf("%v", told)
	}
	for i := range want {
		if told[i] != want[i] {
			t.Errorf("%v in the place of %v", told[i], want[i])
		}
	}
}

// The rated side's view moves weekly unless an edition says otherwise, and no edition makes a batch of fewer than five (R21).
func TestBatchesAreOfAWeekAndOfFive(t *testing.T) {
	params, err := regulation.NewParams(regulation.Edition1, nil)
	if b := regulation.BatchesOf(params); err != nil || b.Period != regulation.BatchWeek || b.Least != 5 {
		t.Errorf("%+v, %v", b, err)
	}
	for value, code := range map[int]string{4: "would_tell_who_rated", 1: "would_tell_who_rated", 5: "", 20: "", 101: "out_of_bounds"} {
		wrong := &regulation.Error{}
		errors.As(regulation.CheckValues(map[string]int{regulation.BatchLeast: value}), &wrong)
		if got := wrong.Fields[regulation.BatchLeast]; got != code {
			t.Errorf("a batch of %d: %q in the place of %q", value, got, code)
		}
	}
}
