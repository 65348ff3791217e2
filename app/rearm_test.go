package app

import (
	"fmt"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"

	"haochaping/store"
	"haochaping/workday"
)

// weekOff is a notice that makes the coming week free.
func weekOff() string {
	days := "date,kind,holiday\n"
	for n := 1; n <= 7; n++ {
		days += fmt.Sprintf("%s,off,x\n", workday.DateOf(time.Now()).AddDays(n))
	}
	return days
}

func TestWorkflowsOfMovedCasesAreToldOnceTheEngineIsThere(t *testing.T) {
	a, fake := office(t)
	one, two := rate(t, a, "k1"), rate(t, a, "k2")
	id, err := a.record.ProposeCalendar(t.Context(), store.CalendarChange{Proposal: store.Proposal{Author: "a"}, Area: "513301",
		Name: "康定市人民政府", Number: "1", IssuedOn: workday.DateOf(time.Now()), Days: weekOff(), Basis: "x"})
	if err == nil {
		err = a.record.DecideCalendar(t.Context(), id, store.Verdict{State: store.InForce, Person: "b"})
	}
	if err == nil {
		err = a.rearmCases(t.Context()) // needs no engine
	}
	if err != nil {
		t.Fatal(err)
	}
	fake.err = serviceerror.NewUnavailable("away")
	if err := a.tellMoved(t.Context()); err == nil {
		t.Error("no error while the engine is away")
	}
	fake.err, fake.told = nil, nil
	for range 2 {
		if err := a.tellMoved(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wantIDs(t, "told", fake.told, one, two)
	if err := a.rearmCases(t.Context()); err != nil {
		t.Fatal(err)
	}
	if waiting, err := a.record.Unrefreshed(t.Context(), 10); err != nil || len(waiting) != 0 {
		t.Errorf("%+v, %v", waiting, err)
	}
}
