package workday

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func date(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// layer reads rows such as "2026-03-10,off,x" under the header.
func layer(t testing.TB, name string, rows ...string) Layer {
	t.Helper()
	l, err := ReadLayer(name, "1", strings.NewReader("date,kind,holiday\n"+strings.Join(rows, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func golden(t *testing.T) [][]string {
	t.Helper()
	f, err := os.Open("testdata/golden.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 17 {
		t.Fatalf("golden.csv has %d rows, want 17", len(rows))
	}
	return rows[1:]
}

func checkGolden(t *testing.T) {
	t.Helper()
	for _, row := range golden(t) {
		n, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		due := National().Add(date(t, row[0]), n)
		if row[2] == "provisional" {
			if !due.Provisional {
				t.Errorf("%s + %d = %s, want provisional", row[0], n, due)
			}
			continue
		}
		if due.String() != row[2] {
			t.Errorf("%s + %d = %s, want %s (%s)", row[0], n, due, row[2], row[3])
		}
	}
}

func TestGoldenDatesInEveryServerZone(t *testing.T) {
	server := time.Local
	t.Cleanup(func() { time.Local = server })
	for _, zone := range []*time.Location{
		server, time.UTC, time.FixedZone("west", -11*3600), time.FixedZone("east", 14*3600), Shanghai,
	} {
		t.Run(zone.String(), func(t *testing.T) {
			time.Local = zone
			checkGolden(t)
			d := date(t, "2026-03-09")
			want := time.Date(2026, 3, 9, 9, 30, 0, 0, time.UTC)
			if got := DefaultHours.Close(d); !got.Equal(want) {
				t.Errorf("Close = %s, want %s", got, want)
			}
			if got := DateOf(time.Date(2026, 3, 8, 16, 0, 0, 0, time.UTC).Local()); got != d {
				t.Errorf("DateOf(16:00 UTC the day before) = %s, want %s", got, d)
			}
			if got := DateOf(d.Start().Add(-time.Microsecond).Local()); got != d.AddDays(-1) {
				t.Errorf("a microsecond before midnight is %s", got)
			}
		})
	}
}

// The yearly totals as commonly published; a lost or doubled row changes one.
// 2020 was 251 until the State Council prolonged Spring Festival in January.
func TestWorkdaysPerYear(t *testing.T) {
	for year, want := range map[int]int{2020: 249, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248} {
		n := 0
		for d := NewDate(year, 1, 1); d.Year() == year; d = d.AddDays(1) {
			if National().IsWorkday(d) {
				n++
			}
		}
		if n != want {
			t.Errorf("%d has %d working days, want %d", year, n, want)
		}
	}
}

func TestNoticedYears(t *testing.T) {
	for year := 2015; year < 2035; year++ {
		if got, want := National().Noticed(year), year >= 2020 && year <= 2026; got != want {
			t.Errorf("Noticed(%d) = %t", year, got)
		}
	}
}

func TestAdd(t *testing.T) {
	cases := map[string]struct {
		start string
		n     int
		want  string
	}{
		"zero days on a working day end the same day":    {"2026-11-23", 0, "2026-11-23"},
		"zero days on a Sunday end on Monday":            {"2026-11-22", 0, "2026-11-23"},
		"zero days on a Saturday worked end there":       {"2026-02-14", 0, "2026-02-14"},
		"back one over the weekend":                      {"2026-11-23", -1, "2026-11-20"},
		"back over Spring Festival to a Saturday worked": {"2026-02-24", -1, "2026-02-14"},
		"New Year's Day is off without a notice":         {"2026-12-11", 15, "2027-01-04 provisional"},
		"the last noticed day is certain":                {"2026-12-11", 14, "2026-12-31"},
		"passing days of an unknown year is provisional": {"2026-12-31", 1, "2027-01-04 provisional"},
		"a start in an unknown year is not counted":      {"2019-12-31", 1, "2020-01-02"},
		"zero days in an unknown year":                   {"2027-03-01", 0, "2027-03-01 provisional"},
		"October's first three days without a notice":    {"2027-09-30", 1, "2027-10-04 provisional"},
		"May's first two days without a notice":          {"2028-04-28", 1, "2028-05-03 provisional"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := National().Add(date(t, c.start), c.n).String(); got != c.want {
				t.Errorf("%s + %d = %s, want %s", c.start, c.n, got, c.want)
			}
		})
	}
}

func TestLeft(t *testing.T) {
	due := date(t, "2026-11-20") // a Friday
	for today, want := range map[string]int{
		"2026-11-13": 5, "2026-11-15": 5, "2026-11-18": 2, "2026-11-19": 1, "2026-11-20": 0,
		"2026-11-21": -1, "2026-11-22": -1, "2026-11-23": -1, "2026-11-24": -2, "2026-11-28": -6,
	} {
		if got := National().Left(date(t, today), due); got != want {
			t.Errorf("on %s %d working days left, want %d", today, got, want)
		}
	}
	off := date(t, "2026-11-22") // due on a Sunday, as after a change of the calendar
	if got := National().Left(due, off); got != 0 {
		t.Errorf("no working day lies between Friday and Sunday, got %d", got)
	}
}

func TestLastLayerWins(t *testing.T) {
	day, festival := date(t, "2026-03-10"), "2026-03-10,off,节"
	prefecture := layer(t, "513300", festival, "2026-02-14,off,本州")
	county := layer(t, "513301", "2026-03-10,work,本县")
	c := National()
	if !c.IsWorkday(day) || c.With(prefecture).IsWorkday(day) {
		t.Error("the prefecture's day off does not count")
	}
	if !c.With(prefecture, county).IsWorkday(day) || !c.With(prefecture).With(county).IsWorkday(day) {
		t.Error("the county does not win over the prefecture")
	}
	if c.With(county, prefecture).IsWorkday(day) {
		t.Error("the order of layers does not matter")
	}
	if c.With(prefecture).IsWorkday(date(t, "2026-02-14")) {
		t.Error("the layer does not win over the notice")
	}
	if got := c.With(prefecture).Add(date(t, "2026-02-10"), 15).String(); got != "2026-03-11" {
		t.Errorf("two days off locally put 2026-03-09 to %s, want 2026-03-11", got)
	}
}

func TestNoticeMakesAYearCertain(t *testing.T) {
	local := layer(t, "513300", "2027-01-05,off,本州")
	start := date(t, "2026-12-31")
	if c := National().With(local); c.Noticed(2027) || !c.Add(start, 1).Provisional {
		t.Error("a local layer passes for a notice")
	}
	c := National().With(local).WithNotice(layer(t, "2027", "2027-01-01,off,元旦", "2027-01-04,off,元旦", "2027-01-05,work,元旦"))
	if got := c.Add(start, 1).String(); got != "2027-01-06" {
		t.Errorf("with notice and local layer %s, want 2027-01-06", got)
	}
}

func TestVersionChangesWithEachLayer(t *testing.T) {
	a := layer(t, "a", "2026-03-10,off,x")
	renamed, reissued := a, a
	renamed.Name, reissued.Version = "b", "2"
	c := National()
	seen := map[string]string{}
	for name, v := range map[string]Calendar{
		"national": c, "a": c.With(a), "renamed": c.With(renamed), "reissued": c.With(reissued),
		"notice": c.WithNotice(a), "a twice": c.With(a, a), "other kind": c.With(layer(t, "a", "2026-03-10,work,x")),
		"other day": c.With(layer(t, "a", "2026-03-11,off,x")), "a, b": c.With(a, renamed), "b, a": c.With(renamed, a),
	} {
		if len(v.Version()) != 12 {
			t.Errorf("%s: version %q", name, v.Version())
		}
		if other, again := seen[v.Version()]; again {
			t.Errorf("%s and %s have one version", name, other)
		}
		seen[v.Version()] = name
	}
	if c.With(a).Version() != c.With(layer(t, "a", "2026-03-10,off,x")).Version() {
		t.Error("equal layers, different versions")
	}
}

func TestCalendarIsImmutable(t *testing.T) {
	l := layer(t, "a", "2026-03-10,off,x")
	base := National().With(l)
	version := base.Version()
	one, two := base.With(layer(t, "b", "2026-03-10,work,x")), base.With(layer(t, "c"))
	l.Days[date(t, "2026-03-10")] = Work
	if base.Version() != version || base.IsWorkday(date(t, "2026-03-10")) {
		t.Error("the caller's map reaches into the calendar")
	}
	if two.IsWorkday(date(t, "2026-03-10")) || !one.IsWorkday(date(t, "2026-03-10")) {
		t.Error("siblings share layers")
	}
	if one.With(l).Version() == two.With(l).Version() {
		t.Error("siblings share their list of layers")
	}
}

// drawCalendar is the national calendar under up to three random local layers.
func drawCalendar(t *rapid.T) Calendar {
	c := National()
	for range rapid.IntRange(0, 3).Draw(t, "layers") {
		c = c.With(Layer{Name: "local", Days: rapid.MapOfN(
			rapid.Custom(drawDate), rapid.SampledFrom([]Kind{Off, Work}), 0, 40).Draw(t, "days")})
	}
	return c
}

func drawDate(t *rapid.T) Date {
	return NewDate(2019, 6, 1).AddDays(rapid.IntRange(0, 3100).Draw(t, "day"))
}

func TestAddLeftBeforeAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, start, n := drawCalendar(t), drawDate(t), rapid.IntRange(1, 80).Draw(t, "n")
		due := c.Add(start, n).Date
		if !c.IsWorkday(due) || !due.After(start) {
			t.Fatalf("due %s is no working day after %s", due, start)
		}
		if got := c.Left(start, due); got != n {
			t.Fatalf("Left(%s, %s) = %d, want %d", start, due, got, n)
		}
		if got := c.Left(c.Add(due, n).Date, due); got != -n {
			t.Fatalf("overdue by %d, want %d", got, -n)
		}
		if got := c.Left(c.Before(due, n), due); got != n {
			t.Fatalf("on the reminder day of %d there are %d left", n, got)
		}
		if c.IsWorkday(start) && c.Before(due, n) != start {
			t.Fatalf("Before(%s, %d) = %s, want %s", due, n, c.Before(due, n), start)
		}
	})
}

func TestAddIsMonotoneAndAdditive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, start := drawCalendar(t), drawDate(t)
		n, m := rapid.IntRange(0, 60).Draw(t, "n"), rapid.IntRange(1, 60).Draw(t, "m")
		first, later := c.Add(start, n), c.Add(start.AddDays(1), n)
		if later.Date.Before(first.Date) {
			t.Fatalf("a later start is due earlier: %s, %s", first, later)
		}
		if n > 0 && !c.Add(start, n+1).Date.After(first.Date) {
			t.Fatal("one day more is not due later")
		}
		if n > 0 && c.Add(first.Date, m).Date != c.Add(start, n+m).Date {
			t.Fatal("n and then m days are not n+m days")
		}
	})
}

func TestProvisionalExactlyWhenAnUnknownYearIsTouched(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, start, n := drawCalendar(t), drawDate(t), rapid.IntRange(1, 80).Draw(t, "n")
		due, want := c.Add(start, n), false
		for d := start.AddDays(1); !d.After(due.Date); d = d.AddDays(1) {
			want = want || d.Year() < 2020 || d.Year() > 2026
		}
		if due.Provisional != want {
			t.Fatalf("%s + %d = %s, provisional should be %t", start, n, due, want)
		}
	})
}

func TestOneMoreDayOffMovesOnlyWhatItTouches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, start, n, off := drawCalendar(t), drawDate(t), rapid.IntRange(1, 80).Draw(t, "n"), drawDate(t)
		with := c.With(Layer{Name: "more", Days: map[Date]Kind{off: Off}})
		before, after := c.Add(start, n).Date, with.Add(start, n).Date
		want := before
		if c.IsWorkday(off) && off.After(start) && !off.After(before) {
			want = with.Add(before, 1).Date
		}
		if after != want {
			t.Fatalf("%s off: %s + %d moved from %s to %s, want %s", off, start, n, before, after, want)
		}
	})
}

func BenchmarkAdd15(b *testing.B) {
	c, start := National(), NewDate(2026, 2, 10)
	for b.Loop() {
		c.Add(start, 15)
	}
}
