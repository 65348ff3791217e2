package store_test

import (
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// Fewer than a batch at a year's end are told with the first batch of the next year, with the words among them.
func TestWhatWaitsAtAYearsEndIsToldInTheNext(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		week := regulation.Batches{Period: regulation.BatchWeek, Least: 5}
		nextWeek := func() { d.Clock.Forward(week.End(d.Clock.Now()).Sub(d.Clock.Now()) + time.Hour) }
		praise := func(n int) (unit string) {
			for range n {
				in := d.bad()
				in.Rating.Grade, in.Rating.GivenAt, in.Rating.ReceivedAt = regulation.Satisfied, d.Clock.Now(), d.Clock.Now()
				d.save(in)
				unit = in.Rating.Place.Rated.Unit
			}
			d.count(500)
			return unit
		}
		told := func(unit string) (n, words int) {
			year := workday.NewDate(workday.DateOf(d.Clock.Now()).Year(), time.January, 1).Start()
			batches, err := d.ToldRatings(t.Context(), store.OwnRatings{Units: []string{unit}, Year: year, At: d.Clock.Now()})
			d.must(err)
			for _, batch := range batches {
				n += batch.Ratings
			}
			praise, err := d.ToldPraise(t.Context(), store.OwnRatings{Units: []string{unit}, Year: year, At: d.Clock.Now()}, batches)
			d.must(err)
			return n, len(praise)
		}
		for first := workday.DateOf(d.Clock.Now()).Year(); workday.DateOf(d.Clock.Now().AddDate(0, 0, 10)).Year() == first; {
			nextWeek()
		}
		unit := praise(6)
		nextWeek()
		praise(3)
		waiting, _, err := d.ToRedact(t.Context(), regulation.Scope{All: true}, d.actor("kd-supervisor-1"), false, 10)
		d.must(err)
		for _, w := range waiting { // those of the six, too, though they are decided on only now
			d.must(d.Redact(t.Context(), w, regulation.Values{"decision": {regulation.CommentRedacted}, "redacted": {ownWords}}, d.actor("kd-supervisor-1")))
		}
		if n, words := told(unit); n != 6 || words != 0 || len(waiting) != 9 {
			t.Fatalf("%d of six are told in the old year, with %d words of %d", n, words, len(waiting))
		}
		for first := workday.DateOf(d.Clock.Now()).Year(); workday.DateOf(d.Clock.Now()).Year() == first; {
			nextWeek()
		}
		nextWeek()
		if n, words := told(unit); n != 0 || words != 0 {
			t.Errorf("%d of three are told alone, with %d words", n, words)
		}
		praise(2)
		nextWeek()
		if n, words := told(unit); n != 5 || words != 3 {
			t.Errorf("%d of the three of before and two are told, with %d words of three", n, words)
		}
	})
}

// What comes in late, as from a device without a line, counts from its receipt: a batch that was told does not grow by one.
func TestWhatComesLateChangesNothingThatWasTold(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		week := regulation.Batches{Period: regulation.BatchWeek, Least: 5}
		monday := week.End(d.Clock.Now())
		d.Clock.Forward(monday.Sub(d.Clock.Now()) + time.Hour)
		praise := func(n int, given time.Time) (r regulation.Rated) {
			for range n {
				in := d.bad()
				in.Rating.Grade, in.Rating.GivenAt, in.Rating.ReceivedAt = regulation.Satisfied, given, d.Clock.Now()
				d.save(in)
				r = in.Rating.Place.Rated
			}
			d.count(500)
			return r
		}
		rated := praise(6, d.Clock.Now())
		nextWeek := func() { d.Clock.Forward(week.End(d.Clock.Now()).Sub(d.Clock.Now()) + time.Hour) }
		told := func(staff string) (n int) {
			year := workday.NewDate(workday.DateOf(d.Clock.Now()).Year(), time.January, 1).Start()
			batches, err := d.ToldRatings(t.Context(), store.OwnRatings{Staff: staff, Units: []string{rated.Unit}, Year: year, At: d.Clock.Now()})
			d.must(err)
			for _, batch := range batches {
				n += batch.Ratings
			}
			return n
		}
		if n := told(""); n != 0 {
			t.Fatalf("%d are told before the week is over", n)
		}
		given := d.Clock.Now()
		nextWeek()
		if n := told(""); n != 6 {
			t.Fatalf("%d of six are told", n)
		}
		praise(4, given)
		nextWeek()
		if n := told(""); n != 6 {
			t.Errorf("%d are told after four came late", n)
		}
		late := d.bad()
		late.Rating.Grade, late.Rating.GivenAt, late.Rating.ReceivedAt = regulation.Satisfied, given, d.Clock.Now()
		d.save(late) // and waits for the ledger
		nextWeek()
		if n := told(""); n != 6 {
			t.Errorf("%d are told while one of the week is not counted", n)
		}
		d.count(500)
		if n := told(""); n != 11 {
			t.Errorf("%d of eleven are told", n)
		}
		d.exec("UPDATE facts SET content = '0' WHERE name = 'figures'")
		if n := told(""); n != 0 {
			t.Errorf("%d are told while all is counted anew", n)
		}
		d.exec("DELETE FROM figures")
		d.exec("DELETE FROM received_counts")
		d.count(500)
		if n := told(""); n != 11 {
			t.Errorf("%d of eleven are told", n)
		}
		if n := told("nobody"); n != 0 {
			t.Errorf("%d of nobody", n)
		}
		if rated.Staff != "" && told(rated.Staff) != 11 {
			t.Errorf("%d of the person", told(rated.Staff))
		}
	})
}

// Where an edition makes periods shorter, words that came in within a longer one are told with its batch all the same, whichever was told before.
func TestWordsOfALongerPeriodAreTold(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		week := regulation.Batches{Period: regulation.BatchWeek, Least: 5}
		monday := week.End(d.Clock.Now())
		in := d.bad()
		in.Rating.Grade, in.Rating.ReceivedAt = regulation.Satisfied, d.Clock.Now()
		d.save(in)
		day := workday.DateOf(d.Clock.Now()).AddDays(1)
		d.Clock.Forward(day.Start().Sub(d.Clock.Now()) + time.Hour)
		d.editionOf("2026/1", map[string]int{regulation.BatchPeriod: regulation.BatchDay})
		words, _, err := d.ToRedact(t.Context(), regulation.Scope{All: true}, d.actor("kd-supervisor-1"), false, 10)
		d.must(err)
		for _, w := range words {
			d.must(d.Redact(t.Context(), w, regulation.Values{"decision": {regulation.CommentRedacted}, "redacted": {ownWords}}, d.actor("kd-supervisor-1")))
		}
		d.Clock.Forward(monday.Sub(d.Clock.Now()) + time.Hour)
		praise, err := d.ToldPraise(t.Context(), store.OwnRatings{Units: []string{in.Rating.Place.Rated.Unit}, At: d.Clock.Now()},
			[]regulation.ToldBatch{{End: monday, Grade: regulation.Satisfied, Ratings: 5, Since: day.AddDays(1).Start()}})
		d.must(err)
		if len(praise) != 1 {
			t.Errorf("%q of %d", praise, len(words))
		}
	})
}
