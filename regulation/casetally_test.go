package regulation_test

import (
	"encoding/json"
	"testing"
	"time"

	"haochaping/regulation"
)

// A year of a prefecture: a hundred thousand cases of fifteen days are more than a time.Duration holds.
func TestTimesOfManyCasesAddUp(t *testing.T) {
	one := regulation.CaseTally{Cases: 1, Concluded: 1, Took: regulation.Micros((15 * 24 * time.Hour).Microseconds())}
	many := one.Times(100_000).Plus(one)
	if days := many.AverageDays().Fraction(1); days != "15.0" {
		t.Errorf("%s days on average", days)
	}
	if none := many.Plus(many.Times(-1)); none != (regulation.CaseTally{}) {
		t.Errorf("taken from itself: %+v", none)
	}
}

// A sealed version says the same as it did when times were nanoseconds.
func TestTimesStandInNanoseconds(t *testing.T) {
	for text, took := range map[string]regulation.Micros{"0": 0, "86400000000000": 86_400_000_000, "129600000000000000000": 129_600_000_000_000_000} {
		if made, err := json.Marshal(took); err != nil || string(made) != text {
			t.Errorf("%d is written %s, %v", took, made, err)
		}
		var read regulation.Micros
		if err := json.Unmarshal([]byte(text), &read); err != nil || read != took {
			t.Errorf("%s reads as %d, %v", text, read, err)
		}
	}
	for _, text := range []string{`"1"`, "1.5", "99999999999999999999999"} {
		if err := json.Unmarshal([]byte(text), new(regulation.Micros)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}
