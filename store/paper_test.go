package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
	"haochaping/workday"
)

// boxes is a record with a kept box and a batch of ten forms.
type boxes struct {
	*storetest.Record
	actor regulation.Actor
	box   string
	batch store.Batch
}

func withBox(t *testing.T, r *storetest.Record) *boxes {
	t.Helper()
	r.LoadDemo(t)
	b := &boxes{Record: r, box: ""}
	actor, err := r.Actor(t.Context(), r.Person(t, "kd-keeper-1"))
	if err != nil {
		t.Fatal(err)
	}
	b.actor = actor
	b.box = b.register(t, "一楼")
	if err := r.KeepBox(t.Context(), everywhere, b.box, regulation.Values{"box_keeper": {actor.Person}}, actor); err != nil {
		t.Fatal(err)
	}
	b.batch = b.issue(t, b.box)
	return b
}

func (b *boxes) register(t *testing.T, place string) string {
	t.Helper()
	id, err := b.RegisterBox(t.Context(), everywhere, regulation.Values{"box_hall": {"513301-hall"}, "box_place": {place}}, b.actor)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b *boxes) issue(t *testing.T, box string) store.Batch {
	t.Helper()
	if _, err := b.IssueBatch(t.Context(), everywhere, box, regulation.Values{"batch_count": {"10"}}, b.actor); err != nil {
		t.Fatal(err)
	}
	return b.reconciled(t, box)
}

// reconciled is a box's latest batch.
func (b *boxes) reconciled(t *testing.T, box string) store.Batch {
	t.Helper()
	batches, err := b.Batches(t.Context(), everywhere, box)
	if err != nil || len(batches) == 0 {
		t.Fatal(batches, err)
	}
	sum := batches[0]
	if sum.Unused+sum.Entered+sum.Void+sum.Destroyed+sum.Missing != sum.Count {
		t.Fatalf("the sums of %+v do not add up", sum)
	}
	return sum
}

// found is what was typed of an opening that found a number of forms at an instant.
func (b *boxes) found(t *testing.T, at time.Time, counted int, seal string) regulation.Values {
	t.Helper()
	at = at.In(workday.Shanghai)
	return regulation.Values{"opened_on": {at.Format("2006-01-02")}, "opened_time": {at.Format("15:04")}, "second_opener": {b.Person(t, "kd-clerk-1")},
		"old_seal_state": {"missing"}, "new_seal": {seal}, "counted": {fmt.Sprint(counted)}, "opening_remarks": {"新装"}}
}

// open records an opening that the second person confirms at once.
func (b *boxes) open(t *testing.T, at time.Time, counted int, seal string) string {
	t.Helper()
	id, err := b.RecordOpening(t.Context(), everywhere, b.box, b.found(t, at, counted, seal), b.actor)
	if err != nil {
		t.Fatal(err)
	}
	b.confirm(t, id)
	return id
}

func (b *boxes) confirm(t *testing.T, opening string) {
	t.Helper()
	second, err := b.Actor(t.Context(), b.Person(t, "kd-clerk-1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.AnswerOpening(t.Context(), opening, regulation.Values{"opening_answer": {"confirmed"}}, second); err != nil {
		t.Fatal(err)
	}
}

// fault is the code on a field of a refusal, or of the whole.
func fault(err error, field string) string {
	refused := (*regulation.Error)(nil)
	if !errors.As(err, &refused) {
		return fmt.Sprint(err)
	}
	if code := refused.Fields[field]; code != "" {
		return code
	}
	return refused.Missing
}

// A form is entered once, from an opening of its own box, as often as was counted and no oftener (R14).
func TestPaperFormsAreReconciled(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		b := withBox(t, r)
		opening := b.open(t, b.Now(), 4, "S-1")
		serials, other := b.batch.Serials(), b.issue(t, b.register(t, "二楼"))
		for _, c := range []struct{ serial, want string }{
			{serials[0], "<nil>"}, {serials[0], "serial_taken"}, {other.First(), "serial_of_another_box"},
			{regulation.NewSerial(b.batch.Prefix, 11), "serial_unknown"}, {serials[1][:13] + "?", "serial_format"}, {"", "required"}, {serials[1], "<nil>"},
		} {
			if got := fault(b.TakeForm(t.Context(), opening, c.serial, b.actor.Person), "serial"); got != c.want {
				t.Errorf("taking %s: %s, want %s", c.serial, got, c.want)
			}
		}
		for serial, reason := range map[string]string{serials[2]: regulation.VoidBlank, "": regulation.VoidUnreadable} {
			if err := b.VoidForm(t.Context(), opening, serial, reason, b.actor.Person); err != nil {
				t.Errorf("voiding %q as %s: %v", serial, reason, err)
			}
		}
		if got := fault(b.TakeForm(t.Context(), opening, serials[3], b.actor.Person), "serial"); got != "opening_full" {
			t.Errorf("a fifth of four forms: %s", got)
		}
		o, err := b.Opening(t.Context(), opening)
		if err != nil || o.Counted != 4 || o.Entered != 2 || o.Void != 2 || o.Remaining() != 0 {
			t.Errorf("%+v, %v", o, err)
		}
		closing := regulation.Values{"batch_state": {"destroyed"}, "batch_numbers": {"3-4"}}
		if got := fault(b.CloseBatch(t.Context(), everywhere, b.box, b.batch.ID, closing, b.actor), "batch_numbers"); got != "batch_number_used" {
			t.Errorf("destroying a form that was found blank: %s", got)
		}
		closing["batch_numbers"] = []string{"4-6、8"}
		if err := b.CloseBatch(t.Context(), everywhere, b.box, b.batch.ID, closing, b.actor); err != nil {
			t.Fatal(err)
		}
		if got := fault(b.CloseBatch(t.Context(), everywhere, b.box, b.batch.ID, closing, b.actor), ""); got != "batch_closed" {
			t.Errorf("closed twice: %s", got)
		}
		if sum := b.reconciled(t, b.box); sum.Entered != 2 || sum.Void != 1 || sum.Destroyed != 4 || sum.Missing != 3 || sum.Unused != 0 {
			t.Errorf("%+v", sum)
		}
		b.Clock.Forward(time.Minute)
		late := b.open(t, b.Now(), 2, "S-2")
		if got := fault(b.TakeForm(t.Context(), late, serials[6], b.actor.Person), "serial"); got != "<nil>" {
			t.Errorf("a missing form that came back: %s", got)
		}
		if got := fault(b.TakeForm(t.Context(), late, serials[7], b.actor.Person), "serial"); got != "serial_taken" {
			t.Errorf("a destroyed form that came back: %s", got)
		}
	})
}

// Two different people open a box whom its forms do not rate; seals follow one another, and refusals stand beside the
// field (R16).
func TestOpeningsOfABox(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		b := withBox(t, r)
		record := func(change func(regulation.Values), at time.Time) (string, error) {
			v := b.found(t, at, 0, "S-1")
			change(v)
			return b.RecordOpening(t.Context(), everywhere, b.box, v, b.actor)
		}
		start := b.Now()
		first, err := record(func(regulation.Values) {}, start)
		if err != nil {
			t.Fatal(err)
		}
		b.confirm(t, first)
		if again, err := record(func(regulation.Values) {}, start); err != nil || again != first {
			t.Errorf("the same form again: %s, %v", again, err)
		}
		b.Clock.Forward(time.Hour)
		set := func(pairs ...string) func(regulation.Values) {
			return func(v regulation.Values) {
				v["new_seal"] = []string{"S-2"}
				for i := 0; i < len(pairs); i += 2 {
					v[pairs[i]] = []string{pairs[i+1]}
				}
			}
		}
		for name, c := range map[string]struct {
			change      func(regulation.Values)
			at          time.Time
			field, want string
		}{
			"alone":               {set("second_opener", b.actor.Person), b.Now(), "second_opener", "same_person"},
			"with who is rated":   {set("second_opener", b.Person(t, "kd-window-02")), b.Now(), "second_opener", "opener_is_rated"},
			"with a stranger":     {set("second_opener", "nobody"), b.Now(), "second_opener", "not_staff"},
			"tomorrow":            {set(), b.Now().Add(24 * time.Hour), "opened_on", "in_future"},
			"before the last":     {set(), start, "opened_on", "before_last_opening"},
			"another seal intact": {set("old_seal_state", "intact", "old_seal", "S-9"), b.Now(), "old_seal", "seal_differs"},
			"intact, no number":   {set("old_seal_state", "intact"), b.Now(), "old_seal", "required"},
			"the same seal again": {set("new_seal", "S-1"), b.Now(), "new_seal", "seal_used"},
			"broken, not a word":  {set("old_seal_state", "broken", "old_seal", "S-1", "opening_remarks", ""), b.Now(), "opening_remarks", "seal_remarks"},
			"uncounted":           {set("counted", ""), b.Now(), "counted", "required"},
			"at no time":          {set("opened_time", "25:00"), b.Now(), "opened_time", "opened_time"},
		} {
			if _, err := record(c.change, c.at); fault(err, c.field) != c.want {
				t.Errorf("%s: %s, want %s", name, fault(err, c.field), c.want)
			}
		}
		if alarms, _, err := b.Alarms(t.Context(), everywhere, store.ListQuery{Sort: store.AlarmBoxSeal}); err != nil || len(alarms) != 1 {
			t.Errorf("%v, %v of a seal that was missing", alarms, err)
		}
		second, err := record(set("old_seal_state", "intact", "old_seal", "S-1"), b.Now())
		if err != nil {
			t.Fatal(err)
		}
		if alarms, _, err := b.Alarms(t.Context(), everywhere, store.ListQuery{Sort: store.AlarmBoxSeal}); err != nil || len(alarms) != 1 {
			t.Errorf("%v, %v before the second confirmed it", alarms, err)
		}
		b.confirm(t, second)
		if alarms, _, err := b.Alarms(t.Context(), everywhere, store.ListQuery{Sort: store.AlarmBoxSeal}); err != nil || len(alarms) != 0 {
			t.Errorf("%v, %v once a seal was intact", alarms, err)
		}
		openings, err := b.Openings(t.Context(), everywhere, store.OpeningQuery{Box: b.box, Week: regulation.WeekOf(start)})
		if err != nil || len(openings) != 2 || openings[1].ID != first {
			t.Errorf("%+v, %v", openings, err)
		}
	})
}
