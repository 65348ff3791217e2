package regulation

import (
	"testing"
	"time"

	"haochaping/workday"
)

// A week is judged by the state that the box had in it (R16): a box that was in use on one whole working day has to be
// opened, also where it was put out of use later, or today.
func TestAWeekIsJudgedByTheStateOfTheBoxInIt(t *testing.T) {
	at := func(text string) time.Time {
		instant, err := time.ParseInLocation("2006-01-02 15:04", text, workday.Shanghai)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	used := []BoxTerm{{BoxActive, at("2026-01-05 09:00")}}
	then := func(terms ...BoxTerm) []BoxTerm { return append(used[:1:1], terms...) }
	week := []time.Time{at("2026-03-06 16:00")}
	for name, c := range map[string]struct {
		facts WeekFacts
		want  string
	}{
		"opened":                               {WeekFacts{Terms: used, Opened: week}, WeekKept},
		"opened on its Sunday":                 {WeekFacts{Terms: used, Opened: []time.Time{at("2026-03-08 23:59")}}, WeekKept},
		"opened the Monday after":              {WeekFacts{Terms: used, Opened: []time.Time{at("2026-03-09 00:00")}}, WeekMissed},
		"not opened":                           {WeekFacts{Terms: used}, WeekMissed},
		"reported, not confirmed":              {WeekFacts{Terms: used, Reported: week}, WeekUnconfirmed},
		"reported for another week":            {WeekFacts{Terms: used, Reported: []time.Time{at("2026-03-10 09:00")}}, WeekMissed},
		"one report waits, another counts":     {WeekFacts{Terms: used, Opened: week, Reported: week}, WeekKept},
		"out of use before the week":           {WeekFacts{Terms: then(BoxTerm{BoxOutOfUse, at("2026-03-01 10:00")})}, WeekOutOfUse},
		"removed before the week":              {WeekFacts{Terms: then(BoxTerm{BoxRemoved, at("2026-03-01 10:00")})}, WeekOutOfUse},
		"out of use since":                     {WeekFacts{Terms: then(BoxTerm{BoxOutOfUse, at("2026-03-09 00:00")})}, WeekMissed},
		"out of use on its Friday afternoon":   {WeekFacts{Terms: then(BoxTerm{BoxOutOfUse, at("2026-03-06 16:30")})}, WeekMissed},
		"out of use on its Monday noon":        {WeekFacts{Terms: then(BoxTerm{BoxOutOfUse, at("2026-03-02 12:00")})}, WeekOutOfUse},
		"back in use in the middle":            {WeekFacts{Terms: then(BoxTerm{BoxOutOfUse, at("2026-02-01 00:00")}, BoxTerm{BoxActive, at("2026-03-04 12:00")})}, WeekMissed},
		"back in use on its last day at noon":  {WeekFacts{Terms: then(BoxTerm{BoxOutOfUse, at("2026-02-01 00:00")}, BoxTerm{BoxActive, at("2026-03-06 12:00")})}, WeekOutOfUse},
		"a break at noon each day but the day": {WeekFacts{Terms: then(BoxTerm{BoxOutOfUse, at("2026-03-02 10:00")}, BoxTerm{BoxActive, at("2026-03-05 10:00")})}, WeekMissed},
		"out of use, opened all the same":      {WeekFacts{Terms: then(BoxTerm{BoxOutOfUse, at("2026-03-01 10:00")}), Opened: week}, WeekKept},
		"out of use, reported":                 {WeekFacts{Terms: then(BoxTerm{BoxOutOfUse, at("2026-03-01 10:00")}), Reported: week}, WeekOutOfUse},
		"not registered yet":                   {WeekFacts{Terms: []BoxTerm{{BoxActive, at("2026-03-09 09:00")}}}, WeekOutOfUse},
	} {
		t.Run(name, func(t *testing.T) {
			c.facts.Week, c.facts.Service = "2026-W10", Service{workday.National(), DefaultService}
			verdict, due := c.facts.Judge()
			if verdict != c.want || !due.Equal(at("2026-03-06 17:00")) {
				t.Errorf("%s by %s, want %s", verdict, due, c.want)
			}
		})
	}
}

// Nobody has to open a box in a week without a working day.
func TestAWeekWithoutAWorkingDayHasNoDuty(t *testing.T) {
	off := map[workday.Date]workday.Kind{}
	monday, _ := ParseWeek("2026-W10")
	for n := range 5 {
		off[monday.AddDays(n)] = workday.Off
	}
	calendar := workday.National().With(workday.Layer{Days: off})
	if verdict, due := (WeekFacts{Week: "2026-W10", Service: Service{calendar, DefaultService}, Terms: []BoxTerm{{State: BoxActive}}}).Judge(); verdict != WeekNoWorkday || !due.IsZero() {
		t.Errorf("%s by %s", verdict, due)
	}
}

// A change holds from now on or from the beginning of a day before, not from before what was judged.
func TestSinceWhenAChangeOfABoxHolds(t *testing.T) {
	day := func(text string) workday.Date {
		d, err := workday.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	now := day("2026-03-05").Start().Add(10 * time.Hour)
	for typed, want := range map[string]string{"": "", "2026-03-05": "", "2026-03-04": "", "2026-03-02": "", "2026-03-06": "in_future", "2026-03-01": "week_judged",
		"2026-02-10": "before_last_change", "soon": "not_a_date"} {
		from, err := BoxSince(Values{"box_since": {typed}}, day("2026-02-20").Start(), day("2026-03-02"), now)
		if got := fieldOf(err, "box_since"); got != want {
			t.Errorf("%q: %s, want %s", typed, got, want)
		}
		if typed == "2026-03-04" && !from.Equal(day(typed).Start()) || typed == "" && !from.Equal(now) {
			t.Errorf("%q: from %s", typed, from)
		}
	}
}
