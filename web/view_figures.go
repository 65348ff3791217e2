package web

import "haochaping/regulation"

// FigureRated is what was rated: counts, and rates in percent, "" among none.
type FigureRated struct {
	Rated, Bad, NetRated, NetBad, NotRated int64
	Grades                                 [5]int64
	GoodRate, NetGoodRate, ActiveRate      string
	BadRate, NetBadRate                    string
}

// FigureCases is what became of bad ratings.
type FigureCases struct {
	Cases, Concluded, WrittenOff, Exempt                    int64
	Ordered, Accepted, InTime, Overdue, UnitOverdue, Delays int64
	Delayed                                                 int64 // cases with any delay of the authority
	Callback, CallbackOfDue, ReplyRate, InTimeRate          string
	AverageDays                                             string
}

// FigureLine is one line of figures; it leads to Href, where it is told apart further.
type FigureLine struct {
	Key, Name, Href string
	Rated           *FigureRated
	Cases           *FigureCases
	// Behind are addresses of the cases behind its counts, by what is counted (concluded, written_off …), "cases" for all of them; none
	// where the list of cases cannot be narrowed to them.
	Behind map[string]string
}

// FigureChip is what figures are narrowed to, as said by <Axis>, and where they are not.
type FigureChip struct{ Axis, Value, Name, Without string }

// FiguresView tells statistics (7(1)). By is an axis, figures.by.<axis>. Lines are the first of Found.
type FiguresView struct {
	Page
	From, To, By, Sort, CSV    string
	Counties, Channels, Marks  []Option // to narrow to; none where the reader sees one
	County, Channel, Dimension string
	Chips                      []FigureChip // narrowed to by links
	Except                     []string     // offices that are left out
	Position, Size, Behind     int64
	Waits                      int64 // seconds
	Total                      FigureLine
	Lines                      []FigureLine
	Found                      int
}

func (*FiguresView) template() string { return "figures" }

// OnlyStated tells whether ratings are told by what not every one of them names: by halls, windows, people or matters.
func (v *FiguresView) OnlyStated() bool {
	switch regulation.Axis(v.By) {
	case regulation.AxisHall, regulation.AxisWindow, regulation.AxisStaff, regulation.AxisMatter, regulation.AxisTask:
		return v.Total.Rated != nil
	}
	return false
}

// Axes are what figures can be told by.
func (*FiguresView) Axes() []regulation.Axis { return regulation.Axes }

// Sorts are the orders that lines can be put in.
func (*FiguresView) Sorts() []string { return []string{"name", "ratings", "bad", "good_rate", "cases"} }

// Months tells whether it is more than one.
func (v *FiguresView) Months() bool { return v.From != v.To }
