package regulation

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"haochaping/workday"
)

// watchdesk plays a listing through its days.
type watchdesk struct {
	t     *testing.T
	rules Rules
	l     Listing
	cases []WatchCase
}

func setupWatch(t *testing.T, values map[string]int) *watchdesk {
	t.Helper()
	params, err := NewParams(Edition1, values)
	if err != nil {
		t.Fatal(err)
	}
	return &watchdesk{t: t, rules: Rules{Params: params, Calendar: workday.National(), Hours: workday.DefaultHours},
		l: Listing{ID: "l1", Kind: WatchStaff, Object: "st1", Unit: police, Area: "513301", Authority: county, Upper: upper}}
}

func date(s string) workday.Date {
	d, err := workday.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// confirm adds cases that were confirmed on these days.
func (d *watchdesk) confirm(days ...string) {
	for _, day := range days {
		n := len(d.cases) + 1
		d.cases = append(d.cases, WatchCase{Case: fmt.Sprint("c", n), Number: fmt.Sprintf("513301-2026-%06d", n), Attribution: "person", From: date(day)})
	}
}

// day judges a day and returns the names of the entries with the verdict's reason.
func (d *watchdesk) day(day string) []string {
	var entries []WatchEntry
	d.l, entries = d.rules.WatchDay(d.l, d.cases, date(day), date(day).AddDays(1).Start())
	var said []string
	for _, e := range entries {
		line := string(e.Name)
		if e.Verdict != nil {
			line += " " + e.Verdict.Reason
		}
		said = append(said, line)
		if e.Seq == 0 || e.Clause != ClauseWatch || e.Day != date(day) {
			d.t.Errorf("entry %+v", e)
		}
	}
	return said
}

func (d *watchdesk) says(day string, want ...string) {
	d.t.Helper()
	if got := d.day(day); fmt.Sprint(got) != fmt.Sprint(want) {
		d.t.Errorf("%s: %v, want %v", day, got, want)
	}
}

func (d *watchdesk) inspect(day, outcome string) {
	d.t.Helper()
	var err error
	d.l, _, err = d.rules.Inspect(d.l, values("inspected_on", day, "inspection_findings", "seen", "inspection_measures", "told", "inspection_outcome", outcome),
		Actor{Person: "dora"}, date(day).Start().Add(10*time.Hour))
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestWhatCountsAgainstWhom(t *testing.T) {
	cases := []struct {
		finding, attribution string
		unit, staff          bool
	}{
		{"substantiated", "person", true, true},
		{"substantiated", "unit", true, false},
		{"substantiated", "guide", true, false},
		{"substantiated", "system", false, false},
		{"substantiated", "other_unit", false, false},
		{"substantiated", "courier", false, false},
		{"substantiated", "policy", false, false},
		{"fixed_at_once", "person", true, false},
		{"no_legal_basis", "person", false, false},
		{"not_established", "person", false, false},
		{"suspected_mistaken", "person", false, false},
		{"suspected_malicious", "unit", false, false},
	}
	for _, c := range cases {
		rated := Case{Rated: Rated{Unit: police, Staff: "st1"}, Finding: Finding{Kind: c.finding, Attribution: c.attribution, At: at("2026-11-23 23:30")}}
		unit, staff := countsFor(rated)
		if unit != c.unit || staff != c.staff {
			t.Errorf("%s, %s: unit %t, staff %t", c.finding, c.attribution, unit, staff)
		}
		for _, w := range WatchCounts(rated) {
			if w.From != date("2026-11-23") {
				t.Errorf("%s, %s: from %s", c.finding, c.attribution, w.From)
			}
		}
		rated.Rated = Rated{Unit: police}
		if _, staff := countsFor(rated); staff {
			t.Errorf("%s, %s counts against nobody's profile", c.finding, c.attribution)
		}
	}
}

func countsFor(c Case) (unit, staff bool) {
	for _, w := range WatchCounts(c) {
		unit, staff = unit || w.Kind == WatchUnit, staff || w.Kind == WatchStaff
	}
	return unit, staff
}

func TestWhatWasWrittenOffOrMovedCountsForItsDaysOnly(t *testing.T) {
	was, now := Rated{Unit: police, Staff: "st1"}, Rated{Unit: medical, Staff: "st9"}
	c := Case{Rated: now, Former: []Rated{was}, Finding: Finding{Kind: "substantiated", Attribution: "person", At: at("2026-11-02 10:00")}, Entries: []Entry{
		{Kind: EntryReattribution, From: was, To: now, At: at("2026-11-05 10:00")},
		{Kind: EntryRevocation, From: was, At: at("2026-11-06 10:00")},
		{Kind: EntryWriteOff, Sign: -1, From: now, At: at("2026-11-10 10:00")},
		{Kind: EntryReversal, Sign: 1, To: now, At: at("2026-11-20 10:00")},
	}}
	for day, want := range map[string]string{"2026-11-01": "", "2026-11-02": police, "2026-11-04": police, "2026-11-05": medical, "2026-11-09": medical,
		"2026-11-10": "", "2026-11-19": "", "2026-11-20": medical, "2026-12-20": medical} {
		var units []string
		for _, w := range WatchCounts(c) {
			if w.Kind == WatchUnit && w.in(date(day), 90) {
				units = append(units, w.Object)
			}
		}
		if strings.Join(units, " ") != want {
			t.Errorf("on %s it counts for %v, want %q", day, units, want)
		}
	}
}

func TestEntersWhenTheLastCaseIsConfirmed(t *testing.T) {
	d := setupWatch(t, nil)
	d.confirm("2026-03-02", "2026-04-01")
	d.says("2026-05-29")
	d.confirm("2026-05-30")
	d.says("2026-05-29") // confirmed on the next day only
	d.says("2026-05-30", "entered concentrated")
	v := d.l.Verdict
	if v.Count != 3 || v.Threshold != 3 || v.From != date("2026-03-02") || v.To != date("2026-05-30") || len(v.Cases) != 3 || v.Edition != Edition1 {
		t.Errorf("%+v", v)
	}
	// 30 May 2026 is a Saturday: ten working days end on 12 June.
	if want := workday.DefaultHours.Close(date("2026-06-12")); !d.l.Due.Equal(want) {
		t.Errorf("inspection due %s, want %s", d.l.Due, want)
	}
	d.says("2026-05-30") // judged again: nothing new
}

func TestThePeriodEndsAndAWrittenOffCaseCountsNoLonger(t *testing.T) {
	d := setupWatch(t, nil)
	d.confirm("2026-03-02", "2026-04-01", "2026-05-31")
	d.says("2026-05-31") // the first is 90 days old
	d.cases[0].From = date("2026-03-03")
	d.cases[1].Until = date("2026-05-31")
	d.says("2026-05-31")
	d.cases[1].Until = date("2026-06-01")
	d.says("2026-05-31", "entered concentrated")
	d.says("2026-06-01", "stayed not_quiet")
}

func TestThresholdsAreTheEditions(t *testing.T) {
	d := setupWatch(t, map[string]int{WatchStaffCases: 0, WatchUnitCases: 2, WatchPeriodDays: 10})
	d.confirm("2026-05-10", "2026-05-11", "2026-05-20", "2026-05-30")
	d.says("2026-05-30") // off for staff
	d.l.Kind = WatchUnit
	d.says("2026-05-30") // only one within ten days
	d.cases[2].From = date("2026-05-21")
	d.says("2026-05-30", "entered concentrated")
}

func TestLeavesOnlyOnceQuietAndMended(t *testing.T) {
	d := setupWatch(t, map[string]int{WatchPeriodDays: 10})
	d.confirm("2026-03-02", "2026-03-03", "2026-03-04")
	d.says("2026-03-04", "entered concentrated")
	d.says("2026-03-11")
	d.says("2026-03-12", "stayed not_quiet")
	d.says("2026-04-10", "inspection_overdue", "stayed not_inspected") // quiet since 12 March: thirty days
	d.inspect("2026-04-13", InspectionNotMended)
	d.says("2026-04-13", "stayed not_mended")
	if d.l.Overdue || d.l.Due.IsZero() {
		t.Errorf("after an inspection: overdue %t, due %s", d.l.Overdue, d.l.Due)
	}
	d.inspect("2026-04-15", InspectionPartly)
	d.says("2026-04-15", "left mended")
	if d.l.Stands() || d.l.EndedHow != "left" || !d.l.Due.IsZero() {
		t.Errorf("%+v", d.l)
	}
}

func TestOneOfTheQuietDaysWasNot(t *testing.T) {
	d := setupWatch(t, map[string]int{WatchPeriodDays: 10, WatchQuietDays: 5})
	d.confirm("2026-03-02", "2026-03-03", "2026-03-04")
	d.day("2026-03-04")
	d.inspect("2026-03-05", InspectionMended)
	d.confirm("2026-03-12", "2026-03-13") // with that of 4 March: three, on 13 March
	d.says("2026-03-16", "stayed not_quiet")
	d.says("2026-03-17")
	d.says("2026-03-18", "left mended")
}

func TestInspectionOverdueGoesUpOnce(t *testing.T) {
	for name, upperOrg := range map[string]string{"county": upper, "prefecture": ""} {
		t.Run(name, func(t *testing.T) {
			d := setupWatch(t, nil)
			d.l.Upper = upperOrg
			d.confirm("2026-05-27", "2026-05-28", "2026-05-29")
			d.day("2026-05-29")
			d.says("2026-06-11") // due on 12 June
			var entries []WatchEntry
			d.l, entries = d.rules.WatchDay(d.l, d.cases, date("2026-06-12"), at("2026-06-13 00:00"))
			want := upperOrg
			if want == "" {
				want = county
			}
			if len(entries) != 1 || entries[0].Name != WatchOverdue || entries[0].To != want || !d.l.Overdue {
				t.Errorf("%+v", entries)
			}
			d.says("2026-06-13")
		})
	}
}

func TestANoticeInForceMovesAnInspectionAndMakesNobodyLate(t *testing.T) {
	d := setupWatch(t, nil)
	d.confirm("2026-05-27", "2026-05-28", "2026-05-29")
	d.day("2026-05-29") // due on 12 June
	d.rules.Calendar = notice(t, "2026-06-12,off,x")
	var entries []WatchEntry
	d.l, entries = d.rules.WatchDay(d.l, d.cases, date("2026-06-12"), at("2026-06-13 00:00"))
	if len(entries) != 1 || entries[0].Name != WatchRecounted || d.l.Overdue || !d.l.Due.Equal(at("2026-06-15 17:30")) ||
		!entries[0].Due.Equal(d.l.Due) || !entries[0].Was.Equal(at("2026-06-12 17:30")) {
		t.Fatalf("due %v, overdue %t: %+v", d.l.Due, d.l.Overdue, entries)
	}
	d.rules.Calendar = notice(t, "2026-06-12,off,x", "2026-06-13,work,x") // known on Saturday morning only
	d.l, entries = d.rules.WatchDay(d.l, d.cases, date("2026-06-12"), at("2026-06-13 09:00"))
	if len(entries) != 1 || !d.l.Due.Equal(at("2026-06-13 17:30")) {
		t.Errorf("due %v: %+v", d.l.Due, entries)
	}
}

func TestInspectionIsHeldAgainstItsDays(t *testing.T) {
	d := setupWatch(t, nil)
	d.confirm("2026-05-27", "2026-05-28", "2026-05-29")
	d.day("2026-05-29")
	for day, want := range map[string]string{"2026-05-28": "before_listing", "2026-06-03": "in_future", "yesterday": "not_a_date", "": "required"} {
		_, _, err := d.rules.Inspect(d.l, values("inspected_on", day, "inspection_findings", "seen", "inspection_measures", "told", "inspection_outcome", "mended"),
			Actor{Person: "dora"}, at("2026-06-02 09:00"))
		if refusal := (*Error)(nil); !errors.As(err, &refusal) || refusal.Fields["inspected_on"] != want {
			t.Errorf("%q: %v, want %s", day, err, want)
		}
	}
}

func TestTakenOffEarlyByTwoPersons(t *testing.T) {
	d := setupWatch(t, nil)
	d.confirm("2026-05-27", "2026-05-28", "2026-05-29")
	d.day("2026-05-29")
	now, sam, dora := at("2026-06-01 09:00"), Actor{Person: "sam"}, Actor{Person: "dora"}
	reasons := values("watch_reasons", "all three were one broken printer")
	yes := values("watch_reasons", "agreed", "release_decision", "approve")
	no := values("watch_reasons", "not yet", "release_decision", "refuse")
	if _, _, err := d.rules.DecideRelease(d.l, yes, dora, now); !refusedAs(err, NotNow, "no_release_pending") {
		t.Error(err)
	}
	l, _, err := d.rules.ProposeRelease(d.l, reasons, sam, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.rules.ProposeRelease(l, reasons, dora, now); !refusedAs(err, NotNow, "release_pending") {
		t.Error(err)
	}
	if _, _, err := d.rules.DecideRelease(l, yes, sam, now); !refusedAs(err, FourEyes, "proposed_by_you") {
		t.Error(err)
	}
	stand := Actor{Person: "dora", As: Assignment{Role: Supervisor, Org: county, Area: "513301"}.Behalf("sam")}
	if _, _, err := d.rules.DecideRelease(l, yes, stand, now); !refusedAs(err, FourEyes, "proposed_by_you") {
		t.Errorf("decided in the name of who proposed: %v", err)
	}
	if kept, _, err := d.rules.DecideRelease(l, no, dora, now); err != nil || !kept.Stands() || kept.Proposed != nil {
		t.Errorf("%+v, %v", kept, err)
	}
	l, entries, err := d.rules.DecideRelease(l, yes, dora, now)
	if err != nil || l.Stands() || l.EndedHow != "released" || entries[0].Name != WatchReleased || entries[0].Texts["watch_reasons"] != "agreed" {
		t.Fatalf("%+v, %v", l, err)
	}
	// The same three cases do not put the person back; three further ones do.
	d.l = Listing{ID: "l2", Kind: WatchStaff, Object: "st1", Unit: police, Area: "513301", Authority: county, SetAside: l.SetAside}
	d.says("2026-06-02")
	d.confirm("2026-06-02", "2026-06-03")
	d.says("2026-06-03")
	d.confirm("2026-06-04")
	d.says("2026-06-04", "entered concentrated")
}

func TestPutOnByHand(t *testing.T) {
	d := setupWatch(t, map[string]int{WatchQuietDays: 5})
	now, sam := at("2026-06-01 09:00"), Actor{Person: "sam"}
	if _, _, err := d.rules.WatchByHand(d.l, values("watch_reasons", " "), sam, now); !refusedAs(err, Invalid, "fields") {
		t.Error(err)
	}
	l, entries, err := d.rules.WatchByHand(d.l, values("watch_reasons", "complaints at the hall"), sam, now)
	if err != nil || !l.Stands() || !l.ByHand || entries[0].Name != WatchByHand || entries[0].Actor != "sam" || l.Due.IsZero() {
		t.Fatalf("%+v, %v", l, err)
	}
	if _, _, err := d.rules.WatchByHand(l, values("watch_reasons", "again"), sam, now); !refusedAs(err, Conflict, "already_watched") {
		t.Error(err)
	}
	d.l = l
	d.says("2026-06-01", "stayed not_quiet") // the rule's first word
	d.inspect("2026-06-03", InspectionMended)
	d.says("2026-06-05")
	d.says("2026-06-06", "left mended")
}

func refusedAs(err error, code Code, missing string) bool {
	refusal := (*Error)(nil)
	return errors.As(err, &refusal) && refusal.Code == code && refusal.Missing == missing
}

// Nobody puts their own unit or themselves on the list, inspects it or takes it off, nor stands in for
// somebody of it there.
func TestNobodyWatchesOverTheirOwnUnit(t *testing.T) {
	d := setupWatch(t, nil)
	d.l.Seq, d.l.Since = 1, date("2026-04-01")
	now := at("2026-04-10 10:00")
	keeper := Assignment{Role: Supervisor, Org: county, Area: "513301"}
	own := Assignment{Role: UnitHead, Org: police, Area: "513301"}
	ben := Person{ID: "ben", Assignments: []Assignment{keeper, own}}
	d.rules.Roster = away{"eve": "sue"}.apply([]Person{ben, person("sue", Supervisor, county), {ID: "eve", Assignments: ben.Assignments}, staffed("st", Supervisor, county, "st1")})
	for name, c := range map[string]struct {
		actor Actor
		why   string
	}{
		"of the unit":              {Actor{Person: "ben", As: keeper}, "your_unit"},
		"the person":               {Actor{Person: "st", Staff: "st1", As: keeper}, "concerns_you"},
		"in the place of the unit": {Actor{Person: "sue", As: keeper.Behalf("eve")}, "absent_barred"},
		"somebody else":            {Actor{Person: "sue", As: keeper}, ""},
	} {
		for act, do := range map[string]func() error{
			"by hand": func() error {
				_, _, err := d.rules.WatchByHand(Listing{Kind: WatchStaff, Object: "st1", Unit: police}, nil, c.actor, now)
				return err
			},
			"inspect": func() error { _, _, err := d.rules.Inspect(d.l, nil, c.actor, now); return err },
			"propose": func() error { _, _, err := d.rules.ProposeRelease(d.l, nil, c.actor, now); return err },
			"decide":  func() error { _, _, err := d.rules.DecideRelease(d.l, nil, c.actor, now); return err },
		} {
			err := do()
			if c.why == "" && !refusedAs(err, Invalid, "fields") || c.why != "" && !refusedAs(err, FourEyes, c.why) {
				t.Errorf("%s, %s: %v", name, act, err)
			}
		}
	}
}
