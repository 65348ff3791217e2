package api

import (
	"errors"
	"slices"
	"strconv"

	"haochaping/regulation"
	"haochaping/store"
)

// ownSide is what the reader's own offices were given, which nobody reads in any sum, nor by what two sums differ (2, R21): all that was rated of
// their matters, at whosever windows, and all that was rated at their windows, of whosever matters. Their staff serve at their windows and for
// their matters alone: the roster, other systems and another attribution bind a person to the unit.
//
// Windows and matters are of the units that have them today, which are those of the rating: both come into the record when it is loaded, and no
// path moves one to another unit (TestNoPathMovesAWindowOrAMatter).
type ownSide struct {
	units, windows, matters, staff []string
}

// ownSide finds it, once for a request; empty where the reader serves in no rated office. The tree has to be read for that: without it nothing is shown.
func (a *API) ownSide(r *request) (own ownSide, err error) {
	if r.own != nil {
		return *r.own, nil
	}
	if own, err = a.findOwnSide(r); err == nil {
		r.own = &own
	}
	return own, err
}

func (a *API) findOwnSide(r *request) (own ownSide, err error) {
	ctx := r.http().Context()
	tree, err := a.Store.Tree(ctx)
	if err != nil {
		return own, err
	}
	if own.units = (figureNames{p: places{tree, r.lang}}).ownRated(r.actor); len(own.units) == 0 {
		return own, nil
	}
	windows, err := a.Store.WindowsOf(ctx, own.units...)
	for _, w := range windows {
		own.windows = append(own.windows, w.ID)
	}
	for _, unit := range own.units {
		matters, failed := a.Store.Matters(ctx, unit)
		for _, m := range matters {
			own.matters = append(own.matters, m.ID)
		}
		err = errors.Join(err, failed)
	}
	staff, failed := a.Store.StaffOf(ctx, own.units...)
	for _, profile := range staff {
		own.staff = append(own.staff, profile.StaffID)
	}
	return own, errors.Join(err, failed)
}

// except leaves the side's cases out of a question: those of its units, and those of others at its windows.
func (own ownSide) except(q store.CaseFigureQuery) store.CaseFigureQuery {
	q.Except, q.ExceptWindows = own.units, own.windows
	return q
}

// atOthers are the ratings of the side's matters at the windows of others, as a question says of which months, windows and channels and by what. Those
// that were attributed to others since are not among what counts of the side.
func (a *API) atOthers(r *request, own ownSide, q store.FigureQuery) ([]store.Figure, error) {
	if len(own.matters) == 0 {
		return nil, nil
	}
	q.Cut, q.Second, q.LessFirst = regulation.CutWindowMatter, own.matters, own.windows
	_, figures, err := a.Store.Figures(r.http().Context(), q)
	if err != nil || len(figures) == 0 {
		return nil, err
	}
	of := store.CaseFigureQuery{Where: map[string][]string{"matter_id": own.matters}, Except: own.units, ExceptWindows: own.windows}
	if q.First != nil {
		of.Where["window_id"] = q.First
	}
	return figures, a.lessAttributed(r, q, of, figures)
}

// ofOthers are the ratings of others' matters at the side's windows, as a question says of which months, matters and channels and by what. Those
// that were attributed to the side since, which its units have anyway, are not among what counts of others.
func (a *API) ofOthers(r *request, own ownSide, q store.FigureQuery) ([]store.Figure, error) {
	if len(own.windows) == 0 {
		return nil, nil
	}
	ctx := r.http().Context()
	q.Cut, q.First, q.LessSecond = regulation.CutWindowMatter, own.windows, own.matters
	_, figures, err := a.Store.Figures(ctx, q)
	if err != nil || len(figures) == 0 {
		return nil, err
	}
	// What was attributed to one of the side's units and to no window of it is at none of those windows any more.
	of := store.CaseFigureQuery{Where: map[string][]string{"unit_id": own.units, "window_id": own.windows}}
	if q.Second != nil {
		of.Where["matter_id"] = q.Second
	}
	return figures, a.lessAttributed(r, q, of, figures)
}

// lessAttributed takes cases that were attributed to somebody else than the rating was given to off what counts of figures, told by what a question for
// ratings is by.
func (a *API) lessAttributed(r *request, q store.FigureQuery, of store.CaseFigureQuery, figures []store.Figure) error {
	of.From, of.To, of.By = q.From, q.To, []string{"grade"}
	of.Where["adjusted"] = []string{"1"}
	for _, channel := range q.Channels {
		of.Where["channel"] = append(of.Where["channel"], string(channel))
	}
	for _, by := range q.By {
		of.By = append(of.By, map[store.FigureBy]string{store.ByMonth: "given_month", store.ByFirst: "window_id", store.BySecond: "matter_id", store.ByChannel: "channel"}[by])
	}
	_, attributed, err := a.Store.CaseFigures(r.http().Context(), of)
	for i, f := range figures {
		for _, c := range attributed {
			if c.By["given_month"] == f.Month && c.By["window_id"] == f.First && c.By["matter_id"] == f.Second && c.By["channel"] == string(f.Channel) {
				grade, _ := strconv.Atoi(c.By["grade"]) // written by us
				figures[i].Net.Grades[grade-1] -= c.Cases - c.WrittenOff
			}
		}
	}
	return err
}

// unitsOfMatters are the units whose matters figures are of, by matter.
func (a *API) unitsOfMatters(r *request, figures []store.Figure) (map[string]string, error) {
	var matters []string
	for _, f := range figures {
		matters = append(matters, f.Second)
	}
	slices.Sort(matters)
	return a.Store.UnitsOfMatters(r.http().Context(), slices.Compact(matters)...)
}

// less is a figure to be taken off.
func less(f store.Figure) store.Figure {
	f.Tally, f.Net = f.Tally.Times(-1), f.Net.Times(-1)
	return f
}

// rest are a version's figures without the side's. Versions of before what lies between offices was counted do not tell the side's part of others
// apart: those are left out, units of them named as shared.
func (a *API) rest(r *request, names figureNames, own ownSide, f regulation.Sealed) (g regulation.SealedFigures, shared []string, err error) {
	if len(own.units) == 0 {
		return f.Figures, nil, nil
	}
	s, err := a.shared(r, own, f.Period)
	if err != nil {
		return g, nil, err
	}
	side, beside := regulation.Office{Units: own.units, Windows: own.windows, Matters: own.matters, Staff: s.staff}, s.windows
	if f.ByOffice {
		g = f.Figures.Rest(side)
		beside = slices.DeleteFunc(slices.Clone(beside), func(w regulation.SealedLine) bool { return !slices.Contains(own.windows, w.Key) })
	} else {
		g, shared = f.Figures.Without(func(by regulation.Axis, line regulation.SealedLine) bool {
			return side.Has(by, line) || s.holds(by, line)
		}), s.units
	}
	g.Halls = slices.DeleteFunc(g.Halls, func(hall regulation.SealedLine) bool {
		o, _ := names.p.org(hall.Key) // of its own authority's halls a version has all windows that were rated by then
		return o.Area != f.Area && beside.beside(f.Figures.Windows, hall.Key)
	})
	if names.concerned(own, f.Area) {
		g.Channels, g.Dimensions = nil, nil
	}
	return g, shared, nil
}

// among tells whether some of a version may be of the side, whosever version it is: ratings at its windows, or of its matters at others'.
func (own ownSide) among(f regulation.Sealed) bool {
	if !f.ByOffice { // it does not tell
		return len(own.units) > 0
	}
	return f.Figures.Between(regulation.Office{Units: own.units, Windows: own.windows})
}

// holds tells whether a line of others holds ratings of the side.
func (s sharedKeys) holds(by regulation.Axis, line regulation.SealedLine) bool {
	switch by {
	case regulation.AxisUnit:
		return slices.Contains(s.units, line.Key)
	case regulation.AxisWindow:
		return s.windows.has(line.Key)
	case regulation.AxisMatter:
		return slices.Contains(s.matters, line.Key)
	}
	return false
}

// sharedKeys are what holds ratings of the side without being the side's, in months.
type sharedKeys struct {
	any     bool          // the side was given ratings then
	windows servedWindows // the side's own, and those of others that served its matters
	units   []string      // others whose matters were served at the side's windows
	matters []string      // those matters
	staff   []string      // who was rated at the side's windows, and its own
}

// shared finds them in the months of a period, once for a request.
func (a *API) shared(r *request, own ownSide, period string) (s sharedKeys, err error) {
	p, known := regulation.ParsePeriod(period)
	if len(own.units) == 0 || !known {
		return s, nil
	}
	if found, done := r.shared[period]; done {
		return found, nil
	}
	if s, err = a.findShared(r, own, p); err != nil {
		return s, err
	}
	if r.shared == nil {
		r.shared = map[string]sharedKeys{}
	}
	r.shared[period] = s
	return s, nil
}

func (a *API) findShared(r *request, own ownSide, p regulation.Period) (s sharedKeys, err error) {
	ctx, months := r.http().Context(), p.Months()
	in := store.FigureQuery{From: months[0], To: months[len(months)-1]}
	q := in
	q.By = []store.FigureBy{store.ByFirst}
	others, err := a.atOthers(r, own, q)
	if err != nil {
		return s, err
	}
	windows := append([]string{}, own.windows...)
	for _, window := range others {
		windows = append(windows, window.First)
	}
	q = in
	q.Cut, q.Second, q.By = regulation.CutWindow, windows, []store.FigureBy{store.ByFirst, store.BySecond}
	_, at, err := a.Store.Figures(ctx, q)
	for _, window := range at {
		s.windows = append(s.windows, regulation.SealedLine{Under: window.First, Key: window.Second})
	}
	s.staff = slices.Clone(own.staff)
	if err != nil {
		return s, err
	}
	q = in
	q.Cut, q.Second, q.By = regulation.CutUnit, own.units, []store.FigureBy{store.BySecond}
	_, given, err := a.Store.Figures(ctx, q)
	s.any = len(given)+len(s.windows) > 0
	if err != nil || len(own.windows) == 0 {
		return s, err
	}
	q = in
	q.By = []store.FigureBy{store.BySecond}
	matters, err := a.ofOthers(r, own, q)
	if err != nil {
		return s, err
	}
	units, err := a.unitsOfMatters(r, matters)
	if err != nil {
		return s, err
	}
	for _, matter := range matters {
		s.matters = append(s.matters, matter.Second)
		if unit := units[matter.Second]; !slices.Contains(s.units, unit) {
			s.units = append(s.units, unit)
		}
	}
	q.Cut, q.First = regulation.CutWindowStaff, own.windows
	_, staff, err := a.Store.Figures(ctx, q)
	for _, person := range staff {
		s.staff = append(s.staff, person.Second)
	}
	return s, err
}

// servedWindows are windows, each under the hall where it stood.
type servedWindows []regulation.SealedLine

func (s servedWindows) has(window string) bool {
	return slices.ContainsFunc(s, func(line regulation.SealedLine) bool { return line.Key == window })
}

// beside tells whether one of them stood in a hall but is not among a version's windows: what it was given cannot be taken off the hall then.
func (s servedWindows) beside(version []regulation.SealedLine, hall string) bool {
	return slices.ContainsFunc(s, func(line regulation.SealedLine) bool {
		return line.Under == hall && !slices.ContainsFunc(version, func(w regulation.SealedLine) bool { return w.Key == line.Key && w.Under == hall })
	})
}
