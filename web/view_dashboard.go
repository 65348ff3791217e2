package web

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"haochaping/regulation"
)

// DashboardMonth is a month of a trend: what was rated, and what became of the bad ratings given in it. Month is 2006-01.
type DashboardMonth struct {
	Month string
	Line  FigureLine
	Href  string // the cases behind it, "" where the reader sees none
}

// DashboardBar is one of several counts or shares that are compared. Share is of the longest bar; Value is as shown.
type DashboardBar struct {
	Name, Href string
	Value      string
	More       string // said beside the value
	Share      float64
}

// DashboardPart is one of the places that a place consists of, with where its own dashboard is.
type DashboardPart struct {
	Key, Name, Href, CasesHref string
	Line                       FigureLine
}

// DashboardStage is a phase with how many open cases have stood for how long, by Ages.
type DashboardStage struct {
	Phase string
	Cells []ChartCell
	Total ChartCell
}

// DashboardDay is a day with the steps that are due on it; Late are those that are past.
type DashboardDay struct {
	Day   time.Time // zero for those that are past
	Cases int64
	Href  string
}

// DashboardCount is a figure that leads to the cases behind it.
type DashboardCount struct{ Value, Href string }

// DashboardTold is what the rated side sees of itself: whole batches, each of one grade (2, R21).
type DashboardTold struct {
	Year   int
	Total  int
	Until  time.Time
	Grades []GradeCount
	Months []ToldMonth
}

// ToldMonth is what the rated side was told of in a month.
type ToldMonth struct {
	Month            string
	Total, Good, Bad int
}

// DashboardView shows one place, or one member of staff, at a glance (7(1), R02, R21). Kind is prefecture, county, unit, window or
// staff.
type DashboardView struct {
	Page
	Kind, Name  string
	Above       []Option // the places that it is part of, with their dashboards
	At, Figures string   // its own address, and the statistics of the same, "" where the reader has none
	From, To    string
	Except      []string
	OwnMatters  bool           // of a window: what was done there for Except is left out, and what is not counted by matter not shown
	Told        *DashboardTold // in the place of all below but Due
	Total       FigureLine
	Hrefs       map[string]string // to the cases behind a figure of Total, by what they count as
	Months      []DashboardMonth
	Map         string // what tiles tell: one of MapMeasures
	PartsBy     string // an axis
	Parts       []DashboardPart
	Dimensions  []DashboardBar
	Causes      []DashboardBar
	Links       []DashboardBar
	Owed        []DashboardBar // by attribution
	NotAgainst  int64          // of a member of staff's: cases that do not count against the person (R60)
	Ages        []string       // of open cases, as dashboard.age.<age>
	Stages      []DashboardStage
	AgeTotals   []DashboardDay // by age, in their order
	Due         []DashboardDay
	ShowOpen    bool
	Decisions   string // where decisions are compared, "" where the reader may not see that

	Position, Size, Behind, Waits int64
}

func (*DashboardView) template() string { return "dashboard" }

// TellsMarks tells whether marks in dimensions have their place on the page: where they are kept back, to say that there are none would be wrong.
func (v *DashboardView) TellsMarks() bool { return !v.OwnMatters || len(v.Dimensions) > 0 }

// MapMeasures are what the map can tell.
func (*DashboardView) MapMeasures() []string { return []string{"good_rate", "bad_rate", "overdue"} }

// MapHref is the same page with the map telling another measure.
func (v *DashboardView) MapHref(measure string) string {
	return v.At + "?from=" + v.From + "&to=" + v.To + "&map=" + measure + "#map"
}

// Tile is one county on the map, at a place of a grid that lies like the land. Depth is 0 to 4: the deeper, the more attention it
// needs. Rated are the ratings as given, as in the table below the map. Few tells that there are too few that count for a rate to say much.
type Tile struct {
	Key, Name, Href, Value string
	Rated                  int64
	Depth                  int
	Few                    bool
}

// tileSample is how many ratings a rate on the map needs to be compared with others.
const tileSample = 30

// mapOrder are the counties as they lie on the map's grid (staff.css), row by row: who goes through them by keys or has them read out goes
// as the eye does.
var mapOrder = []string{"513332", "513333", "513300", "513330", "513328", "513327", "513331", "513329", "513326", "513323",
	"513335", "513334", "513325", "513301", "513322", "513338", "513336", "513337", "513324"}

// Tiles are the counties on the map, row by row.
func (v *DashboardView) Tiles() []Tile {
	var tiles []Tile
	weights := make([]float64, 0, len(v.Parts))
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range v.Parts {
		t, weight := v.tile(p)
		if !t.Few {
			low, high = min(low, weight), max(high, weight)
		}
		tiles, weights = append(tiles, t), append(weights, weight)
	}
	for i := range tiles {
		if !tiles[i].Few && high > low {
			tiles[i].Depth = min(4, int(5*(weights[i]-low)/(high-low)))
		}
	}
	slices.SortStableFunc(tiles, func(a, b Tile) int { return cmp.Compare(slices.Index(mapOrder, a.Key), slices.Index(mapOrder, b.Key)) })
	return tiles
}

// tile tells a county, and how much attention it needs: the lower its rate of good ratings, the more.
func (v *DashboardView) tile(p DashboardPart) (t Tile, weight float64) {
	t = Tile{Key: p.Key, Name: v.shortName(p), Href: p.Href, Few: true}
	net := int64(0) // rates are of these
	if r := p.Line.Rated; r != nil {
		t.Rated, net = r.Rated, r.NetRated
	}
	switch v.Map {
	case "overdue":
		if c := p.Line.Cases; c != nil {
			weight, t.Few = float64(c.Overdue), false
		}
		t.Value = plain(weight)
	case "bad_rate":
		weight, t.Value = rateOf(p.Line, func(r *FigureRated) string { return r.NetBadRate })
		t.Few = net < tileSample
	default:
		weight, t.Value = rateOf(p.Line, func(r *FigureRated) string { return r.NetGoodRate })
		weight, t.Few = -weight, net < tileSample
	}
	return t, weight
}

func rateOf(l FigureLine, rate func(*FigureRated) string) (value float64, shown string) {
	if l.Rated == nil || rate(l.Rated) == "" {
		return 0, "—"
	}
	value, _ = strconv.ParseFloat(rate(l.Rated), 64)
	return value, strconv.FormatFloat(value, 'f', 1, 64) + "%"
}

// shortName is a county's name without what all of them have, for a tile.
func (v *DashboardView) shortName(p DashboardPart) string {
	if p.Key == regulation.PrefectureArea {
		return T(v.Lang, "dashboard.prefecture_level")
	}
	return strings.TrimSuffix(strings.TrimSuffix(p.Name, " County"), " City")
}

// MonthsChart is how many rated each month, by grade.
func (v *DashboardView) MonthsChart() Chart {
	c := v.overMonths("months", ChartColumns)
	c.Heads = []string{T(v.Lang, "figures.by.month"), T(v.Lang, "figures.col.rated")}
	for grade := 1; grade <= 5; grade++ {
		s := ChartSeries{Name: T(v.Lang, "grade."+strconv.Itoa(grade)), Look: "g" + strconv.Itoa(grade)}
		for _, m := range v.Months {
			n := int64(0)
			if m.Line.Rated != nil {
				n = m.Line.Rated.Grades[grade-1]
			}
			s.Values = append(s.Values, float64(n))
		}
		c.Series = append(c.Series, s)
	}
	for grade := 5; grade >= 1; grade-- {
		c.Heads = append(c.Heads, T(v.Lang, "grade."+strconv.Itoa(grade)))
	}
	for _, m := range v.Months {
		row := ChartRow{Name: m.Month}
		r := m.Line.Rated
		if r == nil {
			r = &FigureRated{}
		}
		row.Cells = append(row.Cells, ChartCell{Text: digits(r.Rated)})
		for grade := 5; grade >= 1; grade-- {
			row.Cells = append(row.Cells, ChartCell{Text: digits(r.Grades[grade-1])})
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// RateChart is the rate of good ratings each month.
func (v *DashboardView) RateChart() Chart {
	c := v.overMonths("good", ChartLines)
	c.Percent = true
	c.Heads = []string{T(v.Lang, "figures.by.month"), T(v.Lang, "figures.col.good_rate"), T(v.Lang, "figures.col.active_rate"), T(v.Lang, "figures.col.bad")}
	good := ChartSeries{Name: T(v.Lang, "figures.col.good_rate"), Look: "a"}
	for _, m := range v.Months {
		r := m.Line.Rated
		if r == nil {
			r = &FigureRated{}
		}
		good.Values = append(good.Values, number(r.NetGoodRate))
		c.Rows = append(c.Rows, ChartRow{Name: m.Month, Cells: []ChartCell{{Text: percent(r.NetGoodRate)}, {Text: percent(r.ActiveRate)}, {Text: digits(r.NetBad)}}})
	}
	c.Series = []ChartSeries{good}
	return c
}

// CasesChart is what became of the bad ratings of each month.
func (v *DashboardView) CasesChart() Chart {
	c := v.overMonths("handling", ChartLines)
	c.Percent = true
	c.Heads = []string{T(v.Lang, "figures.by.month")}
	for _, key := range []string{"cases", "concluded", "callback_rate", "callback_rate_due", "reply_rate", "in_time_rate", "overdue", "average_days"} {
		c.Heads = append(c.Heads, T(v.Lang, "figures.file."+key))
	}
	series := []ChartSeries{{Name: T(v.Lang, "figures.col.callback"), Look: "a"}, {Name: T(v.Lang, "figures.col.reply"), Look: "b"}, {Name: T(v.Lang, "figures.col.in_time"), Look: "c"}}
	for _, m := range v.Months {
		f := m.Line.Cases
		if f == nil {
			f = &FigureCases{}
		}
		for i, rate := range []string{f.Callback, f.ReplyRate, f.InTimeRate} {
			series[i].Values = append(series[i].Values, number(rate))
		}
		count := ChartCell{Text: digits(f.Cases)}
		if f.Cases > 0 {
			count.Href = m.Href
		}
		c.Rows = append(c.Rows, ChartRow{Name: m.Month, Cells: []ChartCell{count, {Text: digits(f.Concluded)}, {Text: percent(f.Callback)}, {Text: percent(f.CallbackOfDue)},
			{Text: percent(f.ReplyRate)}, {Text: percent(f.InTimeRate)}, {Text: digits(f.Overdue)}, {Text: orDash(f.AverageDays)}}})
	}
	c.Series = series
	return c
}

// AgesChart is for how long open cases have stood.
func (v *DashboardView) AgesChart() Chart {
	c := v.chart("ages", ChartColumns)
	c.Heads = []string{T(v.Lang, "dashboard.age"), T(v.Lang, "figures.col.cases")}
	s := ChartSeries{Name: T(v.Lang, "figures.col.cases"), Look: "a"}
	for i, age := range v.Ages {
		n := v.AgeTotals[i]
		name := T(v.Lang, "dashboard.age."+age)
		c.Ticks = append(c.Ticks, ChartTick{Text: T(v.Lang, "dashboard.age_short."+age)})
		s.Values = append(s.Values, float64(n.Cases))
		c.Rows = append(c.Rows, ChartRow{Name: name, Cells: []ChartCell{counted(n.Cases, n.Href)}})
	}
	c.Series = []ChartSeries{s}
	return c
}

// DueChart is what is past and what is due on each of the next working days.
func (v *DashboardView) DueChart() Chart {
	w := writer{lang: v.Lang}
	c := v.chart("due", ChartColumns)
	c.Heads = []string{T(v.Lang, "dashboard.due_on"), T(v.Lang, "figures.col.cases")}
	late := ChartSeries{Name: T(v.Lang, "dashboard.late"), Look: "late1"}
	ahead := ChartSeries{Name: T(v.Lang, "dashboard.ahead"), Look: "a"}
	month := time.Month(0)
	for _, d := range v.Due {
		name, tick := T(v.Lang, "dashboard.late"), ChartTick{Text: T(v.Lang, "dashboard.late_short")}
		if !d.Day.IsZero() {
			name, tick = w.date(d.Day), ChartTick{Text: strconv.Itoa(d.Day.Day())}
			if d.Day.Month() != month {
				month, tick.Below = d.Day.Month(), w.month(d.Day)
			}
			late.Values, ahead.Values = append(late.Values, 0), append(ahead.Values, float64(d.Cases))
		} else {
			late.Values, ahead.Values = append(late.Values, float64(d.Cases)), append(ahead.Values, 0)
		}
		c.Ticks = append(c.Ticks, tick)
		c.Rows = append(c.Rows, ChartRow{Name: name, Cells: []ChartCell{counted(d.Cases, d.Href)}})
	}
	c.Series = []ChartSeries{late, ahead}
	return c
}

// ToldChart is how many ratings the rated side was shown in each month, whole batches.
func (v *DashboardView) ToldChart() Chart {
	c := v.chart("told", ChartColumns)
	c.Heads = []string{T(v.Lang, "dashboard.told_in"), T(v.Lang, "figures.col.rated"), T(v.Lang, "dashboard.good"), T(v.Lang, "figures.col.bad")}
	s := ChartSeries{Name: T(v.Lang, "figures.col.rated"), Look: "a"}
	for i, m := range v.Told.Months {
		c.Ticks = append(c.Ticks, v.monthTick(i, m.Month))
		s.Values = append(s.Values, float64(m.Total))
		row := ChartRow{Name: m.Month}
		for _, n := range []int{m.Total, m.Good, m.Bad} {
			row.Cells = append(row.Cells, ChartCell{Text: strconv.Itoa(n)})
		}
		c.Rows = append(c.Rows, row)
	}
	c.Series = []ChartSeries{s}
	return c
}

func (v *DashboardView) chart(id string, kind ChartKind) Chart {
	return Chart{ID: id, Kind: kind, Title: T(v.Lang, "dashboard.chart."+id), Desc: T(v.Lang, "dashboard.desc."+id, v.Name)}
}

func (v *DashboardView) overMonths(id string, kind ChartKind) Chart {
	c := v.chart(id, kind)
	for i, m := range v.Months {
		c.Ticks = append(c.Ticks, v.monthTick(i, m.Month))
	}
	return c
}

// monthTick says a month, and the year below each January and below the first, unless a January comes next: the two years would run together
// on a phone.
func (v *DashboardView) monthTick(i int, month string) (tick ChartTick) {
	at, err := time.Parse("2006-01", month)
	if err != nil {
		return ChartTick{Text: month}
	}
	tick.Text = writer{lang: v.Lang}.month(at)
	if at.Month() == time.January || i == 0 && at.Month() != time.December {
		tick.Below = strconv.Itoa(at.Year())
	}
	return tick
}

// month is a month without its year: 3月 or Mar.
func (w writer) month(t time.Time) string {
	if w.lang == English {
		return t.Format("Jan")
	}
	return t.Format("1月")
}

func counted(n int64, href string) ChartCell {
	if n == 0 {
		href = ""
	}
	return ChartCell{digits(n), href}
}

func number(rate string) float64 {
	if value, err := strconv.ParseFloat(rate, 64); err == nil {
		return value
	}
	return math.NaN()
}

func orDash(text string) string {
	if text == "" {
		return "—"
	}
	return text
}

// PartShare is how long a part's bar is: its rate of bad ratings against the highest.
func (v *DashboardView) PartShare(p DashboardPart) float64 {
	most := 0.0
	for _, other := range v.Parts {
		rate, _ := rateOf(other.Line, func(r *FigureRated) string { return r.NetBadRate })
		most = max(most, rate)
	}
	rate, _ := rateOf(p.Line, func(r *FigureRated) string { return r.NetBadRate })
	if most == 0 {
		return 0
	}
	return rate / most
}

// DecisionRow is a pair of authorities that decided alike cases differently.
type DecisionRow struct {
	Matter              string // what it is called
	Cause, Decision     string
	Grade               int
	Low, High           string // authorities
	LowShare, HighShare string // percent
	LowCount, HighCount string // such as 12/40
	LowHref, HighHref   string
	Z                   string
}

// DecisionsView tells where two authorities decide alike cases differently.
type DecisionsView struct {
	Page
	From, To       string
	YearHref       string // the twelve months up to To, "" where that is what is shown
	Least          int
	Pairs          int
	Critical       string
	Rows           []DecisionRow
	Position, Size int64
}

func (*DecisionsView) template() string { return "decisions" }

// Chance is how often a comparison without any difference would tell one, in percent.
func (*DecisionsView) Chance() int { return regulation.DifferenceChance }
