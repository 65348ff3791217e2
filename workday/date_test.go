package workday

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDateAgreesWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unix := rapid.Int64Range(-62135596800, 253402300799).Draw(t, "unix")
		instant := time.Unix(unix, 0).In(Shanghai)
		d := DateOf(instant)
		if d.String() != instant.Format("2006-01-02") || d.Weekday() != instant.Weekday() || d.Year() != instant.Year() {
			t.Fatalf("%s became %s, a %s", instant, d, d.Weekday())
		}
		if instant.Before(d.Start()) || !instant.Before(d.AddDays(1).Start()) {
			t.Fatalf("%s is not within %s", instant, d)
		}
		if back, err := ParseDate(d.String()); d.Year() < 10000 && (err != nil || back != d) {
			t.Fatalf("%s read back as %s, %v", d, back, err)
		}
	})
}

func TestParseDateRefuses(t *testing.T) {
	for _, s := range []string{"", "2026-2-10", "2026-02-30", "20260210", "2026/02/10", "2026-02-10 ", "2026-02-10T00:00:00Z", "02-10-2026"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("%q read as %s", s, d)
		}
	}
}

func TestDateInJSON(t *testing.T) {
	in := struct{ A, B Date }{A: NewDate(2026, 3, 9)}
	text, err := json.Marshal(in)
	if err != nil || string(text) != `{"A":"2026-03-09","B":""}` {
		t.Fatalf("%s, %v", text, err)
	}
	out := in
	out.A, out.B = Date{}, NewDate(2020, 1, 1)
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("%v, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"A":"9. März"}`), &out); err == nil {
		t.Error("a foreign form is read")
	}
}

func TestCompare(t *testing.T) {
	a, b := NewDate(2026, 1, 31), NewDate(2026, 2, 0)
	if a != b || a.Compare(b) != 0 || a.Before(b) || a.After(b) {
		t.Error("31 January is day 0 of February")
	}
	c := a.AddDays(1)
	if a.Compare(c) != -1 || c.Compare(a) != 1 || !a.Before(c) || !c.After(a) {
		t.Error("a day later is not later")
	}
}

func TestHours(t *testing.T) {
	h, err := ParseHours("08:30-12:00")
	if err != nil || h.String() != "08:30-12:00" {
		t.Fatalf("%s, %v", h, err)
	}
	d := NewDate(2026, 3, 9)
	if got := h.Opening(d).Format(time.RFC3339); got != "2026-03-09T08:30:00+08:00" {
		t.Error(got)
	}
	if got := DefaultHours.Close(d).Format(time.RFC3339); got != "2026-03-09T17:30:00+08:00" {
		t.Error(got)
	}
	for _, s := range []string{"", "09:00", "17:30-09:00", "09:00-09:00", "9-17", "09:00-24:30"} {
		if h, err := ParseHours(s); err == nil {
			t.Errorf("%q read as %s", s, h)
		}
	}
}

func TestReadLayerNamesTheLine(t *testing.T) {
	cases := map[string]struct{ csv, want string }{
		"empty":          {"", "empty"},
		"foreign header": {"day,kind,holiday\n", "line 1"},
		"bad date":       {"date,kind,holiday\n2026-01-01,off,x\n2026-13-01,off,x\n", "line 3"},
		"bad kind":       {"date,kind,holiday\n2026-01-01,free,x\n", "line 2"},
		"twice":          {"date,kind,holiday\n2026-01-01,off,x\n\n2026-01-01,work,x\n", "line 4"},
		"two fields":     {"date,kind,holiday\n2026-01-01,off\n", "line 2"},
		"open quote":     {"date,kind,holiday\n2026-01-01,off,\"x\n", "line 2"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := ReadLayer("513300", "1", strings.NewReader(c.csv))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "513300") {
				t.Errorf("error %v should name 513300 and %q", err, c.want)
			}
		})
	}
}

func TestReadLayerFromASpreadsheet(t *testing.T) {
	l, err := ReadLayer("x", "1", strings.NewReader("\ufeffdate,kind,holiday\r\n2026-03-10,off,节\r\n"))
	if err != nil || len(l.Days) != 1 || l.Days[NewDate(2026, 3, 10)] != Off {
		t.Errorf("%v, %v", l, err)
	}
}
