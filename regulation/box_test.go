package regulation

import (
	"errors"
	"testing"
)

func TestTheKeeperIsNotRatedByTheBox(t *testing.T) {
	keeps := Assignment{Role: BoxKeeper, Org: "hall"}
	rated := RatedIn{Units: []string{"police", "hall"}, Staff: []string{"st1"}}
	for name, c := range map[string]struct {
		person Person
		want   string
	}{
		"keeps boxes there":                 {Person{Assignments: []Assignment{keeps}}, ""},
		"staff, on no roster there":         {Person{Staff: "st2", Assignments: []Assignment{keeps}}, ""},
		"keeps boxes elsewhere":             {Person{Assignments: []Assignment{{Role: BoxKeeper, Org: "other"}}}, "not_a_keeper"},
		"another post there":                {Person{Assignments: []Assignment{{Role: UnitHead, Org: "hall"}}}, "not_a_keeper"},
		"serves at a window there":          {Person{Staff: "st1", Assignments: []Assignment{keeps}}, "keeper_is_rated"},
		"works for a unit rated there":      {Person{Assignments: []Assignment{keeps, {Role: UnitHandler, Org: "police"}}}, "keeper_is_rated"},
		"leads the service centre":          {Person{Assignments: []Assignment{keeps, {Role: UnitHead, Org: "hall"}}}, "keeper_is_rated"},
		"works for a unit rated nowhere in": {Person{Assignments: []Assignment{keeps, {Role: UnitHandler, Org: "water"}}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err, got := (*Error)(nil), ""
			if errors.As(CheckKeeper(c.person, "hall", rated), &err) {
				got = err.Fields["box_keeper"]
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
