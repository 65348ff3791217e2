package api

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// figuresBody are statistics of ratings and of what became of the bad ones (7(1), R20, R21), of months From to To.
type figuresBody struct {
	From string                     `json:"from"` // 2006-01
	To   string                     `json:"to"`
	By   regulation.Axis            `json:"by"`
	Of   map[regulation.Axis]string `json:"of"` // narrowed to
	// Ledger is how much of the ledger was counted: figures at one position are the same whenever they are asked for.
	Ledger countedBody `json:"ledger"`
	// Except are offices of the reader's own that are rated: their ratings are for the level above.
	Except []*placeBody `json:"except"`
	Total  figureBody   `json:"total"`
	Lines  []figureBody `json:"lines"`
}

type countedBody struct {
	Position int64 `json:"position"`
	Size     int64 `json:"size"`
	Behind   int64 `json:"behind"` // rows of the record that are not counted yet
	Waits    int64 `json:"waits_seconds"`
}

// figureBody is one line. Ratings is left out where only cases are told apart, Cases where marks of dimensions are counted.
type figureBody struct {
	Key     string              `json:"key"`
	Name    string              `json:"name"`
	Ratings *ratedFigures       `json:"ratings,omitempty"`
	Cases   *caseFigures        `json:"cases,omitempty"`
	tally   [2]regulation.Tally // given, net
	cases   regulation.CaseTally
	under   string // of a sealed line
}

// at tells a sealed line from others: a person has one under each unit whose matters were rated.
func (b figureBody) at() [2]string { return [2]string{b.under, b.Key} }

// ratedFigures are counts by grade, 1 first, as given, and what of them counts (R53). Rates are percent with two decimals,
// "" among none.
type ratedFigures struct {
	Rated      int64    `json:"rated"`
	Grades     [5]int64 `json:"grades"`
	Good       int64    `json:"good"`
	Bad        int64    `json:"bad"`
	NotRated   int64    `json:"not_rated"`
	GoodRate   string   `json:"good_rate"`
	BadRate    string   `json:"bad_rate"`
	ActiveRate string   `json:"active_rate"`
	NetRated   int64    `json:"net_rated"`
	NetBad     int64    `json:"net_bad"`
	NetGood    string   `json:"net_good_rate"`
	NetBadRate string   `json:"net_bad_rate"`
}

// caseFigures are of the cases of bad ratings given in those months, as they stand now. Those that were written off count as
// such alone.
type caseFigures struct {
	Cases      int64  `json:"cases"`
	WrittenOff int64  `json:"written_off"`
	Concluded  int64  `json:"concluded"`
	Called     int64  `json:"called"`
	Exempt     int64  `json:"call_exempt"`
	Callback   string `json:"callback_rate"`
	// CallbackOfDue leaves out of what is to be called those that are exempt.
	CallbackOfDue string `json:"callback_rate_without_exempt"`
	Replied       int64  `json:"replied"`
	ReplyRate     string `json:"reply_rate"`
	Ordered       int64  `json:"ordered"`
	Accepted      int64  `json:"accepted"`
	InTime        int64  `json:"in_time"`
	InTimeRate    string `json:"in_time_rate"`
	Overdue       int64  `json:"overdue"`
	UnitOverdue   int64  `json:"unit_overdue"`
	Delays        int64  `json:"authority_delays"`
	Delayed       int64  `json:"authority_delayed_cases"`
	AverageDays   string `json:"average_days"`
}

// figuresAsked is a question for figures.
type figuresAsked struct {
	from, to string
	by       regulation.Axis
	of       map[regulation.Axis]string
}

// mostMonths is how many months one question may span.
const mostMonths = 36

// refuseMonths says what is wrong with the months of a question: they are none, in no order, or too many to be asked for together.
func refuseMonths(first, last string, wrong *regulation.Error) {
	from, isFrom := regulation.ParsePeriod(first)
	to, isTo := regulation.ParsePeriod(last)
	switch months := len(regulation.MonthsBetween(first, last)); {
	case !isFrom || from.IsQuarter():
		_ = wrong.Field("from", "not_a_month")
	case !isTo || to.IsQuarter():
		_ = wrong.Field("to", "not_a_month")
	case months == 0:
		_ = wrong.Field("to", "before_from")
	case months > mostMonths:
		_ = wrong.Field("to", "too_many_months")
	}
}

// askedFigures reads the question: this month, by county, unless it says else.
func askedFigures(r *request, names figureNames, all bool) (q figuresAsked, err error) {
	q = figuresAsked{from: cmp.Or(r.query("from"), regulation.MonthOf(workday.DateOf(r.at))), by: regulation.Axis(r.query("by")), of: map[regulation.Axis]string{}}
	q.to = cmp.Or(r.query("to"), q.from)
	wrong := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	refuseMonths(q.from, q.to, wrong)
	if q.by == "" {
		if q.by = regulation.AxisUnit; all {
			q.by = regulation.AxisCounty
		}
	}
	if !slices.Contains(regulation.Axes, q.by) {
		_ = wrong.Field("by", "not_an_option")
	}
	for _, axis := range regulation.Axes {
		if value := r.query(string(axis)); value != "" && axis != regulation.AxisMonth {
			q.of[axis] = value
		}
	}
	for _, axis := range slices.Sorted(maps.Keys(q.of)) {
		if !names.known(axis, q.of[axis]) {
			_ = wrong.Field(string(axis), "not_an_option")
		}
	}
	if len(wrong.Fields) > 0 {
		return q, wrong
	}
	return q, nil
}

// showFigures tells statistics of the reader's area, of theirs alone, by whatever is counted.
func (a *API) showFigures(r *request) (answer, error) {
	f, err := a.askFigures(r)
	if err != nil {
		return answer{}, err
	}
	most := figuresShown
	if r.list != nil { // a file has all
		most = len(f.body.Lines)
	}
	return answer{body: f.body, view: a.figuresPage(r, f, most)}, nil
}

// figuresFound is a question with its answer, and what names its keys.
type figuresFound struct {
	body  figuresBody
	names figureNames
	asked figuresAsked
	scope regulation.Scope
	cut   regulation.Cut // by which ratings were told, "" where only cases are
	own   ownSide        // left out
}

// caseAxis is by whose keys cases are told or narrowed by an axis. What ratings are told by windows for, cases are too: the ratings of a window
// are its unit's there, whose matters they were of, and a line would have cases of ratings on another.
func (f figuresFound) caseAxis(axis regulation.Axis) regulation.Axis {
	if by := f.cut.Narrows(axis); by == regulation.AxisWindow && axis != regulation.AxisHall {
		return by
	}
	return axis.Keyed()
}

func (a *API) askFigures(r *request) (f figuresFound, err error) {
	f.scope = a.Guard.Scope(r.actor, policies.ViewFigures)
	if f.names, err = a.figureNames(r); err != nil {
		return f, err
	}
	if f.asked, err = askedFigures(r, f.names, f.scope.All); err != nil {
		return f, err
	}
	if f.own, err = a.ownSide(r); err != nil {
		return f, err
	}
	f.body = figuresBody{From: f.asked.from, To: f.asked.to, By: f.asked.by, Of: f.asked.of, Except: []*placeBody{}, Lines: []figureBody{}}
	for _, unit := range f.own.units {
		f.body.Except = append(f.body.Except, f.names.p.body(unit))
	}
	lines := map[string]*figureBody{}
	if err := a.ratedFigures(r, &f, lines); err != nil {
		return f, err
	}
	if err := a.caseFigures(r, &f, lines); err != nil {
		return f, err
	}
	if f.asked.by == regulation.AxisStaff {
		if f.names.staff, err = a.Store.StaffNames(r.http().Context(), slices.Sorted(maps.Keys(lines))...); err != nil {
			return f, err
		}
	}
	f.sum(r, lines)
	return f, f.names.err()
}

// sum names the lines and adds them up.
func (f *figuresFound) sum(r *request, lines map[string]*figureBody) {
	for key, line := range lines {
		if line.empty() { // all of it was taken off: that there was some is not told either
			continue
		}
		line.Key, line.Name = key, f.names.name(r, f.asked.by, key)
		f.body.Total.tally[0] = f.body.Total.tally[0].Plus(line.tally[0])
		f.body.Total.tally[1] = f.body.Total.tally[1].Plus(line.tally[1])
		f.body.Total.cases = f.body.Total.cases.Plus(line.cases)
		f.show(line)
		f.body.Lines = append(f.body.Lines, *line)
	}
	f.show(&f.body.Total)
	slices.SortFunc(f.body.Lines, figureOrder(r.query("sort"), f.asked.by))
}

// figureOrders are those that a table may be put in.
var figureOrders = map[string]func(a, b figureBody) int{
	"ratings":   func(a, b figureBody) int { return cmp.Compare(b.tally[1].Rated(), a.tally[1].Rated()) },
	"bad":       func(a, b figureBody) int { return cmp.Compare(b.tally[1].Bad(), a.tally[1].Bad()) },
	"good_rate": func(a, b figureBody) int { return a.tally[1].GoodRate().Compare(b.tally[1].GoodRate()) },
	"cases":     func(a, b figureBody) int { return cmp.Compare(b.cases.Cases, a.cases.Cases) },
}

func figureOrder(sort string, by regulation.Axis) func(a, b figureBody) int {
	first := figureOrders[sort]
	return func(a, b figureBody) int {
		n := 0
		if first != nil {
			n = first(a, b)
		}
		return cmp.Or(n, cmp.Compare(figureRank(by, a.Key), figureRank(by, b.Key)), cmp.Compare(a.Key, b.Key))
	}
}

// listedKeys are the keys of axes that the regulation lists.
var listedKeys = map[regulation.Axis][]string{regulation.AxisDimension: regulation.Dimensions, regulation.AxisCause: regulation.Causes,
	regulation.AxisLink: regulation.Links, regulation.AxisAttribution: regulation.Attributions}

// figureRank is a key's place in its list, for what has an order of its own.
func figureRank(by regulation.Axis, key string) int {
	if by == regulation.AxisChannel {
		return slices.Index(regulation.Channels, regulation.Channel(key))
	}
	return slices.Index(listedKeys[by], key)
}

// marks tells whether marks in dimensions are counted, not grades.
func (q figuresAsked) marks() bool {
	return q.by == regulation.AxisDimension || q.of[regulation.AxisDimension] != ""
}

// ofCases tells whether the question is one that only cases answer.
func (q figuresAsked) ofCases() bool {
	return q.by.OfCases() || q.of[regulation.AxisCause] != "" || q.of[regulation.AxisLink] != "" || q.of[regulation.AxisAttribution] != ""
}

func (f *figuresFound) show(line *figureBody) {
	if !f.asked.ofCases() && (f.asked.by != regulation.AxisDimension || line.Key != "") { // marks of several dimensions add up to nothing
		line.Ratings = ratedFiguresOf(line.tally[0], line.tally[1])
	}
	if !f.asked.marks() {
		line.Cases = caseFiguresOf(line.cases)
	}
}

func ratedFiguresOf(given, net regulation.Tally) *ratedFigures {
	return &ratedFigures{Rated: given.Rated(), Grades: given.Grades, Good: given.Good(), Bad: given.Bad(), NotRated: given.NotRated,
		GoodRate: given.GoodRate().Percent(2), BadRate: given.BadRate().Percent(2), ActiveRate: given.ActiveRate().Percent(2),
		NetRated: net.Rated(), NetBad: net.Bad(), NetGood: net.GoodRate().Percent(2), NetBadRate: net.BadRate().Percent(2)}
}

func caseFiguresOf(t regulation.CaseTally) *caseFigures {
	return &caseFigures{Cases: t.Cases, WrittenOff: t.WrittenOff, Concluded: t.Concluded, Called: t.Called, Exempt: t.CallExempt,
		Callback: t.CallbackRate(false).Percent(2), CallbackOfDue: t.CallbackRate(true).Percent(2), Replied: t.Replied, ReplyRate: t.ReplyRate().Percent(2),
		Ordered: t.Ordered, Accepted: t.Accepted, InTime: t.InTime, InTimeRate: t.InTimeRate().Percent(2), Overdue: t.Overdue, UnitOverdue: t.Unit,
		Delays: t.Delays, Delayed: t.Delayed, AverageDays: t.AverageDays().Fraction(1)}
}

// ratedFigures adds what was rated to the lines, by the cut that answers the question.
func (a *API) ratedFigures(r *request, f *figuresFound, lines map[string]*figureBody) error {
	if f.asked.ofCases() {
		return nil
	}
	need := regulation.FigureNeed{By: f.asked.by, Marks: f.asked.marks(), Split: f.asked.by == regulation.AxisChannel || f.asked.of[regulation.AxisChannel] != ""}
	for _, axis := range slices.Sorted(maps.Keys(f.asked.of)) {
		if regulation.Through[axis] != nil {
			need.Of = append(need.Of, axis)
		}
	}
	if !f.scope.All {
		need.Of = append(need.Of, regulation.AxisCounty)
	}
	if len(f.own.units) > 0 {
		need.Except = []regulation.Axis{regulation.AxisUnit, regulation.AxisWindow, regulation.AxisMatter}
	}
	cut, ok := regulation.CutFor(need)
	if !ok {
		return (&regulation.Error{Code: regulation.Invalid, Clause: "7(1)", Missing: "fields"}).Field("by", "not_counted_together")
	}
	f.cut = cut
	q := store.FigureQuery{From: f.asked.from, To: f.asked.to, Cut: cut, Dimension: f.asked.of[regulation.AxisDimension], By: []store.FigureBy{keyOf(cut, f.asked.by)}}
	if channel := f.asked.of[regulation.AxisChannel]; channel != "" {
		q.Channels = []regulation.Channel{regulation.Channel(channel)}
	}
	for axis, value := range f.asked.of {
		if regulation.Through[axis] != nil {
			f.narrow(&q, axis, []string{value})
		}
	}
	if !f.scope.All {
		f.narrow(&q, regulation.AxisCounty, f.scope.Areas)
	}
	f.leaveOut(&q)
	counted, figures, err := a.Store.Figures(r.http().Context(), q)
	f.body.Ledger = countedBody{counted.Position, counted.Size, counted.Behind(), int64(counted.Waits.Seconds())}
	for _, figure := range figures {
		line := lineAt(lines, f.names.group(f.asked.by, cut.Narrows(f.asked.by), cellPart(figure.Cell, q.By[0])))
		line.tally[0], line.tally[1] = line.tally[0].Plus(figure.Tally), line.tally[1].Plus(figure.Net)
	}
	return errors.Join(err, a.lessOwnSide(r, f, q, need.Marks, lines))
}

// lessOwnSide takes what else the reader's own offices were given off the lines of a cut that tells them apart by one key alone: at windows,
// what was given there to their matters; elsewhere, what was given to others' matters at theirs. Marks and people there are not counted by matter:
// where there are such ratings, those are refused.
func (a *API) lessOwnSide(r *request, f *figuresFound, asked store.FigureQuery, marks bool, lines map[string]*figureBody) error {
	q := store.FigureQuery{From: asked.From, To: asked.To, Cut: regulation.CutWindowMatter, Channels: asked.Channels}
	find, through, by := a.atOthers, regulation.AxisWindow, store.ByFirst
	switch asked.Cut {
	case regulation.CutWindow, regulation.CutWindowStaff:
	case regulation.CutUnit, regulation.CutMatter, regulation.CutUnitMatter:
		find, through, by = a.ofOthers, regulation.AxisMatter, store.BySecond
	default: // people are left out one by one, and windows' matters by both keys
		return nil
	}
	if of := keyOf(asked.Cut, f.asked.by); of == store.ByMonth || of == store.ByChannel {
		by = of
	}
	q.By = []store.FigureBy{by}
	of := unitsNarrowed{names: f.names}
	narrow := func(axis regulation.Axis, values []string) {
		if through == regulation.AxisMatter && axis != regulation.AxisMatter && axis != regulation.AxisTask {
			of.to = append(of.to, unitsOf{axis, values})
			return
		}
		f.narrowThrough(&q, axis, through, values)
	}
	for axis, value := range f.asked.of {
		if regulation.Through[axis] != nil && axis != regulation.AxisStaff {
			narrow(axis, []string{value})
		}
	}
	if !f.scope.All {
		narrow(regulation.AxisCounty, f.scope.Areas)
	}
	if through == regulation.AxisMatter {
		if by != store.BySecond {
			q.By = append(q.By, store.BySecond)
		}
		find = func(r *request, own ownSide, q store.FigureQuery) (figures []store.Figure, err error) {
			if figures, err = a.ofOthers(r, own, q); err != nil {
				return nil, err
			}
			of.units, err = a.unitsOfMatters(r, figures)
			return slices.DeleteFunc(figures, func(figure store.Figure) bool { return !of.has(figure.Second) }), err
		}
	}
	if marks || asked.Cut == regulation.CutWindowStaff {
		return a.refuseOwnSide(r, f, q, find)
	}
	figures, err := find(r, f.own, q)
	for _, figure := range figures {
		line := lineAt(lines, f.keyThrough(through, cellPart(figure.Cell, by), of.units))
		line.rate(less(figure))
	}
	return err
}

// unitsNarrowed are the units of some matters, narrowed to some: which units those are is asked of the matters found, not of all there are.
type unitsNarrowed struct {
	names figureNames
	units map[string]string // by matter
	to    []unitsOf
}

type unitsOf struct {
	axis   regulation.Axis
	values []string
}

func (n unitsNarrowed) has(matter string) bool {
	return !slices.ContainsFunc(n.to, func(of unitsOf) bool { return !n.names.belongs(of.axis, of.values, n.units[matter], "") })
}

// refuseOwnSide refuses what cannot be told without the reader's own offices, where they were given any such rating: in the year before as well and
// through whatever channel, or whoever asks again and again would learn from the refusal when the first of a month came in.
func (a *API) refuseOwnSide(r *request, f *figuresFound, q store.FigureQuery, find func(*request, ownSide, store.FigureQuery) ([]store.Figure, error)) error {
	from, _ := regulation.ParsePeriod(q.From) // refuseMonths has read it
	q.From, q.Channels = monthsBefore(from, yearOfMonths), nil
	given, err := find(r, f.own, q)
	if err == nil && len(given) > 0 {
		err = (&regulation.Error{Code: regulation.Invalid, Clause: "7(1)", Missing: "fields"}).Field("by", "own_matters")
	}
	return err
}

const yearOfMonths = 12

// keyThrough is the line to which a window or a matter counts, or the month or channel itself; units are those of matters.
func (f *figuresFound) keyThrough(through regulation.Axis, key string, units map[string]string) string {
	by := f.asked.by
	if by == regulation.AxisMonth || by == regulation.AxisChannel {
		return key
	}
	if through == regulation.AxisMatter && by != regulation.AxisMatter && by != regulation.AxisTask {
		through, key = regulation.AxisUnit, units[key]
	}
	return f.names.group(by, through, key)
}

// empty tells whether nothing counts on a line.
func (b *figureBody) empty() bool {
	return b.tally == [2]regulation.Tally{} && b.cases == regulation.CaseTally{}
}

func lineAt(lines map[string]*figureBody, key string) *figureBody {
	if lines[key] == nil {
		lines[key] = &figureBody{}
	}
	return lines[key]
}

// keyOf is the part of a cut's cells that an axis is told by.
func keyOf(cut regulation.Cut, by regulation.Axis) store.FigureBy {
	switch {
	case by == regulation.AxisMonth:
		return store.ByMonth
	case by == regulation.AxisChannel:
		return store.ByChannel
	case by == regulation.AxisDimension:
		return store.ByDimension
	case cut.Part(cut.Narrows(by)) == 1:
		return store.ByFirst
	}
	return store.BySecond
}

func cellPart(cell regulation.Cell, by store.FigureBy) string {
	switch by {
	case store.ByMonth:
		return cell.Month
	case store.ByFirst:
		return cell.First
	case store.BySecond:
		return cell.Second
	case store.ByChannel:
		return string(cell.Channel)
	}
	return cell.Dimension
}

// narrow keeps of a query what belongs to some of an axis.
func (f *figuresFound) narrow(q *store.FigureQuery, axis regulation.Axis, values []string) {
	f.narrowThrough(q, axis, q.Cut.Narrows(axis), values)
}

// narrowThrough does so by one of the cut's keys.
func (f *figuresFound) narrowThrough(q *store.FigureQuery, axis, through regulation.Axis, values []string) {
	keys := f.names.through(axis, through, values)
	into := &q.First
	if q.Cut.Part(through) == 2 {
		into = &q.Second
	}
	if *into != nil {
		keys = slices.DeleteFunc(keys, func(key string) bool { return !slices.Contains(*into, key) })
	}
	*into = append([]string{}, keys...) // none, not all, where nothing is left
}

// leaveOut takes the reader's own offices out of a query: by the keys of the cut that are theirs. What others hold of it, lessOwnSide takes off.
func (f *figuresFound) leaveOut(q *store.FigureQuery) {
	if len(f.own.units) == 0 {
		return
	}
	of := map[regulation.Axis][]string{regulation.AxisUnit: f.own.units, regulation.AxisWindow: f.own.windows, regulation.AxisMatter: f.own.matters, regulation.AxisStaff: f.own.staff}
	for axis, keys := range of {
		switch q.Cut.Part(axis) {
		case 1:
			q.LessFirst = keys
		case 2:
			q.LessSecond = keys
		}
	}
}

// caseColumns are where cases have their axes.
var caseColumns = map[regulation.Axis]string{
	regulation.AxisCounty: "area", regulation.AxisUnit: "unit_id", regulation.AxisHall: "hall_id", regulation.AxisWindow: "window_id",
	regulation.AxisStaff: "staff_id", regulation.AxisMatter: "matter_id", regulation.AxisChannel: "channel", regulation.AxisMonth: "given_month",
	regulation.AxisAttribution: "attribution", regulation.AxisCause: "cause", regulation.AxisLink: "link",
}

// caseFigures adds what became of bad ratings to the lines.
func (a *API) caseFigures(r *request, f *figuresFound, lines map[string]*figureBody) error {
	if f.asked.marks() {
		return nil
	}
	by := f.caseAxis(f.asked.by)
	column := caseColumns[by]
	q := f.own.except(store.CaseFigureQuery{From: f.asked.from, To: f.asked.to, Where: map[string][]string{}, By: []string{column}})
	for axis, value := range f.asked.of {
		through := f.caseAxis(axis)
		narrowed(q.Where, caseColumns[through], f.names.through(axis, through, []string{value}))
	}
	if !f.scope.All {
		narrowed(q.Where, "area", f.scope.Areas)
	}
	counted, figures, err := a.Store.CaseFigures(r.http().Context(), q)
	if f.asked.ofCases() {
		f.body.Ledger = countedBody{counted.Position, counted.Size, counted.Behind(), int64(counted.Waits.Seconds())}
	}
	for _, figure := range figures {
		line := lineAt(lines, f.names.group(f.asked.by, by, figure.By[column]))
		line.cases = line.cases.Plus(figure.CaseTally)
	}
	return err
}

// narrowed narrows a column further: two axes may be of one column.
func narrowed(where map[string][]string, column string, values []string) {
	if before, already := where[column]; already {
		values = slices.DeleteFunc(slices.Clone(values), func(value string) bool { return !slices.Contains(before, value) })
	}
	where[column] = append([]string{}, values...)
}
