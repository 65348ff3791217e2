package web

import (
	"net/url"
	"strconv"
	"time"
)

// PerformanceLine is a unit or a person; what is nil is not told of it.
type PerformanceLine struct {
	Key, Name, Unit                           string
	Rated, Good                               int64
	Bad, Confirmed, Accepted, InTime, Overdue *int64
	GoodRate, InTimeRate                      string
	Honours                                   int
}

// PerformanceView are the figures for appraisals by unit or by person, of one sealed version (8(2)); Version is 0 where nothing is
// sealed yet.
type PerformanceView struct {
	Page
	Name, Area, Period, By      string
	PeriodName                  string // as people write it
	Version, Versions, Position int64
	Formula                     int
	At                          time.Time
	Confirms                    bool
	Filter                      TableFilter
	Except                      []string
	Shared                      []string // units or people left out, since their ratings hold some of Except's windows or matters
	Lines                       []PerformanceLine
}

func (*PerformanceView) template() string { return "performance" }

// Staff tells whether the lines are people.
func (v *PerformanceView) Staff() bool { return v.By == "staff" }

// CSV is where the same is a table for spreadsheets.
func (v *PerformanceView) CSV() string {
	q := url.Values{"area": {v.Area}, "period": {v.Period}, "by": {v.By}, "version": {strconv.FormatInt(v.Version, 10)}}
	return "/performance.csv?" + q.Encode()
}

// performanceColumns are the columns by name, performance.col.<name>, each with its text and whether it is told of people too.
var performanceColumns = []struct {
	name  string
	staff bool
	unit  bool
	text  func(PerformanceLine) string
}{
	{"unit", true, false, func(l PerformanceLine) string { return l.Unit }},
	{"rated", true, true, func(l PerformanceLine) string { return digits(l.Rated) }},
	{"good", true, true, func(l PerformanceLine) string { return digits(l.Good) }},
	{"bad", false, true, func(l PerformanceLine) string { return count(l.Bad) }},
	{"confirmed", true, true, func(l PerformanceLine) string { return count(l.Confirmed) }},
	{"good_rate", false, true, func(l PerformanceLine) string { return l.GoodRate }},
	{"own_rate", true, false, func(l PerformanceLine) string { return l.GoodRate }},
	{"accepted", false, true, func(l PerformanceLine) string { return count(l.Accepted) }},
	{"in_time", false, true, func(l PerformanceLine) string { return count(l.InTime) }},
	{"in_time_rate", false, true, func(l PerformanceLine) string { return l.InTimeRate }},
	{"overdue", false, true, func(l PerformanceLine) string { return count(l.Overdue) }},
	{"honours", true, true, func(l PerformanceLine) string { return strconv.Itoa(l.Honours) }},
}

func count(n *int64) string {
	if n == nil {
		return ""
	}
	return digits(*n)
}

// Columns are the names of the columns that are told.
func (v *PerformanceView) Columns() (names []string) {
	for _, column := range performanceColumns {
		if v.Staff() && column.staff || !v.Staff() && column.unit {
			names = append(names, column.name)
		}
	}
	return names
}

// Cells are a line's texts, in the order of Columns.
func (v *PerformanceView) Cells(line PerformanceLine) (texts []string) {
	for _, column := range performanceColumns {
		if v.Staff() && column.staff || !v.Staff() && column.unit {
			texts = append(texts, column.text(line))
		}
	}
	return texts
}

// Texts are the lines under their heads, and below what they are of: every kind of file is made of these.
func (v *PerformanceView) Texts() [][]string {
	head := []string{T(v.Lang, "figures.by."+v.By), "id"}
	for _, name := range v.Columns() {
		head = append(head, T(v.Lang, "performance.col."+name))
	}
	rows := [][]string{head}
	for _, line := range v.Lines {
		rows = append(rows, append([]string{line.Name, line.Key}, v.Cells(line)...))
	}
	for _, note := range [][2]string{{T(v.Lang, "col.seal_area"), v.Name}, {T(v.Lang, "col.seal_period"), v.PeriodName},
		{T(v.Lang, "col.seal_version"), T(v.Lang, "sealed.version", v.Version, v.Versions)}, {T(v.Lang, "col.seal_at"), writer{lang: v.Lang}.datetime(v.At)},
		{T(v.Lang, "col.seal_position"), digits(v.Position)}, {T(v.Lang, "sealed.formula"), strconv.Itoa(v.Formula)}, {T(v.Lang, "performance.note"), T(v.Lang, "performance.note."+v.By)}} {
		row := make([]string, len(head))
		row[0], row[1] = note[0], note[1]
		rows = append(rows, row)
	}
	if rows = noted(rows, leftOut(v.Lang, "figures.except", v.Except)...); v.Except != nil && v.By == "staff" {
		rows = noted(rows, T(v.Lang, "performance.except_staff"))
	}
	return noted(rows, leftOut(v.Lang, "performance.shared", v.Shared)...)
}

func (v *PerformanceView) sheet(writer) Sheet { return sheetOf(v.Texts()) }
